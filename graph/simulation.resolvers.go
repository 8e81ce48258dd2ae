package graph

import (
	"context"

	"github.com/mutualibre/mutualibre/db"
)

// SimulerEconomies is the resolver for the simulerEconomies field.
func (r *queryResolver) SimulerEconomies(ctx context.Context, input db.SimulerEconomiesInput) (*db.SimulationEconomiesPayload, error) {
	return r.Store.SimulerEconomies(ctx, input)
}
