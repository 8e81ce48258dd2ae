package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

const (
	developpementFields = `developpement { id declarant { siren } titre nature debut precisionDebut cout statutCout jours versement urlVersement visibilite source { nom } revision
		participations { nodes { organisation { siren } role montant confirmee } } } erreurs { code champ message }`
	participationFields = `participation { id organisation { siren } role montant jours confirmee revision developpement { titre } } erreurs { code champ message }`
	retourFields        = `retour { id titre themes date precision autresOrganisations { nom } logiciels { slug } usages { id } economies { id } chiffres { nom valeur unite date source { nom } }
		source { nom } revision historique { nodes { operation changements { champ avant apres } } } } erreurs { code champ message }`
	ressourceFields = `ressource { id genre nom url langue payante organisation { nom } source { nom } revision } erreurs { code champ message }`
)

// Three share a cost of 1 000,00 €: Échirolles says 300, the SITPI 500. What parts add up to never passes the whole.
func TestEachJoinsADevelopmentByItsOwnWord(t *testing.T) {
	t.Parallel()
	a := real(t)
	sien, autre := a.as(t, droit.Contributeur, echirolles), a.as(t, droit.Gestionnaire, sitpi)
	libreoffice := identifiant.Global("Logiciel", "libreoffice")
	base := map[string]any{"organisation": a.organisation(t, echirolles), "logiciel": libreoffice, "titre": "Tableaux croisés", "nature": "EVOLUTION"}
	got := sien.done(t, "declarerDeveloppement", developpementFields, plus(base, map[string]any{"cout": "1000", "statutCout": "PAYE", "jours": "4.5",
		"debut": "2020-01-01", "precisionDebut": "ANNEE", "versement": "INTEGRE", "urlVersement": "https://exemple.fr/fusion/1"}))
	holds(t, got, map[string]any{"cout": "1000.00", "statutCout": "PAYE", "jours": "4.50", "debut": "2020-01-01", "precisionDebut": "ANNEE", "versement": "INTEGRE", "visibilite": "PUBLIC", "revision": 1})
	id := got["id"].(string)
	for _, bad := range []struct {
		more        map[string]any
		code, champ string
	}{
		{map[string]any{"cout": "12"}, "REQUIS", "statutCout"},
		{map[string]any{"statutCout": "BUDGET"}, "INVALIDE", "statutCout"},
		{map[string]any{"cout": "-1", "statutCout": "PAYE"}, "INVALIDE", "cout"},
		{map[string]any{"titre": "  "}, "REQUIS", "titre"},
		{map[string]any{"debut": "2020-01-02", "fin": "2020-01-01"}, "INVALIDE", "fin"},
		{map[string]any{"urlVersement": "ftp://exemple.fr"}, "INVALIDE", "urlVersement"},
		{map[string]any{"jours": "25000001"}, "INVALIDE", "jours"},
		{map[string]any{"logiciel": identifiant.Global("Logiciel", "aucun")}, "INTROUVABLE", "logiciel"},
	} {
		sien.refused(t, "declarerDeveloppement", developpementFields, plus(base, bad.more), bad.code, bad.champ)
	}

	part := sien.done(t, "declarerParticipationDeveloppement", participationFields, map[string]any{"developpement": id, "organisation": a.organisation(t, echirolles), "role": "FINANCEUR", "montant": "300"})
	holds(t, part, map[string]any{"montant": "300.00", "confirmee": true, "revision": 1})
	sien.refused(t, "declarerParticipationDeveloppement", participationFields, map[string]any{"developpement": id, "organisation": a.organisation(t, sitpi), "role": "FINANCEUR"}, "INTERDIT", "organisation")
	sien.refused(t, "declarerParticipationDeveloppement", participationFields, map[string]any{"developpement": id, "organisation": a.organisation(t, echirolles), "role": "FINANCEUR"}, "DUPLIQUE", "role")
	sien.refused(t, "declarerParticipationDeveloppement", participationFields, map[string]any{"developpement": id, "organisation": a.organisation(t, echirolles), "role": "TESTEUR", "montant": "1"}, "INVALIDE", "montant")
	joint := map[string]any{"developpement": id, "organisation": a.organisation(t, sitpi), "role": "FINANCEUR"}
	autre.refused(t, "declarerParticipationDeveloppement", participationFields, plus(joint, map[string]any{"montant": "700.01"}), "INVALIDE", "montant")
	autre.refused(t, "declarerParticipationDeveloppement", participationFields, plus(joint, map[string]any{"jours": "4.51"}), "INVALIDE", "jours")
	second := autre.done(t, "declarerParticipationDeveloppement", participationFields, plus(joint, map[string]any{"montant": "500", "jours": "1.25"}))
	sien.refused(t, "corrigerDeveloppement", developpementFields, map[string]any{"id": id, "revision": 1, "cout": "799.99"}, "INVALIDE", "cout")
	sien.refused(t, "retirerDeveloppement", developpementFields, map[string]any{"id": id}, "CONFLIT", "id")
	autre.refused(t, "corrigerDeveloppement", developpementFields, map[string]any{"id": id, "revision": 1, "cout": "900"}, "INTERDIT", "id")

	// Shared otherwise: one cent goes to the first among equals. By what each says: 300/800 and 500/800.
	shared := a.must(t, `query ($id: ID!) { node(id: $id) { ... on Developpement { egal: repartition(cle: PARTS_EGALES) { montant } dit: repartition(cle: MONTANTS) { base montant organisation { siren } }
		postes: repartition(cle: POSTES) { base montant } } } }`, map[string]any{"id": id})
	if want := "map[node:map[dit:[map[base:300.00 montant:375.00 organisation:map[siren:213801517]] map[base:500.00 montant:625.00 organisation:map[siren:253800700]]]" +
		" egal:[map[montant:500.00] map[montant:500.00]] postes:[map[base:<nil> montant:<nil>] map[base:<nil> montant:<nil>]]]]"; fmt.Sprint(shared.Data) != want {
		t.Errorf("%v\nwant %v", shared.Data, want)
	}

	// What a moderator reads in a source waits for the organisation's own word; nobody else can give it.
	moderator := a.as(t, droit.Moderateur, "")
	said := moderator.done(t, "declarerParticipationDeveloppement", participationFields, map[string]any{"developpement": id, "organisation": a.organisation(t, arles), "role": "TESTEUR", "jours": "1", "source": source})
	holds(t, said, map[string]any{"confirmee": false})
	moderator.refused(t, "confirmerParticipationDeveloppement", participationFields, map[string]any{"id": said["id"]}, "INTERDIT", "id")
	holds(t, a.as(t, droit.Contributeur, arles).done(t, "confirmerParticipationDeveloppement", participationFields, map[string]any{"id": said["id"]}), map[string]any{"confirmee": true, "revision": 2})
	holds(t, moderator.done(t, "corrigerParticipationDeveloppement", participationFields, map[string]any{"id": said["id"], "revision": 2, "jours": "2"}), map[string]any{"confirmee": false, "jours": "2.00"})

	// Undone, the cost would be under what others said of their part since.
	holds(t, sien.done(t, "corrigerDeveloppement", developpementFields, map[string]any{"id": id, "revision": 1, "cout": "2000"}), map[string]any{"cout": "2000.00"})
	autre.done(t, "corrigerParticipationDeveloppement", participationFields, map[string]any{"id": second["id"], "revision": 1, "montant": "1500"})
	if code := sien.undoes(t); code != "CONFLIT" {
		t.Errorf("undone under what parts add up to: %q", code)
	}
	if code := autre.undoes(t); code != "" {
		t.Error(code)
	}
	if code := sien.undoes(t); code != "" || value[int](t, a.pool, `SELECT cout_centimes FROM developpement WHERE cle::text = $1`, cleOf(t, id)) != 100000 {
		t.Errorf("not undone: %q", code)
	}

	// Hidden, it is hidden with its parts, and counts no more.
	before := a.must(t, `{ collectivite(siren: "213801517") { argentPublic { paye { developpements montant sansMontant } } } }`, nil)
	if fmt.Sprint(before.Data) != "map[collectivite:map[argentPublic:map[paye:map[developpements:1 montant:300.00 sansMontant:0]]]]" {
		t.Error(before.Data)
	}
	revision := value[int](t, a.pool, `SELECT revision FROM developpement WHERE cle::text = $1`, cleOf(t, id))
	sien.done(t, "corrigerDeveloppement", developpementFields, map[string]any{"id": id, "revision": revision, "visibilite": "PRIVE"})
	for _, c := range []struct {
		qui  *api
		sees bool
	}{{a, false}, {a.as(t, droit.Gestionnaire, fontaine), false}, {sien, true}, {a.as(t, droit.Gestionnaire, sitpi), true}, {moderator, true}} {
		got := c.qui.must(t, `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename } collectivite(siren: "213801517") { developpements { totalCount } argentPublic { paye { developpements } } }
			modifications(first: 60) { nodes { operation changements { champ avant apres } } } }`, map[string]any{"ids": []any{id}})
		if (at(t, got.Data, "nodes", 0) != nil) != c.sees || (at(t, got.Data, "collectivite", "developpements", "totalCount").(float64) > 0) != c.sees {
			t.Errorf("seen: %v, want %v", got.Data, c.sees)
		}
		if n := at(t, got.Data, "collectivite", "argentPublic", "paye", "developpements").(float64); n != 0 {
			t.Errorf("what is private counts: %v", n)
		}
		if tells := strings.Contains(fmt.Sprint(got.Data), "Tableaux croisés"); tells != c.sees {
			t.Errorf("its history tells of it: %v, want %v", tells, c.sees)
		}
	}
	hidden := a.must(t, `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename } }`, map[string]any{"ids": []any{part["id"], second["id"]}})
	if fmt.Sprint(hidden.Data) != "map[nodes:[<nil> <nil>]]" {
		t.Error("parts of what is private are read:", hidden.Data)
	}
	autre.done(t, "retirerParticipationDeveloppement", participationFields, map[string]any{"id": second["id"]})
	moderator.writes(t, "retirerDeveloppement", developpementFields, map[string]any{"id": id, "motif": "essai"})
	if n := value[int](t, a.pool, `SELECT count(*) FROM participation_developpement WHERE montant_centimes IS NOT NULL`); n != 0 {
		t.Errorf("%d parts are left of a development withdrawn", n)
	}
}

