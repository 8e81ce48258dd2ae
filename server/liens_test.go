package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/db/dbtest"
)

func TestAnAddressIsDeadAfterTwoVisitsWithoutAnAnswer(t *testing.T) {
	statut := http.StatusNotFound
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/disparu" {
			w.WriteHeader(statut)
		}
	}))
	defer site.Close()
	url := dbtest.URL(t)
	pool := dbtest.Open(t, url)
	if _, err := pool.Exec(t.Context(), `INSERT INTO source (cle, nom, url, importe_le) VALUES ('a', 'a', $1, now()), ('b', 'b', $2, now()), ('c', 'c', 'http://127.0.0.1:1/', now())`,
		site.URL+"/disparu", site.URL+"/present"); err != nil {
		t.Fatal(err)
	}
	visit := func(options ...string) string {
		t.Helper()
		if _, err := pool.Exec(t.Context(), `UPDATE lien_verifie SET verifie_le = now() - interval '8 days'`); err != nil {
			t.Fatal(err)
		}
		s, stdout, stderr := launch(t, environnement{"DATABASE_URL": url}, append([]string{"liens"}, options...)...)
		if s != statutFait {
			t.Fatal(stderr)
		}
		var dead string
		if err := pool.QueryRow(t.Context(), `SELECT coalesce(string_agg(replace(url, $1, '') || ' ' || resultat, ', ' ORDER BY url), '') FROM lien_verifie WHERE mort`, site.URL).Scan(&dead); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(stdout, "3 adresses visitées") {
			t.Error(stdout)
		}
		return dead
	}
	if dead := visit("--locales"); dead != "" {
		t.Error("one visit is enough:", dead)
	}
	if dead := visit("--locales"); dead != "http://127.0.0.1:1/ pas de réponse, /disparu 404" && dead != "/disparu 404, http://127.0.0.1:1/ pas de réponse" {
		t.Error("two visits:", dead)
	}
	statut = http.StatusForbidden
	if dead := visit("--locales"); dead != "http://127.0.0.1:1/ pas de réponse" {
		t.Error("it answers again:", dead)
	}
	visit()
	if dead := visit(); !strings.Contains(dead, "/present adresse locale ou privée") {
		t.Error("a private address is called:", dead)
	}
	if _, stdout, _ := launch(t, environnement{"DATABASE_URL": url}, "liens"); !strings.HasPrefix(stdout, "0 adresses") {
		t.Error("visited twice in a week:", stdout)
	}
}
