package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/graph"
)

const montDeMarsan = "214001927"

// attempt does a mutation, and returns these fields of the thing in its payload, and the codes of its faults.
func (a *api) attempt(t testing.TB, mutation, fields string, in saisie) (map[string]any, []string) {
	t.Helper()
	schema := graph.Schema(nil).Schema()
	thing := schema.Types[schema.Mutation.Fields.ForName(mutation).Type.Name()].Fields[0].Name
	got := a.writes(t, mutation, thing+" { "+fields+" } erreurs { code }", in)
	codes := []string{}
	for _, e := range got["erreurs"].([]any) {
		codes = append(codes, at(t, e, "code").(string))
	}
	v, _ := got[thing].(map[string]any)
	return v, codes
}

// made does a mutation at which nothing is wrong.
func (a *api) made(t testing.TB, mutation, fields string, in saisie) map[string]any {
	t.Helper()
	v, codes := a.attempt(t, mutation, fields, in)
	if len(codes) > 0 || v == nil {
		t.Fatalf("%s %v: %v", mutation, in, codes)
	}
	return v
}

// denied does a mutation that must be refused for this reason alone, and returns what its payload shows.
func (a *api) denied(t testing.TB, code, mutation string, in saisie) map[string]any {
	t.Helper()
	v, codes := a.attempt(t, mutation, "id", in)
	if !slices.Equal(codes, []string{code}) {
		t.Errorf("%s %v: %v, want %s", mutation, in, codes, code)
	}
	return v
}

func logiciel(slug string) string { return identifiant.Global("Logiciel", slug) }

// day0 is today, n days later.
func day0(n int) string { return time.Now().UTC().AddDate(0, 0, n).Format(time.DateOnly) }

// catalogueOf makes a catalogue of the syndicat that acts.
func (a *api) catalogueOf(t testing.TB, syndicat string) any {
	t.Helper()
	return a.made(t, "creerCatalogue", "id", saisie{"syndicat": a.organisation(t, syndicat), "nom": "Nouveau catalogue"})["id"]
}

