package db_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
)

// catalog describes everything the migrations may create, one line each.
const catalog = `
SELECT format('extension %s', extname) FROM pg_extension
UNION ALL SELECT format('schema %s', nspname) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
UNION ALL SELECT format('relation %s %s %s %s', c.relkind, c.oid::regclass, c.relpersistence, c.reloptions)
	FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
UNION ALL SELECT format('column %s.%s %s %s %s %s %s', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
	FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped AND a.attnum > 0
	LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
	WHERE c.relnamespace = 'public'::regnamespace
UNION ALL SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace
UNION ALL SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT format('trigger %s', pg_get_triggerdef(t.oid)) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
UNION ALL SELECT format('view %s %s', c.oid::regclass, pg_get_viewdef(c.oid)) FROM pg_class c WHERE c.relkind IN ('v', 'm') AND c.relnamespace = 'public'::regnamespace
UNION ALL SELECT format('function %s %s', p.oid::regprocedure, CASE WHEN prokind IN ('f', 'p') THEN md5(pg_get_functiondef(p.oid)) END)
	FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
UNION ALL SELECT format('type %s %s', t.oid::regtype, t.typtype) FROM pg_type t WHERE t.typnamespace = 'public'::regnamespace
UNION ALL SELECT format('text search %s %s %s', c.cfgname, m.maptokentype, m.mapdict::regdictionary)
	FROM pg_ts_config c JOIN pg_ts_config_map m ON m.mapcfg = c.oid WHERE c.cfgnamespace = 'public'::regnamespace
UNION ALL SELECT format('policy %s %s %s', tablename, policyname, qual) FROM pg_policies
ORDER BY 1`

func lines(t *testing.T, pool *pgxpool.Pool, sql string) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// without removes from a the lines of b.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(l string) bool { return slices.Contains(b, l) })
}

