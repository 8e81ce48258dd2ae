package tableau

import (
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/mutualibre/mutualibre/domain/epreuve"
)

func TestCSVIsReadWhateverWroteIt(t *testing.T) {
	utf16 := func(e unicode.Endianness, s string) string {
		out, err := unicode.UTF16(e, unicode.UseBOM).NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	cp1252, err := charmap.Windows1252.NewEncoder().String("nom;siren\nÉtat – œuvre €;1\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		nom, contenu string
		veut         []string
	}{
		{"comma", "nom,siren\na,1\n", []string{"2: a|1"}},
		{"semicolon", "nom;siren\na,b;1\n", []string{"2: a,b|1"}},
		{"tab", "nom\tsiren\na\t1\n", []string{"2: a|1"}},
		{"pipe", "nom|siren\na|1\n", []string{"2: a|1"}},
		{"separator inside quotes", "nom;siren\n\"a;b,c,d,e\";1\n", []string{"2: a;b,c,d,e|1"}},
		{"unknown columns", "x,y\na;b,c\n", []string{"2: a;b|c"}},
		{"one column", "nom\na;b\nc\n", []string{"2: a;b", "3: c"}},
		{"sep line", "sep=,\r\nnom,siren\r\na;b,1\r\n", []string{"3: a;b|1"}},
		{"CRLF", "nom;siren\r\na;1\r\nb;2", []string{"2: a|1", "3: b|2"}},
		{"CR alone", "nom;siren\ra;1\rb;2\r", []string{"2: a|1", "3: b|2"}},
		{"line breaks inside quotes", "nom;siren\n\"a\r\nb\rc\nd\";1\ne;2\n", []string{"2: a\r\nb\rc\nd|1", "6: e|2"}},
		{"doubled quotes", "nom;siren\n\"a \"\"b\"\"\";\"\"\n", []string{"2: a \"b\"|"}},
		{"empty lines", "\n;;\nnom;siren\n\n;\n \na;1\n", []string{"7: a|1"}},
		{"byte order mark", "\ufeffnom;siren\né;1\n", []string{"2: é|1"}},
		{"UTF-16 LE", utf16(unicode.LittleEndian, "nom;siren\né\"\n"), []string{"ligne 2, valeur « é\" » : " + motifGuillemet}},
		{"UTF-16 BE", utf16(unicode.BigEndian, "nom;siren\né;1\n"), []string{"2: é|1"}},
		{"Windows-1252", cp1252, []string{"2: État – œuvre €|1"}},
		{"Windows-1252 after much ASCII", "nom;siren\n" + strings.Repeat("a;1\n", 50_000) + "\xe9;2\n", append(slices.Clone(cinquanteMille()), "50002: é|2")},
		{"UTF-8 after much ASCII", "nom;siren\n" + strings.Repeat("a;1\n", 50_000) + "é;2\n", append(slices.Clone(cinquanteMille()), "50002: é|2")},
		{"one bad byte in UTF-8", "nom;siren\nééé;1\n\xe9;2\n", []string{"2: ééé|1", "ligne 3, colonne « nom », valeur « � » : " + motifIllisible}},
		{"NUL", "nom;siren\na\x00;1\n", []string{"ligne 2, colonne « nom », valeur « a� » : " + motifCaractereNu}},
		{"too few fields", "nom;siren\na\nb;2\n", []string{"ligne 2 : cette ligne n'a pas assez de champs : 1 au lieu de 2", "3: b|2"}},
		{"too many fields", "nom;siren\na;1;x\nb;2;\n", []string{"ligne 2, valeur « x » : cette ligne a plus de champs que l'en-tête", "3: b|2"}},
		{"bare quote", "nom;siren\nle \"b\";1\nc;2\n", []string{"ligne 2, valeur « le \"b\";1 » : " + motifGuillemet, "3: c|2"}},
		{"text after a quote", "nom;siren\n\"b\"x;1\nc;2\n", []string{"ligne 2, valeur « \"b\"x;1 » : " + motifGuillemet, "3: c|2"}},
		{"quote never closed", "nom;siren\n\"b;1\nc;2\nd;3\n", []string{"ligne 2, valeur « \"b;1 » : guillemet jamais fermé", "3: c|2", "4: d|3"}},
		{"quote closed lines later", "nom;siren\n\"b;1\nc;2\n\"d\";3\n", []string{"ligne 2, valeur « \"b;1 » : " + motifGuillemet, "3: c|2", "4: d|3"}},
		{"protected formulas", "nom;siren\n'=1+1;''-x\n'à;'\n", []string{"2: =1+1|'-x", "3: 'à|'"}},
		{"empty", "", []string{"le fichier est vide"}},
		{"blank", "\n \n", []string{"le fichier est vide"}},
		{"header alone", "nom;siren", nil},
	} {
		t.Run(c.nom, func(t *testing.T) {
			got, _ := dump(t, strings.NewReader(c.contenu), Options{Colonnes: colonnes("nom", "siren")})
			if !slices.Equal(got, c.veut) {
				t.Errorf("%.300q\nwant %.300q", got, c.veut)
			}
		})
	}
}

func cinquanteMille() []string {
	var out []string
	for i := range 50_000 {
		out = append(out, fmtLigne(i+2))
	}
	return out
}

func TestHeadersAreFoundUnderTheirOtherNames(t *testing.T) {
	o := Options{Colonnes: []Colonne{{Nom: "code_insee", Synonymes: []string{"Code commune", "insee"}, Obligatoire: true}, {Nom: "logiciel", Obligatoire: true}, {Nom: "postes"}}}
	for _, c := range []struct{ entete, veut, inconnues string }{
		{"Code INSEE;Logiciel", "", ""},
		{"CODE-COMMUNE;logiciel ", "", ""},
		{"code’insee;LOGICIEL;Éditeur;;", "", "Éditeur"},
		{"insee;logiciel;motif;ligne_origine;Motif", "", ""},
		{"insee", "ligne 1, colonne « logiciel » : l'en-tête n'a pas cette colonne ; colonnes lues : code_insee, logiciel, postes", ""},
		{"x", "ligne 1, colonne « code_insee, logiciel » : l'en-tête n'a pas cette colonne ; colonnes lues : code_insee, logiciel, postes", ""},
		{"insee;logiciel;Code Insee", "ligne 1, colonne « Code Insee » : cette colonne figure deux fois dans l'en-tête (« insee » et « Code Insee »)", ""},
		{strings.Repeat("a;", 200) + "a", "ligne 1 : l'en-tête a plus de 200 colonnes", ""},
	} {
		got, l := dump(t, strings.NewReader(c.entete+"\n"), o)
		if strings.Join(got, "\n") != c.veut {
			t.Errorf("%.60q: %q, want %q", c.entete, got, c.veut)
		}
		if l != nil && strings.Join(l.Inconnues(), ",") != c.inconnues {
			t.Errorf("%q: unknown %q", c.entete, l.Inconnues())
		}
	}
}

func TestEmptyLinesAreCounted(t *testing.T) {
	_, l := dump(t, strings.NewReader("\nnom;siren\n\n;\na;1\n"), Options{})
	if l.Vides() != 3 {
		t.Errorf("%d", l.Vides())
	}
}

func TestLinesAndRowsHaveALimit(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for nom, c := range map[string]struct {
		contenu string
		veut    []string
	}{
		"long line":          {"nom;siren\n" + long + ";1\na;2\n", []string{"trop longue", "3: a|2"}},
		"long first line":    {long + ";siren\na;2\n", []string{"trop longue"}},
		"long quoted record": {"nom;siren\n\"" + strings.Repeat("y\n", 3000) + "\";1\n", nil},
		"too many rows":      {"nom;siren\na;1\nb;2\nc;3\nd;4\n", []string{"2: a|1", "3: b|2", "4: c|3", "dépasse 3 lignes"}},
		"long JSON":          {`{"nom":"a"}` + "\n" + `{"nom":"` + long + `"}` + "\n" + `{"nom":"b"}`, []string{"1: a", "trop longue", "3: b"}},
	} {
		got, _ := dump(t, strings.NewReader(c.contenu), Options{LigneMax: 2000, LignesMax: 3})
		if nom == "long quoted record" {
			if !strings.Contains(got[0], "ligne 2") || !strings.Contains(got[0], "trop longue") {
				t.Errorf("%s: %q", nom, got[0])
			}
			continue
		}
		if len(got) != len(c.veut) {
			t.Errorf("%s: %q", nom, got)
			continue
		}
		for i := range got {
			if !strings.Contains(got[i], c.veut[i]) {
				t.Errorf("%s: %q, want %q", nom, got[i], c.veut[i])
			}
		}
	}
}

// A quarter of a gigabyte without a line break is never held.
func TestAnEndlessLineIsNotKeptAtScale(t *testing.T) {
	const taille = 256 << 20
	zeros := io.LimitReader(lettres{}, taille)
	surveille := epreuve.WatchHeap(t)
	got, _ := dump(t, io.MultiReader(strings.NewReader("nom;siren\na;1\n"), zeros, strings.NewReader("\nb;2\n")), Options{})
	if len(got) != 3 || got[0] != "2: a|1" || !strings.Contains(got[1], "trop longue") || got[2] != "4: b|2" {
		t.Errorf("%.200q", got)
	}
	if mo := surveille(); mo > 30 {
		t.Errorf("%d MB of live heap", mo)
	}
}

type lettres struct{}

func (lettres) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestProtectionOfFormulasIsUndoneExactly(t *testing.T) {
	for _, s := range []string{"", "=1", "'=1", "''=1", "'", "''", "'a", "-5", "-5,2", "-a", "'-5", "+33 4", "@x", "\tx", "\r", "a=1"} {
		for _, excel := range []bool{false, true} {
			p := protect(s, excel)
			if unprotect(p) != s {
				t.Errorf("%q → %q → %q", s, p, unprotect(p))
			}
			if excel && formule.MatchString(p) && p[0] != '\'' && !nombreSigne.MatchString(p) {
				t.Errorf("%q would run", p)
			}
		}
	}
}
