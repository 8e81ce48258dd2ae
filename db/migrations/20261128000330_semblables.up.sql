-- Who is like a collectivité: of its nature, the closest in population on both sides, in its département, its région and
-- the whole country, all or those of whom a usage is known. Each is the start of a walk along one of these.
CREATE INDEX organisation_semblable_departement_idx ON organisation (nature, departement, coalesce(population, -1), id) WHERE genre = 'COLLECTIVITE' AND actif;
CREATE INDEX organisation_semblable_idx ON organisation (nature, coalesce(population, -1), id) WHERE genre = 'COLLECTIVITE' AND actif;
CREATE INDEX organisation_connue_region_idx ON organisation (nature, region, coalesce(population, -1), id) WHERE genre = 'COLLECTIVITE' AND actif AND nb_usages > 0;
CREATE INDEX organisation_connue_idx ON organisation (nature, coalesce(population, -1), id) WHERE genre = 'COLLECTIVITE' AND actif AND nb_usages > 0;

-- What the usages of some collectivités say that they replaced, read without the table.
CREATE INDEX usage_remplacant_idx ON usage (utilisateur_id) INCLUDE (remplace_id, logiciel_id, depuis, fin)
    WHERE remplace_id IS NOT NULL AND visibilite = 'PUBLIC' AND statut <> 'PREVU' AND (statut <> 'ABANDONNE' OR fin IS NOT NULL);
