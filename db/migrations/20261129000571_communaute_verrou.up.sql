-- What is kept of a community is counted whole when it is evaluated, and moved by what a usage or a population changes: a
-- count that does not see what another transaction is about to commit overwrites it. They exclude each other by one lock,
-- which those who move share, taken in a statement of its own: the next one sees all that was committed before.
CREATE OR REPLACE FUNCTION communaute_tenir(logiciels bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('mutualibre.communaute', 0));
    DELETE FROM communaute c WHERE c.logiciel_id = ANY (logiciels)
        AND NOT EXISTS (SELECT FROM evaluation_communaute e WHERE e.logiciel_id = c.logiciel_id);
    INSERT INTO communaute (logiciel_id, evaluation_id, etat, sante, absence_24, collectivites, population)
    SELECT e.logiciel_id, e.id, e.etat, e.sante, e.facteur_absence_24, u.collectivites, u.population
    FROM (SELECT DISTINCT ON (logiciel_id) * FROM evaluation_communaute WHERE logiciel_id = ANY (logiciels) ORDER BY logiciel_id, le DESC, id DESC) e
    CROSS JOIN LATERAL (SELECT count(*)::integer AS collectivites, coalesce(sum(o.population), 0)::bigint AS population
        FROM logiciel_utilisateur u JOIN organisation o ON o.id = u.organisation_id
        WHERE u.logiciel_id = e.logiciel_id AND u.nb > 0 AND o.genre = 'COLLECTIVITE') u
    ORDER BY e.logiciel_id
    ON CONFLICT (logiciel_id) DO UPDATE SET evaluation_id = excluded.evaluation_id, etat = excluded.etat, sante = excluded.sante,
        absence_24 = excluded.absence_24, collectivites = excluded.collectivites, population = excluded.population
        WHERE (communaute.evaluation_id, communaute.etat, communaute.sante, communaute.absence_24, communaute.collectivites, communaute.population)
            IS DISTINCT FROM (excluded.evaluation_id, excluded.etat, excluded.sante, excluded.absence_24, excluded.collectivites, excluded.population);
END $$;

CREATE OR REPLACE FUNCTION communaute_utilisee() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('mutualibre.communaute', 0));
    IF NOT EXISTS (SELECT FROM communaute) THEN
        RETURN NULL;
    END IF;
    CASE TG_OP
    WHEN 'INSERT' THEN
        UPDATE communaute c SET collectivites = c.collectivites + d.n, population = c.population + d.p
        FROM (SELECT x.logiciel_id, count(*)::integer AS n, coalesce(sum(o.population), 0)::bigint AS p FROM nouvelles x
              JOIN communaute k ON k.logiciel_id = x.logiciel_id JOIN organisation o ON o.id = x.organisation_id
              WHERE x.nb > 0 AND o.genre = 'COLLECTIVITE' GROUP BY 1 ORDER BY 1) d WHERE c.logiciel_id = d.logiciel_id;
    WHEN 'UPDATE' THEN
        UPDATE communaute c SET collectivites = c.collectivites + d.n, population = c.population + d.p
        FROM (SELECT x.logiciel_id, sum(x.sens)::integer AS n, coalesce(sum(x.sens * o.population), 0)::bigint AS p
              FROM (SELECT logiciel_id, organisation_id, 1 AS sens FROM nouvelles WHERE nb > 0
                    UNION ALL SELECT logiciel_id, organisation_id, -1 FROM anciennes WHERE nb > 0) x
              JOIN communaute k ON k.logiciel_id = x.logiciel_id JOIN organisation o ON o.id = x.organisation_id
              WHERE o.genre = 'COLLECTIVITE' GROUP BY 1 HAVING sum(x.sens) <> 0 OR coalesce(sum(x.sens * o.population), 0) <> 0 ORDER BY 1) d
        WHERE c.logiciel_id = d.logiciel_id;
    ELSE
        UPDATE communaute c SET collectivites = c.collectivites - d.n, population = c.population - d.p
        FROM (SELECT x.logiciel_id, count(*)::integer AS n, coalesce(sum(o.population), 0)::bigint AS p FROM anciennes x
              JOIN communaute k ON k.logiciel_id = x.logiciel_id JOIN organisation o ON o.id = x.organisation_id
              WHERE x.nb > 0 AND o.genre = 'COLLECTIVITE' GROUP BY 1 ORDER BY 1) d WHERE c.logiciel_id = d.logiciel_id;
    END CASE;
    RETURN NULL;
END $$;

-- Populations corrected, of one statement together. What an organisation had and has is grouped, not joined: PostgreSQL cannot
-- guess how many there are.
DROP TRIGGER organisation_communaute ON organisation;
CREATE OR REPLACE FUNCTION communaute_peuplee() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
    ecarts bigint[];
BEGIN
    SELECT array_agg(id), array_agg(p) INTO ids, ecarts FROM (
        SELECT id, sum(p) AS p FROM (SELECT id, coalesce(population, 0) AS p FROM nouvelles UNION ALL SELECT id, -coalesce(population, 0) FROM anciennes) x
        GROUP BY id HAVING sum(p) <> 0) y;
    IF ids IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('mutualibre.communaute', 0));
    UPDATE communaute c SET population = c.population + d.p
    FROM (SELECT u.logiciel_id, sum(x.p)::bigint AS p FROM unnest(ids, ecarts) x (id, p) JOIN organisation o ON o.id = x.id AND o.genre = 'COLLECTIVITE'
          JOIN logiciel_utilisateur u ON u.organisation_id = x.id AND u.nb > 0 JOIN communaute k ON k.logiciel_id = u.logiciel_id
          GROUP BY 1 ORDER BY 1) d WHERE c.logiciel_id = d.logiciel_id;
    RETURN NULL;
END $$;
CREATE TRIGGER organisation_communaute AFTER UPDATE ON organisation REFERENCING OLD TABLE AS anciennes NEW TABLE AS nouvelles
    FOR EACH STATEMENT EXECUTE FUNCTION communaute_peuplee();
