package economie

import (
	"math/big"
	"slices"
)

// Prix is what one seat of a software costs, in cents, as one source gives it.
type Prix struct {
	Mode ModePrix
	// Premiere is the price of the first year, or of the purchase.
	Premiere int64
	// Suivantes is the price of each later year; a purchase has none.
	Suivantes int64
}

// PrixDePoste reads a published unit price: paid every year when the source gives the amount of the years that follow,
// bought once otherwise. Nil without a first amount.
func PrixDePoste(premiere, suivantes *int64) *Prix {
	switch {
	case premiere == nil:
		return nil
	case suivantes == nil:
		return &Prix{Mode: Achat, Premiere: *premiere}
	}
	return &Prix{Mode: ParAn, Premiere: *premiere, Suivantes: *suivantes}
}

// PrixParAn is the same price every year.
func PrixParAn(montant int64) Prix { return Prix{Mode: ParAn, Premiere: montant, Suivantes: montant} }

// ParPosteEtParAn divides an amount, in cents, by seats and by years: Toulouse, 1.8 M€ for 10,000 seats over 3 years, is
// 60 € a seat and a year; Nantes, 1.6 M€ for 5,000 seats over 5 years, is 64 €. Rounded to the cent, half away from
// zero. False when the seats or the years are not known: a quotient is not guessed.
func ParPosteEtParAn(montant int64, postes, annees int) (int64, bool) {
	if postes <= 0 || annees <= 0 {
		return 0, false
	}
	diviseur := new(big.Int).Mul(big.NewInt(int64(postes)), big.NewInt(int64(annees)))
	return round(new(big.Rat).SetFrac(big.NewInt(montant), diviseur)), true
}

// Repere is the spread of the amounts that several sources give, in cents.
type Repere struct {
	Nombre                    int
	Minimum, Mediane, Maximum int64
}

// Reperes returns the spread of amounts; nil when there is none. The median is an amount that a source gives: of an even
// number, the smaller of the two in the middle.
func Reperes(montants []int64) *Repere {
	if len(montants) == 0 {
		return nil
	}
	tries := slices.Sorted(slices.Values(montants))
	return &Repere{Nombre: len(tries), Minimum: tries[0], Mediane: tries[(len(tries)-1)/2], Maximum: tries[len(tries)-1]}
}

// Projet is a change of software to simulate, from what is known of it.
type Projet struct {
	// Commun holds what is the same in every scenario: the seats, the horizon, the rate, the costs that the caller gives.
	// Its price is left empty: Prix holds it.
	Commun Calcul
	// Prix are the prices known of a seat of the software left: the caller's alone, or one for each source. Without any,
	// the gross is not known.
	Prix []Prix
	// MigrationParPoste are the one-off costs known of a seat, in cents, when Commun does not hold them. PonctuelsConnus
	// says that it does.
	MigrationParPoste []int64
	PonctuelsConnus   bool
	// RecurrentsParPoste are the running costs known of a seat and a year, in cents, when Commun does not hold them.
	// RecurrentsConnus says that it does.
	RecurrentsParPoste []int64
	RecurrentsConnus   bool
}

// Scenario is one outcome of a Projet, in cents over the horizon. An amount is nil when something it is made of is not
// known: it is never taken for zero.
type Scenario struct {
	// Prix, Migration and Recurrents are the positions, in the lists of the project, of what the scenario rests on; nil
	// when the list is empty or not used.
	Prix, Migration, Recurrents *int

	Brut            *int64
	CoutsRecurrents *int64
	CoutsPonctuels  *int64
	Net             *int64
	// NetAuPlus is the gross less the costs that are known: the net when nothing is missing, and otherwise what it cannot
	// exceed.
	NetAuPlus    *int64
	RetourMois   *int
	RetourAnnees *int
	ParAn        []Annee // nil unless the gross and the running costs are known
}

