// Package licence reads the words in which a source names a licence: which SPDX expression they stand for, and whether
// the software is free. Nothing is guessed: words that name no licence for certain stay unmapped and visible, and a
// software is free only when its licence is approved by the OSI or listed as free by the FSF, never because a file says so.
package licence

import (
	"strings"

	"github.com/mutualibre/mutualibre/domain/texte"
)

// Lecture says how the words of a source were understood.
type Lecture string

// The ways of reading, from the most to the least certain.
const (
	Exacte       Lecture = "EXACTE"       // an SPDX expression, letter case aside
	Normalisee   Lecture = "NORMALISEE"   // a deprecated identifier or a name that stands for one licence only
	Liste        Lecture = "LISTE"        // several licences joined by the source's own words or punctuation
	Famille      Lecture = "FAMILLE"      // a family without its version: no expression, Libre when all its versions are
	Proprietaire Lecture = "PROPRIETAIRE" // said not to be free
	Absente      Lecture = "ABSENTE"      // nothing said: empty, "N/A"
	Inconnue     Lecture = "INCONNUE"     // something said, that could not be read; see NonLus
)

// Resultat is what a text about a licence says.
type Resultat struct {
	Origine    string   // the source's own words, trimmed
	Expression string   // an SPDX expression in canonical spelling; "" when the words do not name one exactly
	Libre      bool     // approved by the OSI or free for the FSF: at least one term of an OR, every term of an AND
	Lecture    Lecture  // how the words were understood
	NonLus     []string // what could not be mapped, in the source's words; empty unless Expression is ""
}

// maxTexte is the longest text read as a licence, in bytes: beyond, it is a licence's whole text, which is not read.
const maxTexte = 500

// Parse reads the words of a source. It never fails: what it cannot map is in NonLus, and Libre is then false unless
// what it did read settles the question (one free term of an OR, a family whose every version is free).
//
// The choices that the words leave open, and why:
//   - An identifier that SPDX deprecated is read as SPDX replaces it: "GPL-3.0" is GPL-3.0-only, "GPL-2.0+" is
//     GPL-2.0-or-later. A name with its version ("GNU GPLv3", "GPL V2.0") is read like the identifier.
//   - "LGPL-2.1, LGPL-3.0", "A / B", "A et B" are read as AND: the source lists what is found in the software. Reading OR
//     would lend the user a choice that the source does not state; AND never calls free what may not be.
//     Only "ou" and "or" give an OR. Both kinds in one text, outside an SPDX expression, are ambiguous: not mapped.
//   - "GNU GPL" without a version is GPL-1.0-or-later: the licence itself says (GPL-2.0 section 9, GPL-3.0 section 14)
//     that a program that gives no version number may be used under any version. Likewise LGPL, whose first version is 2.0,
//     and AGPL, of which the FSF published 3.0 only.
//   - Another family without its version ("BSD", "EPL Eclipse Public License") has no exact expression.
//   - A major version alone is its ".0": "CeCILL V2" is CECILL-2.0, "LGPL-2" is LGPL-2.0-only.
func Parse(texteSource string) Resultat {
	origine := texte.SansEspacesSuperflus(strings.ToValidUTF8(texteSource, " "))
	r := Resultat{Origine: origine}
	if len(origine) > maxTexte {
		r.Lecture, r.NonLus = Inconnue, []string{origine}
		return r
	}
	switch absenteOuProprietaire[texte.Normalize(origine)] {
	case Absente:
		r.Lecture = Absente
		return r
	case Proprietaire:
		r.Lecture = Proprietaire
		return r
	}
	t := tables()
	n, exacte := t.expression(origine)
	r.Lecture = Exacte
	if n == nil {
		n, r.Lecture = t.libelle(origine)
	}
	r.NonLus = n.nonLus(nil)
	if len(r.NonLus) > 0 && r.Lecture != Famille {
		r.Lecture = Inconnue
	}
	r.Libre = n.libre(t)
	if n.exprimable() {
		r.Expression = n.string(false)
		if r.Lecture == Exacte && !exacte {
			r.Lecture = Normalisee
		}
	}
	return r
}

// absenteOuProprietaire holds the words, normalised, that name no licence at all or say that there is none.
var absenteOuProprietaire = map[string]Lecture{
	"": Absente, "n a": Absente, "na": Absente, "nc": Absente, "none": Absente, "noassertion": Absente, "non renseigne": Absente,
	"non renseignee": Absente, "inconnue": Absente, "unknown": Absente,
	"proprietaire": Proprietaire, "licence proprietaire": Proprietaire, "proprietary": Proprietaire,
	"proprietary license": Proprietaire, "commercial": Proprietaire, "closed source": Proprietaire,
}
