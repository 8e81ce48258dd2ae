package seed

import (
	"context"
	"slices"
	"strings"
)

const labelTNL = "Territoire Numérique Libre"

// annee reads a year, false when there is none.
func (c *chargement) annee(l ligneCSV, colonne string) (int32, bool) {
	n, _ := l.entier(colonne)
	a, ok := n.(int32)
	if !ok || a < 1990 || a > 2100 {
		c.refuse(l.refus(colonne, "une année était attendue"))
		return 0, false
	}
	return a, true
}

// readEditions reads the editions of the label. The number of laureates is kept as published, since sources disagree.
func readEditions(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "annee", "nb_laureats", "echelle", "date_remise", "source"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	var rangs [][]any
	vus := map[int32]bool{}
	for _, l := range toutes {
		annee, ok := c.annee(l, "annee")
		if !ok {
			continue
		}
		if vus[annee] {
			c.refuse(l.refus("annee", "cette édition figure deux fois"))
			continue
		}
		vus[annee] = true
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		if strings.Contains(l.val("source"), ";") {
			c.report(l.no, "source", l.val("source"), "les sources ne s'accordent pas sur cette édition")
		}
		rangs = append(rangs, []any{labelTNL, annee, nul(l.val("nb_laureats")), nul(l.val("echelle")), c.jour(l, "date_remise"), source.id})
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.merge(ctx, fusion{
		table: "label_edition", colonnes: []string{"label", "annee", "laureats", "echelle", "remise_le", "source_id"}, cle: []string{"label", "annee"},
	}, slices.Values(rangs))
}

// readLaureats reads who obtained the label: the level is text, since its scale changed.
func readLaureats(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "annee", "collectivite", "siren", "niveau", "mention", "source", "remarque"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	editions := map[int32]int64{}
	rows, err := c.tx.Query(ctx, `SELECT annee, id FROM label_edition WHERE label = $1`, labelTNL)
	if err != nil {
		return err
	}
	for rows.Next() {
		var annee int32
		var id int64
		if err := rows.Scan(&annee, &id); err != nil {
			return err
		}
		editions[annee] = id
	}
	if err := rows.Err(); err != nil {
		return err
	}
	type obtention struct{ edition, organisation, source int64 }
	var rangs, fondus [][]any
	vus := map[obtention]bool{}
	for _, l := range r.mergedLast(toutes, [2]string{"siren", "collectivite"}) {
		annee, ok := c.annee(l, "annee")
		if !ok {
			continue
		}
		edition, ok := editions[annee]
		if !ok {
			c.refuse(l.refus("annee", "cette édition n'est pas connue : lisez d'abord les éditions"))
			continue
		}
		o, ok := r.organisation(l, "siren", "collectivite")
		if !ok {
			continue
		}
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		k := obtention{edition, o.id, source.id}
		if vus[k] && o.fondue {
			c.rapport.Inchanges++
			continue
		}
		if vus[k] {
			c.refuse(l.refus("collectivite", "ce lauréat figure deux fois pour la même édition et la même source"))
			continue
		}
		vus[k] = true
		mentions := l.liste("mention")
		if mentions == nil {
			mentions = []string{}
		}
		rang := []any{edition, o.id, nul(l.val("niveau")), mentions, nul(l.val("remarque")), source.id}
		if o.fondue {
			fondus = append(fondus, rang)
		} else {
			rangs = append(rangs, rang)
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.mergeInherited(ctx, fusion{
		table: "label_obtenu", colonnes: []string{"edition_id", "organisation_id", "niveau", "mentions", "remarque", "source_id"},
		cle: []string{"edition_id", "organisation_id", "source_id"},
	}, rangs, fondus)
}
