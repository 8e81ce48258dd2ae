package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/domain/droit"
)

// VerrouImport is the key of the advisory lock that keeps two imports apart ("mutualib" in ASCII).
const VerrouImport = int64(0x6d757475616c6962)

// OptionsImport are choices about a whole import.
type OptionsImport struct {
	// Source is what lines rest on that do not say it; nil: the word of the organisation that acts.
	Source *SourceInput
	// Attendre waits for the import under way, if there is one, in place of giving up.
	Attendre bool
}

// Effet is what an import does of a line.
type Effet string

// The effects; a line without any is refused.
const (
	Ajout      Effet = "AJOUT"
	Correction Effet = "CORRECTION"
	Inchange   Effet = "INCHANGE"
)

// Importation is an import: one transaction, one identity, one publication of the journal. Judge may be called many times,
// from one goroutine; then Write and Commit, unless nothing is to be kept; always Close.
type Importation struct {
	Table *TableImport

	e       *ecriture
	conn    bun.Conn
	options OptionsImport
	verse   func(context.Context, []*LigneImport) error
	flush   func(context.Context) error // writes the good lines judged so far
	signed  bool

	annuaire *annuaireImport
	sources  *sourcesImport
	regles   map[droit.Action]droit.Regle
}

// Import starts the import of a table, for the identity of ctx. Errors: CodeNonAuthentifie; CodeIntrouvable for a table
// that does not exist; CodeIndisponible when another import is under way.
func (s *Store) Import(ctx context.Context, table string, o OptionsImport) (_ *Importation, err error) {
	qui := IdentiteDe(ctx)
	if qui == nil {
		return nil, nonAuthentifie("un import demande un jeton : en-tête « Authorization: Bearer … »")
	}
	t, err := tableImport(table)
	if err != nil {
		return nil, err
	}
	i := &Importation{Table: t, options: o, regles: droit.Regles()}
	if i.conn, err = s.base.Conn(ctx); err != nil {
		return nil, Translate(err)
	}
	tx, err := i.conn.BeginTx(ctx, nil)
	if err != nil {
		i.conn.Close()
		return nil, Translate(err)
	}
	i.e = &ecriture{Store: &Store{pool: s.pool, base: s.base, bun: tx, lecture: s.lecture, sql: s.sql}, tx: tx, qui: qui, action: droit.Action("import " + table)}
	if err := i.start(ctx); err != nil {
		i.Close()
		return nil, Translate(err)
	}
	return i, nil
}

// start keeps other imports out, and reads what references are resolved with.
func (i *Importation) start(ctx context.Context) (err error) {
	if _, err := i.e.tx.NewRaw(`SET LOCAL statement_timeout = 0; SELECT adoption_differer()`).Exec(ctx); err != nil {
		return err
	}
	alone := true
	if i.options.Attendre {
		_, err = i.e.tx.NewRaw(`SELECT pg_advisory_xact_lock(?)`, VerrouImport).Exec(ctx)
	} else {
		err = i.e.tx.NewRaw(`SELECT pg_try_advisory_xact_lock(?)`, VerrouImport).Scan(ctx, &alone)
	}
	if err != nil {
		return err
	}
	if !alone {
		return &Error{Code: CodeIndisponible, Message: "un autre import est en cours : réessayez dans quelques instants"}
	}
	if err := i.e.tx.NewSelect().ColumnExpr("now()").Scan(ctx, &i.e.maintenant); err != nil {
		return err
	}
	if i.annuaire, err = readAnnuaire(ctx, i.e.tx); err != nil {
		return err
	}
	var acting []int64
	for _, d := range i.e.qui.Droits {
		acting = append(acting, d.OrganisationID)
	}
	if err := i.annuaire.readNumbered(ctx, i.e.tx, acting); err != nil {
		return err
	}
	if i.sources, err = readSources(ctx, i.e.tx); err != nil {
		return err
	}
	i.verse, err = i.Table.open(ctx, i)
	return err
}

// Judge says the effect of each line, or its faults, and writes, now or in Write, those that have none. Lines come in the
// order of the file: each is judged as if those before it were written.
func (i *Importation) Judge(ctx context.Context, lines []*LigneImport) error {
	for _, l := range lines {
		l.Table = i.Table
	}
	if err := i.annuaire.readNamed(ctx, i.e.tx, lines); err != nil {
		return translateWrite(err)
	}
	for _, l := range lines {
		i.resolve(l)
	}
	return translateWrite(i.verse(ctx, lines))
}

