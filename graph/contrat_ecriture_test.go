package graph_test

import (
	"fmt"
	"testing"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

const contratFields = `contrat { id organisation { siren } logiciel { slug } usage { id } prestataire { id } prestations debut fin reconductible
	montantAnnuel prixVisible horsTaxes visibilite visibilitePrix source { nom } revision } erreurs { code champ message }`

func TestABuyerDeclaresCorrectsAndWithdrawsItsContracts(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Contributeur, echirolles)
	provider := a.organisation(t, value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id LIMIT 1`))
	base := map[string]any{"organisation": a.organisation(t, echirolles), "logiciel": identifiant.Global("Logiciel", "libreoffice")}
	got := agent.done(t, "declarerContrat", contratFields, plus(base, map[string]any{"prestataire": provider, "debut": "2026-01-01", "fin": "2029-01-01",
		"prestations": []string{"SUPPORT", "FORMATION", "SUPPORT"}, "reconductible": true, "montantAnnuel": "1234.5"}))
	holds(t, got, map[string]any{"montantAnnuel": "1234.50", "prixVisible": true, "horsTaxes": true, "visibilite": "ORGANISMES_PUBLICS", "visibilitePrix": "ORGANISMES_PUBLICS",
		"fin": "2029-01-01", "reconductible": true, "prestations": "[FORMATION SUPPORT]", "revision": 1, "prestataire": map[string]any{"id": provider}})
	id := got["id"]
	got = agent.done(t, "corrigerContrat", contratFields, map[string]any{"id": id, "revision": 1, "prestations": nil, "prestataire": nil, "horsTaxes": false, "visibilitePrix": "PRIVE"})
	holds(t, got, map[string]any{"prestations": "[]", "prestataire": nil, "horsTaxes": false, "visibilitePrix": "PRIVE", "montantAnnuel": "1234.50", "fin": "2029-01-01", "revision": 2})
	p := agent.refused(t, "corrigerContrat", contratFields, map[string]any{"id": id, "revision": 1, "fin": nil}, "CONFLIT", "revision")
	holds(t, p["contrat"].(map[string]any), map[string]any{"revision": 2, "fin": "2029-01-01"})
	agent.refused(t, "retirerContrat", contratFields, map[string]any{"id": id, "revision": 1}, "CONFLIT", "revision")
	agent.refused(t, "retirerContrat", contratFields, map[string]any{"id": id, "motif": "  "}, "INVALIDE", "motif")
	p = agent.writes(t, "retirerContrat", contratFields, map[string]any{"id": id, "revision": 2, "motif": "saisi deux fois"})
	if p["contrat"] != nil || len(p["erreurs"].([]any)) > 0 {
		t.Error(p)
	}
	agent.refused(t, "retirerContrat", contratFields, map[string]any{"id": id}, "INTROUVABLE", "id")
	if n := value[int](t, a.pool, `SELECT count(*) FROM contrat_passe`); n != 2 {
		t.Errorf("%d former versions, want 2", n)
	}

	usage := func(qui, logiciel string) string {
		return a.as(t, droit.Gestionnaire, sitpi).done(t, "declarerUsage", "usage { id } erreurs { code message }",
			map[string]any{"utilisateur": a.organisation(t, qui), "logiciel": identifiant.Global("Logiciel", logiciel), "statut": "PRODUCTION"})["id"].(string)
	}
	covered := usage(echirolles, "libreoffice")
	if got := agent.done(t, "declarerContrat", contratFields, plus(base, map[string]any{"usage": covered})); at(t, got, "usage", "id") != covered {
		t.Error(got)
	}
	for _, bad := range []struct {
		more        map[string]any
		code, champ string
	}{
		{map[string]any{"debut": "2026-01-01", "fin": "2026-01-01"}, "INVALIDE", "fin"},
		{map[string]any{"montantAnnuel": "-1"}, "INVALIDE", "montantAnnuel"},
		{map[string]any{"montantAnnuel": "1000000000000.01"}, "INVALIDE", "montantAnnuel"},
		{map[string]any{"prestataire": a.organisation(t, echirolles)}, "INVALIDE", "prestataire"},
		{map[string]any{"usage": usage(echirolles, "thunderbird")}, "INVALIDE", "usage"},
		{map[string]any{"usage": usage(fontaine, "libreoffice")}, "INVALIDE", "usage"},
		{map[string]any{"organisation": provider}, "INVALIDE", "organisation"},
		{map[string]any{"organisation": a.organisation(t, sitpi)}, "INTERDIT", "organisation"},
		{map[string]any{"logiciel": identifiant.Global("Logiciel", "aucun")}, "INTROUVABLE", "logiciel"},
	} {
		agent.refused(t, "declarerContrat", contratFields, plus(base, bad.more), bad.code, bad.champ)
	}
}

func TestAContractIsReadAsItStood(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, echirolles)
	got := agent.done(t, "declarerContrat", contratFields, map[string]any{"organisation": a.organisation(t, echirolles),
		"logiciel": identifiant.Global("Logiciel", "libreoffice"), "visibilite": "PUBLIC", "montantAnnuel": "10", "fin": "2030-01-01"})
	if _, err := a.pool.Exec(t.Context(), `UPDATE contrat SET ecrit_le = now() - interval '1 hour'`); err != nil {
		t.Fatal(err)
	}
	revision := value[int](t, a.pool, `SELECT revision FROM contrat`)
	agent.done(t, "corrigerContrat", contratFields, map[string]any{"id": got["id"], "revision": revision, "montantAnnuel": "20", "fin": "2031-01-01"})
	former := value[string](t, a.pool, `SELECT to_char((now() - interval '30 minutes') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`)
	query := `query ($le: DateTime) { contrats(auDate: $le, filtre: {echeanceAvant: "2030-06-01"}) { totalCount nodes { montantAnnuel fin } } }`
	for le, want := range map[any]string{former: "map[contrats:map[nodes:[map[fin:2030-01-01 montantAnnuel:10.00]] totalCount:1]]", nil: "map[contrats:map[nodes:[] totalCount:0]]"} {
		if got := agent.must(t, query, map[string]any{"le": le}); fmt.Sprint(got.Data) != want {
			t.Errorf("at %v: %v, want %v", le, got.Data, want)
		}
	}
}
