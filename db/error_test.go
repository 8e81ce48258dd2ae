package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestTraduireGivesEachTechnicalErrorItsCode(t *testing.T) {
	pg := func(state string) error {
		return fmt.Errorf("list: %w", &pgconn.PgError{Code: state, Message: "texte interne"})
	}
	for _, c := range []struct {
		name string
		err  error
		want Code
	}{
		{"statement timeout", pg("57014"), CodeDelaiDepasse},
		{"context deadline", fmt.Errorf("timeout: %w", context.DeadlineExceeded), CodeDelaiDepasse},
		{"context cancelled", context.Canceled, CodeDelaiDepasse},
		{"too many connections", pg("53300"), CodeIndisponible},
		{"disk full", pg("53100"), CodeIndisponible},
		{"admin shutdown", pg("57P01"), CodeIndisponible},
		{"starting up", pg("57P03"), CodeIndisponible},
		{"connection failure", pg("08006"), CodeIndisponible},
		{"dial refused", &net.OpError{Op: "dial", Err: errors.New("refused")}, CodeIndisponible},
		{"server vanished", io.ErrUnexpectedEOF, CodeIndisponible},
		{"NUL in text", pg("22021"), CodeArgumentInvalide},
		{"untranslatable character", pg("22P05"), CodeArgumentInvalide},
		{"serialization failure", pg("40001"), CodeConflit},
		{"deadlock", pg("40P01"), CodeConflit},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Translate(c.err)
			var e *Error
			if !errors.As(got, &e) || e.Code != c.want {
				t.Fatalf("Traduire(%v) = %#v, want code %s", c.err, got, c.want)
			}
			if !errors.Is(got, c.err) {
				t.Error("the cause is lost")
			}
			if e.Message == "" || e.Message == c.err.Error() {
				t.Errorf("message %q is not one for clients", e.Message)
			}
		})
	}
}

func TestTraduireLeavesTheRestAlone(t *testing.T) {
	unknown := errors.New("column does not exist")
	for _, err := range []error{nil, unknown, &pgconn.PgError{Code: "42703"}, &pgconn.PgError{Code: ""}, Invalid("first", "non")} {
		if got := Translate(err); got != err {
			t.Errorf("Traduire(%v) = %v, want it unchanged", err, got)
		}
	}
}

func TestInvalideNamesItsArgument(t *testing.T) {
	e := Invalid("first", "%d est hors bornes", 101)
	if e.Code != CodeArgumentInvalide || e.Error() != "101 est hors bornes" || len(e.Champ) != 1 || e.Champ[0] != "first" {
		t.Errorf("got %+v", e)
	}
	if e := Invalid("", "non"); e.Champ != nil {
		t.Errorf("no argument named, yet Champ = %v", e.Champ)
	}
}
