package main

import (
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/db/dbtest"
)

func TestComptesPrintsEachDifferenceAndMendsThem(t *testing.T) {
	url := dbtest.URL(t)
	pool := dbtest.Open(t, url)
	if _, err := pool.Exec(t.Context(), `INSERT INTO source (id, cle, nom, importe_le) VALUES (1, 'a', 'a', now());
		INSERT INTO organisation (id, cle, genre, nom, nom_tri, nature, population, departement, region, source_id) VALUES (1, 'c', 'COLLECTIVITE', 'c', 'c', 'COMMUNE', 10, '13', '93', 1);
		INSERT INTO logiciel (id, slug, nom, nom_tri, libre, ajoute_le, source_id) VALUES (1, 'l', 'l', 'l', true, '2020-01-01', 1);
		INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, constate_le, source_id) VALUES (gen_random_uuid(), 1, '13', 1, true, 'PRODUCTION', 'DIRECT', '2020-05-01', 1)`); err != nil {
		t.Fatal(err)
	}
	run := func(want int, options ...string) string {
		t.Helper()
		status, stdout, stderr := launch(t, environnement{"DATABASE_URL": url}, append([]string{"comptes"}, options...)...)
		if status != want {
			t.Fatalf("status %d: %s%s", status, stdout, stderr)
		}
		return stdout
	}
	if out := run(statutFait); out != "Aucune différence.\n" {
		t.Error(out)
	}
	if _, err := pool.Exec(t.Context(), `UPDATE presence SET fin = '2021-01-01' WHERE sujet = 1; UPDATE adoption SET usages[32] = 5 WHERE sujet = 0; UPDATE logiciel SET nb_utilisateurs = 7; DELETE FROM citation_mois WHERE sujet = 1`); err != nil {
		t.Fatal(err)
	}
	// The period, twice (the one kept, the one missing); one element of one array; one count; one citation.
	out := run(statutEchec)
	for _, line := range []string{"presence, 1 1 2020-05-01 2021-01-01 : tenu 1, vrai 0", "presence, 1 1 2020-05-01 : tenu 0, vrai 1", "usages 32 : tenu 5, vrai 1",
		"logiciel, 1 : tenu 7, vrai 1", "citation_mois, 1 2 1 2020-05-01 usages : tenu 0, vrai 1", "Différences : "} {
		if !strings.Contains(out, line) {
			t.Errorf("%q is not in:\n%s", line, out)
		}
	}
	if out := run(statutFait, "--refaire"); !strings.Contains(out, "comptes refaits.") {
		t.Error(out)
	}
	if out := run(statutFait); out != "Aucune différence.\n" {
		t.Error(out)
	}
}
