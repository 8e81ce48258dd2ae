package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// DeclarerPrestation is the resolver for the declarerPrestation field.
func (r *mutationResolver) DeclarerPrestation(ctx context.Context, input db.DeclarerPrestationInput) (*db.PrestationPayload, error) {
	return r.Store.DeclarerPrestation(ctx, input, given(ctx), selectionOf(ctx, "prestation"))
}

// CorrigerPrestation is the resolver for the corrigerPrestation field.
func (r *mutationResolver) CorrigerPrestation(ctx context.Context, input db.CorrigerPrestationInput) (*db.PrestationPayload, error) {
	return r.Store.CorrigerPrestation(ctx, input, given(ctx), selectionOf(ctx, "prestation"))
}

// RetirerPrestation is the resolver for the retirerPrestation field.
func (r *mutationResolver) RetirerPrestation(ctx context.Context, input db.RetirerPrestationInput) (*db.PrestationPayload, error) {
	return r.Store.RetirerPrestation(ctx, input, selectionOf(ctx, "prestation"))
}

// DeclarerReference is the resolver for the declarerReference field.
func (r *mutationResolver) DeclarerReference(ctx context.Context, input db.DeclarerReferenceInput) (*db.ReferencePayload, error) {
	return r.Store.DeclarerReference(ctx, input, given(ctx), selectionOf(ctx, "reference"))
}

// ConfirmerReference is the resolver for the confirmerReference field.
func (r *mutationResolver) ConfirmerReference(ctx context.Context, input db.ConfirmerReferenceInput) (*db.ReferencePayload, error) {
	return r.Store.ConfirmerReference(ctx, input, given(ctx), selectionOf(ctx, "reference"))
}

// RefuserReference is the resolver for the refuserReference field.
func (r *mutationResolver) RefuserReference(ctx context.Context, input db.RefuserReferenceInput) (*db.ReferencePayload, error) {
	return r.Store.RefuserReference(ctx, input, given(ctx), selectionOf(ctx, "reference"))
}

// RetirerReference is the resolver for the retirerReference field.
func (r *mutationResolver) RetirerReference(ctx context.Context, input db.RetirerReferenceInput) (*db.ReferencePayload, error) {
	return r.Store.RetirerReference(ctx, input, selectionOf(ctx, "reference"))
}

// Organisation is the resolver for the organisation field.
func (r *prestataireProcheResolver) Organisation(ctx context.Context, obj *db.PrestataireProche) (db.Organisation, error) {
	return r.Store.OrganisationProche(ctx, obj)
}

// Logiciel is the resolver for the logiciel field.
func (r *prestataireProcheResolver) Logiciel(ctx context.Context, obj *db.PrestataireProche) (*db.Logiciel, error) {
	return r.Store.LogicielProche(ctx, obj, selection(ctx))
}

// Prestation is the resolver for the prestation field.
func (r *prestataireProcheResolver) Prestation(ctx context.Context, obj *db.PrestataireProche) (*db.Prestation, error) {
	return r.Store.PrestationProche(ctx, obj)
}

// Entree is the resolver for the entree field.
func (r *prestataireProcheResolver) Entree(ctx context.Context, obj *db.PrestataireProche) (*db.EntreeCatalogue, error) {
	return r.Store.EntreeProche(ctx, obj)
}

