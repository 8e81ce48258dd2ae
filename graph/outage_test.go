package graph_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/graph"
)

// limited is the API over an empty database, with its own limits.
func limited(t *testing.T, url string, statement, operation time.Duration) *api {
	t.Helper()
	pool, err := db.Connect(t.Context(), url, db.Options{StatementTimeout: statement})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	store := db.NewStore(pool)
	t.Cleanup(func() { store.Close() })
	h, err := graph.NewHandler(graph.Config{Store: store, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Timeout: operation})
	if err != nil {
		t.Fatal(err)
	}
	return &api{Handler: h}
}

// code is the code of the only error of an answer.
func code(t *testing.T, got answer) any {
	t.Helper()
	if len(got.Errors) != 1 {
		t.Fatalf("%d errors: %v", len(got.Errors), got.Errors)
	}
	return got.Errors[0].Extensions["code"]
}

func TestTheTimeOfARequestReachesPostgreSQL(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	blocker, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer blocker.Close(t.Context())
	tx, err := blocker.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), `LOCK TABLE logiciel IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]*api{
		"the operation's": limited(t, url, time.Minute, 200*time.Millisecond),
		"the statement's": limited(t, url, 200*time.Millisecond, time.Minute),
	} {
		if got := code(t, a.ask(t, `{ logiciels { nodes { nom } } }`, nil)); got != "DELAI_DEPASSE" {
			t.Errorf("%s limit gives %v", name, got)
		}
		waiting := -1
		for range 100 { // a cancelled statement ends when PostgreSQL reads the request to cancel it
			if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
				AND wait_event_type = 'Lock'`).Scan(&waiting); err != nil {
				t.Fatal(err)
			}
			if waiting == 0 {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if waiting != 0 {
			t.Errorf("%s limit leaves %d statements waiting in PostgreSQL", name, waiting)
		}
		// The rest of the graph still answers, if not always so fast on a busy machine.
		answered := false
		for i := 0; i < 50 && !answered; i++ {
			answered = len(a.ask(t, `{ categories { code } }`, nil).Errors) == 0
		}
		if !answered {
			t.Errorf("%s limit leaves the rest of the graph without an answer", name)
		}
	}
}

func TestADatabaseGoneIsSaidUnavailableAndComesBack(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	a := limited(t, url, time.Minute, 10*time.Second)
	a.must(t, `{ categories { code } }`, nil)
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	database := config.Database
	name := pgx.Identifier{database}.Sanitize()
	config.Database = "postgres"
	admin, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(t.Context())
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := admin.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`ALTER DATABASE ` + name + ` ALLOW_CONNECTIONS false`)
	exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, database)
	for range 3 { // the first finds its connection cut, the next find none
		if got := code(t, a.ask(t, `{ categories { code } }`, nil)); got != "INDISPONIBLE" {
			t.Errorf("a database gone gives %v", got)
		}
	}
	exec(`ALTER DATABASE ` + name + ` ALLOW_CONNECTIONS true`)
	a.must(t, `{ categories { code } }`, nil)
}
