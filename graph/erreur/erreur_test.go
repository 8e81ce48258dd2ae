package erreur_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/erreur"
)

// resolving is the context of a field with an argument; its arguments are
// decoded once args is not nil.
func resolving(args map[string]any) context.Context {
	ctx := graphql.WithPathContext(context.Background(), graphql.NewPathWithField("logiciels"))
	return graphql.WithFieldContext(ctx, &graphql.FieldContext{
		Field: graphql.CollectedField{Field: &ast.Field{
			Alias: "logiciels", Name: "logiciels",
			Definition: &ast.FieldDefinition{Arguments: ast.ArgumentDefinitionList{{Name: "first"}}},
		}},
		Args: args,
	})
}

func TestOnlyKnownErrorsSpeak(t *testing.T) {
	decoded := map[string]any{}
	coded := func(code string) error {
		err := gqlerror.Errorf("Cannot query field")
		errcode.Set(err, code)
		return err
	}
	for _, c := range []struct {
		name          string
		ctx           context.Context
		err           error
		message, code string
		logged        bool
	}{
		{"an unknown error", resolving(decoded), errors.New(`relation "usage" does not exist`), "erreur interne", "INTERNE", true},
		{"an unknown SQLSTATE", resolving(decoded), &pgconn.PgError{Code: "42P01", Message: "secret"}, "erreur interne", "INTERNE", true},
		{"our own null", resolving(decoded), errors.New("must not be null"), "erreur interne", "INTERNE", true},
		{"a domain error", resolving(decoded), db.Invalid("first", "trop grand"), "trop grand", "ARGUMENT_INVALIDE", false},
		{"a domain error, wrapped", resolving(decoded), fmt.Errorf("list: %w", db.Invalid("first", "trop grand")), "trop grand", "ARGUMENT_INVALIDE", false},
		{"a domain error while decoding", resolving(nil), &db.Error{Code: db.CodeInterne, Message: "erreur interne"}, "erreur interne", "INTERNE", false},
		{"not found", resolving(decoded), &db.Error{Code: db.CodeIntrouvable, Message: "catalogue inconnu"}, "catalogue inconnu", "INTROUVABLE", false},
		{"a timeout of PostgreSQL", resolving(decoded), &pgconn.PgError{Code: "57014", Message: "secret"}, "le délai accordé à la requête est dépassé", "DELAI_DEPASSE", true},
		{"the database gone", resolving(decoded), &pgconn.PgError{Code: "57P01", Message: "secret"}, "la base de données est momentanément indisponible, réessayez plus tard", "INDISPONIBLE", true},
		{"an integer out of range", resolving(decoded), &graphql.IntegerError{Message: "4 overflows"}, "argument refusé : 4 overflows", "ARGUMENT_INVALIDE", false},
		{"an argument that does not decode", resolving(nil), errors.New("date attendue"), "argument refusé : date attendue", "ARGUMENT_INVALIDE", false},
		{"the parser", context.Background(), coded(errcode.ParseFailed), "Cannot query field", "ARGUMENT_INVALIDE", false},
		{"the validator", context.Background(), coded(errcode.ValidationFailed), "Cannot query field", "ARGUMENT_INVALIDE", false},
		{"a request error without a code", context.Background(), gqlerror.Errorf("non"), "non", "ARGUMENT_INVALIDE", false},
		{"a limit", context.Background(), erreur.New(db.CodeTropProfond, "trop profond"), "trop profond", "TROP_PROFOND", false},
		{"a protocol's own code", context.Background(), coded("PERSISTED_QUERY_NOT_FOUND"), "Cannot query field", "PERSISTED_QUERY_NOT_FOUND", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			present := erreur.Presenter(slog.New(slog.NewTextHandler(&out, nil)))
			// gqlgen wraps what a resolver returns before presenting it.
			got := present(c.ctx, graphql.ErrorOnPath(c.ctx, c.err))
			if got.Message != c.message || got.Extensions["code"] != c.code {
				t.Errorf("%q %v, want %q %s", got.Message, got.Extensions, c.message, c.code)
			}
			if logged := out.Len() > 0; logged != c.logged {
				t.Errorf("logged %v, want %v: %s", logged, c.logged, &out)
			}
			if c.code == "INTERNE" && c.logged && !strings.Contains(out.String(), "path=logiciels") {
				t.Errorf("the log does not say where: %s", &out)
			}
			raw, err := json.Marshal(got)
			if err != nil || strings.Contains(string(raw), "secret") || strings.Contains(string(raw), "relation") {
				t.Errorf("leaked (%v): %s", err, raw)
			}
		})
	}
}

func TestTheArgumentAtFaultIsNamed(t *testing.T) {
	ctx := resolving(map[string]any{})
	got := erreur.Presenter(slog.New(slog.DiscardHandler))(ctx, graphql.ErrorOnPath(ctx, db.Invalid("first", "trop grand")))
	champ, _ := got.Extensions["champ"].([]string)
	if len(champ) != 1 || champ[0] != "first" || got.Path.String() != "logiciels" {
		t.Errorf("%v at %v", got.Extensions, got.Path)
	}
}

func TestPresentingLeavesTheOriginalUntouched(t *testing.T) {
	shared := gqlerror.Errorf("non")
	got := erreur.Presenter(slog.New(slog.DiscardHandler))(context.Background(), shared)
	if got == shared || shared.Extensions != nil {
		t.Errorf("the error a resolver may share was modified: %v", shared.Extensions)
	}
}

func TestAPanicIsLoggedWithItsStackAndMasked(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	ctx := resolving(map[string]any{})
	err := erreur.Recover(log)(ctx, "index hors bornes")
	got := erreur.Presenter(log)(ctx, graphql.ErrorOnPath(ctx, err))
	if got.Message != "erreur interne" || got.Extensions["code"] != "INTERNE" {
		t.Errorf("%q %v", got.Message, got.Extensions)
	}
	if s := out.String(); !strings.Contains(s, "index hors bornes") || !strings.Contains(s, "goroutine") {
		t.Errorf("log: %s", s)
	}
}
