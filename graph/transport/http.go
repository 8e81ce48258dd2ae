// Package transport carries GraphQL over HTTP, after
// https://graphql.github.io/graphql-over-http/draft/. It replaces gqlgen's
// GET, POST and OPTIONS transports, which fail several audits of the
// specification and quote the request's body in their errors. Forms
// (urlencoded, multipart) are refused: a browser sends them across sites
// without asking first.
package transport

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/erreur"
)

const allowed = "GET, HEAD, POST, OPTIONS"

// HTTP is the transport of plain queries and mutations. Add it last: it takes
// every request that the transports before it (WebSocket, server-sent events)
// left, and answers those it cannot serve with their proper status.
type HTTP struct {
	// BodyMax is the largest body read, in bytes; beyond, 413. Required.
	BodyMax int64
	// ErrorsMax is how many of the errors of a refused document are presented:
	// validation may find tens of thousands. Zero: all.
	ErrorsMax int
	// IDE answers a GET that prefers HTML, and the files of its page; nil for
	// none. See [IDE].
	IDE http.Handler
	// Timeout is the time given to a query or a mutation; zero: no limit but
	// that of the request's context.
	Timeout time.Duration
	// Log receives the panics of parsing and validation. Required.
	Log *slog.Logger
}

var _ graphql.Transport = HTTP{}

// Supports implements [graphql.Transport]: any request.
func (HTTP) Supports(*http.Request) bool { return true }

// Do implements [graphql.Transport].
func (h HTTP) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	a := begin(w)
	defer h.rescue(&a, r)
	header := w.Header()

	offers := []string{typeJSON, typeResponse}
	switch r.Method {
	case http.MethodOptions:
		header.Set("Allow", allowed)
		w.WriteHeader(http.StatusNoContent)
		return
	case http.MethodGet, http.MethodHead:
		if h.IDE != nil {
			if isAsset(r) {
				h.IDE.ServeHTTP(w, r)
				return
			}
			offers = append(offers, typeHTML)
		}
	case http.MethodPost:
	default:
		header.Set("Allow", allowed)
		a.refuse(http.StatusMethodNotAllowed, db.CodeArgumentInvalide, "méthode HTTP refusée : utilisez GET ou POST")
		return
	}

	switch media := negotiate(accepted(r), offers); media {
	case "":
		a.refuseAccept()
		return
	case typeHTML:
		h.IDE.ServeHTTP(w, r)
		return
	default:
		a.media = media
	}

	if params, ok := h.read(a, r); ok {
		h.execute(a, r, exec, params)
	}
}

// begin sets what every answer carries.
func begin(w http.ResponseWriter) answer {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Add("Vary", "Accept")
	return answer{w: w, media: typeJSON}
}

// rescue, deferred, answers a request that panicked.
func (h HTTP) rescue(a *answer, r *http.Request) {
	if p := recover(); p != nil {
		if p == http.ErrAbortHandler {
			panic(p)
		}
		a.write(http.StatusInternalServerError, h.execution(nil).panicked(r.Context(), p))
	}
}

func (h HTTP) execution(exec graphql.GraphExecutor) execution {
	return execution{exec: exec, timeout: h.Timeout, errorsMax: h.ErrorsMax, log: h.Log}
}

// execute runs the operation and writes its answer.
func (h HTTP) execute(a answer, r *http.Request, exec graphql.GraphExecutor, params *graphql.RawParams) {
	e := h.execution(exec)
	op, failure := e.prepare(r.Context(), params)
	switch {
	case failure != nil:
		a.failed(failure)
	case op.Operation.Operation == ast.Subscription:
		a.failed(e.refuse(r.Context(), op, gqlerror.List{erreur.New(db.CodeArgumentInvalide,
			"un abonnement ne se suit pas par une simple requête HTTP : utilisez un WebSocket ("+subprotocol+") ou acceptez "+typeStream)}))
	default:
		e.answer(a, r, op)
	}
}

// answer runs a query or a mutation and writes its answer.
func (e execution) answer(a answer, r *http.Request, op *graphql.OperationContext) {
	if mutationNotPosted(r, op) {
		a.refuseMutation()
		return
	}
	switch resp, err := e.once(r.Context(), op); {
	case errors.Is(err, context.DeadlineExceeded):
		a.refuse(http.StatusGatewayTimeout, db.CodeDelaiDepasse, delaiDepasse)
	case err != nil:
		a.refuse(http.StatusServiceUnavailable, db.CodeDelaiDepasse, abandonnee)
	case len(resp.Data) == 0:
		a.failed(resp)
	default:
		a.write(http.StatusOK, resp)
	}
}

func mutationNotPosted(r *http.Request, op *graphql.OperationContext) bool {
	return op.Operation.Operation == ast.Mutation && r.Method != http.MethodPost
}

func (a answer) refuseMutation() {
	a.w.Header().Set("Allow", "POST")
	a.refuse(http.StatusMethodNotAllowed, db.CodeArgumentInvalide, "une mutation s'envoie par POST")
}

// refusal is a request that is not one of GraphQL over HTTP.
type refusal struct {
	status  int
	message string
}

func accepted(r *http.Request) string { return strings.Join(r.Header.Values("Accept"), ",") }

func (a answer) refuseAccept() {
	a.refuse(http.StatusNotAcceptable, db.CodeArgumentInvalide,
		"aucun format accepté par le client n'est servi : acceptez "+typeResponse+" ou "+typeJSON)
}

// read returns the parameters of a request, or refuses it and returns false.
func (h HTTP) read(a answer, r *http.Request) (*graphql.RawParams, bool) {
	start := graphql.Now()
	params, refus := h.readParams(a.w, r)
	if refus != nil {
		a.refuse(refus.status, db.CodeArgumentInvalide, refus.message)
		return nil, false
	}
	params.Headers = r.Header
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	return params, true
}

func (h HTTP) readParams(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *refusal) {
	if r.Method == http.MethodPost {
		return h.readBody(w, r)
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, "les paramètres de l'adresse sont mal encodés"}
	}
	return decodeURL(values)
}

func (h HTTP) readBody(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *refusal) {
	if err := checkContentType(r.Header); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.BodyMax))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &refusal{http.StatusRequestEntityTooLarge, "le corps de la requête est trop long"}
	case err != nil:
		return nil, &refusal{http.StatusBadRequest, "le corps de la requête n'a pas pu être lu en entier"}
	case !utf8.Valid(body):
		return nil, &refusal{http.StatusBadRequest, "le corps de la requête n'est pas en UTF-8"}
	}
	return decodeBody(body)
}

func checkContentType(header http.Header) *refusal {
	refused := &refusal{http.StatusUnsupportedMediaType, "le corps de la requête doit être en application/json, en UTF-8 et sans compression"}
	if len(header.Values("Content-Type")) != 1 {
		return refused
	}
	media, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || media != typeJSON {
		return refused
	}
	if charset, given := params["charset"]; given && !isUTF8(charset) {
		return refused
	}
	if coding := header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return refused
	}
	return nil
}
