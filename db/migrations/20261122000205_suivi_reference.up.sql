-- Territories and categories are reference data: their corrections are written down as well.
SELECT suivre('territoire', 'Territoire', 'r.id', 'ARRAY[]::bigint[]', 'NULL::text', false);
SELECT suivre('categorie', 'Categorie', 'r.id', 'ARRAY[]::bigint[]', 'NULL::text', false);
