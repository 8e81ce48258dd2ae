package tableau

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// classeur is a workbook as a spreadsheet saves it: shared strings, styles.
func classeur(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func set(t testing.TB, f *excelize.File, cellule string, v any, format string) {
	t.Helper()
	if err := f.SetCellValue("Sheet1", cellule, v); err != nil {
		t.Fatal(err)
	}
	if format == "" {
		return
	}
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellStyle("Sheet1", cellule, cellule, style); err != nil {
		t.Fatal(err)
	}
}

func TestCellsReadAsTheirValueWhateverTheirFormat(t *testing.T) {
	jour := time.Date(2017, 11, 15, 0, 0, 0, 0, time.UTC)
	cas := []struct {
		v            any
		format, veut string
	}{
		{"Arles", "", "Arles"}, {"013004", "", "013004"}, {"1E5", "", "1E5"}, {"=1", "", "=1"}, {"'=1", "", "=1"}, {" a\r\nb ", "", " a\r\nb "},
		{jour, "", "2017-11-15"}, {jour, "dd/mm/yyyy", "2017-11-15"}, {jour, `[$-40C]d\ mmmm\ yyyy;@`, "2017-11-15"}, {jour.Add(9 * time.Hour), "hh:mm", "2017-11-15T09:00:00"},
		{time.Date(1900, 2, 1, 0, 0, 0, 0, time.UTC), "dd/mm/yyyy", "1900-02-01"}, {0.5, "hh:mm", "12:00:00"},
		{211300553, "", "211300553"}, {21130055300016, "0.00E+00", "21130055300016"}, {1234.5, `#,##0.00\ "dollars"`, "1234.5"}, {0.1 + 0.2, "", "0.3"},
		{1e21, "", "1000000000000000000000"}, {2.0, "0.0", "2"}, {-0.05, "[Red]0.00", "-0.05"}, {0.25, "0%", "0.25"}, {43054, "General", "43054"},
		{true, "", "true"}, {false, "", "false"},
	}
	octets := classeur(t, func(f *excelize.File) {
		for i, c := range cas {
			cellule, _ := excelize.CoordinatesToCellName(i+1, 2)
			entete, _ := excelize.CoordinatesToCellName(i+1, 1)
			set(t, f, entete, "c"+entete, "")
			set(t, f, cellule, c.v, c.format)
		}
	})
	l, err := Open(bytes.NewReader(octets), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for ligne, err := range l.Lignes() {
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range cas {
			if ligne.Champs[i] != c.veut {
				t.Errorf("%v in %q: %q, want %q", c.v, c.format, ligne.Champs[i], c.veut)
			}
		}
	}
}

func TestDatesMayCountFrom1904(t *testing.T) {
	octets := classeur(t, func(f *excelize.File) {
		oui := true
		if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &oui}); err != nil {
			t.Fatal(err)
		}
		set(t, f, "A1", "debut", "")
		set(t, f, "A2", time.Date(2017, 11, 15, 0, 0, 0, 0, time.UTC), "dd/mm/yyyy")
	})
	if got, _ := dump(t, bytes.NewReader(octets), Options{}); !slices.Equal(got, []string{"2: 2017-11-15"}) {
		t.Errorf("%q", got)
	}
}

