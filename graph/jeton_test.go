package graph_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

const creerJeton = `mutation ($i: CreerJetonInput!) { creerJeton(input: $i) {
	secret jeton { id nom role organisation { nom } creeLe expireLe revoqueLe dernierUsageLe } erreurs { code champ message } } }`

// faultOf gives the code of the only fault of a payload; "" when it has none.
func faultOf(t testing.TB, got answer, mutation string) any {
	t.Helper()
	if len(got.Errors) > 0 {
		t.Fatal(got.Errors)
	}
	faults := at(t, got.Data, mutation, "erreurs").([]any)
	switch len(faults) {
	case 0:
		return ""
	case 1:
		return at(t, faults[0], "code")
	}
	t.Fatal(faults)
	return nil
}

func TestNobodyMakesAnAccessAboveTheirOwn(t *testing.T) {
	t.Parallel()
	a := real(t)
	provider := value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id LIMIT 1`)
	for _, c := range []struct {
		who   droit.Role
		of    string
		gives droit.Role
		to    string
		want  string
	}{
		{droit.Gestionnaire, sitpi, droit.Lecteur, sitpi, ""},
		{droit.Gestionnaire, sitpi, droit.Contributeur, sitpi, ""},
		{droit.Gestionnaire, sitpi, droit.Gestionnaire, sitpi, ""},
		{droit.Gestionnaire, sitpi, droit.Moderateur, "", "INTERDIT"},
		{droit.Gestionnaire, sitpi, droit.Admin, "", "INTERDIT"},
		{droit.Gestionnaire, sitpi, droit.Admin, sitpi, "INVALIDE"},
		{droit.Gestionnaire, sitpi, droit.Lecteur, "", "REQUIS"},
		{droit.Gestionnaire, sitpi, droit.Lecteur, echirolles, "INTERDIT"}, // its member
		{droit.Gestionnaire, sitpi, droit.Lecteur, alpi, "INTERDIT"},
		{droit.Gestionnaire, sitpi, droit.Fournisseur, sitpi, "INVALIDE"},
		{droit.Gestionnaire, sitpi, droit.Fournisseur, provider, "INTERDIT"},
		{droit.Contributeur, sitpi, droit.Lecteur, sitpi, "INTERDIT"},
		{droit.Fournisseur, provider, droit.Fournisseur, provider, "INTERDIT"},
		{droit.Moderateur, "", droit.Lecteur, sitpi, "INTERDIT"},
		{droit.Moderateur, "", droit.Moderateur, "", "INTERDIT"},
		{droit.Moderateur, "", droit.Admin, "", "INTERDIT"},
		{droit.Admin, "", droit.Admin, "", ""},
		{droit.Admin, "", droit.Moderateur, "", ""},
		{droit.Admin, "", droit.Gestionnaire, alpi, ""},
		{droit.Admin, "", droit.Fournisseur, provider, ""},
		{droit.Admin, "", droit.Gestionnaire, provider, "INVALIDE"},
		{droit.Admin, "", droit.Fournisseur, arles, "INVALIDE"},
	} {
		agent := a.as(t, c.who, c.of)
		in := saisie{"nom": "essai", "role": c.gives}
		if c.to != "" {
			in["organisation"] = a.organisation(t, c.to)
		}
		got := agent.ask(t, creerJeton, map[string]any{"i": in})
		if v := faultOf(t, got, "creerJeton"); v != c.want {
			t.Errorf("a token %s of %q made by %s of %q: %v, want %q", c.gives, c.to, c.who, c.of, v, c.want)
		}
		if secret := at(t, got.Data, "creerJeton", "secret"); (secret == nil) != (c.want != "") {
			t.Errorf("a token %s of %q made by %s of %q: secret %v", c.gives, c.to, c.who, c.of, secret)
		}
		in["emetteur"], in["sujet"] = "https://sso.exemple.fr", strings.Join([]string{string(c.who), c.of, string(c.gives), c.to}, "/")
		got = agent.ask(t, operation("habiliter", "habilitation { id }"), map[string]any{"i": in})
		if v := faultOf(t, got, "habiliter"); v != c.want {
			t.Errorf("the right %s of %q given by %s of %q: %v, want %q", c.gives, c.to, c.who, c.of, v, c.want)
		}
	}
}

func TestASecretIsShownOnceAndKeptNowhere(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	in := saisie{"cleIdempotence": "une-fois", "nom": " tableau de bord ", "role": "LECTEUR", "organisation": a.organisation(t, sitpi), "expireLe": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}
	first := agent.must(t, creerJeton, map[string]any{"i": in})
	secret, _ := at(t, first.Data, "creerJeton", "secret").(string)
	if at(t, first.Data, "creerJeton", "jeton", "nom") != "tableau de bord" || at(t, first.Data, "creerJeton", "jeton", "organisation", "nom") == nil {
		t.Error(first.Data)
	}
	i, err := a.store.AuthentifierJeton(t.Context(), secret)
	if err != nil || i.Nom != "tableau de bord" || len(i.Droits) != 1 || i.Droits[0].Role != droit.Lecteur {
		t.Fatal(i, err)
	}

	again := agent.must(t, creerJeton, map[string]any{"i": in})
	if at(t, again.Data, "creerJeton", "secret") != nil || at(t, again.Data, "creerJeton", "jeton", "id") != at(t, first.Data, "creerJeton", "jeton", "id") {
		t.Error("sent again:", again.Data)
	}
	in["expireLe"] = time.Now().Add(2 * time.Hour).UTC().Format(time.RFC3339)
	if v := faultOf(t, agent.ask(t, creerJeton, map[string]any{"i": in}), "creerJeton"); v != "DUPLIQUE" {
		t.Error("another demand under the same key:", v)
	}

	half := secret[strings.LastIndex(secret, "_")+1:]
	for _, table := range []string{"jeton", "journal", "publication", "idempotence"} {
		if n := value[int](t, a.pool, `SELECT count(*) FROM `+table+` r WHERE r::text LIKE '%' || $1 || '%'`, half); n > 0 {
			t.Errorf("the secret is in the table %s", table)
		}
	}
	if n := value[int](t, a.pool, `SELECT count(*) FROM journal WHERE nom_table = 'jeton' AND apres ? 'empreinte'`); n > 0 {
		t.Error("the hash of a secret is in the journal")
	}
}

func TestOnlyAWholeTokenThatIsStillGoodIsRecognised(t *testing.T) {
	t.Parallel()
	a := real(t)
	id := a.organisation(t, sitpi)
	made, err := a.store.CreerJeton(db.WithIdentite(t.Context(), db.Commande("test")), db.CreerJetonInput{Nom: "essai", Role: droit.Gestionnaire, Organisation: &id})
	if err != nil {
		t.Fatal(err)
	}
	good := *made.Secret
	refused := func(what, jeton string) {
		t.Helper()
		ctx, statements := db.WithCounter(t.Context())
		_, err := a.store.AuthentifierJeton(ctx, jeton)
		if e, ok := err.(*db.Error); !ok || e.Code != db.CodeNonAuthentifie || strings.Contains(e.Message, jeton) {
			t.Errorf("%s: %v", what, err)
		}
		if n := statements.Load(); n > 1 {
			t.Errorf("%s costs %d statements", what, n)
		}
	}
	cut := strings.LastIndex(good, "_") + 1
	refused("another secret", good[:cut]+strings.Repeat("a", len(good)-cut))
	refused("an unknown token", "mlb_"+strings.Repeat("a", 16)+"_"+good[cut:])
	for _, shape := range []string{"m", "mlb_", good[:cut], good[:len(good)-1], good + "a", strings.ToUpper(good), good[:cut] + "\x00" + good[cut+1:], "mlb__", good[4:]} {
		refused("the shape "+shape, shape)
	}
	if value[*time.Time](t, a.pool, `SELECT dernier_usage_le FROM jeton WHERE cle = $1`, made.Jeton.Cle) != nil {
		t.Error("a refusal was noted as a use")
	}

	for n, want := range []int64{2, 1} { // the first use is noted, the next ones of the minute are not
		ctx, statements := db.WithCounter(t.Context())
		i, err := a.store.AuthentifierJeton(ctx, good)
		if err != nil || len(i.Droits[0].Membres) == 0 {
			t.Fatal(i, err)
		}
		if statements.Load() != want {
			t.Errorf("use %d costs %d statements, want %d", n+1, statements.Load(), want)
		}
	}

	for _, sql := range []string{`UPDATE jeton SET expire_le = now() WHERE cle = $1`, `UPDATE jeton SET expire_le = now() + interval '1 hour', revoque_le = now() WHERE cle = $1`} {
		if _, err := a.pool.Exec(t.Context(), sql, made.Jeton.Cle); err != nil {
			t.Fatal(err)
		}
		refused(sql, good)
	}
}

func TestATokenRevokedStaysRevokedSinceTheFirstTime(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	made := agent.must(t, creerJeton, map[string]any{"i": saisie{"nom": "essai", "role": "LECTEUR", "organisation": a.organisation(t, sitpi)}})
	id := at(t, made.Data, "creerJeton", "jeton", "id")
	revoke := func(id any) answer {
		return agent.ask(t, operation("revoquerJeton", "jeton { id revoqueLe }"), map[string]any{"i": saisie{"id": id}})
	}
	first := at(t, revoke(id).Data, "revoquerJeton", "jeton", "revoqueLe")
	kept := value[time.Time](t, a.pool, `SELECT revoque_le FROM jeton WHERE nom = 'essai'`)
	if got := at(t, revoke(id).Data, "revoquerJeton", "jeton", "revoqueLe"); first == nil || got != first || !kept.Equal(value[time.Time](t, a.pool, `SELECT revoque_le FROM jeton WHERE nom = 'essai'`)) {
		t.Errorf("revoked at %v, then at %v", first, got)
	}
	if _, err := a.store.AuthentifierJeton(t.Context(), at(t, made.Data, "creerJeton", "secret").(string)); err == nil {
		t.Error("still accepted")
	}
	if v := faultOf(t, revoke(identifiant.Global("Jeton", "inconnu")), "revoquerJeton"); v != "INTROUVABLE" {
		t.Error(v)
	}
	if v := faultOf(t, revoke(a.organisation(t, sitpi)), "revoquerJeton"); v != "INVALIDE" {
		t.Error(v)
	}
}

func TestTokensAndRightsAreListedToThoseWhoManageThem(t *testing.T) {
	t.Parallel()
	a := real(t)
	a.as(t, droit.Lecteur, sitpi)
	for _, c := range []struct {
		who    droit.Role
		of, to string
		want   any // the code of the error, nil when it is listed
	}{
		{"", "", sitpi, "NON_AUTHENTIFIE"},
		{droit.Lecteur, sitpi, sitpi, "INTERDIT"},
		{droit.Contributeur, sitpi, sitpi, "INTERDIT"},
		{droit.Gestionnaire, sitpi, sitpi, nil},
		{droit.Gestionnaire, sitpi, echirolles, "INTERDIT"},
		{droit.Gestionnaire, sitpi, alpi, "INTERDIT"},
		{droit.Gestionnaire, sitpi, "", "INTERDIT"},
		{droit.Moderateur, "", sitpi, "INTERDIT"},
		{droit.Moderateur, "", "", "INTERDIT"},
		{droit.Admin, "", sitpi, nil},
		{droit.Admin, "", "", nil},
	} {
		agent := a
		if c.who != "" {
			agent = a.as(t, c.who, c.of)
		}
		var organisation any
		if c.to != "" {
			organisation = a.organisation(t, c.to)
		}
		for _, list := range []string{"jetons", "habilitations"} {
			got := agent.ask(t, `query ($o: ID) { `+list+`(organisation: $o) { totalCount nodes { id role organisation { id } } } }`, map[string]any{"o": organisation})
			var code any
			if len(got.Errors) > 0 {
				code = got.Errors[0].Extensions["code"]
			}
			if code != c.want {
				t.Errorf("%s of %q to %s of %q: %v, want %v", list, c.to, c.who, c.of, code, c.want)
			}
			if code == nil && list == "jetons" {
				nodes := at(t, got.Data, list, "nodes").([]any)
				if len(nodes) == 0 {
					t.Errorf("%s of %q: none", list, c.to)
				}
				for _, n := range nodes {
					if o, _ := at(t, n, "organisation").(map[string]any); o["id"] != organisation {
						t.Errorf("%s of %q: one of %v", list, c.to, o)
					}
				}
			}
		}
	}
	got := a.as(t, droit.Admin, "").ask(t, `{ jetons(organisation: "`+identifiant.Global("Collectivite", "000000000")+`") { totalCount } }`, nil)
	if len(got.Errors) != 1 || got.Errors[0].Extensions["code"] != "INTROUVABLE" {
		t.Error(got.Errors)
	}
}

func TestEveryoneReadsUnderWhichIdentityTheyAre(t *testing.T) {
	t.Parallel()
	a := real(t)
	const moi = `{ moi { nom emetteur sujet expireLe droits { role nombreMembres organisation { nom siren } } } }`
	if got := a.must(t, moi, nil); at(t, got.Data, "moi") != nil {
		t.Error("anyone:", got.Data)
	}
	got := at(t, a.as(t, droit.Gestionnaire, sitpi).must(t, moi, nil).Data, "moi")
	if at(t, got, "nom") != "jeton de test GESTIONNAIRE" || at(t, got, "emetteur") != nil || at(t, got, "expireLe") == nil ||
		at(t, got, "droits", 0, "role") != "GESTIONNAIRE" || at(t, got, "droits", 0, "organisation", "siren") != sitpi || at(t, got, "droits", 0, "nombreMembres").(float64) < 1 {
		t.Error("a token:", got)
	}
	if got := at(t, a.as(t, droit.Admin, "").must(t, moi, nil).Data, "moi", "droits", 0, "organisation"); got != nil {
		t.Error("an administrator:", got)
	}
}

func TestAPersonHasTheRightsGivenUntilTheyAreTakenBack(t *testing.T) {
	t.Parallel()
	a := real(t)
	const emetteur, sujet = "https://sso.exemple.fr/royaume", "c#42"
	person := func() *api {
		ctx, statements := db.WithCounter(t.Context())
		i, err := a.store.AuthentifierPersonne(ctx, emetteur, sujet, "Camille Durand", time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if statements.Load() != 1 {
			t.Errorf("%d statements", statements.Load())
		}
		return &api{Handler: identified(a.Handler, i), store: a.store, pool: a.pool}
	}
	const moi = `{ moi { nom emetteur sujet droits { role nombreMembres organisation { siren } } } }`
	got := at(t, person().must(t, moi, nil).Data, "moi")
	if at(t, got, "emetteur") != emetteur || at(t, got, "sujet") != sujet || len(at(t, got, "droits").([]any)) != 0 {
		t.Error("a person without rights:", got)
	}
	admin := a.as(t, droit.Admin, "")
	in := saisie{"emetteur": emetteur, "sujet": sujet, "nom": "Camille Durand", "role": "LECTEUR", "organisation": a.organisation(t, arles)}
	give := func(by *api) answer {
		return by.ask(t, operation("habiliter", "habilitation { id emetteur sujet nom role organisation { id } creeLe retireeLe }"), map[string]any{"i": in})
	}
	if v := faultOf(t, give(admin), "habiliter"); v != "" {
		t.Fatal(v)
	}
	if v := faultOf(t, give(admin), "habiliter"); v != "DUPLIQUE" {
		t.Error("a second role for one organisation:", v)
	}
	in["organisation"], in["role"] = a.organisation(t, sitpi), "GESTIONNAIRE"
	given := give(admin)
	droits := at(t, person().must(t, moi, nil).Data, "moi", "droits").([]any)
	if len(droits) != 2 || at(t, droits[1], "role") != "GESTIONNAIRE" || at(t, droits[1], "nombreMembres").(float64) < 1 || at(t, droits[0], "nombreMembres").(float64) != 0 {
		t.Error("two rights:", droits)
	}

	// What the person asked while it had the right is not told again once it has not.
	in = saisie{"cleIdempotence": "c", "nom": "essai", "role": "LECTEUR", "organisation": a.organisation(t, sitpi)}
	if got := person().must(t, creerJeton, map[string]any{"i": in}); at(t, got.Data, "creerJeton", "jeton") == nil {
		t.Fatal(got.Data)
	}
	taken := admin.must(t, operation("retirerHabilitation", "habilitation { retireeLe }"), map[string]any{"i": saisie{"id": at(t, given.Data, "habiliter", "habilitation", "id")}})
	if at(t, taken.Data, "retirerHabilitation", "habilitation", "retireeLe") == nil {
		t.Error(taken.Data)
	}
	if got := at(t, person().must(t, moi, nil).Data, "moi", "droits").([]any); len(got) != 1 {
		t.Error("after it is taken back:", got)
	}
	if got := person().must(t, creerJeton, map[string]any{"i": in}); at(t, got.Data, "creerJeton", "jeton") != nil {
		t.Error(got.Data)
	}
	if v := faultOf(t, admin.ask(t, operation("retirerHabilitation", ""), map[string]any{"i": saisie{"id": identifiant.Global("Habilitation", "3f333df6-90a4-4fda-8dd3-9485d27cee36")}}), "retirerHabilitation"); v != "INTROUVABLE" {
		t.Error(v)
	}
}
