package graph_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// declared declares a usage of LibreOffice by Échirolles through the SITPI, and gives its id.
func declared(t *testing.T, a, agent *api, fields map[string]any) string {
	t.Helper()
	input := map[string]any{"utilisateur": a.organisation(t, echirolles), "logiciel": identifiant.Global("Logiciel", "libreoffice"),
		"statut": "PRODUCTION", "syndicat": a.organisation(t, sitpi)}
	for name, v := range fields {
		input[name] = v
	}
	got := agent.must(t, `mutation ($i: DeclarerUsageInput!) { declarerUsage(input: $i) { usage { id } erreurs { code message } } }`, map[string]any{"i": input})
	id, ok := at(t, got.Data, "declarerUsage", "usage", "id").(string)
	if !ok {
		t.Fatal(got.Data)
	}
	return id
}

func corrected(t *testing.T, agent *api, id string, revision int, fields map[string]any) {
	t.Helper()
	input := map[string]any{"id": id, "revision": revision}
	for name, v := range fields {
		input[name] = v
	}
	got := agent.must(t, `mutation ($i: CorrigerUsageInput!) { corrigerUsage(input: $i) { erreurs { code message } } }`, map[string]any{"i": input})
	if n := len(at(t, got.Data, "corrigerUsage", "erreurs").([]any)); n != 0 {
		t.Fatal(got.Data)
	}
}

const historique = `query ($id: ID!) { node(id: $id) { historique { totalCount nodes {
	operation genre role signature auteur { nom } objet { id } changements { champ avant apres } } } } }`

func TestAnObserverReadsWhoSaidWhatAndWhen(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	before := time.Now().Add(-time.Second)
	id := declared(t, a, agent, map[string]any{"postes": 300})
	corrected(t, agent, id, 1, map[string]any{"postes": 310, "version": "24.8"})

	got := a.must(t, historique, map[string]any{"id": id})
	last := at(t, got.Data, "node", "historique", "nodes", 0)
	for path, want := range map[string]any{"operation": "corrigerUsage", "genre": "CORRECTION", "role": "GESTIONNAIRE"} {
		if v := at(t, last, path); v != want {
			t.Errorf("%s = %v, want %v", path, v, want)
		}
	}
	if v := at(t, last, "auteur", "nom"); v == nil {
		t.Error("nobody said it")
	}
	if v := at(t, last, "objet", "id"); v != id {
		t.Error("about", v)
	}
	changes := at(t, last, "changements").([]any)
	if len(changes) != 2 || at(t, changes, 0, "champ") != "postes" || at(t, changes, 0, "avant") != "300" || at(t, changes, 0, "apres") != "310" ||
		at(t, changes, 1, "champ") != "version" || at(t, changes, 1, "avant") != nil {
		t.Error(changes)
	}
	if v := at(t, last, "signature"); v != nil {
		t.Error("anyone reads the token's name:", v)
	}
	if v := at(t, agent.must(t, historique, map[string]any{"id": id}).Data, "node", "historique", "nodes", 0, "signature"); v != "jeton de test GESTIONNAIRE" {
		t.Error("its own organisation reads", v)
	}
	added := at(t, got.Data, "node", "historique", "nodes", 1, "changements").([]any)
	names := map[any]any{}
	for _, c := range added {
		names[at(t, c, "champ")] = at(t, c, "apres")
	}
	if names["utilisateur"] != a.organisation(t, echirolles) || names["source"] == nil || names["sourceId"] != nil {
		t.Error(names)
	}

	// The list of all changes leads there too, by organisation and by instant.
	list := `query ($o: ID, $d: DateTime) { modifications(filtre: {organisation: $o, depuis: $d}) { totalCount } }`
	for _, o := range []string{echirolles, sitpi} {
		if n := at(t, a.must(t, list, map[string]any{"o": a.organisation(t, o), "d": before.Format(time.RFC3339)}).Data, "modifications", "totalCount"); n != 2.0 {
			t.Error(o, n)
		}
	}
	if n := at(t, a.must(t, list, map[string]any{"o": a.organisation(t, "254003304")}).Data, "modifications", "totalCount"); n != 0.0 {
		t.Error("another syndicat is said to be touched:", n)
	}
}

func TestAVersionThatWasPrivateIsReadByItsOwnAlone(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	id := declared(t, a, agent, map[string]any{"visibilite": "PRIVE", "postes": 42})
	for name, reader := range map[string]*api{"anyone": a, "another syndicat": a.as(t, droit.Gestionnaire, "254003304")} {
		if v := at(t, reader.must(t, historique, map[string]any{"id": id}).Data, "node"); v != nil {
			t.Error(name, "reads", v)
		}
	}
	corrected(t, agent, id, 1, map[string]any{"visibilite": "PUBLIC"})
	got := a.must(t, historique, map[string]any{"id": id})
	nodes := at(t, got.Data, "node", "historique", "nodes").([]any)
	if len(nodes) != 1 {
		t.Fatal("the private version is told to anyone:", nodes)
	}
	for _, c := range at(t, nodes, 0, "changements").([]any) {
		if at(t, c, "avant") != nil {
			t.Error("what it was before is told:", c)
		}
	}
	if n := len(at(t, agent.must(t, historique, map[string]any{"id": id}).Data, "node", "historique", "nodes").([]any)); n != 2 {
		t.Error("its own organisation reads", n)
	}
}

