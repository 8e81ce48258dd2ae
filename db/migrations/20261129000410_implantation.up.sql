-- How many collectivités of each département use each software: today, and from each coming day on which this changes, as
-- parc. The most used first are then read in order, where all that adoption knows by département was added up for a page.
CREATE TABLE implantation (
    logiciel_id bigint NOT NULL,
    departement text NOT NULL,
    debut       date NOT NULL,                      -- -infinity: since some day already past when it was written
    fin         date,                               -- excluded; null: no change is known to come
    nb          integer NOT NULL CHECK (nb > 0),
    PRIMARY KEY (logiciel_id, departement, debut)
);
CREATE INDEX implantation_nb_idx ON implantation ((-nb), logiciel_id, departement);

-- What implantation should say of these software in these départements. The count that adoption keeps for the
-- end of this year, less what is still to come of it, is today's.
CREATE FUNCTION implantation_attendue(logiciels bigint[], departements text[])
    RETURNS TABLE (logiciel_id bigint, departement text, debut date, fin date, nb integer) LANGUAGE sql STABLE AS $$
    WITH a_venir AS MATERIALIZED (
        SELECT sujet, departement, jour, sum(c) AS c FROM (
            SELECT sujet, jour, c, (SELECT o.departement FROM public.organisation o WHERE o.id = x.organisation_id AND o.genre = 'COLLECTIVITE' AND o.actif) AS departement
            FROM (SELECT organisation_id, sujet, debut AS jour, 1 AS c FROM public.presence WHERE sujet = ANY (logiciels) AND debut > current_date
                UNION ALL SELECT organisation_id, sujet, fin, -1 FROM public.presence WHERE sujet = ANY (logiciels) AND fin > current_date) x) y
        WHERE departement = ANY (departements) GROUP BY 1, 2, 3
    ), pas AS (
        SELECT a.sujet, k.departement, '-infinity'::date AS jour, sum(a.collectivites[adoption_rang(current_date)]) AS c
        FROM public.adoption a JOIN public.cellule k ON k.id = a.cellule_id AND k.niveau = 'DEPARTEMENT' AND k.departement = ANY (departements)
        WHERE a.sujet = ANY (logiciels)
        GROUP BY 1, 2
        UNION ALL SELECT sujet, departement, '-infinity', -c FROM a_venir
        WHERE adoption_rang(current_date) = 32 OR jour < make_date(date_part('year', current_date)::integer + 1, 1, 1)
        UNION ALL SELECT * FROM a_venir
    )
    SELECT * FROM (
        SELECT sujet, departement, jour, lead(jour) OVER suite, (sum(sum(c)) OVER suite)::integer AS nb
        FROM pas GROUP BY 1, 2, 3 WINDOW suite AS (PARTITION BY sujet, departement ORDER BY jour)) x
    WHERE nb > 0
$$;

-- Makes implantation say what it should of these. Whoever calls it holds the row of each département (implantation_retenir).
CREATE FUNCTION implantation_mouvoir(logiciels bigint[], departements text[]) RETURNS void LANGUAGE sql AS $$
    WITH attendue AS MATERIALIZED (
        SELECT * FROM implantation_attendue(logiciels, departements)
    ), retire AS (
        DELETE FROM implantation i WHERE i.logiciel_id = ANY (logiciels) AND i.departement = ANY (departements)
            AND NOT EXISTS (SELECT FROM attendue a WHERE a.logiciel_id = i.logiciel_id AND a.departement = i.departement AND a.debut = i.debut)
    )
    INSERT INTO implantation AS i SELECT * FROM attendue
    ON CONFLICT (logiciel_id, departement, debut) DO UPDATE SET fin = excluded.fin, nb = excluded.nb
        WHERE (i.fin, i.nb) IS DISTINCT FROM (excluded.fin, excluded.nb)
$$;

