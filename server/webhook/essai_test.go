package webhook

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/epreuve"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// patience bounds a wait that a fault would make endless.
const patience = time.Minute

// The organisations of the tests: a syndicat, its member, a commune that is none, a prestataire.
const (
	syndicat    = "200000016"
	membre      = "200000024"
	etrangere   = "200000032"
	prestataire = "200000040"
)

const fixture = `
INSERT INTO source (id, cle, nom, importe_le) VALUES (1000, 's', 'Source', now());
INSERT INTO organisation (id, cle, genre, nom, nom_tri, forme, nature, departement, source_id) VALUES
	(1001, '200000016', 'SYNDICAT', 'Syndicat', 'syndicat', 'SMO', NULL, '38', 1000),
	(1002, '200000024', 'COLLECTIVITE', 'Membre', 'membre', NULL, 'COMMUNE', '38', 1000),
	(1003, '200000032', 'COLLECTIVITE', 'Étrangère', 'etrangere', NULL, 'COMMUNE', '13', 1000),
	(1004, '200000040', 'PRESTATAIRE', 'Prestataire', 'prestataire', NULL, NULL, '', 1000);
INSERT INTO adhesion (groupement_id, membre_id, source_id) VALUES (1001, 1002, 1000);
INSERT INTO logiciel (id, slug, nom, nom_tri, libre, ajoute_le, source_id) VALUES (1000, 'libreoffice', 'LibreOffice', 'libreoffice', true, '2026-01-01', 1000);`

var rowids = map[string]int64{syndicat: 1001, membre: 1002, etrangere: 1003, prestataire: 1004}

// essai is a database with a little graph, and what speaks to it.
type essai struct {
	t     *testing.T
	url   string
	pool  *pgxpool.Pool
	store *db.Store
	log   *epreuve.Tampon
}

func prepare(t *testing.T) *essai {
	t.Helper()
	e := &essai{t: t, url: dbtest.URL(t), log: new(epreuve.Tampon)}
	e.pool, e.store = e.open()
	if _, err := e.pool.Exec(t.Context(), fixture); err != nil {
		t.Fatal(err)
	}
	return e
}

// open gives a store as another server has it.
func (e *essai) open() (*pgxpool.Pool, *db.Store) {
	e.t.Helper()
	pool, err := db.Connect(e.t.Context(), e.url, db.Options{StatementTimeout: 10 * time.Second, MaxConns: 8})
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(pool.Close)
	store := db.NewStore(pool)
	store.AdmettreAdressesLocales()
	e.t.Cleanup(func() { store.Close() })
	return pool, store
}

// serve starts a server that looks for news and jobs all the time, and tries again at once.
func (e *essai) serve(set ...func(*Config)) *Service {
	e.t.Helper()
	pool, err := db.Connect(e.t.Context(), e.url, db.Options{MaxConns: 4})
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(pool.Close)
	_, store := e.open()
	c := Config{Store: store, Pool: pool, Log: slog.New(slog.NewTextHandler(e.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Locales: true,
		Intervalle: 5 * time.Millisecond, Delai: 10 * time.Second, Attente: func(int) time.Duration { return 0 }}
	for _, f := range set {
		f(&c)
	}
	s, err := Start(e.t.Context(), c)
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = s.Stop(ctx)
	})
	return s
}

// as is the context of someone who acts for an organisation.
func (e *essai) as(role droit.Role, cle string) context.Context {
	d := db.Droit{Role: role, OrganisationID: rowids[cle], Genre: map[string]string{syndicat: "SYNDICAT", prestataire: "PRESTATAIRE"}[cle]}
	if d.Genre == "" {
		d.Genre = "COLLECTIVITE"
	}
	if cle == syndicat && role == droit.Gestionnaire {
		d.Membres = []int64{rowids[membre]}
	}
	return db.WithIdentite(e.t.Context(), &db.Identite{Sujet: "jeton:" + cle, Nom: "nom secret", Droits: []db.Droit{d}})
}

