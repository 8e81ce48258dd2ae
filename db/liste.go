package db

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/db/page"
)

// liste describes a paged list of rows R, shown as nodes N: the one place where the SQL of a list is composed, for the
// root as for the children of any number of parents.
type liste[R, N any] struct {
	columns []string
	order   page.Order[R]
	filter  criteria
	// ties holds the conditions that bind a row to its parent p.id; each alternative is read along its own index, and
	// no row satisfies two of them. Empty at the root.
	ties []string
	// parent gives the parent that a row was read for.
	parent func(R) int64
	// fill completes the rows of one statement with what was asked of them; nil: nothing is.
	fill func(context.Context, []R) error
	// node shows a row.
	node func(R) N
	// count reads a kept count, as n, in place of counting the rows of a tie; nil: rows are counted.
	count func(tie string) *bun.SelectQuery
}

// criteria narrow a query.
type criteria = func(*bun.SelectQuery) *bun.SelectQuery

// rows selects the list's rows without their page.
func (s *Store) rows(model any, filter criteria, tie string) *bun.SelectQuery {
	q := s.bun.NewSelect().Model(model)
	if tie != "" {
		q = q.Where(tie)
	}
	return filter(q)
}

// window narrows q to the page, plus one row that tells whether more remain.
func window[R any](q *bun.SelectQuery, o page.Order[R], w page.Window) *bun.SelectQuery {
	if w.After != nil {
		q = q.Where("("+o.Exprs()+") "+o.Operator(true)+" ?", bun.Tuple(w.After))
	}
	if w.Before != nil {
		q = q.Where("("+o.Exprs()+") "+o.Operator(false)+" ?", bun.Tuple(w.Before))
	}
	return q.OrderExpr(o.OrderBy(w.Backward)).Limit(int64(w.N + 1))
}

// filled makes the rows of one statement one lot, and completes them.
func filled[R any, P row[R]](ctx context.Context, rows []*R, fill func(context.Context, []*R) error) error {
	gather[R, P](rows)
	if fill == nil || len(rows) == 0 {
		return nil
	}
	return fill(ctx, rows)
}

// resolve checks the page asked for.
func resolve[R any](a page.Args, o page.Order[R]) (page.Window, error) {
	w, err := page.Resolve(a, o)
	var invalid *page.Error
	if errors.As(err, &invalid) {
		return w, Invalid(invalid.Argument, "%s", invalid.Message)
	}
	return w, err
}

// readPage reads one page of a root list.
func readPage[R, N any, P row[R]](ctx context.Context, s *Store, l liste[*R, N], a page.Args) (*page.Connection[N], error) {
	w, err := resolve(a, l.order)
	if err != nil {
		return nil, err
	}
	var rows []*R
	q := window(s.rows((*R)(nil), l.filter, ""), l.order, w)
	if err := many(ctx, q.ColumnExpr(strings.Join(l.columns, ", ")), &rows); err != nil {
		return nil, err
	}
	if w.Backward {
		slices.Reverse(rows)
	}
	if err := filled[R, P](ctx, rows, l.fill); err != nil {
		return nil, err
	}
	return page.New(w, l.order, rows, l.node, page.Outside{
		Total: func(ctx context.Context) (int, error) {
			var n int
			err := total(s, l, "").Scan(ctx, &n)
			return n, Translate(err)
		},
		Precede: func(ctx context.Context) (bool, error) { return exists(ctx, s, l, w.After, false) },
		Follow:  func(ctx context.Context) (bool, error) { return exists(ctx, s, l, w.Before, true) },
	}), nil
}

// total selects how many rows a tie has, as n.
func total[R, N any](s *Store, l liste[*R, N], tie string) *bun.SelectQuery {
	if l.count != nil {
		return l.count(tie)
	}
	return s.rows((*R)(nil), l.filter, tie).ColumnExpr("count(*) AS n")
}

// beyond selects how many rows, none or one as n, a tie has at the cursor or past it, on the side asked. Written as a
// count: under EXISTS the planner drops the order, and reads the table from its start.
func beyond[R, N any](s *Store, l liste[*R, N], tie string, cursor []any, after bool) *bun.SelectQuery {
	first := s.rows((*R)(nil), l.filter, tie).ColumnExpr("1").
		Where("("+l.order.Exprs()+") "+l.order.Operator(after)+"= ?", bun.Tuple(cursor)).
		OrderExpr(l.order.OrderBy(!after)).Limit(1)
	return s.bun.NewSelect().ColumnExpr("count(*) AS n").TableExpr("(?) AS y", first)
}

// exists reports whether the root list holds a row at the cursor or past it, on the side asked.
func exists[R, N any](ctx context.Context, s *Store, l liste[*R, N], cursor []any, after bool) (bool, error) {
	var n int
	err := beyond(s, l, "", cursor, after).Scan(ctx, &n)
	return n > 0, Translate(err)
}

