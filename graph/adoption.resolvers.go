package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Territoire is the resolver for the territoire field.
func (r *ligneAdoptionResolver) Territoire(ctx context.Context, obj *db.LigneAdoption) (*db.Territoire, error) {
	return r.Store.TerritoireDeLaLigne(ctx, obj)
}

// Logiciel is the resolver for the logiciel field.
func (r *ligneAdoptionResolver) Logiciel(ctx context.Context, obj *db.LigneAdoption) (*db.Logiciel, error) {
	return r.Store.LogicielDeLaLigne(ctx, obj, selection(ctx))
}

// Syndicat is the resolver for the syndicat field.
func (r *ligneAdoptionResolver) Syndicat(ctx context.Context, obj *db.LigneAdoption) (*db.SyndicatMixte, error) {
	return r.Store.SyndicatDeLaLigne(ctx, obj)
}

// Fraicheur is the resolver for the fraicheur field.
func (r *ligneAdoptionResolver) Fraicheur(ctx context.Context, obj *db.LigneAdoption) (*float64, error) {
	return r.Store.FraicheurDeLaLigne(ctx, obj)
}

// Sources is the resolver for the sources field.
func (r *ligneAdoptionResolver) Sources(ctx context.Context, obj *db.LigneAdoption) ([]*db.SourceComptee, error) {
	return r.Store.SourcesDeLaLigne(ctx, obj)
}

// Detail is the resolver for the detail field.
func (r *ligneAdoptionResolver) Detail(ctx context.Context, obj *db.LigneAdoption, first *int, after *string, last *int, before *string) (*page.Connection[*db.Usage], error) {
	return r.Store.DetailDeLaLigne(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Fraicheur is the resolver for the fraicheur field.
func (r *pointEvolutionResolver) Fraicheur(ctx context.Context, obj *db.PointEvolution) (*float64, error) {
	return r.Store.FraicheurDuPoint(ctx, obj)
}

// Sources is the resolver for the sources field.
func (r *pointEvolutionResolver) Sources(ctx context.Context, obj *db.PointEvolution) ([]*db.SourceComptee, error) {
	return r.Store.SourcesDuPoint(ctx, obj)
}

// Adoption is the resolver for the adoption field.
func (r *queryResolver) Adoption(ctx context.Context, logiciel *string, categorie *string, libre *bool, par db.AxeAdoption, date *db.Date, filtre *db.FiltreCollectivites, limite *int) ([]*db.LigneAdoption, error) {
	return r.Store.Adoption(ctx, db.QuestionAdoption{Logiciel: logiciel, Categorie: categorie, Libre: libre, Par: par, Date: date, Filtre: filtre, Limite: limite})
}

// Evolution is the resolver for the evolution field.
func (r *queryResolver) Evolution(ctx context.Context, logiciel *string, categorie *string, libre *bool, depuis *db.Date, jusqua *db.Date, pas db.PasEvolution) ([]*db.PointEvolution, error) {
	return r.Store.Evolution(ctx, db.QuestionEvolution{Logiciel: logiciel, Categorie: categorie, Libre: libre, Depuis: depuis, Jusqua: jusqua, Pas: pas})
}

// Source is the resolver for the source field.
func (r *sourceCompteeResolver) Source(ctx context.Context, obj *db.SourceComptee) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// LigneAdoption returns generated.LigneAdoptionResolver implementation.
func (r *Resolver) LigneAdoption() generated.LigneAdoptionResolver { return &ligneAdoptionResolver{r} }

// PointEvolution returns generated.PointEvolutionResolver implementation.
func (r *Resolver) PointEvolution() generated.PointEvolutionResolver {
	return &pointEvolutionResolver{r}
}

// SourceComptee returns generated.SourceCompteeResolver implementation.
func (r *Resolver) SourceComptee() generated.SourceCompteeResolver { return &sourceCompteeResolver{r} }

type (
	ligneAdoptionResolver  struct{ *Resolver }
	pointEvolutionResolver struct{ *Resolver }
	sourceCompteeResolver  struct{ *Resolver }
)
