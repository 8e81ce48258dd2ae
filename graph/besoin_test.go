package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/domain/droit"
)

const (
	besoinFields  = `besoin { id titre statut ouvert nombreParticipants participants { id } budgetMin budgetMax budgetVisible revision closLe } erreurs { code champ message }`
	reponseFields = `reponse { id etat message montantMax reference { id etat attestation } } erreurs { code champ message }`
)

func TestANeedIsExpressedJoinedAnsweredAndMet(t *testing.T) {
	t.Parallel()
	a := real(t)
	two := firms(t, a, 2)
	asker, other := a.as(t, droit.Contributeur, echirolles), a.as(t, droit.Contributeur, arles)
	firm, rival := a.as(t, droit.Fournisseur, two[0]), a.as(t, droit.Fournisseur, two[1])
	firm.done(t, "declarerPrestation", `prestation { id } erreurs { code champ message }`, saisie{"prestataire": a.organisation(t, two[0]), "logiciel": logiciel("opencimetiere"),
		"types": []string{"DEPLOIEMENT"}, "territoires": []string{territoire("DEPARTEMENT-38")}})
	own := a.as(t, droit.Gestionnaire, sitpi)
	own.made(t, "creerEntree", "id", saisie{"catalogue": own.catalogueOf(t, sitpi), "logiciel": logiciel("opencimetiere"), "statut": "PROPOSEE"})

	base := saisie{"organisation": a.organisation(t, echirolles), "titre": " Gérer trois cimetières ", "categorie": "cimetieres", "types": []string{"DEPLOIEMENT"}, "ouvert": true,
		"budgetMin": "2000", "budgetMax": "5000.5", "echeance": day0(30)}
	got := asker.done(t, "exprimerBesoin", besoinFields, base)
	holds(t, got, saisie{"titre": "Gérer trois cimetières", "statut": "OUVERT", "budgetMin": "2000.00", "budgetMax": "5000.50", "budgetVisible": true, "revision": 1})
	id := got["id"]
	for champ, bad := range map[string]any{"budgetMax": "1", "budgetMin": "-1", "echeance": day0(-1), "titre": " "} {
		code := map[bool]string{true: "REQUIS", false: "INVALIDE"}[champ == "titre"]
		asker.refused(t, "exprimerBesoin", besoinFields, plus(base, saisie{champ: bad}), code, champ)
	}
	asker.refused(t, "exprimerBesoin", besoinFields, plus(base, saisie{"categorie": nil}), "REQUIS", "logiciel")

	// Who could meet it, its syndicat first; the needs like it.
	twin := other.done(t, "exprimerBesoin", besoinFields, saisie{"organisation": a.organisation(t, arles), "titre": "openCimetière", "logiciel": logiciel("opencimetiere"), "ouvert": true})["id"]
	read := at(t, a.must(t, `query ($id: ID!) { node(id: $id) { ... on Besoin { prestatairesPossibles { totalCount nodes { proximite organisation { id } } }
		syndicatsQuiLeProposent { nodes { proximite organisation { id } } } besoinsSimilaires { id } } } }`, map[string]any{"id": id}).Data, "node")
	want := fmt.Sprintf("[map[organisation:map[id:%s] proximite:SYNDICAT] map[organisation:map[id:%s] proximite:DEPARTEMENT]]", a.organisation(t, sitpi), a.organisation(t, two[0]))
	same(t, "who could meet it", fmt.Sprint(at(t, read, "prestatairesPossibles", "nodes")), want)
	same(t, "its syndicats", fmt.Sprint(at(t, read, "syndicatsQuiLeProposent", "nodes")), fmt.Sprintf("[map[organisation:map[id:%s] proximite:SYNDICAT]]", a.organisation(t, sitpi)))
	same(t, "the needs like it", fmt.Sprint(at(t, read, "besoinsSimilaires")), fmt.Sprintf("[map[id:%s]]", twin))

	// Joined and left.
	join := saisie{"besoin": id, "organisation": a.organisation(t, arles)}
	holds(t, other.done(t, "rejoindreBesoin", besoinFields, join), saisie{"nombreParticipants": 1.0, "participants": fmt.Sprintf("[map[id:%s]]", a.organisation(t, arles))})
	other.refused(t, "rejoindreBesoin", besoinFields, join, "DUPLIQUE", "organisation")
	asker.refused(t, "rejoindreBesoin", besoinFields, saisie{"besoin": id, "organisation": a.organisation(t, echirolles)}, "INVALIDE", "organisation")
	holds(t, other.done(t, "quitterBesoin", besoinFields, join), saisie{"nombreParticipants": 0.0})
	other.refused(t, "quitterBesoin", besoinFields, join, "INTROUVABLE", "organisation")
	other.done(t, "rejoindreBesoin", besoinFields, join)

	// An answer is between two: nobody else reads it, in any way.
	answer := func(who *api, cle string) saisie {
		return saisie{"besoin": id, "repondant": a.organisation(t, cle), "message": "Nous savons faire, dit " + cle, "montantMax": "4242", "delaiJours": 60}
	}
	first := firm.done(t, "repondreBesoin", reponseFields, answer(firm, two[0]))["id"]
	second := rival.done(t, "repondreBesoin", reponseFields, answer(rival, two[1]))["id"]
	firm.refused(t, "repondreBesoin", reponseFields, answer(firm, two[0]), "DUPLIQUE", "besoin")
	asker.refused(t, "repondreBesoin", reponseFields, saisie{"besoin": id, "repondant": a.organisation(t, echirolles), "message": "x"}, "INVALIDE", "repondant")
	for name, c := range map[string]struct {
		reader *api
		seen   int
		budget any
	}{"anyone": {a, 0, nil}, "who asked": {asker, 2, "5000.50"}, "who answered": {firm, 1, nil}, "its rival": {rival, 1, nil}, "who joined": {other, 0, "5000.50"},
		"its syndicat": {own, 0, "5000.50"}, "moderator": {a.as(t, droit.Moderateur, ""), 2, "5000.50"}} {
		got := c.reader.must(t, `query ($id: ID!, $ids: [ID!]!) { node(id: $id) { ... on Besoin { budgetMax budgetVisible reponses { totalCount } } } nodes(ids: $ids) { id } reponsesBesoins { totalCount }
			modifications(first: 100) { nodes { changements { avant apres } } } }`, map[string]any{"id": id, "ids": []any{first, second}}).Data
		n := 0
		for _, r := range at(t, got, "nodes").([]any) {
			if r != nil {
				n++
			}
		}
		if n != c.seen || at(t, got, "node", "reponses", "totalCount") != float64(c.seen) || at(t, got, "reponsesBesoins", "totalCount") != float64(c.seen) {
			t.Errorf("%s: %d answers read, %v; want %d", name, n, got, c.seen)
		}
		if at(t, got, "node", "budgetMax") != c.budget || at(t, got, "node", "budgetVisible") != (c.budget != nil) {
			t.Errorf("%s: the budget is %v, want %v", name, at(t, got, "node"), c.budget)
		}
		if told := strings.Count(string(mustJSON(t, at(t, got, "modifications"))), "Nous savons faire"); (told > 0) != (c.seen > 0) || name == "its rival" && told > 1 {
			t.Errorf("%s: the journal tells %d answers", name, told)
		}
	}
	rival.refused(t, "choisirReponse", reponseFields, saisie{"id": first, "logiciel": logiciel("opencimetiere")}, "INTROUVABLE", "id")
	asker.refused(t, "choisirReponse", reponseFields, saisie{"id": first}, "REQUIS", "logiciel")
	chosen := asker.done(t, "choisirReponse", reponseFields, saisie{"id": first, "logiciel": logiciel("opencimetiere")})
	holds(t, chosen, saisie{"etat": "CHOISIE"})
	if at(t, chosen, "reference", "etat") != "DECLAREE" {
		t.Error(chosen)
	}
	asker.refused(t, "choisirReponse", reponseFields, saisie{"id": second, "logiciel": logiciel("opencimetiere")}, "CONFLIT", "id")
	after := rival.must(t, `query ($id: ID!) { node(id: $id) { ... on ReponseBesoin { etat reference { id } besoin { statut } } } }`, map[string]any{"id": second}).Data
	same(t, "the other", fmt.Sprint(at(t, after, "node")), "map[besoin:map[statut:POURVU] etat:ECARTEE reference:<nil>]")
	asker.done(t, "confirmerReference", `reference { id } erreurs { code champ message }`, saisie{"id": at(t, chosen, "reference", "id")})
	equal(t, a, 1, `SELECT count(*) FROM reference_prestation WHERE etat = 'CONFIRMEE' AND attestation = 'COLLECTIVITE' AND description = 'Gérer trois cimetières'`)
	asker.refused(t, "corrigerBesoin", besoinFields, saisie{"id": id, "revision": 2, "ouvert": false}, "CONFLIT", "id")

	// One whose term has passed waits for nobody, until it is put off.
	a.exec(t, `UPDATE besoin SET echeance = current_date - 1 WHERE titre = 'openCimetière'`)
	late := a.must(t, `{ besoins(filtre: {statuts: [EXPIRE]}) { nodes { id statut } } ouverts: besoins(filtre: {statuts: [OUVERT], categorie: "metier"}) { totalCount } }`, nil).Data
	if at(t, late, "besoins", "nodes", 0, "id") != twin || at(t, late, "ouverts", "totalCount") != 0.0 {
		t.Error(late)
	}
	firm.refused(t, "repondreBesoin", reponseFields, saisie{"besoin": twin, "repondant": a.organisation(t, two[0]), "message": "x"}, "CONFLIT", "besoin")
	holds(t, other.done(t, "corrigerBesoin", besoinFields, saisie{"id": twin, "revision": 2, "echeance": day0(1)}), saisie{"statut": "OUVERT"})
	holds(t, other.done(t, "cloreBesoin", besoinFields, saisie{"id": twin, "statut": "ABANDONNE", "motif": "Plus de budget"}), saisie{"statut": "ABANDONNE"})
}

