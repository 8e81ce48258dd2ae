DELETE FROM lecture_regle WHERE nom = 'ressource_support';
DROP SCHEMA lecture_publique, lecture, lecture_au CASCADE; -- their views stand before the table
DROP TABLE ressource_support, ressource_support_passe;
SELECT lectures_refaire();
