// Package cog follows communes through INSEE's log of their movements (code officiel géographique): which of today's
// codes an old one leads to, since when, and under what names a commune went.
package cog

import (
	"cmp"
	"slices"
	"time"
)

// Mouvement is one row of INSEE's log: before, after. An event is several rows of one date.
type Mouvement struct {
	Type      int // INSEE's MOD
	Date      time.Time
	TypeAvant string // COM commune, COMD déléguée, COMA associée, ARM arrondissement municipal
	CodeAvant string
	NomAvant  string
	TypeApres string
	CodeApres string
	NomApres  string
}

// commune is INSEE's type of a commune in its own right: the only one whose fate is followed.
const commune = "COM"

// retablissement is INSEE's MOD of a commune that comes back after a merger.
const retablissement = 21

// Suite is where a code that no longer is a commune leads.
type Suite struct {
	Codes  []string  // several when its territory was shared out: nobody can say which one succeeds
	Nom    string    // the name that the old code had when it ended
	Depuis time.Time // since when it leads there
}

// pas is one step: the code ended on that day and these took over.
type pas struct {
	vers []string
	nom  string
	date time.Time
}

// Suites gives, for every code that was a commune and is one no more, the codes where its successive mergers, changes
// of code and changes of département end. A code that a later movement brings back (rétablissement, return to a former
// code) is a commune again and leads nowhere.
//
// The rule: on each date, a code that comes out of a movement as a commune is alive; a code that goes in as a commune
// and comes out only under other codes ends. Steps therefore go forward in time, or within one date, and no chain can loop.
func Suites(mouvements []Mouvement) map[string]Suite {
	fins := map[string]pas{}
	for _, jour := range parDate(mouvements) {
		apply(fins, jour)
	}
	suites := make(map[string]Suite, len(fins))
	for code, p := range fins {
		s := Suite{Nom: p.nom, Depuis: p.date}
		vus := map[string]bool{code: true}
		aSuivre := slices.Clone(p.vers)
		for len(aSuivre) > 0 {
			c := aSuivre[0]
			aSuivre = aSuivre[1:]
			if vus[c] {
				continue
			}
			vus[c] = true
			suivant, fini := fins[c]
			if !fini {
				s.Codes = append(s.Codes, c)
				continue
			}
			if suivant.date.After(s.Depuis) {
				s.Depuis = suivant.date
			}
			aSuivre = append(aSuivre, suivant.vers...)
		}
		slices.Sort(s.Codes)
		if len(s.Codes) > 0 {
			suites[code] = s
		}
	}
	return suites
}

// apply takes the movements of one date into account, all together.
func apply(fins map[string]pas, jour []Mouvement) {
	restent := map[string]bool{}
	departs := map[string]*pas{}
	for _, m := range jour {
		if m.TypeApres == commune {
			delete(fins, m.CodeApres)
		}
		switch {
		case m.TypeAvant == commune && m.TypeApres == commune && m.CodeAvant == m.CodeApres:
			restent[m.CodeAvant] = true
		case m.TypeAvant == commune && m.TypeApres == commune:
			if departs[m.CodeAvant] == nil {
				departs[m.CodeAvant] = &pas{nom: m.NomAvant, date: m.Date}
			}
			d := departs[m.CodeAvant]
			if !slices.Contains(d.vers, m.CodeApres) {
				d.vers = append(d.vers, m.CodeApres)
			}
		}
	}
	// A commune brought back on this very date under the code that another one leaves stays alive too.
	for _, m := range jour {
		if m.TypeApres == commune && m.TypeAvant != commune && m.CodeAvant == m.CodeApres {
			restent[m.CodeApres] = true
		}
	}
	for code, d := range departs {
		if !restent[code] {
			fins[code] = *d
		}
	}
}

// parDate groups the movements by date, oldest first.
func parDate(mouvements []Mouvement) [][]Mouvement {
	tries := slices.Clone(mouvements)
	slices.SortStableFunc(tries, func(a, b Mouvement) int { return a.Date.Compare(b.Date) })
	var jours [][]Mouvement
	for debut := 0; debut < len(tries); {
		fin := debut
		for fin < len(tries) && tries[fin].Date.Equal(tries[debut].Date) {
			fin++
		}
		jours = append(jours, tries[debut:fin])
		debut = fin
	}
	return jours
}

// AncienNom is a name that a code bore.
type AncienNom struct{ Code, Nom string }

// AnciensNoms lists the names under which communes went, each once, by code: those of communes that ended and those that
// changed. The name of a commune nouvelle that was undone is not a former name of what came back.
func AnciensNoms(mouvements []Mouvement) []AncienNom {
	vus := map[AncienNom]bool{}
	var noms []AncienNom
	for _, m := range mouvements {
		a := AncienNom{m.CodeAvant, m.NomAvant}
		if m.TypeAvant != commune || m.Type == retablissement || m.NomAvant == "" || vus[a] {
			continue
		}
		vus[a] = true
		noms = append(noms, a)
	}
	slices.SortFunc(noms, func(a, b AncienNom) int { return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Nom, b.Nom)) })
	return noms
}
