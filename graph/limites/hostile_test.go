package limites_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/graph/internal/essai"
	"github.com/mutualibre/mutualibre/graph/limites"
	"github.com/mutualibre/mutualibre/graph/transport"
)

// newServer returns the transport and the limits around the test schema.
func newServer(t testing.TB) *essai.Serveur {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	srv := essai.New(log)
	srv.AddTransport(transport.HTTP{BodyMax: limites.CorpsMax, Log: log})
	ext := limites.New(limites.ParDefaut())
	srv.Use(ext)
	srv.SetQueryCache(ext.Cache())
	return srv
}

// ask sends a query and its variables, given as JSON, and returns the status
// and the code of the first error.
func ask(t testing.TB, srv *essai.Serveur, query, variables string) (status int, code, body string) {
	t.Helper()
	q, err := json.Marshal(query)
	if err != nil {
		t.Fatal(err)
	}
	if variables == "" {
		variables = "{}"
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"query":`+string(q)+`,"variables":`+variables+`}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/graphql-response+json")
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, r)
	var answer struct {
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("not JSON: %v: %s", err, w.Body)
	}
	if len(answer.Errors) > 20 {
		t.Errorf("%d errors in one answer", len(answer.Errors))
	}
	for _, e := range answer.Errors {
		if len(e.Message) > 2100 {
			t.Errorf("a message of %d bytes", len(e.Message))
		}
	}
	if len(answer.Errors) > 0 {
		code = answer.Errors[0].Extensions.Code
	}
	return w.Code, code, w.Body.String()
}

func rep(s string, n int) string { return strings.Repeat(s, n) }

// seq joins what f makes of 0 to n-1.
func seq(n int, f func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(f(i))
		b.WriteByte(' ')
	}
	return b.String()
}

const (
	complexe = "TROP_COMPLEXE"
	profond  = "TROP_PROFOND"
	argument = "ARGUMENT_INVALIDE"
)

// doubling is n fragments that each spread the next one twice.
func doubling(n int) string {
	return "{node(id:1){...F0}} " + seq(n, func(i int) string {
		return fmt.Sprintf("fragment F%d on Node{...F%d ...F%d}", i, i+1, i+1)
	}) + fmt.Sprintf("fragment F%d on Node{id}", n)
}

