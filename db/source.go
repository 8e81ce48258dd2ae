package db

import (
	"context"

	"github.com/uptrace/bun"
)

// Source is what a claim is drawn from.
type Source struct {
	bun.BaseModel   `bun:"table:source,alias:so"`
	membre[*Source] `bun:"-"`

	Rowid       int64    `bun:"id,pk"`
	Nom         string   `bun:"nom"`
	URL         *string  `bun:"url"`
	Licence     *string  `bun:"licence"`
	Synthetique bool     `bun:"synthetique"`
	ImporteLe   *Instant `bun:"importe_le"`

	Cle string `bun:"cle,scanonly"`
}

// sourcesByID reads sources by row id.
func (s *Store) sourcesByID(ctx context.Context, ids []int64) (map[int64]*Source, error) {
	return byID(ctx, s, ids, []string{"so.id", "so.nom", "so.url", "so.licence", "so.synthetique", "so.importe_le"},
		func(s *Source) int64 { return s.Rowid })
}

// source returns the source of one row of a lot.
func source[P any](ctx context.Context, s *Store, l *lot[P], ref func(P) int64, from P) (*Source, error) {
	return follow(ctx, l, "source", ref, s.sourcesByID, from)
}

// SourceDe returns the source of anything that has one.
func (s *Store) SourceDe(ctx context.Context, of Sourced) (*Source, error) { return of.source(ctx, s) }

// Sourced is anything that a source vouches for.
type Sourced interface {
	source(context.Context, *Store) (*Source, error)
}

func (f *Fiche) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, f.lot, func(f *Fiche) int64 { return f.SourceID }, f)
}

func (a *Adhesion) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, a.lot, func(a *Adhesion) int64 { return a.SourceID }, a)
}

func (l *Logiciel) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, l.lot, func(l *Logiciel) int64 { return l.SourceID }, l)
}

func (c *Catalogue) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, c.lot, func(c *Catalogue) int64 { return c.SourceID }, c)
}

func (e *EntreeCatalogue) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, e.lot, func(e *EntreeCatalogue) int64 { return e.SourceID }, e)
}

func (e *Economie) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, e.lot, func(e *Economie) int64 { return e.SourceID }, e)
}

func (c *Contrat) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, c.lot, func(c *Contrat) int64 { return c.SourceID }, c)
}

func (r *ReferencePrix) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, r.lot, func(r *ReferencePrix) int64 { return r.SourceID }, r)
}

func (l *LabelObtenu) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, l.lot, func(l *LabelObtenu) int64 { return l.SourceID }, l)
}

func (f *Fait) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, f.lot, func(f *Fait) int64 { return f.SourceID }, f)
}

func (e *EditionLabel) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, e.lot, func(e *EditionLabel) int64 { return e.SourceID }, e)
}

func (m *MembreJury) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, m.lot, func(m *MembreJury) int64 { return m.SourceID }, m)
}

func (r *ReferentielLabel) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, r.lot, func(r *ReferentielLabel) int64 { return r.SourceID }, r)
}

func (n *NiveauLabel) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, n.lot, func(n *NiveauLabel) int64 { return n.SourceID }, n)
}

func (t *ThemeLabel) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, t.lot, func(t *ThemeLabel) int64 { return t.SourceID }, t)
}

func (q *QuestionLabel) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, q.lot, func(q *QuestionLabel) int64 { return q.SourceID }, q)
}

func (p *PreuveLabel) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, p.lot, func(p *PreuveLabel) int64 { return p.SourceID }, p)
}
