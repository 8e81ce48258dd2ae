package economie_test

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/domain/economie"
)

func TestPartsGoByKeyAndTheLastCentsToTheLargestRemainders(t *testing.T) {
	for nom, cas := range map[string]struct {
		total int64
		cles  []int64
		parts []int64
	}{
		"in proportion":                  {1000, []int64{1, 3}, []int64{250, 750}},
		"equals: the first gets it":      {100, []int64{1, 1, 1}, []int64{34, 33, 33}},
		"the largest remainder":          {10, []int64{15, 16, 69}, []int64{1, 2, 7}}, // 1.5, 1.6, 6.9
		"a key of 0 pays nothing":        {5, []int64{0, 1, 1}, []int64{0, 3, 2}},
		"nothing to pay":                 {0, []int64{4, 5}, []int64{0, 0}},
		"beyond 64 bits in between":      {math.MaxInt64, []int64{math.MaxInt64, math.MaxInt64}, []int64{math.MaxInt64/2 + 1, math.MaxInt64 / 2}},
		"fewer cents than those who pay": {1, []int64{1, 2, 2}, []int64{0, 1, 0}},
	} {
		parts, err := economie.Parts(cas.total, cas.cles)
		if err != nil || !slices.Equal(parts, cas.parts) {
			t.Errorf("%s: %d, %v, want %d", nom, parts, err, cas.parts)
		}
	}
}

func TestPartsRefusesWhatCannotBeShared(t *testing.T) {
	for nom, cas := range map[string]struct {
		total int64
		cles  []int64
		champ string
	}{
		"no key":           {1, nil, "cles"},
		"keys all 0":       {1, []int64{0, 0}, "cles"},
		"a negative key":   {1, []int64{3, -1}, "cles.1"},
		"a negative total": {-1, []int64{1}, "total"},
	} {
		parts, err := economie.Parts(cas.total, cas.cles)
		var f economie.Fautes
		if parts != nil || !errors.As(err, &f) || len(f) != 1 || strings.Join(f[0].Champ, ".") != cas.champ {
			t.Errorf("%s: %d, %v, want a fault of %s", nom, parts, err, cas.champ)
		}
	}
}

func TestAMemberGainsWhatItWouldPayAloneLessItsShare(t *testing.T) {
	gains, err := economie.GainsDeMutualisation([]int64{500, 500, 100}, 900, []int64{1, 1, 1})
	if err != nil || !slices.Equal(gains, []int64{200, 200, -200}) {
		t.Errorf("gains = %d, %v", gains, err)
	}
	for nom, seul := range map[string][]int64{"a cost missing": {1}, "a negative cost": {1, -1}} {
		if gains, err := economie.GainsDeMutualisation(seul, 900, []int64{1, 1}); err == nil {
			t.Errorf("%s: %d, want an error", nom, gains)
		}
	}
}

// FuzzParts checks that shares add up to the total, that each is its exact share to less than a cent, and that a
// larger key never pays less.
func FuzzParts(f *testing.F) {
	f.Add(int64(100), []byte{0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1})
	f.Add(int64(math.MaxInt64), slices.Repeat([]byte{0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 5))
	f.Add(int64(-1), []byte{0x80, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, total int64, octets []byte) {
		var cles []int64
		somme := new(big.Int)
		for ; len(octets) >= 8 && len(cles) < 100; octets = octets[8:] {
			cles = append(cles, int64(binary.BigEndian.Uint64(octets)))
			somme.Add(somme, big.NewInt(cles[len(cles)-1]))
		}
		parts, err := economie.Parts(total, cles)
		if err != nil {
			if total >= 0 && somme.Sign() > 0 && slices.Min(cles) >= 0 {
				t.Fatalf("refused %d by %d: %v", total, cles, err)
			}
			return
		}
		reste := total
		for i, part := range parts {
			reste -= part
			exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(total), big.NewInt(cles[i])), somme)
			if ecart := exact.Sub(exact, new(big.Rat).SetInt64(part)); ecart.Abs(ecart).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("share %d of %d by %d is %d", i, total, cles, part)
			}
			for j := range i {
				if cles[j] < cles[i] && parts[j] > part {
					t.Fatalf("key %d pays %d, key %d pays %d", cles[j], parts[j], cles[i], part)
				}
			}
		}
		if reste != 0 {
			t.Fatalf("%d by %d leaves %d", total, cles, reste)
		}
	})
}
