package seed

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/domain/rapprochement"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// ficheSILL is a record of the SILL before its links are resolved.
type ficheSILL struct {
	*ficheLogiciel
	courte       bool            // of the generation of 2022
	similaires   []similaireSILL // other software of the same use
	prestataires []prestataireLu
}

// similaireSILL names another software: an identifier of the SILL or of Wikidata, or, inside the file, a name.
type similaireSILL struct {
	cle rapprochement.Cle
	nom string
}

// readSILL reads every generation of the SILL: the short keys of 2022 (sill.json of etalab/sill-data), v1 and v2 of
// catalogi.json. Fields changed names over time: each is looked for under all of them. What a field does not hold may be
// absent, null or an empty array; anything else of the wrong type is refused.
func readSILL(ctx context.Context, c *chargement, f fichier) error {
	fiches, err := c.fichesSILL(f)
	if err != nil {
		return err
	}
	cat := catalogueSILL
	if len(fiches) > 0 && fiches[0].courte {
		cat = catalogueSILL2022
	}
	return c.mergeSILL(ctx, cat, fiches)
}

// mergeSILL writes the records, then what ties them to others.
func (c *chargement) mergeSILL(ctx context.Context, cat catalogue, fiches []ficheSILL) error {
	simples := make([]*ficheLogiciel, len(fiches))
	for i, x := range fiches {
		simples[i] = x.ficheLogiciel
	}
	ids, err := c.mergeSheets(ctx, cat, simples)
	if err != nil {
		return err
	}
	source, err := c.source(ctx, cat.origine)
	if err != nil {
		return err
	}
	if err := c.linkSILL(ctx, source, fiches, ids); err != nil {
		return err
	}
	var offres []offre
	for i, x := range fiches {
		for _, p := range x.prestataires {
			offres = append(offres, offre{p, ids[i]})
		}
	}
	return c.writeOffres(ctx, source, offres)
}

func (c *chargement) fichesSILL(f fichier) ([]ficheSILL, error) {
	table, err := readCorrespondances()
	if err != nil {
		return nil, err
	}
	vus := map[string]bool{}
	return lignes(c, func(yield func(ficheSILL, error) bool) {
		for o, err := range objetsJSON(f, "") {
			var x ficheSILL
			if err == nil {
				x, err = c.ficheSILL(o, table)
			}
			if err == nil && vus[x.propre.Valeur] {
				_, champ, _ := o.champ("id", "softwareId")
				err = o.refus("id", champ, "cet identifiant est déjà celui d'une autre fiche du fichier")
			}
			if err == nil {
				vus[x.propre.Valeur] = true
			}
			if !yield(x, err) {
				return
			}
		}
	})
}

func (c *chargement) ficheSILL(o objetJSON, table correspondances) (ficheSILL, error) {
	l := &lectureJSON{}
	f := &ficheLogiciel{
		ligne:       o.ligne,
		nom:         l.texte(o, "name", "softwareName", "label", "i"),
		description: l.description(o),
		licence:     l.texte(o, "license", "l"),
		site:        l.texte(o, "url", "officialWebsiteUrl", "websiteUrl", "website"),
		depot:       l.texte(o, "codeRepositoryUrl", "sourceUrl", "sources"),
	}
	x := ficheSILL{ficheLogiciel: f}
	_, _, x.courte = o.champ("i")
	id := l.entier(o, "id", "softwareId")
	f.propre = cleSILL(id)
	if v := l.entier(o, "co", "comptoirDuLibreId"); v != "" {
		f.autres = append(f.autres, cleComptoir(v))
	}
	if v := l.texte(o, "wikidata", "wikidataId"); v != "" {
		f.autres = append(f.autres, cleWikidata(v))
	}
	if k, ok := cleExterne(l.texte(o, "sourceSlug"), l.texte(o, "externalId")); ok {
		f.autres = append(f.autres, k)
	}
	l.ailleurs(o, f)
	f.ajouteLe = l.ajout(o)
	l.categories(c, o, f, table)
	x.similaires = l.similaires(o)
	x.prestataires = l.prestataires(o)
	if raison, ok := l.objet(o, "dereferencing"); ok {
		c.report(raison.ligne, "dereferencing", l.texte(raison, "reason"), "ce logiciel n'est plus recommandé par le SILL")
	}
	if l.err != nil {
		return x, l.err
	}
	if id == "" {
		return x, nouvelleAnomalie(o.fichier, o.ligne, "id", "", "l'identifiant est obligatoire")
	}
	if f.nom == "" {
		return x, nouvelleAnomalie(o.fichier, o.ligne, "name", "", "le nom est obligatoire")
	}
	for _, k := range f.autres {
		if motif := mauvaisIdentifiant(k.Genre, k.Valeur); motif != "" {
			return x, nouvelleAnomalie(o.fichier, o.ligne, nomGenre(k.Genre), k.Valeur, motif)
		}
	}
	return x, nil
}

