package seed

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/mutualibre/mutualibre/domain/texte"
)

// charniere is what INSEE's TNCC (typeLiaison) puts between "Département" and a name that it gives without its article.
func charniere(typeLiaison int) string {
	switch typeLiaison {
	case 1:
		return "d'"
	case 2:
		return "du "
	case 3:
		return "de la "
	case 4, 6:
		return "des "
	case 5:
		return "de l'"
	case 7:
		return "de las "
	case 8:
		return "de los "
	default:
		return "de "
	}
}

// nomDepartement is the name of the authority: "Département de l'Ain".
func nomDepartement(nom string, typeLiaison int) string {
	return "Département " + charniere(typeLiaison) + nom
}

// sigleFinal is an acronym in brackets at the end of a name: "SM Agence landaise pour l'Informatique (ALPI)".
var sigleFinal = regexp.MustCompile(`\(\s*([A-Z][A-Z0-9É.&-]{2,}(?: [0-9]{1,3}[A-Z]?)?)\s*\)$`)

// sigle returns the acronym that ends a BANATIC name, or "": words that say what a syndicat does are none.
func sigle(nom string) string {
	m := sigleFinal.FindStringSubmatch(nom)
	if m == nil {
		return ""
	}
	switch m[1] {
	case "RPI", "PNR", "RAM", "SPANC", "REOM", "SIVOM", "SIVU", "SCOT", "EPAGE", "EPTB", "PETR", "RPE", "ALSH", "CLSH", "ZAC":
		return ""
	}
	return m[1]
}

// autreNom is another name of an organisation: former, short, in use.
type autreNom struct {
	organisation int64
	nom          string
}

// addNoms records other names, but those that only repeat the name of the organisation. The first to be known keeps
// its spelling and its source.
func (c *chargement) addNoms(ctx context.Context, source int64, noms []autreNom) error {
	propres := map[int64]string{}
	rows, err := c.tx.Query(ctx, `SELECT id, nom_tri FROM organisation`)
	if err != nil {
		return err
	}
	for rows.Next() {
		var id int64
		var tri string
		if err := rows.Scan(&id, &tri); err != nil {
			return err
		}
		propres[id] = tri
	}
	if err := rows.Err(); err != nil {
		return err
	}
	tous := make([]nomAlternatif, len(noms))
	for i, n := range noms {
		tous[i] = nomAlternatif{organisation: n.organisation, nom: strings.TrimSpace(n.nom), propre: propres[n.organisation], source: source}
	}
	return c.writeNoms(ctx, tous, false)
}

// nomAlternatif is another name of an organisation or of a logiciel (the other one is 0), beside its own, normalised.
type nomAlternatif struct {
	organisation, logiciel int64
	nom, propre            string
	source                 int64
}

// writeNoms records other names, but those that say nothing or only repeat the own name. The first to be known keeps
// its spelling and its source. muet: they do not count in the report.
func (c *chargement) writeNoms(ctx context.Context, noms []nomAlternatif, muet bool) error {
	type cle struct {
		organisation, logiciel int64
		tri                    string
	}
	vus := map[cle]bool{}
	var rangs [][]any
	for _, n := range noms {
		k := cle{n.organisation, n.logiciel, texte.Normalize(n.nom)}
		if k.tri == "" || k.tri == n.propre || vus[k] {
			continue
		}
		vus[k] = true
		rangs = append(rangs, []any{nul(n.organisation), nul(n.logiciel), n.nom, k.tri, n.source})
	}
	return c.merge(ctx, fusion{
		table:    "nom_alternatif",
		colonnes: []string{"organisation_id", "logiciel_id", "nom", "nom_tri", "source_id"},
		cle:      []string{"nom_tri"}, cleNulle: []string{"organisation_id", "logiciel_id"}, fige: []string{"nom", "source_id"}, muet: muet,
	}, slices.Values(rangs))
}
