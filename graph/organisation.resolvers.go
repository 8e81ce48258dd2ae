package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Groupement is the resolver for the groupement field.
func (r *adhesionResolver) Groupement(ctx context.Context, obj *db.Adhesion) (db.Organisation, error) {
	return r.Store.GroupementDe(ctx, obj)
}

// Membre is the resolver for the membre field.
func (r *adhesionResolver) Membre(ctx context.Context, obj *db.Adhesion) (db.Organisation, error) {
	return r.Store.MembreDe(ctx, obj)
}

// Via is the resolver for the via field.
func (r *adhesionResolver) Via(ctx context.Context, obj *db.Adhesion) (db.Organisation, error) {
	return r.Store.ViaDe(ctx, obj)
}

// Source is the resolver for the source field.
func (r *adhesionResolver) Source(ctx context.Context, obj *db.Adhesion) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *adhesionResolver) Historique(ctx context.Context, obj *db.Adhesion, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Departement is the resolver for the departement field.
func (r *collectiviteResolver) Departement(ctx context.Context, obj *db.Collectivite) (*db.Territoire, error) {
	return r.Store.DepartementDe(ctx, obj)
}

// Region is the resolver for the region field.
func (r *collectiviteResolver) Region(ctx context.Context, obj *db.Collectivite) (*db.Territoire, error) {
	return r.Store.RegionDe(ctx, obj)
}

// Intercommunalite is the resolver for the intercommunalite field.
func (r *collectiviteResolver) Intercommunalite(ctx context.Context, obj *db.Collectivite) (*db.Collectivite, error) {
	return r.Store.IntercommunaliteDe(ctx, obj)
}

// Membres is the resolver for the membres field.
func (r *collectiviteResolver) Membres(ctx context.Context, obj *db.Collectivite, first *int, after *string, last *int, before *string) (*page.Connection[*db.Collectivite], error) {
	return r.Store.MembresDe(ctx, obj.Fiche, nil, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Syndicats is the resolver for the syndicats field.
func (r *collectiviteResolver) Syndicats(ctx context.Context, obj *db.Collectivite, first *int, after *string, last *int, before *string) (*page.Connection[*db.SyndicatMixte], error) {
	return r.Store.SyndicatsDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Adhesions is the resolver for the adhesions field.
func (r *collectiviteResolver) Adhesions(ctx context.Context, obj *db.Collectivite, first *int, after *string, last *int, before *string) (*page.Connection[*db.Adhesion], error) {
	return r.Store.AdhesionsDe(ctx, obj.Fiche, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Usages is the resolver for the usages field.
func (r *collectiviteResolver) Usages(ctx context.Context, obj *db.Collectivite, first *int, after *string, last *int, before *string, filtre *db.FiltreUsages) (*page.Connection[*db.Usage], error) {
	return r.Store.UsagesDe(ctx, obj, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Economies is the resolver for the economies field.
func (r *collectiviteResolver) Economies(ctx context.Context, obj *db.Collectivite, first *int, after *string, last *int, before *string, filtre *db.FiltreEconomies) (*page.Connection[*db.Economie], error) {
	return r.Store.EconomiesDe(ctx, obj.Fiche, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Contrats is the resolver for the contrats field.
func (r *collectiviteResolver) Contrats(ctx context.Context, obj *db.Collectivite, first *int, after *string, last *int, before *string, filtre *db.FiltreContrats) (*page.Connection[*db.Contrat], error) {
	return r.Store.ContratsDe(ctx, obj.Fiche, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// AnciensCodes is the resolver for the anciensCodes field.
func (r *collectiviteResolver) AnciensCodes(ctx context.Context, obj *db.Collectivite) ([]*db.CodeInsee, error) {
	return r.Store.AnciensCodesDe(ctx, obj)
}

// Labels is the resolver for the labels field.
func (r *collectiviteResolver) Labels(ctx context.Context, obj *db.Collectivite) ([]*db.LabelObtenu, error) {
	return r.Store.LabelsDe(ctx, obj.Fiche)
}

// Faits is the resolver for the faits field.
func (r *collectiviteResolver) Faits(ctx context.Context, obj *db.Collectivite) ([]*db.Fait, error) {
	return r.Store.FaitsDe(ctx, obj.Fiche)
}

// Source is the resolver for the source field.
func (r *collectiviteResolver) Source(ctx context.Context, obj *db.Collectivite) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *collectiviteResolver) Historique(ctx context.Context, obj *db.Collectivite, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Prestations is the resolver for the prestations field.
func (r *prestataireResolver) Prestations(ctx context.Context, obj *db.Prestataire, first *int, after *string, last *int, before *string, filtre *db.FiltrePrestations) (*page.Connection[*db.Prestation], error) {
	return r.Store.PrestationsDe(ctx, obj, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Logiciels is the resolver for the logiciels field.
func (r *prestataireResolver) Logiciels(ctx context.Context, obj *db.Prestataire, first *int, after *string, last *int, before *string) (*page.Connection[*db.Logiciel], error) {
	return r.Store.LogicielsDuPrestataire(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Source is the resolver for the source field.
func (r *prestataireResolver) Source(ctx context.Context, obj *db.Prestataire) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *prestataireResolver) Historique(ctx context.Context, obj *db.Prestataire, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Collectivite is the resolver for the collectivite field.
func (r *queryResolver) Collectivite(ctx context.Context, id *string, siren *string, codeInsee *string, nature *db.NatureCollectivite, auDate *db.Instant) (*db.Collectivite, error) {
	return r.Store.Collectivite(ctx, db.CleCollectivite{ID: id, Siren: siren, CodeInsee: codeInsee, Nature: nature})
}

// Collectivites is the resolver for the collectivites field.
func (r *queryResolver) Collectivites(ctx context.Context, first *int, after *string, last *int, before *string, filtre *db.FiltreCollectivites, tri *db.TriCollectivites, sens *db.Sens, auDate *db.Instant) (*page.Connection[*db.Collectivite], error) {
	return r.Store.Collectivites(ctx, filtre, tri, sens, pageArgs(first, after, last, before))
}

// Syndicat is the resolver for the syndicat field.
func (r *queryResolver) Syndicat(ctx context.Context, id *string, siren *string, auDate *db.Instant) (*db.SyndicatMixte, error) {
	return r.Store.Syndicat(ctx, id, siren)
}

// Syndicats is the resolver for the syndicats field.
func (r *queryResolver) Syndicats(ctx context.Context, first *int, after *string, last *int, before *string, texte *string, auDate *db.Instant) (*page.Connection[*db.SyndicatMixte], error) {
	return r.Store.Syndicats(ctx, texte, pageArgs(first, after, last, before))
}

// Territoires is the resolver for the territoires field.
func (r *syndicatMixteResolver) Territoires(ctx context.Context, obj *db.SyndicatMixte) ([]*db.Territoire, error) {
	return r.Store.TerritoiresDe(ctx, obj)
}

// Adherents is the resolver for the adherents field.
func (r *syndicatMixteResolver) Adherents(ctx context.Context, obj *db.SyndicatMixte, first *int, after *string, last *int, before *string, filtre *db.FiltreCollectivites) (*page.Connection[*db.Collectivite], error) {
	return r.Store.MembresDe(ctx, obj.Fiche, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Adhesions is the resolver for the adhesions field.
func (r *syndicatMixteResolver) Adhesions(ctx context.Context, obj *db.SyndicatMixte, first *int, after *string, last *int, before *string) (*page.Connection[*db.Adhesion], error) {
	return r.Store.AdhesionsAu(ctx, obj.Fiche, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Competences is the resolver for the competences field.
func (r *syndicatMixteResolver) Competences(ctx context.Context, obj *db.SyndicatMixte) ([]*db.Competence, error) {
	return r.Store.CompetencesDe(ctx, obj)
}

// Catalogues is the resolver for the catalogues field.
func (r *syndicatMixteResolver) Catalogues(ctx context.Context, obj *db.SyndicatMixte) ([]*db.Catalogue, error) {
	return r.Store.CataloguesDe(ctx, obj)
}

// Usages is the resolver for the usages field.
func (r *syndicatMixteResolver) Usages(ctx context.Context, obj *db.SyndicatMixte, first *int, after *string, last *int, before *string, filtre *db.FiltreUsages) (*page.Connection[*db.Usage], error) {
	return r.Store.UsagesDuSyndicat(ctx, obj, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Economies is the resolver for the economies field.
func (r *syndicatMixteResolver) Economies(ctx context.Context, obj *db.SyndicatMixte, first *int, after *string, last *int, before *string, filtre *db.FiltreEconomies) (*page.Connection[*db.Economie], error) {
	return r.Store.EconomiesDe(ctx, obj.Fiche, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Contrats is the resolver for the contrats field.
func (r *syndicatMixteResolver) Contrats(ctx context.Context, obj *db.SyndicatMixte, first *int, after *string, last *int, before *string, filtre *db.FiltreContrats) (*page.Connection[*db.Contrat], error) {
	return r.Store.ContratsDe(ctx, obj.Fiche, filtre, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Labels is the resolver for the labels field.
func (r *syndicatMixteResolver) Labels(ctx context.Context, obj *db.SyndicatMixte) ([]*db.LabelObtenu, error) {
	return r.Store.LabelsDe(ctx, obj.Fiche)
}

// Faits is the resolver for the faits field.
func (r *syndicatMixteResolver) Faits(ctx context.Context, obj *db.SyndicatMixte) ([]*db.Fait, error) {
	return r.Store.FaitsDe(ctx, obj.Fiche)
}

// Source is the resolver for the source field.
func (r *syndicatMixteResolver) Source(ctx context.Context, obj *db.SyndicatMixte) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Historique is the resolver for the historique field.
func (r *syndicatMixteResolver) Historique(ctx context.Context, obj *db.SyndicatMixte, first *int, after *string, last *int, before *string) (*page.Connection[*db.Modification], error) {
	return r.Store.HistoriqueDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// Adhesion returns generated.AdhesionResolver implementation.
func (r *Resolver) Adhesion() generated.AdhesionResolver { return &adhesionResolver{r} }

// Collectivite returns generated.CollectiviteResolver implementation.
func (r *Resolver) Collectivite() generated.CollectiviteResolver { return &collectiviteResolver{r} }

// Prestataire returns generated.PrestataireResolver implementation.
func (r *Resolver) Prestataire() generated.PrestataireResolver { return &prestataireResolver{r} }

// SyndicatMixte returns generated.SyndicatMixteResolver implementation.
func (r *Resolver) SyndicatMixte() generated.SyndicatMixteResolver { return &syndicatMixteResolver{r} }

type (
	adhesionResolver      struct{ *Resolver }
	collectiviteResolver  struct{ *Resolver }
	prestataireResolver   struct{ *Resolver }
	syndicatMixteResolver struct{ *Resolver }
)
