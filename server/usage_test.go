package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mutualibre/mutualibre/seed"
)

func TestEveryCommandHasFrenchHelpWithExamples(t *testing.T) {
	t.Parallel()
	commandes := []string{"", "serve", "migrate", "migrate up", "migrate down", "migrate status", "seed", "import", "echantillon", "jeton", "jeton creer", "jeton lister", "jeton revoquer", "schema", "version", "aide"}
	for _, c := range commandes {
		for _, args := range [][]string{append(strings.Fields(c), "--help"), append(strings.Fields(c), "-h"), append([]string{"aide"}, strings.Fields(c)...)} {
			statut, stdout, stderr := launch(t, nil, args...)
			attendu(t, strings.Join(args, " "), statut, statutFait, stdout, "Utilisation :", "--help", "affiche cette aide", "Exemples :", "go run ./server")
			enFrancais(t, stdout+stderr)
		}
	}
	_, aide, _ := launch(t, nil, "--help")
	for _, c := range commandes[1 : len(commandes)-1] {
		if c, _, _ = strings.Cut(c, " "); !strings.Contains(aide, "\n  "+c+" ") {
			t.Errorf("the help does not name %q:\n%s", c, aide)
		}
	}
}

func TestEveryFaultOfUseIsReportedAtOnceInFrench(t *testing.T) {
	t.Parallel()
	statut, stdout, stderr := launch(t, environnement{"LOG_FORMAT": "xml", "DATABASE_URL": "postgres://moi:tressecret@[", "CORS_ORIGINS": "mairie.fr,https://ok.fr,https://x.fr/page", "OIDC_EMETTEURS": "http://sso.fr=x,https://ok.fr=y", "WEBHOOKS_LOCAUX": "peut-être"},
		"serve", "--webhooks=jamais", "--inconnue", "--addr", "8080", "-z", "--log-level=fort", "--delai", "10", "--connexions=0", "--abonnements=-1", "--aussi=3", "mot")
	attendu(t, "serve", statut, statutMauvais, stderr, "16 erreurs", "« --inconnue »", "« -z »", "« --aussi »", "--addr : « 8080 »", "--log-level : le niveau « fort »",
		"LOG_FORMAT : la forme « xml »", "DATABASE_URL : ", "CORS_ORIGINS : « mairie.fr »", "CORS_ORIGINS : « https://x.fr/page »", "OIDC_EMETTEURS : « http://sso.fr »", "--webhooks : « jamais »", "WEBHOOKS_LOCAUX : « peut-être »", "--delai : « 10 »", "--connexions : « 0 »", "--abonnements : « -1 »", "« mot » est de trop", "mutualibre serve --help")
	if strings.Contains(stderr, "tressecret") {
		t.Error("the password is in the message")
	}
	if stdout != "" {
		t.Errorf("standard output is for what was asked: %s", stdout)
	}
	enFrancais(t, stderr)
}

func TestWrongUseHasStatus2AndSaysWhatIsRight(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"sevre"}, []string{"« sevre »", "vouliez-vous dire « serve »"}},
		{[]string{"danser", "--vite"}, []string{"« danser »", "serve", "import", "« --vite »"}},
		{[]string{"aide", "danser"}, []string{"« danser »"}},
		{[]string{"migrate"}, []string{"up, down ou status"}},
		{[]string{"migrate", "sideways"}, []string{"« sideways »", "up"}},
		{[]string{"migrate", "up", "encore"}, []string{"« encore » est de trop"}},
		{[]string{"serve", "--addr"}, []string{"« --addr » attend une valeur"}},
		{[]string{"serve", "--addr=:99999"}, []string{"« 99999 »"}},
		{[]string{"serve", "--echantillon=oui"}, []string{"« --echantillon »", "« oui »"}},
		{[]string{"serve", "--=x"}, []string{"« --=x »"}},
		{[]string{"import"}, []string{"communes", "epci"}},
		{[]string{"import", "communes"}, []string{"il manque les fichiers"}},
		{[]string{"import", "parquet", filepath.Join(dir, "absent.csv"), dir}, []string{"3 erreurs", "« parquet »", "communes", "absent.csv » n'existe pas", "est un dossier"}},
		{[]string{"echantillon", "--usages", "-5", "--graine=x"}, []string{"2 erreurs", "« -5 »", "« x »"}},
		{[]string{"echantillon", "--retirer", "--graine=1"}, []string{"--retirer ne va"}},
		{[]string{"jeton"}, []string{"creer, lister ou revoquer"}},
		{[]string{"jeton", "creer", "mot"}, []string{"3 erreurs", "« mot » est de trop", "--role", "LECTEUR, CONTRIBUTEUR", "--nom"}},
		{[]string{"jeton", "creer", "--role", "chef", "--nom", "x", "--expire", "demain"}, []string{"2 erreurs", "« chef »", "« demain »", "2027-01-01"}},
		{[]string{"jeton", "creer", "--role", "lecteur", "--nom", "x"}, []string{"--organisation", "LECTEUR"}},
		{[]string{"jeton", "creer", "--role", "ADMIN", "--nom", "x", "--organisation", "253800700"}, []string{"--organisation", "ADMIN"}},
		{[]string{"jeton", "revoquer"}, []string{"identifiant", "jeton lister"}},
		{[]string{"schema", "tout"}, []string{"« tout » est de trop"}},
		{[]string{"version", "--court"}, []string{"« --court »"}},
		{[]string{"--version"}, []string{"« --version »"}},
	} {
		// A folder that cannot be used shows that nothing starts before the faults are told.
		statut, _, stderr := launch(t, environnement{"DATA_DIR": "/dev/null/non"}, c.args...)
		attendu(t, strings.Join(c.args, " "), statut, statutMauvais, stderr, append(c.want, "--help")...)
		enFrancais(t, stderr)
	}
}

