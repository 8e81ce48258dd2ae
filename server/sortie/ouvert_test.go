package sortie_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/seed"
	"github.com/mutualibre/mutualibre/seed/seedtest"
)

// moissonne follows the links of a list, from its first page or backwards from its last, and gives all of it.
func (e *essai) moissonne(t testing.TB, chemin, parametres, sens string) []map[string]any {
	t.Helper()
	var tout []map[string]any
	for suite, n := &parametres, 0; suite != nil; n++ {
		var p struct {
			Data  []map[string]any
			Links map[string]*string
		}
		if err := json.Unmarshal([]byte(e.must(t, nil, chemin+*suite)), &p); err != nil {
			t.Fatal(err)
		}
		if sens == "next" {
			tout = append(tout, p.Data...)
		} else {
			tout = append(p.Data, tout...)
		}
		if suite = p.Links[sens]; n > 1000 {
			t.Fatalf("%s: the links never end", chemin)
		}
		if n == 0 && sens == "next" && p.Links["prev"] != nil {
			t.Errorf("%s: something before the first page", chemin)
		}
	}
	return tout
}

// valeurs gives a text of each thing; an address of repository in its one form.
func valeurs(choses []map[string]any, champ string) []string {
	out := make([]string, len(choses))
	for i, c := range choses {
		if out[i], _ = c[champ].(string); champ == "url" {
			out[i] = identifiant.Depot(out[i])
		}
	}
	return out
}

var formeUUID = regexp.MustCompile(`^[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89aAbB][a-f0-9]{3}-[a-f0-9]{12}$`)

func TestTheWholeFeedIsHarvestedByItsLinks(t *testing.T) {
	e := reel(t)
	for chemin, c := range map[string]struct {
		sql    string
		champ  string
		champs []string
	}{
		"/v1/software": {`SELECT depot_normalise FROM logiciel WHERE libre AND depot_normalise IS NOT NULL ORDER BY id`, "url",
			[]string{"active", "aliases", "createdAt", "id", "publiccodeYml", "updatedAt", "url"}},
		"/v1/publishers": {`SELECT cle FROM organisation WHERE genre = 'SYNDICAT' AND actif AND EXISTS (SELECT FROM catalogue k WHERE k.syndicat_id = organisation.id) ORDER BY id`, "alternativeId",
			[]string{"active", "alternativeId", "codeHosting", "createdAt", "description", "id", "updatedAt"}},
		"/v1/catalogs": {`SELECT cle FROM catalogue ORDER BY id`, "alternativeId", []string{"active", "alternativeId", "createdAt", "id", "name", "sources", "updatedAt"}},
	} {
		want := colonne[string](t, e.pool, c.sql)
		if len(want) < 30 {
			t.Fatalf("%s: %d prove nothing", chemin, len(want))
		}
		for _, taille := range []string{"", "?page[size]=7", "?page[size]=100"} {
			tout := e.moissonne(t, chemin, taille, "next")
			if got := valeurs(tout, c.champ); !slices.Equal(got, want) {
				t.Errorf("%s%s: %d of %d", chemin, taille, len(got), len(want))
			}
			ids := valeurs(tout, "id")
			vus := map[string]bool{}
			for i, id := range ids {
				if vus[id] || !formeUUID.MatchString(id) {
					t.Errorf("%s: id %q", chemin, id)
				}
				vus[id] = true
				if champs := slices.Sorted(maps.Keys(tout[i])); !slices.Equal(champs, c.champs) {
					t.Fatalf("%s: %v", chemin, champs)
				}
			}
		}
		// The last page leads back to the first.
		var p struct{ Links map[string]*string }
		suite, derniere := "?page[size]=7", ""
		for s := &suite; s != nil; s = p.Links["next"] {
			derniere = *s
			if err := json.Unmarshal([]byte(e.must(t, nil, chemin+*s)), &p); err != nil {
				t.Fatal(err)
			}
		}
		if got := valeurs(e.moissonne(t, chemin, derniere, "prev"), c.champ); !slices.Equal(got, want) {
			t.Errorf("%s backwards: %d of %d", chemin, len(got), len(want))
		}
	}
}

