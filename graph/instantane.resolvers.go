package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Auteur is the resolver for the auteur field.
func (r *instantaneResolver) Auteur(ctx context.Context, obj *db.Instantane) (db.Organisation, error) {
	return r.Store.AuteurDeLInstantane(ctx, obj)
}

// Document is the resolver for the document field.
func (r *instantaneResolver) Document(ctx context.Context, obj *db.Instantane) (string, error) {
	return r.Store.DocumentDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *instantaneResolver) Historique(ctx context.Context, obj *db.Instantane, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// FigerInstantane is the resolver for the figerInstantane field.
func (r *mutationResolver) FigerInstantane(ctx context.Context, input db.FigerInstantaneInput) (*db.InstantanePayload, error) {
	return r.Store.FigerInstantane(ctx, input, r.lecteur.read, selectionOf(ctx, "instantane"))
}

// Instantane is the resolver for the instantane field.
func (r *queryResolver) Instantane(ctx context.Context, id string) (*db.Instantane, error) {
	return r.Store.Instantane(ctx, id, selection(ctx))
}

// Instantanes is the resolver for the instantanes field.
func (r *queryResolver) Instantanes(ctx context.Context, first *int, after *string, last *int, before *string) (*page.Connection[*db.Instantane], error) {
	return r.Store.Instantanes(ctx, pageArgs(first, after, last, before))
}

// Instantane returns generated.InstantaneResolver implementation.
func (r *Resolver) Instantane() generated.InstantaneResolver { return &instantaneResolver{r} }

type instantaneResolver struct{ *Resolver }
