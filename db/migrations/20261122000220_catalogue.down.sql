-- Fails where the graph holds what the former rules refused: nothing is thrown away.
DROP INDEX abonnement_debut_idx;
ALTER TABLE abonnement ADD CONSTRAINT abonnement_entree_id_collectivite_id_debut_key UNIQUE NULLS NOT DISTINCT (entree_id, collectivite_id, debut);
DROP INDEX entree_catalogue_preparation_idx;
ALTER TABLE entree_catalogue DROP CONSTRAINT entree_catalogue_periode;
ALTER TABLE entree_catalogue ADD CONSTRAINT entree_catalogue_catalogue_id_logiciel_id_depuis_key UNIQUE NULLS NOT DISTINCT (catalogue_id, logiciel_id, depuis);
ALTER TABLE adhesion DROP CONSTRAINT adhesion_check1, ADD CONSTRAINT adhesion_check1 CHECK (fin > debut);
ALTER TABLE abonnement DROP CONSTRAINT abonnement_check, ADD CONSTRAINT abonnement_check CHECK (fin > debut);
ALTER TABLE entree_catalogue DROP CONSTRAINT entree_catalogue_check, ADD CONSTRAINT entree_catalogue_check CHECK (jusqua > depuis);