// References is the resolver for the references field.
func (r *prestataireProcheResolver) References(ctx context.Context, obj *db.PrestataireProche, first *int, after *string, last *int, before *string) (*page.Connection[*db.ReferencePrestation], error) {
	return r.Store.ReferencesProches(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Source is the resolver for the source field.
func (r *prestataireProcheResolver) Source(ctx context.Context, obj *db.PrestataireProche) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Prestataire is the resolver for the prestataire field.
func (r *prestationResolver) Prestataire(ctx context.Context, obj *db.Prestation) (db.Organisation, error) {
	return r.Store.PrestataireDeLaPrestation(ctx, obj)
}

// Logiciel is the resolver for the logiciel field.
func (r *prestationResolver) Logiciel(ctx context.Context, obj *db.Prestation) (*db.Logiciel, error) {
	return r.Store.LogicielDeLaPrestation(ctx, obj, selection(ctx))
}

// Territoires is the resolver for the territoires field.
func (r *prestationResolver) Territoires(ctx context.Context, obj *db.Prestation) ([]*db.Territoire, error) {
	return r.Store.TerritoiresServis(ctx, obj)
}

// Competences is the resolver for the competences field.
func (r *prestationResolver) Competences(ctx context.Context, obj *db.Prestation) ([]*db.Categorie, error) {
	return r.Store.CompetencesMetier(ctx, obj)
}

// References is the resolver for the references field.
func (r *prestationResolver) References(ctx context.Context, obj *db.Prestation, first *int, after *string, last *int, before *string) (*page.Connection[*db.ReferencePrestation], error) {
	return r.Store.ReferencesDeLaPrestation(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Source is the resolver for the source field.
func (r *prestationResolver) Source(ctx context.Context, obj *db.Prestation) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *prestationResolver) Historique(ctx context.Context, obj *db.Prestation, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Prestations is the resolver for the prestations field.
func (r *queryResolver) Prestations(ctx context.Context, first *int, after *string, last *int, before *string, filtre *db.FiltrePrestations, auDate *db.Instant) (*page.Connection[*db.Prestation], error) {
	return r.Store.Prestations(ctx, filtre, pageArgs(first, after, last, before))
}

// References is the resolver for the references field.
func (r *queryResolver) References(ctx context.Context, first *int, after *string, last *int, before *string, filtre *db.FiltreReferences, auDate *db.Instant) (*page.Connection[*db.ReferencePrestation], error) {
	return r.Store.References(ctx, filtre, pageArgs(first, after, last, before))
}

// PrestatairesProches is the resolver for the prestatairesProches field.
func (r *queryResolver) PrestatairesProches(ctx context.Context, first *int, after *string, last *int, before *string, logiciel string, collectivite string, types []db.TypePrestation) (*page.Connection[*db.PrestataireProche], error) {
	return r.Store.PrestatairesProches(ctx, logiciel, collectivite, types, pageArgs(first, after, last, before))
}

// Prestataire is the resolver for the prestataire field.
func (r *referencePrestationResolver) Prestataire(ctx context.Context, obj *db.ReferencePrestation) (db.Organisation, error) {
	return r.Store.PrestataireDeLaReference(ctx, obj)
}

// Beneficiaire is the resolver for the beneficiaire field.
func (r *referencePrestationResolver) Beneficiaire(ctx context.Context, obj *db.ReferencePrestation) (db.Organisation, error) {
	return r.Store.BeneficiaireDeLaReference(ctx, obj)
}

// Logiciel is the resolver for the logiciel field.
func (r *referencePrestationResolver) Logiciel(ctx context.Context, obj *db.ReferencePrestation) (*db.Logiciel, error) {
	return r.Store.LogicielDeLaReference(ctx, obj, selection(ctx))
}

// Source is the resolver for the source field.
func (r *referencePrestationResolver) Source(ctx context.Context, obj *db.ReferencePrestation) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *referencePrestationResolver) Historique(ctx context.Context, obj *db.ReferencePrestation, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// PrestataireProche returns generated.PrestataireProcheResolver implementation.
func (r *Resolver) PrestataireProche() generated.PrestataireProcheResolver {
	return &prestataireProcheResolver{r}
}

// Prestation returns generated.PrestationResolver implementation.
func (r *Resolver) Prestation() generated.PrestationResolver { return &prestationResolver{r} }

// ReferencePrestation returns generated.ReferencePrestationResolver implementation.
func (r *Resolver) ReferencePrestation() generated.ReferencePrestationResolver {
	return &referencePrestationResolver{r}
}

type (
	prestataireProcheResolver   struct{ *Resolver }
	prestationResolver          struct{ *Resolver }
	referencePrestationResolver struct{ *Resolver }
)
