package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Catalogue is the resolver for the catalogue field.
func (r *evenementCatalogueResolver) Catalogue(ctx context.Context, obj *db.EvenementCatalogue) (*db.Catalogue, error) {
	return r.Store.CatalogueTouche(ctx, obj)
}

// Entree is the resolver for the entree field.
func (r *evenementCatalogueResolver) Entree(ctx context.Context, obj *db.EvenementCatalogue) (*db.EntreeCatalogue, error) {
	return r.Store.EntreeTouchee(ctx, obj)
}

// Usage is the resolver for the usage field.
func (r *evenementUsageResolver) Usage(ctx context.Context, obj *db.EvenementUsage) (*db.Usage, error) {
	return r.Store.UsageTouche(ctx, obj, selection(ctx))
}

// CatalogueModifie is the resolver for the catalogueModifie field.
func (r *subscriptionResolver) CatalogueModifie(ctx context.Context, syndicat string, depuis *string) (<-chan *db.EvenementCatalogue, error) {
	return r.Store.CatalogueModifie(ctx, syndicat, resumed(ctx, depuis))
}

// UsagesModifies is the resolver for the usagesModifies field.
func (r *subscriptionResolver) UsagesModifies(ctx context.Context, filtre *db.FiltreUsages, depuis *string) (<-chan *db.EvenementUsage, error) {
	return r.Store.UsagesModifies(ctx, filtre, resumed(ctx, depuis))
}

// EvenementCatalogue returns generated.EvenementCatalogueResolver implementation.
func (r *Resolver) EvenementCatalogue() generated.EvenementCatalogueResolver {
	return &evenementCatalogueResolver{r}
}

// EvenementUsage returns generated.EvenementUsageResolver implementation.
func (r *Resolver) EvenementUsage() generated.EvenementUsageResolver {
	return &evenementUsageResolver{r}
}

// Subscription returns generated.SubscriptionResolver implementation.
func (r *Resolver) Subscription() generated.SubscriptionResolver { return &subscriptionResolver{r} }

type (
	evenementCatalogueResolver struct{ *Resolver }
	evenementUsageResolver     struct{ *Resolver }
	subscriptionResolver       struct{ *Resolver }
)
