package db

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// Jeton is a token that acts for an organisation with one role. Its secret is known to its holder alone.
type Jeton struct {
	bun.BaseModel  `bun:"table:jeton,alias:j"`
	membre[*Jeton] `bun:"-"`

	Rowid          int64      `bun:"id,pk"`
	Cle            string     `bun:"cle"`
	Nom            string     `bun:"nom"`
	Role           droit.Role `bun:"role"`
	OrganisationID *int64     `bun:"organisation_id"`
	CreeLe         Instant    `bun:"cree_le"`
	ExpireLe       Instant    `bun:"expire_le"`
	RevoqueLe      *Instant   `bun:"revoque_le"`
	DernierUsageLe *Instant   `bun:"dernier_usage_le"`
}

// JetonConnection and JetonEdge page lists of tokens.
type (
	JetonConnection = page.Connection[*Jeton]
	JetonEdge       = page.Edge[*Jeton]
)

// ID returns the public id: it proves nothing.
func (j *Jeton) ID() string { return identifiant.Global("Jeton", j.Cle) }

var columnsJeton = []string{"j.id", "j.cle", "j.nom", "j.role", "j.organisation_id", "j.cree_le", "j.expire_le", "j.revoque_le", "j.dernier_usage_le"}

// A token lasts a year unless asked otherwise, three at most.
const (
	dureeJeton    = 365 * 24 * time.Hour
	dureeJetonMax = 3 * dureeJeton
)

// CreerJetonInput describes a token to make.
type CreerJetonInput struct {
	CleIdempotence *string
	Nom            string
	Role           droit.Role
	Organisation   *string
	ExpireLe       *Instant
}

// CreerJetonPayload is a new token: Secret is shown this once.
type CreerJetonPayload struct {
	Jeton   *Jeton
	Secret  *string
	Erreurs []*Erreur
}

// CreerJeton makes a token for an organisation; without one, for the roles that need none.
func (s *Store) CreerJeton(ctx context.Context, in CreerJetonInput) (*CreerJetonPayload, error) {
	var secret *string
	cle, fautes, err := s.write(ctx, demande{"creerJeton", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		in.Nom = strings.TrimSpace(in.Nom)
		e.verify(in.Nom != "" && utf8.RuneCountInString(in.Nom) <= 200, Invalide, "nom", "« nom » compte de 1 à 200 caractères : dites à quoi sert ce jeton")
		expire := e.maintenant.Add(dureeJeton)
		if in.ExpireLe != nil {
			expire = time.Time(*in.ExpireLe)
		}
		e.verify(expire.After(e.maintenant) && !expire.After(e.maintenant.Add(dureeJetonMax)), Invalide, "expireLe", "« expireLe » doit être à venir, dans trois ans au plus")
		organisation, err := e.titulaire(ctx, in.Role, in.Organisation)
		if err != nil {
			return "", err
		}
		if err := e.ready(); err != nil {
			return "", err
		}
		if err := e.authorise(ctx, "organisation", deref(organisation)); err != nil {
			return "", err
		}
		cle, empreinte, jeton := newJeton()
		secret = &jeton
		_, err = e.tx.NewRaw(`INSERT INTO jeton (cle, empreinte, nom, role, organisation_id, expire_le) VALUES (?, ?, ?, ?, ?, ?)`,
			cle, empreinte, in.Nom, string(in.Role), organisation, expire).Exec(ctx)
		return cle, err
	})
	if err != nil || len(fautes) > 0 {
		return &CreerJetonPayload{Erreurs: fautes}, err
	}
	j, err := s.jetonEcrit(ctx, cle)
	return &CreerJetonPayload{Jeton: j, Secret: secret}, err // done before with the same key: the secret is not known any more
}

// RevoquerJetonInput names a token to revoke.
type RevoquerJetonInput struct {
	CleIdempotence *string
	ID             string
}

// JetonPayload is a token as it stands after a mutation, or what keeps it from being done.
type JetonPayload struct {
	Jeton   *Jeton
	Erreurs []*Erreur
}

// RevoquerJeton ends a token at once. One already revoked stays as it is.
func (s *Store) RevoquerJeton(ctx context.Context, in RevoquerJetonInput) (*JetonPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"revoquerJeton", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		cle := e.cleDe("id", in.ID, "Jeton")
		if err := e.ready(); err != nil {
			return "", err
		}
		j := new(Jeton)
		found, err := lock(ctx, e, j, columnsJeton, "j.cle", cle)
		if err != nil {
			return "", err
		}
		if !found {
			return "", faute(Introuvable, "id", "ce jeton n'existe pas")
		}
		if err := e.authorise(ctx, "id", deref(j.OrganisationID)); err != nil {
			return "", err
		}
		_, err = e.tx.NewRaw(`UPDATE jeton SET revoque_le = now() WHERE id = ? AND revoque_le IS NULL`, j.Rowid).Exec(ctx)
		return cle, err
	})
	if err != nil || len(fautes) > 0 {
		return &JetonPayload{Erreurs: fautes}, err
	}
	j, err := s.jetonEcrit(ctx, cle)
	return &JetonPayload{Jeton: j}, err
}

