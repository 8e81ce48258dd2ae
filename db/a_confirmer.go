package db

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// MotifAConfirmer is why something deserves a look; DecisionAConfirmer what is done about it.
type (
	MotifAConfirmer    string
	DecisionAConfirmer string
)

// AConfirmer is one thing that an organisation should look at.
type AConfirmer struct {
	bun.BaseModel       `bun:"table:a_confirmer,alias:ac"`
	membre[*AConfirmer] `bun:"-"`

	Rang      int             `bun:"rang"`
	Motif     MotifAConfirmer `bun:"motif"`
	ObjetType string          `bun:"objet_type"`
	ObjetID   int64           `bun:"objet_id"`
	Depuis    *Date           `bun:"depuis"`
	Detail    *string         `bun:"detail"`
	TiersID   int64           `bun:"tiers_id"` // whose it is, when not the organisation itself: a member
}

// AConfirmerConnection and AConfirmerEdge page the queue.
type (
	AConfirmerConnection = page.Connection[*AConfirmer]
	AConfirmerEdge       = page.Edge[*AConfirmer]
)

// ID returns the public id: the reason and the thing.
func (c *AConfirmer) ID() string {
	return identifiant.Global("AConfirmer", string(c.Motif)+"/"+c.ObjetType+"/"+strconv.FormatInt(c.ObjetID, 10))
}

// fileAConfirmer is the queue of an organisation (?0). A syndicat looks after its own catalogue, and after the usages of its
// confirmed members that are direct or pass through it. Rows come in the order of the reasons.
const fileAConfirmer = `
WITH portee AS MATERIALIZED (
	SELECT ?0::bigint AS id
	UNION SELECT a.membre_id FROM adhesion a JOIN organisation g ON g.id = a.groupement_id AND g.genre = 'SYNDICAT'
	WHERE a.groupement_id = ?0 AND a.via_id IS NULL AND a.confirmee AND a.periode @> aujourdhui()
), siens AS MATERIALIZED (
	SELECT u.id, u.utilisateur_id, u.syndicat_id, u.logiciel_id, coalesce(u.confirme_le::date, u.constate_le) AS vu
	FROM usage u JOIN portee p ON p.id = u.utilisateur_id
	WHERE (u.utilisateur_id = ?0 OR u.syndicat_id IS NULL OR u.syndicat_id = ?0) AND u.fin IS NULL AND u.statut IN ('PRODUCTION', 'EXPERIMENTATION')
), logiciels AS MATERIALIZED (
	SELECT s.logiciel_id AS id FROM siens s
	UNION SELECT e.logiciel_id FROM entree_catalogue e JOIN catalogue k ON k.id = e.catalogue_id WHERE k.syndicat_id = ?0 AND e.statut = 'PROPOSEE'
), tout AS (
	SELECT 1 AS rang, 'PROPOSITION' AS motif, 'Proposition' AS objet_type, po.id AS objet_id, po.cree_le::date AS depuis, NULL::text AS detail, po.utilisateur_id AS tiers_id
	FROM proposition po JOIN portee p ON p.id = po.utilisateur_id WHERE po.etat = 'EN_ATTENTE'
	UNION ALL
	SELECT 2, 'ADHESION', 'Adhesion', a.id, a.debut, NULL, ?0 FROM adhesion a
	WHERE a.membre_id = ?0 AND NOT a.confirmee AND (a.fin IS NULL OR a.fin > aujourdhui())
	UNION ALL
	SELECT 3, 'USAGE_NON_CONFIRME', 'Usage', s.id, s.vu, NULL, s.utilisateur_id FROM siens s WHERE s.vu < aujourdhui() - interval '24 months'
	UNION ALL
	SELECT 4, 'DOUBLON_PROBABLE', 'Usage', s.id, NULL, NULL, s.utilisateur_id FROM siens s
	WHERE EXISTS (SELECT FROM siens t WHERE (t.utilisateur_id, t.logiciel_id, coalesce(t.syndicat_id, 0)) = (s.utilisateur_id, s.logiciel_id, coalesce(s.syndicat_id, 0)) AND t.id < s.id)
	UNION ALL
	SELECT 5, 'DOUBLON_PROBABLE', 'Logiciel', l.id, NULL, (SELECT min(t.nom) FROM logiciel t WHERE t.id <> l.id AND (t.nom_tri = l.nom_tri OR t.depot_normalise = l.depot_normalise)), 0
	FROM logiciel l JOIN logiciels x ON x.id = l.id
	WHERE EXISTS (SELECT FROM logiciel t WHERE t.id <> l.id AND t.nom_tri = l.nom_tri) OR EXISTS (SELECT FROM logiciel t WHERE t.id <> l.id AND t.depot_normalise = l.depot_normalise)
	UNION ALL
	SELECT 6, 'SIREN_MANQUANT', 'Organisation', o.id, NULL, NULL, o.id FROM organisation o JOIN portee p ON p.id = o.id WHERE o.siren IS NULL AND o.actif
	UNION ALL
	SELECT 7, 'LICENCE_INCONNUE', 'Logiciel', l.id, NULL, l.licence_origine, 0 FROM logiciel l JOIN logiciels x ON x.id = l.id
	WHERE l.licence IS NULL AND l.licence_origine IS NOT NULL
	UNION ALL
	SELECT 8, 'LIEN_MORT', 'Logiciel', l.id, v.verifie_le::date, v.url || ' : ' || v.resultat, 0 FROM logiciel l JOIN logiciels x ON x.id = l.id
	JOIN lien_verifie v ON v.mort AND v.url IN (l.site, l.depot)
	WHERE v.url = l.site OR NOT EXISTS (SELECT FROM lien_verifie w WHERE w.mort AND w.url = l.site)
	UNION ALL
	SELECT 9, 'LIEN_MORT', 'Organisation', o.id, v.verifie_le::date, v.url || ' : ' || v.resultat, 0 FROM organisation o JOIN lien_verifie v ON v.mort AND v.url = o.site WHERE o.id = ?0
)
SELECT t.* FROM tout t WHERE NOT EXISTS (SELECT FROM public.a_confirmer_ignore i WHERE i.organisation_id = ?0
	AND (i.motif, i.objet_type, i.objet_id) = (t.motif, t.objet_type, t.objet_id) AND (i.jusqua IS NULL OR i.jusqua > aujourdhui()))`

