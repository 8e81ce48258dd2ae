package echantillon

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/mutualibre/mutualibre/db"
)

// remove deletes in the order of the foreign keys; logiciel takes its categories and names along.
func remove(ctx context.Context, tx pgx.Tx) (bool, error) {
	if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = 0; SET LOCAL mutualibre.journal = 'non'; SET LOCAL mutualibre.adoption = 'non'`); err != nil {
		return false, err
	}
	var source int64
	err := tx.QueryRow(ctx, `SELECT id FROM source WHERE cle = $1 FOR UPDATE`, CleSource).Scan(&source)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	supprimer := func(table string) error {
		_, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE source_id = $1`, source)
		return err
	}
	if err = supprimer("economie"); err != nil {
		return false, err
	}
	// What the observatory counts is counted again once, when both are gone.
	err = db.WriteUsagesInBulk(ctx, tx, func(context.Context) error { return errors.Join(supprimer("abonnement"), supprimer("usage")) })
	for _, table := range []string{"entree_catalogue", "catalogue", "adhesion", "logiciel_lien", "logiciel"} {
		if err == nil {
			err = supprimer(table)
		}
	}
	if err == nil {
		_, err = tx.Exec(ctx, `DELETE FROM importation WHERE format = $1`, CleSource)
	}
	if err == nil {
		_, err = tx.Exec(ctx, `DELETE FROM source WHERE id = $1`, source)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23503" { // foreign_key_violation
		return false, errors.Join(ErrCite, err)
	}
	return err == nil, err
}
