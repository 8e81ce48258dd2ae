package echantillon_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/seed/echantillon"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// petiteFrance is a reference base of two départements: 600 communes, ten EPCI and four digital syndicats, with the
// populations of real ones (most communes are small, one is a métropole).
const petiteFrance = `
	INSERT INTO source (cle, nom, importe_le) VALUES ('essai', 'Jeu d''essai', '2026-01-01');
	INSERT INTO organisation (cle, genre, nom, nom_tri, nature, population, departement, region, source_id)
	SELECT 'commune-' || i, 'COLLECTIVITE', 'Commune ' || i, 'commune ' || i, 'COMMUNE',
	       CASE WHEN i = 7 THEN 310000 WHEN i % 97 = 0 THEN 30000 WHEN i % 11 = 0 THEN 4000 WHEN i = 13 THEN NULL ELSE 40 + i * 5 % 1900 END,
	       (ARRAY['40', '06'])[1 + i % 2], '75', 1 FROM generate_series(1, 600) i;
	INSERT INTO organisation (cle, genre, nom, nom_tri, nature, population, departement, region, source_id)
	SELECT 'epci-' || i, 'COLLECTIVITE', 'EPCI ' || i, 'epci ' || i, 'EPCI', 8000 * i, (ARRAY['40', '06'])[1 + (i + 1) % 2], '75', 1
	FROM generate_series(1, 10) i;
	INSERT INTO organisation (cle, genre, nom, nom_tri, nature, population, departement, region, source_id) VALUES
	('dep-40', 'COLLECTIVITE', 'Landes', 'landes', 'DEPARTEMENT', 420000, '40', '75', 1),
	('reg-75', 'COLLECTIVITE', 'Région', 'region', 'REGION', 6000000, '', '75', 1);
	INSERT INTO organisation (cle, genre, nom, nom_tri, nature, population, actif, source_id) VALUES
	('ancien', 'COLLECTIVITE', 'Ancienne', 'ancienne', 'REGION', 6000000, false, 1);
	INSERT INTO adhesion (groupement_id, membre_id, source_id)
	SELECT e.id, c.id, 1 FROM organisation c JOIN organisation e ON e.cle = 'epci-' || (1 + substr(c.cle, 9)::int % 10) WHERE c.nature = 'COMMUNE';
	INSERT INTO organisation (cle, genre, nom, nom_tri, forme, population, departement, source_id) VALUES
	('254003304', 'SYNDICAT', 'ALPI', 'alpi', 'SMO', 1472907, '40', 1), ('250601879', 'SYNDICAT', 'SICTIAM', 'sictiam', 'SMO', 2390789, '06', 1),
	('synd-3', 'SYNDICAT', 'Petit', 'petit', 'SIVU', 3000, '06', 1), ('synd-4', 'SYNDICAT', 'Autre', 'autre', 'SMF', NULL, '40', 1),
	('synd-5', 'SYNDICAT', 'Eau', 'eau', 'SIVU', 3000, '06', 1);
	INSERT INTO competence VALUES ('banatic-2021', '9930', NULL), ('banatic-2021', '1010', NULL);
	INSERT INTO competence_exercee SELECT id, 'banatic-2021', CASE cle WHEN 'synd-5' THEN '1010' ELSE '9930' END FROM organisation WHERE genre = 'SYNDICAT';
	INSERT INTO adhesion (groupement_id, membre_id, debut, source_id)
	SELECT s.id, c.id, '2011-01-01', 1 FROM organisation s, organisation c WHERE s.cle = '254003304' AND c.cle IN ('commune-2', 'commune-7', 'epci-2');
	INSERT INTO categorie (code, nom) SELECT 'cat-' || i, 'Catégorie ' || i FROM generate_series(1, 6) i;
	INSERT INTO logiciel (slug, nom, nom_tri, libre, licence, licence_origine, ajoute_le, source_id)
	SELECT 'reel-' || i, 'Réel ' || i, 'reel ' || i, i % 7 <> 0, 'MIT', 'MIT', '2022-05-01', 1 FROM generate_series(1, 80) i;
	INSERT INTO logiciel_categorie SELECT l.id, c.id FROM logiciel l JOIN categorie c ON c.code = 'cat-' || (1 + substr(l.slug, 6)::int % 6);
	INSERT INTO logiciel_lien (genre, de_id, vers_id, source_id) SELECT 'REMPLACE', a.id, b.id, 1
	FROM logiciel a, logiciel b WHERE a.slug = 'reel-1' AND b.slug IN ('reel-7', 'reel-14')`

