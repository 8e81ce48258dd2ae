// Package importation imports the tables that people keep (usages, entries of catalogues, memberships, savings) as an
// identity: it reads them, db judges and writes them, and a report says what became of each line.
package importation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/texte"
	"github.com/mutualibre/mutualibre/seed/tableau"
)

// Demande is what to import.
type Demande struct {
	Table   string // one of db.TablesImport
	Fichier string // name of the file, for the report
	Contenu io.Reader
	// Essai does everything, says what it did, and forgets it.
	Essai bool
	// Partiel keeps the good lines; otherwise a bad one keeps all of them out.
	Partiel bool
	// Rejets, when set, receives the lines that were refused, as a CSV with the reason beside each.
	Rejets io.Writer
	// Source is what lines rest on that do not say it; nil: the word of the organisation that acts.
	Source *db.SourceInput
	// Attendre waits for the import under way, in place of giving up.
	Attendre bool
	// Progres, when set, is told the lines read so far. It must be quick.
	Progres func(lignes int)
}

// lot is how many lines are judged and written at a time.
const lot = 2000

// Importer imports a table as the identity of ctx, in one transaction. Bad lines, and a file that cannot be read, are in
// the report. Errors: those of db.Store.Import; a database or a disk that fails.
func Importer(ctx context.Context, store *db.Store, d Demande) (*Rapport, error) {
	i, err := store.Import(ctx, d.Table, db.OptionsImport{Source: d.Source, Attendre: d.Attendre})
	if err != nil {
		return nil, err
	}
	defer i.Close()
	x := &lecture{Demande: d, i: i, rapport: &Rapport{Table: d.Table, Fichier: d.Fichier, Essai: d.Essai, Partiel: d.Partiel, Fautes: []Faute{}}}
	err = x.read(ctx)
	var bad *tableau.Faute
	if errors.As(err, &bad) { // of the file as a whole: even a partial import keeps nothing of it
		x.rapport.Partiel = false
		x.rapport.Add(Faute{bad.Ligne, bad.Colonne, bad.Valeur, db.Invalide, bad.Motif})
		err = nil
	}
	if err != nil {
		return nil, err
	}
	if !x.rapport.Refuse() {
		if err := i.Write(ctx); err != nil {
			return nil, err
		}
	}
	if !d.Essai && !x.rapport.Refuse() {
		if x.rapport.Publication, err = i.Commit(ctx); err != nil {
			return nil, err
		}
		x.rapport.Ecrit = true
	}
	x.rapport.Conclude()
	return x.rapport, nil
}

// lecture is a file being read.
type lecture struct {
	Demande
	i       *db.Importation
	rapport *Rapport
	rejets  *tableau.Rapport
	lignes  []*tableau.Ligne // of the lot
	lues    []*db.LigneImport
}

// read reads the whole file, lot after lot.
func (x *lecture) read(ctx context.Context) error {
	t, err := tableau.Open(x.Contenu, tableau.Options{Colonnes: colonnes(x.i.Table)})
	if err != nil {
		return err
	}
	defer t.Close()
	x.rapport.ColonnesIgnorees = t.Inconnues()
	if x.Rejets != nil {
		if x.rejets, err = tableau.NewRapport(x.Rejets, t); err != nil {
			return err
		}
	}
	for l, err := range t.Lignes() {
		if l == nil {
			return err
		}
		x.lignes = append(x.lignes, l)
		x.lues = append(x.lues, x.parse(l))
		if len(x.lignes) == lot {
			if err := x.judge(ctx); err != nil {
				return err
			}
		}
	}
	if err := x.judge(ctx); err != nil {
		return err
	}
	x.rapport.ColonnesIgnorees = t.Inconnues()
	if x.rejets != nil {
		return x.rejets.Close()
	}
	return nil
}

// colonnes are those that the file may have.
func colonnes(t *db.TableImport) []tableau.Colonne {
	var all []tableau.Colonne
	for _, c := range t.Colonnes {
		all = append(all, tableau.Colonne{Nom: c.Nom, Synonymes: c.Synonymes})
	}
	return all
}

