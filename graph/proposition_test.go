package graph_test

import (
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

func TestAProposedUsageIsOneOnceItsCustomerAccepts(t *testing.T) {
	t.Parallel()
	a := real(t)
	cle := value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id LIMIT 1`)
	supplier := a.as(t, droit.Fournisseur, cle)
	customer := a.as(t, droit.Contributeur, echirolles)
	users := func() any {
		return at(t, a.must(t, `{ logiciel(slug: "libreoffice") { nombreUtilisateurs usages { totalCount } } }`, nil).Data, "logiciel")
	}
	propose := func(who *api, fields map[string]any) any {
		input := map[string]any{"prestataire": a.organisation(t, cle), "utilisateur": a.organisation(t, echirolles),
			"logiciel": identifiant.Global("Logiciel", "libreoffice"), "statut": "PRODUCTION", "support": "PRESTATAIRE", "message": "Migré en 2020."}
		for k, v := range fields {
			input[k] = v
		}
		return at(t, who.must(t, `mutation ($i: ProposerUsageInput!) { proposerUsage(input: $i) { proposition { id etat message usage { id } } erreurs { code champ } } }`,
			map[string]any{"i": input}).Data, "proposerUsage")
	}
	before := users()
	made := propose(supplier, nil)
	id := at(t, made, "proposition", "id")
	if at(t, made, "proposition", "etat") != "EN_ATTENTE" || at(t, users(), "usages", "totalCount") != at(t, before, "usages", "totalCount") {
		t.Fatal("a proposal is counted, or is not made:", made)
	}
	if again := propose(supplier, nil); at(t, again, "erreurs", 0, "code") != "DUPLIQUE" || at(t, again, "proposition", "id") != id {
		t.Error("proposed twice:", again)
	}
	if refused := propose(customer, nil); at(t, refused, "erreurs", 0, "code") != "INTERDIT" {
		t.Error("a customer proposes in the name of a prestataire:", refused)
	}
	// Who reads it: both sides, the syndicat that manages for the customer, a moderator; nobody else.
	for _, c := range []struct {
		reader *api
		name   string
		reads  bool
	}{{a, "anyone", false}, {supplier, "prestataire", true}, {customer, "customer", true}, {a.as(t, droit.Gestionnaire, sitpi), "its syndicat", true},
		{a.as(t, droit.Gestionnaire, "254003304"), "another syndicat", false}, {a.as(t, droit.Moderateur, ""), "moderator", true}} {
		got := c.reader.must(t, `query ($id: ID!) { node(id: $id) { id } propositions { totalCount } }`, map[string]any{"id": id}).Data
		if (at(t, got, "node") != nil) != c.reads || (at(t, got, "propositions", "totalCount") == 1.0) != c.reads {
			t.Errorf("%s: %v, reads must be %v", c.name, got, c.reads)
		}
	}
	answer := func(who *api, name string) any {
		return at(t, who.must(t, `mutation ($id: ID!) { r: `+name+`(input: {id: $id}) { proposition { etat usage { confirmeLe support source { nom } } } erreurs { code } } }`,
			map[string]any{"id": id}).Data, "r")
	}
	if got := answer(supplier, "accepterProposition"); at(t, got, "erreurs", 0, "code") != "INTERDIT" {
		t.Error("a prestataire accepts for its customer:", got)
	}
	if got := answer(a.as(t, droit.Gestionnaire, "254003304"), "refuserProposition"); at(t, got, "erreurs", 0, "code") != "INTROUVABLE" {
		t.Error("a stranger learns that it exists:", got)
	}
	got := answer(customer, "accepterProposition")
	if at(t, got, "proposition", "etat") != "ACCEPTEE" || at(t, got, "proposition", "usage", "confirmeLe") == nil {
		t.Fatal(got)
	}
	if after := users(); at(t, after, "nombreUtilisateurs").(float64) != at(t, before, "nombreUtilisateurs").(float64)+1 {
		t.Error(before, after)
	}
	if got := answer(customer, "refuserProposition"); at(t, got, "erreurs", 0, "code") != "CONFLIT" {
		t.Error("answered twice:", got)
	}
	id = at(t, propose(supplier, map[string]any{"logiciel": identifiant.Global("Logiciel", "s2low")}), "proposition", "id")
	if got := answer(customer, "refuserProposition"); at(t, got, "proposition", "etat") != "REFUSEE" || at(t, got, "proposition", "usage") != nil {
		t.Error(got)
	}
}

// Two proposals of one thing at once: the second finds the place taken by a transaction that it could not see.
func TestAWriteThatLosesToAnotherIsAFaultThatItsCallerCanMend(t *testing.T) {
	t.Parallel()
	a := real(t)
	cle := value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id LIMIT 1`)
	supplier := a.as(t, droit.Fournisseur, cle)
	tx, err := a.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), `INSERT INTO proposition (cle, prestataire_id, utilisateur_id, logiciel_id, statut)
		SELECT gen_random_uuid(), p.id, o.id, l.id, 'PRODUCTION' FROM organisation p, organisation o, logiciel l WHERE p.cle = $1 AND o.cle = $2 AND l.slug = 'vlc'`, cle, echirolles); err != nil {
		t.Fatal(err)
	}
	answered := make(chan answer)
	go func() {
		answered <- supplier.ask(t, `mutation ($i: ProposerUsageInput!) { proposerUsage(input: $i) { erreurs { code message } } }`, map[string]any{"i": map[string]any{
			"prestataire": a.organisation(t, cle), "utilisateur": a.organisation(t, echirolles), "logiciel": identifiant.Global("Logiciel", "vlc"), "statut": "PRODUCTION"}})
	}()
	for value[int](t, a.pool, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 0 {
		select {
		case got := <-answered:
			t.Fatal("it does not wait for the other:", got)
		case <-time.After(10 * time.Millisecond):
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := <-answered; len(got.Errors) > 0 || at(t, got.Data, "proposerUsage", "erreurs", 0, "code") != "CONFLIT" {
		t.Error(got)
	}
}
