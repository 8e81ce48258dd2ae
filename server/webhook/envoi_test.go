package webhook

import (
	"bufio"
	"context"
	"fmt"
	"github.com/mutualibre/mutualibre/server/reseau"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/mutualibre/mutualibre/db"
)

func TestWaitsGrowByTwoAndAHalfAndSpanThreeDays(t *testing.T) {
	for _, alea := range []float64{0, 0.5, 1} {
		var all time.Duration
		for rang := 1; rang < essais; rang++ {
			d := Delai(rang, alea)
			if rang > 1 {
				if r := float64(d) / float64(Delai(rang-1, alea)); r < 2.49 || r > 2.51 {
					t.Errorf("from %d to %d: times %v", rang-1, rang, r)
				}
			}
			all += d
		}
		if all < 3*24*time.Hour || all > 84*time.Hour {
			t.Errorf("all attempts span %v", all)
		}
	}
	if d := Delai(1, 0); d != 17*time.Second {
		t.Errorf("first wait: %v", d)
	}
	if Delai(5, 1) <= Delai(5, 0) {
		t.Error("chance changes nothing")
	}
	if Delai(-3, 0) != Delai(1, 0) || Delai(1000, 0) != Delai(essais, 0) {
		t.Error("ranks out of bounds")
	}
}

// raw answers every connection with these bytes, then does what after says.
func raw(t *testing.T, answer string, after func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					_, _ = io.Copy(io.Discard, r.Body)
				}
				_, _ = io.WriteString(conn, answer)
				if after != nil {
					after(conn)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// held keeps a connection open until the client leaves.
func held(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

func TestWhateverAReceiverAnswersIsJudgedByItsStatusWithinBounds(t *testing.T) {
	t.Parallel()
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirection is followed") }))
	defer inner.Close()
	endless := func(conn net.Conn) {
		for {
			if _, err := io.WriteString(conn, strings.Repeat("a", 1<<16)); err != nil {
				return
			}
		}
	}
	for name, c := range map[string]struct {
		url    string
		statut int
		erreur string
	}{
		"success":               {raw(t, "HTTP/1.1 204 No Content\r\n\r\n", nil), 204, ""},
		"silence":               {raw(t, "", held), 0, "délai"},
		"half of a header":      {raw(t, "HTTP/1.1 200 OK\r\nContent-", held), 0, "délai"},
		"closed at once":        {raw(t, "", nil), 0, "connexion fermée"},
		"closed in the header":  {raw(t, "HTTP/1.1 200 OK\r\nContent-Le", nil), 0, "échec de l'envoi"},
		"closed in the body":    {raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc", nil), 200, ""},
		"body that never comes": {raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", held), 200, ""},
		"body that never ends":  {raw(t, "HTTP/1.1 200 OK\r\n\r\n", endless), 200, ""},
		"body beyond its size":  {raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabcdef", nil), 200, ""},
		"sizes that disagree":   {raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc", nil), 0, "échec de l'envoi"},
		"garbage in the body":   {raw(t, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x00\xff\x1b[2J"+strings.Repeat("é", 2000), nil), 200, ""},
		"not HTTP":              {raw(t, "SSH-2.0-OpenSSH_9.2\r\n", nil), 0, "échec de l'envoi"},
		"endless headers":       {raw(t, "HTTP/1.1 200 OK\r\nX: ", endless), 0, "échec de l'envoi"},
		"redirection":           {raw(t, "HTTP/1.1 302 Found\r\nLocation: "+inner.URL+"\r\nContent-Length: 0\r\n\r\n", nil), 302, "redirections"},
		"redirection kept":      {raw(t, "HTTP/1.1 308 Permanent Redirect\r\nLocation: "+inner.URL+"\r\nContent-Length: 0\r\n\r\n", nil), 308, "redirections"},
		"refusal":               {raw(t, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", nil), 401, "401"},
		"gone":                  {raw(t, "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", nil), 410, "410"},
		"nobody":                {"http://127.0.0.1:1", 0, "connexion refusée"},
		"no such name":          {"http://absent.invalid", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := envoyer(t.Context(), reseau.NewClient(3*time.Second, true), &db.Envoi{ID: "x", URL: c.url + "/jeton-secret", Secret: "s", Message: &db.Message{}}, time.Now)
			if name == "no such name" { // refused, or without an answer: it depends on the network
				c.erreur = got.Erreur
			}
			if got.StatutHTTP != c.statut || (c.erreur == "") != (got.Erreur == "") || !strings.Contains(got.Erreur, c.erreur) {
				t.Errorf("%d %q, want %d %q", got.StatutHTTP, got.Erreur, c.statut, c.erreur)
			}
			if got.Parti != (c.statut == 410) {
				t.Error("gone:", got.Parti)
			}
			if strings.Contains(got.Erreur, "jeton-secret") {
				t.Errorf("the reason tells the address: %s", got.Erreur)
			}
			if n := utf8.RuneCountInString(got.Extrait); n > 500 || !utf8.ValidString(got.Extrait) || strings.ContainsAny(got.Extrait, "\x00\x1b") {
				t.Errorf("extract of %d: %q", n, got.Extrait)
			}
		})
	}
}

// The guard is at the dial, on the address that the name was resolved to: localhost stands for a name whose owner
// changes it after the check.
func TestOnlyThePublicInternetIsDialledUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	reached := false
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer inner.Close()
	port := inner.Listener.Addr().(*net.TCPAddr).Port
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "[::1]"} {
		e := &db.Envoi{URL: fmt.Sprintf("http://%s:%d/", host, port), Message: &db.Message{}}
		if got := envoyer(t.Context(), reseau.NewClient(5*time.Second, false), e, time.Now); got.Erreur != reseau.ErrAdresse.Error() {
			t.Errorf("%s: %+v", host, got)
		}
	}
	if reached {
		t.Error("it was reached")
	}
	if reseau.NewClient(time.Second, false).Transport.(*http.Transport).Proxy != nil {
		t.Error("a proxy would dial in our place")
	}
	e := &db.Envoi{URL: inner.URL, Message: &db.Message{}}
	if got := envoyer(context.Background(), reseau.NewClient(5*time.Second, true), e, time.Now); got.Erreur != "" || !reached {
		t.Errorf("although admitted: %+v", got)
	}
}