// Two syndicats write side by side; then each tries everything on what is the other's, and leaves no trace.
func TestTwoSyndicatsWorkSideBySideAndNeitherTouchesWhatIsTheOthers(t *testing.T) {
	t.Parallel()
	a := real(t)
	type camp struct {
		*api
		syndicat, membre, catalogue, proposee, preparee, adhesion, usage any
	}
	var camps []camp
	for siren, membre := range map[string]string{sitpi: echirolles, alpi: montDeMarsan} {
		c := camp{api: a.as(t, droit.Gestionnaire, siren), syndicat: a.organisation(t, siren), membre: a.organisation(t, membre)}
		if known := at(t, a.must(t, `query ($id: ID!) { syndicat(id: $id) { catalogues { id } } }`, map[string]any{"id": c.syndicat}).Data, "syndicat", "catalogues").([]any); len(known) > 0 {
			c.catalogue = at(t, known[0], "id")
		} else {
			c.catalogue = c.catalogueOf(t, siren)
		}
		var entrees []any
		for _, slug := range []string{"libreoffice", "gimp", "nextcloud", "wordpress"} {
			entrees = append(entrees, c.made(t, "creerEntree", "id", saisie{"catalogue": c.catalogue, "logiciel": logiciel(slug), "services": []string{"SUPPORT"}})["id"])
		}
		for _, id := range entrees[:3] {
			if e := c.made(t, "publierEntree", "statut depuis", saisie{"id": id}); e["statut"] != "PROPOSEE" || e["depuis"] != day0(0) {
				t.Error(e)
			}
		}
		if e := c.made(t, "retirerEntree", "statut jusqua", saisie{"id": entrees[0]}); e["statut"] != "RETIREE" || e["jusqua"] != day0(0) {
			t.Error(e)
		}
		c.proposee, c.preparee = entrees[1], entrees[3]
		if siren == alpi { // its members are in no file: it says one, who confirms
			id := c.made(t, "declarerAdhesion", "id", saisie{"groupement": c.syndicat, "membre": c.membre})["id"]
			a.as(t, droit.Gestionnaire, membre).made(t, "confirmerAdhesion", "id", saisie{"id": id})
			c.api = a.as(t, droit.Gestionnaire, siren)
		}
		c.adhesion = at(t, a.must(t, `query ($id: ID!) { syndicat(id: $id) { adhesions(first: 100) { nodes { id membre { id } } } } }`, map[string]any{"id": c.syndicat}).Data, "syndicat", "adhesions", "nodes", 0, "id")
		c.made(t, "abonnerMembre", "id", saisie{"entree": c.proposee, "collectivite": c.membre})
		c.usage = c.made(t, "declarerUsage", "id", saisie{"utilisateur": c.membre, "logiciel": logiciel("gimp"), "statut": "PRODUCTION", "syndicat": c.syndicat})["id"]
		offered := at(t, a.must(t, `query ($id: ID!) { catalogue(id: $id) { entrees(filtre: {statuts: [PROPOSEE]}) { nodes { logiciel { id } abonnes { nodes { id } } } } } }`,
			map[string]any{"id": c.catalogue}).Data, "catalogue", "entrees", "nodes").([]any)
		for i, slug := range []string{"gimp", "nextcloud"} {
			if e := offered[len(offered)-2+i]; at(t, e, "logiciel", "id") != logiciel(slug) {
				t.Error("offered:", offered)
			}
		}
		camps = append(camps, c)
	}
	trace := func() string {
		return value[string](t, a.pool, `SELECT concat_ws(' ', (SELECT count(*) FROM journal), (SELECT count(*) FROM publication), (SELECT count(*) FROM source),
			(SELECT count(*) FROM abonnement), (SELECT sum(revision) FROM catalogue), (SELECT sum(revision) FROM entree_catalogue), (SELECT sum(revision) FROM usage))`)
	}
	for i, me := range camps {
		other := camps[1-i]
		before := trace()
		tried := map[string]bool{}
		for _, try := range []struct {
			mutation string
			in       saisie
		}{
			{"creerCatalogue", saisie{"syndicat": other.syndicat, "nom": "Pas à moi"}},
			{"corrigerCatalogue", saisie{"id": other.catalogue, "revision": 1, "nom": "Pas à moi"}},
			{"creerEntree", saisie{"catalogue": other.catalogue, "logiciel": logiciel("firefox")}},
			{"corrigerEntree", saisie{"id": other.proposee, "revision": 2, "services": []string{"CONSEIL"}}},
			{"publierEntree", saisie{"id": other.preparee}},
			{"retirerEntree", saisie{"id": other.proposee}},
			{"abonnerMembre", saisie{"entree": other.proposee, "collectivite": me.membre}},
			{"abonnerMembre", saisie{"entree": other.proposee, "collectivite": other.membre}},
			{"desabonnerMembre", saisie{"entree": other.proposee, "collectivite": other.membre}},
			{"declarerAdhesion", saisie{"groupement": other.syndicat, "membre": me.membre}},
			{"corrigerAdhesion", saisie{"id": other.adhesion, "revision": 1, "services": []string{"Tout"}}},
			{"confirmerAdhesion", saisie{"id": other.adhesion}},
			{"quitterGroupement", saisie{"id": other.adhesion}},
			{"declarerUsage", saisie{"utilisateur": other.membre, "logiciel": logiciel("firefox"), "statut": "PRODUCTION"}},
			{"confirmerUsage", saisie{"id": other.usage}},
			{"corrigerUsage", saisie{"id": other.usage, "revision": 1, "postes": 1}},
			{"cloreUsage", saisie{"id": other.usage}},
		} {
			me.denied(t, "INTERDIT", try.mutation, try.in)
			tried[try.mutation] = true
		}
		for _, m := range mutations() {
			for _, what := range []string{"Catalogue", "Entree", "Membre", "Adhesion", "Groupement", "Usage"} {
				if strings.HasSuffix(string(m), what) && m != "proposerUsage" && !tried[string(m)] {
					t.Errorf("%s was not tried on the other's", m)
				}
			}
		}
		if after := trace(); after != before {
			t.Errorf("forbidden, and written: %s then %s", before, after)
		}
	}
}

