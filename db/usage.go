package db

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// StatutUsage is the state of a usage.
type StatutUsage string

// ModaliteUsage is the way a software is used: directly or through a syndicat.
type ModaliteUsage string

// ModeSupport is who helps the users.
type ModeSupport string

// Usage is a dated, sourced claim that an organisation uses a software.
type Usage struct {
	bun.BaseModel  `bun:"table:usage,alias:u"`
	membre[*Usage] `bun:"-"`

	Rowid          int64          `bun:"id,pk"`
	Cle            string         `bun:"cle"`
	UtilisateurID  int64          `bun:"utilisateur_id"`
	LogicielID     int64          `bun:"logiciel_id"`
	Statut         StatutUsage    `bun:"statut"`
	Modalite       ModaliteUsage  `bun:"modalite"`
	SyndicatID     *int64         `bun:"syndicat_id"`
	Support        *ModeSupport   `bun:"support"`
	Postes         *int           `bun:"postes"`
	Version        *string        `bun:"version"`
	Debut          *Date          `bun:"debut"`
	PrecisionDebut *PrecisionDate `bun:"precision_debut"`
	Fin            *Date          `bun:"fin"`
	RemplaceID     *int64         `bun:"remplace_id"`
	SourceID       int64          `bun:"source_id"`
	ConstateLe     Date           `bun:"constate_le"`
	ConfirmeLe     *Instant       `bun:"confirme_le"`
	Visibilite     Visibilite     `bun:"visibilite"`
	Revision       int            `bun:"revision"`

	// Read with the page when asked for: see completeUsages.
	Utilisateur Organisation   `bun:"-"`
	Syndicat    *SyndicatMixte `bun:"-"`
	Source      *Source        `bun:"-"`

	ParentID int64 `bun:"parent_id,scanonly"`
}

// UsageConnection and UsageEdge page lists of usages.
type (
	UsageConnection = page.Connection[*Usage]
	UsageEdge       = page.Edge[*Usage]
)

// ID returns the public id.
func (u *Usage) ID() string { return identifiant.Global("Usage", u.Cle) }

// IsNode marks what can be read again by its id.
func (u *Usage) IsNode() {}

var (
	keyColumnsUsage = []string{"u.id", "u.cle"}
	columnsUsage    = map[string]string{
		"utilisateur": "u.utilisateur_id", "logiciel": "u.logiciel_id", "statut": "u.statut", "modalite": "u.modalite",
		"syndicat": "u.syndicat_id", "support": "u.support", "postes": "u.postes", "version": "u.version",
		"debut": "u.debut", "precisionDebut": "CASE WHEN u.debut IS NOT NULL THEN u.precision_debut END AS precision_debut", "fin": "u.fin", "remplace": "u.remplace_id", "source": "u.source_id",
		"constateLe": "u.constate_le", "confirmeLe": "u.confirme_le",
		"visibilite": "u.visibilite", "revision": "u.revision",
	}
)

func usageID(u *Usage) int64 { return u.Rowid }

// FiltreUsages narrows a list of usages. A nil criterion was not asked; an empty list matches nothing.
type FiltreUsages struct {
	Statuts      []StatutUsage
	Modalites    []ModaliteUsage
	Logiciels    []string
	Libre        *bool
	Departements []string
	Date         *Date
}

// checked returns the filter with its codes and the slugs of its software, or what is wrong in them.
func (f *FiltreUsages) checked() (*FiltreUsages, []string, error) {
	slugs, err := keys("logiciels", f.Logiciels, "Logiciel")
	if err != nil {
		return nil, nil, err
	}
	c := *f
	c.Departements, err = codes("departements", f.Departements, identifiant.CheckDepartement)
	return &c, slugs, err
}

// bySoftware says how a list of usages asks which software it keeps.
type bySoftware struct{ slugs, libre string }

var (
	// ofUsage asks each usage.
	ofUsage = bySoftware{
		slugs: "u.logiciel_id = ANY (ARRAY(SELECT k.id FROM (" + logicielsNommes + ") k))",
		libre: "u.libre = ?",
	}
	// ofParent asks the software p whose usages are listed: once, not of each usage.
	ofParent = bySoftware{
		slugs: "p.id = ANY (ARRAY(SELECT k.id FROM (" + logicielsNommes + ") k))",
		libre: "(SELECT l.libre FROM logiciel l WHERE l.id = p.id) = ?",
	}
)

