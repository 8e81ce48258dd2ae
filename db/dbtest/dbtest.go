// Package dbtest gives each test a PostgreSQL database of its own: migrated, private
// and gone when the test passes.
//
// The databases live in TEST_DATABASE_URL if that variable is set (its role needs
// CREATEDB), else in a private cluster that the test binary starts on first use. A
// package that uses it should say so in its TestMain, which stops the cluster:
//
//	func TestMain(m *testing.M) { dbtest.Main(m) }
//
// Without it the cluster dies with the process and its files are swept by the next
// test binary. The test binaries that [Partager] runs have one cluster for all, and share
// their templates. DATABASE_URL is never used: this package creates and drops databases.
//
// When a test fails its database is kept and its address logged; DBTEST_KEEP=1 keeps
// the private cluster too, so that it can be looked into.
//
// Tests inside package db must be in package db_test, since dbtest imports db.
package dbtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/migrations"
)

// Main runs the tests of a package, then stops and removes the private cluster if
// one was started, and exits.
func Main(m *testing.M) {
	code := m.Run()
	if err := shared.close(); err != nil {
		fmt.Fprintln(os.Stderr, "dbtest:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// New returns a pool on a fresh migrated database.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return Open(t, URL(t))
}

// URL returns the address of a fresh migrated database.
func URL(t testing.TB) string {
	t.Helper()
	return shared.clone(t, shared.migrated(t))
}

// Empty returns the address of a fresh database without any migration.
func Empty(t testing.TB) string {
	t.Helper()
	return shared.clone(t, "template0")
}

// NewFrom returns a pool on a fresh copy of a migrated database that fill has
// completed; see [URLFrom].
func NewFrom(t testing.TB, key string, fill func(url string) error) *pgxpool.Pool {
	t.Helper()
	return Open(t, URLFrom(t, key, fill))
}

// URLFrom returns the address of a fresh copy of a migrated database that fill has
// completed. fill runs once per key (and per state of the migrations), the copies are
// made from its result. fill must close its connections. With TEST_DATABASE_URL the
// result outlives the test binary, and serves again to the same one only: another may
// fill differently. Under [Partager] all binaries are of one state of the source: a key
// then means the same fill in all of them.
func URLFrom(t testing.TB, key string, fill func(url string) error) string {
	t.Helper()
	return shared.clone(t, shared.filled(t, shared.migrated(t), key, fill))
}

// URLAfter is URLFrom, but more completes a copy of what URLFrom gives for key and fill: two templates that begin alike
// are filled alike once.
func URLAfter(t testing.TB, key string, fill func(url string) error, moreKey string, more func(url string) error) string {
	t.Helper()
	return shared.clone(t, shared.filled(t, shared.filled(t, shared.migrated(t), key, fill), moreKey, more))
}

// binary is a fingerprint of the test binary, data embedded in it included.
var binary = sync.OnceValue(func() string {
	path, err := os.Executable()
	if err != nil {
		return err.Error()
	}
	f, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err.Error()
	}
	return hex.EncodeToString(sum.Sum(nil))
})

// Open returns a pool on a database of this package, closed with the test.
func Open(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 8
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		closed := make(chan struct{})
		go func() {
			pool.Close()
			close(closed)
		}()
		select {
		case <-closed:
		case <-time.After(10 * time.Second):
			t.Error("dbtest: a connection of the pool was not given back: a rows.Close, a Release or the end of a transaction is missing")
		}
	})
	return pool
}

// server is the PostgreSQL that holds the databases, and the templates made in it.
type server struct {
	mu        sync.Mutex
	admin     *pgxpool.Pool // on the maintenance database; nil until first used
	url       *url.URL
	failed    error // the first start's error: the next tests need not try again
	private   *cluster
	templates map[string]*sync.Once
}

// shared is the one server of the test binary: a start costs a second, and the
// testing package offers no other place that all tests of a binary can reach.
var shared = &server{templates: map[string]*sync.Once{}}

// pool starts the server on first use.
func (s *server) pool(t testing.TB) *pgxpool.Pool {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.admin == nil && s.failed == nil {
		s.failed = s.open()
	}
	if s.failed != nil {
		t.Fatalf("dbtest: %v", s.failed)
	}
	return s.admin
}

func (s *server) open() error {
	address := os.Getenv("TEST_DATABASE_URL")
	if address == "" {
		c, err := startCluster()
		if err != nil {
			return err
		}
		s.private, address = c, c.server.URL()
	}
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return fmt.Errorf("TEST_DATABASE_URL must look like postgres://role@host/database")
	}
	s.url = u
	if s.admin, err = pgxpool.New(context.Background(), address); err != nil {
		return err
	}
	return s.admin.Ping(context.Background())
}

func (s *server) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.admin != nil {
		s.admin.Close()
	}
	if s.private == nil {
		return nil
	}
	return s.private.close()
}

