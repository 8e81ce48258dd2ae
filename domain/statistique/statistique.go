// Package statistique places a value among others: rank and quartiles.
package statistique

import "slices"

// Rang is the rank of x among the values, 1 for the largest; equal values share the better rank, as in a competition.
func Rang(x float64, valeurs []float64) int {
	rang := 1
	for _, v := range valeurs {
		if v > x {
			rang++
		}
	}
	return rang
}

// Quartiles are the values below which a quarter, a half and three quarters of the others lie.
type Quartiles struct{ Premier, Mediane, Troisieme float64 }

// QuartilesDe returns the quartiles of the values, by linear interpolation between the two nearest (method 7 of Hyndman and
// Fan, 1996: the one of spreadsheets, QUARTILE.INC); false when there is none. valeurs is left as it was.
func QuartilesDe(valeurs []float64) (Quartiles, bool) {
	if len(valeurs) == 0 {
		return Quartiles{}, false
	}
	sorted := slices.Sorted(slices.Values(valeurs))
	at := func(quarts int) float64 {
		position := quarts * (len(sorted) - 1) // in quarters of a rank
		below := sorted[position/4]
		if position%4 == 0 {
			return below
		}
		return below + (sorted[position/4+1]-below)*float64(position%4)/4
	}
	return Quartiles{at(1), at(2), at(3)}, true
}
