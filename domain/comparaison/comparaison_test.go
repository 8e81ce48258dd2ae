package comparaison_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/mutualibre/mutualibre/domain/comparaison"
)

// Six software, in the order of their names; only "e" is not free.
const (
	a int64 = iota + 1
	b
	c
	d
	e
	f
)

var logiciels = []comparaison.Logiciel{
	{ID: f, Nom: "f", Libre: true, Utilisateurs: 50},
	{ID: a, Nom: "a", Libre: true, Utilisateurs: 9},
	{ID: b, Nom: "b", Libre: true, Utilisateurs: 9},
	{ID: c, Nom: "c", Libre: true},
	{ID: d, Nom: "d", Libre: true, Utilisateurs: 10},
	{ID: e, Nom: "e", Utilisateurs: 1000},
}

// offers lists what each catalogue offers, without services.
func offers(catalogues ...[]int64) (entrees []comparaison.Entree) {
	for i, of := range catalogues {
		for _, l := range of {
			entrees = append(entrees, comparaison.Entree{Catalogue: i, Logiciel: l})
		}
	}
	return entrees
}

// A = {a, b, c, d}   B = {a, b, e}   C = {a, d, f}
//
//	in all: a                                        union of the three: a b c d e f = 6
//	alone:  A c; B e; C f
//	A∩B = {a, b}, A∪B = {a, b, c, d, e}: 2/5         A∩C = {a, d}, A∪C = {a, b, c, d, f}: 2/5
//	B∩C = {a},    B∪C = {a, b, d, e, f}: 1/5
//	free:   A 4 of 4; B 2 of 3 (e is not); C 3 of 3
//
// Missing, free ones only (so never e):
//
//	A lacks f (offered by C: 1)
//	B lacks c (A: 1), d (A and C: 2), f (C: 1)
//	C lacks b (A and B: 2), c (A: 1)
//
// Offered by 2: d has 10 users, b has 9. Offered by 1: f has 50 users (A then B), c has none (B then C).
func TestComparingCountsWhatIsSharedAloneAndMissing(t *testing.T) {
	got := comparaison.Comparer(3, offers([]int64{d, c, b, a}, []int64{e, a, b}, []int64{f, d, a}), logiciels)
	want := comparaison.Resultat{
		Logiciels: 6,
		Communs:   []int64{a},
		Lignes: []comparaison.Ligne{
			{Logiciels: 4, Libres: 4, Propres: []int64{c}, Manques: 1, Services: map[string]int{}},
			{Logiciels: 3, Libres: 2, Propres: []int64{e}, Manques: 3, Services: map[string]int{}},
			{Logiciels: 3, Libres: 3, Propres: []int64{f}, Manques: 2, Services: map[string]int{}},
		},
		Similarite: [][]float64{{1, 0.4, 0.4}, {0.4, 1, 0.2}, {0.4, 0.2, 1}},
		Manques: []comparaison.Manque{
			{Catalogue: 1, Logiciel: d, OffertPar: 2}, {Catalogue: 2, Logiciel: b, OffertPar: 2},
			{Catalogue: 0, Logiciel: f, OffertPar: 1}, {Catalogue: 1, Logiciel: f, OffertPar: 1},
			{Catalogue: 1, Logiciel: c, OffertPar: 1}, {Catalogue: 2, Logiciel: c, OffertPar: 1},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestSoftwareOfOneNumberOfUsersIsMissedByName(t *testing.T) {
	// The second catalogue lacks a and b, both offered once and used 9 times.
	got := comparaison.Comparer(2, offers([]int64{b, a}, nil), logiciels).Manques
	want := []comparaison.Manque{{Catalogue: 1, Logiciel: a, OffertPar: 1}, {Catalogue: 1, Logiciel: b, OffertPar: 1}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Offered twice by the first catalogue, a counts once: {a} and {a, b} share 1 of 2. Its two entries each offer a
// hosting, one a training too: 2 and 1.
func TestWhatACatalogueOffersTwiceCountsOnceAndItsServicesTwice(t *testing.T) {
	got := comparaison.Comparer(2, []comparaison.Entree{
		{Catalogue: 0, Logiciel: a, Services: []string{"HEBERGEMENT"}},
		{Catalogue: 0, Logiciel: a, Services: []string{"HEBERGEMENT", "FORMATION"}},
		{Catalogue: 1, Logiciel: a}, {Catalogue: 1, Logiciel: b},
	}, logiciels)
	if got.Lignes[0].Logiciels != 1 || got.Lignes[0].Libres != 1 || got.Similarite[0][1] != 0.5 || !slices.Equal(got.Communs, []int64{a}) {
		t.Errorf("%+v", got)
	}
	if want := map[string]int{"HEBERGEMENT": 2, "FORMATION": 1}; !reflect.DeepEqual(got.Lignes[0].Services, want) {
		t.Errorf("services: %v, want %v", got.Lignes[0].Services, want)
	}
}

// The first two offer nothing, the third offers a: equal sets give 1, an empty one and another give 0/1.
func TestEmptyCataloguesAreAlikeAndUnlikeAnyOther(t *testing.T) {
	got := comparaison.Comparer(3, offers(nil, nil, []int64{a}), logiciels)
	if want := [][]float64{{1, 1, 0}, {1, 1, 0}, {0, 0, 1}}; !reflect.DeepEqual(got.Similarite, want) {
		t.Errorf("similarity %v, want %v", got.Similarite, want)
	}
	if got.Logiciels != 1 || got.Communs != nil || got.Lignes[0].Propres != nil || !slices.Equal(got.Lignes[2].Propres, []int64{a}) {
		t.Errorf("%+v", got)
	}
}

func TestTheFirstMissingOfEachCatalogueKeepTheirOrder(t *testing.T) {
	r := comparaison.Comparer(3, offers([]int64{d, c, b, a}, []int64{e, a, b}, []int64{f, d, a}), logiciels)
	want := []comparaison.Manque{ // of the six above, the first of each
		{Catalogue: 1, Logiciel: d, OffertPar: 2}, {Catalogue: 2, Logiciel: b, OffertPar: 2}, {Catalogue: 0, Logiciel: f, OffertPar: 1},
	}
	if got := r.PremiersManques(1); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := r.PremiersManques(100); !slices.Equal(got, r.Manques) {
		t.Errorf("all: %+v", got)
	}
	if got := r.PremiersManques(0); len(got) != 0 {
		t.Errorf("none: %+v", got)
	}
}
