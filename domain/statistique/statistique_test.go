package statistique_test

import (
	"testing"

	"github.com/mutualibre/mutualibre/domain/statistique"
)

func TestEqualValuesShareTheBetterRank(t *testing.T) {
	// 9 is first; the two 7 are both second; 4 is fourth, after three.
	values := []float64{4, 7, 9, 7}
	for x, want := range map[float64]int{9: 1, 7: 2, 4: 4, 0: 5} {
		if got := statistique.Rang(x, values); got != want {
			t.Errorf("rank of %v: %d, want %d", x, got, want)
		}
	}
}

func TestQuartilesAreThoseOfSpreadsheets(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   statistique.Quartiles
	}{
		{[]float64{5}, statistique.Quartiles{Premier: 5, Mediane: 5, Troisieme: 5}},
		// Ranks 0 to 3: a quarter of 3 is 0.75, so 1 + 0.75 × (2−1); the half 1.5, so 2 + 0.5 × (3−2); 2.25: 3 + 0.25 × (10−3).
		{[]float64{10, 1, 3, 2}, statistique.Quartiles{Premier: 1.75, Mediane: 2.5, Troisieme: 4.75}},
		// Ranks 0 to 4: whole ones.
		{[]float64{1, 2, 3, 4, 5}, statistique.Quartiles{Premier: 2, Mediane: 3, Troisieme: 4}},
	} {
		if got, ok := statistique.QuartilesDe(c.values); !ok || got != c.want {
			t.Errorf("%v: %+v, want %+v", c.values, got, c.want)
		}
	}
	if _, ok := statistique.QuartilesDe(nil); ok {
		t.Error("no value has quartiles")
	}
}
