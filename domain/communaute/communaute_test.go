package communaute

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

func jour(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }

// e writes an entry shortly: "NOM=valeur" or "NOM=valeur@date".
func e(textes ...string) (out []Entree) {
	for _, t := range textes {
		nom, reste, _ := strings.Cut(t, "=")
		valeur, le, _ := strings.Cut(reste, "@")
		out = append(out, Entree{Nom: Nom(nom), Valeur: valeur, Le: le, Source: "s"})
	}
	return out
}

func TestTheFirstRuleThatHoldsDecidesTheState(t *testing.T) {
	le := jour("2026-08-31")
	for nom, c := range map[string]struct {
		entrees []Entree
		want    Etat
		dit     string
	}{
		"nothing known":                                     {nil, "", "aucune date"},
		"archived, though active":                           {e("FORGE_ARCHIVE=OUI", "DERNIER_COMMIT=2026-08-30"), Archive, "forge"},
		"not archived":                                      {e("FORGE_ARCHIVE=NON", "DERNIER_COMMIT=2026-08-30"), Actif, "moins de six mois"},
		"obsolete":                                          {e("STATUT_DEVELOPPEMENT=obsolete", "DERNIER_COMMIT=2026-08-30"), Archive, "obsolète"},
		"no maintenance":                                    {e("TYPE_MAINTENANCE=none"), Archive, "maintenir"},
		"twelve months and twenty-four":                     {e("DERNIER_COMMIT=2025-08-31", "DERNIERE_VERSION=1.0@2024-08-31"), Dormant, "dernière version le 2024-08-31"},
		"one day less":                                      {e("DERNIER_COMMIT=2025-09-01", "DERNIERE_VERSION=1.0@2024-08-31"), Ralenti, "six mois"},
		"released since":                                    {e("DERNIER_COMMIT=2025-08-31", "DERNIERE_VERSION=1.0@2024-09-01"), Ralenti, "six mois"},
		"no release known":                                  {e("DERNIER_COMMIT=2025-08-31"), Ralenti, "six mois"},
		"no release can have followed":                      {e("DERNIER_COMMIT=2024-08-31"), Dormant, "aucune version n'a pu suivre"},
		"a release that somebody saw":                       {e("DERNIER_COMMIT=2024-08-31", "VERSION=2.0@2025-01-01"), Ralenti, "six mois"},
		"an old one that somebody saw":                      {e("DERNIER_COMMIT=2024-08-31", "VERSION=2.0@2024-01-01"), Dormant, "aucune version n'a pu suivre"},
		"another source saw work since twelve months":       {e("DERNIER_COMMIT=2025-08-31", "DERNIERE_VERSION=1.0@2024-08-31", "ACTIVITE=Traduction@2025-10-01"), Ralenti, "six mois"},
		"another source saw work since six":                 {e("DERNIER_COMMIT=2025-08-31", "DERNIERE_VERSION=1.0@2024-08-31", "ACTIVITE=Traduction@2026-04-01"), Actif, "Traduction"},
		"another source may have seen work since six":       {e("DERNIER_COMMIT=2025-08-31", "ACTIVITE=Traduction@2026"), "", "pas assez précises"},
		"a release follows the last commit":                 {e("DERNIER_COMMIT=2025-08-31", "DERNIERE_VERSION=1.0@2026-05-01"), Actif, "version 1.0"},
		"six months, the month being shorter":               {e("DERNIER_COMMIT=2026-02-28"), Ralenti, "six mois"},
		"one day after":                                     {e("DERNIER_COMMIT=2026-03-01"), Actif, "moins de six mois"},
		"first commit 89 days ago":                          {e("PREMIER_COMMIT=2026-06-03", "DERNIER_COMMIT=2026-08-30"), Nouveau, "premier commit"},
		"first commit 90 days ago":                          {e("PREMIER_COMMIT=2026-06-02", "DERNIER_COMMIT=2026-08-30"), Actif, "moins de six mois"},
		"new, then left":                                    {e("PREMIER_COMMIT=2025-06-03", "DERNIER_COMMIT=2025-06-04", "DERNIERE_VERSION=1@2023"), Dormant, ""},
		"a sign of work alone":                              {e("ACTIVITE=Documentation mise à jour@2026-04-01"), Actif, "Documentation"},
		"an old sign tells nothing of what followed":        {e("ACTIVITE=Documentation mise à jour@2022-04-01", "VERSION=4.0@2018"), "", "Documentation mise à jour (2022-04-01)"},
		"a month may mean its last day":                     {e("DERNIER_COMMIT=2025-08", "DERNIERE_VERSION=1@2020"), Dormant, ""},
		"a year that may hold the last six months":          {e("DERNIER_COMMIT=2026"), "", "pas assez précises"},
		"a release alone, the last one seen, but no commit": {e("DERNIERE_VERSION=1@2020-01-01"), "", "derniers commits n'ont pas été lus"},
	} {
		got := Evaluer(le, c.entrees)
		if got.Etat != c.want || !strings.Contains(got.Motif, c.dit) || !strings.HasPrefix(got.Motif, "au 31 août 2026, ") {
			t.Errorf("%s: %q (%s), want %q (%s)", nom, got.Etat, got.Motif, c.want, c.dit)
		}
		for i, x := range c.entrees {
			if err := x.Verifier(le); err != nil {
				t.Errorf("%s: %d: %v", nom, i, err)
			}
		}
	}
}