// filterUsages compiles the filter for the usages of a parent, once its ids and codes are checked.
func filterUsages(f *FiltreUsages, by bySoftware) (criteria, error) {
	if f == nil {
		return everything, nil
	}
	f, slugs, err := f.checked()
	if err != nil {
		return nil, err
	}
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		if slugs != nil {
			q = q.Where(by.slugs, bun.List(slugs))
		}
		if f.Libre != nil {
			q = q.Where(by.libre, *f.Libre)
		}
		return filterCounted(f)(q)
	}, nil
}

// filterAllUsages is filterUsages for the list of all usages: software asked for are read first, because the planner must
// know which they are to tell a rare one from a popular one.
func (s *Store) filterAllUsages(ctx context.Context, f *FiltreUsages) (criteria, error) {
	if f == nil || f.Logiciels == nil {
		return filterUsages(f, ofUsage)
	}
	f, slugs, err := f.checked()
	if err != nil {
		return nil, err
	}
	ids := []int64{}
	q := nommes(s.bun.NewSelect().Model((*Logiciel)(nil)).ColumnExpr("l.id"), logicielsNommes, slugs...)
	if f.Libre != nil {
		q = q.Where("l.libre = ?", *f.Libre)
	}
	if err := many(ctx, q, &ids); err != nil {
		return nil, err
	}
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return filterCounted(f)(q.Where("u.logiciel_id IN (?)", bun.List(ids)))
	}, nil
}

// enVigueur tells the usages in force on a day: begun, or at least seen, by then, and not ended. What is only planned is
// not in force; nor is what was given up nobody knows when.
const enVigueur = `u.depuis <= ?0 AND (u.fin IS NULL OR u.fin > ?0)
	AND u.statut <> 'PREVU' AND (u.statut <> 'ABANDONNE' OR u.fin IS NOT NULL)`

// auJour puts a day, as SQL writes it, in a condition of which ?0 is the day.
func auJour(condition, jour string) string { return strings.ReplaceAll(condition, "?0", jour) }

// filterCounted holds the criteria that do not name the software. Usages and their kept counts are both read as u, with
// the same columns; a date narrows usages alone.
func filterCounted(f *FiltreUsages) criteria {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		q = inList(q, "u.statut", f.Statuts)
		q = inList(q, "u.modalite", f.Modalites)
		q = inList(q, "u.departement", f.Departements)
		if f.Date != nil {
			q = q.Where(enVigueur, *f.Date)
		}
		return q
	}
}

// completeUsages reads who uses, through whom and on whose word, when asked: one statement for the organisations and one
// for the sources. A page of usages is what dashboards read all day; values already there cost the executor nothing,
// where a resolver costs a goroutine for each row.
func (s *Store) completeUsages(sel Selection) func(context.Context, []*Usage) error {
	return func(ctx context.Context, rows []*Usage) error {
		var ids []int64
		if sel.asks("utilisateur") {
			ids = distinct(rows, func(u *Usage) int64 { return u.UtilisateurID })
		}
		if sel.asks("syndicat") {
			ids = append(ids, distinct(rows, func(u *Usage) int64 { return deref(u.SyndicatID) })...)
		}
		fiches, err := s.fichesByID(ctx, ids)
		if err != nil {
			return err
		}
		var sources map[int64]*Source
		if sel.asks("source") {
			if sources, err = s.sourcesByID(ctx, distinct(rows, func(u *Usage) int64 { return u.SourceID })); err != nil {
				return err
			}
		}
		for _, u := range rows {
			if f := fiches[u.UtilisateurID]; f != nil {
				u.Utilisateur = f.organisation()
			}
			if f := fiches[deref(u.SyndicatID)]; f != nil {
				u.Syndicat = &SyndicatMixte{f}
			}
			u.Source = sources[u.SourceID]
		}
		return nil
	}
}