// Write writes the good lines that Judge kept to write them together.
func (i *Importation) Write(ctx context.Context) error { return translateWrite(i.flush(ctx)) }

// Commit keeps what was written, and returns the number of its publication; nil when nothing was.
func (i *Importation) Commit(ctx context.Context) (*int64, error) {
	var id sql.NullInt64
	if i.signed {
		if err := i.e.tx.NewRaw(`SELECT current_setting('mutualibre.publication')::bigint`).Scan(ctx, &id); err != nil {
			return nil, Translate(err)
		}
	}
	if _, err := i.e.tx.NewRaw(`SELECT adoption_solder()`).Exec(ctx); err != nil {
		return nil, translateWrite(err)
	}
	if err := i.e.tx.Commit(); err != nil {
		return nil, translateWrite(err)
	}
	if !id.Valid {
		return nil, nil
	}
	var numero *int64
	err := i.conn.NewRaw(`SELECT numero FROM publication WHERE id = ?`, id.Int64).Scan(ctx, &numero)
	return numero, Translate(err)
}

// Close forgets what was not committed.
func (i *Importation) Close() {
	_ = i.e.tx.Rollback() // after a commit it does nothing
	_ = i.conn.Close()
}

// may is that of the identity: see [Identite].
func (i *Importation) may(action droit.Action, organisation, tiers int64) (Droit, bool) {
	return i.e.qui.mayUnder(i.regles, action, organisation, tiers)
}

// sign opens the publication, before the first row is written.
func (i *Importation) sign(ctx context.Context, d Droit) error {
	if i.signed {
		return nil
	}
	i.signed = true
	return openPublication(ctx, i.e.tx, string(i.e.action), i.e.qui, d)
}

// checked runs a check of the mutations, whose faults become those of the line.
func (i *Importation) checked(l *LigneImport, check func(e *ecriture) error) error {
	i.e.droit, i.e.fautes = l.droit, nil
	err := check(i.e)
	var fautes Fautes
	if errors.As(err, &fautes) && len(i.e.fautes) == 0 {
		i.e.fautes = fautes
	}
	for _, f := range i.e.fautes {
		l.add(f)
	}
	refused := len(i.e.fautes) > 0
	i.e.fautes = nil
	if refused {
		return nil
	}
	return err
}

// genreImport is how the lines of a table become rows of the graph.
type genreImport[M any] interface {
	// origine says where rows are read: the columns, and that of their key.
	origine() (columns []string, key string)
	// actions are those of the mutations that add and correct.
	actions() (declarer, corriger droit.Action)
	// identite is the row's id, its key and its revision.
	identite(*M) (id int64, cle string, revision int)
	// touche are the organisation that a row belongs to and the third party that it passes through, and who may read it.
	touche(*M) (organisation, tiers int64, v Visibilite)
	// nouvelle is the row of a line that names none: its references, and its default values.
	nouvelle(*LigneImport) *M
	// famille is what a line and the rows that it may stand for have in common.
	famille(*M) string
	// freres reads the rows of the families of these.
	freres(ctx context.Context, rows []*M) ([]*M, error)
	// meme chooses, among the rows of its family, the one that a line stands for; a fault says that it cannot tell.
	meme(l *LigneImport, row *M, freres []*M) *M
	// remplit gives a row what the line says.
	remplit(l *LigneImport, row *M)
	// source is the source of a row.
	source(*M) *int64
	// verifie notes why a row may not become another one; before is nil for a new one. It is the place of the rules of the
	// mutations. freres are the others of the family, as they stand once the lines before are written.
	verifie(ctx context.Context, l *LigneImport, before, after *M, freres []*M) error
	// ecrit is the row that the table holds: the columns that a correction writes first, then those that only a new row has.
	ecrit(*M) (corrigees, figees []any)
	// table says where: the columns of ecrit.
	table() (nom string, corrigees, figees []string)
	// suite does what follows from a correction, once it is written.
	suite(ctx context.Context, before, after *M) error
}

// versement is the import of one table under way.
type versement[M any] struct {
	*Importation
	g       genreImport[M]
	prises  map[int64]int  // row id → the line that stands for it
	ajoutes map[string]int // key of an added row → its line
	pending []*ecrite[M]
	enCours map[string][]*M // the families of the pending rows, as they stand with them
}

// enAttenteMax is how many rows wait to be written together: the counts that each statement keeps, by organisation and by
// software, are then kept once for all its rows.
const enAttenteMax = 20_000

