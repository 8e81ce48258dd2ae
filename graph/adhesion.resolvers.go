package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
)

// DeclarerAdhesion is the resolver for the declarerAdhesion field.
func (r *mutationResolver) DeclarerAdhesion(ctx context.Context, input db.DeclarerAdhesionInput) (*db.AdhesionPayload, error) {
	return r.Store.DeclarerAdhesion(ctx, input, selectionOf(ctx, "adhesion"))
}

// CorrigerAdhesion is the resolver for the corrigerAdhesion field.
func (r *mutationResolver) CorrigerAdhesion(ctx context.Context, input db.CorrigerAdhesionInput) (*db.AdhesionPayload, error) {
	return r.Store.CorrigerAdhesion(ctx, input, given(ctx), selectionOf(ctx, "adhesion"))
}

// ConfirmerAdhesion is the resolver for the confirmerAdhesion field.
func (r *mutationResolver) ConfirmerAdhesion(ctx context.Context, input db.ConfirmerAdhesionInput) (*db.AdhesionPayload, error) {
	return r.Store.ConfirmerAdhesion(ctx, input, selectionOf(ctx, "adhesion"))
}

// QuitterGroupement is the resolver for the quitterGroupement field.
func (r *mutationResolver) QuitterGroupement(ctx context.Context, input db.QuitterGroupementInput) (*db.AdhesionPayload, error) {
	return r.Store.QuitterGroupement(ctx, input, selectionOf(ctx, "adhesion"))
}
