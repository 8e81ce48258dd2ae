package db

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/domain/cog"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// OrganisationPayload is an organisation as it stands after a mutation, or what keeps it from being done.
type OrganisationPayload struct {
	Organisation Organisation
	Erreurs      []*Erreur
}

// FusionnerOrganisationsInput names organisations that ceased, and the one that succeeds them.
type FusionnerOrganisationsInput struct {
	CleIdempotence *string
	Garde          string
	Fusionnees     []string
	DateEffet      Date
	Motif          *string
	Force          *bool
}

// maxFusionnees bounds the organisations of one merger: the largest commune nouvelle took 21 others over.
const maxFusionnees = 25

// FusionnerOrganisations merges organisations into the one that succeeds them: all that refers to them follows, their keys
// lead to it. Between communes, INSEE's log must show it, unless forced.
func (s *Store) FusionnerOrganisations(ctx context.Context, in FusionnerOrganisationsInput, sel Selection) (*OrganisationPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"fusionnerOrganisations", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		if err := e.authorise(ctx, "", 0); err != nil {
			return "", err
		}
		if err := e.alone(ctx); err != nil {
			return "", err
		}
		garde, err := e.organisation(ctx, "garde", in.Garde, "Collectivite", "SyndicatMixte", "Prestataire")
		if err != nil {
			return "", err
		}
		e.verify(len(in.Fusionnees) > 0 && len(in.Fusionnees) <= maxFusionnees, Invalide, "fusionnees", "« fusionnees » nomme de 1 à %d organisations", maxFusionnees)
		if err := e.ready(); err != nil {
			return "", err
		}
		ids := []int64{garde.Rowid}
		var fusionnees []*Fiche
		for _, id := range in.Fusionnees {
			f, err := e.organisation(ctx, "fusionnees", id, "Collectivite", "SyndicatMixte", "Prestataire")
			if err != nil {
				return "", err
			}
			if f != nil && e.verify(!slices.Contains(ids, f.Rowid), Invalide, "fusionnees", "« %s » est déjà dans cette fusion, ou l'a déjà été", f.Nom) {
				ids, fusionnees = append(ids, f.Rowid), append(fusionnees, f)
			}
		}
		if err := e.motive(ctx, in.Motif); err != nil {
			return "", err
		}
		force := *or(in.Force, false)
		e.verify(!force || in.Motif != nil, Requis, "motif", "dites sur quoi repose une fusion que l'on force")
		e.verify(in.DateEffet <= *e.today(), Invalide, "dateEffet", "« dateEffet » ne peut pas être à venir")
		if err := e.checkFusion(ctx, garde, fusionnees, in.DateEffet, force); err != nil {
			return "", err
		}
		if err := e.ready(); err != nil {
			return garde.Cle, err
		}
		if err := e.lockIDs(ctx, "organisation", ids...); err != nil {
			return "", err
		}
		for _, f := range fusionnees {
			if err := e.mergeOrganisation(ctx, garde.Rowid, f.Rowid, in.DateEffet); err != nil {
				return "", err
			}
		}
		return garde.Cle, nil
	})
	typ, _, _ := identifiant.ParseGlobal(in.Garde)
	o, err := written[Organisation](ctx, s, typ, cle, err, sel)
	return &OrganisationPayload{Organisation: o, Erreurs: fautes}, err
}

// checkFusion notes what forbids a merger: organisations of different kinds, and what INSEE's log does not show.
func (e *ecriture) checkFusion(ctx context.Context, garde *Fiche, fusionnees []*Fiche, dateEffet Date, force bool) error {
	var suites map[string]cog.Suite
	for _, f := range fusionnees {
		if !e.verify(f.Genre == garde.Genre, Invalide, "fusionnees", "« %s » et « %s » ne sont pas de même sorte", f.Nom, garde.Nom) || force {
			continue
		}
		e.verify(*or(f.Nature, "") == *or(garde.Nature, ""), Invalide, "fusionnees",
			"« %s » et « %s » ne sont pas de même nature : vérifiez, ou demandez-le avec « force »", f.Nom, garde.Nom)
		if *or(f.Nature, "") != "COMMUNE" || *or(garde.Nature, "") != "COMMUNE" || f.CodeInsee == nil || garde.CodeInsee == nil {
			continue
		}
		if suites == nil {
			mouvements, err := e.mouvements(ctx)
			if err != nil {
				return err
			}
			suites = cog.Suites(mouvements)
		}
		suite := suites[*f.CodeInsee]
		if !e.verify(slices.Contains(suite.Codes, *garde.CodeInsee), Invalide, "fusionnees",
			"le journal de l'INSEE ne montre pas que « %s » (%s) soit devenue « %s » (%s) : vérifiez, ou demandez-le avec « force »", f.Nom, *f.CodeInsee, garde.Nom, *garde.CodeInsee) {
			continue
		}
		depuis := Date(suite.Depuis.Format(time.DateOnly))
		e.verify(depuis == dateEffet, Invalide, "dateEffet", "le journal de l'INSEE date la fin de « %s » du %s : vérifiez, ou demandez-le avec « force »", f.Nom, depuis)
	}
	return nil
}

