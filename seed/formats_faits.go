package seed

// formatsFaits are the readers of sourced facts: usages, savings, prices, labels.
func formatsFaits() []Format {
	return []Format{
		{"organismes", "organismes absents des listes officielles, déclarés à la main (CSV)", readOrganismes},
		{"adhesions-relevees", "membres connus de syndicats (CSV)", readAdhesions},
		{"usages-releves", "usages et offres de logiciels relevés dans des sources (CSV)", readUsages},
		{"economies-relevees", "économies, coûts et prix relevés dans des sources (CSV)", readEconomies},
		{"tarifs", "grilles de tarifs publiées par tranche (CSV)", readTarifs},
		{"label-referentiels", "règles successives du label Territoire Numérique Libre (CSV)", readReferentiels},
		{"label-niveaux", "échelles et mentions du label (CSV)", readNiveaux},
		{"label-themes", "thèmes du label (CSV)", readThemes},
		{"label-questions", "questions auxquelles répond une candidature au label (CSV)", readQuestions},
		{"label-editions", "éditions du label Territoire Numérique Libre (CSV)", readEditions},
		{"label-jurys", "jurys du label Territoire Numérique Libre (CSV)", readJurys},
		{"label-laureats", "lauréats du label Territoire Numérique Libre (CSV)", readLaureats},
		{"reseaux", "réseaux d'entreprises et d'usagers du logiciel libre (CSV)", readReseaux},
		{"reseaux-liens", "appartenances de ces réseaux les uns aux autres (CSV)", readAppartenances},
		{"series-rencontres", "séries de rencontres (CSV)", readSeriesRencontres},
		{"rencontres", "rencontres du logiciel libre et du secteur public (CSV)", readRencontres},
		{"interventions", "interventions à ces rencontres (CSV)", readInterventions},
		{"faits", "faits relevés dans des documents, avec leur unité et leur date (CSV)", readNotes},
		{"retours", "retours d'expérience relevés dans des documents, avec ce à quoi ils se rapportent (CSV)", readRetours},
		{"developpements", "développements relevés dans des sources (CSV)", readDeveloppements},
		{"participations", "qui a pris part à ces développements (CSV)", readParticipations},
		{"ressources-support", "où se faire aider pour un logiciel (CSV)", readRessources},
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
		{"label-referentiels", "label-referentiels.csv"},
		{"label-niveaux", "label-niveaux.csv"},
		{"label-themes", "label-themes.csv"},
		{"label-questions", "label-questions.csv"},
		{"label-editions", "tnl-editions.csv"},
		{"label-jurys", "label-jurys.csv"},
		{"label-laureats", "tnl-laureats-partiel.csv"},
		{"label-laureats", "laureats-documents.csv"},
		{"reseaux", "reseaux.csv"},
		{"reseaux-liens", "reseaux-liens.csv"},
		{"series-rencontres", "series-rencontres.csv"},
		{"rencontres", "rencontres.csv"},
		{"interventions", "interventions.csv"},
		{"faits", "notes-de-cas.csv"},
		{"faits", "faits-rencontres.csv"},
		{"faits", "notes-retours.csv"},
		{"retours", "retours-experience.csv"},
		{"developpements", "developpements.csv"},
		{"participations", "participations.csv"},
		{"ressources-support", "ressources-support.csv"},
	}
}
