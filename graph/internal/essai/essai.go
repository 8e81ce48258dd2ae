// Package essai builds a GraphQL server over a small part of the public
// schema, to test what happens around execution: transport, limits, errors.
// Nothing is resolved: each operation is counted and answered with a constant.
package essai

import (
	"context"
	_ "embed"
	"log/slog"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mutualibre/mutualibre/graph/erreur"
)

//go:embed schema.graphqls
var sdl string

// Serveur counts the operations it executes.
type Serveur struct {
	*handler.Server
	Executed atomic.Int64
	// Exec answers an operation; New sets one that succeeds.
	Exec func(ctx context.Context) *graphql.Response
}

// New returns a server with the error presenter of the real one, but no
// transport and no extension.
func New(log *slog.Logger) *Serveur {
	s := &Serveur{Exec: func(context.Context) *graphql.Response {
		return &graphql.Response{Data: []byte(`{"ok":true}`)}
	}}
	schema := Schema()
	s.Server = handler.New(&graphql.ExecutableSchemaMock{
		SchemaFunc: func() *ast.Schema { return schema },
		ComplexityFunc: func(context.Context, string, string, int, map[string]any) (int, bool) {
			return 0, false
		},
		ExecFunc: func(ctx context.Context) graphql.ResponseHandler {
			s.Executed.Add(1)
			return graphql.OneShot(s.Exec(ctx))
		},
	})
	s.SetErrorPresenter(erreur.Presenter(log))
	s.SetRecoverFunc(erreur.Recover(log))
	return s
}

// Schema parses the schema of the test server.
func Schema() *ast.Schema {
	return gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphqls", Input: sdl})
}
