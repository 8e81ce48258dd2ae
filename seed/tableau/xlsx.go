package tableau

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

const (
	maxCellule  = 32767    // characters, as Excel
	maxAnnexe   = 16 << 20 // bytes of the parts read whole: sheet names, styles
	maxTextes   = 4 << 20  // shared strings
	maxFeuille  = 4 << 30  // bytes of a part that is streamed, unpacked
	xmlParLigne = 4        // how much longer than its text the XML of a row may be, besides 64 KiB
)

// lecteurXLSX reads the rows of a sheet. It does so itself rather than through excelize, which writes workbooks here: the
// rows of excelize tell neither a date from a number nor a number from a text, end without an error where the file is
// damaged, and load parts and cells of any size.
type lecteurXLSX struct {
	spool    *os.File // nil when the caller's file is read
	partie   io.ReadCloser
	borne    *borne
	xml      *xml.Decoder
	textes   *textesPartages
	dates    []bool // by style: are its numbers dates
	depuis04 bool   // days are counted from 1904
	no       int
}

// borne fails when more than reste is read: what one row may cost.
type borne struct {
	r     io.Reader
	reste int
	max   int
}

var errBorne = errors.New("trop long")

func (b *borne) Read(p []byte) (int, error) {
	if b.reste <= 0 {
		return 0, errBorne
	}
	n, err := b.r.Read(p[:min(len(p), b.reste)])
	b.reste -= n
	return n, err
}

// defaut is what is wrong with a workbook, in French.
type defaut string

func (d defaut) Error() string { return string(d) }

// abime puts in French what stops the reading of a workbook, unless the disk does.
func abime(no int, err error) error {
	var d defaut
	var disque *fs.PathError
	switch {
	case errors.As(err, &disque):
		return err
	case errors.Is(err, errBorne):
		return nouvelleFaute(no, "", "", "une ligne de ce classeur est trop longue")
	case errors.As(err, &d):
		return nouvelleFaute(no, "", "", "ce classeur est abîmé : "+string(d))
	}
	return nouvelleFaute(no, "", "", "ce classeur est abîmé, ou n'est pas un .xlsx")
}

// openXLSX reads r where it is if it can be read anywhere, else a copy of deja, which is r from its start.
func openXLSX(r, deja io.Reader, o Options) (source, error) {
	x := &lecteurXLSX{}
	octets, taille, err := x.acces(r, deja, o.TailleMax)
	if err == nil {
		err = x.open(octets, taille, o)
	}
	if err != nil {
		x.Close()
		return nil, err
	}
	return x, nil
}

func (x *lecteurXLSX) acces(r, deja io.Reader, max int64) (io.ReaderAt, int64, error) {
	trop := nouvelleFaute(0, "", "", fmt.Sprintf("ce classeur dépasse %d Mo", max>>20))
	if f, ok := r.(interface {
		io.ReaderAt
		io.Seeker
	}); ok {
		if taille, err := f.Seek(0, io.SeekEnd); err == nil {
			if taille > max {
				return nil, 0, trop
			}
			return f, taille, nil
		}
	}
	var err error
	if x.spool, err = fichierTemporaire(); err != nil {
		return nil, 0, err
	}
	taille, err := io.Copy(x.spool, io.LimitReader(deja, max+1))
	if err == nil && taille > max {
		return nil, 0, trop
	}
	return x.spool, taille, err
}

// fichierTemporaire is removed at once where the system allows it, else when closed.
func fichierTemporaire() (*os.File, error) {
	f, err := os.CreateTemp("", "mutualibre-*")
	if err == nil {
		_ = os.Remove(f.Name())
	}
	return f, err
}

func closeTemporaire(f *os.File) error {
	err := f.Close()
	_ = os.Remove(f.Name())
	return err
}

func (x *lecteurXLSX) Close() (err error) {
	if x.partie != nil {
		err = x.partie.Close()
	}
	if x.textes != nil {
		err = errors.Join(err, closeTemporaire(x.textes.fichier))
	}
	if x.spool != nil {
		err = errors.Join(err, closeTemporaire(x.spool))
	}
	return err
}

