package sortie_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/domain/epreuve"
	"github.com/mutualibre/mutualibre/server/sortie"
)

// gonfle multiplies the usages of the sample, without what the program keeps of each write.
func (e *essai) gonfle(t testing.TB, fois int) int {
	t.Helper()
	if _, err := e.pool.Exec(t.Context(), fmt.Sprintf(`SET statement_timeout = 0; ALTER TABLE usage DISABLE TRIGGER USER;
		DO $$ DECLARE i record; BEGIN FOR i IN SELECT indexrelid::regclass AS nom FROM pg_index WHERE indrelid = 'usage'::regclass AND NOT indisunique LOOP
			EXECUTE 'DROP INDEX '||i.nom; END LOOP; END $$;
		INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, syndicat_id, support, postes, version, debut, precision_debut, fin, source_id, constate_le)
		SELECT gen_random_uuid(), utilisateur_id, departement, logiciel_id, libre, statut, modalite, syndicat_id, support, postes, version, debut, precision_debut, fin, source_id, constate_le
		FROM usage, generate_series(2, %d) ORDER BY random(); ANALYZE usage; RESET statement_timeout`, fois)); err != nil {
		t.Fatal(err)
	}
	return colonne[int](t, e.pool, `SELECT count(*) FROM usage`)[0]
}

// serve listens on a real socket.
func (e *essai) serve(t testing.TB) string {
	s := httptest.NewUnstartedServer(e)
	s.Config.ReadTimeout = 15 * time.Second
	s.Start()
	t.Cleanup(s.Close)
	return s.URL
}

// get leaves the body as it is sent.
func get(t testing.TB, adresse, encoding string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, adresse, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", encoding)
	rep, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rep.Body.Close() })
	return rep
}

