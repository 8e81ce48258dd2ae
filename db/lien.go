package db

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// LiensAVerifier lists addresses that the graph shows and that were not visited for a while: those never visited first,
// then the oldest visits.
func LiensAVerifier(ctx context.Context, pool *pgxpool.Pool, max int, repos time.Duration) ([]string, error) {
	rows, err := pool.Query(ctx, `
		SELECT x.url FROM (
			SELECT l.site FROM logiciel l UNION SELECT l.depot FROM logiciel l
			UNION SELECT o.site FROM organisation o WHERE o.actif UNION SELECT s.url FROM source s UNION SELECT r.url FROM ressource_support r) x (url)
		LEFT JOIN lien_verifie v USING (url)
		WHERE x.url ~* '^https?://' AND (v.verifie_le IS NULL OR v.verifie_le < now() - $2::interval)
		ORDER BY v.verifie_le NULLS FIRST, x.url LIMIT $1`, max, repos)
	if err != nil {
		return nil, Translate(err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// echecsMort is how many visits in a row must fail before an address is dead: one may be a bad moment.
const echecsMort = 2

// NoterLien keeps what the visit of an address gave, in a few words.
func NoterLien(ctx context.Context, pool *pgxpool.Pool, url, resultat string, repond bool) error {
	_, err := pool.Exec(ctx, `INSERT INTO lien_verifie AS v (url, mort, echecs, resultat, verifie_le) VALUES ($1, false, CASE WHEN $3 THEN 0 ELSE 1 END, $2, now())
		ON CONFLICT (url) DO UPDATE SET echecs = CASE WHEN $3 THEN 0 ELSE v.echecs + 1 END,
			mort = NOT $3 AND v.echecs + 1 >= $4, resultat = excluded.resultat, verifie_le = excluded.verifie_le`, url, resultat, repond, echecsMort)
	return Translate(err)
}
