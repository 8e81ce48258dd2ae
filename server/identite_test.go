package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/go-jose/go-jose/v4"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/graph"
)

const moi = `{"query":"{moi{nom emetteur sujet droits{role}}}"}`

// jetonAdmin makes a token by the command line, and checks that it alone is on the standard output.
func jetonAdmin(t *testing.T, env environnement) string {
	t.Helper()
	statut, stdout, stderr := launch(t, env, "jeton", "creer", "--role", "admin", "--nom", "Exploitation", "--log-level", "debug")
	attendu(t, "jeton creer", statut, statutFait, stderr, "n'est affiché que cette fois", "ADMIN")
	jeton := strings.TrimSuffix(stdout, "\n")
	if !db.EstJeton(jeton) || strings.ContainsAny(jeton, " \n") {
		t.Fatalf("the standard output is not a token alone: %q", stdout)
	}
	if strings.Contains(stderr, secret(jeton)) {
		t.Errorf("the token is repeated: %s", stderr)
	}
	return jeton
}

// secret is the part of a token that proves it.
func secret(jeton string) string { return jeton[strings.LastIndex(jeton, "_")+1:] }

func TestATokenIsAcceptedUntilItIsRevokedAndIsNeverLogged(t *testing.T) {
	t.Parallel()
	env := environnement{"DATABASE_URL": remplie(t)}
	s := serve(t, env, "--log-level", "debug")
	jeton := jetonAdmin(t, env)

	r := s.ask("POST", "/graphql", moi, typeJSON, "Authorization: bearer  "+jeton)
	attendu(t, "moi", r.StatusCode, 200, r.corps, `"nom":"Exploitation"`, `"role":"ADMIN"`)
	if r.Header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("an answer made for someone may be kept: %v", r.Header)
	}
	anonyme := s.ask("POST", "/graphql", moi, typeJSON)
	attendu(t, "anyone", anonyme.StatusCode, 200, anonyme.corps, `{"data":{"moi":null}}`)
	for _, r := range []reponse{r, anonyme} {
		if !strings.Contains(strings.Join(r.Header.Values("Vary"), ","), "Authorization") {
			t.Errorf("a cache may mix identities: %v", r.Header)
		}
	}

	refused := func(quoi, motif string, entetes ...string) {
		t.Helper()
		r := s.ask("POST", "/graphql", moi, append(entetes, typeJSON)...)
		attendu(t, quoi, r.StatusCode, 401, r.corps, `"code":"NON_AUTHENTIFIE"`, motif)
		var corps struct {
			Data   any
			Errors []struct{ Message string }
		}
		if err := json.Unmarshal([]byte(r.corps), &corps); err != nil || len(corps.Errors) != 1 || corps.Data != nil {
			t.Errorf("%s: %v, %s", quoi, err, r.corps)
		}
		if !strings.HasPrefix(r.Header.Get("WWW-Authenticate"), "Bearer") || r.Header.Get("Cache-Control") != "private, no-store" || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s: %v", quoi, r.Header)
		}
	}
	forge := strings.TrimSuffix(jeton, secret(jeton)) + strings.Repeat("a", len(secret(jeton)))
	refused("another secret", "pas reconnu", "Authorization: Bearer "+forge)
	refused("a token of nobody we trust", "pas reconnu", "Authorization: Bearer eyJhbGciOiJub25lIn0.e30.")
	refused("another scheme", "Bearer", "Authorization: Basic bW9pOm1vaQ==")
	refused("no token", "Bearer", "Authorization: Bearer ")
	refused("an empty header", "Bearer", "Authorization: ")
	r = s.ask("GET", "/graphql?query=%7Bmoi%7Bnom%7D%7D", "", "Authorization: Bearer "+forge, "Accept: text/event-stream")
	attendu(t, "stream", r.StatusCode, 401, r.corps, "NON_AUTHENTIFIE")
	r = s.ask("GET", "/graphql", "", "Authorization: Bearer "+forge, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: eA==")
	attendu(t, "socket", r.StatusCode, 401, r.corps, "NON_AUTHENTIFIE")

	cle := strings.Split(jeton, "_")[1]
	statut, stdout, stderr := launch(t, env, "jeton", "lister")
	attendu(t, "jeton lister", statut, statutFait, stdout+stderr, cle, "ADMIN", "toutes", "Exploitation")
	if strings.Contains(stdout, secret(jeton)) {
		t.Error("the list shows a secret")
	}
	statut, stdout, stderr = launch(t, env, "jeton", "revoquer", cle)
	attendu(t, "jeton revoquer", statut, statutFait, stdout+stderr, cle, "révoqué")
	refused("a revoked token", "révoqué", "Authorization: Bearer "+jeton)
	statut, _, stderr = launch(t, env, "jeton", "revoquer", "inconnu")
	attendu(t, "unknown", statut, statutEchec, stderr, "n'existe pas")
	statut, _, stderr = launch(t, env, "jeton", "creer", "--organisation", "000000000", "--role", "LECTEUR", "--nom", "x")
	attendu(t, "no such organisation", statut, statutEchec, stderr, "« 000000000 »")
	statut, _, stderr = launch(t, env, "jeton", "creer", "--role", "ADMIN", "--nom", "x", "--expire", "2020-01-01")
	attendu(t, "already expired", statut, statutEchec, stderr, "à venir")

	if !s.journal.Shows("identité refusée") {
		t.Error("a refusal is not logged at the debug level")
	}
	for _, texte := range []string{secret(jeton), secret(forge), "bW9pOm1vaQ"} {
		if strings.Contains(s.journal.String(), texte) {
			t.Errorf("%q is in the log:\n%s", texte, s.journal)
		}
	}
}