// listeAConfirmer lists the queue of an organisation.
func listeAConfirmer(organisation int64, motifs []MotifAConfirmer) liste[*AConfirmer, *AConfirmer] {
	return liste[*AConfirmer, *AConfirmer]{
		columns: []string{"ac.*"},
		order: page.Order[*AConfirmer]{Name: "aConfirmer", Keys: []page.Key{{Expr: "ac.rang", Kind: page.Int}, {Expr: "ac.objet_id", Kind: page.Int}},
			Values: func(c *AConfirmer) []any { return []any{int64(c.Rang), c.ObjetID} }},
		filter: func(q *bun.SelectQuery) *bun.SelectQuery {
			return inList(q.ModelTableExpr("("+fileAConfirmer+") AS ac", organisation), "ac.motif", motifs)
		},
		node: func(c *AConfirmer) *AConfirmer { return c },
	}
}

// AConfirmer lists what an organisation should look at. Errors: CodeNonAuthentifie, CodeInterdit, an id that names none.
func (s *Store) AConfirmer(ctx context.Context, organisation string, motifs []MotifAConfirmer, a page.Args) (*AConfirmerConnection, error) {
	id, err := s.organisationID(ctx, "organisation", organisation)
	if err != nil {
		return nil, err
	}
	if err := s.mayRead(ctx, "lireAConfirmer", id); err != nil {
		return nil, err
	}
	return readPage(ctx, s, listeAConfirmer(id, motifs), a)
}

