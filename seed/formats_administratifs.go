package seed

// formatsAdministratifs are the readers of who exists: territories, collectivités, groupements.
func formatsAdministratifs() []Format {
	return []Format{
		{"regions", "régions : regions.json du paquet @etalab/decoupage-administratif", lireRegions},
		{"departements", "départements : departements.json du même paquet", lireDepartements},
		{"communes", "communes, déléguées, associées et arrondissements (CSV)", lireCommunes},
		{"epci", "intercommunalités à fiscalité propre (CSV)", lireEPCI},
		{"epci-membres", "communes membres des intercommunalités (CSV)", lireMembresEPCI},
		{"ept", "établissements publics territoriaux du Grand Paris : ept.json du même paquet", lireEPT},
		{"siren-departements-regions", "SIREN des départements et des régions, actifs et cessés (CSV)", lireSIRENDepartements},
		{"mouvements-communes", "mouvements de communes du code officiel géographique (CSV de l'INSEE)", lireMouvements},
		{"banatic-competences", "intitulés des compétences BANATIC 2025 (CSV)", lireCompetences},
		{"banatic-groupements", "groupements et compétences BANATIC (CSV)", lireGroupements},
	}
}

// etapesAdministratives: territories before who governs them, communes before what they belong to.
func etapesAdministratives() []etape {
	return []etape{
		{"regions", "regions.json.gz"},
		{"departements", "departements.json.gz"},
		{"communes", "communes.csv.gz"},
		{"epci", "epci.csv.gz"},
		{"epci-membres", "epci_membres.csv.gz"},
		{"ept", "ept.json.gz"},
		{"siren-departements-regions", "departements_regions_siren.csv.gz"},
		{"mouvements-communes", "mouvements-communes-2024.csv.gz"},
		{"banatic-competences", "banatic_competences_2025.csv.gz"},
		{"banatic-groupements", "banatic_groupements_2022.csv.gz"},
	}
}

const licenceOuverte = "Licence Ouverte 2.0"

func sourceDecoupage() origine {
	return origine{"decoupage-administratif-2026", "Code officiel géographique et populations légales (INSEE), paquet @etalab/decoupage-administratif 6.0.0",
		"https://www.npmjs.com/package/@etalab/decoupage-administratif", licenceOuverte}
}

func sourceDGCL() origine {
	return origine{"dgcl-epci-2025", "Intercommunalités et leurs membres (DGCL, 2025), paquet @etalab/decoupage-administratif 6.0.0",
		"https://www.collectivites-locales.gouv.fr/institutions/liste-et-composition-des-epci-fiscalite-propre", licenceOuverte}
}

func sourceSIREN() origine {
	return origine{"sirene-departements-regions", "SIREN des départements et des régions (base Sirene de l'INSEE)", "https://www.sirene.fr", licenceOuverte}
}

func sourceCOG() origine {
	return origine{"cog-mouvements-2024", "Mouvements de communes depuis 1943 (INSEE, code officiel géographique 2024)",
		"https://www.insee.fr/fr/information/2560452", licenceOuverte}
}

func sourceBANATIC() origine {
	return origine{"banatic-2022", "Base nationale sur l'intercommunalité (BANATIC, DGCL), état de 2022", "https://www.banatic.interieur.gouv.fr", licenceOuverte}
}

func sourceBANATIC2025() origine {
	return origine{"banatic-competences-2025", "Nomenclature 2025 des compétences (BANATIC, DGCL)", "https://www.banatic.interieur.gouv.fr", licenceOuverte}
}
