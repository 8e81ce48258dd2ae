package sortie

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/db"
)

// Config is what lets the graph out.
type Config struct {
	Store *db.Store
	Log   *slog.Logger
	// Duree is how long an export may last; Simultanes how many may run at once: each holds a connection to the database.
	Duree      time.Duration
	Simultanes int
	// Delai is the time given to any other answer.
	Delai      time.Duration
	Maintenant func() time.Time
}

// patienceClient is how long a client may leave an export waiting before it is cut.
const patienceClient = 30 * time.Second

// typesMIME are the Content-Types of the formats.
var typesMIME = map[string]string{
	"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson; charset=utf-8",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

type serveur struct {
	Config
	places chan struct{}
}

// New serves the paths under /export/, /instantane/, /rencontres and /v1/, to GET and HEAD.
func New(c Config) http.Handler {
	s := &serveur{Config: c, places: make(chan struct{}, c.Simultanes)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /export/{$}", s.sommaire)
	mux.HandleFunc("GET /export/{fichier}", s.export)
	mux.HandleFunc("GET /export/logiciels/{slug}/publiccode.yml", s.avecDelai(s.publiccode))
	mux.HandleFunc("GET /rencontres.ics", s.calendrier)
	mux.HandleFunc("GET /rencontres/{fichier}", s.calendrierDUne)
	mux.HandleFunc("GET /instantane/{fichier}", s.avecDelai(s.instantane))
	s.ouvert(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			writeProbleme(w, probleme{Title: "Méthode non admise", Detail: "Ces adresses ne se lisent que par GET ou HEAD.", Status: http.StatusMethodNotAllowed})
			return
		}
		writeProbleme(w, probleme{Title: "Adresse inconnue", Detail: "Il n'y a rien à cette adresse ; /export/ dit ce qui s'exporte.", Status: http.StatusNotFound, Code: db.CodeIntrouvable})
	})
	return mux
}

// sommaire says what can be exported, how to narrow it, and the columns.
func (s *serveur) sommaire(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = io.WriteString(w, Sommaire())
}

// Sommaire lists the tables with their parameters and their columns.
func Sommaire() string {
	var b strings.Builder
	fmt.Fprintf(&b, "GET /export/{table}.{format}?{paramètres}\n\nFormats : %s. Plusieurs valeurs se séparent par des virgules.\n", strings.Join(Formats(), ", "))
	for _, t := range db.TablesExport() {
		fmt.Fprintf(&b, "\n%s\n  paramètres : %s\n  colonnes : ", t.Nom, strings.Join(Parametres(t), ", "))
		for i, c := range t.Colonnes {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(c.Nom)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// export answers with a table. Until its first byte, errors are answers; after it, they cut the connection: a client must
// never take half a table for a whole one.
func (s *serveur) export(w http.ResponseWriter, r *http.Request) {
	const titre = "Export impossible"
	table, format, _ := strings.Cut(r.PathValue("fichier"), ".")
	if typesMIME[format] == "" {
		s.refuse(r.Context(), w, titre, &db.Error{Code: db.CodeIntrouvable,
			Message: fmt.Sprintf("le format « %.20s » n'existe pas ; adresse attendue : /export/%.40s.%s", format, table, strings.Join(Formats(), " ou ."))})
		return
	}
	d, err := ReadDemande(table, r.URL.Query(), s.Maintenant())
	if err != nil {
		s.refuse(r.Context(), w, titre, err)
		return
	}
	ctx, e, ferme := s.ouvre(w, r, titre, d)
	if e == nil {
		return
	}
	defer ferme()

	h := w.Header()
	h.Set("Content-Type", typesMIME[format])
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": s.nomFichier(d, format)}))
	h.Set("X-Content-Type-Options", "nosniff")
	if h.Get("Cache-Control") == "" { // who identified the reader may have said more
		h.Set("Cache-Control", "no-cache")
	}
	compresse := format != "xlsx" // which is compressed already
	if compresse {
		h.Add("Vary", "Accept-Encoding")
	}
	if compresse = compresse && acceptsGzip(r.Header.Values("Accept-Encoding")); compresse {
		h.Set("Content-Encoding", "gzip")
	}
	if r.Method == http.MethodHead {
		return
	}
	if err := s.write(ctx, w, e, d, format, compresse); err != nil {
		s.Log.WarnContext(ctx, "export coupé", "table", table, "format", format, "err", err)
		panic(http.ErrAbortHandler)
	}
}

// ouvre starts to read a table, and gives what ends it; nil when it cannot: the client is told.
func (s *serveur) ouvre(w http.ResponseWriter, r *http.Request, titre string, d Demande) (context.Context, *db.Export, func()) {
	select {
	case s.places <- struct{}{}:
	default:
		s.refuse(r.Context(), w, titre, &db.Error{Code: db.CodeIndisponible, Message: "trop d'exports sont en cours, réessayez dans quelques instants"})
		return nil, nil, nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.Duree)
	fini := func() {
		cancel()
		<-s.places
	}
	if d.Au != nil {
		ctx = db.At(ctx, *d.Au)
	}
	e, err := s.Store.Exporter(ctx, d.DemandeExport)
	if err != nil {
		s.refuse(ctx, w, titre, err)
		fini()
		return nil, nil, nil
	}
	return ctx, e, func() {
		e.Close()
		fini()
	}
}

func (s *serveur) write(ctx context.Context, w http.ResponseWriter, e *db.Export, d Demande, format string, compresse bool) error {
	// The server's time to read a request would otherwise end it.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{})    // not possible in a test without a connection
	defer control.SetWriteDeadline(time.Time{}) //nolint:errcheck // the same; the next request has no deadline of ours
	sortie := bufio.NewWriterSize(patient{w, control}, 64<<10)
	if !compresse {
		if _, err := Ecrire(ctx, sortie, e, format, d.Ecriture); err != nil {
			return err
		}
		return sortie.Flush()
	}
	gz, err := gzip.NewWriterLevel(sortie, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if _, err := Ecrire(ctx, gz, e, format, d.Ecriture); err != nil {
		return err
	}
	if err := gz.Close(); err != nil {
		return err
	}
	return sortie.Flush()
}

// nomFichier is what a browser saves the table as: the day is that of the data.
func (s *serveur) nomFichier(d Demande, format string) string {
	jour := s.Maintenant()
	if d.Au != nil {
		jour = *d.Au
	}
	return fmt.Sprintf("mutualibre-%s-%s.%s", d.Table, jour.UTC().Format(time.DateOnly), format)
}

// patient gives the client some time for each write, not for all of them.
type patient struct {
	io.Writer
	control *http.ResponseController
}

func (p patient) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(patienceClient)) // not possible in a test without a connection
	return p.Writer.Write(b)
}

// acceptsGzip reads Accept-Encoding: gzip by its name or by "*", unless its weight is 0.
func acceptsGzip(entetes []string) bool {
	var noms []string
	for _, e := range entetes {
		for codage := range strings.SplitSeq(e, ",") {
			nom, poids, pese := strings.Cut(strings.ToLower(codage), ";")
			nom = strings.TrimSpace(nom)
			_, q, _ := strings.Cut(poids, "=")
			if v, err := strconv.ParseFloat(strings.TrimSpace(q), 64); pese && err == nil && v == 0 {
				if nom == "gzip" {
					return false
				}
				continue
			}
			noms = append(noms, nom)
		}
	}
	return slices.Contains(noms, "gzip") || slices.Contains(noms, "*")
}
