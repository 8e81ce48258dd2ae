-- Back to the functions that planned for few rows.
CREATE OR REPLACE FUNCTION journaliser() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    insertion text := format('INSERT INTO journal (publication_id, nom_table, objet_type, objet_id, organisations,
        genre, visibilite_avant, visibilite_apres, avant, apres) SELECT $1, %L, %L, %s, array_remove(%s, NULL), ',
        TG_TABLE_NAME, TG_ARGV[0], TG_ARGV[1], TG_ARGV[2]);
    visible text := TG_ARGV[3];
    contenu text := format('to_jsonb(r) - %L::text[]', TG_ARGV[5]);
    passe   text := TG_TABLE_NAME || '_passe';
BEGIN
    IF current_setting('mutualibre.journal', true) = 'non' THEN
        RETURN NULL; -- an invented sample comes and goes without a trace
    END IF;
    CASE TG_OP
    WHEN 'INSERT' THEN
        IF coalesce(current_setting('mutualibre.publication', true), '') <> '' AND EXISTS (SELECT FROM nouvelles) THEN
            EXECUTE insertion || format($q$'AJOUT', NULL, %s, NULL, %s FROM nouvelles r$q$, visible, contenu) USING publication_courante();
        END IF;
    WHEN 'UPDATE' THEN
        IF EXISTS (SELECT FROM nouvelles n JOIN anciennes a ON a.id = n.id WHERE n.revision > a.revision) THEN
            EXECUTE insertion || format($q$'CORRECTION', (SELECT %1$s FROM (SELECT a.*) r), %1$s, (SELECT %2$s FROM (SELECT a.*) r), %2$s
                FROM nouvelles r JOIN anciennes a ON a.id = r.id WHERE r.revision > a.revision$q$, visible, contenu) USING publication_courante();
            IF TG_ARGV[4] = 'oui' THEN
                EXECUTE format('INSERT INTO %I SELECT r.ecrit_le, a.* FROM anciennes a JOIN nouvelles r ON r.id = a.id WHERE r.revision > a.revision', passe);
            END IF;
        END IF;
    WHEN 'DELETE' THEN
        IF EXISTS (SELECT FROM anciennes) THEN
            EXECUTE insertion || format($q$'RETRAIT', %s, NULL, %s, NULL FROM anciennes r$q$, visible, contenu) USING publication_courante();
            IF TG_ARGV[4] = 'oui' THEN
                EXECUTE format('INSERT INTO %I SELECT now(), a.* FROM anciennes a', passe);
            END IF;
        END IF;
    END CASE;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION usage_compter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO usage_compte AS c (logiciel_id, departement, statut, modalite, libre, visibilite, nb)
        SELECT logiciel_id, departement, statut, modalite, libre, visibilite, count(*)
        FROM nouvelles GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
        ON CONFLICT (logiciel_id, departement, statut, modalite, libre, visibilite) DO UPDATE SET nb = c.nb + excluded.nb;

        WITH delta AS MATERIALIZED (
            SELECT logiciel_id, utilisateur_id AS organisation_id, departement, count(*)::integer AS n
            FROM nouvelles WHERE visibilite = 'PUBLIC' AND fin IS NULL AND statut IN ('PRODUCTION', 'EXPERIMENTATION')
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
        FROM (SELECT logiciel_id, departement, statut, modalite, libre, visibilite, count(*) AS n
              FROM anciennes GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6) d
        WHERE (c.logiciel_id, c.departement, c.statut, c.modalite, c.libre, c.visibilite)
            = (d.logiciel_id, d.departement, d.statut, d.modalite, d.libre, d.visibilite);

        WITH delta AS MATERIALIZED (
            SELECT logiciel_id, utilisateur_id AS organisation_id, count(*)::integer AS n
            FROM anciennes WHERE visibilite = 'PUBLIC' AND fin IS NULL AND statut IN ('PRODUCTION', 'EXPERIMENTATION')
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
