package db

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// maxNoeuds bounds how many nodes one field may ask for.
const maxNoeuds = 100

// Noeuds reads things by their public ids, in the order asked; nil stands for what does not exist. One statement for
// each type asked. Errors: more than maxNoeuds ids, a malformed id.
func (s *Store) Noeuds(ctx context.Context, argument string, ids []string, sel Selection) ([]Node, error) {
	if len(ids) > maxNoeuds {
		return nil, Invalid(argument, "« %s » compte %d identifiants : %d au plus", argument, len(ids), maxNoeuds)
	}
	byType := map[string][]string{}
	for _, id := range ids {
		typ, cle, err := identifiant.ParseGlobal(id)
		if err != nil {
			return nil, Invalid(argument, "« %s » : %s", argument, err)
		}
		byType[typ] = append(byType[typ], cle)
	}
	found := make(map[string]Node, len(ids))
	for typ, cles := range byType {
		read := s.noeuds(sel)[typ]
		if read == nil {
			continue
		}
		nodes, err := read(ctx, cles)
		if err != nil {
			return nil, err
		}
		for _, n := range nodes {
			found[asked(n)] = n
		}
	}
	nodes := make([]Node, len(ids))
	for i, id := range ids {
		if n := found[id]; n != nil {
			nodes[i] = n
		}
	}
	return nodes, nil
}

// asked is the public id under which a node was asked for: its own, or that of something merged into it.
func asked(n Node) string {
	id := n.ID()
	if m, ok := n.(interface{ demandee() string }); ok {
		typ, _, _ := identifiant.ParseGlobal(id)
		return identifiant.Global(typ, m.demandee())
	}
	return id
}

// noeuds is the closed table of what can be read by id: every type that implements Node.
func (s *Store) noeuds(sel Selection) map[string]func(context.Context, []string) ([]Node, error) {
	organisations := func(ctx context.Context, cles []string) ([]Node, error) {
		return byKeyNow(ctx, s, columnsFiche, organisationsNommees, cles, func(f *Fiche) Node { return f.organisation() })
	}
	return map[string]func(context.Context, []string) ([]Node, error){
		"Collectivite": organisations, "SyndicatMixte": organisations, "Prestataire": organisations,
		"Logiciel": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKeyNow(ctx, s, sel.columns(columnsLogiciel, longColumnsLogiciel), logicielsNommes, cles, func(l *Logiciel) Node { return l })
		},
		"Usage": func(ctx context.Context, cles []string) ([]Node, error) {
			var rows []*Usage
			nodes, err := byKey(ctx, s, sel.columns(keyColumnsUsage, columnsUsage), "u.cle", uuids(cles), func(u *Usage) Node {
				rows = append(rows, u)
				return u
			})
			if err != nil {
				return nil, err
			}
			return nodes, s.completeUsages(sel)(ctx, rows)
		},
		"Economie": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsEconomie, "s.cle", uuids(cles), func(e *Economie) Node { return e })
		},
		"Contrat": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsContrat, "c.cle", uuids(cles), func(c *Contrat) Node { return c })
		},
		"Prestation": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsPrestation, "pr.cle", uuids(cles), func(p *Prestation) Node { return p })
		},
		"ReferencePrestation": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsReferencePrestation, "rp.cle", uuids(cles), func(r *ReferencePrestation) Node { return r })
		},
		"Besoin": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsBesoin, "b.cle", uuids(cles), func(b *Besoin) Node { return b })
		},
		"ReponseBesoin": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsReponse, "re.cle", uuids(cles), func(r *ReponseBesoin) Node { return r })
		},
		"Catalogue": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsCatalogue, "k.cle", cles, func(c *Catalogue) Node { return c })
		},
		"EntreeCatalogue": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsEntree, "e.cle", uuids(cles), func(e *EntreeCatalogue) Node { return e })
		},
		"Adhesion": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsAdhesion, "ad.cle", uuids(cles), func(a *Adhesion) Node { return a })
		},
		"Proposition": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsProposition, "po.cle", uuids(cles), func(p *Proposition) Node { return p })
		},
		"Instantane": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsInstantane, "ins.cle", uuids(cles), func(i *Instantane) Node { return i })
		},
		"EditionLabel": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsEdition, "ed.cle", cles, func(e *EditionLabel) Node { return e })
		},
		"Candidature": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsCandidature, "ca.cle", uuids(cles), func(c *Candidature) Node { return c })
		},
		"RetourExperience": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsRetour, "re.cle", uuids(cles), func(r *RetourExperience) Node { return r })
		},
		"Developpement": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsDeveloppement, "dv.cle", uuids(cles), func(d *Developpement) Node { return d })
		},
		"ParticipationDeveloppement": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsParticipation, "pd.cle", uuids(cles), func(p *ParticipationDeveloppement) Node { return p })
		},
		"RessourceSupport": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsRessource, "rs.cle", uuids(cles), func(r *RessourceSupport) Node { return r })
		},
		"EvaluationCommunaute": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, sel.columns(columnsEvaluation, longColumnsEvaluation), "ev.cle", uuids(cles), func(e *EvaluationCommunaute) Node { return e })
		},
		"Territoire": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsTerritoire, "t.cle", cles, func(t *Territoire) Node { return t })
		},
		"Categorie": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsCategorie, "c.code", cles, func(c *Categorie) Node { return c })
		},
		"Reseau": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsReseau, "re.cle", cles, func(r *Reseau) Node { return r })
		},
		"SerieRencontres": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsSerie, "sr.cle", cles, func(r *SerieRencontres) Node { return r })
		},
		"Rencontre": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsRencontre, "r.cle", uuids(cles), func(r *Rencontre) Node { return r })
		},
		"Intervention": func(ctx context.Context, cles []string) ([]Node, error) {
			return byKey(ctx, s, columnsIntervention, "i.cle", uuids(cles), func(i *Intervention) Node { return i })
		},
	}
}

