// Command serveur serves subscriptions that need no database, through the
// transports of the real server, for run.sh to check them with the clients of
// both protocols. Its times are short, so that the checks are. It writes its
// address and serves until it is killed.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/internal/essai"
	"github.com/mutualibre/mutualibre/graph/limites"
	"github.com/mutualibre/mutualibre/graph/transport"
)

// interval is the time between two pings, and all others follow from it.
const interval = time.Second

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(listener.Addr())
	srv := &http.Server{Handler: handler(), ReadTimeout: 5 * interval / 2, IdleTimeout: time.Minute}
	fmt.Fprintln(os.Stderr, srv.Serve(listener))
	os.Exit(1)
}

func handler() http.Handler {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	figures := limites.ParDefaut()
	limits := limites.New(figures)
	f := essai.NewFlux(log)
	f.Use(limits)
	f.SetQueryCache(limits.Cache())
	plain := transport.HTTP{BodyMax: limites.CorpsMax, ErrorsMax: figures.Erreurs, Timeout: interval, Log: log}
	f.AddTransport(transport.Websocket{
		MessageMax: limites.CorpsMax, ErrorsMax: figures.Erreurs, Timeout: interval, Log: log,
		Origin: transport.AllowOrigins([]string{"https://mairie.example"}), Init: authenticate,
		InitWait: interval, Ping: interval, WriteWait: interval,
	})
	f.AddTransport(&transport.SSE{
		HTTP: plain, EventID: essai.EventID, Identite: identity,
		KeepAlive: interval, WriteWait: interval, ReservationWait: interval,
	})
	f.AddTransport(plain)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), identityKey{}, r.Header.Get("Authorization"))))
	})
}

type identityKey struct{}

func identity(ctx context.Context) string {
	who, _ := ctx.Value(identityKey{}).(string)
	return who
}

// authenticate accepts anyone, but "Bearer refuse"; "Bearer" and a duration is
// an identity that lasts as long.
func authenticate(ctx context.Context, payload map[string]any) (context.Context, error) {
	token, _ := payload["Authorization"].(string)
	token = strings.TrimPrefix(token, "Bearer ")
	if token == "refuse" {
		return nil, &db.Error{Code: db.CodeNonAuthentifie, Message: "ce jeton a été révoqué"}
	}
	if life, err := time.ParseDuration(token); err == nil {
		ctx, cancel := context.WithTimeout(ctx, life)
		context.AfterFunc(ctx, cancel)
		return ctx, nil
	}
	return ctx, nil
}
