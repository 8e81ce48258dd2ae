package limites

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mutualibre/mutualibre/db"
)

// operation checks the arguments and the complexity of a validated operation.
// Its expanded size is already bounded, so it is walked as it is.
func (l Limites) operation(schema *ast.Schema, op *ast.OperationDefinition, vars map[string]any) *gqlerror.Error {
	c := compte{Limites: l, schema: schema, op: op, vars: vars, lues: make(map[lecture]bool)}
	cout := c.selections(op.SelectionSet, 0)
	if c.refus != nil {
		return c.refus
	}
	if cout > l.Complexite {
		return tropComplexe("complexité %d, maximum %d ; demandez des pages plus courtes ou moins de niveaux", cout, l.Complexite)
	}
	return nil
}

type compte struct {
	Limites
	schema *ast.Schema
	op     *ast.OperationDefinition
	vars   map[string]any
	lues   map[lecture]bool
	refus  *gqlerror.Error
}

// lecture names what has been checked: an argument written in the document,
// or a variable in one of its roles.
type lecture struct {
	arg      *ast.Argument
	variable string
	texte    int
}

// selections returns the complexity of a set. page is the length of the page
// when the set is that of a connection, else 0.
func (c *compte) selections(set ast.SelectionSet, page int) (total int) {
	for _, sel := range set {
		if c.refus != nil {
			return total
		}
		switch sel := sel.(type) {
		case *ast.Field:
			total = add(total, c.champ(sel, page))
		case *ast.InlineFragment:
			total = add(total, c.selections(sel.SelectionSet, page))
		case *ast.FragmentSpread:
			if sel.Definition != nil {
				total = add(total, c.selections(sel.Definition.SelectionSet, page))
			}
		}
	}
	return total
}

func (c *compte) champ(f *ast.Field, page int) int {
	if f.Definition == nil {
		return 1
	}
	for _, arg := range f.Arguments {
		c.argument(f, arg)
	}
	if len(f.SelectionSet) == 0 || c.refus != nil {
		return 1
	}
	inner := 0
	if strings.HasSuffix(f.Definition.Type.Name(), "Connection") {
		inner = c.page(f)
		if inner == 0 {
			inner = -1 // a page of none: its edges cost nothing
		}
	}
	return add(1, multiplier(c.longueur(f, page), c.selections(f.SelectionSet, inner)))
}

// longueur is how many objects a field holds, at most or by assumption.
func (c *compte) longueur(f *ast.Field, page int) int {
	if f.Definition.Type.Elem == nil {
		return 1
	}
	if page != 0 {
		return max(page, 0)
	}
	for _, arg := range f.Arguments {
		def := f.Definition.Arguments.ForName(arg.Name)
		if def != nil && def.Type.Elem != nil && def.Type.Name() == "ID" {
			v, _ := arg.Value.Value(c.vars)
			return len(graphql.CoerceList(v))
		}
	}
	if f.ObjectDefinition != nil {
		if n, ok := c.Listes[f.ObjectDefinition.Name+"."+f.Name]; ok {
			if asked := c.demandes(f); asked >= 0 {
				return n * asked / c.PageMax
			}
			if lines, ok := c.entierDe(f, "limite"); ok {
				return int(min(max(lines, 0), db.LimiteMax))
			}
			return n
		}
	}
	return c.Liste
}

// page is the length of page that a connection asks for.
func (c *compte) page(f *ast.Field) int {
	if asked := c.demandes(f); asked >= 0 {
		return asked
	}
	return c.Page
}

// demandes is how many elements first or last ask for, 0 to PageMax: outside,
// the resolver refuses with a better message. Below 0: neither says.
func (c *compte) demandes(f *ast.Field) int {
	asked := -1
	for _, nom := range []string{"first", "last"} {
		if n, ok := c.entierDe(f, nom); ok {
			asked = max(asked, int(min(max(n, 0), int64(c.PageMax))))
		}
	}
	return asked
}

// entierDe reads an integer argument; false when it is not given.
func (c *compte) entierDe(f *ast.Field, nom string) (int64, bool) {
	arg := f.Arguments.ForName(nom)
	if arg == nil {
		return 0, false
	}
	v, err := arg.Value.Value(c.vars)
	if err != nil || v == nil {
		return 0, false
	}
	return entier(v)
}

// argument checks the values of an argument once, against its type.
func (c *compte) argument(f *ast.Field, arg *ast.Argument) {
	def := f.Definition.Arguments.ForName(arg.Name)
	if def == nil || c.lues[lecture{arg: arg}] {
		return
	}
	c.lues[lecture{arg: arg}] = true
	c.litteral(arg.Name, def.Type, arg.Value)
}

