package graph_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mutualibre/mutualibre/domain/identifiant"

	"github.com/mutualibre/mutualibre/graph"
)

// TestAFieldAnswersTheSameAloneAndAmongOthersAtScale draws queries whose fields come several times, under aliases that other
// places use too, with other arguments, in fragments and through directives. Each branch of the answer, from the root
// to one leaf, must be what the same query gives when it asks for that branch alone.
func TestAFieldAnswersTheSameAloneAndAmongOthersAtScale(t *testing.T) {
	t.Parallel()
	a := sampled(t)
	d := &drawer{schema: graph.Schema(nil).Schema(), random: rand.New(rand.NewPCG(3, 4))}
	roots := []string{
		`collectivite(codeInsee: "13004")`, `collectivite(siren: "200054807")`, `syndicat(siren: "253800700")`,
		`logiciel(slug: "libreoffice")`, `territoire(type: DEPARTEMENT, code: "2A")`, `usages(first: 3)`, `economies(first: 3)`,
		`logiciels(first: 3, tri: POPULARITE)`, `collectivites(first: 3, tri: USAGES)`, `recherche(texte: "libre", first: 4)`,
		`syndicats(first: 3, texte: "numerique")`, `referencesPrix(first: 3)`, `categories`,
	}
	compared := 0
	for i := range 8 * len(roots) {
		root := roots[i%len(roots)]
		name, _, _ := strings.Cut(root, "(")
		typ := d.schema.Types[d.schema.Query.Fields.ForName(name).Type.Name()]
		d.left = 40
		branches := d.selections(typ, 5)
		whole := a.ask(t, "{ racine: "+root+" {"+text(branches)+"} }", nil)
		if slices.ContainsFunc(whole.Errors, func(e clientError) bool { return strings.HasPrefix(fmt.Sprint(e.Extensions["code"]), "TROP_") }) {
			continue
		}
		if len(whole.Errors) > 0 {
			t.Errorf("%s {%s}\n%v", root, text(branches), whole.Errors)
			continue
		}
		all := leaves(branches)
		for range 4 {
			branch := all[d.random.IntN(len(all))]
			alone := a.must(t, "{ racine: "+root+" {"+text(branch)+"} }", nil)
			got := project(at(t, whole.Data, "racine"), branch)
			if want := at(t, alone.Data, "racine"); !reflect.DeepEqual(got, want) {
				one, _ := json.Marshal(want)
				other, _ := json.Marshal(got)
				t.Errorf("%s {%s}\nalone: %.300s\namong others: %.300s\nof {%s}", root, text(branch), one, other, text(branches))
			}
			compared++
		}
	}
	if compared < 200 {
		t.Errorf("%d branches compared: the queries drawn are too large", compared)
	}
}

// drawer draws selections that the schema allows.
type drawer struct {
	schema *ast.Schema
	random *rand.Rand
	left   int // how many more fields, before only leaves are drawn
}

// drawn is one field selected: its response key, what is asked, the type condition around it and the directive on it.
type drawn struct {
	key                      string
	field                    *ast.FieldDefinition
	arguments, on, directive string
	children                 []drawn
}

// selections draws a few fields of a type. An alias comes only where a field does again, and other places use the same.
func (d *drawer) selections(typ *ast.Definition, depth int) []drawn {
	var chosen []drawn
	for len(chosen) == 0 {
		for range 1 + d.random.IntN(3) {
			if d.left--; d.left < 0 {
				depth = 0
			}
			if len(chosen) > 0 && d.left > 0 && d.random.IntN(2) == 0 {
				again := d.redraw(chosen[len(chosen)-1])
				again.key = fmt.Sprintf("x%d", len(chosen))
				chosen = append(chosen, again)
				continue
			}
			of := typ
			if possible := d.schema.GetPossibleTypes(typ); typ.Kind == ast.Union || typ.Kind == ast.Interface && d.random.IntN(3) > 0 {
				of = possible[d.random.IntN(len(possible))]
			}
			fields := slices.DeleteFunc(slices.Clone(of.Fields), func(f *ast.FieldDefinition) bool {
				return strings.HasPrefix(f.Name, "__") || depth == 0 && d.schema.Types[f.Type.Name()].IsCompositeType() || f.Type.Name() == "PageInfo"
			})
			leadsOn := func(f *ast.FieldDefinition) bool { return d.schema.Types[f.Type.Name()].IsCompositeType() }
			if d.random.IntN(4) > 0 && slices.ContainsFunc(fields, leadsOn) {
				fields = slices.DeleteFunc(fields, func(f *ast.FieldDefinition) bool { return !leadsOn(f) })
			}
			if len(fields) == 0 {
				continue
			}
			f := fields[d.random.IntN(len(fields))]
			one := drawn{key: f.Name, field: f, arguments: d.arguments(f)}
			if slices.ContainsFunc(chosen, func(c drawn) bool { return c.key == f.Name }) {
				one.key = fmt.Sprintf("x%d", len(chosen))
			}
			switch {
			case of != typ:
				one.on = of.Name
			case d.random.IntN(4) == 0 && len(of.Interfaces) > 0 && d.schema.Types[of.Interfaces[0]].Fields.ForName(f.Name) != nil:
				one.on = of.Interfaces[0]
			case d.random.IntN(4) == 0:
				one.on = of.Name
			}
			if d.random.IntN(5) == 0 {
				one.directive = []string{" @include(if: true)", " @skip(if: false)", " @include(if: false)"}[d.random.IntN(3)]
			}
			if of := d.schema.Types[f.Type.Name()]; of.IsCompositeType() {
				next := depth - 1
				if strings.HasSuffix(of.Name, "Connection") || strings.HasSuffix(of.Name, "Edge") {
					next = depth
				}
				one.children = d.selections(of, next)
			}
			chosen = append(chosen, one)
		}
		if depth == 0 && len(chosen) == 0 {
			return []drawn{{key: "__typename", field: &ast.FieldDefinition{Name: "__typename"}}}
		}
	}
	return chosen
}

