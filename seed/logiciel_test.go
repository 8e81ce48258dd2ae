package seed_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/seed"
)

const essais = "testdata/logiciels/"

// le6mars is the day on which the tests read their files.
func le6mars() time.Time { return time.Date(2024, 3, 6, 10, 0, 0, 0, time.UTC) }

func importFiles(t *testing.T, pool *pgxpool.Pool, format string, fichiers ...string) []seed.Rapport {
	t.Helper()
	rapports, err := seed.Import(t.Context(), pool, format, fichiers, seed.Options{Maintenant: le6mars})
	if err != nil {
		t.Fatalf("%s %v: %v", format, fichiers, err)
	}
	return rapports
}

// baseLogiciels is a database with the categories, and three organisations that users may be.
func baseLogiciels(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool := dbtest.New(t)
	importFiles(t, pool, "categories", "donnees/categories.csv")
	if _, err := pool.Exec(t.Context(), `
		INSERT INTO source (cle, nom, importe_le) VALUES ('essai', 'essai', now());
		INSERT INTO organisation (cle, genre, siren, nom, nom_tri, nature, departement, source_id) SELECT s, 'COLLECTIVITE', s, n, t, 'COMMUNE', d, source.id
		FROM source, (VALUES ('214700312', 'Boé', 'boe', '47'), ('210103230', 'Sainte-Colombe', 'sainte colombe', '05'),
			('212105431', 'Sainte-Colombe', 'sainte colombe', '21')) v(s, n, t, d) WHERE cle = 'essai'`); err != nil {
		t.Fatal(err)
	}
	return pool
}

// motifs counts the anomalies by column.
func motifs(r seed.Rapport) map[string]int {
	n := map[string]int{}
	for _, a := range r.Anomalies {
		n[a.Colonne]++
	}
	return n
}

func contient(t *testing.T, r seed.Rapport, morceaux ...string) {
	t.Helper()
	for _, a := range r.Anomalies {
		tous := true
		for _, m := range morceaux {
			tous = tous && strings.Contains(a.Error(), m)
		}
		if tous {
			return
		}
	}
	t.Errorf("no anomaly with %q in:\n%s", morceaux, r)
}

// lectures are files of every format, in the order in which a user could bring them.
func lectures(t *testing.T) []struct{ format, fichier string } {
	all := []struct{ format, fichier string }{
		{"logiciels", "donnees/logiciels-cites.csv"}, {"sill", essais + "sill-2022.json"}, {"sill-csv", essais + "sill-api.csv"},
		{"comptoir-csv", essais + "comptoir.csv"}, {"comptoir-json", essais + "comptoir.json"}, {"sill", essais + "sill-v1.json"},
		{"sill", essais + "sill-v2.json"}, {"prestataires", "donnees/prestataires-apache-httpd.csv"},
	}
	publiccodes, err := filepath.Glob(essais + "publiccode/*.yml")
	if err != nil || len(publiccodes) == 0 {
		t.Fatal("no publiccode.yml", err)
	}
	for _, p := range publiccodes {
		all = append(all, struct{ format, fichier string }{"publiccode", p})
	}
	return all
}

