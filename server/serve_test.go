package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/db/local"
)

// The whole life of the embedded default, in the order of a user's day: it loads once, so one test.
func TestThePrivateDatabaseLoadsOnceAndOutlivesAKillAtScale(t *testing.T) {
	t.Parallel()
	dir := dossier(t)
	const arles = `{collectivite(siren:"211300041"){nom} collectivites(first:1){totalCount}}`

	premier := serveElsewhere(t, "--data-dir", dir)
	reponse := premier.graphql(arles)
	if !strings.Contains(reponse, `"nom":"Arles"`) {
		t.Fatalf("Arles: %s", reponse)
	}
	if !strings.Contains(premier.journal.String(), "la base est vide") {
		t.Errorf("the first start does not say that it loads:\n%s", premier.journal)
	}

	// A second server is refused, and says by whom.
	statut, _, stderr := launch(t, nil, "serve", "--data-dir", dir, "--addr", "localhost:0")
	attendu(t, "second serve", statut, statutEchec, stderr, "déjà utilisé", fmt.Sprintf("processus %d", premier.process.Pid))
	// Other commands work beside it.
	statut, stdout, stderr := launch(t, environnement{"DATA_DIR": dir}, "import", "categories", filepath.Join("..", "seed", "donnees", "categories.csv"))
	attendu(t, "import", statut, statutFait, stdout+stderr, "categories.csv")
	statut, stdout, stderr = launch(t, environnement{"DATA_DIR": dir}, "migrate", "status")
	attendu(t, "migrate status", statut, statutFait, stdout+stderr, "appliquée le")
	// So does making a token, which the server accepts at once.
	statut, stdout, stderr = launch(t, environnement{"DATA_DIR": dir}, "jeton", "creer", "--organisation", "253 800 700", "--role", "GESTIONNAIRE", "--nom", "Catalogue", "--expire", time.Now().AddDate(0, 6, 0).Format(time.DateOnly))
	attendu(t, "jeton creer", statut, statutFait, stderr, "GESTIONNAIRE")
	r := premier.ask("POST", "/graphql", `{"query":"{moi{droits{organisation{siren}}}}"}`, typeJSON, "Authorization: Bearer "+strings.TrimSpace(stdout))
	attendu(t, "moi", r.StatusCode, 200, r.corps, `"siren":"253800700"`)
	statut, stdout, stderr = launch(t, environnement{"DATA_DIR": dir}, "jeton", "lister", "--organisation", "253800700")
	attendu(t, "jeton lister", statut, statutFait, stdout+stderr, "GESTIONNAIRE", "Catalogue", "253800700")
	// A bad line changes nothing and is shown.
	mauvais := filepath.Join(t.TempDir(), "mauvais.csv")
	if err := os.WriteFile(mauvais, []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	statut, _, stderr = launch(t, environnement{"DATA_DIR": dir}, "import", "categories", mauvais)
	attendu(t, "bad import", statut, statutEchec, stderr, "rien n'a été modifié", "mauvais.csv, ligne 1")
	// The sample does not go where real usages are.
	adresse, ok := local.Attach(t.Context(), dir)
	if !ok {
		t.Fatal("the private database cannot be reached")
	}
	statut, _, stderr = launch(t, environnement{"DATABASE_URL": adresse}, "echantillon", "--usages", "10")
	attendu(t, "sample on real data", statut, statutEchec, stderr, "usages réels", "--melanger")

	if err := premier.process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	premier.statut()
	second := serveElsewhere(t, "--data-dir", dir)
	if got := second.graphql(arles); got != reponse {
		t.Errorf("after a kill: %s, want %s", got, reponse)
	}
	if strings.Contains(second.journal.String(), "la base est vide") {
		t.Errorf("the second start loads again:\n%s", second.journal)
	}
	second.stop()
	if code := second.statut(); code != statutFait {
		t.Errorf("SIGTERM: status %d:\n%s", code, second.journal)
	}
	if strings.Contains(second.journal.String(), "motdepasse") {
		t.Error("a secret is in the log")
	}
	statut, stdout, stderr = launch(t, environnement{"DATA_DIR": dir}, "seed")
	attendu(t, "seed again", statut, statutFait, stdout+stderr, "Rien à changer", "Chargement : communes.csv")
}

func TestTheSampleHasADatabaseOfItsOwnAtScale(t *testing.T) {
	t.Parallel()
	env := environnement{"DATA_DIR": dossier(t)}
	statut, _, stderr := launch(t, env, "serve", "--echantillon", "--addr", "localhost:0")
	attendu(t, "no sample yet", statut, statutEchec, stderr, "pas d'échantillon")
	statut, stdout, stderr := launch(t, env, "echantillon", "--usages", "300", "--graine", "7")
	attendu(t, "echantillon", statut, statutFait, stdout+stderr, "300 usages", "serve --echantillon")
	statut, stdout, _ = launch(t, env, "echantillon", "--usages", "300", "--graine", "7")
	attendu(t, "again", statut, statutFait, stdout, "déjà là")
	statut, _, stderr = launch(t, env, "echantillon", "--usages", "400")
	attendu(t, "another one", statut, statutEchec, stderr, "echantillon --retirer")

	s := serve(t, env, "--echantillon")
	r := s.ask("POST", "/graphql", `{"query":"{usages{totalCount}}"}`, typeJSON, "Origin: https://ailleurs.fr")
	attendu(t, "usages", r.StatusCode, http.StatusOK, r.corps, `"totalCount":300`)
	if r.Header.Get(enteteDonnees) != "echantillon" || !strings.Contains(r.Header.Get("Access-Control-Expose-Headers"), enteteDonnees) {
		t.Errorf("the answer does not say that its data are invented: %v", r.Header)
	}
	if !strings.Contains(s.journal.String(), "inventées") {
		t.Errorf("the log does not say that the data are invented:\n%s", s.journal)
	}
	statut, _, stderr = launch(t, env, "echantillon", "--retirer")
	attendu(t, "removal under a server", statut, statutEchec, stderr, "arrêtez-le d'abord")
	// Where a sample is, real data are refused unless asked for.
	adresse, ok := local.Attach(t.Context(), env["DATA_DIR"])
	if !ok {
		t.Fatal("the private database cannot be reached")
	}
	adresse, _, err := local.Beside(t.Context(), adresse, baseEchantillon)
	if err != nil {
		t.Fatal(err)
	}
	statut, _, stderr = launch(t, environnement{"DATABASE_URL": adresse}, "seed")
	attendu(t, "seed over a sample", statut, statutEchec, stderr, "échantillon", "--melanger")
	s.stop()
	s.statut()

	statut, stdout, stderr = launch(t, env, "echantillon", "--retirer")
	attendu(t, "removal", statut, statutFait, stdout+stderr, "est retiré")
	statut, stdout, _ = launch(t, env, "echantillon", "--retirer")
	attendu(t, "second removal", statut, statutFait, stdout, "Il n'y avait pas")
	// The real database was never touched.
	statut, stdout, _ = launch(t, env, "migrate", "status")
	attendu(t, "real database", statut, statutFait, stdout, "à appliquer")
}

func TestTwoServersOnOneEmptyDatabaseLoadItOnceAtScale(t *testing.T) {
	t.Parallel()
	env := environnement{"DATABASE_URL": dbtest.Empty(t)}
	const question = `{collectivite(siren:"211300041"){nom} collectivites(first:1){totalCount}}`
	reponses := make(chan string, 2)
	t.Run("servers", func(t *testing.T) {
		for _, nom := range []string{"one", "other"} {
			t.Run(nom, func(t *testing.T) {
				t.Parallel()
				reponses <- serve(t, env).graphql(question)
			})
		}
	})
	if a, b := <-reponses, <-reponses; a != b || !strings.Contains(a, `"nom":"Arles"`) {
		t.Errorf("one: %s\nother: %s", a, b)
	}
	statut, stdout, stderr := launch(t, env, "seed")
	attendu(t, "seed after them", statut, statutFait, stdout+stderr, "Rien à changer")
}

func TestASampleInTheDatabaseGivenIsRemovedRowByRow(t *testing.T) {
	t.Parallel()
	env := environnement{"DATABASE_URL": remplie(t)}
	statut, stdout, stderr := launch(t, env, "echantillon", "--retirer")
	attendu(t, "nothing to remove", statut, statutFait, stdout+stderr, "Il n'y avait pas")
	statut, _, stderr = launch(t, env, "echantillon", "--usages", "10")
	attendu(t, "no collectivité", statut, statutEchec, stderr, "aucune collectivité")
	statut, stdout, _ = launch(t, environnement{"DATABASE_URL": dbtest.Empty(t)}, "echantillon", "--retirer")
	attendu(t, "no table", statut, statutFait, stdout, "Il n'y avait pas")
}

func TestAStopLetsARunningRequestEnd(t *testing.T) {
	t.Parallel()
	s := serve(t, environnement{"DATABASE_URL": remplie(t)})
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// A slow client: half of the body now, the rest after the stop. The server says that it is waiting for the body.
	fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(question))
	answers := bufio.NewReader(conn)
	if r, err := http.ReadResponse(answers, nil); err != nil || r.StatusCode != http.StatusContinue {
		t.Fatal(r, err)
	}
	if _, err := io.WriteString(conn, question[:10]); err != nil {
		t.Fatal(err)
	}
	s.stop()
	if !s.journal.Shows("arrêt demandé") {
		t.Fatal("the stop is not heard")
	}
	select {
	case code := <-s.fin:
		t.Fatalf("the server ended, status %d, under a request", code)
	default:
	}
	if _, err := io.WriteString(conn, question[10:]); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	texte, err := io.ReadAll(r.Body)
	attendu(t, "slow request", r.StatusCode, http.StatusOK, string(texte), `"__typename":"Query"`)
	if err != nil {
		t.Fatal(err)
	}
	if code := s.statut(); code != statutFait {
		t.Errorf("status %d", code)
	}
}

