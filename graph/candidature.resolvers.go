package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Edition is the resolver for the edition field.
func (r *candidatureResolver) Edition(ctx context.Context, obj *db.Candidature) (*db.EditionLabel, error) {
	return r.Store.EditionDeLaCandidature(ctx, obj)
}

// Organisation is the resolver for the organisation field.
func (r *candidatureResolver) Organisation(ctx context.Context, obj *db.Candidature) (db.Organisation, error) {
	return r.Store.CandidatDe(ctx, obj)
}

// Reponses is the resolver for the reponses field.
func (r *candidatureResolver) Reponses(ctx context.Context, obj *db.Candidature) ([]*db.ReponseCandidature, error) {
	return r.Store.ReponsesDe(ctx, obj)
}

// Manques is the resolver for the manques field.
func (r *candidatureResolver) Manques(ctx context.Context, obj *db.Candidature) ([]string, error) {
	return r.Store.Manques(ctx, obj)
}

// Resultat is the resolver for the resultat field.
func (r *candidatureResolver) Resultat(ctx context.Context, obj *db.Candidature) (*db.LabelObtenu, error) {
	return r.Store.ResultatDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *candidatureResolver) Historique(ctx context.Context, obj *db.Candidature, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// PreparerCandidature is the resolver for the preparerCandidature field.
func (r *mutationResolver) PreparerCandidature(ctx context.Context, input db.PreparerCandidatureInput) (*db.CandidaturePayload, error) {
	return r.Store.PreparerCandidature(ctx, input, selectionOf(ctx, "candidature"))
}

// RepondreCandidature is the resolver for the repondreCandidature field.
func (r *mutationResolver) RepondreCandidature(ctx context.Context, input db.RepondreCandidatureInput) (*db.CandidaturePayload, error) {
	return r.Store.RepondreCandidature(ctx, input, given(ctx), selectionOf(ctx, "candidature"))
}

// DeposerCandidature is the resolver for the deposerCandidature field.
func (r *mutationResolver) DeposerCandidature(ctx context.Context, input db.CandidatureInput) (*db.CandidaturePayload, error) {
	return r.Store.DeposerCandidature(ctx, input, selectionOf(ctx, "candidature"))
}

// RetirerCandidature is the resolver for the retirerCandidature field.
func (r *mutationResolver) RetirerCandidature(ctx context.Context, input db.CandidatureInput) (*db.CandidaturePayload, error) {
	return r.Store.RetirerCandidature(ctx, input, selectionOf(ctx, "candidature"))
}

// Objet is the resolver for the objet field.
func (r *preuveCandidatureResolver) Objet(ctx context.Context, obj *db.PreuveCandidature) (db.Node, error) {
	return r.Store.ObjetJoint(ctx, obj, selection(ctx))
}

// Question is the resolver for the question field.
func (r *reponseCandidatureResolver) Question(ctx context.Context, obj *db.ReponseCandidature) (*db.QuestionLabel, error) {
	return r.Store.QuestionDe(ctx, obj)
}

// Preuves is the resolver for the preuves field.
func (r *reponseCandidatureResolver) Preuves(ctx context.Context, obj *db.ReponseCandidature) ([]*db.PreuveCandidature, error) {
	return r.Store.PreuvesDe(ctx, obj)
}

// Candidature returns generated.CandidatureResolver implementation.
func (r *Resolver) Candidature() generated.CandidatureResolver { return &candidatureResolver{r} }

// PreuveCandidature returns generated.PreuveCandidatureResolver implementation.
func (r *Resolver) PreuveCandidature() generated.PreuveCandidatureResolver {
	return &preuveCandidatureResolver{r}
}

// ReponseCandidature returns generated.ReponseCandidatureResolver implementation.
func (r *Resolver) ReponseCandidature() generated.ReponseCandidatureResolver {
	return &reponseCandidatureResolver{r}
}

type (
	candidatureResolver        struct{ *Resolver }
	preuveCandidatureResolver  struct{ *Resolver }
	reponseCandidatureResolver struct{ *Resolver }
)
