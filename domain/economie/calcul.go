package economie

import (
	"fmt"
	"slices"
	"strconv"
)

// Limits of what is accepted: beyond them an input is a slip of the keyboard, and any sum stays far from overflowing.
const (
	MontantMaximal    int64 = 100_000_000_000_000 // in cents: 1,000 billion euros, a third of what France produces in a year
	PostesMaximum           = 100_000_000
	HorizonMaximal          = 50         // years
	ETPMaximum        int64 = 10_000_000 // in hundredths: 100,000 full-time agents
	PointsDeBase            = 10_000     // 100 %
	AnneePrixMinimale       = 1980
	AnneePrixMaximale       = 2100

	HorizonParDefaut = 5    // years
	TVAParDefaut     = 2000 // basis points: the French standard rate
)

// ModePrix says how a licence avoided would have been paid.
type ModePrix string

// A licence is paid every year, or bought once.
const (
	ParAn ModePrix = "PAR_AN"
	Achat ModePrix = "ACHAT"
)

// Taxe says whether amounts include VAT.
type Taxe string

// Amounts exclude VAT (hors taxes) or include it (toutes taxes comprises).
const (
	HT  Taxe = "HT"
	TTC Taxe = "TTC"
)

// Calcul is what a saving is computed from. Amounts are in cents, never negative, at most MontantMaximal. Zero means
// none, except where a default is stated.
type Calcul struct {
	// Postes is the number of seats freed from a licence, the same every year; or PostesParAn gives one number a year.
	Postes      int
	PostesParAn []int
	// PrixUnitaire is the price of a licence avoided, the same every year; or PrixUnitaireParAn gives one price a year.
	PrixUnitaire      int64
	PrixUnitaireParAn []int64
	// ModePrix is required with a price.
	ModePrix ModePrix
	// Remise is the discount that would have been had on the price, in basis points: 1250 is 12.5 %.
	Remise int

	MaintenanceEvitee int64 // a year
	MaterielParAn     int64 // hardware avoided, a year
	MaterielUnique    int64 // hardware avoided once, in year 1
	ETPEvites         int64 // agents' time no longer needed each year, in hundredths of a full-time agent

	Hebergement    int64 // a year
	ContratSupport int64 // a year
	ETP            int64 // agents' time that running takes each year, in hundredths of a full-time agent
	CoutETP        int64 // of a full-time agent, a year; required with ETP or ETPEvites

	Migration      int64 // once
	Formation      int64 // once
	Integration    int64 // once
	RepriseDonnees int64 // once

	// Subventions is what others paid of these costs; it is repeated in the result and never subtracted.
	Subventions int64

	HorizonAnnees     int // 1 to 50; 0 is HorizonParDefaut
	TauxActualisation int // basis points a year, 0 to 10000

	// MontantsEn says what the amounts above are, and may stay unsaid. ResultatEn asks for the result in HT or TTC
	// whatever the inputs; empty: as they are. TauxTVA, in basis points, goes from one to the other; nil is
	// TVAParDefaut, and 0 is a rate (Guyane, Mayotte).
	MontantsEn Taxe
	ResultatEn Taxe
	TauxTVA    *int

	// AnneePrix is the year whose euros the amounts are in; 0 when unsaid. It does not change the result.
	AnneePrix int
}

func (c *Calcul) horizon() int {
	if c.HorizonAnnees == 0 {
		return HorizonParDefaut
	}
	return c.HorizonAnnees
}

func (c *Calcul) hasPrix() bool {
	return c.PrixUnitaire != 0 || slices.ContainsFunc(c.PrixUnitaireParAn, func(p int64) bool { return p != 0 })
}

func (c *Calcul) postesMax() int { return slices.Max(append([]int{c.Postes}, c.PostesParAn...)) }