// redraw copies a field and all below it, with other arguments.
func (d *drawer) redraw(s drawn) drawn {
	s.arguments = d.arguments(s.field)
	s.children = slices.Clone(s.children)
	for i := range s.children {
		d.left--
		s.children[i] = d.redraw(s.children[i])
	}
	return s
}

func (d *drawer) arguments(f *ast.FieldDefinition) string {
	var args []string
	for _, a := range f.Arguments {
		values := map[string][]string{
			"first": {"1", "2", "3"}, "FiltreUsages": {"null", "{}", "{libre: true}", "{libre: false}", "{statuts: [PRODUCTION]}", `{date: "2020-01-01"}`},
			"FiltreEconomies": {"{}", "{statuts: [ANNONCEE]}"}, "FiltreEntrees": {"{libre: true}", "{statuts: []}"},
			"FiltreCollectivites": {"{}", "{natures: [DEPARTEMENT, EPCI]}", "{strates: [MOINS_500]}", `{texte: "saint"}`},
		}
		of := values[a.Type.Name()]
		if a.Name == "first" {
			of = values["first"]
		}
		if a.Name == "logiciels" && a.Type.NonNull {
			args = append(args, fmt.Sprintf("%s: [%q]", a.Name, identifiant.Global("Logiciel", []string{"libreoffice", "s2low"}[d.random.IntN(2)])))
		}
		if len(of) > 0 && (a.Name == "first" || d.random.IntN(2) == 0) {
			args = append(args, a.Name+": "+of[d.random.IntN(len(of))])
		}
	}
	if len(args) == 0 {
		return ""
	}
	return "(" + strings.Join(args, ", ") + ")"
}

func text(selections []drawn) string {
	var b strings.Builder
	for _, s := range selections {
		one := s.field.Name + s.arguments + s.directive
		if strings.HasPrefix(s.key, "x") {
			one = s.key + ": " + one
		}
		if len(s.children) > 0 {
			one += " {" + text(s.children) + "}"
		}
		if s.on != "" {
			one = "... on " + s.on + " { " + one + " }"
		}
		b.WriteString(" " + one + " ")
	}
	return b.String()
}

// leaves lists the branches of a selection, each as a selection with one leaf.
func leaves(selections []drawn) [][]drawn {
	var all [][]drawn
	for _, s := range selections {
		if len(s.children) == 0 {
			all = append(all, []drawn{s})
		}
		for _, below := range leaves(s.children) {
			one := s
			one.children = below
			all = append(all, []drawn{one})
		}
	}
	return all
}

// project keeps of an answer what one branch asks for.
func project(v any, branch []drawn) any {
	switch v := v.(type) {
	case []any:
		kept := make([]any, len(v))
		for i := range v {
			kept[i] = project(v[i], branch)
		}
		return kept
	case map[string]any:
		kept := map[string]any{}
		for _, b := range branch {
			if below, ok := v[b.key]; ok {
				if len(b.children) > 0 {
					below = project(below, b.children)
				}
				kept[b.key] = below
			}
		}
		return kept
	}
	return v
}

// TestRequestsAtOnceDoNotMixTheirAnswers asks many different things at once and compares each answer with the one it
// has alone. Under -race it also watches what resolvers share.
func TestRequestsAtOnceDoNotMixTheirAnswers(t *testing.T) {
	t.Parallel()
	a := sampled(t)
	d := &drawer{schema: graph.Schema(nil).Schema(), random: rand.New(rand.NewPCG(7, 8))}
	var queries []string
	var alone []answer
	for i := 0; len(queries) < 100 && i < 1000; i++ {
		d.left = 25
		query := fmt.Sprintf("{ logiciels(first: %d, filtre: {libre: %v}) {%s} usages(first: %d) {%s} }", 1+i%3, i%2 == 0,
			text(d.selections(d.schema.Types["LogicielConnection"], 3)), 1+i%4, text(d.selections(d.schema.Types["UsageConnection"], 3)))
		if got := a.ask(t, query, nil); len(got.Errors) == 0 {
			queries, alone = append(queries, query), append(alone, got)
		}
	}
	together := make([]answer, len(queries))
	var all sync.WaitGroup
	for i, query := range queries {
		all.Go(func() { together[i] = a.ask(t, query, nil) })
	}
	all.Wait()
	for i, query := range queries {
		if len(together[i].Errors) > 0 || !reflect.DeepEqual(together[i].Data, alone[i].Data) {
			t.Errorf("%s\nalone: %.300s\namong others: %.300s %v", query, alone[i].raw, together[i].raw, together[i].Errors)
		}
		if together[i].statements != alone[i].statements {
			t.Errorf("%s\n%d statements alone, %d among others", query, alone[i].statements, together[i].statements)
		}
	}
}
