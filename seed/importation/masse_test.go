package importation_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/mutualibre/mutualibre/seed/importation"
)

// grand is a table of n usages of communes, French as a spreadsheet writes it, whose lines can be changed.
type grand struct {
	entete string
	lignes [][]string
}

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
	g := &grand{entete: "SIREN;Logiciel;Statut;Nombre de postes;Version;Mise en service;Support;Visibilité;Source;source_url"}
	for i := range n {
		g.lignes = append(g.lignes, []string{sirens[i%len(sirens)], logiciels[(i/len(sirens)+i)%len(logiciels)], "En production", fmt.Sprint(1 + i%500),
			fmt.Sprintf("%d.%d", i%9, i%7), fmt.Sprintf("%02d/%02d/%d", 1+i%28, 1+i%12, 2005+i%20), "Interne", "Public", "Enquête 2026", "https://exemple.fr/enquete"})
	}
	return g
}

func (g *grand) String() string {
	var b strings.Builder
	b.WriteString(g.entete + "\r\n")
	for _, l := range g.lignes {
		b.WriteString(strings.Join(l, ";") + "\r\n")
	}
	return b.String()
}

// peakRSS is the largest resident size of the process so far, in bytes.
func peakRSS(t testing.TB) int64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip(err)
	}
	_, after, _ := strings.Cut(string(data), "VmHWM:")
	var kb int64
	if _, err := fmt.Sscan(after, &kb); err != nil {
		t.Fatal(err)
	}
	return kb << 10
}

func TestAHundredThousandUsagesFitInLittleMemory(t *testing.T) {
	b := real(t)
	fichier := newGrand(t, b, lignesEssai).String()
	path := t.TempDir() + "/f.csv"
	if err := os.WriteFile(path, []byte(fichier), 0o600); err != nil {
		t.Fatal(err)
	}
	fichier = ""
	runtime.GC()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	stop, peak := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		for {
			select {
			case <-stop:
				peak <- most
				return
			case <-time.After(20 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
	}()
	debut := time.Now()
	r, err := importation.Importer(commande(t), b.store, importation.Demande{Table: "usages", Contenu: f})
	duree := time.Since(debut)
	close(stop)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, r, 100_000, 0, 0, 0)
	t.Logf("100 000 lines in %v (%.0f/s), heap %d MB at most, RSS of the test %d MB at most", duree, 100_000/duree.Seconds(), <-peak>>20, peakRSS(t)>>20)
	_, _ = f.Seek(0, 0)
	debut = time.Now()
	r, err = importation.Importer(commande(t), b.store, importation.Demande{Table: "usages", Contenu: f})
	if err != nil {
		t.Fatal(err)
	}
	wants(t, r, 0, 0, 100_000, 0)
	t.Logf("again, unchanged, in %v", time.Since(debut))
}
