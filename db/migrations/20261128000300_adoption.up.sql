-- The observatory: who uses what, kept so that a question of any day reads a few thousand rows, never the usages.
--
-- What is counted, everywhere below, is public: a figure is the same for every reader, and no subtraction between two
-- figures tells what somebody hides.
--
-- A collectivité is a user of a software on a day when one of its public usages is in force that day, or when it is
-- subscribed that day, through a syndicat, to an entry that offers it; once, however many the reasons.

-- ── subjects ────────────────────────────────────────────────────────────────
-- What adoption is counted of: a software (its id), a category with all it contains (-1 - its id), anything at all (0),
-- anything free (-1). Only a usage of free software counts for a row that says libre.
CREATE TABLE logiciel_sujet (
    logiciel_id bigint NOT NULL REFERENCES logiciel ON DELETE CASCADE,
    sujet       bigint NOT NULL,
    libre       boolean NOT NULL,
    PRIMARY KEY (logiciel_id, sujet)
);
CREATE INDEX logiciel_sujet_sujet_idx ON logiciel_sujet (sujet, logiciel_id);

-- What logiciel_sujet should say of these software; null: of all.
CREATE FUNCTION logiciel_sujet_attendu(ids bigint[]) RETURNS TABLE (logiciel_id bigint, sujet bigint, libre boolean) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE lignee (logiciel_id, categorie_id) AS (
        SELECT logiciel_id, categorie_id FROM logiciel_categorie WHERE ids IS NULL OR logiciel_id = ANY (ids)
        UNION
        SELECT g.logiciel_id, c.parent_id FROM lignee g JOIN categorie c ON c.id = g.categorie_id WHERE c.parent_id IS NOT NULL)
    SELECT logiciel_id, -1 - categorie_id, false FROM lignee
    UNION ALL SELECT l.id, s.sujet, s.libre FROM logiciel l CROSS JOIN LATERAL (VALUES (l.id, false), (0, false), (-1, true)) s (sujet, libre)
        WHERE ids IS NULL OR l.id = ANY (ids)
$$;

-- ── who, when ───────────────────────────────────────────────────────────────
-- A usage that counts, once begun and until it ends: public, and in force at some time.
CREATE FUNCTION adoption_comptee(visibilite text, statut text, depuis date, fin date) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT visibilite = 'PUBLIC' AND statut <> 'PREVU' AND (statut <> 'ABANDONNE' OR fin IS NOT NULL) AND (fin IS NULL OR fin > depuis) $$;

-- What makes a user: usages that count, and subscriptions while the entry is offered. One whose beginning is known neither
-- by itself nor by the entry counts for nothing: nobody knows since when.
CREATE VIEW adoption_fait AS
    SELECT u.utilisateur_id AS organisation_id, u.logiciel_id, u.libre, u.depuis AS debut, u.fin
    FROM public.usage u
    WHERE adoption_comptee(u.visibilite, u.statut, u.depuis, u.fin)
    UNION ALL
    SELECT a.collectivite_id, e.logiciel_id, l.libre, greatest(a.debut, e.depuis), least(a.fin, e.jusqua)
    FROM public.abonnement a JOIN public.entree_catalogue e ON e.id = a.entree_id JOIN public.logiciel l ON l.id = e.logiciel_id
    WHERE (e.statut = 'PROPOSEE' OR (e.statut = 'RETIREE' AND e.jusqua IS NOT NULL))
      AND greatest(a.debut, e.depuis) < coalesce(least(a.fin, e.jusqua), 'infinity');

-- The periods during which an organisation is a user, without overlap: each counts once. An organisation that is one
-- cannot be removed: its usages and its subscriptions hold it.
CREATE TABLE presence (
    organisation_id bigint NOT NULL,
    sujet           bigint NOT NULL,
    debut           date NOT NULL,
    fin             date,                           -- excluded; null: not ended
    PRIMARY KEY (organisation_id, sujet, debut) INCLUDE (fin) -- what an organisation runs is read without the table
);
CREATE INDEX presence_debut_idx ON presence (sujet, debut) INCLUDE (fin, organisation_id);
CREATE INDEX presence_fin_idx ON presence (sujet, fin) INCLUDE (organisation_id) WHERE fin IS NOT NULL;
-- What begins and ends within a few weeks, whatever the software; and its usages.
CREATE INDEX presence_debut_seul_idx ON presence (debut) WHERE sujet > 0;
CREATE INDEX presence_fin_seul_idx ON presence (fin) WHERE sujet > 0 AND fin IS NOT NULL;
CREATE INDEX usage_logiciel_fin_idx ON usage (logiciel_id, fin) WHERE fin IS NOT NULL;

