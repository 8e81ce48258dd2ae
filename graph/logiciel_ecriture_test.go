package graph_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/graph"
	"github.com/mutualibre/mutualibre/graph/limites"
)

const logicielFields = `{ logiciel { id slug nom description libre licence licenceOrigine site depot revision
	categories { code } identifiants { source valeur url } remplace { slug } source { nom } } erreurs { code champ message } }`

// write sends one mutation and returns its payload.
func (a *api) write(t testing.TB, name, input, fields string, in map[string]any) any {
	t.Helper()
	return at(t, a.must(t, `mutation ($i: `+input+`!) { `+name+`(input: $i) `+fields+` }`, map[string]any{"i": in}).Data, name)
}

func (a *api) creerLogiciel(t testing.TB, in map[string]any) any {
	t.Helper()
	return a.write(t, "creerLogiciel", "CreerLogicielInput", logicielFields, in)
}

func (a *api) corrigerLogiciel(t testing.TB, in map[string]any) any {
	t.Helper()
	return a.write(t, "corrigerLogiciel", "CorrigerLogicielInput", logicielFields, in)
}

// done fails unless a payload has no error, and returns it.
func done(t testing.TB, payload any) any {
	t.Helper()
	if errs := at(t, payload, "erreurs").([]any); len(errs) > 0 {
		t.Fatal(errs)
	}
	return payload
}

// refused fails unless a payload has this only error, about this field of the input.
func refused(t testing.TB, payload any, code, champ string) {
	t.Helper()
	errs := at(t, payload, "erreurs").([]any)
	if len(errs) != 1 || at(t, errs[0], "code") != code || champ != "" && at(t, errs[0], "champ", 0) != champ {
		t.Errorf("want %s of %s, got %v", code, champ, errs)
	}
}

func TestASoftwareIsCreatedWithWhatItsLicenceMeans(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Contributeur, echirolles)
	got := done(t, agent.creerLogiciel(t, map[string]any{
		"nom": "  Registre  des Cimetières ", "description": strings.Repeat("é", 4000), "licence": "GNU GPLv3", "site": "https://cimetieres.example.org",
		"depot": "https://gitlab.adullact.net/cimetieres/registre.git", "identifiants": []any{map[string]any{"source": "SILL", "valeur": "98765"}},
		"categories": []any{value[string](t, a.pool, `SELECT code FROM categorie ORDER BY code LIMIT 1`)},
	}))
	for field, want := range map[string]any{"slug": "registre-des-cimetieres", "nom": "Registre des Cimetières", "libre": true,
		"licence": "GPL-3.0-only", "licenceOrigine": "GNU GPLv3", "depot": "https://gitlab.adullact.net/cimetieres/registre.git"} {
		if v := at(t, got, "logiciel", field); v != want {
			t.Errorf("%s = %v, want %v", field, v, want)
		}
	}
	if n := len(at(t, got, "logiciel", "categories").([]any)); n != 1 {
		t.Error("categories:", n)
	}
	if v := at(t, got, "logiciel", "identifiants", 0, "url"); v != "https://code.gouv.fr/sill/fr/software?id=98765" {
		t.Error("url:", v)
	}
	if v := value[string](t, a.pool, `SELECT depot_normalise FROM logiciel WHERE slug = 'registre-des-cimetieres'`); v != "gitlab.adullact.net/cimetieres/registre" {
		t.Error("repository:", v)
	}
	unmapped := done(t, agent.creerLogiciel(t, map[string]any{"nom": "Licence à part", "licence": "à voir avec l'auteur"}))
	if at(t, unmapped, "logiciel", "licence") != nil || at(t, unmapped, "logiciel", "libre") != false || at(t, unmapped, "logiciel", "licenceOrigine") != "à voir avec l'auteur" {
		t.Error("a licence that is not read:", unmapped)
	}
	refused(t, agent.creerLogiciel(t, map[string]any{"nom": "Faux", "site": "javascript:alert(1)"}), "INVALIDE", "site")
	refused(t, agent.creerLogiciel(t, map[string]any{"nom": "Faux", "categories": []any{"nulle-part"}}), "INTROUVABLE", "categories")
	refused(t, agent.creerLogiciel(t, map[string]any{"nom": "!!!"}), "INVALIDE", "nom")
	refused(t, agent.creerLogiciel(t, map[string]any{"nom": "Faux", "identifiants": []any{map[string]any{"source": "WIKIDATA", "valeur": "12"}}}), "INVALIDE", "identifiants")
	refused(t, a.as(t, droit.Lecteur, echirolles).creerLogiciel(t, map[string]any{"nom": "Faux"}), "INTERDIT", "")
	if got := a.ask(t, `mutation ($i: CreerLogicielInput!) { creerLogiciel(input: $i) `+logicielFields+` }`, map[string]any{"i": map[string]any{"nom": "Faux"}}); len(got.Errors) != 1 {
		t.Error("anyone writes:", got.Data)
	}
}

