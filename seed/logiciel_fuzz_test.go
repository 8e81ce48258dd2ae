package seed

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// lecture is a chargement that only parses.
func lecture(f fichier) *chargement {
	return &chargement{
		fichier: f, maintenant: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), rapport: &Rapport{}, erreurs: &Erreurs{},
		touchees: map[string]struct{}{}, sources: map[string]int64{}, cache: &caches{}, progres: func(string, int, int) {},
	}
}

// checkLecture holds what must be true of any text: a reader refuses it with a place and a reason, or gives records
// that have a name, an identifier, and nothing that PostgreSQL cannot store.
func checkLecture(t *testing.T, c *chargement, fiches []*ficheLogiciel, err error) {
	t.Helper()
	var a *Anomalie
	if err != nil && (!errors.As(err, &a) || a.Motif == "" || a.Fichier == "") {
		t.Fatalf("refused without a place: %v", err)
	}
	if err != nil {
		return
	}
	textes := []string{}
	for _, x := range c.rapport.Anomalies {
		textes = append(textes, x.Valeur, x.Motif, x.Colonne)
	}
	for _, f := range fiches {
		if f.nom == "" || f.propre.Valeur == "" || f.ligne < 1 {
			t.Fatalf("%+v", f)
		}
		textes = append(textes, f.nom, f.description, f.licence, f.site, f.depot, f.propre.Valeur)
		for _, k := range f.autres {
			textes = append(textes, k.Valeur)
		}
	}
	for _, s := range textes {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			t.Fatalf("%q cannot be stored", s)
		}
	}
}

func exemples(f *testing.F, motif string) {
	chemins, err := filepath.Glob("testdata/logiciels/" + motif)
	if err != nil || len(chemins) == 0 {
		f.Fatal("no example", motif, err)
	}
	for _, chemin := range chemins {
		b, err := os.ReadFile(chemin)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
}

func FuzzSILL(f *testing.F) {
	exemples(f, "sill-*.json")
	f.Add(`[{"id":1,"name":"A","similarSoftwares":[{"softwareId":2}],"frama":{"name":"%zz"},"identifiers":[{"value":1}]}]`)
	f.Fuzz(func(t *testing.T, s string) {
		fichier := fichierTexte("f", s)
		c := lecture(fichier)
		lues, err := c.fichesSILL(fichier)
		checkLecture(t, c, simplesSILL(lues), err)
	})
}

func FuzzSILLCSV(f *testing.F) {
	exemples(f, "sill-api.csv")
	f.Fuzz(func(t *testing.T, s string) {
		fichier := fichierTexte("f", s)
		c := lecture(fichier)
		lues, err := c.fichesSILLCSV(fichier)
		checkLecture(t, c, simplesSILL(lues), err)
	})
}

func simplesSILL(lues []ficheSILL) []*ficheLogiciel {
	var out []*ficheLogiciel
	for _, x := range lues {
		out = append(out, x.ficheLogiciel)
	}
	return out
}

func FuzzComptoirCSV(f *testing.F) {
	exemples(f, "comptoir.csv")
	f.Fuzz(func(t *testing.T, s string) {
		fichier := fichierTexte("f", s)
		c := lecture(fichier)
		lues, err := c.fichesComptoirCSV(fichier)
		checkLecture(t, c, lues, err)
	})
}

func FuzzComptoirJSON(f *testing.F) {
	exemples(f, "comptoir.json")
	f.Fuzz(func(t *testing.T, s string) {
		fichier := fichierTexte("f", s)
		c := lecture(fichier)
		_, lues, err := c.fichesComptoirJSON(fichier)
		var simples []*ficheLogiciel
		for _, x := range lues {
			simples = append(simples, x.ficheLogiciel)
		}
		checkLecture(t, c, simples, err)
	})
}

func FuzzPubliccode(f *testing.F) {
	exemples(f, "publiccode/*.yml")
	f.Add("name: &a A\nurl: https://github.com/a/b\ndescription: {fr: {shortDescription: *a}}\n")
	f.Add("a: &a [*a, *a]\nname: !!str 1\nurl: github.com/a/b")
	f.Fuzz(func(t *testing.T, s string) {
		fichier := fichierTexte("f", s)
		c := lecture(fichier)
		x, err := c.readFichePubliccode(fichier)
		var lues []*ficheLogiciel
		if err == nil {
			lues = append(lues, x)
		}
		checkLecture(t, c, lues, err)
	})
}

func FuzzLogicielsCites(f *testing.F) {
	f.Add("slug,nom,licence,comptoir_id,sill_id,wikidata,cnll,framalibre,site,depot,categories,remplace,description,source\na,A,MIT,1,2,Q3,4,b,,,,,,\n")
	f.Fuzz(func(t *testing.T, s string) {
		for l, err := range readCSV(fichierTexte("f", s), ',', "slug", "nom") {
			if err != nil {
				continue
			}
			x, err := ficheCitee(l)
			if err == nil {
				checkLecture(t, lecture(fichierTexte("f", s)), []*ficheLogiciel{x}, nil)
			}
			_, _ = prestataireCSV(l)
		}
	})
}