-- ── where ───────────────────────────────────────────────────────────────────
-- How many collectivités there are, and their population, by place, nature and size: what a rate divides by.
--   CELLULE  by département, nature and strate: any filter, any axis of place or size, is a sum of those
--   DEPARTEMENT, REGION, FRANCE  by nature: what asks nothing of size need not sum so many
-- Population is added up within one nature only: a commune and its intercommunalité have the same inhabitants.
CREATE TABLE cellule (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    niveau      text NOT NULL CHECK (niveau IN ('CELLULE', 'DEPARTEMENT', 'REGION', 'FRANCE')),
    region      text NOT NULL,
    departement text NOT NULL,
    nature      text NOT NULL,
    strate      text NOT NULL,                      -- '' when the population is not known
    nb          integer NOT NULL DEFAULT 0,
    population  bigint NOT NULL DEFAULT 0,
    plus_larges integer[] NOT NULL DEFAULT '{}',    -- the ids of the wider ones that hold it
    CONSTRAINT cellule_cle UNIQUE (region, departement, nature, strate, niveau),
    CHECK ((niveau = 'CELLULE') = (plus_larges <> '{}'))
);
CREATE INDEX cellule_niveau_idx ON cellule (niveau, nature);

-- Counts collectivités into their cells, making those that are missing; or out of them, when negative. One element of each
-- array for each cell.
CREATE FUNCTION cellule_compter(regions text[], departements text[], natures text[], strates text[], nombres integer[], populations bigint[]) RETURNS void LANGUAGE sql AS $$
    WITH comptes AS MATERIALIZED (
        SELECT * FROM unnest(regions, departements, natures, strates, nombres, populations) x (region, departement, nature, strate, nb, population)
    ), larges AS (
        INSERT INTO cellule AS c (niveau, region, departement, nature, strate, nb, population)
        SELECT l.niveau, l.region, l.departement, x.nature, '', sum(x.nb), sum(x.population)
        FROM comptes x CROSS JOIN LATERAL (VALUES ('FRANCE', '', ''), ('REGION', x.region, ''), ('DEPARTEMENT', x.region, x.departement)) l (niveau, region, departement)
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        ON CONFLICT ON CONSTRAINT cellule_cle DO UPDATE SET nb = c.nb + excluded.nb, population = c.population + excluded.population
        RETURNING id, niveau, region, departement, nature
    )
    INSERT INTO cellule AS c (niveau, region, departement, nature, strate, nb, population, plus_larges)
    SELECT 'CELLULE', x.region, x.departement, x.nature, x.strate, x.nb, x.population, array_agg(l.id ORDER BY l.id)
    FROM comptes x JOIN larges l ON l.nature = x.nature AND l.region IN ('', x.region) AND l.departement IN ('', x.departement)
        AND (l.niveau <> 'REGION' OR l.region = x.region) AND (l.niveau <> 'DEPARTEMENT' OR (l.region = x.region AND l.departement = x.departement))
    GROUP BY 2, 3, 4, 5, 6, 7 ORDER BY 2, 3, 4, 5
    ON CONFLICT ON CONSTRAINT cellule_cle DO UPDATE SET nb = c.nb + excluded.nb, population = c.population + excluded.population
$$;

-- ── how many, when ──────────────────────────────────────────────────────────
-- Of each cell, how many collectivités are users, their population, how many usages they have in force: at the start of
-- each year from 2005 to 2035 (elements 1 to 31), and once everything known has happened (32). What happens within a year
-- is read from presence and usage, on the side of the nearer element.
CREATE TABLE adoption (
    sujet         bigint NOT NULL,
    cellule_id    integer NOT NULL REFERENCES cellule,
    collectivites integer[] NOT NULL,
    population    integer[] NOT NULL,
    usages        integer[] NOT NULL,
    PRIMARY KEY (sujet, cellule_id)
);
CREATE INDEX adoption_cellule_idx ON adoption (cellule_id, sujet);

-- What changes each month in the whole country: the points of a curve.
CREATE TABLE adoption_mois (
    sujet         bigint NOT NULL,
    nature        text NOT NULL,
    mois          date NOT NULL,                    -- its first day
    collectivites integer NOT NULL,
    population    integer NOT NULL,
    usages        integer NOT NULL,
    PRIMARY KEY (sujet, mois, nature)
);

-- The same by département, of what nearly everybody runs, anything and anything free: what happens within half a year is
-- tens of thousands of rows of presence.
CREATE TABLE adoption_mois_lieu (
    sujet         bigint NOT NULL CHECK (sujet IN (0, -1)),
    region        text NOT NULL,
    departement   text NOT NULL,
    nature        text NOT NULL,
    mois          date NOT NULL,
    collectivites integer NOT NULL,
    population    integer NOT NULL,
    usages        integer NOT NULL,
    PRIMARY KEY (sujet, mois, region, departement, nature)
);

-- The first element of the arrays that a day moves: it counts what happened before it.
CREATE FUNCTION adoption_rang(jour date) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT least(greatest(date_part('year', jour)::integer - 2003, 1), 32) $$;

