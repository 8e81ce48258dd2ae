-- What its owner hid, then withdrew, stays hidden in its past: its last version says who may read the others.
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

-- The same in the views of the graph as it stood: encore, in lectures_refaire, asks it of the row as it is now.
DO $$
DECLARE
    faite CONSTANT text := pg_get_functiondef('lectures_refaire()'::regprocedure);
    avant CONSTANT text := ' AND NOT EXISTS (SELECT FROM public.%I c WHERE c.id = r.id AND NOT %s)';
    apres CONSTANT text := ' AND NOT EXISTS (SELECT FROM public.%1$I c WHERE c.id = r.id AND NOT %2$s)
        AND (EXISTS (SELECT FROM public.%1$I e WHERE e.id = r.id) OR NOT EXISTS (SELECT FROM public.%1$I_passe c WHERE c.id = r.id AND NOT %2$s
            AND c.revision = (SELECT max(d.revision) FROM public.%1$I_passe d WHERE d.id = r.id)))';
BEGIN
    ASSERT position(avant IN faite) > 0;
    EXECUTE replace(faite, avant, apres);
END $$;
SELECT lectures_refaire();
