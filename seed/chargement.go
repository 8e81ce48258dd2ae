package seed

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// chargement is one file being read inside the transaction of the import. Every reader has the signature
// func(ctx, *chargement, fichier) error: it collects its rows with lignes, looks natural keys up, and writes with merge.
type chargement struct {
	tx         pgx.Tx
	maintenant time.Time
	progres    func(etape string, fait, total int)
	rapport    *Rapport
	erreurs    *Erreurs            // bad lines, of every file of the import
	touchees   map[string]struct{} // tables written, to ANALYZE
	sources    map[string]int64    // by cle; those this file cites
	cache      *caches
	fichier    fichier
}

// caches are the natural keys read back from the database, shared by the files of one import.
type caches struct {
	organisations *annuaire
	logiciels     *ludotheque
}

// refuse records a bad line: the import will fail once the file is read to its end.
// It returns false when there are too many to go on.
func (c *chargement) refuse(a *Anomalie) bool {
	if len(c.erreurs.Anomalies) >= MaxErreurs {
		c.erreurs.Tronque = true
		return false
	}
	c.erreurs.Anomalies = append(c.erreurs.Anomalies, a)
	return true
}

// report records a warning: what the reader could not settle alone and a person should look at.
func (c *chargement) report(ligne int, colonne, valeur, motif string) {
	c.rapport.Anomalies = append(c.rapport.Anomalies, *nouvelleAnomalie(c.fichier.nom, ligne, colonne, valeur, motif))
}

// lignes reads the whole of seq, recording bad rows. It fails with c.erreurs when there was any, so that what follows
// works on sound rows only.
func lignes[T any](c *chargement, seq iter.Seq2[T, error]) ([]T, error) {
	var out []T
	avant := len(c.erreurs.Anomalies)
	for l, err := range seq {
		if err == nil {
			out = append(out, l)
			continue
		}
		var a *Anomalie
		if !errors.As(err, &a) {
			return nil, err
		}
		if !c.refuse(a) {
			break
		}
	}
	if len(c.erreurs.Anomalies) > avant {
		return nil, c.erreurs
	}
	return out, nil
}

// bilanErreurs is what a reader returns after its own checks: c.erreurs when it refused a line, else nil.
func (c *chargement) bilanErreurs() error {
	if len(c.erreurs.Anomalies) > 0 {
		return c.erreurs
	}
	return nil
}

// origine is a row of the table source.
type origine struct{ cle, nom, url, licence string }

// source returns the id of the source, added or corrected on the way.
func (c *chargement) source(ctx context.Context, o origine) (int64, error) {
	if id, ok := c.sources[o.cle]; ok {
		return id, nil
	}
	var id int64
	err := c.tx.QueryRow(ctx, `
		WITH vu AS (
			UPDATE source SET nom = $2, url = nullif($3, ''), licence = nullif($4, '') WHERE cle = $1
			AND (nom, url, licence) IS DISTINCT FROM ($2, nullif($3, ''), nullif($4, ''))
		)
		SELECT id FROM source WHERE cle = $1`, o.cle, o.nom, o.url, o.licence).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		err = c.tx.QueryRow(ctx, `INSERT INTO source (cle, nom, url, licence, importe_le)
			VALUES ($1, $2, nullif($3, ''), nullif($4, ''), $5) RETURNING id`, o.cle, o.nom, o.url, o.licence, c.maintenant).Scan(&id)
	}
	if err != nil {
		return 0, fmt.Errorf("source %s : %w", o.cle, err)
	}
	c.sources[o.cle] = id
	return id, nil
}

// fusion describes how the rows of a file meet those of a table: by their natural key.
type fusion struct {
	table    string
	colonnes []string // in the order of the values of a row
	cle      []string // the natural key, never null
	cleNulle []string // the rest of the key, in which null equals null
	fige     []string // written with a new row, never corrected
	muet     bool     // not counted in the report: rows that only follow from others
}

