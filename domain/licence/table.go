package licence

import (
	_ "embed"
	"regexp"
	"strings"
	"sync"

	"github.com/github/go-spdx/v2/spdxexp/spdxlicenses"

	"github.com/mutualibre/mutualibre/domain/texte"
)

// spdxCSV is the SPDX licence list that go-spdx v2.4.0 knows: identifier; name; OSI approved; free for the FSF.
// Names and OSI approval come from the list of the npm package spdx-license-list 6.12.0 (CC0-1.0), the FSF's opinion from
// "isFsfLibre" of the SPDX licence list 3.18 (CC0-1.0), the last one at hand; AGPL-1.0-only and -or-later take the flag of
// AGPL-1.0, whose text they share.
//
//go:embed spdx.csv
var spdxCSV string

// table is the SPDX list, made once; it never changes.
type table struct {
	ids        map[string]string // lower case → SPDX's spelling
	libres     map[string]bool
	exceptions map[string]string // lower case → SPDX's spelling
	noms       map[string]string // key of an identifier or a name → the identifier; "" when two identifiers share it
}

var tables = sync.OnceValue(readTable)

func readTable() *table {
	t := &table{ids: map[string]string{}, libres: map[string]bool{}, exceptions: map[string]string{}, noms: map[string]string{}}
	for ligne := range strings.Lines(spdxCSV) {
		c := strings.Split(strings.TrimSuffix(ligne, "\n"), ";")
		if len(c) != 4 || c[0] == "identifiant" {
			continue
		}
		id := c[0]
		t.ids[strings.ToLower(id)] = id
		t.libres[id] = c[2] == "oui" || c[3] == "oui"
		t.naming(id, id)
		t.naming(c[1], id)
	}
	for _, e := range spdxlicenses.GetExceptions() {
		t.exceptions[strings.ToLower(e)] = e
	}
	return t
}

// naming records a name of an identifier. Two identifiers that SPDX replaces by the same one do not conflict.
func (t *table) naming(nom, id string) {
	k := cle(nom)
	if avant, ok := t.noms[k]; ok && actuel(avant) != actuel(id) {
		id = ""
	}
	t.noms[k] = id
}

// libre says whether the OSI or the FSF accepts an identifier. "or later" gives the choice of the version: free as soon as
// that version or a later one is.
func (t *table) libre(id string) bool {
	base := strings.TrimSuffix(id, "+")
	if t.libres[base] {
		return true
	}
	serie, ok := strings.CutSuffix(base, "-or-later")
	if !ok {
		return false
	}
	i := strings.LastIndexByte(serie, '-')
	if i < 0 {
		return false
	}
	for autre, libre := range t.libres {
		suffixe, ok := strings.CutPrefix(autre, serie[:i+1])
		if version, seul := strings.CutSuffix(suffixe, "-only"); ok && seul && libre && len(version) == 3 && version >= serie[i+1:] {
			return true
		}
	}
	return false
}

// remplaces says what SPDX puts in the place of the identifiers it deprecated, from the notes of its list. Those of the GNU
// family without an exception follow a rule instead (see actuel). Net-SNMP has no single replacement and stays as it is.
var remplaces = map[string]string{
	"BSD-2-Clause-FreeBSD": "BSD-2-Clause-Views", "BSD-2-Clause-NetBSD": "BSD-2-Clause", "bzip2-1.0.5": "bzip2-1.0.6",
	"Nunit": "zlib-acknowledgement", "StandardML-NJ": "SMLNJ",
	"eCos-2.0":                         "GPL-2.0-or-later WITH eCos-exception-2.0",
	"wxWindows":                        "LGPL-2.0-or-later WITH WxWindows-exception-3.1",
	"GPL-2.0-with-autoconf-exception":  "GPL-2.0-only WITH Autoconf-exception-2.0",
	"GPL-2.0-with-bison-exception":     "GPL-2.0-only WITH Bison-exception-2.2",
	"GPL-2.0-with-classpath-exception": "GPL-2.0-only WITH Classpath-exception-2.0",
	"GPL-2.0-with-font-exception":      "GPL-2.0-only WITH Font-exception-2.0",
	"GPL-2.0-with-GCC-exception":       "GPL-2.0-only WITH GCC-exception-2.0",
	"GPL-3.0-with-autoconf-exception":  "GPL-3.0-only WITH Autoconf-exception-3.0",
	"GPL-3.0-with-GCC-exception":       "GPL-3.0-only WITH GCC-exception-3.1",
}

var gnu = regexp.MustCompile(`^(A?GPL|LGPL|GFDL)-\d\.\d\+?$`)

