package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// franciser replaces all that cobra would say in English.
func franciser(racine *cobra.Command) {
	racine.SetHelpFunc(func(cmd *cobra.Command, _ []string) { writeAide(cmd.OutOrStdout(), cmd) })
	racine.SetUsageFunc(func(cmd *cobra.Command) error { writeAide(cmd.ErrOrStderr(), cmd); return nil })
	racine.SetFlagErrorFunc(erreurDrapeau)
	aide := &cobra.Command{
		Use:     "aide [COMMANDE]",
		Aliases: []string{"help"},
		Short:   "affiche l'aide d'une commande",
		Example: "  go run ./server aide import",
		RunE: func(cmd *cobra.Command, args []string) error {
			sujet, reste, err := cmd.Root().Find(args)
			if err != nil || len(reste) > 0 {
				return usage(inconnue(cmd.Root(), args))
			}
			writeAide(cmd.OutOrStdout(), sujet)
			return nil
		},
	}
	racine.SetHelpCommand(aide)
	racine.AddCommand(aide)
	tous(racine, func(cmd *cobra.Command) {
		// Unknown options are all reported together by optionsInconnues, arguments by the command itself.
		cmd.FParseErrWhitelist.UnknownFlags = true
		cmd.Args = cobra.ArbitraryArgs
		cmd.DisableFlagsInUseLine = true
		cmd.Flags().BoolP("help", "h", false, "affiche cette aide")
	})
}

func tous(cmd *cobra.Command, f func(*cobra.Command)) {
	f(cmd)
	for _, enfant := range cmd.Commands() {
		tous(enfant, f)
	}
}

// inconnue is the fault of a word that names no command.
func inconnue(cmd *cobra.Command, args []string) error {
	var noms []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			noms = append(noms, c.Name())
		}
	}
	cmd.SuggestionsMinimumDistance = 2
	if proches := cmd.SuggestionsFor(args[0]); len(proches) > 0 {
		return fmt.Errorf("la commande « %s » n'existe pas : vouliez-vous dire « %s » ?", args[0], strings.Join(proches, " » ou « "))
	}
	return fmt.Errorf("la commande « %s » n'existe pas (commandes : %s)", strings.Join(args, " "), strings.Join(noms, ", "))
}

func writeAide(w io.Writer, cmd *cobra.Command) {
	texte := cmd.Long
	if texte == "" {
		texte = majuscule(cmd.Short) + "."
	}
	fmt.Fprintf(w, "%s\n\nUtilisation :\n", strings.TrimSpace(texte))
	if !cmd.HasAvailableSubCommands() || !cmd.HasParent() { // a group runs nothing, the root serves
		fmt.Fprintf(w, "  %s [OPTIONS]\n", cmd.UseLine())
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "  %s COMMANDE [OPTIONS]\n\nCommandes :\n", cmd.CommandPath())
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				fmt.Fprintf(t, "  %s\t%s\n", c.Name(), c.Short)
			}
		}
		t.Flush()
	}
	variables := ""
	if cmd.Flags().Lookup("database-url") != nil {
		variables = " (entre crochets, la variable d'environnement qui en tient lieu)"
	}
	fmt.Fprintf(w, "\nOptions%s :\n", variables)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		valeur := strings.Join(f.Annotations[annotationForme], "")
		nom := "    --" + f.Name
		if f.Shorthand != "" {
			nom = "-" + f.Shorthand + ", --" + f.Name
		}
		lignes := strings.Split(f.Usage, "\n")
		fmt.Fprintf(t, "  %s\t%s\n", strings.TrimRight(nom+" "+valeur, " "), lignes[0])
		for _, suite := range lignes[1:] {
			fmt.Fprintf(t, "  \t%s\n", suite)
		}
	})
	t.Flush()
	if cmd.Example != "" {
		fmt.Fprintf(w, "\nExemples :\n%s\n", cmd.Example)
	}
}
