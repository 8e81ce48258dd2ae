package graph_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/graph"
)

const simule = `query($i: SimulerEconomiesInput!) { simulerEconomies(input: $i) {
	erreurs { code champ message }
	simulation {
		bas { brut net netAuPlus } central { brut net hypotheses { nom valeur origine source { synthetique } } } haut { brut net }
		casObserves { comparabilite nombre ecartes parStatut { statut } cas { postes economie { beneficiaire { nom } source { synthetique } } } }
		mutualisation { nombreMembres membres { central { part coutSeul gain } } }
		lacunes { champs } remarques
	}
} }`

func (a *api) simulate(t testing.TB, in saisie) answer {
	t.Helper()
	return a.must(t, simule, map[string]any{"i": in})
}

// What an organisation keeps for itself enters no simulation, whoever asks: neither a private saving, nor the seats of a
// private usage.
func TestASimulationRestsOnWhatIsPublicForEveryReader(t *testing.T) {
	t.Parallel()
	a := real(t)
	in := saisie{"collectivite": a.organisation(t, "211300041"), "postes": 500, "vers": identifiant.Global("Logiciel", "libreoffice"), "hebergement": "0", "contratSupport": "0"}
	before := a.simulate(t, in)
	a.commit(t, `INSERT INTO economie (cle, beneficiaire_id, logiciel_id, nature, statut, licences_economisees, brut_centimes, horizon_annees, source_id, visibilite)
		SELECT gen_random_uuid(), o.id, l.id, 'LICENCES', 'VERIFIEE', 10, 100000, 1, l.source_id, 'PRIVE' FROM organisation o, logiciel l WHERE o.cle = '211300041' AND l.slug = 'libreoffice'`)
	for nom, reader := range map[string]*api{"anyone": a, "its owner": a.as(t, droit.Gestionnaire, "211300041"), "a moderator": a.as(t, droit.Moderateur, "")} {
		if got := reader.simulate(t, in); !reflect.DeepEqual(got.Data, before.Data) {
			t.Errorf("%s reads %v, before: %v", nom, got.Data, before.Data)
		}
	}
	// The syndicat is compared with all, Nantes Métropole among them, whose seats are those of a usage.
	a.commit(t, `UPDATE usage SET visibilite = 'PRIVE' WHERE postes = 5000`)
	in["collectivite"] = a.organisation(t, sitpi)
	for nom, reader := range map[string]*api{"anyone": a, "a moderator": a.as(t, droit.Moderateur, "")} {
		cas := at(t, reader.simulate(t, in).Data, "simulerEconomies", "simulation", "casObserves")
		if at(t, cas, "nombre") != 1.0 || at(t, cas, "ecartes") != 1.0 {
			t.Errorf("%s counts %v", nom, cas)
		}
	}
}

func TestATestSetServesOnlyWhereNothingElseIsKnownAndTheAnswerSaysSo(t *testing.T) {
	t.Parallel()
	a := sampled(t)
	remarque := func(got answer) bool {
		return strings.Contains(fmt.Sprint(at(t, got.Data, "simulerEconomies", "simulation", "remarques")), "jeu d'essai")
	}
	in := saisie{"collectivite": a.organisation(t, "211300041"), "postes": 500, "vers": identifiant.Global("Logiciel", "libreoffice")}
	got := a.simulate(t, in)
	for _, c := range at(t, got.Data, "simulerEconomies", "simulation", "casObserves", "cas").([]any) {
		if at(t, c, "economie", "source", "synthetique") != false {
			t.Errorf("a case of the test set stands beside real ones: %v", c)
		}
	}
	if remarque(got) {
		t.Error("real cases are said to be a test set")
	}
	in["vers"] = identifiant.Global("Logiciel", value[string](t, a.pool, `SELECT l.slug FROM economie s JOIN logiciel l ON l.id = s.logiciel_id AND l.libre
		WHERE s.statut = 'CONSTATEE' AND s.nature = 'LICENCES' AND s.visibilite = 'PUBLIC' AND s.licences_economisees > 0 AND s.part_de_id IS NULL
			AND NOT EXISTS (SELECT FROM economie e JOIN source so ON so.id = e.source_id WHERE e.logiciel_id = l.id AND NOT so.synthetique)
		ORDER BY l.slug LIMIT 1`))
	got = a.simulate(t, in)
	cas := at(t, got.Data, "simulerEconomies", "simulation", "casObserves", "cas").([]any)
	if len(cas) == 0 || at(t, cas[0], "economie", "source", "synthetique") != true || !remarque(got) {
		t.Errorf("a test set not said to be one: %v", got.Data)
	}
}

