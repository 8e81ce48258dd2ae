package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Abonnes is the resolver for the abonnes field.
func (r *ligneCatalogueResolver) Abonnes(ctx context.Context, obj *db.LigneCatalogue) (int, error) {
	return r.Store.AbonnesCompares(ctx, obj)
}

// Source is the resolver for the source field.
func (r *ligneCatalogueResolver) Source(ctx context.Context, obj *db.LigneCatalogue) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj.Catalogue)
}

// ComparerCatalogues is the resolver for the comparerCatalogues field.
func (r *queryResolver) ComparerCatalogues(ctx context.Context, catalogues []string, filtre *db.FiltreEntrees, date *db.Date) (*db.ComparaisonCatalogues, error) {
	return r.Store.ComparerCatalogues(ctx, catalogues, filtre, date, selectionBelow(ctx))
}

// LigneCatalogue returns generated.LigneCatalogueResolver implementation.
func (r *Resolver) LigneCatalogue() generated.LigneCatalogueResolver {
	return &ligneCatalogueResolver{r}
}

type ligneCatalogueResolver struct{ *Resolver }
