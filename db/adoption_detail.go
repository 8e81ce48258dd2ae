package db

import (
	"cmp"
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

// citees are the sources most cited, never nil.
func (c *citations) citees() []*SourceComptee {
	if c == nil {
		return []*SourceComptee{}
	}
	return c.sources
}

const (
	// citeesMax is how many sources accompany a figure.
	citeesMax = 10
	// recent tells the usages u seen or confirmed within the 24 months before a day, to the month.
	recent = "public.usage_frais_jusqua(u.constate_le, u.confirme_le) > ?"
	// citesUnParUn is the most usages read one by one to tell what they rest on, where it is not kept.
	citesUnParUn = 50_000
)

// citee is how many usages under a key rest on a source, and how many of them are lately confirmed.
type citee struct {
	Cle      string
	SourceID int64
	N        int
	Recents  int
}

// citer reads what the usages rest on, by key, from rows (cle, source_id, n, recents).
func citer(ctx context.Context, q *bun.SelectQuery) (map[string]*citations, error) {
	var rows []citee
	if err := many(ctx, q, &rows); err != nil {
		return nil, err
	}
	return reunirCitees(rows), nil
}

// reunirCitees brings together what is under each key.
func reunirCitees(rows []citee) map[string]*citations {
	slices.SortFunc(rows, func(a, b citee) int { return cmp.Or(b.N-a.N, cmp.Compare(a.SourceID, b.SourceID)) })
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
	return byKey
}

// tenues selects what the usages that a question counts rest on, (cle, source_id, n, recents), from what is kept: the new
// year, the months and the days between, as compter does. nil where it is not kept: see the migration
// "citation_par_cellule". keys, unless nil, are the software wanted of AxeLogiciel.
func (s *Store) tenues(l *lecture, keys []int64) *bun.SelectQuery {
	niveau := l.niveau()
	if niveau == "REGION" {
		niveau = "DEPARTEMENT"
	}
	un := l.logiciel() || l.par == AxeLogiciel
	if l.unParUn() || niveau != "FRANCE" && un || niveau == "CELLULE" && l.sujet < libreSujet {
		return nil
	}
	cle, cleO, sujets := l.cle("k"), l.cle("o"), []int64{int64(l.sujet)}
	if l.par == AxeLogiciel {
		cle, cleO, sujets = "x.sujet::text", "x.sujet::text", keys
	}
	kept := func(table string) *bun.SelectQuery {
		return cellules(s.bun.NewSelect().TableExpr("? AS x", bun.Ident(table)).Join("JOIN cellule AS k ON k.id = x.cellule_id").
			ColumnExpr(cle+" AS cle, x.source_id").Where("x.sujet IN (?)", bun.List(sujets)).Where("k.niveau = ?", niveau), "k", l.filtre)
	}
	// The nearer new year even this year: usages cease to be lately confirmed in every month, those to come too.
	i, _ := instantDe(l.instant.date, nouvelAn(derniereAnnee))
	all := kept("citation").ColumnExpr("x.usages[?0] AS n, x.recents[?0] AS recents", i.rang)
	if !i.exact() {
		m := i.parMois()
		all = all.UnionAll(kept("citation_mois").Where("x.mois >= ?", m.de).Where("x.mois < ?", m.premiersA).
			ColumnExpr("?0 * CASE WHEN x.mois < ?1 THEN x.usages ELSE 0 END", i.signe, m.a).
			ColumnExpr("?0 * (CASE WHEN x.mois < ?1 THEN x.recents ELSE 0 END - CASE WHEN x.mois >= ?2 THEN x.perimes ELSE 0 END)", i.signe, m.a, m.premiersDe))
		borne := func(borne string, u int) *bun.SelectQuery {
			return s.bornes(l, m.reste, borne, u*m.reste.signe).
				Join("CROSS JOIN LATERAL public.usage_jalons(u.depuis, u.fin, u.constate_le, u.confirme_le) AS j").Where("j.u = ?", u).
				ColumnExpr("u.source_id, ? * j.r AS recents", m.reste.signe)
		}
		days := cellules(s.bun.NewSelect().TableExpr("((?) UNION ALL (?)) AS x", borne("depuis", 1), borne("fin", -1)).
			Join("JOIN organisation AS o ON o.id = x.organisation_id AND o.genre = 'COLLECTIVITE' AND o.actif").
			ColumnExpr(cleO+" AS cle, x.source_id, x.n, x.recents"), "o", l.filtre)
		if keys != nil {
			days = days.Where("x.sujet IN (?)", bun.List(keys))
		}
		all = all.UnionAll(days)
	}
	return s.bun.NewSelect().TableExpr("(?) AS y", all).ColumnExpr("cle, source_id, sum(n)::integer AS n, sum(recents)::integer AS recents").GroupExpr("1, 2").Having("sum(n) > 0")
}

// citationsDe reads what the lines of a question rest on; nil when it is neither kept nor read in few rows.
func (s *Store) citationsDe(ctx context.Context, line *LigneAdoption) (*citations, error) {
	found, err := perLot(ctx, line.lot, "citations", func(ctx context.Context, members []*LigneAdoption) (map[string]*citations, error) {
		l := line.q
		var ids []int64
		n := l.nbUsages
		if l.par == AxeLogiciel {
			n = 0
			for _, m := range members {
				ids = append(ids, m.id())
				n += m.Usages
			}
		}
		if kept := s.tenues(l, ids); kept != nil {
			return citer(ctx, kept)
		}
		if n > citesUnParUn {
			return map[string]*citations{}, nil
		}
		q := l.comptes(s.bun.NewSelect().TableExpr("usage AS u"))
		if l.par == AxeLogiciel {
			q = q.Where("u.logiciel_id = ANY (?)", pgdialect.Array(ids))
		}
		return citer(ctx, q.ColumnExpr(l.cleUsage()+" AS cle, u.source_id, count(*) AS n").ColumnExpr("count(*) FILTER (WHERE "+recent+") AS recents", l.instant.date).GroupExpr("1, 2"))
	})
	return found[line.cleSQL], err
}

// FraicheurDeLaLigne is the share of the usages of a line seen or confirmed within 24 months, 0 to 1.
func (s *Store) FraicheurDeLaLigne(ctx context.Context, line *LigneAdoption) (*float64, error) {
	c, err := s.citationsDe(ctx, line)
	return c.fraicheur(), err
}

// SourcesDeLaLigne lists the sources that most usages of a line rest on, the most cited first.
func (s *Store) SourcesDeLaLigne(ctx context.Context, line *LigneAdoption) ([]*SourceComptee, error) {
	c, err := s.citationsDe(ctx, line)
	return c.citees(), err
}