func TestAPrestataireReadsPublicNeedsAlone(t *testing.T) {
	t.Parallel()
	a := real(t)
	asker := a.as(t, droit.Gestionnaire, echirolles)
	ids := map[string]any{}
	for _, v := range visibilites {
		ids[v] = asker.done(t, "exprimerBesoin", besoinFields, saisie{"organisation": a.organisation(t, echirolles), "titre": "Besoin " + v, "logiciel": logiciel("opencimetiere"),
			"visibilite": v, "visibiliteBudget": v, "budgetMax": "77", "ouvert": true})["id"]
	}
	firm := firms(t, a, 1)[0]
	for name, c := range map[string]struct {
		reader *api
		want   string
	}{"anyone": {a, "PUBLIC"}, "prestataire": {a.as(t, droit.Fournisseur, firm), "PUBLIC"}, "another public body": {a.as(t, droit.Lecteur, arles), "PUBLIC ORGANISMES_PUBLICS"},
		"its own": {a.as(t, droit.Lecteur, echirolles), "PUBLIC ORGANISMES_PUBLICS PRIVE"}, "its syndicat": {a.as(t, droit.Gestionnaire, sitpi), "PUBLIC ORGANISMES_PUBLICS PRIVE"}} {
		got := c.reader.must(t, `query ($l: [ID!]) { besoins(filtre: {logiciels: $l}) { totalCount nodes { id titre budgetMax } } modifications(first: 100) { nodes { changements { apres } } } }`,
			map[string]any{"l": []string{logiciel("opencimetiere")}}).Data
		var seen []string
		for _, v := range visibilites {
			if log := string(mustJSON(t, at(t, got, "modifications"))); strings.Contains(log, "Besoin "+v+`"`) != strings.Contains(" "+c.want+" ", " "+v+" ") {
				t.Errorf("%s: the journal tells wrongly of %s", name, v)
			}
			for _, n := range at(t, got, "besoins", "nodes").([]any) {
				if at(t, n, "id") == ids[v] {
					seen = append(seen, v)
					if at(t, n, "budgetMax") != "77.00" {
						t.Errorf("%s: the budget of %s is not read", name, v)
					}
				}
			}
		}
		same(t, name, strings.Join(seen, " "), c.want)
	}
	supplier := a.as(t, droit.Fournisseur, firm)
	supplier.refused(t, "repondreBesoin", reponseFields, saisie{"besoin": ids["ORGANISMES_PUBLICS"], "repondant": a.organisation(t, firm), "message": "x"}, "INTROUVABLE", "besoin")
	a.as(t, droit.Contributeur, arles).refused(t, "rejoindreBesoin", besoinFields, saisie{"besoin": ids["PRIVE"], "organisation": a.organisation(t, arles)}, "INTROUVABLE", "besoin")
}

