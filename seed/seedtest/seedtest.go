// Package seedtest gives tests a database with all that the project ships.
package seedtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/seed"
	"github.com/mutualibre/mutualibre/seed/echantillon"
)

// key names the template that holds what the project ships.
const key = "semée"

// Jour is when that was loaded, as the database tells it.
func Jour() time.Time { return time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC) }

// URL returns the address of a fresh database with all that the project ships.
func URL(t testing.TB) string {
	t.Helper()
	return dbtest.URLFrom(t, key, ship)
}

// Echantillon is URL with a synthetic sample too, of that many usages, drawn from graine.
func Echantillon(t testing.TB, usages int, graine uint64) string {
	t.Helper()
	return dbtest.URLAfter(t, key, ship, fmt.Sprintf("%d usages, graine %d", usages, graine), func(url string) error {
		return on(url, func(ctx context.Context, pool *pgxpool.Pool) error {
			_, err := echantillon.Generate(ctx, pool, echantillon.Options{Usages: usages, Graine: graine, Melanger: true})
			return err
		})
	})
}

func ship(url string) error {
	return on(url, func(ctx context.Context, pool *pgxpool.Pool) error {
		_, err := seed.Load(ctx, pool, seed.Options{Maintenant: Jour})
		return err
	})
}

func on(url string, fill func(context.Context, *pgxpool.Pool) error) error {
	ctx := context.Background()
	pool, err := db.Connect(ctx, url, db.Options{})
	if err != nil {
		return err
	}
	defer pool.Close()
	return fill(ctx, pool)
}
