package db

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// GenreModification is what happened to a row of the graph.
type GenreModification string

// Modification is one row of the graph changed by a publication: who, when, what, before and after. Versions that the
// reader may not see are not there.
type Modification struct {
	bun.BaseModel         `bun:"table:journal,alias:jo"`
	membre[*Modification] `bun:"-"`

	Rowid          int64             `bun:"id,pk"`
	Genre          GenreModification `bun:"genre"`
	Table          string            `bun:"nom_table"`
	ObjetType      string            `bun:"objet_type"`
	ObjetID        int64             `bun:"objet_id"`
	Avant          json.RawMessage   `bun:"avant"`
	Apres          json.RawMessage   `bun:"apres"`
	Numero         int64             `bun:"numero,scanonly"`
	Le             Instant           `bun:"le,scanonly"`
	Operation      string            `bun:"operation,scanonly"`
	Role           *droit.Role       `bun:"role,scanonly"`
	OrganisationID *int64            `bun:"organisation_id,scanonly"`
	Signature      *string           `bun:"signature,scanonly"`
	Motif          *string           `bun:"motif,scanonly"`
	ParentID       int64             `bun:"parent_id,scanonly"`
}

// cache tells that all the reader may learn of the thing is its id, and that it is hidden.
func (m *Modification) cache() bool {
	return len(m.Apres) == 0 && (m.Genre != "RETRAIT" || len(m.Avant) == 0)
}

// vu tells what happened in the eyes of the reader, who may see one of the two versions only, or none any more.
func (m *Modification) vu() GenreModification {
	switch {
	case m.cache():
		return "RETRAIT"
	case m.Genre == "CORRECTION" && len(m.Avant) == 0:
		return "AJOUT"
	}
	return m.Genre
}

// ModificationConnection and ModificationEdge page lists of changes.
type (
	ModificationConnection = page.Connection[*Modification]
	ModificationEdge       = page.Edge[*Modification]
)

// ID returns the public id.
func (m *Modification) ID() string {
	return identifiant.Global("Modification", strconv.FormatInt(m.Rowid, 10))
}

var columnsModification = []string{"jo.id", "jo.genre", "jo.nom_table", "jo.objet_type", "jo.objet_id", "jo.avant", "jo.apres",
	"pu.numero", "pu.le", "pu.operation", "pu.role", "pu.organisation_id", "nullif(pu.nom, '') AS signature", "pu.motif"}

// listeModifications lists changes, latest first.
func listeModifications(filter criteria, ties ...string) liste[*Modification, *Modification] {
	return liste[*Modification, *Modification]{
		columns: columnsModification,
		order: page.Order[*Modification]{Name: "journal", Keys: []page.Key{{Expr: "jo.id", Kind: page.Int}}, Desc: true,
			Values: func(m *Modification) []any { return []any{m.Rowid} }},
		filter: func(q *bun.SelectQuery) *bun.SelectQuery {
			return filter(q.Join("JOIN publication pu ON pu.id = jo.publication_id"))
		},
		ties: ties, parent: func(m *Modification) int64 { return m.ParentID },
		node: func(m *Modification) *Modification { return m },
	}
}

// Suivi is anything whose changes are written down.
type Suivi interface {
	historique(context.Context, *Store, page.Args, Selection) (*ModificationConnection, error)
}

// HistoriqueDe lists what happened to something, latest first.
func (s *Store) HistoriqueDe(ctx context.Context, of Suivi, a page.Args, sel Selection) (*ModificationConnection, error) {
	return of.historique(ctx, s, a, sel)
}

// historique lists the changes of every row of a lot. former, when set, gives the rows merged into each: their history
// is now its own.
func historique[P any](ctx context.Context, s *Store, l *lot[P], typ, former string, id func(P) int64, from P, a page.Args, sel Selection) (*ModificationConnection, error) {
	tie := "jo.objet_type = '" + typ + "' AND jo.objet_id = "
	ties := []string{tie + "p.id"}
	if former != "" {
		ties = append(ties, tie+"ANY (ARRAY("+former+"))")
	}
	return childrenOf(ctx, s, l, id, from, listeModifications(everything, ties...), a, sel)
}

func (f *Fiche) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, f.lot, "Organisation", "SELECT m.ancien_id FROM organisation_fusionnee m WHERE m.organisation_id = p.id", ficheID, f, a, sel)
}

