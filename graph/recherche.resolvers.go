package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
)

// Recherche is the resolver for the recherche field.
func (r *queryResolver) Recherche(ctx context.Context, texte string, first *int, after *string) (*page.Connection[db.ResultatRecherche], error) {
	return r.Store.Recherche(ctx, texte, page.Args{First: first, After: after}, selectionPage(ctx))
}
