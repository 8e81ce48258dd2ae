package importation_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/seed/importation"
)

var usages = importation.Demande{Table: "usages"}

// usageDe is the public id of the only usage of a software by an organisation that a test imported.
func (b *base) usageDe(t testing.TB, organisation, logiciel, version string) string {
	return identifiant.Global("Usage", value[string](t, b, `SELECT u.cle::text FROM usage u JOIN organisation o ON o.id = u.utilisateur_id JOIN logiciel l ON l.id = u.logiciel_id
		WHERE o.cle = $1 AND l.slug = $2 AND u.version = $3`, organisation, logiciel, version))
}

func TestALineIsReadAsPeopleWriteIt(t *testing.T) {
	b := real(t)
	nom := value[string](t, b, `SELECT nom FROM logiciel WHERE slug = 'libreoffice'`)
	r, _ := b.importe(b.as(t, droit.Gestionnaire, sitpi), t, usages,
		"Code INSEE;Logiciel;Statut;Syndicat mixte;Nombre de postes;Version;Mise en service;Remplacé par qui\r\n"+
			"38151;"+strings.ToUpper(nom)+";En production;253 800 700;1 200;test-7;novembre 2017;Toto\r\n")
	wants(t, r, 1, 0, 0, 0)
	if len(r.ColonnesIgnorees) != 1 || r.Publication == nil || !r.Ecrit {
		t.Errorf("%+v", r)
	}
	got := value[string](t, b, `SELECT concat_ws(' ', o.cle, l.slug, u.statut, u.modalite, sy.cle, u.postes, u.debut, u.precision_debut, s.cle)
		FROM usage u JOIN organisation o ON o.id = u.utilisateur_id JOIN logiciel l ON l.id = u.logiciel_id JOIN organisation sy ON sy.id = u.syndicat_id
		JOIN source s ON s.id = u.source_id WHERE u.version = 'test-7'`)
	if want := echirolles + " libreoffice PRODUCTION VIA_SYNDICAT " + sitpi + " 1200 2017-11-01 MOIS declaration-" + sitpi; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEveryEncodingAndFormatSaysTheSame(t *testing.T) {
	const text = "SIREN;Logiciel;Statut;Version;Mise en service;Nombre de postes\r\n" + echirolles + ";libreoffice;Abandonné;été 7;15/03/2019;12\r\n"
	latin, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	book := excelize.NewFile()
	for i, row := range [][]any{{"SIREN", "Logiciel", "Statut", "Version", "Mise en service", "Nombre de postes"}, {echirolles, "libreoffice", "Abandonné", "été 7", "15/03/2019", 12}} {
		if err := book.SetSheetRow("Sheet1", "A"+string(rune('1'+i)), &row); err != nil {
			t.Fatal(err)
		}
	}
	var xlsx bytes.Buffer
	if err := book.Write(&xlsx); err != nil {
		t.Fatal(err)
	}
	b := real(t)
	ctx := b.as(t, droit.Gestionnaire, sitpi)
	r, _ := b.importe(ctx, t, usages, text)
	wants(t, r, 1, 0, 0, 0)
	for nom, contenu := range map[string]string{
		"cp1252": latin, "UTF-8 with a byte order mark": "\ufeff" + text, "XLSX": xlsx.String(), "tabs": strings.ReplaceAll(text, ";", "\t"),
		"JSON lines": `{"siren":"` + echirolles + `","logiciel":"libreoffice","statut":"ABANDONNE","version":"été 7","debut":"2019-03-15","postes":12}` + "\n",
	} {
		t.Run(nom, func(t *testing.T) {
			r, _ := b.importe(ctx, t, usages, contenu)
			wants(t, r, 0, 0, 1, 0)
		})
	}
}

func TestAnEmptyCellErasesWithAnIdAndSaysNothingWithoutOne(t *testing.T) {
	b := real(t)
	ctx := b.as(t, droit.Gestionnaire, sitpi)
	const head = "id;utilisateur;logiciel;statut;postes;version\r\n"
	r, _ := b.importe(ctx, t, usages, head+";"+echirolles+";libreoffice;PRODUCTION;40;v1\r\n")
	wants(t, r, 1, 0, 0, 0)
	id := b.usageDe(t, echirolles, "libreoffice", "v1")
	r, _ = b.importe(ctx, t, usages, head+";"+echirolles+";libreoffice;;;\r\n")
	wants(t, r, 0, 0, 1, 0)
	r, _ = b.importe(ctx, t, usages, "id;version\r\n"+id+";v1\r\n") // absent columns leave
	wants(t, r, 0, 0, 1, 0)
	r, _ = b.importe(ctx, t, usages, `{"id":"`+id+`","version":"v1"}`+"\n") // so do absent keys
	wants(t, r, 0, 0, 1, 0)
	r, _ = b.importe(ctx, t, usages, head+id+";;;PRODUCTION;;v1\r\n")
	wants(t, r, 0, 1, 0, 0)
	if value[*int](t, b, `SELECT postes FROM usage WHERE version = 'v1'`) != nil {
		t.Error("an empty cell did not erase")
	}
	r, _ = b.importe(ctx, t, usages, head+id+";;;;;v1\r\n")
	wants(t, r, 0, 0, 0, 1)
	if r.Fautes[0].Code != db.Requis || r.Fautes[0].Colonne != "statut" {
		t.Errorf("%v", r.Fautes)
	}
}

func TestTheRejectedLinesOfJSONAreReadBackAsTheyWere(t *testing.T) {
	b := real(t)
	ctx := b.as(t, droit.Gestionnaire, sitpi)
	r, _ := b.importe(ctx, t, usages, "utilisateur;logiciel;statut;postes;version\r\n"+echirolles+";libreoffice;PRODUCTION;40;v1\r\n")
	wants(t, r, 1, 0, 0, 0)
	r, rejets := b.importe(ctx, t, usages, `{"id":"`+b.usageDe(t, echirolles, "libreoffice", "v1")+`","version":"`+strings.Repeat("9", 60)+`"}`+"\n")
	wants(t, r, 0, 0, 0, 1)
	r, _ = b.importe(ctx, t, usages, strings.ReplaceAll(rejets, strings.Repeat("9", 60), "v2"))
	wants(t, r, 0, 1, 0, 0)
	if got := value[int](t, b, `SELECT postes FROM usage WHERE version = 'v2'`); got != 40 {
		t.Errorf("postes = %d: a key that was not there erased", got)
	}
}

func TestAStaleRevisionIsAConflictOnlyForWhatItWouldChange(t *testing.T) {
	b := real(t)
	ctx := b.as(t, droit.Gestionnaire, sitpi)
	r, _ := b.importe(ctx, t, usages, "utilisateur;logiciel;statut;postes;version\r\n"+echirolles+";libreoffice;PRODUCTION;40;v1\r\n")
	wants(t, r, 1, 0, 0, 0)
	id := b.usageDe(t, echirolles, "libreoffice", "v1")
	edited := "id;postes;revision\r\n" + id + ";41;1\r\n"
	r, _ = b.importe(ctx, t, usages, edited)
	wants(t, r, 0, 1, 0, 0)
	r, _ = b.importe(ctx, t, usages, edited) // the same file again
	wants(t, r, 0, 0, 1, 0)
	r, _ = b.importe(ctx, t, usages, "id;postes;revision\r\n"+id+";42;1\r\n")
	wants(t, r, 0, 0, 0, 1)
	if r.Fautes[0].Code != db.Conflit || r.Fautes[0].Colonne != "revision" {
		t.Errorf("%v", r.Fautes)
	}
}

func TestAnAgentOfASyndicatWritesItsMembersAndNobodyElses(t *testing.T) {
	b := real(t)
	const autre = montDeMarsan
	r, _ := b.importe(commande(t), t, importation.Demande{Table: "adhesions"}, "syndicat;membre;source\r\n"+alpi+";"+autre+";Statuts\r\n")
	wants(t, r, 1, 0, 0, 0) // what the shipped data do not say
	const head = "id;utilisateur;logiciel;statut;syndicat;version;visibilite\r\n"
	r, _ = b.importe(b.as(t, droit.Gestionnaire, alpi), t, usages, head+";"+autre+";libreoffice;PRODUCTION;;secret;PRIVE\r\n;"+alpi+";libreoffice;PRODUCTION;;public;PUBLIC\r\n")
	wants(t, r, 2, 0, 0, 0)
	hidden, shown := b.usageDe(t, autre, "libreoffice", "secret"), b.usageDe(t, alpi, "libreoffice", "public")
	other := b.as(t, droit.Gestionnaire, sitpi)
	before := b.sum(t)

	lines := []struct {
		line string
		code db.CodeErreur
	}{
		{";" + echirolles + ";libreoffice;PRODUCTION;;mine;PUBLIC", ""},
		{";" + autre + ";libreoffice;PRODUCTION;;stolen;PUBLIC", db.Interdit},                  // the other's member
		{";" + arles + ";libreoffice;PRODUCTION;;stolen;PUBLIC", db.Interdit},                  // nobody's
		{";" + echirolles + ";libreoffice;PRODUCTION;" + alpi + ";stolen;PUBLIC", db.Interdit}, // its member, through the other
		{hidden + ";;;PRODUCTION;;stolen;PUBLIC", db.Introuvable},                              // it may not know that it exists
		{shown + ";;;PRODUCTION;;stolen;PUBLIC", db.Interdit},                                  // it may read it
		{identifiant.Global("Usage", "00000000-0000-4000-8000-000000000000") + ";;;PRODUCTION;;;", db.Introuvable},
	}
	var file strings.Builder
	file.WriteString(head)
	for _, l := range lines {
		file.WriteString(l.line + "\r\n")
	}
	r, _ = b.importe(other, t, usages, file.String())
	wants(t, r, 1, 0, 0, 6)
	byLine := map[int]db.CodeErreur{}
	for _, f := range r.Fautes {
		byLine[f.Ligne] = f.Code
	}
	for i, l := range lines {
		if byLine[i+2] != l.code {
			t.Errorf("%s: %q, want %q", l.line, byLine[i+2], l.code)
		}
	}
	if r.Fautes[3].Motif != r.Fautes[5].Motif {
		t.Error("what may not be read is told from what does not exist")
	}
	if b.sum(t) != before {
		t.Error("a refused import wrote something")
	}
	// A reader, a prestataire, and who contributes for the syndicat alone, write nothing of a member.
	for _, role := range []droit.Role{droit.Lecteur, droit.Contributeur} {
		r, _ = b.importe(b.as(t, role, sitpi), t, usages, head+lines[0].line+"\r\n")
		wants(t, r, 0, 0, 0, 1)
	}
}

func TestAnImportIsUndoneLikeAnyOperation(t *testing.T) {
	b := real(t)
	ctx := b.as(t, droit.Gestionnaire, sitpi)
	r, _ := b.importe(ctx, t, usages, "utilisateur;logiciel;statut;version\r\n"+echirolles+";libreoffice;PRODUCTION;v1\r\n"+sitpi+";libreoffice;PRODUCTION;v1\r\n")
	wants(t, r, 2, 0, 0, 0)
	undone, err := b.store.AnnulerDerniereModification(ctx, db.AnnulerDerniereModificationInput{})
	if err != nil || len(undone.Erreurs) > 0 || undone.Modifications != 2 || *undone.Operation != "import usages" {
		t.Fatalf("%+v %v", undone, err)
	}
	if value[int](t, b, `SELECT count(*) FROM usage WHERE version = 'v1'`) != 0 {
		t.Error("the import is not undone")
	}
}

func TestWhatIsClosedStaysClosed(t *testing.T) {
	b := real(t)
	ctx := b.as(t, droit.Gestionnaire, sitpi)
	const head = "utilisateur;logiciel;statut;debut;fin;version\r\n" + sitpi
	r, _ := b.importe(ctx, t, usages, head+";moodle;PRODUCTION;2010;;v1\r\n")
	wants(t, r, 1, 0, 0, 0)
	closing := head + ";moodle;ABANDONNE;2010;2015-06-30;v1\r\n"
	r, _ = b.importe(ctx, t, usages, closing)
	wants(t, r, 0, 1, 0, 0)
	r, _ = b.importe(ctx, t, usages, closing)
	wants(t, r, 0, 0, 1, 0)
	again := head + ";moodle;PRODUCTION;2020;;v2\r\n" + sitpi + ";moodle;ABANDONNE;2010;2015-06-30;v1\r\n"
	r, _ = b.importe(ctx, t, usages, again)
	wants(t, r, 1, 0, 1, 0)
	r, _ = b.importe(ctx, t, usages, again)
	wants(t, r, 0, 0, 2, 0)
}
