package seed

import (
	"context"
	"slices"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// divisionJSON is an element of regions.json and departements.json.
type divisionJSON struct {
	Code        string `json:"code"`
	Region      string `json:"region"`
	Nom         string `json:"nom"`
	TypeLiaison int    `json:"typeLiaison"`
	Zone        string `json:"zone"`
}

const france = "FRANCE-FR"

func cleTerritoire(typ, code string) string { return typ + "-" + code }

// territoires reads the ids back, by key.
func (c *chargement) territoires(ctx context.Context) (map[string]int64, error) {
	return c.cles(ctx, "territoire")
}

func fusionTerritoires(colonnes ...string) fusion {
	return fusion{table: "territoire", colonnes: append([]string{"cle", "type", "code", "nom", "parent_id", "source_id"}, colonnes...), cle: []string{"cle"}}
}

// divisions checks the elements of one of the two files.
func divisions(c *chargement, f fichier, valider func(string) error) ([]divisionJSON, error) {
	elements, err := lignes(c, readJSON[divisionJSON](f, ""))
	if err != nil {
		return nil, err
	}
	var out []divisionJSON
	vus := map[string]bool{}
	for _, e := range elements {
		switch {
		case valider(e.val.Code) != nil:
			c.refuse(nouvelleAnomalie(f.nom, e.no, "code", e.val.Code, valider(e.val.Code).Error()))
		case checkNom(e.val.Nom) != nil:
			c.refuse(nouvelleAnomalie(f.nom, e.no, "nom", e.val.Nom, checkNom(e.val.Nom).Error()))
		case vus[e.val.Code]:
			c.refuse(nouvelleAnomalie(f.nom, e.no, "code", e.val.Code, "ce code figure deux fois"))
		default:
			vus[e.val.Code] = true
			out = append(out, e.val)
		}
	}
	return out, c.bilanErreurs()
}

// readRegions reads the régions, and France above them. The overseas collectivités that the file lists as régions of
// their own (zone "com") are none: they are kept as départements.
func readRegions(ctx context.Context, c *chargement, f fichier) error {
	regions, err := divisions(c, f, identifiant.CheckRegion)
	if err != nil {
		return err
	}
	source, err := c.source(ctx, sourceDecoupage())
	if err != nil {
		return err
	}
	rangs := [][]any{{france, "FRANCE", "FR", "France", nil, source}}
	if err := c.merge(ctx, fusionTerritoires(), slices.Values(rangs)); err != nil {
		return err
	}
	ids, err := c.territoires(ctx)
	if err != nil {
		return err
	}
	rangs = nil
	for _, r := range regions {
		if r.Zone != "com" {
			rangs = append(rangs, []any{cleTerritoire("REGION", r.Code), "REGION", r.Code, r.Nom, ids[france], source})
		}
	}
	return c.merge(ctx, fusionTerritoires(), slices.Values(rangs))
}

// readDepartements reads the départements and the overseas collectivités, under their région or under France.
func readDepartements(ctx context.Context, c *chargement, f fichier) error {
	departements, err := divisions(c, f, identifiant.CheckDepartement)
	if err != nil {
		return err
	}
	source, err := c.source(ctx, sourceDecoupage())
	if err != nil {
		return err
	}
	ids, err := c.territoires(ctx)
	if err != nil {
		return err
	}
	var rangs [][]any
	for _, d := range departements {
		parent, ok := ids[cleTerritoire("REGION", d.Region)]
		if !ok {
			if parent, ok = ids[france]; !ok || d.Zone != "com" {
				c.refuse(nouvelleAnomalie(f.nom, 0, "region", d.Region, "cette région n'est pas connue : lisez d'abord les régions"))
				continue
			}
		}
		rangs = append(rangs, []any{cleTerritoire("DEPARTEMENT", d.Code), "DEPARTEMENT", d.Code, d.Nom, parent, source})
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.merge(ctx, fusionTerritoires(), slices.Values(rangs))
}
