-- What a syndicat offers, and who its members are, now written by many hands at once.

-- What begins and ends the same day never was: published, subscribed or declared by mistake, then withdrawn.
ALTER TABLE entree_catalogue DROP CONSTRAINT entree_catalogue_check, ADD CONSTRAINT entree_catalogue_check CHECK (jusqua >= depuis);
ALTER TABLE abonnement DROP CONSTRAINT abonnement_check, ADD CONSTRAINT abonnement_check CHECK (fin >= debut);
ALTER TABLE adhesion DROP CONSTRAINT adhesion_check1, ADD CONSTRAINT adhesion_check1 CHECK (fin >= debut);

-- A software stands once at a time in a catalogue; one withdrawn at an unknown date hinders nothing.
ALTER TABLE entree_catalogue DROP CONSTRAINT entree_catalogue_catalogue_id_logiciel_id_depuis_key;
ALTER TABLE entree_catalogue ADD CONSTRAINT entree_catalogue_periode EXCLUDE USING gist
    (catalogue_id WITH =, logiciel_id WITH =, daterange(depuis, jusqua) WITH &&)
    WHERE (statut = 'PROPOSEE' OR (statut = 'RETIREE' AND jusqua IS NOT NULL));
CREATE UNIQUE INDEX entree_catalogue_preparation_idx ON entree_catalogue (catalogue_id, logiciel_id) WHERE statut = 'EN_PREPARATION';

ALTER TABLE abonnement DROP CONSTRAINT abonnement_entree_id_collectivite_id_debut_key;
CREATE UNIQUE INDEX abonnement_debut_idx ON abonnement (entree_id, collectivite_id, debut) NULLS NOT DISTINCT
    WHERE debut IS NULL OR fin IS NULL OR fin > debut;
