//go:build unix

package local

import (
	"context"
	"errors"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Beside returns the address of another database of the private PostgreSQL that address
// leads to (see [Server.URL], [Attach]); false when there is no database of that name.
func Beside(ctx context.Context, address, name string) (url string, exists bool, err error) {
	err = asSuperuser(ctx, address, func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&exists)
	})
	return in(address, role, name), exists, err
}

// CreateBeside makes a database of that name, owned by the program's role, if there is
// none, and returns its address.
func CreateBeside(ctx context.Context, address, name string) (url string, err error) {
	url, exists, err := Beside(ctx, address, name)
	if err != nil || exists {
		return url, err
	}
	return url, asSuperuser(ctx, address, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `CREATE DATABASE `+pgx.Identifier{name}.Sanitize()+` OWNER `+role)
		return err
	})
}

// DropBeside removes the database of that name; false when there was none. One that a
// program is using is refused: [ErrInUse].
func DropBeside(ctx context.Context, address, name string) (dropped bool, err error) {
	_, exists, err := Beside(ctx, address, name)
	if err != nil || !exists {
		return false, err
	}
	err = asSuperuser(ctx, address, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `DROP DATABASE IF EXISTS `+pgx.Identifier{name}.Sanitize())
		return err
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "55006" { // object_in_use
		return false, failure(CodeInUse, nil, "un programme utilise la base « %s » : arrêtez-le d'abord", name)
	}
	return err == nil, err
}

// asSuperuser runs work on the maintenance database, as the owner of the cluster.
func asSuperuser(ctx context.Context, address string, work func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, in(address, superuser, "postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return work(conn)
}

// in returns the address with another account and another database.
func in(address, user, name string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // not one of ours: the connection will say so
	}
	u.User, u.Path = url.User(user), "/"+name
	return u.String()
}
