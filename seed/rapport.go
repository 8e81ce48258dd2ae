package seed

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Rapport says what one file changed.
type Rapport struct {
	Format      string
	Fichier     string
	Ajouts      int // rows added
	Corrections int // rows that differed and were corrected
	Inchanges   int // rows already as the file says
	DejaLu      bool
	Anomalies   []Anomalie // warnings: they stop nothing
}

// String is one line in French, then one line per warning (the first ten), unless the file was read before.
func (r Rapport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s) : ", r.Fichier, r.Format)
	switch {
	case r.Ajouts == 0 && r.Corrections == 0 && r.DejaLu:
		fmt.Fprintf(&b, "déjà lu, rien à changer (%s)", nombre(r.Inchanges, "ligne", "lignes"))
	case r.Ajouts == 0 && r.Corrections == 0:
		fmt.Fprintf(&b, "rien à changer (%s)", nombre(r.Inchanges, "ligne", "lignes"))
	default:
		fmt.Fprintf(&b, "%s, %s, %s", nombre(r.Ajouts, "ajout", "ajouts"), nombre(r.Corrections, "correction", "corrections"),
			nombre(r.Inchanges, "inchangé", "inchangés"))
	}
	if n := len(r.Anomalies); n > 0 {
		fmt.Fprintf(&b, " ; à vérifier : %s", nombre(n, "anomalie", "anomalies"))
	}
	for i := range r.Anomalies {
		if r.DejaLu && r.Ajouts+r.Corrections == 0 {
			break // they were printed when the file was first read, and are kept
		}
		if i == 10 {
			fmt.Fprintf(&b, "\n  … et %d autres", len(r.Anomalies)-10)
			break
		}
		b.WriteString("\n  " + r.Anomalies[i].Error())
	}
	return b.String()
}

// Bilan is what a whole seed changed.
type Bilan struct {
	Rapports []Rapport
	Duree    time.Duration
}

// Total adds the reports up.
func (b *Bilan) Total() (ajouts, corrections, inchanges, anomalies int) {
	for _, r := range b.Rapports {
		ajouts, corrections, inchanges, anomalies = ajouts+r.Ajouts, corrections+r.Corrections, inchanges+r.Inchanges, anomalies+len(r.Anomalies)
	}
	return
}

// WriteTo prints the reports and their total, in French.
func (b *Bilan) WriteTo(w io.Writer) (int64, error) {
	var s strings.Builder
	for _, r := range b.Rapports {
		s.WriteString(r.String() + "\n")
	}
	ajouts, corrections, inchanges, anomalies := b.Total()
	if ajouts == 0 && corrections == 0 {
		fmt.Fprintf(&s, "Rien à changer : les %d lignes étaient déjà en place.\n", inchanges)
	} else {
		fmt.Fprintf(&s, "Terminé en %.1f s : %s, %s, %s, %s à vérifier.\n", b.Duree.Seconds(), nombre(ajouts, "ajout", "ajouts"),
			nombre(corrections, "correction", "corrections"), nombre(inchanges, "inchangé", "inchangés"), nombre(anomalies, "anomalie", "anomalies"))
	}
	n, err := io.WriteString(w, s.String())
	return int64(n), err
}
