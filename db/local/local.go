// Package local runs the private PostgreSQL that Mutualibre uses when no
// DATABASE_URL is given: found on the machine, reachable through a unix socket
// only, started and stopped with the program that owns it.
//
// One folder belongs to one server at a time (see [ErrInUse]). It holds:
//
//	verrou          locked while a program uses the folder
//	postgres/       the PostgreSQL cluster
//	postgres.log    what PostgreSQL writes
//	socket/         the unix socket, unless the path is too long for one
//	socket.chemin   then, where the socket is
//	binaires/       PostgreSQL's programs, if they had to be downloaded
package local

import (
	"errors"
	"fmt"
	"log/slog"
)

// Config says where a private PostgreSQL keeps its data and how it runs.
type Config struct {
	// Dir is the data folder, made if needed; see [DefaultDir].
	Dir string
	// Log receives what a user may want to know; nil for silence.
	Log *slog.Logger
	// Settings are PostgreSQL parameters that replace the package's own.
	Settings map[string]string
	// Downloads keeps PostgreSQL's programs when they had to be downloaded because
	// the machine has none; by default a folder of Dir.
	Downloads string
	// Disposable trades safety for speed: the data may be lost at any time, and
	// the program's role may create databases. For tests only.
	Disposable bool
}

// Binaries is a usable PostgreSQL installation: its version is accepted, its
// programs run and its extensions are there.
type Binaries struct {
	Dir     string // holds postgres and initdb
	Version string // as the program says it: "15.14"
	Major   int
}

// MinimumMajor is the oldest PostgreSQL that Mutualibre accepts.
const MinimumMajor = 15

// Codes carried by [Error]; they are stable, the messages are not.
const (
	CodeInUse       = "BASE_DEJA_UTILISEE"
	CodeNoBinaries  = "POSTGRESQL_ABSENT"
	CodeVersion     = "POSTGRESQL_VERSION"
	CodeFolder      = "DOSSIER_INACCESSIBLE"
	CodeStart       = "POSTGRESQL_DEMARRAGE"
	CodeUnsupported = "SYSTEME_NON_PRIS_EN_CHARGE"
)

// Targets for [errors.Is]: one per code.
var (
	// ErrInUse: another program already uses the data folder.
	ErrInUse = &Error{Code: CodeInUse}
	// ErrNoBinaries: no PostgreSQL 15 or later, with its extensions, was found.
	ErrNoBinaries = &Error{Code: CodeNoBinaries}
	// ErrVersion: the data were written by a PostgreSQL that is not installed.
	ErrVersion = &Error{Code: CodeVersion}
	// ErrFolder: the data folder cannot be used by the account PostgreSQL runs as.
	ErrFolder = &Error{Code: CodeFolder}
	// ErrStart: PostgreSQL refused to start or to stop.
	ErrStart = &Error{Code: CodeStart}
	// ErrUnsupported: not on this operating system.
	ErrUnsupported = &Error{Code: CodeUnsupported}
)

// Error is a failure a user can act on: Message is in French and says what to do.
type Error struct {
	Code    string
	Message string
	Err     error // the cause, may be nil
}

// Error is the message, in French, with its cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Message
	}
	return e.Message + " : " + e.Err.Error()
}

// Unwrap is the cause, nil when there is none.
func (e *Error) Unwrap() error { return e.Err }

// Is compares codes, so that errors.Is(err, ErrInUse) works whatever the message.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code
}

func failure(code string, err error, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Err: err}
}
