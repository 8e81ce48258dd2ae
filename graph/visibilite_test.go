package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// lecteur is someone who reads: what it is for each organisation. Without any role it is someone known and no more.
type lecteur struct {
	nom    string
	roles  []roleDe
	anyone bool
}

type roleDe struct {
	role droit.Role
	cle  string
}

// chose is something with a visibility: a usage, a saving or a contract.
type chose struct {
	id, typ    string
	qui, via   string // SIREN of whom it belongs to, of the syndicat through which a usage passes
	visibilite string
	prix       string // visibility of the price of a contract
	montant    string
	logiciel   string
	statut     string
	fin        string
}

// membres are the confirmed members that the test relies on, by syndicat.
var membres = map[string][]string{sitpi: {echirolles, fontaine}}

// voit is the rule, naively: what everyone reads; what public bodies read; what is one's own; what is a member's, for the
// manager of its syndicat, unless it passes through another one; all, for who moderates. Contracts are no syndicat's business.
func (l lecteur) voit(c chose, visibilite string) bool {
	if visibilite == "PUBLIC" {
		return true
	}
	for _, r := range l.roles {
		if r.role == droit.Moderateur || r.role == droit.Admin || r.cle == c.qui || r.cle == c.via && c.via != "" {
			return true
		}
		if visibilite == "ORGANISMES_PUBLICS" && r.role != droit.Fournisseur {
			return true
		}
		if r.role == droit.Gestionnaire && c.typ != "Contrat" && c.via == "" && slices.Contains(membres[r.cle], c.qui) {
			return true
		}
	}
	return false
}

// peut is who may correct it, by the table of rights.
func (l lecteur) peut(c chose) bool {
	action := droit.Action("corriger" + c.typ)
	for _, r := range l.roles {
		lien := droit.Etrangere
		if r.cle == c.qui {
			lien = droit.Propre
		} else if r.role == droit.Gestionnaire && slices.Contains(membres[r.cle], c.qui) && (c.via == "" || c.via == r.cle) {
			lien = droit.Membre
		}
		if droit.Permet(r.role, action, lien) {
			return true
		}
	}
	return false
}

// scene is a graph where everything comes in every visibility, and those who read it.
type scene struct {
	*api
	choses   []chose
	lecteurs []lecteur
}

var visibilites = []string{"PUBLIC", "ORGANISMES_PUBLICS", "PRIVE"}

// The software of the scene: the second one has no public usage.
const (
	montre = "scene-montre"
	cache  = "scene-cache"
)

