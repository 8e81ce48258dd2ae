//go:build unix

package local

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// installation makes a folder of programs that answer as PostgreSQL's do. Tests that
// write programs run alone: a process forked meanwhile would hold the file open for
// writing, and the system refuses to run it ("text file busy").
func installation(t *testing.T, parent, version string, extensions ...string) (bin string) {
	t.Helper()
	bin = filepath.Join(parent, "bin")
	share := filepath.Join(parent, "share", "extension")
	for _, dir := range []string{bin, share} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	files := map[string]string{
		filepath.Join(bin, "postgres"): "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + "'\n",
		// From its own place, so that the folder may move.
		filepath.Join(bin, "initdb"): "#!/bin/sh\ncd \"$(dirname \"$0\")/..\" && echo \"share_path=$(pwd)/share\" >&2\n",
	}
	for _, name := range extensions {
		files[filepath.Join(share, name+".control")] = ""
	}
	for path, text := range files {
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

func TestTheMachinesPostgreSQLIsFound(t *testing.T) {
	t.Parallel()
	b, err := FindBinaries(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if b.Major < MinimumMajor || !strings.HasPrefix(b.Version, fmt.Sprint(b.Major)) {
		t.Errorf("version %q, major %d", b.Version, b.Major)
	}
}

func TestTheFirstInstallationThatWillDoIsTaken(t *testing.T) {
	root := folder(t)
	old := installation(t, filepath.Join(root, "old"), "14.9", Extensions()...)
	bare := installation(t, filepath.Join(root, "bare"), "16.2 (Debian 16.2-1)")
	good := installation(t, filepath.Join(root, "good"), "17.1 (Homebrew)", Extensions()...)
	beta := installation(t, filepath.Join(root, "beta"), "18beta2", Extensions()...)
	absent := filepath.Join(root, "absent")

	b, err := findBinaries(t.Context(), []string{absent, old, bare, good, beta}, 0)
	if err != nil || b != (Binaries{Dir: good, Version: "17.1", Major: 17}) {
		t.Errorf("got %+v, %v; want 17.1", b, err)
	}
	// Data of one version are opened by that version, even where a newer one comes first.
	b, err = findBinaries(t.Context(), []string{good, beta}, 18)
	if err != nil || b.Dir != beta {
		t.Errorf("for version 18: got %+v, %v", b, err)
	}
}

func TestWithoutPostgreSQLTheErrorSaysWhyAndWhatToInstall(t *testing.T) {
	root := folder(t)
	old := installation(t, filepath.Join(root, "old"), "14.9", Extensions()...)
	bare := installation(t, filepath.Join(root, "bare"), "16.2", "unaccent")
	broken := installation(t, filepath.Join(root, "broken"), "16.2", Extensions()...)
	if err := os.Remove(filepath.Join(broken, "initdb")); err != nil {
		t.Fatal(err)
	}
	strange := installation(t, filepath.Join(root, "strange"), "?", Extensions()...)

	_, err := findBinaries(t.Context(), []string{old, bare, broken, strange}, 0)
	if !errors.Is(err, ErrNoBinaries) {
		t.Fatalf("err = %v, want ErrNoBinaries", err)
	}
	for _, want := range []string{
		old + " : version 14.9, trop ancienne",
		bare + " : version 16.2 sans les extensions pg_trgm, btree_gist",
		broken + " : le programme initdb manque",
		strange + " : version illisible",
		"apt-get install", "dnf install", "brew install", "DATABASE_URL",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the message does not say %q:\n%v", want, err)
		}
	}
}

func TestProgramsOnThePathAreFollowedToTheirFolder(t *testing.T) {
	root := folder(t)
	bin := installation(t, filepath.Join(root, "17"), "17.1", Extensions()...)
	links := filepath.Join(root, "links")
	if err := os.Mkdir(links, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(bin, "postgres"), filepath.Join(links, "postgres")); err != nil {
		t.Fatal(err)
	}
	got := usualFolders(strings.Join([]string{"", filepath.Join(root, "nothing"), links, bin}, string(os.PathListSeparator)))
	if len(got) == 0 || got[0] != bin || slices.Contains(got[1:], bin) {
		t.Errorf("folders = %v, want %s first and once", got, bin)
	}
}

func TestVersionsInPathsSortAsNumbers(t *testing.T) {
	for path, want := range map[string]float64{
		"/usr/lib/postgresql/9.6/bin":                           9.6,
		"/usr/lib/postgresql/15/bin":                            15,
		"/opt/homebrew/opt/postgresql@17/bin":                   17,
		"/usr/libexec/postgresql16":                             16,
		"/Applications/Postgres.app/Contents/Versions/18/bin":   18,
		"/Applications/Postgres.app/Contents/Versions/last/bin": 0,
	} {
		if got := numberIn(path); got != want {
			t.Errorf("numberIn(%s) = %v, want %v", path, got, want)
		}
	}
}

// maven serves one of testdata's archives the way Maven Central does.
func maven(t *testing.T, archive string) (url string, requests *int) {
	t.Helper()
	txz, err := os.ReadFile(filepath.Join("testdata", archive))
	if err != nil {
		t.Fatal(err)
	}
	var jar bytes.Buffer
	z := zip.NewWriter(&jar)
	w, err := z.Create("postgres-test.txz")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(txz); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	requests = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*requests++
		if strings.HasSuffix(r.URL.Path, ".sha256") {
			fmt.Fprintf(w, "%x", sha256.Sum256(jar.Bytes()))
			return
		}
		w.Write(jar.Bytes())
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

func TestWithoutPostgreSQLOneIsDownloadedOnce(t *testing.T) {
	root := folder(t)
	source, requests := maven(t, "complet.txz")
	folder := filepath.Join(root, "binaires")
	log := slog.New(slog.DiscardHandler)

	first, err := obtain(t.Context(), nil, 0, folder, source, log)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(first.Dir, folder) || first.Version != string(downloadable) {
		t.Errorf("got %+v", first)
	}
	asked := *requests
	again, err := obtain(t.Context(), nil, 0, folder, source, log)
	if err != nil || again != first {
		t.Errorf("second time: %+v, %v", again, err)
	}
	if *requests != asked {
		t.Errorf("%d requests the second time", *requests-asked)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Errorf("left in %s: %v, %v", folder, entries, err)
	}
}

func TestADownloadWithoutTheExtensionsIsRefused(t *testing.T) {
	root := folder(t)
	source, _ := maven(t, "sans-extensions.txz")
	_, err := obtain(t.Context(), nil, 0, filepath.Join(root, "binaires"), source, slog.New(slog.DiscardHandler))
	if !errors.Is(err, ErrNoBinaries) || !strings.Contains(err.Error(), "sans les extensions pg_trgm") || !strings.Contains(err.Error(), "apt-get install") {
		t.Errorf("err = %v", err)
	}
}

func TestAFailedDownloadSaysWhatToInstall(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	source := server.URL
	t.Cleanup(server.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for _, source := range []string{source, closed.URL} {
		root := folder(t)
		_, err := obtain(t.Context(), nil, 0, filepath.Join(root, "binaires"), source, slog.New(slog.DiscardHandler))
		if !errors.Is(err, ErrNoBinaries) {
			t.Fatalf("err = %v, want ErrNoBinaries", err)
		}
		for _, want := range []string{"téléchargement depuis " + source + " a échoué", "apt-get install", "dnf install", "brew install"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the message does not say %q:\n%v", want, err)
			}
		}
		if left, err := os.ReadDir(filepath.Join(root, "binaires")); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	}
}

func TestDataOfAnotherVersionAreNoReasonToDownload(t *testing.T) {
	source, requests := maven(t, "complet.txz")
	_, err := obtain(t.Context(), nil, 15, folder(t), source, slog.New(slog.DiscardHandler))
	if !errors.Is(err, ErrVersion) || *requests != 0 {
		t.Errorf("err = %v after %d requests, want ErrVersion and none", err, *requests)
	}
}

func TestTheDefaultFolder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env  map[string]string
		root string // expected when root
		user string // expected otherwise; "" for an error
	}{
		{map[string]string{"DATA_DIR": "/srv/donnees", "HOME": "/home/lea"}, "/srv/donnees", "/srv/donnees"},
		{map[string]string{"XDG_DATA_HOME": "/data", "HOME": "/home/lea"}, "/var/lib/mutualibre", "/data/mutualibre"},
		{map[string]string{"XDG_DATA_HOME": "relative", "HOME": "/home/lea"}, "/var/lib/mutualibre", "/home/lea/.local/share/mutualibre"},
		{map[string]string{}, "/var/lib/mutualibre", ""},
	} {
		want := c.user
		if os.Geteuid() == 0 {
			want = c.root
		}
		got, err := DefaultDir(func(name string) string { return c.env[name] })
		if got != want || (want == "") != errors.Is(err, ErrFolder) {
			t.Errorf("with %v: %q, %v; want %q", c.env, got, err, want)
		}
	}
}
