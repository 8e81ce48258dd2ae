package graph_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/graph"
)

// tempete is a crowd that writes anything to anything, with what it has read a moment ago or long ago.
type tempete struct {
	*api
	mu    sync.Mutex
	known map[string][]string // ids, by type
	codes map[string]int
}

// some is one of the things of a type that the crowd knows; "" when it knows none.
func (s *tempete) some(typ string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.known[typ]; len(l) > 0 {
		return l[rand.IntN(len(l))]
	}
	return ""
}

func (s *tempete) keep(typ string, id any) {
	if id, ok := id.(string); ok {
		s.mu.Lock()
		s.known[typ] = append(s.known[typ], id)
		s.mu.Unlock()
	}
}

func pick[T any](of ...T) T { return of[rand.IntN(len(of))] }

// gust does one mutation taken at random. Refusals are part of it; what only the database refuses, and faults of ours, are not.
func (s *tempete) gust(t *testing.T, agents []*api) {
	who := agents[rand.IntN(len(agents))]
	m, in := s.choose()
	for k, v := range in {
		if v == "" {
			delete(in, k)
		}
	}
	thing, field := "", ""
	if f := graph.Schema(nil).Schema().Mutation.Fields.ForName(m); f != nil {
		payload := graph.Schema(nil).Schema().Types[f.Type.Name()]
		if g := payload.Fields[0]; payload.Fields.ForName("operation") == nil && g.Name != "organisation" && g.Name != "regles" {
			thing, field = g.Type.Name(), g.Name+" { id }"
		}
	}
	got := who.ask(t, operation(m, field), map[string]any{"i": in})
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range got.Errors {
		code, _ := e.Extensions["code"].(string)
		s.codes[m+" "+code]++
		if e.Extensions["origine"] == nil { // nothing of that type is known yet
			t.Errorf("%s %v: %v", m, in, e)
		}
	}
	if len(got.Errors) > 0 {
		return
	}
	p := at(t, got.Data, m).(map[string]any)
	if faults := p["erreurs"].([]any); len(faults) > 0 {
		s.codes[m+" "+at(t, faults[0], "code").(string)]++
		return
	}
	s.codes[m+" fait"]++
	if v, ok := p[strings.TrimSuffix(field, " { id }")].(map[string]any); ok {
		s.known[thing] = append(s.known[thing], v["id"].(string))
	}
}

func (s *tempete) choose() (string, saisie) {
	visibilite := func() string { return pick("PUBLIC", "PUBLIC", "ORGANISMES_PUBLICS", "PRIVE") }
	revision := rand.IntN(4) + 1
	switch rand.IntN(24) {
	case 0, 1, 2:
		return "declarerUsage", saisie{"utilisateur": s.some("Utilisateur"), "logiciel": s.some("Logiciel"), "statut": pick("PRODUCTION", "EXPERIMENTATION", "PREVU"),
			"visibilite": visibilite(), "syndicat": pick("", s.some("SyndicatMixte")), "source": source}
	case 3, 4, 5:
		in := saisie{"id": s.some("Usage"), "revision": revision}
		switch rand.IntN(4) {
		case 0:
			in["visibilite"] = visibilite()
		case 1:
			in["statut"] = pick("PRODUCTION", "EXPERIMENTATION", "ABANDONNE")
		case 2:
			in["syndicat"] = s.some("SyndicatMixte")
		case 3:
			in["postes"] = rand.IntN(500) + 1
		}
		return "corrigerUsage", in
	case 6:
		return "cloreUsage", saisie{"id": s.some("Usage")}
	case 7:
		return "confirmerUsage", saisie{"id": s.some("Usage")}
	case 8:
		return "creerLogiciel", saisie{"nom": fmt.Sprintf("Logiciel %d", rand.IntN(1e9)), "licence": pick("MIT", "propriétaire"), "source": source}
	case 9:
		return "corrigerLogiciel", saisie{"id": s.some("Logiciel"), "revision": revision, "licence": pick("MIT", "propriétaire"), "nom": fmt.Sprintf("Logiciel %d", rand.IntN(1e9))}
	case 10:
		return "fusionnerLogiciels", saisie{"garde": s.some("Logiciel"), "fusionne": s.some("Logiciel")}
	case 11:
		return "declarerEconomie", saisie{"beneficiaire": s.some("Utilisateur"), "nature": "LICENCES", "statut": "ANNONCEE", "brut": "100", "visibilite": visibilite(),
			"partDe": pick("", s.some("Economie")), "logiciel": pick("", s.some("Logiciel")), "source": source}
	case 12:
		return "corrigerEconomie", saisie{"id": s.some("Economie"), "revision": revision, "brut": fmt.Sprint(rand.IntN(200)), "visibilite": visibilite()}
	case 13:
		return "retirerEconomie", saisie{"id": s.some("Economie")}
	case 14:
		return "creerEntree", saisie{"catalogue": s.some("Catalogue"), "logiciel": s.some("Logiciel"), "statut": pick("", "PROPOSEE"), "source": source}
	case 15:
		return "publierEntree", saisie{"id": s.some("EntreeCatalogue")}
	case 16:
		return "retirerEntree", saisie{"id": s.some("EntreeCatalogue")}
	case 17:
		return "abonnerMembre", saisie{"entree": s.some("EntreeCatalogue"), "collectivite": s.some("Utilisateur"), "source": source}
	case 18:
		return "declarerAdhesion", saisie{"groupement": s.some("SyndicatMixte"), "membre": s.some("Utilisateur"), "source": source}
	case 19:
		return "quitterGroupement", saisie{"id": s.some("Adhesion")}
	case 20:
		return "declarerContrat", saisie{"organisation": s.some("Utilisateur"), "logiciel": s.some("Logiciel"), "montantAnnuel": "12", "visibilite": visibilite(), "source": source}
	case 21:
		return "fusionnerOrganisations", saisie{"garde": s.some("Commune"), "fusionnees": []string{s.some("Commune")}, "dateEffet": "2026-01-01", "force": true, "motif": "Arrêté"}
	}
	return "annulerDerniereModification", saisie{}
}

