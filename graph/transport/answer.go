package transport

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/erreur"
)

// answer writes one response in the media type agreed on.
type answer struct {
	w     http.ResponseWriter
	media string
}

// refuse answers a request that is not one of GraphQL over HTTP: its status
// says so in either media type.
func (a answer) refuse(status int, code db.Code, message string) {
	a.write(status, &graphql.Response{Errors: gqlerror.List{erreur.New(code, message)}})
}

// failed answers a well-formed request whose operation cannot run: parsing,
// validation, variables, limits. application/json, whose status old clients
// do not read, stays 200.
func (a answer) failed(resp *graphql.Response) {
	status := http.StatusOK
	if a.media == typeResponse {
		status = http.StatusBadRequest
	}
	a.write(status, resp)
}

// write sends the response.
func (a answer) write(status int, resp *graphql.Response) {
	body := encode(resp)
	header := a.w.Header()
	header.Set("Content-Type", a.media+"; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	a.w.WriteHeader(status)
	_, _ = a.w.Write(body) // a client that left has nobody to tell
}

// encode returns a response as JSON. Data that is absent, as opposed to null,
// means that nothing was executed: then there is no "data" entry, where
// gqlgen's encoding has a null one. Data is already JSON and is copied as it
// is.
func encode(resp *graphql.Response) []byte {
	body := make([]byte, 0, len(resp.Data)+512)
	body = append(body, '{')
	entry := func(name string, value []byte) {
		if len(body) > 1 {
			body = append(body, ',')
		}
		body = strconv.AppendQuote(body, name)
		body = append(body, ':')
		body = append(body, value...)
	}
	if len(resp.Errors) > 0 {
		entry("errors", marshal(resp.Errors))
	}
	if len(resp.Data) > 0 {
		entry("data", resp.Data)
	}
	if len(resp.Extensions) > 0 {
		entry("extensions", marshal(resp.Extensions))
	}
	return append(body, '}')
}

func marshal(value any) []byte {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err) // an extension that is not JSON: recovered as a fault of ours
	}
	return raw
}
