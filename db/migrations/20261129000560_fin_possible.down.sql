ALTER TABLE developpement DROP CONSTRAINT developpement_check;
ALTER TABLE developpement ADD CONSTRAINT developpement_check CHECK (fin >= debut);
