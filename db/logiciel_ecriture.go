package db

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/licence"
	"github.com/mutualibre/mutualibre/domain/rapprochement"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// LogicielPayload is a software as it stands after a mutation, or what keeps it from being done.
type LogicielPayload struct {
	Logiciel *Logiciel
	Erreurs  []*Erreur
}

// logicielPayload reads a software again, once the mutation is over.
func (s *Store) logicielPayload(ctx context.Context, slug string, fautes Fautes, err error, sel Selection) (*LogicielPayload, error) {
	l, err := written[*Logiciel](ctx, s, "Logiciel", slug, err, sel)
	return &LogicielPayload{Logiciel: l, Erreurs: fautes}, err
}

// SourceIdentifiant is a catalogue in which a software may have an identifier; its values are the contract's.
type SourceIdentifiant string

// IdentifiantInput is what a software is called in another catalogue.
type IdentifiantInput struct {
	Source SourceIdentifiant
	Valeur string
}

// CreerLogicielInput describes a software to create.
type CreerLogicielInput struct {
	CleIdempotence *string
	Nom            string
	Description    *string
	Licence        *string
	Site           *string
	Depot          *string
	Categories     []string
	Identifiants   []*IdentifiantInput
	Distinct       *bool
	Source         *SourceInput
}

// CreerLogiciel adds a software that the graph does not know. One that looks known already is a Duplique, and is shown.
func (s *Store) CreerLogiciel(ctx context.Context, in CreerLogicielInput, sel Selection) (*LogicielPayload, error) {
	slug, fautes, err := s.write(ctx, demande{"creerLogiciel", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		if err := e.authorise(ctx, "", 0); err != nil {
			return "", err
		}
		l := saisieLogiciel{nom: &in.Nom, description: in.Description, licence: in.Licence, site: in.Site, depot: in.Depot}
		if err := e.readLogiciel(ctx, &l, in.Categories); err != nil {
			return "", err
		}
		cles := e.readIdentifiants(in.Identifiants)
		if err := e.ready(); err != nil {
			return "", err
		}
		if err := e.alone(ctx); err != nil {
			return "", err
		}
		if connu, err := e.knownAs(ctx, l, cles, *or(in.Distinct, false)); err != nil {
			return connu, err
		}
		source, err := e.source(ctx, in.Source)
		if err != nil {
			return "", err
		}
		slug, err := e.freeSlug(ctx, *l.nom)
		if err != nil {
			return "", err
		}
		depot, err := e.ownDepot(ctx, 0, l.depot)
		if err != nil {
			return "", err
		}
		var id int64
		if err := e.tx.NewRaw(`INSERT INTO logiciel (slug, nom, nom_tri, description, libre, licence, licence_origine, site, depot, depot_normalise, ajoute_le, source_id)
			VALUES (?, ?, ?, ?, ?, nullif(?, ''), nullif(?, ''), ?, ?, nullif(?, ''), ?, ?) RETURNING id`, slug, *l.nom, texte.Normalize(*l.nom),
			l.description, l.lue.Libre, l.lue.Expression, l.lue.Origine, l.site, l.depot, depot, *e.today(), source).Scan(ctx, &id); err != nil {
			return "", err
		}
		for _, k := range cles {
			if err := e.addIdentifiant(ctx, id, k, source); err != nil {
				return "", err
			}
		}
		return slug, e.setCategories(ctx, id, l.categories)
	})
	return s.logicielPayload(ctx, slug, fautes, err, sel)
}

// CorrigerLogicielInput corrects a software from the revision that was read.
type CorrigerLogicielInput struct {
	CleIdempotence *string
	ID             string
	Revision       int
	Nom            *string
	Description    *string
	Licence        *string
	Site           *string
	Depot          *string
	Categories     []string
	Source         *SourceInput
}