func (l *Logiciel) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, l.lot, "Logiciel", "SELECT m.ancien_id FROM logiciel_fusionne m WHERE m.logiciel_id = p.id", logicielID, l, a, sel)
}

func (c *Catalogue) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, c.lot, "Catalogue", "", catalogueID, c, a, sel)
}

func (e *EntreeCatalogue) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, e.lot, "EntreeCatalogue", "", entreeID, e, a, sel)
}

func (u *Usage) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, u.lot, "Usage", "", usageID, u, a, sel)
}

func (e *Economie) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, e.lot, "Economie", "", economieID, e, a, sel)
}

func (c *Contrat) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, c.lot, "Contrat", "", contratID, c, a, sel)
}

func (t *Territoire) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, t.lot, "Territoire", "", territoireID, t, a, sel)
}

func (c *Categorie) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, c.lot, "Categorie", "", categorieID, c, a, sel)
}

func (e *EditionLabel) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, e.lot, "EditionLabel", "", editionID, e, a, sel)
}

func (c *Candidature) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, c.lot, "Candidature", "", candidatureID, c, a, sel)
}

// FiltreModifications narrows the list of all changes. A nil criterion was not asked; an empty list matches nothing.
type FiltreModifications struct {
	Organisation *string
	Genres       []GenreModification
	Depuis       *Instant
}

// Modifications lists all that was changed, latest first.
func (s *Store) Modifications(ctx context.Context, f *FiltreModifications, a page.Args) (*ModificationConnection, error) {
	if f == nil {
		f = &FiltreModifications{}
	}
	var touched []int64
	if f.Organisation != nil {
		cles, err := keys("organisation", []string{*f.Organisation}, "Collectivite", "SyndicatMixte", "Prestataire")
		if err != nil {
			return nil, err
		}
		if err := many(ctx, s.bun.NewSelect().TableExpr("("+organisationsNommees+") AS k", bun.List(cles)).ColumnExpr("k.id"), &touched); err != nil {
			return nil, err
		}
	}
	return readPage(ctx, s, listeModifications(func(q *bun.SelectQuery) *bun.SelectQuery {
		q = inList(q, "jo.genre", f.Genres)
		if f.Organisation != nil {
			q = q.Where("jo.organisations && ?::bigint[]", tableau(touched))
		}
		if f.Depuis != nil {
			q = q.Where("pu.le >= ?", time.Time(*f.Depuis))
		}
		return q
	}), a)
}

// AuteurDe returns the organisation for which a change was made; nil for a moderator or the program's own commands.
func (s *Store) AuteurDe(ctx context.Context, m *Modification) (Organisation, error) {
	return organisation(follow(ctx, m.lot, "auteur", func(m *Modification) int64 { return deref(m.OrganisationID) }, s.fichesByID, m))
}

// ObjetDe returns what was changed, as it stands; nil when it is no more, or not for this reader.
func (s *Store) ObjetDe(ctx context.Context, m *Modification, sel Selection) (Node, error) {
	return objet(ctx, s, m.lot, func(m *Modification) rang { return rang{m.ObjetType, m.ObjetID} }, m, sel)
}

// rang names a thing of the graph inside: the type of its journal, and its row id.
type rang struct {
	typ string
	id  int64
}

// objet reads the things that the rows of a lot speak of, one statement for each type.
func objet[P any](ctx context.Context, s *Store, l *lot[P], of func(P) rang, from P, sel Selection) (Node, error) {
	found, err := perLot(ctx, l, sel.Cle, func(ctx context.Context, members []P) (map[rang]Node, error) {
		ids := map[string][]int64{}
		for _, r := range distinct(members, of) {
			ids[r.typ] = append(ids[r.typ], r.id)
		}
		found := map[rang]Node{}
		for typ, ids := range ids {
			read := s.noeudsByID(sel)[typ]
			if read == nil {
				continue
			}
			nodes, err := read(ctx, ids)
			if err != nil {
				return nil, err
			}
			for id, n := range nodes {
				found[rang{typ, id}] = n
			}
		}
		return found, nil
	})
	return found[of(from)], err
}

