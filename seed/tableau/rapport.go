package tableau

import (
	"io"
	"slices"
	"strconv"
	"strings"
)

// Rapport writes the rows that were refused as a CSV that a French Excel opens: the columns of the file, then why, then
// where. Once corrected it can be read as it is: Open leaves out the two columns added.
type Rapport struct {
	w *writerCSV
}

// NewRapport starts the report of what l reads.
func NewRapport(w io.Writer, l *Lecteur) (*Rapport, error) {
	c, err := newWriterCSV(w, append(slices.Clone(l.Entete()), colonneMotif, colonneLigne), true)
	return &Rapport{c}, err
}

// Add writes a row with all its Fautes.
func (r *Rapport) Add(l *Ligne) error {
	var motifs []string
	for _, f := range l.Fautes() {
		motif := f.Motif
		if f.Colonne != "" {
			motif = f.Colonne + " : " + motif
		}
		motifs = append(motifs, motif)
	}
	return r.w.write(append(slices.Clone(l.Champs), strings.Join(motifs, " ; "), strconv.Itoa(l.No)))
}

// Close ends the report; it does not close what it is written to.
func (r *Rapport) Close() error { return r.w.Close() }
