package graph_test

import (
	"encoding/json"
	"testing"

	"github.com/mutualibre/mutualibre/db"
)

// checkCounts fails when a kept count does not say what the usages say.
func checkCounts(t testing.TB, a *api) {
	t.Helper()
	ecarts, err := db.CheckComptes(t.Context(), a.pool)
	if err != nil || len(ecarts) > 0 {
		t.Error("counts:", ecarts, err)
	}
}

func mustJSON(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
