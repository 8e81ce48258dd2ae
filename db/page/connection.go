package page

import "context"

// Edge is an element and its position.
type Edge[N any] struct {
	Cursor string
	Node   N
}

// PageInfo tells where a page lies in its list. The two questions that may cost a statement are asked only when the
// client asks them.
type PageInfo struct {
	StartCursor *string
	EndCursor   *string

	next, previous func(context.Context) (bool, error)
}

// HasNextPage reports whether rows follow this page.
func (p *PageInfo) HasNextPage(ctx context.Context) (bool, error) { return p.next(ctx) }

// HasPreviousPage reports whether rows precede this page.
func (p *PageInfo) HasPreviousPage(ctx context.Context) (bool, error) { return p.previous(ctx) }

// Connection is a page of a list, ready to be read by the API.
type Connection[N any] struct {
	Nodes []N

	cursors []string
	info    *PageInfo
	total   func(context.Context) (int, error)
}

// Edges returns the elements with their cursors.
func (c *Connection[N]) Edges() []Edge[N] {
	edges := make([]Edge[N], len(c.Nodes))
	for i, n := range c.Nodes {
		edges[i] = Edge[N]{c.cursors[i], n}
	}
	return edges
}

// PageInfo returns the position of the page.
func (c *Connection[N]) PageInfo() *PageInfo { return c.info }

// TotalCount counts the whole list; it runs only when the client asks for it.
func (c *Connection[N]) TotalCount(ctx context.Context) (int, error) { return c.total(ctx) }

// Outside answers the questions that a page's own rows cannot: how many there are in all, and whether the list holds
// anything at or beyond one of the cursors that bound the page.
type Outside struct {
	Total func(context.Context) (int, error)
	// Precede: rows at or before the After cursor. Follow: rows at or after the Before cursor. Asked only when the
	// window has that cursor.
	Precede, Follow func(context.Context) (bool, error)
}

// New builds a page from the rows read for a window: at most N+1 of them, in the order's reading direction. node turns
// a row into what the API shows.
func New[R, N any](w Window, o Order[R], rows []R, node func(R) N, out Outside) *Connection[N] {
	more := len(rows) > w.N
	if more && w.Backward {
		rows = rows[len(rows)-w.N:]
	} else if more {
		rows = rows[:w.N]
	}
	c := &Connection[N]{Nodes: make([]N, len(rows)), cursors: make([]string, len(rows)), total: out.Total}
	for i, r := range rows {
		c.Nodes[i], c.cursors[i] = node(r), Cursor(o, r)
	}
	c.info = &PageInfo{
		next:     either(more && !w.Backward, w.Before != nil, out.Follow),
		previous: either(more && w.Backward, w.After != nil, out.Precede),
	}
	if len(rows) > 0 {
		c.info.StartCursor, c.info.EndCursor = &c.cursors[0], &c.cursors[len(rows)-1]
	}
	return c
}

// either is true when known already, else what ask says where there is something to ask.
func either(known, bounded bool, ask func(context.Context) (bool, error)) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		if known || !bounded {
			return known, nil
		}
		return ask(ctx)
	}
}
