package db

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// ThemeRetour is what an experience teaches about; its values are the contract's, those of the forum of 2016 first.
type ThemeRetour string

// RetourExperience is what an organisation tells of its experience. All of it is public.
type RetourExperience struct {
	bun.BaseModel             `bun:"table:retour_experience,alias:re"`
	membre[*RetourExperience] `bun:"-"`

	Rowid          int64         `bun:"id,pk"`
	Cle            string        `bun:"cle"`
	OrganisationID int64         `bun:"organisation_id"`
	Titre          string        `bun:"titre"`
	Resume         string        `bun:"resume"`
	Themes         []ThemeRetour `bun:"themes,array"`
	Date           Date          `bun:"date"`
	Precision      PrecisionDate `bun:"precision_date"`
	SourceID       int64         `bun:"source_id"`
	Revision       int           `bun:"revision"`

	Jour     int64 `bun:"jour,scanonly"`
	ParentID int64 `bun:"parent_id,scanonly"`
}

// RetourExperienceConnection and RetourExperienceEdge page lists of experiences.
type (
	RetourExperienceConnection = page.Connection[*RetourExperience]
	RetourExperienceEdge       = page.Edge[*RetourExperience]
)

// ID returns the public id.
func (r *RetourExperience) ID() string { return identifiant.Global("RetourExperience", r.Cle) }

// IsNode marks what can be read again by its id.
func (r *RetourExperience) IsNode() {}

func (r *RetourExperience) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, r.lot, func(r *RetourExperience) int64 { return r.SourceID }, r)
}

func (r *RetourExperience) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, r.lot, "RetourExperience", "", retourID, r, a, sel)
}

// FiltreRetours narrows a list of experiences. A nil criterion was not asked; an empty list matches nothing.
type FiltreRetours struct {
	Themes        []ThemeRetour
	Logiciels     []string
	Organisations []string
	Departements  []string
	Texte         *string
}

// retourJour is the day told as a number, for cursors. Indexes hold it as it is written.
const retourJour = "(re.date - DATE '1970-01-01')"

var columnsRetour = []string{"re.id", "re.cle", "re.organisation_id", "re.titre", "re.resume", "re.themes", "re.date", "re.precision_date",
	"re.source_id", "re.revision", retourJour + " AS jour"}

func retourID(r *RetourExperience) int64 { return r.Rowid }

// filterRetours compiles the filter once its ids and codes are checked.
func filterRetours(f *FiltreRetours) (criteria, error) {
	if f == nil {
		return everything, nil
	}
	slugs, err := keys("logiciels", f.Logiciels, "Logiciel")
	if err != nil {
		return nil, err
	}
	organisations, err := keys("organisations", f.Organisations, "Collectivite", "SyndicatMixte", "Prestataire")
	if err != nil {
		return nil, err
	}
	departements, err := codes("departements", f.Departements, identifiant.CheckDepartement)
	if err != nil {
		return nil, err
	}
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.Themes != nil {
			q = q.Where("re.themes && ?::text[]", pgdialect.Array(f.Themes))
		}
		if slugs != nil {
			q = q.Where(surLogiciels("= ANY (ARRAY(SELECT k.id FROM ("+logicielsNommes+") k))"), bun.List(slugs))
		}
		if organisations != nil {
			q = q.Where("(re.organisation_id = ANY (ARRAY(SELECT k.id FROM ("+organisationsNommees+") k))"+
				" OR re.id IN (SELECT x.retour_id FROM retour_lien x WHERE x.organisation_id = ANY (ARRAY(SELECT k.id FROM ("+organisationsNommees+") k))))", bun.List(organisations))
		}
		if departements != nil {
			q = q.Where("re.organisation_id IN (SELECT o.id FROM organisation o WHERE o.departement IN (?))", bun.List(departements))
		}
		if !blank(f.Texte) {
			q = q.Where("re.recherche @@ plainto_tsquery('francais', ?)", texte.Normalize(*f.Texte))
		}
		return q
	}, nil
}

