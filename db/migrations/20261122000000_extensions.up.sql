-- Where the role may not create extensions, an administrator has done it before.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS unaccent;

-- French words with or without their accents: « état » finds « etat ».
CREATE TEXT SEARCH CONFIGURATION francais (COPY = french);
ALTER TEXT SEARCH CONFIGURATION francais ALTER MAPPING FOR hword, hword_part, word WITH unaccent, french_stem;