// CorrigerLogiciel corrects the fields given. A licence that makes it free, or not free any more, is carried to its usages
// by the foreign key, and takes away the replacements that it contradicts. Its former name still leads to it.
func (s *Store) CorrigerLogiciel(ctx context.Context, in CorrigerLogicielInput, given Champs, sel Selection) (*LogicielPayload, error) {
	slug, fautes, err := s.write(ctx, demande{"corrigerLogiciel", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		if err := e.authorise(ctx, "", 0); err != nil {
			return "", err
		}
		l, err := e.lockLogiciel(ctx, "id", in.ID)
		if err != nil {
			return "", err
		}
		if err := current(l.Revision, in.Revision); err != nil {
			return l.Slug, err
		}
		n := saisieLogiciel{nom: in.Nom, description: in.Description, licence: in.Licence, site: in.Site, depot: in.Depot}
		if err := e.readLogiciel(ctx, &n, in.Categories); err != nil {
			return "", err
		}
		if in.Source != nil {
			if l.SourceID, err = e.source(ctx, in.Source); err != nil {
				return l.Slug, err
			}
		}
		if err := e.ready(); err != nil {
			return l.Slug, err
		}
		depot, err := e.ownDepot(ctx, l.Rowid, n.depot)
		if err != nil {
			return "", err
		}
		ancienNom := l.Nom
		if n.nom != nil {
			l.Nom, l.NomTri = *n.nom, texte.Normalize(*n.nom)
		}
		correct(given, "description", &l.Description, n.description)
		correct(given, "site", &l.Site, n.site)
		correct(given, "depot", &l.Depot, n.depot)
		if given["licence"] {
			l.Libre, l.Licence, l.LicenceOrigine = n.lue.Libre, nonEmpty(n.lue.Expression), nonEmpty(n.lue.Origine)
		}
		if _, err := e.tx.NewRaw(`UPDATE logiciel SET nom = ?, nom_tri = ?, description = ?, libre = ?, licence = ?, licence_origine = ?, site = ?,
			depot = ?, depot_normalise = CASE WHEN ? THEN nullif(?, '') ELSE depot_normalise END, source_id = ? WHERE id = ?`, l.Nom, l.NomTri,
			l.Description, l.Libre, l.Licence, l.LicenceOrigine, l.Site, l.Depot, given["depot"], depot, l.SourceID, l.Rowid).Exec(ctx); err != nil {
			return "", err
		}
		if given["categories"] {
			if err := e.setCategories(ctx, l.Rowid, n.categories); err != nil {
				return "", err
			}
		}
		if err := e.addNoms(ctx, "logiciel_id", l.Rowid, l.NomTri, l.SourceID, ancienNom); err != nil {
			return "", err
		}
		return l.Slug, e.dropContradictions(ctx, l.Rowid)
	})
	return s.logicielPayload(ctx, slug, fautes, err, sel)
}

// AjouterIdentifiantInput is what a software is called in another catalogue.
type AjouterIdentifiantInput struct {
	CleIdempotence *string
	Logiciel       string
	Source         SourceIdentifiant
	Valeur         string
}

// AjouterIdentifiant writes down what a software is called in another catalogue. An identifier that is another's is a
// Duplique, and that other is shown.
func (s *Store) AjouterIdentifiant(ctx context.Context, in AjouterIdentifiantInput, sel Selection) (*LogicielPayload, error) {
	slug, fautes, err := s.write(ctx, demande{"ajouterIdentifiant", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		if err := e.authorise(ctx, "", 0); err != nil {
			return "", err
		}
		if err := e.alone(ctx); err != nil {
			return "", err
		}
		k := e.readIdentifiant("valeur", in.Source, in.Valeur)
		l, err := e.lockLogiciel(ctx, "logiciel", in.Logiciel)
		if err != nil {
			return "", err
		}
		connus, err := e.knownBy(ctx, "", []rapprochement.Cle{k}, l.Rowid)
		if err != nil {
			return "", err
		}
		for _, c := range connus {
			for _, a := range c.Cles {
				switch {
				case a == k && c.ID == l.Rowid:
					return l.Slug, nil
				case a == k:
					return c.slug, faute(Duplique, "valeur", "l'identifiant %s « %s » est déjà celui de « %s »", in.Source, k.Valeur, c.nom)
				case a.Genre == k.Genre && c.ID == l.Rowid:
					return l.Slug, faute(Invalide, "valeur", "« %s » a déjà un autre identifiant %s : « %s »", c.nom, in.Source, a.Valeur)
				}
			}
		}
		source, err := e.word(ctx)
		if err != nil {
			return "", err
		}
		return l.Slug, e.addIdentifiant(ctx, l.Rowid, k, source)
	})
	return s.logicielPayload(ctx, slug, fautes, err, sel)
}

