package seed

import (
	"context"
	"slices"
	"strings"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// Nomenclatures of BANATIC: the codes of 2021 and those of 2025 do not mean the same.
const (
	nomenclature2021 = "banatic-2021"
	nomenclature2025 = "banatic-2025"
)

var fusionCompetences = fusion{table: "competence", colonnes: []string{"nomenclature", "code", "intitule"}, cle: []string{"nomenclature", "code"}}

// readCompetences reads the labels of the 2025 codes.
func readCompetences(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "code", "intitule"))
	if err != nil {
		return err
	}
	if _, err := c.source(ctx, sourceBANATIC2025()); err != nil {
		return err
	}
	var rangs [][]any
	vus := map[string]bool{}
	for _, l := range toutes {
		intitule, sansIntitule := l.nom("intitule")
		switch code := l.val("code"); {
		case !codeCompetence(code):
			c.refuse(l.refus("code", motifCompetence))
		case vus[code]:
			c.refuse(l.refus("code", "ce code figure deux fois"))
		case sansIntitule != nil:
			c.refuse(sansIntitule)
		default:
			vus[code] = true
			rangs = append(rangs, []any{nomenclature2025, code, intitule})
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.merge(ctx, fusionCompetences, slices.Values(rangs))
}

const motifCompetence = "un code de compétence compte quatre chiffres"

func codeCompetence(s string) bool {
	return len(s) == 4 && strings.Trim(s, "0123456789") == ""
}

// sigleConnu is a row of sigles.csv: what BANATIC's name does not say.
type sigleConnu struct{ sigle, autreNom, site string }

func siglesConnus() (map[string]sigleConnu, error) {
	sigles := map[string]sigleConnu{}
	for l, err := range readCSV(fichierEmbarque("sigles.csv"), ',', "siren", "sigle", "autre_nom", "site") {
		if err != nil {
			return nil, err
		}
		sigles[l.val("siren")] = sigleConnu{l.val("sigle"), l.val("autre_nom"), l.val("site")}
	}
	return sigles, nil
}

// groupementLu is a sound row of the file.
type groupementLu struct {
	ligneCSV
	cle, siren, nom string
	population      any
	fiscalite       bool // EPCI or EPT: named by the DGCL's file, which is more recent
	competences     []string
}

// readGroupements reads BANATIC's groupements. Syndicats come from here; for EPCI and EPT, already known by a more recent
// file, only the seat's département, the competences and former names do. A SIREN that fails its key is reported and left out of the
// row, which keeps a key of its own.
func readGroupements(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "siren", "nom", "nature", "departement", "region", "population", "competences"))
	if err != nil {
		return err
	}
	annuaire, err := c.annuaire(ctx)
	if err != nil {
		return err
	}
	territoires, err := c.territoires(ctx)
	if err != nil {
		return err
	}
	var groupements []groupementLu
	vus := map[string]bool{}
	for _, l := range toutes {
		g := groupementLu{ligneCSV: l, cle: l.val("siren"), siren: l.val("siren"),
			competences: l.liste("competences")}
		var sansNom *Anomalie
		g.nom, sansNom = l.nom("nom")
		var ok bool
		g.population, ok = l.entier("population")
		_, connu := territoires[cleTerritoire("DEPARTEMENT", l.val("departement"))]
		switch l.val("nature") {
		case "SIVU", "SMF", "SIVOM", "SMO", "PETR", "POLEM":
		case "CC", "CA", "CU", "METRO", "MET69", "EPT":
			g.fiscalite = true
			o, ok := annuaire.parSIREN[g.siren]
			g.cle = o.cle
			if !ok || o.nature != "EPCI" && o.nature != "EPT" {
				c.refuse(l.refus("siren", "cette intercommunalité n'est pas connue : lisez d'abord les EPCI et les EPT"))
				continue
			}
		default:
			c.refuse(l.refus("nature", "cette nature n'est pas connue (SIVU, SMF, SIVOM, SMO, PETR, POLEM, CC, CA, CU, METRO ou EPT)"))
			continue
		}
		switch {
		case identifiant.CheckSIREN(g.siren) == identifiant.ErrSIRENLongueur:
			c.refuse(l.refus("siren", identifiant.ErrSIRENLongueur.Error()))
			continue
		case vus[g.siren]:
			c.refuse(l.refus("siren", "ce SIREN figure deux fois"))
			continue
		case sansNom != nil:
			c.refuse(sansNom)
			continue
		case territoires[cleTerritoire("REGION", l.val("region"))] == 0:
			c.refuse(l.refus("region", "cette région n'est pas connue : lisez d'abord les régions"))
			continue
		case !connu:
			c.refuse(l.refus("departement", "ce département n'est pas connu : lisez d'abord les départements"))
			continue
		case !ok:
			c.refuse(l.refus("population", motifEntier))
			continue
		}
		for _, code := range g.competences {
			if !codeCompetence(code) {
				c.refuse(nouvelleAnomalie(f.nom, l.no, "competences", code, motifCompetence))
			}
		}
		vus[g.siren] = true
		if err := identifiant.CheckSIREN(g.siren); err != nil {
			c.report(l.no, "siren", g.siren, err.Error()+" ; le groupement est gardé sans SIREN")
			g.cle, g.siren = "banatic-"+g.siren, ""
		} else if !g.fiscalite {
			if g.cle, err = annuaire.cle(g.siren, "SYNDICAT", ""); err != nil {
				c.refuse(l.refus("siren", err.Error()))
			}
		}
		groupements = append(groupements, g)
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.writeGroupements(ctx, groupements, territoires)
}

