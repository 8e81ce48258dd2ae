package main

import (
	"github.com/spf13/cobra"
	"github.com/vektah/gqlparser/v2/formatter"

	"github.com/mutualibre/mutualibre/graph"
)

func (app *application) commandeSchema() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "schema",
		Short:   "affiche le schéma GraphQL",
		Long:    "Affiche le schéma GraphQL (SDL) avec ses descriptions, pour les outils qui en ont besoin.",
		Example: "  go run ./server schema > schema.graphql",
	}
	cmd.RunE = app.action(nil, nil, func(*cobra.Command, config, []string) error {
		formatter.NewFormatter(app.stdout, formatter.WithIndent("  ")).FormatSchema(graph.Schema(nil).Schema())
		return nil
	})
	return cmd
}