// What is planned is shown apart from what was paid; agents that translate pay in time; nobody benefits from what was kept,
// refused or is not done yet.
func TestABudgetIsNeverAddedToWhatWasPaid(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent, moderator := a.as(t, droit.Contributeur, echirolles), a.as(t, droit.Moderateur, "")
	inkscape := identifiant.Global("Logiciel", "inkscape")
	moi := a.organisation(t, echirolles)
	developpe := func(titre string, more map[string]any) any {
		t.Helper()
		return moderator.done(t, "declarerDeveloppement", developpementFields, plus(map[string]any{"logiciel": inkscape, "titre": titre, "nature": "EVOLUTION", "source": source}, more))["id"]
	}
	prend := func(id any, role string, more map[string]any) {
		t.Helper()
		agent.done(t, "declarerParticipationDeveloppement", participationFields, plus(map[string]any{"developpement": id, "organisation": moi, "role": role}, more))
	}
	prend(developpe("Payé", map[string]any{"cout": "1000", "statutCout": "PAYE"}), "FINANCEUR", map[string]any{"montant": "300"})
	prend(developpe("Marché", map[string]any{"cout": "5000", "statutCout": "BUDGET"}), "FINANCEUR", map[string]any{"montant": "5000"})
	prend(developpe("Traduit", nil), "TRADUCTEUR", map[string]any{"jours": "2"})
	developpe("Prévu ailleurs", map[string]any{"cout": "7000", "statutCout": "BUDGET"})
	developpe("Refusé", map[string]any{"cout": "40", "statutCout": "PAYE", "versement": "REFUSE"})
	developpe("Gardé", map[string]any{"versement": "NON_PROPOSE"})
	developpe("Offert", map[string]any{"cout": "70", "statutCout": "PAYE", "versement": "INTEGRE"})
	agent.done(t, "declarerUsage", "usage { id } erreurs { code message }", map[string]any{"utilisateur": moi, "logiciel": inkscape, "statut": "PRODUCTION"})
	got := a.must(t, `{ collectivite(siren: "213801517") { argentPublic { paye { developpements montant sansMontant jours } budgets { developpements montant sansMontant jours }
		beneficie { logiciels developpements couts { statut montant } sansCout } } } logiciel(slug: "inkscape") { argentPublic { developpements sansPayeur payeurs } } }`, nil)
	if want := "map[collectivite:map[argentPublic:map[beneficie:map[couts:[map[montant:70.00 statut:PAYE]] developpements:1 logiciels:1 sansCout:0]" +
		" budgets:map[developpements:1 jours:<nil> montant:5000.00 sansMontant:0] paye:map[developpements:2 jours:2.00 montant:300.00 sansMontant:1]]]" +
		" logiciel:map[argentPublic:map[developpements:7 payeurs:1 sansPayeur:4]]]"; fmt.Sprint(got.Data) != want {
		t.Errorf("%v\nwant %v", got.Data, want)
	}
}

