package tableau

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
)

// reject reads a file as an importer does and returns the report of its bad rows, and the good ones.
func reject(t *testing.T, r io.Reader) (rapport []byte, bonnes []string) {
	t.Helper()
	l, err := Open(r, Options{Colonnes: colonnes("nom!", "siren", "postes")})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var b bytes.Buffer
	w, err := NewRapport(&b, l)
	if err != nil {
		t.Fatal(err)
	}
	for ligne, err := range l.Lignes() {
		if ligne == nil {
			t.Fatal(err)
		}
		if err == nil {
			ligne.Requis("nom")
			ligne.SIREN("siren")
			ligne.Entier("postes")
		}
		if len(ligne.Fautes()) == 0 {
			bonnes = append(bonnes, strings.Join([]string{ligne.Texte("nom"), ligne.Texte("siren"), ligne.Texte("postes")}, "/"))
			continue
		}
		if err := w.Add(ligne); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), bonnes
}

func TestAReportCorrectedIsReadAsItIs(t *testing.T) {
	rapport, bonnes := reject(t, strings.NewReader("Nom;N° SIREN;Siren;Postes\nArles;x;211300041;3\n'=Aix;\"a;b\";211300999;trois\n\"Gap\nle haut\";;123;1\n;;;2\nle \"Var\";;;1\nNice;;;1;2\n"))
	if !slices.Equal(bonnes, []string{"Arles/211300041/3"}) {
		t.Errorf("%q", bonnes)
	}
	const veut = "\ufeffNom;N° SIREN;Siren;Postes;motif;ligne_origine\r\n" +
		"'=Aix;\"a;b\";211300999;trois;Siren : ce SIREN n'existe pas : sa clé de contrôle (formule de Luhn) est fausse ; Postes : un nombre entier est attendu;3\r\n"
	if got := strings.ReplaceAll(string(rapport), "\" ;", " ;"); !strings.HasPrefix(strings.ReplaceAll(got, `"`, ""), strings.ReplaceAll(veut, `"`, "")) {
		t.Errorf("%s", rapport)
	}
	for i, s := range []string{"=Aix", "Gap\nle haut", "", `le "Var"`, "Nice"} {
		l, err := Open(bytes.NewReader(rapport), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if j := 0; true {
			for ligne, err := range l.Lignes() {
				if err != nil || j == i && ligne.Texte("nom") != s {
					t.Errorf("%q, %v, want %q", ligne.Champs, err, s)
				}
				j++
			}
			if j != 5 {
				t.Errorf("%d rows", j)
			}
		}
	}
	corrige := strings.NewReplacer("211300999", "211300041", "trois", "3", "123", "211300553", "'=Aix", "Aix").Replace(string(rapport))
	corrige = strings.Replace(corrige, "\r\n\"\";;;2;", "\r\nPau;;;2;", 1)
	corrige = strings.Replace(corrige, "\"1;2\"", "1", 1)
	reste, bonnes := reject(t, strings.NewReader(corrige))
	if want := []string{"Aix/211300041/3", "Gap\nle haut/211300553/1", "Pau//2", `le "Var"//1`, "Nice//1"}; !slices.Equal(bonnes, want) {
		t.Errorf("%q, still refused: %s", bonnes, reste)
	}
}

func TestJSONLinesAreRowsOfOneTable(t *testing.T) {
	rapport, bonnes := reject(t, strings.NewReader(`{"Nom":"Arles","siren":211300041,"motif":"vu","zz":1}
{"siren":null,"nom":"Gap","postes":123456789012345678901234567890}

{"nom":"Nice","postes":1.50,"autre":[]}
{"postes":1}
{"nom":"x","NOM":"y"}
{"nom":{"a":1}}
{"nom":"x"} {}
{"nom":"x"
{"nom":"Pau","postes":"12","SIREN":"211 300 041"}
`))
	if !slices.Equal(bonnes, []string{"Arles/211300041/", "Pau/211 300 041/12"}) {
		t.Errorf("%q", bonnes)
	}
	for _, veut := range []string{
		"\ufeffNom;siren;zz;postes;motif;ligne_origine\r\n",
		"Gap;;;123456789012345678901234567890;postes : ce nombre est trop grand;2\r\n",
		"Nice;;;1.50;postes : un nombre entier est attendu;4\r\n",
		";;;1;nom : cette ligne n'a pas cette clé;5\r\n",
		"NOM : cette clé figure deux fois sur la ligne;6\r\n",
		"« nom » : un texte, un nombre, un booléen ou un tableau de textes est attendu\";7\r\n",
		"autre chose après son objet JSON;8\r\n",
		"n'est pas un objet JSON bien formé;9\r\n",
	} {
		if !strings.Contains(string(rapport), veut) {
			t.Errorf("%s\nlacks %q", rapport, veut)
		}
	}
}
