package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Organisation is the resolver for the organisation field.
func (r *disponibiliteResolver) Organisation(ctx context.Context, obj *db.Disponibilite) (db.Organisation, error) {
	return r.Store.EmployeurDe(ctx, obj)
}

// Metiers is the resolver for the metiers field.
func (r *disponibiliteResolver) Metiers(ctx context.Context, obj *db.Disponibilite) ([]*db.Categorie, error) {
	return r.Store.MetiersDe(ctx, obj)
}

// Logiciels is the resolver for the logiciels field.
func (r *disponibiliteResolver) Logiciels(ctx context.Context, obj *db.Disponibilite) ([]*db.Logiciel, error) {
	return r.Store.LogicielsConnus(ctx, obj, selection(ctx))
}

// Territoires is the resolver for the territoires field.
func (r *disponibiliteResolver) Territoires(ctx context.Context, obj *db.Disponibilite) ([]*db.Territoire, error) {
	return r.Store.TerritoiresDeDisponibilite(ctx, obj)
}

// Organisation is the resolver for the organisation field.
func (r *messageDeveloppeurResolver) Organisation(ctx context.Context, obj *db.MessageDeveloppeur) (db.Organisation, error) {
	return r.Store.ExpediteurDe(ctx, obj)
}

// ProposerDisponibilite is the resolver for the proposerDisponibilite field.
func (r *mutationResolver) ProposerDisponibilite(ctx context.Context, input db.ProposerDisponibiliteInput) (*db.DisponibilitePayload, error) {
	return r.Store.ProposerDisponibilite(ctx, input, given(ctx))
}

// CorrigerDisponibilite is the resolver for the corrigerDisponibilite field.
func (r *mutationResolver) CorrigerDisponibilite(ctx context.Context, input db.CorrigerDisponibiliteInput) (*db.DisponibilitePayload, error) {
	return r.Store.CorrigerDisponibilite(ctx, input, given(ctx))
}

// RetirerDisponibilite is the resolver for the retirerDisponibilite field.
func (r *mutationResolver) RetirerDisponibilite(ctx context.Context, input db.RetirerDisponibiliteInput) (*db.DisponibilitePayload, error) {
	return r.Store.RetirerDisponibilite(ctx, input)
}

// ContacterDeveloppeur is the resolver for the contacterDeveloppeur field.
func (r *mutationResolver) ContacterDeveloppeur(ctx context.Context, input db.ContacterDeveloppeurInput) (*db.ContactPayload, error) {
	return r.Store.ContacterDeveloppeur(ctx, input)
}

// Disponibilites is the resolver for the disponibilites field.
func (r *queryResolver) Disponibilites(ctx context.Context, first *int, after *string, last *int, before *string, filtre *db.FiltreDisponibilites) (*page.Connection[*db.Disponibilite], error) {
	return r.Store.Disponibilites(ctx, filtre, pageArgs(first, after, last, before))
}

// MesDisponibilites is the resolver for the mesDisponibilites field.
func (r *queryResolver) MesDisponibilites(ctx context.Context, first *int, after *string, last *int, before *string) (*page.Connection[*db.Disponibilite], error) {
	return r.Store.MesDisponibilites(ctx, pageArgs(first, after, last, before))
}

// MessagesRecus is the resolver for the messagesRecus field.
func (r *queryResolver) MessagesRecus(ctx context.Context, first *int, after *string, last *int, before *string) (*page.Connection[*db.MessageDeveloppeur], error) {
	return r.Store.MessagesRecus(ctx, pageArgs(first, after, last, before))
}

// Disponibilite returns generated.DisponibiliteResolver implementation.
func (r *Resolver) Disponibilite() generated.DisponibiliteResolver { return &disponibiliteResolver{r} }

// MessageDeveloppeur returns generated.MessageDeveloppeurResolver implementation.
func (r *Resolver) MessageDeveloppeur() generated.MessageDeveloppeurResolver {
	return &messageDeveloppeurResolver{r}
}

type (
	disponibiliteResolver      struct{ *Resolver }
	messageDeveloppeurResolver struct{ *Resolver }
)
