package echantillon

import (
	"math/bits"
	"sort"
)

// courbe gives the usual number of usages of a commune by its population, when the whole of France runs 1.5 million;
// in between, a straight line.
var courbe = []struct{ population, usages int }{
	{0, 14}, {500, 26}, {2_000, 48}, {10_000, 100}, {50_000, 190}, {100_000, 240}, {500_000, 300},
}

func usuel(population int) int {
	i := sort.Search(len(courbe), func(i int) bool { return courbe[i].population > population })
	if i == len(courbe) {
		return courbe[i-1].usages
	}
	a, b := courbe[i-1], courbe[i]
	return a.usages + (b.usages-a.usages)*(population-a.population)/(b.population-a.population)
}

// poids says how many usages an organisation would have, beside the others, in thousandths.
func (o organisation) poids(h *hasard) int {
	usages := 0
	switch {
	case o.Genre == genreSyndicat:
		usages = 45
	case o.Nature == "COMMUNE":
		usages = usuel(max(o.Population, 0))
	case o.Nature == "EPCI" || o.Nature == "EPT":
		usages = 20 + usuel(max(o.Population, 5_000))*3/4
	case o.Nature == "DEPARTEMENT" || o.Nature == "REGION":
		usages = usuel(max(o.Population, 200_000))
	default:
		usages = usuel(max(o.Population, 1_000))
	}
	return usages * h.entre(600, 1400)
}

// repartir shares exactly total usages out among the organisations, none of them beyond its ceiling; false when all the
// ceilings together are below total. A sample of less than half the usual number leaves organisations out, as an
// observatory at its beginnings does, rather than give each of them next to nothing.
func repartir(organisations []organisation, plafonds []int, total int, graine uint64) ([]int, bool) {
	h := nouveauHasard()
	poids := make([]int, len(organisations))
	usuels := 0
	for i, o := range organisations {
		h.reprendre(graine, fluxQuotas, i)
		poids[i] = o.poids(h)
		usuels += poids[i] / 1000
	}
	if 2*total < usuels {
		connus := make([]int, len(poids))
		for i, p := range poids {
			h.reprendre(graine, fluxConnus, i)
			if h.n(usuels) < 2*total {
				connus[i] = p
			}
		}
		if quotas, ok := partager(connus, plafonds, total); ok {
			return quotas, true
		}
	}
	return partager(poids, plafonds, total)
}

// partager shares total out in proportion to the weights, again and again while ceilings leave a remainder. It uses up
// the weights.
func partager(poids, plafonds []int, total int) ([]int, bool) {
	quotas := make([]int, len(poids))
	for reste := total; reste > 0; {
		somme := 0
		for _, p := range poids {
			somme += p
		}
		if somme == 0 {
			return nil, false
		}
		cumul, donne, distribue := 0, 0, 0
		for i, p := range poids {
			cumul += p
			part := mulDiv(cumul, reste, somme) - donne
			donne += part
			if place := plafonds[i] - quotas[i]; part >= place {
				part = place
				poids[i] = 0
			}
			quotas[i] += part
			distribue += part
		}
		reste -= distribue
	}
	return quotas, true
}

// mulDiv returns a×b/c without overflowing in between.
func mulDiv(a, b, c int) int {
	haut, bas := bits.Mul64(uint64(a), uint64(b))
	q, _ := bits.Div64(haut, bas, uint64(c))
	return int(q)
}