func TestACostIsNotSharedBySeatsThatAreNotAllKnown(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Contributeur, echirolles)
	inkscape, moi := identifiant.Global("Logiciel", "inkscape"), a.organisation(t, echirolles)
	id := agent.done(t, "declarerDeveloppement", developpementFields, map[string]any{"organisation": moi, "logiciel": inkscape, "titre": "Calques", "nature": "EVOLUTION", "cout": "1000", "statutCout": "PAYE"})["id"]
	agent.done(t, "declarerParticipationDeveloppement", participationFields, map[string]any{"developpement": id, "organisation": moi, "role": "FINANCEUR"})
	for _, c := range []struct {
		usage saisie
		want  string
	}{{saisie{"postes": 30}, "map[base:30.00 montant:1000.00]"}, {saisie{"syndicat": a.organisation(t, sitpi)}, "map[base:<nil> montant:<nil>]"}} {
		a.as(t, droit.Admin, "").done(t, "declarerUsage", "usage { id } erreurs { code message }", with(saisie{"utilisateur": moi, "logiciel": inkscape, "statut": "PRODUCTION", "source": source}, c.usage))
		got := a.must(t, `query ($id: ID!) { node(id: $id) { ... on Developpement { repartition(cle: POSTES) { base montant } } } }`, map[string]any{"id": id})
		if part := at(t, got.Data, "node", "repartition", 0); fmt.Sprint(part) != c.want {
			t.Errorf("%v: %v, want %v", c.usage, part, c.want)
		}
	}
}

