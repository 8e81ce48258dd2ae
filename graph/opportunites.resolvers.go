package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Departement is the resolver for the departement field.
func (r *couvertureDepartementResolver) Departement(ctx context.Context, obj *db.CouvertureDepartement) (*db.Territoire, error) {
	return r.Store.DepartementCouvert(ctx, obj)
}

// Organisation is the resolver for the organisation field.
func (r *echeanceProcheResolver) Organisation(ctx context.Context, obj *db.EcheanceProche) (db.Organisation, error) {
	return r.Store.OrganisationDeLEcheance(ctx, obj)
}

// Logiciel is the resolver for the logiciel field.
func (r *echeanceProcheResolver) Logiciel(ctx context.Context, obj *db.EcheanceProche) (*db.Logiciel, error) {
	return r.Store.LogicielDeLEcheance(ctx, obj, selection(ctx))
}

// Contrat is the resolver for the contrat field.
func (r *echeanceProcheResolver) Contrat(ctx context.Context, obj *db.EcheanceProche) (*db.Contrat, error) {
	return r.Store.ContratDeLEcheance(ctx, obj)
}

// Usage is the resolver for the usage field.
func (r *echeanceProcheResolver) Usage(ctx context.Context, obj *db.EcheanceProche) (*db.Usage, error) {
	return r.Store.UsageDeLEcheance(ctx, obj, selection(ctx))
}

// Categorie is the resolver for the categorie field.
func (r *groupementPossibleResolver) Categorie(ctx context.Context, obj *db.GroupementPossible) (*db.Categorie, error) {
	return r.Store.CategorieDuGroupement(ctx, obj)
}

// Logiciel is the resolver for the logiciel field.
func (r *groupementPossibleResolver) Logiciel(ctx context.Context, obj *db.GroupementPossible) (*db.Logiciel, error) {
	return r.Store.LogicielDuGroupement(ctx, obj, selection(ctx))
}

// Departement is the resolver for the departement field.
func (r *groupementPossibleResolver) Departement(ctx context.Context, obj *db.GroupementPossible) (*db.Territoire, error) {
	return r.Store.DepartementDuGroupement(ctx, obj)
}

// Syndicat is the resolver for the syndicat field.
func (r *groupementPossibleResolver) Syndicat(ctx context.Context, obj *db.GroupementPossible) (*db.SyndicatMixte, error) {
	return r.Store.SyndicatDuGroupement(ctx, obj)
}

// Postes is the resolver for the postes field.
func (r *groupementPossibleResolver) Postes(ctx context.Context, obj *db.GroupementPossible) (*int, error) {
	return r.Store.PostesDuGroupement(ctx, obj)
}