// Worked by hand. On 1 July 2026: a commit 30 days ago, a release 180 days ago; months are of 30.4375 days.
//
//	maintenance = ½(1 − 0.98563/12) + ½(1 − 5.91376/24) = ½·0.91786 + ½·0.75359 = 0.83573
//	resilience  = ½·log2(4)/log2(11) + ½·log2(3)/log2(9) = ½·0.57813 + ½·0.5 = 0.53907
//	reactivity  = ½·(18/24) + ½·1/(1+7/14) = 0.375 + 0.33333 = 0.70833
//	openness    : commit yes, release yes, page yes, logo not known, roadmap no, authors yes, contributing yes, changelog yes,
//	              conduct no, governance no = 6 of 9 = 0.66667
//	security    = 6.5/10
//	health      = (0.35·0.836 + 0.25·0.539 + 0.15·0.708 + 0.10·0.667 + 0.15·0.65)/1 = 69.78
func TestHealthIsTheWeightedMeanOfItsComponents(t *testing.T) {
	entrees := e("DERNIER_COMMIT=2026-06-01", "DERNIERE_VERSION=2.1@2026-01-02", "FACTEUR_ABSENCE_12_MOIS=3", "FACTEUR_ORGANISATIONS_12_MOIS=2",
		"OUVERTS_90_JOURS=24", "FERMES_90_JOURS=18", "PREMIERE_REPONSE_JOURS=7", "PAGE_WEB=OUI", "ROADMAP=NON", "AUTHORS=OUI", "CONTRIBUTING=OUI",
		"CHANGELOG=OUI", "CODE_OF_CONDUCT=NON", "GOVERNANCE=NON", "SCORECARD=6.5")
	got := Evaluer(jour("2026-07-01"), entrees)
	want := []float64{.836, .539, .708, .667, .65}
	for i, c := range got.Composantes {
		if c.Score == nil || *c.Score != want[i] {
			t.Errorf("%s = %v, want %v (%s)", c.Critere, c.Score, want[i], c.Motif)
		}
	}
	if got.Sante == nil || *got.Sante != 70 || got.Couverture != 1 || got.MotifSante != "" || got.Bareme != "v2" {
		t.Errorf("health %v, coverage %v, %q", got.Sante, got.Couverture, got.MotifSante)
	}

	// Without security nor reactivity: (0.35·0.836 + 0.25·0.539 + 0.10·0.667)/0.70 = 70.58; the weights that lack are not 0.
	got = Evaluer(jour("2026-07-01"), slices.DeleteFunc(slices.Clone(entrees), func(x Entree) bool {
		return x.Nom == Scorecard || x.Nom == Ouverts90 || x.Nom == Fermes90 || x.Nom == PremiereReponse
	}))
	if got.Sante == nil || *got.Sante != 71 || got.Couverture != .7 {
		t.Errorf("health %v, coverage %v", got.Sante, got.Couverture)
	}
	var poids float64
	for _, p := range Criteres() {
		poids += p.Poids
	}
	if math.Abs(poids-1) > 1e-9 {
		t.Errorf("the weights add up to %v", poids)
	}
}