func TestLargeExportsStreamInConstantMemoryOrAreVisiblyCutAtScale(t *testing.T) {
	e := reel(t)
	usages := e.gonfle(t, 16)
	if usages < 80_000 {
		t.Fatalf("%d usages", usages)
	}
	adresse := e.serve(t)
	for _, c := range []struct{ format, encoding string }{{"csv", "identity"}, {"ndjson", "gzip"}, {"xlsx", "identity"}} {
		plusHaut := epreuve.WatchHeap(t)
		rep := get(t, adresse+"/export/usages."+c.format, c.encoding)
		var corps io.Reader = rep.Body
		if rep.Header.Get("Content-Encoding") == "gzip" {
			gz, err := gzip.NewReader(corps)
			if err != nil {
				t.Fatal(err)
			}
			corps = gz
		}
		lignes, err := 0, error(nil)
		if c.format == "xlsx" {
			_, err = io.Copy(io.Discard, corps)
		} else {
			lignes, err = compte(corps)
		}
		haut := plusHaut()
		t.Logf("%s: %d lines, %d MB of memory", c.format, lignes, haut)
		if err != nil {
			t.Errorf("%s: %v", c.format, err)
		}
		if want := map[string]int{"csv": usages + 1, "ndjson": usages}[c.format]; lignes != want {
			t.Errorf("%s: %d lines, want %d", c.format, lignes, want)
		}
		if haut > 64 { // a workbook keeps 16 MB of rows before it writes them to a file, and the race detector adds its own
			t.Errorf("%s: %d MB for %d rows", c.format, haut, usages)
		}
	}
	// The database goes away in the middle.
	for _, encoding := range []string{"identity", "gzip"} {
		rep := get(t, adresse+"/export/usages.ndjson", encoding)
		if _, err := io.ReadFull(rep.Body, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		if n := colonne[int](t, e.pool, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'FETCH%' AND datname = current_database()`)[0]; n == 0 {
			t.Fatal("no export to stop")
		}
		if n, err := io.Copy(io.Discard, rep.Body); err == nil {
			t.Errorf("%s: cut after %d bytes, and taken for whole", encoding, n)
		}
	}
	// The client goes away in the middle: its place and its connection come back.
	for range 5 {
		rep := get(t, adresse+"/export/usages.csv", "identity")
		if _, err := io.ReadFull(rep.Body, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		rep.Body.Close()
		rendue := func() bool {
			return colonne[int](t, e.pool, `SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()`)[0] == 0
		}
		for attente := 0; !rendue(); attente++ {
			if attente > 500 {
				t.Fatal("the connection of a client that left is still held")
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func compte(r io.Reader) (int, error) {
	n := 0
	lignes := bufio.NewScanner(r)
	for lignes.Scan() {
		n++
	}
	return n, lignes.Err()
}

func TestOnlySoManyExportsRunAtOnce(t *testing.T) {
	e := reel(t)
	e.gonfle(t, 10)
	adresse := e.serve(t)
	var tenus []*http.Response
	for range 2 { // as many as the test's configuration allows, left unread
		tenus = append(tenus, get(t, adresse+"/export/usages.csv", "identity"))
	}
	rep := get(t, adresse+"/export/logiciels.csv", "identity")
	corps, _ := io.ReadAll(rep.Body)
	if rep.StatusCode != http.StatusServiceUnavailable || rep.Header.Get("Retry-After") == "" || !bytes.Contains(corps, []byte("trop d'exports")) {
		t.Errorf("%d %v %s", rep.StatusCode, rep.Header, corps)
	}
	for _, r := range tenus {
		r.Body.Close() // who leaves gives its place back
	}
	for essai := 0; ; essai++ {
		if rep := get(t, adresse+"/export/logiciels.csv", "identity"); rep.StatusCode == http.StatusOK {
			break
		} else if essai > 500 {
			t.Fatal("a place never comes back")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestAnExportSaysWhatItIs(t *testing.T) {
	e := reel(t)
	adresse := e.serve(t)
	const jour = "mutualibre-logiciels-"
	for _, c := range []struct{ chemin, encoding, mime, gzip, debut string }{
		{"logiciels.csv", "identity", "text/csv; charset=utf-8", "", "id,slug,nom,"},
		{"logiciels.csv?excel=true", "gzip;q=0", "text/csv; charset=utf-8", "", "\ufeffid;slug;nom;"},
		{"logiciels.csv?excel=false", "br, gzip;q=0.5", "text/csv; charset=utf-8", "gzip", "id,slug,nom,"},
		{"logiciels.ndjson", "*", "application/x-ndjson; charset=utf-8", "gzip", `{"id":"`},
		{"logiciels.xlsx", "gzip", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "", "PK\x03\x04"},
	} {
		rep := get(t, adresse+"/export/"+c.chemin, c.encoding)
		h := rep.Header
		d := h.Get("Content-Disposition")
		if h.Get("Content-Type") != c.mime || h.Get("Content-Encoding") != c.gzip || !strings.HasPrefix(d, "attachment; filename="+jour+time.Now().UTC().Format("2006-")) ||
			h.Get("X-Content-Type-Options") != "nosniff" || (h.Get("Vary") == "") != strings.Contains(c.chemin, "xlsx") {
			t.Errorf("%s: %v", c.chemin, h)
		}
		var corps io.Reader = rep.Body
		if c.gzip != "" {
			gz, err := gzip.NewReader(corps)
			if err != nil {
				t.Fatal(err)
			}
			corps = gz
		}
		texte, err := io.ReadAll(corps)
		if err != nil || !strings.HasPrefix(string(texte), c.debut) {
			t.Errorf("%s: %.40q %v", c.chemin, texte, err)
		}
		if c.gzip == "" {
			tete, err := http.Head(adresse + "/export/" + c.chemin)
			if err != nil || tete.StatusCode != 200 || tete.Header.Get("Content-Type") != c.mime {
				t.Errorf("HEAD %s: %v %v", c.chemin, tete, err)
			}
		}
	}
	if tete, err := http.Head(adresse + "/export/logiciels.csv?x=1"); err != nil || tete.StatusCode != 400 {
		t.Error("HEAD does not tell a bad request:", tete, err)
	}
	rep, err := http.Post(adresse+"/export/logiciels.csv", "text/csv", nil)
	if err != nil || rep.StatusCode != http.StatusMethodNotAllowed || rep.Header.Get("Allow") != "GET, HEAD" {
		t.Error(rep, err)
	}
	// A connection serves again once an export has set deadlines of its own.
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	for range 3 {
		rep, err := client.Get(adresse + "/export/logiciels.ndjson")
		if err != nil {
			t.Fatal(err)
		}
		if n, err := compte(rep.Body); err != nil || n < 100 {
			t.Error(n, err)
		}
		rep.Body.Close()
	}
}

func TestADatabaseThatDoesNotAnswerIsSaidBeforeTheFirstByte(t *testing.T) {
	e := reel(t)
	if _, err := e.pool.Exec(t.Context(), `ALTER TABLE usage RENAME TO usage_perdue`); err != nil {
		t.Fatal(err)
	}
	if _, err := e.pool.Exec(t.Context(), `DROP VIEW lecture_publique.usage CASCADE`); err != nil {
		t.Fatal(err)
	}
	r, corps := e.ask(t, nil, "/export/usages.csv")
	if r.StatusCode != http.StatusInternalServerError || !strings.Contains(corps, `"INTERNE"`) || strings.Contains(corps, "usage") {
		t.Errorf("%d %s", r.StatusCode, corps)
	}
	e.pool.Close()
	e.store.Close()
	r, corps = e.ask(t, nil, "/export/logiciels.csv")
	if r.StatusCode < 500 || r.Header.Get("Content-Disposition") != "" {
		t.Errorf("%d %s", r.StatusCode, corps)
	}
}

func BenchmarkUsages(b *testing.B) {
	e := reel(b)
	n := e.gonfle(b, 80)
	for _, format := range sortie.Formats() {
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				w := httptest.NewRecorder()
				w.Body = nil
				e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/export/usages."+format, nil))
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
