package transport

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/mutualibre/mutualibre/db"
)

// waitingMax is how many operations, in all, may wait for a stream that is not
// open yet: each holds a request in memory.
const waitingMax = 1000

// reservations are the streams of single connections, by their token.
type reservations struct {
	mu      sync.Mutex
	byToken map[string]*reservation
	waiting int
}

// reservation is a stream reserved, then open. It ends when it is not opened
// in time, or when the connection that opened it does.
type reservation struct {
	identity string
	ctx      context.Context
	end      context.CancelFunc
	expiry   *time.Timer
	opened   chan struct{}

	events     chan []byte // to the connection
	operations operations
}

func (r *reservation) isOpen() bool {
	select {
	case <-r.opened:
		return true
	default:
		return false
	}
}

// streamToken is that of a request, in the header or in the address, the only place
// where a browser's EventSource can write it.
func streamToken(r *http.Request) string {
	return cmp.Or(r.Header.Get("X-GraphQL-Event-Stream-Token"), r.URL.Query().Get("token"))
}

func (t *SSE) identity(r *http.Request) string {
	if t.Identite == nil {
		return ""
	}
	return t.Identite(r.Context())
}

// reserve answers PUT with the token of a stream to open.
func (t *SSE) reserve(a answer, r *http.Request) {
	all, identity := &t.reservations, t.identity(r)
	all.mu.Lock()
	defer all.mu.Unlock()
	unopened := 0
	for _, other := range all.byToken {
		if other.identity == identity && !other.isOpen() {
			unopened++
		}
	}
	wait := cmp.Or(t.ReservationWait, 30*time.Second)
	if unopened >= cmp.Or(t.ReservationsMax, 1000) {
		a.w.Header().Set("Retry-After", "30")
		a.refuse(http.StatusTooManyRequests, db.CodeLimiteDebit, "trop de flux sont réservés et pas encore ouverts : réessayez dans un instant")
		return
	}
	name := rand.Text()
	res := &reservation{identity: identity, opened: make(chan struct{}), events: make(chan []byte)}
	res.ctx, res.end = context.WithCancel(context.Background())
	res.expiry = time.AfterFunc(wait, func() { all.remove(name, res) })
	if all.byToken == nil {
		all.byToken = make(map[string]*reservation)
	}
	all.byToken[name] = res

	header := a.w.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	a.w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(a.w, name)
}

func (all *reservations) remove(name string, res *reservation) {
	all.mu.Lock()
	delete(all.byToken, name)
	all.mu.Unlock()
	res.end()
}

// find returns the reservation that a request names, or refuses the request.
func (t *SSE) find(a answer, r *http.Request) (*reservation, bool) {
	t.reservations.mu.Lock()
	res := t.reservations.byToken[streamToken(r)]
	t.reservations.mu.Unlock()
	switch {
	case res == nil:
		a.refuse(http.StatusNotFound, db.CodeIntrouvable, "aucun flux n'est réservé sous ce jeton, ou il est terminé")
	case res.identity != t.identity(r):
		a.refuse(http.StatusForbidden, db.CodeInterdit, "ce flux a été réservé sous une autre identité")
	default:
		return res, true
	}
	return nil, false
}

// open answers GET with the stream reserved.
func (t *SSE) open(a answer, r *http.Request) {
	res, ok := t.find(a, r)
	if !ok {
		return
	}
	t.reservations.mu.Lock()
	taken := res.isOpen()
	ended := !taken && !res.expiry.Stop()
	if !taken && !ended {
		close(res.opened)
	}
	t.reservations.mu.Unlock()
	switch {
	case taken:
		a.refuse(http.StatusConflict, db.CodeConflit, "ce flux est déjà ouvert")
		return
	case ended:
		a.refuse(http.StatusNotFound, db.CodeIntrouvable, "la réservation de ce flux a expiré")
		return
	}
	defer res.operations.wait()
	defer t.reservations.remove(streamToken(r), res)
	t.stream(a.w, r, func(ctx context.Context, s *stream) {
		for {
			select {
			case <-ctx.Done():
				return
			case events := <-res.events:
				_ = s.send(events)
			}
		}
	})
}

