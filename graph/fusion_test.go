package graph_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// checkCounts fails when a kept count does not say what the usages say.
func checkCounts(t testing.TB, a *api) {
	t.Helper()
	ecarts, err := db.CheckComptes(t.Context(), a.pool)
	if err != nil || len(ecarts) > 0 {
		t.Error("counts:", ecarts, err)
	}
}

func mustJSON(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// exec runs SQL, its statements separated by semicolons.
func (a *api) exec(t testing.TB, sql string) {
	t.Helper()
	for _, s := range strings.Split(sql, ";\n") {
		if _, err := a.pool.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// equal compares what a statement gives with what is wanted.
func equal[T comparable](t testing.TB, a *api, want T, sql string, args ...any) {
	t.Helper()
	if got := value[T](t, a.pool, sql, args...); got != want {
		t.Errorf("%s\n\tgives %v, want %v", sql, got, want)
	}
}

const fusionLogiciels = `FusionnerLogicielsInput`

func (a *api) fusionnerLogiciels(t testing.TB, garde, fusionne string) any {
	t.Helper()
	return a.write(t, "fusionnerLogiciels", fusionLogiciels, logicielFields, map[string]any{"garde": logiciel(garde), "fusionne": logiciel(fusionne)})
}

const organisationFields = `{ organisation { id nom ... on Collectivite { nombreUsages anciensCodes { code nom depuis } } } erreurs { code champ message } }`

func (a *api) fusionnerOrganisations(t testing.TB, in map[string]any) any {
	t.Helper()
	return a.write(t, "fusionnerOrganisations", "FusionnerOrganisationsInput", organisationFields, in)
}

// Every table that refers to a software or to an organisation, but those emptied with the row. One that is not here is not
// moved by a merger: say in db/fusion_*.go what becomes of it, then here.
var suivis = map[string][]string{
	"logiciel": {"besoin.logiciel_id", "contrat.logiciel_id", "developpement.logiciel_id", "economie.logiciel_id", "entree_catalogue.logiciel_id",
		"evaluation_communaute.logiciel_id", "fait.logiciel_id", "intervention_logiciel.logiciel_id", "logiciel_fusionne.logiciel_id",
		"proposition.logiciel_id", "reference_prestation.logiciel_id", "reference_prix.logiciel_id", "ressource_support.logiciel_id",
		"retour_lien.logiciel_id", "usage.logiciel_id", "usage.remplace_id"},
	"organisation": {"a_confirmer_ignore.organisation_id", "abonnement.collectivite_id", "adhesion.groupement_id", "adhesion.membre_id",
		"adhesion.via_id", "besoin.organisation_id", "besoin_participant.organisation_id", "candidature.organisation_id",
		"catalogue.syndicat_id", "contrat.organisation_id", "contrat.prestataire_id", "developpement.organisation_id",
		"disponibilite.organisation_id", "economie.beneficiaire_id", "economie.verifiee_par_id", "fait.organisation_id",
		"habilitation.organisation_id", "intervention.declarant_id", "intervention_organisation.organisation_id",
		"jeton.organisation_id", "label_obtenu.organisation_id", "message_developpeur.organisation_id",
		"organisation_fusionnee.organisation_id", "participation.organisation_id", "participation_developpement.organisation_id",
		"proposition.prestataire_id", "proposition.utilisateur_id", "publication.organisation_id",
		"reference_prestation.beneficiaire_id", "reference_prestation.prestataire_id", "reference_prix.organisation_id",
		"rencontre.commune_id", "rencontre.declarant_id", "rencontre_organisateur.organisation_id", "reponse_besoin.repondant_id",
		"reseau.organisation_id", "ressource_support.organisation_id", "retour_experience.organisation_id",
		"retour_lien.organisation_id", "territoire.organisation_id", "usage.syndicat_id", "usage.utilisateur_id",
		"webhook.organisation_id"},
}

func TestAMergerKnowsEveryTableThatRefersToWhatItMerges(t *testing.T) {
	t.Parallel()
	a := real(t)
	for table, want := range suivis {
		got := value[[]string](t, a.pool, `SELECT array_agg(c.conrelid::regclass || '.' || x.attname ORDER BY 1) FROM pg_constraint c
			JOIN pg_attribute x ON x.attrelid = c.conrelid AND x.attnum = c.conkey[1]
			WHERE c.contype = 'f' AND c.confrelid = $1::regclass AND c.confdeltype <> 'c'`, table)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s is referred to by\n%v\nand merged for\n%v", table, got, want)
		}
	}
}

// twins makes two software, "garde" and "double", each with all that a software may have.
func twins(t testing.TB, a *api) {
	t.Helper()
	admin := a.as(t, droit.Admin, "")
	make := func(in map[string]any) {
		in["source"] = source
		done(t, admin.creerLogiciel(t, in))
	}
	make(map[string]any{"nom": "Garde", "identifiants": []any{map[string]any{"source": "CNLL", "valeur": "990001"}}})
	make(map[string]any{"nom": "Double", "licence": "MIT", "description": "Dit par le double", "depot": "https://github.com/exemple/double",
		"identifiants": []any{map[string]any{"source": "WIKIDATA", "valeur": "Q990001"}},
		"categories":   []any{value[string](t, a.pool, `SELECT code FROM categorie ORDER BY code LIMIT 1`)}})
	make(map[string]any{"nom": "Fermé", "licence": "propriétaire"})
	make(map[string]any{"nom": "Semblable", "licence": "MIT"})
	a.exec(t, `CREATE VIEW v AS SELECT (SELECT id FROM logiciel WHERE slug = 'garde') AS g, (SELECT id FROM logiciel WHERE slug = 'double') AS d,
		(SELECT id FROM logiciel WHERE slug = 'ferme') AS f, (SELECT id FROM logiciel WHERE slug = 'semblable') AS s,
		(SELECT id FROM organisation WHERE cle = '`+echirolles+`') AS e, (SELECT id FROM organisation WHERE cle = '`+arles+`') AS a,
		(SELECT id FROM organisation WHERE cle = '`+sitpi+`') AS sitpi, (SELECT min(id) FROM organisation WHERE genre = 'PRESTATAIRE') AS p, (SELECT min(id) FROM source) AS so;
INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, source_id, constate_le, remplace_id)
		SELECT gen_random_uuid(), o.id, o.departement, l.id, l.libre, 'PRODUCTION', 'DIRECT', v.so, '2024-01-01', CASE WHEN l.id = v.d THEN v.g ELSE v.d END
		FROM v, organisation o, logiciel l WHERE (o.id, l.id) IN ((v.e, v.g), (v.e, v.d), (v.a, v.d), (v.a, v.f));
INSERT INTO catalogue (cle, nom, syndicat_id, source_id) SELECT 'c-essai', 'Essai', sitpi, so FROM v;
INSERT INTO entree_catalogue (cle, catalogue_id, logiciel_id, statut, services, depuis, jusqua, source_id)
		SELECT x.cle::uuid, c.id, x.l, x.statut, x.services::text[], x.depuis::date, x.jusqua::date, v.so FROM v, catalogue c, LATERAL (VALUES
		('00000000-0000-0000-0000-000000000001', v.g, 'RETIREE', '{SUPPORT}', '2015-01-01', '2018-01-01'),
		('00000000-0000-0000-0000-000000000002', v.d, 'PROPOSEE', '{FORMATION}', '2017-01-01', NULL),
		('00000000-0000-0000-0000-000000000003', v.d, 'RETIREE', '{}', '2010-01-01', '2011-01-01'),
		('00000000-0000-0000-0000-000000000004', v.g, 'EN_PREPARATION', '{SUPPORT}', '2030-01-01', NULL),
		('00000000-0000-0000-0000-000000000005', v.d, 'EN_PREPARATION', '{CONSEIL}', NULL, NULL)) x (cle, l, statut, services, depuis, jusqua)
		WHERE c.cle = 'c-essai';
INSERT INTO abonnement (entree_id, collectivite_id, debut, fin, source_id) SELECT x.id, v.e, y.debut::date, y.fin::date, v.so FROM v, entree_catalogue x
		JOIN (VALUES (1, '2016-01-01', '2017-06-01'), (2, '2017-01-01', NULL), (1, '2015-01-01', '2015-02-01')) y (n, debut, fin)
		ON x.cle::text LIKE '%000' || y.n;
INSERT INTO economie (cle, beneficiaire_id, logiciel_id, nature, statut, source_id) SELECT gen_random_uuid(), e, d, 'LICENCES', 'ANNONCEE', so FROM v;
INSERT INTO contrat (cle, organisation_id, logiciel_id, source_id) SELECT gen_random_uuid(), e, d, so FROM v;
INSERT INTO proposition (cle, prestataire_id, utilisateur_id, logiciel_id, statut) SELECT gen_random_uuid(), p, e, x, 'PRODUCTION' FROM v, LATERAL (VALUES (v.g), (v.d)) y (x);
INSERT INTO logiciel_lien (genre, de_id, vers_id, source_id) SELECT x.genre, x.de, x.vers, v.so FROM v, LATERAL (VALUES ('SIMILAIRE', v.g, v.d), ('SIMILAIRE', v.d, v.g),
		('REMPLACE', v.d, v.f), ('SIMILAIRE', v.d, v.s), ('SIMILAIRE', v.g, v.s), ('SIMILAIRE', v.s, v.d), ('REMPLACE', v.s, v.g)) x (genre, de, vers);
INSERT INTO prestation (prestataire_id, logiciel_id, types, source_id) SELECT p, x.l, x.types::text[], so FROM v, LATERAL (VALUES (v.g, '{SUPPORT}'), (v.d, '{SUPPORT,CONSEIL}')) x (l, types);
INSERT INTO reference_prix (cle, logiciel_id, genre, libelle, source_id) SELECT gen_random_uuid(), d, 'TARIF', 'Tarif', so FROM v;
INSERT INTO fait (cle, logiciel_id, sujet, fait, valeur, unite, date, source_id) SELECT gen_random_uuid(), d, 's', 'f', '1', 'u', '2020', so FROM v;
INSERT INTO nom_alternatif (logiciel_id, nom, nom_tri, source_id) SELECT d, 'Garde', 'garde', so FROM v;
INSERT INTO nom_alternatif (logiciel_id, nom, nom_tri, source_id) SELECT d, 'Jumeau', 'jumeau', so FROM v`)
}

func TestEverythingFollowsAMergedSoftware(t *testing.T) {
	t.Parallel()
	a := real(t)
	twins(t, a)
	before := time.Now()
	usages := value[int](t, a.pool, `SELECT count(*) FROM usage`)
	ancien := value[int64](t, a.pool, `SELECT d FROM v`)
	got := done(t, a.as(t, droit.Moderateur, "").fusionnerLogiciels(t, "garde", "double"))
	for field, want := range map[string]any{"slug": "garde", "nom": "Garde", "libre": true, "licence": "MIT", "description": "Dit par le double"} {
		if v := at(t, got, "logiciel", field); v != want {
			t.Errorf("%s = %v, want %v", field, v, want)
		}
	}
	checkCounts(t, a)
	equal(t, a, usages, `SELECT count(*) FROM usage`)
	equal(t, a, 3, `SELECT count(*) FROM usage u, v WHERE u.logiciel_id = v.g AND u.libre`)
	equal(t, a, 2, `SELECT nb_utilisateurs FROM logiciel WHERE slug = 'garde'`)
	equal(t, a, 0, `SELECT count(*) FROM usage WHERE remplace_id = logiciel_id`)
	equal(t, a, 1, `SELECT count(*) FROM usage u, v WHERE u.logiciel_id = v.f AND u.remplace_id = v.g`)
	equal(t, a, "1 PROPOSEE {FORMATION,SUPPORT} 2015-01-01 -, 3 RETIREE {} 2010-01-01 2011-01-01, 4 EN_PREPARATION {CONSEIL,SUPPORT} 2030-01-01 -",
		`SELECT string_agg(concat_ws(' ', right(x.cle::text, 1), x.statut, x.services, x.depuis, coalesce(x.jusqua::text, '-')), ', ' ORDER BY x.cle) FROM entree_catalogue x, v WHERE x.logiciel_id = v.g`)
	equal(t, a, "1 2015-01-01 2015-02-01, 1 2016-01-01 -", `SELECT string_agg(concat_ws(' ', right(x.cle::text, 1), ab.debut, coalesce(ab.fin::text, '-')), ', ' ORDER BY ab.debut)
		FROM abonnement ab JOIN entree_catalogue x ON x.id = ab.entree_id JOIN catalogue c ON c.id = x.catalogue_id WHERE c.cle = 'c-essai'`)
	for _, table := range []string{"economie", "contrat", "reference_prix", "fait"} {
		equal(t, a, 1, `SELECT count(*) FROM `+table+` x, v WHERE x.logiciel_id = v.g`)
	}
	equal(t, a, "EN_ATTENTE,REFUSEE", `SELECT string_agg(x.etat, ',' ORDER BY x.id) FROM proposition x, v WHERE x.logiciel_id = v.g`)
	equal(t, a, 2, `SELECT count(*) FROM identifiant x, v WHERE x.logiciel_id = v.g`)
	equal(t, a, "REMPLACE garde>ferme,SIMILAIRE garde>semblable,SIMILAIRE semblable>garde", `SELECT string_agg(x.genre || ' ' || d.slug || '>' || e.slug, ',' ORDER BY x.genre, d.slug, e.slug)
		FROM v, logiciel_lien x JOIN logiciel d ON d.id = x.de_id JOIN logiciel e ON e.id = x.vers_id WHERE v.g IN (x.de_id, x.vers_id)`)
	equal(t, a, "{CONSEIL,SUPPORT}", `SELECT x.types::text FROM prestation x, v WHERE x.logiciel_id = v.g`)
	equal(t, a, 1, `SELECT count(*) FROM logiciel_categorie x, v WHERE x.logiciel_id = v.g`)
	equal(t, a, "Double,Jumeau", `SELECT string_agg(x.nom, ',' ORDER BY x.nom) FROM nom_alternatif x, v WHERE x.logiciel_id = v.g`)
	equal(t, a, ancien, `SELECT ancien_id FROM logiciel_fusionne WHERE slug = 'double'`)

	read := a.must(t, `query ($d: ID!, $g: ID!, $au: DateTime!) { node(id: $d) { id ... on Logiciel { historique { nodes { operation genre } } } } nodes(ids: [$g, $d, $d]) { id }
		byId: logiciel(id: $d) { slug } bySlug: logiciel(slug: "double") { slug }
		usages(filtre: {logiciels: [$d]}) { totalCount } garde: logiciel(slug: "garde") { usages(filtre: {logiciels: [$d]}) { totalCount } }
		collectivites(filtre: {utilise: [$d]}) { totalCount }
		avant: logiciel(slug: "double", auDate: $au) { slug nombreUtilisateurs usages { totalCount } } }`,
		map[string]any{"d": logiciel("double"), "g": logiciel("garde"), "au": before.UTC().Format(time.RFC3339Nano)}).Data
	for _, path := range [][]any{{"node", "id"}, {"nodes", 0, "id"}, {"nodes", 1, "id"}, {"nodes", 2, "id"}} {
		if v := at(t, read, path...); v != logiciel("garde") {
			t.Errorf("%v: %v", path, v)
		}
	}
	for _, path := range [][]any{{"byId", "slug"}, {"bySlug", "slug"}} {
		if v := at(t, read, path...); v != "garde" {
			t.Errorf("%v: %v", path, v)
		}
	}
	if at(t, read, "usages", "totalCount") != 3.0 || at(t, read, "garde", "usages", "totalCount") != 3.0 || at(t, read, "collectivites", "totalCount") != 2.0 {
		t.Error("filters by the former id:", read)
	}
	if at(t, read, "avant", "slug") != "double" || at(t, read, "avant", "nombreUtilisateurs") != 2.0 || at(t, read, "avant", "usages", "totalCount") != 2.0 {
		t.Error("before the merger:", at(t, read, "avant"))
	}
	if h := string(mustJSON(t, at(t, read, "node", "historique"))); !strings.Contains(h, `"RETRAIT"`) {
		t.Error("the history of what was merged is lost:", h)
	}
	used := a.as(t, droit.Gestionnaire, arles).write(t, "declarerUsage", "DeclarerUsageInput", `{ usage { logiciel { slug } } erreurs { code champ message } }`,
		map[string]any{"utilisateur": a.organisation(t, arles), "logiciel": logiciel("double"), "statut": "PRODUCTION"})
	if v := at(t, done(t, used), "usage", "logiciel", "slug"); v != "garde" {
		t.Error("declared of the former id:", v)
	}
	again := done(t, a.as(t, droit.Contributeur, echirolles).creerLogiciel(t, map[string]any{"nom": "Double", "distinct": true}))
	if v := at(t, again, "logiciel", "slug"); v != "double-2" {
		t.Error("a former slug was given again:", v)
	}
	refused(t, a.as(t, droit.Moderateur, "").fusionnerLogiciels(t, "garde", "double"), "INVALIDE", "fusionne")
}

// communes gives the keys of n communes, all in the EPCI of the first ones found or not.
func communes(t testing.TB, a *api, n int) []string {
	return value[[]string](t, a.pool, `SELECT array_agg(cle) FROM (SELECT cle FROM organisation WHERE nature = 'COMMUNE' AND code_insee IS NOT NULL AND siren IS NOT NULL
		AND region = '28' ORDER BY id LIMIT $1) x`, n)
}

func TestACommuneNouvelleTakesOverAllThatItsCommunesHad(t *testing.T) {
	t.Parallel()
	a := real(t)
	c := communes(t, a, 2)
	garde, autre := c[0], c[1]
	moderator := a.as(t, droit.Moderateur, "")
	agent := a.as(t, droit.Gestionnaire, autre)
	in := map[string]any{"garde": a.organisation(t, garde), "fusionnees": []any{a.organisation(t, autre)}, "dateEffet": "2026-01-01", "motif": "Arrêté préfectoral du 1er décembre 2025"}
	refused(t, moderator.fusionnerOrganisations(t, in), "INVALIDE", "fusionnees") // INSEE's log does not show it
	a.exec(t, fmt.Sprintf(`CREATE VIEW v AS SELECT g.id AS g, f.id AS f, g.code_insee AS cg, f.code_insee AS cf, f.nom AS nf, (SELECT id FROM organisation WHERE cle = '%s') AS sitpi,
		(SELECT id FROM organisation WHERE cle = '%s') AS alpi, (SELECT min(id) FROM organisation WHERE genre = 'PRESTATAIRE') AS p,
		(SELECT min(id) FROM logiciel) AS l, (SELECT min(id) FROM source) AS so FROM organisation g, organisation f WHERE g.cle = '%s' AND f.cle = '%s';
CREATE TABLE anciens AS SELECT * FROM v;
INSERT INTO mouvement_commune SELECT '2026-01-01', 32, 'COM', cf, nf, 'COMD', cf, nf FROM v;
INSERT INTO mouvement_commune SELECT '2026-01-01', 32, 'COM', cf, nf, 'COM', cg, 'Nouvelle' FROM v;
INSERT INTO mouvement_commune SELECT '2026-01-01', 32, 'COM', cg, 'Nouvelle', 'COM', cg, 'Nouvelle' FROM v;
DELETE FROM adhesion USING v WHERE membre_id IN (v.g, v.f);
INSERT INTO adhesion (groupement_id, membre_id, services, debut, fin, confirmee, source_id) SELECT x.groupement, x.membre, x.services::text[], x.debut::date, x.fin::date, x.confirmee, v.so FROM v,
		LATERAL (SELECT array_agg(id ORDER BY id) AS ids FROM organisation WHERE nature = 'EPCI') e, LATERAL (VALUES
		(v.sitpi, v.g, '{A}', '2015-01-01', '2020-01-01', true), (v.sitpi, v.f, '{B}', '2018-01-01', NULL, true),
		(v.alpi, v.g, '{A}', '2019-01-01', NULL, false), (v.alpi, v.f, '{}', '2019-01-01', NULL, true),
		(e.ids[1], v.g, '{}', '2017-01-01', NULL, true), (e.ids[2], v.f, '{}', '2017-01-01', NULL, true)) x (groupement, membre, services, debut, fin, confirmee);
INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, source_id, constate_le, debut) SELECT gen_random_uuid(), o.id, o.departement, l.id, l.libre,
		'PRODUCTION', 'DIRECT', v.so, '2024-01-01', '2020-03-04' FROM v JOIN logiciel l ON l.id = v.l JOIN organisation o ON o.id IN (v.g, v.f);
INSERT INTO economie (cle, beneficiaire_id, nature, statut, source_id) SELECT gen_random_uuid(), f, 'LICENCES', 'ANNONCEE', so FROM v;
INSERT INTO contrat (cle, organisation_id, logiciel_id, source_id) SELECT gen_random_uuid(), f, l, so FROM v;
INSERT INTO proposition (cle, prestataire_id, utilisateur_id, logiciel_id, statut) SELECT gen_random_uuid(), p, x, l, 'PRODUCTION' FROM v, LATERAL (VALUES (v.g), (v.f)) y (x);
INSERT INTO fait (cle, organisation_id, sujet, fait, valeur, unite, date, source_id) SELECT gen_random_uuid(), f, 's', 'f', '1', 'u', '2020', so FROM v;
INSERT INTO habilitation (emetteur, sujet, nom, role, organisation_id) SELECT 'https://sso.exemple.fr', 'x', 'X', 'LECTEUR', f FROM v;
INSERT INTO code_insee (nature, code, organisation_id, actuel, nom, depuis) SELECT 'COMMUNE', '99999', f, false, 'Plus ancienne', '1970-01-01' FROM v`, sitpi, alpi, garde, autre))
	ids := value[[]int64](t, a.pool, `SELECT ARRAY[g, f] FROM v`)
	dates := value[string](t, a.pool, `SELECT string_agg(debut::text, ',') FROM usage u, v WHERE u.utilisateur_id = v.f`)
	used := value[int](t, a.pool, `SELECT count(*) FROM usage u, v WHERE u.utilisateur_id IN (v.g, v.f)`)

	wrong := with(saisie{}, in)
	wrong["dateEffet"] = "2025-01-01"
	refused(t, moderator.fusionnerOrganisations(t, wrong), "INVALIDE", "dateEffet")
	forced := with(saisie{"force": true}, in)
	delete(forced, "motif")
	refused(t, moderator.fusionnerOrganisations(t, forced), "REQUIS", "motif")
	before := time.Now().UTC().Format(time.RFC3339Nano)
	got := done(t, moderator.fusionnerOrganisations(t, in))
	if v := at(t, got, "organisation", "id"); v != a.organisation(t, garde) {
		t.Error(v)
	}
	checkCounts(t, a)
	a.exec(t, fmt.Sprintf(`CREATE OR REPLACE FUNCTION g() RETURNS bigint LANGUAGE sql AS 'SELECT %d::bigint';
CREATE OR REPLACE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT %d::bigint'`, ids[0], ids[1]))
	equal(t, a, 0, `SELECT count(*) FROM organisation WHERE id = f()`)
	equal(t, a, used, `SELECT count(*) FROM usage WHERE utilisateur_id = g()`)
	if !strings.Contains(value[string](t, a.pool, `SELECT string_agg(debut::text, ',') FROM usage WHERE utilisateur_id = g()`), dates) {
		t.Error("usages lost their dates")
	}
	equal(t, a, 1, `SELECT count(*) FROM logiciel_utilisateur, anciens WHERE organisation_id = g() AND logiciel_id = anciens.l AND nb > 0`)
	equal(t, a, "ALPI:{}:2019-01-01:-:false SITPI:{A,B}:2015-01-01:-:true", `SELECT string_agg(concat_ws(':', CASE o.cle WHEN '`+sitpi+`' THEN 'SITPI' ELSE 'ALPI' END, a.services, a.debut, coalesce(a.fin::text, '-'), a.confirmee::text), ' ' ORDER BY a.debut DESC)
		FROM adhesion a JOIN organisation o ON o.id = a.groupement_id WHERE a.membre_id = g() AND o.genre = 'SYNDICAT'`)
	equal(t, a, "-,2026-01-01", `SELECT string_agg(coalesce(a.fin::text, '-'), ',' ORDER BY a.groupement_id) FROM adhesion a JOIN organisation o ON o.id = a.groupement_id WHERE a.membre_id = g() AND o.nature = 'EPCI'`)
	equal(t, a, 1, `SELECT count(*) FROM contrat WHERE organisation_id = g()`)
	equal(t, a, "EN_ATTENTE,REFUSEE", `SELECT string_agg(etat, ',' ORDER BY id) FROM proposition WHERE utilisateur_id = g()`)
	equal(t, a, 0, `SELECT count(*) FROM jeton WHERE revoque_le IS NULL AND nom LIKE 'jeton de test GESTIONNAIRE'`)
	equal(t, a, 0, `SELECT count(*) FROM habilitation WHERE retiree_le IS NULL AND sujet = 'x'`)
	equal(t, a, 1, `SELECT count(*) FROM nom_alternatif n, anciens WHERE n.organisation_id = g() AND n.nom = anciens.nf`)
	equal(t, a, "2026-01-01", `SELECT string_agg(DISTINCT depuis::text, ',') FROM code_insee, anciens WHERE organisation_id = g() AND code IN (anciens.cf, '99999') AND NOT actuel`)
	equal(t, a, "Arrêté préfectoral du 1er décembre 2025", `SELECT motif FROM publication WHERE operation = 'fusionnerOrganisations' AND numero IS NOT NULL`)

	code := value[string](t, a.pool, `SELECT cf FROM anciens`)
	former := identifiant.Global("Collectivite", autre)
	read := a.must(t, `query ($f: ID!, $s: String!, $c: String!, $au: DateTime!) { node(id: $f) { id ... on Collectivite { historique { nodes { genre } } } } byId: collectivite(id: $f) { id } bySiren: collectivite(siren: $s) { id } byCode: collectivite(codeInsee: $c, nature: COMMUNE) { id }
		avant: collectivite(siren: $s, auDate: $au) { id nombreUsages } }`, map[string]any{"f": former, "s": autre, "c": code, "au": before}).Data
	for _, name := range []string{"node", "byId", "bySiren", "byCode"} {
		if v := at(t, read, name, "id"); v != a.organisation(t, garde) {
			t.Errorf("%s: %v", name, v)
		}
	}
	if at(t, read, "avant", "id") != former {
		t.Error("before the merger:", read)
	}
	if h := string(mustJSON(t, at(t, read, "node", "historique"))); !strings.Contains(h, `"RETRAIT"`) {
		t.Error("the history of what was merged is lost:", h)
	}
	if errs := agent.ask(t, `mutation ($i: DeclarerUsageInput!) { declarerUsage(input: $i) { erreurs { code } } }`, map[string]any{"i": map[string]any{
		"utilisateur": former, "logiciel": logiciel("libreoffice"), "statut": "PRODUCTION"}}); len(errs.Errors) == 0 && at(t, errs.Data, "declarerUsage", "erreurs", 0, "code") != "INTERDIT" {
		t.Error("a right for what ceased still acts:", errs.Data)
	}
	refused(t, moderator.fusionnerOrganisations(t, map[string]any{"garde": a.organisation(t, sitpi), "fusionnees": []any{a.organisation(t, garde)}, "dateEffet": "2026-01-01", "force": true, "motif": "x"}), "INVALIDE", "fusionnees")
	refused(t, moderator.fusionnerOrganisations(t, with(saisie{}, in)), "INVALIDE", "fusionnees") // done already
}

// Of two applications to an edition, that which is handed in stays; of two parts in one development, what each paid is known
// only if both are.
func TestAMergerKeepsTheApplicationHandedInAndAddsOnlyWhatIsKnown(t *testing.T) {
	t.Parallel()
	a := real(t)
	c := communes(t, a, 2)
	garde, autre := c[0], c[1]
	a.exec(t, fmt.Sprintf(`CREATE TABLE v AS SELECT g.id AS g, f.id AS f, g.source_id AS so, (SELECT min(id) FROM logiciel) AS l FROM organisation g, organisation f WHERE g.cle = '%s' AND f.cle = '%s';
INSERT INTO candidature (cle, edition_id, organisation_id, statut, elu_nom, referent_nom, deposee_le) SELECT gen_random_uuid(), e.id, x.o, x.statut, 'A', 'B', CASE x.statut WHEN 'DEPOSEE' THEN now() END FROM v, LATERAL (VALUES
	(2016, v.g, 'BROUILLON'), (2016, v.f, 'DEPOSEE'), (2017, v.g, 'DEPOSEE'), (2017, v.f, 'BROUILLON'), (2018, v.g, 'BROUILLON'), (2018, v.f, 'BROUILLON')) x (annee, o, statut)
	JOIN label_edition e ON e.annee = x.annee;
INSERT INTO developpement (cle, logiciel_id, titre, nature, source_id) SELECT gen_random_uuid(), l, x, 'EVOLUTION', so FROM v, unnest('{un,deux}'::text[]) x;
INSERT INTO participation_developpement (cle, developpement_id, visibilite, organisation_id, role, montant_centimes, jours, source_id) SELECT gen_random_uuid(), d.id, d.visibilite, x.o, 'FINANCEUR', x.montant, x.jours, so
	FROM v, LATERAL (VALUES ('un', v.g, NULL::bigint, 100), ('un', v.f, 30000, 50), ('deux', v.g, 200, NULL), ('deux', v.f, 300, NULL)) x (titre, o, montant, jours) JOIN developpement d ON d.titre = x.titre`, garde, autre))
	done(t, a.as(t, droit.Moderateur, "").fusionnerOrganisations(t, saisie{"garde": a.organisation(t, garde), "fusionnees": []any{a.organisation(t, autre)}, "dateEffet": "2026-01-01", "force": true, "motif": "essai"}))
	equal(t, a, "2016:DEPOSEE 2016:RETIREE 2017:DEPOSEE 2017:RETIREE 2018:BROUILLON 2018:RETIREE", `SELECT string_agg(e.annee || ':' || ca.statut, ' ' ORDER BY e.annee, ca.statut)
		FROM candidature ca JOIN label_edition e ON e.id = ca.edition_id, v WHERE ca.organisation_id = v.g`)
	equal(t, a, "deux:500:- un:-:150", `SELECT string_agg(concat_ws(':', d.titre, coalesce(x.montant_centimes::text, '-'), coalesce(x.jours::text, '-')), ' ' ORDER BY d.titre)
		FROM participation_developpement x JOIN developpement d ON d.id = x.developpement_id, v WHERE x.organisation_id = v.g AND d.titre IN ('un', 'deux')`)
}

func TestMergedSyndicatsKeepTheirMembersAndWhatPassesThroughThem(t *testing.T) {
	t.Parallel()
	a := real(t)
	members := value[int](t, a.pool, `SELECT count(DISTINCT membre_id) FROM adhesion WHERE groupement_id IN (SELECT id FROM organisation WHERE cle IN ($1, $2))`, sitpi, alpi)
	through := value[int](t, a.pool, `SELECT count(*) FROM usage WHERE syndicat_id IN (SELECT id FROM organisation WHERE cle IN ($1, $2))`, sitpi, alpi)
	a.exec(t, fmt.Sprintf(`INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, syndicat_id, source_id, constate_le)
		SELECT gen_random_uuid(), o.id, o.departement, l.id, l.libre, 'PRODUCTION', 'VIA_SYNDICAT', s.id, o.source_id, '2024-01-01' FROM organisation o, organisation s, logiciel l
		WHERE o.cle = '%s' AND s.cle = '%s' AND l.slug = 'libreoffice'`, alpi, sitpi))
	done(t, a.as(t, droit.Admin, "").fusionnerOrganisations(t, map[string]any{"garde": a.organisation(t, sitpi), "fusionnees": []any{a.organisation(t, alpi)}, "dateEffet": "2026-01-01"}))
	equal(t, a, members, `SELECT count(DISTINCT membre_id) FROM adhesion WHERE groupement_id = (SELECT id FROM organisation WHERE cle = $1)`, sitpi)
	equal(t, a, through, `SELECT count(*) FROM usage WHERE syndicat_id = (SELECT id FROM organisation WHERE cle = $1)`, sitpi)
	equal(t, a, 1, `SELECT count(*) FROM usage WHERE utilisateur_id = (SELECT id FROM organisation WHERE cle = $1) AND modalite = 'DIRECT' AND constate_le = '2024-01-01'`, sitpi)
	got := a.must(t, `query ($id: ID!, $s: String!) { byId: syndicat(id: $id) { siren } bySiren: syndicat(siren: $s) { siren } collectivites(filtre: {adherentDe: [$id]}) { totalCount } }`,
		map[string]any{"id": identifiant.Global("SyndicatMixte", alpi), "s": alpi}).Data
	if at(t, got, "byId", "siren") != sitpi || at(t, got, "bySiren", "siren") != sitpi || at(t, got, "collectivites", "totalCount") == 0.0 {
		t.Error(got)
	}
	checkCounts(t, a)
}

// Random mergers, chains of them included: nothing is lost, nothing dangles, every former id leads to who is left.
func TestRandomMergersLoseNothingAtScale(t *testing.T) {
	t.Parallel()
	a := sampled(t)
	moderator := a.as(t, droit.Moderateur, "")
	random := rand.New(rand.NewPCG(7, 11))
	usages := value[int](t, a.pool, `SELECT count(*) FROM usage`)
	slugs := value[[]string](t, a.pool, `SELECT array_agg(slug) FROM (SELECT slug FROM logiciel ORDER BY nb_utilisateurs DESC, id OFFSET 60 LIMIT 24) x`)
	cles := value[[]string](t, a.pool, `SELECT array_agg(cle) FROM (SELECT cle FROM organisation WHERE nature = 'COMMUNE' ORDER BY nb_usages DESC, id LIMIT 24) x`)
	left := func(into map[string]string, key string) string {
		for into[key] != "" {
			key = into[key]
		}
		return key
	}
	merged, mergedInto := map[string]string{}, map[string]string{}
	for range 16 {
		x, y := slugs[random.IntN(len(slugs))], slugs[random.IntN(len(slugs))]
		got := moderator.fusionnerLogiciels(t, x, y) // by former ids as well
		if gx, gy := left(merged, x), left(merged, y); gx == gy {
			refused(t, got, "INVALIDE", "fusionne")
		} else {
			done(t, got)
			merged[gy] = gx
		}
		x, y = cles[random.IntN(len(cles))], cles[random.IntN(len(cles))]
		got = moderator.fusionnerOrganisations(t, map[string]any{"garde": identifiant.Global("Collectivite", x), "fusionnees": []any{identifiant.Global("Collectivite", y)},
			"dateEffet": "2026-01-01", "force": true, "motif": "Essai"})
		if gx, gy := left(mergedInto, x), left(mergedInto, y); gx == gy {
			refused(t, got, "INVALIDE", "fusionnees")
		} else {
			done(t, got)
			mergedInto[gy] = gx
		}
	}
	if len(merged) < 5 || len(mergedInto) < 5 {
		t.Fatal("too few mergers to prove anything", len(merged), len(mergedInto))
	}
	checkCounts(t, a)
	equal(t, a, usages, `SELECT count(*) FROM usage`)
	for former := range merged {
		got := a.must(t, `query ($i: ID!, $s: String!) { node(id: $i) { ... on Logiciel { slug } } logiciel(slug: $s) { slug } }`, map[string]any{"i": logiciel(former), "s": former}).Data
		if want := left(merged, former); at(t, got, "node", "slug") != want || at(t, got, "logiciel", "slug") != want {
			t.Errorf("%s leads to %v, not to %s", former, got, want)
		}
	}
	for former := range mergedInto {
		got := a.must(t, `query ($i: ID!) { node(id: $i) { id } collectivite(id: $i) { id } }`, map[string]any{"i": identifiant.Global("Collectivite", former)}).Data
		if want := identifiant.Global("Collectivite", left(mergedInto, former)); at(t, got, "node", "id") != want || at(t, got, "collectivite", "id") != want {
			t.Errorf("%s leads to %v", former, got)
		}
	}
	// A commune has one EPCI at a time.
	equal(t, a, 0, `SELECT count(*) FROM (SELECT a.membre_id FROM adhesion a JOIN organisation o ON o.id = a.groupement_id JOIN organisation m ON m.id = a.membre_id
		WHERE o.nature = 'EPCI' AND m.nature = 'COMMUNE' AND a.via_id IS NULL AND a.periode @> current_date GROUP BY 1 HAVING count(*) > 1) x`)
}

// A merger ends while somebody writes about what it merged: what is written is of the one that is left.
func TestAWriterThatAMergerOvertakesFollowsIt(t *testing.T) {
	t.Parallel()
	a := real(t)
	admin := a.as(t, droit.Admin, "")
	for _, nom := range []string{"Garde", "Double"} {
		done(t, admin.creerLogiciel(t, map[string]any{"nom": nom, "source": source}))
	}
	tx, err := a.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	for _, sql := range []string{
		`INSERT INTO logiciel_fusionne (slug, logiciel_id, ancien_id) SELECT d.slug, g.id, d.id FROM logiciel g, logiciel d WHERE g.slug = 'garde' AND d.slug = 'double'`,
		`DELETE FROM logiciel WHERE slug = 'double'`,
	} {
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	var got any
	var wg sync.WaitGroup
	wg.Go(func() {
		got = a.as(t, droit.Gestionnaire, arles).ask(t, `mutation ($i: DeclarerUsageInput!) { declarerUsage(input: $i) { usage { logiciel { slug } } erreurs { code champ message } } }`,
			map[string]any{"i": map[string]any{"utilisateur": identifiant.Global("Collectivite", arles), "logiciel": logiciel("double"), "statut": "PRODUCTION"}}).Data
	})
	for value[int](t, a.pool, `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`) == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if v := at(t, got, "declarerUsage", "usage", "logiciel", "slug"); v != "garde" {
		t.Error(got)
	}
}

// Mergers of the same software, all at once and each way: each is done or refused, none waits for ever.
func TestMergersAtOnceEndWithOneSoftware(t *testing.T) {
	t.Parallel()
	a := sampled(t)
	moderator := a.as(t, droit.Moderateur, "")
	slugs := value[[]string](t, a.pool, `SELECT array_agg(slug) FROM (SELECT slug FROM logiciel ORDER BY nb_utilisateurs DESC, id OFFSET 60 LIMIT 4) x`)
	usages := value[int](t, a.pool, `SELECT count(*) FROM usage`)
	var wg sync.WaitGroup
	for i, x := range slugs {
		for j, y := range slugs {
			if i == j {
				continue
			}
			wg.Go(func() {
				got := moderator.ask(t, `mutation ($i: FusionnerLogicielsInput!) { fusionnerLogiciels(input: $i) { erreurs { code } } }`,
					map[string]any{"i": map[string]any{"garde": logiciel(x), "fusionne": logiciel(y)}})
				if len(got.Errors) > 0 {
					t.Error(got.Errors)
				}
			})
		}
	}
	wg.Go(func() { // and somebody declares usages meanwhile
		agent := a.as(t, droit.Gestionnaire, arles)
		for _, s := range slugs {
			got := agent.ask(t, `mutation ($i: DeclarerUsageInput!) { declarerUsage(input: $i) { usage { id } erreurs { code } } }`, map[string]any{"i": map[string]any{
				"utilisateur": identifiant.Global("Collectivite", arles), "logiciel": logiciel(s), "statut": "PRODUCTION"}})
			if len(got.Errors) > 0 || at(t, got.Data, "declarerUsage", "usage") == nil {
				t.Error(got.Errors, got.Data)
			}
		}
	})
	wg.Wait()
	equal(t, a, 3, `SELECT count(*) FROM logiciel_fusionne`)
	equal(t, a, 1, `SELECT count(DISTINCT logiciel_id) FROM logiciel_fusionne`)
	equal(t, a, usages+len(slugs), `SELECT count(*) FROM usage`)
	checkCounts(t, a)
}
