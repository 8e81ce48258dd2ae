package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/local"
)

// patience is how long a server may take to answer when we start.
const patience = 15 * time.Second

// base is the database that a command works in, and the private PostgreSQL that it started for it.
type base struct {
	url   string
	prive *local.Server // nil when the server is somebody else's
}

// openBase finds the database: that of DATABASE_URL; else the private one, started here. With partage, a private one
// that another process runs will do.
func openBase(ctx context.Context, c config, log *slog.Logger, partage bool) (*base, error) {
	if c.DatabaseURL != "" {
		return &base{url: c.DatabaseURL}, nil
	}
	prive, err := local.Start(ctx, local.Config{Dir: c.DataDir, Log: log})
	if err == nil {
		return &base{url: prive.URL(), prive: prive}, nil
	}
	if partage && errors.Is(err, local.ErrInUse) {
		if url, ok := local.Attach(ctx, c.DataDir); ok {
			return &base{url: url}, nil
		}
	}
	return nil, err
}

// shut stops what was started.
func (b *base) shut() error {
	if b.prive == nil {
		return nil
	}
	return b.prive.Stop()
}

// fin is closed when the database is gone for good; nil, so never, when it is not ours.
func (b *base) fin() <-chan struct{} {
	if b.prive == nil {
		return nil
	}
	return b.prive.Done()
}

// dial opens a pool on the database of the address. It gives up after some patience, and refuses a PostgreSQL too
// old for the migrations.
func dial(ctx context.Context, url string, o db.Options) (*pgxpool.Pool, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	pool, err := db.Connect(ctx, url, o)
	if err != nil {
		return nil, err
	}
	var version string
	err = pool.QueryRow(ctx, `SHOW server_version`).Scan(&version)
	if err == nil {
		err = assezRecent(version)
	}
	if err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// assezRecent judges what PostgreSQL says of its version: "15.14 (Debian 15.14-1)", "17beta2".
func assezRecent(version string) error {
	var majeure int
	if _, err := fmt.Sscanf(version, "%d", &majeure); err == nil && majeure < local.MinimumMajor {
		return fmt.Errorf("cette base est servie par PostgreSQL %s, trop ancien : il faut la version %d au moins", version, local.MinimumMajor)
	}
	return nil // one that we cannot read is a future one
}

// avecBase runs work on the database of the configuration, where a statement may last, and closes it behind.
func avecBase(ctx context.Context, c config, log *slog.Logger, work func(*pgxpool.Pool) error) (err error) {
	b, err := openBase(ctx, c, log, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.shut()) }()
	return surBase(ctx, b.url, work)
}

// surBase runs work on the database of the address.
func surBase(ctx context.Context, url string, work func(*pgxpool.Pool) error) error {
	pool, err := dial(ctx, url, db.Options{MaxConns: 4})
	if err != nil {
		return err
	}
	defer pool.Close()
	return work(pool)
}
