package seed

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

const (
	metropoleDeLyon      = "200046977"
	collectiviteDeCorse  = "200076958"
	collectiviteAlsace   = "200094332"
	departementDeMayotte = "229850003"
)

// ancienneRegion is a région of before 2016, which the source gives by its code alone.
type ancienneRegion struct{ nom, nouvelle string }

// anciennesRegions: law of 16 January 2015 on the boundaries of régions, in force on 1 January 2016.
func anciennesRegions() map[string]ancienneRegion {
	return map[string]ancienneRegion{
		"21": {"Champagne-Ardenne", "44"}, "22": {"Picardie", "32"}, "23": {"Haute-Normandie", "28"}, "25": {"Basse-Normandie", "28"},
		"26": {"Bourgogne", "27"}, "31": {"Nord-Pas-de-Calais", "32"}, "41": {"Lorraine", "44"}, "42": {"Alsace", "44"},
		"43": {"Franche-Comté", "27"}, "54": {"Poitou-Charentes", "75"}, "72": {"Aquitaine", "75"}, "73": {"Midi-Pyrénées", "76"},
		"74": {"Limousin", "75"}, "82": {"Rhône-Alpes", "84"}, "83": {"Auvergne", "84"}, "91": {"Languedoc-Roussillon", "76"},
	}
}

var (
	successeur = regexp.MustCompile(`\(([0-9]{9})\)`)
	dateEffet  = regexp.MustCompile(`au ([0-9]{4}-[0-9]{2}-[0-9]{2})`)
)

// autorite is a département, a région or one of the authorities that are both.
type autorite struct {
	ligneCSV
	cle, siren, nature, nom, court, code string
	actif                                bool
	departement, region                  string
}

// readSIRENDepartements reads who governs départements and régions, and what each official code leads to: Corsica,
// Alsace, Martinique, Guyane, Paris and the Métropole de Lyon have one authority where the codes are several or shared.
// A ceased SIREN stays, inactive and without a code, since old documents name it.
func readSIRENDepartements(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "siren", "niveau", "code_insee", "nom", "actif", "remarque"))
	if err != nil {
		return err
	}
	liaisons, regionDe := map[string]int{}, map[string]string{}
	for d, err := range readJSON[divisionJSON](fichierEmbarque("departements.json.gz"), "") {
		if err != nil {
			return err
		}
		liaisons[d.val.Code], regionDe[d.val.Code] = d.val.TypeLiaison, d.val.Region
	}
	annuaire, err := c.annuaire(ctx)
	if err != nil {
		return err
	}
	var autorites []autorite
	vus := map[string]bool{}
	for _, l := range toutes {
		a := autorite{ligneCSV: l, siren: l.val("siren"), code: l.val("code_insee"), court: l.val("nom"), actif: l.val("actif") == "1"}
		if err := identifiant.CheckSIREN(a.siren); err != nil {
			c.refuse(l.refus("siren", err.Error()))
			continue
		}
		if vus[a.siren] {
			c.refuse(l.refus("siren", "ce SIREN figure deux fois"))
			continue
		}
		vus[a.siren] = true
		switch l.val("niveau") {
		case "departement":
			if err := identifiant.CheckDepartement(a.code); err != nil {
				c.refuse(l.refus("code_insee", err.Error()))
				continue
			}
			a.nature, a.departement, a.region = "DEPARTEMENT", a.code, regionDe[a.code]
			a.nom = nomDepartement(a.court, liaisons[a.code])
			if a.siren == collectiviteAlsace {
				a.nom, a.departement, a.region = a.court, "67", regionDe["67"] // its seat is Strasbourg
			}
		case "region":
			if err := identifiant.CheckRegion(a.code); err != nil {
				c.refuse(l.refus("code_insee", err.Error()))
				continue
			}
			a.nature, a.region = "REGION", a.code
			if a.court == "" {
				a.court = anciennesRegions()[a.code].nom
				a.region = anciennesRegions()[a.code].nouvelle
			}
			a.nom = "Région " + strings.TrimPrefix(a.court, "La ")
			switch {
			case a.siren == collectiviteDeCorse:
				a.nom, a.departement = "Collectivité de Corse", "2A" // its seat is Ajaccio
			case a.actif && a.code == "02":
				a.nom, a.departement = a.court, "972"
			case a.actif && a.code == "03":
				a.nom, a.departement = a.court, "973"
			}
		case "commune", "collectivite-statut-particulier": // already there as a commune or an EPCI
			if _, ok := annuaire.parSIREN[a.siren]; !ok {
				c.refuse(l.refus("siren", "cette collectivité n'est pas connue : lisez d'abord les communes et les EPCI"))
			}
		default:
			c.refuse(l.refus("niveau", "ce niveau n'est pas connu (departement, region, commune ou collectivite-statut-particulier)"))
		}
		if bad := checkNom(a.court); a.nature != "" && bad != nil {
			c.refuse(l.refus("nom", bad.Error()))
		}
		if a.nature != "" {
			if a.cle, err = annuaire.cle(a.siren, "COLLECTIVITE", a.nature); err != nil {
				c.refuse(l.refus("siren", err.Error()))
			}
		}
		autorites = append(autorites, a)
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.writeAutorites(ctx, autorites)
}

