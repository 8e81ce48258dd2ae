package seed

import (
	"context"
	"fmt"
	"io"

	"github.com/mutualibre/mutualibre/domain/texte"
)

// readCategories reads the tree of categories: code, nom, parent (a code of an earlier line, or empty).
func readCategories(ctx context.Context, c *chargement, f fichier) error {
	type categorie struct{ code, nom, parent string }
	vues := map[string]bool{}
	categories, err := lignes(c, func(yield func(categorie, error) bool) {
		for l, err := range readCSV(f, ',', "code", "nom", "parent") {
			var x categorie
			if err == nil {
				x = categorie{l.val("code"), l.val("nom"), l.val("parent")}
				switch {
				case x.code == "" || len(x.code) > maxNom:
					err = l.refus("code", "le code est obligatoire, en 200 caractères au plus")
				case x.nom == "":
					err = l.refus("nom", "le nom est obligatoire")
				case vues[x.code]:
					err = l.refus("code", "ce code est déjà celui d'une autre ligne")
				case x.parent != "" && !vues[x.parent]:
					err = l.refus("parent", "cette catégorie n'est pas définie plus haut dans le fichier")
				}
				vues[x.code] = true
			}
			if !yield(x, err) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	if err := c.merge(ctx, fusion{table: "categorie", colonnes: []string{"code", "nom"}, cle: []string{"code"}},
		chaque(categories, func(x categorie) []any { return []any{x.code, x.nom} })); err != nil {
		return err
	}
	codes, parents := make([]string, len(categories)), make([]string, len(categories))
	for i, x := range categories {
		codes[i], parents[i] = x.code, x.parent
	}
	tag, err := c.tx.Exec(ctx, `
		UPDATE categorie c SET parent_id = p.id
		FROM unnest($1::text[], $2::text[]) AS l(code, parent) LEFT JOIN categorie p ON p.code = l.parent
		WHERE c.code = l.code AND c.parent_id IS DISTINCT FROM p.id`, codes, parents)
	if err != nil {
		return fmt.Errorf("arbre des catégories : %w", err)
	}
	if tag.RowsAffected() > 0 {
		c.modifiee("categorie")
	}
	return nil
}

// correspondances says which of our categories a value of another catalogue stands for: origin and value → code, ""
// when none does. It is written in donnees/categories-correspondance.csv: nothing is guessed while reading.
type correspondances map[[2]string]string

func readCorrespondances() (correspondances, error) {
	m := correspondances{}
	f := fichier{nom: "categories-correspondance.csv", open: func() (io.ReadCloser, error) {
		return donnees.Open("donnees/categories-correspondance.csv")
	}}
	for l, err := range readCSV(f, ',', "origine", "valeur", "code") {
		if err != nil {
			return nil, err
		}
		m[[2]string{l.val("origine"), texte.Normalize(l.val("valeur"))}] = l.val("code")
	}
	return m, nil
}

// code returns the category of a value, reporting once a file those that the table does not have.
func (m correspondances) code(c *chargement, ligne int, origine, valeur string) string {
	if valeur == "" {
		return ""
	}
	k := [2]string{origine, texte.Normalize(valeur)}
	code, ok := m[k]
	if !ok {
		m[k] = ""
		c.report(ligne, origine, valeur, "cette catégorie n'a pas de correspondance ici : elle est laissée de côté")
	}
	return code
}
