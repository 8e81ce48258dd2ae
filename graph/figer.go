package graph

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/erreur"
	"github.com/mutualibre/mutualibre/graph/limites"
)

// lecteur answers the queries that snapshots freeze: through the same schema and under the same limits as any request, as
// anyone, and without introspection.
type lecteur struct {
	exec    *executor.Executor
	rescue  graphql.RecoverFunc
	version string // of the schema
	places  chan struct{}
}

// lecturesSimultanees is how many answers are read at once to be frozen: each holds a connection that writes meanwhile.
const lecturesSimultanees = 4

func newLecteur(es graphql.ExecutableSchema, limits *limites.Extension, log *slog.Logger) *lecteur {
	exec := executor.New(es)
	exec.Use(limits)
	exec.SetQueryCache(limits.Cache())
	exec.AroundFields(readAt)
	exec.AroundFields(cite)
	exec.SetErrorPresenter(erreur.Presenter(log))
	exec.SetRecoverFunc(erreur.Recover(log))
	return &lecteur{exec: exec, rescue: erreur.Recover(log), version: versionDe(es.Schema()), places: make(chan struct{}, lecturesSimultanees)}
}

// versionDe is the hash of the SDL, as the command « schema » writes it.
func versionDe(schema *ast.Schema) string {
	h := sha256.New()
	formatter.NewFormatter(h, formatter.WithIndent("  ")).FormatSchema(schema)
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// read implements [db.Lire].
func (l *lecteur) read(ctx context.Context, requete string, variables json.RawMessage) (_ *db.Lecture, err error) {
	defer func() {
		if p := recover(); p != nil { // the transaction around must learn of it, to end
			err = l.rescue(ctx, p)
		}
	}()
	select {
	case l.places <- struct{}{}:
		defer func() { <-l.places }()
	default:
		return nil, &db.Error{Code: db.CodeIndisponible, Message: "trop d'instantanés sont en cours, réessayez dans quelques instants"}
	}
	cited := &citations{counts: map[citation]int{}}
	inner := graphql.StartOperationTrace(context.WithValue(bare{ctx}, citationsKey{}, cited))
	params := &graphql.RawParams{Query: requete}
	d := json.NewDecoder(strings.NewReader(string(variables)))
	d.UseNumber()
	if d.Decode(&params.Variables) != nil {
		return nil, refused("variables", "« variables » doit être un objet JSON")
	}
	op, errs := l.exec.CreateOperationContext(inner, params)
	if len(errs) > 0 && op.Doc != nil && len(op.Doc.Operations) > 1 {
		return nil, refused("requete", "« requete » contient plusieurs opérations : n'en gardez qu'une")
	}
	if len(errs) > 0 {
		return nil, refusal(l.exec.DispatchError(graphql.WithOperationContext(inner, op), errs[:1]).Errors)
	}
	if op.Operation.Operation != ast.Query {
		return nil, refused("requete", "seule une lecture se fige : « requete » doit être une opération query")
	}
	introspects := false
	walk(op.Operation.SelectionSet, func(f *ast.Field) { introspects = introspects || f.Name == "__schema" || f.Name == "__type" })
	if introspects {
		return nil, refused("requete", "l'introspection ne se fige pas : l'instantané dit déjà la version du schéma")
	}
	next, inner := l.exec.DispatchOperation(inner, op)
	resp := next(inner)
	switch {
	case resp == nil:
		return nil, cmp.Or(ctx.Err(), context.Canceled)
	case len(resp.Errors) > 0:
		return nil, refusal(resp.Errors)
	}
	return &db.Lecture{Reponse: resp.Data, Sources: cited.list(), VersionSchema: l.version}, nil
}

// bare is a context for its end alone. What it holds for the request that asks, its identity first of all, does not pass:
// what is read under it is read as anyone.
type bare struct{ context.Context }

// Value holds nothing.
func (bare) Value(any) any { return nil }

func refused(champ, message string) error {
	return db.Fautes{{Code: db.Invalide, Champ: []string{champ}, Message: message}}
}

// refusal says the first error of an answer: to be mended in the query, or to be tried again later.
func refusal(errs gqlerror.List) error {
	first := errs[0]
	switch code, _ := first.Extensions["code"].(string); db.Code(code) {
	case db.CodeDelaiDepasse, db.CodeIndisponible, db.CodeInterne, db.CodeLimiteDebit:
		return &db.Error{Code: db.Code(code), Message: first.Message}
	}
	where := ""
	if len(first.Path) > 0 {
		where = fmt.Sprintf(" (%s)", first.Path)
	} else if len(first.Locations) > 0 {
		where = fmt.Sprintf(" (ligne %d, colonne %d)", first.Locations[0].Line, first.Locations[0].Column)
	}
	return refused("requete", "seule une réponse sans erreur se fige ; la requête donne : "+first.Message+where)
}

type citationsKey struct{}

// citations counts the sources of one answer.
type citations struct {
	mu     sync.Mutex
	counts map[citation]int
}

// citation is what tells two sources apart for who reads them.
type citation struct {
	nom, url, licence string
	synthetique       bool
}

func (c *citations) add(all ...*db.Source) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, so := range all {
		if so != nil {
			c.counts[citation{so.Nom, deref(so.URL), deref(so.Licence), so.Synthetique}]++
		}
	}
}

// list gives the sources, the most cited first.
func (c *citations) list() []*db.SourceCitee {
	all := make([]*db.SourceCitee, 0, len(c.counts))
	for so, n := range c.counts {
		all = append(all, &db.SourceCitee{Nom: so.nom, URL: orNull(so.url), Licence: orNull(so.licence), Synthetique: so.synthetique, NombreCitations: n})
	}
	slices.SortFunc(all, func(a, b *db.SourceCitee) int {
		return cmp.Or(cmp.Compare(b.NombreCitations, a.NombreCitations), cmp.Compare(a.Nom, b.Nom), cmp.Compare(deref(a.URL), deref(b.URL)),
			cmp.Compare(deref(a.Licence), deref(b.Licence)))
	})
	return all
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// cite notes each source that the answer shows, whatever the field that leads to it and whatever is asked of it. An answer
// that has an error is refused whole, so none that was noted is missing from it.
func cite(ctx context.Context, next graphql.Resolver) (any, error) {
	if strings.HasPrefix(graphql.GetFieldContext(ctx).Object, "Instantane") {
		return nil, db.Invalid("requete", "un instantané ne se fige pas une seconde fois : citez-le tel qu'il est")
	}
	v, err := next(ctx)
	if cited, ok := ctx.Value(citationsKey{}).(*citations); ok {
		switch v := v.(type) {
		case *db.Source:
			cited.add(v)
		case []*db.Source:
			cited.add(v...)
		}
	}
	return v, err
}
