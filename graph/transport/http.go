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
	"runtime/debug"
	"strings"
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
	// Log receives the panics of parsing and validation. Required.
	Log *slog.Logger
}

var _ graphql.Transport = HTTP{}

// Supports implements [graphql.Transport]: any request.
func (HTTP) Supports(*http.Request) bool { return true }

// Do implements [graphql.Transport].
func (h HTTP) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Add("Vary", "Accept")

	a := answer{w: w, media: typeJSON}
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			h.Log.ErrorContext(r.Context(), "request panicked", "panic", p, "stack", string(debug.Stack()))
			a.refuse(http.StatusInternalServerError, db.CodeInterne, "erreur interne")
		}
	}()

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

	switch media := negotiate(strings.Join(r.Header.Values("Accept"), ","), offers); media {
	case "":
		a.refuse(http.StatusNotAcceptable, db.CodeArgumentInvalide,
			"aucun format accepté par le client n'est servi : acceptez "+typeResponse+" ou "+typeJSON)
		return
	case typeHTML:
		h.IDE.ServeHTTP(w, r)
		return
	default:
		a.media = media
	}

	start := graphql.Now()
	params, refus := h.read(w, r)
	if refus != nil {
		a.refuse(refus.status, db.CodeArgumentInvalide, refus.message)
		return
	}
	params.Headers = r.Header
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	h.execute(a, r, exec, params)
}

// execute runs the operation and writes its answer.
func (h HTTP) execute(a answer, r *http.Request, exec graphql.GraphExecutor, params *graphql.RawParams) {
	ctx := r.Context()
	op, errs := exec.CreateOperationContext(ctx, params)
	if len(errs) > 0 {
		if h.ErrorsMax > 0 {
			errs = errs[:min(len(errs), h.ErrorsMax)]
		}
		a.failed(exec.DispatchError(graphql.WithOperationContext(ctx, op), errs))
		return
	}
	switch kind := op.Operation.Operation; {
	case kind == ast.Subscription:
		a.failed(exec.DispatchError(graphql.WithOperationContext(ctx, op), gqlerror.List{
			erreur.New(db.CodeArgumentInvalide, "un abonnement ne se suit pas par une simple requête HTTP"),
		}))
		return
	case kind != ast.Query && r.Method != http.MethodPost:
		a.w.Header().Set("Allow", "POST")
		a.refuse(http.StatusMethodNotAllowed, db.CodeArgumentInvalide, "une mutation s'envoie par POST")
		return
	}
	next, ctx := exec.DispatchOperation(ctx, op)
	switch resp := next(ctx); {
	case resp == nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		a.refuse(http.StatusGatewayTimeout, db.CodeDelaiDepasse, "le délai accordé à la requête est dépassé")
	case resp == nil:
		a.refuse(http.StatusServiceUnavailable, db.CodeDelaiDepasse, "la requête a été abandonnée")
	case len(resp.Data) == 0:
		a.failed(resp)
	default:
		a.write(http.StatusOK, resp)
	}
}

// refusal is a request that is not one of GraphQL over HTTP.
type refusal struct {
	status  int
	message string
}

func (h HTTP) read(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *refusal) {
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
