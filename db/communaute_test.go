package db_test

import (
	"fmt"
	"testing"

	"github.com/mutualibre/mutualibre/db/dbtest"
)

// What is kept of a community is counted whole by some, and moved by others.
func TestWhoEvaluatesAndWhoUsesASoftwareSeeEachOther(t *testing.T) {
	pool := dbtest.New(t)
	if _, err := pool.Exec(t.Context(), organisationsEssai+`; UPDATE organisation SET population = 100 * id`); err != nil {
		t.Fatal(err)
	}
	usage := func(organisation int) string {
		return fmt.Sprintf(`INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, debut, constate_le, source_id)
			SELECT gen_random_uuid(), id, departement, 1, true, 'PRODUCTION', 'DIRECT', '2015-03-01', '2024-01-01', 1 FROM organisation WHERE id = %d`, organisation)
	}
	evaluation := func(jour int) string {
		return fmt.Sprintf(`INSERT INTO evaluation_communaute (cle, logiciel_id, le, empreinte, bareme, entrees, composantes, raison_etat, raison_sans_sante, couverture, source_id)
			VALUES (gen_random_uuid(), 1, DATE '2026-01-01' + %d, repeat('a', 64), '1', '[]', '[]', 'inconnu', 'inconnue', 0, 1)`, jour)
	}
	for _, c := range []struct{ name, first, second string }{
		{"a usage comes, then the first evaluation", usage(1), evaluation(1)},
		{"an evaluation comes, then a usage", evaluation(2), usage(2)},
		{"a usage comes, then an evaluation", usage(3), evaluation(3)},
		{"a usage goes, then an evaluation comes", `DELETE FROM usage WHERE utilisateur_id = 3`, evaluation(4)},
		{"populations change, then an evaluation comes", `UPDATE organisation SET population = CASE WHEN id = 1 THEN NULL ELSE population + 7 END`, evaluation(5)},
		{"an evaluation comes, then populations change", evaluation(6), `UPDATE organisation SET population = 1000 + id`},
	} {
		attendre(t, pool, c.name, c.first, c.second)
	}
}
