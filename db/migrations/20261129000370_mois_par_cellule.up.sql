-- A day in mid-year for anything, anything free or a category: what changes each month is kept by département, and by cell
-- for the first two, where adoption_mois_lieu knew these by département only.
DROP TABLE adoption_mois_lieu;
CREATE TABLE adoption_mois_lieu (
    sujet         bigint NOT NULL CHECK (sujet <= 0),
    cellule_id    integer NOT NULL REFERENCES cellule,   -- of niveau DEPARTEMENT; CELLULE too for anything and anything free
    mois          date NOT NULL,                         -- its first day
    collectivites integer NOT NULL,
    population    integer NOT NULL,
    usages        integer NOT NULL,
    PRIMARY KEY (sujet, cellule_id, mois)
);

-- adoption_suite with another mois_lieu.
ALTER FUNCTION adoption_suite() RENAME TO adoption_suite_par_departement;
CREATE FUNCTION adoption_suite() RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT left(s, position('), mois_lieu AS (' IN s) - 1) || $q$), mois_lieu AS (
        INSERT INTO public.adoption_mois_lieu AS m (sujet, cellule_id, mois, collectivites, population, usages)
        SELECT j.sujet, x.id, j.mois, sum(j.c), sum(j.p), sum(j.u)
        FROM jours j JOIN public.cellule k ON k.id = j.cellule_id
        JOIN public.cellule d ON d.niveau = 'DEPARTEMENT' AND d.region = k.region AND d.departement = k.departement AND d.nature = k.nature AND d.strate = ''
        CROSS JOIN LATERAL (VALUES (k.id), (d.id)) x (id)
        WHERE j.sujet <= 0 AND (x.id = d.id OR j.sujet >= -1) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ON CONFLICT (sujet, cellule_id, mois) DO UPDATE SET collectivites = m.collectivites + excluded.collectivites,
            population = m.population + excluded.population, usages = m.usages + excluded.usages
    $q$ || substr(s, position('), annees AS MATERIALIZED (' IN s))
    FROM adoption_suite_par_departement() s
$$;
-- presence_mouvoir was made with its text; the others ask for it each time.
DO $$ BEGIN EXECUTE replace(pg_get_functiondef('presence_mouvoir'::regproc), adoption_suite_par_departement(), adoption_suite()); END $$;

SELECT adoption_refaire();
