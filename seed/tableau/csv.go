package tableau

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"strings"
)

// lignesTexte cuts a text into lines ended by LF, CRLF or CR, without ever holding more than max bytes and a buffer.
type lignesTexte struct {
	r      io.Reader
	max    int
	no     int    // number of the line that starts at tampon[debut]
	tampon []byte // what was read
	debut  int    // what of it was given
	fini   bool   // r is at its end
}

func (l *lignesTexte) reste() []byte { return l.tampon[l.debut:] }

// fill reads some more.
func (l *lignesTexte) fill() error {
	l.tampon, l.debut = l.tampon[:copy(l.tampon, l.reste())], 0
	l.tampon = slices.Grow(l.tampon, tailleTampon)
	n, err := io.ReadAtLeast(l.r, l.tampon[len(l.tampon):cap(l.tampon)], tailleTampon)
	l.tampon = l.tampon[:len(l.tampon)+n]
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		l.fini, err = true, nil
	}
	return err
}

// finLigne returns the length of the first line of data, and with its end; 0, 0 when more must be read to know.
func finLigne(data []byte, fini bool) (contenu, total int) {
	i := bytes.IndexAny(data, "\r\n")
	switch {
	case i < 0 && fini:
		return len(data), len(data)
	case i < 0 || data[i] == '\r' && i+1 == len(data) && !fini:
		return 0, 0
	case data[i] == '\r' && i+1 < len(data) && data[i+1] == '\n':
		return i, i + 2
	}
	return i, i + 1
}

// debutLigne is what is kept of a line that is too long, in bytes.
const debutLigne = 1000

// line gives the next line, or its beginning when it is longer than max.
func (l *lignesTexte) line() (no int, ligne []byte, tropLongue bool, err error) {
	var tete []byte
	for {
		data := l.reste()
		if len(data) == 0 && l.fini {
			return l.no, nil, false, io.EOF
		}
		if contenu, total := finLigne(data, l.fini); total > 0 {
			l.debut += total
			l.no++
			if tete == nil && contenu > l.max {
				tete = data[:debutLigne]
			}
			if tete != nil {
				return l.no - 1, tete, true, nil
			}
			return l.no - 1, data[:contenu], false, nil
		}
		if len(data) > l.max {
			if tete == nil {
				tete = slices.Clone(data[:debutLigne])
			}
			l.debut = len(l.tampon) - 1 // a last CR may have its LF to come
		}
		if err := l.fill(); err != nil {
			return l.no, nil, false, err
		}
	}
}

// lecteurCSV splits records itself: encoding/csv knows no CR alone, rewrites the line breaks inside quotes, has no bound,
// and swallows the lines that follow a quote never closed.
type lecteurCSV struct {
	lignesTexte
	sep byte
}

func (c *lecteurCSV) Close() error { return nil }

type etatCSV int

const (
	complet etatCSV = iota
	aSuivre         // the record goes on after data
	guillemetPlace
	guillemetOuvert
)

// next gives the next record, without its quotes.
func (c *lecteurCSV) next() (no int, champs []string, faute *Faute, err error) {
	for {
		data := c.reste()
		if len(data) == 0 && c.fini {
			return 0, nil, nil, io.EOF
		}
		champs, n, sauts, etat := splitCSV(data, c.sep, c.fini)
		switch {
		case etat == complet && n <= c.max:
			no = c.no
			c.debut += n
			c.no += sauts
			return no, champs, nil, nil
		case etat == aSuivre && len(data) <= c.max:
			if err := c.fill(); err != nil {
				return 0, nil, nil, err
			}
			continue
		}
		// The record is bad: only its first line is condemned, so that a quote never closed does not take the rest along.
		no, ligne, tropLongue, err := c.line()
		if err != nil {
			return 0, nil, nil, err
		}
		motif := motifGuillemet
		if tropLongue || etat == complet {
			motif = "cette ligne est trop longue"
		} else if etat != guillemetPlace {
			motif = "guillemet jamais fermé"
		}
		brut := string(ligne)
		return no, strings.Split(brut, string(c.sep)), nouvelleFaute(no, "", brut, motif), nil
	}
}

