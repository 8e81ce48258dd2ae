package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Source is the resolver for the source field.
func (r *chiffreRetourResolver) Source(ctx context.Context, obj *db.ChiffreRetour) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Retours is the resolver for the retours field.
func (r *collectiviteResolver) Retours(ctx context.Context, obj *db.Collectivite, first *int, after *string, last *int, before *string, filtre *db.FiltreRetours) (*page.Connection[*db.RetourExperience], error) {
	return r.Store.RetoursDe(ctx, obj.Fiche, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Retours is the resolver for the retours field.
func (r *logicielResolver) Retours(ctx context.Context, obj *db.Logiciel, first *int, after *string, last *int, before *string, filtre *db.FiltreRetours) (*page.Connection[*db.RetourExperience], error) {
	return r.Store.RetoursDuLogiciel(ctx, obj, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// PublierRetour is the resolver for the publierRetour field.
func (r *mutationResolver) PublierRetour(ctx context.Context, input db.PublierRetourInput) (*db.RetourExperiencePayload, error) {
	return r.Store.PublierRetour(ctx, input, given(ctx), selectionOf(ctx, "retour"))
}

// CorrigerRetour is the resolver for the corrigerRetour field.
func (r *mutationResolver) CorrigerRetour(ctx context.Context, input db.CorrigerRetourInput) (*db.RetourExperiencePayload, error) {
	return r.Store.CorrigerRetour(ctx, input, given(ctx), selectionOf(ctx, "retour"))
}

// RetirerRetour is the resolver for the retirerRetour field.
func (r *mutationResolver) RetirerRetour(ctx context.Context, input db.RetirerRetourInput) (*db.RetourExperiencePayload, error) {
	return r.Store.RetirerRetour(ctx, input, selectionOf(ctx, "retour"))
}

// RetoursExperience is the resolver for the retoursExperience field.
func (r *queryResolver) RetoursExperience(ctx context.Context, first *int, after *string, last *int, before *string, filtre *db.FiltreRetours, auDate *db.Instant) (*page.Connection[*db.RetourExperience], error) {
	return r.Store.RetoursExperience(ctx, filtre, pageArgs(first, after, last, before))
}

// Organisation is the resolver for the organisation field.
func (r *retourExperienceResolver) Organisation(ctx context.Context, obj *db.RetourExperience) (db.Organisation, error) {
	return r.Store.OrganisationDuRetour(ctx, obj)
}

// AutresOrganisations is the resolver for the autresOrganisations field.
func (r *retourExperienceResolver) AutresOrganisations(ctx context.Context, obj *db.RetourExperience) ([]db.Organisation, error) {
	return r.Store.AutresOrganisationsDuRetour(ctx, obj)
}

// Logiciels is the resolver for the logiciels field.
func (r *retourExperienceResolver) Logiciels(ctx context.Context, obj *db.RetourExperience) ([]*db.Logiciel, error) {
	return r.Store.LogicielsDuRetour(ctx, obj, selection(ctx))
}

// Usages is the resolver for the usages field.
func (r *retourExperienceResolver) Usages(ctx context.Context, obj *db.RetourExperience) ([]*db.Usage, error) {
	return r.Store.UsagesDuRetour(ctx, obj, selection(ctx))
}

// Economies is the resolver for the economies field.
func (r *retourExperienceResolver) Economies(ctx context.Context, obj *db.RetourExperience) ([]*db.Economie, error) {
	return r.Store.EconomiesDuRetour(ctx, obj, selection(ctx))
}

// Chiffres is the resolver for the chiffres field.
func (r *retourExperienceResolver) Chiffres(ctx context.Context, obj *db.RetourExperience) ([]*db.ChiffreRetour, error) {
	return r.Store.ChiffresDuRetour(ctx, obj)
}

// Source is the resolver for the source field.
func (r *retourExperienceResolver) Source(ctx context.Context, obj *db.RetourExperience) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *retourExperienceResolver) Historique(ctx context.Context, obj *db.RetourExperience, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Retours is the resolver for the retours field.
func (r *syndicatMixteResolver) Retours(ctx context.Context, obj *db.SyndicatMixte, first *int, after *string, last *int, before *string, filtre *db.FiltreRetours) (*page.Connection[*db.RetourExperience], error) {
	return r.Store.RetoursDe(ctx, obj.Fiche, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// ChiffreRetour returns generated.ChiffreRetourResolver implementation.
func (r *Resolver) ChiffreRetour() generated.ChiffreRetourResolver { return &chiffreRetourResolver{r} }

// RetourExperience returns generated.RetourExperienceResolver implementation.
func (r *Resolver) RetourExperience() generated.RetourExperienceResolver {
	return &retourExperienceResolver{r}
}

type (
	chiffreRetourResolver    struct{ *Resolver }
	retourExperienceResolver struct{ *Resolver }
)
