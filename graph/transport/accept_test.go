package transport

import (
	"strings"
	"testing"
)

func TestNegotiateFollowsQualitiesThenPrecision(t *testing.T) {
	post := []string{typeJSON, typeResponse}
	get := []string{typeJSON, typeResponse, typeHTML}
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
	for _, c := range []struct {
		accept string
		offers []string
		want   string
	}{
		{"", post, typeJSON},
		{"  ", post, typeJSON},
		{"*/*", get, typeJSON},
		{"application/*", post, typeJSON},
		{"application/json", post, typeJSON},
		{"Application/JSON", post, typeJSON},
		{"application/graphql-response+json", post, typeResponse},
		{"application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", post, typeResponse},
		{"application/json, application/graphql-response+json", post, typeJSON},
		{"application/json;q=0.9, application/graphql-response+json", post, typeResponse},
		{"application/json;q=0.9, application/graphql-response+json;q=0.8", post, typeJSON},
		{"application/json;q=0, */*", post, typeResponse},
		{"application/json;q=0.000, application/*;q=0.1", post, typeResponse},
		{"*/*;q=0.1, application/json;q=0", post, typeResponse},
		{"*/*;q=0", post, ""},
		{"application/*;q=0, */*", post, ""},
		{"application/graphql-response+json, */*", post, typeResponse},
		{"*/*, application/graphql-response+json", post, typeResponse},
		{"text/html", post, ""},
		{"text/html", get, typeHTML},
		{"text/*", get, typeHTML},
		{browser, get, typeHTML},
		{browser, post, typeJSON},
		{"text/html;q=0.5, application/json", get, typeJSON},
		{"application/json, multipart/mixed", post, typeJSON},
		{"image/png", get, ""},
		{"application/xml", post, ""},
		{`application/json;profile="a,b;q=0";q=0.3, application/graphql-response+json;q=0.2`, post, typeJSON},
		{"application/json; charset=iso-8859-1", post, ""},
		{"application/json;q=2", post, ""},
		{"application/json;q=NaN", post, ""},
		{"application/json;q=abc, application/graphql-response+json;q=0.1", post, typeResponse},
		{"*/json", post, ""},
		{"json", post, ""},
		{",,;;,", post, ""},
	} {
		if got := negotiate(c.accept, c.offers); got != c.want {
			t.Errorf("negotiate(%q, %d offers) = %q, want %q", c.accept, len(c.offers), got, c.want)
		}
	}
}

func FuzzNegotiateAnswersOnlyWhatWasOffered(f *testing.F) {
	for _, seed := range []string{"*/*", "application/json;q=0.5, text/html", `a/b;c="\`, `a/b;c="\",d/e`, ";q=1", "*/*;q=1e-1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		got := negotiate(accept, []string{typeJSON, typeResponse})
		if got != "" && got != typeJSON && got != typeResponse {
			t.Fatalf("negotiate(%q) = %q", accept, got)
		}
		// Whatever precedes it, a client that insists on one type gets it
		// unless it wrote an unclosed quotation.
		if strings.ContainsAny(accept, `"\`) || strings.Contains(strings.ToLower(accept), "graphql-response") {
			return
		}
		if got := negotiate(accept+", application/graphql-response+json, application/json;q=0", []string{typeResponse}); got != typeResponse {
			t.Fatalf("negotiate(%q, …) = %q", accept, got)
		}
	})
}
