package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// requete is one GraphQL query to measure.
type requete struct {
	nom   string
	texte string
	// comparee names the query whose number of statements this one must share; "": none.
	comparee string
}

var (
	blocGraphQL = regexp.MustCompile("(?s)```graphql\n([^`]*)```\n```json")
	titreGras   = regexp.MustCompile(`\*\*([^*]+)\*\*`)
)

// readRequetes returns the queries of a Markdown file that stand before their answer, each named by the bold text before it, then those of the
// dashboards: the same page in several sizes.
func readRequetes(fichier string) ([]requete, error) {
	texte, err := os.ReadFile(fichier)
	if err != nil {
		return nil, err
	}
	var requetes []requete
	fin := 0
	for _, bloc := range blocGraphQL.FindAllStringSubmatchIndex(string(texte), -1) {
		r := requete{nom: fmt.Sprintf("requête %d", len(requetes)+1), texte: string(texte[bloc[2]:bloc[3]])}
		if titres := titreGras.FindAllStringSubmatch(string(texte[fin:bloc[0]]), -1); len(titres) > 0 {
			r.nom = strings.Join(strings.Fields(titres[len(titres)-1][1]), " ")
		}
		requetes = append(requetes, r)
		fin = bloc[1]
	}
	if len(requetes) == 0 {
		return nil, fmt.Errorf("%s : aucun bloc ```graphql suivi de sa réponse", fichier)
	}
	for _, t := range []struct {
		nom, texte string
		pages      []int
	}{
		{"logiciels les plus utilisés", logiciels, []int{1, 20, 100}},
		{"collectivités les plus peuplées", collectivites, []int{20, 100}}, // the first ones, régions, have no EPCI to read
	} {
		page := func(n int) string { return fmt.Sprintf("%s, page de %d", t.nom, n) }
		for i, n := range t.pages {
			r := requete{nom: page(n), texte: fmt.Sprintf(t.texte, n)}
			if i > 0 {
				r.comparee = page(t.pages[0])
			}
			requetes = append(requetes, r)
		}
	}
	return requetes, nil
}

// The pages that dashboards ask for all day long.
const (
	logiciels = `{ logiciels(first: %d, tri: POPULARITE) { totalCount nodes {
	nom libre licence nombreUtilisateurs categories { nom } identifiants { source valeur }
	usages(first: 10) { nodes { statut debut utilisateur { nom ... on Collectivite { population departement { nom } syndicats(first: 3) { nodes { nom } } } } } }
} } }`
	collectivites = `{ collectivites(first: %d, tri: POPULATION) { totalCount nodes {
	nom siren population departement { nom } intercommunalite { nom }
	usages(first: 10, filtre: {libre: true}) { totalCount nodes { statut logiciel { nom licence } syndicat { nom } } }
} } }`
)
