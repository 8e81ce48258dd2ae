package seed_test

import (
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db/dbtest"
	"github.com/mutualibre/mutualibre/seed"
)

// socle is a database with régions, départements and two communes.
func socle(t testing.TB) *pgxpool.Pool {
	pool := dbtest.New(t)
	readFichiers(t, pool, "regions", "donnees/regions.json.gz")
	readFichiers(t, pool, "departements", "donnees/departements.json.gz")
	readFichiers(t, pool, "communes", write(t, "communes.csv", communesCSV))
	return pool
}

const enteteCommunes = "code_insee,nom,type,siren,departement,region,population,commune_parente,anciens_codes\n"

const communesCSV = enteteCommunes +
	"13004,Arles,commune-actuelle,211300041,13,93,50000,,\n" +
	"13055,Marseille,commune-actuelle,211300553,13,93,870000,,\n"

func write(t testing.TB, nom, contenu string) string {
	t.Helper()
	chemin := filepath.Join(t.TempDir(), nom)
	if err := os.WriteFile(chemin, []byte(contenu), 0o600); err != nil {
		t.Fatal(err)
	}
	return chemin
}

func readFichiers(t testing.TB, pool *pgxpool.Pool, format string, chemins ...string) []seed.Rapport {
	t.Helper()
	rapports, err := seed.Import(t.Context(), pool, format, chemins, seed.Options{})
	if err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return rapports
}

func TestTwoImportsAtOnceWaitForEachOther(t *testing.T) {
	pool := socle(t)
	fichier := write(t, "epci.csv", "siren,nom,nature,population_municipale\n200000172,CC Une,CC,1\n")
	ajouts := make(chan int, 4)
	for range cap(ajouts) {
		go func() {
			rapports, err := seed.Import(t.Context(), pool, "epci", []string{fichier}, seed.Options{})
			if err != nil {
				t.Error(err)
				ajouts <- -1
				return
			}
			ajouts <- rapports[0].Ajouts
		}()
	}
	total := 0
	for range cap(ajouts) {
		total += <-ajouts
	}
	if total != 2 { // the organisation and its territory, once
		t.Errorf("%d rows added", total)
	}
}

