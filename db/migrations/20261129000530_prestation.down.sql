DELETE FROM lecture_regle WHERE nom IN ('prestation', 'reference_prestation');
SELECT lectures_refaire();
DROP TABLE reference_prestation, reference_prestation_passe, prestation_passe;
DROP TRIGGER prestation_revision ON prestation;
DROP TRIGGER prestation_journal_ajout ON prestation;
DROP TRIGGER prestation_journal_correction ON prestation;
DROP TRIGGER prestation_journal_retrait ON prestation;
DROP INDEX prestation_logiciel_idx, prestation_prestataire_idx, prestation_territoires_idx, prestation_competences_idx, prestation_types_idx, prestation_source_idx;
ALTER TABLE prestation DROP COLUMN id, DROP COLUMN cle, DROP COLUMN territoires, DROP COLUMN competences, DROP COLUMN description, DROP COLUMN conditions,
    DROP COLUMN site, DROP COLUMN revision, DROP COLUMN ecrit_le, DROP COLUMN tenu;
CREATE INDEX prestation_logiciel_idx ON prestation (logiciel_id, prestataire_id);
