package seed

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// prestataireLu is a company as a catalogue gives it: identified by its SIREN, its account of the Comptoir, or both.
type prestataireLu struct {
	ligne           int
	nom             string
	siren, comptoir string
	site            string
}

// offre is a service of a company on a logiciel.
type offre struct {
	prestataireLu
	logiciel int64
}

// readPrestataires reads companies: nom, siren, comptoir_user_id, site_web, and the logiciel on which they offer their
// services, by its SILL id (column sill_id; the file that the project ships has none: it is Apache HTTP Server's, SILL 6).
func readPrestataires(ctx context.Context, c *chargement, f fichier) error {
	connus, err := c.logiciels(ctx)
	if err != nil {
		return err
	}
	offres, err := lignes(c, func(yield func(offre, error) bool) {
		for l, err := range readCSV(f, ',', "nom", "siren", "comptoir_user_id", "site_web") {
			var x offre
			if err == nil {
				x.prestataireLu, err = prestataireCSV(l)
			}
			if err == nil {
				sill := premier(l.val("sill_id"), sillApacheHTTP)
				x.logiciel = connus.parIdentifiant[identifiantLogiciel{"SILL", sill}].id
				if x.logiciel == 0 {
					err = nouvelleAnomalie(f.nom, l.no, "sill_id", sill, "ce logiciel n'est pas connu : importez d'abord le SILL")
				}
			}
			if !yield(x, err) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	source, err := c.source(ctx, origine{"sill-prestataires-apache-2023", "Prestataires d'Apache HTTP Server : CNLL et Comptoir du Libre, relevés dans le code du SILL",
		"https://github.com/codegouvfr/sill/blob/ee941fc6/api/src/core/adapters/fetchExternalData.test.ts", "MIT"})
	if err != nil {
		return err
	}
	return c.writeOffres(ctx, source, offres)
}

const sillApacheHTTP = "6"

func prestataireCSV(l ligneCSV) (prestataireLu, error) {
	p := prestataireLu{l.no, texte.SansEspacesSuperflus(l.val("nom")), l.val("siren"), l.val("comptoir_user_id"), l.val("site_web")}
	switch {
	case p.nom == "" || len(p.nom) > maxNom:
		return p, l.refus("nom", "le nom est obligatoire, en 200 caractères au plus")
	case p.comptoir != "" && !motifNombre.MatchString(p.comptoir):
		return p, l.refus("comptoir_user_id", "un nombre entier est attendu")
	case p.siren == "" && p.comptoir == "":
		return p, l.refus("siren", "un prestataire est identifié par son SIREN ou son compte du Comptoir du Libre")
	}
	if p.siren != "" {
		if err := identifiant.CheckSIREN(p.siren); err != nil {
			return p, l.refus("siren", err.Error())
		}
	}
	return p, nil
}

// prestataires reads those of a record of the SILL: only the ones with a SIREN or an account of the Comptoir.
func (l *lectureJSON) prestataires(o objetJSON) []prestataireLu {
	var out []prestataireLu
	for _, e := range l.objets(o, "providers", "serviceProviders") {
		p := prestataireLu{ligne: e.ligne, nom: texte.SansEspacesSuperflus(l.texte(e, "name", "nom")), siren: l.texte(e, "siren"), site: l.texte(e, "website", "url")}
		p.comptoir = finComptoir(l.texte(e, "cdlUrl"))
		if p.siren == "" {
			p.siren = finCNLL(l.texte(e, "cnllUrl"))
		}
		for _, id := range l.objets(e, "identifiers") {
			valeur, adresse, nom := l.texte(id, "value"), l.texte(id, "url"), strings.ToLower(l.texte(id, "name"))
			p.siren = premier(p.siren, finCNLL(adresse))
			p.comptoir = premier(p.comptoir, finComptoir(adresse))
			if nom == "siren" {
				p.siren = premier(p.siren, valeur)
			}
		}
		if p.nom == "" || len(p.nom) > maxNom || p.siren == "" && p.comptoir == "" {
			continue
		}
		if p.siren != "" && identifiant.CheckSIREN(p.siren) != nil {
			if l.err == nil {
				l.err = nouvelleAnomalie(e.fichier, e.ligne, "siren", p.siren, identifiant.CheckSIREN(p.siren).Error())
			}
			continue
		}
		out = append(out, p)
	}
	return out
}

// finComptoir and finCNLL take the identifier that ends an address of these directories.
func finComptoir(adresse string) string {
	return finNombre(adresse, "comptoir-du-libre.org/fr/users/")
}
func finCNLL(adresse string) string { return finNombre(adresse, "annuaire.cnll.fr/societes/") }

func finNombre(adresse, prefixe string) string {
	_, n, ok := strings.Cut(adresse, prefixe)
	if n = strings.TrimRight(n, "/"); ok && motifNombre.MatchString(n) {
		return n
	}
	return ""
}

// writeOffres writes the companies that are not known yet, and what they offer. A company is found by its SIREN, or by its
// account of the Comptoir, which is then its key: "org-comptoir-255" (so that a file that knows only the account finds it),
// else its key is the SIREN. A known organisation is left as it is, a collectivité too when the SIREN is its own.
func (c *chargement) writeOffres(ctx context.Context, source int64, offres []offre) error {
	if len(offres) == 0 {
		return nil
	}
	cles, err := c.writePrestataires(ctx, source, offres)
	if err != nil {
		return err
	}
	annuaire, err := c.annuaire(ctx)
	if err != nil {
		return err
	}
	connus, err := c.logiciels(ctx)
	if err != nil {
		return err
	}
	slugs := make(map[int64]string, len(connus.parSlug))
	for slug, l := range connus.parSlug {
		if !l.fondu {
			slugs[l.id] = slug
		}
	}
	type paire struct{ org, logiciel int64 }
	vues := map[paire]bool{}
	var rangs [][]any
	for i, o := range offres {
		p := paire{annuaire.parCle[cles[i]].id, o.logiciel}
		if p.org != 0 && p.logiciel != 0 && !vues[p] {
			vues[p] = true
			rangs = append(rangs, []any{identifiant.UUID("prestation", annuaire.parCle[cles[i]].cle, slugs[p.logiciel]), p.org, p.logiciel, source})
		}
	}
	return c.merge(ctx, fusion{
		table: "prestation", colonnes: []string{"cle", "prestataire_id", "logiciel_id", "source_id"}, cle: []string{"prestataire_id", "logiciel_id"},
		fige: []string{"cle", "source_id"},
	}, slices.Values(rangs))
}

// writePrestataires returns the key of the organisation of each offer.
func (c *chargement) writePrestataires(ctx context.Context, source int64, offres []offre) ([]string, error) {
	annuaire, err := c.annuaire(ctx)
	if err != nil {
		return nil, err
	}
	cles := make([]string, len(offres))
	parSIREN, ecrits := map[string]string{}, map[string]bool{}
	var rangs [][]any
	for i, o := range offres {
		compte := "org-comptoir-" + o.comptoir
		switch connu, ok := annuaire.parSIREN[o.siren]; {
		case o.siren != "" && ok:
			cles[i] = connu.cle
			continue
		case o.siren != "" && parSIREN[o.siren] != "":
			cles[i] = parSIREN[o.siren]
			continue
		case o.comptoir != "":
			cles[i] = compte
		default:
			cles[i] = o.siren
		}
		if _, connu := annuaire.parCle[cles[i]]; connu || ecrits[cles[i]] {
			continue
		}
		ecrits[cles[i]] = true
		if o.siren != "" {
			parSIREN[o.siren] = cles[i]
		}
		site, ok := adresse(o.site)
		if !ok {
			c.report(o.ligne, "site", o.site, fmt.Sprintf("« %s » : cette adresse n'est pas utilisable", o.nom))
		}
		rangs = append(rangs, []any{cles[i], "PRESTATAIRE", nul(o.siren), o.nom, texte.Normalize(o.nom), nul(site), source})
	}
	return cles, c.merge(ctx, fusion{
		table: "organisation", colonnes: []string{"cle", "genre", "siren", "nom", "nom_tri", "site", "source_id"}, cle: []string{"cle"},
		fige: []string{"genre", "siren", "nom", "nom_tri", "site", "source_id"},
	}, func(yield func([]any) bool) {
		for _, r := range rangs {
			if !yield(r) {
				return
			}
		}
	})
}