func (s *Store) listeUsages(filter criteria, sel Selection, ties ...string) liste[*Usage, *Usage] {
	return liste[*Usage, *Usage]{
		columns: sel.columns(keyColumnsUsage, columnsUsage),
		order: page.Order[*Usage]{Name: "usage", Keys: []page.Key{{Expr: "u.id", Kind: page.Int}}, Desc: true,
			Values: func(u *Usage) []any { return []any{u.Rowid} }},
		filter: filter, ties: ties,
		parent: func(u *Usage) int64 { return u.ParentID },
		fill:   s.completeUsages(sel),
		node:   func(u *Usage) *Usage { return u },
	}
}

// Usages lists every usage, last declared first.
func (s *Store) Usages(ctx context.Context, f *FiltreUsages, a page.Args, sel Selection) (*UsageConnection, error) {
	filter, err := s.filterAllUsages(ctx, f)
	if err != nil {
		return nil, err
	}
	return readPage(ctx, s, s.counted(s.listeUsages(filter, sel), f), a)
}

// counted makes a list of usages, of all or of a software, read its total from the counts kept by criterion. A date is
// not among them: its rows are counted.
func (s *Store) counted(l liste[*Usage, *Usage], f *FiltreUsages) liste[*Usage, *Usage] {
	if f != nil && f.Date != nil {
		return l
	}
	l.count = func(tie string) *bun.SelectQuery {
		q := s.bun.NewSelect().TableExpr("usage_compte AS u").ColumnExpr("coalesce(sum(u.nb), 0) AS n")
		if tie != "" {
			q = q.Where(tie)
		}
		return l.filter(q)
	}
	return l
}

// UsagesDe lists the usages of a collectivité.
func (s *Store) UsagesDe(ctx context.Context, c *Collectivite, f *FiltreUsages, a page.Args, sel Selection) (*UsageConnection, error) {
	filter, err := filterUsages(f, ofUsage)
	if err != nil {
		return nil, err
	}
	return children(ctx, s, c.Fiche, s.listeUsages(filter, sel, "u.utilisateur_id = p.id"), a, sel)
}

// UsagesDuSyndicat lists the usages that pass through a syndicat, and those of its own services.
func (s *Store) UsagesDuSyndicat(ctx context.Context, sm *SyndicatMixte, f *FiltreUsages, a page.Args, sel Selection) (*UsageConnection, error) {
	filter, err := filterUsages(f, ofUsage)
	if err != nil {
		return nil, err
	}
	return children(ctx, s, sm.Fiche, s.listeUsages(filter, sel, "u.syndicat_id = p.id", "u.utilisateur_id = p.id"), a, sel)
}

// UsagesDuLogiciel lists who uses a software.
func (s *Store) UsagesDuLogiciel(ctx context.Context, l *Logiciel, f *FiltreUsages, a page.Args, sel Selection) (*UsageConnection, error) {
	filter, err := filterUsages(f, ofParent)
	if err != nil {
		return nil, err
	}
	return childrenOfLogiciel(ctx, s, l, s.counted(s.listeUsages(filter, sel, "u.logiciel_id = p.id"), f), a, sel)
}

// usagesByID returns the reader of usages by row id that the selection asks for.
func (s *Store) usagesByID(sel Selection) func(context.Context, []int64) (map[int64]*Usage, error) {
	return func(ctx context.Context, ids []int64) (map[int64]*Usage, error) {
		found, err := byID(ctx, s, ids, sel.columns(keyColumnsUsage, columnsUsage), usageID)
		if err != nil {
			return nil, err
		}
		return found, s.completeUsages(sel)(ctx, slices.Collect(maps.Values(found)))
	}
}

// LogicielUtilise returns the software of a usage.
func (s *Store) LogicielUtilise(ctx context.Context, u *Usage, sel Selection) (*Logiciel, error) {
	return follow(ctx, u.lot, sel.Cle, func(u *Usage) int64 { return u.LogicielID }, s.logicielsByID(sel), u)
}

// LogicielRemplace returns the software that a usage replaced.
func (s *Store) LogicielRemplace(ctx context.Context, u *Usage, sel Selection) (*Logiciel, error) {
	return follow(ctx, u.lot, sel.Cle, func(u *Usage) int64 { return deref(u.RemplaceID) }, s.logicielsByID(sel), u)
}
