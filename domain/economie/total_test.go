package economie_test

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/mutualibre/mutualibre/domain/economie"
)

type affirmations = []economie.Affirmation

func TestASyndicatsSavingAndItsMembersSharesCountOnce(t *testing.T) {
	syndicat := economie.Affirmation{ID: 1, Statut: "CONSTATEE", Brut: new(int64(100)), Net: new(int64(60))}
	part2 := economie.Affirmation{ID: 2, ParentID: new(int64(1)), Statut: "CONSTATEE", Brut: new(int64(70)), Net: new(int64(40))}
	part3 := economie.Affirmation{ID: 3, ParentID: new(int64(1)), Statut: "CONSTATEE", Brut: new(int64(30)), Net: new(int64(20))}
	prevue := economie.Affirmation{ID: 4, ParentID: new(int64(1)), Statut: "PREVUE", Brut: new(int64(25))}
	constatee := func(nombre int, brut, net int64) economie.Total {
		return economie.Total{Statut: "CONSTATEE", Nombre: nombre, Brut: &brut, Net: &net}
	}
	sousPart := economie.Affirmation{ID: 5, ParentID: new(int64(4)), Statut: "CONSTATEE", Brut: new(int64(5)), Net: new(int64(5))}
	autre := economie.Affirmation{ID: 6, Statut: "VERIFIEE", Brut: new(int64(9)), Net: new(int64(9))}
	syndicatSousAutre := syndicat
	syndicatSousAutre.ParentID = new(int64(6))
	muet := economie.Affirmation{ID: 1, Statut: "CONSTATEE"}

	for nom, cas := range map[string]struct {
		liste affirmations
		want  []economie.Total
	}{
		"the syndicat and its members":   {affirmations{part2, syndicat, part3}, []economie.Total{constatee(1, 100, 60)}},
		"the members alone":              {affirmations{part2, part3}, []economie.Total{constatee(2, 100, 60)}},
		"one member":                     {affirmations{part3}, []economie.Total{constatee(1, 30, 20)}},
		"the same saving listed twice":   {affirmations{part3, part3}, []economie.Total{constatee(1, 30, 20)}},
		"a share of another statut":      {affirmations{prevue, syndicat}, []economie.Total{constatee(1, 100, 60), {Statut: "PREVUE", Nombre: 1, Brut: new(int64(25)), SansNet: 1}}},
		"a share further down":           {affirmations{sousPart, prevue, syndicat}, []economie.Total{constatee(1, 100, 60), {Statut: "PREVUE", Nombre: 1, Brut: new(int64(25)), SansNet: 1}}},
		"a parent, then another statut":  {affirmations{part2, syndicatSousAutre, autre}, []economie.Total{constatee(1, 100, 60), {Statut: "VERIFIEE", Nombre: 1, Brut: new(int64(9)), Net: new(int64(9))}}},
		"a link missing":                 {affirmations{sousPart, syndicat}, []economie.Total{constatee(2, 105, 65)}},
		"a parent that states no amount": {affirmations{muet, part2}, []economie.Total{{Statut: "CONSTATEE", Nombre: 1, SansBrut: 1, SansNet: 1}}},
		"nothing":                        {nil, []economie.Total{}},
	} {
		totaux, err := economie.Totaux(cas.liste)
		if err != nil || !reflect.DeepEqual(totaux, cas.want) {
			t.Errorf("%s: %+v, %v, want %+v", nom, totaux, err, cas.want)
		}
		slices.Reverse(cas.liste)
		if envers, _ := economie.Totaux(cas.liste); !reflect.DeepEqual(envers, totaux) {
			t.Errorf("%s: %+v in the other order, want %+v", nom, envers, totaux)
		}
	}
}

func TestAnAmountNobodyStatesIsNullAndZeroIsZero(t *testing.T) {
	totaux, err := economie.Totaux(affirmations{
		{ID: 1, Statut: "ANNONCEE", Brut: new(int64(0))},
		{ID: 2, Statut: "ANNONCEE", Brut: new(int64(-5))},
		{ID: 3, Statut: "ANNONCEE"},
	})
	want := []economie.Total{{Statut: "ANNONCEE", Nombre: 3, Brut: new(int64(-5)), SansBrut: 1, SansNet: 3}}
	if err != nil || !reflect.DeepEqual(totaux, want) {
		t.Errorf("%+v, %v, want %+v", totaux, err, want)
	}
}

