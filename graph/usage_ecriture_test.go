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
	t.Parallel()
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

func TestADeclarationTakesNoNameNorLicenceOfASourceThatItCites(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	const url = "https://www.banatic.interieur.gouv.fr/"
	if _, err := a.pool.Exec(t.Context(), `INSERT INTO source (cle, nom, url, licence, importe_le) VALUES ($1, 'BANATIC', $1, 'Licence Ouverte 2.0', now())`, url); err != nil {
		t.Fatal(err)
	}
	source := func(nom string) any {
		id := declared(t, a, agent, map[string]any{"source": map[string]any{"nom": nom, "url": url}})
		return at(t, a.must(t, `query ($id: ID!) { node(id: $id) { ... on Usage { source { nom url licence } } } }`, map[string]any{"id": id}).Data, "node", "source")
	}
	if got := source("Notre relevé"); at(t, got, "nom") != "Notre relevé" || at(t, got, "url") != url || at(t, got, "licence") != nil {
		t.Error("the declaration passes for that of the source:", got)
	}
	if got := source("BANATIC, relevé par nous"); at(t, got, "nom") != "BANATIC, relevé par nous" {
		t.Error("it passes for what another declared:", got)
	}
	if n := value[int](t, a.pool, `SELECT count(*) FROM usage u JOIN source s ON s.id = u.source_id WHERE s.cle = $1`, url); n != 0 {
		t.Error("attached to the source itself:", n)
	}
}

func TestASyndicatUsesNothingThroughItself(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	in := saisie{"utilisateur": a.organisation(t, sitpi), "logiciel": logiciel("gimp"), "statut": "PRODUCTION", "syndicat": a.organisation(t, sitpi)}
	agent.denied(t, "INVALIDE", "declarerUsage", in)
	delete(in, "syndicat")
	id := agent.made(t, "declarerUsage", "id", in)["id"]
	agent.denied(t, "INVALIDE", "corrigerUsage", saisie{"id": id, "revision": 1, "syndicat": a.organisation(t, sitpi)})
}
