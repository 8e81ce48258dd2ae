package seed

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/licence"
	"github.com/mutualibre/mutualibre/domain/rapprochement"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// catalogue is a source of logiciels. Its rank settles who is right where two of them speak of one software.
type catalogue struct {
	origine
	rang int
}

// The catalogues. A software bears the source of the highest one that speaks of it; for each of its fields,
//
//   - name, description and site: a higher or equal rank replaces, a lower one fills what is empty;
//   - repository: one that names a repository beats an address that does not, then as above;
//   - licence: one that is read beats one of which only the family is known, which beats one that is not read (the SILL
//     writes "CPA" and "N/A"), then as above: the Comptoir du Libre gives "Creative Commons" by default to a dozen
//     software of which the SILL knows the licence;
//   - day of reference: the earliest;
//   - identifiers, categories, links: added to, never removed.
//
// Nothing that a source does not say ever blanks what another said. The file of the software's own authors comes first,
// then what was checked by hand, then the SILL, whose later editions come before that of 2022, then the Comptoir, on
// which anybody may write.
var (
	catalogueSILL2022 = catalogue{origine{"sill-2022-05", "Socle interministériel de logiciels libres, mai 2022",
		"https://github.com/etalab/sill-data/blob/1263e08b/docs/sill.json", licenceOuverte20}, 30}
	catalogueSILL = catalogue{origine{"sill", "Socle interministériel de logiciels libres", "https://code.gouv.fr/sill/", licenceOuverte20}, 32}
	catalogueAPI  = catalogue{origine{"sill-api-2022-02", "Socle interministériel de logiciels libres, données de son API, février 2022",
		"https://github.com/codegouvfr/sill-api", licenceOuverte20}, 20}
	catalogueComptoir   = catalogue{origine{"comptoir-du-libre", "Comptoir du Libre (ADULLACT)", "https://comptoir-du-libre.org/", ""}, 10}
	cataloguePubliccode = catalogue{origine{"publiccode", "Fichiers publiccode.yml des éditeurs", "https://yml.publiccode.tools/", ""}, 50}
	catalogueCites      = catalogue{origine{"logiciels-cites", "Liste de logiciels tenue à la main", "", ""}, 40}
)

// rangDe gives the rank of a source by its key; an unknown one is what somebody checked by hand.
func rangDe(cle string) int {
	for _, c := range []catalogue{catalogueSILL2022, catalogueSILL, catalogueAPI, catalogueComptoir, cataloguePubliccode} {
		if c.cle == cle {
			return c.rang
		}
	}
	return catalogueCites.rang
}

// ficheLogiciel is a record of a catalogue, in the terms of the graph.
type ficheLogiciel struct {
	ligne       int
	propre      rapprochement.Cle   // what identifies the record in its file
	autres      []rapprochement.Cle // its other identifiers, without the repository
	nom         string
	autresNoms  []string
	description string
	licence     string // in the words of the source
	site, depot string
	slug        string // imposed by the file; "": made from the name
	categories  []string
	ajouteLe    time.Time // zero: not said
	source      int64     // the row of source that says it; 0: that of the catalogue
}

// sourcesIdentifiants are the kinds of the table identifiant, and where each leads.
var sourcesIdentifiants = rapprochement.Referentiels()

func cleSILL(v string) rapprochement.Cle {
	return rapprochement.Cle{Genre: rapprochement.SILL, Valeur: v}
}
func cleWikidata(v string) rapprochement.Cle {
	return rapprochement.Cle{Genre: rapprochement.Wikidata, Valeur: v}
}
func cleComptoir(v string) rapprochement.Cle {
	return rapprochement.Cle{Genre: rapprochement.Comptoir, Valeur: v}
}
func cleCNLL(v string) rapprochement.Cle {
	return rapprochement.Cle{Genre: rapprochement.CNLL, Valeur: v}
}
func cleFramalibre(v string) rapprochement.Cle {
	return rapprochement.Cle{Genre: rapprochement.Framalibre, Valeur: v}
}

