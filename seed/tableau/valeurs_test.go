package tableau

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// ligneDe is the only row of a file of one column named v.
func ligneDe(t testing.TB, valeur string) *Ligne {
	t.Helper()
	e := nouveauxEntetes(colonnes("v"))
	if err := e.read(1, []string{"Ma valeur"}); err != nil {
		t.Fatal(err)
	}
	e.rang["v"] = 0
	return &Ligne{No: 2, Champs: []string{valeur}, entetes: e}
}

func TestValuesAreReadAsPeopleWriteThem(t *testing.T) {
	for _, c := range []struct {
		read func(*Ligne) (any, bool)
		cas  map[string]any // nil: refused
	}{
		{func(l *Ligne) (any, bool) { return l.Entier("v") }, map[string]any{
			"12": int64(12), " 1 200 ": int64(1200), "1\u202f200\u00a0000": int64(1200000), "-3": int64(-3), "+4": int64(4),
			"1,5": nil, "12 3": nil, "1 2345": nil, "x": nil, "9223372036854775808": nil, "1e3": nil,
		}},
		{func(l *Ligne) (any, bool) { return l.Montant("v") }, map[string]any{
			"1 234,56": int64(123456), "1234.56": int64(123456), "1\u202f234,5 €": int64(123450), "12€": int64(1200), "-0,05": int64(-5),
			"999999999999999,99": int64(99999999999999999), "0.1": int64(10),
			"1.234,56": nil, "1,234.56": nil, "1.234": nil, "1234,567": nil, "€": nil, "douze": nil, "1 23,4": nil, "1234,": nil,
		}},
		{func(l *Ligne) (any, bool) { d, ok := l.Date("v"); return d.String() + " " + string(d.Precision), ok }, map[string]any{
			"2017-11-15": "2017-11-15 JOUR", "15/11/2017": "2017-11-15 JOUR", "5/1/2017": "2017-01-05 JOUR", "2017-11": "2017-11 MOIS",
			"11/2017": "2017-11 MOIS", "nov.-17": "2017-11 MOIS", "août-05": "2005-08 MOIS", "Février 1998": "1998-02 MOIS", "juil-30": "1930-07 MOIS", "2017": "2017 ANNEE", "2017-11-15T09:30:00": "2017-11-15 JOUR", "2017-11-15 09:30": "2017-11-15 JOUR",
			"2017-02-29": nil, "31/04/2017": nil, "11/15/2017": nil, "17": nil, "15/11/17": nil, "0000": nil, "hier": nil, "nov.": nil, "jui-17": nil, "nov. 1 2017": nil, "brumaire 2017": nil,
		}},
		{func(l *Ligne) (any, bool) { v, ok := l.Booleen("v"); return v, ok }, map[string]any{
			"oui": true, "VRAI": true, "true": true, "1": true, "Non": false, "faux": false, "FALSE": false, "0": false, "2": nil, "peut-être": nil,
		}},
		{func(l *Ligne) (any, bool) { v, ok := l.SIREN("v"); return v, ok }, map[string]any{
			"211300553": "211300553", "211 300 553": "211300553", "211300554": nil, "21130055300016": nil,
		}},
		{func(l *Ligne) (any, bool) { v, ok := l.Commune("v"); return v, ok }, map[string]any{
			"13055": "13055", "1001": "01001", "2a004": "2A004", "99999": nil, "130": nil,
		}},
		{func(l *Ligne) (any, bool) { v, ok := l.Enum("v", "EN_PRODUCTION", "ARRETE"); return v, ok }, map[string]any{
			"EN_PRODUCTION": "EN_PRODUCTION", "En production": "EN_PRODUCTION", "arrêté": "ARRETE", "abandonné": nil,
		}},
	} {
		for s, veut := range c.cas {
			l := ligneDe(t, s)
			got, ok := c.read(l)
			if ok != (veut != nil) || ok && got != veut {
				t.Errorf("%q: %v, %v, want %v", s, got, ok, veut)
			}
			if refuse := len(l.Fautes()) == 1 && l.Fautes()[0].Colonne == "Ma valeur" && l.Fautes()[0].Ligne == 2; refuse == ok {
				t.Errorf("%q: faults %v", s, l.Fautes())
			}
		}
		vide := ligneDe(t, "  ")
		if _, ok := c.read(vide); ok || len(vide.Fautes()) != 0 {
			t.Error("an empty value was read or refused")
		}
	}
}

func TestARowTellsAllThatIsWrongWithIt(t *testing.T) {
	l := ligneDe(t, "PRODUCTOIN")
	l.Entier("v")
	l.Enum("v", "PRODUCTION", "TEST")
	l.Requis("absente")
	got := fmt.Sprint(l.Fautes())
	for _, motif := range []string{"un nombre entier est attendu", "vouliez-vous dire « PRODUCTION » ? Les valeurs sont : PRODUCTION, TEST", "colonne « absente » : cette valeur est obligatoire"} {
		if !strings.Contains(got, motif) {
			t.Errorf("%q is not in %s", motif, got)
		}
	}
}

func TestListsAreSplitOnTheSeparatorTheyUse(t *testing.T) {
	for s, veut := range map[string][]string{
		"": nil, " ; ": nil, "a": {"a"}, "a, b": {"a", "b"}, "a, b; c": {"a, b", "c"}, "a, b; c|d": {"a, b; c", "d"}, "a, b|": {"a, b"},
		`a\|b`: {"a|b"}, `a\\|b`: {`a\`, "b"}, `c:\x|b`: {`c:\x`, "b"}, `c:\x`: {`c:\x`}, "|": nil,
	} {
		if got := splitListe(s); !reflect.DeepEqual(got, veut) {
			t.Errorf("%q: %q, want %q", s, got, veut)
		}
	}
}

func FuzzAListReadsBackAsItWasWritten(f *testing.F) {
	f.Add("a", "b|c")
	f.Add(`\`, `,;`)
	f.Fuzz(func(t *testing.T, a, b string) {
		var items []string
		for _, s := range []string{a, b} {
			if s = strings.TrimSpace(s); s != "" {
				items = append(items, s)
			}
		}
		if got := splitListe(joinListe(items)); !reflect.DeepEqual(got, items) {
			t.Fatalf("%q → %q → %q", items, joinListe(items), got)
		}
	})
}
