DROP SCHEMA lecture_publique, lecture, lecture_au CASCADE;
DROP FUNCTION lectures_refaire(), lecture_colonnes(text, text, text), lecture_permise(text, bigint[]), lecture_actuelle(text, bigint), lecture_tout(), lecture_organisme(),
    lecture_siennes(), lecture_membres(), aujourdhui(), lecture_instant();

DROP TABLE idempotence, organisation_passe, adhesion_passe, logiciel_passe, catalogue_passe, entree_catalogue_passe, abonnement_passe,
    usage_passe, economie_passe, contrat_passe, jeton, habilitation, proposition, contrat, organisation_fusionnee, logiciel_fusionne;
DO $$
DECLARE
    nom text;
BEGIN
    FOREACH nom IN ARRAY '{organisation,adhesion,logiciel,catalogue,entree_catalogue,abonnement,usage,economie,identifiant,logiciel_lien}'::text[] LOOP
        EXECUTE format('DROP TRIGGER %I ON %I', nom || '_revision', nom);
        EXECUTE format('DROP TRIGGER %I ON %I', nom || '_journal_ajout', nom);
        EXECUTE format('DROP TRIGGER %I ON %I', nom || '_journal_correction', nom);
        EXECUTE format('DROP TRIGGER %I ON %I', nom || '_journal_retrait', nom);
        EXECUTE format('ALTER TABLE %I DROP COLUMN revision, DROP COLUMN ecrit_le, DROP COLUMN tenu', nom);
    END LOOP;
END $$;
DROP FUNCTION suivre(text, text, text, text, text, boolean, text[], text[]), journaliser(), versionner(), publication_courante();
DROP TABLE journal, publication;
DROP FUNCTION journal_garder(), publication_numeroter();
DROP SEQUENCE publication_numero;
ALTER TABLE identifiant DROP COLUMN id;
ALTER TABLE logiciel_lien DROP COLUMN id;
ALTER TABLE adhesion DROP COLUMN cle, DROP COLUMN confirmee;

DROP INDEX usage_prive_idx, usage_en_vigueur_idx;
ALTER TABLE usage DROP COLUMN visibilite;
ALTER TABLE economie DROP COLUMN visibilite, DROP COLUMN part_de_id, DROP COLUMN calcul, DROP COLUMN verifiee_par_id;
CREATE INDEX usage_en_vigueur_idx ON usage (depuis, fin, statut, modalite, libre)
    WHERE statut <> 'PREVU' AND (statut <> 'ABANDONNE' OR fin IS NOT NULL);
CREATE TEMP TABLE compte ON COMMIT DROP AS
    SELECT logiciel_id, departement, statut, modalite, libre, sum(nb)::integer AS nb FROM usage_compte GROUP BY 1, 2, 3, 4, 5;
DELETE FROM usage_compte;
ALTER TABLE usage_compte DROP CONSTRAINT usage_compte_pkey, DROP COLUMN visibilite, ADD PRIMARY KEY (logiciel_id, departement, statut, modalite, libre);
INSERT INTO usage_compte (logiciel_id, departement, statut, modalite, libre, nb) SELECT * FROM compte;
CREATE OR REPLACE FUNCTION usage_compter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO usage_compte AS c (logiciel_id, departement, statut, modalite, libre, nb)
        SELECT logiciel_id, departement, statut, modalite, libre, count(*)
        FROM nouvelles GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
        ON CONFLICT (logiciel_id, departement, statut, modalite, libre) DO UPDATE SET nb = c.nb + excluded.nb;

        WITH delta AS MATERIALIZED (
            SELECT logiciel_id, utilisateur_id AS organisation_id, departement, count(*)::integer AS n
            FROM nouvelles WHERE fin IS NULL AND statut IN ('PRODUCTION', 'EXPERIMENTATION')
            GROUP BY 1, 2, 3 ORDER BY 1, 2
        ), maj AS (
            INSERT INTO logiciel_utilisateur AS u (logiciel_id, organisation_id, departement, nb)
            SELECT logiciel_id, organisation_id, departement, n FROM delta
            ON CONFLICT (logiciel_id, organisation_id)
            DO UPDATE SET nb = u.nb + excluded.nb, departement = excluded.departement
            RETURNING logiciel_id, organisation_id, nb
        ), gagnes AS (
            UPDATE logiciel l SET nb_utilisateurs = l.nb_utilisateurs + g.n
            FROM (SELECT logiciel_id, count(*) AS n FROM maj JOIN delta USING (logiciel_id, organisation_id)
                  WHERE maj.nb = delta.n GROUP BY 1 ORDER BY 1) g
            WHERE l.id = g.logiciel_id
        )
        UPDATE organisation o SET nb_usages = o.nb_usages + d.n
        FROM (SELECT organisation_id, sum(n) AS n FROM delta GROUP BY 1 ORDER BY 1) d
        WHERE o.id = d.organisation_id;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        UPDATE usage_compte c SET nb = c.nb - d.n
        FROM (SELECT logiciel_id, departement, statut, modalite, libre, count(*) AS n
              FROM anciennes GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5) d
        WHERE (c.logiciel_id, c.departement, c.statut, c.modalite, c.libre)
            = (d.logiciel_id, d.departement, d.statut, d.modalite, d.libre);

        WITH delta AS MATERIALIZED (
            SELECT logiciel_id, utilisateur_id AS organisation_id, count(*)::integer AS n
            FROM anciennes WHERE fin IS NULL AND statut IN ('PRODUCTION', 'EXPERIMENTATION')
            GROUP BY 1, 2 ORDER BY 1, 2
        ), maj AS (
            UPDATE logiciel_utilisateur u SET nb = u.nb - d.n
            FROM delta d WHERE (u.logiciel_id, u.organisation_id) = (d.logiciel_id, d.organisation_id)
            RETURNING u.logiciel_id, u.organisation_id, u.nb
        ), perdus AS (
            UPDATE logiciel l SET nb_utilisateurs = l.nb_utilisateurs - p.n
            FROM (SELECT logiciel_id, count(*) AS n FROM maj WHERE nb = 0 GROUP BY 1 ORDER BY 1) p
            WHERE l.id = p.logiciel_id
        )
        UPDATE organisation o SET nb_usages = o.nb_usages - d.n
        FROM (SELECT organisation_id, sum(n) AS n FROM delta GROUP BY 1 ORDER BY 1) d
        WHERE o.id = d.organisation_id;
    END IF;
    RETURN NULL;
END $$;
