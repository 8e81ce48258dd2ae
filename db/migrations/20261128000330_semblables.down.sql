DROP INDEX usage_utilisateur_remplace_idx;
ALTER TABLE presence DROP CONSTRAINT presence_pkey, ADD CONSTRAINT presence_pkey PRIMARY KEY (organisation_id, sujet, debut);
DROP INDEX organisation_semblable_departement_idx, organisation_semblable_region_idx, organisation_semblable_idx;
