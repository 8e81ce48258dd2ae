package seed

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db/dbtest"
)

func fichierOctets(contenu []byte) fichier {
	return fichier{nom: "f.csv", open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(contenu)), nil }}
}

func FuzzLireCSVNeverPanicsAndYieldsCleanText(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\xef\xbb\xbfa,b\r\n\"x\ny\",2\n", "a\n\"", "a,b\n1\n\xff,\x00\n", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, contenu []byte) {
		for l, err := range readCSV(fichierOctets(contenu), ',', "a") {
			var a *Anomalie
			if err != nil && !errors.As(err, &a) {
				t.Fatal(err)
			}
			if v := l.val("a"); err == nil && (!utf8.ValidString(v) || bytes.ContainsRune([]byte(v), 0)) {
				t.Fatalf("%q", v)
			}
			if a != nil && !utf8.ValidString(a.Error()) {
				t.Fatalf("%q", a.Error())
			}
		}
	})
}

func FuzzLireJSONNeverPanics(f *testing.F) {
	for _, s := range []string{`[{"code":"01","nom":"x"}]`, `{"a":[],"softwares":[{"code":1}]}`, `[`, `{"softwares":`, `[1,"\u0000",null]`, ""} {
		f.Add([]byte(s), "")
		f.Add([]byte(s), "softwares")
	}
	f.Fuzz(func(t *testing.T, contenu []byte, cle string) {
		for e, err := range readJSON[divisionJSON](fichierOctets(contenu), cle) {
			var a *Anomalie
			if err != nil && !errors.As(err, &a) {
				t.Fatal(err)
			}
			if e.no < 0 || e.no > bytes.Count(contenu, []byte("\n"))+1 {
				t.Fatalf("line %d", e.no)
			}
		}
	})
}

