package tableau

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var colonnesEssai = []string{"texte", "entier", "montant", "date", "actif", "liste", "autre"}

type ligneEssai struct {
	texte, autre    string
	entier, montant *int64
	date            *Date
	actif           *bool
	liste           []string
}

func (e ligneEssai) valeurs() []Valeur {
	out := []Valeur{Texte(e.texte), {}, {}, {}, {}, Liste(e.liste), Texte(e.autre)}
	if e.entier != nil {
		out[1] = Entier(*e.entier)
	}
	if e.montant != nil {
		out[2] = Centimes(*e.montant)
	}
	if e.date != nil {
		out[3] = Jour(*e.date)
	}
	if e.actif != nil {
		out[4] = Booleen(*e.actif)
	}
	return out
}

func lueEssai(l *Ligne) ligneEssai {
	e := ligneEssai{texte: l.Brut("texte"), autre: l.Brut("autre"), liste: l.Liste("liste")}
	if v, ok := l.Entier("entier"); ok {
		e.entier = &v
	}
	if v, ok := l.Montant("montant"); ok {
		e.montant = &v
	}
	if v, ok := l.Date("date"); ok {
		e.date = &v
	}
	if v, ok := l.Booleen("actif"); ok {
		e.actif = &v
	}
	return e
}

// texteAuHasard is made of what readers trip on.
func texteAuHasard(r *rand.Rand) string {
	morceaux := []string{"a", "é", "Œ", " ", "\u00a0", "\u202f", "\t", "\n", "\r", "\r\n", "\"", "'", "=", "+", "-", "@", ",", ";", "|", "\\", "<", "&", "]]>",
		"_x000D_", "_x005F_", "_x", "0", "1E5", "12,5", "#N/A", "TRUE", "2017-11-15", "😀", "\u2028", "ﬁ", "sep=;", "null", "{}", "\ufeff", "€"}
	var b strings.Builder
	for range r.IntN(6) {
		b.WriteString(morceaux[r.IntN(len(morceaux))])
	}
	return b.String()
}

func ligneAuHasard(r *rand.Rand) ligneEssai {
	e := ligneEssai{texte: texteAuHasard(r), autre: "x" + texteAuHasard(r)} // a row is never quite empty
	for range r.IntN(4) {
		if item := strings.TrimSpace(texteAuHasard(r)); item != "" {
			e.liste = append(e.liste, item)
		}
	}
	if r.IntN(4) > 0 {
		n := r.Int64() >> r.IntN(63)
		e.entier = &n
	}
	if r.IntN(4) > 0 {
		n := (r.Int64N(2e17-1) - 1e17 + 1) >> r.IntN(57)
		e.montant = &n
	}
	if r.IntN(4) > 0 {
		d := Date{time.Date(1+r.IntN(9999), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC), JOUR}
		switch r.IntN(3) {
		case 0:
			d = Date{time.Date(d.Jour.Year(), d.Jour.Month(), 1, 0, 0, 0, 0, time.UTC), MOIS}
		case 1:
			d = Date{time.Date(d.Jour.Year(), 1, 1, 0, 0, 0, 0, time.UTC), ANNEE}
		}
		e.date = &d
	}
	if r.IntN(4) > 0 {
		b := r.IntN(2) == 0
		e.actif = &b
	}
	return e
}

func TestWhatIsWrittenReadsBackTheSame(t *testing.T) {
	for cas, o := range formats() {
		for _, connues := range [][]string{colonnesEssai, nil} {
			graine := rand.Uint64()
			r := rand.New(rand.NewPCG(graine, 0))
			var essais []ligneEssai
			var lignes [][]Valeur
			for range 400 {
				e := ligneAuHasard(r)
				essais, lignes = append(essais, e), append(lignes, e.valeurs())
			}
			fichier := write(t, nomFormat(cas), colonnesEssai, o, lignes...)
			l, err := Open(bytes.NewReader(fichier), Options{Colonnes: colonnes(connues...)})
			if err != nil {
				t.Fatal(err)
			}
			if l.Format != nomFormat(cas) || !slices.Equal(l.Entete(), colonnesEssai) {
				t.Errorf("%s: read as %s, %q", cas, l.Format, l.Entete())
			}
			i := 0
			for ligne, err := range l.Lignes() {
				if err != nil {
					t.Fatalf("%s, seed %d, row %d: %v", cas, graine, i, err)
				}
				if got := lueEssai(ligne); !reflect.DeepEqual(got, essais[i]) {
					a, _ := json.Marshal(got.texte + "/" + got.autre)
					b, _ := json.Marshal(essais[i].texte + "/" + essais[i].autre)
					t.Fatalf("%s, seed %d, row %d: %s, want %s; %+v, want %+v; faults %v", cas, graine, i, a, b, got, essais[i], ligne.Fautes())
				}
				i++
			}
			if i != len(essais) {
				t.Errorf("%s: %d rows", cas, i)
			}
			l.Close()
		}
	}
}