// actuel returns what SPDX writes today for an identifier.
func actuel(id string) string {
	if r, ok := remplaces[id]; ok {
		return r
	}
	if gnu.MatchString(id) {
		if base, ok := strings.CutSuffix(id, "+"); ok {
			return base + "-or-later"
		}
		return id + "-only"
	}
	return id
}

// feuille makes the term of an identifier of the list, replaced when deprecated.
func feuille(id string) *noeud {
	base, exception, _ := strings.Cut(actuel(id), " WITH ")
	return &noeud{id: base, exception: exception}
}

// surnoms are names of licences that SPDX spells otherwise, as seen in French catalogues; key → identifier.
var surnoms = map[string]string{
	"cc by sa 3": "CC-BY-SA-3.0", "creative commons attribution sharealike 3 cc by sa": "CC-BY-SA-3.0",
	"python python 2": "Python-2.0",
	"cpal":            "CPAL-1.0", "common public attribution cpal": "CPAL-1.0", // one version only was ever published
	"expat": "MIT", "mit expat": "MIT",
	"gpl": "GPL-1.0-or-later", "gpl +": "GPL-1.0-or-later",
	"lgpl": "LGPL-2.0-or-later", "lgpl +": "LGPL-2.0-or-later",
	"agpl": "AGPL-3.0-or-later", "agpl +": "AGPL-3.0-or-later",
	"new bsd": "BSD-3-Clause", "modified bsd": "BSD-3-Clause", "simplified bsd": "BSD-2-Clause", "freebsd": "BSD-2-Clause-Views",
}

// familles are the names without version for which no expression is exact, and whether every version is free:
//
//	BSD      the licences of 1, 2 and 3 clauses are approved by the OSI, the one of 4 is free for the FSF; "BSD-3.0" too,
//	         since these licences have clauses and no version
//	Apache   1.0 is free for the FSF, 1.1 and 2.0 for both
//	EPL      1.0 and 2.0 are approved by both
//	MPL      1.0 is approved by the OSI, 1.1 and 2.0 by both
//	EUPL     1.0 is approved by neither: not all
//	CeCILL   1.0 and 1.1 are approved by neither: not all
//	Creative Commons: most are not free
var familles = map[string]bool{
	"bsd": true, "bsd 3": true, "apache": true, "epl": true, "epl epl": true, "mpl": true, "mozilla": true,
	"eupl": false, "cecill": false, "cc": false, "creative commons": false, "cc by": false, "cc by sa": false,
}

var (
	versionCollee = regexp.MustCompile(`(?i)(\pL)v(\d)`) // GPLv3
	chiffreColle  = regexp.MustCompile(`(\pL)(\d)`)
	plusTard      = regexp.MustCompile(`(?i)[ ,-]*\b(or[ -]any[ -]later([ -]version)?|or[ -]later([ -]version)?|or[ -]newer|` +
		`ou[ -](toute[ -]version[ -])?(ult[ée]rieure|post[ée]rieure|plus r[ée]cente)|et[ -](ult[ée]rieures?|suivantes?))`)
	jeton   = regexp.MustCompile(`\+|[\pL\d]+(\.\d+)*`)
	abreges = strings.NewReplacer(
		"gnu lesser general public", "lgpl", "gnu library general public", "lgpl", "gnu affero general public", "agpl",
		"gnu general public", "gpl", "lesser general public", "lgpl", "library general public", "lgpl",
		"affero general public", "agpl", "general public", "gpl", "gnu ", "",
		"mozilla public", "mpl", "eclipse public", "epl", "european union public", "eupl", "apache software", "apache")
)

// cle is what two spellings of one licence share: lower case without accents, words that say nothing removed ("the",
// "licence", "version", "v"), ".0" dropped at the end of a number, "or later" turned into "+", usual names abbreviated.
func cle(nom string) string {
	nom = plusTard.ReplaceAllString(nom, " + ")
	nom = versionCollee.ReplaceAllString(nom, "$1 $2")
	nom = chiffreColle.ReplaceAllString(nom, "$1 $2")
	var mots []string
	for _, m := range jeton.FindAllString(nom, -1) {
		if m != "+" {
			m = motDe(m)
		}
		switch m {
		case "", "the", "license", "licence", "licences", "licenses", "version", "v", "la", "le", "l":
			continue
		}
		mots = append(mots, m)
	}
	return strings.TrimSpace(abreges.Replace(strings.Join(mots, " ")))
}

// motDe keeps the points of a version, without its ".0" at the end.
func motDe(m string) string {
	if m[0] < '0' || m[0] > '9' {
		return texte.Normalize(m)
	}
	for {
		court, ok := strings.CutSuffix(m, ".0")
		if !ok {
			return m
		}
		m = court
	}
}
