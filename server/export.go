package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/server/sortie"
)

// demandeExport is what the user asks to be exported.
type demandeExport struct {
	sortie.Demande
	format, fichier string
	tout            bool
}

func (app *application) commandeExport() *cobra.Command {
	reglages := reglagesBase()
	cmd := &cobra.Command{
		Use:   "export TABLE [CRITÈRE=VALEURS…]",
		Short: "écrit une liste du graphe dans un tableau",
		Long: `Écrit une liste du graphe dans un tableau CSV, JSON (un objet par ligne) ou XLSX,
avec les mêmes critères que l'API ; plusieurs valeurs se séparent par des
virgules. Ce qui est exporté se réimporte sans différence.

Sans --tout, seul ce qui est public est écrit.

` + listeTables(),
		Example: `  go run ./server export usages --sortie usages.csv
  go run ./server export usages departements=13,84 libre=true --sortie usages.xlsx
  go run ./server export usages syndicat=253800700 excel=true > sitpi.csv
  go run ./server export economies auDate=2026-01-01 --format ndjson`,
	}
	declare(cmd.Flags(), reglages)
	option(cmd.Flags(), "format", "FORMAT", "csv, ndjson ou xlsx (par défaut, d'après le nom du fichier, sinon csv)")
	option(cmd.Flags(), "sortie", "FICHIER", "fichier à écrire ; il ne doit pas exister (par défaut, la sortie standard)")
	tout := cmd.Flags().Bool("tout", false, "exporte aussi ce qui n'est pas public")
	var d demandeExport
	cmd.RunE = app.action(reglages, func(cmd *cobra.Command, args []string) error {
		d.tout = *tout
		return d.read(cmd, args)
	}, func(cmd *cobra.Command, c config, _ []string) error {
		return app.exporter(cmd, c, d)
	})
	return cmd
}

func listeTables() string {
	var b strings.Builder
	b.WriteString("Tables, et leurs critères :\n")
	for _, t := range db.TablesExport() {
		fmt.Fprintf(&b, "  %s : %s\n", t.Nom, strings.Join(sortie.Parametres(t), ", "))
	}
	return strings.TrimRight(b.String(), "\n")
}

// read reads the arguments and the options of the command, and reports every fault.
func (d *demandeExport) read(cmd *cobra.Command, args []string) error {
	d.fichier = cmd.Flags().Lookup("sortie").Value.String()
	if d.format = cmd.Flags().Lookup("format").Value.String(); d.format == "" {
		if d.format = strings.ToLower(strings.TrimPrefix(filepath.Ext(d.fichier), ".")); d.fichier == "" {
			d.format = "csv"
		}
	}
	var fautes []error
	if !slices.Contains(sortie.Formats(), d.format) {
		fautes = append(fautes, fmt.Errorf("le format « %s » n'existe pas (%s) : précisez --format", d.format, strings.Join(sortie.Formats(), ", ")))
	}
	if len(args) == 0 {
		return errors.Join(append(fautes, fmt.Errorf("« %s » attend une table\n%s", cmd.CommandPath(), listeTables()))...)
	}
	parametres := url.Values{}
	for _, a := range args[1:] {
		nom, valeur, ok := strings.Cut(a, "=")
		if !ok {
			fautes = append(fautes, fmt.Errorf("« %s » n'est pas un critère ; forme attendue : nom=valeur", a))
			continue
		}
		parametres.Add(nom, valeur)
	}
	var err error
	d.Demande, err = sortie.ReadDemande(args[0], parametres, time.Now())
	return errors.Join(append(fautes, err)...)
}

func (app *application) exporter(cmd *cobra.Command, c config, d demandeExport) error {
	return avecBase(cmd.Context(), c, app.journal(c), func(pool *pgxpool.Pool) (err error) {
		ctx := cmd.Context()
		if d.tout {
			ctx = db.WithIdentite(ctx, db.Commande("export"))
		}
		if d.Au != nil {
			ctx = db.At(ctx, *d.Au)
		}
		if current, err := db.MigrationsCurrent(ctx, pool); err != nil || !current {
			return errors.Join(err, errors.New("il manque des migrations à la base (commande : migrate up)"))
		}
		store := db.NewStore(pool)
		defer func() { err = errors.Join(err, store.Close()) }()
		e, err := store.Exporter(ctx, d.DemandeExport)
		if err != nil {
			return err
		}
		defer e.Close()
		if d.fichier == "" {
			_, err = sortie.Ecrire(ctx, app.stdout, e, d.format, d.Ecriture)
			return err
		}
		f, err := os.OpenFile(d.fichier, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // it may hold what is not public
		if errors.Is(err, os.ErrExist) {
			return fmt.Errorf("le fichier « %s » existe déjà", d.fichier)
		} else if err != nil {
			return fmt.Errorf("le fichier « %s » ne peut pas être écrit", d.fichier)
		}
		n, err := sortie.Ecrire(ctx, f, e, d.format, d.Ecriture)
		if err = errors.Join(err, f.Close()); err != nil {
			return errors.Join(err, os.Remove(d.fichier)) // half a table would pass for a whole one
		}
		_, err = fmt.Fprintf(app.stdout, "%s : %s.\n", d.fichier, lignes(n))
		return err
	})
}

func lignes(n int) string {
	if n < 2 {
		return fmt.Sprintf("%d ligne", n)
	}
	return fmt.Sprintf("%d lignes", n)
}
