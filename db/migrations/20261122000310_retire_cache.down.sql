CREATE OR REPLACE FUNCTION lecture_actuelle(type text, id bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE type
        WHEN 'Usage' THEN (SELECT x.visibilite FROM public.usage x WHERE x.id = $2)
        WHEN 'Economie' THEN (SELECT x.visibilite FROM public.economie x WHERE x.id = $2)
        WHEN 'Contrat' THEN (SELECT CASE WHEN 'PRIVE' IN (x.visibilite, x.visibilite_prix) THEN 'PRIVE'
            WHEN 'ORGANISMES_PUBLICS' IN (x.visibilite, x.visibilite_prix) THEN 'ORGANISMES_PUBLICS' END FROM public.contrat x WHERE x.id = $2) END
$$;
DO $$
BEGIN
    EXECUTE replace(pg_get_functiondef('lectures_refaire()'::regprocedure), ' AND NOT EXISTS (SELECT FROM public.%1$I c WHERE c.id = r.id AND NOT %2$s)
        AND (EXISTS (SELECT FROM public.%1$I e WHERE e.id = r.id) OR NOT EXISTS (SELECT FROM public.%1$I_passe c WHERE c.id = r.id AND NOT %2$s
            AND c.revision = (SELECT max(d.revision) FROM public.%1$I_passe d WHERE d.id = r.id)))',
        ' AND NOT EXISTS (SELECT FROM public.%I c WHERE c.id = r.id AND NOT %s)');
END $$;
SELECT lectures_refaire();
