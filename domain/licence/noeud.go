package licence

import "strings"

// noeud is a term of an expression: a licence, a family, what could not be read, or AND/OR over terms.
type noeud struct {
	operateur string // "AND" or "OR"; "" for a leaf
	termes    []*noeud

	id        string // a licence, in SPDX's spelling, "+" included when it has one
	exception string // after WITH
	famille   string // a family without its version, in the source's words
	libreFam  bool   // every version of that family is free
	inconnu   string // words that name nothing known
}

func joindre(operateur string, termes []*noeud) *noeud {
	var plats []*noeud
	vus := map[string]bool{}
	for _, t := range termes {
		sous := []*noeud{t}
		if t.operateur == operateur {
			sous = t.termes
		}
		for _, s := range sous {
			if cle := s.string(true); !vus[cle] {
				vus[cle] = true
				plats = append(plats, s)
			}
		}
	}
	if len(plats) == 1 {
		return plats[0]
	}
	return &noeud{operateur: operateur, termes: plats}
}

// exprimable says whether every leaf is a licence.
func (n *noeud) exprimable() bool {
	for _, t := range n.termes {
		if !t.exprimable() {
			return false
		}
	}
	return n.operateur != "" || n.id != ""
}

// libre applies the rule of Resultat.Libre. What is unknown is not free.
func (n *noeud) libre(t *table) bool {
	switch n.operateur {
	case "OR":
		for _, s := range n.termes {
			if s.libre(t) {
				return true
			}
		}
		return false
	case "AND":
		for _, s := range n.termes {
			if !s.libre(t) {
				return false
			}
		}
		return true
	}
	return n.libreFam || n.id != "" && t.libre(n.id)
}

func (n *noeud) nonLus(dans []string) []string {
	for _, t := range n.termes {
		dans = t.nonLus(dans)
	}
	if n.inconnu != "" {
		dans = append(dans, n.inconnu)
	}
	if n.famille != "" {
		dans = append(dans, n.famille)
	}
	return dans
}

// string writes the term as SPDX does; an OR inside an AND takes parentheses. Terms that are no licence are shown as read.
func (n *noeud) string(dansAND bool) string {
	if n.operateur == "" {
		s := n.id + n.famille + n.inconnu
		if n.exception != "" {
			s += " WITH " + n.exception
		}
		return s
	}
	parts := make([]string, len(n.termes))
	for i, t := range n.termes {
		parts[i] = t.string(n.operateur == "AND")
	}
	s := strings.Join(parts, " "+n.operateur+" ")
	if n.operateur == "OR" && dansAND {
		return "(" + s + ")"
	}
	return s
}
