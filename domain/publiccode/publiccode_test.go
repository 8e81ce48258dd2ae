package publiccode

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// lu is what the standard requires of a file.
type lu struct {
	PubliccodeYmlVersion string `yaml:"publiccodeYmlVersion"`
	Name                 string `yaml:"name"`
	URL                  string `yaml:"url"`
	LandingURL           string `yaml:"landingURL"`
	DevelopmentStatus    string `yaml:"developmentStatus"`
	SoftwareType         string `yaml:"softwareType"`
	Platforms            []string
	Description          map[string]struct {
		ShortDescription string `yaml:"shortDescription"`
		LongDescription  string `yaml:"longDescription"`
		Features         []string
	}
	Legal        struct{ License string }
	Maintenance  struct{ Type string }
	Localisation struct {
		LocalisationReady  *bool    `yaml:"localisationReady"`
		AvailableLanguages []string `yaml:"availableLanguages"`
	}
}

// refus lists what the parser of the standard (italia/publiccode-parser-go) refuses in a file, by its own rules.
func refus(t testing.TB, fichier string) []string {
	t.Helper()
	var f lu
	if err := yaml.Unmarshal([]byte(fichier), &f); err != nil {
		t.Fatalf("%v\n%s", err, fichier)
	}
	var out []string
	exige := func(ok bool, champ string) {
		if !ok {
			out = append(out, champ)
		}
	}
	exige(f.PubliccodeYmlVersion == "0.5", "publiccodeYmlVersion")
	exige(f.Name != "", "name")
	exige(strings.HasPrefix(f.URL, "http"), "url")
	exige(len(f.Platforms) > 0, "platforms")
	exige(slices.Contains([]string{"concept", "development", "beta", "stable", "obsolete"}, f.DevelopmentStatus), "developmentStatus")
	exige(f.SoftwareType != "", "softwareType")
	exige(len(f.Description) > 0, "description")
	for langue, d := range f.Description {
		exige(d.ShortDescription != "" && utf8.RuneCountInString(d.ShortDescription) <= 150, "description."+langue+".shortDescription")
		n := utf8.RuneCountInString(d.LongDescription)
		exige(n >= 150 && n <= 10000, "description."+langue+".longDescription")
		exige(len(d.Features) > 0, "description."+langue+".features")
	}
	exige(f.Legal.License != "", "legal.license")
	exige(f.Maintenance.Type != "", "maintenance.type")
	exige(f.Localisation.LocalisationReady != nil, "localisation.localisationReady")
	exige(len(f.Localisation.AvailableLanguages) > 0, "localisation.availableLanguages")
	return out
}

func TestTheFileSaysWhatIsKnownAndNamesWhatIsNot(t *testing.T) {
	longue := strings.Repeat("un logiciel pour les communes, ", 8) + "et les autres"
	for _, l := range []Logiciel{
		{Nom: "GLPI", Depot: "https://github.com/glpi-project/glpi"},
		{Nom: "GLPI", Depot: "git@github.com:glpi-project/glpi.git", Site: "https://glpi-project.org/", Description: "Gestion de parc", Licence: "GPL-3.0-or-later"},
		{Nom: "yes", Depot: "https://github.com/a/b", Site: "glpi.org", Description: longue, Licence: "MIT"},
		{Nom: "0x10: # \"x\"", Depot: "https://github.com/a/b", Description: "- a\n b: c"},
	} {
		fichier, manquants, err := Ecrire(l)
		if err != nil {
			t.Fatal(err)
		}
		if got := refus(t, fichier); !slices.Equal(got, manquants) {
			t.Errorf("the standard's parser refuses %v, the file names %v:\n%s", got, manquants, fichier)
		}
		commentaire, _, _ := strings.Cut(fichier, "publiccodeYmlVersion:")
		for _, m := range manquants {
			if !strings.Contains(commentaire, m) {
				t.Errorf("%s is not in the comment:\n%s", m, fichier)
			}
		}
	}
	fichier, _, _ := Ecrire(Logiciel{Nom: "GLPI", Depot: "git@github.com:glpi-project/glpi.git", Site: "https://glpi-project.org/", Description: longue, Licence: "GPL-3.0-or-later"})
	_, corps, _ := strings.Cut(fichier, "availableLanguages.\n")
	want := `publiccodeYmlVersion: "0.5"
name: "GLPI"
url: "https://github.com/glpi-project/glpi"
landingURL: "https://glpi-project.org/"
description:
  fr:
    shortDescription: "un logiciel pour les communes, un logiciel pour les communes, un logiciel pour les communes, un logiciel pour les communes, un logiciel pour les…"
    longDescription: "` + longue + `"
legal:
  license: "GPL-3.0-or-later"
`
	if corps != want {
		t.Errorf("%s\nwant\n%s", corps, want)
	}
}

func TestASoftwareWithoutRepositoryHasNoFile(t *testing.T) {
	for _, depot := range []string{"", "  ", "https://", "néant"} {
		if f, _, err := Ecrire(Logiciel{Nom: "x", Depot: depot}); !errors.Is(err, ErrSansDepot) {
			t.Errorf("%q: %s %v", depot, f, err)
		}
	}
}

func FuzzWhatIsWrittenReadsBack(f *testing.F) {
	f.Add("GLPI", "https://github.com/glpi-project/glpi", "https://glpi-project.org/", "Gestion de parc", "MIT")
	f.Add("- x: #", "git@github.com:a/b", "https://x/\n# y", strings.Repeat("é: \"'|> ", 40), "*a &b !c")
	f.Add("\u0085\u2028~", "https://github.com/a/b?c=d e", "", "null", "1e3")
	f.Fuzz(func(t *testing.T, nom, depot, site, description, licence string) {
		if !utf8.ValidString(nom + depot + site + description + licence) {
			t.Skip("PostgreSQL holds UTF-8 alone")
		}
		fichier, _, err := Ecrire(Logiciel{nom, depot, site, description, licence})
		if err != nil {
			if identifiant.Depot(depot) != "" {
				t.Error(err)
			}
			return
		}
		var got lu
		if err := yaml.Unmarshal([]byte(fichier), &got); err != nil {
			t.Fatalf("%v\n%s", err, fichier)
		}
		if got.Name != texte.SansEspacesSuperflus(nom) || got.URL != Adresse(depot) || got.Legal.License != licence || got.LandingURL != "" && got.LandingURL != strings.TrimSpace(site) {
			t.Errorf("%+v\n%s", got, fichier)
		}
		if n := utf8.RuneCountInString(got.Description["fr"].ShortDescription); n > courteMax {
			t.Errorf("%d characters", n)
		}
	})
}
