package db

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// Habilitation is a role that a person known by an identity provider has for an organisation.
type Habilitation struct {
	bun.BaseModel         `bun:"table:habilitation,alias:h"`
	membre[*Habilitation] `bun:"-"`

	Rowid          int64      `bun:"id,pk"`
	Cle            string     `bun:"cle"`
	Emetteur       string     `bun:"emetteur"`
	Sujet          string     `bun:"sujet"`
	Nom            string     `bun:"nom"`
	Role           droit.Role `bun:"role"`
	OrganisationID *int64     `bun:"organisation_id"`
	CreeLe         Instant    `bun:"cree_le"`
	RetireeLe      *Instant   `bun:"retiree_le"`
}

// HabilitationConnection and HabilitationEdge page lists of rights.
type (
	HabilitationConnection = page.Connection[*Habilitation]
	HabilitationEdge       = page.Edge[*Habilitation]
)

// ID returns the public id.
func (h *Habilitation) ID() string { return identifiant.Global("Habilitation", h.Cle) }

var columnsHabilitation = []string{"h.id", "h.cle", "h.emetteur", "h.sujet", "h.nom", "h.role", "h.organisation_id", "h.cree_le", "h.retiree_le"}

// HabilitationPayload is a right as it stands after a mutation, or what keeps it from being done.
type HabilitationPayload struct {
	Habilitation *Habilitation
	Erreurs      []*Erreur
}

// HabiliterInput gives a person a role.
type HabiliterInput struct {
	CleIdempotence *string
	Emetteur       string
	Sujet          string
	Nom            string
	Role           droit.Role
	Organisation   *string
}

// Habiliter gives a person a role for an organisation; without one, for the roles that need none. A person has one role
// at most for an organisation: the former is taken back first.
func (s *Store) Habiliter(ctx context.Context, in HabiliterInput) (*HabilitationPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"habiliter", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		nom := strings.TrimSpace(in.Nom)
		e.verify(nom != "" && utf8.RuneCountInString(nom) <= 200, Invalide, "nom", "« nom » compte de 1 à 200 caractères : c'est celui de la personne")
		e.verify(in.Sujet != "" && utf8.RuneCountInString(in.Sujet) <= 255, Invalide, "sujet", "« sujet » compte de 1 à 255 caractères : c'est celui que donne son fournisseur d'identité")
		e.verify(webURL(in.Emetteur) && !strings.Contains(in.Emetteur, "#"), Invalide, "emetteur", "« emetteur » est l'adresse du fournisseur d'identité, en https")
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
		cle := uuid.NewString()
		added, err := e.tx.NewRaw(`INSERT INTO habilitation (cle, emetteur, sujet, nom, role, organisation_id) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (emetteur, sujet, coalesce(organisation_id, 0)) WHERE retiree_le IS NULL DO NOTHING`,
			cle, in.Emetteur, in.Sujet, nom, string(in.Role), organisation).Exec(ctx)
		if err != nil {
			return "", err
		}
		if n, _ := added.RowsAffected(); n == 0 {
			return "", faute(Duplique, "sujet", "cette personne a déjà un rôle pour cette organisation : retirez-le d'abord")
		}
		return cle, nil
	})
	return s.habilitationPayload(ctx, cle, fautes, err)
}

// RetirerHabilitationInput names a right to take back.
type RetirerHabilitationInput struct {
	CleIdempotence *string
	ID             string
}

// RetirerHabilitation takes a right back at once. One already taken back stays as it is.
func (s *Store) RetirerHabilitation(ctx context.Context, in RetirerHabilitationInput) (*HabilitationPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"retirerHabilitation", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		h, err := lockNamed[Habilitation](ctx, e, "id", in.ID, columnsHabilitation, "h.cle", faute(Introuvable, "id", "cette habilitation n'existe pas"))
		if err != nil {
			return "", err
		}
		if err := e.authorise(ctx, "id", deref(h.OrganisationID)); err != nil {
			return "", err
		}
		_, err = e.tx.NewRaw(`UPDATE habilitation SET retiree_le = now() WHERE id = ? AND retiree_le IS NULL`, h.Rowid).Exec(ctx)
		return h.Cle, err
	})
	return s.habilitationPayload(ctx, cle, fautes, err)
}

// habilitationPayload reads a right again, once the mutation is over; nil when the identity may not read it, or not any more.
func (s *Store) habilitationPayload(ctx context.Context, cle string, fautes Fautes, err error) (*HabilitationPayload, error) {
	if err != nil || len(fautes) > 0 {
		return &HabilitationPayload{Erreurs: fautes}, err
	}
	h := new(Habilitation)
	found, err := one(ctx, selectRows(s, h, columnsHabilitation).Where("h.cle = ?", cle), h)
	if !found || s.mayRead(ctx, "lireHabilitations", deref(h.OrganisationID)) != nil {
		return &HabilitationPayload{}, err
	}
	gather([]*Habilitation{h})
	return &HabilitationPayload{Habilitation: h}, nil
}

// Habilitations lists the rights given to people for an organisation, the last given first, those taken back too;
// without one, those of the roles that are for all. Errors: CodeNonAuthentifie, CodeInterdit.
func (s *Store) Habilitations(ctx context.Context, organisation *string, a page.Args) (*HabilitationConnection, error) {
	filter, err := s.ofTitulaire(ctx, "lireHabilitations", organisation)
	if err != nil {
		return nil, err
	}
	return readPage(ctx, s, liste[*Habilitation, *Habilitation]{
		columns: columnsHabilitation,
		order: page.Order[*Habilitation]{Name: "habilitation", Keys: []page.Key{{Expr: "h.id", Kind: page.Int}}, Desc: true,
			Values: func(h *Habilitation) []any { return []any{h.Rowid} }},
		filter: filter,
		node:   func(h *Habilitation) *Habilitation { return h },
	}, a)
}

// TitulaireDeLHabilitation returns the organisation that a right is for; nil when it is for all.
func (s *Store) TitulaireDeLHabilitation(ctx context.Context, h *Habilitation, sel Selection) (Organisation, error) {
	return organisation(follow(ctx, h.lot, sel.Cle, func(h *Habilitation) int64 { return deref(h.OrganisationID) }, s.fichesByID, h))
}