func TestASoftwareThatLooksKnownIsShownInsteadOfCreated(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Contributeur, echirolles)
	first := map[string]any{"nom": "Registre des cimetières", "depot": "https://gitlab.adullact.net/cimetieres/registre.git",
		"identifiants": []any{map[string]any{"source": "COMPTOIR", "valeur": "98765"}}}
	done(t, agent.creerLogiciel(t, first))
	for champ, in := range map[string]map[string]any{
		"nom":          {"nom": "REGISTRE DES CIMETIERES"},
		"depot":        {"nom": "Autre nom", "depot": "http://www.gitlab.adullact.net/cimetieres/registre/"},
		"identifiants": {"nom": "Autre nom", "identifiants": []any{map[string]any{"source": "COMPTOIR", "valeur": "98765"}}, "distinct": true},
	} {
		got := agent.creerLogiciel(t, in)
		refused(t, got, "DUPLIQUE", champ)
		if v := at(t, got, "logiciel", "slug"); v != "registre-des-cimetieres" {
			t.Errorf("by its %s: %v is shown", champ, v)
		}
	}
	// One repository may hold several software, when their identifiers tell them apart.
	done(t, agent.creerLogiciel(t, map[string]any{"nom": "Module des concessions", "depot": first["depot"],
		"identifiants": []any{map[string]any{"source": "COMPTOIR", "valeur": "98766"}}}))
	homonyme := done(t, agent.creerLogiciel(t, map[string]any{"nom": first["nom"], "depot": first["depot"], "distinct": true}))
	if v := at(t, homonyme, "logiciel", "slug"); v != "registre-des-cimetieres-2" {
		t.Error("slug of a homonym:", v)
	}
	if n := value[int](t, a.pool, `SELECT count(*) FROM logiciel WHERE depot_normalise = 'gitlab.adullact.net/cimetieres/registre'`); n != 1 {
		t.Errorf("%d software are joined by one repository", n)
	}
}

func TestACorrectedLicenceIsCarriedToUsagesAndDropsTheReplacementsItContradicts(t *testing.T) {
	t.Parallel()
	a := sampled(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	slug := value[string](t, a.pool, `SELECT l.slug FROM logiciel l WHERE l.libre AND nb_utilisateurs > 1 AND NOT EXISTS (SELECT FROM logiciel_lien x WHERE l.id IN (x.de_id, x.vers_id)) ORDER BY nb_utilisateurs DESC, id LIMIT 1`)
	proprietary := value[string](t, a.pool, `SELECT slug FROM logiciel WHERE NOT libre ORDER BY id LIMIT 1`)
	done(t, agent.write(t, "marquerRemplacement", "MarquerRemplacementInput", logicielFields, map[string]any{"logiciel": logiciel(slug), "remplace": logiciel(proprietary)}))
	before := agent.must(t, `query ($s: String!) { logiciel(slug: $s) { revision description nom } }`, map[string]any{"s": slug}).Data
	revision := at(t, before, "logiciel", "revision")
	got := done(t, agent.corrigerLogiciel(t, map[string]any{"id": logiciel(slug), "revision": revision, "licence": "propriétaire", "nom": "Nom tout neuf"}))
	if at(t, got, "logiciel", "libre") != false || len(at(t, got, "logiciel", "remplace").([]any)) != 0 || at(t, got, "logiciel", "description") != at(t, before, "logiciel", "description") {
		t.Error(got)
	}
	if n := value[int](t, a.pool, `SELECT count(*) FROM usage u JOIN logiciel l ON l.id = u.logiciel_id WHERE l.slug = $1 AND u.libre`, slug); n != 0 {
		t.Errorf("%d usages still say that it is free", n)
	}
	checkCounts(t, a)
	refused(t, agent.corrigerLogiciel(t, map[string]any{"id": logiciel(slug), "revision": revision, "licence": "MIT"}), "CONFLIT", "revision")
	found := agent.must(t, `query ($n: String!) { logiciels(filtre: {texte: $n}) { nodes { slug } } }`, map[string]any{"n": at(t, before, "logiciel", "nom")}).Data
	if !strings.Contains(string(mustJSON(t, found)), `"`+slug+`"`) {
		t.Error("its former name leads nowhere:", found)
	}
	refused(t, a.as(t, droit.Contributeur, echirolles).corrigerLogiciel(t, map[string]any{"id": logiciel(slug), "revision": 1}), "INTERDIT", "")
}

func TestAnIdentifierBelongsToOneSoftware(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Moderateur, "")
	add := func(slug, source, valeur string) any {
		return agent.write(t, "ajouterIdentifiant", "AjouterIdentifiantInput", logicielFields, map[string]any{"logiciel": logiciel(slug), "source": source, "valeur": valeur})
	}
	done(t, agent.creerLogiciel(t, map[string]any{"nom": "Un", "source": map[string]any{"nom": "Essai"}}))
	done(t, agent.creerLogiciel(t, map[string]any{"nom": "Deux", "source": map[string]any{"nom": "Essai"}}))
	done(t, add("un", "WIKIDATA", "Q123456789"))
	done(t, add("un", "WIKIDATA", "Q123456789"))
	got := add("deux", "WIKIDATA", "Q123456789")
	refused(t, got, "DUPLIQUE", "valeur")
	if v := at(t, got, "logiciel", "slug"); v != "un" {
		t.Error(v, "is shown")
	}
	refused(t, add("un", "WIKIDATA", "Q5"), "INVALIDE", "valeur")
	refused(t, add("un", "CNLL", "abc"), "INVALIDE", "valeur")
	refused(t, a.as(t, droit.Fournisseur, value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' LIMIT 1`)).write(t,
		"ajouterIdentifiant", "AjouterIdentifiantInput", logicielFields, map[string]any{"logiciel": logiciel("un"), "source": "CNLL", "valeur": "5"}), "INTERDIT", "")
}