// The end of which only the year is known may be any of its days.
func TestADevelopmentMayEndInTheYearInWhichItBegan(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Contributeur, echirolles)
	base := map[string]any{"organisation": a.organisation(t, echirolles), "logiciel": identifiant.Global("Logiciel", "inkscape"), "titre": "Calques", "nature": "EVOLUTION", "debut": "2016-03-15"}
	agent.done(t, "declarerDeveloppement", developpementFields, plus(base, map[string]any{"fin": "2016-01-01", "precisionFin": "ANNEE"}))
	agent.done(t, "declarerDeveloppement", developpementFields, plus(base, map[string]any{"titre": "Export", "fin": "2016-03-01", "precisionFin": "MOIS"}))
	agent.refused(t, "declarerDeveloppement", developpementFields, plus(base, map[string]any{"fin": "2016-02-01", "precisionFin": "MOIS"}), "INVALIDE", "fin")
	agent.refused(t, "declarerDeveloppement", developpementFields, plus(base, map[string]any{"fin": "2015-01-01", "precisionFin": "ANNEE"}), "INVALIDE", "fin")
}

// A software lists what was told of a public usage of it; a usage that is hidden tells nothing.
func TestASoftwareListsExperiencesOfItsPublicUsages(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Contributeur, echirolles)
	usage := agent.done(t, "declarerUsage", "usage { id } erreurs { code message }", map[string]any{"utilisateur": a.organisation(t, echirolles), "logiciel": identifiant.Global("Logiciel", "inkscape"), "statut": "PRODUCTION"})["id"]
	agent.done(t, "publierRetour", retourFields, map[string]any{"organisation": a.organisation(t, echirolles), "titre": "Dessiner", "resume": "Les agents dessinent.", "themes": []string{"DEPLOIEMENT"}, "usages": []any{usage}})
	for _, c := range []struct {
		visibilite string
		want       float64
	}{{"PUBLIC", 1}, {"PRIVE", 0}} {
		a.exec(t, `UPDATE usage SET visibilite = '`+c.visibilite+`' WHERE cle::text = '`+cleOf(t, usage.(string))+`'`)
		for _, who := range []*api{a, agent} {
			got := who.must(t, `query ($l: [ID!]) { logiciel(slug: "inkscape") { retours { totalCount } } retoursExperience(filtre: {logiciels: $l}) { totalCount } }`,
				map[string]any{"l": []any{identifiant.Global("Logiciel", "inkscape")}})
			if at(t, got.Data, "logiciel", "retours", "totalCount") != c.want || at(t, got.Data, "retoursExperience", "totalCount") != c.want {
				t.Errorf("%s: %v", c.visibilite, got.Data)
			}
		}
	}
}

