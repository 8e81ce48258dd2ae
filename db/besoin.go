package db

import (
	"context"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// StatutBesoin is what became of a need; EXPIRE is one still open whose term has passed.
type StatutBesoin string

// Besoin is what a collectivité or a syndicat needs around a software, or in a trade. A reader that may read it and not its
// budget reads no amount.
type Besoin struct {
	bun.BaseModel   `bun:"table:besoin,alias:b"`
	membre[*Besoin] `bun:"-"`

	Rowid            int64            `bun:"id,pk"`
	Cle              string           `bun:"cle"`
	OrganisationID   int64            `bun:"organisation_id"`
	Titre            string           `bun:"titre"`
	Description      *string          `bun:"description"`
	LogicielID       *int64           `bun:"logiciel_id"`
	CategorieID      *int64           `bun:"categorie_id"`
	Types            []TypePrestation `bun:"types,array"`
	Echeance         *Date            `bun:"echeance"`
	Ouvert           bool             `bun:"ouvert"`
	Visibilite       Visibilite       `bun:"visibilite"`
	VisibiliteBudget Visibilite       `bun:"visibilite_budget"`
	CreeLe           Instant          `bun:"cree_le"`
	ClosLe           *Instant         `bun:"clos_le"`
	SourceID         int64            `bun:"source_id"`
	Revision         int              `bun:"revision"`

	Statut    StatutBesoin `bun:"statut,scanonly"`
	BudgetMin *Euros       `bun:"budget_min,scanonly"`
	BudgetMax *Euros       `bun:"budget_max,scanonly"`
	ParentID  int64        `bun:"parent_id,scanonly"`
}

// BesoinConnection and BesoinEdge page lists of needs.
type (
	BesoinConnection = page.Connection[*Besoin]
	BesoinEdge       = page.Edge[*Besoin]
)

// ID returns the public id.
func (b *Besoin) ID() string { return identifiant.Global("Besoin", b.Cle) }

// IsNode marks what can be read again by its id.
func (b *Besoin) IsNode() {}

// BudgetVisible tells whether the reader may read the budget, known or not.
func (b *Besoin) BudgetVisible(ctx context.Context) bool {
	return IdentiteDe(ctx).reads(b.VisibiliteBudget, b.OrganisationID, 0)
}

// statutBesoin is what became of a need b, today.
const statutBesoin = "CASE WHEN b.etat = 'OUVERT' AND b.echeance < (SELECT aujourdhui()) THEN 'EXPIRE' ELSE b.etat END"

var columnsBesoin = []string{"b.id", "b.cle", "b.organisation_id", "b.titre", "b.description", "b.logiciel_id", "b.categorie_id", "b.types", "b.echeance",
	"b.ouvert", "b.visibilite", "b.visibilite_budget", "b.cree_le", "b.clos_le", "b.source_id", "b.revision", statutBesoin + " AS statut",
	"(SELECT g.minimum_centimes FROM besoin_budget g WHERE g.besoin_id = b.id) AS budget_min",
	"(SELECT g.maximum_centimes FROM besoin_budget g WHERE g.besoin_id = b.id) AS budget_max"}

func besoinID(b *Besoin) int64 { return b.Rowid }

func (b *Besoin) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, b.lot, "Besoin", "", besoinID, b, a, sel)
}

func (b *Besoin) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, b.lot, func(b *Besoin) int64 { return b.SourceID }, b)
}

// FiltreBesoins narrows a list of needs. A nil criterion was not asked; an empty list matches nothing.
type FiltreBesoins struct {
	Statuts       []StatutBesoin
	Logiciels     []string
	Categorie     *string
	Types         []TypePrestation
	Departements  []string
	Organisations []string
	Ouvert        *bool
}

