package echantillon

// The words of the contract, in usages.
const (
	prevu           = "PREVU"
	experimentation = "EXPERIMENTATION"
	production      = "PRODUCTION"
	abandonne       = "ABANDONNE"

	direct      = "DIRECT"
	viaSyndicat = "VIA_SYNDICAT"
)

type abonnement struct {
	entree     int64
	debut, fin jour
}

type usage struct {
	logiciel   int
	statut     string
	syndicat   int // index in plan.organisations, -1: direct
	support    string
	postes     int // 0: not known
	version    [2]int
	debut, fin jour
	remplace   int // index in plan.logiciels, -1: none or not known
	constate   jour
	confirme   int64 // Unix seconds; 0: never
}

// dossier is one organisation's part of the sample. The slices are reused from one organisation to the next.
type dossier struct {
	h *hasard
	organisation
	rang        int
	abonnements []abonnement
	usages      []usage
	economies   []economie

	tour int   // tells what this organisation has seen from what the previous ones had
	vues []vue // by software
}

// vue is what an organisation has already done with a software.
type vue struct {
	tour    int  // of the organisation; another one's says nothing
	encore  bool // it may be drawn again
	reprise jour // from that day
}

func (p *plan) nouveauDossier() *dossier {
	return &dossier{h: nouveauHasard(), vues: make([]vue, len(p.logiciels))}
}

// remplir draws organisation number rang: always the same rows for the same seed and rank.
func (d *dossier) remplir(p *plan, rang int) {
	d.h.reprendre(p.graine, fluxCollectivites, rang)
	d.organisation, d.rang = p.organisations[rang], rang
	d.tour++
	d.abonnements, d.usages, d.economies = d.abonnements[:0], d.usages[:0], d.economies[:0]
	quota := p.quotas[rang]
	for _, a := range p.appartenances[rang] {
		d.abonner(p, a, quota*6/10)
	}
	tirage := p.parTaille[d.taille()]
	essais := 40 * quota
	for len(d.usages) < quota {
		l := tirage.indexes[tirage.draw(d.h)]
		// The rare unlucky one takes what is left, in order: the ceiling leaves enough.
		for k := 0; essais <= 0 && d.pris(l) && k < len(tirage.indexes); k++ {
			l = tirage.indexes[k]
		}
		essais--
		if d.pris(l) {
			continue
		}
		d.employer(p, l)
	}
}

// abonner draws the subscriptions of a member, and the usages that follow from them.
func (d *dossier) abonner(p *plan, a appartenance, plafond int) {
	s := &p.syndicats[a.syndicat]
	for i := range s.entrees {
		e := &s.entrees[i]
		l := &p.logiciels[e.logiciel]
		if len(d.usages) >= plafond {
			return
		}
		if e.statut == statutEnPreparation || a.services&(1<<l.service) == 0 || d.pris(e.logiciel) || !d.h.pourMille(e.attrait) {
			continue
		}
		jusqua := dernierJour
		for _, limite := range []jour{e.jusqua, a.fin} {
			if limite != 0 {
				jusqua = min(jusqua, limite)
			}
		}
		debut := max(e.depuis, a.debut) + jour(d.h.n(1500))
		if debut > jusqua-90 {
			continue
		}
		ab := abonnement{entree: e.id, debut: debut}
		switch {
		case jusqua < dernierJour:
			ab.fin = jusqua
		case d.h.pourMille(60):
			ab.fin = d.h.date(debut+60, dernierJour)
		}
		d.abonnements = append(d.abonnements, ab)
		if d.h.pourMille(120) { // subscribed, not installed yet
			continue
		}
		d.vues[e.logiciel] = vue{tour: d.tour}
		d.deployer(p, e.logiciel, s.organisation, ab)
	}
}

// deployer draws the usage that a subscription gives: within its dates.
func (d *dossier) deployer(p *plan, l, syndicat int, ab abonnement) {
	u := usage{logiciel: l, syndicat: syndicat, statut: production}
	u.debut = ab.debut + jour(d.h.n(60)) // a subscription lasts longer than that
	switch {
	case ab.fin != 0:
		u.statut, u.fin = abandonne, ab.fin
	case ab.debut > dernierJour-300 && d.h.pourMille(300):
		u.statut, u.debut = prevu, 0
	case u.debut > dernierJour-540 && d.h.pourMille(300):
		u.statut = experimentation
	}
	u.support = []string{"SYNDICAT", "SYNDICAT", "SYNDICAT", "SYNDICAT", "PRESTATAIRE", ""}[d.h.n(6)]
	d.add(p, u, ab.debut)
}

