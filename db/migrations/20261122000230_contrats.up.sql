-- Contracts are listed by their term, those not known last: the lists of an organisation and of a software too.
DROP INDEX contrat_fin_idx, contrat_organisation_idx, contrat_logiciel_idx;
CREATE INDEX contrat_echeance_idx ON contrat ((coalesce(fin, DATE '9999-12-31') - DATE '1970-01-01'), id);
CREATE INDEX contrat_organisation_idx ON contrat (organisation_id, (coalesce(fin, DATE '9999-12-31') - DATE '1970-01-01'), id);
CREATE INDEX contrat_logiciel_idx ON contrat (logiciel_id, (coalesce(fin, DATE '9999-12-31') - DATE '1970-01-01'), id);
CREATE INDEX contrat_passe_organisation_idx ON contrat_passe (organisation_id, id);
CREATE INDEX contrat_passe_logiciel_idx ON contrat_passe (logiciel_id, id);

-- The shares of a saving come in the order of their recording.
DROP INDEX economie_part_idx;
CREATE INDEX economie_part_idx ON economie (part_de_id, id) WHERE part_de_id IS NOT NULL;

-- Why something was withdrawn, in the words of who did.
ALTER TABLE publication ADD COLUMN motif text CHECK (motif <> '');
