package graph_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// semblables plants a commune, three twins and strangers. P and V are proprietary, the other software is free.
//
//	            inhabitants  place   runs, in public and today
//	Moi         4000         38, 84  A B P; gave up W; plans U
//	Un          4000         38, 84  A B P V X
//	Deux        3200         38, 84  A B U X Y; its Y replaces P
//	Trois       2000         38, 84  A W Z; X by subscription
//	Étrangère   4000         69, 84  nothing known
//	Ailleurs    400          13, 93  nothing known; there are two of that name
//	Lointaine   40000        13, 93  Y
//
// A commune that has ceased and an intercommunalité are as Moi is. Syndicats: Moi is a member of Le Nôtre (seat in the 69),
// which offers Y; Le Voisin (seat in the 38) offers X and Y, withdrew Z, prepares it again, and offered W until yesterday;
// L'Ancien, that Moi left, and Le Prétendu, whose word alone makes Moi a member, offer Z from the 69.
const semblables = `
INSERT INTO source (cle, nom, importe_le) VALUES ('essai', 'Essai', '2026-01-01');
INSERT INTO organisation (cle, genre, nom, nom_tri, nature, forme, population, departement, region, actif, source_id)
	SELECT v.cle, CASE WHEN v.forme IS NULL THEN 'COLLECTIVITE' ELSE 'SYNDICAT' END, v.nom, lower(v.nom), v.nature, v.forme, v.population, v.departement, v.region, v.actif, s.id
	FROM source s, (VALUES
		('moi', 'Moi', 'COMMUNE', NULL, 4000, '38', '84', true), ('un', 'Un', 'COMMUNE', NULL, 4000, '38', '84', true),
		('deux', 'Deux', 'COMMUNE', NULL, 3200, '38', '84', true), ('trois', 'Trois', 'COMMUNE', NULL, 2000, '38', '84', true),
		('etrangere', 'Etrangère', 'COMMUNE', NULL, 4000, '69', '84', true), ('lointaine', 'Lointaine', 'COMMUNE', NULL, 40000, '13', '93', true),
		('ailleurs-1', 'Ailleurs', 'COMMUNE', NULL, 400, '13', '93', true), ('ailleurs-2', 'Ailleurs', 'COMMUNE', NULL, 400, '13', '93', true),
		('cessee', 'Cessée', 'COMMUNE', NULL, 4000, '38', '84', false), ('epci', 'Communauté', 'EPCI', NULL, 4000, '38', '84', true),
		('notre', 'Le Nôtre', NULL, 'SMO', NULL, '69', '84', true), ('voisin', 'Le Voisin', NULL, 'SMO', NULL, '38', '84', true),
		('ancien', 'L''Ancien', NULL, 'SMO', NULL, '69', '84', true), ('pretendu', 'Le Prétendu', NULL, 'SMO', NULL, '69', '84', true)
	) v (cle, nom, nature, forme, population, departement, region, actif);
INSERT INTO logiciel (slug, nom, nom_tri, libre, ajoute_le, source_id)
	SELECT lower(n), n, lower(n), n NOT IN ('P', 'V'), '2020-01-01', s.id FROM source s, unnest('{A,B,P,U,V,W,X,Y,Z}'::text[]) n;
INSERT INTO logiciel_lien (genre, de_id, vers_id, source_id) SELECT 'REMPLACE', x.id, y.id, x.source_id FROM logiciel x, logiciel y
	WHERE (x.slug, y.slug) IN (('x', 'p'), ('z', 'v'));
INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, debut, fin, remplace_id, source_id, constate_le)
	SELECT gen_random_uuid(), o.id, o.departement, l.id, l.libre, coalesce(v.statut, 'PRODUCTION'), 'DIRECT', '2020-01-01', v.fin, r.id, o.source_id, '2024-01-01'
	FROM (VALUES ('moi', 'a', NULL, NULL::date, NULL), ('moi', 'b', NULL, NULL, NULL), ('moi', 'p', NULL, NULL, NULL), ('moi', 'w', 'ABANDONNE', '2023-05-01', NULL), ('moi', 'u', 'PREVU', NULL, NULL),
		('un', 'a', NULL, NULL, NULL), ('un', 'b', NULL, NULL, NULL), ('un', 'p', NULL, NULL, NULL), ('un', 'v', NULL, NULL, NULL), ('un', 'x', NULL, NULL, NULL),
		('deux', 'a', NULL, NULL, NULL), ('deux', 'b', 'EXPERIMENTATION', NULL, NULL), ('deux', 'u', NULL, NULL, NULL), ('deux', 'x', NULL, NULL, NULL), ('deux', 'y', NULL, NULL, 'p'),
		('trois', 'a', NULL, NULL, NULL), ('trois', 'w', NULL, NULL, NULL), ('trois', 'z', NULL, NULL, 'b'), ('trois', 'b', 'ABANDONNE', NULL, NULL),
		('lointaine', 'y', NULL, NULL, NULL), ('cessee', 'a', NULL, NULL, NULL), ('cessee', 'z', NULL, NULL, NULL), ('epci', 'a', NULL, NULL, NULL), ('epci', 'z', NULL, NULL, NULL)
	) v (qui, quoi, statut, fin, remplace) JOIN organisation o ON o.cle = v.qui JOIN logiciel l ON l.slug = v.quoi LEFT JOIN logiciel r ON r.slug = v.remplace;
INSERT INTO catalogue (cle, nom, syndicat_id, source_id) SELECT o.cle, 'Catalogue ' || o.cle, o.id, o.source_id FROM organisation o WHERE o.genre = 'SYNDICAT';
INSERT INTO entree_catalogue (cle, catalogue_id, logiciel_id, statut, depuis, jusqua, source_id)
	SELECT gen_random_uuid(), k.id, l.id, v.statut, v.depuis, v.jusqua, k.source_id
	FROM (VALUES ('notre', 'y', 'PROPOSEE', '2020-01-01'::date, NULL::date), ('voisin', 'x', 'PROPOSEE', NULL, NULL), ('voisin', 'y', 'PROPOSEE', '2021-01-01', NULL),
		('voisin', 'z', 'RETIREE', '2020-01-01', '2022-01-01'), ('voisin', 'z', 'EN_PREPARATION', NULL, NULL), ('voisin', 'z', 'PROPOSEE', '2023-01-01', current_date), ('voisin', 'z', 'PROPOSEE', current_date + 1, NULL),
		('ancien', 'z', 'PROPOSEE', '2020-01-01', NULL), ('pretendu', 'z', 'PROPOSEE', '2020-01-01', NULL)
	) v (qui, quoi, statut, depuis, jusqua) JOIN catalogue k ON k.cle = v.qui JOIN logiciel l ON l.slug = v.quoi;
INSERT INTO adhesion (groupement_id, membre_id, debut, fin, confirmee, source_id)
	SELECT g.id, m.id, '2020-01-01', v.fin, v.confirmee, g.source_id
	FROM (VALUES ('notre', NULL::date, true), ('ancien', '2024-01-01', true), ('pretendu', NULL, false)) v (qui, fin, confirmee)
	JOIN organisation g ON g.cle = v.qui JOIN organisation m ON m.cle = 'moi';
INSERT INTO abonnement (entree_id, collectivite_id, debut, source_id)
	SELECT e.id, o.id, '2022-01-01', o.source_id FROM entree_catalogue e JOIN catalogue k ON k.id = e.catalogue_id JOIN logiciel l ON l.id = e.logiciel_id, organisation o
	WHERE k.cle = 'voisin' AND l.slug = 'x' AND o.cle = 'trois'`

