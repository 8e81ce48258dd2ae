package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (app *application) commandeVersion() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "affiche la version du programme",
		Long:    "Affiche la version du programme, celle de Go, et la révision des sources quand elle est connue.",
		Example: "  go run ./server version",
	}
	cmd.RunE = app.action(nil, nil, func(*cobra.Command, config, []string) error {
		info, ok := debug.ReadBuildInfo()
		if !ok {
			fmt.Fprintln(app.stdout, "mutualibre, version inconnue")
			return nil
		}
		fmt.Fprintf(app.stdout, "mutualibre %s (%s)\n", info.Main.Version, info.GoVersion)
		reglages := map[string]string{}
		for _, s := range info.Settings {
			reglages[s.Key] = s.Value
		}
		if revision := reglages["vcs.revision"]; revision != "" {
			etat := ""
			if reglages["vcs.modified"] == "true" {
				etat = ", sources modifiées depuis"
			}
			fmt.Fprintf(app.stdout, "révision %s du %s%s\n", revision, reglages["vcs.time"], etat)
		}
		return nil
	})
	return cmd
}