// verseurDe starts the import of a table.
func verseurDe[M any](ctx context.Context, i *Importation, g genreImport[M]) (func(context.Context, []*LigneImport) error, error) {
	nom, corrigees, figees := g.table()
	colonnes := slices.Concat(corrigees, figees)
	q := i.e.tx.NewSelect().TableExpr("?", bun.Ident(nom)).ColumnExpr("id AS import_id, revision AS import_revision")
	for _, c := range colonnes {
		q = q.ColumnExpr("?", bun.Ident(c))
	}
	_, err := i.e.tx.NewRaw(`CREATE TEMP TABLE importation_lue ON COMMIT DROP AS ? WITH NO DATA`, q).Exec(ctx)
	v := &versement[M]{Importation: i, g: g, prises: map[int64]int{}, ajoutes: map[string]int{}, enCours: map[string][]*M{}}
	i.flush = v.write
	return v.verse, err
}

// verse judges and writes some lines.
func (v *versement[M]) verse(ctx context.Context, lines []*LigneImport) error {
	nommees, err := v.named(ctx, lines)
	if err != nil {
		return err
	}
	nouvelles, freres, err := v.related(ctx, lines, nommees)
	if err != nil {
		return err
	}
	if err := v.known(ctx, nommees, freres); err != nil {
		return err
	}
	for n, l := range lines {
		if len(l.Fautes) > 0 {
			continue
		}
		before, after := (*M)(nil), nouvelles[n]
		famille := []*M(nil)
		if id := lu[string](l, "id"); id != nil {
			before = nommees[*id]
			famille = freres[v.g.famille(before)]
		} else {
			famille = freres[v.g.famille(after)]
			if before = v.g.meme(l, after, famille); before != nil {
				v.mayCorrect(l, before)
			}
		}
		if len(l.Fautes) == 0 {
			if before != nil {
				after = new(M)
				*after = *before
			}
			err = v.judge(ctx, l, before, after, famille)
		}
		if err != nil {
			return err
		}
		switch {
		case len(l.Fautes) > 0:
			l.Effet = ""
		case l.Effet != Inchange:
			v.pending = append(v.pending, &ecrite[M]{l.No, l.droit, before, after})
			f := v.g.famille(after)
			if before != nil && v.g.famille(before) != f { // it changed families: the base will tell them
				if err := v.write(ctx); err != nil {
					return err
				}
				freres[v.g.famille(before)] = replaced(famille, before, nil)
				freres[f] = append(freres[f], after)
				continue
			}
			freres[f] = replaced(famille, before, after)
			v.enCours[f] = freres[f]
		}
	}
	if len(v.pending) < enAttenteMax {
		return nil
	}
	return v.write(ctx)
}

// ecrite is a row to write.
type ecrite[M any] struct {
	ligne         int
	droit         Droit
	before, after *M
}

// replaced gives a family as it stands once a row became another one, or left it.
func replaced[M any](famille []*M, before, after *M) []*M {
	famille = slices.DeleteFunc(slices.Clone(famille), func(m *M) bool { return m == before })
	if after == nil {
		return famille
	}
	return append(famille, after)
}

// named reads the rows that the lines name by their id, and refuses the lines that may not correct them: what the
// identity could not even read does not exist for it.
func (v *versement[M]) named(ctx context.Context, lines []*LigneImport) (map[string]*M, error) {
	columns, key := v.g.origine()
	rows, err := rowsByKey[M](ctx, v.e, columns, key, lines)
	if err != nil {
		return nil, err
	}
	byCle, byID := map[string]*M{}, map[string]*M{}
	for _, m := range rows {
		_, cle, _ := v.g.identite(m)
		byCle[cle] = m
	}
	for _, l := range lines {
		id := lu[string](l, "id")
		if id == nil || l.cle == "" {
			continue
		}
		if m := byCle[l.cle]; m == nil {
			l.refuse(Introuvable, "id", absent)
		} else if v.mayCorrect(l, m) {
			byID[*id] = m
		}
	}
	return byID, nil
}

// known reads whom the rows that lines may stand for belong to.
func (v *versement[M]) known(ctx context.Context, nommees map[string]*M, freres map[string][]*M) error {
	var ids []int64
	add := func(m *M) {
		organisation, tiers, _ := v.g.touche(m)
		ids = append(ids, organisation, tiers)
	}
	for _, m := range nommees {
		add(m)
	}
	for _, f := range freres {
		for _, m := range f {
			add(m)
		}
	}
	return v.annuaire.readNumbered(ctx, v.e.tx, ids)
}

