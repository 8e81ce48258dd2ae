package seed

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

const communeActuelle = "commune-actuelle"

type communeLue struct {
	ligneCSV
	cle, code, nom, siren, departement, region string
	population                                 any // int, or nil when the file does not say
}

// entier reads a count, nil when the field is empty; false when it is no count.
func (l ligneCSV) entier(colonne string) (any, bool) {
	v := l.val(colonne)
	if v == "" {
		return nil, true
	}
	n, err := strconv.ParseInt(v, 10, 32)
	if err != nil || n < 0 {
		return nil, false
	}
	return int32(n), true
}

const motifEntier = "un nombre entier était attendu"

// readCommunes reads today's communes, and the codes that lead to them: communes déléguées and associées,
// arrondissements municipaux, former codes. A code that is a commune today is that commune, whatever else bears it.
func readCommunes(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "code_insee", "nom", "type", "siren", "departement", "region", "population", "commune_parente", "anciens_codes"))
	if err != nil {
		return err
	}
	annuaire, err := c.annuaire(ctx)
	if err != nil {
		return err
	}
	var communes []communeLue
	actuelles, sirens := map[string]bool{}, map[string]bool{}
	for _, l := range toutes {
		if l.val("type") == communeActuelle {
			if commune, bad := checkCommune(l, annuaire, actuelles, sirens); bad != nil {
				c.refuse(bad)
			} else {
				communes = append(communes, commune)
			}
		}
	}
	type lien struct{ code, vers, nom string }
	var liens []lien
	pris := map[string]bool{}
	lier := func(l ligneCSV, colonne, code, vers, nom string) {
		switch err := identifiant.CheckCommune(code); {
		case err != nil:
			c.refuse(nouvelleAnomalie(f.nom, l.no, colonne, code, err.Error()))
		case !actuelles[vers]:
			c.refuse(l.refus("commune_parente", "cette commune n'est pas une commune actuelle du fichier"))
		case !actuelles[code] && !pris[code]:
			pris[code] = true
			liens = append(liens, lien{code, vers, nom})
		}
	}
	for _, l := range toutes {
		switch l.val("type") {
		case communeActuelle:
		case "commune-deleguee", "commune-associee", "arrondissement-municipal":
			if nom, bad := l.nom("nom"); bad != nil {
				c.refuse(bad)
			} else {
				lier(l, "code_insee", l.val("code_insee"), l.val("commune_parente"), nom)
			}
		default:
			c.refuse(l.refus("type", "ce type n'est pas connu (commune-actuelle, commune-deleguee, commune-associee ou arrondissement-municipal)"))
		}
	}
	for _, l := range toutes {
		if l.val("type") == communeActuelle {
			for _, ancien := range l.liste("anciens_codes") {
				lier(l, "anciens_codes", ancien, l.val("code_insee"), "")
			}
		}
	}
	territoires, err := c.territoires(ctx)
	if err != nil {
		return err
	}
	for _, m := range communes {
		if _, ok := territoires[cleTerritoire("DEPARTEMENT", m.departement)]; !ok {
			c.refuse(m.refus("departement", "ce département n'est pas connu : lisez d'abord les départements"))
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}

	source, err := c.source(ctx, sourceDecoupage())
	if err != nil {
		return err
	}
	if err := c.merge(ctx, fusion{
		table: "organisation",
		colonnes: []string{"cle", "genre", "siren", "nom", "nom_tri", "nature", "nature_juridique", "code_insee", "population",
			"departement", "region", "source_id"},
		cle: []string{"cle"},
	}, chaque(communes, func(m communeLue) []any {
		region := m.region
		if _, ok := territoires[cleTerritoire("REGION", region)]; !ok {
			region = "" // overseas collectivités are in no région
		}
		return []any{m.cle, "COLLECTIVITE", nul(m.siren), m.nom, texte.Normalize(m.nom), "COMMUNE", "COM", m.code, m.population,
			m.departement, region, source}
	})); err != nil {
		return err
	}
	if annuaire, err = c.annuaire(ctx); err != nil {
		return err
	}
	ids := make(map[string]int64, len(communes))
	codes := make([][]any, 0, len(communes)+len(liens))
	for _, m := range communes {
		o := annuaire.parCle[m.cle]
		ids[m.code] = o.id
		codes = append(codes, []any{"COMMUNE", m.code, o.id, !o.fondue, m.nom, nil})
	}
	for _, l := range liens {
		codes = append(codes, []any{"COMMUNE", l.code, ids[l.vers], false, nul(l.nom), nil})
	}
	if err := c.merge(ctx, fusionCodes("nom", "depuis"), slices.Values(codes)); err != nil {
		return err
	}
	if err := c.removeAbsorbees(ctx); err != nil {
		return err
	}
	if err := c.merge(ctx, fusionTerritoires("population", "organisation_id"), chaque(communes, func(m communeLue) []any {
		return []any{cleTerritoire("COMMUNE", m.code), "COMMUNE", m.code, m.nom, territoires[cleTerritoire("DEPARTEMENT", m.departement)], source,
			m.population, ids[m.code]}
	})); err != nil {
		return err
	}
	var noms []autreNom
	for _, l := range liens {
		if l.nom != "" {
			noms = append(noms, autreNom{ids[l.vers], l.nom})
		}
	}
	return c.addNoms(ctx, source, noms)
}

