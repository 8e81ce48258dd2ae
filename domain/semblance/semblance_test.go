package semblance_test

import (
	"testing"

	"github.com/mutualibre/mutualibre/domain/semblance"
)

func ptr(n int) *int { return &n }

// The points of the tables of the schema, worked out by hand.
func TestTheScoreIsTheSumOfTermsThatAreAllShown(t *testing.T) {
	commune := semblance.Profil{Nature: "COMMUNE", Strate: "DE_2000_A_10000", Departement: "38", Region: "84", Population: ptr(4000), Logiciels: 4}
	for name, c := range map[string]struct {
		autre   semblance.Profil
		communs int
		points  [6]semblance.Centiemes
		last    string
	}{
		"herself": {commune, 4, [6]semblance.Centiemes{1000, 1000, 2500, 1500, 1000, 3000}, "4 logiciels en commun sur 4 à elles deux"},
		// 25 × 3000/4000 = 18.75; 30 × 2/7 = 8.571… → 8.57
		"close": {semblance.Profil{Nature: "COMMUNE", Strate: "DE_2000_A_10000", Departement: "38", Region: "84", Population: ptr(3000), Logiciels: 5}, 2,
			[6]semblance.Centiemes{1000, 1000, 1875, 1500, 1000, 857}, "2 logiciels en commun sur 7 à elles deux"},
		// 25 × 4000/12001 = 8.33263… → 8.33; 30 × 1/4 = 7.5
		"another size, elsewhere": {semblance.Profil{Nature: "COMMUNE", Strate: "DE_10000_A_50000", Departement: "13", Region: "93", Population: ptr(12001), Logiciels: 1}, 1,
			[6]semblance.Centiemes{1000, 0, 833, 0, 0, 750}, "1 logiciel en commun sur 4 à elles deux"},
		"nothing known": {semblance.Profil{Nature: "COMMUNE"}, 0, [6]semblance.Centiemes{1000, 0, 0, 0, 0, 0}, "aucun logiciel connu de celle-ci"},
		"nobody there":  {semblance.Profil{Nature: "COMMUNE", Population: ptr(0)}, 0, [6]semblance.Centiemes{1000, 0, 0, 0, 0, 0}, "aucun logiciel connu de celle-ci"},
	} {
		raisons := semblance.Comparer(commune, c.autre, c.communs)
		var sum semblance.Centiemes
		for i, r := range raisons {
			sum += r.Obtenus
			if r.Obtenus != c.points[i] {
				t.Errorf("%s: %s is worth %v, want %v", name, r.Terme, r.Points(), c.points[i].Float64())
			}
			if r.Explication == "" || r.Obtenus > semblance.Centiemes(100*r.Sur) {
				t.Errorf("%s: %+v", name, r)
			}
		}
		if len(raisons) != 6 || semblance.Score(raisons) != sum || raisons[5].Explication != c.last {
			t.Errorf("%s: %d terms, score %v, %q", name, len(raisons), semblance.Score(raisons), raisons[5].Explication)
		}
	}
}

func TestTwoCollectivitesWithoutInhabitantsAreOfTheSameSize(t *testing.T) {
	r := semblance.Comparer(semblance.Profil{Population: ptr(0)}, semblance.Profil{Population: ptr(0)}, 0)
	if r[2].Points() != 25 || r[5].Points() != 0 || r[5].Explication != "aucun logiciel connu ni de l'une ni de l'autre" {
		t.Errorf("%+v %+v", r[2], r[5])
	}
	if r := semblance.Comparer(semblance.Profil{Population: ptr(1_234_567)}, semblance.Profil{Population: ptr(1)}, 0)[2]; r.Explication != "1 habitant contre 1\u202f234\u202f567 habitants" {
		t.Errorf("%q", r.Explication)
	}
}

func TestLikenessIsTheSameBothWays(t *testing.T) {
	a := semblance.Profil{Nature: "EPCI", Strate: "PLUS_100000", Departement: "44", Region: "52", Population: ptr(683_981), Logiciels: 31}
	b := semblance.Profil{Nature: "EPCI", Strate: "PLUS_100000", Departement: "49", Region: "52", Population: ptr(310_007), Logiciels: 17}
	if x, y := semblance.Score(semblance.Comparer(a, b, 9)), semblance.Score(semblance.Comparer(b, a, 9)); x != y || x == 0 {
		t.Errorf("%v one way, %v the other", x, y)
	}
}

func TestASuggestionIsWorthWhoRunsItWhatItReplacesAndWhoOffersIt(t *testing.T) {
	for name, c := range map[string]struct {
		apport semblance.Apport
		points [3]semblance.Centiemes
		third  string
	}{
		"everything":        {semblance.Apport{Utilisateurs: 3, Semblables: 3, Remplaces: 2, Membre: 1, Voisins: 4}, [3]semblance.Centiemes{6000, 2000, 2000}, "proposé par 1 syndicat dont la collectivité est membre"},
		"of the same place": {semblance.Apport{Utilisateurs: 1, Semblables: 7, Remplaces: 1, Voisins: 2}, [3]semblance.Centiemes{857, 2000, 1000}, "proposé par 2 syndicats de son département, dont elle n'est pas membre"},
		"only known":        {semblance.Apport{Utilisateurs: 2, Semblables: 3}, [3]semblance.Centiemes{4000, 0, 0}, "aucun syndicat proche ne le propose"},
	} {
		raisons := semblance.Suggerer(c.apport)
		for i, r := range raisons {
			if r.Obtenus != c.points[i] || r.Obtenus > semblance.Centiemes(100*r.Sur) {
				t.Errorf("%s: %s is worth %v, want %v", name, r.Terme, r.Points(), c.points[i].Float64())
			}
		}
		if raisons[2].Explication != c.third {
			t.Errorf("%s: %q", name, raisons[2].Explication)
		}
	}
}
