ALTER TABLE retour_lien DROP CONSTRAINT retour_lien_usage_id_fkey,
    ADD CONSTRAINT retour_lien_usage_id_fkey FOREIGN KEY (usage_id) REFERENCES usage;
