package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

const criteresFields = `themes { code plafond criteres { critere etat valeur provisoire } }`

// criteres gives, by criterion, what each theme of an assessment shows.
func criteres(t testing.TB, themes any) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, theme := range themes.([]any) {
		for _, c := range at(t, theme, "criteres").([]any) {
			found[at(t, c, "critere").(string)] = fmt.Sprint(at(t, c, "etat"), " ", at(t, c, "valeur"))
		}
	}
	return found
}

// utilise declares usages of an organisation, one for each software.
func (a *api) utilise(t testing.TB, organisation string, slugs ...string) {
	t.Helper()
	for _, slug := range slugs {
		a.as(t, droit.Admin, "").done(t, "declarerUsage", "usage { id } erreurs { code message }", saisie{"utilisateur": a.organisation(t, organisation), "logiciel": identifiant.Global("Logiciel", slug),
			"statut": "PRODUCTION", "source": source})
	}
}

// propose puts software in the first catalogue of a syndicat.
func (a *api) propose(t testing.TB, syndicat string, slugs ...string) {
	t.Helper()
	for _, slug := range slugs {
		a.exec(t, fmt.Sprintf(`INSERT INTO entree_catalogue (cle, catalogue_id, logiciel_id, statut, source_id) SELECT gen_random_uuid(), (SELECT min(k.id) FROM catalogue k JOIN organisation o ON o.id = k.syndicat_id
			WHERE o.cle = '%s'), l.id, 'PROPOSEE', l.source_id FROM logiciel l WHERE l.slug = '%s'`, syndicat, slug))
	}
}

// To adopt what one runs already, for its syndicat offers it, shares it and leaves what it stands in for.
func TestToAdoptAgainWhatIsInUseSharesItAndDropsWhatItReplaces(t *testing.T) {
	t.Parallel()
	a := real(t)
	a.exec(t, `DELETE FROM usage WHERE utilisateur_id = (SELECT id FROM organisation WHERE cle = '`+echirolles+`')`)
	a.exec(t, `INSERT INTO catalogue (cle, nom, syndicat_id, source_id) SELECT 'essai', 'Essai', id, source_id FROM organisation WHERE cle = '`+sitpi+`'`)
	a.utilise(t, echirolles, "libreoffice", "microsoft-office")
	a.propose(t, sitpi, "libreoffice")
	got := a.must(t, `query ($l: [ID!]!) { collectivite(siren: "213801517") { autodiagnostic { `+criteresFields+` siAdopte(logiciels: $l) { criteres { critere } mutualisables { slug } `+criteresFields+` } } } }`,
		map[string]any{"l": []any{identifiant.Global("Logiciel", "libreoffice")}}).Data
	d := at(t, got, "collectivite", "autodiagnostic")
	avant, apres := criteres(t, at(t, d, "themes")), criteres(t, at(t, d, "siAdopte", "themes"))
	if at(t, d, "siAdopte", "mutualisables", 0, "slug") != "libreoffice" || len(at(t, d, "siAdopte", "criteres").([]any)) != 2 {
		t.Error(at(t, d, "siAdopte"))
	}
	for critere, want := range map[string][2]string{
		"LIBRE_POSTE":     {"PARTIEL 1 libre sur 2 connus : trop peu pour conclure", "PARTIEL 1 libre sur 1 connu : trop peu pour conclure"},
		"PART_MUTUALISEE": {"INCONNU 0 par un syndicat, sur 1 logiciel libre : trop peu pour conclure", "PARTIEL 1 par un syndicat, sur 1 logiciel libre : trop peu pour conclure"},
	} {
		if avant[critere] != want[0] || apres[critere] != want[1] {
			t.Errorf("%s: %q then %q, want %q", critere, avant[critere], apres[critere], want)
		}
	}
	for i := range at(t, d, "themes").([]any) {
		if at(t, d, "siAdopte", "themes", i, "plafond").(float64) < at(t, d, "themes", i, "plafond").(float64) {
			t.Errorf("to adopt free software lowers what may be reached: %v", at(t, d, "siAdopte", "themes", i))
		}
	}
}

