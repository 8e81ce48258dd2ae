package db

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// TableExport is a list that leaves as a table. The tables are all in export_tables.go: an import reads the columns that
// it finds there by the same names.
type TableExport struct {
	Nom      string // in addresses and commands: "usages"
	Colonnes []ColonneExport
	Parents  []ParentExport

	// filtre is a new filter of the list, a pointer; nil when the list has none.
	filtre    func() any
	modele    any
	jointures []string
	ordre     string
	criteres  func(context.Context, *Store, any) (criteria, error)
}

// Filtre is a new filter of the list, the one that GraphQL takes: a pointer, or nil when the list has none.
func (t *TableExport) Filtre() any {
	if t.filtre == nil {
		return nil
	}
	return t.filtre()
}

// GenreColonne says what the values of a column are, and how [Export.Lignes] writes them.
type GenreColonne uint8

// The kinds of columns.
const (
	ColonneTexte    GenreColonne = iota
	ColonneEntier                // "1200"
	ColonneCentimes              // cents of euros: "78000000" for 780,000.00 €
	ColonneJour                  // "2017-11-15", or only what is known of it: "2017-11", "2017"
	ColonneInstant               // UTC, to the second: "2026-11-22T08:00:00Z"
	ColonneBooleen               // "t" or "f"
	ColonneListe                 // a JSON array of texts
	ColonneID                    // the key behind a public id: identifiant.Global(ColonneExport.Type, key)
)

// ColonneExport is a column of a table.
type ColonneExport struct {
	Nom   string // French, lower case, words joined by "_"
	Genre GenreColonne
	Type  string // of the node, for a ColonneID
	// Redite is true when the column repeats, for people, what another one says or what the graph keeps by itself: an
	// import does not read it.
	Redite bool

	sql string
}

// ParentExport narrows a table to the children of some objects, as the list of a node does in GraphQL.
type ParentExport struct {
	Nom   string   // of the parameter: "syndicat"
	Types []string // of the node

	sql  string // with the keys as its argument
	uuid bool   // the keys are UUIDs: what is none names nothing
}

// DemandeExport is what to export.
type DemandeExport struct {
	Table string
	// Filtre is that of the list in GraphQL, as TableExport.Filtre made it; nil for everything.
	Filtre any
	// Parents keep the children of the objects named, by public id or by key (SIREN, slug), under ParentExport.Nom.
	Parents map[string][]string
}

// Export is a table being read. Close it.
type Export struct {
	Colonnes []ColonneExport

	tx   pgx.Tx
	rows pgx.Rows // the first ones, read ahead
}

const (
	// lotExport is how many rows are asked of PostgreSQL at a time.
	lotExport = 2000
	// delaiLotExport is how long it may take to give them: it does not wait for the client.
	delaiLotExport = time.Minute
)

// Exporter starts the export of what the reader of the context may see, at the instant of the context. The whole of it is
// of one instant. It returns once the first rows are there: what is wrong with the request or the database is known then.
// Errors: those of the filter (CodeArgumentInvalide), CodeDelaiDepasse, CodeIndisponible.
func (s *Store) Exporter(ctx context.Context, d DemandeExport) (*Export, error) {
	tables := TablesExport()
	i := slices.IndexFunc(tables, func(t *TableExport) bool { return t.Nom == d.Table })
	if i < 0 {
		return nil, &Error{Code: CodeIntrouvable, Message: fmt.Sprintf("la table « %s » n'existe pas", d.Table)}
	}
	sql, err := s.sqlExport(ctx, tables[i], d)
	if err != nil {
		return nil, err
	}
	e := &Export{Colonnes: tables[i].Colonnes}
	if e.tx, err = s.lecture.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}); err != nil {
		return nil, Translate(err)
	}
	if err := e.open(ctx, sql); err != nil {
		e.Close()
		return nil, Translate(err)
	}
	return e, nil
}

