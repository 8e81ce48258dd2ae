package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
)

// decodeBody reads the JSON object of a POST.
func decodeBody(body []byte) (*graphql.RawParams, *refusal) {
	p, _, refus := decodeParams(body)
	if refus != nil {
		return nil, refus
	}
	return requireQuery(p)
}

// decodeParams reads the parameters in a JSON object, and whether query is
// among them. encoding/json bounds its depth by itself.
func decodeParams(body []byte) (_ *graphql.RawParams, given bool, _ *refusal) {
	var in map[string]json.RawMessage
	if err := decode(body, &in); err != nil || in == nil {
		return nil, false, badRequest("le corps de la requête doit être un objet JSON")
	}
	var p graphql.RawParams
	query, given := in["query"]
	if given && (decode(query, &p.Query) != nil || isNull(query)) {
		return nil, true, badRequest("le paramètre query doit être un texte")
	}
	if decode(in["operationName"], &p.OperationName) != nil {
		return nil, given, badRequest("le paramètre operationName doit être un texte")
	}
	return &p, given, decodeObjects(&p, in["variables"], in["extensions"])
}

// decodeURL reads the parameters of a GET.
func decodeURL(in url.Values) (*graphql.RawParams, *refusal) {
	for _, name := range []string{"query", "operationName", "variables", "extensions"} {
		switch {
		case len(in[name]) > 1:
			return nil, badRequest("le paramètre " + name + " est donné plusieurs fois")
		case !utf8.ValidString(in.Get(name)):
			return nil, badRequest("le paramètre " + name + " n'est pas en UTF-8")
		}
	}
	p := &graphql.RawParams{Query: in.Get("query"), OperationName: in.Get("operationName")}
	if refus := decodeObjects(p, []byte(in.Get("variables")), []byte(in.Get("extensions"))); refus != nil {
		return nil, refus
	}
	return requireQuery(p)
}

func decodeObjects(p *graphql.RawParams, variables, extensions []byte) *refusal {
	if decode(variables, &p.Variables) != nil {
		return badRequest("le paramètre variables doit être un objet JSON")
	}
	if decode(extensions, &p.Extensions) != nil {
		return badRequest("le paramètre extensions doit être un objet JSON")
	}
	return nil
}

// requireQuery refuses an operation without a text. A persisted query is
// known by its hash: its text may be left out.
func requireQuery(p *graphql.RawParams) (*graphql.RawParams, *refusal) {
	if p.Query == "" && !persisted(p) {
		return nil, badRequest("le paramètre query est absent ou vide")
	}
	return p, nil
}

func persisted(p *graphql.RawParams) bool { return p.Extensions["persistedQuery"] != nil }

// decode reads one JSON value and nothing after it; absent, it leaves into
// untouched. Numbers keep their digits.
func decode(raw []byte, into any) error {
	if len(raw) == 0 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

func isNull(raw json.RawMessage) bool { return string(bytes.TrimSpace(raw)) == "null" }

func badRequest(message string) *refusal { return &refusal{http.StatusBadRequest, message} }
