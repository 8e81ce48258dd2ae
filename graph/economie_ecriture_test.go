package graph_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

const (
	toulouse = "213105554"
	nantes   = "214401093"
	fontaine = "213801699" // another member of the SITPI
)

const economieFields = `economie { id statut nature brut coutsRecurrents coutsPonctuels net licencesEconomisees horizonAnnees anneePrix debut
	precision visibilite revision source { nom } verifieePar { siren } partDe { id } logiciel { slug } usage { id }
	calcul { postes prixUnitaire modePrix remise etp coutEtp migration tauxActualisation tauxTva montantsEn resultatEn subventions
		retourMois retourAnnees parAn { annee brut recurrents actualise } } } erreurs { code champ message }`

// writes sends one mutation with its input, and returns its payload.
func (a *api) writes(t testing.TB, mutation, fields string, input map[string]any) map[string]any {
	t.Helper()
	typ := strings.ToUpper(mutation[:1]) + mutation[1:] + "Input"
	got := a.must(t, fmt.Sprintf("mutation ($i: %s!) { %s(input: $i) { %s } }", typ, mutation, fields), map[string]any{"i": input})
	return at(t, got.Data, mutation).(map[string]any)
}

// done is writes without any error, and returns what was written.
func (a *api) done(t testing.TB, mutation, fields string, input map[string]any) map[string]any {
	t.Helper()
	p := a.writes(t, mutation, fields, input)
	if len(p["erreurs"].([]any)) > 0 {
		t.Fatalf("%s: %v", mutation, p["erreurs"])
	}
	for k, v := range p {
		if m, ok := v.(map[string]any); ok && k != "erreurs" {
			return m
		}
	}
	return nil
}

// refused checks that a mutation fails with one fault, of a code and a field.
func (a *api) refused(t testing.TB, mutation, fields string, input map[string]any, code, champ string) map[string]any {
	t.Helper()
	p := a.writes(t, mutation, fields, input)
	for _, e := range p["erreurs"].([]any) {
		var path []string
		if l, ok := at(t, e, "champ").([]any); ok {
			for _, s := range l {
				path = append(path, s.(string))
			}
		}
		if at(t, e, "code") == code && strings.Join(path, ".") == champ {
			return p
		}
	}
	t.Errorf("%s: %v, want %s in %q", mutation, p["erreurs"], code, champ)
	return p
}

// plus returns a copy of an input with other fields.
func plus(input map[string]any, more map[string]any) map[string]any {
	m := maps.Clone(input)
	maps.Copy(m, more)
	return m
}

// holds compares some fields of an answer.
func holds(t testing.TB, got map[string]any, want map[string]any) {
	t.Helper()
	for champ, v := range want {
		if fmt.Sprint(got[champ]) != fmt.Sprint(v) {
			t.Errorf("%s is %v, not %v", champ, got[champ], v)
		}
	}
}

// The published cases: Toulouse (0.6 M€ a year for 10,000 seats over 3 years, less 0.8 M€ of migration) and Nantes
// (1.6 M€ over 5 years for 5,000 seats).
func TestTheServerComputesThePublishedSavings(t *testing.T) {
	t.Parallel()
	a := real(t)
	got := a.as(t, droit.Contributeur, toulouse).done(t, "declarerEconomie", economieFields, map[string]any{
		"beneficiaire": a.organisation(t, toulouse), "nature": "LICENCES", "statut": "CONSTATEE", "horizonAnnees": 3, "anneePrix": 2014,
		"logiciel": identifiant.Global("Logiciel", "libreoffice"),
		"calcul":   map[string]any{"postes": 10_000, "prixUnitaire": "60.00", "modePrix": "PAR_AN", "migration": "800000"},
	})
	holds(t, got, map[string]any{"brut": "1800000.00", "coutsRecurrents": "0.00", "coutsPonctuels": "800000.00", "net": "1000000.00",
		"licencesEconomisees": 10_000, "horizonAnnees": 3, "anneePrix": 2014, "statut": "CONSTATEE", "revision": 1, "visibilite": "PUBLIC"})
	holds(t, got["calcul"].(map[string]any), map[string]any{"retourMois": 16, "retourAnnees": 2, "postes": 10_000, "prixUnitaire": "60.00",
		"modePrix": "PAR_AN", "migration": "800000.00", "remise": nil, "tauxTva": nil})
	if n := len(at(t, got, "calcul", "parAn").([]any)); n != 3 || at(t, got, "calcul", "parAn", 2, "brut") != "600000.00" {
		t.Error(got["calcul"])
	}
	got = a.as(t, droit.Gestionnaire, nantes).done(t, "declarerEconomie", economieFields, map[string]any{
		"beneficiaire": a.organisation(t, nantes), "nature": "LICENCES", "statut": "ESTIMEE",
		"calcul": map[string]any{"postes": 5_000, "prixUnitaire": "64", "modePrix": "PAR_AN"},
	})
	holds(t, got, map[string]any{"brut": "1600000.00", "net": "1600000.00", "horizonAnnees": 5})
	holds(t, got["calcul"].(map[string]any), map[string]any{"retourMois": 0, "retourAnnees": 0})
}

