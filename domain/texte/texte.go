// Package texte gives names one comparable spelling, what is sorted, joined and searched, and writes days as French does.
package texte

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Normalize returns the form under which a name is sorted, joined and searched: ligatures spelled out (œ → oe,
// æ → ae, ß → ss), accents removed, superscripts and other compatible forms flattened (² → 2), lower case, and every
// run of anything else than letters and digits turned into one space, without any at the ends.
// It is idempotent, and the result of "S²LOW" is "s2low". Invalid UTF-8 counts as a separator.
func Normalize(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	espace := false
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, " ")) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue // an accent, now apart from its letter
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if espace && b.Len() > 0 {
				b.WriteByte(' ')
			}
			espace = false
			write(&b, r)
		default:
			espace = true
		}
	}
	return b.String()
}

// write writes a letter in lower case, decomposed where Unicode leaves it whole.
func write(b *strings.Builder, r rune) {
	switch unicode.ToLower(r) {
	case 'œ':
		b.WriteString("oe")
	case 'æ':
		b.WriteString("ae")
	case 'ß':
		b.WriteString("ss")
	case 'ø':
		b.WriteByte('o')
	case 'ł':
		b.WriteByte('l')
	default:
		b.WriteRune(unicode.ToLower(r))
	}
}

// SansEspacesSuperflus trims s and turns every run of spaces (of any kind) into one: what a display name needs.
func SansEspacesSuperflus(s string) string { return strings.Join(strings.Fields(s), " ") }

var mois = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}

// Jour writes a day as French does: "1er mai 2026".
func Jour(t time.Time) string {
	jour := fmt.Sprint(t.Day())
	if t.Day() == 1 {
		jour = "1er"
	}
	return fmt.Sprintf("%s %s %d", jour, mois[t.Month()-1], t.Year())
}