// emetteur is an identity provider that signs for the client « mutualibre ».
type emetteur struct {
	*httptest.Server
	cle jose.JSONWebKey
}

func newEmetteur(t *testing.T) *emetteur {
	t.Helper()
	privee, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	e := &emetteur{cle: jose.JSONWebKey{Key: privee, KeyID: "k", Algorithm: "RS256", Use: "sig"}}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/.well-known/openid-configuration":
			_ = json.NewEncoder(w).Encode(map[string]any{"issuer": e.URL, "jwks_uri": e.URL + "/cles", "authorization_endpoint": e.URL, "token_endpoint": e.URL})
		case "/cles":
			_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{e.cle.Public()}})
		}
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *emetteur) jeton(t *testing.T, sujet string) string {
	t.Helper()
	signataire, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: e.cle}, nil)
	if err != nil {
		t.Fatal(err)
	}
	charge, err := json.Marshal(map[string]any{"iss": e.URL, "sub": sujet, "aud": "mutualibre", "name": "Camille Durand", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	signe, err := signataire.Sign(charge)
	if err != nil {
		t.Fatal(err)
	}
	jeton, err := signe.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return jeton
}

func TestAPersonOfATrustedProviderActsOnceGivenARight(t *testing.T) {
	t.Parallel()
	bon, muet := newEmetteur(t), newEmetteur(t)
	jetonMuet := muet.jeton(t, "u-1")
	muet.Close()
	env := environnement{"DATABASE_URL": remplie(t), "OIDC_EMETTEURS": bon.URL + "=mutualibre," + muet.URL + "=mutualibre"}
	s := serve(t, env, "--log-level", "debug")
	if !s.journal.Shows(`"emetteurs":["` + bon.URL) {
		t.Errorf("the log does not say who is trusted:\n%s", s.journal)
	}
	admin, jeton := jetonAdmin(t, env), bon.jeton(t, "u-42")
	ask := func(jeton, corps string) reponse {
		return s.ask("POST", "/graphql", corps, typeJSON, "Authorization: Bearer "+jeton)
	}
	r := ask(jeton, moi)
	attendu(t, "moi", r.StatusCode, 200, r.corps, `"nom":"Camille Durand"`, `"emetteur":"`+bon.URL+`"`, `"sujet":"u-42"`, `"droits":[]`)
	r = ask(admin, `{"query":"mutation{habiliter(input:{emetteur:\"`+bon.URL+`\",sujet:\"u-42\",nom:\"Camille\",role:MODERATEUR}){erreurs{message}}}"}`)
	attendu(t, "habiliter", r.StatusCode, 200, r.corps, `"erreurs":[]`)
	r = ask(jeton, moi)
	attendu(t, "moi", r.StatusCode, 200, r.corps, `"droits":[{"role":"MODERATEUR"}]`)

	charge := strings.LastIndex(jeton, ".")
	r = ask(jeton[:charge+1]+"AAAA"+jeton[charge+5:], moi)
	attendu(t, "another signature", r.StatusCode, 401, r.corps, "NON_AUTHENTIFIE", "signature")
	r = ask(jetonMuet, moi)
	attendu(t, "a provider that does not answer", r.StatusCode, 503, r.corps, "INDISPONIBLE", "ne répond pas")
	if r.Header.Get("Retry-After") == "" || r.Header.Get("WWW-Authenticate") != "" {
		t.Errorf("%v", r.Header)
	}
	for _, part := range append(strings.Split(jeton, "."), strings.Split(jetonMuet, ".")[1:]...) {
		if strings.Contains(s.journal.String(), part) {
			t.Errorf("%q is in the log:\n%s", part, s.journal)
		}
	}
}

// banc is the API behind an identification that asks again every few milliseconds.
type banc struct {
	t        *testing.T
	ctx      context.Context // bounds the waits that a fault would make endless
	url      string
	store    *db.Store
	relues   *atomic.Int64 // SQL statements: one for each time it asks
	commande context.Context
}

func newBanc(t *testing.T) *banc {
	t.Helper()
	pool, err := db.Connect(t.Context(), remplie(t), db.Options{}) // which counts the statements
	if err != nil {
		t.Fatal(err)
	}
	store := db.NewStore(pool)
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	qui := &identification{store: store, delai: 10 * time.Second, relecture: 5 * time.Millisecond, log: log}
	h, err := graph.NewHandler(graph.Config{Store: store, Log: log, Timeout: time.Minute, Init: qui.init, Identite: sujet})
	if err != nil {
		t.Fatal(err)
	}
	ctx, relues := db.WithCounter(context.Background())
	srv := httptest.NewUnstartedServer(qui.wrap(h))
	srv.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	srv.Start()
	t.Cleanup(func() {
		srv.Close()
		store.Close()
		pool.Close()
	})
	patient, cancel := context.WithTimeout(t.Context(), patienceEssai/10)
	t.Cleanup(cancel)
	return &banc{t, patient, srv.URL, store, relues, db.WithIdentite(t.Context(), db.Commande("test"))}
}

func (b *banc) jeton(expire time.Time) (jeton, id string) {
	b.t.Helper()
	instant := db.Instant(expire)
	fait, err := b.store.CreerJeton(b.commande, db.CreerJetonInput{Nom: "essai", Role: droit.Moderateur, ExpireLe: &instant})
	if err != nil || fait.Secret == nil {
		b.t.Fatal(err, db.Fautes(fait.Erreurs))
	}
	return *fait.Secret, fait.Jeton.ID()
}

func (b *banc) revoke(id string) {
	b.t.Helper()
	if _, err := b.store.RevoquerJeton(b.commande, db.RevoquerJetonInput{ID: id}); err != nil {
		b.t.Fatal(err)
	}
}

// await waits until the identity has been asked again several times.
func (b *banc) await() {
	b.t.Helper()
	for vu := b.relues.Load(); b.relues.Load() < vu+4; {
		if b.ctx.Err() != nil {
			b.t.Fatal("nobody asks again")
		}
		time.Sleep(time.Millisecond)
	}
}

// dial opens a socket, and says payload at its connection_init.
func (b *banc) dial(payload string, entetes http.Header) *websocket.Conn {
	b.t.Helper()
	conn, _, err := websocket.Dial(b.ctx, b.url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: entetes})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { conn.CloseNow() })
	if err := conn.Write(b.ctx, websocket.MessageText, []byte(`{"type":"connection_init"`+payload+`}`)); err != nil {
		b.t.Fatal(err)
	}
	return conn
}