// uuids keeps the keys that are UUIDs: any other names nothing, and PostgreSQL would refuse it.
func uuids(cles []string) []string {
	kept := make([]string, 0, len(cles))
	for _, c := range cles {
		if len(c) == 36 && uuid.Validate(c) == nil {
			kept = append(kept, c)
		}
	}
	return kept
}

// byKey reads rows by a natural key, as one lot.
func byKey[R any, P row[R]](ctx context.Context, s *Store, columns []string, key string, cles []string, node func(*R) Node) ([]Node, error) {
	return readNodes[R, P](ctx, selectRows(s, (*R)(nil), columns).Where("? IN (?)", bun.Safe(key), bun.List(cles)), node)
}

// byKeyNow reads the rows that keys name, those of what was merged since too, each under the key asked (see cle.go).
func byKeyNow[R any, P row[R]](ctx context.Context, s *Store, columns []string, nomment string, cles []string, node func(*R) Node) ([]Node, error) {
	q := selectRows(s, (*R)(nil), columns).ColumnExpr("k.cle AS cle_demandee").
		Join("JOIN ("+nomment+") k ON k.id = ?TableAlias.id", bun.List(cles))
	return readNodes[R, P](ctx, q, node)
}

func readNodes[R any, P row[R]](ctx context.Context, q *bun.SelectQuery, node func(*R) Node) ([]Node, error) {
	var rows []*R
	if err := many(ctx, q, &rows); err != nil {
		return nil, err
	}
	gather[R, P](rows)
	nodes := make([]Node, len(rows))
	for i, r := range rows {
		nodes[i] = node(r)
	}
	return nodes, nil
}

// Noeud reads one thing by its public id; nil when it does not exist.
func (s *Store) Noeud(ctx context.Context, id string, sel Selection) (Node, error) {
	nodes, err := s.Noeuds(ctx, "id", []string{id}, sel)
	if err != nil {
		return nil, err
	}
	return nodes[0], nil
}
