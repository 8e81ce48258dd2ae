package db

import (
	"context"

	"github.com/uptrace/bun"
)

// FiltreSyndicats narrows the list of syndicats, whose only criterion is an argument in GraphQL.
type FiltreSyndicats struct{ Texte *string }

// The columns that every table ends with.
const sourceDeLExport = "LEFT JOIN source AS so ON so.id = "

func colonnesSource() []ColonneExport {
	return []ColonneExport{{Nom: "source", sql: "so.nom"}, {Nom: "source_url", sql: "so.url"}}
}

func colonnesRevision(alias string) []ColonneExport {
	return append(colonnesSource(), ColonneExport{Nom: "revision", Genre: ColonneEntier, sql: alias + ".revision"})
}

// organisationParCle and logicielParSlug keep the rows whose column is the id of what these keys name.
func organisationParCle(colonne string) string { return parCle(colonne, organisationsNommees) }

func logicielParSlug(colonne string) string { return parCle(colonne, logicielsNommes) }

func parCle(colonne, nomment string) string {
	return colonne + " = ANY (ARRAY(SELECT n.id FROM (" + nomment + ") n))"
}

// TablesExport lists the tables, the same and in the same order each time. A column that names something of the graph holds
// its key: of an organisation, its SIREN (or what stands for it); of a software, its slug; of a catalogue, its own key.
func TablesExport() []*TableExport {
	return []*TableExport{
		tableCollectivites(), tableSyndicats(), tableLogiciels(), tableUsages(), tableEconomies(), tableEntrees(),
		tableAdhesions(), tableContrats(), tableRencontres(),
	}
}

func tableCollectivites() *TableExport {
	return &TableExport{
		Nom: "collectivites",
		Colonnes: append([]ColonneExport{
			{Nom: "id", Genre: ColonneID, Type: "Collectivite", sql: "o.cle"},
			{Nom: "cle", sql: "o.cle"},
			{Nom: "siren", sql: "o.siren"},
			{Nom: "code_insee", sql: "o.code_insee"},
			{Nom: "nom", sql: "o.nom"},
			{Nom: "nature", sql: "o.nature"},
			{Nom: "nature_juridique", sql: "o.nature_juridique"},
			{Nom: "population", Genre: ColonneEntier, sql: "o.population"},
			{Nom: "strate", sql: "o.strate"},
			{Nom: "departement", sql: "nullif(o.departement, '')"},
			{Nom: "region", sql: "nullif(o.region, '')"},
			{Nom: "intercommunalite", sql: `(SELECT g.cle FROM adhesion a JOIN organisation g ON g.id = a.groupement_id
				WHERE a.membre_id = o.id AND g.nature = 'EPCI' AND a.periode @> aujourdhui() ORDER BY a.id LIMIT 1)`},
			{Nom: "site", sql: "o.site"},
			{Nom: "nombre_usages", Genre: ColonneEntier, Redite: true, sql: "o.nb_usages"},
		}, colonnesRevision("o")...),
		filtre: func() any { return new(FiltreCollectivites) }, modele: (*Fiche)(nil),
		jointures: []string{sourceDeLExport + "o.source_id"}, ordre: "o.nom_tri, o.id",
		criteres: func(_ context.Context, _ *Store, f any) (criteria, error) {
			filtre, _ := f.(*FiltreCollectivites)
			return filterCollectivites(filtre)
		},
	}
}

