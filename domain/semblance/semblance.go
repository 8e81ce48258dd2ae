// Package semblance says how much two collectivités are alike, and how much a free software is worth suggesting to one
// of them. Each score is a sum of terms that are all shown. Points are counted in hundredths, whole, so that the same
// facts give the same score everywhere.
package semblance

import (
	"fmt"
	"strconv"
)

// Centiemes is a number of hundredths of a point.
type Centiemes int

// Float64 returns the number of points, as the API shows it.
func (c Centiemes) Float64() float64 { return float64(c) / 100 }

// Terme is one term of the likeness of two collectivités.
type Terme string

// The terms of likeness.
const (
	Nature      Terme = "NATURE"
	Strate      Terme = "STRATE"
	Population  Terme = "POPULATION"
	Departement Terme = "DEPARTEMENT"
	Region      Terme = "REGION"
	Logiciels   Terme = "LOGICIELS"
)

// Raison is what one term of a score is worth, and why; T is the type of its terms.
type Raison[T ~string] struct {
	Terme       T
	Obtenus     Centiemes
	Sur         int // points that the term gives at most
	Explication string
}

// Points returns the points obtained, as the API shows them.
func (r *Raison[T]) Points() float64 { return r.Obtenus.Float64() }

// Profil is what is compared of a collectivité. Empty strings and nil: not known.
type Profil struct {
	Nature, Strate, Departement, Region string
	Population                          *int
	// Logiciels is how many software are known to be in force there.
	Logiciels int
}

// Comparer returns the terms of the likeness of two collectivités, all of them, in order. communs is how many software
// both have in force.
func Comparer(a, b Profil, communs int) []*Raison[Terme] {
	return []*Raison[Terme]{
		same(Nature, 10, a.Nature, b.Nature, "nature", "différente", "inconnue"),
		same(Strate, 10, a.Strate, b.Strate, "strate de population", "différente", "inconnue"),
		population(a.Population, b.Population),
		same(Departement, 15, a.Departement, b.Departement, "département", "différent", "inconnu"),
		same(Region, 10, a.Region, b.Region, "région", "différente", "inconnue"),
		logiciels(a.Logiciels, b.Logiciels, communs),
	}
}

// Reunis returns how many software one at least has in force.
func Reunis(a, b Profil, communs int) int { return a.Logiciels + b.Logiciels - communs }

// Score adds the points of all terms.
func Score[T ~string](raisons []*Raison[T]) Centiemes {
	var sum Centiemes
	for _, r := range raisons {
		sum += r.Obtenus
	}
	return sum
}

// same gives all its points to two values that are known and equal.
func same(t Terme, sur int, a, b, what, different, unknown string) *Raison[Terme] {
	r := &Raison[Terme]{Terme: t, Sur: sur, Explication: what + " " + different}
	switch {
	case a == "" || b == "":
		r.Explication = what + " " + unknown
	case a == b:
		r.Obtenus, r.Explication = Centiemes(100*sur), "même "+what
	}
	return r
}

const surPopulation, surLogiciels = 25, 30

func population(a, b *int) *Raison[Terme] {
	r := &Raison[Terme]{Terme: Population, Sur: surPopulation, Explication: "population inconnue de l'une ou de l'autre"}
	if a == nil || b == nil {
		return r
	}
	r.Obtenus, r.Explication = 100*surPopulation, habitants(*b)+" contre "+habitants(*a)
	if most := max(*a, *b); most > 0 {
		r.Obtenus = share(surPopulation, min(*a, *b), most)
	}
	return r
}

func logiciels(a, b, communs int) *Raison[Terme] {
	r := &Raison[Terme]{Terme: Logiciels, Sur: surLogiciels}
	switch {
	case a == 0 && b == 0:
		r.Explication = "aucun logiciel connu ni de l'une ni de l'autre"
	case a == 0:
		r.Explication = "aucun logiciel connu de la collectivité comparée"
	case b == 0:
		r.Explication = "aucun logiciel connu de celle-ci"
	default:
		reunis := a + b - communs
		r.Obtenus = share(surLogiciels, communs, reunis)
		r.Explication = fmt.Sprintf("%s en commun sur %d à elles deux", nombre(communs, "logiciel", "logiciels"), reunis)
	}
	return r
}

// share returns the part of points that n of total deserve, rounded half up; total is positive.
func share(points, n, total int) Centiemes {
	return Centiemes((2*100*points*n + total) / (2 * total))
}

// TermeSuggestion is one term of the rank of a suggestion.
type TermeSuggestion string

// The terms of a suggestion.
const (
	Semblables   TermeSuggestion = "SEMBLABLES"
	Remplacement TermeSuggestion = "REMPLACEMENT"
	Syndicat     TermeSuggestion = "SYNDICAT"
)

// Apport is what is known of a free software that a collectivité does not have.
type Apport struct {
	Utilisateurs, Semblables int // those alike that run it, out of how many; Semblables is positive
	Remplaces                int // proprietary software in force there that it stands in for
	Membre, Voisins          int // syndicats that offer it: those it is a member of, the others of its département
}

// Suggerer returns the terms of the rank of a suggestion, all of them, in order.
func Suggerer(a Apport) []*Raison[TermeSuggestion] {
	adopted := &Raison[TermeSuggestion]{Semblables, share(60, a.Utilisateurs, a.Semblables), 60,
		fmt.Sprintf("en vigueur chez %d des %s", a.Utilisateurs, nombre(a.Semblables, "semblable regardée", "semblables regardées"))}
	replaces := &Raison[TermeSuggestion]{Remplacement, 0, 20, "ne tient lieu d'aucun logiciel propriétaire connu de la collectivité"}
	if a.Remplaces > 0 {
		replaces.Obtenus = 2000
		replaces.Explication = "tient lieu de " + nombre(a.Remplaces, "logiciel propriétaire en vigueur dans la collectivité", "logiciels propriétaires en vigueur dans la collectivité")
	}
	offered := &Raison[TermeSuggestion]{Syndicat, 0, 20, "aucun syndicat proche ne le propose"}
	switch {
	case a.Membre > 0:
		offered.Obtenus = 2000
		offered.Explication = "proposé par " + nombre(a.Membre, "syndicat dont la collectivité est membre", "syndicats dont la collectivité est membre")
	case a.Voisins > 0:
		offered.Obtenus = 1000
		offered.Explication = "proposé par " + nombre(a.Voisins, "syndicat de son département", "syndicats de son département") + ", dont elle n'est pas membre"
	}
	return []*Raison[TermeSuggestion]{adopted, replaces, offered}
}

// nombre counts in French: one is singular, and so is none.
func nombre(n int, singular, plural string) string {
	if n < 2 {
		return fmt.Sprintf("%d %s", n, singular)
	}
	return fmt.Sprintf("%d %s", n, plural)
}

// habitants writes a population, its thousands apart.
func habitants(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "\u202f" + digits[i:]
	}
	if n < 2 {
		return digits + " habitant"
	}
	return digits + " habitants"
}
