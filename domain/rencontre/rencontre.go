// Package rencontre holds the arithmetic of events: until when one lasts, and where it stands on a given day.
package rencontre

import "time"

// Precision says what of a first day is known; the values are the API's.
type Precision string

// The precisions.
const (
	Jour  Precision = "JOUR"
	Mois  Precision = "MOIS"
	Annee Precision = "ANNEE"
)

// Statut is where an event stands; the values are the API's.
type Statut string

// The statuses. TENUE says no more than that the date is over.
const (
	Prevue  Statut = "PREVUE"
	EnCours Statut = "EN_COURS"
	Tenue   Statut = "TENUE"
	Annulee Statut = "ANNULEE"
)

// DernierJour is the last day that an event may last: its own when it is known, else its first day, or the last one of the
// month or of the year when they alone are known. fin is the zero time when it is not known.
func DernierJour(debut time.Time, p Precision, fin time.Time) time.Time {
	switch {
	case !fin.IsZero():
		return fin
	case p == Mois:
		return time.Date(debut.Year(), debut.Month()+1, 0, 0, 0, 0, 0, time.UTC)
	case p == Annee:
		return time.Date(debut.Year(), time.December, 31, 0, 0, 0, 0, time.UTC)
	}
	return debut
}

// StatutLe tells where an event stands on a day. One of which the month or the year alone is known is never under way:
// it is to come until they are over.
func StatutLe(jour, debut time.Time, p Precision, fin time.Time, annulee bool) Statut {
	switch {
	case annulee:
		return Annulee
	case jour.After(DernierJour(debut, p, fin)):
		return Tenue
	case p == Jour && !jour.Before(debut):
		return EnCours
	}
	return Prevue
}
