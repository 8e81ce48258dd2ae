package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/seed/depot"
	"github.com/mutualibre/mutualibre/seed/seedtest"
)

// depotEssai makes a repository of three people and a bot over one year, released once.
func depotEssai(t *testing.T) string {
	t.Helper()
	dossier := t.TempDir()
	git := func(jour, nom string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dossier}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_AUTHOR_DATE="+jour+"T12:00:00Z", "GIT_COMMITTER_DATE="+jour+"T12:00:00Z", "GIT_CONFIG_GLOBAL=/dev/null",
			"GIT_AUTHOR_NAME="+nom, "GIT_COMMITTER_NAME="+nom, "GIT_AUTHOR_EMAIL="+strings.ToLower(strings.ReplaceAll(nom, " ", "."))+"@atreal.fr", "GIT_COMMITTER_EMAIL=x@atreal.fr")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	git("2025-01-01", "Ada Lovelace", "init", "-q", "-b", "main")
	for chemin, contenu := range map[string]string{"README.md": "x", "CHANGELOG.md": "x", "CONTRIBUTING.md": "x", ".mailmap": "Ada Lovelace <ada.lovelace@atreal.fr> <ada@atreal.fr>\n",
		"publiccode.yml": "publiccodeYmlVersion: '0.4'\ndevelopmentStatus: stable\n", ".gitmodules": "[submodule \"x\"]\n\tpath = x\n\turl = file:///etc\n"} {
		if err := os.WriteFile(filepath.Join(dossier, chemin), []byte(contenu), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git("2025-01-01", "Ada Lovelace", "add", ".")
	git("2025-01-01", "Ada Lovelace", "commit", "-qm", "début")
	git("2025-09-01", "Ada", "commit", "-qm", "a", "--allow-empty")
	git("2025-10-01", "Carl Gauss", "commit", "-qm", "b", "--allow-empty")
	git("2025-11-01", "dependabot[bot]", "commit", "-qm", "c", "--allow-empty")
	git("2026-05-01", "Emmy Noether", "commit", "-qm", "d", "--allow-empty")
	git("2026-05-02", "Emmy Noether", "tag", "-am", "x", "v1.0")
	// A hook that would leave a trace: nothing of a repository is ever run.
	hook := filepath.Join(dossier, ".git", "hooks", "post-checkout")
	if err := os.WriteFile(hook, []byte("#!/bin/sh\ntouch "+filepath.Join(dossier, "EXECUTE")+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := os.Stat(filepath.Join(dossier, "EXECUTE")); err == nil {
			t.Error("a hook of the repository was run")
		}
	})
	return dossier
}

func TestTheCommunityOfASoftwareIsEvaluatedFromItsRepository(t *testing.T) {
	t.Parallel()
	url := seedtest.URL(t)
	pool := dbtest.Open(t, url)
	env := environnement{"DATABASE_URL": url}
	dossier := depotEssai(t)
	ecrire := func(nom, contenu string) string {
		chemin := filepath.Join(t.TempDir(), nom)
		if err := os.WriteFile(chemin, []byte(contenu), 0o600); err != nil {
			t.Fatal(err)
		}
		return chemin
	}
	args := []string{"communaute", "evaluer", "peertube", "--depot", dossier, "--au", "2026-06-30",
		"--forge", ecrire("tickets.json", `[{"number":1,"created_at":"2026-06-01T00:00:00Z","closed_at":"2026-06-03T00:00:00Z","comments":0}]`),
		"--scorecard", ecrire("scorecard.json", `{"date":"2026-06-01","repo":{"name":"x"},"score":5}`)}
	compte := func() (n string) {
		t.Helper()
		if err := pool.QueryRow(t.Context(), `SELECT concat_ws(' ', (SELECT count(*) FROM evaluation_communaute e JOIN logiciel l ON l.id = e.logiciel_id WHERE l.slug = 'peertube'),
			(SELECT count(*) FROM publication WHERE operation = 'communaute evaluer' AND sujet = 'commande:communaute' AND numero IS NOT NULL), (SELECT count(*) FROM journal WHERE objet_type = 'EvaluationCommunaute'))`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	must := func(want string, args ...string) string {
		t.Helper()
		statut, sortie, erreurs := launch(t, env, args...)
		if statut != 0 {
			t.Fatalf("%d\n%s\n%s", statut, sortie, erreurs)
		}
		if got := compte(); got != want {
			t.Fatalf("%s\nevaluations, publications, lines of the journal: %s, want %s", sortie, got, want)
		}
		return sortie
	}

	sortie := must("0 0 0", append(args, "--essai")...)
	for _, want := range []string{"ACTIF — au 30 juin 2026, dernier commit le 2026-05-01", "Santé : ", "MAINTENANCE", "qui fait la moitié des contributions de douze mois : personnes, 2 ; organisations, 1", "Essai : rien n'est enregistré"} {
		if !strings.Contains(sortie, want) {
			t.Errorf("%q lacks in\n%s", want, sortie)
		}
	}
	must("1 1 1", args...)
	must("1 1 1", args...) // the same reading makes the same evaluation
	var etat, entrees string
	var robots, sante, versions int
	if err := pool.QueryRow(t.Context(), `SELECT e.etat, e.sante, (SELECT (x ->> 'valeur')::integer FROM jsonb_array_elements(e.entrees) x WHERE x ->> 'nom' = 'COMMITS_DE_ROBOTS_12_MOIS'),
		(SELECT string_agg(DISTINCT x ->> 'source', ', ') FROM jsonb_array_elements(e.entrees) x), (SELECT count(*) FROM communaute c WHERE c.evaluation_id = e.id)
		FROM evaluation_communaute e JOIN logiciel l ON l.id = e.logiciel_id WHERE l.slug = 'peertube'`).Scan(&etat, &sante, &robots, &entrees, &versions); err != nil {
		t.Fatal(err)
	}
	if etat != "ACTIF" || robots != 1 || versions != 1 || strings.Count(entrees, ",") != 3 { // repository, forge, Scorecard, and the graph's own
		t.Error(etat, sante, robots, versions, entrees)
	}
	if _, err := pool.Exec(t.Context(), `UPDATE evaluation_communaute SET sante = 100 WHERE sante = $1`, sante); err == nil {
		t.Error("the figures of an evaluation were edited")
	}
	must("2 2 2", "communaute", "evaluer", "peertube", "--depot", dossier, "--au", "2026-07-31") // another day, another evaluation

	// By the network, from git's own server, which leaves out the files when asked to.
	serveur := httptest.NewServer(&cgi.Handler{Path: backend(t), Env: []string{"GIT_PROJECT_ROOT=" + filepath.Dir(dossier), "GIT_HTTP_EXPORT_ALL=1",
		"GIT_CONFIG_COUNT=3", "GIT_CONFIG_KEY_0=uploadpack.allowFilter", "GIT_CONFIG_VALUE_0=true", "GIT_CONFIG_KEY_1=uploadpack.allowReachableSHA1InWant", "GIT_CONFIG_VALUE_1=true",
		"GIT_CONFIG_KEY_2=safe.directory", "GIT_CONFIG_VALUE_2=*"}})
	defer serveur.Close()
	sortie = must("3 3 3", "communaute", "evaluer", "peertube", "--depot", serveur.URL+"/"+filepath.Base(dossier), "--au", "2026-06-29", "--locales")
	if !strings.Contains(sortie, "personnes, 2 ; organisations, 1") || strings.Contains(sortie, "À savoir") {
		t.Error(sortie)
	}

	// What cannot be read is said, and nothing is written.
	vide := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "git", "init", "-q", "--bare", vide).CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"n'est pas connu", []string{"jamais-vu", "--depot", dossier}},
		{"n'est pas un dépôt git", []string{"peertube", "--depot", t.TempDir()}},
		{"est vide", []string{"peertube", "--depot", vide}},
		{"machine locale ou un réseau privé", []string{"peertube", "--depot", "https://localhost.exemple.invalid.localdomain.local/x"}},
		{"pas un export lisible", []string{"peertube", "--forge", ecrire("x.json", "{}")}},
		{"pas un rapport", []string{"peertube", "--scorecard", ecrire("y.json", "[]")}},
	} {
		statut, _, erreurs := launch(t, env, append([]string{"communaute", "evaluer"}, c.args...)...)
		if statut == 0 || !strings.Contains(erreurs, c.want) {
			t.Errorf("%v: %d, %s", c.args, statut, erreurs)
		}
	}
	if got := compte(); got != "3 3 3" {
		t.Error(got)
	}
}

