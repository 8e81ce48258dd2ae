package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Organisation is the resolver for the organisation field.
func (r *habilitationResolver) Organisation(ctx context.Context, obj *db.Habilitation) (db.Organisation, error) {
	return r.Store.TitulaireDeLHabilitation(ctx, obj, selection(ctx))
}

// Organisation is the resolver for the organisation field.
func (r *jetonResolver) Organisation(ctx context.Context, obj *db.Jeton) (db.Organisation, error) {
	return r.Store.TitulaireDuJeton(ctx, obj, selection(ctx))
}

// CreerJeton is the resolver for the creerJeton field.
func (r *mutationResolver) CreerJeton(ctx context.Context, input db.CreerJetonInput) (*db.CreerJetonPayload, error) {
	return r.Store.CreerJeton(ctx, input)
}

// RevoquerJeton is the resolver for the revoquerJeton field.
func (r *mutationResolver) RevoquerJeton(ctx context.Context, input db.RevoquerJetonInput) (*db.JetonPayload, error) {
	return r.Store.RevoquerJeton(ctx, input)
}

// Habiliter is the resolver for the habiliter field.
func (r *mutationResolver) Habiliter(ctx context.Context, input db.HabiliterInput) (*db.HabilitationPayload, error) {
	return r.Store.Habiliter(ctx, input)
}

// RetirerHabilitation is the resolver for the retirerHabilitation field.
func (r *mutationResolver) RetirerHabilitation(ctx context.Context, input db.RetirerHabilitationInput) (*db.HabilitationPayload, error) {
	return r.Store.RetirerHabilitation(ctx, input)
}

// Moi is the resolver for the moi field.
func (r *queryResolver) Moi(ctx context.Context) (*db.Moi, error) {
	return r.Store.Moi(ctx)
}

// Jetons is the resolver for the jetons field.
func (r *queryResolver) Jetons(ctx context.Context, organisation *string, first *int, after *string, last *int, before *string) (*page.Connection[*db.Jeton], error) {
	return r.Store.Jetons(ctx, organisation, pageArgs(first, after, last, before))
}

// Habilitations is the resolver for the habilitations field.
func (r *queryResolver) Habilitations(ctx context.Context, organisation *string, first *int, after *string, last *int, before *string) (*page.Connection[*db.Habilitation], error) {
	return r.Store.Habilitations(ctx, organisation, pageArgs(first, after, last, before))
}

// Habilitation returns generated.HabilitationResolver implementation.
func (r *Resolver) Habilitation() generated.HabilitationResolver { return &habilitationResolver{r} }

// Jeton returns generated.JetonResolver implementation.
func (r *Resolver) Jeton() generated.JetonResolver { return &jetonResolver{r} }

type (
	habilitationResolver struct{ *Resolver }
	jetonResolver        struct{ *Resolver }
)
