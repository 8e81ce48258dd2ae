package sortie_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/graph"
	"github.com/mutualibre/mutualibre/seed/tableau"
	"github.com/mutualibre/mutualibre/server/sortie"
)

// read gives the rows of a table in any format, each value as text: what a reader of tables makes of it.
func read(t testing.TB, table, fichier string) [][]string {
	t.Helper()
	var colonnes []db.ColonneExport
	for _, d := range db.TablesExport() {
		if d.Nom == table {
			colonnes = d.Colonnes
		}
	}
	l, err := tableau.Open(bytes.NewReader([]byte(fichier)), tableau.Options{})
	if err != nil {
		t.Fatalf("%v in %.300s", err, fichier)
	}
	defer l.Close()
	var lignes [][]string
	for ligne, err := range l.Lignes() {
		if err != nil {
			t.Fatal(err)
		}
		champs := make([]string, len(colonnes))
		for i, c := range colonnes {
			champs[i] = ligne.Texte(c.Nom)
			switch c.Genre {
			case db.ColonneCentimes:
				if n, ok := ligne.Montant(c.Nom); ok {
					champs[i] = strconv.FormatInt(n, 10)
				}
			case db.ColonneJour:
				if d, ok := ligne.Date(c.Nom); ok {
					champs[i] = d.String()
				}
			case db.ColonneBooleen:
				if b, ok := ligne.Booleen(c.Nom); ok {
					champs[i] = strconv.FormatBool(b)
				}
			case db.ColonneListe:
				champs[i] = strings.Join(ligne.Liste(c.Nom), "|")
			case db.ColonneID:
				cle, err := base64.RawURLEncoding.DecodeString(champs[i])
				if err != nil {
					t.Error(err)
				}
				champs[i] = string(cle)
			}
		}
		if f := ligne.Fautes(); len(f) > 0 {
			t.Fatalf("line %d: %v", ligne.No, f)
		}
		lignes = append(lignes, champs)
	}
	return lignes
}

