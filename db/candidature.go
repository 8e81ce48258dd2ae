package db

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// StatutCandidature is where an application stands.
type StatutCandidature string

// Candidature is an application of an organisation to an edition of the label. Its organisation and moderators alone read it.
type Candidature struct {
	bun.BaseModel        `bun:"table:candidature,alias:ca"`
	membre[*Candidature] `bun:"-"`

	Rowid            int64             `bun:"id,pk"`
	Cle              string            `bun:"cle"`
	EditionID        int64             `bun:"edition_id"`
	OrganisationID   int64             `bun:"organisation_id"`
	Statut           StatutCandidature `bun:"statut"`
	EluNom           string            `bun:"elu_nom"`
	EluFonction      string            `bun:"elu_fonction"`
	ReferentNom      string            `bun:"referent_nom"`
	ReferentFonction string            `bun:"referent_fonction"`
	CreeLe           Instant           `bun:"creee_le,scanonly"`
	DeposeeLe        *Instant          `bun:"deposee_le"`
	Revision         int               `bun:"revision"`

	ParentID int64 `bun:"parent_id,scanonly"`
}

// CandidatureConnection and CandidatureEdge page lists of applications.
type (
	CandidatureConnection = page.Connection[*Candidature]
	CandidatureEdge       = page.Edge[*Candidature]
)

// PersonneCandidature is someone designated for an application.
type PersonneCandidature struct {
	Nom      string
	Fonction string
}

// ID returns the public id.
func (c *Candidature) ID() string { return identifiant.Global("Candidature", c.Cle) }

// IsNode marks what can be read again by its id.
func (c *Candidature) IsNode() {}

// Elu returns the elected member who carries the application; nil when none is designated.
func (c *Candidature) Elu() *PersonneCandidature { return personne(c.EluNom, c.EluFonction) }

// Referent returns who answers for the application; nil when nobody is designated.
func (c *Candidature) Referent() *PersonneCandidature {
	return personne(c.ReferentNom, c.ReferentFonction)
}

func personne(nom, fonction string) *PersonneCandidature {
	if nom == "" {
		return nil
	}
	return &PersonneCandidature{nom, fonction}
}

var columnsCandidature = []string{"ca.id", "ca.cle", "ca.edition_id", "ca.organisation_id", "ca.statut", "ca.elu_nom", "ca.elu_fonction",
	"ca.referent_nom", "ca.referent_fonction", "ca.creee_le", "ca.deposee_le", "ca.revision"}

func candidatureID(c *Candidature) int64 { return c.Rowid }

// CandidaturesDe lists the applications of an organisation that the reader may read, latest first.
func (s *Store) CandidaturesDe(ctx context.Context, f *Fiche, a page.Args, sel Selection) (*CandidatureConnection, error) {
	return children(ctx, s, f, liste[*Candidature, *Candidature]{
		columns: columnsCandidature,
		order: page.Order[*Candidature]{Name: "candidatures", Keys: []page.Key{{Expr: "ca.id", Kind: page.Int}}, Desc: true,
			Values: func(c *Candidature) []any { return []any{c.Rowid} }},
		filter: everything, ties: []string{"ca.organisation_id = p.id"}, parent: func(c *Candidature) int64 { return c.ParentID },
		node: func(c *Candidature) *Candidature { return c },
	}, a, sel)
}

// EditionDeLaCandidature returns the edition applied to.
func (s *Store) EditionDeLaCandidature(ctx context.Context, c *Candidature) (*EditionLabel, error) {
	return follow(ctx, c.lot, "edition", func(c *Candidature) int64 { return c.EditionID }, s.editionsByID, c)
}

// CandidatDe returns who applies.
func (s *Store) CandidatDe(ctx context.Context, c *Candidature) (Organisation, error) {
	return organisation(follow(ctx, c.lot, "organisation", func(c *Candidature) int64 { return c.OrganisationID }, s.fichesByID, c))
}

// ResultatDe returns the label won by who applied, at that edition; nil when it is not known.
func (s *Store) ResultatDe(ctx context.Context, c *Candidature) (*LabelObtenu, error) {
	rows, err := shortLists(ctx, c.lot, "resultat", c.Rowid, func(ctx context.Context, members []*Candidature) ([]*LabelObtenu, error) {
		var rows []*LabelObtenu
		err := many(ctx, ofEditions(selectRows(s, (*LabelObtenu)(nil), columnsLabelObtenu)).ColumnExpr("ca.id AS parent_id").
			Join("JOIN candidature ca ON ca.edition_id = lo.edition_id AND ca.organisation_id = lo.organisation_id").
			Where("ca.id IN (?)", bun.List(distinct(members, candidatureID))).OrderExpr("lo.id"), &rows)
		gather(rows)
		return rows, err
	}, func(l *LabelObtenu) int64 { return l.ParentID })
	if len(rows) == 0 {
		return nil, err
	}
	return rows[0], err
}

