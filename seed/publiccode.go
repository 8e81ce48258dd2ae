package seed

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/rapprochement"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// versionsPubliccode are the versions of the standard, without what follows the minor number.
var versionsPubliccode = []string{"0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7"}

// obligatoiresPubliccode are the fields that every version of the standard requires beyond name and url. A file without
// them is still read: one real file in three misses one.
var obligatoiresPubliccode = [][]string{
	{"platforms"}, {"developmentStatus"}, {"softwareType"}, {"description"}, {"legal", "license"}, {"maintenance", "type"},
	{"localisation", "localisationReady"}, {"localisation", "availableLanguages"},
}

// readPubliccode reads one publiccode.yml. Only name and url are needed; everything else that the standard requires and
// the file lacks is reported. What the file says of people (contacts, their addresses) is never read. usedBy is free text,
// claimed by the one who sells: reported, never a usage. A file that says that it is derived from another (isBasedOn) is
// reported: it may be a technical fork, which the standard asks to skip and which only its own address would tell.
func readPubliccode(ctx context.Context, c *chargement, f fichier) error {
	x, err := c.readFichePubliccode(f)
	if err != nil {
		return err
	}
	_, err = c.mergeSheets(ctx, cataloguePubliccode, []*ficheLogiciel{x})
	return err
}

func (c *chargement) readFichePubliccode(f fichier) (*ficheLogiciel, error) {
	source, err := f.open()
	if err != nil {
		return nil, err
	}
	defer source.Close()
	contenu, err := io.ReadAll(io.LimitReader(source, maxYAML+1))
	if err != nil {
		return nil, fmt.Errorf("lecture interrompue : %w", err)
	}
	y, err := readYAML(f.nom, contenu)
	if err != nil {
		return nil, err
	}
	x, err := fichePubliccode(y)
	if err != nil {
		return nil, err
	}
	c.checkPubliccode(y)
	table, err := readCorrespondances()
	if err != nil {
		return nil, err
	}
	for _, e := range y.champ("categories").elements() {
		if v, ok := e.texte(); ok {
			if code := table.code(c, e.ligne(), "publiccode", v); code != "" && !slices.Contains(x.categories, code) {
				x.categories = append(x.categories, code)
			}
		}
	}
	return x, nil
}

func fichePubliccode(y noeudYAML) (*ficheLogiciel, error) {
	var err error
	texteDe := func(chemin ...string) string {
		n := y.champ(chemin...)
		s, ok := n.texte()
		if !ok && err == nil {
			err = n.refus("un texte est attendu")
		}
		return s
	}
	x := &ficheLogiciel{
		ligne: max(1, y.champ("name").ligne()), nom: texte.SansEspacesSuperflus(texteDe("name")), depot: texteDe("url"),
		site: texteDe("landingURL"), licence: premier(texteDe("legal", "license"), texteDe("legal/license")),
		description: descriptionPubliccode(y),
	}
	if err != nil {
		return nil, err
	}
	if x.nom == "" {
		return nil, nouvelleAnomalie(y.fichier, y.champ("name").ligne(), "name", "", "le nom est obligatoire")
	}
	depot := identifiant.Depot(x.depot)
	if depot == "" {
		return nil, nouvelleAnomalie(y.fichier, y.champ("url").ligne(), "url", x.depot, "l'adresse du dépôt est obligatoire et doit désigner un dépôt de code source")
	}
	x.propre = rapprochement.Cle{Genre: rapprochement.Depot, Valeur: depot}
	if x.site == x.depot { // the repository has no other page
		x.site = ""
	}
	return x, nil
}

// langues in which a description is taken when there is no French one, in this order; else the first of the file.
var langues = []string{"fr", "fr-FR", "en", "en-GB", "en-US"}

func descriptionPubliccode(y noeudYAML) string {
	d := y.champ("description")
	for _, langue := range append(slices.Clone(langues), d.cles()...) {
		for _, champ := range []string{"shortDescription", "longDescription"} {
			if s, ok := d.champ(langue, champ).texte(); ok && s != "" {
				return texte.SansEspacesSuperflus(s)
			}
		}
	}
	return ""
}

var motifVersion = regexp.MustCompile(`^(0(?:\.[0-9]+)?)(?:\.[0-9]+)*$`)

// checkPubliccode reports what the file lacks or gets wrong, none of which stops the reading.
func (c *chargement) checkPubliccode(y noeudYAML) {
	version := y.champ("publiccodeYmlVersion")
	if version.n == nil {
		version = y.champ("publiccode-yaml-version")
	}
	v, _ := version.texte()
	v = v[strings.LastIndexByte(v, '/')+1:] // 0.1 wrote an address
	switch m := motifVersion.FindStringSubmatch(v); {
	case v == "":
		c.report(0, "publiccodeYmlVersion", "", "ce champ obligatoire manque")
	case m == nil || !slices.Contains(versionsPubliccode, m[1]):
		c.report(version.ligne(), "publiccodeYmlVersion", v, "ce n'est pas une version du standard (0.1 à 0.7) ; celle du logiciel va dans softwareVersion")
	}
	for _, chemin := range obligatoiresPubliccode {
		n := y.champ(chemin...)
		if s, ok := n.texte(); n.n == nil || ok && s == "" {
			c.report(n.ligne(), strings.Join(chemin, "."), "", "ce champ obligatoire manque")
		}
	}
	for _, nom := range []string{"releaseDate", "creationDate"} {
		n := y.champ(nom)
		if s, ok := n.texte(); !ok || s != "" && !estDate(s) {
			c.report(n.ligne(), nom, s, "une date est attendue : aaaa-mm-jj")
		}
	}
	for _, e := range y.champ("usedBy").elements() {
		if s, ok := e.texte(); ok && s != "" {
			c.report(e.ligne(), "usedBy", s, "utilisateur annoncé par l'éditeur, en texte libre : aucun usage n'est créé")
		}
	}
	for _, e := range y.champ("isBasedOn").elements() {
		if s, ok := e.texte(); ok && s != "" {
			c.report(e.ligne(), "isBasedOn", s, "logiciel dérivé d'un autre : à vérifier, ce peut être une simple copie de travail")
		}
	}
	if n := len(y.champ("maintenance", "contractors").elements()); n > 0 {
		c.report(y.champ("maintenance", "contractors").ligne(), "maintenance.contractors", "",
			nombre(n, "prestataire de maintenance non repris : le fichier ne donne pas de SIREN", "prestataires de maintenance non repris : le fichier ne donne pas de SIREN"))
	}
}

func estDate(s string) bool {
	_, ok := dateISO(s)
	return ok
}
