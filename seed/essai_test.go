package seed_test

import (
	"os"
	"testing"

	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/seed"
)

func TestEssai(t *testing.T) {
	pool := dbtest.New(t)
	b, err := seed.Semer(t.Context(), pool, seed.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b.WriteTo(os.Stdout)
	b, err = seed.Semer(t.Context(), pool, seed.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b.WriteTo(os.Stdout)
	t.Fail()
}
