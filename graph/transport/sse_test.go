package transport_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/graph/transport"
)

const (
	streamType = "text/event-stream"
	urql       = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)

// request sends one to the server; the body of the answer is still to read.
func (f *flux) request(t *testing.T, method, params, body string, header ...string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, method, f.url+"/?"+params, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", jsonType)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func query(q string) string {
	raw, _ := json.Marshal(map[string]any{"query": q})
	return string(raw)
}

func operation(q, id string) string {
	raw, _ := json.Marshal(map[string]any{"query": q, "extensions": map[string]any{"operationId": id}})
	return string(raw)
}

func all(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// refused checks the status of an answer and the code of its error.
func refused(t *testing.T, resp *http.Response, status int, code string) {
	t.Helper()
	body := all(t, resp)
	if resp.StatusCode != status || (answer{resp, body}).code(t) != code {
		t.Errorf("%d %s, want %d %s", resp.StatusCode, body, status, code)
	}
}

// sent is one event.
type sent struct{ event, id, data string }

// events reads a stream.
type events struct {
	t *testing.T
	r *bufio.Reader
}

// opened checks the headers of a stream and its first comment.
func opened(t *testing.T, resp *http.Response) *events {
	t.Helper()
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != streamType+"; charset=utf-8" || resp.Header.Get("Cache-Control") != "no-cache" {
		t.Fatalf("not a stream: %d %v %s", resp.StatusCode, resp.Header, all(t, resp))
	}
	e := &events{t, bufio.NewReader(resp.Body)}
	if got := e.block(); got != ":\n" {
		t.Fatalf("begins with %q", got)
	}
	return e
}

// block reads up to an empty line; "" is the end of the stream.
func (e *events) block() string {
	e.t.Helper()
	var block strings.Builder
	for {
		line, err := e.r.ReadString('\n')
		if err == io.EOF && block.Len() == 0 {
			return ""
		}
		if err != nil {
			e.t.Fatalf("after %q: %v", block.String(), err)
		}
		if line == "\n" {
			return block.String()
		}
		block.WriteString(line)
	}
}

func (e *events) next() (s sent) {
	e.t.Helper()
	block := e.block()
	for line := range strings.Lines(block) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch {
		case ok && name == "event":
			s.event = value
		case ok && name == "id":
			s.id = value
		case ok && name == "data":
			s.data = value
		default:
			e.t.Fatalf("unexpected line in %q", block)
		}
	}
	return s
}

func (e *events) expect(want ...sent) {
	e.t.Helper()
	for _, w := range want {
		if got := e.next(); got != w {
			e.t.Fatalf("got %+v, want %+v", got, w)
		}
	}
}

func (e *events) ends() {
	e.t.Helper()
	if got := e.block(); got != "" {
		e.t.Fatalf("the stream goes on: %q", got)
	}
}

func TestAStreamIsOnlyForThoseWhoPreferItOrSubscribe(t *testing.T) {
	f := newFlux(t)
	for _, c := range []struct {
		accept, query, media string
		status               int
	}{
		{streamType, "{n}", streamType, 200},
		{streamType + ", application/json", "{n}", streamType, 200},
		{streamType + ", application/json;q=0.9, */*;q=0.1", "{n}", streamType, 200},
		{"application/json;q=0.5, " + streamType, "{n}", streamType, 200},
		{urql, "{n}", responseType, 200},
		{"application/json, " + streamType, "{n}", jsonType, 200},
		{"application/json, " + streamType, "{inconnu}", jsonType, 200},
		{"application/json;q=0.9, " + streamType + ";q=0.8", "{n}", jsonType, 200},
		{"*/*", "{n}", jsonType, 200},
		{"", "{n}", jsonType, 200},
		{streamType + ";q=0, */*", "{n}", jsonType, 200},
		{"text/*", "{n}", jsonType, 406},

		{streamType, "subscription{compte(jusqua:1)}", streamType, 200},
		{urql, "subscription{compte(jusqua:1)}", streamType, 200},
		{"application/json, " + streamType + ";q=0.1", "subscription{compte(jusqua:1)}", streamType, 200},
		{"*/*", "subscription{sansFin}", jsonType, 200},
		{"", "subscription{sansFin}", jsonType, 200},
		{"application/json", "subscription{sansFin}", jsonType, 200},
		{responseType, "subscription{sansFin}", responseType, 400},
		{"application/json, " + streamType + ";q=0", "subscription{sansFin}", jsonType, 200},
	} {
		for method, resp := range map[string]*http.Response{
			"POST": f.request(t, "POST", "", query(c.query), "Accept", c.accept),
			"GET":  f.request(t, "GET", "query="+url.QueryEscape(c.query), "", "Accept", c.accept),
		} {
			if got := resp.Header.Get("Content-Type"); got != c.media+"; charset=utf-8" || resp.StatusCode != c.status {
				t.Errorf("%s %q %s: %d %s", method, c.accept, c.query, resp.StatusCode, got)
			}
			if !strings.Contains(resp.Header.Get("Vary"), "Accept") {
				t.Error("no Vary")
			}
			body := all(t, resp)
			if subscribes := strings.HasPrefix(c.query, "subscription"); subscribes && c.media != streamType && !strings.Contains(body, "un abonnement ne se suit pas par une simple requête HTTP") {
				t.Errorf("%s %q: %s", method, c.accept, body)
			}
		}
	}
}

