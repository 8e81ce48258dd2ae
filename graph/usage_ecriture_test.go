package graph_test

import (
	"testing"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// The SITPI (Grenoble) and one of its members, Échirolles.
const (
	sitpi      = "253800700"
	echirolles = "213801517"
)

func TestAUsageIsDeclaredConfirmedCorrectedAndClosedByTheSyndicatOfItsUser(t *testing.T) {
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	const fields = `usage { id statut postes version revision syndicat { sigle } source { nom } confirmeLe fin } erreurs { code champ message }`
	input := map[string]any{
		"utilisateur": a.organisation(t, echirolles), "logiciel": identifiant.Global("Logiciel", "libreoffice"), "statut": "PRODUCTION",
		"syndicat": a.organisation(t, sitpi), "postes": 300, "version": "24.8",
	}
	got := agent.must(t, `mutation ($i: DeclarerUsageInput!) { declarerUsage(input: $i) { `+fields+` } }`, map[string]any{"i": input})
	if n := len(at(t, got.Data, "declarerUsage", "erreurs").([]any)); n != 0 {
		t.Fatal(got.Data)
	}
	id := at(t, got.Data, "declarerUsage", "usage", "id")
	got = agent.must(t, `mutation ($i: CorrigerUsageInput!) { corrigerUsage(input: $i) { `+fields+` } }`, map[string]any{"i": map[string]any{"id": id, "revision": 1, "postes": nil}})
	if v := at(t, got.Data, "corrigerUsage", "usage", "postes"); v != nil {
		t.Error("null did not erase:", v)
	}
	if v := at(t, got.Data, "corrigerUsage", "usage", "version"); v != "24.8" {
		t.Error("an absent field changed:", v)
	}
	got = agent.must(t, `mutation ($i: CorrigerUsageInput!) { corrigerUsage(input: $i) { `+fields+` } }`, map[string]any{"i": map[string]any{"id": id, "revision": 1, "postes": 3}})
	if v := at(t, got.Data, "corrigerUsage", "erreurs", 0, "code"); v != "CONFLIT" {
		t.Error("stale correction:", got.Data)
	}
	got = agent.must(t, `mutation ($i: ConfirmerUsageInput!) { confirmerUsage(input: $i) { `+fields+` } }`, map[string]any{"i": map[string]any{"id": id}})
	got = agent.must(t, `mutation ($i: CloreUsageInput!) { cloreUsage(input: $i) { `+fields+` } }`, map[string]any{"i": map[string]any{"id": id}})
	if n := value[int](t, a.pool, `SELECT count(*) FROM journal j JOIN publication p ON p.id = j.publication_id WHERE j.nom_table = 'usage' AND p.numero IS NOT NULL AND p.operation LIKE '%Usage'`); n != 4 {
		t.Error("journal:", n)
	}
}