func newScene(t *testing.T) *scene {
	t.Helper()
	a := real(t)
	for i, slug := range []string{montre, cache} {
		if _, err := a.pool.Exec(t.Context(), `INSERT INTO logiciel (slug, nom, nom_tri, libre, ajoute_le, source_id) VALUES ($1, $1, $1, $2, '2020-01-01', (SELECT min(id) FROM source))`, slug, i == 0); err != nil {
			t.Fatal(err)
		}
	}
	for syndicat, siens := range membres {
		if n := value[int](t, a.pool, `SELECT count(*) FROM adhesion a JOIN organisation g ON g.id = a.groupement_id JOIN organisation m ON m.id = a.membre_id
			WHERE g.cle = $1 AND m.cle = ANY ($2) AND a.confirmee AND a.via_id IS NULL AND a.periode @> current_date`, syndicat, siens); n != len(siens) {
			t.Fatalf("%d of %d are confirmed members of %s", n, len(siens), syndicat)
		}
	}
	s := &scene{api: a}
	admin := a.as(t, droit.Admin, "")
	make := func(mutation, thing string, c chose, input map[string]any) string {
		input["visibilite"], input["source"] = c.visibilite, map[string]any{"nom": "Délibération"}
		c.id = admin.done(t, mutation, thing+" { id } erreurs { code champ message }", input)["id"].(string)
		s.choses = append(s.choses, c)
		return c.id
	}
	for i, v := range visibilites {
		for j, u := range []struct{ qui, via string }{{echirolles, ""}, {echirolles, sitpi}, {echirolles, alpi}, {sitpi, ""}, {fontaine, ""}, {arles, ""}, {arles, sitpi}} {
			c := chose{typ: "Usage", qui: u.qui, via: u.via, visibilite: v, logiciel: montre, statut: []string{"PRODUCTION", "EXPERIMENTATION"}[j%2]}
			if i > 0 && j > 0 {
				c.logiciel = cache
			}
			input := map[string]any{"utilisateur": a.organisation(t, u.qui), "logiciel": identifiant.Global("Logiciel", c.logiciel), "statut": c.statut, "debut": "2020-01-01"}
			if u.via != "" {
				input["syndicat"] = a.organisation(t, u.via)
			}
			usage := make("declarerUsage", "usage", c, input)
			if u.via != "" || u.qui == fontaine {
				continue
			}
			// What rests on it: public, though the usage may not be.
			about := identifiant.Global("Logiciel", c.logiciel)
			for k, w := range visibilites {
				make("declarerEconomie", "economie", chose{typ: "Economie", qui: u.qui, visibilite: w, logiciel: c.logiciel, statut: []string{"ANNONCEE", "CONSTATEE"}[k%2]},
					map[string]any{"beneficiaire": a.organisation(t, u.qui), "nature": "MATERIEL", "statut": []string{"ANNONCEE", "CONSTATEE"}[k%2], "usage": usage, "net": "10"})
				for l, prix := range visibilites {
					if i != 0 {
						continue
					}
					c := chose{typ: "Contrat", qui: u.qui, visibilite: w, prix: prix, montant: fmt.Sprintf("%d.00", 1000+len(s.choses)), logiciel: c.logiciel}
					in := map[string]any{"organisation": a.organisation(t, u.qui), "logiciel": about, "usage": usage, "visibilitePrix": prix, "montantAnnuel": c.montant}
					if l > 0 {
						c.fin = fmt.Sprintf("203%d-01-01", k)
						in["fin"] = c.fin
					}
					make("declarerContrat", "contrat", c, in)
				}
			}
		}
	}
	provider := value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id LIMIT 1`)
	s.lecteurs = []lecteur{
		{nom: "anyone", anyone: true},
		{nom: "someone known without a role"},
		{nom: "prestataire", roles: []roleDe{{droit.Fournisseur, provider}}},
		{nom: "lecteur of the owner", roles: []roleDe{{droit.Lecteur, echirolles}}},
		{nom: "contributeur of the owner", roles: []roleDe{{droit.Contributeur, echirolles}}},
		{nom: "gestionnaire of the owner", roles: []roleDe{{droit.Gestionnaire, echirolles}}},
		{nom: "lecteur of its syndicat", roles: []roleDe{{droit.Lecteur, sitpi}}},
		{nom: "contributeur of its syndicat", roles: []roleDe{{droit.Contributeur, sitpi}}},
		{nom: "gestionnaire of its syndicat", roles: []roleDe{{droit.Gestionnaire, sitpi}}},
		{nom: "gestionnaire of another syndicat", roles: []roleDe{{droit.Gestionnaire, alpi}}},
		{nom: "gestionnaire of another collectivité", roles: []roleDe{{droit.Gestionnaire, arles}}},
		{nom: "prestataire who also reads for a collectivité", roles: []roleDe{{droit.Fournisseur, provider}, {droit.Lecteur, arles}}},
		{nom: "moderateur", roles: []roleDe{{droit.Moderateur, ""}}},
		{nom: "admin", roles: []roleDe{{droit.Admin, ""}}},
	}
	return s
}

// as gives the API as a reader sees it.
func (s *scene) lecture(t *testing.T, l lecteur) *api {
	t.Helper()
	if l.anyone {
		return s.api
	}
	i := &db.Identite{Sujet: "oidc:https://sso.exemple.fr#" + l.nom, Nom: l.nom}
	for _, r := range l.roles {
		i.Droits = append(i.Droits, s.identity(t, r.role, r.cle).Droits...)
	}
	return &api{Handler: identified(s.Handler, i), store: s.store, pool: s.pool}
}

// visible gives the ids that a reader must find among those kept, sorted.
func (s *scene) visible(l lecteur, keep func(chose) bool) []string {
	ids := []string{}
	for _, c := range s.choses {
		if keep(c) && l.voit(c, c.visibilite) {
			ids = append(ids, c.id)
		}
	}
	slices.Sort(ids)
	return ids
}

// facon is a way of asking for a list: its query, with PAGE for the fields and %s for the arguments of the page, and
// what of the scene it must hold.
type facon struct {
	liste list
	keep  func(chose) bool
}

func (s *scene) facons(t *testing.T) map[string]facon {
	both := fmt.Sprintf("logiciels: [%q, %q]", identifiant.Global("Logiciel", montre), identifiant.Global("Logiciel", cache))
	time.Sleep(time.Second) // an instant is said to the second: this one comes after the scene
	instant := time.Now().UTC().Format(time.RFC3339)
	all := map[string]facon{}
	of := func(typ string, more ...func(chose) bool) func(chose) bool {
		return func(c chose) bool {
			for _, m := range more {
				if !m(c) {
					return false
				}
			}
			return c.typ == typ
		}
	}
	root := func(field, args string, keep func(chose) bool) {
		all[field+" "+args] = facon{list{"Query." + field, fmt.Sprintf(`{ liste: %s(%s %%s) { PAGE } }`, field, args), []any{"liste"}}, keep}
	}
	under := func(typ, cle, field, args string, keep func(chose) bool) {
		id := identifiant.Global(typ, cle)
		all[typ+" "+cle+" "+field+" "+args] = facon{list{typ + "." + field, fmt.Sprintf(`{ node(id: %q) { ... on %s { liste: %s(%s %%s) { PAGE } } } }`, id, typ, field, args), []any{"node", "liste"}}, keep}
	}
	in38 := func(c chose) bool {
		return value[string](t, s.pool, `SELECT departement FROM organisation WHERE cle = $1`, c.qui) == "38"
	}
	none := func(chose) bool { return false }
	its := func(cle string) func(chose) bool { return func(c chose) bool { return c.qui == cle } }
	on := func(slug string) func(chose) bool { return func(c chose) bool { return c.logiciel == slug } }

	root("usages", "filtre: {"+both+"}", of("Usage"))
	root("usages", fmt.Sprintf("filtre: {%s} auDate: %q", both, instant), of("Usage"))
	root("usages", "filtre: {statuts: [EXPERIMENTATION] "+both+"}", of("Usage", func(c chose) bool { return c.statut == "EXPERIMENTATION" }))
	root("usages", "filtre: {modalites: [VIA_SYNDICAT] "+both+"}", of("Usage", func(c chose) bool { return c.via != "" }))
	root("usages", `filtre: {departements: ["38"] `+both+"}", of("Usage", in38))
	root("usages", "filtre: {libre: false "+both+"}", of("Usage", on(cache)))
	root("usages", `filtre: {date: "2021-06-30" `+both+"}", of("Usage"))
	root("usages", `filtre: {date: "2019-06-30" `+both+"}", none)
	root("usages", `filtre: {departements: ["38"] modalites: [DIRECT] statuts: [PRODUCTION] `+both+"}", of("Usage", in38, func(c chose) bool { return c.via == "" && c.statut == "PRODUCTION" }))
	for _, slug := range []string{montre, cache} {
		under("Logiciel", slug, "usages", "", of("Usage", on(slug)))
		under("Logiciel", slug, "usages", `filtre: {departements: ["38"]}`, of("Usage", on(slug), in38))
		under("Logiciel", slug, "usages", `filtre: {date: "2021-06-30"}`, of("Usage", on(slug)))
		under("Logiciel", slug, "economies", "", of("Economie", on(slug)))
		under("Logiciel", slug, "contrats", "", of("Contrat", on(slug)))
		under("Logiciel", slug, "contrats", `filtre: {echeanceAvant: "2031-01-01"}`, of("Contrat", on(slug), func(c chose) bool { return c.fin != "" && c.fin <= "2031-01-01" }))
	}
	for _, cle := range []string{echirolles, arles} {
		under("Collectivite", cle, "usages", "filtre: {"+both+"}", of("Usage", its(cle)))
		under("Collectivite", cle, "economies", "filtre: {natures: [MATERIEL]}", of("Economie", its(cle)))
		under("Collectivite", cle, "contrats", "", of("Contrat", its(cle)))
	}
	for _, cle := range []string{sitpi, alpi} {
		under("SyndicatMixte", cle, "usages", "filtre: {"+both+"}", of("Usage", func(c chose) bool { return c.qui == cle || c.via == cle }))
		under("SyndicatMixte", cle, "economies", "filtre: {natures: [MATERIEL]}", of("Economie", its(cle)))
		under("SyndicatMixte", cle, "contrats", "", of("Contrat", its(cle)))
	}
	root("economies", "filtre: {natures: [MATERIEL] statuts: [CONSTATEE]}", of("Economie", func(c chose) bool { return c.statut == "CONSTATEE" }))
	root("economies", "filtre: {natures: [MATERIEL]}", of("Economie"))
	root("economies", "", of("Economie"))
	root("economies", fmt.Sprintf("filtre: {natures: [MATERIEL]} auDate: %q", instant), of("Economie"))
	root("contrats", "", of("Contrat"))
	root("contrats", fmt.Sprintf("auDate: %q", instant), of("Contrat"))
	root("contrats", "filtre: {"+both+"}", of("Contrat"))
	root("contrats", `filtre: {departements: ["38"]}`, of("Contrat", in38))
	root("contrats", `filtre: {echeanceAvant: "2031-01-01"}`, of("Contrat", func(c chose) bool { return c.fin != "" && c.fin <= "2031-01-01" }))
	root("contrats", `filtre: {echeanceApres: "2031-01-01"}`, of("Contrat", func(c chose) bool { return c.fin >= "2031-01-01" }))
	return all
}

// whole reads a list by pages of twenty, and checks that its total is what its pages hold.
func (l list) whole(t *testing.T, a *api) onePage {
	t.Helper()
	var all onePage
	for after := ""; ; {
		p := l.read(t, a, "first: 20 "+after)
		all.ids, all.cursors, all.total = append(all.ids, p.ids...), append(all.cursors, p.cursors...), p.total
		if !p.next {
			break
		}
		after = fmt.Sprintf("after: %q", p.cursors[len(p.cursors)-1])
	}
	if len(all.ids) != all.total {
		t.Errorf("totalCount says %d, pages hold %d", all.total, len(all.ids))
	}
	return all
}

// TestAReaderFindsWhatItMayReadAndNothingElseAtScale asks for each list in each way as each reader, and compares what is found,
// counted and paged with the rule.
func TestAReaderFindsWhatItMayReadAndNothingElseAtScale(t *testing.T) {
	s := newScene(t)
	known := map[string]bool{}
	for _, c := range s.choses {
		known[c.id] = true
	}
	facons := s.facons(t)
	admin := s.lecture(t, lecteur{roles: []roleDe{{droit.Admin, ""}}})
	shipped := map[string]onePage{} // as the one who sees all reads them
	for nom, f := range facons {
		shipped[nom] = f.liste.whole(t, admin)
	}
	found := 0
	for _, l := range s.lecteurs {
		a := s.lecture(t, l)
		for nom, f := range facons {
			t.Run(l.nom+": "+nom, func(t *testing.T) {
				got := f.liste.whole(t, a)
				var ours []string
				for _, id := range got.ids {
					if known[id] {
						ours = append(ours, id)
					}
				}
				slices.Sort(ours)
				want := s.visible(l, f.keep)
				if !slices.Equal(ours, want) {
					t.Errorf("finds %d, want %d: %s", len(ours), len(want), s.difference(ours, want))
				}
				found += len(ours)
				everything := shipped[nom]
				all := len(s.visible(lecteur{roles: []roleDe{{droit.Admin, ""}}}, f.keep))
				if n := everything.total - all; got.total != n+len(want) {
					t.Errorf("counts %d, want %d of the data shipped and %d", got.total, n, len(want))
				}
				// The cursor of something hidden leads to what is around it, and says nothing more than its place.
				for i, cursor := range everything.cursors {
					if id := everything.ids[i]; !known[id] || slices.Contains(want, id) || i%9 > 0 {
						continue
					}
					p := f.liste.read(t, a, fmt.Sprintf("first: 3 after: %q", cursor))
					rest := 0
					for _, id := range everything.ids[i:] {
						if !known[id] || slices.Contains(want, id) {
							rest++
						}
					}
					if len(p.ids) != min(3, rest) || p.next != (rest > 3) || p.previous != (rest < got.total) {
						t.Errorf("after a hidden element: %d elements, next %v, previous %v; %d of %d remain", len(p.ids), p.next, p.previous, rest, got.total)
					}
					for _, id := range p.ids {
						if known[id] && !slices.Contains(want, id) {
							t.Error("a page holds what its reader may not read")
						}
					}
				}
			})
		}
	}
	if found < 1000 {
		t.Errorf("%d things found in all: the scene is too small to prove anything", found)
	}
}

// difference says what was found and should not have been, and the contrary.
func (s *scene) difference(got, want []string) string {
	var b strings.Builder
	for _, c := range s.choses {
		switch g, w := slices.Contains(got, c.id), slices.Contains(want, c.id); {
		case g && !w:
			fmt.Fprintf(&b, "\n\tshown: %+v", c)
		case w && !g:
			fmt.Fprintf(&b, "\n\thidden: %+v", c)
		}
	}
	return b.String()
}

// TestAnIdSaysNothingOfWhatIsHidden reads everything by its id, alone and among others, with the price of contracts and
// what points to something hidden; then asks for the list of changes.
func TestAnIdSaysNothingOfWhatIsHidden(t *testing.T) {
	s := newScene(t)
	usages := map[string]chose{}
	for _, c := range s.choses {
		if c.typ == "Usage" {
			usages[c.id] = c
		}
	}
	for _, l := range s.lecteurs {
		a := s.lecture(t, l)
		for chunk := range slices.Chunk(s.choses, 60) {
			ids := []string{}
			for _, c := range chunk {
				ids = append(ids, c.id)
			}
			got := at(t, a.must(t, `query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Usage { visibilite } ... on Economie { visibilite usage { id } }
				... on Contrat { visibilite visibilitePrix montantAnnuel prixVisible usage { id } } } }`, map[string]any{"ids": ids}).Data, "nodes").([]any)
			for i, c := range chunk {
				sees := l.voit(c, c.visibilite)
				if (got[i] != nil) != sees {
					t.Errorf("%s: %+v is read %v among others", l.nom, c, got[i] != nil)
					continue
				}
				if !sees {
					if one := a.must(t, `query ($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": c.id}); at(t, one.Data, "node") != nil {
						t.Errorf("%s: %+v is read alone", l.nom, c)
					}
					continue
				}
				if v := at(t, got[i], "visibilite"); v != c.visibilite {
					t.Errorf("%s: %+v says %v", l.nom, c, v)
				}
				if c.typ == "Usage" {
					continue
				}
				if u, ok := got[i].(map[string]any)["usage"].(map[string]any); ok {
					if used := usages[u["id"].(string)]; !l.voit(used, used.visibilite) {
						t.Errorf("%s: %+v leads to a hidden usage", l.nom, c)
					}
				} else if c.qui == l.owner() {
					t.Errorf("%s: %+v does not lead to its usage", l.nom, c)
				}
				if c.typ == "Contrat" {
					price := l.voit(c, c.prix)
					if at(t, got[i], "prixVisible") != price || (at(t, got[i], "montantAnnuel") == c.montant) != price || (at(t, got[i], "montantAnnuel") == nil) == price {
						t.Errorf("%s: the price of %+v is shown as %v", l.nom, c, got[i])
					}
				}
			}
		}
		s.checkJournal(t, l, a)
	}
}