func TestADistinctStreamIsThatOfItsOperation(t *testing.T) {
	f := newFlux(t)
	end := sent{event: "complete"}
	for q, want := range map[string][]sent{
		"{n}":              {{"next", "", `{"data":{"n":1}}`}, end},
		"mutation{ajoute}": {{"next", "", `{"data":{"ajoute":1}}`}, end},
		"subscription{compte(jusqua:2)}": {
			{"next", "1", `{"data":{"compte":1},"extensions":{"evenement":"1"}}`},
			{"next", "2", `{"data":{"compte":2},"extensions":{"evenement":"2"}}`}, end,
		},
	} {
		e := opened(t, f.request(t, "POST", "", query(q), "Accept", streamType))
		e.expect(want...)
		e.ends()
		if !strings.HasPrefix(q, "mutation") {
			e = opened(t, f.request(t, "GET", "query="+url.QueryEscape(q), "", "Accept", streamType))
			e.expect(want...)
			e.ends()
		}
	}
	for q, code := range map[string]string{
		"{":                                    "ARGUMENT_INVALIDE",
		"{inconnu}":                            "ARGUMENT_INVALIDE",
		"subscription{__typename}":             "ARGUMENT_INVALIDE",
		"{" + strings.Repeat("n:n ", 31) + "}": "TROP_COMPLEXE",
		"subscription{panne}":                  "INDISPONIBLE",
	} {
		e := opened(t, f.request(t, "POST", "", query(q), "Accept", streamType))
		got := e.next()
		if got.event != "next" || !strings.HasPrefix(got.data, `{"errors":`) || !strings.Contains(got.data, code) || strings.Contains(got.data, `"data"`) {
			t.Errorf("%s: %+v", q, got)
		}
		e.expect(end)
		e.ends()
	}
	refused(t, f.request(t, "GET", "query=mutation{ajoute}", "", "Accept", streamType), 405, "ARGUMENT_INVALIDE")
	refused(t, f.request(t, "GET", "", "", "Accept", streamType), 400, "ARGUMENT_INVALIDE")
	refused(t, f.request(t, "POST", "", `{"query":1}`, "Accept", streamType), 400, "ARGUMENT_INVALIDE")
	refused(t, f.request(t, "POST", "", query("{n}"), "Accept", streamType, "Content-Type", "text/plain"), 415, "ARGUMENT_INVALIDE")
	refused(t, f.request(t, "POST", "", query(strings.Repeat("{", bodyMax)), "Accept", streamType), 413, "ARGUMENT_INVALIDE")
}

func TestAPanicEndsItsStreamMaskedAndLogged(t *testing.T) {
	f := newFlux(t)
	e := opened(t, f.request(t, "POST", "", query("subscription{casse}"), "Accept", streamType))
	e.expect(sent{"next", "", `{"data":{"casse":1}}`}, sent{"next", "", `{"errors":[{"message":"erreur interne","extensions":{"code":"INTERNE"}}]}`}, sent{event: "complete"})
	e.ends()
	if !strings.Contains(f.log.String(), "secret interne") {
		t.Error("not logged")
	}
}

