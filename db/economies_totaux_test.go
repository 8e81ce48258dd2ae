package db_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/economie"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

const organisationsEssai = `
	INSERT INTO source (id, cle, nom, importe_le) VALUES (1, 'a', 'A', now()), (2, 'b', 'B', now());
	INSERT INTO logiciel (id, slug, nom, nom_tri, libre, ajoute_le, source_id) SELECT i, 'l' || i, 'L' || i, 'l' || i, true, '2020-01-01', 1 FROM generate_series(1, 3) i;
	INSERT INTO organisation (id, cle, genre, nom, nom_tri, nature, forme, departement, region, source_id) VALUES
		(1, 'o1', 'COLLECTIVITE', 'o1', 'o1', 'COMMUNE', NULL, '13', '93', 1), (2, 'o2', 'COLLECTIVITE', 'o2', 'o2', 'COMMUNE', NULL, '13', '93', 1),
		(3, 'o3', 'COLLECTIVITE', 'o3', 'o3', 'COMMUNE', NULL, '84', '93', 1), (4, 'o4', 'COLLECTIVITE', 'o4', 'o4', 'EPCI', NULL, '44', '52', 1),
		(5, 'o5', 'COLLECTIVITE', 'o5', 'o5', 'AUTRE', NULL, '', '', 1), (6, 'o6', 'SYNDICAT', 'o6', 'o6', NULL, 'SMO', '13', '93', 1),
		(7, 'o7', 'SYNDICAT', 'o7', 'o7', NULL, 'SIVU', '44', '52', 1), (8, 'o8', 'COLLECTIVITE', 'o8', 'o8', 'REGION', NULL, '', '93', 1)`

// ligneEconomie is a row of economie with the place of its beneficiary.
type ligneEconomie struct {
	ID, Beneficiaire      int64
	Departement, Region   string
	Logiciel, Source      int64
	Nature, Statut        string
	Part                  *int64
	Brut, Net, Licences   *int64
	Depuis                string // '' when nobody knows
	Annee                 string
	DansGenre, Visibilite string
}

// economiesDe reads what may be counted, by the plain definition.
func economiesDe(t *testing.T, pool *pgxpool.Pool) []ligneEconomie {
	t.Helper()
	rows, err := pool.Query(t.Context(), `SELECT s.id, s.beneficiaire_id, o.departement, o.region, coalesce(s.logiciel_id, 0), s.source_id, s.nature, s.statut, s.part_de_id,
		s.brut_centimes, s.net_centimes, s.licences_economisees::bigint, coalesce(s.debut::text, s.annee_prix || '-01-01', ''),
		coalesce(date_part('year', s.debut)::text, s.annee_prix::text, '9999'), o.genre, s.visibilite
		FROM economie s JOIN organisation o ON o.id = s.beneficiaire_id ORDER BY coalesce(s.debut, make_date(s.annee_prix, 1, 1), 'infinity'), s.id`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ligneEconomie])
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(l ligneEconomie) bool { return l.Visibilite != "PUBLIC" || l.DansGenre == "PRESTATAIRE" })
}

