package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// TablesImport lists what can be imported, the same and in the same order each time.
func TablesImport() []*TableImport {
	return []*TableImport{importUsages(), importEntrees(), importAdhesions(), importEconomies()}
}

func tableImport(nom string) (*TableImport, error) {
	var noms []string
	for _, t := range TablesImport() {
		if t.Nom == nom {
			return t, nil
		}
		noms = append(noms, t.Nom)
	}
	return nil, &Error{Code: CodeIntrouvable, Message: fmt.Sprintf("« %.40s » ne s'importe pas ; s'importent : %s", nom, strings.Join(noms, ", "))}
}

// newTableImport gives a table the columns of its export: details completes them; what it does not name and the export says
// twice is ignored.
func newTableImport(nom, proprietaire string, open func(context.Context, *Importation) (func(context.Context, []*LigneImport) error, error),
	details map[string]ColonneImport) *TableImport {
	exports := TablesExport()
	export := exports[slices.IndexFunc(exports, func(t *TableExport) bool { return t.Nom == nom })]
	t := &TableImport{Nom: nom, Proprietaire: proprietaire, rang: map[string]int{}, open: open}
	for n, e := range export.Colonnes {
		c, detailed := details[e.Nom]
		c.Nom, c.Genre = e.Nom, e.Genre
		c.Ignoree = c.Ignoree || e.Redite && !detailed
		if e.Nom == "id" {
			t.typeID, c.Synonymes = e.Type, []string{"identifiant", "identifiant mutualibre"}
		}
		t.rang[c.Nom], t.Colonnes = n, append(t.Colonnes, c)
	}
	return t
}

var (
	genresCollectivite = []string{"COLLECTIVITE", "SYNDICAT"}
	genresSyndicat     = []string{"SYNDICAT"}
	enFrancais         = strings.NewReplacer("COLLECTIVITE", "collectivité", "SYNDICAT", "syndicat", "PRESTATAIRE", "prestataire")
)

// The details that several tables share.

func refOrganisation(requise bool, genres []string, synonymes ...string) ColonneImport {
	return ColonneImport{Synonymes: synonymes, ref: &referenceImport{genres: genres, requise: requise}}
}

func refCommune(synonymes ...string) ColonneImport {
	c := refOrganisation(true, genresCollectivite, synonymes...)
	c.ref.autre, c.ref.trouver = "code_insee", (*annuaireImport).commune
	return c
}

func refLogiciel(requise bool, synonymes ...string) ColonneImport {
	return ColonneImport{Synonymes: synonymes, ref: &referenceImport{requise: requise}}
}

func codeINSEE() ColonneImport {
	return ColonneImport{Synonymes: []string{"code insee commune", "insee", "code commune", "commune"}}
}

func communs(details map[string]ColonneImport) map[string]ColonneImport {
	for nom, synonymes := range map[string][]string{
		"source": {"nom source", "nom de la source", "origine"}, "source_url": {"url source", "url de la source", "lien", "adresse de la source"},
		"revision": {"révision"},
	} {
		details[nom] = ColonneImport{Synonymes: synonymes}
	}
	return details
}

func precisions() ColonneImport {
	return ColonneImport{Valeurs: []string{"JOUR", "MOIS", "ANNEE"}, Synonymes: []string{"précision du début"}}
}

func visibilites() ColonneImport {
	return ColonneImport{Valeurs: []string{string(Public), string(OrganismesPublics), string(Prive)}}
}

func prestations() []string {
	return []string{"DEVELOPPEMENT", "INTEGRATION", "DEPLOIEMENT", "HEBERGEMENT", "MAINTENANCE", "SUPPORT", "FORMATION", "CONSEIL", "REPRISE_DONNEES"}
}