// readPages reads the same page for every parent, in one statement: the page of each is found along its index, and never
// more than its N+1 rows are read.
func readPages[R, N any, P row[R]](ctx context.Context, s *Store, l liste[*R, N], parents []int64, a page.Args) (map[int64]*page.Connection[N], error) {
	w, err := resolve(a, l.order)
	if err != nil {
		return nil, err
	}
	var rows []*R
	q := s.perParent(parents, l.ties, func(tie string) *bun.SelectQuery {
		return window(s.rows((*R)(nil), l.filter, tie), l.order, w).ColumnExpr(strings.Join(l.columns, ", "))
	})
	if err := many(ctx, q.ColumnExpr("p.id AS parent_id, x.*"), &rows); err != nil {
		return nil, err
	}
	byParent := make(map[int64][]*R, len(parents))
	for _, r := range rows {
		byParent[l.parent(r)] = append(byParent[l.parent(r)], r)
	}
	if err := filled[R, P](ctx, rows, l.fill); err != nil {
		return nil, err
	}

	// Counts and bounds are asked for all parents together, when the first of them is asked.
	totals := askedOnce(func(ctx context.Context) (map[int64]int, error) {
		return s.countPer(ctx, parents, l.ties, func(tie string) *bun.SelectQuery { return total(s, l, tie) })
	})
	past := func(cursor []any, after bool) func(context.Context) (map[int64]int, error) {
		return askedOnce(func(ctx context.Context) (map[int64]int, error) {
			return s.countPer(ctx, parents, l.ties, func(tie string) *bun.SelectQuery { return beyond(s, l, tie, cursor, after) })
		})
	}
	precede, follow := past(w.After, false), past(w.Before, true)

	pages := make(map[int64]*page.Connection[N], len(parents))
	for _, id := range parents {
		own := byParent[id]
		slices.SortFunc(own, func(a, b *R) int { return page.Compare(l.order, l.order.Values(a), l.order.Values(b)) })
		if extra := len(own) - (w.N + 1); extra > 0 { // alternatives each brought a page
			if w.Backward {
				own = own[extra:]
			} else {
				own = own[:w.N+1]
			}
		}
		positive := func(counts func(context.Context) (map[int64]int, error)) func(context.Context) (bool, error) {
			return func(ctx context.Context) (bool, error) {
				n, err := counts(ctx)
				return n[id] > 0, err
			}
		}
		pages[id] = page.New(w, l.order, own, l.node, page.Outside{
			Total: func(ctx context.Context) (int, error) {
				n, err := totals(ctx)
				return n[id], err
			},
			Precede: positive(precede),
			Follow:  positive(follow),
		})
	}
	return pages, nil
}

// childrenOf reads a page of children for every row of a lot; id gives the parent p.id that a row is.
func childrenOf[P, R, N any, Q row[R]](ctx context.Context, s *Store, parents *lot[P], id func(P) int64, from P, l liste[*R, N], a page.Args, sel Selection) (*page.Connection[N], error) {
	pages, err := perLot(ctx, parents, sel.Cle, func(ctx context.Context, members []P) (map[int64]*page.Connection[N], error) {
		return readPages[R, N, Q](ctx, s, l, distinct(members, id), a)
	})
	return pages[id(from)], err
}

// perParent runs a query that names p.id once for each parent and each tie, inside one statement.
func (s *Store) perParent(parents []int64, ties []string, query func(tie string) *bun.SelectQuery) *bun.SelectQuery {
	all := query(ties[0])
	for _, tie := range ties[1:] {
		all = all.UnionAll(query(tie))
	}
	return s.bun.NewSelect().
		TableExpr("unnest(?::bigint[]) AS p (id)", pgdialect.Array(parents)).
		Join("CROSS JOIN LATERAL (?) AS x", all)
}

func (s *Store) countPer(ctx context.Context, parents []int64, ties []string, count func(tie string) *bun.SelectQuery) (map[int64]int, error) {
	counts := make(map[int64]int, len(parents))
	var rows []struct {
		ParentID int64
		N        int
	}
	if err := many(ctx, s.perParent(parents, ties, count).ColumnExpr("p.id AS parent_id, x.n"), &rows); err != nil {
		return nil, err
	}
	for _, r := range rows {
		counts[r.ParentID] += r.N
	}
	return counts, nil
}

// askedOnce runs read at most once, with the context of the first that asks.
func askedOnce(read func(context.Context) (map[int64]int, error)) func(context.Context) (map[int64]int, error) {
	var (
		once   sync.Once
		counts map[int64]int
		err    error
	)
	return func(ctx context.Context) (map[int64]int, error) {
		once.Do(func() { counts, err = read(ctx) })
		return counts, err
	}
}