// employer draws a usage that the organisation has by itself.
func (d *dossier) employer(p *plan, l int) {
	log := &p.logiciels[l]
	u := usage{logiciel: l, syndicat: -1, statut: production}
	depuis := max(log.sortie, premierJour)
	if v := d.vues[l]; v.tour == d.tour {
		depuis = max(depuis, v.reprise)
	}
	d.vues[l] = vue{tour: d.tour}
	u.debut = d.adoption(log.elan, depuis)
	switch x := d.h.n(1000); {
	case x < 40:
		u.statut, u.debut = prevu, 0
	case x < 100:
		u.statut = experimentation
		u.debut = d.h.date(max(depuis, dernierJour-540), dernierJour)
	case x < 240 && u.debut < dernierJour-120:
		u.statut = abandonne
		u.fin = d.h.date(u.debut+60, min(dernierJour, u.debut+4000))
		if u.fin < dernierJour-400 && d.h.pourMille(150) { // it may come back later
			d.vues[l] = vue{d.tour, true, u.fin}
		}
	case d.h.pourMille(80):
		u.debut = 0 // the source does not say
	case d.taille() >= 2 && d.h.pourMille(20):
		d.vues[l] = vue{d.tour, true, u.debut} // another department of a large one may run it too
	}
	switch x := d.h.n(100); {
	case x < 30:
		u.support = "INTERNE"
	case x < 55:
		u.support = "PRESTATAIRE"
	case x < 70 && log.libre:
		u.support = "COMMUNAUTAIRE"
	case x < 74:
		u.support = "PLACE_DE_MARCHE"
	case x < 82:
		u.support = "AUCUN"
	}
	d.add(p, u, depuis)
}

// pris says whether the organisation has that software and may not draw it again.
func (d *dossier) pris(l int) bool { return d.vues[l].tour == d.tour && !d.vues[l].encore }

// adoption draws a first day: few at first, most in the middle, few at the end, as innovations spread.
func (d *dossier) adoption(elan int, depuis jour) jour {
	duree := int(dernierJour-depuis) + 1
	a, b, c := d.h.n(duree), d.h.n(duree), d.h.n(duree)
	switch elan {
	case elanRecent:
		return depuis + jour(max(a, b))
	case elanAncien:
		return depuis + jour(min(a, b))
	}
	return depuis + jour((a+b+c)/3)
}

// add completes a usage with what does not depend on how it came, and keeps it.
// depuis is the earliest day on which anyone could have seen it.
func (d *dossier) add(p *plan, u usage, depuis jour) {
	h := d.h
	log := &p.logiciels[u.logiciel]
	// Told lately more often than long ago, never before it happened.
	vu := max(u.debut, u.fin, depuis)
	recul := jour(1500)
	if u.statut == prevu {
		recul = 400
	}
	u.constate = h.date(max(vu, dernierJour-recul), dernierJour)
	if u.debut == 0 && u.fin == 0 && u.statut == production {
		u.constate = h.date(max(vu, dernierJour-4000), dernierJour)
	}
	if h.pourMille(300) {
		u.confirme = int64(h.date(u.constate, dernierJour))*86400 + int64(h.n(86400))
		u.confirme = min(u.confirme, int64(dernierJour)*86400)
	}
	if h.pourMille(750) {
		agents := 2 + max(d.Population, 500)/110
		u.postes = max(1, agents*h.entre(5, 100)/100)
		u.postes = min(u.postes, 60_000)
	}
	if h.pourMille(350) {
		u.version = [2]int{h.entre(1, 12), h.n(10)}
	}
	u.remplace = -1
	if log.libre && len(log.remplace) > 0 && h.pourMille(350) {
		u.remplace = log.remplace[h.n(len(log.remplace))]
	}
	d.usages = append(d.usages, u)
	d.epargner(p, len(d.usages)-1)
}
