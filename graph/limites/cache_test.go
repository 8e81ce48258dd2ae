package limites

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

func TestCacheKeepsTheMostRecentWithinItsSize(t *testing.T) {
	c, ctx := newCache(10), t.Context()
	doc := func(s string) *ast.QueryDocument {
		return &ast.QueryDocument{Position: &ast.Position{Src: &ast.Source{Input: s}}}
	}
	has := func(s string) bool { _, ok := c.Get(ctx, s); return ok }
	for _, s := range []string{"aaaa", "bbbb"} {
		c.Add(ctx, s, doc(s))
	}
	if got, ok := c.Get(ctx, "aaaa"); !ok || got.Position.Src.Input != "aaaa" {
		t.Fatal("a document just added is not found")
	}
	c.Add(ctx, "cccc", doc("cccc")) // 12 bytes: the least recent leaves
	if has("bbbb") || !has("aaaa") || !has("cccc") {
		t.Errorf("kept a %v b %v c %v, want a and c", has("aaaa"), has("bbbb"), has("cccc"))
	}
	c.Add(ctx, "cccc", doc("cccc"))
	if !has("aaaa") {
		t.Error("adding the same document again counted twice")
	}
	c.Add(ctx, "dddddddddd", doc("d")) // all of it
	if has("aaaa") || has("cccc") || !has("dddddddddd") {
		t.Error("a document that fills the cache must evict the others")
	}
	c.Add(ctx, strings.Repeat("e", cacheTexteMax+1), doc("e"))
	if !has("dddddddddd") {
		t.Error("a document too long to be kept evicted another")
	}
}
