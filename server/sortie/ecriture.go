package sortie

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/seed/tableau"
)

// Ecrire writes an export to its end, in one of the Formats, and returns how many rows it had. After an error the table is
// cut: the reader must not take it for whole.
func Ecrire(ctx context.Context, w io.Writer, e *db.Export, format string, o tableau.OptionsEcriture) (int, error) {
	noms := make([]string, len(e.Colonnes))
	for i, c := range e.Colonnes {
		noms[i] = c.Nom
	}
	table, err := tableau.NewWriter(w, format, noms, o)
	if err != nil {
		return 0, err
	}
	n := 0
	ligne := make([]tableau.Valeur, len(e.Colonnes))
	for brute, err := range e.Lignes(ctx) {
		for i := range brute {
			if err == nil {
				ligne[i], err = valeur(e.Colonnes[i], brute[i])
			}
		}
		if err == nil {
			err = table.Write(ligne)
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, table.Close()
}

// valeur reads a value as db.GenreColonne says that it is written.
func valeur(c db.ColonneExport, brute []byte) (tableau.Valeur, error) {
	if brute == nil {
		return tableau.Valeur{}, nil
	}
	s := string(brute)
	switch c.Genre {
	case db.ColonneEntier, db.ColonneCentimes:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return tableau.Valeur{}, fmt.Errorf("colonne %s : %w", c.Nom, err)
		}
		if c.Genre == db.ColonneCentimes {
			return tableau.Centimes(n), nil
		}
		return tableau.Entier(n), nil
	case db.ColonneJour:
		d, err := jour(s)
		if err != nil {
			return tableau.Valeur{}, fmt.Errorf("colonne %s : %w", c.Nom, err)
		}
		return tableau.Jour(d), nil
	case db.ColonneBooleen:
		return tableau.Booleen(s == "t"), nil
	case db.ColonneListe:
		var items []string
		if err := json.Unmarshal(brute, &items); err != nil {
			return tableau.Valeur{}, fmt.Errorf("colonne %s : %w", c.Nom, err)
		}
		return tableau.Liste(items), nil
	case db.ColonneID:
		return tableau.Texte(identifiant.Global(c.Type, s)), nil
	}
	return tableau.Texte(s), nil
}

// jour reads a date as precise as it is written.
func jour(s string) (tableau.Date, error) {
	forme, precision := time.DateOnly, tableau.JOUR
	switch len(s) {
	case len("2006"):
		forme, precision = "2006", tableau.ANNEE
	case len("2006-01"):
		forme, precision = "2006-01", tableau.MOIS
	}
	t, err := time.Parse(forme, s)
	return tableau.Date{Jour: t, Precision: precision}, err
}