// ObjetAConfirmer returns the thing to look at.
func (s *Store) ObjetAConfirmer(ctx context.Context, c *AConfirmer, sel Selection) (Node, error) {
	return objet(ctx, s, c.lot, func(c *AConfirmer) rang { return rang{c.ObjetType, c.ObjetID} }, c, sel)
}

// Explication says, for a person, why the thing deserves a look.
func (c *AConfirmer) Explication() string {
	var le string
	if c.Depuis != nil {
		if t, err := time.Parse(time.DateOnly, string(*c.Depuis)); err == nil {
			le = t.Format("02/01/2006")
		}
	}
	detail := *or(c.Detail, "")
	switch c.Motif {
	case "PROPOSITION":
		return "Un prestataire propose cet usage depuis le " + le + " : acceptez-le ou refusez-le."
	case "ADHESION":
		return "Un groupement vous déclare membre : confirmez-le, ou mettez-y fin."
	case "USAGE_NON_CONFIRME":
		return "Personne n'a confirmé cet usage depuis le " + le + "."
	case "DOUBLON_PROBABLE":
		if c.ObjetType == "Usage" {
			return "Le même logiciel est déjà déclaré pour la même organisation."
		}
		return "Un autre logiciel a le même nom ou le même dépôt : « " + detail + " »."
	case "SIREN_MANQUANT":
		return "Le SIREN de cette organisation n'est pas connu."
	case "LICENCE_INCONNUE":
		return "La licence « " + detail + " » n'est rattachée à aucune licence connue."
	case "LIEN_MORT":
		return "Cette adresse ne répond plus au " + le + " : " + detail + "."
	}
	return string(c.Motif)
}

// maxReglements bounds how many things one mutation settles.
const maxReglements = 500

// ReglerAConfirmerInput settles many things at once, all in the same way.
type ReglerAConfirmerInput struct {
	CleIdempotence *string
	Organisation   string
	IDs            []string
	Decision       DecisionAConfirmer
}

// ReglementPayload is how many things were settled, or what keeps them from being.
type ReglementPayload struct {
	Regles  int
	Erreurs []*Erreur
}

// dureeIgnore is how long what is ignored stays out of the queue.
const dureeIgnore = "12 months"

// ReglerAConfirmer settles things of the queue of an organisation: all of them, or none.
func (s *Store) ReglerAConfirmer(ctx context.Context, in ReglerAConfirmerInput) (*ReglementPayload, error) {
	_, fautes, err := s.write(ctx, demande{"reglerAConfirmer", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		o, err := e.organisation(ctx, "organisation", in.Organisation, "Collectivite", "SyndicatMixte")
		if err != nil {
			return "", err
		}
		e.verify(len(in.IDs) > 0 && len(in.IDs) <= maxReglements, Invalide, "ids", "« ids » en compte de 1 à %d", maxReglements)
		if err := e.ready(); err != nil {
			return "", err
		}
		if err := e.authorise(ctx, "organisation", o.Rowid); err != nil {
			return "", err
		}
		var queue []*AConfirmer
		if err := many(ctx, e.rows(&queue, listeAConfirmer(o.Rowid, nil).filter, "").ColumnExpr("ac.*"), &queue); err != nil {
			return "", err
		}
		byKey := make(map[string]*AConfirmer, len(queue))
		for _, c := range queue {
			byKey[c.ID()] = c
		}
		usages, err := e.lockQueuedUsages(ctx, in.IDs, byKey)
		if err != nil {
			return "", err
		}
		settled := map[string][]int64{}
		for i, id := range in.IDs {
			c, champ, tiers := byKey[id], fmt.Sprintf("ids.%d", i), int64(0)
			if c != nil && c.ObjetType == "Usage" {
				if u := usages[c.ObjetID]; u != nil && e.qui.reads(u.Visibilite, u.UtilisateurID, deref(u.SyndicatID)) {
					tiers = deref(u.SyndicatID)
				} else {
					c = nil
				}
			}
			if !e.verify(c != nil, Introuvable, champ, "cela n'est pas, ou plus, dans la file de cette organisation") ||
				!e.verify(in.Decision == "IGNORER" || settles(c, in.Decision), Invalide, champ, "cela ne se règle pas ainsi : %s", c.Explication()) {
				continue
			}
			if c.TiersID != 0 && in.Decision != "IGNORER" {
				if err := e.authoriseThrough(ctx, champ, c.TiersID, tiers); err != nil {
					return "", err
				}
			}
			settled[string(c.Motif)+"/"+c.ObjetType] = append(settled[string(c.Motif)+"/"+c.ObjetType], c.ObjetID)
		}
		if err := e.ready(); err != nil {
			return "", err
		}
		for what, ids := range settled {
			motif, typ, _ := strings.Cut(what, "/")
			if err := e.settle(ctx, o.Rowid, motif, typ, in.Decision, ids); err != nil {
				return "", err
			}
		}
		return o.Cle, nil
	})
	if err != nil {
		return nil, err
	}
	payload := &ReglementPayload{Erreurs: fautes}
	if len(fautes) == 0 {
		payload.Regles = len(in.IDs)
	}
	return payload, nil
}

