package db

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// Message is what a webhook is told of a publication, as JSON.
type Message struct {
	ID            string                `json:"id"`
	Numero        int64                 `json:"numero"`
	Le            time.Time             `json:"le"`
	Operation     string                `json:"operation"`
	Par           *Auteur               `json:"par"`
	Modifications []ModificationMessage `json:"modifications"`
	// Total counts the changes of the publication, of which the first maxModifications are here.
	Total int `json:"total"`
}

// Auteur is the organisation for which someone acted.
type Auteur struct {
	ID  string `json:"id"`
	Nom string `json:"nom"`
}

// ModificationMessage is one change, as its reader sees it: what becomes private is withdrawn from all others.
type ModificationMessage struct {
	Evenement   EvenementWebhook    `json:"evenement"`
	Genre       string              `json:"genre"`
	Objet       ObjetMessage        `json:"objet"`
	Changements []ChangementMessage `json:"changements"`
}

// ObjetMessage names what was changed.
type ObjetMessage struct {
	Type string  `json:"type"`
	ID   *string `json:"id"` // null: it is no more
}

// ChangementMessage is one field, before and after, as the API's history shows it.
type ChangementMessage struct {
	Champ string  `json:"champ"`
	Avant *string `json:"avant"`
	Apres *string `json:"apres"`
}

// maxModifications bounds a message: an import publishes thousands of changes at once.
const maxModifications = 100

// evenements names the events of a message.
func (m *Message) evenements() []EvenementWebhook {
	var all []EvenementWebhook
	for _, c := range m.Modifications {
		all = append(all, c.Evenement)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// message reads a publication as the reader of ctx sees it, for what a webhook listens to; nil when nothing is left.
func (s *Store) message(ctx context.Context, e ecoute, numero int64) (*Message, error) {
	var rows []*Modification
	q := e.entendu(selectRows(s, (*Modification)(nil), columnsModification).Join("JOIN publication AS pu ON pu.id = jo.publication_id")).
		Where("pu.numero = ?", numero)
	if err := many(ctx, q.OrderExpr("jo.id").Limit(maxModifications), &rows); err != nil || len(rows) == 0 {
		return nil, err
	}
	gather(rows)
	m := &Message{Numero: numero, Le: time.Time(rows[0].Le).UTC().Truncate(time.Millisecond), Operation: rows[0].Operation, Total: len(rows)}
	if len(rows) == maxModifications {
		q := e.entendu(s.bun.NewSelect().TableExpr("journal AS jo").Join("JOIN publication AS pu ON pu.id = jo.publication_id")).Where("pu.numero = ?", numero)
		if err := many(ctx, q.ColumnExpr("count(*)"), &m.Total); err != nil {
			return nil, err
		}
	}
	auteur, err := s.AuteurDe(ctx, rows[0])
	if err != nil {
		return nil, err
	}
	if auteur != nil {
		m.Par = &Auteur{ID: auteur.ID(), Nom: auteur.fiche().Nom}
	}
	for _, row := range rows {
		c, err := s.modificationMessage(ctx, row)
		if err != nil {
			return nil, err
		}
		m.Modifications = append(m.Modifications, *c)
	}
	return m, nil
}

// modificationMessage shows one change as its reader sees it.
func (s *Store) modificationMessage(ctx context.Context, row *Modification) (*ModificationMessage, error) {
	objet, err := s.objetMessage(ctx, row)
	if err != nil {
		return nil, err
	}
	changements, err := s.ChangementsDe(ctx, row)
	if err != nil {
		return nil, err
	}
	c := &ModificationMessage{Evenement: evenementDe(row.ObjetType), Genre: string(row.vu()), Objet: *objet, Changements: []ChangementMessage{}}
	for _, v := range changements {
		c.Changements = append(c.Changements, ChangementMessage(*v))
	}
	return c, nil
}

// tables holds the objects of a type; the other tables that the journal follows hold parts of them.
var tables = map[string]string{"Organisation": "organisation", "Logiciel": "logiciel", "Usage": "usage", "Economie": "economie", "Contrat": "contrat",
	"Proposition": "proposition", "Adhesion": "adhesion", "Catalogue": "catalogue", "EntreeCatalogue": "entree_catalogue"}

// objetMessage names what a change belongs to. A row that is the thing itself says its key, even when it is no more, or
// is hidden since.
func (s *Store) objetMessage(ctx context.Context, row *Modification) (*ObjetMessage, error) {
	if tables[row.ObjetType] != row.Table {
		n, err := s.ObjetDe(ctx, row, Selection{Cle: "objet", Champs: map[string]bool{}})
		if n == nil || err != nil {
			return &ObjetMessage{Type: row.ObjetType}, err
		}
		id := n.ID()
		return &ObjetMessage{Type: row.ObjetType, ID: &id}, nil
	}
	raw := row.Apres
	if len(raw) == 0 {
		raw = row.Avant
	}
	var v struct{ Cle, Slug, Genre string }
	if len(raw) == 0 { // hidden since: what it is called is all that is told
		q := s.base.NewSelect().TableExpr("? AS x", bun.Ident(row.Table)).ColumnExpr("x.cle::text").Where("x.id = ?", row.ObjetID)
		if found, err := one(ctx, q, &v.Cle); !found {
			return &ObjetMessage{Type: row.ObjetType}, err
		}
	} else if err := json.Unmarshal(raw, &v); err != nil {
		return nil, err
	}
	typ := row.ObjetType
	if typ == "Organisation" {
		typ = map[string]string{"COLLECTIVITE": "Collectivite", "SYNDICAT": "SyndicatMixte", "PRESTATAIRE": "Prestataire"}[v.Genre]
	}
	id := identifiant.Global(typ, v.Cle+v.Slug) // one or the other
	return &ObjetMessage{Type: typ, ID: &id}, nil
}
