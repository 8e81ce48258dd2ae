package db_test

import (
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/db/dbtest"
)

func TestASnapshotIsNeitherCorrectedNorRemoved(t *testing.T) {
	pool := dbtest.New(t)
	const insert = `INSERT INTO instantane (cle, titre, le, sujet, requete, variables, version_schema, sources, document, empreinte)
		VALUES (gen_random_uuid(), 'essai', now(), 'essai', '', '{}', '', '[{"nom": "essai"}]', '{é}', 'sha256:' || $1)`
	if _, err := pool.Exec(t.Context(), insert, strings.Repeat("0", 64)); err == nil || !strings.Contains(err.Error(), "23514") {
		t.Errorf("a hash that is not that of the document: %v", err)
	}
	if _, err := pool.Exec(t.Context(), strings.Replace(insert, "$1", "encode(sha256(convert_to('{é}', 'UTF8')), 'hex')", 1)); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{`UPDATE instantane SET titre = 'autre'`, `DELETE FROM instantane`, `TRUNCATE instantane`} {
		if _, err := pool.Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "ne se corrige ni ne s'efface") {
			t.Errorf("%s: %v, want a refusal", sql, err)
		}
	}
}