// owner is the organisation for which a reader reads, when there is one.
func (l lecteur) owner() string {
	if len(l.roles) == 1 {
		return l.roles[0].cle
	}
	return ""
}

// checkJournal compares the changes that a reader is told of with what it sees: there is one for each thing, which holds
// all of it. That of a contract holds its price: who may not read the price is told nothing.
func (s *scene) checkJournal(t *testing.T, l lecteur, a *api) {
	t.Helper()
	told, lines, prices := map[string]bool{}, 0, map[string]bool{}
	for after := ""; ; {
		c := at(t, a.must(t, fmt.Sprintf(`{ modifications(first: 100 %s) { nodes { operation objet { id } changements { champ apres } } pageInfo { hasNextPage endCursor } } }`, after), nil).Data, "modifications")
		for _, n := range at(t, c, "nodes").([]any) {
			if o := at(t, n, "operation"); o == "declarerUsage" || o == "declarerEconomie" || o == "declarerContrat" {
				lines++
			}
			if o, ok := at(t, n, "objet").(map[string]any); ok {
				told[o["id"].(string)] = true
			}
			for _, f := range at(t, n, "changements").([]any) {
				if v, ok := at(t, f, "apres").(string); ok && at(t, f, "champ") == "montantAnnuel" {
					prices[v] = true
				}
			}
		}
		if at(t, c, "pageInfo", "hasNextPage") != true {
			break
		}
		after = fmt.Sprintf("after: %q", at(t, c, "pageInfo", "endCursor"))
	}
	want, amounts := 0, map[string]bool{}
	for _, c := range s.choses {
		sees := l.voit(c, c.visibilite) && (c.typ != "Contrat" || l.voit(c, c.prix))
		if told[c.id] != sees {
			t.Errorf("%s: the journal tells of %+v: %v", l.nom, c, told[c.id])
		}
		if sees {
			want++
			if c.montant != "" {
				amounts[c.montant] = true
			}
		}
	}
	if lines != want || !maps.Equal(prices, amounts) {
		t.Errorf("%s: the journal holds %d lines and the prices %v, want %d and %v", l.nom, lines, prices, want, amounts)
	}
}