func TestASyndicatSharesWhatItHasInItsOwnCatalogue(t *testing.T) {
	t.Parallel()
	a := real(t)
	a.exec(t, `INSERT INTO catalogue (cle, nom, syndicat_id, source_id) SELECT 'essai', 'Essai', id, source_id FROM organisation WHERE cle = '`+sitpi+`'`)
	a.exec(t, `DELETE FROM usage WHERE utilisateur_id = (SELECT id FROM organisation WHERE cle = '`+sitpi+`')`)
	a.utilise(t, sitpi, "libreoffice", "inkscape")
	a.propose(t, sitpi, "libreoffice", "thunderbird")
	got := a.must(t, `query ($l: [ID!]!) { syndicat(siren: "`+sitpi+`") { autodiagnostic { `+criteresFields+` siAdopte(logiciels: $l) { mutualisables { slug } `+criteresFields+` } } } }`,
		map[string]any{"l": []any{identifiant.Global("Logiciel", "thunderbird")}}).Data
	d := at(t, got, "syndicat", "autodiagnostic")
	if c := criteres(t, at(t, d, "themes"))["PART_MUTUALISEE"]; !strings.Contains(c, "1 par un syndicat, sur 2 logiciels libres") {
		t.Error(c)
	}
	if c := criteres(t, at(t, d, "siAdopte", "themes"))["PART_MUTUALISEE"]; !strings.Contains(c, "2 par un syndicat, sur 3 logiciels libres") || at(t, d, "siAdopte", "mutualisables", 0, "slug") != "thunderbird" {
		t.Error(c)
	}
}

// A category that has a layer of its own is not of the one above it.
func TestASoftwareOfTheSchoolsIsNotOneOfTheTradesToo(t *testing.T) {
	t.Parallel()
	a := real(t)
	a.exec(t, `DELETE FROM usage WHERE utilisateur_id = (SELECT id FROM organisation WHERE cle = '`+echirolles+`')`)
	made := done(t, a.as(t, droit.Admin, "").creerLogiciel(t, map[string]any{"nom": "Cahier de textes", "licence": "MIT", "categories": []string{"education"}, "source": source}))
	a.utilise(t, echirolles, at(t, made, "logiciel", "slug").(string))
	c := criteres(t, at(t, a.must(t, `{ collectivite(siren: "213801517") { autodiagnostic { `+criteresFields+` } } }`, nil).Data, "collectivite", "autodiagnostic", "themes"))
	if c["LIBRE_ECOLES"] != "PARTIEL 1 libre sur 1 connu : trop peu pour conclure" || c["LIBRE_METIER"] != "INCONNU <nil>" {
		t.Errorf("%q, %q", c["LIBRE_ECOLES"], c["LIBRE_METIER"])
	}
}

