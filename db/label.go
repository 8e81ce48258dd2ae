package db

import (
	"context"

	"github.com/uptrace/bun"
)

// LabelObtenu is a label that an organisation won at one edition, on that edition's scale.
type LabelObtenu struct {
	bun.BaseModel        `bun:"table:label_obtenu,alias:lo"`
	membre[*LabelObtenu] `bun:"-"`

	OrganisationID int64    `bun:"organisation_id"`
	Label          string   `bun:"label,scanonly"`
	Annee          int      `bun:"annee,scanonly"`
	Echelle        *string  `bun:"echelle,scanonly"`
	Niveau         *string  `bun:"niveau"`
	Mentions       []string `bun:"mentions,array"`
	Remarque       *string  `bun:"remarque"`
	SourceID       int64    `bun:"source_id"`
}

// LabelsDe lists the labels of an organisation, latest first.
func (s *Store) LabelsDe(ctx context.Context, f *Fiche) ([]*LabelObtenu, error) {
	return shortLists(ctx, f.lot, "labels", f.Rowid, func(ctx context.Context, members []*Fiche) ([]*LabelObtenu, error) {
		var rows []*LabelObtenu
		q := s.bun.NewSelect().Model((*LabelObtenu)(nil)).Join("JOIN label_edition ed ON ed.id = lo.edition_id").
			ColumnExpr("lo.organisation_id, ed.label, ed.annee, ed.echelle, lo.niveau, lo.mentions, lo.remarque, lo.source_id").
			Where("lo.organisation_id IN (?)", bun.List(distinct(members, ficheID))).
			OrderExpr("ed.annee DESC, ed.label, lo.id")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, func(l *LabelObtenu) int64 { return l.OrganisationID })
}

// Fait is a fact read in a public document, kept as said.
type Fait struct {
	bun.BaseModel `bun:"table:fait,alias:fa"`
	membre[*Fait] `bun:"-"`

	Owner    int64  `bun:"owner_id,scanonly"`
	Sujet    string `bun:"sujet"`
	Fait     string `bun:"fait"`
	Valeur   string `bun:"valeur"`
	Unite    string `bun:"unite"`
	Date     string `bun:"date"`
	SourceID int64  `bun:"source_id"`
}

// FaitsDe lists the facts that documents give on an organisation.
func (s *Store) FaitsDe(ctx context.Context, f *Fiche) ([]*Fait, error) {
	return faits(ctx, s, f.lot, f.Rowid, "organisation_id", ficheID)
}

// FaitsDuLogiciel lists the facts that documents give on a software.
func (s *Store) FaitsDuLogiciel(ctx context.Context, l *Logiciel) ([]*Fait, error) {
	return faits(ctx, s, l.lot, l.Rowid, "logiciel_id", logicielID)
}

func faits[P any](ctx context.Context, s *Store, l *lot[P], id int64, column string, key func(P) int64) ([]*Fait, error) {
	return shortLists(ctx, l, "faits", id, func(ctx context.Context, members []P) ([]*Fait, error) {
		var rows []*Fait
		q := s.bun.NewSelect().Model((*Fait)(nil)).
			ColumnExpr("fa.? AS owner_id, fa.sujet, fa.fait, fa.valeur, fa.unite, fa.date, fa.source_id", bun.Ident(column)).
			Where("fa.? IN (?)", bun.Ident(column), bun.List(distinct(members, key))).OrderExpr("fa.date, fa.id")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, func(f *Fait) int64 { return f.Owner })
}
