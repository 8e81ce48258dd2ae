package graph_test

import (
	"fmt"
	"testing"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

const file = `query ($o: ID!, $m: [MotifAConfirmer!]) { aConfirmer(organisation: $o, motifs: $m, first: 100) { totalCount nodes {
	id motif explication depuis objet { id } } } }`

func TestASyndicatSettlesWhatItsMembersHaveNotConfirmedForTwoYears(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	ask := func(who *api, motifs ...string) []any {
		vars := map[string]any{"o": a.organisation(t, sitpi)}
		if len(motifs) > 0 {
			vars["m"] = motifs
		}
		return at(t, who.must(t, file, vars).Data, "aConfirmer", "nodes").([]any)
	}
	before := len(ask(agent, "USAGE_NON_CONFIRME"))
	var usages []string
	for i := range 3 {
		slug := value[string](t, a.pool, `SELECT slug FROM logiciel ORDER BY id OFFSET $1 LIMIT 1`, i)
		usages = append(usages, declared(t, a, agent, map[string]any{"logiciel": identifiant.Global("Logiciel", slug), "constateLe": "2020-02-01"}))
	}
	// Confirmed since, through another syndicat, or by a stranger to the syndicat: not its business.
	recent := declared(t, a, agent, map[string]any{"constateLe": "2020-02-01"})
	agent.must(t, `mutation ($id: ID!) { confirmerUsage(input: {id: $id}) { erreurs { code } } }`, map[string]any{"id": recent})
	admin := a.as(t, droit.Admin, "")
	declared(t, a, admin, map[string]any{"syndicat": a.organisation(t, alpi), "constateLe": "2020-02-01", "source": map[string]any{"nom": "Relevé"}})
	declared(t, a, admin, map[string]any{"utilisateur": a.organisation(t, arles), "syndicat": nil, "constateLe": "2020-02-01", "source": map[string]any{"nom": "Relevé"}})

	queue := ask(agent, "USAGE_NON_CONFIRME")
	if len(queue) != before+3 {
		t.Fatalf("%d things, want %d more than %d: %v", len(queue), 3, before, queue)
	}
	var ids []string
	for _, c := range queue {
		if id := at(t, c, "objet", "id").(string); id == usages[0] || id == usages[1] {
			ids = append(ids, at(t, c, "id").(string))
			if got := at(t, c, "explication"); got != "Personne n'a confirmé cet usage depuis le 01/02/2020." {
				t.Error(got)
			}
		}
	}
	settle := func(who *api, decision string, ids ...string) any {
		return at(t, who.must(t, `mutation ($i: ReglerAConfirmerInput!) { reglerAConfirmer(input: $i) { regles erreurs { code champ message } } }`,
			map[string]any{"i": map[string]any{"organisation": a.organisation(t, sitpi), "ids": ids, "decision": decision}}).Data, "reglerAConfirmer")
	}
	unknown := identifiant.Global("AConfirmer", "USAGE_NON_CONFIRME/Usage/999999999")
	if got := settle(agent, "CONFIRMER", ids[0], unknown); at(t, got, "erreurs", 0, "code") != "INTROUVABLE" || len(ask(agent, "USAGE_NON_CONFIRME")) != before+3 {
		t.Error("one thing out of the queue, and the others are settled:", got)
	}
	if got := settle(agent, "CONFIRMER", ids...); at(t, got, "regles") != 2.0 || len(ask(agent, "USAGE_NON_CONFIRME")) != before+1 {
		t.Error(got)
	}
	for _, c := range ask(agent, "USAGE_NON_CONFIRME") {
		if at(t, c, "objet", "id") == usages[2] {
			ids = []string{at(t, c, "id").(string)}
		}
	}
	if got := settle(agent, "IGNORER", ids...); at(t, got, "regles") != 1.0 || len(ask(agent, "USAGE_NON_CONFIRME")) != before {
		t.Error(got)
	}
	for name, who := range map[string]*api{"anyone": a, "another syndicat": a.as(t, droit.Gestionnaire, alpi), "a member": a.as(t, droit.Gestionnaire, echirolles)} {
		got := who.ask(t, file, map[string]any{"o": a.organisation(t, sitpi)})
		if len(got.Errors) != 1 || (got.Errors[0].Extensions["code"] != "INTERDIT" && got.Errors[0].Extensions["code"] != "NON_AUTHENTIFIE") {
			t.Error(name, got)
		}
	}
}

func TestTheQueueTellsEveryReasonToLook(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	cle := value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id LIMIT 1`)
	id := func(c any) any { return at(t, c, "objet", "id") }
	wanted := map[string]func(any) bool{}
	declared(t, a, agent, nil)
	twice := declared(t, a, agent, nil)
	wanted["DOUBLON_PROBABLE"] = func(c any) bool { return id(c) == twice }
	if _, err := a.pool.Exec(t.Context(), `UPDATE organisation SET siren = NULL, site = 'https://disparu.example/' WHERE cle = $1`, sitpi); err != nil {
		t.Fatal(err)
	}
	wanted["SIREN_MANQUANT"] = func(c any) bool { return id(c) == a.organisation(t, sitpi) }
	if _, err := a.pool.Exec(t.Context(), `INSERT INTO lien_verifie (url, mort, echecs, resultat, verifie_le) VALUES ('https://disparu.example/', true, 2, '404', now())`); err != nil {
		t.Fatal(err)
	}
	wanted["LIEN_MORT"] = func(c any) bool { return id(c) == a.organisation(t, sitpi) }
	if _, err := a.pool.Exec(t.Context(), `UPDATE logiciel SET licence = NULL, libre = false, licence_origine = 'Licence maison' WHERE slug = 'libreoffice'`); err != nil {
		t.Fatal(err)
	}
	wanted["LICENCE_INCONNUE"] = func(c any) bool { return id(c) == identifiant.Global("Logiciel", "libreoffice") }
	supplier := a.as(t, droit.Fournisseur, cle)
	supplier.must(t, `mutation ($i: ProposerUsageInput!) { proposerUsage(input: $i) { erreurs { code } } }`, map[string]any{"i": map[string]any{
		"prestataire": a.organisation(t, cle), "utilisateur": a.organisation(t, echirolles), "logiciel": identifiant.Global("Logiciel", "s2low"), "statut": "PRODUCTION"}})
	wanted["PROPOSITION"] = func(c any) bool { return id(c) != nil }
	queue := at(t, agent.must(t, file, map[string]any{"o": a.organisation(t, sitpi)}).Data, "aConfirmer", "nodes").([]any)
	for motif, is := range wanted {
		found := false
		for _, c := range queue {
			found = found || at(t, c, "motif") == motif && is(c)
		}
		if !found {
			t.Errorf("%s is not told: %v", motif, queue)
		}
	}
	if last := at(t, queue, len(queue)-1, "motif"); last != "LIEN_MORT" {
		t.Error("the most pressing does not come first:", fmt.Sprint(last))
	}
}

// The queue of a member holds what passes through another syndicat; the syndicat that settles it has no say in that, and
// learns nothing of what it may not read.
func TestASyndicatSettlesForAMemberNothingThatPassesThroughAnother(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent, member := a.as(t, droit.Gestionnaire, sitpi), a.as(t, droit.Gestionnaire, echirolles)
	settle := func(who *api, decision, id string) any {
		rang := value[int64](t, a.pool, `SELECT id FROM usage WHERE cle::text = $1`, cleOf(t, id))
		return at(t, who.must(t, `mutation ($i: ReglerAConfirmerInput!) { reglerAConfirmer(input: $i) { regles erreurs { code } } }`,
			map[string]any{"i": map[string]any{"organisation": a.organisation(t, echirolles), "decision": decision,
				"ids": []string{identifiant.Global("AConfirmer", fmt.Sprintf("USAGE_NON_CONFIRME/Usage/%d", rang))}}}).Data, "reglerAConfirmer")
	}
	through := func(visibilite string) string {
		return declared(t, a, member, map[string]any{"syndicat": a.organisation(t, alpi), "constateLe": "2020-02-01", "visibilite": visibilite})
	}
	seen, hidden := through("PUBLIC"), through("PRIVE")
	for _, decision := range []string{"CONFIRMER", "CLORE"} {
		if got := settle(agent, decision, seen); at(t, got, "erreurs", 0, "code") != "INTERDIT" {
			t.Error(decision, got)
		}
	}
	for _, decision := range []string{"CONFIRMER", "CLORE", "IGNORER"} {
		if got := settle(agent, decision, hidden); at(t, got, "erreurs", 0, "code") != "INTROUVABLE" {
			t.Error(decision, got)
		}
	}
	if n := value[int](t, a.pool, `SELECT count(*) FROM usage WHERE cle::text IN ($1, $2) AND revision = 1`, cleOf(t, seen), cleOf(t, hidden)); n != 2 {
		t.Error("what passes through another syndicat was written")
	}
	if got := settle(member, "CONFIRMER", hidden); at(t, got, "regles") != 1.0 {
		t.Error(got)
	}
}

// cleOf is the key that a public id holds.
func cleOf(t *testing.T, id string) string {
	t.Helper()
	_, cle, err := identifiant.ParseGlobal(id)
	if err != nil {
		t.Fatal(err)
	}
	return cle
}
