// Package tableau reads and writes the tables that people exchange: CSV, JSON lines and XLSX. It streams both ways, knows
// no SQL, and says what is wrong where, in French. What it writes it reads back without a difference, but for this:
// an empty text, an empty list and an absent value are one thing; lists drop the spaces around their items and their
// empty items; a row without any value is skipped; XLSX turns the control characters that XML forbids into U+FFFD.
package tableau

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

const (
	maxColonnes      = 200
	tailleTampon     = 64 << 10
	ligneMaxDefaut   = 1 << 20
	lignesMaxDefaut  = 1_000_000
	tailleMaxDefaut  = 256 << 20
	colonneMotif     = "motif"
	colonneLigne     = "ligne_origine"
	motifIllisible   = "ce texte n'est pas lisible : enregistrez le fichier en UTF-8"
	motifCaractereNu = "ce texte contient un caractère nul"
	motifGuillemet   = "guillemet mal placé : un champ qui en contient s'écrit entre guillemets, et les siens se doublent"
)

// Colonne is a column that an importer knows.
type Colonne struct {
	Nom         string   // canonical: lower case, without accents, words joined by "_"; neither "motif" nor "ligne_origine"
	Synonymes   []string // other headers that mean it, in any spelling
	Obligatoire bool     // the file is refused without this column (a JSON line, without this key)
}

// Options say what to expect of a file, and bound what reading it may cost. Zero values mean the defaults.
type Options struct {
	Colonnes  []Colonne
	Feuille   string // sheet of an XLSX; by default the first visible one that is not empty
	LigneMax  int    // longest line, in bytes; 1 MiB
	LignesMax int    // rows read before the file is refused; 1,000,000
	TailleMax int64  // largest XLSX, compressed, in bytes; 256 MiB
}

// Faute is what is wrong at one place of a file.
type Faute struct {
	Ligne   int    // as a text editor or the spreadsheet shows it; 0: the file as a whole
	Colonne string // as the file names it; "" when the whole line is at fault
	Valeur  string // the value found, cut to 60 characters
	Motif   string // why it is refused, in French
}

// Error says where, what and why, in French.
func (f *Faute) Error() string {
	var parts []string
	if f.Ligne > 0 {
		parts = append(parts, fmt.Sprintf("ligne %d", f.Ligne))
	}
	if f.Colonne != "" {
		parts = append(parts, fmt.Sprintf("colonne « %s »", f.Colonne))
	}
	if f.Valeur != "" {
		parts = append(parts, fmt.Sprintf("valeur « %s »", f.Valeur))
	}
	if len(parts) == 0 {
		return f.Motif
	}
	return strings.Join(parts, ", ") + " : " + f.Motif
}

func nouvelleFaute(ligne int, colonne, valeur, motif string) *Faute {
	return &Faute{Ligne: ligne, Colonne: propre(colonne), Valeur: propre(valeur), Motif: motif}
}

// lisible makes any bytes of a file fit for PostgreSQL; propre, for a message too.
func lisible(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "�")
}

func propre(s string) string { return identifiant.Court(lisible(s)) }

// source gives the rows of one format, the header first. An error ends the reading, io.EOF without complaint; a faute
// condemns its row alone.
type source interface {
	next() (no int, champs []string, faute *Faute, err error)
	Close() error
}

// Lecteur reads a table. Close it.
type Lecteur struct {
	Format string // csv, ndjson or xlsx

	src       source
	entetes   *entetes
	separe    string // puts surplus fields back together
	lignesMax int
	vides     int
	derniere  int // last line given by the source
}

// Open recognises the format by content and reads the header. r is streamed, from where it stands; an XLSX is first copied
// to a temporary file, unless r is an io.ReaderAt and io.Seeker, then read from its start. What is wrong is a *Faute; other
// errors come from r or from the disk.
func Open(r io.Reader, o Options) (*Lecteur, error) {
	if o.LigneMax <= 0 {
		o.LigneMax = ligneMaxDefaut
	}
	if o.LignesMax <= 0 {
		o.LignesMax = lignesMaxDefaut
	}
	if o.TailleMax <= 0 {
		o.TailleMax = tailleMaxDefaut
	}
	l := &Lecteur{entetes: nouveauxEntetes(o.Colonnes), lignesMax: o.LignesMax, separe: " "}
	if err := l.openSource(r, o); err != nil {
		return nil, err
	}
	if err := l.readEntete(); err != nil {
		l.src.Close()
		return nil, err
	}
	return l, nil
}