// Besoins lists the needs that the reader may see, latest first.
func (s *Store) Besoins(ctx context.Context, f *FiltreBesoins, a page.Args) (*BesoinConnection, error) {
	if f == nil {
		f = &FiltreBesoins{}
	}
	slugs, err := keys("logiciels", f.Logiciels, "Logiciel")
	if err != nil {
		return nil, err
	}
	qui, err := keys("organisations", f.Organisations, "Collectivite", "SyndicatMixte")
	if err != nil {
		return nil, err
	}
	departements, err := codes("departements", f.Departements, identifiant.CheckDepartement)
	if err != nil {
		return nil, err
	}
	var categorie int64
	if f.Categorie != nil {
		if categorie, err = s.categorieNommee(ctx, *f.Categorie); err != nil {
			return nil, err
		}
	}
	return readPage(ctx, s, liste[*Besoin, *Besoin]{
		columns: columnsBesoin,
		order: page.Order[*Besoin]{Name: "besoin", Keys: []page.Key{{Expr: "b.id", Kind: page.Int}}, Desc: true,
			Values: func(b *Besoin) []any { return []any{b.Rowid} }},
		filter: func(q *bun.SelectQuery) *bun.SelectQuery {
			q = inList(q, statutBesoin, f.Statuts)
			if slugs != nil {
				q = q.Where("b.logiciel_id = ANY (ARRAY(SELECT k.id FROM ("+logicielsNommes+") k))", bun.List(slugs))
			}
			if qui != nil {
				q = q.Where("b.organisation_id = ANY (ARRAY(SELECT k.id FROM ("+organisationsNommees+") k))", bun.List(qui))
			}
			if departements != nil {
				q = q.Where("b.organisation_id IN (SELECT o.id FROM organisation o WHERE o.departement IN (?))", bun.List(departements))
			}
			if f.Types != nil {
				q = q.Where("b.types && ?::text[]", pgdialect.Array(f.Types))
			}
			if f.Categorie != nil {
				q = q.Where(dansCategorie, categorie)
			}
			if f.Ouvert != nil {
				q = q.Where("b.ouvert = ?", *f.Ouvert)
			}
			return q
		},
		node: func(b *Besoin) *Besoin { return b },
	}, a)
}

// dansCategorie holds for the needs b of a category, of those that it contains, or of a software that it holds.
const dansCategorie = `(b.categorie_id IN (WITH RECURSIVE sous AS (SELECT c.id FROM categorie c WHERE c.id = ?0 UNION SELECT c.id FROM categorie c JOIN sous ON c.parent_id = sous.id) SELECT id FROM sous)
	OR b.logiciel_id IN (SELECT s.logiciel_id FROM logiciel_sujet s WHERE s.sujet = -1 - ?0))`

// OrganisationDuBesoin returns who needs it.
func (s *Store) OrganisationDuBesoin(ctx context.Context, b *Besoin) (Organisation, error) {
	return organisation(follow(ctx, b.lot, "organisation", func(b *Besoin) int64 { return b.OrganisationID }, s.fichesByID, b))
}

// LogicielDuBesoin returns the software; nil when only the trade is said.
func (s *Store) LogicielDuBesoin(ctx context.Context, b *Besoin, sel Selection) (*Logiciel, error) {
	return follow(ctx, b.lot, sel.Cle, func(b *Besoin) int64 { return deref(b.LogicielID) }, s.logicielsByID(sel), b)
}

// CategorieDuBesoin returns the trade; nil when only the software is said.
func (s *Store) CategorieDuBesoin(ctx context.Context, b *Besoin) (*Categorie, error) {
	return follow(ctx, b.lot, "categorie", func(b *Besoin) int64 { return deref(b.CategorieID) }, s.categoriesByID, b)
}

// participation is who needs it too.
type participation struct {
	BesoinID, OrganisationID int64
	Total                    int
}

// maxParticipants bounds the participants shown.
const maxParticipants = 100

func (s *Store) participations(ctx context.Context, b *Besoin) ([]participation, error) {
	return shortLists(ctx, b.lot, "participations", b.Rowid, func(ctx context.Context, lot []*Besoin) ([]participation, error) {
		var rows []participation
		rangs := s.bun.NewSelect().TableExpr("besoin_participant AS x").Where("x.besoin_id IN (?)", bun.List(distinct(lot, besoinID))).
			ColumnExpr("x.besoin_id, x.organisation_id, row_number() OVER (PARTITION BY x.besoin_id ORDER BY x.id) AS rang, count(*) OVER (PARTITION BY x.besoin_id) AS total")
		return rows, many(ctx, s.bun.NewSelect().TableExpr("(?) AS y", rangs).ColumnExpr("y.besoin_id, y.organisation_id, y.total").
			Where("y.rang <= ?", maxParticipants).OrderExpr("y.besoin_id, y.rang"), &rows)
	}, func(p participation) int64 { return p.BesoinID })
}

// NombreParticipants counts those who need it too.
func (s *Store) NombreParticipants(ctx context.Context, b *Besoin) (int, error) {
	p, err := s.participations(ctx, b)
	if len(p) == 0 {
		return 0, err
	}
	return p[0].Total, err
}