// surLogiciels keeps the experiences about the software that a condition names: by a link of their own, or by a public usage
// that they are about. What is not public stays so.
func surLogiciels(lesquels string) string {
	return `re.id IN (SELECT x.retour_id FROM retour_lien x WHERE x.logiciel_id ` + lesquels + `
		UNION ALL SELECT x.retour_id FROM retour_lien x JOIN usage u ON u.id = x.usage_id WHERE u.visibilite = 'PUBLIC' AND u.logiciel_id ` + lesquels + `)`
}

func listeRetours(filter criteria, ties ...string) liste[*RetourExperience, *RetourExperience] {
	return liste[*RetourExperience, *RetourExperience]{
		columns: columnsRetour,
		order: page.Order[*RetourExperience]{Name: "retour", Keys: []page.Key{{Expr: retourJour, Kind: page.Int}, {Expr: "re.id", Kind: page.Int}}, Desc: true,
			Values: func(r *RetourExperience) []any { return []any{r.Jour, r.Rowid} }},
		filter: filter, ties: ties,
		parent: func(r *RetourExperience) int64 { return r.ParentID },
		node:   func(r *RetourExperience) *RetourExperience { return r },
	}
}

// RetoursExperience lists what was told, latest first.
func (s *Store) RetoursExperience(ctx context.Context, f *FiltreRetours, a page.Args) (*RetourExperienceConnection, error) {
	filter, err := filterRetours(f)
	if err != nil {
		return nil, err
	}
	return readPage(ctx, s, listeRetours(filter), a)
}

// RetoursDe lists what was told by an organisation, or of it, latest first.
func (s *Store) RetoursDe(ctx context.Context, o *Fiche, f *FiltreRetours, a page.Args, sel Selection) (*RetourExperienceConnection, error) {
	filter, err := filterRetours(f)
	if err != nil {
		return nil, err
	}
	return children(ctx, s, o, listeRetours(filter, "re.organisation_id = p.id",
		"re.organisation_id <> p.id AND re.id IN (SELECT x.retour_id FROM retour_lien x WHERE x.organisation_id = p.id)"), a, sel)
}

// RetoursDuLogiciel lists what was told of a software, latest first.
func (s *Store) RetoursDuLogiciel(ctx context.Context, l *Logiciel, f *FiltreRetours, a page.Args, sel Selection) (*RetourExperienceConnection, error) {
	filter, err := filterRetours(f)
	if err != nil {
		return nil, err
	}
	return childrenOfLogiciel(ctx, s, l, listeRetours(filter, surLogiciels("= p.id")), a, sel)
}

// OrganisationDuRetour returns whose experience it is.
func (s *Store) OrganisationDuRetour(ctx context.Context, r *RetourExperience) (Organisation, error) {
	return organisation(follow(ctx, r.lot, "organisation", func(r *RetourExperience) int64 { return r.OrganisationID }, s.fichesByID, r))
}

// retourLien is one thing that an experience is about.
type retourLien struct {
	RetourID       int64
	OrganisationID *int64
	LogicielID     *int64
	UsageID        *int64
	EconomieID     *int64
}

// liensRetour reads what the experiences of a lot are about, facts apart, in the order of the rows.
func (s *Store) liensRetour(ctx context.Context, r *RetourExperience) (map[int64][]retourLien, error) {
	return perLot(ctx, r.lot, "liens", func(ctx context.Context, members []*RetourExperience) (map[int64][]retourLien, error) {
		var rows []retourLien
		err := many(ctx, s.bun.NewSelect().TableExpr("retour_lien AS x").ColumnExpr("x.retour_id, x.organisation_id, x.logiciel_id, x.usage_id, x.economie_id").
			Where("x.retour_id IN (?)", bun.List(distinct(members, retourID))).Where("x.fait_id IS NULL").OrderExpr("x.id"), &rows)
		byRetour := make(map[int64][]retourLien, len(members))
		for _, l := range rows {
			byRetour[l.RetourID] = append(byRetour[l.RetourID], l)
		}
		return byRetour, err
	})
}

