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

// may tells whether the identity may do an action to an organisation, and for which of its own. 0 is no organisation:
// what everyone shares. A member is out of reach of its syndicat for what passes through a third party.
func (i *Identite) may(action droit.Action, organisation, tiers int64) (Droit, bool) {
	return i.mayUnder(droit.Regles(), action, organisation, tiers)
}

// mayUnder is may, for who asks often and holds the rules.
func (i *Identite) mayUnder(regles map[droit.Action]droit.Regle, action droit.Action, organisation, tiers int64) (Droit, bool) {
	for _, d := range i.Droits {
		lien := d.lien(organisation)
		if lien == droit.Membre && tiers != 0 && tiers != d.OrganisationID {
			continue
		}
		if slices.Contains(regles[action][lien], d.Role) {
			return d, true
		}
	}
	return Droit{}, false
}

// Covers tells whether the identity may still do all that a former one might.
func (i *Identite) Covers(former *Identite) bool {
	for _, had := range former.Droits {
		if !slices.ContainsFunc(i.Droits, func(d Droit) bool {
			return d.Role == had.Role && d.OrganisationID == had.OrganisationID &&
				!slices.ContainsFunc(had.Membres, func(m int64) bool { return !slices.Contains(d.Membres, m) })
		}) {
			return false
		}
	}
	return true
}

// moderates tells whether it has a role that needs no organisation.
func (i *Identite) moderates() bool {
	return slices.ContainsFunc(i.Droits, func(d Droit) bool { return d.Role.Global() })
}

// mayRead decides whether the identity of ctx may read what is not open to everyone: the actions « lire… ». 0 is no
// organisation. Errors: CodeNonAuthentifie, CodeInterdit.
func (s *Store) mayRead(ctx context.Context, action droit.Action, organisation int64) error {
	qui := IdentiteDe(ctx)
	if qui == nil {
		return nonAuthentifie("cette lecture demande un jeton : en-tête « Authorization: Bearer … »")
	}
	if _, ok := qui.may(action, organisation, 0); !ok {
		return &Error{Code: CodeInterdit, Message: "vous n'avez pas le droit de lire cela pour cette organisation"}
	}
	return nil
}

// reads tells whether it may read what has this visibility, belongs to an organisation and, but for 0, passes through
// another one or concerns it too. It says what the views of reading hold (see lecture.go), for what is decided in Go.
func (i *Identite) reads(v Visibilite, organisation, tiers int64) bool {
	if v == Public {
		return true
	}
	if i == nil {
		return false
	}
	for _, d := range i.Droits {
		switch {
		case d.Role.Global(),
			v == OrganismesPublics && d.Role != droit.Fournisseur,
			organisation == d.OrganisationID,
			tiers != 0 && tiers == d.OrganisationID,
			tiers == 0 && slices.Contains(d.Membres, organisation):
			return true
		}
	}
	return false
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

// formeJeton tells what newJeton can have made: anything else is refused without asking the database.
func formeJeton(cle, secret string) bool {
	return len(cle) == 16 && len(secret) == 52 && strings.Trim(cle+secret, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// membresSQL are the confirmed direct members, today, of the syndicat o that the right x manages.
const membresSQL = `CASE WHEN x.role = 'GESTIONNAIRE' AND o.genre = 'SYNDICAT' THEN ARRAY(SELECT DISTINCT a.membre_id FROM public.adhesion a
	WHERE a.groupement_id = o.id AND a.via_id IS NULL AND a.confirmee AND a.periode @> current_date ORDER BY 1) END`

// AuthentifierJeton returns who holds a token, by one statement; by two, once a minute, which notes that it is used. An
// unknown, wrong, expired or revoked one is CodeNonAuthentifie: the sentence tells them apart only to who holds the secret.
func (s *Store) AuthentifierJeton(ctx context.Context, jeton string) (*Identite, error) {
	cle, secret, _ := strings.Cut(strings.TrimPrefix(jeton, prefixeJeton), "_")
	inconnu := nonAuthentifie("ce jeton n'est pas reconnu")
	if !EstJeton(jeton) || !formeJeton(cle, secret) {
		return nil, inconnu
	}
	var (
		id                 int64
		i                  = &Identite{Sujet: "jeton:" + cle}
		d                  Droit
		empreinte          []byte
		revoque, vu        *time.Time
		presente           = sha256.Sum256([]byte(secret))
		maintenant, expire time.Time
	)
	err := s.pool.QueryRow(ctx, `SELECT x.id, x.nom, x.role, coalesce(x.organisation_id, 0), coalesce(o.genre, ''), `+membresSQL+`,
			x.empreinte, x.expire_le, x.revoque_le, x.dernier_usage_le, now()
		FROM public.jeton x LEFT JOIN public.organisation o ON o.id = x.organisation_id WHERE x.cle = $1`, cle).
		Scan(&id, &i.Nom, &d.Role, &d.OrganisationID, &d.Genre, &d.Membres, &empreinte, &expire, &revoque, &vu, &maintenant)
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
	i.Droits, i.Expire = []Droit{d}, expire
	return i, nil
}

// AuthentifierPersonne returns who an identity provider vouches for, by one statement. A person without any right here
// is known all the same: it reads what anyone reads.
func (s *Store) AuthentifierPersonne(ctx context.Context, emetteur, sujet, nom string, expire time.Time) (*Identite, error) {
	rows, err := s.pool.Query(ctx, `SELECT x.role, coalesce(x.organisation_id, 0), coalesce(o.genre, ''), `+membresSQL+`
		FROM public.habilitation x LEFT JOIN public.organisation o ON o.id = x.organisation_id
		WHERE x.emetteur = $1 AND x.sujet = $2 AND x.retiree_le IS NULL ORDER BY x.id`, emetteur, sujet)
	if err != nil {
		return nil, Translate(err)
	}
	droits, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Droit])
	if err != nil {
		return nil, Translate(err)
	}
	return &Identite{Sujet: "oidc:" + emetteur + "#" + sujet, Nom: nom, Droits: droits, Expire: expire}, nil
}

// Commande is the identity of who runs the program on the machine itself: it may do everything.
func Commande(nom string) *Identite {
	return &Identite{Sujet: "commande:" + nom, Nom: nom, Droits: []Droit{{Role: droit.Admin}}}
}