func TestAnExperienceIsToldCorrectedAndWithdrawn(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Contributeur, echirolles)
	usage := agent.done(t, "declarerUsage", "usage { id } erreurs { code message }", map[string]any{"utilisateur": a.organisation(t, echirolles), "logiciel": identifiant.Global("Logiciel", "libreoffice"),
		"statut": "PRODUCTION", "support": "PRESTATAIRE", "visibilite": "PRIVE"})["id"]
	economie := agent.done(t, "declarerEconomie", "economie { id } erreurs { code message }", map[string]any{"beneficiaire": a.organisation(t, echirolles), "nature": "LICENCES", "statut": "ANNONCEE", "brut": "100"})["id"]
	base := map[string]any{"organisation": a.organisation(t, echirolles), "titre": "Une bureautique libre", "resume": "Les agents s'y sont faits.", "themes": []string{"SUPPORT_PAYANT", "DEPLOIEMENT", "SUPPORT_PAYANT"}}
	got := agent.done(t, "publierRetour", retourFields, plus(base, map[string]any{"date": "2024-03-01", "precision": "MOIS", "logiciels": []any{identifiant.Global("Logiciel", "libreoffice")},
		"autresOrganisations": []any{a.organisation(t, sitpi)}, "usages": []any{usage}, "economies": []any{economie},
		"chiffres": []any{map[string]any{"nom": "postes", "valeur": "310", "date": "2024"}, map[string]any{"nom": "appels", "valeur": "12", "unite": "par mois", "date": "2024-02", "source": source}}}))
	holds(t, got, map[string]any{"themes": "[DEPLOIEMENT SUPPORT_PAYANT]", "precision": "MOIS", "logiciels": "[map[slug:libreoffice]]", "revision": 1})
	if n := len(got["chiffres"].([]any)); n != 2 || at(t, got, "chiffres", 1, "source", "nom") != "Délibération du conseil" || at(t, got, "chiffres", 0, "source", "nom") != at(t, got, "source", "nom") {
		t.Error(got["chiffres"])
	}
	// It is public; what it is about stays hidden to who may not read it.
	id := got["id"]
	read := a.must(t, `query ($id: ID!) { node(id: $id) { ... on RetourExperience { titre usages { id } economies { brut } } } logiciel(slug: "libreoffice") { retours(filtre: {departements: ["38"]}) { totalCount }
		supports { usages } } }`, map[string]any{"id": id})
	if want := "map[logiciel:map[retours:map[totalCount:1] supports:map[usages:3]] node:map[economies:[map[brut:100.00]] titre:Une bureautique libre usages:[]]]"; fmt.Sprint(read.Data) != want {
		t.Errorf("%v\nwant %v", read.Data, want)
	}
	for _, bad := range []struct {
		more        map[string]any
		code, champ string
	}{
		{map[string]any{"themes": []string{}}, "REQUIS", "themes"},
		{map[string]any{"resume": " "}, "REQUIS", "resume"},
		{map[string]any{"date": "2999-01-01"}, "INVALIDE", "date"},
		{map[string]any{"autresOrganisations": []any{a.organisation(t, echirolles)}}, "INVALIDE", "autresOrganisations 0"},
		{map[string]any{"logiciels": []any{identifiant.Global("Logiciel", "aucun")}}, "INTROUVABLE", "logiciels 0"},
		{map[string]any{"chiffres": []any{map[string]any{"nom": "postes", "valeur": "1", "date": "hier"}}}, "INVALIDE", "chiffres 0 date"},
		{map[string]any{"organisation": a.organisation(t, sitpi)}, "INTERDIT", "organisation"},
	} {
		agent.refused(t, "publierRetour", retourFields, plus(base, bad.more), bad.code, strings.ReplaceAll(bad.champ, " ", "."))
	}
	other := a.as(t, droit.Gestionnaire, sitpi)
	other.refused(t, "publierRetour", retourFields, plus(base, map[string]any{"organisation": a.organisation(t, sitpi), "economies": []any{economie}}), "INVALIDE", "economies.0")

	got = agent.done(t, "corrigerRetour", retourFields, map[string]any{"id": id, "revision": 1, "logiciels": []any{identifiant.Global("Logiciel", "thunderbird")}, "economies": nil, "chiffres": []any{}})
	holds(t, got, map[string]any{"logiciels": "[map[slug:thunderbird]]", "economies": "[]", "chiffres": "[]", "titre": "Une bureautique libre"})
	if n := len(got["usages"].([]any)); n != 1 {
		t.Error("a list that was not given has changed")
	}
	agent.refused(t, "corrigerRetour", retourFields, map[string]any{"id": id, "revision": 7, "titre": "Autre"}, "CONFLIT", "revision")
	if code := agent.undoes(t); code != "" {
		t.Fatal(code)
	}
	back := a.must(t, `query ($id: ID!) { node(id: $id) { ... on RetourExperience { logiciels { slug } chiffres { nom } } } }`, map[string]any{"id": id})
	if fmt.Sprint(back.Data) != "map[node:map[chiffres:[map[nom:postes] map[nom:appels]] logiciels:[map[slug:libreoffice]]]]" {
		t.Error("undone:", back.Data)
	}
	// A saving withdrawn leaves the experience that speaks of it.
	agent.writes(t, "retirerEconomie", "erreurs { code message }", map[string]any{"id": economie})
	agent.writes(t, "retirerRetour", retourFields, map[string]any{"id": id, "motif": "vieilli"})
	agent.refused(t, "retirerRetour", retourFields, map[string]any{"id": id}, "INTROUVABLE", "id")
	if n := value[int](t, a.pool, `SELECT count(*) FROM retour_lien_passe`); n < 4 {
		t.Errorf("%d former links are kept", n)
	}
}