func TestAComputedSavingIsExactToTheCentAndRatesAreSaidInPerCent(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, nantes)
	base := map[string]any{"beneficiaire": a.organisation(t, nantes), "nature": "LICENCES", "statut": "CONSTATEE"}
	// 12.5 % off 7 × 99.99 € is 612.43875 € a year; a quarter of an agent at 40,000.04 € is 10,000.01 € a year.
	for _, remise := range []any{"12.5", 12.5, "12.50"} {
		got := agent.done(t, "declarerEconomie", economieFields, plus(base, map[string]any{
			"calcul": map[string]any{"postes": 7, "prixUnitaire": "99.99", "modePrix": "PAR_AN", "remise": remise, "etp": "0.25", "coutEtp": "40000.04"}}))
		holds(t, got, map[string]any{"brut": "3062.19", "coutsRecurrents": "50000.05", "net": "-46937.86"})
		holds(t, got["calcul"].(map[string]any), map[string]any{"remise": "12.50", "etp": "0.25", "retourMois": nil})
	}
	got := agent.done(t, "declarerEconomie", economieFields, plus(base, map[string]any{"horizonAnnees": 2,
		"calcul": map[string]any{"postesParAn": []int{1, 1}, "prixUnitaireParAn": []string{"1040", "1081.60"}, "modePrix": "PAR_AN", "migration": "500",
			"tauxActualisation": 4, "montantsEn": "HT", "resultatEn": "TTC", "tauxTva": 0, "subventions": "100"}}))
	holds(t, got, map[string]any{"brut": "2121.60", "net": "1500.00"})
	holds(t, got["calcul"].(map[string]any), map[string]any{"tauxTva": "0.00", "tauxActualisation": "4.00", "resultatEn": "TTC", "montantsEn": "HT", "subventions": "100.00"})

	for _, bad := range []struct {
		more        map[string]any
		code, champ string
	}{
		{map[string]any{"remise": "120"}, "INVALIDE", "calcul.remise"},
		{map[string]any{"modePrix": nil}, "INVALIDE", "calcul.modePrix"},
		{map[string]any{"postes": nil}, "INVALIDE", "calcul.postes"},
		{map[string]any{"migration": "-1"}, "INVALIDE", "calcul.migration"},
		{map[string]any{"etp": "1"}, "INVALIDE", "calcul.coutEtp"},
		{map[string]any{"postes": nil, "postesParAn": []int{1, -2, 3, 4, 5}}, "INVALIDE", "calcul.postesParAn.1"},
	} {
		calcul := map[string]any{"postes": 7, "prixUnitaire": "99.99", "modePrix": "PAR_AN"}
		agent.refused(t, "declarerEconomie", economieFields, plus(base, map[string]any{"calcul": plus(calcul, bad.more)}), bad.code, bad.champ)
	}
	for _, bad := range []any{"12.345", "1e1", "douze", "", 0.001, true, "99999999999999999999"} {
		calcul := map[string]any{"maintenanceEvitee": "1", "remise": bad}
		if got := agent.ask(t, `mutation ($i: DeclarerEconomieInput!) { declarerEconomie(input: $i) { erreurs { code } } }`,
			map[string]any{"i": plus(base, map[string]any{"calcul": calcul})}); len(got.Errors) == 0 {
			t.Errorf("%v is read as a rate: %v", bad, got.Data)
		}
	}
}

