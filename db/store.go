// Package db is the persistence of the graph: entities, queries and transactions over PostgreSQL. It knows neither
// GraphQL nor HTTP.
//
// Rows read by one statement stay together in a lot (lot.go): what is asked of one is read for all of them at once,
// so a request costs one statement for each relation it names, whatever the size of its pages.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// Options tune the connection to PostgreSQL.
type Options struct {
	// StatementTimeout stops a statement that runs longer; zero: no limit.
	StatementTimeout time.Duration
	// MaxConns bounds the pool; zero: pgx's default.
	MaxConns int32
	// Log receives the slow statements, without their values; nil: none.
	Log *slog.Logger
}

// Connect opens a pool on url and checks that PostgreSQL answers.
func Connect(ctx context.Context, url string, o Options) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL : %w", err)
	}
	// bun interpolates its arguments, so each text is new: preparing it would cost a round trip for nothing.
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.ConnConfig.Tracer = &tracer{log: o.Log}
	config.ConnConfig.RuntimeParams["application_name"] = "mutualibre"
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	// On solid-state disks and in memory a page read out of order costs hardly more. PostgreSQL's default of 4 is for
	// spinning ones: it then prefers to walk all usages in the order of their ids, waiting for ten that match.
	config.ConnConfig.RuntimeParams["random_page_cost"] = "1.1"
	// Compiling a statement takes longer than running any of ours.
	config.ConnConfig.RuntimeParams["jit"] = "off"
	// Nor share it between processes: starting them takes tens of milliseconds, and others wait for the processor.
	config.ConnConfig.RuntimeParams["max_parallel_workers_per_gather"] = "0"
	if o.StatementTimeout > 0 {
		config.ConnConfig.RuntimeParams["statement_timeout"] = fmt.Sprint(o.StatementTimeout.Milliseconds())
	}
	if o.MaxConns > 0 {
		config.MaxConns = o.MaxConns
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// Store answers every question about the graph, and writes it.
type Store struct {
	// pool writes, and reads whole tables: for what no reader asks.
	pool *pgxpool.Pool
	base *bun.DB
	// bun reads what the reader of the context may see; inside a transaction that writes, the transaction itself.
	bun     bun.IDB
	lecture *pgxpool.Pool
	sql     *sql.DB
	locales bool // see AdmettreAdressesLocales

	// AbonnementsParIdentite and AbonnementsAnonymes bound the subscriptions open at once in this process: those of one
	// identity, and those of all who have none. To be set before the store is used.
	AbonnementsParIdentite, AbonnementsAnonymes int
	nouvelles                                   *nouvelles
}

// AdmettreAdressesLocales lets webhooks lead to this machine and to private networks, without encryption: for tests and
// development. To be called before the store is used.
func (s *Store) AdmettreAdressesLocales() { s.locales = true }

// NewStore builds a store over a pool made by Connect, which writes; it opens another one to read.
func NewStore(pool *pgxpool.Pool) *Store {
	lecture := newLecture(pool)
	conn := stdlib.OpenDBFromPool(lecture)
	s := &Store{
		pool: pool, base: bun.NewDB(stdlib.OpenDBFromPool(pool), pgdialect.New()),
		bun: bun.NewDB(conn, pgdialect.New()), lecture: lecture, sql: conn,
		AbonnementsParIdentite: 100, AbonnementsAnonymes: 1000,
	}
	s.nouvelles = newNouvelles(s, pool)
	return s
}

// Close ends the subscriptions and releases what the store opened; the pool stays the caller's.
func (s *Store) Close() error {
	s.nouvelles.close()
	err := errors.Join(s.base.Close(), s.sql.Close())
	s.lecture.Close()
	return err
}

// Ping reports whether PostgreSQL answers.
func (s *Store) Ping(ctx context.Context) error { return Translate(s.pool.Ping(ctx)) }

// Current reports whether the database has every migration of this program.
func (s *Store) Current(ctx context.Context) (bool, error) {
	current, err := MigrationsCurrent(ctx, s.pool)
	return current, Translate(err)
}

type counterKey struct{}

// WithCounter returns a context under which every SQL statement adds one to the counter.
func WithCounter(ctx context.Context) (context.Context, *atomic.Int64) {
	n := new(atomic.Int64)
	return context.WithValue(ctx, counterKey{}, n), n
}

// tracer counts statements and reports the slow ones.
type tracer struct{ log *slog.Logger }

const slowStatement = time.Second

type startKey struct{}

func (t *tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if n, ok := ctx.Value(counterKey{}).(*atomic.Int64); ok {
		n.Add(1)
	}
	if t.log == nil {
		return ctx
	}
	return context.WithValue(ctx, startKey{}, time.Now())
}

func (t *tracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	if t.log == nil {
		return
	}
	if start, ok := ctx.Value(startKey{}).(time.Time); ok {
		if d := time.Since(start); d > slowStatement {
			t.log.WarnContext(ctx, "slow statement", "duration", d, "command", data.CommandTag.String(), "err", data.Err)
		}
	}
}

// one reads a single row into dest; false without an error when there is none.
func one(ctx context.Context, q *bun.SelectQuery, dest any) (bool, error) {
	err := q.Scan(ctx, dest)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, Translate(err)
}

// many reads every row into dest, a pointer to a slice.
func many(ctx context.Context, q *bun.SelectQuery, dest any) error {
	return Translate(q.Scan(ctx, dest))
}

// kept reads rows by a statement whose text is constant: each connection keeps its plan.
func kept[R any](ctx context.Context, s *Store, sql string, args ...any) ([]R, error) {
	found, err := s.lecture.Query(ctx, sql, append([]any{pgx.QueryExecModeCacheStatement}, args...)...)
	if err != nil {
		return nil, Translate(err)
	}
	rows, err := pgx.CollectRows(found, pgx.RowToStructByPos[R])
	return rows, Translate(err)
}
