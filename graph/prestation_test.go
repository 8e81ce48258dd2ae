package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

const dax = "214000887" // a commune of the Landes

func territoire(cle string) string { return identifiant.Global("Territoire", cle) }

// proches writes who offers services around a software, seen from Dax: "key PROXIMITE references".
func proches(t testing.TB, a *api, slug, args string) string {
	t.Helper()
	got := a.must(t, fmt.Sprintf(`{ prestatairesProches(logiciel: %q, collectivite: %q %s) { totalCount nodes { proximite nombreReferences references { totalCount }
		organisation { id } prestation { id } entree { id } } } }`, logiciel(slug), a.organisation(t, dax), args), nil)
	var all []string
	for _, n := range at(t, got.Data, "prestatairesProches", "nodes").([]any) {
		_, cle, err := identifiant.ParseGlobal(at(t, n, "organisation", "id").(string))
		if err != nil || at(t, n, "nombreReferences") != at(t, n, "references", "totalCount") {
			t.Error(n, err)
		}
		all = append(all, fmt.Sprintf("%s %v %v", cle, at(t, n, "proximite"), at(t, n, "nombreReferences")))
	}
	return strings.Join(all, ", ")
}

func same(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

// firms gives the keys of n prestataires that serve no software of openMairie.
func firms(t testing.TB, a *api, n int) []string {
	return value[[]string](t, a.pool, `SELECT array_agg(cle) FROM (SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' AND departement = '' AND region = '' ORDER BY id LIMIT $1) x`, n)
}

func TestAPrestataireSaysWhatItOffersAndWhereAndIsAsNearAsThat(t *testing.T) {
	t.Parallel()
	a := real(t)
	firm := firms(t, a, 1)[0]
	agent := a.as(t, droit.Fournisseur, firm)
	const fields = `prestation { id types territoires { code } competences { code } description site source { nom } revision } erreurs { code champ message }`
	base := saisie{"prestataire": a.organisation(t, firm), "logiciel": logiciel("opencimetiere")}
	got := agent.done(t, "declarerPrestation", fields, plus(base, saisie{"types": []string{"SUPPORT", "MAINTENANCE", "SUPPORT"}, "competences": []string{"elections", "cimetieres"},
		"territoires": []string{territoire("DEPARTEMENT-40"), territoire("DEPARTEMENT-64")}, "description": " Reprise des plans. ", "site": "https://exemple.fr/"}))
	holds(t, got, saisie{"types": "[MAINTENANCE SUPPORT]", "territoires": "[map[code:40] map[code:64]]", "competences": "[map[code:cimetieres] map[code:elections]]",
		"description": "Reprise des plans.", "revision": 1})
	if !strings.HasPrefix(fmt.Sprint(at(t, got, "source", "nom")), "Déclaration : ") {
		t.Error(got["source"])
	}
	id := got["id"]
	again := agent.refused(t, "declarerPrestation", fields, base, "DUPLIQUE", "logiciel")
	holds(t, again["prestation"].(map[string]any), saisie{"id": id})
	same(t, "in its département", proches(t, a, "opencimetiere", ""), firm+" DEPARTEMENT 0")
	same(t, "for another service", proches(t, a, "opencimetiere", "types: [FORMATION]"), "")
	same(t, "for one of them", proches(t, a, "opencimetiere", "types: [FORMATION, SUPPORT]"), firm+" DEPARTEMENT 0")

	// Where it goes is what it says: a région, the country, elsewhere; then nothing, which is not everywhere.
	revision := 1
	for _, c := range []struct {
		ou   []string
		want string
	}{{[]string{"REGION-75"}, "REGION"}, {[]string{"FRANCE-FR"}, "FRANCE"}, {[]string{"DEPARTEMENT-38", "REGION-53"}, "AILLEURS"}, {nil, "INCONNUE"}} {
		var ou any
		if c.ou != nil {
			var ids []string
			for _, cle := range c.ou {
				ids = append(ids, territoire(cle))
			}
			ou = ids
		}
		agent.done(t, "corrigerPrestation", fields, saisie{"id": id, "revision": revision, "territoires": ou})
		revision++
		same(t, fmt.Sprint(c.ou), proches(t, a, "opencimetiere", "types: [SUPPORT]"), firm+" "+c.want+" 0")
		counts := a.must(t, fmt.Sprintf(`{ tout: prestations(filtre: {logiciels: [%q]}) { totalCount } logiciel(slug: "opencimetiere") { prestations(filtre: {departements: ["40"], types: [SUPPORT]}) { totalCount } } }`, logiciel("opencimetiere")), nil).Data
		served := map[bool]float64{true: 1}[c.want == "REGION" || c.want == "FRANCE"]
		if at(t, counts, "tout", "totalCount") != 1.0 || at(t, counts, "logiciel", "prestations", "totalCount") != served {
			t.Errorf("%v: %v", c.ou, counts)
		}
	}
	for champ, v := range map[string]any{"territoires": []string{territoire("COMMUNE-40088")}, "competences": []string{"aucune"}, "site": "ftp://x"} {
		code := map[string]string{"competences": "INTROUVABLE"}[champ]
		if code == "" {
			code = "INVALIDE"
		}
		agent.refused(t, "corrigerPrestation", fields, saisie{"id": id, "revision": revision, champ: v}, code, champ)
	}
	agent.refused(t, "corrigerPrestation", fields, saisie{"id": id, "revision": 1}, "CONFLIT", "revision")
	agent.refused(t, "declarerPrestation", fields, plus(base, saisie{"prestataire": a.organisation(t, sitpi)}), "INVALIDE", "prestataire")

	// A syndicat that offers it comes by its catalogue: first for its members, then for its département, and no further.
	own := a.as(t, droit.Gestionnaire, alpi)
	entree := own.made(t, "creerEntree", "id", saisie{"catalogue": own.catalogueOf(t, alpi), "logiciel": logiciel("opencimetiere"), "statut": "PROPOSEE"})["id"]
	same(t, "with a syndicat of the département", proches(t, a, "opencimetiere", ""), alpi+" DEPARTEMENT 0, "+firm+" INCONNUE 0")
	a.exec(t, `INSERT INTO adhesion (groupement_id, membre_id, source_id) SELECT g.id, m.id, g.source_id FROM organisation g, organisation m WHERE g.cle = '`+alpi+`' AND m.cle = '`+dax+`'`)
	same(t, "with its own", proches(t, a, "opencimetiere", ""), alpi+" SYNDICAT 0, "+firm+" INCONNUE 0")
	a.exec(t, `UPDATE adhesion SET fin = current_date WHERE membre_id = (SELECT id FROM organisation WHERE cle = '`+dax+`') AND groupement_id = (SELECT id FROM organisation WHERE cle = '`+alpi+`')`)
	same(t, "with the one that it left", proches(t, a, "opencimetiere", ""), alpi+" DEPARTEMENT 0, "+firm+" INCONNUE 0")
	own.made(t, "retirerEntree", "id", saisie{"id": entree})
	p := agent.writes(t, "retirerPrestation", fields, saisie{"id": id, "revision": revision, "motif": "Activité cédée"})
	if p["prestation"] != nil || len(p["erreurs"].([]any)) > 0 {
		t.Error(p)
	}
	same(t, "withdrawn", proches(t, a, "opencimetiere", ""), "")
}

func TestAReferenceIsReadByItsTwoSidesUntilWhomItWasDoneForConfirmsIt(t *testing.T) {
	t.Parallel()
	a := real(t)
	two := firms(t, a, 2)
	firm, customer := a.as(t, droit.Fournisseur, two[0]), a.as(t, droit.Contributeur, echirolles)
	const fields = `reference { id etat attestation types fin motif beneficiaire { id } revision } erreurs { code champ message }`
	firm.done(t, "declarerPrestation", `prestation { id } erreurs { code champ message }`, saisie{"prestataire": a.organisation(t, two[0]), "logiciel": logiciel("opencimetiere")})
	base := saisie{"prestataire": a.organisation(t, two[0]), "beneficiaire": a.organisation(t, echirolles), "logiciel": logiciel("opencimetiere"),
		"types": []string{"DEPLOIEMENT"}, "debut": "2024-03-01", "precisionDebut": "MOIS", "description": "Reprise de trois cimetières."}
	declared := func() any {
		return firm.done(t, "declarerReference", fields, base)["id"]
	}
	id := declared()
	firm.refused(t, "declarerReference", fields, base, "DUPLIQUE", "beneficiaire")
	for champ, bad := range map[string]any{"debut": day0(10), "fin": "2024-02-01"} {
		firm.refused(t, "declarerReference", fields, plus(base, saisie{champ: bad}), "INVALIDE", champ)
	}
	customer.refused(t, "declarerReference", fields, base, "INTERDIT", "prestataire")

	readers := map[string]*api{"anyone": a, "another prestataire": a.as(t, droit.Fournisseur, two[1]), "another public body": a.as(t, droit.Gestionnaire, arles),
		"its syndicat": a.as(t, droit.Gestionnaire, sitpi), "prestataire": firm, "customer": customer, "moderator": a.as(t, droit.Moderateur, "")}
	parties := map[string]bool{"prestataire": true, "customer": true, "moderator": true}
	check := func(what string, id any, public bool) {
		t.Helper()
		for name, reader := range readers {
			got := reader.must(t, `query ($id: ID!, $l: [ID!]) { node(id: $id) { id } references(filtre: {logiciels: $l}) { nodes { id } } modifications(first: 100) { nodes { objet { id } operation changements { apres } } } }`,
				map[string]any{"id": id, "l": []string{logiciel("opencimetiere")}}).Data
			reads := public || parties[name]
			if (at(t, got, "node") != nil) != reads || strings.Contains(string(mustJSON(t, at(t, got, "references"))), id.(string)) != reads {
				t.Errorf("%s, %s: %v, reads must be %v", what, name, got, reads)
			}
			if log := string(mustJSON(t, at(t, got, "modifications"))); !reads && strings.Contains(log, base["description"].(string)) {
				t.Errorf("%s, %s: the journal tells what is hidden: %s", what, name, log)
			}
		}
	}
	check("declared", id, false)
	same(t, "a declared one counts for nothing", proches(t, firm, "opencimetiere", ""), two[0]+" INCONNUE 0")
	firm.refused(t, "confirmerReference", fields, saisie{"id": id}, "INTERDIT", "id")
	readers["its syndicat"].refused(t, "confirmerReference", fields, saisie{"id": id}, "INTROUVABLE", "id")
	holds(t, customer.done(t, "confirmerReference", fields, saisie{"id": id, "types": []string{"FORMATION", "DEPLOIEMENT"}, "fin": "2024-06-30"}),
		saisie{"etat": "CONFIRMEE", "attestation": "COLLECTIVITE", "types": "[DEPLOIEMENT FORMATION]", "fin": "2024-06-30"})
	check("confirmed", id, true)
	same(t, "a confirmed one counts", proches(t, a, "opencimetiere", ""), two[0]+" INCONNUE 1")
	customer.refused(t, "refuserReference", fields, saisie{"id": id}, "CONFLIT", "id")

	base["description"] = "Jamais faite."
	refused := declared()
	holds(t, customer.done(t, "refuserReference", fields, saisie{"id": refused, "motif": "Jamais commandé"}), saisie{"etat": "REFUSEE", "attestation": nil, "motif": "Jamais commandé"})
	check("refused", refused, false)
	firm.writes(t, "retirerReference", fields, saisie{"id": id})
	same(t, "withdrawn", proches(t, a, "opencimetiere", ""), two[0]+" INCONNUE 0")
}
