DROP TRIGGER logiciel_categorie_revision ON logiciel_categorie;
DROP TRIGGER logiciel_categorie_journal_ajout ON logiciel_categorie;
DROP TRIGGER logiciel_categorie_journal_correction ON logiciel_categorie;
DROP TRIGGER logiciel_categorie_journal_retrait ON logiciel_categorie;
ALTER TABLE logiciel_categorie DROP COLUMN revision, DROP COLUMN ecrit_le, DROP COLUMN tenu, DROP COLUMN id;
ALTER TABLE organisation_fusionnee DROP COLUMN date_effet;
