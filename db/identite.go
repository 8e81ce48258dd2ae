package db

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/mutualibre/mutualibre/domain/droit"
)

// Identite is who asks, and what it may do. A nil one is anyone.
type Identite struct {
	// Sujet names it in the journal: "jeton:…", "oidc:…", "commande:…".
	Sujet string
	// Nom is that of the token or of the person; only its own organisation reads it.
	Nom string
	// Droits are its roles, each for an organisation.
	Droits []Droit
	// Expire is when it stops being valid; zero: never.
	Expire time.Time
}

// Droit is a role for an organisation; for the global roles, for all of them.
type Droit struct {
	Role droit.Role
	// OrganisationID is the row id of the organisation; 0 for all.
	OrganisationID int64
	// Genre is that of the organisation: COLLECTIVITE, SYNDICAT or PRESTATAIRE.
	Genre string
	// Membres are the row ids of the confirmed direct members, today, of a syndicat.
	Membres []int64
}

// lien ties this right to an organisation that is touched.
func (d Droit) lien(organisation int64) droit.Lien {
	switch {
	case organisation == 0:
		return droit.Partage
	case organisation == d.OrganisationID:
		return droit.Propre
	case slices.Contains(d.Membres, organisation):
		return droit.Membre
	}
	return droit.Etrangere
}

type identiteKey struct{}

// WithIdentite returns a context under which everything is read and written as this identity.
func WithIdentite(ctx context.Context, i *Identite) context.Context {
	return context.WithValue(ctx, identiteKey{}, i)
}

// IdentiteDe returns who asks; nil for anyone.
func IdentiteDe(ctx context.Context) *Identite {
	i, _ := ctx.Value(identiteKey{}).(*Identite)
	return i
}

func nonAuthentifie(format string, args ...any) *Error {
	return &Error{Code: CodeNonAuthentifie, Message: fmt.Sprintf(format, args...)}
}

// A token reads "mlb_<public half>_<secret>": the first finds its row, the second proves who holds it.
const prefixeJeton = "mlb_"

var base32Jeton = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// newJeton makes a token: its public half, what the database keeps, and the whole, which is shown once.
func newJeton() (cle string, empreinte []byte, jeton string) {
	b := make([]byte, 10+32)
	_, _ = rand.Read(b) // never fails
	cle = base32Jeton.EncodeToString(b[:10])
	secret := base32Jeton.EncodeToString(b[10:])
	sum := sha256.Sum256([]byte(secret))
	return cle, sum[:], prefixeJeton + cle + "_" + secret
}

// EstJeton tells a token of ours from those of identity providers, by its form alone.
func EstJeton(jeton string) bool { return strings.HasPrefix(jeton, prefixeJeton) }

// AuthentifierJeton returns who holds a token. An unknown, wrong, expired or revoked one is CodeNonAuthentifie: the
// sentence tells them apart only to who holds the secret.
func (s *Store) AuthentifierJeton(ctx context.Context, jeton string) (*Identite, error) {
	cle, secret, _ := strings.Cut(strings.TrimPrefix(jeton, prefixeJeton), "_")
	var (
		id, organisation int64
		nom, role, genre string
		empreinte        []byte
		expire           time.Time
		revoque, vu      *time.Time
		inconnu          = nonAuthentifie("ce jeton n'est pas reconnu")
		presente         = sha256.Sum256([]byte(secret))
		maintenant       time.Time
	)
	err := s.pool.QueryRow(ctx, `SELECT j.id, j.nom, j.role, coalesce(j.organisation_id, 0), coalesce(o.genre, ''), j.empreinte,
			j.expire_le, j.revoque_le, j.dernier_usage_le, now()
		FROM public.jeton j LEFT JOIN public.organisation o ON o.id = j.organisation_id WHERE j.cle = $1`, cle).
		Scan(&id, &nom, &role, &organisation, &genre, &empreinte, &expire, &revoque, &vu, &maintenant)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, inconnu
	case err != nil:
		return nil, Translate(err)
	case subtle.ConstantTimeCompare(empreinte, presente[:]) != 1:
		return nil, inconnu
	case revoque != nil:
		return nil, nonAuthentifie("ce jeton a été révoqué le %s", revoque.Format("02/01/2006"))
	case !maintenant.Before(expire):
		return nil, nonAuthentifie("ce jeton a expiré le %s", expire.Format("02/01/2006"))
	}
	if vu == nil || maintenant.Sub(*vu) > time.Minute {
		if _, err := s.pool.Exec(ctx, `UPDATE public.jeton SET dernier_usage_le = now() WHERE id = $1`, id); err != nil {
			return nil, Translate(err)
		}
	}
	d, err := s.droit(ctx, droit.Role(role), organisation, genre)
	return &Identite{Sujet: "jeton:" + cle, Nom: nom, Droits: []Droit{d}, Expire: expire}, err
}

// AuthentifierPersonne returns who an identity provider vouches for. A person without any right here is known all the
// same: it reads what anyone reads.
func (s *Store) AuthentifierPersonne(ctx context.Context, emetteur, sujet, nom string, expire time.Time) (*Identite, error) {
	rows, err := s.pool.Query(ctx, `SELECT h.role, coalesce(h.organisation_id, 0), coalesce(o.genre, '')
		FROM public.habilitation h LEFT JOIN public.organisation o ON o.id = h.organisation_id
		WHERE h.emetteur = $1 AND h.sujet = $2 AND h.retiree_le IS NULL ORDER BY h.id`, emetteur, sujet)
	if err != nil {
		return nil, Translate(err)
	}
	type ligne struct {
		Role         droit.Role
		Organisation int64
		Genre        string
	}
	lignes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ligne])
	if err != nil {
		return nil, Translate(err)
	}
	i := &Identite{Sujet: "oidc:" + emetteur + "#" + sujet, Nom: nom, Expire: expire}
	for _, l := range lignes {
		d, err := s.droit(ctx, l.Role, l.Organisation, l.Genre)
		if err != nil {
			return nil, err
		}
		i.Droits = append(i.Droits, d)
	}
	return i, nil
}

// droit completes a right with the members of the syndicat it is for.
func (s *Store) droit(ctx context.Context, role droit.Role, organisation int64, genre string) (Droit, error) {
	d := Droit{Role: role, OrganisationID: organisation, Genre: genre}
	if role != droit.Gestionnaire || genre != "SYNDICAT" {
		return d, nil
	}
	rows, err := s.pool.Query(ctx, `SELECT DISTINCT membre_id FROM public.adhesion
		WHERE groupement_id = $1 AND via_id IS NULL AND confirmee AND periode @> current_date`, organisation)
	if err != nil {
		return d, Translate(err)
	}
	d.Membres, err = pgx.CollectRows(rows, pgx.RowTo[int64])
	return d, Translate(err)
}

// Commande is the identity of who runs the program on the machine itself: it may do everything.
func Commande(nom string) *Identite {
	return &Identite{Sujet: "commande:" + nom, Nom: nom, Droits: []Droit{{Role: droit.Admin}}}
}