func TestABadFileSaysWhereWhatAndWhyAndChangesNothing(t *testing.T) {
	pool := socle(t)
	for nom, c := range map[string]struct {
		format, contenu string
		want            []string // one message per bad line, in full
	}{
		"a wrong SIREN": {"communes", enteteCommunes + "13004,Arles la Neuve,commune-actuelle,211300041,13,93,1,,\n13055,Marseille,commune-actuelle,211300552,13,93,2,,\n",
			[]string{"fichier.csv, ligne 3, colonne « siren », valeur « 211300552 » : ce SIREN n'existe pas : sa clé de contrôle (formule de Luhn) est fausse"}},
		"every bad line is reported": {"communes", enteteCommunes + "1300,Arles,commune-actuelle,211300041,13,93,1,,\n13055,,commune-actuelle,211300553,13,93,2,,\n13056,X,commune-actuelle,,13,93,beaucoup,,\n13057,Y,hameau,,13,93,,,\n",
			[]string{
				"fichier.csv, ligne 2, colonne « code_insee », valeur « 1300 » : « 1300 » n'est pas un code INSEE de commune (cinq caractères, comme 13004, 2A004 ou 97411)",
				"fichier.csv, ligne 3, colonne « nom » : le nom manque",
				"fichier.csv, ligne 4, colonne « population », valeur « beaucoup » : un nombre entier était attendu",
				"fichier.csv, ligne 5, colonne « type », valeur « hameau » : ce type n'est pas connu (commune-actuelle, commune-deleguee, commune-associee ou arrondissement-municipal)",
			}},
		"a missing column is named": {"epci", "siren;nom\n200000172;CC\n",
			[]string{"fichier.csv, ligne 1, colonne « siren, nom, nature, population_municipale » : l'en-tête n'a pas cette colonne (séparateur attendu : « , » ; colonnes attendues : siren, nom, nature, population_municipale)"}},
		"a row of another width": {"epci", "siren,nom,nature,population_municipale\n200000172,CC,CC\n", []string{"fichier.csv, ligne 2 : cette ligne n'a pas le même nombre de champs que l'en-tête"}},
		"an empty file":          {"epci", "", []string{"fichier.csv : le fichier est vide"}},
		"text that is not UTF-8": {"epci", "siren,nom,nature,population_municipale\n200000172,CC de l'\xe9t\xe9,CC,1\n",
			[]string{"fichier.csv, ligne 2, colonne « nom », valeur « CC de l'�t� » : ce texte n'est pas en UTF-8"}},
		"a NUL": {"epci", "siren,nom,nature,population_municipale\n200000172,C\x00C,CC,1\n",
			[]string{"fichier.csv, ligne 2, colonne « nom », valeur « C�C » : ce texte contient un caractère nul"}},
		"the SIREN of a commune for an EPCI": {"epci", "siren,nom,nature,population_municipale\n211300041,CC,CC,1\n",
			[]string{"fichier.csv, ligne 2, colonne « siren », valeur « 211300041 » : ce SIREN est déjà celui d'une organisation d'un autre genre"}},
		"a fact without a source": {"economies-relevees", "organisme,siren,logiciel_libre,logiciel_remplace,montant_eur,nature,periode,annee_source,postes,source\nArles,211300041,,,1,economie_prevue,,,,\n",
			[]string{"fichier.csv, ligne 2, colonne « source » : la source manque ou dépasse 1 000 caractères : un fait sans source n'est pas repris"}},
		"an amount that is none": {"economies-relevees", "organisme,siren,logiciel_libre,logiciel_remplace,montant_eur,nature,periode,annee_source,postes,source\nArles,211300041,,,12.345,economie_prevue,,,,x\n",
			[]string{"fichier.csv, ligne 2, colonne « montant_eur », valeur « 12.345 » : un montant en euros était attendu, comme 780000 ou 48907.20"}},
		"JSON of another shape": {"regions", "[\n{\"code\": \"93\", \"nom\": \"Sud\"},\n{\"code\": 11}\n]",
			[]string{"fichier.csv, ligne 3, colonne « code », valeur « {\"code\": 11} » : cet élément n'a pas la forme attendue"}},
		"JSON cut short": {"regions", "[\n{\"code\": \"93\", \"nom\": \"Sud\"},\n",
			[]string{"fichier.csv, ligne 3 : le tableau JSON n'est pas fermé : fichier incomplet ?"}},
	} {
		t.Run(nom, func(t *testing.T) {
			etat := func() string {
				return ligne(t, pool, `SELECT nom, siren, population FROM organisation ORDER BY 1`) + ligne(t, pool, `SELECT count(*) FROM importation`) +
					ligne(t, pool, `SELECT nom FROM territoire ORDER BY cle`) + ligne(t, pool, `SELECT count(*) FROM source`)
			}
			avant := etat()
			_, err := seed.Import(t.Context(), pool, c.format, []string{write(t, "fichier.csv", c.contenu)}, seed.Options{})
			var erreurs *seed.Erreurs
			if !errors.As(err, &erreurs) {
				t.Fatalf("got %v", err)
			}
			var got []string
			for _, a := range erreurs.Anomalies {
				got = append(got, a.Error())
			}
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if !strings.HasPrefix(err.Error(), "import refusé, rien n'a été modifié : ") {
				t.Errorf("message: %v", err)
			}
			if apres := etat(); apres != avant {
				t.Errorf("the database changed:\n%s\n%s", avant, apres)
			}
		})
	}
}

