package reception_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/seed/importation"
	"github.com/mutualibre/mutualibre/seed/seedtest"
	"github.com/mutualibre/mutualibre/server/reception"
	"github.com/mutualibre/mutualibre/server/sortie"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const (
	sitpi      = "253800700"
	echirolles = "213801517"
	arles      = "211300041"
)

// essai is the real handler on a real database, with a sample so that no list is short.
type essai struct {
	http.Handler
	store *db.Store
	pool  *pgxpool.Pool
}

func reel(t testing.TB) *essai {
	t.Helper()
	url := seedtest.Echantillon(t, 5_000, 7)
	pool, err := db.Connect(t.Context(), url, db.Options{StatementTimeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	store := db.NewStore(pool)
	t.Cleanup(func() { store.Close() })
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	return &essai{reception.New(reception.Config{Store: store, Pool: pool, Log: log, Duree: time.Minute, Simultanes: 2}), store, pool}
}

// post sends a body as an identity; nil for anyone. Each header is "Name", "value".
func (e *essai) post(t testing.TB, i *db.Identite, adresse, corps string, entetes ...string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, adresse, strings.NewReader(corps))
	for j := 0; j < len(entetes); j += 2 {
		r.Header.Set(entetes[j], entetes[j+1])
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r.WithContext(db.WithIdentite(t.Context(), i)))
	return w.Result(), w.Body.String()
}

// report is post, for an answer that is a report.
func (e *essai) report(t testing.TB, i *db.Identite, adresse, corps string, statut int) *importation.Rapport {
	t.Helper()
	r, texte := e.post(t, i, adresse, corps)
	rapport := new(importation.Rapport)
	if err := json.Unmarshal([]byte(texte), rapport); err != nil || r.StatusCode != statut {
		t.Fatalf("%s: %d, want %d: %.500s", adresse, r.StatusCode, statut, texte)
	}
	return rapport
}

func (e *essai) count(t testing.TB, sql string) (n int) {
	t.Helper()
	if err := e.pool.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhatIsExportedIsImportedWithoutADifferenceAtScale(t *testing.T) {
	e := reel(t)
	sorties := sortie.New(sortie.Config{Store: e.store, Log: slog.New(slog.DiscardHandler), Duree: time.Minute, Simultanes: 2, Delai: time.Minute, Maintenant: time.Now})
	admin := db.Commande("test")
	for _, table := range db.TablesImport() {
		for _, format := range []string{"csv?", "csv?excel=true", "ndjson?", "xlsx?"} {
			if table.Nom == "adhesions" { // of one groupement: those of all, four times, would teach nothing more
				format += "&groupement=200054807"
			}
			t.Run(table.Nom+"."+format, func(t *testing.T) {
				w := httptest.NewRecorder()
				sorties.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/export/"+table.Nom+"."+format, nil).WithContext(db.WithIdentite(t.Context(), admin)))
				if w.Code != http.StatusOK {
					t.Fatalf("%d %s", w.Code, w.Body)
				}
				r := e.report(t, admin, "/import/"+table.Nom, w.Body.String(), http.StatusOK)
				if r.Ajouts+r.Corrections+r.Rejets > 0 || r.Lignes == 0 || r.Publication != nil || len(r.ColonnesIgnorees) > 0 {
					t.Errorf("%+v", r)
				}
			})
		}
	}
}

func TestWhatIsRefusedIsSentBackWithItsReasons(t *testing.T) {
	e := reel(t)
	agent := dbtest.Identite(t, e.store, droit.Gestionnaire, identifiant.Global("SyndicatMixte", sitpi))
	fichier := "siren;logiciel;statut;version\r\n" + echirolles + ";inkscape;En production;rec-1\r\n" + arles + ";inkscape;En production;rec-2\r\n"
	r := e.report(t, agent, "/import/usages?essai=true", fichier, http.StatusOK)
	if r.Ecrit || r.Rejets != 1 || r.Ajouts != 1 || !strings.Contains(r.Message, "rien n'a été modifié") {
		t.Errorf("dry run: %+v", r)
	}
	r = e.report(t, agent, "/import/usages", fichier, http.StatusUnprocessableEntity)
	if r.Ecrit || len(r.Fautes) != 1 || r.Fautes[0].Ligne != 3 || r.Fautes[0].Code != db.Interdit || r.Fautes[0].Valeur != arles {
		t.Errorf("refused: %+v", r)
	}
	if n := e.count(t, `SELECT count(*) FROM usage WHERE version LIKE 'rec-%'`); n != 0 {
		t.Fatalf("%d usages written", n)
	}
	rep, texte := e.post(t, agent, "/import/usages?essai=true&rapport=csv", fichier)
	if rep.StatusCode != http.StatusOK || rep.Header.Get(reception.EnteteRejets) != "1" || !strings.HasPrefix(rep.Header.Get("Content-Type"), "text/csv") ||
		!strings.Contains(texte, arles+";inkscape;En production;rec-2;siren : vous n'avez pas le droit") {
		t.Errorf("%d %v\n%s", rep.StatusCode, rep.Header, texte)
	}
	r = e.report(t, agent, "/import/usages?partiel=true", fichier, http.StatusOK)
	if !r.Ecrit || r.Ajouts != 1 || r.Rejets != 1 || r.Publication == nil {
		t.Errorf("partial: %+v", r)
	}
	r = e.report(t, agent, "/import/usages", strings.ReplaceAll(texte, arles, sitpi), http.StatusOK)
	if r.Ajouts != 1 || len(r.ColonnesIgnorees) > 0 {
		t.Errorf("mended: %+v", r)
	}
}

func TestABodyThatIsNoFileIsRefusedWithItsReason(t *testing.T) {
	e := reel(t)
	agent := dbtest.Identite(t, e.store, droit.Gestionnaire, identifiant.Global("SyndicatMixte", sitpi))
	const bon = "siren;logiciel;statut\r\n" + echirolles + ";inkscape;PRODUCTION\r\n"
	zipped := func(s io.Reader) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := io.Copy(z, s); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for _, c := range []struct {
		nom, adresse, corps string
		qui                 *db.Identite
		entetes             []string
		statut              int
		motif               string
	}{
		{"nobody", "/import/usages", bon, nil, nil, 401, "jeton"},
		{"no such table", "/import/catalogues", bon, agent, nil, 404, "s'importent"},
		{"no such parameter", "/import/usages?essaie=true", bon, agent, nil, 400, "paramètres admis : essai, partiel, rapport, source, source_url"},
		{"bad value", "/import/usages?essai=peut-être", bon, agent, nil, 400, "true, false"},
		{"empty", "/import/usages", "", agent, nil, 400, "vide"},
		{"form", "/import/usages", bon, agent, []string{"Content-Type", "multipart/form-data; boundary=x"}, 415, "formulaire"},
		{"not gzip", "/import/usages", bon, agent, []string{"Content-Encoding", "gzip"}, 400, "gzip"},
		{"cut gzip", "/import/usages", zipped(strings.NewReader(bon))[:40], agent, []string{"Content-Encoding", "gzip"}, 400, "incomplet"},
		{"brotli", "/import/usages", bon, agent, []string{"Content-Encoding", "br"}, 415, "gzip"},
		{"bomb", "/import/usages", strings.Repeat(zipped(io.LimitReader(zeros{}, 1<<20)), reception.CorpsMax>>20+1), agent, []string{"Content-Encoding", "gzip"}, 413, "256 Mio"},
		{"gzip", "/import/usages?essai=true", zipped(strings.NewReader(bon)), agent, []string{"Content-Encoding", "gzip"}, 200, "1 ajout"},
		{"a PDF", "/import/usages", "%PDF-1.7", agent, nil, 422, "PDF"},
		{"no format", "/import/logiciels", "x", agent, nil, 400, "publiccode"},
		{"a format that says who uses what", "/import/logiciels?format=comptoir-json", "x", agent, nil, 400, "formats admis"},
	} {
		t.Run(c.nom, func(t *testing.T) {
			r, texte := e.post(t, c.qui, c.adresse, c.corps, c.entetes...)
			if r.StatusCode != c.statut || !strings.Contains(texte, c.motif) {
				t.Errorf("%d, want %d with %q: %s", r.StatusCode, c.statut, c.motif, texte)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestOneImportAtATime(t *testing.T) {
	e := reel(t)
	agent := dbtest.Identite(t, e.store, droit.Gestionnaire, identifiant.Global("SyndicatMixte", sitpi))
	tx, err := e.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background()) //nolint:errcheck // it holds a lock, nothing more
	if _, err := tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock($1)`, db.VerrouImport); err != nil {
		t.Fatal(err)
	}
	r, texte := e.post(t, agent, "/import/usages", "siren;logiciel;statut\r\n"+echirolles+";inkscape;PRODUCTION\r\n")
	if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" || !strings.Contains(texte, "un autre import") {
		t.Errorf("%d %s", r.StatusCode, texte)
	}
}

func TestSoftwareAreImportedByWhoMayCorrectThem(t *testing.T) {
	e := reel(t)
	const fichier = "publiccodeYmlVersion: \"0.4\"\nname: Essai de réception\nurl: https://forge.exemple.fr/essai/reception.git\nplatforms: [web]\ndevelopmentStatus: stable\nsoftwareType: standalone/web\n" +
		"description:\n  fr:\n    shortDescription: Un logiciel d'essai\nlegal:\n  license: AGPL-3.0-or-later\nmaintenance:\n  type: internal\nlocalisation:\n  localisationReady: false\n  availableLanguages: [fr]\n"
	const adresse = "/import/logiciels?format=publiccode"
	named := `SELECT count(*) FROM logiciel WHERE nom = 'Essai de réception'`
	r, texte := e.post(t, dbtest.Identite(t, e.store, droit.Contributeur, identifiant.Global("SyndicatMixte", sitpi)), adresse, fichier)
	if r.StatusCode != http.StatusForbidden || e.count(t, named) != 0 {
		t.Errorf("a contributor: %d %s", r.StatusCode, texte)
	}
	agent := dbtest.Identite(t, e.store, droit.Gestionnaire, identifiant.Global("SyndicatMixte", sitpi))
	if got := e.report(t, agent, adresse+"&essai=true", fichier, http.StatusOK); got.Ajouts == 0 || got.Ecrit || e.count(t, named) != 0 {
		t.Errorf("dry run: %+v", got)
	}
	got := e.report(t, agent, adresse, fichier, http.StatusOK)
	if got.Ajouts == 0 || !got.Ecrit || got.Publication == nil || e.count(t, named) != 1 {
		t.Errorf("%+v", got)
	}
	if n := e.count(t, `SELECT count(*) FROM publication WHERE operation = 'import logiciels' AND sujet = '`+agent.Sujet+`'`); n != 1 {
		t.Errorf("%d publications signed", n)
	}
	if got := e.report(t, agent, adresse, "name: [", http.StatusUnprocessableEntity); got.Ecrit || len(got.Fautes) == 0 {
		t.Errorf("%+v", got)
	}
}