func TestASavingIsSaidByItsSourceOrComputedNeverBoth(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	base := map[string]any{"beneficiaire": a.organisation(t, sitpi), "nature": "MUTUALISATION", "statut": "ANNONCEE"}
	calcul := map[string]any{"maintenanceEvitee": "1000"}
	for champ, v := range map[string]any{"brut": "1", "net": "1", "coutsRecurrents": "1", "coutsPonctuels": "1", "licencesEconomisees": 1} {
		agent.refused(t, "declarerEconomie", economieFields, plus(base, map[string]any{champ: v, "calcul": calcul}), "INVALIDE", champ)
	}
	for _, bad := range []struct {
		more        map[string]any
		code, champ string
	}{
		{map[string]any{}, "REQUIS", "brut"},
		{map[string]any{"brut": "1", "statut": "VERIFIEE"}, "INVALIDE", "statut"},
		{map[string]any{"brut": "1", "statut": "ESTIMEE"}, "REQUIS", "calcul"},
		{map[string]any{"brut": "-1"}, "INVALIDE", "brut"},
		{map[string]any{"brut": "1000000000000.01"}, "INVALIDE", "brut"},
		{map[string]any{"brut": "1", "net": "2"}, "INVALIDE", "net"},
		{map[string]any{"brut": "1", "coutsPonctuels": "-2"}, "INVALIDE", "coutsPonctuels"},
		{map[string]any{"brut": "1", "horizonAnnees": 51}, "INVALIDE", "horizonAnnees"},
		{map[string]any{"brut": "1", "anneePrix": 1492}, "INVALIDE", "anneePrix"},
		{map[string]any{"brut": "1", "precision": " "}, "INVALIDE", "precision"},
		{map[string]any{"brut": "1", "statut": "CONSTATEE", "debut": "2999-01-01"}, "INVALIDE", "debut"},
		{map[string]any{"brut": "1", "logiciel": identifiant.Global("Logiciel", "aucun")}, "INTROUVABLE", "logiciel"},
		{map[string]any{"brut": "1", "usage": identifiant.Global("Usage", "00000000-0000-4000-8000-000000000000")}, "INTROUVABLE", "usage"},
		{map[string]any{"brut": "1", "partDe": identifiant.Global("Economie", "00000000-0000-4000-8000-000000000000")}, "INTROUVABLE", "partDe"},
		{map[string]any{"brut": "1", "source": map[string]any{"nom": " "}}, "REQUIS", "source.nom"},
	} {
		agent.refused(t, "declarerEconomie", economieFields, plus(base, bad.more), bad.code, bad.champ)
	}
	got := agent.done(t, "declarerEconomie", economieFields, plus(base, map[string]any{"brut": "1200.50", "net": "-3", "debut": "2025-01-01", "precision": " par an "}))
	holds(t, got, map[string]any{"brut": "1200.50", "net": "-3.00", "coutsRecurrents": nil, "calcul": nil, "horizonAnnees": nil, "precision": "par an"})
	if !strings.HasPrefix(at(t, got, "source", "nom").(string), "Déclaration : ") {
		t.Error("without a source, the word is the declarer's:", got["source"])
	}
	if !value[bool](t, a.pool, `SELECT calcul IS NULL FROM economie WHERE brut_centimes = 120050`) {
		t.Error("what was not computed holds a computation")
	}
	if n := value[int](t, a.pool, `SELECT count(*) FROM journal j JOIN publication p ON p.id = j.publication_id WHERE j.nom_table = 'economie' AND p.operation = 'declarerEconomie'`); n != 1 {
		t.Errorf("%d lines of the journal for one saving declared", n)
	}
}

