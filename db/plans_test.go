package db_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/seed/seedtest"
)

// capture keeps the statements that the store sends, with their arguments.
type capture struct {
	mu   sync.Mutex
	sent []sentence
}

type sentence struct {
	sql  string
	args []any
}

func (c *capture) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, sentence{d.SQL, d.Args})
	return ctx
}

func (c *capture) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *capture) take() []sentence {
	c.mu.Lock()
	defer c.mu.Unlock()
	sent := c.sent
	c.sent = nil
	return sent
}

// plan is a node of what EXPLAIN (ANALYZE, FORMAT JSON) gives.
type plan struct {
	Type     string  `json:"Node Type"`
	Relation string  `json:"Relation Name"`
	Index    string  `json:"Index Name"`
	Rows     float64 `json:"Actual Rows"`
	Loops    float64 `json:"Actual Loops"`
	Removed  float64 `json:"Rows Removed by Filter"`
	Recheck  float64 `json:"Rows Removed by Index Recheck"`
	Plans    []plan
}

// lues counts the rows of usage that a node and those below it have read, kept or not.
func (p plan) lues() float64 { return p.luesDe("usage") }

// luesDe is lues for any table.
func (p plan) luesDe(table string) float64 {
	n := 0.0
	if p.Relation == table {
		n = (p.Rows + p.Removed + p.Recheck) * p.Loops
	}
	for _, below := range p.Plans {
		n += below.luesDe(table)
	}
	return n
}

// fautes lists what no statement may do to usage: read it in sequence, or sort thousands of its rows. A node that was never
// run did nothing: a condition that nothing meets leaves one behind.
func (p plan) fautes() []string {
	if p.Loops == 0 {
		return nil
	}
	var found []string
	if p.Relation == "usage" && strings.Contains(p.Type, "Seq Scan") {
		found = append(found, "Seq Scan on usage")
	}
	if strings.Contains(p.Type, "Sort") && len(p.Plans) > 0 && p.Plans[0].lues() > 0 {
		if n := p.Plans[0].Rows; n > triMax {
			found = append(found, fmt.Sprintf("%s of %.0f rows of usage", p.Type, n))
		}
	}
	for _, below := range p.Plans {
		found = append(found, below.fautes()...)
	}
	return found
}

const (
	// triMax is the most rows of usage that may be sorted at once.
	triMax = 5_000
	// luesMax is the largest share of usage that a page of the list of all usages may read to show ten: few criteria are
	// met soon, and many are met along the index of the rarest.
	luesMax = 0.1
)

