package tableau

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// Ligne is one row. Its accessors take the canonical name of a column and give its value; what they cannot read they add
// to Fautes, so that one pass over a row finds all that is wrong with it. A column that the file does not have is empty.
type Ligne struct {
	No        int      // as a text editor or the spreadsheet shows it: where the row starts
	Champs    []string // under Lecteur.Entete, as the file has them
	entetes   *entetes
	presentes map[string]int // the columns of a JSON line; nil: all of them
	fautes    []*Faute
}

// Fautes is what was found wrong so far.
func (l *Ligne) Fautes() []*Faute { return l.fautes }

// Refuse adds a reason, about one column or, with "", the whole row.
func (l *Ligne) Refuse(colonne, motif string) {
	l.fautes = append(l.fautes, nouvelleFaute(l.No, l.entetes.affiche(colonne), l.Brut(colonne), motif))
}

// Absente is how a row says, in a table where others have a column, that it does not: see MarkAbsentes.
const Absente = "(inchangé)"

// Presente tells whether the row has a column, be it empty: a JSON line may lack the keys of the others.
func (l *Ligne) Presente(colonne string) bool {
	i, ok := l.entetes.rang[colonne]
	if ok && l.presentes != nil {
		_, ok = l.presentes[colonne]
	}
	return ok && i < len(l.Champs) && strings.TrimSpace(l.Champs[i]) != Absente
}

// MarkAbsentes writes Absente in the columns that the row does not have, so that in a Rapport they do not pass for empty.
func (l *Ligne) MarkAbsentes() {
	for colonne, i := range l.entetes.rang {
		if i < len(l.Champs) && !l.Presente(colonne) {
			l.Champs[i] = Absente
		}
	}
}

// Brut is the value as it was written, spaces included.
func (l *Ligne) Brut(colonne string) string {
	if l.Presente(colonne) {
		return l.Champs[l.entetes.rang[colonne]]
	}
	return ""
}

// Texte is the value without the spaces around it.
func (l *Ligne) Texte(colonne string) string { return strings.TrimSpace(l.Brut(colonne)) }

// Requis is Texte for a value that the row cannot do without: it refuses an empty one.
func (l *Ligne) Requis(colonne string) string {
	v := l.Texte(colonne)
	if v == "" {
		l.Refuse(colonne, "cette valeur est obligatoire")
	}
	return v
}

// lire reads a value that is there; ok is false for an empty one, and for a bad one, which is refused.
func lire[T any](l *Ligne, colonne string, parse func(string) (T, error)) (v T, ok bool) {
	s := l.Texte(colonne)
	if s == "" {
		return v, false
	}
	v, err := parse(s)
	if err != nil {
		l.Refuse(colonne, err.Error())
	}
	return v, err == nil
}

// Entier is a whole number: "1200", "1 200" or "-3".
func (l *Ligne) Entier(colonne string) (int64, bool) { return lire(l, colonne, parseEntier) }

// Montant is an amount of euros, in cents: "1234.56", "1 234,56 €" or "-12".
func (l *Ligne) Montant(colonne string) (int64, bool) { return lire(l, colonne, parseMontant) }

// Date is a day, a month or a year: "2017-11-15", "15/11/2017", "2017-11", "11/2017", "novembre 2017", "2017", or "nov.-17" as
// Excel rewrites a month. The time of day that may follow a day in ISO 8601 is dropped.
func (l *Ligne) Date(colonne string) (Date, bool) { return lire(l, colonne, parseDate) }

// Booleen is oui, vrai, true or 1; non, faux, false or 0.
func (l *Ligne) Booleen(colonne string) (v, ok bool) { return lire(l, colonne, parseBooleen) }

// SIREN is nine digits, with or without spaces, whose key is right.
func (l *Ligne) SIREN(colonne string) (string, bool) {
	return lire(l, colonne, func(s string) (string, error) {
		s = strings.Join(strings.Fields(s), "")
		return s, identifiant.CheckSIREN(s)
	})
}

// Commune is the INSEE code of a commune; the first zero, which spreadsheets lose, is put back.
func (l *Ligne) Commune(colonne string) (string, bool) {
	return lire(l, colonne, func(s string) (string, error) {
		s = strings.ToUpper(s)
		if len(s) == 4 {
			s = "0" + s
		}
		return s, identifiant.CheckCommune(s)
	})
}

// Enum is one of permises, whatever its case, accents and punctuation: "En production" is EN_PRODUCTION.
func (l *Ligne) Enum(colonne string, permises ...string) (string, bool) {
	return lire(l, colonne, func(s string) (string, error) { return parseEnum(s, permises) })
}

