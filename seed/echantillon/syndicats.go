package echantillon

import (
	"fmt"
	"sort"
)

// services are what a syndicat's members take à la carte; a catalogue's entry belongs to one of them.
var services = []string{"dématérialisation", "gestion", "archivage", "sécurité", "hébergement", "cartographie", "bureautique", "relation à l'usager"}

// prestations are the services of an entry, in the words of TypePrestation.
var prestations = []string{"DEPLOIEMENT", "HEBERGEMENT", "MAINTENANCE", "SUPPORT", "FORMATION", "CONSEIL", "REPRISE_DONNEES", "INTEGRATION", "DEVELOPPEMENT"}

// partsLibres are known by their name for the free share of what they offer; the others get any.
var partsLibres = map[string]int{
	"254003304": 92, // ALPI
	"250601879": 4,  // SICTIAM
}

const (
	statutEnPreparation = "EN_PREPARATION"
	statutProposee      = "PROPOSEE"
	statutRetiree       = "RETIREE"
)

type catalogue struct {
	id       int64
	cle, nom string
	syndicat int // index in plan.organisations
}

type entree struct {
	id        int64
	numero    int // among all the entries, for its key
	catalogue int64
	logiciel  int
	statut    string
	services  []string
	depuis    jour // 0: not known or not yet
	jusqua    jour // 0: still in force
	attrait   int  // per thousand of the members who take the service
}

type syndicat struct {
	organisation int
	entrees      []entree
}

// appartenance is a membership seen from the member.
type appartenance struct {
	syndicat int    // index in plan.syndicats
	services uint32 // bits of services; every bit: everything
	debut    jour   // 0: not known
	fin      jour   // 0: still a member
}

type adhesion struct {
	groupement, membre, via int // indexes in plan.organisations; via -1: direct
	appartenance
}

// planifierSyndicats draws, for each digital syndicat, its catalogues, its entries and its members.
func (p *plan) planifierSyndicats() {
	parDepartement := map[string][]int{}
	rang := make(map[int64]int, len(p.organisations))
	for i, o := range p.organisations {
		rang[o.ID] = i
		if o.Genre != genreSyndicat && o.Departement != "" {
			parDepartement[o.Departement] = append(parDepartement[o.Departement], i)
		}
	}
	p.appartenances = make([][]appartenance, len(p.organisations))
	h := nouveauHasard()
	for i, o := range p.organisations {
		if o.Genre != genreSyndicat {
			continue
		}
		h.reprendre(p.graine, fluxSyndicats, i)
		creation := h.date(premierJour, an(2016))
		p.planifierCatalogues(h, i, creation)
		p.planifierMembres(h, i, creation, parDepartement[o.Departement], rang)
	}
}

func (p *plan) planifierCatalogues(h *hasard, rang int, creation jour) {
	o := p.organisations[rang]
	nombre := 1
	if h.pourMille(150) {
		nombre = 2
	}
	premier := p.suivant["catalogue"] + int64(len(p.catalogues))
	for n := range nombre {
		c := catalogue{id: premier + int64(n), cle: fmt.Sprintf("%s-%s-%d", CleSource, o.Cle, n+1), nom: "Catalogue d'échantillon — " + o.Nom, syndicat: rang}
		if n > 0 {
			c.nom = "Catalogue métier d'échantillon — " + o.Nom
		}
		p.catalogues = append(p.catalogues, c)
	}
	part, connue := partsLibres[o.Cle]
	if !connue {
		part = h.entre(2, 95)
	}
	taille := h.entre(14, 60)
	libres := (taille*part + 50) / 100
	s := syndicat{organisation: rang}
	vus := map[int]bool{}
	for n := range taille {
		tirage := p.proprietaires
		if n < libres {
			tirage = p.libres
		}
		l := tirage.indexes[tirage.draw(h)]
		if vus[l] {
			continue
		}
		vus[l] = true
		e := entree{numero: p.nbEntrees, logiciel: l, catalogue: premier + int64(h.n(nombre)), statut: statutProposee, attrait: h.entre(80, 900)}
		e.id = p.suivant["entree_catalogue"] + int64(p.nbEntrees)
		p.nbEntrees++
		for _, t := range prestations[:h.entre(2, len(prestations)-1)] {
			if h.pourMille(600) {
				e.services = append(e.services, t)
			}
		}
		e.depuis = h.date(max(creation, p.logiciels[l].sortie), max(creation, p.logiciels[l].sortie)+365*6)
		switch {
		case e.depuis > dernierJour-60 || h.pourMille(50):
			e.statut, e.depuis = statutEnPreparation, 0
		case e.depuis < dernierJour-800 && h.pourMille(100):
			e.statut = statutRetiree
			e.jusqua = h.date(e.depuis+365, dernierJour)
		}
		s.entrees = append(s.entrees, e)
	}
	p.syndicats = append(p.syndicats, s)
}

// planifierMembres draws the members among the communes, EPCI and département of the seat's département, until the
// syndicat covers the population that BANATIC gives it. A membership that is really known is kept as it is.
func (p *plan) planifierMembres(h *hasard, rang int, creation jour, candidats []int, rangs map[int64]int) {
	o := p.organisations[rang]
	reste := o.Population
	if reste < 0 {
		reste = 1 << 40
	}
	reste = max(reste, 20_000)
	taux := h.entre(350, 950)
	acLaCarte := h.pourMille(600)
	ordre := make([]int, len(candidats))
	cles := make([]int, len(candidats))
	for i := range candidats {
		ordre[i] = i
		cles[i] = h.n(1 << 30)
		if p.organisations[candidats[i]].Nature != natureCommune {
			cles[i] -= 1 << 30 // the groupements first: some communes come through them
		}
	}
	sort.SliceStable(ordre, func(i, j int) bool { return cles[ordre[i]] < cles[ordre[j]] })
	membre := map[int]bool{}
	for _, k := range ordre {
		c := candidats[k]
		m := p.organisations[c]
		reel := p.membresReels[[2]int64{o.ID, m.ID}]
		a := adhesion{groupement: rang, membre: c, via: -1, appartenance: appartenance{syndicat: len(p.syndicats) - 1, services: 1<<len(services) - 1}}
		chance := taux
		if m.Nature != natureCommune {
			chance = taux / 2
		}
		if !reel && (reste <= 0 || !h.pourMille(chance)) {
			continue
		}
		if m.Nature == natureCommune {
			reste -= max(m.Population, 0)
		}
		membre[c] = true
		if reel {
			p.appartenances[c] = append(p.appartenances[c], a.appartenance)
			continue
		}
		if epci, ok := rangs[p.epciDe[m.ID]]; ok && membre[epci] && h.pourMille(250) {
			a.via = epci
		}
		if acLaCarte {
			a.services = 0
			for s := range services {
				if h.pourMille(550) {
					a.services |= 1 << s
				}
			}
			if a.services == 0 {
				a.services = 1 << h.n(len(services))
			}
		}
		if h.pourMille(850) {
			a.debut = h.date(creation, an(2024))
			if h.pourMille(30) {
				a.fin = h.date(a.debut+365, dernierJour)
				if a.fin <= a.debut {
					a.fin = 0
				}
			}
		}
		p.adhesions = append(p.adhesions, a)
		p.appartenances[c] = append(p.appartenances[c], a.appartenance)
	}
}
