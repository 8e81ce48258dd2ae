package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// usageCompte tells the usages that the kept counts of users count: public, and in progress.
const usageCompte = `visibilite = 'PUBLIC' AND fin IS NULL AND statut IN ('PRODUCTION', 'EXPERIMENTATION')`

// The counts kept beside usage, each with what usage itself says. Only the differences come out: tenu is the kept
// value, vrai the counted one, either null where the row is missing. A kept row at 0 that nothing counts is no
// difference: the triggers leave such rows behind a removal.
const (
	ecartsUsageCompte = `
		SELECT logiciel_id, departement, statut, modalite, libre, visibilite, c.nb AS tenu, v.nb AS vrai
		FROM (SELECT logiciel_id, departement, statut, modalite, libre, visibilite, count(*)::integer AS nb
		      FROM usage GROUP BY 1, 2, 3, 4, 5, 6) v
		FULL JOIN usage_compte c USING (logiciel_id, departement, statut, modalite, libre, visibilite)
		WHERE coalesce(c.nb, 0) <> coalesce(v.nb, 0)`

	ecartsLogicielUtilisateur = `
		SELECT logiciel_id, organisation_id, v.departement, c.nb AS tenu, v.nb AS vrai
		FROM (SELECT logiciel_id, utilisateur_id AS organisation_id, departement, count(*)::integer AS nb
		      FROM usage WHERE ` + usageCompte + `
		      GROUP BY 1, 2, 3) v
		FULL JOIN logiciel_utilisateur c USING (logiciel_id, organisation_id)
		WHERE coalesce(c.nb, 0) <> coalesce(v.nb, 0) OR c.departement <> v.departement`

	ecartsLogiciel = `
		SELECT l.id, l.nb_utilisateurs AS tenu, coalesce(v.nb, 0) AS vrai
		FROM logiciel l
		LEFT JOIN (SELECT logiciel_id, count(*)::integer AS nb FROM logiciel_utilisateur WHERE nb > 0 GROUP BY 1) v
		  ON v.logiciel_id = l.id
		WHERE l.nb_utilisateurs <> coalesce(v.nb, 0)`

	ecartsOrganisation = `
		SELECT o.id, m.mesure, m.tenu, m.vrai
		FROM organisation o
		LEFT JOIN (SELECT utilisateur_id, count(*)::integer AS nb, count(*) FILTER (WHERE libre)::integer AS libres
		      FROM usage WHERE ` + usageCompte + ` GROUP BY 1) v
		  ON v.utilisateur_id = o.id
		CROSS JOIN LATERAL (VALUES ('usages', o.nb_usages, coalesce(v.nb, 0)), ('libres', o.nb_usages_libres, coalesce(v.libres, 0))) m (mesure, tenu, vrai)
		WHERE m.tenu <> m.vrai`

	ecartsCommunaute = `
		SELECT c.logiciel_id, m.mesure, m.tenu, m.vrai
		FROM communaute c
		LEFT JOIN LATERAL (SELECT id FROM evaluation_communaute e WHERE e.logiciel_id = c.logiciel_id ORDER BY le DESC, id DESC LIMIT 1) e ON true
		CROSS JOIN LATERAL (SELECT count(*) AS collectivites, coalesce(sum(o.population), 0) AS population FROM logiciel_utilisateur u
			JOIN organisation o ON o.id = u.organisation_id WHERE u.logiciel_id = c.logiciel_id AND u.nb > 0 AND o.genre = 'COLLECTIVITE') v
		CROSS JOIN LATERAL (VALUES ('évaluation', c.evaluation_id, e.id), ('collectivités', c.collectivites, v.collectivites), ('population', c.population, v.population)) m (mesure, tenu, vrai)
		WHERE m.tenu IS DISTINCT FROM m.vrai`

	ecartsEconomieComptee = `
		SELECT concat_ws(' ', economie_id, niveau, code, statut) AS cle, sum(t)::integer AS tenu, sum(v)::integer AS vrai
		FROM (SELECT 1 AS t, 0 AS v, economie_id, niveau, code, statut, nature, logiciel_id, source_id, depuis, jusqua, brut, net, licences FROM economie_comptee
		      UNION ALL SELECT 0, 1, * FROM economie_attendue(ARRAY(SELECT id FROM economie))) x
		GROUP BY economie_id, niveau, code, statut, nature, logiciel_id, source_id, depuis, jusqua, brut, net, licences
		HAVING sum(t) <> sum(v)`

	ecartsEconomieCompte = `
		SELECT concat_ws(' ', axe, niveau, code, cle, statut, annee, retrait, m.mesure) AS cle, m.tenu, m.vrai
		FROM (SELECT a.axe, niveau, code, a.cle, statut, annee, retrait, count(*) AS nombre, sum(brut) AS brut, count(brut) AS brut_dits,
		             sum(net) AS net, count(net) AS net_dits, sum(licences) AS licences, count(licences) AS licences_dits
		      FROM economie_comptee
		      CROSS JOIN LATERAL (VALUES ('TOUT', ''), ('LOGICIEL', logiciel_id::text), ('NATURE', nature), ('SOURCE', source_id::text)) a (axe, cle)
		      GROUP BY 1, 2, 3, 4, 5, 6, 7) v
		FULL JOIN economie_compte c USING (axe, niveau, code, cle, statut, annee, retrait)
		CROSS JOIN LATERAL (VALUES ('nombre', c.nombre, v.nombre), ('brut', c.brut, v.brut), ('brut_dits', c.brut_dits, v.brut_dits), ('net', c.net, v.net),
			('net_dits', c.net_dits, v.net_dits), ('licences', c.licences, v.licences), ('licences_dits', c.licences_dits, v.licences_dits)) m (mesure, tenu, vrai)
		WHERE coalesce(m.tenu, 0) <> coalesce(m.vrai, 0)`
)

