package rencontre_test

import (
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/domain/rencontre"
)

func TestAnEventIsToComeThenUnderWayThenOver(t *testing.T) {
	day := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		debut     string
		precision rencontre.Precision
		fin       string
		annulee   bool
		jour      string
		want      rencontre.Statut
	}{
		{"2013-10-03", rencontre.Jour, "2013-10-05", false, "2013-10-02", rencontre.Prevue},
		{"2013-10-03", rencontre.Jour, "2013-10-05", false, "2013-10-03", rencontre.EnCours},
		{"2013-10-03", rencontre.Jour, "2013-10-05", false, "2013-10-05", rencontre.EnCours},
		{"2013-10-03", rencontre.Jour, "2013-10-05", false, "2013-10-06", rencontre.Tenue},
		{"2013-10-04", rencontre.Jour, "", false, "2013-10-04", rencontre.EnCours},
		{"2013-10-04", rencontre.Jour, "", false, "2013-10-05", rencontre.Tenue},
		{"2017-12-01", rencontre.Mois, "", false, "2017-12-31", rencontre.Prevue},
		{"2017-12-01", rencontre.Mois, "", false, "2018-01-01", rencontre.Tenue},
		{"2024-02-01", rencontre.Mois, "", false, "2024-02-29", rencontre.Prevue},
		{"2024-02-01", rencontre.Mois, "", false, "2024-03-01", rencontre.Tenue},
		{"2007-01-01", rencontre.Annee, "", false, "2007-12-31", rencontre.Prevue},
		{"2007-01-01", rencontre.Annee, "", false, "2008-01-01", rencontre.Tenue},
		{"2030-01-01", rencontre.Jour, "", true, "2029-01-01", rencontre.Annulee},
	} {
		if got := rencontre.StatutLe(day(c.jour), day(c.debut), c.precision, day(c.fin), c.annulee); got != c.want {
			t.Errorf("%s %s %s on %s: %s, want %s", c.debut, c.precision, c.fin, c.jour, got, c.want)
		}
	}
}