// What each table holds, said again in other words: one text for each row, its values separated by "¦".
var tables = map[string]string{
	"usages": `SELECT concat_ws('¦', 'Usage:'||cle, (SELECT cle FROM organisation o WHERE o.id = utilisateur_id),
		coalesce((SELECT code_insee FROM organisation o WHERE o.id = utilisateur_id), ''), (SELECT nom FROM organisation o WHERE o.id = utilisateur_id), departement,
		(SELECT slug FROM logiciel l WHERE l.id = logiciel_id), (SELECT nom FROM logiciel l WHERE l.id = logiciel_id), statut, modalite,
		coalesce((SELECT cle FROM organisation o WHERE o.id = syndicat_id), ''), coalesce((SELECT nom FROM organisation o WHERE o.id = syndicat_id), ''),
		coalesce(support, ''), coalesce(postes::text, ''), coalesce(version, ''),
		coalesce(left(debut::text, CASE precision_debut WHEN 'JOUR' THEN 10 WHEN 'MOIS' THEN 7 WHEN 'ANNEE' THEN 4 END), ''),
		CASE WHEN debut IS NULL THEN '' ELSE precision_debut END, coalesce(fin::text, ''),
		coalesce((SELECT slug FROM logiciel l WHERE l.id = remplace_id), ''), visibilite, constate_le,
		coalesce(replace(date_trunc('second', confirme_le AT TIME ZONE 'UTC')::text, ' ', 'T')||'Z', ''),
		(SELECT nom FROM source s WHERE s.id = source_id), coalesce((SELECT url FROM source s WHERE s.id = source_id), ''), revision) FROM usage ORDER BY id`,
	"economies": `SELECT concat_ws('¦', 'Economie:'||cle, (SELECT cle FROM organisation o WHERE o.id = beneficiaire_id), (SELECT nom FROM organisation o WHERE o.id = beneficiaire_id),
		coalesce((SELECT slug FROM logiciel l WHERE l.id = logiciel_id), ''), coalesce((SELECT nom FROM logiciel l WHERE l.id = logiciel_id), ''),
		coalesce((SELECT 'Usage:'||cle FROM usage u WHERE u.id = usage_id), ''), nature, statut, coalesce(licences_economisees::text, ''),
		coalesce(brut_centimes::text, ''), coalesce(couts_recurrents_centimes::text, ''), coalesce(couts_ponctuels_centimes::text, ''), coalesce(net_centimes::text, ''),
		coalesce(left(debut::text, CASE precision_debut WHEN 'JOUR' THEN 10 WHEN 'MOIS' THEN 7 ELSE 4 END), ''), CASE WHEN debut IS NULL THEN '' ELSE precision_debut END,
		coalesce(horizon_annees::text, ''), coalesce(annee_prix::text, ''), coalesce(precision_source, ''), coalesce((SELECT 'Economie:'||p.cle FROM economie p WHERE p.id = e.part_de_id), ''),
		coalesce((SELECT cle FROM organisation o WHERE o.id = verifiee_par_id), ''), visibilite,
		(SELECT nom FROM source s WHERE s.id = source_id), coalesce((SELECT url FROM source s WHERE s.id = source_id), ''), revision) FROM economie e ORDER BY id`,
	"entrees": `SELECT concat_ws('¦', 'EntreeCatalogue:'||e.cle, k.cle, k.nom, y.cle, y.nom, l.slug, l.nom, CASE WHEN l.libre THEN 'true' ELSE 'false' END, e.statut,
		array_to_string(services, '|'), coalesce(depuis::text, ''), coalesce(jusqua::text, ''), s.nom, coalesce(s.url, ''), e.revision)
		FROM entree_catalogue e, catalogue k, organisation y, logiciel l, source s
		WHERE k.id = e.catalogue_id AND y.id = k.syndicat_id AND l.id = e.logiciel_id AND s.id = e.source_id ORDER BY e.id`,
	"logiciels": `SELECT concat_ws('¦', 'Logiciel:'||slug, slug, btrim(l.nom), coalesce(btrim(description), ''), CASE WHEN libre THEN 'true' ELSE 'false' END, coalesce(l.licence, ''), coalesce(licence_origine, ''),
		array_to_string(ARRAY(SELECT code FROM categorie c WHERE c.id IN (SELECT categorie_id FROM logiciel_categorie WHERE logiciel_id = l.id) ORDER BY code), '|'),
		coalesce(site, ''), coalesce(depot, ''), array_to_string(ARRAY(SELECT source||':'||valeur FROM identifiant WHERE logiciel_id = l.id ORDER BY source, valeur), '|'),
		array_to_string(ARRAY(SELECT slug FROM logiciel r WHERE r.id IN (SELECT vers_id FROM logiciel_lien WHERE genre = 'REMPLACE' AND de_id = l.id) ORDER BY slug), '|'),
		nb_utilisateurs, ajoute_le, s.nom, coalesce(s.url, ''), l.revision) FROM logiciel l JOIN source s ON s.id = source_id ORDER BY nom_tri, l.id`,
	"adhesions": `SELECT concat_ws('¦', 'Adhesion:'||a.cle, g.cle, g.nom, m.cle, coalesce(m.code_insee, ''), m.nom, coalesce((SELECT cle FROM organisation v WHERE v.id = via_id), ''),
		array_to_string(services, '|'), coalesce(debut::text, ''), coalesce(fin::text, ''), CASE WHEN confirmee THEN 'true' ELSE 'false' END, s.nom, coalesce(s.url, ''), a.revision)
		FROM adhesion a, organisation g, organisation m, source s WHERE g.id = groupement_id AND m.id = membre_id AND s.id = a.source_id ORDER BY a.id`,
	"collectivites": `SELECT concat_ws('¦', 'Collectivite:'||o.cle, o.cle, coalesce(siren, ''), coalesce(code_insee, ''), o.nom, nature, coalesce(nature_juridique, ''), coalesce(population::text, ''),
		coalesce(strate, ''), departement, region, coalesce(epci, ''), coalesce(site, ''), nb_usages, s.nom, coalesce(s.url, ''), o.revision)
		FROM organisation o JOIN source s ON s.id = source_id LEFT JOIN (SELECT a.membre_id, min(g.cle) AS epci FROM adhesion a JOIN organisation g ON g.id = a.groupement_id
			WHERE g.nature = 'EPCI' AND coalesce(debut, '-infinity') <= current_date AND coalesce(fin, 'infinity') > current_date GROUP BY 1) x ON x.membre_id = o.id
		WHERE genre = 'COLLECTIVITE' AND actif ORDER BY nom_tri, o.id`,
	"syndicats": `SELECT concat_ws('¦', 'SyndicatMixte:'||o.cle, o.cle, coalesce(siren, ''), o.nom, coalesce(sigle, ''), forme, coalesce(population::text, ''), departement, region, coalesce(site, ''),
		s.nom, coalesce(s.url, ''), o.revision) FROM organisation o JOIN source s ON s.id = source_id WHERE genre = 'SYNDICAT' AND actif ORDER BY nom_tri, o.id`,
	"contrats": `SELECT concat_ws('¦', 'Contrat:'||c.cle, o.cle, o.nom, l.slug, l.nom, '', p.cle, p.nom, array_to_string(prestations, '|'), c.debut, c.fin, CASE WHEN reconductible THEN 'true' ELSE 'false' END,
		CASE c.visibilite_prix WHEN 'PUBLIC' THEN montant_annuel_centimes::text ELSE '' END, CASE WHEN hors_taxes THEN 'true' ELSE 'false' END, c.visibilite, visibilite_prix, s.nom, coalesce(s.url, ''), c.revision)
		FROM contrat c, organisation o, organisation p, logiciel l, source s
		WHERE o.id = organisation_id AND p.id = prestataire_id AND l.id = c.logiciel_id AND s.id = c.source_id AND c.visibilite = 'PUBLIC' ORDER BY c.fin, c.id`,
	"rencontres": `SELECT concat_ws('¦', 'Rencontre:'||r.cle, r.nom, sr.cle, sr.nom, to_char(r.debut, CASE r.precision_debut WHEN 'JOUR' THEN 'YYYY-MM-DD' WHEN 'MOIS' THEN 'YYYY-MM' ELSE 'YYYY' END), r.precision_debut,
		coalesce(r.fin::text, ''), CASE WHEN r.annulee THEN 'true' ELSE 'false' END, coalesce(r.lieu, ''), o.cle, o.nom, coalesce(r.site, ''), coalesce('Rencontre:'||c.cle, ''), r.description, '', array_to_string(r.themes, '|'),
		'bureautique|telephonie', 'Réseau un|'||o.nom, coalesce(r.frequentation::text, ''), coalesce(r.frequentation_compte, ''), coalesce(d.cle, ''), to_char(r.ecrit_le AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), s.nom, coalesce(s.url, ''), r.revision)
		FROM rencontre r JOIN serie_rencontres sr ON sr.id = r.serie_id JOIN organisation o ON o.id = r.commune_id JOIN source s ON s.id = r.source_id
		LEFT JOIN rencontre c ON c.id = r.cadre_id LEFT JOIN organisation d ON d.id = r.declarant_id ORDER BY r.debut DESC, r.id DESC`,
}

