package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/db/local"
	"github.com/mutualibre/mutualibre/domain/epreuve"
)

// commeProgramme makes this test binary behave as the program: some tests kill it.
const commeProgramme = "MUTUALIBRE_ESSAI_PROGRAMME"

func TestMain(m *testing.M) {
	if os.Getenv(commeProgramme) != "" {
		main()
		return
	}
	dbtest.Main(m)
}

// patienceEssai bounds a wait that a fault would make endless.
const patienceEssai = 10 * time.Minute

type environnement map[string]string

func (e environnement) read(nom string) (string, bool) { v, ok := e[nom]; return v, ok }

// launch runs the program to its end, here.
func launch(t *testing.T, env environnement, args ...string) (statut int, stdout, stderr string) {
	t.Helper()
	var sortie, erreurs epreuve.Tampon
	ctx, cancel := context.WithTimeout(t.Context(), patienceEssai)
	defer cancel()
	statut = run(ctx, args, env.read, &sortie, &erreurs)
	return statut, sortie.String(), erreurs.String()
}

// serveur is a « serve » under test, in this process or in another.
type serveur struct {
	t       *testing.T
	base    string // "http://localhost:1234"
	journal *epreuve.Tampon
	stop    func()
	fin     chan int // its exit status
	process *os.Process
}

// serve runs « serve » here, on a free port, and waits until it is ready.
func serve(t *testing.T, env environnement, args ...string) *serveur {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &serveur{t: t, journal: new(epreuve.Tampon), stop: cancel, fin: make(chan int, 1)}
	go func() {
		s.fin <- run(ctx, append([]string{"serve", "--addr", "localhost:0", "--log-format", "json"}, args...), env.read, io.Discard, s.journal)
	}()
	return s.await()
}

// serveElsewhere runs it in another process, which may be killed.
func serveElsewhere(t *testing.T, args ...string) *serveur {
	t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{"serve", "--addr", "localhost:0", "--log-format", "json"}, args...)...)
	cmd.Env = append(os.Environ(), commeProgramme+"=1", "DATABASE_URL=")
	s := &serveur{t: t, journal: new(epreuve.Tampon), fin: make(chan int, 1)}
	cmd.Stderr = s.journal
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.process = cmd.Process
	s.stop = func() { _ = cmd.Process.Signal(syscall.SIGTERM) }
	go func() {
		_ = cmd.Wait()
		s.fin <- cmd.ProcessState.ExitCode()
	}()
	return s.await()
}

// await reads the address in the first line of the log, then waits until the server is ready.
func (s *serveur) await() *serveur {
	s.t.Helper()
	s.t.Cleanup(func() {
		s.stop()
		s.statut()
		if s.t.Failed() {
			s.t.Logf("journal :\n%s", s.journal)
		}
	})
	debut := time.Now()
	for time.Since(debut) < patienceEssai {
		if s.base == "" {
			ligne, _, complete := strings.Cut(s.journal.String(), "\n")
			var premiere struct{ URL string }
			if complete {
				if err := json.Unmarshal([]byte(ligne), &premiere); err != nil || premiere.URL == "" {
					s.t.Fatalf("the first line of the log does not say the address: %s", ligne)
				}
				s.base = strings.TrimSuffix(premiere.URL, "/graphql")
			}
		}
		if s.base != "" {
			if r, err := http.Get(s.base + "/readyz"); err == nil {
				r.Body.Close()
				if r.StatusCode == http.StatusOK {
					s.t.Logf("ready in %v", time.Since(debut).Round(time.Millisecond))
					return s
				}
			}
		}
		select {
		case code := <-s.fin:
			s.fin <- code
			s.t.Fatalf("serve ended with status %d:\n%s", code, s.journal)
		case <-time.After(20 * time.Millisecond):
		}
	}
	s.t.Fatalf("serve is not ready:\n%s", s.journal)
	return nil
}

// statut waits for the end.
func (s *serveur) statut() int {
	s.t.Helper()
	select {
	case code := <-s.fin:
		s.fin <- code
		return code
	case <-time.After(patienceEssai):
		s.t.Fatalf("serve does not end:\n%s", s.journal)
		return -1
	}
}

type reponse struct {
	*http.Response
	corps string
}

// ask sends a request; each header is "Name: value".
func (s *serveur) ask(methode, chemin, corps string, entetes ...string) reponse {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), methode, s.base+chemin, strings.NewReader(corps))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entetes {
		nom, valeur, _ := strings.Cut(e, ": ")
		r.Header.Set(nom, valeur)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	rep, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rep.Body.Close()
	texte, err := io.ReadAll(rep.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reponse{rep, string(texte)}
}

// graphql asks a question and returns the answer's body.
func (s *serveur) graphql(question string) string {
	s.t.Helper()
	corps, err := json.Marshal(map[string]string{"query": question})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.ask("POST", "/graphql", string(corps), "Content-Type: application/json").corps
}

// dossier is an empty folder that the account of PostgreSQL can enter.
func dossier(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "mutualibre-server-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := local.Remove(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// remplie returns the address of a migrated database that is not empty, so that « serve » does not load it.
func remplie(t *testing.T) string {
	t.Helper()
	url := dbtest.URL(t)
	pool := dbtest.Open(t, url)
	if _, err := pool.Exec(t.Context(), `INSERT INTO source (cle, nom, importe_le) VALUES ('essai', 'source d''essai', now())`); err != nil {
		t.Fatal(err)
	}
	return url
}

// enFrancais fails on the words that the libraries would have written.
func enFrancais(t *testing.T, texte string) {
	t.Helper()
	lignes := bufio.NewScanner(strings.NewReader(strings.ToLower(texte)))
	for lignes.Scan() {
		for _, mot := range []string{"usage:", "flag", "available", "unknown", "invalid", "required", "command ", "help for", "(default", "argument(s)", "failed", "such file", "cannot", "usage of"} {
			if strings.Contains(lignes.Text(), mot) {
				t.Errorf("%q is not French: %s", mot, lignes.Text())
			}
		}
	}
}

// attendu fails unless the status and every text are there.
func attendu(t *testing.T, quoi string, statut, voulu int, texte string, fragments ...string) {
	t.Helper()
	if statut != voulu {
		t.Errorf("%s: status %d, want %d:\n%s", quoi, statut, voulu, texte)
	}
	for _, f := range fragments {
		if !strings.Contains(texte, f) {
			t.Errorf("%s: %q is missing from:\n%s", quoi, f, texte)
		}
	}
}
