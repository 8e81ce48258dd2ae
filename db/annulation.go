package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/domain/droit"
)

// AnnulerDerniereModificationInput asks to undo one's own last operation.
type AnnulerDerniereModificationInput struct {
	CleIdempotence *string
}

// AnnulationPayload is what was undone.
type AnnulationPayload struct {
	Operation     *string
	Modifications int
	Erreurs       []*Erreur
}

// annulables are the tables whose changes can be undone, each after those it refers to. A usage and a software are never
// removed, so none has to come back.
var annulables = []string{"organisation", "logiciel", "identifiant", "logiciel_lien", "logiciel_categorie", "adhesion", "catalogue", "entree_catalogue",
	"abonnement", "usage", "contrat", "economie", "label_edition", "label_obtenu", "rencontre", "rencontre_organisateur", "rencontre_besoin", "intervention", "intervention_organisation", "intervention_logiciel", "participation", "retour_experience", "retour_lien", "chiffre_retour", "developpement", "participation_developpement", "ressource_support"}

// AnnulerDerniereModification undoes the last operation of the identity that still stands: each row that it touched is
// as it was before, if nothing changed it since.
func (s *Store) AnnulerDerniereModification(ctx context.Context, in AnnulerDerniereModificationInput) (*AnnulationPayload, error) {
	payload := &AnnulationPayload{}
	cle, fautes, err := s.write(ctx, demande{"annulerDerniereModification", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		if err := e.authorise(ctx, "", 0); err != nil {
			return "", err
		}
		return e.undoLast(ctx)
	})
	payload.Erreurs = fautes
	if err != nil || len(fautes) > 0 {
		return payload, err
	}
	err = s.base.NewRaw(`SELECT p.operation, (SELECT count(*) FROM journal j WHERE j.publication_id = a.id)
		FROM publication a JOIN publication p ON p.id = a.annule_id WHERE a.id = ?`, cle).Scan(ctx, &payload.Operation, &payload.Modifications)
	return payload, Translate(err)
}

// undoLast undoes, and returns the publication that did.
func (e *ecriture) undoLast(ctx context.Context) (string, error) {
	var last struct {
		ID             int64
		Operation      string
		Role           droit.Role
		OrganisationID int64
	}
	q := e.tx.NewSelect().TableExpr("publication AS p").ColumnExpr("p.id, p.operation, coalesce(p.role, '') AS role, coalesce(p.organisation_id, 0) AS organisation_id").
		Where("p.sujet = ?", e.qui.Sujet).Where("p.numero IS NOT NULL").Where("p.annule_id IS NULL").
		Where("p.operation <> 'figerInstantane'"). // it changes nothing of the graph, and hides nothing that was done before
		Where("NOT EXISTS (SELECT FROM publication a WHERE a.annule_id = p.id)").OrderExpr("p.numero DESC").Limit(1).For("UPDATE")
	found, err := one(ctx, q, &last)
	if err != nil {
		return "", err
	}
	if !found {
		return "", faute(Introuvable, "", "vous n'avez rien fait qui puisse être annulé")
	}
	// A token keeps its right; a person may have lost hers since.
	i := slices.IndexFunc(e.qui.Droits, func(d Droit) bool { return d.Role == last.Role && d.OrganisationID == last.OrganisationID })
	if i < 0 {
		return "", faute(Interdit, "", "vous n'avez plus le droit sous lequel « %s » a été fait", last.Operation)
	}
	if err := e.withinReach(ctx, last.ID, e.qui.Droits[i]); err != nil {
		return "", err
	}
	var touched []string
	if err := e.tx.NewRaw(`SELECT DISTINCT nom_table FROM journal WHERE publication_id = ?`, last.ID).Scan(ctx, &touched); err != nil {
		return "", err
	}
	for _, table := range touched {
		if !slices.Contains(annulables, table) || strings.HasPrefix(last.Operation, "fusionner") {
			return "", faute(Invalide, "", "« %s » ne s'annule pas", last.Operation)
		}
	}
	for _, table := range annulables {
		if slices.Contains(touched, table) {
			if err := e.unchanged(ctx, last.ID, table); err != nil {
				return "", err
			}
		}
	}
	// What was added goes first, the last referring first; then what was corrected or removed comes back.
	for _, table := range slices.Backward(annulables) {
		if slices.Contains(touched, table) {
			if err := e.removeAdded(ctx, last.ID, table); err != nil {
				return "", err
			}
		}
	}
	for _, table := range annulables {
		if slices.Contains(touched, table) {
			if err := e.restore(ctx, last.ID, table); err != nil {
				return "", err
			}
		}
	}
	if err := e.checkUndone(ctx, last.ID, e.qui.Droits[i]); err != nil {
		return "", err
	}
	var own string
	err = e.tx.NewRaw(`UPDATE publication SET annule_id = ? WHERE id = current_setting('mutualibre.publication')::bigint RETURNING id::text`, last.ID).Scan(ctx, &own)
	return own, err
}

