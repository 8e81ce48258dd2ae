-- What a département, a région and the country saved, kept so that a total reads a few rows, never the savings.
--
-- Only what is public is counted: a figure is the same for every reader. A saving is somewhere when its beneficiary, a
-- collectivité or a syndicat, has its seat there; today's seat stands for every day. It begins on its debut, else on the
-- first day of its year of prices, else nobody knows when: 'infinity', after every day that can be asked.
--
-- Nothing counts twice (see domain/economie, Totaux): in a place and on a day, a share does not count from the day when
-- a saving of the same statut that it is a share of, through others of that place or not, has begun there. What counts
-- depends on nothing else, so that counts by software, by nature, by source or by year add up to those of the place.

-- Whether a saving s repeats one that began no later: of the same beneficiary, statut, nature and amounts, about the same
-- software or about none in particular for either. Two sources then tell one saving. A share repeats nothing.
CREATE FUNCTION economie_redite(s economie) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT s.part_de_id IS NULL AND num_nonnulls(s.brut_centimes, s.net_centimes) > 0 AND EXISTS (SELECT FROM public.economie e
        WHERE e.beneficiaire_id = s.beneficiaire_id AND e.visibilite = 'PUBLIC' AND e.part_de_id IS NULL AND e.statut = s.statut AND e.nature = s.nature
          AND e.brut_centimes IS NOT DISTINCT FROM s.brut_centimes AND e.net_centimes IS NOT DISTINCT FROM s.net_centimes
          AND (e.logiciel_id = s.logiciel_id OR e.logiciel_id IS NULL OR s.logiciel_id IS NULL)
          AND (coalesce(e.debut, make_date(e.annee_prix, 1, 1), 'infinity'), e.id) < (coalesce(s.debut, make_date(s.annee_prix, 1, 1), 'infinity'), s.id))
$$;

-- The public savings, each told once, for each place that they are in.
CREATE VIEW economie_lieu AS
    SELECT s.id AS economie_id, z.niveau, z.code, s.statut, s.nature, coalesce(s.logiciel_id, 0) AS logiciel_id, s.source_id,
        coalesce(s.debut, make_date(s.annee_prix, 1, 1), 'infinity') AS depuis, s.part_de_id,
        s.brut_centimes AS brut, s.net_centimes AS net, s.licences_economisees AS licences
    FROM public.economie s JOIN public.organisation o ON o.id = s.beneficiaire_id
    CROSS JOIN LATERAL (VALUES ('DEPARTEMENT', o.departement), ('REGION', o.region), ('FRANCE', 'FR')) z (niveau, code)
    WHERE s.visibilite = 'PUBLIC' AND o.genre <> 'PRESTATAIRE' AND z.code <> '' AND NOT economie_redite(s);

-- A year as the counts know it: 9999 for what has no date, 10000 for what never happens.
CREATE FUNCTION economie_annee(jour date) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT CASE WHEN jour IS NULL THEN 10000 WHEN jour = 'infinity' THEN 9999 ELSE least(date_part('year', jour)::integer, 9998) END $$;

-- The savings that count in a place, from depuis to jusqua, excluded, when the saving that they are a share of counts in
-- their stead; null: never. One that never counts there has no row. At the end of a year Y count those where
-- annee <= Y < retrait; with no date asked, Y is 9999.
CREATE TABLE economie_comptee (
    economie_id bigint NOT NULL,
    niveau      text NOT NULL CHECK (niveau IN ('DEPARTEMENT', 'REGION', 'FRANCE')),
    code        text NOT NULL,
    statut      text NOT NULL,
    nature      text NOT NULL,
    logiciel_id bigint NOT NULL,                    -- 0: none in particular
    source_id   bigint NOT NULL,
    depuis      date NOT NULL,
    jusqua      date CHECK (jusqua > depuis),
    brut        bigint,
    net         bigint,
    licences    integer,
    annee       integer NOT NULL GENERATED ALWAYS AS (economie_annee(depuis)) STORED,
    retrait     integer NOT NULL GENERATED ALWAYS AS (economie_annee(jusqua)) STORED,
    PRIMARY KEY (economie_id, niveau)
);
CREATE INDEX economie_comptee_lieu_idx ON economie_comptee (niveau, code, economie_id);
CREATE INDEX economie_comptee_annee_idx ON economie_comptee (niveau, annee, code, economie_id);
CREATE INDEX economie_comptee_statut_idx ON economie_comptee (niveau, code, statut, economie_id);
CREATE INDEX economie_comptee_logiciel_idx ON economie_comptee (niveau, logiciel_id, code, economie_id);
CREATE INDEX economie_comptee_retrait_idx ON economie_comptee (niveau, retrait) WHERE retrait < 10000;