func TestASoftwareStandsOnceAtATimeInACatalogue(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	catalogue := agent.catalogueOf(t, sitpi)
	entree := func(more saisie) saisie {
		return with(saisie{"catalogue": catalogue, "logiciel": logiciel("gimp")}, more)
	}
	first := agent.made(t, "creerEntree", "id statut services", entree(nil))
	if first["statut"] != "EN_PREPARATION" || len(first["services"].([]any)) != 0 {
		t.Error(first)
	}
	if again := agent.denied(t, "DUPLIQUE", "creerEntree", entree(saisie{"depuis": day0(400)})); again["id"] != first["id"] {
		t.Error("the entry in the way is not shown:", again)
	}
	agent.denied(t, "DUPLIQUE", "creerEntree", entree(saisie{"statut": "PROPOSEE", "depuis": day0(-30)}))
	agent.made(t, "publierEntree", "id", saisie{"id": first["id"], "depuis": day0(-30)})
	agent.denied(t, "INVALIDE", "publierEntree", saisie{"id": first["id"]})
	agent.denied(t, "DUPLIQUE", "creerEntree", entree(nil))
	past := agent.made(t, "creerEntree", "id revision", entree(saisie{"statut": "RETIREE", "depuis": "2015-01-01", "jusqua": "2018-01-01"}))
	agent.denied(t, "DUPLIQUE", "creerEntree", entree(saisie{"statut": "RETIREE", "depuis": "2017-06-01", "jusqua": "2019-01-01"}))
	agent.denied(t, "DUPLIQUE", "corrigerEntree", saisie{"id": past["id"], "revision": 1, "jusqua": day0(-29)})
	agent.made(t, "corrigerEntree", "id", saisie{"id": past["id"], "revision": 1, "jusqua": day0(-30)}) // the day the next begins
	agent.made(t, "creerEntree", "id", saisie{"catalogue": agent.made(t, "creerCatalogue", "id", saisie{"syndicat": a.organisation(t, sitpi), "nom": "Un autre"})["id"], "logiciel": logiciel("gimp"), "statut": "PROPOSEE"})

	// Withdrawn, it is offered again the same day, and withdrawn again: what lasted no day hinders nothing.
	agent.made(t, "retirerEntree", "id", saisie{"id": first["id"]})
	agent.denied(t, "INVALIDE", "retirerEntree", saisie{"id": first["id"]})
	agent.denied(t, "INVALIDE", "publierEntree", saisie{"id": first["id"]})
	for range 2 {
		next := agent.made(t, "creerEntree", "id", entree(nil))
		agent.made(t, "publierEntree", "id", saisie{"id": next["id"]})
		if e := agent.made(t, "retirerEntree", "depuis jusqua", saisie{"id": next["id"]}); e["depuis"] != day0(0) || e["jusqua"] != day0(0) {
			t.Error(e)
		}
	}
	// What ends at a day to come leaves room for what follows.
	until := agent.made(t, "creerEntree", "id", entree(saisie{"statut": "PROPOSEE", "depuis": day0(0), "jusqua": day0(30)}))
	agent.denied(t, "DUPLIQUE", "creerEntree", entree(saisie{"depuis": day0(29)}))
	after := agent.made(t, "creerEntree", "id revision", entree(saisie{"depuis": day0(30)}))
	agent.denied(t, "DUPLIQUE", "corrigerEntree", saisie{"id": after["id"], "revision": 1, "depuis": nil})
	agent.denied(t, "DUPLIQUE", "publierEntree", saisie{"id": after["id"]})
	agent.made(t, "publierEntree", "id", saisie{"id": after["id"], "depuis": day0(30)})
	agent.denied(t, "DUPLIQUE", "corrigerEntree", saisie{"id": until["id"], "revision": 1, "jusqua": nil})
}

