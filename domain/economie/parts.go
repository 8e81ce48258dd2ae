package economie

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"
)

// Parts shares a cost, in cents, in proportion to keys: populations, seats, or 1 for each when all pay the same.
// The shares add up to the total exactly: each gets its share rounded down, and the cents left go to the largest
// remainders, the first of the list among equals; so list the payers in an order that does not change. A key of 0 pays
// nothing. Refused, as Fautes: a negative total or key, no key at all, keys that are all 0.
func Parts(total int64, cles []int64) ([]int64, error) {
	var f Fautes
	if total < 0 {
		f.add("un montant ne peut pas être négatif", "total")
	}
	somme := new(big.Int)
	for i, cle := range cles {
		if cle < 0 {
			f.add("une clé de répartition ne peut pas être négative", "cles", strconv.Itoa(i))
		}
		somme.Add(somme, big.NewInt(cle))
	}
	if len(f) == 0 && somme.Sign() == 0 {
		f.add("il faut au moins une clé de répartition qui ne soit pas nulle", "cles")
	}
	if err := f.orNil(); err != nil {
		return nil, err
	}

	parts, ordre, restes := make([]int64, len(cles)), make([]int, len(cles)), make([]big.Int, len(cles))
	aDonner := total
	for i, cle := range cles {
		part := new(big.Int).Mul(big.NewInt(total), big.NewInt(cle))
		part.QuoRem(part, somme, &restes[i])
		parts[i], ordre[i] = part.Int64(), i
		aDonner -= parts[i]
	}
	slices.SortFunc(ordre, func(a, b int) int { return cmp.Or(restes[b].Cmp(&restes[a]), a-b) })
	for _, i := range ordre[:aDonner] {
		parts[i]++
	}
	return parts, nil
}

// GainsDeMutualisation returns what each member saves, in cents, by sharing a cost: what it would pay alone less its
// share by Parts. Negative for a member that would pay less alone. What a member loses by leaving its own service is
// not counted. Refused, as Fautes: what Parts refuses, a negative cost, lists of two lengths.
func GainsDeMutualisation(seul []int64, total int64, cles []int64) ([]int64, error) {
	var f Fautes
	for i, cout := range seul {
		if cout < 0 {
			f.add("un montant ne peut pas être négatif", "seul", strconv.Itoa(i))
		}
	}
	if len(seul) != len(cles) {
		f.add("il faut un coût et une clé de répartition pour chaque membre", "seul")
	}
	if err := f.orNil(); err != nil {
		return nil, err
	}
	gains, err := Parts(total, cles)
	if err != nil {
		return nil, err
	}
	for i, cout := range seul {
		gains[i] = cout - gains[i]
	}
	return gains, nil
}
