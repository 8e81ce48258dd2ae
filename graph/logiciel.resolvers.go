package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Parent is the resolver for the parent field.
func (r *categorieResolver) Parent(ctx context.Context, obj *db.Categorie) (*db.Categorie, error) {
	return r.Store.CategorieParente(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *categorieResolver) Historique(ctx context.Context, obj *db.Categorie, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Categories is the resolver for the categories field.
func (r *logicielResolver) Categories(ctx context.Context, obj *db.Logiciel) ([]*db.Categorie, error) {
	return r.Store.CategoriesDe(ctx, obj)
}

// Identifiants is the resolver for the identifiants field.
func (r *logicielResolver) Identifiants(ctx context.Context, obj *db.Logiciel) ([]*db.Identifiant, error) {
	return r.Store.IdentifiantsDe(ctx, obj)
}

// Remplace is the resolver for the remplace field.
func (r *logicielResolver) Remplace(ctx context.Context, obj *db.Logiciel) ([]*db.Logiciel, error) {
	return r.Store.RemplaceDe(ctx, obj, selection(ctx))
}

// Alternatives is the resolver for the alternatives field.
func (r *logicielResolver) Alternatives(ctx context.Context, obj *db.Logiciel) ([]*db.Logiciel, error) {
	return r.Store.AlternativesDe(ctx, obj, selection(ctx))
}

// Usages is the resolver for the usages field.
func (r *logicielResolver) Usages(ctx context.Context, obj *db.Logiciel, first *int, after *string, last *int, before *string, filtre *db.FiltreUsages) (*page.Connection[*db.Usage], error) {
	return r.Store.UsagesDuLogiciel(ctx, obj, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Entrees is the resolver for the entrees field.
func (r *logicielResolver) Entrees(ctx context.Context, obj *db.Logiciel, first *int, after *string, last *int, before *string) (*page.Connection[*db.EntreeCatalogue], error) {
	return r.Store.EntreesDuLogiciel(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Economies is the resolver for the economies field.
func (r *logicielResolver) Economies(ctx context.Context, obj *db.Logiciel, first *int, after *string, last *int, before *string, filtre *db.FiltreEconomies) (*page.Connection[*db.Economie], error) {
	return r.Store.EconomiesDuLogiciel(ctx, obj, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Contrats is the resolver for the contrats field.
func (r *logicielResolver) Contrats(ctx context.Context, obj *db.Logiciel, first *int, after *string, last *int, before *string, filtre *db.FiltreContrats) (*page.Connection[*db.Contrat], error) {
	return r.Store.ContratsDuLogiciel(ctx, obj, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Prestations is the resolver for the prestations field.
func (r *logicielResolver) Prestations(ctx context.Context, obj *db.Logiciel, first *int, after *string, last *int, before *string, filtre *db.FiltrePrestations) (*page.Connection[*db.Prestation], error) {
	return r.Store.PrestationsDuLogiciel(ctx, obj, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Prestataires is the resolver for the prestataires field.
func (r *logicielResolver) Prestataires(ctx context.Context, obj *db.Logiciel, first *int, after *string, last *int, before *string) (*page.Connection[*db.Prestataire], error) {
	return r.Store.PrestatairesDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Faits is the resolver for the faits field.
func (r *logicielResolver) Faits(ctx context.Context, obj *db.Logiciel) ([]*db.Fait, error) {
	return r.Store.FaitsDuLogiciel(ctx, obj)
}

// Source is the resolver for the source field.
func (r *logicielResolver) Source(ctx context.Context, obj *db.Logiciel) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *logicielResolver) Historique(ctx context.Context, obj *db.Logiciel, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// CreerLogiciel is the resolver for the creerLogiciel field.
func (r *mutationResolver) CreerLogiciel(ctx context.Context, input db.CreerLogicielInput) (*db.LogicielPayload, error) {
	return r.Store.CreerLogiciel(ctx, input, selectionOf(ctx, "logiciel"))
}

// CorrigerLogiciel is the resolver for the corrigerLogiciel field.
func (r *mutationResolver) CorrigerLogiciel(ctx context.Context, input db.CorrigerLogicielInput) (*db.LogicielPayload, error) {
	return r.Store.CorrigerLogiciel(ctx, input, given(ctx), selectionOf(ctx, "logiciel"))
}

// AjouterIdentifiant is the resolver for the ajouterIdentifiant field.
func (r *mutationResolver) AjouterIdentifiant(ctx context.Context, input db.AjouterIdentifiantInput) (*db.LogicielPayload, error) {
	return r.Store.AjouterIdentifiant(ctx, input, selectionOf(ctx, "logiciel"))
}

// MarquerRemplacement is the resolver for the marquerRemplacement field.
func (r *mutationResolver) MarquerRemplacement(ctx context.Context, input db.MarquerRemplacementInput) (*db.LogicielPayload, error) {
	return r.Store.MarquerRemplacement(ctx, input, selectionOf(ctx, "logiciel"))
}

// FusionnerLogiciels is the resolver for the fusionnerLogiciels field.
func (r *mutationResolver) FusionnerLogiciels(ctx context.Context, input db.FusionnerLogicielsInput) (*db.LogicielPayload, error) {
	return r.Store.FusionnerLogiciels(ctx, input, selectionOf(ctx, "logiciel"))
}

// Logiciel is the resolver for the logiciel field.
func (r *queryResolver) Logiciel(ctx context.Context, id *string, slug *string, auDate *db.Instant) (*db.Logiciel, error) {
	return r.Store.Logiciel(ctx, id, slug, selection(ctx))
}

// Logiciels is the resolver for the logiciels field.
func (r *queryResolver) Logiciels(ctx context.Context, first *int, after *string, last *int, before *string, filtre *db.FiltreLogiciels, tri *db.TriLogiciels, sens *db.Sens, auDate *db.Instant) (*page.Connection[*db.Logiciel], error) {
	return r.Store.Logiciels(ctx, filtre, tri, sens, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Categories is the resolver for the categories field.
func (r *queryResolver) Categories(ctx context.Context) ([]*db.Categorie, error) {
	return r.Store.Categories(ctx)
}

// Categorie returns generated.CategorieResolver implementation.
func (r *Resolver) Categorie() generated.CategorieResolver { return &categorieResolver{r} }

// Logiciel returns generated.LogicielResolver implementation.
func (r *Resolver) Logiciel() generated.LogicielResolver { return &logicielResolver{r} }

type (
	categorieResolver struct{ *Resolver }
	logicielResolver  struct{ *Resolver }
)