// reels are usages that a real source told, as a mixed base has some.
const reels = `
	INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, source_id, constate_le)
	SELECT gen_random_uuid(), o.id, o.departement, l.id, l.libre, 'PRODUCTION', 'DIRECT', 1, '2022-02-01'
	FROM organisation o, logiciel l WHERE o.cle IN ('commune-7', 'commune-8') AND l.slug IN ('reel-1', 'reel-2');
	INSERT INTO economie (cle, beneficiaire_id, usage_id, nature, statut, source_id)
	SELECT gen_random_uuid(), utilisateur_id, id, 'LICENCES', 'ANNONCEE', 1 FROM usage LIMIT 1`

const (
	usages = 8_000
	graine = 1
)

func remplir(sql string) func(url string) error {
	return func(url string) error {
		ctx := context.Background()
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, sql)
		return err
	}
}

func base(t *testing.T) *pgxpool.Pool {
	return dbtest.NewFrom(t, "echantillon/base/1", remplir(petiteFrance))
}

func generate(t *testing.T, pool *pgxpool.Pool, o echantillon.Options) *echantillon.Bilan {
	t.Helper()
	b, err := echantillon.Generate(t.Context(), pool, o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// avecEchantillon returns a copy of a base whose sample was generated once.
func avecEchantillon(t *testing.T) *pgxpool.Pool {
	return dbtest.NewFrom(t, "echantillon/1/8000/1", func(url string) error {
		if err := remplir(petiteFrance)(url); err != nil {
			return err
		}
		pool, err := pgxpool.New(context.Background(), url)
		if err != nil {
			return err
		}
		defer pool.Close()
		_, err = echantillon.Generate(context.Background(), pool, echantillon.Options{Usages: usages, Graine: graine})
		return err
	})
}

func valeur[T any](t *testing.T, pool *pgxpool.Pool, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := pool.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// empreintes gives the fingerprint of every table's rows, in the order of their text.
func empreintes(t *testing.T, pool *pgxpool.Pool, sauf ...string) map[string]string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	e := map[string]string{}
	for _, table := range tables {
		if !slices.Contains(sauf, table) {
			e[table] = valeur[string](t, pool, fmt.Sprintf(`SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text COLLATE "C")), '')
				FROM (SELECT to_jsonb(x) - %s AS t FROM %s x) t`, horsEmpreinte(table), table))
		}
	}
	return e
}

func memesEmpreintes(t *testing.T, avant, apres map[string]string) {
	t.Helper()
	for _, table := range slices.Sorted(maps.Keys(avant)) {
		if avant[table] != apres[table] {
			t.Errorf("%s: rows differ: %s, then %s", table, avant[table], apres[table])
		}
	}
}

func TestTheBilanCountsTheRows(t *testing.T) {
	pool := base(t)
	b := generate(t, pool, echantillon.Options{Usages: 5_000, Graine: 3})
	for table, n := range map[string]int{"logiciel": b.Logiciels, "catalogue": b.Catalogues, "entree_catalogue": b.Entrees,
		"adhesion": b.Adhesions, "abonnement": b.Abonnements, "usage": b.Usages, "economie": b.Economies} {
		vrai := valeur[int](t, pool, `SELECT count(*) FROM `+table+` WHERE source_id = (SELECT id FROM source WHERE cle = 'echantillon' AND synthetique)`)
		if n != vrai || n == 0 {
			t.Errorf("%s: the report says %d rows, the table holds %d", table, n, vrai)
		}
	}
	if b.Usages != 5_000 {
		t.Errorf("%d usages, want exactly 5000", b.Usages)
	}
}

// Each text selects what must not exist.
func TestNothingContradictsItself(t *testing.T) {
	pool := avecEchantillon(t)
	for nom, sql := range map[string]string{
		"VIA_SYNDICAT without the subscription that covers it": `
			SELECT u.id FROM usage u WHERE u.modalite = 'VIA_SYNDICAT' AND NOT EXISTS (
				SELECT FROM abonnement a JOIN entree_catalogue e ON e.id = a.entree_id JOIN catalogue c ON c.id = e.catalogue_id
				WHERE a.collectivite_id = u.utilisateur_id AND e.logiciel_id = u.logiciel_id AND c.syndicat_id = u.syndicat_id
				  AND (u.debut IS NULL OR u.debut >= a.debut) AND u.fin IS NOT DISTINCT FROM a.fin)`,
		"subscription of a stranger": `
			SELECT a.id FROM abonnement a JOIN entree_catalogue e ON e.id = a.entree_id JOIN catalogue c ON c.id = e.catalogue_id
			WHERE NOT EXISTS (SELECT FROM adhesion m WHERE m.groupement_id = c.syndicat_id AND m.membre_id = a.collectivite_id
				AND (m.debut IS NULL OR m.source_id <> a.source_id OR m.debut <= a.debut) AND (m.fin IS NULL OR a.fin <= m.fin))`,
		"subscription outside its entry": `
			SELECT a.id FROM abonnement a JOIN entree_catalogue e ON e.id = a.entree_id
			WHERE e.statut = 'EN_PREPARATION' OR a.debut < e.depuis OR (e.jusqua IS NOT NULL AND (a.fin IS NULL OR a.fin > e.jusqua))`,
		"usage before 2005":                   `SELECT id FROM usage WHERE depuis < '2005-01-01'`,
		"usage after the fixed date":          `SELECT id FROM usage WHERE greatest(debut, fin, constate_le, confirme_le::date) > '2026-06-30'`,
		"told before it happened":             `SELECT id FROM usage WHERE constate_le < greatest(debut, fin) OR confirme_le::date < constate_le`,
		"planned yet begun":                   `SELECT id FROM usage WHERE statut = 'PREVU' AND (debut IS NOT NULL OR fin IS NOT NULL)`,
		"abandoned without an end":            `SELECT id FROM usage WHERE (statut = 'ABANDONNE') <> (fin IS NOT NULL)`,
		"trial of more than two years":        `SELECT id FROM usage WHERE statut = 'EXPERIMENTATION' AND debut < '2024-06-30'`,
		"community support of a closed one":   `SELECT id FROM usage WHERE support = 'COMMUNAUTAIRE' AND NOT libre`,
		"a closed one that replaces":          `SELECT id FROM usage WHERE remplace_id IS NOT NULL AND NOT libre`,
		"replaces a free one":                 `SELECT u.id FROM usage u JOIN logiciel l ON l.id = u.remplace_id WHERE l.libre`,
		"comes back before it left":           `SELECT a.id FROM usage a JOIN usage b USING (utilisateur_id, logiciel_id) WHERE a.id > b.id AND b.fin > a.depuis`,
		"usage of a ceased organisation":      `SELECT u.id FROM usage u JOIN organisation o ON o.id = u.utilisateur_id WHERE NOT o.actif`,
		"catalogue of a non-digital syndicat": `SELECT c.id FROM catalogue c JOIN organisation o ON o.id = c.syndicat_id WHERE o.cle = 'synd-5'`,
		"adhesion told twice": `
			SELECT a.id FROM adhesion a JOIN adhesion b USING (groupement_id, membre_id) WHERE a.id > b.id`,
		"invented software without its name": `SELECT id FROM logiciel WHERE source_id <> 1 AND nom NOT LIKE 'Logiciel d''échantillon ____'`,
		"invented free software without licence": `
			SELECT id FROM logiciel WHERE source_id <> 1 AND (libre <> (licence IS NOT NULL) OR licence_origine IS NULL)`,
		"saving that adds up wrong": `
			SELECT id FROM economie WHERE net_centimes <> brut_centimes - couts_recurrents_centimes - couts_ponctuels_centimes`,
		"saving explained though only announced": `
			SELECT id FROM economie WHERE statut = 'ANNONCEE' AND (couts_recurrents_centimes IS NOT NULL OR annee_prix IS NOT NULL OR num_nonnulls(brut_centimes, net_centimes) <> 1)`,
		"saving of another's usage": `
			SELECT e.id FROM economie e JOIN usage u ON u.id = e.usage_id WHERE u.utilisateur_id <> e.beneficiaire_id OR u.logiciel_id <> e.logiciel_id`,
	} {
		rows, err := pool.Query(t.Context(), sql)
		if err != nil {
			t.Fatalf("%s: %v", nom, err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			t.Fatalf("%s: %v", nom, err)
		}
		if len(ids) > 0 {
			t.Errorf("%s: %d rows, the first is %d", nom, len(ids), ids[0])
		}
	}
}

// Each text counts what must exist: an emptied sample would pass all the rest.
func TestEveryCaseIsThere(t *testing.T) {
	pool := avecEchantillon(t)
	for sql, minimum := range map[string]int{
		`SELECT count(DISTINCT (statut, modalite)) FROM usage`:                           8,
		`SELECT count(DISTINCT support) FROM usage`:                                      6,
		`SELECT count(DISTINCT statut) FROM economie`:                                    6,
		`SELECT count(DISTINCT nature) FROM economie`:                                    5,
		`SELECT count(DISTINCT statut) FROM entree_catalogue`:                            3,
		`SELECT count(*) FROM economie`:                                                  usages / 60,
		`SELECT count(*) FROM usage WHERE modalite = 'VIA_SYNDICAT'`:                     usages / 50,
		`SELECT count(*) FROM usage WHERE debut IS NULL`:                                 usages / 50,
		`SELECT count(*) FROM usage WHERE confirme_le IS NOT NULL`:                       usages / 5,
		`SELECT count(*) FROM usage WHERE remplace_id IS NOT NULL`:                       usages / 50,
		`SELECT count(*) FROM adhesion WHERE services <> '{}'`:                           20,
		`SELECT count(*) FROM adhesion WHERE via_id IS NOT NULL`:                         5,
		`SELECT count(DISTINCT date_part('year', debut)) FROM usage`:                     22,
		`SELECT count(*) FROM logiciel_utilisateur WHERE nb > 1`:                         1,
		`SELECT count(*) FROM logiciel`:                                                  300,
		`SELECT count(*) FROM economie WHERE usage_id IS NULL AND logiciel_id IS NULL`:   10,
		`SELECT count(*) FROM logiciel WHERE NOT libre`:                                  120,
		`SELECT nb_usages FROM organisation WHERE cle = 'commune-7'`:                     100,
		`SELECT count(DISTINCT utilisateur_id) FROM usage`:                               400,
		`SELECT count(*) FROM logiciel_lien WHERE genre = 'REMPLACE' AND source_id <> 1`: 50,
	} {
		if n := valeur[int](t, pool, sql); n < minimum {
			t.Errorf("%s: %d, want at least %d", sql, n, minimum)
		}
	}
}

// A fortieth of the usual number: a few organisations, each with a life of its own.
func TestASmallSampleKeepsItsDensity(t *testing.T) {
	pool := base(t)
	generate(t, pool, echantillon.Options{Usages: 500, Graine: 1})
	connus := valeur[int](t, pool, `SELECT count(DISTINCT utilisateur_id) FROM usage`)
	mutualises := valeur[int](t, pool, `SELECT count(*) FROM usage WHERE modalite = 'VIA_SYNDICAT'`)
	if connus > 100 || mutualises == 0 {
		t.Errorf("500 usages: %d organisations, %d usages through a syndicat", connus, mutualises)
	}
}

func TestPopularityFollowsZipf(t *testing.T) {
	pool := avecEchantillon(t)
	premier := valeur[int](t, pool, `SELECT max(nb_utilisateurs) FROM logiciel`)
	mediane := valeur[int](t, pool, `SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY nb_utilisateurs) FROM logiciel`)
	if premier < 10*mediane {
		t.Errorf("the first software has %d users and the median %d: no head and tail", premier, mediane)
	}
}

func TestLargerCollectivitesRunMore(t *testing.T) {
	pool := avecEchantillon(t)
	rows, err := pool.Query(t.Context(), `
		SELECT avg(n)::float8 FROM (SELECT o.population, (SELECT count(*) FROM usage u WHERE u.utilisateur_id = o.id) AS n
			FROM organisation o WHERE nature = 'COMMUNE' AND population IS NOT NULL) c
		GROUP BY CASE WHEN population < 500 THEN 1 WHEN population < 2000 THEN 2 WHEN population < 10000 THEN 3 WHEN population < 50000 THEN 4 ELSE 5 END
		ORDER BY min(population)`)
	if err != nil {
		t.Fatal(err)
	}
	moyennes, err := pgx.CollectRows(rows, pgx.RowTo[float64])
	if err != nil {
		t.Fatal(err)
	}
	if len(moyennes) != 5 || !slices.IsSorted(moyennes) {
		t.Errorf("average usages by size of commune: %v, want 5 growing figures", moyennes)
	}
}

func TestCataloguesGoFromAllFreeToAlmostNone(t *testing.T) {
	pool := avecEchantillon(t)
	part := func(cle string) float64 {
		return valeur[float64](t, pool, `
			SELECT avg(l.libre::int)::float8 FROM entree_catalogue e JOIN logiciel l ON l.id = e.logiciel_id
			JOIN catalogue c ON c.id = e.catalogue_id JOIN organisation o ON o.id = c.syndicat_id WHERE o.cle = $1`, cle)
	}
	if alpi, sictiam := part("254003304"), part("250601879"); alpi < 0.75 || sictiam > 0.25 {
		t.Errorf("free share: ALPI %.2f, SICTIAM %.2f", alpi, sictiam)
	}
}

func TestTheSameSeedGivesTheSameRows(t *testing.T) {
	o := echantillon.Options{Usages: 1_500, Graine: 42}
	un, deux, trois := base(t), base(t), base(t)
	generate(t, un, o)
	generate(t, deux, o)
	generate(t, trois, echantillon.Options{Usages: 1_500, Graine: 43})
	memesEmpreintes(t, empreintes(t, un), empreintes(t, deux))
	for _, table := range []string{"usage", "economie", "entree_catalogue", "adhesion"} {
		if empreintes(t, un)[table] == empreintes(t, trois)[table] {
			t.Errorf("%s: another seed gives the same rows", table)
		}
	}
	if _, err := echantillon.Remove(t.Context(), un); err != nil {
		t.Fatal(err)
	}
	generate(t, un, o)
	// The search index numbers its rows by itself.
	memesEmpreintes(t, empreintes(t, deux, "recherche"), empreintes(t, un, "recherche"))
}

func TestARecountEqualsTheTriggers(t *testing.T) {
	pool := avecEchantillon(t)
	if ecarts, err := db.CheckComptes(t.Context(), pool); err != nil || len(ecarts) > 0 {
		t.Fatalf("after the load: %v %v", ecarts, err)
	}
	comptes := func() map[string]string {
		e := empreintes(t, pool)
		return map[string]string{"usage": e["usage"], "usage_compte": e["usage_compte"], "logiciel_utilisateur": e["logiciel_utilisateur"],
			"logiciel": e["logiciel"], "organisation": e["organisation"]}
	}
	recompte := comptes()
	// The same rows, this time through the triggers.
	colonnes := valeur[string](t, pool, `SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute
		WHERE attrelid = 'usage'::regclass AND attnum > 0 AND attgenerated = '' AND NOT attisdropped`)
	if _, err := pool.Exec(t.Context(), strings.ReplaceAll(`
		CREATE TABLE copie AS SELECT * FROM usage;
		UPDATE economie SET usage_id = NULL;
		DELETE FROM usage;
		DELETE FROM usage_compte WHERE nb = 0;
		DELETE FROM logiciel_utilisateur WHERE nb = 0;
		INSERT INTO usage (COLONNES) SELECT COLONNES FROM copie WHERE id % 3 = 0;
		INSERT INTO usage (COLONNES) SELECT COLONNES FROM copie WHERE id % 3 <> 0;
		DROP TABLE copie`, "COLONNES", colonnes)); err != nil {
		t.Fatal(err)
	}
	memesEmpreintes(t, recompte, comptes())
}

func TestItNeverMixesWithRealDataUnasked(t *testing.T) {
	pool := base(t)
	if _, err := pool.Exec(t.Context(), reels); err != nil {
		t.Fatal(err)
	}
	o := echantillon.Options{Usages: 2_000, Graine: 1}
	if _, err := echantillon.Generate(t.Context(), pool, o); !errors.Is(err, echantillon.ErrDonneesReelles) {
		t.Fatalf("error %v, want ErrDonneesReelles", err)
	}
	if n := valeur[int](t, pool, `SELECT count(*) FROM source WHERE synthetique`); n != 0 {
		t.Fatal("a refused sample left its source behind")
	}
	o.Melanger = true
	generate(t, pool, o)
	if n := valeur[int](t, pool, `SELECT count(*) FROM usage`); n != 2_004 {
		t.Fatalf("%d usages, want 2000 and the 4 real ones", n)
	}
	if ecarts, err := db.CheckComptes(t.Context(), pool); err != nil || len(ecarts) > 0 {
		t.Fatalf("%v %v", ecarts, err)
	}
}

func TestASecondTimeChangesNothing(t *testing.T) {
	pool := base(t)
	o := echantillon.Options{Usages: 2_000, Graine: 1}
	generate(t, pool, o)
	avant := empreintes(t, pool)
	if b := generate(t, pool, o); !b.DejaLa || b.Usages != 0 {
		t.Errorf("second run: %+v, want DejaLa and nothing written", b)
	}
	for _, autre := range []echantillon.Options{{Usages: 2_001, Graine: 1}, {Usages: 2_000, Graine: 2}} {
		if _, err := echantillon.Generate(t.Context(), pool, autre); !errors.Is(err, echantillon.ErrAutreEchantillon) {
			t.Errorf("%+v: error %v, want ErrAutreEchantillon", autre, err)
		}
	}
	memesEmpreintes(t, avant, empreintes(t, pool))
}

func TestImpossibleDemandsAreRefused(t *testing.T) {
	vide := dbtest.New(t)
	if _, err := echantillon.Generate(t.Context(), vide, echantillon.Options{Usages: 10}); !errors.Is(err, echantillon.ErrBaseVide) {
		t.Errorf("empty base: %v", err)
	}
	pool := base(t)
	if _, err := echantillon.Generate(t.Context(), pool, echantillon.Options{Usages: 1_000_000}); !errors.Is(err, echantillon.ErrTropDUsages) {
		t.Errorf("a million usages for 600 communes: %v", err)
	}
	for _, n := range []int{0, -5} {
		if _, err := echantillon.Generate(t.Context(), pool, echantillon.Options{Usages: n}); err == nil {
			t.Errorf("%d usages: accepted", n)
		}
	}
}

// structure lists the indexes, constraints and triggers of usage, and whether they are in force.
const structure = `
	SELECT string_agg(l, E'\n' ORDER BY l) FROM (
		SELECT pg_get_indexdef(indexrelid) || indisvalid FROM pg_index WHERE indrelid = 'usage'::regclass
		UNION ALL SELECT conname || pg_get_constraintdef(oid) || convalidated FROM pg_constraint WHERE conrelid = 'usage'::regclass OR confrelid = 'usage'::regclass
		UNION ALL SELECT pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE tgrelid = 'usage'::regclass AND NOT tgisinternal) s(l)`

func TestIndexesAndConstraintsAreRestored(t *testing.T) {
	pool := base(t)
	avant := valeur[string](t, pool, structure)
	generate(t, pool, echantillon.Options{Usages: 2_000, Graine: 1})
	if apres := valeur[string](t, pool, structure); apres != avant {
		t.Errorf("after Generer:\n%s\nbefore:\n%s", apres, avant)
	}
	if _, err := echantillon.Remove(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	if apres := valeur[string](t, pool, structure); apres != avant {
		t.Errorf("after Retirer:\n%s\nbefore:\n%s", apres, avant)
	}
}

func TestAnInterruptionLeavesNothing(t *testing.T) {
	pool := base(t)
	avant, avantStructure := empreintes(t, pool), valeur[string](t, pool, structure)
	ctx, annuler := context.WithCancel(t.Context())
	_, err := echantillon.Generate(ctx, pool, echantillon.Options{Usages: usages, Graine: 1, Progres: func(table string, faites, total int) {
		if table == "usage" {
			annuler()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want the cancellation", err)
	}
	memesEmpreintes(t, avant, empreintes(t, pool))
	if apres := valeur[string](t, pool, structure); apres != avantStructure {
		t.Errorf("the structure changed:\n%s", apres)
	}
}

func TestRemovingLeavesTheRest(t *testing.T) {
	pool := base(t)
	if _, err := pool.Exec(t.Context(), reels); err != nil {
		t.Fatal(err)
	}
	avant := empreintes(t, pool)
	if retire, err := echantillon.Remove(t.Context(), pool); retire || err != nil {
		t.Fatalf("nothing to remove: %v %v", retire, err)
	}
	generate(t, pool, echantillon.Options{Usages: 5_000, Graine: 1, Melanger: true})
	if retire, err := echantillon.Remove(t.Context(), pool); !retire || err != nil {
		t.Fatal(retire, err)
	}
	memesEmpreintes(t, avant, empreintes(t, pool))
}

func TestRemovingIsRefusedWhenSomethingRefersToIt(t *testing.T) {
	pool := base(t)
	generate(t, pool, echantillon.Options{Usages: 2_000, Graine: 1})
	if _, err := pool.Exec(t.Context(), `
		INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, source_id, constate_le)
		SELECT gen_random_uuid(), o.id, o.departement, l.id, l.libre, 'PRODUCTION', 'DIRECT', 1, '2022-02-01'
		FROM organisation o, logiciel l WHERE o.cle = 'commune-7' AND l.nom = 'Logiciel d''échantillon 0001'`); err != nil {
		t.Fatal(err)
	}
	avant := empreintes(t, pool)
	if _, err := echantillon.Remove(t.Context(), pool); !errors.Is(err, echantillon.ErrCite) {
		t.Fatalf("error %v, want ErrCite", err)
	}
	memesEmpreintes(t, avant, empreintes(t, pool))
}

func TestCheckComptesSeesEveryDifference(t *testing.T) {
	pool := avecEchantillon(t)
	if _, err := pool.Exec(t.Context(), `
		UPDATE usage_compte SET nb = nb + 1 WHERE ctid = (SELECT min(ctid) FROM usage_compte);
		DELETE FROM logiciel_utilisateur WHERE (logiciel_id, organisation_id) = (SELECT logiciel_id, organisation_id FROM logiciel_utilisateur WHERE nb = 1 LIMIT 1);
		UPDATE organisation SET nb_usages = nb_usages + 7, nb_usages_libres = nb_usages_libres + 2 WHERE cle = 'synd-5'`); err != nil {
		t.Fatal(err)
	}
	ecarts, err := db.CheckComptes(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	// The row taken from logiciel_utilisateur also unsettles the total made from it.
	var tables []string
	for _, e := range ecarts {
		tables = append(tables, e.Table)
	}
	if want := []string{"logiciel", "logiciel_utilisateur", "organisation", "organisation", "usage_compte"}; !slices.Equal(tables, want) {
		t.Errorf("differences in %v, want %v: %+v", tables, want, ecarts)
	}
	if err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error { return db.RecountUsages(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
	if ecarts, err := db.CheckComptes(t.Context(), pool); err != nil || len(ecarts) > 0 {
		t.Errorf("after the recount: %v %v", ecarts, err)
	}
}

// horsEmpreinte are the columns that a sample does not choose: the instant of the writing and, where nothing outside
// knows them, the numbers of the rows.
func horsEmpreinte(table string) string {
	switch table {
	case "adhesion":
		return `'{ecrit_le,cle}'::text[]`
	case "logiciel_lien", "logiciel_categorie":
		return `'{ecrit_le,id}'::text[]`
	}
	return `'{ecrit_le}'::text[]`
}