-- Element by element: written out, so that it is inlined.
DO $creer$
BEGIN
    EXECUTE 'CREATE FUNCTION ajouter(a integer[], b integer[]) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT ARRAY['
        || (SELECT string_agg(format('a[%s] + b[%1$s]', i), ', ' ORDER BY i) FROM generate_series(1, 32) i) || '] $f$';
END $creer$;

-- The end of a statement: adds to the kept counts the events of its CTE evenements (sujet, cellule_id, population, jour,
-- c, u), where c and u are the collectivités and the usages gained, or lost. Keys are taken in order, so that concurrent
-- writers wait for each other instead of deadlocking.
CREATE FUNCTION adoption_suite() RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    cumuls text;
BEGIN
    SELECT string_agg('ARRAY[' || elements || ']::integer[]', ', ' ORDER BY m) INTO cumuls
    FROM (SELECT m, string_agg(format('coalesce(sum(%s) FILTER (WHERE rang <= %s), 0)', x, i), ', ' ORDER BY i) AS elements
          FROM unnest('{c,p,u}'::text[]) WITH ORDINALITY y (x, m), generate_series(1, 32) i GROUP BY m) z;
    RETURN $q$, jours AS MATERIALIZED (
        SELECT sujet, cellule_id, date_trunc('month', jour::timestamp)::date AS mois, sum(c)::integer AS c, sum(c * coalesce(population, 0))::integer AS p, sum(u)::integer AS u
        FROM evenements GROUP BY 1, 2, 3
        HAVING sum(c) <> 0 OR sum(u) <> 0 OR sum(c * coalesce(population, 0)) <> 0
    ), mois AS (
        INSERT INTO public.adoption_mois AS m (sujet, nature, mois, collectivites, population, usages)
        SELECT j.sujet, k.nature, j.mois, sum(j.c), sum(j.p), sum(j.u) FROM jours j JOIN public.cellule k ON k.id = j.cellule_id GROUP BY 1, 2, 3 ORDER BY 1, 3, 2
        ON CONFLICT (sujet, mois, nature) DO UPDATE SET collectivites = m.collectivites + excluded.collectivites,
            population = m.population + excluded.population, usages = m.usages + excluded.usages
    ), mois_lieu AS (
        INSERT INTO public.adoption_mois_lieu AS m (sujet, region, departement, nature, mois, collectivites, population, usages)
        SELECT j.sujet, k.region, k.departement, k.nature, j.mois, sum(j.c), sum(j.p), sum(j.u) FROM jours j JOIN public.cellule k ON k.id = j.cellule_id
        WHERE j.sujet IN (0, -1) GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 5, 2, 3, 4
        ON CONFLICT (sujet, mois, region, departement, nature) DO UPDATE SET collectivites = m.collectivites + excluded.collectivites,
            population = m.population + excluded.population, usages = m.usages + excluded.usages
    ), annees AS MATERIALIZED (
        SELECT sujet, cellule_id, adoption_rang(mois) AS rang, sum(c)::integer AS c, sum(p)::integer AS p, sum(u)::integer AS u FROM jours GROUP BY 1, 2, 3
    )
    INSERT INTO public.adoption AS a (sujet, cellule_id, collectivites, population, usages)
    SELECT sujet, cellule_id, $q$ || cumuls || $q$
    FROM (
        SELECT * FROM annees
        UNION ALL SELECT n.sujet, unnest(k.plus_larges), n.rang, n.c, n.p, n.u FROM annees n JOIN public.cellule k ON k.id = n.cellule_id
    ) x
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (sujet, cellule_id) DO UPDATE SET collectivites = ajouter(a.collectivites, excluded.collectivites),
        population = ajouter(a.population, excluded.population), usages = ajouter(a.usages, excluded.usages)$q$;
END $$;

-- The cell of each collectivité in activity, by row id.
CREATE VIEW collectivite_cellule AS
    SELECT o.id AS organisation_id, k.id AS cellule_id, o.population
    FROM public.organisation o JOIN public.cellule k ON k.niveau = 'CELLULE' AND k.region = o.region AND k.departement = o.departement
        AND k.nature = o.nature AND k.strate = coalesce(o.strate, '')
    WHERE o.genre = 'COLLECTIVITE' AND o.actif;

-- Makes presence say what usages and subscriptions now say of who may be a user otherwise (an element of qui and of sujets
-- for each pair), and adds to the kept counts what this changes, with the usages gained or lost, one a day: an element of
-- organisations, logiciels, libres, jours and nombres for each.
--
-- Planning costs more than counting one usage: the plan is kept, by indexes whatever the sizes when it was made. A caller
-- that has many asks for one of its own.
DO $creer$
BEGIN
    EXECUTE $f$CREATE FUNCTION adoption_mouvoir(qui bigint[], sujets bigint[], organisations bigint[], logiciels bigint[], libres boolean[], jours date[], nombres integer[])
        RETURNS void LANGUAGE plpgsql AS $corps$
