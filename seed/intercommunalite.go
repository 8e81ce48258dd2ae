package seed

import (
	"context"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// lireEPCI reads the intercommunalités à fiscalité propre. Their seat is not in this file: BANATIC gives it.
func lireEPCI(ctx context.Context, c *chargement, f fichier) error {
	epci, err := lignes(c, lireCSV(f, ',', "siren", "nom", "nature", "population_municipale"))
	if err != nil {
		return err
	}
	source, err := c.source(ctx, sourceDGCL())
	if err != nil {
		return err
	}
	var rangs [][]any
	vus := map[string]bool{}
	for _, l := range epci {
		siren, nom := l.val("siren"), texte.SansEspacesSuperflus(l.val("nom"))
		population, ok := l.entier("population_municipale")
		switch err := identifiant.ValiderSIREN(siren); {
		case err != nil:
			c.refuser(l.refus("siren", err.Error()))
		case vus[siren]:
			c.refuser(l.refus("siren", "ce SIREN figure deux fois"))
		case nom == "":
			c.refuser(l.refus("nom", "le nom manque"))
		case !formeEPCI(l.val("nature")):
			c.refuser(l.refus("nature", "cette nature n'est pas connue (CC, CA, CU, METRO ou MET69)"))
		case !ok:
			c.refuser(l.refus("population_municipale", motifEntier))
		default:
			vus[siren] = true
			rangs = append(rangs, []any{siren, "COLLECTIVITE", siren, nom, texte.Normaliser(nom), "EPCI", l.val("nature"), population, source})
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	if err := c.fusionner(ctx, fusionGroupements, chaque(rangs, tel)); err != nil {
		return err
	}
	annuaire, err := c.annuaire(ctx)
	if err != nil {
		return err
	}
	return c.fusionner(ctx, fusion{
		table:    "territoire",
		colonnes: []string{"cle", "type", "code", "nom", "population", "organisation_id", "source_id"}, cle: []string{"cle"},
	}, chaque(rangs, func(r []any) []any {
		siren := r[0].(string)
		return []any{cleTerritoire("EPCI", siren), "EPCI", siren, r[3], r[7], annuaire.parCle[siren].id, source}
	}))
}

var fusionGroupements = fusion{
	table:    "organisation",
	colonnes: []string{"cle", "genre", "siren", "nom", "nom_tri", "nature", "nature_juridique", "population", "source_id"},
	cle:      []string{"cle"},
}

func formeEPCI(s string) bool {
	switch s {
	case "CC", "CA", "CU", "METRO", "MET69":
		return true
	}
	return false
}

// fusionAdhesions writes members; what a member takes and its dates belong to whoever knows them.
var fusionAdhesions = fusion{
	table:    "adhesion",
	colonnes: []string{"groupement_id", "membre_id", "via_id", "debut", "source_id"},
	cle:      []string{"groupement_id", "membre_id"}, cleNulle: []string{"via_id", "debut"},
}

// lireMembresEPCI reads which commune belongs to which intercommunalité.
func lireMembresEPCI(ctx context.Context, c *chargement, f fichier) error {
	membres, err := lignes(c, lireCSV(f, ',', "epci_siren", "code_insee", "commune_siren"))
	if err != nil {
		return err
	}
	annuaire, err := c.annuaire(ctx)
	if err != nil {
		return err
	}
	source, err := c.source(ctx, sourceDGCL())
	if err != nil {
		return err
	}
	var rangs [][]any
	vus := map[int64]bool{}
	for _, l := range membres {
		epci, ok := annuaire.parSIREN[l.val("epci_siren")]
		if !ok {
			c.refuser(l.refus("epci_siren", "cette intercommunalité n'est pas connue : lisez d'abord les EPCI"))
			continue
		}
		commune, ok := annuaire.parCode[codeOfficiel{"COMMUNE", l.val("code_insee")}]
		switch {
		case !ok:
			c.refuser(l.refus("code_insee", "cette commune n'est pas connue : lisez d'abord les communes"))
		case commune.cle != l.val("commune_siren"):
			c.refuser(l.refus("commune_siren", "ce SIREN n'est pas celui de la commune de ce code"))
		case vus[commune.id]:
			c.refuser(l.refus("code_insee", "cette commune figure dans deux intercommunalités"))
		default:
			vus[commune.id] = true
			rangs = append(rangs, []any{epci.id, commune.id, nil, nil, source})
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.fusionner(ctx, fusionAdhesions, chaque(rangs, tel))
}

// eptJSON is an element of ept.json.
type eptJSON struct {
	Code       string `json:"code"`
	Nom        string `json:"nom"`
	Population int32  `json:"populationMunicipale"`
	Membres    []struct {
		Code  string `json:"code"`
		SIREN string `json:"siren"`
	} `json:"membres"`
}

// lireEPT reads the établissements publics territoriaux of the Grand Paris and their communes.
func lireEPT(ctx context.Context, c *chargement, f fichier) error {
	elements, err := lignes(c, lireJSON[eptJSON](f, ""))
	if err != nil {
		return err
	}
	source, err := c.source(ctx, sourceDGCL())
	if err != nil {
		return err
	}
	var rangs [][]any
	vus := map[string]bool{}
	for _, e := range elements {
		nom := texte.SansEspacesSuperflus(e.val.Nom)
		switch err := identifiant.ValiderSIREN(e.val.Code); {
		case err != nil:
			c.refuser(nouvelleAnomalie(f.nom, e.no, "code", e.val.Code, err.Error()))
		case nom == "":
			c.refuser(nouvelleAnomalie(f.nom, e.no, "nom", "", "le nom manque"))
		case vus[e.val.Code]:
			c.refuser(nouvelleAnomalie(f.nom, e.no, "code", e.val.Code, "ce SIREN figure deux fois"))
		case e.val.Population < 0:
			c.refuser(nouvelleAnomalie(f.nom, e.no, "populationMunicipale", "", motifEntier))
		default:
			vus[e.val.Code] = true
			rangs = append(rangs, []any{e.val.Code, "COLLECTIVITE", e.val.Code, nom, texte.Normaliser(nom), "EPT", "EPT", e.val.Population, source})
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	if err := c.fusionner(ctx, fusionGroupements, chaque(rangs, tel)); err != nil {
		return err
	}
	annuaire, err := c.annuaire(ctx)
	if err != nil {
		return err
	}
	var adhesions [][]any
	membre := map[int64]bool{}
	for _, e := range elements {
		for _, m := range e.val.Membres {
			commune, ok := annuaire.parCode[codeOfficiel{"COMMUNE", m.Code}]
			if !ok {
				c.refuser(nouvelleAnomalie(f.nom, e.no, "membres", m.Code, "cette commune n'est pas connue : lisez d'abord les communes"))
				continue
			}
			if autre, connu := annuaire.parSIREN[m.SIREN]; connu && autre.id != commune.id {
				c.refuser(nouvelleAnomalie(f.nom, e.no, "membres", m.SIREN, "ce SIREN n'est pas celui de la commune de ce code"))
				continue
			}
			if membre[commune.id] {
				continue // a commune listed with the one that it merged into
			}
			membre[commune.id] = true
			adhesions = append(adhesions, []any{annuaire.parCle[e.val.Code].id, commune.id, nil, nil, source})
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.fusionner(ctx, fusionAdhesions, chaque(adhesions, tel))
}