func TestTheDatesOfAnEntryAgreeWithItsState(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	entree := saisie{"catalogue": agent.catalogueOf(t, sitpi), "logiciel": logiciel("gimp")}
	try := func(code string, more saisie) {
		t.Helper()
		in := with(saisie{}, entree)
		agent.denied(t, code, "creerEntree", with(in, more))
	}
	try("REQUIS", saisie{"statut": "RETIREE"})
	try("INVALIDE", saisie{"statut": "RETIREE", "jusqua": day0(1)})
	try("INVALIDE", saisie{"statut": "PROPOSEE", "jusqua": day0(0)})
	try("INVALIDE", saisie{"depuis": day0(9), "jusqua": day0(8)})
	try("INTROUVABLE", saisie{"logiciel": logiciel("n-existe-pas")})
	try("INTROUVABLE", saisie{"catalogue": identifiant.Global("Catalogue", "n-existe-pas")})
	for _, cle := range []string{"n-existe-pas", "00000000-0000-4000-8000-000000000000"} {
		agent.denied(t, "INTROUVABLE", "retirerEntree", saisie{"id": identifiant.Global("EntreeCatalogue", cle)})
	}
	e := agent.made(t, "creerEntree", "id revision", with(with(saisie{}, entree), saisie{"statut": "PROPOSEE", "depuis": "2020-02-02", "services": []string{"SUPPORT", "CONSEIL", "SUPPORT"}}))
	if e["revision"] != 1. {
		t.Error(e)
	}
	e = agent.made(t, "corrigerEntree", "services depuis revision", saisie{"id": e["id"], "revision": 1, "depuis": "2020-03-03"})
	if fmt.Sprint(e) != "map[depuis:2020-03-03 revision:2 services:[SUPPORT CONSEIL]]" {
		t.Error("an absent field changed:", e)
	}
	id := agent.denied(t, "CONFLIT", "corrigerEntree", saisie{"id": a.entreeID(t), "revision": 1, "services": nil})["id"]
	agent.denied(t, "CONFLIT", "retirerEntree", saisie{"id": id, "revision": 1})
	agent.denied(t, "INVALIDE", "corrigerEntree", saisie{"id": id, "revision": 2, "jusqua": day0(0)}) // to be withdrawn
	agent.denied(t, "INVALIDE", "retirerEntree", saisie{"id": id, "jusqua": day0(1)})
	agent.denied(t, "INVALIDE", "retirerEntree", saisie{"id": id, "jusqua": "2020-01-01"})
	if e := agent.made(t, "corrigerEntree", "services", saisie{"id": id, "revision": 2, "services": nil}); len(e["services"].([]any)) != 0 {
		t.Error("null did not erase:", e)
	}
	if e := agent.made(t, "retirerEntree", "depuis jusqua revision", saisie{"id": id, "revision": 3, "jusqua": "2024-01-01"}); fmt.Sprint(e) != "map[depuis:2020-03-03 jusqua:2024-01-01 revision:4]" {
		t.Error(e)
	}
	// What has not begun never was offered.
	later := agent.made(t, "creerEntree", "id", with(with(saisie{}, entree), saisie{"statut": "PROPOSEE", "depuis": day0(60)}))
	if e := agent.made(t, "retirerEntree", "depuis jusqua", saisie{"id": later["id"]}); e["depuis"] != day0(0) || e["jusqua"] != day0(0) {
		t.Error(e)
	}
}

