DELETE FROM lecture_regle WHERE nom IN ('candidature', 'candidature_reponse');
DROP SCHEMA lecture_publique, lecture, lecture_au CASCADE;
DROP TABLE candidature_reponse, candidature, label_jury;
DROP TRIGGER label_obtenu_revision ON label_obtenu;
DROP TRIGGER label_obtenu_journal_ajout ON label_obtenu;
DROP TRIGGER label_obtenu_journal_correction ON label_obtenu;
DROP TRIGGER label_obtenu_journal_retrait ON label_obtenu;
DROP INDEX label_obtenu_edition_idx, label_obtenu_niveau_idx, label_obtenu_source_idx;
ALTER TABLE label_obtenu DROP COLUMN revision, DROP COLUMN ecrit_le, DROP COLUMN tenu;
DROP TRIGGER label_edition_revision ON label_edition;
DROP TRIGGER label_edition_journal_ajout ON label_edition;
DROP TRIGGER label_edition_journal_correction ON label_edition;
DROP TRIGGER label_edition_journal_retrait ON label_edition;
DROP INDEX label_edition_annee_idx;
ALTER TABLE label_edition DROP CONSTRAINT label_edition_calendrier, DROP COLUMN cle, DROP COLUMN referentiel_id, DROP COLUMN ouverture, DROP COLUMN cloture,
    DROP COLUMN lieu_remise, DROP COLUMN revision, DROP COLUMN ecrit_le, DROP COLUMN tenu;
DROP TABLE label_question, label_theme, label_niveau, label_referentiel;
SELECT lectures_refaire();