// merge brings the table to what the rows say: COPY into a temporary table, then a correction of the rows that
// differ and an insertion of those that are missing, counted in the report. Rows of the table that the file does not
// have stay. Two rows of the file with one key make PostgreSQL fail or, for nullable keys, insert twice: the caller
// removes them before. What was merged into something else does not come back: its row changes nothing. Nothing is
// written, not even a lock on a row, where nothing differs.
func (c *chargement) merge(ctx context.Context, f fusion, rangs iter.Seq[[]any]) error {
	nom := "import_" + f.table
	cible := pgx.Identifier{f.table}.Sanitize()
	cols := strings.Join(f.colonnes, ", ")
	if _, err := c.tx.Exec(ctx, fmt.Sprintf(`CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT %s FROM %s WITH NO DATA`, nom, cols, cible)); err != nil {
		return fmt.Errorf("table d'arrivée de %s : %w", f.table, err)
	}
	suivant, arret := iter.Pull(rangs)
	defer arret()
	n, err := c.tx.CopyFrom(ctx, pgx.Identifier{nom}, f.colonnes, pgx.CopyFromFunc(func() ([]any, error) {
		rang, ok := suivant()
		if !ok {
			return nil, nil
		}
		return rang, nil
	}))
	if err != nil {
		return fmt.Errorf("copie vers %s : %w", f.table, err)
	}
	var jointure, autres []string
	for _, k := range f.cle {
		jointure = append(jointure, fmt.Sprintf("t.%s = s.%s", k, k))
	}
	for _, k := range f.cleNulle {
		jointure = append(jointure, fmt.Sprintf("t.%s IS NOT DISTINCT FROM s.%s", k, k))
	}
	for _, k := range f.colonnes {
		if !slices.Contains(f.cle, k) && !slices.Contains(f.cleNulle, k) && !slices.Contains(f.fige, k) {
			autres = append(autres, k)
		}
	}
	on := strings.Join(jointure, " AND ")
	corrections := int64(0)
	if _, err := c.tx.Exec(ctx, "ANALYZE "+nom); err != nil {
		return err
	}
	if len(autres) > 0 {
		var set, avant, apres []string
		for _, k := range autres {
			set, avant, apres = append(set, k+" = s."+k), append(avant, "t."+k), append(apres, "s."+k)
		}
		tag, err := c.tx.Exec(ctx, fmt.Sprintf(`UPDATE %s t SET %s FROM %s s WHERE %s AND (%s) IS DISTINCT FROM (%s)%s`,
			cible, strings.Join(set, ", "), nom, on, strings.Join(avant, ", "), strings.Join(apres, ", "), tenu(f.table)))
		if err != nil {
			return fmt.Errorf("correction de %s : %w", f.table, err)
		}
		corrections = tag.RowsAffected()
	}
	tag, err := c.tx.Exec(ctx, fmt.Sprintf(`INSERT INTO %s (%s) SELECT %s FROM %s s WHERE NOT EXISTS (SELECT FROM %s t WHERE %s)%s`,
		cible, cols, cols, nom, cible, on, fondus(f.table)))
	if err != nil {
		return fmt.Errorf("ajout à %s : %w", f.table, err)
	}
	if _, err := c.tx.Exec(ctx, "DROP TABLE "+nom); err != nil {
		return err
	}
	ajouts := tag.RowsAffected()
	if !f.muet {
		c.rapport.Ajouts += int(ajouts)
		c.rapport.Corrections += int(corrections)
		c.rapport.Inchanges += int(n - ajouts - corrections)
	}
	if ajouts+corrections > 0 {
		c.modifiee(f.table)
	}
	return nil
}

