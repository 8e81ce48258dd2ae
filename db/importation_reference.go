package db

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// referenceImport says what a column names.
type referenceImport struct {
	// genres are those of the organisations admitted; nil: the column names a software, unless catalogue is true.
	genres    []string
	catalogue bool
	// autre is a column that may stand for this one, and how it is looked up.
	autre   string
	trouver func(*annuaireImport, string) (*cible, string)
	requise bool
}

// cible is what a reference leads to, and what the tables copy of it.
type cible struct {
	id          int64
	cle         string
	genre       string // of an organisation
	nature      string
	departement string
	libre       bool
	syndicat    int64 // of a catalogue
}

// annuaireImport is what references name. Software and catalogues are read once: there are some hundreds of them.
// Organisations, tens of thousands, as lines name them.
type annuaireImport struct {
	organisations     map[string]*cible // by key, by SIREN and by the keys of what was merged into them; nil: looked for, and not found
	communes          map[string]*cible // by code, former ones included; nil: likewise
	organisationsByID map[int64]*cible

	logiciels      map[string]*cible // by slug, and "WIKIDATA:Q10135"
	noms           map[string][]*cible
	catalogues     map[string]*cible
	parSyndicat    map[int64][]*cible
	logicielsByID  map[int64]*cible
	cataloguesByID map[int64]*cible
	sourcesID      []string // of software, elsewhere
}

func readAnnuaire(ctx context.Context, tx bun.Tx) (*annuaireImport, error) {
	a := &annuaireImport{organisations: map[string]*cible{}, communes: map[string]*cible{}, organisationsByID: map[int64]*cible{},
		logiciels: map[string]*cible{}, noms: map[string][]*cible{}, catalogues: map[string]*cible{}, parSyndicat: map[int64][]*cible{},
		logicielsByID: map[int64]*cible{}, cataloguesByID: map[int64]*cible{}}
	var (
		id, syndicat             int64
		cle, nom, source, valeur string
		libre                    bool
	)
	err := eachRow(ctx, tx, `SELECT id, slug, nom_tri, libre FROM logiciel ORDER BY id`, nil, []any{&id, &cle, &nom, &libre}, func() {
		l := &cible{id: id, cle: cle, libre: libre}
		a.logicielsByID[id], a.logiciels[cle] = l, l
		a.noms[nom] = append(a.noms[nom], l)
	})
	if err != nil {
		return nil, err
	}
	err = eachRow(ctx, tx, `SELECT logiciel_id, slug FROM logiciel_fusionne`, nil, []any{&id, &cle}, func() {
		if a.logiciels[cle] == nil {
			a.logiciels[cle] = a.logicielsByID[id]
		}
	})
	if err != nil {
		return nil, err
	}
	err = eachRow(ctx, tx, `SELECT logiciel_id, source, valeur FROM identifiant`, nil, []any{&id, &source, &valeur}, func() {
		a.logiciels[source+":"+valeur] = a.logicielsByID[id]
		if !slices.Contains(a.sourcesID, source) {
			a.sourcesID = append(a.sourcesID, source)
		}
	})
	if err != nil {
		return nil, err
	}
	return a, eachRow(ctx, tx, `SELECT id, cle, syndicat_id FROM catalogue ORDER BY id`, nil, []any{&id, &cle, &syndicat}, func() {
		k := &cible{id: id, cle: cle, syndicat: syndicat}
		a.catalogues[cle], a.cataloguesByID[id] = k, k
		a.parSyndicat[syndicat] = append(a.parSyndicat[syndicat], k)
	})
}

// eachRow scans the rows of a statement into dest, one after the other, and calls add after each.
func eachRow(ctx context.Context, tx bun.Tx, sql string, args []any, dest []any, add func()) error {
	rows, err := tx.QueryContext(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		add()
	}
	return rows.Err()
}