func TestOnlyWhatIsFreeReplacesAndOnlyWhatIsNotIsReplaced(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	done(t, agent.creerLogiciel(t, map[string]any{"nom": "Libre un", "licence": "MIT"}))
	done(t, agent.creerLogiciel(t, map[string]any{"nom": "Fermé un", "licence": "propriétaire"}))
	mark := func(de, vers string, retirer bool) any {
		return agent.write(t, "marquerRemplacement", "MarquerRemplacementInput", logicielFields, map[string]any{"logiciel": logiciel(de), "remplace": logiciel(vers), "retirer": retirer})
	}
	refused(t, mark("ferme-un", "ferme-un", false), "INVALIDE", "logiciel")
	refused(t, mark("libre-un", "libre-un", false), "INVALIDE", "remplace")
	refused(t, mark("libre-un", "ferme-un", true), "INTROUVABLE", "remplace")
	if v := at(t, done(t, mark("libre-un", "ferme-un", false)), "logiciel", "remplace", 0, "slug"); v != "ferme-un" {
		t.Error(v)
	}
	done(t, mark("libre-un", "ferme-un", false))
	if v := at(t, done(t, mark("libre-un", "ferme-un", true)), "logiciel", "remplace").([]any); len(v) != 0 {
		t.Error(v)
	}
}

func TestLongTextsAreThoseOfFieldsOfTheSchema(t *testing.T) {
	schema := graph.Schema(nil).Schema()
	l := limites.ParDefaut()
	for nom, n := range l.TextesLongs {
		typ, champ, _ := strings.Cut(nom, ".")
		def := schema.Types[typ]
		if def == nil || def.Kind != ast.InputObject || def.Fields.ForName(champ) == nil || def.Fields.ForName(champ).Type.Name() != "String" {
			t.Errorf("%s is no text of an input", nom)
		}
		if n <= l.Texte || n > l.TexteLong {
			t.Errorf("%s: %d is not between %d and %d", nom, n, l.Texte, l.TexteLong)
		}
	}
}

var promise = regexp.MustCompile(`(\d[\d\s\x{a0}\x{202f}]*) caractères au plus`)

func TestALongTextThatTheSchemaPromisesIsLetIn(t *testing.T) {
	l := limites.ParDefaut()
	for _, def := range graph.Schema(nil).Schema().Types {
		if def.Kind != ast.InputObject {
			continue
		}
		for _, f := range def.Fields {
			said := promise.FindStringSubmatch(strings.Join(strings.Fields(f.Description), " "))
			if said == nil || f.Type.Name() != "String" {
				continue
			}
			promised, err := strconv.Atoi(strings.Join(strings.FieldsFunc(said[1], func(r rune) bool { return r < '0' || r > '9' }), ""))
			if err != nil {
				t.Fatal(err)
			}
			admitted := l.Texte
			if n, ok := l.TextesLongs[def.Name+"."+f.Name]; ok {
				admitted = n
			}
			if promised > admitted {
				t.Errorf("%s.%s promises %d characters, and %d are let in", def.Name, f.Name, promised, admitted)
			}
		}
	}
}
