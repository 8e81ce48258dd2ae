package depot

import (
	"reflect"
	"strings"
	"testing"
)

func TestAPubliccodeIsReadInEitherStyleOfYAML(t *testing.T) {
	const debut = "publiccodeYmlVersion: '0.4'\n"
	for texte, want := range map[string]publiccode{
		debut + "developmentStatus: stable # since 2020\nlogo: 'a b.svg'\nroadmap: \"https://x.fr\"\nlandingURL: https://x.fr/#a\r\n": {statut: "stable", logo: "a b.svg", feuilleRoute: "https://x.fr", page: "https://x.fr/#a"},
		debut + "maintenance:\n  type: \"contract\"\n\n  contractors:\n    - name: X\n      until: '2027-01-01'\n    - until: 2028-01-01\nlegal:\n  license: AGPL-3.0-or-later\n": {
			maintenance: "contract", fins: []string{"2027-01-01", "2028-01-01"}, licence: "AGPL-3.0-or-later"},
		"legal: {license: MIT}\nmaintenance: {type: contract, contractors: [{name: X, until: \"2027-01-01\"}]}\n" + debut:                          {maintenance: "contract", fins: []string{"2027-01-01"}, licence: "MIT"},
		debut + "description:\n  fr:\n    longDescription: |\n      maintenance: no\n      type: none\n    type: none\nlogo: |\n  x\nroadmap: ~\n": {},
	} {
		if got, ok := readPubliccode(texte); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", texte, got, want)
		}
	}
	for _, texte := range []string{"", "logo: x", "[", strings.Repeat("- ", 100_000), strings.Repeat("a: &a [*a]\n", 10_000)} {
		if _, ok := readPubliccode(texte); ok {
			t.Errorf("%.40q is read", texte)
		}
	}
}

func FuzzPubliccode(f *testing.F) {
	f.Add("publiccodeYmlVersion: 0\nmaintenance: {type: contract, contractors: [{until: \"2027-01-01\"}]}\nlogo: '\n")
	f.Fuzz(func(t *testing.T, texte string) {
		y, _ := readPubliccode(texte)
		for _, e := range y.entrees() {
			if err := e.Verifier(jourLointain); err != nil {
				t.Error(e, err)
			}
		}
	})
}

func FuzzMailmap(f *testing.F) {
	f.Add("A B <a@b.fr> C <c@d.fr>\n<a@b.fr> <c@d.fr> # x\n<<>>", "C", "C@d.fr")
	f.Fuzz(func(t *testing.T, texte, nom, courriel string) {
		m := readMailmap(texte)
		if got := m.canonique(signature{nom, courriel}); len(m) == 0 && got != (signature{nom, courriel}) {
			t.Errorf("%+v", got)
		}
		nouvellesPersonnes().de(signature{nom, courriel})
		organisation(courriel)
		coauteurs(texte)
	})
}