func tableSyndicats() *TableExport {
	return &TableExport{
		Nom: "syndicats",
		Colonnes: append([]ColonneExport{
			{Nom: "id", Genre: ColonneID, Type: "SyndicatMixte", sql: "o.cle"},
			{Nom: "cle", sql: "o.cle"},
			{Nom: "siren", sql: "o.siren"},
			{Nom: "nom", sql: "o.nom"},
			{Nom: "sigle", sql: "o.sigle"},
			{Nom: "forme", sql: "o.forme"},
			{Nom: "population", Genre: ColonneEntier, sql: "o.population"},
			{Nom: "departement", sql: "nullif(o.departement, '')"},
			{Nom: "region", sql: "nullif(o.region, '')"},
			{Nom: "site", sql: "o.site"},
		}, colonnesRevision("o")...),
		filtre: func() any { return new(FiltreSyndicats) }, modele: (*Fiche)(nil),
		jointures: []string{sourceDeLExport + "o.source_id"}, ordre: "o.nom_tri, o.id",
		criteres: func(_ context.Context, _ *Store, f any) (criteria, error) {
			filtre, _ := f.(*FiltreSyndicats)
			return func(q *bun.SelectQuery) *bun.SelectQuery {
				if q = onlySyndicats(q); filtre != nil {
					q = named(q, "o.id", "organisation_id", filtre.Texte)
				}
				return q
			}, nil
		},
	}
}

func tableLogiciels() *TableExport {
	return &TableExport{
		Nom: "logiciels",
		Colonnes: append([]ColonneExport{
			{Nom: "id", Genre: ColonneID, Type: "Logiciel", sql: "l.slug"},
			{Nom: "slug", sql: "l.slug"},
			{Nom: "nom", sql: "l.nom"},
			{Nom: "description", sql: "l.description"},
			{Nom: "libre", Genre: ColonneBooleen, Redite: true, sql: "l.libre"},
			{Nom: "licence", sql: "l.licence"},
			{Nom: "licence_origine", sql: "l.licence_origine"},
			{Nom: "categories", Genre: ColonneListe, sql: `(SELECT json_agg(c.code ORDER BY c.code) FROM logiciel_categorie lc
				JOIN categorie c ON c.id = lc.categorie_id WHERE lc.logiciel_id = l.id)`},
			{Nom: "site", sql: "l.site"},
			{Nom: "depot", sql: "l.depot"},
			{Nom: "identifiants", Genre: ColonneListe, sql: `(SELECT json_agg(i.source || ':' || i.valeur ORDER BY i.source, i.valeur)
				FROM identifiant i WHERE i.logiciel_id = l.id)`},
			{Nom: "remplace", Genre: ColonneListe, sql: `(SELECT json_agg(r.slug ORDER BY r.slug) FROM logiciel_lien x
				JOIN logiciel r ON r.id = x.vers_id WHERE x.genre = 'REMPLACE' AND x.de_id = l.id)`},
			{Nom: "nombre_utilisateurs", Genre: ColonneEntier, Redite: true, sql: "l.nb_utilisateurs"},
			{Nom: "ajoute_le", Genre: ColonneJour, sql: dateSQL("l.ajoute_le")},
		}, colonnesRevision("l")...),
		filtre: func() any { return new(FiltreLogiciels) }, modele: (*Logiciel)(nil),
		jointures: []string{sourceDeLExport + "l.source_id"}, ordre: "l.nom_tri, l.id",
		criteres: func(_ context.Context, _ *Store, f any) (criteria, error) {
			filtre, _ := f.(*FiltreLogiciels)
			return filterLogiciels(filtre)
		},
	}
}

