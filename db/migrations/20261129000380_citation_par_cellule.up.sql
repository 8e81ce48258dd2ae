-- On whose word, and how lately, of any day and of whatever is counted by cell: the usages by source, as adoption keeps them
-- (see the migration "adoption"). It knew today's only, of the country, of each département and of each software.

-- The day from which what was seen or confirmed is no longer so lately: 24 months after the month of the last time. Null:
-- never was.
CREATE FUNCTION usage_frais_jusqua(constate_le date, confirme_le timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT (date_trunc('month', greatest(constate_le, (confirme_le AT TIME ZONE 'UTC')::date)::timestamp) + interval '24 months')::date $$;

-- The days on which a usage that counts begins, ends, or ceases to be lately confirmed while it is in force: u usages more
-- or less, r of which lately confirmed, p that cease to be so. The last is the first day of a month, always.
CREATE FUNCTION usage_jalons(depuis date, fin date, constate_le date, confirme_le timestamptz) RETURNS TABLE (jour date, u integer, r integer, p integer)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT j.* FROM (SELECT usage_frais_jusqua(constate_le, confirme_le) AS frais OFFSET 0) x CROSS JOIN LATERAL (VALUES
        (depuis, 1, coalesce(frais > depuis, false)::integer, 0),
        (fin, -1, -coalesce(frais > depuis AND frais >= fin, false)::integer, 0),
        (CASE WHEN frais > depuis AND (fin IS NULL OR frais < fin) THEN frais END, 0, 0, 1)) j (jour, u, r, p)
    WHERE j.jour IS NOT NULL
$$;

DROP TRIGGER usage_citation_ajout ON usage;
DROP TRIGGER usage_citation_correction ON usage;
DROP TRIGGER usage_citation_retrait ON usage;
DROP FUNCTION citation_tenir();
DROP VIEW citation_attendue;
DROP TABLE citation;

-- By source, the usages in force at each new year, and those lately confirmed: the elements of adoption. Of a software in
-- the country (niveau FRANCE); of a category by département too; of anything and anything free by cell too.
-- Without references: a cell is never removed, usages hold their source, and checking two million rows takes ten seconds.
CREATE TABLE citation (
    sujet      bigint NOT NULL,
    cellule_id integer NOT NULL,
    source_id  bigint NOT NULL,
    usages     integer[] NOT NULL,
    recents    integer[] NOT NULL,
    PRIMARY KEY (sujet, cellule_id, source_id)
);

-- What changes each month: usages, how many of them lately confirmed; and how many cease to be, on its first day.
CREATE TABLE citation_mois (
    sujet      bigint NOT NULL,
    cellule_id integer NOT NULL,
    source_id  bigint NOT NULL,
    mois       date NOT NULL,
    usages     integer NOT NULL,
    recents    integer NOT NULL,
    perimes    integer NOT NULL,
    PRIMARY KEY (sujet, cellule_id, mois, source_id)
);

-- Where what is said of a cell of niveau CELLULE is kept, of a subject: the wider cells, and itself. Without a nested loop: the
-- planner weighs nothing any more where the only join left is one that it was told to avoid.
CREATE VIEW citation_lieu AS
    SELECT k.id AS cellule_id, w.id AS large_id, w.niveau, s.depuis, s.jusqua
    FROM (SELECT id, unnest(plus_larges || id) AS large_id FROM public.cellule WHERE niveau = 'CELLULE') k JOIN public.cellule w ON w.id = k.large_id
    JOIN (VALUES ('FRANCE', '-infinity'::float, 'infinity'::float), ('DEPARTEMENT', '-infinity', 0), ('CELLULE', -1, 0)) s (niveau, depuis, jusqua) ON s.niveau = w.niveau;

-- The end of a statement: adds to both the rows of its CTE faits (sujet, cellule_id, source_id, mois, u, r, p), one for each
-- key at most. Keys are taken in order, as adoption_suite takes them.
CREATE FUNCTION citation_suite() RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    cumuls text;
BEGIN
    SELECT string_agg('ARRAY[' || elements || ']::integer[]', ', ' ORDER BY m) INTO cumuls
    FROM (SELECT m, string_agg(format('coalesce(sum(%s) FILTER (WHERE rang <= %s), 0)', x, i), ', ' ORDER BY i) AS elements
          FROM unnest('{u,r}'::text[]) WITH ORDINALITY y (x, m), generate_series(1, 32) i GROUP BY m) z;
    RETURN $q$, par_mois AS (
        INSERT INTO public.citation_mois AS m (sujet, cellule_id, source_id, mois, usages, recents, perimes)
        SELECT sujet, cellule_id, source_id, mois, u, r, p FROM faits WHERE u <> 0 OR r <> 0 OR p <> 0 ORDER BY 1, 2, 4, 3
        ON CONFLICT (sujet, cellule_id, mois, source_id) DO UPDATE SET usages = m.usages + excluded.usages, recents = m.recents + excluded.recents,
            perimes = m.perimes + excluded.perimes
    )
    INSERT INTO public.citation AS c (sujet, cellule_id, source_id, usages, recents)
    SELECT sujet, cellule_id, source_id, $q$ || cumuls || $q$
    FROM (SELECT sujet, cellule_id, source_id, adoption_rang(mois) AS rang, sum(u) AS u, sum(r) - sum(p) AS r FROM faits WHERE u <> 0 OR r <> 0 OR p <> 0 GROUP BY 1, 2, 3, 4) x
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (sujet, cellule_id, source_id) DO UPDATE SET usages = ajouter(c.usages, excluded.usages), recents = ajouter(c.recents, excluded.recents)$q$;
END $$;

-- Adds what usages gained or lost change: an element of each array for each user, software, source and month. Its plan is
-- kept, as that of presence_mouvoir is.
DO $creer$
BEGIN
    EXECUTE $f$CREATE FUNCTION citation_mouvoir(organisations bigint[], logiciels bigint[], libres boolean[], sources bigint[], moments date[], us integer[], rs integer[], ps integer[])
        RETURNS void LANGUAGE plpgsql AS $corps$
BEGIN
    -- The cell of a user stays its own until this is committed.
    PERFORM FROM organisation WHERE id = ANY (organisations) ORDER BY id FOR NO KEY UPDATE;
    WITH lieux AS MATERIALIZED (
        SELECT organisation_id, cellule_id FROM public.collectivite_cellule WHERE organisation_id = ANY (organisations)
    ), faits AS MATERIALIZED (
        SELECT s.sujet, c.large_id AS cellule_id, m.source_id, m.mois, sum(m.u)::integer AS u, sum(m.r)::integer AS r, sum(m.p)::integer AS p
        FROM unnest(organisations, logiciels, libres, sources, moments, us, rs, ps) m (organisation_id, logiciel_id, libre, source_id, mois, u, r, p)
        JOIN lieux l ON l.organisation_id = m.organisation_id
        JOIN public.logiciel_sujet s ON s.logiciel_id = m.logiciel_id AND (m.libre OR NOT s.libre)
        JOIN public.citation_lieu c ON c.cellule_id = l.cellule_id AND s.sujet BETWEEN c.depuis AND c.jusqua
        GROUP BY 1, 2, 3, 4
    )$f$ || citation_suite() || $f$;
END $corps$$f$;
END $creer$;

CREATE FUNCTION citation_tenir() RETURNS trigger LANGUAGE plpgsql
    SET jit = off SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = on SET enable_mergejoin = on AS $$
DECLARE
    organisations bigint[];
    logiciels bigint[];
    libres boolean[];
    sources bigint[];
    moments date[];
    us integer[];
    rs integer[];
    ps integer[];
BEGIN
    IF current_setting('mutualibre.adoption', true) = 'non' THEN
        RETURN NULL;
    END IF;
    CASE TG_OP
    WHEN 'INSERT' THEN
        SELECT array_agg(o), array_agg(l), array_agg(libre), array_agg(source_id), array_agg(mois), array_agg(u), array_agg(r), array_agg(p)
        INTO organisations, logiciels, libres, sources, moments, us, rs, ps
        FROM (SELECT x.utilisateur_id AS o, x.logiciel_id AS l, x.libre, x.source_id, date_trunc('month', j.jour::timestamp)::date AS mois,
                     sum(j.u)::integer AS u, sum(j.r)::integer AS r, sum(j.p)::integer AS p
              FROM nouvelles x CROSS JOIN LATERAL usage_jalons(x.depuis, x.fin, x.constate_le, x.confirme_le) j
              WHERE adoption_comptee(x.visibilite, x.statut, x.depuis, x.fin) GROUP BY 1, 2, 3, 4, 5) y;
    WHEN 'DELETE' THEN
        SELECT array_agg(o), array_agg(l), array_agg(libre), array_agg(source_id), array_agg(mois), array_agg(-u), array_agg(-r), array_agg(-p)
        INTO organisations, logiciels, libres, sources, moments, us, rs, ps
        FROM (SELECT x.utilisateur_id AS o, x.logiciel_id AS l, x.libre, x.source_id, date_trunc('month', j.jour::timestamp)::date AS mois,
                     sum(j.u)::integer AS u, sum(j.r)::integer AS r, sum(j.p)::integer AS p
              FROM anciennes x CROSS JOIN LATERAL usage_jalons(x.depuis, x.fin, x.constate_le, x.confirme_le) j
              WHERE adoption_comptee(x.visibilite, x.statut, x.depuis, x.fin) GROUP BY 1, 2, 3, 4, 5) y;
    ELSE
        SELECT array_agg(o), array_agg(l), array_agg(libre), array_agg(source_id), array_agg(mois), array_agg(u), array_agg(r), array_agg(p)
        INTO organisations, logiciels, libres, sources, moments, us, rs, ps
        FROM (SELECT x.utilisateur_id AS o, x.logiciel_id AS l, x.libre, x.source_id, date_trunc('month', j.jour::timestamp)::date AS mois,
                     sum(x.signe * j.u)::integer AS u, sum(x.signe * j.r)::integer AS r, sum(x.signe * j.p)::integer AS p
              FROM (SELECT 1 AS signe, * FROM nouvelles UNION ALL SELECT -1, * FROM anciennes) x
              CROSS JOIN LATERAL usage_jalons(x.depuis, x.fin, x.constate_le, x.confirme_le) j
              WHERE adoption_comptee(x.visibilite, x.statut, x.depuis, x.fin) GROUP BY 1, 2, 3, 4, 5
              HAVING sum(x.signe * j.u) <> 0 OR sum(x.signe * j.r) <> 0 OR sum(x.signe * j.p) <> 0) y;
    END CASE;
    IF organisations IS NULL THEN
        RETURN NULL;
    END IF;
    IF cardinality(organisations) > 500 THEN
        SET LOCAL plan_cache_mode = force_custom_plan;
        SET LOCAL enable_seqscan = on;
        SET LOCAL enable_nestloop = off; -- as in adoption_appliquer
        SET LOCAL enable_mergejoin = off;
    END IF;
    PERFORM citation_mouvoir(organisations, logiciels, libres, sources, moments, us, rs, ps);
    RETURN NULL;
END $$;

-- Counts again what is kept about these subjects; null: about all of them. Writers wait until the transaction ends, and when
-- all is counted again readers too.
CREATE FUNCTION citation_refaire(sujets bigint[] DEFAULT NULL) RETURNS void LANGUAGE plpgsql
    SET jit = off SET enable_seqscan = on SET enable_nestloop = off SET enable_mergejoin = off SET enable_sort = off SET work_mem = '256MB' AS $$
BEGIN
    LOCK TABLE usage IN SHARE ROW EXCLUSIVE MODE;
    IF sujets IS NULL THEN
        TRUNCATE citation, citation_mois;
    ELSE
        DELETE FROM citation WHERE sujet = ANY (sujets);
        DELETE FROM citation_mois WHERE sujet = ANY (sujets);
    END IF;
    -- What cells say is added up into wider ones before the subjects multiply it.
    EXECUTE $q$WITH lieux AS MATERIALIZED (
        SELECT * FROM collectivite_cellule
    ), usages AS MATERIALIZED (
        SELECT x.logiciel_id, x.libre, x.source_id, k.cellule_id, date_trunc('month', j.jour::timestamp)::date AS mois,
               sum(j.u)::integer AS u, sum(j.r)::integer AS r, sum(j.p)::integer AS p
        FROM usage x JOIN lieux k ON k.organisation_id = x.utilisateur_id CROSS JOIN LATERAL usage_jalons(x.depuis, x.fin, x.constate_le, x.confirme_le) j
        WHERE adoption_comptee(x.visibilite, x.statut, x.depuis, x.fin)
          AND ($1 IS NULL OR x.logiciel_id IN (SELECT logiciel_id FROM logiciel_sujet WHERE sujet = ANY ($1)))
        GROUP BY 1, 2, 3, 4, 5
    ), larges AS MATERIALIZED (
        SELECT c.large_id, c.depuis, c.jusqua, u.logiciel_id, u.libre, u.source_id, u.mois, sum(u.u)::integer AS u, sum(u.r)::integer AS r, sum(u.p)::integer AS p
        FROM usages u JOIN citation_lieu c ON c.cellule_id = u.cellule_id AND c.niveau <> 'CELLULE' GROUP BY 1, 2, 3, 4, 5, 6, 7
    ), faits AS MATERIALIZED (
        SELECT s.sujet, u.large_id AS cellule_id, u.source_id, u.mois, sum(u.u)::integer AS u, sum(u.r)::integer AS r, sum(u.p)::integer AS p
        FROM larges u JOIN logiciel_sujet s ON s.logiciel_id = u.logiciel_id AND (u.libre OR NOT s.libre) AND s.sujet BETWEEN u.depuis AND u.jusqua
        WHERE $1 IS NULL OR s.sujet = ANY ($1)
        GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT s.sujet, u.cellule_id, u.source_id, u.mois, sum(u.u), sum(u.r), sum(u.p)
        FROM usages u JOIN (VALUES (0, false), (-1, true)) s (sujet, libre) ON u.libre OR NOT s.libre
        WHERE $1 IS NULL OR s.sujet = ANY ($1)
        GROUP BY 1, 2, 3, 4
    )$q$ || citation_suite() USING sujets;
END $$;

-- As adoption_deplacer: what users rest on goes with them.
CREATE FUNCTION citation_deplacer() RETURNS trigger LANGUAGE plpgsql SET jit = off AS $$
DECLARE
    qui bigint[];
BEGIN
    SELECT array_agg(id) INTO qui FROM (
        SELECT id, genre, actif, region, departement, nature, strate FROM nouvelles
        EXCEPT SELECT id, genre, actif, region, departement, nature, strate FROM anciennes) x;
    IF qui IS NULL OR current_setting('mutualibre.adoption', true) = 'non' OR NOT EXISTS (SELECT FROM usage WHERE utilisateur_id = ANY (qui)) THEN
        RETURN NULL;
    END IF;
    IF cardinality(qui) > 2000 THEN
        PERFORM citation_refaire();
        RETURN NULL;
    END IF;
    EXECUTE $q$WITH faits AS MATERIALIZED (
        SELECT s.sujet, c.large_id AS cellule_id, x.source_id, date_trunc('month', j.jour::timestamp)::date AS mois,
               sum(j.u * o.signe)::integer AS u, sum(j.r * o.signe)::integer AS r, sum(j.p * o.signe)::integer AS p
        FROM usage x JOIN (
            SELECT n.*, 1 AS signe FROM nouvelles n UNION ALL SELECT a.*, -1 FROM anciennes a
        ) o ON o.id = x.utilisateur_id AND o.genre = 'COLLECTIVITE' AND o.actif
        JOIN cellule k ON k.niveau = 'CELLULE' AND k.region = o.region AND k.departement = o.departement AND k.nature = o.nature AND k.strate = coalesce(o.strate, '')
        JOIN logiciel_sujet s ON s.logiciel_id = x.logiciel_id AND (x.libre OR NOT s.libre)
        JOIN citation_lieu c ON c.cellule_id = k.id AND s.sujet BETWEEN c.depuis AND c.jusqua
        CROSS JOIN LATERAL usage_jalons(x.depuis, x.fin, x.constate_le, x.confirme_le) j
        WHERE x.utilisateur_id = ANY ($1) AND adoption_comptee(x.visibilite, x.statut, x.depuis, x.fin)
        GROUP BY 1, 2, 3, 4
    )$q$ || citation_suite() USING qui;
    RETURN NULL;
END $$;

-- What a category counts is counted again, for this too, when a software that somebody uses enters or leaves it: one that
-- nobody uses yet made all its category be counted again. Its row is locked, as whoever declares a usage of it refers to it.
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
    PERFORM FROM logiciel WHERE id = ANY (ids) ORDER BY id FOR UPDATE;
    WITH attendus AS MATERIALIZED (
        SELECT * FROM logiciel_sujet_attendu(ids)
    ), partis AS (
        DELETE FROM logiciel_sujet s WHERE s.logiciel_id = ANY (ids)
            AND NOT EXISTS (SELECT FROM attendus a WHERE a.logiciel_id = s.logiciel_id AND a.sujet = s.sujet) RETURNING s.sujet, s.logiciel_id
    ), arrives AS (
        INSERT INTO logiciel_sujet SELECT * FROM attendus ON CONFLICT DO NOTHING RETURNING sujet, logiciel_id
    )
    SELECT array_agg(DISTINCT sujet) INTO changes FROM (SELECT * FROM partis UNION SELECT * FROM arrives) x
    WHERE sujet < -1 AND EXISTS (SELECT FROM adoption_fait f WHERE f.logiciel_id = x.logiciel_id);
    IF changes IS NOT NULL THEN
        PERFORM adoption_refaire(changes);
        PERFORM citation_refaire(changes);
    END IF;
    RETURN NULL;
END $$;

-- Whether all is to be counted again is told from the new table.
DO $$
BEGIN
    EXECUTE replace(pg_get_functiondef('adoption_appliquer'::regproc), $q$SELECT coalesce(sum(nb), 0) FROM citation WHERE axe = 'FRANCE'$q$,
        $q$SELECT coalesce(sum(c.usages[32]), 0) FROM citation c JOIN cellule k ON k.id = c.cellule_id AND k.niveau = 'FRANCE' WHERE c.sujet = 0$q$);
END $$;

SELECT citation_refaire();

CREATE TRIGGER usage_citation_ajout AFTER INSERT ON usage REFERENCING NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION citation_tenir();
CREATE TRIGGER usage_citation_correction AFTER UPDATE ON usage REFERENCING OLD TABLE AS anciennes NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION citation_tenir();
CREATE TRIGGER usage_citation_retrait AFTER DELETE ON usage REFERENCING OLD TABLE AS anciennes FOR EACH STATEMENT EXECUTE FUNCTION citation_tenir();
CREATE TRIGGER organisation_citation_correction AFTER UPDATE ON organisation REFERENCING OLD TABLE AS anciennes NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION citation_deplacer();

-- A cell is never removed, and these are counted again by hundreds of thousands of rows: checking each took a tenth of it.
ALTER TABLE adoption DROP CONSTRAINT adoption_cellule_id_fkey;
ALTER TABLE adoption_mois_lieu DROP CONSTRAINT adoption_mois_lieu_cellule_id_fkey;