// rencontres are events of which the day, the month or the year is known, one in another, with all that a column tells; in
// place of those that the project ships.
var rencontres = []string{
	`DELETE FROM intervention`, `UPDATE rencontre SET cadre_id = NULL`, `DELETE FROM rencontre`,
	`INSERT INTO serie_rencontres (cle, nom, nom_tri, source_id) SELECT 'serie', 'Série', 'serie', min(id) FROM source`,
	`INSERT INTO reseau (cle, nom, nom_tri, genre, source_id) SELECT 'un', 'Réseau un', '', 'ASSOCIATION', min(id) FROM source`,
	`INSERT INTO rencontre (cle, declarant_id, serie_id, nom, lieu, commune_id, debut, precision_debut, fin, annulee, frequentation, frequentation_compte, frequentation_source_id, description, themes, source_id)
		SELECT gen_random_uuid(), CASE WHEN i % 4 = 0 THEN o.id END, s.id, 'Rencontre; ' || i, CASE WHEN i % 2 = 0 THEN 'Mairie' END, o.id, DATE '2024-12-30' + i % 3, (ARRAY['JOUR', 'MOIS', 'ANNEE'])[1 + i / 2 % 3],
			CASE WHEN i / 2 % 3 = 0 AND i % 4 = 1 THEN DATE '2025-01-02' END, i % 5 = 0, n, m, CASE WHEN n IS NOT NULL THEN s.source_id END, E'à lire,\nà dire', '{téléphonie,"a, b"}', s.source_id
		FROM (SELECT i, CASE WHEN i % 3 = 0 THEN i END AS n, CASE WHEN i % 3 = 0 THEN 'visiteurs' END AS m FROM generate_series(1, 30) i) i, (SELECT * FROM serie_rencontres WHERE cle = 'serie') s,
			(SELECT id FROM organisation WHERE nature = 'COMMUNE' ORDER BY id LIMIT 1) o`,
	`UPDATE rencontre SET cadre_id = (SELECT min(id) FROM rencontre) WHERE id = (SELECT max(id) FROM rencontre)`,
	`INSERT INTO rencontre_organisateur (rencontre_id, organisation_id, reseau_id, source_id) SELECT r.id, r.commune_id, NULL, r.source_id FROM rencontre r
		UNION ALL SELECT r.id, NULL, n.id, r.source_id FROM rencontre r, reseau n WHERE n.cle = 'un'`,
	`INSERT INTO rencontre_besoin (rencontre_id, categorie_id) SELECT r.id, c.id FROM rencontre r, categorie c WHERE c.code IN ('bureautique', 'telephonie')`,
	`INSERT INTO intervention (cle, rencontre_id, titre, genre, source_id) SELECT gen_random_uuid(), id, 'Retour', 'CONFERENCE', source_id FROM rencontre WHERE id % 2 = 0`,
	`INSERT INTO intervention_logiciel (intervention_id, logiciel_id) SELECT i.id, (SELECT id FROM logiciel ORDER BY nb_utilisateurs DESC, id LIMIT 1) FROM intervention i`,
}

