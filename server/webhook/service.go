// Package webhook tells those who asked of what is published: it makes the jobs, sends them, and tries again. What is
// sent, to whom, and what came of it are the store's.
package webhook

import (
	"context"
	"errors"
	"github.com/mutualibre/mutualibre/server/reseau"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"github.com/mutualibre/mutualibre/db"
)

// Config is what the sending is made of.
type Config struct {
	Store *db.Store
	// Pool serves the queue alone: a statement of its upkeep may last longer than a request's.
	Pool *pgxpool.Pool
	Log  *slog.Logger
	// Locales admits addresses of this machine and of private networks, as [db.Store.AdmettreAdressesLocales] does.
	Locales bool
	// Envoyeurs bounds the requests under way at once; zero: 8.
	Envoyeurs int
	// Intervalle is how often news and jobs are looked for; zero: a second.
	Intervalle time.Duration
	// Delai bounds a request; zero: 10 seconds.
	Delai time.Duration
	// Attente is how long to wait after a failed attempt of this rank; nil: [Delai].
	Attente func(rang int) time.Duration
}

// Service sends until it is stopped.
type Service struct {
	config Config
	client *river.Client[pgx.Tx]
	stop   context.CancelFunc
	loop   sync.WaitGroup
}

// file is the queue of the deliveries.
const file = "webhooks"

// schema is where the tables of the queue are.
const schema = "river"

// Start begins to send. Any number of servers may do it on one database.
func Start(ctx context.Context, c Config) (*Service, error) {
	if c.Envoyeurs == 0 {
		c.Envoyeurs = 8
	}
	if c.Intervalle == 0 {
		c.Intervalle = time.Second
	}
	if c.Delai == 0 {
		c.Delai = delai
	}
	if c.Attente == nil {
		c.Attente = func(rang int) time.Duration { return Delai(rang, rand.Float64()) }
	}
	s := &Service{config: c}
	workers := river.NewWorkers()
	if err := errors.Join(
		river.AddWorkerSafely(workers, &expediteur{config: c, client: reseau.NewClient(c.Delai, c.Locales)}),
		river.AddWorkerSafely(workers, &menage{store: c.Store}),
	); err != nil {
		return nil, err
	}
	client, err := river.NewClient(riverpgxv5.New(c.Pool), &river.Config{
		Schema:       schema,
		Logger:       slog.New(avertissements{c.Log.Handler()}),
		ErrorHandler: pannes{c.Log},
		Workers:      workers,
		Queues:       map[string]river.QueueConfig{file: {MaxWorkers: c.Envoyeurs}},
		// Asking costs little, where listening would hold a connection on every server.
		PollOnly: true, FetchPollInterval: c.Intervalle, FetchCooldown: min(c.Intervalle, 100*time.Millisecond),
		JobTimeout: 3 * c.Delai, RescueStuckJobsAfter: 6*c.Delai + time.Minute,
		RetryPolicy:  politique{c.Attente},
		PeriodicJobs: []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(time.Hour), menageJob, &river.PeriodicJobOpts{RunOnStart: true})},
	})
	if err != nil {
		return nil, err
	}
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.client = client
	if err := client.Start(ctx); err != nil {
		s.stop()
		return nil, err
	}
	s.loop.Go(func() { s.follow(ctx) })
	return s, nil
}

// Stop lets the requests under way end until ctx does, then cuts them: they will be made again.
func (s *Service) Stop(ctx context.Context) error {
	defer func() {
		s.stop()
		s.loop.Wait()
	}()
	err := s.client.Stop(ctx)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return s.client.StopAndCancel(ctx)
	}
	return err
}

// follow makes jobs of the publications, as they come.
func (s *Service) follow(ctx context.Context) {
	for {
		more, err := s.config.Store.Diffuser(ctx, s.enfiler)
		if err != nil && ctx.Err() == nil {
			s.config.Log.WarnContext(ctx, "les publications ne sont pas lues : les webhooks attendent", "err", err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(s.config.Intervalle):
		}
	}
}

// enfiler makes the jobs of deliveries, in the transaction that decided on them.
func (s *Service) enfiler(ctx context.Context, tx pgx.Tx, all []db.AEnvoyer) error {
	jobs := make([]river.InsertManyParams, len(all))
	for i, a := range all {
		jobs[i].Args = livraison(a)
	}
	_, err := s.client.InsertManyFastTx(ctx, tx, jobs)
	return err
}

// livraison is the job of a delivery: it names it, and holds nothing that would have to be kept from anyone.
type livraison struct {
	Livraison int64 `json:"livraison"`
	Serie     int   `json:"serie"`
}

// Kind names the job in the queue.
func (livraison) Kind() string { return "livraison" }

// InsertOpts puts it in its queue.
func (livraison) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: file, MaxAttempts: essais}
}

// expediteur does the jobs.
type expediteur struct {
	river.WorkerDefaults[livraison]
	config Config
	client *http.Client
}

// Work makes one attempt. A fault of ours is no failure of the receiver: the job waits, and keeps its attempts.
func (x *expediteur) Work(ctx context.Context, job *river.Job[livraison]) error {
	a := db.AEnvoyer(job.Args)
	e, err := x.config.Store.Envoi(ctx, a)
	switch {
	case err != nil && ctx.Err() == nil:
		x.config.Log.WarnContext(ctx, "livraison remise à plus tard", "livraison", a.Livraison, "err", err)
		return river.JobSnooze(time.Minute)
	case err != nil:
		return river.JobSnooze(0)
	case e == nil:
		return nil
	case e.Attendre > 0:
		return river.JobSnooze(e.Attendre + rand.N(e.Attendre/2+time.Second))
	}
	t := envoyer(ctx, x.client, e, time.Now)
	if ctx.Err() != nil {
		return river.JobSnooze(0) // we are being stopped
	}
	t.Derniere = job.Attempt >= job.MaxAttempts
	if err := x.config.Store.NoterTentative(ctx, a, t); err != nil {
		x.config.Log.WarnContext(ctx, "essai non noté : il sera refait", "livraison", a.Livraison, "err", err)
		return river.JobSnooze(time.Minute)
	}
	if t.Erreur == "" || t.Parti {
		return nil
	}
	return errors.New(t.Erreur)
}

// politique says when a failed job is tried again.
type politique struct{ attente func(rang int) time.Duration }

// NextRetry implements river.ClientRetryPolicy.
func (p politique) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(p.attente(job.Attempt))
}

// purge is the job that forgets what is not to be kept.
type purge struct{}

// Kind names the job in the queue.
func (purge) Kind() string { return "purge_livraisons" }

func menageJob() (river.JobArgs, *river.InsertOpts) {
	return purge{}, &river.InsertOpts{Queue: file, MaxAttempts: 1}
}

type menage struct {
	river.WorkerDefaults[purge]
	store *db.Store
}

// Work forgets old deliveries, and the people who agreed to be found until a day that has passed.
func (m *menage) Work(ctx context.Context, _ *river.Job[purge]) error {
	return errors.Join(m.store.PurgerLivraisons(ctx), m.store.PurgerDisponibilites(ctx))
}