// litteral checks a value written in the document, and the variables in it.
// nom is the argument or the field "TypeInput.champ" that receives it.
func (c *compte) litteral(nom string, typ *ast.Type, v *ast.Value) {
	switch v.Kind {
	case ast.Variable:
		role := lecture{variable: v.Raw, texte: c.texte(nom)}
		decl := c.op.VariableDefinitions.ForName(v.Raw)
		if decl == nil || c.lues[role] {
			return
		}
		c.lues[role] = true
		c.variable(nom, decl.Type, c.vars[v.Raw])
	case ast.ListValue:
		for _, child := range v.Children {
			c.litteral(nom, element(typ), child.Value)
		}
	case ast.ObjectValue:
		if def := c.schema.Types[typ.Name()]; def != nil {
			for _, child := range v.Children {
				if field := def.Fields.ForName(child.Name); field != nil {
					c.litteral(def.Name+"."+child.Name, field.Type, child.Value)
				}
			}
		}
	case ast.IntValue:
		if n, _ := strconv.ParseInt(v.Raw, 10, 64); typ.Name() == "Int" && int64(int32(n)) != n {
			c.refuse(nom, "%s ne tient pas sur 32 bits", v.Raw)
		}
	case ast.StringValue, ast.BlockValue:
		c.chaine(nom, typ.Name(), v.Raw)
	}
}

// variable checks a value received beside the document, more strictly than
// gqlparser, which lets text through for a number and any case for an enum.
func (c *compte) variable(nom string, typ *ast.Type, v any) {
	if v == nil || c.refus != nil {
		return
	}
	if typ.Elem != nil {
		for _, e := range graphql.CoerceList(v) {
			c.variable(nom, typ.Elem, e)
		}
		return
	}
	def := c.schema.Types[typ.NamedType]
	if def == nil {
		return
	}
	text, isText := v.(string)
	switch {
	case def.Kind == ast.InputObject:
		fields, _ := v.(map[string]any)
		for key, e := range fields {
			if field := def.Fields.ForName(key); field != nil {
				c.variable(def.Name+"."+key, field.Type, e)
			}
		}
	case def.Kind == ast.Enum:
		if !isText || def.EnumValues.ForName(text) == nil {
			c.refuse(nom, "%v n'est pas une valeur de %s", v, def.Name)
		}
	case def.Name == "Int":
		if n, ok := entier(v); !ok {
			c.refuse(nom, "%v n'est pas un nombre entier", v)
		} else if int64(int32(n)) != n {
			c.refuse(nom, "%v ne tient pas sur 32 bits", v)
		}
	case def.Name == "Float":
		if !decimal(v) {
			c.refuse(nom, "%v n'est pas un nombre", v)
		}
	case def.Name == "ID" && !isText:
		if _, ok := entier(v); !ok {
			c.refuse(nom, "%v n'est pas un identifiant", v)
		}
	case def.Name == "String" && !isText:
		c.refuse(nom, "%v n'est pas un texte", v)
	case isText:
		c.chaine(nom, def.Name, text)
	}
}

// chaine caps the texts that people write; ids, cursors and the texts of
// other scalars are ours and may be longer.
func (c *compte) chaine(nom, typ, s string) {
	if max := c.texte(nom); typ == "String" && utf8.RuneCountInString(s) > max {
		c.refuse(nom, "un texte dépasse %d caractères", max)
	}
}

func (c *compte) refuse(nom, format string, args ...any) {
	if c.refus == nil {
		nom = champ(nom)
		c.refus = invalid("« "+nom+" » : "+format, args...)
		c.refus.Extensions["champ"] = []string{nom}
	}
}

// texte is the longest text that an argument or the field of an input receives. Cursors are ours.
func (c *compte) texte(nom string) int {
	if n, ok := c.TextesLongs[nom]; ok {
		return n
	}
	if champ(nom) == "after" || champ(nom) == "before" {
		return c.TexteLong
	}
	return c.Texte
}

// champ is the name that the client wrote: "TypeInput.champ" without its type.
func champ(nom string) string { return nom[strings.LastIndexByte(nom, '.')+1:] }

// element is the type of a list's elements; a single value may stand for a
// list of one.
func element(t *ast.Type) *ast.Type {
	if t.Elem != nil {
		return t.Elem
	}
	return t
}

// entier reads the integers that JSON decoding and gqlparser produce.
func entier(v any) (int64, bool) {
	switch v := v.(type) {
	case json.Number:
		n, err := strconv.ParseInt(string(v), 10, 64)
		return n, err == nil
	case int64:
		return v, true
	case int:
		return int64(v), true
	case float64:
		return int64(v), v == math.Trunc(v) && math.Abs(v) < 1<<53
	}
	return 0, false
}

// decimal tells whether v is a finite number.
func decimal(v any) bool {
	switch v := v.(type) {
	case json.Number:
		f, err := strconv.ParseFloat(string(v), 64)
		return err == nil && !math.IsInf(f, 0)
	case float64:
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case int64, int:
		return true
	}
	return false
}
