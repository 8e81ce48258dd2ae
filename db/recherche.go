package db

import (
	"context"
	"strings"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// ResultatRecherche is anything that a search can find.
type ResultatRecherche interface{ IsResultatRecherche() }

// RechercheConnection and RechercheEdge page the results of a search.
type (
	RechercheConnection = page.Connection[ResultatRecherche]
	RechercheEdge       = page.Edge[ResultatRecherche]
)

// trouvaille is one result before its row is read: what it is, and its rank.
type trouvaille struct {
	Rang           int64
	Cle            int64 // breaks ties: twice the row id, plus one for a software
	OrganisationID *int64
	LogicielID     *int64
}

// parPertinence orders what a search found, best first.
var parPertinence = page.Order[*trouvaille]{Name: "pertinence", Desc: true,
	Keys:   []page.Key{{Expr: "rang", Kind: page.Int}, {Expr: "cle", Kind: page.Int}},
	Values: func(t *trouvaille) []any { return []any{t.Rang, t.Cle} }}

// rechercheSQL ranks what it finds in bands, each a million wide, so that nothing lifts a result out of its band:
//
//	6 the number asked for (SIREN, INSEE code) · 5 the name itself · 4 an acronym or former name itself ·
//	3 the name starts so · 2 a name holds it · 1 a name resembles it · 0 the description or the category speaks of it
//
// Resemblance forgives typing errors: it counts only when no name holds the text. Inside a band the more populous or
// the more used come first, save for resemblance, where the closer comes first. The popularity of each candidate is
// looked up by key: the planner, left free, reads the whole table instead. ?0: compact text, ?1: its words.
const rechercheSQL = `
WITH exacts AS (
	SELECT r.organisation_id, r.logiciel_id, CASE
		WHEN r.compact = ?0 THEN 5000000 - 1000000 * r.alias::int
		WHEN r.compact LIKE ?0 || '%' AND NOT r.alias THEN 3000000
		ELSE 2000000 END AS rang, 100000 AS poids
	FROM recherche r WHERE r.compact LIKE '%' || ?0 || '%'
	UNION ALL
	SELECT o.id, NULL, 6000000, 100000 FROM organisation o WHERE o.siren = ?0
	UNION ALL
	SELECT c.organisation_id, NULL, 6000000 - (NOT c.actuel)::int, 100000 FROM code_insee c WHERE c.code = upper(?0)
), trouves AS (
	TABLE exacts
	UNION ALL
	SELECT r.organisation_id, r.logiciel_id, 1000000 + (900000 * similarity(r.compact, ?0))::int, 1000
	FROM recherche r WHERE NOT EXISTS (TABLE exacts) AND r.compact % ?0 AND similarity(r.compact, ?0) >= 0.4
	UNION ALL
	SELECT NULL, l.id, (400000 * ts_rank(l.recherche, q))::int, 1000
	FROM logiciel l, plainto_tsquery('francais', ?1) q WHERE l.recherche @@ q
	UNION ALL
	SELECT NULL, lc.logiciel_id, 500000, 1000 FROM categorie c JOIN logiciel_categorie lc ON lc.categorie_id = c.id
	WHERE replace(c.code, '-', '') = ?0
), meilleurs AS (
	SELECT organisation_id, logiciel_id, max(rang) AS rang, max(poids) AS poids FROM trouves GROUP BY 1, 2
)
SELECT m.rang + (least(log(1 + coalesce(o.population, 0) + 100 * coalesce(l.nb_utilisateurs, 0)), 9) * m.poids)::int AS rang,
	coalesce(2 * m.organisation_id, 2 * m.logiciel_id + 1) AS cle, m.organisation_id, m.logiciel_id
FROM meilleurs m
LEFT JOIN LATERAL (SELECT o.population FROM organisation o WHERE o.id = m.organisation_id OFFSET 0) o ON true
LEFT JOIN LATERAL (SELECT l.nb_utilisateurs FROM logiciel l WHERE l.id = m.logiciel_id OFFSET 0) l ON true`

// Recherche finds organisations and software by name, best first. Accents, case, hyphens and typing errors are
// forgiven.
func (s *Store) Recherche(ctx context.Context, text string, a page.Args, sel Selection) (*RechercheConnection, error) {
	words := texte.Normalize(text)
	compact := strings.ReplaceAll(words, " ", "")
	w, err := resolve(a, parPertinence)
	if err != nil {
		return nil, err
	}
	if compact == "" {
		return nil, Invalid("texte", "« texte » ne contient ni lettre ni chiffre : rien à chercher")
	}
	results := s.bun.NewSelect().TableExpr("("+rechercheSQL+") AS t", compact, words)
	var rows []*trouvaille
	if err := many(ctx, window(results.Clone().ColumnExpr("t.*"), parPertinence, w), &rows); err != nil {
		return nil, err
	}
	nodes, err := s.trouvailles(ctx, rows, sel)
	if err != nil {
		return nil, err
	}
	return page.New(w, parPertinence, rows, func(t *trouvaille) ResultatRecherche { return nodes[t.Cle] }, page.Outside{
		Total: func(ctx context.Context) (int, error) {
			var n int
			err := results.Clone().ColumnExpr("count(*)").Scan(ctx, &n)
			return n, Translate(err)
		},
		Precede: func(ctx context.Context) (bool, error) { return true, nil }, // the row of the cursor itself
	}), nil
}

// trouvailles reads what a search found, by key: one statement for organisations, one for software.
func (s *Store) trouvailles(ctx context.Context, rows []*trouvaille, sel Selection) (map[int64]ResultatRecherche, error) {
	nodes := make(map[int64]ResultatRecherche, len(rows))
	fiches, err := s.fichesByID(ctx, distinct(rows, func(t *trouvaille) int64 { return deref(t.OrganisationID) }))
	if err != nil {
		return nil, err
	}
	logiciels, err := s.logicielsByID(sel)(ctx, distinct(rows, func(t *trouvaille) int64 { return deref(t.LogicielID) }))
	if err != nil {
		return nil, err
	}
	for _, t := range rows {
		if f := fiches[deref(t.OrganisationID)]; f != nil {
			nodes[t.Cle] = f.organisation()
		} else if l := logiciels[deref(t.LogicielID)]; l != nil {
			nodes[t.Cle] = l
		}
	}
	return nodes, nil
}
