package importation_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/seed/importation"
	"github.com/mutualibre/mutualibre/seed/seedtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// Two syndicats of the shipped data, a commune of each, and a commune that is of neither.
const (
	sitpi, alpi  = "253800700", "254003304"
	echirolles   = "213801517"
	montDeMarsan = "214001927"
	arles        = "211300041"
)

// base is a database with all that the project ships, and what stands on it.
type base struct {
	store *db.Store
	pool  *pgxpool.Pool
}

func real(t testing.TB) *base {
	t.Helper()
	pool, err := db.Connect(t.Context(), seedtest.URL(t), db.Options{StatementTimeout: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	b := &base{db.NewStore(pool), pool}
	t.Cleanup(func() { b.store.Close() })
	return b
}

// value reads one value of the database.
func value[T any](t testing.TB, b *base, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := b.pool.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// as is a context under which someone with a role for the organisation of a key imports.
func (b *base) as(t testing.TB, role droit.Role, cle string) context.Context {
	t.Helper()
	id := ""
	if cle != "" {
		genre := map[string]string{"COLLECTIVITE": "Collectivite", "SYNDICAT": "SyndicatMixte", "PRESTATAIRE": "Prestataire"}[value[string](t, b, `SELECT genre FROM organisation WHERE cle = $1`, cle)]
		id = identifiant.Global(genre, cle)
	}
	return db.WithIdentite(t.Context(), dbtest.Identite(t, b.store, role, id))
}

// commande is a context under which the machine itself imports.
func commande(t testing.TB) context.Context {
	return db.WithIdentite(t.Context(), db.Commande("import"))
}

// importe runs an import, which ends without an error of its own; the second result is the table of rejected lines.
func (b *base) importe(ctx context.Context, t testing.TB, d importation.Demande, contenu string) (*importation.Rapport, string) {
	t.Helper()
	return b.lit(ctx, t, d, strings.NewReader(contenu))
}

// lit imports what is read.
func (b *base) lit(ctx context.Context, t testing.TB, d importation.Demande, contenu io.Reader) (*importation.Rapport, string) {
	t.Helper()
	var rejets bytes.Buffer
	d.Contenu, d.Rejets = contenu, &rejets
	r, err := importation.Importer(ctx, b.store, d)
	if err != nil {
		t.Fatal(err)
	}
	if r.Lignes != r.Ajouts+r.Corrections+r.Inchanges+r.Rejets {
		t.Errorf("the lines do not add up: %+v", r)
	}
	return r, rejets.String()
}

// wants fails unless the counts are these: added, corrected, unchanged, refused.
func wants(t testing.TB, r *importation.Rapport, ajouts, corrections, inchanges, rejets int) {
	t.Helper()
	if r.Ajouts != ajouts || r.Corrections != corrections || r.Inchanges != inchanges || r.Rejets != rejets {
		t.Errorf("added %d, corrected %d, unchanged %d, refused %d; want %d, %d, %d, %d\n%v", r.Ajouts, r.Corrections, r.Inchanges, r.Rejets,
			ajouts, corrections, inchanges, rejets, r.Fautes[:min(5, len(r.Fautes))])
	}
}

// sum is a fingerprint of everything that an import may touch.
func (b *base) sum(t testing.TB) string {
	t.Helper()
	var all []string
	for _, table := range []string{"usage", "usage_passe", "entree_catalogue", "adhesion", "economie", "abonnement", "source", "organisation", "logiciel",
		"journal", "publication", "usage_compte", "logiciel_utilisateur", "importation"} {
		all = append(all, value[string](t, b, fmt.Sprintf(`SELECT coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') FROM %s t`, table)))
	}
	return strings.Join(all, " ")
}