// instantane is all that the readers write, as text.
func instantane(t *testing.T, pool *pgxpool.Pool) string {
	var b strings.Builder
	for _, sql := range []string{
		`SELECT slug, l.nom, description, libre, l.licence, licence_origine, site, depot, depot_normalise, ajoute_le, s.cle
			FROM logiciel l JOIN source s ON s.id = source_id ORDER BY slug`,
		`SELECT i.source, valeur, slug, i.url, i.source_id FROM identifiant i JOIN logiciel l ON l.id = logiciel_id ORDER BY 1, 2`,
		`SELECT slug, code FROM logiciel_categorie JOIN logiciel l ON l.id = logiciel_id JOIN categorie c ON c.id = categorie_id ORDER BY 1, 2`,
		`SELECT genre, d.slug, v.slug FROM logiciel_lien JOIN logiciel d ON d.id = de_id JOIN logiciel v ON v.id = vers_id ORDER BY 1, 2, 3`,
		`SELECT slug, n.nom FROM nom_alternatif n JOIN logiciel l ON l.id = logiciel_id ORDER BY 1, 2`,
		`SELECT cle, genre, siren, nom, site FROM organisation ORDER BY cle`,
		`SELECT o.cle, slug FROM prestation JOIN organisation o ON o.id = prestataire_id JOIN logiciel l ON l.id = logiciel_id ORDER BY 1, 2`,
		`SELECT u.cle, o.nom, slug, u.libre, statut, modalite, constate_le, confirme_le FROM usage u
			JOIN organisation o ON o.id = utilisateur_id JOIN logiciel l ON l.id = logiciel_id ORDER BY 1`,
	} {
		b.WriteString(ligne(t, pool, sql) + "\n")
	}
	return b.String()
}

func TestReadingEveryCatalogueTwiceChangesNothing(t *testing.T) {
	pool := baseLogiciels(t)
	for _, l := range lectures(t) {
		importFiles(t, pool, l.format, l.fichier)
		if r := importFiles(t, pool, l.format, l.fichier)[0]; r.Ajouts != 0 || r.Corrections != 0 || !r.DejaLu {
			t.Errorf("%s: %s", l.fichier, r)
		}
	}
	avant := instantane(t, pool)
	for _, l := range lectures(t) {
		if strings.Contains(l.fichier, "sill-v1") || strings.Contains(l.fichier, "minimal") {
			continue // an edition that a later one of the same catalogue replaced: the last one read is believed
		}
		r := importFiles(t, pool, l.format, l.fichier)[0]
		if r.Ajouts != 0 || r.Corrections != 0 || !r.DejaLu {
			t.Errorf("%s: %s", l.fichier, r)
		}
	}
	if apres := instantane(t, pool); apres != avant {
		t.Errorf("before:\n%s\nafter:\n%s", avant, apres)
	}
}

// Whatever the order of the catalogues, what each software is called, under which licence, and by which identifiers, is
// the same, but for the slugs of homonyms (the first to come takes the short one) and the identifiers of the Comptoir that
// the SILL disputes.
func TestOrderOfCataloguesDoesNotChangeWhatIsKnown(t *testing.T) {
	question := `SELECT l.nom, libre, l.licence, licence_origine, l.site, ajoute_le, s.cle,
			(SELECT string_agg(source || valeur, ' ' ORDER BY source, valeur) FROM identifiant WHERE logiciel_id = l.id AND source <> 'COMPTOIR')
		FROM logiciel l JOIN source s ON s.id = l.source_id 
		WHERE slug NOT LIKE '%-comptoir-%' ORDER BY row_to_json(l) ->> 'nom_tri', licence_origine, ajoute_le, l.site`
	ordre := []struct{ format, fichier string }{
		{"logiciels", "donnees/logiciels-cites.csv"}, {"sill", essais + "sill-2022.json"}, {"sill-csv", essais + "sill-api.csv"},
		{"comptoir-csv", essais + "comptoir.csv"},
	}
	read := func(rangs ...int) string {
		pool := baseLogiciels(t)
		for _, r := range rangs {
			importFiles(t, pool, ordre[r].format, ordre[r].fichier)
		}
		return ligne(t, pool, question)
	}
	want, got := read(0, 1, 2, 3), read(0, 3, 2, 1)
	if want != got {
		t.Errorf("cited, SILL, API, Comptoir:\n%s\n\ncited, Comptoir, API, SILL:\n%s", want, got)
	}
}

