package main

import (
	"strings"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/seed/seedtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestLesRequetesDuReadmeSontLues(t *testing.T) {
	requetes, err := readRequetes("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(requetes) != 22 || !strings.Contains(requetes[0].texte, "collectivite(codeInsee") || strings.HasPrefix(requetes[0].nom, "requête") {
		t.Errorf("%d queries, the first is %+v: want the seventeen of the README, named, and five pages", len(requetes), requetes[0])
	}
	if _, err := readRequetes("main.go"); err == nil {
		t.Error("a file without a query is accepted")
	}
}

// A whole measure, small: every query answers without an error, and its cost in statements does not grow with the page.
func TestUneMesureEntiereAtScale(t *testing.T) {
	r := reglages{usages: 3_000, clients: 2, duree: 50 * time.Millisecond, readme: "../README.md"}
	url := seedtest.URL(t)
	var sortie strings.Builder
	if err := remplir(t.Context(), url, r, &sortie); err != nil {
		t.Fatal(err)
	}
	b, err := open(t.Context(), url, r)
	if err != nil {
		t.Fatal(err)
	}
	defer b.shut()
	requetes, err := readRequetes(r.readme)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.tout(t.Context(), requetes, &sortie); err != nil {
		t.Fatalf("%v\n%s", err, &sortie)
	}
	if !strings.Contains(sortie.String(), "page de 100, contre logiciels les plus utilisés, page de 1 :") {
		t.Errorf("no ratio in:\n%s", &sortie)
	}
}

func TestMauvaisReglages(t *testing.T) {
	for _, args := range [][]string{{"--usages", "0"}, {"--clients", "-1"}, {"--inconnu"}, {"de trop"}} {
		var sortie strings.Builder
		if code := run(t.Context(), args, &sortie, &sortie); code != 2 || sortie.Len() == 0 {
			t.Errorf("%q: status %d, %q", args, code, &sortie)
		}
	}
}
