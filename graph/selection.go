package graph

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
)

// selection describes what the request wants of the field being resolved, which returns one object or a short list.
func selection(ctx context.Context) db.Selection {
	s, field := key(ctx)
	collect(s.Champs, field.Selections)
	return s
}

// selectionPage describes what the request wants of the elements of a page.
func selectionPage(ctx context.Context) db.Selection {
	s, field := key(ctx)
	walk(field.Selections, func(f *ast.Field) {
		switch f.Name {
		case "nodes":
			collect(s.Champs, f.SelectionSet)
		case "edges":
			walk(f.SelectionSet, func(f *ast.Field) {
				if f.Name == "node" {
					collect(s.Champs, f.SelectionSet)
				}
			})
		}
	})
	return s
}

// selectionOf describes what the request wants of one field of the object being resolved: the thing that a mutation wrote.
func selectionOf(ctx context.Context, name string) db.Selection {
	s, field := key(ctx)
	walk(field.Selections, func(f *ast.Field) {
		if f.Name == name {
			collect(s.Champs, f.SelectionSet)
		}
	})
	return s
}

// selectionBelow describes what the request wants of all that lies under the field being resolved, at whatever depth: for
// a field that reads at once what several of those below it show.
func selectionBelow(ctx context.Context) db.Selection {
	s, field := key(ctx)
	var below func(*ast.Field)
	below = func(f *ast.Field) {
		s.Champs[f.Name] = true
		walk(f.SelectionSet, below)
	}
	walk(field.Selections, below)
	return s
}

// given names the fields of the input that the request wrote, null ones too: what a correction touches.
func given(ctx context.Context) db.Champs {
	fc := graphql.GetFieldContext(ctx)
	input, _ := fc.Field.ArgumentMap(graphql.GetOperationContext(ctx).Variables)["input"].(map[string]any)
	names := make(db.Champs, len(input))
	for name := range input {
		names[name] = true
	}
	return names
}

func key(ctx context.Context) (db.Selection, graphql.CollectedField) {
	fc := graphql.GetFieldContext(ctx)
	return db.Selection{Cle: place(fc), Champs: map[string]bool{}}, fc.Field
}

// place names where in the response a field answers, whatever the element of a list: the type and response key of the
// field and of all those that lead to it. The last key would not do: two fields can lead to the same rows, which their
// sub-fields of one name read with other arguments.
func place(fc *graphql.FieldContext) string {
	var b strings.Builder
	for ; fc != nil; fc = fc.Parent {
		if fc.Field.Field == nil { // an element of a list, or the operation itself
			continue
		}
		b.WriteString(fc.Object)
		b.WriteByte('.')
		b.WriteString(fc.Field.Alias)
		b.WriteByte('<')
	}
	return b.String()
}

// collect names every field selected, whatever the type it is selected on and even when a directive leaves it out: a
// column too many costs little, a column missing would be a lie.
func collect(names map[string]bool, set ast.SelectionSet) {
	walk(set, func(f *ast.Field) { names[f.Name] = true })
}

// walk visits the fields of a selection, through its fragments. Validation has refused cyclic ones.
func walk(set ast.SelectionSet, visit func(*ast.Field)) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			visit(s)
		case *ast.InlineFragment:
			walk(s.SelectionSet, visit)
		case *ast.FragmentSpread:
			walk(s.Definition.SelectionSet, visit)
		}
	}
}

func pageArgs(first *int, after *string, last *int, before *string) page.Args {
	return page.Args{First: first, After: after, Last: last, Before: before}
}
