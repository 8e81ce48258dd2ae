// Package sortie lets the graph out: its lists as tables (/export), the publiccode.yml of a software, the snapshots that are
// cited (/instantane), and a read-only feed in the shape of the Open Catalog API (/v1). Everything is read as the identity of the request's context may read it.
package sortie

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph"
	"github.com/mutualibre/mutualibre/seed/tableau"
)

// Formats are those of the tables, as their file names end.
func Formats() []string { return []string{"csv", "ndjson", "xlsx"} }

// Demande is what someone asks to be exported.
type Demande struct {
	db.DemandeExport
	Au       *time.Time // the instant at which the graph is read; nil: now
	Ecriture tableau.OptionsEcriture
}

// Parametres lists the parameters of a table, in the order in which to show them.
func Parametres(t *db.TableExport) []string {
	var noms []string
	if f := t.Filtre(); f != nil {
		for _, c := range graph.Criteres(f) {
			noms = append(noms, c.Nom)
		}
	}
	for _, p := range t.Parents {
		noms = append(noms, p.Nom)
	}
	return append(noms, "auDate", "excel")
}

// ReadDemande reads the parameters of an export: the fields of the list's filter in GraphQL, those that name a parent,
// "auDate" (an instant, or a day for its end) and "excel". Lists are repeated or separated by commas. An unknown name or
// value is refused, and the answer says which there are. Errors: CodeArgumentInvalide, CodeIntrouvable for the table.
func ReadDemande(table string, parametres url.Values, maintenant time.Time) (Demande, error) {
	d := Demande{DemandeExport: db.DemandeExport{Table: table, Parents: map[string][]string{}}}
	tables := db.TablesExport()
	i := slices.IndexFunc(tables, func(t *db.TableExport) bool { return t.Nom == table })
	if i < 0 {
		var noms []string
		for _, t := range tables {
			noms = append(noms, t.Nom)
		}
		return d, &db.Error{Code: db.CodeIntrouvable, Message: fmt.Sprintf("« %.40s » ne s'exporte pas ; s'exportent : %s", table, strings.Join(noms, ", "))}
	}
	t := tables[i]
	d.Filtre = t.Filtre()
	lus := map[string]func([]string) error{
		"auDate": d.readAu(maintenant),
		"excel":  d.readExcel,
	}
	if d.Filtre != nil {
		for _, c := range graph.Criteres(d.Filtre) {
			lus[c.Nom] = func(valeurs []string) error { return c.Set(d.Filtre, valeurs) }
		}
	}
	for _, p := range t.Parents {
		lus[p.Nom] = func(valeurs []string) error {
			valeurs = strings.Split(strings.Join(valeurs, ","), ",")
			if slices.Contains(valeurs, "") {
				return db.Invalid(p.Nom, "« %s » a une valeur vide : donnez-la, ou retirez le critère", p.Nom)
			}
			d.Parents[p.Nom] = valeurs
			return nil
		}
	}
	for _, nom := range slices.Sorted(keysOf(parametres)) {
		read := lus[nom]
		if read == nil {
			return d, db.Invalid(nom, "le paramètre « %.40s » n'existe pas pour « %s » ; paramètres admis : %s", nom, table, strings.Join(Parametres(t), ", "))
		}
		if err := read(parametres[nom]); err != nil {
			return d, err
		}
	}
	return d, nil
}

func keysOf(v url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for nom := range v {
			if !yield(nom) {
				return
			}
		}
	}
}

func (d *Demande) readAu(maintenant time.Time) func([]string) error {
	return func(valeurs []string) error {
		v := valeurs[len(valeurs)-1]
		au, err := time.Parse(time.RFC3339, v)
		if err != nil {
			jour, err := time.Parse(time.DateOnly, v)
			if err != nil || len(valeurs) > 1 {
				return db.Invalid("auDate", "« auDate » n'admet pas « %.40s » : donnez un jour (2026-11-22) ou un instant (2026-11-22T08:30:00Z)", v)
			}
			if au = jour.AddDate(0, 0, 1).Add(-time.Microsecond); !jour.After(maintenant) && au.After(maintenant) {
				au = maintenant // today, so far
			}
		}
		if au.After(maintenant) {
			return db.Invalid("auDate", "« auDate » est à venir : le graphe ne se lit qu'au passé")
		}
		d.Au = &au
		return nil
	}
}

func (d *Demande) readExcel(valeurs []string) error {
	switch v := valeurs[len(valeurs)-1]; v {
	case "true":
		d.Ecriture.Excel = true
	case "false":
	default:
		return db.Invalid("excel", "« excel » n'admet pas « %.40s » ; valeurs admises : true, false", v)
	}
	return nil
}