func TestAStreamResumesAfterTheLastEventReceived(t *testing.T) {
	f := newFlux(t)
	for _, resp := range []*http.Response{
		f.request(t, "GET", "query="+url.QueryEscape("subscription{compte(jusqua:4)}"), "", "Accept", streamType, "Last-Event-ID", "3"),
		f.request(t, "POST", "", query("subscription{compte(jusqua:4)}"), "Accept", streamType, "Last-Event-ID", "3"),
	} {
		e := opened(t, resp)
		e.expect(sent{"next", "4", `{"data":{"compte":4},"extensions":{"evenement":"4"}}`}, sent{event: "complete"})
	}
}

func TestAStreamOutlivesTheTimesGivenToRequests(t *testing.T) {
	f := newFlux(t, func(_ *transport.Websocket, sse *transport.SSE) {
		sse.HTTP.Timeout, sse.KeepAlive = 300*time.Millisecond, 2*readTimeout/5
	})
	e := opened(t, f.request(t, "POST", "", query("subscription{sansFin}"), "Accept", streamType))
	e.expect(sent{"next", "", `{"data":{"sansFin":1}}`})
	for range 8 {
		if got := e.block(); got != ":\n" {
			t.Fatalf("%q", got)
		}
	}
	f = newFlux(t, func(_ *transport.Websocket, sse *transport.SSE) { sse.HTTP.Timeout = 300 * time.Millisecond })
	e = opened(t, f.request(t, "POST", "", query("{attend}"), "Accept", streamType))
	if got := e.next(); !strings.Contains(got.data, "DELAI_DEPASSE") {
		t.Error(got)
	}
	e.expect(sent{event: "complete"})
	refused(t, f.request(t, "POST", "", query("{attend}"), "Accept", "application/json, "+streamType), 200, "DELAI_DEPASSE")
}

func TestAStreamEndsWithItsClientOrItsServer(t *testing.T) {
	t.Run("a client that leaves", func(t *testing.T) {
		f := newFlux(t)
		resp := f.request(t, "POST", "", query("subscription{sansFin}"), "Accept", streamType)
		opened(t, resp).next()
		resp.Body.Close()
		eventually(t, "the subscription ends", func() bool { return f.Open.Load() == 0 })
	})
	t.Run("a client that does not read", func(t *testing.T) {
		f := newFlux(t, func(_ *transport.Websocket, sse *transport.SSE) { sse.WriteWait = 100 * time.Millisecond })
		f.request(t, "POST", "", query("subscription{flot}"), "Accept", streamType)
		eventually(t, "the subscription starts", func() bool { return f.Open.Load() == 1 })
		eventually(t, "the subscription ends", func() bool { return f.Open.Load() == 0 })
	})
	t.Run("a server that stops", func(t *testing.T) {
		stop := make(chan struct{})
		f := newFlux(t, func(_ *transport.Websocket, sse *transport.SSE) { sse.Stop = stop })
		e := opened(t, f.request(t, "POST", "", query("subscription{sansFin}"), "Accept", streamType))
		e.expect(sent{"next", "", `{"data":{"sansFin":1}}`})
		close(stop)
		e.ends() // without complete: the client must try again
	})
}

const tokenHeader = "X-GraphQL-Event-Stream-Token"

// reserve returns the token of a stream to open.
func (f *flux) reserve(t *testing.T, header ...string) string {
	t.Helper()
	resp := f.request(t, "PUT", "", "", header...)
	token := all(t, resp)
	if resp.StatusCode != 201 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") || len(token) < 26 {
		t.Fatalf("%d %v %q", resp.StatusCode, resp.Header, token)
	}
	return token
}

func (f *flux) operate(t *testing.T, token, q, id string, header ...string) *http.Response {
	t.Helper()
	return f.request(t, "POST", "", operation(q, id), append([]string{tokenHeader, token}, header...)...)
}

