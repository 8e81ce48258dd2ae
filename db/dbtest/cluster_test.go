package dbtest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/db/local"
)

func TestOnlyAbandonedClustersAreSwept(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	// PostgreSQL's account must be able to enter both levels of the test's folder.
	for _, dir := range []string{temp, filepath.Dir(temp)} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	create := func(name string) string {
		dir := filepath.Join(temp, name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "verrou"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	aged := func(dir string) {
		old := time.Now().Add(-time.Hour)
		if err := os.Chtimes(dir, old, old); err != nil {
			t.Fatal(err)
		}
	}
	abandoned, young, kept, used, other := create(prefix+"1"), create(prefix+"2"), create(prefix+"3"), create(prefix+"4"), create("somebody-else")
	if err := os.WriteFile(filepath.Join(kept, keep), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := local.Start(t.Context(), local.Config{Dir: used, Disposable: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop() })
	for _, dir := range []string{abandoned, kept, used, other} {
		aged(dir)
	}

	sweep()

	if _, err := os.Stat(abandoned); !os.IsNotExist(err) {
		t.Errorf("the abandoned cluster is still there: %v", err)
	}
	for what, dir := range map[string]string{"young": young, "kept": kept, "used": used, "foreign": other} {
		if _, err := os.Stat(dir); err != nil {
			t.Errorf("the %s folder is gone: %v", what, err)
		}
	}
}
