package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/rs/cors"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/limites"
	"github.com/mutualibre/mutualibre/server/reception"
)

// serveurHTTP returns the server with the bounds that keep one client from holding it. There is no WriteTimeout: it would
// cut long answers and streams; the operation has its own.
func serveurHTTP(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// corpsMax is the net under every handler, each of which has a bound of its own: above that of GraphQL, which explains.
const corpsMax = 4 * limites.CorpsMax

// borne holds every body under corpsMax, but for those of imports.
func borne(h http.Handler) http.Handler {
	petits, grands := http.MaxBytesHandler(h, corpsMax), http.MaxBytesHandler(h, reception.CorpsMax)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/import/") {
			grands.ServeHTTP(w, r)
			return
		}
		petits.ServeHTTP(w, r)
	})
}

// enveloppe puts around the routes what every request goes through.
func enveloppe(routes http.Handler, c config, log *slog.Logger) http.Handler {
	h := borne(routes)
	h = croisees(h, c.Origines)
	return secours(h, log)
}

// croisees decides what pages of other origins may do. The API gives no credentials to browsers (no cookie; a token is
// written by the caller in Authorization), so a page can do with it no more than any program can.
//
//   - CORS answers the browser's question: may this page read the answer? A POST of JSON, or an Authorization, makes the
//     browser ask first.
//   - Some browser requests are sent without asking, and only their answer is hidden. CrossOriginProtection refuses
//     those that are not GET, HEAD or OPTIONS, unless their origin is one that CORS_ORIGINS allows. With « * » every
//     origin is: then it would refuse nothing, and is left out.
func croisees(h http.Handler, origines []string) http.Handler {
	if !slices.Contains(origines, "*") {
		protection := http.NewCrossOriginProtection()
		for _, o := range origines {
			if err := protection.AddTrustedOrigin(o); err != nil {
				panic(err) // readOrigines lets no such origin through
			}
		}
		protection.SetDenyHandler(texte(http.StatusForbidden, "Les pages de cette origine n'ont pas le droit d'interroger cette API.\n"))
		h = protection.Handler(h)
	}
	options := cors.Options{
		AllowedOrigins: origines,
		// PUT, DELETE and the last two headers are those of event streams.
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete},
		AllowedHeaders: []string{"Accept", "Authorization", "Content-Type", "Content-Encoding", "X-Requested-With", "Last-Event-ID", "X-GraphQL-Event-Stream-Token"},
		ExposedHeaders: []string{enteteDonnees, reception.EnteteRejets, "Content-Disposition"},
		MaxAge:         3600,
	}
	if len(origines) == 0 {
		// rs/cors takes an empty list for all origins.
		options.AllowOriginFunc = func(string) bool { return false }
	}
	return cors.New(options).Handler(h)
}

// enteteDonnees warns, in every answer, that the data are not real.
const enteteDonnees = "X-Mutualibre-Donnees"

// secours turns a panic into an answer and a line of the log: one request must not stop the others. It also logs each
// request once answered, at the debug level; the query string stays out, it may hold anything.
func secours(h http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		debut, t := time.Now(), &temoin{ResponseWriter: w}
		defer func() {
			p := recover()
			if p != nil && p != http.ErrAbortHandler {
				log.ErrorContext(r.Context(), "panique dans une requête", "methode", r.Method, "chemin", r.URL.Path, "panique", p, "pile", string(debug.Stack()))
				if t.statut == 0 {
					writeTexte(t, http.StatusInternalServerError, "Erreur interne.\n")
					p = nil
				}
			}
			log.DebugContext(r.Context(), "requête", "methode", r.Method, "chemin", r.URL.Path, "statut", t.statut,
				"octets", t.octets, "duree", time.Since(debut).Round(time.Microsecond).String(), "client", r.RemoteAddr)
			if p != nil {
				panic(http.ErrAbortHandler) // half an answer: the client must see that it is cut
			}
		}()
		h.ServeHTTP(t, r)
	})
}

// temoin notes what is answered; statut is 0 until then.
type temoin struct {
	http.ResponseWriter
	statut, octets int
}

