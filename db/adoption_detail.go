package db

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/db/page"
)

// cleUsage is the key of a line, of its usages u and their users o.
func (l *lecture) cleUsage() string {
	switch {
	case l.par == AxeDepartement:
		return "u.departement" // indexed there
	case l.parLieu():
		return l.cle("o")
	}
	return l.cleDe("u")
}

// comptes keeps the usages u, of users o, that a question counts.
func (l *lecture) comptes(q *bun.SelectQuery) *bun.SelectQuery {
	q = l.usages(q.Join("JOIN organisation AS o ON o.id = u.utilisateur_id")).
		Where(comptee).Where("u.depuis <= ?0 AND (u.fin IS NULL OR u.fin > ?0)", l.instant.date)
	return l.garder(q)
}

// DetailDeLaLigne lists the usages that a line counts, last declared first: what the figure is made of.
func (s *Store) DetailDeLaLigne(ctx context.Context, line *LigneAdoption, a page.Args, sel Selection) (*UsageConnection, error) {
	pages, err := perLot(ctx, line.lot, sel.Cle, func(ctx context.Context, members []*LigneAdoption) (map[int64]*UsageConnection, error) {
		members = slices.SortedFunc(slices.Values(members), func(a, b *LigneAdoption) int { return int(a.rang - b.rang) })
		keys, ranks := make([]string, len(members)), make([]int64, len(members))
		for i, m := range members {
			keys[i], ranks[i] = m.cleSQL, m.rang
		}
		filter := func(q *bun.SelectQuery) *bun.SelectQuery {
			q = line.q.comptes(q)
			if line.q.par == AxeLogiciel {
				return q.Where("u.logiciel_id = ((?::text[])[p.id])::bigint", pgdialect.Array(keys))
			}
			return q.Where(line.q.cleUsage()+" = (?::text[])[p.id]", pgdialect.Array(keys))
		}
		return readPages(ctx, s, s.listeUsages(filter, sel, "true"), ranks, a)
	})
	return pages[line.rang], err
}

// SourceComptee is a source, and how many usages rest on it.
type SourceComptee struct {
	membre[*SourceComptee]

	sourceID int64
	Usages   int
}

func (c *SourceComptee) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, c.lot, func(c *SourceComptee) int64 { return c.sourceID }, c)
}

// citations are what the usages under one key rest on.
type citations struct {
	usages, recents int
	sources         []*SourceComptee // the most cited first
}

// fraicheur is the share of usages seen or confirmed lately; nil when there is none.
func (c *citations) fraicheur() *float64 {
	if c == nil {
		return nil
	}
	return part(c.recents, c.usages)
}

const (
	// citeesMax is how many sources accompany a figure.
	citeesMax = 10
	// recent tells the usages u seen or confirmed within the 24 months before a day, to the month.
	recent = "date_trunc('month', greatest(u.constate_le, (u.confirme_le AT TIME ZONE 'UTC')::date)::timestamp) > date_trunc('month', ?::date::timestamp) - interval '24 months'"
)

// citer reads what the usages rest on, by key: rows of q are (cle, source_id, n, recents).
func citer(ctx context.Context, q *bun.SelectQuery) (map[string]*citations, error) {
	var rows []struct {
		Cle      string
		SourceID int64
		N        int
		Recents  int
	}
	if err := many(ctx, q.OrderExpr("n DESC, source_id"), &rows); err != nil {
		return nil, err
	}
	byKey := map[string]*citations{}
	var all []*SourceComptee
	for _, r := range rows {
		c := byKey[r.Cle]
		if c == nil {
			c = &citations{}
			byKey[r.Cle] = c
		}
		c.usages += r.N
		c.recents += r.Recents
		if len(c.sources) < citeesMax {
			sc := &SourceComptee{sourceID: r.SourceID, Usages: r.N}
			c.sources = append(c.sources, sc)
			all = append(all, sc)
		}
	}
	gather(all)
	return byKey, nil
}

// tenues selects what is kept of the sources along an axis, by key cle: of the usages in progress, today.
func (s *Store) tenues(axe AxeAdoption, cle string) *bun.SelectQuery {
	return s.bun.NewSelect().TableExpr("citation AS c").Where("c.axe = ?", axe).Where("c.nb > 0").
		ColumnExpr(cle + " AS cle, c.source_id, sum(c.nb)::integer AS n").
		ColumnExpr("coalesce(sum(c.nb) FILTER (WHERE c.mois > date_trunc('month', current_date::timestamp) - interval '24 months'), 0)::integer AS recents").GroupExpr("1, 2")
}

// tenuesParLieu selects it by place.
func (s *Store) tenuesParLieu(axe AxeAdoption) *bun.SelectQuery {
	switch axe {
	case AxeDepartement:
		return s.tenues(AxeDepartement, "c.cle")
	case AxeRegion:
		return s.tenues(AxeDepartement, "coalesce((SELECT r.code FROM territoire t JOIN territoire r ON r.id = t.parent_id WHERE t.type = 'DEPARTEMENT' AND t.code = c.cle), '')")
	}
	return s.tenues("FRANCE", "c.cle")
}

// citationsDe reads what the lines of a question rest on; nil when it is neither kept nor read in few rows.
func (s *Store) citationsDe(ctx context.Context, line *LigneAdoption) (*citations, error) {
	found, err := perLot(ctx, line.lot, "citations", func(ctx context.Context, members []*LigneAdoption) (map[string]*citations, error) {
		l := line.q
		switch {
		case l.logiciel() || l.collectes != nil:
			q := l.comptes(s.bun.NewSelect().TableExpr("usage AS u"))
			return citer(ctx, q.ColumnExpr(l.cleUsage()+" AS cle, u.source_id, count(*) AS n").ColumnExpr("count(*) FILTER (WHERE "+recent+") AS recents", l.instant.date).GroupExpr("1, 2"))
		case l.par == AxeLogiciel && l.filtre.partout():
			keys := distinct(members, func(m *LigneAdoption) string { return m.cleSQL })
			return citer(ctx, s.tenues(AxeLogiciel, "c.cle").Where("c.cle IN (?)", bun.List(keys)))
		case (l.par == AxeDepartement || l.par == AxeRegion) && l.sujet == toutSujet && l.filtre.partout():
			return citer(ctx, s.tenuesParLieu(l.par))
		}
		return map[string]*citations{}, nil
	})
	return found[line.cleSQL], err
}

// partout reports whether a filter keeps whole départements, of all natures and sizes: those that lines show.
func (f *FiltreCollectivites) partout() bool {
	return f == nil || f.Natures == nil && f.Strates == nil && f.Departements == nil && f.Regions == nil
}

// FraicheurDeLaLigne is the share of the usages of a line seen or confirmed within 24 months, 0 to 1.
func (s *Store) FraicheurDeLaLigne(ctx context.Context, line *LigneAdoption) (*float64, error) {
	c, err := s.citationsDe(ctx, line)
	return c.fraicheur(), err
}

// SourcesDeLaLigne lists the sources that most usages of a line rest on, the most cited first.
func (s *Store) SourcesDeLaLigne(ctx context.Context, line *LigneAdoption) ([]*SourceComptee, error) {
	c, err := s.citationsDe(ctx, line)
	if c == nil {
		return []*SourceComptee{}, err
	}
	return c.sources, err
}