// withinReach refuses to undo what was done to a member that has left since, or to what passes through another syndicat by now.
func (e *ecriture) withinReach(ctx context.Context, publication int64, d Droit) error {
	if d.Role.Global() {
		return nil
	}
	var of []struct{ Organisation, Tiers int64 }
	// A session is in the hands of who announced its event, too.
	err := e.tx.NewRaw(`SELECT DISTINCT coalesce((SELECT r.declarant_id FROM rencontre r WHERE j.nom_table = 'intervention' AND r.id = (x ->> 'rencontre_id')::bigint AND r.declarant_id = ANY (?1)),
			(coalesce(x ->> 'utilisateur_id', x ->> 'beneficiaire_id', x ->> 'declarant_id', x ->> 'organisation_id'))::bigint, 0) AS organisation, coalesce(x ->> 'syndicat_id', '0')::bigint AS tiers
		FROM journal j, unnest(ARRAY[j.avant, j.apres]) x WHERE j.publication_id = ?0 AND j.nom_table IN ('usage', 'economie', 'rencontre', 'intervention', 'participation') AND x IS NOT NULL`,
		publication, pgdialect.Array(append([]int64{d.OrganisationID}, d.Membres...))).Scan(ctx, &of)
	for _, x := range of {
		lien := d.lien(x.Organisation)
		if lien == droit.Etrangere || lien == droit.Membre && x.Tiers != 0 && x.Tiers != d.OrganisationID {
			return faute(Interdit, "", "cela touche une organisation pour laquelle vous n'agissez plus")
		}
	}
	return err
}

