// Package rapprochement decides which records of a file are software already known, from their identifiers alone: never
// from a name. It guesses nothing: an identifier that leads to two software joins none of them and is reported.
package rapprochement

import (
	"cmp"
	"slices"
)

// Genre is a kind of identifier, in the order in which they are believed: the first one that is known decides.
type Genre int

// The kinds of identifiers, the most trusted first. All are exclusive (a software has at most one of each) except Depot:
// one repository may hold several software.
const (
	SILL Genre = iota
	Wikidata
	Comptoir
	CNLL
	Framalibre
	Depot // an address in the spelling of identifiant.Depot
	Slug  // our own name for a software that has no other identifier
)

// Cle is one identifier.
type Cle struct {
	Genre  Genre
	Valeur string
}

// Connu is a software of the database.
type Connu struct {
	ID   int64
	Cles []Cle
}

// Fiche is a record of a file: the identifier that the file itself gives it, unique in the file, and the ones by which it
// says it is known elsewhere.
type Fiche struct {
	Propre Cle
	Autres []Cle
}

// Decision says what to do of a record.
type Decision struct {
	ID       int64     // the known software that it is; 0: a new one
	Ajouts   []Cle     // identifiers to write down for that software
	Conflits []Conflit // identifiers left where they are
	Ecartee  bool      // nothing identifies the record: writing it would create it again at each reading
}

// Motif says why an identifier was not used.
type Motif int

// The reasons of a Conflit.
const (
	Ailleurs  Motif = iota // it belongs to another software, Conflit.ID
	Dispute                // several records of the file claim it
	Different              // the software already has another identifier of that kind, Conflit.Valeur
)

// Conflit is an identifier that a record claims and does not get.
type Conflit struct {
	Cle    Cle
	Motif  Motif
	ID     int64  // Ailleurs: the software that has it
	Valeur string // Different: the identifier it has
}

// Match decides for every record, at its index. Two records never lead to one software: a file knows its own
// records apart. The rule:
//
//   - From the most trusted kind of identifier to the least, a record that is not placed yet goes to the software that has
//     its identifier, unless another record is already there, several records claim it by that kind, or a more trusted
//     identifier of the record differs from the software's. Other records stay unplaced.
//   - What is unplaced at the end is a new software.
//   - An identifier that nobody has goes to the software of the record that claims it, if it is the only one to do so and
//     the software has no other of that kind.
//
// The result for a record does not depend on the order of the records; and once the decisions are written down, reading
// the same records again gives the same software and nothing to add.
func Match(connus []Connu, fiches []Fiche) []Decision {
	e := nouvelEtat(connus, fiches)
	for g := SILL; g <= Slug; g++ {
		e.placer(g)
	}
	for i := range fiches {
		e.attribuer(i)
	}
	return e.decisions
}

type etat struct {
	parID       map[int64]map[Genre]string // exclusive identifiers of each software
	porteurs    map[Cle][]int64            // who has an identifier; several for a Depot only
	pretendants map[Cle][]int              // records that claim it
	cles        [][]Cle                    // of each record, without repetition, the most trusted first
	occupe      map[int64]int              // the record placed there
	decisions   []Decision
}

func nouvelEtat(connus []Connu, fiches []Fiche) *etat {
	e := &etat{
		parID: map[int64]map[Genre]string{}, porteurs: map[Cle][]int64{}, pretendants: map[Cle][]int{},
		cles: make([][]Cle, len(fiches)), occupe: map[int64]int{}, decisions: make([]Decision, len(fiches)),
	}
	for _, c := range connus {
		e.parID[c.ID] = map[Genre]string{}
		for _, k := range c.Cles {
			e.porteurs[k] = append(e.porteurs[k], c.ID)
			e.parID[c.ID][k.Genre] = k.Valeur
		}
	}
	for i, f := range fiches {
		cles := append([]Cle{f.Propre}, f.Autres...)
		cles = slices.DeleteFunc(cles, func(k Cle) bool { return k.Valeur == "" })
		slices.SortFunc(cles, func(a, b Cle) int { return cmp.Or(cmp.Compare(a.Genre, b.Genre), cmp.Compare(a.Valeur, b.Valeur)) })
		e.cles[i] = slices.Compact(cles)
		for _, k := range e.cles[i] {
			e.pretendants[k] = append(e.pretendants[k], i)
		}
	}
	return e
}

// placer gives each unplaced record the software that one identifier of the kind leads to.
func (e *etat) placer(g Genre) {
	demandes := map[int64][]int{}
	for i := range e.cles {
		if e.decisions[i].ID != 0 {
			continue
		}
		cible := int64(0)
		for _, k := range e.cles[i] {
			if k.Genre != g {
				continue
			}
			if p := e.porteurs[k]; len(p) == 1 && e.compatible(i, p[0], g) && e.seul(i, k) {
				if cible != 0 && cible != p[0] { // two identifiers of one kind, two software: neither
					cible = 0
					break
				}
				cible = p[0]
			}
		}
		if cible != 0 {
			demandes[cible] = append(demandes[cible], i)
		}
	}
	for id, qui := range demandes {
		if _, pris := e.occupe[id]; !pris && len(qui) == 1 {
			e.occupe[id] = qui[0]
			e.decisions[qui[0]].ID = id
		}
	}
}

// seul says whether no other record has a claim to an identifier. Those placed on a software that has another one of that
// kind have lost theirs; a record placed elsewhere for another reason has not, so that a second reading decides the same.
func (e *etat) seul(i int, k Cle) bool {
	for _, j := range e.pretendants[k] {
		if j == i {
			continue
		}
		if v, ok := e.parID[e.decisions[j].ID][k.Genre]; e.decisions[j].ID == 0 || k.Genre == Depot || !ok || v == k.Valeur {
			return false
		}
	}
	return true
}

// compatible says whether no more trusted identifier of the record contradicts the software's.
func (e *etat) compatible(i int, id int64, g Genre) bool {
	for _, k := range e.cles[i] {
		if k.Genre >= g {
			break
		}
		if v, ok := e.parID[id][k.Genre]; ok && v != k.Valeur {
			return false
		}
	}
	return true
}

// attribuer says which identifiers of a record are written down, and why the others are not.
func (e *etat) attribuer(i int) {
	d := &e.decisions[i]
	acquis := map[Genre]string{}
	for g, v := range e.parID[d.ID] {
		if g != Depot {
			acquis[g] = v
		}
	}
	identifiee := d.ID != 0
	for _, k := range e.cles[i] {
		if k.Genre == Depot && len(e.porteurs[k]) > 1 { // shared already: it says nothing
			continue
		}
		if p := e.porteurs[k]; len(p) > 0 {
			if p[0] != d.ID {
				d.Conflits = append(d.Conflits, Conflit{Cle: k, Motif: Ailleurs, ID: p[0]})
			}
			continue
		}
		if len(e.pretendants[k]) > 1 {
			d.Conflits = append(d.Conflits, Conflit{Cle: k, Motif: Dispute})
			continue
		}
		if v, ok := acquis[k.Genre]; ok && k.Genre != Depot {
			d.Conflits = append(d.Conflits, Conflit{Cle: k, Motif: Different, Valeur: v})
			continue
		}
		acquis[k.Genre] = k.Valeur
		d.Ajouts = append(d.Ajouts, k)
		identifiee = true
	}
	d.Ecartee = !identifiee
}
