package importation_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/seed/importation"
)

// grand is a table of usages of communes, French as a spreadsheet writes it, whose lines can be changed.
type grand struct{ lignes [][]string }

// The columns of grand.
const (
	cID = iota
	cSIREN
	cLogiciel
	cStatut
	cSyndicat
	cSupport
	cPostes
	cVersion
	cDebut
	cFin
	cVisibilite
	cConstate
	cSource
	cURL
	cRevision
	cCommune
)

var entete = []string{"id", "SIREN", "Logiciel", "Statut", "Syndicat", "Support", "Nombre de postes", "Version", "Mise en service", "Date de fin",
	"Visibilité", "Constaté le", "Source", "URL source", "revision", "Code INSEE"}

func newGrand(t testing.TB, b *base, n int) *grand {
	t.Helper()
	column := func(sql string) []string {
		rows, err := b.pool.Query(t.Context(), sql)
		if err != nil {
			t.Fatal(err)
		}
		all, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	sirens := column(`SELECT siren FROM organisation o WHERE genre = 'COLLECTIVITE' AND actif AND siren IS NOT NULL
		AND NOT EXISTS (SELECT FROM usage u WHERE u.utilisateur_id = o.id) ORDER BY id`)
	logiciels := column(`SELECT slug FROM logiciel ORDER BY id LIMIT 40`)
	g := &grand{}
	for i := range n {
		l := make([]string, len(entete))
		l[cSIREN], l[cLogiciel], l[cStatut], l[cPostes] = sirens[i%len(sirens)], logiciels[(i/len(sirens)+i)%len(logiciels)], "En production", fmt.Sprint(1+i%500)
		l[cVersion], l[cDebut] = fmt.Sprintf("%d.%d", i%9, i%7), fmt.Sprintf("%02d/%02d/%d", 1+i%28, 1+i%12, 2005+i%20)
		l[cSupport], l[cVisibilite], l[cSource], l[cURL] = "Interne", "Public", "Enquête 2026", "https://exemple.fr/enquete"
		g.lignes = append(g.lignes, l)
	}
	return g
}

func (g *grand) String() string {
	var b strings.Builder
	b.WriteString(strings.Join(entete, ";") + "\r\n")
	for _, l := range g.lignes {
		b.WriteString(strings.Join(l, ";") + "\r\n")
	}
	return b.String()
}

// planted is a fault put in a line, and what the report must say of it.
type planted struct {
	spoil           func(l []string) []string
	colonne, valeur string
	motif           string
}

// cell spoils one value.
func cell(c int, valeur, motif string) planted {
	return planted{func(l []string) []string { l[c] = valeur; return l }, entete[c], valeur, motif}
}

// plantes are faults of different kinds. usage is one of the shipped usages, sitpi's member none of whose lines is here.
func plantes(t testing.TB, b *base) []planted {
	usage := identifiant.Global("Usage", value[string](t, b, `SELECT cle::text FROM usage WHERE statut = 'PRODUCTION' AND fin IS NULL ORDER BY id LIMIT 1`))
	of := func(p planted, more func(l []string)) planted {
		spoil := p.spoil
		p.spoil = func(l []string) []string { l = spoil(l); more(l); return l }
		return p
	}
	whole := func(motif, colonne, valeur string, spoil func(l []string) []string) planted {
		return planted{spoil, colonne, valeur, motif}
	}
	return []planted{
		cell(cSIREN, "253800701", "clé"),
		cell(cSIREN, "25380070", "neuf chiffres"),
		cell(cSIREN, "732829320", "rien ne porte"),
		cell(cSIREN, "25380070000012", "SIRET"),
		cell(cSIREN, "", "obligatoire"),
		of(cell(cCommune, "00000", "code"), func(l []string) { l[cSIREN] = "" }),
		of(cell(cCommune, "38999", "rien ne porte"), func(l []string) { l[cSIREN] = "" }),
		cell(cLogiciel, "", "obligatoire"),
		cell(cLogiciel, "Logiciel qui n'existe pas", "rien ne porte"),
		cell(cLogiciel, "wikidata:Q999999999999", "rien ne porte"),
		cell(cStatut, "", "obligatoire"),
		cell(cStatut, "Prodution", "vouliez-vous dire « PRODUCTION »"),
		cell(cSyndicat, "213801517", "genre attendu"),
		cell(cSyndicat, "123456789", "clé"),
		cell(cSupport, "Voisin", "n'est pas admise"),
		cell(cPostes, "0", "au moins 1"),
		cell(cPostes, "-4", "au moins 1"),
		cell(cPostes, "douze", "nombre entier"),
		cell(cPostes, "3000000000", "trop grand"),
		cell(cVersion, strings.Repeat("9", 51), "50 caractères"),
		cell(cDebut, "31/02/2020", "date"),
		cell(cDebut, "bientôt", "date"),
		cell(cDebut, "01/01/2090", "PREVU"),
		cell(cFin, "01/01/1990", "doit suivre"),
		cell(cFin, "01/01/2090", "à venir"),
		cell(cFin, "2024", "le jour est attendu"),
		cell(cVisibilite, "Secret", "n'est pas admise"),
		cell(cConstate, "01/01/2090", "à venir"),
		cell(cURL, "javascript:alert(1)", "http"),
		cell(cSource, strings.Repeat("x", 201), "trop long"),
		cell(cID, "pas-un-identifiant", "n'est pas lisible"),
		cell(cID, identifiant.Global("Logiciel", "libreoffice"), "objet Logiciel"),
		cell(cID, identifiant.Global("Usage", "00000000-0000-4000-8000-000000000000"), "rien ne porte cet identifiant"),
		of(cell(cRevision, "999", "cela a changé"), func(l []string) { l[cID], l[cSIREN], l[cLogiciel] = usage, "", "" }),
		whole("plus de champs", "", "surplus", func(l []string) []string { return append(l, "surplus") }),
		whole("pas assez de champs", "", "", func(l []string) []string { return l[:5] }),
		whole("dit la même chose que la ligne 2", "", "", nil), // see below
	}
}

func TestAHundredThousandLinesWithThirtySevenFaultsReportExactlyTheseInLittleMemoryAtScale(t *testing.T) {
	if testing.Short() {
		t.Skip("100 000 lines")
	}
	b := real(t)
	const n = 100_000
	g := newGrand(t, b, n)
	good := make([][]string, n)
	for i, l := range g.lignes {
		good[i] = slices.Clone(l)
	}
	faults := plantes(t, b)
	if len(faults) != 37 {
		t.Fatalf("%d faults", len(faults))
	}
	at := map[int]planted{}
	for k, f := range faults {
		i := 2500*k + 1000
		if at[i+2] = f; f.spoil == nil {
			g.lignes[i] = slices.Clone(g.lignes[0]) // a duplicate of the first one
			continue
		}
		g.lignes[i] = f.spoil(g.lignes[i])
	}
	before := b.sum(t)
	exact := func(r *importation.Rapport, planted int) {
		t.Helper()
		if r.NombreFautes != planted || len(r.Fautes) != planted {
			t.Errorf("%d faults reported, want %d", r.NombreFautes, planted)
		}
		for _, f := range r.Fautes {
			want, ok := at[f.Ligne]
			if !ok || f.Colonne != want.colonne || f.Valeur != identifiant.Court(want.valeur) || !strings.Contains(f.Motif, want.motif) {
				t.Errorf("reported %v (colonne %q, valeur %q), want %q, %q, %q", f, f.Colonne, f.Valeur, want.colonne, want.valeur, want.motif)
			}
		}
	}

	// All or nothing, then a dry run: the first lines say as much as the whole.
	debutDuFichier := (&grand{g.lignes[:5_000]}).String()
	r, _ := b.importe(commande(t), t, importation.Demande{Table: "usages"}, debutDuFichier)
	wants(t, r, 5_000-2, 0, 0, 2)
	exact(r, 2)
	if r.Ecrit || !r.Refuse() {
		t.Error("an import with faults was not refused")
	}
	if b.sum(t) != before {
		t.Fatal("an import that was refused changed something")
	}
	essai, _ := b.importe(commande(t), t, importation.Demande{Table: "usages", Partiel: true, Essai: true}, debutDuFichier)
	if essai.Ecrit || b.sum(t) != before {
		t.Fatal("a dry run changed something")
	}
	wants(t, essai, 5_000-2, 0, 0, 2)

	// Beside what importing needs, the process holds nothing of the file.
	path := filepath.Join(t.TempDir(), "usages.csv")
	if err := os.WriteFile(path, []byte(g.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	g.lignes = nil
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rejets string
	debut := time.Now()
	most := memoire(func() { r, rejets = b.lit(commande(t), t, importation.Demande{Table: "usages", Partiel: true}, f) })
	t.Logf("100 000 lines in %v, heap %d MB at most", time.Since(debut).Round(time.Millisecond), most>>20)
	if most > 200<<20 {
		t.Errorf("the heap grew to %d MB", most>>20)
	}
	wants(t, r, n-37, 0, 0, 37)
	exact(r, len(faults))
	if !slices.Equal(essai.Fautes, r.Fautes[:len(essai.Fautes)]) {
		t.Error("the dry run did not say what the import did")
	}
	if got := value[int](t, b, `SELECT count(*) FROM usage u JOIN source s ON s.id = u.source_id WHERE s.url = 'https://exemple.fr/enquete'`); got != n-37 {
		t.Errorf("%d usages written, want %d", got, n-37)
	}
	if got := value[int](t, b, `SELECT count(*) FROM journal j JOIN publication p ON p.id = j.publication_id WHERE p.numero = $1`, r.Publication); got != n-37 {
		t.Errorf("%d rows in the journal under publication %v", got, r.Publication)
	}

	// The table of rejected lines, corrected, is read as it is.
	table := csv.NewReader(strings.NewReader(strings.TrimPrefix(rejets, "\ufeff")))
	table.Comma, table.FieldsPerRecord = ';', -1
	all, err := table.ReadAll()
	if err != nil || len(all) != 38 {
		t.Fatalf("%d lines in the table of rejected lines: %v", len(all), err)
	}
	var mended bytes.Buffer
	out := csv.NewWriter(&mended)
	out.Comma = ';'
	for i, l := range all {
		if i > 0 {
			origine, err := strconv.Atoi(l[len(l)-1])
			if err != nil || l[len(l)-2] == "" {
				t.Fatalf("no origin or no reason in %q", l)
			}
			copy(l, good[origine-2])
		}
		if err := out.Write(l); err != nil {
			t.Fatal(err)
		}
	}
	out.Flush()
	r, _ = b.importe(commande(t), t, importation.Demande{Table: "usages"}, mended.String())
	wants(t, r, 37, 0, 0, 0)

	// And the whole of it changes nothing more.
	g.lignes = good
	before = b.sum(t)
	r, _ = b.importe(commande(t), t, importation.Demande{Table: "usages"}, g.String())
	wants(t, r, 0, 0, n, 0)
	if r.Publication != nil || b.sum(t) != before {
		t.Error("what changes nothing is published, or changes something")
	}
}

// memoire returns the most that the heap holds while f runs: that of the whole test process, which holds PostgreSQL's
// answers but not PostgreSQL.
func memoire(f func()) (most uint64) {
	runtime.GC()
	stop, peak := make(chan struct{}), make(chan uint64)
	go func() {
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
			select {
			case <-stop:
				peak <- most
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	f()
	close(stop)
	return <-peak
}