func tableUsages() *TableExport {
	return &TableExport{
		Nom: "usages",
		Colonnes: append([]ColonneExport{
			{Nom: "id", Genre: ColonneID, Type: "Usage", sql: "u.cle"},
			{Nom: "utilisateur", sql: "o.cle"},
			{Nom: "code_insee", Redite: true, sql: "o.code_insee"},
			{Nom: "nom_utilisateur", Redite: true, sql: "o.nom"},
			{Nom: "departement", Redite: true, sql: "nullif(u.departement, '')"},
			{Nom: "logiciel", sql: "l.slug"},
			{Nom: "nom_logiciel", Redite: true, sql: "l.nom"},
			{Nom: "statut", sql: "u.statut"},
			{Nom: "modalite", Redite: true, sql: "u.modalite"},
			{Nom: "syndicat", sql: "sy.cle"},
			{Nom: "nom_syndicat", Redite: true, sql: "sy.nom"},
			{Nom: "support", sql: "u.support"},
			{Nom: "postes", Genre: ColonneEntier, sql: "u.postes"},
			{Nom: "version", sql: "u.version"},
			{Nom: "debut", Genre: ColonneJour, sql: jourSQL("u.debut", "u.precision_debut")},
			{Nom: "precision_debut", sql: "CASE WHEN u.debut IS NOT NULL THEN u.precision_debut END"},
			{Nom: "fin", Genre: ColonneJour, sql: dateSQL("u.fin")},
			{Nom: "remplace", sql: "r.slug"},
			{Nom: "visibilite", sql: "u.visibilite"},
			{Nom: "constate_le", Genre: ColonneJour, sql: dateSQL("u.constate_le")},
			{Nom: "confirme_le", Genre: ColonneInstant, sql: instantSQL("u.confirme_le")},
		}, colonnesRevision("u")...),
		Parents: []ParentExport{
			{Nom: "utilisateur", Types: []string{"Collectivite", "SyndicatMixte"}, sql: organisationParCle("u.utilisateur_id")},
			{Nom: "syndicat", Types: []string{"SyndicatMixte"}, sql: "(" + organisationParCle("u.syndicat_id") + " OR " + organisationParCle("u.utilisateur_id") + ")"},
		},
		filtre: func() any { return new(FiltreUsages) }, modele: (*Usage)(nil),
		jointures: []string{
			"LEFT JOIN organisation AS o ON o.id = u.utilisateur_id", "LEFT JOIN logiciel AS l ON l.id = u.logiciel_id",
			"LEFT JOIN organisation AS sy ON sy.id = u.syndicat_id", "LEFT JOIN logiciel AS r ON r.id = u.remplace_id",
			sourceDeLExport + "u.source_id",
		},
		ordre: "u.id",
		criteres: func(ctx context.Context, s *Store, f any) (criteria, error) {
			filtre, _ := f.(*FiltreUsages)
			return s.filterAllUsages(ctx, filtre)
		},
	}
}

func tableEconomies() *TableExport {
	return &TableExport{
		Nom: "economies",
		Colonnes: append([]ColonneExport{
			{Nom: "id", Genre: ColonneID, Type: "Economie", sql: "s.cle"},
			{Nom: "beneficiaire", sql: "o.cle"},
			{Nom: "nom_beneficiaire", Redite: true, sql: "o.nom"},
			{Nom: "logiciel", sql: "l.slug"},
			{Nom: "nom_logiciel", Redite: true, sql: "l.nom"},
			{Nom: "usage", Genre: ColonneID, Type: "Usage", sql: "u.cle"},
			{Nom: "nature", sql: "s.nature"},
			{Nom: "statut", sql: "s.statut"},
			{Nom: "licences_economisees", Genre: ColonneEntier, sql: "s.licences_economisees"},
			{Nom: "brut", Genre: ColonneCentimes, sql: "s.brut_centimes"},
			{Nom: "couts_recurrents", Genre: ColonneCentimes, sql: "s.couts_recurrents_centimes"},
			{Nom: "couts_ponctuels", Genre: ColonneCentimes, sql: "s.couts_ponctuels_centimes"},
			{Nom: "net", Genre: ColonneCentimes, sql: "s.net_centimes"},
			{Nom: "debut", Genre: ColonneJour, sql: jourSQL("s.debut", "s.precision_debut")},
			{Nom: "precision_debut", sql: "CASE WHEN s.debut IS NOT NULL THEN s.precision_debut END"},
			{Nom: "horizon_annees", Genre: ColonneEntier, sql: "s.horizon_annees"},
			{Nom: "annee_prix", Genre: ColonneEntier, sql: "s.annee_prix"},
			{Nom: "precision", sql: "s.precision_source"},
			{Nom: "part_de", Genre: ColonneID, Type: "Economie", sql: "pa.cle"},
			{Nom: "verifiee_par", sql: "ve.cle"},
			{Nom: "visibilite", sql: "s.visibilite"},
		}, colonnesRevision("s")...),
		Parents: []ParentExport{
			{Nom: "beneficiaire", Types: []string{"Collectivite", "SyndicatMixte"}, sql: organisationParCle("s.beneficiaire_id")},
			{Nom: "logiciel", Types: []string{"Logiciel"}, sql: logicielParSlug("s.logiciel_id")},
		},
		filtre: func() any { return new(FiltreEconomies) }, modele: (*Economie)(nil),
		jointures: []string{ // a usage or a saving that the reader may not see is not named
			"LEFT JOIN organisation AS o ON o.id = s.beneficiaire_id", "LEFT JOIN logiciel AS l ON l.id = s.logiciel_id",
			"LEFT JOIN usage AS u ON u.id = s.usage_id", "LEFT JOIN economie AS pa ON pa.id = s.part_de_id",
			"LEFT JOIN organisation AS ve ON ve.id = s.verifiee_par_id", sourceDeLExport + "s.source_id",
		},
		ordre: "s.id",
		criteres: func(_ context.Context, _ *Store, f any) (criteria, error) {
			filtre, _ := f.(*FiltreEconomies)
			return listeEconomies(filtre).filter, nil
		},
	}
}