func TestHelpIsFoundWhereAnyoneSaysAndUsagesTellWhoHelps(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Contributeur, echirolles)
	thunderbird := identifiant.Global("Logiciel", "thunderbird")
	base := map[string]any{"logiciel": thunderbird, "genre": "FORUM", "nom": "Forum", "url": "https://forum.exemple.fr/", "payante": false}
	got := agent.done(t, "proposerRessource", ressourceFields, plus(base, map[string]any{"langue": "fr", "source": source}))
	holds(t, got, map[string]any{"langue": "fr", "payante": false, "organisation": nil, "revision": 1})
	p := agent.refused(t, "proposerRessource", ressourceFields, base, "DUPLIQUE", "url")
	holds(t, p["ressource"].(map[string]any), map[string]any{"id": got["id"]})
	agent.refused(t, "proposerRessource", ressourceFields, plus(base, map[string]any{"url": "forum"}), "INVALIDE", "url")
	agent.refused(t, "proposerRessource", ressourceFields, plus(base, map[string]any{"langue": "français"}), "INVALIDE", "langue")
	agent.refused(t, "corrigerRessource", ressourceFields, map[string]any{"id": got["id"], "revision": 1, "payante": true}, "INTERDIT", "")
	// A prestataire does not say that another holds one.
	firm := firms(t, a, 1)[0]
	a.as(t, droit.Fournisseur, firm).refused(t, "proposerRessource", ressourceFields, plus(base, map[string]any{"url": "https://autre.exemple.fr/", "organisation": a.organisation(t, sitpi)}), "INTERDIT", "organisation")
	a.as(t, droit.Fournisseur, firm).done(t, "proposerRessource", ressourceFields, plus(base, map[string]any{"url": "https://sien.exemple.fr/", "organisation": a.organisation(t, firm)}))
	manager := a.as(t, droit.Gestionnaire, sitpi)
	holds(t, manager.done(t, "corrigerRessource", ressourceFields, map[string]any{"id": got["id"], "revision": 1, "langue": nil, "organisation": a.organisation(t, sitpi)}),
		map[string]any{"langue": nil, "organisation": "map[nom:" + value[string](t, a.pool, `SELECT nom FROM organisation WHERE cle = $1`, sitpi) + "]"})
	a.exec(t, `INSERT INTO lien_verifie (url, mort, echecs, resultat, verifie_le) VALUES ('https://forum.exemple.fr/', true, 2, '404', now())`)
	dead := a.must(t, `{ logiciel(slug: "thunderbird") { ressources { nodes { url lienMort } } } }`, nil)
	if fmt.Sprint(dead.Data) != "map[logiciel:map[ressources:map[nodes:[map[lienMort:true url:https://forum.exemple.fr/] map[lienMort:<nil> url:https://sien.exemple.fr/]]]]]" {
		t.Error(dead.Data)
	}
	manager.writes(t, "retirerRessource", ressourceFields, map[string]any{"id": got["id"]})

	// Two usages tell, one twice of one collectivité; the one that does not, and what is private, stay apart.
	for _, u := range []saisie{{"support": "INTERNE"}, {"support": "PRESTATAIRE", "syndicat": a.organisation(t, sitpi)}, {"support": "PRESTATAIRE", "visibilite": "PRIVE", "syndicat": a.organisation(t, alpi)}} {
		a.as(t, droit.Admin, "").done(t, "declarerUsage", "usage { id } erreurs { code message }", with(saisie{"utilisateur": a.organisation(t, echirolles), "logiciel": thunderbird, "statut": "PRODUCTION", "source": source}, u))
	}
	for _, qui := range []*api{a, agent} {
		said := qui.must(t, `{ logiciel(slug: "thunderbird") { supports { usages collectivites disent modes { mode usages collectivites part } strates { strate usages disent } } } }`, nil)
		if want := "map[logiciel:map[supports:map[collectivites:2 disent:2 modes:[map[collectivites:1 mode:INTERNE part:0.5 usages:1] map[collectivites:0 mode:COMMUNAUTAIRE part:0 usages:0]" +
			" map[collectivites:1 mode:PRESTATAIRE part:0.5 usages:1] map[collectivites:0 mode:SYNDICAT part:0 usages:0] map[collectivites:0 mode:PLACE_DE_MARCHE part:0 usages:0]" +
			" map[collectivites:0 mode:AUCUN part:0 usages:0] map[collectivites:1 mode:<nil> part:<nil> usages:1]] strates:[map[disent:2 strate:DE_10000_A_50000 usages:2] map[disent:0 strate:DE_50000_A_100000 usages:1]] usages:3]]]"; fmt.Sprint(said.Data) != want {
			t.Errorf("%v\nwant %v", said.Data, want)
		}
	}
}