// readNamed reads the organisations that lines name and that were not looked for yet.
func (a *annuaireImport) readNamed(ctx context.Context, tx bun.Tx, lines []*LigneImport) error {
	cles, codes := map[string]*cible{}, map[string]*cible{}
	ask := func(v string) {
		if k := cleOrganisation(v); k != "" {
			if _, known := a.organisations[k]; !known {
				cles[k] = nil
			}
		}
		if k := codeCommune(v); identifiant.CheckCommune(k) == nil {
			if _, known := a.communes[k]; !known {
				codes[k] = nil
			}
		}
	}
	for _, l := range lines {
		for n := range l.Table.Colonnes {
			c := &l.Table.Colonnes[n]
			if c.ref == nil {
				continue
			}
			if v, _ := l.Valeurs[n].(string); v != "" && c.ref.genres != nil {
				ask(v)
			}
			if c.ref.autre != "" {
				ask(*or(lu[string](l, c.ref.autre), ""))
			}
		}
	}
	if len(cles)+len(codes) == 0 {
		return nil
	}
	var (
		id       int64
		cle      string
		fondues  = map[string]int64{}
		communes = map[string]int64{}
		ids      []int64
		asked    = pgdialect.Array(slices.Collect(maps.Keys(cles)))
	)
	err := eachRow(ctx, tx, `SELECT organisation_id, cle FROM organisation_fusionnee WHERE cle = ANY (?)`, []any{asked}, []any{&id, &cle}, func() {
		fondues[cle], ids = id, append(ids, id)
	})
	if err != nil {
		return err
	}
	err = eachRow(ctx, tx, `SELECT organisation_id, code FROM code_insee WHERE nature = 'COMMUNE' AND code = ANY (?)`,
		[]any{pgdialect.Array(slices.Collect(maps.Keys(codes)))}, []any{&id, &cle}, func() { communes[cle], ids = id, append(ids, id) })
	if err != nil {
		return err
	}
	// The last of those that answer to one key stands: one in activity, rather than not.
	err = a.read(ctx, tx, `o.cle = ANY (?0) OR o.siren = ANY (?0) OR o.id = ANY (?1)`, []any{asked, pgdialect.Array(ids)}, func(o *cible, siren string) {
		for _, k := range []string{o.cle, siren} {
			if _, is := cles[k]; is {
				cles[k] = o
			}
		}
	})
	if err != nil {
		return err
	}
	for k, id := range fondues {
		if cles[k] == nil {
			cles[k] = a.organisationsByID[id]
		}
	}
	for k, id := range communes {
		codes[k] = a.organisationsByID[id]
	}
	maps.Copy(a.organisations, cles)
	maps.Copy(a.communes, codes)
	return nil
}

// readNumbered reads the organisations of these row ids that were not read yet.
func (a *annuaireImport) readNumbered(ctx context.Context, tx bun.Tx, ids []int64) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id == 0 || a.organisationsByID[id] != nil })
	if len(ids) == 0 {
		return nil
	}
	return a.read(ctx, tx, `o.id = ANY (?0)`, []any{pgdialect.Array(ids)}, func(*cible, string) {})
}

// read reads some organisations.
func (a *annuaireImport) read(ctx context.Context, tx bun.Tx, where string, args []any, add func(o *cible, siren string)) error {
	var (
		o     cible
		siren string
	)
	return eachRow(ctx, tx, `SELECT o.id, o.cle, coalesce(o.siren, ''), o.genre, coalesce(o.nature, ''), o.departement FROM organisation o WHERE `+where+` ORDER BY o.actif, o.id`,
		args, []any{&o.id, &o.cle, &siren, &o.genre, &o.nature, &o.departement}, func() {
			if a.organisationsByID[o.id] == nil {
				one := o
				a.organisationsByID[o.id] = &one
			}
			add(a.organisationsByID[o.id], siren)
		})
}

// The search functions return what a text names or, with nil, why it names nothing; an empty reason is that nothing has
// that name.

// organisation is named by its SIREN, its key or its public id.
func (a *annuaireImport) organisation(v string) (*cible, string) {
	k := cleOrganisation(v)
	if k != "" && strings.Trim(k, "0123456789") == "" {
		if len(k) == 14 {
			return nil, "un SIREN est attendu : les neuf premiers chiffres de ce SIRET"
		}
		if err := identifiant.CheckSIREN(k); err != nil && a.organisations[k] == nil {
			return nil, err.Error()
		}
	}
	return a.organisations[k], ""
}

