//go:build unix

package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Extensions lists what the migrations create: all are part of PostgreSQL's
// "contrib" set and may be created by the owner of a database.
func Extensions() []string { return []string{"pg_trgm", "btree_gist", "unaccent"} }

func (b Binaries) path(program string) string { return filepath.Join(b.Dir, program) }

// FindBinaries returns the PostgreSQL to run: the first of PATH, Debian's,
// Homebrew's, Fedora's, a local build's and Postgres.app's folders, the highest
// version first within each. With major > 0 only that major version will do,
// because data files belong to one major version.
//
// Nothing suitable: an [Error] with [CodeNoBinaries] (or [CodeVersion] when major
// was asked) which says why each installation was refused and what to install.
func FindBinaries(ctx context.Context, major int) (Binaries, error) {
	return findBinaries(ctx, usualFolders(os.Getenv("PATH")), major)
}

func findBinaries(ctx context.Context, folders []string, major int) (Binaries, error) {
	var refused []string
	for _, dir := range folders {
		b, err := inspect(ctx, dir)
		switch {
		case errors.Is(err, os.ErrNotExist):
		case err != nil:
			refused = append(refused, fmt.Sprintf("  %s : %v", dir, err))
		case major > 0 && b.Major != major:
			refused = append(refused, fmt.Sprintf("  %s : version %s", dir, b.Version))
		default:
			return b, nil
		}
	}
	seen := ""
	if len(refused) > 0 {
		seen = "\nInstallations écartées :\n" + strings.Join(refused, "\n")
	}
	if major > 0 {
		return Binaries{}, failure(CodeVersion, nil,
			"ces données demandent PostgreSQL %d, qui n'est pas installé sur cette machine.%s\n%s", major, seen, Advice(major))
	}
	return Binaries{}, failure(CodeNoBinaries, nil,
		"aucun PostgreSQL %d ou plus récent, avec ses extensions, n'a été trouvé.%s\n%s", MinimumMajor, seen, Advice(0))
}

// Advice says in French how to install PostgreSQL on the usual systems; major 0
// stands for "any accepted version".
func Advice(major int) string {
	debian, mac := "postgresql postgresql-contrib", "postgresql@17"
	if major > 0 {
		debian, mac = fmt.Sprintf("postgresql-%d", major), fmt.Sprintf("postgresql@%d", major)
	}
	return "Pour l'installer :\n" +
		"  Debian, Ubuntu : sudo apt-get install " + debian + "\n" +
		"  Fedora         : sudo dnf install postgresql-server postgresql-contrib\n" +
		"  macOS          : brew install " + mac + "\n" +
		"Ou donnez l'adresse d'une base existante : DATABASE_URL=postgres://utilisateur:motdepasse@serveur/base"
}

// usualFolders lists where PostgreSQL's programs live, best first, without
// repeats: links are followed, since distributions link single programs into
// /usr/local/bin and the others stay behind.
func usualFolders(path string) []string {
	var all []string
	for _, dir := range filepath.SplitList(path) {
		if dir == "" {
			continue
		}
		if real, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres")); err == nil {
			all = append(all, filepath.Dir(real))
		}
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/lib/postgresql*/bin",
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
		"/opt/homebrew/opt/postgresql/bin",
		"/usr/local/opt/postgresql/bin",
		"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
		"/usr/pgsql-*/bin",
		"/usr/libexec/postgresql*",
		"/usr/local/pgsql/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
	} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			continue
		}
		slices.SortStableFunc(found, func(a, b string) int { return cmp.Compare(numberIn(b), numberIn(a)) })
		all = append(all, found...)
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(dir string) bool {
		repeat := seen[dir]
		seen[dir] = true
		return repeat
	})
}

var digits = regexp.MustCompile(`\d+(\.\d+)?`)

func numberIn(path string) float64 {
	n, err := strconv.ParseFloat(digits.FindString(path), 64)
	if err != nil {
		return 0
	}
	return n
}

var versionLine = regexp.MustCompile(`^postgres \(PostgreSQL\) ((\d+)\S*)`)

// inspect checks one folder. os.ErrNotExist means there is no PostgreSQL there;
// any other error says why that PostgreSQL will not do.
func inspect(ctx context.Context, dir string) (Binaries, error) {
	if _, err := os.Stat(filepath.Join(dir, "postgres")); err != nil {
		return Binaries{}, os.ErrNotExist
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return Binaries{}, fmt.Errorf("« postgres --version » a échoué (%w)", err)
	}
	m := versionLine.FindStringSubmatch(strings.TrimSpace(string(out)))
	if m == nil {
		return Binaries{}, fmt.Errorf("version illisible (%q)", strings.TrimSpace(string(out)))
	}
	major, err := strconv.Atoi(m[2])
	if err != nil {
		return Binaries{}, fmt.Errorf("version illisible (%q)", m[1])
	}
	b := Binaries{Dir: dir, Version: m[1], Major: major}
	if major < MinimumMajor {
		return b, fmt.Errorf("version %s, trop ancienne (il faut la version %d au moins)", b.Version, MinimumMajor)
	}
	if _, err := os.Stat(b.path("initdb")); err != nil {
		return b, errors.New("le programme initdb manque")
	}
	share, err := shareDir(ctx, b)
	if err != nil {
		return b, err
	}
	var missing []string
	for _, name := range Extensions() {
		if _, err := os.Stat(filepath.Join(share, "extension", name+".control")); err != nil {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return b, fmt.Errorf("version %s sans les extensions %s (paquet postgresql-contrib)", b.Version, strings.Join(missing, ", "))
	}
	return b, nil
}

// shareDir asks initdb where its shared files are: pg_config is often not
// installed, and every distribution has its own layout.
func shareDir(ctx context.Context, b Binaries) (string, error) {
	who, err := unprivileged("")
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, b.path("initdb"), "--show", "-D", "/nonexistent")
	cmd.Dir, cmd.Env = "/", cleanEnv(b)
	who.apply(cmd)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("« initdb --show » a échoué (%w : %s)", err, strings.TrimSpace(string(out)))
	}
	for line := range strings.Lines(string(out)) {
		if share, ok := strings.CutPrefix(line, "share_path="); ok {
			return strings.TrimSpace(share), nil
		}
	}
	return "", errors.New("initdb ne dit pas où sont ses fichiers")
}

// cleanEnv keeps PG* variables and the user's locale away from PostgreSQL.
func cleanEnv(b Binaries) []string {
	return []string{"PATH=" + b.Dir + string(os.PathListSeparator) + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}