// TestAMutationOnSomethingHiddenSaysThatItDoesNotExistAtScale corrects everything as every reader, from a revision that never
// was: CONFLIT says that it may, INTERDIT that it sees and may not, INTROUVABLE that it does not even see. What an input
// merely names follows the same rule.
func TestAMutationOnSomethingHiddenSaysThatItDoesNotExistAtScale(t *testing.T) {
	s := newScene(t)
	before := value[int](t, s.pool, `SELECT count(*) FROM journal`)
	for _, l := range s.lecteurs {
		if l.anyone {
			continue
		}
		a := s.lecture(t, l)
		for _, c := range s.choses {
			want := "INTROUVABLE"
			switch {
			case l.peut(c):
				want = "CONFLIT"
			case l.voit(c, c.visibilite):
				want = "INTERDIT"
			}
			mutations := []string{"corriger" + c.typ}
			if c.typ != "Usage" {
				mutations = append(mutations, "retirer"+c.typ)
			} else {
				mutations = append(mutations, "cloreUsage")
			}
			for _, m := range mutations {
				p := a.writes(t, m, strings.ToLower(c.typ)+" { id } erreurs { code }", map[string]any{"id": c.id, "revision": 99})
				if len(p["erreurs"].([]any)) != 1 || at(t, p, "erreurs", 0, "code") != want {
					t.Errorf("%s: %s of %+v answers %v, want %s", l.nom, m, c, p["erreurs"], want)
				}
				if shown := p[strings.ToLower(c.typ)] != nil; shown != (want == "CONFLIT") {
					t.Errorf("%s: %s of %+v shows it: %v", l.nom, m, c, shown)
				}
			}
		}
	}
	stranger := s.as(t, droit.Gestionnaire, arles)
	for _, c := range s.choses {
		input := map[string]any{"beneficiaire": s.organisation(t, arles), "nature": "LICENCES", "statut": "ANNONCEE", "brut": "1"}
		switch c.typ {
		case "Usage":
			input["usage"] = c.id
		case "Economie":
			input["partDe"] = c.id
		default:
			continue
		}
		p := stranger.writes(t, "declarerEconomie", "economie { id } erreurs { code }", input)
		hidden := !(lecteur{roles: []roleDe{{droit.Gestionnaire, arles}}}).voit(c, c.visibilite)
		if got := len(p["erreurs"].([]any)) > 0 && at(t, p, "erreurs", 0, "code") == "INTROUVABLE"; got != hidden {
			t.Errorf("to name %+v answers %v", c, p["erreurs"])
		}
	}
	if n := value[int](t, s.pool, `SELECT count(*) FROM journal WHERE NOT EXISTS (SELECT FROM publication p WHERE p.id = publication_id AND p.operation = 'declarerEconomie')`); n > before {
		t.Error("something was written")
	}
}

