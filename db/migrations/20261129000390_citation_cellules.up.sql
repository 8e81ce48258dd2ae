-- The cells of a few users are looked for from these users, and what holds a cell from that cell, whatever the planner
-- knows of how many there are: in a graph just filled, it began with the cells and read all organisations of their nature
-- for each, seventeen million pages to count two usages. OFFSET 0 leaves it nothing but the ids to look for.
DO $$
BEGIN
    EXECUTE replace(replace(pg_get_functiondef('citation_mouvoir'::regproc), $q$
        SELECT organisation_id, cellule_id FROM public.collectivite_cellule WHERE organisation_id = ANY (organisations)
$q$, $q$
        SELECT o.id AS organisation_id, k.id AS cellule_id
        FROM (SELECT * FROM public.organisation WHERE id = ANY (organisations) OFFSET 0) o
        JOIN public.cellule k ON k.niveau = 'CELLULE' AND k.region = o.region AND k.departement = o.departement
            AND k.nature = o.nature AND k.strate = coalesce(o.strate, '')
        WHERE o.genre = 'COLLECTIVITE' AND o.actif
$q$), $q$
        GROUP BY 1, 2, 3, 4
    )$q$, $q$
        WHERE c.cellule_id = ANY (ARRAY(SELECT cellule_id FROM lieux))
        GROUP BY 1, 2, 3, 4
    )$q$);
    EXECUTE replace(pg_get_functiondef('presence_mouvoir'::regproc),
        $q$FROM public.organisation o WHERE o.id = ANY (tous) AND o.genre = 'COLLECTIVITE' AND o.actif$q$,
        $q$FROM (SELECT * FROM public.organisation WHERE id = ANY (tous) OFFSET 0) o WHERE o.genre = 'COLLECTIVITE' AND o.actif$q$);
END $$;
