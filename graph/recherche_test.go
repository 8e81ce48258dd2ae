package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// TestASearchForgivesHowAPersonTypes plants a few names and types them as people do.
func TestASearchForgivesHowAPersonTypes(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	pool, err := db.Connect(t.Context(), url, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := pool.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO source (id, cle, nom, importe_le) VALUES (1, 'test', 'Test', now())`)
	for i, l := range []struct{ nom, description string }{
		{"Gestion de l'état civil", ""}, {"S²LOW", "Tiers de télétransmission des actes."}, {"LibreOffice", "Suite bureautique."},
		{"openCimetière", "Concessions et défunts."}, {"Œuvre d'art", ""}, {"OpenOffice.org", "Suite bureautique."},
		{"Registre", "Les actes d'état civil de la commune."},
	} {
		exec(`INSERT INTO logiciel (slug, nom, nom_tri, description, libre, ajoute_le, source_id) VALUES ($1, $2, $3, $4, true, '2020-01-01', 1)`,
			fmt.Sprint("l", i), l.nom, texte.Normalize(l.nom), l.description)
	}
	for i, o := range []struct {
		nom        string
		population int
	}{{"Saint-Étienne", 170000}, {"Saint-Étienne-du-Rouvray", 28000}, {"Saint-Étienne-les-Orgues", 1100}, {"L'Haÿ-les-Roses", 30000}} {
		exec(`INSERT INTO organisation (cle, genre, nom, nom_tri, nature, population, source_id) VALUES ($1, 'COLLECTIVITE', $2, $3, 'COMMUNE', $4, 1)`,
			fmt.Sprint("o", i), o.nom, texte.Normalize(o.nom), o.population)
	}
	exec(`INSERT INTO organisation (cle, genre, nom, nom_tri, forme, source_id) VALUES ('s', 'SYNDICAT', 'Agence landaise', 'agence landaise', 'SMO', 1)`)
	exec(`INSERT INTO nom_alternatif (organisation_id, nom, nom_tri, source_id) SELECT id, 'ALPI', 'alpi', 1 FROM organisation WHERE cle = 's'`)
	a := open(t, url)
	for typed, want := range map[string][]string{
		"etat civil":     {"Gestion de l'état civil", "Registre"},
		"ÉTAT-CIVIL":     {"Gestion de l'état civil", "Registre"},
		"Saint Etienne":  {"Saint-Étienne", "Saint-Étienne-du-Rouvray", "Saint-Étienne-les-Orgues"},
		"saint etiene":   {"Saint-Étienne", "Saint-Étienne-du-Rouvray", "Saint-Étienne-les-Orgues"},
		"opencimetiere":  {"openCimetière"},
		"open cimetiere": {"openCimetière"},
		"libre ofice":    {"LibreOffice"},
		"s2low":          {"S²LOW"},
		"oeuvre d art":   {"Œuvre d'art"},
		"l hay les rose": {"L'Haÿ-les-Roses"},
		"alpi":           {"Agence landaise"},
		"bureautiques":   {"LibreOffice", "OpenOffice.org"},
		"100 %":          {},
	} {
		got := []string{}
		for _, n := range at(t, a.must(t, `query ($t: String!) { recherche(texte: $t) { nodes { ... on Logiciel { nom } ... on Organisation { nom } } } }`,
			map[string]any{"t": typed}).Data, "recherche", "nodes").([]any) {
			got = append(got, at(t, n, "nom").(string))
		}
		if typed == "bureautiques" { // equally good: no order between them
			slices.Sort(got)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q finds %q, want %q", typed, got, want)
		}
	}
}
