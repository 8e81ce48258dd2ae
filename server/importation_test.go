package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/domain/epreuve"
	"github.com/mutualibre/mutualibre/seed/seedtest"
)

// tableauUsages writes a table of n usages.
func tableauUsages(t *testing.T, pool *pgxpool.Pool, n int) string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `SELECT siren FROM organisation WHERE nature = 'COMMUNE' AND siren IS NOT NULL ORDER BY id LIMIT $1`, n)
	if err != nil {
		t.Fatal(err)
	}
	sirens, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(sirens) < n {
		t.Fatal(len(sirens), err)
	}
	var b strings.Builder
	b.WriteString("siren;logiciel;statut;debut;version;source\r\n")
	for _, s := range sirens {
		fmt.Fprintf(&b, "%s;inkscape;PRODUCTION;2011-02-03;kill;Essai\r\n", s)
	}
	path := filepath.Join(t.TempDir(), "usages.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// trace is a fingerprint of what an import writes.
func trace(t *testing.T, pool *pgxpool.Pool) (s string) {
	t.Helper()
	err := pool.QueryRow(t.Context(), `SELECT concat_ws(' ', (SELECT md5(string_agg(u::text, '' ORDER BY id)) FROM usage u), (SELECT count(*) FROM journal),
		(SELECT count(*) FROM publication), (SELECT count(*) FROM source), (SELECT sum(nb_usages) FROM organisation), (SELECT sum(nb) FROM usage_compte))`).Scan(&s)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAnImportKilledInTheMiddleLeavesNothingHalfDoneAtScale(t *testing.T) {
	t.Parallel()
	url := seedtest.URL(t)
	pool := dbtest.Open(t, url)
	const n = 25_000 // more than what is written at once
	path := tableauUsages(t, pool, n)
	before := trace(t, pool)

	cmd := exec.Command(os.Args[0], "import", "usages", path)
	cmd.Env = append(os.Environ(), commeProgramme+"=1", "DATABASE_URL="+url)
	var sortie epreuve.Tampon
	cmd.Stdout, cmd.Stderr = &sortie, &sortie
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	writing := func() (yes bool) {
		err := pool.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database()
			AND l.relation = 'usage'::regclass AND l.mode = 'RowExclusiveLock' AND l.granted)`).Scan(&yes)
		if err != nil {
			t.Fatal(err)
		}
		return yes
	}
	for debut := time.Now(); !writing(); time.Sleep(5 * time.Millisecond) {
		if time.Since(debut) > patienceEssai || strings.Contains(sortie.String(), "Importé") {
			t.Fatalf("it was never seen writing:\n%s", &sortie)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || strings.Contains(sortie.String(), "Importé") {
		t.Fatalf("it was not killed in the middle:\n%s", &sortie)
	}
	if trace(t, pool) != before {
		t.Fatal("what was half done is there")
	}

	statut, stdout, stderr := launch(t, environnement{"DATABASE_URL": url}, "import", "usages", path) // waits for the former to be gone
	attendu(t, "second run", statut, statutFait, stdout+stderr, fmt.Sprintf("%d ajouts", n))
	statut, stdout, stderr = launch(t, environnement{"DATABASE_URL": url}, "import", "usages", path)
	attendu(t, "third run", statut, statutFait, stdout+stderr, fmt.Sprintf("0 ajout, 0 correction, %d lignes inchangées", n))
}

func TestTheImportCommandSaysWhatItRefusesAndWritesItDown(t *testing.T) {
	t.Parallel()
	url := seedtest.URL(t)
	env := environnement{"DATABASE_URL": url}
	dir := t.TempDir()
	path, rapport := filepath.Join(dir, "usages.csv"), filepath.Join(dir, "rejets.csv")
	if err := os.WriteFile(path, []byte("siren;logiciel;statut;source\r\n213801517;inkscape;En production;Relevé\r\n213801518;inkscape;En production;Relevé\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := trace(t, dbtest.Open(t, url))
	statut, stdout, stderr := launch(t, env, "import", "usages", path, "--rapport", rapport)
	attendu(t, "refused", statut, statutEchec, stdout+stderr, "rien n'a été modifié", "ligne 3, colonne « siren », valeur « 213801518 »")
	written, err := os.ReadFile(rapport)
	if err != nil || !strings.Contains(string(written), "213801518;inkscape;En production;Relevé;siren : ") {
		t.Errorf("%v: %s", err, written)
	}
	statut, stdout, stderr = launch(t, env, "import", "usages", path, "--essai", "--partiel")
	attendu(t, "dry run", statut, statutFait, stdout+stderr, "Essai", "1 ajout", "1 ligne refusée")
	if trace(t, dbtest.Open(t, url)) != before {
		t.Error("something was written")
	}
	statut, stdout, stderr = launch(t, env, "import", "usages", path, "--partiel")
	attendu(t, "partial", statut, statutFait, stdout+stderr, "Importé : 1 ajout", "1 ligne refusée")

	statut, _, stderr = launch(t, env, "import", "categories", path, "--essai", "--source-url", "https://exemple.fr")
	attendu(t, "options of tables", statut, statutMauvais, stderr, "« --essai » ne vaut que pour un tableau", "« --source-url » va avec « --source »")
	enFrancais(t, stdout+stderr)
}
