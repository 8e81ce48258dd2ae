package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/mutualibre/mutualibre/graph/transport"
)

// client is the other side of a socket.
type client struct {
	t    *testing.T
	ctx  context.Context
	conn *websocket.Conn
}

func (f *flux) dial(t *testing.T) *client {
	t.Helper()
	c, _, err := f.handshake(t, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (f *flux) handshake(t *testing.T, o *websocket.DialOptions) (*client, *http.Response, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	conn, resp, err := websocket.Dial(ctx, f.url, o)
	if err != nil {
		return nil, resp, err
	}
	conn.SetReadLimit(1 << 20)
	t.Cleanup(func() { conn.CloseNow() })
	return &client{t, ctx, conn}, resp, nil
}

// connected is a client that has been acknowledged.
func (f *flux) connected(t *testing.T) *client {
	t.Helper()
	c := f.dial(t)
	c.send(`{"type":"connection_init"}`)
	c.expect(`{"type":"connection_ack"}`)
	return c
}

func (c *client) send(message string) {
	c.t.Helper()
	if err := c.conn.Write(c.ctx, websocket.MessageText, []byte(message)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) subscribe(id, query string) {
	c.t.Helper()
	c.send(fmt.Sprintf(`{"id":%q,"type":"subscribe","payload":{"query":%q}}`, id, query))
}

func (c *client) next() string {
	c.t.Helper()
	_, data, err := c.conn.Read(c.ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(data)
}

// expect reads one message, whose extensions it does not look at.
func (c *client) expect(want string) {
	c.t.Helper()
	got := c.next()
	var g, w map[string]any
	if json.Unmarshal([]byte(got), &g) != nil || json.Unmarshal([]byte(want), &w) != nil {
		c.t.Fatalf("not JSON: %s or %s", got, want)
	}
	if payload, ok := g["payload"].(map[string]any); ok {
		delete(payload, "extensions")
	}
	if !reflect.DeepEqual(g, w) {
		c.t.Fatalf("got %s, want %s", got, want)
	}
}

// expectError reads the error of an operation.
func (c *client) expectError(id, code string) {
	c.t.Helper()
	var m struct {
		ID, Type string
		Payload  []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	got := c.next()
	if err := json.Unmarshal([]byte(got), &m); err != nil || m.Type != "error" || m.ID != id || len(m.Payload) == 0 || m.Payload[0].Extensions.Code != code {
		c.t.Fatalf("want an error %s of %s, got %s (%v)", code, id, got, err)
	}
}

// closes reads until the server closes, and returns what came before.
func (c *client) closes(code websocket.StatusCode, reason string) (before []string) {
	c.t.Helper()
	for {
		_, data, err := c.conn.Read(c.ctx)
		if err == nil {
			before = append(before, string(data))
			continue
		}
		var ce websocket.CloseError
		if !errors.As(err, &ce) || ce.Code != code || !strings.Contains(ce.Reason, reason) {
			c.t.Fatalf("want a close %d %q, got %v", code, reason, err)
		}
		return before
	}
}

// alive checks that the socket still serves.
func (c *client) alive() {
	c.t.Helper()
	c.send(`{"type":"ping","payload":{"alive":true}}`)
	c.expect(`{"type":"pong","payload":{"alive":true}}`)
}

func TestOnlyTheSubprotocolIsSpoken(t *testing.T) {
	f := newFlux(t)
	for _, protocols := range [][]string{nil, {"graphql-ws"}, {"mqtt", "graphql-ws"}} {
		c, _, err := f.handshake(t, &websocket.DialOptions{Subprotocols: protocols})
		if err != nil {
			t.Fatal(err)
		}
		c.closes(4406, "Subprotocol not acceptable")
	}
	c, resp, err := f.handshake(t, &websocket.DialOptions{Subprotocols: []string{"graphql-ws", "graphql-transport-ws"}})
	if err != nil || resp.Header.Get("Sec-WebSocket-Protocol") != "graphql-transport-ws" {
		t.Fatal(err, resp.Header)
	}
	c.send(`{"type":"connection_init"}`)
	c.expect(`{"type":"connection_ack"}`)
}

func TestOnlyAcceptedOriginsOpenASocket(t *testing.T) {
	for _, c := range []struct {
		allowed []string
		origin  string
		opens   bool
	}{
		{nil, "", true},
		{nil, "SELF", true},
		{nil, "https://ailleurs.example", false},
		{nil, "null", false},
		{nil, "http://127.0.0.1:1", false},
		{[]string{"https://mairie.example"}, "https://mairie.example", true},
		{[]string{"https://mairie.example"}, "https://MAIRIE.example", true},
		{[]string{"https://mairie.example"}, "http://mairie.example", false},
		{[]string{"https://mairie.example"}, "https://mairie.example.org", false},
		{[]string{"*"}, "https://ailleurs.example", true},
	} {
		t.Run(fmt.Sprint(c.allowed, c.origin), func(t *testing.T) {
			f := newFlux(t, func(ws *transport.Websocket, _ *transport.SSE) {
				if c.allowed != nil {
					ws.Origin = transport.AllowOrigins(c.allowed)
				}
			})
			o := &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{}}
			if c.origin != "" {
				o.HTTPHeader.Set("Origin", strings.Replace(c.origin, "SELF", f.url, 1))
			}
			_, resp, err := f.handshake(t, o)
			if opens := err == nil; opens != c.opens {
				t.Fatalf("opens: %v (%v)", opens, err)
			}
			if !c.opens && resp.StatusCode != http.StatusForbidden {
				t.Errorf("status %d", resp.StatusCode)
			}
		})
	}
}

func TestInitialisationFollowsTheProtocol(t *testing.T) {
	t.Run("in time", func(t *testing.T) {
		f := newFlux(t, func(ws *transport.Websocket, _ *transport.SSE) { ws.InitWait = time.Millisecond })
		f.dial(t).closes(4408, "Connection initialisation timeout")
	})
	t.Run("a ping is not one", func(t *testing.T) {
		f := newFlux(t, func(ws *transport.Websocket, _ *transport.SSE) { ws.InitWait = time.Second })
		c := f.dial(t)
		c.send(`{"type":"ping"}`)
		c.expect(`{"type":"pong"}`)
		c.closes(4408, "Connection initialisation timeout")
	})
	t.Run("once", func(t *testing.T) {
		c := newFlux(t).connected(t)
		c.send(`{"type":"connection_init"}`)
		c.closes(4429, "Too many initialisation requests")
	})
	t.Run("before anything else", func(t *testing.T) {
		c := newFlux(t).dial(t)
		c.subscribe("1", "{n}")
		c.closes(4401, "Unauthorized")
	})
	t.Run("with or without a payload", func(t *testing.T) {
		f := newFlux(t)
		for _, payload := range []string{``, `,"payload":null`, `,"payload":{}`, `,"payload":{"a":[1]}`} {
			c := f.dial(t)
			c.send(`{"type":"connection_init"` + payload + `}`)
			c.expect(`{"type":"connection_ack"}`)
		}
	})
}

func TestMessagesOutsideTheProtocolClose4400(t *testing.T) {
	f := newFlux(t)
	for _, m := range []string{
		``, `{`, `null`, `[]`, `"ping"`, `1`, `{}`, `{"type":null}`, `{"type":1}`, `{"type":"inconnu"}`, `{"Type":"ping"}`, `{"type":"ping"}{}`,
		`{"type":"connection_ack"}`, `{"type":"next","id":"1","payload":{}}`, `{"type":"error","id":"1","payload":[]}`,
		`{"type":"ping","payload":1}`, `{"type":"pong","payload":[]}`,
		`{"type":"complete"}`, `{"type":"complete","id":1}`, `{"type":"complete","id":""}`,
		`{"type":"subscribe","payload":{"query":"{n}"}}`, `{"type":"subscribe","id":"","payload":{"query":"{n}"}}`,
		`{"type":"subscribe","id":1,"payload":{"query":"{n}"}}`, `{"type":"subscribe","id":null,"payload":{"query":"{n}"}}`,
		`{"type":"subscribe","id":"` + strings.Repeat("i", 257) + `","payload":{"query":"{n}"}}`,
		`{"type":"subscribe","id":"1"}`, `{"type":"subscribe","id":"1","payload":null}`, `{"type":"subscribe","id":"1","payload":"{n}"}`,
		`{"type":"subscribe","id":"1","payload":{}}`, `{"type":"subscribe","id":"1","payload":{"query":null}}`, `{"type":"subscribe","id":"1","payload":{"query":1}}`,
		`{"type":"subscribe","id":"1","payload":{"query":"{n}","variables":[]}}`, `{"type":"subscribe","id":"1","payload":{"query":"{n}","variables":"{}"}}`,
		`{"type":"subscribe","id":"1","payload":{"query":"{n}","operationName":1}}`, `{"type":"subscribe","id":"1","payload":{"query":"{n}","extensions":1}}`,
		"{\"type\":\"ping\",\"payload\":{\"a\":\"\xff\"}}",
	} {
		c := f.connected(t)
		c.send(m)
		if before := c.closes(4400, ""); len(before) > 0 {
			t.Errorf("%s: answered %s", m, before)
		}
	}
	for _, payload := range []string{`1`, `"a"`, `[]`, `true`} {
		c := f.dial(t)
		c.send(`{"type":"connection_init","payload":` + payload + `}`)
		c.closes(4400, "payload")
	}
	c := f.connected(t)
	if err := c.conn.Write(c.ctx, websocket.MessageBinary, []byte(`{"type":"ping"}`)); err != nil {
		t.Fatal(err)
	}
	c.closes(4400, "texte")
}

func TestAMessageTooLongCloses1009(t *testing.T) {
	f := newFlux(t)
	of := func(n int) string {
		const begin, end = `{"type":"ping","payload":{"x":"`, `"}}`
		return begin + strings.Repeat("x", n-len(begin)-len(end)) + end
	}
	c := f.connected(t)
	c.send(of(bodyMax))
	if got := c.next(); !strings.HasPrefix(got, `{"type":"pong"`) {
		t.Fatal(got)
	}
	c.send(of(bodyMax + 1))
	c.closes(websocket.StatusMessageTooBig, "trop long")
}

// A peer that announces a long message and never sends it must not hold the
// socket once it closes.
func TestAMessageThatNeverEndsDoesNotHoldTheSocket(t *testing.T) {
	f := newFlux(t, func(ws *transport.Websocket, _ *transport.SSE) {
		ws.InitWait, ws.WriteWait = 50*time.Millisecond, 50*time.Millisecond
	})
	for _, sent := range []int{0, 10, bodyMax + 1} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(f.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
			"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n")
		frame := append([]byte{0x81, 0x80 | 127, 0, 0, 0, 0, 0x40, 0, 0, 0}, 0, 0, 0, 0) // a gigabyte to come
		if _, err := conn.Write(append(frame, make([]byte, sent)...)); err != nil {
			t.Fatal(err)
		}
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%d bytes sent: the server does not close", sent)
		}
	}
}

func TestOperationsAnswerInOrder(t *testing.T) {
	c := newFlux(t).connected(t)
	for query, answer := range map[string]string{
		`{n}`:                        `{"data":{"n":1}}`,
		`mutation{ajoute}`:           `{"data":{"ajoute":1}}`,
		`query A{a:n} query B{b:n}`:  ``,
		`{__typename}`:               `{"data":{"__typename":"Query"}}`,
		`subscription{sansFin}`:      `{"data":{"sansFin":1}}`,
		`subscription{un:sansFin}`:   `{"data":{"un":1}}`,
		`subscription S{deux:panne}`: ``,
	} {
		c.subscribe("1", query)
		switch {
		case answer == "" && strings.Contains(query, "panne"):
			c.expectError("1", "INDISPONIBLE")
		case answer == "":
			c.expectError("1", "ARGUMENT_INVALIDE")
		default:
			c.expect(`{"id":"1","type":"next","payload":` + answer + `}`)
			if strings.HasPrefix(query, "subscription") {
				c.send(`{"id":"1","type":"complete"}`)
			} else {
				c.expect(`{"id":"1","type":"complete"}`)
			}
		}
		c.alive() // an error is not followed by complete, nor a complete by anything
	}
	c.send(`{"id":"2","type":"subscribe","payload":{"query":"subscription S($n:Int!){compte(jusqua:$n)}","operationName":"S","variables":{"n":3},"extensions":null}}`)
	for n := range 3 {
		c.expect(fmt.Sprintf(`{"id":"2","type":"next","payload":{"data":{"compte":%d}}}`, n+1))
	}
	c.expect(`{"id":"2","type":"complete"}`)
	c.alive()
}

func TestOperationsRefusedSayWhyInFrenchAndLeaveTheSocketOpen(t *testing.T) {
	f := newFlux(t)
	c := f.connected(t)
	for query, code := range map[string]string{
		``:                                     "ARGUMENT_INVALIDE",
		`{`:                                    "ARGUMENT_INVALIDE",
		`{inconnu}`:                            "ARGUMENT_INVALIDE",
		`subscription{a}`:                      "ARGUMENT_INVALIDE",
		`{` + strings.Repeat("n:n ", 31) + `}`: "TROP_COMPLEXE",
		`subscription{sansFin __typename}`:     "ARGUMENT_INVALIDE",
		`subscription{__typename}`:             "ARGUMENT_INVALIDE",
		`subscription{...{__typename}}`:        "ARGUMENT_INVALIDE",
		`subscription{sansFin @skip(if:true)}`: "ARGUMENT_INVALIDE",
		`subscription{sansFin autre:sansFin}`:  "ARGUMENT_INVALIDE",
		`subscription($n:Int!){compte(jusqua:$n)}`:                  "ARGUMENT_INVALIDE",
		`subscription{compte(jusqua:"a")}`:                          "ARGUMENT_INVALIDE",
		`query($i:Boolean!){n @skip(if:$i)}`:                        "ARGUMENT_INVALIDE",
		`subscription{...F} fragment F on Subscription{...G}`:       "ARGUMENT_INVALIDE",
		`subscription{panne}`:                                       "INDISPONIBLE",
		strings.Repeat("{", 1000):                                   "TROP_PROFOND",
		`subscription{lent{n}} fragment X on Evenement{n}`:          "ARGUMENT_INVALIDE",
		`subscription{lent{` + strings.Repeat("...{", 5) + `n}}}}}`: "ARGUMENT_INVALIDE",
	} {
		c.subscribe("1", query)
		c.expectError("1", code)
	}
	c.alive()
	if log := f.log.String(); strings.Contains(log, "panicked") {
		t.Error("a request made the server panic")
	}
}

func TestAPanicIsMaskedLoggedAndEndsOnlyItsOperation(t *testing.T) {
	f := newFlux(t)
	c := f.connected(t)
	c.subscribe("1", "subscription{casse}")
	c.expect(`{"id":"1","type":"next","payload":{"data":{"casse":1}}}`)
	c.expectError("1", "INTERNE")
	c.alive()
	if !strings.Contains(f.log.String(), "secret interne") {
		t.Error("not logged")
	}
}

func TestAnIdServesOneOperationAtATime(t *testing.T) {
	t.Run("a duplicate closes", func(t *testing.T) {
		c := newFlux(t).connected(t)
		c.subscribe("à", "subscription{sansFin}")
		c.next()
		c.subscribe("à", "{n}")
		if before := c.closes(4409, "Subscriber for à already exists"); len(before) > 0 {
			t.Errorf("answered %s", before)
		}
	})
	t.Run("a query counts", func(t *testing.T) {
		c := newFlux(t).connected(t)
		c.subscribe("1", "{attend}")
		c.subscribe("1", "{n}")
		c.closes(4409, "")
	})
	t.Run("a long id is cut in the reason", func(t *testing.T) {
		c := newFlux(t).connected(t)
		id := strings.Repeat("é", 128)
		c.subscribe(id, "subscription{sansFin}")
		c.next()
		c.subscribe(id, "{n}")
		c.closes(4409, "Subscriber for éé")
	})
	t.Run("it serves again after its end", func(t *testing.T) {
		c := newFlux(t).connected(t)
		for range 200 {
			c.subscribe("1", "{n}")
			c.expect(`{"id":"1","type":"next","payload":{"data":{"n":1}}}`)
			c.expect(`{"id":"1","type":"complete"}`)
			c.subscribe("1", "{inconnu}")
			c.expectError("1", "ARGUMENT_INVALIDE")
		}
	})
	t.Run("it serves again once completed", func(t *testing.T) {
		f := newFlux(t)
		c := f.connected(t)
		for range 200 {
			c.subscribe("1", "subscription{sansFin}")
			c.expect(`{"id":"1","type":"next","payload":{"data":{"sansFin":1}}}`)
			c.send(`{"id":"1","type":"complete"}`)
		}
		c.alive()
		eventually(t, "all end", func() bool { return f.Open.Load() == 0 })
	})
	t.Run("an unknown one is ignored", func(t *testing.T) {
		c := newFlux(t).connected(t)
		c.send(`{"id":"jamais vu","type":"complete"}`)
		c.alive()
	})
}

func TestNothingIsSaidOfAQueryCompletedBeforeItsEnd(t *testing.T) {
	c := newFlux(t).connected(t)
	c.subscribe("1", "{attend}")
	c.send(`{"id":"1","type":"complete"}`)
	c.subscribe("2", "{n}")
	c.expect(`{"id":"2","type":"next","payload":{"data":{"n":1}}}`)
	c.expect(`{"id":"2","type":"complete"}`)
	c.alive()
}

func TestOneSocketRunsABoundedNumberOfOperations(t *testing.T) {
	f := newFlux(t, func(ws *transport.Websocket, _ *transport.SSE) { ws.OperationsMax = 3 })
	c := f.connected(t)
	for i := range 3 {
		c.subscribe(fmt.Sprint(i), "subscription{sansFin}")
		c.next()
	}
	c.subscribe("3", "{n}")
	c.expectError("3", "LIMITE_DEBIT")
	c.send(`{"id":"0","type":"complete"}`)
	eventually(t, "one ends", func() bool { return f.Open.Load() == 2 })
	// Its goroutine may still be on its way out.
	eventually(t, "another runs", func() bool {
		c.subscribe("3", "{n}")
		if strings.Contains(c.next(), "LIMITE_DEBIT") {
			return false
		}
		c.expect(`{"id":"3","type":"complete"}`)
		return true
	})
}

func TestPingsAreAnsweredAndAsked(t *testing.T) {
	t.Run("with their payload", func(t *testing.T) {
		c := newFlux(t).connected(t)
		c.send(`{"type":"ping"}`)
		c.expect(`{"type":"pong"}`)
		c.send(`{"type":"ping","payload":{"n":12345678901234567890}}`)
		if got := c.next(); got != `{"type":"pong","payload":{"n":12345678901234567890}}` {
			t.Error(got)
		}
		c.send(`{"type":"pong"}`) // unsolicited
		c.alive()
	})
	fast := func(ws *transport.Websocket, _ *transport.SSE) { ws.Ping = 500 * time.Millisecond }
	t.Run("an answer keeps the socket", func(t *testing.T) {
		c := newFlux(t, fast).connected(t)
		for range 5 {
			c.expect(`{"type":"ping"}`)
			c.send(`{"type":"pong"}`)
		}
	})
	t.Run("silence closes it", func(t *testing.T) {
		c := newFlux(t, fast).connected(t)
		if before := c.closes(4408, "ping"); len(before) != 1 || before[0] != `{"type":"ping"}` {
			t.Error(before)
		}
	})
}

func TestTheIdentityComesFromTheInitialisation(t *testing.T) {
	f := newFlux(t, func(ws *transport.Websocket, _ *transport.SSE) { ws.Init = authenticate })
	begin := func(token string) *client {
		c := f.dial(t)
		c.send(`{"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `"}}`)
		return c
	}
	begin("1h").expect(`{"type":"connection_ack"}`)
	begin("refuse").closes(4403, "ce jeton a été révoqué")
	begin("fault").closes(4403, "l'identité n'a pas pu être vérifiée")
	begin("panic").closes(4403, "l'identité n'a pas pu être vérifiée")
	if log := f.log.String(); strings.Count(log, "secret interne") != 2 {
		t.Errorf("the faults are not both logged: %s", log)
	}
	c := begin("200ms")
	c.expect(`{"type":"connection_ack"}`)
	c.subscribe("1", "subscription{sansFin}")
	c.expect(`{"id":"1","type":"next","payload":{"data":{"sansFin":1}}}`)
	c.closes(4401, "l'identité présentée a expiré")
}

func TestAServerThatStopsSaysSo(t *testing.T) {
	stop := make(chan struct{})
	f := newFlux(t, func(ws *transport.Websocket, _ *transport.SSE) { ws.Stop = stop })
	c := f.connected(t)
	c.subscribe("1", "subscription{sansFin}")
	c.next()
	close(stop)
	c.closes(websocket.StatusGoingAway, "le serveur s'arrête")
}

func TestAClientThatDoesNotReadIsCut(t *testing.T) {
	f := newFlux(t, func(ws *transport.Websocket, _ *transport.SSE) { ws.WriteWait = 200 * time.Millisecond })
	c := f.connected(t)
	for i := range 20 {
		c.subscribe(fmt.Sprint(i), "subscription{flot}")
	}
	eventually(t, "they run", func() bool { return f.Open.Load() == 20 })
	eventually(t, "they end", func() bool { return f.Open.Load() == 0 })
}

func TestALostClientIsForgotten(t *testing.T) {
	f := newFlux(t)
	for range 10 {
		c := f.connected(t)
		c.subscribe("1", "subscription{sansFin}")
		c.subscribe("2", "{attend}")
		c.subscribe("3", "subscription{flot}")
		c.next()
		c.conn.CloseNow()
	}
	c := f.connected(t)
	c.subscribe("1", "subscription{sansFin}")
	c.next()
	if err := c.conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
	eventually(t, "all end", func() bool { return f.Open.Load() == 0 })
}

func TestTheTimeoutBoundsQueriesAndEventsButNotTheSubscription(t *testing.T) {
	f := newFlux(t, func(ws *transport.Websocket, sse *transport.SSE) {
		ws.Timeout, sse.HTTP.Timeout = 300*time.Millisecond, 300*time.Millisecond
	})
	c := f.connected(t)
	c.subscribe("long", "subscription{sansFin}")
	c.next()
	c.subscribe("q", "{attend}")
	if got := c.next(); !strings.Contains(got, "DELAI_DEPASSE") || !strings.Contains(got, `"id":"q"`) {
		t.Fatal(got)
	}
	c.expect(`{"id":"q","type":"complete"}`)
	c.subscribe("lent", "subscription{lent{n}}")
	for range 5 {
		if got := c.next(); !strings.Contains(got, `"data":{"lent":{"n":null}}`) || !strings.Contains(got, "DELAI_DEPASSE") {
			t.Fatal(got)
		}
	}
	if f.Open.Load() != 2 {
		t.Error("a subscription ended")
	}
}
