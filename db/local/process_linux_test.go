package local

import (
	"path/filepath"
	"testing"
	"time"
)

func TestPostgreSQLEndsWithTheProgramThatStartedIt(t *testing.T) {
	t.Parallel()
	dir := created(t)
	p, _ := program(t, dir)
	cluster := filepath.Join(dir, "postgres")
	if len(workersIn(cluster)) == 0 {
		t.Fatal("no process of PostgreSQL found: nothing is tested")
	}
	p.Process.Kill()
	p.Wait()
	if !eventually(20*time.Second, func() bool { return len(workersIn(cluster)) == 0 }) {
		t.Fatalf("left alone: %v", workersIn(cluster))
	}
}
