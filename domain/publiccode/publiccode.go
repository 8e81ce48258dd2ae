// Package publiccode describes a software as the standard publiccode.yml does (https://yml.publiccode.tools/, version 0.5).
package publiccode

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// Logiciel is what the graph knows of a software; "" for what it does not.
type Logiciel struct {
	Nom         string
	Depot       string // address of its repository
	Site        string
	Description string // in French
	Licence     string // SPDX expression
}

// ErrSansDepot is the answer for a software that names no code repository: the standard identifies software by it.
var ErrSansDepot = errors.New("ce logiciel n'a pas d'adresse de dépôt de code connue : le standard publiccode.yml n'en décrit pas sans elle")

// The bounds of the standard, in characters.
const (
	courteMax = 150
	longueMin = 150
	longueMax = 10_000
)

// Adresse is that of the repository, as the standard wants it: a URL. "" when depot names no repository.
func Adresse(depot string) string {
	normal := identifiant.Depot(depot)
	if normal == "" {
		return ""
	}
	if depot = strings.TrimSpace(depot); strings.HasPrefix(depot, "https://") || strings.HasPrefix(depot, "http://") {
		return depot
	}
	return "https://" + normal
}

// Ecrire writes the file. What the standard requires and the graph does not know is left out, and named in a comment at
// the top: an invented status, platform or maintainer would pass for the author's word. Such a file is one to complete;
// manquants are those fields. The standard requires them all: platforms, developmentStatus, softwareType,
// description.*.shortDescription, longDescription (150 characters at least) and features, legal.license,
// maintenance.type (with its contacts or contractors), localisation.localisationReady and availableLanguages.
// Error: ErrSansDepot.
func Ecrire(l Logiciel) (fichier string, manquants []string, err error) {
	adresse := Adresse(l.Depot)
	if adresse == "" {
		return "", nil, ErrSansDepot
	}
	var b strings.Builder
	ligne := func(cle, valeur string) {
		// Go's quoted strings are YAML's, escapes included.
		b.WriteString(cle + ": " + strconv.Quote(valeur) + "\n")
	}
	ligne("publiccodeYmlVersion", "0.5")
	ligne("name", texte.SansEspacesSuperflus(l.Nom))
	ligne("url", adresse)
	if site := strings.TrimSpace(l.Site); site != adresse && (strings.HasPrefix(site, "https://") || strings.HasPrefix(site, "http://")) {
		ligne("landingURL", site)
	}
	manquants = []string{"platforms", "developmentStatus", "softwareType"}
	if description := texte.SansEspacesSuperflus(l.Description); description == "" {
		manquants = append(manquants, "description")
	} else {
		b.WriteString("description:\n  fr:\n")
		ligne("    shortDescription", courte(description))
		if n := utf8.RuneCountInString(description); n >= longueMin && n <= longueMax {
			ligne("    longDescription", description)
		} else {
			manquants = append(manquants, "description.fr.longDescription")
		}
		manquants = append(manquants, "description.fr.features")
	}
	if l.Licence == "" {
		manquants = append(manquants, "legal.license")
	} else {
		b.WriteString("legal:\n")
		ligne("  license", l.Licence)
	}
	manquants = append(manquants, "maintenance.type", "localisation.localisationReady", "localisation.availableLanguages")
	return "# Établi d'après ce que Mutualibre sait de ce logiciel. Le standard exige aussi ces champs, que seuls ses\n" +
		"# auteurs connaissent : " + strings.Join(manquants, ", ") + ".\n" + b.String(), manquants, nil
}

// courte is a description that the standard takes for a short one, cut between two words.
func courte(s string) string {
	if utf8.RuneCountInString(s) <= courteMax {
		return s
	}
	lettres := []rune(s)[:courteMax-1]
	s = string(lettres)
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		s = s[:i]
	}
	return strings.TrimRight(s, " ,;:.") + "…"
}