// RecountUsages rebuilds every count kept by the triggers of usage from the rows of usage, inside tx: usage_compte,
// logiciel_utilisateur, logiciel.nb_utilisateurs, organisation.nb_usages and nb_usages_libres, of which only the rows that differ are
// written; and what the observatory reads (presence, adoption and the like), whole. Writers of usage wait until tx ends,
// and so do the readers of the observatory. It is for a bulk load that has put the triggers aside (see
// [WriteUsagesInBulk]); any other write keeps the counts by itself.
func RecountUsages(ctx context.Context, tx pgx.Tx) error {
	for _, sql := range []string{
		`LOCK TABLE usage IN SHARE ROW EXCLUSIVE MODE`,
		`WITH ecart AS MATERIALIZED (` + ecartsUsageCompte + `), retire AS (
			DELETE FROM usage_compte c USING ecart e
			WHERE e.vrai IS NULL AND (c.logiciel_id, c.departement, c.statut, c.modalite, c.libre, c.visibilite)
			                       = (e.logiciel_id, e.departement, e.statut, e.modalite, e.libre, e.visibilite))
		INSERT INTO usage_compte (logiciel_id, departement, statut, modalite, libre, visibilite, nb)
		SELECT logiciel_id, departement, statut, modalite, libre, visibilite, vrai FROM ecart WHERE vrai IS NOT NULL
		ORDER BY 1, 2, 3, 4, 5, 6
		ON CONFLICT (logiciel_id, departement, statut, modalite, libre, visibilite) DO UPDATE SET nb = excluded.nb`,
		`WITH ecart AS MATERIALIZED (` + ecartsLogicielUtilisateur + `), retire AS (
			DELETE FROM logiciel_utilisateur c USING ecart e
			WHERE e.vrai IS NULL AND (c.logiciel_id, c.organisation_id) = (e.logiciel_id, e.organisation_id))
		INSERT INTO logiciel_utilisateur (logiciel_id, organisation_id, departement, nb)
		SELECT logiciel_id, organisation_id, departement, vrai FROM ecart WHERE vrai IS NOT NULL
		ORDER BY 1, 2
		ON CONFLICT (logiciel_id, organisation_id)
		DO UPDATE SET nb = excluded.nb, departement = excluded.departement`,
		`UPDATE logiciel l SET nb_utilisateurs = e.vrai FROM (` + ecartsLogiciel + `) e WHERE l.id = e.id`,
		`UPDATE organisation o SET nb_usages = coalesce(e.nb, o.nb_usages), nb_usages_libres = coalesce(e.libres, o.nb_usages_libres)
		FROM (SELECT id, max(vrai) FILTER (WHERE mesure = 'usages') AS nb, max(vrai) FILTER (WHERE mesure = 'libres') AS libres
		      FROM (` + ecartsOrganisation + `) e GROUP BY 1) e WHERE o.id = e.id`,
		`SELECT adoption_refaire()`,
		`SELECT citation_refaire()`,
	} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("recompte des usages : %w", err)
		}
	}
	return nil
}

