package seed

import (
	"fmt"
	"testing"
	"time"
)

func TestNamesOfDepartementsFollowINSEE(t *testing.T) {
	for nom, liaison := range map[string]int{
		"Département de Paris": 0, "Département d'Ille-et-Vilaine": 1, "Département du Nord": 2, "Département de la Somme": 3,
		"Département des Landes": 4, "Département de l'Orne": 5,
	} {
		court := nom[len("Département ")+len(charniere(liaison)):]
		if got := nomDepartement(court, liaison); got != nom {
			t.Errorf("%d: %q, want %q", liaison, got, nom)
		}
	}
}

func TestAnAcronymIsTheOneThatEndsTheName(t *testing.T) {
	for nom, want := range map[string]string{
		"SM Agence landaise pour l'Informatique (ALPI)":                 "ALPI",
		"SM du secteur central du Val de Marne (INFOCOM 94)":            "INFOCOM 94",
		"Syndicat ( SDE-09 )":                                           "SDE-09",
		"SIVOM du canton (à la carte)":                                  "",
		"SI d'eau (Combeaufontaine)":                                    "",
		"SIVOS du regroupement pédagogique (RPI)":                       "",
		"SDIC23 (SI pour le développement de l'informatique communale)": "",
		"Syndicat (ABC) de la vallée":                                   "",
		"SM du parc naturel régional (PNR)":                             "",
		"SI pour la gestion (AB)":                                       "",
	} {
		if got := sigle(nom); got != want {
			t.Errorf("sigle(%q) = %q, want %q", nom, got, want)
		}
	}
}

func TestAPeriodSaysOnlyWhatItSays(t *testing.T) {
	for s, want := range map[string]string{
		"5 ans": "<nil> 5", "1 an": "<nil> 1", "par an": "<nil> 1", "2006-2008": "2006-01-01 3", "2008-2006": "<nil> <nil>",
		"durée du contrat": "<nil> <nil>", "étude 2002": "<nil> <nil>", "": "<nil> <nil>", "99 ans": "<nil> <nil>", "0 ans": "<nil> <nil>",
	} {
		debut, annees := periode(s)
		if d, ok := debut.(time.Time); ok {
			debut = d.Format(time.DateOnly)
		}
		if got := fmt.Sprint(debut, " ", annees); got != want {
			t.Errorf("periode(%q) = %s, want %s", s, got, want)
		}
	}
}

func TestAmountsAreReadExactly(t *testing.T) {
	for s, want := range map[string]int64{"780000": 78000000, "48907.2": 4890720, "574.88": 57488, "4829.0": 482900, "0": 0} {
		if got, ok := centimes(s); !ok || got != want {
			t.Errorf("centimes(%q) = %d, %t", s, got, ok)
		}
	}
	for _, s := range []string{"", "-1", "1,5", "1.234", "1e3", "99999999999999", "12 000", ".5"} {
		if got, ok := centimes(s); ok {
			t.Errorf("centimes(%q) = %d, accepted", s, got)
		}
	}
}

func TestElisionBeforeTheNameOfACatalogue(t *testing.T) {
	for nom, want := range map[string]string{"ALPI": "d'ALPI", "Mégalis": "de Mégalis", "Énergie": "d'Énergie", "": "de ", "e-Collectivités": "d'e-Collectivités"} {
		if got := deNom(nom); got != want {
			t.Errorf("deNom(%q) = %q", nom, got)
		}
	}
}
