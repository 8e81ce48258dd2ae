package db

import "github.com/uptrace/bun"

// What a key names: the only place where the keys of what was merged are followed. Each selects (id, cle) for the keys
// given as ?0: the row that bears the key or, when none does any more, the one it was merged into. Read at an instant
// before the merger, the former row is there again, and is the one named.
const (
	logicielsNommes = `SELECT n.id, n.slug AS cle FROM logiciel n WHERE n.slug IN (?0)
		UNION ALL SELECT f.logiciel_id, f.slug FROM logiciel_fusionne f WHERE f.slug IN (?0)
			AND NOT EXISTS (SELECT FROM logiciel n WHERE n.slug = f.slug)`
	organisationsNommees = `SELECT n.id, n.cle FROM organisation n WHERE n.cle IN (?0)
		UNION ALL SELECT f.organisation_id, f.cle FROM organisation_fusionnee f WHERE f.cle IN (?0)
			AND NOT EXISTS (SELECT FROM organisation n WHERE n.cle = f.cle)`
	organisationsDeSiren = `SELECT n.id, n.siren AS cle FROM organisation n WHERE n.siren IN (?0)
		UNION ALL SELECT f.organisation_id, f.cle FROM organisation_fusionnee f WHERE f.cle IN (?0)
			AND NOT EXISTS (SELECT FROM organisation n WHERE n.siren = f.cle)`
)

// nommes keeps the rows that keys name.
func nommes(q *bun.SelectQuery, nomment string, cles ...string) *bun.SelectQuery {
	return q.Where("?TableAlias.id = ANY (ARRAY(SELECT k.id FROM ("+nomment+") k))", bun.List(cles))
}