-- Two writers in one département, of a commune and of an intercommunalité, add to different rows of adoption: the second
-- waits here for the first, or neither would count the other.
CREATE FUNCTION implantation_retenir(departements text[]) RETURNS void LANGUAGE sql AS $$
    SELECT FROM territoire WHERE type = 'DEPARTEMENT' AND code = ANY (departements) ORDER BY id FOR NO KEY UPDATE
$$;

-- presence_mouvoir, then parc and implantation. Organisations are locked first, as everywhere.
CREATE OR REPLACE FUNCTION adoption_mouvoir(qui bigint[], sujets bigint[], organisations bigint[], logiciels bigint[], libres boolean[], jours date[], nombres integer[])
    RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    tous bigint[] := ARRAY(SELECT DISTINCT q FROM unnest(qui) q ORDER BY 1);
    departements text[];
BEGIN
    departements := ARRAY(SELECT DISTINCT departement FROM (SELECT departement FROM organisation WHERE id = ANY (tous) ORDER BY id FOR NO KEY UPDATE) o WHERE departement <> '');
    PERFORM implantation_retenir(departements);
    PERFORM presence_mouvoir(qui, sujets, organisations, logiciels, libres, jours, nombres);
    WITH attendu AS MATERIALIZED (
        SELECT * FROM parc_attendu(tous)
    ), retire AS (
        DELETE FROM parc p WHERE p.organisation_id = ANY (tous) AND NOT EXISTS (SELECT FROM attendu a WHERE a.organisation_id = p.organisation_id AND a.debut = p.debut)
    )
    INSERT INTO parc AS p SELECT * FROM attendu
    ON CONFLICT (organisation_id, debut) DO UPDATE SET fin = excluded.fin, logiciels = excluded.logiciels
        WHERE (p.fin, p.logiciels) IS DISTINCT FROM (excluded.fin, excluded.logiciels);
    PERFORM implantation_mouvoir(ARRAY(SELECT DISTINCT s FROM unnest(sujets) s WHERE s > 0), departements);
END $$;

CREATE OR REPLACE FUNCTION adoption_refaire(sujets bigint[] DEFAULT NULL) RETURNS void LANGUAGE plpgsql
    SET jit = off SET enable_seqscan = on SET enable_nestloop = off SET enable_mergejoin = off SET work_mem = '256MB' AS $$
BEGIN
    PERFORM presence_refaire(sujets);
    IF sujets IS NULL THEN -- a category alone (see adoption_sujets) changes nothing to what anybody runs
        TRUNCATE parc, implantation;
        INSERT INTO parc SELECT * FROM parc_attendu(ARRAY(SELECT DISTINCT organisation_id FROM presence));
        INSERT INTO implantation SELECT * FROM implantation_attendue(ARRAY(SELECT id FROM logiciel), ARRAY(SELECT DISTINCT departement FROM cellule WHERE departement <> ''));
    END IF;
END $$;

-- An organisation that moves goes with what it runs.
DO $$
BEGIN
    EXECUTE replace(replace(replace(pg_get_functiondef('adoption_deplacer'::regproc),
        $x$    qui bigint[];
$x$, $x$    qui bigint[];
    departements text[];
$x$), $x$
    EXECUTE $q$WITH evenements$x$, $x$
    departements := ARRAY(SELECT departement FROM nouvelles WHERE id = ANY (qui) UNION SELECT departement FROM anciennes WHERE id = ANY (qui));
    PERFORM implantation_retenir(departements);
    EXECUTE $q$WITH evenements$x$), $x$ || adoption_suite() USING qui;
$x$, $x$ || adoption_suite() USING qui;
    PERFORM implantation_mouvoir(ARRAY(SELECT DISTINCT sujet FROM presence WHERE organisation_id = ANY (qui) AND sujet > 0), departements);
$x$);
END $$;

INSERT INTO implantation SELECT * FROM implantation_attendue(ARRAY(SELECT id FROM logiciel), ARRAY(SELECT DISTINCT departement FROM cellule WHERE departement <> ''));
