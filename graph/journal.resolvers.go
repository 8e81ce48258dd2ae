package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Auteur is the resolver for the auteur field.
func (r *modificationResolver) Auteur(ctx context.Context, obj *db.Modification) (db.Organisation, error) {
	return r.Store.AuteurDe(ctx, obj)
}

// Objet is the resolver for the objet field.
func (r *modificationResolver) Objet(ctx context.Context, obj *db.Modification) (db.Node, error) {
	return r.Store.ObjetDe(ctx, obj, selection(ctx))
}

// Changements is the resolver for the changements field.
func (r *modificationResolver) Changements(ctx context.Context, obj *db.Modification) ([]*db.Changement, error) {
	return r.Store.ChangementsDe(ctx, obj)
}

// AnnulerDerniereModification is the resolver for the annulerDerniereModification field.
func (r *mutationResolver) AnnulerDerniereModification(ctx context.Context, input db.AnnulerDerniereModificationInput) (*db.AnnulationPayload, error) {
	return r.Store.AnnulerDerniereModification(ctx, input)
}

// Modifications is the resolver for the modifications field.
func (r *queryResolver) Modifications(ctx context.Context, first *int, after *string, last *int, before *string, filtre *db.FiltreModifications) (*page.Connection[*db.Modification], error) {
	return r.Store.Modifications(ctx, filtre, pageArgs(first, after, last, before))
}

// Modification returns generated.ModificationResolver implementation.
func (r *Resolver) Modification() generated.ModificationResolver { return &modificationResolver{r} }

type modificationResolver struct{ *Resolver }
