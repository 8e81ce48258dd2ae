package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Rencontres is the resolver for the rencontres field.
func (r *collectiviteResolver) Rencontres(ctx context.Context, obj *db.Collectivite, first *int, after *string, last *int, before *string, filtre *db.FiltreRencontres) (*page.Connection[*db.Rencontre], error) {
	return r.Store.RencontresDe(ctx, obj.Fiche, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Interventions is the resolver for the interventions field.
func (r *collectiviteResolver) Interventions(ctx context.Context, obj *db.Collectivite, first *int, after *string, last *int, before *string, genres []db.GenreIntervention) (*page.Connection[*db.Intervention], error) {
	return r.Store.InterventionsDe(ctx, obj.Fiche, genres, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Source is the resolver for the source field.
func (r *frequentationResolver) Source(ctx context.Context, obj *db.Frequentation) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Rencontre is the resolver for the rencontre field.
func (r *interventionResolver) Rencontre(ctx context.Context, obj *db.Intervention) (*db.Rencontre, error) {
	return r.Store.RencontreDe(ctx, obj)
}

// Organisations is the resolver for the organisations field.
func (r *interventionResolver) Organisations(ctx context.Context, obj *db.Intervention) ([]db.Organisation, error) {
	return r.Store.OrganisationsDeLIntervention(ctx, obj)
}

// Logiciels is the resolver for the logiciels field.
func (r *interventionResolver) Logiciels(ctx context.Context, obj *db.Intervention) ([]*db.Logiciel, error) {
	return r.Store.LogicielsDeLIntervention(ctx, obj, selection(ctx))
}

// Declarant is the resolver for the declarant field.
func (r *interventionResolver) Declarant(ctx context.Context, obj *db.Intervention) (db.Organisation, error) {
	return r.Store.DeclarantDeLIntervention(ctx, obj)
}

// Source is the resolver for the source field.
func (r *interventionResolver) Source(ctx context.Context, obj *db.Intervention) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *interventionResolver) Historique(ctx context.Context, obj *db.Intervention, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Interventions is the resolver for the interventions field.
func (r *logicielResolver) Interventions(ctx context.Context, obj *db.Logiciel, first *int, after *string, last *int, before *string, genres []db.GenreIntervention) (*page.Connection[*db.Intervention], error) {
	return r.Store.InterventionsDuLogiciel(ctx, obj, genres, pageArgs(first, after, last, before), selectionPage(ctx))
}

// DeclarerRencontre is the resolver for the declarerRencontre field.
func (r *mutationResolver) DeclarerRencontre(ctx context.Context, input db.DeclarerRencontreInput) (*db.RencontrePayload, error) {
	return r.Store.DeclarerRencontre(ctx, input, given(ctx), selectionOf(ctx, "rencontre"))
}

// CorrigerRencontre is the resolver for the corrigerRencontre field.
func (r *mutationResolver) CorrigerRencontre(ctx context.Context, input db.CorrigerRencontreInput) (*db.RencontrePayload, error) {
	return r.Store.CorrigerRencontre(ctx, input, given(ctx), selectionOf(ctx, "rencontre"))
}

// RetirerRencontre is the resolver for the retirerRencontre field.
func (r *mutationResolver) RetirerRencontre(ctx context.Context, input db.RetirerRencontreInput) (*db.RencontrePayload, error) {
	return r.Store.RetirerRencontre(ctx, input, selectionOf(ctx, "rencontre"))
}

// DeclarerIntervention is the resolver for the declarerIntervention field.
func (r *mutationResolver) DeclarerIntervention(ctx context.Context, input db.DeclarerInterventionInput) (*db.InterventionPayload, error) {
	return r.Store.DeclarerIntervention(ctx, input, given(ctx), selectionOf(ctx, "intervention"))
}

// CorrigerIntervention is the resolver for the corrigerIntervention field.
func (r *mutationResolver) CorrigerIntervention(ctx context.Context, input db.CorrigerInterventionInput) (*db.InterventionPayload, error) {
	return r.Store.CorrigerIntervention(ctx, input, given(ctx), selectionOf(ctx, "intervention"))
}

// RetirerIntervention is the resolver for the retirerIntervention field.
func (r *mutationResolver) RetirerIntervention(ctx context.Context, input db.RetirerInterventionInput) (*db.InterventionPayload, error) {
	return r.Store.RetirerIntervention(ctx, input, selectionOf(ctx, "intervention"))
}

// DeclarerParticipation is the resolver for the declarerParticipation field.
func (r *mutationResolver) DeclarerParticipation(ctx context.Context, input db.DeclarerParticipationInput) (*db.RencontrePayload, error) {
	return r.Store.DeclarerParticipation(ctx, input, selectionOf(ctx, "rencontre"))
}

// RetirerParticipation is the resolver for the retirerParticipation field.
func (r *mutationResolver) RetirerParticipation(ctx context.Context, input db.RetirerParticipationInput) (*db.RencontrePayload, error) {
	return r.Store.RetirerParticipation(ctx, input, selectionOf(ctx, "rencontre"))
}

// Organisation is the resolver for the organisation field.
func (r *organisateurResolver) Organisation(ctx context.Context, obj *db.Organisateur) (db.Organisation, error) {
	return r.Store.OrganisationQuiOrganise(ctx, obj)
}

// Reseau is the resolver for the reseau field.
func (r *organisateurResolver) Reseau(ctx context.Context, obj *db.Organisateur) (*db.Reseau, error) {
	return r.Store.ReseauQuiOrganise(ctx, obj)
}

// Source is the resolver for the source field.
func (r *organisateurResolver) Source(ctx context.Context, obj *db.Organisateur) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Organisation is the resolver for the organisation field.
func (r *participationResolver) Organisation(ctx context.Context, obj *db.Participation) (db.Organisation, error) {
	return r.Store.OrganisationQuiParticipe(ctx, obj)
}

// Source is the resolver for the source field.
func (r *participationResolver) Source(ctx context.Context, obj *db.Participation) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Rencontres is the resolver for the rencontres field.
func (r *prestataireResolver) Rencontres(ctx context.Context, obj *db.Prestataire, first *int, after *string, last *int, before *string, filtre *db.FiltreRencontres) (*page.Connection[*db.Rencontre], error) {
	return r.Store.RencontresDe(ctx, obj.Fiche, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Interventions is the resolver for the interventions field.
func (r *prestataireResolver) Interventions(ctx context.Context, obj *db.Prestataire, first *int, after *string, last *int, before *string, genres []db.GenreIntervention) (*page.Connection[*db.Intervention], error) {
	return r.Store.InterventionsDe(ctx, obj.Fiche, genres, pageArgs(first, after, last, before), selectionPage(ctx))
}

// SerieRencontres is the resolver for the serieRencontres field.
func (r *queryResolver) SerieRencontres(ctx context.Context, id *string, slug *string, auDate *db.Instant) (*db.SerieRencontres, error) {
	return r.Store.SerieRencontres(ctx, id, slug)
}

// SeriesRencontres is the resolver for the seriesRencontres field.
func (r *queryResolver) SeriesRencontres(ctx context.Context, first *int, after *string, last *int, before *string, auDate *db.Instant) (*page.Connection[*db.SerieRencontres], error) {
	return r.Store.SeriesRencontres(ctx, pageArgs(first, after, last, before))
}

// Rencontre is the resolver for the rencontre field.
func (r *queryResolver) Rencontre(ctx context.Context, id string, auDate *db.Instant) (*db.Rencontre, error) {
	return r.Store.Rencontre(ctx, id, selection(ctx))
}

// Rencontres is the resolver for the rencontres field.
func (r *queryResolver) Rencontres(ctx context.Context, first *int, after *string, last *int, before *string, filtre *db.FiltreRencontres, sens *db.Sens, auDate *db.Instant) (*page.Connection[*db.Rencontre], error) {
	return r.Store.Rencontres(ctx, filtre, sens, pageArgs(first, after, last, before))
}

// Serie is the resolver for the serie field.
func (r *rencontreResolver) Serie(ctx context.Context, obj *db.Rencontre) (*db.SerieRencontres, error) {
	return r.Store.SerieDe(ctx, obj)
}

// Commune is the resolver for the commune field.
func (r *rencontreResolver) Commune(ctx context.Context, obj *db.Rencontre) (*db.Collectivite, error) {
	return r.Store.CommuneDe(ctx, obj)
}

// Cadre is the resolver for the cadre field.
func (r *rencontreResolver) Cadre(ctx context.Context, obj *db.Rencontre) (*db.Rencontre, error) {
	return r.Store.CadreDe(ctx, obj)
}

// Rencontres is the resolver for the rencontres field.
func (r *rencontreResolver) Rencontres(ctx context.Context, obj *db.Rencontre, first *int, after *string, last *int, before *string, filtre *db.FiltreRencontres) (*page.Connection[*db.Rencontre], error) {
	return r.Store.RencontresDans(ctx, obj, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Organisateurs is the resolver for the organisateurs field.
func (r *rencontreResolver) Organisateurs(ctx context.Context, obj *db.Rencontre) ([]*db.Organisateur, error) {
	return r.Store.OrganisateursDe(ctx, obj)
}

// Besoins is the resolver for the besoins field.
func (r *rencontreResolver) Besoins(ctx context.Context, obj *db.Rencontre) ([]*db.Categorie, error) {
	return r.Store.BesoinsDe(ctx, obj)
}

// Programme is the resolver for the programme field.
func (r *rencontreResolver) Programme(ctx context.Context, obj *db.Rencontre, first *int, after *string, last *int, before *string, genres []db.GenreIntervention) (*page.Connection[*db.Intervention], error) {
	return r.Store.ProgrammeDe(ctx, obj, genres, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Participants is the resolver for the participants field.
func (r *rencontreResolver) Participants(ctx context.Context, obj *db.Rencontre, first *int, after *string, last *int, before *string) (*page.Connection[*db.Participation], error) {
	return r.Store.ParticipantsRencontre(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Faits is the resolver for the faits field.
func (r *rencontreResolver) Faits(ctx context.Context, obj *db.Rencontre) ([]*db.Fait, error) {
	return r.Store.FaitsDeLaRencontre(ctx, obj)
}

// Declarant is the resolver for the declarant field.
func (r *rencontreResolver) Declarant(ctx context.Context, obj *db.Rencontre) (db.Organisation, error) {
	return r.Store.DeclarantDe(ctx, obj)
}

// Source is the resolver for the source field.
func (r *rencontreResolver) Source(ctx context.Context, obj *db.Rencontre) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *rencontreResolver) Historique(ctx context.Context, obj *db.Rencontre, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Organisateurs is the resolver for the organisateurs field.
func (r *serieRencontresResolver) Organisateurs(ctx context.Context, obj *db.SerieRencontres) ([]*db.Organisateur, error) {
	return r.Store.OrganisateursDeLaSerie(ctx, obj)
}

// Besoins is the resolver for the besoins field.
func (r *serieRencontresResolver) Besoins(ctx context.Context, obj *db.SerieRencontres) ([]*db.Categorie, error) {
	return r.Store.BesoinsDeLaSerie(ctx, obj)
}

// Etapes is the resolver for the etapes field.
func (r *serieRencontresResolver) Etapes(ctx context.Context, obj *db.SerieRencontres, first *int, after *string, last *int, before *string, filtre *db.FiltreRencontres) (*page.Connection[*db.Rencontre], error) {
	return r.Store.EtapesDe(ctx, obj, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Source is the resolver for the source field.
func (r *serieRencontresResolver) Source(ctx context.Context, obj *db.SerieRencontres) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *serieRencontresResolver) Historique(ctx context.Context, obj *db.SerieRencontres, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Rencontres is the resolver for the rencontres field.
func (r *syndicatMixteResolver) Rencontres(ctx context.Context, obj *db.SyndicatMixte, first *int, after *string, last *int, before *string, filtre *db.FiltreRencontres) (*page.Connection[*db.Rencontre], error) {
	return r.Store.RencontresDe(ctx, obj.Fiche, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Interventions is the resolver for the interventions field.
func (r *syndicatMixteResolver) Interventions(ctx context.Context, obj *db.SyndicatMixte, first *int, after *string, last *int, before *string, genres []db.GenreIntervention) (*page.Connection[*db.Intervention], error) {
	return r.Store.InterventionsDe(ctx, obj.Fiche, genres, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Rencontres is the resolver for the rencontres field.
func (r *territoireResolver) Rencontres(ctx context.Context, obj *db.Territoire, first *int, after *string, last *int, before *string, filtre *db.FiltreRencontres) (*page.Connection[*db.Rencontre], error) {
	return r.Store.RencontresDuTerritoire(ctx, obj, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Frequentation returns generated.FrequentationResolver implementation.
func (r *Resolver) Frequentation() generated.FrequentationResolver { return &frequentationResolver{r} }

// Intervention returns generated.InterventionResolver implementation.
func (r *Resolver) Intervention() generated.InterventionResolver { return &interventionResolver{r} }

// Organisateur returns generated.OrganisateurResolver implementation.
func (r *Resolver) Organisateur() generated.OrganisateurResolver { return &organisateurResolver{r} }

// Participation returns generated.ParticipationResolver implementation.
func (r *Resolver) Participation() generated.ParticipationResolver { return &participationResolver{r} }

// Rencontre returns generated.RencontreResolver implementation.
func (r *Resolver) Rencontre() generated.RencontreResolver { return &rencontreResolver{r} }

// SerieRencontres returns generated.SerieRencontresResolver implementation.
func (r *Resolver) SerieRencontres() generated.SerieRencontresResolver {
	return &serieRencontresResolver{r}
}

type (
	frequentationResolver   struct{ *Resolver }
	interventionResolver    struct{ *Resolver }
	organisateurResolver    struct{ *Resolver }
	participationResolver   struct{ *Resolver }
	rencontreResolver       struct{ *Resolver }
	serieRencontresResolver struct{ *Resolver }
)
