package db

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// Changement is one field of a thing, before and after. A reference is shown as the public id of what it names, a source
// by its name.
type Changement struct {
	Champ string
	Avant *string
	Apres *string
}

// muettes are the columns that say nothing to a reader: keys, copies, and what is computed. Those of one table alone are
// written with it.
var muettes = map[string]bool{
	"id": true, "cle": true, "slug": true, "revision": true, "ecrit_le": true, "tenu": true, "nom_tri": true, "nb_usages": true,
	"nb_usages_libres": true, "nb_utilisateurs": true, "periode": true, "depot_normalise": true, "strate": true,
	"usage.depuis": true, "usage.departement": true, "usage.libre": true,
	"candidature_id":                         true, // the thing itself
	"economie.calcul":                        true, // what it gives is told: the amounts
	"rencontre.dernier_jour":                 true,
	"retour_id":                              true, // the thing itself
	"participation_developpement.visibilite": true, // its development's
}

// references tells which table a column points to.
var references = map[string]string{
	"utilisateur_id": "organisation", "syndicat_id": "organisation", "beneficiaire_id": "organisation", "organisation_id": "organisation",
	"groupement_id": "organisation", "membre_id": "organisation", "via_id": "organisation", "collectivite_id": "organisation",
	"prestataire_id": "organisation", "verifiee_par_id": "organisation", "logiciel_id": "logiciel", "remplace_id": "logiciel",
	"de_id": "logiciel", "vers_id": "logiciel", "usage_id": "usage", "catalogue_id": "catalogue", "entree_id": "entree_catalogue",
	"part_de_id": "economie", "source_id": "source", "categorie_id": "categorie",
	"edition_id": "label_edition", "question_id": "label_question", "referentiel_id": "label_referentiel",
	"declarant_id": "organisation", "commune_id": "organisation",
	"serie_id": "serie_rencontres", "cadre_id": "rencontre", "rencontre_id": "rencontre", "intervention_id": "intervention",
	"reseau_id": "reseau", "federation_id": "reseau", "frequentation_source_id": "source",
	"economie_id": "economie", "fait_id": "fait", "developpement_id": "developpement",
}

// publicNames says how the rows of a table are named outside, as SQL: by type and key or, for a source, by its name.
var publicNames = map[string]string{
	"organisation":      "SELECT x.id, CASE x.genre WHEN 'SYNDICAT' THEN 'SyndicatMixte' WHEN 'PRESTATAIRE' THEN 'Prestataire' ELSE 'Collectivite' END, x.cle FROM organisation x",
	"logiciel":          "SELECT x.id, 'Logiciel', x.slug FROM logiciel x",
	"usage":             "SELECT x.id, 'Usage', x.cle::text FROM usage x",
	"catalogue":         "SELECT x.id, 'Catalogue', x.cle FROM catalogue x",
	"entree_catalogue":  "SELECT x.id, 'EntreeCatalogue', x.cle::text FROM entree_catalogue x",
	"economie":          "SELECT x.id, 'Economie', x.cle::text FROM economie x",
	"categorie":         "SELECT x.id, 'Categorie', x.code FROM categorie x",
	"source":            "SELECT x.id, '', x.nom FROM source x",
	"label_edition":     "SELECT x.id, 'EditionLabel', x.cle FROM label_edition x",
	"label_question":    "SELECT x.id, '', x.cle FROM label_question x",
	"label_referentiel": "SELECT x.id, '', x.cle FROM label_referentiel x",
	"reseau":            "SELECT x.id, 'Reseau', x.cle FROM reseau x",
	"serie_rencontres":  "SELECT x.id, 'SerieRencontres', x.cle FROM serie_rencontres x",
	"rencontre":         "SELECT x.id, 'Rencontre', x.cle::text FROM rencontre x",
	"intervention":      "SELECT x.id, 'Intervention', x.cle::text FROM intervention x",
	"developpement":     "SELECT x.id, 'Developpement', x.cle::text FROM developpement x",
	"fait":              "SELECT x.id, '', x.fait FROM fait x",
}

