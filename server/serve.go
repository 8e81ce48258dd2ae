package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/local"
	"github.com/mutualibre/mutualibre/graph"
	"github.com/mutualibre/mutualibre/seed"
	fournisseur "github.com/mutualibre/mutualibre/server/oidc"
	"github.com/mutualibre/mutualibre/server/reception"
	"github.com/mutualibre/mutualibre/server/sortie"
	"github.com/mutualibre/mutualibre/server/webhook"
)

// dureeExport is how long an export may last.
const dureeExport = 10 * time.Minute

// dureeImport is how long an import may last, the sending of its file included.
const dureeImport = 10 * time.Minute

// delaiArret is how long running requests may take to end once a stop is asked.
const delaiArret = 10 * time.Second

func (app *application) commandeServe() *cobra.Command {
	reglages := reglagesServe()
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "prépare la base, la remplit si elle est vide, et sert l'API (commande par défaut)",
		Long: `Prépare la base (migrations), charge les données de référence si elle est vide,
puis sert l'API GraphQL. Relancer la commande garde les données.

Avec --echantillon, les données inventées par la commande « echantillon » sont
servies ; chaque réponse le dit dans l'en-tête X-Mutualibre-Donnees.

Sans DATABASE_URL, une base PostgreSQL privée est lancée avec le serveur et
arrêtée avec lui. Ctrl+C laisse finir les requêtes en cours (10 secondes au
plus) ; un second Ctrl+C arrête tout de suite.`,
		Example: `  go run ./server serve
  go run ./server serve --addr localhost:0 --log-level debug
  DATABASE_URL=postgres://mutualibre@localhost/mutualibre go run ./server serve
  CORS_ORIGINS=https://mairie.example,https://syndicat.example go run ./server serve`,
	}
	declare(cmd.Flags(), reglages)
	echantillon := cmd.Flags().Bool("echantillon", false, "sert l'échantillon synthétique au lieu des données réelles")
	cmd.RunE = app.action(reglages, nil, func(cmd *cobra.Command, c config, _ []string) error {
		return app.serve(cmd.Context(), c, *echantillon)
	})
	return cmd
}

// serve listens first, so that a port already taken costs nothing and that monitors get an answer during the first
// loading; then it prepares the database, and serves until ctx ends.
func (app *application) serve(ctx context.Context, c config, echantillon bool) (err error) {
	log := app.journal(c)
	// A request leaves small, short-lived garbage behind: collecting it less often costs some tens of megabytes and
	// gives a third more requests a second. GOGC, when set, decides.
	if _, set := app.env("GOGC"); !set {
		debug.SetGCPercent(400)
	}
	ecoute, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return err
	}
	url := adresseWeb(ecoute.Addr())
	log.Info("Mutualibre écoute sur "+url, "addr", ecoute.Addr().String(), "url", url)
	log.Info("configuration", "base", c.lieu(), "echantillon", echantillon, "delai", c.Delai.String(), "connexions", c.Connexions,
		"cors", c.Origines, "emetteurs", c.adressesEmetteurs(), "log_level", c.LogLevel.String())

	var courant atomic.Pointer[service]
	web := serveurHTTP(enveloppe(routes(courant.Load, log), c, log), log)
	tombe := make(chan error, 1)
	go func() { tombe <- web.Serve(ecoute) }()
	defer func() { err = errors.Join(err, stop(web, log)) }()

	b, err := openBase(ctx, c, log, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.shut()) }()
	adresse, err := adresseAServir(ctx, b, c, echantillon)
	if err != nil {
		return err
	}
	contenu, err := app.prepare(ctx, adresse, echantillon, log)
	if err != nil {
		return err
	}
	if contenu.Synthetique {
		log.Warn("les données servies sont inventées, en tout ou partie : chaque réponse le dit", "entete", enteteDonnees)
	}
	pool, err := dial(ctx, adresse, db.Options{StatementTimeout: c.Delai, MaxConns: c.Connexions, Log: log})
	if err != nil {
		return err
	}
	defer pool.Close()
	store := db.NewStore(pool)
	defer store.Close()
	store.AbonnementsParIdentite, store.AbonnementsAnonymes = c.Abonnements, c.AbonnementsAnonymes
	if c.WebhooksLocaux {
		log.Warn("les webhooks vers cette machine et les réseaux privés sont admis : à réserver aux essais")
		store.AdmettreAdressesLocales()
	}
	qui := &identification{store: store, delai: c.Delai, relecture: relectureIdentite, log: log}
	if len(c.Emetteurs) > 0 {
		qui.personnes = fournisseur.New(ctx, c.Emetteurs, fournisseur.Options{Log: log})
	}
	api, err := graph.NewHandler(graph.Config{Store: store, Log: log, Timeout: c.Delai, Origines: c.Origines, Init: qui.init, Identite: sujet, Stop: ctx.Done()})
	if err != nil {
		return err
	}
	sorties := sortie.New(sortie.Config{
		Store: store, Log: log, Duree: dureeExport, Simultanes: int(max(1, min(4, c.Connexions/4))), Delai: c.Delai, Maintenant: time.Now,
	})
	receptions := reception.New(reception.Config{Store: store, Pool: pool, Log: log, Duree: dureeImport, Simultanes: 4})
	courant.Store(&service{graphql: qui.wrap(api), sorties: qui.wrap(sorties), receptions: qui.wrap(receptions), store: store, synthetique: contenu.Synthetique})
	log.Info("Mutualibre répond sur " + url)
	if c.Webhooks {
		cesser, faute := sendWebhooks(ctx, adresse, store, c, log)
		switch {
		case faute == nil:
			defer func() { err = errors.Join(err, cesser()) }()
		case ctx.Err() == nil: // else a stop was asked meanwhile: requests already running still end
			return faute
		}
	}

	select {
	case <-ctx.Done():
		ouverts, total := store.Abonnements()
		log.Info("arrêt demandé : les requêtes en cours se terminent", "abonnements_ouverts", ouverts, "abonnements_servis", total)
	case err = <-tombe:
	case <-b.fin():
		err = b.prive.Err()
	}
	return errors.Join(err, stop(web, log)) // before what the requests stand on
}

