package dbtest

import (
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/droit"
)

// Jeton makes a token of a role for an organisation, named by its public id, "" for all, the way the command line does.
// It lasts an hour, and is called "jeton de test " and its role.
func Jeton(t testing.TB, s *db.Store, role droit.Role, organisation string) string {
	t.Helper()
	expire := db.Instant(time.Now().Add(time.Hour))
	in := db.CreerJetonInput{Nom: "jeton de test " + string(role), Role: role, ExpireLe: &expire}
	if organisation != "" {
		in.Organisation = &organisation
	}
	made, err := s.CreerJeton(db.WithIdentite(t.Context(), db.Commande("test")), in)
	if err != nil || len(made.Erreurs) > 0 {
		t.Fatal(err, db.Fautes(made.Erreurs))
	}
	return *made.Secret
}

// Identite is who holds such a token.
func Identite(t testing.TB, s *db.Store, role droit.Role, organisation string) *db.Identite {
	t.Helper()
	i, err := s.AuthentifierJeton(t.Context(), Jeton(t, s, role, organisation))
	if err != nil {
		t.Fatal(err)
	}
	return i
}
