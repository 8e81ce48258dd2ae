DROP TABLE usage_compte, logiciel_utilisateur, nom_alternatif, recherche, fait, label_obtenu, label_edition,
    reference_prix, economie, usage, abonnement, entree_catalogue, catalogue, prestation, logiciel_lien, identifiant,
    logiciel_categorie, logiciel, categorie, competence_exercee, competence, adhesion, territoire, mouvement_commune,
    code_insee, organisation, anomalie, importation, source;
DROP FUNCTION usage_compter(), recherche_tenir();
