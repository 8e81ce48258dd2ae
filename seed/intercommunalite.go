package seed

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// readEPCI reads the intercommunalités à fiscalité propre. Their seat is not in this file: BANATIC gives it.
func readEPCI(ctx context.Context, c *chargement, f fichier) error {
	epci, err := lignes(c, readCSV(f, ',', "siren", "nom", "nature", "population_municipale"))
	if err != nil {
		return err
	}
	source, err := c.source(ctx, sourceDGCL())
	if err != nil {
		return err
	}
	annuaire, err := c.annuaire(ctx)
	if err != nil {
		return err
	}
	var rangs [][]any
	vus := map[string]bool{}
	for _, l := range epci {
		siren := l.val("siren")
		nom, sansNom := l.nom("nom")
		cle, autre := annuaire.cle(siren, "COLLECTIVITE", "EPCI")
		population, ok := l.entier("population_municipale")
		switch err := identifiant.CheckSIREN(siren); {
		case err != nil:
			c.refuse(l.refus("siren", err.Error()))
		case vus[siren]:
			c.refuse(l.refus("siren", "ce SIREN figure deux fois"))
		case sansNom != nil:
			c.refuse(sansNom)
		case autre != nil:
			c.refuse(l.refus("siren", autre.Error()))
		case !formeEPCI(l.val("nature")):
			c.refuse(l.refus("nature", "cette nature n'est pas connue (CC, CA, CU, METRO ou MET69)"))
		case !ok:
			c.refuse(l.refus("population_municipale", motifEntier))
		default:
			vus[siren] = true
			rangs = append(rangs, []any{cle, "COLLECTIVITE", siren, nom, texte.Normalize(nom), "EPCI", l.val("nature"), population, source})
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	if err := c.merge(ctx, fusionGroupements, slices.Values(rangs)); err != nil {
		return err
	}
	if annuaire, err = c.annuaire(ctx); err != nil {
		return err
	}
	return c.merge(ctx, fusion{
		table:    "territoire",
		colonnes: []string{"cle", "type", "code", "nom", "population", "organisation_id", "source_id"}, cle: []string{"cle"},
	}, chaque(rangs, func(r []any) []any {
		siren := r[2].(string)
		return []any{cleTerritoire("EPCI", siren), "EPCI", siren, r[3], r[7], annuaire.parSIREN[siren].id, source}
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

// mergeAdhesions writes members whose dates are not known. Where somebody already dated the membership, the undated
// claim says nothing more, and would overlap it: it is left out. fondus are the members that mergeInherited takes apart.
func (c *chargement) mergeAdhesions(ctx context.Context, rangs, fondus [][]any) error {
	type lien struct{ groupement, membre int64 }
	datees := map[lien]bool{}
	rows, err := c.tx.Query(ctx, `SELECT groupement_id, membre_id FROM adhesion WHERE via_id IS NULL AND debut IS NOT NULL`)
	if err != nil {
		return fmt.Errorf("lecture des adhésions : %w", err)
	}
	var l lien
	if _, err := pgx.ForEachRow(rows, []any{&l.groupement, &l.membre}, func() error {
		datees[l] = true
		return nil
	}); err != nil {
		return fmt.Errorf("lecture des adhésions : %w", err)
	}
	datee := func(r []any) bool { return datees[lien{r[0].(int64), r[1].(int64)}] }
	nouvelles, heritees := slices.DeleteFunc(slices.Clone(rangs), datee), slices.DeleteFunc(slices.Clone(fondus), datee)
	c.rapport.Inchanges += len(rangs) + len(fondus) - len(nouvelles) - len(heritees)
	return c.mergeInherited(ctx, fusionAdhesions, nouvelles, heritees)
}

// readMembresEPCI reads which commune belongs to which intercommunalité.
func readMembresEPCI(ctx context.Context, c *chargement, f fichier) error {
	membres, err := lignes(c, readCSV(f, ',', "epci_siren", "code_insee", "commune_siren"))
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
	var rangs, fondues [][]any
	vus := map[int64]bool{}
	for _, l := range membres {
		epci, ok := annuaire.parSIREN[l.val("epci_siren")]
		if !ok || epci.nature != "EPCI" {
			c.refuse(l.refus("epci_siren", "cette intercommunalité n'est pas connue : lisez d'abord les EPCI"))
			continue
		}
		commune, ok := annuaire.parCode[codeOfficiel{"COMMUNE", l.val("code_insee")}]
		nommee, nomme := annuaire.parSIREN[l.val("commune_siren")]
		switch {
		case !ok:
			c.refuse(l.refus("code_insee", "cette commune n'est pas connue : lisez d'abord les communes"))
		case commune.siren != l.val("commune_siren") && (!nomme || nommee.id != commune.id):
			c.refuse(l.refus("commune_siren", "ce SIREN n'est pas celui de la commune de ce code"))
		case nommee.fondue:
			fondues = append(fondues, []any{epci.id, commune.id})
		case vus[commune.id]:
			c.refuse(l.refus("code_insee", "cette commune figure dans deux intercommunalités"))
		default:
			vus[commune.id] = true
			rangs = append(rangs, []any{epci.id, commune.id, nil, nil, source})
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	if err := c.mergeAdhesions(ctx, rangs, nil); err != nil {
		return err
	}
	c.rapport.Inchanges += len(fondues)
	return c.terminerAdhesions(ctx, rangs, fondues)
}

// terminerAdhesions ends, on the day of the import, what the file does not say any more of the EPCI that it describes, and
// reopens what it says again: each file is a complete list of the members of its EPCI. What it says of a commune that was
// merged leaves the membership of its successor as the merger made it.
func (c *chargement) terminerAdhesions(ctx context.Context, rangs, fondues [][]any) error {
	var epci, communes []int64
	for _, r := range slices.Concat(rangs, fondues) {
		epci, communes = append(epci, r[0].(int64)), append(communes, r[1].(int64))
	}
	tag, err := c.tx.Exec(ctx, `
		WITH lu AS MATERIALIZED (SELECT groupement_id, membre_id, min(rang) > $4 AS fondue
			FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS u (groupement_id, membre_id, rang) GROUP BY 1, 2),
		voulu AS (
			SELECT a.id, CASE WHEN lu.membre_id IS NULL THEN coalesce(a.fin, $3::date) WHEN lu.fondue THEN a.fin END AS fin
			FROM adhesion a LEFT JOIN lu USING (groupement_id, membre_id)
			WHERE a.via_id IS NULL AND a.debut IS NULL AND a.groupement_id IN (SELECT groupement_id FROM lu)
		)
		UPDATE adhesion a SET fin = v.fin FROM voulu v WHERE v.id = a.id AND a.fin IS DISTINCT FROM v.fin`, epci, communes, c.maintenant, len(rangs))
	if err != nil {
		return fmt.Errorf("fin d'adhésions : %w", err)
	}
	if n := int(tag.RowsAffected()); n > 0 {
		c.rapport.Corrections += n
		c.modifiee("adhesion")
	}
	return nil
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

// readEPT reads the établissements publics territoriaux of the Grand Paris and their communes.
func readEPT(ctx context.Context, c *chargement, f fichier) error {
	elements, err := lignes(c, readJSON[eptJSON](f, ""))
	if err != nil {
		return err
	}
	source, err := c.source(ctx, sourceDGCL())
	if err != nil {
		return err
	}
	annuaire, err := c.annuaire(ctx)
	if err != nil {
		return err
	}
	var rangs [][]any
	vus := map[string]bool{}
	for _, e := range elements {
		nom := texte.SansEspacesSuperflus(e.val.Nom)
		cle, autre := annuaire.cle(e.val.Code, "COLLECTIVITE", "EPT")
		switch err := identifiant.CheckSIREN(e.val.Code); {
		case err != nil:
			c.refuse(nouvelleAnomalie(f.nom, e.no, "code", e.val.Code, err.Error()))
		case checkNom(nom) != nil:
			c.refuse(nouvelleAnomalie(f.nom, e.no, "nom", nom, checkNom(nom).Error()))
		case autre != nil:
			c.refuse(nouvelleAnomalie(f.nom, e.no, "code", e.val.Code, autre.Error()))
		case vus[e.val.Code]:
			c.refuse(nouvelleAnomalie(f.nom, e.no, "code", e.val.Code, "ce SIREN figure deux fois"))
		case e.val.Population < 0:
			c.refuse(nouvelleAnomalie(f.nom, e.no, "populationMunicipale", "", motifEntier))
		default:
			vus[e.val.Code] = true
			rangs = append(rangs, []any{cle, "COLLECTIVITE", e.val.Code, nom, texte.Normalize(nom), "EPT", "EPT", e.val.Population, source})
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	if err := c.merge(ctx, fusionGroupements, slices.Values(rangs)); err != nil {
		return err
	}
	if annuaire, err = c.annuaire(ctx); err != nil {
		return err
	}
	var adhesions [][]any
	membre := map[int64]bool{}
	for _, e := range elements {
		for _, m := range e.val.Membres {
			commune, ok := annuaire.parCode[codeOfficiel{"COMMUNE", m.Code}]
			if !ok {
				c.refuse(nouvelleAnomalie(f.nom, e.no, "membres", m.Code, "cette commune n'est pas connue : lisez d'abord les communes"))
				continue
			}
			if autre, connu := annuaire.parSIREN[m.SIREN]; connu && autre.id != commune.id {
				c.refuse(nouvelleAnomalie(f.nom, e.no, "membres", m.SIREN, "ce SIREN n'est pas celui de la commune de ce code"))
				continue
			}
			if membre[commune.id] {
				continue // a commune listed with the one that it merged into
			}
			membre[commune.id] = true
			adhesions = append(adhesions, []any{annuaire.parSIREN[e.val.Code].id, commune.id, nil, nil, source})
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.mergeAdhesions(ctx, adhesions, nil)
}
