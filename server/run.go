package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// The exit statuses of the contract.
const (
	statutFait    = 0
	statutEchec   = 1 // the work failed
	statutMauvais = 2 // wrong use: command, option or configuration
)

// application is what the commands share: where they read their configuration and where they write.
type application struct {
	args   []string
	env    func(string) (string, bool)
	stdout io.Writer // what was asked for
	stderr io.Writer // logs, progress, errors
}

// run is the whole program: it returns the exit status. Cancelling ctx asks for a graceful end.
func run(ctx context.Context, args []string, env func(string) (string, bool), stdout, stderr io.Writer) int {
	app := &application{args: args, env: env, stdout: stdout, stderr: stderr}
	racine := app.racine()
	racine.SetArgs(args)
	racine.SetOut(stdout)
	racine.SetErr(stderr)
	cmd, err := racine.ExecuteContextC(ctx)
	var usage *erreurUsage
	switch {
	case err == nil:
		return statutFait
	case errors.As(err, &usage):
		fmt.Fprintln(stderr, usage)
		fmt.Fprintf(stderr, "Pour l'aide : %s --help\n", cmd.CommandPath())
		return statutMauvais
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "Interrompu.")
		return statutEchec
	}
	fmt.Fprintln(stderr, "Échec :", expliquer(err))
	return statutEchec
}

// racine builds the tree of commands.
func (app *application) racine() *cobra.Command {
	racine := app.commandeServe()
	racine.Use = "mutualibre"
	racine.Long = `Mutualibre : le graphe des logiciels libres dans les collectivités françaises.

Sans commande, « serve » : la base est préparée, remplie si elle est vide, puis
l'API GraphQL répond sur http://localhost:8080/graphql.

Depuis les sources, « go run ./server » tient lieu de « mutualibre ».`
	racine.Example = `  go run ./server
  go run ./server serve --addr localhost:9090
  go run ./server import --help`
	racine.SilenceErrors, racine.SilenceUsage = true, true
	racine.CompletionOptions.DisableDefaultCmd = true
	racine.AddCommand(app.commandeServe(), app.commandeMigrate(), app.commandeSeed(), app.commandeImport(), app.commandeExport(),
		app.commandeEchantillon(), app.commandeJeton(), app.commandeLiens(), app.commandeCommunaute(), app.commandeComptes(), app.commandeSchema(), app.commandeVersion())
	franciser(racine)
	return racine
}