const instantane = `query ($au: DateTime, $s: ID!, $ids: [ID!]!) {
	usages(first: 100, auDate: $au) { totalCount nodes { id statut postes revision fin visibilite modalite confirmeLe utilisateur { id nom } logiciel { id nom libre nombreUtilisateurs } syndicat { id } } }
	economies(last: 100, auDate: $au) { totalCount nodes { id brut revision visibilite beneficiaire { id } logiciel { id } partDe { id } } }
	contrats(first: 100, auDate: $au) { totalCount nodes { id montantAnnuel revision organisation { id } logiciel { id } } }
	syndicat(id: $s, auDate: $au) { catalogues { nom entrees(last: 100) { totalCount nodes { id statut depuis jusqua revision logiciel { id } } } }
		adhesions(last: 100) { totalCount nodes { id fin confirmee revision membre { id } } } adherents(first: 100) { totalCount } }
	nodes(ids: $ids, auDate: $au) { id ... on Logiciel { nom libre nombreUtilisateurs } ... on Usage { revision } ... on Economie { revision } ... on EntreeCatalogue { revision } ... on Adhesion { revision } } }`

// Whatever is written at once, undone, merged: the kept counts are those of the rows, each change has its number, the past
// is read exactly as it was read then.
func TestAfterAStormTheCountsAreTrueAndThePastIsReadAsItWas(t *testing.T) {
	t.Parallel()
	a := sampled(t)
	admin := a.as(t, droit.Admin, "")
	s := &tempete{api: a, known: map[string][]string{}, codes: map[string]int{}}
	for _, cle := range []string{sitpi, alpi} {
		s.keep("SyndicatMixte", a.organisation(t, cle))
		s.keep("Utilisateur", a.organisation(t, cle))
		s.keep("Catalogue", admin.made(t, "creerCatalogue", "id", saisie{"syndicat": a.organisation(t, cle), "nom": "Tempête", "source": source})["id"])
	}
	for _, cle := range []string{echirolles, montDeMarsan, fontaine, arles, toulouse, nantes} {
		s.keep("Utilisateur", a.organisation(t, cle))
	}
	for _, cle := range []string{arles, toulouse, nantes} { // for which nobody acts: who does is known again with each request
		s.keep("Commune", a.organisation(t, cle))
	}
	agents := []*api{admin, admin, a.as(t, droit.Gestionnaire, sitpi), a.as(t, droit.Gestionnaire, alpi), a.as(t, droit.Gestionnaire, echirolles), a.as(t, droit.Contributeur, sitpi)}
	for range 6 {
		s.keep("Logiciel", admin.made(t, "creerLogiciel", "id", saisie{"nom": fmt.Sprintf("Départ %d", rand.IntN(1e9)), "licence": "MIT", "source": source})["id"])
	}
	type photo struct {
		au, read string
		ids      []string
	}
	var photos []photo
	read := func(p photo, past bool) string {
		vars := map[string]any{"s": a.organisation(t, sitpi), "ids": p.ids}
		if past {
			vars["au"] = p.au
		}
		return string(admin.must(t, instantane, vars).raw)
	}
	for range 3 {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 30 {
					s.gust(t, agents)
				}
			})
		}
		all.Wait()
		ecarts, err := db.CheckComptes(t.Context(), a.pool)
		if err != nil || len(ecarts) > 0 {
			t.Fatal(err, ecarts)
		}
		p := photo{}
		for _, typ := range []string{"Logiciel", "Usage", "Economie", "EntreeCatalogue", "Adhesion"} {
			for range 19 {
				if id := s.some(typ); id != "" {
					p.ids = append(p.ids, id)
				}
			}
		}
		kept := p.ids[:0] // ids of what was merged lead to what stands now: see the test of mergers
		for i, n := range at(t, admin.must(t, `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": p.ids}).Data, "nodes").([]any) {
			if n == nil || at(t, n, "id") == p.ids[i] {
				kept = append(kept, p.ids[i])
			}
		}
		p.ids = kept
		p.au = value[time.Time](t, a.pool, `SELECT clock_timestamp()`).UTC().Format(time.RFC3339Nano)
		p.read = read(p, false)
		photos = append(photos, p)
	}
	t.Log(s.codes)
	for i, p := range photos {
		if got := read(p, true); got != p.read {
			n := 0
			for n < min(len(got), len(p.read)) && got[n] == p.read[n] {
				n++
			}
			t.Errorf("photo %d: read now\n…%s\nread then\n…%s", i, got[max(0, n-400):min(len(got), n+200)], p.read[max(0, n-400):min(len(p.read), n+200)])
		}
	}
	if n := value[int](t, a.pool, `SELECT count(*) FROM publication p WHERE numero IS NULL AND EXISTS (SELECT FROM journal j WHERE j.publication_id = p.id)`); n > 0 {
		t.Error(n, "publications that changed something have no number")
	}
	if n := value[int](t, a.pool, `SELECT count(*) FROM (SELECT w.id FROM economie w JOIN economie p ON p.part_de_id = w.id GROUP BY w.id HAVING sum(p.brut_centimes) > min(w.brut_centimes)) x`); n > 0 {
		t.Error(n, "savings are less than their shares")
	}
}
