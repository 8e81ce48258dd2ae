package main

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/domain/epreuve"
	"github.com/mutualibre/mutualibre/graph/limites"
)

const (
	question = `{"query":"{__typename}"}`
	typeJSON = "Content-Type: application/json"
)

func TestEachPathAnswersInFrench(t *testing.T) {
	t.Parallel()
	s := serve(t, environnement{"DATABASE_URL": remplie(t)}, "--log-level", "debug")
	for _, c := range []struct {
		methode, chemin, corps string
		entetes                []string
		statut                 int
		want                   string
	}{
		{"POST", "/graphql", question, []string{typeJSON}, 200, `{"data":{"__typename":"Query"}}`},
		{"GET", "/graphql?query=%7B__typename%7D", "", nil, 200, "Query"},
		{"GET", "/graphql", "", []string{"Accept: text/html"}, 200, "<html"},
		{"GET", "/healthz", "", nil, 200, "fonctionne"},
		{"HEAD", "/healthz", "", nil, 200, ""},
		{"POST", "/healthz", "", nil, 405, "GET seulement"},
		{"GET", "/readyz", "", nil, 200, "Prêt"},
		{"GET", "/", "", nil, 200, "/graphql"},
		{"GET", "/", "", []string{"Accept: text/html,*/*;q=0.8"}, 302, ""},
		{"GET", "/graphiql", "", nil, 404, "Il n'y a rien"},
		{"POST", "/metrics", "", nil, 404, "Il n'y a rien"},
		{"POST", "/graphql", `{"query":"{__typename}","x":"` + strings.Repeat("x", limites.CorpsMax) + `"}`, []string{typeJSON}, 413, ""},
		{"POST", "/graphql", strings.Repeat(" ", 2*corpsMax), []string{typeJSON}, 413, ""},
	} {
		r := s.ask(c.methode, c.chemin, c.corps, c.entetes...)
		attendu(t, c.methode+" "+c.chemin, r.StatusCode, c.statut, strings.ToLower(r.corps), strings.ToLower(c.want))
		if r.Header.Get("X-Content-Type-Options") != "nosniff" && c.statut != 302 {
			t.Errorf("%s %s: content may be sniffed", c.methode, c.chemin)
		}
		if r.Header.Get(enteteDonnees) != "" {
			t.Errorf("%s %s: real data are said to be invented", c.methode, c.chemin)
		}
	}
	if r := s.ask("GET", "/", "", "Accept: text/html"); r.Header.Get("Location") != "/graphql" || !strings.Contains(strings.Join(r.Header.Values("Vary"), ","), "Accept") {
		t.Errorf("home: %v", r.Header)
	}
	if !s.journal.Shows(`"chemin":"/healthz"`) {
		t.Error("requests are not logged at the debug level")
	}
}

func TestReadyzSaysWhyTheServiceIsNotReady(t *testing.T) {
	t.Parallel()
	url := remplie(t)
	s := serve(t, environnement{"DATABASE_URL": url})
	if _, err := db.MigrateDown(t.Context(), dbtest.Open(t, url)); err != nil {
		t.Fatal(err)
	}
	r := s.ask("GET", "/readyz", "")
	attendu(t, "readyz", r.StatusCode, http.StatusServiceUnavailable, r.corps, "migrations", "migrate up")
	if r.Header.Get("Cache-Control") != "no-store" {
		t.Error("the answer may be cached")
	}
	r = s.ask("GET", "/healthz", "")
	attendu(t, "healthz", r.StatusCode, http.StatusOK, r.corps)
}

func TestReadyzSaysThatTheDatabaseDoesNotAnswer(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	store := db.NewStore(pool)
	t.Cleanup(func() { store.Close() })
	log := slog.New(slog.DiscardHandler)
	if motif := pret(t.Context(), &service{store: store}, log); motif != "" {
		t.Fatalf("a sound database: %s", motif)
	}
	pool.Close()
	if motif := pret(t.Context(), &service{store: store}, log); !strings.Contains(motif, "ne répond pas") {
		t.Errorf("a database that is gone: %q", motif)
	}
}

func TestBeforeTheDatabaseIsReadyTheServerSaysSo(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	h := enveloppe(routes(func() *service { return nil }, log), config{Origines: []string{"*"}}, log)
	for chemin, statut := range map[string]int{"/healthz": 200, "/readyz": 503, "/graphql": 503} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", chemin, nil))
		if w.Code != statut || statut == 503 && !strings.Contains(w.Body.String(), "se prépare") {
			t.Errorf("%s: %d %s", chemin, w.Code, w.Body)
		}
	}
}

