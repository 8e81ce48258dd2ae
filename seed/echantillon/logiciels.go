package echantillon

import (
	"fmt"
	"sort"
)

// logiciel is a software of the sample, real or invented.
type logiciel struct {
	id        int64
	libre     bool
	categorie string // code of a category, or rank of one for the invented; "" without
	invente   bool
	licence   string // the invented: the source's words
	numero    int    // the invented: its number in the name
	rangCat   int    // the invented: index in base.categories, -1 without
	ajoute    jour   // the invented: when it was referenced
	sortie    jour   // no usage before this day
	elan      int    // how it spread: steadily, lately, or long ago
	taille    int    // smallest kind of collectivité that runs it, see taille()
	poids     uint64 // popularity
	service   int    // index in services, for the catalogues
	remplace  []int  // free software: the proprietary it can stand in for
	similaire []int
}

const (
	elanRegulier = iota
	elanRecent
	elanAncien
)

const (
	totalLogiciels = 500 // real and invented together, when the real are fewer
	minInventes    = 150
	partProprio    = 40 // per cent of the total
)

// The licences of the invented software, in a source's words, with their frequency. domain/licence says which are free.
var licencesLibres = []struct {
	nom   string
	poids uint64
}{
	{"AGPL-3.0-or-later", 30}, {"GPL-3.0-or-later", 25}, {"MIT", 15}, {"Apache-2.0", 12},
	{"LGPL-2.1-or-later", 8}, {"EUPL-1.2", 6}, {"CECILL-2.1", 4},
}

const licenceProprietaire = "Propriétaire"

// completeLogiciels invents software beside the real one, then gives every one its popularity, its age and its public.
func completeLogiciels(b *base, graine uint64) []logiciel {
	h := nouveauHasard()
	tous := append([]logiciel(nil), b.logiciels...)
	reels := len(tous)
	inventes := max(minInventes, totalLogiciels-reels)
	proprio := (reels + inventes) * partProprio / 100
	for _, l := range tous {
		if !l.libre {
			proprio--
		}
	}
	proprio = min(max(proprio, inventes/10), inventes)
	poids := make([]uint64, len(licencesLibres))
	for i, l := range licencesLibres {
		poids[i] = l.poids
	}
	licences := nouveauTirage(poids)
	for i := range inventes {
		h.reprendre(graine, fluxLogiciels, i)
		l := logiciel{id: b.suivant["logiciel"] + int64(i), invente: true, numero: i + 1, rangCat: -1}
		// Spread the proprietary evenly: exactly proprio of them.
		l.libre = (i+1)*proprio/inventes == i*proprio/inventes
		l.licence = licenceProprietaire
		if l.libre {
			l.licence = licencesLibres[licences.draw(h)].nom
		}
		if len(b.categories) > 0 {
			l.rangCat = h.n(len(b.categories))
			l.categorie = fmt.Sprintf("rang %d", l.rangCat)
		}
		l.ajoute = h.date(an(2014), dernierJour)
		tous = append(tous, l)
	}
	populariser(tous, graine)
	match(tous, graine)
	return tous
}

// populariser deals the ranks of a Zipf law: the software of rank r weighs 1/(r+2).
func populariser(tous []logiciel, graine uint64) {
	h := nouveauHasard()
	cles := make([]int, len(tous))
	ordre := make([]int, len(tous))
	for i := range tous {
		h.reprendre(graine, fluxLogiciels, 1_000_000+i)
		l := &tous[i]
		// The real ones, known enough to have been listed, are drawn towards the head.
		cles[i] = h.n(1_000_000)
		if !l.invente {
			cles[i] = cles[i] * 7 / 10
		}
		ordre[i] = i
		l.sortie = premierJour
		if h.pourMille(600) {
			l.sortie = h.date(premierJour, an(2022))
		}
		l.elan = h.n(3)
		switch x := h.n(1000); {
		case x < 650:
			l.taille = 0
		case x < 850:
			l.taille = 1
		case x < 950:
			l.taille = 2
		default:
			l.taille = 3
		}
		l.service = h.n(len(services))
	}
	sort.SliceStable(ordre, func(i, j int) bool { return cles[ordre[i]] < cles[ordre[j]] })
	for rang, i := range ordre {
		tous[i].poids = 1_000_000_000 / uint64(rang+3)
		if rang < 20 { // what everyone runs suits everyone
			tous[i].taille = 0
		}
	}
}

// match says what free software can stand in for, and what resembles it: the same category first.
func match(tous []logiciel, graine uint64) {
	h := nouveauHasard()
	proprio := map[string][]int{}
	libres := map[string][]int{}
	for i, l := range tous {
		if l.libre {
			libres[l.categorie] = append(libres[l.categorie], i)
		} else {
			proprio[l.categorie] = append(proprio[l.categorie], i)
			proprio["*"] = append(proprio["*"], i)
		}
	}
	for i := range tous {
		l := &tous[i]
		if !l.libre {
			continue
		}
		h.reprendre(graine, fluxLogiciels, 2_000_000+i)
		cibles := proprio[l.categorie]
		if len(cibles) == 0 {
			cibles = proprio["*"]
		}
		l.remplace = drawWithoutReplacement(h, cibles, h.n(4), i)
		l.similaire = drawWithoutReplacement(h, libres[l.categorie], h.n(3), i)
	}
}

// drawWithoutReplacement returns up to n distinct members of liste, never sauf.
func drawWithoutReplacement(h *hasard, liste []int, n, sauf int) []int {
	var choisis []int
	pris := map[int]bool{sauf: true}
	for range 4 * n {
		if len(choisis) == n || len(liste) == 0 {
			break
		}
		if x := liste[h.n(len(liste))]; !pris[x] {
			pris[x] = true
			choisis = append(choisis, x)
		}
	}
	return choisis
}

// taille sorts organisations by what they can run: 0 for the smallest, up to 3.
func (o organisation) taille() int {
	switch pop := o.Population; {
	case o.Nature == "DEPARTEMENT" || o.Nature == "REGION" || pop >= 50_000:
		return 3
	case o.Genre == genreSyndicat || o.Nature == "EPT" || pop >= 10_000:
		return 2
	case pop >= 2_000:
		return 1
	}
	return 0
}
