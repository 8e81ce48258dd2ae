package texte_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/mutualibre/mutualibre/domain/texte"
)

func TestNormalizeGivesOneSpelling(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "",
		"  -- ":                         "",
		"Saint-Étienne":                 "saint etienne",
		"S²LOW":                         "s2low",
		"Œuilly":                        "oeuilly",
		"Lætitia":                       "laetitia",
		"L'Haÿ-les-Roses":               "l hay les roses",
		"L’Haÿ les Roses ":              "l hay les roses",
		"Straße":                        "strasse",
		`SM "Gironde Numérique"`:        "sm gironde numerique",
		"ﬁchier ½":                      "fichier 1 2",
		"Départements & Notaires":       "departements notaires",
		"É":                             "e",
		"openCimetière":                 "opencimetiere",
		"  CC  Faucigny - Glières  (x)": "cc faucigny glieres x",
	} {
		if got := texte.Normalize(in); got != want {
			t.Errorf("Normalize(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSansEspacesSuperflus(t *testing.T) {
	if got := texte.SansEspacesSuperflus("  SI  de\u00a0la vallée "); got != "SI de la vallée" {
		t.Errorf("got %q", got)
	}
}

func TestADayIsWrittenAsFrenchDoes(t *testing.T) {
	for jour, want := range map[string]string{"2026-05-01": "1er mai 2026", "2026-08-31": "31 août 2026"} {
		d, err := time.Parse(time.DateOnly, jour)
		if got := texte.Jour(d); err != nil || got != want {
			t.Errorf("Jour(%s) = %q, want %q", jour, got, want)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"Saint-Étienne", "S²LOW", "œuf", "\xff\xfe", "İstanbul", "ǅ", "①"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := texte.Normalize(s)
		if !utf8.ValidString(n) || strings.Contains(n, "  ") || strings.TrimSpace(n) != n {
			t.Fatalf("Normalize(%q) = %q", s, n)
		}
		if again := texte.Normalize(n); again != n {
			t.Fatalf("not idempotent: %q → %q → %q", s, n, again)
		}
	})
}
