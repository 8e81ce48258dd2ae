package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/graph/generated"
)

// Logiciel is the resolver for the logiciel field.
func (r *ligneTotauxEconomiesResolver) Logiciel(ctx context.Context, obj *db.LigneTotauxEconomies) (*db.Logiciel, error) {
	return r.Store.LogicielDesTotaux(ctx, obj, selection(ctx))
}

// Territoire is the resolver for the territoire field.
func (r *ligneTotauxEconomiesResolver) Territoire(ctx context.Context, obj *db.LigneTotauxEconomies) (*db.Territoire, error) {
	return r.Store.TerritoireDesTotaux(ctx, obj)
}

// Economies is the resolver for the economies field.
func (r *ligneTotauxEconomiesResolver) Economies(ctx context.Context, obj *db.LigneTotauxEconomies, first *int, after *string, last *int, before *string) (*page.Connection[*db.Economie], error) {
	return r.Store.EconomiesDesTotaux(ctx, obj, pageArgs(first, after, last, before), selectionPage(ctx))
}

// TotauxEconomies is the resolver for the totauxEconomies field.
func (r *queryResolver) TotauxEconomies(ctx context.Context, par db.AxeEconomies, filtre *db.FiltreTotauxEconomies, date *db.Date, first *int, after *string, last *int, before *string) (*page.Connection[*db.LigneTotauxEconomies], error) {
	return r.Store.TotauxEconomies(ctx, par, filtre, date, pageArgs(first, after, last, before))
}

// Source is the resolver for the source field.
func (r *sourceTotalResolver) Source(ctx context.Context, obj *db.SourceTotal) (*db.Source, error) {
	return r.Store.SourceDe(ctx, obj)
}

// Sources is the resolver for the sources field.
func (r *totalEconomiesResolver) Sources(ctx context.Context, obj *db.TotalEconomies) ([]*db.SourceTotal, error) {
	return r.Store.SourcesDuTotal(ctx, obj)
}

// LigneTotauxEconomies returns generated.LigneTotauxEconomiesResolver implementation.
func (r *Resolver) LigneTotauxEconomies() generated.LigneTotauxEconomiesResolver {
	return &ligneTotauxEconomiesResolver{r}
}

// SourceTotal returns generated.SourceTotalResolver implementation.
func (r *Resolver) SourceTotal() generated.SourceTotalResolver { return &sourceTotalResolver{r} }

// TotalEconomies returns generated.TotalEconomiesResolver implementation.
func (r *Resolver) TotalEconomies() generated.TotalEconomiesResolver {
	return &totalEconomiesResolver{r}
}

type (
	ligneTotauxEconomiesResolver struct{ *Resolver }
	sourceTotalResolver          struct{ *Resolver }
	totalEconomiesResolver       struct{ *Resolver }
)