func TestMigrationsGoUpDownAndUpAgainToTheSameCatalog(t *testing.T) {
	t.Parallel()
	pool := dbtest.Open(t, dbtest.Empty(t))
	applied, err := db.MigrateUp(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	states, err := db.MigrateStatus(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	if len(applied) == 0 || len(applied) != len(states) {
		t.Fatalf("applied %v of %v", applied, states)
	}
	up := lines(t, pool, catalog)
	if again, err := db.MigrateUp(t.Context(), pool); err != nil || len(again) > 0 {
		t.Fatalf("a second run applied %v, %v; want nothing", again, err)
	}

	// One at a time, the last one first.
	for i := len(applied) - 1; i >= 0; i-- {
		undone, err := db.MigrateDown(t.Context(), pool)
		if err != nil || !slices.Equal(undone, applied[i:i+1]) {
			t.Fatalf("undone %v, %v; want %s", undone, err, applied[i])
		}
	}
	if left := without(lines(t, pool, catalog), bookkeeping(t)); len(left) > 0 {
		t.Errorf("left after all the way down:\n%s", strings.Join(left, "\n"))
	}
	if undone, err := db.MigrateDown(t.Context(), pool); err != nil || len(undone) > 0 {
		t.Errorf("down on an empty database: %v, %v", undone, err)
	}

	if again, err := db.MigrateUp(t.Context(), pool); err != nil || !slices.Equal(again, applied) {
		t.Fatalf("up again applied %v, %v; want %v", again, err, applied)
	}
	second := lines(t, pool, catalog)
	if lost, gained := without(up, second), without(second, up); len(lost)+len(gained) > 0 {
		t.Errorf("after up, down, up\nlost:\n%s\ngained:\n%s", strings.Join(lost, "\n"), strings.Join(gained, "\n"))
	}
}

// bookkeeping is the catalog of a database that knows of no migration but the one
// that does nothing.
func bookkeeping(t *testing.T) []string {
	t.Helper()
	pool := dbtest.Open(t, dbtest.Empty(t))
	if _, err := db.MigrateUpFrom(t.Context(), pool, files("20260101000000_rien", "SELECT 1", "SELECT 1")); err != nil {
		t.Fatal(err)
	}
	return lines(t, pool, catalog)
}

// files makes migrations: name, up, down, name, up, down…
func files(texts ...string) fstest.MapFS {
	all := fstest.MapFS{}
	for i := 0; i < len(texts); i += 3 {
		all[texts[i]+".up.sql"] = &fstest.MapFile{Data: []byte(texts[i+1])}
		all[texts[i]+".down.sql"] = &fstest.MapFile{Data: []byte(texts[i+2])}
	}
	return all
}

func TestAFailingMigrationLeavesNothingAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	pool := dbtest.Open(t, dbtest.Empty(t))
	good := []string{"20260101000000_bon", "CREATE TABLE bon (n int)", "DROP TABLE bon"}
	bad := append(slices.Clone(good),
		"20260102000000_mauvais", "CREATE TABLE début (n int);\n\nINSERT INTO absente\nVALUES (1);\n", "DROP TABLE début")
	applied, err := db.MigrateUpFrom(t.Context(), pool, files(bad...))
	if err == nil || !strings.Contains(err.Error(), "20260102000000_mauvais.up.sql:3:") || !strings.Contains(err.Error(), "absente") {
		t.Errorf("err = %v, want file, line and reason", err)
	}
	if !slices.Equal(applied, []string{"20260101000000_bon"}) {
		t.Errorf("applied = %v", applied)
	}
	states, err := db.MigrateStatusFrom(t.Context(), pool, files(bad...))
	if err != nil || len(states) != 2 || states[0].AppliqueeLe == nil || states[1].AppliqueeLe != nil {
		t.Errorf("states = %+v, %v; want the first one applied, not the second", states, err)
	}
	if got := lines(t, pool, `SELECT relname::text FROM pg_class WHERE relname IN ('bon', 'début')`); !slices.Equal(got, []string{"bon"}) {
		t.Errorf("tables = %v, want nothing of the failed migration", got)
	}
	bad[4] = strings.Replace(bad[4], "absente", "début", 1)
	if applied, err := db.MigrateUpFrom(t.Context(), pool, files(bad...)); err != nil || !slices.Equal(applied, []string{"20260102000000_mauvais"}) {
		t.Errorf("once corrected: %v, %v", applied, err)
	}
}

func TestAFailingUndoLeavesTheMigrationApplied(t *testing.T) {
	t.Parallel()
	pool := dbtest.Open(t, dbtest.Empty(t))
	set := files("20260101000000_un", "CREATE TABLE un (n int)", "DROP TABLE un; DROP TABLE deux")
	if _, err := db.MigrateUpFrom(t.Context(), pool, set); err != nil {
		t.Fatal(err)
	}
	if _, err := db.MigrateDownFrom(t.Context(), pool, set); err == nil {
		t.Fatal("the undo succeeded")
	}
	states, err := db.MigrateStatusFrom(t.Context(), pool, set)
	if err != nil || states[0].AppliqueeLe == nil {
		t.Errorf("states = %+v, %v; want it still applied", states, err)
	}
	if got := lines(t, pool, `SELECT relname::text FROM pg_class WHERE relname = 'un'`); len(got) != 1 {
		t.Error("the table is gone although the undo failed")
	}
}

// A migration and its record commit together: were they apart, a kill between them
// would leave a database on which the next start fails for ever.
func TestAMigrationCommitsWithItsRecord(t *testing.T) {
	t.Parallel()
	pool := dbtest.Open(t, dbtest.Empty(t))
	// bun's own mark, which comes after the commit, is prevented by a trigger that lets
	// only the migration's transaction write.
	cut := files("20260101000000_un", "CREATE TABLE un (n int)", "DROP TABLE un",
		"20260102000000_deux", `
		CREATE TABLE deux (transaction xid8);
		INSERT INTO deux VALUES (pg_current_xact_id());
		CREATE FUNCTION coupe() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF pg_current_xact_id() <> (SELECT transaction FROM deux) THEN RAISE 'coupure'; END IF;
			RETURN NEW;
		END $$;
		CREATE TRIGGER coupe BEFORE INSERT OR UPDATE ON bun_migrations FOR EACH ROW EXECUTE FUNCTION coupe()`,
		"DROP TRIGGER coupe ON bun_migrations; DROP FUNCTION coupe; DROP TABLE deux")
	if _, err := db.MigrateUpFrom(t.Context(), pool, cut); err == nil || !strings.Contains(err.Error(), "coupure") {
		t.Fatalf("err = %v, want the cut", err)
	}
	if again, err := db.MigrateUpFrom(t.Context(), pool, cut); err != nil || len(again) > 0 {
		t.Fatalf("after the cut: %v, %v; want nothing left to apply", again, err)
	}
	if undone, err := db.MigrateDownFrom(t.Context(), pool, cut); err != nil || len(undone) != 1 {
		t.Fatalf("undone %v, %v", undone, err)
	}
}

func TestSimultaneousRunsApplyEachMigrationOnce(t *testing.T) {
	t.Parallel()
	url := dbtest.Empty(t)
	set := files(
		"20260101000000_un", "SELECT pg_sleep(0.2); CREATE TABLE un (n int)", "DROP TABLE un",
		"20260102000000_deux", "SELECT pg_sleep(0.2); CREATE TABLE deux (n int)", "DROP TABLE deux")
	type result struct {
		applied []string
		err     error
	}
	results := make(chan result)
	for range 4 {
		pool := dbtest.Open(t, url)
		go func() {
			applied, err := db.MigrateUpFrom(context.Background(), pool, set)
			results <- result{applied, err}
		}()
	}
	var all []string
	for range 4 {
		r := <-results
		if r.err != nil {
			t.Error(r.err)
		}
		all = append(all, r.applied...)
	}
	slices.Sort(all)
	if !slices.Equal(all, []string{"20260101000000_un", "20260102000000_deux"}) {
		t.Errorf("applied in all: %v, want each one once", all)
	}
}

// A server whose pool has one connection, and whose requests have little time, must be able to migrate.
func TestOneConnectionAndAnyLimitOfTimeAreEnoughToMigrate(t *testing.T) {
	t.Parallel()
	config, err := pgxpool.ParseConfig(dbtest.Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 1
	config.ConnConfig.RuntimeParams["statement_timeout"] = "1"
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	set := files("20260101000000_lent", "SELECT pg_sleep(0.3); SELECT to_jsonb(1) ? 'a'", "SELECT 1")
	if _, err := db.MigrateUpFrom(t.Context(), pool, set); err != nil {
		t.Error(err)
	}
}

func TestMigrationsCurrentTellsAnEmptyAnOldAndANewerDatabase(t *testing.T) {
	t.Parallel()
	pool := dbtest.Open(t, dbtest.Empty(t))
	check := func(want bool) {
		t.Helper()
		if current, err := db.MigrationsCurrent(t.Context(), pool); err != nil || current != want {
			t.Errorf("current = %v, %v; want %v", current, err, want)
		}
	}
	before := lines(t, pool, catalog)
	check(false)
	if after := lines(t, pool, catalog); !slices.Equal(before, after) {
		t.Errorf("asking wrote %v", without(after, before))
	}
	if _, err := db.MigrateUp(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	check(true)
	if _, err := db.MigrateDown(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	check(false)
	if _, err := db.MigrateUp(t.Context(), pool); err != nil {
		t.Fatal(err)
	}

	// A later program has migrated: this one still serves, but undoes nothing.
	if _, err := pool.Exec(t.Context(), `INSERT INTO bun_migrations (name, group_id) VALUES ('29990101000000', 99)`); err != nil {
		t.Fatal(err)
	}
	check(true)
	states, err := db.MigrateStatus(t.Context(), pool)
	if err != nil || !states[len(states)-1].Inconnue {
		t.Errorf("states = %+v, %v; want the last one unknown", states, err)
	}
	if _, err := db.MigrateDown(t.Context(), pool); err == nil || !strings.Contains(err.Error(), "29990101000000") {
		t.Errorf("down = %v, want a refusal", err)
	}
	check(true)
}

func TestMigrationFilesAreCheckedBeforeAnythingRuns(t *testing.T) {
	t.Parallel()
	pool := dbtest.Open(t, dbtest.Empty(t))
	sql := &fstest.MapFile{Data: []byte("SELECT 1")}
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"without down":        {fstest.MapFS{"20260101000000_un.up.sql": sql}, ".down.sql is missing"},
		"without up":          {fstest.MapFS{"20260101000000_un.down.sql": sql}, ".up.sql is missing"},
		"short number":        {files("2026_un", "SELECT 1", "SELECT 1"), "YYYYMMDDHHMMSS"},
		"same number":         {files("20260101000000_un", "SELECT 1", "SELECT 1", "20260101000000_zut", "SELECT 1", "SELECT 1"), "same number"},
		"neither up nor down": {fstest.MapFS{"20260101000000_un.sql": sql}, "YYYYMMDDHHMMSS"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := db.MigrateUpFrom(t.Context(), pool, c.files); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("err = %v, want %q", err, c.want)
			}
		})
	}
	if got := lines(t, pool, `SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace`); len(got) > 0 {
		t.Errorf("something ran: %v", got)
	}
}
