package db

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// Logiciel is a software, free or not.
type Logiciel struct {
	bun.BaseModel     `bun:"table:logiciel,alias:l"`
	membre[*Logiciel] `bun:"-"`

	Rowid              int64   `bun:"id,pk"`
	Slug               string  `bun:"slug"`
	Nom                string  `bun:"nom"`
	NomTri             string  `bun:"nom_tri"`
	Description        *string `bun:"description"`
	Libre              bool    `bun:"libre"`
	Licence            *string `bun:"licence"`
	LicenceOrigine     *string `bun:"licence_origine"`
	Site               *string `bun:"site"`
	Depot              *string `bun:"depot"`
	AjouteLe           Date    `bun:"ajoute_le"`
	AjouteJour         int64   `bun:"ajoute_jour"`
	NombreUtilisateurs int     `bun:"nb_utilisateurs"`
	SourceID           int64   `bun:"source_id"`
	Revision           int     `bun:"revision"`

	ParentID    int64  `bun:"parent_id,scanonly"`
	CleDemandee string `bun:"cle_demandee,scanonly"`
}

// LogicielConnection, LogicielEdge, PrestataireConnection and PrestataireEdge page lists.
type (
	LogicielConnection    = page.Connection[*Logiciel]
	LogicielEdge          = page.Edge[*Logiciel]
	PrestataireConnection = page.Connection[*Prestataire]
	PrestataireEdge       = page.Edge[*Prestataire]
)

// ID returns the public id.
func (l *Logiciel) ID() string { return identifiant.Global("Logiciel", l.Slug) }

// IsNode marks what can be read again by its id.
func (l *Logiciel) IsNode() {}

func (l *Logiciel) demandee() string { return l.CleDemandee }

// IsResultatRecherche marks what a search can find.
func (l *Logiciel) IsResultatRecherche() {}

// The day is also read as a number, for cursors.
const ajouteJour = "(l.ajoute_le - DATE '1970-01-01')"

var (
	columnsLogiciel = []string{"l.id", "l.slug", "l.nom", "l.nom_tri", "l.libre", "l.licence", "l.site", "l.depot",
		"l.ajoute_le", ajouteJour + " AS ajoute_jour", "l.nb_utilisateurs", "l.source_id", "l.revision"}
	longColumnsLogiciel = map[string]string{"description": "l.description", "licenceOrigine": "l.licence_origine"}
)

func logicielID(l *Logiciel) int64 { return l.Rowid }

// TriLogiciels is an order of software.
type TriLogiciels string

// FiltreLogiciels narrows a list of software. A nil criterion was not asked; an empty list matches nothing.
type FiltreLogiciels struct {
	Texte       *string
	Libre       *bool
	Licences    []string
	Categories  []string
	UtiliseDans []string
}

var logicielsParNom = page.Order[*Logiciel]{Name: "nom",
	Keys:   []page.Key{{Expr: "l.nom_tri", Kind: page.Text}, {Expr: "l.id", Kind: page.Int}},
	Values: func(l *Logiciel) []any { return []any{l.NomTri, l.Rowid} }}

// orderLogiciels resolves an order from the closed list of the contract.
func orderLogiciels(tri *TriLogiciels, sens *Sens) page.Order[*Logiciel] {
	order, desc := logicielsParNom, false
	if tri != nil {
		switch *tri {
		case "POPULARITE":
			desc = true
			order = page.Order[*Logiciel]{Name: "popularite",
				Keys:   []page.Key{{Expr: "l.nb_utilisateurs", Kind: page.Int}, {Expr: "l.id", Kind: page.Int}},
				Values: func(l *Logiciel) []any { return []any{int64(l.NombreUtilisateurs), l.Rowid} }}
		case "RECENT":
			desc = true
			order = page.Order[*Logiciel]{Name: "recent",
				Keys:   []page.Key{{Expr: ajouteJour, Kind: page.Int}, {Expr: "l.id", Kind: page.Int}},
				Values: func(l *Logiciel) []any { return []any{l.AjouteJour, l.Rowid} }}
		}
	}
	if sens != nil {
		desc = *sens == Decroissant
	}
	order.Desc = desc
	return order
}

// inCategories keeps the software of the categories and of all those they contain.
const inCategories = `? IN (SELECT lc.logiciel_id FROM logiciel_categorie lc WHERE lc.categorie_id IN (
	WITH RECURSIVE sous AS (
		SELECT c.id FROM categorie c WHERE c.code IN (?)
		UNION SELECT c.id FROM categorie c JOIN sous ON c.parent_id = sous.id
	) SELECT id FROM sous))`

