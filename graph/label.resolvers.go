package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Referentiel is the resolver for the referentiel field.
func (r *editionLabelResolver) Referentiel(ctx context.Context, obj *db.EditionLabel) (*db.ReferentielLabel, error) {
	return r.Store.ReferentielDe(ctx, obj)
}

// Jury is the resolver for the jury field.
func (r *editionLabelResolver) Jury(ctx context.Context, obj *db.EditionLabel) ([]*db.MembreJury, error) {
	return r.Store.JuryDe(ctx, obj)
}

// LaureatsConnus is the resolver for the laureatsConnus field.
func (r *editionLabelResolver) LaureatsConnus(ctx context.Context, obj *db.EditionLabel) (int, error) {
	return r.Store.LaureatsConnus(ctx, obj)
}

// Laureats is the resolver for the laureats field.
func (r *editionLabelResolver) Laureats(ctx context.Context, obj *db.EditionLabel, first *int, after *string, last *int, before *string, niveau *string) (*page.Connection[*db.LabelObtenu], error) {
	return r.Store.LaureatsDe(ctx, obj, niveau, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Source is the resolver for the source field.
func (r *editionLabelResolver) Source(ctx context.Context, obj *db.EditionLabel) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *editionLabelResolver) Historique(ctx context.Context, obj *db.EditionLabel, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Source is the resolver for the source field.
func (r *faitResolver) Source(ctx context.Context, obj *db.Fait) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Edition is the resolver for the edition field.
func (r *labelObtenuResolver) Edition(ctx context.Context, obj *db.LabelObtenu) (*db.EditionLabel, error) {
	return r.Store.EditionDuLabel(ctx, obj)
}

// Organisation is the resolver for the organisation field.
func (r *labelObtenuResolver) Organisation(ctx context.Context, obj *db.LabelObtenu) (db.Organisation, error) {
	return r.Store.LaureatDe(ctx, obj)
}

// Source is the resolver for the source field.
func (r *labelObtenuResolver) Source(ctx context.Context, obj *db.LabelObtenu) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Source is the resolver for the source field.
func (r *membreJuryResolver) Source(ctx context.Context, obj *db.MembreJury) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// DeclarerEditionLabel is the resolver for the declarerEditionLabel field.
func (r *mutationResolver) DeclarerEditionLabel(ctx context.Context, input db.DeclarerEditionLabelInput) (*db.EditionLabelPayload, error) {
	return r.Store.DeclarerEditionLabel(ctx, input, given(ctx), selectionOf(ctx, "edition"))
}

// CorrigerEditionLabel is the resolver for the corrigerEditionLabel field.
func (r *mutationResolver) CorrigerEditionLabel(ctx context.Context, input db.CorrigerEditionLabelInput) (*db.EditionLabelPayload, error) {
	return r.Store.CorrigerEditionLabel(ctx, input, given(ctx), selectionOf(ctx, "edition"))
}

// InscrireLaureat is the resolver for the inscrireLaureat field.
func (r *mutationResolver) InscrireLaureat(ctx context.Context, input db.InscrireLaureatInput) (*db.EditionLabelPayload, error) {
	return r.Store.InscrireLaureat(ctx, input, selectionOf(ctx, "edition"))
}

// RetirerLaureat is the resolver for the retirerLaureat field.
func (r *mutationResolver) RetirerLaureat(ctx context.Context, input db.RetirerLaureatInput) (*db.EditionLabelPayload, error) {
	return r.Store.RetirerLaureat(ctx, input, selectionOf(ctx, "edition"))
}

// Source is the resolver for the source field.
func (r *niveauLabelResolver) Source(ctx context.Context, obj *db.NiveauLabel) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// EditionLabel is the resolver for the editionLabel field.
func (r *queryResolver) EditionLabel(ctx context.Context, annee *int) (*db.EditionLabel, error) {
	return r.Store.EditionLabel(ctx, annee)
}

// EditionsLabel is the resolver for the editionsLabel field.
func (r *queryResolver) EditionsLabel(ctx context.Context, first *int, after *string, last *int, before *string, filtre *db.FiltreEditionsLabel) (*page.Connection[*db.EditionLabel], error) {
	return r.Store.EditionsLabel(ctx, filtre, pageArgs(first, after, last, before))
}

// Source is the resolver for the source field.
func (r *questionLabelResolver) Source(ctx context.Context, obj *db.QuestionLabel) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Niveaux is the resolver for the niveaux field.
func (r *referentielLabelResolver) Niveaux(ctx context.Context, obj *db.ReferentielLabel) ([]*db.NiveauLabel, error) {
	return r.Store.NiveauxDe(ctx, obj)
}

// Mentions is the resolver for the mentions field.
func (r *referentielLabelResolver) Mentions(ctx context.Context, obj *db.ReferentielLabel) ([]*db.NiveauLabel, error) {
	return r.Store.MentionsDe(ctx, obj)
}

// Themes is the resolver for the themes field.
func (r *referentielLabelResolver) Themes(ctx context.Context, obj *db.ReferentielLabel) ([]*db.ThemeLabel, error) {
	return r.Store.ThemesDe(ctx, obj)
}

// Questions is the resolver for the questions field.
func (r *referentielLabelResolver) Questions(ctx context.Context, obj *db.ReferentielLabel) ([]*db.QuestionLabel, error) {
	return r.Store.QuestionsDe(ctx, obj)
}

// Source is the resolver for the source field.
func (r *referentielLabelResolver) Source(ctx context.Context, obj *db.ReferentielLabel) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Source is the resolver for the source field.
func (r *themeLabelResolver) Source(ctx context.Context, obj *db.ThemeLabel) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// EditionLabel returns generated.EditionLabelResolver implementation.
func (r *Resolver) EditionLabel() generated.EditionLabelResolver { return &editionLabelResolver{r} }

// Fait returns generated.FaitResolver implementation.
func (r *Resolver) Fait() generated.FaitResolver { return &faitResolver{r} }

// LabelObtenu returns generated.LabelObtenuResolver implementation.
func (r *Resolver) LabelObtenu() generated.LabelObtenuResolver { return &labelObtenuResolver{r} }

// MembreJury returns generated.MembreJuryResolver implementation.
func (r *Resolver) MembreJury() generated.MembreJuryResolver { return &membreJuryResolver{r} }

// NiveauLabel returns generated.NiveauLabelResolver implementation.
func (r *Resolver) NiveauLabel() generated.NiveauLabelResolver { return &niveauLabelResolver{r} }

// QuestionLabel returns generated.QuestionLabelResolver implementation.
func (r *Resolver) QuestionLabel() generated.QuestionLabelResolver { return &questionLabelResolver{r} }

// ReferentielLabel returns generated.ReferentielLabelResolver implementation.
func (r *Resolver) ReferentielLabel() generated.ReferentielLabelResolver {
	return &referentielLabelResolver{r}
}

// ThemeLabel returns generated.ThemeLabelResolver implementation.
func (r *Resolver) ThemeLabel() generated.ThemeLabelResolver { return &themeLabelResolver{r} }

type (
	editionLabelResolver     struct{ *Resolver }
	faitResolver             struct{ *Resolver }
	labelObtenuResolver      struct{ *Resolver }
	membreJuryResolver       struct{ *Resolver }
	niveauLabelResolver      struct{ *Resolver }
	questionLabelResolver    struct{ *Resolver }
	referentielLabelResolver struct{ *Resolver }
	themeLabelResolver       struct{ *Resolver }
)
