DELETE FROM lecture_regle WHERE nom IN ('reseau', 'reseau_lien', 'serie_rencontres', 'rencontre', 'rencontre_organisateur', 'rencontre_besoin',
    'intervention', 'intervention_organisation', 'intervention_logiciel', 'participation');
DROP SCHEMA lecture_publique, lecture, lecture_au CASCADE; -- their views hold the tables
ALTER TABLE fait DROP COLUMN rencontre_id;
DROP TABLE participation, participation_passe, intervention_logiciel, intervention_logiciel_passe, intervention_organisation, intervention_organisation_passe,
    intervention, intervention_passe, rencontre_besoin, rencontre_besoin_passe, rencontre_organisateur, rencontre_organisateur_passe,
    rencontre, rencontre_passe, serie_rencontres, serie_rencontres_passe, reseau_lien, reseau_lien_passe, reseau, reseau_passe;
SELECT lectures_refaire();