// lockQueuedUsages keeps, for this transaction alone, the usages of the queue that an input names.
func (e *ecriture) lockQueuedUsages(ctx context.Context, ids []string, queue map[string]*AConfirmer) (map[int64]*Usage, error) {
	var named []int64
	for _, id := range ids {
		if c := queue[id]; c != nil && c.ObjetType == "Usage" {
			named = append(named, c.ObjetID)
		}
	}
	var rows []*Usage
	err := many(ctx, selectRows(e.Store, &rows, Selection{}.columns(keyColumnsUsage, columnsUsage)).
		Where("u.id = ANY (?)", pgdialect.Array(named)).OrderExpr("u.id").For("UPDATE OF ?TableAlias"), &rows)
	usages := make(map[int64]*Usage, len(rows))
	for _, u := range rows {
		usages[u.Rowid] = u
	}
	return usages, err
}

// settles tells which decisions go with which things.
func settles(c *AConfirmer, d DecisionAConfirmer) bool {
	switch c.Motif {
	case "USAGE_NON_CONFIRME":
		return d == "CONFIRMER" || d == "CLORE"
	case "DOUBLON_PROBABLE":
		return d == "CLORE" && c.ObjetType == "Usage"
	}
	return false
}

// settle does one decision to things of one kind.
func (e *ecriture) settle(ctx context.Context, organisation int64, motif, typ string, d DecisionAConfirmer, ids []int64) error {
	var err error
	switch d {
	case "CONFIRMER":
		_, err = e.tx.NewRaw(`UPDATE usage SET confirme_le = now() WHERE id = ANY (?)`, pgdialect.Array(ids)).Exec(ctx)
	case "CLORE":
		_, err = e.tx.NewRaw(`UPDATE usage SET statut = 'ABANDONNE', fin = greatest(current_date, debut + 1) WHERE id = ANY (?)`, pgdialect.Array(ids)).Exec(ctx)
	case "IGNORER":
		_, err = e.tx.NewRaw(`INSERT INTO a_confirmer_ignore AS i (organisation_id, motif, objet_type, objet_id, jusqua)
			SELECT ?, ?, ?, id, current_date + ?::interval FROM unnest(?::bigint[]) AS x (id)
			ON CONFLICT (organisation_id, motif, objet_type, objet_id) DO UPDATE SET jusqua = excluded.jusqua`,
			organisation, motif, typ, dureeIgnore, pgdialect.Array(ids)).Exec(ctx)
	}
	return err
}
