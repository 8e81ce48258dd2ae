package main

import (
	"fmt"
	"io"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"
)

// progression shows how a long work goes: a bar on a terminal once the work has lasted a second, else one line a step.
type progression struct {
	sortie  io.Writer
	ecran   bool // sortie is a terminal
	ligne   func(etape string)
	debut   time.Time
	courant string
	barre   *progressbar.ProgressBar // nil until it shows
}

// progression starts one; ligne receives the steps when there is no terminal to draw on.
func (app *application) progression(ligne func(etape string)) *progression {
	return &progression{sortie: app.stderr, ecran: terminal(app.stderr), ligne: ligne, debut: time.Now()}
}

// ligne prints a step.
func (app *application) ligne(etape string) { fmt.Fprintln(app.stderr, "Chargement :", etape) }

// etape is what the work calls: where it is, and how much of the whole is done (0: not known).
func (p *progression) etape(nom string, fait, total int) {
	switch {
	case !p.ecran:
		if nom != p.courant {
			p.courant = nom
			p.ligne(nom)
		}
		return
	case time.Since(p.debut) < time.Second:
		return
	}
	if nom != p.courant {
		p.fin()
		p.courant = nom
		p.barre = progressbar.NewOptions(max(total, 1),
			progressbar.OptionSetWriter(p.sortie), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetPredictTime(false), progressbar.OptionSetRenderBlankState(false), progressbar.OptionSetDescription(fmt.Sprintf("%-32s", nom)))
	}
	if total <= 0 {
		p.barre.Describe(fmt.Sprintf("%-32s", fmt.Sprintf("%s : %d", nom, fait)))
		return
	}
	_ = p.barre.Set(min(fait, total)) // drawing may fail, the work goes on
}

// fin wipes the bar.
func (p *progression) fin() {
	if p.barre != nil {
		_ = p.barre.Clear()
	}
}

// majuscule begins a sentence.
func majuscule(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