func zeroNul(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// attendu adds up by the rule of the domain the savings of a place begun by a day, those that count kept by a filter, by
// the line that they are in.
func attendu(t *testing.T, lieu []ligneEconomie, date *db.Date, keep func(ligneEconomie) bool, key func(ligneEconomie) string) map[string][]db.MontantParStatut {
	t.Helper()
	comptees := func(dans func(ligneEconomie) bool) []ligneEconomie {
		parID := map[int64]ligneEconomie{}
		var dites []economie.Affirmation
		for _, l := range lieu {
			if dans(l) {
				parID[l.ID] = l
				dites = append(dites, economie.Affirmation{ID: l.ID, ParentID: l.Part, Statut: l.Statut, Brut: l.Brut, Net: l.Net,
					Beneficiaire: l.Beneficiaire, Nature: l.Nature, Logiciel: zeroNul(l.Logiciel)})
			}
		}
		kept, err := economie.Comptees(dites)
		if err != nil {
			t.Fatal(err)
		}
		var found []ligneEconomie
		for _, a := range kept {
			if keep(parID[a.ID]) {
				found = append(found, parID[a.ID])
			}
		}
		return found
	}
	parLigne := map[string]map[string]*db.MontantParStatut{}
	dites := map[string][]economie.Affirmation{}
	montant := func(l ligneEconomie) *db.MontantParStatut {
		k := key(l)
		if parLigne[k] == nil {
			parLigne[k] = map[string]*db.MontantParStatut{}
		}
		if parLigne[k][l.Statut] == nil {
			parLigne[k][l.Statut] = &db.MontantParStatut{Statut: db.StatutEconomie(l.Statut)}
		}
		return parLigne[k][l.Statut]
	}
	for _, l := range comptees(func(l ligneEconomie) bool { return date == nil || l.Depuis != "" && l.Depuis <= string(*date) }) {
		montant(l)
		dites[key(l)] = append(dites[key(l)], economie.Affirmation{ID: l.ID, Statut: l.Statut, Brut: l.Brut, Net: l.Net, Licences: l.Licences})
	}
	for k, a := range dites {
		totaux, err := economie.Totaux(a)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range totaux {
			m := parLigne[k][x.Statut]
			m.Nombre, m.Brut, m.Net, m.SansBrut, m.SansNet = x.Nombre, (*db.Euros)(x.Brut), (*db.Euros)(x.Net), x.SansBrut, x.SansNet
			if x.Licences != nil {
				m.LicencesEconomisees = new(int(*x.Licences))
			}
		}
	}
	for _, l := range comptees(func(ligneEconomie) bool { return true }) {
		if l.Depuis == "" {
			montant(l).SansDate++
		}
	}
	found := map[string][]db.MontantParStatut{}
	for k, statuts := range parLigne {
		for _, s := range slices.Sorted(maps.Keys(statuts)) {
			found[k] = append(found[k], *statuts[s])
		}
	}
	return found
}

// memesMontants compares sets of totals, as texts that can be read.
func memesMontants(t *testing.T, what string, got, want map[string][]db.MontantParStatut) {
	t.Helper()
	if reflect.DeepEqual(got, want) {
		return
	}
	texte := func(m map[string][]db.MontantParStatut) string {
		var b strings.Builder
		for _, k := range slices.Sorted(maps.Keys(m)) {
			for _, x := range m[k] {
				fmt.Fprintf(&b, "\n\t%s %s: %d, brut %v (%d sans), net %v (%d sans), sans date %d, licences %v", k, x.Statut, x.Nombre, euros(x.Brut), x.SansBrut, euros(x.Net), x.SansNet, x.SansDate, x.LicencesEconomisees)
			}
		}
		return b.String()
	}
	t.Fatalf("%s: %s\nwant%s", what, texte(got), texte(want))
}

func euros(e *db.Euros) string {
	if e == nil {
		return "null"
	}
	return e.String()
}

// ecrire does one random write: several rows at once, shares down to three levels, moves of beneficiaries.
func ecrire(t *testing.T, pool *pgxpool.Pool, r *rand.Rand) {
	t.Helper()
	un := func(values ...string) string { return values[r.IntN(len(values))] }
	nombre := func(n int) string {
		if r.IntN(3) == 0 {
			return "NULL"
		}
		return strconv.Itoa(r.IntN(n))
	}
	debut := func() string {
		if r.IntN(4) == 0 {
			return "NULL"
		}
		return fmt.Sprintf("date '2018-01-01' + %d", r.IntN(1500))
	}
	annee := func() string { return un("NULL", "NULL", "2018", "2020") }
	montant := func() string { return un("NULL", "500", "500", "900", nombre(1000)) } // some are told twice
	statut := func() string { return un("'PREVUE'", "'PREVUE'", "'ANNONCEE'", "'CONSTATEE'") }
	visible := func() string { return un("'PUBLIC'", "'PUBLIC'", "'PUBLIC'", "'PRIVE'") }
	// A parent is of a lesser id: no cycle.
	parent := func(id string) string {
		return un("NULL", "(SELECT max(p.id) FROM economie p WHERE p.id < "+id+" - "+strconv.Itoa(r.IntN(3))+")")
	}
	ecrits := "id % 3 = " + strconv.Itoa(r.IntN(3)) + " AND id > (SELECT max(id) FROM economie) - 15"
	var sql string
	switch r.IntN(10) {
	case 0, 1, 2:
		for range 1 + r.IntN(4) {
			sql += fmt.Sprintf(`, (gen_random_uuid(), %d, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)`, 1+r.IntN(8), un("NULL", "1", "2"), un("'LICENCES'", "'MATERIEL'"),
				statut(), nombre(50), montant(), un("NULL", "NULL", "300"), debut(), annee(), un("1", "2"), visible())
		}
		sql = `INSERT INTO economie (cle, beneficiaire_id, logiciel_id, nature, statut, licences_economisees, brut_centimes, net_centimes, debut, annee_prix, source_id, visibilite) VALUES ` + sql[2:]
	case 3, 4:
		sql = `UPDATE economie s SET part_de_id = ` + parent("s.id") + ` WHERE ` + ecrits
	case 5:
		sql = `UPDATE economie SET statut = ` + statut() + `, visibilite = ` + visible() + ` WHERE ` + ecrits
	case 6:
		sql = `UPDATE economie SET debut = ` + debut() + `, annee_prix = ` + annee() + `, brut_centimes = ` + montant() + ` WHERE ` + ecrits
	case 7:
		sql = `UPDATE economie SET beneficiaire_id = ` + strconv.Itoa(1+r.IntN(8)) + `, logiciel_id = ` + un("NULL", "3") + `, nature = ` + un("'LICENCES'", "'MATERIEL'") + `, source_id = ` + un("1", "2") + ` WHERE ` + ecrits
	case 8:
		sql = `DELETE FROM economie s WHERE NOT EXISTS (SELECT FROM economie p WHERE p.part_de_id = s.id) AND ` + ecrits
	case 9:
		sql = `UPDATE organisation SET departement = d.d, region = d.r FROM (VALUES ` + un(`('13', '93')`, `('84', '93')`, `('44', '52')`, `('', '')`) + `) d (d, r) WHERE id IN (` + strconv.Itoa(1+r.IntN(8)) + `, ` + strconv.Itoa(1+r.IntN(8)) + `)`
	}
	if _, err := pool.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestAKeptTotalIsWhatTheDomainAddsUp(t *testing.T) {
	pool := dbtest.New(t)
	if _, err := pool.Exec(t.Context(), organisationsEssai); err != nil {
		t.Fatal(err)
	}
	store := db.NewStore(pool)
	t.Cleanup(func() { store.Close() })
	for graine := range uint64(3) {
		r := rand.New(rand.NewPCG(graine, 9))
		if _, err := pool.Exec(t.Context(), `DELETE FROM economie`); err != nil {
			t.Fatal(err)
		}
		for tour := range 60 {
			ecrire(t, pool, r)
			if tour%10 != 9 {
				continue
			}
			toutes := economiesDe(t, pool)
			dates := []*db.Date{nil, new(db.Date(fmt.Sprintf("20%d-12-31", 17+r.IntN(6)))), new(db.Date(fmt.Sprintf("20%d-%02d-15", 18+r.IntN(4), 1+r.IntN(12))))}
			what := fmt.Sprintf("seed %d, turn %d", graine, tour)
			for _, date := range dates {
				comparerLieux(t, store, toutes, date, what+", date "+jour(date))
			}
			date := dates[r.IntN(3)]
			comparerAxes(t, store, toutes, date, what+", date "+jour(date))
		}
	}
	if ecarts, err := db.CheckComptes(t.Context(), pool); err != nil || len(ecarts) > 0 {
		t.Errorf("%v %v", ecarts, err)
	}
}

func jour(d *db.Date) string {
	if d == nil {
		return "none"
	}
	return string(*d)
}

// comparerLieux compares the totals of every place on a day, kept and read again, with the rule of the domain.
func comparerLieux(t *testing.T, store *db.Store, toutes []ligneEconomie, date *db.Date, what string) {
	t.Helper()
	tout := func(ligneEconomie) bool { return true }
	for niveau, code := range map[db.TypeTerritoire]func(ligneEconomie) string{
		"DEPARTEMENT": func(l ligneEconomie) string { return l.Departement },
		"REGION":      func(l ligneEconomie) string { return l.Region },
		"FRANCE":      func(ligneEconomie) string { return "FR" },
	} {
		want := map[string][]db.MontantParStatut{}
		var codes []string
		var groupes [][]int64
		for _, l := range toutes {
			c := code(l)
			if c == "" {
				continue
			}
			i := slices.Index(codes, c)
			if i < 0 {
				i, codes, groupes = len(codes), append(codes, c), append(groupes, nil)
				lieu := slices.DeleteFunc(slices.Clone(toutes), func(l ligneEconomie) bool { return code(l) != c })
				maps.Copy(want, attendu(t, lieu, date, tout, func(ligneEconomie) string { return c }))
			}
			groupes[i] = append(groupes[i], l.Beneficiaire)
		}
		got, err := store.TotauxDeZones(t.Context(), niveau, codes, date)
		if err != nil {
			t.Fatal(err)
		}
		memesMontants(t, what+", "+string(niveau), got, want)
		lus, err := store.TotauxDeBeneficiaires(t.Context(), groupes, date)
		if err != nil {
			t.Fatal(err)
		}
		got = map[string][]db.MontantParStatut{}
		for i, m := range lus {
			if len(m) > 0 {
				got[codes[i]] = m
			}
		}
		memesMontants(t, what+", the beneficiaries of "+string(niveau), got, want)
	}
}

// comparerAxes compares every axis of one place on a day with the rule of the domain, and each line with the savings
// that it lists and with its sources.
func comparerAxes(t *testing.T, store *db.Store, toutes []ligneEconomie, date *db.Date, what string) {
	t.Helper()
	tout := func(ligneEconomie) bool { return true }
	provence := slices.DeleteFunc(slices.Clone(toutes), func(l ligneEconomie) bool { return l.Region != "93" })
	ids := []string{identifiant.Global("Logiciel", "l1"), identifiant.Global("Logiciel", "l3")}
	for _, c := range []struct {
		axe    db.AxeEconomies
		filtre db.FiltreTotauxEconomies
		keep   func(ligneEconomie) bool
		key    func(ligneEconomie) string
	}{
		{db.TotauxParLogiciel, db.FiltreTotauxEconomies{}, tout, func(l ligneEconomie) string { return strconv.FormatInt(l.Logiciel, 10) }},
		{db.TotauxParNature, db.FiltreTotauxEconomies{}, tout, func(l ligneEconomie) string { return l.Nature }},
		{db.TotauxParAnnee, db.FiltreTotauxEconomies{}, tout, func(l ligneEconomie) string { return l.Annee }},
		{db.TotauxParStatut, db.FiltreTotauxEconomies{Annees: []int{2018, 2020}}, func(l ligneEconomie) bool { return l.Annee == "2018" || l.Annee == "2020" }, func(l ligneEconomie) string { return l.Statut }},
		{db.TotauxParNature, db.FiltreTotauxEconomies{Logiciels: ids, Statuts: []db.StatutEconomie{"PREVUE", "ANNONCEE"}},
			func(l ligneEconomie) bool { return (l.Logiciel == 1 || l.Logiciel == 3) && l.Statut != "CONSTATEE" }, func(l ligneEconomie) string { return l.Nature }},
		{db.TotauxParStatut, db.FiltreTotauxEconomies{Logiciels: ids, Natures: []db.NatureEconomie{"MATERIEL"}},
			func(l ligneEconomie) bool { return (l.Logiciel == 1 || l.Logiciel == 3) && l.Nature == "MATERIEL" }, func(l ligneEconomie) string { return l.Statut }},
	} {
		c.filtre.Regions = []string{"93"}
		lignes, err := store.TotauxEconomies(t.Context(), c.axe, &c.filtre, date, page.Args{First: new(100)})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][]db.MontantParStatut{}
		for _, l := range lignes.Nodes {
			for _, total := range l.Totaux {
				got[l.Valeur] = append(got[l.Valeur], total.MontantParStatut)
				verifierSources(t, store, what, total)
			}
			liste, err := store.EconomiesDesTotaux(t.Context(), l, page.Args{First: new(1)}, db.Selection{Cle: "economies"})
			if err != nil {
				t.Fatal(err)
			}
			if n, err := liste.TotalCount(t.Context()); n != l.Nombre || err != nil {
				t.Fatalf("%s, %s %q: the line counts %d savings and lists %d, %v", what, c.axe, l.Valeur, l.Nombre, n, err)
			}
		}
		memesMontants(t, what+", "+string(c.axe), got, attendu(t, provence, date, c.keep, c.key))
	}
}

// verifierSources checks that the sources of a total vouch for all of it: there are two in all.
func verifierSources(t *testing.T, store *db.Store, what string, total *db.TotalEconomies) {
	t.Helper()
	sources, err := store.SourcesDuTotal(t.Context(), total)
	n := 0
	for _, x := range sources {
		n += x.Nombre
	}
	if err != nil || n != total.Nombre || len(sources) > 2 {
		t.Fatalf("%s: %d sources vouch for %d savings of %d, %v", what, len(sources), n, total.Nombre, err)
	}
}

func TestAShareCountsWhereTheWholeDoesNotAndUntilItBegins(t *testing.T) {
	pool := dbtest.New(t)
	if _, err := pool.Exec(t.Context(), organisationsEssai+`;
		INSERT INTO economie (id, cle, beneficiaire_id, nature, statut, brut_centimes, debut, part_de_id, source_id) VALUES
			(1, gen_random_uuid(), 7, 'LICENCES', 'PREVUE', 100, '2020-06-01', NULL, 1),
			(2, gen_random_uuid(), 1, 'LICENCES', 'PREVUE', 60, '2020-03-01', 1, 1),
			(3, gen_random_uuid(), 1, 'LICENCES', 'ANNONCEE', 30, '2020-03-01', 1, 1)`); err != nil {
		t.Fatal(err)
	}
	store := db.NewStore(pool)
	t.Cleanup(func() { store.Close() })
	brut := func(niveau db.TypeTerritoire, code string, date *db.Date) string {
		t.Helper()
		totaux, err := store.TotauxDeZones(t.Context(), niveau, []string{code}, date)
		if err != nil {
			t.Fatal(err)
		}
		var textes []string
		for _, m := range totaux[code] {
			textes = append(textes, string(m.Statut)+" "+euros(m.Brut))
		}
		return strings.Join(textes, ", ")
	}
	for _, c := range []struct {
		niveau     db.TypeTerritoire
		code, date string
		want       string
	}{
		{"DEPARTEMENT", "13", "", "ANNONCEE 0.30, PREVUE 0.60"},
		{"DEPARTEMENT", "44", "", "PREVUE 1.00"},
		{"REGION", "93", "", "ANNONCEE 0.30, PREVUE 0.60"},
		{"FRANCE", "FR", "", "ANNONCEE 0.30, PREVUE 1.00"},
		{"FRANCE", "FR", "2020-05-31", "ANNONCEE 0.30, PREVUE 0.60"},
		{"FRANCE", "FR", "2020-06-01", "ANNONCEE 0.30, PREVUE 1.00"},
		{"FRANCE", "FR", "2020-12-31", "ANNONCEE 0.30, PREVUE 1.00"},
		{"FRANCE", "FR", "2019-12-31", ""},
	} {
		var date *db.Date
		if c.date != "" {
			date = new(db.Date(c.date))
		}
		if got := brut(c.niveau, c.code, date); got != c.want {
			t.Errorf("%s %s on %q: %s, want %s", c.niveau, c.code, c.date, got, c.want)
		}
	}
}

func TestWritersOfAShareAndOfTheWholeSeeEachOther(t *testing.T) {
	pool := dbtest.New(t)
	if _, err := pool.Exec(t.Context(), organisationsEssai+`;
		INSERT INTO economie (id, cle, beneficiaire_id, nature, statut, brut_centimes, part_de_id, source_id) VALUES
			(1, gen_random_uuid(), 6, 'LICENCES', 'PREVUE', 100, NULL, 1), (2, gen_random_uuid(), 1, 'LICENCES', 'PREVUE', 60, 1, 1)`); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, first, second string }{
		{"the whole changes statut, a share its amount", `UPDATE economie SET statut = 'ANNONCEE' WHERE id = 1`, `UPDATE economie SET brut_centimes = 70 WHERE id = 2`},
		{"a share comes, the whole goes private", `INSERT INTO economie (id, cle, beneficiaire_id, nature, statut, brut_centimes, part_de_id, source_id) VALUES (3, gen_random_uuid(), 2, 'LICENCES', 'PREVUE', 5, 1, 1)`,
			`UPDATE economie SET visibilite = 'PRIVE' WHERE id = 1`},
		{"the beneficiary moves, its saving changes", `UPDATE organisation SET departement = '44', region = '52' WHERE id = 1`, `UPDATE economie SET brut_centimes = 80 WHERE id = 2`},
		{"a share goes, the whole comes back", `DELETE FROM economie WHERE id = 3`, `UPDATE economie SET visibilite = 'PUBLIC', statut = 'PREVUE' WHERE id = 1`},
	} {
		attendre(t, pool, c.name, c.first, c.second)
	}
}

