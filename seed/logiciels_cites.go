package seed

import (
	"context"
	"regexp"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/rapprochement"
)

var (
	motifNombre   = regexp.MustCompile(`^[1-9][0-9]{0,9}$`)
	motifWikidata = regexp.MustCompile(`^Q[1-9][0-9]{0,11}$`)
)

// readLogicielsCites reads the list kept by hand: slug, nom, autres_noms (|), licence, comptoir_id, sill_id, wikidata, cnll,
// framalibre, site, depot, categories (| codes), remplace (| slugs of the file), source_remplace (where it is said that it
// replaces them; by default, source), description, source. A line may be added anywhere; its slug is what other files call
// the software by, and never changes.
func readLogicielsCites(ctx context.Context, c *chargement, f fichier) error {
	var toutes []ligneCSV
	slugs := map[string]int{}
	fiches, err := lignes(c, func(yield func(*ficheLogiciel, error) bool) {
		for l, err := range readCSV(f, ',', "slug", "nom", "licence", "comptoir_id", "sill_id", "wikidata", "cnll", "framalibre",
			"site", "depot", "categories", "remplace", "description", "source") {
			var x *ficheLogiciel
			if err == nil {
				x, err = ficheCitee(l)
			}
			if err == nil {
				if _, double := slugs[x.slug]; double {
					err = l.refus("slug", "ce slug est déjà celui d'une autre ligne")
				} else {
					slugs[x.slug] = len(toutes)
					toutes = append(toutes, l)
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
	for _, l := range toutes {
		for _, colonne := range []string{"source", "source_remplace"} {
			if len(l.val(colonne)) > maxSource {
				c.refuse(l.refus(colonne, "la source dépasse 1 000 caractères"))
			}
		}
		for _, slug := range l.liste("remplace") {
			if _, ok := slugs[slug]; !ok {
				c.refuse(nouvelleAnomalie(c.fichier.nom, l.no, "remplace", slug, "ce slug n'est pas dans le fichier"))
			}
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	sources, err := readSources()
	if err != nil {
		return err
	}
	dit := func(l ligneCSV, colonne string) (int64, error) {
		o := catalogueCites.origine
		if texte := l.val(colonne); texte != "" {
			o = sources.ficheDe(texte, l.val("nom"))
		}
		return c.source(ctx, o)
	}
	for i, l := range toutes {
		if fiches[i].source, err = dit(l, "source"); err != nil {
			return err
		}
	}
	ids, err := c.mergeSheets(ctx, catalogueCites, fiches)
	if err != nil {
		return err
	}
	var liens []lienLogiciel
	for i, l := range toutes {
		source := fiches[i].source
		if l.val("source_remplace") != "" {
			if source, err = dit(l, "source_remplace"); err != nil {
				return err
			}
		}
		for _, slug := range l.liste("remplace") {
			liens = append(liens, lienLogiciel{"REMPLACE", ids[i], ids[slugs[slug]], source})
		}
	}
	return c.linkLogiciels(ctx, liens)
}

func ficheCitee(l ligneCSV) (*ficheLogiciel, error) {
	slug := l.val("slug")
	if slug == "" || identifiant.Slug(slug) != slug {
		return nil, l.refus("slug", "un slug est fait de lettres sans accent, de chiffres et de tirets")
	}
	if l.val("nom") == "" {
		return nil, l.refus("nom", "le nom est obligatoire")
	}
	autres, err := identifiantsCSV(l, "sill_id", "wikidata", "comptoir_id", "cnll", "framalibre")
	if err != nil {
		return nil, err
	}
	return &ficheLogiciel{
		ligne: l.no, propre: rapprochement.Cle{Genre: rapprochement.Slug, Valeur: slug}, autres: autres, nom: l.val("nom"),
		autresNoms: l.liste("autres_noms"), description: l.val("description"), licence: l.val("licence"), site: l.val("site"),
		depot: l.val("depot"), slug: slug, categories: l.liste("categories"),
	}, nil
}

// identifiantsCSV reads identifiers from the columns named, in this order: SILL, Wikidata, Comptoir, CNLL, Framalibre; ""
// for those that the file does not have.
func identifiantsCSV(l ligneCSV, colonnes ...string) ([]rapprochement.Cle, error) {
	var cles []rapprochement.Cle
	for i, colonne := range colonnes {
		v := l.val(colonne)
		if v == "" || colonne == "" {
			continue
		}
		g := rapprochement.Genre(i)
		if motif := mauvaisIdentifiant(g, v); motif != "" {
			return nil, l.refus(colonne, motif)
		}
		cles = append(cles, rapprochement.Cle{Genre: g, Valeur: v})
	}
	return cles, nil
}

// mauvaisIdentifiant says what is wrong with an identifier, or "".
func mauvaisIdentifiant(g rapprochement.Genre, v string) string {
	switch g {
	case rapprochement.Wikidata:
		if !motifWikidata.MatchString(v) {
			return "un identifiant Wikidata est fait d'un Q et d'un nombre"
		}
	case rapprochement.Framalibre:
		if len(v) > 200 {
			return "cet identifiant est trop long"
		}
	default:
		if !motifNombre.MatchString(v) {
			return "un nombre entier est attendu"
		}
	}
	return ""
}
