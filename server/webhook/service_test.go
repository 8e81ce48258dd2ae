package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// verified checks a signature as the documentation says to.
func verified(secret string, r recu) bool {
	var t, v1 string
	for part := range strings.SplitSeq(r.entetes.Get("Mutualibre-Signature"), ",") {
		switch name, value, _ := strings.Cut(part, "="); name {
		case "t":
			t = value
		case "v1":
			v1 = value
		}
	}
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s.%s", t, r.corps)
	return t != "" && v1 == hex.EncodeToString(mac.Sum(nil))
}

func TestAPublicationIsToldSignedWithPublicNamesOnly(t *testing.T) {
	t.Parallel()
	e, d := prepare(t), receive(t, nil)
	e.usage(membre, db.Public) // before the webhook: none of its news
	_, secret := e.webhook(syndicat, d.URL, db.Siennes)
	e.serve()
	u := e.usage(membre, db.Public)
	e.followed()
	got := d.all()
	if len(got) != 1 {
		t.Fatalf("%d requests, want 1", len(got))
	}
	r, m := got[0], got[0].message
	if !verified(secret, r) || verified(secret+"x", r) {
		t.Errorf("signature: %v", r.entetes)
	}
	if typ, _, err := identifiant.ParseGlobal(m.ID); err != nil || typ != "Livraison" || r.entetes.Get("Mutualibre-Livraison") != m.ID {
		t.Errorf("id %s, header %s: %v", m.ID, r.entetes.Get("Mutualibre-Livraison"), err)
	}
	if v := r.entetes.Get("Mutualibre-Evenement"); v != "USAGE" {
		t.Errorf("event %q", v)
	}
	if !strings.HasPrefix(r.entetes.Get("Content-Type"), "application/json") || !strings.HasPrefix(r.entetes.Get("User-Agent"), "Mutualibre") {
		t.Errorf("headers: %v", r.entetes)
	}
	if m.Numero != value[int64](e, `SELECT max(numero) FROM publication`) || m.Operation != "declarerUsage" || m.Total != 1 || len(m.Modifications) != 1 || time.Since(m.Le) > time.Hour {
		t.Fatalf("%s", r.corps)
	}
	if m.Par == nil || m.Par.ID != organisation(membre) || m.Par.Nom != "Membre" {
		t.Errorf("author: %+v", m.Par)
	}
	c := m.Modifications[0]
	if c.Evenement != "USAGE" || c.Genre != "AJOUT" || c.Objet.Type != "Usage" || *c.Objet.ID != u.ID() {
		t.Errorf("change: %+v", c)
	}
	fields := map[string]string{}
	for _, f := range c.Changements {
		if f.Apres != nil {
			fields[f.Champ] = *f.Apres
		}
	}
	if fields["utilisateur"] != organisation(membre) || fields["logiciel"] != identifiant.Global("Logiciel", "libreoffice") || fields["statut"] != "PRODUCTION" {
		t.Errorf("fields: %v", fields)
	}
	for _, hidden := range []string{"1002", "nom secret", "jeton:", secret, "rowid"} {
		if strings.Contains(string(r.corps), hidden) {
			t.Errorf("the message says %q: %s", hidden, r.corps)
		}
	}
	if value[bool](e, `SELECT EXISTS (SELECT FROM journal WHERE (avant::text || apres::text || coalesce(apres::text, avant::text)) LIKE '%' || $1 || '%')`, secret) ||
		!value[bool](e, `SELECT EXISTS (SELECT FROM journal WHERE nom_table = 'webhook' AND apres ->> 'url' = $1)`, d.URL) {
		t.Error("the journal must hold the webhook without its secret")
	}
	if strings.Contains(e.log.String(), secret) || strings.Contains(e.log.String(), "nom secret") {
		t.Error("a secret is in the log")
	}
	if value[bool](e, `SELECT EXISTS (SELECT FROM river.river_job WHERE to_jsonb(river_job)::text LIKE '%' || $1 || '%')`, secret) {
		t.Error("the secret is in the queue")
	}
}

