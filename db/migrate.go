package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/migrate"

	"github.com/mutualibre/mutualibre/db/migrations"
)

// MigrationState is one migration and when this database received it.
type MigrationState struct {
	Nom         string     // "20261122000000_extensions"
	AppliqueeLe *time.Time // nil: not yet
	Inconnue    bool       // applied, but this program does not have it: a later one wrote it
}

// MigrateUp applies the migrations that the database lacks, in order, and returns
// their names. Each one commits with the record that it was applied, or not at all;
// the error of the first that fails names its file and line. Several programs may
// call it at once: one works, the others wait.
func MigrateUp(ctx context.Context, pool *pgxpool.Pool) (applied []string, err error) {
	return migrateUp(ctx, pool, migrations.FS)
}

// MigrateDown undoes the last migration applied and returns its name; an empty list
// means there was none. It refuses to touch a database that holds a migration this
// program does not know.
func MigrateDown(ctx context.Context, pool *pgxpool.Pool) (undone []string, err error) {
	return migrateDown(ctx, pool, migrations.FS)
}

// MigrateStatus lists the migrations of this program and of the database, in order.
// It writes nothing.
func MigrateStatus(ctx context.Context, pool *pgxpool.Pool) ([]MigrationState, error) {
	return migrateStatus(ctx, pool, migrations.FS)
}

// MigrationsCurrent reports whether the database has received every migration of
// this program. Those of a later program do not count against it: during a rolling
// update the older servers go on serving.
func MigrationsCurrent(ctx context.Context, pool *pgxpool.Pool) (bool, error) {
	states, err := MigrateStatus(ctx, pool)
	if err != nil {
		return false, err
	}
	for _, s := range states {
		if s.AppliqueeLe == nil {
			return false, nil
		}
	}
	return true, nil
}

// migrationLock is the key of the advisory lock held while migrating.
const migrationLock = 0x6d757475616c6962 // "mutualib"

func migrateUp(ctx context.Context, pool *pgxpool.Pool, files fs.FS) (applied []string, err error) {
	steps, err := readMigrations(files)
	if err != nil {
		return nil, err
	}
	err = locked(ctx, pool, func(idb *bun.DB) error {
		if err := migrator(idb, steps).Init(ctx); err != nil {
			return err
		}
		// One call a step: bun undoes by call, and we undo one step at a time.
		for i := range steps {
			group, err := migrator(idb, steps[:i+1]).Migrate(ctx)
			if err != nil {
				return err
			}
			for _, m := range group.Migrations {
				applied = append(applied, m.String())
			}
		}
		return nil
	})
	return applied, err
}

func migrateDown(ctx context.Context, pool *pgxpool.Pool, files fs.FS) (undone []string, err error) {
	steps, err := readMigrations(files)
	if err != nil {
		return nil, err
	}
	err = locked(ctx, pool, func(idb *bun.DB) error {
		m := migrator(idb, steps)
		if err := m.Init(ctx); err != nil {
			return err
		}
		unknown, err := m.MissingMigrations(ctx)
		if err != nil {
			return err
		}
		if len(unknown) > 0 {
			return fmt.Errorf("la base a reçu la migration %s, que cette version du programme ne connaît pas : utilisez la version qui l'a écrite", unknown[0].Name)
		}
		group, err := m.Rollback(ctx)
		if err != nil {
			return err
		}
		for _, m := range group.Migrations {
			undone = append(undone, m.String())
		}
		return nil
	})
	return undone, err
}

func migrateStatus(ctx context.Context, pool *pgxpool.Pool, files fs.FS) ([]MigrationState, error) {
	steps, err := readMigrations(files)
	if err != nil {
		return nil, err
	}
	var known bool
	if err := pool.QueryRow(ctx, `SELECT to_regclass('bun_migrations') IS NOT NULL`).Scan(&known); err != nil {
		return nil, err
	}
	appliedAt := map[string]time.Time{}
	var names []string
	if known {
		rows, err := pool.Query(ctx, `SELECT name, migrated_at FROM bun_migrations ORDER BY name`)
		if err != nil {
			return nil, err
		}
		var name string
		var at time.Time
		if _, err := pgx.ForEachRow(rows, []any{&name, &at}, func() error {
			appliedAt[name] = at
			names = append(names, name)
			return nil
		}); err != nil {
			return nil, err
		}
	}
	var states []MigrationState
	for _, step := range steps {
		s := MigrationState{Nom: step.String()}
		if at, ok := appliedAt[step.Name]; ok {
			s.AppliqueeLe = &at
			delete(appliedAt, step.Name)
		}
		states = append(states, s)
	}
	for _, name := range names {
		if at, ok := appliedAt[name]; ok {
			states = append(states, MigrationState{Nom: name, AppliqueeLe: &at, Inconnue: true})
		}
	}
	return states, nil
}