func tableEntrees() *TableExport {
	return &TableExport{
		Nom: "entrees",
		Colonnes: append([]ColonneExport{
			{Nom: "id", Genre: ColonneID, Type: "EntreeCatalogue", sql: "e.cle"},
			{Nom: "catalogue", sql: "k.cle"},
			{Nom: "nom_catalogue", Redite: true, sql: "k.nom"},
			{Nom: "syndicat", Redite: true, sql: "o.cle"},
			{Nom: "nom_syndicat", Redite: true, sql: "o.nom"},
			{Nom: "logiciel", sql: "l.slug"},
			{Nom: "nom_logiciel", Redite: true, sql: "l.nom"},
			{Nom: "libre", Genre: ColonneBooleen, Redite: true, sql: "l.libre"},
			{Nom: "statut", sql: "e.statut"},
			{Nom: "services", Genre: ColonneListe, sql: "array_to_json(e.services)"},
			{Nom: "depuis", Genre: ColonneJour, sql: dateSQL("e.depuis")},
			{Nom: "jusqua", Genre: ColonneJour, sql: dateSQL("e.jusqua")},
		}, colonnesRevision("e")...),
		Parents: []ParentExport{
			{Nom: "catalogue", Types: []string{"Catalogue"}, sql: "k.cle IN (?0)"},
			{Nom: "syndicat", Types: []string{"SyndicatMixte"}, sql: organisationParCle("k.syndicat_id")},
			{Nom: "logiciel", Types: []string{"Logiciel"}, sql: logicielParSlug("e.logiciel_id")},
		},
		filtre: func() any { return new(FiltreEntrees) }, modele: (*EntreeCatalogue)(nil),
		jointures: []string{
			"LEFT JOIN catalogue AS k ON k.id = e.catalogue_id", "LEFT JOIN organisation AS o ON o.id = k.syndicat_id",
			"LEFT JOIN logiciel AS l ON l.id = e.logiciel_id", sourceDeLExport + "e.source_id",
		},
		ordre: "e.id",
		criteres: func(_ context.Context, _ *Store, f any) (criteria, error) {
			filtre, _ := f.(*FiltreEntrees)
			return listeEntrees(filtre, "").filter, nil
		},
	}
}

