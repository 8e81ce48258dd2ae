package db

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// Adhesion is the membership of an organisation in a groupement, over a period.
type Adhesion struct {
	bun.BaseModel     `bun:"table:adhesion,alias:ad"`
	membre[*Adhesion] `bun:"-"`

	Rowid        int64    `bun:"id,pk"`
	Cle          string   `bun:"cle"`
	GroupementID int64    `bun:"groupement_id"`
	MembreID     int64    `bun:"membre_id"`
	ViaID        *int64   `bun:"via_id"`
	Services     []string `bun:"services,array"`
	Debut        *Date    `bun:"debut"`
	Fin          *Date    `bun:"fin"`
	Confirmee    bool     `bun:"confirmee"`
	SourceID     int64    `bun:"source_id"`
	Revision     int      `bun:"revision"`

	ParentID int64 `bun:"parent_id,scanonly"`
}

// ID returns the public id.
func (a *Adhesion) ID() string { return identifiant.Global("Adhesion", a.Cle) }

// IsNode marks what can be read again by its id.
func (a *Adhesion) IsNode() {}

func adhesionID(a *Adhesion) int64 { return a.Rowid }

func (a *Adhesion) historique(ctx context.Context, s *Store, args page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, a.lot, "Adhesion", "", adhesionID, a, args, sel)
}

var columnsAdhesion = []string{"ad.id", "ad.cle", "ad.groupement_id", "ad.membre_id", "ad.via_id", "ad.services", "ad.debut", "ad.fin",
	"ad.confirmee", "ad.source_id", "ad.revision"}

// AdhesionConnection and AdhesionEdge page lists of memberships.
type (
	AdhesionConnection = page.Connection[*Adhesion]
	AdhesionEdge       = page.Edge[*Adhesion]
)

func listeAdhesions(tie string) liste[*Adhesion, *Adhesion] {
	return liste[*Adhesion, *Adhesion]{
		columns: columnsAdhesion,
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
