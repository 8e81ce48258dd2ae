package icalendrier_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"

	"github.com/mutualibre/mutualibre/domain/icalendrier"
)

func write(t testing.TB, events ...icalendrier.Evenement) string {
	t.Helper()
	var b bytes.Buffer
	c := icalendrier.Commence(&b, "-//Mutualibre//Rencontres//FR", "Rencontres, libres")
	for _, e := range events {
		if err := c.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestACalendarIsWrittenAsTheStandardSays(t *testing.T) {
	got := write(t, icalendrier.Evenement{UID: "a@mutualibre", Modifie: time.Date(2013, 9, 30, 8, 0, 0, 0, time.FixedZone("", 7200)), Sequence: 3,
		Debut: time.Date(2013, 12, 30, 0, 0, 0, 0, time.UTC), Fin: time.Date(2013, 12, 31, 0, 0, 0, 0, time.UTC), Annule: true,
		Titre: `Libre; public, et \ « cie »`, Lieu: "Beffroi\r\nde Montrouge", URL: "https://exemple.fr/a,b;c\n", Categories: []string{"A,B", "C"}})
	want := strings.ReplaceAll(`BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Mutualibre//Rencontres//FR
CALSCALE:GREGORIAN
NAME:Rencontres\, libres
X-WR-CALNAME:Rencontres\, libres
BEGIN:VEVENT
UID:a@mutualibre
DTSTAMP:20130930T060000Z
LAST-MODIFIED:20130930T060000Z
SEQUENCE:3
DTSTART;VALUE=DATE:20131230
DTEND;VALUE=DATE:20140101
STATUS:CANCELLED
TRANSP:TRANSPARENT
SUMMARY:Libre\; public\, et \\ « cie »
LOCATION:Beffroi\nde Montrouge
URL:https://exemple.fr/a,b;c
CATEGORIES:A\,B,C
END:VEVENT
END:VCALENDAR
`, "\n", "\r\n")
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestAWriterThatFailsIsTold(t *testing.T) {
	c := icalendrier.Commence(failing{}, "x", "x")
	if c.Add(icalendrier.Evenement{}) == nil || c.Close() == nil {
		t.Error("no error")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }

// Whatever the texts, no line passes 75 octets nor is cut inside a character, and another program reads them back.
func FuzzEventsAreReadBackByAnotherProgram(f *testing.F) {
	f.Add("Rencontres régionales du logiciel libre et du secteur public : étape de Paris, dans le cadre de l’Open World Forum", `a;b,c\n`)
	f.Add(strings.Repeat("é", 100), strings.Repeat("🦉", 80))
	f.Add("x\x00\x1f\r\n\n\ty", "END:VEVENT\r\nBEGIN:VALARM")
	f.Add("", "\xff\\\\,")
	f.Fuzz(func(t *testing.T, titre, lieu string) {
		day := time.Date(2013, 10, 4, 0, 0, 0, 0, time.UTC)
		text := write(t, icalendrier.Evenement{UID: "u", Modifie: day, Debut: day, Fin: day, Titre: titre, Lieu: lieu})
		for l := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
			if len(l) > 75 || !utf8.ValidString(l) || strings.ContainsAny(l, "\r\n") {
				t.Fatalf("%d octets: %q", len(l), l)
			}
		}
		c, err := ics.ParseCalendar(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		events := c.Events()
		if len(events) != 1 || len(events[0].Components) != 0 {
			t.Fatalf("%d events in\n%s", len(events), text)
		}
		for nom, want := range map[ics.ComponentProperty]string{ics.ComponentPropertySummary: titre, ics.ComponentPropertyLocation: lieu} {
			want = clean(want)
			p := events[0].GetProperty(nom)
			switch {
			case p == nil && want != "":
				t.Errorf("%s is lost", nom)
			case p != nil && ics.FromText(p.Value) != want && p.Value != want:
				t.Errorf("%s: %q, want %q", nom, p.Value, want)
			}
		}
	})
}

// clean is a text with its line ends as one, and without other control characters.
func clean(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
