DO $$
BEGIN
    EXECUTE replace(pg_get_functiondef('usage_compter'::regproc), $q$
    IF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (SELECT logiciel_id, utilisateur_id, departement, statut, modalite, libre, visibilite, fin IS NULL FROM nouvelles
            EXCEPT ALL SELECT logiciel_id, utilisateur_id, departement, statut, modalite, libre, visibilite, fin IS NULL FROM anciennes) THEN
            RETURN NULL;
        END IF;
    END IF;$q$, '');
    EXECUTE replace(replace(replace(replace(pg_get_functiondef('usage_compter'::regproc),
        ', count(*) FILTER (WHERE libre)::integer AS libres', ''),
        ', sum(libres) AS libres', ''),
        ', nb_usages_libres = o.nb_usages_libres + d.libres', ''),
        ', nb_usages_libres = o.nb_usages_libres - d.libres', '');
END $$;

DROP SCHEMA lecture_publique, lecture, lecture_au CASCADE;
ALTER TABLE organisation DROP COLUMN nb_usages_libres;
ALTER TABLE organisation_passe DROP COLUMN nb_usages_libres;
SELECT lectures_refaire();

CREATE TABLE organisation_libre (
    organisation_id bigint PRIMARY KEY,
    nb              integer NOT NULL
);

CREATE VIEW organisation_libre_attendue AS
    SELECT u.utilisateur_id AS organisation_id, count(*)::integer AS nb FROM public.usage u
    WHERE u.libre AND u.visibilite = 'PUBLIC' AND u.fin IS NULL AND u.statut IN ('PRODUCTION', 'EXPERIMENTATION')
    GROUP BY 1;

CREATE FUNCTION organisation_libre_tenir() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('mutualibre.adoption', true) = 'non' THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO organisation_libre AS o (organisation_id, nb)
        SELECT utilisateur_id, count(*) FROM nouvelles
        WHERE libre AND visibilite = 'PUBLIC' AND fin IS NULL AND statut IN ('PRODUCTION', 'EXPERIMENTATION')
        GROUP BY 1 ORDER BY 1
        ON CONFLICT (organisation_id) DO UPDATE SET nb = o.nb + excluded.nb;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO organisation_libre AS o (organisation_id, nb)
        SELECT utilisateur_id, -count(*) FROM anciennes
        WHERE libre AND visibilite = 'PUBLIC' AND fin IS NULL AND statut IN ('PRODUCTION', 'EXPERIMENTATION')
        GROUP BY 1 ORDER BY 1
        ON CONFLICT (organisation_id) DO UPDATE SET nb = o.nb + excluded.nb;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER usage_libre_ajout AFTER INSERT ON usage REFERENCING NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION organisation_libre_tenir();
CREATE TRIGGER usage_libre_correction AFTER UPDATE ON usage REFERENCING OLD TABLE AS anciennes NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION organisation_libre_tenir();
CREATE TRIGGER usage_libre_retrait AFTER DELETE ON usage REFERENCING OLD TABLE AS anciennes FOR EACH STATEMENT EXECUTE FUNCTION organisation_libre_tenir();
INSERT INTO organisation_libre SELECT * FROM organisation_libre_attendue;

CREATE INDEX organisation_pairs_idx ON organisation (nature, strate) INCLUDE (id, nb_usages, population) WHERE genre = 'COLLECTIVITE' AND actif;
