ALTER TABLE publication DROP COLUMN motif;
DROP INDEX economie_part_idx;
CREATE INDEX economie_part_idx ON economie (part_de_id) WHERE part_de_id IS NOT NULL;
DROP INDEX contrat_passe_organisation_idx, contrat_passe_logiciel_idx, contrat_echeance_idx, contrat_organisation_idx, contrat_logiciel_idx;
CREATE INDEX contrat_organisation_idx ON contrat (organisation_id, id);
CREATE INDEX contrat_logiciel_idx ON contrat (logiciel_id, id);
CREATE INDEX contrat_fin_idx ON contrat (fin, id);