func (c *chargement) writeAutorites(ctx context.Context, autorites []autorite) error {
	source, err := c.source(ctx, sourceSIREN())
	if err != nil {
		return err
	}
	population, err := c.populations(ctx)
	if err != nil {
		return err
	}
	var propres []autorite
	for _, a := range autorites {
		if a.nature != "" {
			propres = append(propres, a)
		}
	}
	if err := c.merge(ctx, fusion{
		table: "organisation",
		colonnes: []string{"cle", "genre", "siren", "nom", "nom_tri", "nature", "code_insee", "population", "departement", "region",
			"actif", "remarque", "source_id"},
		cle: []string{"cle"},
	}, chaque(propres, func(a autorite) []any {
		var code, habitants any
		if a.actif {
			code, habitants = a.code, population.de(a)
		}
		return []any{a.cle, "COLLECTIVITE", a.siren, a.nom, texte.Normalize(a.nom), a.nature, code, habitants, a.departement, a.region,
			a.actif, nul(a.val("remarque")), source}
	})); err != nil {
		return err
	}
	annuaire, err := c.annuaire(ctx)
	if err != nil {
		return err
	}
	if err := c.writeCodes(ctx, annuaire, autorites); err != nil {
		return err
	}
	if annuaire, err = c.annuaire(ctx); err != nil {
		return err
	}
	var noms []autreNom
	for _, a := range autorites {
		if a.actif {
			noms = append(noms, autreNom{annuaire.parSIREN[a.siren].id, a.court})
		}
	}
	if err := c.addNoms(ctx, source, noms); err != nil {
		return err
	}
	return c.gouverner(ctx, annuaire, population)
}