// entreeID gives the id of the entry last added.
func (a *api) entreeID(t testing.TB) string {
	t.Helper()
	return identifiant.Global("EntreeCatalogue", value[string](t, a.pool, `SELECT cle::text FROM entree_catalogue ORDER BY id DESC LIMIT 1`))
}

func TestWhoMayOnlyPrepareDoesNotTouchWhatIsPublished(t *testing.T) {
	t.Parallel()
	a := real(t)
	manager, clerk := a.as(t, droit.Gestionnaire, sitpi), a.as(t, droit.Contributeur, sitpi)
	in := saisie{"catalogue": manager.catalogueOf(t, sitpi), "logiciel": logiciel("gimp")}
	clerk.denied(t, "INTERDIT", "creerEntree", with(saisie{"statut": "PROPOSEE"}, in))
	clerk.denied(t, "INTERDIT", "creerEntree", with(saisie{"statut": "RETIREE", "jusqua": "2020-01-01"}, in))
	id := clerk.made(t, "creerEntree", "id", in)["id"]
	clerk.made(t, "corrigerEntree", "id", saisie{"id": id, "revision": 1, "depuis": day0(3)})
	manager.made(t, "publierEntree", "id", saisie{"id": id})
	clerk.made(t, "corrigerEntree", "id", saisie{"id": id, "revision": 3, "services": []string{"SUPPORT"}})
	clerk.denied(t, "INTERDIT", "corrigerEntree", saisie{"id": id, "revision": 4, "jusqua": day0(1)})
	clerk.denied(t, "INTERDIT", "corrigerEntree", saisie{"id": id, "revision": 4, "depuis": day0(1)})
	manager.made(t, "corrigerEntree", "id", saisie{"id": id, "revision": 4, "jusqua": day0(1)})
}