// removeAbsorbees keeps, inactive, the communes whose code leads to another one since this list: old documents name them.
// They are no territory any more.
func (c *chargement) removeAbsorbees(ctx context.Context) error {
	tag, err := c.tx.Exec(ctx, `
		UPDATE organisation o SET actif = false, code_insee = NULL FROM code_insee k
		WHERE o.nature = 'COMMUNE' AND k.nature = 'COMMUNE' AND k.code = o.code_insee AND k.organisation_id <> o.id`)
	if err != nil {
		return fmt.Errorf("communes absorbées : %w", err)
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	c.rapport.Corrections += int(tag.RowsAffected())
	c.modifiee("organisation")
	c.modifiee("territoire")
	_, err = c.tx.Exec(ctx, `
		DELETE FROM territoire t USING code_insee k
		WHERE t.type = 'COMMUNE' AND k.nature = 'COMMUNE' AND k.code = t.code AND NOT k.actuel`)
	return err
}

// fusionCodes writes official codes; the columns given as fige belong to another reader, who knows better.
func fusionCodes(fige ...string) fusion {
	return fusion{table: "code_insee", colonnes: []string{"nature", "code", "organisation_id", "actuel", "nom", "depuis"},
		cle: []string{"nature", "code"}, fige: fige}
}

// checkCommune checks the row of a current commune; vus and sirens are those of the rows before.
func checkCommune(l ligneCSV, annuaire *annuaire, vus, sirens map[string]bool) (communeLue, *Anomalie) {
	m := communeLue{ligneCSV: l, cle: "insee-" + l.val("code_insee"), code: l.val("code_insee"), siren: l.val("siren"),
		departement: l.val("departement"), region: l.val("region")}
	if err := identifiant.CheckCommune(m.code); err != nil {
		return m, l.refus("code_insee", err.Error())
	}
	var bad *Anomalie
	if m.nom, bad = l.nom("nom"); bad != nil {
		return m, bad
	}
	if vus[m.code] {
		return m, l.refus("code_insee", "cette commune figure deux fois")
	}
	if m.siren != "" {
		if err := identifiant.CheckSIREN(m.siren); err != nil {
			return m, l.refus("siren", err.Error())
		}
		if sirens[m.siren] {
			return m, l.refus("siren", "ce SIREN est déjà celui d'une autre commune du fichier")
		}
		sirens[m.siren] = true
		var err error
		if m.cle, err = annuaire.cle(m.siren, "COLLECTIVITE", "COMMUNE"); err != nil {
			return m, l.refus("siren", err.Error())
		}
	}
	var ok bool
	if m.population, ok = l.entier("population"); !ok {
		return m, l.refus("population", motifEntier)
	}
	vus[m.code] = true
	return m, nil
}
