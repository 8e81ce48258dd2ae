package db

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// Prestation is what an organisation offers around a software. A syndicat offers by its catalogue.
type Prestation struct {
	bun.BaseModel       `bun:"table:prestation,alias:pr"`
	membre[*Prestation] `bun:"-"`

	Rowid         int64            `bun:"id,pk"`
	Cle           string           `bun:"cle"`
	PrestataireID int64            `bun:"prestataire_id"`
	LogicielID    int64            `bun:"logiciel_id"`
	Types         []TypePrestation `bun:"types,array"`
	Territoires   []string         `bun:"territoires,array"` // keys of territoire; nil: not known
	Competences   []string         `bun:"competences,array"` // codes of categorie
	Description   *string          `bun:"description"`
	Conditions    *string          `bun:"conditions"`
	Site          *string          `bun:"site"`
	SourceID      int64            `bun:"source_id"`
	Revision      int              `bun:"revision"`

	ParentID int64 `bun:"parent_id,scanonly"`
}

// PrestationConnection and PrestationEdge page lists of offers.
type (
	PrestationConnection = page.Connection[*Prestation]
	PrestationEdge       = page.Edge[*Prestation]
)

// ID returns the public id.
func (p *Prestation) ID() string { return identifiant.Global("Prestation", p.Cle) }

// IsNode marks what can be read again by its id.
func (p *Prestation) IsNode() {}

var columnsPrestation = []string{"pr.id", "pr.cle", "pr.prestataire_id", "pr.logiciel_id", "pr.types", "pr.territoires", "pr.competences",
	"pr.description", "pr.conditions", "pr.site", "pr.source_id", "pr.revision"}

func prestationID(p *Prestation) int64 { return p.Rowid }

func (p *Prestation) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, p.lot, "Prestation", "", prestationID, p, a, sel)
}

func (p *Prestation) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, p.lot, func(p *Prestation) int64 { return p.SourceID }, p)
}

// FiltrePrestations narrows a list of offers. A nil criterion was not asked; an empty list matches nothing.
type FiltrePrestations struct {
	Logiciels    []string
	Prestataires []string
	Types        []TypePrestation
	Departements []string
	Competences  []string
}

// couvrent gives the keys of the territories that contain one of these départements.
const couvrent = `SELECT t.cle FROM territoire t WHERE t.type = 'DEPARTEMENT' AND t.code IN (?0)
	UNION SELECT g.cle FROM territoire t JOIN territoire g ON g.id = t.parent_id WHERE t.type = 'DEPARTEMENT' AND t.code IN (?0)
	UNION SELECT t.cle FROM territoire t WHERE t.type = 'FRANCE'`

// filterPrestations compiles the filter once its ids and codes are checked.
func filterPrestations(f *FiltrePrestations) (criteria, error) {
	if f == nil {
		return everything, nil
	}
	slugs, err := keys("logiciels", f.Logiciels, "Logiciel")
	if err != nil {
		return nil, err
	}
	qui, err := keys("prestataires", f.Prestataires, "Prestataire", "Collectivite")
	if err != nil {
		return nil, err
	}
	departements, err := codes("departements", f.Departements, identifiant.CheckDepartement)
	if err != nil {
		return nil, err
	}
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		if slugs != nil {
			q = q.Where("pr.logiciel_id = ANY (ARRAY(SELECT k.id FROM ("+logicielsNommes+") k))", bun.List(slugs))
		}
		if qui != nil {
			q = q.Where("pr.prestataire_id = ANY (ARRAY(SELECT k.id FROM ("+organisationsNommees+") k))", bun.List(qui))
		}
		if f.Types != nil {
			q = q.Where("pr.types && ?::text[]", pgdialect.Array(f.Types))
		}
		if departements != nil {
			q = q.Where("pr.territoires && ARRAY("+couvrent+")", bun.List(departements)).Where("?", len(departements) > 0)
		}
		if f.Competences != nil {
			q = q.Where("pr.competences && ?::text[]", pgdialect.Array(f.Competences))
		}
		return q
	}, nil
}

func listePrestations(filter criteria, ties ...string) liste[*Prestation, *Prestation] {
	return liste[*Prestation, *Prestation]{
		columns: columnsPrestation,
		order: page.Order[*Prestation]{Name: "prestation", Keys: []page.Key{{Expr: "pr.id", Kind: page.Int}},
			Values: func(p *Prestation) []any { return []any{p.Rowid} }},
		filter: filter, ties: ties,
		parent: func(p *Prestation) int64 { return p.ParentID },
		node:   func(p *Prestation) *Prestation { return p },
	}
}

