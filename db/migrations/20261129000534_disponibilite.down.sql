DELETE FROM lecture_regle WHERE nom IN ('disponibilite', 'disponibilite_logiciel', 'message_developpeur');
SELECT lectures_refaire();
DROP TABLE message_developpeur, disponibilite_logiciel, disponibilite;