func TestADatabaseThatCannotBeUsedIsExplainedWithoutItsPassword(t *testing.T) {
	t.Parallel()
	libre, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	port := libre.Addr().(*net.TCPAddr).Port
	libre.Close()
	for adresse, want := range map[string]string{
		fmt.Sprintf("postgres://moi:tressecret@localhost:%d/base", port):                    "aucun PostgreSQL n'écoute",
		"postgres://moi:tressecret@/base?host=/nulle/part":                                  "n'existe pas",
		"postgres://moi:tressecret@hote.test/base":                                          "introuvable",
		strings.Replace(dbtest.Empty(t), "/test_", "/absente_", 1) + "&password=tressecret": "cette base n'existe pas",
	} {
		for _, args := range [][]string{{"serve", "--addr", "localhost:0"}, {"seed"}, {"migrate", "status"}} {
			statut, _, stderr := launch(t, environnement{"DATABASE_URL": adresse}, args...)
			attendu(t, args[0]+" "+adresse, statut, statutEchec, stderr, "Échec : ", want)
			if strings.Contains(stderr, "tressecret") {
				t.Errorf("%s: the password is shown:\n%s", adresse, stderr)
			}
			enFrancais(t, stderr)
		}
	}
}

func TestAPortAlreadyTakenIsExplainedAtOnce(t *testing.T) {
	t.Parallel()
	pris, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer pris.Close()
	// The folder is not even looked at.
	statut, _, stderr := launch(t, environnement{"DATA_DIR": "/dev/null/non"}, "serve", "--addr", pris.Addr().String())
	attendu(t, "serve", statut, statutEchec, stderr, "est déjà prise", "--addr")
	enFrancais(t, stderr)
}

func TestMigrationsGoUpAndDownAndAreListed(t *testing.T) {
	t.Parallel()
	env := environnement{"DATABASE_URL": dbtest.Empty(t)}
	for _, c := range []struct{ sens, want string }{
		{"status", "à appliquer"}, {"up", "appliquée"}, {"up", "rien à appliquer"}, {"status", "appliquée le"}, {"down", "annulée"}, {"status", "à appliquer"},
	} {
		statut, stdout, stderr := launch(t, env, "migrate", c.sens)
		attendu(t, c.sens, statut, statutFait, stdout+stderr, c.want)
	}
}
