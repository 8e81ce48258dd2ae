// Package identifiant checks and builds the identifiers of the graph: SIREN, INSEE codes, slugs, repository addresses,
// public ids and deterministic UUIDs. It knows formats only: whether a SIREN exists is not its business.
package identifiant

import (
	"errors"
	"fmt"
)

// Reasons for which a SIREN is refused, in French: they are shown as they are.
var (
	ErrSIRENLongueur = errors.New("un SIREN compte neuf chiffres")
	ErrSIRENCle      = errors.New("ce SIREN n'existe pas : sa clé de contrôle (formule de Luhn) est fausse")
)

// CheckSIREN says why s is not a SIREN (nine digits whose Luhn key is right), or nil.
func CheckSIREN(s string) error {
	if len(s) != 9 {
		return ErrSIRENLongueur
	}
	somme := 0
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' {
			return ErrSIRENLongueur
		}
		n := int(c - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		somme += n
	}
	if somme%10 != 0 || somme == 0 {
		return ErrSIRENCle
	}
	return nil
}

// CheckCommune says why s is not written as the INSEE code of a commune: five characters, "2A" or "2B" for Corsica,
// 971 to 989 overseas; "20" too, Corsica's until 1976. Deleted and deputy communes have such codes.
func CheckCommune(s string) error {
	if len(s) == 5 && chiffres(s[2:]) && (prefixeDepartement(s[:2]) || s[:2] == "20") {
		if s[:2] == "97" || s[:2] == "98" {
			if CheckDepartement(s[:3]) == nil {
				return nil
			}
		} else {
			return nil
		}
	}
	return fmt.Errorf("« %s » n'est pas un code INSEE de commune (cinq caractères, comme 13004, 2A004 ou 97411)", Court(s))
}

// CheckDepartement says why s is not written as the INSEE code of a département: 01 to 95 but 20, 2A, 2B, 971 to
// 978, 984 to 989; and the two that INSEE gives to territorial authorities: 69D and 69M (Rhône, Métropole de Lyon) and
// 6AE (Alsace).
func CheckDepartement(s string) error {
	switch len(s) {
	case 2:
		if prefixeDepartement(s) && s < "96" {
			return nil
		}
	case 3:
		if chiffres(s) && (s >= "971" && s <= "978" || s >= "984" && s <= "989" && s != "985") {
			return nil
		}
		if s == "69D" || s == "69M" || s == "6AE" {
			return nil
		}
	}
	return fmt.Errorf("« %s » n'est pas un code de département (comme 13, 2A ou 974)", Court(s))
}

// CheckRegion says why s is not written as the INSEE code of a région: two digits, or three overseas (975…989).
func CheckRegion(s string) error {
	if len(s) == 2 && chiffres(s) && s != "00" || len(s) == 3 && chiffres(s) && CheckDepartement(s) == nil {
		return nil
	}
	return fmt.Errorf("« %s » n'est pas un code de région (comme 93 ou 11)", Court(s))
}

func prefixeDepartement(s string) bool {
	return s == "2A" || s == "2B" || chiffres(s) && s != "00" && s != "20" && s != "96" && s != "99"
}

func chiffres(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// Court cuts a value to what a message can quote: 60 characters, without control characters.
func Court(s string) string {
	runes := make([]rune, 0, 61)
	for _, r := range s {
		if len(runes) == 60 {
			return string(append(runes, '…'))
		}
		if r < ' ' || r == 0x7f {
			r = '�'
		}
		runes = append(runes, r)
	}
	return string(runes)
}
