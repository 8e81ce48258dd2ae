package graph_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

// publish completes a database with what only clients write, or is left out of a sample: contracts, known term or not, many
// of one day; the shares of a syndicat's saving; networks, and the events that they organise.
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
		`INSERT INTO reseau (cle, nom, nom_tri, genre, organisation_id, source_id) SELECT 'reseau-' || i, 'Réseau ' || i, 'reseau ' || i, CASE i WHEN 1 THEN 'FEDERATION' ELSE 'ASSOCIATION_REGIONALE' END,
			CASE i WHEN 2 THEN (SELECT min(id) FROM organisation WHERE genre = 'PRESTATAIRE') END, (SELECT min(id) FROM source) FROM generate_series(1, 40) i`,
		`INSERT INTO reseau_lien (reseau_id, federation_id, genre, source_id) SELECT r.id, f.id, 'MEMBRE', r.source_id FROM reseau r, reseau f WHERE f.cle = 'reseau-1' AND r.id <> f.id`,
		`INSERT INTO serie_rencontres (cle, nom, nom_tri, source_id) SELECT 'serie-' || i, 'Série ' || i, 'serie ' || i, (SELECT min(id) FROM source) FROM generate_series(1, 35) i`,
		`INSERT INTO rencontre (cle, declarant_id, serie_id, nom, commune_id, debut, precision_debut, annulee, source_id)
			SELECT gen_random_uuid(), CASE WHEN i % 4 = 0 THEN d.id END, CASE WHEN i % 3 > 0 THEN (SELECT id FROM serie_rencontres WHERE cle = 'serie-' || 1 + i % 2) END, 'Rencontre ' || i,
				CASE WHEN i % 5 > 0 THEN c.id END, DATE '2010-01-01' + i % 40 * 100, (ARRAY['JOUR', 'MOIS', 'ANNEE'])[1 + i % 3], i % 7 = 0, d.source_id
			FROM generate_series(1, 150) i, (SELECT id, source_id FROM organisation WHERE cle = '253800700') d, (SELECT id FROM organisation WHERE cle = '212A00040' OR code_insee = '2A004' LIMIT 1) c`,
		`UPDATE rencontre SET cadre_id = (SELECT min(id) FROM rencontre) WHERE id % 3 = 0 AND id > (SELECT min(id) FROM rencontre)`,
		`INSERT INTO rencontre_organisateur (rencontre_id, organisation_id, reseau_id, source_id)
			SELECT r.id, o.id, NULL, r.source_id FROM rencontre r, organisation o WHERE o.cle = '213801517' AND r.id % 2 = 0
			UNION ALL SELECT r.id, NULL, n.id, r.source_id FROM rencontre r, reseau n WHERE n.cle = 'reseau-2'`,
		`INSERT INTO rencontre_besoin (rencontre_id, categorie_id) SELECT r.id, c.id FROM rencontre r, categorie c WHERE c.code IN ('bureautique', 'telephonie') ON CONFLICT DO NOTHING`,
		`INSERT INTO intervention (cle, rencontre_id, titre, genre, jour, debut, rang, source_id)
			SELECT gen_random_uuid(), r.id, 'Intervention ' || i, (ARRAY['CONFERENCE', 'RETOUR_EXPERIENCE'])[1 + i % 2], CASE WHEN i % 4 > 0 THEN r.debut END,
				CASE WHEN i % 3 > 0 THEN to_char(8 + i % 9, 'FM00') || ':30' END, CASE WHEN i % 5 > 0 THEN i END, r.source_id
			FROM (SELECT * FROM rencontre ORDER BY id LIMIT 3) r, generate_series(1, 45) i`,
		`INSERT INTO intervention_organisation (intervention_id, organisation_id) SELECT i.id, o.id FROM intervention i, organisation o
			WHERE o.cle IN ('253800700', '213801517') OR o.id = (SELECT min(id) FROM organisation WHERE genre = 'PRESTATAIRE')`,
		`INSERT INTO intervention_logiciel (intervention_id, logiciel_id) SELECT i.id, l.id FROM intervention i, logiciel l WHERE l.slug = 'libreoffice'`,
		`INSERT INTO participation (rencontre_id, organisation_id, qualite, source_id)
			SELECT (SELECT min(id) FROM rencontre), o.id, 'VISITEUR', o.source_id FROM (SELECT id, source_id FROM organisation WHERE nature = 'COMMUNE' ORDER BY id LIMIT 50) o`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}