func TestOrderOfRecordsDoesNotChangeWhatIsWritten(t *testing.T) {
	b, err := os.ReadFile(essais + "sill-2022.json")
	if err != nil {
		t.Fatal(err)
	}
	var fiches []json.RawMessage
	if err := json.Unmarshal(b, &fiches); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(fiches)
	inverse, _ := json.Marshal(fiches)
	fichier := filepath.Join(t.TempDir(), "inverse.json")
	if err := os.WriteFile(fichier, inverse, 0o600); err != nil {
		t.Fatal(err)
	}
	read := func(fichier string) string {
		pool := baseLogiciels(t)
		importFiles(t, pool, "comptoir-csv", essais+"comptoir.csv")
		importFiles(t, pool, "sill", fichier)
		return instantane(t, pool)
	}
	if a, b := read(essais+"sill-2022.json"), read(fichier); a != b {
		t.Errorf("as published:\n%s\nreversed:\n%s", a, b)
	}
}

func TestSILLOf2022(t *testing.T) {
	pool := baseLogiciels(t)
	r := importFiles(t, pool, "sill", essais+"sill-2022.json")[0]
	importFiles(t, pool, "sill-csv", essais+"sill-api.csv")
	check(t, pool, []attente{
		{"a software with its licence, its repository and the first of January of its first year",
			`SELECT slug, libre, licence, licence_origine, site, depot_normalise, ajoute_le FROM logiciel WHERE slug = 'nextcloud'`,
			`nextcloud | true | AGPL-3.0-or-later | AGPL-3.0-or-later | https://nextcloud.com/ | github.com/nextcloud/server | 2019-01-01`},
		{"identifiers of three catalogues, with their address",
			`SELECT source, valeur, url FROM identifiant i JOIN logiciel l ON l.id = logiciel_id WHERE slug = 'nextcloud' ORDER BY 1`,
			"COMPTOIR | 117 | https://comptoir-du-libre.org/fr/softwares/117\nFRAMALIBRE | nextcloud | https://framalibre.org/content/nextcloud\n" +
				"SILL | 93 | https://code.gouv.fr/sill/fr/software?id=93\nWIKIDATA | Q25874683 | https://www.wikidata.org/wiki/Q25874683"},
		{"an identifier that two records claim goes to none (CodiMD and HedgeDoc)", `SELECT count(*) FROM identifiant WHERE source = 'COMPTOIR' AND valeur IN ('362', '189')`, "0"},
		{"two software of one name keep apart, each its slug", `SELECT string_agg(slug, ' ' ORDER BY slug) FROM logiciel WHERE nom = 'Grammalecte'`,
			"grammalecte grammalecte-sill-57"},
		{"the component makes the category", `SELECT code FROM logiciel_categorie JOIN logiciel l ON l.id = logiciel_id JOIN categorie c ON c.id = categorie_id WHERE slug = 'jitsi'`,
			"visioconference"},
		{"similar software, both ways", `SELECT v.slug FROM logiciel_lien JOIN logiciel d ON d.id = de_id JOIN logiciel v ON v.id = vers_id WHERE d.slug = 'wordpress' ORDER BY 1`,
			"drupal"},
		{"N/A says nothing of a licence", `SELECT count(*) FROM logiciel WHERE licence_origine = 'N/A'`, "0"},
	})
	contient(t, r, "comptoir", "362", "plusieurs fiches")
	contient(t, r, "Grammalecte", "doublon possible")
	contient(t, r, "AWS", "pas connu")
}

