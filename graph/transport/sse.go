package transport

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// SSE is the transport of server-sent events, after
// https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md. Add it
// before [HTTP], whose answers it gives to those that accept a stream without
// preferring one: clients that only list text/event-stream want JSON, unless
// they subscribe.
//
// It speaks both modes of the protocol. In distinct connections, a request is
// answered with the stream of its operation. In a single connection, PUT
// reserves a stream, GET opens it, POST starts an operation whose events go
// there and DELETE stops it. The reservations live in the memory of one
// server: behind several, requests that carry the same token must reach the
// same one.
type SSE struct {
	// HTTP says how requests are read and bounded. Its Timeout is also the
	// time given to a subscription to start, and to each of its events to be
	// resolved.
	HTTP HTTP
	// Identite names who makes a request; the requests of one stream must all
	// come from the same. Nil: nobody is told from another.
	Identite func(ctx context.Context) string
	// EventID names an event, for clients to resume after it; empty: no name.
	// Nil: events have none. See [LastEventID].
	EventID func(*graphql.Response) string
	// Stop, once closed, cuts the streams, so that clients look for another
	// server. Nil: never.
	Stop <-chan struct{}

	// KeepAlive is the time between two comments that keep the connection
	// open; zero: 10 s.
	KeepAlive time.Duration
	// WriteWait is how long an event may take to leave; zero: 10 s. A client
	// that does not read is cut: nothing is queued.
	WriteWait time.Duration
	// ReservationWait is how long a stream reserved waits to be opened; zero:
	// 30 s.
	ReservationWait time.Duration
	// ReservationsMax is how many streams of one identity may wait to be
	// opened; zero: 1,000, since all anonymous clients have the same one.
	ReservationsMax int
	// OperationsMax is how many operations of one stream may run at once;
	// zero: 100.
	OperationsMax int

	reservations reservations
}

var _ graphql.Transport = (*SSE)(nil)

// Supports implements [graphql.Transport]: what names text/event-stream among
// what it accepts, and the requests of a single connection.
func (*SSE) Supports(r *http.Request) bool {
	switch r.Method {
	case http.MethodPut, http.MethodDelete:
		return true
	case http.MethodGet:
		return acceptsStream(r)
	case http.MethodPost:
		return acceptsStream(r) || streamToken(r) != ""
	}
	return false
}

// acceptsStream tells a client that names text/event-stream from one that
// accepts anything.
func acceptsStream(r *http.Request) bool {
	for _, accepted := range parseAccept(accepted(r)) {
		if accepted.q > 0 && accepted.specificity(typeStream) == exact {
			return true
		}
	}
	return false
}

// Do implements [graphql.Transport].
func (t *SSE) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	a := begin(w)
	defer t.HTTP.rescue(&a, r)
	r = r.WithContext(context.WithValue(r.Context(), lastEventID{}, r.Header.Get("Last-Event-ID")))
	switch {
	case r.Method == http.MethodPut:
		t.reserve(a, r)
	case r.Method == http.MethodDelete:
		t.halt(a, r)
	case streamToken(r) == "":
		t.distinct(a, r, exec)
	case r.Method == http.MethodGet:
		t.open(a, r)
	default:
		t.start(a, r, exec)
	}
}

type lastEventID struct{}

// LastEventID returns the id of the last event that the client received before
// it lost its stream, as it says itself; empty when it lost none.
func LastEventID(ctx context.Context) string {
	id, _ := ctx.Value(lastEventID{}).(string)
	return id
}

