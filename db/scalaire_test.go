package db_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/db"
)

func TestEurosAreExactDecimalsOutsideAndCentsInside(t *testing.T) {
	for text, cents := range map[string]db.Euros{
		"780000.00": 78000000, "0.05": 5, "-0.05": -5, "-12.30": -1230, "0.00": 0,
		"92233720368547757.07": 9223372036854775707, "-92233720368547757.07": -9223372036854775707,
	} {
		var read db.Euros
		if err := read.UnmarshalGQL(text); err != nil || read != cents {
			t.Errorf("%s is read %d (%v), not %d", text, read, err, cents)
		}
		var written strings.Builder
		cents.MarshalGQL(&written)
		if written.String() != `"`+text+`"` {
			t.Errorf("%d is written %s, not %s", cents, written.String(), text)
		}
	}
	var lowest strings.Builder
	db.Euros(math.MinInt64).MarshalGQL(&lowest)
	if lowest.String() != `"-92233720368547758.08"` {
		t.Errorf("the lowest amount is written %s", lowest.String())
	}
	for text, cents := range map[string]db.Euros{"12": 1200, "12.5": 1250} {
		var read db.Euros
		if err := read.UnmarshalGQL(text); err != nil || read != cents {
			t.Errorf("%s is read %d (%v), not %d", text, read, err, cents)
		}
	}
	for _, bad := range []any{"", "-", ".", "1.", "1.234", "1,5", "1e3", "+1", "--1", " 1", "NaN", "99999999999999999999", "1.-5", 12, 12.5, nil} {
		var read db.Euros
		if err := read.UnmarshalGQL(bad); err == nil {
			t.Errorf("%v is read %d", bad, read)
		}
	}
}

func TestADateIsADayOfTheCalendar(t *testing.T) {
	for _, good := range []string{"2017-11-15", "2024-02-29", "0001-01-01", "9999-12-31"} {
		var d db.Date
		if err := d.UnmarshalGQL(good); err != nil || string(d) != good {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []any{"", "2015-13-01", "2023-02-29", "2015-6-1", "15/11/2017", "2017-11-15T00:00:00Z", "0000-01-01", "10000-01-01", 20171115, nil} {
		var d db.Date
		if err := d.UnmarshalGQL(bad); err == nil {
			t.Errorf("%v is read %s", bad, d)
		}
	}
}

func FuzzEuros(f *testing.F) {
	f.Add("780000.00")
	f.Add("-0.5")
	f.Fuzz(func(t *testing.T, text string) {
		var e db.Euros
		if e.UnmarshalGQL(text) != nil {
			return
		}
		var written strings.Builder
		e.MarshalGQL(&written)
		var again db.Euros
		if err := again.UnmarshalGQL(strings.Trim(written.String(), `"`)); err != nil || again != e {
			t.Fatalf("%q is read %d, written %s, read %d (%v)", text, e, written.String(), again, err)
		}
	})
}

func TestADecimalIsReadAsItIsWrittenQuotedOrNot(t *testing.T) {
	for _, c := range []struct {
		given any
		want  db.Decimal
	}{{"12.5", 1250}, {"12.50", 1250}, {12.5, 1250}, {json.Number("12.5"), 1250}, {int64(4), 400}, {"0", 0}, {-0.25, -25}, {0.29, 29}, {1.15, 115}, {"99999.99", 9999999}} {
		var read db.Decimal
		if err := read.UnmarshalGQL(c.given); err != nil || read != c.want {
			t.Errorf("%v is read %d (%v), not %d", c.given, read, err, c.want)
		}
	}
	for _, bad := range []any{"12.345", 12.345, "12,5", "1e2", 1e300, math.NaN(), math.Inf(1), json.Number("1e2"), "", ".", "5.", ".5", "+5", "--5", nil, true, []any{1}} {
		var read db.Decimal
		if err := read.UnmarshalGQL(bad); err == nil {
			t.Errorf("%v is read %d", bad, read)
		}
	}
}
