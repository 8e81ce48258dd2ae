DELETE FROM lecture_regle WHERE nom IN ('developpement', 'participation_developpement');
DROP SCHEMA lecture_publique, lecture, lecture_au CASCADE; -- their views stand before the tables
DROP TABLE participation_developpement, participation_developpement_passe, developpement, developpement_passe;
SELECT lectures_refaire();