func TestAReceiverThatFailsIsTriedAgainUnderTheSameID(t *testing.T) {
	t.Parallel()
	e := prepare(t)
	d := receive(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		if n < 3 {
			http.Error(w, "pas encore", http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	w, _ := e.webhook(membre, d.URL, db.Siennes)
	e.serve()
	e.usage(membre, db.Public)
	e.followed()
	got := d.all()
	if len(got) != 3 || got[0].message.ID != got[2].message.ID {
		t.Fatalf("%d requests, want 3 of one delivery", len(got))
	}
	if s := value[string](e, `SELECT string_agg(coalesce(statut_http::text, '') || ' ' || coalesce(erreur, 'reçue') || ' ' || trim(extrait, E'\n'), ', ' ORDER BY t.id)
		FROM tentative t JOIN livraison l ON l.id = livraison_id WHERE etat = 'REUSSIE'`); s != "500 statut 500 pas encore, 500 statut 500 pas encore, 204 reçue " {
		t.Errorf("log: %s", s)
	}
	if value[bool](e, `SELECT echecs > 0 OR en_echec_depuis IS NOT NULL OR NOT actif FROM webhook WHERE cle::text = $1`, w.Cle) {
		t.Error("a success does not forget the failures")
	}
	if n := value[int](e, `SELECT revision FROM webhook`); n != 1 {
		t.Errorf("sending made revision %d", n)
	}
}

func TestADeliveryIsGivenUpAfterItsLastAttempt(t *testing.T) {
	t.Parallel()
	e := prepare(t)
	d := receive(t, func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	e.webhook(membre, d.URL, db.Siennes)
	e.usage(membre, db.Public)
	var mu sync.Mutex
	var ranks []int
	e.serve(func(c *Config) {
		c.Attente = func(rang int) time.Duration {
			mu.Lock()
			defer mu.Unlock()
			ranks = append(ranks, rang)
			return 0
		}
	})
	e.until("it is given up", func() bool { // without the peace that failures earn, which is proved elsewhere
		if _, err := e.pool.Exec(context.Background(), `UPDATE webhook SET repos_jusqua = NULL WHERE repos_jusqua IS NOT NULL;
			UPDATE river.river_job SET scheduled_at = now(), state = 'available' WHERE state = 'scheduled'`); err != nil {
			t.Fatal(err)
		}
		return value[bool](e, `SELECT EXISTS (SELECT FROM livraison WHERE etat <> 'EN_ATTENTE')`)
	})
	mu.Lock()
	defer mu.Unlock()
	if want := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}; !slices.Equal(ranks[:min(len(ranks), len(want))], want) {
		t.Errorf("waits asked after attempts %v", ranks)
	}
	if n := len(d.all()); n != essais {
		t.Errorf("%d attempts, want %d", n, essais)
	}
	if s := value[string](e, `SELECT etat || ' ' || motif FROM livraison`); s != "ECHOUEE statut 418" {
		t.Error(s)
	}
}

func TestNothingIsToldOfWhatWasRolledBack(t *testing.T) {
	t.Parallel()
	e, d := prepare(t), receive(t, nil)
	e.webhook(membre, d.URL, db.Tout)
	e.serve()
	const write = `WITH p AS (INSERT INTO publication (operation, sujet) VALUES ('essai', 'commande:essai') RETURNING id)
		SELECT set_config('mutualibre.publication', id::text, true) FROM p`
	rollback := errors.New("rolled back")
	err := pgx.BeginFunc(t.Context(), e.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), write); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), `INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, source_id, constate_le)
			VALUES (gen_random_uuid(), 1002, '38', 1000, true, 'PRODUCTION', 'DIRECT', 1000, '2026-01-01')`); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), `SET CONSTRAINTS ALL IMMEDIATE`); err != nil { // it even had a number
			return err
		}
		return rollback
	})
	if !errors.Is(err, rollback) {
		t.Fatal(err)
	}
	e.usage(membre, db.Public)
	e.followed()
	if got := d.all(); len(got) != 1 || got[0].message.Operation != "declarerUsage" {
		t.Errorf("%d requests, want that of the usage alone", len(got))
	}
}

