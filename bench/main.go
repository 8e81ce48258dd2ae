// Package main measures the API: a private PostgreSQL with the shipped data and a synthetic sample, the real handler over
// real HTTP, a number of clients at once. It prints, for each query, the time of an answer (half of them, 99 in 100),
// the answers a second, and what one request costs the database: statements, and rows read. Times are those of the
// machine; the statements and the rows, and their ratios from one query to the next, are not.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/local"
	"github.com/mutualibre/mutualibre/seed"
	"github.com/mutualibre/mutualibre/seed/echantillon"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// reglages are the command's flags.
type reglages struct {
	usages  int
	clients int
	duree   time.Duration
	readme  string
	dossier string
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var r reglages
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&r.usages, "usages", 1_500_000, "nombre d'usages de l'échantillon")
	f.IntVar(&r.clients, "clients", 8, "nombre de clients simultanés")
	f.DurationVar(&r.duree, "duree", 5*time.Second, "durée de la mesure de chaque requête")
	f.StringVar(&r.readme, "readme", "README.md", "fichier dont les requêtes GraphQL sont mesurées")
	f.StringVar(&r.dossier, "dossier", "", "dossier de la base, gardé d'une mesure à l'autre ; vide : un dossier temporaire")
	f.Usage = func() {
		fmt.Fprintln(stderr, "Mesure l'API sur un échantillon. Exemple : go run ./bench --usages 200000 --clients 4")
		f.PrintDefaults()
	}
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case f.NArg() > 0 || r.usages < 1 || r.clients < 1 || r.duree <= 0:
		fmt.Fprintln(stderr, "bench : --usages, --clients et --duree attendent des nombres positifs, et rien d'autre n'est attendu")
		return 2
	}
	if err := mesurer(ctx, r, stdout); err != nil {
		fmt.Fprintln(stderr, "bench :", err)
		return 1
	}
	return 0
}

func mesurer(ctx context.Context, r reglages, stdout io.Writer) (err error) {
	requetes, err := readRequetes(r.readme)
	if err != nil {
		return err
	}
	url, shut, err := prepare(ctx, r, stdout)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shut()) }()
	b, err := open(ctx, url, r)
	if err != nil {
		return err
	}
	defer b.shut()
	return b.tout(ctx, requetes, stdout)
}

// prepare starts a private PostgreSQL and fills it; shut stops it and, unless the folder is the user's, removes it.
func prepare(ctx context.Context, r reglages, stdout io.Writer) (url string, shut func() error, err error) {
	dossier, remove := r.dossier, func() error { return nil }
	if dossier == "" {
		parent, err := os.MkdirTemp("", "mutualibre-bench-")
		if err != nil {
			return "", nil, err
		}
		// Started by root, PostgreSQL runs under another account, which must be able to get in.
		if err := os.Chmod(parent, 0o755); err != nil {
			return "", nil, err
		}
		dossier = filepath.Join(parent, "base")
		remove = func() error { return os.RemoveAll(parent) }
	}
	serveur, err := local.Start(ctx, local.Config{Dir: dossier, Disposable: r.dossier == ""})
	if err != nil {
		return "", nil, errors.Join(err, remove())
	}
	shut = func() error { return errors.Join(serveur.Stop(), remove()) }
	if err := remplir(ctx, serveur.URL(), r, stdout); err != nil {
		return "", nil, errors.Join(err, shut())
	}
	return serveur.URL(), shut, nil
}

func remplir(ctx context.Context, url string, r reglages, stdout io.Writer) error {
	pool, err := db.Connect(ctx, url, db.Options{})
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := db.MigrateUp(ctx, pool); err != nil {
		return err
	}
	contenu, err := db.ReadContenu(ctx, pool)
	if err != nil {
		return err
	}
	debut := time.Now()
	if contenu.Vide {
		if _, err := seed.Load(ctx, pool, seed.Options{}); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "Données de référence : %.1f s\n", time.Since(debut).Seconds())
	}
	debut = time.Now()
	bilan, err := echantillon.Generate(ctx, pool, echantillon.Options{Usages: r.usages, Graine: 1, Melanger: true})
	if err != nil {
		return err
	}
	if !bilan.DejaLa {
		fmt.Fprintf(stdout, "Échantillon de %d usages : %.1f s\n", r.usages, time.Since(debut).Seconds())
	}
	return nil
}
