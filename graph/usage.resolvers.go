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

// Utilisateur is the resolver for the utilisateur field.
func (r *usageResolver) Utilisateur(ctx context.Context, obj *db.Usage) (db.Organisation, error) {
	return r.Store.UtilisateurDe(ctx, obj)
}

// Logiciel is the resolver for the logiciel field.
func (r *usageResolver) Logiciel(ctx context.Context, obj *db.Usage) (*db.Logiciel, error) {
	return r.Store.LogicielUtilise(ctx, obj, selection(ctx))
}

// Syndicat is the resolver for the syndicat field.
func (r *usageResolver) Syndicat(ctx context.Context, obj *db.Usage) (*db.SyndicatMixte, error) {
	return r.Store.SyndicatDeLUsage(ctx, obj)
}

// Remplace is the resolver for the remplace field.
func (r *usageResolver) Remplace(ctx context.Context, obj *db.Usage) (*db.Logiciel, error) {
	return r.Store.LogicielRemplace(ctx, obj, selection(ctx))
}

// Source is the resolver for the source field.
func (r *usageResolver) Source(ctx context.Context, obj *db.Usage) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Usage returns generated.UsageResolver implementation.
func (r *Resolver) Usage() generated.UsageResolver { return &usageResolver{r} }

type usageResolver struct{ *Resolver }
