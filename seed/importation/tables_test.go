package importation_test

import (
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/seed/importation"
)

// codes are the codes of the faults, in the order of the lines.
func codes(r *importation.Rapport) string {
	var all []string
	for _, f := range r.Fautes {
		all = append(all, string(f.Code)+" "+f.Colonne)
	}
	return strings.Join(all, ", ")
}

func TestEntriesAreImportedUnderTheRightsOfTheMutations(t *testing.T) {
	b := real(t)
	entrees := importation.Demande{Table: "entrees"}
	const cat = "cat-essai"
	if _, err := b.pool.Exec(t.Context(), `INSERT INTO catalogue (cle, nom, syndicat_id, source_id) SELECT $1, 'Essai', id, source_id FROM organisation WHERE cle = $2`, cat, alpi); err != nil {
		t.Fatal(err)
	}
	const head = "catalogue;logiciel;statut;services;depuis;jusqua\r\n"
	file := head + cat + ";libreoffice;Proposée;hébergement, Support;01/03/2020;\r\n" + cat + ";moodle;En préparation;;;\r\n"
	r, _ := b.importe(b.as(t, droit.Contributeur, alpi), t, entrees, file) // may prepare, not publish
	wants(t, r, 1, 0, 0, 1)
	if codes(r) != "INTERDIT statut" {
		t.Error(codes(r))
	}
	gestion := b.as(t, droit.Gestionnaire, alpi)
	r, _ = b.importe(gestion, t, entrees, file)
	wants(t, r, 2, 0, 0, 0)
	if got := value[string](t, b, `SELECT concat_ws(' ', statut, services, depuis) FROM entree_catalogue e JOIN logiciel l ON l.id = e.logiciel_id
		JOIN catalogue k ON k.id = e.catalogue_id WHERE k.cle = $1 AND l.slug = 'libreoffice'`, cat); got != "PROPOSEE {HEBERGEMENT,SUPPORT} 2020-03-01" {
		t.Error(got)
	}
	r, _ = b.importe(gestion, t, entrees, file)
	wants(t, r, 0, 0, 2, 0)
	// One offered, one withdrawn; then nothing brings back what was withdrawn, nor offers twice at once.
	file = head + cat + ";libreoffice;Retirée;;01/03/2020;01/06/2024\r\n" + cat + ";moodle;Proposée;;01/01/2021;\r\n"
	r, _ = b.importe(gestion, t, entrees, file)
	wants(t, r, 0, 2, 0, 0)
	r, _ = b.importe(gestion, t, entrees, head+cat+";libreoffice;Proposée;;01/03/2020;\r\n"+cat+";moodle;Proposée;;01/01/2022;\r\n"+cat+";moodle;En préparation;;01/01/2021;\r\n")
	wants(t, r, 0, 0, 0, 3)
	if codes(r) != "INVALIDE statut, INVALIDE jusqua, DUPLIQUE depuis, INVALIDE statut" {
		t.Error(codes(r))
	}
	// Nobody else touches it.
	r, _ = b.importe(b.as(t, droit.Gestionnaire, sitpi), t, entrees, head+cat+";gimp;En préparation;;;\r\n")
	wants(t, r, 0, 0, 0, 1)
	if codes(r) != "INTERDIT catalogue" {
		t.Error(codes(r))
	}
}

func TestAMembershipThatAGroupementImportsGivesItNoRightUntilConfirmed(t *testing.T) {
	b := real(t)
	adhesions := importation.Demande{Table: "adhesions"}
	gestion := b.as(t, droit.Gestionnaire, alpi)
	file := "Syndicat;Code INSEE;Services;Date d'adhésion\r\n" + alpi + ";40192;Logiciels | Formation;01/01/2019\r\n"
	r, _ := b.importe(gestion, t, adhesions, file)
	wants(t, r, 1, 0, 0, 0)
	if value[bool](t, b, `SELECT confirmee FROM adhesion a JOIN organisation m ON m.id = a.membre_id JOIN organisation g ON g.id = a.groupement_id WHERE m.cle = $1 AND g.cle = $2`, montDeMarsan, alpi) {
		t.Error("a membership is confirmed by the groupement's word alone")
	}
	r, _ = b.importe(gestion, t, adhesions, file)
	wants(t, r, 0, 0, 1, 0)
	r, _ = b.importe(b.as(t, droit.Gestionnaire, alpi), t, usages, "siren;logiciel;statut\r\n"+montDeMarsan+";libreoffice;PRODUCTION\r\n")
	wants(t, r, 0, 0, 0, 1)
	r, _ = b.importe(gestion, t, adhesions, "syndicat;membre;debut;fin\r\n"+alpi+";"+montDeMarsan+";2018-01-01;2020-01-01\r\n"+sitpi+";"+montDeMarsan+";2018-01-01;\r\n")
	wants(t, r, 0, 0, 0, 2)
	if codes(r) != "DUPLIQUE debut, INTERDIT syndicat" {
		t.Error(codes(r))
	}
}

