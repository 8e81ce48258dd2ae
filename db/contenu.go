package db

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Contenu says what kind of data a migrated database holds.
type Contenu struct {
	Vide        bool // no data at all
	Synthetique bool // an invented sample is there, alone or among real data
}

// ReadContenu looks at the sources of a migrated database.
func ReadContenu(ctx context.Context, pool *pgxpool.Pool) (c Contenu, err error) {
	err = pool.QueryRow(ctx, `SELECT NOT EXISTS (SELECT FROM source), EXISTS (SELECT FROM source WHERE synthetique)`).
		Scan(&c.Vide, &c.Synthetique)
	return c, err
}
