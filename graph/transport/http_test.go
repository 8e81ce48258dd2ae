package transport_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mutualibre/mutualibre/graph/internal/essai"
	"github.com/mutualibre/mutualibre/graph/transport"
)

const (
	jsonType     = "application/json"
	responseType = "application/graphql-response+json"
	bodyMax      = 4096
)

// newServer returns a server of the transport alone, and its log.
func newServer(t *testing.T) (*essai.Serveur, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	ide, err := transport.IDE()
	if err != nil {
		t.Fatal(err)
	}
	srv := essai.New(log)
	srv.AddTransport(transport.HTTP{BodyMax: bodyMax, IDE: ide, Log: log})
	return srv, &out
}

type answer struct {
	*http.Response
	body string
}

func (a answer) entries(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(a.body), &m); err != nil {
		t.Fatalf("not JSON: %v: %s", err, a.body)
	}
	return m
}

func (a answer) code(t *testing.T) string {
	t.Helper()
	var m struct {
		Errors []struct {
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal([]byte(a.body), &m); err != nil {
		t.Fatalf("not JSON: %v: %s", err, a.body)
	}
	if len(m.Errors) == 0 {
		return ""
	}
	return m.Errors[0].Extensions.Code
}

func do(h http.Handler, r *http.Request) answer {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return answer{w.Result(), w.Body.String()}
}

func post(body string, header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", jsonType)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func get(params string, header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/graphql?"+params, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func TestRequestsAreServedOrRefusedWithTheirStatus(t *testing.T) {
	const ok = `{"query":"{__typename}"}`
	with := func(r *http.Request, change func(*http.Request)) *http.Request { change(r); return r }
	for _, c := range []struct {
		name   string
		r      *http.Request
		status int
		runs   bool
	}{
		{"POST", post(ok), 200, true},
		{"POST with charset", post(ok, "Content-Type", "application/json; charset=UTF-8"), 200, true},
		{"POST identity coding", post(ok, "Content-Encoding", "identity"), 200, true},
		{"POST with null entries", post(`{"query":"{__typename}","variables":null,"operationName":null,"extensions":null}`), 200, true},
		{"POST with unknown entries", post(`{"query":"{__typename}","autre":[1]}`), 200, true},
		{"POST mutation", post(`{"query":"mutation{declarer}"}`), 200, true},
		{"GET", get("query={__typename}"), 200, true},
		{"GET with variables", get("query=" + url.QueryEscape("query($c:String){collectivite(codeInsee:$c){nom}}") + "&variables=" + url.QueryEscape(`{"c":"13004"}`)), 200, true},
		{"HEAD", with(get("query={__typename}"), func(r *http.Request) { r.Method = http.MethodHead }), 200, true},

		{"GET mutation", get("query=mutation{declarer}"), 405, false},
		{"HEAD mutation", with(get("query=mutation{declarer}"), func(r *http.Request) { r.Method = http.MethodHead }), 405, false},
		{"GET mutation among queries", get("query=" + url.QueryEscape("query A{__typename} mutation B{declarer}") + "&operationName=B"), 405, false},
		{"PUT", with(post(ok), func(r *http.Request) { r.Method = http.MethodPut }), 405, false},
		{"DELETE", with(post(ok), func(r *http.Request) { r.Method = http.MethodDelete }), 405, false},
		{"Accept nothing of ours", post(ok, "Accept", "text/html"), 406, false},
		{"Accept all at zero", post(ok, "Accept", "*/*;q=0"), 406, false},
		{"no content type", with(post(ok), func(r *http.Request) { r.Header.Del("Content-Type") }), 415, false},
		{"two content types", with(post(ok), func(r *http.Request) { r.Header.Add("Content-Type", "text/plain") }), 415, false},
		{"text", post(ok, "Content-Type", "text/plain"), 415, false},
		{"urlencoded", post("query={__typename}", "Content-Type", "application/x-www-form-urlencoded"), 415, false},
		{"multipart", post(ok, "Content-Type", "multipart/form-data; boundary=x"), 415, false},
		{"other charset", post(ok, "Content-Type", "application/json; charset=iso-8859-1"), 415, false},
		{"compressed", post(ok, "Content-Encoding", "gzip"), 415, false},
		{"body too long", post(`{"query":"{__typename}","x":"` + strings.Repeat("x", bodyMax) + `"}`), 413, false},
		{"body just short enough", post(ok + strings.Repeat(" ", bodyMax-len(ok))), 200, true},
		{"not UTF-8", post("{\"query\":\"{__typename #\xff}\"}"), 400, false},
		{"no body", post(""), 400, false},
		{"not JSON", post(`{"query`), 400, false},
		{"JSON null", post(`null`), 400, false},
		{"JSON array (a batch)", post(`[` + ok + `]`), 400, false},
		{"two JSON values", post(ok + ok), 400, false},
		{"JSON nested a thousand times", post(strings.Repeat("[", bodyMax)), 400, false},
		{"missing query", post(`{"variables":{}}`), 400, false},
		{"misspelt query", post(`{"Query":"{__typename}"}`), 400, false},
		{"empty query", post(`{"query":""}`), 400, false},
		{"null query", post(`{"query":null}`), 400, false},
		{"query of another type", post(`{"query":["{__typename}"]}`), 400, false},
		{"operationName of another type", post(`{"query":"{__typename}","operationName":1}`), 400, false},
		{"variables of another type", post(`{"query":"{__typename}","variables":[]}`), 400, false},
		{"variables in a text", post(`{"query":"{__typename}","variables":"{}"}`), 400, false},
		{"extensions of another type", post(`{"query":"{__typename}","extensions":0}`), 400, false},
		{"GET without query", get("variables={}"), 400, false},
		{"GET with two queries", get("query={__typename}&query={a}"), 400, false},
		{"GET badly encoded", get("query=%zz"), 400, false},
		{"GET not UTF-8", get("query=%ff"), 400, false},
		{"GET with variables that are not JSON", get("query={__typename}&variables={"), 400, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv, _ := newServer(t)
			a := do(srv, c.r)
			if a.StatusCode != c.status {
				t.Errorf("status %d, want %d: %s", a.StatusCode, c.status, a.body)
			}
			if ran := srv.Executed.Load() == 1; ran != c.runs {
				t.Errorf("executed: %v, want %v", ran, c.runs)
			}
			if got := a.Header.Get("Content-Type"); got != "application/json; charset=utf-8" {
				t.Errorf("Content-Type %q", got)
			}
			if a.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(a.Header.Get("Vary"), "Accept") {
				t.Errorf("headers %v", a.Header)
			}
			if c.status == 405 && a.Header.Get("Allow") == "" {
				t.Error("405 without Allow")
			}
			if !c.runs {
				if got := a.code(t); got != "ARGUMENT_INVALIDE" {
					t.Errorf("code %q", got)
				}
				if _, given := a.entries(t)["data"]; given {
					t.Errorf("a refusal has a data entry: %s", a.body)
				}
			}
		})
	}
}

func TestRequestErrorsAre200InJSONAnd400InGraphQLResponse(t *testing.T) {
	for name, body := range map[string]string{
		"parse":          `{"query":"{"}`,
		"validation":     `{"query":"{inconnu}"}`,
		"variables":      `{"query":"query($i:ID!){node(id:$i){id}}","variables":{"i":null}}`,
		"operation name": `{"query":"query A{__typename}","operationName":"B"}`,
		"subscription":   `{"query":"subscription{usages{id}}"}`,
	} {
		for media, status := range map[string]int{jsonType: 200, responseType: 400} {
			t.Run(name+" "+media, func(t *testing.T) {
				srv, _ := newServer(t)
				a := do(srv, post(body, "Accept", media))
				if a.StatusCode != status || a.Header.Get("Content-Type") != media+"; charset=utf-8" {
					t.Errorf("%d %s, want %d %s", a.StatusCode, a.Header.Get("Content-Type"), status, media)
				}
				entries := a.entries(t)
				if _, given := entries["data"]; given || len(entries["errors"]) == 0 {
					t.Errorf("want errors and no data entry: %s", a.body)
				}
				if got := a.code(t); got != "ARGUMENT_INVALIDE" {
					t.Errorf("code %q: %s", got, a.body)
				}
				if srv.Executed.Load() != 0 {
					t.Error("executed")
				}
			})
		}
	}
}

func TestFieldErrorsKeepTheirDataAnd200(t *testing.T) {
	for _, media := range []string{jsonType, responseType} {
		srv, _ := newServer(t)
		srv.Exec = func(context.Context) *graphql.Response {
			return &graphql.Response{Data: []byte("null"), Errors: gqlerror.List{{Message: "non"}}}
		}
		a := do(srv, post(`{"query":"{__typename}"}`, "Accept", media))
		if a.StatusCode != 200 || string(a.entries(t)["data"]) != "null" {
			t.Errorf("%s: %d %s", media, a.StatusCode, a.body)
		}
	}
}

func TestErrorsNeverEchoTheBody(t *testing.T) {
	const secret = "motdepasse-42"
	for _, body := range []string{
		`{"query": ` + secret,
		secret,
		`{"query":"{__typename}","variables":"` + secret + `"}`,
		`{"operationName":{"` + secret + `":1},"query":"{__typename}"}`,
		"{\"query\":\"{__typename}\",\"x\":\"" + secret + "\xff\"}",
	} {
		srv, out := newServer(t)
		a := do(srv, post(body))
		if a.StatusCode != 400 || strings.Contains(a.body, secret) || strings.Contains(out.String(), secret) {
			t.Errorf("%d %s", a.StatusCode, a.body)
		}
	}
}

func TestOptionsSaysWhatIsAllowed(t *testing.T) {
	srv, _ := newServer(t)
	a := do(srv, httptest.NewRequest(http.MethodOptions, "/graphql", nil))
	if a.StatusCode != 204 || a.Header.Get("Allow") != "GET, HEAD, POST, OPTIONS" || a.body != "" {
		t.Errorf("%d %v %s", a.StatusCode, a.Header, a.body)
	}
}

func TestPanicsAreMaskedAndLogged(t *testing.T) {
	srv, out := newServer(t)
	srv.Exec = func(context.Context) *graphql.Response { panic("secret interne") }
	a := do(srv, post(`{"query":"{__typename}"}`))
	if a.StatusCode != 500 || a.code(t) != "INTERNE" || strings.Contains(a.body, "secret") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if !strings.Contains(out.String(), "secret interne") || !strings.Contains(out.String(), "goroutine") {
		t.Errorf("the log lacks the panic or its stack: %s", out)
	}
}

func TestADeadlineIsSaid(t *testing.T) {
	srv, _ := newServer(t)
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	a := do(srv, post(`{"query":"{__typename}"}`).WithContext(ctx))
	if a.StatusCode != 504 || a.code(t) != "DELAI_DEPASSE" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

func TestABodyCutShortIsRefused(t *testing.T) {
	srv, _ := newServer(t)
	r := post("")
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"query":"{__typename}"`), failing{}))
	if a := do(srv, r); a.StatusCode != 400 || srv.Executed.Load() != 0 {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestABrowserGetsTheIDE(t *testing.T) {
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	srv, _ := newServer(t)
	for _, params := range []string{"", "query={__typename}"} {
		a := do(srv, get(params, "Accept", browser))
		if a.StatusCode != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			t.Fatalf("%d %v", a.StatusCode, a.Header)
		}
		if csp := a.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "script-src 'self';") {
			t.Errorf("policy %q", csp)
		}
		if !strings.Contains(a.Header.Get("Vary"), "Accept") {
			t.Errorf("Vary %q", a.Header.Values("Vary"))
		}
	}
	if srv.Executed.Load() != 0 {
		t.Error("the page executed a query")
	}
	if a := do(srv, post(`{"query":"{__typename}"}`, "Accept", browser)); !strings.HasPrefix(a.Header.Get("Content-Type"), jsonType) {
		t.Errorf("a POST got %s", a.Header.Get("Content-Type"))
	}
}
