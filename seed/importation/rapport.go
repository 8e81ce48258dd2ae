package importation

import (
	"fmt"
	"strings"

	"github.com/mutualibre/mutualibre/db"
)

// FautesMax is how many faults a report lists; the table of the lines that were refused has them all.
const FautesMax = 200

// Rapport says what the import of a file did, or would do.
type Rapport struct {
	Table   string `json:"table"`
	Fichier string `json:"fichier,omitempty"`
	Essai   bool   `json:"essai"`
	Partiel bool   `json:"partiel"`
	// Ecrit is true when the graph holds what the file says: not after a dry run, nor when a line kept all of it out.
	Ecrit bool `json:"ecrit"`
	// What becomes of each line; together, all of them.
	Lignes      int `json:"lignes"`
	Ajouts      int `json:"ajouts"`
	Corrections int `json:"corrections"`
	Inchanges   int `json:"inchanges"`
	Rejets      int `json:"rejets"`
	// Fautes are the first FautesMax of NombreFautes.
	Fautes       []Faute `json:"fautes"`
	NombreFautes int     `json:"nombreFautes"`
	// Avertissements stop nothing: what nobody could settle but a person.
	Avertissements []Faute `json:"avertissements,omitempty"`
	// ColonnesIgnorees are those of the file that the import does not know.
	ColonnesIgnorees []string `json:"colonnesIgnorees,omitempty"`
	// Publication is the number, in the journal, of what was written.
	Publication *int64 `json:"publication,omitempty"`
	Message     string `json:"message"`
}

// Faute is why a line was refused.
type Faute struct {
	Ligne   int           `json:"ligne"` // 0: the file as a whole
	Colonne string        `json:"colonne,omitempty"`
	Valeur  string        `json:"valeur,omitempty"`
	Code    db.CodeErreur `json:"code"`
	Motif   string        `json:"motif"`
}

// String is the fault in one line of French.
func (f Faute) String() string {
	var parts []string
	if f.Ligne > 0 {
		parts = append(parts, fmt.Sprintf("ligne %d", f.Ligne))
	}
	if f.Colonne != "" {
		parts = append(parts, "colonne « "+f.Colonne+" »")
	}
	if f.Valeur != "" {
		parts = append(parts, "valeur « "+f.Valeur+" »")
	}
	if len(parts) == 0 {
		return f.Motif
	}
	return strings.Join(parts, ", ") + " : " + f.Motif
}

// Add notes a fault.
func (r *Rapport) Add(f Faute) {
	if r.NombreFautes++; len(r.Fautes) < FautesMax {
		r.Fautes = append(r.Fautes, f)
	}
}

// Refuse tells that the import wrote nothing, nor would have, because of the lines that it refused.
func (r *Rapport) Refuse() bool { return r.NombreFautes > 0 && !r.Partiel }

// Conclude sums the report up in its Message.
func (r *Rapport) Conclude() {
	done := fmt.Sprintf("%s, %s, %s", nombre(r.Ajouts, "ajout", "ajouts"), nombre(r.Corrections, "correction", "corrections"), nombre(r.Inchanges, "ligne inchangée", "lignes inchangées"))
	refused := nombre(r.Rejets, "ligne refusée", "lignes refusées")
	switch {
	case r.Refuse() && r.Rejets == 0:
		r.Message = "Import refusé, rien n'a été modifié : le fichier ne se lit pas."
	case r.Refuse():
		r.Message = fmt.Sprintf("Import refusé, rien n'a été modifié : %s. Corrigez-les, ou importez le reste avec l'option « partiel » (%s).", refused, done)
	case r.Essai && r.Rejets > 0:
		r.Message = fmt.Sprintf("Essai, rien n'a été modifié. L'import ferait : %s ; %s.", done, refused)
	case r.Essai:
		r.Message = fmt.Sprintf("Essai, rien n'a été modifié. L'import ferait : %s.", done)
	case r.Rejets > 0:
		r.Message = fmt.Sprintf("Importé : %s ; %s.", done, refused)
	default:
		r.Message = fmt.Sprintf("Importé : %s.", done)
	}
}

func nombre(n int, un, plusieurs string) string {
	if n < 2 {
		return fmt.Sprintf("%d %s", n, un)
	}
	return fmt.Sprintf("%d %s", n, plusieurs)
}
