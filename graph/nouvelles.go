package graph

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/transport"
)

// extensionEvenement is where a response says which event it tells, whatever the client selected.
const extensionEvenement = "evenement"

// eventID names the event of a response, for server-sent events.
func eventID(resp *graphql.Response) string {
	id, _ := resp.Extensions[extensionEvenement].(string)
	return id
}

// resumed is the event after which a subscription begins: the last one that the client says it received when it lost
// its stream, which is later than the one it wrote when it first asked.
func resumed(ctx context.Context, depuis *string) *string {
	if id := transport.LastEventID(ctx); id != "" {
		return &id
	}
	return depuis
}

// evenements names the event of each response of a subscription. The store says the id of each event before it hands it
// over, and each event makes one response: they come in the same order.
type evenements struct{}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationInterceptor
	graphql.ResponseInterceptor
} = evenements{}

// ExtensionName implements [graphql.HandlerExtension].
func (evenements) ExtensionName() string { return "Evenements" }

// Validate implements [graphql.HandlerExtension].
func (evenements) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptOperation implements [graphql.OperationInterceptor].
func (evenements) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	if graphql.GetOperationContext(ctx).Operation.Operation == ast.Subscription {
		named := &ids{}
		ctx = db.AvantEnvoi(context.WithValue(ctx, idsKey{}, named), named.push)
	}
	return next(ctx)
}

// InterceptResponse implements [graphql.ResponseInterceptor].
func (evenements) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	resp := next(ctx)
	if named, ok := ctx.Value(idsKey{}).(*ids); ok && resp != nil {
		if id := named.pop(); id != "" {
			resp.Extensions = map[string]any{extensionEvenement: id}
		}
	}
	return resp
}

type idsKey struct{}

// ids are those of the events on their way: two at most.
type ids struct {
	mu     sync.Mutex
	queued []string
}

func (i *ids) push(id string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.queued = append(i.queued, id)
}

func (i *ids) pop() (id string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.queued) > 0 {
		id, i.queued = i.queued[0], i.queued[1:]
	}
	return id
}