// checkUndone holds what undoing leaves to the rules of the mutations that could have written it.
func (e *ecriture) checkUndone(ctx context.Context, publication int64, d Droit) error {
	// What went with a row that it added, and was not its own, is the work of others.
	var attached bool
	if err := e.tx.NewRaw(`SELECT EXISTS (SELECT FROM journal j WHERE j.publication_id = current_setting('mutualibre.publication')::bigint AND j.genre = 'RETRAIT'
		AND NOT EXISTS (SELECT FROM journal l WHERE l.publication_id = ? AND l.nom_table = j.nom_table AND l.apres ->> 'id' = j.avant ->> 'id'))`,
		publication).Scan(ctx, &attached); err != nil {
		return err
	}
	if attached {
		return faute(Conflit, "", "autre chose s'est attaché depuis à ce qui avait été ajouté")
	}
	// See CorrigerAdhesion: a groupement does not bring back who has left.
	if _, err := e.tx.NewRaw(`UPDATE adhesion a SET confirmee = false FROM (`+effets+`) e WHERE a.id = e.rang::bigint AND a.confirmee AND a.groupement_id = ?2
		AND NOT a.periode * daterange(current_date, NULL) <@ daterange((e.apres ->> 'debut')::date, (e.apres ->> 'fin')::date)`,
		publication, "adhesion", d.OrganisationID).Exec(ctx); err != nil {
		return err
	}
	var exceed bool
	if err := e.tx.NewRaw(`SELECT EXISTS (SELECT FROM developpement d CROSS JOIN LATERAL (SELECT sum(x.montant_centimes) AS montant, sum(x.jours) AS jours
			FROM participation_developpement x WHERE x.developpement_id = d.id) p
		WHERE (p.montant > d.cout_centimes OR p.jours > d.jours) AND d.id IN (SELECT (coalesce(j.apres, j.avant) ->> CASE j.nom_table WHEN 'developpement' THEN 'id' ELSE 'developpement_id' END)::bigint
			FROM journal j WHERE j.publication_id = ? AND j.nom_table IN ('developpement', 'participation_developpement')))`, publication).Scan(ctx, &exceed); err != nil {
		return err
	}
	if exceed {
		return faute(Conflit, "", "des parts de ce développement ont été déclarées ou corrigées depuis : elles dépasseraient le tout")
	}
	var economies []*Economie
	if err := many(ctx, selectRows(e.Store, &economies, columnsEconomie).Where("s.id IN (SELECT e.rang::bigint FROM ("+effets+") e)", publication, "economie").
		Where("s.part_de_id IS NOT NULL OR EXISTS (SELECT FROM economie p WHERE p.part_de_id = s.id)"), &economies); err != nil {
		return err
	}
	for _, eco := range economies {
		var levels bool
		err := e.tx.NewRaw(`SELECT EXISTS (SELECT FROM economie w WHERE w.id = ?1 AND w.part_de_id IS NOT NULL) OR ?1 <> 0 AND EXISTS (SELECT FROM economie p WHERE p.part_de_id = ?0)`,
			eco.Rowid, deref(eco.PartDeID)).Scan(ctx, &levels)
		if err == nil {
			err = errors.Join(e.checkShare(ctx, eco), e.checkShares(ctx, eco))
		}
		var fautes Fautes
		if levels || errors.As(err, &fautes) {
			return faute(Conflit, "", "des parts de cette économie ont été déclarées ou corrigées depuis : elle et ses parts se contrediraient")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// effets gives, for each row of a table that a publication touched, its first and its last version in it. ?0 is the
// publication, ?1 the table's name.
const effets = `SELECT DISTINCT ON (x.rang) x.rang, first_value(x.avant) OVER w AS avant, last_value(x.apres) OVER w AS apres
	FROM (SELECT coalesce(j.apres, j.avant) ->> 'id' AS rang, j.id, j.avant, j.apres FROM journal j WHERE j.publication_id = ?0 AND j.nom_table = ?1) x
	WINDOW w AS (PARTITION BY x.rang ORDER BY x.id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)`

// tenuesParLaBase are the columns of any table that nobody writes: what follows a row, and what is counted beside it.
const tenuesParLaBase = `revision,ecrit_le,tenu,nb_usages,nb_usages_libres,nb_utilisateurs`

// horsVersion are the columns that are not of what was written: a change of theirs is nobody's.
const horsVersion = `'{` + tenuesParLaBase + `,recherche}'::text[]`

// unchanged locks the rows that a publication touched, and checks that they still are as it left them.
func (e *ecriture) unchanged(ctx context.Context, publication int64, table string) error {
	var changed bool
	err := e.tx.NewRaw(`WITH e AS (`+effets+`), t AS MATERIALIZED (
			SELECT t.id, to_jsonb(t) - `+horsVersion+` AS etat FROM ?2 t WHERE t.id IN (SELECT e.rang::bigint FROM e) ORDER BY t.id FOR UPDATE)
		SELECT EXISTS (SELECT FROM e LEFT JOIN t ON t.id = e.rang::bigint WHERE t.etat IS DISTINCT FROM e.apres - `+horsVersion+`)`,
		publication, table, bun.Ident(table)).Scan(ctx, &changed)
	if err == nil && changed {
		return faute(Conflit, "", "cela a changé depuis : annuler effacerait ce que d'autres ont écrit")
	}
	return err
}

// removeAdded removes the rows that a publication added.
func (e *ecriture) removeAdded(ctx context.Context, publication int64, table string) error {
	_, err := e.tx.NewRaw(`DELETE FROM ?2 t USING (`+effets+`) e WHERE t.id = e.rang::bigint AND e.avant IS NULL`,
		publication, table, bun.Ident(table)).Exec(ctx)
	if violatesForeignKey(err) {
		return faute(Conflit, "", "autre chose s'est attaché depuis à ce qui avait été ajouté")
	}
	return err
}

// restore gives the rows that a publication corrected or removed their version from before.
func (e *ecriture) restore(ctx context.Context, publication int64, table string) error {
	var columns []string
	err := e.tx.NewRaw(`SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped
		AND attgenerated = '' AND attname <> ALL ('{`+tenuesParLaBase+`,id,departement,libre}') ORDER BY attnum`, table).Scan(ctx, &columns)
	if err != nil {
		return err
	}
	if table == "organisation" {
		columns = append(columns, "departement")
	}
	if table == "logiciel" {
		columns = append(columns, "libre")
	}
	list, before := strings.Join(columns, ", "), "r."+strings.Join(columns, ", r.")
	_, err = e.tx.NewRaw(fmt.Sprintf(`UPDATE ?2 t SET (%s) = ROW (%s) FROM (%s) e, jsonb_populate_record(NULL::?2, e.avant) r
		WHERE t.id = e.rang::bigint AND e.avant IS NOT NULL AND e.apres IS NOT NULL`, list, before, effets), publication, table, bun.Ident(table)).Exec(ctx)
	if err == nil {
		_, err = e.tx.NewRaw(fmt.Sprintf(`INSERT INTO ?2 (id, revision, %s) SELECT r.id, r.revision + 1, %s FROM (%s) e, jsonb_populate_record(NULL::?2, e.avant) r
			WHERE e.apres IS NULL AND e.avant IS NOT NULL`, list, before, effets), publication, table, bun.Ident(table)).Exec(ctx)
	}
	if violatesForeignKey(err) {
		return faute(Conflit, "", "ce dont cela parlait a été fusionné ou retiré depuis")
	}
	return err
}

func violatesForeignKey(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23503"
}
