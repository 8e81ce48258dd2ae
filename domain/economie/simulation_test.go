package economie_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/domain/economie"
)

func TestAnAmountBySeatAndByYearIsWhatTheCasesConclude(t *testing.T) {
	for nom, cas := range map[string]struct {
		montant       int64
		postes, annes int
		want          int64
	}{
		"Toulouse: 1.8 M€, 10,000 seats, 3 years": {1800 * milliersEuros, 10_000, 3, 60 * euro},
		"Nantes: 1.6 M€, 5,000 seats, 5 years":    {1600 * milliersEuros, 5_000, 5, 64 * euro},
		"Saint-Cyr: 48,907.20 €, 241 seats":       {48_907_20, 241, 1, 202_93}, // 202.934…
		"half a cent away from zero":              {1, 2, 1, 1},
		"a loss":                                  {-3, 2, 1, -2},
		"beyond 64 bits in between":               {math.MaxInt64, math.MaxInt, math.MaxInt, 0},
	} {
		if q, ok := economie.ParPosteEtParAn(cas.montant, cas.postes, cas.annes); !ok || q != cas.want {
			t.Errorf("%s: %d, %t, want %d", nom, q, ok, cas.want)
		}
	}
	for _, inconnu := range [][2]int{{0, 3}, {10, 0}, {-1, 3}} {
		if q, ok := economie.ParPosteEtParAn(100, inconnu[0], inconnu[1]); ok {
			t.Errorf("%v seats and years give %d", inconnu, q)
		}
	}
}

func TestAPublishedPriceIsPaidEveryYearOnlyIfLaterYearsAreGiven(t *testing.T) {
	if p := economie.PrixDePoste(new(int64(120*euro)), nil); *p != (economie.Prix{Mode: economie.Achat, Premiere: 120 * euro}) {
		t.Errorf("bought: %+v", p)
	}
	if p := economie.PrixDePoste(new(int64(52)), new(int64(36))); *p != (economie.Prix{Mode: economie.ParAn, Premiere: 52, Suivantes: 36}) {
		t.Errorf("paid every year: %+v", p)
	}
	if p := economie.PrixDePoste(nil, new(int64(36))); p != nil {
		t.Errorf("no price: %+v", p)
	}
}

func TestTheMedianIsAnAmountThatASourceGives(t *testing.T) {
	for _, cas := range []struct {
		montants []int64
		want     economie.Repere
	}{
		{[]int64{7}, economie.Repere{Nombre: 1, Minimum: 7, Mediane: 7, Maximum: 7}},
		{[]int64{9, 1}, economie.Repere{Nombre: 2, Minimum: 1, Mediane: 1, Maximum: 9}},
		{[]int64{9, 1, 4}, economie.Repere{Nombre: 3, Minimum: 1, Mediane: 4, Maximum: 9}},
		{[]int64{9, 1, 4, 8}, economie.Repere{Nombre: 4, Minimum: 1, Mediane: 4, Maximum: 9}},
	} {
		if r := economie.Reperes(cas.montants); r == nil || *r != cas.want {
			t.Errorf("%v: %+v, want %+v", cas.montants, r, cas.want)
		}
	}
	if r := economie.Reperes(nil); r != nil {
		t.Errorf("nothing: %+v", r)
	}
}

// arles is 500 seats that leave Microsoft Office for five years, at the three prices that are published and at Toulouse's
// cost of migration, 80 € a seat.
func arles() economie.Projet {
	return economie.Projet{
		Commun:            economie.Calcul{Postes: 500, HorizonAnnees: 5},
		Prix:              []economie.Prix{economie.PrixParAn(60 * euro), economie.PrixParAn(202_93), {Mode: economie.Achat, Premiere: 120 * euro}},
		MigrationParPoste: []int64{80 * euro},
		RecurrentsConnus:  true,
	}
}

func scenarios(t *testing.T, p economie.Projet) [3]economie.Scenario {
	t.Helper()
	bas, central, haut, err := p.Scenarios()
	if err != nil {
		t.Fatal(err)
	}
	return [3]economie.Scenario{bas, central, haut}
}

