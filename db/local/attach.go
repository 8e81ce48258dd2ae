//go:build unix

package local

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Attach returns the address of the program's database in the PostgreSQL that another
// process runs in dir; false when none accepts connections there. A server that is
// starting is given ten seconds.
func Attach(ctx context.Context, dir string) (url string, ok bool) {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", false
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		s := &Server{socket: filepath.Join(dir, "socket")}
		if long, err := os.ReadFile(filepath.Join(dir, socketRecord)); err == nil {
			s.socket = strings.TrimSpace(string(long))
		}
		if conn, err := pgx.Connect(ctx, s.URL()); err == nil {
			conn.Close(context.WithoutCancel(ctx))
			return s.URL(), true
		}
		select {
		case <-ctx.Done():
			return "", false
		case <-time.After(100 * time.Millisecond):
		}
	}
}
