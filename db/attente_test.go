package db_test

import (
	"strings"
	"testing"

	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/db/migrations"
)

func TestTheQueueHasTheTablesThatItsLibraryWants(t *testing.T) {
	t.Parallel()
	m, err := rivermigrate.New(riverpgxv5.New(dbtest.New(t)), &rivermigrate.Config{Schema: "river"})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := m.Validate(t.Context(), nil); err != nil || !r.OK {
		t.Errorf("%v, %v", r, err)
	}
	var written strings.Builder
	for _, name := range []string{"20261122000261_file_attente.up.sql", "20261122000262_file_attente_suite.up.sql"} {
		file, err := migrations.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		written.Write(file)
	}
	for _, v := range m.AllVersions() {
		if want := strings.ReplaceAll(v.SQLUp, "/* TEMPLATE: schema */", "river."); !strings.Contains(written.String(), want) {
			t.Errorf("version %d of the library (%s) is not in the migrations as it stands", v.Version, v.Name)
		}
	}
}
