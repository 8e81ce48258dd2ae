package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/db/dbtest"
)

func TestExportWritesAFileOrTheStandardOutput(t *testing.T) {
	t.Parallel()
	url := remplie(t)
	pool := dbtest.Open(t, url)
	if _, err := pool.Exec(t.Context(), `INSERT INTO organisation (cle, genre, nature, siren, nom, nom_tri, departement, source_id) VALUES ('211300041', 'COLLECTIVITE', 'COMMUNE', '211300041', 'Arles', 'arles', '13', 1);
		INSERT INTO rencontre (cle, nom, debut, source_id) VALUES ('00000000-0000-4000-8000-000000000001', 'Une', '2026-01-01', 1), (gen_random_uuid(), 'Autre', '2026-01-01', 1);
		INSERT INTO logiciel (slug, nom, nom_tri, libre, ajoute_le, source_id) VALUES ('glpi', 'GLPI', 'glpi', true, '2020-01-01', 1);
		INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, source_id, constate_le, visibilite)
			SELECT gen_random_uuid(), o.id, '13', l.id, true, 'PRODUCTION', 'DIRECT', 1, '2024-01-01', v FROM organisation o, logiciel l, unnest('{PUBLIC,PRIVE}'::text[]) v`); err != nil {
		t.Fatal(err)
	}
	env := environnement{"DATABASE_URL": url}
	fichier := filepath.Join(t.TempDir(), "usages.ndjson")
	for _, c := range []struct {
		args   []string
		statut int
		want   []string
		lignes int // of the standard output
	}{
		{[]string{"usages"}, statutFait, []string{"id,utilisateur,", "211300041", "GLPI"}, 2},
		{[]string{"usages", "--tout"}, statutFait, []string{"PRIVE"}, 3},
		{[]string{"usages", "departements=84"}, statutFait, []string{"id,utilisateur,"}, 1},
		{[]string{"usages", "excel=true", "logiciels=glpi"}, statutFait, []string{"\ufeffid;utilisateur;"}, 2},
		{[]string{"rencontres", "rencontre=00000000-0000-4000-8000-000000000001"}, statutFait, []string{"Une"}, 2},
		{[]string{"rencontres", "rencontre=aucune"}, statutFait, []string{"id,nom,"}, 1},
		{[]string{"collectivites", "--format", "ndjson"}, statutFait, []string{`"nom":"Arles"`}, 1},
		{[]string{"usages", "--sortie", fichier}, statutFait, []string{"usages.ndjson : 1 ligne."}, 1},
		{[]string{"usages", "--sortie", fichier}, statutEchec, []string{"existe déjà"}, 0},
		{[]string{"usages", "--sortie", filepath.Join(fichier, "x.csv")}, statutEchec, []string{"ne peut pas être écrit"}, 0},
		{[]string{"usages", "--sortie", "usages.pdf", "departement=13", "libre"}, statutMauvais, []string{"3 erreurs", "« pdf »", "« departement »", "« libre » n'est pas un critère"}, 0},
		{[]string{"mairies"}, statutMauvais, []string{"« mairies »", "collectivites"}, 0},
		{nil, statutMauvais, []string{"attend une table", "adhesions : groupement, membre"}, 0},
	} {
		statut, stdout, stderr := launch(t, env, append([]string{"export"}, c.args...)...)
		attendu(t, strings.Join(c.args, " "), statut, c.statut, stdout+stderr, c.want...)
		if c.statut == statutFait && strings.Count(stdout, "\n") != c.lignes {
			t.Errorf("%v: %q", c.args, stdout)
		}
		enFrancais(t, stderr)
	}
	texte, err := os.ReadFile(fichier)
	if err != nil || strings.Count(string(texte), "\n") != 1 || strings.Contains(string(texte), "PRIVE") {
		t.Errorf("%s %v", texte, err)
	}
}

func TestExportsAreServedBesideTheAPI(t *testing.T) {
	t.Parallel()
	s := serve(t, environnement{"DATABASE_URL": remplie(t)})
	for _, c := range []struct {
		chemin string
		statut int
		want   string
	}{
		{"/export/", 200, "usages"},
		{"/export/usages.csv", 200, "id,utilisateur,"},
		{"/export/usages.csv?x=1", 400, "« x »"},
		{"/export/x", 404, ""},
		{"/instantane/x", 404, "il n'y a pas d'instantané"},
	} {
		r := s.ask("GET", c.chemin, "")
		attendu(t, c.chemin, r.StatusCode, c.statut, r.corps, c.want)
	}
}
