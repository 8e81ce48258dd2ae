package fournisseur

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func TestATokenOfATrustedIssuerSaysWhoThePersonIs(t *testing.T) {
	t.Parallel()
	cles := map[string]cle{}
	for _, alg := range []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.ES256, jose.EdDSA} {
		cles[string(alg)] = newCle(t, "k-"+string(alg), alg)
	}
	p := newProvider(t, cles["RS256"], cles["PS256"], cles["ES256"], cles["EdDSA"])
	b := newBanc(t, time.Minute, p)
	base := b.bonnes(p)
	expire := time.Unix(base["exp"].(int64), 0)
	for _, c := range []struct {
		nom, alg, typ string
		mentions      mentions
		want          Personne
	}{
		{"ID token of ProConnect", "RS256", "JWT", base.avec("given_name", "Jeanne", "usual_name", "Le Goff", "email", "j@ville.fr", "siret", "21290019500016"),
			Personne{Nom: "Jeanne Le Goff", Courriel: "j@ville.fr", Siren: "212900195"}},
		{"ID token with a name and a verified address", "PS256", "", base.avec("name", "Ada L.", "given_name", "Ada", "email", "a@b.fr", "email_verified", true),
			Personne{Nom: "Ada L.", Courriel: "a@b.fr"}},
		{"access token", "ES256", "at+jwt", base.avec("client_id", "x", "jti", "1", "scope", "openid"), Personne{}},
		{"access token, long type", "EdDSA", "application/at+JWT", base.avec("family_name", "Durand"), Personne{Nom: "Durand"}},
		{"one audience among several", "RS256", "", base.avec("aud", []string{"tiers", client}), Personne{}},
		{"address not verified", "RS256", "", base.avec("email", "a@b.fr", "email_verified", false), Personne{}},
		{"address not verified, in text", "RS256", "", base.avec("email", "a@b.fr", "email_verified", "false"), Personne{}},
		{"SIREN with a false key", "RS256", "", base.avec("siret", "21290019700016"), Personne{}},
		{"SIRET too short", "RS256", "", base.avec("siret", "212900195"), Personne{}},
		{"SIRET with a letter", "RS256", "", base.avec("siret", "212900195000A6"), Personne{}},
		{"claims of other types or with control characters", "RS256", "", base.avec("siret", 21290019500016, "name", []string{"x"}, "email", "a\x00@b.fr"), Personne{}},
		{"clocks a little apart", "RS256", "", base.avec("iat", b.heure().Add(2*time.Minute).Unix(), "nbf", b.heure().Add(2*time.Minute).Unix()), Personne{}},
	} {
		c.want.Emetteur, c.want.Sujet, c.want.Expire = p.URL, "u-42", expire
		if got := b.accepted(t, cles[c.alg].sign(t, c.typ, c.mentions)); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.nom, got, c.want)
		}
	}
	if d, l := p.decouvertes.Load(), p.lectures.Load(); d != 1 || l != 1 {
		t.Errorf("%d discoveries and %d readings of the keys, want one of each", d, l)
	}
}

