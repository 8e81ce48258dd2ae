package seed

import (
	"context"
	"slices"
	"strings"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// readOrganismes reads the organisations that no official list names and that sources cite: declared by hand, with a key
// of their own, never deduced from the text of a source.
func readOrganismes(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "cle", "nom", "genre", "nature", "forme", "departement", "region", "site", "remarque"))
	if err != nil {
		return err
	}
	source, err := c.source(ctx, origine{"organismes-cites", "Organismes cités par les sources et absents des listes officielles, déclarés à la main par le projet", "", ""})
	if err != nil {
		return err
	}
	annuaire, err := c.annuaire(ctx)
	if err != nil {
		return err
	}
	var rangs [][]any
	vus := map[string]bool{}
	for _, l := range toutes {
		cle, genre := l.val("cle"), l.val("genre")
		nom, sansNom := l.nom("nom")
		connu, deja := annuaire.parCle[cle]
		departement := l.val("departement")
		switch {
		case !strings.HasPrefix(cle, "org-") || cle != "org-"+identifiant.Slug(strings.TrimPrefix(cle, "org-")):
			c.refuse(l.refus("cle", "la clé s'écrit « org- » puis des lettres sans accent, des chiffres et des tirets"))
		case vus[cle]:
			c.refuse(l.refus("cle", "cette clé figure deux fois"))
		case sansNom != nil:
			c.refuse(sansNom)
		case genre != "COLLECTIVITE" && genre != "SYNDICAT" && genre != "PRESTATAIRE":
			c.refuse(l.refus("genre", "le genre est COLLECTIVITE, SYNDICAT ou PRESTATAIRE"))
		case genre == "COLLECTIVITE" && l.val("nature") != "ETABLISSEMENT_PUBLIC" && l.val("nature") != "AUTRE",
			genre != "COLLECTIVITE" && l.val("nature") != "":
			c.refuse(l.refus("nature", "la nature d'une collectivité est ETABLISSEMENT_PUBLIC ou AUTRE ; un autre genre n'en a pas"))
		case genre == "SYNDICAT" && l.val("forme") != "AUTRE", genre != "SYNDICAT" && l.val("forme") != "":
			c.refuse(l.refus("forme", "la forme d'un syndicat hors BANATIC est AUTRE ; un autre genre n'en a pas"))
		case departement != "" && identifiant.CheckDepartement(departement) != nil:
			c.refuse(l.refus("departement", identifiant.CheckDepartement(departement).Error()))
		case l.val("region") != "" && identifiant.CheckRegion(l.val("region")) != nil:
			c.refuse(l.refus("region", identifiant.CheckRegion(l.val("region")).Error()))
		case deja && connu.genre != genre:
			c.refuse(l.refus("genre", "cet organisme est déjà connu sous un autre genre"))
		default:
			vus[cle] = true
			rangs = append(rangs, []any{cle, genre, nom, texte.Normalize(nom), nul(l.val("nature")), nul(l.val("forme")), departement,
				l.val("region"), nul(l.val("site")), nul(l.val("remarque")), source})
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.merge(ctx, fusion{
		table:    "organisation",
		colonnes: []string{"cle", "genre", "nom", "nom_tri", "nature", "forme", "departement", "region", "site", "remarque", "source_id"},
		cle:      []string{"cle"},
	}, slices.Values(rangs))
}

// readAdhesions reads known members of syndicats.
func readAdhesions(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "syndicat_siren", "membre_siren", "source"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	var rangs, fondus [][]any
	vus := map[[2]int64]bool{}
	for _, l := range r.mergedLast(toutes, [2]string{"syndicat_siren", "syndicat"}, [2]string{"membre_siren", "membre"}) {
		syndicat, ok := r.organisation(l, "syndicat_siren", "syndicat")
		membre, ok2 := r.organisation(l, "membre_siren", "membre")
		if !ok || !ok2 {
			continue
		}
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		switch {
		case (syndicat.fondue || membre.fondue) && (syndicat.id == membre.id || vus[[2]int64{syndicat.id, membre.id}]):
			c.rapport.Inchanges++
		case syndicat.id == membre.id:
			c.refuse(l.refus("membre_siren", "un groupement n'est pas membre de lui-même"))
		case vus[[2]int64{syndicat.id, membre.id}]:
			c.refuse(l.refus("membre_siren", "cette adhésion figure deux fois"))
		default:
			vus[[2]int64{syndicat.id, membre.id}] = true
			rang := []any{syndicat.id, membre.id, nil, nil, source.id}
			if syndicat.fondue || membre.fondue {
				fondus = append(fondus, rang)
			} else {
				rangs = append(rangs, rang)
			}
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.mergeAdhesions(ctx, rangs, fondus)
}
