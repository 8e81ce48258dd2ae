ALTER TABLE adoption ADD FOREIGN KEY (cellule_id) REFERENCES cellule;
ALTER TABLE adoption_mois_lieu ADD FOREIGN KEY (cellule_id) REFERENCES cellule;
DROP TRIGGER organisation_citation_correction ON organisation;
DROP TRIGGER usage_citation_retrait ON usage;
DROP TRIGGER usage_citation_correction ON usage;
DROP TRIGGER usage_citation_ajout ON usage;
DO $$
BEGIN
    EXECUTE replace(pg_get_functiondef('adoption_appliquer'::regproc),
        $q$SELECT coalesce(sum(c.usages[32]), 0) FROM citation c JOIN cellule k ON k.id = c.cellule_id AND k.niveau = 'FRANCE' WHERE c.sujet = 0$q$,
        $q$SELECT coalesce(sum(nb), 0) FROM citation WHERE axe = 'FRANCE'$q$);
END $$;
CREATE OR REPLACE FUNCTION adoption_sujets() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
    changes bigint[];
BEGIN
    IF current_setting('mutualibre.adoption', true) = 'non' THEN
        RETURN NULL;
    END IF;
    CASE TG_TABLE_NAME || ' ' || TG_OP
    WHEN 'logiciel INSERT' THEN SELECT array_agg(id) INTO ids FROM nouvelles;
    WHEN 'logiciel_categorie INSERT' THEN SELECT array_agg(DISTINCT logiciel_id) INTO ids FROM nouvelles;
    WHEN 'logiciel_categorie UPDATE' THEN SELECT array_agg(DISTINCT logiciel_id) INTO ids FROM (SELECT logiciel_id FROM nouvelles UNION SELECT logiciel_id FROM anciennes) x;
    WHEN 'logiciel_categorie DELETE' THEN SELECT array_agg(DISTINCT logiciel_id) INTO ids FROM anciennes;
    ELSE -- a category that has another parent moves with all that it contains
        IF EXISTS (SELECT id, parent_id FROM nouvelles EXCEPT SELECT id, parent_id FROM anciennes) THEN
            SELECT array_agg(id) INTO ids FROM logiciel;
        END IF;
    END CASE;
    IF ids IS NULL THEN
        RETURN NULL;
    END IF;
    WITH attendus AS MATERIALIZED (
        SELECT * FROM logiciel_sujet_attendu(ids)
    ), partis AS (
        DELETE FROM logiciel_sujet s WHERE s.logiciel_id = ANY (ids)
            AND NOT EXISTS (SELECT FROM attendus a WHERE a.logiciel_id = s.logiciel_id AND a.sujet = s.sujet) RETURNING s.sujet
    ), arrives AS (
        INSERT INTO logiciel_sujet SELECT * FROM attendus ON CONFLICT DO NOTHING RETURNING sujet
    )
    SELECT array_agg(DISTINCT sujet) INTO changes FROM (SELECT sujet FROM partis UNION SELECT sujet FROM arrives) x WHERE sujet < -1;
    IF changes IS NOT NULL THEN
        PERFORM adoption_refaire(changes);
    END IF;
    RETURN NULL;
END $$;
DROP FUNCTION citation_deplacer();
DROP FUNCTION citation_refaire(bigint[]);
DROP FUNCTION citation_tenir();
DROP FUNCTION citation_mouvoir(bigint[], bigint[], boolean[], bigint[], date[], integer[], integer[], integer[]);
DROP FUNCTION citation_suite();
DROP VIEW citation_lieu;
DROP TABLE citation_mois;
DROP TABLE citation;
DROP FUNCTION usage_jalons(date, date, date, timestamptz);
DROP FUNCTION usage_frais_jusqua(date, timestamptz);

CREATE TABLE citation (
    axe       text NOT NULL CHECK (axe IN ('FRANCE', 'DEPARTEMENT', 'LOGICIEL')),
    cle       text NOT NULL,                        -- '', the code, the row id
    source_id bigint NOT NULL REFERENCES source,
    mois      date NOT NULL,                        -- its first day
    nb        integer NOT NULL,
    PRIMARY KEY (axe, cle, source_id, mois)
);
CREATE INDEX citation_source_idx ON citation (source_id);

CREATE VIEW citation_attendue AS
    SELECT x.axe, x.cle, u.source_id, date_trunc('month', greatest(u.constate_le, (u.confirme_le AT TIME ZONE 'UTC')::date)::timestamp)::date AS mois, count(*)::integer AS nb
    FROM public.usage u CROSS JOIN LATERAL (VALUES ('FRANCE', ''), ('DEPARTEMENT', u.departement), ('LOGICIEL', u.logiciel_id::text)) x (axe, cle)
    WHERE u.visibilite = 'PUBLIC' AND u.fin IS NULL AND u.statut IN ('PRODUCTION', 'EXPERIMENTATION')
    GROUP BY 1, 2, 3, 4;

CREATE FUNCTION citation_tenir() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    comptees text := $q$SELECT departement, logiciel_id, source_id, date_trunc('month', greatest(constate_le, (confirme_le AT TIME ZONE 'UTC')::date)::timestamp)::date AS mois, %s AS n
        FROM %s WHERE visibilite = 'PUBLIC' AND fin IS NULL AND statut IN ('PRODUCTION', 'EXPERIMENTATION')$q$;
    toutes text;
BEGIN
    IF current_setting('mutualibre.adoption', true) = 'non' THEN
        RETURN NULL;
    END IF;
    CASE TG_OP
    WHEN 'INSERT' THEN toutes := format(comptees, 1, 'nouvelles');
    WHEN 'DELETE' THEN toutes := format(comptees, -1, 'anciennes');
    ELSE toutes := format(comptees, 1, 'nouvelles') || ' UNION ALL ' || format(comptees, -1, 'anciennes');
    END CASE;
    EXECUTE format($q$INSERT INTO public.citation AS c (axe, cle, source_id, mois, nb)
        SELECT x.axe, x.cle, u.source_id, u.mois, sum(u.n) FROM (%s) u CROSS JOIN LATERAL (VALUES ('FRANCE', ''), ('DEPARTEMENT', u.departement), ('LOGICIEL', u.logiciel_id::text)) x (axe, cle)
        GROUP BY 1, 2, 3, 4 HAVING sum(u.n) <> 0 ORDER BY 1, 2, 3, 4
        ON CONFLICT (axe, cle, source_id, mois) DO UPDATE SET nb = c.nb + excluded.nb$q$, toutes);
    RETURN NULL;
END $$;
CREATE TRIGGER usage_citation_ajout AFTER INSERT ON usage REFERENCING NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION citation_tenir();
CREATE TRIGGER usage_citation_correction AFTER UPDATE ON usage REFERENCING OLD TABLE AS anciennes NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION citation_tenir();
CREATE TRIGGER usage_citation_retrait AFTER DELETE ON usage REFERENCING OLD TABLE AS anciennes FOR EACH STATEMENT EXECUTE FUNCTION citation_tenir();
INSERT INTO citation SELECT * FROM citation_attendue;