// distinct answers a request with the stream of its own operation, or with
// JSON when the client prefers that and does not subscribe.
func (t *SSE) distinct(a answer, r *http.Request, exec graphql.GraphExecutor) {
	media := negotiate(accepted(r), []string{typeJSON, typeResponse, typeStream})
	if media != typeStream {
		a.media = media
	}
	params, ok := t.HTTP.read(a, r)
	if !ok {
		return
	}
	e := t.HTTP.execution(exec)
	op, failure := e.prepare(r.Context(), params)
	switch {
	case failure != nil && media != typeStream:
		a.failed(failure)
		return
	case failure == nil && mutationNotPosted(r, op):
		a.refuseMutation()
		return
	case failure == nil && media != typeStream && op.Operation.Operation != ast.Subscription:
		e.answer(a, r, op)
		return
	}
	t.stream(a.w, r, func(ctx context.Context, s *stream) {
		if failure == nil {
			failure = e.run(ctx, op, func(resp *graphql.Response) error {
				return s.send(next(t.eventID(resp), encode(resp)))
			})
		}
		if failure != nil {
			_ = s.send(next("", encode(failure)))
		}
		if ctx.Err() == nil {
			_ = s.send(complete(nil))
		}
	})
}

func (t *SSE) eventID(resp *graphql.Response) string {
	if t.EventID == nil {
		return ""
	}
	return t.EventID(resp)
}

// next writes the event of a response: data is that response, or what holds
// it. An id that would break the lines is left out.
func next(id string, data []byte) []byte {
	out := []byte("event: next\n")
	if id != "" && !strings.ContainsAny(id, "\r\n\x00") {
		out = append(append(append(out, "id: "...), id...), '\n')
	}
	return appendData(out, data)
}

// complete writes the event that ends an operation. Even empty, its data must
// be there: a browser passes over an event that has none.
func complete(data []byte) []byte { return appendData([]byte("event: complete\n"), data) }

// appendData ends an event with its data, which it may change. It is JSON, so
// a line feed is only layout; it would end the field.
func appendData(event, data []byte) []byte {
	for i, c := range data {
		if c == '\n' || c == '\r' {
			data[i] = ' '
		}
	}
	return append(append(append(event, "data: "...), data...), "\n\n"...)
}

// stream is the answer that events are written to.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	wait    time.Duration
	cut     context.CancelFunc

	mu sync.Mutex
}

// stream opens a stream, lets feed write to it and ends it. The context that
// feed gets ends when the client leaves or no longer reads, or when the server
// stops.
func (t *SSE) stream(w http.ResponseWriter, r *http.Request, feed func(context.Context, *stream)) {
	ctx, cancel := context.WithCancel(r.Context())
	s := &stream{w: w, control: http.NewResponseController(w), wait: cmp.Or(t.WriteWait, 10*time.Second), cut: cancel}
	header := w.Header()
	header.Set("Content-Type", typeStream+"; charset=utf-8")
	if header.Get("Cache-Control") == "" { // who identified the client may have said more
		header.Set("Cache-Control", "no-cache")
	}
	header.Set("X-Accel-Buffering", "no") // nginx would keep events back
	if r.ProtoMajor == 1 {
		header.Set("Connection", "close") // the last write's deadline would outlive the stream
	}
	w.WriteHeader(http.StatusOK)
	_ = s.send([]byte(":\n\n")) // some browsers wait for a body

	var kept sync.WaitGroup
	kept.Go(func() { s.keepAlive(ctx, cmp.Or(t.KeepAlive, 10*time.Second), t.Stop) })
	defer kept.Wait()
	defer cancel()
	feed(ctx, s)
}

// send writes whole events; one at a time, whoever writes.
func (s *stream) send(events []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.control.SetWriteDeadline(time.Now().Add(s.wait)) // what is not a real connection may have none
	_, err := s.w.Write(events)
	if err == nil {
		err = s.control.Flush()
	}
	if err != nil {
		s.cut()
	}
	return err
}

// keepAlive writes comments until ctx ends, and cuts the stream once stop is
// closed.
func (s *stream) keepAlive(ctx context.Context, every time.Duration, stop <-chan struct{}) {
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-stop:
			s.cut()
			return
		case <-ticks.C:
			_ = s.send([]byte(":\n\n"))
		}
	}
}