// EcartCompte is one kept count that does not say what the rows counted say.
type EcartCompte struct {
	Table string // which kept count
	Cle   string // which row of it, readable
	Tenu  int    // the kept value; 0 for a missing row
	Vrai  int    // what the rows counted give
}

// CheckComptes compares every count kept by the triggers with what it counts, and returns the differences, none when all
// is well. It counts everything again and writes nothing: for tests and for an administrator. Meanwhile writers of usages
// wait, and so do the readers of the observatory.
func CheckComptes(ctx context.Context, pool *pgxpool.Pool) ([]EcartCompte, error) {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return nil, Translate(err)
	}
	defer tx.Rollback(ctx) //nolint:errcheck // nothing was written
	ecarts, err := checkComptes(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("vérification des comptes : %w", err)
	}
	return ecarts, nil
}

func checkComptes(ctx context.Context, tx pgx.Tx) ([]EcartCompte, error) {
	// Presence first: the rest is counted from it again. A kept row of zeros that nothing counts is no difference.
	if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = 0;
		CREATE TEMP TABLE presence_tenue ON COMMIT DROP AS SELECT * FROM presence;
		CREATE TEMP TABLE parc_tenu ON COMMIT DROP AS SELECT * FROM parc;
		CREATE TEMP TABLE implantation_tenue ON COMMIT DROP AS SELECT * FROM implantation;
		CREATE TEMP TABLE adoption_tenue ON COMMIT DROP AS SELECT * FROM adoption;
		CREATE TEMP TABLE mois_tenus ON COMMIT DROP AS SELECT * FROM adoption_mois;
		CREATE TEMP TABLE mois_lieux_tenus ON COMMIT DROP AS SELECT * FROM adoption_mois_lieu;
		CREATE TEMP TABLE citations_tenues ON COMMIT DROP AS SELECT * FROM citation;
		CREATE TEMP TABLE citations_mois_tenues ON COMMIT DROP AS SELECT * FROM citation_mois;
		CREATE TEMP TABLE sujets_tenus ON COMMIT DROP AS SELECT * FROM logiciel_sujet;
		CREATE TEMP TABLE cellules_tenues ON COMMIT DROP AS SELECT * FROM cellule;
		SELECT adoption_refaire(), citation_refaire()`); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `
		SELECT 'usage_compte', concat_ws(' ', logiciel_id, departement, statut, modalite, libre, visibilite), coalesce(tenu, 0), coalesce(vrai, 0)
		FROM (`+ecartsUsageCompte+`) e
		UNION ALL
		SELECT 'logiciel_utilisateur', concat_ws(' ', logiciel_id, organisation_id), coalesce(tenu, 0), coalesce(vrai, 0)
		FROM (`+ecartsLogicielUtilisateur+`) e
		UNION ALL
		SELECT 'logiciel', id::text, tenu, vrai FROM (`+ecartsLogiciel+`) e
		UNION ALL
		SELECT 'organisation', concat_ws(' ', id, mesure), tenu, vrai FROM (`+ecartsOrganisation+`) e
		UNION ALL
		SELECT 'logiciel_sujet', concat_ws(' ', logiciel_id, sujet), (t.logiciel_id IS NOT NULL)::integer, (v.logiciel_id IS NOT NULL)::integer
		FROM sujets_tenus t FULL JOIN logiciel_sujet v USING (logiciel_id, sujet, libre) WHERE t.logiciel_id IS NULL OR v.logiciel_id IS NULL
		UNION ALL
		SELECT 'citation', concat_ws(' ', sujet, cellule_id, source_id, m.mesure, i), coalesce(m.tenu[i], 0), coalesce(m.vrai[i], 0)
		FROM citations_tenues t FULL JOIN citation v USING (sujet, cellule_id, source_id)
		CROSS JOIN LATERAL (VALUES ('usages', t.usages, v.usages), ('récents', t.recents, v.recents)) m (mesure, tenu, vrai)
		CROSS JOIN generate_series(1, 32) i
		WHERE m.tenu IS DISTINCT FROM m.vrai AND coalesce(m.tenu[i], 0) <> coalesce(m.vrai[i], 0)
		UNION ALL
		SELECT 'citation_mois', concat_ws(' ', sujet, cellule_id, source_id, mois, m.mesure), coalesce(m.tenu, 0), coalesce(m.vrai, 0)
		FROM citations_mois_tenues t FULL JOIN citation_mois v USING (sujet, cellule_id, source_id, mois)
		CROSS JOIN LATERAL (VALUES ('usages', t.usages, v.usages), ('récents', t.recents, v.recents), ('périmés', t.perimes, v.perimes)) m (mesure, tenu, vrai)
		WHERE coalesce(m.tenu, 0) <> coalesce(m.vrai, 0)
		UNION ALL
		SELECT 'presence', concat_ws(' ', organisation_id, sujet, debut, fin), max(t), max(v)
		FROM (SELECT organisation_id, sujet, debut, fin, 1 AS t, 0 AS v FROM presence_tenue UNION ALL SELECT organisation_id, sujet, debut, fin, 0, 1 FROM presence) x
		GROUP BY organisation_id, sujet, debut, fin HAVING sum(t) <> sum(v)
		UNION ALL
		SELECT 'parc', concat_ws(' ', organisation_id, d.des, fin), max(t), max(v)
		FROM (SELECT *, 1 AS t, 0 AS v FROM parc_tenu UNION ALL SELECT *, 0, 1 FROM parc) x
		CROSS JOIN LATERAL (SELECT greatest(x.debut, current_date) AS des) d -- the past of a period depends on when it was written
		WHERE fin IS NULL OR fin > current_date
		GROUP BY organisation_id, d.des, fin, logiciels HAVING sum(t) <> sum(v)
		UNION ALL
		SELECT 'implantation', concat_ws(' ', logiciel_id, departement, d.des, fin), sum(t), sum(v)
		FROM (SELECT *, nb AS t, 0 AS v FROM implantation_tenue UNION ALL SELECT *, 0, nb FROM implantation) x
		CROSS JOIN LATERAL (SELECT greatest(x.debut, current_date) AS des) d
		WHERE fin IS NULL OR fin > current_date
		GROUP BY logiciel_id, departement, d.des, fin HAVING sum(t) <> sum(v)
		UNION ALL
		SELECT 'cellule', concat_ws(' ', niveau, region, departement, nature, strate, m.mesure), coalesce(m.tenu, 0), coalesce(m.vrai, 0)
		FROM cellules_tenues t FULL JOIN cellule v USING (niveau, region, departement, nature, strate)
		CROSS JOIN LATERAL (VALUES ('collectivités', t.nb, v.nb), ('population', t.population, v.population)) m (mesure, tenu, vrai)
		WHERE coalesce(m.tenu, 0) <> coalesce(m.vrai, 0)
		UNION ALL
		SELECT 'adoption', concat_ws(' ', sujet, cellule_id, m.mesure, i), coalesce(m.tenu[i], 0), coalesce(m.vrai[i], 0)
		FROM adoption_tenue t FULL JOIN adoption v USING (sujet, cellule_id)
		CROSS JOIN LATERAL (VALUES ('collectivités', t.collectivites, v.collectivites), ('population', t.population, v.population), ('usages', t.usages, v.usages)) m (mesure, tenu, vrai)
		CROSS JOIN generate_series(1, 32) i
		WHERE m.tenu IS DISTINCT FROM m.vrai AND coalesce(m.tenu[i], 0) <> coalesce(m.vrai[i], 0)
		UNION ALL
		SELECT 'adoption_mois', concat_ws(' ', sujet, nature, mois, m.mesure), coalesce(m.tenu, 0), coalesce(m.vrai, 0)
		FROM mois_tenus t FULL JOIN adoption_mois v USING (sujet, nature, mois)
		CROSS JOIN LATERAL (VALUES ('collectivités', t.collectivites, v.collectivites), ('population', t.population, v.population), ('usages', t.usages, v.usages)) m (mesure, tenu, vrai)
		WHERE coalesce(m.tenu, 0) <> coalesce(m.vrai, 0)
		UNION ALL
		SELECT 'adoption_mois_lieu', concat_ws(' ', sujet, cellule_id, mois, m.mesure), coalesce(m.tenu, 0), coalesce(m.vrai, 0)
		FROM mois_lieux_tenus t FULL JOIN adoption_mois_lieu v USING (sujet, cellule_id, mois)
		CROSS JOIN LATERAL (VALUES ('collectivités', t.collectivites, v.collectivites), ('population', t.population, v.population), ('usages', t.usages, v.usages)) m (mesure, tenu, vrai)
		WHERE coalesce(m.tenu, 0) <> coalesce(m.vrai, 0)
		UNION ALL
		SELECT 'communaute', concat_ws(' ', logiciel_id, mesure), coalesce(tenu, 0)::bigint, coalesce(vrai, 0)::bigint FROM (`+ecartsCommunaute+`) e
		UNION ALL
		SELECT 'economie_comptee', cle, tenu, vrai FROM (`+ecartsEconomieComptee+`) e
		UNION ALL
		SELECT 'economie_compte', cle, coalesce(tenu, 0)::bigint, coalesce(vrai, 0)::bigint FROM (`+ecartsEconomieCompte+`) e
		ORDER BY 1, 2`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[EcartCompte])
}

// WriteUsagesInBulk runs write with the triggers, the secondary indexes and the foreign keys of usage put aside, then
// puts them back as they were and rebuilds the kept counts: building an index at once costs a fraction of feeding it row
// by row, and checking a foreign key by one join a fraction of checking it a million times. Nothing is trusted: the
// indexes, the unique keys and the foreign keys refuse at the end what they would have refused at the start. usage is
// locked against readers and writers until tx ends, and an error or a crash leaves everything as it was: it is for a
// load of more than about 100,000 rows.
func WriteUsagesInBulk(ctx context.Context, tx pgx.Tx, write func(ctx context.Context) error) error {
	if _, err := tx.Exec(ctx, `LOCK TABLE usage IN ACCESS EXCLUSIVE MODE`); err != nil {
		return fmt.Errorf("écriture des usages en masse : %w", err)
	}
	demonter, remonter, err := structureUsage(ctx, tx)
	if err != nil {
		return fmt.Errorf("écriture des usages en masse : %w", err)
	}
	if err := executer(ctx, tx, demonter); err != nil {
		return err
	}
	if err := write(ctx); err != nil {
		return err
	}
	if err := executer(ctx, tx, remonter); err != nil {
		return err
	}
	return RecountUsages(ctx, tx)
}

// structureUsage returns the statements that put aside what a row of usage costs, and those that put it back, read from
// the catalogue so that a later migration needs no change here. The primary key stays: economie refers to it.
func structureUsage(ctx context.Context, tx pgx.Tx) (demonter, remonter []string, err error) {
	rows, err := tx.Query(ctx, `
		SELECT 1 AS rang, format('ALTER TABLE usage DISABLE TRIGGER %I', tgname), format('ALTER TABLE usage ENABLE TRIGGER %I', tgname)
		FROM pg_trigger
		WHERE tgrelid = 'usage'::regclass AND NOT tgisinternal AND tgenabled = 'O'
		UNION ALL
		SELECT 2, format('ALTER TABLE usage DROP CONSTRAINT %I', conname),
		       format('ALTER TABLE usage ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
		FROM pg_constraint
		WHERE conrelid = 'usage'::regclass AND contype IN ('f', 'u')
		UNION ALL
		SELECT 3, format('DROP INDEX %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
		FROM pg_index i
		WHERE i.indrelid = 'usage'::regclass
		  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.conrelid = i.indrelid)
		ORDER BY 1, 2`)
	if err != nil {
		return nil, nil, err
	}
	var rang int
	var aller, retour string
	_, err = pgx.ForEachRow(rows, []any{&rang, &aller, &retour}, func() error {
		demonter = append(demonter, aller)
		remonter = append(remonter, retour)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	remonter = append([]string{`SELECT set_config('maintenance_work_mem', '256MB', true)`}, remonter...)
	return demonter, remonter, nil
}

func executer(ctx context.Context, tx pgx.Tx, sqls []string) error {
	for _, sql := range sqls {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}
