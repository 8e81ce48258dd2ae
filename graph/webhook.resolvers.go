package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Tentatives is the resolver for the tentatives field.
func (r *livraisonResolver) Tentatives(ctx context.Context, obj *db.Livraison) ([]*db.TentativeLivraison, error) {
	return r.Store.TentativesDe(ctx, obj)
}

// CreerWebhook is the resolver for the creerWebhook field.
func (r *mutationResolver) CreerWebhook(ctx context.Context, input db.CreerWebhookInput) (*db.WebhookPayload, error) {
	return r.Store.CreerWebhook(ctx, input)
}

// CorrigerWebhook is the resolver for the corrigerWebhook field.
func (r *mutationResolver) CorrigerWebhook(ctx context.Context, input db.CorrigerWebhookInput) (*db.WebhookPayload, error) {
	return r.Store.CorrigerWebhook(ctx, input)
}

// SupprimerWebhook is the resolver for the supprimerWebhook field.
func (r *mutationResolver) SupprimerWebhook(ctx context.Context, input db.SupprimerWebhookInput) (*db.WebhookPayload, error) {
	return r.Store.SupprimerWebhook(ctx, input)
}

// RenvoyerLivraison is the resolver for the renvoyerLivraison field.
func (r *mutationResolver) RenvoyerLivraison(ctx context.Context, input db.RenvoyerLivraisonInput) (*db.LivraisonPayload, error) {
	return r.Store.RenvoyerLivraison(ctx, input)
}

// Webhooks is the resolver for the webhooks field.
func (r *queryResolver) Webhooks(ctx context.Context, organisation string, first *int, after *string, last *int, before *string) (*page.Connection[*db.Webhook], error) {
	return r.Store.Webhooks(ctx, organisation, pageArgs(first, after, last, before))
}

// Organisation is the resolver for the organisation field.
func (r *webhookResolver) Organisation(ctx context.Context, obj *db.Webhook) (db.Organisation, error) {
	return r.Store.OrganisationDuWebhook(ctx, obj)
}

// Livraisons is the resolver for the livraisons field.
func (r *webhookResolver) Livraisons(ctx context.Context, obj *db.Webhook, first *int, after *string, last *int, before *string) (*page.Connection[*db.Livraison], error) {
	return r.Store.LivraisonsDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Livraison returns generated.LivraisonResolver implementation.
func (r *Resolver) Livraison() generated.LivraisonResolver { return &livraisonResolver{r} }

// Webhook returns generated.WebhookResolver implementation.
func (r *Resolver) Webhook() generated.WebhookResolver { return &webhookResolver{r} }

type (
	livraisonResolver struct{ *Resolver }
	webhookResolver   struct{ *Resolver }
)