// TestNothingIsInferredFromCountsOrdersFiltersOrSearch asks what counts, sorts, narrows or searches by usages: the answer
// is the same for every reader, that of public usages alone.
func TestNothingIsInferredFromCountsOrdersFiltersOrSearch(t *testing.T) {
	s := newScene(t)
	public := func(keep func(chose) bool, key func(chose) string) int {
		distinct := map[string]bool{}
		for _, c := range s.choses {
			if c.typ == "Usage" && c.visibilite == "PUBLIC" && keep(c) {
				distinct[key(c)] = true
			}
		}
		return len(distinct)
	}
	queries := map[string]string{
		"users":       fmt.Sprintf(`{ a: logiciel(slug: %q) { nombreUtilisateurs } b: logiciel(slug: %q) { nombreUtilisateurs } }`, montre, cache),
		"usages":      fmt.Sprintf(`{ a: collectivite(siren: %q) { nombreUsages } b: collectivite(siren: %q) { nombreUsages } }`, echirolles, arles),
		"popularity":  `{ logiciels(first: 100, tri: POPULARITE) { nodes { slug nombreUtilisateurs } edges { cursor } } }`,
		"order":       `{ collectivites(first: 100, tri: USAGES) { nodes { siren nombreUsages } edges { cursor } } }`,
		"utilise":     fmt.Sprintf(`{ collectivites(filtre: {utilise: [%q]}) { totalCount nodes { siren } } }`, identifiant.Global("Logiciel", cache)),
		"utilise too": fmt.Sprintf(`{ collectivites(filtre: {utilise: [%q]}) { totalCount nodes { siren } } }`, identifiant.Global("Logiciel", montre)),
		"utiliseDans": `{ logiciels(filtre: {texte: "scene" utiliseDans: ["38", "13"]}) { totalCount nodes { slug } } }`,
		"recherche":   `{ recherche(texte: "scene", first: 20) { totalCount nodes { ... on Logiciel { slug nombreUtilisateurs } ... on Collectivite { siren } } edges { cursor } } }`,
		"texte":       `{ logiciels(filtre: {texte: "scene"}, tri: POPULARITE) { totalCount nodes { slug } } }`,
	}
	anyone := map[string]string{}
	for nom, q := range queries {
		anyone[nom] = fmt.Sprint(s.must(t, q, nil).Data)
	}
	for _, l := range s.lecteurs {
		a := s.lecture(t, l)
		for nom, q := range queries {
			if got := fmt.Sprint(a.must(t, q, nil).Data); got != anyone[nom] {
				t.Errorf("%s: %s answers %s, and %s to anyone", l.nom, nom, got, anyone[nom])
			}
		}
	}
	got := s.must(t, queries["users"], nil)
	for alias, slug := range map[string]string{"a": montre, "b": cache} {
		want := public(func(c chose) bool { return c.logiciel == slug }, func(c chose) string { return c.qui })
		if n := at(t, got.Data, alias, "nombreUtilisateurs"); n != float64(want) {
			t.Errorf("%s has %v users, want %d", slug, n, want)
		}
	}
	if n := at(t, s.must(t, queries["utilise"], nil).Data, "collectivites", "totalCount"); n != 0.0 {
		t.Errorf("a software that nobody uses in public is used by %v", n)
	}

	// Two aliases of one list, two readers of one connection: neither lends its eyes to the other.
	list := `{ a: usages(filtre: {logiciels: [%[1]q]}) { totalCount nodes { id } } b: usages(filtre: {logiciels: [%[1]q] statuts: [PRODUCTION, EXPERIMENTATION]}) { totalCount nodes { id } }
		c: logiciel(slug: %[2]q) { usages { totalCount nodes { id } } } }`
	query := fmt.Sprintf(list, identifiant.Global("Logiciel", cache), cache)
	admin, owner := s.as(t, droit.Admin, ""), s.as(t, droit.Gestionnaire, echirolles)
	for range 20 {
		for who, a := range map[string]*api{"admin": admin, "owner": owner, "anyone": s.api} {
			got := a.must(t, query, nil)
			counts := []any{at(t, got.Data, "a", "totalCount"), at(t, got.Data, "b", "totalCount"), at(t, got.Data, "c", "usages", "totalCount")}
			l := map[string]lecteur{"admin": {roles: []roleDe{{droit.Admin, ""}}}, "owner": {roles: []roleDe{{droit.Gestionnaire, echirolles}}}}[who]
			want := float64(len(s.visible(l, func(c chose) bool { return c.typ == "Usage" && c.logiciel == cache })))
			for _, n := range counts {
				if n != want {
					t.Fatalf("%s: %v, want %v", who, counts, want)
				}
			}
		}
	}
}

