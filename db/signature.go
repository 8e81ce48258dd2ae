package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/mutualibre/mutualibre/domain/droit"
)

// Signature signs, in the journal, what is written by a transaction that is not the store's own.
type Signature struct {
	s           *Store
	operation   string
	actions     []droit.Action
	publication int64
}

// Signature makes the one of an operation on what everyone shares, which takes the right to do all of these actions.
func (s *Store) Signature(operation string, actions ...droit.Action) *Signature {
	return &Signature{s: s, operation: operation, actions: actions}
}

// Sign opens the publication of the transaction, for the identity of ctx. Errors: CodeNonAuthentifie, CodeInterdit.
func (x *Signature) Sign(ctx context.Context, tx pgx.Tx) error {
	qui := IdentiteDe(ctx)
	if qui == nil {
		return nonAuthentifie("un import demande un jeton : en-tête « Authorization: Bearer … »")
	}
	var d Droit
	for _, a := range x.actions {
		var ok bool
		if d, ok = qui.may(a, 0, 0); !ok {
			return &Error{Code: CodeInterdit, Message: "votre rôle ne permet pas cette opération"}
		}
	}
	sql := x.s.base.QueryGen().FormatQuery(openPublicationSQL, x.operation, qui.Sujet, qui.Nom, string(d.Role), d.OrganisationID)
	if _, err := tx.Exec(ctx, sql); err != nil {
		return err
	}
	return tx.QueryRow(ctx, `SELECT current_setting('mutualibre.publication')::bigint`).Scan(&x.publication)
}

// Numero is that of the publication, once the transaction is over; nil when it changed nothing.
func (x *Signature) Numero(ctx context.Context) (numero *int64, err error) {
	err = x.s.pool.QueryRow(ctx, `SELECT numero FROM publication WHERE id = $1`, x.publication).Scan(&numero)
	return numero, Translate(err)
}