// noeudsByID is the closed table of what the journal speaks of, read by row id.
func (s *Store) noeudsByID(sel Selection) map[string]func(context.Context, []int64) (map[int64]Node, error) {
	return map[string]func(context.Context, []int64) (map[int64]Node, error){
		"Organisation":               asNodes(s.fichesByID, func(f *Fiche) Node { return f.organisation() }),
		"Logiciel":                   asNodes(s.logicielsByID(sel), func(l *Logiciel) Node { return l }),
		"Usage":                      asNodes(s.usagesByID(sel), func(u *Usage) Node { return u }),
		"Economie":                   asNodes(reader(s, columnsEconomie, economieID), func(e *Economie) Node { return e }),
		"Contrat":                    asNodes(reader(s, columnsContrat, contratID), func(c *Contrat) Node { return c }),
		"Catalogue":                  asNodes(reader(s, columnsCatalogue, catalogueID), func(c *Catalogue) Node { return c }),
		"EntreeCatalogue":            asNodes(reader(s, columnsEntree, entreeID), func(e *EntreeCatalogue) Node { return e }),
		"Adhesion":                   asNodes(reader(s, columnsAdhesion, adhesionID), func(a *Adhesion) Node { return a }),
		"Proposition":                asNodes(reader(s, columnsProposition, propositionID), func(p *Proposition) Node { return p }),
		"Instantane":                 asNodes(reader(s, columnsInstantane, instantaneID), func(i *Instantane) Node { return i }),
		"EditionLabel":               asNodes(s.editionsByID, func(e *EditionLabel) Node { return e }),
		"Candidature":                asNodes(reader(s, columnsCandidature, candidatureID), func(c *Candidature) Node { return c }),
		"Territoire":                 asNodes(s.territoiresByID, func(t *Territoire) Node { return t }),
		"Categorie":                  asNodes(reader(s, columnsCategorie, categorieID), func(c *Categorie) Node { return c }),
		"Reseau":                     asNodes(reader(s, columnsReseau, reseauID), func(r *Reseau) Node { return r }),
		"SerieRencontres":            asNodes(reader(s, columnsSerie, serieID), func(r *SerieRencontres) Node { return r }),
		"Rencontre":                  asNodes(s.rencontresByID, func(r *Rencontre) Node { return r }),
		"Intervention":               asNodes(reader(s, columnsIntervention, interventionID), func(i *Intervention) Node { return i }),
		"Developpement":              asNodes(reader(s, columnsDeveloppement, developpementID), func(d *Developpement) Node { return d }),
		"ParticipationDeveloppement": asNodes(reader(s, columnsParticipation, participationID), func(p *ParticipationDeveloppement) Node { return p }),
		"RessourceSupport":           asNodes(reader(s, columnsRessource, ressourceID), func(r *RessourceSupport) Node { return r }),
		"RetourExperience":           asNodes(reader(s, columnsRetour, retourID), func(r *RetourExperience) Node { return r }),
		"Prestation":                 asNodes(reader(s, columnsPrestation, prestationID), func(p *Prestation) Node { return p }),
		"ReferencePrestation":        asNodes(reader(s, columnsReferencePrestation, referenceID), func(r *ReferencePrestation) Node { return r }),
		"Besoin":                     asNodes(reader(s, columnsBesoin, besoinID), func(b *Besoin) Node { return b }),
		"ReponseBesoin":              asNodes(reader(s, columnsReponse, reponseID), func(r *ReponseBesoin) Node { return r }),
		"EvaluationCommunaute":       asNodes(s.evaluationsByID(sel), func(e *EvaluationCommunaute) Node { return e }),
	}
}

// reader is byID, its columns settled.
func reader[R any, P row[R]](s *Store, columns []string, id func(*R) int64) func(context.Context, []int64) (map[int64]*R, error) {
	return func(ctx context.Context, ids []int64) (map[int64]*R, error) {
		return byID[R, P](ctx, s, ids, columns, id)
	}
}

// asNodes shows what a reader by row id finds.
func asNodes[R any](read func(context.Context, []int64) (map[int64]*R, error), node func(*R) Node) func(context.Context, []int64) (map[int64]Node, error) {
	return func(ctx context.Context, ids []int64) (map[int64]Node, error) {
		rows, err := read(ctx, ids)
		nodes := make(map[int64]Node, len(rows))
		for id, r := range rows {
			nodes[id] = node(r)
		}
		return nodes, err
	}
}