// TestWhatIsMadePrivateLeavesCountsAtOnce corrects the visibility of a usage back and forth.
func TestWhatIsMadePrivateLeavesCountsAtOnce(t *testing.T) {
	s := newScene(t)
	owner := s.as(t, droit.Gestionnaire, arles)
	i := slices.IndexFunc(s.choses, func(c chose) bool {
		return c.typ == "Usage" && c.qui == arles && c.via == "" && c.visibilite == "PUBLIC"
	})
	j := slices.IndexFunc(s.choses, func(c chose) bool {
		return c.typ == "Usage" && c.qui == arles && c.via == sitpi && c.visibilite == "PUBLIC"
	})
	count := func() string {
		got := s.must(t, fmt.Sprintf(`{ logiciel(slug: %q) { nombreUtilisateurs usages { totalCount } } collectivite(siren: %q) { nombreUsages } }`, montre, arles), nil)
		return fmt.Sprint(at(t, got.Data, "logiciel", "nombreUtilisateurs"), at(t, got.Data, "logiciel", "usages", "totalCount"), at(t, got.Data, "collectivite", "nombreUsages"))
	}
	var users, usages, own int
	fmt.Sscan(count(), &users, &usages, &own)
	say := func(c chose, revision int, visibilite string, gone ...int) {
		t.Helper()
		agent := owner
		if c.via != "" {
			agent = s.as(t, droit.Moderateur, "")
		}
		agent.done(t, "corrigerUsage", "usage { id } erreurs { code message }", map[string]any{"id": c.id, "revision": revision, "visibilite": visibilite})
		if got, want := count(), fmt.Sprint(users-gone[0], usages-gone[1], own-gone[2]); got != want {
			t.Errorf("%s: %s, want %s", visibilite, got, want)
		}
	}
	say(s.choses[i], 1, "ORGANISMES_PUBLICS", 0, 1, 1) // it still has the other one
	say(s.choses[j], 1, "PRIVE", 1, 2, 2)
	say(s.choses[i], 2, "PRIVE", 1, 2, 2)
	say(s.choses[i], 3, "PUBLIC", 0, 1, 1)
	say(s.choses[j], 2, "PUBLIC", 0, 0, 0)
}