// backend is git's program that serves repositories over HTTP.
func backend(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", "--exec-path").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(string(bytes.TrimSpace(out)), "git-http-backend")
}

func TestARepositoryIsNotSoughtWhereItShouldNotBe(t *testing.T) {
	t.Parallel()
	for _, depot := range []string{"file:///etc", "ssh://git@forge.fr/x.git", "git://forge.fr/x.git", "git@forge.fr:x.git", "forge:x.git", "http://forge.fr/x.git", "https://127.0.0.1/x.git", "https://[::1]/x", "https://10.0.0.8/x",
		"https://169.254.169.254/latest", "https://localhost/x.git", "https://depot.internal/x", "https://moi:secret@forge.fr/x.git", "https://2130706433/", "ext::sh -c id"} {
		statut, _, erreurs := launch(t, environnement{"DATABASE_URL": "postgres://127.0.0.1:1/x"}, "communaute", "evaluer", "peertube", "--depot", depot)
		if statut != statutMauvais || !strings.Contains(erreurs, "--depot") {
			t.Errorf("%s: %d, %s", depot, statut, erreurs)
		}
	}
	statut, _, erreurs := launch(t, environnement{}, "communaute", "evaluer", "--au", "demain", "--forge", "/absent", "--inconnue")
	for _, want := range []string{"il faut un logiciel", "--au", "--forge", "--inconnue"} {
		if statut != statutMauvais || !strings.Contains(erreurs, want) {
			t.Errorf("%q lacks in %s", want, erreurs)
		}
	}
}

