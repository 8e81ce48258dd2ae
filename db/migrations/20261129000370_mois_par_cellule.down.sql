DO $$ BEGIN EXECUTE replace(pg_get_functiondef('presence_mouvoir'::regproc), adoption_suite(), adoption_suite_par_departement()); END $$;
DROP FUNCTION adoption_suite();
ALTER FUNCTION adoption_suite_par_departement() RENAME TO adoption_suite;
DROP TABLE adoption_mois_lieu;
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
SELECT adoption_refaire();
