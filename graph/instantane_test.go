package graph_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// aFiger is a query that cites two sources or more.
const aFiger = `{ collectivite(codeInsee: "13004") { nom economies { nodes { statut brut source { nom } } } } }`

const figer = `mutation ($i: FigerInstantaneInput!) { figerInstantane(input: $i) {
	instantane { id titre le requete variables versionSchema empreinte adresse citation document auteur { nom }
		sources { nom url licence synthetique nombreCitations } historique { nodes { operation genre changements { champ } } } }
	erreurs { code champ message } } }`

// freeze takes a snapshot, and returns it.
func freeze(t testing.TB, a *api, in saisie) map[string]any {
	t.Helper()
	got := a.must(t, figer, map[string]any{"i": in})
	i, ok := at(t, got.Data, "figerInstantane", "instantane").(map[string]any)
	if !ok {
		t.Fatal(got.Data)
	}
	return i
}

// reread is what anyone reads of a snapshot, later.
func reread(t testing.TB, a *api, id any) string {
	t.Helper()
	return at(t, a.must(t, `query ($id: ID!) { instantane(id: $id) { document } }`, map[string]any{"id": id}).Data, "instantane", "document").(string)
}

// checked is a document whose hash a stranger has recomputed, with nothing but its text.
func checked(t testing.TB, document string) map[string]json.RawMessage {
	t.Helper()
	lines := strings.SplitAfter(document, "\n")
	sum := sha256.Sum256([]byte(lines[0] + strings.Join(lines[2:], "")))
	var d map[string]json.RawMessage
	if err := json.Unmarshal([]byte(document), &d); err != nil {
		t.Fatalf("%v: %s", err, document)
	}
	if want := `"sha256:` + hex.EncodeToString(sum[:]) + `"`; string(d["empreinte"]) != want || !strings.Contains(lines[1], want) {
		t.Errorf("the document says %s, its bytes %s", d["empreinte"], want)
	}
	return d
}

