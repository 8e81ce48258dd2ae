package db

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// StatutEntree is the state of a catalogue entry.
type StatutEntree string

// TypePrestation is a service rendered around a software.
type TypePrestation string

// Catalogue is what a syndicat offers its members.
type Catalogue struct {
	bun.BaseModel      `bun:"table:catalogue,alias:k"`
	membre[*Catalogue] `bun:"-"`

	Rowid      int64  `bun:"id,pk"`
	Cle        string `bun:"cle"`
	Nom        string `bun:"nom"`
	SyndicatID int64  `bun:"syndicat_id"`
	SourceID   int64  `bun:"source_id"`
	Revision   int    `bun:"revision"`
}

// ID returns the public id.
func (c *Catalogue) ID() string { return identifiant.Global("Catalogue", c.Cle) }

// IsNode marks what can be read again by its id.
func (c *Catalogue) IsNode() {}

var columnsCatalogue = []string{"k.id", "k.cle", "k.nom", "k.syndicat_id", "k.source_id", "k.revision"}

func catalogueID(c *Catalogue) int64 { return c.Rowid }

// Catalogue finds a catalogue by its public id; nil when there is none.
func (s *Store) Catalogue(ctx context.Context, id string) (*Catalogue, error) {
	cles, err := keys("id", []string{id}, "Catalogue")
	if err != nil {
		return nil, err
	}
	c := new(Catalogue)
	if found, err := one(ctx, selectRows(s, c, columnsCatalogue).Where("k.cle = ?", cles[0]), c); !found {
		return nil, err
	}
	gather([]*Catalogue{c})
	return c, nil
}

