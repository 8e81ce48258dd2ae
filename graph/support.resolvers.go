package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Supports is the resolver for the supports field.
func (r *logicielResolver) Supports(ctx context.Context, obj *db.Logiciel, date *db.Date, filtre *db.FiltreCollectivites) (*db.Supports, error) {
	return r.Store.SupportsDuLogiciel(ctx, obj, date, filtre, selection(ctx))
}

// Ressources is the resolver for the ressources field.
func (r *logicielResolver) Ressources(ctx context.Context, obj *db.Logiciel, first *int, after *string, last *int, before *string, filtre *db.FiltreRessources) (*page.Connection[*db.RessourceSupport], error) {
	return r.Store.RessourcesDe(ctx, obj, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// ProposerRessource is the resolver for the proposerRessource field.
func (r *mutationResolver) ProposerRessource(ctx context.Context, input db.ProposerRessourceInput) (*db.RessourceSupportPayload, error) {
	return r.Store.ProposerRessource(ctx, input, given(ctx), selectionOf(ctx, "ressource"))
}

// CorrigerRessource is the resolver for the corrigerRessource field.
func (r *mutationResolver) CorrigerRessource(ctx context.Context, input db.CorrigerRessourceInput) (*db.RessourceSupportPayload, error) {
	return r.Store.CorrigerRessource(ctx, input, given(ctx), selectionOf(ctx, "ressource"))
}

// RetirerRessource is the resolver for the retirerRessource field.
func (r *mutationResolver) RetirerRessource(ctx context.Context, input db.RetirerRessourceInput) (*db.RessourceSupportPayload, error) {
	return r.Store.RetirerRessource(ctx, input, selectionOf(ctx, "ressource"))
}

// Supports is the resolver for the supports field.
func (r *queryResolver) Supports(ctx context.Context, logiciel *string, categorie *string, date *db.Date, filtre *db.FiltreCollectivites) (*db.Supports, error) {
	return r.Store.Supports(ctx, logiciel, categorie, date, filtre)
}

// Logiciel is the resolver for the logiciel field.
func (r *ressourceSupportResolver) Logiciel(ctx context.Context, obj *db.RessourceSupport) (*db.Logiciel, error) {
	return r.Store.LogicielDeLaRessource(ctx, obj, selection(ctx))
}

// Organisation is the resolver for the organisation field.
func (r *ressourceSupportResolver) Organisation(ctx context.Context, obj *db.RessourceSupport) (db.Organisation, error) {
	return r.Store.OrganisationDeLaRessource(ctx, obj)
}

// Source is the resolver for the source field.
func (r *ressourceSupportResolver) Source(ctx context.Context, obj *db.RessourceSupport) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *ressourceSupportResolver) Historique(ctx context.Context, obj *db.RessourceSupport, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// RessourceSupport returns generated.RessourceSupportResolver implementation.
func (r *Resolver) RessourceSupport() generated.RessourceSupportResolver {
	return &ressourceSupportResolver{r}
}

type ressourceSupportResolver struct{ *Resolver }
