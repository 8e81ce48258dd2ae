-- An end of which only the month or the year is known may be any of its days: « 2016 » does not precede « 15 mars 2016 ».
ALTER TABLE developpement DROP CONSTRAINT developpement_check;
ALTER TABLE developpement ADD CONSTRAINT developpement_check CHECK (CASE precision_fin WHEN 'MOIS' THEN (fin + interval '1 month')::date - 1
    WHEN 'ANNEE' THEN (fin + interval '1 year')::date - 1 ELSE fin END >= debut);
