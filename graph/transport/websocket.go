package transport

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"

	"github.com/mutualibre/mutualibre/db"
)

// The codes that close a socket. Where the protocol words the reason, the
// word is kept; the other reasons are in French.
const (
	codeInvalid     websocket.StatusCode = 4400
	codeUnknown     websocket.StatusCode = 4401
	codeForbidden   websocket.StatusCode = 4403
	codeSubprotocol websocket.StatusCode = 4406
	codeTimeout     websocket.StatusCode = 4408
	codeDuplicate   websocket.StatusCode = 4409
	codeTwice       websocket.StatusCode = 4429
)

// closeWait is how long, at most, the other side has to answer a close.
const closeWait = 5 * time.Second

// Websocket is the transport of graphql-transport-ws: queries, mutations and
// subscriptions, many at a time. It keeps to the protocol where gqlgen's own
// strays from it. Nothing is queued: a resolver waits for the client to read,
// and a client that does not is cut.
type Websocket struct {
	// MessageMax is the longest message read, in bytes; beyond, 1009. Required.
	MessageMax int64
	// Timeout is the time given to a query or a mutation, to a subscription
	// to start, and to each of its events to be resolved. Zero: no limit.
	Timeout time.Duration
	// ErrorsMax is as in [HTTP].
	ErrorsMax int
	// Log receives panics, and the errors of Init that are not the client's.
	// Required.
	Log *slog.Logger

	// Origin accepts the Origin header; see [AllowOrigins]. Nil: pages of
	// this very host only.
	Origin func(*http.Request) bool
	// Init reads who the client is in the payload of connection_init, nil
	// when there was none: browsers cannot set the headers of a socket. ctx
	// holds what the handshake gave. The context returned, derived from ctx,
	// is that of the operations; once it ends, the identity having expired,
	// the socket closes with 4401. An error closes with 4403: the client
	// reads the message of a *db.Error, any other is masked and logged. Nil:
	// everyone is accepted as the handshake left them.
	Init func(ctx context.Context, payload map[string]any) (context.Context, error)
	// Stop, once closed, closes the sockets with 1001, so that clients look
	// for another server. Nil: never.
	Stop <-chan struct{}

	// InitWait is how long connection_init may take; zero: 3 s.
	InitWait time.Duration
	// Ping is the time between two pings, and how long the client has to
	// show a sign of life after one; zero: 10 s.
	Ping time.Duration
	// WriteWait is how long a message may take to leave; zero: 10 s.
	WriteWait time.Duration
	// OperationsMax is how many operations of one socket may run at once;
	// zero: 100.
	OperationsMax int
}

var _ graphql.Transport = Websocket{}

// Supports implements [graphql.Transport]: a handshake.
func (Websocket) Supports(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// Do implements [graphql.Transport]. It returns once the socket is closed and
// all that it started has ended.
func (t Websocket) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if t.Origin == nil {
		t.Origin = AllowOrigins(nil)
	}
	if !t.Origin(r) {
		begin(w).refuse(http.StatusForbidden, db.CodeInterdit, "les pages de cette origine n'ont pas le droit d'interroger cette API")
		return
	}
	t.InitWait = cmp.Or(t.InitWait, 3*time.Second)
	t.Ping = cmp.Or(t.Ping, 10*time.Second)
	t.WriteWait = cmp.Or(t.WriteWait, 10*time.Second)
	t.OperationsMax = cmp.Or(t.OperationsMax, 100)

	hijacker := &hijacker{ResponseWriter: w}
	conn, err := websocket.Accept(hijacker, r, &websocket.AcceptOptions{
		Subprotocols:       []string{subprotocol},
		InsecureSkipVerify: true, // Origin has been checked
	})
	if err != nil {
		return // Accept has answered
	}
	conn.SetReadLimit(-1) // read has its own, whose reason is in French
	s := &socket{
		Websocket: t,
		execution: execution{exec: exec, timeout: t.Timeout, errorsMax: t.ErrorsMax, log: t.Log},
		net:       hijacker.conn,
		conn:      conn,
		header:    r.Header,
	}
	if conn.Subprotocol() != subprotocol {
		s.close(codeSubprotocol, "Subprotocol not acceptable")
		return
	}
	s.serve(r.Context())
}

// hijacker keeps the connection, whose deadlines bound what the library does
// not: reading the rest of a message while it closes.
type hijacker struct {
	http.ResponseWriter
	conn net.Conn
}

func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	h.conn = conn
	return conn, rw, err
}

// socket is one connection. Its messages are read, and its state changed, by
// the goroutine of serve alone.
type socket struct {
	Websocket
	execution
	net    net.Conn
	conn   *websocket.Conn
	header http.Header

	initiated, acknowledged bool

	// ctx is that of the operations, and of whoever opened the socket.
	ctx    context.Context
	cancel context.CancelFunc

	heard   atomic.Bool // a message came since the last ping
	closing sync.Once
	closed  atomic.Bool
	writing sync.Mutex

	operations operations
}

