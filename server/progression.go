package main

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"
)

// progression shows how a long work goes: a bar on a terminal once the work has lasted a second, else one line a step.
type progression struct {
	ligne   func(etape string) // off a terminal
	debut   time.Time
	barre   *progressbar.ProgressBar // nil off a terminal
	courant string
}

func (app *application) progression(ligne func(etape string)) *progression {
	p := &progression{ligne: ligne, debut: time.Now()}
	if terminal(app.stderr) {
		p.barre = progressbar.NewOptions(-1,
			progressbar.OptionSetWriter(app.stderr), progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(false), progressbar.OptionSetRenderBlankState(false))
	}
	return p
}

// ligne prints a step.
func (app *application) ligne(etape string) { fmt.Fprintln(app.stderr, majuscule(etape)) }

// etape is what the work calls: where it is, and how much of the whole is done (0: not known).
func (p *progression) etape(nom string, fait, total int) {
	if p.barre == nil {
		if nom != p.courant {
			p.courant = nom
			p.ligne(nom)
		}
		return
	}
	if time.Since(p.debut) < time.Second {
		return
	}
	if nom != p.courant {
		p.courant = nom
		p.barre.Reset()
		p.barre.Describe(fmt.Sprintf("%-32s", nom))
	}
	if total <= 0 {
		total = -1
	}
	if p.barre.GetMax() != total {
		p.barre.ChangeMax(total)
	}
	_ = p.barre.Set(fait) // drawing may fail, the work goes on
}

// fin wipes the bar.
func (p *progression) fin() {
	if p.barre != nil {
		_ = p.barre.Clear()
	}
}

func majuscule(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(string(unicode.ToUpper(r))) + s[n:]
}
