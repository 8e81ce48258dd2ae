package seed

import (
	"context"
	"slices"
	"strings"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// typesPrestation are the services of TypePrestation.
var typesPrestation = []string{"DEVELOPPEMENT", "INTEGRATION", "DEPLOIEMENT", "HEBERGEMENT", "MAINTENANCE", "SUPPORT", "FORMATION", "CONSEIL", "REPRISE_DONNEES"}

// valeurs reads a list separated by bars, in order and each once; never nil. What ok refuses makes the line bad.
func (c *chargement) valeurs(l ligneCSV, colonne, motif string, ok func(string) bool) []string {
	found := []string{}
	for _, v := range l.liste(colonne) {
		if ok(v) {
			found = append(found, v)
		} else {
			c.refuse(l.refus(colonne, motif))
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func (c *chargement) types(l ligneCSV) []string {
	return c.valeurs(l, "types", "une prestation n'est pas de celles de TypePrestation", func(v string) bool { return slices.Contains(typesPrestation, v) })
}

// paireLue is who did or offers something around which software, as a line says.
type paireLue struct {
	organisation organisationConnue
	logiciel     logicielConnu
}

// fondue tells what was merged into something else since.
func (p paireLue) fondue() bool { return p.organisation.fondue || p.logiciel.fondu }

// paire finds who a line names, by key, and the software, by slug. What is not known is reported, and the line left out.
func (r *references) paire(l ligneCSV) (p paireLue, ok bool) {
	if p.organisation, ok = r.organisation(l, "organisation", "prestataire"); !ok {
		return p, false
	}
	p.logiciel, ok = r.slug(l, "logiciel", l.val("logiciel"))
	return p, ok
}

// readPrestations reads what organisations offer around software, found in public pages. An empty territory says nothing of
// where they go. A syndicat offers by its catalogue, not here.
func readPrestations(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "prestataire", "organisation", "logiciel", "types", "territoires", "competences", "description", "site", "source"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	territoires, err := c.ids(ctx, `SELECT cle, id FROM territoire WHERE type IN ('DEPARTEMENT', 'REGION', 'FRANCE')`)
	if err != nil {
		return err
	}
	categories, err := c.categories(ctx)
	if err != nil {
		return err
	}
	var rangs [][]any
	vues := map[[2]int64]bool{}
	for _, l := range r.mergedLast(toutes, [2]string{"organisation", "prestataire"}) {
		p, ok := r.paire(l)
		if !ok {
			continue
		}
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		ou := c.valeurs(l, "territoires", "un territoire n'est pas connu : DEPARTEMENT-40, REGION-75 ou FRANCE-FR", func(v string) bool { return territoires[v] != 0 })
		metiers := c.valeurs(l, "competences", "une catégorie n'est pas connue", func(v string) bool { return categories[v] != 0 })
		types := c.types(l)
		k := [2]int64{p.organisation.id, p.logiciel.id}
		switch {
		case p.organisation.genre == "SYNDICAT":
			c.refuse(l.refus("organisation", "un syndicat propose par son catalogue"))
		case len(l.val("description")) > maxDescriptionOffre || len(l.val("site")) > 500:
			c.refuse(l.refus("description", "la description compte 2 000 octets au plus, le site 500"))
		case vues[k] && p.fondue():
			c.rapport.Inchanges++
		case vues[k]:
			c.refuse(l.refus("organisation", "cette prestation figure deux fois"))
		default:
			vues[k] = true
			var servis any
			if len(ou) > 0 {
				servis = ou
			}
			rangs = append(rangs, []any{identifiant.UUID("prestation", p.organisation.cle, p.logiciel.slug), p.organisation.id, p.logiciel.id, types, servis, metiers,
				nul(l.val("description")), nul(l.val("site")), source.id})
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.merge(ctx, fusion{
		table: "prestation", cle: []string{"prestataire_id", "logiciel_id"}, fige: []string{"cle"},
		colonnes: []string{"cle", "prestataire_id", "logiciel_id", "types", "territoires", "competences", "description", "site", "source_id"},
	}, slices.Values(rangs))
}

// maxDescriptionOffre bounds a description, in bytes.
const maxDescriptionOffre = 2000

// readReferences reads for whom organisations did something around a software, told by public documents: these vouch for it.
func readReferences(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "prestataire", "organisation", "beneficiaire", "beneficiaire_cle", "nombre", "logiciel", "types", "debut", "description", "source"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	var rangs [][]any
	vues := map[string]bool{}
	for _, l := range r.mergedLast(toutes, [2]string{"organisation", "prestataire"}) {
		p, ok := r.paire(l)
		if !ok {
			continue
		}
		var pour any
		var cle string
		if l.val("beneficiaire_cle")+l.val("beneficiaire") != "" {
			b, ok := r.organisation(l, "beneficiaire_cle", "beneficiaire")
			if !ok {
				continue
			}
			if b.id == p.organisation.id && (b.fondue || p.fondue()) {
				c.rapport.Inchanges++
				continue
			}
			if b.id == p.organisation.id {
				c.refuse(l.refus("beneficiaire_cle", "une organisation n'est pas sa propre référence"))
				continue
			}
			pour, cle = b.id, b.cle
		}
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		nombre := c.nombre(l, "nombre")
		debut, precision := c.jourPartiel(l, "debut")
		types := c.types(l)
		uuid := identifiant.UUID("reference", source.cle, p.organisation.cle, cle, p.logiciel.slug, strings.Join(types, "|"))
		switch n, _ := nombre.(int32); {
		case pour == nil && n == 0:
			c.refuse(l.refus("beneficiaire", "il faut dire pour qui, ou pour combien d'organisations"))
		case len(l.val("description")) > maxDescriptionOffre:
			c.refuse(l.refus("description", "la description compte 2 000 octets au plus"))
		case vues[uuid]:
			c.refuse(l.refus("organisation", "cette référence figure deux fois"))
		default:
			vues[uuid] = true
			rangs = append(rangs, []any{uuid, p.organisation.id, pour, nombre, p.logiciel.id, types, debut, precision, nul(l.val("description")),
				"CONFIRMEE", "DOCUMENT", c.maintenant, source.id})
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.merge(ctx, fusion{
		table: "reference_prestation", cle: []string{"cle"}, fige: []string{"etat", "attestation", "traitee_le"},
		colonnes: []string{"cle", "prestataire_id", "beneficiaire_id", "nombre", "logiciel_id", "types", "debut", "precision_debut", "description",
			"etat", "attestation", "traitee_le", "source_id"},
	}, slices.Values(rangs))
}
