package depot_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/server"

	"github.com/mutualibre/mutualibre/domain/communaute"
	"github.com/mutualibre/mutualibre/seed/depot"
)

// au is the day of the evaluations.
var au = jour("2026-07-01")

func jour(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// projet is a real repository, made with the dates wanted.
type projet struct {
	t       testing.TB
	dossier string
	r       *git.Repository
	w       *git.Worktree
	n       int
}

func nouveau(t testing.TB) *projet {
	t.Helper()
	dossier := t.TempDir()
	r, err := git.PlainInit(dossier, false)
	if err != nil {
		t.Fatal(err)
	}
	w, err := r.Worktree()
	if err != nil {
		t.Fatal(err)
	}
	return &projet{t: t, dossier: dossier, r: r, w: w}
}

// commit adds a commit of "Name <email>" on a day; files are "name=content".
func (p *projet) commit(qui, le string, o ...any) plumbing.Hash {
	p.t.Helper()
	nom, courriel, _ := strings.Cut(qui, " <")
	auteur := object.Signature{Name: nom, Email: strings.TrimSuffix(courriel, ">"), When: jour(le).Add(12 * time.Hour)}
	opts := &git.CommitOptions{Author: &auteur, Committer: &auteur}
	p.n++
	fichiers := []string{fmt.Sprintf("f%d=%d", p.n, p.n)}
	message := fmt.Sprintf("commit %d", p.n)
	for _, x := range o {
		switch x := x.(type) {
		case string:
			fichiers = append(fichiers, x)
		case func(*git.CommitOptions):
			x(opts)
		case error:
			message = x.Error()
		}
	}
	for _, f := range fichiers {
		chemin, contenu, _ := strings.Cut(f, "=")
		complet := filepath.Join(p.dossier, chemin)
		if err := errors.Join(os.MkdirAll(filepath.Dir(complet), 0o755), os.WriteFile(complet, []byte(contenu), 0o644)); err != nil {
			p.t.Fatal(err)
		}
		if _, err := p.w.Add(chemin); err != nil {
			p.t.Fatal(err)
		}
	}
	h, err := p.w.Commit(message, opts)
	if err != nil {
		p.t.Fatal(err)
	}
	return h
}

func (p *projet) tag(nom string, h plumbing.Hash, le string) {
	p.t.Helper()
	var o *git.CreateTagOptions
	if le != "" {
		o = &git.CreateTagOptions{Message: nom, Tagger: &object.Signature{Name: "A", Email: "a@b.fr", When: jour(le)}}
	}
	if _, err := p.r.CreateTag(nom, h, o); err != nil {
		p.t.Fatal(err)
	}
}

// lire reads a repository, and gives its inputs by name, the dates of releases after their name.
func lire(t testing.TB, d *depot.Depot) (map[string]string, []string) {
	t.Helper()
	l, err := d.Lire(t.Context(), au)
	if err != nil {
		t.Fatal(err)
	}
	return carte(t, l.Entrees), l.Avertissements
}

func carte(t testing.TB, entrees []communaute.Entree) map[string]string {
	t.Helper()
	communaute.VerifierToutes(au, entrees, func(i int, err error) { t.Errorf("%+v: %v", entrees[i], err) })
	m := map[string]string{}
	for _, e := range entrees {
		v := e.Valeur
		if e.Nom == communaute.DerniereVersion {
			v += " " + e.Le
		}
		m[string(e.Nom)] = strings.TrimPrefix(m[string(e.Nom)]+"|"+v, "|")
	}
	return m
}

func (p *projet) lire() (map[string]string, []string) {
	p.t.Helper()
	d, err := depot.Ouvrir(p.dossier)
	if err != nil {
		p.t.Fatal(err)
	}
	return lire(p.t, d)
}

// check compares what matters to a test; "-" wants nothing known.
func check(t testing.TB, got map[string]string, want map[string]string) {
	t.Helper()
	for _, nom := range slices.Sorted(maps.Keys(want)) {
		if w := want[nom]; w == "-" && got[nom] != "" || w != "-" && got[nom] != w {
			t.Errorf("%s = %q, want %q", nom, got[nom], w)
		}
	}
}

func TestContributionsOfTwelveAndTwentyFourMonthsAreCountedWithoutMergersNorRobots(t *testing.T) {
	t.Parallel()
	p := nouveau(t)
	p.commit("Ada Lovelace <ada@ville-arles.fr>", "2020-01-01") // before every window
	p.commit("Ada Lovelace <ada@ville-arles.fr>", "2024-07-01") // one day before twenty-four months
	p.commit("Ada Lovelace <ada@ville-arles.fr>", "2024-07-02")
	p.commit("Ada Lovelace <ada@ville-arles.fr>", "2025-07-02") // the first day of the twelve months
	base := p.commit("Bob <bob@atreal.fr>", "2026-01-01")
	p.commit("Carl Gauss <carl@gmail.com>", "2026-02-01", errors.New("fix\n\nbecause\n\nCo-authored-by: Ada L <ADA@ville-arles.fr>\nco-authored-by: Bob <bob@atreal.fr>\nSigned-off-by: X <x@y.fr>"))
	p.commit("dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>", "2026-03-01")
	p.commit("Hosted Weblate <hosted@weblate.org>", "2026-03-02")
	p.commit("renovate <renovate@x.fr>", "2026-03-03")
	p.commit("Dan Talbot <dan.talbot@atreal.fr>", "2026-03-04", errors.New("not a trailer: Co-authored-by: Eve <eve@z.fr>"))
	p.commit("Ada Lovelace <ada@ville-arles.fr>", "2026-06-30", func(o *git.CommitOptions) { // a merger: work of the past, but a sign of life
		head, _ := p.r.Head()
		o.Parents = []plumbing.Hash{head.Hash(), base}
	})
	got, avertis := p.lire()
	check(t, got, map[string]string{
		"DERNIER_COMMIT": "2026-06-30", "PREMIER_COMMIT": "2020-01-01",
		// Ada 2 (one shared), Bob 2, Carl 1, Dan 1: half of 6 by two people.
		"FACTEUR_ABSENCE_12_MOIS": "2", "AUTEURS_12_MOIS": "4", "COMMITS_12_MOIS": "4",
		"FACTEUR_ABSENCE_24_MOIS": "2", "AUTEURS_24_MOIS": "4", "COMMITS_24_MOIS": "5",
		// atreal.fr 3, ville-arles.fr 2, of 6 contributions; gmail.com is nobody.
		"FACTEUR_ORGANISATIONS_12_MOIS": "1", "CONTRIBUTIONS_ATTRIBUEES_12_MOIS": "83", "COMMITS_DE_ROBOTS_12_MOIS": "3",
		"DERNIERE_VERSION": "-",
	})
	if !slices.ContainsFunc(avertis, func(a string) bool { return strings.Contains(a, "aucune étiquette") }) {
		t.Error(avertis)
	}
}

func TestEveryBranchCountsAndHiddenReferencesDoNot(t *testing.T) {
	t.Parallel()
	p := nouveau(t)
	h := p.commit("A B <a@a.fr>", "2025-10-01")
	ailleurs := p.commit("C D <c@c.fr>", "2026-05-01")
	perdu := p.commit("E F <e@e.fr>", "2026-06-01")
	for nom, vers := range map[plumbing.ReferenceName]plumbing.Hash{"refs/heads/dev": ailleurs, "refs/pull/1/head": perdu, "refs/heads/master": h} {
		if err := p.r.Storer.SetReference(plumbing.NewHashReference(nom, vers)); err != nil {
			t.Fatal(err)
		}
	}
	got, _ := p.lire()
	check(t, got, map[string]string{"DERNIER_COMMIT": "2026-05-01", "AUTEURS_12_MOIS": "2", "DEPOT": h.String()})
}

func TestMailmapMakesOnePersonOfTheSignaturesOfOne(t *testing.T) {
	t.Parallel()
	p := nouveau(t)
	p.commit("Zed <zed@old.fr>", "2026-01-01")
	p.commit("zzz <ZED@other.fr>", "2026-01-02")
	p.commit("root <root@shared.fr>", "2026-01-03")
	p.commit("joe <root@shared.fr>", "2026-01-04")
	p.commit("Zed Zorro <zed@new.fr>", "2026-01-05")
	p.commit("admin <admin@box.fr>", "2026-01-06")
	p.commit("Joe Dalton <joe@dalton.fr>", "2026-01-07", ".mailmap="+strings.Join([]string{
		"# how people are known",
		"Zed Zorro <zed@new.fr> <zed@old.fr>   # form 3",
		"<zed@new.fr> <zed@OTHER.fr>",                     // form 2, of another case
		"Joe Dalton <joe@dalton.fr> JOE <root@shared.fr>", // form 4: one of the two who share an address
		"Zed Zorro <admin@box.fr>",                        // form 1: the name alone, which is enough
		"nonsense", "<>", "Name <unclosed", ""}, "\n"))
	got, _ := p.lire()
	check(t, got, map[string]string{"AUTEURS_12_MOIS": "3", "COMMITS_12_MOIS": "7", "FACTEUR_ABSENCE_12_MOIS": "1"}) // Zed 4, Joe 2, root 1
}

func TestLinesOfAMailmapAboutOneAddressSayItTogether(t *testing.T) {
	t.Parallel()
	p := nouveau(t)
	p.commit("x <old@a.fr>", "2026-01-01")
	p.commit("Ada Lovelace <ada@a.fr>", "2026-01-02")
	p.commit("Ada Lovelace <ada@b.fr>", "2026-01-03", ".mailmap=Ada Lovelace <old@a.fr>\n<new@a.fr> <old@a.fr>\n")
	got, _ := p.lire()
	check(t, got, map[string]string{"AUTEURS_12_MOIS": "1", "COMMITS_12_MOIS": "3"})
}

func TestReleasesAreTagsThatNameAVersion(t *testing.T) {
	t.Parallel()
	p := nouveau(t)
	a := p.commit("A B <a@a.fr>", "2025-01-10")
	p.tag("v1.0", a, "")           // light: its commit's day
	p.tag("v1.1", a, "2025-06-01") // annotated: the tagger's
	p.tag("v1.2-rc1", a, "2026-02-01")
	p.tag("2.0.0-a9", a, "2026-03-01")
	p.tag("nightly", a, "2026-04-01")
	p.tag("v9.0", a, "2026-07-02") // after the day
	got, _ := p.lire()
	check(t, got, map[string]string{"DERNIERE_VERSION": "v1.1 2025-06-01", "ETIQUETTES_SIGNEES": "0"})

	for nom, want := range map[string]bool{
		"v1.2": true, "1.2.3": true, "v5": true, "release-2024.1": true, "libreoffice-7.5.0.3": true, "OPENSSL_3_0_0": true, "v1.2.3-1": true, "1.2.3+build5": true,
		"projet/v1.2.0": true, "2024.06": true, "v1.2.3-rc.1": false, "1.0-beta": false, "1.0.0-alpha.2": false, "3.0.0-a9": false, "5.0b2": false, "1.2.3-SNAPSHOT": false, "latest": false,
		"42": false, "backup-before-merge": false, "": false, "v": false, "v1.2 ": false, strings.Repeat("1.", 80) + "1": false,
	} {
		if got := depot.Version(nom); got != want {
			t.Errorf("%q: %t", nom, got)
		}
	}
}

func TestAbsurdAndFutureDatesDecideNothing(t *testing.T) {
	t.Parallel()
	p := nouveau(t)
	auteur := func(le string) func(*git.CommitOptions) {
		return func(o *git.CommitOptions) { o.Author = &object.Signature{Name: "A B", Email: "a@a.fr", When: jour(le)} }
	}
	p.commit("A B <a@a.fr>", "1970-01-01")
	p.commit("A B <a@a.fr>", "1970-01-01", auteur("2026-01-15")) // the committer's clock was not set: the author's day counts
	p.commit("A B <a@a.fr>", "2030-01-01")
	p.commit("A B <a@a.fr>", "2026-02-01", auteur("1999-01-01")) // an old patch, brought in today
	got, avertis := p.lire()
	check(t, got, map[string]string{"DERNIER_COMMIT": "2026-02-01", "PREMIER_COMMIT": "2026-01-15", "COMMITS_12_MOIS": "2"})
	if len(avertis) != 3 || !strings.HasSuffix(avertis[0], "bonne : 1") || !strings.HasSuffix(avertis[1], "évaluation : 1") {
		t.Errorf("%q", avertis)
	}
}

func TestAHeadWithoutAUsableDateIsNamedWithoutOne(t *testing.T) {
	t.Parallel()
	p := nouveau(t)
	p.commit("A B <a@a.fr>", "2026-01-01")
	h := p.commit("A B <a@a.fr>", "1970-01-01")
	got, _ := p.lire()
	check(t, got, map[string]string{"DEPOT": h.String(), "DERNIER_COMMIT": "2026-01-01"})
}

func TestOneWhoSignsOneCommitTwiceIsCountedOnce(t *testing.T) {
	t.Parallel()
	p := nouveau(t)
	deux := errors.New("sujet\n\nCo-authored-by: Lovelace Ada <ada@b.fr>\nCo-authored-by: Lovelace Ada <ada@a.fr>") // who says that the two are one
	p.commit("Ada <ada@a.fr>", "2026-01-01", deux)
	p.commit("Ada <ada@a.fr>", "2026-01-02", deux)
	for _, autre := range []string{"C D <c@c.fr>", "E F <e@e.fr>", "G H <g@g.fr>"} {
		p.commit(autre, "2026-01-03")
	}
	got, _ := p.lire()
	check(t, got, map[string]string{"AUTEURS_12_MOIS": "4", "COMMITS_12_MOIS": "5", "FACTEUR_ABSENCE_12_MOIS": "2"}) // two of five are not half of them
}

func TestAnEarlierDayReadsTheRepositoryAsItStood(t *testing.T) {
	t.Parallel()
	p := nouveau(t)
	premier := p.commit("A B <a@a.fr>", "2025-01-01", "CHANGELOG.md=x")
	p.commit("C D <c@c.fr>", "2026-01-01", "CONTRIBUTING.md=x")
	d, err := depot.Ouvrir(p.dossier)
	if err != nil {
		t.Fatal(err)
	}
	l, err := d.Lire(t.Context(), jour("2025-06-01"))
	if err != nil {
		t.Fatal(err)
	}
	check(t, carte(t, l.Entrees), map[string]string{"DERNIER_COMMIT": "2025-01-01", "AUTEURS_12_MOIS": "1", "CHANGELOG": "OUI", "CONTRIBUTING": "NON", "DEPOT": premier.String()})
	if _, err := d.Lire(t.Context(), jour("2024-12-31")); !errors.Is(err, depot.ErrVide) {
		t.Errorf("before the first commit: %v", err)
	}
}

func TestFilesSayHowTheProjectIsRun(t *testing.T) {
	t.Parallel()
	p := nouveau(t)
	p.commit("A B <a@a.fr>", "2026-01-01", "LICENSE.txt=x", "LICENSES/MIT.txt=x", "HISTORY.rst=x", "docs/ROADMAP.md=x", ".github/CONTRIBUTING.md=x", "src/AUTHORS=deep", "logo.svg=x",
		"SECURITY.md=x", "publiccode.yml=publiccodeYmlVersion: '0.4'\ndevelopmentStatus: stable\nlandingURL: https://x.fr\nlegal: {license: MIT}\nmaintenance:\n  type: contract\n  contractors: [{name: X, until: '2027-01-01'}, {name: Y, until: jamais}]\n")
	got, _ := p.lire()
	check(t, got, map[string]string{"LICENCE": "LICENSE.txt, LICENSES/", "CHANGELOG": "OUI", "ROADMAP": "OUI", "CONTRIBUTING": "OUI", "AUTHORS": "NON", "LOGO": "OUI", "SECURITY": "OUI",
		"GOVERNANCE": "NON", "CODE_OF_CONDUCT": "NON", "PUBLICCODE": "OUI", "PAGE_WEB": "OUI", "STATUT_DEVELOPPEMENT": "stable", "TYPE_MAINTENANCE": "contract", "FIN_CONTRAT": "2027-01-01"})

	p.commit("A B <a@a.fr>", "2026-01-02", "publiccode.yml=[")
	got, avertis := p.lire()
	check(t, got, map[string]string{"PUBLICCODE": "OUI", "STATUT_DEVELOPPEMENT": "-", "PAGE_WEB": "-"})
	if !slices.ContainsFunc(avertis, func(a string) bool { return strings.Contains(a, "publiccode.yml ne se lit pas") }) {
		t.Error(avertis)
	}
}

func TestARepositoryWithoutCommitsIsSaidEmpty(t *testing.T) {
	t.Parallel()
	p := nouveau(t)
	d, err := depot.Ouvrir(p.dossier)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Lire(t.Context(), au); !errors.Is(err, depot.ErrVide) {
		t.Error(err)
	}
	if _, err := depot.Ouvrir(t.TempDir()); !errors.Is(err, depot.ErrAbsent) {
		t.Error(err)
	}
	p.commit("Seul <seul@x.fr>", "2026-06-20")
	got, _ := p.lire()
	check(t, got, map[string]string{"PREMIER_COMMIT": "2026-06-20", "DERNIER_COMMIT": "2026-06-20", "FACTEUR_ABSENCE_12_MOIS": "1"})
}

// clone makes a clone with git itself: bare, shallow or without files, as people have them.
func clone(t testing.TB, de string, options ...string) *depot.Depot {
	t.Helper()
	vers := filepath.Join(t.TempDir(), "clone")
	if out, err := exec.CommandContext(t.Context(), "git", append(append([]string{"-c", "protocol.file.allow=always", "clone", "-q"}, options...), "file://"+de, vers)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	d, err := depot.Ouvrir(vers)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAPartialCloneTellsOnlyWhatItHolds(t *testing.T) {
	t.Parallel()
	p := nouveau(t)
	for _, le := range []string{"2020-01-01", "2023-01-01", "2025-09-01", "2026-01-01", "2026-02-01"} {
		p.commit("A B <a@a.fr>", le, "CHANGELOG.md="+le)
	}
	p.tag("v1.0", p.commit("A B <a@a.fr>", "2026-03-01"), "")
	complet := map[string]string{"PREMIER_COMMIT": "2020-01-01", "DERNIER_COMMIT": "2026-03-01", "COMMITS_12_MOIS": "4", "COMMITS_24_MOIS": "4", "DERNIERE_VERSION": "v1.0 2026-03-01", "CHANGELOG": "OUI"}
	got, _ := lire(t, clone(t, p.dossier, "--bare"))
	check(t, got, complet)
	got, _ = lire(t, clone(t, p.dossier))
	check(t, got, complet)

	got, avertis := lire(t, clone(t, p.dossier, "--depth=5")) // down to January 2023: the windows are whole
	check(t, got, map[string]string{"PREMIER_COMMIT": "-", "DERNIER_COMMIT": "2026-03-01", "COMMITS_12_MOIS": "4", "COMMITS_24_MOIS": "4"})
	if len(avertis) != 1 || !strings.Contains(avertis[0], "partiel") {
		t.Error(avertis)
	}
	got, _ = lire(t, clone(t, p.dossier, "--depth=2"))
	check(t, got, map[string]string{"PREMIER_COMMIT": "-", "DERNIER_COMMIT": "2026-03-01", "COMMITS_12_MOIS": "-", "FACTEUR_ABSENCE_12_MOIS": "-", "COMMITS_24_MOIS": "-"})
}

func TestARemoteRepositoryIsReceivedWithinABound(t *testing.T) {
	t.Parallel()
	p := nouveau(t)
	h := p.commit("A B <a@a.fr>", "2026-01-01", "AUTHORS=x", ".mailmap=C D <a@a.fr>\n")
	p.commit("C D <c@d.fr>", "2026-02-01")
	p.tag("v1.0", h, "")
	distant := server.NewServer(charge{p})
	d, err := depot.Recevoir(t.Context(), distant, "https://forge.exemple/projet.git", t.TempDir(), depot.MaxRecu)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := lire(t, d)
	check(t, got, map[string]string{"DERNIER_COMMIT": "2026-02-01", "AUTEURS_12_MOIS": "1", "AUTHORS": "OUI", "DERNIERE_VERSION": "v1.0 2026-01-01"})
	if _, err := depot.Recevoir(t.Context(), distant, "https://forge.exemple/projet.git", t.TempDir(), 100); !errors.Is(err, depot.ErrTropGros) {
		t.Errorf("past the bound: %v", err)
	}
	if _, err := depot.Recevoir(t.Context(), server.NewServer(charge{nouveau(t)}), "https://forge.exemple/vide.git", t.TempDir(), depot.MaxRecu); !errors.Is(err, depot.ErrVide) {
		t.Errorf("an empty one: %v", err)
	}
}

// charge serves one repository.
type charge struct{ *projet }

func (c charge) Load(*transport.Endpoint) (storer.Storer, error) { return c.r.Storer, nil }

func TestForgeExportsOfBothForgesCountWhatWasOpenedAndClosed(t *testing.T) {
	t.Parallel()
	for nom, c := range map[string]struct {
		fichiers []string
		want     map[string]string
		averti   bool
	}{
		"GitHub, the requests among the issues": {[]string{
			`[{"number":1,"created_at":"2026-06-01T00:00:00Z","closed_at":null,"comments":2,"user":{"login":"a","type":"User"}},
			  {"number":2,"created_at":"2026-06-01T00:00:00Z","closed_at":"2026-06-02T00:00:00Z","comments":0,"user":{"login":"b"},"pull_request":{"url":"x"}},
			  {"number":3,"created_at":"2026-06-01T00:00:00Z","user":{"login":"dependabot[bot]","type":"Bot"}},
			  {"number":4,"created_at":"2020-06-01T00:00:00Z","closed_at":"2026-06-30T23:59:59Z","user":{"login":"c"}},
			  {"number":5,"created_at":"2026-07-02T00:00:00Z","user":{"login":"c"}}]`,
			`[{"number":2,"created_at":"2026-06-01T00:00:00Z","merged_at":"2026-06-02T00:00:00Z","user":{"login":"b"},"head":{}}]`,
		}, map[string]string{"OUVERTS_90_JOURS": "2", "FERMES_90_JOURS": "2", "OUVERTS_PAR_ROBOTS_90_JOURS": "1", "PREMIERE_REPONSE_JOURS": "-"}, true},
		"GitLab numbers them apart": {[]string{
			`[{"iid":1,"project_id":7,"created_at":"2026-06-01T00:00:00.000+02:00","closed_at":"2026-06-05T00:00:00Z","author":{"username":"a"},"user_notes_count":0}]`,
			`[{"iid":1,"project_id":7,"source_branch":"x","created_at":"2026-06-01T00:00:00Z","merged_at":null,"closed_at":null,"author":{"username":"b"},"user_notes_count":0}]`,
			// 4.08 days until it was closed, and 31 until the end of the day: the median is 17.5
		}, map[string]string{"OUVERTS_90_JOURS": "2", "FERMES_90_JOURS": "1", "PREMIERE_REPONSE_JOURS": "17.5"}, false},
		"gh, with the comments": {[]string{
			`[{"number":1,"createdAt":"2026-06-01T00:00:00Z","closedAt":null,"author":{"login":"a"},"comments":[
				{"author":{"login":"a"},"createdAt":"2026-06-01T01:00:00Z"},{"author":{"login":"stale","is_bot":true},"createdAt":"2026-06-01T02:00:00Z"},{"author":{"login":"b"},"createdAt":"2026-06-03T00:00:00Z"}]}]`,
		}, map[string]string{"PREMIERE_REPONSE_JOURS": "2.0", "FERMES_90_JOURS": "0"}, false},
		"the first answer, when it is given": {[]string{`[{"number":1,"created_at":"2026-06-01T00:00:00Z","first_response_at":"2026-06-08T00:00:00Z"}]`},
			map[string]string{"PREMIERE_REPONSE_JOURS": "7.0"}, false},
		"nothing opened": {[]string{`[]`}, map[string]string{"OUVERTS_90_JOURS": "0", "FERMES_90_JOURS": "0", "PREMIERE_REPONSE_JOURS": "-"}, false},
		"the edges of ninety days": {[]string{`[{"number":1,"created_at":"2026-04-03T00:00:00Z","comments":0},{"number":2,"created_at":"2026-04-02T23:59:59Z","comments":0}]`},
			map[string]string{"OUVERTS_90_JOURS": "1"}, false},
	} {
		tickets := map[string]depot.Ticket{}
		for _, f := range c.fichiers {
			if err := depot.LireExport(strings.NewReader(f), tickets); err != nil {
				t.Fatalf("%s: %v", nom, err)
			}
		}
		l := depot.Reactivite(tickets, au)
		t.Log(nom)
		check(t, carte(t, l.Entrees), c.want)
		if (len(l.Avertissements) > 0) != c.averti {
			t.Errorf("%s: %q", nom, l.Avertissements)
		}
	}
	for _, f := range []string{"", "{}", "[1]", `[{"number":1}]`, `[{"created_at":"2026-06-01T00:00:00Z"}]`, `[{"number":1,"created_at":"2026-06-01T00:00:00Z"}`, "[null]"} {
		if err := depot.LireExport(strings.NewReader(f), map[string]depot.Ticket{}); !errors.Is(err, depot.ErrExport) {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func TestTheAggregateOfScorecardIsTakenAsItIs(t *testing.T) {
	t.Parallel()
	e, err := depot.LireScorecard(strings.NewReader(`{"date":"2026-06-30T10:00:00Z","repo":{"name":"github.com/x/y"},"score":6.49,"checks":[]}`))
	if err != nil || e.Valeur != "6.5" || e.Le != "2026-06-30" {
		t.Error(e, err)
	}
	for _, f := range []string{"", "[]", "{}", `{"score":-1}`, `{"score":11}`, `{"score":"9"}`} {
		if _, err := depot.LireScorecard(strings.NewReader(f)); !errors.Is(err, depot.ErrScorecard) {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func FuzzExport(f *testing.F) {
	f.Add([]byte(`[{"number":1,"created_at":"2026-06-01T00:00:00Z","comments":[{"author":{"login":"b"},"createdAt":"2026-06-03T00:00:00Z"}]}]`))
	f.Add([]byte(`[{"iid":1e3,"created_at":"2026-06-01T00:00:00Z","author":[],"user_notes_count":0}]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		tickets := map[string]depot.Ticket{}
		if depot.LireExport(bytes.NewReader(b), tickets) == nil {
			carte(t, depot.Reactivite(tickets, au).Entrees)
		}
		if e, err := depot.LireScorecard(bytes.NewReader(b)); err == nil && e.Verifier(jour("2200-01-01")) != nil {
			t.Errorf("%+v", e)
		}
	})
}

// FuzzDepot reads repositories whose names, messages, tags and files are anything: what comes out is always admitted.
func FuzzDepot(f *testing.F) {
	f.Add("Ada <ada@x.fr>", "a\n\nCo-authored-by: B <b@c.fr>", "v1.0", "A <a@b.fr> <ada@x.fr>", "developmentStatus: stable", int64(1767225600))
	f.Add("dependabot[bot] <>", "\n\n:\n", "v1.0-rc1", "<<>><", "a: &a [*a, *a]", int64(-1))
	f.Fuzz(func(t *testing.T, qui, message, tag, mailmap, publiccode string, quand int64) {
		if len(mailmap)+len(publiccode)+len(message) > 10_000 {
			t.Skip()
		}
		p := nouveau(t)
		nom, courriel, _ := strings.Cut(strings.Map(func(r rune) rune {
			if r == '\n' || r == 0 {
				return -1
			}
			return r
		}, qui), " <")
		s := object.Signature{Name: nom, Email: strings.Trim(courriel, "<>"), When: time.Unix(quand%(1<<40), 0)}
		for chemin, contenu := range map[string]string{".mailmap": mailmap, "publiccode.yml": publiccode} {
			if err := os.WriteFile(filepath.Join(p.dossier, chemin), []byte(contenu), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := p.w.Add(chemin); err != nil {
				t.Fatal(err)
			}
		}
		h, err := p.w.Commit(message, &git.CommitOptions{Author: &s, Committer: &s, AllowEmptyCommits: true})
		if err != nil {
			t.Skip()
		}
		_, _ = p.r.CreateTag(tag, h, nil)
		d, err := depot.Ouvrir(p.dossier)
		if err != nil {
			t.Fatal(err)
		}
		l, err := d.Lire(t.Context(), au)
		if errors.Is(err, depot.ErrVide) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		carte(t, l.Entrees)
	})
}
