DROP INDEX organisation_pairs_idx;
DROP TRIGGER usage_libre_ajout ON usage;
DROP TRIGGER usage_libre_correction ON usage;
DROP TRIGGER usage_libre_retrait ON usage;
DROP FUNCTION organisation_libre_tenir();
DROP VIEW organisation_libre_attendue;
DROP TABLE organisation_libre;