func newSemblables(t *testing.T) *api {
	t.Helper()
	url := dbtest.URL(t)
	a := open(t, url)
	if _, err := a.pool.Exec(t.Context(), semblables); err != nil {
		t.Fatal(err)
	}
	return a
}

func collectiviteID(cle string) string { return identifiant.Global("Collectivite", cle) }

const ressemblance = `query($id: ID!) {
	semblables(collectivite: $id) { logicielsConnus comparees totalCount remarque nodes {
		score logicielsEnCommun logicielsReunis similarite collectivite { id nom } raisons { terme points sur explication } logicielsCommuns { nom } } }
	suggestions(collectivite: $id) { logicielsConnus semblables totalCount remarque nodes {
		score utilisateurs semblables logiciel { nom } raisons { terme points sur explication }
		chez { score collectivite { nom } } syndicats { membre syndicat { nom } entree { statut catalogue { nom } } } remplace { nom } } }
}`

// names joins what a list holds.
func names(t *testing.T, list any, path ...any) string {
	t.Helper()
	var all []string
	for _, x := range list.([]any) {
		all = append(all, fmt.Sprint(at(t, x, path...)))
	}
	return strings.Join(all, " ")
}

func TestThoseMostAlikeComeFirstWithTheirReasons(t *testing.T) {
	a := newSemblables(t)
	list := at(t, a.must(t, ressemblance, map[string]any{"id": collectiviteID("moi")}).Data, "semblables")
	// Nature 10, strate 10, population 25 × smaller ÷ larger, département 15, région 10, software 30 × common ÷ all.
	want := []struct {
		cle, points string
		score       float64
		communs     string
		similarite  float64
	}{
		{"un", "10 10 25 15 10 18", 88, "A B P", 3.0 / 5},   // of A B P V X
		{"deux", "10 10 20 15 10 10", 75, "A B", 2.0 / 6},   // of A B P U X Y
		{"trois", "10 10 12.5 15 10 5", 62.5, "A", 1.0 / 6}, // of A B P W X Z
		{"etrangere", "10 10 25 0 10 0", 55, "", 0},         // another département
		{"ailleurs-1", "10 0 2.5 0 0 0", 12.5, "", 0},       // by name, then by age in the database
		{"ailleurs-2", "10 0 2.5 0 0 0", 12.5, "", 0},       //
		{"lointaine", "10 0 2.5 0 0 0", 12.5, "", 0},        // nothing in common
	}
	nodes := at(t, list, "nodes").([]any)
	if len(nodes) != len(want) || at(t, list, "totalCount") != float64(len(want)) || at(t, list, "comparees") != float64(len(want)) ||
		at(t, list, "logicielsConnus") != 3.0 || at(t, list, "remarque") != nil {
		t.Fatalf("%v", list)
	}
	for i, w := range want {
		n := nodes[i]
		if id := at(t, n, "collectivite", "id"); id != collectiviteID(w.cle) {
			t.Errorf("number %d is %v, not %s", i+1, at(t, n, "collectivite", "nom"), w.cle)
			continue
		}
		if got := names(t, at(t, n, "raisons"), "points"); got != w.points || at(t, n, "score") != w.score {
			t.Errorf("%s: %s make %v, want %s make %v", w.cle, got, at(t, n, "score"), w.points, w.score)
		}
		if got := names(t, at(t, n, "raisons"), "terme"); got != "NATURE STRATE POPULATION DEPARTEMENT REGION LOGICIELS" {
			t.Errorf("%s: %s", w.cle, got)
		}
		if got := names(t, at(t, n, "logicielsCommuns"), "nom"); got != w.communs || at(t, n, "logicielsEnCommun") != float64(len(strings.Fields(w.communs))) {
			t.Errorf("%s: %q in common, want %q", w.cle, got, w.communs)
		}
		if s := at(t, n, "similarite"); s != w.similarite {
			t.Errorf("%s: similarity %v, want %v", w.cle, s, w.similarite)
		}
	}
}

