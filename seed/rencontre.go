package seed

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// cleRencontre and cleIntervention are the public keys behind those of the files.
func cleRencontre(cle string) string    { return identifiant.UUID("rencontre", cle) }
func cleIntervention(cle string) string { return identifiant.UUID("intervention", cle) }

// designe finds the row that a column names: nil when the column is empty; one that is not known is refused.
func (c *chargement) designe(l ligneCSV, colonne string, ids map[string]int64, cle string) (any, bool) {
	if l.val(colonne) == "" {
		return nil, true
	}
	id, ok := ids[cle]
	if !ok {
		c.refuse(l.refus(colonne, "« "+l.val(colonne)+" » n'est pas connu : lisez d'abord le fichier qui le décrit"))
		return nil, false
	}
	return id, true
}

// slugDe reads the key of a line, refused when it is not written as one or comes twice.
func (c *chargement) slugDe(l ligneCSV, vus map[string]bool) (string, bool) {
	cle := l.val("cle")
	switch {
	case cle == "" || cle != identifiant.Slug(cle) || len(cle) > longueurNom:
		c.refuse(l.refus("cle", "la clé s'écrit en lettres sans accent, chiffres et tirets, 600 au plus"))
	case vus[cle]:
		c.refuse(l.refus("cle", "cette clé figure deux fois"))
	default:
		vus[cle] = true
		return cle, true
	}
	return "", false
}

// longueurTexte is the longest text read, in bytes.
const longueurTexte = 10_000

// long reads a text, nil when the field is empty; one that is too long is refused.
func (c *chargement) long(l ligneCSV, colonne string) any {
	if len(l.val(colonne)) > longueurTexte {
		c.refuse(l.refus(colonne, "ce texte dépasse 10 000 caractères"))
	}
	return nul(l.val(colonne))
}

// compte is nombre, for what is one at least.
func (c *chargement) compte(l ligneCSV, colonne string) any {
	n := c.nombre(l, colonne)
	if n == int32(0) {
		c.refuse(l.refus(colonne, "un nombre d'au moins 1 était attendu ; s'il n'est pas connu, laissez vide"))
	}
	return n
}

// enumeree reads a value of an enumeration; any other is refused.
func (c *chargement) enumeree(l ligneCSV, colonne string, valeurs ...string) string {
	c.parmi(l, colonne, valeurs...)
	return l.val(colonne)
}

// named reads the key, the name and the source that such a line begins with.
func (r *references) named(ctx context.Context, l ligneCSV, vus map[string]bool, colonneNom string) (cle, nom string, source int64, ok bool, err error) {
	cle, ok = r.c.slugDe(l, vus)
	nom, sans := l.nom(colonneNom)
	if sans != nil {
		r.c.refuse(sans)
		ok = false
	}
	s, err := r.source(ctx, l, "source")
	return cle, nom, s.id, ok && s.id != 0, err
}

// organisationParCle finds an organisation by its SIREN or its key; one that is not known is refused.
func (r *references) organisationParCle(l ligneCSV, colonne, cle string) (int64, bool) {
	o, ok := r.annuaire.designee(cle)
	if !ok {
		r.c.refuse(l.refus(colonne, "« "+cle+" » : cet organisme n'est pas connu"))
	}
	return o.id, ok
}

