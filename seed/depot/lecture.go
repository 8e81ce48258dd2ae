package depot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/mutualibre/mutualibre/domain/communaute"
)

// Lecture is what was read, without its source, and what a reader should know of it.
type Lecture struct {
	Entrees        []communaute.Entree
	Avertissements []string
}

func (l *Lecture) avertit(format string, args ...any) {
	l.Avertissements = append(l.Avertissements, fmt.Sprintf(format, args...))
}

func (l *Lecture) ajoute(n communaute.Nom, valeur, le, note string) {
	l.Entrees = append(l.Entrees, communaute.Entree{Nom: n, Valeur: valeur, Le: le, Note: note})
}

func (l *Lecture) compte(n communaute.Nom, valeur int, note string) {
	l.ajoute(n, strconv.Itoa(valeur), "", note)
}

// premierGit is before any commit: git is of April 2005, and histories brought from elsewhere go further back. A clock that
// was never set says 1970.
var premierGit = time.Date(1985, 1, 1, 0, 0, 0, 0, time.UTC)

var jourLointain = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// attribuesMin is the part of the contributions whose organisation must be known for an elephant factor.
const attribuesMin = .5

// Lire reads the repository as it stood at the end of a day, in universal time. Errors: ErrVide when it had no commit then;
// ErrCommits; that of ctx.
//
//   - Every branch counts, those of remotes too; not the requests that forges keep beside.
//   - A commit bears the day on which it entered the repository (its committer's), else that of its author when that one is
//     absurd or later; neither: it is left out, and counted in a warning.
//   - Contributions are the commits that are no merger, for their author and each « Co-authored-by »: what is done by two is
//     done by each. People are told apart once .mailmap is applied (see personnes); robots are left out, and counted.
//   - A release is a tag whose name is that of a version (see estVersion): its day is the tagger's, else its commit's.
//   - Files are those of the default branch on that day.
func (d *Depot) Lire(ctx context.Context, au time.Time) (Lecture, error) {
	var l Lecture
	tete, err := d.tete()
	if err != nil {
		return l, err
	}
	h := &histoire{fin: au.AddDate(0, 0, 1), mois12: communaute.Recule(au, 12).AddDate(0, 0, 1), mois24: communaute.Recule(au, 24).AddDate(0, 0, 1),
		personnes: nouvellesPersonnes(), f12: nouvelleFenetre(), f24: nouvelleFenetre()}
	if arbre, err := tete.Tree(); err == nil {
		if texte, ok := contenu(arbre, ".mailmap", maxMailmap); ok {
			h.mailmap = readMailmap(texte)
		}
	}
	if err := d.parcourir(ctx, h); err != nil {
		return l, err
	}
	if h.dernier.IsZero() {
		return l, ErrVide
	}
	complet := d.complet(h, &l)
	l.ajoute(communaute.DernierCommit, jour(h.dernier), "", "toutes branches")
	if complet(h.premier) {
		l.ajoute(communaute.PremierCommit, jour(h.premier), "", "")
	}
	if h.absurdes > 0 {
		l.avertit("commits écartés, leur date ne pouvant pas être la bonne : %d", h.absurdes)
	}
	if h.apres > 0 {
		l.avertit("commits écartés, datés d'après le jour de l'évaluation : %d", h.apres)
	}
	for _, f := range []struct {
		depuis                                time.Time
		f                                     *fenetre
		absence, organisations, auteurs, nbre communaute.Nom
		mois                                  int
	}{
		{h.mois12, h.f12, communaute.FacteurAbsence12, communaute.FacteurOrganisations12, communaute.Auteurs12, communaute.Commits12, 12},
		{h.mois24, h.f24, communaute.FacteurAbsence24, communaute.FacteurOrganisations24, communaute.Auteurs24, communaute.Commits24, 24},
	} {
		if !complet(f.depuis) {
			l.avertit("l'historique des %d derniers mois n'est pas complet : les contributions n'y sont pas comptées", f.mois)
			continue
		}
		absence, auteurs, organisations, attribues := f.f.facteurs(h.personnes)
		l.compte(f.absence, absence, "")
		l.compte(f.auteurs, auteurs, "")
		l.compte(f.nbre, f.f.commits, "sans les fusions ni les robots")
		if f.f.contributions > 0 && attribues >= attribuesMin {
			l.compte(f.organisations, organisations, "d'après les domaines de courriel, qui ne disent pas toujours l'employeur")
		} else if f.f.contributions > 0 {
			l.avertit("organisations, %d mois : %d %% seulement des contributions viennent d'une adresse qui en nomme une", f.mois, int(100*attribues))
		}
		if f.mois == 12 {
			if f.f.contributions > 0 {
				l.ajoute(communaute.Attribues12, strconv.FormatFloat(100*attribues, 'f', 0, 64), "", "")
			}
			l.compte(communaute.Robots12, f.f.robots, coupe(f.f.robotsNommes()))
		}
	}
	if err := d.versions(h, &l); err != nil {
		return l, err
	}
	c, err := d.ce(ctx, tete, h.fin)
	if err != nil {
		return l, err
	}
	le := ""
	if t := h.date(c); !t.IsZero() {
		le = jour(t)
	}
	l.ajoute(communaute.Depot, c.Hash.String(), le, "révision lue")
	arbre, err := c.Tree()
	if err != nil {
		l.avertit("les fichiers de la révision %s ne se lisent pas", c.Hash)
		return l, nil
	}
	entrees, avertis := fichiers(arbre)
	l.Entrees, l.Avertissements = append(l.Entrees, entrees...), append(l.Avertissements, avertis...)
	return l, nil
}

