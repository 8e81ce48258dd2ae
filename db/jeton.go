package db

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

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
		e.verify(in.Nom != "" && len(in.Nom) <= 200, Invalide, "nom", "« nom » compte de 1 à 200 caractères : dites à quoi sert ce jeton")
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
	j, err := s.jeton(ctx, cle)
	return &CreerJetonPayload{Jeton: j, Secret: secret}, err // done before with the same key: the secret is not known any more
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

// jeton reads a token by its public half, once the right to it has been established.
func (s *Store) jeton(ctx context.Context, cle string) (*Jeton, error) {
	j := new(Jeton)
	q := s.base.NewSelect().Model(j)
	for _, c := range columnsJeton {
		q = q.ColumnExpr(c)
	}
	if found, err := one(ctx, q.Where("j.cle = ?", cle), j); !found {
		return nil, err
	}
	gather([]*Jeton{j})
	return j, nil
}