func TestTheFeedIsNarrowedAndItsLinksStayNarrow(t *testing.T) {
	e := reel(t)
	// Three waves of software entered the graph; the first was corrected since.
	if _, err := e.pool.Exec(t.Context(), `ALTER TABLE logiciel DISABLE TRIGGER USER; UPDATE logiciel SET ecrit_le = '2024-01-01Z'::timestamptz + (id % 3) * interval '1 year'; ALTER TABLE logiciel ENABLE TRIGGER USER;
		UPDATE logiciel SET description = 'corrigée' WHERE id % 3 = 0`); err != nil {
		t.Fatal(err)
	}
	const ouverts = `SELECT slug FROM logiciel WHERE libre AND depot_normalise IS NOT NULL `
	for parametres, sql := range map[string]string{
		"?page[size]=9&from=2024-06-01T00:00:00Z":                                ouverts + `AND id % 3 > 0`,
		"?page[size]=9&to=2024-06-01T00:00:00Z":                                  ouverts + `AND id % 3 = 0`,
		"?from=2024-01-01T01:00:00%2B01:00&to=2026-01-01T00:00:00Z&page[size]=9": ouverts + `AND id % 3 = 1`,
		"?all=true&page[size]=9":                                                 ouverts,
	} {
		want := colonne[string](t, e.pool, strings.Replace(sql, "SELECT slug", "SELECT depot_normalise", 1)+" ORDER BY id")
		if got := valeurs(e.moissonne(t, "/v1/software", parametres, "next"), "url"); !slices.Equal(got, want) || len(want) < 10 {
			t.Errorf("%s: %d, want %d", parametres, len(got), len(want))
		}
	}
	depot := colonne[string](t, e.pool, `SELECT depot_normalise FROM logiciel WHERE slug = 'glpi'`)[0]
	for _, ecriture := range []string{"https://" + depot, "http://www." + strings.ToUpper(depot) + ".git/", "git@" + strings.Replace(depot, "/", ":", 1)} {
		if got := e.moissonne(t, "/v1/software", "?url="+url.QueryEscape(ecriture), "next"); len(got) != 1 || !strings.Contains(got[0]["publiccodeYml"].(string), `name: "GLPI"`) {
			t.Errorf("%s: %v", ecriture, got)
		}
	}
	for _, inconnue := range []string{"https://example.org/nobody/nothing", "néant"} {
		if got := e.moissonne(t, "/v1/software", "?url="+url.QueryEscape(inconnue), "next"); len(got) != 0 {
			t.Errorf("%s: %v", inconnue, got)
		}
	}
	// Each thing by its id, and by its key where it has one.
	for chemin, cles := range map[string][]string{"/v1/software": {"glpi"}, "/v1/publishers": {"254003304"}, "/v1/catalogs": {"catalogue-254003304"}} {
		var une map[string]any
		if err := json.Unmarshal([]byte(e.must(t, nil, chemin+"/"+cles[0])), &une); err != nil {
			t.Fatal(err)
		}
		parID := e.must(t, nil, chemin+"/"+une["id"].(string))
		if parID != e.must(t, nil, chemin+"/"+cles[0]) {
			t.Errorf("%s: %s", chemin, parID)
		}
		if chemin != "/v1/software" && une["alternativeId"] != cles[0] {
			t.Error(une)
		}
	}
	// What ALPI offers, and ALPI itself.
	want := colonne[string](t, e.pool, `SELECT l.depot_normalise FROM logiciel l WHERE libre AND depot_normalise IS NOT NULL AND EXISTS (SELECT FROM entree_catalogue e JOIN catalogue k ON k.id = e.catalogue_id
		WHERE k.cle = 'catalogue-254003304' AND e.logiciel_id = l.id AND statut = 'PROPOSEE' AND (jusqua IS NULL OR jusqua > current_date) AND (depuis IS NULL OR depuis <= current_date)) ORDER BY id`)
	if got := valeurs(e.moissonne(t, "/v1/catalogs/catalogue-254003304/software", "?page[size]=2", "next"), "url"); !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("%v, want %v", got, want)
	}
	if got := valeurs(e.moissonne(t, "/v1/catalogs/catalogue-254003304/publishers", "", "next"), "alternativeId"); !slices.Equal(got, []string{"254003304"}) {
		t.Error(got)
	}
	// A syndicat that has ceased is listed on request only, and still found.
	if _, err := e.pool.Exec(t.Context(), `UPDATE organisation SET actif = false WHERE siren = '254003304'`); err != nil {
		t.Fatal(err)
	}
	for parametres, want := range map[string]bool{"?page[size]=100": false, "?page[size]=100&all=true": true} {
		if got := slices.Contains(valeurs(e.moissonne(t, "/v1/publishers", parametres, "next"), "alternativeId"), "254003304"); got != want {
			t.Errorf("%s: listed %v", parametres, got)
		}
	}
	e.must(t, nil, "/v1/publishers/254003304")
}