// logicielLu is a row of the table logiciel.
type logicielLu struct {
	id                          int64 // 0: to be added
	slug, nom, tri              string
	description                 string
	licence                     licence.Resultat
	site, depot, depotNormalise string
	ajouteLe                    time.Time
	source                      int64
	rang                        int
	cles                        []rapprochement.Cle
	fonduDans                   int64 // the software that took this one over, which alone can still be read; 0: none
}

// mergeSheets brings the records into the graph: each joins the software that its identifiers lead to, or becomes a new one
// (see domain/rapprochement). What could not be settled is reported. It returns the id of the software of each record,
// 0 for those left out.
func (c *chargement) mergeSheets(ctx context.Context, cat catalogue, fiches []*ficheLogiciel) ([]int64, error) {
	for _, f := range fiches {
		c.checkTailles(f)
	}
	if err := c.bilanErreurs(); err != nil {
		return nil, err
	}
	source, err := c.source(ctx, cat.origine)
	if err != nil {
		return nil, err
	}
	tous, err := c.readLogiciels(ctx)
	if err != nil {
		return nil, err
	}
	decisions := c.match(tous, fiches)

	parID, slugs := map[int64]*logicielLu{}, map[string]*logicielLu{}
	for _, l := range tous {
		parID[l.id], slugs[l.slug] = l, l
	}
	logiciels, successeurs := make([]*logicielLu, len(fiches)), make([]int64, len(fiches))
	for i, f := range fiches {
		d := decisions[i]
		l := parID[d.ID]
		if d.Ecartee {
			c.report(f.ligne, "nom", f.nom, "fiche écartée : aucun de ses identifiants n'est libre, elle ne pourrait pas être reconnue à la lecture suivante")
			continue
		}
		if l != nil && l.fonduDans != 0 {
			successeurs[i] = l.fonduDans
			c.rapport.Inchanges++
			continue
		}
		if l == nil {
			l = &logicielLu{nom: f.nom, ajouteLe: jour(c.maintenant), rang: cat.rang}
			tous = append(tous, l)
		}
		logiciels[i] = l
	}
	naming(fiches, logiciels, slugs)
	var noms []autreNomLogiciel
	for i, f := range fiches {
		if logiciels[i] != nil {
			noms = append(noms, c.completeFrom(logiciels[i], f, cat.rang, cmp.Or(f.source, source), decisions[i].Ajouts)...)
		}
	}
	c.reportHomonyms(tous, fiches, logiciels)
	if err := c.writeLogiciels(ctx, logiciels); err != nil {
		return nil, err
	}
	ids, err := c.idsDesLogiciels(ctx, logiciels)
	if err != nil {
		return nil, err
	}
	for i, id := range successeurs {
		ids[i] = max(ids[i], id)
	}
	return ids, c.writeAutour(ctx, source, fiches, decisions, ids, noms)
}

// maxNom and maxDescription bound, in characters, what is sorted and what is searched.
const (
	maxNom         = 200
	maxDescription = 20000
)

// checkTailles refuses texts that no index could hold.
func (c *chargement) checkTailles(f *ficheLogiciel) {
	for _, nom := range append([]string{f.nom}, f.autresNoms...) {
		if utf8.RuneCountInString(nom) > maxNom {
			c.refuse(nouvelleAnomalie(c.fichier.nom, f.ligne, "nom", nom, fmt.Sprintf("ce nom est trop long : %d caractères au plus", maxNom)))
		}
	}
	for colonne, texte := range map[string]string{"description": f.description, "licence": f.licence} {
		if utf8.RuneCountInString(texte) > maxDescription {
			c.refuse(nouvelleAnomalie(c.fichier.nom, f.ligne, colonne, texte, fmt.Sprintf("ce texte est trop long : %d caractères au plus", maxDescription)))
		}
	}
}