func TestAnImportOfAnUnknownFormatListsTheFormats(t *testing.T) {
	t.Parallel()
	statut, _, stderr := launch(t, environnement{"DATA_DIR": t.TempDir()}, "import", "inconnu", os.Args[0])
	attendu(t, "import", statut, statutMauvais, stderr, "« inconnu »")
	for _, f := range seed.Formats() {
		if !strings.Contains(stderr, "\n  "+f.Nom+" ") || !strings.Contains(stderr, f.Description) {
			t.Errorf("the format %s is not listed:\n%s", f.Nom, stderr)
		}
	}
}

func TestOptionsComeBeforeTheEnvironmentWhichComesBeforeDefaults(t *testing.T) {
	t.Parallel()
	app := &application{}
	for _, c := range []struct {
		env  environnement
		args []string
		want func(config) bool
	}{
		{nil, nil, func(c config) bool {
			return c.Addr == ":8080" && len(c.Origines) == 1 && c.Origines[0] == "*" && c.Delai.Seconds() == 10 && c.Connexions >= 8 && c.DataDir != ""
		}},
		{environnement{"ADDR": ":1"}, nil, func(c config) bool { return c.Addr == ":1" }},
		{environnement{"ADDR": ":1"}, []string{"--addr", ":2"}, func(c config) bool { return c.Addr == ":2" }},
		{environnement{"ADDR": "", "DATABASE_URL": "", "LOG_LEVEL": ""}, nil, func(c config) bool { return c.Addr == ":8080" && c.DatabaseURL == "" }},
		{environnement{"CORS_ORIGINS": ""}, nil, func(c config) bool { return len(c.Origines) == 0 }},
		{environnement{"CORS_ORIGINS": " , "}, nil, func(c config) bool { return len(c.Origines) == 0 }},
		{environnement{"CORS_ORIGINS": "https://A.fr, http://localhost:3000"}, nil, func(c config) bool {
			return strings.Join(c.Origines, " ") == "https://a.fr http://localhost:3000"
		}},
		{environnement{"OIDC_EMETTEURS": "https://a.fr=un,https://a.fr=deux"}, nil, func(c config) bool { return fmt.Sprint(c.Emetteurs) == "[{https://a.fr [un deux]}]" }},
		{environnement{"OIDC_EMETTEURS": "https://a.fr=un"}, []string{"--oidc-emetteurs="}, func(c config) bool { return len(c.Emetteurs) == 0 }},
		{environnement{"DATA_DIR": "/a"}, []string{"--data-dir=/b"}, func(c config) bool { return c.DataDir == "/b" }},
		{environnement{"DATABASE_URL": "postgres://u:p@h/b"}, nil, func(c config) bool { return c.lieu() == "b sur h:5432, compte u" }},
	} {
		env := environnement{"HOME": "/home/essai"}
		for k, v := range c.env {
			env[k] = v
		}
		cmd := app.commandeServe()
		if err := cmd.ParseFlags(c.args); err != nil {
			t.Fatal(err)
		}
		got, err := readConfig(cmd.Flags(), reglagesServe(), env.read)
		if err != nil || !c.want(got) {
			t.Errorf("%v %v: %+v, %v", c.env, c.args, got, err)
		}
	}
}

func TestTheSchemaPrintedIsValidAndDescribed(t *testing.T) {
	t.Parallel()
	statut, stdout, stderr := launch(t, nil, "schema")
	attendu(t, "schema", statut, statutFait, stdout, "type Query", `"""`)
	if stderr != "" {
		t.Errorf("stderr: %s", stderr)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema", Input: stdout})
	if err != nil {
		t.Fatal(err)
	}
	if d := schema.Types["Collectivite"]; d == nil || d.Description == "" {
		t.Error("the descriptions are lost")
	}
}

func TestVersionNamesTheProgramAndGo(t *testing.T) {
	t.Parallel()
	statut, stdout, _ := launch(t, nil, "version")
	attendu(t, "version", statut, statutFait, stdout, "mutualibre", "go1.")
}