// start answers POST: the operation runs, its events go to the stream.
func (t *SSE) start(a answer, r *http.Request, exec graphql.GraphExecutor) {
	res, ok := t.find(a, r)
	if !ok {
		return
	}
	params, ok := t.HTTP.read(a, r)
	if !ok {
		return
	}
	id, _ := params.Extensions["operationId"].(string)
	if id == "" || len(id) > idMax {
		a.refuse(http.StatusBadRequest, db.CodeArgumentInvalide, "extensions.operationId doit être un texte, court et non vide")
		return
	}
	e := t.HTTP.execution(exec)
	op, failure := e.prepare(r.Context(), params)
	if failure != nil {
		a.write(http.StatusBadRequest, failure)
		return
	}
	switch err := t.run(r, res, id, e, op); {
	case err == nil:
		a.w.WriteHeader(http.StatusAccepted)
	case errors.Is(err, errDuplicate):
		a.refuse(http.StatusConflict, db.CodeConflit, "une opération porte déjà cet operationId")
	case errors.Is(err, errTooMany):
		a.refuse(http.StatusTooManyRequests, db.CodeLimiteDebit, tooMany)
	default:
		a.refuse(http.StatusNotFound, db.CodeIntrouvable, "ce flux est terminé")
	}
}

// run starts an operation on a stream; its errors are those of
// [operations.start]. The operation has the identity of the request that
// started it, its expiry included, and outlives that request.
func (t *SSE) run(r *http.Request, res *reservation, id string, e execution, op *graphql.OperationContext) error {
	ctx, forget := context.WithoutCancel(r.Context()), context.CancelFunc(func() {})
	if deadline, ok := r.Context().Deadline(); ok {
		ctx, forget = context.WithDeadline(ctx, deadline)
	}
	waited, err := t.reservations.wait(res)
	if err != nil {
		forget()
		return err
	}
	err = res.operations.start(ctx, id, cmp.Or(t.OperationsMax, 100), func(ctx context.Context, ended func()) {
		defer forget()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(res.ctx, cancel)()
		select {
		case <-res.opened:
		case <-ctx.Done():
		}
		waited()
		send := func(events []byte) error {
			if ctx.Err() != nil { // select would choose at random
				return ctx.Err()
			}
			select {
			case res.events <- events:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		failure := e.run(ctx, op, func(resp *graphql.Response) error {
			return send(next(t.eventID(resp), within(id, resp)))
		})
		if failure != nil {
			_ = send(next("", within(id, failure)))
		}
		ended()
		_ = send(complete(within(id, nil)))
	})
	if err != nil {
		waited()
		forget()
	}
	return err
}

// wait counts an operation among those that wait for their stream to open,
// until waited is called; errTooMany when there are too many.
func (all *reservations) wait(res *reservation) (waited func(), _ error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	switch {
	case res.isOpen():
		return func() {}, nil
	case all.waiting >= waitingMax:
		return nil, errTooMany
	}
	all.waiting++
	return func() {
		all.mu.Lock()
		defer all.mu.Unlock()
		all.waiting--
	}, nil
}

// within is what an event of a single connection holds.
func within(id string, resp *graphql.Response) []byte {
	out := append([]byte(`{"id":`), marshal(id)...)
	if resp != nil {
		out = append(append(out, `,"payload":`...), encode(resp)...)
	}
	return append(out, '}')
}

// halt answers DELETE: an operation is stopped.
func (t *SSE) halt(a answer, r *http.Request) {
	res, ok := t.find(a, r)
	if !ok {
		return
	}
	id := r.URL.Query().Get("operationId")
	if id == "" {
		a.refuse(http.StatusBadRequest, db.CodeArgumentInvalide, "le paramètre operationId est absent ou vide")
		return
	}
	res.operations.stop(id)
	a.w.WriteHeader(http.StatusOK)
}
