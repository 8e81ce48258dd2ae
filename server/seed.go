package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/seed"
)

func (app *application) commandeSeed() *cobra.Command {
	reglages := reglagesBase()
	cmd := &cobra.Command{
		Use:   "seed",
		Short: "charge les données de référence livrées avec le programme",
		Long: `Met la base à jour et y charge toutes les données livrées avec le programme, en
une fois : tout est chargé, ou rien. Relancer la commande ne change que ce qui a
changé.`,
		Example: `  go run ./server seed`,
	}
	declare(cmd.Flags(), reglages)
	melanger := cmd.Flags().Bool("melanger", false, "accepte une base qui contient un échantillon inventé")
	cmd.RunE = app.action(reglages, nil, func(cmd *cobra.Command, c config, _ []string) error {
		ctx := cmd.Context()
		return app.load(ctx, c, *melanger, func(pool *pgxpool.Pool, o seed.Options) (func() error, error) {
			bilan, err := seed.Load(ctx, pool, o)
			return func() error {
				_, err := bilan.WriteTo(app.stdout)
				return err
			}, err
		})
	})
	return cmd
}

func (app *application) commandeImport() *cobra.Command {
	reglages := reglagesBase()
	cmd := &cobra.Command{
		Use:   "import FORMAT FICHIER…",
		Short: "charge vos fichiers, d'un format connu",
		Long: `Charge un ou plusieurs fichiers d'un même format, en une fois : tout est chargé,
ou rien. Un fichier en .gz est décompressé. Relire un fichier ne change que ce
qui a changé. Chaque ligne refusée est annoncée avec son numéro, sa colonne, sa
valeur et le motif.

Les tableaux (usages, entrees, adhesions, economies) sont en CSV, XLSX ou JSON
ligne à ligne ; ce que « export » écrit se relit tel quel. Avec un « id », une
ligne corrige, et une cellule vide efface ; sans « id », elle déclare, ou
complète ce qu'elle désigne, et une cellule vide ne dit rien.

` + listeFormats(),
		Example: `  go run ./server import communes communes.csv
  go run ./server import epci-membres membres-2025.csv.gz membres-2026.csv
  go run ./server import usages usages.xlsx --essai --rapport rejets.csv`,
	}
	declare(cmd.Flags(), reglages)
	melanger := cmd.Flags().Bool("melanger", false, "accepte une base qui contient un échantillon inventé")
	o := optionsTables(cmd.Flags())
	cmd.RunE = app.action(reglages, o.check, func(cmd *cobra.Command, c config, args []string) error {
		ctx := cmd.Context()
		if estTable(args[0]) {
			return app.importTables(ctx, c, *melanger, o, args[0], args[1:])
		}
		return app.load(ctx, c, *melanger, func(pool *pgxpool.Pool, o seed.Options) (func() error, error) {
			rapports, err := seed.Import(ctx, pool, args[0], args[1:], o)
			return func() error {
				for _, r := range rapports {
					fmt.Fprintln(app.stdout, r)
				}
				return nil
			}, err
		})
	})
	return cmd
}

// load brings the database up to date and runs do on it, drawing its progress; then it shows what do returns.
func (app *application) load(ctx context.Context, c config, melanger bool, do func(*pgxpool.Pool, seed.Options) (func() error, error)) error {
	return avecBase(ctx, c, app.journal(c), func(pool *pgxpool.Pool) error {
		if _, err := db.MigrateUp(ctx, pool); err != nil {
			return err
		}
		if err := refuseMix(ctx, pool, melanger); err != nil {
			return err
		}
		p := app.progression(app.ligne)
		show, err := do(pool, seed.Options{Progres: p.etape})
		p.fin()
		if err != nil {
			return err
		}
		return show()
	})
}

func checkImport(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New("« " + cmd.CommandPath() + " » attend un format, puis des fichiers\n" + listeFormats())
	}
	var fautes []error
	if !estTable(args[0]) && !slices.ContainsFunc(seed.Formats(), func(f seed.Format) bool { return f.Nom == args[0] }) {
		fautes = append(fautes, fmt.Errorf("le format « %s » n'existe pas\n%s", args[0], listeFormats()))
	}
	if len(args) == 1 {
		fautes = append(fautes, errors.New("il manque les fichiers à charger"))
	}
	for _, chemin := range args[1:] {
		switch info, err := os.Stat(chemin); {
		case errors.Is(err, fs.ErrNotExist):
			fautes = append(fautes, fmt.Errorf("le fichier « %s » n'existe pas", chemin))
		case err != nil:
			fautes = append(fautes, fmt.Errorf("le fichier « %s » ne peut pas être lu", chemin))
		case info.IsDir():
			fautes = append(fautes, fmt.Errorf("« %s » est un dossier : donnez ses fichiers", chemin))
		}
	}
	return errors.Join(fautes...)
}

func listeFormats() string {
	var b strings.Builder
	b.WriteString("Formats :\n")
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, f := range seed.Formats() {
		fmt.Fprintf(t, "  %s\t%s\n", f.Nom, f.Description)
	}
	for _, table := range db.TablesImport() {
		fmt.Fprintf(t, "  %s\ttableau, en CSV, XLSX ou JSON ligne à ligne\n", table.Nom)
	}
	t.Flush()
	return strings.TrimRight(b.String(), "\n")
}
