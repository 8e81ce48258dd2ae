package db

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// Date is a day without a time, as ISO 8601 writes it: "2017-11-15".
type Date string

// Scan reads a PostgreSQL date.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case time.Time:
		*d = Date(v.Format(time.DateOnly))
	case string:
		*d = Date(v)
	case []byte:
		*d = Date(v)
	default:
		return fmt.Errorf("date: unexpected %T", src)
	}
	return nil
}

// MarshalGQL writes the date as a JSON string.
func (d Date) MarshalGQL(w io.Writer) { io.WriteString(w, strconv.Quote(string(d))) }

// UnmarshalGQL accepts a day of the calendar in ISO 8601, from year 1 to 9999.
func (d *Date) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return Invalid("", "une date s'écrit entre guillemets : \"2017-11-15\"")
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil || s < "0001" {
		return Invalid("", "« %.40s » n'est pas une date : écrivez-la ainsi : 2017-11-15", s)
	}
	*d = Date(s)
	return nil
}

// PrecisionDate says what of a date is known: the day, the month or the year.
type PrecisionDate string

// Instant is a moment, shown in UTC as RFC 3339 writes it.
type Instant time.Time

// Scan reads a PostgreSQL timestamptz.
func (i *Instant) Scan(src any) error {
	t, ok := src.(time.Time)
	if !ok {
		return fmt.Errorf("instant: unexpected %T", src)
	}
	*i = Instant(t)
	return nil
}

// MarshalGQL writes the moment as a JSON string, to the second.
func (i Instant) MarshalGQL(w io.Writer) {
	io.WriteString(w, strconv.Quote(time.Time(i).UTC().Format(time.RFC3339)))
}

// MarshalJSON writes the moment whole: inputs are compared by their JSON.
func (i Instant) MarshalJSON() ([]byte, error) { return time.Time(i).MarshalJSON() }

// UnmarshalGQL accepts RFC 3339.
func (i *Instant) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if ok {
		if t, err := time.Parse(time.RFC3339, s); err == nil {
			*i = Instant(t)
			return nil
		}
	}
	return Invalid("", "« %.40v » n'est pas un instant : écrivez-le ainsi : 2026-11-22T08:30:00Z", v)
}

// Euros is an amount in cents: whole inside, a decimal string of two digits outside.
type Euros int64

// String writes the amount as a decimal: 780000.00.
func (e Euros) String() string { return hundredths(int64(e)) }

// MarshalGQL writes the amount as a JSON string: "780000.00".
func (e Euros) MarshalGQL(w io.Writer) { io.WriteString(w, strconv.Quote(e.String())) }

// UnmarshalGQL accepts a decimal string with at most two digits after the point.
func (e *Euros) UnmarshalGQL(v any) error {
	s, _ := v.(string)
	n, ok := parseHundredths(s)
	if !ok {
		return Invalid("", "« %.40v » n'est pas un montant : écrivez-le entre guillemets, avec un point : \"780000.00\"", v)
	}
	*e = Euros(n)
	return nil
}

// Decimal is an exact number in hundredths: whole inside, a decimal string of two digits outside.
type Decimal int64

// MarshalGQL writes the number as a JSON string: "12.50".
func (d Decimal) MarshalGQL(w io.Writer) { io.WriteString(w, strconv.Quote(hundredths(int64(d)))) }

// UnmarshalGQL accepts a decimal with at most two digits after the point, quoted or not. The shortest decimal that a
// float stands for is what was written.
func (d *Decimal) UnmarshalGQL(v any) error {
	var s string
	switch v := v.(type) {
	case string:
		s = v
	case json.Number:
		s = v.String()
	case float64:
		s = strconv.FormatFloat(v, 'f', -1, 64)
	case int64, int:
		s = fmt.Sprint(v)
	}
	n, ok := parseHundredths(s)
	if !ok {
		return Invalid("", "« %.40v » n'est pas un nombre à deux décimales au plus : écrivez-le avec un point : \"12.5\"", v)
	}
	*d = Decimal(n)
	return nil
}

// hundredths writes a number of hundredths with its two digits.
func hundredths(n int64) string {
	sign, abs := "", uint64(n)
	if n < 0 {
		sign, abs = "-", -abs
	}
	return fmt.Sprintf("%s%d.%02d", sign, abs/100, abs%100)
}

// parseHundredths reads a decimal with at most two digits after the point.
func parseHundredths(s string) (int64, bool) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, cents, point := strings.Cut(digits, ".")
	switch {
	case !point:
		cents = "00"
	case len(cents) == 1:
		cents += "0"
	}
	w, err1 := strconv.ParseUint(whole, 10, 63)
	c, err2 := strconv.ParseUint(cents, 10, 63)
	if err1 != nil || err2 != nil || len(cents) != 2 || w > (math.MaxInt64-99)/100 {
		return 0, false
	}
	n := int64(w*100 + c)
	if negative {
		n = -n
	}
	return n, true
}
