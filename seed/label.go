package seed

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mutualibre/mutualibre/domain/label"
)

const labelTNL = "Territoire Numérique Libre"

// annee reads a year, false when there is none.
func (c *chargement) annee(l ligneCSV, colonne string) (int32, bool) {
	n, _ := l.entier(colonne)
	a, ok := n.(int32)
	if !ok || a < 1990 || a > 2100 {
		c.refuse(l.refus(colonne, "une année était attendue"))
		return 0, false
	}
	return a, true
}

// readEditions reads the editions of the label. The number of laureates is kept as published, since sources disagree.
func readEditions(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "annee", "nb_laureats", "echelle", "date_remise", "referentiel", "ouverture", "cloture", "lieu_remise", "source"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	referentiels, err := c.referentiels(ctx)
	if err != nil {
		return err
	}
	var rangs [][]any
	vus := map[int32]bool{}
	for _, l := range toutes {
		annee, ok := c.annee(l, "annee")
		if !ok {
			continue
		}
		referentiel, known := referentiels[l.val("referentiel")]
		if l.val("referentiel") != "" && !known {
			c.refuse(l.refus("referentiel", motifReferentiel))
			continue
		}
		if vus[annee] {
			c.refuse(l.refus("annee", "cette édition figure deux fois"))
			continue
		}
		vus[annee] = true
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		if strings.Contains(l.val("source"), ";") {
			c.report(l.no, "source", l.val("source"), "les sources ne s'accordent pas sur cette édition")
		}
		if o := l.val("ouverture"); o != "" { // dates as AAAA-MM-JJ: jour refuses any other
			for _, k := range []string{"cloture", "date_remise"} {
				if v := l.val(k); v != "" && v < o {
					c.refuse(l.refus(k, "cette date précède l'ouverture des candidatures"))
				}
			}
		}
		rangs = append(rangs, []any{labelTNL, annee, nul(l.val("nb_laureats")), nul(l.val("echelle")), c.jour(l, "date_remise"), nul(referentiel),
			c.jour(l, "ouverture"), c.jour(l, "cloture"), nul(l.val("lieu_remise")), source.id})
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.merge(ctx, fusion{
		table: "label_edition", colonnes: []string{"label", "annee", "laureats", "echelle", "remise_le", "referentiel_id", "ouverture", "cloture", "lieu_remise", "source_id"}, cle: []string{"label", "annee"},
	}, slices.Values(rangs))
}

const motifReferentiel = "ce référentiel n'est pas connu : lisez d'abord les référentiels"

// referentiels gives the sets of rules of the label, by code.
func (c *chargement) referentiels(ctx context.Context) (map[string]int64, error) {
	return c.cles(ctx, "label_referentiel")
}

// readReferentiels reads the sets of rules by which editions of the label are judged.
func readReferentiels(ctx context.Context, c *chargement, f fichier) error {
	return c.readRegles(ctx, f, regles{colonnes: []string{"code", "nom", "description", "source"}, cle: []string{"code"},
		fusion: fusion{table: "label_referentiel", colonnes: []string{"cle", "nom", "description", "source_id"}, cle: []string{"cle"}},
		rang: func(l ligneCSV, _ int64) []any {
			return []any{l.val("code"), l.val("nom"), nul(l.val("description"))}
		}})
}

// readNiveaux reads the levels and the mentions of each set of rules.
func readNiveaux(ctx context.Context, c *chargement, f fichier) error {
	return c.readRegles(ctx, f, regles{colonnes: []string{"referentiel", "genre", "rang", "code", "nom", "sens", "source"}, cle: []string{"referentiel", "genre", "rang"},
		fusion: fusion{table: "label_niveau", colonnes: []string{"referentiel_id", "genre", "rang", "code", "nom", "sens", "source_id"}, cle: []string{"referentiel_id", "genre", "rang"}},
		rang: func(l ligneCSV, referentiel int64) []any {
			if genre := l.val("genre"); genre != "NIVEAU" && genre != "MENTION" {
				c.refuse(l.refus("genre", "NIVEAU ou MENTION étaient attendus"))
			}
			return []any{referentiel, l.val("genre"), c.rang(l), l.val("code"), l.val("nom"), nul(l.val("sens"))}
		}})
}

// readThemes reads how each set of rules calls the themes.
func readThemes(ctx context.Context, c *chargement, f fichier) error {
	return c.readRegles(ctx, f, regles{colonnes: []string{"referentiel", "code", "rang", "nom", "description", "source"}, cle: []string{"referentiel", "code"},
		fusion: fusion{table: "label_theme", colonnes: []string{"referentiel_id", "code", "rang", "nom", "description", "source_id"}, cle: []string{"referentiel_id", "code"}},
		rang: func(l ligneCSV, referentiel int64) []any {
			c.theme(l, "code")
			return []any{referentiel, l.val("code"), c.rang(l), l.val("nom"), nul(l.val("description"))}
		}})
}

// readQuestions reads what an application answers.
func readQuestions(ctx context.Context, c *chargement, f fichier) error {
	return c.readRegles(ctx, f, regles{colonnes: []string{"code", "referentiel", "theme", "rang", "texte", "critere", "source"}, cle: []string{"code"},
		fusion: fusion{table: "label_question", colonnes: []string{"cle", "referentiel_id", "theme", "rang", "texte", "critere", "source_id"}, cle: []string{"cle"}},
		rang: func(l ligneCSV, referentiel int64) []any {
			c.theme(l, "theme")
			critere := l.val("critere")
			if critere != "" && !slices.ContainsFunc(label.Grille(), func(d label.Definition) bool { return string(d.Critere) == critere }) {
				c.refuse(l.refus("critere", "ce critère n'est pas de la grille d'autodiagnostic"))
			}
			return []any{l.val("code"), referentiel, l.val("theme"), c.rang(l), l.val("texte"), nul(critere)}
		}})
}

// regles describes a file of rules: its columns and its natural key, where its rows go, and how one is written, the source
// aside.
type regles struct {
	colonnes, cle []string
	fusion        fusion
	rang          func(l ligneCSV, referentiel int64) []any
}

func (c *chargement) readRegles(ctx context.Context, f fichier, g regles) error {
	toutes, err := lignes(c, readCSV(f, ',', g.colonnes...))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	referentiels, err := c.referentiels(ctx)
	if err != nil {
		return err
	}
	var rangs [][]any
	vus := map[string]bool{}
	for _, l := range toutes {
		var cle []string
		for _, k := range g.cle {
			cle = append(cle, l.val(k))
		}
		if k := fmt.Sprintf("%q", cle); vus[k] || slices.Contains(cle, "") {
			c.refuse(l.refus(g.cle[0], "cette clé manque, ou figure deux fois"))
			continue
		} else {
			vus[k] = true
		}
		var referentiel int64
		if slices.Contains(g.colonnes, "referentiel") {
			var known bool
			if referentiel, known = referentiels[l.val("referentiel")]; !known {
				c.refuse(l.refus("referentiel", motifReferentiel))
				continue
			}
		}
		for _, k := range []string{"code", "nom", "texte"} {
			if slices.Contains(g.colonnes, k) && l.val(k) == "" {
				c.refuse(l.refus(k, "un texte était attendu"))
			}
		}
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		rangs = append(rangs, append(g.rang(l, referentiel), source.id))
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.merge(ctx, g.fusion, slices.Values(rangs))
}

// rang reads a place in an order, from 1.
func (c *chargement) rang(l ligneCSV) int32 {
	n, _ := l.entier("rang")
	r, ok := n.(int32)
	if !ok || r < 1 {
		c.refuse(l.refus("rang", "un rang était attendu, à partir de 1"))
	}
	return r
}

func (c *chargement) theme(l ligneCSV, colonne string) {
	if !slices.Contains(label.Themes(), label.Theme(l.val(colonne))) {
		c.refuse(l.refus(colonne, "ce thème n'est pas l'un des cinq du label"))
	}
}

// editions gives the editions of the label, by year.
func (c *chargement) editions(ctx context.Context) (map[string]int64, error) {
	return c.ids(ctx, `SELECT annee::text, id FROM label_edition WHERE label = '`+labelTNL+`'`)
}

// readJurys reads who judged each edition.
func readJurys(ctx context.Context, c *chargement, f fichier) error {
	editions, err := c.editions(ctx)
	if err != nil {
		return err
	}
	return c.readRegles(ctx, f, regles{colonnes: []string{"annee", "rang", "nom", "qualite", "source"}, cle: []string{"annee", "rang"},
		fusion: fusion{table: "label_jury", colonnes: []string{"edition_id", "rang", "nom", "qualite", "source_id"}, cle: []string{"edition_id", "rang"}},
		rang: func(l ligneCSV, _ int64) []any {
			edition, ok := editions[l.val("annee")]
			if !ok {
				c.refuse(l.refus("annee", motifEdition))
			}
			if l.val("qualite") == "" {
				c.refuse(l.refus("qualite", "un texte était attendu"))
			}
			return []any{edition, c.rang(l), l.val("nom"), l.val("qualite")}
		}})
}

const motifEdition = "cette édition n'est pas connue : lisez d'abord les éditions"

// readLaureats reads who obtained the label: the level is text, since its scale changed.
func readLaureats(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "annee", "collectivite", "siren", "niveau", "mention", "source", "remarque"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	editions, err := c.editions(ctx)
	if err != nil {
		return err
	}
	type obtention struct{ edition, organisation, source int64 }
	var rangs, fondus [][]any
	vus := map[obtention]bool{}
	for _, l := range r.mergedLast(toutes, [2]string{"siren", "collectivite"}) {
		annee, ok := c.annee(l, "annee")
		if !ok {
			continue
		}
		edition, ok := editions[fmt.Sprint(annee)]
		if !ok {
			c.refuse(l.refus("annee", motifEdition))
			continue
		}
		o, ok := r.organisation(l, "siren", "collectivite")
		if !ok {
			continue
		}
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		k := obtention{edition, o.id, source.id}
		if vus[k] && o.fondue {
			c.rapport.Inchanges++
			continue
		}
		if vus[k] {
			c.refuse(l.refus("collectivite", "ce lauréat figure deux fois pour la même édition et la même source"))
			continue
		}
		vus[k] = true
		mentions := l.liste("mention")
		if mentions == nil {
			mentions = []string{}
		}
		rang := []any{edition, o.id, nul(l.val("niveau")), mentions, nul(l.val("remarque")), source.id}
		if o.fondue {
			fondus = append(fondus, rang)
		} else {
			rangs = append(rangs, rang)
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	return c.mergeInherited(ctx, fusion{
		table: "label_obtenu", colonnes: []string{"edition_id", "organisation_id", "niveau", "mentions", "remarque", "source_id"},
		cle: []string{"edition_id", "organisation_id", "source_id"},
	}, rangs, fondus)
}