func TestOneBadFileOfSeveralRefusesThemAll(t *testing.T) {
	pool := socle(t)
	bon := write(t, "bon.csv", "siren,nom,nature,population_municipale\n200000172,CC Une,CC,1\n")
	mauvais := write(t, "mauvais.csv", "siren,nom,nature,population_municipale\n200000438,CC Deux,ZZ,1\n")
	pire := write(t, "pire.csv", "siren,nom,nature,population_municipale\n200000545,,CC,1\n")
	_, err := seed.Import(t.Context(), pool, "epci", []string{bon, mauvais, pire}, seed.Options{})
	var erreurs *seed.Erreurs
	if !errors.As(err, &erreurs) || len(erreurs.Anomalies) != 2 || erreurs.Anomalies[0].Fichier != "mauvais.csv" || erreurs.Anomalies[1].Fichier != "pire.csv" {
		t.Fatalf("got %v", err)
	}
	if got := ligne(t, pool, `SELECT count(*) FROM organisation WHERE nature = 'EPCI'`); got != "0" {
		t.Errorf("%s EPCI written", got)
	}
}

func TestAThousandBadLinesAreEnough(t *testing.T) {
	pool := socle(t)
	contenu := "siren,nom,nature,population_municipale\n" + strings.Repeat("1,X,CC,1\n", 1500)
	_, err := seed.Import(t.Context(), pool, "epci", []string{write(t, "f.csv", contenu)}, seed.Options{})
	var erreurs *seed.Erreurs
	if !errors.As(err, &erreurs) || len(erreurs.Anomalies) != seed.MaxErreurs || !erreurs.Tronque {
		t.Fatalf("got %v", err)
	}
	if n := strings.Count(err.Error(), "\n"); n != 11 {
		t.Errorf("%d lines of message", n)
	}
}

func TestAFileReadAgainCorrectsOnlyWhatDiffers(t *testing.T) {
	pool := socle(t)
	meme := readFichiers(t, pool, "communes", write(t, "communes.csv", communesCSV))[0]
	if meme.Ajouts != 0 || meme.Corrections != 0 || !meme.DejaLu || !strings.Contains(meme.String(), "déjà lu, rien à changer") {
		t.Errorf("the same file: %v", meme)
	}
	ids := `SELECT siren, id, xmin FROM organisation WHERE siren = '211300553'`
	avant := ligne(t, pool, ids)
	autre := readFichiers(t, pool, "communes", write(t, "communes.csv", strings.Replace(communesCSV, "50000", "50001", 1)))[0]
	if autre.Ajouts != 0 || autre.Corrections != 2 || autre.DejaLu { // the organisation and its territory
		t.Errorf("one population changed: %v", autre)
	}
	if apres := ligne(t, pool, ids); apres != avant {
		t.Errorf("a row that did not change was written: %s, then %s", avant, apres)
	}
}