func tableAdhesions() *TableExport {
	return &TableExport{
		Nom: "adhesions",
		Colonnes: append([]ColonneExport{
			{Nom: "id", Genre: ColonneID, Type: "Adhesion", sql: "ad.cle"},
			{Nom: "groupement", sql: "g.cle"},
			{Nom: "nom_groupement", Redite: true, sql: "g.nom"},
			{Nom: "membre", sql: "m.cle"},
			{Nom: "code_insee", Redite: true, sql: "m.code_insee"},
			{Nom: "nom_membre", Redite: true, sql: "m.nom"},
			{Nom: "via", sql: "v.cle"},
			{Nom: "services", Genre: ColonneListe, sql: "array_to_json(ad.services)"},
			{Nom: "debut", Genre: ColonneJour, sql: dateSQL("ad.debut")},
			{Nom: "fin", Genre: ColonneJour, sql: dateSQL("ad.fin")},
			{Nom: "confirmee", Genre: ColonneBooleen, Redite: true, sql: "ad.confirmee"},
		}, colonnesRevision("ad")...),
		Parents: []ParentExport{
			{Nom: "groupement", Types: []string{"SyndicatMixte", "Collectivite"}, sql: organisationParCle("ad.groupement_id")},
			{Nom: "membre", Types: []string{"Collectivite", "SyndicatMixte"}, sql: organisationParCle("ad.membre_id")},
		},
		modele: (*Adhesion)(nil),
		jointures: []string{
			"LEFT JOIN organisation AS g ON g.id = ad.groupement_id", "LEFT JOIN organisation AS m ON m.id = ad.membre_id",
			"LEFT JOIN organisation AS v ON v.id = ad.via_id", sourceDeLExport + "ad.source_id",
		},
		ordre:    "ad.id",
		criteres: func(context.Context, *Store, any) (criteria, error) { return everything, nil },
	}
}

func tableContrats() *TableExport {
	return &TableExport{
		Nom: "contrats",
		Colonnes: append([]ColonneExport{
			{Nom: "id", Genre: ColonneID, Type: "Contrat", sql: "c.cle"},
			{Nom: "organisation", sql: "o.cle"},
			{Nom: "nom_organisation", Redite: true, sql: "o.nom"},
			{Nom: "logiciel", sql: "l.slug"},
			{Nom: "nom_logiciel", Redite: true, sql: "l.nom"},
			{Nom: "usage", Genre: ColonneID, Type: "Usage", sql: "u.cle"},
			{Nom: "prestataire", sql: "p.cle"},
			{Nom: "nom_prestataire", Redite: true, sql: "p.nom"},
			{Nom: "prestations", Genre: ColonneListe, sql: "array_to_json(c.prestations)"},
			{Nom: "debut", Genre: ColonneJour, sql: dateSQL("c.debut")},
			{Nom: "fin", Genre: ColonneJour, sql: dateSQL("c.fin")},
			{Nom: "reconductible", Genre: ColonneBooleen, sql: "c.reconductible"},
			{Nom: "montant_annuel", Genre: ColonneCentimes, sql: "c.montant_annuel_centimes"},
			{Nom: "hors_taxes", Genre: ColonneBooleen, sql: "c.hors_taxes"},
			{Nom: "visibilite", sql: "c.visibilite"},
			{Nom: "visibilite_prix", sql: "c.visibilite_prix"},
		}, colonnesRevision("c")...),
		Parents: []ParentExport{
			{Nom: "organisation", Types: []string{"Collectivite", "SyndicatMixte"}, sql: organisationParCle("c.organisation_id")},
			{Nom: "logiciel", Types: []string{"Logiciel"}, sql: logicielParSlug("c.logiciel_id")},
		},
		filtre: func() any { return new(FiltreContrats) }, modele: (*Contrat)(nil),
		jointures: []string{ // who sees a contract and its price is settled by the views
			"LEFT JOIN organisation AS o ON o.id = c.organisation_id", "LEFT JOIN logiciel AS l ON l.id = c.logiciel_id",
			"LEFT JOIN usage AS u ON u.id = c.usage_id", "LEFT JOIN organisation AS p ON p.id = c.prestataire_id",
			sourceDeLExport + "c.source_id",
		},
		ordre: echeanceJour + ", c.id",
		criteres: func(_ context.Context, _ *Store, f any) (criteria, error) {
			filtre, _ := f.(*FiltreContrats)
			return filterContrats(filtre)
		},
	}
}