func TestJSONLinesHaveTrueTypes(t *testing.T) {
	got := string(write(t, "ndjson", []string{"a", "b", "c", "d", "e", "f", "g"}, OptionsEcriture{},
		[]Valeur{Texte("<é>"), Entier(-3), Centimes(-5), Jour(Date{time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC), ANNEE}), Booleen(true), Liste([]string{"x", "y"}), {}},
		[]Valeur{Texte(""), Entier(math.MaxInt64), Centimes(math.MinInt64), {}, Booleen(false), Liste(nil), {}}))
	const veut = `{"a":"<é>","b":-3,"c":-0.05,"d":"2017","e":true,"f":["x","y"],"g":null}
{"a":"","b":9223372036854775807,"c":-92233720368547758.08,"d":null,"e":false,"f":[],"g":null}
`
	if got != veut {
		t.Error(got)
	}
}

func TestCSVForExcelIsFrenchAndRunsNothing(t *testing.T) {
	got := string(write(t, "csv", []string{"a", "b", "c", "d"}, OptionsEcriture{Excel: true},
		[]Valeur{Texte("=HYPERLINK(1)"), Centimes(-1234567), Booleen(true), Texte("-5")}, []Valeur{Liste([]string{"@x", "y"}), Entier(-3), {}, Texte("a\nb")}))
	const veut = "\ufeffa;b;c;d\r\n'=HYPERLINK(1);\"-12345,67\";oui;-5\r\n\"'@x|y\";-3;;\"a\nb\"\r\n"
	if got != veut {
		t.Errorf("%q", got)
	}
}

func TestARowMustHaveOneValueForEachColumn(t *testing.T) {
	for cas, o := range formats() {
		w, err := NewWriter(&bytes.Buffer{}, nomFormat(cas), []string{"a", "b"}, o)
		if err != nil {
			t.Fatal(err)
		}
		if w.Write([]Valeur{Entier(1)}) == nil {
			t.Errorf("%s: a short row was written", cas)
		}
		w.Close()
	}
	if _, err := NewWriter(&bytes.Buffer{}, "ods", nil, OptionsEcriture{}); err != ErrFormat {
		t.Error(err)
	}
}

func FuzzTextReadsBackInEveryFormat(f *testing.F) {
	f.Add("=1", "a\r\nb")
	f.Add("'=1", " ")
	f.Add("_x000D_", "\ufeffa")
	f.Add("sep=,", "\\|")
	f.Fuzz(func(t *testing.T, a, b string) {
		if strings.ContainsRune(a+b, 0) || sansValeur([]string{a, b}) || !utf8.ValidString(a) || !utf8.ValidString(b) || len(a+b) > 10_000 {
			t.Skip()
		}
		for cas, o := range formats() {
			if cas == "xlsx" && (!enXML(a) || !enXML(b)) {
				continue
			}
			for _, connues := range [][]string{{"nom", "note"}, nil} {
				l, err := Open(bytes.NewReader(write(t, nomFormat(cas), []string{"nom", "note"}, o, []Valeur{Texte(a), Texte(b)})), Options{Colonnes: colonnes(connues...)})
				if err != nil {
					t.Fatalf("%s: %v", cas, err)
				}
				n := 0
				for ligne, err := range l.Lignes() {
					if n++; err != nil || ligne.Brut("nom") != a || ligne.Brut("note") != b {
						t.Fatalf("%s: %q %q, %v", cas, ligne.Champs, []string{a, b}, err)
					}
				}
				if l.Close(); n != 1 {
					t.Fatalf("%s: %d rows", cas, n)
				}
			}
		}
	})
}

// enXML says whether XML can hold s.
func enXML(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	})
}