func TestASnapshotStaysTheSameByteForByteWhateverBecomesOfTheGraph(t *testing.T) {
	t.Parallel()
	a := real(t)
	const query = `query ($code: String!) {
		collectivite(codeInsee: $code) { nom economies { nodes { statut brut s: source { licence } } } usages { nodes { logiciel { nom } source { nom } } } } }`
	variables := map[string]any{"code": "13004"}
	first := a.must(t, query, variables)
	i := freeze(t, a.as(t, droit.Contributeur, sitpi), saisie{"titre": " Arles, « ce qu'elle dit » ", "requete": query, "variables": ` { "code" : "13004" } `})
	document := i["document"].(string)
	d := checked(t, document)
	if string(d["reponse"]) != string(first.raw) {
		t.Errorf("frozen:\n%s\nread:\n%s", d["reponse"], first.raw)
	}
	for champ, want := range map[string]string{"titre": `"Arles, « ce qu'elle dit »"`, "variables": `{"code":"13004"}`, "id": `"` + i["id"].(string) + `"`, "versionSchema": `"` + i["versionSchema"].(string) + `"`} {
		if string(d[champ]) != want {
			t.Errorf("%s: %s, want %s", champ, d[champ], want)
		}
	}
	if at(t, i, "auteur", "nom") != "SITPI" && !strings.Contains(string(d["auteur"]), at(t, i, "auteur", "nom").(string)) {
		t.Errorf("auteur %v, in the document %s", i["auteur"], d["auteur"])
	}

	// What is cited is exactly what the answer shows, aliases included.
	counts := map[string]float64{}
	c := at(t, a.must(t, `{ collectivite(codeInsee: "13004") { economies { nodes { source { nom } } } usages { nodes { source { nom } } } } }`, nil).Data, "collectivite")
	for _, list := range []string{"economies", "usages"} {
		for _, n := range at(t, c, list, "nodes").([]any) {
			counts[at(t, n, "source", "nom").(string)]++
		}
	}
	cited := i["sources"].([]any)
	if len(cited) != len(counts) || len(counts) < 2 {
		t.Errorf("%d sources, want %d", len(cited), len(counts))
	}
	citation := i["citation"].(string)
	for n, so := range cited {
		nom := at(t, so, "nom").(string)
		if at(t, so, "nombreCitations") != counts[nom] {
			t.Errorf("%s is cited %v times, want %v", nom, at(t, so, "nombreCitations"), counts[nom])
		}
		if n > 0 && at(t, cited[n-1], "nombreCitations").(float64) < counts[nom] {
			t.Error("the most cited is not first")
		}
		if !strings.Contains(citation, nom+" (") {
			t.Errorf("%s is not in the citation: %s", nom, citation)
		}
	}
	for _, part := range []string{"Mutualibre, « Arles, « ce qu'elle dit » », instantané du ", " " + i["adresse"].(string) + ", empreinte " + i["empreinte"].(string) + ". Sources : "} {
		if !strings.Contains(citation, part) {
			t.Errorf("%q is missing from the citation: %s", part, citation)
		}
	}

	if _, err := a.pool.Exec(t.Context(), `UPDATE organisation SET nom = 'Arelate', site = NULL WHERE cle = $1`, arles); err != nil {
		t.Fatal(err)
	}
	if _, err := a.pool.Exec(t.Context(), `UPDATE source SET nom = nom || ' (bis)', licence = 'ODbL'; DELETE FROM economie`); err != nil {
		t.Fatal(err)
	}
	if now := a.must(t, query, variables); string(now.raw) == string(first.raw) {
		t.Fatal("nothing changed: this proves nothing")
	}
	if again := reread(t, a, i["id"]); again != document {
		t.Errorf("it was\n%s\nand is\n%s", document, again)
	}
	later := a.must(t, `query ($id: ID!) { node(id: $id) { ... on Instantane { citation sources { nom } } } instantanes(first: 1) { nodes { id } totalCount } }`, map[string]any{"id": i["id"]})
	if at(t, later.Data, "node", "citation") != citation || at(t, later.Data, "instantanes", "nodes", 0, "id") != i["id"] || at(t, later.Data, "instantanes", "totalCount") != 1.0 {
		t.Error(later.Data)
	}
	history := at(t, i, "historique", "nodes").([]any)
	if len(history) != 1 || at(t, history[0], "operation") != "figerInstantane" {
		t.Errorf("its history: %v", history)
	}
	for _, c := range at(t, history[0], "changements").([]any) {
		if champ := at(t, c, "champ"); champ != "titre" && champ != "le" && champ != "empreinte" {
			t.Errorf("the journal holds %v", champ)
		}
	}
}

