package graph_test

import (
	"fmt"
	"testing"
)

// The page that dashboards ask for all day long.
const dashboard = `{
	logiciels(first: %d, tri: POPULARITE) {
		totalCount
		nodes {
			nom libre licence nombreUtilisateurs
			categories { nom }
			identifiants { source valeur }
			usages(first: 10) {
				nodes {
					statut debut
					utilisateur {
						nom siren
						... on Collectivite { population departement { nom } syndicats(first: 3) { nodes { nom } } }
					}
				}
			}
		}
	}
}`

func TestTheNumberOfStatementsDependsOnTheShapeOfTheQueryOnly(t *testing.T) {
	t.Parallel()
	a := sampled(t)
	one := a.must(t, fmt.Sprintf(dashboard, 1), nil)
	hundred := a.must(t, fmt.Sprintf(dashboard, 100), nil)
	if one.statements > 10 || hundred.statements != one.statements {
		t.Errorf("%d statements for 1 logiciel, %d for 100: at most 10, and the same", one.statements, hundred.statements)
	}
	if n := len(at(t, hundred.Data, "logiciels", "nodes").([]any)); n != 100 {
		t.Errorf("%d logiciels in the page of 100", n)
	}
	if n := len(at(t, hundred.Data, "logiciels", "nodes", 0, "usages", "nodes").([]any)); n != 10 {
		t.Errorf("%d usages under the most popular logiciel", n)
	}
}

// Aliases with other arguments are other lists; the same field twice is read once.
func TestAliasesWithOtherArgumentsDoNotMix(t *testing.T) {
	t.Parallel()
	a := sampled(t)
	got := a.must(t, `{ logiciels(first: 3, tri: POPULARITE) { nodes {
		libres: usages(first: 2, filtre: {libre: true}) { nodes { logiciel { libre } } totalCount }
		directs: usages(first: 5, filtre: {modalites: [DIRECT]}) { nodes { modalite } }
		mutualises: usages(first: 5, filtre: {modalites: [VIA_SYNDICAT]}) { nodes { modalite } }
		rien: usages(filtre: {statuts: []}) { totalCount nodes { id } }
	} } }`, nil)
	for i := range 3 {
		node := at(t, got.Data, "logiciels", "nodes", i)
		for alias, want := range map[string]string{"directs": "DIRECT", "mutualises": "VIA_SYNDICAT"} {
			for _, u := range at(t, node, alias, "nodes").([]any) {
				if m := at(t, u, "modalite"); m != want {
					t.Errorf("%s holds a usage %v", alias, m)
				}
			}
		}
		if n := at(t, node, "rien", "totalCount"); n != 0.0 {
			t.Errorf("an empty list of statuts matches %v usages", n)
		}
	}
}
