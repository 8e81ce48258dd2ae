package limites

import (
	"container/list"
	"context"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

const (
	// cacheTextes is how many bytes of documents are kept. A parsed document
	// takes up to a hundred times its text, so this bounds the memory that
	// strangers can fill, where a number of documents would not.
	cacheTextes = 1 << 20
	// cacheTexteMax is the longest document kept; longer ones are rare and
	// would evict the others.
	cacheTexteMax = 16 << 10
)

// Cache keeps the most recently used documents that passed limits and
// validation, within a total length of text.
type Cache struct {
	mu     sync.Mutex
	rest   int
	recent *list.List // of *entree, most recent first
	byText map[string]*list.Element
}

type entree struct {
	text string
	doc  *ast.QueryDocument
}

func newCache(textes int) *Cache {
	return &Cache{rest: textes, recent: list.New(), byText: make(map[string]*list.Element)}
}

// Get implements [graphql.Cache].
func (c *Cache) Get(_ context.Context, text string) (*ast.QueryDocument, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	el, ok := c.byText[text]
	if !ok {
		return nil, false
	}
	c.recent.MoveToFront(el)
	return el.Value.(*entree).doc, true
}

// Add implements [graphql.Cache]; a document that is too long is not kept.
func (c *Cache) Add(_ context.Context, text string, doc *ast.QueryDocument) {
	if len(text) > cacheTexteMax {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byText[text]; ok {
		return
	}
	c.byText[text] = c.recent.PushFront(&entree{text, doc})
	for c.rest -= len(text); c.rest < 0; {
		oldest := c.recent.Remove(c.recent.Back()).(*entree)
		delete(c.byText, oldest.text)
		c.rest += len(oldest.text)
	}
}
