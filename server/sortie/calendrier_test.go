package sortie_test

import (
	"net/http"
	"strings"
	"testing"

	ics "github.com/arran4/golang-ical"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/seed/seedtest"
)

// The events that the project ships, as another program reads them from the feed.
func TestTheCalendarHoldsTheEventsOfWhichTheDayIsKnown(t *testing.T) {
	t.Parallel()
	e := ouvert(t, seedtest.URL(t))
	read := func(adresse string) map[string]*ics.VEvent {
		t.Helper()
		r, corps := e.ask(t, nil, adresse)
		if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "text/calendar; charset=utf-8" {
			t.Fatalf("%s: %d %s", adresse, r.StatusCode, corps)
		}
		c, err := ics.ParseCalendar(strings.NewReader(corps))
		if err != nil {
			t.Fatalf("%s: %v", adresse, err)
		}
		events := map[string]*ics.VEvent{}
		for _, v := range c.Events() {
			events[v.GetProperty(ics.ComponentPropertySummary).Value] = v
		}
		return events
	}
	if _, err := e.pool.Exec(t.Context(), `UPDATE rencontre SET annulee = true WHERE nom = 'RMLL 2005'`); err != nil {
		t.Fatal(err)
	}
	all := read("/rencontres.ics")
	if want := colonne[int](t, e.pool, `SELECT count(*) FROM rencontre WHERE precision_debut = 'JOUR'`)[0]; len(all) != want || want < 15 {
		t.Errorf("%d events, want %d", len(all), want)
	}
	if all["RMLL 2003"] != nil {
		t.Error("an event of which the year alone is known is given a day")
	}
	etape := all["RRLL&SP 2013, étape de Paris"]
	cle := colonne[string](t, e.pool, `SELECT cle::text FROM rencontre WHERE nom LIKE 'RRLL&SP 2013%'`)[0]
	for p, want := range map[ics.ComponentProperty]string{
		ics.ComponentPropertyUniqueId: cle, ics.ComponentPropertyDtStart: "20131004", ics.ComponentPropertyDtEnd: "20131005", ics.ComponentPropertySequence: "1",
		ics.ComponentPropertyStatus: "CONFIRMED", ics.ComponentPropertyUrl: "http://openworldforum.org/fr/tracks/18",
		ics.ComponentPropertyLocation: "Beffroi de Montrouge, à l'Open World Forum", ics.ComponentPropertyCategories: "RRLL&SP", ics.ComponentPropertyOrganizer: "",
	} {
		got := ""
		if v := etape.GetProperty(p); v != nil {
			got = v.Value
		}
		if got != want {
			t.Errorf("%s is %q, want %q", p, got, want)
		}
	}
	if d := etape.GetProperty(ics.ComponentPropertyDescription).Value; !strings.Contains(d, "\nOrganisation : CNLL, GTLL, Ploss\nSource : Annonce des Rencontres régionales") {
		t.Errorf("description: %q", d)
	}
	if s := all["RMLL 2005"].GetProperty(ics.ComponentPropertyStatus).Value; s != "CANCELLED" {
		t.Error(s)
	}
	if end := all["RMLL 2009"].GetProperty(ics.ComponentPropertyDtEnd).Value; end != "20090712" {
		t.Errorf("an event of five days ends before %s", end)
	}
	if got := read("/rencontres.ics?series=rmll&departements=44,33&annulees=false"); len(got) != 1 || got["RMLL 2009"] == nil {
		t.Error(got)
	}
	if got := read("/rencontres.ics?depuis=2200-01-01"); len(got) != 0 {
		t.Error(got)
	}
	if got := read("/rencontres/" + identifiant.Global("Rencontre", cle) + ".ics"); len(got) != 1 || got["RRLL&SP 2013, étape de Paris"] == nil {
		t.Error(got)
	}
	flou := colonne[string](t, e.pool, `SELECT cle::text FROM rencontre WHERE nom = 'RMLL 2003'`)[0]
	for adresse, want := range map[string]int{
		"/rencontres.ics?ville=Nantes": http.StatusBadRequest, "/rencontres.ics?departements=999": http.StatusBadRequest, "/rencontres.ics?auDate=demain": http.StatusBadRequest,
		"/rencontres/" + identifiant.Global("Rencontre", flou) + ".ics": http.StatusNotFound, "/rencontres/" + identifiant.Global("Rencontre", "x") + ".ics": http.StatusNotFound,
		"/rencontres/" + identifiant.Global("Logiciel", "libreoffice") + ".ics": http.StatusNotFound, "/rencontres/%00.ics": http.StatusNotFound, "/rencontres/" + cle: http.StatusNotFound,
	} {
		if r, corps := e.ask(t, nil, adresse); r.StatusCode != want {
			t.Errorf("%s: %d %s", adresse, r.StatusCode, corps)
		}
	}
}
