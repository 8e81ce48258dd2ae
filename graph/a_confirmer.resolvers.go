package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Objet is the resolver for the objet field.
func (r *aConfirmerResolver) Objet(ctx context.Context, obj *db.AConfirmer) (db.Node, error) {
	return r.Store.ObjetAConfirmer(ctx, obj, selection(ctx))
}

// ReglerAConfirmer is the resolver for the reglerAConfirmer field.
func (r *mutationResolver) ReglerAConfirmer(ctx context.Context, input db.ReglerAConfirmerInput) (*db.ReglementPayload, error) {
	return r.Store.ReglerAConfirmer(ctx, input)
}

// AConfirmer is the resolver for the aConfirmer field.
func (r *queryResolver) AConfirmer(ctx context.Context, organisation string, motifs []db.MotifAConfirmer, first *int, after *string, last *int, before *string) (*page.Connection[*db.AConfirmer], error) {
	return r.Store.AConfirmer(ctx, organisation, motifs, pageArgs(first, after, last, before))
}

// AConfirmer returns generated.AConfirmerResolver implementation.
func (r *Resolver) AConfirmer() generated.AConfirmerResolver { return &aConfirmerResolver{r} }

type aConfirmerResolver struct{ *Resolver }
