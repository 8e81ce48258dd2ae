package db_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// parcourues counts the rows and the index entries that a plan has read, kept or not, whatever the table.
func (p plan) parcourues() float64 {
	n := 0.0
	if p.Relation != "" || p.Index != "" {
		n = (p.Rows + p.Removed + p.Recheck) * p.Loops
	}
	for _, below := range p.Plans {
		n += below.parcourues()
	}
	return n
}

// TestObservatoryReadsAFewThousandRowsAtScale asks what an observatory asks, over the whole sample, and counts what PostgreSQL
// has read for each answer: never the usages, but where the schema says that they are.
func TestObservatoryReadsAFewThousandRowsAtScale(t *testing.T) {
	ctx := t.Context()
	l := ouvrirLoupe(t)
	popular, err := l.s.Logiciels(ctx, nil, ptr(db.TriLogiciels("POPULARITE")), nil, page.Args{First: ptr(1)}, db.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	logiciel := ptr(popular.Nodes[0].ID())
	users := float64(popular.Nodes[0].NombreUtilisateurs)
	territoires := func(cles ...string) (ids []string) {
		for _, c := range cles {
			ids = append(ids, identifiant.Global("Territoire", c))
		}
		return ids
	}
	adoption := func(q db.QuestionAdoption) func() error {
		return func() error { _, err := l.s.Adoption(ctx, q); return err }
	}
	cited := func(q db.QuestionAdoption) func() error {
		return func() error {
			lines, err := l.s.Adoption(ctx, q)
			if err == nil {
				_, err = l.s.SourcesDeLaLigne(ctx, lines[0])
			}
			return err
		}
	}
	bilans := func(date *db.Date, fields []string, cles ...string) func() error {
		champs := map[string]bool{}
		for _, f := range fields {
			champs[f] = true
		}
		return func() error {
			all, err := l.s.ComparerTerritoires(ctx, territoires(cles...), date, db.Selection{Cle: "bilan", Champs: champs})
			if err == nil && champs["indicateurs"] {
				_, err = l.s.IndicateursDe(ctx, all[0])
			}
			return err
		}
	}
	all := []string{"collectivites", "population", "collectivitesUtilisatrices", "collectivitesAvecLibre", "usages", "usagesLibres", "logiciels", "partLibre", "fraicheur", "sources"}
	fontaine := identifiant.Global("Collectivite", "213801699")
	n, err := l.s.Noeud(ctx, fontaine, db.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	town := n.(*db.Collectivite).Fiche
	l.sent.take()
	const few = 6_000
	for _, c := range []struct {
		nom string
		max float64
		ask func() error
	}{
		{"a popular software by département, today", few, adoption(db.QuestionAdoption{Logiciel: logiciel, Par: db.AxeDepartement})},
		{"the same by stratum at the end of 2015", few, adoption(db.QuestionAdoption{Logiciel: logiciel, Par: db.AxeStrate, Date: ptr(db.Date("2015-12-31"))})},
		{"the same by département among towns, in the middle of a year", few, adoption(db.QuestionAdoption{Logiciel: logiciel, Par: db.AxeDepartement, Date: ptr(db.Date("2015-05-20")),
			Filtre: &db.FiltreCollectivites{Natures: []db.NatureCollectivite{"COMMUNE"}, Strates: []db.Strate{"DE_2000_A_10000"}}})},
		{"free software by région, today", few, adoption(db.QuestionAdoption{Libre: ptr(true), Par: db.AxeRegion})},
		{"free software of two départements, in the middle of a year", few, adoption(db.QuestionAdoption{Libre: ptr(true), Par: db.AxeDepartement, Date: ptr(db.Date("2022-04-10")),
			Filtre: &db.FiltreCollectivites{Departements: []string{"13", "38"}}})},
		{"anything by nature, in the middle of a year", few, adoption(db.QuestionAdoption{Par: db.AxeNature, Date: ptr(db.Date("2022-09-20"))})},
		{"anything by stratum and département, in the middle of a year", 2 * few, adoption(db.QuestionAdoption{Par: db.AxeDepartement, Date: ptr(db.Date("2022-09-20")),
			Filtre: &db.FiltreCollectivites{Strates: []db.Strate{"DE_2000_A_10000"}}})},
		{"free software by stratum, in the middle of a year", 2 * few, adoption(db.QuestionAdoption{Libre: ptr(true), Par: db.AxeStrate, Date: ptr(db.Date("2019-07-02"))})},
		{"a large category by région, in the middle of a year", few, adoption(db.QuestionAdoption{Categorie: ptr("bureautique"), Par: db.AxeRegion, Date: ptr(db.Date("2019-07-02"))})},
		{"all software, in the middle of a year", 2 * few, adoption(db.QuestionAdoption{Par: db.AxeLogiciel, Date: ptr(db.Date("2019-07-02"))})},
		{"a category by nature, today", few, adoption(db.QuestionAdoption{Categorie: ptr("bureautique"), Par: db.AxeNature})},
		{"all software, today", few, adoption(db.QuestionAdoption{Par: db.AxeLogiciel})},
		{"all software of a région at the end of 2012", few, adoption(db.QuestionAdoption{Par: db.AxeLogiciel, Date: ptr(db.Date("2012-12-31")), Filtre: &db.FiltreCollectivites{Regions: []string{"93"}}})},
		{"all software of a département, today", few, adoption(db.QuestionAdoption{Par: db.AxeLogiciel, Filtre: &db.FiltreCollectivites{Departements: []string{"13"}}})},
		{"the curve of a software by year", few, func() error {
			_, err := l.s.Evolution(ctx, db.QuestionEvolution{Logiciel: logiciel, Pas: "ANNEE"})
			return err
		}},
		{"the curve of free software by month", few, func() error {
			_, err := l.s.Evolution(ctx, db.QuestionEvolution{Libre: ptr(true), Pas: "MOIS"})
			return err
		}},
		{"on whose word: free software by département, today", few, cited(db.QuestionAdoption{Libre: ptr(true), Par: db.AxeDepartement})},
		{"on whose word: the same in the middle of a year", 2 * few, cited(db.QuestionAdoption{Libre: ptr(true), Par: db.AxeDepartement, Date: ptr(db.Date("2019-07-02"))})},
		{"on whose word: anything by stratum, today", 2 * few, cited(db.QuestionAdoption{Par: db.AxeStrate})},
		{"on whose word: a large category by département, today", few, cited(db.QuestionAdoption{Categorie: ptr("bureautique"), Par: db.AxeDepartement})},
		{"on whose word: the same in the middle of a year", 2 * few, cited(db.QuestionAdoption{Categorie: ptr("bureautique"), Par: db.AxeDepartement, Date: ptr(db.Date("2015-05-20"))})},
		{"on whose word: all software, today", 2 * few, cited(db.QuestionAdoption{Par: db.AxeLogiciel})},
		{"on whose word: a popular software by nature at the end of 2015", few, cited(db.QuestionAdoption{Logiciel: logiciel, Par: db.AxeNature, Date: ptr(db.Date("2015-12-31"))})},
		{"on whose word: the curve of free software by month", 2 * few, func() error {
			points, err := l.s.Evolution(ctx, db.QuestionEvolution{Libre: ptr(true), Pas: "MOIS"})
			if err == nil {
				_, err = l.s.SourcesDuPoint(ctx, points[0])
			}
			return err
		}},
		{"the bilan of France, today", few, bilans(nil, all, "FRANCE-FR")},
		{"the bilan of France at the end of 2010", few, bilans(ptr(db.Date("2010-12-31")), all, "FRANCE-FR")},
		{"three départements compared, today", 3 * few, bilans(nil, all, "DEPARTEMENT-13", "DEPARTEMENT-59", "DEPARTEMENT-90")},
		{"a département among the others, today", 2 * few, bilans(nil, []string{"indicateurs"}, "DEPARTEMENT-13")},
		{"who is like a town", few, func() error {
			_, err := l.s.Semblables(ctx, fontaine, page.Args{First: ptr(20)})
			return err
		}},
		{"what those like a town run", 2 * few, func() error {
			_, err := l.s.Suggestions(ctx, fontaine, page.Args{First: ptr(20)})
			return err
		}},
		{"where no prestataire is known, the most used first", few, func() error {
			_, err := l.s.TerritoiresSansPrestataire(ctx, db.CritereImplantations{}, nil, nil, page.Args{First: ptr(20)})
			return err
		}},
		// The members of every syndicat that has a catalogue are read to know where it is present.
		{"what no syndicat offers, the most used first", 10 * few, func() error {
			_, err := l.s.LogicielsSansSyndicat(ctx, db.CritereImplantations{}, page.Args{First: ptr(20)})
			return err
		}},
		{"communities by risk", few, func() error {
			_, err := l.s.Communautes(ctx, nil, ptr(db.TriCommunautes("RISQUE")), nil, page.Args{First: ptr(100)}, db.Selection{})
			return err
		}},
		{"the community of a popular software", few, func() error {
			_, err := l.s.CommunauteDe(ctx, popular.Nodes[0], nil, db.Selection{})
			return err
		}},
		{"who near a town serves a software", few, func() error {
			_, err := l.s.PrestatairesProches(ctx, identifiant.Global("Logiciel", "s2low"), fontaine, nil, page.Args{First: ptr(20)})
			return err
		}},
		{"public money around a popular software", few, func() error {
			_, err := l.s.ArgentPublicDuLogiciel(ctx, popular.Nodes[0])
			return err
		}},
		{"public money of a town", few, func() error {
			_, err := l.s.ArgentPublicDe(ctx, town)
			return err
		}},
		{"a town assesses itself", 2 * few, func() error {
			_, err := l.s.AutodiagnosticDe(ctx, town, nil, db.Selection{})
			return err
		}},
		// Read one by one, as the schema says: the users of that software.
		{"how a popular software is supported", 8*users + few, func() error {
			_, err := l.s.Supports(ctx, logiciel, nil, nil, nil)
			return err
		}},
		{"a popular software by help", 4*users + 50_000, adoption(db.QuestionAdoption{Logiciel: logiciel, Par: db.AxeSupport})},
	} {
		if err := c.ask(); err != nil {
			t.Errorf("%s: %v", c.nom, err)
			continue
		}
		rows, statements := 0.0, 0
		var largest []string
		l.plans(t, c.nom, func(sql, _ string, p plan) {
			rows += p.parcourues()
			statements++
			largest = append(largest, fmt.Sprintf("%.0f rows: %.2000s", p.parcourues(), sql))
		})
		t.Logf("%-70s %7.0f rows, %d statements", c.nom, rows, statements)
		if rows > c.max {
			slices.Sort(largest)
			t.Errorf("%s reads %.0f rows, at most %.0f wanted\n%s", c.nom, rows, c.max, largest)
		}
	}
}

// TestAUsageOfAGraphJustFilledIsCountedFromItsUser fills a graph and declares usages at once, before PostgreSQL
// knows how many rows there are: what is read to count them does not depend on how many organisations there are.
func TestAUsageOfAGraphJustFilledIsCountedFromItsUser(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	tx, err := dbtest.New(t).Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	const organisations = 4_000
	if _, err := tx.Exec(ctx, fmt.Sprintf(`
		INSERT INTO source (id, cle, nom, importe_le) VALUES (1, 'essai', 'essai', now());
		INSERT INTO organisation (id, cle, genre, nom, nom_tri, nature, population, departement, region, source_id)
			SELECT i, 'c' || i, 'COLLECTIVITE', 'c', 'c', 'COMMUNE', 37 * i, lpad((i %% 90 + 1)::text, 2, '0'), '84', 1 FROM generate_series(1, %d) i;
		INSERT INTO logiciel (id, slug, nom, nom_tri, libre, ajoute_le, source_id) VALUES (1, 'l', 'l', 'l', true, '2020-01-01', 1)`, organisations)); err != nil {
		t.Fatal(err)
	}
	read := func() (n int) {
		if err := tx.QueryRow(ctx, `SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'organisation'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := read()
	if before < organisations {
		t.Fatalf("%d rows were read to fill it: the test would prove nothing", before)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, debut, constate_le, source_id)
		SELECT gen_random_uuid(), id, departement, 1, true, 'PRODUCTION', 'DIRECT', '2015-03-01', '2024-01-01', 1 FROM organisation WHERE id IN (12, 2500)`); err != nil {
		t.Fatal(err)
	}
	if got := read() - before; got > 100 {
		t.Errorf("counting two usages reads %d rows of organisation, of %d", got, organisations)
	}
}
