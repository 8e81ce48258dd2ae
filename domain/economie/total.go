package economie

import (
	"maps"
	"math/big"
	"slices"
)

// Affirmation is a claim of a saving as adding up sees it. Amounts are in cents; nil: the source does not say.
type Affirmation struct {
	ID       int64
	ParentID *int64 // the saving of which this one is a share: a syndicat's, seen from one of its members
	Statut   string // what the claim is worth: claims of different worth are never added up
	Brut     *int64
	Net      *int64
	Licences *int64 // how many were not bought

	// What tells one claim that several sources repeat from several claims; Beneficiaire 0: nothing does.
	Beneficiaire int64
	Nature       string
	Logiciel     *int64 // nil: none in particular
}

// Total adds up the claims of one worth. An amount is nil when no claim states it; SansBrut and SansNet count the
// claims counted in Nombre that the sums do not cover.
type Total struct {
	Statut   string
	Nombre   int
	Brut     *int64
	Net      *int64
	Licences *int64
	SansBrut int
	SansNet  int
}

// Totaux adds up claims, one Total for each statut present, in alphabetical order, counting no saving twice:
//
//   - A share is not counted when the saving it is a share of, or one further up, is in the list with the same statut.
//     This holds even when that saving states no amount and the share does: the total then understates, and SansNet says so.
//   - A share whose parent is not in the list counts: it is all that is known here of that saving. A list of two
//     levels should therefore hold the one between, or nothing tells that they are one saving.
//   - A share and a parent of different statuts are two claims: each counts, in its own statut, and the two totals
//     overlap; which is one more reason never to add them.
//   - A claim listed twice, by its ID, counts once. So does a saving that several sources tell: of two claims, neither a
//     share, of one beneficiary, statut, nature and amounts, about one software or about none in particular for either,
//     the first of the list counts. List them as they begin, so that the rest of the list changes nothing to it.
//
// Refused, as Fautes: a saving that would be a share of itself, through others or not, and a sum that does not fit in
// 64 bits.
func Totaux(affirmations []Affirmation) ([]Total, error) {
	comptees, err := Comptees(affirmations)
	if err != nil {
		return nil, err
	}
	totaux := map[string]*somme{}
	for i := range comptees {
		a := &comptees[i]
		s := totaux[a.Statut]
		if s == nil {
			s = &somme{}
			totaux[a.Statut] = s
		}
		s.nombre++
		s.brut.add(a.Brut)
		s.net.add(a.Net)
		s.licences.add(a.Licences)
	}
	var f Fautes
	resultat := []Total{}
	for _, statut := range slices.Sorted(maps.Keys(totaux)) {
		s := totaux[statut]
		resultat = append(resultat, Total{Statut: statut, Nombre: s.nombre, Brut: s.brut.total(&f), Net: s.net.total(&f), Licences: s.licences.total(&f),
			SansBrut: s.nombre - s.brut.dits, SansNet: s.nombre - s.net.dits})
	}
	if err := f.orNil(); err != nil {
		return nil, err
	}
	return resultat, nil
}

// Comptees keeps, in their order, the claims that [Totaux] adds up: it says why. Refused, as Fautes: a saving that would
// be a share of itself.
func Comptees(affirmations []Affirmation) ([]Affirmation, error) {
	parID := make(map[int64]*Affirmation, len(affirmations))
	for i := range affirmations {
		if a := &affirmations[i]; parID[a.ID] == nil {
			parID[a.ID] = a
		}
	}
	redites := redites(affirmations)
	for id := range redites {
		delete(parID, id)
	}
	comptees := []Affirmation{}
	for i := range affirmations {
		a := &affirmations[i]
		if parID[a.ID] != a {
			continue
		}
		compte, err := comptee(a, parID)
		if err != nil {
			return nil, err
		}
		if compte {
			comptees = append(comptees, *a)
		}
	}
	return comptees, nil
}

// redites are the claims that one before them in the list already makes.
func redites(affirmations []Affirmation) map[int64]bool {
	type memes struct {
		beneficiaire   int64
		statut, nature string
		brut, net      int64
		brutDit        bool
		netDit         bool
	}
	deja := map[memes][]*int64{} // the software of the earlier ones
	found, vues := map[int64]bool{}, map[int64]bool{}
	for _, a := range affirmations {
		if vues[a.ID] {
			continue
		}
		vues[a.ID] = true
		if a.Beneficiaire == 0 || a.ParentID != nil || a.Brut == nil && a.Net == nil {
			continue
		}
		k := memes{beneficiaire: a.Beneficiaire, statut: a.Statut, nature: a.Nature, brutDit: a.Brut != nil, netDit: a.Net != nil}
		if k.brutDit {
			k.brut = *a.Brut
		}
		if k.netDit {
			k.net = *a.Net
		}
		for _, l := range deja[k] {
			if l == nil || a.Logiciel == nil || *l == *a.Logiciel {
				found[a.ID] = true
			}
		}
		deja[k] = append(deja[k], a.Logiciel)
	}
	return found
}

// comptee says whether no saving that a is a share of is in the list with the same statut.
func comptee(a *Affirmation, parID map[int64]*Affirmation) (bool, error) {
	compte, suivant := true, a.ParentID
	for range len(parID) {
		if suivant == nil || parID[*suivant] == nil {
			return compte, nil
		}
		ancetre := parID[*suivant]
		compte = compte && ancetre.Statut != a.Statut
		suivant = ancetre.ParentID
	}
	var f Fautes
	f.add("une économie ne peut pas être une part d'elle-même", "parent")
	return false, f
}

// somme is a Total in the making.
type somme struct {
	nombre              int
	brut, net, licences montant
}

// montant adds up the amounts that are stated.
type montant struct {
	dits  int
	somme big.Int
}

func (m *montant) add(cents *int64) {
	if cents != nil {
		m.dits++
		m.somme.Add(&m.somme, big.NewInt(*cents))
	}
}

func (m *montant) total(f *Fautes) *int64 {
	if m.dits == 0 {
		return nil
	}
	if !m.somme.IsInt64() {
		f.add("la somme de ces économies dépasse ce qu'un montant peut contenir")
	}
	return new(m.somme.Int64())
}
