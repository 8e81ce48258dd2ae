package db

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// NatureCollectivite is what a collectivité is; its values are the contract's.
type NatureCollectivite string

// FormeSyndicat is the legal form of a syndicat, as BANATIC names it.
type FormeSyndicat string

// Strate is a band of population, computed by the database.
type Strate string

// Node is anything that can be read again by its public id.
type Node interface {
	IsNode()
	ID() string
}

// Organisation is a Collectivite, a SyndicatMixte or a Prestataire.
type Organisation interface {
	Node
	IsOrganisation()
	IsResultatRecherche()
	fiche() *Fiche
}

// Fiche is the row that every organisation has, whatever its kind.
type Fiche struct {
	bun.BaseModel  `bun:"table:organisation,alias:o"`
	membre[*Fiche] `bun:"-"`

	Rowid           int64               `bun:"id,pk"`
	Cle             string              `bun:"cle"`
	Genre           string              `bun:"genre"`
	Nom             string              `bun:"nom"`
	NomTri          string              `bun:"nom_tri"`
	Sigle           *string             `bun:"sigle"`
	Siren           *string             `bun:"siren"`
	Site            *string             `bun:"site"`
	Nature          *NatureCollectivite `bun:"nature"`
	NatureJuridique *string             `bun:"nature_juridique"`
	Forme           *FormeSyndicat      `bun:"forme"`
	CodeInsee       *string             `bun:"code_insee"`
	Population      *int                `bun:"population"`
	Strate          *Strate             `bun:"strate"`
	CodeDepartement string              `bun:"departement"`
	CodeRegion      string              `bun:"region"`
	Active          bool                `bun:"actif"`
	NombreUsages    int                 `bun:"nb_usages"`
	SourceID        int64               `bun:"source_id"`

	ParentID    int64  `bun:"parent_id,scanonly"`
	CleDemandee string `bun:"cle_demandee,scanonly"`
}

// columnsFiche are read for every organisation: all are short.
var columnsFiche = []string{
	"o.id", "o.cle", "o.genre", "o.nom", "o.nom_tri", "o.sigle", "o.siren", "o.site", "o.nature", "o.nature_juridique",
	"o.forme", "o.code_insee", "o.population", "o.strate", "o.departement", "o.region", "o.actif", "o.nb_usages", "o.source_id",
}

// Collectivite is a commune, an EPCI, a département, a région or another public body.
type Collectivite struct{ *Fiche }

// SyndicatMixte is a groupement without its own taxation, through which collectivités share means.
type SyndicatMixte struct{ *Fiche }

// Prestataire offers services on software.
type Prestataire struct{ *Fiche }

// ID returns the public id.
func (c *Collectivite) ID() string { return identifiant.Global("Collectivite", c.Cle) }

// ID returns the public id.
func (s *SyndicatMixte) ID() string { return identifiant.Global("SyndicatMixte", s.Cle) }

// ID returns the public id.
func (p *Prestataire) ID() string { return identifiant.Global("Prestataire", p.Cle) }

// IsNode marks what can be read again by its id.
func (f *Fiche) IsNode() {}

// IsOrganisation marks the organisations.
func (f *Fiche) IsOrganisation() {}

// IsResultatRecherche marks what a search can find.
func (f *Fiche) IsResultatRecherche() {}

func (f *Fiche) fiche() *Fiche { return f }

func (f *Fiche) demandee() string { return f.CleDemandee }

// organisation shows a row as the kind it is.
func (f *Fiche) organisation() Organisation {
	switch f.Genre {
	case "SYNDICAT":
		return &SyndicatMixte{f}
	case "PRESTATAIRE":
		return &Prestataire{f}
	}
	return &Collectivite{f}
}

func asCollectivite(f *Fiche) *Collectivite { return &Collectivite{f} }
func asSyndicat(f *Fiche) *SyndicatMixte    { return &SyndicatMixte{f} }
func asPrestataire(f *Fiche) *Prestataire   { return &Prestataire{f} }

