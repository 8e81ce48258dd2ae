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


-- A contract is its buyer's alone: the journal tells the syndicat that manages a member's usages nothing of what the
-- member keeps to itself. lecture_permise opens to a syndicat what touches one organisation, a member; so the buyer is
-- written twice.
DO $$
DECLARE
    arguments CONSTANT text := format('%L, %L, %L, %L, %L, %L', 'Contrat', 'r.id', 'ARRAY[r.organisation_id, r.organisation_id]',
        $q$CASE WHEN 'PRIVE' IN (r.visibilite, r.visibilite_prix) THEN 'PRIVE' WHEN 'ORGANISMES_PUBLICS' IN (r.visibilite, r.visibilite_prix) THEN 'ORGANISMES_PUBLICS' ELSE 'PUBLIC' END$q$, 'oui', '{}');
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER contrat_journal_ajout AFTER INSERT ON contrat REFERENCING NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION journaliser(%s)', arguments);
    EXECUTE format('CREATE OR REPLACE TRIGGER contrat_journal_correction AFTER UPDATE ON contrat REFERENCING OLD TABLE AS anciennes NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION journaliser(%s)', arguments);
    EXECUTE format('CREATE OR REPLACE TRIGGER contrat_journal_retrait AFTER DELETE ON contrat REFERENCING OLD TABLE AS anciennes FOR EACH STATEMENT EXECUTE FUNCTION journaliser(%s)', arguments);
END $$;