func TestTheSheetIsTheFirstThatShowsSomething(t *testing.T) {
	octets := classeur(t, func(f *excelize.File) {
		set(t, f, "A1", "", "0.00") // a cell with a format is not yet a value
		for nom, visible := range map[string]bool{"Listes": false, "Usages": true} {
			if _, err := f.NewSheet(nom); err != nil {
				t.Fatal(err)
			}
			for cellule, v := range map[string]string{"B3": "Nom", "C3": "SIREN", "B6": nom, "C6": "1", "B7": "x", "D7": "y"} {
				if err := f.SetCellValue(nom, cellule, v); err != nil {
					t.Fatal(err)
				}
			}
			if err := f.SetSheetVisible(nom, visible); err != nil {
				t.Fatal(err)
			}
		}
	})
	for feuille, veut := range map[string][]string{
		"":       {"6: |Usages|1", "ligne 7, valeur « y » : cette ligne a plus de champs que l'en-tête"},
		"listes": {"6: |Listes|1", "ligne 7, valeur « y » : cette ligne a plus de champs que l'en-tête"},
		"Sheet1": {"le fichier est vide"},
	} {
		got, l := dump(t, bytes.NewReader(octets), Options{Feuille: feuille, Colonnes: colonnes("nom", "siren")})
		if !slices.Equal(got, veut) {
			t.Errorf("%q: %q", feuille, got)
		}
		if l != nil && l.Vides() != 4 {
			t.Errorf("%q: %d empty rows", feuille, l.Vides())
		}
	}
	if got, _ := dump(t, bytes.NewReader(octets), Options{Feuille: "Autre"}); !strings.Contains(got[0], "il a : Sheet1") {
		t.Errorf("%q", got)
	}
}

func TestARichTextIsItsText(t *testing.T) {
	octets := classeur(t, func(f *excelize.File) {
		set(t, f, "A1", "nom", "")
		if err := f.SetCellRichText("Sheet1", "A2", []excelize.RichTextRun{{Text: "gras ", Font: &excelize.Font{Bold: true}}, {Text: "et maigre"}}); err != nil {
			t.Fatal(err)
		}
	})
	if got, _ := dump(t, bytes.NewReader(octets), Options{}); !slices.Equal(got, []string{"2: gras et maigre"}) {
		t.Errorf("%q", got)
	}
}

