package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// ProposerUsage is the resolver for the proposerUsage field.
func (r *mutationResolver) ProposerUsage(ctx context.Context, input db.ProposerUsageInput) (*db.PropositionPayload, error) {
	return r.Store.ProposerUsage(ctx, input, selectionOf(ctx, "proposition"))
}

// AccepterProposition is the resolver for the accepterProposition field.
func (r *mutationResolver) AccepterProposition(ctx context.Context, input db.AccepterPropositionInput) (*db.PropositionPayload, error) {
	return r.Store.AccepterProposition(ctx, input, selectionOf(ctx, "proposition"))
}

// RefuserProposition is the resolver for the refuserProposition field.
func (r *mutationResolver) RefuserProposition(ctx context.Context, input db.RefuserPropositionInput) (*db.PropositionPayload, error) {
	return r.Store.RefuserProposition(ctx, input, selectionOf(ctx, "proposition"))
}

// Prestataire is the resolver for the prestataire field.
func (r *propositionResolver) Prestataire(ctx context.Context, obj *db.Proposition) (*db.Prestataire, error) {
	return r.Store.PrestataireQuiPropose(ctx, obj)
}

// Utilisateur is the resolver for the utilisateur field.
func (r *propositionResolver) Utilisateur(ctx context.Context, obj *db.Proposition) (db.Organisation, error) {
	return r.Store.UtilisateurPropose(ctx, obj)
}

// Logiciel is the resolver for the logiciel field.
func (r *propositionResolver) Logiciel(ctx context.Context, obj *db.Proposition) (*db.Logiciel, error) {
	return r.Store.LogicielPropose(ctx, obj, selection(ctx))
}

// Usage is the resolver for the usage field.
func (r *propositionResolver) Usage(ctx context.Context, obj *db.Proposition) (*db.Usage, error) {
	return r.Store.UsageAccepte(ctx, obj, selection(ctx))
}

// Historique is the resolver for the historique field.
func (r *propositionResolver) Historique(ctx context.Context, obj *db.Proposition, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Propositions is the resolver for the propositions field.
func (r *queryResolver) Propositions(ctx context.Context, first *int, after *string, last *int, before *string, filtre *db.FiltrePropositions) (*page.Connection[*db.Proposition], error) {
	return r.Store.Propositions(ctx, filtre, pageArgs(first, after, last, before))
}

// Proposition returns generated.PropositionResolver implementation.
func (r *Resolver) Proposition() generated.PropositionResolver { return &propositionResolver{r} }

type propositionResolver struct{ *Resolver }