func TestATokenThatProvesNothingIsRefused(t *testing.T) {
	t.Parallel()
	bonne := newCle(t, "k1", jose.RS256)
	autre := newCle(t, "k1", jose.RS256) // same name, not the provider's
	ec := newCle(t, "k2", jose.ES256)
	p, voisin := newProvider(t, bonne, ec), newProvider(t, autre)
	b := newBanc(t, time.Minute, p, voisin)
	base := b.bonnes(p)
	bon := bonne.sign(t, "JWT", base)
	b.accepted(t, bon)

	publique, err := x509.MarshalPKIXPublicKey(bonne.privee.Public())
	if err != nil {
		t.Fatal(err)
	}
	enPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: publique})
	hs256 := func(secret []byte) string {
		return sign(t, jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: secret, KeyID: "k1"}}, "JWT", base)
	}
	parties := strings.Split(bon, ".")
	segment := func(v any) string {
		octets, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(octets)
	}
	dans := func(d time.Duration) int64 { return b.heure().Add(d).Unix() }
	const illisible, forme, signature = "Ce jeton n'est pas un jeton OpenID", "Ce jeton est mal formé, ou signé", "La signature de ce jeton"
	for _, c := range []struct{ nom, jeton, debut string }{
		{"signed by a stranger", autre.sign(t, "JWT", base), signature},
		{"signed by another trusted issuer", autre.sign(t, "JWT", base.avec("iss", p.URL)), signature},
		{"claims changed", parties[0] + "." + segment(base.avec("sub", "admin")) + "." + parties[2], signature},
		{"signature cut", bon[:len(bon)-20], signature},
		{"signature of another kind of key", cle{"k2", jose.RS256, bonne.privee}.sign(t, "JWT", base), signature},
		{"no signature", parties[0] + "." + parties[1] + ".", signature},
		{"algorithm none", segment(mentions{"alg": "none"}) + "." + parties[1] + ".", forme},
		{"algorithm None", segment(mentions{"alg": "None", "kid": "k1"}) + "." + parties[1] + "." + parties[2], forme},
		{"HS256 with the public key for secret", hs256(publique), forme},
		{"HS256 with the public key in PEM for secret", hs256(enPEM), forme},
		{"RS512", cle{"k1", jose.RS512, bonne.privee}.sign(t, "JWT", base), forme},
		{"key in the header", sign(t, jose.SigningKey{Algorithm: jose.RS256, Key: autre.privee}, "JWT", base), signature},
		{"unknown critical header", segment(mentions{"alg": "RS256", "kid": "k1", "crit": []string{"x"}, "x": 1}) + "." + parties[1] + "." + parties[2], signature},

		{"unknown issuer", bonne.sign(t, "JWT", base.avec("iss", "https://ailleurs.example")), "L'émetteur de ce jeton"},
		{"issuer but for a slash", bonne.sign(t, "JWT", base.avec("iss", p.URL+"/")), "L'émetteur de ce jeton"},
		{"no issuer", bonne.sign(t, "JWT", base.avec("iss", nil)), "L'émetteur de ce jeton"},
		{"issuer that is no text", bonne.sign(t, "JWT", base.avec("iss", 3)), illisible},
		{"wrong audience", bonne.sign(t, "JWT", base.avec("aud", "tiers")), "Ce jeton n'a pas été fait pour"},
		{"wrong audiences", bonne.sign(t, "JWT", base.avec("aud", []string{"tiers", "mutualibre2"})), "Ce jeton n'a pas été fait pour"},
		{"no audience", bonne.sign(t, "JWT", base.avec("aud", nil)), "Ce jeton n'a pas été fait pour"},
		{"expired", bonne.sign(t, "JWT", base.avec("exp", dans(-time.Second))), "Ce jeton a expiré"},
		{"no expiry", bonne.sign(t, "JWT", base.avec("exp", nil)), "Ce jeton a expiré"},
		{"expiry beyond numbers", bonne.sign(t, "JWT", base.avec("exp", 1e300)), "Ce jeton"},
		{"not yet valid", bonne.sign(t, "JWT", base.avec("nbf", dans(time.Hour))), "Ce jeton n'est pas encore valide"},
		{"made in the future", bonne.sign(t, "JWT", base.avec("iat", dans(time.Hour))), "Ce jeton est daté du futur"},
		{"nobody's", bonne.sign(t, "JWT", base.avec("sub", nil)), "Ce jeton ne dit pas à qui"},
		{"subject that a database cannot hold", bonne.sign(t, "JWT", base.avec("sub", "a\x00b")), "Ce jeton ne dit pas à qui"},
		{"subject without end", bonne.sign(t, "JWT", base.avec("sub", strings.Repeat("a", 256))), "Ce jeton ne dit pas à qui"},
		{"notice of logout by its type", bonne.sign(t, "logout+jwt", base), "Ce jeton n'est pas d'un type"},
		{"notice of logout by its claims", bonne.sign(t, "JWT", base.avec("events", mentions{"http://schemas.openid.net/event/backchannel-logout": mentions{}})), "Ce jeton annonce une déconnexion"},
		{"token bound to a key", bonne.sign(t, "at+jwt", base.avec("cnf", mentions{"jkt": "x"})), "Ce jeton est lié à une clé"},

		{"empty", "", illisible},
		{"opaque", "mtl_7f3a0c5d", illisible},
		{"five parts, encrypted", bon + ".a.b", illisible},
		{"JSON serialization", fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q}`, parties[0], parties[1], parties[2]), illisible},
		{"JSON serialization with two dots", fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q,"x":".."}`, parties[0], parties[1], parties[2]), illisible},
		{"header that is no JSON", "e30x." + parties[1] + "." + parties[2], illisible},
		{"claims that are no object", parties[0] + "." + segment([]int{1}) + "." + parties[2], illisible},
		{"too long", bonne.sign(t, "JWT", base.avec("x", strings.Repeat("a", jetonMax))), "Ce jeton est trop long"},
	} {
		t.Run(c.nom, func(t *testing.T) { b.refused(t, c.jeton, c.debut) })
	}
	b.accepted(t, bonne.sign(t, "JWT", base.avec("jti", "still good"))) // not out of the memory of good tokens
	if b.journal.String() != "" {
		t.Errorf("bad tokens are not the issuer's failure: %s", b.journal.String())
	}
}