func TestScenariosRestOnTheLowestTheMedianAndTheHighestPrice(t *testing.T) {
	for i, want := range []struct {
		prix              int
		brut, net, retour int64
	}{
		{2, 60 * milliersEuros, 20 * milliersEuros, 8},    // 120 € × 500, once; less 40,000 €, repaid in two thirds of year 1
		{0, 150 * milliersEuros, 110 * milliersEuros, 16}, // 60 € × 500 × 5; 40,000 € at 30,000 € a year
		{1, 507_325 * euro, 467_325 * euro, 5},            // 202.93 € × 500 × 5; 4.7 months
	} {
		s := scenarios(t, arles())[i]
		if s.Prix == nil || *s.Prix != want.prix {
			t.Fatalf("scenario %d rests on price %v, want %d", i, s.Prix, want.prix)
		}
		checkMontant(t, "gross", *s.Brut, want.brut)
		checkMontant(t, "one-off", *s.CoutsPonctuels, 40*milliersEuros)
		checkMontant(t, "running", *s.CoutsRecurrents, 0)
		checkMontant(t, "net", *s.Net, want.net)
		checkMontant(t, "net at most", *s.NetAuPlus, want.net)
		checkMontant(t, "payback", int64(*s.RetourMois), want.retour)
	}
}

// Over one year, a purchase at 120 € is worth more than 60 € a year; over five, less.
func TestAPurchaseAndAYearlyPriceAreComparedOverTheHorizon(t *testing.T) {
	p := arles()
	p.Prix, p.Commun.HorizonAnnees = []economie.Prix{{Mode: economie.Achat, Premiere: 120 * euro}, economie.PrixParAn(60 * euro)}, 1
	if s := scenarios(t, p); *s[0].Prix != 1 || *s[2].Prix != 0 {
		t.Errorf("over a year: %d then %d", *s[0].Prix, *s[2].Prix)
	}
	p.Commun.HorizonAnnees = 5
	if s := scenarios(t, p); *s[0].Prix != 0 || *s[2].Prix != 1 {
		t.Errorf("over five years: %d then %d", *s[0].Prix, *s[2].Prix)
	}
	// 290 € at once against 60 € × 5: undiscounted less, at 10 % a year more (263.64 against 227.45).
	p.Prix[0].Premiere, p.Commun.TauxActualisation = 290*euro, 1000
	if s := scenarios(t, p); *s[0].Prix != 1 || *s[2].Prix != 0 {
		t.Errorf("discounted: %d then %d", *s[0].Prix, *s[2].Prix)
	}
}

func TestTheLowScenarioHasTheHighestCosts(t *testing.T) {
	p := arles()
	p.MigrationParPoste, p.RecurrentsConnus, p.RecurrentsParPoste = []int64{30 * euro, 80 * euro}, false, []int64{2 * euro, 1 * euro, 5 * euro}
	s := scenarios(t, p)
	for i, want := range [][2]int{{1, 2}, {0, 0}, {0, 1}} {
		if *s[i].Migration != want[0] || *s[i].Recurrents != want[1] {
			t.Errorf("scenario %d rests on costs %d and %d, want %v", i, *s[i].Migration, *s[i].Recurrents, want)
		}
	}
	checkMontant(t, "running costs of the low one", *s[0].CoutsRecurrents, 12_500*euro) // 5 € × 500 × 5
}

func TestAFirstYearThatCostsMoreCountsOnce(t *testing.T) {
	p := arles()
	p.Prix = []economie.Prix{{Mode: economie.ParAn, Premiere: 100 * euro, Suivantes: 10 * euro}}
	for _, s := range scenarios(t, p) {
		checkMontant(t, "gross", *s.Brut, 70*milliersEuros) // 500 × (100 + 4 × 10)
	}
}

func TestWhatIsNotKnownLeavesNilNeverZero(t *testing.T) {
	rien := economie.Projet{Commun: economie.Calcul{Postes: 500}}
	for _, s := range scenarios(t, rien) {
		if s.Brut != nil || s.CoutsPonctuels != nil || s.CoutsRecurrents != nil || s.Net != nil || s.NetAuPlus != nil || s.RetourMois != nil || s.ParAn != nil {
			t.Errorf("nothing known: %+v", s)
		}
	}
	sansPrix := arles()
	sansPrix.Prix = nil
	for _, s := range scenarios(t, sansPrix) {
		if s.Brut != nil || s.Net != nil || s.NetAuPlus != nil || s.RetourMois != nil || s.ParAn != nil {
			t.Errorf("no price: %+v", s)
		}
		checkMontant(t, "one-off without a price", *s.CoutsPonctuels, 40*milliersEuros)
		checkMontant(t, "running without a price", *s.CoutsRecurrents, 0)
	}
	sansRecurrents := arles()
	sansRecurrents.RecurrentsConnus = false
	sansMigration := arles()
	sansMigration.MigrationParPoste = nil
	for nom, p := range map[string]economie.Projet{"no running cost": sansRecurrents, "no migration": sansMigration} {
		for _, s := range scenarios(t, p) {
			if s.Brut == nil || s.NetAuPlus == nil || s.Net != nil || s.RetourMois != nil {
				t.Errorf("%s: %+v", nom, s)
			}
		}
	}
}