func TestOnlyAnAnswerThatCanBeTracedIsFrozen(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	known := freeze(t, agent, saisie{"titre": "Arles", "requete": aFiger})["id"].(string)
	deep := strings.Repeat("historique { nodes { objet { ... on Logiciel { ", 6) + "nom" + strings.Repeat(" } } } }", 6)
	for nom, c := range map[string]struct {
		in      saisie
		message string // of the fault
		champ   string
	}{
		"no source":        {saisie{"requete": `{ logiciel(slug: "libreoffice") { nom } }`}, "aucune source", "requete"},
		"source left out":  {saisie{"requete": `{ collectivite(codeInsee: "13004") { source @skip(if: true) { nom } nom } }`}, "aucune source", "requete"},
		"mutation":         {saisie{"requete": `mutation { figerInstantane(input: {titre: "a", requete: "{ moi { nom } }"}) { erreurs { code } } }`}, "seule une lecture", "requete"},
		"subscription":     {saisie{"requete": `subscription { usagesModifies { id } }`}, "seule une lecture", "requete"},
		"introspection":    {saisie{"requete": `{ ...f } fragment f on Query { s: __schema { types { name } } }`}, "introspection", "requete"},
		"a type of it":     {saisie{"requete": `{ __type(name: "Usage") { name } collectivite(codeInsee: "13004") { source { nom } } }`}, "introspection", "requete"},
		"does not parse":   {saisie{"requete": `{ collectivite(`}, "seule une réponse sans erreur", "requete"},
		"unknown field":    {saisie{"requete": `{ inconnu }`}, "inconnu", "requete"},
		"two operations":   {saisie{"requete": `query a { moi { nom } } query b { moi { nom } }`}, "plusieurs opérations", "requete"},
		"too deep":         {saisie{"requete": `{ logiciel(slug: "libreoffice") { ` + deep + ` } }`}, "trop profonde", "requete"},
		"too complex":      {saisie{"requete": `{ collectivites(first: 100) { nodes { usages(first: 100) { nodes { logiciel { usages(first: 100) { nodes { source { nom } } } } } } } } }`}, "trop complexe", "requete"},
		"an error in it":   {saisie{"requete": `{ collectivite(codeInsee: "13004") { source { nom } } usages(first: -1) { nodes { id } } }`}, "une page compte de 0 à 100", "requete"},
		"needs a token":    {saisie{"requete": `{ collectivite(codeInsee: "13004") { source { nom } } webhooks(organisation: "` + a.organisation(t, sitpi) + `") { totalCount } }`}, "demande un jeton", "requete"},
		"a snapshot":       {saisie{"requete": `{ collectivite(codeInsee: "13004") { source { nom } } node(id: "` + known + `") { ... on Instantane { document } } }`}, "ne se fige pas une seconde fois", "requete"},
		"snapshots":        {saisie{"requete": `{ collectivite(codeInsee: "13004") { source { nom } } instantanes { nodes { titre } } }`}, "ne se fige pas une seconde fois", "requete"},
		"missing variable": {saisie{"requete": `query ($c: String!) { collectivite(codeInsee: $c) { source { nom } } }`}, "seule une réponse sans erreur", "requete"},
		"list of values":   {saisie{"requete": aFiger, "variables": `[1]`}, "objet JSON", "variables"},
		"two values":       {saisie{"requete": aFiger, "variables": `{} {}`}, "objet JSON", "variables"},
		"no title":         {saisie{"requete": aFiger, "titre": " "}, "vide", "titre"},
		"two lines":        {saisie{"requete": aFiger, "titre": "a\nb"}, "une ligne", "titre"},
	} {
		if c.in["titre"] == nil {
			c.in["titre"] = nom
		}
		got := agent.must(t, figer, map[string]any{"i": c.in})
		faults := at(t, got.Data, "figerInstantane", "erreurs").([]any)
		if at(t, got.Data, "figerInstantane", "instantane") != nil || len(faults) != 1 || at(t, faults[0], "champ", 0) != c.champ ||
			!strings.Contains(at(t, faults[0], "message").(string), c.message) {
			t.Errorf("%s: %v, want « %s » of %s", nom, got.Data, c.message, c.champ)
		}
	}
	if got := a.ask(t, figer, map[string]any{"i": saisie{"titre": "a", "requete": aFiger}}); len(got.Errors) != 1 || got.Errors[0].Extensions["code"] != "NON_AUTHENTIFIE" {
		t.Errorf("without a token: %v %v", got.Data, got.Errors)
	}
	if n := value[int](t, a.pool, `SELECT count(*) FROM instantane`); n != 1 {
		t.Errorf("%d snapshots, want the first alone", n)
	}
}

func TestAnAnswerTooLargeIsNotFrozen(t *testing.T) {
	t.Parallel()
	a := real(t)
	var query strings.Builder
	query.WriteString("{")
	for i := range 20 {
		fmt.Fprintf(&query, ` a%d: collectivites(first: 100) { ...p }`, i)
	}
	query.WriteString(`} fragment p on CollectiviteConnection { nodes { id nom siren nature population departement { id nom } region { id nom } intercommunalite { id nom siren } source { nom url licence importeLe } } }`)
	if n := len(a.must(t, query.String(), nil).raw); n < 1_000_000 {
		t.Fatalf("%d bytes: this proves nothing", n)
	}
	got := a.as(t, droit.Gestionnaire, sitpi).must(t, figer, map[string]any{"i": saisie{"titre": "grand", "requete": query.String()}})
	faults := at(t, got.Data, "figerInstantane", "erreurs").([]any)
	if len(faults) != 1 || !strings.Contains(at(t, faults[0], "message").(string), "1000000 au plus") {
		t.Error(got.Data)
	}
}

