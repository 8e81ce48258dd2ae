package tableau

import (
	"bytes"
	"io"
	"strconv"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/domain/epreuve"
)

func fmtLigne(no int) string { return strconv.Itoa(no) + ": a|1" }

// bigTable writes n rows of eight columns.
func bigTable(t testing.TB, format string, n int, w io.Writer) {
	t.Helper()
	wr, err := NewWriter(w, format, []string{"siren", "logiciel", "debut", "postes", "montant", "actif", "services", "note"}, OptionsEcriture{})
	if err != nil {
		t.Error(err)
		return
	}
	jour := Date{time.Date(2017, 11, 15, 0, 0, 0, 0, time.UTC), JOUR}
	for i := range n {
		err := wr.Write([]Valeur{Texte(strconv.Itoa(200000000 + i)), Texte("Logiciel " + strconv.Itoa(i%500)), Jour(jour), Entier(int64(i % 300)), Centimes(int64(i)),
			Booleen(i%2 == 0), Liste([]string{"assistance", "hébergement"}), Texte("remarque, faite à la main n° " + strconv.Itoa(i))})
		if err != nil {
			t.Error(err)
			return
		}
	}
	if err := wr.Close(); err != nil {
		t.Error(err)
	}
}

func TestReadingALargeFileHoldsLittleAtScale(t *testing.T) {
	for _, c := range []struct {
		format string
		lignes int
		mo     uint64
	}{{"csv", 300_000, 20}, {"ndjson", 100_000, 20}, {"xlsx", 50_000, 20}} {
		t.Run(c.format, func(t *testing.T) {
			var source io.Reader
			if c.format == "xlsx" {
				var b bytes.Buffer
				bigTable(t, c.format, c.lignes, &b)
				source = &b
			} else {
				r, w := io.Pipe()
				go func() { bigTable(t, c.format, c.lignes, w); w.Close() }()
				source = r
			}
			haut, debut := epreuve.WatchHeap(t), time.Now()
			n := readAll(t, source)
			mo := haut()
			t.Logf("%s: %d rows/s, %d MB of live heap at most", c.format, int(float64(n)/time.Since(debut).Seconds()), mo)
			if n != c.lignes || mo > c.mo {
				t.Errorf("%d rows, %d MB", n, mo)
			}
		})
	}
}

func readAll(t testing.TB, r io.Reader) (n int) {
	l, err := Open(r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for ligne, err := range l.Lignes() {
		if err != nil {
			t.Fatal(err)
		}
		ligne.Date("debut")
		ligne.Montant("montant")
		if len(ligne.Fautes()) > 0 {
			t.Fatal(ligne.Fautes()[0])
		}
		n++
	}
	return n
}

func BenchmarkRead(b *testing.B) {
	for _, format := range []string{"csv", "ndjson", "xlsx"} {
		b.Run(format, func(b *testing.B) {
			var f bytes.Buffer
			bigTable(b, format, 20_000, &f)
			for b.Loop() {
				readAll(b, bytes.NewReader(f.Bytes()))
			}
			b.ReportMetric(20_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, format := range []string{"csv", "ndjson", "xlsx"} {
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				bigTable(b, format, 20_000, io.Discard)
			}
			b.ReportMetric(20_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
