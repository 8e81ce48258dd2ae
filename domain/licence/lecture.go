package licence

import (
	"regexp"
	"strings"
)

// maxProfondeur bounds the parentheses of an expression.
const maxProfondeur = 20

// expression reads an SPDX expression whose every identifier is in the list, in any letter case, or returns nil. exacte
// says that nothing had to be replaced. go-spdx checks the same grammar, but version 2.4.0 panics on "MIT AND (": it is
// given only what this function wrote.
func (t *table) expression(s string) (n *noeud, exacte bool) {
	l := &lecteur{t: t, jetons: jetonsSPDX.FindAllString(s, -1), exacte: true}
	if strings.Join(l.jetons, "") != strings.ReplaceAll(s, " ", "") {
		return nil, false
	}
	n = l.ou(0)
	if n == nil || l.i != len(l.jetons) {
		return nil, false
	}
	return n, l.exacte
}

var (
	jetonsSPDX = regexp.MustCompile(`[()]|[A-Za-z0-9.:-]+\+?`)
	licenseRef = regexp.MustCompile(`^(DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+$`)
)

type lecteur struct {
	t      *table
	jetons []string
	i      int
	exacte bool
}

func (l *lecteur) take(mot string) bool {
	if l.i < len(l.jetons) && strings.EqualFold(l.jetons[l.i], mot) {
		l.i++
		return true
	}
	return false
}

func (l *lecteur) ou(profondeur int) *noeud {
	return l.suite("OR", func() *noeud { return l.suite("AND", func() *noeud { return l.atome(profondeur) }) })
}

func (l *lecteur) suite(operateur string, terme func() *noeud) *noeud {
	var termes []*noeud
	for {
		n := terme()
		if n == nil {
			return nil
		}
		termes = append(termes, n)
		if !l.take(operateur) {
			return joindre(operateur, termes)
		}
	}
}

func (l *lecteur) atome(profondeur int) *noeud {
	if profondeur > maxProfondeur || l.i >= len(l.jetons) {
		return nil
	}
	if l.take("(") {
		n := l.ou(profondeur + 1)
		if n == nil || !l.take(")") {
			return nil
		}
		return n
	}
	mot := l.jetons[l.i]
	l.i++
	if licenseRef.MatchString(mot) {
		return &noeud{id: mot}
	}
	n := l.t.identifiant(mot)
	if n == nil {
		return nil
	}
	if !strings.EqualFold(n.string(false), mot) {
		l.exacte = false
	}
	if l.take("WITH") {
		if n.exception != "" || l.i >= len(l.jetons) || l.t.exceptions[strings.ToLower(l.jetons[l.i])] == "" {
			return nil
		}
		n.exception = l.t.exceptions[strings.ToLower(l.jetons[l.i])]
		l.i++
	}
	return n
}

// identifiant reads one identifier of the list, with its "+"; nil when it is not there.
func (t *table) identifiant(mot string) *noeud {
	if id, ok := t.ids[strings.ToLower(mot)]; ok {
		return feuille(id)
	}
	base, plus := strings.CutSuffix(mot, "+")
	id, ok := t.ids[strings.ToLower(base)]
	if !plus || !ok {
		return nil
	}
	n := feuille(id)
	switch {
	case n.exception != "" || strings.HasSuffix(id, "-only"): // "only, or later" means nothing
		return nil
	case strings.HasSuffix(n.id, "-only"): // AGPL-3.0+, which SPDX never listed
		n.id = strings.TrimSuffix(n.id, "-only") + "-or-later"
		if t.ids[strings.ToLower(n.id)] == "" {
			return nil
		}
	case !strings.HasSuffix(n.id, "-or-later"):
		n.id += "+"
	}
	return n
}

var (
	ponctuation = regexp.MustCompile(`\s*[,;/|]\s*`)
	conjEt      = regexp.MustCompile(`(?i)\s+(?:et|and|&)\s+`)
	conjOu      = regexp.MustCompile(`(?i)\s+(?:ou|or)\s+`)
	etOuOu      = regexp.MustCompile(`(?i)\b(et/ou|and/or)\b`)
)

// libelle reads words that are not an SPDX expression: a name, then a list of names. The term is never nil.
func (t *table) libelle(s string) (*noeud, Lecture) {
	if n := t.nom(s); n != nil {
		if n.famille != "" {
			return n, Famille
		}
		return n, Normalisee
	}
	protege := plusTard.ReplaceAllString(s, "+")
	et := ponctuation.MatchString(protege) || conjEt.MatchString(protege)
	ou := conjOu.MatchString(protege)
	if !et && !ou || etOuOu.MatchString(protege) || ou && conjEt.MatchString(protege) {
		return &noeud{inconnu: s}, Inconnue
	}
	operateur := "AND"
	if ou { // "A, B ou C" is one enumeration
		operateur = "OR"
	}
	lecture := Liste
	var termes []*noeud
	lus := false
	for _, p := range split(protege) {
		if p == "" {
			continue
		}
		n, _ := t.expression(p)
		if n == nil {
			n = t.nom(p)
		}
		if n == nil {
			n = &noeud{inconnu: p}
		} else {
			lus = true
		}
		termes = append(termes, n)
	}
	if !lus { // an address or a sentence: shown whole
		return &noeud{inconnu: s}, Inconnue
	}
	return joindre(operateur, termes), lecture
}

func split(s string) []string {
	s = ponctuation.ReplaceAllString(s, ",")
	s = conjEt.ReplaceAllString(s, ",")
	s = conjOu.ReplaceAllString(s, ",")
	return strings.Split(s, ",")
}

// nom reads one name: of the list, a nickname, a family; nil otherwise.
func (t *table) nom(s string) *noeud {
	k := cle(s)
	if id := surnoms[k]; id != "" {
		return feuille(id)
	}
	if id := t.noms[k]; id != "" {
		return feuille(id)
	}
	if libre, ok := familles[k]; ok {
		return &noeud{famille: s, libreFam: libre}
	}
	return nil
}