func TestSavingsAreImportedToTheCentAndNeverVerifiedByWhoSaves(t *testing.T) {
	b := real(t)
	economies := importation.Demande{Table: "economies"}
	gestion := b.as(t, droit.Gestionnaire, sitpi)
	const head = "SIREN;Logiciel;Nature;Statut;Montant brut;Coûts ponctuels;Net;Début;Horizon (années);source\r\n"
	file := head + echirolles + ";libreoffice;Licences;Constatée;1 234,56 €;34,06 €;1 200,50 €;2017;3;\r\n"
	r, _ := b.importe(gestion, t, economies, file)
	wants(t, r, 1, 0, 0, 0)
	if got := value[string](t, b, `SELECT concat_ws(' ', brut_centimes, couts_ponctuels_centimes, net_centimes, debut, precision_debut, horizon_annees) FROM economie
		WHERE brut_centimes = 123456`); got != "123456 3406 120050 2017-01-01 ANNEE 3" {
		t.Error(got)
	}
	r, _ = b.importe(gestion, t, economies, file)
	wants(t, r, 0, 0, 1, 0)
	verified := head + echirolles + ";libreoffice;Licences;Vérifiée;1 234,56 €;34,06 €;1 200,50 €;2017;3;Rapport de la chambre\r\n"
	r, _ = b.importe(gestion, t, economies, verified)
	wants(t, r, 0, 0, 0, 1)
	if codes(r) != "INTERDIT Statut" {
		t.Error(codes(r))
	}
	r, _ = b.importe(b.as(t, droit.Moderateur, ""), t, economies, verified)
	wants(t, r, 1, 0, 0, 0)
	// The word of the third party is taken back with what it verified.
	r, _ = b.importe(gestion, t, economies, strings.ReplaceAll(verified, "1 200,50", "1 100,50"))
	wants(t, r, 0, 0, 0, 1)
	r, _ = b.importe(gestion, t, economies, head+echirolles+";libreoffice;Licences;Estimée;1;;;2016;1;\r\n"+echirolles+";libreoffice;Licences;Prévue;1;;2;2015;1;\r\n"+
		echirolles+";libreoffice;Licences;Prévue;1;;;2014;99;\r\n"+arles+";libreoffice;Licences;Prévue;1;;;2014;9;\r\n")
	wants(t, r, 0, 0, 0, 4)
	if codes(r) != "REQUIS calcul, INVALIDE Net, INVALIDE Horizon (années), INTERDIT SIREN" {
		t.Error(codes(r))
	}
}

func TestWhatSourcesSayIsAskedOfWhoActsForNobody(t *testing.T) {
	b := real(t)
	file := "siren;logiciel;statut\r\n" + arles + ";inkscape;PRODUCTION\r\n"
	r, _ := b.importe(commande(t), t, usages, file)
	if codes(r) != "REQUIS source" {
		t.Error(codes(r))
	}
	url := "https://exemple.fr/releve"
	r, _ = b.importe(commande(t), t, importation.Demande{Table: "usages", Source: &db.SourceInput{Nom: "Relevé", URL: &url}}, file)
	wants(t, r, 1, 0, 0, 0)
}

func TestEveryColumnThatAnExportSaysOnceIsRead(t *testing.T) {
	kept := map[string]bool{"confirme_le": true} // by confirmerUsage alone
	for _, table := range db.TablesImport() {
		for i, c := range table.Colonnes {
			for _, e := range db.TablesExport() {
				if e.Nom == table.Nom && !e.Colonnes[i].Redite && c.Ignoree && !kept[c.Nom] {
					t.Errorf("%s.%s is not read", table.Nom, c.Nom)
				}
			}
		}
	}
}

func TestSharesImportedTogetherNeverExceedTheSavingThatTheyShare(t *testing.T) {
	b := real(t)
	economies := importation.Demande{Table: "economies"}
	gestion := b.as(t, droit.Gestionnaire, sitpi)
	const head = "beneficiaire;nature;statut;brut;debut;part_de\r\n"
	r, _ := b.importe(gestion, t, economies, head+sitpi+";MUTUALISATION;CONSTATEE;1000,00;2018;\r\n")
	wants(t, r, 1, 0, 0, 0)
	whole := identifiant.Global("Economie", value[string](t, b, `SELECT s.cle::text FROM economie s JOIN organisation o ON o.id = s.beneficiaire_id WHERE o.cle = $1 AND s.brut_centimes = 100000`, sitpi))
	other := value[string](t, b, `SELECT m.cle FROM adhesion a JOIN organisation g ON g.id = a.groupement_id JOIN organisation m ON m.id = a.membre_id
		WHERE g.cle = $1 AND m.cle <> $2 AND a.confirmee AND a.via_id IS NULL AND a.periode @> current_date ORDER BY m.cle LIMIT 1`, sitpi, echirolles)
	share := func(membre, brut string) string {
		return membre + ";MUTUALISATION;CONSTATEE;" + brut + ";2018;" + whole + "\r\n"
	}
	r, _ = b.importe(gestion, t, economies, head+share(echirolles, "600,00")+share(other, "400,01")+share(arles, "1,00"))
	wants(t, r, 1, 0, 0, 2)
	if codes(r) != "INVALIDE brut, INTERDIT beneficiaire" {
		t.Error(codes(r), r.Fautes)
	}
	r, _ = b.importe(gestion, t, economies, head+share(echirolles, "600,00")+share(other, "400,00"))
	wants(t, r, 2, 0, 0, 0)
	r, _ = b.importe(gestion, t, economies, "id;brut\r\n"+whole+";999,99\r\n")
	wants(t, r, 0, 0, 0, 1)
	r, _ = b.importe(b.as(t, droit.Moderateur, ""), t, importation.Demande{Table: "economies", Source: &db.SourceInput{Nom: "x"}}, head+share(arles, "0,00"))
	wants(t, r, 0, 0, 0, 1)
	if codes(r) != "INVALIDE part_de" {
		t.Error(codes(r), r.Fautes)
	}
}
