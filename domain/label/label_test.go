package label

import (
	"slices"
	"testing"
)

func fraction(v float64) *float64 { return &v }

func ligne(t *testing.T, m Mesures, c Critere) Ligne {
	t.Helper()
	for _, l := range Evaluer(m) {
		if l.Critere == c {
			return l
		}
	}
	t.Fatalf("%s is not in the grid", c)
	return Ligne{}
}

func TestACriterionIsWorthWhatTheGridSays(t *testing.T) {
	for name, c := range map[string]struct {
		m       Mesures
		critere Critere
		etat    Etat
		score   float64 // -1: not known
		valeur  string
	}{
		"nothing known":                 {Mesures{}, Deliberation, Inconnu, -1, ""},
		"a deliberation":                {Mesures{Deliberations: 1}, Deliberation, Satisfait, 1, "1 document"},
		"half mutualised is all":        {Mesures{Libres: 6, Mutualises: 3}, PartMutualisee, Satisfait, 1, "3 par un syndicat, sur 6 logiciels libres"},
		"a quarter mutualised is half":  {Mesures{Libres: 8, Mutualises: 2}, PartMutualisee, Partiel, 0.5, "2 par un syndicat, sur 8 logiciels libres"},
		"half of a handful is half":     {Mesures{Libres: 4, Mutualises: 2}, PartMutualisee, Partiel, 0.5, "2 par un syndicat, sur 4 logiciels libres : trop peu pour conclure"},
		"none mutualised of five":       {Mesures{Libres: 5}, PartMutualisee, NonSatisfait, 0, "0 par un syndicat, sur 5 logiciels libres"},
		"none mutualised of a handful":  {Mesures{Libres: 4}, PartMutualisee, Inconnu, -1, "0 par un syndicat, sur 4 logiciels libres : trop peu pour conclure"},
		"no free software tells not":    {Mesures{}, PartMutualisee, Inconnu, -1, ""},
		"an announced saving is half":   {Mesures{BilansAnnonces: 3}, BilanPublie, Partiel, 0.5, "3 économies annoncées"},
		"an observed saving is all":     {Mesures{BilansAnnonces: 3, BilansConstates: 1}, BilanPublie, Satisfait, 1, "1 économie constatée, 0 retour d’expérience"},
		"a document's share prevails":   {Mesures{Poste: Couche{1, 1}, PartPostes: fraction(0.9)}, LibrePoste, Partiel, 0.9, "90 % des postes, d’après un document"},
		"the share of what is known":    {Mesures{Serveur: Couche{6, 8}}, LibreServeur, Partiel, 0.75, "6 libres sur 8 connus"},
		"a share of a handful is half":  {Mesures{Serveur: Couche{1, 1}}, LibreServeur, Partiel, 0.5, "1 libre sur 1 connu : trop peu pour conclure"},
		"none free of a handful":        {Mesures{Serveur: Couche{0, 3}}, LibreServeur, Inconnu, -1, "0 libre sur 3 connus : trop peu pour conclure"},
		"none free of five":             {Mesures{Serveur: Couche{0, 5}}, LibreServeur, NonSatisfait, 0, "0 libre sur 5 connus"},
		"forty free ones are all":       {Mesures{MetiersLibres: 40}, LibreMetier, Satisfait, 1, "40 applications libres"},
		"three of six beat three of 10": {Mesures{Metier: Couche{3, 6}}, LibreMetier, Partiel, 0.5, "3 libres sur 6 connus"},
		"seven of 20 count as seven":    {Mesures{Metier: Couche{7, 20}}, LibreMetier, Partiel, 0.7, "7 applications libres"},
		"a tool for data is half":       {Mesures{OutilsDonnees: 1}, DonneesOuvertes, Partiel, 0.5, "1 logiciel en service"},
		"a project of data is half":     {Mesures{ProjetsDonnees: 1}, DonneesOuvertes, Partiel, 0.5, "un projet, d’après un document"},
		"most servers is half at least": {Mesures{ServeursSurtoutLibres: true}, LibreServeur, Partiel, 0.5, "plus de la moitié, d’après un document qui ne donne pas de chiffre"},
		"most servers, and more known":  {Mesures{ServeursSurtoutLibres: true, Serveur: Couche{6, 8}}, LibreServeur, Partiel, 0.75, "6 libres sur 8 connus"},
		"most servers, and less known":  {Mesures{ServeursSurtoutLibres: true, Serveur: Couche{1, 8}}, LibreServeur, Partiel, 0.5, "plus de la moitié, d’après un document qui ne donne pas de chiffre"},
		"a document counts the servers": {Mesures{PartServeurs: fraction(0.4), Serveur: Couche{6, 8}}, LibreServeur, Partiel, 0.4, "40 % des serveurs, d’après un document"},
		"a mention of the label":        {Mesures{MentionSobriete: true}, Sobriete, Satisfait, 1, "mention du label"},
	} {
		l := ligne(t, c.m, c.critere)
		score, valeur := -1.0, ""
		if l.Score != nil {
			score = *l.Score
		}
		if l.Valeur != nil {
			valeur = *l.Valeur
		}
		if l.Etat != c.etat || score != c.score || valeur != c.valeur {
			t.Errorf("%s: %s %v %q", name, l.Etat, score, valeur)
		}
	}
}

