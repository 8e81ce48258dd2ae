ALTER FUNCTION adoption_appliquer(bigint[], bigint[], boolean[], date[], integer[], bigint[], bigint[]) RESET work_mem;
CREATE VIEW parc_attendu AS
    SELECT v.organisation_id, v.debut, v.fin, array_agg(p.sujet ORDER BY p.sujet) AS logiciels
    FROM (SELECT organisation_id, debut, lead(debut) OVER (PARTITION BY organisation_id ORDER BY debut) AS fin
          FROM (SELECT organisation_id, CASE WHEN debut > current_date THEN debut ELSE '-infinity' END AS debut FROM public.presence
                WHERE sujet > 0 AND (fin IS NULL OR fin > current_date)
                UNION SELECT organisation_id, fin FROM public.presence WHERE sujet > 0 AND fin > current_date) x) v
    JOIN public.presence p ON p.organisation_id = v.organisation_id AND p.sujet > 0
        AND p.debut <= greatest(v.debut, current_date) AND (p.fin IS NULL OR p.fin > greatest(v.debut, current_date))
    GROUP BY 1, 2, 3;

DO $$
BEGIN
    EXECUTE replace(replace(replace(replace(replace(replace(pg_get_functiondef('presence_mouvoir'::regproc),
        $q$
    quoi bigint[] := ARRAY(SELECT DISTINCT s FROM unnest(sujets) s);$q$, ''), $q$
            FROM (SELECT f.organisation_id, s.sujet, f.debut, f.fin
                  FROM public.adoption_fait f JOIN public.logiciel_sujet s ON s.logiciel_id = f.logiciel_id AND (f.libre OR NOT s.libre)
                  WHERE f.organisation_id = ANY (tous) AND s.sujet = ANY (quoi) OFFSET 0) f -- then only
            JOIN touches t ON t.organisation_id = f.organisation_id AND t.sujet = f.sujet
$q$, $q$
            FROM public.adoption_fait f
            JOIN public.logiciel_sujet s ON s.logiciel_id = f.logiciel_id AND (f.libre OR NOT s.libre)
            JOIN touches t ON t.organisation_id = f.organisation_id AND t.sujet = s.sujet
            WHERE f.organisation_id = ANY (tous)
$q$), ', p.ctid AS place', ''),
        'SELECT organisation_id, sujet, debut, fin FROM avant EXCEPT SELECT * FROM apres', 'SELECT * FROM avant EXCEPT SELECT * FROM apres'),
        'SELECT * FROM apres EXCEPT SELECT organisation_id, sujet, debut, fin FROM avant', 'SELECT * FROM apres EXCEPT SELECT * FROM avant'),
        $q$
        DELETE FROM public.presence WHERE ctid = ANY (ARRAY(SELECT a.place FROM avant a
            JOIN (SELECT organisation_id, sujet, debut FROM partis EXCEPT SELECT organisation_id, sujet, debut FROM arrives) x USING (organisation_id, sujet, debut)))
$q$, $q$
        DELETE FROM public.presence p USING (SELECT organisation_id, sujet, debut FROM partis EXCEPT SELECT organisation_id, sujet, debut FROM arrives) x
        WHERE p.organisation_id = ANY (tous) AND p.organisation_id = x.organisation_id AND p.sujet = x.sujet AND p.debut = x.debut
$q$);
    EXECUTE replace(pg_get_functiondef('adoption_refaire'::regproc), 'SELECT * FROM parc_attendu(ARRAY(SELECT DISTINCT organisation_id FROM presence));', 'SELECT * FROM parc_attendu;');
    EXECUTE replace(pg_get_functiondef('adoption_mouvoir'::regproc), 'parc_attendu(tous)', 'parc_attendu a WHERE a.organisation_id = ANY (tous)');
END $$;
DROP FUNCTION parc_attendu(bigint[]);
