'use strict';

const requeteParDefaut = `# Mutualibre : les logiciels libres des collectivités,
# et d'où vient chaque chiffre.
#
# Ctrl + Entrée exécute la requête,
# Ctrl + Espace propose des champs, et la première
# icône de gauche ouvre la documentation du graphe.

query Arles {
  collectivite(codeInsee: "13004", nature: COMMUNE) {
    nom
    population
    usages(first: 5) {
      totalCount
      nodes {
        logiciel { nom licence libre }
        statut
        source { nom url }
      }
    }
    economies(first: 5) {
      nodes {
        statut
        brut
        net
        source { nom url }
      }
    }
  }
}
`;

// A link may carry a request: ?query=…&variables=…&operationName=…
const lien = new URLSearchParams(window.location.search);
const fetcher = GraphiQL.createFetcher({ url: window.location.pathname });

ReactDOM.createRoot(document.getElementById('ide')).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultQuery: requeteParDefaut,
    query: lien.get('query') ?? undefined,
    variables: lien.get('variables') ?? undefined,
    operationName: lien.get('operationName') ?? undefined,
    defaultEditorToolsVisibility: true,
    isHeadersEditorEnabled: true,
  }),
);