// version is one version of a row, as the journal keeps it.
type version map[string]json.RawMessage

func readVersion(raw json.RawMessage) (version, error) {
	var v version
	if len(raw) == 0 {
		return v, nil
	}
	return v, json.Unmarshal(raw, &v)
}

// ChangementsDe lists the fields that a change touched, by name.
func (s *Store) ChangementsDe(ctx context.Context, m *Modification) ([]*Changement, error) {
	names, err := perLot(ctx, m.lot, "changements", s.namesIn)
	if err != nil {
		return nil, err
	}
	avant, err := readVersion(m.Avant)
	if err != nil {
		return nil, err
	}
	apres, err := readVersion(m.Apres)
	if err != nil {
		return nil, err
	}
	for _, v := range []version{avant, apres} {
		if string(v["debut"]) == "null" {
			delete(v, "precision_debut") // of nothing
		}
	}
	columns := version{}
	maps.Copy(columns, avant)
	maps.Copy(columns, apres)
	all := []*Changement{}
	for column := range columns {
		if muettes[column] || muettes[m.Table+"."+column] {
			continue
		}
		c := &Changement{Champ: champ(column), Avant: names.show(column, avant[column]), Apres: names.show(column, apres[column])}
		if (c.Avant == nil) != (c.Apres == nil) || (c.Avant != nil && *c.Avant != *c.Apres) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b *Changement) int { return cmp.Compare(a.Champ, b.Champ) })
	return all, nil
}

// rowNames gives the outside name of rows, by table and row id.
type rowNames map[string]map[string]string

// namesIn reads the names of all that the changes of a lot refer to: one statement.
func (s *Store) namesIn(ctx context.Context, members []*Modification) (rowNames, error) {
	ids := map[string][]int64{}
	for _, m := range members {
		for _, raw := range []json.RawMessage{m.Avant, m.Apres} {
			v, err := readVersion(raw)
			if err != nil {
				return nil, err
			}
			for column, value := range v {
				if id, err := strconv.ParseInt(string(value), 10, 64); err == nil && references[column] != "" {
					ids[references[column]] = append(ids[references[column]], id)
				}
			}
		}
	}
	found := rowNames{}
	var q *bun.SelectQuery
	for table, ids := range ids {
		found[table] = map[string]string{}
		one := s.bun.NewSelect().ColumnExpr("? AS nom_table, y.id::text AS id, y.typ, y.cle", table).
			TableExpr("("+publicNames[table]+" WHERE x.id IN (?)) AS y (id, typ, cle)", bun.List(ids))
		if q == nil {
			q = one
		} else {
			q = q.UnionAll(one)
		}
	}
	if q == nil {
		return found, nil
	}
	var rows []struct{ NomTable, ID, Typ, Cle string }
	if err := many(ctx, q, &rows); err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.Typ != "" {
			r.Cle = identifiant.Global(r.Typ, r.Cle)
		}
		found[r.NomTable][r.ID] = r.Cle
	}
	return found, nil
}

// show writes the value of a column for a reader; nil for none, and for a reference to what the reader cannot see.
func (n rowNames) show(column string, raw json.RawMessage) *string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" || string(raw) == "[]" {
		return nil
	}
	text := string(raw)
	var items []any
	switch table := references[column]; {
	case table != "":
		name, ok := n[table][text]
		if !ok {
			return nil
		}
		text = name
	case strings.HasSuffix(column, "_centimes"), column == "jours": // in hundredths as well
		if cents, err := strconv.ParseInt(text, 10, 64); err == nil {
			text = Euros(cents).String()
		}
	case json.Unmarshal(raw, &text) == nil: // a text
	case json.Unmarshal(raw, &items) == nil:
		words := make([]string, len(items))
		for i, item := range items {
			words[i] = fmt.Sprint(item)
		}
		text = strings.Join(words, ", ")
	}
	return &text
}

// champ names a column as the API names the field: "precision_debut" is precisionDebut, "syndicat_id" syndicat.
func champ(column string) string {
	column = strings.TrimSuffix(strings.TrimSuffix(column, "_id"), "_centimes")
	words := strings.Split(column, "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}
