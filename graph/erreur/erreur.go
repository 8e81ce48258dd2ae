// Package erreur decides what a client may read of an error. Errors are
// masked by default: only those of the contract speak, each with its code in
// extensions.code.
package erreur

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mutualibre/mutualibre/db"
)

const messageInterne = "erreur interne"

// New builds a request error with a code of the contract, for transports and
// extensions that refuse a request before it runs.
func New(code db.Code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": string(code)}}
}

// Presenter returns the function that turns any error into what the client
// reads:
//
//   - errors of the parser, of the validator and of our limits keep their
//     location, with ARGUMENT_INVALIDE unless they carry a code of ours; the
//     text of the first two is put into French;
//   - a *db.Error, or what [db.Translate] makes one of, gives its message, its
//     code and the argument at fault in extensions.champ;
//   - an argument that cannot be decoded (integer out of range, bad date) is
//     ARGUMENT_INVALIDE;
//   - anything else is logged whole and masked as INTERNE.
func Presenter(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		if err == nil {
			return nil
		}
		// A copy: a resolver may return the same *gqlerror.Error twice.
		out := *graphql.DefaultErrorPresenter(ctx, err)
		cause := out.Err
		out.Err = nil

		if origin, _ := out.Extensions["code"].(string); cause == nil || fromClient(origin) {
			if fromClient(origin) {
				out.Message = refus(out.Message, out.Path)
			}
			out.Extensions = extensions(out.Extensions, origin)
			return &out
		}

		var e *db.Error
		switch translated := db.Translate(cause); {
		case errors.As(translated, &e):
			logDomain(ctx, log, &out, e)
			out.Message = e.Message
			out.Extensions = map[string]any{"code": string(e.Code)}
			if len(e.Champ) > 0 {
				out.Extensions["champ"] = e.Champ
			}
		case argumentError(ctx, cause):
			out.Message = "argument refusé : " + francais(cause.Error())
			out.Extensions = map[string]any{"code": string(db.CodeArgumentInvalide)}
		default:
			log.ErrorContext(ctx, "resolver failed", "path", out.Path.String(), "err", cause)
			out.Message = messageInterne
			out.Extensions = map[string]any{"code": string(db.CodeInterne)}
		}
		return &out
	}
}

// Recover returns the function that gqlgen calls when a resolver panics: the
// stack goes to the log, the client reads "erreur interne".
func Recover(log *slog.Logger) graphql.RecoverFunc {
	return func(ctx context.Context, p any) error {
		log.ErrorContext(ctx, "resolver panicked",
			"path", graphql.GetPath(ctx).String(), "panic", p, "stack", string(debug.Stack()))
		return &db.Error{Code: db.CodeInterne, Message: messageInterne}
	}
}

// fromClient tells the codes that gqlgen itself puts on a request it cannot
// read: such errors quote the request and nothing of ours.
func fromClient(origin string) bool {
	return origin == errcode.ParseFailed || origin == errcode.ValidationFailed
}

// extensions completes those of an error that carried the code origin, empty
// when it had none. gqlgen's own code stays readable beside ours, because
// tools know it; any other code, ours or that of a protocol such as persisted
// queries, is kept.
func extensions(of map[string]any, origin string) map[string]any {
	out := maps.Clone(of)
	if out == nil {
		out = make(map[string]any, 1)
	}
	if origin == "" || fromClient(origin) {
		out["code"] = string(db.CodeArgumentInvalide)
	}
	if fromClient(origin) {
		out["origine"] = origin
	}
	return out
}

// argumentError tells whether err comes from decoding what the client sent
// rather than from resolving it: gqlgen sets a field's Args only once they are
// all decoded.
func argumentError(ctx context.Context, err error) bool {
	var integer *graphql.IntegerError
	if errors.As(err, &integer) {
		return true
	}
	fc := graphql.GetFieldContext(ctx)
	return fc != nil && fc.Field.Field != nil && fc.Args == nil &&
		fc.Field.Definition != nil && len(fc.Field.Definition.Arguments) > 0
}

// logDomain keeps a trace of the errors an operator must know of; those of
// the client's own making are not worth a line.
func logDomain(ctx context.Context, log *slog.Logger, out *gqlerror.Error, e *db.Error) {
	switch e.Code {
	case db.CodeIndisponible, db.CodeDelaiDepasse:
		log.WarnContext(ctx, "request not served", "code", e.Code, "path", out.Path.String(), "err", e.Unwrap())
	case db.CodeArgumentInvalide:
		// A rule of the database that no check of ours said first: one is missing.
		var refused *pgconn.PgError
		if errors.As(e.Unwrap(), &refused) && strings.HasPrefix(refused.Code, "23") {
			log.WarnContext(ctx, "write refused by the database", "path", out.Path.String(), "err", refused, "detail", refused.Detail, "context", refused.Where)
		}
	case db.CodeInterne:
		if cause := e.Unwrap(); cause != nil {
			log.ErrorContext(ctx, "resolver failed", "path", out.Path.String(), "err", cause)
		}
	}
}
