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

var parPertinence = page.Order[*trouvaille]{Name: "pertinence", Desc: true,
	Keys:   []page.Key{{Expr: "rang", Kind: page.Int}, {Expr: "cle", Kind: page.Int}},
	Values: func(t *trouvaille) []any { return []any{t.Rang, t.Cle} }}

// recherche ranks names in bands, each a million wide, so that no popularity lifts a result out of its band:
//
//	5 the name itself · 4 it starts so, at a word's end · 3 it starts so · 2 it holds the text · 1 it resembles it ·
//	0 the description or the category speaks of it
//
// An alias (acronym, former name) comes just after a name of the same band; inside a band resemblance first, then
// population or users. ?0: compact text, ?1: words, ?2: the text as written.
const rechercheSQL = `
WITH noms AS (
	SELECT r.organisation_id, r.logiciel_id, max(CASE
		WHEN r.compact = ?0 THEN 5000000
		WHEN r.titre LIKE ?1 || ' %' THEN 4000000
		WHEN r.compact LIKE ?0 || '%' THEN 3000000
		WHEN r.compact LIKE '%' || ?0 || '%' THEN 2000000
		ELSE 1000000 END
		+ (900000 * similarity(r.compact, ?0))::int - r.alias::int * 1000) AS rang
	FROM recherche r WHERE r.compact % ?0 OR r.compact LIKE '%' || ?0 || '%'
	GROUP BY 1, 2
), mots AS (
	SELECT NULL::bigint AS organisation_id, l.id AS logiciel_id, (400000 * ts_rank(l.recherche, q))::int AS rang
	FROM logiciel l, websearch_to_tsquery('francais', ?2) q WHERE l.recherche @@ q
	UNION ALL
	SELECT NULL, lc.logiciel_id, 500000 FROM categorie c JOIN logiciel_categorie lc ON lc.categorie_id = c.id
	WHERE replace(c.code, '-', '') = ?0
), tout AS (
	SELECT organisation_id, logiciel_id, max(rang) AS rang FROM (TABLE noms UNION ALL TABLE mots) x GROUP BY 1, 2
)
SELECT t.rang + (least(log(1 + coalesce(o.population, 0) + 100 * coalesce(l.nb_utilisateurs, 0)), 9) * 1000)::int AS rang,
	coalesce(2 * t.organisation_id, 2 * t.logiciel_id + 1) AS cle, t.organisation_id, t.logiciel_id
FROM tout t LEFT JOIN organisation o ON o.id = t.organisation_id LEFT JOIN logiciel l ON l.id = t.logiciel_id`

// Recherche finds organisations and software by name, best first. Accents, case, hyphens and typing errors are
// forgiven.
func (s *Store) Recherche(ctx context.Context, text string, a page.Args, sel Selection) (*RechercheConnection, error) {
	words := texte.Normaliser(text)
	compact := strings.ReplaceAll(words, " ", "")
	w, err := resolve(a, parPertinence)
	if err != nil {
		return nil, err
	}
	if compact == "" {
		return nil, Invalide("texte", "« texte » ne contient ni lettre ni chiffre : rien à chercher")
	}
	results := s.bun.NewSelect().TableExpr("("+rechercheSQL+") AS t", compact, words, text)
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
			return n, Traduire(err)
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
