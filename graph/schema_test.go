package graph_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mutualibre/mutualibre/graph"
)

// Lists that are read whole, and why none can grow without bound.
var wholeLists = map[string]string{
	"Query.nodes":                   "as long as the ids asked for, 100 at most",
	"Query.categories":              "a tree written by hand, about a hundred",
	"Collectivite.anciensCodes":     "the communes merged into one: 22 at most in the official log",
	"Collectivite.labels":           "one a year and a label",
	"Collectivite.faits":            "read by hand in documents",
	"SyndicatMixte.territoires":     "départements of the members, 109 in France",
	"SyndicatMixte.competences":     "BANATIC's list, 118 codes",
	"SyndicatMixte.catalogues":      "a handful for each syndicat",
	"SyndicatMixte.labels":          "one a year and a label",
	"SyndicatMixte.faits":           "read by hand in documents",
	"Adhesion.services":             "the services of one syndicat",
	"Logiciel.categories":           "a handful for each software",
	"Logiciel.identifiants":         "one for each other catalogue",
	"Logiciel.remplace":             "a handful for each software",
	"Logiciel.alternatives":         "cut at 20, most used first",
	"Logiciel.faits":                "read by hand in documents",
	"EntreeCatalogue.services":      "an enumeration of nine",
	"Webhook.evenements":            "an enumeration of nine",
	"Livraison.tentatives":          "a dozen, and as many each time it is asked again",
	"LabelObtenu.mentions":          "a handful for each edition",
	"EditionLabel.jury":             "a dozen people",
	"ReferentielLabel.niveaux":      "one scale",
	"ReferentielLabel.mentions":     "a handful",
	"ReferentielLabel.themes":       "the five of the label",
	"ReferentielLabel.questions":    "one form",
	"Autodiagnostic.themes":         "the five of the label",
	"Autodiagnostic.pistes":         "one a criterion, 17 at most",
	"Autodiagnostic.comparables":    "ten at most",
	"EstimationTheme.criteres":      "four at most",
	"LigneCritere.preuves":          "cut at 20",
	"PisteLabel.exemples":           "cut at 5",
	"ComparableLabel.themes":        "the five of the label",
	"SimulationLabel.themes":        "the five of the label",
	"SimulationLabel.criteres":      "one a criterion, 17 at most",
	"SimulationLabel.mutualisables": "those asked, 20 at most",
	"Candidature.reponses":          "one a question of the form",
	"Candidature.manques":           "half a dozen kinds",
	"ReponseCandidature.preuves":    "20 at most",
	"Moi.droits":                    "the organisations that one person acts for",
	"Modification.changements":      "the fields of one thing",
	"Contrat.prestations":           "an enumeration of nine",
	"Instantane.sources":            "those of one answer, 1000 at most",

	"RetourExperience.themes":              "an enumeration of eight",
	"RetourExperience.autresOrganisations": "50 at most: the mutation refuses more",
	"RetourExperience.logiciels":           "50 at most: the mutation refuses more",
	"RetourExperience.usages":              "50 at most: the mutation refuses more",
	"RetourExperience.economies":           "50 at most: the mutation refuses more",
	"RetourExperience.chiffres":            "50 of its own at most, and facts read by hand in documents",
	"Developpement.repartition":            "100 payers at most: beyond, the request is refused",
	"ArgentPublic.couts":                   "one a statut: an enumeration of two",
	"ArgentBeneficie.couts":                "one a statut: an enumeration of two",
	"Supports.modes":                       "an enumeration of six, and what is not told",
	"Supports.strates":                     "an enumeration of seven, and what is not known",
	"SupportsStrate.modes":                 "an enumeration of six, and what is not told",
	"LigneSupport.sources":                 "the ten most cited",
	"Prestation.types":                     "an enumeration of nine",
	"Prestation.territoires":               "départements, régions and the country: 128 in France",
	"Prestation.competences":               "codes of categories, about a hundred",
	"PrestataireProche.types":              "an enumeration of nine",

	"ReferencePrestation.types": "an enumeration of nine",

	"Besoin.types":             "an enumeration of nine",
	"Besoin.participants":      "cut at 100, the first to join first; nombreParticipants says how many there are",
	"Besoin.besoinsSimilaires": "cut at 10, the nearest first",

	"Disponibilite.competences": "30 at most",
	"Disponibilite.metiers":     "codes of categories, about a hundred",
	"Disponibilite.logiciels":   "30 at most",
	"Disponibilite.territoires": "départements, régions and the country: 128 in France",

	"Query.couverturePrestataires":     "one a département, 109 in France",
	"Communaute.composantes":           "five",
	"Communaute.entrees":               "one of each kind, and what was read by hand: 200 at most",
	"EvaluationCommunaute.composantes": "five",
	"EvaluationCommunaute.entrees":     "one of each kind, and what was read by hand: 200 at most",
	"ComposanteCommunaute.entrees":     "a dozen kinds at most",
	"Deconseil.raisons":                "three at most",

	"ComparaisonCatalogues.catalogues": "as long as the ids asked for, 20 at most",
	"ComparaisonCatalogues.lignes":     "one for each catalogue, 20 at most",
	"ComparaisonCatalogues.propres":    "one for each catalogue, 20 at most",
	"ComparaisonCatalogues.similarite": "a square of the catalogues, 20 by 20 at most",
	"ComparaisonCatalogues.communs":    "cut at first, 100 at most; nombreCommuns says how many there are",
	"ComparaisonCatalogues.manques":    "cut at first for each catalogue, 100 at most; nombreManques says how many there are",
	"LogicielsPropres.logiciels":       "cut at first, 100 at most; nombre says how many there are",
	"LigneCatalogue.services":          "an enumeration of nine",

	"Query.adoption":              "bounded by its argument limite, 1,000 at most; places, natures and sizes are enumerations",
	"Query.evolution":             "600 points at most",
	"Query.comparerTerritoires":   "those asked, 20 at most",
	"Query.comparerCollectivites": "those asked, 20 at most",
	"Bilan.indicateurs":           "an enumeration of six",
	"Bilan.economies":             "one a statut: an enumeration of six",
	"Bilan.sources":               "the ten most cited",
	"LigneAdoption.sources":       "the ten most cited",
	"PointEvolution.sources":      "the ten most cited",

	"Semblable.raisons":          "an enumeration of six",
	"Semblable.logicielsCommuns": "cut at 20, free ones first",
	"Suggestion.raisons":         "an enumeration of three",
	"Suggestion.chez":            "cut at 10, the most alike first",
	"Suggestion.syndicats":       "cut at 10, the collectivité's own first",
	"Suggestion.remplace":        "cut at 10, by name",

	"LigneTotauxEconomies.totaux": "one a statut, six",
	"TotalEconomies.sources":      "cut at five",

	"GroupementPossible.logicielsEnPlace": "cut at 10, most shared first",
	"GroupementPossible.syndicatsCommuns": "cut at 10, most shared first",
	"GroupementPossible.offres":           "cut at 10",
	"GroupementPossible.libresAutour":     "cut at 5, most used first",

	"CalculEconomie.postesParAn":       "one a year, 50 at most",
	"CalculEconomie.prixUnitaireParAn": "one a year, 50 at most",
	"CalculEconomie.parAn":             "one a year, 50 at most",

	"SimulationEconomies.hypotheses": "the fields of the request, and the brackets of one tariff",
	"SimulationEconomies.lacunes":    "what one simulation lacks: half a dozen kinds",
	"SimulationEconomies.remarques":  "half a dozen kinds, and the published prices set aside, 100 at most",
	"ScenarioSimule.parAn":           "one a year, 50 at most",
	"ScenarioSimule.hypotheses":      "a price and two costs",
	"LacuneSimulee.champs":           "fields of the request",
	"LacuneSimulee.montantsNuls":     "fields of a scenario",
	"CasObserves.parStatut":          "an enumeration of six",
	"CasObserves.cas":                "cut at 20",
	"MutualisationSimulee.membres":   "1000 at most: beyond, the request is refused",

	"Reseau.appartenances":          "the federations of one network",
	"SerieRencontres.organisateurs": "each once, however many events: the networks and organisations of one series",
	"SerieRencontres.besoins":       "categories, about a hundred",
	"Rencontre.organisateurs":       "30 at most in an announcement",
	"Rencontre.themes":              "20 at most in an announcement",
	"Rencontre.besoins":             "20 at most in an announcement",
	"Rencontre.faits":               "read by hand in documents",
	"Intervention.intervenants":     "20 at most in a declaration",
	"Intervention.organisations":    "20 at most in a declaration",
	"Intervention.logiciels":        "20 at most in a declaration",
	"Intervention.themes":           "20 at most in a declaration",
	"Intervention.supports":         "10 at most in a declaration",
}

