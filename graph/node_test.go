package graph_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/graph"
)

// TestEveryIdGivenIsReadAgainAsTheSameThing walks the graph from its root lists through every field that leads to
// something with an id, and reads each id found again: alone, then among others, in disorder and twice.
func TestEveryIdGivenIsReadAgainAsTheSameThing(t *testing.T) {
	t.Parallel()
	a := sampled(t)
	publish(t, a.pool)
	share(t, a.pool)
	if _, err := a.pool.Exec(t.Context(), `INSERT INTO proposition (cle, prestataire_id, utilisateur_id, logiciel_id, statut) SELECT gen_random_uuid(), p.id, o.id, l.id, 'PRODUCTION'
		FROM (SELECT id FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id LIMIT 1) p, organisation o, (SELECT id FROM logiciel ORDER BY id LIMIT 5) l WHERE o.cle = $1`, echirolles); err != nil {
		t.Fatal(err)
	}
	a.exec(t, `INSERT INTO besoin (cle, organisation_id, titre, categorie_id, source_id) SELECT gen_random_uuid(), o.id, 'Cimetières', c.id, o.source_id FROM organisation o, categorie c WHERE o.cle = '`+echirolles+`' AND c.code = 'cimetieres';
INSERT INTO reponse_besoin (cle, besoin_id, repondant_id, message) SELECT gen_random_uuid(), b.id, p.id, 'Oui' FROM besoin b, (SELECT id FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id LIMIT 1) p`)
	a = a.as(t, droit.Moderateur, "") // who reads everything
	freeze(t, a, saisie{"titre": "Arles", "requete": aFiger})
	a.must(t, operation("preparerCandidature", "candidature { id }"), map[string]any{"i": saisie{"organisation": a.organisation(t, arles), "edition": 2024}})
	schema := graph.Schema(nil).Schema()
	kinds := slices.DeleteFunc(slices.Clone(schema.GetPossibleTypes(schema.Types["Node"])), func(d *ast.Definition) bool { return d.Kind != ast.Object })
	types := map[string]string{} // of each id found
	waiting := map[string][]string{}
	var collect func(any)
	collect = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				collect(e)
			}
		case map[string]any:
			if id, ok := v["id"].(string); ok {
				typ := v["__typename"].(string)
				if known, ok := types[id]; ok && known != typ {
					t.Errorf("%s is a %s, then a %s", id, known, typ)
				} else if !ok {
					types[id] = typ
					waiting[typ] = append(waiting[typ], id)
				}
			}
			for _, e := range v {
				collect(e)
			}
		}
	}
	collect(a.must(t, `{
		collectivites(first: 30, tri: USAGES) { nodes { __typename id } } prefectures: collectivites(first: 9, filtre: {natures: [EPCI, EPT, REGION]}) { nodes { __typename id } }
		syndicats(first: 20, texte: "numerique") { nodes { __typename id } } logiciels(first: 40, tri: POPULARITE) { nodes { __typename id } }
		usages(first: 20) { nodes { __typename id } } economies(first: 20) { nodes { __typename id } } contrats(first: 20) { nodes { __typename id } } categories { __typename id }
		france: territoire(type: FRANCE, code: "FR") { __typename id } epci: territoire(type: EPCI, code: "200054807") { __typename id }
		propositions(first: 5) { nodes { __typename id } } rencontres(first: 5, sens: CROISSANT) { nodes { __typename id } } reseaux(first: 5) { nodes { __typename id } } instantanes(first: 5) { nodes { __typename id } }
		retoursExperience(first: 5) { nodes { __typename id } } developpements(first: 5) { nodes { __typename id participations { nodes { __typename id } } } }
		libreoffice: logiciel(slug: "libreoffice") { __typename id ressources(first: 5) { nodes { __typename id } } }
		besoins { nodes { __typename id } } arles: collectivite(codeInsee: "13004") { __typename id candidatures { nodes { __typename id } } }
		recherche(texte: "adullact") { nodes { __typename ... on Node { id } } } }`, nil).Data)
	walked := map[string]int{}
	for more := true; more; {
		more = false
		for _, typ := range kinds {
			ids := waiting[typ.Name]
			if len(ids) == 0 || walked[typ.Name] >= 60 {
				continue
			}
			more = true
			ids = ids[:min(len(ids), 6)]
			waiting[typ.Name] = waiting[typ.Name][len(ids):]
			walked[typ.Name] += len(ids)
			var ahead strings.Builder
			for _, f := range typ.Fields {
				if selection := leading(schema, schema.Types[f.Type.Name()]); selection != "" {
					fmt.Fprintf(&ahead, " %s%s {%s}", f.Name, few(f), selection)
				}
			}
			query := fmt.Sprintf("query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on %s {%s __typename} } }", typ.Name, ahead.String())
			got := at(t, a.must(t, query, map[string]any{"ids": ids}).Data, "nodes").([]any)
			for i, n := range got {
				if n == nil || at(t, n, "id") != ids[i] || at(t, n, "__typename") != typ.Name {
					t.Errorf("the id %s of a %s is read again as %v", ids[i], typ.Name, n)
				}
			}
			collect(got)
		}
	}
	for _, typ := range kinds {
		if walked[typ.Name] == 0 {
			t.Errorf("no %s was found", typ.Name)
		}
	}

	all := make([]string, 0, len(types))
	for id := range types {
		all = append(all, id)
	}
	slices.Sort(all)
	random := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		ids := make([]string, 100)
		for i := range ids {
			ids[i] = all[random.IntN(len(all))]
		}
		ids[7], ids[50], ids[51] = ids[93], "TG9naWNpZWw6ZXhpc3RlLXBhcw", "VXNhZ2U6cGFzLXVuLXV1aWQ" // twice; a software and a usage that do not exist
		got := at(t, a.must(t, "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", map[string]any{"ids": ids}).Data, "nodes").([]any)
		for i, id := range ids {
			if i == 50 || i == 51 {
				if got[i] != nil {
					t.Errorf("%s exists: %v", id, got[i])
				}
			} else if got[i] == nil || at(t, got[i], "id") != id || at(t, got[i], "__typename") != types[id] {
				t.Errorf("among others, the id %s of a %s is read again as %v", id, types[id], got[i])
			}
		}
		one := a.must(t, "query($id: ID!) { node(id: $id) { __typename id } }", map[string]any{"id": ids[0]})
		if at(t, one.Data, "node", "id") != ids[0] || at(t, one.Data, "node", "__typename") != types[ids[0]] {
			t.Errorf("alone, the id %s of a %s is read again as %v", ids[0], types[ids[0]], one.Data)
		}
	}
}

// leading selects, from a type, the ids it leads to; empty when it leads to none.
func leading(schema *ast.Schema, typ *ast.Definition) string {
	switch {
	case !typ.IsCompositeType():
		return ""
	case typ.Name == "Node" || slices.Contains(typ.Interfaces, "Node") || typ.Kind == ast.Union:
		return " __typename ... on Node { id } "
	case strings.HasSuffix(typ.Name, "Connection"):
		return " nodes {" + leading(schema, schema.Types[typ.Fields.ForName("nodes").Type.Name()]) + "}"
	}
	var b strings.Builder
	for _, f := range typ.Fields {
		if slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull && a.DefaultValue == nil }) {
			continue // nothing to give it here
		}
		if selection := leading(schema, schema.Types[f.Type.Name()]); selection != "" {
			b.WriteString(" " + f.Name + " {" + selection + "}")
		}
	}
	return b.String()
}

// few asks for the first elements of a paged field.
func few(f *ast.FieldDefinition) string {
	if f.Arguments.ForName("first") != nil {
		return "(first: 4)"
	}
	return ""
}