// writeCodes writes what every code of département and région leads to.
func (c *chargement) writeCodes(ctx context.Context, annuaire *annuaire, autorites []autorite) error {
	var rangs [][]any
	pris := map[codeOfficiel]bool{}
	write := func(a autorite, nature, code string, id int64, actuel bool, depuis any) {
		if annuaire.parSIREN[a.siren].fondue {
			c.rapport.Inchanges++ // the merger said what its code leads to
			return
		}
		if pris[codeOfficiel{nature, code}] {
			c.refuse(nouvelleAnomalie(c.fichier.nom, a.no, "code_insee", code, "ce code mène déjà à une autre collectivité du fichier"))
			return
		}
		pris[codeOfficiel{nature, code}] = true
		nom := a.court
		rangs = append(rangs, []any{nature, code, id, actuel, nom, depuis})
	}
	regions := map[string]int64{}
	for _, a := range autorites {
		if a.actif && a.nature == "REGION" {
			regions[a.code] = annuaire.parSIREN[a.siren].id
		}
	}
	for _, a := range autorites {
		id := annuaire.parSIREN[a.siren].id
		switch {
		case a.siren == metropoleDeLyon:
			write(a, "DEPARTEMENT", a.code, id, true, nil)
		case a.nature == "":
			// Paris: the row of the ceased département says to whom its code leads.
		case a.actif:
			write(a, a.nature, a.code, id, true, nil)
			if a.siren == departementDeMayotte {
				write(a, "REGION", a.region, id, true, nil) // it is the région as well
			}
		case a.nature == "REGION" && anciennesRegions()[a.code].nouvelle != "":
			nouvelle, ok := regions[anciennesRegions()[a.code].nouvelle]
			if !ok {
				c.report(a.no, "code_insee", a.code, "la région qui a succédé à celle-ci n'est pas dans le fichier : son code ne mène à personne")
				continue
			}
			write(a, "REGION", a.code, nouvelle, false, time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC))
		case a.nature == "DEPARTEMENT":
			m := successeur.FindStringSubmatch(a.val("remarque"))
			if m == nil {
				c.report(a.no, "remarque", a.val("remarque"), "la remarque ne dit pas quel SIREN succède à ce département : son code ne mène à personne")
				continue
			}
			nouveau, ok := annuaire.parSIREN[m[1]]
			if !ok {
				c.report(a.no, "remarque", m[1], "le successeur de ce département n'est pas connu : son code ne mène à personne")
				continue
			}
			var depuis any
			if d := dateEffet.FindStringSubmatch(a.val("remarque")); d != nil {
				if jour, err := time.Parse(time.DateOnly, d[1]); err == nil {
					depuis = jour
				}
			}
			seul := a.code == "75" || a.code == "972" || a.code == "973" // the authority that took over has this code alone
			write(a, "DEPARTEMENT", a.code, nouveau.id, seul, depuis)
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.merge(ctx, fusionCodes(), slices.Values(rangs))
}

// habitants are sums of the populations of communes, of their territories rather than of the organisations: a merger
// that a client asked for leaves those alone.
type habitants struct {
	france      int64
	region      map[string]int64
	departement map[string]int64
	horsLyon    map[string]int64 // without the communes of the Métropole de Lyon, which has a département's powers
}

func (c *chargement) populations(ctx context.Context) (*habitants, error) {
	h := &habitants{0, map[string]int64{}, map[string]int64{}, map[string]int64{}}
	rows, err := c.tx.Query(ctx, `
		SELECT d.code, CASE WHEN r.type = 'REGION' THEN r.code ELSE '' END, coalesce(sum(t.population), 0),
		       coalesce(sum(t.population) FILTER (WHERE a.id IS NULL), 0)
		FROM territoire t JOIN territoire d ON d.id = t.parent_id JOIN territoire r ON r.id = d.parent_id
		LEFT JOIN organisation g ON g.siren = $1
		LEFT JOIN adhesion a ON a.groupement_id = g.id AND a.membre_id = t.organisation_id AND a.fin IS NULL
		WHERE t.type = 'COMMUNE'
		GROUP BY 1, 2`, metropoleDeLyon)
	if err != nil {
		return nil, fmt.Errorf("populations : %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var departement, region string
		var tous, hors int64
		if err := rows.Scan(&departement, &region, &tous, &hors); err != nil {
			return nil, err
		}
		h.france += tous
		h.departement[departement] += tous
		h.horsLyon[departement] += hors
		if region != "" {
			h.region[region] += tous
		}
	}
	return h, rows.Err()
}

func (h *habitants) de(a autorite) int64 {
	switch {
	case a.siren == collectiviteAlsace:
		return h.departement["67"] + h.departement["68"]
	case a.nature == "REGION":
		return h.region[a.code]
	default:
		return h.horsLyon[a.code]
	}
}

// gouverner tells each territory its population and who governs it. The Rhône has two authorities, so none is given.
func (c *chargement) gouverner(ctx context.Context, annuaire *annuaire, h *habitants) error {
	territoires, err := c.territoires(ctx)
	if err != nil {
		return err
	}
	var rangs [][]any
	add := func(cle string, population int64, organisation any) {
		if _, ok := territoires[cle]; ok {
			rangs = append(rangs, []any{cle, population, organisation})
		}
	}
	add(france, h.france, nil)
	for code, population := range h.region {
		add(cleTerritoire("REGION", code), population, nul(annuaire.parCode[codeOfficiel{"REGION", code}].id))
	}
	for code, population := range h.departement {
		organisation := nul(annuaire.parCode[codeOfficiel{"DEPARTEMENT", code}].id)
		if code == "69" {
			organisation = nil
		}
		add(cleTerritoire("DEPARTEMENT", code), population, organisation)
	}
	return c.merge(ctx, fusion{table: "territoire", colonnes: []string{"cle", "population", "organisation_id"}, cle: []string{"cle"}},
		slices.Values(rangs))
}