func TestAProjectRefusesWhatAComputationDoes(t *testing.T) {
	for nom, cas := range map[string]struct {
		projet economie.Projet
		champ  string
	}{
		"negative seats, no price": {economie.Projet{Commun: economie.Calcul{Postes: -1}}, "postes"},
		"a horizon of 51 years":    {economie.Projet{Commun: economie.Calcul{Postes: 1, HorizonAnnees: 51}, Prix: []economie.Prix{{Mode: economie.ParAn, Premiere: 1, Suivantes: 2}}}, "horizonAnnees"},
		"a price without a mode":   {economie.Projet{Commun: economie.Calcul{Postes: 1}, Prix: []economie.Prix{{Premiere: 1}}}, "modePrix"},
		"a cost beyond measure":    {economie.Projet{Commun: economie.Calcul{Postes: economie.PostesMaximum}, MigrationParPoste: []int64{economie.MontantMaximal}}, "postes"},
		"a total beyond measure":   {economie.Projet{Commun: economie.Calcul{Postes: economie.PostesMaximum}, Prix: []economie.Prix{economie.PrixParAn(economie.MontantMaximal)}}, ""},
	} {
		_, _, _, err := cas.projet.Scenarios()
		var f economie.Fautes
		if !errors.As(err, &f) || strings.Join(f[0].Champ, ".") != cas.champ {
			t.Errorf("%s: %v, want a fault of %q", nom, err, cas.champ)
		}
	}
}

// The tariff of the Centre de gestion de l'Isère, 2014, by population.
func cdg38() []economie.Tranche {
	tranche := func(minimum int, maximum *int, premiere, suivantes int64) economie.Tranche {
		return economie.Tranche{Minimum: &minimum, Maximum: maximum, Premiere: new(premiere * euro), Suivantes: new(suivantes * euro)}
	}
	return []economie.Tranche{tranche(0, new(1500), 52, 36), tranche(1501, new(5000), 227, 158), tranche(5001, new(10_000), 524, 364),
		tranche(10_001, new(20_000), 1049, 727), tranche(20_001, nil, 1748, 1212)}
}

func TestATariffIsReadByItsBrackets(t *testing.T) {
	for habitants, want := range map[int]int{0: 0, 1500: 0, 1501: 1, 5000: 1, 8530: 2, 20_000: 3, 20_001: 4, 37_491: 4} {
		if i := economie.TrancheDe(cdg38(), habitants); i != want {
			t.Errorf("%d inhabitants: bracket %d, want %d", habitants, i, want)
		}
	}
	if i := economie.TrancheDe(cdg38()[1:3], 20_000); i != -1 {
		t.Errorf("outside of the brackets: %d", i)
	}
	// Échirolles: 1,748 € the first year, 1,212 € then; over five years 1,212 × 5 + 536 = 6,596 €.
	parAn, supplement, ok := cdg38()[4].Cout()
	if !ok || parAn*5+supplement != 6596*euro || supplement != 536*euro {
		t.Errorf("%d a year and %d, %t", parAn, supplement, ok)
	}
	for nom, tranche := range map[string]economie.Tranche{
		"nothing published":         {},
		"later years unknown":       {Premiere: new(int64(1))},
		"a first year that is less": {Premiere: new(int64(1)), Suivantes: new(int64(2))},
	} {
		if _, _, ok := tranche.Cout(); ok {
			t.Errorf("%s has a cost", nom)
		}
	}
}