// What only some read does not become public with the reference of the work; nor does a reference that waits already bar the
// choice.
func TestTheReferenceOfAChosenAnswerTellsOnlyWhatEveryoneReads(t *testing.T) {
	t.Parallel()
	a := real(t)
	two := firms(t, a, 2)
	asker := a.as(t, droit.Contributeur, echirolles)
	chosen := func(visibilite string, firm *api, cle string) any {
		t.Helper()
		need := asker.done(t, "exprimerBesoin", besoinFields, saisie{"organisation": a.organisation(t, echirolles), "titre": "Projet confidentiel", "logiciel": logiciel("opencimetiere")})
		answer := firm.done(t, "repondreBesoin", reponseFields, saisie{"besoin": need["id"], "repondant": a.organisation(t, cle), "message": "Nous savons faire."})["id"]
		asker.done(t, "corrigerBesoin", besoinFields, saisie{"id": need["id"], "revision": need["revision"], "visibilite": visibilite})
		return at(t, asker.done(t, "choisirReponse", reponseFields, saisie{"id": answer}), "reference", "id")
	}
	chosen("PRIVE", a.as(t, droit.Fournisseur, two[0]), two[0])
	equal(t, a, 1, `SELECT count(*) FROM reference_prestation WHERE etat = 'DECLAREE' AND description IS NULL`)

	firm := a.as(t, droit.Fournisseur, two[1])
	waiting := firm.done(t, "declarerReference", `reference { id } erreurs { code champ message }`, saisie{"prestataire": a.organisation(t, two[1]), "beneficiaire": a.organisation(t, echirolles),
		"logiciel": logiciel("opencimetiere"), "types": []string{"DEPLOIEMENT"}})["id"]
	same(t, "the reference", fmt.Sprint(chosen("PUBLIC", firm, two[1])), fmt.Sprint(waiting))
}