// grainesLecteurs is a small sound file for each reader, on the database of prepare.
func grainesLecteurs() map[string][]string {
	return map[string][]string{
		"regions":                    {`[{"code":"93","nom":"Sud"},{"code":"975","nom":"SPM","zone":"com"}]`},
		"departements":               {`[{"code":"13","nom":"Bouches-du-Rhône","region":"93","typeLiaison":4}]`},
		"communes":                   {"code_insee,nom,type,siren,departement,region,population,commune_parente,anciens_codes\n13004,Arles,commune-actuelle,211300041,13,93,1,,13999|20004\n13998,Vieux,commune-deleguee,,13,93,,13004,\n"},
		"epci":                       {"siren,nom,nature,population_municipale\n200000172,CC Une,CC,1\n"},
		"epci-membres":               {"epci_siren,code_insee,commune_siren\n200000438,13055,211300553\n"},
		"ept":                        {`[{"code":"200057867","nom":"Plaine Commune","populationMunicipale":3,"membres":[{"code":"13055","siren":"211300553"}]}]`},
		"siren-departements-regions": {"siren,niveau,code_insee,nom,actif,remarque\n221300015,departement,13,Bouches-du-Rhône,1,\n222000028,departement,2A,Corse-du-Sud,0,fusionné dans (200076958) au 2018-01-01\n235100013,region,21,,0,\n200076958,region,94,Corse,1,\n"},
		"mouvements-communes":        {"MOD,DATE_EFF,TYPECOM_AV,COM_AV,LIBELLE_AV,TYPECOM_AP,COM_AP,LIBELLE_AP\n32,2024-01-01,COM,13999,Ancien,COM,13055,Marseille\n32,2024-01-01,COM,13999,Ancien,COMD,13999,Ancien\n"},
		"banatic-competences":        {"code,intitule\n1005,Électricité\n"},
		"banatic-groupements":        {"siren,nom,nature,departement,region,population,competences\n250601879,SM des Alpes (SICTIAM),SMO,06,93,10,9930|1004\n704930550,SI eau,SIVOM,64,75,1,\n200000438,CC,CC,13,93,1,9930\n"},
		"organismes":                 {"cle,nom,genre,nature,forme,departement,region,site,remarque\norg-x,X,SYNDICAT,,AUTRE,,,,\n"},
		"adhesions-relevees":         {"syndicat_siren,syndicat,membre,membre_siren,source\n200000438,CC,Arles,211300553,https://x.fr\n"},
		"usages-releves":             {"organisme,siren,logiciel,comptoir_id,sill_id,role,source,constate_le,postes\nArles,211300553,X,1,,utilisateur,x,2020-01-01,3\nCC,200000438,X,1,,fournisseur de service,x,,\n"},
		"economies-relevees":         {"organisme,siren,logiciel_libre,logiciel_remplace,montant_eur,nature,periode,annee_source,postes,source\nM,211300553,,,5,economie_constatee,2006-2008,,,x\nM,211300553,,,7.5,cout_remplace,,,3,x\nM,211300553,,,2.5,cout_migration,,,,x\n"},
		"tarifs":                     {"structure,structure_siren,service,critere,min,max,unite_critere,tarif_annee1_eur,tarif_annees_suivantes_eur,date_effet,source\nCC,200000438,s,postes,1,2,u,3.5,4,2026,x\nCC,200000438,idem,postes,3,,u,3.5,4,2026,x\n"},
		"label-referentiels":         {"code,nom,description,source\ncopylefts,Cinq copylefts,,x\n"},
		"label-niveaux":              {"referentiel,genre,rang,code,nom,sens,source\nr,NIVEAU,1,1,Un,,x\nr,MENTION,1,m,M,s,x\n"},
		"label-themes":               {"referentiel,code,rang,nom,description,source\nr,DONNEES,1,Données,,x\n"},
		"label-questions":            {"code,referentiel,theme,rang,texte,critere,source\nq,r,DONNEES,1,Pourquoi ?,DONNEES_OUVERTES,x\n"},
		"label-jurys":                {"annee,rang,nom,qualite,source\n2016,1,Camille Durand,Présidente,x\n"},
		"label-editions":             {"annee,nb_laureats,echelle,date_remise,referentiel,ouverture,cloture,lieu_remise,source\n2017,23,1 à 5,2017-12-05,r,2017-07-01,2017-11-15,Paris,x\n"},
		"label-laureats":             {"annee,collectivite,siren,niveau,mention,source,remarque\n2016,Marseille,211300553,4,a|b,x,\n"},
		"prestations-relevees":       {"prestataire,organisation,logiciel,types,territoires,competences,description,site,source\nM,211300553,x,SUPPORT|CONSEIL,DEPARTEMENT-13|FRANCE-FR,c,Fait.,https://x.fr,x\n"},
		"references-relevees":        {"prestataire,organisation,beneficiaire,beneficiaire_cle,nombre,logiciel,types,debut,description,source\nM,211300553,,200000438,,x,SUPPORT,2015-02,Fait.,x\nM,211300553,,,12,x,,,,x\n"},
		"reseaux":                    {"cle,nom,sigle,genre,region,organisation,site,description,source\ncnll,CNLL,,FEDERATION,,,,,x\nploss,Ploss,,ASSOCIATION_REGIONALE,93,211300553,,,x\n"},
		"reseaux-liens":              {"reseau,federation,genre,source\nun,deux,MEMBRE,x\n"},
		"series-rencontres":          {"cle,nom,sigle,site,public,description,source\nrmll,RMLL,,,,,x\n"},
		"rencontres": {"cle,serie,nom,lieu,commune,debut,fin,site,cadre,frequentation,frequentation_compte,frequentation_source,description,public,themes,besoins,organisateurs,source\n" +
			"dedans,,Dedans,,13055,2013-10-04,,,dehors,,,,,,a|b,,SOUTIEN=211300553|reseau:un,x\ndehors,serie,Dehors,,,2013-10-03,2013-10-05,,,12,visiteurs,x,,,,,,x\nmois,,Mois,,,2013-10,,,,,,,,,,,,x\n"},
		"interventions": {"cle,rencontre,titre,genre,jour,debut,fin,rang,resume,salle,intervenants,organisations,logiciels,themes,site,supports,source\n" +
			"une,une,Titre,ATELIER,2013-10-04,09:00,10:00,1,r,s,A (b)|C,211300553,x,t,,,x\n"},
		"faits":                {"sujet,organisation,logiciel,fait,valeur,unite,date,source\nM,211300553,x,f,1,u,2016,x\n"},
		"retours":              {"organisation,titre,resume,themes,date,autres_organisations,logiciels,usages,economies,faits,source\n211300553,T,R,CHOIX_OUTIL|AUTRE,2016-11,200000438,x,,,,x\n"},
		"developpements":       {"logiciel,titre,description,nature,debut,fin,cout,statut_cout,versement,url_versement,source\nx,T,D,EVOLUTION,2003,2015-02-02,12,PAYE,INTEGRE,https://x.fr,x\n"},
		"participations":       {"logiciel,titre,organisation,role,montant,source\nx,T,211300553,FINANCEUR,12,x\n"},
		"ressources-support":   {"logiciel,genre,nom,url,langue,payante,organisation,source\nx,FORUM,F,https://x.fr,fr,non,,x\n"},
		"communautes-relevees": {"logiciel,evaluee_le,nom,valeur,le,note,source\nx,2024-01-01,VERSION,1,2023,,x\nx,2024-01-01,FACTEUR_ABSENCE_12_MOIS,3,,n,https://x.fr\n"},
	}
}

