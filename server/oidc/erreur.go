package fournisseur

import (
	"errors"
	"strings"
)

// Erreur says why a token is not accepted. It is all that Verify returns as an error.
type Erreur struct {
	Message      string // a French sentence for the client, without any detail of tokens or keys
	Indisponible bool   // the issuer does not answer: the token may be good, later; otherwise it is refused

	// cause is for logs and errors.Is. It never holds the token.
	cause error
}

// Error returns the sentence meant for the client.
func (e *Erreur) Error() string { return e.Message }

// Unwrap returns the technical cause, or nil.
func (e *Erreur) Unwrap() error { return e.cause }

func refus(message string, cause error) error { return &Erreur{Message: message, cause: cause} }

// indisponible keeps what a log can hold of the cause: the library quotes the whole of a document that it cannot read.
func indisponible(cause error) error {
	if texte := cause.Error(); len(texte) > 500 {
		cause = errors.New(strings.ToValidUTF8(texte[:500], "") + "…")
	}
	return &Erreur{
		Message:      "Le fournisseur d'identité de ce jeton ne répond pas : réessayez dans quelques instants.",
		Indisponible: true, cause: cause,
	}
}
