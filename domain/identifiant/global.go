package identifiant

import (
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf8"
)

// MaxGlobal is the longest public id that is read, in bytes.
const MaxGlobal = 200

// ErrGlobal is the one answer to an id that this API never gave: what is wrong in it helps nobody.
var ErrGlobal = errors.New("cet identifiant n'est pas valide : reprenez tel quel un « id » donné par l'API")

// Global returns the public id of a thing: base64url without padding of "Type:key". Stable as long as the key is.
func Global(typ, cle string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(typ + ":" + cle))
}

// ParseGlobal gives back what Global was given, or ErrGlobal: for text that is not base64url in its one canonical
// spelling, not UTF-8, without a type (ASCII letters) or a key, with control characters, or longer than MaxGlobal.
func ParseGlobal(id string) (typ, cle string, err error) {
	if len(id) > MaxGlobal {
		return "", "", ErrGlobal
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(id)
	if err != nil || !utf8.Valid(b) {
		return "", "", ErrGlobal
	}
	typ, cle, ok := strings.Cut(string(b), ":")
	if !ok || cle == "" || !lettres(typ) || strings.ContainsFunc(cle, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", "", ErrGlobal
	}
	if Global(typ, cle) != id { // the decoder skips line ends
		return "", "", ErrGlobal
	}
	return typ, cle, nil
}

func lettres(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return s != ""
}
