package rapprochement

import "regexp"

// Referentiel is another catalogue of software, in which a software has at most one identifier.
type Referentiel struct {
	// Nom is its name in the graph.
	Nom string
	// Adresse is where its sheets are: an identifier completes it.
	Adresse string
	// Forme is what its identifiers look like.
	Forme *regexp.Regexp
}

// Referentiels gives the catalogue behind each kind of identifier that has one.
func Referentiels() map[Genre]Referentiel {
	return map[Genre]Referentiel{
		SILL:       {"SILL", "https://code.gouv.fr/sill/fr/software?id=", nombre},
		Wikidata:   {"WIKIDATA", "https://www.wikidata.org/wiki/", numeroWikidata},
		Comptoir:   {"COMPTOIR", "https://comptoir-du-libre.org/fr/softwares/", nombre},
		CNLL:       {"CNLL", "https://annuaire.cnll.fr/solutions/", nombre},
		Framalibre: {"FRAMALIBRE", "https://framalibre.org/content/", nomFramalibre},
	}
}

var (
	nombre         = regexp.MustCompile(`^[1-9][0-9]{0,9}$`)
	numeroWikidata = regexp.MustCompile(`^Q[1-9][0-9]{0,11}$`)
	nomFramalibre  = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._%-]{0,199}$`)
)