DECLARE
    tous bigint[] := ARRAY(SELECT DISTINCT q FROM unnest(qui) q ORDER BY 1);
BEGIN
    -- Two writers of one organisation wait for each other, then each sees what the other wrote.
    PERFORM FROM organisation WHERE id = ANY (tous) ORDER BY id FOR NO KEY UPDATE;
    WITH touches AS MATERIALIZED (
        SELECT * FROM unnest(qui, sujets) t (organisation_id, sujet)
    ), apres AS MATERIALIZED (
        SELECT organisation_id, sujet, lower(r) AS debut, upper(r) AS fin FROM (
            SELECT t.organisation_id, t.sujet, unnest(range_agg(daterange(f.debut, f.fin))) AS r
            FROM public.adoption_fait f
            JOIN public.logiciel_sujet s ON s.logiciel_id = f.logiciel_id AND (f.libre OR NOT s.libre)
            JOIN touches t ON t.organisation_id = f.organisation_id AND t.sujet = s.sujet
            WHERE f.organisation_id = ANY (tous)
            GROUP BY 1, 2) x
    ), avant AS MATERIALIZED (
        SELECT p.organisation_id, p.sujet, p.debut, p.fin FROM public.presence p JOIN touches t ON t.organisation_id = p.organisation_id AND t.sujet = p.sujet
        WHERE p.organisation_id = ANY (tous)
    ), partis AS MATERIALIZED (
        SELECT * FROM avant EXCEPT SELECT * FROM apres
    ), arrives AS MATERIALIZED (
        SELECT * FROM apres EXCEPT SELECT * FROM avant
    ), finies AS (
        DELETE FROM public.presence p USING (SELECT organisation_id, sujet, debut FROM partis EXCEPT SELECT organisation_id, sujet, debut FROM arrives) x
        WHERE p.organisation_id = ANY (tous) AND p.organisation_id = x.organisation_id AND p.sujet = x.sujet AND p.debut = x.debut
    ), commencees AS (
        INSERT INTO public.presence (organisation_id, sujet, debut, fin) SELECT * FROM arrives
        ON CONFLICT (organisation_id, sujet, debut) DO UPDATE SET fin = excluded.fin
    ), lieux AS MATERIALIZED (
        SELECT o.id, o.region, o.departement, o.nature, coalesce(o.strate, '') AS strate, o.population
        FROM public.organisation o WHERE o.id = ANY (tous) AND o.genre = 'COLLECTIVITE' AND o.actif
    ), evenements AS (
        SELECT x.sujet, k.id AS cellule_id, l.population, x.jour, x.c, x.u
        FROM (SELECT organisation_id, sujet, debut AS jour, 1 AS c, 0 AS u FROM arrives
            UNION ALL SELECT organisation_id, sujet, fin, -1, 0 FROM arrives WHERE fin IS NOT NULL
            UNION ALL SELECT organisation_id, sujet, debut, -1, 0 FROM partis
            UNION ALL SELECT organisation_id, sujet, fin, 1, 0 FROM partis WHERE fin IS NOT NULL
            UNION ALL SELECT m.organisation_id, s.sujet, m.jour, 0, m.u
                FROM unnest(organisations, logiciels, libres, jours, nombres) m (organisation_id, logiciel_id, libre, jour, u)
                JOIN public.logiciel_sujet s ON s.logiciel_id = m.logiciel_id AND (m.libre OR NOT s.libre)
        ) x JOIN lieux l ON l.id = x.organisation_id
        JOIN public.cellule k ON k.niveau = 'CELLULE' AND k.region = l.region AND k.departement = l.departement AND k.nature = l.nature AND k.strate = l.strate
    )$f$ || adoption_suite() || $f$;
END $corps$$f$;
END $creer$;

-- adoption_mouvoir, the pairs being those of the usages gained or lost when there are some; or all counted again, when that
-- costs less: moving the counts of one usage costs some three times as much as counting it.
CREATE FUNCTION adoption_appliquer(organisations bigint[], logiciels bigint[], libres boolean[], jours date[], nombres integer[], qui bigint[], sujets bigint[])
    RETURNS void LANGUAGE plpgsql
    SET jit = off SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = on SET enable_mergejoin = on AS $$
