package graph

import "github.com/mutualibre/mutualibre/db"

// Resolver answers fields with what the store holds. It has no logic of its own.
type Resolver struct {
	Store *db.Store
	// lecteur answers the queries to freeze.
	lecteur *lecteur
}
