package db_test

import (
	"encoding/json"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/db/page"
)

func TestNeedsLikeAnotherAreNotLookedForAmongAll(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	admin := dbtest.New(t)
	const besoins = 20_000
	if _, err := admin.Exec(ctx, organisationsEssai+`;
		INSERT INTO logiciel (id, slug, nom, nom_tri, libre, ajoute_le, source_id) SELECT i, 'm' || i, 'M' || i, 'm' || i, true, '2020-01-01', 1 FROM generate_series(11, 1010) i;
		INSERT INTO categorie (id, code, nom) SELECT i, 'c' || i, 'C' || i FROM generate_series(1, 100) i;
		INSERT INTO logiciel_categorie (logiciel_id, categorie_id) SELECT i, i % 100 + 1 FROM generate_series(11, 1010) i`); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Exec(ctx, `INSERT INTO besoin (cle, organisation_id, titre, logiciel_id, categorie_id, ouvert, etat, clos_le, source_id)
		SELECT gen_random_uuid(), i / 7 % 8 + 1, 'B', CASE WHEN i % 2 = 0 THEN i % 1000 + 11 END, CASE WHEN i % 2 = 1 THEN i % 100 + 1 END, i % 3 > 0,
			CASE WHEN i / 3 % 4 = 0 THEN 'OUVERT' ELSE 'POURVU' END, CASE WHEN i / 3 % 4 > 0 THEN now() END, 1 FROM generate_series(1, $1::integer) i`, besoins); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Exec(ctx, `ANALYZE`); err != nil {
		t.Fatal(err)
	}
	sent := &capture{}
	open := func(tracer pgx.QueryTracer, path string) *pgxpool.Pool {
		c := admin.Config().Copy()
		c.ConnConfig.Tracer, c.ConnConfig.RuntimeParams["search_path"] = tracer, path
		pool, err := pgxpool.NewWithConfig(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		return pool
	}
	s := db.NewStore(open(sent, "public"))
	t.Cleanup(func() { s.Close() })
	found, err := s.Besoins(ctx, nil, page.Args{First: ptr(20)})
	if err != nil {
		t.Fatal(err)
	}
	sent.take()
	total := 0
	for _, b := range found.Nodes {
		of, err := s.BesoinsSimilaires(ctx, b)
		if err != nil {
			t.Fatal(err)
		}
		total += len(of)
	}
	if total == 0 {
		t.Error("none is like another: the test proves nothing")
	}
	explain := open(nil, "lecture_publique, public")
	for _, q := range sent.take() {
		var raw []byte
		if err := explain.QueryRow(ctx, "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) "+q.sql, append([]any{pgx.QueryExecModeExec}, q.args...)...).Scan(&raw); err != nil {
			t.Fatal(err)
		}
		var plans []struct{ Plan plan }
		if err := json.Unmarshal(raw, &plans); err != nil {
			t.Fatal(err)
		}
		if n := plans[0].Plan.luesDe("besoin"); n > besoins/2 {
			t.Errorf("%.0f rows are read for 20 needs, of %d\n%s", n, besoins, raw)
		}
	}
}
