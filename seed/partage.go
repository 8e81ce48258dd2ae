package seed

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/rencontre"
)

// parmi tells whether a value of a column is one of an enumeration; any other is refused.
func (c *chargement) parmi(l ligneCSV, colonne string, valeurs ...string) bool {
	if slices.Contains(valeurs, l.val(colonne)) {
		return true
	}
	c.refuse(l.refus(colonne, "l'une de ces valeurs était attendue : "+strings.Join(valeurs, ", ")))
	return false
}

// languePlausible is the form of a language tag, as the database holds it.
var languePlausible = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z]{2})?$`)

// adresse tells whether a column holds a web address, or nothing; any other text is refused.
func (c *chargement) adresse(l ligneCSV, colonne string) bool {
	v := l.val(colonne)
	if _, ok := adresseWeb(v); v == "" || ok && len(v) <= 500 {
		return true
	}
	c.refuse(l.refus(colonne, "une adresse http ou https de 500 caractères au plus était attendue"))
	return false
}

// dit reads a text that must be there and not longer than max characters.
func (c *chargement) dit(l ligneCSV, colonne string, max int) (string, bool) {
	v := l.val(colonne)
	if n := len([]rune(v)); n == 0 || n > max {
		c.refuse(l.refus(colonne, "ce texte manque, ou est trop long"))
		return "", false
	}
	return v, true
}

// eurosEntiers reads an amount in whole euros, in cents; nil when the field is empty.
func (c *chargement) eurosEntiers(l ligneCSV, colonne string) any {
	n := c.nombre(l, colonne)
	if euros, ok := n.(int32); ok {
		return int64(euros) * 100
	}
	return n
}

// slug finds a software by its slug; one that is not known is reported.
func (r *references) slug(l ligneCSV, colonne, slug string) (logicielConnu, bool) {
	x, ok := r.logiciels.parSlug[slug]
	if !ok {
		r.c.report(l.no, colonne, slug, "ce logiciel n'est pas connu : ligne non reprise")
	}
	return x, ok
}

// cle finds an organisation by its SIREN or its key; one that is not known is reported.
func (r *references) cle(l ligneCSV, colonne, cle string) (organisationConnue, bool) {
	o, ok := r.annuaire.designee(cle)
	if !ok {
		r.c.report(l.no, colonne, cle, "cet organisme n'est pas connu : ligne non reprise")
	}
	return o, ok
}

// readRetours reads experiences told in documents, summed up in our own words: whose it is (SIREN or key), titre, resume,
// themes (|), date as precise as the source, and what it is about: autres_organisations and logiciels (|), usages (slugs of
// what the organisation uses), economies (the texts of the sources that tell of its savings), faits (names of facts about the
// organisation, « slug:nom » about a software, « sujet=texte » for all those about a subject). What is named and not known is reported.
func readRetours(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "organisation", "titre", "resume", "themes", "date", "autres_organisations", "logiciels", "usages", "economies", "faits", "source"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	type lien struct {
		cle   string
		ids   [5]any // organisation, logiciel, usage, economie, fait
		ligne ligneCSV
	}
	var rangs [][]any
	var liens []lien
	vus := map[string]bool{}
	for _, l := range toutes {
		o, ok := r.cle(l, "organisation", l.val("organisation"))
		titre, ok2 := c.dit(l, "titre", 200)
		resume, ok3 := c.dit(l, "resume", 4000)
		if !ok || !ok2 || !ok3 {
			continue
		}
		themes := l.liste("themes")
		if len(themes) == 0 || slices.ContainsFunc(themes, func(t string) bool { return !slices.Contains(themesRetour, t) }) {
			c.refuse(l.refus("themes", "un au moins de ces thèmes était attendu, et eux seuls : "+strings.Join(themesRetour, ", ")))
			continue
		}
		slices.Sort(themes)
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		date, precision := c.jourPartiel(l, "date")
		if date == nil {
			c.refuse(l.refus("date", "la date manque"))
			continue
		}
		cle := identifiant.UUID("retour", source.cle, o.cle, titre)
		if vus[cle] {
			c.refuse(l.refus("titre", "ce retour figure deux fois"))
			continue
		}
		vus[cle] = true
		rangs = append(rangs, []any{cle, o.id, titre, resume, themes, date, precision, source.id})
		for _, a := range l.liste("autres_organisations") {
			if autre, ok := r.cle(l, "autres_organisations", a); ok {
				liens = append(liens, lien{cle, [5]any{autre.id}, l})
			}
		}
		for _, s := range l.liste("logiciels") {
			if x, ok := r.slug(l, "logiciels", s); ok {
				liens = append(liens, lien{cle, [5]any{1: x.id}, l})
			}
		}
		find := func(place int, colonne, dite, sql string, args ...any) error {
			rows, err := c.tx.Query(ctx, sql, args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			trouve := false
			for rows.Next() {
				var id int64
				if err := rows.Scan(&id); err != nil {
					return err
				}
				n := lien{cle: cle, ligne: l}
				n.ids[place] = id
				liens, trouve = append(liens, n), true
			}
			if !trouve {
				c.report(l.no, colonne, dite, "rien ne porte ce nom pour cette organisation : lien non repris")
			}
			return rows.Err()
		}
		for _, s := range l.liste("usages") {
			if err := find(2, "usages", s, `SELECT u.id FROM usage u JOIN logiciel l ON l.id = u.logiciel_id WHERE u.utilisateur_id = $1 AND l.slug = $2 ORDER BY u.id`, o.id, s); err != nil {
				return err
			}
		}
		for _, s := range l.liste("economies") {
			if err := find(3, "economies", s, `SELECT e.id FROM economie e JOIN source s ON s.id = e.source_id WHERE e.beneficiaire_id = $1 AND s.cle = $2 ORDER BY e.id`, o.id, r.sources.de(s).cle); err != nil {
				return err
			}
		}
		for _, s := range l.liste("faits") {
			if sujet, deSujet := strings.CutPrefix(s, "sujet="); deSujet {
				if err := find(4, "faits", s, `SELECT f.id FROM fait f WHERE f.sujet = $1 ORDER BY f.id`, sujet); err != nil {
					return err
				}
				continue
			}
			sql, qui := `SELECT f.id FROM fait f WHERE f.organisation_id = $1 AND f.fait = $2 ORDER BY f.id`, any(o.id)
			nom := s
			if slug, fait, deLogiciel := strings.Cut(s, ":"); deLogiciel {
				x, ok := r.slug(l, "faits", slug)
				if !ok {
					continue
				}
				sql, qui, nom = `SELECT f.id FROM fait f WHERE f.logiciel_id = $1 AND f.fait = $2 ORDER BY f.id`, x.id, fait
			}
			if err := find(4, "faits", s, sql, qui, nom); err != nil {
				return err
			}
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	if err := c.merge(ctx, fusion{
		table: "retour_experience", colonnes: []string{"cle", "organisation_id", "titre", "resume", "themes", "date", "precision_date", "source_id"}, cle: []string{"cle"},
	}, slices.Values(rangs)); err != nil {
		return err
	}
	ids, err := c.cles(ctx, "retour_experience")
	if err != nil {
		return err
	}
	dits := map[[6]any]bool{}
	var relies [][]any
	for _, n := range liens {
		k := [6]any{ids[n.cle], n.ids[0], n.ids[1], n.ids[2], n.ids[3], n.ids[4]}
		if !dits[k] {
			dits[k] = true
			relies = append(relies, k[:])
		}
	}
	colonnes := []string{"retour_id", "organisation_id", "logiciel_id", "usage_id", "economie_id", "fait_id"}
	return c.merge(ctx, fusion{table: "retour_lien", colonnes: colonnes, cle: colonnes[:1], cleNulle: colonnes[1:], muet: true}, slices.Values(relies))
}

// themesRetour are the themes of the forum of 2016, and what is none of them.
var themesRetour = []string{"DEVELOPPEMENT", "INTEGRATION", "DEPLOIEMENT", "SUPPORT_COMMUNAUTAIRE", "SUPPORT_PAYANT", "CHOIX_OUTIL", "TRANSFERT_COMPETENCES", "AUTRE"}

// readDeveloppements reads work done on software, as sources tell of it: logiciel (slug), titre, description, nature, debut and
// fin as precise as the source, cout in euros with statut_cout, versement, url_versement.
func readDeveloppements(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "logiciel", "titre", "description", "nature", "debut", "fin", "cout", "statut_cout", "versement", "url_versement", "source"))
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
		x, ok := r.slug(l, "logiciel", l.val("logiciel"))
		titre, ok2 := c.dit(l, "titre", 200)
		if !ok || !ok2 || !c.parmi(l, "nature", "DEVELOPPEMENT_INITIAL", "EVOLUTION", "CORRECTION", "TRADUCTION", "DOCUMENTATION", "MIGRATION", "AUTRE") ||
			!c.parmi(l, "versement", "PROPOSE", "INTEGRE", "REFUSE", "NON_PROPOSE", "INCONNU") || !c.parmi(l, "statut_cout", "", "BUDGET", "PAYE") {
			continue
		}
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		debut, precisionDebut := c.jourPartiel(l, "debut")
		fin, precisionFin := c.jourPartiel(l, "fin")
		cout := c.eurosEntiers(l, "cout")
		if (cout == nil) != (l.val("statut_cout") == "") {
			c.refuse(l.refus("statut_cout", "un coût dit s'il est un budget ou payé, et lui seul"))
		}
		if d, ok := debut.(time.Time); ok {
			if f, ok := fin.(time.Time); ok && rencontre.DernierJour(f, rencontre.Precision(precisionFin), time.Time{}).Before(d) {
				c.refuse(l.refus("fin", "la fin précède le début"))
			}
		}
		if len([]rune(l.val("description"))) > 4000 {
			c.refuse(l.refus("description", "ce texte est trop long"))
		}
		c.adresse(l, "url_versement")
		cle := identifiant.UUID("developpement", source.cle, x.slug, titre)
		if vus[cle] {
			c.refuse(l.refus("titre", "ce développement figure deux fois"))
			continue
		}
		vus[cle] = true
		rangs = append(rangs, []any{cle, x.id, titre, nul(l.val("description")), l.val("nature"), debut, precisionDebut, fin, precisionFin,
			cout, nul(l.val("statut_cout")), l.val("versement"), nul(l.val("url_versement")), source.id})
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.merge(ctx, fusion{
		table: "developpement", colonnes: []string{"cle", "logiciel_id", "titre", "description", "nature", "debut", "precision_debut", "fin", "precision_fin",
			"cout_centimes", "statut_cout", "versement", "url_versement", "source_id"}, cle: []string{"cle"},
	}, slices.Values(rangs))
}

// readParticipations reads who took part in the developments already read: logiciel and titre name one, source is what tells of
// the part. None is confirmed: that is the organisation's own word.
func readParticipations(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "logiciel", "titre", "organisation", "role", "montant", "source"))
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
		x, ok := r.slug(l, "logiciel", l.val("logiciel"))
		o, ok2 := r.cle(l, "organisation", l.val("organisation"))
		if !ok || !ok2 || !c.parmi(l, "role", "FINANCEUR", "MAITRE_OUVRAGE", "REALISATEUR", "TRADUCTEUR", "DOCUMENTALISTE", "TESTEUR", "AUTRE") {
			continue
		}
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		var developpement *int64
		if err := c.tx.QueryRow(ctx, `SELECT max(id) FROM developpement WHERE logiciel_id = $1 AND titre = $2`, x.id, l.val("titre")).Scan(&developpement); err != nil {
			return err
		}
		if developpement == nil {
			c.refuse(l.refus("titre", "ce développement n'est pas connu : lisez d'abord les développements"))
			continue
		}
		montant := c.eurosEntiers(l, "montant")
		if montant != nil && l.val("role") != "FINANCEUR" {
			c.refuse(l.refus("montant", "seul qui finance a payé"))
		}
		cle := identifiant.UUID("participation", x.slug, l.val("titre"), o.cle, l.val("role"))
		if vus[cle] {
			c.refuse(l.refus("organisation", "cette participation figure deux fois"))
			continue
		}
		vus[cle] = true
		rangs = append(rangs, []any{cle, *developpement, "PUBLIC", o.id, l.val("role"), montant, source.id})
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.merge(ctx, fusion{
		table: "participation_developpement", colonnes: []string{"cle", "developpement_id", "visibilite", "organisation_id", "role", "montant_centimes", "source_id"},
		cle: []string{"developpement_id", "organisation_id", "role"}, fige: []string{"cle", "visibilite"},
	}, slices.Values(rangs))
}

// readRessources reads where help with software is found. A prestataire that sells its help offers its support: both are
// what the same source says.
func readRessources(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "logiciel", "genre", "nom", "url", "langue", "payante", "organisation", "source"))
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
		x, ok := r.slug(l, "logiciel", l.val("logiciel"))
		nom, ok2 := c.dit(l, "nom", 200)
		lien, ok3 := c.dit(l, "url", 500)
		if langue := l.val("langue"); langue != "" && !languePlausible.MatchString(langue) {
			c.refuse(l.refus("langue", "un code de langue était attendu : fr, en, pt-BR"))
		}
		if !ok || !ok2 || !ok3 || !c.adresse(l, "url") || !c.parmi(l, "payante", "oui", "non") ||
			!c.parmi(l, "genre", "FORUM", "LISTE", "CHAT", "DOCUMENTATION", "SUIVI_DEMANDES", "FORMATION", "ANNUAIRE", "OFFRE_PAYANTE", "AUTRE") {
			continue
		}
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		var organisation any
		if l.val("organisation") != "" {
			o, ok := r.cle(l, "organisation", l.val("organisation"))
			if !ok {
				continue
			}
			organisation = o.id
		}
		cle := identifiant.UUID("ressource", x.slug, lien)
		if vus[cle] {
			c.refuse(l.refus("url", "cette ressource figure deux fois"))
			continue
		}
		vus[cle] = true
		rangs = append(rangs, []any{cle, x.id, l.val("genre"), nom, lien, nul(l.val("langue")), l.val("payante") == "oui", organisation, source.id})
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.merge(ctx, fusion{
		table: "ressource_support", colonnes: []string{"cle", "logiciel_id", "genre", "nom", "url", "langue", "payante", "organisation_id", "source_id"},
		cle: []string{"logiciel_id", "url"}, fige: []string{"cle"},
	}, slices.Values(rangs))
}
