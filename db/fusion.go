package db

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// alone waits for the other transactions that merge, or that decide whether two things are one: what they find must still
// be true when they write. Mergers that overlap therefore never stop each other half-way.
func (e *ecriture) alone(ctx context.Context) error {
	_, err := e.tx.NewRaw(`SELECT pg_advisory_xact_lock(hashtextextended('mutualibre.fusion', 0))`).Exec(ctx)
	return err
}

// lockIDs keeps rows for this transaction alone, in the order of their ids.
func (e *ecriture) lockIDs(ctx context.Context, table string, ids ...int64) error {
	_, err := e.tx.NewRaw(`SELECT id FROM ? WHERE id = ANY (?) ORDER BY id FOR UPDATE`, bun.Ident(table), pgdialect.Array(ids)).Exec(ctx)
	return err
}

// run executes statements in order, with the same arguments.
func (e *ecriture) run(ctx context.Context, statements []string, args ...any) error {
	for _, sql := range statements {
		if _, err := e.tx.NewRaw(sql, args...).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// devient is a column in which what is merged (?1) becomes what is kept (?0).
func devient(colonne string) string {
	return "CASE WHEN " + colonne + " = ?1 THEN ?0 ELSE " + colonne + " END"
}

// moves is the statement that makes columns of a table follow a merger.
func moves(table string, colonnes ...string) string {
	set, where := "", ""
	for i, c := range colonnes {
		if i > 0 {
			set, where = set+", ", where+" OR "
		}
		set, where = set+c+" = "+devient(c), where+c+" = ?1"
	}
	return "UPDATE " + table + " SET " + set + " WHERE " + where
}

// dropDoubles is the statement that removes the rows that come with what is merged (?1) and, for the same other columns, are
// there already for what is kept (?0): before moves.
func dropDoubles(table, colonne string, same ...string) string {
	sql := "DELETE FROM " + table + " x WHERE x." + colonne + " = ?1 AND EXISTS (SELECT FROM " + table + " y WHERE y." + colonne + " = ?0"
	for _, c := range same {
		sql += " AND y." + c + " = x." + c
	}
	return sql + ")"
}

// movesOnce are moves for a column that a table holds once for each value of another: where both are, one goes.
func movesOnce(table, colonne, pour string) []string {
	return []string{dropDoubles(table, colonne, pour), moves(table, colonne)}
}

// periode is a row that holds from a day to another, the last excluded; nil: since always, for ever, or not known. Rows
// of one Groupe may not overlap.
type periode struct {
	ID         int64
	Groupe     string
	Debut, Fin *Date
	Arrive     bool // it comes with what is merged
}

// quelqueTemps leaves out what began and ended the same day: it never was, and overlaps nothing.
func quelqueTemps(debut, fin string) string {
	return "(" + debut + " IS NULL OR " + fin + " IS NULL OR " + fin + " > " + debut + ")"
}

// doublon is one row that stands for several, over all their time.
type doublon struct {
	garde      int64
	retires    []int64
	debut, fin *Date
}

// overlaps finds the rows that come with a merger and overlap others, directly or through a third one. What was there
// already is kept, the oldest row first.
func overlaps(rows []periode) []doublon {
	slices.SortFunc(rows, func(a, b periode) int {
		return cmp.Or(cmp.Compare(a.Groupe, b.Groupe), cmp.Compare(*or(a.Debut, ""), *or(b.Debut, "")), cmp.Compare(a.ID, b.ID))
	})
	var found []doublon
	for len(rows) > 0 {
		n, fin, arrive := 1, rows[0].Fin, rows[0].Arrive
		for n < len(rows) && rows[n].Groupe == rows[0].Groupe && (fin == nil || *or(rows[n].Debut, "") < *fin) {
			if fin != nil && (rows[n].Fin == nil || *rows[n].Fin > *fin) {
				fin = rows[n].Fin
			}
			arrive = arrive || rows[n].Arrive
			n++
		}
		if n > 1 && arrive {
			d := doublon{debut: rows[0].Debut, fin: fin}
			same := slices.Clone(rows[:n])
			slices.SortFunc(same, func(a, b periode) int {
				if a.Arrive != b.Arrive {
					if b.Arrive {
						return -1
					}
					return 1
				}
				return cmp.Compare(a.ID, b.ID)
			})
			d.garde = same[0].ID
			for _, p := range same[1:] {
				d.retires = append(d.retires, p.ID)
			}
			found = append(found, d)
		}
		rows = rows[n:]
	}
	return found
}

// mergePropositions moves proposals; of two that wait for the same answer, the first one stays.
func mergePropositions(colonnes ...string) []string {
	same := "true"
	for _, c := range []string{"prestataire_id", "utilisateur_id", "logiciel_id"} {
		if slices.Contains(colonnes, c) {
			same += " AND " + devient("p."+c) + " = " + devient("q."+c)
		} else {
			same += " AND p." + c + " = q." + c
		}
	}
	return []string{
		`UPDATE proposition p SET etat = 'REFUSEE', traitee_le = now(), motif = 'Même proposition qu''une autre, après une fusion.'
			WHERE p.etat = 'EN_ATTENTE' AND EXISTS (SELECT FROM proposition q WHERE q.etat = 'EN_ATTENTE' AND q.id < p.id AND ` + same + `)`,
		moves("proposition", colonnes...),
	}
}

// mergePrestations moves offers along colonne; of two that then are one, which autre tells, the one that was there says all
// that both said. A territory that one of them knows is known.
func mergePrestations(colonne, autre string) []string {
	meme := "x." + colonne + " = ?1 AND p." + colonne + " = ?0 AND p." + autre + " = x." + autre
	return []string{
		`UPDATE prestation p SET types = ` + union("p.types", "x.types") + `, competences = ` + union("p.competences", "x.competences") + `,
			territoires = CASE WHEN p.territoires IS NULL OR x.territoires IS NULL THEN coalesce(p.territoires, x.territoires) ELSE ` + union("p.territoires", "x.territoires") + ` END,
			description = coalesce(p.description, x.description), conditions = coalesce(p.conditions, x.conditions), site = coalesce(p.site, x.site)
			FROM prestation x WHERE ` + meme,
		`DELETE FROM prestation x USING prestation p WHERE ` + meme,
		moves("prestation", colonne),
	}
}

// mergeReferences moves references; of two that wait for the same answer, the first one stays. Nobody is its own reference.
func mergeReferences(colonnes ...string) []string {
	same := "true"
	for _, c := range []string{"prestataire_id", "beneficiaire_id", "logiciel_id"} {
		if slices.Contains(colonnes, c) {
			same += " AND " + devient("p."+c) + " = " + devient("q."+c)
		} else {
			same += " AND p." + c + " = q." + c
		}
	}
	statements := []string{
		`DELETE FROM reference_prestation p WHERE p.etat = 'DECLAREE' AND EXISTS (SELECT FROM reference_prestation q WHERE q.etat = 'DECLAREE' AND q.id < p.id AND ` + same + `)`,
	}
	if slices.Contains(colonnes, "beneficiaire_id") {
		statements = append(statements, `DELETE FROM reference_prestation WHERE (prestataire_id, beneficiaire_id) IN ((?0, ?1), (?1, ?0))`)
	}
	return append(statements, moves("reference_prestation", colonnes...))
}

// mergeAbonnements makes one subscription of those of one member to one entry that overlap. arrive, over r, tells which
// rows come with a merger; groupe, which ones may not overlap.
func (e *ecriture) mergeAbonnements(ctx context.Context, groupe, arrive, where string, args ...any) error {
	var rows []periode
	if err := e.tx.NewRaw(`SELECT r.id, `+groupe+` AS groupe, r.debut, r.fin, `+arrive+` AS arrive FROM abonnement r
		WHERE (`+where+`) AND `+quelqueTemps("r.debut", "r.fin"), args...).Scan(ctx, &rows); err != nil {
		return err
	}
	for _, d := range overlaps(rows) {
		if err := e.run(ctx, []string{
			`DELETE FROM abonnement WHERE id = ANY (?1)`,
			`UPDATE abonnement SET debut = ?2, fin = ?3 WHERE id = ?0`,
		}, d.garde, pgdialect.Array(d.retires), d.debut, d.fin); err != nil {
			return err
		}
	}
	return nil
}