func TestSuggestionsAreWhatThoseAlikeRunAndOneNeverHad(t *testing.T) {
	a := newSemblables(t)
	list := at(t, a.must(t, ressemblance, map[string]any{"id": collectiviteID("moi")}).Data, "suggestions")
	// Un, Deux, Trois and Lointaine are looked at: nothing is known of the others. W was given up, U is planned, V is not free.
	if at(t, list, "semblables") != 4.0 || at(t, list, "totalCount") != 3.0 || at(t, list, "remarque") != nil {
		t.Fatalf("%v", list)
	}
	for i, w := range []struct {
		logiciel, points, chez, syndicats, membre, remplace string
		score, utilisateurs                                 float64
	}{
		{"X", "45 20 10", "Un Deux Trois", "Le Voisin", "false", "P", 75, 3},
		{"Y", "30 20 20", "Deux Lointaine", "Le Nôtre Le Voisin", "true false", "P", 70, 2},
		{"Z", "15 0 0", "Trois", "", "", "", 15, 1}, // what Z replaces, nobody has here; nobody near offers it today
	} {
		n := at(t, list, "nodes", i)
		got := []any{at(t, n, "logiciel", "nom"), names(t, at(t, n, "raisons"), "points"), names(t, at(t, n, "chez"), "collectivite", "nom"),
			names(t, at(t, n, "syndicats"), "syndicat", "nom"), names(t, at(t, n, "syndicats"), "membre"), names(t, at(t, n, "remplace"), "nom"),
			at(t, n, "score"), at(t, n, "utilisateurs"), at(t, n, "semblables"), names(t, at(t, n, "raisons"), "terme")}
		want := []any{w.logiciel, w.points, w.chez, w.syndicats, w.membre, w.remplace, w.score, w.utilisateurs, 4.0, "SEMBLABLES REMPLACEMENT SYNDICAT"}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("number %d is %q, want %q", i+1, got, want)
		}
	}
	if statut := at(t, list, "nodes", 1, "syndicats", 0, "entree", "statut"); statut != "PROPOSEE" {
		t.Errorf("an entry %v", statut)
	}
}