func TestAByteOrderMarkAndGzipAreReadThrough(t *testing.T) {
	pool := socle(t)
	chemin := filepath.Join(t.TempDir(), "epci.csv.gz")
	f, err := os.Create(chemin)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if _, err := z.Write([]byte("\xef\xbb\xbfnom,siren,population_municipale,nature,en trop\r\n\"CC  \"\"Une\"\" \",200000172,12,CC,x\r\n")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	r := readFichiers(t, pool, "epci", chemin)[0]
	if r.Fichier != "epci.csv" || r.Ajouts != 2 {
		t.Error(r)
	}
	if got := ligne(t, pool, `SELECT nom, nom_tri, population FROM organisation WHERE siren = '200000172'`); got != `CC "Une" | cc une | 12` {
		t.Error(got)
	}
}

func TestACommuneAbsorbedInALaterListStaysUnderItsSIREN(t *testing.T) {
	pool := socle(t)
	readFichiers(t, pool, "communes", write(t, "communes.csv", enteteCommunes+
		"13055,Marseille-Arles,commune-actuelle,211300553,13,93,920000,,\n13004,Arles,commune-deleguee,,13,93,,13055,\n"))
	if got := ligne(t, pool, `SELECT o.siren, k.actuel, (SELECT actif FROM organisation WHERE siren = '211300041') FROM code_insee k JOIN organisation o ON o.id = k.organisation_id WHERE code = '13004'`); got != "211300553 | false | false" {
		t.Error(got)
	}
	if got := ligne(t, pool, `SELECT count(*) FROM territoire WHERE cle = 'COMMUNE-13004'`); got != "0" {
		t.Error("the absorbed commune is still a territory")
	}
}

func TestACommuneThatLeavesItsIntercommunaliteIsSeenToLeave(t *testing.T) {
	pool := socle(t)
	readFichiers(t, pool, "epci", write(t, "epci.csv", "siren,nom,nature,population_municipale\n200000172,CC Une,CC,1\n"))
	entete := "epci_siren,code_insee,commune_siren\n"
	readFichiers(t, pool, "epci-membres", write(t, "m.csv", entete+"200000172,13004,211300041\n200000172,13055,211300553\n"))
	moins := write(t, "m.csv", entete+"200000172,13055,211300553\n")
	if r := readFichiers(t, pool, "epci-membres", moins)[0]; r.Corrections != 1 {
		t.Error(r)
	}
	membres := `SELECT o.nom, a.fin IS NULL FROM adhesion a JOIN organisation o ON o.id = a.membre_id ORDER BY 1`
	if got := ligne(t, pool, membres); got != "Arles | false\nMarseille | true" {
		t.Error(got)
	}
	if r := readFichiers(t, pool, "epci-membres", moins)[0]; r.Corrections != 0 {
		t.Error("ended twice:", r)
	}
	readFichiers(t, pool, "epci-membres", write(t, "m.csv", entete+"200000172,13004,211300041\n200000172,13055,211300553\n"))
	if got := ligne(t, pool, membres); got != "Arles | true\nMarseille | true" {
		t.Error(got)
	}
}

func TestADatedMembershipIsNotSaidAgainWithoutItsDates(t *testing.T) {
	pool := socle(t)
	readFichiers(t, pool, "epci", write(t, "epci.csv", "siren,nom,nature,population_municipale\n200000172,CC Une,CC,1\n"))
	if _, err := pool.Exec(t.Context(), `
		INSERT INTO adhesion (groupement_id, membre_id, debut, source_id)
		SELECT g.id, m.id, '2020-01-01', g.source_id FROM organisation g, organisation m WHERE g.siren = '200000172' AND m.siren = '211300041'`); err != nil {
		t.Fatal(err)
	}
	fichier := write(t, "a.csv", "syndicat_siren,syndicat,membre,membre_siren,source\n200000172,CC,Arles,211300041,https://exemple.fr\n200000172,CC,Marseille,211300553,https://exemple.fr\n")
	if r := readFichiers(t, pool, "adhesions-relevees", fichier)[0]; r.Ajouts != 1 || r.Inchanges != 1 {
		t.Error(r)
	}
}

func TestAnUnknownNameIsReportedAndNeverGuessed(t *testing.T) {
	pool := socle(t)
	r := readFichiers(t, pool, "economies-relevees", write(t, "e.csv", "organisme,siren,logiciel_libre,logiciel_remplace,montant_eur,nature,periode,annee_source,postes,source\n"+
		"Mairie de Quelque Part,,,,10,economie_prevue,,,,https://exemple.fr/page\nArles,211300041,Chose,,10.5,economie_prevue,5 ans,,,https://exemple.fr/page\n"))[0]
	if r.Ajouts != 1 || len(r.Anomalies) != 2 {
		t.Fatal(r)
	}
	if got := ligne(t, pool, `SELECT brut_centimes, logiciel_id, s.cle, s.nom FROM economie e JOIN source s ON s.id = e.source_id`); got != "1050 | ∅ | https://exemple.fr/page | exemple.fr" {
		t.Error(got)
	}
	if got := ligne(t, pool, `SELECT fichier, ligne, colonne, valeur FROM anomalie ORDER BY ligne`); got != "e.csv | 2 | organisme | Mairie de Quelque Part\ne.csv | 3 | logiciel_libre | Chose" {
		t.Error(got)
	}
}

func TestFormatsAreNamedOnceAndDescribed(t *testing.T) {
	vus := map[string]bool{}
	for _, f := range seed.Formats() {
		if vus[f.Nom] || f.Description == "" {
			t.Errorf("format %+v", f.Nom)
		}
		vus[f.Nom] = true
	}
	_, err := seed.Import(t.Context(), nil, "excel", nil, seed.Options{})
	if !errors.Is(err, seed.ErrFormat) || !strings.Contains(err.Error(), "communes") {
		t.Error(err)
	}
}

func TestAMissingOrBrokenFileIsSaidPlainly(t *testing.T) {
	pool := socle(t)
	for chemin, want := range map[string]string{
		filepath.Join(t.TempDir(), "absent.csv"): "absent.csv : le fichier ne s'ouvre pas",
		write(t, "abime.csv.gz", "pas du gzip"):  "ce fichier .gz est abîmé",
	} {
		if _, err := seed.Import(t.Context(), pool, "epci", []string{chemin}, seed.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", chemin, err)
		}
	}
}

func TestADateIsAsPreciseAsItsSource(t *testing.T) {
	pool := socle(t)
	readFichiers(t, pool, "categories", "donnees/categories.csv")
	readFichiers(t, pool, "logiciels", "donnees/logiciels-cites.csv")
	const entete = "organisme,siren,logiciel,comptoir_id,sill_id,role,source,debut,constate_le\n"
	ligne := func(siren, debut string) string {
		return "x," + siren + ",LibreOffice,33,,utilisateur,https://exemple.fr/" + debut + "," + debut + ",2020-01-01\n"
	}
	readFichiers(t, pool, "usages-releves", write(t, "usages.csv", entete+ligne("211300041", "2015")+ligne("211300041", "2015-03")+ligne("211300041", "2015-03-17")+ligne("211300553", "")))
	rows, err := pool.Query(t.Context(), `SELECT coalesce(debut::text, '') || ' ' || precision_debut FROM usage ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if want := []string{" JOUR", "2015-01-01 ANNEE", "2015-03-01 MOIS", "2015-03-17 JOUR"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q (%v), want %q", got, err, want)
	}
	for _, debut := range []string{"mars 2015", "1850", "2015-13", "2015-03-32"} {
		_, err := seed.Import(t.Context(), pool, "usages-releves", []string{write(t, "usages.csv", entete+ligne("211300041", debut))}, seed.Options{})
		var a *seed.Anomalie
		if !errors.As(err, &a) || a.Colonne != "debut" || a.Valeur != debut || a.Ligne != 2 {
			t.Errorf("%s: %v", debut, err)
		}
	}
}

// An end of which only the year is known may follow a beginning known to the day.
func TestADevelopmentMayEndInTheYearInWhichItBegan(t *testing.T) {
	pool := socle(t)
	readFichiers(t, pool, "categories", "donnees/categories.csv")
	readFichiers(t, pool, "logiciels", "donnees/logiciels-cites.csv")
	const entete = "logiciel,titre,description,nature,debut,fin,cout,statut_cout,versement,url_versement,source\n"
	ligne := func(fin string) string {
		return entete + "libreoffice,Export,,EVOLUTION,2016-03-15," + fin + ",,,INTEGRE,,https://exemple.fr/\n"
	}
	readFichiers(t, pool, "developpements", write(t, "developpements.csv", ligne("2016")))
	_, err := seed.Import(t.Context(), pool, "developpements", []string{write(t, "developpements.csv", ligne("2015"))}, seed.Options{})
	var a *seed.Anomalie
	if !errors.As(err, &a) || a.Colonne != "fin" {
		t.Error(err)
	}
}