func TestAWebhookIsToldOnlyWhatItsOrganisationMayRead(t *testing.T) {
	t.Parallel()
	e := prepare(t)
	told := map[string]*destinataire{}
	for name, cle := range map[string]string{"syndicat": syndicat, "member": membre, "stranger": etrangere, "provider": prestataire} {
		for _, portee := range []db.PorteeWebhook{db.Siennes, db.Tout} {
			d := receive(t, nil)
			told[name+" "+string(portee)] = d
			e.webhook(cle, d.URL, portee)
		}
	}
	own := e.usage(membre, db.Prive)
	shared := e.usage(membre, db.OrganismesPublics)
	open := e.usage(membre, db.Public)
	elsewhere := e.usage(etrangere, db.Public)
	e.show(membre, open, db.Prive)
	e.serve() // hidden before its first message leaves: one sent sooner would tell, rightly, what was open then
	e.followed()
	e.show(membre, open, db.Prive) // once hidden, its life goes on without witnesses, and its past is told no more
	e.followed()

	name := map[string]string{own.ID(): "own", shared.ID(): "shared", open.ID(): "open", elsewhere.ID(): "elsewhere"}
	for who, want := range map[string][]string{
		"member SIENNES":   {"own AJOUT", "shared AJOUT", "open AJOUT", "open CORRECTION", "open CORRECTION"},
		"member TOUT":      {"own AJOUT", "shared AJOUT", "open AJOUT", "elsewhere AJOUT", "open CORRECTION", "open CORRECTION"},
		"syndicat SIENNES": {"shared AJOUT", "open RETRAIT", "open RETRAIT"},
		"syndicat TOUT":    {"shared AJOUT", "open RETRAIT", "elsewhere AJOUT", "open RETRAIT"},
		"stranger SIENNES": {"elsewhere AJOUT"},
		"stranger TOUT":    {"shared AJOUT", "open RETRAIT", "elsewhere AJOUT", "open RETRAIT"},
		"provider SIENNES": nil,
		"provider TOUT":    {"open RETRAIT", "elsewhere AJOUT", "open RETRAIT"},
	} {
		var got []string
		all := told[who].all()
		slices.SortFunc(all, func(a, b recu) int { return int(a.message.Numero - b.message.Numero) })
		for _, r := range all {
			for _, c := range r.message.Modifications {
				got = append(got, name[*c.Objet.ID]+" "+c.Genre)
				if c.Genre == "RETRAIT" {
					for _, f := range c.Changements {
						if f.Apres != nil {
							t.Errorf("%s: what a usage becomes once private: %+v", who, f)
						}
					}
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", who, got, want)
		}
	}
	if n := value[int](e, `SELECT count(*) FROM livraison l JOIN webhook w ON w.id = l.webhook_id WHERE w.organisation_id = 1004 AND portee = 'SIENNES'`); n != 0 {
		t.Errorf("%d deliveries of nothing", n)
	}
}

func TestARightThatIsLostBeforeTheSendingIsLost(t *testing.T) {
	t.Parallel()
	e, d := prepare(t), receive(t, nil)
	e.webhook(membre, d.URL, db.Siennes)
	e.usage(membre, db.Prive)
	if _, err := e.store.Diffuser(t.Context(), func(context.Context, pgx.Tx, []db.AEnvoyer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := e.pool.Exec(t.Context(), `UPDATE webhook SET organisation_id = 1003; UPDATE livraison SET a_enfiler = true`); err != nil {
		t.Fatal(err)
	}
	e.serve()
	e.followed()
	if n := len(d.all()); n != 0 {
		t.Errorf("%d requests, want none", n)
	}
	if s := value[string](e, `SELECT etat FROM livraison`); s != "ECHOUEE" {
		t.Error(s)
	}
}

func TestTwoServersAndOneKilledInTheMiddleMakeOneJobOfEachPublication(t *testing.T) {
	t.Parallel()
	e, d := prepare(t), receive(t, nil)
	e.webhook(membre, d.URL, db.Siennes)
	e.webhook(syndicat, d.URL, db.Siennes)
	// A third server makes its jobs, and dies before it commits: again and again.
	ctx, stop := context.WithCancel(t.Context())
	var killed atomic.Int64
	var third sync.WaitGroup
	_, store := e.open()
	third.Go(func() {
		for ctx.Err() == nil {
			_, _ = store.Diffuser(ctx, func(ctx context.Context, tx pgx.Tx, all []db.AEnvoyer) error {
				for _, a := range all {
					if _, err := tx.Exec(ctx, `INSERT INTO river.river_job (kind, queue, max_attempts, args)
						VALUES ('livraison', 'webhooks', 12, jsonb_build_object('livraison', $1::bigint, 'serie', 1))`, a.Livraison); err != nil {
						return err
					}
				}
				killed.Add(1)
				_, err := tx.Exec(ctx, `SELECT pg_terminate_backend(pg_backend_pid())`)
				return err
			})
		}
	})
	for range 5 {
		e.usage(membre, db.Public)
	}
	e.until("killed several times", func() bool { return killed.Load() > 3 })
	e.serve()
	e.serve()
	for range 20 {
		e.usage(membre, db.Public)
	}
	e.followed()
	stop()
	third.Wait()
	t.Logf("killed %d times", killed.Load())
	if n := value[int](e, `SELECT count(*) FROM river.river_job WHERE kind = 'livraison'`); n != 50 {
		t.Errorf("%d jobs, want 50", n)
	}
	if n := value[int](e, `SELECT count(DISTINCT args ->> 'livraison') FROM river.river_job WHERE kind = 'livraison'`); n != 50 {
		t.Errorf("jobs of %d deliveries, want 50", n)
	}
	ids := map[string]bool{}
	for _, r := range d.all() {
		ids[r.message.ID] = true
	}
	if n := len(d.all()); n != 50 || len(ids) != 50 {
		t.Errorf("%d requests of %d deliveries, want 50", n, len(ids))
	}
}

func TestADeliveryIsSentAgainWhenAsked(t *testing.T) {
	t.Parallel()
	e, d := prepare(t), receive(t, nil)
	e.webhook(membre, d.URL, db.Siennes)
	e.serve()
	e.usage(membre, db.Public)
	e.followed()
	first := d.all()[0].message.ID
	again := func(cle string) []*db.Erreur {
		t.Helper()
		p, err := e.store.RenvoyerLivraison(e.as(droit.Gestionnaire, cle), db.RenvoyerLivraisonInput{ID: first})
		if err != nil {
			t.Fatal(err)
		}
		return p.Erreurs
	}
	if f := again(etrangere); len(f) != 1 || f[0].Code != db.Interdit {
		t.Errorf("a stranger: %v", db.Fautes(f))
	}
	if f := again(membre); len(f) != 0 {
		t.Fatal(db.Fautes(f))
	}
	e.followed()
	got := d.all()
	if len(got) != 2 || got[1].message.ID != first || got[1].message.Numero != got[0].message.Numero {
		t.Errorf("%d requests, want the same twice", len(got))
	}
	if n := value[int](e, `SELECT count(*) FROM tentative`); n != 2 {
		t.Errorf("%d attempts in the log", n)
	}
	// The job of the first series, were it still there, has nothing to do.
	if v, err := e.store.Envoi(t.Context(), db.AEnvoyer{Livraison: value[int64](e, `UPDATE livraison SET etat = 'EN_ATTENTE', terminee_le = NULL RETURNING id`), Serie: 1}); v != nil || err != nil {
		t.Errorf("a former series: %v, %v", v, err)
	}
}

func TestAReceiverThatIsGoneOrFailsForThreeDaysIsStoppedWithItsReason(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		statut int
		before string
		want   string
	}{
		"gone":           {http.StatusGone, `SELECT 1`, "410"},
		"three days":     {http.StatusBadGateway, `UPDATE webhook SET echecs = 1, en_echec_depuis = now() - interval '3 days 1 minute'`, "trois jours : statut 502"},
		"not three days": {http.StatusBadGateway, `UPDATE webhook SET echecs = 1, en_echec_depuis = now() - interval '2 days 23 hours'`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := prepare(t)
			d := receive(t, func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(c.statut) })
			w, _ := e.webhook(membre, d.URL, db.Siennes)
			if _, err := e.pool.Exec(t.Context(), c.before); err != nil {
				t.Fatal(err)
			}
			e.serve(func(c *Config) { c.Attente = func(int) time.Duration { return time.Hour } })
			e.usage(membre, db.Public)
			e.until("an attempt", func() bool { return value[int](e, `SELECT count(*) FROM tentative`) > 0 })
			if c.want == "" {
				if !value[bool](e, `SELECT actif FROM webhook`) {
					t.Error("stopped too early")
				}
				return
			}
			if s := value[string](e, `SELECT motif_arret FROM webhook WHERE NOT actif AND cle::text = $1`, w.Cle); !strings.Contains(s, c.want) {
				t.Errorf("reason %q, want %q", s, c.want)
			}
			if n := value[int](e, `SELECT count(*) FROM journal j JOIN publication p ON p.id = j.publication_id WHERE nom_table = 'webhook' AND genre = 'CORRECTION' AND operation = 'arreterWebhook' AND numero IS NOT NULL`); n != 1 {
				t.Errorf("%d lines of the journal, want 1", n)
			}
			e.usage(membre, db.Public)
			e.until("the news is followed up", func() bool {
				return value[bool](e, `SELECT (SELECT numero FROM diffusion) = (SELECT max(numero) FROM publication)`)
			})
			if n := value[int](e, `SELECT count(*) FROM livraison`); n != 1 {
				t.Errorf("%d deliveries, want none once stopped", n-1)
			}
		})
	}
}

func TestAReceiverThatKeepsFailingIsLeftInPeaceForLongerAndLonger(t *testing.T) {
	t.Parallel()
	e := prepare(t)
	e.webhook(membre, "https://exemple.fr", db.Siennes)
	e.usage(membre, db.Public)
	var a db.AEnvoyer
	if _, err := e.store.Diffuser(t.Context(), func(_ context.Context, _ pgx.Tx, all []db.AEnvoyer) error { a = all[0]; return nil }); err != nil {
		t.Fatal(err)
	}
	var last time.Duration
	for n := 1; n <= 12; n++ {
		if err := e.store.NoterTentative(t.Context(), a, db.Tentative{StatutHTTP: 500, Erreur: "statut 500"}); err != nil {
			t.Fatal(err)
		}
		v, err := e.store.Envoi(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		if (v.Attendre > 0) != (n >= 3) || v.Attendre < last-time.Second || v.Attendre > 10*time.Minute {
			t.Errorf("after %d failures: %v, after %v", n, v.Attendre, last)
		}
		last = v.Attendre
	}
	if last < 9*time.Minute {
		t.Errorf("after many failures: %v", last)
	}
	if err := e.store.NoterTentative(t.Context(), a, db.Tentative{StatutHTTP: 200}); err != nil {
		t.Fatal(err)
	}
	if value[bool](e, `SELECT repos_jusqua IS NOT NULL FROM webhook`) {
		t.Error("a success does not end it")
	}
}

func TestAnEnormousPublicationIsToldInPart(t *testing.T) {
	t.Parallel()
	e, d := prepare(t), receive(t, nil)
	e.webhook(membre, d.URL, db.Siennes, "USAGE", "ADHESION")
	e.serve()
	if _, err := e.pool.Exec(t.Context(), `BEGIN;
		WITH p AS (INSERT INTO publication (operation, sujet) VALUES ('importer', 'commande:essai') RETURNING id) SELECT set_config('mutualibre.publication', id::text, true) FROM p;
		INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, source_id, constate_le)
			SELECT gen_random_uuid(), 1002, '38', 1000, true, 'PRODUCTION', 'DIRECT', 1000, '2026-01-01' FROM generate_series(1, 250);
		UPDATE adhesion SET services = '{MAIL}';
		COMMIT`); err != nil {
		t.Fatal(err)
	}
	e.followed()
	got := d.all()
	if len(got) != 1 || len(got[0].message.Modifications) != 100 || got[0].message.Total != 251 || got[0].message.Par != nil {
		t.Errorf("%d requests, %+v", len(got), got[0].message.Total)
	}
}

func TestWhatChangesAPartIsToldOfTheWhole(t *testing.T) {
	t.Parallel()
	e, d := prepare(t), receive(t, nil)
	e.webhook(etrangere, d.URL, db.Tout, "LOGICIEL", "ADHESION", "ORGANISATION")
	e.serve()
	for _, sql := range []string{
		`INSERT INTO identifiant (source, valeur, logiciel_id, source_id) VALUES ('SILL', '33', 1000, 1000)`,
		`UPDATE adhesion SET fin = '2026-06-30'`,
		`UPDATE organisation SET site = 'https://membre.example' WHERE id = 1002`,
		`DELETE FROM adhesion`,
	} {
		if _, err := e.pool.Exec(t.Context(), `BEGIN; WITH p AS (INSERT INTO publication (operation, sujet) VALUES ('essai', 'commande:essai') RETURNING id)
			SELECT set_config('mutualibre.publication', id::text, true) FROM p; `+sql+`; COMMIT`); err != nil {
			t.Fatal(err)
		}
	}
	e.followed()
	var got []string
	all := d.all()
	slices.SortFunc(all, func(a, b recu) int { return int(a.message.Numero - b.message.Numero) })
	for _, r := range all {
		c := r.message.Modifications[0]
		typ, _, err := identifiant.ParseGlobal(*c.Objet.ID)
		if err != nil || typ != c.Objet.Type {
			t.Errorf("%+v: %v", c.Objet, err)
		}
		got = append(got, r.entetes.Get("Mutualibre-Evenement")+" "+typ+" "+c.Genre+" "+c.Changements[0].Champ)
	}
	if want := []string{"LOGICIEL Logiciel AJOUT logiciel", "ADHESION Adhesion CORRECTION fin", "ORGANISATION Collectivite CORRECTION site", "ADHESION Adhesion RETRAIT confirmee"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestOldDeliveriesAreForgotten(t *testing.T) {
	t.Parallel()
	e := prepare(t)
	e.webhook(membre, "https://exemple.fr", db.Siennes)
	if _, err := e.pool.Exec(t.Context(), `INSERT INTO livraison (webhook_id, numero, etat, a_enfiler, cree_le, terminee_le) SELECT w.id, v.* FROM webhook w, (VALUES
		(1, 'REUSSIE', false, now() - interval '40 days', now() - interval '31 days'), (2, 'REUSSIE', false, now() - interval '40 days', now() - interval '29 days'),
		(3, 'EN_ATTENTE', false, now() - interval '91 days', NULL), (4, 'EN_ATTENTE', false, now() - interval '89 days', NULL)) v;
		INSERT INTO tentative (livraison_id, duree_ms) SELECT id, 1 FROM livraison`); err != nil {
		t.Fatal(err)
	}
	e.serve()
	e.until("the upkeep runs", func() bool {
		return value[string](e, `SELECT string_agg(numero::text, ',' ORDER BY numero) FROM livraison`) == "2,4"
	})
	if n := value[int](e, `SELECT count(*) FROM tentative`); n != 2 {
		t.Errorf("%d attempts left", n)
	}
}

func TestAServerThatIsStoppedLeavesItsRequestsToAnother(t *testing.T) {
	t.Parallel()
	e := prepare(t)
	arrived, release := make(chan struct{}, 10), make(chan struct{})
	d := receive(t, func(n int, _ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		if n == 1 {
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}
	})
	e.webhook(membre, d.URL, db.Siennes)
	first := e.serve(func(c *Config) { c.Delai = patience })
	e.usage(membre, db.Public)
	<-arrived
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // no time at all to end
	if err := first.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	close(release)
	if n := value[int](e, `SELECT count(*) FROM tentative`); n != 0 {
		t.Errorf("%d attempts held against the receiver", n)
	}
	e.serve()
	e.followed()
	if s := value[string](e, `SELECT etat FROM livraison`); s != "REUSSIE" {
		t.Error(s)
	}
}
