package seed

// formatsLogiciels are the readers of catalogues of software.
func formatsLogiciels() []Format {
	return []Format{
		{"categories", "arbre des catégories de logiciels (CSV : code, nom, parent)", readCategories},
		{"logiciels", "liste de logiciels tenue à la main (CSV : slug, nom, licence, identifiants, remplace…)", readLogicielsCites},
		{"sill", "socle interministériel de logiciels libres : sill.json de 2022, catalogi.json v1 ou v2", readSILL},
		{"sill-csv", "API du SILL de 2022 : software.csv", readSILLCSV},
		{"comptoir-csv", "Comptoir du Libre : export CSV des logiciels (séparateur « ; »)", readComptoirCSV},
		{"comptoir-json", "Comptoir du Libre : export JSON v1, avec prestataires et utilisateurs", readComptoirJSON},
		{"publiccode", "fichier publiccode.yml d'un logiciel, versions 0.1 à 0.7", readPubliccode},
		{"prestataires", "prestataires d'un logiciel (CSV : nom, siren, comptoir_user_id, logiciel…)", readPrestataires},
	}
}

// etapesLogiciels: what categories there are, what was checked by hand, then the catalogues.
func etapesLogiciels() []etape {
	return []etape{
		{"categories", "categories.csv"},
		{"logiciels", "logiciels-cites.csv"},
		{"sill", "sill-2022-05.json.gz"},
		{"sill-csv", "sill-api-software-2022-02.csv.gz"},
		{"prestataires", "prestataires-apache-httpd.csv"},
	}
}
