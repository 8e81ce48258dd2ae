DELETE FROM lecture_regle WHERE nom IN ('besoin', 'besoin_budget', 'reponse_besoin');
SELECT lectures_refaire();
DROP TABLE reponse_besoin, besoin_participant, besoin_budget, besoin;
