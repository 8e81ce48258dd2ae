//go:build !unix

package local

import "context"

// Server is not available on this system; see the other systems' documentation.
type Server struct{}

// Start always fails with [ErrUnsupported].
func Start(context.Context, Config) (*Server, error) { return nil, unsupported() }

// FindBinaries always fails with [ErrUnsupported].
func FindBinaries(context.Context, int) (Binaries, error) { return Binaries{}, unsupported() }

// DefaultDir always fails with [ErrUnsupported].
func DefaultDir(func(string) string) (string, error) { return "", unsupported() }

// Remove always fails with [ErrUnsupported].
func Remove(string) error { return unsupported() }

// Attach is always false.
func Attach(context.Context, string) (url string, ok bool) { return "", false }

// Beside always fails with [ErrUnsupported].
func Beside(context.Context, string, string) (url string, exists bool, err error) {
	return "", false, unsupported()
}

// CreateBeside always fails with [ErrUnsupported].
func CreateBeside(context.Context, string, string) (url string, err error) {
	return "", unsupported()
}

// DropBeside always fails with [ErrUnsupported].
func DropBeside(context.Context, string, string) (dropped bool, err error) {
	return false, unsupported()
}

// URL is never reached: no Server exists on this system.
func (*Server) URL() string { return "" }

// Binaries is never reached.
func (*Server) Binaries() Binaries { return Binaries{} }

// Done is never reached.
func (*Server) Done() <-chan struct{} { return nil }

// Err is never reached.
func (*Server) Err() error { return nil }

// Stop is never reached.
func (*Server) Stop() error { return nil }

func unsupported() error {
	return failure(CodeUnsupported, nil, "la base intégrée n'existe que sous Linux, macOS et les BSD : donnez l'adresse d'une base existante par DATABASE_URL=postgres://utilisateur:motdepasse@serveur/base")
}