type liensXLSX struct {
	Liens []struct {
		ID    string `xml:"Id,attr"`
		Type  string `xml:"Type,attr"`
		Cible string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

type classeurXLSX struct {
	Proprietes struct {
		Depuis04 string `xml:"date1904,attr"`
	} `xml:"workbookPr"`
	Feuilles []feuilleXLSX `xml:"sheets>sheet"`
}

type feuilleXLSX struct {
	Nom  string `xml:"name,attr"`
	Etat string `xml:"state,attr"`
	Lien string `xml:"id,attr"`
}

type stylesXLSX struct {
	Formats []struct {
		ID   int    `xml:"numFmtId,attr"`
		Code string `xml:"formatCode,attr"`
	} `xml:"numFmts>numFmt"`
	Cellules []struct {
		Format int `xml:"numFmtId,attr"`
	} `xml:"cellXfs>xf"`
}

// archiveXLSX finds the parts of a workbook by the links between them.
type archiveXLSX struct {
	*zip.Reader
	liens map[string]string // id or kind of a link of the workbook → name of the part
}

func (a archiveXLSX) part(nom string, max uint64) (io.ReadCloser, error) {
	i := slices.IndexFunc(a.File, func(f *zip.File) bool { return strings.EqualFold(f.Name, nom) })
	if i < 0 {
		return nil, defaut(propre(nom) + " manque")
	}
	if a.File[i].UncompressedSize64 > max {
		return nil, defaut(fmt.Sprintf("%s dépasse %d Mo", propre(nom), max>>20))
	}
	return a.File[i].Open()
}

func (a archiveXLSX) decode(nom string, v any) error {
	p, err := a.part(nom, maxAnnexe)
	if err != nil {
		return err
	}
	defer p.Close()
	return xml.NewDecoder(p).Decode(v)
}

func (x *lecteurXLSX) open(octets io.ReaderAt, taille int64, o Options) error {
	z, err := zip.NewReader(octets, taille)
	if err != nil {
		return abime(0, err)
	}
	a := archiveXLSX{z, map[string]string{}}
	var racine, liens liensXLSX
	if err := a.decode("_rels/.rels", &racine); err != nil {
		return nouvelleFaute(0, "", "", "ce fichier n'est pas un classeur .xlsx : enregistrez-le dans ce format, ou en CSV")
	}
	principal := "xl/workbook.xml"
	for _, l := range racine.Liens {
		if strings.HasSuffix(l.Type, "/officeDocument") {
			principal = strings.TrimPrefix(l.Cible, "/")
		}
	}
	var c classeurXLSX
	if err := a.decode(principal, &c); err != nil {
		return abime(0, err)
	}
	dossier, nom := path.Split(principal)
	if err := a.decode(dossier+"_rels/"+nom+".rels", &liens); err != nil {
		return abime(0, err)
	}
	for _, l := range liens.Liens {
		cible := strings.TrimPrefix(l.Cible, "/")
		if cible == l.Cible {
			cible = path.Join(dossier, cible)
		}
		a.liens[l.ID], a.liens[path.Base(l.Type)] = cible, cible
	}
	x.depuis04, _ = strconv.ParseBool(c.Proprietes.Depuis04)
	if err := x.readStyles(a); err != nil {
		return abime(0, err)
	}
	if x.textes, err = readTextes(a, o.LigneMax); err != nil {
		return abime(0, err)
	}
	return x.choose(a, c.Feuilles, o)
}

// choose opens the sheet that o names, or the first visible one that holds something.
func (x *lecteurXLSX) choose(a archiveXLSX, feuilles []feuilleXLSX, o Options) error {
	var noms []string
	for _, f := range feuilles {
		noms = append(noms, f.Nom)
		if o.Feuille != "" && !strings.EqualFold(f.Nom, o.Feuille) || o.Feuille == "" && f.Etat != "" && f.Etat != "visible" {
			continue
		}
		if err := x.openFeuille(a, f, o.LigneMax); err != nil || o.Feuille != "" {
			return err
		}
		for {
			_, champs, faute, err := x.next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
			if faute != nil || !sansValeur(champs) {
				return x.openFeuille(a, f, o.LigneMax)
			}
		}
	}
	if o.Feuille != "" {
		return nouvelleFaute(0, "", o.Feuille, "ce classeur n'a pas cette feuille ; il a : "+propre(strings.Join(noms, ", ")))
	}
	return nouvelleFaute(0, "", "", "toutes les feuilles de ce classeur sont vides")
}

// openFeuille goes to the start of a sheet.
func (x *lecteurXLSX) openFeuille(a archiveXLSX, f feuilleXLSX, max int) error {
	if x.partie != nil {
		x.partie.Close()
	}
	partie, err := a.part(a.liens[f.Lien], maxFeuille)
	if err != nil {
		return abime(0, err)
	}
	x.partie, x.no, x.borne = partie, 0, nouvelleBorne(partie, max)
	x.xml = xml.NewDecoder(bufio.NewReaderSize(x.borne, 4096))
	return nil
}

func nouvelleBorne(r io.Reader, max int) *borne {
	b := &borne{r: r, max: xmlParLigne*max + tailleTampon}
	b.reste = b.max
	return b
}

func (x *lecteurXLSX) readStyles(a archiveXLSX) error {
	nom, ok := a.liens["styles"]
	if !ok {
		return nil
	}
	var s stylesXLSX
	if err := a.decode(nom, &s); err != nil {
		return err
	}
	codes := map[int]string{}
	for _, f := range s.Formats {
		codes[f.ID] = f.Code
	}
	for _, c := range s.Cellules {
		code, propre := codes[c.Format]
		x.dates = append(x.dates, propre && formatDate(code) || !propre && numeroDate(c.Format))
	}
	return nil
}

// numeroDate says whether a number format known by its number alone shows a date (ECMA-376, 18.8.30).
func numeroDate(n int) bool {
	return n >= 14 && n <= 22 || n >= 27 && n <= 36 || n >= 45 && n <= 47 || n >= 50 && n <= 58
}

// litteral is what a number format shows as it is: quoted text, escaped characters, conditions, colours.
var litteral = regexp.MustCompile(`"[^"]*"|\[[^\]]*\]|\\.|_.|\*.`)

func formatDate(code string) bool {
	code, _, _ = strings.Cut(litteral.ReplaceAllString(code, ""), ";")
	return !strings.EqualFold(code, "general") && strings.ContainsAny(code, "dmyhsDMYHS")
}

// next gives the next row that the sheet holds.
func (x *lecteurXLSX) next() (no int, champs []string, faute *Faute, err error) {
	for {
		t, err := x.xml.RawToken()
		if err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF // the end of the rows comes first
			}
			return 0, nil, nil, abime(x.no, err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			x.borne.reste = x.borne.max
			if t.Name.Local != "row" {
				continue
			}
			no, _ := strconv.Atoi(attribut(t, "r"))
			if no == 0 {
				no = x.no + 1
			}
			if no <= x.no || no > 1<<20 {
				return 0, nil, nil, abime(x.no, defaut("ses lignes ne sont pas dans l'ordre"))
			}
			x.no = no
			if champs, faute, err = x.row(); err != nil {
				return 0, nil, nil, abime(no, err)
			}
			return no, champs, faute, nil
		case xml.EndElement:
			if t.Name.Local == "sheetData" {
				// The checksum is known once all is read.
				if _, err := io.Copy(io.Discard, x.partie); err != nil {
					return 0, nil, nil, abime(x.no, err)
				}
				return 0, nil, nil, io.EOF
			}
		}
	}
}

func attribut(t xml.StartElement, nom string) string {
	for _, a := range t.Attr {
		if a.Name.Local == nom {
			return a.Value
		}
	}
	return ""
}

// row reads cells up to the end of the row.
func (x *lecteurXLSX) row() (champs []string, faute *Faute, err error) {
	colonne := -1
	for {
		t, err := x.xml.RawToken()
		if err != nil {
			return nil, nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			colonne++
			if ref := attribut(t, "r"); ref != "" {
				if colonne, err = numeroColonne(ref); err != nil {
					return nil, nil, err
				}
			}
			v, bad, err := x.cell(t, attribut(t, "t"))
			if err != nil {
				return nil, nil, err
			}
			if bad == "" && v != "" && colonne >= maxColonnes {
				bad = fmt.Sprintf("cette ligne a plus de %d colonnes", maxColonnes)
			}
			if bad != "" && faute == nil {
				faute = nouvelleFaute(x.no, attribut(t, "r"), v, bad)
			}
			if v != "" && colonne < maxColonnes {
				for len(champs) <= colonne {
					champs = append(champs, "")
				}
				champs[colonne] = v
			}
		case xml.EndElement:
			if t.Name.Local == "row" {
				return champs, faute, nil
			}
		}
	}
}

// numeroColonne is 0 for A1, 27 for AB3.
func numeroColonne(ref string) (int, error) {
	n := 0
	for i := 0; i < len(ref) && i < 4; i++ {
		if ref[i] < 'A' || ref[i] > 'Z' {
			if i == 0 {
				break
			}
			return n - 1, nil
		}
		n = n*26 + int(ref[i]-'A'+1)
	}
	return 0, defaut("« " + propre(ref) + " » n'est pas une cellule")
}

// cell reads one cell as text, or says why it cannot be.
func (x *lecteurXLSX) cell(c xml.StartElement, genre string) (v, motif string, err error) {
	brut, err := readTexte(x.xml, c.Name.Local, "v")
	if err != nil || brut == "" {
		return "", "", err
	}
	switch genre {
	case "s":
		if v, err = x.textes.get(brut); err != nil {
			return "", "", err
		}
	case "inlineStr", "str":
		v = decodeEchappe(brut)
	case "b":
		v = strconv.FormatBool(brut == "1" || brut == "true")
	case "e":
		return brut, "cette cellule contient une erreur de calcul", nil
	case "d":
		v = strings.TrimSuffix(brut, "T00:00:00")
	default:
		style, _ := strconv.Atoi(attribut(c, "s"))
		v = x.number(brut, style >= 0 && style < len(x.dates) && x.dates[style])
	}
	if len(v) > maxCellule && len(utf16.Encode([]rune(v))) > maxCellule {
		return v[:debutLigne], fmt.Sprintf("ce texte dépasse les %d caractères d'une cellule", maxCellule), nil
	}
	return v, "", nil
}

// readTexte reads up to the end of the element named fin and joins its texts: those of <t>, and of <v> for a cell. How a
// text is pronounced (<rPh>) is no part of it.
func readTexte(d *xml.Decoder, fin, valeur string) (string, error) {
	var b strings.Builder
	dans, prononce := false, false
	for {
		t, err := d.RawToken()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			prononce = prononce || t.Name.Local == "rPh"
			dans = t.Name.Local == "t" || t.Name.Local == valeur
		case xml.EndElement:
			if t.Name.Local == fin {
				return b.String(), nil
			}
			dans, prononce = false, prononce && t.Name.Local != "rPh"
		case xml.CharData:
			if dans && !prononce {
				b.Write(t)
			}
		}
	}
}