func TestWhatIsNotKnownIsNotZero(t *testing.T) {
	le := jour("2026-07-01")
	score := func(c Critere, entrees ...string) *float64 {
		for _, x := range Evaluer(le, e(entrees...)).Composantes {
			if x.Critere == c {
				return x.Score
			}
		}
		return nil
	}
	for nom, c := range map[string]struct {
		critere Critere
		entrees []string
		want    float64 // below 0: not known
	}{
		"nothing opened":                        {Reactivite, []string{"OUVERTS_90_JOURS=0", "FERMES_90_JOURS=3"}, -1},
		"more closed than opened":               {Reactivite, []string{"OUVERTS_90_JOURS=2", "FERMES_90_JOURS=3"}, 1},
		"nothing closed is known to be nothing": {Reactivite, []string{"OUVERTS_90_JOURS=2", "FERMES_90_JOURS=0"}, 0},
		"opened alone":                          {Reactivite, []string{"OUVERTS_90_JOURS=2"}, -1},
		"a first answer alone":                  {Reactivite, []string{"PREMIERE_REPONSE_JOURS=14"}, .5},
		"people without organisations":          {Resilience, []string{"FACTEUR_ABSENCE_12_MOIS=10"}, 1},
		"one person":                            {Resilience, []string{"FACTEUR_ABSENCE_12_MOIS=1"}, .289},
		"nobody, and it is known":               {Resilience, []string{"FACTEUR_ABSENCE_12_MOIS=0"}, 0},
		"twenty-four months do not tell twelve": {Resilience, []string{"FACTEUR_ABSENCE_24_MOIS=9"}, -1},
		"a release without commits":             {Maintenance, []string{"DERNIERE_VERSION=1@2025-07-01"}, .5},
		"a release that may not be the last":    {Maintenance, []string{"VERSION=1@2025-07-01"}, -1},
		"a contract in progress":                {Maintenance, []string{"FIN_CONTRAT=2026-07-01", "DERNIER_COMMIT=2020-01-01"}, .6},
		"a contract over":                       {Maintenance, []string{"FIN_CONTRAT=2026-06-30", "DERNIER_COMMIT=2020-01-01"}, 0},
		"a contract and nothing else":           {Maintenance, []string{"FIN_CONTRAT=2027-01-01"}, .6},
		"a contract is no ceiling":              {Maintenance, []string{"FIN_CONTRAT=2027-01-01", "DERNIER_COMMIT=2026-07-01"}, 1},
		"archived, though active":               {Maintenance, []string{"FORGE_ARCHIVE=OUI", "DERNIER_COMMIT=2026-07-01"}, 0},
		"obsolete, and nothing dated":           {Maintenance, []string{"STATUT_DEVELOPPEMENT=obsolete"}, 0},
		"archived, and under contract":          {Maintenance, []string{"FORGE_ARCHIVE=OUI", "FIN_CONTRAT=2027-01-01"}, .6},
		"four criteria known":                   {Ouverture, []string{"PAGE_WEB=OUI", "LOGO=OUI", "AUTHORS=OUI", "ROADMAP=NON"}, -1},
		"five":                                  {Ouverture, []string{"PAGE_WEB=OUI", "LOGO=OUI", "AUTHORS=OUI", "ROADMAP=NON", "CHANGELOG=NON"}, .6},
		"licence and policy are only shown":     {Ouverture, []string{"LICENCE=MIT", "PUBLICCODE=OUI"}, -1},
		"a policy is no score":                  {Securite, []string{"SECURITY=OUI", "ETIQUETTES_SIGNEES=4"}, -1},
		"a score of 0":                          {Securite, []string{"SCORECARD=0"}, 0},
	} {
		got := score(c.critere, c.entrees...)
		if (got == nil) != (c.want < 0) || got != nil && *got != c.want {
			t.Errorf("%s: %v, want %v", nom, got, c.want)
		}
	}
	got := Evaluer(le, e("FIN_CONTRAT=2027-01-01", "SCORECARD=9"))
	if got.Sante != nil || got.Couverture != .5 {
		if got.Couverture != .5 || got.Sante == nil || *got.Sante != 69 { // (0.35·0.6 + 0.15·0.9)/0.5
			t.Errorf("at half of the weights: %v, %v", got.Sante, got.Couverture)
		}
	} else {
		t.Error("half of the weights is enough")
	}
	got = Evaluer(le, e("FIN_CONTRAT=2027-01-01", "PAGE_WEB=OUI", "LOGO=OUI", "AUTHORS=OUI", "ROADMAP=NON", "CHANGELOG=NON"))
	if got.Sante != nil || got.Couverture != .45 || got.MotifSante != "on ne connaît que 45 % du poids de la note, il en faut 50 : rien sur la résilience, la réactivité, la sécurité" {
		t.Errorf("below half: %v, %v, %q", got.Sante, got.Couverture, got.MotifSante)
	}
}