func TestAPathIsNotTakenForAnAddress(t *testing.T) {
	t.Parallel()
	for depot, want := range map[string]bool{
		"https://forge.exemple/projet.git": true, "git@forge.exemple:projet.git": true, "forge:projet.git": true, "http://10.0.0.1/x": true,
		"./depots/a@b": false, "a@b": false, "a@b/c": false, "/tmp/a@b:c": false, `C:\depots\x`: false, "depots/x:y": false, "projet.git": false, "": false,
	} {
		if got := distant(depot); got != want {
			t.Errorf("%q: %t", depot, got)
		}
	}
}

func TestTheFaultsOfAnEvaluationComeInOneOrder(t *testing.T) {
	t.Parallel()
	var first string
	for range 20 {
		d := demandeCommunaute{forge: []string{"absent-1", "absent-2"}, scorecard: "absent-3"}
		err := d.check([]string{"x"}, "", time.Now())
		if first == "" {
			first = err.Error()
		}
		if err.Error() != first || strings.Index(first, "absent-2") > strings.Index(first, "absent-3") {
			t.Fatal(err)
		}
	}
}

func TestAnAnnouncementWithoutEndIsCutOff(t *testing.T) {
	t.Parallel()
	forge := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "001e# service=git-upload-pack\n0000")
		for i := range 1_000_000 {
			line := fmt.Sprintf("%040x refs/heads/%060d%s\n", i+1, i, map[bool]string{true: "\x00ofs-delta"}[i == 0])
			if _, err := fmt.Fprintf(w, "%04x%s", len(line)+4, line); err != nil {
				return
			}
		}
	}))
	t.Cleanup(forge.Close)
	if _, err := depot.Recevoir(t.Context(), transportGit(forge.Client()), forge.URL+"/projet.git", t.TempDir(), depot.MaxRecu); !errors.Is(err, depot.ErrTropGros) {
		t.Error(err)
	}
}