// readReseaux reads networks of companies and users of free software.
func readReseaux(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "cle", "nom", "sigle", "genre", "region", "organisation", "site", "description", "source"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	var rangs [][]any
	vus := map[string]bool{}
	for _, l := range toutes {
		cle, nom, source, ok, err := r.named(ctx, l, vus, "nom")
		if err != nil {
			return err
		}
		genre := c.enumeree(l, "genre", "FEDERATION", "ASSOCIATION_REGIONALE", "ASSOCIATION", "POLE", "GROUPE_THEMATIQUE")
		if region := l.val("region"); region != "" && identifiant.CheckRegion(region) != nil {
			c.refuse(l.refus("region", identifiant.CheckRegion(region).Error()))
		}
		var organisation any
		if l.val("organisation") != "" {
			id, connue := r.organisationParCle(l, "organisation", l.val("organisation"))
			organisation, ok = id, ok && connue
		}
		if ok {
			rangs = append(rangs, []any{cle, nom, texte.Normalize(nom), nul(l.val("sigle")), genre, l.val("region"), organisation, nul(l.val("site")), c.long(l, "description"), source})
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.merge(ctx, fusion{table: "reseau", cle: []string{"cle"},
		colonnes: []string{"cle", "nom", "nom_tri", "sigle", "genre", "region", "organisation_id", "site", "description", "source_id"}}, slices.Values(rangs))
}

// readAppartenances reads which networks are members or parts of others.
func readAppartenances(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "reseau", "federation", "genre", "source"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	reseaux, err := c.cles(ctx, "reseau")
	if err != nil {
		return err
	}
	var rangs [][]any
	vus := map[[2]any]bool{}
	for _, l := range toutes {
		reseau, ok := c.designe(l, "reseau", reseaux, l.val("reseau"))
		federation, ok2 := c.designe(l, "federation", reseaux, l.val("federation"))
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		genre := c.enumeree(l, "genre", "MEMBRE", "PARTIE")
		switch k := [2]any{reseau, federation}; {
		case !ok || !ok2:
		case reseau == nil || federation == nil || reseau == federation:
			c.refuse(l.refus("reseau", "il faut deux réseaux, distincts"))
		case vus[k]:
			c.refuse(l.refus("reseau", "cette appartenance figure deux fois"))
		default:
			vus[k] = true
			rangs = append(rangs, []any{reseau, federation, genre, source.id})
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.merge(ctx, fusion{table: "reseau_lien", cle: []string{"reseau_id", "federation_id"},
		colonnes: []string{"reseau_id", "federation_id", "genre", "source_id"}}, slices.Values(rangs))
}

// readSeriesRencontres reads series of events.
func readSeriesRencontres(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "cle", "nom", "sigle", "site", "public", "description", "source"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	var rangs [][]any
	vus := map[string]bool{}
	for _, l := range toutes {
		cle, nom, source, ok, err := r.named(ctx, l, vus, "nom")
		if err != nil {
			return err
		}
		if ok {
			rangs = append(rangs, []any{cle, nom, texte.Normalize(nom), nul(l.val("sigle")), nul(l.val("site")), c.long(l, "public"), c.long(l, "description"), source})
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.merge(ctx, fusion{table: "serie_rencontres", cle: []string{"cle"},
		colonnes: []string{"cle", "nom", "nom_tri", "sigle", "site", "public", "description", "source_id"}}, slices.Values(rangs))
}

// readRencontres reads events, who organises them and the needs to which they bring answers. One that takes place within
// another may come before it in the file.
func readRencontres(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "cle", "serie", "nom", "lieu", "commune", "debut", "fin", "site", "cadre", "frequentation", "frequentation_compte",
		"frequentation_source", "description", "public", "themes", "besoins", "organisateurs", "source"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	series, err := c.cles(ctx, "serie_rencontres")
	if err != nil {
		return err
	}
	seules, dedans := [][]any{}, []ligneCSV{}
	rangs := map[string][]any{}
	vus := map[string]bool{}
	for _, l := range toutes {
		cle, nom, source, ok, err := r.named(ctx, l, vus, "nom")
		if err != nil {
			return err
		}
		serie, connue := c.designe(l, "serie", series, l.val("serie"))
		debut, precision := c.jourPartiel(l, "debut")
		if debut == nil {
			c.refuse(l.refus("debut", "la date manque"))
		}
		fin := c.jour(l, "fin")
		if f, connue := fin.(time.Time); connue {
			if d, connu := debut.(time.Time); precision != "JOUR" || connu && f.Before(d) {
				c.refuse(l.refus("fin", "la fin ne se donne qu'avec un premier jour, qu'elle ne précède pas"))
			}
		}
		if l.val("cadre") == cle && cle != "" {
			c.refuse(l.refus("cadre", "une rencontre ne se tient pas dans elle-même"))
		}
		var commune, venus, compte, sourceVenus any
		if code := l.val("commune"); code != "" {
			o, trouvee := r.annuaire.parCode[codeOfficiel{"COMMUNE", code}]
			if !trouvee {
				c.refuse(l.refus("commune", "ce code n'est celui d'aucune commune"))
			}
			commune = o.id
		}
		if venus = c.compte(l, "frequentation"); venus != nil {
			if compte = nul(l.val("frequentation_compte")); compte == nil {
				c.refuse(l.refus("frequentation_compte", "dites ce que le nombre compte"))
			}
			s, err := r.source(ctx, l, "frequentation_source")
			if err != nil {
				return err
			}
			sourceVenus = s.id
		}
		if !ok || !connue {
			continue
		}
		rangs[cle] = []any{cleRencontre(cle), serie, nom, c.long(l, "lieu"), commune, debut, precision, fin, nul(l.val("site")), venus, compte, sourceVenus,
			c.long(l, "description"), c.long(l, "public"), textes(l.liste("themes")), source, nil}
		if l.val("cadre") == "" {
			seules = append(seules, rangs[cle])
		} else {
			dedans = append(dedans, l)
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	m := fusion{table: "rencontre", cle: []string{"cle"}, colonnes: []string{"cle", "serie_id", "nom", "lieu", "commune_id", "debut", "precision_debut", "fin", "site",
		"frequentation", "frequentation_compte", "frequentation_source_id", "description", "public", "themes", "source_id", "cadre_id"}}
	if err := c.merge(ctx, m, slices.Values(seules)); err != nil {
		return err
	}
	ids, err := c.cles(ctx, "rencontre")
	if err != nil {
		return err
	}
	var dans [][]any
	for _, l := range dedans {
		rang := rangs[l.val("cle")]
		rang[len(rang)-1], _ = c.designe(l, "cadre", ids, cleRencontre(l.val("cadre")))
		dans = append(dans, rang)
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	if err := c.merge(ctx, m, slices.Values(dans)); err != nil {
		return err
	}
	return r.liensRencontres(ctx, toutes)
}

// textes is a list that is never null.
func textes(liste []string) []string { return append([]string{}, liste...) }

// liensRencontres reads who organises the events of the lines, and their needs. An organiser is « [ROLE=]reseau:clé »,
// or « [ROLE=] » and a SIREN or the key of an organisation.
func (r *references) liensRencontres(ctx context.Context, toutes []ligneCSV) error {
	c := r.c
	ids, err := c.cles(ctx, "rencontre")
	if err != nil {
		return err
	}
	reseaux, err := c.cles(ctx, "reseau")
	if err != nil {
		return err
	}
	categories, err := c.categories(ctx)
	if err != nil {
		return err
	}
	var organisateurs, besoins [][]any
	for _, l := range toutes {
		id := ids[cleRencontre(l.val("cle"))]
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		vus := map[[2]any]bool{}
		for _, o := range l.liste("organisateurs") {
			role, qui, dit := strings.Cut(o, "=")
			if !dit {
				role, qui = "ORGANISATEUR", o
			}
			if !slices.Contains([]string{"ORGANISATEUR", "PARTENAIRE", "SOUTIEN"}, role) {
				c.refuse(l.refus("organisateurs", "rôles admis : ORGANISATEUR, PARTENAIRE, SOUTIEN"))
			}
			var organisation, reseau any
			if cle, estReseau := strings.CutPrefix(qui, "reseau:"); estReseau {
				n, ok := reseaux[cle]
				if !ok {
					c.refuse(l.refus("organisateurs", "« "+cle+" » : ce réseau n'est pas connu"))
				}
				reseau = n
			} else {
				organisation, _ = r.organisationParCle(l, "organisateurs", qui)
			}
			if k := [2]any{organisation, reseau}; !vus[k] { // two may have merged
				vus[k] = true
				organisateurs = append(organisateurs, []any{id, organisation, reseau, role, source.id})
			}
		}
		for _, code := range l.liste("besoins") {
			categorie, ok := categories[code]
			if !ok {
				c.refuse(l.refus("besoins", "« "+code+" » n'est pas le code d'une catégorie"))
				continue
			}
			besoins = append(besoins, []any{id, categorie})
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	if err := c.merge(ctx, fusion{table: "rencontre_organisateur", cle: []string{"rencontre_id"}, cleNulle: []string{"organisation_id", "reseau_id"}, muet: true,
		colonnes: []string{"rencontre_id", "organisation_id", "reseau_id", "role", "source_id"}}, slices.Values(organisateurs)); err != nil {
		return err
	}
	return c.merge(ctx, fusion{table: "rencontre_besoin", cle: []string{"rencontre_id", "categorie_id"}, muet: true,
		colonnes: []string{"rencontre_id", "categorie_id"}}, slices.Values(besoins))
}

var heure = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

// aHeure reads an hour of the day, nil when the field is empty; a bad one is refused.
func (c *chargement) aHeure(l ligneCSV, colonne string) any {
	v := l.val(colonne)
	if v != "" && !heure.MatchString(v) {
		c.refuse(l.refus(colonne, "une heure était attendue (HH:MM)"))
	}
	return nul(v)
}

// intervenants reads « Nom (qualité)|Nom », as the JSON of the column.
func intervenants(l ligneCSV) string {
	type intervenant struct {
		Nom     string `json:"nom"`
		Qualite string `json:"qualite,omitempty"`
	}
	all := []intervenant{}
	for _, p := range l.liste("intervenants") {
		nom, qualite, _ := strings.Cut(strings.TrimSuffix(p, ")"), " (")
		all = append(all, intervenant{nom, qualite})
	}
	b, _ := json.Marshal(all) // texts alone
	return string(b)
}

// readInterventions reads the sessions of events, with the organisations and the software that they are about.
func readInterventions(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "cle", "rencontre", "titre", "genre", "jour", "debut", "fin", "rang", "resume", "salle", "intervenants",
		"organisations", "logiciels", "themes", "site", "supports", "source"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	rencontres, err := c.cles(ctx, "rencontre")
	if err != nil {
		return err
	}
	var rangs [][]any
	vus := map[string]bool{}
	for _, l := range toutes {
		cle, titre, source, ok, err := r.named(ctx, l, vus, "titre")
		if err != nil {
			return err
		}
		rencontre, connue := c.designe(l, "rencontre", rencontres, cleRencontre(l.val("rencontre")))
		if rencontre == nil && connue {
			c.refuse(l.refus("rencontre", "la rencontre manque"))
		}
		genre := c.enumeree(l, "genre", "CONFERENCE", "TABLE_RONDE", "RETOUR_EXPERIENCE", "ATELIER", "PLENIERE", "DEMONSTRATION", "AUTRE")
		debut, fin := c.aHeure(l, "debut"), c.aHeure(l, "fin")
		if fin != nil && debut == nil {
			c.refuse(l.refus("fin", "l'heure de début manque"))
		}
		if ok && connue {
			rangs = append(rangs, []any{cleIntervention(cle), rencontre, titre, genre, c.jour(l, "jour"), debut, fin, c.compte(l, "rang"), c.long(l, "resume"),
				nul(l.val("salle")), intervenants(l), textes(l.liste("themes")), nul(l.val("site")), textes(l.liste("supports")), source})
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	if err := c.merge(ctx, fusion{table: "intervention", cle: []string{"cle"}, colonnes: []string{"cle", "rencontre_id", "titre", "genre", "jour", "debut", "fin", "rang",
		"resume", "salle", "intervenants", "themes", "site", "supports", "source_id"}}, slices.Values(rangs)); err != nil {
		return err
	}
	ids, err := c.cles(ctx, "intervention")
	if err != nil {
		return err
	}
	var organisations, logiciels [][]any
	lies := map[[3]any]bool{}
	lie := func(liens *[][]any, genre string, de, vers int64) {
		if k := [3]any{genre, de, vers}; !lies[k] { // two may have merged
			lies[k] = true
			*liens = append(*liens, []any{de, vers})
		}
	}
	for _, l := range toutes {
		id := ids[cleIntervention(l.val("cle"))]
		for _, cle := range l.liste("organisations") {
			if o, ok := r.organisationParCle(l, "organisations", cle); ok {
				lie(&organisations, "organisation", id, o)
			}
		}
		for _, slug := range l.liste("logiciels") {
			if x, ok := r.logiciels.parSlug[slug]; ok {
				lie(&logiciels, "logiciel", id, x.id)
			} else {
				c.report(l.no, "logiciels", slug, "ce logiciel n'est pas connu : le fait est repris sans lui")
			}
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	if err := c.merge(ctx, fusion{table: "intervention_organisation", cle: []string{"intervention_id", "organisation_id"}, muet: true,
		colonnes: []string{"intervention_id", "organisation_id"}}, slices.Values(organisations)); err != nil {
		return err
	}
	return c.merge(ctx, fusion{table: "intervention_logiciel", cle: []string{"intervention_id", "logiciel_id"}, muet: true,
		colonnes: []string{"intervention_id", "logiciel_id"}}, slices.Values(logiciels))
}