func TestWhatIsNotPublicChangesNeitherLikenessNorSuggestions(t *testing.T) {
	a := newSemblables(t)
	ask := func(a *api) string {
		return string(a.must(t, ressemblance, map[string]any{"id": collectiviteID("moi")}).raw)
	}
	before := ask(a)
	// Twins would gain Z, common software and what Y replaces; Moi would have X, Y and Z.
	if _, err := a.pool.Exec(t.Context(), `INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, debut, remplace_id, source_id, constate_le, visibilite)
		SELECT gen_random_uuid(), o.id, o.departement, l.id, l.libre, 'PRODUCTION', 'DIRECT', '2020-01-01', r.id, o.source_id, '2024-01-01', v
		FROM organisation o, logiciel l, logiciel r, unnest('{PRIVE,ORGANISMES_PUBLICS}'::text[]) v
		WHERE r.slug = 'p' AND ((o.cle = 'moi' AND l.slug IN ('x', 'y', 'z')) OR (o.cle IN ('un', 'trois', 'etrangere') AND l.slug IN ('b', 'z', 'p')))`); err != nil {
		t.Fatal(err)
	}
	for name, reader := range map[string]*api{
		"anyone": a, "Moi": a.as(t, droit.Contributeur, "moi"), "a twin": a.as(t, droit.Contributeur, "un"), "its syndicat": a.as(t, droit.Gestionnaire, "notre"), "an administrator": a.as(t, droit.Admin, ""),
	} {
		if after := ask(reader); after != before {
			t.Errorf("%s reads\n%s\nnot\n%s", name, after, before)
		}
	}
}