const absent = "rien ne porte cet identifiant, ou plus rien : retirez-le pour déclarer, ou reprenez un export récent"

// mayCorrect refuses a line that may not correct the row that it stands for.
func (v *versement[M]) mayCorrect(l *LigneImport, m *M) (ok bool) {
	_, corriger := v.g.actions()
	organisation, tiers, visibilite := v.g.touche(m)
	if l.droit, ok = v.may(corriger, organisation, tiers); ok {
		return true
	}
	if v.e.qui.reads(visibilite, organisation, tiers) {
		l.refuse(Interdit, "id", "vous n'avez pas le droit de corriger cela pour cette organisation")
	} else {
		l.refuse(Introuvable, "id", absent)
	}
	return false
}

// rowsByKey reads the rows whose keys the lines give.
func rowsByKey[M any](ctx context.Context, e *ecriture, columns []string, key string, lines []*LigneImport) ([]*M, error) {
	var cles []string
	for _, l := range lines {
		if l.cle != "" {
			cles = append(cles, l.cle)
		}
	}
	if cles = uuids(cles); len(cles) == 0 {
		return nil, nil
	}
	var rows []*M
	err := selectRows(e.Store, &rows, columns).Where("? IN (?)", bun.Safe(key), bun.List(cles)).Scan(ctx)
	return rows, err
}

// related makes the row of each line that names none, refuses what the identity may not declare, and reads the rows that
// such lines, or those named, are in the family of.
func (v *versement[M]) related(ctx context.Context, lines []*LigneImport, nommees map[string]*M) ([]*M, map[string][]*M, error) {
	declarer, _ := v.g.actions()
	nouvelles, seen := make([]*M, len(lines)), map[string]*M{}
	for n, l := range lines {
		if len(l.Fautes) > 0 {
			continue
		}
		m := (*M)(nil)
		if id := lu[string](l, "id"); id != nil {
			m = nommees[*id]
		} else if m = v.g.nouvelle(l); m != nil && len(l.Fautes) == 0 {
			organisation, tiers, _ := v.g.touche(m)
			var ok bool
			if l.droit, ok = v.may(declarer, organisation, tiers); !ok {
				l.refuse(Interdit, l.Table.Proprietaire, "vous n'avez pas le droit de faire cette opération pour cette organisation")
			}
			nouvelles[n] = m
		}
		if len(l.Fautes) == 0 {
			seen[v.g.famille(m)] = m
		}
	}
	var asked []*M
	for _, m := range seen {
		asked = append(asked, m)
	}
	families := map[string][]*M{}
	if len(asked) == 0 {
		return nouvelles, families, nil
	}
	rows, err := v.g.freres(ctx, asked)
	if err != nil {
		return nil, nil, err
	}
	named := map[int64]*M{} // one row is one value
	for _, m := range nommees {
		id, _, _ := v.g.identite(m)
		named[id] = m
	}
	for _, m := range rows {
		id, _, _ := v.g.identite(m)
		if same := named[id]; same != nil {
			m = same
		}
		f := v.g.famille(m)
		families[f] = append(families[f], m)
	}
	for f := range seen {
		if current, ok := v.enCours[f]; ok {
			families[f] = current
		}
	}
	return nouvelles, families, nil
}

// judge gives a row what the line says, and checks it.
func (v *versement[M]) judge(ctx context.Context, l *LigneImport, before, after *M, famille []*M) error {
	v.g.remplit(l, after)
	if !v.claims(l, before, after) || len(l.Fautes) > 0 {
		return nil
	}
	v.knownSource(l, v.g.source(after))
	if before != nil {
		if l.Effet = v.changed(before, after); l.Effet == Inchange && !l.sourceNouvelle {
			return nil
		}
		l.Effet = Correction
		_, _, revision := v.g.identite(before)
		if lue := lu[int64](l, "revision"); lue != nil && *lue != int64(revision) {
			l.add(current(revision, int(*lue)).(Fautes)[0])
			return nil
		}
	} else {
		l.Effet = Ajout
	}
	l.checkLengths()
	err := v.checked(l, func(*ecriture) error {
		return v.g.verifie(ctx, l, before, after, slices.DeleteFunc(slices.Clone(famille), func(m *M) bool { return m == before }))
	})
	if err == nil && len(l.Fautes) == 0 {
		err = v.newSource(ctx, l, v.g.source(after))
	}
	return err
}

