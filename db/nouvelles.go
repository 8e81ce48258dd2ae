package db

import (
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A server learns what is written, by itself or by any other of the same database, from one connection that LISTENs.
// Each new publication is looked at once, whole, to tell whose subscriptions it concerns; these alone then read their
// events, under their own identity (evenement.go). Nothing is queued for a subscription but a range of publications.

const (
	// canalNouvelles is the channel of PostgreSQL that tells the number of each publication, at its commit.
	canalNouvelles = "mutualibre_publication"
	// apercuMax bounds the rows of the journal looked at together: past it, what they hold concerns everyone.
	apercuMax = 1000
	// periodeNouvelles is the time between two looks when nothing is told: the net under a lost notification.
	periodeNouvelles = 5 * time.Second
)

// position is a place in what is published: after an event, by its publication's number and its row of the journal.
type position struct{ numero, journal int64 }

// apres is the place after all of a publication.
func apres(numero int64) position { return position{numero, math.MaxInt64} }

func (p position) before(q position) bool {
	return p.numero < q.numero || (p.numero == q.numero && p.journal < q.journal)
}

// nouvelles are the subscriptions of this process: see open.
type nouvelles struct {
	store   *Store
	log     *slog.Logger
	periode time.Duration
	// places bounds how many subscriptions read at once, so that news leave connections to everyone else.
	places chan struct{}

	ctx    context.Context // ends with the store
	cancel context.CancelFunc
	tasks  sync.WaitGroup

	mu       sync.Mutex
	total    int   // opened since the start
	suivies  bool  // the database is listened to: from the first subscription
	tete     int64 // every publication up to it has been looked at
	suiveurs map[*suiveur]bool
	parSujet map[string]int
	communes map[cleLecture]*lectureCommune
}

func newNouvelles(s *Store, pool *pgxpool.Pool) *nouvelles {
	n := &nouvelles{
		store: s, log: slog.New(slog.DiscardHandler), periode: periodeNouvelles,
		places:   make(chan struct{}, max(1, pool.Config().MaxConns/2)),
		suiveurs: map[*suiveur]bool{}, parSujet: map[string]int{}, communes: map[cleLecture]*lectureCommune{},
	}
	if t, ok := pool.Config().ConnConfig.Tracer.(*tracer); ok && t.log != nil {
		n.log = t.log
	}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	return n
}

// close ends every subscription, and waits for it.
func (n *nouvelles) close() {
	n.mu.Lock()
	n.cancel()
	n.mu.Unlock()
	n.tasks.Wait()
}

// suiveur is one subscription: what it is interested in, and how far it has read.
type suiveur struct {
	sujet   string        // who asks; "" is anyone
	reveil  chan struct{} // of one place: there is something to look at
	lue     position      // of the goroutine that reads
	interet interet       // replaced by that goroutine, under nouvelles.mu

	// Under nouvelles.mu.
	attend  bool // there are publications to read: from depuis up to jusque
	depuis  position
	jusque  int64
	fusions int // since interet was made: it may name what was merged
}

// interet is what a subscription wants to hear of.
type interet struct {
	cle       string                                 // the same for the same wish
	concernee func(*apercu) bool                     // whether publications may hold some of it; never false when they do
	filtre    criteria                               // keeps its rows of the journal
	refaire   func(context.Context) (interet, error) // once organisations or software were merged
}

// open registers a subscription, and begins to listen with the first. It hears of what is published after a place or, by
// default, from now on.
func (n *nouvelles) open(ctx context.Context, i interet, depuis *position) (*suiveur, error) {
	var maintenant int64
	if err := n.store.pool.QueryRow(ctx, `SELECT coalesce(max(numero), 0) FROM public.publication`).Scan(&maintenant); err != nil {
		return nil, Translate(err)
	}
	e := &suiveur{interet: i, reveil: make(chan struct{}, 1), lue: apres(maintenant), fusions: 1} // perhaps since i was made
	most := n.store.AbonnementsAnonymes
	if qui := IdentiteDe(ctx); qui != nil {
		e.sujet, most = qui.Sujet, n.store.AbonnementsParIdentite
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.ctx.Err() != nil:
		return nil, &Error{Code: CodeIndisponible, Message: "le serveur s'arrête"}
	case n.parSujet[e.sujet] >= most:
		return nil, &Error{Code: CodeLimiteDebit, Message: "trop d'abonnements sont ouverts à la fois : fermez-en, ou réessayez plus tard"}
	}
	if !n.suivies {
		n.suivies, n.tete = true, maintenant
		reveil := make(chan struct{}, 1)
		n.tasks.Go(func() { n.listen(reveil) })
		n.tasks.Go(func() { n.follow(reveil) })
	}
	if depuis != nil {
		e.lue, e.attend, e.depuis, e.jusque = *depuis, true, *depuis, n.tete
	}
	n.parSujet[e.sujet]++
	n.suiveurs[e] = true
	n.total++
	n.tasks.Add(1)
	return e, nil
}

// Abonnements returns how many subscriptions of this process are open, and how many were since it started.
func (s *Store) Abonnements() (ouverts, total int) {
	s.nouvelles.mu.Lock()
	defer s.nouvelles.mu.Unlock()
	return len(s.nouvelles.suiveurs), s.nouvelles.total
}

// forget is the end of open.
func (n *nouvelles) forget(e *suiveur) {
	n.mu.Lock()
	if n.parSujet[e.sujet]--; n.parSujet[e.sujet] == 0 {
		delete(n.parSujet, e.sujet)
	}
	delete(n.suiveurs, e)
	n.mu.Unlock()
	n.tasks.Done()
}

// signal wakes who waits on a channel of one place.
func signal(reveil chan struct{}) {
	select {
	case reveil <- struct{}{}:
	default: // it is to wake already
	}
}

// listen signals each notification, and each new connection: something may have been told meanwhile.
func (n *nouvelles) listen(reveil chan struct{}) {
	var attente attente
	for n.ctx.Err() == nil {
		err := func() error {
			conn, err := pgx.ConnectConfig(n.ctx, n.store.pool.Config().ConnConfig)
			if err != nil {
				return err
			}
			defer func() {
				ctx, cancel := context.WithTimeout(context.Background(), time.Second)
				defer cancel()
				_ = conn.Close(ctx) // it is lost already, or no longer needed
			}()
			if _, err := conn.Exec(n.ctx, "LISTEN "+canalNouvelles); err != nil {
				return err
			}
			attente.reset()
			for {
				signal(reveil)
				if _, err := conn.WaitForNotification(n.ctx); err != nil {
					return err
				}
			}
		}()
		if n.ctx.Err() == nil {
			n.log.Warn("news: the connection that listens was lost", "err", err)
			attente.wait(n.ctx)
		}
	}
}

// follow looks at what is new when it is told to, and from time to time.
func (n *nouvelles) follow(reveil chan struct{}) {
	ticks := time.NewTicker(n.periode)
	defer ticks.Stop()
	var attente attente
	for {
		select {
		case <-n.ctx.Done():
			return
		case <-reveil:
		case <-ticks.C:
		}
		for more := true; more && n.ctx.Err() == nil; {
			var err error
			if more, err = n.advance(); err != nil && n.ctx.Err() == nil {
				n.log.Warn("news: the journal cannot be read", "err", err)
				attente.wait(n.ctx)
				more = true
			} else {
				attente.reset()
			}
		}
	}
}

// advance looks at the publications after tete and tells the subscriptions concerned; true when more may remain.
func (n *nouvelles) advance() (bool, error) {
	avant := n.tete // which only this goroutine changes
	a, err := n.store.apercevoir(n.ctx, avant)
	if err != nil || a == nil {
		return false, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.tete = a.tete
	clear(n.communes)
	for e := range n.suiveurs {
		if a.fusions {
			e.fusions++
		}
		if !a.tout && e.fusions == 0 && !e.interet.concernee(a) {
			continue
		}
		if !e.attend {
			e.attend, e.depuis = true, apres(avant)
		}
		e.jusque = a.tete
		signal(e.reveil)
	}
	return a.tout, nil
}

// wait returns once there are publications to read, with the last of them; false once there will be none.
func (n *nouvelles) wait(ctx context.Context, e *suiveur) (jusque int64, ok bool) {
	for {
		n.mu.Lock()
		attend, depuis, jusque := e.attend, e.depuis, e.jusque
		e.attend = false
		n.mu.Unlock()
		if attend {
			if e.lue.before(depuis) {
				e.lue = depuis
			}
			return jusque, true
		}
		select {
		case <-ctx.Done():
			return 0, false
		case <-e.reveil:
		}
	}
}

// renew makes again what a subscription is interested in, if it must be. Until then it is told of everything.
func (n *nouvelles) renew(ctx context.Context, e *suiveur) error {
	n.mu.Lock()
	fusions := e.fusions
	n.mu.Unlock()
	if fusions == 0 {
		return nil
	}
	i, err := e.interet.refaire(ctx)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	e.interet = i
	e.fusions -= fusions
	return nil
}

// apercu is what some publications touch, whoever may read it.
type apercu struct {
	tete      int64 // the last of them
	tout      bool  // they touch more than is told here
	syndicats map[int64]bool
	usages    []facettes
	// visibilites: usages were shown or hidden. fusions: organisations or software may be no more, merged into others.
	visibilites, fusions bool
}

// facettes are what a filter asks of a usage.
type facettes struct {
	Statut      StatutUsage
	Modalite    ModaliteUsage
	Departement string
	LogicielID  int64 `json:"logiciel_id"`
	Libre       bool
	Visibilite  Visibilite
}

// apercevoir looks at the publications after a number; nil when there is none. It reads whole tables: what it finds
// wakes subscriptions, and is shown to nobody.
func (s *Store) apercevoir(ctx context.Context, depuis int64) (*apercu, error) {
	rows, err := s.pool.Query(ctx, `SELECT pu.numero, coalesce(jo.nom_table, ''), jo.organisations,
			CASE WHEN jo.nom_table = 'usage' THEN jo.avant END, CASE WHEN jo.nom_table = 'usage' THEN jo.apres END
		FROM public.publication pu LEFT JOIN public.journal jo ON jo.publication_id = pu.id AND (jo.objet_type IN ('Usage', 'Catalogue', 'EntreeCatalogue')
			OR (jo.genre = 'RETRAIT' AND jo.nom_table IN ('logiciel', 'organisation')))
		WHERE pu.numero > $1 ORDER BY pu.numero LIMIT $2`, depuis, apercuMax)
	if err != nil {
		return nil, err
	}
	a := &apercu{syndicats: map[int64]bool{}}
	var (
		table         string
		organisations []int64
		avant, apres  []byte
		read          int
	)
	_, err = pgx.ForEachRow(rows, []any{&a.tete, &table, &organisations, &avant, &apres}, func() error {
		read++
		switch table {
		case "":
		case "logiciel", "organisation":
			a.fusions = true
		case "usage":
			var of []facettes
			for _, version := range [][]byte{avant, apres} {
				if version == nil {
					continue
				}
				var f facettes
				if err := json.Unmarshal(version, &f); err != nil {
					return err
				}
				of = append(of, f)
			}
			a.usages = append(a.usages, of...)
			a.visibilites = a.visibilites || len(of) == 2 && of[0].Visibilite != of[1].Visibilite
		default:
			if place := syndicatDuJournal(table); place < len(organisations) {
				a.syndicats[organisations[place]] = true
			}
		}
		return nil
	})
	if err != nil || read == 0 {
		return nil, err
	}
	if read == apercuMax { // the last publication may not have been read whole
		a.tout, a.fusions = true, true
	}
	return a, nil
}

// syndicatDuJournal tells which of the organisations that a row of the journal touches publishes the catalogue. Of the
// subscription to an entry it is the second: the first subscribes.
func syndicatDuJournal(table string) int {
	if table == "abonnement" {
		return 1
	}
	return 0
}

// attente grows with each failure in a row.
type attente struct{ d time.Duration }

func (a *attente) reset() { a.d = 0 }

func (a *attente) wait(ctx context.Context) {
	a.d = min(max(2*a.d, 100*time.Millisecond), 5*time.Second)
	select {
	case <-ctx.Done():
	case <-time.After(a.d):
	}
}
