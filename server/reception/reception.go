// Package reception lets tables and catalogues of software in, at POST /import/…, as the identity of the request's context.
package reception

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/seed/importation"
	"github.com/mutualibre/mutualibre/server/sortie"
)

// CorpsMax is the largest body, in bytes, as sent and once decompressed.
const CorpsMax = 256 << 20

// EnteteRejets says how many lines were refused, in the answer that holds them.
const EnteteRejets = "X-Mutualibre-Rejets"

// Config is what lets files in.
type Config struct {
	Store *db.Store
	Pool  *pgxpool.Pool // the one that writes, of Store
	Log   *slog.Logger
	// Duree is how long a request may last, its sending included; Simultanes how many may be sent at once. One at a time is
	// written.
	Duree      time.Duration
	Simultanes int
}

type serveur struct {
	Config
	places chan struct{}
}

// New serves POST /import/{table}.
func New(c Config) http.Handler {
	s := &serveur{c, make(chan struct{}, c.Simultanes)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /import/{table}", s.receive)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", "POST")
		sortie.WriteProbleme(w, http.StatusMethodNotAllowed, "Méthode non admise", "Un import s'envoie par POST : /import/"+strings.Join(noms(), ", /import/")+".")
	})
	return mux
}

// logiciels is the table whose files are catalogues, in formats of their own.
const logiciels = "logiciels"

// noms are what can be imported.
func noms() []string {
	var all []string
	for _, t := range db.TablesImport() {
		all = append(all, t.Nom)
	}
	return append(all, logiciels)
}

// reponse is the report, and how to get the lines that were refused.
type reponse struct {
	*importation.Rapport
	LignesRejetees *adresse `json:"lignesRejetees,omitempty"`
}

// adresse is where to send the same file again.
type adresse struct {
	Methode string `json:"methode"`
	Adresse string `json:"adresse"`
}

const titre = "Import impossible"

// receive takes the whole file before it writes anything: a slow client holds neither the database nor other imports.
func (s *serveur) receive(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), s.Duree)
	defer cancel()
	d, err := readDemande(r.PathValue("table"), r.URL.Query())
	if err == nil && db.IdentiteDe(ctx) == nil {
		w.Header().Set("WWW-Authenticate", `Bearer realm="mutualibre"`)
		err = &db.Error{Code: db.CodeNonAuthentifie, Message: "un import demande un jeton : en-tête « Authorization: Bearer … »"}
	}
	if err != nil {
		sortie.Refuse(ctx, w, s.Log, titre, err)
		return
	}
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	default:
		sortie.Refuse(ctx, w, s.Log, titre, &db.Error{Code: db.CodeIndisponible, Message: "trop de fichiers arrivent en même temps, réessayez dans quelques instants"})
		return
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(s.Duree)) // not possible in a test without a connection
	fichier, statut, motif, err := spool(w, r)
	if fichier != nil {
		defer os.Remove(fichier.Name())
		defer fichier.Close()
	}
	if motif != "" {
		sortie.WriteProbleme(w, statut, titre, motif)
		return
	}
	if err != nil {
		sortie.Refuse(ctx, w, s.Log, titre, err)
		return
	}
	_ = control.SetReadDeadline(time.Time{})
	if d.table == logiciels {
		s.importLogiciels(ctx, w, d, fichier)
		return
	}
	s.importTable(ctx, w, d, fichier)
}

// spool copies the body, decompressed, to a temporary file; motif says why it cannot be taken.
func spool(w http.ResponseWriter, r *http.Request) (_ *os.File, statut int, motif string, _ error) {
	if typ, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); strings.HasPrefix(typ, "multipart/") {
		return nil, http.StatusUnsupportedMediaType, "Envoyez le fichier seul dans le corps de la requête, pas un formulaire : curl --data-binary @fichier.csv.", nil
	}
	const tropGrand = "Ce fichier dépasse 256 Mio : découpez-le."
	var corps io.Reader = http.MaxBytesReader(w, r.Body, CorpsMax)
	switch codage := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); codage {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(corps)
		if err != nil {
			return nil, http.StatusBadRequest, "Ce qui est envoyé n'est pas du gzip, contrairement à ce que dit Content-Encoding.", nil
		}
		corps = z
	default:
		return nil, http.StatusUnsupportedMediaType, "Content-Encoding n'admet que gzip.", nil
	}
	f, err := os.CreateTemp("", "mutualibre-import-*")
	if err != nil {
		return nil, 0, "", err
	}
	n, err := io.Copy(f, io.LimitReader(corps, CorpsMax+1))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large), n > CorpsMax:
		return f, http.StatusRequestEntityTooLarge, tropGrand, nil
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, os.ErrDeadlineExceeded):
		return f, http.StatusBadRequest, "Ce qui est envoyé est incomplet, abîmé, ou trop lent à venir.", nil
	case err != nil:
		return f, http.StatusBadRequest, "Ce qui est envoyé ne se lit pas.", nil
	case n == 0:
		return f, http.StatusBadRequest, "Le corps de la requête est vide : envoyez-y le fichier.", nil
	}
	_, err = f.Seek(0, io.SeekStart)
	return f, 0, "", err
}