func TestASavingComesFromAUsageOfItsBeneficiary(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	usage := func(qui, syndicat string, visibilite string) string {
		input := map[string]any{"utilisateur": a.organisation(t, qui), "logiciel": identifiant.Global("Logiciel", "libreoffice"), "statut": "PRODUCTION", "visibilite": visibilite}
		if syndicat != "" {
			input["syndicat"] = a.organisation(t, syndicat)
		}
		return agent.done(t, "declarerUsage", "usage { id } erreurs { code message }", input)["id"].(string)
	}
	base := map[string]any{"beneficiaire": a.organisation(t, echirolles), "nature": "LICENCES", "statut": "ANNONCEE", "brut": "10"}
	direct := usage(echirolles, "", "PRIVE")
	got := agent.done(t, "declarerEconomie", economieFields, plus(base, map[string]any{"usage": direct}))
	if at(t, got, "logiciel", "slug") != "libreoffice" || at(t, got, "usage", "id") != direct {
		t.Error("a saving is about the software of its usage:", got)
	}
	agent.refused(t, "declarerEconomie", economieFields, plus(base, map[string]any{"usage": direct, "logiciel": identifiant.Global("Logiciel", "thunderbird")}), "INVALIDE", "logiciel")
	agent.refused(t, "declarerEconomie", economieFields, plus(base, map[string]any{"usage": usage(sitpi, "", "PUBLIC")}), "INVALIDE", "usage")
	through := usage(fontaine, sitpi, "PUBLIC")
	agent.done(t, "declarerEconomie", economieFields, plus(base, map[string]any{"beneficiaire": a.organisation(t, sitpi), "usage": through}))
	// A usage that one cannot read does not exist.
	a.as(t, droit.Gestionnaire, nantes).refused(t, "declarerEconomie", economieFields, plus(base, map[string]any{"beneficiaire": a.organisation(t, nantes), "usage": direct}), "INTROUVABLE", "usage")
}

func TestACorrectionComputesAgainAndLosesTheVerification(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	got := agent.done(t, "declarerEconomie", economieFields, map[string]any{"beneficiaire": a.organisation(t, echirolles), "nature": "MAINTENANCE",
		"statut": "ESTIMEE", "calcul": map[string]any{"maintenanceEvitee": "1000", "migration": "1500"}})
	id := got["id"]
	corrected := func(revision int, more map[string]any) map[string]any {
		return agent.done(t, "corrigerEconomie", economieFields, plus(map[string]any{"id": id, "revision": revision}, more))
	}
	got = corrected(1, map[string]any{"horizonAnnees": 2})
	holds(t, got, map[string]any{"net": "500.00", "brut": "2000.00", "revision": 2})
	holds(t, got["calcul"].(map[string]any), map[string]any{"retourMois": 18})
	agent.refused(t, "corrigerEconomie", economieFields, map[string]any{"id": id, "revision": 2, "net": "3"}, "INVALIDE", "net")
	agent.refused(t, "corrigerEconomie", economieFields, map[string]any{"id": id, "revision": 2, "calcul": nil}, "REQUIS", "calcul")
	p := agent.refused(t, "corrigerEconomie", economieFields, map[string]any{"id": id, "revision": 1, "anneePrix": 2020}, "CONFLIT", "revision")
	holds(t, p["economie"].(map[string]any), map[string]any{"revision": 2, "anneePrix": nil})
	got = corrected(2, map[string]any{"calcul": nil, "statut": "ANNONCEE", "net": "400"})
	holds(t, got, map[string]any{"net": "400.00", "brut": "2000.00", "calcul": nil})

	// Verified by a third party, then touched.
	agent.refused(t, "corrigerEconomie", economieFields, map[string]any{"id": id, "revision": 3, "statut": "VERIFIEE"}, "INVALIDE", "statut")
	verify := map[string]any{"id": id, "source": map[string]any{"nom": "Chambre régionale des comptes", "url": "https://www.ccomptes.fr/"}}
	agent.refused(t, "verifierEconomie", economieFields, verify, "INTERDIT", "id")
	moderator := a.as(t, droit.Moderateur, "")
	moderator.refused(t, "verifierEconomie", economieFields, plus(verify, map[string]any{"verifieePar": a.organisation(t, echirolles)}), "INVALIDE", "verifieePar")
	moderator.refused(t, "verifierEconomie", economieFields, plus(verify, map[string]any{"revision": 2}), "CONFLIT", "revision")
	got = moderator.done(t, "verifierEconomie", economieFields, plus(verify, map[string]any{"verifieePar": a.organisation(t, nantes)}))
	holds(t, got, map[string]any{"statut": "VERIFIEE", "verifieePar": map[string]any{"siren": nantes}, "source": map[string]any{"nom": "Chambre régionale des comptes"}, "revision": 4})
	moderator.refused(t, "verifierEconomie", economieFields, verify, "INVALIDE", "id")
	holds(t, corrected(4, map[string]any{"visibilite": "ORGANISMES_PUBLICS"}), map[string]any{"statut": "VERIFIEE", "visibilite": "ORGANISMES_PUBLICS"})
	agent.refused(t, "corrigerEconomie", economieFields, map[string]any{"id": id, "revision": 5, "net": "300"}, "REQUIS", "statut")
	got = corrected(5, map[string]any{"net": "300", "statut": "CONSTATEE"})
	holds(t, got, map[string]any{"statut": "CONSTATEE", "verifieePar": nil, "net": "300.00"})
	if name := at(t, got, "source", "nom"); name == "Chambre régionale des comptes" {
		t.Error("the third party vouches for an amount that it never saw")
	}
}