func TestKeysAreRenewedByTheirIssuer(t *testing.T) {
	t.Parallel()
	ancienne, nouvelle := newCle(t, "2025", jose.RS256), newCle(t, "2026", jose.ES256)
	p := newProvider(t, ancienne)
	b := newBanc(t, time.Minute, p)
	base := b.bonnes(p)
	vieux := ancienne.sign(t, "", base)
	b.accepted(t, vieux)

	p.set(func() { p.cles = []cle{nouvelle} })
	b.refused(t, nouvelle.sign(t, "", base), "La signature de ce jeton") // the keys have just been read
	b.advance(intervalle)
	b.accepted(t, nouvelle.sign(t, "", base))
	b.refused(t, ancienne.sign(t, "", base.avec("jti", "2")), "La signature de ce jeton")

	b.accepted(t, vieux) // believed for a minute since it was verified
	b.advance(croyance)
	b.refused(t, vieux, "La signature de ce jeton")
}

func TestAWithdrawnKeyIsRefusedWithinTheHourThoughNothingElseChanges(t *testing.T) {
	t.Parallel()
	volee, gardee := newCle(t, "volee", jose.RS256), newCle(t, "gardee", jose.ES256)
	p := newProvider(t, volee, gardee)
	b := newBanc(t, time.Minute, p)
	jeton := volee.sign(t, "", b.bonnes(p))
	b.accepted(t, jeton)
	p.set(func() { p.cles = []cle{gardee} })
	b.advance(relecture)
	b.refused(t, jeton, "La signature de ce jeton")
}

func TestATokenIsBelievedNoLongerThanItSays(t *testing.T) {
	t.Parallel()
	c := newCle(t, "k", jose.ES256)
	p := newProvider(t, c)
	b := newBanc(t, time.Minute, p)
	jeton := c.sign(t, "", b.bonnes(p).avec("exp", b.heure().Add(20*time.Second).Unix()))
	b.accepted(t, jeton)
	b.advance(21 * time.Second)
	b.refused(t, jeton, "Ce jeton a expiré")
}

func TestTheMemoryOfGoodTokensIsBounded(t *testing.T) {
	t.Parallel()
	var r recents
	now := time.Now()
	for i := range 3*recentsMax + 1 {
		r.put([32]byte{byte(i), byte(i >> 8)}, Personne{Expire: now.Add(time.Hour)}, now)
		if _, ok := r.get([32]byte{byte(i), byte(i >> 8)}, now); !ok {
			t.Fatal("a token just put is not there")
		}
		if len(r.jetons) > recentsMax {
			t.Fatalf("%d tokens are kept", len(r.jetons))
		}
	}
}

func TestAnIssuerDownAtStartIsAskedAgainLessAndLessOftenUntilItAnswers(t *testing.T) {
	t.Parallel()
	c := newCle(t, "k", jose.ES256)
	p := newProvider(t, c)
	p.set(func() { p.coupe = true })
	b := newBanc(t, time.Minute, p)
	jeton := c.sign(t, "", b.bonnes(p))
	asked := func() int64 {
		for range 5 {
			b.unavailable(t, jeton)
		}
		return p.decouvertes.Load()
	}
	premier := asked()
	if encore := asked(); encore != premier {
		t.Errorf("a failure is not remembered: %d requests, then %d", premier, encore)
	}
	b.advance(time.Second)
	deuxieme := asked()
	b.advance(time.Second)
	if encore := asked(); deuxieme == premier || encore != deuxieme {
		t.Errorf("%d, %d, then %d requests: want a second try after one second, and none one second later", premier, deuxieme, encore)
	}
	p.set(func() { p.coupe = false })
	b.advance(time.Second)
	b.accepted(t, jeton)
	if j := b.journal.String(); strings.Count(j, "ne répond pas") != 2 || strings.Count(j, "répond à nouveau") != 1 {
		t.Errorf("the log should tell two failures and one recovery:\n%s", j)
	}
}

