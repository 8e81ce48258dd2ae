package main

import (
	"strings"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/domain/epreuve"
)

func TestOnATerminalABarShowsAfterASecond(t *testing.T) {
	t.Parallel()
	var ecran epreuve.Tampon
	p := &progression{sortie: &ecran, ecran: true, debut: time.Now(), ligne: func(string) { t.Error("a line on a terminal") }}
	p.etape("communes.csv", 1, 4)
	if got := ecran.String(); got != "" {
		t.Errorf("a short work draws %q", got)
	}
	p.debut = time.Now().Add(-2 * time.Second)
	for _, e := range []struct {
		nom         string
		fait, total int
	}{{"communes.csv", 1, 4}, {"communes.csv", 2, 4}, {"usage", 1200, 0}, {"economie", 10, 100}, {"economie", 100, 100}} {
		p.etape(e.nom, e.fait, e.total)
		time.Sleep(150 * time.Millisecond) // the bar is drawn ten times a second at most
	}
	p.fin()
	for _, want := range []string{"communes.csv", "25%", "50%", "usage : 1200", "economie", "100%"} {
		if !strings.Contains(ecran.String(), want) {
			t.Errorf("%q is not drawn: %q", want, ecran.String())
		}
	}
}

func TestOffATerminalEachStepIsOneLine(t *testing.T) {
	t.Parallel()
	var lignes []string
	p := (&application{stderr: new(epreuve.Tampon)}).progression(func(etape string) { lignes = append(lignes, etape) })
	for i := range 1000 {
		p.etape([]string{"logiciel", "usage"}[i/500], i, 1000)
	}
	p.fin()
	if strings.Join(lignes, ",") != "logiciel,usage" {
		t.Errorf("lines: %v", lignes)
	}
}

func TestAnOldPostgreSQLIsRefused(t *testing.T) {
	t.Parallel()
	for version, ok := range map[string]bool{"15.14 (Debian 15.14-1)": true, "17beta2": true, "14.9": false, "9.6.24": false, "?": true} {
		if err := assezRecent(version); (err == nil) != ok {
			t.Errorf("%s: %v", version, err)
		}
	}
}
