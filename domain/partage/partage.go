// Package partage shares the cost of work done once for several: who bears which part, by which key. It is pure: no SQL,
// no clock.
package partage

import "github.com/mutualibre/mutualibre/domain/economie"

// Cle is what a cost is shared in proportion to; the values are the API's.
type Cle string

// The keys.
const (
	PartsEgales Cle = "PARTS_EGALES" // k = 1 for each
	Population  Cle = "POPULATION"   // k = inhabitants
	Postes      Cle = "POSTES"       // k = seats equipped with the software
	Montants    Cle = "MONTANTS"     // k = what each says it paid, in cents
)

// Payeur is who shares, and what may be its key; nil: not known.
type Payeur struct{ Population, Postes, Montant *int64 }

// base is the key of a payer; nil when it is not known.
func (p Payeur) base(cle Cle) *int64 {
	switch cle {
	case Population:
		return p.Population
	case Postes:
		return p.Postes
	case Montants:
		return p.Montant
	}
	return new(int64(1))
}

// Part is what one bears: its key, and its share in cents. The share is nil when the whole cannot be shared; the key is nil
// when it is not known.
type Part struct{ Base, Montant *int64 }

// Repartir shares total, in cents, as total × kᵢ / Σk, rounded to the cent by the largest remainders, so that the shares
// add up to the total exactly (see economie.Parts). Nothing is shared, and every Montant is nil, when the total or one of the
// keys is not known, or when they are all 0: a share among some only would be another one's money.
func Repartir(total *int64, cle Cle, payeurs []Payeur) []Part {
	parts, cles := make([]Part, len(payeurs)), make([]int64, len(payeurs))
	connues := total != nil && len(payeurs) > 0
	for i, p := range payeurs {
		if parts[i].Base = p.base(cle); parts[i].Base != nil {
			cles[i] = *parts[i].Base
		} else {
			connues = false
		}
	}
	if !connues {
		return parts
	}
	montants, err := economie.Parts(*total, cles)
	if err != nil {
		return parts
	}
	for i := range parts {
		parts[i].Montant = &montants[i]
	}
	return parts
}
