package cog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/domain/cog"
)

// mouvements reads "MOD date type:code:name > type:code:name", one a line.
func mouvements(t *testing.T, texte string) []cog.Mouvement {
	t.Helper()
	var ms []cog.Mouvement
	for ligne := range strings.Lines(texte) {
		mots := strings.Fields(ligne)
		if len(mots) == 0 {
			continue
		}
		date, err := time.Parse(time.DateOnly, mots[1])
		if err != nil {
			t.Fatal(err)
		}
		var m cog.Mouvement
		_, _ = fmt.Sscan(mots[0], &m.Type)
		m.Date = date
		a, b := strings.Split(mots[2], ":"), strings.Split(mots[4], ":")
		m.TypeAvant, m.CodeAvant, m.NomAvant = a[0], a[1], a[2]
		m.TypeApres, m.CodeApres, m.NomApres = b[0], b[1], b[2]
		ms = append(ms, m)
	}
	return ms
}

func TestWhereOldCodesLead(t *testing.T) {
	for nom, c := range map[string]struct {
		mouvements string
		want       map[string]string // code: "codes name date"
	}{
		"a commune nouvelle takes over, its own code stays": {`
			32 2024-01-01 COM:08053:Bazeilles > COM:08053:Bazeilles
			32 2024-01-01 COM:08053:Bazeilles > COMD:08053:Bazeilles
			32 2024-01-01 COM:08294:Moncelle > COM:08053:Bazeilles
			32 2024-01-01 COM:08294:Moncelle > COMD:08294:Moncelle`,
			map[string]string{"08294": "08053 Moncelle 2024-01-01"}},
		"mergers follow each other": {`
			31 1973-01-01 COM:A:Un > COM:B:Deux
			31 1973-01-01 COM:B:Deux > COM:B:Deux
			32 2016-01-01 COM:B:Deux > COM:C:Trois
			32 2016-01-01 COM:C:Trois > COM:C:Trois`,
			map[string]string{"A": "C Un 2016-01-01", "B": "C Deux 2016-01-01"}},
		"a change of name moves no code": {`
			10 2000-01-01 COM:A:Un > COM:A:Une`, map[string]string{}},
		"a commune that comes back is a commune": {`
			33 1972-01-01 COM:A:Un > COM:B:Deux
			33 1972-01-01 COM:A:Un > COMA:A:Un
			21 1990-01-01 COMA:A:Un > COM:A:Un
			21 1990-01-01 COM:B:Deux > COM:A:Un
			21 1990-01-01 COM:B:Deux > COM:B:Deux`, map[string]string{}},
		"and may merge again": {`
			33 1972-01-01 COM:A:Un > COM:B:Deux
			21 1990-01-01 COMA:A:Un > COM:A:Un
			32 2016-01-01 COM:A:Un > COM:C:Trois
			32 2016-01-01 COM:C:C > COM:C:Trois`, map[string]string{"A": "C Un 2016-01-01"}},
		"a code left and taken again is no loop": {`
			50 2021-01-01 COM:27676:Lacs > COM:27058:Lacs
			50 2023-01-01 COM:27058:Lacs > COM:27676:Lacs`, map[string]string{"27058": "27676 Lacs 2023-01-01"}},
		"two changes on one day": {`
			41 2018-01-01 COM:49144:Freigné > COM:44225:Freigné
			32 2018-01-01 COM:44225:Freigné > COM:44180:Vallons
			32 2018-01-01 COM:44180:Maumusson > COM:44180:Vallons`,
			map[string]string{"49144": "44180 Freigné 2018-01-01", "44225": "44180 Freigné 2018-01-01"}},
		"an exchange of codes on one day does not loop": {`
			50 2000-01-01 COM:A:Un > COM:B:Un
			50 2000-01-01 COM:B:Deux > COM:A:Deux`, map[string]string{}},
		"a territory shared out has no single successor": {`
			30 1968-03-02 COM:H:Hocmont > COM:G:Guignicourt
			30 1968-03-02 COM:H:Hocmont > COM:T:Touligny
			30 1968-03-02 COM:G:Guignicourt > COM:G:Guignicourt
			30 1968-03-02 COM:T:Touligny > COM:T:Touligny`, map[string]string{"H": "G,T Hocmont 1968-03-02"}},
		"shared out, then reunited: one successor again": {`
			30 1968-03-02 COM:H:Hocmont > COM:G:Guignicourt
			30 1968-03-02 COM:H:Hocmont > COM:T:Touligny
			31 1980-01-01 COM:T:Touligny > COM:G:Guignicourt
			31 1980-01-01 COM:G:Guignicourt > COM:G:Guignicourt`,
			map[string]string{"H": "G Hocmont 1980-01-01", "T": "G Touligny 1980-01-01"}},
		"the code of an undone commune nouvelle goes back to its village": {`
			21 2024-01-01 COM:60054:Talican > COM:60054:Beaumont
			21 2024-01-01 COMD:60054:Beaumont > COM:60054:Beaumont
			21 2024-01-01 COM:60054:Talican > COM:60694:Talican`, map[string]string{}},
		"deputy communes are not followed": {`
			35 2024-01-01 COMD:37135:Louestault > COM:37021:Beaumont`, map[string]string{}},
	} {
		t.Run(nom, func(t *testing.T) {
			ms := mouvements(t, c.mouvements)
			for range 2 { // the order of the rows does not matter
				got := map[string]string{}
				for code, s := range cog.Suites(ms) {
					got[code] = strings.Join(s.Codes, ",") + " " + s.Nom + " " + s.Depuis.Format(time.DateOnly)
				}
				if fmt.Sprint(got) != fmt.Sprint(c.want) {
					t.Errorf("got %v, want %v", got, c.want)
				}
				slices.Reverse(ms)
			}
		})
	}
}

func TestFormerNamesAreThoseOfCommunesThatEndedOrChanged(t *testing.T) {
	got := cog.AnciensNoms(mouvements(t, `
		10 2024-01-01 COM:04045:Céreste > COM:04045:Céreste-en-Luberon
		32 2024-01-01 COM:08294:Moncelle > COM:08053:Bazeilles
		32 2024-01-01 COM:08294:Moncelle > COMD:08294:Moncelle
		21 2024-01-01 COM:60054:Talican > COM:60054:Beaumont
		35 2024-01-01 COMD:37135:Louestault > COM:37021:Beaumont`))
	if want := []cog.AncienNom{{"04045", "Céreste"}, {"08294", "Moncelle"}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func FuzzSuitesEndsAndNeverLeadsToADeadCode(f *testing.F) {
	f.Add([]byte{0, 1, 1, 1, 2, 2, 2, 0, 3, 0, 2, 4})
	f.Fuzz(func(t *testing.T, b []byte) {
		var ms []cog.Mouvement
		for i := 0; i+2 < len(b); i += 3 {
			ms = append(ms, cog.Mouvement{
				Date: time.Date(2000+int(b[i]%4), 1, 1, 0, 0, 0, 0, time.UTC), TypeAvant: "COM", TypeApres: "COM",
				CodeAvant: string(rune('A' + b[i+1]%6)), CodeApres: string(rune('A' + b[i+2]%6)),
			})
		}
		suites := cog.Suites(ms)
		for code, s := range suites {
			for _, c := range s.Codes {
				if _, mort := suites[c]; mort || c == code {
					t.Fatalf("%s leads to %s, which is no commune any more", code, c)
				}
			}
		}
	})
}
