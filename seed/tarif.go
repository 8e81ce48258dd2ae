package seed

import (
	"context"
	"slices"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// readTarifs reads the published price lists of those who mutualise: one row a bracket, amounts as published and never
// recomputed, even where a list contradicts its own formula. "idem" repeats the service of the row above.
func readTarifs(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "structure", "structure_siren", "service", "critere", "min", "max", "unite_critere",
		"tarif_annee1_eur", "tarif_annees_suivantes_eur", "date_effet", "source"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	var rangs [][]any
	service := ligneCSV{}
	vus := map[string]bool{}
	for _, l := range toutes {
		if l.val("service") != "idem" {
			service = l
		}
		if service.val("service") == "" || service.val("structure") != l.val("structure") {
			c.refuse(l.refus("service", "le service manque, ou « idem » ne suit aucune ligne de la même structure"))
			continue
		}
		premiere, ok := centimes(l.val("tarif_annee1_eur"))
		if !ok {
			c.refuse(l.refus("tarif_annee1_eur", "un montant en euros était attendu, comme 52 ou 574.88"))
			continue
		}
		suivantes, ok := centimes(l.val("tarif_annees_suivantes_eur"))
		if !ok {
			c.refuse(l.refus("tarif_annees_suivantes_eur", "un montant en euros était attendu, comme 52 ou 574.88"))
			continue
		}
		minimum, maximum := c.nombre(l, "min"), c.nombre(l, "max")
		a, plancher := minimum.(int32)
		b, plafond := maximum.(int32)
		if plancher && plafond && b < a {
			c.refuse(l.refus("max", "le maximum de la tranche est plus petit que son minimum"))
			continue
		}
		o, ok := r.organisation(l, "structure_siren", "structure")
		if !ok {
			continue
		}
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		cle := identifiant.UUID("tarif", source.cle, o.cle, service.val("service"), l.val("critere"), l.val("min"), l.val("max"), l.val("date_effet"))
		if vus[cle] {
			c.refuse(l.refus("min", "cette tranche figure deux fois"))
			continue
		}
		vus[cle] = true
		libelle := service.val("service")
		if u := l.val("unite_critere"); u != "" && u != l.val("critere") {
			libelle += " ; " + u
		}
		rangs = append(rangs, []any{cle, o.id, r.logicielCite(service, "service"), "TARIF", libelle, nul(l.val("critere")), minimum, maximum, premiere, suivantes,
			nul(l.val("date_effet")), source.id})
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.merge(ctx, fusion{
		table: "reference_prix",
		colonnes: []string{"cle", "organisation_id", "logiciel_id", "genre", "libelle", "critere", "minimum", "maximum", "premiere_annee_centimes",
			"suivantes_centimes", "date_effet", "source_id"},
		cle: []string{"cle"},
	}, slices.Values(rangs))
}
