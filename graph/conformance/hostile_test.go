// Package conformance checks the real endpoint from the outside: the audits of
// GraphQL over HTTP (run.sh), and here what strangers may send it.
package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/graph"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// newHandler returns the real API on an empty database.
func newHandler(t testing.TB) http.Handler {
	t.Helper()
	store := db.NewStore(dbtest.New(t))
	t.Cleanup(func() { store.Close() })
	h, err := graph.NewHandler(graph.Config{
		Store:   store,
		Log:     slog.New(slog.NewTextHandler(testLog{t}, nil)),
		Timeout: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// testLog shows the server's log with the test that caused it.
type testLog struct{ t testing.TB }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Logf("%s", strings.TrimSpace(string(p)))
	return len(p), nil
}

type problem struct {
	Message    string
	Extensions struct{ Code string }
}

// ask sends a query with its variables as JSON and returns data and errors.
func ask(t testing.TB, h http.Handler, query, variables string) (data string, problems []problem) {
	t.Helper()
	q, err := json.Marshal(query)
	if err != nil {
		t.Fatal(err)
	}
	if variables == "" {
		variables = "null"
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":`+string(q)+`,"variables":`+variables+`}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var answer struct {
		Data   json.RawMessage
		Errors []problem
	}
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("not JSON: %v: %.300s", err, body)
	}
	return string(answer.Data), answer.Errors
}

// lists are the lists of the API, waiting for their arguments.
var lists = []string{
	"collectivites%s{totalCount}", "syndicats%s{totalCount}", "logiciels%s{totalCount}",
	"usages%s{totalCount}", "economies%s{totalCount}",
}

func TestWhatCannotBeHonouredIsARefusalNeverAFault(t *testing.T) {
	h := newHandler(t)
	for name, c := range map[string]struct{ query, variables string }{
		"NUL in a code":                  {`{collectivite(codeInsee:"13\u0000004"){nom}}`, ""},
		"NUL in a search":                {`query($t:String!){recherche(texte:$t){totalCount}}`, `{"t":"a\u0000"}`},
		"a lone surrogate":               {`query($t:String!){recherche(texte:$t){totalCount}}`, `{"t":"\ud800"}`},
		"a search of 201 characters":     {`query($t:String!){recherche(texte:$t){totalCount}}`, `{"t":"` + strings.Repeat("é", 201) + `"}`},
		"a filter of 200,000 characters": {`query($f:FiltreLogiciels){logiciels(filtre:$f){totalCount}}`, `{"f":{"texte":"` + strings.Repeat("x", 200_000) + `"}}`},
		"an id that is not one":          {`{node(id:"pas un identifiant"){id}}`, ""},
		"an empty id":                    {`{node(id:""){id}}`, ""},
		"a numeric id":                   {`{node(id:4){id}}`, ""},
		"a date that is not one":         {`{usages(filtre:{date:"2017-13-45"}){totalCount}}`, ""},
		"a date that is a number":        {`{usages(filtre:{date:2017}){totalCount}}`, ""},
		"a date that is a list":          {`query($d:Date){usages(filtre:{date:$d}){totalCount}}`, `{"d":["2017-01-01"]}`},
		"a SIREN that is not one":        {`{collectivite(siren:"123456789"){nom}}`, ""},
		"two keys":                       {`{collectivite(siren:"211300041",codeInsee:"13004"){nom}}`, ""},
		"no key":                         {`{collectivite{nom}}`, ""},
		"an enum in another case":        {`query($t:TriLogiciels){logiciels(tri:$t){totalCount}}`, `{"t":"nom"}`},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := ask(t, h, c.query, c.variables)
			if len(problems) == 0 || problems[0].Extensions.Code != "ARGUMENT_INVALIDE" {
				t.Errorf("%+v", problems)
			}
		})
	}
	for _, list := range lists {
		for _, args := range []string{
			"(first:-1)", "(first:101)", "(last:-1)", "(last:101)", "(first:1,last:1)", "(first:2147483647)", "(first:2147483648)",
			"(first:99999999999999999999)", `(after:"pas un curseur")`, `(before:"")`, `(after:"AAAA")`, `(after:"W10=")`, `(after:"eyJhIjoxfQ")`,
			`(first:1,after:"` + strings.Repeat("A", 4000) + `")`,
		} {
			t.Run(fmt.Sprintf(list, args)[:min(40, len(list)+len(args)-2)], func(t *testing.T) {
				_, problems := ask(t, h, "{"+fmt.Sprintf(list, args)+"}", "")
				if len(problems) == 0 || problems[0].Extensions.Code != "ARGUMENT_INVALIDE" {
					t.Errorf("%+v", problems)
				}
			})
		}
	}
}

// Whatever a text argument holds, the answer is data or a refusal, never a
// fault of ours.
func FuzzTextsNeverCauseAFault(f *testing.F) {
	for _, seed := range []string{"", "%", "'", `\`, "a & !", "<-> (", "é\u0301", "\u202e", "13004", "Tg", "Q29tbXVuZToxMzAwNA", "NaN", "--", "$1", "?", "{}", "\x7f"} {
		f.Add(seed)
	}
	h := newHandler(f)
	const query = `query($t:String!,$i:ID!){recherche(texte:$t){nodes{__typename}} logiciels(after:$t,filtre:{texte:$t,licences:[$t],categories:[$t],utiliseDans:[$t]}){nodes{id}}
		collectivites(before:$t,filtre:{texte:$t,departements:[$t],regions:[$t],utilise:[$i],adherentDe:[$i]}){nodes{id}} syndicats(texte:$t){nodes{id}}
		collectivite(codeInsee:$t){id} autre:collectivite(siren:$t){id} logiciel(slug:$t){id} territoire(type:COMMUNE,code:$t){id} node(id:$i){id} nodes(ids:[$i]){id}
		usages(filtre:{departements:[$t],logiciels:[$i]}){nodes{id}}}`
	f.Fuzz(func(t *testing.T, text string) {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Skip()
		}
		_, problems := ask(t, h, query, `{"t":`+string(quoted)+`,"i":`+string(quoted)+`}`)
		for _, p := range problems {
			if p.Extensions.Code != "ARGUMENT_INVALIDE" {
				t.Errorf("%q: %+v", text, p)
			}
		}
	})
}
