package db

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// GenreIntervention is the form of a session.
type GenreIntervention string

// Intervenant is a speaker as the public programme announces it.
type Intervenant struct {
	Nom     string  `json:"nom"`
	Qualite *string `json:"qualite,omitempty"`
}

// Intervention is a session of an event. Its declarer owns it; without one, it is shared.
type Intervention struct {
	bun.BaseModel         `bun:"table:intervention,alias:i"`
	membre[*Intervention] `bun:"-"`

	Rowid       int64             `bun:"id,pk"`
	Cle         string            `bun:"cle"`
	RencontreID int64             `bun:"rencontre_id"`
	DeclarantID *int64            `bun:"declarant_id"`
	Titre       string            `bun:"titre"`
	Genre       GenreIntervention `bun:"genre"`
	Jour        *Date             `bun:"jour"`
	Debut       *string           `bun:"debut"`
	Fin         *string           `bun:"fin"`
	Rang        *int              `bun:"rang"`
	Resume      *string           `bun:"resume"`
	Salle       *string           `bun:"salle"`
	Parlent     []Intervenant     `bun:"intervenants,type:jsonb"`
	Themes      []string          `bun:"themes,array"`
	Site        *string           `bun:"site"`
	Supports    []string          `bun:"supports,array"`
	SourceID    int64             `bun:"source_id"`
	Revision    int               `bun:"revision"`

	JourTri   int64  `bun:"jour_tri,scanonly"`
	HeureTri  string `bun:"heure_tri,scanonly"`
	RangTri   int64  `bun:"rang_tri,scanonly"`
	RecentTri int64  `bun:"recent_tri,scanonly"`
	ParentID  int64  `bun:"parent_id,scanonly"`
}

// InterventionConnection and InterventionEdge page lists of sessions.
type (
	InterventionConnection = page.Connection[*Intervention]
	InterventionEdge       = page.Edge[*Intervention]
)

// ID returns the public id.
func (i *Intervention) ID() string { return identifiant.Global("Intervention", i.Cle) }

// IsNode marks what can be read again by its id.
func (i *Intervention) IsNode() {}

// Intervenants are who speaks, as announced.
func (i *Intervention) Intervenants() []Intervenant { return i.Parlent }

// The place of a session in its programme: what is not told comes last. The index holds these as they are written.
const (
	jourProgramme  = "(coalesce(i.jour, DATE '9999-12-31') - DATE '1970-01-01')"
	heureProgramme = `(coalesce(i.debut, '99:99') COLLATE "C")`
	rangProgramme  = "(coalesce(i.rang, 1000000))"
)

var columnsIntervention = []string{"i.id", "i.cle", "i.rencontre_id", "i.declarant_id", "i.titre", "i.genre", "i.jour", "i.debut", "i.fin", "i.rang", "i.resume",
	"i.salle", "i.intervenants", "i.themes", "i.site", "i.supports", "i.source_id", "i.revision",
	jourProgramme + " AS jour_tri", heureProgramme + " AS heure_tri", rangProgramme + " AS rang_tri"}

func interventionID(i *Intervention) int64 { return i.Rowid }

func (i *Intervention) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, i.lot, func(i *Intervention) int64 { return i.SourceID }, i)
}

func (i *Intervention) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, i.lot, "Intervention", "", interventionID, i, a, sel)
}

func ofGenres(genres []GenreIntervention) criteria {
	return func(q *bun.SelectQuery) *bun.SelectQuery { return inList(q, "i.genre", genres) }
}

// ProgrammeDe lists the sessions of an event, in the order of its programme.
func (s *Store) ProgrammeDe(ctx context.Context, r *Rencontre, genres []GenreIntervention, a page.Args, sel Selection) (*InterventionConnection, error) {
	l := liste[*Intervention, *Intervention]{
		columns: columnsIntervention,
		order: page.Order[*Intervention]{Name: "programme",
			Keys:   []page.Key{{Expr: jourProgramme, Kind: page.Int}, {Expr: heureProgramme, Kind: page.Text}, {Expr: rangProgramme, Kind: page.Int}, {Expr: "i.id", Kind: page.Int}},
			Values: func(i *Intervention) []any { return []any{i.JourTri, i.HeureTri, i.RangTri, i.Rowid} }},
		filter: ofGenres(genres), ties: []string{"i.rencontre_id = p.id"},
		parent: func(i *Intervention) int64 { return i.ParentID },
		node:   func(i *Intervention) *Intervention { return i },
	}
	return childrenOf(ctx, s, r.lot, rencontreID, r, l, a, sel)
}

