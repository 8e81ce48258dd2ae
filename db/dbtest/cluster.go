package dbtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/mutualibre/mutualibre/db/local"
)

// cluster is the private PostgreSQL of this test binary.
type cluster struct {
	dir    string
	server *local.Server
}

const prefix = "mutualibre-test-"

func startCluster() (*cluster, error) {
	sweep()
	dir, err := os.MkdirTemp(local.InMemory(), prefix)
	if err != nil {
		return nil, err
	}
	// The account PostgreSQL runs as when we are root must be able to enter.
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := local.Start(ctx, local.Config{Dir: dir, Downloads: downloads(), Disposable: true,
		// Its workers would hold databases when tests drop them, which the program's role may not stop.
		Settings: map[string]string{"autovacuum": "off"}})
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	return &cluster{dir: dir, server: s}, nil
}

// downloads is where PostgreSQL's programs stay when the machine has none, so that
// one download serves all test binaries; root's own cache is closed to the account
// that runs PostgreSQL.
func downloads() string {
	cache, err := os.UserCacheDir()
	if os.Geteuid() == 0 || err != nil {
		cache = "/var/cache"
	}
	return filepath.Join(cache, "mutualibre")
}

func (c *cluster) close() error {
	if err := c.server.Stop(); err != nil {
		return err
	}
	if os.Getenv("DBTEST_KEEP") != "" {
		fmt.Fprintf(os.Stderr, "dbtest: cluster kept in %s\n", c.dir)
		return os.WriteFile(filepath.Join(c.dir, keep), nil, 0o600)
	}
	return os.RemoveAll(c.dir)
}

// keep marks a folder that sweep leaves alone.
const keep = "garder"

// sweep removes the clusters of test binaries that ended without doing it.
func sweep() {
	var dirs []string
	for _, d := range []string{os.TempDir(), local.Memory} {
		if found, err := filepath.Glob(filepath.Join(d, prefix+"*")); err == nil && d != "" {
			dirs = append(dirs, found...)
		}
	}
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, keep)); err == nil {
			continue
		}
		// A young folder may belong to a binary that has not locked it yet.
		if info, err := os.Stat(dir); err != nil || time.Since(info.ModTime()) < 30*time.Second {
			continue
		}
		// Best effort: a folder of another account, or one in use, stays.
		_ = local.Remove(dir)
	}
}