// mergeInherited is merge for lines that may name what was merged into something else: those, given apart, may only add
// what is missing. What the table says, another line or the merger decided.
func (c *chargement) mergeInherited(ctx context.Context, f fusion, rangs, fondus [][]any) error {
	if err := c.merge(ctx, f, slices.Values(rangs)); err != nil {
		return err
	}
	f.fige = slices.DeleteFunc(slices.Clone(f.colonnes), func(k string) bool { return slices.Contains(f.cle, k) || slices.Contains(f.cleNulle, k) })
	return c.merge(ctx, f, slices.Values(fondus))
}

// tenu leaves out what an organisation wrote itself: a file has no say in it any more. Who and where organisations are
// stays what the official files say.
func tenu(table string) string {
	if slices.Contains([]string{"logiciel", "identifiant", "logiciel_lien", "adhesion", "catalogue", "entree_catalogue", "abonnement", "usage", "economie", "label_edition", "label_obtenu", "reseau", "serie_rencontres", "rencontre", "intervention", "retour_experience", "developpement", "participation_developpement", "ressource_support", "prestation", "reference_prestation"}, table) {
		return " AND NOT t.tenu"
	}
	return ""
}

// fondus leaves out what was merged into something else.
func fondus(table string) string {
	switch table {
	case "organisation":
		return " AND NOT EXISTS (SELECT FROM organisation_fusionnee x WHERE x.cle = s.cle)"
	case "logiciel":
		return " AND NOT EXISTS (SELECT FROM logiciel_fusionne x WHERE x.slug = s.slug)"
	}
	return ""
}

// modifiee notes that the table changed: it will be analysed, and the keys read from it are read again.
func (c *chargement) modifiee(table string) {
	c.touchees[table] = struct{}{}
	switch table {
	case "organisation", "code_insee", "nom_alternatif":
		c.cache.organisations = nil
	case "logiciel", "identifiant":
		c.cache.logiciels = nil
	}
}

// tenues are the tables that triggers keep beside others.
var tenues = map[string][]string{
	"organisation": {"cellule"},
	"logiciel":     {"logiciel_sujet"},
	"usage":        {"presence", "implantation", "adoption", "adoption_mois", "citation", "citation_mois"},
	"economie":     {"economie_comptee", "economie_compte"},
}

// analyze refreshes the planner's statistics of the tables that changed, and of those kept beside them.
func analyze(ctx context.Context, tx pgx.Tx, tables map[string]struct{}) error {
	changed := slices.Sorted(maps.Keys(tables))
	for _, t := range slices.Clone(changed) {
		changed = append(changed, tenues[t]...)
	}
	for _, t := range changed {
		if _, err := tx.Exec(ctx, "ANALYZE "+pgx.Identifier{t}.Sanitize()); err != nil {
			return fmt.Errorf("statistiques de %s : %w", t, err)
		}
	}
	return nil
}

// ids reads keys of a table back, each with the row that it names.
func (c *chargement) ids(ctx context.Context, sql string) (map[string]int64, error) {
	rows, err := c.tx.Query(ctx, sql)
	if err != nil {
		return nil, fmt.Errorf("lecture des clés : %w", err)
	}
	known := map[string]int64{}
	var cle string
	var id int64
	_, err = pgx.ForEachRow(rows, []any{&cle, &id}, func() error {
		known[cle] = id
		return nil
	})
	return known, err
}

// cles is ids for a table whose key is the column cle.
func (c *chargement) cles(ctx context.Context, table string) (map[string]int64, error) {
	return c.ids(ctx, `SELECT cle::text, id FROM `+pgx.Identifier{table}.Sanitize())
}

// categories gives the categories, by code.
func (c *chargement) categories(ctx context.Context) (map[string]int64, error) {
	return c.ids(ctx, `SELECT code, id FROM categorie`)
}

// chaque turns values into rows for merge.
func chaque[T any](valeurs []T, rang func(T) []any) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for _, v := range valeurs {
			if !yield(rang(v)) {
				return
			}
		}
	}
}

// nul is nil for the zero value, else the value: "" and 0 are not known, in the files that write them so.
func nul[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}