BEGIN
    IF cardinality(organisations) > 2000 AND 3 * cardinality(organisations) > (SELECT coalesce(sum(nb), 0) FROM citation WHERE axe = 'FRANCE') THEN
        PERFORM adoption_refaire();
        RETURN;
    END IF;
    IF organisations IS NOT NULL THEN
        SELECT array_agg(organisation_id), array_agg(sujet) INTO qui, sujets
        FROM (SELECT DISTINCT m.organisation_id, s.sujet
              FROM (SELECT DISTINCT * FROM unnest(organisations, logiciels, libres) m (organisation_id, logiciel_id, libre)) m
              JOIN logiciel_sujet s ON s.logiciel_id = m.logiciel_id AND (m.libre OR NOT s.libre)) x;
    END IF;
    IF qui IS NULL THEN
        RETURN;
    END IF;
    IF cardinality(qui) > 500 THEN
        SET LOCAL plan_cache_mode = force_custom_plan;
        SET LOCAL enable_seqscan = on;
        SET LOCAL enable_nestloop = off; -- the planner cannot guess how many rows these sets have
        SET LOCAL enable_mergejoin = off;
    END IF;
    PERFORM adoption_mouvoir(qui, sujets, organisations, logiciels, libres, jours, nombres);
END $$;

CREATE FUNCTION adoption_tenir() RETURNS trigger LANGUAGE plpgsql
    SET jit = off SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = on SET enable_mergejoin = on AS $$
DECLARE
    organisations bigint[];
    logiciels bigint[];
    libres boolean[];
    jours date[];
    nombres integer[];
    qui bigint[];
    sujets bigint[];
BEGIN
    IF current_setting('mutualibre.adoption', true) = 'non' THEN
        RETURN NULL; -- a load that rebuilds everything at its end
    END IF;
    -- The days on which an organisation has one usage more or less of a software say all: when it has one at least, too.
    CASE TG_TABLE_NAME || ' ' || TG_OP
    WHEN 'usage INSERT' THEN
        SELECT array_agg(o), array_agg(l), array_agg(libre), array_agg(jour), array_agg(n) INTO organisations, logiciels, libres, jours, nombres
        FROM (SELECT u.utilisateur_id AS o, u.logiciel_id AS l, u.libre, j.jour, sum(j.n)::integer AS n
              FROM nouvelles u CROSS JOIN LATERAL (VALUES (u.depuis, 1), (u.fin, -1)) j (jour, n)
              WHERE adoption_comptee(u.visibilite, u.statut, u.depuis, u.fin) AND j.jour IS NOT NULL GROUP BY 1, 2, 3, 4) x WHERE n <> 0;
    WHEN 'usage DELETE' THEN
        SELECT array_agg(o), array_agg(l), array_agg(libre), array_agg(jour), array_agg(n) INTO organisations, logiciels, libres, jours, nombres
        FROM (SELECT u.utilisateur_id AS o, u.logiciel_id AS l, u.libre, j.jour, sum(j.n)::integer AS n
              FROM anciennes u CROSS JOIN LATERAL (VALUES (u.depuis, -1), (u.fin, 1)) j (jour, n)
              WHERE adoption_comptee(u.visibilite, u.statut, u.depuis, u.fin) AND j.jour IS NOT NULL GROUP BY 1, 2, 3, 4) x WHERE n <> 0;
    WHEN 'usage UPDATE' THEN -- most corrections change nothing here
        SELECT array_agg(o), array_agg(l), array_agg(libre), array_agg(jour), array_agg(n) INTO organisations, logiciels, libres, jours, nombres
        FROM (SELECT u.utilisateur_id AS o, u.logiciel_id AS l, u.libre, j.jour, sum(u.signe * j.n)::integer AS n
              FROM (SELECT 1 AS signe, * FROM nouvelles UNION ALL SELECT -1, * FROM anciennes) u CROSS JOIN LATERAL (VALUES (u.depuis, 1), (u.fin, -1)) j (jour, n)
              WHERE adoption_comptee(u.visibilite, u.statut, u.depuis, u.fin) AND j.jour IS NOT NULL GROUP BY 1, 2, 3, 4) x WHERE n <> 0;
    WHEN 'abonnement INSERT' THEN
        SELECT array_agg(organisation_id), array_agg(sujet) INTO qui, sujets
        FROM (SELECT DISTINCT a.collectivite_id AS organisation_id, s.sujet
              FROM nouvelles a JOIN entree_catalogue e ON e.id = a.entree_id JOIN logiciel_sujet s ON s.logiciel_id = e.logiciel_id) x;
    WHEN 'abonnement UPDATE' THEN
        SELECT array_agg(organisation_id), array_agg(sujet) INTO qui, sujets
        FROM (SELECT DISTINCT a.collectivite_id AS organisation_id, s.sujet
              FROM (SELECT collectivite_id, entree_id FROM nouvelles UNION SELECT collectivite_id, entree_id FROM anciennes) a
              JOIN entree_catalogue e ON e.id = a.entree_id JOIN logiciel_sujet s ON s.logiciel_id = e.logiciel_id) x;
    WHEN 'abonnement DELETE' THEN -- its entry may be gone with it: whatever its member was a user of is looked at again
        SELECT array_agg(organisation_id), array_agg(sujet) INTO qui, sujets
        FROM (SELECT a.collectivite_id AS organisation_id, s.sujet
              FROM anciennes a JOIN entree_catalogue e ON e.id = a.entree_id JOIN logiciel_sujet s ON s.logiciel_id = e.logiciel_id
              UNION SELECT p.organisation_id, p.sujet FROM anciennes a JOIN presence p ON p.organisation_id = a.collectivite_id
              WHERE NOT EXISTS (SELECT FROM entree_catalogue e WHERE e.id = a.entree_id)) x;
    WHEN 'entree_catalogue UPDATE' THEN
        SELECT array_agg(organisation_id), array_agg(sujet) INTO qui, sujets
        FROM (SELECT DISTINCT a.collectivite_id AS organisation_id, s.sujet
              FROM (SELECT id, logiciel_id, statut, depuis, jusqua FROM nouvelles UNION SELECT id, logiciel_id, statut, depuis, jusqua FROM anciennes) x
              JOIN abonnement a ON a.entree_id = x.id JOIN logiciel_sujet s ON s.logiciel_id = x.logiciel_id) x;
    WHEN 'logiciel UPDATE' THEN
        SELECT array_agg(organisation_id), array_agg(-1) INTO qui, sujets
        FROM (SELECT DISTINCT p.organisation_id FROM (SELECT id, libre FROM nouvelles EXCEPT SELECT id, libre FROM anciennes) n JOIN presence p ON p.sujet = n.id) x;
    END CASE;
    IF organisations IS NOT NULL AND current_setting('mutualibre.adoption', true) = 'differee' THEN
        INSERT INTO adoption_attente SELECT * FROM unnest(organisations, logiciels, libres, jours, nombres);
    ELSE
        PERFORM adoption_appliquer(organisations, logiciels, libres, jours, nombres, qui, sujets);
    END IF;
    RETURN NULL;