func TestAnOutageDoesNotLockOutThoseWhoseKeysAreKnownForADay(t *testing.T) {
	t.Parallel()
	c := newCle(t, "k", jose.ES256)
	p := newProvider(t, c)
	b := newBanc(t, time.Minute, p)
	base := b.bonnes(p).avec("exp", b.heure().Add(100*time.Hour).Unix())
	b.accepted(t, c.sign(t, "", base))
	p.set(func() { p.coupe = true })
	b.advance(secours - relecture)
	b.accepted(t, c.sign(t, "", base.avec("jti", "2")))
	b.advance(2 * relecture)
	b.unavailable(t, c.sign(t, "", base.avec("jti", "3")))
	p.set(func() { p.coupe = false })
	b.advance(attenteMax)
	b.accepted(t, c.sign(t, "", base.avec("jti", "4")))
}

// The provider never answers while the tokens are verified: if Verify waited for it, the test would not end.
func TestASlowIssuerIsAskedOnceForAllAndNotWaitedFor(t *testing.T) {
	t.Parallel()
	c := newCle(t, "k", jose.ES256)
	p := newProvider(t, c)
	p.retenue = make(chan struct{})
	b := newBanc(t, 50*time.Millisecond, p)
	jeton := c.sign(t, "", b.bonnes(p))
	var tous sync.WaitGroup
	for range 20 {
		tous.Go(func() { b.unavailable(t, jeton) })
	}
	tous.Wait()
	b.unavailable(t, jeton)
	close(p.retenue)
	for { // the first reading goes on, and its answer serves
		if _, err := b.Verify(t.Context(), jeton); err == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if d := p.decouvertes.Load(); d != 1 {
		t.Errorf("%d discoveries, want one for all", d)
	}
}

func TestARequestThatIsAbandonedWaitsForNobody(t *testing.T) {
	t.Parallel()
	c := newCle(t, "k", jose.ES256)
	p := newProvider(t, c)
	p.retenue = make(chan struct{})
	defer close(p.retenue)
	b := newBanc(t, time.Hour, p)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Verify(ctx, c.sign(t, "", b.bonnes(p))); err == nil {
		t.Error("accepted without the keys")
	}
	if b.journal.String() != "" {
		t.Errorf("it waited until the issuer was given up: %s", b.journal.String())
	}
}

func TestStrangersCannotMakeTheServerHarassAnIssuer(t *testing.T) {
	t.Parallel()
	c, etrangere := newCle(t, "k", jose.ES256), newCle(t, "", jose.ES256)
	p := newProvider(t, c)
	b := newBanc(t, time.Minute, p)
	base := b.bonnes(p)
	var noms int
	assault := func() {
		var tous sync.WaitGroup
		for range 4 {
			depart := noms
			noms += 50
			tous.Go(func() {
				for i := range 50 {
					intruse := etrangere
					intruse.nom = fmt.Sprint("alea-", depart+i)
					b.refused(t, intruse.sign(t, "", base), "La signature de ce jeton")
				}
			})
		}
		tous.Wait()
	}
	assault()
	if d, l := p.decouvertes.Load(), p.lectures.Load(); d != 1 || l != 1 {
		t.Errorf("200 unknown keys: %d discoveries and %d readings of the keys, want one of each", d, l)
	}
	b.advance(intervalle)
	assault()
	if d, l := p.decouvertes.Load(), p.lectures.Load(); d != 1 || l != 2 {
		t.Errorf("200 more, ten seconds later: %d discoveries and %d readings, want 1 and 2", d, l)
	}
	b.accepted(t, c.sign(t, "", base))
}

func TestAnIssuerThatMisbehavesIsUnavailableAndNotTheTokenAtFault(t *testing.T) {
	t.Parallel()
	c := newCle(t, "k", jose.ES256)
	page := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>maintenance</html>") }
	for _, cas := range []struct {
		nom, cause          string
		decouverte, jeuCles func(*provider) http.HandlerFunc
	}{
		{"a page for discovery", "pas du JSON", func(*provider) http.HandlerFunc { return page }, nil},
		{"a page for keys", "pas du JSON", nil, func(*provider) http.HandlerFunc { return page }},
		{"another issuer's discovery", "did not match", func(p *provider) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				_ = json.NewEncoder(w).Encode(p.document().avec("issuer", "https://ailleurs.example"))
			}
		}, nil},
		{"keys that cannot be trusted on the way", "sans https", func(p *provider) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				_ = json.NewEncoder(w).Encode(p.document().avec("jwks_uri", "http://ailleurs.example/cles"))
			}
		}, nil},
		{"no address of keys", "sans https", func(p *provider) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				_ = json.NewEncoder(w).Encode(p.document().avec("jwks_uri", nil))
			}
		}, nil},
		{"keys elsewhere by redirection", "302", nil, func(p *provider) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, p.URL+"/ailleurs", http.StatusFound) }
		}},
		{"an error in JSON", "500", nil, func(*provider) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusInternalServerError)
				fmt.Fprint(w, `{"keys":[]}`)
			}
		}},
		{"keys without end", "plus de", nil, func(*provider) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprint(w, `{"keys":[],"x":"`+strings.Repeat("a", documentMax)+`"}`)
			}
		}},
		{"keys that are not a list", "decode keys", nil, func(*provider) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprint(w, `{"keys":"`+strings.Repeat("a", 10_000)+`"}`)
			}
		}},
	} {
		t.Run(cas.nom, func(t *testing.T) {
			t.Parallel()
			p := newProvider(t, c)
			p.set(func() {
				if cas.decouverte != nil {
					p.decouverte = cas.decouverte(p)
				}
				if cas.jeuCles != nil {
					p.jeuCles = cas.jeuCles(p)
				}
			})
			b := newBanc(t, time.Minute, p)
			jeton := c.sign(t, "", b.bonnes(p))
			e := b.err(t, jeton)
			if !e.Indisponible || e.Unwrap() == nil || !strings.Contains(e.Unwrap().Error(), cas.cause) || len(e.Unwrap().Error()) > 600 {
				t.Errorf("unavailable: %v, %q (%.700v)", e.Indisponible, e.Message, e.Unwrap())
			}
			p.set(func() { p.decouverte, p.jeuCles = nil, nil })
			b.advance(attenteMax)
			b.accepted(t, jeton)
		})
	}
}

