package db

import (
	"context"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/db/page"
)

// ProximitePrestataire is why who offers is near who asks; the values are the contract's.
type ProximitePrestataire string

// proximites are the reasons, the nearest first: offresProches numbers them.
var proximites = []ProximitePrestataire{"SYNDICAT", "DEPARTEMENT", "REGION", "FRANCE", "INCONNUE", "AILLEURS"}

// PrestataireProche is an organisation that offers services around a software, as near who asks as it is.
type PrestataireProche struct {
	bun.BaseModel              `bun:"table:prestataire_proche,alias:x"`
	membre[*PrestataireProche] `bun:"-"`

	OrganisationID   int64            `bun:"organisation_id"`
	LogicielID       int64            `bun:"logiciel_id"`
	PrestationID     *int64           `bun:"prestation_id"`
	EntreeID         *int64           `bun:"entree_id"`
	Types            []TypePrestation `bun:"types,array"`
	SourceID         int64            `bun:"source_id"`
	NomTri           string           `bun:"nom_tri"`
	Rang             int64            `bun:"rang"`
	NombreReferences int              `bun:"attestees"`

	ParentID int64 `bun:"parent_id,scanonly"`
}

// PrestataireProcheConnection and PrestataireProcheEdge page lists of who offers.
type (
	PrestataireProcheConnection = page.Connection[*PrestataireProche]
	PrestataireProcheEdge       = page.Edge[*PrestataireProche]
)

// Proximite says why it is near.
func (p *PrestataireProche) Proximite() ProximitePrestataire { return proximites[p.Rang] }

// TypesConnus tells whether it is known which services it renders.
func (p *PrestataireProche) TypesConnus() bool { return len(p.Types) > 0 }

func (p *PrestataireProche) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, p.lot, func(p *PrestataireProche) int64 { return p.SourceID }, p)
}

func (p *PrestataireProche) paire() int64 { return paire(p.OrganisationID, p.LogicielID) }

// offresProches gives, for each row d (id, demandeur_id, departement, region, types, logiciels) of a question, who offers
// services around these software: the offers that are declared, then what syndicats have in their catalogues today. A
// territory that is declared says where an organisation goes, and its seat does not: without any, only the seat tells that
// it is near, and nothing that it is not. Who is asked for services is kept when what it renders is not known.
const offresProches = `SELECT d.id AS demande_id, f.*, o.nom_tri,
	CASE WHEN f.entree_id IS NOT NULL AND EXISTS (SELECT FROM adhesion a WHERE a.membre_id = d.demandeur_id AND a.groupement_id = o.id
			AND a.confirmee AND a.periode @> (SELECT aujourdhui())) THEN 0
		WHEN NOT f.territoires && ARRAY['FRANCE-FR', 'DEPARTEMENT-' || d.departement, 'REGION-' || d.region] THEN 5
		WHEN d.departement <> '' AND (o.departement = d.departement OR 'DEPARTEMENT-' || d.departement = ANY (f.territoires) OR (f.entree_id IS NOT NULL AND EXISTS (
			SELECT FROM adhesion a JOIN organisation m ON m.id = a.membre_id
			WHERE a.groupement_id = o.id AND a.confirmee AND a.periode @> (SELECT aujourdhui()) AND m.departement = d.departement))) THEN 1
		WHEN d.region <> '' AND (o.region = d.region OR 'REGION-' || d.region = ANY (f.territoires)) THEN 2
		WHEN 'FRANCE-FR' = ANY (f.territoires) THEN 3
		WHEN f.entree_id IS NOT NULL AND o.departement <> '' THEN 5
		ELSE 4 END AS rang,
	(SELECT count(*) FROM reference_prestation rp WHERE rp.prestataire_id = f.organisation_id AND rp.logiciel_id = f.logiciel_id AND rp.etat = 'CONFIRMEE') AS attestees
	FROM (?0) AS d CROSS JOIN LATERAL unnest(d.logiciels) AS l (id) CROSS JOIN LATERAL (
		SELECT pr.prestataire_id AS organisation_id, pr.logiciel_id, pr.id AS prestation_id, NULL::bigint AS entree_id, pr.types, pr.territoires, pr.source_id
		FROM prestation pr WHERE pr.logiciel_id = l.id
		UNION ALL (
		SELECT DISTINCT ON (k.syndicat_id) k.syndicat_id, e.logiciel_id, NULL, e.id, e.services, NULL, e.source_id
		FROM entree_catalogue e JOIN catalogue k ON k.id = e.catalogue_id WHERE e.logiciel_id = l.id AND ` + propose + ` ORDER BY k.syndicat_id, e.id)
	) AS f JOIN organisation o ON o.id = f.organisation_id AND o.actif AND o.id <> d.demandeur_id
	WHERE cardinality(d.types) = 0 OR f.types = '{}' OR f.types && d.types`

