// Package fournisseur recognises the people whom trusted identity providers vouch for: it verifies the OpenID Connect
// tokens that they present.
package fournisseur

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

const (
	jetonMax = 16 << 10 // bytes
	// avance is how far in the future a token may have been made, clocks being what they are. The library gives as
	// much to « nbf ».
	avance = 5 * time.Minute
	// relecture is how often the keys of an issuer are read again though no token asks for it: a key that it withdrew
	// is accepted no longer than that.
	relecture = time.Hour
)

// algorithmes are those accepted: public keys only. A provider that says otherwise is not listened to.
func algorithmes() []string { return []string{oidc.RS256, oidc.PS256, oidc.ES256, oidc.EdDSA} }

// Options are the settings of a Verificateur; the zero value is right for a server.
type Options struct {
	Now      func() time.Time // nil: time.Now
	Patience time.Duration    // how long a token waits for each of the two documents of its issuer; 0: two seconds
	Log      *slog.Logger     // is told of issuers that do not answer; nil: nobody is
}

// Verificateur verifies tokens. It is safe for concurrent use.
type Verificateur struct {
	now       func() time.Time
	emetteurs map[string]*emetteur // by URL
	recents   recents
}

// New returns a verifier that trusts these issuers, each given once. It asks them nothing: an issuer is discovered when
// the first of its tokens comes, so that one that is down keeps no server from starting. The end of ctx ends what is
// being read from issuers.
func New(ctx context.Context, emetteurs []Emetteur, o Options) *Verificateur {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	v := &Verificateur{now: o.Now, emetteurs: make(map[string]*emetteur, len(emetteurs))}
	for _, e := range emetteurs {
		v.emetteurs[e.URL] = &emetteur{
			Emetteur: e, now: o.Now,
			client: &http.Client{Transport: &memoire{
				ctx: ctx, now: o.Now, patience: cmp.Or(o.Patience, 2*time.Second), log: o.Log, documents: map[string]*document{},
			}},
		}
	}
	return v
}

// Verify returns the person for whom a trusted issuer signed this token, an ID token or an access token in the form of a
// JWT (RFC 9068). Any error is an *Erreur. Opaque tokens are refused: only their issuer could read them.
//
// It waits for an issuer no longer than twice Options.Patience. A key published less than ten seconds after the last
// reading of the keys may be refused for as long. A token verified is believed for a minute without looking again.
//
// The UserInfo endpoint is not asked. It would say more (ProConnect gives the SIRET nowhere else), but it needs an
// access token with the scope openid where most callers hold an ID token, and makes each person wait for the issuer:
// what the token itself does not say is left empty, and rights are given to (Emetteur, Sujet).
func (v *Verificateur) Verify(ctx context.Context, jeton string) (Personne, error) {
	if len(jeton) > jetonMax {
		return Personne{}, refus("Ce jeton est trop long.", nil)
	}
	empreinte := sha256.Sum256([]byte(jeton))
	if p, ok := v.recents.get(empreinte, v.now()); ok {
		return p, nil
	}
	iss, err := readForme(jeton)
	if err != nil {
		return Personne{}, err
	}
	e := v.emetteurs[iss]
	if e == nil {
		return Personne{}, refus("L'émetteur de ce jeton n'est pas admis par ce serveur.", errors.New("émetteur inconnu : "+identifiant.Court(iss)))
	}
	verifie, err := e.verify(ctx, jeton)
	if err != nil {
		return Personne{}, err
	}
	p, err := newPersonne(verifie)
	if err != nil {
		return Personne{}, err
	}
	v.recents.put(empreinte, p, v.now())
	return p, nil
}

