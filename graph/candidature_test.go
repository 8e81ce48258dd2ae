package graph_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

func editionDe(annee int) string {
	return identifiant.Global("EditionLabel", fmt.Sprintf("Territoire Numérique Libre %d", annee))
}

// ouvrirEdition2024 lets one apply today to an edition that is over.
const ouvrirEdition2024 = `UPDATE label_edition SET ouverture = current_date - 1, cloture = current_date + 1, remise_le = NULL WHERE annee = 2024`

const candidatureFields = `candidature { id statut revision elu { nom fonction } referent { nom } deposeeLe manques resultat { niveau }
	reponses { question { code } reponse texte duGraphe preuves { texte url objet { __typename } } } } erreurs { code champ message }`

// answer picks the answer to a question of an application.
func answerTo(t testing.TB, payload any, question string) any {
	t.Helper()
	for _, r := range at(t, payload, "candidature", "reponses").([]any) {
		if at(t, r, "question", "code") == question {
			return r
		}
	}
	t.Fatalf("no question %s", question)
	return nil
}

func TestAnApplicationIsFilledFromTheGraphThenAnsweredThenHandedInWithinTheDates(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, arles)
	do := func(who *api, mutation string, in saisie) any {
		t.Helper()
		return at(t, who.must(t, operation(mutation, strings.TrimSuffix(candidatureFields, "erreurs { code champ message }")), map[string]any{"i": in}).Data, mutation)
	}
	fault := func(payload any) string {
		t.Helper()
		return fmt.Sprint(at(t, payload, "erreurs", 0, "code"), " ", at(t, payload, "erreurs", 0, "champ"))
	}
	id := a.organisation(t, arles)
	made := do(agent, "preparerCandidature", saisie{"organisation": id, "edition": 2024})
	cle := at(t, made, "candidature", "id")
	r := answerTo(t, made, "copylefts-libre-poste")
	if at(t, r, "reponse") != "PARTIEL" || at(t, r, "texte") != "90 % des postes, d’après un document" || at(t, r, "duGraphe") != true || at(t, r, "preuves", 0, "objet", "__typename") != "Usage" {
		t.Error("not filled from the graph:", r)
	}
	if r := answerTo(t, made, "copylefts-enjeux"); at(t, r, "reponse") != nil || at(t, r, "texte") != nil {
		t.Error("a question in words is answered:", r)
	}
	// Closed, nobody designated, nothing answered: each is said, and nothing is done.
	if n := len(at(t, made, "candidature", "manques").([]any)); n != 4 {
		t.Error("manques:", at(t, made, "candidature", "manques"))
	}
	if got := do(agent, "deposerCandidature", saisie{"id": cle}); len(at(t, got, "erreurs").([]any)) != 4 || at(t, got, "candidature", "statut") != "BROUILLON" {
		t.Error("handed in as it lacks everything:", got)
	}
	a.exec(t, ouvrirEdition2024)
	someone := saisie{"nom": "Camille Durand", "fonction": "Adjointe au numérique"}
	do(agent, "preparerCandidature", saisie{"organisation": id, "edition": 2024, "elu": someone, "referent": someone})
	for champ, in := range map[string]saisie{
		"INTROUVABLE [question]":   {"question": "copylefts-rien", "reponse": "PARTIEL"},
		"INVALIDE [reponse]":       {"question": "copylefts-freins", "reponse": "PARTIEL"},
		"REQUIS [reponse]":         {"question": "copylefts-sobriete"},
		"INVALIDE [preuves url]":   {"question": "copylefts-sobriete", "reponse": "PARTIEL", "preuves": []saisie{{"texte": "Charte", "url": "ftp://x"}}},
		"INVALIDE [preuves texte]": {"question": "copylefts-freins", "texte": "Aucun", "preuves": []saisie{{"texte": " "}}},
	} {
		if got := fault(do(agent, "repondreCandidature", with(in, saisie{"candidature": cle}))); got != champ {
			t.Errorf("%v: %s", in, got)
		}
	}
	done := do(agent, "repondreCandidature", saisie{"candidature": cle, "question": "copylefts-formats-ouverts", "reponse": "SATISFAIT", "texte": "ODF partout",
		"preuves": []saisie{{"texte": "Charte bureautique", "url": "https://www.ville-arles.fr/charte"}}})
	if r := answerTo(t, done, "copylefts-formats-ouverts"); at(t, r, "duGraphe") != false || at(t, r, "preuves", 0, "url") != "https://www.ville-arles.fr/charte" {
		t.Error("answered:", r)
	}
	// What is not given stays; what is emptied is, and not all of it.
	kept := do(agent, "repondreCandidature", saisie{"candidature": cle, "question": "copylefts-formats-ouverts", "reponse": "PARTIEL"})
	if r := answerTo(t, kept, "copylefts-formats-ouverts"); at(t, r, "reponse") != "PARTIEL" || at(t, r, "texte") != "ODF partout" || at(t, r, "preuves", 0, "texte") != "Charte bureautique" {
		t.Error("what was not given is lost:", r)
	}
	do(agent, "repondreCandidature", saisie{"candidature": cle, "question": "copylefts-formats-ouverts", "reponse": "SATISFAIT"})
	if got := fault(do(agent, "repondreCandidature", saisie{"candidature": cle, "question": "copylefts-formats-ouverts", "reponse": nil, "texte": nil})); got != "REQUIS [reponse]" {
		t.Error("emptied:", got)
	}
	if got := fault(do(agent, "repondreCandidature", saisie{"candidature": cle, "question": "copylefts-formats-ouverts", "texte": "ODF", "revision": 1})); got != "CONFLIT [revision]" {
		t.Error("answered from an old reading:", got)
	}
	// Prepared again: what was answered stays.
	again := do(agent, "preparerCandidature", saisie{"organisation": id, "edition": 2024})
	if r := answerTo(t, again, "copylefts-formats-ouverts"); at(t, r, "texte") != "ODF partout" || at(t, again, "candidature", "elu", "nom") != "Camille Durand" {
		t.Error("prepared again, what was written is lost:", again)
	}

	// Its answers count for who may read it, and for nobody else; nobody else reads it, its syndicats and prestataires included.
	const diagnostic = `query ($id: ID!) { node(id: $id) { id } collectivite(codeInsee: "13004") { candidatures { totalCount } autodiagnostic(edition: 2024) { avecReponses themes { code plancher } } } }`
	for name, c := range map[string]struct {
		who   *api
		reads bool
	}{"anyone": {a, false}, "its agent": {agent, true}, "a reader of it": {a.as(t, droit.Lecteur, arles), true}, "a moderator": {a.as(t, droit.Moderateur, ""), true},
		"another commune": {a.as(t, droit.Gestionnaire, echirolles), false}, "a syndicat": {a.as(t, droit.Gestionnaire, sitpi), false},
		"a prestataire": {a.as(t, droit.Fournisseur, value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id LIMIT 1`)), false}} {
		got := c.who.must(t, diagnostic, map[string]any{"id": cle}).Data
		pratiques := at(t, got, "collectivite", "autodiagnostic", "themes", 1, "plancher")
		if (at(t, got, "node") != nil) != c.reads || (at(t, got, "collectivite", "candidatures", "totalCount") == 1.0) != c.reads ||
			at(t, got, "collectivite", "autodiagnostic", "avecReponses") != c.reads || (pratiques == 33.3) != c.reads {
			t.Errorf("%s: %v", name, got)
		}
		if seen := strings.Contains(string(c.who.must(t, `{ modifications(first: 50) { nodes { changements { avant apres } } } }`, nil).raw), "Camille Durand"); seen != c.reads {
			t.Errorf("%s reads in the journal who applies: %v", name, seen)
		}
	}

	// They are its own: read beside it in one request, what others are compared with is what is public.
	const beside = `{ collectivites(first: 10, tri: POPULATION, filtre: { departements: ["13"], natures: [COMMUNE] }) { nodes { nom autodiagnostic(edition: 2024) {
		comparables { organisation { nom } themes { code plancher plafond } } } } } }`
	public, own := a.must(t, beside, nil), agent.must(t, beside, nil)
	if !strings.Contains(string(public.raw), `"organisation":{"nom":"Arles"}`) || !bytes.Equal(public.raw, own.raw) {
		t.Errorf("its answers count for others:\n%s\n%s", public.raw, own.raw)
	}

	if got := fault(do(agent, "deposerCandidature", saisie{"id": cle, "revision": 1})); got != "CONFLIT [revision]" {
		t.Error("handed in from an old reading:", got)
	}
	handed := do(agent, "deposerCandidature", saisie{"id": cle})
	if at(t, handed, "candidature", "statut") != "DEPOSEE" || at(t, handed, "candidature", "deposeeLe") == nil || len(at(t, handed, "candidature", "manques").([]any)) != 0 {
		t.Fatal("not handed in:", handed)
	}
	if got := fault(do(agent, "repondreCandidature", saisie{"candidature": cle, "question": "copylefts-sobriete", "reponse": "PARTIEL"})); got != "CONFLIT [candidature]" {
		t.Error("answered once handed in:", got)
	}
	if got := fault(do(agent, "preparerCandidature", saisie{"organisation": id, "edition": 2024})); got != "CONFLIT [edition]" {
		t.Error("prepared once handed in:", got)
	}
	// The jury chose: the result is read from the laureates.
	moderator := a.as(t, droit.Moderateur, "")
	for want, in := range map[string]saisie{"INVALIDE [niveau]": {"niveau": "Or"}, "INVALIDE [mentions]": {"mentions": []string{"La plus belle"}}} {
		got := at(t, moderator.must(t, operation("inscrireLaureat", "edition { id }"), map[string]any{"i": with(in, saisie{"edition": editionDe(2024), "organisation": id, "source": source})}).Data, "inscrireLaureat")
		if fault(got) != want {
			t.Error(in, got)
		}
	}
	won := moderator.must(t, operation("inscrireLaureat", `edition { laureats(niveau: "5") { nodes { organisation { nom } mentions } } }`), map[string]any{"i": saisie{
		"edition": editionDe(2024), "organisation": id, "niveau": "5", "mentions": []string{"Meilleure continuité"}, "source": source}}).Data
	if at(t, won, "inscrireLaureat", "edition", "laureats", "nodes", 0, "organisation", "nom") != "Arles" {
		t.Error("won:", won)
	}
	after := agent.must(t, `query ($id: ID!) { node(id: $id) { ... on Candidature { resultat { niveau } historique { totalCount } } }
		collectivite(codeInsee: "13004") { autodiagnostic(edition: 2024) { dernierLabel { annee niveau } niveauSuivant { nom } } } }`, map[string]any{"id": cle}).Data
	if at(t, after, "node", "resultat", "niveau") != "5" || at(t, after, "collectivite", "autodiagnostic", "dernierLabel", "annee") != 2024.0 || at(t, after, "collectivite", "autodiagnostic", "niveauSuivant") != nil {
		t.Error("after the jury:", after)
	}
	if got := do(agent, "retirerCandidature", saisie{"id": cle}); at(t, got, "candidature", "statut") != "RETIREE" || fault(do(agent, "retirerCandidature", saisie{"id": cle})) != "CONFLIT [id]" {
		t.Error("taken back:", got)
	}
}

func TestALaureateIsCountedOnceAndTakenOutOfAnEdition(t *testing.T) {
	t.Parallel()
	a := real(t)
	moderator := a.as(t, droit.Moderateur, "")
	do := func(mutation string, in saisie) any {
		t.Helper()
		return at(t, moderator.must(t, operation(mutation, `edition { id revision echelle laureatsAnnonces laureatsConnus laureats { totalCount } }`), map[string]any{"i": in}).Data, mutation)
	}
	made := do("declarerEditionLabel", saisie{"annee": 2026, "referentiel": "badge-et-metaux", "echelle": "Badge à Or", "laureatsAnnonces": "36 ou 37", "source": source})
	if at(t, made, "edition", "echelle") != "Badge à Or" || at(t, made, "edition", "laureatsAnnonces") != "36 ou 37" {
		t.Error("declared:", made)
	}
	if got := do("corrigerEditionLabel", saisie{"id": at(t, made, "edition", "id"), "revision": 1, "laureatsAnnonces": "37"}); at(t, got, "edition", "laureatsAnnonces") != "37" || at(t, got, "edition", "echelle") != "Badge à Or" {
		t.Error("corrected:", got)
	}
	laureat := saisie{"edition": editionDe(2026), "organisation": a.organisation(t, arles)}
	autre := saisie{"nom": "Presse", "url": "https://presse.exemple.fr/"}
	for _, so := range []saisie{source, autre} {
		do("inscrireLaureat", with(saisie{"source": so}, laureat))
	}
	for _, c := range []struct {
		source          any
		connus, sources float64
		fault           bool
	}{{"Aucune", 1, 2, true}, {"https://presse.exemple.fr/", 1, 1, false}, {nil, 0, 0, false}, {nil, 0, 0, true}} {
		got := do("retirerLaureat", with(saisie{"source": c.source, "motif": "erreur"}, laureat))
		if at(t, got, "edition", "laureatsConnus") != c.connus || at(t, got, "edition", "laureats", "totalCount") != c.sources || (len(at(t, got, "erreurs").([]any)) > 0) != c.fault {
			t.Errorf("%v: %v", c, got)
		}
	}
	if code := moderator.undoes(t); code != "" {
		t.Error(code)
	}
}

func TestAnEditionHasDatesInOrder(t *testing.T) {
	t.Parallel()
	a := real(t)
	moderator := a.as(t, droit.Moderateur, "")
	do := func(mutation string, in saisie) any {
		t.Helper()
		return at(t, moderator.must(t, operation(mutation, `edition { id annee revision ouverte cloture lieuRemise referentiel { code } source { nom } }`), map[string]any{"i": in}).Data, mutation)
	}
	good := saisie{"annee": 2026, "referentiel": "badge-et-metaux", "ouverture": "2026-01-01", "cloture": "2099-12-31", "source": source}
	for want, change := range map[string]saisie{"INVALIDE [annee]": {"annee": 2001}, "DUPLIQUE [annee]": {"annee": 2025}, "INTROUVABLE [referentiel]": {"referentiel": "or"},
		"INVALIDE [cloture]": {"cloture": "2025-12-31"}, "INVALIDE [remiseLe]": {"remiseLe": "2025-12-31"}, "REQUIS [source nom]": {"source": saisie{"nom": " "}}} {
		in := with(with(saisie{}, good), change)
		got := do("declarerEditionLabel", in)
		if fmt.Sprint(at(t, got, "erreurs", 0, "code"), " ", at(t, got, "erreurs", 0, "champ")) != want {
			t.Error(change, got)
		}
	}
	made := do("declarerEditionLabel", good)
	if at(t, made, "edition", "ouverte") != true || at(t, made, "edition", "source", "nom") != "Délibération du conseil" {
		t.Error("declared:", made)
	}
	corrected := do("corrigerEditionLabel", saisie{"id": at(t, made, "edition", "id"), "revision": 1, "cloture": nil, "lieuRemise": "Paris"})
	if at(t, corrected, "edition", "ouverte") != false || at(t, corrected, "edition", "cloture") != nil || at(t, corrected, "edition", "revision") != 2.0 {
		t.Error("corrected:", corrected)
	}
	if got := do("corrigerEditionLabel", saisie{"id": at(t, made, "edition", "id"), "revision": 1, "lieuRemise": "Lyon"}); at(t, got, "erreurs", 0, "code") != "CONFLIT" {
		t.Error("corrected from an old reading:", got)
	}
	undone := moderator.must(t, `mutation { annulerDerniereModification(input: {}) { operation erreurs { message } } }`, nil).Data
	if at(t, undone, "annulerDerniereModification", "operation") != "corrigerEditionLabel" {
		t.Error("undone:", undone)
	}
	now := a.must(t, `{ editionLabel { annee ouverte historique { nodes { genre changements { champ avant apres } } } } }`, nil).Data
	if at(t, now, "editionLabel", "annee") != 2026.0 || at(t, now, "editionLabel", "ouverte") != true || len(at(t, now, "editionLabel", "historique", "nodes").([]any)) != 3 {
		t.Error("after:", now)
	}
}
