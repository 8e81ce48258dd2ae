package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Beneficiaire is the resolver for the beneficiaire field.
func (r *economieResolver) Beneficiaire(ctx context.Context, obj *db.Economie) (db.Organisation, error) {
	return r.Store.BeneficiaireDe(ctx, obj)
}

// Logiciel is the resolver for the logiciel field.
func (r *economieResolver) Logiciel(ctx context.Context, obj *db.Economie) (*db.Logiciel, error) {
	return r.Store.LogicielDeLEconomie(ctx, obj, selection(ctx))
}

// Usage is the resolver for the usage field.
func (r *economieResolver) Usage(ctx context.Context, obj *db.Economie) (*db.Usage, error) {
	return r.Store.UsageDeLEconomie(ctx, obj, selection(ctx))
}

// PartDe is the resolver for the partDe field.
func (r *economieResolver) PartDe(ctx context.Context, obj *db.Economie) (*db.Economie, error) {
	return r.Store.EconomieEntiere(ctx, obj, selection(ctx))
}

// Parts is the resolver for the parts field.
func (r *economieResolver) Parts(ctx context.Context, obj *db.Economie, first *int, after *string, last *int, before *string) (*page.Connection[*db.Economie], error) {
	return r.Store.PartsDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// VerifieePar is the resolver for the verifieePar field.
func (r *economieResolver) VerifieePar(ctx context.Context, obj *db.Economie) (db.Organisation, error) {
	return r.Store.VerificateurDe(ctx, obj)
}

// Source is the resolver for the source field.
func (r *economieResolver) Source(ctx context.Context, obj *db.Economie) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *economieResolver) Historique(ctx context.Context, obj *db.Economie, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// DeclarerEconomie is the resolver for the declarerEconomie field.
func (r *mutationResolver) DeclarerEconomie(ctx context.Context, input db.DeclarerEconomieInput) (*db.EconomiePayload, error) {
	return r.Store.DeclarerEconomie(ctx, input, given(ctx), selectionOf(ctx, "economie"))
}

// CorrigerEconomie is the resolver for the corrigerEconomie field.
func (r *mutationResolver) CorrigerEconomie(ctx context.Context, input db.CorrigerEconomieInput) (*db.EconomiePayload, error) {
	return r.Store.CorrigerEconomie(ctx, input, given(ctx), selectionOf(ctx, "economie"))
}

// VerifierEconomie is the resolver for the verifierEconomie field.
func (r *mutationResolver) VerifierEconomie(ctx context.Context, input db.VerifierEconomieInput) (*db.EconomiePayload, error) {
	return r.Store.VerifierEconomie(ctx, input, selectionOf(ctx, "economie"))
}

// RetirerEconomie is the resolver for the retirerEconomie field.
func (r *mutationResolver) RetirerEconomie(ctx context.Context, input db.RetirerEconomieInput) (*db.EconomiePayload, error) {
	return r.Store.RetirerEconomie(ctx, input, selectionOf(ctx, "economie"))
}

// Economies is the resolver for the economies field.
func (r *queryResolver) Economies(ctx context.Context, first *int, after *string, last *int, before *string, filtre *db.FiltreEconomies, auDate *db.Instant) (*page.Connection[*db.Economie], error) {
	return r.Store.Economies(ctx, filtre, pageArgs(first, after, last, before))
}

// ReferencesPrix is the resolver for the referencesPrix field.
func (r *queryResolver) ReferencesPrix(ctx context.Context, first *int, after *string, last *int, before *string) (*page.Connection[*db.ReferencePrix], error) {
	return r.Store.ReferencesPrix(ctx, pageArgs(first, after, last, before))
}

// Organisation is the resolver for the organisation field.
func (r *referencePrixResolver) Organisation(ctx context.Context, obj *db.ReferencePrix) (db.Organisation, error) {
	return r.Store.OrganisationDuPrix(ctx, obj)
}

// Logiciel is the resolver for the logiciel field.
func (r *referencePrixResolver) Logiciel(ctx context.Context, obj *db.ReferencePrix) (*db.Logiciel, error) {
	return r.Store.LogicielDuPrix(ctx, obj, selection(ctx))
}

// Source is the resolver for the source field.
func (r *referencePrixResolver) Source(ctx context.Context, obj *db.ReferencePrix) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Economie returns generated.EconomieResolver implementation.
func (r *Resolver) Economie() generated.EconomieResolver { return &economieResolver{r} }

// ReferencePrix returns generated.ReferencePrixResolver implementation.
func (r *Resolver) ReferencePrix() generated.ReferencePrixResolver { return &referencePrixResolver{r} }

type (
	economieResolver      struct{ *Resolver }
	referencePrixResolver struct{ *Resolver }
)