// in returns the server's address with another database.
func (s *server) in(name string) string {
	u := *s.url
	u.Path = "/" + name
	return u.String()
}

// migrated returns the name of the template that has every migration of the program.
func (s *server) migrated(t testing.TB) string {
	t.Helper()
	s.pool(t)
	sum, err := fingerprint(migrations.FS)
	if err != nil {
		t.Fatal(err)
	}
	return s.template(t, "modele_"+sum, "template0", func(url string) error {
		pool, err := pgxpool.New(context.Background(), url)
		if err != nil {
			return err
		}
		defer pool.Close()
		_, err = db.MigrateUp(context.Background(), pool)
		return err
	})
}

// template returns name once a database of that name exists, made from base and
// completed by fill, by this test binary or another one.
func (s *server) template(t testing.TB, name, base string, fill func(url string) error) string {
	t.Helper()
	admin := s.pool(t)
	s.mu.Lock()
	once, ok := s.templates[name]
	if !ok {
		once = new(sync.Once)
		s.templates[name] = once
	}
	s.mu.Unlock()
	var err error
	once.Do(func() { err = s.build(context.Background(), admin, name, base, fill) })
	if err != nil {
		s.mu.Lock()
		delete(s.templates, name) // the next test reports its own error, not a missing database
		s.mu.Unlock()
		t.Fatalf("dbtest: template %s: %v", name, err)
	}
	return name
}

// filled is the template that fill makes of a copy of base.
func (s *server) filled(t testing.TB, base, key string, fill func(url string) error) string {
	t.Helper()
	filler := os.Getenv(partage)
	if filler == "" {
		filler = binary()
	}
	return s.template(t, "modele_"+short(base+"\x00"+filler+"\x00"+key), base, fill)
}

func (s *server) build(ctx context.Context, admin *pgxpool.Pool, name, base string, fill func(url string) error) error {
	conn, err := admin.Acquire(ctx)
	if err != nil {
		return err
	}
	// Other test binaries may share the server. The lock goes with the connection.
	defer conn.Release()
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(hashtextextended($1, 0))`, name); err != nil {
		return err
	}
	defer conn.Exec(ctx, `SELECT pg_advisory_unlock(hashtextextended($1, 0))`, name)
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&exists); err != nil || exists {
		return err
	}
	// Under a passing name until it is complete.
	partial := name + "_partiel"
	if _, err := conn.Exec(ctx, `DROP DATABASE IF EXISTS `+quote(partial)+` WITH (FORCE)`); err != nil {
		return err
	}
	if err := s.create(ctx, conn, partial, base); err != nil {
		return err
	}
	if err := fill(s.in(partial)); err != nil {
		_, dropErr := conn.Exec(ctx, `DROP DATABASE `+quote(partial)+` WITH (FORCE)`)
		if dropErr != nil {
			return fmt.Errorf("%w (and %v)", err, dropErr)
		}
		return err
	}
	_, err = conn.Exec(ctx, `ALTER DATABASE `+quote(partial)+` RENAME TO `+quote(name))
	return err
}

// create copies a database: file by file where a checkpoint costs nothing (the private
// cluster: 60 ms against 200 ms) or the copy is large, else through the journal.
func (s *server) create(ctx context.Context, conn *pgxpool.Conn, name, base string) error {
	strategy := "wal_log"
	var size int64
	if err := conn.QueryRow(ctx, `SELECT pg_database_size($1::name)`, base).Scan(&size); err != nil {
		return err
	}
	if s.private != nil || os.Getenv(partage) != "" || size > 64<<20 {
		strategy = "file_copy"
	}
	_, err := conn.Exec(ctx, fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s STRATEGY %s`, quote(name), quote(base), strategy))
	return err
}

// clone makes the test's database and sees to its end.
func (s *server) clone(t testing.TB, base string) string {
	t.Helper()
	ctx := context.Background()
	admin := s.pool(t)
	name := fmt.Sprintf("test_%d_%08x", os.Getpid(), rand.Uint32())
	conn, err := admin.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if err := s.create(ctx, conn, name, base); err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	address := s.in(name)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("dbtest: this test's database is kept: %s", address)
			return
		}
		if _, err := admin.Exec(ctx, `DROP DATABASE `+quote(name)+` WITH (FORCE)`); err != nil {
			t.Errorf("dbtest: %v", err)
		}
	})
	return address
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// fingerprint changes with any name or byte of the files.
func fingerprint(files fs.FS) (string, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return "", err
	}
	all := ""
	for _, e := range entries {
		text, err := fs.ReadFile(files, e.Name())
		if err != nil {
			return "", err
		}
		all += fmt.Sprintf("%s\x00%d\x00%s", e.Name(), len(text), text)
	}
	return short(all), nil
}

func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
