package sortie_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/seed/seedtest"
	"github.com/mutualibre/mutualibre/server/sortie"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const patience = 30 * time.Second

func silence(t testing.TB) *slog.Logger { return slog.New(slog.NewTextHandler(t.Output(), nil)) }

// essai is the real handler on a real database.
type essai struct {
	http.Handler
	store *db.Store
	pool  *pgxpool.Pool
}

// reel is over all that the project ships, with a sample so that no list is short.
func reel(t testing.TB) *essai { return ouvert(t, seedtest.Echantillon(t, 5_000, 7)) }

func ouvert(t testing.TB, url string) *essai {
	t.Helper()
	pool, err := db.Connect(t.Context(), url, db.Options{StatementTimeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	store := db.NewStore(pool)
	t.Cleanup(func() { store.Close() })
	return &essai{sortie.New(sortie.Config{
		Store: store, Log: silence(t), Duree: time.Minute, Simultanes: 2, Delai: 10 * time.Second,
		Maintenant: time.Now,
	}), store, pool}
}

// ask sends a GET as an identity; nil for anyone. Each header is "Name", "value".
func (e *essai) ask(t testing.TB, i *db.Identite, adresse string, entetes ...string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, adresse, nil)
	for j := 0; j < len(entetes); j += 2 {
		r.Header.Set(entetes[j], entetes[j+1])
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r.WithContext(db.WithIdentite(t.Context(), i)))
	corps, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Result(), string(corps)
}

// must is ask for what must be there.
func (e *essai) must(t testing.TB, i *db.Identite, adresse string) string {
	t.Helper()
	r, corps := e.ask(t, i, adresse)
	if r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", adresse, r.StatusCode, corps)
	}
	return corps
}

// colonne reads one column of the database.
func colonne[T any](t testing.TB, pool *pgxpool.Pool, sql string, args ...any) []T {
	t.Helper()
	rows, err := pool.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return out
}
