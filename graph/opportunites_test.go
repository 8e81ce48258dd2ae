package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/domain/droit"
)

// contratFinit declares that the organisation of a key has a contract on a software that ends in some days.
func (a *api) contratFinit(t testing.TB, qui, slug string, dans int, visibilite string) {
	t.Helper()
	a.as(t, droit.Admin, "").made(t, "declarerContrat", "id", saisie{"organisation": a.organisation(t, qui), "logiciel": logiciel(slug),
		"fin": day0(dans), "visibilite": visibilite, "visibilitePrix": "PRIVE", "montantAnnuel": "4242",
		"source": saisie{"nom": "Délibération"}})
}

// Communes of Isère.
const (
	aoste   = "213800121"
	bresson = "213800576"
	cheylas = "213801004"
)

const quiEtQuand = `nombreOrganisations premiereEcheance derniereEcheance categorie { code } departement { code }
	echeances { totalCount nodes { organisation { ... on Collectivite { siren } } logiciel { slug } fin contrat { montantAnnuel prixVisible } usage { id } } }`

// groupes writes the possible groupements of Isère as "need: who, who".
func groupes(t testing.TB, a *api, args string) []string {
	t.Helper()
	got := a.must(t, `{ groupementsPossibles(departements: ["38"] `+args+`) { totalCount nodes { `+quiEtQuand+` } } }`, nil)
	var found []string
	for _, g := range at(t, got.Data, "groupementsPossibles", "nodes").([]any) {
		var qui []string
		for _, e := range at(t, g, "echeances", "nodes").([]any) {
			qui = append(qui, fmt.Sprint(at(t, e, "organisation", "siren")))
			if c, ok := at(t, e, "contrat").(map[string]any); ok && c["montantAnnuel"] != nil {
				t.Errorf("a private price is read: %v", c)
			}
		}
		need := "un logiciel"
		if c := at(t, g, "categorie"); c != nil {
			need = at(t, c, "code").(string)
		}
		found = append(found, fmt.Sprintf("%s %v: %s", need, at(t, g, "nombreOrganisations"), strings.Join(qui, " ")))
	}
	return found
}

