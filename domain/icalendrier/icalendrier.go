// Package icalendrier writes calendars as RFC 5545 says, event after event, for events that last whole days. The libraries
// that were looked at do not fold lines (emersion/go-ical) or hold the whole calendar in memory (arran4/golang-ical).
package icalendrier

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Evenement is one event. What is empty is not written.
type Evenement struct {
	UID         string
	Modifie     time.Time // when this version was written
	Sequence    int       // of the version: it grows with each
	Debut, Fin  time.Time // first and last days, both included
	Annule      bool
	Titre, Lieu string
	Description string
	URL         string
	Categories  []string
}

// Calendrier is a calendar being written.
type Calendrier struct {
	w    io.Writer
	some bool
	err  error
}

// Commence writes the head of a calendar, without a METHOD: RFC 5546 would then ask who organises, as a mail address. produit names who writes it, as RFC 5545 section 3.7.3 asks; nom is shown to who
// subscribes.
func Commence(w io.Writer, produit, nom string) *Calendrier {
	c := &Calendrier{w: w}
	c.line("BEGIN", "VCALENDAR")
	c.line("VERSION", "2.0")
	c.line("PRODID", texte(produit))
	c.line("CALSCALE", "GREGORIAN")
	c.line("NAME", texte(nom))         // RFC 7986
	c.line("X-WR-CALNAME", texte(nom)) // what is read in its place
	return c
}

// Add writes one event. Errors are those of the writer; once it has failed, nothing more is written.
func (c *Calendrier) Add(e Evenement) error {
	c.some = true
	c.line("BEGIN", "VEVENT")
	c.line("UID", texte(e.UID))
	c.line("DTSTAMP", e.Modifie.UTC().Format("20060102T150405Z"))
	c.line("LAST-MODIFIED", e.Modifie.UTC().Format("20060102T150405Z"))
	c.line("SEQUENCE", fmt.Sprint(e.Sequence))
	c.line("DTSTART;VALUE=DATE", e.Debut.Format("20060102"))
	c.line("DTEND;VALUE=DATE", e.Fin.AddDate(0, 0, 1).Format("20060102")) // the day after the last
	statut := "CONFIRMED"
	if e.Annule {
		statut = "CANCELLED"
	}
	c.line("STATUS", statut)
	c.line("TRANSP", "TRANSPARENT") // to know of an event is not to be busy
	c.optional("SUMMARY", texte(e.Titre))
	c.optional("LOCATION", texte(e.Lieu))
	c.optional("DESCRIPTION", texte(e.Description))
	c.optional("URL", adresse(e.URL))
	categories := make([]string, len(e.Categories))
	for i, k := range e.Categories {
		categories[i] = texte(k)
	}
	c.optional("CATEGORIES", strings.Join(categories, ","))
	c.line("END", "VEVENT")
	return c.err
}

// Close writes the foot. A calendar holds at least one component (section 3.6): one without events holds a time zone.
func (c *Calendrier) Close() error {
	if !c.some {
		for _, l := range [][2]string{{"BEGIN", "VTIMEZONE"}, {"TZID", "UTC"}, {"BEGIN", "STANDARD"}, {"DTSTART", "19700101T000000"},
			{"TZOFFSETFROM", "+0000"}, {"TZOFFSETTO", "+0000"}, {"END", "STANDARD"}, {"END", "VTIMEZONE"}} {
			c.line(l[0], l[1])
		}
	}
	c.line("END", "VCALENDAR")
	return c.err
}

func (c *Calendrier) optional(nom, valeur string) {
	if valeur != "" {
		c.line(nom, valeur)
	}
}

// ligneMax is how many octets a line may hold, its end aside.
const ligneMax = 75

// line writes a property, folded where its octets pass ligneMax, never inside a character.
func (c *Calendrier) line(nom, valeur string) {
	if c.err != nil {
		return
	}
	var b strings.Builder
	rest, room := nom+":"+valeur, ligneMax
	for len(rest) > room {
		cut := room
		for !utf8.RuneStart(rest[cut]) {
			cut--
		}
		b.WriteString(rest[:cut])
		b.WriteString("\r\n ")
		rest, room = rest[cut:], ligneMax-1
	}
	b.WriteString(rest)
	b.WriteString("\r\n")
	_, c.err = io.WriteString(c.w, b.String())
}

var echappe = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// texte writes a value of type TEXT: section 3.3.11. Other control characters have no place there.
func texte(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, echappe.Replace(strings.ToValidUTF8(s, "\uFFFD")))
}

// adresse writes a value of type URI: nothing is escaped there, so what would end the line goes.
func adresse(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}
