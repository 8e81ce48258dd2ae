package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"github.com/mutualibre/mutualibre/db"
)

// errComptesFaux: a kept count does not say what it counts. The differences are printed.
var errComptesFaux = errors.New("des comptes tenus ne disent pas ce qu'ils comptent ; « comptes --refaire » les refait")

func (app *application) commandeComptes() *cobra.Command {
	reglages := reglagesBase()
	cmd := &cobra.Command{
		Use:   "comptes",
		Short: "vérifie les comptes que la base tient à jour, ou les refait",
		Long: `Compte de nouveau tout ce que la base tient à jour à chaque écriture (utilisateurs,
adoption, bilans, économies) et affiche chaque différence ; il ne doit pas y en
avoir. Avec --refaire, les comptes faux sont refaits. Pendant ce temps, les
écritures d'usages et les lectures de l'observatoire attendent : quelques secondes,
ou quelques minutes pour plus d'un million d'usages.`,
		Example: `  go run ./server comptes
  go run ./server comptes --refaire`,
	}
	declare(cmd.Flags(), reglages)
	refaire := cmd.Flags().Bool("refaire", false, "refait les comptes")
	cmd.RunE = app.action(reglages, sansArgument, func(cmd *cobra.Command, c config, _ []string) error {
		return avecBase(cmd.Context(), c, app.journal(c), func(pool *pgxpool.Pool) error {
			return app.checkComptes(cmd.Context(), pool, *refaire)
		})
	})
	return cmd
}

// checkComptes prints the differences, and mends them when asked.
func (app *application) checkComptes(ctx context.Context, pool *pgxpool.Pool, refaire bool) error {
	ecarts, err := db.CheckComptes(ctx, pool)
	if err != nil {
		return err
	}
	for _, e := range ecarts {
		fmt.Fprintf(app.stdout, "%s, %s : tenu %d, vrai %d\n", e.Table, e.Cle, e.Tenu, e.Vrai)
	}
	switch {
	case len(ecarts) == 0:
		fmt.Fprintln(app.stdout, "Aucune différence.")
		return nil
	case !refaire:
		fmt.Fprintf(app.stdout, "Différences : %d.\n", len(ecarts))
		return errComptesFaux
	}
	if err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = 0`); err != nil {
			return err
		}
		return db.RecountUsages(ctx, tx)
	}); err != nil {
		return err
	}
	fmt.Fprintf(app.stdout, "Différences : %d ; comptes refaits.\n", len(ecarts))
	return nil
}