// attendre commits a first statement while a second one waits for it, and checks the counts after both.
func attendre(t *testing.T, pool *pgxpool.Pool, name, first, second string) {
	t.Helper()
	ctx := t.Context()
	tx, err := pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, first); err != nil {
		t.Fatal(name, err)
	}
	done := make(chan error, 1)
	go func(ctx context.Context) {
		_, err := pool.Exec(ctx, second)
		done <- err
	}(ctx)
	attendreVerrou(t, pool)
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(name, err)
	}
	if err := <-done; err != nil {
		t.Fatal(name, err)
	}
	if ecarts, err := db.CheckComptes(ctx, pool); err != nil || len(ecarts) > 0 {
		t.Errorf("%s: %v %v", name, ecarts, err)
	}
}

// attendreVerrou returns once a statement of this database waits for another one.
func attendreVerrou(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	for limite := time.Now().Add(10 * time.Second); ; {
		if time.Now().After(limite) {
			t.Fatal("no statement waits for another one")
		}
		var n int
		err := pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			return
		}
	}
}

func TestCheckComptesSeesATotalOfSavingsThatIsWrongAndARebuildMendsIt(t *testing.T) {
	pool := dbtest.New(t)
	if _, err := pool.Exec(t.Context(), organisationsEssai+`;
		INSERT INTO economie (cle, beneficiaire_id, nature, statut, brut_centimes, source_id) SELECT gen_random_uuid(), i, 'LICENCES', 'PREVUE', 100, 1 FROM generate_series(1, 8) i;
		UPDATE economie_compte SET brut = brut + 7 WHERE axe = 'NATURE' AND niveau = 'FRANCE';
		UPDATE economie_comptee SET net = 5 WHERE economie_id = (SELECT min(id) FROM economie) AND niveau = 'REGION'`); err != nil {
		t.Fatal(err)
	}
	ecarts, err := db.CheckComptes(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	var tables []string
	for _, e := range ecarts {
		tables = append(tables, e.Table)
	}
	// The row of economie_comptee is one too many and one missing, and its net is in none of the four sums of its région.
	if n := len(slices.DeleteFunc(slices.Clone(tables), func(s string) bool { return s != "economie_comptee" })); n != 2 || len(tables) != 2+1+2*4 {
		t.Errorf("differences: %+v", ecarts)
	}
	if _, err := pool.Exec(t.Context(), `SELECT economie_refaire()`); err != nil {
		t.Fatal(err)
	}
	if ecarts, err := db.CheckComptes(t.Context(), pool); err != nil || len(ecarts) > 0 {
		t.Errorf("after the rebuild: %v %v", ecarts, err)
	}
}
