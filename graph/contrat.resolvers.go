package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Organisation is the resolver for the organisation field.
func (r *contratResolver) Organisation(ctx context.Context, obj *db.Contrat) (db.Organisation, error) {
	return r.Store.AcheteurDe(ctx, obj)
}

// Logiciel is the resolver for the logiciel field.
func (r *contratResolver) Logiciel(ctx context.Context, obj *db.Contrat) (*db.Logiciel, error) {
	return r.Store.LogicielDuContrat(ctx, obj, selection(ctx))
}

// Usage is the resolver for the usage field.
func (r *contratResolver) Usage(ctx context.Context, obj *db.Contrat) (*db.Usage, error) {
	return r.Store.UsageDuContrat(ctx, obj, selection(ctx))
}

// Prestataire is the resolver for the prestataire field.
func (r *contratResolver) Prestataire(ctx context.Context, obj *db.Contrat) (db.Organisation, error) {
	return r.Store.PrestataireDuContrat(ctx, obj)
}

// Source is the resolver for the source field.
func (r *contratResolver) Source(ctx context.Context, obj *db.Contrat) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *contratResolver) Historique(ctx context.Context, obj *db.Contrat, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// DeclarerContrat is the resolver for the declarerContrat field.
func (r *mutationResolver) DeclarerContrat(ctx context.Context, input db.DeclarerContratInput) (*db.ContratPayload, error) {
	return r.Store.DeclarerContrat(ctx, input, given(ctx), selectionOf(ctx, "contrat"))
}

// CorrigerContrat is the resolver for the corrigerContrat field.
func (r *mutationResolver) CorrigerContrat(ctx context.Context, input db.CorrigerContratInput) (*db.ContratPayload, error) {
	return r.Store.CorrigerContrat(ctx, input, given(ctx), selectionOf(ctx, "contrat"))
}

// RetirerContrat is the resolver for the retirerContrat field.
func (r *mutationResolver) RetirerContrat(ctx context.Context, input db.RetirerContratInput) (*db.ContratPayload, error) {
	return r.Store.RetirerContrat(ctx, input, selectionOf(ctx, "contrat"))
}

// Contrats is the resolver for the contrats field.
func (r *queryResolver) Contrats(ctx context.Context, first *int, after *string, last *int, before *string, filtre *db.FiltreContrats, auDate *db.Instant) (*page.Connection[*db.Contrat], error) {
	return r.Store.Contrats(ctx, filtre, pageArgs(first, after, last, before))
}

// Contrat returns generated.ContratResolver implementation.
func (r *Resolver) Contrat() generated.ContratResolver { return &contratResolver{r} }

type contratResolver struct{ *Resolver }