// ParticipantsDe lists those who need it too, the first to join first.
func (s *Store) ParticipantsDe(ctx context.Context, b *Besoin) ([]Organisation, error) {
	own, err := s.participations(ctx, b)
	if err != nil || len(own) == 0 {
		return []Organisation{}, err
	}
	fiches, err := perLot(ctx, b.lot, "participants", func(ctx context.Context, lot []*Besoin) (map[int64]*Fiche, error) {
		var ids []int64
		for _, m := range lot {
			of, err := s.participations(ctx, m)
			if err != nil {
				return nil, err
			}
			for _, p := range of {
				ids = append(ids, p.OrganisationID)
			}
		}
		return s.fichesByID(ctx, ids)
	})
	all := make([]Organisation, 0, len(own))
	for _, p := range own {
		if f := fiches[p.OrganisationID]; f != nil {
			all = append(all, f.organisation())
		}
	}
	return all, err
}

// demandesDe are the questions that needs ask of who offers: see offresProches.
func (s *Store) demandesDe(lot []*Besoin) *bun.SelectQuery {
	return s.bun.NewSelect().TableExpr("besoin AS b").Join("JOIN organisation o ON o.id = b.organisation_id").Where("b.id IN (?)", bun.List(distinct(lot, besoinID))).
		ColumnExpr("b.id, b.organisation_id AS demandeur_id, o.departement, o.region, b.types").
		ColumnExpr(`CASE WHEN b.logiciel_id IS NOT NULL THEN ARRAY[b.logiciel_id] ELSE ARRAY(SELECT s.logiciel_id FROM logiciel_sujet s WHERE s.sujet = -1 - b.categorie_id
			UNION SELECT pr.logiciel_id FROM prestation pr JOIN categorie c ON c.code = ANY (pr.competences) WHERE c.id = b.categorie_id) END AS logiciels`)
}

// PrestatairesPossibles lists who could meet a need, the nearest first.
func (s *Store) PrestatairesPossibles(ctx context.Context, b *Besoin, a page.Args, sel Selection) (*PrestataireProcheConnection, error) {
	return s.prochesDuBesoin(ctx, b, everything, a, sel)
}

// SyndicatsQuiLeProposent lists the syndicats that offer what is needed: those of who needs it, then those of its département.
func (s *Store) SyndicatsQuiLeProposent(ctx context.Context, b *Besoin, a page.Args, sel Selection) (*PrestataireProcheConnection, error) {
	return s.prochesDuBesoin(ctx, b, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("x.entree_id IS NOT NULL").Where("x.rang <= 1")
	}, a, sel)
}

func (s *Store) prochesDuBesoin(ctx context.Context, b *Besoin, filter criteria, a page.Args, sel Selection) (*PrestataireProcheConnection, error) {
	return childrenOf(ctx, s, b.lot, besoinID, b, listeProches(s, func() *bun.SelectQuery { return s.demandesDe(b.lot.members) }, filter, "x.demande_id = p.id"), a, sel)
}

// maxSimilaires bounds the needs like another.
const maxSimilaires = 10