func TestANeedThatWasHiddenCanStillBeLeftByWhoJoinedIt(t *testing.T) {
	t.Parallel()
	a := real(t)
	asker, other, stranger := a.as(t, droit.Contributeur, echirolles), a.as(t, droit.Contributeur, arles), a.as(t, droit.Contributeur, fontaine)
	id := asker.done(t, "exprimerBesoin", besoinFields, saisie{"organisation": a.organisation(t, echirolles), "titre": "À plusieurs", "logiciel": logiciel("opencimetiere"), "ouvert": true})["id"]
	join := saisie{"besoin": id, "organisation": a.organisation(t, arles)}
	other.done(t, "rejoindreBesoin", besoinFields, join)
	asker.done(t, "corrigerBesoin", besoinFields, saisie{"id": id, "revision": 1, "visibilite": "PRIVE"})
	stranger.refused(t, "quitterBesoin", besoinFields, saisie{"besoin": id, "organisation": a.organisation(t, fontaine)}, "INTROUVABLE", "besoin")
	if p := other.writes(t, "quitterBesoin", besoinFields, join); p["besoin"] != nil || len(p["erreurs"].([]any)) > 0 {
		t.Error(p)
	}
	equal(t, a, 0, `SELECT count(*) FROM besoin_participant`)
	other.refused(t, "quitterBesoin", besoinFields, join, "INTROUVABLE", "besoin")
}

// Merged, who answers does not lose the answer that was chosen, nor answers itself.
func TestAMergerKeepsTheAnswerThatWasChosen(t *testing.T) {
	t.Parallel()
	a := real(t)
	two := firms(t, a, 2)
	admin := a.as(t, droit.Admin, "")
	a.exec(t, `INSERT INTO besoin (cle, organisation_id, titre, logiciel_id, source_id)
		SELECT gen_random_uuid(), o.id, 'Besoin', (SELECT min(id) FROM logiciel), (SELECT min(id) FROM source) FROM organisation o WHERE o.cle = '`+echirolles+`'`)
	a.exec(t, `INSERT INTO reponse_besoin (cle, besoin_id, repondant_id, message, etat, traitee_le)
		SELECT gen_random_uuid(), b.id, o.id, 'x', CASE o.cle WHEN '`+two[1]+`' THEN 'CHOISIE' ELSE 'ECARTEE' END, now() FROM besoin b, organisation o WHERE o.cle IN ('`+two[0]+`', '`+two[1]+`')`)
	merge := func(garde, fusionnee string) {
		t.Helper()
		done(t, admin.fusionnerOrganisations(t, map[string]any{"garde": a.organisation(t, garde), "fusionnees": []any{a.organisation(t, fusionnee)}, "dateEffet": "2026-01-01", "force": true, "motif": "Arrêté"}))
	}
	merge(two[0], two[1])
	equal(t, a, 1, `SELECT count(*) FROM reponse_besoin WHERE etat = 'CHOISIE'`)
	equal(t, a, 1, `SELECT count(*) FROM reponse_besoin`)
	a.exec(t, `UPDATE besoin SET organisation_id = (SELECT id FROM organisation WHERE cle = '`+sitpi+`')`)
	a.exec(t, `UPDATE reponse_besoin SET repondant_id = (SELECT min(id) FROM organisation WHERE genre = 'SYNDICAT' AND cle <> '`+sitpi+`')`)
	merge(sitpi, value[string](t, a.pool, `SELECT o.cle FROM organisation o JOIN reponse_besoin r ON r.repondant_id = o.id`))
	equal(t, a, 0, `SELECT count(*) FROM reponse_besoin`)
}
