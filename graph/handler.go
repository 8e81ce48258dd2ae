package graph

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/erreur"
	"github.com/mutualibre/mutualibre/graph/generated"
	"github.com/mutualibre/mutualibre/graph/limites"
	"github.com/mutualibre/mutualibre/graph/transport"
)

// Config is what the API is made of.
type Config struct {
	Store *db.Store
	Log   *slog.Logger
	// Timeout is the time given to one operation; it reaches PostgreSQL.
	Timeout time.Duration
}

// Schema returns the executable schema over a store.
func Schema(store *db.Store) graphql.ExecutableSchema {
	return generated.NewExecutableSchema(generated.Config{Resolvers: &Resolver{Store: store}})
}

// NewHandler serves GraphQL at whatever path it is given: POST and GET, and an IDE for browsers.
func NewHandler(c Config) (http.Handler, error) {
	ide, err := transport.IDE()
	if err != nil {
		return nil, err
	}
	srv := handler.New(Schema(c.Store))
	figures := limites.ParDefaut()
	srv.AddTransport(transport.HTTP{BodyMax: limites.CorpsMax, ErrorsMax: figures.Erreurs, IDE: ide, Log: c.Log})
	limits := limites.New(figures)
	srv.Use(limits)
	srv.SetQueryCache(limits.Cache())
	srv.Use(extension.Introspection{})
	srv.SetErrorPresenter(erreur.Presenter(c.Log))
	srv.SetRecoverFunc(erreur.Recover(c.Log))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), c.Timeout)
		defer cancel()
		srv.ServeHTTP(w, r.WithContext(ctx))
	}), nil
}