// sqlExport composes the statement with the same criteria as the list.
func (s *Store) sqlExport(ctx context.Context, t *TableExport, d DemandeExport) (string, error) {
	filter, err := t.criteres(ctx, s, d.Filtre)
	if err != nil {
		return "", err
	}
	q := s.bun.NewSelect().Model(t.modele)
	for _, j := range t.jointures {
		q = q.Join(j)
	}
	for _, c := range t.Colonnes {
		q = q.ColumnExpr(c.sql + " AS " + c.Nom)
	}
	for _, p := range t.Parents {
		valeurs, asked := d.Parents[p.Nom]
		if !asked {
			continue
		}
		cles, err := clesOuIDs(p.Nom, valeurs, p.Types)
		if err != nil {
			return "", err
		}
		if p.uuid {
			cles = uuids(cles)
		}
		q = q.Where(p.sql, bun.List(cles))
	}
	sql, err := filter(q).OrderExpr(t.ordre).AppendQuery(s.base.QueryGen(), nil)
	return string(sql), err
}

// clesOuIDs reads keys, written as they are or inside public ids of the given types.
func clesOuIDs(argument string, valeurs, types []string) ([]string, error) {
	cles := make([]string, len(valeurs))
	for i, v := range valeurs {
		cles[i] = v
		if _, _, err := identifiant.ParseGlobal(v); err != nil {
			continue
		}
		cle, err := keys(argument, []string{v}, types...)
		if err != nil {
			return nil, err
		}
		cles[i] = cle[0]
	}
	return cles, nil
}

// open declares the cursor and waits for its first rows. The planner is told that the first rows matter most: it then
// walks the table in its order, in place of sorting all of it before the first one.
func (e *Export) open(ctx context.Context, sql string) error {
	_, err := e.tx.Exec(ctx, fmt.Sprintf(`SET LOCAL statement_timeout = %d; SET LOCAL cursor_tuple_fraction = 0.0001`, delaiLotExport.Milliseconds()),
		pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return err
	}
	if _, err := e.tx.Exec(ctx, "DECLARE export NO SCROLL CURSOR FOR "+sql); err != nil {
		return err
	}
	return e.fetch(ctx)
}

func (e *Export) fetch(ctx context.Context) (err error) {
	e.rows, err = e.tx.Query(ctx, fmt.Sprintf("FETCH %d FROM export", lotExport), pgx.QueryResultFormats{pgx.TextFormatCode})
	return err
}

// Lignes gives the rows, once: a value for each column, nil for none, to be used before the next row. An error ends it.
func (e *Export) Lignes(ctx context.Context) iter.Seq2[[][]byte, error] {
	return func(yield func([][]byte, error) bool) {
		for {
			n := 0
			for e.rows.Next() {
				n++
				if !yield(e.rows.RawValues(), nil) {
					return
				}
			}
			err := e.rows.Err()
			if err == nil && n == lotExport {
				if err = e.fetch(ctx); err == nil {
					continue
				}
			}
			if err != nil {
				yield(nil, Translate(err))
			}
			return
		}
	}
}

// Close gives the connection back.
func (e *Export) Close() {
	if e.rows != nil {
		e.rows.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = e.tx.Rollback(ctx) // it wrote nothing; a connection that fails is dropped by the pool
}

// jourSQL writes a date with its precision.
func jourSQL(jour, precision string) string {
	return strings.NewReplacer("{jour}", jour, "{precision}", precision).Replace(`CASE {precision} WHEN 'ANNEE' THEN to_char({jour}, 'YYYY')
		WHEN 'MOIS' THEN to_char({jour}, 'YYYY-MM') ELSE to_char({jour}, 'YYYY-MM-DD') END`)
}

// dateSQL writes a day, whatever the settings of the server.
func dateSQL(jour string) string { return "to_char(" + jour + ", 'YYYY-MM-DD')" }

// instantSQL writes a moment.
func instantSQL(instant string) string {
	return "to_char(" + instant + ` AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
}