// MarquerRemplacementInput names a free software and a proprietary one that it can stand in for.
type MarquerRemplacementInput struct {
	CleIdempotence *string
	Logiciel       string
	Remplace       string
	Retirer        *bool
}

// MarquerRemplacement says that a free software can stand in for a proprietary one, or takes that back.
func (s *Store) MarquerRemplacement(ctx context.Context, in MarquerRemplacementInput, sel Selection) (*LogicielPayload, error) {
	slug, fautes, err := s.write(ctx, demande{"marquerRemplacement", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		if err := e.authorise(ctx, "", 0); err != nil {
			return "", err
		}
		libre, err := e.logiciel(ctx, "logiciel", in.Logiciel)
		if err != nil {
			return "", err
		}
		autre, err := e.logiciel(ctx, "remplace", in.Remplace)
		if err != nil {
			return "", err
		}
		if err := e.ready(); err != nil {
			return "", err
		}
		if *or(in.Retirer, false) {
			retire, err := e.tx.NewRaw(`DELETE FROM logiciel_lien WHERE genre = 'REMPLACE' AND de_id = ? AND vers_id = ?`, libre.Rowid, autre.Rowid).Exec(ctx)
			if err != nil {
				return "", err
			}
			n, _ := retire.RowsAffected()
			e.verify(n == 1, Introuvable, "remplace", "« %s » n'est pas dit remplacer « %s »", libre.Nom, autre.Nom)
			return libre.Slug, e.ready()
		}
		e.verify(libre.Libre, Invalide, "logiciel", "« %s » n'est pas libre, ou sa licence n'est pas connue : seul un logiciel libre en remplace un autre", libre.Nom)
		e.verify(!autre.Libre, Invalide, "remplace", "« %s » est libre : ce serait une alternative, pas un remplacement", autre.Nom)
		if err := e.ready(); err != nil {
			return libre.Slug, err
		}
		source, err := e.word(ctx)
		if err != nil {
			return "", err
		}
		_, err = e.tx.NewRaw(`INSERT INTO logiciel_lien (genre, de_id, vers_id, source_id) VALUES ('REMPLACE', ?, ?, ?) ON CONFLICT (genre, de_id, vers_id) DO NOTHING`,
			libre.Rowid, autre.Rowid, source).Exec(ctx)
		return libre.Slug, err
	})
	return s.logicielPayload(ctx, slug, fautes, err, sel)
}

// lockLogiciel reads a whole software for this transaction alone.
func (e *ecriture) lockLogiciel(ctx context.Context, champ, id string) (*Logiciel, error) {
	named, err := e.logiciel(ctx, champ, id)
	if err != nil {
		return nil, err
	}
	if err := e.ready(); err != nil {
		return nil, err
	}
	l := new(Logiciel)
	found, err := lock(ctx, e, l, Selection{}.columns(columnsLogiciel, longColumnsLogiciel), "l.slug", named.Slug)
	if err == nil && !found {
		err = faute(Introuvable, champ, "« %s » : ce logiciel n'existe plus", champ)
	}
	return l, err
}

