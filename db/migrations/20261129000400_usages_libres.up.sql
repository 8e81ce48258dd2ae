-- The free software among the usages in progress of an organisation stands beside their number, written with it: the table
-- that held it was written by three more triggers, and joined to place one organisation among those of its nature and size.
ALTER TABLE organisation ADD COLUMN nb_usages_libres integer NOT NULL DEFAULT 0;
ALTER TABLE organisation_passe ADD COLUMN nb_usages_libres integer NOT NULL DEFAULT 0;

DO $$
BEGIN
    EXECUTE replace(replace(replace(replace(replace(pg_get_functiondef('usage_compter'::regproc),
        'utilisateur_id AS organisation_id, departement, count(*)::integer AS n',
        'utilisateur_id AS organisation_id, departement, count(*)::integer AS n, count(*) FILTER (WHERE libre)::integer AS libres'),
        'utilisateur_id AS organisation_id, count(*)::integer AS n',
        'utilisateur_id AS organisation_id, count(*)::integer AS n, count(*) FILTER (WHERE libre)::integer AS libres'),
        'SELECT organisation_id, sum(n) AS n FROM delta', 'SELECT organisation_id, sum(n) AS n, sum(libres) AS libres FROM delta'),
        'UPDATE organisation o SET nb_usages = o.nb_usages + d.n', 'UPDATE organisation o SET nb_usages = o.nb_usages + d.n, nb_usages_libres = o.nb_usages_libres + d.libres'),
        'UPDATE organisation o SET nb_usages = o.nb_usages - d.n', 'UPDATE organisation o SET nb_usages = o.nb_usages - d.n, nb_usages_libres = o.nb_usages_libres - d.libres');
    -- A confirmation, a number of seats, a version: nothing counted here changes.
    EXECUTE replace(pg_get_functiondef('usage_compter'::regproc), $q$
BEGIN
    IF TG_OP <> 'DELETE' THEN$q$, $q$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (SELECT logiciel_id, utilisateur_id, departement, statut, modalite, libre, visibilite, fin IS NULL FROM nouvelles
            EXCEPT ALL SELECT logiciel_id, utilisateur_id, departement, statut, modalite, libre, visibilite, fin IS NULL FROM anciennes) THEN
            RETURN NULL;
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN$q$);
END $$;

UPDATE organisation o SET nb_usages_libres = v.nb FROM organisation_libre_attendue v WHERE v.organisation_id = o.id;
DROP TRIGGER usage_libre_ajout ON usage;
DROP TRIGGER usage_libre_correction ON usage;
DROP TRIGGER usage_libre_retrait ON usage;
DROP FUNCTION organisation_libre_tenir();
DROP VIEW organisation_libre_attendue;
DROP TABLE organisation_libre;

DROP INDEX organisation_pairs_idx;
CREATE INDEX organisation_pairs_idx ON organisation (nature, strate) INCLUDE (id, nb_usages, nb_usages_libres, population) WHERE genre = 'COLLECTIVITE' AND actif;
SELECT lectures_refaire();
