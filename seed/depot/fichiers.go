package depot

import (
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/mutualibre/mutualibre/domain/communaute"
)

// dossiers are where the files below are looked for, beside the root.
var dossiers = []string{"docs", "doc", ".github", ".gitlab"}

// cherches are the files that say how a project is run, by what their name is once in lower case and without its extension.
var cherches = map[communaute.Nom]*regexp.Regexp{
	communaute.FeuilleRoute:      regexp.MustCompile(`^roadmap$`),
	communaute.FichierAuteurs:    regexp.MustCompile(`^(authors|contributors|auteurs)$`),
	communaute.Contribuer:        regexp.MustCompile(`^(contributing|contribuer|contribution)$`),
	communaute.Changements:       regexp.MustCompile(`^(changelog|changes|history|news|releases?|release[-_]notes)$`),
	communaute.Conduite:          regexp.MustCompile(`^code[-_]of[-_]conduct$`),
	communaute.Gouvernance:       regexp.MustCompile(`^(governance|gouvernance)$`),
	communaute.PolitiqueSecurite: regexp.MustCompile(`^security$`),
}

// The files of the root that say under which licence, and the extensions that a text may have.
var (
	licences    = regexp.MustCompile(`(?i)^(licen[cs]es?|copying|unlicense)([-_.].*)?$`)
	extensions  = []string{"", ".md", ".markdown", ".rst", ".txt", ".adoc", ".org", ".html"}
	estLogo     = regexp.MustCompile(`(?i)^logo([-_.].*)?\.(svg|png|jpe?g|webp|gif)$`)
	publiccodes = []string{"publiccode.yml", "publiccode.yaml"}
)

// maxPubliccode bounds a publiccode.yml; maxArbre, the entries of the folders that are looked into.
const (
	maxPubliccode = 256 << 10
	maxArbre      = 20_000
)

// utiles are the files to read at the head of the repository.
func (d *Depot) utiles() (blobs []plumbing.Hash) {
	c, err := d.tete()
	if err != nil {
		return nil
	}
	arbre, err := c.Tree()
	if err != nil {
		return nil
	}
	for _, e := range arbre.Entries {
		if e.Mode.IsRegular() && (e.Name == ".mailmap" || slices.Contains(publiccodes, strings.ToLower(e.Name))) {
			blobs = append(blobs, e.Hash)
		}
	}
	return blobs
}

// tete is the last commit of the default branch.
func (d *Depot) tete() (*object.Commit, error) {
	ref, err := d.r.Head()
	if err == nil {
		return d.r.CommitObject(ref.Hash())
	}
	// HEAD may name a branch that does not exist: a mirror whose default branch was renamed.
	for _, nom := range []plumbing.ReferenceName{"refs/remotes/origin/HEAD", "refs/heads/main", "refs/heads/master", "refs/remotes/origin/main", "refs/remotes/origin/master"} {
		if ref, err := d.r.Reference(nom, true); err == nil {
			return d.r.CommitObject(ref.Hash())
		}
	}
	return nil, ErrVide
}

// contenu reads a small text file of a tree; false when it is not there, cannot be had, or is too big.
func contenu(arbre *object.Tree, nom string, maximum int64) (string, bool) {
	i := slices.IndexFunc(arbre.Entries, func(e object.TreeEntry) bool { return e.Name == nom && e.Mode.IsRegular() })
	if i < 0 {
		return "", false
	}
	f, err := arbre.TreeEntryFile(&arbre.Entries[i])
	if err != nil || f.Size > maximum {
		return "", false
	}
	r, err := f.Reader()
	if err != nil {
		return "", false
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maximum))
	return string(b), err == nil && utf8.Valid(b)
}

