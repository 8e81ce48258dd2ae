package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// DeclarerUsage is the resolver for the declarerUsage field.
func (r *mutationResolver) DeclarerUsage(ctx context.Context, input db.DeclarerUsageInput) (*db.UsagePayload, error) {
	return r.Store.DeclarerUsage(ctx, input, selectionOf(ctx, "usage"))
}

// ConfirmerUsage is the resolver for the confirmerUsage field.
func (r *mutationResolver) ConfirmerUsage(ctx context.Context, input db.ConfirmerUsageInput) (*db.UsagePayload, error) {
	return r.Store.ConfirmerUsage(ctx, input, selectionOf(ctx, "usage"))
}

// CorrigerUsage is the resolver for the corrigerUsage field.
func (r *mutationResolver) CorrigerUsage(ctx context.Context, input db.CorrigerUsageInput) (*db.UsagePayload, error) {
	return r.Store.CorrigerUsage(ctx, input, given(ctx), selectionOf(ctx, "usage"))
}

// CloreUsage is the resolver for the cloreUsage field.
func (r *mutationResolver) CloreUsage(ctx context.Context, input db.CloreUsageInput) (*db.UsagePayload, error) {
	return r.Store.CloreUsage(ctx, input, selectionOf(ctx, "usage"))
}

// Usages is the resolver for the usages field.
func (r *queryResolver) Usages(ctx context.Context, first *int, after *string, last *int, before *string, filtre *db.FiltreUsages, auDate *db.Instant) (*page.Connection[*db.Usage], error) {
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

// Historique is the resolver for the historique field.
func (r *usageResolver) Historique(ctx context.Context, obj *db.Usage, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Usage returns generated.UsageResolver implementation.
func (r *Resolver) Usage() generated.UsageResolver { return &usageResolver{r} }

type usageResolver struct{ *Resolver }
