package economie_test

import (
	"errors"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/domain/economie"
)

const (
	euro          = 100
	millionEuros  = 1_000_000 * euro
	milliersEuros = 1_000 * euro
)

func compute(t *testing.T, c economie.Calcul) economie.Resultat {
	t.Helper()
	r, err := c.Compute()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func checkMontant(t *testing.T, nom string, obtenu, attendu int64) {
	t.Helper()
	if obtenu != attendu {
		t.Errorf("%s = %d cents, want %d", nom, obtenu, attendu)
	}
}

func checkRetour(t *testing.T, r economie.Resultat, annees, mois int) {
	t.Helper()
	if r.RetourAnnees == nil || *r.RetourAnnees != annees {
		t.Errorf("payback in years = %v, want %d", r.RetourAnnees, annees)
	}
	if r.RetourMois == nil || *r.RetourMois != mois {
		t.Errorf("payback in months = %v, want %d", r.RetourMois, mois)
	}
}

// Toulouse: licences 1.8 M€ over 3 years, migration 0.8 M€, hence 1 M€ over the first 3 years; 10,000 desktops
// (silicon.fr; numerama.com 30128). 0.6 M€ a year repays 0.8 M€ in 16 months.
func TestToulouseSavesOneMillionInThreeYearsAndIsRepaidInSixteenMonths(t *testing.T) {
	r := compute(t, economie.Calcul{Postes: 10_000, PrixUnitaire: 60 * euro, ModePrix: economie.ParAn,
		Migration: 800 * milliersEuros, HorizonAnnees: 3, AnneePrix: 2014})
	checkMontant(t, "gross", r.Brut, 1_800*milliersEuros)
	checkMontant(t, "one-off", r.CoutsPonctuels, 800*milliersEuros)
	checkMontant(t, "running", r.CoutsRecurrents, 0)
	checkMontant(t, "net", r.NetActualise, millionEuros)
	checkRetour(t, r, 2, 16)
	if r.LicencesEconomisees == nil || *r.LicencesEconomisees != 10_000 {
		t.Errorf("licences = %v, want 10000", r.LicencesEconomisees)
	}
	want := []economie.Annee{}
	for annee := 1; annee <= 3; annee++ {
		want = append(want, economie.Annee{Annee: annee, Brut: 600 * milliersEuros, Actualise: 600 * milliersEuros})
	}
	if !reflect.DeepEqual(r.ParAn, want) {
		t.Errorf("years = %+v, want %+v", r.ParAn, want)
	}
}

// Nantes (ville and métropole): 1.6 M€ over 5 years for 5,000 seats (lagazettedescommunes.com 528455), 64 € a seat and
// a year. Five years is the default horizon. No cost is published: nothing is to be repaid.
func TestNantesSavesSixtyFourEurosASeatAndAYear(t *testing.T) {
	r := compute(t, economie.Calcul{Postes: 5_000, PrixUnitaire: 64 * euro, ModePrix: economie.ParAn})
	checkMontant(t, "gross", r.Brut, 1_600*milliersEuros)
	checkMontant(t, "net", r.NetActualise, 1_600*milliersEuros)
	checkRetour(t, r, 0, 0)
	if r.HorizonAnnees != 5 || len(r.ParAn) != 5 {
		t.Errorf("horizon = %d with %d years, want 5", r.HorizonAnnees, len(r.ParAn))
	}
}

// Schleswig-Holstein: 15 M€ a year of licences against 9 M€ once (relayed from heise). The number of seats is not
// published with the amounts: one stands for all. 9/15 of a year is 7.2 months.
func TestSchleswigHolsteinIsRepaidInSevenMonths(t *testing.T) {
	r := compute(t, economie.Calcul{Postes: 1, PrixUnitaire: 15 * millionEuros, ModePrix: economie.ParAn, Migration: 9 * millionEuros})
	checkRetour(t, r, 1, 7)
	checkMontant(t, "net", r.NetActualise, 66*millionEuros)
}

// Munich (LiMux): more than 11 M€, of which 6.8 M€ of licences and 4.7 M€ of hardware, both once; one line is dearer,
// the migration of database and web applications: 273,132 € (itworld.com 321474). Licences are published as one amount.
func TestMunichSavesMoreThanElevenMillionsInLicencesAndHardware(t *testing.T) {
	r := compute(t, economie.Calcul{Postes: 1, PrixUnitaire: 6_800 * milliersEuros, ModePrix: economie.Achat,
		MaterielUnique: 4_700 * milliersEuros, Integration: 273_132 * euro})
	checkMontant(t, "gross", r.Brut, 11_500*milliersEuros)
	checkMontant(t, "net", r.NetActualise, 11_226_868*euro)
	checkMontant(t, "gross of year 1", r.ParAn[0].Brut, r.Brut)
}

// Départements & Notaires: one to two full-time agents a year and no licence (atolcd.com); the cost of an agent is ours.
func TestAgentsTimeAvoidedIsASavingWithoutLicences(t *testing.T) {
	r := compute(t, economie.Calcul{ETPEvites: 150, CoutETP: 40_000 * euro, HorizonAnnees: 1})
	checkMontant(t, "gross", r.Brut, 60_000*euro)
	if r.LicencesEconomisees != nil {
		t.Errorf("licences = %d, want none: no price was given", *r.LicencesEconomisees)
	}
}

func TestEveryInputCounts(t *testing.T) {
	r := compute(t, economie.Calcul{Postes: 100, PrixUnitaire: 200 * euro, ModePrix: economie.ParAn, Remise: 2500,
		MaintenanceEvitee: 1_000 * euro, MaterielParAn: 2_000 * euro, MaterielUnique: 500 * euro,
		Hebergement: 3_000 * euro, ContratSupport: 4_000 * euro, ETP: 25, CoutETP: 20_000 * euro,
		Migration: 1_000 * euro, Formation: 2_000 * euro, Integration: 3_000 * euro, RepriseDonnees: 4_000 * euro,
		Subventions: 7_000 * euro, HorizonAnnees: 2})
	checkMontant(t, "gross", r.Brut, 2*(15_000+1_000+2_000)*euro+500*euro)
	checkMontant(t, "running", r.CoutsRecurrents, 2*(3_000+4_000+5_000)*euro)
	checkMontant(t, "one-off", r.CoutsPonctuels, 10_000*euro)
	checkMontant(t, "net", r.NetActualise, 2_500*euro)
	checkMontant(t, "grants", r.Subventions, 7_000*euro)
	checkRetour(t, r, 2, 19) // 6,500 € in year 1, then 3,500 of 6,000: 12 + 7
}

func TestGrantsLowerNoCost(t *testing.T) {
	c := economie.Calcul{MaintenanceEvitee: 100, Migration: 200}
	sans := compute(t, c)
	c.Subventions = 150
	avec := compute(t, c)
	avec.Subventions = 0
	if !reflect.DeepEqual(sans, avec) {
		t.Errorf("with a grant %+v, without %+v", avec, sans)
	}
}

func TestALicenceBoughtOnceCountsWhenSeatsExceedThoseAlreadyBought(t *testing.T) {
	r := compute(t, economie.Calcul{PostesParAn: []int{10, 8, 10, 15}, PrixUnitaireParAn: []int64{100, 999, 999, 200},
		ModePrix: economie.Achat, HorizonAnnees: 4})
	var bruts []int64
	for _, a := range r.ParAn {
		bruts = append(bruts, a.Brut)
	}
	if want := []int64{1000, 0, 0, 1000}; !slices.Equal(bruts, want) {
		t.Errorf("gross by year = %d, want %d", bruts, want)
	}
	if *r.LicencesEconomisees != 15 {
		t.Errorf("licences = %d, want 15", *r.LicencesEconomisees)
	}
}

func TestSeatsAndPricesMayChangeEveryYear(t *testing.T) {
	r := compute(t, economie.Calcul{PostesParAn: []int{10, 20}, PrixUnitaireParAn: []int64{100, 150},
		ModePrix: economie.ParAn, HorizonAnnees: 2})
	checkMontant(t, "gross", r.Brut, 10*100+20*150)
}

func TestFlowsAreDiscountedFromTheEndOfTheirYear(t *testing.T) {
	// 1,040/1.04 + 1,081.60/1.04² = 2,000 less 500 paid at the start.
	r := compute(t, economie.Calcul{PostesParAn: []int{1, 1}, PrixUnitaireParAn: []int64{1_040 * euro, 1_081_60},
		ModePrix: economie.ParAn, Migration: 500 * euro, HorizonAnnees: 2, TauxActualisation: 400})
	checkMontant(t, "net", r.NetActualise, 1_500*euro)
	checkMontant(t, "gross", r.Brut, 2_121_60)
	checkMontant(t, "year 2, discounted", r.ParAn[1].Actualise, 1_000*euro)
}

func TestVATAppliesToWhatIsBoughtAndNotToAgentsNorGrants(t *testing.T) {
	c := economie.Calcul{MaintenanceEvitee: 100 * euro, ETPEvites: 3, Hebergement: 10 * euro, ETP: 1, CoutETP: 1_000 * euro,
		Migration: 50 * euro, Subventions: 20 * euro, HorizonAnnees: 1, MontantsEn: economie.HT, ResultatEn: economie.TTC}
	r := compute(t, c)
	checkMontant(t, "gross", r.Brut, (120+30)*euro)
	checkMontant(t, "running", r.CoutsRecurrents, 22*euro)
	checkMontant(t, "one-off", r.CoutsPonctuels, 60*euro)
	checkMontant(t, "grants", r.Subventions, 20*euro)
	if r.En != economie.TTC {
		t.Errorf("result in %q, want TTC", r.En)
	}

	c.TauxTVA = new(0)
	checkMontant(t, "gross where there is no VAT", compute(t, c).Brut, (100+30)*euro)

	c.TauxTVA, c.MontantsEn, c.ResultatEn = new(550), economie.TTC, economie.HT
	checkMontant(t, "gross without its VAT", compute(t, c).Brut, (94_79 + 30*euro)) // 100 / 1.055

	c.ResultatEn = ""
	r = compute(t, c)
	checkMontant(t, "gross as given", r.Brut, (100+30)*euro)
	if r.En != economie.TTC {
		t.Errorf("result in %q, want that of the inputs", r.En)
	}
}

func TestTheCentIsRoundedOnceHalfAwayFromZero(t *testing.T) {
	// 12.5 % off 7 × 99.99 € is 612.43875 € a year: five years are 3,062.19 €, five rounded years would be 3,062.20 €.
	r := compute(t, economie.Calcul{Postes: 7, PrixUnitaire: 99_99, ModePrix: economie.ParAn, Remise: 1250})
	checkMontant(t, "gross", r.Brut, 3_062_19)
	// Half a cent, of profit then of loss.
	c := economie.Calcul{Postes: 1, PrixUnitaire: 1, ModePrix: economie.ParAn, HorizonAnnees: 1, TauxActualisation: 10_000}
	checkMontant(t, "half a cent won", compute(t, c).NetActualise, 1)
	c.Hebergement = 2
	checkMontant(t, "half a cent lost", compute(t, c).NetActualise, -1)
}

func TestWithoutDiscountingTheNetIsTheDifferenceOfTheTotalsShown(t *testing.T) {
	// Half a cent of gross shows as 1, four tenths of running costs as 0.
	r := compute(t, economie.Calcul{Postes: 1, PrixUnitaire: 1, ModePrix: economie.ParAn, Remise: 5000, ETP: 40, CoutETP: 1, HorizonAnnees: 1})
	checkMontant(t, "gross", r.Brut, 1)
	checkMontant(t, "running", r.CoutsRecurrents, 0)
	checkMontant(t, "net", r.NetActualise, 1)
}

func TestPaybackIsNullWhenTheHorizonEndsBefore(t *testing.T) {
	r := compute(t, economie.Calcul{MaintenanceEvitee: 100, Migration: 501})
	if r.RetourAnnees != nil || r.RetourMois != nil {
		t.Errorf("payback = %v years, %v months, want none", r.RetourAnnees, r.RetourMois)
	}
	checkMontant(t, "net", r.NetActualise, -1)
	checkRetour(t, compute(t, economie.Calcul{MaintenanceEvitee: 100, Migration: 500}), 5, 60)
	r = compute(t, economie.Calcul{MaintenanceEvitee: 100, Hebergement: 200})
	if r.RetourAnnees != nil {
		t.Errorf("payback = %d years of a saving that only loses", *r.RetourAnnees)
	}
	// A loss in year 1, then 300 of gross: the loss of 100 is repaid in a third of year 2.
	r = compute(t, economie.Calcul{PostesParAn: []int{0, 4}, PrixUnitaire: 100, ModePrix: economie.ParAn, Hebergement: 100, HorizonAnnees: 2})
	checkRetour(t, r, 2, 16)
}

func TestEveryFaultIsReportedWithItsFieldInFrench(t *testing.T) {
	var fautes economie.Fautes
	_, err := economie.Calcul{Postes: -1, PrixUnitaire: economie.MontantMaximal + 1, ModePrix: "LOCATION", Remise: 10_001,
		PrixUnitaireParAn: []int64{1, -1}, PostesParAn: []int{1, 2, economie.PostesMaximum + 1},
		ETP: 1, ETPEvites: -1, MaintenanceEvitee: math.MinInt64, HorizonAnnees: 51, TauxActualisation: -1, TauxTVA: new(-1),
		MontantsEn: "NET", ResultatEn: "BRUT", AnneePrix: 26}.Compute()
	if !errors.As(err, &fautes) {
		t.Fatalf("error = %v, want Fautes", err)
	}
	champs := map[string]bool{}
	for _, f := range fautes {
		champs[strings.Join(f.Champ, ".")] = true
		if f.Message == "" {
			t.Errorf("no sentence for %v", f.Champ)
		}
	}
	for _, champ := range []string{"postes", "prixUnitaire", "modePrix", "remise", "prixUnitaireParAn.1", "prixUnitaireParAn",
		"postesParAn.2", "postesParAn", "coutEtp", "etpEvites", "maintenanceEvitee", "horizonAnnees", "tauxActualisation",
		"tauxTva", "montantsEn", "resultatEn", "anneePrix"} {
		if !champs[champ] {
			t.Errorf("no fault for %s in:\n%v", champ, err)
		}
	}
	var faute *economie.Faute
	if !errors.As(err, &faute) {
		t.Error("a fault cannot be reached by errors.As")
	}
}

func TestAnInputThatWouldCountForNothingIsRefused(t *testing.T) {
	for nom, cas := range map[string]struct {
		calcul economie.Calcul
		champ  string
	}{
		"nothing avoided":        {economie.Calcul{Migration: 1}, ""},
		"a price without seats":  {economie.Calcul{PrixUnitaire: 1, ModePrix: economie.ParAn}, "postes"},
		"a price without a mode": {economie.Calcul{PrixUnitaire: 1, Postes: 1}, "modePrix"},
		"agents without a cost":  {economie.Calcul{MaintenanceEvitee: 1, ETP: 1}, "coutEtp"},
		"VAT to add to what":     {economie.Calcul{MaintenanceEvitee: 1, ResultatEn: economie.TTC}, "montantsEn"},
		"a list and one value":   {economie.Calcul{MaintenanceEvitee: 1, Postes: 1, PostesParAn: []int{1, 1, 1, 1, 1}}, "postesParAn"},
		"a list too short":       {economie.Calcul{MaintenanceEvitee: 1, PostesParAn: []int{1, 1}}, "postesParAn"},
		"a total beyond measure": {economie.Calcul{PrixUnitaire: economie.MontantMaximal, Postes: economie.PostesMaximum, ModePrix: economie.ParAn}, ""},
	} {
		_, err := cas.calcul.Compute()
		var fautes economie.Fautes
		if !errors.As(err, &fautes) || len(fautes) != 1 || strings.Join(fautes[0].Champ, ".") != cas.champ {
			t.Errorf("%s: error = %v, want one fault of %q", nom, err, cas.champ)
		}
	}
}

// FuzzCompute checks on any input what the documentation promises, and the gross against the formula redone apart.
func FuzzCompute(f *testing.F) {
	f.Add(10_000, int64(60*euro), "PAR_AN", 0, int64(0), int64(0), int64(0), int64(0), int64(0), int64(0), int64(800*milliersEuros), 3, 0, "", "", 2000)
	f.Add(7, int64(99_99), "ACHAT", 1250, int64(3), int64(5), int64(1), int64(33), int64(17), int64(101), int64(1), 50, 333, "HT", "TTC", 550)
	f.Add(1, int64(1), "PAR_AN", 5000, int64(0), int64(0), int64(0), int64(1), int64(50), int64(0), int64(1), 1, 10_000, "TTC", "HT", 2000)
	f.Add(math.MaxInt, int64(math.MaxInt64), "PAR_AN", -1, int64(math.MinInt64), int64(math.MaxInt64), int64(-1), int64(math.MaxInt64), int64(math.MaxInt64), int64(1), int64(1), math.MinInt, math.MaxInt, "x", "y", -5)
	f.Add(economie.PostesMaximum, economie.MontantMaximal, "PAR_AN", 0, economie.MontantMaximal, economie.MontantMaximal, economie.MontantMaximal, economie.ETPMaximum, economie.MontantMaximal, economie.MontantMaximal, economie.MontantMaximal, 50, 1, "HT", "TTC", 10_000)
	f.Fuzz(func(t *testing.T, postes int, prix int64, mode string, remise int, maintenance, parAn, unique, etp, coutETP, hebergement, migration int64, horizon, taux int, saisie, resultat string, tva int) {
		c := economie.Calcul{Postes: postes, PrixUnitaire: prix, ModePrix: economie.ModePrix(mode), Remise: remise,
			MaintenanceEvitee: maintenance, MaterielParAn: parAn, MaterielUnique: unique, ETP: etp, CoutETP: coutETP,
			Hebergement: hebergement, Migration: migration, HorizonAnnees: horizon, TauxActualisation: taux,
			MontantsEn: economie.Taxe(saisie), ResultatEn: economie.Taxe(resultat), TauxTVA: &tva}
		r, err := c.Compute()
		if err != nil {
			var fautes economie.Fautes
			if !errors.As(err, &fautes) || len(fautes) == 0 || !reflect.DeepEqual(r, economie.Resultat{}) {
				t.Fatalf("refused with %v and %+v", err, r)
			}
			return
		}
		for _, m := range []int64{r.Brut, r.CoutsRecurrents, r.CoutsPonctuels} {
			if m < 0 || m > economie.MontantMaximal {
				t.Fatalf("%d out of bounds in %+v", m, r)
			}
		}
		if saisie == resultat || resultat == "" {
			checkMontant(t, "gross against the formula", r.Brut, brutALaMain(c, r.HorizonAnnees))
		}
		var brut, recurrents int64
		for _, a := range r.ParAn {
			brut, recurrents = brut+a.Brut, recurrents+a.Recurrents
		}
		checkMontant(t, "gross of the years", brut, r.Brut)
		checkMontant(t, "running costs of the years", recurrents, r.CoutsRecurrents)
		net := r.Brut - r.CoutsRecurrents - r.CoutsPonctuels
		switch {
		case taux == 0:
			checkMontant(t, "net without discounting", r.NetActualise, net)
		case r.CoutsRecurrents == 0 && r.NetActualise > net:
			t.Fatalf("discounting raised the net from %d to %d", net, r.NetActualise)
		case r.CoutsRecurrents == 0 && r.Brut > 1000 && taux > 100 && r.NetActualise == net:
			t.Fatalf("discounting at %d basis points changed nothing to a net of %d", taux, net)
		}
		if (r.RetourAnnees == nil) != (r.RetourMois == nil) {
			t.Fatal("payback in one unit only")
		}
		if r.RetourMois != nil && (*r.RetourAnnees > r.HorizonAnnees || *r.RetourMois > 12**r.RetourAnnees || *r.RetourMois < 12*(*r.RetourAnnees-1)) {
			t.Fatalf("payback of %d years and %d months", *r.RetourAnnees, *r.RetourMois)
		}
	})
}

// brutALaMain is the gross as whole numbers of 1/10,000 cent, without years nor fractions.
func brutALaMain(c economie.Calcul, horizon int) int64 {
	fois := big.NewInt(int64(horizon))
	total := new(big.Int).Mul(big.NewInt(int64(c.Postes)), big.NewInt(c.PrixUnitaire))
	total.Mul(total, big.NewInt(int64(10_000-c.Remise)))
	if c.ModePrix != economie.Achat {
		total.Mul(total, fois)
	}
	autres := new(big.Int).Mul(big.NewInt(c.MaintenanceEvitee+c.MaterielParAn), fois)
	autres.Add(autres, big.NewInt(c.MaterielUnique))
	total.Add(total, autres.Mul(autres, big.NewInt(10_000)))
	return total.Add(total, big.NewInt(5_000)).Quo(total, big.NewInt(10_000)).Int64()
}