func TestLicencesAddUpAsAmountsDo(t *testing.T) {
	totaux, err := economie.Totaux(affirmations{
		{ID: 1, Statut: "A", Licences: new(int64(100))}, {ID: 2, Statut: "A", ParentID: new(int64(1)), Licences: new(int64(60))},
		{ID: 3, Statut: "A", Licences: new(int64(7))}, {ID: 4, Statut: "A"}, {ID: 5, Statut: "B"},
	})
	want := []economie.Total{{Statut: "A", Nombre: 3, Licences: new(int64(107)), SansBrut: 3, SansNet: 3}, {Statut: "B", Nombre: 1, SansBrut: 1, SansNet: 1}}
	if err != nil || !reflect.DeepEqual(totaux, want) {
		t.Errorf("%+v, %v, want %+v", totaux, err, want)
	}
}

func TestASavingThatIsAShareOfItselfIsRefused(t *testing.T) {
	for nom, liste := range map[string]affirmations{
		"directly":   {{ID: 1, ParentID: new(int64(1)), Statut: "A"}},
		"by another": {{ID: 1, ParentID: new(int64(2)), Statut: "A"}, {ID: 2, ParentID: new(int64(1)), Statut: "A"}},
		"further up": {{ID: 3, ParentID: new(int64(1)), Statut: "B"}, {ID: 1, ParentID: new(int64(2)), Statut: "A"}, {ID: 2, ParentID: new(int64(1)), Statut: "A"}},
	} {
		if totaux, err := economie.Totaux(liste); err == nil {
			t.Errorf("%s: %+v, want an error", nom, totaux)
		}
	}
}

func TestASumThatDoesNotFitIsRefused(t *testing.T) {
	totaux, err := economie.Totaux(affirmations{
		{ID: 1, Statut: "A", Net: new(int64(math.MaxInt64))}, {ID: 2, Statut: "A", Net: new(int64(1))},
	})
	if err == nil {
		t.Errorf("%+v, want an error", totaux)
	}
}

// One saving told twice is one saving; what may be another is another.
func TestASavingThatSeveralSourcesTellCountsOnce(t *testing.T) {
	dit := func(id int64, change func(*economie.Affirmation)) economie.Affirmation {
		a := economie.Affirmation{ID: id, Beneficiaire: 1, Nature: "LICENCES", Statut: "ANNONCEE", Brut: new(int64(780)), Logiciel: new(int64(5))}
		change(&a)
		return a
	}
	same := func(*economie.Affirmation) {}
	for nom, c := range map[string]struct {
		second func(*economie.Affirmation)
		n      int
	}{
		"the same":                          {same, 1},
		"about no software":                 {func(a *economie.Affirmation) { a.Logiciel = nil }, 1},
		"about another software":            {func(a *economie.Affirmation) { a.Logiciel = new(int64(6)) }, 2},
		"of another amount":                 {func(a *economie.Affirmation) { a.Brut = new(int64(781)) }, 2},
		"with a net that the first had not": {func(a *economie.Affirmation) { a.Net = new(int64(3)) }, 2},
		"of another beneficiary":            {func(a *economie.Affirmation) { a.Beneficiaire = 2 }, 2},
		"of another nature":                 {func(a *economie.Affirmation) { a.Nature = "MATERIEL" }, 2},
		"a share of something":              {func(a *economie.Affirmation) { a.ParentID = new(int64(9)) }, 2},
		"of another statut":                 {func(a *economie.Affirmation) { a.Statut = "PREVUE" }, 2},
	} {
		comptees, err := economie.Comptees([]economie.Affirmation{dit(1, same), dit(2, c.second)})
		if err != nil || len(comptees) != c.n {
			t.Errorf("%s: %d count, want %d (%v)", nom, len(comptees), c.n, err)
		}
	}
	if comptees, _ := economie.Comptees([]economie.Affirmation{dit(1, same), dit(1, same)}); len(comptees) != 1 {
		t.Error("a claim listed twice repeats itself")
	}
	muette := func(a *economie.Affirmation) { a.Brut = nil }
	if comptees, _ := economie.Comptees([]economie.Affirmation{dit(1, muette), dit(2, muette)}); len(comptees) != 2 {
		t.Error("two claims that state no amount are taken for one")
	}
}
