package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/seed/seedtest"
)

// The whole of the README's five minutes: a syndicat's agent imports its members' usages, mends the line refused,
// publishes three entries and withdraws one, declares a saving; an observatory reads it, with who said it; and another
// syndicat can touch none of it.
func TestASyndicatPublishesItsCatalogueInFiveMinutes(t *testing.T) {
	url := seedtest.URL(t)
	env := environnement{"DATABASE_URL": url}
	s := serve(t, env)
	token := func(siren string) string {
		statut, stdout, stderr := launch(t, env, "jeton", "creer", "--organisation", siren, "--role", "GESTIONNAIRE", "--nom", "Catalogue")
		if statut != statutFait {
			t.Fatal(stderr)
		}
		return "Authorization: Bearer " + strings.TrimSpace(stdout)
	}
	sitpi, alpi := token("253800700"), token("254003304")

	// The spreadsheet, with one line wrong.
	const table = "SIREN;Logiciel;Statut;Postes;Mise en service;Syndicat\n" +
		"213801517;libreoffice;en production;310;2019;253800700\n" +
		"213801699;libreoffice;PRODUCTION;45 postes;03/2021;253800700\n" +
		"213801699;thunderbird;PRODUCTION;40;15/09/2022;253800700\n"
	users := func() float64 {
		return askAs[float64](t, s, "", `{ logiciel(slug: "libreoffice") { nombreUtilisateurs } }`, "logiciel", "nombreUtilisateurs")
	}
	before := users()
	report := s.ask("POST", "/import/usages?rapport=csv", table, sitpi)
	if report.StatusCode != 422 || !strings.Contains(report.corps, "Postes : un nombre entier est attendu;3") || users() != before {
		t.Fatalf("%d %s", report.StatusCode, report.corps)
	}
	if r := s.ask("POST", "/import/usages", strings.Replace(report.corps, "45 postes", "45", 1), sitpi); r.StatusCode != 200 || !strings.Contains(r.corps, `"ajouts":1`) {
		t.Errorf("the report, mended: %d %s", r.StatusCode, r.corps)
	}
	if r := s.ask("POST", "/import/usages", strings.Replace(table, "45 postes", "45", 1), sitpi); r.StatusCode != 200 || !strings.Contains(r.corps, `"ajouts":2`) || !strings.Contains(r.corps, `"inchanges":1`) {
		t.Errorf("the spreadsheet, mended: %d %s", r.StatusCode, r.corps)
	}
	if now := users(); now != before+2 {
		t.Errorf("%v users, then %v", before, now)
	}
	if r := s.ask("POST", "/import/usages", strings.Replace(table, "45 postes", "46", 1), alpi); r.StatusCode != 422 || !strings.Contains(r.corps, "INTERDIT") {
		t.Errorf("another syndicat imports usages of these members: %d %s", r.StatusCode, r.corps)
	}

	// The catalogue.
	own := identifiant.Global("SyndicatMixte", "253800700")
	catalogue := askAs[string](t, s, sitpi, fmt.Sprintf(`mutation { creerCatalogue(input: {syndicat: %q, nom: "Catalogue 2026"}) { catalogue { id } erreurs { message } } }`, own), "creerCatalogue", "catalogue", "id")
	var entree string
	for _, slug := range []string{"libreoffice", "thunderbird", "vlc"} {
		entree = askAs[string](t, s, sitpi, fmt.Sprintf(`mutation { creerEntree(input: {catalogue: %q, logiciel: %q, services: [SUPPORT]}) { entree { id } erreurs { message } } }`,
			catalogue, identifiant.Global("Logiciel", slug)), "creerEntree", "entree", "id")
		if got := askAs[string](t, s, sitpi, fmt.Sprintf(`mutation { publierEntree(input: {id: %q}) { entree { statut } erreurs { message } } }`, entree), "publierEntree", "entree", "statut"); got != "PROPOSEE" {
			t.Error(got)
		}
	}
	withdraw := fmt.Sprintf(`mutation { retirerEntree(input: {id: %q}) { entree { statut } erreurs { code } } }`, entree)
	if code := askAs[string](t, s, alpi, withdraw, "retirerEntree", "erreurs", 0, "code"); code != "INTERDIT" {
		t.Error("another syndicat withdraws an entry:", code)
	}
	if got := askAs[string](t, s, sitpi, withdraw, "retirerEntree", "entree", "statut"); got != "RETIREE" {
		t.Error(got)
	}

	// The saving.
	saving := fmt.Sprintf(`mutation { declarerEconomie(input: {beneficiaire: %q, nature: LICENCES, statut: CONSTATEE, horizonAnnees: 3, anneePrix: 2024,
		calcul: {postes: 355, prixUnitaire: "120.00", modePrix: PAR_AN, migration: "40000.00", montantsEn: HT}}) { economie { net } erreurs { code } } }`, own)
	if code := askAs[string](t, s, alpi, saving, "declarerEconomie", "erreurs", 0, "code"); code != "INTERDIT" {
		t.Error("another syndicat declares its saving:", code)
	}
	if net := askAs[string](t, s, sitpi, saving, "declarerEconomie", "economie", "net"); net != "87800.00" { // 355 × 120 × 3 − 40 000
		t.Error(net)
	}

	// Anyone reads what was said, by whom and when.
	said := askAs[[]any](t, s, "", `{ modifications(first: 100) { nodes { operation genre role le auteur { nom } signature } } }`, "modifications", "nodes")
	count := map[string]int{}
	for _, m := range said {
		m := m.(map[string]any)
		count[m["operation"].(string)]++
		if m["role"] != "GESTIONNAIRE" || m["auteur"] == nil || m["le"] == nil || m["signature"] != nil {
			t.Error(m)
		}
	}
	for operation, n := range map[string]int{"import usages": 3, "creerCatalogue": 1, "creerEntree": 3, "publierEntree": 3, "retirerEntree": 1, "declarerEconomie": 1} {
		if count[operation] != n {
			t.Errorf("%d changes by %s, want %d of %v", count[operation], operation, n, count)
		}
	}
	offered := askAs[[]any](t, s, "", `{ syndicat(siren: "253800700") { catalogues { entrees(filtre: {statuts: [PROPOSEE]}) { nodes { logiciel { slug } } } } } }`,
		"syndicat", "catalogues", 0, "entrees", "nodes")
	if len(offered) != 2 {
		t.Error(offered)
	}
}

// askAs sends one operation under an Authorization header, "" for none, and returns what is at a path of its data.
func askAs[T any](t *testing.T, s *serveur, authorization, query string, path ...any) T {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	headers := []string{"Content-Type: application/json"}
	if authorization != "" {
		headers = append(headers, authorization)
	}
	r := s.ask("POST", "/graphql", string(body), headers...)
	var answer struct{ Data any }
	if err := json.Unmarshal([]byte(r.corps), &answer); err != nil {
		t.Fatal(r.corps)
	}
	v := answer.Data
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				t.Fatalf("%s\n%s", query, r.corps)
			}
			v = l[p]
		}
	}
	got, ok := v.(T)
	if !ok {
		t.Fatalf("%s\n%s", query, r.corps)
	}
	return got
}
