DROP TRIGGER usage_citation_ajout ON usage;
DROP TRIGGER usage_citation_correction ON usage;
DROP TRIGGER usage_citation_retrait ON usage;
DROP FUNCTION citation_tenir();
DROP VIEW citation_attendue;
DROP TABLE citation;