func TestComptoirJoinsTheSILLByIdentifiersOnly(t *testing.T) {
	pool := baseLogiciels(t)
	importFiles(t, pool, "sill", essais+"sill-2022.json")
	r := importFiles(t, pool, "comptoir-csv", essais+"comptoir.csv")[0]
	check(t, pool, []attente{
		{"HedgeDoc gets its own sheet", `SELECT slug FROM identifiant JOIN logiciel l ON l.id = logiciel_id WHERE source = 'COMPTOIR' AND valeur = '422'`, "hedgedoc"},
		{"CodiMD's sheet says no identifier of the SILL: same name, apart", `SELECT slug FROM identifiant JOIN logiciel l ON l.id = logiciel_id WHERE source = 'COMPTOIR' AND valeur = '362'`, "codimd-comptoir-362"},
		{"the SILL's licence stays", `SELECT licence FROM logiciel WHERE slug = 'libreoffice'`, "MPL-2.0"},
		{"the Comptoir fills what is empty", `SELECT count(*) FROM logiciel WHERE slug = 'wordpress' AND site IS NOT NULL`, "1"},
		{"spaces around a name", `SELECT nom FROM logiciel WHERE slug LIKE 'element%'`, "Element.io"},
		{"one address for site and repository is the repository on a forge", `SELECT site, depot_normalise FROM logiciel WHERE slug = 'forge-seule'`, "∅ | gitlab.com/maison/forge-seule"},
		{"else the site", `SELECT site, depot FROM logiciel WHERE slug = 'thunderbird'`, "https://www.mozilla.org/fr/thunderbird/ | ∅"},
		{"what is no address is left out", `SELECT depot FROM logiciel WHERE slug = 'depot-illisible'`, "∅"},
		{"a name of domain with accents, a repository with a space", `SELECT site, depot_normalise FROM logiciel WHERE slug = 'logiciel-maison'`,
			"http://réseau-constellation.ca | git.example.org/maison"},
		{"a family of licences is free without an expression", `SELECT libre, licence, licence_origine FROM logiciel WHERE slug = 'logiciel-maison'`, "true | ∅ | BSD"},
		{"a proprietary one is not", `SELECT libre, licence, licence_origine FROM logiciel WHERE slug = 'forge-seule'`, "false | ∅ | Propriètaire"},
		{"the licence given by default is not free", `SELECT libre, licence FROM logiciel WHERE slug = 'thunderbird'`, "false | CC-BY-SA-3.0"},
		{"sheets to be removed are not there", `SELECT count(*) FROM logiciel WHERE nom ILIKE '%supprimer%'`, "0"},
	})
	contient(t, r, "(spam)", "ligne 11", "marquée à supprimer")
	contient(t, r, "Zeste de Savoir", "marquée à supprimer")
	contient(t, r, "code vsd2svg-code", "ne désigne pas un dépôt")
	contient(t, r, "CodiMD", "doublon possible")
}