func filterLogiciels(f *FiltreLogiciels) (criteria, error) {
	if f == nil {
		return everything, nil
	}
	departements, err := codes("utiliseDans", f.UtiliseDans, identifiant.CheckDepartement)
	if err != nil {
		return nil, err
	}
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.Libre != nil {
			q = q.Where("l.libre = ?", *f.Libre)
		}
		q = inList(q, "l.licence", f.Licences)
		if f.Categories != nil {
			q = q.Where(inCategories, bun.Safe("l.id"), bun.List(f.Categories))
		}
		if departements != nil {
			q = q.Where(`l.id IN (SELECT lu.logiciel_id FROM logiciel_utilisateur lu WHERE lu.nb > 0 AND lu.departement IN (?))`,
				bun.List(departements))
		}
		if blank(f.Texte) {
			return q
		}
		words := texte.Normalize(*f.Texte)
		compact := strings.ReplaceAll(words, " ", "")
		if compact == "" {
			return q.Where("false")
		}
		return q.Where(`l.id IN (SELECT r.logiciel_id FROM recherche r WHERE r.compact LIKE ?0
			UNION SELECT d.id FROM logiciel d WHERE d.recherche @@ plainto_tsquery('francais', ?1))`, "%"+compact+"%", words)
	}, nil
}

func listeLogiciels(sel Selection, order page.Order[*Logiciel], filter criteria, ties ...string) liste[*Logiciel, *Logiciel] {
	return liste[*Logiciel, *Logiciel]{
		columns: sel.columns(columnsLogiciel, longColumnsLogiciel), order: order, filter: filter, ties: ties,
		parent: func(l *Logiciel) int64 { return l.ParentID },
		node:   func(l *Logiciel) *Logiciel { return l },
	}
}

// Logiciels lists the software known.
func (s *Store) Logiciels(ctx context.Context, f *FiltreLogiciels, tri *TriLogiciels, sens *Sens, a page.Args, sel Selection) (*LogicielConnection, error) {
	filter, err := filterLogiciels(f)
	if err != nil {
		return nil, err
	}
	return readPage(ctx, s, listeLogiciels(sel, orderLogiciels(tri, sens), filter), a)
}

// Logiciel finds one software by its public id or its slug, exactly one; nil when there is none.
func (s *Store) Logiciel(ctx context.Context, id, slug *string, sel Selection) (*Logiciel, error) {
	if err := exactlyOne(map[string]*string{"id": id, "slug": slug}); err != nil {
		return nil, err
	}
	if id != nil {
		cles, err := keys("id", []string{*id}, "Logiciel")
		if err != nil {
			return nil, err
		}
		slug = &cles[0]
	}
	l := new(Logiciel)
	q := nommes(selectRows(s, l, sel.columns(columnsLogiciel, longColumnsLogiciel)), logicielsNommes, *slug)
	if found, err := one(ctx, q, l); !found {
		return nil, err
	}
	gather([]*Logiciel{l})
	return l, nil
}

// logicielsByID returns the reader of software by row id that the selection asks for.
func (s *Store) logicielsByID(sel Selection) func(context.Context, []int64) (map[int64]*Logiciel, error) {
	return func(ctx context.Context, ids []int64) (map[int64]*Logiciel, error) {
		return byID(ctx, s, ids, sel.columns(columnsLogiciel, longColumnsLogiciel), logicielID)
	}
}

// Identifiant is the same software in another catalogue.
type Identifiant struct {
	bun.BaseModel `bun:"table:identifiant,alias:i"`

	LogicielID int64   `bun:"logiciel_id"`
	Source     string  `bun:"source"`
	Valeur     string  `bun:"valeur"`
	URL        *string `bun:"url"`
}

// IdentifiantsDe lists what a software is called in other catalogues.
func (s *Store) IdentifiantsDe(ctx context.Context, l *Logiciel) ([]*Identifiant, error) {
	return shortLists(ctx, l.lot, "identifiants", l.Rowid, func(ctx context.Context, members []*Logiciel) ([]*Identifiant, error) {
		var rows []*Identifiant
		return rows, many(ctx, s.bun.NewSelect().Model(&rows).Column("logiciel_id", "source", "valeur", "url").
			Where("i.logiciel_id IN (?)", bun.List(distinct(members, logicielID))).OrderExpr("i.source, i.valeur"), &rows)
	}, func(i *Identifiant) int64 { return i.LogicielID })
}

