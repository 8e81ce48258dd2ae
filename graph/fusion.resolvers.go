package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
)

// FusionnerOrganisations is the resolver for the fusionnerOrganisations field.
func (r *mutationResolver) FusionnerOrganisations(ctx context.Context, input db.FusionnerOrganisationsInput) (*db.OrganisationPayload, error) {
	return r.Store.FusionnerOrganisations(ctx, input, selectionOf(ctx, "organisation"))
}