// claims notes which line stands for a row; a second one is refused.
func (v *versement[M]) claims(l *LigneImport, before, after *M) bool {
	if before == nil {
		_, cle, _ := v.g.identite(after)
		v.ajoutes[cle] = l.No
		return true
	}
	id, cle, _ := v.g.identite(before)
	former, taken := v.ajoutes[cle]
	if !taken {
		if former, taken = v.prises[id]; !taken {
			v.prises[id] = l.No
		}
	}
	if taken {
		l.refuse(Duplique, "", "cette ligne dit la même chose que la ligne %d : gardez l'une des deux", former)
	}
	return !taken
}

// changed compares what the table holds with what it would hold.
func (v *versement[M]) changed(before, after *M) Effet {
	a, _ := v.g.ecrit(before)
	b, _ := v.g.ecrit(after)
	if slices.EqualFunc(a, b, equalValues) {
		return Inchange
	}
	return Correction
}

// write writes the rows that are ready, corrections first: by COPY, then by one statement each.
func (v *versement[M]) write(ctx context.Context) error {
	rows := v.pending
	if v.pending = nil; len(rows) == 0 {
		return nil
	}
	clear(v.enCours)
	if err := v.sign(ctx, rows[0].droit); err != nil {
		return err
	}
	nom, corrigees, figees := v.g.table()
	colonnes := slices.Concat([]string{"import_id", "import_revision"}, corrigees, figees)
	corrections := 0
	err := v.conn.Raw(func(driver any) error {
		_, err := driver.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{"importation_lue"}, colonnes, pgx.CopyFromSlice(len(rows), func(n int) ([]any, error) {
			r := rows[n]
			id, _, revision := v.g.identite(r.after)
			if r.before != nil {
				corrections++
			}
			c, f := v.g.ecrit(r.after)
			return slices.Concat([]any{id, revision}, c, f), nil
		}))
		return err
	})
	if err != nil {
		return err
	}
	list := func(noms []string) bun.Safe { return bun.Safe(quoted(noms, "")) }
	if corrections > 0 {
		done, err := v.e.tx.NewRaw(`UPDATE ?0 t SET (?1) = ROW (?2) FROM importation_lue s WHERE t.id = s.import_id AND t.revision = s.import_revision`,
			bun.Ident(nom), list(corrigees), bun.Safe(quoted(corrigees, "s."))).Exec(ctx)
		if err != nil {
			return err
		}
		if n, _ := done.RowsAffected(); int(n) != corrections {
			return &Error{Code: CodeConflit, Message: "d'autres ont corrigé les mêmes objets pendant l'import : rien n'a été modifié, recommencez"}
		}
	}
	if corrections < len(rows) {
		all := list(slices.Concat(corrigees, figees))
		if _, err := v.e.tx.NewRaw(`INSERT INTO ?0 (?1) SELECT ?1 FROM importation_lue WHERE import_id = 0`, bun.Ident(nom), all).Exec(ctx); err != nil {
			return err
		}
	}
	if _, err := v.e.tx.NewRaw(`TRUNCATE importation_lue`).Exec(ctx); err != nil {
		return err
	}
	for _, r := range rows {
		if r.before != nil {
			if err := v.g.suite(ctx, r.before, r.after); err != nil {
				return fmt.Errorf("line %d: %w", r.ligne, err)
			}
		}
	}
	return nil
}

// parents keeps the rows of a table that have two references, given as two arrays: found by the first, for which there is
// an index, then by the second. PostgreSQL cannot guess how many rows an import has just added, nor to whom: left to choose
// an index, it walks all the usages of a software for each of its users.
func parents(table, first, second, alias string) string {
	return fmt.Sprintf(`%[4]s.id = ANY (ARRAY(SELECT x.id FROM unnest(?::bigint[], ?::bigint[]) AS k (a, b)
		CROSS JOIN LATERAL (SELECT i.id, coalesce(i.%[3]s, 0) AS b FROM %[1]s i WHERE i.%[2]s = k.a OFFSET 0) x WHERE x.b = k.b))`, table, first, second, alias)
}

// quoted lists columns.
func quoted(noms []string, prefix string) string {
	var b []byte
	for n, c := range noms {
		if n > 0 {
			b = append(b, ", "...)
		}
		b = append(b, prefix+pgx.Identifier{c}.Sanitize()...)
	}
	return string(b)
}
