package db

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// GenreReseau says what a network is.
type GenreReseau string

// GenreAppartenance says how a network is tied to another.
type GenreAppartenance string

// Reseau is a network of companies, professionals or users of free software, which is none of the organisations' kinds.
type Reseau struct {
	bun.BaseModel   `bun:"table:reseau,alias:re"`
	membre[*Reseau] `bun:"-"`

	Rowid          int64       `bun:"id,pk"`
	Slug           string      `bun:"cle"`
	Nom            string      `bun:"nom"`
	NomTri         string      `bun:"nom_tri"`
	Sigle          *string     `bun:"sigle"`
	Genre          GenreReseau `bun:"genre"`
	Description    *string     `bun:"description"`
	Site           *string     `bun:"site"`
	CodeRegion     string      `bun:"region"`
	OrganisationID *int64      `bun:"organisation_id"`
	SourceID       int64       `bun:"source_id"`

	ParentID int64 `bun:"parent_id,scanonly"`
}

// ReseauConnection and ReseauEdge page lists of networks.
type (
	ReseauConnection = page.Connection[*Reseau]
	ReseauEdge       = page.Edge[*Reseau]
)

// ID returns the public id.
func (r *Reseau) ID() string { return identifiant.Global("Reseau", r.Slug) }

// IsNode marks what can be read again by its id.
func (r *Reseau) IsNode() {}

var columnsReseau = []string{"re.id", "re.cle", "re.nom", "re.nom_tri", "re.sigle", "re.genre", "re.description", "re.site", "re.region",
	"re.organisation_id", "re.source_id"}

func reseauID(r *Reseau) int64 { return r.Rowid }

func (r *Reseau) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, r.lot, func(r *Reseau) int64 { return r.SourceID }, r)
}

func (r *Reseau) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, r.lot, "Reseau", "", reseauID, r, a, sel)
}

func listeReseaux(filter criteria, ties ...string) liste[*Reseau, *Reseau] {
	return liste[*Reseau, *Reseau]{
		columns: columnsReseau,
		order: page.Order[*Reseau]{Name: "nom", Keys: []page.Key{{Expr: "re.nom_tri", Kind: page.Text}, {Expr: "re.id", Kind: page.Int}},
			Values: func(r *Reseau) []any { return []any{r.NomTri, r.Rowid} }},
		filter: filter, ties: ties,
		parent: func(r *Reseau) int64 { return r.ParentID },
		node:   func(r *Reseau) *Reseau { return r },
	}
}

// Reseau finds one network by its public id or its slug, exactly one; nil when there is none.
func (s *Store) Reseau(ctx context.Context, id, slug *string) (*Reseau, error) {
	return bySlug[Reseau](ctx, s, "Reseau", columnsReseau, "re.cle", id, slug)
}

// bySlug finds one row by its public id or its slug, exactly one; nil when there is none.
func bySlug[R any, P row[R]](ctx context.Context, s *Store, typ string, columns []string, key string, id, slug *string) (*R, error) {
	if err := exactlyOne(map[string]*string{"id": id, "slug": slug}); err != nil {
		return nil, err
	}
	if id != nil {
		cles, err := keys("id", []string{*id}, typ)
		if err != nil {
			return nil, err
		}
		slug = &cles[0]
	}
	r := new(R)
	if found, err := one(ctx, selectRows(s, r, columns).Where("? = ?", bun.Safe(key), *slug), r); !found {
		return nil, err
	}
	gather[R, P]([]*R{r})
	return r, nil
}

// Reseaux lists the networks known, by name; nil kinds: every one.
func (s *Store) Reseaux(ctx context.Context, genres []GenreReseau, a page.Args) (*ReseauConnection, error) {
	return readPage(ctx, s, listeReseaux(func(q *bun.SelectQuery) *bun.SelectQuery { return inList(q, "re.genre", genres) }), a)
}

// MembresDuReseau lists the networks that are members or parts of another.
func (s *Store) MembresDuReseau(ctx context.Context, r *Reseau, a page.Args, sel Selection) (*ReseauConnection, error) {
	return childrenOf(ctx, s, r.lot, reseauID, r, listeReseaux(everything, "re.id IN (SELECT rl.reseau_id FROM reseau_lien rl WHERE rl.federation_id = p.id)"), a, sel)
}

// RegionDuReseau returns the région where a network is rooted, when it is known.
func (s *Store) RegionDuReseau(ctx context.Context, r *Reseau) (*Territoire, error) {
	return territoireParCode(ctx, s, r.lot, "REGION", func(r *Reseau) string { return r.CodeRegion }, r)
}

// OrganisationDuReseau returns the organisation that a network also is; nil when it is none.
func (s *Store) OrganisationDuReseau(ctx context.Context, r *Reseau) (Organisation, error) {
	return organisation(follow(ctx, r.lot, "organisation", func(r *Reseau) int64 { return deref(r.OrganisationID) }, s.fichesByID, r))
}

// Appartenance ties a network to a wider one.
type Appartenance struct {
	bun.BaseModel         `bun:"table:reseau_lien,alias:rl"`
	membre[*Appartenance] `bun:"-"`

	ReseauID     int64             `bun:"reseau_id"`
	FederationID int64             `bun:"federation_id"`
	Genre        GenreAppartenance `bun:"genre"`
	SourceID     int64             `bun:"source_id"`
}

func (a *Appartenance) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, a.lot, func(a *Appartenance) int64 { return a.SourceID }, a)
}

// AppartenancesDe lists the networks that a network is a member or a part of, by name.
func (s *Store) AppartenancesDe(ctx context.Context, r *Reseau) ([]*Appartenance, error) {
	return shortLists(ctx, r.lot, "appartenances", r.Rowid, func(ctx context.Context, members []*Reseau) ([]*Appartenance, error) {
		var rows []*Appartenance
		q := selectRows(s, (*Appartenance)(nil), []string{"rl.reseau_id", "rl.federation_id", "rl.genre", "rl.source_id"}).
			Join("JOIN reseau re ON re.id = rl.federation_id").Where("rl.reseau_id IN (?)", bun.List(distinct(members, reseauID))).OrderExpr("re.nom_tri, rl.id")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, func(a *Appartenance) int64 { return a.ReseauID })
}

// ReseauDeLAppartenance returns the wider network.
func (s *Store) ReseauDeLAppartenance(ctx context.Context, a *Appartenance) (*Reseau, error) {
	return follow(ctx, a.lot, "reseau", func(a *Appartenance) int64 { return a.FederationID }, reader(s, columnsReseau, reseauID), a)
}
