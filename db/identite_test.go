package db

import (
	"testing"

	"github.com/mutualibre/mutualibre/domain/droit"
)

func TestAnIdentityCoversAFormerOneUnlessARightWasLost(t *testing.T) {
	syndicat := func(membres ...int64) Droit {
		return Droit{Role: droit.Gestionnaire, OrganisationID: 1, Genre: "SYNDICAT", Membres: membres}
	}
	ville := Droit{Role: droit.Lecteur, OrganisationID: 2, Genre: "COLLECTIVITE"}
	for _, c := range []struct {
		name        string
		former, now []Droit
		want        bool
	}{
		{"the same", []Droit{syndicat(3, 4), ville}, []Droit{ville, syndicat(4, 3)}, true},
		{"one right more", []Droit{ville}, []Droit{ville, syndicat()}, true},
		{"one member more", []Droit{syndicat(3)}, []Droit{syndicat(3, 4)}, true},
		{"none before", nil, nil, true},
		{"one member less", []Droit{syndicat(3, 4)}, []Droit{syndicat(3)}, false},
		{"one right less", []Droit{syndicat(), ville}, []Droit{ville}, false},
		{"another role", []Droit{ville}, []Droit{{Role: droit.Gestionnaire, OrganisationID: 2}}, false},
		{"another organisation", []Droit{ville}, []Droit{{Role: droit.Lecteur, OrganisationID: 5}}, false},
	} {
		if got := (&Identite{Droits: c.now}).Covers(&Identite{Droits: c.former}); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