// judge hands the lot over, and counts what became of it. Lines that could not be read are not judged.
func (x *lecture) judge(ctx context.Context) error {
	var sound []*db.LigneImport
	for n, l := range x.lignes {
		if len(l.Fautes()) == 0 {
			sound = append(sound, x.lues[n])
		}
	}
	if err := x.i.Judge(ctx, sound); err != nil {
		return err
	}
	for n, l := range x.lignes {
		if err := x.count(l, x.lues[n]); err != nil {
			return err
		}
	}
	x.lignes, x.lues = x.lignes[:0], x.lues[:0]
	if x.Progres != nil {
		x.Progres(x.rapport.Lignes)
	}
	return nil
}

func (x *lecture) count(l *tableau.Ligne, lue *db.LigneImport) error {
	r := x.rapport
	r.Lignes++
	codes := slices.Repeat([]db.CodeErreur{db.Invalide}, len(l.Fautes()))
	for _, f := range lue.Fautes {
		colonne := ""
		if len(f.Champ) > 0 {
			colonne = f.Champ[0]
		}
		l.Refuse(colonne, f.Message)
		codes = append(codes, f.Code)
	}
	for n, f := range l.Fautes() {
		r.Add(Faute{f.Ligne, f.Colonne, f.Valeur, codes[n], f.Motif})
	}
	switch {
	case len(codes) > 0:
		r.Rejets++
		if x.rejets != nil {
			if l.Brut("id") != "" {
				l.MarkAbsentes()
			}
			return x.rejets.Add(l)
		}
	case lue.Effet == db.Ajout:
		r.Ajouts++
	case lue.Effet == db.Correction:
		r.Corrections++
	default:
		r.Inchanges++
	}
	return nil
}

// parse reads the values of a line; what it cannot read becomes faults of the line.
func (x *lecture) parse(l *tableau.Ligne) *db.LigneImport {
	t := x.i.Table
	lue := &db.LigneImport{Table: t, No: l.No, Valeurs: make([]any, len(t.Colonnes)), Presentes: make([]bool, len(t.Colonnes))}
	if len(l.Fautes()) > 0 {
		return lue
	}
	for n := range t.Colonnes {
		c := &t.Colonnes[n]
		if lue.Presentes[n] = !c.Ignoree && l.Presente(c.Nom); lue.Presentes[n] {
			lue.Valeurs[n] = valeur(l, c)
		}
	}
	return lue
}

// valeur reads one value, as db.LigneImport wants it; nil for an empty one.
func valeur(l *tableau.Ligne, c *db.ColonneImport) any {
	switch c.Genre {
	case db.ColonneEntier:
		return some(l.Entier(c.Nom))
	case db.ColonneCentimes:
		return some(l.Montant(c.Nom))
	case db.ColonneBooleen:
		return some(l.Booleen(c.Nom))
	case db.ColonneJour:
		d, ok := l.Date(c.Nom)
		if !ok {
			return nil
		}
		if c.Precise && d.Precision != tableau.JOUR {
			l.Refuse(c.Nom, "le jour est attendu : 2017-11-15 ou 15/11/2017")
			return nil
		}
		return db.JourImport{Jour: db.Date(d.Jour.Format("2006-01-02")), Precision: db.PrecisionDate(d.Precision)}
	case db.ColonneListe:
		return liste(l, c)
	}
	if v := c.Mots[texte.Normalize(l.Texte(c.Nom))]; v != "" {
		return v
	}
	if c.Valeurs != nil {
		return some(l.Enum(c.Nom, c.Valeurs...))
	}
	s := l.Texte(c.Nom)
	return some(s, s != "")
}

func some[T any](v T, ok bool) any {
	if !ok {
		return nil
	}
	return v
}

// liste reads items, each one of those admitted if the column says which.
func liste(l *tableau.Ligne, c *db.ColonneImport) any {
	items := l.Liste(c.Nom)
	if len(items) == 0 {
		return nil
	}
	for n, item := range items {
		if c.Valeurs == nil {
			continue
		}
		k := slices.IndexFunc(c.Valeurs, func(v string) bool { return texte.Normalize(v) == texte.Normalize(item) })
		if k < 0 {
			l.Refuse(c.Nom, fmt.Sprintf("« %.40s » n'est pas admis ; les valeurs sont : %s", item, strings.Join(c.Valeurs, ", ")))
			return nil
		}
		items[n] = c.Valeurs[k]
	}
	return items
}