func TestComptoirExportWithUsersAndProviders(t *testing.T) {
	pool := baseLogiciels(t)
	importFiles(t, pool, "logiciels", "donnees/logiciels-cites.csv")
	r := importFiles(t, pool, "comptoir-json", essais+"comptoir.json")[0]
	check(t, pool, []attente{
		{"a user that is one organisation for certain", `SELECT o.nom, slug, u.libre, statut, modalite, constate_le, confirme_le, debut FROM usage u
			JOIN organisation o ON o.id = utilisateur_id JOIN logiciel l ON l.id = logiciel_id`, "Boé | acceleo | true | PRODUCTION | DIRECT | 2024-03-05 | 2024-03-05 | ∅"},
		{"a provider", `SELECT o.cle, o.nom, o.site, slug FROM prestation JOIN organisation o ON o.id = prestataire_id JOIN logiciel l ON l.id = logiciel_id`,
			"org-comptoir-580 | Obeo | https://www.obeosoft.com | acceleo"},
		{"an identifier in an address, the absent ones written []", `SELECT valeur FROM identifiant JOIN logiciel l ON l.id = logiciel_id WHERE slug = 's2low' ORDER BY 1`, "5\n700"},
	})
	contient(t, r, "DÉMO collectivité", "aucune organisation")
	contient(t, r, "Sainte-Colombe", "2 organisations")
	contient(t, r, "ce n'est pas une administration")

	plusTard := filepath.Join(t.TempDir(), "export.json")
	b, _ := os.ReadFile(essais + "comptoir.json")
	if err := os.WriteFile(plusTard, []byte(strings.Replace(string(b), "2024-03-05", "2025-06-07", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	importFiles(t, pool, "comptoir-json", plusTard)
	importFiles(t, pool, "comptoir-json", essais+"comptoir.json")
	check(t, pool, []attente{{"a later export confirms, and does not move the first day; an older one takes nothing back",
		`SELECT constate_le, confirme_le FROM usage`, "2024-03-05 | 2025-06-07"}})
}

func TestLaterGenerationsOfTheSILL(t *testing.T) {
	pool := baseLogiciels(t)
	importFiles(t, pool, "sill", essais+"sill-2022.json")
	r := importFiles(t, pool, "sill", essais+"sill-v1.json")[0]
	check(t, pool, []attente{
		{"v1: names, dates in milliseconds, identifiers in sub-objects", `SELECT nom, ajoute_le, site, (SELECT string_agg(source || ' ' || valeur, ', ' ORDER BY source) FROM identifiant WHERE logiciel_id = l.id)
			FROM logiciel l WHERE slug = 'acceleo'`, "Acceleo | 2018-01-01 | https://www.eclipse.org/acceleo | COMPTOIR 304, SILL 2, WIKIDATA Q2822666"},
		{"a similar software known by Wikidata", `SELECT v.slug FROM logiciel_lien JOIN logiciel d ON d.id = de_id JOIN logiciel v ON v.id = vers_id WHERE d.slug = 'acceleo'`, "eclipse-ide"},
		{"a provider of two directories", `SELECT o.cle, siren, o.nom FROM prestation JOIN organisation o ON o.id = prestataire_id`, "org-comptoir-4116 | 524457520 | Lan2Net"},
	})
	contient(t, r, "Catégorie inconnue")
	contient(t, r, "remplacé", "plus recommandé")
	importFiles(t, pool, "sill", essais+"sill-v2.json")
	check(t, pool, []attente{
		{"v2 replaces, in French", `SELECT description, site, depot_normalise, s.cle FROM logiciel l JOIN source s ON s.id = source_id WHERE slug = 'acceleo'`,
			"Générateur de code | https://eclipse.dev/acceleo/ | github.com/eclipse-acceleo/acceleo | sill"},
	})
	importFiles(t, pool, "prestataires", "donnees/prestataires-apache-httpd.csv")
	check(t, pool, []attente{{"one company, two files", `SELECT count(*) FROM organisation WHERE siren = '524457520'`, "1"},
		{"33 companies on Apache HTTP Server", `SELECT count(*) FROM prestation JOIN logiciel l ON l.id = logiciel_id WHERE slug = 'apache-http-server'`, "33"}})
}

func TestPubliccode(t *testing.T) {
	pool := baseLogiciels(t)
	importFiles(t, pool, "logiciels", "donnees/logiciels-cites.csv")
	dossier := essais + "publiccode/"
	r := importFiles(t, pool, "publiccode", dossier+"version-du-logiciel.yml")[0]
	contient(t, r, "2.4.0", "ligne 1", "version du standard")
	contient(t, r, "releaseDate", "2024-13-45", "ligne 4")
	contient(t, r, "usedBy", "Ville d'Exemple", "ligne 8", "aucun usage")
	contient(t, r, "isBasedOn", "ligne 9")
	contient(t, r, "categorie-inventee")
	contient(t, r, "platforms", "obligatoire")
	contient(t, r, "1 prestataire de maintenance non repris")
	importFiles(t, pool, "publiccode", dossier+"fins-de-ligne.yml")
	medusa := importFiles(t, pool, "publiccode", dossier+"standard_publiccode.yml")[0]
	if m := motifs(medusa); m["usedBy"] != 2 || m["isBasedOn"] != 1 || m["publiccodeYmlVersion"] != 0 || m["legal.license"] != 0 {
		t.Errorf("%s", medusa)
	}
	importFiles(t, pool, "publiccode", dossier+"archifiltredocs.publiccode.yml", dossier+"demarchessimplifiees.publiccode.yml")
	check(t, pool, []attente{
		{"French first, the licence in lower case", `SELECT nom, description, licence, depot_normalise FROM logiciel WHERE slug = 'docs-maison'`,
			"Docs maison | L'éditeur de documents | MIT | github.com/collectivite/docs-maison"},
		{"a version read as a number, an address of ssh, ends of line of another system", `SELECT nom, licence, depot_normalise FROM logiciel WHERE slug = 'fins-de-ligne'`,
			"Fins de ligne | AGPL-3.0-only | github.com/collectivite/crlf"},
		{"folded text", `SELECT left(description, 40) FROM logiciel WHERE slug = 'medusa'`, "This description can have a maximum 150 c"[:40]},
		{"a repository joins nothing by name", `SELECT count(*) FROM logiciel WHERE nom = 'Archifiltre'`, "2"},
		{"people are nowhere", `SELECT (SELECT count(*) FROM anomalie WHERE valeur ~* 'camille|prestataire sa|exemple@|rossi|bianchi')
			+ (SELECT count(*) FROM organisation WHERE nom ~* 'camille|prestataire|fornitore')`, "0"},
		{"no usage comes from usedBy", `SELECT count(*) FROM usage`, "0"},
	})
}

func TestTheListKeptByHand(t *testing.T) {
	pool := baseLogiciels(t)
	r := importFiles(t, pool, "logiciels", "donnees/logiciels-cites.csv")[0]
	if m := motifs(r); m["comptoir"]+m["sill"]+m["wikidata"]+m["nom"]+m["dépôt"]+m["site"]+m["catégorie"] != 0 {
		t.Errorf("the list contradicts itself: %s", r)
	}
	check(t, pool, []attente{
		{"what is not free is what is said to be proprietary", `SELECT string_agg(slug, ' ' ORDER BY slug) FROM logiciel WHERE NOT libre`,
			"microsoft-exchange microsoft-office microsoft-outlook microsoft-word"},
		{"LibreOffice stands in for Microsoft Office", `SELECT count(*) FROM logiciel_lien JOIN logiciel d ON d.id = de_id JOIN logiciel v ON v.id = vers_id
			WHERE (genre, d.slug, v.slug) = ('REMPLACE', 'libreoffice', 'microsoft-office')`, "1"},
		{"every one bears the source of its line", `SELECT count(*) FROM logiciel l JOIN source s ON s.id = l.source_id WHERE s.url IS NULL OR s.cle = 'logiciels-cites'`, "0"},
		{"the page of a catalogue is named after the software", `SELECT s.nom || ' ' || s.url FROM logiciel l JOIN source s ON s.id = l.source_id WHERE slug = 'opencimetiere'`,
			"Comptoir du Libre (ADULLACT) : openCimetière https://comptoir-du-libre.org/fr/softwares/17"},
		{"what replaces what is said by a source of its own", `SELECT string_agg(d.slug || ' ' || v.slug || ' ' || split_part(s.nom, ' :', 1), ', ' ORDER BY d.slug, v.slug)
			FROM logiciel_lien JOIN logiciel d ON d.id = de_id JOIN logiciel v ON v.id = vers_id JOIN source s ON s.id = logiciel_lien.source_id WHERE genre = 'REMPLACE'`,
			"libreoffice microsoft-office La Gazette des communes, onlyoffice microsoft-office Lyon Mag, openoffice-org microsoft-office Génération-NT, " +
				"zimbra microsoft-exchange 20 Minutes, zimbra microsoft-outlook 20 Minutes"},
		{"only free software replaces", `SELECT count(*) FROM logiciel_lien JOIN logiciel d ON d.id = de_id JOIN logiciel v ON v.id = vers_id WHERE genre = 'REMPLACE' AND (NOT d.libre OR v.libre)`, "0"},
		{"every one has a category", `SELECT count(*) FROM logiciel l WHERE NOT EXISTS (SELECT FROM logiciel_categorie WHERE logiciel_id = l.id)`, "0"},
		{"another name leads there", `SELECT slug FROM recherche JOIN logiciel l ON l.id = logiciel_id WHERE titre = 'idelibre'`, "idelibre"},
	})
}

func TestAnImportNeverBlanksNorRenamesASlug(t *testing.T) {
	pool := baseLogiciels(t)
	fichier := filepath.Join(t.TempDir(), "sill.json")
	write := func(contenu string) {
		if err := os.WriteFile(fichier, []byte(contenu), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`[{"id":1,"name":"Avant","license":"MIT","url":"https://exemple.fr","description":"Un","wikidataId":"Q1","addedTime":"2020-05-06"}]`)
	importFiles(t, pool, "sill", fichier)
	write(`[{"id":1,"name":"Après","license":null,"url":"","identifiers":[],"addedTime":"2021-01-01T00:00:00Z"}]`)
	importFiles(t, pool, "sill", fichier)
	check(t, pool, []attente{
		{"the slug stays, the name changes, nothing is blanked", `SELECT slug, nom, licence, site, description, ajoute_le FROM logiciel`, "avant | Après | MIT | https://exemple.fr | Un | 2020-05-06"},
		{"the former name is still found", `SELECT nom FROM nom_alternatif`, "Avant"},
		{"identifiers stay", `SELECT string_agg(valeur, ' ' ORDER BY valeur) FROM identifiant`, "1 Q1"},
	})
}

func TestAMalformedFileIsRefusedAndNothingIsWritten(t *testing.T) {
	pool := baseLogiciels(t)
	enteteComptoir := "comptoir_id;software;license;wikidata_id;sill_id;cnll_id;framalibre_slug;software_website;software_repository;comptoir_url;wikidata_url;sill_url;cnll_url;framalibre_url\n"
	long := strings.Repeat("x", 201)
	for _, cas := range []struct {
		format, contenu string
		ligne           int
		colonne, motif  string
	}{
		{"sill", ``, 1, "", "tableau"},
		{"sill", `{"a": 1}`, 1, "", "tableau"},
		{"sill", "[\n {\"id\": 1, \"name\": \"A\"},\n {\"id\": 2, \"name\": \"B\"", 3, "", ""},
		{"sill", "[\n {\"id\": 1, \"name\": \"A\"},\n 12]", 3, "", "objet"},
		{"sill", "[\n {\"id\": 1,\n  \"name\": [\"A\"]}]", 3, "name", "texte"},
		{"sill", "[\n {\"id\": \"un\",\n  \"name\": \"A\"}]", 2, "id", "entier"},
		{"sill", `[{"name": "A"}]`, 1, "id", "obligatoire"},
		{"sill", `[{"id": 1}]`, 1, "name", "obligatoire"},
		{"sill", "[{\"id\": 1, \"name\": \"A\"},\n{\"id\": 1, \"name\": \"B\"}]", 2, "id", "déjà"},
		{"sill", "[{\"id\": 1, \"name\": \"A\",\n \"addedTime\": \"hier\"}]", 2, "addedTime", "date"},
		{"sill", "[{\"id\": 1, \"name\": \"A\",\n \"wikidataId\": \"42\"}]", 1, "wikidata", "Q"},
		{"sill", "[{\"id\": 1, \"name\": \"A\",\n \"serviceProviders\": {\"x\": 1}}]", 2, "serviceProviders", "tableau"},
		{"sill", "[{\"id\": 1, \"name\": \"" + long + "\"}]", 1, "nom", "trop long"},
		{"sill", "[{\"id\": 1, \"name\": \"A\\u0000\"}]", 1, "", "nul"},
		{"sill-csv", "ID,nom\n1,A\n", 1, "fonction, annees, wikidata, comptoir-du-libre, licence, similaire-a", "colonne"},
		{"sill-csv", "ID,nom,fonction,annees,wikidata,comptoir-du-libre,licence,similaire-a\nx,A,,,,,,\n", 2, "ID", "entier"},
		{"comptoir-csv", enteteComptoir + "1;\"\";MIT;;;;;;;;;;;\n", 2, "software", "obligatoire"},
		{"comptoir-csv", enteteComptoir + "1;A;MIT;;;;;;;;;;;\n1;B;MIT;;;;;;;;;;;\n", 3, "comptoir_id", "déjà"},
		{"comptoir-csv", enteteComptoir + "1;A;MIT;Q;;;;;;;;;;\n", 2, "wikidata_id", "Q"},
		{"comptoir-csv", enteteComptoir + "1;A;MIT\n", 2, "", "nombre de champs"},
		{"comptoir-json", `{"softwares": []}`, 0, "date_of_export", "date"},
		{"comptoir-json", `{"date_of_export": "2024-01-01"}`, 1, "softwares", "clé"},
		{"comptoir-json", "{\"date_of_export\": \"2024-01-01\", \"softwares\": [\n{\"id\": 1, \"name\": \"A\", \"users\": 3}]}", 2, "users", "tableau"},
		{"comptoir-json", "{\"date_of_export\": \"2024-01-01\", \"softwares\": [\n{\"id\": 1, \"name\": \"A\", \"users\": [\n{\"name\": \"B\"}]}]}", 3, "users", "obligatoires"},
		{"publiccode", ``, 0, "", "vide"},
		{"publiccode", "a: [1", 0, "", "mal formé"},
		{"publiccode", "- a\n", 1, "", "champs"},
		{"publiccode", "url: https://github.com/a/b\n", 0, "name", "obligatoire"},
		{"publiccode", "name: A\nurl: https://github.com/a\n", 2, "url", "dépôt"},
		{"publiccode", "name:\n  x: A\nurl: https://github.com/a/b\n", 2, "name", "texte"},
		{"publiccode", "name: A\x00\nurl: https://github.com/a/b\n", 0, "", "nul"},
		{"publiccode", "name: \xff\nurl: https://github.com/a/b\n", 0, "", "UTF-8"},
		{"logiciels", "slug,nom,licence,comptoir_id,sill_id,wikidata,cnll,framalibre,site,depot,categories,remplace,description,source\nA B,A,,,,,,,,,,,,\n", 2, "slug", "slug"},
		{"logiciels", "slug,nom,licence,comptoir_id,sill_id,wikidata,cnll,framalibre,site,depot,categories,remplace,description,source\na,A,,,,,,,,,,b,,\n", 2, "remplace", "fichier"},
		{"prestataires", "nom,siren,comptoir_user_id,site_web\nA,,,\n", 2, "siren", "identifié"},
		{"prestataires", "nom,siren,comptoir_user_id,site_web\nA,123456789,,\n", 2, "siren", "Luhn"},
		{"categories", "code,nom,parent\na,A,b\n", 2, "parent", "plus haut"},
	} {
		avant := instantane(t, pool)
		fichier := filepath.Join(t.TempDir(), "essai")
		if err := os.WriteFile(fichier, []byte(cas.contenu), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := seed.Import(t.Context(), pool, cas.format, []string{fichier}, seed.Options{})
		var a *seed.Anomalie
		if !errors.As(err, &a) || a.Fichier != "essai" || a.Ligne != cas.ligne && cas.ligne != 0 || a.Colonne != cas.colonne || !strings.Contains(a.Error(), cas.motif) {
			t.Errorf("%s %q: %v (%+v), want line %d, column %q, %q", cas.format, cas.contenu, err, a, cas.ligne, cas.colonne, cas.motif)
		}
		if instantane(t, pool) != avant {
			t.Errorf("%s %q: something was written", cas.format, cas.contenu)
		}
	}
}
