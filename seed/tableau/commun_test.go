package tableau

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func colonnes(noms ...string) []Colonne {
	var out []Colonne
	for _, n := range noms {
		nom, obligatoire := strings.CutSuffix(n, "!")
		out = append(out, Colonne{Nom: nom, Obligatoire: obligatoire})
	}
	return out
}

// dump shows what a file reads as: one text per row, "no: field|field", or the fault.
func dump(t testing.TB, r io.Reader, o Options) (out []string, l *Lecteur) {
	t.Helper()
	l, err := Open(r, o)
	if err != nil {
		var f *Faute
		if !errors.As(err, &f) {
			t.Fatalf("not a fault: %v", err)
		}
		return []string{err.Error()}, nil
	}
	defer l.Close()
	for ligne, err := range l.Lignes() {
		var f *Faute
		switch {
		case err == nil:
			out = append(out, fmt.Sprintf("%d: %s", ligne.No, strings.Join(ligne.Champs, "|")))
		case errors.As(err, &f):
			out = append(out, err.Error())
		default:
			t.Fatalf("not a fault: %v", err)
		}
	}
	return out, l
}

func write(t testing.TB, format string, colonnes []string, o OptionsEcriture, lignes ...[]Valeur) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, format, colonnes, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lignes {
		if err := w.Write(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// formats are the ways of writing a table.
func formats() map[string]OptionsEcriture {
	return map[string]OptionsEcriture{"csv": {}, "csv pour Excel": {Excel: true}, "ndjson": {}, "xlsx": {}}
}

func nomFormat(cas string) string { return strings.Fields(cas)[0] }
