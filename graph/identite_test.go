package graph_test

import (
	"net/http"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// as returns the API as it answers who holds a token of a role for the organisation of this key ("" for all), made the
// way the command line makes it.
func (a *api) as(t testing.TB, role droit.Role, cle string) *api {
	t.Helper()
	return &api{Handler: identified(a.Handler, a.identity(t, role, cle)), store: a.store, pool: a.pool}
}

func (a *api) identity(t testing.TB, role droit.Role, cle string) *db.Identite {
	t.Helper()
	id := ""
	if cle != "" {
		id = a.organisation(t, cle)
	}
	return dbtest.Identite(t, a.store, role, id)
}

// identified serves every request as one identity.
func identified(h http.Handler, i *db.Identite) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(db.WithIdentite(r.Context(), i)))
	})
}

// organisation gives the public id of the organisation of a key: its SIREN, mostly.
func (a *api) organisation(t testing.TB, cle string) string {
	t.Helper()
	genre := value[string](t, a.pool, `SELECT genre FROM organisation WHERE cle = $1`, cle)
	return identifiant.Global(map[string]string{"COLLECTIVITE": "Collectivite", "SYNDICAT": "SyndicatMixte", "PRESTATAIRE": "Prestataire"}[genre], cle)
}

// value reads one value of the database.
func value[T any](t testing.TB, pool *pgxpool.Pool, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := pool.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}