var (
	chiffresSeuls = regexp.MustCompile(`^-?[0-9]+$`)
	echappe       = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)
)

// decodeEchappe turns _x000D_ into the character that it stands for (ECMA-376, 22.9.2.19).
func decodeEchappe(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return echappe.ReplaceAllStringFunc(s, func(e string) string {
		n, _ := strconv.ParseUint(e[2:6], 16, 16)
		if utf16.IsSurrogate(rune(n)) {
			return e
		}
		return string(rune(n))
	})
}

// number writes a number with the 15 digits that a spreadsheet holds, without exponent; a date in ISO 8601, with its time
// when it is not midnight, and the time alone on the day zero.
func (x *lecteurXLSX) number(brut string, date bool) string {
	f, err := strconv.ParseFloat(brut, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || !date && chiffresSeuls.MatchString(brut) {
		return brut
	}
	if !date || f < 0 || f >= 2958466 {
		f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	jours := int(f)
	origine := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case x.depuis04:
		origine = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case jours < 60: // Excel has a 29 February 1900
		origine = origine.AddDate(0, 0, 1)
	}
	t := origine.AddDate(0, 0, jours).Add(time.Duration(math.Round((f-float64(jours))*86400)) * time.Second)
	switch {
	case t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0:
		return t.Format(time.DateOnly)
	case f < 1 && !x.depuis04:
		return t.Format(time.TimeOnly)
	}
	return t.Format("2006-01-02T15:04:05")
}

// textesPartages are the texts that cells cite by their rank, kept on the disk: a sheet may have millions.
type textesPartages struct {
	fichier *os.File
	fins    []int64 // where each text ends
}

func readTextes(a archiveXLSX, max int) (_ *textesPartages, err error) {
	nom, ok := a.liens["sharedStrings"]
	if !ok {
		return nil, nil
	}
	p, err := a.part(nom, maxFeuille)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	t := &textesPartages{}
	if t.fichier, err = fichierTemporaire(); err != nil {
		return nil, err
	}
	return t, t.fill(p, max)
}

func (t *textesPartages) fill(p io.Reader, max int) error {
	sortie := bufio.NewWriterSize(t.fichier, tailleTampon)
	b := nouvelleBorne(p, max)
	d := xml.NewDecoder(bufio.NewReaderSize(b, 4096))
	fin := int64(0)
	for {
		tok, err := d.RawToken()
		if err == io.EOF {
			return sortie.Flush()
		}
		if err != nil {
			return err
		}
		b.reste = b.max
		if e, ok := tok.(xml.StartElement); !ok || e.Name.Local != "si" {
			continue
		}
		texte, err := readTexte(d, "si", "t")
		if err != nil {
			return err
		}
		if len(t.fins) == maxTextes {
			return defaut("il contient trop de textes différents")
		}
		n, err := sortie.WriteString(decodeEchappe(texte))
		if err != nil {
			return err
		}
		fin += int64(n)
		t.fins = append(t.fins, fin)
	}
}

func (t *textesPartages) get(rang string) (string, error) {
	i, err := strconv.Atoi(strings.TrimSpace(rang))
	if err != nil || t == nil || i < 0 || i >= len(t.fins) {
		return "", defaut("le texte numéro « " + propre(rang) + " » manque")
	}
	debut := int64(0)
	if i > 0 {
		debut = t.fins[i-1]
	}
	b := make([]byte, t.fins[i]-debut)
	_, err = t.fichier.ReadAt(b, debut)
	return string(b), err
}
