package transport_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func TestEveryFileOfTheIDEIsServedFromHere(t *testing.T) {
	srv, _ := newServer(t)
	page := do(srv, get("", "Accept", "text/html")).body
	links := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(links) < 5 {
		t.Fatalf("only %d links in the page", len(links))
	}
	for _, link := range links {
		if link[1] == "data:," {
			continue
		}
		params, ok := strings.CutPrefix(link[1], "?")
		if !ok {
			t.Errorf("the page loads %q, which is not served here", link[1])
			continue
		}
		a := do(srv, get(params, "Accept", "*/*"))
		if a.StatusCode != 200 || a.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %d %v", params, a.StatusCode, a.Header)
			continue
		}
		again := do(srv, get(params, "If-None-Match", a.Header.Get("ETag")))
		if again.StatusCode != 304 || again.body != "" {
			t.Errorf("%s: %d when unchanged, want 304", params, again.StatusCode)
		}
		compressed := do(srv, get(params, "Accept-Encoding", "br, gzip"))
		if compressed.Header.Get("Content-Encoding") != "gzip" {
			continue // ours, too small to be worth it
		}
		zr, err := gzip.NewReader(bytes.NewReader([]byte(compressed.body)))
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := io.ReadAll(zr); err != nil || string(plain) != a.body {
			t.Errorf("%s: the compressed form differs (%v)", params, err)
		}
	}
}

func TestTheIDEAsksNoOtherMachine(t *testing.T) {
	srv, _ := newServer(t)
	fetches := regexp.MustCompile(`@import|url\(["']?(?:https?:)?//|\b(?:fetch|importScripts|import)\(["']https?://`)
	for _, name := range []string{"page.css", "page.js", "graphiql-3.9.0.css", "graphiql-3.9.0.js", "react-18.3.1.js"} {
		a := do(srv, get("ide="+name))
		if a.StatusCode != 200 {
			t.Errorf("%s: %d", name, a.StatusCode)
		}
		if found := fetches.FindString(a.body); found != "" {
			t.Errorf("%s fetches from elsewhere: %s", name, found)
		}
	}
}

func TestUnknownIDEFilesAreNotFound(t *testing.T) {
	srv, _ := newServer(t)
	for _, name := range []string{"", "../http.go", "README.md", "actualiser.sh", "page.js.gz"} {
		if a := do(srv, get("ide="+url.QueryEscape(name))); a.StatusCode != 404 {
			t.Errorf("%q: %d", name, a.StatusCode)
		}
	}
	if a := do(srv, get("ide=page.js&query={__typename}")); a.StatusCode != 200 || srv.Executed.Load() != 1 {
		t.Error("a query with an ide parameter is still a query")
	}
}