// mouvements reads INSEE's log of communes.
func (e *ecriture) mouvements(ctx context.Context) ([]cog.Mouvement, error) {
	var rows []struct {
		Type                                                           int
		Date                                                           time.Time
		TypeAvant, CodeAvant, NomAvant, TypeApres, CodeApres, NomApres string
	}
	err := e.tx.NewRaw(`SELECT type, date_effet AS date, type_avant, code_avant, nom_avant, type_apres, code_apres, nom_apres FROM mouvement_commune`).Scan(ctx, &rows)
	mouvements := make([]cog.Mouvement, len(rows))
	for i, r := range rows {
		mouvements[i] = cog.Mouvement(r)
	}
	return mouvements, err
}

// mergeOrganisation makes one organisation of two. Every table that refers to organisation is named here, or is emptied
// by the database with the row (ON DELETE CASCADE): a test holds that list against the catalogue.
func (e *ecriture) mergeOrganisation(ctx context.Context, garde, fusionnee int64, dateEffet Date) error {
	if err := e.mergeAdhesions(ctx, garde, fusionnee, dateEffet); err != nil {
		return err
	}
	if err := e.mergeAbonnements(ctx, "r.entree_id::text", "r.collectivite_id = ?1", "r.collectivite_id IN (?0, ?1)", garde, fusionnee); err != nil {
		return err
	}
	through := "nullif(" + devient("syndicat_id") + ", " + devient("utilisateur_id") + ")"
	statements := []string{
		// What a syndicat used through another is its own once they are one.
		`UPDATE usage SET utilisateur_id = ` + devient("utilisateur_id") + `, syndicat_id = ` + through + `,
			modalite = CASE WHEN ` + through + ` IS NULL THEN 'DIRECT' ELSE 'VIA_SYNDICAT' END,
			departement = CASE WHEN utilisateur_id = ?1 THEN (SELECT departement FROM organisation WHERE id = ?0) ELSE departement END
			WHERE utilisateur_id = ?1 OR syndicat_id = ?1`,
		moves("abonnement", "collectivite_id"),
		moves("economie", "beneficiaire_id", "verifiee_par_id"),
		moves("contrat", "organisation_id", "prestataire_id"),
		moves("catalogue", "syndicat_id"),
		moves("territoire", "organisation_id"),
		moves("reference_prix", "organisation_id"),
		moves("fait", "organisation_id"),
		moves("ressource_support", "organisation_id"),
		moves("developpement", "organisation_id"),
		// Of two parts in one role, what each paid and gave is one's now, known only if each was; so is it confirmed.
		`UPDATE participation_developpement g SET montant_centimes = g.montant_centimes + f.montant_centimes, jours = g.jours + f.jours, confirmee = g.confirmee AND f.confirmee
			FROM participation_developpement f WHERE g.organisation_id = ?0 AND f.organisation_id = ?1 AND f.developpement_id = g.developpement_id AND f.role = g.role`,
		dropDoubles("participation_developpement", "organisation_id", "developpement_id", "role"),
		moves("participation_developpement", "organisation_id"),
		// An experience does not speak of the organisation whose it is as of another one.
		`DELETE FROM retour_lien x USING retour_experience r WHERE r.id = x.retour_id AND x.organisation_id IN (?0, ?1) AND r.organisation_id IN (?0, ?1)`,
		moves("retour_experience", "organisation_id"),
		dropDoubles("retour_lien", "organisation_id", "retour_id"),
		moves("retour_lien", "organisation_id"),
		dropDoubles("label_obtenu", "organisation_id", "edition_id", "source_id"),
		moves("label_obtenu", "organisation_id"),
		// One application to an edition: that which is handed in, rather than a draft; else its own.
		`UPDATE candidature x SET statut = 'RETIREE' WHERE x.organisation_id IN (?0, ?1) AND x.statut <> 'RETIREE' AND EXISTS (SELECT FROM candidature y
			WHERE y.organisation_id IN (?0, ?1) AND y.organisation_id <> x.organisation_id AND y.edition_id = x.edition_id AND y.statut <> 'RETIREE'
				AND ((y.statut = 'DEPOSEE') > (x.statut = 'DEPOSEE') OR (y.statut = x.statut AND y.organisation_id = ?0)))`,
		moves("candidature", "organisation_id"),
		dropDoubles("a_confirmer_ignore", "organisation_id", "motif", "objet_type", "objet_id"),
		moves("a_confirmer_ignore", "organisation_id"),
		`INSERT INTO competence_exercee (organisation_id, nomenclature, code) SELECT ?0, nomenclature, code FROM competence_exercee
			WHERE organisation_id = ?1 ON CONFLICT DO NOTHING`,
		`UPDATE code_insee c SET organisation_id = ?0, nom = CASE WHEN c.actuel THEN coalesce(c.nom, f.nom) ELSE c.nom END, actuel = false, depuis = ?2
			FROM organisation f WHERE f.id = ?1 AND c.organisation_id = ?1`,
		`INSERT INTO nom_alternatif (organisation_id, nom, nom_tri, source_id) SELECT ?0, n.nom, n.nom_tri, n.source_id
			FROM (SELECT nom, nom_tri, source_id FROM organisation WHERE id = ?1 UNION ALL SELECT nom, nom_tri, source_id FROM nom_alternatif WHERE organisation_id = ?1) n
			WHERE n.nom_tri <> (SELECT nom_tri FROM organisation WHERE id = ?0) ON CONFLICT DO NOTHING`,
		// Nobody acts any more for what ceased; its successor keeps the trace of who did.
		`UPDATE jeton SET organisation_id = ?0, revoque_le = coalesce(revoque_le, now()) WHERE organisation_id = ?1`,
		`UPDATE habilitation SET organisation_id = ?0, retiree_le = coalesce(retiree_le, now()) WHERE organisation_id = ?1`,
		`UPDATE webhook SET organisation_id = ?0, actif = false, motif_arret = 'Son organisation a été fondue dans une autre.' WHERE organisation_id = ?1`,
		moves("publication", "organisation_id"),
	}
	statements = append(statements, mergePropositions("prestataire_id", "utilisateur_id")...)
	statements = append(statements, moves("reseau", "organisation_id"), moves("rencontre", "declarant_id", "commune_id"), moves("intervention", "declarant_id"))
	statements = append(statements, movesOnce("rencontre_organisateur", "organisation_id", "rencontre_id")...)
	statements = append(statements, movesOnce("intervention_organisation", "organisation_id", "intervention_id")...)
	statements = append(statements, movesOnce("participation", "organisation_id", "rencontre_id")...)
	statements = append(statements, mergePrestations("prestataire_id", "logiciel_id")...)
	statements = append(statements, mergeReferences("prestataire_id", "beneficiaire_id")...)
	statements = append(statements,
		moves("besoin", "organisation_id"),
		// Who asked neither joins nor answers its own need, and nobody joins, or answers, twice: of two answers, one that was
		// chosen stays.
		dropDoubles("besoin_participant", "organisation_id", "besoin_id"),
		moves("besoin_participant", "organisation_id"),
		`DELETE FROM besoin_participant x USING besoin b WHERE x.organisation_id = ?0 AND b.id = x.besoin_id AND b.organisation_id = ?0`,
		`DELETE FROM reponse_besoin g USING reponse_besoin f WHERE g.repondant_id = ?0 AND f.repondant_id = ?1 AND f.besoin_id = g.besoin_id AND f.etat = 'CHOISIE'`,
		dropDoubles("reponse_besoin", "repondant_id", "besoin_id"),
		moves("reponse_besoin", "repondant_id"),
		`DELETE FROM reponse_besoin x USING besoin b WHERE x.repondant_id = ?0 AND b.id = x.besoin_id AND b.organisation_id = ?0`,
		moves("disponibilite", "organisation_id"),
		moves("message_developpeur", "organisation_id"))
	statements = append(statements,
		moves("organisation_fusionnee", "organisation_id"),
		`INSERT INTO organisation_fusionnee (cle, organisation_id, ancien_id, date_effet)
			SELECT DISTINCT x.cle, ?0, f.id, ?2::date FROM organisation f, unnest(ARRAY[f.cle, f.siren]) x (cle) WHERE f.id = ?1 AND x.cle IS NOT NULL
			ON CONFLICT (cle) DO NOTHING`,
		`DELETE FROM organisation WHERE id = ?1`)
	return e.run(ctx, statements, garde, fusionnee, dateEffet)
}