func TestAListOfSnapshotsCostsTheSameWhateverItsLength(t *testing.T) {
	t.Parallel()
	a := real(t)
	for _, cle := range []string{sitpi, echirolles, sitpi, arles} {
		freeze(t, a.as(t, droit.Contributeur, cle), saisie{"titre": "Arles", "requete": aFiger})
	}
	const list = `query ($n: Int!) { instantanes(first: $n) { nodes { citation document auteur { nom } historique { nodes { operation auteur { nom } } } } pageInfo { hasNextPage } } }`
	one, four := a.must(t, list, map[string]any{"n": 1}), a.must(t, list, map[string]any{"n": 4})
	if one.statements != four.statements || four.statements > 5 {
		t.Errorf("%d statements for one snapshot, %d for four", one.statements, four.statements)
	}
	for i, cle := range []string{arles, sitpi, echirolles, sitpi} { // latest first
		if got, want := at(t, four.Data, "instantanes", "nodes", i, "auteur", "nom"), value[string](t, a.pool, `SELECT nom FROM organisation WHERE cle = $1`, cle); got != want {
			t.Errorf("%d is by %v, want %s", i, got, want)
		}
	}
	if _, err := a.pool.Exec(t.Context(), `INSERT INTO instantane (cle, titre, le, sujet, requete, variables, version_schema, sources, document, empreinte)
		SELECT gen_random_uuid(), 'grand', now(), 'essai', '', '{}', '', '[{"nom": "essai"}]', d, 'sha256:' || encode(sha256(convert_to(d, 'UTF8')), 'hex')
		FROM (SELECT repeat('0', 1700000) AS d) x, generate_series(1, 3)`); err != nil {
		t.Fatal(err)
	}
	a.must(t, list, map[string]any{"n": 1})
	if got := a.ask(t, list, map[string]any{"n": 3}); len(got.Errors) == 0 || got.Errors[0].Extensions["code"] != "ARGUMENT_INVALIDE" || !strings.Contains(got.Errors[0].Message, "5000000 au plus") {
		t.Errorf("three documents of 1.7 MB on a page: %v", got.Errors)
	}
}

func TestASnapshotNeverHoldsWhatIsNotPublic(t *testing.T) {
	t.Parallel()
	a := real(t)
	admin := a.as(t, droit.Admin, "")
	of := saisie{"utilisateur": a.organisation(t, arles), "logiciel": identifiant.Global("Logiciel", "vlc"), "statut": "PRODUCTION", "source": source, "visibilite": "PRIVE"}
	admin.must(t, operation("declarerUsage", "usage { id }"), map[string]any{"i": of})
	const query = `{ collectivite(codeInsee: "13004") { usages { totalCount nodes { logiciel { slug } source { nom } } } } moi { nom } }`
	anyone, his := a.must(t, query, nil), admin.must(t, query, nil)
	if string(anyone.raw) == string(his.raw) || !strings.Contains(string(his.raw), `"vlc"`) {
		t.Fatal("the administrator reads no more than anyone: this proves nothing")
	}
	i := freeze(t, admin, saisie{"titre": "Arles", "requete": query})
	if d := checked(t, i["document"].(string)); string(d["reponse"]) != string(anyone.raw) || string(d["auteur"]) != "null" {
		t.Errorf("frozen:\n%s\nfor anyone:\n%s", d["reponse"], anyone.raw)
	}
}

