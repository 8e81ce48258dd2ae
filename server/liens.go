package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/server/reseau"
)

const (
	// visites are made at once, each to another host: nobody is hammered.
	visites = 8
	// delaiVisite bounds one visit, and reposLien is how long an address is left alone after it.
	delaiVisite = 10 * time.Second
	reposLien   = 7 * 24 * time.Hour
	liensMax    = 10_000
)

func (app *application) commandeLiens() *cobra.Command {
	reglages := reglagesBase()
	cmd := &cobra.Command{
		Use:   "liens",
		Short: "visite les adresses que le graphe montre, et note celles qui ne répondent plus",
		Long: `Visite les sites et les dépôts des logiciels, les sites des organisations et les
sources, les plus anciennement visités d'abord, au plus une fois par semaine. Une
adresse qui ne répond pas à deux visites de suite est tenue pour morte, et
paraît dans la file « aConfirmer » de qui s'en sert. À lancer chaque nuit.`,
		Example: `  go run ./server liens --nombre 500`,
	}
	declare(cmd.Flags(), reglages)
	nombre := cmd.Flags().Int("nombre", 500, "nombre d'adresses à visiter au plus")
	locales := cmd.Flags().Bool("locales", false, "visite aussi les adresses locales et privées : pour des essais")
	cmd.RunE = app.action(reglages, func(cmd *cobra.Command, args []string) error {
		if *nombre < 1 || *nombre > liensMax {
			return errors.Join(sansArgument(cmd, args), fmt.Errorf("--nombre : %d, il faut un nombre de 1 à %d", *nombre, liensMax))
		}
		return sansArgument(cmd, args)
	}, func(cmd *cobra.Command, c config, _ []string) error {
		return avecBase(cmd.Context(), c, app.journal(c), func(pool *pgxpool.Pool) error {
			return app.visitLiens(cmd.Context(), pool, *nombre, reseau.NewClient(delaiVisite, *locales))
		})
	})
	return cmd
}

// visitLiens visits addresses, host by host, and says how many answered.
func (app *application) visitLiens(ctx context.Context, pool *pgxpool.Pool, nombre int, client *http.Client) error {
	liens, err := db.LiensAVerifier(ctx, pool, nombre, reposLien)
	if err != nil {
		return err
	}
	hosts := map[string][]string{}
	for _, l := range liens {
		if u, err := url.Parse(l); err == nil {
			hosts[u.Host] = append(hosts[u.Host], l)
		}
	}
	var (
		wg                sync.WaitGroup
		mu                sync.Mutex
		places            = make(chan struct{}, visites)
		answered, refused int
		failures          []error
	)
	for _, own := range hosts {
		wg.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			for _, l := range own {
				resultat, repond := visit(ctx, client, l)
				if ctx.Err() != nil {
					return
				}
				err := db.NoterLien(ctx, pool, l, resultat, repond)
				mu.Lock()
				if repond {
					answered++
				} else {
					refused++
				}
				if err != nil {
					failures = append(failures, err)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if err := errors.Join(append(failures, ctx.Err())...); err != nil {
		return err
	}
	fmt.Fprintf(app.stdout, "%d adresses visitées : %d répondent, %d ne répondent pas.\n", answered+refused, answered, refused)
	return nil
}

// visit asks for a page without reading it, and says in a few words what came. A page that wants a password, or that
// sends elsewhere, is there.
func visit(ctx context.Context, client *http.Client, adresse string) (resultat string, repond bool) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, adresse, nil)
	if err != nil {
		return "adresse mal écrite", false
	}
	r.Header.Set("User-Agent", "Mutualibre (verification des liens)")
	answer, err := client.Do(r)
	var dns *net.DNSError
	switch {
	case errors.Is(err, reseau.ErrAdresse):
		return "adresse locale ou privée", false
	case errors.As(err, &dns):
		return "nom introuvable", false
	case err != nil:
		return "pas de réponse", false
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, 1)
	switch s := answer.StatusCode; {
	case s == http.StatusUnauthorized, s == http.StatusForbidden, s == http.StatusTooManyRequests:
		return strconv.Itoa(s), true
	default:
		return strconv.Itoa(s), s < 400
	}
}