// sendWebhooks begins to send the webhooks, with connections of their own: what they wait for, no request waits for.
func sendWebhooks(ctx context.Context, adresse string, store *db.Store, c config, log *slog.Logger) (cesser func() error, err error) {
	pool, err := dial(ctx, adresse, db.Options{MaxConns: 4, Log: log})
	if err != nil {
		return nil, err
	}
	s, err := webhook.Start(ctx, webhook.Config{Store: store, Pool: pool, Log: log, Locales: c.WebhooksLocaux})
	if err != nil {
		pool.Close()
		return nil, err
	}
	return func() error {
		defer pool.Close()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), delaiArret)
		defer cancel()
		return s.Stop(ctx)
	}, nil
}

// adresseAServir is the database itself, or the one beside it that holds the sample.
func adresseAServir(ctx context.Context, b *base, c config, echantillon bool) (string, error) {
	if !echantillon || c.DatabaseURL != "" {
		return b.url, nil
	}
	adresse, existe, err := local.Beside(ctx, b.url, baseEchantillon)
	if err == nil && !existe {
		err = errSansEchantillon
	}
	return adresse, err
}

// stop lets the running requests end, then closes what is left. Calling it again does nothing.
func stop(web *http.Server, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(context.Background(), delaiArret)
	defer cancel()
	err := web.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		log.Warn("des requêtes duraient encore : elles sont coupées")
		return web.Close()
	}
	return err
}

// prepare brings the database to what this program needs, and loads the reference data when it is empty.
func (app *application) prepare(ctx context.Context, url string, echantillon bool, log *slog.Logger) (db.Contenu, error) {
	var contenu db.Contenu
	err := surBase(ctx, url, func(pool *pgxpool.Pool) error {
		faites, err := db.MigrateUp(ctx, pool)
		if err != nil {
			return fmt.Errorf("migration de la base : %w", err)
		}
		if len(faites) > 0 {
			log.Info("base mise à jour", "migrations", len(faites))
		}
		contenu, err = db.ReadContenu(ctx, pool)
		switch {
		case err != nil:
			return err
		case echantillon && !contenu.Synthetique:
			return errSansEchantillon
		case !contenu.Vide:
			return nil
		}
		log.Info("la base est vide : chargement des données de référence, moins d'une minute en général")
		p := app.progression(func(etape string) { log.Info("chargement", "etape", etape) })
		bilan, err := seed.Load(ctx, pool, seed.Options{Progres: p.etape})
		p.fin()
		if err != nil {
			return err
		}
		ajouts, _, _, anomalies := bilan.Total()
		log.Info("données de référence chargées", "ajouts", ajouts, "a_verifier", anomalies, "duree", bilan.Duree.Round(time.Millisecond).String())
		return nil
	})
	return contenu, err
}

// adresseWeb is what to type in a browser of this machine.
func adresseWeb(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return "http://" + a.String() + "/graphql"
	}
	hote := tcp.IP.String()
	if tcp.IP.IsUnspecified() || tcp.IP.IsLoopback() {
		hote = "localhost"
	}
	return "http://" + net.JoinHostPort(hote, strconv.Itoa(tcp.Port)) + "/graphql"
}
