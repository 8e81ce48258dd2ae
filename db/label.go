package db

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/label"
)

// LabelObtenu is a label that an organisation won at one edition, on that edition's scale.
type LabelObtenu struct {
	bun.BaseModel        `bun:"table:label_obtenu,alias:lo"`
	membre[*LabelObtenu] `bun:"-"`

	Rowid          int64    `bun:"id,pk"`
	EditionID      int64    `bun:"edition_id"`
	OrganisationID int64    `bun:"organisation_id"`
	Label          string   `bun:"label,scanonly"`
	Annee          int      `bun:"annee,scanonly"`
	Echelle        *string  `bun:"echelle,scanonly"`
	Niveau         *string  `bun:"niveau"`
	Mentions       []string `bun:"mentions,array"`
	Remarque       *string  `bun:"remarque"`
	SourceID       int64    `bun:"source_id"`

	ReferentielID *int64 `bun:"referentiel_id,scanonly"` // of the edition
	ParentID      int64  `bun:"parent_id,scanonly"`
}

var columnsLabelObtenu = []string{"lo.id", "lo.edition_id", "lo.organisation_id", "ed.label", "ed.annee", "ed.echelle", "lo.niveau", "lo.mentions",
	"lo.remarque", "lo.source_id", "ed.referentiel_id"}

// ofEditions joins the edition of each label won.
func ofEditions(q *bun.SelectQuery) *bun.SelectQuery {
	return q.Join("JOIN label_edition ed ON ed.id = lo.edition_id")
}