// liesAuRetour reads the things of one kind that an experience is about: those of the whole lot by one statement. What the
// reader may not see is not there.
func liesAuRetour[R any](ctx context.Context, s *Store, r *RetourExperience, key string, ref func(retourLien) *int64, read func(context.Context, []int64) (map[int64]*R, error)) ([]*R, error) {
	liens, err := s.liensRetour(ctx, r)
	if err != nil {
		return nil, err
	}
	rows, err := perLot(ctx, r.lot, key, func(ctx context.Context, members []*RetourExperience) (map[int64]*R, error) {
		var ids []int64
		for _, m := range members {
			for _, l := range liens[m.Rowid] {
				if id := ref(l); id != nil && !slices.Contains(ids, *id) {
					ids = append(ids, *id)
				}
			}
		}
		return read(ctx, ids)
	})
	if err != nil {
		return nil, err
	}
	found := []*R{}
	for _, l := range liens[r.Rowid] {
		if id := ref(l); id != nil && rows[*id] != nil {
			found = append(found, rows[*id])
		}
	}
	return found, nil
}

// AutresOrganisationsDuRetour lists the other organisations that an experience speaks of.
func (s *Store) AutresOrganisationsDuRetour(ctx context.Context, r *RetourExperience) ([]Organisation, error) {
	fiches, err := liesAuRetour(ctx, s, r, "autresOrganisations", func(l retourLien) *int64 { return l.OrganisationID }, s.fichesByID)
	all := make([]Organisation, len(fiches))
	for i, f := range fiches {
		all[i] = f.organisation()
	}
	return all, err
}

// LogicielsDuRetour lists the software that an experience speaks of.
func (s *Store) LogicielsDuRetour(ctx context.Context, r *RetourExperience, sel Selection) ([]*Logiciel, error) {
	return liesAuRetour(ctx, s, r, sel.Cle, func(l retourLien) *int64 { return l.LogicielID }, s.logicielsByID(sel))
}

// UsagesDuRetour lists the usages that an experience speaks of, those that the reader may see.
func (s *Store) UsagesDuRetour(ctx context.Context, r *RetourExperience, sel Selection) ([]*Usage, error) {
	return liesAuRetour(ctx, s, r, sel.Cle, func(l retourLien) *int64 { return l.UsageID }, s.usagesByID(sel))
}

// EconomiesDuRetour lists the savings that an experience speaks of, those that the reader may see.
func (s *Store) EconomiesDuRetour(ctx context.Context, r *RetourExperience, sel Selection) ([]*Economie, error) {
	return liesAuRetour(ctx, s, r, sel.Cle, func(l retourLien) *int64 { return l.EconomieID }, reader(s, columnsEconomie, economieID))
}

// ChiffreRetour is a figure of an experience, as said: its own, or a fact that a document gives.
type ChiffreRetour struct {
	membre[*ChiffreRetour]

	RetourID int64
	Nom      string
	Valeur   string
	Unite    string
	Date     string
	SourceID int64
}

func (c *ChiffreRetour) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, c.lot, func(c *ChiffreRetour) int64 { return c.SourceID }, c)
}

// ChiffresDuRetour lists the figures of an experience: the facts of documents first, then its own.
func (s *Store) ChiffresDuRetour(ctx context.Context, r *RetourExperience) ([]*ChiffreRetour, error) {
	return shortLists(ctx, r.lot, "chiffres", r.Rowid, func(ctx context.Context, members []*RetourExperience) ([]*ChiffreRetour, error) {
		var rows []*ChiffreRetour
		err := s.bun.NewRaw(`SELECT y.retour_id, y.nom, y.valeur, y.unite, y.date, y.source_id FROM (
				SELECT 0 AS rang, x.retour_id, x.id, f.fait AS nom, f.valeur, f.unite, f.date, f.source_id
				FROM retour_lien x JOIN fait f ON f.id = x.fait_id WHERE x.retour_id IN (?0)
				UNION ALL SELECT 1, c.retour_id, c.id, c.nom, c.valeur, c.unite, c.date, c.source_id FROM chiffre_retour c WHERE c.retour_id IN (?0)) y
			ORDER BY y.rang, y.id`, bun.List(distinct(members, retourID))).Scan(ctx, &rows)
		gather(rows)
		return rows, Translate(err)
	}, func(c *ChiffreRetour) int64 { return c.RetourID })
}