// mergeAdhesions moves memberships, of it and in it. A collectivité has one EPCI, and one EPT, at a time: what ceases
// leaves its own, on the day of the merger, when its successor has another. Memberships that then overlap become one: over
// all their time, for all their services, and confirmed only if each was.
func (e *ecriture) mergeAdhesions(ctx context.Context, garde, fusionnee int64, dateEffet Date) error {
	const autre = `a.membre_id = ?1 AND a.via_id IS NULL AND EXISTS (SELECT FROM organisation o JOIN organisation n ON n.nature = o.nature AND n.id <> o.id
		JOIN adhesion b ON b.groupement_id = n.id AND b.membre_id = ?0 AND b.via_id IS NULL AND b.periode && daterange(?2, NULL) AND b.periode && a.periode
		WHERE o.id = a.groupement_id AND o.nature IN ('EPCI', 'EPT'))`
	var left []int64
	if err := e.tx.NewRaw(`SELECT a.groupement_id FROM adhesion a WHERE coalesce(a.fin, 'infinity') > ?2 AND `+autre, garde, fusionnee, dateEffet).Scan(ctx, &left); err != nil {
		return err
	}
	const sienne = ` WHERE membre_id = ?1 AND (via_id = ANY (?3) OR (via_id IS NULL AND groupement_id = ANY (?3)))`
	if err := e.run(ctx, []string{
		`UPDATE adhesion SET fin = greatest(?2, debut)` + sienne + ` AND coalesce(fin, 'infinity') > ?2`,
		`DELETE FROM adhesion WHERE ` + devient("groupement_id") + ` = ` + devient("membre_id") + ` AND ?1 IN (groupement_id, membre_id)`,
	}, garde, fusionnee, dateEffet, pgdialect.Array(left)); err != nil {
		return err
	}
	// Through itself is no other than directly.
	via := "nullif(nullif(" + devient("via_id") + ", " + devient("membre_id") + "), " + devient("groupement_id") + ")"
	var rows []periode
	if err := e.tx.NewRaw(`SELECT id, concat_ws('/', `+devient("groupement_id")+`, `+devient("membre_id")+`, coalesce(`+via+`, 0)) AS groupe, debut, fin,
		?1 IN (groupement_id, membre_id, coalesce(via_id, 0)) AS arrive FROM adhesion
		WHERE (groupement_id IN (?0, ?1) OR membre_id IN (?0, ?1) OR via_id IN (?0, ?1)) AND `+quelqueTemps("debut", "fin")+` ORDER BY id FOR UPDATE`, garde, fusionnee).Scan(ctx, &rows); err != nil {
		return err
	}
	doublons := overlaps(rows)
	for _, d := range doublons {
		if err := e.run(ctx, []string{
			`UPDATE adhesion a SET confirmee = (SELECT bool_and(x.confirmee) FROM adhesion x WHERE x.id = a.id OR x.id = ANY (?1)),
				services = CASE WHEN EXISTS (SELECT FROM adhesion x WHERE (x.id = a.id OR x.id = ANY (?1)) AND x.services = '{}') THEN '{}'
					ELSE ARRAY(SELECT DISTINCT t FROM adhesion x, unnest(x.services) t WHERE x.id = a.id OR x.id = ANY (?1) ORDER BY t) END
				WHERE a.id = ?0`,
			`DELETE FROM adhesion WHERE id = ANY (?1)`,
		}, d.garde, pgdialect.Array(d.retires)); err != nil {
			return err
		}
	}
	if err := e.run(ctx, []string{`UPDATE adhesion SET groupement_id = ` + devient("groupement_id") + `, membre_id = ` + devient("membre_id") + `, via_id = ` + via + `
		WHERE ?1 IN (groupement_id, membre_id, coalesce(via_id, 0))`}, garde, fusionnee); err != nil {
		return err
	}
	for _, d := range doublons {
		if _, err := e.tx.NewRaw(`UPDATE adhesion SET debut = ?, fin = ? WHERE id = ?`, d.debut, d.fin, d.garde).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