// splitCSV reads one record of data: its fields, its length, and the number of lines it takes.
func splitCSV(data []byte, sep byte, fini bool) (champs []string, n, lignes int, etat etatCSV) {
	for i := 0; ; {
		debut, fin, double := i, i, false
		if i < len(data) && data[i] == '"' {
			i++
			for debut = i; ; i++ {
				k := bytes.IndexByte(data[i:], '"')
				if k < 0 && fini {
					return nil, 0, 0, guillemetOuvert
				}
				if k < 0 {
					return nil, 0, 0, aSuivre
				}
				fin = i + k
				if i = fin + 1; i < len(data) && data[i] == '"' {
					double = true
					continue
				}
				break
			}
			lignes += nombreLignes(data[debut:fin])
		} else {
			for i < len(data) && data[i] != sep && data[i] != '\n' && data[i] != '\r' {
				if data[i] == '"' {
					return nil, 0, 0, guillemetPlace
				}
				i++
			}
			fin = i
		}
		if len(champs) <= maxColonnes { // one too many is kept, to be told
			champ := string(data[debut:fin])
			if double {
				champ = strings.ReplaceAll(champ, `""`, `"`)
			}
			champs = append(champs, champ)
		}
		if i == len(data) {
			if !fini {
				return nil, 0, 0, aSuivre
			}
			return champs, i, lignes + 1, complet
		}
		if data[i] == sep {
			i++
			continue
		}
		if data[i] != '\n' && data[i] != '\r' {
			return nil, 0, 0, guillemetPlace
		}
		_, n := finLigne(data[i:], fini)
		if n == 0 {
			return nil, 0, 0, aSuivre
		}
		return champs, i + n, lignes + 1, complet
	}
}

// nombreLignes counts the line breaks of a text.
func nombreLignes(s []byte) int {
	return bytes.Count(s, []byte("\n")) + bytes.Count(s, []byte("\r")) - bytes.Count(s, []byte("\r\n"))
}

var ligneSep = regexp.MustCompile(`^"?(?i:sep)=([;,\t|])"?$`)

// separateur finds the separator from the first lines: the one that Excel's "sep=;" line gives, which is then skipped, else
// the one by which the header holds the most known columns, then by which most lines have as many fields as the header, then
// by which these are the most.
func (c *lecteurCSV) separateur(extrait []byte, entier bool, e *entetes) byte {
	if contenu, total := finLigne(extrait, entier); total > 0 {
		if m := ligneSep.FindSubmatch(extrait[:contenu]); m != nil {
			_, _, _, _ = c.line()
			return m[1][0]
		}
	}
	meilleur, note := byte(';'), []int{}
	for _, sep := range []byte(";,\t|") {
		if n := noteSeparateur(extrait, entier, sep, e); slices.Compare(n, note) > 0 {
			meilleur, note = sep, n
		}
	}
	return meilleur
}

// noteSeparateur counts the known columns, the lines in a hundred that agree with the header, and its fields.
func noteSeparateur(data []byte, entier bool, sep byte, e *entetes) []int {
	connues, champsEntete, lues, accord := 0, 0, 0, 0
	for lues < 20 && len(data) > 0 {
		champs, n, _, etat := splitCSV(data, sep, entier)
		if etat == aSuivre {
			break
		}
		if etat != complet {
			lues++
			break
		}
		if data = data[n:]; sansValeur(champs) {
			continue
		}
		if lues++; lues == 1 {
			champsEntete = len(champs)
			for _, champ := range champs {
				if _, connue := e.canonique(champ); connue {
					connues++
				}
			}
		}
		if len(champs) == champsEntete {
			accord++
		}
	}
	return []int{connues, 100 * accord / max(1, lues), champsEntete}
}

// formule is what a spreadsheet would run; nombreSigne is what it cannot.
var (
	formule     = regexp.MustCompile(`^'*[=+\-@\t\r]`)
	nombreSigne = regexp.MustCompile(`^[+-][0-9]+([.,][0-9]+)?$`)
)

// protect puts an apostrophe before a text that unprotect would take one from and, for Excel, before one that Excel would
// run. So unprotect(protect(s)) is s, for every s, in both cases.
func protect(s string, excel bool) string {
	if formule.MatchString(s) && (s[0] == '\'' || excel && !nombreSigne.MatchString(s)) {
		return "'" + s
	}
	return s
}

func unprotect(s string) string {
	if len(s) > 1 && s[0] == '\'' && formule.MatchString(s) {
		return s[1:]
	}
	return s
}
