package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/graph"
)

// absurdes are values that no field of an input is made for, whatever its type.
func absurdes() []any {
	return []any{
		nil, "", "   ", "\x00", "a\x00b", "\u202e\ufeff", "🦉🦉", "'; DROP TABLE usage; --", strings.Repeat("é", 199), strings.Repeat("x", 200_000),
		-1, 0, 1, 2147483647, -2147483648, 2147483648, json.Number("9223372036854775807"), json.Number("1e400"), 1.5, true, false,
		"https://exemple.fr/\x00", identifiant.Global("Collectivite", "\x00"), identifiant.Global("Logiciel", "a\x00"), identifiant.Global("Catalogue", "a\x00"),
		identifiant.Global("Jeton", "a\x00"), identifiant.Global("Economie", "\x00"), identifiant.Global("Contrat", "\x00"), identifiant.Global("Proposition", "\x00"),
		identifiant.Global("Habilitation", "\x00"), identifiant.Global("Webhook", "\x00"), identifiant.Global("Livraison", "\x00"),
		[]any{}, []any{nil}, []any{"x", "x"}, []any{"SUPPORT", "SUPPORT"}, []any{"\x00"}, []any{[]any{}}, slices.Repeat([]any{"1"}, 1000), []any{-1, "1e3", nil},
		map[string]any{}, map[string]any{"inconnu": 1}, map[string]any{"nom": "\x00"}, map[string]any{"nom": "x", "url": "https://exemple.fr/\x00"},
	}
}

// formes are texts that look like something: dates, amounts, addresses, ids.
func formes() []any {
	return []any{
		"INCONNU", "0001-01-01", "0000-12-31", "9999-12-31", "2024-02-30", "2026-11-22T08:30:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
		"-0.01", "0.00", "99.99", "92233720368547758.07", "99999999999999999999.99", "NaN", "Infinity",
		"https://exemple.fr/" + strings.Repeat("a", 170), "http://", "https://[::1", "https://exemple.fr/%zz",
		identifiant.Global("Logiciel", "aucun"), identifiant.Global("Usage", "aucun"), identifiant.Global("Livraison", "x"),
		identifiant.Global("Usage", "00000000-0000-0000-0000-000000000000"), identifiant.Global("AConfirmer", "USAGE_NON_CONFIRME/Usage/99999999999999999999"),
		identifiant.Global("Collectivite", sitpi), identifiant.Global("SyndicatMixte", sitpi), identifiant.Global("Prestataire", sitpi),
	}
}

// champ is a field of an input, or of one inside it.
type champ struct {
	path []string
	typ  string
}

// champs are the fields of an input, those of the inputs inside it too.
func champs(s *ast.Schema, input string) []champ {
	var all []champ
	for _, f := range s.Types[input].Fields {
		all = append(all, champ{[]string{f.Name}, f.Type.String()})
		if t := s.Types[f.Type.Name()]; t.Kind == ast.InputObject {
			for _, c := range champs(s, t.Name) {
				all = append(all, champ{append([]string{f.Name}, c.path...), c.typ})
			}
		}
	}
	return all
}

// gives returns an input with another value at a path; what is missing on the way is made.
func gives(in map[string]any, path []string, v any) map[string]any {
	out := maps.Clone(in)
	if out == nil {
		out = map[string]any{}
	}
	if len(path) == 1 {
		out[path[0]] = v
		return out
	}
	var inside map[string]any
	switch known := out[path[0]].(type) {
	case saisie:
		inside = known
	case map[string]any:
		inside = known
	}
	inner := gives(inside, path[1:], v)
	if path[0] == "source" && path[1] != "nom" {
		inner["nom"] = "Délibération"
	}
	out[path[0]] = inner
	return out
}

var deLaBase = regexp.MustCompile(`(?i)sqlstate|pgx|bun:|syntax error|panic|goroutine|invalid input|violates|duplicate key|must be|cannot|unknown|expected|\bfield\b`)

// Whatever a client writes in any field of any mutation, the answer says what to mend, in French, with a code: never a
// fault of ours, never the words of the database.
func TestNoValueOfAnyFieldOfAMutationIsAFaultOfOursAtScale(t *testing.T) {
	t.Parallel()
	a := &matrice{api: real(t), n: map[string]int{}}
	a.admin = a.as(t, droit.Admin, "")
	a.agent, a.role = a.admin, droit.Admin
	of := func(cle string) cible {
		return cible{lien: droit.Etrangere, cle: cle, id: a.organisation(t, cle), genre: value[string](t, a.pool, `SELECT genre FROM organisation WHERE cle = $1`, cle)}
	}
	cibles := []cible{of(sitpi), of(value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id LIMIT 1`)), {lien: droit.Partage}}
	schema := graph.Schema(nil).Schema()
	refused := map[string]bool{} // by GraphQL itself, for a type: whichever field it is
	for _, m := range mutations() {
		t.Run(string(m), func(t *testing.T) {
			fresh := func() saisie {
				for _, c := range cibles {
					if in := saisies[m](t, a, c); in != nil {
						return in
					}
				}
				t.Fatal("no input")
				return nil
			}
			in := fresh()
			input := schema.Mutation.Fields.ForName(string(m)).Arguments.ForName("input").Type.Name()
			done := 0
			try := func(c champ, v any) (taken bool) {
				t.Helper()
				path, known := c.path, fmt.Sprintf("%s %T %.200v", c.typ, v, v)
				if refused[known] {
					return false
				}
				got := a.admin.ask(t, operation(string(m), "__typename"), map[string]any{"i": gives(in, path, v)})
				cas := fmt.Sprintf("%s = %.60v", strings.Join(path, "."), v)
				for _, e := range got.Errors {
					code, _ := e.Extensions["code"].(string)
					if code == "" || code == "INTERNE" || e.Message == "" || deLaBase.MatchString(e.Message) {
						t.Errorf("%s: %s %s", cas, code, e.Message)
					}
					refused[known] = refused[known] || fmt.Sprint(e.Path) == fmt.Sprint(append([]string{"variable", "i"}, path...))
				}
				if len(got.Errors) > 0 {
					return false
				}
				faults := at(t, got.Data, string(m), "erreurs").([]any)
				for _, f := range faults {
					if msg, _ := at(t, f, "message").(string); msg == "" || deLaBase.MatchString(msg) {
						t.Errorf("%s: %v", cas, f)
					}
				}
				if len(faults) == 0 {
					done++
					in = fresh()
				}
				return len(faults) == 0
			}
			for _, c := range champs(schema, input) {
				free := false // takes a text as it is: the form of another tells it nothing
				for _, v := range absurdes() {
					if taken := try(c, v); v == "🦉🦉" {
						free = taken
					}
				}
				for i, v := range formes() {
					if !free || i == 0 {
						try(c, v)
					}
				}
			}
			t.Log(done, "done all the same")
		})
	}
}