func wants(t testing.TB, who string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s:\n%s\nwant:\n%s", who, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Three communes of Isère have a contract for cemeteries that ends within 18 months: one groupement. Arles, elsewhere, a
// commune whose contract ends in two years, one for another need and one that bought again are in none.
func TestContractsOfOneDepartementThatEndTogetherForOneNeedMakeAGroupement(t *testing.T) {
	t.Parallel()
	a := real(t)
	for i, qui := range []string{aoste, bresson, cheylas} {
		a.contratFinit(t, qui, "opencimetiere", 100+i, "PUBLIC")
	}
	a.contratFinit(t, arles, "opencimetiere", 100, "PUBLIC")
	a.contratFinit(t, echirolles, "opencimetiere", 730, "PUBLIC")
	a.contratFinit(t, aoste, "openelec", 100, "PUBLIC")
	a.contratFinit(t, fontaine, "opencimetiere", 90, "PUBLIC")
	a.as(t, droit.Admin, "").made(t, "declarerContrat", "id", saisie{"organisation": a.organisation(t, fontaine), "logiciel": logiciel("opencimetiere"), "debut": day0(91), "visibilite": "PUBLIC", "source": saisie{"nom": "Délibération"}})
	three := fmt.Sprintf("cimetieres 3: %s %s %s", aoste, bresson, cheylas)
	wants(t, "by default", groupes(t, a, ""), three)
	wants(t, "of the need", groupes(t, a, `categorie: "cimetieres"`), three)
	wants(t, "of the wider need", groupes(t, a, `categorie: "metier"`), fmt.Sprintf("metier 3: %s %s %s %s", aoste, aoste, bresson, cheylas))
	wants(t, "of another need", groupes(t, a, `categorie: "bureautique"`))
	wants(t, "of the software", groupes(t, a, fmt.Sprintf("logiciel: %q", logiciel("opencimetiere"))), "un logiciel 3: "+three[14:])
	wants(t, "in a wider window", groupes(t, a, fmt.Sprintf("a: %q", day0(730))), fmt.Sprintf("cimetieres 4: %s %s %s %s", aoste, bresson, cheylas, echirolles))
	wants(t, "in a narrower one", groupes(t, a, fmt.Sprintf("de: %q a: %q", day0(101), day0(102))), fmt.Sprintf("cimetieres 2: %s %s", bresson, cheylas))

	// A usage that ends makes a fourth; one that a contract of the groupement covers does not count twice.
	usage := a.as(t, droit.Admin, "").made(t, "declarerUsage", "id", saisie{"utilisateur": a.organisation(t, echirolles), "logiciel": logiciel("opencimetiere"),
		"statut": "PRODUCTION", "debut": "2020-01-01", "postes": 7,
		"source": saisie{"nom": "Délibération"}})["id"]
	a.exec(t, fmt.Sprintf(`UPDATE usage SET fin = '%s' WHERE debut = '2020-01-01' AND postes = 7`, day0(200)))
	wants(t, "with a usage", groupes(t, a, ""), fmt.Sprintf("cimetieres 4: %s %s %s %s", aoste, bresson, cheylas, echirolles))
	a.exec(t, fmt.Sprintf(`UPDATE contrat SET usage_id = u.id, fin = '%s' FROM usage u JOIN organisation o ON o.id = u.utilisateur_id AND o.cle = '%s'
		WHERE u.debut = '2020-01-01' AND u.postes = 7 AND contrat.organisation_id = o.id`, day0(201), echirolles))
	wants(t, "with its contract", groupes(t, a, ""), fmt.Sprintf("cimetieres 4: %s %s %s %s", aoste, bresson, cheylas, echirolles))
	// Échirolles is a member of the SITPI; so that Aoste is too.
	a.exec(t, `INSERT INTO adhesion (groupement_id, membre_id, source_id) SELECT g.id, m.id, g.source_id FROM organisation g, organisation m WHERE g.cle = '`+sitpi+`' AND m.cle = '`+aoste+`'`)
	got := a.must(t, `{ groupementsPossibles(departements: ["38"]) { nodes { postes logicielsEnPlace { nombreOrganisations logiciel { slug } } syndicatsCommuns { nombreOrganisations syndicat { siren } }
		echeances(last: 1) { totalCount nodes { postes usage { id } } } } } }`, nil)
	g := at(t, got.Data, "groupementsPossibles", "nodes", 0)
	holds(t, g.(map[string]any), map[string]any{"postes": 7.0, "logicielsEnPlace": "[map[logiciel:map[slug:opencimetiere] nombreOrganisations:4]]"})
	holds(t, at(t, g, "echeances").(map[string]any), map[string]any{"totalCount": 4.0, "nodes": fmt.Sprintf("[map[postes:7 usage:map[id:%v]]]", usage)})
	shared := fmt.Sprint(at(t, g, "syndicatsCommuns"))
	if !strings.Contains(shared, "nombreOrganisations:2 syndicat:map[siren:"+sitpi+"]") {
		t.Errorf("the SITPI, of which two are members, is not shared: %s", shared)
	}
	if got := a.must(t, `{ groupementsPossibles(proximite: SYNDICAT) { nodes { nombreOrganisations syndicat { siren } departement { code } } } }`, nil); !strings.Contains(
		fmt.Sprint(got.Data), "map[departement:<nil> nombreOrganisations:2 syndicat:map[siren:"+sitpi+"]]") {
		t.Errorf("the members of the SITPI are not brought together: %v", got.Data)
	}
}

// Bresson's contract is for public bodies, the Cheylas's private: anyone sees Aoste alone, which makes no groupement.
func TestAGroupementIsMadeOfWhatTheReaderMayRead(t *testing.T) {
	t.Parallel()
	a := real(t)
	a.contratFinit(t, aoste, "opencimetiere", 100, "PUBLIC")
	a.contratFinit(t, bresson, "opencimetiere", 101, "ORGANISMES_PUBLICS")
	a.contratFinit(t, cheylas, "opencimetiere", 102, "PRIVE")
	a.exec(t, fmt.Sprintf(`INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, fin, source_id, constate_le, visibilite)
		SELECT gen_random_uuid(), o.id, o.departement, l.id, l.libre, 'PRODUCTION', 'DIRECT', '%s', l.source_id, '2020-01-01', 'PRIVE' FROM organisation o, logiciel l WHERE o.cle = '%s' AND l.slug = 'opencimetiere'`,
		day0(100), echirolles))
	provider := value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id LIMIT 1`)
	two := fmt.Sprintf("cimetieres 2: %s %s", aoste, bresson)
	wants(t, "anyone", groupes(t, a, ""))
	wants(t, "a prestataire", groupes(t, a.as(t, droit.Fournisseur, provider), ""))
	wants(t, "a public body", groupes(t, a.as(t, droit.Lecteur, arles), ""), two)
	wants(t, "its syndicat", groupes(t, a.as(t, droit.Gestionnaire, sitpi), ""), two)
	wants(t, "who is hidden by its usage", groupes(t, a.as(t, droit.Gestionnaire, echirolles), ""), two)
	owner := a.as(t, droit.Gestionnaire, bresson)
	wants(t, "the other's neighbour", groupesSansPrix(t, owner), two)
	wants(t, "its owner", groupesSansPrix(t, a.as(t, droit.Lecteur, cheylas)), fmt.Sprintf("cimetieres 3: %s %s %s", aoste, bresson, cheylas))
}

// groupesSansPrix is groupes for who may read a price of its own.
func groupesSansPrix(t testing.TB, a *api) []string {
	t.Helper()
	got := a.must(t, `{ groupementsPossibles(departements: ["38"]) { nodes { nombreOrganisations categorie { code } echeances { nodes { organisation { ... on Collectivite { siren } } } } } } }`, nil)
	var found []string
	for _, g := range at(t, got.Data, "groupementsPossibles", "nodes").([]any) {
		var qui []string
		for _, e := range at(t, g, "echeances", "nodes").([]any) {
			qui = append(qui, fmt.Sprint(at(t, e, "organisation", "siren")))
		}
		found = append(found, fmt.Sprintf("%s %v: %s", at(t, g, "categorie", "code"), at(t, g, "nombreOrganisations"), strings.Join(qui, " ")))
	}
	return found
}

// Six communes of Isère use openElec since 2020, one until tomorrow, one from tomorrow, one until yesterday: today five do.
// The SITPI offers it from tomorrow, then today.
func TestASoftwareOfADepartementIsListedUntilASyndicatPresentThereOffersIt(t *testing.T) {
	t.Parallel()
	a := real(t)
	a.exec(t, fmt.Sprintf(`INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, debut, fin, source_id, constate_le)
		SELECT gen_random_uuid(), o.id, o.departement, l.id, l.libre, 'PRODUCTION', 'DIRECT', x.debut::date, x.fin::date, l.source_id, '2020-01-01'
		FROM (SELECT id, departement, row_number() OVER (ORDER BY id) AS n FROM organisation WHERE departement = '38' AND nature = 'COMMUNE' AND actif AND nb_usages = 0) o
		JOIN (VALUES (1, '2020-01-01', NULL), (2, '2020-01-01', NULL), (3, '2020-01-01', NULL), (4, '2020-01-01', NULL), (5, '2020-01-01', '%[1]s'), (6, '%[1]s', NULL), (7, '2020-01-01', '%[2]s')) x (n, debut, fin) ON x.n = o.n,
		logiciel l WHERE l.slug = 'openelec'`, day0(1), day0(-1)))
	listed := func() string {
		t.Helper()
		got := a.must(t, `{ logicielsSansSyndicat(departements: ["38"], categorie: "elections", minimum: 5) { totalCount nodes { nombreUtilisateurs logiciel { slug } departement { code } } }
			autre: logicielsSansSyndicat(departements: ["38"], categorie: "elections", minimum: 6) { totalCount } }`, nil)
		return fmt.Sprintf("%v %v", at(t, got.Data, "logicielsSansSyndicat", "nodes"), at(t, got.Data, "autre", "totalCount"))
	}
	five := "[map[departement:map[code:38] logiciel:map[slug:openelec] nombreUtilisateurs:5]] 0"
	if got := listed(); got != five {
		t.Errorf("%s, want %s", got, five)
	}
	agent := a.as(t, droit.Gestionnaire, sitpi)
	entree := agent.made(t, "creerEntree", "id", saisie{"catalogue": a.as(t, droit.Gestionnaire, sitpi).catalogueOf(t, sitpi), "logiciel": logiciel("openelec")})["id"]
	if got := listed(); got != five {
		t.Errorf("in preparation: %s", got)
	}
	agent.made(t, "publierEntree", "id", saisie{"id": entree})
	if got := listed(); !strings.HasPrefix(got, "[]") {
		t.Errorf("offered: %s", got)
	}

	// It is offered to those of a groupement that needs it too.
	a.contratFinit(t, aoste, "openelec", 100, "PUBLIC")
	a.contratFinit(t, bresson, "openelec", 100, "PUBLIC")
	got := a.must(t, `{ groupementsPossibles(departements: ["38"]) { nodes { offres { logiciel { slug } catalogue { syndicat { siren } } } libresAutour { nombreUtilisateurs logiciel { slug } } } } }`, nil)
	if offres := fmt.Sprint(at(t, got.Data, "groupementsPossibles", "nodes", 0, "offres")); !strings.Contains(offres, "siren:"+sitpi) {
		t.Errorf("the offer of the SITPI is not named: %s", offres)
	}
}

// openElec has users in Isère. Nobody is known to serve it but whom the test says.
func TestTheAbsenceOfAPrestataireIsSaidAsFarAsItIsKnown(t *testing.T) {
	t.Parallel()
	a := real(t)
	a.exec(t, `DELETE FROM prestation WHERE logiciel_id = (SELECT id FROM logiciel WHERE slug = 'openelec')`)
	a.exec(t, `INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, debut, source_id, constate_le)
		SELECT gen_random_uuid(), o.id, o.departement, l.id, l.libre, 'PRODUCTION', 'DIRECT', '2020-01-01', l.source_id, '2020-01-01' FROM organisation o, logiciel l WHERE o.cle = '`+bresson+`' AND l.slug = 'openelec'`)
	said := func(args string) string {
		t.Helper()
		got := a.must(t, fmt.Sprintf(`{ territoiresSansPrestataire(logiciel: %q departements: ["38"] %s) { nodes { absence nombrePrestataires prestatairesSansAdresse } } }`, logiciel("openelec"), args), nil)
		var all []string
		for _, n := range at(t, got.Data, "territoiresSansPrestataire", "nodes").([]any) {
			all = append(all, fmt.Sprintf("%v %v %v", at(t, n, "absence"), at(t, n, "nombrePrestataires"), at(t, n, "prestatairesSansAdresse")))
		}
		return strings.Join(all, ",")
	}
	serve := func(rang int, departement string) {
		a.exec(t, fmt.Sprintf(`UPDATE organisation SET departement = '%s' WHERE id = (SELECT id FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id OFFSET %d LIMIT 1)`, departement, rang))
		a.exec(t, fmt.Sprintf(`INSERT INTO prestation (prestataire_id, logiciel_id, types, source_id) SELECT o.id, l.id, '{SUPPORT}', l.source_id
			FROM (SELECT id FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id OFFSET %d LIMIT 1) o, logiciel l WHERE l.slug = 'openelec'`, rang))
	}
	// goes says where the prestataire of a rank goes: elsewhere than where its seat is, maybe.
	goes := func(rang int, territoires string) {
		a.exec(t, fmt.Sprintf(`UPDATE prestation SET territoires = '%s' WHERE logiciel_id = (SELECT id FROM logiciel WHERE slug = 'openelec')
			AND prestataire_id = (SELECT id FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id OFFSET %d LIMIT 1)`, territoires, rang))
	}
	for _, step := range []struct {
		do         func()
		args, want string
	}{
		{func() {}, "", "AUCUN_CONNU 0 0"},
		{func() { serve(0, "13") }, "", "AILLEURS 1 0"},
		{func() {}, "type: FORMATION", "AUCUN_CONNU 0 0"},
		{func() { serve(1, "") }, "type: SUPPORT", "ADRESSE_INCONNUE 2 1"},
		{func() {}, "absences: [AILLEURS]", ""},
		{func() { serve(2, "38") }, "", ""},
		{func() { goes(2, "{DEPARTEMENT-13,DEPARTEMENT-06}") }, "", "ADRESSE_INCONNUE 3 1"},
		{func() { goes(1, "{REGION-93}") }, "", "AILLEURS 3 0"},
		{func() { goes(0, "{REGION-84,REGION-93}") }, "", ""},
	} {
		step.do()
		if got := said(step.args); got != step.want {
			t.Errorf("%s: %q, want %q", step.args, got, step.want)
		}
	}
	table := at(t, a.must(t, fmt.Sprintf(`{ couverturePrestataires(logiciel: %q) { departement { code nom } nombreUtilisateurs nombrePrestataires nombreSyndicats absence } }`, logiciel("openelec")), nil).Data, "couverturePrestataires").([]any)
	found := map[string]string{}
	for _, r := range table {
		found[at(t, r, "departement", "code").(string)] = fmt.Sprintf("%v %v %v %v", at(t, r, "nombreUtilisateurs"), at(t, r, "nombrePrestataires"), at(t, r, "nombreSyndicats"), at(t, r, "absence"))
	}
	for code, want := range map[string]string{"38": "1 1 0 <nil>", "13": "0 3 0 <nil>", "83": "0 2 0 <nil>", "40": "0 0 0 AILLEURS"} {
		if found[code] != want || len(found) != 109 {
			t.Errorf("%s of %d: %s, want %s", code, len(found), found[code], want)
		}
	}
}

func TestAQuestionOnOpportunitiesThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	a := real(t)
	for query, argument := range map[string]string{
		fmt.Sprintf(`groupementsPossibles(a: %q)`, day0(-1)):                                         "a",
		fmt.Sprintf(`groupementsPossibles(a: %q)`, day0(4000)):                                       "a",
		`groupementsPossibles(categorie: "aucune")`:                                                  "categorie",
		fmt.Sprintf(`groupementsPossibles(categorie: "metier", logiciel: %q)`, logiciel("openelec")): "logiciel",
		fmt.Sprintf(`groupementsPossibles(logiciel: %q)`, logiciel("aucun")):                         "logiciel",
		`groupementsPossibles(departements: ["999"])`:                                                "departements",
		`logicielsSansSyndicat(minimum: 0)`:                                                          "minimum",
		`territoiresSansPrestataire(minimum: 1001)`:                                                  "minimum",
	} {
		got := a.ask(t, `{ `+query+` { totalCount } }`, nil)
		if len(got.Errors) != 1 || got.Errors[0].Extensions["code"] != "ARGUMENT_INVALIDE" || !strings.Contains(got.Errors[0].Message, argument) {
			t.Errorf("%s: %v", query, got.Errors)
		}
	}
}
