DO $$
BEGIN
    EXECUTE replace(pg_get_functiondef('presence_mouvoir'::regproc),
        $q$FROM (SELECT * FROM public.organisation WHERE id = ANY (tous) OFFSET 0) o WHERE o.genre = 'COLLECTIVITE' AND o.actif$q$,
        $q$FROM public.organisation o WHERE o.id = ANY (tous) AND o.genre = 'COLLECTIVITE' AND o.actif$q$);
    EXECUTE replace(replace(pg_get_functiondef('citation_mouvoir'::regproc), $q$
        SELECT o.id AS organisation_id, k.id AS cellule_id
        FROM (SELECT * FROM public.organisation WHERE id = ANY (organisations) OFFSET 0) o
        JOIN public.cellule k ON k.niveau = 'CELLULE' AND k.region = o.region AND k.departement = o.departement
            AND k.nature = o.nature AND k.strate = coalesce(o.strate, '')
        WHERE o.genre = 'COLLECTIVITE' AND o.actif
$q$, $q$
        SELECT organisation_id, cellule_id FROM public.collectivite_cellule WHERE organisation_id = ANY (organisations)
$q$), $q$
        WHERE c.cellule_id = ANY (ARRAY(SELECT cellule_id FROM lieux))$q$, '');
END $$;
