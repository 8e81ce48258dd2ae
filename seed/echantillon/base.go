package echantillon

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// base is what the sample stands on: real rows, in an order that does not depend on their identifiers.
type base struct {
	organisations []organisation // active collectivités and digital syndicats, by key
	logiciels     []logiciel     // by slug
	categories    []int64        // by code
	epciDe        map[int64]int64
	membresReels  map[[2]int64]bool // groupement, member
	suivant       map[string]int64  // the first free identifier of each table
}

type organisation struct {
	ID          int64
	Cle         string
	Genre       string
	Nature      string // "" for a syndicat
	Nom         string
	Departement string
	Population  int // -1: not known
}

const (
	genreSyndicat  = "SYNDICAT"
	natureCommune  = "COMMUNE"
	competenceNTIC = "9930" // BANATIC 2021: "NTIC (Internet, câble…)"
)

func readBase(ctx context.Context, tx pgx.Tx) (*base, error) {
	b := &base{epciDe: map[int64]int64{}, membresReels: map[[2]int64]bool{}, suivant: map[string]int64{}}
	var err error
	if b.organisations, err = read(ctx, tx, pgx.RowToStructByPos[organisation], `
		SELECT id, cle, genre, coalesce(nature, ''), nom, departement, coalesce(population, -1)
		FROM organisation o
		WHERE actif AND (genre = 'COLLECTIVITE' OR genre = 'SYNDICAT' AND departement <> '' AND EXISTS (
			SELECT FROM competence_exercee c WHERE c.organisation_id = o.id AND c.code = $1))
		ORDER BY cle COLLATE "C"`, competenceNTIC); err != nil {
		return nil, err
	}
	if len(b.organisations) == 0 {
		return nil, ErrBaseVide
	}
	if b.logiciels, err = read(ctx, tx, func(r pgx.CollectableRow) (l logiciel, err error) {
		err = r.Scan(&l.id, &l.libre, &l.categorie)
		return l, err
	}, `
		SELECT id, libre, coalesce((SELECT c.code FROM logiciel_categorie lc JOIN categorie c ON c.id = lc.categorie_id
		                            WHERE lc.logiciel_id = l.id ORDER BY c.code COLLATE "C" LIMIT 1), '')
		FROM logiciel l ORDER BY slug COLLATE "C"`); err != nil {
		return nil, err
	}
	if b.categories, err = read(ctx, tx, pgx.RowTo[int64], `SELECT id FROM categorie ORDER BY code COLLATE "C"`); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `
		SELECT groupement_id, membre_id, coalesce(g.nature = 'EPCI', false) AND via_id IS NULL AND fin IS NULL
		FROM adhesion a JOIN organisation g ON g.id = a.groupement_id ORDER BY g.cle COLLATE "C"`)
	if err != nil {
		return nil, err
	}
	var groupement, membre int64
	var epci bool
	if _, err := pgx.ForEachRow(rows, []any{&groupement, &membre, &epci}, func() error {
		b.membresReels[[2]int64{groupement, membre}] = true
		if epci {
			b.epciDe[membre] = groupement
		}
		return nil
	}); err != nil {
		return nil, err
	}
	for _, table := range tables {
		var id int64
		if err := tx.QueryRow(ctx, `SELECT coalesce(max(id), 0) + 1 FROM `+table).Scan(&id); err != nil {
			return nil, err
		}
		b.suivant[table] = id
	}
	return b, nil
}

// tables are those whose rows the sample numbers itself, after the highest number in use: rows refer to each other
// without a round trip, and the same base gives the same numbers.
var tables = []string{"source", "importation", "logiciel", "adhesion", "catalogue", "entree_catalogue", "abonnement", "usage", "economie"}

func read[T any](ctx context.Context, tx pgx.Tx, scan pgx.RowToFunc[T], sql string, args ...any) ([]T, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}