// description prefers Wikidata's, in the SILL of 2022, to the function that the SILL wrote, but for those that only say
// that a software is a software.
func (l *lectureJSON) description(o objetJSON) string {
	fonction := l.texte(o, "description", "function", "f")
	if d := l.texte(o, "fr-desc"); d != "" && !strings.EqualFold(d, "Logiciel informatique") && !strings.EqualFold(d, "logiciel") {
		return d
	}
	return fonction
}

// lectureJSON keeps the first error of a series of fields.
type lectureJSON struct{ err error }

func keep[T any](l *lectureJSON, v T, err error) T {
	if l.err == nil {
		l.err = err
	}
	return v
}

func (l *lectureJSON) texte(o objetJSON, noms ...string) string {
	v, err := o.texte(noms...)
	return keep(l, v, err)
}

func (l *lectureJSON) entier(o objetJSON, noms ...string) string {
	v, err := o.entier(noms...)
	return keep(l, v, err)
}

func (l *lectureJSON) textes(o objetJSON, noms ...string) []string {
	v, err := o.textes(noms...)
	return keep(l, v, err)
}

func (l *lectureJSON) objets(o objetJSON, noms ...string) []objetJSON {
	v, err := o.objets(noms...)
	return keep(l, v, err)
}

func (l *lectureJSON) objet(o objetJSON, noms ...string) (objetJSON, bool) {
	v, ok, err := o.objet(noms...)
	return keep(l, v, err), ok
}

// cleExterne is an identifier given with the catalogue that it comes from, as v2 does.
func cleExterne(catalogue, valeur string) (rapprochement.Cle, bool) {
	switch nom := strings.ToLower(catalogue); {
	case valeur == "":
	case strings.Contains(nom, "wikidata") || nom == "" && motifWikidata.MatchString(valeur):
		return cleWikidata(valeur[strings.LastIndexByte(valeur, '/')+1:]), motifWikidata.MatchString(valeur[strings.LastIndexByte(valeur, '/')+1:])
	case strings.Contains(nom, "comptoir") || nom == "cdl":
		return cleComptoir(valeur), motifNombre.MatchString(valeur)
	case strings.Contains(nom, "cnll"):
		return cleCNLL(valeur), motifNombre.MatchString(valeur)
	case strings.Contains(nom, "framalibre"):
		return cleFramalibre(valeur), true
	}
	return rapprochement.Cle{}, false
}

