package seed_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/seed"
)

// ligne reads one row as text: "a | b | c", "∅" for null; "" when there is none.
func ligne(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) string {
	t.Helper()
	rows, err := pool.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	lignes, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		valeurs, err := row.Values()
		mots := make([]string, len(valeurs))
		for i, v := range valeurs {
			switch v := v.(type) {
			case nil:
				mots[i] = "∅"
			case time.Time:
				mots[i] = v.Format(time.DateOnly)
			default:
				mots[i] = fmt.Sprint(v)
			}
		}
		return strings.Join(mots, " | "), err
	})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return strings.Join(lignes, "\n")
}

type attente struct{ nom, sql, want string }

func check(t *testing.T, pool *pgxpool.Pool, attentes []attente) {
	for _, a := range attentes {
		t.Run(a.nom, func(t *testing.T) {
			if got := ligne(t, pool, a.sql); got != a.want {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", a.sql, got, a.want)
			}
		})
	}
}

// One seed for every question asked of it: it reads all of France.
func TestSemerLoadsWhatTheProjectShipsAtScale(t *testing.T) {
	pool := dbtest.New(t)
	var etapes []string
	bilan, err := seed.Load(t.Context(), pool, seed.Options{Progres: func(etape string, fait, total int) {
		if fait > total {
			t.Errorf("%s: %d of %d", etape, fait, total)
		}
		etapes = append(etapes, etape)
	}})
	if err != nil {
		t.Fatal(err)
	}
	if etapes[len(etapes)-1] != "terminé" || len(etapes) != len(bilan.Rapports)+1 {
		t.Errorf("progress: %v", etapes)
	}

	t.Run("the counts that the sources announce", func(t *testing.T) { check(t, pool, comptes) })
	t.Run("who answers to a code", func(t *testing.T) { check(t, pool, codes) })
	t.Run("territories and members", func(t *testing.T) { check(t, pool, territoires) })
	t.Run("sourced facts", func(t *testing.T) { check(t, pool, faits) })

	t.Run("a fact points to a software and an organisation that are known", func(t *testing.T) {
		for _, r := range bilan.Rapports {
			for _, a := range r.Anomalies {
				if strings.Contains(a.Motif, "non reprise") || strings.Contains(a.Motif, "repris sans") {
					t.Error(a.Error())
				}
			}
		}
	})

	t.Run("a second run changes nothing and says so", func(t *testing.T) {
		avant := ligne(t, pool, `SELECT count(*), max(fin) FROM importation`)
		encore, err := seed.Load(t.Context(), pool, seed.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range encore.Rapports {
			if r.Ajouts != 0 || r.Corrections != 0 || !r.DejaLu {
				t.Error(r)
			}
		}
		if apres := ligne(t, pool, `SELECT count(*), max(fin) FROM importation`); apres != avant {
			t.Errorf("importation: %s, then %s", avant, apres)
		}
		var texte strings.Builder
		if _, err := encore.WriteTo(&texte); err != nil || !strings.Contains(texte.String(), "Rien à changer") {
			t.Errorf("%v: %s", err, texte.String())
		}
	})
}

var comptes = []attente{
	{"collectivités by nature", `SELECT nature, count(*), count(siren) FROM organisation WHERE actif AND nature <> 'ETABLISSEMENT_PUBLIC' AND nature <> 'AUTRE' GROUP BY 1 ORDER BY 1`,
		"COMMUNE | 34969 | 34875\nDEPARTEMENT | 95 | 95\nEPCI | 1255 | 1255\nEPT | 11 | 11\nREGION | 17 | 17"},
	{"ceased SIREN are kept, inactive and without code", `SELECT nature, count(*), count(code_insee) FROM organisation WHERE NOT actif GROUP BY 1 ORDER BY 1`,
		"DEPARTEMENT | 7 | 0\nREGION | 18 | 0"},
	{"syndicats by form (SILPC is not in BANATIC)", `SELECT forme, count(*) FROM organisation WHERE genre = 'SYNDICAT' GROUP BY 1 ORDER BY 1`,
		"AUTRE | 1\nPETR | 124\nPOLEM | 25\nSIVOM | 1214\nSIVU | 4738\nSMF | 1964\nSMO | 806"},
	{"every groupement of BANATIC is there", `SELECT count(*) FROM organisation WHERE nature IN ('EPCI', 'EPT') OR genre = 'SYNDICAT' AND forme <> 'AUTRE'`, "10137"},
	{"intercommunalités by legal nature", `SELECT nature_juridique, count(*) FROM organisation WHERE nature = 'EPCI' GROUP BY 1 ORDER BY 1`,
		"CA | 230\nCC | 989\nCU | 14\nMET69 | 1\nMETRO | 21"},
	{"members of intercommunalités", `SELECT count(*) FROM adhesion a JOIN organisation g ON g.id = a.groupement_id WHERE g.nature = 'EPCI' AND a.fin IS NULL`, "34871"},
	{"groupements with the competence 9930", `SELECT count(*), max(intitule) FROM competence_exercee JOIN competence USING (nomenclature, code) WHERE nomenclature = 'banatic-2021' AND code = '9930'`,
		"1038 | NTIC (Internet, câble…)"},
	{"the 2025 codes are another nomenclature, with labels", `SELECT count(*), count(intitule) FROM competence WHERE nomenclature = 'banatic-2025'`, "118 | 118"},
	{"movements of communes", `SELECT count(*), min(date_effet), max(date_effet) FROM mouvement_commune`, "13284 | 1943-02-19 | 2024-01-01"},
	{"communes without inhabitants", `SELECT count(*) FROM organisation WHERE nature = 'COMMUNE' AND population = 0`, "6"},
	{"territories", `SELECT type, count(*) FROM territoire GROUP BY 1 ORDER BY 1`, "COMMUNE | 34969\nDEPARTEMENT | 109\nEPCI | 1255\nFRANCE | 1\nREGION | 18"},
	{"no name has spaces to spare", `SELECT count(*) FROM organisation WHERE nom <> regexp_replace(trim(nom), '\s+', ' ', 'g')`, "0"},
	{"the invalid SIREN is kept out of its row, and reported", `SELECT o.nom, o.siren, (SELECT count(*) FROM anomalie WHERE valeur = '704930550') FROM organisation o WHERE cle = 'banatic-704930550'`,
		"SI eau et assainissement de la Porte d'Aspe | ∅ | 1"},
	{"all populations add up", `SELECT sum(population) FILTER (WHERE type = 'COMMUNE') = max(population) FILTER (WHERE type = 'FRANCE'),
		sum(population) FILTER (WHERE type = 'COMMUNE') = sum(population) FILTER (WHERE type = 'DEPARTEMENT') FROM territoire`, "true | true"},
	{"every active organisation can be searched by its name", `SELECT count(*) FROM organisation o WHERE actif AND NOT EXISTS (SELECT FROM recherche r WHERE r.organisation_id = o.id AND r.titre = o.nom_tri)`, "0"},
	{"rules of the label", `SELECT (SELECT count(*) FROM label_referentiel), (SELECT count(*) FROM label_niveau), (SELECT count(*) FROM label_theme), (SELECT count(*) FROM label_question), (SELECT count(*) FROM label_jury)`, "2 | 16 | 10 | 42 | 25"},
	{"the calendar of a leaflet", `SELECT ouverture, cloture FROM label_edition WHERE annee = 2017`, "2017-07-01 | 2017-11-15"},
	{"editions and laureates of the label", `SELECT (SELECT count(*) FROM label_edition), (SELECT count(*) FROM label_obtenu)`, "9 | 51"},
}

const parCode = `SELECT o.nom, o.siren, o.departement, k.actuel, k.nom, k.depuis FROM code_insee k JOIN organisation o ON o.id = k.organisation_id WHERE k.nature = '%s' AND k.code = '%s'`

var codes = []attente{
	{"an old code finds the commune nouvelle", fmt.Sprintf(parCode, "COMMUNE", "08294"), "Bazeilles | 200102325 | 08 | false | La Moncelle | 2024-01-01"},
	{"a Corsican commune", fmt.Sprintf(parCode, "COMMUNE", "2A004"), "Ajaccio | 212000046 | 2A | true | Ajaccio | ∅"},
	{"and its code of before 1976", fmt.Sprintf(parCode, "COMMUNE", "20004"), "Ajaccio | 212000046 | 2A | false | Ajaccio | 1976-01-01"},
	{"a code that a déléguée shares is the commune of today", fmt.Sprintf(parCode, "COMMUNE", "01015"), "Arboys en Bugey | 200053668 | 01 | true | Arboys en Bugey | ∅"},
	{"Saint-Denis of La Réunion", fmt.Sprintf(parCode, "COMMUNE", "97411"), "Saint-Denis | 219740115 | 974 | true | Saint-Denis | ∅"},
	{"Saint-Denis of Seine-Saint-Denis", fmt.Sprintf(parCode, "COMMUNE", "93066"), "Saint-Denis | 929939411 | 93 | true | Saint-Denis | ∅"},
	{"a merger later than the log of movements", fmt.Sprintf(parCode, "COMMUNE", "93059"), "Saint-Denis | 929939411 | 93 | false | Pierrefitte-sur-Seine | ∅"},
	{"an arrondissement municipal", fmt.Sprintf(parCode, "COMMUNE", "75101"), "Paris | 217500016 | 75 | false | Paris 1er Arrondissement | ∅"},
	{"a code given back: no loop", fmt.Sprintf(parCode, "COMMUNE", "27058"), "Les Trois Lacs | 200063782 | 27 | false | Les Trois Lacs | 2023-01-01"},
	{"Corse-du-Sud", fmt.Sprintf(parCode, "DEPARTEMENT", "2A"), "Collectivité de Corse | 200076958 | 2A | false | Corse-du-Sud | 2018-01-01"},
	{"Haute-Corse", fmt.Sprintf(parCode, "DEPARTEMENT", "2B"), "Collectivité de Corse | 200076958 | 2A | false | Haute-Corse | 2018-01-01"},
	{"the région Corse", fmt.Sprintf(parCode, "REGION", "94"), "Collectivité de Corse | 200076958 | 2A | true | Corse | ∅"},
	{"Haut-Rhin", fmt.Sprintf(parCode, "DEPARTEMENT", "68"), "Collectivité européenne d'Alsace | 200094332 | 67 | false | Haut-Rhin | 2021-01-01"},
	{"the département of Paris", fmt.Sprintf(parCode, "DEPARTEMENT", "75"), "Paris | 217500016 | 75 | true | Paris | 2019-01-01"},
	{"Martinique, département", fmt.Sprintf(parCode, "DEPARTEMENT", "972"), "Collectivité territoriale de Martinique | 200055507 | 972 | true | Martinique | ∅"},
	{"Guyane, région", fmt.Sprintf(parCode, "REGION", "03"), "Collectivité territoriale de Guyane | 200052678 | 973 | true | Collectivité territoriale de Guyane | ∅"},
	{"the Rhône", fmt.Sprintf(parCode, "DEPARTEMENT", "69"), "Département du Rhône | 226900017 | 69 | true | Rhône | ∅"},
	{"the Métropole de Lyon", fmt.Sprintf(parCode, "DEPARTEMENT", "69M"), "Métropole de Lyon | 200046977 | 69 | true | Métropole de Lyon | ∅"},
	{"a région of before 2016", fmt.Sprintf(parCode, "REGION", "21"), "Région Grand Est | 200052264 |  | false | Champagne-Ardenne | 2016-01-01"},
	{"no current commune is led elsewhere", `SELECT count(*) FROM organisation o JOIN code_insee k ON k.nature = 'COMMUNE' AND k.code = o.code_insee WHERE o.nature = 'COMMUNE' AND k.organisation_id <> o.id`, "0"},
	{"a former name finds the commune", `SELECT o.nom FROM recherche r JOIN organisation o ON o.id = r.organisation_id WHERE r.titre = 'la moncelle' AND r.alias`, "Bazeilles"},
	{"an acronym finds the syndicat", `SELECT o.siren, o.sigle FROM recherche r JOIN organisation o ON o.id = r.organisation_id WHERE r.titre = 'sictiam'`, "250601879 | SICTIAM"},
	{"names of départements read well", `SELECT string_agg(nom, ', ' ORDER BY code_insee) FROM organisation WHERE nature = 'DEPARTEMENT' AND code_insee IN ('01', '13', '28', '33', '49', '69', '976')`,
		"Département de l'Ain, Département des Bouches-du-Rhône, Département d'Eure-et-Loir, Département de la Gironde, Département de Maine-et-Loire, Département du Rhône, Département de Mayotte"},
	{"and the bare name is searched too", `SELECT o.nom FROM recherche r JOIN organisation o ON o.id = r.organisation_id WHERE titre = 'gironde' AND alias AND o.nature = 'DEPARTEMENT'`, "Département de la Gironde"},
}

var territoires = []attente{
	{"the SITPI has its ten members", `SELECT string_agg(m.nom, ', ' ORDER BY m.nom_tri) FROM adhesion a JOIN organisation g ON g.id = a.groupement_id JOIN organisation m ON m.id = a.membre_id WHERE g.sigle = 'SITPI'`,
		"Claix, Échirolles, Fontaine, Le Pont-de-Claix, Saint-Égrève, Saint-Martin-d'Uriage, Seyssinet-Pariset, Seyssins, Varces-Allières-et-Risset, Vif"},
	{"Somme Numérique has a département and fifteen EPCI", `SELECT m.nature, count(*) FROM adhesion a JOIN organisation g ON g.id = a.groupement_id JOIN organisation m ON m.id = a.membre_id WHERE g.siren = '258004365' GROUP BY 1 ORDER BY 1`,
		"DEPARTEMENT | 1\nEPCI | 15"},
	{"the commune of Lyon, its EPCI, its département, its région", `SELECT t.nom, d.nom, r.nom, f.nom FROM territoire t JOIN territoire d ON d.id = t.parent_id JOIN territoire r ON r.id = d.parent_id JOIN territoire f ON f.id = r.parent_id WHERE t.cle = 'COMMUNE-69123'`,
		"Lyon | Rhône | Auvergne-Rhône-Alpes | France"},
	{"an EPCI is under the département of its seat", `SELECT t.nom, p.code, o.departement FROM territoire t JOIN territoire p ON p.id = t.parent_id JOIN organisation o ON o.id = t.organisation_id WHERE t.cle = 'EPCI-244400404'`,
		"Nantes Métropole | 44 | 44"},
	{"the Rhône without the Métropole, and with it", `SELECT (SELECT sum(population) FROM organisation WHERE nature = 'COMMUNE' AND departement = '69') = t.population, o.population < t.population, t.organisation_id FROM territoire t, organisation o WHERE t.cle = 'DEPARTEMENT-69' AND o.siren = '226900017'`,
		"true | true | ∅"},
	{"overseas collectivités are under France, in no région", `SELECT t.nom, p.nom, o.region, o.cle FROM territoire t JOIN territoire p ON p.id = t.parent_id JOIN organisation o ON o.departement = t.code WHERE t.cle = 'DEPARTEMENT-977'`,
		"Saint-Barthélemy | France |  | insee-97701"},
	{"every commune but those of the COM and four islands has one EPCI", `SELECT string_agg(o.nom, ', ' ORDER BY o.nom_tri) FROM organisation o WHERE o.nature = 'COMMUNE' AND o.region <> '' AND NOT EXISTS (SELECT FROM adhesion a JOIN organisation g ON g.id = a.groupement_id AND g.nature = 'EPCI' WHERE a.membre_id = o.id)`,
		"Île-de-Bréhat, Île-de-Sein, L'Île-d'Yeu, Ouessant"},
	{"an EPT has its communes", `SELECT count(*) FROM adhesion a JOIN organisation g ON g.id = a.groupement_id WHERE g.nom = 'Est Ensemble'`, "9"},
	{"an EPCI renamed since BANATIC is found under its former name", `SELECT o.nom FROM recherche r JOIN organisation o ON o.id = r.organisation_id WHERE r.titre = 'cc du pays reuni d orange'`, "CC Pays d'Orange en Provence"},
}

var faits = []attente{
	{"networks and their ties", `SELECT (SELECT count(*) FROM reseau), (SELECT count(*) FROM reseau_lien), (SELECT count(*) FROM reseau_lien l JOIN reseau f ON f.id = l.federation_id WHERE f.cle = 'cnll')`, "23 | 13 | 10"},
	{"series and events, by what is known of their day", `SELECT precision_debut, count(*), count(commune_id), count(serie_id) FROM rencontre GROUP BY 1 ORDER BY 1`, "ANNEE | 14 | 10 | 14\nJOUR | 19 | 17 | 18\nMOIS | 4 | 2 | 3"},
	{"how many came to Nantes in 2009, according to whom", `SELECT debut, fin, frequentation, s.cle FROM rencontre r JOIN source s ON s.id = frequentation_source_id WHERE r.nom = 'RMLL 2009'`, "2009-07-07 | 2009-07-11 | 5500 | tnl-retours-2016"},
	{"sessions, and what they are tied to", `SELECT count(*), count(DISTINCT rencontre_id), (SELECT count(*) FROM intervention_organisation), (SELECT count(*) FROM intervention_logiciel) FROM intervention`, "21 | 10 | 11 | 1"},
	{"facts about events", `SELECT count(*), count(DISTINCT rencontre_id) FROM fait WHERE rencontre_id IS NOT NULL`, "6 | 3"},
	{"usages by source", `SELECT s.cle, count(*) FROM usage u JOIN source s ON s.id = u.source_id GROUP BY 1 ORDER BY 1`,
		"sill-maquette-2023-02 | 15\nsill-services-2022-02 | 12\ntnl-retours-2016 | 2"},
	{"CD06 is the département", `SELECT o.nom, l.slug, u.statut, u.modalite, u.debut, u.constate_le FROM usage u JOIN organisation o ON o.id = u.utilisateur_id JOIN logiciel l ON l.id = u.logiciel_id WHERE o.siren = '220600019'`,
		"Département des Alpes-Maritimes | departements-notaires | PRODUCTION | DIRECT | ∅ | 2022-02-01"},
	{"Nantes Métropole moved to LibreOffice", `SELECT u.postes, u.debut FROM usage u JOIN organisation o ON o.id = u.utilisateur_id JOIN logiciel l ON l.id = u.logiciel_id WHERE o.siren = '244400404' AND l.slug = 'libreoffice'`, "5000 | 2015-01-01"},
	{"syndicats that offer S²LOW", `SELECT c.nom, e.statut, e.services::text FROM entree_catalogue e JOIN catalogue c ON c.id = e.catalogue_id JOIN logiciel l ON l.id = e.logiciel_id WHERE l.slug = 's2low' ORDER BY 1`,
		"Catalogue d'AGEDI | PROPOSEE | {HEBERGEMENT}\nCatalogue d'ALPI | PROPOSEE | {HEBERGEMENT}\nCatalogue de MEGALIS BRETAGNE | PROPOSEE | {HEBERGEMENT}\nCatalogue de SILPC | PROPOSEE | {HEBERGEMENT}"},
	{"who is known to maintain S²LOW", `SELECT o.nom, p.types::text, p.territoires::text FROM prestation p JOIN organisation o ON o.id = p.prestataire_id JOIN logiciel l ON l.id = p.logiciel_id WHERE l.slug = 's2low' AND 'MAINTENANCE' = ANY (p.types)`,
		"Libriciel SCOP | {DEVELOPPEMENT,MAINTENANCE} | ∅"},
	{"references are what documents tell", `SELECT etat, attestation, count(*), count(beneficiaire_id) FROM reference_prestation GROUP BY 1, 2`, "CONFIRMEE | DOCUMENT | 10 | 8"},
	{"ADULLACT hosts eight of them", `SELECT count(*) FROM prestation p JOIN organisation o ON o.id = p.prestataire_id WHERE o.cle = 'org-adullact'`, "8"},
	{"Arles: what circulates stays apart", `SELECT statut, brut_centimes / 100, net_centimes, debut, horizon_annees FROM economie e JOIN organisation o ON o.id = e.beneficiaire_id WHERE o.siren = '211300041' ORDER BY 1, 5`,
		"ANNONCEE | 780000 | ∅ | ∅ | 10\nANNONCEE | 780000 | ∅ | ∅ | ∅\nCONSTATEE | 410000 | ∅ | 2006-01-01 | 3\nPOTENTIELLE | 780000 | ∅ | ∅ | ∅\nPREVUE | 780000 | ∅ | ∅ | 5"},
	{"Toulouse: the source gives gross, cost and net", `SELECT statut, brut_centimes / 100, couts_ponctuels_centimes / 100, net_centimes / 100, horizon_annees, annee_prix FROM economie e JOIN organisation o ON o.id = e.beneficiaire_id WHERE o.siren = '213105554'`,
		"CONSTATEE | 1800000 | 800000 | 1000000 | 3 | ∅"},
	{"Rennes: the same, planned, over a contract of unknown length", `SELECT statut, brut_centimes / 100, couts_ponctuels_centimes / 100, net_centimes / 100, horizon_annees FROM economie e JOIN organisation o ON o.id = e.beneficiaire_id WHERE o.siren = '243500139'`,
		"PREVUE | 700000 | 200000 | 500000 | ∅"},
	{"amounts that are prices or costs", `SELECT genre, count(*) FROM reference_prix GROUP BY 1 ORDER BY 1`,
		"COUT_ANNUEL | 1\nCOUT_DEVELOPPEMENT | 1\nCOUT_EVITE | 1\nCOUT_MIGRATION | 2\nCOUT_REMPLACE | 2\nINVESTISSEMENT | 1\nPRIX_UNITAIRE | 1\nTARIF | 21"},
	{"a published amount is never recomputed", `SELECT premiere_annee_centimes FROM reference_prix WHERE critere = 'postes' AND minimum = 10`, "378984"},
	{"idem is the service of the row above", `SELECT DISTINCT split_part(r.libelle, ' ; ', 1) FROM reference_prix r JOIN organisation o ON o.id = r.organisation_id WHERE o.cle = 'org-cdg-38'`,
		"S²LOW, i-parapheur, Pastell, mails sécurisés, PESv2"},
	{"36 or 37: as published", `SELECT laureats, echelle FROM label_edition WHERE annee = 2025`, "36 ou 37 | Badge, Bronze, Argent, Or"},
	{"Morbihan Énergies is a syndicat of BANATIC", `SELECT o.siren, b.niveau FROM label_obtenu b JOIN organisation o ON o.id = b.organisation_id JOIN nom_alternatif n ON n.organisation_id = o.id WHERE n.nom = 'Morbihan Énergies'`, "255601106 | Or"},
	{"mentions are a list", `SELECT o.nom, b.niveau, b.mentions::text FROM label_obtenu b JOIN organisation o ON o.id = b.organisation_id WHERE o.cle = 'org-parc-national-des-ecrins'`,
		"Parc national des Écrins | ∅ | {\"Meilleure première candidature\",Mutualisation}"},
	{"what ALPI and SICTIAM were said to offer", `SELECT o.sigle, f.valeur, f.date FROM fait f JOIN organisation o ON o.id = f.organisation_id WHERE f.fait = 'catalogue_part_libre' ORDER BY 1`,
		"ALPI | majorité | 2016-02-26\nSICTIAM | peu ou pas | 2016-02-26"},
	{"a name that may be several stays text", `SELECT organisation_id, sujet FROM fait WHERE sujet = 'Saint-Joseph'`, "∅ | Saint-Joseph"},
	{"facts about software", `SELECT l.slug, count(*) FROM fait f JOIN logiciel l ON l.id = f.logiciel_id GROUP BY 1 ORDER BY 1`, "opencimetiere | 1\nopencourrier | 1\nopenelec | 3"},
	{"every fact has a source, none is synthetic", `SELECT count(*) FROM source WHERE synthetique OR nom ~ '[0-9a-f]{16}'`, "0"},
}

func TestSemerStopsWhenAsked(t *testing.T) {
	pool := dbtest.New(t)
	ctx, arret := context.WithCancel(t.Context())
	_, err := seed.Load(ctx, pool, seed.Options{Progres: func(_ string, fait, _ int) {
		if fait == 2 {
			arret()
		}
	}})
	if err == nil {
		t.Fatal("a cancelled seed succeeded")
	}
	if got := ligne(t, pool, `SELECT count(*) FROM organisation`); got != "0" {
		t.Errorf("%s organisations left", got)
	}
}

func TestAFileDoesNotOverwriteWhatAnOrganisationWroteAtScale(t *testing.T) {
	pool := france(t)
	if err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `SET LOCAL mutualibre.tenu = 'oui'; UPDATE usage SET postes = 4999 WHERE postes = 5000;
			SET LOCAL mutualibre.tenu = 'non'; UPDATE logiciel SET site = 'https://perdu.example/' WHERE slug = 'libreoffice'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := seed.Load(t.Context(), pool, seed.Options{}); err != nil {
		t.Fatal(err)
	}
	var kept, lost int
	if err := pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM usage WHERE postes = 4999), (SELECT count(*) FROM logiciel WHERE site = 'https://perdu.example/')`).Scan(&kept, &lost); err != nil {
		t.Fatal(err)
	}
	if kept == 0 || lost != 0 {
		t.Errorf("%d corrections of an organisation kept, %d other ones", kept, lost)
	}
	var signed int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM journal j JOIN publication p ON p.id = j.publication_id WHERE p.operation = 'import' AND j.nom_table = 'logiciel'`).Scan(&signed); err != nil || signed != 1 {
		t.Errorf("%d corrections of software by a file in the journal, want 1: %v", signed, err)
	}
}