// BesoinsSimilaires lists the needs of others, open to all, around the same software or in the same trade: the nearest first,
// then the latest.
func (s *Store) BesoinsSimilaires(ctx context.Context, b *Besoin) ([]*Besoin, error) {
	return shortLists(ctx, b.lot, "besoinsSimilaires", b.Rowid, func(ctx context.Context, lot []*Besoin) ([]*Besoin, error) {
		var rows []*Besoin
		proches := s.bun.NewSelect().TableExpr("besoin AS b").Join("JOIN organisation o ON o.id = b.organisation_id").
			ColumnExpr("b.id, CASE WHEN o.departement = d.departement AND o.departement <> '' THEN 0 WHEN o.region = d.region AND o.region <> '' THEN 1 ELSE 2 END AS rang").
			Where("b.ouvert AND b.etat = 'OUVERT'").Where("(b.logiciel_id = ANY (v.logiciels) OR b.categorie_id = ANY (v.categories))"). // along the indexes of open needs
			Where(statutBesoin + " = 'OUVERT'").Where("b.organisation_id <> y.organisation_id").
			OrderExpr("rang, b.id DESC").Limit(maxSimilaires)
		paires := s.bun.NewSelect().TableExpr("besoin AS y").Join("JOIN organisation d ON d.id = y.organisation_id").
			Join(`CROSS JOIN LATERAL (SELECT ARRAY(SELECT y.logiciel_id UNION SELECT s.logiciel_id FROM logiciel_sujet s WHERE s.sujet = -1 - y.categorie_id) AS logiciels,
				ARRAY(SELECT y.categorie_id UNION SELECT -1 - s.sujet FROM logiciel_sujet s WHERE s.logiciel_id = y.logiciel_id AND s.sujet < -1) AS categories) v`).
			Join("CROSS JOIN LATERAL (?) AS x", proches).
			ColumnExpr("y.id AS parent_id, x.id, x.rang").Where("y.id IN (?)", bun.List(distinct(lot, besoinID)))
		q := selectRows(s, (*Besoin)(nil), columnsBesoin).ColumnExpr("z.parent_id").Join("JOIN (?) AS z ON z.id = b.id", paires).OrderExpr("z.parent_id, z.rang, b.id DESC")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, func(b *Besoin) int64 { return b.ParentID })
}

// EtatReponse is what became of an answer.
type EtatReponse string

// ReponseBesoin is the answer of a prestataire or of a syndicat to a need: between it and who asked.
type ReponseBesoin struct {
	bun.BaseModel          `bun:"table:reponse_besoin,alias:re"`
	membre[*ReponseBesoin] `bun:"-"`

	Rowid       int64       `bun:"id,pk"`
	Cle         string      `bun:"cle"`
	BesoinID    int64       `bun:"besoin_id"`
	RepondantID int64       `bun:"repondant_id"`
	Message     string      `bun:"message"`
	MontantMin  *Euros      `bun:"minimum_centimes"`
	MontantMax  *Euros      `bun:"maximum_centimes"`
	DelaiJours  *int        `bun:"delai_jours"`
	Etat        EtatReponse `bun:"etat"`
	ReferenceID *int64      `bun:"reference_id"`
	CreeLe      Instant     `bun:"cree_le"`
	TraiteeLe   *Instant    `bun:"traitee_le"`

	ParentID int64 `bun:"parent_id,scanonly"`
}

// ReponseBesoinConnection and ReponseBesoinEdge page lists of answers.
type (
	ReponseBesoinConnection = page.Connection[*ReponseBesoin]
	ReponseBesoinEdge       = page.Edge[*ReponseBesoin]
)

// ID returns the public id.
func (r *ReponseBesoin) ID() string { return identifiant.Global("ReponseBesoin", r.Cle) }

// IsNode marks what can be read again by its id.
func (r *ReponseBesoin) IsNode() {}

var columnsReponse = []string{"re.id", "re.cle", "re.besoin_id", "re.repondant_id", "re.message", "re.minimum_centimes", "re.maximum_centimes", "re.delai_jours",
	"re.etat", "re.reference_id", "re.cree_le", "re.traitee_le"}

func reponseID(r *ReponseBesoin) int64 { return r.Rowid }

func (r *ReponseBesoin) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, r.lot, "ReponseBesoin", "", reponseID, r, a, sel)
}

func listeReponses(ties ...string) liste[*ReponseBesoin, *ReponseBesoin] {
	return liste[*ReponseBesoin, *ReponseBesoin]{
		columns: columnsReponse,
		order: page.Order[*ReponseBesoin]{Name: "reponse", Keys: []page.Key{{Expr: "re.id", Kind: page.Int}},
			Values: func(r *ReponseBesoin) []any { return []any{r.Rowid} }},
		filter: everything, ties: ties,
		parent: func(r *ReponseBesoin) int64 { return r.ParentID },
		node:   func(r *ReponseBesoin) *ReponseBesoin { return r },
	}
}

// ReponsesAuBesoin lists the answers to a need that the reader may see.
func (s *Store) ReponsesAuBesoin(ctx context.Context, b *Besoin, a page.Args, sel Selection) (*ReponseBesoinConnection, error) {
	return childrenOf(ctx, s, b.lot, besoinID, b, listeReponses("re.besoin_id = p.id"), a, sel)
}

// Reponses lists the answers that the reader gave or received.
func (s *Store) Reponses(ctx context.Context, a page.Args) (*ReponseBesoinConnection, error) {
	return readPage(ctx, s, listeReponses(), a)
}

// BesoinDeLaReponse returns the need; nil when it is hidden from who answered since.
func (s *Store) BesoinDeLaReponse(ctx context.Context, r *ReponseBesoin) (*Besoin, error) {
	return follow(ctx, r.lot, "besoin", func(r *ReponseBesoin) int64 { return r.BesoinID }, reader(s, columnsBesoin, besoinID), r)
}

// RepondantDe returns who answers.
func (s *Store) RepondantDe(ctx context.Context, r *ReponseBesoin) (Organisation, error) {
	return organisation(follow(ctx, r.lot, "repondant", func(r *ReponseBesoin) int64 { return r.RepondantID }, s.fichesByID, r))
}

// ReferenceDeLaReponse returns the reference that it became, when the reader may see it.
func (s *Store) ReferenceDeLaReponse(ctx context.Context, r *ReponseBesoin) (*ReferencePrestation, error) {
	return follow(ctx, r.lot, "reference", func(r *ReponseBesoin) int64 { return deref(r.ReferenceID) }, reader(s, columnsReferencePrestation, referenceID), r)
}