func TestTheWordOfTheOrganisationPrevails(t *testing.T) {
	m := Mesures{Deliberations: 1, Reponses: map[Critere]Etat{Deliberation: NonSatisfait, Sobriete: Partiel, Accessibilite: Inconnu}}
	if l := ligne(t, m, Deliberation); l.Etat != NonSatisfait || *l.Score != 0 || !l.Declare {
		t.Error("its answer does not prevail:", l)
	}
	if l := ligne(t, m, Sobriete); l.Etat != Partiel || *l.Score != 0.5 {
		t.Error("a partial answer:", l)
	}
	if l := ligne(t, m, Accessibilite); l.Etat != Inconnu || l.Declare {
		t.Error("no answer is one:", l)
	}
}

func TestAThemeIsBoundedByWhatIsNotKnown(t *testing.T) {
	// Strategie has four criteria: one whole, one half, two unknown: from 37.5 to 87.5.
	e := Estimer(Evaluer(Mesures{Deliberations: 1, BilansAnnonces: 1}))
	if len(e) != 5 || e[0] != (Estimation{Strategie, 37.5, 87.5, 0.5}) || e[0].Marge() != 62.5 {
		t.Error(e)
	}
	if e[4] != (Estimation{Donnees, 0, 100, 0}) {
		t.Error("a theme of which nothing is known:", e[4])
	}
}

// To adopt free software never lowers what a theme may be worth, as long as too few are known to conclude.
func TestAShareOfAHandfulBoundsATheme(t *testing.T) {
	for _, c := range []struct {
		poste Couche
		want  Estimation
	}{
		{Couche{}, Estimation{Logiciels, 0, 100, 0}},
		{Couche{1, 1}, Estimation{Logiciels, 12.5, 100, 0.25}},
		{Couche{0, 1}, Estimation{Logiciels, 0, 100, 0}},
		{Couche{4, 4}, Estimation{Logiciels, 12.5, 100, 0.25}},
		{Couche{4, 5}, Estimation{Logiciels, 20, 95, 0.25}},
	} {
		if got := Estimer(Evaluer(Mesures{Poste: c.poste})); got[2] != c.want {
			t.Errorf("%v: %v, want %v", c.poste, got[2], c.want)
		}
	}
	m := Mesures{Poste: Couche{1, 1}, Reponses: map[Critere]Etat{LibrePoste: Partiel}}
	if got := Estimer(Evaluer(m))[2]; got.Plafond != 87.5 {
		t.Error("its own answer is not provisional:", got)
	}
	if got := Estimer(Evaluer(Mesures{ServeursSurtoutLibres: true}))[2]; got.Plafond != 100 {
		t.Error("most of the servers may be all of them:", got)
	}
}

func TestWhatRaisesTheEstimateMostComesFirst(t *testing.T) {
	m := Mesures{Deliberations: 1, Libres: 5, Groupements: 1, BilansConstates: 1, Poste: Couche{3, 6}}
	var got []Critere
	for _, p := range Pistes(Evaluer(m)) {
		got = append(got, p.Critere)
		if p.Critere == LibrePoste && p.Gain != 12.5 { // half of one of four
			t.Error("gain:", p.Gain)
		}
	}
	// The two of Donnees weigh 50 each, then the three of Pratiques, then those of four; what is known to lack first.
	if want := []Critere{DonneesOuvertes, PolitiqueDonnees, FormatsOuverts, Accessibilite, Sobriete, PartMutualisee}; !slices.Equal(got[:6], want) {
		t.Error(got)
	}
	if slices.Contains(got, Deliberation) || got[len(got)-1] != LibrePoste {
		t.Error(got)
	}
}

func TestTheGridHasEachCriterionOnceInTheOrderOfTheThemes(t *testing.T) {
	seen := map[Critere]bool{}
	last := 0
	for _, d := range Grille() {
		if i := slices.Index(Themes(), d.Theme); i < last {
			t.Error(d.Critere, "is out of order")
		} else {
			last = i
		}
		if seen[d.Critere] || d.Nom == "" || d.Attendu == "" {
			t.Error(d)
		}
		seen[d.Critere] = true
	}
}
