//go:build unix

package local

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// DefaultDir is the data folder for this user: DATA_DIR if set, else
// $XDG_DATA_HOME/mutualibre, else ~/.local/share/mutualibre; for root
// /var/lib/mutualibre, because the account PostgreSQL runs as cannot enter /root.
func DefaultDir(getenv func(string) string) (string, error) {
	if dir := getenv("DATA_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	if os.Geteuid() == 0 {
		return "/var/lib/mutualibre", nil
	}
	// The XDG rules: a relative path there is to be ignored.
	if dir := getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "mutualibre"), nil
	}
	if home := getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".local", "share", "mutualibre"), nil
	}
	return "", failure(CodeFolder, nil, "aucun dossier de données : donnez-en un par la variable DATA_DIR")
}

// openFolder makes the data folder if needed and takes its lock.
func openFolder(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, failure(CodeFolder, err, "le dossier de données %s ne peut pas être créé", dir)
	}
	path := filepath.Join(dir, lockName)
	f, err := lock(path)
	switch {
	case errors.Is(err, ErrInUse):
		return nil, failure(CodeInUse, nil, "le dossier de données %s est déjà utilisé par un autre Mutualibre%s : arrêtez-le d'abord, ou choisissez un autre dossier avec DATA_DIR", dir, holder(path))
	case errors.Is(err, fs.ErrPermission):
		return nil, failure(CodeFolder, err, "le dossier de données %s appartient à un autre compte : utilisez ce compte, ou choisissez un autre dossier avec DATA_DIR", dir)
	case err != nil:
		return nil, failure(CodeFolder, err, "le dossier de données %s ne peut pas être verrouillé", dir)
	}
	if err := writeHolder(f); err != nil {
		release(f)
		return nil, failure(CodeFolder, err, "le dossier de données %s ne peut pas être écrit", dir)
	}
	return f, nil
}

// holder says which process holds the lock, when its number can be read.
func holder(path string) string {
	text, err := os.ReadFile(path)
	if pid := strings.TrimSpace(string(text)); err == nil && pid != "" {
		return " (processus " + pid + ")"
	}
	return ""
}

// socketLimit is the longest folder in which a socket can be made: 103 bytes
// on macOS and the BSDs (107 on Linux) less "/.s.PGSQL.5432" and its ending zero.
const socketLimit = 103 - len("/.s.PGSQL.5432")

// socketDir makes the folder of the unix socket: below the data folder, or when
// that path is too long in a temporary folder, whose name is kept in the data
// folder so that the next start removes it if this one could not.
func socketDir(dir string, who account) (string, error) {
	record := filepath.Join(dir, socketRecord)
	if old, err := os.ReadFile(record); err == nil {
		if path := string(old); strings.HasPrefix(filepath.Base(path), socketPrefix) {
			os.RemoveAll(path)
		}
		os.Remove(record)
	}
	path := filepath.Join(dir, "socket")
	if len(path) <= socketLimit {
		return path, who.privateDir(path)
	}
	var last error
	for _, base := range []string{os.TempDir(), "/tmp"} {
		if !who.reaches(base) {
			continue
		}
		path, err := os.MkdirTemp(base, socketPrefix)
		if err == nil && len(path) > socketLimit {
			err = os.Remove(path)
			last = errors.Join(err, errors.New("chemin temporaire trop long : "+path))
			continue
		}
		if err != nil {
			last = err
			continue
		}
		if err := who.give(path); err != nil {
			return "", err
		}
		return path, os.WriteFile(record, []byte(path), 0o600)
	}
	return "", failure(CodeFolder, last, "aucun dossier assez court pour la prise de PostgreSQL : le chemin %s est trop long", path)
}

const (
	lockName     = "verrou"
	socketRecord = "socket.chemin" // holds the path of a socket folder made elsewhere
	socketPrefix = "mutualibre-"
)
