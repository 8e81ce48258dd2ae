package db

import (
	"context"

	"github.com/uptrace/bun/dialect/pgdialect"
)

// FusionnerLogicielsInput names a software and its double.
type FusionnerLogicielsInput struct {
	CleIdempotence *string
	Garde          string
	Fusionne       string
}

// FusionnerLogiciels merges a software into another: all that refers to it follows, its id and its slug lead to the other.
func (s *Store) FusionnerLogiciels(ctx context.Context, in FusionnerLogicielsInput, sel Selection) (*LogicielPayload, error) {
	slug, fautes, err := s.write(ctx, demande{"fusionnerLogiciels", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		if err := e.authorise(ctx, "", 0); err != nil {
			return "", err
		}
		if err := e.alone(ctx); err != nil {
			return "", err
		}
		garde, err := e.logiciel(ctx, "garde", in.Garde)
		if err != nil {
			return "", err
		}
		fusionne, err := e.logiciel(ctx, "fusionne", in.Fusionne)
		if err != nil {
			return "", err
		}
		if err := e.ready(); err != nil {
			return "", err
		}
		e.verify(garde.Rowid != fusionne.Rowid, Invalide, "fusionne", "« garde » et « fusionne » désignent le même logiciel, « %s »", garde.Nom)
		if err := e.ready(); err != nil {
			return garde.Slug, err
		}
		if err := e.lockIDs(ctx, "logiciel", garde.Rowid, fusionne.Rowid); err != nil {
			return "", err
		}
		return garde.Slug, e.mergeLogiciel(ctx, garde.Rowid, fusionne.Rowid)
	})
	return s.logicielPayload(ctx, slug, fautes, err, sel)
}

// mergeLogiciel makes one software of two. Every table that refers to logiciel is named here, or is emptied by the
// database with the row (ON DELETE CASCADE): a test holds that list against the catalogue.
func (e *ecriture) mergeLogiciel(ctx context.Context, garde, fusionne int64) error {
	if err := e.mergeEntrees(ctx, garde, fusionne); err != nil {
		return err
	}
	statements := []string{
		`UPDATE logiciel g SET description = coalesce(g.description, f.description), site = coalesce(g.site, f.site), depot = coalesce(g.depot, f.depot),
			depot_normalise = CASE WHEN g.depot IS NULL THEN f.depot_normalise ELSE g.depot_normalise END,
			libre = CASE WHEN g.licence IS NULL AND g.licence_origine IS NULL THEN f.libre ELSE g.libre END,
			licence = CASE WHEN g.licence_origine IS NULL THEN coalesce(g.licence, f.licence) ELSE g.licence END,
			licence_origine = CASE WHEN g.licence IS NULL THEN coalesce(g.licence_origine, f.licence_origine) ELSE g.licence_origine END,
			ajoute_le = least(g.ajoute_le, f.ajoute_le)
			FROM logiciel f WHERE g.id = ?0 AND f.id = ?1`,
		// A usage that replaced the one by the other replaced nothing.
		`UPDATE usage SET logiciel_id = ` + devient("logiciel_id") + `, remplace_id = nullif(` + devient("remplace_id") + `, ` + devient("logiciel_id") + `),
			libre = CASE WHEN logiciel_id = ?1 THEN (SELECT libre FROM logiciel WHERE id = ?0) ELSE libre END
			WHERE logiciel_id = ?1 OR remplace_id = ?1`,
		moves("entree_catalogue", "logiciel_id"),
		moves("economie", "logiciel_id"),
		moves("contrat", "logiciel_id"),
		moves("reference_prix", "logiciel_id"),
		moves("fait", "logiciel_id"),
		moves("developpement", "logiciel_id"),
		dropDoubles("retour_lien", "logiciel_id", "retour_id"),
		moves("retour_lien", "logiciel_id"),
		dropDoubles("ressource_support", "logiciel_id", "url"),
		moves("ressource_support", "logiciel_id"),
		// An evaluation that both have becomes one, with the answers to each.
		`UPDATE reponse_evaluation r SET evaluation_id = g.id FROM evaluation_communaute f JOIN evaluation_communaute g ON (g.le, g.empreinte) = (f.le, f.empreinte)
			WHERE f.logiciel_id = ?1 AND g.logiciel_id = ?0 AND r.evaluation_id = f.id`,
		`DELETE FROM evaluation_communaute f USING evaluation_communaute g WHERE f.logiciel_id = ?1 AND g.logiciel_id = ?0 AND (g.le, g.empreinte) = (f.le, f.empreinte)`,
		moves("evaluation_communaute", "logiciel_id"),
		moves("identifiant", "logiciel_id"),
		`DELETE FROM logiciel_lien x WHERE ?1 IN (x.de_id, x.vers_id) AND (?0 IN (x.de_id, x.vers_id) OR EXISTS (SELECT FROM logiciel_lien y
			WHERE y.genre = x.genre AND y.de_id = ` + devient("x.de_id") + ` AND y.vers_id = ` + devient("x.vers_id") + `))`,
		moves("logiciel_lien", "de_id", "vers_id"),
		`INSERT INTO logiciel_categorie (logiciel_id, categorie_id) SELECT ?0, categorie_id FROM logiciel_categorie WHERE logiciel_id = ?1
			ON CONFLICT (logiciel_id, categorie_id) DO NOTHING`,
		`INSERT INTO nom_alternatif (logiciel_id, nom, nom_tri, source_id) SELECT ?0, n.nom, n.nom_tri, n.source_id
			FROM (SELECT nom, nom_tri, source_id FROM logiciel WHERE id = ?1 UNION ALL SELECT nom, nom_tri, source_id FROM nom_alternatif WHERE logiciel_id = ?1) n
			WHERE n.nom_tri <> (SELECT nom_tri FROM logiciel WHERE id = ?0) ON CONFLICT DO NOTHING`,
	}
	statements = append(statements, mergePropositions("logiciel_id")...)
	statements = append(statements, movesOnce("intervention_logiciel", "logiciel_id", "intervention_id")...)
	statements = append(statements, mergePrestations("logiciel_id", "prestataire_id")...)
	statements = append(statements, mergeReferences("logiciel_id")...)
	statements = append(statements, moves("besoin", "logiciel_id"),
		`INSERT INTO disponibilite_logiciel (disponibilite_id, logiciel_id) SELECT disponibilite_id, ?0 FROM disponibilite_logiciel WHERE logiciel_id = ?1 ON CONFLICT DO NOTHING`)
	statements = append(statements,
		moves("logiciel_fusionne", "logiciel_id"),
		`INSERT INTO logiciel_fusionne (slug, logiciel_id, ancien_id) SELECT slug, ?0, id FROM logiciel WHERE id = ?1`,
		`DELETE FROM logiciel WHERE id = ?1`)
	if err := e.run(ctx, statements, garde, fusionne); err != nil {
		return err
	}
	return e.dropContradictions(ctx, garde)
}

