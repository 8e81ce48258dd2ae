package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Syndicat is the resolver for the syndicat field.
func (r *catalogueResolver) Syndicat(ctx context.Context, obj *db.Catalogue) (*db.SyndicatMixte, error) {
	return r.Store.SyndicatDuCatalogue(ctx, obj)
}

// Entrees is the resolver for the entrees field.
func (r *catalogueResolver) Entrees(ctx context.Context, obj *db.Catalogue, first *int, after *string, last *int, before *string, filtre *db.FiltreEntrees) (*page.Connection[*db.EntreeCatalogue], error) {
	return r.Store.EntreesDuCatalogue(ctx, obj, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// PartLibre is the resolver for the partLibre field.
func (r *catalogueResolver) PartLibre(ctx context.Context, obj *db.Catalogue) (*float64, error) {
	return r.Store.PartLibre(ctx, obj)
}

// Source is the resolver for the source field.
func (r *catalogueResolver) Source(ctx context.Context, obj *db.Catalogue) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *catalogueResolver) Historique(ctx context.Context, obj *db.Catalogue, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Catalogue is the resolver for the catalogue field.
func (r *entreeCatalogueResolver) Catalogue(ctx context.Context, obj *db.EntreeCatalogue) (*db.Catalogue, error) {
	return r.Store.CatalogueDe(ctx, obj)
}

// Logiciel is the resolver for the logiciel field.
func (r *entreeCatalogueResolver) Logiciel(ctx context.Context, obj *db.EntreeCatalogue) (*db.Logiciel, error) {
	return r.Store.LogicielDeLEntree(ctx, obj, selection(ctx))
}

// Abonnes is the resolver for the abonnes field.
func (r *entreeCatalogueResolver) Abonnes(ctx context.Context, obj *db.EntreeCatalogue, first *int, after *string, last *int, before *string) (*page.Connection[*db.Collectivite], error) {
	return r.Store.AbonnesDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Source is the resolver for the source field.
func (r *entreeCatalogueResolver) Source(ctx context.Context, obj *db.EntreeCatalogue) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *entreeCatalogueResolver) Historique(ctx context.Context, obj *db.EntreeCatalogue, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// CreerCatalogue is the resolver for the creerCatalogue field.
func (r *mutationResolver) CreerCatalogue(ctx context.Context, input db.CreerCatalogueInput) (*db.CataloguePayload, error) {
	return r.Store.CreerCatalogue(ctx, input, selectionOf(ctx, "catalogue"))
}

// CorrigerCatalogue is the resolver for the corrigerCatalogue field.
func (r *mutationResolver) CorrigerCatalogue(ctx context.Context, input db.CorrigerCatalogueInput) (*db.CataloguePayload, error) {
	return r.Store.CorrigerCatalogue(ctx, input, selectionOf(ctx, "catalogue"))
}

// CreerEntree is the resolver for the creerEntree field.
func (r *mutationResolver) CreerEntree(ctx context.Context, input db.CreerEntreeInput) (*db.EntreePayload, error) {
	return r.Store.CreerEntree(ctx, input, selectionOf(ctx, "entree"))
}

// CorrigerEntree is the resolver for the corrigerEntree field.
func (r *mutationResolver) CorrigerEntree(ctx context.Context, input db.CorrigerEntreeInput) (*db.EntreePayload, error) {
	return r.Store.CorrigerEntree(ctx, input, given(ctx), selectionOf(ctx, "entree"))
}

// PublierEntree is the resolver for the publierEntree field.
func (r *mutationResolver) PublierEntree(ctx context.Context, input db.PublierEntreeInput) (*db.EntreePayload, error) {
	return r.Store.PublierEntree(ctx, input, selectionOf(ctx, "entree"))
}

// RetirerEntree is the resolver for the retirerEntree field.
func (r *mutationResolver) RetirerEntree(ctx context.Context, input db.RetirerEntreeInput) (*db.EntreePayload, error) {
	return r.Store.RetirerEntree(ctx, input, selectionOf(ctx, "entree"))
}

// AbonnerMembre is the resolver for the abonnerMembre field.
func (r *mutationResolver) AbonnerMembre(ctx context.Context, input db.AbonnerMembreInput) (*db.EntreePayload, error) {
	return r.Store.AbonnerMembre(ctx, input, selectionOf(ctx, "entree"))
}

// DesabonnerMembre is the resolver for the desabonnerMembre field.
func (r *mutationResolver) DesabonnerMembre(ctx context.Context, input db.DesabonnerMembreInput) (*db.EntreePayload, error) {
	return r.Store.DesabonnerMembre(ctx, input, selectionOf(ctx, "entree"))
}

// Catalogue is the resolver for the catalogue field.
func (r *queryResolver) Catalogue(ctx context.Context, id string, auDate *db.Instant) (*db.Catalogue, error) {
	return r.Store.Catalogue(ctx, id)
}

// Catalogue returns generated.CatalogueResolver implementation.
func (r *Resolver) Catalogue() generated.CatalogueResolver { return &catalogueResolver{r} }

// EntreeCatalogue returns generated.EntreeCatalogueResolver implementation.
func (r *Resolver) EntreeCatalogue() generated.EntreeCatalogueResolver {
	return &entreeCatalogueResolver{r}
}

type (
	catalogueResolver       struct{ *Resolver }
	entreeCatalogueResolver struct{ *Resolver }
)
