DELETE FROM lecture_regle WHERE nom IN ('retour_experience', 'retour_lien', 'chiffre_retour');
DROP SCHEMA lecture_publique, lecture, lecture_au CASCADE; -- their views stand before the tables
DROP TABLE chiffre_retour, chiffre_retour_passe, retour_lien, retour_lien_passe, retour_experience, retour_experience_passe;
SELECT lectures_refaire();
