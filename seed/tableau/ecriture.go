package tableau

import (
	"archive/zip"
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

type genreValeur uint8

const (
	rien genreValeur = iota
	texteSeul
	entierSeul
	centimes
	date
	booleen
	liste
)

// Valeur is one cell to write. Its zero value is an absent one.
type Valeur struct {
	genre genreValeur
	texte string
	n     int64
	date  Date
	items []string
}

// Texte is a text.
func Texte(s string) Valeur { return Valeur{genre: texteSeul, texte: s} }

// Entier is a whole number.
func Entier(n int64) Valeur { return Valeur{genre: entierSeul, n: n} }

// Centimes is an amount of euros, in cents.
func Centimes(n int64) Valeur { return Valeur{genre: centimes, n: n} }

// Jour is a date, written with its precision.
func Jour(d Date) Valeur { return Valeur{genre: date, date: d} }

// Booleen is oui or non; true or false in JSON and XLSX.
func Booleen(b bool) Valeur {
	v := Valeur{genre: booleen}
	if b {
		v.n = 1
	}
	return v
}

// Liste is a list of texts.
func Liste(items []string) Valeur { return Valeur{genre: liste, items: items} }

// Writer writes a table, row by row. Nothing is sure to be written before Close, which does not close what it writes to.
type Writer interface {
	// Write writes one row; it fails when the row has not one value for each column.
	Write(ligne []Valeur) error
	Close() error
}

// OptionsEcriture are choices of presentation.
type OptionsEcriture struct {
	Excel   bool   // CSV for a French Excel: byte order mark, ";", decimal comma, and no text that would run as a formula
	Feuille string // name of the sheet of an XLSX; "Export" by default
}

// ErrFormat is the answer to a format that is neither csv, ndjson nor xlsx.
var ErrFormat = errors.New("format inconnu : csv, ndjson ou xlsx")

// NewWriter starts a table with its header.
func NewWriter(w io.Writer, format string, colonnes []string, o OptionsEcriture) (Writer, error) {
	switch format {
	case "csv":
		return newWriterCSV(w, colonnes, o.Excel)
	case "ndjson":
		return newWriterNDJSON(w, colonnes)
	case "xlsx":
		return newWriterXLSX(w, colonnes, o.Feuille)
	}
	return nil, ErrFormat
}

func checkLargeur(ligne []Valeur, colonnes int) error {
	if len(ligne) != colonnes {
		return fmt.Errorf("%d valeurs pour %d colonnes", len(ligne), colonnes)
	}
	return nil
}

// decimal writes cents in euros.
func decimal(n int64, virgule string) string {
	signe, u := "", uint64(n)
	if n < 0 {
		signe, u = "-", -u
	}
	return fmt.Sprintf("%s%d%s%02d", signe, u/100, virgule, u%100)
}

type writerCSV struct {
	w        *bufio.Writer
	sep      byte
	excel    bool
	colonnes int
}

func newWriterCSV(w io.Writer, colonnes []string, excel bool) (*writerCSV, error) {
	c := &writerCSV{w: bufio.NewWriter(w), sep: ',', excel: excel, colonnes: len(colonnes)}
	if excel {
		c.sep = ';'
		_, _ = c.w.WriteString("\ufeff") // a bufio.Writer keeps its errors for Flush
	}
	return c, c.write(colonnes)
}

// write follows RFC 4180. Any usual separator is put between quotes, so that none can be mistaken for that of the file.
func (c *writerCSV) write(champs []string) error {
	for i, s := range champs {
		if i > 0 {
			_ = c.w.WriteByte(c.sep)
		}
		if s = protect(s, c.excel); strings.ContainsAny(s, ";,|\t\"\r\n") || s != strings.TrimSpace(s) || i == 0 && s == "" {
			s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
		_, _ = c.w.WriteString(s)
	}
	_, err := c.w.WriteString("\r\n")
	return err
}

func (c *writerCSV) Write(ligne []Valeur) error {
	if err := checkLargeur(ligne, c.colonnes); err != nil {
		return err
	}
	champs := make([]string, len(ligne))
	for i, v := range ligne {
		champs[i] = v.csv(c.excel)
	}
	return c.write(champs)
}

func (v Valeur) csv(excel bool) string {
	switch v.genre {
	case entierSeul:
		return strconv.FormatInt(v.n, 10)
	case centimes:
		if excel {
			return decimal(v.n, ",")
		}
		return decimal(v.n, ".")
	case date:
		return v.date.String()
	case booleen:
		if v.n == 1 {
			return "oui"
		}
		return "non"
	case liste:
		return joinListe(v.items)
	}
	return v.texte
}

func (c *writerCSV) Close() error { return c.w.Flush() }

type writerNDJSON struct {
	w    *bufio.Writer
	cles []string // each with its quotes and colon
}

func newWriterNDJSON(w io.Writer, colonnes []string) (*writerNDJSON, error) {
	n := &writerNDJSON{w: bufio.NewWriter(w)}
	for _, c := range colonnes {
		n.cles = append(n.cles, string(enJSON(c))+":")
	}
	return n, nil
}

// enJSON writes a text or a list of them, which cannot fail.
func enJSON(v any) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

func (n *writerNDJSON) Write(ligne []Valeur) error {
	if err := checkLargeur(ligne, len(n.cles)); err != nil {
		return err
	}
	for i, v := range ligne {
		lien := byte(',')
		if i == 0 {
			lien = '{'
		}
		_ = n.w.WriteByte(lien)
		_, _ = n.w.WriteString(n.cles[i])
		_, _ = n.w.Write(v.json())
	}
	_, err := n.w.WriteString("}\n")
	return err
}

func (v Valeur) json() []byte {
	switch v.genre {
	case rien:
		return []byte("null")
	case entierSeul, centimes:
		return []byte(v.csv(false))
	case booleen:
		return strconv.AppendBool(nil, v.n == 1)
	case liste:
		if v.items == nil {
			return []byte("[]")
		}
		return enJSON(v.items)
	}
	return enJSON(v.csv(false))
}

func (n *writerNDJSON) Close() error { return n.w.Flush() }

// lignesFeuille is how many rows a sheet holds in Excel, header included.
const lignesFeuille = 1 << 20

type writerXLSX struct {
	w                 io.Writer
	classeur          *excelize.File
	flux              *excelize.StreamWriter
	feuille           string
	colonnes          []string
	no, max, feuilles int // rows of the sheet, most of them, sheets
	styleJour, styleE int
	styleTitre        int
}

func newWriterXLSX(w io.Writer, colonnes []string, feuille string) (*writerXLSX, error) {
	if feuille == "" {
		feuille = "Export"
	}
	x := &writerXLSX{w: w, classeur: excelize.NewFile(), feuille: feuille, colonnes: colonnes, max: lignesFeuille}
	jour, euros := "yyyy-mm-dd", "#,##0.00"
	err := x.classeur.SetSheetName("Sheet1", feuille)
	for _, s := range []struct {
		no    *int
		style excelize.Style
	}{{&x.styleJour, excelize.Style{CustomNumFmt: &jour}}, {&x.styleE, excelize.Style{CustomNumFmt: &euros}}, {&x.styleTitre, excelize.Style{Font: &excelize.Font{Bold: true}}}} {
		if err == nil {
			*s.no, err = x.classeur.NewStyle(&s.style)
		}
	}
	if err == nil {
		err = x.sheet(feuille)
	}
	if err != nil {
		x.classeur.Close()
		return nil, err
	}
	return x, nil
}

// sheet starts a sheet with its header.
func (x *writerXLSX) sheet(nom string) (err error) {
	x.no = 0
	x.feuilles++
	if x.flux, err = x.classeur.NewStreamWriter(nom); err != nil {
		return err
	}
	if err := x.flux.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	entete := make([]any, len(x.colonnes))
	for i, c := range x.colonnes {
		entete[i] = excelize.Cell{StyleID: x.styleTitre, Value: c}
	}
	return x.row(entete)
}

// row writes a row, on the next sheet when this one is full.
func (x *writerXLSX) row(cellules []any) error {
	if x.no == x.max {
		if err := x.flux.Flush(); err != nil {
			return err
		}
		nom := fmt.Sprintf("%s %d", x.feuille, x.feuilles+1)
		if _, err := x.classeur.NewSheet(nom); err != nil {
			return err
		}
		if err := x.sheet(nom); err != nil {
			return err
		}
	}
	x.no++
	return x.flux.SetRow("A"+strconv.Itoa(x.no), cellules)
}

func (x *writerXLSX) Write(ligne []Valeur) error {
	if err := checkLargeur(ligne, len(x.colonnes)); err != nil {
		return err
	}
	cellules := make([]any, len(ligne))
	for i, v := range ligne {
		cellules[i] = x.cell(v)
		if s, ok := cellules[i].(string); ok && len(s) > maxCellule && len(utf16.Encode([]rune(s))) > maxCellule {
			return fmt.Errorf("une cellule de classeur ne contient pas plus de %d caractères : choisissez csv ou ndjson", maxCellule)
		}
	}
	return x.row(cellules)
}

// cell keeps as text what a spreadsheet would round or cannot count: numbers of more than 15 digits, dates before March
// 1900, months and years.
func (x *writerXLSX) cell(v Valeur) any {
	const exact = 999_999_999_999_999
	switch {
	case v.genre == rien || v.csv(false) == "":
		return nil
	case v.genre == entierSeul && -exact <= v.n && v.n <= exact:
		return v.n
	case v.genre == centimes && -exact <= v.n && v.n <= exact:
		return excelize.Cell{StyleID: x.styleE, Value: float64(v.n) / 100}
	case v.genre == date && v.date.Precision == JOUR && !v.date.Jour.Before(time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)):
		return excelize.Cell{StyleID: x.styleJour, Value: v.date.Jour}
	case v.genre == booleen:
		return v.n == 1
	}
	return protect(v.csv(false), false)
}

// Close writes the workbook: excelize keeps the rows in a temporary file until then.
func (x *writerXLSX) Close() error {
	x.classeur.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(x.w) }) // its own holds the whole in memory
	err := x.flux.Flush()
	if err == nil {
		err = x.classeur.Write(io.Discard)
	}
	return errors.Join(err, x.classeur.Close())
}
