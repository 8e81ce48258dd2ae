DO $$
DECLARE
    arguments CONSTANT text := format('%L, %L, %L, %L, %L, %L', 'Contrat', 'r.id', 'ARRAY[r.organisation_id]',
        $q$CASE WHEN 'PRIVE' IN (r.visibilite, r.visibilite_prix) THEN 'PRIVE' WHEN 'ORGANISMES_PUBLICS' IN (r.visibilite, r.visibilite_prix) THEN 'ORGANISMES_PUBLICS' ELSE 'PUBLIC' END$q$, 'oui', '{}');
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER contrat_journal_ajout AFTER INSERT ON contrat REFERENCING NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION journaliser(%s)', arguments);
    EXECUTE format('CREATE OR REPLACE TRIGGER contrat_journal_correction AFTER UPDATE ON contrat REFERENCING OLD TABLE AS anciennes NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION journaliser(%s)', arguments);
    EXECUTE format('CREATE OR REPLACE TRIGGER contrat_journal_retrait AFTER DELETE ON contrat REFERENCING OLD TABLE AS anciennes FOR EACH STATEMENT EXECUTE FUNCTION journaliser(%s)', arguments);
END $$;
DROP INDEX economie_part_idx;
CREATE INDEX economie_part_idx ON economie (part_de_id) WHERE part_de_id IS NOT NULL;
DROP INDEX contrat_passe_organisation_idx, contrat_passe_logiciel_idx, contrat_echeance_idx, contrat_organisation_idx, contrat_logiciel_idx;
CREATE INDEX contrat_organisation_idx ON contrat (organisation_id, id);
CREATE INDEX contrat_logiciel_idx ON contrat (logiciel_id, id);
CREATE INDEX contrat_fin_idx ON contrat (fin, id);
