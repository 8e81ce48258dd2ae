DROP TRIGGER economie_compte_ajout ON economie;
DROP TRIGGER economie_compte_correction ON economie;
DROP TRIGGER economie_compte_retrait ON economie;
DROP TRIGGER organisation_economie_compte ON organisation;
DROP FUNCTION economie_tenir(), economie_refaire(), economie_recompter(bigint[]), economie_attendue(bigint[]);
DROP TABLE economie_compte, economie_comptee;
DROP FUNCTION economie_annee(date);
DROP VIEW economie_lieu;
DROP FUNCTION economie_redite(economie);
