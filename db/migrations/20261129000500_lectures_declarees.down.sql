-- Back to what is read of the tables known then.
CREATE OR REPLACE FUNCTION lectures_refaire() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    maintenant CONSTANT text := 'CREATE VIEW %1$I.%2$I AS SELECT %3$s FROM public.%2$I r WHERE %4$s';
    a_l_instant CONSTANT text := 'CREATE VIEW lecture_au.%1$I AS
        SELECT %2$s FROM public.%1$I r WHERE r.ecrit_le <= (SELECT lecture_instant()) AND %3$s
        UNION ALL SELECT %2$s FROM public.%4$I r WHERE r.ecrit_le <= (SELECT lecture_instant()) AND r.remplace_le > (SELECT lecture_instant()) AND %3$s%5$s';
    encore CONSTANT text := ' AND NOT EXISTS (SELECT FROM public.%1$I c WHERE c.id = r.id AND NOT %2$s)
        AND (EXISTS (SELECT FROM public.%1$I e WHERE e.id = r.id) OR NOT EXISTS (SELECT FROM public.%1$I_passe c WHERE c.id = r.id AND NOT %2$s
            AND c.revision = (SELECT max(d.revision) FROM public.%1$I_passe d WHERE d.id = r.id)))';
    connu CONSTANT text := $q$(r.visibilite = 'PUBLIC' OR (r.visibilite = 'ORGANISMES_PUBLICS' AND (SELECT lecture_organisme())) OR (SELECT lecture_tout())
        OR r.%s = ANY ((SELECT lecture_siennes())::bigint[]) OR %s)$q$;
    en_cours CONSTANT text := $q$visibilite = 'PUBLIC' AND fin IS NULL AND statut IN ('PRODUCTION', 'EXPERIMENTATION')$q$;
    prix CONSTANT text := 'CASE WHEN %s THEN r.montant_annuel_centimes END';
    v record;