func jour(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// robotsNommes names the robots left out, the busiest first.
func (f *fenetre) robotsNommes() string {
	noms := slices.SortedFunc(maps.Keys(f.parRobot), func(a, b string) int {
		if d := f.parRobot[b] - f.parRobot[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	for i, n := range noms {
		noms[i] = fmt.Sprintf("%s : %d", n, f.parRobot[n])
	}
	return strings.Join(noms, ", ")
}

// histoire is what is drawn from the commits.
type histoire struct {
	fin, mois12, mois24 time.Time // the end of the day; the starts of the windows
	mailmap             mailmap
	personnes           *personnes
	f12, f24            *fenetre
	premier, dernier    time.Time
	absurdes, apres     int       // commits left out: no date can be right, or it is later than the day
	manque              time.Time // the latest commit whose parents are not there; zero: none
}

// date is when a commit entered the repository; zero when neither of its dates can be.
func (h *histoire) date(c *object.Commit) time.Time {
	for _, t := range []time.Time{c.Committer.When, c.Author.When} {
		if t.After(premierGit) && t.Before(h.fin) {
			return t
		}
	}
	return time.Time{}
}

func (h *histoire) ajoute(c *object.Commit) {
	t := h.date(c)
	switch {
	case !t.IsZero():
	case c.Committer.When.After(premierGit):
		h.apres++
		return
	default:
		h.absurdes++
		return
	}
	if h.premier.IsZero() || t.Before(h.premier) {
		h.premier = t
	}
	if t.After(h.dernier) {
		h.dernier = t
	}
	if len(c.ParentHashes) > 1 || t.Before(h.mois24) {
		return
	}
	signes := []signature{h.mailmap.canonique(signature{c.Author.Name, c.Author.Email})}
	for _, s := range coauteurs(c.Message) {
		signes = append(signes, h.mailmap.canonique(s))
	}
	h.f24.ajoute(h.personnes, signes)
	if !t.Before(h.mois12) {
		h.f12.ajoute(h.personnes, signes)
	}
}

// parcourir reads every commit that the branches lead to, once.
func (d *Depot) parcourir(ctx context.Context, h *histoire) error {
	refs, err := d.r.References()
	if err != nil {
		return err
	}
	var file []plumbing.Hash
	if err := refs.ForEach(func(ref *plumbing.Reference) error {
		if (ref.Name().IsBranch() || ref.Name().IsRemote() || ref.Name() == plumbing.HEAD) && ref.Type() == plumbing.HashReference {
			file = append(file, ref.Hash())
		}
		return nil
	}); err != nil {
		return err
	}
	peu, err := d.r.Storer.Shallow()
	if err != nil {
		return err
	}
	bords := map[plumbing.Hash]bool{}
	for _, x := range peu {
		bords[x] = true
	}
	vus := make(map[plumbing.Hash]struct{}, len(file))
	for n := 0; len(file) > 0; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		x := file[len(file)-1]
		file = file[:len(file)-1]
		if _, vu := vus[x]; vu {
			continue
		}
		if vus[x] = struct{}{}; len(vus) > maxCommits {
			return ErrCommits
		}
		c, err := d.r.CommitObject(x)
		if errors.Is(err, plumbing.ErrObjectNotFound) {
			h.manque = h.fin // we cannot tell how much
			continue
		}
		if err != nil {
			return fmt.Errorf("le commit %s ne se lit pas : %w", x, err)
		}
		h.ajoute(c)
		if bords[x] {
			if t := h.date(c); t.After(h.manque) {
				h.manque = t
			}
			continue
		}
		file = append(file, c.ParentHashes...)
	}
	return nil
}

// complet tells from when on nothing is missing of the history.
func (d *Depot) complet(h *histoire, l *Lecture) func(depuis time.Time) bool {
	if h.manque.IsZero() {
		return func(time.Time) bool { return true }
	}
	l.avertit("ce clone est partiel : son historique ne remonte pas jusqu'au premier commit")
	return func(depuis time.Time) bool { return h.manque.Before(depuis) }
}

// ce is the last commit of the default branch on the day, along its first parents; the head itself when none is that old.
func (d *Depot) ce(ctx context.Context, tete *object.Commit, fin time.Time) (*object.Commit, error) {
	c := tete
	for n := 0; c.Committer.When.After(fin) && len(c.ParentHashes) > 0 && n < maxCommits; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		pere, err := d.r.CommitObject(c.ParentHashes[0])
		if errors.Is(err, plumbing.ErrObjectNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		c = pere
	}
	return c, nil
}

// estVersion tells the tags that name a version: two numbers or more, whatever comes before (« v1.2 », « release-2024.1 »,
// « libreoffice-7.5.0.3 », « OPENSSL_3_0_0 »), or one after a v; then nothing, or a number of the packager (« -1 »).
// avantVersion tells those published to be tried, which are no release.
var (
	estVersion   = regexp.MustCompile(`^(?:[A-Za-z][A-Za-z0-9+]*[-_/.])*(?:v|V|r|R|version|release|rel|ver)?[-_/.]?\d+(?:[._]\d+)+(?:[-+_.]?[A-Za-z0-9]+)*$|^[vV]\d+$`)
	avantVersion = regexp.MustCompile(`(?i)(?:^|[^a-z])(?:alpha|beta|rc|pre|preview|dev|snapshot|nightly|test|canary|next|m|a|b)(?:[-_.]?\d+)*(?:[^a-z]|$)`)
)

// Version tells whether the name of a tag is that of a release.
func Version(nom string) bool {
	return len(nom) <= 100 && estVersion.MatchString(nom) && !avantVersion.MatchString(nom)
}

// maxEtiquettes bounds a tag of a tag.
const maxEtiquettes = 5

// versions reads the releases among the tags. A project that tags none may publish otherwise: nothing is then known.
func (d *Depot) versions(h *histoire, l *Lecture) error {
	tags, err := d.r.Tags()
	if err != nil {
		return err
	}
	var dernier struct {
		nom string
		le  time.Time
	}
	recentes, signees := 0, 0
	err = tags.ForEach(func(ref *plumbing.Reference) error {
		nom := ref.Name().Short()
		if !Version(nom) {
			return nil
		}
		le, signee := d.etiquette(h, ref.Hash())
		if le.IsZero() {
			return nil
		}
		if !le.Before(h.mois24) {
			recentes++
			if signee {
				signees++
			}
		}
		if le.After(dernier.le) || le.Equal(dernier.le) && nom > dernier.nom {
			dernier.nom, dernier.le = nom, le
		}
		return nil
	})
	if err != nil {
		return err
	}
	if dernier.nom == "" {
		l.avertit("aucune étiquette ne nomme une version : on ne sait pas quand la dernière a paru")
		return nil
	}
	l.ajoute(communaute.DerniereVersion, dernier.nom, jour(dernier.le), "étiquette du dépôt")
	l.compte(communaute.EtiquettesSignees, signees, fmt.Sprintf("sur %d versions de vingt-quatre mois ; la signature est présente, elle n'est pas vérifiée", recentes))
	return nil
}

// etiquette is the day of a tag, and whether it bears a signature; zero when it leads to no commit, or to another day.
func (d *Depot) etiquette(h *histoire, x plumbing.Hash) (le time.Time, signee bool) {
	for range maxEtiquettes {
		t, err := d.r.TagObject(x)
		if err != nil {
			break
		}
		if le.IsZero() && t.Tagger.When.After(premierGit) {
			if le = t.Tagger.When; !le.Before(h.fin) {
				return time.Time{}, false
			}
		}
		signee = signee || t.PGPSignature != "" || strings.Contains(t.Message, "-----BEGIN SSH SIGNATURE-----") || strings.Contains(t.Message, "-----BEGIN SIGNED MESSAGE-----")
		x = t.Target
	}
	c, err := d.r.CommitObject(x)
	if err != nil {
		return time.Time{}, false
	}
	if le.IsZero() {
		le = h.date(c)
	}
	return le, signee
}