// Check returns every reason to refuse the inputs, as Fautes; nil: none.
func (p Projet) Check() error {
	c := p.Commun
	if len(p.Prix) > 0 {
		p.give(&c, p.Prix[0])
	} else {
		c.MaterielUnique = max(c.MaterielUnique, 1)
	}
	return c.check().orNil()
}

// Scenarios returns the low, the central and the high outcome. The low one rests on the lowest price and the highest
// costs known, the high one on the contrary, the central one on the medians, each taken apart (see Reperes): each price
// and each cost is one that a source gives, and the net of one is never above that of the next, but for the cent that a
// discount on the price may round. Prices paid once and prices paid each year are compared by what they cost over the
// horizon, discounted. When only one price and one cost are known, the three are equal.
//
// Errors: Fautes, as Calcul.Compute; and when what the seats cost is beyond MontantMaximal.
func (p Projet) Scenarios() (bas, central, haut Scenario, err error) {
	if err := p.Check(); err != nil {
		return bas, central, haut, err
	}
	prix := trois(p.parValeur())
	migration, recurrents := trois(parMontant(p.MigrationParPoste)), trois(parMontant(p.RecurrentsParPoste))
	resultats := [3]Scenario{}
	for i := range resultats {
		r := &resultats[i]
		r.Prix, r.Migration, r.Recurrents = prix[i], migration[2-i], recurrents[2-i]
		if err := p.compute(r); err != nil {
			return bas, central, haut, err
		}
	}
	return resultats[0], resultats[1], resultats[2], nil
}

// compute fills a scenario from what it rests on.
func (p *Projet) compute(s *Scenario) error {
	c := p.Commun
	var f Fautes
	parPoste := func(montant int64) int64 {
		total := new(big.Int).Mul(big.NewInt(montant), big.NewInt(int64(c.Postes)))
		if total.Cmp(big.NewInt(MontantMaximal)) > 0 {
			f.add("ce nombre de postes mène à un coût qui dépasse mille milliards d'euros", "postes")
			return 0
		}
		return total.Int64()
	}
	if s.Migration != nil {
		c.Migration = parPoste(p.MigrationParPoste[*s.Migration])
	}
	if s.Recurrents != nil {
		c.ContratSupport = parPoste(p.RecurrentsParPoste[*s.Recurrents])
	}
	if err := f.orNil(); err != nil {
		return err
	}
	if s.Prix != nil {
		p.give(&c, p.Prix[*s.Prix])
	} else {
		// Compute refuses a saving of nothing; the gross that this cent gives is not shown.
		c.MaterielUnique = max(c.MaterielUnique, 1)
	}
	r, err := c.Compute()
	if err != nil {
		return err
	}
	ponctuels, recurrents := p.PonctuelsConnus || s.Migration != nil, p.RecurrentsConnus || s.Recurrents != nil
	if ponctuels {
		s.CoutsPonctuels = &r.CoutsPonctuels
	}
	if recurrents {
		s.CoutsRecurrents = &r.CoutsRecurrents
	}
	if s.Prix == nil {
		return nil
	}
	s.Brut, s.NetAuPlus = &r.Brut, &r.NetActualise
	if recurrents {
		s.ParAn = r.ParAn
	}
	if ponctuels && recurrents {
		s.Net, s.RetourMois, s.RetourAnnees = &r.NetActualise, r.RetourMois, r.RetourAnnees
	}
	return nil
}

// give makes a computation avoid a price.
func (p *Projet) give(c *Calcul, x Prix) {
	c.ModePrix, c.PrixUnitaire = x.Mode, x.Premiere
	if horizon := c.horizon(); x.Mode == ParAn && x.Suivantes != x.Premiere && horizon >= 1 && horizon <= HorizonMaximal {
		c.PrixUnitaire, c.PrixUnitaireParAn = 0, slices.Repeat([]int64{x.Suivantes}, horizon)
		c.PrixUnitaireParAn[0] = x.Premiere
	}
}

