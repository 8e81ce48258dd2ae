package graph_test

import (
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/domain/droit"
)

func TestAWebhookIsMadeCorrectedListedAndRemovedByWhoManagesItsOrganisation(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	const fields = `webhook { id url evenements portee actif motifArret creeLe enEchecDepuis revision organisation { nom } } secret erreurs { code champ message }`
	create := operation("creerWebhook", strings.TrimSuffix(fields, "erreurs { code champ message }"))
	correct := operation("corrigerWebhook", strings.TrimSuffix(fields, "erreurs { code champ message }"))
	code := func(got answer, mutation string) any {
		t.Helper()
		all := at(t, got.Data, mutation, "erreurs").([]any)
		if len(all) == 0 {
			return nil
		}
		return at(t, all[0], "code")
	}
	input := saisie{"organisation": a.organisation(t, sitpi), "url": "https://exemple.fr/webhook", "evenements": []string{"USAGE", "ENTREE", "USAGE"}, "cleIdempotence": "une"}
	got := agent.must(t, create, map[string]any{"i": input})
	secret, _ := at(t, got.Data, "creerWebhook", "secret").(string)
	if code(got, "creerWebhook") != nil || len(secret) < 40 {
		t.Fatal(got.Data)
	}
	w := at(t, got.Data, "creerWebhook", "webhook")
	id := at(t, w, "id")
	if n := len(at(t, w, "evenements").([]any)); n != 2 || at(t, w, "portee") != "SIENNES" || at(t, w, "actif") != true {
		t.Error(w)
	}
	again := agent.must(t, create, map[string]any{"i": input})
	if at(t, again.Data, "creerWebhook", "webhook", "id") != id || at(t, again.Data, "creerWebhook", "secret") != nil {
		t.Error("the same demand:", again.Data)
	}

	for name, c := range map[string]struct {
		change saisie
		champ  string
	}{
		"not encrypted":   {saisie{"url": "http://exemple.fr"}, "url"},
		"this machine":    {saisie{"url": "https://127.0.0.1/"}, "url"},
		"private network": {saisie{"url": "https://[fd00::1]/"}, "url"},
		"nothing to tell": {saisie{"evenements": []string{}}, "evenements"},
		"of nobody":       {saisie{"evenements": []string{"LOGICIEL"}}, "evenements"},
	} {
		got := agent.must(t, create, map[string]any{"i": with(with(saisie{}, input), with(saisie{"cleIdempotence": nil}, c.change))})
		if all := at(t, got.Data, "creerWebhook", "erreurs").([]any); len(all) != 1 || at(t, all[0], "champ", 0) != c.champ {
			t.Errorf("%s: %v", name, all)
		}
	}

	if _, err := a.pool.Exec(t.Context(), `INSERT INTO webhook (cle, organisation_id, url, secret, evenements, portee, depuis)
		SELECT gen_random_uuid(), organisation_id, url, secret, evenements, portee, depuis FROM webhook, generate_series(1, 49)`); err != nil {
		t.Fatal(err)
	}
	got = agent.must(t, create, map[string]any{"i": with(with(saisie{}, input), saisie{"cleIdempotence": nil})})
	if all := at(t, got.Data, "creerWebhook", "erreurs").([]any); len(all) != 1 || at(t, all[0], "champ", 0) != "organisation" {
		t.Error("one too many:", got.Data)
	}
	if _, err := a.pool.Exec(t.Context(), `DELETE FROM webhook WHERE cle <> (SELECT cle FROM webhook ORDER BY id LIMIT 1)`); err != nil {
		t.Fatal(err)
	}

	got = agent.must(t, correct, map[string]any{"i": saisie{"id": id, "revision": 1, "actif": false, "renouvelerSecret": true}})
	if renewed := at(t, got.Data, "corrigerWebhook", "secret"); renewed == nil || renewed == secret || at(t, got.Data, "corrigerWebhook", "webhook", "actif") != false {
		t.Error(got.Data)
	}
	if value[string](t, a.pool, `SELECT secret FROM webhook`) == secret {
		t.Error("the former secret still signs")
	}
	if v := at(t, got.Data, "corrigerWebhook", "webhook", "url"); v != "https://exemple.fr/webhook" {
		t.Error("an absent field changed:", v)
	}
	got = agent.must(t, correct, map[string]any{"i": saisie{"id": id, "revision": 1, "url": "https://ailleurs.fr"}})
	if code(got, "corrigerWebhook") != "CONFLIT" || at(t, got.Data, "corrigerWebhook", "webhook", "revision") != 2.0 {
		t.Error("stale correction:", got.Data)
	}

	if _, err := a.pool.Exec(t.Context(), `INSERT INTO livraison (webhook_id, numero, etat, motif, terminee_le) SELECT id, n, 'ECHOUEE', 'statut 500', now() FROM webhook, generate_series(1, 3) n;
		INSERT INTO tentative (livraison_id, statut_http, erreur, duree_ms, extrait) SELECT id, 500, 'statut 500', 12, 'aïe' FROM livraison`); err != nil {
		t.Fatal(err)
	}
	const list = `query ($o: ID!) { webhooks(organisation: $o) { totalCount nodes { id livraisons(first: 2) { totalCount pageInfo { hasNextPage }
		nodes { id numero etat motif creeLe termineeLe tentatives { le statutHttp erreur dureeMs extrait } } } } } }`
	got = agent.must(t, list, map[string]any{"o": a.organisation(t, sitpi)})
	deliveries := at(t, got.Data, "webhooks", "nodes", 0, "livraisons")
	if at(t, deliveries, "totalCount") != 3.0 || at(t, deliveries, "pageInfo", "hasNextPage") != true || at(t, deliveries, "nodes", 0, "numero") != 3.0 ||
		at(t, deliveries, "nodes", 1, "tentatives", 0, "extrait") != "aïe" {
		t.Error(got.Data)
	}
	resend := agent.must(t, operation("renvoyerLivraison", "livraison { id }"), map[string]any{"i": saisie{"id": at(t, deliveries, "nodes", 0, "id")}})
	if code(resend, "renvoyerLivraison") != "INVALIDE" {
		t.Error("sent again by a webhook that is stopped:", resend.Data)
	}

	for _, who := range []*api{a, a.as(t, droit.Lecteur, sitpi), a.as(t, droit.Contributeur, sitpi), a.as(t, droit.Gestionnaire, alpi), a.as(t, droit.Moderateur, "")} {
		if got := who.ask(t, list, map[string]any{"o": a.organisation(t, sitpi)}); len(got.Errors) != 1 || (got.Errors[0].Extensions["code"] != "INTERDIT" && got.Errors[0].Extensions["code"] != "NON_AUTHENTIFIE") {
			t.Errorf("%+v", got)
		}
	}

	got = agent.must(t, operation("supprimerWebhook", "webhook { id url }"), map[string]any{"i": saisie{"id": id}})
	if code(got, "supprimerWebhook") != nil || at(t, got.Data, "supprimerWebhook", "webhook", "id") != id {
		t.Error(got.Data)
	}
	if n := value[int](t, a.pool, `SELECT (SELECT count(*) FROM webhook) + (SELECT count(*) FROM livraison) + (SELECT count(*) FROM tentative)`); n != 0 {
		t.Errorf("%d rows left", n)
	}
	got = agent.must(t, correct, map[string]any{"i": saisie{"id": id, "revision": 2}})
	if code(got, "corrigerWebhook") != "INTROUVABLE" {
		t.Error("once removed:", got.Data)
	}
}
