DO $$
BEGIN
    EXECUTE replace(replace(replace(pg_get_functiondef('adoption_deplacer'::regproc),
        $x$    departements text[];
$x$, ''), $x$
    departements := ARRAY(SELECT departement FROM nouvelles WHERE id = ANY (qui) UNION SELECT departement FROM anciennes WHERE id = ANY (qui));
    PERFORM implantation_retenir(departements);$x$, ''), $x$
    PERFORM implantation_mouvoir(ARRAY(SELECT DISTINCT sujet FROM presence WHERE organisation_id = ANY (qui) AND sujet > 0), departements);$x$, '');
END $$;

-- presence_mouvoir, then parc. The rows of these organisations are locked by the former.
CREATE OR REPLACE FUNCTION adoption_mouvoir(qui bigint[], sujets bigint[], organisations bigint[], logiciels bigint[], libres boolean[], jours date[], nombres integer[])
    RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    tous bigint[] := ARRAY(SELECT DISTINCT q FROM unnest(qui) q ORDER BY 1);
BEGIN
    PERFORM presence_mouvoir(qui, sujets, organisations, logiciels, libres, jours, nombres);
    WITH attendu AS MATERIALIZED (
        SELECT * FROM parc_attendu(tous)
    ), retire AS (
        DELETE FROM parc p WHERE p.organisation_id = ANY (tous) AND NOT EXISTS (SELECT FROM attendu a WHERE a.organisation_id = p.organisation_id AND a.debut = p.debut)
    )
    INSERT INTO parc AS p SELECT * FROM attendu
    ON CONFLICT (organisation_id, debut) DO UPDATE SET fin = excluded.fin, logiciels = excluded.logiciels
        WHERE (p.fin, p.logiciels) IS DISTINCT FROM (excluded.fin, excluded.logiciels);
END $$;

-- presence_refaire, then parc: a category alone (see adoption_sujets) changes nothing to what anybody runs.
CREATE OR REPLACE FUNCTION adoption_refaire(sujets bigint[] DEFAULT NULL) RETURNS void LANGUAGE plpgsql
    SET jit = off SET enable_seqscan = on SET enable_nestloop = off SET enable_mergejoin = off SET work_mem = '256MB' AS $$
BEGIN
    PERFORM presence_refaire(sujets);
    IF sujets IS NULL OR 0 < ANY (sujets) THEN
        TRUNCATE parc;
        INSERT INTO parc SELECT * FROM parc_attendu(ARRAY(SELECT DISTINCT organisation_id FROM presence));
    END IF;
END $$;

DROP FUNCTION implantation_mouvoir(bigint[], text[]), implantation_retenir(text[]), implantation_attendue(bigint[], text[]);
DROP TABLE implantation;
