package transport

import (
	"cmp"
	"context"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/erreur"
)

const (
	delaiDepasse = "le délai accordé à la requête est dépassé"
	abandonnee   = "la requête a été abandonnée"
)

// execution runs operations; the transports share it.
type execution struct {
	exec      graphql.GraphExecutor
	timeout   time.Duration // see HTTP.Timeout
	errorsMax int           // see HTTP.ErrorsMax
	log       *slog.Logger
}

// prepare parses and validates. The response is not nil when the operation
// cannot run, and says why.
func (e execution) prepare(ctx context.Context, params *graphql.RawParams) (*graphql.OperationContext, *graphql.Response) {
	op, errs := e.exec.CreateOperationContext(ctx, params)
	if len(errs) > 0 {
		return nil, e.refuse(ctx, op, errs)
	}
	// The generated code panics, or answers in English, on what the rules of
	// validation let through: a root field that @skip takes away.
	if op.Operation.Operation == ast.Subscription {
		fields := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})
		if len(fields) != 1 || strings.HasPrefix(fields[0].Name, "__") {
			return nil, e.refuse(ctx, op, gqlerror.List{
				erreur.New(db.CodeArgumentInvalide, "un abonnement choisit un champ à la racine et un seul"),
			})
		}
	}
	return op, nil
}

// refuse presents the errors of an operation that does not run.
func (e execution) refuse(ctx context.Context, op *graphql.OperationContext, errs gqlerror.List) *graphql.Response {
	if e.errorsMax > 0 {
		errs = errs[:min(len(errs), e.errorsMax)]
	}
	return e.exec.DispatchError(graphql.WithOperationContext(ctx, op), errs)
}

// once runs a query or a mutation. The error is not nil when ctx ended before
// there was a response.
func (e execution) once(ctx context.Context, op *graphql.OperationContext) (*graphql.Response, error) {
	ctx, cancel := e.bound(ctx)
	defer cancel()
	next, ctx := e.exec.DispatchOperation(ctx, op)
	if resp := next(ctx); resp != nil {
		return resp, nil
	}
	return nil, cmp.Or(ctx.Err(), context.Canceled)
}

func (e execution) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if e.timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, e.timeout)
}

// run executes an operation and emits its responses, in order, until it ends,
// until ctx does or until emit fails. The response returned is not nil when
// the operation failed as a whole: it is the last one, and was not emitted.
// A response may be read until emit returns. A panic is logged and answered.
func (e execution) run(ctx context.Context, op *graphql.OperationContext, emit func(*graphql.Response) error) (failure *graphql.Response) {
	defer func() {
		if p := recover(); p != nil {
			failure = e.panicked(ctx, p)
		}
	}()
	if ctx.Err() != nil {
		return nil
	}
	if op.Operation.Operation != ast.Subscription {
		resp, err := e.once(ctx, op)
		switch {
		case err != nil:
			return refusalOf(db.CodeDelaiDepasse, delaiDepasse)
		case len(resp.Data) == 0:
			return resp
		}
		_ = emit(resp) // nothing follows
		return nil
	}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	boundEvents(op)
	start := after(e.timeout, cancel)
	next, ctx := e.exec.DispatchOperation(ctx, op)
	if start.stop() {
		return refusalOf(db.CodeDelaiDepasse, delaiDepasse)
	}
	for {
		resp := e.event(ctx, next)
		if resp == nil {
			return nil
		}
		if len(resp.Data) == 0 {
			return resp
		}
		if emit(resp) != nil {
			return nil
		}
	}
}

// event waits for the next response of a subscription. The wait is not
// bounded; what resolves the event is.
func (e execution) event(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	res := &resolution{begin: func() *limit { return after(e.timeout, cancel) }}
	defer res.end()
	return next(context.WithValue(ctx, resolutionKey{}, res))
}

// panicked logs a panic and returns what the client reads of it.
func (e execution) panicked(ctx context.Context, p any) *graphql.Response {
	e.log.ErrorContext(ctx, "request panicked", "panic", p, "stack", string(debug.Stack()))
	return refusalOf(db.CodeInterne, "erreur interne")
}

func refusalOf(code db.Code, message string) *graphql.Response {
	return &graphql.Response{Errors: gqlerror.List{erreur.New(code, message)}}
}

// boundEvents makes the first field resolved of each event start its limit:
// gqlgen waits for an event and resolves it in one call.
func boundEvents(op *graphql.OperationContext) {
	inner := op.ResolverMiddleware
	op.ResolverMiddleware = func(ctx context.Context, next graphql.Resolver) (any, error) {
		if res, ok := ctx.Value(resolutionKey{}).(*resolution); ok {
			res.once.Do(func() { res.limit = res.begin() })
		}
		return inner(ctx, next)
	}
}

type resolutionKey struct{}

// resolution is that of one event, which starts when its first field does.
type resolution struct {
	begin func() *limit
	once  sync.Once
	limit *limit
}

func (r *resolution) end() {
	r.once.Do(func() {})
	r.limit.stop()
}

// limit calls a function once its time has passed, unless stopped; nil is one
// that never comes.
type limit struct{ timer *time.Timer }

func after(d time.Duration, f func()) *limit {
	if d <= 0 {
		return nil
	}
	return &limit{time.AfterFunc(d, f)}
}

// stop tells whether the time had passed.
func (l *limit) stop() bool { return l != nil && !l.timer.Stop() }

// start is prepare then run, for who answers both failures alike. It is safe
// from panics.
func (e execution) start(ctx context.Context, params *graphql.RawParams, emit func(*graphql.Response) error) (failure *graphql.Response) {
	defer func() {
		if p := recover(); p != nil {
			failure = e.panicked(ctx, p)
		}
	}()
	ctx = graphql.StartOperationTrace(ctx)
	now := graphql.Now()
	params.ReadTime = graphql.TraceTiming{Start: now, End: now}
	op, failure := e.prepare(ctx, params)
	if failure != nil {
		return failure
	}
	return e.run(ctx, op, emit)
}
