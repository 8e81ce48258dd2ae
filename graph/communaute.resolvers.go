package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Logiciel is the resolver for the logiciel field.
func (r *communauteResolver) Logiciel(ctx context.Context, obj *db.Communaute) (*db.Logiciel, error) {
	return r.Store.LogicielDeLaCommunaute(ctx, obj, selection(ctx))
}

// Evaluations is the resolver for the evaluations field.
func (r *communauteResolver) Evaluations(ctx context.Context, obj *db.Communaute, first *int, after *string, last *int, before *string) (*page.Connection[*db.EvaluationCommunaute], error) {
	return r.Store.EvaluationsDe(ctx, obj, pageArgs(first, after, last, before), selectionBelow(ctx))
}

// Source is the resolver for the source field.
func (r *communauteResolver) Source(ctx context.Context, obj *db.Communaute) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// SoutienLocal is the resolver for the soutienLocal field.
func (r *communauteResolver) SoutienLocal(ctx context.Context, obj *db.Communaute) (*db.SoutienLocal, error) {
	return r.Store.SoutienDe(ctx, obj)
}

// ImpactPublic is the resolver for the impactPublic field.
func (r *communauteResolver) ImpactPublic(ctx context.Context, obj *db.Communaute) (*db.ImpactPublic, error) {
	return r.Store.ImpactDe(ctx, obj)
}

// Risque is the resolver for the risque field.
func (r *communauteResolver) Risque(ctx context.Context, obj *db.Communaute) (*float64, error) {
	return r.Store.RisqueDe(ctx, obj)
}

// Deconseille is the resolver for the deconseille field.
func (r *communauteResolver) Deconseille(ctx context.Context, obj *db.Communaute) (*db.Deconseil, error) {
	return r.Store.DeconseilDe(ctx, obj)
}

// Source is the resolver for the source field.
func (r *entreeCommunauteResolver) Source(ctx context.Context, obj *db.EntreeCommunaute) (*db.Source, error) {
	return r.Store.SourceDeLEntree(ctx, obj)
}

// Logiciel is the resolver for the logiciel field.
func (r *evaluationCommunauteResolver) Logiciel(ctx context.Context, obj *db.EvaluationCommunaute) (*db.Logiciel, error) {
	return r.Store.LogicielDeLEvaluation(ctx, obj, selection(ctx))
}

// Reponses is the resolver for the reponses field.
func (r *evaluationCommunauteResolver) Reponses(ctx context.Context, obj *db.EvaluationCommunaute, first *int, after *string, last *int, before *string) (*page.Connection[*db.ReponseEvaluation], error) {
	return r.Store.ReponsesEvaluation(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Source is the resolver for the source field.
func (r *evaluationCommunauteResolver) Source(ctx context.Context, obj *db.EvaluationCommunaute) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *evaluationCommunauteResolver) Historique(ctx context.Context, obj *db.EvaluationCommunaute, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Communaute is the resolver for the communaute field.
func (r *logicielResolver) Communaute(ctx context.Context, obj *db.Logiciel, date *db.Date) (*db.Communaute, error) {
	return r.Store.CommunauteDe(ctx, obj, date, selectionBelow(ctx))
}

// RepondreEvaluation is the resolver for the repondreEvaluation field.
func (r *mutationResolver) RepondreEvaluation(ctx context.Context, input db.RepondreEvaluationInput) (*db.EvaluationPayload, error) {
	return r.Store.RepondreEvaluation(ctx, input, selectionBelow(ctx))
}

// Communautes is the resolver for the communautes field.
func (r *queryResolver) Communautes(ctx context.Context, first *int, after *string, last *int, before *string, filtre *db.FiltreCommunautes, tri *db.TriCommunautes, sens *db.Sens) (*page.Connection[*db.Communaute], error) {
	return r.Store.Communautes(ctx, filtre, tri, sens, pageArgs(first, after, last, before), selectionBelow(ctx))
}

// Evaluation is the resolver for the evaluation field.
func (r *reponseEvaluationResolver) Evaluation(ctx context.Context, obj *db.ReponseEvaluation) (*db.EvaluationCommunaute, error) {
	return r.Store.EvaluationDeLaReponse(ctx, obj, selectionBelow(ctx))
}

// Source is the resolver for the source field.
func (r *reponseEvaluationResolver) Source(ctx context.Context, obj *db.ReponseEvaluation) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Communaute returns generated.CommunauteResolver implementation.
func (r *Resolver) Communaute() generated.CommunauteResolver { return &communauteResolver{r} }

// EntreeCommunaute returns generated.EntreeCommunauteResolver implementation.
func (r *Resolver) EntreeCommunaute() generated.EntreeCommunauteResolver {
	return &entreeCommunauteResolver{r}
}

// EvaluationCommunaute returns generated.EvaluationCommunauteResolver implementation.
func (r *Resolver) EvaluationCommunaute() generated.EvaluationCommunauteResolver {
	return &evaluationCommunauteResolver{r}
}

// ReponseEvaluation returns generated.ReponseEvaluationResolver implementation.
func (r *Resolver) ReponseEvaluation() generated.ReponseEvaluationResolver {
	return &reponseEvaluationResolver{r}
}

type (
	communauteResolver           struct{ *Resolver }
	entreeCommunauteResolver     struct{ *Resolver }
	evaluationCommunauteResolver struct{ *Resolver }
	reponseEvaluationResolver    struct{ *Resolver }
)