func (c *chargement) writeGroupements(ctx context.Context, groupements []groupementLu, territoires map[string]int64) error {
	source, err := c.source(ctx, sourceBANATIC())
	if err != nil {
		return err
	}
	sigles, err := siglesConnus()
	if err != nil {
		return err
	}
	var syndicats, epci []groupementLu
	for _, g := range groupements {
		if g.fiscalite {
			epci = append(epci, g)
		} else {
			syndicats = append(syndicats, g)
		}
	}
	sigleDe := func(g groupementLu) string {
		if s := sigles[g.siren].sigle; s != "" {
			return s
		}
		return sigle(g.nom)
	}
	if err := c.merge(ctx, fusion{
		table: "organisation",
		colonnes: []string{"cle", "genre", "siren", "nom", "nom_tri", "sigle", "site", "forme", "nature_juridique", "population", "departement", "region",
			"source_id"},
		cle: []string{"cle"},
	}, chaque(syndicats, func(g groupementLu) []any {
		return []any{g.cle, "SYNDICAT", nul(g.siren), g.nom, texte.Normalize(g.nom), nul(sigleDe(g)), nul(sigles[g.siren].site), g.val("nature"),
			g.val("nature"), g.population, g.val("departement"), g.val("region"), source}
	})); err != nil {
		return err
	}
	if err := c.merge(ctx, fusion{
		table: "organisation", colonnes: []string{"cle", "departement", "region"}, cle: []string{"cle"},
	}, chaque(epci, func(g groupementLu) []any { return []any{g.cle, g.val("departement"), g.val("region")} })); err != nil {
		return err
	}
	var parents [][]any
	for _, g := range epci {
		if cle := cleTerritoire("EPCI", g.siren); territoires[cle] != 0 { // an EPT is no territory of its own
			parents = append(parents, []any{cle, territoires[cleTerritoire("DEPARTEMENT", g.val("departement"))]})
		}
	}
	if err := c.merge(ctx, fusion{table: "territoire", colonnes: []string{"cle", "parent_id"}, cle: []string{"cle"}}, slices.Values(parents)); err != nil {
		return err
	}
	annuaire, err := c.annuaire(ctx)
	if err != nil {
		return err
	}
	type competence struct {
		groupement int64
		code       string
	}
	var codes, exercees [][]any
	vus := map[string]bool{}
	exerce := map[competence]bool{} // two groupements may be one since
	for _, g := range groupements {
		for _, code := range g.competences {
			if !vus[code] {
				vus[code] = true
				var intitule any
				if code == "9930" { // deduced: the groupements that carry it alone are IT syndicats
					intitule = "NTIC (Internet, câble…)"
				}
				codes = append(codes, []any{nomenclature2021, code, intitule})
			}
			if k := (competence{annuaire.parCle[g.cle].id, code}); !exerce[k] {
				exerce[k] = true
				exercees = append(exercees, []any{k.groupement, nomenclature2021, code})
			}
		}
	}
	if err := c.merge(ctx, fusionCompetences, slices.Values(codes)); err != nil {
		return err
	}
	if err := c.merge(ctx, fusion{
		table: "competence_exercee", colonnes: []string{"organisation_id", "nomenclature", "code"}, cle: []string{"organisation_id", "nomenclature", "code"},
	}, slices.Values(exercees)); err != nil {
		return err
	}
	var noms []autreNom
	for _, g := range syndicats {
		id := annuaire.parCle[g.cle].id
		for _, nom := range []string{sigleDe(g), sigles[g.siren].autreNom} {
			if nom != "" {
				noms = append(noms, autreNom{id, nom})
			}
		}
	}
	for _, g := range epci { // renamed since: what BANATIC called it is a former name
		noms = append(noms, autreNom{annuaire.parCle[g.cle].id, g.nom})
	}
	return c.addNoms(ctx, source, noms)
}
