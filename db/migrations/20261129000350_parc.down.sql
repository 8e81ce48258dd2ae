DROP FUNCTION adoption_mouvoir(bigint[], bigint[], bigint[], bigint[], boolean[], date[], integer[]), adoption_refaire(bigint[]);
ALTER FUNCTION presence_mouvoir(bigint[], bigint[], bigint[], bigint[], boolean[], date[], integer[]) RENAME TO adoption_mouvoir;
ALTER FUNCTION presence_refaire(bigint[]) RENAME TO adoption_refaire;
DROP VIEW parc_attendu;
DROP TABLE parc;
