package seed_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/seed"
	"github.com/mutualibre/mutualibre/seed/seedtest"
)

// france is a database with all that the project ships.
func france(t *testing.T) *pgxpool.Pool {
	return dbtest.Open(t, seedtest.URL(t))
}

// column reads the texts that a statement gives.
func column(t *testing.T, pool *pgxpool.Pool, sql string) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// Merged two by two, then what is left of the first two pairs into one: those that the files say most about, of every kind.
// Not around Lyon: a commune that leaves its Métropole by a merger does change the population of the Rhône.
var fusions = []struct{ typ, cles string }{
	{"Logiciel", `SELECT l.slug FROM logiciel l JOIN logiciel_lien x ON x.de_id = l.id GROUP BY l.id ORDER BY count(*) DESC, l.id LIMIT 12`},
	{"Logiciel", `SELECT slug FROM logiciel ORDER BY nb_utilisateurs DESC, id LIMIT 20`},
	{"Logiciel", `SELECT l.slug FROM logiciel l JOIN source s ON s.id = l.source_id WHERE s.cle LIKE 'http%' AND NOT EXISTS (SELECT FROM identifiant WHERE logiciel_id = l.id) ORDER BY 1 LIMIT 10`},
	{"Collectivite", `SELECT cle FROM organisation WHERE nature = 'COMMUNE' AND departement <> '69' ORDER BY nb_usages DESC, id LIMIT 20`},
	{"Collectivite", `SELECT o.cle FROM organisation o JOIN label_obtenu b ON b.organisation_id = o.id JOIN label_edition e ON e.id = b.edition_id WHERE o.nature = 'COMMUNE' AND o.departement <> '69' ORDER BY e.annee, b.source_id, o.id LIMIT 16`},
	{"Collectivite", `SELECT cle FROM organisation WHERE nature = 'COMMUNE' AND siren IS NULL ORDER BY cle LIMIT 4`},
	{"Collectivite", `SELECT cle FROM organisation WHERE nature = 'EPCI' ORDER BY nb_usages DESC, id LIMIT 4`},
	{"Collectivite", `SELECT cle FROM organisation WHERE nature = 'DEPARTEMENT' AND actif ORDER BY nb_usages DESC, id LIMIT 4`},
	{"Collectivite", `SELECT cle FROM organisation WHERE nature = 'ETABLISSEMENT_PUBLIC' ORDER BY nb_usages DESC, id LIMIT 4`},
	{"SyndicatMixte", `SELECT o.cle FROM organisation o LEFT JOIN catalogue k ON k.syndicat_id = o.id WHERE o.genre = 'SYNDICAT' ORDER BY k.id, o.id LIMIT 8`},
	{"SyndicatMixte", `SELECT o.cle FROM organisation o JOIN adhesion a ON a.groupement_id = o.id WHERE o.genre = 'SYNDICAT' GROUP BY o.id ORDER BY count(*) DESC, o.id LIMIT 4`},
	{"Prestataire", `SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id LIMIT 8`},
}

func TestAFileReadAgainBringsNothingMergedBackAtScale(t *testing.T) {
	pool := france(t)
	store := db.NewStore(pool)
	t.Cleanup(func() { store.Close() })
	ctx := db.WithIdentite(t.Context(), db.Commande("essai"))
	force, motif := true, "Essai"
	merge := func(typ, garde, fusionne string) bool {
		t.Helper()
		garde, fusionne = identifiant.Global(typ, garde), identifiant.Global(typ, fusionne)
		var fautes []*db.Erreur
		if typ == "Logiciel" {
			p, err := store.FusionnerLogiciels(ctx, db.FusionnerLogicielsInput{Garde: garde, Fusionne: fusionne}, db.Selection{})
			if err != nil {
				t.Fatal(err)
			}
			fautes = p.Erreurs
		} else {
			p, err := store.FusionnerOrganisations(ctx, db.FusionnerOrganisationsInput{Garde: garde, Fusionnees: []string{fusionne},
				DateEffet: "2026-01-01", Force: &force, Motif: &motif}, db.Selection{})
			if err != nil {
				t.Fatal(err)
			}
			fautes = p.Erreurs
		}
		return len(fautes) == 0 // else they are one already
	}
	n := 0
	for _, f := range fusions {
		cles := column(t, pool, f.cles)
		if len(cles) < 2 {
			t.Fatalf("nothing to merge: %s", f.cles)
		}
		for i := 0; i+1 < len(cles); i += 2 {
			// The younger one is kept half of the time: files say first what they say of the other.
			a, b := cles[i+i/2%2], cles[i+1-i/2%2]
			if merge(f.typ, a, b) {
				n++
			}
		}
		if len(cles) > 3 && merge(f.typ, cles[2], cles[0]) {
			n++
		}
	}
	if n < 50 {
		t.Fatalf("%d mergers: too few to prove anything", n)
	}

	tables := column(t, pool, `SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT IN ('importation', 'anomalie', 'publication', 'source') ORDER BY 1`)
	exec := func(sql string) {
		t.Helper()
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	exec(`CREATE SCHEMA avant`)
	for _, nom := range tables {
		exec(`CREATE TABLE avant.` + nom + ` AS TABLE public.` + nom)
	}
	bilan, err := seed.Load(t.Context(), pool, seed.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range bilan.Rapports {
		if r.Ajouts != 0 || r.Corrections != 0 {
			t.Error(r)
		}
	}
	for _, nom := range tables {
		for _, sens := range [][2]string{{"avant", "public"}, {"public", "avant"}} {
			for _, row := range column(t, pool, `SELECT x::text FROM (TABLE `+sens[0]+`.`+nom+` EXCEPT TABLE `+sens[1]+`.`+nom+`) x LIMIT 5`) {
				t.Errorf("%s only in %s: %s", nom, sens[0], row)
			}
		}
	}
}
