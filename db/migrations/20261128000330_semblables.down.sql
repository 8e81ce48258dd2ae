DROP INDEX usage_remplacant_idx;
ALTER TABLE presence DROP CONSTRAINT presence_pkey, ADD CONSTRAINT presence_pkey PRIMARY KEY (organisation_id, sujet, debut);
DROP INDEX organisation_semblable_departement_idx, organisation_semblable_idx, organisation_connue_region_idx, organisation_connue_idx;
