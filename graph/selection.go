package graph

import (
	"context"

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

func key(ctx context.Context) (db.Selection, graphql.CollectedField) {
	fc := graphql.GetFieldContext(ctx)
	return db.Selection{Cle: fc.Object + "." + fc.Field.Alias, Champs: map[string]bool{}}, fc.Field
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
