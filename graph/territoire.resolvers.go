package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Territoire is the resolver for the territoire field.
func (r *queryResolver) Territoire(ctx context.Context, typeArg db.TypeTerritoire, code string, auDate *db.Instant) (*db.Territoire, error) {
	return r.Store.Territoire(ctx, typeArg, code)
}

// Parent is the resolver for the parent field.
func (r *territoireResolver) Parent(ctx context.Context, obj *db.Territoire) (*db.Territoire, error) {
	return r.Store.ParentDe(ctx, obj)
}

// Collectivites is the resolver for the collectivites field.
func (r *territoireResolver) Collectivites(ctx context.Context, obj *db.Territoire, first *int, after *string, last *int, before *string, filtre *db.FiltreCollectivites) (*page.Connection[*db.Collectivite], error) {
	return r.Store.CollectivitesDans(ctx, obj, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Historique is the resolver for the historique field.
func (r *territoireResolver) Historique(ctx context.Context, obj *db.Territoire, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Territoire returns generated.TerritoireResolver implementation.
func (r *Resolver) Territoire() generated.TerritoireResolver { return &territoireResolver{r} }

type territoireResolver struct{ *Resolver }
