package conformance

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The first thing a newcomer runs is the query that the IDE proposes.
func TestTheFirstQueryOfTheIDESucceeds(t *testing.T) {
	h := newHandler(t)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/graphql?ide=page.js", nil))
	parts := strings.Split(w.Body.String(), "`")
	if len(parts) != 3 {
		t.Fatalf("page.js has %d backquotes, want the two around its query", len(parts)-1)
	}
	data, problems := ask(t, h, parts[1], "")
	if len(problems) > 0 || !strings.Contains(data, `"collectivite"`) {
		t.Errorf("%s %+v", data, problems)
	}
}