// Whatever a file holds, an import ends well or says which lines are bad: PostgreSQL never has to refuse a row.
func FuzzReadersRefuseBadFilesThemselves(f *testing.F) {
	formats := append(formatsAdministratifs(), formatsFaits()...)
	graines := grainesLecteurs()
	for i, format := range formats {
		if graines[format.Nom] == nil {
			f.Errorf("no seed for %s", format.Nom)
		}
		for _, g := range graines[format.Nom] {
			f.Add(uint8(i), []byte(g))
		}
	}
	pool := dbtest.New(f)
	prepare(f, pool)
	f.Fuzz(func(t *testing.T, i uint8, contenu []byte) {
		format := formats[int(i)%len(formats)]
		_, err := executer(t.Context(), pool, []travail{{format, fichierOctets(contenu)}, {echecVoulu, fichierTexte("fin", "")}}, Options{})
		var lignes *Erreurs
		if !errors.Is(err, errVoulu) && !errors.As(err, &lignes) {
			t.Fatalf("%s: %v", format.Nom, err)
		}
	})
}

// One value at a time is replaced in a sound file: what a spreadsheet or a careless hand does.
func TestNoSingleValueMakesAReaderFailInTheDatabaseAtScale(t *testing.T) {
	pool := dbtest.New(t)
	prepare(t, pool)
	valeurs := []string{"", "-1", "99999999999", strings.Repeat("é", 3000), "2A", "200000438"}
	for nom, graines := range grainesLecteurs() {
		format, err := findFormat(nom)
		if err != nil {
			t.Fatal(err)
		}
		for _, graine := range graines {
			lignes := strings.Split(strings.TrimSuffix(graine, "\n"), "\n")
			if strings.HasPrefix(graine, "[") {
				continue // arrays are for the fuzz test
			}
			for i := 1; i < len(lignes); i++ {
				for j := range strings.Split(lignes[i], ",") {
					for _, v := range valeurs {
						champs := strings.Split(lignes[i], ",")
						champs[j] = v
						essai := slices.Clone(lignes)
						essai[i] = strings.Join(champs, ",")
						_, err := executer(t.Context(), pool, []travail{{format, fichierTexte("f.csv", strings.Join(essai, "\n"))}, {echecVoulu, fichierTexte("fin", "")}}, Options{})
						var bad *Erreurs
						if !errors.Is(err, errVoulu) && !errors.As(err, &bad) {
							t.Errorf("%s: %q: %v", nom, essai[i][:min(200, len(essai[i]))], err)
						}
					}
				}
			}
		}
	}
}

var errVoulu = errors.New("rolled back on purpose")

// echecVoulu ends the import, so that each try starts from the same database.
var echecVoulu = Format{Nom: "echec", read: func(context.Context, *chargement, fichier) error { return errVoulu }}

func prepare(f testing.TB, pool *pgxpool.Pool) {
	f.Helper()
	for _, t := range []struct{ format, contenu string }{
		{"communes", "code_insee,nom,type,siren,departement,region,population,commune_parente,anciens_codes\n13055,Marseille,commune-actuelle,211300553,13,93,2,,\n75056,Paris,commune-actuelle,217500016,75,11,3,,\n"},
		{"epci", "siren,nom,nature,population_municipale\n200000438,CC Deux,CC,1\n"},
		{"label-referentiels", "code,nom,description,source\nr,Règles,,x\n"},
		{"label-editions", "annee,nb_laureats,echelle,date_remise,referentiel,ouverture,cloture,lieu_remise,source\n2016,23,1 à 5,2016-12-05,r,,,,x\n"},
	} {
		format, err := findFormat(t.format)
		if err != nil {
			f.Fatal(err)
		}
		travaux := []travail{{format, fichierTexte(t.format, t.contenu)}}
		if t.format == "communes" {
			regions, _ := findFormat("regions")
			departements, _ := findFormat("departements")
			travaux = append([]travail{{regions, fichierEmbarque("regions.json.gz")}, {departements, fichierEmbarque("departements.json.gz")}}, travaux...)
		}
		if _, err := executer(f.Context(), pool, travaux, Options{}); err != nil {
			f.Fatal(err)
		}
	}
	if _, err := pool.Exec(f.Context(), `
		INSERT INTO logiciel (slug, nom, nom_tri, libre, ajoute_le, source_id) SELECT 'x', 'X', 'x', true, '2020-01-01', min(id) FROM source;
		INSERT INTO identifiant (source, valeur, logiciel_id, source_id) SELECT 'COMPTOIR', '1', l.id, l.source_id FROM logiciel l;
		INSERT INTO developpement (cle, logiciel_id, titre, nature, source_id) SELECT gen_random_uuid(), l.id, 'D', 'EVOLUTION', l.source_id FROM logiciel l;
		INSERT INTO reseau (cle, nom, nom_tri, genre, source_id) SELECT n, n, n, 'ASSOCIATION', min(s.id) FROM source s, unnest('{un,deux}'::text[]) n GROUP BY n;
		INSERT INTO serie_rencontres (cle, nom, nom_tri, source_id) SELECT 'serie', 'Série', 'serie', min(id) FROM source;
		INSERT INTO rencontre (cle, nom, debut, source_id) SELECT '`+cleRencontre("une")+`', 'Une', '2013-10-04', min(id) FROM source`); err != nil {
		f.Fatal(err)
	}
}
