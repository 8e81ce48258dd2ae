package essai

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/erreur"
	"github.com/mutualibre/mutualibre/graph/transport"
)

//go:embed flux.graphqls
var fluxSDL string

// Flux is a server of subscriptions that really run, written by hand in the
// way of gqlgen's generated code.
type Flux struct {
	*handler.Server
	schema *ast.Schema
	// Open counts the subscriptions that have not ended.
	Open atomic.Int64
}

var _ graphql.ExecutableSchema = (*Flux)(nil)

// NewFlux returns a server with the error presenter of the real one, but no
// transport and no extension.
func NewFlux(log *slog.Logger) *Flux {
	f := &Flux{schema: gqlparser.MustLoadSchema(&ast.Source{Name: "flux.graphqls", Input: fluxSDL})}
	f.Server = handler.New(f)
	f.SetErrorPresenter(erreur.Presenter(log))
	f.SetRecoverFunc(erreur.Recover(log))
	return f
}

// EventID names the events of compte, for [transport.SSE].
func EventID(resp *graphql.Response) string {
	id, _ := resp.Extensions["evenement"].(string)
	return id
}

// Schema implements [graphql.ExecutableSchema].
func (f *Flux) Schema() *ast.Schema { return f.schema }

// Complexity implements [graphql.ExecutableSchema].
func (*Flux) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

// Exec implements [graphql.ExecutableSchema].
func (f *Flux) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	if op.Operation.Operation == ast.Subscription {
		return f.subscribe(ctx, graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})[0])
	}
	fields := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query", "Mutation"})
	done := false
	return func(ctx context.Context) *graphql.Response {
		if done {
			return nil
		}
		done = true
		data := make(map[string]any)
		for _, field := range fields {
			switch field.Name {
			case "__typename":
				data[field.Alias] = field.ObjectDefinition.Name
			case "attend":
				<-ctx.Done()
				graphql.AddError(ctx, ctx.Err())
				data[field.Alias] = nil
			case "ouverts":
				data[field.Alias] = f.Open.Load()
			default:
				data[field.Alias] = 1
			}
		}
		return &graphql.Response{Data: encode(data)}
	}
}

func (f *Flux) subscribe(ctx context.Context, field graphql.CollectedField) graphql.ResponseHandler {
	if field.Name == "panne" {
		graphql.AddError(ctx, &db.Error{Code: db.CodeIndisponible, Message: "la source est en panne"})
		return nil
	}
	events := make(chan int)
	f.Open.Add(1)
	go func() {
		defer f.Open.Add(-1)
		defer close(events)
		last, first := 1<<30, 1
		switch field.Name {
		case "compte":
			args := field.ArgumentMap(graphql.GetOperationContext(ctx).Variables)
			last, _ = strconv.Atoi(fmt.Sprint(args["jusqua"]))
			resumed, _ := strconv.Atoi(transport.LastEventID(ctx))
			first = resumed + 1
		case "casse":
			last = 2
		}
		for n := first; n <= last; n++ {
			if field.Name == "sansFin" && n > 1 {
				<-ctx.Done()
			}
			select {
			case events <- n:
			case <-ctx.Done():
				return
			}
		}
	}()
	return func(ctx context.Context) *graphql.Response {
		select {
		case <-ctx.Done():
			return nil
		case n, ok := <-events:
			if !ok {
				return nil
			}
			return &graphql.Response{Data: encode(map[string]any{field.Alias: resolve(ctx, field.Name, n)})}
		}
	}
}

func resolve(ctx context.Context, field string, n int) any {
	switch field {
	case "compte":
		graphql.RegisterExtension(ctx, "evenement", strconv.Itoa(n))
	case "casse":
		if n > 1 {
			panic("secret interne")
		}
	case "flot":
		return strings.Repeat("x", 8<<10)
	case "lent":
		_, err := graphql.GetOperationContext(ctx).ResolverMiddleware(ctx, func(ctx context.Context) (any, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		graphql.AddError(ctx, err)
		return map[string]any{"n": nil}
	}
	return n
}

func encode(data map[string]any) json.RawMessage {
	raw, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	return raw
}