func organisation(cle string) string {
	return identifiant.Global(map[string]string{syndicat: "SyndicatMixte", membre: "Collectivite", etrangere: "Collectivite", prestataire: "Prestataire"}[cle], cle)
}

// webhook makes a webhook of an organisation, and returns it with its secret.
func (e *essai) webhook(cle, url string, portee db.PorteeWebhook, evenements ...db.EvenementWebhook) (*db.Webhook, string) {
	e.t.Helper()
	if len(evenements) == 0 {
		evenements = []db.EvenementWebhook{"USAGE"}
	}
	p, err := e.store.CreerWebhook(e.as(droit.Gestionnaire, cle), db.CreerWebhookInput{Organisation: organisation(cle), URL: url, Evenements: evenements, Portee: &portee})
	if err != nil || len(p.Erreurs) > 0 {
		e.t.Fatal(err, db.Fautes(p.Erreurs))
	}
	return p.Webhook, *p.Secret
}

// usage declares a usage of an organisation, in its own name.
func (e *essai) usage(cle string, v db.Visibilite) *db.Usage {
	e.t.Helper()
	p, err := e.store.DeclarerUsage(e.as(droit.Gestionnaire, cle), db.DeclarerUsageInput{
		Utilisateur: organisation(cle), Logiciel: identifiant.Global("Logiciel", "libreoffice"), Statut: "PRODUCTION", ContenuUsage: db.ContenuUsage{Visibilite: &v},
	}, db.Selection{})
	if err != nil || len(p.Erreurs) > 0 {
		e.t.Fatal(err, db.Fautes(p.Erreurs))
	}
	return p.Usage
}

// show changes who may read a usage.
func (e *essai) show(cle string, u *db.Usage, v db.Visibilite) {
	e.t.Helper()
	p, err := e.store.CorrigerUsage(e.as(droit.Gestionnaire, cle), db.CorrigerUsageInput{ID: u.ID(), Revision: u.Revision, ContenuUsage: db.ContenuUsage{Visibilite: &v}}, db.Champs{"visibilite": true}, db.Selection{})
	if err != nil || len(p.Erreurs) > 0 {
		e.t.Fatal(err, db.Fautes(p.Erreurs))
	}
	*u = *p.Usage
}

// until waits for something to be true.
func (e *essai) until(what string, ok func() bool) {
	e.t.Helper()
	for debut := time.Now(); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Since(debut) > patience {
			e.t.Fatalf("%s: never\n%s", what, e.log)
		}
	}
}

// followed waits until every publication is followed up, and no delivery waits.
func (e *essai) followed() {
	e.t.Helper()
	e.until("every delivery is over", func() bool {
		return value[bool](e, `SELECT (SELECT numero FROM diffusion) = (SELECT max(numero) FROM publication)
			AND NOT EXISTS (SELECT FROM livraison WHERE etat = 'EN_ATTENTE')`)
	})
}

// value reads one value of the database.
func value[T any](e *essai, sql string, args ...any) T {
	e.t.Helper()
	var v T
	if err := e.pool.QueryRow(context.Background(), sql, args...).Scan(&v); err != nil {
		e.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// destinataire is a receiver that keeps what it is sent, and answers as it is told.
type destinataire struct {
	*httptest.Server
	mu    sync.Mutex
	recus []recu
}

type recu struct {
	entetes http.Header
	corps   []byte
	message db.Message
}

func receive(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *destinataire {
	d := &destinataire{}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		corps, err := io.ReadAll(r.Body)
		recu := recu{entetes: r.Header.Clone(), corps: corps}
		if err != nil || json.Unmarshal(corps, &recu.message) != nil {
			t.Errorf("the body is not what it should be: %v, %s", err, corps)
		}
		d.mu.Lock()
		d.recus = append(d.recus, recu)
		n := len(d.recus)
		d.mu.Unlock()
		if answer != nil {
			answer(n, w, r)
		}
	}))
	t.Cleanup(d.Close)
	return d
}

func (d *destinataire) all() []recu {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]recu(nil), d.recus...)
}
