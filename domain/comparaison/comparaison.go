// Package comparaison compares sets: what several catalogues offer in common, what one alone offers, how much they
// resemble each other, and what each lacks.
package comparaison

import (
	"cmp"
	"slices"
)

// Entree says that a catalogue, known by its rank among those compared, offers a software with services around it.
type Entree struct {
	Catalogue int
	Logiciel  int64
	Services  []string
}

// Logiciel is what comparing needs to know of a software.
type Logiciel struct {
	ID           int64
	Libre        bool
	Utilisateurs int
	Nom          string // as names are sorted
}

// Resultat compares catalogues. Lists of software are in the order of their names.
type Resultat struct {
	Logiciels  int         // distinct ones, offered by one catalogue at least
	Communs    []int64     // offered by every catalogue
	Lignes     []Ligne     // one for each catalogue
	Similarite [][]float64 // see Comparer
	Manques    []Manque    // see Comparer
}

// Ligne counts what one catalogue offers.
type Ligne struct {
	Logiciels int            // distinct ones
	Libres    int            // the free ones among them
	Propres   []int64        // those that it alone offers
	Manques   int            // free ones that it does not offer and that another one does
	Services  map[string]int // how many entries offer each service
}

// Manque is a free software that a catalogue does not offer and that others do.
type Manque struct {
	Catalogue int
	Logiciel  int64
	OffertPar int // how many of the catalogues compared offer it
}

// Comparer compares n catalogues by the software that their entries offer; one that a catalogue offers by several
// entries counts once. Every software of an entry must be among logiciels.
//
// Similarite[i][j] is Jaccard's index |A∩B| / |A∪B|: 1 for two equal sets, 0 for two that share nothing. Two empty sets
// are equal: 1, as each is with itself.
//
// Manques are ranked by the number of catalogues that offer the software, then by its users, then by its name; the same
// software missing from several catalogues, in their order.
func Comparer(n int, entrees []Entree, logiciels []Logiciel) Resultat {
	r := Resultat{Lignes: make([]Ligne, n)}
	for i := range r.Lignes {
		r.Lignes[i].Services = map[string]int{}
	}
	offrent := make(map[int64][]bool, len(logiciels)) // which catalogues offer each software
	for _, e := range entrees {
		if offrent[e.Logiciel] == nil {
			offrent[e.Logiciel] = make([]bool, n)
		}
		offrent[e.Logiciel][e.Catalogue] = true
		for _, s := range e.Services {
			r.Lignes[e.Catalogue].Services[s]++
		}
	}
	r.Logiciels = len(offrent)

	parNom := slices.SortedFunc(slices.Values(logiciels), func(a, b Logiciel) int {
		return cmp.Or(cmp.Compare(a.Nom, b.Nom), cmp.Compare(a.ID, b.ID))
	})
	communs := make([][]int, n) // how many software each pair shares
	for i := range communs {
		communs[i] = make([]int, n)
	}
	utilisateurs, rang := make(map[int64]int, len(parNom)), make(map[int64]int, len(parNom))
	for k, l := range parNom {
		utilisateurs[l.ID], rang[l.ID] = l.Utilisateurs, k
		offreurs := make([]int, 0, n)
		for i, offre := range offrent[l.ID] {
			if offre {
				offreurs = append(offreurs, i)
			}
		}
		for _, i := range offreurs {
			r.Lignes[i].Logiciels++
			if l.Libre {
				r.Lignes[i].Libres++
			}
			for _, j := range offreurs {
				communs[i][j]++
			}
		}
		switch len(offreurs) {
		case 0:
			continue
		case 1:
			r.Lignes[offreurs[0]].Propres = append(r.Lignes[offreurs[0]].Propres, l.ID)
		case n:
			r.Communs = append(r.Communs, l.ID)
		}
		for i, offre := range offrent[l.ID] {
			if l.Libre && !offre {
				r.Lignes[i].Manques++
				r.Manques = append(r.Manques, Manque{Catalogue: i, Logiciel: l.ID, OffertPar: len(offreurs)})
			}
		}
	}
	slices.SortFunc(r.Manques, func(a, b Manque) int {
		return cmp.Or(b.OffertPar-a.OffertPar, utilisateurs[b.Logiciel]-utilisateurs[a.Logiciel],
			rang[a.Logiciel]-rang[b.Logiciel], a.Catalogue-b.Catalogue)
	})
	r.Similarite = make([][]float64, n)
	for i := range r.Similarite {
		r.Similarite[i] = make([]float64, n)
		for j := range r.Similarite[i] {
			r.Similarite[i][j] = jaccard(communs[i][j], r.Lignes[i].Logiciels, r.Lignes[j].Logiciels)
		}
	}
	return r
}

// jaccard is |A∩B| / |A∪B|, from the sizes of the intersection and of each set.
func jaccard(inter, a, b int) float64 {
	union := a + b - inter
	if union == 0 {
		return 1
	}
	return float64(inter) / float64(union)
}

// PremiersManques keeps the first of each catalogue, n at most, in the same order.
func (r Resultat) PremiersManques(n int) []Manque {
	pris := make([]int, len(r.Lignes))
	premiers := []Manque{}
	for _, m := range r.Manques {
		if pris[m.Catalogue]++; pris[m.Catalogue] <= n {
			premiers = append(premiers, m)
		}
	}
	return premiers
}