// listeRecentes lists sessions of any event, the latest first: by their day, else by the first day of their event.
func listeRecentes(genres []GenreIntervention, ties ...string) liste[*Intervention, *Intervention] {
	const recent = "(coalesce(i.jour, r.debut) - DATE '1970-01-01')"
	return liste[*Intervention, *Intervention]{
		columns: append([]string{recent + " AS recent_tri"}, columnsIntervention...),
		order: page.Order[*Intervention]{Name: "recentes", Keys: []page.Key{{Expr: recent, Kind: page.Int}, {Expr: "i.id", Kind: page.Int}}, Desc: true,
			Values: func(i *Intervention) []any { return []any{i.RecentTri, i.Rowid} }},
		filter: func(q *bun.SelectQuery) *bun.SelectQuery {
			return ofGenres(genres)(q.Join("JOIN rencontre r ON r.id = i.rencontre_id"))
		},
		ties:   ties,
		parent: func(i *Intervention) int64 { return i.ParentID },
		node:   func(i *Intervention) *Intervention { return i },
	}
}

// InterventionsDe lists the sessions about an organisation, or in its name.
func (s *Store) InterventionsDe(ctx context.Context, of *Fiche, genres []GenreIntervention, a page.Args, sel Selection) (*InterventionConnection, error) {
	return children(ctx, s, of, listeRecentes(genres, "i.id IN (SELECT io.intervention_id FROM intervention_organisation io WHERE io.organisation_id = p.id)"), a, sel)
}

// InterventionsDuLogiciel lists the sessions about a software.
func (s *Store) InterventionsDuLogiciel(ctx context.Context, l *Logiciel, genres []GenreIntervention, a page.Args, sel Selection) (*InterventionConnection, error) {
	return childrenOfLogiciel(ctx, s, l, listeRecentes(genres, "i.id IN (SELECT il.intervention_id FROM intervention_logiciel il WHERE il.logiciel_id = p.id)"), a, sel)
}

// RencontreDe returns the event of a session.
func (s *Store) RencontreDe(ctx context.Context, i *Intervention) (*Rencontre, error) {
	return follow(ctx, i.lot, "rencontre", func(i *Intervention) int64 { return i.RencontreID }, s.rencontresByID, i)
}

// DeclarantDeLIntervention returns who declared a session; nil when it is shared.
func (s *Store) DeclarantDeLIntervention(ctx context.Context, i *Intervention) (Organisation, error) {
	return organisation(follow(ctx, i.lot, "declarant", func(i *Intervention) int64 { return deref(i.DeclarantID) }, s.fichesByID, i))
}

// OrganisationsDeLIntervention lists the organisations of a session, by name.
func (s *Store) OrganisationsDeLIntervention(ctx context.Context, i *Intervention) ([]Organisation, error) {
	fiches, err := shortLists(ctx, i.lot, "organisations", i.Rowid, func(ctx context.Context, members []*Intervention) ([]*Fiche, error) {
		var rows []*Fiche
		q := selectRows(s, (*Fiche)(nil), columnsFiche).ColumnExpr("io.intervention_id AS parent_id").Join("JOIN intervention_organisation io ON io.organisation_id = o.id").
			Where("io.intervention_id IN (?)", bun.List(distinct(members, interventionID))).OrderExpr("o.nom_tri, o.id")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, ficheParent)
	all := make([]Organisation, len(fiches))
	for n, f := range fiches {
		all[n] = f.organisation()
	}
	return all, err
}

// LogicielsDeLIntervention lists the software of a session, by name.
func (s *Store) LogicielsDeLIntervention(ctx context.Context, i *Intervention, sel Selection) ([]*Logiciel, error) {
	return shortLists(ctx, i.lot, sel.Cle, i.Rowid, func(ctx context.Context, members []*Intervention) ([]*Logiciel, error) {
		var rows []*Logiciel
		q := selectRows(s, (*Logiciel)(nil), sel.columns(columnsLogiciel, longColumnsLogiciel)).ColumnExpr("il.intervention_id AS parent_id").
			Join("JOIN intervention_logiciel il ON il.logiciel_id = l.id").
			Where("il.intervention_id IN (?)", bun.List(distinct(members, interventionID))).OrderExpr("l.nom_tri, l.id")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, func(l *Logiciel) int64 { return l.ParentID })
}