END $$;

-- An import writes its usages by many statements: what they change is counted once, by the second of these, before the
-- transaction ends.
CREATE FUNCTION adoption_differer() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE adoption_attente (organisation_id bigint, logiciel_id bigint, libre boolean, jour date, nombre integer) ON COMMIT DROP;
    PERFORM set_config('mutualibre.adoption', 'differee', true);
END $$;
CREATE FUNCTION adoption_solder() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('mutualibre.adoption', '', true);
    PERFORM adoption_appliquer(array_agg(organisation_id), array_agg(logiciel_id), array_agg(libre), array_agg(jour), array_agg(nombre), NULL, NULL)
    FROM (SELECT organisation_id, logiciel_id, libre, jour, sum(nombre)::integer AS nombre FROM adoption_attente GROUP BY 1, 2, 3, 4) x WHERE nombre <> 0;
    DROP TABLE adoption_attente;
END $$;

-- Rebuilds what is kept about these subjects; null: about all of them. Writers wait until the transaction ends, and when
-- all is rebuilt readers too.
CREATE FUNCTION adoption_refaire(sujets bigint[] DEFAULT NULL) RETURNS void LANGUAGE plpgsql
    SET jit = off SET enable_seqscan = on SET enable_nestloop = off SET enable_mergejoin = off SET work_mem = '256MB' SET maintenance_work_mem = '256MB' AS $$
DECLARE
    index record;
