package partage_test

import (
	"fmt"
	"testing"

	"github.com/mutualibre/mutualibre/domain/partage"
)

func n(v int64) *int64 { return &v }

// shown writes shares as "base:cents", "?" for what is not known.
func shown(parts []partage.Part) string {
	out := ""
	for _, p := range parts {
		base, montant := "?", "?"
		if p.Base != nil {
			base = fmt.Sprint(*p.Base)
		}
		if p.Montant != nil {
			montant = fmt.Sprint(*p.Montant)
		}
		out += base + ":" + montant + " "
	}
	return out
}

// Worked by hand. 1 000,00 € among three: 333,33 each leaves one cent, which goes to the first. By population 50 000, 30 000
// and 20 000 of 100,01 €: 50,005, 30,003 and 20,002, whose remainders leave one cent to the largest, the first.
func TestACostIsSharedToTheCentByItsKey(t *testing.T) {
	trois := []partage.Payeur{{Population: n(50000), Postes: n(10), Montant: n(7500)}, {Population: n(30000), Postes: n(0), Montant: n(2500)}, {Population: n(20000), Postes: n(5), Montant: n(0)}}
	for _, c := range []struct {
		nom   string
		total *int64
		cle   partage.Cle
		qui   []partage.Payeur
		want  string
	}{
		{"equal shares", n(100000), partage.PartsEgales, trois, "1:33334 1:33333 1:33333 "},
		{"population", n(10001), partage.Population, trois, "50000:5001 30000:3000 20000:2000 "},
		{"seats: who has none pays nothing", n(3000), partage.Postes, trois, "10:2000 0:0 5:1000 "},
		{"amounts told", n(20000), partage.Montants, trois, "7500:15000 2500:5000 0:0 "},
		{"a cost of nothing", n(0), partage.PartsEgales, trois[:2], "1:0 1:0 "},
		{"a total that is not known shares nothing", nil, partage.Population, trois, "50000:? 30000:? 20000:? "},
		{"nor does a key that is not known", n(100), partage.Population, []partage.Payeur{{Population: n(3)}, {}}, "3:? ?:? "},
		{"nor keys that are all 0", n(100), partage.Postes, trois[1:2], "0:? "},
		{"nobody", n(100), partage.PartsEgales, nil, ""},
	} {
		if got := shown(partage.Repartir(c.total, c.cle, c.qui)); got != c.want {
			t.Errorf("%s: %s, want %s", c.nom, got, c.want)
		}
	}
}
