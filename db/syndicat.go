package db

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
)

// SyndicatMixteConnection and SyndicatMixteEdge page lists of syndicats.
type (
	SyndicatMixteConnection = page.Connection[*SyndicatMixte]
	SyndicatMixteEdge       = page.Edge[*SyndicatMixte]
)

func onlySyndicats(q *bun.SelectQuery) *bun.SelectQuery {
	return q.Where("o.genre = 'SYNDICAT'").Where("o.actif")
}

// Syndicats lists the syndicats by name; text narrows it to those whose name or acronym contains it.
func (s *Store) Syndicats(ctx context.Context, text *string, a page.Args) (*SyndicatMixteConnection, error) {
	return readPage(ctx, s, listeFiches(asSyndicat, parNom, func(q *bun.SelectQuery) *bun.SelectQuery {
		return named(onlySyndicats(q), "o.id", "organisation_id", text)
	}), a)
}

// Syndicat finds one syndicat by its public id or its SIREN, exactly one; nil when there is none.
func (s *Store) Syndicat(ctx context.Context, id, siren *string) (*SyndicatMixte, error) {
	if err := exactlyOne(map[string]*string{"id": id, "siren": siren}); err != nil {
		return nil, err
	}
	q := selectRows(s, (*Fiche)(nil), columnsFiche).Where("o.genre = 'SYNDICAT'")
	if id != nil {
		cles, err := keys("id", []string{*id}, "SyndicatMixte")
		if err != nil {
			return nil, err
		}
		q = nommes(q, organisationsNommees, cles[0])
	} else {
		checked, err := sirenKey(*siren)
		if err != nil {
			return nil, err
		}
		q = nommes(q, organisationsDeSiren, checked)
	}
	f := new(Fiche)
	if found, err := one(ctx, q, f); !found {
		return nil, err
	}
	gather([]*Fiche{f})
	return &SyndicatMixte{f}, nil
}

// Competence is a power exercised by a groupement.
type Competence struct {
	OrganisationID int64
	Nomenclature   string
	Code           string
	Intitule       *string
}

// CompetencesDe lists what a syndicat may do, by code.
func (s *Store) CompetencesDe(ctx context.Context, sm *SyndicatMixte) ([]*Competence, error) {
	return shortLists(ctx, sm.lot, "competences", sm.Rowid, func(ctx context.Context, members []*Fiche) ([]*Competence, error) {
		var rows []*Competence
		return rows, many(ctx, s.bun.NewSelect().TableExpr("competence_exercee e").
			Join("JOIN competence c USING (nomenclature, code)").
			ColumnExpr("e.organisation_id, nomenclature, code, c.intitule").
			Where("e.organisation_id IN (?)", bun.List(distinct(members, ficheID))).
			OrderExpr("nomenclature, code"), &rows)
	}, func(c *Competence) int64 { return c.OrganisationID })
}

// Adhesion is the membership of an organisation in a groupement, over a period.
type Adhesion struct {
	bun.BaseModel     `bun:"table:adhesion,alias:ad"`
	membre[*Adhesion] `bun:"-"`

	Rowid        int64    `bun:"id,pk"`
	GroupementID int64    `bun:"groupement_id"`
	MembreID     int64    `bun:"membre_id"`
	ViaID        *int64   `bun:"via_id"`
	Services     []string `bun:"services,array"`
	Debut        *Date    `bun:"debut"`
	Fin          *Date    `bun:"fin"`
	SourceID     int64    `bun:"source_id"`

	ParentID int64 `bun:"parent_id,scanonly"`
}

// AdhesionConnection and AdhesionEdge page lists of memberships.
type (
	AdhesionConnection = page.Connection[*Adhesion]
	AdhesionEdge       = page.Edge[*Adhesion]
)

func listeAdhesions(tie string) liste[*Adhesion, *Adhesion] {
	return liste[*Adhesion, *Adhesion]{
		columns: []string{"ad.id", "ad.groupement_id", "ad.membre_id", "ad.via_id", "ad.services", "ad.debut", "ad.fin", "ad.source_id"},
		order: page.Order[*Adhesion]{Name: "adhesion", Keys: []page.Key{{Expr: "ad.id", Kind: page.Int}},
			Values: func(a *Adhesion) []any { return []any{a.Rowid} }},
		filter: everything, ties: []string{tie},
		parent: func(a *Adhesion) int64 { return a.ParentID },
		node:   func(a *Adhesion) *Adhesion { return a },
	}
}

func everything(q *bun.SelectQuery) *bun.SelectQuery { return q }

// AdhesionsDe lists the memberships of an organisation.
func (s *Store) AdhesionsDe(ctx context.Context, f *Fiche, a page.Args, sel Selection) (*AdhesionConnection, error) {
	return children(ctx, s, f, listeAdhesions("ad.membre_id = p.id"), a, sel)
}

// AdhesionsAu lists the memberships in a groupement.
func (s *Store) AdhesionsAu(ctx context.Context, f *Fiche, a page.Args, sel Selection) (*AdhesionConnection, error) {
	return children(ctx, s, f, listeAdhesions("ad.groupement_id = p.id"), a, sel)
}

// partiesDe reads, for a lot of memberships, all the organisations they name.
func (s *Store) partieDe(ctx context.Context, a *Adhesion, id int64) (Organisation, error) {
	found, err := perLot(ctx, a.lot, "parties", func(ctx context.Context, members []*Adhesion) (map[int64]*Fiche, error) {
		ids := distinct(members, func(a *Adhesion) int64 { return a.GroupementID })
		ids = append(ids, distinct(members, func(a *Adhesion) int64 { return a.MembreID })...)
		ids = append(ids, distinct(members, func(a *Adhesion) int64 { return deref(a.ViaID) })...)
		return s.fichesByID(ctx, ids)
	})
	if f := found[id]; f != nil {
		return f.organisation(), err
	}
	return nil, err
}

// GroupementDe returns the groupement of a membership.
func (s *Store) GroupementDe(ctx context.Context, a *Adhesion) (Organisation, error) {
	return s.partieDe(ctx, a, a.GroupementID)
}

// MembreDe returns the member of a membership.
func (s *Store) MembreDe(ctx context.Context, a *Adhesion) (Organisation, error) {
	return s.partieDe(ctx, a, a.MembreID)
}

// ViaDe returns the groupement through which a membership is indirect; nil when it is direct.
func (s *Store) ViaDe(ctx context.Context, a *Adhesion) (Organisation, error) {
	return s.partieDe(ctx, a, deref(a.ViaID))
}

func deref(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}
