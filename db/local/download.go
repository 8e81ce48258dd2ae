//go:build unix

package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// downloadable is what is fetched when the machine has no PostgreSQL: built by
// zonky.io from PostgreSQL's sources, published on Maven Central.
const downloadable = embeddedpostgres.V17

// repository is Maven Central, where embedded-postgres looks.
const repository = "https://repo1.maven.org/maven2"

// obtain returns installed binaries, else those that an earlier call downloaded into
// folder, else downloads them from the Maven repository at source.
func obtain(ctx context.Context, folders []string, major int, folder, source string, log *slog.Logger) (Binaries, error) {
	version := string(downloadable)
	place := filepath.Join(folder, "postgresql-"+version)
	installed, missing := findBinaries(ctx, append(folders, filepath.Join(place, "bin")), major)
	if missing == nil {
		return installed, nil
	}
	// Files of another major version are of no use to these data.
	if major > 0 && !strings.HasPrefix(version, fmt.Sprintf("%d.", major)) {
		return Binaries{}, missing
	}
	log.Info("aucun PostgreSQL sur cette machine : téléchargement", "version", version, "source", source, "dossier", place)
	if err := download(ctx, place, source); err != nil {
		return Binaries{}, failure(CodeNoBinaries, missing,
			"PostgreSQL n'est pas installé et son téléchargement depuis %s a échoué (%v)", source, err)
	}
	b, err := inspect(ctx, filepath.Join(place, "bin"))
	if err != nil {
		return Binaries{}, failure(CodeNoBinaries, missing,
			"PostgreSQL n'est pas installé et celui qui a été téléchargé dans %s ne convient pas (%v)", place, err)
	}
	return b, nil
}

// download puts the binaries in place, whole or not at all.
func download(ctx context.Context, place, source string) error {
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(place), "telechargement-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	port, err := freePort()
	if err != nil {
		return err
	}
	binaries := filepath.Join(work, "binaires")
	// The library offers no way to fetch without starting. A locale that does not exist
	// ends its start right after the extraction, so no server of its own ever runs.
	library := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(downloadable).
		BinaryRepositoryURL(source).
		Port(port).
		CachePath(filepath.Join(work, "archive")).
		BinariesPath(binaries).
		RuntimePath(filepath.Join(work, "execution")).
		DataPath(filepath.Join(work, "donnees")).
		Locale("aucune").
		Logger(io.Discard))
	ended := make(chan error, 1)
	go func() { ended <- library.Start() }()
	select {
	case err = <-ended:
	case <-ctx.Done(): // the library takes no context: its work is abandoned
		return ctx.Err()
	}
	if err == nil {
		return errors.Join(errors.New("embedded-postgres s'est lancé alors qu'il ne devait qu'extraire"), library.Stop())
	}
	if _, absent := os.Stat(filepath.Join(binaries, "bin", "initdb")); absent != nil {
		return err
	}
	if err := os.RemoveAll(place); err != nil {
		return err
	}
	return os.Rename(binaries, place)
}

// freePort finds a port for the library's own check; nothing will listen on it.
func freePort() (uint32, error) {
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return uint32(l.Addr().(*net.TCPAddr).Port), nil
}
