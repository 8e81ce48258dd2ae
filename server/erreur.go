package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// expliquer puts in French the failures that a user can mend; any other error is returned as it is. No message repeats
// the address of the database, which holds its password.
func expliquer(err error) error {
	var pg *pgconn.PgError
	var connexion *pgconn.ConnectError
	var nom *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &pg):
		switch pg.Code {
		case "28P01", "28000": // invalid_password, invalid_authorization_specification
			return errors.New("PostgreSQL refuse ce compte ou ce mot de passe : vérifiez DATABASE_URL")
		case "3D000": // invalid_catalog_name
			return errors.New("cette base n'existe pas sur ce serveur PostgreSQL : créez-la, ou corrigez DATABASE_URL")
		case "42501": // insufficient_privilege
			return fmt.Errorf("le compte de DATABASE_URL n'a pas les droits qu'il faut : %s", pg.Message)
		case "57P01", "57P02": // admin_shutdown, crash_shutdown
			return errors.New("PostgreSQL s'est arrêté pendant le travail : recommencez")
		case "57P03": // cannot_connect_now
			return errors.New("PostgreSQL démarre ou s'arrête : réessayez dans un instant")
		case "0A000": // feature_not_supported: an extension that is not installed, or a pooler
			return fmt.Errorf("ce serveur PostgreSQL n'a pas tout ce qu'il faut ; si une extension manque, installez le paquet postgresql-contrib : %s", pg.Message)
		case "53300": // too_many_connections
			return errors.New("PostgreSQL n'accepte plus de connexions : réduisez --connexions ou augmentez max_connections")
		}
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("la base de données ne répond pas : le délai de connexion est dépassé ; vérifiez DATABASE_URL et le réseau")
	case errors.As(err, &connexion):
		const debut = "la base de données ne répond pas : "
		switch {
		case errors.As(err, &nom):
			return fmt.Errorf(debut+"le serveur « %s » est introuvable ; vérifiez DATABASE_URL", nom.Name)
		case errors.Is(err, syscall.ECONNREFUSED):
			return errors.New(debut + "aucun PostgreSQL n'écoute à l'adresse de DATABASE_URL")
		case errors.Is(err, os.ErrNotExist):
			return errors.New(debut + "la prise de PostgreSQL donnée par DATABASE_URL n'existe pas")
		}
		return errors.New(debut + "la connexion a échoué ; vérifiez DATABASE_URL")
	case errors.As(err, &op) && op.Op == "listen":
		switch {
		case errors.Is(err, syscall.EADDRINUSE):
			return fmt.Errorf("l'adresse %s est déjà prise par un autre programme : arrêtez-le, ou choisissez-en une autre avec --addr (le port 0 en prend un libre)", op.Addr)
		case errors.Is(err, syscall.EACCES):
			return fmt.Errorf("ce compte n'a pas le droit d'écouter sur %s : prenez un port au-dessus de 1024", op.Addr)
		}
		return fmt.Errorf("impossible d'écouter à cette adresse ; vérifiez --addr : %w", err)
	}
	return err
}
