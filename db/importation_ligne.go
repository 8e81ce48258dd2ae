package db

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// TableImport is a list that comes in as a table. Its columns are those that its export writes, under the same names.
type TableImport struct {
	Nom      string // in addresses and commands: "usages"
	Colonnes []ColonneImport
	// Proprietaire is the column of the organisation that a line belongs to.
	Proprietaire string

	typeID string // of the node behind an id
	rang   map[string]int
	open   func(context.Context, *Importation) (func(context.Context, []*LigneImport) error, error)
}

// ColonneImport is a column that an import reads.
type ColonneImport struct {
	Nom       string
	Genre     GenreColonne
	Valeurs   []string          // those admitted; nil: any
	Mots      map[string]string // how people say one of them, normalised (domain/texte)
	Synonymes []string          // other headers that mean it
	// Precise is true of a ColonneJour that a month or a year does not fill.
	Precise bool
	// Ignoree is true of what an export says for people, or of what the graph keeps by itself: an import does not read it.
	Ignoree bool

	ref *referenceImport
}

// JourImport is the value of a ColonneJour: the first day of what was written, and how precise it was.
type JourImport struct {
	Jour      Date
	Precision PrecisionDate
}

// LigneImport is a line of a table, its values read.
type LigneImport struct {
	Table *TableImport
	No    int
	// Valeurs stand under Table.Colonnes; nil for an empty one. By kind: a text is a string; a whole number and cents an
	// int64; a day a JourImport; a boolean a bool; a list a []string; an id a string.
	Valeurs []any
	// Presentes tells the columns that the line has, be they empty. With an id, an empty value erases and a column that is
	// not there leaves; without one, an empty value says nothing.
	Presentes []bool

	// Effet and Fautes are what Judge finds. The Champ of a fault is a column.
	Effet  Effet
	Fautes []*Erreur

	cle            string       // behind the id; "" when there is none, or a bad one
	droit          Droit        // under which the line is written
	sourceNouvelle bool         // the source is one that the base does not have yet
	sourceDite     *SourceInput // what the line says of it; nil: the word of the organisation that acts
}

func (l *LigneImport) valeur(colonne string) any { return l.Valeurs[l.Table.rang[colonne]] }

// lu gives the value of a column; nil when it is empty.
func lu[T any](l *LigneImport, colonne string) *T {
	v, ok := l.valeur(colonne).(T)
	if !ok {
		return nil
	}
	return &v
}

// luComme gives the value of a column as another type of the same nature.
func luComme[T ~string](l *LigneImport, colonne string) *T {
	v, ok := l.valeur(colonne).(string)
	if !ok {
		return nil
	}
	t := T(v)
	return &t
}

// donne tells whether the line says something of a column: a value, or with an id that there is none.
func (l *LigneImport) donne(colonne string) bool {
	r := l.Table.rang[colonne]
	return l.Valeurs[r] != nil || l.Presentes[r] && l.valeur("id") != nil
}

// refuse adds a fault; colonne "" is the whole line.
func (l *LigneImport) refuse(code CodeErreur, colonne, format string, args ...any) {
	l.Fautes = append(l.Fautes, faute(code, colonne, format, args...)...)
}

// add adds a fault found by a check of the mutations: the field of the input becomes the column.
func (l *LigneImport) add(f *Erreur) {
	champ := strings.Join(f.Champ, ".")
	colonne := nomColonne(champ)
	l.Fautes = append(l.Fautes, &Erreur{Code: f.Code, Champ: []string{colonne}, Message: strings.ReplaceAll(f.Message, "« "+champ+" »", "« "+colonne+" »")})
}

// nomColonne is the column of a field: constate_le for constateLe.
func nomColonne(champ string) string {
	switch champ {
	case "source.nom":
		return "source"
	case "source.url":
		return "source_url"
	}
	var b strings.Builder
	for _, r := range champ {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// texteMax is the longest text that the API takes.
const texteMax = 200

// checkLengths refuses texts that the API would refuse.
func (l *LigneImport) checkLengths() {
	for n, v := range l.Valeurs {
		if s, ok := v.(string); ok && l.Table.Colonnes[n].Nom != "source_url" && utf8.RuneCountInString(s) > texteMax {
			l.refuse(Invalide, l.Table.Colonnes[n].Nom, "ce texte est trop long : %d caractères au plus", texteMax)
		}
	}
}

// entier reads a whole number that the graph can hold.
func (l *LigneImport) entier(colonne string) *int {
	v := lu[int64](l, colonne)
	if v == nil {
		return nil
	}
	if *v > 1<<31-1 || *v < -1<<31 {
		l.refuse(Invalide, colonne, "ce nombre est trop grand")
		return nil
	}
	n := int(*v)
	return &n
}

func (l *LigneImport) jour(colonne string) *Date {
	v := lu[JourImport](l, colonne)
	if v == nil {
		return nil
	}
	return &v.Jour
}

// set gives a field the value of a column when the line says something of it.
func set[T any](l *LigneImport, colonne string, field **T, value *T) {
	if l.donne(colonne) {
		*field = value
	}
}

// setRequired is set for what nothing may erase; required says that an empty value is a fault, else it says nothing.
func setRequired[T any](l *LigneImport, colonne string, field *T, value *T, required bool) {
	switch {
	case value != nil:
		*field = *value
	case required && l.donne(colonne):
		l.refuse(Requis, colonne, "« %s » ne peut pas être vide", colonne)
	}
}

// setDebut gives a beginning and its precision. A precision of its own column counts when the date could be its first day:
// spreadsheets write 2017-11-01 for 2017-11.
func (l *LigneImport) setDebut(debut **Date, precision **PrecisionDate) {
	p := luComme[PrecisionDate](l, "precision_debut")
	if v := lu[JourImport](l, "debut"); v != nil {
		*debut, *precision = &v.Jour, &v.Precision
		if p != nil && (*p == "MOIS" && v.Precision == "JOUR" && v.Jour[8:] == "01" || *p == "ANNEE" && v.Jour[5:] == "01-01") {
			*precision = p
		}
		return
	}
	if l.donne("debut") {
		*debut = nil
	}
	*precision = or(*precision, "JOUR")
	if p != nil && *debut != nil {
		*precision = p
	}
}

// fixe refuses a reference that a correction would change: declaring something else is another line.
func (l *LigneImport) fixe(colonne string, before *int64, what string) {
	if r := l.reference(colonne); r != nil && *r != deref(before) {
		l.refuse(Invalide, colonne, "« %s » ne se corrige pas : %s", colonne, what)
	}
}

// equalValues compares two values of a row.
func equalValues(a, b any) bool {
	if s, ok := a.([]string); ok {
		t, ok := b.([]string)
		return ok && slices.Equal(s, t)
	}
	if s, ok := a.(time.Time); ok {
		t, ok := b.(time.Time)
		return ok && s.Equal(t)
	}
	return reflect.DeepEqual(a, b)
}

// nulle is a value, or nil for none.
func nulle[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// texteNul is a text for COPY, or nil for none.
func texteNul[T ~string](p *T) any {
	if p == nil {
		return nil
	}
	return string(*p)
}

// jourNul is a day for COPY, or nil for none.
func jourNul(d *Date) any {
	if d == nil {
		return nil
	}
	t, err := time.Parse(time.DateOnly, string(*d))
	if err != nil {
		return fmt.Sprint(*d) // PostgreSQL says what is wrong
	}
	return t
}

// textes are texts for COPY, never null.
func textes[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, v := range in {
		out[i] = string(v)
	}
	return out
}
