DROP TRIGGER usage_adoption_ajout ON usage;
DROP TRIGGER usage_adoption_correction ON usage;
DROP TRIGGER usage_adoption_retrait ON usage;
DROP TRIGGER abonnement_adoption_ajout ON abonnement;
DROP TRIGGER abonnement_adoption_correction ON abonnement;
DROP TRIGGER abonnement_adoption_retrait ON abonnement;
DROP TRIGGER entree_catalogue_adoption ON entree_catalogue;
DROP TRIGGER logiciel_adoption ON logiciel;
DROP TRIGGER logiciel_sujets ON logiciel;
DROP TRIGGER logiciel_categorie_sujets_ajout ON logiciel_categorie;
DROP TRIGGER logiciel_categorie_sujets_correction ON logiciel_categorie;
DROP TRIGGER logiciel_categorie_sujets_retrait ON logiciel_categorie;
DROP TRIGGER categorie_sujets ON categorie;
DROP TRIGGER organisation_adoption_ajout ON organisation;
DROP TRIGGER organisation_adoption_correction ON organisation;
DROP TRIGGER organisation_adoption_retrait ON organisation;
DROP VIEW adoption_fait, collectivite_cellule;
DROP FUNCTION logiciel_sujet_attendu(bigint[]), adoption_tenir(), adoption_comptee(text, text, date, date), adoption_sujets(), adoption_deplacer(), adoption_refaire(bigint[]), adoption_suite(),
    adoption_differer(), adoption_solder(), adoption_appliquer(bigint[], bigint[], boolean[], date[], integer[], bigint[], bigint[]),
    adoption_mouvoir(bigint[], bigint[], bigint[], bigint[], boolean[], date[], integer[]), adoption_rang(date), ajouter(integer[], integer[]), cellule_compter(text[], text[], text[], text[], integer[], bigint[]);
DROP INDEX usage_logiciel_fin_idx;
DROP TABLE adoption_mois, adoption_mois_lieu, adoption, presence, cellule;
DROP TABLE logiciel_sujet;
