package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Organisation is the resolver for the organisation field.
func (r *besoinResolver) Organisation(ctx context.Context, obj *db.Besoin) (db.Organisation, error) {
	return r.Store.OrganisationDuBesoin(ctx, obj)
}

// Logiciel is the resolver for the logiciel field.
func (r *besoinResolver) Logiciel(ctx context.Context, obj *db.Besoin) (*db.Logiciel, error) {
	return r.Store.LogicielDuBesoin(ctx, obj, selection(ctx))
}

// Categorie is the resolver for the categorie field.
func (r *besoinResolver) Categorie(ctx context.Context, obj *db.Besoin) (*db.Categorie, error) {
	return r.Store.CategorieDuBesoin(ctx, obj)
}

// NombreParticipants is the resolver for the nombreParticipants field.
func (r *besoinResolver) NombreParticipants(ctx context.Context, obj *db.Besoin) (int, error) {
	return r.Store.NombreParticipants(ctx, obj)
}

// Participants is the resolver for the participants field.
func (r *besoinResolver) Participants(ctx context.Context, obj *db.Besoin) ([]db.Organisation, error) {
	return r.Store.ParticipantsDe(ctx, obj)
}

// PrestatairesPossibles is the resolver for the prestatairesPossibles field.
func (r *besoinResolver) PrestatairesPossibles(ctx context.Context, obj *db.Besoin, first *int, after *string, last *int, before *string) (*page.Connection[*db.PrestataireProche], error) {
	return r.Store.PrestatairesPossibles(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// SyndicatsQuiLeProposent is the resolver for the syndicatsQuiLeProposent field.
func (r *besoinResolver) SyndicatsQuiLeProposent(ctx context.Context, obj *db.Besoin, first *int, after *string, last *int, before *string) (*page.Connection[*db.PrestataireProche], error) {
	return r.Store.SyndicatsQuiLeProposent(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// BesoinsSimilaires is the resolver for the besoinsSimilaires field.
func (r *besoinResolver) BesoinsSimilaires(ctx context.Context, obj *db.Besoin) ([]*db.Besoin, error) {
	return r.Store.BesoinsSimilaires(ctx, obj)
}

// Reponses is the resolver for the reponses field.
func (r *besoinResolver) Reponses(ctx context.Context, obj *db.Besoin, first *int, after *string, last *int, before *string) (*page.Connection[*db.ReponseBesoin], error) {
	return r.Store.ReponsesAuBesoin(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Source is the resolver for the source field.
func (r *besoinResolver) Source(ctx context.Context, obj *db.Besoin) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *besoinResolver) Historique(ctx context.Context, obj *db.Besoin, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// ExprimerBesoin is the resolver for the exprimerBesoin field.
func (r *mutationResolver) ExprimerBesoin(ctx context.Context, input db.ExprimerBesoinInput) (*db.BesoinPayload, error) {
	return r.Store.ExprimerBesoin(ctx, input, given(ctx), selectionOf(ctx, "besoin"))
}

// CorrigerBesoin is the resolver for the corrigerBesoin field.
func (r *mutationResolver) CorrigerBesoin(ctx context.Context, input db.CorrigerBesoinInput) (*db.BesoinPayload, error) {
	return r.Store.CorrigerBesoin(ctx, input, given(ctx), selectionOf(ctx, "besoin"))
}

// RejoindreBesoin is the resolver for the rejoindreBesoin field.
func (r *mutationResolver) RejoindreBesoin(ctx context.Context, input db.RejoindreBesoinInput) (*db.BesoinPayload, error) {
	return r.Store.RejoindreBesoin(ctx, input, selectionOf(ctx, "besoin"))
}

// QuitterBesoin is the resolver for the quitterBesoin field.
func (r *mutationResolver) QuitterBesoin(ctx context.Context, input db.QuitterBesoinInput) (*db.BesoinPayload, error) {
	return r.Store.QuitterBesoin(ctx, input, selectionOf(ctx, "besoin"))
}

// CloreBesoin is the resolver for the cloreBesoin field.
func (r *mutationResolver) CloreBesoin(ctx context.Context, input db.CloreBesoinInput) (*db.BesoinPayload, error) {
	return r.Store.CloreBesoin(ctx, input, selectionOf(ctx, "besoin"))
}

// RepondreBesoin is the resolver for the repondreBesoin field.
func (r *mutationResolver) RepondreBesoin(ctx context.Context, input db.RepondreBesoinInput) (*db.ReponseBesoinPayload, error) {
	return r.Store.RepondreBesoin(ctx, input, selectionOf(ctx, "reponse"))
}

// ChoisirReponse is the resolver for the choisirReponse field.
func (r *mutationResolver) ChoisirReponse(ctx context.Context, input db.ChoisirReponseInput) (*db.ReponseBesoinPayload, error) {
	return r.Store.ChoisirReponse(ctx, input, selectionOf(ctx, "reponse"))
}

// Besoins is the resolver for the besoins field.
func (r *queryResolver) Besoins(ctx context.Context, first *int, after *string, last *int, before *string, filtre *db.FiltreBesoins) (*page.Connection[*db.Besoin], error) {
	return r.Store.Besoins(ctx, filtre, pageArgs(first, after, last, before))
}

// ReponsesBesoins is the resolver for the reponsesBesoins field.
func (r *queryResolver) ReponsesBesoins(ctx context.Context, first *int, after *string, last *int, before *string) (*page.Connection[*db.ReponseBesoin], error) {
	return r.Store.Reponses(ctx, pageArgs(first, after, last, before))
}

// Besoin is the resolver for the besoin field.
func (r *reponseBesoinResolver) Besoin(ctx context.Context, obj *db.ReponseBesoin) (*db.Besoin, error) {
	return r.Store.BesoinDeLaReponse(ctx, obj)
}

// Repondant is the resolver for the repondant field.
func (r *reponseBesoinResolver) Repondant(ctx context.Context, obj *db.ReponseBesoin) (db.Organisation, error) {
	return r.Store.RepondantDe(ctx, obj)
}

// Reference is the resolver for the reference field.
func (r *reponseBesoinResolver) Reference(ctx context.Context, obj *db.ReponseBesoin) (*db.ReferencePrestation, error) {
	return r.Store.ReferenceDeLaReponse(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *reponseBesoinResolver) Historique(ctx context.Context, obj *db.ReponseBesoin, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Besoin returns generated.BesoinResolver implementation.
func (r *Resolver) Besoin() generated.BesoinResolver { return &besoinResolver{r} }

// ReponseBesoin returns generated.ReponseBesoinResolver implementation.
func (r *Resolver) ReponseBesoin() generated.ReponseBesoinResolver { return &reponseBesoinResolver{r} }

type (
	besoinResolver        struct{ *Resolver }
	reponseBesoinResolver struct{ *Resolver }
)