func TestWhatIsHiddenNowIsHiddenInItsPast(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	id := declared(t, a, agent, map[string]any{"postes": 4217})
	then := value[time.Time](t, a.pool, `SELECT clock_timestamp()`).UTC().Format(time.RFC3339Nano)
	corrected(t, agent, id, 1, map[string]any{"visibilite": "PRIVE"})
	ask := `query ($id: ID!, $au: DateTime) { node(id: $id, auDate: $au) { ... on Usage { postes } }
		usages(auDate: $au, first: 100) { nodes { postes } } modifications { nodes { changements { champ avant apres } } } }`
	if got := fmt.Sprint(a.must(t, ask, map[string]any{"id": id, "au": then}).Data); strings.Contains(got, "4217") {
		t.Error("read in the past by anyone:", got)
	}
	if got := agent.must(t, ask, map[string]any{"id": id, "au": then}); at(t, got.Data, "node", "postes") != 4217.0 {
		t.Error("hidden from its own:", got.Data)
	}
}

func TestTheGraphIsReadAsItStood(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	read := `query ($id: ID!, $au: DateTime, $l: ID!, $u: ID!) {
		node(id: $id, auDate: $au) { ... on Usage { postes utilisateur { nom } } }
		usages(auDate: $au, filtre: {logiciels: [$l]}) { totalCount nodes { id postes } }
		logiciel(id: $l, auDate: $au) { nombreUtilisateurs usages { totalCount nodes { postes } } }
		collectivite(id: $u, auDate: $au) { usages { nodes { id postes logiciel { nom } } } } }`
	vars := map[string]any{"l": identifiant.Global("Logiciel", "libreoffice"), "u": a.organisation(t, echirolles)}
	ask := func(at string) any {
		vars["au"] = nil
		if at != "" {
			vars["au"] = at
		}
		return a.must(t, read, vars).Data
	}
	now := func() string {
		return value[time.Time](t, a.pool, `SELECT clock_timestamp()`).UTC().Format(time.RFC3339Nano)
	}
	vars["id"] = identifiant.Global("Usage", "00000000-0000-0000-0000-000000000000")
	empty, first := ask(""), now()
	id := declared(t, a, agent, map[string]any{"postes": 300})
	vars["id"] = id
	declaredThen, second := ask(""), now()
	corrected(t, agent, id, 1, map[string]any{"postes": 310})
	correctedThen, third := ask(""), now()
	agent.must(t, `mutation ($id: ID!) { cloreUsage(input: {id: $id}) { erreurs { code } } }`, map[string]any{"id": id})

	if v := at(t, declaredThen, "node", "postes"); v != 300.0 {
		t.Fatal(v)
	}
	for i, step := range []struct {
		at   string
		want any
	}{{second, declaredThen}, {third, correctedThen}} {
		if got := ask(step.at); !reflect.DeepEqual(got, step.want) {
			t.Errorf("%d: as of %s\n%v\nwant\n%v", i, step.at, got, step.want)
		}
	}
	if got := ask(first); !reflect.DeepEqual(at(t, got, "usages"), at(t, empty, "usages")) || at(t, got, "node") != nil {
		t.Error("before the declaration:", got)
	}
	got := a.ask(t, read, map[string]any{"l": vars["l"], "u": vars["u"], "id": id, "au": time.Now().Add(time.Hour).Format(time.RFC3339)})
	if len(got.Errors) == 0 || got.Errors[0].Extensions["code"] != "ARGUMENT_INVALIDE" {
		t.Error("the future is read:", got)
	}
}

func TestOnesOwnLastOperationIsUndoneUnlessOthersWroteSince(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	other := a.as(t, droit.Gestionnaire, echirolles)
	undo := func(who *api) any {
		return at(t, who.must(t, `mutation { annulerDerniereModification(input: {}) { operation modifications erreurs { code message } } }`, nil).Data, "annulerDerniereModification")
	}
	postes := func(id string) any {
		return at(t, a.must(t, `query ($id: ID!) { node(id: $id) { ... on Usage { postes } } }`, map[string]any{"id": id}).Data, "node")
	}
	id := declared(t, a, agent, map[string]any{"postes": 300})
	corrected(t, agent, id, 1, map[string]any{"postes": 310})
	if got := undo(agent); at(t, got, "operation") != "corrigerUsage" || at(t, postes(id), "postes") != 300.0 {
		t.Error(got, postes(id))
	}
	if got := undo(agent); at(t, got, "operation") != "declarerUsage" || postes(id) != nil {
		t.Error(got, postes(id))
	}
	if got := undo(agent); at(t, got, "erreurs", 0, "code") != "INTROUVABLE" {
		t.Error("nothing is left to undo:", got)
	}
	id = declared(t, a, agent, map[string]any{"postes": 300})
	corrected(t, other, id, 1, map[string]any{"postes": 5})
	if got := undo(agent); at(t, got, "erreurs", 0, "code") != "CONFLIT" || at(t, postes(id), "postes") != 5.0 {
		t.Error("the work of others is lost:", got)
	}
	if ecarts := value[int](t, a.pool, `SELECT count(*) FROM (SELECT logiciel_id FROM usage_compte GROUP BY 1 HAVING sum(nb) <> (SELECT count(*) FROM usage u WHERE u.logiciel_id = usage_compte.logiciel_id)) x`); ecarts != 0 {
		t.Error("kept counts are wrong for", ecarts)
	}
}
