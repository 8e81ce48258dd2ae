package seed

// formatsAdministratifs are the readers of who exists: territories, collectivités, groupements.
func formatsAdministratifs() []Format {
	return []Format{
		{"regions", "régions : regions.json du paquet @etalab/decoupage-administratif", readRegions},
		{"departements", "départements : departements.json du même paquet", readDepartements},
		{"communes", "communes, déléguées, associées et arrondissements (CSV)", readCommunes},
		{"epci", "intercommunalités à fiscalité propre (CSV)", readEPCI},
		{"epci-membres", "communes membres des intercommunalités (CSV)", readMembresEPCI},
		{"ept", "établissements publics territoriaux du Grand Paris : ept.json du même paquet", readEPT},
		{"siren-departements-regions", "SIREN des départements et des régions, actifs et cessés (CSV)", readSIRENDepartements},
		{"mouvements-communes", "mouvements de communes du code officiel géographique (CSV de l'INSEE)", readMouvements},
		{"banatic-competences", "intitulés des compétences BANATIC 2025 (CSV)", readCompetences},
		{"banatic-groupements", "groupements et compétences BANATIC (CSV)", readGroupements},
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

// The licences of what is shipped. Not every source says which version of the Licence Ouverte it is under.
const (
	licenceOuverte   = "Licence Ouverte"
	licenceOuverte20 = "Licence Ouverte 2.0"
)

// The addresses are those of the very files read, and of the commit where there is one: whoever doubts a figure finds it.
const (
	adresseDecoupage = "https://www.npmjs.com/package/@etalab/decoupage-administratif/v/6.0.0"
	depotTerritoires = "https://github.com/incubateur-ademe/territoires-en-transitions/blob/"
	depotDecoupage   = "https://github.com/etalab/decoupage-administratif/blob/"
)

func sourceDecoupage() origine {
	return origine{"decoupage-administratif-2026", "Code officiel géographique et populations légales (INSEE), paquet @etalab/decoupage-administratif 6.0.0",
		adresseDecoupage, licenceOuverte}
}

func sourceDGCL() origine {
	return origine{"dgcl-epci-2025", "Intercommunalités et leurs membres (DGCL, 2025), paquet @etalab/decoupage-administratif 6.0.0",
		adresseDecoupage, licenceOuverte}
}

func sourceSIREN() origine {
	return origine{"sirene-departements-regions", "SIREN des départements et des régions (base Sirene de l'INSEE, relevée dans territoires-en-transitions)",
		depotTerritoires + "dbb36dc3/data_layer/sqitch/deploy/collectivite/fusion.sql", licenceOuverte20}
}

func sourceCOG() origine {
	return origine{"cog-mouvements-2024", "Mouvements de communes depuis 1943 (INSEE, code officiel géographique 2024)",
		depotDecoupage + "360b6b29/sources/mouvements-communes.csv", licenceOuverte}
}

func sourceBANATIC() origine {
	return origine{"banatic-2022", "Base nationale sur l'intercommunalité (BANATIC, DGCL), état de 2022, relevée dans territoires-en-transitions",
		depotTerritoires + "dbb36dc3/data_layer/seed/imports/04-banatic.sql", licenceOuverte}
}

func sourceBANATIC2025() origine {
	return origine{"banatic-competences-2025", "Nomenclature 2025 des compétences (BANATIC, DGCL), relevée dans territoires-en-transitions",
		"https://github.com/incubateur-ademe/territoires-en-transitions/tree/755dcb3e", licenceOuverte}
}