func accepted(t *testing.T, resp *http.Response) {
	t.Helper()
	if body := all(t, resp); resp.StatusCode != 202 || body != "" {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
}

func TestASingleConnectionCarriesManyOperations(t *testing.T) {
	f := newFlux(t)
	token := f.reserve(t)
	if other := f.reserve(t); other == token {
		t.Fatal("the same token twice")
	}
	accepted(t, f.operate(t, token, "{n}", "avant")) // waits for the stream
	e := opened(t, f.request(t, "GET", "token="+token, "", "Accept", streamType))
	e.expect(sent{"next", "", `{"id":"avant","payload":{"data":{"n":1}}}`}, sent{event: "complete", data: `{"id":"avant"}`})

	accepted(t, f.operate(t, token, "subscription{compte(jusqua:2)}", "a"))
	e.expect(
		sent{"next", "1", `{"id":"a","payload":{"data":{"compte":1},"extensions":{"evenement":"1"}}}`},
		sent{"next", "2", `{"id":"a","payload":{"data":{"compte":2},"extensions":{"evenement":"2"}}}`},
		sent{event: "complete", data: `{"id":"a"}`})
	accepted(t, f.operate(t, token, "subscription{panne}", "p"))
	if got := e.next(); got.event != "next" || !strings.HasPrefix(got.data, `{"id":"p","payload":{"errors":[`) {
		t.Error(got)
	}
	e.expect(sent{event: "complete", data: `{"id":"p"}`})

	accepted(t, f.operate(t, token, "subscription{sansFin}", "s"))
	e.expect(sent{"next", "", `{"id":"s","payload":{"data":{"sansFin":1}}}`})
	refused(t, f.operate(t, token, "{n}", "s"), 409, "CONFLIT")
	refused(t, f.request(t, "GET", "token="+token, "", "Accept", streamType), 409, "CONFLIT")
	// What is stopped says nothing more, and its id serves again.
	for range 20 {
		if resp := f.request(t, "DELETE", "operationId=s", "", tokenHeader, token); resp.StatusCode != 200 {
			t.Error(resp.StatusCode)
		}
		accepted(t, f.operate(t, token, "subscription{sansFin}", "s"))
		e.expect(sent{"next", "", `{"id":"s","payload":{"data":{"sansFin":1}}}`})
	}
	eventually(t, "all but the last end", func() bool { return f.Open.Load() == 1 })
}

func TestWhatASingleConnectionRefuses(t *testing.T) {
	f := newFlux(t)
	token := f.reserve(t)
	refused(t, f.operate(t, "inconnu", "{n}", "1"), 404, "INTROUVABLE")
	refused(t, f.request(t, "GET", "token=inconnu", "", "Accept", streamType), 404, "INTROUVABLE")
	refused(t, f.request(t, "DELETE", "operationId=1&token=inconnu", ""), 404, "INTROUVABLE")
	refused(t, f.request(t, "DELETE", "operationId=1", ""), 404, "INTROUVABLE")
	refused(t, f.request(t, "DELETE", "", "", tokenHeader, token), 400, "ARGUMENT_INVALIDE")
	refused(t, f.operate(t, token, "{n}", ""), 400, "ARGUMENT_INVALIDE")
	refused(t, f.operate(t, token, "{n}", strings.Repeat("i", 257)), 400, "ARGUMENT_INVALIDE")
	refused(t, f.request(t, "POST", "", query("{n}"), tokenHeader, token), 400, "ARGUMENT_INVALIDE")
	refused(t, f.request(t, "POST", "", `{"query":"{n}","extensions":{"operationId":1}}`, tokenHeader, token), 400, "ARGUMENT_INVALIDE")
	refused(t, f.operate(t, token, "{inconnu}", "1"), 400, "ARGUMENT_INVALIDE")
	refused(t, f.operate(t, token, "{"+strings.Repeat("n:n ", 31)+"}", "1"), 400, "TROP_COMPLEXE")
	refused(t, f.request(t, "POST", "", "{", tokenHeader, token), 400, "ARGUMENT_INVALIDE")
	refused(t, f.request(t, "POST", "", query("{n}"), tokenHeader, token, "Content-Type", "text/plain"), 415, "ARGUMENT_INVALIDE")
}

func TestAStreamIsBoundToTheIdentityThatReservedIt(t *testing.T) {
	f := newFlux(t)
	token := f.reserve(t, "Authorization", "Bearer a")
	for _, who := range []string{"Bearer b", ""} {
		refused(t, f.request(t, "GET", "token="+token, "", "Accept", streamType, "Authorization", who), 403, "INTERDIT")
		refused(t, f.operate(t, token, "{n}", "1", "Authorization", who), 403, "INTERDIT")
		refused(t, f.request(t, "DELETE", "operationId=1&token="+token, "", "Authorization", who), 403, "INTERDIT")
	}
	opened(t, f.request(t, "GET", "token="+token, "", "Accept", streamType, "Authorization", "Bearer a"))
	accepted(t, f.operate(t, token, "{n}", "1", "Authorization", "Bearer a"))
}

func TestReservationsExpireAndAreBounded(t *testing.T) {
	t.Run("they expire unless opened", func(t *testing.T) {
		f := newFlux(t, func(_ *transport.Websocket, sse *transport.SSE) { sse.ReservationWait = time.Second })
		token, kept := f.reserve(t), f.reserve(t)
		e := opened(t, f.request(t, "GET", "token="+kept, "", "Accept", streamType))
		accepted(t, f.operate(t, token, "subscription{sansFin}", "1"))
		eventually(t, "it expires", func() bool {
			return f.request(t, "DELETE", "operationId=autre&token="+token, "").StatusCode == 404
		})
		accepted(t, f.operate(t, kept, "{n}", "1"))
		e.expect(sent{"next", "", `{"id":"1","payload":{"data":{"n":1}}}`})
	})
	t.Run("they are bounded", func(t *testing.T) {
		f := newFlux(t, func(_ *transport.Websocket, sse *transport.SSE) { sse.ReservationsMax = 2 })
		token := f.reserve(t)
		f.reserve(t)
		refused(t, f.request(t, "PUT", "", ""), 429, "LIMITE_DEBIT")
		f.reserve(t, "Authorization", "Bearer a")
		opened(t, f.request(t, "GET", "token="+token, "", "Accept", streamType))
		f.reserve(t)
	})
	t.Run("their operations too", func(t *testing.T) {
		f := newFlux(t, func(_ *transport.Websocket, sse *transport.SSE) { sse.OperationsMax = 2 })
		token := f.reserve(t)
		accepted(t, f.operate(t, token, "subscription{sansFin}", "1"))
		accepted(t, f.operate(t, token, "subscription{sansFin}", "2"))
		refused(t, f.operate(t, token, "{n}", "3"), 429, "LIMITE_DEBIT")
		resp := f.request(t, "GET", "token="+token, "", "Accept", streamType)
		opened(t, resp)
		eventually(t, "both run", func() bool { return f.Open.Load() == 2 })
		refused(t, f.operate(t, token, "{n}", "3"), 429, "LIMITE_DEBIT")
		resp.Body.Close()
		eventually(t, "both end with the stream", func() bool { return f.Open.Load() == 0 })
		refused(t, f.operate(t, token, "{n}", "3"), 404, "INTROUVABLE")
	})
}

func TestOperationsThatWaitForAStreamAreBoundedInAll(t *testing.T) {
	const most = 1000
	f := newFlux(t, func(_ *transport.Websocket, sse *transport.SSE) { sse.OperationsMax = most })
	first, second := f.reserve(t), f.reserve(t)
	for i := range most {
		accepted(t, f.operate(t, first, "{n}", strconv.Itoa(i)))
	}
	refused(t, f.operate(t, second, "{n}", "1"), 429, "LIMITE_DEBIT")
	e := opened(t, f.request(t, "GET", "token="+first, "", "Accept", streamType))
	for range 2 * most {
		e.next()
	}
	accepted(t, f.operate(t, second, "{n}", "1"))
	opened(t, f.request(t, "GET", "token="+second, "", "Accept", streamType)).next()
}

func TestOtherMethodsAreStillRefused(t *testing.T) {
	f := newFlux(t)
	for _, method := range []string{"PATCH", "TRACE"} {
		if resp := f.request(t, method, "", ""); resp.StatusCode != 405 {
			t.Errorf("%s: %d", method, resp.StatusCode)
		}
	}
}
