package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Indicateurs is the resolver for the indicateurs field.
func (r *bilanResolver) Indicateurs(ctx context.Context, obj *db.Bilan) ([]*db.Indicateur, error) {
	return r.Store.IndicateursDe(ctx, obj)
}

// Bilan is the resolver for the bilan field.
func (r *collectiviteResolver) Bilan(ctx context.Context, obj *db.Collectivite, date *db.Date) (*db.Bilan, error) {
	return r.Store.BilanDeLaCollectivite(ctx, obj, date, selection(ctx))
}

// ComparerTerritoires is the resolver for the comparerTerritoires field.
func (r *queryResolver) ComparerTerritoires(ctx context.Context, territoires []string, date *db.Date) ([]*db.Bilan, error) {
	return r.Store.ComparerTerritoires(ctx, territoires, date, selection(ctx))
}

// ComparerCollectivites is the resolver for the comparerCollectivites field.
func (r *queryResolver) ComparerCollectivites(ctx context.Context, collectivites []string, date *db.Date) ([]*db.Bilan, error) {
	return r.Store.ComparerCollectivites(ctx, collectivites, date, selection(ctx))
}

// Bilan is the resolver for the bilan field.
func (r *syndicatMixteResolver) Bilan(ctx context.Context, obj *db.SyndicatMixte, date *db.Date) (*db.Bilan, error) {
	return r.Store.BilanDuSyndicat(ctx, obj, date, selection(ctx))
}

// Bilan is the resolver for the bilan field.
func (r *territoireResolver) Bilan(ctx context.Context, obj *db.Territoire, date *db.Date) (*db.Bilan, error) {
	return r.Store.BilanDuTerritoire(ctx, obj, date, selection(ctx))
}

// Bilan returns generated.BilanResolver implementation.
func (r *Resolver) Bilan() generated.BilanResolver { return &bilanResolver{r} }

type bilanResolver struct{ *Resolver }
