-- A usage that goes takes along what an experience says of it, as a saving and a fact do.
ALTER TABLE retour_lien DROP CONSTRAINT retour_lien_usage_id_fkey,
    ADD CONSTRAINT retour_lien_usage_id_fkey FOREIGN KEY (usage_id) REFERENCES usage ON DELETE CASCADE;
