package db

import (
	"context"
	"sync"
)

// lot holds rows that one statement read. A relation asked of one of them is read for all of them by one more
// statement, and remembered: no timer, no cache beyond the request, and a number of statements that depends only on
// the shape of the query.
type lot[P any] struct {
	members []P

	mu        sync.Mutex
	relations map[string]*relation
}

type relation struct {
	once  sync.Once
	value any
	err   error
}

// membre is embedded by every row: it leads to the rows read with it.
type membre[P any] struct{ lot *lot[P] }

func (m *membre[P]) join(l *lot[P]) { m.lot = l }

// row is a pointer to a row that can join a lot.
type row[R any] interface {
	*R
	join(*lot[*R])
}

// gather makes the rows of one statement one lot.
func gather[R any, P row[R]](rows []*R) {
	l := &lot[*R]{members: rows, relations: map[string]*relation{}}
	for _, r := range rows {
		P(r).join(l)
	}
}

// perLot returns what read gives for the whole lot. key names the relation with its arguments: two fields of one
// request that differ in arguments answer at different places of the response, so the place serves (see Selection).
func perLot[P, V any](ctx context.Context, l *lot[P], key string, read func(context.Context, []P) (V, error)) (V, error) {
	l.mu.Lock()
	r := l.relations[key]
	if r == nil {
		r = &relation{}
		l.relations[key] = r
	}
	l.mu.Unlock()
	r.once.Do(func() { r.value, r.err = read(ctx, l.members) })
	if r.err != nil {
		var none V
		return none, r.err
	}
	return r.value.(V), nil
}

// Selection is what a request wants of a field: the place where it answers, and the fields asked of what it returns.
// It lets one statement read the columns needed and nothing else.
type Selection struct {
	// Cle tells apart two uses of one relation with different arguments: their place in the response, from its root.
	Cle string
	// Champs names the fields asked, all types together; nil: every one.
	Champs map[string]bool
}

// asks reports whether a field is wanted.
func (s Selection) asks(field string) bool { return s.Champs == nil || s.Champs[field] }

// columns keeps, of the columns that carry one field each, those asked for; the others are always read.
func (s Selection) columns(always []string, byField map[string]string) []string {
	columns := append([]string(nil), always...)
	for field, column := range byField {
		if s.asks(field) {
			columns = append(columns, column)
		}
	}
	return columns
}

// distinct returns the values without repeats nor zeros, in order of first appearance.
func distinct[P any, K comparable](members []P, key func(P) K) []K {
	var zero K
	seen := make(map[K]bool, len(members))
	keys := make([]K, 0, len(members))
	for _, m := range members {
		if k := key(m); k != zero && !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	return keys
}
