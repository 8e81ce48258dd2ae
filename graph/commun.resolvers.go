package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Node is the resolver for the node field.
func (r *queryResolver) Node(ctx context.Context, id string, auDate *db.Instant) (db.Node, error) {
	return r.Store.Noeud(ctx, id, selection(ctx))
}

// Nodes is the resolver for the nodes field.
func (r *queryResolver) Nodes(ctx context.Context, ids []string, auDate *db.Instant) ([]db.Node, error) {
	return r.Store.Noeuds(ctx, "ids", ids, selection(ctx))
}

// Query returns generated.QueryResolver implementation.
func (r *Resolver) Query() generated.QueryResolver { return &queryResolver{r} }

type queryResolver struct{ *Resolver }