// cleOrganisation is the key, or the SIREN, by which a text names an organisation.
func cleOrganisation(v string) string {
	if compact := strings.Join(strings.Fields(v), ""); strings.Trim(compact, "0123456789") == "" {
		return compact
	}
	if typ, cle, err := identifiant.ParseGlobal(v); err == nil && slices.Contains([]string{"Collectivite", "SyndicatMixte", "Prestataire"}, typ) {
		return cle
	}
	return v
}

// commune is named by its INSEE code; a former one leads to what the commune became.
func (a *annuaireImport) commune(v string) (*cible, string) {
	k := codeCommune(v)
	if err := identifiant.CheckCommune(k); err != nil {
		return nil, err.Error()
	}
	return a.communes[k], ""
}

// codeCommune is the INSEE code that a text gives.
func codeCommune(v string) string {
	if v = strings.ToUpper(v); len(v) == 4 {
		v = "0" + v // spreadsheets lose it
	}
	return v
}

// logiciel is named by its slug, its public id, an identifier elsewhere ("wikidata:Q10135") or its exact name.
func (a *annuaireImport) logiciel(v string) (*cible, string) {
	if l := a.logiciels[v]; l != nil {
		return l, ""
	}
	if source, valeur, ok := strings.Cut(v, ":"); ok && slices.Contains(a.sourcesID, strings.ToUpper(strings.TrimSpace(source))) {
		return a.logiciels[strings.ToUpper(strings.TrimSpace(source))+":"+strings.TrimSpace(valeur)], ""
	}
	if typ, slug, err := identifiant.ParseGlobal(v); err == nil && typ == "Logiciel" {
		return a.logiciels[slug], ""
	}
	switch found := a.noms[texte.Normalize(v)]; {
	case len(found) == 1:
		return found[0], ""
	case len(found) > 1:
		var slugs []string
		for _, l := range found {
			slugs = append(slugs, l.cle)
		}
		return nil, "plusieurs logiciels portent ce nom ; donnez l'une de ces clés : " + strings.Join(slugs, ", ")
	}
	return nil, ""
}

// catalogue is named by its key or its public id.
func (a *annuaireImport) catalogue(v string) (*cible, string) {
	if typ, cle, err := identifiant.ParseGlobal(v); err == nil && typ == "Catalogue" {
		v = cle
	}
	return a.catalogues[v], ""
}

// catalogueDuSyndicat is the only catalogue of a syndicat.
func (a *annuaireImport) catalogueDuSyndicat(v string) (*cible, string) {
	o, reason := a.organisation(v)
	if o == nil {
		return nil, reason
	}
	switch all := a.parSyndicat[o.id]; len(all) {
	case 0:
		return nil, "ce syndicat n'a pas encore de catalogue : créez-le d'abord (« creerCatalogue »)"
	case 1:
		return all[0], ""
	default:
		return nil, "ce syndicat a plusieurs catalogues : dites lequel dans la colonne « catalogue »"
	}
}

// resolve replaces, in a line, what its references say by what they lead to, and reads its id.
func (i *Importation) resolve(l *LigneImport) {
	if id := lu[string](l, "id"); id != nil {
		typ, cle, err := identifiant.ParseGlobal(*id)
		switch {
		case err != nil:
			l.refuse(Invalide, "id", "cet identifiant n'est pas lisible : reprenez-le d'un export, ou laissez-le vide pour déclarer")
		case typ != i.Table.typeID:
			l.refuse(Invalide, "id", "cet identifiant est celui d'un objet %s, pas %s", typ, i.Table.typeID)
		default:
			l.cle = cle
		}
	}
	for n := range i.Table.Colonnes {
		if c := &i.Table.Colonnes[n]; c.ref != nil {
			i.resolveOne(l, n, c)
		}
	}
}