// ailleurs reads what later generations put in sub-objects: identifiers, and the data copied from another catalogue,
// which only fills what the SILL itself does not say.
func (l *lectureJSON) ailleurs(o objetJSON, f *ficheLogiciel) {
	for _, nom := range []string{"softwareExternalData", "externalData", "wikidataData", "wikidataSoftware"} {
		e, ok := l.objet(o, nom)
		if !ok {
			continue
		}
		slug := l.texte(e, "sourceSlug", "source")
		if k, ok := cleExterne(slug, l.texte(e, "externalId", "wikidataId")); ok {
			f.autres = append(f.autres, k)
		}
		if v := l.texte(e, "framaLibreId"); v != "" {
			f.autres = append(f.autres, cleFramalibre(v))
		}
		f.site = premier(f.site, l.texte(e, "url", "websiteUrl"))
		f.depot = premier(f.depot, l.texte(e, "codeRepositoryUrl", "sourceUrl"))
	}
	if e, ok := l.objet(o, "comptoirDuLibreSoftware"); ok {
		if v := l.entier(e, "id"); v != "" {
			f.autres = append(f.autres, cleComptoir(v))
		}
	}
	if e, ok := l.objet(o, "frama"); ok {
		if v, err := url.PathUnescape(l.texte(e, "encoded-name", "name")); err == nil && v != "" {
			f.autres = append(f.autres, cleFramalibre(v))
		}
	}
	for _, e := range l.objets(o, "identifiers") {
		nom := l.texte(e, "name", "additionalType", "propertyID")
		if s, ok := l.objet(e, "subjectOf"); ok {
			nom += " " + l.texte(s, "name") + " " + l.texte(s, "url")
		}
		if k, ok := cleExterne(nom+" "+l.texte(e, "url"), l.texte(e, "value")); ok {
			f.autres = append(f.autres, k)
		}
	}
	f.autres = sansRepetition(f.autres)
}

func sansRepetition(cles []rapprochement.Cle) []rapprochement.Cle {
	vus := map[rapprochement.Cle]bool{}
	var out []rapprochement.Cle
	for _, k := range cles {
		if !vus[k] {
			vus[k], out = true, append(out, k)
		}
	}
	return out
}

