package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Usages is the resolver for the usages field.
func (r *queryResolver) Usages(ctx context.Context, first *int, after *string, last *int, before *string, filtre *db.FiltreUsages) (*page.Connection[*db.Usage], error) {
	return r.Store.Usages(ctx, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Logiciel is the resolver for the logiciel field.
func (r *usageResolver) Logiciel(ctx context.Context, obj *db.Usage) (*db.Logiciel, error) {
	return r.Store.LogicielUtilise(ctx, obj, selection(ctx))
}

// Remplace is the resolver for the remplace field.
func (r *usageResolver) Remplace(ctx context.Context, obj *db.Usage) (*db.Logiciel, error) {
	return r.Store.LogicielRemplace(ctx, obj, selection(ctx))
}

// Usage returns generated.UsageResolver implementation.
func (r *Resolver) Usage() generated.UsageResolver { return &usageResolver{r} }

type usageResolver struct{ *Resolver }
