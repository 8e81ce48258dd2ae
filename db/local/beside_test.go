//go:build unix

package local

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestAnotherProcessAttachesAndMakesDatabasesBeside(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := created(t)
	if url, ok := Attach(ctx, dir+"/absent"); ok {
		t.Fatalf("attached to %s, where there is nothing", url)
	}
	s, err := Start(ctx, Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop() })
	url, ok := Attach(ctx, dir)
	if !ok || url != s.URL() {
		t.Fatalf("Attach = %q, %v; want %q", url, ok, s.URL())
	}

	const name = `un nom "étrange"`
	if _, exists, err := Beside(ctx, url, name); err != nil || exists {
		t.Fatalf("before: exists = %v, %v", exists, err)
	}
	var other string
	for range 2 { // the second call changes nothing
		if other, err = CreateBeside(ctx, url, name); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := pgx.Connect(ctx, other)
	if err != nil {
		t.Fatal(err)
	}
	var user, in string
	if err := conn.QueryRow(ctx, `SELECT current_user, current_database()`).Scan(&user, &in); err != nil || user != role || in != name {
		t.Fatalf("connected as %q to %q, %v", user, in, err)
	}
	// The owner may create the extensions of the migrations.
	for _, ext := range Extensions() {
		if _, err := conn.Exec(ctx, "CREATE EXTENSION "+ext); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := DropBeside(ctx, url, name); !errors.Is(err, ErrInUse) {
		t.Fatalf("dropped under a connection: %v", err)
	}
	conn.Close(ctx)
	dropped := false
	// PostgreSQL takes a moment to see a connection go.
	for range 50 {
		if dropped, err = DropBeside(ctx, url, name); !errors.Is(err, ErrInUse) {
			break
		}
	}
	if err != nil || !dropped {
		t.Fatalf("DropBeside = %v, %v", dropped, err)
	}
	if dropped, err := DropBeside(ctx, url, name); err != nil || dropped {
		t.Fatalf("second DropBeside = %v, %v", dropped, err)
	}
}