func (c *chargement) readLogiciels(ctx context.Context) ([]*logicielLu, error) {
	rows, err := c.tx.Query(ctx, `
		SELECT l.id, l.slug, l.nom, l.nom_tri, coalesce(l.description, ''), coalesce(l.licence_origine, ''), coalesce(l.site, ''),
			coalesce(l.depot, ''), coalesce(l.depot_normalise, ''), l.ajoute_le, l.source_id, s.cle, 0
		FROM logiciel l JOIN source s ON s.id = l.source_id
		UNION ALL (SELECT DISTINCT ON (l.id) l.id, l.slug, l.nom, l.nom_tri, '', '', '', '',
			CASE WHEN NOT EXISTS (SELECT FROM logiciel x WHERE x.depot_normalise = l.depot_normalise) THEN coalesce(l.depot_normalise, '') ELSE '' END,
			l.ajoute_le, l.source_id, s.cle, f.logiciel_id
			FROM logiciel_fusionne f JOIN logiciel_passe l ON l.id = f.ancien_id JOIN source s ON s.id = l.source_id ORDER BY l.id, l.remplace_le DESC)
		ORDER BY 1`)
	if err != nil {
		return nil, fmt.Errorf("lecture des logiciels : %w", err)
	}
	var tous []*logicielLu
	parID := map[int64]*logicielLu{}
	var l logicielLu
	var origineLicence, cleSource string
	if _, err := pgx.ForEachRow(rows, []any{&l.id, &l.slug, &l.nom, &l.tri, &l.description, &origineLicence, &l.site, &l.depot,
		&l.depotNormalise, &l.ajouteLe, &l.source, &cleSource, &l.fonduDans}, func() error {
		lu := l
		lu.licence, lu.rang = licence.Parse(origineLicence), rangDe(cleSource)
		if lu.depotNormalise != "" {
			lu.cles = append(lu.cles, rapprochement.Cle{Genre: rapprochement.Depot, Valeur: lu.depotNormalise})
		}
		if lu.rang == catalogueCites.rang {
			lu.cles = append(lu.cles, rapprochement.Cle{Genre: rapprochement.Slug, Valeur: lu.slug})
		}
		tous, parID[lu.id] = append(tous, &lu), &lu
		return nil
	}); err != nil {
		return nil, fmt.Errorf("lecture des logiciels : %w", err)
	}
	genres := map[string]rapprochement.Genre{}
	for g, s := range sourcesIdentifiants {
		genres[s.Nom] = g
	}
	rows, err = c.tx.Query(ctx, identifiantsConnus)
	if err != nil {
		return nil, fmt.Errorf("lecture des identifiants : %w", err)
	}
	var nom, valeur string
	var id int64
	_, err = pgx.ForEachRow(rows, []any{&nom, &valeur, &id}, func() error {
		parID[id].cles = append(parID[id].cles, rapprochement.Cle{Genre: genres[nom], Valeur: valeur})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("lecture des identifiants : %w", err)
	}
	return tous, nil
}

// match decides for every record, and reports the identifiers that are contested.
func (c *chargement) match(tous []*logicielLu, fiches []*ficheLogiciel) []rapprochement.Decision {
	connus := make([]rapprochement.Connu, len(tous))
	slugs, successeur := map[int64]string{}, map[int64]int64{}
	for i, l := range tous {
		connus[i], slugs[l.id], successeur[l.id] = rapprochement.Connu{ID: l.id, Cles: l.cles}, l.slug, l.fonduDans
	}
	lues := make([]rapprochement.Fiche, len(fiches))
	for i, f := range fiches {
		lues[i] = rapprochement.Fiche{Propre: f.propre, Autres: f.autres}
		if d := identifiant.Depot(f.depot); d != "" {
			lues[i].Autres = append(slices.Clone(f.autres), rapprochement.Cle{Genre: rapprochement.Depot, Valeur: d})
		}
	}
	decisions := rapprochement.Match(connus, lues)
	for i, d := range decisions {
		for _, k := range d.Conflits {
			if k.Motif == rapprochement.Ailleurs && successeur[d.ID] == k.ID {
				continue // it went to the successor with the rest
			}
			colonne := nomGenre(k.Cle.Genre)
			switch k.Motif {
			case rapprochement.Ailleurs:
				c.report(fiches[i].ligne, colonne, k.Cle.Valeur, fmt.Sprintf("« %s » : cet identifiant est déjà celui de « %s », il y reste", fiches[i].nom, slugs[k.ID]))
			case rapprochement.Dispute:
				c.report(fiches[i].ligne, colonne, k.Cle.Valeur, fmt.Sprintf("« %s » : plusieurs fiches du fichier ont cet identifiant, aucune ne le reçoit", fiches[i].nom))
			case rapprochement.Different:
				c.report(fiches[i].ligne, colonne, k.Cle.Valeur, fmt.Sprintf("« %s » : ce logiciel a déjà un autre identifiant, %s, qu'il garde", fiches[i].nom, k.Valeur))
			}
		}
	}
	return decisions
}

func nomGenre(g rapprochement.Genre) string {
	switch g {
	case rapprochement.Depot:
		return "dépôt"
	case rapprochement.Slug:
		return "slug"
	}
	return strings.ToLower(sourcesIdentifiants[g].Nom)
}

// naming gives new software their slug: the one imposed, else made from the name; when another software has it, followed
// by the record's own identifier. Records are taken by identifier, so that their order in the file does not matter.
func naming(fiches []*ficheLogiciel, logiciels []*logicielLu, pris map[string]*logicielLu) {
	var nouveaux []int
	for i, l := range logiciels {
		if l != nil && l.id == 0 {
			nouveaux = append(nouveaux, i)
		}
	}
	slices.SortFunc(nouveaux, func(a, b int) int {
		x, y := fiches[a].propre.Valeur, fiches[b].propre.Valeur
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	})
	for _, i := range nouveaux {
		f := fiches[i]
		base := cmp.Or(f.slug, identifiant.Slug(f.nom), "logiciel")
		slug := base
		if pris[slug] != nil {
			slug = strings.Trim(base+"-"+identifiant.Slug(nomGenre(f.propre.Genre)+" "+f.propre.Valeur), "-")
		}
		for n := 2; pris[slug] != nil; n++ {
			slug = fmt.Sprintf("%s-%d", base, n)
		}
		logiciels[i].slug, pris[slug] = slug, logiciels[i]
	}
}

type autreNomLogiciel struct {
	logiciel *logicielLu
	nom      string
	source   int64
}

// completeFrom brings a software to what a record says of it, by the precedence written above the catalogues, and returns
// all the names that it was given.
func (c *chargement) completeFrom(l *logicielLu, f *ficheLogiciel, rang int, source int64, acquis []rapprochement.Cle) []autreNomLogiciel {
	dessus := rang >= l.rang
	noms := append(slices.Clone(f.autresNoms), l.nom, f.nom) // the one that it ends up bearing is dropped when written
	if dessus {
		l.nom = f.nom
	}
	l.tri = texte.Normalize(l.nom)
	remplacer(&l.description, f.description, dessus)
	site, ok := adresse(f.site)
	if !ok {
		c.report(f.ligne, "site", f.site, fmt.Sprintf("« %s » : cette adresse n'est pas utilisable", f.nom))
	}
	remplacer(&l.site, site, dessus)
	c.completeDepot(l, f, dessus, acquis)
	c.completeLicence(l, f, dessus)
	if !f.ajouteLe.IsZero() && f.ajouteLe.Before(l.ajouteLe) {
		l.ajouteLe = f.ajouteLe
	}
	if dessus {
		l.source, l.rang = source, rang
	}
	var autres []autreNomLogiciel
	for _, n := range noms {
		autres = append(autres, autreNomLogiciel{l, n, source})
	}
	return autres
}

func remplacer(valeur *string, nouvelle string, dessus bool) {
	if nouvelle != "" && (dessus || *valeur == "") {
		*valeur = nouvelle
	}
}

// completeDepot keeps the spelling that joins only when no other software has that repository.
func (c *chargement) completeDepot(l *logicielLu, f *ficheLogiciel, dessus bool, acquis []rapprochement.Cle) {
	if f.depot == "" {
		return
	}
	depot, ok := adresse(f.depot)
	normalise := identifiant.Depot(f.depot)
	if normalise == "" {
		c.report(f.ligne, "dépôt", f.depot, fmt.Sprintf("« %s » : cette adresse ne désigne pas un dépôt de code source", f.nom))
	}
	if !ok && normalise == "" {
		return
	}
	if !ok {
		depot = strings.TrimSpace(f.depot)
	}
	mien := normalise == l.depotNormalise || slices.Contains(acquis, rapprochement.Cle{Genre: rapprochement.Depot, Valeur: normalise})
	if !mien {
		normalise = ""
	}
	if l.depot == "" || l.depotNormalise == "" && normalise != "" || dessus && (normalise != "" || l.depotNormalise == "") {
		l.depot, l.depotNormalise = depot, normalise
	}
}

// valeurLicence orders what is known of a licence: not said, not read, a family, read.
func valeurLicence(r licence.Resultat) int {
	switch r.Lecture {
	case licence.Absente, "":
		return 0
	case licence.Inconnue:
		return 1
	case licence.Famille:
		return 2
	}
	return 3
}

func (c *chargement) completeLicence(l *logicielLu, f *ficheLogiciel, dessus bool) {
	lue := licence.Parse(f.licence)
	switch lue.Lecture {
	case licence.Inconnue:
		c.report(f.ligne, "licence", lue.Origine, fmt.Sprintf("« %s » : licence non reconnue (%s)", f.nom, strings.Join(lue.NonLus, ", ")))
	case licence.Famille:
		c.report(f.ligne, "licence", lue.Origine, fmt.Sprintf("« %s » : une famille de licences sans sa version", f.nom))
	}
	avant, apres := valeurLicence(l.licence), valeurLicence(lue)
	if apres > avant || apres == avant && apres > 0 && dessus {
		l.licence = lue
	}
}

// reportHomonyms reports the records whose name is also that of another software: never joined, maybe the same.
func (c *chargement) reportHomonyms(tous []*logicielLu, fiches []*ficheLogiciel, logiciels []*logicielLu) {
	parNom := map[string][]*logicielLu{}
	for _, l := range tous {
		if l.fonduDans == 0 {
			parNom[compact(l.nom)] = append(parNom[compact(l.nom)], l)
		}
	}
	for i, f := range fiches {
		if logiciels[i] == nil {
			continue
		}
		var autres []string
		for _, l := range parNom[compact(f.nom)] {
			if l != logiciels[i] {
				autres = append(autres, l.slug)
			}
		}
		if len(autres) > 0 {
			slices.Sort(autres)
			c.report(f.ligne, "nom", f.nom, fmt.Sprintf("même nom que « %s » : doublon possible, à rapprocher à la main", strings.Join(autres, " », « ")))
		}
	}
}

func compact(nom string) string { return strings.ReplaceAll(texte.Normalize(nom), " ", "") }

func (c *chargement) writeLogiciels(ctx context.Context, logiciels []*logicielLu) error {
	return c.merge(ctx, fusion{
		table: "logiciel",
		colonnes: []string{"slug", "nom", "nom_tri", "description", "libre", "licence", "licence_origine", "site", "depot", "depot_normalise",
			"ajoute_le", "source_id"},
		cle: []string{"slug"},
	}, func(yield func([]any) bool) {
		for _, l := range logiciels {
			if l != nil && !yield([]any{l.slug, l.nom, l.tri, nul(l.description), l.licence.Libre, nul(l.licence.Expression), nul(l.licence.Origine),
				nul(l.site), nul(l.depot), nul(l.depotNormalise), l.ajouteLe, l.source}) {
				return
			}
		}
	})
}

func (c *chargement) idsDesLogiciels(ctx context.Context, logiciels []*logicielLu) ([]int64, error) {
	connus, err := c.logiciels(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(logiciels))
	for i, l := range logiciels {
		if l != nil {
			l.id = connus.parSlug[l.slug].id
			ids[i] = l.id
		}
	}
	return ids, nil
}

// writeAutour writes the identifiers, the categories and the other names.
func (c *chargement) writeAutour(ctx context.Context, source int64, fiches []*ficheLogiciel, decisions []rapprochement.Decision, ids []int64, noms []autreNomLogiciel) error {
	if err := c.merge(ctx, fusion{
		table: "identifiant", colonnes: []string{"source", "valeur", "logiciel_id", "url", "source_id"}, cle: []string{"source", "valeur"},
		fige: []string{"logiciel_id", "url", "source_id"},
	}, func(yield func([]any) bool) {
		for i, d := range decisions {
			for _, k := range d.Ajouts {
				s, ok := sourcesIdentifiants[k.Genre]
				if ok && ids[i] != 0 && !yield([]any{s.Nom, k.Valeur, ids[i], s.Adresse + url.PathEscape(k.Valeur), cmp.Or(fiches[i].source, source)}) {
					return
				}
			}
		}
	}); err != nil {
		return err
	}
	if err := c.writeCategories(ctx, fiches, ids); err != nil {
		return err
	}
	tous := make([]nomAlternatif, len(noms))
	for i, n := range noms {
		tous[i] = nomAlternatif{logiciel: n.logiciel.id, nom: n.nom, propre: n.logiciel.tri, source: n.source}
	}
	return c.writeNoms(ctx, tous, true)
}

func (c *chargement) writeCategories(ctx context.Context, fiches []*ficheLogiciel, ids []int64) error {
	categories, err := c.categories(ctx)
	if err != nil {
		return err
	}
	type lien struct{ logiciel, categorie int64 }
	vus := map[lien]bool{}
	var liens []lien
	for i, f := range fiches {
		for _, code := range f.categories {
			k := lien{ids[i], categories[code]}
			if k.categorie == 0 {
				c.report(f.ligne, "catégorie", code, "cette catégorie n'existe pas : importez d'abord les catégories")
			} else if ids[i] != 0 && !vus[k] {
				vus[k], liens = true, append(liens, k)
			}
		}
	}
	colonnes := []string{"logiciel_id", "categorie_id"}
	return c.merge(ctx, fusion{table: "logiciel_categorie", colonnes: colonnes, cle: colonnes, muet: true},
		chaque(liens, func(l lien) []any { return []any{l.logiciel, l.categorie} }))
}

// lienLogiciel is an edge of the table logiciel_lien.
type lienLogiciel struct {
	genre    string // REMPLACE or SIMILAIRE
	de, vers int64
	source   int64
}

// linkLogiciels writes edges. SIMILAIRE goes both ways; an edge from a software to itself or to none is dropped, and of
// two that say the same the first stays. So is one that a merger made absurd: only what is free replaces, and only what is
// not is replaced.
func (c *chargement) linkLogiciels(ctx context.Context, liens []lienLogiciel) error {
	connus, err := c.logiciels(ctx)
	if err != nil {
		return err
	}
	succede, libre := map[int64]bool{}, map[int64]bool{}
	for _, l := range connus.parSlug {
		libre[l.id], succede[l.id] = l.libre, succede[l.id] || l.fondu
	}
	vus := map[lienLogiciel]bool{}
	var tous []lienLogiciel
	for _, l := range liens {
		sens := []lienLogiciel{l}
		if l.genre == "SIMILAIRE" {
			sens = append(sens, lienLogiciel{l.genre, l.vers, l.de, l.source})
		}
		for _, s := range sens {
			cle := lienLogiciel{genre: s.genre, de: s.de, vers: s.vers}
			absurde := s.genre == "REMPLACE" && (succede[s.de] || succede[s.vers]) && (!libre[s.de] || libre[s.vers])
			if s.de != 0 && s.vers != 0 && s.de != s.vers && !absurde && !vus[cle] {
				vus[cle], tous = true, append(tous, s)
			}
		}
	}
	return c.merge(ctx, fusion{
		table: "logiciel_lien", colonnes: []string{"genre", "de_id", "vers_id", "source_id"}, cle: []string{"genre", "de_id", "vers_id"},
		fige: []string{"source_id"},
	}, chaque(tous, func(l lienLogiciel) []any { return []any{l.genre, l.de, l.vers, l.source} }))
}

// adresse cleans a web address: spaces removed, "https://" added when it has no scheme. ok is false for what is none.
func adresse(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", true
	}
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || len(s) > 2000 || !strings.Contains(u.Hostname(), ".") || strings.ContainsAny(s, " \t\r\n<>\"") {
		return "", false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		u.User = nil
		return strings.ToLower(u.Scheme) + s[len(u.Scheme):], true
	}
	return "", false
}

// jour is the day of an instant, in UTC.
func jour(t time.Time) time.Time {
	a, m, j := t.UTC().Date()
	return time.Date(a, m, j, 0, 0, 0, 0, time.UTC)
}