// Each process of the fuzzing has its own issuer, so that ISS stands for it in the claims. What is written is tried as it
// is, then encoded, then signed by the issuer.
func FuzzATokenIsAcceptedOnlyIfItsIssuerSignedASoundOne(f *testing.F) {
	c := newCle(f, "k", jose.ES256)
	p := newProvider(f, c)
	b := newBanc(f, time.Minute, p)
	const charge = `{"iss":"ISS","sub":"u","aud":"mutualibre","exp":9999999999,"iat":1}`
	for _, s := range [][3]string{
		{"", "", ""},
		{"e30", "e30", ""},
		{`{"alg":"ES256","kid":"k"}`, charge, "0123456789012345678901234567890123456789012345678901234567890123"},
		{`{"alg":"none"}`, charge, ""},
		{`{"alg":"HS256","kid":"k","typ":"at+jwt"}`, charge, "x"},
		{`{"alg":"ES256","kid":1,"jwk":{},"typ":"\u0000"}`, `{"iss":"ISS","sub":3,"aud":[[]],"exp":"x"}`, "."},
		{`{"alg":"ES256","kid":"k","crit":["b64"],"b64":false}`, `{"iss":"ISS","sub":"\u0000","aud":["mutualibre"],"exp":1e300,"nbf":-1,"siret":"21290019500016"}`, ""},
		{"{}", `{"iss":"ISS","sub":"u","aud":"mutualibre","exp":9999999999,"_claim_names":{"a":"b"},"_claim_sources":{"b":{}},"events":{}}`, ""},
	} {
		f.Add(s[0], s[1], s[2])
	}
	f.Fuzz(func(t *testing.T, entete, charge, signature string) {
		charge = strings.ReplaceAll(charge, "ISS", p.URL)
		code := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
		for _, jeton := range []string{entete + "." + charge + "." + signature, code(entete) + "." + code(charge) + "." + code(signature)} {
			if e := b.err(t, jeton); e.Message == "" || e.Indisponible {
				t.Fatalf("%q: %+v", jeton, e)
			}
		}
		jeton := signText(t, c.signataire(), "", charge)
		now := b.heure()
		switch got, err := b.Verify(t.Context(), jeton); {
		case err != nil:
			b.err(t, jeton)
		case got.Emetteur != p.URL || got.Sujet == "" || strings.ContainsRune(got.Sujet+got.Nom+got.Courriel, 0) || got.Expire.Before(now):
			t.Fatalf("%s: %+v", charge, got)
		}
	})
}