// listeProches lists who answers a question, the nearest first, then who did it most.
func listeProches(s *Store, demandes func() *bun.SelectQuery, filter criteria, ties ...string) liste[*PrestataireProche, *PrestataireProche] {
	return liste[*PrestataireProche, *PrestataireProche]{
		columns: []string{"x.organisation_id", "x.logiciel_id", "x.prestation_id", "x.entree_id", "x.types", "x.source_id", "x.nom_tri", "x.rang", "x.attestees"},
		order: page.Order[*PrestataireProche]{Name: "proche",
			Keys: []page.Key{{Expr: "x.rang", Kind: page.Int}, {Expr: "-x.attestees", Kind: page.Int}, {Expr: "x.nom_tri", Kind: page.Text},
				{Expr: "x.organisation_id", Kind: page.Int}, {Expr: "x.logiciel_id", Kind: page.Int}},
			Values: func(p *PrestataireProche) []any {
				return []any{p.Rang, -int64(p.NombreReferences), p.NomTri, p.OrganisationID, p.LogicielID}
			}},
		filter: func(q *bun.SelectQuery) *bun.SelectQuery {
			return filter(q.ModelTableExpr("(?) AS x", s.bun.NewRaw(offresProches, demandes())))
		},
		ties:   ties,
		parent: func(p *PrestataireProche) int64 { return p.ParentID },
		node:   func(p *PrestataireProche) *PrestataireProche { return p },
	}
}

// PrestatairesProches lists who offers services around a software, the nearest to a collectivité or a syndicat first; types
// narrows them to those known for one of these services, or for none in particular. Errors: CodeArgumentInvalide.
func (s *Store) PrestatairesProches(ctx context.Context, logiciel, collectivite string, types []TypePrestation, a page.Args) (*PrestataireProcheConnection, error) {
	l, err := s.logicielNomme(ctx, "logiciel", logiciel)
	if err != nil {
		return nil, err
	}
	cles, err := keys("collectivite", []string{collectivite}, "Collectivite", "SyndicatMixte")
	if err != nil {
		return nil, err
	}
	f, err := s.ficheDe(ctx, cles[0])
	if err != nil {
		return nil, err
	}
	if f == nil {
		return nil, Invalid("collectivite", "« collectivite » : aucune organisation ne porte cet identifiant")
	}
	demandes := func() *bun.SelectQuery {
		return s.bun.NewSelect().ColumnExpr("0 AS id, ?::bigint AS demandeur_id, ?::text AS departement, ?::text AS region, ?::text[] AS types, ?::bigint[] AS logiciels",
			f.Rowid, f.CodeDepartement, f.CodeRegion, pgdialect.Array(typesTries(types)), pgdialect.Array([]int64{l}))
	}
	return readPage(ctx, s, listeProches(s, demandes, everything), a)
}

// OrganisationProche returns who offers.
func (s *Store) OrganisationProche(ctx context.Context, p *PrestataireProche) (Organisation, error) {
	return organisation(follow(ctx, p.lot, "organisation", func(p *PrestataireProche) int64 { return p.OrganisationID }, s.fichesByID, p))
}

// LogicielProche returns the software around which it offers services.
func (s *Store) LogicielProche(ctx context.Context, p *PrestataireProche, sel Selection) (*Logiciel, error) {
	return follow(ctx, p.lot, sel.Cle, func(p *PrestataireProche) int64 { return p.LogicielID }, s.logicielsByID(sel), p)
}

// PrestationProche returns the offer that was declared; nil for a syndicat.
func (s *Store) PrestationProche(ctx context.Context, p *PrestataireProche) (*Prestation, error) {
	return follow(ctx, p.lot, "prestation", func(p *PrestataireProche) int64 { return deref(p.PrestationID) }, reader(s, columnsPrestation, prestationID), p)
}

// EntreeProche returns the entry of the catalogue of a syndicat; nil for any other.
func (s *Store) EntreeProche(ctx context.Context, p *PrestataireProche) (*EntreeCatalogue, error) {
	return follow(ctx, p.lot, "entree", func(p *PrestataireProche) int64 { return deref(p.EntreeID) }, reader(s, columnsEntree, entreeID), p)
}

// ReferencesProches lists for whom it did it already: what is confirmed.
func (s *Store) ReferencesProches(ctx context.Context, p *PrestataireProche, a page.Args, sel Selection) (*ReferencePrestationConnection, error) {
	return childrenOf(ctx, s, p.lot, (*PrestataireProche).paire, p, listeReferences(everything, attestees), a, sel)
}
