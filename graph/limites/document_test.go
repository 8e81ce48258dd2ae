package limites

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/mutualibre/mutualibre/db"
)

// written counts the selections of a document, as they are written.
func written(doc *ast.QueryDocument) int {
	var count func(ast.SelectionSet) int
	count = func(set ast.SelectionSet) (n int) {
		for _, sel := range set {
			n++
			switch sel := sel.(type) {
			case *ast.Field:
				n += count(sel.SelectionSet)
			case *ast.InlineFragment:
				n += count(sel.SelectionSet)
			}
		}
		return n
	}
	n := 0
	for _, op := range doc.Operations {
		n += count(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		n += count(f.SelectionSet)
	}
	return n
}

func TestDoublingFragmentsAreMeasuredOnce(t *testing.T) {
	var b strings.Builder
	b.WriteString("{...F0}")
	for i := range 90 {
		fmt.Fprintf(&b, "fragment F%d on Query{...F%d ...F%d}", i, i+1, i+1)
	}
	b.WriteString("fragment F90 on Query{a}")
	doc, err := parser.ParseQuery(&ast.Source{Input: b.String()})
	if err != nil {
		t.Fatal(err)
	}
	pas, refus := ParDefaut().mesurer(doc)
	if refus == nil || refus.Extensions["code"] != string(db.CodeTropComplexe) {
		t.Errorf("refusal %v", refus)
	}
	if pas > written(doc) {
		t.Errorf("%d selections visited, %d written", pas, written(doc))
	}
}

func TestCountsSaturate(t *testing.T) {
	for _, c := range []struct{ got, want int }{
		{add(infini, infini), infini},
		{add(1, 2), 3},
		{multiplier(infini, infini), infini},
		{multiplier(infini, 0), 0},
		{multiplier(0, infini), 0},
		{multiplier(1<<21, 1<<21), infini},
		{multiplier(100, 7), 700},
	} {
		if c.got != c.want {
			t.Errorf("got %d, want %d", c.got, c.want)
		}
	}
}

func FuzzDocumentIsMeasuredInItsOwnSize(f *testing.F) {
	for _, seed := range []string{
		"{a}", "{a{b ...F ...F}} fragment F on T{c}", "{...A} fragment A on T{...B} fragment B on T{...A}",
		"query($a:[Int!]=[1,2]){a(b:{c:$a})@skip(if:true)}", `{a(b:"""x""")}`, "{...on T{...{a}}}", "fragment A on T{...A ...A} fragment A on T{b}",
		"{a(b:\"\\ud800\")}", "{a(b:1e9999)}", "\ufeff{a}#\x00", "{", "}", "{a(b:[[[[[",
	} {
		f.Add(seed)
	}
	l := ParDefaut()
	f.Fuzz(func(t *testing.T, query string) {
		refus := l.document(query)
		doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, l.Jetons)
		if err != nil {
			return
		}
		pas, measured := l.mesurer(doc)
		if pas > written(doc) {
			t.Errorf("%d selections visited, %d written", pas, written(doc))
		}
		if measured != nil && refus == nil {
			t.Errorf("measured %v, but not refused", measured)
		}
		if refus != nil && refus.Extensions["code"] == nil {
			t.Errorf("refused without a code: %v", refus)
		}
	})
}