// Liste is items separated by "|", else by ";", else by ","; before "|" and "\", a "\" makes them part of an item.
func (l *Ligne) Liste(colonne string) []string { return splitListe(l.Brut(colonne)) }

// Precision says what of a Date is known, in the words of the graph.
type Precision string

// The three precisions.
const (
	JOUR  Precision = "JOUR"
	MOIS  Precision = "MOIS"
	ANNEE Precision = "ANNEE"
)

// Date is the first day, at midnight UTC, of what a date names.
type Date struct {
	Jour      time.Time
	Precision Precision
}

// String is "2017-11-15", "2017-11" or "2017".
func (d Date) String() string {
	switch d.Precision {
	case MOIS:
		return d.Jour.Format("2006-01")
	case ANNEE:
		return d.Jour.Format("2006")
	}
	return d.Jour.Format(time.DateOnly)
}

var heure = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ][0-9]{2}:[0-9]{2}`)

// moisFrancais are the months as texte.Normalize leaves them.
var moisFrancais = []string{"janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre", "decembre"}

// moisEnLettres turns "nov.-17" and "novembre 2017" into "11/2017", and leaves the rest. Two digits mean the years from 1930 to
// 2029, as in Excel.
func moisEnLettres(s string) string {
	nom, annee, _ := strings.Cut(texte.Normalize(s), " ")
	mois := slices.IndexFunc(moisFrancais, func(m string) bool { return len(nom) >= 3 && nom != "jui" && strings.HasPrefix(m, nom) })
	if mois < 0 {
		return s
	}
	if len(annee) == 2 && annee < "30" {
		annee = "20" + annee
	} else if len(annee) == 2 {
		annee = "19" + annee
	}
	return fmt.Sprintf("%d/%s", mois+1, annee)
}

func parseDate(s string) (Date, error) {
	if m := heure.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	s = moisEnLettres(s)
	for _, f := range []struct {
		forme     string
		precision Precision
	}{{time.DateOnly, JOUR}, {"2/1/2006", JOUR}, {"2006-01", MOIS}, {"1/2006", MOIS}, {"2006", ANNEE}} {
		if t, err := time.Parse(f.forme, s); err == nil && t.Year() > 0 {
			return Date{t, f.precision}, nil
		}
	}
	return Date{}, errors.New("une date est attendue : 2017-11-15, 15/11/2017, 2017-11 ou 2017")
}

func parseBooleen(s string) (bool, error) {
	switch texte.Normalize(s) {
	case "oui", "vrai", "true", "1":
		return true, nil
	case "non", "faux", "false", "0":
		return false, nil
	}
	return false, errors.New("oui ou non est attendu")
}

var (
	groupes = regexp.MustCompile(`^[+-]?[0-9]{1,3}(\s[0-9]{3})+([.,][0-9]*)?$`)
	entier  = regexp.MustCompile(`^[+-]?[0-9]+$`)
	montant = regexp.MustCompile(`^([+-]?)([0-9]{1,15})(?:[.,]([0-9]{1,2}))?$`)
)

// degroupe removes the spaces that separate thousands, if they do.
func degroupe(s string) string {
	if s = strings.Join(strings.Fields(s), " "); groupes.MatchString(s) {
		return strings.ReplaceAll(s, " ", "")
	}
	return s
}

func parseEntier(s string) (int64, error) {
	if s = degroupe(s); !entier.MatchString(s) {
		return 0, errors.New("un nombre entier est attendu")
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, errors.New("ce nombre est trop grand")
	}
	return n, nil
}

func parseMontant(s string) (int64, error) {
	m := montant.FindStringSubmatch(degroupe(strings.TrimSuffix(s, "€")))
	if m == nil {
		return 0, errors.New("un montant en euros est attendu, avec deux décimales au plus : 1234,56")
	}
	return strconv.ParseInt(m[1]+m[2]+(m[3] + "00")[:2], 10, 64)
}

func parseEnum(s string, permises []string) (string, error) {
	n := texte.Normalize(s)
	proche, distance := "", 4
	for _, p := range permises {
		normale := texte.Normalize(p)
		if normale == n {
			return p, nil
		}
		if d := levenshtein.ComputeDistance(n[:min(len(n), 100)], normale); d < distance && d < len(normale)/2 {
			proche, distance = p, d
		}
	}
	motif := "cette valeur n'est pas admise ; les valeurs sont : " + strings.Join(slices.Sorted(slices.Values(permises)), ", ")
	if proche != "" {
		motif = fmt.Sprintf("cette valeur n'est pas admise : vouliez-vous dire « %s » ? Les valeurs sont : %s", proche, strings.Join(permises, ", "))
	}
	return "", errors.New(motif)
}