func TestASimulationIsSharedAmongAThousandMembersAtMost(t *testing.T) {
	t.Parallel()
	a := real(t)
	rows, err := a.pool.Query(t.Context(), `SELECT cle FROM organisation WHERE nature = 'COMMUNE' AND population > 0 ORDER BY id LIMIT 1001`)
	if err != nil {
		t.Fatal(err)
	}
	var membres []any
	for rows.Next() {
		var cle string
		if err := rows.Scan(&cle); err != nil {
			t.Fatal(err)
		}
		membres = append(membres, saisie{"collectivite": identifiant.Global("Collectivite", cle)})
	}
	in := saisie{"collectivite": a.organisation(t, sitpi), "postes": 20_000, "vers": identifiant.Global("Logiciel", "libreoffice"), "syndicat": a.organisation(t, sitpi),
		"hebergement": "1234.56", "contratSupport": "0", "migration": "7", "repartition": saisie{"membres": membres}}
	refused := a.simulate(t, in)
	if faults := at(t, refused.Data, "simulerEconomies", "erreurs").([]any); len(faults) != 1 || !reflect.DeepEqual(at(t, faults[0], "champ"), []any{"repartition", "membres"}) {
		t.Errorf("1001 members: %v", faults)
	}
	in["repartition"] = saisie{"membres": membres[:1000]}
	got := a.simulate(t, in)
	if got.statements > 8 {
		t.Errorf("%d statements for a thousand members", got.statements)
	}
	shared := at(t, got.Data, "simulerEconomies", "simulation", "mutualisation", "membres").([]any)
	total := 0
	for _, m := range shared {
		var euros, cents int
		if _, err := fmt.Sscanf(at(t, m, "central", "part").(string), "%d.%d", &euros, &cents); err != nil {
			t.Fatal(err)
		}
		total += 100*euros + cents
	}
	if len(shared) != 1000 || total != 5*123_456+700 {
		t.Errorf("%d members pay %d cents, want %d", len(shared), total, 5*123_456+700)
	}
}

// Whatever is written in any field, the answer says what to mend, in French, with a code.
func TestNoValueOfAnyFieldOfASimulationIsAFaultOfOurs(t *testing.T) {
	t.Parallel()
	a := real(t)
	whole := saisie{"collectivite": a.organisation(t, echirolles), "postes": 30, "vers": identifiant.Global("Logiciel", "s2low"), "prixUnitaire": "90", "modePrix": "PAR_AN",
		"etp": "0.5", "coutEtp": "50000", "syndicat": a.organisation(t, "org-cdg-38"),
		"repartition": saisie{"membres": []any{saisie{"collectivite": a.organisation(t, echirolles), "postes": 30, "poids": 1, "coutSeul": "10"}}}}
	schema := graph.Schema(nil).Schema()
	check := func(in map[string]any, cas string) {
		got := a.ask(t, simule, map[string]any{"i": in})
		for _, e := range got.Errors {
			if code, _ := e.Extensions["code"].(string); code == "" || code == "INTERNE" || e.Message == "" || deLaBase.MatchString(e.Message) {
				t.Errorf("%s: %s %s", cas, code, e.Message)
			}
		}
		if len(got.Errors) == 0 {
			faults := at(t, got.Data, "simulerEconomies", "erreurs").([]any)
			for _, f := range faults {
				if msg, _ := at(t, f, "message").(string); msg == "" || deLaBase.MatchString(msg) {
					t.Errorf("%s: %v", cas, f)
				}
			}
			if (at(t, got.Data, "simulerEconomies", "simulation") == nil) != (len(faults) > 0) {
				t.Errorf("%s: neither an answer nor a fault, or both", cas)
			}
		}
	}
	for _, v := range absurdes() {
		for _, f := range schema.Types["SimulerEconomiesInput"].Fields {
			check(gives(whole, []string{f.Name}, v), fmt.Sprintf("%s = %.60v", f.Name, v))
		}
		for _, f := range schema.Types["MembreRepartitionInput"].Fields {
			membre := gives(whole["repartition"].(saisie)["membres"].([]any)[0].(saisie), []string{f.Name}, v)
			check(gives(whole, []string{"repartition", "membres"}, []any{membre}), fmt.Sprintf("membres.%s = %.60v", f.Name, v))
		}
	}
}
