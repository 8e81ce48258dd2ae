package economie

import (
	"math/big"
)

// Resultat is a saving over its whole horizon, in cents. What is discounted says so in its name.
type Resultat struct {
	Brut            int64 // spending avoided, before any cost, undiscounted
	CoutsRecurrents int64 // running costs, undiscounted
	CoutsPonctuels  int64 // one-off costs, grants not subtracted
	NetActualise    int64 // net at the discount rate; with none, Brut − CoutsRecurrents − CoutsPonctuels exactly
	Subventions     int64 // as given: part of the costs that others paid

	// En says whether these amounts include VAT; empty when the inputs do not say.
	En            Taxe
	HorizonAnnees int
	ParAn         []Annee

	// RetourAnnees is the first year at whose end the undiscounted flows have repaid the one-off costs: 0 when there
	// is nothing to repay, nil when the horizon ends before. Later losses are not looked at. RetourMois is the same in
	// months, as if each year's flow came evenly, to the nearest month: 12 months may be the very start of year 2.
	RetourAnnees *int
	RetourMois   *int

	// LicencesEconomisees is the largest number of seats of any year; nil without a price, since nothing then says
	// that licences were avoided.
	LicencesEconomisees *int
}

// Annee is one year of a saving, in cents. Over the years, Brut and Recurrents add up to the totals: the cent that
// rounding leaves over falls in one of them.
type Annee struct {
	Annee      int // 1 for the first
	Brut       int64
	Recurrents int64
	Actualise  int64 // Brut − Recurrents, discounted from the end of the year
}

// Compute returns the saving, or Fautes: every input at fault, in French, each with its field.
func (c Calcul) Compute() (Resultat, error) {
	if err := c.check().orNil(); err != nil {
		return Resultat{}, err
	}
	taxe := c.facteurTaxe()
	bruts, recurrents := c.flux(taxe)
	ponctuels := mul(taxe, sum(rat(c.Migration), rat(c.Formation), rat(c.Integration), rat(c.RepriseDonnees)))
	brut, recurrent := sum(bruts...), sum(recurrents...)

	maximum := rat(MontantMaximal)
	if brut.Cmp(maximum) > 0 || recurrent.Cmp(maximum) > 0 || ponctuels.Cmp(maximum) > 0 {
		var f Fautes
		f.add("le total calculé dépasse mille milliards d'euros : vérifiez les prix, qui sont en euros, et le nombre de postes")
		return Resultat{}, f
	}

	r := Resultat{
		Brut: round(brut), CoutsRecurrents: round(recurrent), CoutsPonctuels: round(ponctuels), Subventions: c.Subventions,
		En: c.ResultatEn, HorizonAnnees: c.horizon(),
	}
	if c.hasPrix() {
		r.LicencesEconomisees = new(c.postesMax())
	}
	if r.En == "" {
		r.En = c.MontantsEn
	}
	annuel := big.NewRat(PointsDeBase, PointsDeBase+int64(c.TauxActualisation))
	facteur, actualise := rat(1), rat(0)
	var cumulBrut, cumulRecurrents, cumulActualise cumul
	for t := range bruts {
		facteur = mul(facteur, annuel)
		flux := mul(sub(bruts[t], recurrents[t]), facteur)
		actualise = sum(actualise, flux)
		r.ParAn = append(r.ParAn, Annee{Annee: t + 1, Brut: cumulBrut.add(bruts[t]),
			Recurrents: cumulRecurrents.add(recurrents[t]), Actualise: cumulActualise.add(flux)})
	}
	effet := sub(sub(brut, recurrent), actualise)
	r.NetActualise = round(sub(rat(r.Brut-r.CoutsRecurrents-r.CoutsPonctuels), effet))
	r.RetourAnnees, r.RetourMois = retour(bruts, recurrents, ponctuels)
	return r, nil
}

// flux returns, year by year, the gross and the running costs.
func (c *Calcul) flux(taxe *big.Rat) (bruts, recurrents []*big.Rat) {
	remise := big.NewRat(PointsDeBase-int64(c.Remise), PointsDeBase)
	agents := func(etp int64) *big.Rat { return mul(big.NewRat(etp, 100), rat(c.CoutETP)) }
	achetees := 0
	for t := range c.horizon() {
		postes, prix := c.Postes, c.PrixUnitaire
		if len(c.PostesParAn) > 0 {
			postes = c.PostesParAn[t]
		}
		if len(c.PrixUnitaireParAn) > 0 {
			prix = c.PrixUnitaireParAn[t]
		}
		licences := postes
		if c.ModePrix == Achat {
			licences = max(0, postes-achetees)
			achetees += licences
		}
		brut := sum(mul(rat(int64(licences)), rat(prix), remise), rat(c.MaintenanceEvitee), rat(c.MaterielParAn))
		if t == 0 {
			brut = sum(brut, rat(c.MaterielUnique))
		}
		bruts = append(bruts, sum(mul(taxe, brut), agents(c.ETPEvites)))
		recurrents = append(recurrents, sum(mul(taxe, sum(rat(c.Hebergement), rat(c.ContratSupport))), agents(c.ETP)))
	}
	return bruts, recurrents
}

// facteurTaxe is what an amount is multiplied by to go from what was given to what is asked.
func (c *Calcul) facteurTaxe() *big.Rat {
	if c.ResultatEn == "" || c.ResultatEn == c.MontantsEn {
		return rat(1)
	}
	taux := int64(TVAParDefaut)
	if c.TauxTVA != nil {
		taux = int64(*c.TauxTVA)
	}
	if c.ResultatEn == TTC {
		return big.NewRat(PointsDeBase+taux, PointsDeBase)
	}
	return big.NewRat(PointsDeBase, PointsDeBase+taux)
}

// retour returns the payback in years and in months, or nils when the flows never repay the one-off costs.
func retour(bruts, recurrents []*big.Rat, ponctuels *big.Rat) (annees, mois *int) {
	reste := ponctuels
	for t := range bruts {
		flux := sub(bruts[t], recurrents[t])
		if apres := sub(reste, flux); apres.Sign() > 0 {
			reste = apres
			continue
		}
		a, m := t+1, 12*t
		switch {
		case reste.Sign() == 0:
			a = t
		default:
			m = int(round(mul(rat(12), sum(rat(int64(t)), new(big.Rat).Quo(reste, flux)))))
		}
		return &a, &m
	}
	return nil, nil
}

// cumul rounds a running sum, so that rounded amounts add up to the rounded total.
type cumul struct {
	exact   big.Rat
	arrondi int64
}

// add returns how much x moves the rounded sum.
func (c *cumul) add(x *big.Rat) int64 {
	avant := c.arrondi
	c.arrondi = round(c.exact.Add(&c.exact, x))
	return c.arrondi - avant
}

func rat(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

func sub(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }

func sum(xs ...*big.Rat) *big.Rat {
	s := new(big.Rat)
	for _, x := range xs {
		s.Add(s, x)
	}
	return s
}

func mul(xs ...*big.Rat) *big.Rat {
	p := rat(1)
	for _, x := range xs {
		p.Mul(p, x)
	}
	return p
}

// round returns x to the nearest whole, halves away from zero. x must fit.
func round(x *big.Rat) int64 {
	n := new(big.Int).Abs(x.Num())
	n.Add(n.Lsh(n, 1), x.Denom())
	n.Quo(n, new(big.Int).Lsh(x.Denom(), 1))
	return n.Int64() * int64(x.Sign())
}
