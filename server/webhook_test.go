package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

func TestAServerTellsWebhooksOfWhatIsPublishedUnlessToldNotTo(t *testing.T) {
	t.Parallel()
	url := remplie(t)
	pool := dbtest.Open(t, url)
	if _, err := pool.Exec(t.Context(), `INSERT INTO organisation (cle, genre, nom, nom_tri, nature, source_id) SELECT 'essai', 'COLLECTIVITE', 'Essai', 'essai', 'COMMUNE', id FROM source;
		INSERT INTO logiciel (slug, nom, nom_tri, libre, ajoute_le, source_id) SELECT 'essai', 'Essai', 'essai', true, '2026-01-01', id FROM source`); err != nil {
		t.Fatal(err)
	}
	told := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { told <- r.Header.Get("Mutualibre-Evenement") }))
	defer receiver.Close()

	store := db.NewStore(pool)
	defer store.Close()
	store.AdmettreAdressesLocales()
	ctx := db.WithIdentite(t.Context(), db.Commande("essai"))
	essai := identifiant.Global("Collectivite", "essai")
	w, err := store.CreerWebhook(ctx, db.CreerWebhookInput{Organisation: essai, URL: receiver.URL, Evenements: []db.EvenementWebhook{"USAGE"}})
	if err != nil || len(w.Erreurs) > 0 {
		t.Fatal(err, db.Fautes(w.Erreurs))
	}
	u, err := store.DeclarerUsage(ctx, db.DeclarerUsageInput{Utilisateur: essai, Logiciel: identifiant.Global("Logiciel", "essai"), Statut: "PRODUCTION", ContenuUsage: db.ContenuUsage{Source: &db.SourceInput{Nom: "Essai"}}}, db.Selection{})
	if err != nil || len(u.Erreurs) > 0 {
		t.Fatal(err, db.Fautes(u.Erreurs))
	}

	env := environnement{"DATABASE_URL": url, "WEBHOOKS_LOCAUX": "oui"}
	mute := serve(t, env, "--webhooks=false")
	mute.stop()
	if mute.statut() != statutFait || len(told) > 0 {
		t.Error("a server told not to has sent")
	}
	s := serve(t, env)
	if !s.journal.Shows("réseaux privés sont admis") {
		t.Error("the log does not warn that local addresses are admitted")
	}
	select {
	case v := <-told:
		if v != "USAGE" {
			t.Error(v)
		}
	case <-time.After(patienceEssai):
		t.Fatal("nothing is sent")
	}
	s.stop()
	if s.statut() != statutFait {
		t.Error("the server does not stop well")
	}
}
