package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/db"
	fournisseur "github.com/mutualibre/mutualibre/server/oidc"
)

// relectureIdentite is how often what lasts (a socket, a stream, a long import) asks again whether its token still holds.
const relectureIdentite = 30 * time.Second

// identification recognises who makes the requests: our tokens, and people whom trusted identity providers vouch for.
// Tokens are never logged.
type identification struct {
	store     *db.Store
	personnes *fournisseur.Verificateur // nil: no provider is trusted
	delai     time.Duration             // given to recognise
	relecture time.Duration
	log       *slog.Logger
}

// wrap puts the identity of each request in its context, which ends when the identity does. A request without
// Authorization is anyone's; one whose token is not good is refused, never taken for anyone's.
func (a *identification) wrap(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Authorization")
		valeurs := r.Header.Values("Authorization")
		if len(valeurs) == 0 {
			h.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "private, no-store")
		ctx, stop, err := a.under(r.Context(), valeurs)
		if err != nil {
			refuseIdentite(w, err)
			return
		}
		defer stop()
		h.ServeHTTP(w, r.WithContext(ctx))
	})
}

// init recognises who opens a WebSocket, by what its connection_init says under « Authorization »: browsers cannot set
// the headers of a socket. Without it, the identity stays that of the handshake.
func (a *identification) init(ctx context.Context, payload map[string]any) (context.Context, error) {
	var valeurs []string
	for nom, v := range payload {
		if strings.EqualFold(nom, "Authorization") {
			texte, _ := v.(string)
			valeurs = append(valeurs, texte)
		}
	}
	if valeurs == nil {
		return ctx, nil
	}
	ctx, stop, err := a.under(ctx, valeurs)
	if err == nil {
		context.AfterFunc(ctx, stop)
	}
	return ctx, err
}

// sujet names the identity of ctx, to tell the owners of streams apart; "" for anyone.
func sujet(ctx context.Context) string {
	if i := db.IdentiteDe(ctx); i != nil {
		return i.Sujet
	}
	return ""
}

// under returns a context that has the identity proved by these values of Authorization, and that ends with it: at its
// expiry, or soon after it is revoked or loses a right. Errors are *db.Error, but for faults of ours.
func (a *identification) under(ctx context.Context, valeurs []string) (context.Context, context.CancelFunc, error) {
	jeton, err := readBearer(valeurs)
	if err != nil {
		return ctx, nil, err
	}
	qui, err := a.identify(ctx, jeton)
	if err != nil {
		a.log.DebugContext(ctx, "identité refusée", "motif", err, "cause", errors.Unwrap(err))
		return ctx, nil, err
	}
	ctx, cancel := context.WithDeadline(db.WithIdentite(ctx, qui), qui.Expire)
	premiere := time.AfterFunc(a.relecture, func() { a.follow(ctx, cancel, jeton, qui) })
	return ctx, func() { premiere.Stop(); cancel() }, nil
}

// readBearer returns the token of an Authorization.
func readBearer(valeurs []string) (string, error) {
	schema, jeton, _ := strings.Cut(valeurs[0], " ")
	jeton = strings.TrimSpace(jeton)
	if len(valeurs) > 1 || !strings.EqualFold(schema, "Bearer") || jeton == "" {
		return "", &db.Error{Code: db.CodeNonAuthentifie, Message: "l'en-tête Authorization s'écrit « Bearer », puis un jeton"}
	}
	return jeton, nil
}

// identify returns who holds a token.
func (a *identification) identify(ctx context.Context, jeton string) (*db.Identite, error) {
	ctx, cancel := context.WithTimeout(ctx, a.delai)
	defer cancel()
	if a.personnes == nil || db.EstJeton(jeton) {
		return a.store.AuthentifierJeton(ctx, jeton)
	}
	p, err := a.personnes.Verify(ctx, jeton)
	var refus *fournisseur.Erreur
	if errors.As(err, &refus) {
		if refus.Indisponible {
			return nil, &db.Error{Code: db.CodeIndisponible, Message: refus.Message}
		}
		a.log.DebugContext(ctx, "jeton d'un fournisseur refusé", "cause", errors.Unwrap(refus))
		return nil, &db.Error{Code: db.CodeNonAuthentifie, Message: refus.Message}
	}
	return a.store.AuthentifierPersonne(ctx, p.Emetteur, p.Sujet, cmp.Or(p.Nom, p.Courriel), p.Expire)
}

// follow asks again, until ctx ends, whether the token still gives all that it gave, and ends ctx once it does not. When
// nobody can tell, things stay as they are.
func (a *identification) follow(ctx context.Context, cancel context.CancelFunc, jeton string, qui *db.Identite) {
	for ctx.Err() == nil {
		maintenant, err := a.identify(ctx, jeton)
		var refus *db.Error
		if errors.As(err, &refus) && refus.Code == db.CodeNonAuthentifie || err == nil && !maintenant.Covers(qui) {
			cancel()
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(a.relecture):
		}
	}
}

// refuseIdentite answers a request whose token is not good, or cannot be judged, in the shape of GraphQL errors.
func refuseIdentite(w http.ResponseWriter, err error) {
	var e *db.Error
	if !errors.As(db.Translate(err), &e) {
		e = &db.Error{Code: db.CodeInterne, Message: "erreur interne"}
	}
	statut := http.StatusInternalServerError
	switch e.Code {
	case db.CodeNonAuthentifie:
		statut = http.StatusUnauthorized
		w.Header().Set("WWW-Authenticate", `Bearer realm="mutualibre", error="invalid_token"`)
	case db.CodeIndisponible, db.CodeDelaiDepasse:
		statut = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "5")
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(statut)
	_ = json.NewEncoder(w).Encode(map[string]any{ // a client that left has nobody to tell
		"errors": []any{map[string]any{"message": e.Message, "extensions": map[string]any{"code": e.Code}}},
	})
}