func TestASyndicatsSavingAndItsMembersSharesNeverCountTwice(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	declare := map[string]any{"nature": "MUTUALISATION", "statut": "CONSTATEE"}
	of := func(cle string) map[string]any { return map[string]any{"beneficiaire": a.organisation(t, cle)} }
	whole := agent.done(t, "declarerEconomie", economieFields, plus(plus(declare, of(sitpi)), map[string]any{"brut": "100", "net": "80"}))
	part := func(cle, brut, net string) map[string]any {
		return plus(plus(declare, of(cle)), map[string]any{"brut": brut, "net": net, "partDe": whole["id"]})
	}
	first := agent.done(t, "declarerEconomie", economieFields, part(echirolles, "60", "50"))
	holds(t, first, map[string]any{"partDe": map[string]any{"id": whole["id"]}})
	p := agent.refused(t, "declarerEconomie", economieFields, part(fontaine, "40.01", "20"), "INVALIDE", "brut")
	if m := at(t, p, "erreurs", 0, "message").(string); !strings.Contains(m, "100.01 €") || !strings.Contains(m, "100.00 €") {
		t.Error("the two figures are not said:", m)
	}
	agent.refused(t, "declarerEconomie", economieFields, part(fontaine, "40", "30.01"), "INVALIDE", "net")
	second := agent.done(t, "declarerEconomie", economieFields, part(fontaine, "40", "30"))
	agent.refused(t, "corrigerEconomie", economieFields, map[string]any{"id": second["id"], "revision": 1, "brut": "41"}, "INVALIDE", "brut")
	agent.refused(t, "corrigerEconomie", economieFields, map[string]any{"id": whole["id"], "revision": 1, "net": "79.99"}, "INVALIDE", "net")
	agent.done(t, "corrigerEconomie", economieFields, map[string]any{"id": whole["id"], "revision": 1, "net": "80.00"})

	// Nobody's share but a member's; no share of a share; not its own.
	agent.refused(t, "declarerEconomie", economieFields, plus(part(echirolles, "0", "0"), map[string]any{"partDe": first["id"]}), "INVALIDE", "partDe")
	a.as(t, droit.Gestionnaire, nantes).refused(t, "declarerEconomie", economieFields, part(nantes, "0", "0"), "INVALIDE", "partDe")
	agent.refused(t, "corrigerEconomie", economieFields, map[string]any{"id": whole["id"], "revision": 2, "partDe": whole["id"]}, "INVALIDE", "partDe")
	other := agent.done(t, "declarerEconomie", economieFields, plus(plus(declare, of(sitpi)), map[string]any{"brut": "9"}))
	agent.refused(t, "corrigerEconomie", economieFields, map[string]any{"id": whole["id"], "revision": 2, "partDe": other["id"]}, "INVALIDE", "partDe")

	// They are read together, and the whole stays while it has shares.
	got := agent.must(t, `query ($id: ID!) { node(id: $id) { ... on Economie { parts(first: 1) { totalCount nodes { id partDe { net } } pageInfo { hasNextPage } } } } }`, map[string]any{"id": whole["id"]})
	if at(t, got.Data, "node", "parts", "totalCount") != 2.0 || at(t, got.Data, "node", "parts", "nodes", 0, "partDe", "net") != "80.00" || at(t, got.Data, "node", "parts", "pageInfo", "hasNextPage") != true {
		t.Error(got.Data)
	}
	agent.refused(t, "retirerEconomie", economieFields, map[string]any{"id": whole["id"]}, "INVALIDE", "id")
	agent.done(t, "corrigerEconomie", economieFields, map[string]any{"id": first["id"], "revision": 1, "partDe": nil})
	agent.done(t, "retirerEconomie", economieFields, map[string]any{"id": second["id"]})
	agent.refused(t, "retirerEconomie", economieFields, map[string]any{"id": whole["id"], "revision": 1}, "CONFLIT", "revision")
	p = agent.writes(t, "retirerEconomie", economieFields, map[string]any{"id": whole["id"], "revision": 2, "motif": "comptée ailleurs"})
	if why := at(t, agent.must(t, `{ modifications(first: 1) { nodes { genre motif } } }`, nil).Data, "modifications", "nodes", 0, "motif"); why != "comptée ailleurs" {
		t.Error("the journal says why:", why)
	}
	if p["economie"] != nil || len(p["erreurs"].([]any)) > 0 {
		t.Error(p)
	}
	if m := value[string](t, a.pool, `SELECT p.motif FROM publication p JOIN journal j ON j.publication_id = p.id WHERE j.genre = 'RETRAIT' AND p.motif IS NOT NULL`); m != "comptée ailleurs" {
		t.Error(m)
	}
	if n := value[int](t, a.pool, `SELECT count(*) FROM economie_passe WHERE net_centimes = 8000`); n != 2 {
		t.Errorf("%d former versions of what was withdrawn, want 2", n)
	}
}