var upperCase = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)

func TestEverySchemaElementIsDescribedAndEveryListIsPaged(t *testing.T) {
	schema := graph.Schema(nil).Schema()
	unused := make(map[string]bool, len(wholeLists))
	for name := range wholeLists {
		unused[name] = true
	}
	described := func(what, description string) {
		if strings.TrimSpace(description) == "" {
			t.Errorf("%s n'a pas de description", what)
		}
	}
	for _, typ := range schema.Types {
		if typ.BuiltIn || strings.HasPrefix(typ.Name, "__") {
			continue
		}
		described(typ.Name, typ.Description)
		for _, v := range typ.EnumValues {
			described(typ.Name+"."+v.Name, v.Description)
			if !upperCase.MatchString(v.Name) {
				t.Errorf("%s.%s : une valeur d'énumération s'écrit en capitales", typ.Name, v.Name)
			}
		}
		for _, f := range typ.Fields {
			name := typ.Name + "." + f.Name
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			described(name, f.Description)
			for _, a := range f.Arguments {
				described(name+"("+a.Name+")", a.Description)
			}
			for _, d := range f.Directives {
				if d.Name == "deprecated" && (d.Arguments.ForName("reason") == nil || d.Arguments.ForName("reason").Value.Raw == "No longer supported") {
					t.Errorf("%s : dire pourquoi il est déprécié et par quoi le remplacer", name)
				}
			}
			if typ.Kind == ast.InputObject {
				continue
			}
			if strings.HasSuffix(f.Type.Name(), "Connection") {
				for _, a := range []string{"first", "after"} {
					if f.Arguments.ForName(a) == nil {
						t.Errorf("%s est une liste par pages sans l'argument %s", name, a)
					}
				}
				if n := len(f.Arguments); f.Name != "recherche" && (f.Arguments.ForName("last") == nil || f.Arguments.ForName("before") == nil) {
					t.Errorf("%s ne se lit pas à reculons (%d arguments)", name, n)
				}
			}
			if f.Type.Elem != nil && !strings.HasSuffix(typ.Name, "Connection") && !errorsOfPayload(typ, f) {
				if wholeLists[name] == "" {
					t.Errorf("%s est une liste entière : la paginer, ou dire ici pourquoi elle ne peut pas grandir", name)
				}
				delete(unused, name)
			}
		}
	}
	for name := range unused {
		t.Errorf("%s n'est plus une liste entière : le retirer d'ici", name)
	}
}

// errorsOfPayload tells the faults of a mutation: no more than its input has fields.
func errorsOfPayload(typ *ast.Definition, f *ast.FieldDefinition) bool {
	return typ.Name == "Erreur" || strings.HasSuffix(typ.Name, "Payload") && f.Name == "erreurs"
}