func TestEachTableHoldsWhatTheDatabaseHoldsInEachFormatAtScale(t *testing.T) {
	e := reel(t)
	for _, sql := range append(slices.Clone(rencontres),
		`UPDATE usage SET version = 'v 1, "deux"; |trois', confirme_le = '2024-02-29 12:34:56.789+00', precision_debut = 'MOIS' WHERE id IN (SELECT id FROM usage WHERE debut IS NOT NULL ORDER BY id LIMIT 3)`,
		`UPDATE economie SET verifiee_par_id = beneficiaire_id, part_de_id = (SELECT min(id) FROM economie), usage_id = (SELECT min(id) FROM usage), precision_debut = 'ANNEE', debut = '2017-01-01', net_centimes = -12345
			WHERE id = (SELECT max(id) FROM economie)`,
		`UPDATE adhesion SET services = '{téléphonie,"a|b; c"}', confirmee = false, via_id = (SELECT min(id) FROM organisation), debut = '2001-01-01', fin = '2020-12-31' WHERE id = (SELECT min(id) FROM adhesion)`,
		`INSERT INTO contrat (cle, organisation_id, logiciel_id, prestataire_id, prestations, debut, fin, reconductible, montant_annuel_centimes, visibilite, visibilite_prix, source_id)
			SELECT gen_random_uuid(), (SELECT min(id) FROM organisation), min(id), (SELECT min(id) FROM organisation WHERE genre = 'PRESTATAIRE'), '{SUPPORT,MAINTENANCE}', '2024-01-01', '2027-01-01', true,
			123456, v, p, min(source_id) FROM logiciel, (VALUES ('PUBLIC', 'PUBLIC'), ('PUBLIC', 'ORGANISMES_PUBLICS'), ('PRIVE', 'PRIVE')) x (v, p) GROUP BY v, p`,
	) {
		if _, err := e.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range db.TablesExport() {
		want := colonne[string](t, e.pool, tables[d.Nom])
		if len(want) == 0 {
			t.Errorf("%s: nothing to compare", d.Nom)
		}
		formats := []string{".csv", ".csv?excel=true", ".ndjson", ".xlsx"}
		if len(want) > 20_000 { // these have nothing of their own
			formats = formats[2:3]
		}
		for _, format := range formats {
			got := read(t, d.Nom, e.must(t, nil, "/export/"+d.Nom+format))
			if len(got) != len(want) {
				t.Errorf("%s%s: %d rows, want %d", d.Nom, format, len(got), len(want))
				continue
			}
			for i := range got {
				// The separator of the comparison is nowhere in the data; the reader drops the spaces around lists' items.
				if a := strings.ReplaceAll(strings.Join(got[i], "¦"), "; c", ";c"); a != strings.ReplaceAll(want[i], "; c", ";c") {
					t.Fatalf("%s%s, row %d:\n%s\nwant\n%s", d.Nom, format, i, a, want[i])
				}
			}
		}
	}
}

func TestTheColumnsOfExportsAreNamedForPeopleAndPrograms(t *testing.T) {
	for _, d := range db.TablesExport() {
		vus := map[string]bool{}
		for _, c := range d.Colonnes {
			if c.Nom != tableau.Nom(c.Nom) || vus[c.Nom] || (c.Type != "") != (c.Genre == db.ColonneID) {
				t.Errorf("%s: column %q", d.Nom, c.Nom)
			}
			vus[c.Nom] = true
		}
		if !vus["id"] || !vus["revision"] || !vus["source"] {
			t.Errorf("%s: %v", d.Nom, vus)
		}
	}
}

// The lists of GraphQL: what the filter's type is called there, and the query that counts.
var comptes = map[string][2]string{
	"collectivites": {"FiltreCollectivites", `query($f: FiltreCollectivites) { collectivites(filtre: $f) { totalCount } }`},
	"logiciels":     {"FiltreLogiciels", `query($f: FiltreLogiciels) { logiciels(filtre: $f) { totalCount } }`},
	"usages":        {"FiltreUsages", `query($f: FiltreUsages) { usages(filtre: $f) { totalCount } }`},
	"economies":     {"FiltreEconomies", `query($f: FiltreEconomies) { economies(filtre: $f) { totalCount } }`},
	"contrats":      {"FiltreContrats", `query($f: FiltreContrats) { contrats(filtre: $f) { totalCount } }`},
	"rencontres":    {"FiltreRencontres", `query($f: FiltreRencontres) { rencontres(filtre: $f) { totalCount } }`},
	"entrees":       {"FiltreEntrees", `query($f: FiltreEntrees, $id: ID!) { catalogue(id: $id) { entrees(filtre: $f) { totalCount } } }`},
}

// tirages give values for the criteria that are no enumeration.
var tirages = map[string]string{
	"texte": `SELECT left(nom, 4) FROM logiciel UNION ALL SELECT split_part(nom, ' ', 1) FROM organisation`, "departements": `SELECT DISTINCT departement FROM usage WHERE departement <> ''`,
	"utiliseDans": `SELECT DISTINCT departement FROM usage WHERE departement <> ''`, "regions": `SELECT DISTINCT region FROM organisation WHERE region <> ''`,
	"utilise": `SELECT slug FROM logiciel WHERE nb_utilisateurs > 0`, "logiciels": `SELECT slug FROM logiciel WHERE nb_utilisateurs > 0`,
	"adherentDe": `SELECT DISTINCT g.cle FROM organisation g JOIN adhesion a ON a.groupement_id = g.id`, "licences": `SELECT DISTINCT licence FROM logiciel WHERE licence IS NOT NULL`,
	"categories": `SELECT code FROM categorie`, "echeanceAvant": `SELECT fin::text FROM contrat`, "echeanceApres": `SELECT fin::text FROM contrat`, "series": `SELECT cle FROM serie_rencontres`, "reseaux": `SELECT cle FROM reseau`, "organisations": `SELECT cle FROM organisation WHERE id IN (SELECT organisation_id FROM rencontre_organisateur)`,
	"depuis": `SELECT debut::text FROM rencontre`, "jusqua": `SELECT debut::text FROM rencontre`, "date": `SELECT DISTINCT constate_le::text FROM usage UNION SELECT DISTINCT fin::text FROM usage WHERE fin IS NOT NULL`,
}

func TestTheCriteriaOfExportsAreThoseOfTheListsAtScale(t *testing.T) {
	e := reel(t)
	api, err := graph.NewHandler(graph.Config{Store: e.store, Log: silence(t), Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.pool.Exec(t.Context(), `INSERT INTO contrat (cle, organisation_id, logiciel_id, fin, visibilite, source_id)
		SELECT gen_random_uuid(), utilisateur_id, logiciel_id, '2020-01-01'::date + id::int, CASE WHEN id % 3 = 0 THEN 'PRIVE' ELSE 'PUBLIC' END, source_id FROM usage WHERE id % 10 = 0`); err != nil {
		t.Fatal(err)
	}
	for _, sql := range rencontres {
		if _, err := e.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	graine := rand.Uint64()
	r := rand.New(rand.NewPCG(graine, 0))
	valeurs := map[string][]string{}
	for nom, sql := range tirages {
		valeurs[nom] = colonne[string](t, e.pool, sql)
	}
	catalogues := colonne[string](t, e.pool, `SELECT k.cle FROM catalogue k JOIN entree_catalogue e ON e.catalogue_id = k.id GROUP BY k.cle HAVING count(*) > 3`)
	for _, d := range db.TablesExport() {
		compte, ok := comptes[d.Nom]
		if !ok {
			continue
		}
		criteres := graph.Criteres(d.Filtre())
		vus, trouves := map[string]bool{}, 0
		for essai := range 2*len(criteres) + 8 {
			parametres, filtre := url.Values{}, map[string]any{}
			for i, c := range criteres {
				if essai < 2*len(criteres) && i != essai/2 || essai >= 2*len(criteres) && r.IntN(3) > 0 { // each alone, then some together
					continue
				}
				vus[c.Nom] = true
				choix := c.Valeurs
				if choix == nil {
					if choix = valeurs[c.Nom]; choix == nil {
						t.Fatalf("%s: this test has no values for « %s »: add some", d.Nom, c.Nom)
					}
				}
				var pris []string
				for range 1 + r.IntN(3) {
					pris = append(pris, choix[r.IntN(len(choix))])
				}
				if !c.Liste {
					pris = pris[:1]
				}
				if c.Liste && r.IntN(2) == 0 {
					parametres.Set(c.Nom, strings.Join(pris, ","))
				} else {
					parametres[c.Nom] = pris
				}
				filtre[c.Nom] = enGraphQL(c, pris)
			}
			variables := map[string]any{"f": filtre}
			if d.Nom == "entrees" {
				cle := catalogues[r.IntN(len(catalogues))]
				parametres.Set("catalogue", cle)
				variables["id"] = base64.RawURLEncoding.EncodeToString([]byte("Catalogue:" + cle))
			}
			adresse := "/export/" + d.Nom + ".ndjson?" + parametres.Encode()
			got, want := strings.Count(e.must(t, nil, adresse), "\n"), total(t, api, compte[1], variables)
			if got != want {
				t.Errorf("seed %d, %s: %d rows, %d in GraphQL", graine, adresse, got, want)
			}
			trouves += got
		}
		if len(vus) != len(criteres) || trouves == 0 {
			t.Errorf("%s: %d rows seen under %v", d.Nom, trouves, vus)
		}
	}
}

// enGraphQL writes the values of a criterion as GraphQL takes them.
func enGraphQL(c graph.Critere, valeurs []string) any {
	ids := map[string]string{"logiciels": "Logiciel:", "utilise": "Logiciel:", "adherentDe": "SyndicatMixte:", "series": "SerieRencontres:", "reseaux": "Reseau:", "organisations": "Collectivite:"}
	var out []any
	for _, v := range valeurs {
		switch {
		case ids[c.Nom] != "":
			out = append(out, base64.RawURLEncoding.EncodeToString([]byte(ids[c.Nom]+v)))
		case v == "true" || v == "false":
			out = append(out, v == "true")
		default:
			out = append(out, v)
		}
	}
	if c.Liste {
		return out
	}
	return out[0]
}

// total asks GraphQL for the only totalCount of a query.
func total(t testing.TB, api http.Handler, question string, variables map[string]any) int {
	t.Helper()
	corps, err := json.Marshal(map[string]any{"query": question, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(corps))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	_, apres, ok := strings.Cut(w.Body.String(), `"totalCount":`)
	n, err := strconv.Atoi(strings.TrimRight(apres, "}\n"))
	if !ok || err != nil {
		t.Fatalf("%s %s: %s", question, corps, w.Body)
	}
	return n
}

func TestWhatIsPrivateLeavesToItsReadersOnlyAtScale(t *testing.T) {
	e := reel(t)
	// One usage of a member through a syndicat, another of its own; nobody else's business.
	ligne := colonne[int64](t, e.pool, `SELECT unnest(x) FROM (SELECT ARRAY[u.id, u.utilisateur_id, u.syndicat_id] x FROM usage u
		JOIN organisation o ON o.id = u.utilisateur_id WHERE u.syndicat_id IS NOT NULL AND o.genre = 'COLLECTIVITE' ORDER BY u.id LIMIT 1) y`)
	usage, membre, syndicat := ligne[0], ligne[1], ligne[2]
	autre := colonne[int64](t, e.pool, `SELECT id FROM organisation WHERE genre = 'COLLECTIVITE' AND id NOT IN ($1, $2) ORDER BY id LIMIT 1`, membre, syndicat)[0]
	prestataire := colonne[int64](t, e.pool, `SELECT id FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id LIMIT 1`)[0]
	cle := colonne[string](t, e.pool, `UPDATE usage SET visibilite = 'PRIVE' WHERE id = $1 RETURNING cle::text`, usage)[0]
	interne := colonne[string](t, e.pool, `UPDATE usage SET visibilite = 'ORGANISMES_PUBLICS' WHERE id = (SELECT min(id) FROM usage WHERE visibilite = 'PUBLIC') RETURNING cle::text`)[0]
	// A public saving must not name the private usage.
	economie := colonne[string](t, e.pool, `UPDATE economie SET usage_id = $1 WHERE id = (SELECT min(id) FROM economie) RETURNING cle::text`, usage)[0]
	qui := func(role droit.Role, organisation int64, genre string, membres ...int64) *db.Identite {
		return &db.Identite{Sujet: "jeton:essai", Droits: []db.Droit{{Role: role, OrganisationID: organisation, Genre: genre, Membres: membres}}}
	}
	for nom, c := range map[string]struct {
		i                      *db.Identite
		voitPrive, voitInterne bool
	}{
		"anyone":           {nil, false, false},
		"another body":     {qui(droit.Gestionnaire, autre, "COLLECTIVITE"), false, true},
		"a prestataire":    {qui(droit.Fournisseur, prestataire, "PRESTATAIRE"), false, false},
		"its organisation": {qui(droit.Lecteur, membre, "COLLECTIVITE"), true, true},
		"its syndicat":     {qui(droit.Gestionnaire, syndicat, "SYNDICAT", membre), true, true},
		"the command line": {db.Commande("export"), true, true},
	} {
		for _, adresse := range []string{"/export/usages.csv", "/export/usages.ndjson?auDate=" + url.QueryEscape(colonne[string](t, e.pool, `SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`)[0])} {
			corps := e.must(t, c.i, adresse)
			prive, public := id("Usage", cle), id("Usage", interne)
			if strings.Contains(corps, prive) != c.voitPrive || strings.Contains(corps, public) != c.voitInterne {
				t.Errorf("%s, %s: sees private %v, internal %v", nom, adresse, !c.voitPrive, !c.voitInterne)
			}
		}
		economies := e.must(t, c.i, "/export/economies.csv")
		if !strings.Contains(economies, id("Economie", economie)) || strings.Contains(economies, id("Usage", cle)) != c.voitPrive {
			t.Errorf("%s: a saving names the private usage %v", nom, !c.voitPrive)
		}
	}
}

func id(typ, cle string) string { return base64.RawURLEncoding.EncodeToString([]byte(typ + ":" + cle)) }

func TestAnExportAtAnInstantIsWhatWasThenThere(t *testing.T) {
	e := reel(t)
	avant := e.must(t, nil, "/export/usages.ndjson")
	instant := colonne[string](t, e.pool, `SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`)[0]
	if _, err := e.pool.Exec(t.Context(), `UPDATE usage SET statut = 'ABANDONNE', version = '99' WHERE id % 5 = 0`); err != nil {
		t.Fatal(err)
	}
	if _, err := e.pool.Exec(t.Context(), `DELETE FROM usage WHERE id % 7 = 0 AND id NOT IN (SELECT usage_id FROM economie WHERE usage_id IS NOT NULL)`); err != nil {
		t.Fatal(err)
	}
	if e.must(t, nil, "/export/usages.ndjson") == avant {
		t.Error("nothing changed today")
	}
	apres := e.must(t, nil, "/export/usages.ndjson?auDate="+instant)
	trie := func(s string) []string { l := strings.Split(s, "\n"); slices.Sort(l); return l }
	if !slices.Equal(trie(apres), trie(avant)) {
		t.Error("the export of then is not that of then")
	}
	r, _ := e.ask(t, nil, "/export/usages.csv?auDate=2020-02-29")
	if d := r.Header.Get("Content-Disposition"); d != `attachment; filename=mutualibre-usages-2020-02-29.csv` {
		t.Error(d)
	}
}

func TestBadRequestsAreRefusedWithWhatWouldDo(t *testing.T) {
	e := reel(t)
	for adresse, want := range map[string][]string{
		"/export/usages.csv?departement=13":                 {"400", "« departement »", "departements", "auDate", "syndicat"},
		"/export/usages.csv?statuts=EN_COURS":               {"400", "« EN_COURS »", "PREVU, EXPERIMENTATION, PRODUCTION, ABANDONNE"},
		"/export/usages.csv?statuts=":                       {"400", "« statuts »", "vide"},
		"/export/usages.csv?libre=peut-etre":                {"400", "« libre »", "true, false"},
		"/export/usages.csv?libre=true&libre=false":         {"400", "« libre »", "2 fois"},
		"/export/usages.csv?date=hier":                      {"400", "« date »", "2017-11-15"},
		"/export/usages.csv?departements=13,99Z":            {"400", "departements"},
		"/export/usages.csv?auDate=demain":                  {"400", "« auDate »", "2026-11-22"},
		"/export/usages.csv?auDate=2999-01-01":              {"400", "à venir"},
		"/export/usages.csv?excel=oui":                      {"400", "« excel »"},
		"/export/usages.csv?syndicat=":                      {"400", "« syndicat »"},
		"/export/entrees.csv?catalogue=" + id("Usage", "x"): {"400", "« catalogue »", "Catalogue"},
		"/export/logiciels.csv?texte=a&texte=b":             {"400", "« texte »"},
		"/export/logiciels.pdf":                             {"404", "« pdf »", ".csv", ".xlsx"},
		"/export/logiciels":                                 {"404", ".ndjson"},
		"/export/mairies.csv":                               {"404", "« mairies »", "collectivites", "usages"},
		"/export/usages.csv/":                               {"404", "/export/"},
		"/export/usages.csv?version%00=1":                   {"400"},
		"/export/logiciels.csv?texte=%00":                   {"200"},
	} {
		r, corps := e.ask(t, nil, adresse)
		if r.StatusCode != 200 && r.Header.Get("Content-Type") != "application/problem+json; charset=utf-8" {
			t.Errorf("%s: %s", adresse, r.Header.Get("Content-Type"))
		}
		for _, w := range want {
			if !strings.Contains(corps, w) && strconv.Itoa(r.StatusCode) != w {
				t.Errorf("%s: %d %s, without %q", adresse, r.StatusCode, corps, w)
			}
		}
	}
}

func TestTheSummaryNamesEveryTableParameterAndColumn(t *testing.T) {
	s := sortie.Sommaire()
	for _, d := range db.TablesExport() {
		for _, c := range d.Colonnes {
			if !strings.Contains(s, c.Nom) {
				t.Error(d.Nom, c.Nom)
			}
		}
	}
	for _, w := range []string{"/export/{table}", "paramètres : texte, natures, strates, departements, regions, utilise, adherentDe, auDate, excel"} {
		if !strings.Contains(s, w) {
			t.Errorf("%q is missing from:\n%s", w, s)
		}
	}
}

func TestParentsKeepTheirOwnRowsAtScale(t *testing.T) {
	e := reel(t)
	for _, c := range []struct{ table, parametre, cles, sql string }{
		{"usages", "syndicat", `SELECT cle FROM organisation WHERE id = (SELECT syndicat_id FROM usage WHERE syndicat_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1)`,
			`SELECT count(*) FROM usage WHERE (SELECT id FROM organisation WHERE cle = $1) IN (syndicat_id, utilisateur_id)`},
		{"usages", "utilisateur", `SELECT cle FROM organisation ORDER BY nb_usages DESC LIMIT 1`, `SELECT count(*) FROM usage u JOIN organisation o ON o.id = u.utilisateur_id WHERE o.cle = $1`},
		{"adhesions", "groupement", `SELECT cle FROM organisation WHERE id = (SELECT groupement_id FROM adhesion LIMIT 1)`, `SELECT count(*) FROM adhesion a JOIN organisation o ON o.id = a.groupement_id WHERE o.cle = $1`},
		{"adhesions", "membre", `SELECT cle FROM organisation WHERE id = (SELECT membre_id FROM adhesion LIMIT 1)`, `SELECT count(*) FROM adhesion a JOIN organisation o ON o.id = a.membre_id WHERE o.cle = $1`},
		{"entrees", "syndicat", `SELECT o.cle FROM catalogue k JOIN organisation o ON o.id = k.syndicat_id JOIN entree_catalogue e ON e.catalogue_id = k.id LIMIT 1`,
			`SELECT count(*) FROM entree_catalogue e JOIN catalogue k ON k.id = e.catalogue_id JOIN organisation o ON o.id = k.syndicat_id WHERE o.cle = $1`},
		{"entrees", "logiciel", `SELECT l.slug FROM logiciel l JOIN entree_catalogue e ON e.logiciel_id = l.id LIMIT 1`, `SELECT count(*) FROM entree_catalogue e JOIN logiciel l ON l.id = e.logiciel_id WHERE l.slug = $1`},
		{"economies", "beneficiaire", `SELECT o.cle FROM organisation o JOIN economie e ON e.beneficiaire_id = o.id LIMIT 1`, `SELECT count(*) FROM economie e JOIN organisation o ON o.id = e.beneficiaire_id WHERE o.cle = $1`},
		{"economies", "logiciel", `SELECT l.slug FROM logiciel l JOIN economie e ON e.logiciel_id = l.id LIMIT 1`, `SELECT count(*) FROM economie e JOIN logiciel l ON l.id = e.logiciel_id WHERE l.slug = $1`},
	} {
		cle := colonne[string](t, e.pool, c.cles)[0]
		want := colonne[int](t, e.pool, c.sql, cle)[0]
		tous := strings.Count(e.must(t, nil, "/export/"+c.table+".ndjson"), "\n")
		var ids []string
		for _, d := range db.TablesExport() {
			for _, p := range d.Parents {
				if d.Nom == c.table && p.Nom == c.parametre {
					ids = []string{cle, id(p.Types[0], cle)}
				}
			}
		}
		if len(ids) == 0 || want == 0 || want == tous {
			t.Fatalf("%s by %s: %d of %d rows proves nothing", c.table, c.parametre, want, tous)
		}
		for _, v := range ids {
			adresse := fmt.Sprintf("/export/%s.ndjson?%s=%s", c.table, c.parametre, url.QueryEscape(v))
			if got := strings.Count(e.must(t, nil, adresse), "\n"); got != want {
				t.Errorf("%s: %d rows, want %d", adresse, got, want)
			}
		}
	}
}