func TestTheFeedRefusesWhatItDoesNotKnow(t *testing.T) {
	e := reel(t)
	for adresse, want := range map[string]struct {
		statut int
		texte  string
	}{
		"/v1/software?page[size]=10000":      {422, "1 à 100"},
		"/v1/software?page[size]=0":          {422, "1 à 100"},
		"/v1/software?from=hier":             {422, "« from »"},
		"/v1/software?all=peut-etre":         {422, "« all »"},
		"/v1/software?page[after]=xyz":       {422, "after"},
		"/v1/catalogs?url=x":                 {422, "« url »"},
		"/v1/software?sort=name":             {422, "« sort »"},
		"/v1/software/inconnu":               {404, "« inconnu »"},
		"/v1/publishers/213800001":           {404, "« 213800001 »"},
		"/v1/catalogs/x/software":            {404, "« x »"},
		"/v1/bundles":                        {404, ""},
		"/v1/software/acceleo/logs":          {404, ""},
		"/export/logiciels/x/publiccode.yml": {404, "« x »"},
	} {
		r, corps := e.ask(t, nil, adresse)
		var p struct {
			Title, Detail string
			Status        int
		}
		if err := json.Unmarshal([]byte(corps), &p); err != nil || r.StatusCode != want.statut || p.Status != want.statut || p.Title == "" || !strings.Contains(p.Detail, want.texte) ||
			!strings.HasPrefix(r.Header.Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s: %d %s %v", adresse, r.StatusCode, corps, err)
		}
	}
}

func TestEachSoftwareWithARepositoryHasAPubliccodeThatReadsBackAtScale(t *testing.T) {
	e := reel(t)
	dossier := t.TempDir()
	var fichiers []string
	for _, slug := range colonne[string](t, e.pool, `SELECT slug FROM logiciel WHERE depot_normalise IS NOT NULL ORDER BY id`) {
		r, corps := e.ask(t, nil, "/export/logiciels/"+slug+"/publiccode.yml")
		if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "application/yaml; charset=utf-8" {
			t.Fatalf("%s: %d %s", slug, r.StatusCode, corps)
		}
		var lu map[string]any
		if err := yaml.Unmarshal([]byte(corps), &lu); err != nil || lu["publiccodeYmlVersion"] != "0.5" {
			t.Fatalf("%s: %v\n%s", slug, err, corps)
		}
		fichier := filepath.Join(dossier, slug+".yml")
		if err := os.WriteFile(fichier, []byte(corps), 0o600); err != nil {
			t.Fatal(err)
		}
		fichiers = append(fichiers, fichier)
	}
	if len(fichiers) < 50 {
		t.Fatalf("%d files", len(fichiers))
	}
	// Imported where they come from, they change nothing of what they say.
	const dit = `SELECT concat_ws('¦', slug, nom, depot_normalise, libre, licence) FROM logiciel ORDER BY id`
	avant := colonne[string](t, e.pool, dit)
	if _, err := seed.Import(t.Context(), e.pool, "publiccode", fichiers, seed.Options{Maintenant: seedtest.Jour}); err != nil {
		t.Fatal(err)
	}
	if apres := colonne[string](t, e.pool, dit); !slices.Equal(apres, avant) {
		for i := range min(len(avant), len(apres)) {
			if avant[i] != apres[i] {
				t.Errorf("%s\nbecame\n%s", avant[i], apres[i])
			}
		}
		t.Errorf("%d software, then %d", len(avant), len(apres))
	}
	sans := colonne[string](t, e.pool, `SELECT slug FROM logiciel WHERE depot_normalise IS NULL AND depot IS NULL ORDER BY id LIMIT 1`)[0]
	if r, corps := e.ask(t, nil, "/export/logiciels/"+sans+"/publiccode.yml"); r.StatusCode != http.StatusNotFound || !strings.Contains(corps, "dépôt") {
		t.Errorf("%d %s", r.StatusCode, corps)
	}
}