// remake rewrites parts of a workbook.
func remake(t testing.TB, octets []byte, parts map[string]func([]byte) []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(octets), int64(len(octets)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		contenu, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if change := parts[f.Name]; change != nil {
			contenu = change(contenu)
		}
		sortie, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sortie.Write(contenu); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const feuilleSeule = "xl/worksheets/sheet1.xml"

// feuille is a workbook whose rows are the given XML.
func feuille(t testing.TB, lignes string) []byte {
	t.Helper()
	return remake(t, classeur(t, func(*excelize.File) {}), map[string]func([]byte) []byte{feuilleSeule: func([]byte) []byte {
		return []byte(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + lignes + `</sheetData></worksheet>`)
	}})
}

func TestStrangeSheetsAreReadOrRefusedAtScale(t *testing.T) {
	const entete = `<row><c t="str"><v>nom</v></c><c t="str"><v>siren</v></c></row>`
	for nom, c := range map[string]struct{ lignes, veut string }{
		"cells without a place":    {entete + `<row><c><v>1</v></c><c><v>2.50</v></c></row>`, "2: 1|2.5"},
		"prefixed elements":        {entete + `<x:row r="5"><x:c r="B5"><x:f>1+1</x:f><x:v>2</x:v></x:c></x:row>`, "5: |2"},
		"an error of calculation":  {entete + `<row r="2"><c r="A2" t="e"><v>#N/A</v></c></row><row r="3"><c r="A3"><v>1</v></c></row>`, "ligne 2, colonne « A2 », valeur « #N/A » : cette cellule contient une erreur de calcul / 3: 1|"},
		"a date as text":           {entete + `<row r="2"><c r="A2" t="d"><v>2017-11-15T00:00:00</v></c></row>`, "2: 2017-11-15|"},
		"how it is pronounced":     {entete + `<row r="2"><c r="A2" t="inlineStr"><is><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></is></c></row>`, "2: 東京|"},
		"an escaped line break":    {entete + `<row r="2"><c r="A2" t="inlineStr"><is><t>a_x000D_b_x005F_x000D_</t></is></c></row>`, "2: a\rb_x000D_|"},
		"far too many columns":     {entete + `<row r="2"><c r="ZZ2"><v>1</v></c></row>`, "ligne 2, colonne « ZZ2 », valeur « 1 » : cette ligne a plus de 200 colonnes"},
		"rows out of order":        {entete + `<row r="3"/><row r="2"/>`, "ne sont pas dans l'ordre"},
		"a row too far":            {entete + `<row r="9999999"/>`, "ne sont pas dans l'ordre"},
		"a shared string too many": {entete + `<row r="2"><c r="A2" t="s"><v>7</v></c></row>`, "le texte numéro « 7 » manque"},
		"a bad place":              {entete + `<row r="2"><c r="2"><v>7</v></c></row>`, "« 2 » n'est pas une cellule"},
		"a forbidden character":    {entete + "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>\x01</v></c></row>", "ligne 2 : ce classeur est abîmé"},
		"a text too long":          {entete + `<row r="2"><c r="A2" t="str"><v>` + strings.Repeat("é", 40_000) + `</v></c></row><row r="3"><c r="A3"><v>1</v></c></row>`, "ce texte dépasse les 32767 caractères d'une cellule / 3: 1|"},
		"a row without end":        {entete + `<row r="2">` + strings.Repeat(`<c><v>1</v></c>`, 500_000) + `</row>`, "ligne 2 : une ligne de ce classeur est trop longue"},
		"a cell without end":       {entete + `<row r="2"><c t="str"><v>` + strings.Repeat("x", 9<<20) + `</v></c></row>`, "ligne 2 : une ligne de ce classeur est trop longue"},
		"an attribute without end": {entete + `<row r="` + strings.Repeat("1", 9<<20) + `"></row>`, "une ligne de ce classeur est trop longue"},
	} {
		got, _ := dump(t, bytes.NewReader(feuille(t, c.lignes)), Options{})
		if s := strings.Join(got, " / "); !strings.Contains(s, c.veut) {
			t.Errorf("%s: %.300s, want %s", nom, s, c.veut)
		}
	}
}

// A workbook cut short must not pass for a short one.
func TestADamagedWorkbookIsNeverReadAsAShortOne(t *testing.T) {
	var b bytes.Buffer
	bigTable(t, "xlsx", 2000, &b)
	coupe := remake(t, b.Bytes(), map[string]func([]byte) []byte{feuilleSeule: func(c []byte) []byte { return c[:len(c)/2] }})
	// One byte of the packed rows is changed: only the checksum tells.
	altere := remake(t, b.Bytes(), nil)
	z, err := zip.NewReader(bytes.NewReader(altere), int64(len(altere)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if debut, err := f.DataOffset(); err == nil && f.Name == feuilleSeule {
			altere[debut+int64(f.CompressedSize64)/2] ^= 0xff
		}
	}
	for nom, octets := range map[string][]byte{"cut": coupe, "changed": altere} {
		got, _ := dump(t, bytes.NewReader(octets), Options{})
		if !strings.Contains(got[len(got)-1], "abîmé") {
			t.Errorf("%s: %d rows, then %s", nom, len(got), got[len(got)-1])
		}
	}
}

func TestWhatIsNoTableIsRefusedByItsName(t *testing.T) {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	if _, err := w.Create("content.xml"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	for contenu, veut := range map[string]string{
		archive.String():                   "n'est pas un classeur .xlsx",
		"PK\x03\x04 and no more":           "abîmé",
		"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "ancien format (.xls)",
		"%PDF-1.7\n":                       "est un PDF",
		"[{\"nom\":1}]":                    "un objet par ligne",
	} {
		if got, _ := dump(t, strings.NewReader(contenu), Options{}); !strings.Contains(got[0], veut) {
			t.Errorf("%q: %q", contenu, got)
		}
	}
}

func TestAWorkbookHasASizeLimitHoweverItComes(t *testing.T) {
	octets := feuille(t, "")
	for nom, r := range map[string]io.Reader{"stream": io.MultiReader(bytes.NewReader(octets)), "file": bytes.NewReader(octets)} {
		if _, err := Open(r, Options{TailleMax: 100}); err == nil || !strings.Contains(err.Error(), "ce classeur dépasse") {
			t.Errorf("%s: %v", nom, err)
		}
	}
}

func TestNoTemporaryFileIsLeft(t *testing.T) {
	dossier := t.TempDir()
	t.Setenv("TMPDIR", dossier)
	var b bytes.Buffer
	bigTable(t, "xlsx", 10, &b)
	octets := classeur(t, func(f *excelize.File) { set(t, f, "A1", "nom", ""); set(t, f, "A2", "x", "") })
	for _, o := range [][]byte{b.Bytes(), octets, octets[:len(octets)/2]} {
		dump(t, io.MultiReader(bytes.NewReader(o)), Options{})
	}
	if restes, err := os.ReadDir(dossier); err != nil || len(restes) > 0 {
		t.Error(restes, err)
	}
}

func FuzzXLSXRowsNeverPanic(f *testing.F) {
	for _, s := range []string{`<row><c t="str"><v>nom</v></c></row>`, `<row r="2"><c r="A2" t="s"><v>0</v></c></row>`, `<row r="3"><c r="ZZZ1" s="1"><v>43054.5</v></c>`, `<c t="d"/>`,
		`<row r="1"><c t="inlineStr"><is><t>_xD800_</t></is></c></row>`, `<!-- <row --><![CDATA[<row>]]>`, `<row><c s="2"><v>1E999</v></c><c s="1"><v>-1</v></c></row>`} {
		f.Add(s)
	}
	modele := classeur(f, func(c *excelize.File) { set(f, c, "A1", 1, "dd/mm/yyyy"); set(f, c, "B1", "x", "") })
	f.Fuzz(func(t *testing.T, lignes string) {
		octets := remake(t, modele, map[string]func([]byte) []byte{feuilleSeule: func([]byte) []byte {
			return []byte("<worksheet><sheetData>" + lignes + "</sheetData></worksheet>")
		}})
		checkReading(t, octets)
	})
}

func FuzzXLSXFilesNeverPanic(f *testing.F) {
	var b bytes.Buffer
	bigTable(f, "xlsx", 2, &b)
	f.Add(b.Bytes())
	f.Add(classeur(f, func(c *excelize.File) { set(f, c, "A1", 1, "dd/mm/yyyy"); set(f, c, "B1", "x", "") }))
	f.Fuzz(checkReading)
}

func FuzzCSVNeverPanics(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\xef\xbb\xbfa;b\r\n\"x\ny\";2\n", "a\n\"", "a\tb\r1\n\xff\t\x00\n", "sep=|\na|b", "\xff\xfea\x00\n\x00b\x00", "\xfe\xff\x00", "a;b\n\"\";\"\"\"\n;"} {
		f.Add([]byte(s))
	}
	f.Fuzz(checkReading)
}

func FuzzNDJSONNeverPanics(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `{"a":[1,"x",null],"b":true}` + "\n\n" + `{"A":1,"a":2}`, `{"a":{}}`, `{"a":1`, `{"\u0000":"\ud800"}`, `{}` + "\n" + `{"a":1e400}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(checkReading)
}

// checkReading reads a file to its end: it must give clean text, faults with clean text, and lines that the file has.
func checkReading(t *testing.T, octets []byte) {
	l, err := Open(bytes.NewReader(octets), Options{Colonnes: []Colonne{{Nom: "a"}}, LigneMax: 1000, LignesMax: 1000})
	check := func(err error) {
		var f *Faute
		if err != nil && (!errors.As(err, &f) || strings.ContainsRune(err.Error(), 0) || strings.ToValidUTF8(err.Error(), "") != err.Error()) {
			t.Fatalf("%q", err)
		}
	}
	if check(err); err != nil {
		return
	}
	defer l.Close()
	derniere := 0
	for ligne, err := range l.Lignes() {
		if check(err); ligne == nil {
			return
		}
		if ligne.No <= derniere || len(ligne.Champs) != len(l.Entete()) {
			t.Fatalf("line %d after %d, %d fields of %d", ligne.No, derniere, len(ligne.Champs), len(l.Entete()))
		}
		derniere = ligne.No
		v := ligne.Texte("a")
		if err == nil && (strings.ContainsRune(v, 0) || strings.ToValidUTF8(v, "") != v) {
			t.Fatalf("%q", v)
		}
		ligne.Date("a")
		ligne.Montant("a")
		ligne.Enum("a", "X", "Y")
		ligne.Liste("a")
	}
}