// serve reads messages until the socket closes.
func (s *socket) serve(ctx context.Context) {
	given := ctx
	ctx, cancel := context.WithCancel(given)
	s.ctx, s.cancel = ctx, cancel
	stop := s.closeAfter(given)
	defer func() {
		stop()
		s.close(websocket.StatusGoingAway, "") // waits for one under way
		s.operations.wait()
	}()
	late := time.AfterFunc(s.InitWait, func() { s.close(codeTimeout, "Connection initialisation timeout") })
	defer late.Stop()
	var kept sync.WaitGroup
	kept.Go(func() { s.keepAlive(ctx) })
	defer kept.Wait()
	defer cancel()

	for !s.closed.Load() {
		data, ok := s.read()
		if !ok || s.closed.Load() {
			return
		}
		s.heard.Store(true)
		m, fault := parseMessage(data)
		switch {
		case fault != "":
			s.close(codeInvalid, fault)
		case m.kind == typeInit && s.initiated:
			s.close(codeTwice, "Too many initialisation requests")
		case m.kind == typeInit:
			s.initiated = true
			late.Stop()
			if identified, ok := s.init(m.object); ok {
				defer s.closeAfter(identified)()
			}
		case m.kind == typePing:
			_ = s.send(context.Background(), format(typePong, "", m.payload))
		case m.kind == typeSubscribe && !s.acknowledged:
			s.close(codeUnknown, "Unauthorized")
		case m.kind == typeSubscribe:
			s.subscribe(m.id, m.params)
		case m.kind == typeComplete:
			s.operations.stop(m.id)
		}
	}
}

// read returns the next message; false: there will be none.
func (s *socket) read() ([]byte, bool) {
	// A context that ended would cut the connection without a word: close does it.
	kind, r, err := s.conn.Reader(context.Background())
	if err != nil {
		return nil, false
	}
	data, err := io.ReadAll(io.LimitReader(r, s.MessageMax+1))
	switch {
	case err != nil:
		return nil, false
	case int64(len(data)) > s.MessageMax:
		s.close(websocket.StatusMessageTooBig, "message trop long")
		return nil, false
	case kind != websocket.MessageText:
		s.close(codeInvalid, "message qui n'est pas du texte")
		return nil, false
	}
	return data, true
}

// init acknowledges the connection, or closes the socket and returns false.
// The context returned is that of the identity.
func (s *socket) init(payload map[string]any) (context.Context, bool) {
	ctx := s.ctx
	if s.Init != nil {
		var err error
		if ctx, err = s.identify(payload); err != nil {
			s.close(codeForbidden, err.Error())
			return nil, false
		}
		s.ctx = ctx
	}
	if s.send(ctx, format(typeAck, "", nil)) != nil {
		return nil, false
	}
	s.acknowledged = true
	return ctx, true
}

// identify calls Init; its error is one that the client may read.
func (s *socket) identify(payload map[string]any) (ctx context.Context, err error) {
	masked := errors.New("l'identité n'a pas pu être vérifiée")
	defer func() {
		if p := recover(); p != nil {
			s.panicked(s.ctx, p)
			err = masked
		}
	}()
	ctx, err = s.Init(s.ctx, payload)
	var known *db.Error
	switch {
	case err == nil:
		return ctx, nil
	case errors.As(db.Translate(err), &known):
		return nil, known
	default:
		s.log.ErrorContext(s.ctx, "connection_init failed", "err", err)
		return nil, masked
	}
}

// closeAfter closes the socket once the context ends, until stopped.
func (s *socket) closeAfter(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() { s.close(codeUnknown, "l'identité présentée a expiré") })
}

// keepAlive pings until ctx ends.
func (s *socket) keepAlive(ctx context.Context) {
	ticks := time.NewTicker(s.Ping)
	defer ticks.Stop()
	s.heard.Store(true)
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.Stop:
			s.close(websocket.StatusGoingAway, "le serveur s'arrête")
			return
		case <-ticks.C:
			if !s.heard.Swap(false) {
				s.close(codeTimeout, "pas de réponse au ping")
				return
			}
			_ = s.send(ctx, format(typePing, "", nil))
		}
	}
}

// subscribe starts an operation.
func (s *socket) subscribe(id string, params *graphql.RawParams) {
	params.Headers = s.header
	err := s.operations.start(s.ctx, id, s.OperationsMax, func(ctx context.Context, ended func()) {
		failure := s.start(ctx, params, func(resp *graphql.Response) error {
			return s.send(ctx, format(typeNext, id, encode(resp)))
		})
		ended() // before saying so: the client may then use the id again
		last := format(typeComplete, id, nil)
		if failure != nil {
			last = format(typeError, id, marshal(failure.Errors))
		}
		_ = s.send(ctx, last)
	})
	switch {
	case errors.Is(err, errDuplicate):
		s.close(codeDuplicate, "Subscriber for "+id+" already exists")
	case errors.Is(err, errTooMany):
		_ = s.send(s.ctx, format(typeError, id, marshal(refusalOf(db.CodeLimiteDebit, tooMany).Errors)))
	}
}

// send writes a message, unless ctx, that of what it is about, has ended. A
// client that does not read is cut.
func (s *socket) send(ctx context.Context, message []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	limit, cancel := context.WithTimeout(context.Background(), s.WriteWait)
	defer cancel()
	err := s.conn.Write(limit, websocket.MessageText, message)
	if err != nil && !s.closed.Load() { // else close is saying why
		_ = s.net.Close() // the reader then ends the rest
	}
	return err
}

// close says why and closes, once; other calls wait until it is done.
func (s *socket) close(code websocket.StatusCode, reason string) {
	s.closing.Do(func() {
		s.closed.Store(true)
		if s.cancel != nil {
			s.cancel()
		}
		_ = s.net.SetDeadline(time.Now().Add(min(closeWait, s.WriteWait)))
		_ = s.conn.Close(code, shorten(reason))
	})
}

// shorten cuts a reason at what a close frame can hold.
func shorten(reason string) string {
	const most = 123
	if len(reason) <= most {
		return reason
	}
	cut := most
	for !utf8.RuneStart(reason[cut]) {
		cut--
	}
	return reason[:cut]
}