// saisieLogiciel is what a mutation gives of a software; nil: not given, or erased.
type saisieLogiciel struct {
	nom, description, licence, site, depot *string
	lue                                    licence.Resultat
	categories                             []int64
}

// Bounds of what is typed, in characters.
const (
	maxNomLogiciel  = 200
	maxDescription  = 4000
	maxAdresse      = 500
	maxCategories   = 20
	maxIdentifiants = 5
)

// readLogiciel cleans what a mutation gives and notes its faults.
func (e *ecriture) readLogiciel(ctx context.Context, l *saisieLogiciel, categories []string) error {
	if l.nom != nil {
		nom := texte.SansEspacesSuperflus(*l.nom)
		e.verify(utf8.RuneCountInString(nom) <= maxNomLogiciel && texte.Normalize(nom) != "", Invalide, "nom", "« nom » compte de 1 à %d caractères, dont une lettre ou un chiffre", maxNomLogiciel)
		l.nom = &nom
	}
	l.description = e.texteLibre("description", l.description, maxDescription)
	l.licence = e.texteLibre("licence", l.licence, maxAdresse)
	l.site = e.texteLibre("site", l.site, maxAdresse)
	l.depot = e.texteLibre("depot", l.depot, maxAdresse)
	e.checkURL("site", l.site)
	e.verify(l.depot == nil || webURL(*l.depot) || identifiant.Depot(*l.depot) != "", Invalide, "depot", "« depot » n'est pas l'adresse d'un dépôt de code")
	if l.licence != nil {
		l.lue = licence.Parse(*l.licence)
	}
	var err error
	l.categories, err = e.categories(ctx, "categories", categories, maxCategories)
	return err
}

// readIdentifiants checks the identifiers of a new software, one at most for each catalogue.
func (e *ecriture) readIdentifiants(list []*IdentifiantInput) []rapprochement.Cle {
	var cles []rapprochement.Cle
	e.verify(len(list) <= maxIdentifiants, Invalide, "identifiants", "« identifiants » en compte %d : %d au plus", len(list), maxIdentifiants)
	for _, i := range list {
		k := e.readIdentifiant("identifiants", i.Source, i.Valeur)
		double := slices.ContainsFunc(cles, func(a rapprochement.Cle) bool { return a.Genre == k.Genre })
		e.verify(!double, Invalide, "identifiants", "« identifiants » : plusieurs %s pour un même logiciel", i.Source)
		cles = append(cles, k)
	}
	return cles
}

func (e *ecriture) readIdentifiant(champ string, source SourceIdentifiant, valeur string) rapprochement.Cle {
	for genre, r := range rapprochement.Referentiels() {
		if r.Nom == string(source) {
			valeur = strings.TrimSpace(valeur)
			e.verify(r.Forme.MatchString(valeur), Invalide, champ, "« %s » n'est pas un identifiant de la forme de ceux de %s", valeur, source)
			return rapprochement.Cle{Genre: genre, Valeur: valeur}
		}
	}
	e.verify(false, Invalide, champ, "« %s » n'est pas un référentiel connu", source)
	return rapprochement.Cle{}
}

// logicielConnu is a software that an identifier or a repository leads to.
type logicielConnu struct {
	rapprochement.Connu
	slug, nom string
}

