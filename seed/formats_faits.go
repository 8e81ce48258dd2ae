package seed

// formatsFaits are the readers of sourced facts: usages, savings, prices, labels.
func formatsFaits() []Format {
	return []Format{
		{"organismes", "organismes absents des listes officielles, déclarés à la main (CSV)", readOrganismes},
		{"adhesions-relevees", "membres connus de syndicats (CSV)", readAdhesions},
		{"usages-releves", "usages et offres de logiciels relevés dans des sources (CSV)", readUsages},
		{"economies-relevees", "économies, coûts et prix relevés dans des sources (CSV)", readEconomies},
		{"tarifs", "grilles de tarifs publiées par tranche (CSV)", readTarifs},
		{"label-editions", "éditions du label Territoire Numérique Libre (CSV)", readEditions},
		{"label-laureats", "lauréats du label Territoire Numérique Libre (CSV)", readLaureats},
		{"faits", "faits relevés dans des documents, avec leur unité et leur date (CSV)", readNotes},
		{"communautes-relevees", "faits relevés dans des pages publiques sur la communauté de logiciels : ils font des évaluations (CSV)", readCommunautes},
	}
}

func etapesFaits() []etape {
	return []etape{
		{"organismes", "organismes.csv"},
		{"adhesions-relevees", "membres-syndicats-partiel.csv"},
		{"usages-releves", "usages-territoriaux-reels.csv"},
		{"usages-releves", "usages-documents.csv"},
		{"economies-relevees", "economies-sourcees.csv"},
		{"economies-relevees", "economies-documents.csv"},
		{"tarifs", "tarifs-mutualisation.csv"},
		{"label-editions", "tnl-editions.csv"},
		{"label-laureats", "tnl-laureats-partiel.csv"},
		{"label-laureats", "laureats-documents.csv"},
		{"faits", "notes-de-cas.csv"},
		{"communautes-relevees", "communautes-relevees.csv"},
	}
}
