package graph_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/domain/droit"
)

// Each writer pushes the end of the entry by one day from what it read, with the revision that it read, and begins again
// from its reading when another one came before.
func Test200WritersOnOneEntryLoseNoUpdate(t *testing.T) {
	t.Parallel()
	const writers = 200
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	id := agent.made(t, "creerEntree", "id", saisie{"catalogue": agent.catalogueOf(t, sitpi), "logiciel": logiciel("gimp"), "statut": "PROPOSEE", "jusqua": day0(100)})["id"]
	push := func() bool {
		read := at(t, agent.must(t, `query ($id: ID!) { node(id: $id) { ... on EntreeCatalogue { jusqua revision } } }`, map[string]any{"id": id}).Data, "node")
		until, err := time.Parse(time.DateOnly, at(t, read, "jusqua").(string))
		if err != nil {
			t.Error(err)
			return true
		}
		_, codes := agent.attempt(t, "corrigerEntree", "id", saisie{"id": id, "revision": at(t, read, "revision"), "jusqua": until.AddDate(0, 0, 1).Format(time.DateOnly)})
		if len(codes) > 0 && !slices.Equal(codes, []string{"CONFLIT"}) {
			t.Error(codes)
		}
		return len(codes) == 0
	}
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for wait := 200 * time.Millisecond; !push() && !t.Failed(); wait = min(2*wait, 2*time.Second) {
				time.Sleep(rand.N(wait))
			}
		})
	}
	all.Wait()
	got := at(t, agent.must(t, `query ($id: ID!) { node(id: $id) { ... on EntreeCatalogue { jusqua revision } } }`, map[string]any{"id": id}).Data, "node")
	if at(t, got, "jusqua") != day0(100+writers) || at(t, got, "revision") != float64(1+writers) {
		t.Errorf("%v, want %s at revision %d", got, day0(100+writers), 1+writers)
	}
	if n := value[int](t, a.pool, `SELECT count(DISTINCT p.numero) FROM journal j JOIN publication p ON p.id = j.publication_id WHERE p.operation = 'corrigerEntree'`); n != writers {
		t.Errorf("%d corrections in the journal, want %d", n, writers)
	}
}

func TestOneKeySent20TimesAtOnceCreatesOneEntry(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	in := saisie{"cleIdempotence": "une-seule-fois", "catalogue": agent.catalogueOf(t, sitpi), "logiciel": logiciel("gimp")}
	ids := make([]any, 20)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			e, codes := agent.attempt(t, "creerEntree", "id", in)
			if len(codes) > 0 {
				t.Error(codes)
			}
			ids[i] = e["id"]
		})
	}
	all.Wait()
	if ids[0] == nil || len(slices.Compact(ids)) != 1 {
		t.Error("ids:", ids)
	}
	if n := value[int](t, a.pool, `SELECT count(*) FROM journal WHERE nom_table = 'entree_catalogue' AND genre = 'AJOUT'`); n != 1 {
		t.Errorf("%d entries", n)
	}
}

// Without a key, or with a key each, they are as many demands, of which one finds the place free.
func TestASoftwareSent20TimesAtOnceStandsOnceInTheCatalogue(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	in := saisie{"catalogue": agent.catalogueOf(t, sitpi), "logiciel": logiciel("gimp")}
	var (
		all  sync.WaitGroup
		seen sync.Map
		done [20]bool
	)
	for i := range done {
		all.Go(func() {
			e, codes := agent.attempt(t, "creerEntree", "id", in)
			seen.Store(e["id"], true)
			done[i] = len(codes) == 0
			if !done[i] && !slices.Equal(codes, []string{"DUPLIQUE"}) {
				t.Error(codes)
			}
		})
	}
	all.Wait()
	ids, ok := 0, 0
	seen.Range(func(any, any) bool { ids++; return true })
	for _, d := range done {
		if d {
			ok++
		}
	}
	if ids != 1 || ok != 1 {
		t.Errorf("%d entries, %d demands done; want one", ids, ok)
	}
}
