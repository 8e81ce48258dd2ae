package seed

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/domain/cog"
)

// readMouvements reads INSEE's log of communes as published, then leads every code that no longer is a commune to
// today's one, and gives communes their former names.
func readMouvements(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "MOD", "DATE_EFF", "TYPECOM_AV", "COM_AV", "LIBELLE_AV", "TYPECOM_AP", "COM_AP", "LIBELLE_AP"))
	if err != nil {
		return err
	}
	source, err := c.source(ctx, sourceCOG())
	if err != nil {
		return err
	}
	mouvements := make([]cog.Mouvement, 0, len(toutes))
	// The row without its names: the key of the table.
	cle := func(m cog.Mouvement) cog.Mouvement {
		m.NomAvant, m.NomApres = "", ""
		return m
	}
	vus := map[cog.Mouvement]bool{}
	lignesDe := map[string]int{}
	for _, l := range toutes {
		m := cog.Mouvement{TypeAvant: l.val("TYPECOM_AV"), CodeAvant: l.val("COM_AV"), NomAvant: l.val("LIBELLE_AV"),
			TypeApres: l.val("TYPECOM_AP"), CodeApres: l.val("COM_AP"), NomApres: l.val("LIBELLE_AP")}
		if m.Type, err = strconv.Atoi(l.val("MOD")); err != nil || m.Type < 0 || m.Type > 99 {
			c.refuse(l.refus("MOD", "un type de mouvement de l'INSEE était attendu (deux chiffres)"))
			continue
		}
		if m.Date, err = time.Parse(time.DateOnly, l.val("DATE_EFF")); err != nil {
			c.refuse(l.refus("DATE_EFF", "une date était attendue (AAAA-MM-JJ)"))
			continue
		}
		if len(m.CodeApres) != 5 || m.CodeAvant != "" && len(m.CodeAvant) != 5 {
			c.refuse(l.refus("COM_AP", "un code de commune était attendu (cinq caractères)"))
			continue
		}
		if !typeCommune(m.TypeAvant) || !typeCommune(m.TypeApres) {
			c.refuse(l.refus("TYPECOM_AP", "un type de commune de l'INSEE était attendu (COM, COMA, COMD ou ARM)"))
			continue
		}
		if len(m.NomAvant) > longueurNom || len(m.NomApres) > longueurNom {
			c.refuse(l.refus("LIBELLE_AP", "ce nom est trop long"))
			continue
		}
		if vus[cle(m)] {
			continue
		}
		vus[cle(m)] = true
		lignesDe[m.CodeAvant] = l.no
		mouvements = append(mouvements, m)
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	if err := c.merge(ctx, fusion{
		table:    "mouvement_commune",
		colonnes: []string{"date_effet", "type", "type_avant", "code_avant", "nom_avant", "type_apres", "code_apres", "nom_apres"},
		cle:      []string{"date_effet", "type", "type_avant", "code_avant", "type_apres", "code_apres"},
	}, chaque(mouvements, func(m cog.Mouvement) []any {
		return []any{m.Date, m.Type, m.TypeAvant, m.CodeAvant, m.NomAvant, m.TypeApres, m.CodeApres, m.NomApres}
	})); err != nil {
		return err
	}

	actuels, fondus, connus, err := c.codesCommunes(ctx)
	if err != nil {
		return err
	}
	suites := cog.Suites(mouvements)
	menent := map[string]int64{} // every code of the log that leads to one organisation
	var codes [][]any
	for _, code := range slices.Sorted(maps.Keys(suites)) {
		if actuels[code] {
			continue
		}
		if fondus[code] {
			menent[code] = connus[code]
			c.rapport.Inchanges++
			continue
		}
		s := suites[code]
		var cibles []int64
		for _, vers := range s.Codes {
			if id, ok := connus[vers]; ok && !slices.Contains(cibles, id) {
				cibles = append(cibles, id)
			}
		}
		switch len(cibles) {
		case 1:
			cible, depuis := cibles[0], any(s.Depuis)
			if !actuels[s.Codes[0]] {
				depuis = nil // the log stops before the last merger, which the list of communes knows without its date
			}
			if id, ok := connus[code]; ok && id != cible {
				// A commune nouvelle was undone, which of its parts kept this one the log does not say: today's list does.
				cible, depuis = id, nil
			}
			menent[code] = cible
			codes = append(codes, []any{"COMMUNE", code, cible, false, s.Nom, depuis})
		default:
			if id, ok := connus[code]; ok { // a territory shared out, of which today's list says who took the code over
				menent[code] = id
				codes = append(codes, []any{"COMMUNE", code, id, false, s.Nom, nil})
				continue
			}
			motif := "ce code ne mène à aucune commune d'aujourd'hui"
			if len(cibles) > 1 {
				motif = "le territoire de cette commune a été partagé : son code ne mène à personne"
			}
			c.report(lignesDe[code], "COM_AV", code, motif+" (suite : "+strings.Join(s.Codes, ", ")+")")
		}
	}
	if err := c.merge(ctx, fusionCodes("organisation_id", "actuel"), slices.Values(codes)); err != nil {
		return err
	}
	var noms []autreNom
	for _, n := range cog.AnciensNoms(mouvements) {
		id, ok := menent[n.Code]
		if !ok && actuels[n.Code] {
			id, ok = connus[n.Code], true
		}
		if ok {
			noms = append(noms, autreNom{id, n.Nom})
		}
	}
	return c.addNoms(ctx, source, noms)
}

func typeCommune(s string) bool {
	switch s {
	case "", "COM", "COMA", "COMD", "ARM":
		return true
	}
	return false
}

// codesCommunes reads which codes are communes today, which ones a merger moved, and to which organisation each known code
// leads.
func (c *chargement) codesCommunes(ctx context.Context) (actuels, fondus map[string]bool, connus map[string]int64, err error) {
	actuels, fondus, connus = map[string]bool{}, map[string]bool{}, map[string]int64{}
	rows, err := c.tx.Query(ctx, `SELECT code, organisation_id, actuel, NOT actuel AND EXISTS (SELECT FROM organisation_fusionnee f
		WHERE f.organisation_id = k.organisation_id AND f.date_effet = k.depuis) FROM code_insee k WHERE nature = 'COMMUNE'`)
	if err != nil {
		return nil, nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var code string
		var id int64
		var actuel, fondu bool
		if err := rows.Scan(&code, &id, &actuel, &fondu); err != nil {
			return nil, nil, nil, err
		}
		connus[code] = id
		if actuel {
			actuels[code] = true
		}
		if fondu {
			fondus[code] = true
		}
	}
	return actuels, fondus, connus, rows.Err()
}