func tableRencontres() *TableExport {
	return &TableExport{
		Nom: "rencontres",
		Colonnes: append([]ColonneExport{
			{Nom: "id", Genre: ColonneID, Type: "Rencontre", sql: "r.cle"},
			{Nom: "nom", sql: "r.nom"},
			{Nom: "serie", sql: "sr.cle"},
			{Nom: "nom_serie", Redite: true, sql: "coalesce(sr.sigle, sr.nom)"},
			{Nom: "debut", Genre: ColonneJour, sql: jourSQL("r.debut", "r.precision_debut")},
			{Nom: "precision_debut", sql: "r.precision_debut"},
			{Nom: "fin", Genre: ColonneJour, sql: dateSQL("r.fin")},
			{Nom: "annulee", Genre: ColonneBooleen, sql: "r.annulee"},
			{Nom: "lieu", sql: "r.lieu"},
			{Nom: "commune", sql: "o.cle"},
			{Nom: "nom_commune", Redite: true, sql: "o.nom"},
			{Nom: "site", sql: "r.site"},
			{Nom: "cadre", Genre: ColonneID, Type: "Rencontre", sql: "(SELECT x.cle FROM rencontre x WHERE x.id = r.cadre_id)"},
			{Nom: "description", sql: "r.description"},
			{Nom: "public_vise", sql: "r.public"},
			{Nom: "themes", Genre: ColonneListe, sql: "array_to_json(r.themes)"},
			{Nom: "besoins", Genre: ColonneListe, sql: "array_to_json(ARRAY(SELECT c.code FROM rencontre_besoin rb JOIN categorie c ON c.id = rb.categorie_id WHERE rb.rencontre_id = r.id ORDER BY c.code))"},
			{Nom: "organisateurs", Genre: ColonneListe, sql: `array_to_json(ARRAY(SELECT coalesce(re.sigle, re.nom, x.sigle, x.nom) FROM rencontre_organisateur ro
				LEFT JOIN organisation x ON x.id = ro.organisation_id LEFT JOIN reseau re ON re.id = ro.reseau_id
				WHERE ro.rencontre_id = r.id AND ro.role = 'ORGANISATEUR' ORDER BY coalesce(re.nom_tri, x.nom_tri), ro.id))`},
			{Nom: "frequentation", Genre: ColonneEntier, sql: "r.frequentation"},
			{Nom: "frequentation_compte", sql: "r.frequentation_compte"},
			{Nom: "declarant", sql: "(SELECT x.cle FROM organisation x WHERE x.id = r.declarant_id)"},
			{Nom: "ecrit_le", Genre: ColonneInstant, Redite: true, sql: instantSQL("r.ecrit_le")},
		}, colonnesRevision("r")...),
		Parents: []ParentExport{{Nom: "rencontre", Types: []string{"Rencontre"}, sql: "r.cle IN (?)", uuid: true}},
		filtre:  func() any { return new(FiltreRencontres) }, modele: (*Rencontre)(nil),
		jointures: []string{
			"LEFT JOIN serie_rencontres AS sr ON sr.id = r.serie_id", "LEFT JOIN organisation AS o ON o.id = r.commune_id", sourceDeLExport + "r.source_id",
		},
		ordre: debutJour + " DESC, r.id DESC",
		criteres: func(_ context.Context, _ *Store, f any) (criteria, error) {
			filtre, _ := f.(*FiltreRencontres)
			return filterRencontres(filtre)
		},
	}
}