// Echeances is the resolver for the echeances field.
func (r *groupementPossibleResolver) Echeances(ctx context.Context, obj *db.GroupementPossible, first *int, after *string, last *int, before *string) (*page.Connection[*db.EcheanceProche], error) {
	return r.Store.EcheancesDe(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// LogicielsEnPlace is the resolver for the logicielsEnPlace field.
func (r *groupementPossibleResolver) LogicielsEnPlace(ctx context.Context, obj *db.GroupementPossible) ([]*db.LogicielEnPlace, error) {
	return r.Store.LogicielsEnPlaceDe(ctx, obj)
}

// SyndicatsCommuns is the resolver for the syndicatsCommuns field.
func (r *groupementPossibleResolver) SyndicatsCommuns(ctx context.Context, obj *db.GroupementPossible) ([]*db.SyndicatCommun, error) {
	return r.Store.SyndicatsCommunsDe(ctx, obj)
}

// Offres is the resolver for the offres field.
func (r *groupementPossibleResolver) Offres(ctx context.Context, obj *db.GroupementPossible) ([]*db.EntreeCatalogue, error) {
	return r.Store.OffresPour(ctx, obj)
}

// LibresAutour is the resolver for the libresAutour field.
func (r *groupementPossibleResolver) LibresAutour(ctx context.Context, obj *db.GroupementPossible) ([]*db.LibreAutour, error) {
	return r.Store.LibresAutourDe(ctx, obj)
}

// Logiciel is the resolver for the logiciel field.
func (r *libreAutourResolver) Logiciel(ctx context.Context, obj *db.LibreAutour) (*db.Logiciel, error) {
	return r.Store.LogicielAutour(ctx, obj, selection(ctx))
}

// Logiciel is the resolver for the logiciel field.
func (r *logicielEnPlaceResolver) Logiciel(ctx context.Context, obj *db.LogicielEnPlace) (*db.Logiciel, error) {
	return r.Store.LogicielDeLEnPlace(ctx, obj, selection(ctx))
}

// Logiciel is the resolver for the logiciel field.
func (r *logicielSansSyndicatResolver) Logiciel(ctx context.Context, obj *db.LogicielSansSyndicat) (*db.Logiciel, error) {
	return r.Store.LogicielSans(ctx, obj, selection(ctx))
}

// Departement is the resolver for the departement field.
func (r *logicielSansSyndicatResolver) Departement(ctx context.Context, obj *db.LogicielSansSyndicat) (*db.Territoire, error) {
	return r.Store.DepartementSans(ctx, obj)
}

// GroupementsPossibles is the resolver for the groupementsPossibles field.
func (r *queryResolver) GroupementsPossibles(ctx context.Context, first *int, after *string, last *int, before *string, de *db.Date, a *db.Date, categorie *string, logiciel *string, proximite *db.Proximite, departements []string) (*page.Connection[*db.GroupementPossible], error) {
	return r.Store.Groupements(ctx, db.CritereGroupements{De: de, A: a, Categorie: categorie, Logiciel: logiciel, Proximite: proximite, Departements: departements},
		pageArgs(first, after, last, before))
}

// LogicielsSansSyndicat is the resolver for the logicielsSansSyndicat field.
func (r *queryResolver) LogicielsSansSyndicat(ctx context.Context, first *int, after *string, last *int, before *string, departements []string, categorie *string, minimum *int) (*page.Connection[*db.LogicielSansSyndicat], error) {
	return r.Store.LogicielsSansSyndicat(ctx, db.CritereImplantations{Categorie: categorie, Departements: departements, Minimum: minimum}, pageArgs(first, after, last, before))
}

// TerritoiresSansPrestataire is the resolver for the territoiresSansPrestataire field.
func (r *queryResolver) TerritoiresSansPrestataire(ctx context.Context, first *int, after *string, last *int, before *string, logiciel *string, categorie *string, typeArg *db.TypePrestation, departements []string, absences []db.AbsencePrestataire, minimum *int) (*page.Connection[*db.TerritoireSansPrestataire], error) {
	return r.Store.TerritoiresSansPrestataire(ctx, db.CritereImplantations{Logiciel: logiciel, Categorie: categorie, Departements: departements, Minimum: minimum},
		typeArg, absences, pageArgs(first, after, last, before))
}

// CouverturePrestataires is the resolver for the couverturePrestataires field.
func (r *queryResolver) CouverturePrestataires(ctx context.Context, logiciel string, typeArg *db.TypePrestation) ([]*db.CouvertureDepartement, error) {
	return r.Store.CouverturePrestataires(ctx, logiciel, typeArg)
}

// Syndicat is the resolver for the syndicat field.
func (r *syndicatCommunResolver) Syndicat(ctx context.Context, obj *db.SyndicatCommun) (*db.SyndicatMixte, error) {
	return r.Store.SyndicatPartage(ctx, obj)
}

// Logiciel is the resolver for the logiciel field.
func (r *territoireSansPrestataireResolver) Logiciel(ctx context.Context, obj *db.TerritoireSansPrestataire) (*db.Logiciel, error) {
	return r.Store.LogicielSansPrestataire(ctx, obj, selection(ctx))
}

// Departement is the resolver for the departement field.
func (r *territoireSansPrestataireResolver) Departement(ctx context.Context, obj *db.TerritoireSansPrestataire) (*db.Territoire, error) {
	return r.Store.DepartementSansPrestataire(ctx, obj)
}

// CouvertureDepartement returns generated.CouvertureDepartementResolver implementation.
func (r *Resolver) CouvertureDepartement() generated.CouvertureDepartementResolver {
	return &couvertureDepartementResolver{r}
}

// EcheanceProche returns generated.EcheanceProcheResolver implementation.
func (r *Resolver) EcheanceProche() generated.EcheanceProcheResolver {
	return &echeanceProcheResolver{r}
}

// GroupementPossible returns generated.GroupementPossibleResolver implementation.
func (r *Resolver) GroupementPossible() generated.GroupementPossibleResolver {
	return &groupementPossibleResolver{r}
}

// LibreAutour returns generated.LibreAutourResolver implementation.
func (r *Resolver) LibreAutour() generated.LibreAutourResolver { return &libreAutourResolver{r} }

// LogicielEnPlace returns generated.LogicielEnPlaceResolver implementation.
func (r *Resolver) LogicielEnPlace() generated.LogicielEnPlaceResolver {
	return &logicielEnPlaceResolver{r}
}

// LogicielSansSyndicat returns generated.LogicielSansSyndicatResolver implementation.
func (r *Resolver) LogicielSansSyndicat() generated.LogicielSansSyndicatResolver {
	return &logicielSansSyndicatResolver{r}
}

// SyndicatCommun returns generated.SyndicatCommunResolver implementation.
func (r *Resolver) SyndicatCommun() generated.SyndicatCommunResolver {
	return &syndicatCommunResolver{r}
}

// TerritoireSansPrestataire returns generated.TerritoireSansPrestataireResolver implementation.
func (r *Resolver) TerritoireSansPrestataire() generated.TerritoireSansPrestataireResolver {
	return &territoireSansPrestataireResolver{r}
}

type (
	couvertureDepartementResolver     struct{ *Resolver }
	echeanceProcheResolver            struct{ *Resolver }
	groupementPossibleResolver        struct{ *Resolver }
	libreAutourResolver               struct{ *Resolver }
	logicielEnPlaceResolver           struct{ *Resolver }
	logicielSansSyndicatResolver      struct{ *Resolver }
	syndicatCommunResolver            struct{ *Resolver }
	territoireSansPrestataireResolver struct{ *Resolver }
)
