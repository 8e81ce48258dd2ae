package sortie_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/graph"
)

var update = flag.Bool("update", false, "rewrite the expected tables")

// fige takes a snapshot through the API, and returns its address.
func (e *essai) fige(t testing.TB, titre, requete string) string {
	t.Helper()
	api, err := graph.NewHandler(graph.Config{Store: e.store, Log: silence(t), Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	corps, err := json.Marshal(map[string]any{
		"query":     `mutation ($i: FigerInstantaneInput!) { figerInstantane(input: $i) { instantane { adresse } erreurs { message } } }`,
		"variables": map[string]any{"i": map[string]any{"titre": titre, "requete": requete}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(corps))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r.WithContext(db.WithIdentite(t.Context(), dbtest.Identite(t, e.store, droit.Admin, ""))))
	var rep struct {
		Data struct {
			FigerInstantane struct{ Instantane *struct{ Adresse string } }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &rep); err != nil || rep.Data.FigerInstantane.Instantane == nil {
		t.Fatalf("%v %s", err, w.Body)
	}
	return rep.Data.FigerInstantane.Instantane.Adresse
}

// deArles cites what was read by hand about Arles: no sample adds to it.
const deArles = `{ collectivite(codeInsee: "13004") {
	nom
	usages(first: 3, filtre: {libre: true}) { totalCount }
	economies { nodes { statut brut horizonAnnees logiciel { nom licence } source { nom licence synthetique } } }
} }`

func TestASnapshotIsServedForEverAndAStrangerCanVerifyIt(t *testing.T) {
	e := reel(t)
	adresse := e.fige(t, "Arles", deArles)
	r, corps := e.ask(t, nil, adresse)
	h := r.Header
	if r.StatusCode != 200 || h.Get("Content-Type") != "application/json; charset=utf-8" || h.Get("Cache-Control") != "public, max-age=31536000, immutable" ||
		h.Get("Vary") != "Accept" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Link") != "<"+adresse+`>; rel="cite-as"` {
		t.Errorf("%d %v", r.StatusCode, h)
	}
	// As « curl -s … | sed 2d | sha256sum » does.
	lignes := strings.SplitAfter(corps, "\n")
	sum := sha256.Sum256([]byte(lignes[0] + strings.Join(lignes[2:], "")))
	var d struct {
		Empreinte, ID, Titre, Requete, VersionSchema, Verification string
		Le                                                         time.Time
		Variables, Reponse                                         map[string]any
		Sources                                                    []db.SourceCitee
	}
	lu := json.NewDecoder(strings.NewReader(corps))
	if err := lu.Decode(&d); err != nil {
		t.Fatal(err)
	}
	if d.Empreinte != "sha256:"+hex.EncodeToString(sum[:]) || h.Get("ETag") != `"`+d.Empreinte+`"` {
		t.Errorf("the document says %s, the header %s, the bytes %x", d.Empreinte, h.Get("ETag"), sum)
	}
	if "/instantane/"+d.ID != adresse || d.Titre != "Arles" || d.Requete != deArles || d.Variables == nil || d.Reponse["collectivite"] == nil || len(d.Sources) < 2 ||
		time.Since(d.Le) > time.Minute || !strings.HasPrefix(d.VersionSchema, "sha256:") || !strings.Contains(d.Verification, "sed 2d") {
		t.Errorf("%+v", d)
	}
	if r, again := e.ask(t, dbtest.Identite(t, e.store, droit.Admin, ""), adresse+".json"); r.StatusCode != 200 || again != corps {
		t.Errorf("%d %s", r.StatusCode, again)
	}
	if r, vide := e.ask(t, nil, adresse, "If-None-Match", h.Get("ETag")); r.StatusCode != http.StatusNotModified || vide != "" || r.Header.Get("ETag") == "" {
		t.Errorf("%d %v %s", r.StatusCode, r.Header, vide)
	}
	tete := httptest.NewRecorder()
	e.ServeHTTP(tete, httptest.NewRequest(http.MethodHead, adresse, nil))
	if tete.Code != 200 || tete.Body.Len() > 0 || tete.Header().Get("ETag") != h.Get("ETag") {
		t.Errorf("HEAD: %d %v", tete.Code, tete.Header())
	}
	envoi := httptest.NewRecorder()
	e.ServeHTTP(envoi, httptest.NewRequest(http.MethodPost, adresse, nil))
	if envoi.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", envoi.Code)
	}
	const autre = "SW5zdGFudGFuZTowMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDA" // Instantane:00000000-0000-4000-8000-000000000000
	for chemin, statut := range map[string]int{
		"/instantane/" + autre: 404, "/instantane/x": 404, "/instantane/" + id("Logiciel", "libreoffice"): 404, adresse + ".xlsx": 404, "/instantane/": 404,
		adresse + "?a=1": 400, adresse + ".csv?excel=oui": 400,
	} {
		r, corps := e.ask(t, nil, chemin)
		if r.StatusCode != statut || r.Header.Get("Content-Type") != "application/problem+json; charset=utf-8" || r.Header.Get("Cache-Control") != "" {
			t.Errorf("%s: %d %v %s", chemin, r.StatusCode, r.Header, corps)
		}
	}
}

func TestASnapshotIsATableToo(t *testing.T) {
	e := reel(t)
	adresse := e.fige(t, "Arles", deArles)
	_, document := e.ask(t, nil, adresse)
	var d struct{ Empreinte string }
	if err := json.Unmarshal([]byte(document), &d); err != nil {
		t.Fatal(err)
	}
	r, table := e.ask(t, nil, adresse+".csv")
	h := r.Header
	if h.Get("Content-Type") != "text/csv; charset=utf-8" || h.Get("Link") != "<"+adresse+`>; rel="cite-as"` || h.Get("ETag") == `"`+d.Empreinte+`"` ||
		!strings.HasPrefix(h.Get("Content-Disposition"), "attachment; filename=mutualibre-instantane-"+time.Now().UTC().Format("2006-")) || h.Get("Vary") != "" {
		t.Error(h)
	}
	recue := strings.NewReplacer(adresse, "/instantane/{id}", d.Empreinte, "{empreinte}").Replace(table)
	const golden = "testdata/instantane.csv"
	if *update {
		if err := os.WriteFile(golden, []byte(recue), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || recue != string(want) {
		t.Errorf("%v\n%s\nwant\n%s", err, recue, want)
	}
	for accept, csv := range map[string]bool{
		"text/csv": true, "text/csv, */*;q=0.1": true, "text/csv;q=0.5, application/json": false, "text/html, */*": false, "": false, "text/csv, */*": false,
	} {
		if _, corps := e.ask(t, nil, adresse, "Accept", accept); (corps == table) != csv || (corps == document) == csv {
			t.Errorf("Accept: %s: %.60s", accept, corps)
		}
	}
	if _, excel := e.ask(t, nil, adresse+".csv?excel=true"); !strings.HasPrefix(excel, "\ufeffstatut;brut;") {
		t.Errorf("%.60q", excel)
	}

	// Lists inside, values that are null in some rows and objects in others, and no list at all.
	for requete, want := range map[string]string{
		`{ logiciels(first: 2, filtre: {texte: "s2low"}) { nodes { nom libre nombreUtilisateurs entrees(first: 1) { nodes { services source { nom } } } } } }`:                   "nom,libre,nombreUtilisateurs,entrees.nodes,instantane,empreinte\r\nS²LOW,oui,",
		`{ logiciel(slug: "libreoffice") { nom licence } commune: collectivite(codeInsee: "13004") { nom source { url } } }`:                                                     "logiciel.nom,logiciel.licence,commune.nom,commune.source.url,instantane,empreinte\r\nLibreOffice,MPL-2.0,Arles,",
		`{ c: nodes(ids: ["` + id("Logiciel", "inconnu") + `", "` + id("Collectivite", "211300041") + `"]) { ... on Collectivite { nom departement { nom } source { nom } } } }`: "nom,departement.nom,source.nom,instantane,empreinte\r\n\"\",,,/instantane/",
	} {
		if table := e.must(t, nil, e.fige(t, "essai", requete)+".csv"); !strings.HasPrefix(table, want) {
			t.Errorf("%s:\n%s\nwant\n%s", requete, table, want)
		}
	}
}