func TestHalfOfTheContributionsComesFromTheFewest(t *testing.T) {
	for _, c := range []struct {
		parts []int
		want  int
	}{
		{nil, 0}, {[]int{0, 0}, 0}, {[]int{5}, 1}, {[]int{1, 1}, 1}, {[]int{1, 1, 1}, 2}, {[]int{10, 1, 1, 1}, 1},
		{[]int{63, 56, 56, 46, 33, 27, 23, 22, 14, 11, 10, 7, 6, 2, 2, 2, 1}, 4}, // OpenOffice, March 2014 to March 2015, as LWN counted it
	} {
		if got := Facteur(c.parts); got != c.want {
			t.Errorf("%v: %d, want %d", c.parts, got, c.want)
		}
	}
	if m := Mediane([]float64{9, 1, 3}); m != 3 {
		t.Error(m)
	}
	if m := Mediane([]float64{4, 1}); m != 2.5 {
		t.Error(m)
	}
	if !math.IsNaN(Mediane(nil)) {
		t.Error("the median of nothing is not a number")
	}
}

func TestASoftwareIsAdvisedAgainstOnlyWhenItSleepsAloneAndUnsupported(t *testing.T) {
	n := func(v int) *int { return &v }
	for nom, c := range map[string]struct {
		etat    Etat
		absence *int
		soutien Soutien
		want    bool
		raisons int
	}{
		"all three":       {Dormant, n(1), Soutien{}, true, 3},
		"nobody at all":   {Dormant, n(0), Soutien{}, true, 3},
		"archived":        {Archive, n(1), Soutien{}, true, 3},
		"two people":      {Dormant, n(2), Soutien{}, false, 1},
		"people unknown":  {Dormant, nil, Soutien{}, false, 1},
		"slowing":         {Ralenti, n(1), Soutien{}, false, 1},
		"state unknown":   {"", n(1), Soutien{}, false, 1},
		"one prestataire": {Dormant, n(1), Soutien{Prestataires: 1}, false, 1},
		"one contract":    {Dormant, n(1), Soutien{Contrats: 1}, false, 1},
		"one syndicat":    {Dormant, n(1), Soutien{Syndicats: 1}, false, 1},
		"none of them":    {Actif, nil, Soutien{Prestataires: 2}, false, 3},
	} {
		got, raisons := Deconseiller(c.etat, jour("2026-06-30"), c.absence, c.soutien)
		if got != c.want || len(raisons) != c.raisons {
			t.Errorf("%s: %t, %q", nom, got, raisons)
		}
	}
}

