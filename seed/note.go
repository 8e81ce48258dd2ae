package seed

import (
	"context"
	"slices"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// readNotes reads facts found in documents, kept as said. The organisation and the logiciel are given by their key, or left
// empty when the document does not say which one it means. A file that has a column for it ties its facts to a rencontre.
func readNotes(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "sujet", "organisation", "logiciel", "fait", "valeur", "unite", "date", "source"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	colonnes := []string{"cle", "organisation_id", "logiciel_id", "sujet", "fait", "valeur", "unite", "date", "source_id"}
	var rencontres map[string]int64
	if len(toutes) > 0 && toutes[0].a("rencontre") {
		if rencontres, err = c.cles(ctx, "rencontre"); err != nil {
			return err
		}
		colonnes = append(colonnes, "rencontre_id")
	}
	var rangs [][]any
	vus := map[string]bool{}
	for _, l := range toutes {
		vide := ""
		for _, colonne := range []string{"sujet", "fait", "valeur", "unite", "date"} {
			if l.val(colonne) == "" {
				vide = colonne
			}
		}
		if vide != "" {
			c.refuse(l.refus(vide, "ce champ manque"))
			continue
		}
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		var organisation, logiciel any
		if l.val("organisation") != "" {
			o, ok := r.organisation(l, "organisation", "sujet")
			if !ok {
				continue
			}
			organisation = o.id
		}
		if slug := l.val("logiciel"); slug != "" {
			if x, ok := r.logiciels.parSlug[slug]; ok {
				logiciel = x.id
			} else {
				c.report(l.no, "logiciel", slug, "ce logiciel n'est pas connu : le fait est repris sans lui")
			}
		}
		cle := identifiant.UUID("fait", source.cle, l.val("sujet"), l.val("fait"), l.val("date"), l.val("valeur"))
		if vus[cle] {
			c.refuse(l.refus("fait", "ce fait figure deux fois"))
			continue
		}
		vus[cle] = true
		rang := []any{cle, organisation, logiciel, l.val("sujet"), l.val("fait"), l.val("valeur"), l.val("unite"), l.val("date"), source.id}
		if rencontres != nil {
			id, ok := c.designe(l, "rencontre", rencontres, cleRencontre(l.val("rencontre")))
			if !ok {
				continue
			}
			rang = append(rang, id)
		}
		rangs = append(rangs, rang)
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.merge(ctx, fusion{
		table: "fait", colonnes: colonnes, cle: []string{"cle"},
	}, slices.Values(rangs))
}
