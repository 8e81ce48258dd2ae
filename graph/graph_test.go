package graph_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/graph"
	"github.com/mutualibre/mutualibre/seed/seedtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// real returns the API over all that the project ships.
func real(t testing.TB) *api { return open(t, seedtest.URL(t)) }

// sampled returns the API over what the project ships and a small synthetic sample, so that every list has pages.
func sampled(t testing.TB) *api { return open(t, sample(t)) }

// sample returns the address of such a database, for a test that reads or completes it beside the API.
func sample(t testing.TB) string { return seedtest.Echantillon(t, 5_000, 7) }

// api is the real handler on a real database, with what it stands on.
type api struct {
	http.Handler
	store *db.Store
	pool  *pgxpool.Pool
}

func open(t testing.TB, url string) *api {
	t.Helper()
	pool, err := db.Connect(t.Context(), url, db.Options{StatementTimeout: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	store := db.NewStore(pool)
	t.Cleanup(func() { store.Close() })
	h, err := graph.NewHandler(graph.Config{Store: store, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Timeout: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return &api{Handler: h, store: store, pool: pool}
}

// answer is what a client received, and how many SQL statements it cost.
type answer struct {
	Data       any           `json:"data"`
	Errors     []clientError `json:"errors"`
	statements int64
	raw        json.RawMessage // Data as sent, its fields in the order asked
}

type clientError struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
}

// ask sends one operation.
func (a *api) ask(t testing.TB, query string, variables map[string]any) answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	ctx, statements := db.WithCounter(t.Context())
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body)).WithContext(ctx)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	raw, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	var got answer
	var sent struct{ Data json.RawMessage }
	if err := errors.Join(json.Unmarshal(raw, &got), json.Unmarshal(raw, &sent)); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	got.raw = sent.Data
	got.statements = statements.Load()
	return got
}

// must sends one operation that has no error.
func (a *api) must(t testing.TB, query string, variables map[string]any) answer {
	t.Helper()
	got := a.ask(t, query, variables)
	if len(got.Errors) > 0 {
		t.Fatalf("%s\n%v", query, got.Errors)
	}
	return got
}

// at follows a path of fields and indexes.
func at(t testing.TB, v any, path ...any) any {
	t.Helper()
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				t.Fatalf("no field %s in %v", p, v)
			}
			v = m[p]
		case int:
			l, ok := v.([]any)
			if !ok || p >= len(l) {
				t.Fatalf("no element %d in %v", p, v)
			}
			v = l[p]
		}
	}
	return v
}
