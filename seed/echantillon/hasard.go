package echantillon

import (
	"math/rand/v2"
	"sort"
	"time"
)

// The streams of the generator: one number each, so that no two things are drawn from the same stream.
const (
	fluxLogiciels uint64 = iota + 1
	fluxQuotas
	fluxSyndicats
	fluxCollectivites
	fluxUUID
	fluxConnus
)

// hasard draws from one stream, restarted for each thing that is drawn.
type hasard struct {
	pcg  rand.PCG
	rand *rand.Rand
}

func nouveauHasard() *hasard {
	h := &hasard{}
	h.rand = rand.New(&h.pcg)
	return h
}

// reprendre starts again at the beginning of what belongs to thing number n of a stream.
func (h *hasard) reprendre(graine, flux uint64, n int) {
	h.pcg.Seed(melanger(graine^melanger(flux)), melanger(melanger(graine+flux)^uint64(n)))
}

// n returns a number from 0 to max-1; 0 when max is not above 1.
func (h *hasard) n(max int) int {
	if max <= 1 {
		return 0
	}
	return int(h.rand.Uint64N(uint64(max)))
}

// entre returns a number from min to max, both included.
func (h *hasard) entre(min, max int) int { return min + h.n(max-min+1) }

// pourMille is true so many times out of a thousand.
func (h *hasard) pourMille(p int) bool { return h.n(1000) < p }

// date returns a day from min to max, both included; min when max is before it.
func (h *hasard) date(min, max jour) jour { return min + jour(h.n(int(max-min)+1)) }

// melanger is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014): near inputs give far outputs, one to one.
func melanger(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// cleUUID returns the key of row n of a table: a version 8 UUID (RFC 9562, 5.8), the same for the same seed.
func cleUUID(graine uint64, table, n int) (u [16]byte) {
	espace := melanger(graine ^ melanger(fluxUUID<<8|uint64(table)))
	haut, bas := melanger(espace^uint64(n)), melanger(melanger(espace)^uint64(n))
	for i := range 8 {
		u[i], u[8+i] = byte(haut>>(56-8*i)), byte(bas>>(56-8*i))
	}
	u[6] = u[6]&0x0f | 0x80
	u[8] = u[8]&0x3f | 0x80
	return u
}

// tirage draws indexes in proportion to their weights.
type tirage struct{ cumul []uint64 }

func nouveauTirage(poids []uint64) tirage {
	t := tirage{cumul: make([]uint64, len(poids))}
	somme := uint64(0)
	for i, p := range poids {
		somme += p
		t.cumul[i] = somme
	}
	return t
}

// draw returns an index whose weight is not 0. The sum of the weights must not be 0.
func (t tirage) draw(h *hasard) int {
	x := h.rand.Uint64N(t.cumul[len(t.cumul)-1])
	return sort.Search(len(t.cumul), func(i int) bool { return t.cumul[i] > x })
}

// jour is a day, counted from 1970-01-01; 0 stands for "not known".
type jour int32

func jourDe(t time.Time) jour { return jour(t.Unix() / 86400) }

var (
	premierJour = jourDe(time.Date(2005, time.January, 1, 0, 0, 0, 0, time.UTC))
	dernierJour = jourDe(DateFixe())
)

// an returns the first of January of a year.
func an(annee int) jour { return jourDe(time.Date(annee, time.January, 1, 0, 0, 0, 0, time.UTC)) }

// temps returns the day's midnight, UTC.
func (j jour) temps() time.Time { return time.Unix(int64(j)*86400, 0).UTC() }