// CataloguesDe lists the catalogues of a syndicat by name.
func (s *Store) CataloguesDe(ctx context.Context, sm *SyndicatMixte) ([]*Catalogue, error) {
	return shortLists(ctx, sm.lot, "catalogues", sm.Rowid, func(ctx context.Context, members []*Fiche) ([]*Catalogue, error) {
		var rows []*Catalogue
		q := selectRows(s, (*Catalogue)(nil), columnsCatalogue).
			Where("k.syndicat_id IN (?)", bun.List(distinct(members, ficheID))).OrderExpr("k.nom, k.id")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, func(c *Catalogue) int64 { return c.SyndicatID })
}

// SyndicatDuCatalogue returns who publishes a catalogue.
func (s *Store) SyndicatDuCatalogue(ctx context.Context, c *Catalogue) (*SyndicatMixte, error) {
	return syndicat(follow(ctx, c.lot, "syndicat", func(c *Catalogue) int64 { return c.SyndicatID }, s.fichesByID, c))
}

func syndicat(f *Fiche, err error) (*SyndicatMixte, error) {
	if f == nil {
		return nil, err
	}
	return &SyndicatMixte{f}, nil
}

// PartLibre returns the share of free software among the distinct ones offered today, 0 to 1; nil for an empty
// catalogue.
func (s *Store) PartLibre(ctx context.Context, c *Catalogue) (*float64, error) {
	shares, err := perLot(ctx, c.lot, "partLibre", func(ctx context.Context, members []*Catalogue) (map[int64]*float64, error) {
		var rows []struct {
			CatalogueID int64
			Part        float64
		}
		q := s.bun.NewSelect().
			TableExpr(`(SELECT DISTINCT e.catalogue_id, e.logiciel_id FROM entree_catalogue e
				WHERE e.catalogue_id IN (?) AND e.statut = 'PROPOSEE'
				AND coalesce(e.depuis, aujourdhui()) <= aujourdhui() AND coalesce(e.jusqua, 'infinity') > aujourdhui()) e`,
				bun.List(distinct(members, catalogueID))).
			Join("JOIN logiciel l ON l.id = e.logiciel_id").
			ColumnExpr("e.catalogue_id, avg(l.libre::int)::float8 AS part").GroupExpr("e.catalogue_id")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		shares := make(map[int64]*float64, len(rows))
		for i := range rows {
			shares[rows[i].CatalogueID] = &rows[i].Part
		}
		return shares, nil
	})
	return shares[c.Rowid], err
}

// EntreeCatalogue is a software offered by a syndicat, with services around it.
type EntreeCatalogue struct {
	bun.BaseModel            `bun:"table:entree_catalogue,alias:e"`
	membre[*EntreeCatalogue] `bun:"-"`

	Rowid       int64            `bun:"id,pk"`
	Cle         string           `bun:"cle"`
	CatalogueID int64            `bun:"catalogue_id"`
	LogicielID  int64            `bun:"logiciel_id"`
	Statut      StatutEntree     `bun:"statut"`
	Services    []TypePrestation `bun:"services,array"`
	Depuis      *Date            `bun:"depuis"`
	Jusqua      *Date            `bun:"jusqua"`
	SourceID    int64            `bun:"source_id"`
	Revision    int              `bun:"revision"`

	ParentID int64 `bun:"parent_id,scanonly"`
}

// EntreeCatalogueConnection and EntreeCatalogueEdge page lists of entries.
type (
	EntreeCatalogueConnection = page.Connection[*EntreeCatalogue]
	EntreeCatalogueEdge       = page.Edge[*EntreeCatalogue]
)

// ID returns the public id.
func (e *EntreeCatalogue) ID() string { return identifiant.Global("EntreeCatalogue", e.Cle) }

// IsNode marks what can be read again by its id.
func (e *EntreeCatalogue) IsNode() {}

// FiltreEntrees narrows a list of entries. A nil criterion was not asked; an empty list matches nothing.
type FiltreEntrees struct {
	Statuts    []StatutEntree
	Libre      *bool
	Categories []string
}

var columnsEntree = []string{"e.id", "e.cle", "e.catalogue_id", "e.logiciel_id", "e.statut", "e.services", "e.depuis", "e.jusqua", "e.source_id", "e.revision"}

func entreeID(e *EntreeCatalogue) int64 { return e.Rowid }

func listeEntrees(f *FiltreEntrees, tie string) liste[*EntreeCatalogue, *EntreeCatalogue] {
	return liste[*EntreeCatalogue, *EntreeCatalogue]{
		columns: columnsEntree,
		order: page.Order[*EntreeCatalogue]{Name: "entree", Keys: []page.Key{{Expr: "e.id", Kind: page.Int}},
			Values: func(e *EntreeCatalogue) []any { return []any{e.Rowid} }},
		filter: func(q *bun.SelectQuery) *bun.SelectQuery {
			if f == nil {
				return q
			}
			q = inList(q, "e.statut", f.Statuts)
			if f.Libre != nil {
				q = q.Where("e.logiciel_id IN (SELECT l.id FROM logiciel l WHERE l.libre = ?)", *f.Libre)
			}
			if f.Categories != nil {
				q = q.Where(inCategories, bun.Safe("e.logiciel_id"), bun.List(f.Categories))
			}
			return q
		},
		ties: []string{tie}, parent: func(e *EntreeCatalogue) int64 { return e.ParentID },
		node: func(e *EntreeCatalogue) *EntreeCatalogue { return e },
	}
}

// EntreesDuCatalogue lists what a catalogue offers, or offered.
func (s *Store) EntreesDuCatalogue(ctx context.Context, c *Catalogue, f *FiltreEntrees, a page.Args, sel Selection) (*EntreeCatalogueConnection, error) {
	return childrenOf(ctx, s, c.lot, catalogueID, c, listeEntrees(f, "e.catalogue_id = p.id"), a, sel)
}

// EntreesDuLogiciel lists the catalogues that offer a software, or offered it.
func (s *Store) EntreesDuLogiciel(ctx context.Context, l *Logiciel, a page.Args, sel Selection) (*EntreeCatalogueConnection, error) {
	return childrenOfLogiciel(ctx, s, l, listeEntrees(nil, "e.logiciel_id = p.id"), a, sel)
}

// CatalogueDe returns the catalogue of an entry.
func (s *Store) CatalogueDe(ctx context.Context, e *EntreeCatalogue) (*Catalogue, error) {
	return follow(ctx, e.lot, "catalogue", func(e *EntreeCatalogue) int64 { return e.CatalogueID },
		func(ctx context.Context, ids []int64) (map[int64]*Catalogue, error) {
			return byID(ctx, s, ids, columnsCatalogue, catalogueID)
		}, e)
}

// LogicielDeLEntree returns the software of an entry.
func (s *Store) LogicielDeLEntree(ctx context.Context, e *EntreeCatalogue, sel Selection) (*Logiciel, error) {
	return follow(ctx, e.lot, sel.Cle, func(e *EntreeCatalogue) int64 { return e.LogicielID }, s.logicielsByID(sel), e)
}

// AbonnesDe lists the members subscribed today to an entry, by name.
func (s *Store) AbonnesDe(ctx context.Context, e *EntreeCatalogue, a page.Args, sel Selection) (*CollectiviteConnection, error) {
	l := listeFiches(asCollectivite, parNom, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("o.genre = 'COLLECTIVITE'")
	}, `o.id IN (SELECT ab.collectivite_id FROM abonnement ab WHERE ab.entree_id = p.id
		AND coalesce(ab.debut, aujourdhui()) <= aujourdhui() AND coalesce(ab.fin, 'infinity') > aujourdhui())`)
	return childrenOf(ctx, s, e.lot, entreeID, e, l, a, sel)
}