// check returns every reason to refuse the inputs.
func (c *Calcul) check() Fautes {
	var f Fautes
	for _, m := range []struct {
		champ  string
		valeur int64
	}{
		{"prixUnitaire", c.PrixUnitaire}, {"maintenanceEvitee", c.MaintenanceEvitee},
		{"materielParAn", c.MaterielParAn}, {"materielUnique", c.MaterielUnique},
		{"hebergement", c.Hebergement}, {"contratSupport", c.ContratSupport}, {"coutEtp", c.CoutETP},
		{"migration", c.Migration}, {"formation", c.Formation}, {"integration", c.Integration},
		{"repriseDonnees", c.RepriseDonnees}, {"subventions", c.Subventions},
	} {
		f.checkMontant(m.valeur, m.champ)
	}
	for i, prix := range c.PrixUnitaireParAn {
		f.checkMontant(prix, "prixUnitaireParAn", strconv.Itoa(i))
	}
	f.checkBornes(int64(c.Postes), 0, PostesMaximum, "postes")
	for i, postes := range c.PostesParAn {
		f.checkBornes(int64(postes), 0, PostesMaximum, "postesParAn", strconv.Itoa(i))
	}
	f.checkCentiemes(int64(c.Remise), PointsDeBase, "remise")
	f.checkCentiemes(c.ETPEvites, ETPMaximum, "etpEvites")
	f.checkCentiemes(c.ETP, ETPMaximum, "etp")
	f.checkCentiemes(int64(c.TauxActualisation), PointsDeBase, "tauxActualisation")
	if c.TauxTVA != nil {
		f.checkCentiemes(int64(*c.TauxTVA), PointsDeBase, "tauxTva")
	}
	if c.AnneePrix != 0 {
		f.checkBornes(int64(c.AnneePrix), AnneePrixMinimale, AnneePrixMaximale, "anneePrix")
	}
	f.checkBornes(int64(c.horizon()), 1, HorizonMaximal, "horizonAnnees")
	c.checkListes(&f)
	c.checkOubli(&f)
	c.checkTaxes(&f)
	return f
}

// checkListes refuses a list that does not cover each year, or that contradicts the single value.
func (c *Calcul) checkListes(f *Fautes) {
	for _, l := range []struct {
		champ    string
		longueur int
		unique   bool
	}{
		{"postesParAn", len(c.PostesParAn), c.Postes != 0},
		{"prixUnitaireParAn", len(c.PrixUnitaireParAn), c.PrixUnitaire != 0},
	} {
		if l.longueur == 0 {
			continue
		}
		if l.longueur != c.horizon() {
			f.add(fmt.Sprintf("donnez une valeur pour chaque année : %d attendues, %d reçues", c.horizon(), l.longueur), l.champ)
		}
		if l.unique {
			f.add("donnez soit une valeur pour toutes les années, soit une valeur par année, pas les deux", l.champ)
		}
	}
}

// checkOubli refuses what would silently count for nothing.
func (c *Calcul) checkOubli(f *Fautes) {
	prix := c.hasPrix()
	if prix && c.postesMax() == 0 {
		f.add("indiquez le nombre de postes : sans lui, le prix unitaire ne compte pas", "postes")
	}
	switch c.ModePrix {
	case ParAn, Achat:
	case "":
		if prix {
			f.add("indiquez si le prix unitaire est payé chaque année (PAR_AN) ou une seule fois (ACHAT)", "modePrix")
		}
	default:
		f.add("le prix est payé chaque année (PAR_AN) ou une seule fois (ACHAT)", "modePrix")
	}
	if (c.ETP != 0 || c.ETPEvites != 0) && c.CoutETP == 0 {
		f.add("indiquez le coût annuel d'un agent à temps plein : sans lui, le temps des agents ne compte pas", "coutEtp")
	}
	if !prix && c.MaintenanceEvitee == 0 && c.MaterielParAn == 0 && c.MaterielUnique == 0 && c.ETPEvites == 0 {
		f.add("indiquez au moins une dépense évitée : licences, maintenance, matériel ou temps des agents")
	}
}

func (c *Calcul) checkTaxes(f *Fautes) {
	check := func(t Taxe, champ string) {
		if t != "" && t != HT && t != TTC {
			f.add("un montant est hors taxes (HT) ou toutes taxes comprises (TTC)", champ)
		}
	}
	check(c.MontantsEn, "montantsEn")
	check(c.ResultatEn, "resultatEn")
	if c.ResultatEn != "" && c.MontantsEn == "" {
		f.add("indiquez si les montants saisis sont hors taxes (HT) ou toutes taxes comprises (TTC)", "montantsEn")
	}
}

func (f *Fautes) checkMontant(valeur int64, champ ...string) {
	switch {
	case valeur < 0:
		f.add("un montant ne peut pas être négatif", champ...)
	case valeur > MontantMaximal:
		f.add("ce montant dépasse mille milliards d'euros", champ...)
	}
}

func (f *Fautes) checkBornes(valeur, minimum, maximum int64, champ ...string) {
	if valeur < minimum || valeur > maximum {
		f.add(fmt.Sprintf("%d n'est pas compris entre %d et %d", valeur, minimum, maximum), champ...)
	}
}

// checkCentiemes checks what is counted in hundredths, and speaks of it in the unit that people write: per cent, agents.
func (f *Fautes) checkCentiemes(valeur, maximum int64, champ ...string) {
	if valeur < 0 || valeur > maximum {
		f.add(fmt.Sprintf("la valeur n'est pas comprise entre 0 et %d", maximum/100), champ...)
	}
}
