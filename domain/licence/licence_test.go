package licence_test

import (
	"encoding/csv"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/github/go-spdx/v2/spdxexp"
	"github.com/github/go-spdx/v2/spdxexp/spdxlicenses"

	"github.com/mutualibre/mutualibre/domain/licence"
)

// Every distinct text of the SILL of May 2022, with what was decided for each by reading it.
func TestEveryLicenceOfTheSILL(t *testing.T) {
	f, err := os.Open("testdata/sill-2022.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = ';'
	lignes, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	deprecies := map[string]bool{}
	for _, id := range spdxlicenses.GetDeprecated() {
		deprecies[id] = true
	}
	var valides, anciennes, hors int
	for _, l := range lignes[1:] {
		n, _ := strconv.Atoi(l[1])
		got := licence.Parse(l[0])
		if got.Expression != l[2] || strconv.FormatBool(got.Libre) != l[3] || strings.Join(got.NonLus, "|") != l[4] {
			t.Errorf("%q: %+v, want %q, %s, %q", l[0], got, l[2], l[3], l[4])
		}
		if got.Origine != strings.Join(strings.Fields(l[0]), " ") {
			t.Errorf("%q: original text lost: %q", l[0], got.Origine)
		}
		switch active, _ := spdxexp.ActiveLicense(l[0]); {
		case deprecies[l[0]]:
			anciennes += n
		case active:
			valides += n
		default:
			hors += n
		}
	}
	if valides+anciennes+hors != 240 || valides != 153 || anciennes != 63 || hors != 24 {
		t.Errorf("%d valid, %d deprecated, %d outside: the file holds 153, 63 and 24", valides, anciennes, hors)
	}
}

func TestWordsOfOtherCatalogues(t *testing.T) {
	type attendu struct {
		texte, expression string
		libre             bool
		lecture           licence.Lecture
	}
	for _, a := range []attendu{
		// the 17 labels of the Comptoir du Libre
		{"GNU GPLv3", "GPL-3.0-only", true, licence.Normalisee},
		{"GNU aGPL v3", "AGPL-3.0-only", true, licence.Normalisee},
		{"Apache License 2.0", "Apache-2.0", true, licence.Normalisee},
		{"GNU GPLv2", "GPL-2.0-only", true, licence.Normalisee},
		{"MIT", "MIT", true, licence.Exacte},
		{"GNU GPL", "GPL-1.0-or-later", true, licence.Normalisee},
		{"BSD", "", true, licence.Famille},
		{"GNU LGPL", "LGPL-2.0-or-later", true, licence.Normalisee},
		{"CeCILL V2", "CECILL-2.0", true, licence.Normalisee},
		{"LGPLv3", "LGPL-3.0-only", true, licence.Normalisee},
		{"Creative Commons Attribution-ShareAlike 3.0 licence (CC BY-SA)", "CC-BY-SA-3.0", false, licence.Normalisee},
		{"Mozilla Public License, version 2.0", "MPL-2.0", true, licence.Normalisee},
		{"Propriètaire", "", false, licence.Proprietaire},
		{"CeCILL-B", "CECILL-B", true, licence.Exacte},
		{"EPL Eclipse Public License", "", true, licence.Famille},
		{"Common Public Attribution License (CPAL)", "CPAL-1.0", true, licence.Normalisee},
		{"Python License (Python-2.0)", "Python-2.0", true, licence.Normalisee},
		// publiccode.yml files
		{"mit", "MIT", true, licence.Exacte}, {"apache-2.0", "Apache-2.0", true, licence.Exacte},
		{"agpl-3.0", "AGPL-3.0-only", true, licence.Normalisee}, {"other", "", false, licence.Inconnue},
		{"", "", false, licence.Absente}, {"EUPL-1.2", "EUPL-1.2", true, licence.Exacte},
		{"etalab-2.0", "etalab-2.0", false, licence.Exacte}, {"AGPL-3.0-or-later", "AGPL-3.0-or-later", true, licence.Exacte},
		// expressions
		{"MIT OR Apache-2.0", "MIT OR Apache-2.0", true, licence.Exacte},
		{"mit or apache-2.0", "MIT OR Apache-2.0", true, licence.Exacte},
		{"GPL-2.0+ AND (MIT OR CC-BY-NC-4.0)", "GPL-2.0-or-later AND (MIT OR CC-BY-NC-4.0)", true, licence.Normalisee},
		{"MIT AND CC-BY-NC-4.0", "MIT AND CC-BY-NC-4.0", false, licence.Exacte},
		{"MIT OR CC-BY-NC-4.0", "MIT OR CC-BY-NC-4.0", true, licence.Exacte},
		{"(MIT AND (MIT))", "MIT", true, licence.Exacte},
		{"GPL-2.0-with-classpath-exception", "GPL-2.0-only WITH Classpath-exception-2.0", true, licence.Normalisee},
		{"GPL-2.0-only WITH classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", true, licence.Exacte},
		{"GPL-1.0-or-later", "GPL-1.0-or-later", true, licence.Exacte}, // gives the choice of GPL-2.0
		{"GPL-1.0-only", "GPL-1.0-only", false, licence.Exacte},        // the SPDX list flags it neither OSI nor FSF
		{"Apache-2.0+", "Apache-2.0+", true, licence.Exacte},
		{"LGPL-2.1+", "LGPL-2.1-or-later", true, licence.Normalisee},
		{"LicenseRef-maison", "LicenseRef-maison", false, licence.Exacte},
		// names and lists
		{"GNU GPL v2 ou ultérieure", "GPL-2.0-or-later", true, licence.Normalisee},
		{"GPL-2.0 or later", "GPL-2.0-or-later", true, licence.Normalisee},
		{"GNU Affero General Public License v3.0", "AGPL-3.0-only", true, licence.Normalisee},
		{"MIT ou Apache 2.0", "MIT OR Apache-2.0", true, licence.Liste},
		{"MIT, ISC ou Zlib", "MIT OR ISC OR Zlib", true, licence.Liste},
		{"GPLv3 & MIT", "GPL-3.0-only AND MIT", true, licence.Liste},
		{"MIT ou GPLv3 et ISC", "", false, licence.Inconnue},
		{"MIT et/ou GPLv3", "", false, licence.Inconnue},
		{"MIT ou licence maison", "", true, licence.Inconnue}, // one free term is enough, the whole stays unmapped
		{"MIT, licence maison", "", false, licence.Inconnue},
		{"MIT, BSD", "", true, licence.Inconnue},
		{"CeCILL", "", false, licence.Famille},
		{"GPL-4.0", "", false, licence.Inconnue},
		{"https://example.org/LICENSE", "", false, licence.Inconnue},
		{"Propriétaire", "", false, licence.Proprietaire}, {"  PROPRIETAIRE ", "", false, licence.Proprietaire},
	} {
		got := licence.Parse(a.texte)
		if got.Expression != a.expression || got.Libre != a.libre || got.Lecture != a.lecture {
			t.Errorf("%q: %+v, want %q, %v, %s", a.texte, got, a.expression, a.libre, a.lecture)
		}
	}
}

func TestWhatIsNotMappedStaysVisible(t *testing.T) {
	got := licence.Parse("MPL-2.0,  GPL-2.0, CeCILL-2.2")
	want := licence.Resultat{Origine: "MPL-2.0, GPL-2.0, CeCILL-2.2", Lecture: licence.Inconnue, NonLus: []string{"CeCILL-2.2"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestEveryIdentifierOfTheListIsReadAndStable(t *testing.T) {
	for _, id := range append(spdxlicenses.GetLicenses(), spdxlicenses.GetDeprecated()...) {
		got := licence.Parse(strings.ToLower(id))
		if got.Expression == "" {
			t.Errorf("%s: not read: %+v", id, got)
			continue
		}
		check(t, id, got)
	}
}

// check holds what must be true of every answer.
func check(t *testing.T, texte string, got licence.Resultat) {
	t.Helper()
	if (got.Expression == "") == (len(got.NonLus) == 0) && got.Lecture != licence.Absente && got.Lecture != licence.Proprietaire {
		t.Fatalf("%q: %+v: mapped and unmapped at once, or neither", texte, got)
	}
	if got.Expression == "" {
		return
	}
	if ok, invalides := spdxexp.ValidateLicenses([]string{got.Expression}); !ok {
		t.Fatalf("%q: go-spdx refuses %q", texte, invalides)
	}
	again := licence.Parse(got.Expression)
	if again.Expression != got.Expression || again.Libre != got.Libre || again.Lecture != licence.Exacte {
		t.Fatalf("%q: %q is not a fixed point: %+v", texte, got.Expression, again)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"MIT", "GPL-2.0+ AND (MIT OR ISC)", "MPL 2.0 et EPL 1.0", "LGPL-2.1, LGPL-2.0,  LGPL-3.0", "GNU aGPL v3", "MIT AND (", "((((MIT))))",
		"GPL-2.0-only+", "DocumentRef-a:LicenseRef-b OR MIT", "GPL v2 ou ultérieure / BSD", "Apache-2.0+ WITH LLVM-exception", "\xff", "MIT ou ou",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { check(t, s, licence.Parse(s)) })
}