// knownBy reads the software that have one of these identifiers or this repository, and those of these row ids.
func (e *ecriture) knownBy(ctx context.Context, depot string, cles []rapprochement.Cle, ids ...int64) ([]logicielConnu, error) {
	referentiels := rapprochement.Referentiels()
	var sources, valeurs []string
	for _, k := range cles {
		sources, valeurs = append(sources, referentiels[k.Genre].Nom), append(valeurs, k.Valeur)
	}
	var rows []struct {
		ID                               int64
		Slug, Nom, Depot, Source, Valeur string
	}
	if err := e.tx.NewRaw(`SELECT l.id, l.slug, l.nom, coalesce(l.depot_normalise, '') AS depot, coalesce(i.source, '') AS source, coalesce(i.valeur, '') AS valeur
		FROM logiciel l LEFT JOIN identifiant i ON i.logiciel_id = l.id
		WHERE l.depot_normalise = nullif(?0, '') OR l.id = ANY (?1)
			OR l.id IN (SELECT x.logiciel_id FROM identifiant x JOIN unnest(?2::text[], ?3::text[]) k (source, valeur) USING (source, valeur))
		ORDER BY l.id, i.source, i.valeur`, depot, pgdialect.Array(ids), pgdialect.Array(sources), pgdialect.Array(valeurs)).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	var connus []logicielConnu
	for _, r := range rows {
		if n := len(connus); n == 0 || connus[n-1].ID != r.ID {
			connus = append(connus, logicielConnu{rapprochement.Connu{ID: r.ID, Cles: []rapprochement.Cle{{Genre: rapprochement.Depot, Valeur: r.Depot}}}, r.Slug, r.Nom})
		}
		for genre, ref := range referentiels {
			if ref.Nom == r.Source {
				c := &connus[len(connus)-1]
				c.Cles = append(c.Cles, rapprochement.Cle{Genre: genre, Valeur: r.Valeur})
			}
		}
	}
	return connus, nil
}

// knownAs looks for the software that a new one probably is: first the one that its identifiers and its repository lead to
// (see domain/rapprochement), then one of the same name. It returns its slug and a Duplique that names it. distinct: a
// repository and a name may be shared, never an identifier.
func (e *ecriture) knownAs(ctx context.Context, l saisieLogiciel, cles []rapprochement.Cle, distinct bool) (string, error) {
	depot := ""
	if l.depot != nil && !distinct {
		depot = identifiant.Depot(*l.depot)
	}
	connus, err := e.knownBy(ctx, depot, cles)
	if err != nil {
		return "", err
	}
	known := make([]rapprochement.Connu, len(connus))
	for i, c := range connus {
		known[i] = c.Connu
	}
	d := rapprochement.Match(known, []rapprochement.Fiche{{Propre: rapprochement.Cle{Genre: rapprochement.Depot, Valeur: depot}, Autres: cles}})[0]
	for _, k := range d.Conflits {
		if k.Motif == rapprochement.Ailleurs && k.Cle.Genre != rapprochement.Depot && d.ID == 0 {
			d.ID = k.ID
		}
	}
	for _, c := range connus {
		if c.ID == d.ID {
			champ, quoi := "depot", "ce dépôt"
			if slices.ContainsFunc(cles, func(k rapprochement.Cle) bool { return slices.Contains(c.Cles, k) }) {
				champ, quoi = "identifiants", "cet identifiant"
			}
			return c.slug, faute(Duplique, champ, "%s est déjà celui de « %s »", quoi, c.nom)
		}
	}
	if distinct {
		return "", nil
	}
	var homonymes []struct{ Slug, Nom string }
	if err := e.tx.NewRaw(`SELECT l.slug, l.nom FROM logiciel l WHERE l.id IN (SELECT r.logiciel_id FROM recherche r WHERE r.compact = ?) ORDER BY l.id LIMIT 1`,
		strings.ReplaceAll(texte.Normalize(*l.nom), " ", "")).Scan(ctx, &homonymes); err != nil || len(homonymes) == 0 {
		return "", err
	}
	return homonymes[0].Slug, faute(Duplique, "nom", "« %s » existe déjà ; si c'en est un autre du même nom, dites-le avec « distinct »", homonymes[0].Nom)
}

