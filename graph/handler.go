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
	// Timeout is the time given to a query or a mutation; it reaches
	// PostgreSQL. A subscription lasts as long as its client, but each of its
	// events has that time to be resolved.
	Timeout time.Duration
	// Origines are the origins whose pages may open a WebSocket; "*" for all,
	// empty for our own only.
	Origines []string
	// Init and Identite say who opens a WebSocket and who makes a request;
	// nil: see [transport.Websocket] and [transport.SSE].
	Init     func(ctx context.Context, payload map[string]any) (context.Context, error)
	Identite func(ctx context.Context) string
	// Stop, once closed, ends the subscriptions: a server waits for its
	// requests to end, and they would not. Nil: never.
	Stop <-chan struct{}
}

// Schema returns the executable schema over a store, which freezes no answer: see NewHandler.
func Schema(store *db.Store) graphql.ExecutableSchema {
	return generated.NewExecutableSchema(generated.Config{Resolvers: &Resolver{Store: store}})
}

// NewHandler serves GraphQL at whatever path it is given: POST and GET, WebSocket and server-sent events, and an IDE for
// browsers.
func NewHandler(c Config) (http.Handler, error) {
	ide, err := transport.IDE()
	if err != nil {
		return nil, err
	}
	figures := limites.ParDefaut()
	limits := limites.New(figures)
	resolver := &Resolver{Store: c.Store}
	schema := generated.NewExecutableSchema(generated.Config{Resolvers: resolver})
	resolver.lecteur = newLecteur(schema, limits, c.Log)
	srv := handler.New(schema)
	plain := transport.HTTP{BodyMax: limites.CorpsMax, ErrorsMax: figures.Erreurs, IDE: ide, Timeout: c.Timeout, Log: c.Log}
	srv.AddTransport(transport.Websocket{
		MessageMax: limites.CorpsMax, ErrorsMax: figures.Erreurs, Timeout: c.Timeout, Log: c.Log,
		Origin: transport.AllowOrigins(c.Origines), Init: c.Init, Stop: c.Stop,
	})
	srv.AddTransport(&transport.SSE{HTTP: plain, Identite: c.Identite, EventID: eventID, Stop: c.Stop})
	srv.AddTransport(plain)
	srv.Use(limits)
	srv.SetQueryCache(limits.Cache())
	srv.Use(extension.Introspection{})
	srv.Use(evenements{})
	srv.AroundFields(readAt)
	srv.SetErrorPresenter(erreur.Presenter(c.Log))
	srv.SetRecoverFunc(erreur.Recover(c.Log))
	return srv, nil
}

// readAt reads what is under a root field as it stood at the instant of its argument auDate: the resolvers below, and
// the store, need not know.
func readAt(ctx context.Context, next graphql.Resolver) (any, error) {
	if fc := graphql.GetFieldContext(ctx); fc.Object == "Query" {
		if au, _ := fc.Args["auDate"].(*db.Instant); au != nil {
			if time.Time(*au).After(time.Now()) {
				return nil, db.Invalid("auDate", "« auDate » est à venir : le graphe ne se lit qu'au passé")
			}
			ctx = db.At(ctx, time.Time(*au))
		}
	}
	return next(ctx)
}