// LabelsDe lists the labels of an organisation, latest first.
func (s *Store) LabelsDe(ctx context.Context, f *Fiche) ([]*LabelObtenu, error) {
	return shortLists(ctx, f.lot, "labels", f.Rowid, func(ctx context.Context, members []*Fiche) ([]*LabelObtenu, error) {
		var rows []*LabelObtenu
		q := ofEditions(selectRows(s, (*LabelObtenu)(nil), columnsLabelObtenu)).
			Where("lo.organisation_id IN (?)", bun.List(distinct(members, ficheID))).
			OrderExpr("ed.annee DESC, ed.label, lo.id")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, func(l *LabelObtenu) int64 { return l.OrganisationID })
}

// LaureatDe returns who won a label.
func (s *Store) LaureatDe(ctx context.Context, l *LabelObtenu) (Organisation, error) {
	return organisation(follow(ctx, l.lot, "organisation", func(l *LabelObtenu) int64 { return l.OrganisationID }, s.fichesByID, l))
}

// EditionDuLabel returns the edition at which a label was won.
func (s *Store) EditionDuLabel(ctx context.Context, l *LabelObtenu) (*EditionLabel, error) {
	return follow(ctx, l.lot, "edition", func(l *LabelObtenu) int64 { return l.EditionID }, s.editionsByID, l)
}

// EditionLabel is one edition of the label: its rules, its dates, its jury. Laureates as published, since sources disagree.
type EditionLabel struct {
	bun.BaseModel         `bun:"table:label_edition,alias:ed"`
	membre[*EditionLabel] `bun:"-"`

	Rowid            int64   `bun:"id,pk"`
	Cle              string  `bun:"cle,scanonly"`
	Label            string  `bun:"label"`
	Annee            int     `bun:"annee"`
	Echelle          *string `bun:"echelle"`
	LaureatsAnnonces *string `bun:"laureats"`
	ReferentielID    *int64  `bun:"referentiel_id"`
	Ouverture        *Date   `bun:"ouverture"`
	Cloture          *Date   `bun:"cloture"`
	RemiseLe         *Date   `bun:"remise_le"`
	LieuRemise       *string `bun:"lieu_remise"`
	SourceID         int64   `bun:"source_id"`
	Revision         int     `bun:"revision"`
	Ouverte          bool    `bun:"ouverte,scanonly"`
}

// EditionLabelConnection, LabelObtenuConnection and their edges page both lists.
type (
	EditionLabelConnection = page.Connection[*EditionLabel]
	EditionLabelEdge       = page.Edge[*EditionLabel]
	LabelObtenuConnection  = page.Connection[*LabelObtenu]
	LabelObtenuEdge        = page.Edge[*LabelObtenu]
)

// ID returns the public id.
func (e *EditionLabel) ID() string { return identifiant.Global("EditionLabel", e.Cle) }

// IsNode marks what can be read again by its id.
func (e *EditionLabel) IsNode() {}

// candidaturesOuvertes tells the editions to which one may apply today: both dates must be known.
const candidaturesOuvertes = "coalesce((SELECT aujourdhui()) BETWEEN ed.ouverture AND ed.cloture, false)"

var columnsEdition = []string{"ed.id", "ed.cle", "ed.label", "ed.annee", "ed.echelle", "ed.laureats", "ed.referentiel_id", "ed.ouverture", "ed.cloture",
	"ed.remise_le", "ed.lieu_remise", "ed.source_id", "ed.revision", candidaturesOuvertes + " AS ouverte"}

func editionID(e *EditionLabel) int64 { return e.Rowid }

func (s *Store) editionsByID(ctx context.Context, ids []int64) (map[int64]*EditionLabel, error) {
	return byID(ctx, s, ids, columnsEdition, editionID)
}

// FiltreEditionsLabel narrows the list of editions. A nil criterion was not asked; an empty list matches nothing.
type FiltreEditionsLabel struct {
	Annees   []int
	Ouvertes *bool
}

// EditionsLabel lists the editions, latest first.
func (s *Store) EditionsLabel(ctx context.Context, f *FiltreEditionsLabel, a page.Args) (*EditionLabelConnection, error) {
	return readPage(ctx, s, liste[*EditionLabel, *EditionLabel]{
		columns: columnsEdition,
		order: page.Order[*EditionLabel]{Name: "annee", Keys: []page.Key{{Expr: "ed.annee", Kind: page.Int}, {Expr: "ed.id", Kind: page.Int}}, Desc: true,
			Values: func(e *EditionLabel) []any { return []any{int64(e.Annee), e.Rowid} }},
		filter: func(q *bun.SelectQuery) *bun.SelectQuery {
			if f == nil {
				return q
			}
			if f.Ouvertes != nil {
				q = q.Where(candidaturesOuvertes+" = ?", *f.Ouvertes)
			}
			return inList(q, "ed.annee", f.Annees)
		},
		node: func(e *EditionLabel) *EditionLabel { return e },
	}, a)
}

// EditionLabel returns the edition of a year, the latest for nil; nil when there is none.
func (s *Store) EditionLabel(ctx context.Context, annee *int) (*EditionLabel, error) {
	var rows []*EditionLabel
	q := selectRows(s, (*EditionLabel)(nil), columnsEdition).OrderExpr("ed.annee DESC, ed.id").Limit(1)
	if annee != nil {
		q = q.Where("ed.annee = ?", *annee)
	}
	if err := many(ctx, q, &rows); err != nil || len(rows) == 0 {
		return nil, err
	}
	gather(rows)
	return rows[0], nil
}

// LaureatsDe lists the laureates known of an edition, in the order in which they were read; of a level when it is given.
func (s *Store) LaureatsDe(ctx context.Context, e *EditionLabel, niveau *string, a page.Args, sel Selection) (*LabelObtenuConnection, error) {
	l := liste[*LabelObtenu, *LabelObtenu]{
		columns: columnsLabelObtenu,
		order: page.Order[*LabelObtenu]{Name: "laureats", Keys: []page.Key{{Expr: "lo.id", Kind: page.Int}},
			Values: func(l *LabelObtenu) []any { return []any{l.Rowid} }},
		filter: func(q *bun.SelectQuery) *bun.SelectQuery {
			if niveau != nil {
				q = q.Where("lo.niveau = ?", *niveau)
			}
			return ofEditions(q)
		},
		ties: []string{"lo.edition_id = p.id"}, parent: func(l *LabelObtenu) int64 { return l.ParentID },
		node: func(l *LabelObtenu) *LabelObtenu { return l },
	}
	return childrenOf(ctx, s, e.lot, editionID, e, l, a, sel)
}

// LaureatsConnus counts the organisations known to have won an edition, whatever the number of sources that say so.
func (s *Store) LaureatsConnus(ctx context.Context, e *EditionLabel) (int, error) {
	connus, err := perLot(ctx, e.lot, "laureatsConnus", func(ctx context.Context, members []*EditionLabel) (map[int64]int, error) {
		var rows []struct {
			EditionID int64
			N         int
		}
		err := many(ctx, s.bun.NewSelect().TableExpr("label_obtenu AS lo").ColumnExpr("lo.edition_id, count(DISTINCT lo.organisation_id) AS n").
			Where("lo.edition_id IN (?)", bun.List(distinct(members, editionID))).GroupExpr("lo.edition_id"), &rows)
		found := make(map[int64]int, len(rows))
		for _, r := range rows {
			found[r.EditionID] = r.N
		}
		return found, err
	})
	return connus[e.Rowid], err
}

// MembreJury is a member of the jury of an edition, as announced.
type MembreJury struct {
	bun.BaseModel       `bun:"table:label_jury,alias:ju"`
	membre[*MembreJury] `bun:"-"`

	EditionID int64  `bun:"edition_id"`
	Nom       string `bun:"nom"`
	Qualite   string `bun:"qualite"`
	SourceID  int64  `bun:"source_id"`
}

// JuryDe lists the jury of an edition, as announced.
func (s *Store) JuryDe(ctx context.Context, e *EditionLabel) ([]*MembreJury, error) {
	return shortLists(ctx, e.lot, "jury", e.Rowid, func(ctx context.Context, members []*EditionLabel) ([]*MembreJury, error) {
		var rows []*MembreJury
		err := many(ctx, selectRows(s, (*MembreJury)(nil), []string{"ju.edition_id", "ju.nom", "ju.qualite", "ju.source_id"}).
			Where("ju.edition_id IN (?)", bun.List(distinct(members, editionID))).OrderExpr("ju.edition_id, ju.rang"), &rows)
		gather(rows)
		return rows, err
	}, func(m *MembreJury) int64 { return m.EditionID })
}

// ReferentielLabel is what a run of editions is judged by.
type ReferentielLabel struct {
	bun.BaseModel             `bun:"table:label_referentiel,alias:lr"`
	membre[*ReferentielLabel] `bun:"-"`

	Rowid       int64   `bun:"id,pk"`
	Code        string  `bun:"cle"`
	Nom         string  `bun:"nom"`
	Description *string `bun:"description"`
	SourceID    int64   `bun:"source_id"`
}

func referentielID(r *ReferentielLabel) int64 { return r.Rowid }

// ReferentielDe returns what an edition is judged by; nil when it is not known.
func (s *Store) ReferentielDe(ctx context.Context, e *EditionLabel) (*ReferentielLabel, error) {
	return follow(ctx, e.lot, "referentiel", func(e *EditionLabel) int64 { return deref(e.ReferentielID) }, func(ctx context.Context, ids []int64) (map[int64]*ReferentielLabel, error) {
		return byID(ctx, s, ids, []string{"lr.id", "lr.cle", "lr.nom", "lr.description", "lr.source_id"}, referentielID)
	}, e)
}

// NiveauLabel is a level of a scale, or a mention beside it.
type NiveauLabel struct {
	bun.BaseModel        `bun:"table:label_niveau,alias:ln"`
	membre[*NiveauLabel] `bun:"-"`

	ReferentielID int64   `bun:"referentiel_id"`
	Genre         string  `bun:"genre"`
	Rang          int     `bun:"rang"`
	Code          string  `bun:"code"`
	Nom           string  `bun:"nom"`
	Sens          *string `bun:"sens"`
	SourceID      int64   `bun:"source_id"`
}

// niveaux reads the levels and the mentions of some sets of rules, in order.
func (s *Store) niveaux(ctx context.Context, referentiels []int64) ([]*NiveauLabel, error) {
	if len(referentiels) == 0 {
		return nil, nil
	}
	var rows []*NiveauLabel
	err := many(ctx, selectRows(s, (*NiveauLabel)(nil), []string{"ln.referentiel_id", "ln.genre", "ln.rang", "ln.code", "ln.nom", "ln.sens", "ln.source_id"}).
		Where("ln.referentiel_id IN (?)", bun.List(referentiels)).OrderExpr("ln.referentiel_id, ln.genre, ln.rang"), &rows)
	gather(rows)
	return rows, err
}

// NiveauxDe lists the levels of a scale, the first one first.
func (s *Store) NiveauxDe(ctx context.Context, r *ReferentielLabel) ([]*NiveauLabel, error) {
	return s.niveauxDeGenre(ctx, r, "NIVEAU")
}

// MentionsDe lists the mentions that a jury may add.
func (s *Store) MentionsDe(ctx context.Context, r *ReferentielLabel) ([]*NiveauLabel, error) {
	return s.niveauxDeGenre(ctx, r, "MENTION")
}

func (s *Store) niveauxDeGenre(ctx context.Context, r *ReferentielLabel, genre string) ([]*NiveauLabel, error) {
	all, err := shortLists(ctx, r.lot, "niveaux", r.Rowid, func(ctx context.Context, members []*ReferentielLabel) ([]*NiveauLabel, error) {
		return s.niveaux(ctx, distinct(members, referentielID))
	}, func(n *NiveauLabel) int64 { return n.ReferentielID })
	kept := make([]*NiveauLabel, 0, len(all))
	for _, n := range all {
		if n.Genre == genre {
			kept = append(kept, n)
		}
	}
	return kept, err
}

// CodeThemeLabel and CritereLabel name themes and criteria, whatever the year.
type (
	CodeThemeLabel = label.Theme
	CritereLabel   = label.Critere
)

// ThemeLabel is a theme, as a set of rules calls it.
type ThemeLabel struct {
	bun.BaseModel       `bun:"table:label_theme,alias:lt"`
	membre[*ThemeLabel] `bun:"-"`

	ReferentielID int64          `bun:"referentiel_id"`
	Code          CodeThemeLabel `bun:"code"`
	Nom           string         `bun:"nom"`
	Description   *string        `bun:"description"`
	SourceID      int64          `bun:"source_id"`
}

// themesLabel reads the themes of some sets of rules, in order.
func (s *Store) themesLabel(ctx context.Context, referentiels []int64) ([]*ThemeLabel, error) {
	if len(referentiels) == 0 {
		return nil, nil
	}
	var rows []*ThemeLabel
	err := many(ctx, selectRows(s, (*ThemeLabel)(nil), []string{"lt.referentiel_id", "lt.code", "lt.nom", "lt.description", "lt.source_id"}).
		Where("lt.referentiel_id IN (?)", bun.List(referentiels)).OrderExpr("lt.referentiel_id, lt.rang"), &rows)
	gather(rows)
	return rows, err
}

// ThemesDe lists the themes of a set of rules.
func (s *Store) ThemesDe(ctx context.Context, r *ReferentielLabel) ([]*ThemeLabel, error) {
	return shortLists(ctx, r.lot, "themes", r.Rowid, func(ctx context.Context, members []*ReferentielLabel) ([]*ThemeLabel, error) {
		return s.themesLabel(ctx, distinct(members, referentielID))
	}, func(t *ThemeLabel) int64 { return t.ReferentielID })
}

// QuestionLabel is what an application answers.
type QuestionLabel struct {
	bun.BaseModel          `bun:"table:label_question,alias:lq"`
	membre[*QuestionLabel] `bun:"-"`

	Rowid         int64          `bun:"id,pk"`
	ReferentielID int64          `bun:"referentiel_id"`
	Code          string         `bun:"cle"`
	Theme         CodeThemeLabel `bun:"theme"`
	Texte         string         `bun:"texte"`
	Critere       *CritereLabel  `bun:"critere"`
	SourceID      int64          `bun:"source_id"`
}

var columnsQuestion = []string{"lq.id", "lq.referentiel_id", "lq.cle", "lq.theme", "lq.texte", "lq.critere", "lq.source_id"}

func questionID(q *QuestionLabel) int64 { return q.Rowid }

// QuestionsDe lists the questions known of a set of rules, in order.
func (s *Store) QuestionsDe(ctx context.Context, r *ReferentielLabel) ([]*QuestionLabel, error) {
	return shortLists(ctx, r.lot, "questions", r.Rowid, func(ctx context.Context, members []*ReferentielLabel) ([]*QuestionLabel, error) {
		var rows []*QuestionLabel
		err := many(ctx, selectRows(s, (*QuestionLabel)(nil), columnsQuestion).
			Where("lq.referentiel_id IN (?)", bun.List(distinct(members, referentielID))).OrderExpr("lq.referentiel_id, lq.rang"), &rows)
		gather(rows)
		return rows, err
	}, func(q *QuestionLabel) int64 { return q.ReferentielID })
}

// Fait is a fact read in a public document, kept as said.
type Fait struct {
	bun.BaseModel `bun:"table:fait,alias:fa"`
	membre[*Fait] `bun:"-"`

	Owner    int64  `bun:"owner_id,scanonly"`
	Sujet    string `bun:"sujet"`
	Fait     string `bun:"fait"`
	Valeur   string `bun:"valeur"`
	Unite    string `bun:"unite"`
	Date     string `bun:"date"`
	SourceID int64  `bun:"source_id"`
}

// FaitsDe lists the facts that documents give on an organisation.
func (s *Store) FaitsDe(ctx context.Context, f *Fiche) ([]*Fait, error) {
	return faits(ctx, s, f.lot, f.Rowid, "organisation_id", ficheID)
}

// FaitsDuLogiciel lists the facts that documents give on a software.
func (s *Store) FaitsDuLogiciel(ctx context.Context, l *Logiciel) ([]*Fait, error) {
	return faits(ctx, s, l.lot, l.Rowid, "logiciel_id", logicielID)
}

func faits[P any](ctx context.Context, s *Store, l *lot[P], id int64, column string, key func(P) int64) ([]*Fait, error) {
	return shortLists(ctx, l, "faits", id, func(ctx context.Context, members []P) ([]*Fait, error) {
		var rows []*Fait
		q := s.bun.NewSelect().Model((*Fait)(nil)).
			ColumnExpr("fa.? AS owner_id, fa.sujet, fa.fait, fa.valeur, fa.unite, fa.date, fa.source_id", bun.Ident(column)).
			Where("fa.? IN (?)", bun.Ident(column), bun.List(distinct(members, key))).OrderExpr("fa.date, fa.id")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, func(f *Fait) int64 { return f.Owner })
}