BEGIN
    IF sujets IS NOT NULL AND NOT EXISTS (SELECT FROM presence WHERE sujet = ANY (sujets))
        AND NOT EXISTS (SELECT FROM logiciel_sujet s JOIN adoption_fait f USING (logiciel_id) WHERE s.sujet = ANY (sujets)) THEN
        RETURN; -- nothing to wait for
    END IF;
    LOCK TABLE usage, abonnement, entree_catalogue IN SHARE ROW EXCLUSIVE MODE;
    IF current_setting('mutualibre.adoption', true) = 'differee' THEN -- no usage may be counted twice
        IF sujets IS NULL THEN
            DELETE FROM adoption_attente;
        ELSE
            PERFORM adoption_solder();
            PERFORM adoption_differer();
        END IF;
    END IF;
    IF sujets IS NULL THEN
        TRUNCATE presence, adoption, adoption_mois, adoption_mois_lieu;
        DELETE FROM logiciel_sujet;
        INSERT INTO logiciel_sujet SELECT * FROM logiciel_sujet_attendu(NULL);
        UPDATE cellule SET nb = 0, population = 0;
        PERFORM cellule_compter(array_agg(o.region), array_agg(o.departement), array_agg(o.nature), array_agg(o.strate), array_agg(o.nb), array_agg(o.population))
        FROM (SELECT region, departement, nature, coalesce(strate, '') AS strate, count(*)::integer AS nb, coalesce(sum(population), 0)::bigint AS population
              FROM organisation WHERE genre = 'COLLECTIVITE' AND actif GROUP BY 1, 2, 3, 4) o;
        CREATE TEMP TABLE index_de_presence ON COMMIT DROP AS
            SELECT indexrelid::regclass::text AS nom, pg_get_indexdef(indexrelid) AS definition FROM pg_index WHERE indrelid = 'presence'::regclass AND NOT indisprimary;
        FOR index IN SELECT * FROM index_de_presence LOOP
            EXECUTE 'DROP INDEX ' || index.nom;
        END LOOP;
    ELSE
        DELETE FROM presence WHERE sujet = ANY (sujets);
        DELETE FROM adoption WHERE sujet = ANY (sujets);
        DELETE FROM adoption_mois WHERE sujet = ANY (sujets);
        DELETE FROM adoption_mois_lieu WHERE sujet = ANY (sujets);
    END IF;
    INSERT INTO presence (organisation_id, sujet, debut, fin)
    SELECT organisation_id, sujet, lower(r), upper(r) FROM (
        SELECT f.organisation_id, s.sujet, unnest(range_agg(daterange(f.debut, f.fin))) AS r
        FROM adoption_fait f JOIN logiciel_sujet s ON s.logiciel_id = f.logiciel_id AND (f.libre OR NOT s.libre)
        WHERE sujets IS NULL OR s.sujet = ANY (sujets)
        GROUP BY 1, 2) x;
    IF sujets IS NULL THEN
        FOR index IN SELECT * FROM index_de_presence LOOP
            EXECUTE index.definition;
        END LOOP;
        DROP TABLE index_de_presence;
    END IF;
    EXECUTE $q$WITH lieux AS MATERIALIZED (
        SELECT * FROM collectivite_cellule
    ), usages AS MATERIALIZED (
        SELECT u.logiciel_id, u.libre, k.cellule_id, date_trunc('month', j.jour::timestamp)::date AS jour, sum(j.u)::integer AS u
        FROM usage u JOIN lieux k ON k.organisation_id = u.utilisateur_id CROSS JOIN LATERAL (VALUES (u.depuis, 1), (u.fin, -1)) j (jour, u)
        WHERE adoption_comptee(u.visibilite, u.statut, u.depuis, u.fin)
          AND j.jour IS NOT NULL
        GROUP BY 1, 2, 3, 4
    ), evenements AS (
        SELECT p.sujet, k.cellule_id, k.population, j.jour, j.c, 0 AS u
        FROM presence p JOIN lieux k ON k.organisation_id = p.organisation_id CROSS JOIN LATERAL (VALUES (p.debut, 1), (p.fin, -1)) j (jour, c)
        WHERE j.jour IS NOT NULL AND ($1 IS NULL OR p.sujet = ANY ($1))
        UNION ALL
        SELECT s.sujet, u.cellule_id, 0, u.jour, 0, u.u FROM usages u JOIN logiciel_sujet s ON s.logiciel_id = u.logiciel_id AND (u.libre OR NOT s.libre)
        WHERE $1 IS NULL OR s.sujet = ANY ($1)
    )$q$ || adoption_suite() USING sujets;
END $$;

-- What a software counts for changes with its categories, and theirs.
CREATE FUNCTION adoption_sujets() RETURNS trigger LANGUAGE plpgsql AS $$
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

