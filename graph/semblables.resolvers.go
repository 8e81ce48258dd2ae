package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Semblables is the resolver for the semblables field.
func (r *queryResolver) Semblables(ctx context.Context, collectivite string, first *int, after *string, last *int, before *string) (*db.SemblableConnection, error) {
	return r.Store.Semblables(ctx, collectivite, pageArgs(first, after, last, before))
}

// Suggestions is the resolver for the suggestions field.
func (r *queryResolver) Suggestions(ctx context.Context, collectivite string, first *int, after *string, last *int, before *string) (*db.SuggestionConnection, error) {
	return r.Store.Suggestions(ctx, collectivite, pageArgs(first, after, last, before))
}

// Collectivite is the resolver for the collectivite field.
func (r *semblableResolver) Collectivite(ctx context.Context, obj *db.Semblable) (*db.Collectivite, error) {
	return r.Store.CollectiviteSemblable(ctx, obj)
}

// LogicielsCommuns is the resolver for the logicielsCommuns field.
func (r *semblableResolver) LogicielsCommuns(ctx context.Context, obj *db.Semblable) ([]*db.Logiciel, error) {
	return r.Store.LogicielsCommuns(ctx, obj, selection(ctx))
}

// Logiciel is the resolver for the logiciel field.
func (r *suggestionResolver) Logiciel(ctx context.Context, obj *db.Suggestion) (*db.Logiciel, error) {
	return r.Store.LogicielSuggere(ctx, obj, selection(ctx))
}

// Remplace is the resolver for the remplace field.
func (r *suggestionResolver) Remplace(ctx context.Context, obj *db.Suggestion) ([]*db.Logiciel, error) {
	return r.Store.LogicielsRemplaces(ctx, obj, selection(ctx))
}

// Syndicat is the resolver for the syndicat field.
func (r *voieSyndicatResolver) Syndicat(ctx context.Context, obj *db.VoieSyndicat) (*db.SyndicatMixte, error) {
	return r.Store.SyndicatDeLaVoie(ctx, obj)
}

// Entree is the resolver for the entree field.
func (r *voieSyndicatResolver) Entree(ctx context.Context, obj *db.VoieSyndicat) (*db.EntreeCatalogue, error) {
	return r.Store.EntreeDeLaVoie(ctx, obj)
}

// Semblable returns generated.SemblableResolver implementation.
func (r *Resolver) Semblable() generated.SemblableResolver { return &semblableResolver{r} }

// Suggestion returns generated.SuggestionResolver implementation.
func (r *Resolver) Suggestion() generated.SuggestionResolver { return &suggestionResolver{r} }

// VoieSyndicat returns generated.VoieSyndicatResolver implementation.
func (r *Resolver) VoieSyndicat() generated.VoieSyndicatResolver { return &voieSyndicatResolver{r} }

type (
	semblableResolver    struct{ *Resolver }
	suggestionResolver   struct{ *Resolver }
	voieSyndicatResolver struct{ *Resolver }
)