func ficheID(f *Fiche) int64     { return f.Rowid }
func ficheParent(f *Fiche) int64 { return f.ParentID }

// The orders of the lists of organisations. nom_tri is normalised and compared byte by byte.
var (
	parNom = page.Order[*Fiche]{Name: "nom",
		Keys:   []page.Key{{Expr: "o.nom_tri", Kind: page.Text}, {Expr: "o.id", Kind: page.Int}},
		Values: func(f *Fiche) []any { return []any{f.NomTri, f.Rowid} }}
	parPopulation = page.Order[*Fiche]{Name: "population",
		Keys: []page.Key{{Expr: "coalesce(o.population, -1)", Kind: page.Int}, {Expr: "o.id", Kind: page.Int}},
		Values: func(f *Fiche) []any {
			if f.Population == nil {
				return []any{int64(-1), f.Rowid}
			}
			return []any{int64(*f.Population), f.Rowid}
		}}
	parUsages = page.Order[*Fiche]{Name: "usages",
		Keys:   []page.Key{{Expr: "o.nb_usages", Kind: page.Int}, {Expr: "o.id", Kind: page.Int}},
		Values: func(f *Fiche) []any { return []any{int64(f.NombreUsages), f.Rowid} }}
)

// listeFiches is any list of organisations of one kind, by name unless order says otherwise.
func listeFiches[N any](node func(*Fiche) N, order page.Order[*Fiche], filter criteria, ties ...string) liste[*Fiche, N] {
	return liste[*Fiche, N]{columns: columnsFiche, order: order, filter: filter, ties: ties, parent: ficheParent, node: node}
}

// fichesByID reads organisations by their row ids, as one lot.
func (s *Store) fichesByID(ctx context.Context, ids []int64) (map[int64]*Fiche, error) {
	return byID(ctx, s, ids, columnsFiche, ficheID)
}

// byID reads rows by their primary key, as one lot.
func byID[R any, P row[R]](ctx context.Context, s *Store, ids []int64, columns []string, id func(*R) int64) (map[int64]*R, error) {
	found := make(map[int64]*R, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	var rows []*R
	if err := many(ctx, selectRows(s, (*R)(nil), columns).Where("?TableAlias.id IN (?)", bun.List(ids)), &rows); err != nil {
		return nil, err
	}
	gather[R, P](rows)
	for _, r := range rows {
		found[id(r)] = r
	}
	return found, nil
}

func selectRows(s *Store, model any, columns []string) *bun.SelectQuery {
	q := s.bun.NewSelect().Model(model)
	for _, c := range columns {
		q = q.ColumnExpr(c)
	}
	return q
}

// follow follows a reference from every row of a lot to the rows it points to, in one statement.
func follow[P, R any](ctx context.Context, l *lot[P], key string, ref func(P) int64, read func(context.Context, []int64) (map[int64]*R, error), from P) (*R, error) {
	if ref(from) == 0 {
		return nil, nil
	}
	rows, err := perLot(ctx, l, key, func(ctx context.Context, members []P) (map[int64]*R, error) {
		return read(ctx, distinct(members, ref))
	})
	return rows[ref(from)], err
}

// organisation shows a row as the kind it is; nil stays nil.
func organisation(f *Fiche, err error) (Organisation, error) {
	if f == nil {
		return nil, err
	}
	return f.organisation(), nil
}

// OrganisationDe finds an organisation by its SIREN, spaces aside, or by its key; nil when there is none.
func (s *Store) OrganisationDe(ctx context.Context, nom string) (Organisation, error) {
	siren, err := sirenKey(nom)
	if err != nil {
		return organisation(s.ficheDe(ctx, nom))
	}
	f := new(Fiche)
	found, err := one(ctx, selectRows(s, f, columnsFiche).Where("o.siren = ?", siren), f)
	if !found {
		return nil, err
	}
	return f.organisation(), nil
}
