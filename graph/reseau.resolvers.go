package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Reseau is the resolver for the reseau field.
func (r *appartenanceResolver) Reseau(ctx context.Context, obj *db.Appartenance) (*db.Reseau, error) {
	return r.Store.ReseauDeLAppartenance(ctx, obj)
}

// Source is the resolver for the source field.
func (r *appartenanceResolver) Source(ctx context.Context, obj *db.Appartenance) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Reseau is the resolver for the reseau field.
func (r *queryResolver) Reseau(ctx context.Context, id *string, slug *string, auDate *db.Instant) (*db.Reseau, error) {
	return r.Store.Reseau(ctx, id, slug)
}

// Reseaux is the resolver for the reseaux field.
func (r *queryResolver) Reseaux(ctx context.Context, first *int, after *string, last *int, before *string, genres []db.GenreReseau, auDate *db.Instant) (*page.Connection[*db.Reseau], error) {
	return r.Store.Reseaux(ctx, genres, pageArgs(first, after, last, before))
}

// Region is the resolver for the region field.
func (r *reseauResolver) Region(ctx context.Context, obj *db.Reseau) (*db.Territoire, error) {
	return r.Store.RegionDuReseau(ctx, obj)
}

// Organisation is the resolver for the organisation field.
func (r *reseauResolver) Organisation(ctx context.Context, obj *db.Reseau) (db.Organisation, error) {
	return r.Store.OrganisationDuReseau(ctx, obj)
}

// Appartenances is the resolver for the appartenances field.
func (r *reseauResolver) Appartenances(ctx context.Context, obj *db.Reseau) ([]*db.Appartenance, error) {
	return r.Store.AppartenancesDe(ctx, obj)
}

// Membres is the resolver for the membres field.
func (r *reseauResolver) Membres(ctx context.Context, obj *db.Reseau, first *int, after *string, last *int, before *string) (*page.Connection[*db.Reseau], error) {
	return r.Store.MembresDuReseau(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Rencontres is the resolver for the rencontres field.
func (r *reseauResolver) Rencontres(ctx context.Context, obj *db.Reseau, first *int, after *string, last *int, before *string) (*page.Connection[*db.Rencontre], error) {
	return r.Store.RencontresDuReseau(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Source is the resolver for the source field.
func (r *reseauResolver) Source(ctx context.Context, obj *db.Reseau) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *reseauResolver) Historique(ctx context.Context, obj *db.Reseau, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Appartenance returns generated.AppartenanceResolver implementation.
func (r *Resolver) Appartenance() generated.AppartenanceResolver { return &appartenanceResolver{r} }

// Reseau returns generated.ReseauResolver implementation.
func (r *Resolver) Reseau() generated.ReseauResolver { return &reseauResolver{r} }

type (
	appartenanceResolver struct{ *Resolver }
	reseauResolver       struct{ *Resolver }
)