// Prestations lists what is offered around software.
func (s *Store) Prestations(ctx context.Context, f *FiltrePrestations, a page.Args) (*PrestationConnection, error) {
	filter, err := filterPrestations(f)
	if err != nil {
		return nil, err
	}
	return readPage(ctx, s, listePrestations(filter), a)
}

// PrestationsDuLogiciel lists what is offered around a software.
func (s *Store) PrestationsDuLogiciel(ctx context.Context, l *Logiciel, f *FiltrePrestations, a page.Args, sel Selection) (*PrestationConnection, error) {
	filter, err := filterPrestations(f)
	if err != nil {
		return nil, err
	}
	return childrenOfLogiciel(ctx, s, l, listePrestations(filter, "pr.logiciel_id = p.id"), a, sel)
}

// PrestationsDe lists what an organisation offers.
func (s *Store) PrestationsDe(ctx context.Context, p *Prestataire, f *FiltrePrestations, a page.Args, sel Selection) (*PrestationConnection, error) {
	filter, err := filterPrestations(f)
	if err != nil {
		return nil, err
	}
	return children(ctx, s, p.Fiche, listePrestations(filter, "pr.prestataire_id = p.id"), a, sel)
}

// PrestataireDeLaPrestation returns who offers.
func (s *Store) PrestataireDeLaPrestation(ctx context.Context, p *Prestation) (Organisation, error) {
	return organisation(follow(ctx, p.lot, "prestataire", func(p *Prestation) int64 { return p.PrestataireID }, s.fichesByID, p))
}

// LogicielDeLaPrestation returns the software around which it is offered.
func (s *Store) LogicielDeLaPrestation(ctx context.Context, p *Prestation, sel Selection) (*Logiciel, error) {
	return follow(ctx, p.lot, sel.Cle, func(p *Prestation) int64 { return p.LogicielID }, s.logicielsByID(sel), p)
}

// TerritoiresServis returns where it is offered; nil when it is not known.
func (s *Store) TerritoiresServis(ctx context.Context, p *Prestation) ([]*Territoire, error) {
	if p.Territoires == nil {
		return nil, nil
	}
	return parCles(ctx, p.lot, "territoires", func(p *Prestation) []string { return p.Territoires }, s.territoiresParCle, p)
}

// CompetencesMetier returns the trades that who offers knows.
func (s *Store) CompetencesMetier(ctx context.Context, p *Prestation) ([]*Categorie, error) {
	return parCles(ctx, p.lot, "competences", func(p *Prestation) []string { return p.Competences }, s.categoriesParCode, p)
}

// parCles follows the keys that each row of a lot holds, in the order in which it holds them; those that name nothing are
// left out.
func parCles[P, R any](ctx context.Context, l *lot[P], key string, of func(P) []string, read func(context.Context, []string) (map[string]R, error), from P) ([]R, error) {
	found := []R{}
	if len(of(from)) == 0 {
		return found, nil
	}
	byKey, err := perLot(ctx, l, key, func(ctx context.Context, members []P) (map[string]R, error) {
		var all []string
		for _, m := range members {
			all = append(all, of(m)...)
		}
		return read(ctx, slices.Compact(slices.Sorted(slices.Values(all))))
	})
	for _, k := range of(from) {
		if r, ok := byKey[k]; ok {
			found = append(found, r)
		}
	}
	return found, err
}

// territoiresParCle reads territories by their keys, as one lot.
func (s *Store) territoiresParCle(ctx context.Context, cles []string) (map[string]*Territoire, error) {
	var rows []*Territoire
	if err := many(ctx, selectRows(s, (*Territoire)(nil), columnsTerritoire).Where("t.cle IN (?)", bun.List(cles)), &rows); err != nil {
		return nil, err
	}
	gather(rows)
	found := make(map[string]*Territoire, len(rows))
	for _, t := range rows {
		found[t.Cle] = t
	}
	return found, nil
}

// categoriesParCode reads categories by their codes, as one lot.
func (s *Store) categoriesParCode(ctx context.Context, codes []string) (map[string]*Categorie, error) {
	var rows []*Categorie
	if err := many(ctx, selectRows(s, (*Categorie)(nil), columnsCategorie).Where("c.code IN (?)", bun.List(codes)), &rows); err != nil {
		return nil, err
	}
	gather(rows)
	found := make(map[string]*Categorie, len(rows))
	for _, c := range rows {
		found[c.Code] = c
	}
	return found, nil
}
