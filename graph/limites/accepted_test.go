package limites_test

import (
	_ "embed"
	"fmt"
	"net/http"
	"testing"

	"github.com/99designs/gqlgen/graphql/introspection"
)

//go:embed testdata/introspection.graphql
var introspectionQuery string

var accepted = []struct{ name, query, variables string }{
	{"the introspection of graphql-js in full", introspectionQuery, ""},
	{"the introspection of older tools", introspection.Query, ""},
	{"a page of 100 with its details", `query ($apres: String) { logiciels(first: 100, after: $apres) {
		totalCount pageInfo { hasNextPage endCursor }
		edges { cursor node { id nom libre licence categories { code nom } identifiants { source valeur }
			usages(first: 10) { nodes { id statut utilisateur { id nom codeInsee departement { nom }
				syndicats { nodes { nom } } } } } } } } }`, ""},
	{"15 levels", "{collectivite{" + rep("intercommunalite{", 13) + "nom" + rep("}", 15), ""},
	{"30 aliases", "{collectivite{" + seq(30, func(i int) string { return fmt.Sprintf("a%d:nom", i) }) + "}}", ""},
	{"20 root fields", "{__typename " + rep("collectivite{id} ", 19) + "}", ""},
	{"250 times a field", "{collectivite{" + rep("nom ", 250) + "}}", ""},
	{"fragments doubling 7 times", doubling(7), ""},
	{"empty pages", "{logiciels(first:0){totalCount nodes{usages(first:100){nodes{utilisateur{usages(first:100){nodes{id}}}}}}}}", ""},
	{"a hundred ids", "query($i:[ID!]!){nodes(ids:$i){id}}", `{"i":["` + rep(`a","`, 99) + `a"]}`},
	{"one id for a list", "query($i:[ID!]!){nodes(ids:$i){id}}", `{"i":"a"}`},
	{"a numeric id", "query($i:ID!){node(id:$i){id} autre:node(id:4){id}}", `{"i":4}`},
	{"200 characters", "query($t:String){collectivites(filtre:{texte:$t}){totalCount}}", `{"t":"` + rep("é", 200) + `"}`},
	{"a long cursor", "query($c:String){collectivites(after:$c){totalCount}}", `{"c":"` + rep("x", 1000) + `"}`},
	{"a long cursor in the text", `{collectivites(after:"` + rep("x", 1000) + `"){totalCount}}`, ""},
	{"characters beyond the first plane", `query($t:String){collectivites(filtre:{texte:$t}){totalCount} autre:collectivite(codeInsee:"😀 \ud83d\ude00"){nom}}`, `{"t":"\ud83d\ude00"}`},
	{"the largest integers", "query($n:Int){collectivites(first:2147483647){totalCount} autre:collectivites(last:$n){totalCount}}", `{"n":-2147483648}`},
	{"an integer for a decimal", "query($x:Float){part(taux:$x) autre:part(taux:3000000000)}", `{"x":3000000000}`},
	{"a default value", "query($n:Int=5,$e:NatureCollectivite=COMMUNE){collectivites(first:$n){totalCount} collectivite(nature:$e){nom}}", ""},
	{"nulls", "query($n:Int,$f:FiltreCollectivites){collectivites(first:$n,filtre:$f){totalCount}}", `{"n":null,"f":{"texte":null}}`},
	{"a whole filter", "query($f:FiltreCollectivites){collectivites(filtre:$f){totalCount}}", `{"f":{"natures":["COMMUNE","EPCI"],"utilise":["a",1],"partMin":0.5,"departements":"13"}}`},
	{"a mutation", `mutation{declarer(texte:"a")}`, ""},
}

func TestWhatPeopleAskIsAccepted(t *testing.T) {
	for _, c := range accepted {
		t.Run(c.name, func(t *testing.T) {
			srv := newServer(t)
			for range 2 { // the second time from the cache
				if status, code, body := ask(t, srv, c.query, c.variables); status != http.StatusOK || code != "" {
					t.Errorf("%d %s: %.300s", status, code, body)
				}
			}
			if n := srv.Executed.Load(); n != 2 {
				t.Errorf("executed %d times, want 2", n)
			}
		})
	}
}

func TestLimitsHoldForCachedDocuments(t *testing.T) {
	srv := newServer(t)
	const query = "query($n:Int,$t:String){logiciels(first:$n){nodes{usages(first:$n){nodes{utilisateur{usages(first:$n,filtre:{libre:true}){nodes{id}}}}}}} collectivite(codeInsee:$t){nom}}"
	for _, c := range []struct{ variables, code string }{
		{`{"n":2}`, ""},
		{`{"n":100}`, complexe},
		{`{"n":3}`, ""},
		{`{"n":2,"t":"\u0000"}`, argument},
		{`{"n":2,"t":"` + rep("x", 201) + `"}`, argument},
		{`{"n":3000000000}`, argument},
	} {
		if _, code, body := ask(t, srv, query, c.variables); code != c.code {
			t.Errorf("%s: %q, want %q: %s", c.variables, code, c.code, body)
		}
	}
	if n := srv.Executed.Load(); n != 2 {
		t.Errorf("executed %d times, want 2", n)
	}
}
