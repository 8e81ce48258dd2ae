package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"github.com/mutualibre/mutualibre/db"
)

func (app *application) commandeMigrate() *cobra.Command {
	groupe := &cobra.Command{
		Use:   "migrate",
		Short: "met à jour la structure de la base, revient en arrière ou dit où elle en est",
		Long: `Fait avancer ou reculer la structure de la base, ou dit où elle en est.
« serve » et « seed » la font avancer d'eux-mêmes.`,
		Example: `  go run ./server migrate status
  go run ./server migrate up`,
	}
	groupe.RunE = app.action(nil, func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return inconnue(cmd, args)
		}
		return fmt.Errorf("« %s » attend up, down ou status", cmd.CommandPath())
	}, nil)
	groupe.AddCommand(
		app.commandeMigration("up", "applique les migrations qui manquent", func(ctx context.Context, pool *pgxpool.Pool) error {
			noms, err := db.MigrateUp(ctx, pool)
			return app.sayMigrations(noms, err, "appliquée", "La base est à jour, il n'y avait rien à appliquer.")
		}),
		app.commandeMigration("down", "annule la dernière migration, avec les données qu'elle portait", func(ctx context.Context, pool *pgxpool.Pool) error {
			noms, err := db.MigrateDown(ctx, pool)
			return app.sayMigrations(noms, err, "annulée", "Il n'y avait aucune migration à annuler.")
		}),
		app.commandeMigration("status", "affiche les migrations et leur date", func(ctx context.Context, pool *pgxpool.Pool) error {
			etats, err := db.MigrateStatus(ctx, pool)
			if err != nil {
				return err
			}
			t := tabwriter.NewWriter(app.stdout, 0, 0, 2, ' ', 0)
			for _, e := range etats {
				quand := "à appliquer"
				if e.AppliqueeLe != nil {
					quand = "appliquée le " + e.AppliqueeLe.Local().Format("02/01/2006 à 15:04:05")
				}
				if e.Inconnue {
					quand += ", inconnue de cette version du programme"
				}
				fmt.Fprintf(t, "%s\t%s\n", e.Nom, quand)
			}
			return t.Flush()
		}),
	)
	return groupe
}

func (app *application) commandeMigration(nom, role string, work func(context.Context, *pgxpool.Pool) error) *cobra.Command {
	reglages := reglagesBase()
	cmd := &cobra.Command{Use: nom, Short: role, Example: "  go run ./server migrate " + nom}
	declare(cmd.Flags(), reglages)
	cmd.RunE = app.action(reglages, nil, func(cmd *cobra.Command, c config, _ []string) error {
		ctx := cmd.Context()
		return avecBase(ctx, c, app.journal(c), func(pool *pgxpool.Pool) error { return work(ctx, pool) })
	})
	return cmd
}

// sayMigrations prints what was done, even before a failure: each migration stands on its own.
func (app *application) sayMigrations(noms []string, err error, fait, rien string) error {
	for _, nom := range noms {
		fmt.Fprintf(app.stdout, "%s : %s\n", nom, fait)
	}
	if err == nil && len(noms) == 0 {
		fmt.Fprintln(app.stdout, rien)
	}
	return err
}
