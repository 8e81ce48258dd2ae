package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"compress/gzip"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/seed"
	"github.com/mutualibre/mutualibre/seed/importation"
)

// estTable tells what is imported as a table, with its report, from the formats of reference data.
func estTable(nom string) bool {
	return slices.ContainsFunc(db.TablesImport(), func(t *db.TableImport) bool { return t.Nom == nom })
}

// optionsImport are those that only tables take.
type optionsImport struct {
	drapeaux                   *pflag.FlagSet
	essai, partiel             *bool
	rapport, source, sourceURL *string
}

func optionsTables(f *pflag.FlagSet) *optionsImport {
	return &optionsImport{f,
		f.Bool("essai", false, "pour un tableau : dit ce que l'import ferait, sans rien modifier"),
		f.Bool("partiel", false, "pour un tableau : garde les bonnes lignes, même si d'autres sont refusées"),
		f.String("rapport", "", "pour un tableau : `FICHIER` CSV où écrire les lignes refusées, avec le motif de chacune"),
		f.String("source", "", "pour un tableau : `NOM` de ce sur quoi reposent les lignes qui ne le disent pas"),
		f.String("source-url", "", "pour un tableau : `ADRESSE` de cette source"),
	}
}

// check is checkImport, and refuses the options that a format does not take.
func (o *optionsImport) check(cmd *cobra.Command, args []string) error {
	fautes := []error{checkImport(cmd, args)}
	for _, nom := range []string{"essai", "partiel", "rapport", "source", "source-url"} {
		if o.drapeaux.Changed(nom) && len(args) > 0 && !estTable(args[0]) {
			fautes = append(fautes, fmt.Errorf("l'option « --%s » ne vaut que pour un tableau : usages, entrees, adhesions ou economies", nom))
		}
	}
	if *o.rapport != "" && len(args) > 2 {
		fautes = append(fautes, errors.New("avec « --rapport », donnez un seul fichier"))
	}
	if *o.sourceURL != "" && *o.source == "" {
		fautes = append(fautes, errors.New("« --source-url » va avec « --source »"))
	}
	return errors.Join(fautes...)
}

// errImportRefuse ends a command whose report is already shown.
var errImportRefuse = errors.New("l'import est refusé")

// importTables imports tables, each in its own transaction, as the machine itself.
func (app *application) importTables(ctx context.Context, c config, melanger bool, o *optionsImport, table string, chemins []string) error {
	return app.load(ctx, c, melanger, func(pool *pgxpool.Pool, so seed.Options) (func() error, error) {
		store := db.NewStore(pool)
		defer store.Close()
		var rapports []*importation.Rapport
		for _, chemin := range chemins {
			r, err := o.importFile(db.WithIdentite(ctx, db.Commande("import")), store, table, chemin, so.Progres)
			if err != nil {
				return nil, fmt.Errorf("%s : %w", filepath.Base(chemin), err)
			}
			if rapports = append(rapports, r); r.Refuse() {
				break
			}
		}
		return func() error { return app.showRapports(rapports) }, nil
	})
}

func (o *optionsImport) importFile(ctx context.Context, store *db.Store, table, chemin string, progres func(string, int, int)) (*importation.Rapport, error) {
	f, err := os.Open(chemin)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d := importation.Demande{Table: table, Fichier: filepath.Base(chemin), Contenu: f, Essai: *o.essai, Partiel: *o.partiel, Attendre: true}
	if strings.HasSuffix(chemin, ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			return nil, fmt.Errorf("ce fichier .gz est abîmé : %w", err)
		}
		d.Contenu = z
	}
	if *o.source != "" {
		d.Source = &db.SourceInput{Nom: *o.source}
		if *o.sourceURL != "" {
			d.Source.URL = o.sourceURL
		}
	}
	if progres != nil {
		d.Progres = func(lignes int) { progres(d.Fichier, lignes, 0) }
	}
	if *o.rapport == "" {
		return importation.Importer(ctx, store, d)
	}
	rejets, err := os.Create(*o.rapport)
	if err != nil {
		return nil, fmt.Errorf("le rapport ne peut pas être écrit : %w", err)
	}
	d.Rejets = rejets
	r, err := importation.Importer(ctx, store, d)
	if err := errors.Join(err, rejets.Close()); err != nil {
		return nil, err
	}
	if r.Rejets == 0 {
		return r, os.Remove(*o.rapport)
	}
	return r, nil
}

// fautesAffichees are how many faults of a file are printed.
const fautesAffichees = 20

// showRapports prints the reports; it fails when one of them refuses its file.
func (app *application) showRapports(rapports []*importation.Rapport) (err error) {
	for _, r := range rapports {
		sortie := app.stdout
		if r.Refuse() {
			sortie, err = app.stderr, errImportRefuse
		}
		writeRapport(sortie, r)
	}
	return err
}

func writeRapport(w io.Writer, r *importation.Rapport) {
	fmt.Fprintf(w, "%s (%s) : %s\n", r.Fichier, r.Table, r.Message)
	for _, f := range r.Fautes[:min(len(r.Fautes), fautesAffichees)] {
		fmt.Fprintln(w, "  "+f.String())
	}
	if n := r.NombreFautes - fautesAffichees; n > 0 {
		fmt.Fprintf(w, "  … et %d autres : « --rapport FICHIER » les écrit toutes\n", n)
	}
	if len(r.ColonnesIgnorees) > 0 {
		fmt.Fprintf(w, "  Colonnes ignorées : %s\n", strings.Join(r.ColonnesIgnorees, ", "))
	}
}