var hostile = []struct {
	name, query, variables string
	status                 int
	code                   string
}{
	// What stops the process: the stack.
	{"a list value opened without end", "{__type(name:" + rep("[", 250_000), "", 400, profond},
	{"an object value opened without end", "{__type(name:" + rep("{a:", 80_000), "", 400, profond},
	{"a list type opened without end", "query($a:" + rep("[", 250_000), "", 400, profond},
	{"selections opened without end", rep("{a", 125_000), "", 400, profond},
	{"inline fragments opened without end", "{" + rep("...{", 60_000), "", 400, profond},
	{"comments without end", rep("#\n", 60_000) + "{__typename}", "", 400, complexe},
	{"variables nested a million deep", "{__typename}", `{"a":` + rep("[", 120_000) + rep("]", 120_000) + `}`, 400, argument},
	{"variables nested nine thousand deep", "{__typename}", `{"a":` + rep("[", 9000) + rep("]", 9000) + `}`, 400, profond},
	{"objects nested in variables", "{__typename}", `{"a":` + rep(`{"a":`, 40) + "1" + rep("}", 40) + `}`, 400, profond},
	{"a fragment that reaches itself", "{node(id:1){...A}} fragment A on Node{id ...A}", "", 400, argument},
	{"two fragments that reach each other", "{node(id:1){...A}} fragment A on Node{...B} fragment B on Node{...A}", "", 400, argument},
	{"a cycle that nothing spreads", "{__typename} fragment A on Node{...B} fragment B on Node{...A}", "", 400, argument},

	// What holds a processor: validation.
	{"220 KB of one field", "{" + rep("__typename ", 20_000) + "}", "", 400, complexe},
	{"one field 251 times", "{" + rep("__typename ", 251) + "}", "", 400, complexe},
	{"one field repeated under aliases", "{" + seq(251, func(i int) string { return fmt.Sprintf("a%d:__typename", i) }) + "}", "", 400, complexe},
	{"5,000 tokens of one field", "{" + rep("id ", 4990) + "}", "", 400, complexe},
	{"fragments doubling 24 times", doubling(24), "", 400, complexe},
	{"fragments doubling 62 times", doubling(62), "", 400, complexe},
	{"fragments doubling 98 times", doubling(98), "", 400, complexe},
	{"a thousand fragments", "{__typename}" + seq(600, func(i int) string { return fmt.Sprintf("fragment F%d on Query{a}", i) }), "", 400, complexe},
	{"a hundred operations", seq(100, func(i int) string { return fmt.Sprintf("query Q%d{a}", i) }), "", 400, complexe},
	{"a fragment spread 3,000 times", "{node(id:1){" + rep("...A ", 2000) + "}} fragment A on Node{id}", "", 400, complexe},
	{"501 fields", "{" + seq(501, func(i int) string { return fmt.Sprintf("f%d", i) }) + "}", "", 400, complexe},
	{"a name of 200 KB", "{" + rep("a", 200_000) + "}", "", 400, argument},
	{"an unknown type of 200 KB", "{node(id:1){...on " + rep("a", 200_000) + "{id}}}", "", 400, argument},
	{"too many tokens in a list", "{nodes(ids:[" + rep("1 ", 100_000) + "]){id}}", "", 400, complexe},
	{"16 levels of fields", "{collectivite{" + rep("intercommunalite{", 14) + "nom" + rep("}", 16), "", 400, profond},
	{"16 levels through fragments", "{collectivite{...A}} fragment A on Collectivite{" + rep("intercommunalite{", 7) + "...B" + rep("}", 8) +
		"fragment B on Collectivite{" + rep("intercommunalite{", 7) + "nom" + rep("}", 8), "", 400, profond},
	{"31 aliases", "{" + seq(10, func(i int) string { return fmt.Sprintf("a%d:collectivite{b%d:nom c%d:id}", i, i, i) }) + "z:__typename}", "", 400, complexe},
	{"21 root fields", "{" + seq(21, func(i int) string { return fmt.Sprintf("a%d:__typename", i) }) + "}", "", 400, complexe},
	{"21 root fields through fragments", "{...A ...B} fragment A on Query{" + seq(11, func(i int) string { return fmt.Sprintf("a%d:__typename", i) }) +
		"} fragment B on Query{" + seq(10, func(i int) string { return fmt.Sprintf("b%d:__typename", i) }) + "}", "", 400, complexe},
	{"51 directives on one field", "{__typename " + rep("@skip(if:false)", 51) + "}", "", 400, complexe},
	{"unknown directives", "{__typename " + rep("@a", 1000) + "}", "", 400, complexe},
	{"deferred fragments", "{...@defer{__typename}}", "", 400, argument},
	{"introspection under 21 aliases", "{" + seq(21, func(i int) string { return fmt.Sprintf("a%d:__schema{types{name}}", i) }) + "}", "", 400, complexe},
	{"introspection under 20 aliases", "{" + seq(20, func(i int) string {
		return fmt.Sprintf("a%d:__schema{types{fields{args{name type{name kind ofType{name}}} type{ofType{name kind ofType{kind}}}}}}", i)
	}) + "}", "", 400, complexe},
	{"introspection in circles", "{__schema{types{fields{type{fields{type{fields{type{name}}}}}}}}}", "", 400, argument},

	// What makes an enormous answer.
	{"pages of pages of pages", "{logiciels(first:100){nodes{usages(first:100){nodes{utilisateur{usages(first:100){nodes{id}}}}}}}}", "", 400, complexe},
	{"the same through edges", "{logiciels(first:100){edges{node{usages(first:100){edges{node{utilisateur{usages(first:100){edges{node{id}}}}}}}}}}}", "", 400, complexe},
	{"the same by variables", "query($n:Int){logiciels(first:$n){nodes{usages(last:$n){nodes{utilisateur{usages(first:$n){nodes{id}}}}}}}}", `{"n":100}`, 400, complexe},
	{"the same by default values", "query($n:Int=100){logiciels(first:$n){nodes{usages(last:$n){nodes{utilisateur{usages(first:$n){nodes{id}}}}}}}}", "", 400, complexe},
	{"the same without saying how many", "{logiciels{nodes{usages{nodes{utilisateur{usages{nodes{utilisateur{usages{nodes{id}}}}}}}}}}}", "", 400, complexe},
	{"the same through fragments", "{logiciels(first:100){...L}} fragment L on LogicielConnection{nodes{usages(first:100){...U}}} " +
		"fragment U on UsageConnection{nodes{utilisateur{usages(first:100){nodes{id}}}}}", "", 400, complexe},
	{"lists without pages in circles", "{logiciels{nodes{alternatives{alternatives{alternatives{alternatives{nom}}}}}}}", "", 400, complexe},
	{"five thousand ids", "query($i:[ID!]!){nodes(ids:$i){id}}", `{"i":[` + strings.TrimSuffix(rep("1,", 6000), ",") + `]}`, 400, complexe},
	{"a thousand ids with pages", "query($i:[ID!]!){nodes(ids:$i){...on Collectivite{usages(first:100){nodes{id}}}}}", `{"i":[` + strings.TrimSuffix(rep("1,", 1000), ",") + `]}`, 400, complexe},

	// What no resolver should see.
	{"a text of 201 characters", `{collectivites(filtre:{texte:"` + rep("é", 201) + `"}){totalCount}}`, "", 400, argument},
	{"the same in a variable", "query($t:String){collectivites(filtre:{texte:$t}){totalCount}}", `{"t":"` + rep("é", 201) + `"}`, 400, argument},
	{"the same deep in a variable", "query($f:FiltreCollectivites){collectivites(filtre:$f){totalCount}}", `{"f":{"departements":["13","` + rep("x", 201) + `"]}}`, 400, argument},
	{"a block text of 250,000 characters", `{collectivites(filtre:{texte:"""` + rep("x", 250_000) + `"""}){totalCount}}`, "", 400, argument},
	{"a cursor of 4,097 characters", `{collectivites(after:"` + rep("x", 4097) + `"){totalCount}}`, "", 400, argument},
	{"a NUL in a text", `{collectivite(codeInsee:"13\u0000004"){nom}}`, "", 400, argument},
	{"a NUL in an id", `{node(id:"a\u0000"){id}}`, "", 400, argument},
	{"a NUL as it is", "{node(id:\"a\x00\"){id}}", "", 400, argument},
	{"a NUL in a variable", "query($t:String){collectivite(codeInsee:$t){nom}}", `{"t":"\u0000"}`, 400, argument},
	{"a NUL in an unused variable", "{__typename}", `{"t":[{"a":"\u0000"}]}`, 400, argument},
	{"a NUL in a key", "{__typename}", `{"t":{"\u0000":1}}`, 400, argument},
	{"a NUL in a default value", `query($t:String="\u0000"){collectivite(codeInsee:$t){nom}}`, "", 400, argument},
	{"a lone surrogate in a literal", `{collectivite(codeInsee:"\ud800"){nom}}`, "", 400, argument},
	{"two surrogates in the wrong order", `{collectivite(codeInsee:"\udc00\ud800"){nom}}`, "", 400, argument},
	{"a lone surrogate in a variable", "query($t:String){collectivite(codeInsee:$t){nom}}", `{"t":"a\udfff"}`, 400, argument},
	{"an integer beyond 32 bits", "{collectivites(first:2147483648){totalCount}}", "", 400, argument},
	{"an integer below 32 bits", "{collectivites(first:-2147483649){totalCount}}", "", 400, argument},
	{"an integer beyond 64 bits", "{collectivites(first:99999999999999999999){totalCount}}", "", 400, argument},
	{"an integer beyond 64 bits for a date", "{logiciels{nodes{usages(filtre:{date:99999999999999999999}){totalCount}}}}", "", 400, argument},
	{"an integer of 100,000 digits", "{collectivites(first:1" + rep("0", 100_000) + "){totalCount}}", "", 400, argument},
	{"an integer beyond 32 bits in a variable", "query($n:Int){collectivites(first:$n){totalCount}}", `{"n":2147483648}`, 400, argument},
	{"an integer beyond 64 bits in a variable", "query($n:Int){collectivites(first:$n){totalCount}}", `{"n":99999999999999999999}`, 400, argument},
	{"an integer of 100,000 digits in a variable", "query($n:Int){collectivites(first:$n){totalCount}}", `{"n":1` + rep("0", 100_000) + `}`, 400, argument},
	{"an integer beyond 32 bits by default", "query($n:Int=2147483648){collectivites(first:$n){totalCount}}", "", 400, argument},
	{"a text for an integer", `{collectivites(first:"5"){totalCount}}`, "", 400, argument},
	{"a text for an integer in a variable", "query($n:Int){collectivites(first:$n){totalCount}}", `{"n":"5"}`, 400, argument},
	{"a fraction for an integer in a variable", "query($n:Int){collectivites(first:$n){totalCount}}", `{"n":5.5}`, 400, argument},
	{"a boolean for an integer in a variable", "query($n:Int){collectivites(first:$n){totalCount}}", `{"n":true}`, 400, argument},
	{"an object for an integer in a variable", "query($n:Int){collectivites(first:$n){totalCount}}", `{"n":{}}`, 400, argument},
	{"NaN for a decimal", `{part(taux:"NaN")}`, "", 400, argument},
	{"NaN for a decimal in a variable", "query($x:Float){part(taux:$x)}", `{"x":"NaN"}`, 400, argument},
	{"infinity for a decimal in a variable", "query($x:Float){part(taux:$x)}", `{"x":"Infinity"}`, 400, argument},
	{"NaN deep in a variable", "query($f:FiltreCollectivites){collectivites(filtre:$f){totalCount}}", `{"f":{"partMin":"NaN"}}`, 400, argument},
	{"a decimal out of bounds", "{part(taux:1e999)}", "", 400, argument},
	{"a decimal out of bounds in a variable", "query($x:Float){part(taux:$x)}", `{"x":1e999}`, 400, argument},
	{"an unknown enum value", "{collectivite(nature:VILLE){nom}}", "", 400, argument},
	{"an enum value in another case in a variable", "query($n:NatureCollectivite){collectivite(nature:$n){nom}}", `{"n":"commune"}`, 400, argument},
	{"a number for an enum in a variable", "query($n:NatureCollectivite){collectivite(nature:$n){nom}}", `{"n":0}`, 400, argument},
	{"a number for a text in a variable", "query($t:String){collectivite(codeInsee:$t){nom}}", `{"t":13004}`, 400, argument},
	{"a fraction for an id in a variable", "query($i:ID!){node(id:$i){id}}", `{"i":1.5}`, 400, argument},
	{"an unknown field in a variable", "query($f:FiltreCollectivites){collectivites(filtre:$f){totalCount}}", `{"f":{"` + rep("x", 100) + `":1}}`, 400, argument},
	{"a list of a list for an id", "query($i:[ID!]!){nodes(ids:$i){id}}", `{"i":[[["a"]]]}`, 400, argument},
	{"a null in a list that takes none", "query($i:[ID!]!){nodes(ids:$i){id}}", `{"i":[null]}`, 400, argument},
	{"an empty document", " # rien", "", 400, argument},
	{"only a fragment", "fragment A on Node{id}", "", 400, argument},
	{"a document that does not parse", "{a", "", 400, argument},
	{"thousands of validation errors", "{node(id:1 " + seq(1600, func(i int) string { return fmt.Sprintf("a%d:1", i) }) + "){id}}", "", 400, argument},
	{"hundreds of conflicts", "{" + seq(240, func(i int) string { return fmt.Sprintf("node(id:%d){id}", i) }) + "}", "", 400, complexe},
	{"hundreds of nested conflicts", "{node(id:1){" + seq(240, func(i int) string { return fmt.Sprintf("usages(first:%d){totalCount}", i) }) + "}}", "", 400, argument},
}

func TestHostileRequestsAreRefusedWithTheirCode(t *testing.T) {
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			srv := newServer(t)
			status, code, body := ask(t, srv, c.query, c.variables)
			if status != c.status || code != c.code {
				t.Errorf("%d %s, want %d %s: %.300s", status, code, c.status, c.code, body)
			}
			if srv.Executed.Load() != 0 {
				t.Error("executed")
			}
		})
	}
}

func TestABodyBeyondTheLimitIsNotRead(t *testing.T) {
	srv := newServer(t)
	status, code, _ := ask(t, srv, "{__typename}"+rep(" ", limites.CorpsMax), "")
	if status != http.StatusRequestEntityTooLarge || code != argument {
		t.Errorf("%d %s", status, code)
	}
}