// importTable imports a table, and answers with its report, or with the lines that it refused.
func (s *serveur) importTable(ctx context.Context, w http.ResponseWriter, d demande, f *os.File) {
	in := importation.Demande{Table: d.table, Contenu: f, Essai: d.essai, Partiel: d.partiel, Source: d.source}
	var rejets *os.File
	if d.csv {
		var err error
		if rejets, err = os.CreateTemp("", "mutualibre-rejets-*"); err != nil {
			sortie.Refuse(ctx, w, s.Log, titre, err)
			return
		}
		defer os.Remove(rejets.Name())
		defer rejets.Close()
		in.Rejets = rejets
	}
	rapport, err := importation.Importer(ctx, s.Store, in)
	if err != nil {
		sortie.Refuse(ctx, w, s.Log, titre, db.Translate(err))
		return
	}
	if d.csv && (rapport.Rejets > 0 || !rapport.Refuse()) {
		s.answerRejets(ctx, w, d, rapport, rejets)
		return
	}
	rep := reponse{Rapport: rapport}
	if rapport.Rejets > 0 {
		rep.LignesRejetees = &adresse{http.MethodPost, "/import/" + d.table + "?" + d.rejets().Encode()}
	}
	answer(w, rapport.Refuse() && !rapport.Essai, rep)
}

// answer sends a report: 422 when the import was refused.
func answer(w http.ResponseWriter, refused bool, v any) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	if refused {
		w.WriteHeader(http.StatusUnprocessableEntity)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // a client that left has nobody to tell
}

// answerRejets sends the table of the lines that were refused, which is empty but for its header when none was.
func (s *serveur) answerRejets(ctx context.Context, w http.ResponseWriter, d demande, r *importation.Rapport, rejets *os.File) {
	if _, err := rejets.Seek(0, io.SeekStart); err != nil {
		sortie.Refuse(ctx, w, s.Log, titre, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "rejets-" + d.table + ".csv"}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set(EnteteRejets, fmt.Sprint(r.Rejets))
	if r.Refuse() && !r.Essai {
		w.WriteHeader(http.StatusUnprocessableEntity)
	}
	_, _ = io.Copy(w, rejets)
}

// demande is what the address asks.
type demande struct {
	table               string
	essai, partiel, csv bool
	format              string
	source              *db.SourceInput
	parametres          url.Values
}

// rejets are the parameters that give the lines refused, and change nothing.
func (d demande) rejets() url.Values {
	v := url.Values{"essai": {"true"}, "rapport": {"csv"}}
	for _, nom := range []string{"partiel", "source", "source_url"} {
		if d.parametres.Has(nom) {
			v.Set(nom, d.parametres.Get(nom))
		}
	}
	return v
}

func readDemande(table string, parametres url.Values) (demande, error) {
	d := demande{table: table, parametres: parametres}
	found := false
	for _, n := range noms() {
		found = found || n == table
	}
	if !found {
		return d, &db.Error{Code: db.CodeIntrouvable, Message: fmt.Sprintf("« %.40s » ne s'importe pas ; s'importent : %s", table, strings.Join(noms(), ", "))}
	}
	booleen := func(dest *bool) func(string) error {
		return func(v string) error {
			if v != "true" && v != "false" && v != "" {
				return errors.New("valeurs admises : true, false")
			}
			*dest = v != "false"
			return nil
		}
	}
	var nom, lien string
	texte := func(dest *string) func(string) error { return func(v string) error { *dest = v; return nil } }
	lus := map[string]func(string) error{"essai": booleen(&d.essai)}
	if table == logiciels {
		lus["format"] = func(v string) error { d.format = v; return checkFormat(v) }
	} else {
		lus["partiel"], lus["source"], lus["source_url"] = booleen(&d.partiel), texte(&nom), texte(&lien)
		lus["rapport"] = func(v string) error {
			if d.csv = v == "csv"; !d.csv && v != "json" {
				return errors.New("valeurs admises : json, csv")
			}
			return nil
		}
	}
	for p, valeurs := range parametres {
		read := lus[p]
		if read == nil {
			var admis []string
			for n := range lus {
				admis = append(admis, n)
			}
			return d, db.Invalid(p, "le paramètre « %.40s » n'existe pas pour cet import ; paramètres admis : %s", p, sorted(admis))
		}
		if err := read(valeurs[len(valeurs)-1]); err != nil {
			return d, db.Invalid(p, "« %s » n'admet pas « %.40s » ; %v", p, valeurs[len(valeurs)-1], err)
		}
	}
	if table == logiciels && d.format == "" {
		return d, db.Invalid("format", "dites le « format » du fichier : %s", strings.Join(formats, ", "))
	}
	if nom != "" {
		d.source = &db.SourceInput{Nom: nom}
		if lien != "" {
			d.source.URL = &lien
		}
	}
	return d, nil
}
