package fournisseur

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const client = "mutualibre" // the client id that the tests trust

// cle signs tokens; nom is its « kid ».
type cle struct {
	nom    string
	alg    jose.SignatureAlgorithm
	privee crypto.Signer
}

func newCle(t testing.TB, nom string, alg jose.SignatureAlgorithm) cle {
	t.Helper()
	var privee crypto.Signer
	var err error
	switch alg {
	case jose.ES256:
		privee, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.EdDSA:
		_, privee, err = ed25519.GenerateKey(rand.Reader)
	default:
		privee, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	return cle{nom, alg, privee}
}

func (c cle) signataire() jose.SigningKey {
	return jose.SigningKey{Algorithm: c.alg, Key: jose.JSONWebKey{Key: c.privee, KeyID: c.nom}}
}

// sign makes a token; the header has « typ » unless it is empty.
func (c cle) sign(t testing.TB, typ string, m mentions) string {
	t.Helper()
	return sign(t, c.signataire(), typ, m)
}

func sign(t testing.TB, k jose.SigningKey, typ string, m mentions) string {
	t.Helper()
	charge, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return signText(t, k, typ, string(charge))
}

func signText(t testing.TB, k jose.SigningKey, typ, charge string) string {
	t.Helper()
	o := &jose.SignerOptions{}
	if typ != "" {
		o = o.WithType(jose.ContentType(typ))
	}
	signataire, err := jose.NewSigner(k, o)
	if err != nil {
		t.Fatal(err)
	}
	signe, err := signataire.Sign([]byte(charge))
	if err != nil {
		t.Fatal(err)
	}
	jeton, err := signe.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return jeton
}

type mentions map[string]any

// avec returns the claims changed; nil removes one.
func (m mentions) avec(paires ...any) mentions {
	copie := mentions{}
	for k, v := range m {
		copie[k] = v
	}
	for i := 0; i < len(paires); i += 2 {
		if copie[paires[i].(string)] = paires[i+1]; paires[i+1] == nil {
			delete(copie, paires[i].(string))
		}
	}
	return copie
}

// provider is an identity provider, and what its administrator may do to it.
type provider struct {
	URL                   string
	decouvertes, lectures atomic.Int64  // requests received, for the discovery document and for the keys
	retenue               chan struct{} // when not nil, no answer before it closes

	mu                  sync.Mutex
	cles                []cle
	coupe               bool             // connections are cut
	decouverte, jeuCles http.HandlerFunc // instead of the true answers
}

func newProvider(t testing.TB, cles ...cle) *provider {
	t.Helper()
	p := &provider{cles: cles}
	srv := httptest.NewServer(p)
	t.Cleanup(srv.Close)
	p.URL = srv.URL
	return p
}

func (p *provider) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	compte, chemin := &p.decouvertes, r.URL.Path
	if chemin == "/cles" {
		compte = &p.lectures
	}
	compte.Add(1)
	if p.retenue != nil {
		select {
		case <-p.retenue:
		case <-r.Context().Done():
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.coupe:
		panic(http.ErrAbortHandler)
	case chemin == "/cles" && p.jeuCles != nil:
		p.jeuCles(w, r)
	case chemin == "/cles":
		jeu := jose.JSONWebKeySet{}
		for _, c := range p.cles {
			jeu.Keys = append(jeu.Keys, jose.JSONWebKey{Key: c.privee.Public(), KeyID: c.nom, Use: "sig"})
		}
		_ = json.NewEncoder(w).Encode(jeu)
	case chemin == "/.well-known/openid-configuration" && p.decouverte != nil:
		p.decouverte(w, r)
	case chemin == "/.well-known/openid-configuration":
		_ = json.NewEncoder(w).Encode(p.document())
	default:
		http.NotFound(w, r)
	}
}

func (p *provider) document() mentions {
	return mentions{
		"issuer": p.URL, "jwks_uri": p.URL + "/cles", "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
	}
}

// horloge is a clock that the test moves.
type horloge struct{ ecart atomic.Int64 }

func (h *horloge) heure() time.Time        { return time.Now().Add(time.Duration(h.ecart.Load())) }
func (h *horloge) advance(d time.Duration) { h.ecart.Add(int64(d)) }

// banc is a verifier and the clock it believes.
type banc struct {
	*Verificateur
	horloge
	journal strings.Builder
}

// newBanc trusts these providers for the client of the tests.
func newBanc(t testing.TB, patience time.Duration, providers ...*provider) *banc {
	t.Helper()
	b := &banc{}
	ctx, fin := context.WithCancel(context.Background())
	t.Cleanup(fin)
	var emetteurs []Emetteur
	for _, p := range providers {
		emetteurs = append(emetteurs, Emetteur{URL: p.URL, Audiences: []string{"autre", client}})
	}
	b.Verificateur = New(ctx, emetteurs, Options{Now: b.heure, Patience: patience, Log: slog.New(slog.NewTextHandler(&b.journal, nil))})
	return b
}

// bonnes are claims that make a good token of p.
func (b *banc) bonnes(p *provider) mentions {
	now := b.heure()
	return mentions{"iss": p.URL, "sub": "u-42", "aud": client, "iat": now.Unix(), "exp": now.Add(10 * time.Hour).Unix()}
}

func (b *banc) accepted(t testing.TB, jeton string) Personne {
	t.Helper()
	p, err := b.Verify(context.Background(), jeton)
	if err != nil {
		t.Fatalf("refused: %v (%v)", err, errors.Unwrap(err))
	}
	return p
}

// refused checks that the token is refused for the reason of which debut begins the message.
func (b *banc) refused(t testing.TB, jeton, debut string) {
	t.Helper()
	e := b.err(t, jeton)
	if e.Indisponible || !strings.HasPrefix(e.Message, debut) {
		t.Errorf("unavailable: %v, %q (%v), want a refusal %q", e.Indisponible, e.Message, e.Unwrap(), debut)
	}
}

func (b *banc) unavailable(t testing.TB, jeton string) {
	t.Helper()
	if e := b.err(t, jeton); !e.Indisponible {
		t.Errorf("refused: %q (%v), want unavailable", e.Message, e.Unwrap())
	}
}

// err checks what every error owes: to be of our type, and to hold no part of the token, for it will be logged.
func (b *banc) err(t testing.TB, jeton string) *Erreur {
	t.Helper()
	p, err := b.Verify(context.Background(), jeton)
	var e *Erreur
	if !errors.As(err, &e) || p != (Personne{}) {
		t.Fatalf("%+v, %v: want nobody and an *Erreur", p, err)
	}
	for c := error(e); c != nil; c = errors.Unwrap(c) {
		for _, partie := range strings.Split(jeton, ".") {
			if len(partie) > 30 && strings.Contains(c.Error(), partie) {
				t.Errorf("the error repeats the token: %v", c)
			}
		}
	}
	return e
}
