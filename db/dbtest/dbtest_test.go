package dbtest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestNewGivesAMigratedDatabase(t *testing.T) {
	t.Parallel()
	current, err := db.MigrationsCurrent(t.Context(), dbtest.New(t))
	if err != nil || !current {
		t.Fatalf("MigrationsCurrent = %v, %v; want true", current, err)
	}
}

func TestDatabasesAreIsolated(t *testing.T) {
	t.Parallel()
	for i := range 10 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			pool := dbtest.New(t)
			if _, err := pool.Exec(t.Context(), `CREATE TABLE mine (n int)`); err != nil {
				t.Fatal(err)
			}
			if _, err := pool.Exec(t.Context(), `INSERT INTO mine VALUES ($1)`, i); err != nil {
				t.Fatal(err)
			}
			var n int
			if err := pool.QueryRow(t.Context(), `SELECT sum(n) FROM mine`).Scan(&n); err != nil || n != i {
				t.Fatalf("sum = %d, %v; want %d", n, err, i)
			}
		})
	}
}

func TestTestsDoNotRunAsSuperuser(t *testing.T) {
	t.Parallel()
	if os.Getenv("TEST_DATABASE_URL") != "" {
		t.Skip("the role is the one given in TEST_DATABASE_URL")
	}
	var super bool
	if err := dbtest.New(t).QueryRow(t.Context(), `SELECT rolsuper FROM pg_roles WHERE rolname = current_user`).Scan(&super); err != nil {
		t.Fatal(err)
	}
	if super {
		t.Fatal("a superuser would hide missing rights, and check no policy")
	}
}

func TestURLFromFillsOncePerKey(t *testing.T) {
	t.Parallel()
	var fills atomic.Int32
	fill := func(url string) error {
		fills.Add(1)
		pool, err := pgxpool.New(context.Background(), url)
		if err != nil {
			return err
		}
		defer pool.Close()
		_, err = pool.Exec(context.Background(), `CREATE TABLE seeded AS SELECT generate_series(1, 1000) n`)
		return err
	}
	key := t.Name() + fmt.Sprintf("%p", t)
	t.Run("copies", func(t *testing.T) {
		for i := range 4 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				pool := dbtest.NewFrom(t, key, fill)
				var n int
				if err := pool.QueryRow(t.Context(), `WITH d AS (DELETE FROM seeded RETURNING n) SELECT count(*) FROM d`).Scan(&n); err != nil || n != 1000 {
					t.Fatalf("rows = %d, %v; want 1000 in each copy", n, err)
				}
			})
		}
	})
	if n := fills.Load(); n != 1 {
		t.Fatalf("fill ran %d times, want once", n)
	}
}

// A failure in fill must fail the test that asked, and not leave a half-filled template.
func TestURLFromReportsAFailedFill(t *testing.T) {
	t.Parallel()
	key := t.Name() + fmt.Sprintf("%p", t)
	probe := &recorder{TB: t}
	probe.run(func() { dbtest.URLFrom(probe, key, func(string) error { return errors.New("no such file") }) })
	if !strings.Contains(probe.fatal, "no such file") {
		t.Fatalf("fatal message = %q, want fill's error", probe.fatal)
	}
	dbtest.URLFrom(t, key, func(string) error { return nil })
}

func TestPassedDatabasesAreDroppedAndFailedOnesKept(t *testing.T) {
	t.Parallel()
	admin, err := pgx.Connect(t.Context(), dbtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	exists := func(url string) (found bool) {
		config, err := pgx.ParseConfig(url)
		if err != nil {
			t.Fatal(err)
		}
		if err := admin.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, config.Database).Scan(&found); err != nil {
			t.Fatal(err)
		}
		return found
	}

	passed := &recorder{TB: t}
	url := dbtest.URL(passed)
	if !exists(url) {
		t.Fatal("the database is not there during the test")
	}
	// A connection left open must not keep the database.
	leak, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer leak.Close(context.Background())
	passed.cleanup()
	if exists(url) {
		t.Error("the database of a passed test is still there")
	}

	failed := &recorder{TB: t, failed: true}
	url = dbtest.URL(failed)
	failed.cleanup()
	if !exists(url) {
		t.Error("the database of a failed test is gone")
	}
	if !strings.Contains(failed.logged, url) {
		t.Errorf("log = %q, want the address %s", failed.logged, url)
	}
	if _, err := admin.Exec(t.Context(), `DROP DATABASE `+pgx.Identifier{must(pgx.ParseConfig(url)).Database}.Sanitize()); err != nil {
		t.Error(err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// recorder stands for a test whose end we decide.
type recorder struct {
	testing.TB
	failed   bool
	fatal    string
	logged   string
	cleanups []func()
}

func (r *recorder) run(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

func (r *recorder) Helper()          {}
func (r *recorder) Failed() bool     { return r.failed }
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Logf(format string, args ...any) {
	r.logged += fmt.Sprintf(format, args...)
}
func (r *recorder) Fatalf(format string, args ...any) {
	r.fatal = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (r *recorder) cleanup() {
	for i := len(r.cleanups) - 1; i >= 0; i-- {
		r.cleanups[i]()
	}
}