// readForme says who claims to have issued a token, of which nothing is proved yet. It refuses what is not a JWT made to
// be presented to a server such as this one (RFC 8725, section 3.11: a provider signs other things with the same keys).
func readForme(jeton string) (iss string, err error) {
	const forme = "Ce jeton n'est pas un jeton OpenID Connect lisible."
	parties := strings.Split(jeton, ".")
	if len(parties) != 3 {
		return "", refus(forme, errors.New("ce n'est pas un JWT signé"))
	}
	var entete struct {
		Typ string `json:"typ"`
	}
	var charge struct {
		Iss string `json:"iss"`
	}
	for i, sortie := range []any{&entete, &charge} {
		octets, err := base64.RawURLEncoding.DecodeString(parties[i])
		if err == nil {
			err = json.Unmarshal(octets, sortie)
		}
		if err != nil {
			return "", refus(forme, errors.New("partie illisible")) // what a parser says may repeat the token
		}
	}
	switch strings.TrimPrefix(strings.ToLower(entete.Typ), "application/") {
	case "", "jwt", "at+jwt":
		return charge.Iss, nil
	}
	return "", refus("Ce jeton n'est pas d'un type qui donne accès : il faut un jeton d'identité ou un jeton d'accès.",
		errors.New("typ : "+identifiant.Court(entete.Typ)))
}

// emetteur is a trusted issuer and what is known of it.
type emetteur struct {
	Emetteur
	now    func() time.Time
	client *http.Client

	mu     sync.Mutex
	cles   oidc.KeySet // nil: not discovered yet
	jusque time.Time   // when to discover again
}

// verify checks all that makes a token good: algorithm, signature, issuer, dates, audience.
func (e *emetteur) verify(ctx context.Context, jeton string) (*oidc.IDToken, error) {
	cles, err := e.discover(ctx)
	if err != nil {
		return nil, indisponible(err)
	}
	t := &temoin{KeySet: cles}
	config := &oidc.Config{SupportedSigningAlgs: algorithmes(), SkipClientIDCheck: true, Now: e.now} // audiences: below, it takes one
	verifie, err := oidc.NewVerifier(e.URL, t, config).Verify(ctx, jeton)
	var expire *oidc.TokenExpiredError
	switch {
	case errors.As(err, &expire):
		return nil, refus("Ce jeton a expiré : demandez-en un nouveau à votre fournisseur d'identité.", err)
	case err != nil && !t.asked:
		return nil, refus("Ce jeton est mal formé, ou signé par un procédé qui n'est pas admis.", errors.New("forme ou algorithme refusé"))
	case errors.Unwrap(t.err) != nil: // the library wraps the failures of reading keys, and nothing else
		e.forget() // the keys may have moved
		return nil, indisponible(t.err)
	case t.err != nil:
		return nil, refus("La signature de ce jeton n'est pas reconnue.", t.err)
	case err != nil:
		return nil, refus("Ce jeton n'est pas encore valide, ou son contenu est illisible.", err)
	case verifie.IssuedAt.After(e.now().Add(avance)):
		return nil, refus("Ce jeton est daté du futur.", nil)
	case !slices.ContainsFunc(verifie.Audience, func(a string) bool { return slices.Contains(e.Audiences, a) }):
		return nil, refus("Ce jeton n'a pas été fait pour ce serveur.", nil)
	}
	return verifie, nil
}

// discover returns the keys of the issuer. Several may discover at the same time: memoire asks the issuer once.
func (e *emetteur) discover(ctx context.Context) (oidc.KeySet, error) {
	e.mu.Lock()
	cles, jusque := e.cles, e.jusque
	e.mu.Unlock()
	if cles != nil && e.now().Before(jusque) {
		return cles, nil
	}
	ctx = oidc.ClientContext(ctx, e.client)
	decouvert, err := oidc.NewProvider(ctx, e.URL)
	if err != nil {
		return nil, err
	}
	var document struct {
		JWKSURL string `json:"jwks_uri"`
	}
	if err := decouvert.Claims(&document); err != nil {
		return nil, err
	}
	cles = oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), e.client), document.JWKSURL)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cles, e.jusque = cles, e.now().Add(relecture)
	return cles, nil
}

// forget makes the next token discover the issuer again.
func (e *emetteur) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cles = nil
}

// temoin notes what came of a signature: the library's own error no longer tells a false one from keys out of reach.
type temoin struct {
	oidc.KeySet
	asked bool
	err   error
}

func (t *temoin) VerifySignature(ctx context.Context, jeton string) ([]byte, error) {
	charge, err := t.KeySet.VerifySignature(ctx, jeton)
	t.asked, t.err = true, err
	return charge, err
}
