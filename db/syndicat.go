package db

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
)

// SyndicatMixteConnection and SyndicatMixteEdge page lists of syndicats.
type (
	SyndicatMixteConnection = page.Connection[*SyndicatMixte]
	SyndicatMixteEdge       = page.Edge[*SyndicatMixte]
)

func onlySyndicats(q *bun.SelectQuery) *bun.SelectQuery {
	return q.Where("o.genre = 'SYNDICAT'").Where("o.actif")
}

// Syndicats lists the syndicats by name; text narrows it to those whose name or acronym contains it.
func (s *Store) Syndicats(ctx context.Context, text *string, a page.Args) (*SyndicatMixteConnection, error) {
	return readPage(ctx, s, listeFiches(asSyndicat, parNom, func(q *bun.SelectQuery) *bun.SelectQuery {
		return named(onlySyndicats(q), "o.id", "organisation_id", text)
	}), a)
}

// Syndicat finds one syndicat by its public id or its SIREN, exactly one; nil when there is none.
func (s *Store) Syndicat(ctx context.Context, id, siren *string) (*SyndicatMixte, error) {
	if err := exactlyOne(map[string]*string{"id": id, "siren": siren}); err != nil {
		return nil, err
	}
	q := selectRows(s, (*Fiche)(nil), columnsFiche).Where("o.genre = 'SYNDICAT'")
	if id != nil {
		cles, err := keys("id", []string{*id}, "SyndicatMixte")
		if err != nil {
			return nil, err
		}
		q = nommes(q, organisationsNommees, cles[0])
	} else {
		checked, err := sirenKey(*siren)
		if err != nil {
			return nil, err
		}
		q = nommes(q, organisationsDeSiren, checked)
	}
	f := new(Fiche)
	if found, err := one(ctx, q, f); !found {
		return nil, err
	}
	gather([]*Fiche{f})
	return &SyndicatMixte{f}, nil
}

// Competence is a power exercised by a groupement.
type Competence struct {
	OrganisationID int64
	Nomenclature   string
	Code           string
	Intitule       *string
}

// CompetencesDe lists what a syndicat may do, by code.
func (s *Store) CompetencesDe(ctx context.Context, sm *SyndicatMixte) ([]*Competence, error) {
	return shortLists(ctx, sm.lot, "competences", sm.Rowid, func(ctx context.Context, members []*Fiche) ([]*Competence, error) {
		var rows []*Competence
		return rows, many(ctx, s.bun.NewSelect().TableExpr("competence_exercee e").
			Join("JOIN competence c USING (nomenclature, code)").
			ColumnExpr("e.organisation_id, nomenclature, code, c.intitule").
			Where("e.organisation_id IN (?)", bun.List(distinct(members, ficheID))).
			OrderExpr("nomenclature, code"), &rows)
	}, func(c *Competence) int64 { return c.OrganisationID })
}

func deref(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}
