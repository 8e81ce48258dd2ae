package tableau

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mutualibre/mutualibre/domain/texte"
)

// Nom is the form under which headers are compared: "Code INSEE", "code-insee" and "CODE_INSEE" are code_insee.
func Nom(entete string) string { return strings.ReplaceAll(texte.Normalize(entete), " ", "_") }

// entetes knows which field of a row is which column.
type entetes struct {
	colonnes  []Colonne
	connues   map[string]string // every normalised spelling → canonical name
	rang      map[string]int    // canonical name, or normalised when unknown → index in Ligne.Champs
	noms      []string          // as in the file, those that are kept
	gardes    []int             // index in the file of each kept column
	largeur   int               // fields in the file
	inconnues []string
}

func nouveauxEntetes(colonnes []Colonne) *entetes {
	e := &entetes{colonnes: colonnes, connues: map[string]string{}, rang: map[string]int{}}
	for _, c := range colonnes {
		e.connues[c.Nom] = c.Nom
		for _, s := range c.Synonymes {
			e.connues[Nom(s)] = c.Nom
		}
	}
	return e
}

// canonique is the name of the column that a header means, else the header normalised.
func (e *entetes) canonique(entete string) (nom string, connue bool) {
	n := Nom(entete)
	if c, ok := e.connues[n]; ok {
		return c, true
	}
	return n, false
}

func ignoree(nom string) bool { return nom == colonneMotif || nom == colonneLigne }

// read takes the header. The two columns of a report are left out; columns without a name are kept for the report only.
func (e *entetes) read(no int, champs []string) error {
	for len(champs) > 0 && strings.TrimSpace(champs[len(champs)-1]) == "" {
		champs = champs[:len(champs)-1] // spreadsheets leave empty columns at the end
	}
	if len(champs) > maxColonnes {
		return nouvelleFaute(no, "", "", fmt.Sprintf("l'en-tête a plus de %d colonnes", maxColonnes))
	}
	e.largeur = len(champs)
	for i, c := range champs {
		nom, connue := e.canonique(c)
		if ignoree(nom) {
			continue
		}
		if avant, double := e.rang[nom]; double && nom != "" {
			return nouvelleFaute(no, c, "", fmt.Sprintf("cette colonne figure deux fois dans l'en-tête (« %s » et « %s »)", propre(e.noms[avant]), propre(c)))
		}
		if !connue && nom != "" {
			e.inconnues = append(e.inconnues, propre(c))
		}
		if nom != "" {
			e.rang[nom] = len(e.noms)
		}
		e.noms = append(e.noms, lisible(c))
		e.gardes = append(e.gardes, i)
	}
	if manquantes := e.manquantes(e.rang); manquantes != "" {
		var connues []string
		for _, c := range e.colonnes {
			connues = append(connues, c.Nom)
		}
		return nouvelleFaute(no, manquantes, "", "l'en-tête n'a pas cette colonne ; colonnes lues : "+strings.Join(connues, ", "))
	}
	return nil
}

// manquantes are the compulsory columns that presentes lacks, joined by commas.
func (e *entetes) manquantes(presentes map[string]int) string {
	var out []string
	for _, c := range e.colonnes {
		if _, ok := presentes[c.Nom]; c.Obligatoire && !ok {
			out = append(out, c.Nom)
		}
	}
	return strings.Join(out, ", ")
}

// keep lays the fields of a row under the kept columns, surplus fields joined in the last one.
func (e *entetes) keep(champs []string, separe string) []string {
	if len(champs) > e.largeur {
		if reste := champs[e.largeur:]; !sansValeur(reste) && e.largeur > 0 {
			champs = append(slices.Clone(champs[:e.largeur-1]), strings.Join(champs[e.largeur-1:], separe))
		}
	}
	if len(champs) == len(e.noms) && e.largeur == len(e.noms) {
		return champs
	}
	out := make([]string, len(e.noms))
	for i, g := range e.gardes {
		if g < len(champs) {
			out[i] = champs[g]
		}
	}
	return out
}

// nom is the header of the i-th field of the file.
func (e *entetes) nom(i int) string {
	if j, ok := slices.BinarySearch(e.gardes, i); ok {
		return e.noms[j]
	}
	return ""
}

// affiche is how a message names a column: as the file does, if it has it.
func (e *entetes) affiche(colonne string) string {
	if i, ok := e.rang[colonne]; ok {
		return e.noms[i]
	}
	return colonne
}
