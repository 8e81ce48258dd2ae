package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
)

// Code names a kind of error for programs. The values are part of the public
// contract: clients read them in extensions.code.
type Code string

// The codes of the contract.
const (
	// CodeNonAuthentifie: the operation needs an identity and none was given.
	CodeNonAuthentifie Code = "NON_AUTHENTIFIE"
	// CodeInterdit: the identity is known and lacks the right.
	CodeInterdit Code = "INTERDIT"
	// CodeArgumentInvalide: the request cannot be honoured as written.
	CodeArgumentInvalide Code = "ARGUMENT_INVALIDE"
	// CodeTropComplexe: the request asks for more than one request may.
	CodeTropComplexe Code = "TROP_COMPLEXE"
	// CodeTropProfond: the request nests deeper than allowed.
	CodeTropProfond Code = "TROP_PROFOND"
	// CodeLimiteDebit: too many requests from the same client.
	CodeLimiteDebit Code = "LIMITE_DEBIT"
	// CodeDelaiDepasse: the request ran out of time or was abandoned.
	CodeDelaiDepasse Code = "DELAI_DEPASSE"
	// CodeIndisponible: the database cannot answer for now; retrying later may work.
	CodeIndisponible Code = "INDISPONIBLE"
	// CodeInterne: a fault of ours; the details are in the log only.
	CodeInterne Code = "INTERNE"
	// CodeIntrouvable: the thing named does not exist.
	CodeIntrouvable Code = "INTROUVABLE"
	// CodeConflit: another write got there first; retrying may work.
	CodeConflit Code = "CONFLIT"
)

// Error is an error that may be shown to the client as it stands: a stable
// code, a French sentence, and the path of the argument at fault when there
// is one. Any other error is masked before it leaves the process.
type Error struct {
	Code    Code
	Message string
	Champ   []string

	// cause is for logs and errors.Is; it never reaches the client.
	cause error
}

// Error returns the sentence meant for the client.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the technical cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// Invalid builds the error of an argument that cannot be accepted. champ is
// the argument's name as the client wrote it; empty when no single one is at
// fault.
func Invalid(champ, format string, args ...any) *Error {
	e := &Error{Code: CodeArgumentInvalide, Message: fmt.Sprintf(format, args...)}
	if champ != "" {
		e.Champ = []string{champ}
	}
	return e
}

// Translate turns the errors of PostgreSQL, of the connection and of the
// context into an *Error carrying the code of the contract, and keeps the
// original as its cause. An error that is already an *Error, or that has no
// translation, is returned unchanged; so is nil. SQLSTATE meanings:
// https://www.postgresql.org/docs/current/errcodes-appendix.html
func Translate(err error) error {
	if err == nil {
		return nil
	}
	var known *Error
	if errors.As(err, &known) {
		return err
	}
	code, message := translation(err)
	if code == "" {
		return err
	}
	return &Error{Code: code, Message: message, cause: err}
}

// translation returns an empty code for an error it does not know.
func translation(err error) (Code, string) {
	const (
		delai        = "le délai accordé à la requête est dépassé"
		indisponible = "la base de données est momentanément indisponible, réessayez plus tard"
	)
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "57014": // query_canceled: statement_timeout or a cancelled context
			return CodeDelaiDepasse, delai
		case "22021", "22P05": // character_not_in_repertoire, untranslatable_character
			return CodeArgumentInvalide, "un texte contient un caractère que la base de données ne peut pas enregistrer"
		case "40001", "40P01": // serialization_failure, deadlock_detected
			return CodeConflit, "une autre modification a eu lieu au même moment, réessayez"
		}
		switch classe := pg.Code[:min(2, len(pg.Code))]; {
		case classe == "08", classe == "53", len(pg.Code) == 5 && pg.Code[:3] == "57P":
			return CodeIndisponible, indisponible
		}
	}
	var connect *pgconn.ConnectError
	var reseau *net.OpError
	switch {
	case errors.Is(err, context.DeadlineExceeded), pgconn.Timeout(err):
		return CodeDelaiDepasse, delai
	case errors.Is(err, context.Canceled):
		return CodeDelaiDepasse, "la requête a été abandonnée"
	case errors.As(err, &connect), errors.As(err, &reseau), errors.Is(err, io.ErrUnexpectedEOF):
		return CodeIndisponible, indisponible
	}
	return "", ""
}