-- Their sums. An amount that no saving states is not a zero: brut_dits and the like count those that state it.
CREATE TABLE economie_compte (
    axe           text NOT NULL CHECK (axe IN ('TOUT', 'LOGICIEL', 'NATURE', 'SOURCE')),
    niveau        text NOT NULL,
    code          text NOT NULL,
    cle           text NOT NULL,                    -- '', a logiciel_id, a nature, a source_id
    statut        text NOT NULL,
    annee         integer NOT NULL,
    retrait       integer NOT NULL,
    nombre        integer NOT NULL,
    brut          bigint NOT NULL,
    brut_dits     integer NOT NULL,
    net           bigint NOT NULL,
    net_dits      integer NOT NULL,
    licences      bigint NOT NULL,
    licences_dits integer NOT NULL,
    PRIMARY KEY (axe, niveau, code, cle, statut, annee, retrait)
);
CREATE INDEX economie_compte_vide_idx ON economie_compte (nombre) WHERE nombre = 0;
CREATE INDEX economie_compte_cle_idx ON economie_compte (axe, niveau, cle);

-- What economie_comptee should say of these savings. A share climbs from parent to parent while they are
-- in its place: one that is missing there breaks the line, as nothing tells that the rest is one saving.
CREATE FUNCTION economie_attendue(ids bigint[])
    RETURNS TABLE (economie_id bigint, niveau text, code text, statut text, nature text, logiciel_id bigint, source_id bigint,
        depuis date, jusqua date, brut bigint, net bigint, licences integer) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE montee (economie_id, niveau, code, statut, suivant, depuis, fin) AS (
        SELECT l.economie_id, l.niveau, l.code, l.statut, l.part_de_id, '-infinity'::date, NULL::date
        FROM public.economie_lieu l WHERE l.part_de_id IS NOT NULL AND l.economie_id = ANY (ids)
        UNION
        SELECT m.economie_id, m.niveau, m.code, m.statut, p.part_de_id, greatest(m.depuis, p.depuis),
            CASE WHEN p.statut = m.statut THEN greatest(m.depuis, p.depuis) END
        FROM montee m JOIN public.economie_lieu p ON p.economie_id = m.suivant AND p.niveau = m.niveau AND p.code = m.code
    ), fins AS (
        SELECT m.economie_id, m.niveau, min(m.fin) AS jusqua FROM montee m GROUP BY 1, 2
    )
    SELECT l.economie_id, l.niveau, l.code, l.statut, l.nature, l.logiciel_id, l.source_id, l.depuis, f.jusqua, l.brut, l.net, l.licences
    FROM public.economie_lieu l LEFT JOIN fins f ON f.economie_id = l.economie_id AND f.niveau = l.niveau
    WHERE l.economie_id = ANY (ids) AND (f.jusqua IS NULL OR f.jusqua > l.depuis)
$$;

