package seed

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// readUsages reads observed usages, and who offers the software to others. A role "utilisateur" or "référent" is a usage in
// production; a "fournisseur de service" puts the software in the catalogue of a syndicat, or makes a prestation of anyone else.
func readUsages(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "organisme", "siren", "logiciel", "comptoir_id", "sill_id", "role", "source"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	var usages, entrees, prestations [][]any
	catalogues := map[string][]any{}
	vus := map[string]bool{}
	premier := func(cle string) bool {
		deja := vus[cle]
		vus[cle] = true
		return !deja
	}
	for _, l := range r.mergedLast(toutes, [2]string{"siren", "organisme"}) {
		o, ok := r.organisation(l, "siren", "organisme")
		x, ok2 := r.logiciel(l)
		if !ok || !ok2 {
			continue
		}
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		if l.val("methode_jointure") == "commune:supposé" {
			c.report(l.no, "organisme", l.val("organisme"), "l'organisme est supposé, la source ne le nomme pas : la ligne n'est pas retenue")
			continue
		}
		switch l.val("role") {
		case "utilisateur", "référent":
			constat := c.jour(l, "constate_le")
			if constat == nil {
				constat = nul(source.date)
			}
			if constat == nil {
				c.refuse(l.refus("constate_le", "la date du constat manque (AAAA-MM-JJ)"))
				continue
			}
			postes := c.nombre(l, "postes")
			cle := identifiant.UUID("usage", source.cle, o.cle, x.slug)
			if premier(cle) {
				debut, precision := c.jourPartiel(l, "debut")
				usages = append(usages, []any{cle, o.id, o.departement, x.id, x.libre, "PRODUCTION", "DIRECT", postes, debut, precision, constat, source.id})
			}
		case "fournisseur de service":
			switch {
			case o.genre == "SYNDICAT":
				catalogue := "catalogue-" + o.cle
				catalogues[catalogue] = []any{catalogue, "Catalogue " + deNom(o.usuel), o.id, source.id}
				if premier(fmt.Sprint("entree ", catalogue, " ", x.id)) {
					cle := identifiant.UUID("entree", catalogue, x.slug)
					entrees = append(entrees, []any{cle, catalogue, x.id, "PROPOSEE", []string{"HEBERGEMENT"}, source.id})
				}
			case premier(fmt.Sprint("prestation ", o.id, " ", x.id)):
				prestations = append(prestations, []any{identifiant.UUID("prestation", o.cle, x.slug), o.id, x.id, []string{"HEBERGEMENT"}, source.id})
			}
		default:
			c.refuse(l.refus("role", "ce rôle n'est pas connu (utilisateur, référent ou fournisseur de service)"))
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	if err := c.writeCatalogues(ctx, catalogues, entrees, prestations); err != nil {
		return err
	}
	return c.merge(ctx, fusion{
		table: "usage",
		colonnes: []string{"cle", "utilisateur_id", "departement", "logiciel_id", "libre", "statut", "modalite", "postes", "debut", "precision_debut",
			"constate_le", "source_id"},
		cle: []string{"cle"},
		// A copy that the database keeps true: the organisation may have moved since it was read.
		fige: []string{"departement", "libre"},
	}, slices.Values(usages))
}

func (c *chargement) writeCatalogues(ctx context.Context, catalogues map[string][]any, entrees, prestations [][]any) error {
	var rangs [][]any
	for _, r := range catalogues {
		rangs = append(rangs, r)
	}
	if err := c.merge(ctx, fusion{
		table: "catalogue", colonnes: []string{"cle", "nom", "syndicat_id", "source_id"}, cle: []string{"cle"},
	}, slices.Values(rangs)); err != nil {
		return err
	}
	ids := map[string]int64{}
	rows, err := c.tx.Query(ctx, `SELECT cle, id FROM catalogue`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var cle string
		var id int64
		if err := rows.Scan(&cle, &id); err != nil {
			return err
		}
		ids[cle] = id
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if err := c.merge(ctx, fusion{
		table: "entree_catalogue", colonnes: []string{"cle", "catalogue_id", "logiciel_id", "depuis", "statut", "services", "source_id"},
		cle: []string{"catalogue_id", "logiciel_id"}, cleNulle: []string{"depuis"}, fige: []string{"cle"},
	}, chaque(entrees, func(r []any) []any {
		return []any{r[0], ids[r[1].(string)], r[2], nil, r[3], r[4], r[5]}
	})); err != nil {
		return err
	}
	return c.merge(ctx, fusion{
		table: "prestation", colonnes: []string{"cle", "prestataire_id", "logiciel_id", "types", "source_id"}, cle: []string{"prestataire_id", "logiciel_id"}, fige: []string{"cle"},
	}, slices.Values(prestations))
}

// deNom puts "de" or "d'" before a name.
func deNom(nom string) string {
	if nom != "" && strings.ContainsAny(strings.ToLower(nom[:1]), "aeiouy") || strings.HasPrefix(nom, "É") {
		return "d'" + nom
	}
	return "de " + nom
}
