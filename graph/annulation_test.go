package graph_test

import (
	"fmt"
	"testing"

	"github.com/mutualibre/mutualibre/domain/droit"
)

// undoes asks to undo one's own last operation, and gives the code of what forbids it, or "".
func (a *api) undoes(t testing.TB) string {
	t.Helper()
	faults := at(t, a.must(t, `mutation { annulerDerniereModification(input: {}) { erreurs { code } } }`, nil).Data, "annulerDerniereModification", "erreurs").([]any)
	if len(faults) == 0 {
		return ""
	}
	return at(t, faults[0], "code").(string)
}

func TestNothingIsUndoneForAMemberThatHasLeft(t *testing.T) {
	t.Parallel()
	a := real(t)
	held := a.identity(t, droit.Gestionnaire, sitpi)
	agent := &api{Handler: identified(a.Handler, held), store: a.store, pool: a.pool}
	id := declared(t, a, agent, map[string]any{"syndicat": nil})
	corrected(t, agent, id, 1, map[string]any{"postes": 310})
	held.Droits[0].Membres = nil // as the token is read once the member has left
	if code := agent.undoes(t); code != "INTERDIT" {
		t.Errorf("undoing for who has left: %q", code)
	}
	if n := value[int](t, a.pool, `SELECT postes FROM usage WHERE cle::text = $1`, cleOf(t, id)); n != 310 {
		t.Error("it was written all the same:", n)
	}
}

func TestUndoingADepartureDoesNotBindTheMemberAgain(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent, member := a.as(t, droit.Gestionnaire, sitpi), a.as(t, droit.Gestionnaire, arles)
	adhesion := agent.made(t, "declarerAdhesion", "id", saisie{"groupement": a.organisation(t, sitpi), "membre": a.organisation(t, arles), "debut": "2024-01-01"})
	member.made(t, "confirmerAdhesion", "id", saisie{"id": adhesion["id"]})
	agent.made(t, "quitterGroupement", "id", saisie{"id": adhesion["id"]})
	if code := agent.undoes(t); code != "" {
		t.Fatal(code)
	}
	if value[bool](t, a.pool, `SELECT confirmee FROM adhesion WHERE cle::text = $1`, cleOf(t, adhesion["id"].(string))) {
		t.Error("the groupement brought back who had left, without its word")
	}
	again := member.made(t, "confirmerAdhesion", "id", saisie{"id": adhesion["id"]})
	member.made(t, "quitterGroupement", "id", saisie{"id": again["id"]})
	if code := member.undoes(t); code != "" || !value[bool](t, a.pool, `SELECT confirmee AND fin IS NULL FROM adhesion WHERE cle::text = $1`, cleOf(t, again["id"].(string))) {
		t.Error("the member goes back on its own word alone:", code)
	}
}

func TestUndoingRemovesNothingThatOthersAttached(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent, other := a.as(t, droit.Gestionnaire, sitpi), a.as(t, droit.Contributeur, sitpi)
	catalogue := agent.made(t, "creerCatalogue", "id", saisie{"syndicat": a.organisation(t, sitpi), "nom": "Essais"})
	entree := other.made(t, "creerEntree", "id", saisie{"catalogue": catalogue["id"], "logiciel": logiciel("gimp")})
	if code := agent.undoes(t); code != "CONFLIT" {
		t.Errorf("a catalogue that others filled is undone: %q", code)
	}
	if value[int](t, a.pool, `SELECT count(*) FROM entree_catalogue WHERE cle::text = $1`, cleOf(t, entree["id"].(string))) != 1 {
		t.Error("the entry of another went with the catalogue")
	}
	software := at(t, done(t, other.creerLogiciel(t, saisie{"nom": "Registre des essais", "licence": "MIT"})), "logiciel", "id")
	agent.made(t, "ajouterIdentifiant", "id", saisie{"logiciel": software, "source": "SILL", "valeur": "98765"})
	if code := other.undoes(t); code != "CONFLIT" || value[int](t, a.pool, `SELECT count(*) FROM identifiant WHERE valeur = '98765'`) != 1 {
		t.Errorf("the identifier that another gave went with the software: %q", code)
	}
}

func TestUndoingDoesNotBringBackWhatSpokeOfAMergedSoftware(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	for _, removed := range []bool{true, false} {
		double := at(t, done(t, agent.creerLogiciel(t, saisie{"nom": fmt.Sprint("Doublon ", removed), "licence": "MIT"})), "logiciel", "id")
		eco := agent.done(t, "declarerEconomie", "economie { id revision } erreurs { code champ message }",
			saisie{"beneficiaire": a.organisation(t, sitpi), "logiciel": double, "nature": "LICENCES", "statut": "ANNONCEE", "brut": "100"})
		if removed {
			agent.done(t, "retirerEconomie", economieFields, saisie{"id": eco["id"]})
		} else {
			agent.done(t, "corrigerEconomie", economieFields, saisie{"id": eco["id"], "revision": 1, "logiciel": logiciel("gimp")})
		}
		a.as(t, droit.Moderateur, "").done(t, "fusionnerLogiciels", "logiciel { id } erreurs { code champ message }", saisie{"garde": logiciel("gimp"), "fusionne": double})
		if code := agent.undoes(t); code != "CONFLIT" {
			t.Errorf("removed %v: %q", removed, code)
		}
	}
}

func TestUndoingKeepsSharesWithinTheWhole(t *testing.T) {
	t.Parallel()
	a := real(t)
	whole := a.as(t, droit.Gestionnaire, sitpi)
	one, other := a.as(t, droit.Gestionnaire, echirolles), a.as(t, droit.Gestionnaire, fontaine)
	eco := func(who *api, cle, brut string, more saisie) map[string]any {
		return who.done(t, "declarerEconomie", "economie { id revision } erreurs { code champ message }",
			with(saisie{"beneficiaire": a.organisation(t, cle), "nature": "LICENCES", "statut": "ANNONCEE", "brut": brut}, more))
	}
	const fields = "economie { id } erreurs { code champ message }"
	all := eco(whole, sitpi, "100", nil)
	share := eco(one, echirolles, "100", saisie{"partDe": all["id"]})
	one.done(t, "corrigerEconomie", fields, saisie{"id": share["id"], "revision": 1, "brut": "10"})
	eco(other, fontaine, "90", saisie{"partDe": all["id"]})
	if code := one.undoes(t); code != "CONFLIT" {
		t.Errorf("shares exceed the whole: %q", code)
	}
	one.done(t, "corrigerEconomie", fields, saisie{"id": share["id"], "revision": 2, "brut": "5"})
	if code := one.undoes(t); code != "" {
		t.Errorf("what stays within the whole is not undone: %q", code)
	}
	// Detached, then the whole of another: it does not become a share that is shared.
	lone := eco(whole, sitpi, "50", nil)
	part := eco(one, echirolles, "40", saisie{"partDe": lone["id"]})
	whole.done(t, "corrigerEconomie", fields, saisie{"id": lone["id"], "revision": 1, "brut": "200"})
	one.done(t, "corrigerEconomie", fields, saisie{"id": part["id"], "revision": 1, "brut": "150"})
	if code := whole.undoes(t); code != "CONFLIT" {
		t.Errorf("the whole is less than its shares: %q", code)
	}
}