func TestACollectiviteOfWhichNothingIsKnownHasItsLikesAndIsToldSo(t *testing.T) {
	a := newSemblables(t)
	data := a.must(t, ressemblance, map[string]any{"id": collectiviteID("etrangere")}).Data
	// 10 + 10 + 25 × ratio + 10 for those of the région; by name where they are equal.
	if got := names(t, at(t, data, "semblables", "nodes"), "collectivite", "nom") + " " + names(t, at(t, data, "semblables", "nodes"), "score"); got != "Moi Un Deux Trois Ailleurs Ailleurs Lointaine 55 55 50 42.5 12.5 12.5 12.5" {
		t.Error(got)
	}
	if s := at(t, data, "semblables", "nodes", 4, "similarite"); s != nil {
		t.Errorf("two of which nothing is known are alike by software: %v", s)
	}
	for _, list := range []string{"semblables", "suggestions"} {
		if r, _ := at(t, data, list, "remarque").(string); !strings.Contains(r, "aucun logiciel en vigueur n'est connu") || at(t, data, list, "logicielsConnus") != 0.0 {
			t.Errorf("%s: %q", list, r)
		}
	}
	// Of the five whose software is known four run A, three B and X, two Y, one U, W and Z. Syndicats with their seat in its
	// département offer Y and Z: 10 more.
	if got := names(t, at(t, data, "suggestions", "nodes"), "logiciel", "nom") + " " + names(t, at(t, data, "suggestions", "nodes"), "score"); got != "A B X Y Z U W 48 36 36 34 22 12 12" {
		t.Error(got)
	}
}

func TestLikenessOfWhatDoesNotExistIsRefused(t *testing.T) {
	a := newSemblables(t)
	for _, id := range []string{collectiviteID("nulle-part"), identifiant.Global("SyndicatMixte", "notre"), "x"} {
		for _, field := range []string{"semblables", "suggestions"} {
			got := a.ask(t, fmt.Sprintf(`{ %s(collectivite: %q) { totalCount } }`, field, id), nil)
			if len(got.Errors) != 1 || got.Errors[0].Extensions["code"] != "ARGUMENT_INVALIDE" {
				t.Errorf("%s of %s: %v", field, id, got.Errors)
			}
		}
	}
}

func TestACommuneThatCeasedIsComparedAndToldSo(t *testing.T) {
	a := newSemblables(t)
	list := at(t, a.must(t, ressemblance, map[string]any{"id": collectiviteID("cessee")}).Data, "semblables")
	if r, _ := at(t, list, "remarque").(string); !strings.Contains(r, "a cessé d'exister") || at(t, list, "totalCount") != 8.0 {
		t.Errorf("%q, %v alike", r, at(t, list, "totalCount"))
	}
}

// What the schema says of the bound: whoever is farther in population is not compared, unless a usage of hers is known.
func TestOnlyTheClosestInPopulationAreCompared(t *testing.T) {
	a := newSemblables(t)
	// From 3900 to 4100 inhabitants, one of each.
	if _, err := a.pool.Exec(t.Context(), `INSERT INTO organisation (cle, genre, nom, nom_tri, nature, population, departement, region, source_id)
		SELECT 'n' || n, 'COLLECTIVITE', 'N' || n, 'n' || n, 'COMMUNE', n, '38', '84', s.id FROM source s, generate_series(3900, 4100) n`); err != nil {
		t.Fatal(err)
	}
	list := at(t, a.must(t, `query($id: ID!) { semblables(collectivite: $id, first: 100) { comparees totalCount nodes { collectivite { nom } } } }`, map[string]any{"id": collectiviteID("moi")}).Data, "semblables")
	// In the département Un, N4000 to N4038 above and N3960 to N3999 below; in France, Étrangère too, who has as many
	// inhabitants; those whose usages are known: Deux and Trois in the région, Lointaine in France.
	if at(t, list, "comparees") != 84.0 || at(t, list, "totalCount") != 84.0 {
		t.Errorf("%v are compared, %v listed", at(t, list, "comparees"), at(t, list, "totalCount"))
	}
	all := " " + names(t, at(t, list, "nodes"), "collectivite", "nom") + " "
	for name, want := range map[string]bool{"Un": true, "Deux": true, "Trois": true, "Lointaine": true, "Etrangère": true, "N4038": true, "N4039": false, "N3960": true, "N3959": false, "Ailleurs": false} {
		if strings.Contains(all, " "+name+" ") != want {
			t.Errorf("%s is compared: %v", name, !want)
		}
	}
}
