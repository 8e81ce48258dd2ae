-- The software that each organisation runs, as one row: today's, and one for each coming day on which it changes. To
-- compare two hundred organisations is then to read two hundred rows, not all that each of them runs.
CREATE TABLE parc (
    organisation_id bigint NOT NULL,
    debut           date NOT NULL,                  -- -infinity: since some day already past when it was written
    fin             date,                           -- excluded; null: no change is known to come
    logiciels       bigint[] NOT NULL,              -- ascending, never empty: without a row, none is known
    PRIMARY KEY (organisation_id, debut)
) WITH (fillfactor = 80);

CREATE VIEW parc_attendu AS
    SELECT v.organisation_id, v.debut, v.fin, array_agg(p.sujet ORDER BY p.sujet) AS logiciels
    FROM (SELECT organisation_id, debut, lead(debut) OVER (PARTITION BY organisation_id ORDER BY debut) AS fin
          FROM (SELECT organisation_id, CASE WHEN debut > current_date THEN debut ELSE '-infinity' END AS debut FROM public.presence
                WHERE sujet > 0 AND (fin IS NULL OR fin > current_date)
                UNION SELECT organisation_id, fin FROM public.presence WHERE sujet > 0 AND fin > current_date) x) v
    JOIN public.presence p ON p.organisation_id = v.organisation_id AND p.sujet > 0
        AND p.debut <= greatest(v.debut, current_date) AND (p.fin IS NULL OR p.fin > greatest(v.debut, current_date))
    GROUP BY 1, 2, 3;

-- Presence is written in two places, by each movement and when all is counted again: parc follows both.
ALTER FUNCTION adoption_mouvoir(bigint[], bigint[], bigint[], bigint[], boolean[], date[], integer[]) RENAME TO presence_mouvoir;
ALTER FUNCTION adoption_refaire(bigint[]) RENAME TO presence_refaire;

-- presence_mouvoir, then parc. The rows of these organisations are locked by the former.
CREATE FUNCTION adoption_mouvoir(qui bigint[], sujets bigint[], organisations bigint[], logiciels bigint[], libres boolean[], jours date[], nombres integer[])
    RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    tous bigint[] := ARRAY(SELECT DISTINCT q FROM unnest(qui) q ORDER BY 1);
BEGIN
    PERFORM presence_mouvoir(qui, sujets, organisations, logiciels, libres, jours, nombres);
    WITH attendu AS MATERIALIZED (
        SELECT * FROM parc_attendu a WHERE a.organisation_id = ANY (tous)
    ), retire AS (
        DELETE FROM parc p WHERE p.organisation_id = ANY (tous) AND NOT EXISTS (SELECT FROM attendu a WHERE a.organisation_id = p.organisation_id AND a.debut = p.debut)
    )
    INSERT INTO parc AS p SELECT * FROM attendu
    ON CONFLICT (organisation_id, debut) DO UPDATE SET fin = excluded.fin, logiciels = excluded.logiciels
        WHERE (p.fin, p.logiciels) IS DISTINCT FROM (excluded.fin, excluded.logiciels);
END $$;

-- presence_refaire, then parc: a category alone (see adoption_sujets) changes nothing to what anybody runs.
CREATE FUNCTION adoption_refaire(sujets bigint[] DEFAULT NULL) RETURNS void LANGUAGE plpgsql
    SET jit = off SET enable_seqscan = on SET enable_nestloop = off SET enable_mergejoin = off SET work_mem = '256MB' AS $$
BEGIN
    PERFORM presence_refaire(sujets);
    IF sujets IS NULL OR 0 < ANY (sujets) THEN
        TRUNCATE parc;
        INSERT INTO parc SELECT * FROM parc_attendu;
    END IF;
END $$;

INSERT INTO parc SELECT * FROM parc_attendu;