func (i *Importation) resolveOne(l *LigneImport, n int, c *ColonneImport) {
	colonne, trouver := c.Nom, (*annuaireImport).logiciel
	switch {
	case c.ref.catalogue:
		trouver = (*annuaireImport).catalogue
	case c.ref.genres != nil:
		trouver = (*annuaireImport).organisation
	}
	v, _ := l.Valeurs[n].(string)
	if v == "" && c.ref.autre != "" {
		if w := lu[string](l, c.ref.autre); w != nil {
			v, colonne, trouver = *w, c.ref.autre, c.ref.trouver
		}
	}
	if v == "" {
		if c.ref.requise && lu[string](l, "id") == nil {
			l.refuse(Requis, colonne, "cette valeur est obligatoire")
		}
		return
	}
	found, reason := trouver(i.annuaire, v)
	switch {
	case found == nil && reason != "":
		l.refuse(Invalide, colonne, "%s", reason)
	case found == nil:
		l.refuse(Introuvable, colonne, "rien ne porte ce nom, ce code ou cette clé dans le graphe")
	case c.ref.genres != nil && !slices.Contains(c.ref.genres, found.genre):
		l.refuse(Invalide, colonne, "cette organisation n'est pas du genre attendu ici : %s", enFrancais.Replace(strings.Join(c.ref.genres, " ou ")))
	default:
		l.Valeurs[n] = found
	}
}

// cible is what a reference of the line leads to; nil for none.
func (l *LigneImport) cible(colonne string) *cible {
	c, _ := l.valeur(colonne).(*cible)
	return c
}

// reference is the row id that a reference leads to; nil for none.
func (l *LigneImport) reference(colonne string) *int64 {
	if c := l.cible(colonne); c != nil {
		return &c.id
	}
	return nil
}

// sourcesImport are the sources of the base.
type sourcesImport struct {
	byID  map[int64]SourceInput
	byCle map[string]int64
}

func readSources(ctx context.Context, tx bun.Tx) (*sourcesImport, error) {
	s := &sourcesImport{map[int64]SourceInput{}, map[string]int64{}}
	var (
		id  int64
		cle string
		in  SourceInput
	)
	err := eachRow(ctx, tx, `SELECT id, cle, nom, url FROM source`, nil, []any{&id, &cle, &in.Nom, &in.URL}, func() { s.byID[id], s.byCle[cle] = in, id })
	return s, err
}

// sourceSaid is what a line says of its source, over what is said already; nil when it says nothing else.
func (i *Importation) sourceSaid(l *LigneImport, now int64) *SourceInput {
	nom, adresse := lu[string](l, "source"), lu[string](l, "source_url")
	if nom == nil && adresse == nil {
		if now == 0 {
			return i.options.Source
		}
		return nil
	}
	said := i.sources.byID[now]
	if nom != nil {
		said.Nom = *nom
	}
	if adresse != nil || l.donne("source_url") {
		said.URL = adresse
	}
	if former, known := i.sources.byID[now]; known && former.Nom == said.Nom && *or(former.URL, "") == *or(said.URL, "") {
		return nil
	}
	return &said
}

// cleSource is the key of a source; nil is the word of the organisation that acts.
func (i *Importation) cleSource(l *LigneImport, said *SourceInput) string {
	if said != nil {
		return said.cle()
	}
	if o := i.annuaire.organisationsByID[l.droit.OrganisationID]; o != nil {
		return cleDeclaration(o.cle)
	}
	return ""
}

// knownSource gives a row the source that its line names, if the base has it.
func (i *Importation) knownSource(l *LigneImport, source *int64) {
	said := i.sourceSaid(l, *source)
	if said == nil && *source != 0 {
		return
	}
	id := i.sources.byCle[i.cleSource(l, said)]
	if *source = id; id == 0 {
		l.sourceNouvelle, l.sourceDite = true, said
	}
}

// newSource gives a row the source that the base did not have, now that its line is good.
func (i *Importation) newSource(ctx context.Context, l *LigneImport, source *int64) error {
	if !l.sourceNouvelle {
		return nil
	}
	return i.checked(l, func(e *ecriture) error {
		id, err := e.source(ctx, l.sourceDite)
		if err != nil {
			return err
		}
		*source = id
		i.sources.byCle[i.cleSource(l, l.sourceDite)] = id
		if l.sourceDite != nil {
			i.sources.byID[id] = *l.sourceDite
		}
		return nil
	})
}