func (t *temoin) WriteHeader(statut int) {
	t.statut = statut
	t.ResponseWriter.WriteHeader(statut)
}

func (t *temoin) Write(b []byte) (int, error) {
	if t.statut == 0 {
		t.statut = http.StatusOK
	}
	n, err := t.ResponseWriter.Write(b)
	t.octets += n
	return n, err
}

// Flush, Hijack and Unwrap keep streams and sockets possible through the witness.
func (t *temoin) Flush() { _ = http.NewResponseController(t.ResponseWriter).Flush() }

func (t *temoin) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(t.ResponseWriter).Hijack()
}

func (t *temoin) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// service is what the routes stand on once the database is ready.
type service struct {
	graphql     http.Handler
	sorties     http.Handler // /export/, /instantane/, /rencontres and /v1/
	receptions  http.Handler // /import/
	store       *db.Store
	synthetique bool // the data are invented, at least some
}

// routes are the paths of the process. etat gives nil until the database is ready.
func routes(etat func() *service, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	pose := func(h func(*service) http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s := etat()
			if s == nil {
				w.Header().Set("Retry-After", "5")
				writeTexte(w, http.StatusServiceUnavailable, enPreparation)
				return
			}
			if s.synthetique {
				w.Header().Set(enteteDonnees, "echantillon")
			}
			h(s).ServeHTTP(w, r)
		})
	}
	mux.Handle("/graphql", pose(func(s *service) http.Handler { return s.graphql }))
	sorties := pose(func(s *service) http.Handler { return s.sorties })
	mux.Handle("/export/", sorties)
	mux.Handle("/instantane/", sorties)
	mux.Handle("/rencontres.ics", sorties)
	mux.Handle("/rencontres/", sorties)
	mux.Handle("/v1/", sorties)
	mux.Handle("/import/", pose(func(s *service) http.Handler { return s.receptions }))
	mux.Handle("/healthz", lecture(texte(http.StatusOK, "Le serveur fonctionne.\n")))
	mux.Handle("/readyz", lecture(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if motif := pret(r.Context(), etat(), log); motif != "" {
			writeTexte(w, http.StatusServiceUnavailable, motif)
			return
		}
		writeTexte(w, http.StatusOK, "Prêt : la base répond et elle est à jour.\n")
	})))
	mux.Handle("/{$}", lecture(http.HandlerFunc(accueil)))
	mux.Handle("/", texte(http.StatusNotFound, "Il n'y a rien à cette adresse. L'API GraphQL est à /graphql.\n"))
	return mux
}

const enPreparation = "La base se prépare : le premier démarrage charge les données de référence. Réessayez dans quelques secondes.\n"

// pret returns why the service cannot answer now, in French; empty when it can.
func pret(ctx context.Context, s *service, log *slog.Logger) string {
	if s == nil {
		return enPreparation
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := s.store.Ping(ctx); err != nil {
		log.WarnContext(ctx, "base injoignable", "err", err)
		return "La base de données ne répond pas.\n"
	}
	switch current, err := s.store.Current(ctx); {
	case err != nil:
		log.WarnContext(ctx, "état des migrations illisible", "err", err)
		return "La base de données ne répond pas.\n"
	case !current:
		return "Il manque des migrations à la base : lancez « migrate up ».\n"
	}
	return ""
}

// accueil sends browsers to the API and tells programs where it is.
func accueil(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Accept")
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Redirect(w, r, "/graphql", http.StatusFound)
		return
	}
	writeTexte(w, http.StatusOK, "Mutualibre, le graphe des logiciels libres dans les collectivités françaises.\nL'API GraphQL est à /graphql.\n")
}

// lecture refuses what is not a reading.
func lecture(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			writeTexte(w, http.StatusMethodNotAllowed, fmt.Sprintf("La méthode %s n'est pas admise ici : GET seulement.\n", r.Method))
			return
		}
		h.ServeHTTP(w, r)
	})
}

func texte(statut int, message string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { writeTexte(w, statut, message) })
}

func writeTexte(w http.ResponseWriter, statut int, message string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(statut)
	_, _ = io.WriteString(w, message) // a client that left has nobody to tell
}