func TestAReasonSaysOfWhichDayTheStateIs(t *testing.T) {
	un := 1
	for _, c := range []struct {
		etat     Etat
		evaluee  time.Time
		premiere string
	}{
		{Dormant, jour("2026-06-30"), "le projet était dormant au 30 juin 2026"},
		{Archive, jour("2026-06-30"), "le projet était archivé au 30 juin 2026"},
		{Actif, jour("2017-01-01"), "le projet n'était pas dormant au 1er janvier 2017"},
		{"", time.Time{}, "on ne sait pas si le projet est dormant"},
	} {
		if _, raisons := Deconseiller(c.etat, c.evaluee, &un, Soutien{}); raisons[0] != c.premiere {
			t.Errorf("%s: %q", c.etat, raisons)
		}
	}
}

// ln(51812)/ln(68000001) = 10.85538/18.03502 = 60.19 %.
func TestImpactGrowsWithTheLogarithmOfThePopulation(t *testing.T) {
	for p, want := range map[int64]float64{0: 0, 51_811: 60.2, 68_000_000: 100, 500_000_000: 100} {
		if got := Impact(p); got != want {
			t.Errorf("%d: %v, want %v", p, got, want)
		}
	}
	i, s := 60.2, 75
	if r := Risque(&i, &s); r == nil || *r != 15.1 { // 60.2 × 0.25 = 15.05
		t.Errorf("risk %v", r)
	}
	if Risque(&i, nil) != nil || Risque(nil, &s) != nil {
		t.Error("the risk of what is not known is not known")
	}
}

func TestAnEntryIsRefusedWhenItCannotBe(t *testing.T) {
	le := jour("2026-07-01")
	for _, x := range e("NOTE=12", "FACTEUR_ABSENCE_12_MOIS=-1", "FACTEUR_ABSENCE_12_MOIS=1.5", "FACTEUR_ABSENCE_12_MOIS=007", "SCORECARD=11", "SCORECARD=NaN", "ROADMAP=oui",
		"ROADMAP=INCONNU", "DERNIER_COMMIT=hier", "DERNIER_COMMIT=2026-07-02", "DERNIER_COMMIT=1800-01-01", "DERNIERE_VERSION=1", "VERSION=1@2027", "ACTIVITE=x@2026-13-01",
		"STATUT_DEVELOPPEMENT=fini", "TYPE_MAINTENANCE=oui", "FAIT=", "FAIT="+strings.Repeat("é", 501), "VERSION_DE_MOINS_DE_SIX_MOIS=OUI") {
		if x.Verifier(le) == nil {
			t.Errorf("%+v is accepted", x)
		}
	}
	for _, x := range e("FIN_CONTRAT=2030-01-01", "DERNIER_COMMIT=2026-07-01", "DERNIER_COMMIT=2026", "FAIT="+strings.Repeat("é", 500), "SCORECARD=0", "PREMIERE_REPONSE_JOURS=0.5", "FAIT=x@2005") {
		if err := x.Verifier(le); err != nil {
			t.Errorf("%+v: %v", x, err)
		}
	}
	var fautes []int
	VerifierToutes(le, e("VERSION=1@2020", "VERSION=2@2021", "LOGO=OUI", "LOGO=NON", "NOTE=1"), func(i int, _ error) { fautes = append(fautes, i) })
	if !slices.Equal(fautes, []int{3, 4}) {
		t.Error(fautes)
	}
}

func TestTheOrderOfEntriesChangesNothing(t *testing.T) {
	entrees := e("DERNIER_COMMIT=2026-06-01", "VERSION=1@2020", "FACTEUR_ABSENCE_12_MOIS=3", "LOGO=OUI", "FORGE_ARCHIVE=NON", "SCORECARD=6.5")
	a := Evaluer(jour("2026-07-01"), entrees)
	slices.Reverse(entrees)
	b := Evaluer(jour("2026-07-01"), entrees)
	if a.Etat != b.Etat || *a.Sante != *b.Sante || a.Motif != b.Motif {
		t.Errorf("%+v\n%+v", a, b)
	}
}
