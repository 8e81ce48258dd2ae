// Package page reads lists by keyset: a cursor holds the values of the order's key, so that a page costs the same
// wherever it lies and no row is skipped or seen twice while others are written. Pure: it knows neither SQL text
// beyond the order's expressions nor GraphQL.
package page

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// Default and Max bound the size of a page: Default when the client says nothing, Max at most.
const (
	Default = 20
	Max     = 100
)

// Error is what is wrong with the page asked for: the argument at fault and a French sentence for the client.
type Error struct {
	Argument string
	Message  string
}

// Error returns the sentence meant for the client.
func (e *Error) Error() string { return e.Message }

// Args are the four arguments of every list, as the client gave them: nil when absent or null.
type Args struct {
	First  *int
	After  *string
	Last   *int
	Before *string
}

// Kind is the type of one value of a key.
type Kind byte

// The types a key may have: text compared byte by byte, and integers.
const (
	Text Kind = iota
	Int
)

// Key is one expression of an order, and its type in cursors.
type Key struct {
	Expr string
	Kind Kind
}

// Order is a total order over rows of type R: its last key is unique. Every key runs in the same direction, so that
// one row comparison, served by one index, finds the page.
type Order[R any] struct {
	Name string
	Keys []Key
	Desc bool
	// Values gives the key of a row, in the order of Keys: string or int64.
	Values func(R) []any
}

// name tells orders apart in cursors, direction included: a cursor of one is refused by the other.
func (o Order[R]) name() string {
	if o.Desc {
		return o.Name + "-"
	}
	return o.Name
}

// Exprs returns the key's expressions, comma-separated.
func (o Order[R]) Exprs() string {
	exprs := make([]string, len(o.Keys))
	for i, k := range o.Keys {
		exprs[i] = k.Expr
	}
	return strings.Join(exprs, ", ")
}

// OrderBy returns the ORDER BY list, in reading direction or backwards.
func (o Order[R]) OrderBy(backward bool) string {
	direction := " ASC"
	if o.Desc != backward {
		direction = " DESC"
	}
	exprs := make([]string, len(o.Keys))
	for i, k := range o.Keys {
		exprs[i] = k.Expr + direction
	}
	return strings.Join(exprs, ", ")
}

// Operator compares a row's key with a cursor's: rows strictly after it, or strictly before it.
func (o Order[R]) Operator(after bool) string {
	if after != o.Desc {
		return ">"
	}
	return "<"
}

// Window is a page asked for, checked: N rows at most after After and before Before (nil: no bound), from the end when
// Backward.
type Window struct {
	N        int
	Backward bool
	After    []any
	Before   []any
}

// Resolve checks the arguments against the order. Its errors are *Error: a size out of bounds, both ends asked for,
// a cursor that this list never gave.
func Resolve[R any](a Args, o Order[R]) (Window, error) {
	w := Window{N: Default}
	switch {
	case a.First != nil && a.Last != nil:
		return w, &Error{"last", "« first » et « last » ne vont pas ensemble : demandez l'un ou l'autre"}
	case a.First != nil:
		w.N = *a.First
		if err := size("first", w.N); err != nil {
			return w, err
		}
	case a.Last != nil:
		w.N, w.Backward = *a.Last, true
		if err := size("last", w.N); err != nil {
			return w, err
		}
	case a.Before != nil && a.After == nil:
		w.Backward = true
	}
	var err error
	if w.After, err = read("after", a.After, o); err != nil {
		return w, err
	}
	w.Before, err = read("before", a.Before, o)
	return w, err
}

func size(argument string, n int) error {
	if n < 0 || n > Max {
		return &Error{argument, fmt.Sprintf("« %s » vaut %d : une page compte de 0 à %d éléments", argument, n, Max)}
	}
	return nil
}

// version starts every cursor: raise it when the encoding changes, and the older ones are refused by name.
const version = "1"

// Cursor encodes the position of a row in an order.
func Cursor[R any](o Order[R], row R) string {
	b, err := json.Marshal(append([]any{version, o.name()}, o.Values(row)...))
	if err != nil { // strings and integers always marshal
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func read[R any](argument string, cursor *string, o Order[R]) ([]any, error) {
	if cursor == nil {
		return nil, nil
	}
	invalid := &Error{argument, fmt.Sprintf("le curseur donné à « %s » n'est pas valide : reprenez tel quel un curseur de cette liste", argument)}
	b, err := base64.RawURLEncoding.Strict().DecodeString(*cursor)
	if err != nil || len(*cursor) > 2000 {
		return nil, invalid
	}
	var values []json.RawMessage
	if json.Unmarshal(b, &values) != nil || len(values) < 2 {
		return nil, invalid
	}
	var v, name string
	if json.Unmarshal(values[0], &v) != nil || v != version || json.Unmarshal(values[1], &name) != nil {
		return nil, invalid
	}
	if name != o.name() {
		return nil, &Error{argument, fmt.Sprintf("le curseur donné à « %s » vient d'une liste triée autrement : gardez le même tri d'une page à l'autre", argument)}
	}
	values = values[2:]
	if len(values) != len(o.Keys) {
		return nil, invalid
	}
	key := make([]any, len(values))
	for i, k := range o.Keys {
		switch k.Kind {
		case Text:
			var s *string
			if json.Unmarshal(values[i], &s) != nil || s == nil || strings.ContainsRune(*s, 0) {
				return nil, invalid
			}
			key[i] = *s
		case Int:
			var n *float64
			if json.Unmarshal(values[i], &n) != nil || n == nil || math.Abs(*n) > 1<<53 || *n != math.Trunc(*n) {
				return nil, invalid
			}
			key[i] = int64(*n)
		}
	}
	return key, nil
}

// Compare orders two keys of one order, in reading direction.
func Compare[R any](o Order[R], a, b []any) int {
	for i := range o.Keys {
		c := 0
		switch x := a[i].(type) {
		case string:
			c = strings.Compare(x, b[i].(string))
		case int64:
			switch y := b[i].(int64); {
			case x < y:
				c = -1
			case x > y:
				c = 1
			}
		}
		if c != 0 {
			if o.Desc {
				return -c
			}
			return c
		}
	}
	return 0
}