BEGIN
    DROP SCHEMA IF EXISTS lecture_publique, lecture, lecture_au CASCADE;
    CREATE SCHEMA lecture_publique;
    CREATE SCHEMA lecture;
    CREATE SCHEMA lecture_au;

    -- What has a visibility. A contract's price has its own.
    FOR v IN SELECT nom, condition, replace(condition, 'r.visibilite', 'r.visibilite_prix') AS condition_prix FROM (VALUES
        ('usage', format(connu, 'utilisateur_id', 'r.syndicat_id = ANY ((SELECT lecture_siennes())::bigint[])
            OR (r.syndicat_id IS NULL AND r.utilisateur_id = ANY ((SELECT lecture_membres())::bigint[]))')),
        ('economie', format(connu, 'beneficiaire_id', 'r.beneficiaire_id = ANY ((SELECT lecture_membres())::bigint[])')),
        ('contrat', format(connu, 'organisation_id', 'false'))) v (nom, condition)
    LOOP
        EXECUTE format(maintenant, 'lecture_publique', v.nom,
            lecture_colonnes(v.nom, 'montant_annuel_centimes', format(prix, $q$r.visibilite_prix = 'PUBLIC'$q$)), $q$r.visibilite = 'PUBLIC'$q$);
        EXECUTE format(maintenant, 'lecture', v.nom, lecture_colonnes(v.nom, 'montant_annuel_centimes', format(prix, v.condition_prix)), v.condition);
        EXECUTE format(a_l_instant, v.nom, lecture_colonnes(v.nom, 'montant_annuel_centimes', format(prix, v.condition_prix)), v.condition, v.nom || '_passe',
            format(encore, v.nom, replace(v.condition, 'r.', 'c.')) || CASE WHEN v.nom = 'contrat' THEN format(encore, v.nom, replace(v.condition_prix, 'r.', 'c.')) ELSE '' END);
    END LOOP;
    CREATE VIEW lecture_publique.usage_compte AS SELECT * FROM public.usage_compte r WHERE r.visibilite = 'PUBLIC';
    CREATE VIEW lecture.usage_compte AS
        SELECT logiciel_id, departement, statut, modalite, libre, nb, visibilite FROM public.usage_compte
        WHERE visibilite = 'PUBLIC' OR (visibilite = 'ORGANISMES_PUBLICS' AND lecture_organisme()) OR lecture_tout()
        UNION ALL
        SELECT logiciel_id, departement, statut, modalite, libre, 1, visibilite FROM lecture.usage
        WHERE NOT lecture_tout() AND (visibilite = 'PRIVE' OR (visibilite = 'ORGANISMES_PUBLICS' AND NOT lecture_organisme()));
    CREATE VIEW lecture_au.usage_compte AS
        SELECT logiciel_id, departement, statut, modalite, libre, count(*)::integer AS nb, visibilite FROM lecture_au.usage GROUP BY 1, 2, 3, 4, 5, 7;

    -- Proposals concern those two alone, and the syndicat that manages the usages of its members.
    CREATE VIEW lecture_publique.proposition AS SELECT * FROM public.proposition WHERE false;
    CREATE VIEW lecture.proposition AS SELECT * FROM public.proposition
        WHERE lecture_tout() OR prestataire_id = ANY (lecture_siennes()) OR utilisateur_id = ANY (lecture_siennes() || lecture_membres());
    CREATE VIEW lecture_au.proposition AS SELECT * FROM lecture.proposition;

    -- The rest at an instant: the versions written by then and not yet replaced. Counts shown with them are recounted.
    FOR v IN SELECT * FROM (VALUES ('adhesion', '', ''), ('catalogue', '', ''), ('entree_catalogue', '', ''), ('abonnement', '', ''),
        ('organisation', 'nb_usages', '(SELECT count(*)::integer FROM lecture_au.usage u WHERE u.utilisateur_id = r.id AND ' || en_cours || ')'),
        ('logiciel', 'nb_utilisateurs', '(SELECT count(DISTINCT u.utilisateur_id)::integer FROM lecture_au.usage u WHERE u.logiciel_id = r.id AND ' || en_cours || ')'))
        v (nom, compte, calcul)
    LOOP
        EXECUTE format(a_l_instant, v.nom, lecture_colonnes(v.nom, v.compte, v.calcul), 'true', v.nom || '_passe', '');
    END LOOP;
    EXECUTE 'CREATE VIEW lecture_au.logiciel_utilisateur AS
        SELECT logiciel_id, utilisateur_id AS organisation_id, departement, count(*)::integer AS nb FROM lecture_au.usage WHERE ' || en_cours || ' GROUP BY 1, 2, 3';

    -- The journal without the versions that the reader may not see. Who acted is named to its own organisation alone.
    FOR v IN SELECT nom, avant, apres, actuelle, signe FROM (VALUES
        ('lecture_publique', $q$coalesce(r.visibilite_avant, 'PUBLIC') = 'PUBLIC'$q$, $q$coalesce(r.visibilite_apres, 'PUBLIC') = 'PUBLIC'$q$,
            $q$coalesce(lecture_actuelle(r.objet_type, r.objet_id), 'PUBLIC') = 'PUBLIC'$q$, 'false'),
        ('lecture', 'lecture_permise(r.visibilite_avant, r.organisations)', 'lecture_permise(r.visibilite_apres, r.organisations)',
            'lecture_permise(lecture_actuelle(r.objet_type, r.objet_id), r.organisations)', 'lecture_tout() OR r.organisation_id = ANY (lecture_siennes())')) v (nom, avant, apres, actuelle, signe)
    LOOP
        EXECUTE format($q$CREATE VIEW %1$I.journal AS SELECT r.id, r.publication_id, r.genre, r.nom_table, r.objet_type, r.objet_id, r.organisations,
            r.visibilite_avant, r.visibilite_apres, CASE WHEN %2$s AND %4$s THEN r.avant END AS avant, CASE WHEN %3$s AND %4$s THEN r.apres END AS apres
            FROM public.journal r WHERE (r.genre <> 'AJOUT' AND %2$s) OR (r.genre <> 'RETRAIT' AND %3$s)$q$, v.nom, v.avant, v.apres, v.actuelle);
        EXECUTE format($q$CREATE VIEW %1$I.publication AS SELECT r.id, r.numero, r.le, r.operation, r.role, r.organisation_id, r.annule_id, r.motif,
            CASE WHEN %2$s THEN r.sujet ELSE '' END AS sujet, CASE WHEN %2$s THEN r.nom ELSE '' END AS nom FROM public.publication r WHERE r.numero IS NOT NULL$q$,
            v.nom, v.signe);
    END LOOP;
    CREATE VIEW lecture_au.publication AS SELECT * FROM lecture.publication WHERE le <= (SELECT lecture_instant());
    CREATE VIEW lecture_au.journal AS SELECT j.* FROM lecture.journal j WHERE EXISTS (SELECT FROM lecture_au.publication p WHERE p.id = j.publication_id);
END $$;
CREATE OR REPLACE FUNCTION lecture_actuelle(type text, id bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE type
        WHEN 'Usage' THEN coalesce((SELECT x.visibilite FROM public.usage x WHERE x.id = $2),
            (SELECT x.visibilite FROM public.usage_passe x WHERE x.id = $2 ORDER BY x.revision DESC LIMIT 1))
        WHEN 'Economie' THEN coalesce((SELECT x.visibilite FROM public.economie x WHERE x.id = $2),
            (SELECT x.visibilite FROM public.economie_passe x WHERE x.id = $2 ORDER BY x.revision DESC LIMIT 1))
        WHEN 'Contrat' THEN (SELECT CASE WHEN 'PRIVE' IN (v.visibilite, v.visibilite_prix) THEN 'PRIVE'
                WHEN 'ORGANISMES_PUBLICS' IN (v.visibilite, v.visibilite_prix) THEN 'ORGANISMES_PUBLICS' END
            FROM (SELECT x.visibilite, x.visibilite_prix, NULL AS revision FROM public.contrat x WHERE x.id = $2
                UNION ALL SELECT x.visibilite, x.visibilite_prix, x.revision FROM public.contrat_passe x WHERE x.id = $2
                ORDER BY revision DESC NULLS FIRST LIMIT 1) v) END
$$;
SELECT lectures_refaire();
DROP FUNCTION lecture_declarer(text, boolean, text, text, text, text), lecture_actuelle_declaree(text, bigint);
DROP TABLE lecture_regle;
