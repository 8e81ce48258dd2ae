package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/communaute"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/seed"
)

// evaluer evaluates a software on 30 June 2026: "NOM=valeur" or "NOM=valeur@date".
func (a *api) evaluer(t testing.TB, slug string, textes ...string) communaute.Evaluation {
	t.Helper()
	lue := seed.SourceLue{Nom: "Essai"}
	for _, x := range textes {
		nom, reste, _ := strings.Cut(x, "=")
		valeur, le, _ := strings.Cut(reste, "@")
		lue.Entrees = append(lue.Entrees, communaute.Entree{Nom: communaute.Nom(nom), Valeur: valeur, Le: le})
	}
	e, _, err := seed.Evaluer(t.Context(), a.pool, seed.LectureCommunaute{Logiciel: slug, Le: time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC), Sources: []seed.SourceLue{lue}}, seed.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

const communauteFields = `communaute { etat sante composantes { nom score } risque impactPublic { collectivites population } soutienLocal { prestataires contrats syndicats usagesConfirmes }
	deconseille { deconseille raisons } evaluation { id } evaluations { totalCount } }`

func TestACommunityIsShownBesideWhoSupportsAndUsesTheSoftware(t *testing.T) {
	t.Parallel()
	a := real(t)
	admin := a.as(t, droit.Admin, "")
	agent := a.as(t, droit.Gestionnaire, echirolles)
	id := identifiant.Global("Logiciel", "inkscape")
	ask := func(who *api) map[string]any {
		t.Helper()
		return at(t, who.must(t, `{ logiciel(slug: "inkscape") { `+communauteFields+` } }`, nil).Data, "logiciel", "communaute").(map[string]any)
	}
	deconseilles := func() any {
		t.Helper()
		return at(t, a.must(t, `{ communautes(filtre: {deconseille: true}) { totalCount } }`, nil).Data, "communautes", "totalCount")
	}
	avant := value[time.Time](t, a.pool, `SELECT now()`)
	endormi := []string{"DERNIER_COMMIT=2024-01-01", "DERNIERE_VERSION=1.0@2023-05-01", "FACTEUR_ABSENCE_12_MOIS=0", "FACTEUR_ABSENCE_24_MOIS=1"}
	a.evaluer(t, "inkscape", endormi...)
	holds(t, ask(a), map[string]any{"etat": "DORMANT", "sante": 0.0, "impactPublic": nil, "risque": nil})
	if got := ask(a); at(t, got, "deconseille", "deconseille") != true || len(at(t, got, "deconseille", "raisons").([]any)) != 3 || deconseilles() != 1.0 {
		t.Errorf("it sleeps, alone and unsupported: %v", got)
	}

	// Somebody here supports it: by a contract that everyone may read, whose term gives the next evaluation a floor.
	contrat := func(visibilite, fin string) string {
		return agent.done(t, "declarerContrat", `contrat { id } erreurs { code message }`, map[string]any{"organisation": a.organisation(t, echirolles), "logiciel": id, "visibilite": visibilite,
			"prestations": []string{"MAINTENANCE"}, "debut": "2020-01-01", "fin": fin})["id"].(string)
	}
	contrat("PRIVE", "2040-01-01")
	if e := a.evaluer(t, "inkscape", endormi...); *e.Composantes[0].Score != 0 {
		t.Error("a private contract is told to everyone")
	}
	holds(t, ask(a)["evaluations"].(map[string]any), map[string]any{"totalCount": 1.0}) // the same inputs make the same evaluation
	if at(t, ask(agent), "deconseille", "deconseille") != false || at(t, ask(a), "deconseille", "deconseille") != true {
		t.Error("the buyer knows of its contract, nobody else does")
	}
	contrat("PUBLIC", "2039-01-01")
	if e := a.evaluer(t, "inkscape", endormi...); *e.Composantes[0].Score != communaute.PlancherContrat {
		t.Errorf("a public contract is maintenance: %v", e.Composantes[0])
	}
	if got := ask(a); at(t, got, "deconseille", "deconseille") != false || at(t, got, "soutienLocal", "contrats") != 1.0 || deconseilles() != 0.0 || at(t, got, "evaluations", "totalCount") != 2.0 {
		t.Error(got)
	}

	// Whom it serves is kept as usages come, hide and end.
	usage := agent.done(t, "declarerUsage", `usage { id revision } erreurs { code message }`, map[string]any{"utilisateur": a.organisation(t, echirolles), "logiciel": id, "statut": "PRODUCTION"})
	population := value[int](t, a.pool, `SELECT population FROM organisation WHERE cle = $1`, echirolles)
	kept := func(collectivites, population int) {
		t.Helper()
		want := fmt.Sprint(collectivites, " ", population)
		if got := value[string](t, a.pool, `SELECT collectivites || ' ' || population FROM communaute c JOIN logiciel l ON l.id = c.logiciel_id WHERE l.slug = 'inkscape'`); got != want {
			t.Errorf("kept: %s, want %s", got, want)
		}
	}
	kept(1, population)
	got := ask(a)
	holds(t, got["impactPublic"].(map[string]any), map[string]any{"collectivites": 1.0, "population": float64(population)})
	indice := communaute.Impact(int64(population))
	if sante := int(got["sante"].(float64)); got["risque"] != *communaute.Risque(&indice, &sante) || at(t, got, "soutienLocal", "usagesConfirmes") != 1.0 {
		t.Error(got)
	}
	if first := at(t, a.must(t, `{ communautes(first: 1) { nodes { logiciel { slug } risque } } }`, nil).Data, "communautes", "nodes", 0); at(t, first, "logiciel", "slug") != "inkscape" || at(t, first, "risque") != got["risque"] {
		t.Errorf("the greatest risk comes first: %v", first)
	}
	a.exec(t, `UPDATE organisation SET population = population + 10 WHERE cle = '`+echirolles+`'`)
	kept(1, population+10)
	agent.done(t, "corrigerUsage", `usage { id } erreurs { code message }`, map[string]any{"id": usage["id"], "revision": 1, "visibilite": "PRIVE"})
	kept(0, 0)
	if ask(a)["impactPublic"] != nil {
		t.Error("a private usage is told to everyone")
	}
	agent.done(t, "corrigerUsage", `usage { id } erreurs { code message }`, map[string]any{"id": usage["id"], "revision": 2, "visibilite": "PUBLIC"})
	kept(1, population+10)

	// A merger brings its evaluations and its users along; the graph as it stood knew none of it.
	double := done(t, admin.creerLogiciel(t, map[string]any{"nom": "Encrier", "licence": "MIT", "source": source}))
	garde := at(t, double, "logiciel", "id").(string)
	a.evaluer(t, at(t, double, "logiciel", "slug").(string), endormi...)
	admin.done(t, "fusionnerLogiciels", `logiciel { id } erreurs { code message }`, map[string]any{"garde": garde, "fusionne": id})
	after := at(t, a.must(t, `query ($id: ID!) { logiciel(id: $id) { `+communauteFields+` } }`, map[string]any{"id": garde}).Data, "logiciel", "communaute")
	if at(t, after, "evaluations", "totalCount").(float64) < 2 || at(t, after, "impactPublic", "collectivites") != 1.0 {
		t.Error(after)
	}
	if n := value[int](t, a.pool, `SELECT count(*) FROM communaute c JOIN logiciel l ON l.id = c.logiciel_id WHERE l.nom = 'Encrier'`); n != 1 {
		t.Errorf("%d rows are kept", n)
	}
	past := a.must(t, `query ($au: DateTime) { logiciel(slug: "inkscape", auDate: $au) { communaute { etat evaluation { id } } } }`, map[string]any{"au": avant.UTC().Format(time.RFC3339Nano)})
	if at(t, past.Data, "logiciel", "communaute", "evaluation") != nil {
		t.Error(past.Data)
	}
	if refus := a.ask(t, `query ($au: DateTime) { logiciel(slug: "libreoffice", auDate: $au) { nom } communautes { totalCount } }`, map[string]any{"au": avant.UTC().Format(time.RFC3339Nano)}); len(refus.Errors) > 0 {
		t.Error(refus.Errors) // auDate of one field says nothing of another
	}
	ecarts, err := db.CheckComptes(t.Context(), a.pool)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range ecarts {
		if e.Table == "communaute" {
			t.Errorf("%+v", e)
		}
	}
}

// Who supported a software, and whom it served, are those of the day asked, by what is known today; what has ceased supports
// nobody.
func TestSupportIsThatOfTheDayAsked(t *testing.T) {
	t.Parallel()
	a := real(t)
	a.exec(t, `CREATE VIEW v AS SELECT l.id AS l, l.libre, l.source_id AS so, o.id AS o, o.departement, s.id AS s, (SELECT min(id) FROM organisation WHERE genre = 'PRESTATAIRE') AS p, (SELECT max(id) FROM organisation WHERE genre = 'PRESTATAIRE') AS q
			FROM logiciel l, organisation o, organisation s WHERE l.slug = 'inkscape' AND o.cle = '`+echirolles+`' AND s.cle = '`+sitpi+`';
		INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, source_id, constate_le, debut, fin) SELECT gen_random_uuid(), o, departement, l, libre, 'ABANDONNE', 'DIRECT', so, '2018-06-01', '2018-01-01', '2020-01-01' FROM v;
		INSERT INTO catalogue (cle, nom, syndicat_id, source_id) SELECT 'essai', 'Essai', s, so FROM v;
		INSERT INTO entree_catalogue (cle, catalogue_id, logiciel_id, statut, depuis, jusqua, source_id) SELECT gen_random_uuid(), k.id, l, 'RETIREE', '2015-01-01', '2018-07-01', so FROM v, catalogue k WHERE k.cle = 'essai';
		INSERT INTO contrat (cle, organisation_id, logiciel_id, prestataire_id, debut, fin, visibilite, source_id) SELECT gen_random_uuid(), o, l, q, '2016-01-01', '2018-12-31', 'PUBLIC', so FROM v;
		INSERT INTO prestation (prestataire_id, logiciel_id, source_id) SELECT p, l, so FROM v;
		INSERT INTO reference_prestation (cle, prestataire_id, beneficiaire_id, logiciel_id, debut, etat, attestation, traitee_le, source_id) SELECT gen_random_uuid(), p, o, l, '2019-01-01', 'CONFIRMEE', 'COLLECTIVITE', now(), so FROM v`)
	lit := func(date string) string {
		t.Helper()
		return fmt.Sprint(at(t, a.must(t, `{ logiciel(slug: "inkscape") { communaute`+date+` { soutienLocal { prestataires prestatairesAttestes contrats syndicats usagesConfirmes } impactPublic { collectivites } } } }`, nil).Data, "logiciel", "communaute"))
	}
	for date, want := range map[string]string{
		`(date: "2018-06-30")`: "map[impactPublic:map[collectivites:1] soutienLocal:map[contrats:1 prestataires:1 prestatairesAttestes:0 syndicats:1 usagesConfirmes:1]]",
		`(date: "2019-06-30")`: "map[impactPublic:map[collectivites:1] soutienLocal:map[contrats:0 prestataires:1 prestatairesAttestes:1 syndicats:0 usagesConfirmes:1]]",
		`(date: "2014-06-30")`: "map[impactPublic:<nil> soutienLocal:map[contrats:0 prestataires:0 prestatairesAttestes:0 syndicats:0 usagesConfirmes:0]]",
		``:                     "map[impactPublic:<nil> soutienLocal:map[contrats:0 prestataires:1 prestatairesAttestes:1 syndicats:0 usagesConfirmes:0]]",
	} {
		if got := lit(date); got != want {
			t.Errorf("%s: %s\nwant %s", date, got, want)
		}
	}
	a.exec(t, `UPDATE organisation SET actif = false FROM v WHERE organisation.id IN (v.p, v.q, v.s)`)
	for _, date := range []string{`(date: "2018-06-30")`, ``} {
		if got := lit(date); !strings.HasSuffix(got, "soutienLocal:map[contrats:0 prestataires:0 prestatairesAttestes:0 syndicats:0 usagesConfirmes:"+map[bool]string{true: "0]]", false: "1]]"}[date == ""]) {
			t.Errorf("%s: what has ceased supports it: %s", date, got)
		}
	}
}

const reponseEvaluationFields = `evaluation { id sante etat reponses { totalCount nodes { texte source { nom url } } } historique { nodes { operation genre } } } erreurs { code champ message }`

func TestAnAnswerIsShownBesideAnEvaluationAndChangesNoFigure(t *testing.T) {
	t.Parallel()
	a := real(t)
	moderateur := a.as(t, droit.Moderateur, "")
	cible := at(t, a.must(t, `{ logiciel(slug: "libreoffice") { communaute { evaluation { id sante etat } } } }`, nil).Data, "logiciel", "communaute", "evaluation").(map[string]any)
	in := map[string]any{"evaluation": cible["id"], "texte": "  Nos chiffres de juillet sont parus.  ", "source": map[string]any{"nom": "The Document Foundation", "url": "https://www.documentfoundation.org/"}}
	got := moderateur.done(t, "repondreEvaluation", reponseEvaluationFields, in)
	holds(t, got, map[string]any{"sante": cible["sante"], "etat": cible["etat"]})
	if r := at(t, got, "reponses", "nodes", 0); at(t, r, "texte") != "Nos chiffres de juillet sont parus." || at(t, r, "source", "nom") != "The Document Foundation" || at(t, got, "historique", "nodes", 0, "operation") != "repondreEvaluation" {
		t.Error(got)
	}
	if lue := a.must(t, `query ($id: ID!) { node(id: $id) { ... on EvaluationCommunaute { composantes { nom } entrees { nom source { nom } } reponses { totalCount } } } }`, map[string]any{"id": cible["id"]}); at(t, lue.Data, "node", "reponses", "totalCount") != 1.0 {
		t.Error(lue.Data)
	}
	for _, bad := range []struct {
		more        map[string]any
		code, champ string
	}{
		{map[string]any{"texte": " "}, "REQUIS", "texte"},
		{map[string]any{"evaluation": identifiant.Global("EvaluationCommunaute", "00000000-0000-4000-8000-000000000000")}, "INTROUVABLE", "evaluation"},
		{map[string]any{"evaluation": identifiant.Global("Logiciel", "libreoffice")}, "INVALIDE", "evaluation"},
		{map[string]any{"source": nil}, "REQUIS", "source"},
	} {
		moderateur.refused(t, "repondreEvaluation", reponseEvaluationFields, plus(in, bad.more), bad.code, bad.champ)
	}
	a.as(t, droit.Gestionnaire, echirolles).refused(t, "repondreEvaluation", reponseEvaluationFields, in, "INTERDIT", "")
}
