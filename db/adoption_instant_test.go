package db

import (
	"testing"
	"time"
)

func TestADayIsReadFromTheNearerNewYear(t *testing.T) {
	today := time.Date(2026, time.November, 28, 0, 0, 0, 0, time.UTC)
	for day, want := range map[Date]instant{
		// January to June lean on the new year before: element 1 is the start of 2005, so 11 is that of 2015.
		"2015-05-20": {rang: 11, signe: 1, de: "2014-12-31", a: "2015-05-20"},
		"2015-08-20": {rang: 12, signe: -1, de: "2015-08-20", a: "2015-12-31"},
		"2015-12-31": {rang: 12, signe: -1, de: "2015-12-31", a: "2015-12-31"},
		"2015-01-01": {rang: 11, signe: 1, de: "2014-12-31", a: "2015-01-01"},
		// This year and later, what is left to happen is little.
		"2026-02-01": {rang: 23, signe: -1, de: "2026-02-01", a: "2026-12-31"},
		"2027-02-01": {rang: 24, signe: -1, de: "2027-02-01", a: "2027-12-31"},
		// Outside the years that are kept.
		"2004-12-31": {rang: 1, signe: -1, de: "2004-12-31", a: "2004-12-31"},
		"1998-03-02": {rang: 1, signe: -1, de: "1998-03-02", a: "2004-12-31"},
		"2034-12-31": {rang: 31, signe: -1, de: "2034-12-31", a: "2034-12-31"},
		"2035-01-01": {rang: 32, signe: -1, de: "2035-01-01", a: "infinity"},
	} {
		want.date = day
		got, err := instantDe(day, today)
		if err != nil || got != want {
			t.Errorf("%s: %+v %v, want %+v", day, got, err, want)
		}
	}
	if _, err := instantDe("2015-13-01", today); err == nil {
		t.Error("there is no thirteenth month")
	}
}
