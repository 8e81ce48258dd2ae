package tableau

import (
	"bytes"
	"strconv"
	"testing"
)

func TestRowsBeyondASheetGoToTheNext(t *testing.T) {
	var fichier bytes.Buffer
	x, err := newWriterXLSX(&fichier, []string{"a", "b"}, "Usages")
	if err != nil {
		t.Fatal(err)
	}
	x.max = 4 // a header and three rows
	for i := range 7 {
		if err := x.Write([]Valeur{Texte("t"), Entier(int64(i))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	lu := 0
	for i, feuille := range []string{"Usages", "Usages 2", "Usages 3"} {
		l, err := Open(bytes.NewReader(fichier.Bytes()), Options{Feuille: feuille})
		if err != nil {
			t.Fatal(feuille, err)
		}
		for ligne, err := range l.Lignes() {
			if err != nil || ligne.Brut("b") != strconv.Itoa(lu) || ligne.Brut("a") != "t" {
				t.Errorf("%s: row %d is %q, %v", feuille, lu, ligne.Champs, err)
			}
			lu++
		}
		if want := min(3*(i+1), 7); lu != want {
			t.Errorf("after %s: %d rows, want %d", feuille, lu, want)
		}
		l.Close()
	}
	if lignesFeuille != 1_048_576 {
		t.Error("Excel's own limit is not ours")
	}
}
