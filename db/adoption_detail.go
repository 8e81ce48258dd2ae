package db

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/db/page"
)

// DetailDeLaLigne lists the usages that a line counts, last declared first: what the figure is made of.
func (s *Store) DetailDeLaLigne(ctx context.Context, line *LigneAdoption, a page.Args, sel Selection) (*UsageConnection, error) {
	pages, err := perLot(ctx, line.lot, sel.Cle, func(ctx context.Context, members []*LigneAdoption) (map[int64]*UsageConnection, error) {
		members = slices.Clone(members)
		slices.SortFunc(members, func(a, b *LigneAdoption) int { return int(a.rang - b.rang) })
		keys, ranks := make([]string, len(members)), make([]int64, len(members))
		for i, m := range members {
			keys[i], ranks[i] = m.cleSQL, m.rang
		}
		return readPages(ctx, s, s.listeUsages(s.comptes(line.q, keys), sel, "true"), ranks, a)
	})
	return pages[line.rang], err
}

// comptes keeps the usages u that the lines of these keys count; p.id is the rank of a line.
func (s *Store) comptes(l *lecture, keys []string) criteria {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		q = l.usages(q).Where(comptee).Where("u.depuis <= ?0 AND (u.fin IS NULL OR u.fin > ?0)", l.instant.date)
		kept := s.bun.NewSelect().TableExpr("organisation AS o").ColumnExpr("1").Where("o.id = u.utilisateur_id").Where("o.genre = 'COLLECTIVITE'").Where("o.actif")
		if l.collectes != nil {
			kept = l.collectes(kept)
		} else {
			kept = cellules(kept, "o", l.filtre)
		}
		key := "(?::text[])[p.id]"
		list := pgdialect.Array(keys)
		switch l.par {
		case AxeDepartement:
			q = q.Where("u.departement = "+key, list)
		case AxeRegion, AxeNature, AxeStrate:
			kept = kept.Where(l.cle("o")+" = "+key, list)
		case AxeModalite:
			q = q.Where("u.modalite = "+key, list)
		case AxeSupport:
			q = q.Where("coalesce(u.support, '') = "+key, list)
		case AxeSyndicat:
			q = q.Where("coalesce(u.syndicat_id::text, '') = "+key, list)
		case AxeLogiciel:
			q = q.Where("u.logiciel_id = ("+key+")::bigint", list)
		}
		return q.Where("EXISTS (?)", kept)
	}
}