func TestOnlyAConfirmedMemberSubscribesAndOnlyToWhatIsOffered(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	membre := a.organisation(t, echirolles)
	catalogue := agent.catalogueOf(t, sitpi)
	e := agent.made(t, "creerEntree", "id", saisie{"catalogue": catalogue, "logiciel": logiciel("gimp")})["id"]
	in := func(more saisie) saisie { return with(saisie{"entree": e, "collectivite": membre}, more) }
	agent.denied(t, "INVALIDE", "abonnerMembre", in(nil)) // in preparation
	agent.made(t, "publierEntree", "id", saisie{"id": e, "depuis": day0(-10)})
	agent.denied(t, "INVALIDE", "abonnerMembre", in(saisie{"debut": day0(-11)}))
	agent.denied(t, "INVALIDE", "abonnerMembre", in(saisie{"collectivite": a.organisation(t, arles)}))
	agent.made(t, "declarerAdhesion", "id", saisie{"groupement": a.organisation(t, sitpi), "membre": a.organisation(t, arles)})
	agent.denied(t, "INVALIDE", "abonnerMembre", in(saisie{"collectivite": a.organisation(t, arles)})) // not confirmed
	agent.denied(t, "INTROUVABLE", "desabonnerMembre", in(nil))
	subscribed := func() int {
		return len(at(t, a.must(t, `query ($id: ID!) { node(id: $id) { ... on EntreeCatalogue { abonnes { nodes { id } } } } }`, map[string]any{"id": e}).Data, "node", "abonnes", "nodes").([]any))
	}
	// Subscribed and unsubscribed the same day, by mistake, then for good.
	for range 2 {
		agent.made(t, "abonnerMembre", "id", in(nil))
		if n := subscribed(); n != 1 {
			t.Error("subscribed:", n)
		}
		agent.denied(t, "DUPLIQUE", "abonnerMembre", in(saisie{"debut": day0(5)}))
		agent.denied(t, "INVALIDE", "desabonnerMembre", in(saisie{"fin": day0(-1)}))
		agent.made(t, "desabonnerMembre", "id", in(nil))
		if n := subscribed(); n != 0 {
			t.Error("subscribed once it is over:", n)
		}
	}
	agent.made(t, "abonnerMembre", "id", in(saisie{"debut": day0(5)}))
	agent.made(t, "desabonnerMembre", "id", in(nil)) // one to come never was
	agent.made(t, "abonnerMembre", "id", in(saisie{"debut": day0(-10)}))
	agent.made(t, "desabonnerMembre", "id", in(saisie{"fin": day0(-3)}))
	agent.made(t, "abonnerMembre", "id", in(saisie{"debut": day0(-3)}))

	// Withdrawn on a day, the entry takes its subscriptions along, and leaves alone those that had ended.
	other := a.organisation(t, fontaine)
	agent.made(t, "abonnerMembre", "id", saisie{"entree": e, "collectivite": other, "debut": day0(2)})
	if _, err := a.pool.Exec(t.Context(), `INSERT INTO abonnement (entree_id, collectivite_id, source_id)
		SELECT (SELECT max(entree_id) FROM abonnement), id, source_id FROM organisation WHERE cle = '213803174'`); err != nil {
		t.Fatal(err)
	}
	agent.made(t, "retirerEntree", "id", saisie{"id": e, "jusqua": day0(-1)})
	got := value[string](t, a.pool, `SELECT string_agg(concat(o.siren, ' ', debut - current_date, ' ', fin - current_date), ', ' ORDER BY ab.id)
		FROM abonnement ab JOIN organisation o ON o.id = ab.collectivite_id WHERE entree_id = (SELECT max(entree_id) FROM abonnement)`)
	want := "213801517 0 0, 213801517 0 0, 213801517 5 5, 213801517 -10 -3, 213801517 -3 -1, 213801699 2 2, 213803174  -1"
	if got != want {
		t.Errorf("subscriptions:\n%s\nwant\n%s", got, want)
	}
	agent.denied(t, "INVALIDE", "abonnerMembre", in(nil)) // withdrawn
	if n := value[int](t, a.pool, `SELECT count(*) FROM journal j JOIN publication p ON p.id = j.publication_id WHERE p.operation = 'retirerEntree' AND j.nom_table = 'abonnement'`); n != 3 {
		t.Error("subscriptions in the journal:", n)
	}
}

func TestACatalogueHasANameOfItsOwn(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	syndicat := a.organisation(t, sitpi)
	first := agent.made(t, "creerCatalogue", "id nom revision syndicat { id } source { nom }", saisie{"syndicat": syndicat, "nom": "  Offre 2027 "})
	if first["nom"] != "Offre 2027" || first["revision"] != 1. || at(t, first, "syndicat", "id") != syndicat {
		t.Error(first)
	}
	if same := agent.denied(t, "DUPLIQUE", "creerCatalogue", saisie{"syndicat": syndicat, "nom": "Offre 2027"}); same["id"] != first["id"] {
		t.Error(same)
	}
	agent.denied(t, "INVALIDE", "creerCatalogue", saisie{"syndicat": syndicat, "nom": " "})
	agent.denied(t, "INVALIDE", "creerCatalogue", saisie{"syndicat": a.organisation(t, echirolles), "nom": "Une commune n’en a pas"})
	agent.made(t, "corrigerCatalogue", "id", saisie{"id": first["id"], "revision": 1, "nom": "Offre"})
	agent.denied(t, "CONFLIT", "corrigerCatalogue", saisie{"id": first["id"], "revision": 1, "nom": "Offre encore"})
	agent.made(t, "corrigerCatalogue", "id", saisie{"id": first["id"], "revision": 2, "nom": "Offre"}) // its own name
	second := agent.made(t, "creerCatalogue", "id", saisie{"syndicat": syndicat, "nom": "Offre 2027"})
	agent.denied(t, "DUPLIQUE", "corrigerCatalogue", saisie{"id": second["id"], "revision": 1, "nom": "Offre"})
}