// RemplaceDe lists the proprietary software that a free one can stand in for, by name.
func (s *Store) RemplaceDe(ctx context.Context, l *Logiciel, sel Selection) ([]*Logiciel, error) {
	return s.liens(ctx, l, sel, `SELECT x.de_id AS ref, x.vers_id AS id FROM logiciel_lien x WHERE x.genre = 'REMPLACE' AND x.de_id IN (?)`)
}

// alternatives are free software declared similar in either direction, or that replace the same proprietary one; for a
// proprietary software, those that replace it.
const alternatives = `
	SELECT x.de_id AS ref, x.vers_id AS id FROM logiciel_lien x WHERE x.genre = 'SIMILAIRE' AND x.de_id IN (?0)
	UNION SELECT x.vers_id, x.de_id FROM logiciel_lien x WHERE x.genre = 'SIMILAIRE' AND x.vers_id IN (?0)
	UNION SELECT x.vers_id, x.de_id FROM logiciel_lien x WHERE x.genre = 'REMPLACE' AND x.vers_id IN (?0)
	UNION SELECT x.de_id, y.de_id FROM logiciel_lien x JOIN logiciel_lien y
		ON y.genre = 'REMPLACE' AND y.vers_id = x.vers_id AND y.de_id <> x.de_id
		WHERE x.genre = 'REMPLACE' AND x.de_id IN (?0)`

// maxAlternatives bounds the list of alternatives.
const maxAlternatives = 20

// AlternativesDe lists free software for the same job, most used first, maxAlternatives at most.
func (s *Store) AlternativesDe(ctx context.Context, l *Logiciel, sel Selection) ([]*Logiciel, error) {
	rows, err := s.liens(ctx, l, sel, alternatives)
	if len(rows) > maxAlternatives {
		rows = rows[:maxAlternatives]
	}
	return rows, err
}

// liens follows the edges that a query gives from each software (ref) to others (id). Towards alternatives only free
// software is kept; what is replaced never is free.
func (s *Store) liens(ctx context.Context, l *Logiciel, sel Selection, edges string) ([]*Logiciel, error) {
	return shortLists(ctx, l.lot, sel.Cle, l.Rowid, func(ctx context.Context, members []*Logiciel) ([]*Logiciel, error) {
		var rows []*Logiciel
		q := selectRows(s, (*Logiciel)(nil), sel.columns(columnsLogiciel, longColumnsLogiciel)).ColumnExpr("e.ref AS parent_id").
			Join("JOIN ("+edges+") e ON e.id = l.id", bun.List(distinct(members, logicielID))).
			OrderExpr("l.nb_utilisateurs DESC, l.nom_tri, l.id")
		if edges == alternatives {
			q = q.Where("l.libre")
		}
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, func(l *Logiciel) int64 { return l.ParentID })
}

// childrenOfLogiciel reads a page of children for every software of the lot.
func childrenOfLogiciel[R, N any, P row[R]](ctx context.Context, s *Store, from *Logiciel, l liste[*R, N], a page.Args, sel Selection) (*page.Connection[N], error) {
	return childrenOf[*Logiciel, R, N, P](ctx, s, from.lot, logicielID, from, l, a, sel)
}

// PrestatairesDe lists who offers services on a software, by name.
func (s *Store) PrestatairesDe(ctx context.Context, l *Logiciel, a page.Args, sel Selection) (*PrestataireConnection, error) {
	return childrenOfLogiciel(ctx, s, l, listeFiches(asPrestataire, parNom, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("o.genre = 'PRESTATAIRE'")
	}, "o.id IN (SELECT x.prestataire_id FROM prestation x WHERE x.logiciel_id = p.id)"), a, sel)
}

// LogicielsDuPrestataire lists the software on which a prestataire offers services, by name.
func (s *Store) LogicielsDuPrestataire(ctx context.Context, p *Prestataire, a page.Args, sel Selection) (*LogicielConnection, error) {
	return children(ctx, s, p.Fiche, listeLogiciels(sel, logicielsParNom, everything,
		"l.id IN (SELECT x.logiciel_id FROM prestation x WHERE x.prestataire_id = p.id)"), a, sel)
}