// union is an array that holds the elements of two, each once.
func union(a, b string) string {
	return "ARRAY(SELECT DISTINCT t FROM unnest(" + a + " || " + b + ") t ORDER BY t)"
}

// mergeEntrees makes one entry of those of one catalogue, for either software, that overlap: over all their time, with all
// their services and subscriptions. It is offered as soon as one of them is. Two that are being prepared are one, too; one
// withdrawn at an unknown date hinders nothing.
func (e *ecriture) mergeEntrees(ctx context.Context, garde, fusionne int64) error {
	var rows []periode
	if err := e.tx.NewRaw(`SELECT id, catalogue_id::text AS groupe, depuis AS debut, jusqua AS fin, logiciel_id = ?1 AS arrive FROM entree_catalogue
			WHERE logiciel_id IN (?0, ?1) AND (statut = 'PROPOSEE' OR (statut = 'RETIREE' AND jusqua IS NOT NULL)) AND `+quelqueTemps("depuis", "jusqua")+`
		UNION ALL SELECT id, concat(catalogue_id, ' en préparation'), NULL, NULL, logiciel_id = ?1 FROM entree_catalogue
			WHERE logiciel_id IN (?0, ?1) AND statut = 'EN_PREPARATION'`, garde, fusionne).Scan(ctx, &rows); err != nil {
		return err
	}
	for _, d := range overlaps(rows) {
		retires := pgdialect.Array(d.retires)
		if err := e.mergeAbonnements(ctx, "r.collectivite_id::text", "r.entree_id <> ?0", "r.entree_id = ?0 OR r.entree_id = ANY (?1)", d.garde, retires); err != nil {
			return err
		}
		if err := e.run(ctx, []string{
			`UPDATE abonnement SET entree_id = ?0 WHERE entree_id = ANY (?1)`,
			`UPDATE entree_catalogue e SET
				statut = (SELECT x.statut FROM entree_catalogue x WHERE x.id = e.id OR x.id = ANY (?1)
					ORDER BY array_position('{PROPOSEE,EN_PREPARATION,RETIREE}'::text[], x.statut) LIMIT 1),
				services = ARRAY(SELECT DISTINCT t FROM entree_catalogue x, unnest(x.services) t WHERE x.id = e.id OR x.id = ANY (?1) ORDER BY t)
				WHERE e.id = ?0`,
			`DELETE FROM entree_catalogue WHERE id = ANY (?1)`,
			`UPDATE entree_catalogue SET depuis = ?2, jusqua = ?3 WHERE id = ?0 AND statut <> 'EN_PREPARATION'`,
		}, d.garde, retires, d.debut, d.fin); err != nil {
			return err
		}
	}
	return nil
}