// The sum of the shares tells nothing of those that the one who writes may not read.
func TestTheSumOfHiddenSharesIsNotTold(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	whole := agent.done(t, "declarerEconomie", economieFields, map[string]any{"beneficiaire": a.organisation(t, sitpi), "nature": "LICENCES", "statut": "CONSTATEE", "brut": "100"})
	part := map[string]any{"nature": "LICENCES", "statut": "CONSTATEE", "brut": "77.77", "partDe": whole["id"]}
	agent.done(t, "declarerEconomie", economieFields, plus(part, map[string]any{"beneficiaire": a.organisation(t, fontaine), "visibilite": "PRIVE"}))
	p := a.as(t, droit.Gestionnaire, echirolles).refused(t, "declarerEconomie", economieFields, plus(part, map[string]any{"beneficiaire": a.organisation(t, echirolles), "brut": "22.24"}), "INVALIDE", "brut")
	if m := at(t, p, "erreurs", 0, "message").(string); strings.Contains(m, "100.01") || !strings.Contains(m, "100.00") {
		t.Error(m)
	}
}

func TestSharesWrittenAtOnceDoNotExceedTheWhole(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	whole := agent.done(t, "declarerEconomie", economieFields, map[string]any{"beneficiaire": a.organisation(t, sitpi), "nature": "LICENCES", "statut": "CONSTATEE", "brut": "100"})
	members := []string{a.organisation(t, echirolles), a.organisation(t, fontaine)}
	var writers sync.WaitGroup
	for i := range 24 {
		writers.Go(func() {
			p := agent.writes(t, "declarerEconomie", economieFields, map[string]any{"beneficiaire": members[i%2], "nature": "LICENCES", "statut": "CONSTATEE", "brut": "15", "partDe": whole["id"]})
			if e := p["erreurs"].([]any); len(e) > 0 && at(t, e[0], "code") != "INVALIDE" {
				t.Error(e)
			}
		})
	}
	writers.Wait()
	if n := value[int](t, a.pool, `SELECT count(*) FROM economie WHERE part_de_id IS NOT NULL`); n != 6 {
		t.Errorf("%d shares of 15 € in 100 €, want 6", n)
	}
}

func TestASavingSentTwiceWithOneKeyIsDeclaredOnce(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Contributeur, nantes)
	input := map[string]any{"cleIdempotence": "une fois", "beneficiaire": a.organisation(t, nantes), "nature": "LICENCES", "statut": "ANNONCEE", "brut": "1"}
	first := agent.done(t, "declarerEconomie", economieFields, input)
	if again := agent.done(t, "declarerEconomie", economieFields, input); again["id"] != first["id"] {
		t.Error("two savings for one key")
	}
	agent.refused(t, "declarerEconomie", economieFields, plus(input, map[string]any{"brut": "2"}), "DUPLIQUE", "cleIdempotence")
}