func TestTheSameDemandIsFrozenOnceAndUndoneNever(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	usage := agent.must(t, operation("declarerUsage", "usage { id }"), map[string]any{"i": saisie{"utilisateur": a.organisation(t, sitpi), "logiciel": identifiant.Global("Logiciel", "vlc"), "statut": "PRODUCTION"}})
	in := saisie{"cleIdempotence": "une-fois", "titre": "Arles", "requete": aFiger}
	first := freeze(t, agent, in)
	if again := freeze(t, agent, in); again["id"] != first["id"] || again["document"] != first["document"] {
		t.Errorf("asked twice: %v, then %v", first["id"], again["id"])
	}
	in["titre"] = "Autre"
	if code := faultOf(t, agent.ask(t, figer, map[string]any{"i": in}), "figerInstantane"); code != "DUPLIQUE" {
		t.Errorf("the key served for another demand: %v", code)
	}
	undone := agent.must(t, `mutation { annulerDerniereModification(input: {}) { operation erreurs { message } } }`, nil)
	if at(t, undone.Data, "annulerDerniereModification", "operation") != "declarerUsage" {
		t.Errorf("undone %v, want the usage %v", undone.Data, usage.Data)
	}
	if reread(t, a, first["id"]) != first["document"] {
		t.Error("undoing touched the snapshot")
	}
}

func TestASnapshotOutlivesTheOrganisationForWhichItWasFrozen(t *testing.T) {
	t.Parallel()
	a := real(t)
	communes := value[[]string](t, a.pool, `SELECT array_agg(cle) FROM (SELECT cle FROM organisation WHERE nature = 'COMMUNE' AND region = '28' ORDER BY id LIMIT 2) x`)
	former, kept := communes[0], communes[1]
	i := freeze(t, a.as(t, droit.Contributeur, former), saisie{"titre": "Arles", "requete": aFiger})
	merge := saisie{"garde": a.organisation(t, kept), "fusionnees": []string{a.organisation(t, former)}, "dateEffet": "2026-01-01", "force": true, "motif": "Arrêté"}
	if code := faultOf(t, a.as(t, droit.Admin, "").ask(t, operation("fusionnerOrganisations", "__typename"), map[string]any{"i": merge}), "fusionnerOrganisations"); code != "" {
		t.Fatal(code)
	}
	now := at(t, a.must(t, `query ($id: ID!) { instantane(id: $id) { document auteur { id } } }`, map[string]any{"id": i["id"]}).Data, "instantane")
	if at(t, now, "document") != i["document"] || at(t, now, "auteur", "id") != a.organisation(t, kept) {
		t.Errorf("once merged: %v", now)
	}
}

func TestAnOrganisationFreezesAHundredAnswersADay(t *testing.T) {
	t.Parallel()
	a := real(t)
	if _, err := a.pool.Exec(t.Context(), `INSERT INTO instantane (cle, titre, le, auteur_cle, sujet, requete, variables, version_schema, sources, document, empreinte)
		SELECT gen_random_uuid(), 'essai', now() - CASE WHEN i = 1 THEN interval '25 hours' ELSE interval '1 hour' END, $1, 'essai', '', '{}', '', '[{"nom": "essai"}]', d, 'sha256:' || encode(sha256(convert_to(d, 'UTF8')), 'hex')
		FROM generate_series(1, 100) i, LATERAL (SELECT '{' || i || '}' AS d) x`, sitpi); err != nil {
		t.Fatal(err)
	}
	in := map[string]any{"i": saisie{"titre": "Arles", "requete": aFiger}}
	agent := a.as(t, droit.Gestionnaire, sitpi)
	answers := make(chan answer)
	for range 8 { // at once: the hundredth of the day, and too many
		go func() { answers <- agent.ask(t, figer, in) }()
	}
	done := 0
	for range 8 {
		got := <-answers
		if len(got.Errors) == 0 {
			done++
		} else if code := got.Errors[0].Extensions["code"]; code != string(db.CodeLimiteDebit) && code != string(db.CodeIndisponible) {
			t.Errorf("at once: %v", got.Errors)
		}
	}
	if done != 1 {
		t.Errorf("%d were frozen at once, where one was left", done)
	}
	got := a.as(t, droit.Contributeur, sitpi).ask(t, figer, in)
	if len(got.Errors) != 1 || got.Errors[0].Extensions["code"] != string(db.CodeLimiteDebit) {
		t.Errorf("the next one, by another token: %v %v", got.Data, got.Errors)
	}
	if code := faultOf(t, a.as(t, droit.Gestionnaire, echirolles).ask(t, figer, in), "figerInstantane"); code != "" {
		t.Errorf("by another organisation: %v", code)
	}
}
