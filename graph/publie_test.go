package graph_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

// publish completes a database with what only clients write: contracts, known term or not, many of one day; and the
// shares of a syndicat's saving.
func publish(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	for _, sql := range []string{
		`INSERT INTO contrat (cle, organisation_id, logiciel_id, usage_id, prestataire_id, prestations, debut, fin, montant_annuel_centimes, visibilite, source_id)
			SELECT gen_random_uuid(), o.id, l.id, CASE WHEN i % 3 = 0 THEN (SELECT min(u.id) FROM usage u WHERE u.utilisateur_id = o.id) END,
				CASE WHEN i % 2 = 0 THEN (SELECT min(p.id) FROM organisation p WHERE p.genre = 'PRESTATAIRE') END, '{SUPPORT,HEBERGEMENT}',
				DATE '2020-01-01' + i, CASE WHEN i % 5 > 0 THEN DATE '2026-01-01' + i % 7 * 31 END, i * 100, 'PUBLIC', o.source_id
			FROM organisation o, (SELECT id FROM logiciel WHERE slug IN ('libreoffice', 'thunderbird', 'vlc')) l, generate_series(1, 40) i
			WHERE o.cle IN ('253800700', '254003304', '213801517', '213801699', '211300041')`,
		`INSERT INTO contrat (cle, organisation_id, logiciel_id, fin, visibilite, source_id)
			SELECT gen_random_uuid(), o.id, l.id, CASE WHEN l.n % 3 > 0 THEN DATE '2026-01-01' + l.n::integer END, (ARRAY['PUBLIC', 'PUBLIC', 'PRIVE'])[o.n % 3 + 1], o.source_id
			FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM logiciel) l
			JOIN (SELECT id, source_id, row_number() OVER (ORDER BY id) AS n FROM organisation
				WHERE genre IN ('COLLECTIVITE', 'SYNDICAT') AND (id % 97 = 0 OR id IN (SELECT syndicat_id FROM usage))) o ON o.n % 50 = l.n % 50`,
		`INSERT INTO economie (cle, beneficiaire_id, nature, statut, brut_centimes, source_id)
			SELECT gen_random_uuid(), o.id, 'MUTUALISATION', (ARRAY['ANNONCEE', 'CONSTATEE'])[i % 2 + 1], 100000, o.source_id
			FROM organisation o, generate_series(1, 110) i WHERE o.cle = '253800700'`,
		`INSERT INTO economie (cle, beneficiaire_id, nature, statut, brut_centimes, part_de_id, source_id)
			SELECT gen_random_uuid(), o.id, 'MUTUALISATION', 'CONSTATEE', 100, (SELECT min(e.id) FROM economie e JOIN organisation b ON b.id = e.beneficiaire_id WHERE b.cle = '253800700'), o.source_id
			FROM organisation o, generate_series(1, 60) i WHERE o.cle IN ('213801517', '213801699')`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}