func (l *Lecteur) openSource(r io.Reader, o Options) (err error) {
	tampon := bufio.NewReaderSize(r, tailleTampon)
	signature, err := tampon.Peek(8)
	if err != nil && err != io.EOF {
		return err
	}
	switch {
	case bytes.HasPrefix(signature, []byte("PK\x03\x04")):
		l.Format = "xlsx"
		l.src, err = openXLSX(r, tampon, o)
		return err
	case bytes.HasPrefix(signature, []byte("\xd0\xcf\x11\xe0")):
		return nouvelleFaute(0, "", "", "ce classeur est d'un ancien format (.xls) ou protégé par un mot de passe : enregistrez-le en .xlsx")
	case bytes.HasPrefix(signature, []byte("%PDF")):
		return nouvelleFaute(0, "", "", "ce fichier est un PDF : il faut un tableau, en CSV, XLSX ou JSON")
	}
	decode := bufio.NewReaderSize(decodeTexte(tampon), tailleTampon)
	extrait, err := decode.Peek(tailleTampon)
	if err != nil && err != io.EOF {
		return err
	}
	switch debut := bytes.TrimLeft(extrait, " \t\r\n"); {
	case bytes.HasPrefix(debut, []byte("{")):
		l.Format = "ndjson"
		l.src = &lecteurNDJSON{lignes: lignesTexte{r: decode, max: o.LigneMax, no: 1}, entetes: l.entetes, colonnes: o.Colonnes}
	case bytes.HasPrefix(debut, []byte("[")):
		return nouvelleFaute(0, "", "", "ce fichier est un tableau JSON : il faut un objet par ligne, sans crochets ni virgules entre eux")
	default:
		l.Format = "csv"
		c := &lecteurCSV{lignesTexte: lignesTexte{r: decode, max: o.LigneMax, no: 1}}
		c.sep = c.separateur(extrait, err == io.EOF, l.entetes)
		l.separe = string(c.sep)
		l.src = c
	}
	return nil
}

// Entete is the header as the file has it, without the two columns that a report adds. For JSON lines, it is made of the
// keys of the first object and of the Colonnes that it lacks.
func (l *Lecteur) Entete() []string { return l.entetes.noms }

// Inconnues are the headers that no Colonne answers to. JSON lines may add some while they are read.
func (l *Lecteur) Inconnues() []string { return l.entetes.inconnues }

// Vides is how many lines without any value were skipped so far.
func (l *Lecteur) Vides() int { return l.vides }

// Close frees what the reading holds; it does not close what Open was given.
func (l *Lecteur) Close() error { return l.src.Close() }

func (l *Lecteur) readEntete() error {
	no, champs, faute, err := l.next()
	switch {
	case err == io.EOF:
		return nouvelleFaute(0, "", "", "le fichier est vide")
	case err != nil:
		return err
	case faute != nil:
		return faute
	}
	return l.entetes.read(no, champs)
}

// next gives the next row that holds something, and counts those that do not.
func (l *Lecteur) next() (no int, champs []string, faute *Faute, err error) {
	for {
		if no, champs, faute, err = l.src.next(); err != nil {
			return 0, nil, nil, err
		}
		if l.Format != "csv" {
			l.vides += max(0, no-l.derniere-1) // rows that a sheet leaves out, or empty lines
		}
		l.derniere = no
		if l.Format != "ndjson" && faute == nil {
			for i := range champs {
				champs[i] = unprotect(champs[i]) // in a workbook too: it may be a CSV saved again
			}
		}
		if faute != nil || !sansValeur(champs) {
			return no, champs, faute, nil
		}
		l.vides++
	}
}

// Lignes gives the rows, once. A row that cannot be read comes with its *Faute, its number and its fields as far as they
// could be told apart, and the reading goes on. A nil row ends it: its error says why.
func (l *Lecteur) Lignes() iter.Seq2[*Ligne, error] {
	return func(yield func(*Ligne, error) bool) {
		for lues := 0; ; {
			no, champs, faute, err := l.next()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if lues++; lues > l.lignesMax {
				yield(nil, nouvelleFaute(no, "", "", fmt.Sprintf("le fichier dépasse %d lignes : découpez-le", l.lignesMax)))
				return
			}
			ligne := &Ligne{No: no, entetes: l.entetes}
			if n, ok := l.src.(*lecteurNDJSON); ok {
				ligne.presentes = n.lues
			}
			if faute == nil {
				faute = l.check(no, champs)
			}
			ligne.Champs = l.entetes.keep(champs, l.separe)
			if faute != nil {
				ligne.fautes = []*Faute{faute}
				if !yield(ligne, faute) {
					return
				}
				continue
			}
			if !yield(ligne, nil) {
				return
			}
		}
	}
}

// check says what is wrong with the fields of a row whatever its columns mean.
func (l *Lecteur) check(no int, champs []string) *Faute {
	attendus := l.entetes.largeur
	switch n := len(champs); {
	case n > attendus && !sansValeur(champs[attendus:]):
		return nouvelleFaute(no, "", strings.Join(champs[attendus:], l.separe), "cette ligne a plus de champs que l'en-tête")
	case n < attendus && l.Format == "csv":
		return nouvelleFaute(no, "", "", fmt.Sprintf("cette ligne n'a pas assez de champs : %d au lieu de %d", n, attendus))
	}
	for i, c := range champs {
		motif := ""
		if !utf8.ValidString(c) {
			motif = motifIllisible
		} else if strings.IndexByte(c, 0) >= 0 {
			motif = motifCaractereNu
		}
		if motif != "" {
			return nouvelleFaute(no, l.entetes.nom(i), c, motif)
		}
	}
	return nil
}

func sansValeur(champs []string) bool {
	for _, c := range champs {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}
