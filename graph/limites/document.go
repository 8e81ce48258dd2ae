package limites

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// document checks the shape of a document, before it is validated. A document
// that does not parse is left to gqlgen, which says why.
func (l Limites) document(query string) *gqlerror.Error {
	if err := l.lexique(query); err != nil {
		return err
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, l.Jetons)
	if err != nil {
		return nil
	}
	_, refus := l.mesurer(doc)
	return refus
}

// mesurer counts, and returns the number of selections it visited: at most
// those written in the document, however many times fragments repeat them.
func (l Limites) mesurer(doc *ast.QueryDocument) (pas int, _ *gqlerror.Error) {
	switch {
	case len(doc.Operations) > l.Operations:
		return 0, tropComplexe("%d opérations dans un document, maximum %d", len(doc.Operations), l.Operations)
	case len(doc.Fragments) > l.Fragments:
		return 0, tropComplexe("%d fragments dans un document, maximum %d", len(doc.Fragments), l.Fragments)
	}
	m := metre{
		fragments: make(map[string]*ast.FragmentDefinition, len(doc.Fragments)),
		mesures:   make(map[string]*mesure, len(doc.Fragments)),
		noms:      make(map[string]int),
	}
	for _, f := range doc.Fragments {
		if m.fragments[f.Name] == nil { // duplicates are the validator's to report
			m.fragments[f.Name] = f
		}
	}
	// Every fragment, spread or not, because the validator reads them all.
	for _, f := range doc.Fragments {
		m.directives += len(f.Directives)
		if err := l.check(m.fragment(f.Name)); err != nil {
			return m.pas, err
		}
	}
	for _, op := range doc.Operations {
		m.directives += len(op.Directives)
		for _, v := range op.VariableDefinitions {
			m.directives += len(v.Directives)
		}
		of := m.selections(op.SelectionSet)
		if of.racines > l.Racines {
			return m.pas, tropComplexe("plus de %d champs à la racine", l.Racines)
		}
		if err := l.check(of); err != nil {
			return m.pas, err
		}
	}
	switch {
	case m.cycle != "":
		return m.pas, invalid("le fragment « %s » s'inclut lui-même", m.cycle)
	case m.differe:
		return m.pas, invalid("la directive @defer n'est pas prise en charge")
	case m.alias > l.Alias:
		return m.pas, tropComplexe("%d alias, maximum %d", m.alias, l.Alias)
	case m.directives > l.Directives:
		return m.pas, tropComplexe("%d directives, maximum %d", m.directives, l.Directives)
	}
	for nom, n := range m.noms {
		if n > l.Repetitions {
			return m.pas, tropComplexe("le champ « %s » est répété %d fois, maximum %d", nom, n, l.Repetitions)
		}
	}
	return m.pas, nil
}

func (l Limites) check(of mesure) *gqlerror.Error {
	switch {
	case of.profondeur > l.Profondeur:
		return tropProfond("%d niveaux de champs, maximum %d", of.profondeur, l.Profondeur)
	case of.champs > l.Champs:
		return tropComplexe("plus de %d champs une fois les fragments développés", l.Champs)
	case of.noeuds > l.Noeuds:
		return tropComplexe("plus de %d champs et fragments une fois développés", l.Noeuds)
	}
	return nil
}

// mesure is the size of a set of selections, its fragments expanded.
type mesure struct {
	champs, noeuds int
	racines        int // fields at the first level
	profondeur     int // levels of fields
}

// metre measures each fragment once.
type metre struct {
	fragments map[string]*ast.FragmentDefinition
	mesures   map[string]*mesure // nil while the fragment is being measured

	noms              map[string]int
	alias, directives int
	differe           bool
	cycle             string // a fragment that reaches itself
	pas               int
}

func (m *metre) selections(set ast.SelectionSet) mesure {
	var total mesure
	for _, sel := range set {
		m.pas++
		var s mesure
		switch sel := sel.(type) {
		case *ast.Field:
			m.noms[sel.Name]++
			if sel.Alias != sel.Name {
				m.alias++
			}
			m.track(sel.Directives)
			s = m.selections(sel.SelectionSet)
			s.champs = add(s.champs, 1)
			s.racines = 1
			s.profondeur++
		case *ast.InlineFragment:
			m.track(sel.Directives)
			s = m.selections(sel.SelectionSet)
		case *ast.FragmentSpread:
			m.track(sel.Directives)
			s = m.fragment(sel.Name)
		}
		total.champs = add(total.champs, s.champs)
		total.noeuds = add(total.noeuds, add(s.noeuds, 1))
		total.racines = add(total.racines, s.racines)
		total.profondeur = max(total.profondeur, s.profondeur)
	}
	return total
}

// fragment measures the fragment of that name; one that does not exist is
// empty, one that reaches itself is noted.
func (m *metre) fragment(nom string) mesure {
	if done, seen := m.mesures[nom]; seen {
		if done == nil {
			m.cycle = nom
			return mesure{}
		}
		return *done
	}
	f := m.fragments[nom]
	if f == nil {
		return mesure{}
	}
	m.mesures[nom] = nil
	of := m.selections(f.SelectionSet)
	m.mesures[nom] = &of
	return of
}

func (m *metre) track(list ast.DirectiveList) {
	m.directives += len(list)
	for _, d := range list {
		if d.Name == "defer" {
			m.differe = true
		}
	}
}

// infini is where counts stop growing.
const infini = 1 << 40

// add and multiplier saturate, for counts that double at each fragment.
// Their operands are never negative.
func add(a, b int) int { return min(a+b, infini) }

func multiplier(a, b int) int {
	if a != 0 && b > infini/a {
		return infini
	}
	return a * b
}