func TestPagesOfOtherOriginsMayDoWhatCORSOriginsAllows(t *testing.T) {
	t.Parallel()
	base := remplie(t)
	preflight := []string{"Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization,content-type"}
	for _, c := range []struct {
		origines, origine string
		permis            string // Access-Control-Allow-Origin
	}{
		{"*", "https://ailleurs.fr", "*"},
		{"https://mairie.fr,https://syndicat.fr", "https://syndicat.fr", "https://syndicat.fr"},
		{"https://mairie.fr,https://syndicat.fr", "https://ailleurs.fr", ""},
		{"https://mairie.fr", "http://mairie.fr", ""},
		{"", "https://ailleurs.fr", ""},
	} {
		t.Run(c.origines+" "+c.origine, func(t *testing.T) {
			t.Parallel()
			s := serve(t, environnement{"DATABASE_URL": base, "CORS_ORIGINS": c.origines})
			origine := "Origin: " + c.origine
			r := s.ask("OPTIONS", "/graphql", "", append(preflight, origine)...)
			if got := r.Header.Get("Access-Control-Allow-Origin"); got != c.permis || r.StatusCode != http.StatusNoContent {
				t.Errorf("preflight: %d, allowed origin %q, want %q", r.StatusCode, got, c.permis)
			}
			if got := r.Header.Get("Access-Control-Allow-Headers"); c.permis != "" && got != "authorization,content-type" {
				t.Errorf("preflight: allowed headers %q", got)
			}
			r = s.ask("POST", "/graphql", question, typeJSON, origine, "Sec-Fetch-Site: cross-site")
			voulu := http.StatusOK
			if c.permis == "" {
				voulu = http.StatusForbidden
			}
			attendu(t, "POST", r.StatusCode, voulu, r.corps)
			if got := r.Header.Get("Access-Control-Allow-Origin"); got != c.permis {
				t.Errorf("POST: allowed origin %q, want %q", got, c.permis)
			}
			if got := r.Header.Get("Access-Control-Allow-Credentials"); got != "" {
				t.Errorf("credentials are allowed: %q", got)
			}
			if !strings.Contains(strings.Join(r.Header.Values("Vary"), ","), "Origin") {
				t.Errorf("Vary = %q", r.Header.Values("Vary"))
			}
			// The IDE, which is ours, and programs always may.
			r = s.ask("POST", "/graphql", question, typeJSON, "Origin: "+s.base, "Sec-Fetch-Site: same-origin")
			attendu(t, "same origin", r.StatusCode, http.StatusOK, r.corps)
			r = s.ask("POST", "/graphql", question, typeJSON)
			attendu(t, "program", r.StatusCode, http.StatusOK, r.corps)
		})
	}
}

func TestAPanicCostsOneRequestAndIsLogged(t *testing.T) {
	t.Parallel()
	var journal epreuve.Tampon
	mux := http.NewServeMux()
	mux.HandleFunc("/avant", func(http.ResponseWriter, *http.Request) { panic("chute") })
	mux.HandleFunc("/apres", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("début ", 10_000))
		panic("chute")
	})
	log := slog.New(slog.NewTextHandler(&journal, nil))
	srv := httptest.NewServer(enveloppe(mux, config{Origines: []string{"*"}}, log))
	t.Cleanup(srv.Close)
	r, err := http.Get(srv.URL + "/avant?jeton=secret")
	if err != nil {
		t.Fatal(err)
	}
	texte, _ := io.ReadAll(r.Body)
	r.Body.Close()
	attendu(t, "before anything is written", r.StatusCode, http.StatusInternalServerError, string(texte), "Erreur interne")
	if r, err = http.Get(srv.URL + "/apres"); err == nil {
		_, err = io.ReadAll(r.Body)
		r.Body.Close()
	}
	if err == nil {
		t.Error("a half answer looks whole")
	}
	if n := strings.Count(journal.String(), "panique=chute"); n != 2 || strings.Contains(journal.String(), "secret") {
		t.Errorf("log:\n%s", &journal)
	}
}

func TestTheAddressToOpenIsOneThatABrowserUnderstands(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0.0.0.0:80": "http://localhost:80/graphql", "[::]:8080": "http://localhost:8080/graphql", "127.0.0.1:1": "http://localhost:1/graphql",
		"192.0.2.1:8080": "http://192.0.2.1:8080/graphql", "[2001:db8::1]:8080": "http://[2001:db8::1]:8080/graphql",
	} {
		a, err := net.ResolveTCPAddr("tcp", in)
		if err != nil {
			t.Fatal(err)
		}
		if got := adresseWeb(a); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// croisees panics on an origin that the protection refuses: none may get that far.
func FuzzOriginsAcceptedAreOnesThatTheProtectionTakes(f *testing.F) {
	for _, s := range []string{"*", "https://a.fr,http://localhost:3000", "https://a.fr/", "null", "https://[::1]:80", "https://u@a.fr", "https://a?", "https://a#", "://", "https://*.fr", "https://é.fr"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, texte string) {
		origines, err := readOrigines(texte)
		if err != nil {
			return
		}
		croisees(http.NotFoundHandler(), origines)
	})
}