// Only what was made and serves others is a contribution; only who organises an event has held it; words that tell nothing
// of most servers tell nothing.
func TestACriterionRestsOnlyOnWhatMeansIt(t *testing.T) {
	t.Parallel()
	a := real(t)
	lit := func() map[string]string {
		t.Helper()
		return criteres(t, at(t, a.must(t, `{ collectivite(siren: "213801517") { autodiagnostic { `+criteresFields+` } } }`, nil).Data, "collectivite", "autodiagnostic", "themes"))
	}
	a.exec(t, `DELETE FROM usage WHERE utilisateur_id = (SELECT id FROM organisation WHERE cle = '`+echirolles+`');
		CREATE VIEW v AS SELECT o.id AS o, o.source_id AS so, l.id AS l FROM organisation o, logiciel l WHERE o.cle = '`+echirolles+`' AND l.slug = 'inkscape';
		INSERT INTO developpement (cle, logiciel_id, titre, nature, versement, cout_centimes, statut_cout, source_id) SELECT gen_random_uuid(), l, x.titre, 'EVOLUTION', x.versement, x.cout, x.statut, so
			FROM v, (VALUES ('essai', 'INTEGRE', NULL::bigint, NULL), ('refus', 'REFUSE', NULL, NULL), ('garde', 'NON_PROPOSE', NULL, NULL), ('prevu', 'INCONNU', 100, 'BUDGET'), ('fait', 'INTEGRE', NULL, NULL)) x (titre, versement, cout, statut);
		INSERT INTO participation_developpement (cle, developpement_id, visibilite, organisation_id, role, source_id) SELECT gen_random_uuid(), d.id, d.visibilite, o, CASE d.titre WHEN 'essai' THEN 'TESTEUR' ELSE 'FINANCEUR' END, so
			FROM v, developpement d WHERE d.titre IN ('essai', 'refus', 'garde', 'prevu');
		INSERT INTO rencontre_organisateur (rencontre_id, organisation_id, role, source_id) SELECT r.id, o, 'PARTENAIRE', so FROM v, rencontre r WHERE r.nom = 'RMLL 2009';
		INSERT INTO fait (cle, organisation_id, sujet, fait, valeur, unite, date, source_id) SELECT gen_random_uuid(), o, 'Échirolles', 'serveurs_sous_linux', 'aucun', 'qualitatif', '2016', so FROM v`)
	c := lit()
	for _, critere := range []string{"CONTRIBUTIONS", "RENCONTRES", "LIBRE_SERVEUR"} {
		if c[critere] != "INCONNU <nil>" {
			t.Errorf("%s: %s", critere, c[critere])
		}
	}
	a.exec(t, `INSERT INTO participation_developpement (cle, developpement_id, visibilite, organisation_id, role, source_id) SELECT gen_random_uuid(), d.id, d.visibilite, o, 'TRADUCTEUR', so FROM v, developpement d WHERE d.titre = 'fait';
		UPDATE rencontre_organisateur SET role = 'ORGANISATEUR' FROM v WHERE organisation_id = o;
		UPDATE fait SET valeur = 'la plupart' FROM v WHERE organisation_id = o AND fait = 'serveurs_sous_linux'`)
	c = lit()
	for critere, want := range map[string]string{"CONTRIBUTIONS": "SATISFAIT 1 contribution", "RENCONTRES": "SATISFAIT 1 rencontre",
		"LIBRE_SERVEUR": "PARTIEL plus de la moitié, d’après un document qui ne donne pas de chiffre"} {
		if c[critere] != want {
			t.Errorf("%s: %s, want %s", critere, c[critere], want)
		}
	}
	a.exec(t, `UPDATE fait SET valeur = '0.3' FROM v WHERE organisation_id = o AND fait = 'serveurs_sous_linux'`)
	if c := lit()["LIBRE_SERVEUR"]; c != "PARTIEL 30 % des serveurs, d’après un document" {
		t.Error(c)
	}
}

// Of two levels that sources give for one edition, the higher on its scale is kept: Argent is above Bronze.
func TestTheLatestLabelIsTheHighestOnItsScale(t *testing.T) {
	t.Parallel()
	a := real(t)
	moderator := a.as(t, droit.Moderateur, "")
	for niveau, nom := range map[string]string{"Bronze": "Presse", "Argent": "Palmarès"} {
		moderator.done(t, "inscrireLaureat", "erreurs { code message }", saisie{"edition": editionDe(2025), "organisation": a.organisation(t, fontaine), "niveau": niveau, "source": saisie{"nom": nom}})
	}
	got := a.must(t, `{ collectivite(codeInsee: "38169") { autodiagnostic { dernierLabel { niveau } niveauSuivant { code } } } }`, nil).Data
	if d := at(t, got, "collectivite", "autodiagnostic"); at(t, d, "dernierLabel", "niveau") != "Argent" || at(t, d, "niveauSuivant", "code") != "Or" {
		t.Error(d)
	}
}