// locked runs work on the database of pool while no other program migrates it. The lock sits
// on a connection of its own, and is released by the server if we die.
func locked(ctx context.Context, pool *pgxpool.Pool, work func(*bun.DB) error) (err error) {
	// The pool's limit is for requests. A migration takes the time it needs, bun's own statements
	// on a busy machine included, and waiting for another program's is not a fault.
	config := pool.Config().ConnConfig
	config.RuntimeParams["statement_timeout"] = "0"
	guard, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, guard.Close(context.WithoutCancel(ctx))) }()
	if _, err := guard.Exec(ctx, `SELECT pg_advisory_lock($1)`, int64(migrationLock)); err != nil {
		return err
	}
	sqldb := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, sqldb.Close()) }()
	return work(bun.NewDB(sqldb, pgdialect.New()))
}

func migrator(idb *bun.DB, steps []migrate.Migration) *migrate.Migrator {
	set := migrate.NewMigrations()
	for _, step := range steps {
		set.Add(step)
	}
	// bun marks a migration before it runs unless told otherwise. Upsert lets it mark
	// again what the migration's own transaction has marked.
	return migrate.NewMigrator(idb, set, migrate.WithMarkAppliedOnSuccess(true), migrate.WithUpsert(true))
}

var migrationFile = regexp.MustCompile(`^(\d{14})_([0-9a-z_]+)\.(up|down)\.sql$`)

// readMigrations pairs the files, in order. bun's own reader is not used: it commits
// a migration and its record apart, so a crash in between would leave a database that
// can go neither up nor down.
func readMigrations(files fs.FS) ([]migrate.Migration, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, err
	}
	var steps []migrate.Migration
	for _, e := range entries { // sorted: .down comes before .up
		if !strings.HasSuffix(e.Name(), ".sql") {
			continue
		}
		m := migrationFile.FindStringSubmatch(e.Name())
		if m == nil {
			return nil, fmt.Errorf("migration %s: the name must be YYYYMMDDHHMMSS_name.up.sql or .down.sql", e.Name())
		}
		last := len(steps) - 1
		if m[3] == "down" {
			if last >= 0 && steps[last].Name == m[1] {
				return nil, fmt.Errorf("migration %s: another one has the same number", e.Name())
			}
			steps = append(steps, migrate.Migration{Name: m[1], Comment: m[2], Down: runFile(files, e.Name(), false)})
			continue
		}
		if last < 0 || steps[last].Name != m[1] || steps[last].Comment != m[2] || steps[last].Up != nil {
			return nil, fmt.Errorf("migration %s: its .down.sql is missing", e.Name())
		}
		steps[last].Up = runFile(files, e.Name(), true)
	}
	for _, s := range steps {
		if s.Up == nil {
			return nil, fmt.Errorf("migration %s: its .up.sql is missing", s.String())
		}
	}
	return steps, nil
}

// runFile returns what bun calls for one direction of one migration: the whole file
// and its record, in one transaction.
func runFile(files fs.FS, name string, up bool) func(context.Context, *migrate.Migrator, *migrate.Migration) error {
	return func(ctx context.Context, m *migrate.Migrator, step *migrate.Migration) error {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		return m.DB().RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			// On tx.Tx, bun does not look for question marks in the text.
			if _, err := tx.Tx.ExecContext(ctx, string(text)); err != nil {
				return fmt.Errorf("%s%s: %w", name, lineOf(string(text), err), err)
			}
			if up {
				_, err = tx.NewInsert().Model(step).ModelTableExpr("bun_migrations").Exec(ctx)
			} else {
				_, err = tx.NewDelete().Model(step).ModelTableExpr("bun_migrations").Where("name = ?", step.Name).Exec(ctx)
			}
			return err
		})
	}
}

// lineOf says ":12" when PostgreSQL tells where the fault is: it counts characters
// from 1 in the text it received.
func lineOf(text string, err error) string {
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Position < 1 {
		return ""
	}
	line, left := 1, int(e.Position)-1
	for _, r := range text {
		if left == 0 {
			break
		}
		if r == '\n' {
			line++
		}
		left--
	}
	if left > utf8.RuneCountInString(text) {
		return ""
	}
	return fmt.Sprintf(":%d", line)
}