-- Makes both tables say of these savings what is expected. Keys are taken in order, so that concurrent writers wait for
-- each other instead of deadlocking. Planning costs more than writing one saving: its plan is kept, by indexes whatever
-- the sizes when it was made.
CREATE FUNCTION economie_recompter(ids bigint[]) RETURNS void LANGUAGE plpgsql
    SET jit = off SET work_mem = '128MB' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    IF cardinality(ids) > 200 THEN
        SET LOCAL plan_cache_mode = force_custom_plan;
        SET LOCAL enable_seqscan = on;
    END IF;
    WITH apres AS MATERIALIZED (
        SELECT * FROM economie_attendue(ids)
    ), avant AS MATERIALIZED (
        SELECT economie_id, niveau, code, statut, nature, logiciel_id, source_id, depuis, jusqua, brut, net, licences
        FROM public.economie_comptee c WHERE c.economie_id = ANY (ids)
    ), partis AS MATERIALIZED (
        SELECT * FROM avant EXCEPT SELECT * FROM apres
    ), arrives AS MATERIALIZED (
        SELECT * FROM apres EXCEPT SELECT * FROM avant
    ), retirees AS (
        DELETE FROM public.economie_comptee c USING (SELECT economie_id, niveau FROM partis EXCEPT SELECT economie_id, niveau FROM arrives) x
        WHERE c.economie_id = x.economie_id AND c.niveau = x.niveau
    ), ecrites AS (
        INSERT INTO public.economie_comptee AS c (economie_id, niveau, code, statut, nature, logiciel_id, source_id, depuis, jusqua, brut, net, licences)
        SELECT * FROM arrives ORDER BY economie_id, niveau
        ON CONFLICT (economie_id, niveau) DO UPDATE SET (code, statut, nature, logiciel_id, source_id, depuis, jusqua, brut, net, licences)
            = (excluded.code, excluded.statut, excluded.nature, excluded.logiciel_id, excluded.source_id, excluded.depuis, excluded.jusqua, excluded.brut, excluded.net, excluded.licences)
    )
    INSERT INTO public.economie_compte AS c
    SELECT a.axe, x.niveau, x.code, a.cle, x.statut, economie_annee(x.depuis), economie_annee(x.jusqua), sum(x.n),
        coalesce(sum(x.n * x.brut), 0), coalesce(sum(x.n) FILTER (WHERE x.brut IS NOT NULL), 0),
        coalesce(sum(x.n * x.net), 0), coalesce(sum(x.n) FILTER (WHERE x.net IS NOT NULL), 0),
        coalesce(sum(x.n * x.licences), 0), coalesce(sum(x.n) FILTER (WHERE x.licences IS NOT NULL), 0)
    FROM (SELECT 1 AS n, * FROM arrives UNION ALL SELECT -1, * FROM partis) x
    CROSS JOIN LATERAL (VALUES ('TOUT', ''), ('LOGICIEL', x.logiciel_id::text), ('NATURE', x.nature), ('SOURCE', x.source_id::text)) a (axe, cle)
    GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT (axe, niveau, code, cle, statut, annee, retrait) DO UPDATE SET nombre = c.nombre + excluded.nombre,
        brut = c.brut + excluded.brut, brut_dits = c.brut_dits + excluded.brut_dits, net = c.net + excluded.net, net_dits = c.net_dits + excluded.net_dits,
        licences = c.licences + excluded.licences, licences_dits = c.licences_dits + excluded.licences_dits;
    DELETE FROM public.economie_compte WHERE nombre = 0;
END $$;

-- Rebuilds all that is kept about savings. Their writers wait until the transaction ends.
CREATE FUNCTION economie_refaire() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE economie IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM economie_comptee;
    DELETE FROM economie_compte;
    PERFORM economie_recompter(array_agg(id)) FROM economie;
END $$;

CREATE FUNCTION economie_tenir() RETURNS trigger LANGUAGE plpgsql SET jit = off AS $$
DECLARE
    qui bigint[];
    verrous bigint[];
    beneficiaires bigint[];