// readPages reads the first page, the last one and the count; with cursors, also the pages around the middle of both
// and whether more rows lie beyond.
func readPages[N any](ctx context.Context, cursors bool, readPage func(page.Args) (*page.Connection[N], error)) error {
	ten := 10
	first, err := readPage(page.Args{First: &ten})
	if err != nil {
		return err
	}
	if _, err := first.TotalCount(ctx); err != nil {
		return err
	}
	last, err := readPage(page.Args{Last: &ten})
	if err != nil || !cursors {
		return err
	}
	for _, from := range []*page.Connection[N]{first, last} {
		edges := from.Edges()
		if len(edges) == 0 {
			continue
		}
		cursor := edges[len(edges)/2].Cursor
		for _, a := range []page.Args{{First: &ten, After: &cursor}, {Last: &ten, Before: &cursor}} {
			p, err := readPage(a)
			if err != nil {
				return err
			}
			if _, err := p.PageInfo().HasNextPage(ctx); err != nil {
				return err
			}
			if _, err := p.PageInfo().HasPreviousPage(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func ptr[T any](v T) *T { return &v }

// filtresUsages is every combination of criteria, each absent, common or rare.
func filtresUsages(communs, rares []string) map[string]*db.FiltreUsages {
	type critere struct {
		nom   string
		poser func(f *db.FiltreUsages, rare bool)
	}
	criteres := []critere{
		{"statuts", func(f *db.FiltreUsages, rare bool) {
			f.Statuts = []db.StatutUsage{"PRODUCTION", "EXPERIMENTATION"}
			if rare {
				f.Statuts = []db.StatutUsage{"PREVU"}
			}
		}},
		{"modalites", func(f *db.FiltreUsages, rare bool) {
			f.Modalites = []db.ModaliteUsage{"DIRECT"}
			if rare {
				f.Modalites = []db.ModaliteUsage{"VIA_SYNDICAT"}
			}
		}},
		{"logiciels", func(f *db.FiltreUsages, rare bool) {
			f.Logiciels = communs
			if rare {
				f.Logiciels = rares
			}
		}},
		{"libre", func(f *db.FiltreUsages, rare bool) { f.Libre = ptr(!rare) }},
		{"departements", func(f *db.FiltreUsages, rare bool) {
			f.Departements = []string{"59", "62", "76"}
			if rare {
				f.Departements = []string{"90"}
			}
		}},
		{"date", func(f *db.FiltreUsages, rare bool) {
			d := "2020-06-01"
			if rare {
				d = "2006-01-01"
			}
			f.Date = ptr(db.Date(d))
		}},
	}
	filtres := map[string]*db.FiltreUsages{"sans filtre": nil}
	combinaisons := 1
	for range criteres {
		combinaisons *= 3
	}
	for c := 1; c < combinaisons; c++ {
		f := &db.FiltreUsages{}
		var nom []string
		for reste, i := c, 0; reste > 0; reste, i = reste/3, i+1 {
			if choix := reste % 3; choix > 0 {
				criteres[i].poser(f, choix == 2)
				nom = append(nom, criteres[i].nom+[]string{"", "", " rare"}[choix])
			}
		}
		filtres[strings.Join(nom, ", ")] = f
	}
	return filtres
}

// usagesDePlans is how many usages the plans are explained over. What they must not do does not depend on it; figures that
// are quoted come from 1,500,000.
var usagesDePlans = flag.Int("usages", 50_000, "number of usages over which plans are explained")

// loupe is a store whose statements are explained, as the server really reads: its settings, and the views of anyone.
type loupe struct {
	s       *db.Store
	sent    *capture
	explain *pgxpool.Pool
	seen    map[string]bool
	usages  int
}

func ouvrirLoupe(t *testing.T) *loupe {
	usages := *usagesDePlans
	url := seedtest.Echantillon(t, usages, 1)
	connected, err := db.Connect(t.Context(), url, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	config := connected.Config()
	connected.Close()
	open := func(tracer pgx.QueryTracer, path string) *pgxpool.Pool {
		c := config.Copy()
		c.ConnConfig.Tracer = tracer
		c.ConnConfig.RuntimeParams["search_path"] = path
		pool, err := pgxpool.NewWithConfig(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		return pool
	}
	l := &loupe{sent: &capture{}, seen: map[string]bool{}, usages: usages, explain: open(nil, "lecture_publique, public")}
	l.s = db.NewStore(open(l.sent, "public"))
	t.Cleanup(func() { l.s.Close() })
	return l
}

// plans explains each statement sent since the last time, once; see is given its plan.
func (l *loupe) plans(t *testing.T, nom string, see func(sql, raw string, p plan)) {
	t.Helper()
	for _, q := range l.sent.take() {
		if key := fmt.Sprint(q.sql, q.args); l.seen[key] || !strings.HasPrefix(strings.TrimSpace(q.sql), "SELECT") && !strings.HasPrefix(strings.TrimSpace(q.sql), "WITH") {
			continue
		} else {
			l.seen[key] = true
		}
		var raw []byte
		if err := l.explain.QueryRow(t.Context(), "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) "+q.sql, append([]any{pgx.QueryExecModeExec}, q.args...)...).Scan(&raw); err != nil {
			t.Fatalf("%s: %v\n%s", nom, err, q.sql)
		}
		var plans []struct{ Plan plan }
		if err := json.Unmarshal(raw, &plans); err != nil {
			t.Fatal(err)
		}
		see(q.sql, string(raw), plans[0].Plan)
	}
}

// TestNoListReadsAllUsagesInSequenceAtScale runs every list of the contract that may read usage, under every combination of its
// filters, and asks PostgreSQL how it read each statement that the store really sent.
func TestNoListReadsAllUsagesInSequenceAtScale(t *testing.T) {
	ctx := t.Context()
	l := ouvrirLoupe(t)
	s, explain, usages := l.s, l.explain, l.usages
	statements, views := 0, false
	check := func(nom string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", nom, err)
		}
		l.plans(t, nom, func(sql, raw string, p plan) {
			statements++
			faults := p.fautes()
			views = views || strings.Contains(raw, `visibilite = 'PUBLIC'`)
			if n := p.lues(); strings.HasPrefix(sql, `SELECT "u"`) && n > float64(usages)*luesMax {
				faults = append(faults, fmt.Sprintf("%.0f rows of usage read", n))
			}
			if len(faults) > 0 {
				t.Errorf("%s: %s\n%s", nom, strings.Join(faults, "; "), sql)
			}
		})
	}
	cle := 0
	selection := func() db.Selection {
		cle++
		return db.Selection{Cle: fmt.Sprint("relation ", cle)}
	}

	// Those whose lists are the longest, and the shortest.
	hundred := page.Args{First: ptr(20)}
	popular, err := s.Logiciels(ctx, nil, ptr(db.TriLogiciels("POPULARITE")), nil, hundred, selection())
	if err != nil {
		t.Fatal(err)
	}
	unknown, err := s.Logiciels(ctx, nil, ptr(db.TriLogiciels("POPULARITE")), ptr(db.Sens("CROISSANT")), hundred, selection())
	if err != nil {
		t.Fatal(err)
	}
	large, err := s.Collectivites(ctx, nil, ptr(db.TriCollectivites("USAGES")), nil, hundred)
	if err != nil {
		t.Fatal(err)
	}
	var busiest string
	if err := explain.QueryRow(ctx, `SELECT o.cle FROM organisation o JOIN usage u ON u.syndicat_id = o.id GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1`).Scan(&busiest); err != nil {
		t.Fatal(err)
	}
	syndicat, err := s.Syndicat(ctx, ptr(identifiant.Global("SyndicatMixte", busiest)), nil)
	if err != nil || syndicat == nil {
		t.Fatal(syndicat, err)
	}
	ids := func(c *db.LogicielConnection) []string { return []string{c.Nodes[0].ID(), c.Nodes[1].ID()} }
	check("tops", nil)

	for nom, f := range filtresUsages(ids(popular), ids(unknown)) {
		cursors := !strings.Contains(nom, "rare")
		check("usages: "+nom, readPages(ctx, cursors, func(a page.Args) (*db.UsageConnection, error) {
			return s.Usages(ctx, f, a, db.Selection{})
		}))
		if strings.Count(nom, ",") > 1 || strings.Contains(nom, ",") && !cursors {
			continue // under a parent the index is the parent's: two criteria at once say it all
		}
		check("usages of 20 logiciels: "+nom, readPages(ctx, cursors, func(a page.Args) (*db.UsageConnection, error) {
			return s.UsagesDuLogiciel(ctx, popular.Nodes[0], f, a, selection())
		}))
		check("usages of 20 collectivités: "+nom, readPages(ctx, cursors, func(a page.Args) (*db.UsageConnection, error) {
			return s.UsagesDe(ctx, large.Nodes[0], f, a, selection())
		}))
		check("usages of a syndicat: "+nom, readPages(ctx, cursors, func(a page.Args) (*db.UsageConnection, error) {
			return s.UsagesDuSyndicat(ctx, syndicat, f, a, selection())
		}))
	}
	// What leads to usages by another road.
	savings, err := s.Economies(ctx, &db.FiltreEconomies{Statuts: []db.StatutEconomie{"CONSTATEE"}}, hundred)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.UsageDeLEconomie(ctx, savings.Nodes[0], selection())
	check("usage of an economie", err)
	some, err := s.Usages(ctx, nil, hundred, db.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Noeud(ctx, some.Nodes[0].ID(), selection())
	check("node", err)
	_, err = s.Collectivites(ctx, &db.FiltreCollectivites{Utilise: ids(popular)}, nil, nil, hundred)
	check("collectivités that use a software", err)
	_, err = s.Logiciels(ctx, &db.FiltreLogiciels{UtiliseDans: []string{"59"}}, nil, nil, hundred, selection())
	check("logiciels used in a département", err)
	if !views {
		t.Error("nothing was read through the views: this explains what the server does not do")
	}
	t.Logf("%d statements explained", statements)
}
