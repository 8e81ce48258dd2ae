package db

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// TypeTerritoire is the level of a territory.
type TypeTerritoire string

// Territoire is a portion of the country, whoever governs it.
type Territoire struct {
	bun.BaseModel       `bun:"table:territoire,alias:t"`
	membre[*Territoire] `bun:"-"`

	Rowid      int64          `bun:"id,pk"`
	Cle        string         `bun:"cle"`
	Type       TypeTerritoire `bun:"type"`
	Code       string         `bun:"code"`
	Nom        string         `bun:"nom"`
	Population *int           `bun:"population"`
	ParentRef  *int64         `bun:"parent_id"`

	Owner int64 `bun:"owner_id,scanonly"`
}

// ID returns the public id.
func (t *Territoire) ID() string { return identifiant.Global("Territoire", t.Cle) }

// IsNode marks what can be read again by its id.
func (t *Territoire) IsNode() {}

var columnsTerritoire = []string{"t.id", "t.cle", "t.type", "t.code", "t.nom", "t.population", "t.parent_id"}

func territoireID(t *Territoire) int64 { return t.Rowid }

// Territoire finds a territory by level and code; nil when there is none.
func (s *Store) Territoire(ctx context.Context, typ TypeTerritoire, code string) (*Territoire, error) {
	t := new(Territoire)
	q := selectRows(s, t, columnsTerritoire).Where("t.type = ?", typ).Where("t.code = ?", strings.ToUpper(code))
	if found, err := one(ctx, q, t); !found {
		return nil, err
	}
	gather([]*Territoire{t})
	return t, nil
}

func (s *Store) territoiresByID(ctx context.Context, ids []int64) (map[int64]*Territoire, error) {
	return byID(ctx, s, ids, columnsTerritoire, territoireID)
}

// ParentDe returns the territory that contains another.
func (s *Store) ParentDe(ctx context.Context, t *Territoire) (*Territoire, error) {
	return follow(ctx, t.lot, "parent", func(t *Territoire) int64 { return deref(t.ParentRef) }, s.territoiresByID, t)
}

// territoireParCode reads the territories of one level that a lot names by code; nil where from names none.
func territoireParCode[P any](ctx context.Context, s *Store, l *lot[P], level TypeTerritoire, code func(P) string, from P) (*Territoire, error) {
	if code(from) == "" {
		return nil, nil
	}
	found, err := perLot(ctx, l, "territoire "+string(level), func(ctx context.Context, members []P) (map[string]*Territoire, error) {
		var rows []*Territoire
		q := selectRows(s, (*Territoire)(nil), columnsTerritoire).Where("t.type = ?", level).
			Where("t.code IN (?)", bun.List(distinct(members, code)))
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		byCode := make(map[string]*Territoire, len(rows))
		for _, t := range rows {
			byCode[t.Code] = t
		}
		return byCode, nil
	})
	return found[code(from)], err
}

// DepartementDe returns the département of a collectivité's seat.
func (s *Store) DepartementDe(ctx context.Context, c *Collectivite) (*Territoire, error) {
	return territoireParCode(ctx, s, c.lot, "DEPARTEMENT", func(f *Fiche) string { return f.CodeDepartement }, c.Fiche)
}

// RegionDe returns the région of a collectivité's seat.
func (s *Store) RegionDe(ctx context.Context, c *Collectivite) (*Territoire, error) {
	return territoireParCode(ctx, s, c.lot, "REGION", func(f *Fiche) string { return f.CodeRegion }, c.Fiche)
}

// TerritoiresDe lists the départements of a syndicat's seat and of its known members, by code.
func (s *Store) TerritoiresDe(ctx context.Context, sm *SyndicatMixte) ([]*Territoire, error) {
	return shortLists(ctx, sm.lot, "territoires", sm.Rowid, func(ctx context.Context, members []*Fiche) ([]*Territoire, error) {
		var rows []*Territoire
		ids := bun.List(distinct(members, ficheID))
		q := selectRows(s, (*Territoire)(nil), columnsTerritoire).ColumnExpr("d.id AS owner_id").
			Join(`JOIN (SELECT o.id, o.departement FROM organisation o WHERE o.id IN (?0)
				UNION SELECT a.groupement_id, m.departement FROM adhesion a JOIN organisation m ON m.id = a.membre_id
				WHERE a.groupement_id IN (?0) AND a.confirmee AND a.periode @> aujourdhui()) d ON d.departement = t.code`, ids).
			Where("t.type = 'DEPARTEMENT'").OrderExpr("t.code")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, func(t *Territoire) int64 { return t.Owner })
}

// Organisations seated in a territory, each level along its own index; a territory has one level, so no organisation
// comes twice.
var dansTerritoire = []string{
	"o.region = (SELECT t.code FROM territoire t WHERE t.id = p.id AND t.type = 'REGION')",
	"o.departement = (SELECT t.code FROM territoire t WHERE t.id = p.id AND t.type = 'DEPARTEMENT')",
	`o.id IN (SELECT t.organisation_id FROM territoire t WHERE t.id = p.id AND t.type IN ('COMMUNE', 'EPCI')
		UNION SELECT a.membre_id FROM adhesion a JOIN territoire t ON t.organisation_id = a.groupement_id
		WHERE t.id = p.id AND t.type = 'EPCI' AND a.confirmee AND a.periode @> aujourdhui())`,
	"EXISTS (SELECT FROM territoire t WHERE t.id = p.id AND t.type = 'FRANCE')",
}

// CollectivitesDans lists the collectivités seated in a territory, by name.
func (s *Store) CollectivitesDans(ctx context.Context, t *Territoire, f *FiltreCollectivites, a page.Args, sel Selection) (*CollectiviteConnection, error) {
	filter, err := filterCollectivites(f)
	if err != nil {
		return nil, err
	}
	l := listeFiches(asCollectivite, parNom, filter, dansTerritoire...)
	return childrenOf(ctx, s, t.lot, territoireID, t, l, a, sel)
}