// Three members share 1,000 €. Échirolles: 37,491 inhabitants, 400 seats, weight 2; Fontaine: 22,020, 200, 1.5; Vif: 8,530,
// 100, 0.5.
//
//	by population, of 68,041: 551.0060… 323.6283… 125.3656…   → 551.01 323.63 125.36: the two cents left go to .60 and .83
//	by seats, of 700:         571.4285… 285.7142… 142.8571…   → 571.43 285.71 142.86: to .85 and .71, not to .42
//	flat:                     333.3333…                       → 333.34 333.33 333.33: to the first among equals
//	by weights, of 4:         500.00    375.00    125.00
func TestThreeMembersShareByEachKey(t *testing.T) {
	membres := []economie.Payeur{
		{Population: new(37_491), Postes: new(400), Poids: new(int64(200))},
		{Population: new(22_020), Postes: new(200), Poids: new(int64(150))},
		{Population: new(8_530), Postes: new(100), Poids: new(int64(50))},
	}
	for cle, want := range map[economie.CleRepartition][]int64{
		economie.ParPopulation: {551_01, 323_63, 125_36},
		economie.ParPostes:     {571_43, 285_71, 142_86},
		economie.AuForfait:     {333_34, 333_33, 333_33},
		economie.ParPoids:      {500_00, 375_00, 125_00},
	} {
		var cles []int64
		for _, m := range membres {
			n, ok := m.Cle(cle)
			if !ok {
				t.Fatalf("%s: a member without a key", cle)
			}
			cles = append(cles, n)
		}
		parts, err := economie.Parts(1000*euro, cles)
		if err != nil || !slices.Equal(parts, want) {
			t.Errorf("%s: %d, %v, want %d", cle, parts, err, want)
		}
	}
	for _, cle := range []economie.CleRepartition{economie.ParPopulation, economie.ParPostes, economie.ParPoids, "AGE"} {
		if n, ok := (economie.Payeur{}).Cle(cle); ok {
			t.Errorf("%s of a member of whom nothing is known: %d", cle, n)
		}
	}
}

// FuzzScenarios checks on any project that the net of a scenario is never above that of the next, but for the cent that a
// discount rounds; that amounts stay in bounds; and that shares of the cost add up to it.
func FuzzScenarios(f *testing.F) {
	f.Add(500, 5, 0, 0, int64(60*euro), int64(20_293), int64(120*euro), true, int64(80*euro), int64(30*euro), int64(0), int64(200), int64(100))
	f.Add(7, 50, 400, 1250, int64(1), int64(3), int64(2), false, int64(1), int64(2), int64(3), int64(1), int64(1))
	f.Add(economie.PostesMaximum, 50, 10_000, 0, economie.MontantMaximal, economie.MontantMaximal, int64(1), true, economie.MontantMaximal, int64(0), int64(0), int64(0), int64(0))
	f.Add(math.MinInt, math.MaxInt, -1, 10_001, int64(math.MinInt64), int64(math.MaxInt64), int64(-1), true, int64(math.MinInt64), int64(-1), int64(math.MaxInt64), int64(-1), int64(math.MinInt64))
	f.Fuzz(func(t *testing.T, postes, horizon, taux, remise int, annuel, autre, achat int64, achats bool, migration, migration2, recurrent, cle1, cle2 int64) {
		p := economie.Projet{
			Commun:             economie.Calcul{Postes: postes, HorizonAnnees: horizon, TauxActualisation: taux, Remise: remise},
			Prix:               []economie.Prix{economie.PrixParAn(annuel), {Mode: economie.ParAn, Premiere: annuel, Suivantes: autre}},
			MigrationParPoste:  []int64{migration, migration2},
			RecurrentsParPoste: []int64{recurrent, migration},
		}
		if achats {
			p.Prix = append(p.Prix, economie.Prix{Mode: economie.Achat, Premiere: achat})
		}
		bas, central, haut, err := p.Scenarios()
		if err != nil {
			var fautes economie.Fautes
			if !errors.As(err, &fautes) || len(fautes) == 0 {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		marge := int64(0)
		if remise != 0 {
			marge = 1
		}
		if *bas.Net > *central.Net+marge || *central.Net > *haut.Net+marge {
			t.Fatalf("nets %d, %d, %d of %+v", *bas.Net, *central.Net, *haut.Net, p)
		}
		for _, s := range []economie.Scenario{bas, central, haut} {
			for _, m := range []int64{*s.Brut, *s.CoutsRecurrents, *s.CoutsPonctuels} {
				if m < 0 || m > economie.MontantMaximal {
					t.Fatalf("%d out of bounds in %+v", m, s)
				}
			}
			total := *s.CoutsRecurrents + *s.CoutsPonctuels
			parts, err := economie.Parts(total, []int64{cle1, cle2, 1})
			if err != nil {
				continue
			}
			if somme := parts[0] + parts[1] + parts[2]; somme != total {
				t.Fatalf("shares of %d make %d", total, somme)
			}
		}
	})
}
