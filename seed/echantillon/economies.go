package echantillon

type economie struct {
	numero     int // the usage it belongs to, from 0 over the whole sample; -1: none
	logiciel   int // index in plan.logiciels, -1: none
	nature     string
	statut     string
	licences   *int32
	brut       *int64 // centimes
	recurrents *int64
	ponctuels  *int64
	net        *int64
	debut      jour
	horizon    int // 0: not known
	annee      int // 0: not known
}

var naturesEconomie = []string{"LICENCES", "LICENCES", "LICENCES", "MAINTENANCE", "MAINTENANCE", "MATERIEL", "MUTUALISATION", "TEMPS_AGENT"}

// epargner draws the savings told about a usage: about one for every 37 usages. Two sources may tell two stories.
func (d *dossier) epargner(p *plan, n int) {
	u := &d.usages[n]
	if !p.logiciels[u.logiciel].libre || !d.h.pourMille(37) {
		return
	}
	d.economies = append(d.economies, d.economiser(p, n))
	if d.h.pourMille(120) {
		d.economies = append(d.economies, d.economiser(p, n))
	}
}

// economiser draws one saving, and forgets what a source of that kind would not say.
func (d *dossier) economiser(p *plan, n int) economie {
	h, u := d.h, &d.usages[n]
	e := economie{numero: p.premiers[d.rang] + n, logiciel: u.logiciel, nature: naturesEconomie[h.n(len(naturesEconomie))]}
	switch x := h.n(100); {
	case x < 15:
		e.numero = -1
	case x < 25:
		e.numero, e.logiciel = -1, -1
	}
	postes := u.postes
	if postes == 0 {
		postes = h.entre(3, 60)
	}
	e.horizon = []int{1, 1, 3, 3, 4, 5, 5, 5, 7, 10}[h.n(10)]
	// 20 to 250 euros a workstation and year, less what the change costs.
	brut := int64(postes) * int64(h.entre(20_00, 250_00)) * int64(e.horizon)
	recurrents := brut * int64(h.entre(100, 600)) / 1000
	ponctuels := brut * int64(h.entre(20, 350)) / 1000
	net := brut - recurrents - ponctuels
	if e.nature == "LICENCES" {
		licences := int32(postes)
		e.licences = &licences
	}
	e.debut = u.debut
	e.annee = 2022 + h.n(4)
	if u.debut != 0 {
		e.annee = min(u.debut.temps().Year()+h.n(2), DateFixe().Year())
	}
	switch x := h.n(100); {
	case x < 20:
		e.statut = "POTENTIELLE"
		e.brut = &brut
		if h.pourMille(300) {
			e.net = &net
		}
	case x < 38:
		e.statut = "PREVUE"
		e.brut, e.ponctuels = &brut, &ponctuels
		if h.pourMille(500) {
			e.recurrents, e.net = &recurrents, &net
		}
	case x < 60:
		e.statut = "ANNONCEE" // said in public, unexplained
		e.annee, e.licences = 0, nil
		if h.pourMille(500) {
			e.horizon = 0
		}
		if h.pourMille(400) {
			e.brut = &brut
		} else {
			e.net = &net
		}
	case x < 82:
		e.statut = "CONSTATEE"
		e.brut = &brut
		if h.pourMille(700) {
			e.recurrents, e.ponctuels, e.net = &recurrents, &ponctuels, &net
		}
	case x < 85:
		e.statut = "VERIFIEE"
		e.brut, e.recurrents, e.ponctuels, e.net = &brut, &recurrents, &ponctuels, &net
	default:
		e.statut = "ESTIMEE"
		e.brut, e.recurrents, e.ponctuels, e.net = &brut, &recurrents, &ponctuels, &net
	}
	return e
}