// parValeur orders the positions of the prices by what they cost over the horizon, discounted as the net is.
func (p *Projet) parValeur() []int {
	annuel := big.NewRat(PointsDeBase, PointsDeBase+int64(p.Commun.TauxActualisation))
	premiere, suivantes, facteur := annuel, rat(0), annuel
	for range p.Commun.horizon() - 1 {
		facteur = mul(facteur, annuel)
		suivantes = sum(suivantes, facteur)
	}
	valeurs := make([]*big.Rat, len(p.Prix))
	for i, x := range p.Prix {
		valeurs[i] = mul(rat(x.Premiere), premiere)
		if x.Mode == ParAn {
			valeurs[i] = sum(valeurs[i], mul(rat(x.Suivantes), suivantes))
		}
	}
	return positions(len(valeurs), func(a, b int) int { return valeurs[a].Cmp(valeurs[b]) })
}

// parMontant orders the positions of amounts.
func parMontant(montants []int64) []int {
	return positions(len(montants), func(a, b int) int { return big.NewInt(montants[a]).Cmp(big.NewInt(montants[b])) })
}

func positions(n int, compare func(a, b int) int) []int {
	ordre := make([]int, n)
	for i := range ordre {
		ordre[i] = i
	}
	slices.SortStableFunc(ordre, compare)
	return ordre
}

// trois picks the first, the median (the smaller of two) and the last; nils when there is none.
func trois(ordre []int) [3]*int {
	if len(ordre) == 0 {
		return [3]*int{}
	}
	return [3]*int{&ordre[0], &ordre[(len(ordre)-1)/2], &ordre[len(ordre)-1]}
}

// Tranche is one bracket of a published tariff: for a value from Minimum to Maximum, both included (nil: no bound), what
// the first year and each later year cost, in cents (nil: not published).
type Tranche struct {
	Minimum, Maximum    *int
	Premiere, Suivantes *int64
}

// TrancheDe returns the position of the bracket that a value falls in, the first one when several overlap; -1 when none
// does: a tariff says nothing outside its brackets.
func TrancheDe(tranches []Tranche, valeur int) int {
	return slices.IndexFunc(tranches, func(t Tranche) bool {
		return (t.Minimum == nil || valeur >= *t.Minimum) && (t.Maximum == nil || valeur <= *t.Maximum)
	})
}

// Cout splits what a bracket costs into an amount every year and what the first year adds to it. False when the amounts
// are not published, or when the first year is the cheaper one, which the split cannot say.
func (t Tranche) Cout() (parAn, supplement int64, ok bool) {
	if t.Premiere == nil || t.Suivantes == nil || *t.Premiere < *t.Suivantes {
		return 0, 0, false
	}
	return *t.Suivantes, *t.Premiere - *t.Suivantes, true
}

// CleRepartition is what a mutualised cost is shared in proportion to.
type CleRepartition string

// A cost is shared by population, by seats, equally, or by weights agreed upon.
const (
	ParPopulation CleRepartition = "POPULATION"
	ParPostes     CleRepartition = "POSTES"
	AuForfait     CleRepartition = "FORFAIT"
	ParPoids      CleRepartition = "PONDEREE"
)

// Payeur is a member that pays its share. What is nil is not known.
type Payeur struct {
	Population *int
	Postes     *int
	Poids      *int64 // in hundredths
}

// Cle returns what a member counts for under a key; false when it is not known.
func (p Payeur) Cle(cle CleRepartition) (int64, bool) {
	switch {
	case cle == AuForfait:
		return 1, true
	case cle == ParPopulation && p.Population != nil:
		return int64(*p.Population), true
	case cle == ParPostes && p.Postes != nil:
		return int64(*p.Postes), true
	case cle == ParPoids && p.Poids != nil:
		return *p.Poids, true
	}
	return 0, false
}