func premier(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

var annee = regexp.MustCompile(`\b(19|20)[0-9]{2}\b`)

// ajout is the day of reference: an ISO date or milliseconds since 1970, else the first of January of the first year in
// which the SILL of 2022 lists the software (it gives years only).
func (l *lectureJSON) ajout(o objetJSON) time.Time {
	nom, champ, ok := o.champ("addedTime", "referencedSinceTime")
	if ok {
		s := l.texte(o, nom)
		if t, ok := dateISO(s); ok {
			return t
		}
		if ms, err := strconv.ParseInt(s, 10, 64); err == nil && ms > 0 && ms < 1<<43 {
			return jour(time.UnixMilli(ms))
		}
		keep(l, 0, error(o.refus(nom, champ, "une date est attendue, ISO ou en millisecondes depuis 1970")))
		return time.Time{}
	}
	debut := time.Time{}
	for _, a := range annee.FindAllString(l.texte(o, "y"), -1) {
		n, _ := strconv.Atoi(a)
		if t := time.Date(n, 1, 1, 0, 0, 0, 0, time.UTC); debut.IsZero() || t.Before(debut) {
			debut = t
		}
	}
	return debut
}

// dateISO reads the day at the beginning of an ISO date or instant.
func dateISO(s string) (time.Time, bool) {
	if len(s) > 10 && s[10] != 'T' && s[10] != ' ' || len(s) < 10 {
		return time.Time{}, false
	}
	t, err := time.Parse(time.DateOnly, s[:10])
	return t, err == nil && t.Year() >= 1900 && t.Year() < 2200
}

// categories maps the component, else the sector; later generations give a list of their own.
func (l *lectureJSON) categories(c *chargement, o objetJSON, f *ficheLogiciel, table correspondances) {
	add := func(code string) {
		if code != "" {
			f.categories = append(f.categories, code)
		}
	}
	composant, secteur := l.texte(o, "c", "composant"), l.texte(o, "se", "secteur")
	code := table.code(c, f.ligne, "sill-composant", composant)
	if code == "" {
		code = table.code(c, f.ligne, "sill-secteur", secteur)
	}
	add(code)
	for _, v := range l.textes(o, "applicationCategories", "categories") {
		add(table.code(c, f.ligne, "sill-categorie", v))
	}
}

var separateurSimilaires = regexp.MustCompile(`\s*[;,]\s*`)

func (l *lectureJSON) similaires(o objetJSON) []similaireSILL {
	var out []similaireSILL
	for _, v := range separateurSimilaires.Split(l.texte(o, "si", "similaire-a"), -1) {
		switch {
		case v == "":
		case motifNombre.MatchString(v):
			out = append(out, similaireSILL{cle: cleSILL(v), nom: v})
		default:
			out = append(out, similaireSILL{nom: v})
		}
	}
	for _, e := range l.objets(o, "similarSoftwares", "similarExternalSoftwares", "similarWikidataSoftwares") {
		s := similaireSILL{nom: l.texte(e, "name", "label")}
		if id := l.entier(e, "softwareId"); id != "" {
			s.cle = cleSILL(id)
		} else if k, ok := cleExterne(l.texte(e, "sourceSlug"), l.texte(e, "externalId", "wikidataId")); ok {
			s.cle = k
		}
		out = append(out, s)
	}
	return out
}

// linkSILL writes SIMILAIRE where the other end is certain: an identifier that leads to a software, or a name that one
// record of this very file bears. The rest is reported.
func (c *chargement) linkSILL(ctx context.Context, source int64, fiches []ficheSILL, ids []int64) error {
	connus, err := c.logiciels(ctx)
	if err != nil {
		return err
	}
	parNom := map[string][]int64{}
	for i, x := range fiches {
		parNom[texte.Normalize(x.nom)] = append(parNom[texte.Normalize(x.nom)], ids[i])
	}
	var liens []lienLogiciel
	for i, x := range fiches {
		for _, s := range x.similaires {
			id := int64(0)
			if s.cle.Valeur != "" {
				id = connus.parIdentifiant[identifiantLogiciel{sourcesIdentifiants[s.cle.Genre].Nom, s.cle.Valeur}].id
			} else if n := parNom[texte.Normalize(s.nom)]; len(n) == 1 {
				id = n[0]
			}
			if id == 0 {
				c.report(x.ligne, "similaire", premier(s.nom, s.cle.Valeur), "« "+x.nom+" » : ce logiciel proche n'est pas connu, le lien est laissé de côté")
				continue
			}
			liens = append(liens, lienLogiciel{"SIMILAIRE", ids[i], id, source})
		}
	}
	return c.linkLogiciels(ctx, liens)
}

// readSILLCSV reads software.csv of the SILL's API of 2022, for its Wikidata identifiers.
func readSILLCSV(ctx context.Context, c *chargement, f fichier) error {
	fiches, err := c.fichesSILLCSV(f)
	if err != nil {
		return err
	}
	return c.mergeSILL(ctx, catalogueAPI, fiches)
}

func (c *chargement) fichesSILLCSV(f fichier) ([]ficheSILL, error) {
	vus := map[string]bool{}
	return lignes(c, func(yield func(ficheSILL, error) bool) {
		for l, err := range readCSV(f, ',', "ID", "nom", "fonction", "annees", "wikidata", "comptoir-du-libre", "licence", "similaire-a") {
			var x ficheSILL
			if err == nil {
				x, err = ficheSILLCSV(l)
			}
			if err == nil && vus[x.propre.Valeur] {
				err = l.refus("ID", "cet identifiant est déjà celui d'une autre ligne")
			}
			if err == nil {
				vus[x.propre.Valeur] = true
			}
			if !yield(x, err) {
				return
			}
		}
	})
}

func ficheSILLCSV(l ligneCSV) (ficheSILL, error) {
	if l.val("ID") == "" {
		return ficheSILL{}, l.refus("ID", "l'identifiant est obligatoire")
	}
	if l.val("nom") == "" {
		return ficheSILL{}, l.refus("nom", "le nom est obligatoire")
	}
	cles, err := identifiantsCSV(l, "ID", "wikidata", "comptoir-du-libre")
	if err != nil {
		return ficheSILL{}, err
	}
	champs := map[string]champJSON{}
	for nom, colonne := range map[string]string{"y": "annees", "si": "similaire-a"} {
		brut, _ := json.Marshal(l.val(colonne))
		champs[nom] = champJSON{brut, l.no}
	}
	lu, o := &lectureJSON{}, objetJSON{l.fichier, l.no, champs}
	return ficheSILL{
		ficheLogiciel: &ficheLogiciel{
			ligne: l.no, propre: cles[0], autres: cles[1:], nom: l.val("nom"), description: l.val("fonction"), licence: l.val("licence"),
			ajouteLe: lu.ajout(o),
		},
		similaires: lu.similaires(o),
	}, lu.err
}
