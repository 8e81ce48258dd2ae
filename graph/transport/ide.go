package transport

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"strings"
)

//go:embed ide/page.html ide/page.css ide/page.js ide/*.gz
var ideFiles embed.FS

// ideTypes lists the files of the IDE and their types. Those that carry a
// version in their name never change.
var ideTypes = map[string]string{
	"page.html":          "text/html; charset=utf-8",
	"page.css":           "text/css; charset=utf-8",
	"page.js":            "text/javascript; charset=utf-8",
	"graphiql-3.9.0.css": "text/css; charset=utf-8",
	"graphiql-3.9.0.js":  "text/javascript; charset=utf-8",
	"react-18.3.1.js":    "text/javascript; charset=utf-8",
}

// ideParam is the parameter that asks for a file of the IDE, at the address
// of the endpoint itself: the page then needs no route of its own.
const ideParam = "ide"

// idePolicy lets the page load from its own server and nowhere else. GraphiQL
// sets styles on its elements, hence unsafe-inline for styles only.
const idePolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// isAsset tells a request for a file of the IDE from one of GraphQL.
func isAsset(r *http.Request) bool {
	q := r.URL.Query()
	return q.Has(ideParam) && !q.Has("query")
}

// ideFile is a file ready to send.
type ideFile struct {
	mime, etag, cache string
	gzip, plain       []byte
}

// IDE returns the handler of GraphiQL, entirely embedded: the page asks no
// other machine for anything. Give it to [HTTP].
func IDE() (http.Handler, error) {
	files := make(map[string]ideFile, len(ideTypes))
	for name, mime := range ideTypes {
		f, err := loadIDE(name)
		if err != nil {
			return nil, err
		}
		f.mime = mime
		files[name] = f
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := "page.html"
		if isAsset(r) {
			name = r.URL.Query().Get(ideParam)
		}
		f, ok := files[name]
		if !ok {
			http.Error(w, "fichier inconnu", http.StatusNotFound)
			return
		}
		f.serve(w, r)
	}), nil
}

// loadIDE reads a file in both its forms.
func loadIDE(name string) (ideFile, error) {
	f := ideFile{cache: "no-cache"}
	var err error
	if f.plain, err = ideFiles.ReadFile("ide/" + name); err != nil {
		f.cache = "public, max-age=31536000, immutable"
		if f.gzip, err = ideFiles.ReadFile("ide/" + name + ".gz"); err != nil {
			return f, err
		}
		zr, err := gzip.NewReader(bytes.NewReader(f.gzip))
		if err != nil {
			return f, err
		}
		if f.plain, err = io.ReadAll(zr); err != nil {
			return f, err
		}
	}
	sum := sha256.Sum256(f.plain)
	f.etag = `"` + hex.EncodeToString(sum[:8]) + `"`
	return f, nil
}

func (f ideFile) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", f.mime)
	header.Set("Content-Security-Policy", idePolicy)
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Cache-Control", f.cache)
	header.Set("ETag", f.etag)
	body := f.plain
	if f.gzip != nil {
		header.Add("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			header.Set("Content-Encoding", "gzip")
			body = f.gzip
		}
	}
	if strings.Contains(r.Header.Get("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a client that left has nobody to tell
}

// acceptsGzip reads an Accept-Encoding header.
func acceptsGzip(header string) bool {
	for _, coding := range strings.Split(header, ",") {
		name, params, _ := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q := strings.TrimSpace(params)
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}