// fichiers reads how the project is run from the files of a tree. A file that is not there is known not to be; but a logo or
// a page may be elsewhere.
func fichiers(arbre *object.Tree) (entrees []communaute.Entree, avertis []string) {
	ajoute := func(n communaute.Nom, valeur, note string) {
		entrees = append(entrees, communaute.Entree{Nom: n, Valeur: valeur, Note: note})
	}
	trouves := map[communaute.Nom]string{}
	var licence []string
	regarde := func(dossier string, t *object.Tree) {
		for _, e := range t.Entries[:min(len(t.Entries), maxArbre)] {
			if e.Mode == filemode.Dir {
				if dossier == "" && strings.EqualFold(e.Name, "LICENSES") { // REUSE
					licence = append(licence, e.Name+"/")
				}
				continue
			}
			bas := strings.ToLower(e.Name)
			extension := path.Ext(bas)
			if !slices.Contains(extensions, extension) {
				extension = ""
			}
			for n, motif := range cherches {
				if _, deja := trouves[n]; !deja && motif.MatchString(strings.TrimSuffix(bas, extension)) {
					trouves[n] = path.Join(dossier, e.Name)
				}
			}
			if _, deja := trouves[communaute.Logo]; !deja && estLogo.MatchString(e.Name) {
				trouves[communaute.Logo] = path.Join(dossier, e.Name)
			}
			if dossier == "" && licences.MatchString(e.Name) {
				licence = append(licence, e.Name)
			}
		}
	}
	regarde("", arbre)
	for _, nom := range dossiers {
		for _, e := range arbre.Entries {
			if e.Mode == filemode.Dir && strings.EqualFold(e.Name, nom) {
				if sous, err := arbre.Tree(e.Name); err == nil {
					regarde(e.Name, sous)
				}
			}
		}
	}

	y, lu := publiccode{}, false
	for _, e := range arbre.Entries {
		if slices.Contains(publiccodes, strings.ToLower(e.Name)) {
			trouves[communaute.FichierPubliccode] = e.Name
			texte, ok := contenu(arbre, e.Name, maxPubliccode)
			if y, lu = readPubliccode(texte); !ok || !lu {
				avertis = append(avertis, e.Name+" ne se lit pas : il est ignoré")
			}
			break
		}
	}
	if lu {
		entrees = append(entrees, y.entrees()...)
		for n, valeur := range map[communaute.Nom]string{communaute.FeuilleRoute: y.feuilleRoute, communaute.Logo: y.logo, communaute.PageWeb: y.page} {
			if _, deja := trouves[n]; !deja && valeur != "" {
				trouves[n] = "publiccode.yml"
			}
		}
		if len(licence) == 0 && y.licence != "" {
			licence = append(licence, y.licence)
		}
	}
	for _, n := range communaute.Noms() {
		_, cherche := cherches[n]
		switch ou, oui := trouves[n]; {
		case oui:
			ajoute(n, communaute.Oui, coupe(ou))
		case cherche || n == communaute.FichierPubliccode:
			ajoute(n, communaute.Non, "")
		}
	}
	if len(licence) > 0 {
		ajoute(communaute.Licence, coupe(strings.Join(licence, ", ")), "")
	}
	return entrees, avertis
}

// coupe bounds a text shown beside a value.
func coupe(s string) string {
	if r := []rune(strings.ToValidUTF8(s, "?")); len(r) > 200 {
		return string(r[:199]) + "…"
	}
	return strings.ToValidUTF8(s, "?")
}

// publiccode is what is read of a publiccode.yml: nothing on people.
type publiccode struct {
	statut, page, logo, feuilleRoute, licence string
	maintenance                               string
	fins                                      []string
}

// A section of a file, and a value in one, written in either style of YAML. The few values wanted are simple: they are read
// line by line, since the files are strangers' and a whole YAML parser can be kept busy by a small one.
var (
	section = regexp.MustCompile(`^([A-Za-z]+)[ \t]*:[ \t]*(.*)$`)
	champs  = regexp.MustCompile(`(?:^|[\s{,-])(type|license|until)[ \t]*:[ \t]*("[^"]*"|'[^']*'|[^\s#,}\]]+)`)
)

// readPubliccode reads a file; false when it has no field of the standard.
func readPubliccode(texte string) (y publiccode, ok bool) {
	courante := ""
	for ligne := range strings.Lines(strings.TrimPrefix(texte, "\ufeff")) {
		ligne = strings.TrimRight(ligne, " \t\r\n")
		reste := ligne
		if m := section.FindStringSubmatch(ligne); m != nil {
			courante, reste = m[1], m[2]
			ok = ok || courante == "publiccodeYmlVersion"
			for nom, champ := range map[string]*string{"developmentStatus": &y.statut, "landingURL": &y.page, "logo": &y.logo, "roadmap": &y.feuilleRoute} {
				if nom == courante {
					*champ = scalaire(reste)
				}
			}
		}
		for _, m := range champs.FindAllStringSubmatch(reste, -1) {
			switch v := scalaire(m[2]); {
			case courante == "legal" && m[1] == "license":
				y.licence = v
			case courante == "maintenance" && m[1] == "type":
				y.maintenance = v
			case courante == "maintenance" && m[1] == "until" && len(y.fins) < maxContrats:
				y.fins = append(y.fins, v)
			}
		}
	}
	return y, ok
}

// maxContrats bounds the contracts of a file.
const maxContrats = 20

// scalaire is a value without its quotes nor the comment that follows; "" for what is not on the line.
func scalaire(s string) string {
	s = strings.TrimSpace(s)
	for _, g := range []string{`"`, "'"} {
		if interieur, ok := strings.CutPrefix(s, g); ok {
			s, _, _ = strings.Cut(interieur, g)
			return s
		}
	}
	s, _, _ = strings.Cut(s, " #")
	if s = strings.TrimSpace(s); strings.ContainsAny(s[:min(1, len(s))], "|>&*!{[#~") || s == "null" {
		return ""
	}
	return s
}

// entrees are what the file says of the maintenance. A value that the standard does not know is left out.
func (y publiccode) entrees() (out []communaute.Entree) {
	const fin = "publiccode.yml"
	garde := func(e communaute.Entree) {
		if e.Verifier(jourLointain) == nil {
			out = append(out, e)
		}
	}
	garde(communaute.Entree{Nom: communaute.StatutDeveloppement, Valeur: y.statut, Note: fin})
	garde(communaute.Entree{Nom: communaute.TypeMaintenance, Valeur: y.maintenance, Note: fin})
	if y.maintenance == "contract" {
		for _, until := range y.fins {
			garde(communaute.Entree{Nom: communaute.FinContrat, Valeur: until, Note: fin})
		}
	}
	return out
}
