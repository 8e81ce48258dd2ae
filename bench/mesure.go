package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph"
)

// banc is the API under measure.
type banc struct {
	reglages
	pool    *pgxpool.Pool
	store   *db.Store
	api     http.Handler
	serveur *httptest.Server
	client  *http.Client
}

func open(ctx context.Context, url string, r reglages) (*banc, error) {
	pool, err := db.Connect(ctx, url, db.Options{MaxConns: int32(r.clients)})
	if err != nil {
		return nil, err
	}
	b := &banc{reglages: r, pool: pool, store: db.NewStore(pool)}
	api, err := graph.NewHandler(graph.Config{Store: b.store, Log: slog.New(slog.DiscardHandler), Timeout: 30 * time.Second})
	if err != nil {
		return nil, errors.Join(err, b.store.Close())
	}
	b.api, b.serveur = api, httptest.NewServer(api)
	b.client = b.serveur.Client()
	b.client.Transport.(*http.Transport).MaxIdleConnsPerHost = r.clients
	return b, nil
}

func (b *banc) shut() {
	b.serveur.Close()
	b.store.Close()
	b.pool.Close()
}

// tout measures every query and prints one line each, then what the ratios say.
func (b *banc) tout(ctx context.Context, requetes []requete, stdout io.Writer) error {
	fmt.Fprintf(stdout, "%d clients simultanés, %s par requête\n\n", b.clients, b.duree)
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "p50 (ms)\tp99 (ms)\tréponses/s\tSQL/requête\tlignes lues/requête\t  requête")
	mesures := map[string]mesure{}
	for _, r := range requetes {
		m, err := b.mesurer(ctx, r)
		if err != nil {
			return fmt.Errorf("%s : %w", r.nom, err)
		}
		mesures[r.nom] = m
		fmt.Fprintf(table, "%.1f\t%.1f\t%.0f\t%d\t%d\t  %s\n", ms(m.p50), ms(m.p99), m.debit, m.statements, m.lignes, r.nom)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(stdout)
	var fautes []error
	for _, r := range requetes {
		if r.comparee == "" {
			continue
		}
		petite, grande := mesures[r.comparee], mesures[r.nom]
		fmt.Fprintf(stdout, "%s, contre %s : %.1f fois le temps, %.1f fois les lignes, %d instructions SQL contre %d\n", r.nom, r.comparee,
			float64(grande.p50)/float64(petite.p50), float64(grande.lignes)/float64(max(1, petite.lignes)), grande.statements, petite.statements)
		if grande.statements != petite.statements {
			fautes = append(fautes, fmt.Errorf("%s : le nombre d'instructions SQL dépend de la taille de la page", r.nom))
		}
	}
	return errors.Join(fautes...)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// mesure is what one query costs.
type mesure struct {
	p50, p99   time.Duration
	debit      float64 // answers a second, all clients together
	statements int64   // a request, exactly
	lignes     int64   // rows and index entries read, a request, on average
}

func (b *banc) mesurer(ctx context.Context, r requete) (mesure, error) {
	corps, err := json.Marshal(map[string]string{"query": r.texte})
	if err != nil {
		return mesure{}, err
	}
	// Caches warm, and what one request costs, alone.
	for range 3 {
		if err := b.ask(ctx, corps); err != nil {
			return mesure{}, err
		}
	}
	m := mesure{statements: b.count(ctx, corps)}
	lignesAvant, err := b.lignesLues(ctx)
	if err != nil {
		return mesure{}, err
	}

	var (
		mu      sync.Mutex
		durees  []time.Duration
		echec   error
		clients sync.WaitGroup
	)
	debut := time.Now()
	for range b.clients {
		clients.Go(func() {
			var own []time.Duration
			var err error
			for err == nil && time.Since(debut) < b.duree {
				depart := time.Now()
				// The last answers are waited for: cutting them off would leave the slow ones out.
				if err = b.ask(ctx, corps); err == nil {
					own = append(own, time.Since(depart))
				}
			}
			mu.Lock()
			defer mu.Unlock()
			durees = append(durees, own...)
			echec = errors.Join(echec, err)
		})
	}
	clients.Wait()
	ecoule := time.Since(debut)
	if echec != nil {
		return mesure{}, echec
	}
	lignesApres, err := b.lignesLues(ctx)
	if err != nil {
		return mesure{}, err
	}
	slices.Sort(durees)
	n := len(durees)
	m.p50, m.p99 = durees[n/2], durees[n*99/100]
	m.debit = float64(n) / ecoule.Seconds()
	m.lignes = (lignesApres - lignesAvant) / int64(n)
	return m, nil
}

// ask sends one request and reads the whole answer; an answer with errors is a failure.
func (b *banc) ask(ctx context.Context, corps []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.serveur.URL, bytes.NewReader(corps))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := b.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	texte, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	// Decoding megabytes here would measure ourselves: errors come first or not at all.
	if resp.StatusCode != http.StatusOK || bytes.HasPrefix(texte, []byte(`{"errors"`)) {
		return fmt.Errorf("réponse %d : %.300s", resp.StatusCode, texte)
	}
	return nil
}

// count returns how many SQL statements one request sends. It asks the handler itself: over HTTP, an answer may arrive
// before the handler has ended.
func (b *banc) count(ctx context.Context, corps []byte) int64 {
	ctx, n := db.WithCounter(ctx)
	req := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", bytes.NewReader(corps))
	req.Header.Set("Content-Type", "application/json")
	b.api.ServeHTTP(httptest.NewRecorder(), req)
	return n.Load()
}

// lignesLues returns how many rows and index entries PostgreSQL has read in this database. Its processes report when
// they have been idle for a while: closing the connections makes them.
func (b *banc) lignesLues(ctx context.Context) (n int64, err error) {
	b.pool.Reset()
	time.Sleep(200 * time.Millisecond)
	err = b.pool.QueryRow(ctx, `SELECT sum(seq_tup_read)::bigint + (SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes) FROM pg_stat_user_tables`).Scan(&n)
	return n, err
}