-- Where an organisation is, what it is and how large: today's stands for every day, as its name does.
CREATE FUNCTION adoption_deplacer() RETURNS trigger LANGUAGE plpgsql SET jit = off AS $$
DECLARE
    qui bigint[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT array_agg(id) INTO qui FROM (
            SELECT id, genre, actif, region, departement, nature, population FROM nouvelles
            EXCEPT SELECT id, genre, actif, region, departement, nature, population FROM anciennes) x;
        IF qui IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM cellule_compter(array_agg(x.region), array_agg(x.departement), array_agg(x.nature), array_agg(x.strate), array_agg(x.nb), array_agg(x.population))
        FROM (SELECT region, departement, nature, coalesce(strate, '') AS strate, count(*)::integer AS nb, coalesce(sum(population), 0)::bigint AS population
              FROM nouvelles WHERE genre = 'COLLECTIVITE' AND actif AND (qui IS NULL OR id = ANY (qui)) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4) x;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM cellule_compter(array_agg(x.region), array_agg(x.departement), array_agg(x.nature), array_agg(x.strate), array_agg(-x.nb), array_agg(-x.population))
        FROM (SELECT region, departement, nature, coalesce(strate, '') AS strate, count(*)::integer AS nb, coalesce(sum(population), 0)::bigint AS population
              FROM anciennes WHERE genre = 'COLLECTIVITE' AND actif AND (qui IS NULL OR id = ANY (qui)) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4) x;
    END IF;
    IF TG_OP <> 'UPDATE' OR current_setting('mutualibre.adoption', true) = 'non' OR NOT EXISTS (SELECT FROM presence WHERE organisation_id = ANY (qui)) THEN
        RETURN NULL;
    END IF;
    IF cardinality(qui) > 2000 OR current_setting('mutualibre.adoption', true) = 'differee' THEN
        PERFORM adoption_refaire(); -- a census: moving each would cost more; or usages of its former place are not counted yet
        RETURN NULL;
    END IF;
    EXECUTE $q$WITH evenements AS (
        SELECT x.sujet, k.id AS cellule_id, o.population, x.jour, x.c * o.signe AS c, x.u * o.signe AS u
        FROM (
            SELECT organisation_id, sujet, debut AS jour, 1 AS c, 0 AS u FROM presence WHERE organisation_id = ANY ($1)
            UNION ALL SELECT organisation_id, sujet, fin, -1, 0 FROM presence WHERE fin IS NOT NULL AND organisation_id = ANY ($1)
            UNION ALL SELECT u.utilisateur_id, s.sujet, j.jour, 0, j.u FROM usage u JOIN logiciel_sujet s ON s.logiciel_id = u.logiciel_id AND (u.libre OR NOT s.libre)
                CROSS JOIN LATERAL (VALUES (u.depuis, 1), (u.fin, -1)) j (jour, u)
                WHERE adoption_comptee(u.visibilite, u.statut, u.depuis, u.fin)
                  AND j.jour IS NOT NULL AND u.utilisateur_id = ANY ($1)
        ) x JOIN (
            SELECT n.*, 1 AS signe FROM nouvelles n UNION ALL SELECT a.*, -1 FROM anciennes a
        ) o ON o.id = x.organisation_id AND o.id = ANY ($1) AND o.genre = 'COLLECTIVITE' AND o.actif
        JOIN cellule k ON k.niveau = 'CELLULE' AND k.region = o.region AND k.departement = o.departement AND k.nature = o.nature AND k.strate = coalesce(o.strate, '')
    )$q$ || adoption_suite() USING qui;
    RETURN NULL;
END $$;

SELECT adoption_refaire();

CREATE TRIGGER usage_adoption_ajout AFTER INSERT ON usage REFERENCING NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION adoption_tenir();
CREATE TRIGGER usage_adoption_correction AFTER UPDATE ON usage REFERENCING OLD TABLE AS anciennes NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION adoption_tenir();
CREATE TRIGGER usage_adoption_retrait AFTER DELETE ON usage REFERENCING OLD TABLE AS anciennes FOR EACH STATEMENT EXECUTE FUNCTION adoption_tenir();
CREATE TRIGGER abonnement_adoption_ajout AFTER INSERT ON abonnement REFERENCING NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION adoption_tenir();
CREATE TRIGGER abonnement_adoption_correction AFTER UPDATE ON abonnement REFERENCING OLD TABLE AS anciennes NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION adoption_tenir();
CREATE TRIGGER abonnement_adoption_retrait AFTER DELETE ON abonnement REFERENCING OLD TABLE AS anciennes FOR EACH STATEMENT EXECUTE FUNCTION adoption_tenir();
CREATE TRIGGER entree_catalogue_adoption AFTER UPDATE ON entree_catalogue REFERENCING OLD TABLE AS anciennes NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION adoption_tenir();
CREATE TRIGGER logiciel_adoption AFTER UPDATE ON logiciel REFERENCING OLD TABLE AS anciennes NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION adoption_tenir();
CREATE TRIGGER logiciel_sujets AFTER INSERT ON logiciel REFERENCING NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION adoption_sujets();
CREATE TRIGGER logiciel_categorie_sujets_ajout AFTER INSERT ON logiciel_categorie REFERENCING NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION adoption_sujets();
CREATE TRIGGER logiciel_categorie_sujets_correction AFTER UPDATE ON logiciel_categorie REFERENCING OLD TABLE AS anciennes NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION adoption_sujets();
CREATE TRIGGER logiciel_categorie_sujets_retrait AFTER DELETE ON logiciel_categorie REFERENCING OLD TABLE AS anciennes FOR EACH STATEMENT EXECUTE FUNCTION adoption_sujets();
CREATE TRIGGER categorie_sujets AFTER UPDATE ON categorie REFERENCING OLD TABLE AS anciennes NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION adoption_sujets();
CREATE TRIGGER organisation_adoption_ajout AFTER INSERT ON organisation REFERENCING NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION adoption_deplacer();
CREATE TRIGGER organisation_adoption_correction AFTER UPDATE ON organisation REFERENCING OLD TABLE AS anciennes NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION adoption_deplacer();
CREATE TRIGGER organisation_adoption_retrait AFTER DELETE ON organisation REFERENCING OLD TABLE AS anciennes FOR EACH STATEMENT EXECUTE FUNCTION adoption_deplacer();
