package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Pistes is the resolver for the pistes field.
func (r *autodiagnosticResolver) Pistes(ctx context.Context, obj *db.Autodiagnostic, first *int) ([]*db.PisteLabel, error) {
	return r.Store.PistesDe(obj, first)
}

// SiAdopte is the resolver for the siAdopte field.
func (r *autodiagnosticResolver) SiAdopte(ctx context.Context, obj *db.Autodiagnostic, logiciels []string) (*db.SimulationLabel, error) {
	return r.Store.SiAdopte(ctx, obj, logiciels, selectionOf(ctx, "mutualisables"))
}

// Autodiagnostic is the resolver for the autodiagnostic field.
func (r *collectiviteResolver) Autodiagnostic(ctx context.Context, obj *db.Collectivite, edition *int) (*db.Autodiagnostic, error) {
	return r.Store.AutodiagnosticDe(ctx, obj.Fiche, edition, selection(ctx))
}

// Candidatures is the resolver for the candidatures field.
func (r *collectiviteResolver) Candidatures(ctx context.Context, obj *db.Collectivite, first *int, after *string, last *int, before *string) (*page.Connection[*db.Candidature], error) {
	return r.Store.CandidaturesDe(ctx, obj.Fiche, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Organisation is the resolver for the organisation field.
func (r *comparableLabelResolver) Organisation(ctx context.Context, obj *db.ComparableLabel) (db.Organisation, error) {
	return r.Store.OrganisationComparable(ctx, obj)
}

// Exemples is the resolver for the exemples field.
func (r *pisteLabelResolver) Exemples(ctx context.Context, obj *db.PisteLabel) ([]db.Organisation, error) {
	return r.Store.ExemplesDe(ctx, obj)
}

// Objet is the resolver for the objet field.
func (r *preuveLabelResolver) Objet(ctx context.Context, obj *db.PreuveLabel) (db.Node, error) {
	return r.Store.ObjetDeLaPreuve(ctx, obj, selection(ctx))
}

// Source is the resolver for the source field.
func (r *preuveLabelResolver) Source(ctx context.Context, obj *db.PreuveLabel) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Autodiagnostic is the resolver for the autodiagnostic field.
func (r *syndicatMixteResolver) Autodiagnostic(ctx context.Context, obj *db.SyndicatMixte, edition *int) (*db.Autodiagnostic, error) {
	return r.Store.AutodiagnosticDe(ctx, obj.Fiche, edition, selection(ctx))
}

// Candidatures is the resolver for the candidatures field.
func (r *syndicatMixteResolver) Candidatures(ctx context.Context, obj *db.SyndicatMixte, first *int, after *string, last *int, before *string) (*page.Connection[*db.Candidature], error) {
	return r.Store.CandidaturesDe(ctx, obj.Fiche, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Autodiagnostic returns generated.AutodiagnosticResolver implementation.
func (r *Resolver) Autodiagnostic() generated.AutodiagnosticResolver {
	return &autodiagnosticResolver{r}
}

// ComparableLabel returns generated.ComparableLabelResolver implementation.
func (r *Resolver) ComparableLabel() generated.ComparableLabelResolver {
	return &comparableLabelResolver{r}
}

// PisteLabel returns generated.PisteLabelResolver implementation.
func (r *Resolver) PisteLabel() generated.PisteLabelResolver { return &pisteLabelResolver{r} }

// PreuveLabel returns generated.PreuveLabelResolver implementation.
func (r *Resolver) PreuveLabel() generated.PreuveLabelResolver { return &preuveLabelResolver{r} }

type (
	autodiagnosticResolver  struct{ *Resolver }
	comparableLabelResolver struct{ *Resolver }
	pisteLabelResolver      struct{ *Resolver }
	preuveLabelResolver     struct{ *Resolver }
)
