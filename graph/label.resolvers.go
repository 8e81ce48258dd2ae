package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Source is the resolver for the source field.
func (r *faitResolver) Source(ctx context.Context, obj *db.Fait) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Source is the resolver for the source field.
func (r *labelObtenuResolver) Source(ctx context.Context, obj *db.LabelObtenu) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Fait returns generated.FaitResolver implementation.
func (r *Resolver) Fait() generated.FaitResolver { return &faitResolver{r} }

// LabelObtenu returns generated.LabelObtenuResolver implementation.
func (r *Resolver) LabelObtenu() generated.LabelObtenuResolver { return &labelObtenuResolver{r} }

type (
	faitResolver        struct{ *Resolver }
	labelObtenuResolver struct{ *Resolver }
)
