package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/partage"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Developpements is the resolver for the developpements field.
func (r *collectiviteResolver) Developpements(ctx context.Context, obj *db.Collectivite, first *int, after *string, last *int, before *string, filtre *db.FiltreDeveloppements) (*page.Connection[*db.Developpement], error) {
	return r.Store.DeveloppementsDe(ctx, obj.Fiche, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// ArgentPublic is the resolver for the argentPublic field.
func (r *collectiviteResolver) ArgentPublic(ctx context.Context, obj *db.Collectivite) (*db.ArgentPublicOrganisation, error) {
	return r.Store.ArgentPublicDe(ctx, obj.Fiche)
}

// Logiciel is the resolver for the logiciel field.
func (r *developpementResolver) Logiciel(ctx context.Context, obj *db.Developpement) (*db.Logiciel, error) {
	return r.Store.LogicielDuDeveloppement(ctx, obj, selection(ctx))
}

// Declarant is the resolver for the declarant field.
func (r *developpementResolver) Declarant(ctx context.Context, obj *db.Developpement) (db.Organisation, error) {
	return r.Store.DeclarantDuDeveloppement(ctx, obj)
}

// Participations is the resolver for the participations field.
func (r *developpementResolver) Participations(ctx context.Context, obj *db.Developpement, first *int, after *string, last *int, before *string) (*page.Connection[*db.ParticipationDeveloppement], error) {
	return r.Store.ParticipationsDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Repartition is the resolver for the repartition field.
func (r *developpementResolver) Repartition(ctx context.Context, obj *db.Developpement, cle partage.Cle) ([]*db.PartCout, error) {
	return r.Store.RepartitionDe(ctx, obj, cle, selection(ctx))
}

// Source is the resolver for the source field.
func (r *developpementResolver) Source(ctx context.Context, obj *db.Developpement) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *developpementResolver) Historique(ctx context.Context, obj *db.Developpement, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Developpements is the resolver for the developpements field.
func (r *logicielResolver) Developpements(ctx context.Context, obj *db.Logiciel, first *int, after *string, last *int, before *string, filtre *db.FiltreDeveloppements) (*page.Connection[*db.Developpement], error) {
	return r.Store.DeveloppementsDuLogiciel(ctx, obj, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// ArgentPublic is the resolver for the argentPublic field.
func (r *logicielResolver) ArgentPublic(ctx context.Context, obj *db.Logiciel) (*db.ArgentPublic, error) {
	return r.Store.ArgentPublicDuLogiciel(ctx, obj)
}

// DeclarerDeveloppement is the resolver for the declarerDeveloppement field.
func (r *mutationResolver) DeclarerDeveloppement(ctx context.Context, input db.DeclarerDeveloppementInput) (*db.DeveloppementPayload, error) {
	return r.Store.DeclarerDeveloppement(ctx, input, given(ctx), selectionOf(ctx, "developpement"))
}

// CorrigerDeveloppement is the resolver for the corrigerDeveloppement field.
func (r *mutationResolver) CorrigerDeveloppement(ctx context.Context, input db.CorrigerDeveloppementInput) (*db.DeveloppementPayload, error) {
	return r.Store.CorrigerDeveloppement(ctx, input, given(ctx), selectionOf(ctx, "developpement"))
}

// RetirerDeveloppement is the resolver for the retirerDeveloppement field.
func (r *mutationResolver) RetirerDeveloppement(ctx context.Context, input db.RetirerDeveloppementInput) (*db.DeveloppementPayload, error) {
	return r.Store.RetirerDeveloppement(ctx, input, selectionOf(ctx, "developpement"))
}

// DeclarerParticipationDeveloppement is the resolver for the declarerParticipationDeveloppement field.
func (r *mutationResolver) DeclarerParticipationDeveloppement(ctx context.Context, input db.DeclarerParticipationDeveloppementInput) (*db.ParticipationDeveloppementPayload, error) {
	return r.Store.DeclarerParticipationDeveloppement(ctx, input, given(ctx), selectionOf(ctx, "participation"))
}

// CorrigerParticipationDeveloppement is the resolver for the corrigerParticipationDeveloppement field.
func (r *mutationResolver) CorrigerParticipationDeveloppement(ctx context.Context, input db.CorrigerParticipationDeveloppementInput) (*db.ParticipationDeveloppementPayload, error) {
	return r.Store.CorrigerParticipationDeveloppement(ctx, input, given(ctx), selectionOf(ctx, "participation"))
}

// ConfirmerParticipationDeveloppement is the resolver for the confirmerParticipationDeveloppement field.
func (r *mutationResolver) ConfirmerParticipationDeveloppement(ctx context.Context, input db.ConfirmerParticipationDeveloppementInput) (*db.ParticipationDeveloppementPayload, error) {
	return r.Store.ConfirmerParticipationDeveloppement(ctx, input, selectionOf(ctx, "participation"))
}

// RetirerParticipationDeveloppement is the resolver for the retirerParticipationDeveloppement field.
func (r *mutationResolver) RetirerParticipationDeveloppement(ctx context.Context, input db.RetirerParticipationDeveloppementInput) (*db.ParticipationDeveloppementPayload, error) {
	return r.Store.RetirerParticipationDeveloppement(ctx, input, selectionOf(ctx, "participation"))
}

// Organisation is the resolver for the organisation field.
func (r *partCoutResolver) Organisation(ctx context.Context, obj *db.PartCout) (db.Organisation, error) {
	return r.Store.OrganisationDeLaPart(ctx, obj)
}

// Developpement is the resolver for the developpement field.
func (r *participationDeveloppementResolver) Developpement(ctx context.Context, obj *db.ParticipationDeveloppement) (*db.Developpement, error) {
	return r.Store.DeveloppementDeLaParticipation(ctx, obj)
}

// Organisation is the resolver for the organisation field.
func (r *participationDeveloppementResolver) Organisation(ctx context.Context, obj *db.ParticipationDeveloppement) (db.Organisation, error) {
	return r.Store.OrganisationDeLaParticipation(ctx, obj)
}

// Source is the resolver for the source field.
func (r *participationDeveloppementResolver) Source(ctx context.Context, obj *db.ParticipationDeveloppement) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *participationDeveloppementResolver) Historique(ctx context.Context, obj *db.ParticipationDeveloppement, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Developpements is the resolver for the developpements field.
func (r *prestataireResolver) Developpements(ctx context.Context, obj *db.Prestataire, first *int, after *string, last *int, before *string, filtre *db.FiltreDeveloppements) (*page.Connection[*db.Developpement], error) {
	return r.Store.DeveloppementsDe(ctx, obj.Fiche, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Developpements is the resolver for the developpements field.
func (r *queryResolver) Developpements(ctx context.Context, first *int, after *string, last *int, before *string, filtre *db.FiltreDeveloppements, auDate *db.Instant) (*page.Connection[*db.Developpement], error) {
	return r.Store.Developpements(ctx, filtre, pageArgs(first, after, last, before))
}

// Developpements is the resolver for the developpements field.
func (r *syndicatMixteResolver) Developpements(ctx context.Context, obj *db.SyndicatMixte, first *int, after *string, last *int, before *string, filtre *db.FiltreDeveloppements) (*page.Connection[*db.Developpement], error) {
	return r.Store.DeveloppementsDe(ctx, obj.Fiche, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// ArgentPublic is the resolver for the argentPublic field.
func (r *syndicatMixteResolver) ArgentPublic(ctx context.Context, obj *db.SyndicatMixte) (*db.ArgentPublicOrganisation, error) {
	return r.Store.ArgentPublicDe(ctx, obj.Fiche)
}

// Developpement returns generated.DeveloppementResolver implementation.
func (r *Resolver) Developpement() generated.DeveloppementResolver { return &developpementResolver{r} }

// PartCout returns generated.PartCoutResolver implementation.
func (r *Resolver) PartCout() generated.PartCoutResolver { return &partCoutResolver{r} }

// ParticipationDeveloppement returns generated.ParticipationDeveloppementResolver implementation.
func (r *Resolver) ParticipationDeveloppement() generated.ParticipationDeveloppementResolver {
	return &participationDeveloppementResolver{r}
}

type (
	developpementResolver              struct{ *Resolver }
	partCoutResolver                   struct{ *Resolver }
	participationDeveloppementResolver struct{ *Resolver }
)
