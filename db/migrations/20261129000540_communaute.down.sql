DELETE FROM lecture_regle WHERE nom IN ('evaluation_communaute', 'reponse_evaluation');
DROP TRIGGER organisation_communaute ON organisation;
DROP TRIGGER logiciel_utilisateur_communaute_ajout ON logiciel_utilisateur;
DROP TRIGGER logiciel_utilisateur_communaute_correction ON logiciel_utilisateur;
DROP TRIGGER logiciel_utilisateur_communaute_retrait ON logiciel_utilisateur;
DROP SCHEMA lecture_au CASCADE;
DROP TABLE communaute, reponse_evaluation, reponse_evaluation_passe, evaluation_communaute, evaluation_communaute_passe;
DROP FUNCTION communaute_tenir, communaute_evaluee, communaute_utilisee, communaute_peuplee, evaluation_garder;
SELECT lectures_refaire();
