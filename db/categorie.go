package db

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// Categorie is a family of software.
type Categorie struct {
	bun.BaseModel      `bun:"table:categorie,alias:c"`
	membre[*Categorie] `bun:"-"`

	Rowid     int64  `bun:"id,pk"`
	Code      string `bun:"code"`
	Nom       string `bun:"nom"`
	ParentRef *int64 `bun:"parent_id"`

	LogicielID int64 `bun:"logiciel_id,scanonly"`
	Owner      int64 `bun:"owner_id,scanonly"`
}

// ID returns the public id.
func (c *Categorie) ID() string { return identifiant.Global("Categorie", c.Code) }

// IsNode marks what can be read again by its id.
func (c *Categorie) IsNode() {}

var columnsCategorie = []string{"c.id", "c.code", "c.nom", "c.parent_id"}

func categorieID(c *Categorie) int64 { return c.Rowid }

// Categories lists every category by code.
func (s *Store) Categories(ctx context.Context) ([]*Categorie, error) {
	var rows []*Categorie
	if err := many(ctx, selectRows(s, (*Categorie)(nil), columnsCategorie).OrderExpr("c.code"), &rows); err != nil {
		return nil, err
	}
	gather(rows)
	return rows, nil
}

// CategoriesDe lists the categories of a software by code.
func (s *Store) CategoriesDe(ctx context.Context, l *Logiciel) ([]*Categorie, error) {
	return shortLists(ctx, l.lot, "categories", l.Rowid, func(ctx context.Context, members []*Logiciel) ([]*Categorie, error) {
		var rows []*Categorie
		q := selectRows(s, (*Categorie)(nil), columnsCategorie).ColumnExpr("lc.logiciel_id").
			Join("JOIN logiciel_categorie lc ON lc.categorie_id = c.id").
			Where("lc.logiciel_id IN (?)", bun.List(distinct(members, logicielID))).OrderExpr("c.code")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, func(c *Categorie) int64 { return c.LogicielID })
}

// CategorieParente returns the wider family of a category; nil at the first level.
func (s *Store) CategorieParente(ctx context.Context, c *Categorie) (*Categorie, error) {
	return follow(ctx, c.lot, "parent", func(c *Categorie) int64 { return deref(c.ParentRef) },
		func(ctx context.Context, ids []int64) (map[int64]*Categorie, error) {
			return byID(ctx, s, ids, columnsCategorie, categorieID)
		}, c)
}
