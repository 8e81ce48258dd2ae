package transport

import (
	"context"
	"errors"
	"sync"
)

// tooMany is errTooMany for the client.
const tooMany = "trop d'opérations en cours sur cette connexion : attendez qu'elles finissent"

var (
	errDuplicate = errors.New("an operation of this id is running")
	errTooMany   = errors.New("too many operations are running")
	errEnded     = errors.New("the connection has ended")
)

// operations are those that share a connection, by the id that the client
// gave each.
type operations struct {
	mu    sync.Mutex
	byID  map[string]*running // those of which the client may expect more
	count int                 // those that run, stopped or not
	ended bool
	tasks sync.WaitGroup
}

type running struct{ cancel context.CancelFunc }

// start runs an operation in a goroutine of its own, unless most are running
// already (errTooMany), one of them under this id (errDuplicate), or the
// connection has ended (errEnded). Its context ends with ctx or by stop. It
// calls ended once nothing is left but to say so.
func (o *operations) start(ctx context.Context, id string, most int, run func(ctx context.Context, ended func())) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.ended:
		return errEnded
	case o.byID[id] != nil:
		return errDuplicate
	case o.count >= most:
		return errTooMany
	}
	ctx, cancel := context.WithCancel(ctx)
	op := &running{cancel}
	if o.byID == nil {
		o.byID = make(map[string]*running)
	}
	o.byID[id] = op
	o.count++
	o.tasks.Go(func() {
		defer cancel()
		run(ctx, func() { o.end(id, op) })
	})
	return nil
}

func (o *operations) end(id string, op *running) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.count--
	if o.byID[id] == op {
		delete(o.byID, id)
	}
}

// stop ends an operation, of which the client expects nothing more. An id
// that is unknown is that of one that has just ended.
func (o *operations) stop(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if op := o.byID[id]; op != nil {
		op.cancel()
		delete(o.byID, id)
	}
}

// wait lets no more operation start and returns once all have ended: the
// context given to start must have.
func (o *operations) wait() {
	o.mu.Lock()
	o.ended = true
	o.mu.Unlock()
	o.tasks.Wait()
}
