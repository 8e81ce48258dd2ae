package seed

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// Anomalie is what is wrong at one place of a file. As an error it makes the import fail; in a Rapport it is a warning
// that somebody must look at, kept in the table anomalie.
type Anomalie struct {
	Fichier string
	Ligne   int    // 1 is the first line of the file; 0: the file as a whole
	Colonne string // name of the column or of the field; "" when the whole line is at fault
	Valeur  string // the value found, cut to 60 characters
	Motif   string // why it is refused, in French
}

// Error says where, what and why, in French.
func (a *Anomalie) Error() string {
	var b strings.Builder
	b.WriteString(a.Fichier)
	if a.Ligne > 0 {
		fmt.Fprintf(&b, ", ligne %d", a.Ligne)
	}
	if a.Colonne != "" {
		fmt.Fprintf(&b, ", colonne « %s »", a.Colonne)
	}
	if a.Valeur != "" {
		fmt.Fprintf(&b, ", valeur « %s »", a.Valeur)
	}
	return b.String() + " : " + a.Motif
}

func nouvelleAnomalie(fichier string, ligne int, colonne, valeur, motif string) *Anomalie {
	// No file may carry a byte that PostgreSQL cannot store into its own error report.
	propre := strings.ReplaceAll(strings.ToValidUTF8(valeur, "�"), "\x00", "�")
	return &Anomalie{Fichier: fichier, Ligne: ligne, Colonne: colonne, Valeur: identifiant.Court(propre), Motif: motif}
}

// MaxErreurs is how many bad lines are reported before the reading stops.
const MaxErreurs = 1000

// Erreurs is every bad line of the files of one import, which changed nothing. At most MaxErreurs of them.
type Erreurs struct {
	Anomalies []*Anomalie
	Tronque   bool // there may be more: the reading stopped at MaxErreurs
}

// Error lists the first ten and says how many there are.
func (e *Erreurs) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "import refusé, rien n'a été modifié : %s", nombre(len(e.Anomalies), "ligne en erreur", "lignes en erreur"))
	if e.Tronque {
		b.WriteString(" (lecture arrêtée là)")
	}
	for i, a := range e.Anomalies {
		if i == 10 {
			fmt.Fprintf(&b, "\n  … et %d autres", len(e.Anomalies)-10)
			break
		}
		b.WriteString("\n  " + a.Error())
	}
	return b.String()
}

// Unwrap gives each bad line to errors.As.
func (e *Erreurs) Unwrap() []error {
	errs := make([]error, len(e.Anomalies))
	for i, a := range e.Anomalies {
		errs[i] = a
	}
	return errs
}

// ErrFormat is the answer to an import whose format does not exist; the message lists those that do.
var ErrFormat = errors.New("format inconnu")

func nombre(n int, un, plusieurs string) string {
	if n < 2 {
		return fmt.Sprintf("%d %s", n, un)
	}
	return fmt.Sprintf("%d %s", n, plusieurs)
}