// The rule of the test is itself held to what the schema says, in its own words.
func TestTheRuleOfVisibilityIsTheOneSaid(t *testing.T) {
	c := chose{typ: "Usage", qui: echirolles}
	want := map[string][]bool{ // PUBLIC, ORGANISMES_PUBLICS, PRIVE
		"": {true, false, false}, "PRESTATAIRE x": {true, false, false}, "LECTEUR " + arles: {true, true, false},
		"LECTEUR " + echirolles: {true, true, true}, "GESTIONNAIRE " + sitpi: {true, true, true}, "CONTRIBUTEUR " + sitpi: {true, true, false}, "MODERATEUR ": {true, true, true},
	}
	for _, who := range slices.Sorted(maps.Keys(want)) {
		var l lecteur
		if role, cle, ok := strings.Cut(who, " "); ok {
			l.roles = []roleDe{{droit.Role(role), cle}}
		}
		for i, v := range visibilites {
			if got := l.voit(c, v); got != want[who][i] {
				t.Errorf("%q sees what is %s: %v", who, v, got)
			}
		}
	}
}

func TestWhatWasHiddenThenWithdrawnStaysHiddenInItsPast(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	for typ, in := range map[string]saisie{
		"Economie": {"beneficiaire": a.organisation(t, sitpi), "nature": "LICENCES", "statut": "ANNONCEE", "brut": "4242"},
		"Contrat":  {"organisation": a.organisation(t, sitpi), "logiciel": logiciel("libreoffice"), "montantAnnuel": "4242", "visibilite": "PUBLIC", "visibilitePrix": "PUBLIC"},
	} {
		id := agent.made(t, "declarer"+typ, "id", in)["id"]
		then := value[time.Time](t, a.pool, `SELECT clock_timestamp()`).UTC().Format(time.RFC3339Nano)
		read := func(who *api) string {
			past := who.must(t, `query ($id: ID!, $au: DateTime) { node(id: $id, auDate: $au) { ... on Economie { brut } ... on Contrat { montantAnnuel } } }`, map[string]any{"id": id, "au": then})
			all := who.must(t, `{ modifications(first: 10) { nodes { changements { champ avant apres } } } }`, nil)
			return string(past.raw) + string(all.raw)
		}
		if got := read(a); strings.Count(got, "4242") != 2 {
			t.Error(typ, "public, and not read:", got)
		}
		agent.made(t, "corriger"+typ, "id", saisie{"id": id, "revision": 1, "visibilite": "PRIVE"})
		if got := read(a); strings.Contains(got, "4242") {
			t.Error(typ, "hidden, and read:", got)
		}
		if _, codes := agent.attempt(t, "retirer"+typ, "id", saisie{"id": id}); len(codes) > 0 {
			t.Fatal(codes)
		}
		if got := read(a); strings.Contains(got, "4242") {
			t.Error(typ, "withdrawn, and read again by anyone:", got)
		}
		if got := read(agent); !strings.Contains(got, "4242") {
			t.Error(typ, "its owner does not read its past:", got)
		}
	}
}