// freeSlug makes a slug from a name: that of no software, present or merged.
func (e *ecriture) freeSlug(ctx context.Context, nom string) (string, error) {
	base := identifiant.Slug(nom)
	if base == "" {
		base = "logiciel"
	}
	var taken []string
	if err := e.tx.NewRaw(`SELECT slug FROM logiciel WHERE slug = ?0 OR starts_with(slug, ?0 || '-')
		UNION SELECT slug FROM logiciel_fusionne WHERE slug = ?0 OR starts_with(slug, ?0 || '-')`, base).Scan(ctx, &taken); err != nil {
		return "", err
	}
	slug := base
	for n := 2; slices.Contains(taken, slug); n++ {
		slug = fmt.Sprintf("%s-%d", base, n)
	}
	return slug, nil
}

// ownDepot gives the spelling of a repository that joins, or "" when another software than id has it: it joins none then.
func (e *ecriture) ownDepot(ctx context.Context, id int64, depot *string) (string, error) {
	if depot == nil {
		return "", nil
	}
	var others int
	normalise := identifiant.Depot(*depot)
	err := e.tx.NewRaw(`SELECT count(*) FROM logiciel WHERE depot_normalise = ? AND id <> ?`, normalise, id).Scan(ctx, &others)
	if others > 0 {
		normalise = ""
	}
	return normalise, err
}

// word is the source of a declaration that names none: the word of who acts, moderators included.
func (e *ecriture) word(ctx context.Context) (int64, error) {
	if e.droit.OrganisationID != 0 {
		return e.source(ctx, nil)
	}
	return e.source(ctx, &SourceInput{Nom: "Modération de Mutualibre"})
}

func (e *ecriture) addIdentifiant(ctx context.Context, id int64, k rapprochement.Cle, source int64) error {
	r := rapprochement.Referentiels()[k.Genre]
	_, err := e.tx.NewRaw(`INSERT INTO identifiant (source, valeur, logiciel_id, url, source_id) VALUES (?, ?, ?, ?, ?)`,
		r.Nom, k.Valeur, id, r.Adresse+url.PathEscape(k.Valeur), source).Exec(ctx)
	return err
}

// setCategories makes these the categories of a software.
func (e *ecriture) setCategories(ctx context.Context, id int64, categories []int64) error {
	if _, err := e.tx.NewRaw(`DELETE FROM logiciel_categorie WHERE logiciel_id = ? AND categorie_id <> ALL (?)`, id, pgdialect.Array(categories)).Exec(ctx); err != nil {
		return err
	}
	_, err := e.tx.NewRaw(`INSERT INTO logiciel_categorie (logiciel_id, categorie_id) SELECT ?, c FROM unnest(?::bigint[]) c ON CONFLICT (logiciel_id, categorie_id) DO NOTHING`,
		id, pgdialect.Array(categories)).Exec(ctx)
	return err
}

// addNoms makes names lead to a software or to an organisation, but those that only repeat its own, tri.
func (e *ecriture) addNoms(ctx context.Context, reference string, id int64, tri string, source int64, noms ...string) error {
	if _, err := e.tx.NewRaw(`DELETE FROM nom_alternatif WHERE ? = ? AND nom_tri = ?`, bun.Ident(reference), id, tri).Exec(ctx); err != nil {
		return err
	}
	for _, nom := range noms {
		t := texte.Normalize(nom)
		if t == tri || t == "" {
			continue
		}
		if _, err := e.tx.NewRaw(`INSERT INTO nom_alternatif (?, nom, nom_tri, source_id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			bun.Ident(reference), id, nom, t, source).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// dropContradictions takes away the replacements that the licence of a software contradicts: only what is free replaces,
// only what is not is replaced.
func (e *ecriture) dropContradictions(ctx context.Context, id int64) error {
	_, err := e.tx.NewRaw(`DELETE FROM logiciel_lien x USING logiciel l WHERE l.id = ? AND x.genre = 'REMPLACE'
		AND ((x.de_id = l.id AND NOT l.libre) OR (x.vers_id = l.id AND l.libre))`, id).Exec(ctx)
	return err
}