// ReponseCandidature is the answer of an application to a question.
type ReponseCandidature struct {
	bun.BaseModel               `bun:"table:candidature_reponse,alias:cr"`
	membre[*ReponseCandidature] `bun:"-"`

	Rowid         int64           `bun:"id,pk"`
	CandidatureID int64           `bun:"candidature_id"`
	QuestionID    int64           `bun:"question_id"`
	Reponse       *EtatCritere    `bun:"reponse"`
	Texte         *string         `bun:"texte"`
	PreuvesJSON   json.RawMessage `bun:"preuves"`
	DuGraphe      bool            `bun:"du_graphe"`
}

// PreuveCandidature is what supports an answer: words, an address, or the public id of a row of the graph.
type PreuveCandidature struct {
	membre[*PreuveCandidature]

	Texte   string  `json:"texte"`
	URL     *string `json:"url,omitempty"`
	ObjetID string  `json:"objet,omitempty"`
}

// ReponsesDe lists the answers of an application, in the order of the questions.
func (s *Store) ReponsesDe(ctx context.Context, c *Candidature) ([]*ReponseCandidature, error) {
	return shortLists(ctx, c.lot, "reponses", c.Rowid, func(ctx context.Context, members []*Candidature) ([]*ReponseCandidature, error) {
		var rows []*ReponseCandidature
		err := many(ctx, selectRows(s, (*ReponseCandidature)(nil), []string{"cr.id", "cr.candidature_id", "cr.question_id", "cr.reponse", "cr.texte", "cr.preuves", "cr.du_graphe"}).
			Join("JOIN label_question lq ON lq.id = cr.question_id").
			Where("cr.candidature_id IN (?)", bun.List(distinct(members, candidatureID))).OrderExpr("cr.candidature_id, lq.rang"), &rows)
		gather(rows)
		return rows, err
	}, func(r *ReponseCandidature) int64 { return r.CandidatureID })
}

// QuestionDe returns the question that an answer answers.
func (s *Store) QuestionDe(ctx context.Context, r *ReponseCandidature) (*QuestionLabel, error) {
	return follow(ctx, r.lot, "question", func(r *ReponseCandidature) int64 { return r.QuestionID }, func(ctx context.Context, ids []int64) (map[int64]*QuestionLabel, error) {
		return byID(ctx, s, ids, columnsQuestion, questionID)
	}, r)
}

// PreuvesDe lists what supports an answer.
func (s *Store) PreuvesDe(ctx context.Context, r *ReponseCandidature) ([]*PreuveCandidature, error) {
	found, err := perLot(ctx, r.lot, "preuves", func(_ context.Context, members []*ReponseCandidature) (map[int64][]*PreuveCandidature, error) {
		var all []*PreuveCandidature
		found := make(map[int64][]*PreuveCandidature, len(members))
		for _, m := range members {
			var own []*PreuveCandidature
			if err := json.Unmarshal(m.PreuvesJSON, &own); err != nil {
				return nil, err
			}
			found[m.Rowid] = own
			all = append(all, own...)
		}
		gather(all)
		return found, nil
	})
	return found[r.Rowid], err
}

// ObjetJoint returns the row of the graph that supports an answer; nil when there is none, or none any more for this reader.
func (s *Store) ObjetJoint(ctx context.Context, p *PreuveCandidature, sel Selection) (Node, error) {
	if p.ObjetID == "" {
		return nil, nil
	}
	found, err := perLot(ctx, p.lot, sel.Cle, func(ctx context.Context, members []*PreuveCandidature) (map[string]Node, error) {
		ids := distinct(members, func(p *PreuveCandidature) string { return p.ObjetID })
		found := make(map[string]Node, len(ids))
		for len(ids) > 0 {
			some := ids[:min(len(ids), maxNoeuds)]
			nodes, err := s.Noeuds(ctx, "objet", some, sel)
			if err != nil {
				return nil, err
			}
			for i, n := range nodes {
				found[some[i]] = n
			}
			ids = ids[len(some):]
		}
		return found, nil
	})
	return found[p.ObjetID], err
}

// Manques lists what an application lacks to be handed in; none once it is.
func (s *Store) Manques(ctx context.Context, c *Candidature) ([]string, error) {
	if c.Statut != "BROUILLON" {
		return []string{}, nil
	}
	reponses, err := s.ReponsesDe(ctx, c)
	if err != nil {
		return nil, err
	}
	edition, err := s.EditionDeLaCandidature(ctx, c)
	if err != nil {
		return nil, err
	}
	return manques(c, edition, reponses), nil
}

// manques says what an application lacks. A question that nobody answers lacks nothing: the label asks for no field in
// particular; but at least one answer must be the organisation's own.
func manques(c *Candidature, edition *EditionLabel, reponses []*ReponseCandidature) []string {
	all := []string{}
	lacks := func(lacking bool, what string) {
		if lacking {
			all = append(all, what)
		}
	}
	lacks(!edition.Ouverte, "les candidatures de l’édition ne sont pas ouvertes aujourd’hui")
	lacks(c.EluNom == "", "l’élu qui porte la candidature n’est pas désigné")
	lacks(c.ReferentNom == "", "le responsable de la candidature n’est pas désigné")
	own := false
	for _, r := range reponses {
		own = own || !r.DuGraphe && (r.Reponse != nil && *r.Reponse != "INCONNU" || r.Texte != nil)
	}
	lacks(!own, "aucune réponse n’a été donnée : celles que remplit le graphe ne suffisent pas")
	return all
}