// until reads messages up to one that holds the text.
func (b *banc) until(conn *websocket.Conn, texte string) {
	b.t.Helper()
	for {
		_, message, err := conn.Read(b.ctx)
		if err != nil {
			b.t.Fatal(err)
		}
		if strings.Contains(string(message), texte) {
			return
		}
	}
}

// closed reads up to the end of the socket.
func (b *banc) closed(conn *websocket.Conn, code websocket.StatusCode) {
	b.t.Helper()
	for {
		_, _, err := conn.Read(b.ctx)
		if err != nil {
			if got := websocket.CloseStatus(err); got != code {
				b.t.Errorf("closed with %d, want %d: %v", got, code, err)
			}
			return
		}
	}
}

func (b *banc) asks(conn *websocket.Conn, nom string) {
	b.t.Helper()
	if err := conn.Write(b.ctx, websocket.MessageText, []byte(`{"id":"1","type":"subscribe","payload":{"query":"{moi{nom}}"}}`)); err != nil {
		b.t.Fatal(err)
	}
	b.until(conn, nom)
}

func TestASocketLastsAsLongAsItsToken(t *testing.T) {
	t.Parallel()
	b := newBanc(t)
	for _, how := range []struct {
		nom  string
		dial func(jeton string) *websocket.Conn
	}{
		{"connection_init", func(jeton string) *websocket.Conn {
			return b.dial(`,"payload":{"authorization":"Bearer `+jeton+`"}`, nil)
		}},
		{"the handshake", func(jeton string) *websocket.Conn {
			return b.dial("", http.Header{"Authorization": {"Bearer " + jeton}})
		}},
	} {
		jeton, id := b.jeton(time.Now().Add(time.Hour))
		conn := how.dial(jeton)
		b.until(conn, "connection_ack")
		b.await()
		b.asks(conn, `"nom":"essai"`) // still open, and still someone
		b.revoke(id)
		b.closed(conn, 4401)

		jeton, _ = b.jeton(time.Now().Add(time.Second))
		conn = how.dial(jeton)
		b.until(conn, "connection_ack")
		b.closed(conn, 4401)
	}
}

