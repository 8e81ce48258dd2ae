package graph_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/graph"
)

// patience is how long a test waits for what must come: it bounds a failure, and measures nothing.
const patience = 30 * time.Second

// serveur is one server of several over a database, on a real port.
type serveur struct {
	url   string
	store *db.Store
	pool  *pgxpool.Pool
	stop  func() // everything it holds; again does nothing
}

// serve starts a server over the database of a, as another process would.
func (a *api) serve(t testing.TB) *serveur {
	t.Helper()
	pool, err := db.Connect(t.Context(), a.pool.Config().ConnString(), db.Options{StatementTimeout: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	s := &serveur{store: db.NewStore(pool), pool: pool}
	identify := func(ctx context.Context, authorization string) (context.Context, error) {
		jeton, ok := strings.CutPrefix(authorization, "Bearer ")
		if !ok {
			return ctx, nil
		}
		i, err := s.store.AuthentifierJeton(ctx, jeton)
		return db.WithIdentite(ctx, i), err
	}
	stopped := make(chan struct{})
	h, err := graph.NewHandler(graph.Config{
		Store: s.store, Log: slog.New(slog.DiscardHandler), Timeout: 30 * time.Second, Stop: stopped,
		Init: func(ctx context.Context, payload map[string]any) (context.Context, error) {
			authorization, _ := payload["Authorization"].(string)
			return identify(ctx, authorization)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, err := identify(r.Context(), r.Header.Get("Authorization"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		h.ServeHTTP(w, r.WithContext(ctx))
	}))
	s.url = web.URL
	s.stop = sync.OnceFunc(func() {
		close(stopped)
		web.Close()
		s.store.Close()
		pool.Close()
	})
	t.Cleanup(s.stop)
	return s
}

// jeton makes a token, and returns what to write in Authorization.
func (a *api) jeton(t testing.TB, role droit.Role, cle string) string {
	t.Helper()
	return "Bearer " + dbtest.Jeton(t, a.store, role, a.organisation(t, cle))
}

// ask posts one operation to the server and returns its data.
func (s *serveur) ask(t testing.TB, authorization, query string, variables map[string]any) any {
	t.Helper()
	resp := s.post(t, t.Context(), "application/json", authorization, "", query, variables)
	defer resp.Body.Close()
	var got answer
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || len(got.Errors) > 0 {
		t.Fatal(resp.Status, err, got.Errors)
	}
	return got.Data
}

func (s *serveur) post(t testing.TB, ctx context.Context, accept, authorization, last, query string, variables map[string]any) *http.Response {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", accept)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// flux is a subscription over server-sent events.
type flux struct {
	t      testing.TB
	body   io.ReadCloser
	lines  *bufio.Reader
	cancel context.CancelFunc
}

// evenement is one event of a flux; kind "" is the end.
type evenement struct {
	kind, id string
	data     any
	errors   []clientError
}

// subscribe returns once the subscription hears what is written.
func (s *serveur) subscribe(t testing.TB, authorization, last, query string, variables map[string]any) *flux {
	t.Helper()
	_, before := s.store.Abonnements()
	f := s.try(t, authorization, last, query, variables)
	wait(t, "the subscription opens", func() bool { _, total := s.store.Abonnements(); return total > before })
	return f
}

// try asks for a subscription.
func (s *serveur) try(t testing.TB, authorization, last, query string, variables map[string]any) *flux {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	resp := s.post(t, ctx, "text/event-stream", authorization, last, query, variables)
	f := &flux{t, resp.Body, bufio.NewReader(resp.Body), cancel}
	t.Cleanup(f.close)
	return f
}

func (f *flux) close() {
	f.cancel()
	f.body.Close()
}

// next returns the next event.
func (f *flux) next() (e evenement) {
	f.t.Helper()
	late := time.AfterFunc(patience, f.cancel)
	defer late.Stop()
	for {
		line, err := f.lines.ReadString('\n')
		if err != nil {
			return evenement{}
		}
		line = strings.TrimSuffix(line, "\n")
		field, value, _ := strings.Cut(line, ": ")
		switch field {
		case "event":
			e.kind = value
		case "id":
			e.id = value
		case "data":
			var got answer
			if value != "" && value != "{}" {
				if err := json.Unmarshal([]byte(value), &got); err != nil {
					f.t.Fatal(err, line)
				}
			}
			e.data, e.errors = got.Data, got.Errors
		case "":
			if e.kind != "" {
				return e
			}
		}
	}
}

// told returns the next event, which must be one, under the name of its field.
func (f *flux) told() (id string, of map[string]any) {
	f.t.Helper()
	e := f.next()
	if e.kind != "next" || len(e.errors) > 0 {
		f.t.Fatalf("not an event: %+v", e)
	}
	for _, v := range e.data.(map[string]any) {
		of, _ = v.(map[string]any)
	}
	return e.id, of
}

// refused returns the code of the error that a subscription meets.
func (f *flux) refused() any {
	f.t.Helper()
	e := f.next()
	if len(e.errors) == 0 {
		f.t.Fatalf("accepted: %+v", e)
	}
	return e.errors[0].Extensions["code"]
}

const suivreUsages = `subscription ($f: FiltreUsages, $d: ID) { usagesModifies(filtre: $f, depuis: $d) { id genre usageId usage { id postes } modification { operation role genre changements { champ avant apres } } } }`

// written lists, in the order published, the ids of the events of the usages that fall under a condition.
func (a *api) written(t testing.TB, where string) []string {
	t.Helper()
	rows, err := a.pool.Query(t.Context(), `SELECT p.numero || '.' || j.id FROM journal j JOIN publication p ON p.id = j.publication_id
		WHERE j.nom_table = 'usage' AND `+where+` ORDER BY p.numero, j.id`)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for i := range ids {
		ids[i] = identifiant.Global("Evenement", ids[i])
	}
	return ids
}

// some gives the row ids of usages.
func (a *api) some(t testing.TB, n int, where string) []int64 {
	t.Helper()
	rows, err := a.pool.Query(t.Context(), `SELECT id FROM usage WHERE `+where+` ORDER BY id LIMIT $1`, n)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(ids) != n {
		t.Fatal(err, len(ids))
	}
	return ids
}

// commit writes, in a transaction of its own.
func (a *api) commit(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := a.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(sql, err)
	}
}

const touch = `UPDATE usage SET postes = coalesce(postes, 0) + 1 WHERE id = $1`

func TestWhatIsWrittenOnAServerIsToldByAnother(t *testing.T) {
	t.Parallel()
	a := real(t)
	here, there := a.serve(t), a.serve(t)
	agent := a.jeton(t, droit.Gestionnaire, sitpi)
	f := there.subscribe(t, "", "", suivreUsages, map[string]any{"f": map[string]any{"logiciels": []string{identifiant.Global("Logiciel", "libreoffice")}}})
	declare := func(logiciel string) any {
		return at(t, here.ask(t, agent, `mutation ($i: DeclarerUsageInput!) { declarerUsage(input: $i) { usage { id } } }`, map[string]any{"i": map[string]any{
			"utilisateur": a.organisation(t, echirolles), "logiciel": identifiant.Global("Logiciel", logiciel), "statut": "PRODUCTION", "syndicat": a.organisation(t, sitpi), "postes": 300,
		}}), "declarerUsage", "usage", "id")
	}
	declare("nextcloud") // falls out of the filter
	usage := declare("libreoffice")
	id, e := f.told()
	if e["id"] != id || id == "" || e["genre"] != "AJOUT" || e["usageId"] != usage || at(t, e, "usage", "id") != usage {
		t.Error(id, e)
	}
	if m := e["modification"]; at(t, m, "operation") != "declarerUsage" || at(t, m, "role") != "GESTIONNAIRE" || !strings.Contains(fmt.Sprint(m), "map[apres:300 avant:<nil> champ:postes]") {
		t.Error(m)
	}
}

func TestAnEventIsNamedWhateverTheClientSelects(t *testing.T) {
	t.Parallel()
	a := real(t)
	s := a.serve(t)
	f := s.subscribe(t, "", "", `subscription { x: usagesModifies { __typename } }`, nil)
	for range 5 {
		a.commit(t, touch, a.some(t, 1, "true")[0])
	}
	var got []string
	for range 5 {
		id, _ := f.told()
		got = append(got, id)
	}
	if want := a.written(t, "true"); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestFiftyWritersAndASubscriberThatComesAndGoesMissNothingAndRepeatNothing(t *testing.T) {
	t.Parallel()
	const writers, each = 50, 20
	a := real(t)
	servers := []*serveur{a.serve(t), a.serve(t)}
	usages := a.some(t, 25, "true")
	f := servers[0].subscribe(t, "", "", `subscription { usagesModifies { id } }`, nil)
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				tx, err := servers[i%2].pool.Begin(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				_, err = tx.Exec(t.Context(), touch, usages[w%len(usages)])
				switch {
				case i%5 == 4:
					err = errors.Join(err, tx.Rollback(t.Context()))
				default:
					err = errors.Join(err, tx.Commit(t.Context()))
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	var got []string
	for n := writers * each * 4 / 5; len(got) < n; {
		id, _ := f.told()
		got = append(got, id)
		if rand.IntN(20) == 0 {
			f.close()
			f = servers[rand.IntN(2)].subscribe(t, "", id, `subscription { usagesModifies { id } }`, nil)
		}
	}
	writing.Wait()
	if want := a.written(t, "true"); !slices.Equal(got, want) {
		t.Errorf("told %d events, wrote %d:\n%v\n%v", len(got), len(want), got, want)
	}
	// One more, which nothing else may come before.
	a.commit(t, touch, usages[0])
	id, _ := f.told()
	if want := a.written(t, "true"); id != want[len(want)-1] {
		t.Error("something was told again")
	}
}

func TestASubscriberGoneForAThousandChangesMissesNone(t *testing.T) {
	t.Parallel()
	a := real(t)
	s := a.serve(t)
	usages := a.some(t, 20, "true")
	f := s.subscribe(t, "", "", suivreUsages, nil)
	a.commit(t, touch, usages[0])
	last, _ := f.told()
	f.close()
	for range 300 {
		a.commit(t, touch, usages[rand.IntN(len(usages))])
	}
	for range 7 { // several rows for each publication
		a.commit(t, `UPDATE usage SET postes = coalesce(postes, 0) + 1 WHERE id IN (SELECT id FROM usage ORDER BY id LIMIT 100)`)
	}
	for name, resume := range map[string]func() *flux{
		"depuis":        func() *flux { return s.subscribe(t, "", "", suivreUsages, map[string]any{"d": last}) },
		"Last-Event-ID": func() *flux { return s.subscribe(t, "", last, suivreUsages, map[string]any{"d": "périmé"}) },
	} {
		t.Run(name, func(t *testing.T) {
			f := resume()
			for i, want := range a.written(t, "true")[1:] {
				if id, _ := f.told(); id != want {
					t.Fatalf("event %d is %s, want %s", i, id, want)
				}
			}
			a.commit(t, touch, usages[0])
			all := a.written(t, "true")
			if id, _ := f.told(); id != all[len(all)-1] {
				t.Error("what is written after is not told next")
			}
		})
	}
}

func TestAPrivateUsageIsToldToItsOwnAndItsHidingWithoutContent(t *testing.T) {
	t.Parallel()
	a := real(t)
	s := a.serve(t)
	shared := a.some(t, 1, "visibilite = 'PUBLIC'")[0]
	a.commit(t, touch, shared)
	origin := a.written(t, "true")[0]
	member := a.jeton(t, droit.Gestionnaire, sitpi)
	elsewhere := map[string]any{"f": map[string]any{"departements": []string{"2A"}}}
	readers := map[string]*flux{
		"anyone":    s.subscribe(t, "", "", suivreUsages, nil),
		"alpi":      s.subscribe(t, a.jeton(t, droit.Gestionnaire, alpi), "", suivreUsages, nil),
		"sitpi":     s.subscribe(t, member, "", suivreUsages, nil),
		"elsewhere": s.subscribe(t, "", "", suivreUsages, elsewhere),
	}
	usage, cle := "", ""
	// told checks what a reader is told next: the genre, and the number of seats in it, "" for no content.
	told := func(name string, f *flux, genre, postes string) {
		t.Helper()
		_, e := f.told()
		raw, _ := json.Marshal(e)
		if e["usageId"] != usage || e["genre"] != genre || (e["modification"] == nil) != (postes == "") || !strings.Contains(string(raw), postes) {
			t.Errorf("%s is told %s, want %s with %q", name, raw, genre, postes)
		}
		for _, secret := range []string{"301", "303", "304"} {
			if strings.Contains(string(raw), `"`+secret+`"`) && name != "sitpi" {
				t.Errorf("%s is told %s", name, raw)
			}
		}
	}
	got := a.as(t, droit.Gestionnaire, sitpi).must(t, `mutation ($i: DeclarerUsageInput!) { declarerUsage(input: $i) { usage { id } } }`, map[string]any{"i": map[string]any{
		"utilisateur": a.organisation(t, echirolles), "logiciel": identifiant.Global("Logiciel", "libreoffice"), "statut": "PRODUCTION",
		"syndicat": a.organisation(t, sitpi), "postes": 301, "visibilite": "PRIVE",
	}})
	usage = at(t, got.Data, "declarerUsage", "usage", "id").(string)
	_, cle, _ = identifiant.ParseGlobal(usage)
	told("sitpi", readers["sitpi"], "AJOUT", `"301"`)
	a.commit(t, `UPDATE usage SET visibilite = 'PUBLIC', postes = 302 WHERE cle = $1`, cle)
	told("sitpi", readers["sitpi"], "CORRECTION", `"302"`)
	for _, name := range []string{"anyone", "alpi"} {
		told(name, readers[name], "AJOUT", `"302"`)
	}
	a.commit(t, `UPDATE usage SET visibilite = 'PRIVE', postes = 303 WHERE cle = $1`, cle)
	told("sitpi", readers["sitpi"], "CORRECTION", `"303"`)
	for _, name := range []string{"anyone", "alpi", "elsewhere"} { // all alike: see interetUsages
		told(name, readers[name], "RETRAIT", "")
	}
	a.commit(t, `UPDATE usage SET postes = 304 WHERE cle = $1`, cle)
	told("sitpi", readers["sitpi"], "CORRECTION", `"304"`)

	// Who comes back later hears no more of what is hidden since than that it is.
	for name, f := range map[string]*flux{"anyone later": s.subscribe(t, "", origin, suivreUsages, nil), "elsewhere later": s.subscribe(t, "", origin, suivreUsages, elsewhere)} {
		told(name, f, "RETRAIT", "")
		told(name, f, "RETRAIT", "")
	}
	// Nor from then on.
	a.commit(t, `DELETE FROM usage WHERE cle = $1`, cle)
	told("sitpi", readers["sitpi"], "RETRAIT", `"304"`)
	a.commit(t, touch, shared)
	for _, name := range []string{"anyone", "alpi"} {
		if _, e := readers[name].told(); e["usageId"] == usage {
			t.Error(name, e)
		}
	}
	late := s.subscribe(t, "", origin, suivreUsages, nil)
	told("anyone at last", late, "RETRAIT", "")
}

func TestAUsageThatLeavesTheFilterIsToldAndNothingElseIs(t *testing.T) {
	t.Parallel()
	a := real(t)
	s := a.serve(t)
	ids := a.some(t, 2, "statut = 'PRODUCTION' AND fin IS NULL AND debut IS NULL")
	f := s.subscribe(t, "", "", suivreUsages, map[string]any{"f": map[string]any{"statuts": []string{"EXPERIMENTATION"}}})
	a.commit(t, touch, ids[1])
	a.commit(t, `UPDATE usage SET statut = 'EXPERIMENTATION' WHERE id = $1`, ids[0])
	a.commit(t, `UPDATE usage SET statut = 'PRODUCTION' WHERE id = $1`, ids[0])
	a.commit(t, touch, ids[0])
	a.commit(t, `UPDATE usage SET statut = 'EXPERIMENTATION' WHERE id = $1`, ids[1])
	all := a.written(t, "true")
	for _, want := range []string{all[1], all[2], all[4]} {
		if id, e := f.told(); id != want {
			t.Errorf("%s %v, want %s", id, e, want)
		}
	}
}

// What is looked at in memory to wake a subscription must never say less than the filter itself.
func TestEachFilterIsToldLiveWhatItIsToldAgain(t *testing.T) {
	t.Parallel()
	a := real(t)
	s := a.serve(t)
	usages := a.some(t, 10, "visibilite = 'PUBLIC' AND fin IS NULL AND debut IS NULL")
	slug := func(id int64) string {
		return identifiant.Global("Logiciel", value[string](t, a.pool, `SELECT l.slug FROM usage u JOIN logiciel l ON l.id = u.logiciel_id WHERE u.id = $1`, id))
	}
	filters := []map[string]any{
		nil, {}, {"logiciels": []string{}}, {"logiciels": []string{slug(usages[0])}}, {"logiciels": []string{slug(usages[5]), slug(usages[9])}},
		{"statuts": []string{"PREVU"}}, {"statuts": []string{"PRODUCTION", "EXPERIMENTATION"}}, {"modalites": []string{"DIRECT"}}, {"modalites": []string{"VIA_SYNDICAT"}},
		{"libre": true}, {"libre": false}, {"departements": []string{value[string](t, a.pool, `SELECT departement FROM usage WHERE id = $1`, usages[0])}},
		{"libre": true, "statuts": []string{"PREVU", "ABANDONNE"}}, {"departements": []string{"38"}, "modalites": []string{"VIA_SYNDICAT"}},
	}
	first := a.some(t, 1, "true")[0]
	a.commit(t, touch, first)
	origin := a.written(t, "true")[0]
	var live []*flux
	for _, f := range filters {
		live = append(live, s.subscribe(t, "", "", suivreUsages, map[string]any{"f": f}))
	}
	for range 60 {
		id := usages[rand.IntN(len(usages))]
		switch rand.IntN(4) {
		case 0:
			a.commit(t, touch, id)
		case 1:
			a.commit(t, `UPDATE usage SET logiciel_id = l.id, libre = l.libre FROM (SELECT id, libre FROM logiciel ORDER BY random() LIMIT 1) l WHERE usage.id = $1`, id)
		default:
			a.commit(t, `UPDATE usage SET statut = $2 WHERE id = $1`, id, []string{"PREVU", "EXPERIMENTATION", "PRODUCTION", "ABANDONNE"}[rand.IntN(4)])
		}
	}
	for i, f := range filters {
		again := s.subscribe(t, "", origin, suivreUsages, map[string]any{"f": f})
		want := a.kept(t, f, origin)
		for n, id := range want {
			if got, _ := live[i].told(); got != id {
				t.Fatalf("filter %v: live event %d is %s, want %s", f, n, got, id)
			}
			if got, _ := again.told(); got != id {
				t.Fatalf("filter %v: event %d told again is %s, want %s", f, n, got, id)
			}
		}
	}
}

// kept lists the events after one that a filter keeps, computed here from the versions in the journal.
func (a *api) kept(t testing.TB, f map[string]any, after string) (ids []string) {
	t.Helper()
	rows, err := a.pool.Query(t.Context(), `SELECT p.numero || '.' || j.id, x.statut, x.modalite, x.departement, x.libre, l.slug
		FROM journal j JOIN publication p ON p.id = j.publication_id, unnest(ARRAY[j.avant, j.apres]) v,
			jsonb_to_record(v) x (statut text, modalite text, departement text, libre boolean, logiciel_id bigint) JOIN logiciel l ON l.id = x.logiciel_id
		WHERE j.nom_table = 'usage' ORDER BY p.numero, j.id`)
	if err != nil {
		t.Fatal(err)
	}
	var (
		id, statut, modalite, departement, slug string
		libre                                   bool
		past                                    bool
	)
	in := func(criterion, v string) bool {
		list, asked := f[criterion].([]string)
		return !asked || slices.Contains(list, v)
	}
	_, err = pgx.ForEachRow(rows, []any{&id, &statut, &modalite, &departement, &libre, &slug}, func() error {
		event := identifiant.Global("Evenement", id)
		if event == after {
			past = true
			return nil
		}
		l, asked := f["libre"].(bool)
		if past && in("statuts", statut) && in("modalites", modalite) && in("departements", departement) && in("logiciels", identifiant.Global("Logiciel", slug)) &&
			(!asked || l == libre) && (len(ids) == 0 || ids[len(ids)-1] != event) {
			ids = append(ids, event)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestALongTransactionDelaysNobodyAndLosesNothing(t *testing.T) {
	t.Parallel()
	a := real(t)
	s := a.serve(t)
	ids := a.some(t, 3, "true")
	f := s.subscribe(t, "", "", suivreUsages, nil)
	long, err := a.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := long.Exec(t.Context(), touch, ids[0]); err != nil { // its row of the journal comes first…
		t.Fatal(err)
	}
	a.commit(t, touch, ids[1])
	if id, _ := f.told(); id != a.written(t, "p.numero IS NOT NULL")[0] {
		t.Error("another's change waits for a transaction that is open")
	}
	if err := long.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if id, _ := f.told(); id != a.written(t, "true")[1] { // …and its event last
		t.Error("the change of a long transaction was lost")
	}
}

func TestTheNewsGoOnWhenTheConnectionThatListensIsCutOrTellsNothing(t *testing.T) {
	t.Parallel()
	a := real(t)
	s := a.serve(t)
	usage := a.some(t, 1, "true")[0]
	f := s.subscribe(t, "", "", suivreUsages, nil)
	listening := func() int {
		return value[int](t, a.pool, `SELECT coalesce(max(pid), 0) FROM pg_stat_activity WHERE query = 'LISTEN mutualibre_publication' AND datname = current_database()`)
	}
	wait(t, "the server listens", func() bool { return listening() != 0 })
	for range 3 {
		pid := listening()
		a.commit(t, `SELECT pg_terminate_backend($1)`, pid)
		a.commit(t, touch, usage)
		if id, _ := f.told(); id == "" {
			t.Fatal("nothing is told any more")
		}
		wait(t, "the server listens again", func() bool { p := listening(); return p != 0 && p != pid })
	}
	// As if each notification were lost.
	a.commit(t, `CREATE OR REPLACE FUNCTION publication_numeroter() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		UPDATE publication SET numero = nextval('publication_numero') WHERE id = NEW.id; RETURN NULL; END $$`)
	a.commit(t, touch, usage)
	all := a.written(t, "true")
	if id, _ := f.told(); id != all[len(all)-1] {
		t.Error("a change that nothing announced is lost")
	}
}

func wait(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}

func TestASyndicatsCatalogueIsFollowedWithItsEntriesAndItsSubscribers(t *testing.T) {
	t.Parallel()
	a := real(t)
	s := a.serve(t)
	const query = `subscription ($s: ID!) { catalogueModifie(syndicat: $s) { id genre partie catalogue { nom } entree { id statut } modification { operation changements { champ apres } } } }`
	f := s.subscribe(t, "", "", query, map[string]any{"s": a.organisation(t, sitpi)})
	other := s.subscribe(t, "", "", query, map[string]any{"s": a.organisation(t, alpi)})
	agent := a.as(t, droit.Gestionnaire, sitpi)
	write := func(a *api, mutation, field string, input map[string]any) any {
		t.Helper()
		name := strings.ToUpper(mutation[:1]) + mutation[1:]
		got := a.must(t, `mutation ($i: `+name+`Input!) { `+mutation+`(input: $i) { `+field+` { id } erreurs { message } } }`, map[string]any{"i": input})
		if at(t, got.Data, mutation, field) == nil {
			t.Fatal(got.Data)
		}
		return at(t, got.Data, mutation, field, "id")
	}
	catalogue := write(agent, "creerCatalogue", "catalogue", map[string]any{"syndicat": a.organisation(t, sitpi), "nom": "Catalogue d'essai"})
	entree := write(agent, "creerEntree", "entree", map[string]any{"catalogue": catalogue, "logiciel": identifiant.Global("Logiciel", "libreoffice")})
	write(agent, "publierEntree", "entree", map[string]any{"id": entree})
	write(agent, "abonnerMembre", "entree", map[string]any{"entree": entree, "collectivite": a.organisation(t, echirolles)})
	write(a.as(t, droit.Gestionnaire, alpi), "creerCatalogue", "catalogue", map[string]any{"syndicat": a.organisation(t, alpi), "nom": "Un autre"})

	for i, want := range []string{"AJOUT CATALOGUE creerCatalogue <nil>", "AJOUT ENTREE creerEntree " + fmt.Sprint(entree), "CORRECTION ENTREE publierEntree " + fmt.Sprint(entree), "AJOUT ABONNEMENT abonnerMembre " + fmt.Sprint(entree)} {
		_, e := f.told()
		var told any
		if e["entree"] != nil {
			told = at(t, e, "entree", "id")
		}
		if got := fmt.Sprintln(e["genre"], e["partie"], at(t, e, "modification", "operation"), told); strings.TrimSpace(got) != want {
			t.Errorf("event %d: %s, want %s", i, got, want)
		}
		if at(t, e, "catalogue", "nom") != "Catalogue d'essai" {
			t.Error(e)
		}
	}
	if _, e := other.told(); at(t, e, "catalogue", "nom") != "Un autre" {
		t.Error("told of another syndicat's catalogue:", e)
	}
}

func TestWhatCannotBeFollowedIsRefused(t *testing.T) {
	t.Parallel()
	a := real(t)
	s := a.serve(t)
	a.commit(t, touch, a.some(t, 1, "true")[0])
	known := a.written(t, "true")[0]
	_, cle, _ := identifiant.ParseGlobal(known)
	for name, c := range map[string]struct {
		query string
		code  string
	}{
		"a malformed event":            {`subscription { usagesModifies(depuis: "rien") { id } }`, "ARGUMENT_INVALIDE"},
		"an empty event":               {`subscription { usagesModifies(depuis: "") { id } }`, "ARGUMENT_INVALIDE"},
		"another thing's id":           {`subscription { usagesModifies(depuis: "` + identifiant.Global("Usage", cle) + `") { id } }`, "ARGUMENT_INVALIDE"},
		"an event that does not exist": {`subscription { usagesModifies(depuis: "` + identifiant.Global("Evenement", cle+"9") + `") { id } }`, "ARGUMENT_INVALIDE"},
		"an event written otherwise":   {`subscription { usagesModifies(depuis: "` + identifiant.Global("Evenement", "0"+cle) + `") { id } }`, "ARGUMENT_INVALIDE"},
		"an event out of bounds":       {`subscription { usagesModifies(depuis: "` + identifiant.Global("Evenement", "99999999999999999999.1") + `") { id } }`, "ARGUMENT_INVALIDE"},
		"a day":                        {`subscription { usagesModifies(filtre: {date: "2026-01-01"}) { id } }`, "ARGUMENT_INVALIDE"},
		"a commune's catalogue":        {`subscription { catalogueModifie(syndicat: "` + a.organisation(t, echirolles) + `") { id } }`, "ARGUMENT_INVALIDE"},
		"an unknown syndicat":          {`subscription { catalogueModifie(syndicat: "` + identifiant.Global("SyndicatMixte", "000000000") + `") { id } }`, "INTROUVABLE"},
		"an event as wide as the graph": {`subscription { usagesModifies { usage { logiciel { usages(first: 100) { nodes { logiciel { usages(first: 100) { nodes { logiciel { usages(first: 100) { nodes { id } } } } } } } } } } } }`,
			"TROP_COMPLEXE"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := s.try(t, "", "", c.query, nil).refused(); got != c.code {
				t.Errorf("%v, want %s", got, c.code)
			}
		})
	}
}

func TestSubscriptionsOpenAtOnceAreBounded(t *testing.T) {
	t.Parallel()
	a := real(t)
	s := a.serve(t)
	s.store.AbonnementsAnonymes, s.store.AbonnementsParIdentite = 2, 1
	one, other := a.jeton(t, droit.Lecteur, sitpi), a.jeton(t, droit.Lecteur, sitpi)
	usage := a.some(t, 1, "true")[0]
	var open []*flux
	for _, authorization := range []string{"", "", one, other} {
		open = append(open, s.subscribe(t, authorization, "", suivreUsages, nil))
	}
	a.commit(t, touch, usage)
	for i, f := range open {
		if id, _ := f.told(); id == "" {
			t.Errorf("subscription %d was not opened", i)
		}
	}
	for _, authorization := range []string{"", one} {
		if code := s.try(t, authorization, "", suivreUsages, nil).refused(); code != "LIMITE_DEBIT" {
			t.Error(code)
		}
	}
	open[0].close()
	wait(t, "a place is left", func() bool { n, _ := s.store.Abonnements(); return n == 3 })
	f := s.subscribe(t, "", "", suivreUsages, nil)
	a.commit(t, touch, usage)
	f.told()
}

func TestWhatWasMergedIsFollowedUnderEitherName(t *testing.T) {
	t.Parallel()
	a := real(t)
	s := a.serve(t)
	software := func(slug string) string { return identifiant.Global("Logiciel", slug) }
	declare := func(logiciel string) any {
		got := a.as(t, droit.Gestionnaire, sitpi).must(t, `mutation ($i: DeclarerUsageInput!) { declarerUsage(input: $i) { usage { id } } }`, map[string]any{"i": map[string]any{
			"utilisateur": a.organisation(t, echirolles), "logiciel": software(logiciel), "statut": "PRODUCTION",
		}})
		return at(t, got.Data, "declarerUsage", "usage", "id")
	}
	var live []*flux
	for _, slug := range []string{"libreoffice", "nextcloud"} {
		live = append(live, s.subscribe(t, "", "", suivreUsages, map[string]any{"f": map[string]any{"logiciels": []string{software(slug)}}}))
	}
	both := func(usage any) (last string) {
		t.Helper()
		for _, f := range live {
			var e map[string]any
			for last, e = f.told(); e["usageId"] != usage; last, e = f.told() { // the merger itself moves usages
				if at(t, e, "modification", "operation") != "fusionnerLogiciels" {
					t.Fatal(e)
				}
			}
		}
		return last
	}
	before := declare("libreoffice")
	if id, e := live[0].told(); id == "" || e["usageId"] != before {
		t.Fatal(e)
	}
	a.as(t, droit.Moderateur, "").fusionnerLogiciels(t, "nextcloud", "libreoffice")
	last := both(declare("libreoffice"))
	both(declare("nextcloud"))
	live = []*flux{s.subscribe(t, "", last, suivreUsages, map[string]any{"f": map[string]any{"logiciels": []string{software("libreoffice")}}})}
	if _, e := live[0].told(); at(t, e, "modification", "operation") != "declarerUsage" {
		t.Error(e)
	}
}

func TestWhoDoesNotReadHoldsNobodyBack(t *testing.T) {
	t.Parallel()
	a := real(t)
	s := a.serve(t)
	held, err := s.store.UsagesModifies(t.Context(), nil, nil) // and is not read
	if err != nil {
		t.Fatal(err)
	}
	f := s.subscribe(t, "", "", `subscription { usagesModifies { id } }`, nil)
	for range 20 {
		a.commit(t, `UPDATE usage SET postes = coalesce(postes, 0) + 1`)
	}
	all := a.written(t, "true")
	for i, want := range all {
		if id, _ := f.told(); id != want {
			t.Fatalf("event %d is %s, want %s", i, id, want)
		}
	}
	for i, want := range all { // it comes later, and has missed nothing
		if e := <-held; e.ID != want {
			t.Fatalf("event %d of who did not read is %s, want %s", i, e.ID, want)
		}
	}
}

func TestNothingIsLeftOfASubscription(t *testing.T) {
	a := real(t)
	s := a.serve(t)
	usage := a.some(t, 1, "true")[0]
	first := s.subscribe(t, "", "", suivreUsages, nil)
	a.commit(t, touch, usage)
	first.told() // the server listens from now on
	first.close()
	http.DefaultClient.CloseIdleConnections()
	wait(t, "the first ends", func() bool { n, _ := s.store.Abonnements(); return n == 0 })
	before := runtime.NumGoroutine()
	for range 3 {
		var open []*flux
		for range 20 {
			open = append(open, s.subscribe(t, "", "", suivreUsages, nil))
		}
		a.commit(t, touch, usage)
		for i, f := range open {
			if i%2 == 0 {
				f.told()
			}
			f.close()
		}
	}
	http.DefaultClient.CloseIdleConnections()
	wait(t, "the goroutines of subscriptions end", func() bool { return runtime.NumGoroutine() <= before })
}

func TestStoppingAServerEndsItsSubscriptions(t *testing.T) {
	a := real(t)
	usage := a.some(t, 1, "true")[0]
	before := runtime.NumGoroutine()
	s := a.serve(t)
	f := s.subscribe(t, "", "", suivreUsages, nil)
	a.commit(t, touch, usage)
	f.told()
	s.stop()
	if e := f.next(); e.kind == "next" {
		t.Error("told of something after the end:", e)
	}
	f.close()
	http.DefaultClient.CloseIdleConnections()
	wait(t, "the goroutines of the server end", func() bool { return runtime.NumGoroutine() <= before })

	// Even when the store alone is closed.
	b := a.serve(t)
	f = b.subscribe(t, "", "", suivreUsages, nil)
	a.commit(t, touch, usage)
	f.told()
	b.store.Close()
	if e := f.next(); e.kind != "complete" {
		t.Errorf("not the end: %+v", e)
	}
}

func TestASocketFollowsUnderTheIdentityOfItsFirstMessage(t *testing.T) {
	t.Parallel()
	a := real(t)
	s := a.serve(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	open := func(authorization string) *websocket.Conn {
		_, before := s.store.Abonnements()
		conn, _, err := websocket.Dial(ctx, s.url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.CloseNow() })
		for _, m := range []any{
			map[string]any{"type": "connection_init", "payload": map[string]any{"Authorization": authorization}},
			map[string]any{"type": "subscribe", "id": "1", "payload": map[string]any{"query": suivreUsages}},
		} {
			raw, _ := json.Marshal(m)
			if err := conn.Write(ctx, websocket.MessageText, raw); err != nil {
				t.Fatal(err)
			}
		}
		wait(t, "the subscription opens", func() bool { _, total := s.store.Abonnements(); return total > before })
		return conn
	}
	next := func(conn *websocket.Conn) (usage, event string) {
		for {
			_, raw, err := conn.Read(ctx)
			if err != nil {
				t.Fatal(err)
			}
			var m struct {
				Type    string
				Payload struct {
					Data       struct{ UsagesModifies struct{ ID, UsageID string } }
					Extensions struct{ Evenement string }
				}
			}
			if err := json.Unmarshal(raw, &m); err == nil && m.Type == "next" {
				if m.Payload.Data.UsagesModifies.ID != m.Payload.Extensions.Evenement {
					t.Errorf("the event is not named: %s", raw)
				}
				return m.Payload.Data.UsagesModifies.UsageID, m.Payload.Extensions.Evenement
			}
		}
	}
	known, anyone := open(a.jeton(t, droit.Lecteur, echirolles)), open("")
	ids := a.some(t, 1, "utilisateur_id <> (SELECT id FROM organisation WHERE cle = '"+echirolles+"')")
	private := value[int64](t, a.pool, `SELECT min(id) FROM usage WHERE utilisateur_id = (SELECT id FROM organisation WHERE cle = $1)`, echirolles)
	a.commit(t, touch, ids[0])
	public, _ := next(known)
	if got, _ := next(anyone); got != public {
		t.Error(got)
	}
	a.commit(t, `UPDATE usage SET visibilite = 'PRIVE' WHERE id = $1`, private)
	hidden, _ := next(known)
	next(anyone) // its withdrawal
	a.commit(t, touch, private)
	a.commit(t, touch, ids[0])
	if got, _ := next(known); got != hidden {
		t.Error("its own private usage is not told:", got)
	}
	if got, _ := next(anyone); got != public {
		t.Error("another's private usage is told:", got)
	}
}
