package identifiant

import (
	"strings"

	"github.com/google/uuid"

	"github.com/mutualibre/mutualibre/domain/texte"
)

// Slug returns the name as it reads in an address: "S²LOW" → "s2low", "Départements & Notaires" →
// "departements-notaires". At most 80 characters; empty when s has no letter and no digit.
func Slug(s string) string {
	mots := strings.Fields(texte.Normalize(s))
	slug := ""
	for _, mot := range mots {
		suite := mot
		if slug != "" {
			suite = slug + "-" + mot
		}
		if len(suite) > 80 {
			if slug == "" {
				return strings.ToValidUTF8(mot[:80], "")
			}
			return slug
		}
		slug = suite
	}
	return slug
}

// espaceDeNoms is the namespace of every UUID of the graph: the version 5 UUID of the project's name as a DNS name.
var espaceDeNoms = uuid.NewSHA1(uuid.NameSpaceDNS, []byte("mutualibre"))

// UUID returns the same version 5 UUID for the same parts, in their order: the stable key of what has no identifier of
// its own (a usage, a saving). Parts are separated by a character that no field holds (U+001F), so "a","bc" and "ab","c" differ.
func UUID(parts ...string) string {
	return uuid.NewSHA1(espaceDeNoms, []byte(strings.Join(parts, "\x1f"))).String()
}