func TestASocketIsRefusedToABadToken(t *testing.T) {
	t.Parallel()
	b := newBanc(t)
	jeton, id := b.jeton(time.Now().Add(time.Hour))
	b.closed(b.dial(`,"payload":{"Authorization":"Bearer mlb_non"}`, nil), 4403)
	b.closed(b.dial(`,"payload":{"Authorization":12}`, nil), 4403)
	b.closed(b.dial(`,"payload":{"Authorization":"Bearer `+jeton+`","authorization":"Bearer `+jeton+`"}`, nil), 4403)
	anyone := b.dial(`,"payload":{"autre":1}`, nil)
	b.until(anyone, "connection_ack")
	b.asks(anyone, `"moi":null`)
	b.revoke(id)
	b.closed(b.dial(`,"payload":{"Authorization":"Bearer `+jeton+`"}`, nil), 4403)
}

func TestAStreamBelongsToItsTokenAndLastsAsLong(t *testing.T) {
	t.Parallel()
	b := newBanc(t)
	jeton, id := b.jeton(time.Now().Add(time.Hour))
	other, _ := b.jeton(time.Now().Add(time.Hour))
	send := func(methode, jeton, flux string) *http.Response {
		r, err := http.NewRequestWithContext(b.ctx, methode, b.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if jeton != "" {
			r.Header.Set("Authorization", "Bearer "+jeton)
		}
		if flux != "" {
			r.Header.Set("X-GraphQL-Event-Stream-Token", flux)
			r.Header.Set("Accept", "text/event-stream")
		}
		rep, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { rep.Body.Close() })
		return rep
	}
	flux, err := io.ReadAll(send("PUT", jeton, "").Body)
	if err != nil {
		t.Fatal(err)
	}
	for quoi, jeton := range map[string]string{"anyone": "", "another token": other} {
		if r := send("GET", jeton, string(flux)); r.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", quoi, r.Status)
		}
	}
	mine := send("GET", jeton, string(flux))
	if mine.StatusCode != http.StatusOK || mine.Header.Get("Cache-Control") != "private, no-store" {
		t.Fatal(mine.Status, mine.Header)
	}
	b.await()
	b.revoke(id)
	if _, err := io.ReadAll(mine.Body); err != nil { // to its end
		t.Fatal(err)
	}
	if r := send("GET", jeton, string(flux)); r.StatusCode != http.StatusUnauthorized {
		t.Error(r.Status)
	}
}

func TestADatabaseThatDoesNotAnswerRefusesNobody(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	refuseIdentite(w, &net.OpError{Op: "dial", Err: io.EOF})
	attendu(t, "no database", w.Code, http.StatusServiceUnavailable, w.Body.String(), `"code":"INDISPONIBLE"`)
	if w.Header().Get("Retry-After") == "" {
		t.Error(w.Header())
	}
	w = httptest.NewRecorder()
	refuseIdentite(w, io.EOF)
	attendu(t, "a fault of ours", w.Code, http.StatusInternalServerError, w.Body.String(), `"code":"INTERNE"`)
}
