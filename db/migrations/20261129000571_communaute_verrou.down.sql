DROP TRIGGER organisation_communaute ON organisation;
CREATE OR REPLACE FUNCTION communaute_peuplee() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE communaute c SET population = c.population + coalesce(NEW.population, 0) - coalesce(OLD.population, 0)
    FROM logiciel_utilisateur u WHERE u.organisation_id = NEW.id AND u.nb > 0 AND c.logiciel_id = u.logiciel_id;
    RETURN NULL;
END $$;
CREATE TRIGGER organisation_communaute AFTER UPDATE OF population ON organisation FOR EACH ROW
    WHEN (NEW.genre = 'COLLECTIVITE' AND OLD.population IS DISTINCT FROM NEW.population) EXECUTE FUNCTION communaute_peuplee();
CREATE OR REPLACE FUNCTION communaute_utilisee() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
CREATE OR REPLACE FUNCTION communaute_tenir(logiciels bigint[]) RETURNS void LANGUAGE sql AS $$
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
$$;