// titulaire reads the organisation that a role is given for, and checks that the two go together.
func (e *ecriture) titulaire(ctx context.Context, role droit.Role, id *string) (*int64, error) {
	if role.Global() || id == nil {
		e.verify(id == nil, Invalide, "organisation", "le rôle %s vaut pour toutes les organisations : n'en nommez pas", role)
		e.verify(role.Global(), Requis, "organisation", "le rôle %s s'exerce pour une organisation : nommez-la", role)
		return nil, nil
	}
	f, err := e.organisation(ctx, "organisation", *id, "Collectivite", "SyndicatMixte", "Prestataire")
	if f == nil {
		return nil, err
	}
	e.verify((role == droit.Fournisseur) == (f.Genre == "PRESTATAIRE"), Invalide, "role", "le rôle PRESTATAIRE est celui des prestataires, et d'eux seuls")
	return &f.Rowid, nil
}

// jetonEcrit reads again a token that a mutation wrote, now or when it was first asked; nil when the identity may not
// read it, or not any more.
func (s *Store) jetonEcrit(ctx context.Context, cle string) (*Jeton, error) {
	j := new(Jeton)
	found, err := one(ctx, selectRows(s, j, columnsJeton).Where("j.cle = ?", cle), j)
	if !found || s.mayRead(ctx, "lireJetons", deref(j.OrganisationID)) != nil {
		return nil, err
	}
	gather([]*Jeton{j})
	return j, nil
}

// Jetons lists the tokens of an organisation, the last made first, revoked and expired ones too; without one, those of
// the roles that are for all. Errors: CodeNonAuthentifie, CodeInterdit.
func (s *Store) Jetons(ctx context.Context, organisation *string, a page.Args) (*JetonConnection, error) {
	filter, err := s.ofTitulaire(ctx, "lireJetons", organisation)
	if err != nil {
		return nil, err
	}
	return readPage(ctx, s, listeJetons(filter), a)
}

// TousLesJetons lists the tokens of everybody, the last made first. Errors: CodeNonAuthentifie, CodeInterdit.
func (s *Store) TousLesJetons(ctx context.Context, a page.Args) (*JetonConnection, error) {
	if err := s.mayRead(ctx, "lireJetons", 0); err != nil {
		return nil, err
	}
	return readPage(ctx, s, listeJetons(everything), a)
}

func listeJetons(filter criteria) liste[*Jeton, *Jeton] {
	return liste[*Jeton, *Jeton]{
		columns: columnsJeton,
		order: page.Order[*Jeton]{Name: "jeton", Keys: []page.Key{{Expr: "j.id", Kind: page.Int}}, Desc: true,
			Values: func(j *Jeton) []any { return []any{j.Rowid} }},
		filter: filter,
		node:   func(j *Jeton) *Jeton { return j },
	}
}

// ofTitulaire keeps the tokens, the rights or the webhooks of an organisation, or for all, once the identity may read them.
func (s *Store) ofTitulaire(ctx context.Context, action droit.Action, id *string) (criteria, error) {
	if id == nil {
		return func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("?TableAlias.organisation_id IS NULL") }, s.mayRead(ctx, action, 0)
	}
	rowid, err := s.organisationID(ctx, "organisation", *id)
	if err != nil {
		return nil, err
	}
	return func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("?TableAlias.organisation_id = ?", rowid) }, s.mayRead(ctx, action, rowid)
}

// organisationID gives the row id of the organisation that an id names, a former id too. Errors: CodeArgumentInvalide,
// CodeIntrouvable.
func (s *Store) organisationID(ctx context.Context, argument, id string) (int64, error) {
	cles, err := keys(argument, []string{id}, "Collectivite", "SyndicatMixte", "Prestataire")
	if err != nil {
		return 0, err
	}
	f, err := s.ficheDe(ctx, cles[0])
	if f == nil {
		if err == nil {
			err = &Error{Code: CodeIntrouvable, Message: "« " + argument + " » : cette organisation n'existe pas", Champ: []string{argument}}
		}
		return 0, err
	}
	return f.Rowid, nil
}

// TitulaireDuJeton returns the organisation that a token acts for; nil when it is for all.
func (s *Store) TitulaireDuJeton(ctx context.Context, j *Jeton, sel Selection) (Organisation, error) {
	return organisation(follow(ctx, j.lot, sel.Cle, func(j *Jeton) int64 { return deref(j.OrganisationID) }, s.fichesByID, j))
}