BEGIN
    CASE TG_TABLE_NAME || ' ' || TG_OP
    WHEN 'economie INSERT' THEN
        SELECT array_agg(id), array_agg(DISTINCT part_de_id) FILTER (WHERE part_de_id IS NOT NULL), array_agg(DISTINCT beneficiaire_id) INTO qui, verrous, beneficiaires FROM nouvelles;
    WHEN 'economie DELETE' THEN
        SELECT array_agg(id), array_agg(DISTINCT part_de_id) FILTER (WHERE part_de_id IS NOT NULL), array_agg(DISTINCT beneficiaire_id) INTO qui, verrous, beneficiaires FROM anciennes;
    WHEN 'economie UPDATE' THEN -- most corrections of words change nothing here
        SELECT array_agg(DISTINCT n.id), array_agg(DISTINCT p.id) FILTER (WHERE p.id IS NOT NULL), array_agg(DISTINCT p.beneficiaire) INTO qui, verrous, beneficiaires
        FROM nouvelles n JOIN anciennes a ON a.id = n.id CROSS JOIN LATERAL (VALUES (n.part_de_id, n.beneficiaire_id), (a.part_de_id, a.beneficiaire_id)) p (id, beneficiaire)
        WHERE (n.beneficiaire_id, n.logiciel_id, n.nature, n.statut, n.licences_economisees, n.brut_centimes, n.net_centimes, n.debut, n.annee_prix, n.source_id, n.visibilite, n.part_de_id)
            IS DISTINCT FROM (a.beneficiaire_id, a.logiciel_id, a.nature, a.statut, a.licences_economisees, a.brut_centimes, a.net_centimes, a.debut, a.annee_prix, a.source_id, a.visibilite, a.part_de_id);
    ELSE
        SELECT array_agg(s.id), array_agg(s.id) INTO qui, verrous
        FROM (SELECT id, departement, region, genre FROM nouvelles EXCEPT SELECT id, departement, region, genre FROM anciennes) n
        JOIN economie s ON s.beneficiaire_id = n.id;
    END CASE;
    IF qui IS NULL THEN
        RETURN NULL;
    END IF;
    -- What was told twice may be told once now, or the reverse.
    IF beneficiaires IS NOT NULL THEN
        PERFORM FROM organisation WHERE id = ANY (beneficiaires) ORDER BY id FOR NO KEY UPDATE;
        SELECT array_agg(id) INTO qui FROM (SELECT unnest(qui) AS id UNION SELECT s.id FROM economie s WHERE s.beneficiaire_id = ANY (beneficiaires)) x;
    END IF;
    -- Writers of a share and of what it is a share of wait for each other, then each sees what the other wrote.
    IF verrous IS NOT NULL THEN
        WITH RECURSIVE montee (id) AS (
            SELECT unnest(verrous) UNION SELECT s.part_de_id FROM montee m JOIN economie s ON s.id = m.id WHERE s.part_de_id IS NOT NULL)
        SELECT array_agg(id) INTO verrous FROM montee;
        PERFORM FROM economie WHERE id = ANY (verrous) ORDER BY id FOR NO KEY UPDATE;
    END IF;
    WITH RECURSIVE descente (id) AS (
        SELECT unnest(qui) UNION SELECT s.id FROM descente d JOIN economie s ON s.part_de_id = d.id)
    SELECT array_agg(id) INTO qui FROM descente;
    PERFORM economie_recompter(qui);
    RETURN NULL;
END $$;

SELECT economie_refaire();

CREATE TRIGGER economie_compte_ajout AFTER INSERT ON economie REFERENCING NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION economie_tenir();
CREATE TRIGGER economie_compte_correction AFTER UPDATE ON economie REFERENCING OLD TABLE AS anciennes NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION economie_tenir();
CREATE TRIGGER economie_compte_retrait AFTER DELETE ON economie REFERENCING OLD TABLE AS anciennes FOR EACH STATEMENT EXECUTE FUNCTION economie_tenir();
CREATE TRIGGER organisation_economie_compte AFTER UPDATE ON organisation REFERENCING OLD TABLE AS anciennes NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION economie_tenir();
