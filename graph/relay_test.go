package graph_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/graph"
)

// list is a paged field: the query around it, with %s where its page arguments go and the path to it in the answer.
// Other arguments stand before %s.
type list struct {
	field string // as the schema names it
	query string
	path  []any
}

func lists(t *testing.T, a *api) []list {
	id := func(query string, path ...any) string {
		s, ok := at(t, a.must(t, query, nil).Data, path...).(string)
		if !ok {
			t.Fatalf("%s: nothing at %v", query, path)
		}
		return s
	}
	// The entry with the most subscribers, and around it.
	var entree, catalogue, syndicat string
	most := 0.0
	for _, l := range at(t, a.must(t, `{ logiciels(first: 20, tri: POPULARITE) { nodes { entrees(first: 10) {
		nodes { id abonnes(first: 0) { totalCount } catalogue { id syndicat { id } } } } } } }`, nil).Data, "logiciels", "nodes").([]any) {
		for _, e := range at(t, l, "entrees", "nodes").([]any) {
			if n := at(t, e, "abonnes", "totalCount").(float64); n > most {
				most, entree = n, at(t, e, "id").(string)
				catalogue, syndicat = at(t, e, "catalogue", "id").(string), at(t, e, "catalogue", "syndicat", "id").(string)
			}
		}
	}
	membre := id(fmt.Sprintf(`{ syndicat(id: %q) { adherents(first: 1) { nodes { id } } } }`, syndicat), "syndicat", "adherents", "nodes", 0, "id")
	utilisateur := id(`{ collectivites(first: 1, tri: USAGES) { nodes { id } } }`, "collectivites", "nodes", 0, "id")
	logiciel := id(`{ logiciels(first: 1, tri: POPULARITE) { nodes { id } } }`, "logiciels", "nodes", 0, "id")
	adullact := id(`{ recherche(texte: "adullact", first: 1) { nodes { ... on Prestataire { id } } } }`, "recherche", "nodes", 0, "id")
	offert := id(fmt.Sprintf(`{ node(id: %q) { ... on Prestataire { logiciels(first: 1) { nodes { id } } } } }`, adullact), "node", "logiciels", "nodes", 0, "id")

	node := func(field, typ, id, args string) list {
		_, name, _ := strings.Cut(field, ".")
		return list{field, fmt.Sprintf(`{ node(id: %q) { ... on %s { liste: %s(%s%%s) { PAGE } } } }`, id, typ, name, args), []any{"node", "liste"}}
	}
	root := func(name, args string) list {
		return list{"Query." + name, fmt.Sprintf(`{ liste: %s(%s%%s) { PAGE } }`, name, args), []any{"liste"}}
	}
	all := []list{
		root("jetons", fmt.Sprintf("organisation: %q ", a.organisation(t, sitpi))), root("habilitations", fmt.Sprintf("organisation: %q ", a.organisation(t, sitpi))),
		root("webhooks", fmt.Sprintf("organisation: %q ", a.organisation(t, sitpi))),
		{"Webhook.livraisons", fmt.Sprintf(`{ webhooks(organisation: %q, first: 1) { nodes { liste: livraisons(%%s) { PAGE } } } }`, a.organisation(t, sitpi)), []any{"webhooks", "nodes", 0, "liste"}},
		root("syndicats", `texte: "numerique" `), root("referencesPrix", ""), root("economies", "filtre: {statuts: [PREVUE, CONSTATEE]} "),
		root("totauxEconomies", "par: LOGICIEL "), root("totauxEconomies", `par: TERRITOIRE date: "2015-03-31" `),
		root("retoursExperience", ""), root("retoursExperience", `filtre: {themes: [SUPPORT_PAYANT], departements: ["38"], texte: "essai"} `),
		node("Logiciel.retours", "Logiciel", identifiant.Global("Logiciel", "libreoffice"), ""), node("Collectivite.retours", "Collectivite", a.organisation(t, echirolles), ""),
		node("SyndicatMixte.retours", "SyndicatMixte", a.organisation(t, sitpi), "filtre: {themes: [DEPLOIEMENT]} "),
		root("developpements", ""), root("developpements", "filtre: {natures: [CORRECTION], versements: [INTEGRE]} "),
		node("Logiciel.developpements", "Logiciel", identifiant.Global("Logiciel", "libreoffice"), ""), node("Logiciel.ressources", "Logiciel", identifiant.Global("Logiciel", "libreoffice"), "filtre: {payante: false} "),
		node("Collectivite.developpements", "Collectivite", a.organisation(t, echirolles), ""), node("SyndicatMixte.developpements", "SyndicatMixte", a.organisation(t, sitpi), ""),
		node("Prestataire.developpements", "Prestataire", adullact, ""),
		node("Developpement.participations", "Developpement", id(`{ developpements(first: 1) { nodes { id } } }`, "developpements", "nodes", 0, "id"), ""),
		{"LigneTotauxEconomies.economies", `{ totauxEconomies(par: STATUT, filtre: {regions: ["93"]}) { nodes { liste: economies(%s) { PAGE } } } }`, []any{"totauxEconomies", "nodes", 0, "liste"}},
		root("contrats", ""), root("contrats", `filtre: {departements: ["38", "40"], echeanceApres: "2026-03-01"} `),
		node("Collectivite.contrats", "Collectivite", a.organisation(t, echirolles), ""), node("SyndicatMixte.contrats", "SyndicatMixte", a.organisation(t, sitpi), ""),
		node("Logiciel.contrats", "Logiciel", identifiant.Global("Logiciel", "libreoffice"), `filtre: {echeanceAvant: "2026-03-01"} `),
		node("SyndicatMixte.economies", "SyndicatMixte", a.organisation(t, sitpi), ""),
		node("Economie.parts", "Economie", id(fmt.Sprintf(`{ node(id: %q) { ... on SyndicatMixte { economies(first: 1) { nodes { id } } } } }`, a.organisation(t, sitpi)), "node", "economies", "nodes", 0, "id"), ""),
		root("usages", `filtre: {departements: ["2A", "48"], statuts: [PRODUCTION, PREVU]} `),
		root("usages", `filtre: {date: "2012-06-30", departements: ["48", "23"]} `),
		root("semblables", fmt.Sprintf("collectivite: %q ", utilisateur)), root("suggestions", fmt.Sprintf("collectivite: %q ", a.organisation(t, echirolles))),
		root("recherche", `texte: "saint mart" `), root("recherche", `texte: "libre ofice" `),
		node("Collectivite.membres", "Collectivite", id(`{ collectivite(siren: "200054807") { id } }`, "collectivite", "id"), ""),
		node("Collectivite.syndicats", "Collectivite", membre, ""), node("Collectivite.adhesions", "Collectivite", membre, ""),
		node("Collectivite.usages", "Collectivite", utilisateur, ""), node("Collectivite.usages", "Collectivite", utilisateur, "filtre: {libre: true} "),
		node("Collectivite.economies", "Collectivite", id(`{ collectivite(siren: "211300041") { id } }`, "collectivite", "id"), ""),
		node("SyndicatMixte.adherents", "SyndicatMixte", syndicat, ""), node("SyndicatMixte.adhesions", "SyndicatMixte", syndicat, ""),
		node("SyndicatMixte.adherents", "SyndicatMixte", syndicat, "filtre: {strates: [MOINS_500]} "),
		node("SyndicatMixte.usages", "SyndicatMixte", syndicat, ""), node("Catalogue.entrees", "Catalogue", catalogue, ""),
		node("Catalogue.entrees", "Catalogue", catalogue, "filtre: {libre: true} "), node("EntreeCatalogue.abonnes", "EntreeCatalogue", entree, ""),
		node("Logiciel.usages", "Logiciel", logiciel, `filtre: {departements: ["13", "35"]} `), node("Logiciel.entrees", "Logiciel", logiciel, ""),
		node("Logiciel.economies", "Logiciel", logiciel, ""), node("Logiciel.prestataires", "Logiciel", offert, ""),
		node("Prestataire.logiciels", "Prestataire", adullact, ""),
		root("groupementsPossibles", `departements: ["2A", "48"] `), root("groupementsPossibles", `proximite: SYNDICAT categorie: "metier" `),
		{"GroupementPossible.echeances", `{ groupementsPossibles(first: 1) { nodes { liste: echeances(%s) { PAGE } } } }`, []any{"groupementsPossibles", "nodes", 0, "liste"}},
		{"LigneAdoption.detail", `{ adoption(par: DEPARTEMENT, filtre: {departements: ["48"]}, limite: 1) { liste: detail(%s) { PAGE } } }`, []any{"adoption", 0, "liste"}},
		root("communautes", ""), root("communautes", "tri: NOM filtre: {etats: [ACTIF]} "), root("communautes", "tri: SANTE sens: CROISSANT filtre: {deconseille: false} "),
		{"Communaute.evaluations", `{ logiciel(slug: "libreoffice") { communaute { liste: evaluations(%s) { PAGE } } } }`, []any{"logiciel", "communaute", "liste"}},
		node("EvaluationCommunaute.reponses", "EvaluationCommunaute", id(`{ logiciel(slug: "libreoffice") { communaute { evaluation { id } } } }`, "logiciel", "communaute", "evaluation", "id"), ""),
		root("logicielsSansSyndicat", `departements: ["2A", "48"] minimum: 1 `), root("territoiresSansPrestataire", `departements: ["2A", "48"] `),
		{"Territoire.collectivites", `{ territoire(type: DEPARTEMENT, code: "2A") { liste: collectivites(%s) { PAGE } } }`, []any{"territoire", "liste"}},
		{"Territoire.collectivites", `{ territoire(type: EPCI, code: "200054807") { liste: collectivites(%s) { PAGE } } }`, []any{"territoire", "liste"}},
		{"Territoire.collectivites", `{ territoire(type: FRANCE, code: "FR") { liste: collectivites(filtre: {natures: [DEPARTEMENT, REGION]} %s) { PAGE } } }`, []any{"territoire", "liste"}},
	}
	all = append(all, root("modifications", ""), root("modifications", fmt.Sprintf("filtre: {organisation: %q} ", a.organisation(t, value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'SYNDICAT' ORDER BY id LIMIT 1`)))), root("propositions", ""),
		root("instantanes", ""), node("Instantane.historique", "Instantane", id(`{ instantanes(first: 1) { nodes { id } } }`, "instantanes", "nodes", 0, "id"), ""),
		root("aConfirmer", fmt.Sprintf("organisation: %q ", a.organisation(t, sitpi))))
	prestataire := a.organisation(t, value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id LIMIT 1`))
	rencontre := identifiant.Global("Rencontre", value[string](t, a.pool, `SELECT cle::text FROM rencontre ORDER BY id LIMIT 1`))
	all = append(all, root("reseaux", ""), root("seriesRencontres", ""), root("rencontres", ""), root("rencontres", `filtre: {annulees: false, depuis: "2012-01-01"} sens: CROISSANT `),
		node("Reseau.membres", "Reseau", identifiant.Global("Reseau", "reseau-1"), ""), node("Reseau.rencontres", "Reseau", identifiant.Global("Reseau", "reseau-2"), ""),
		node("SerieRencontres.etapes", "SerieRencontres", identifiant.Global("SerieRencontres", "serie-1"), ""),
		node("Rencontre.rencontres", "Rencontre", rencontre, ""), node("Rencontre.programme", "Rencontre", rencontre, ""),
		node("Rencontre.programme", "Rencontre", rencontre, "genres: [RETOUR_EXPERIENCE] "), node("Rencontre.participants", "Rencontre", rencontre, ""),
		list{"Territoire.rencontres", `{ territoire(type: DEPARTEMENT, code: "2A") { liste: rencontres(%s) { PAGE } } }`, []any{"territoire", "liste"}},
		node("Logiciel.interventions", "Logiciel", identifiant.Global("Logiciel", "libreoffice"), ""))
	for typ, id := range map[string]string{"Collectivite": a.organisation(t, echirolles), "SyndicatMixte": a.organisation(t, sitpi), "Prestataire": prestataire} {
		all = append(all, node(typ+".rencontres", typ, id, ""), node(typ+".interventions", typ, id, "genres: [CONFERENCE, RETOUR_EXPERIENCE] "))
	}
	all = append(all, root("editionsLabel", ""), node("EditionLabel.laureats", "EditionLabel", editionDe(2021), ""))
	for typ, cle := range map[string]string{"Collectivite": echirolles, "SyndicatMixte": sitpi} {
		all = append(all, node(typ+".candidatures", typ, a.organisation(t, cle), ""))
	}
	besoin := identifiant.Global("Besoin", value[string](t, a.pool, `SELECT cle::text FROM besoin ORDER BY id LIMIT 1`))
	proches := fmt.Sprintf("logiciel: %q collectivite: %q ", identifiant.Global("Logiciel", "libreoffice"), a.organisation(t, echirolles))
	all = append(all, root("prestations", `filtre: {types: [SUPPORT]} `), node("Logiciel.prestations", "Logiciel", identifiant.Global("Logiciel", "libreoffice"), ""),
		node("Prestataire.prestations", "Prestataire", adullact, `filtre: {departements: ["38"]} `), root("references", ""), root("prestatairesProches", proches),
		list{"PrestataireProche.references", `{ prestatairesProches(first: 2, ` + proches + `) { nodes { liste: references(%s) { PAGE } } } }`, []any{"prestatairesProches", "nodes", 1, "liste"}},
		node("Prestation.references", "Prestation", identifiant.Global("Prestation", value[string](t, a.pool, `SELECT pr.cle::text FROM prestation pr JOIN reference_prestation rp USING (prestataire_id, logiciel_id) GROUP BY 1 ORDER BY count(*) DESC LIMIT 1`)), ""),
		root("besoins", `filtre: {departements: ["38"]} `), root("reponsesBesoins", ""), node("Besoin.prestatairesPossibles", "Besoin", besoin, ""),
		node("Besoin.syndicatsQuiLeProposent", "Besoin", besoin, ""), node("Besoin.reponses", "Besoin", besoin, ""),
		root("disponibilites", ""), root("mesDisponibilites", ""), root("messagesRecus", ""))
	for _, m := range written {
		cle := value[string](t, a.pool, fmt.Sprintf(`SELECT %s::text FROM %s x JOIN journal j ON j.nom_table = '%s' AND (j.apres ->> 'id')::bigint = x.id %s LIMIT 1`, m.cle, m.table, m.table, m.of))
		all = append(all, node(m.typ+".historique", m.typ, identifiant.Global(m.typ, cle), ""))
	}
	for _, sens := range []string{"CROISSANT", "DECROISSANT"} {
		for _, tri := range []string{"NOM", "POPULATION", "USAGES"} {
			all = append(all, root("collectivites", fmt.Sprintf(`filtre: {departements: ["2A", "975"]} tri: %s sens: %s `, tri, sens)))
		}
		for _, tri := range []string{"NOM", "POPULARITE", "RECENT"} {
			all = append(all, root("logiciels", fmt.Sprintf(`filtre: {libre: true} tri: %s sens: %s `, tri, sens)))
		}
	}
	return all
}

// written are the things that have a history, one of each type corrected many times: see rewrite.
var written = []struct{ typ, table, cle, column, of string }{
	{"Collectivite", "organisation", "x.cle", "sigle", "WHERE x.genre = 'COLLECTIVITE'"}, {"SyndicatMixte", "organisation", "x.cle", "sigle", "WHERE x.genre = 'SYNDICAT'"},
	{"Prestataire", "organisation", "x.cle", "sigle", "WHERE x.genre = 'PRESTATAIRE'"}, {"Adhesion", "adhesion", "x.cle", "services", ""},
	{"Logiciel", "logiciel", "x.slug", "description", ""}, {"Catalogue", "catalogue", "x.cle", "nom", ""}, {"EntreeCatalogue", "entree_catalogue", "x.cle", "jusqua", ""},
	{"Usage", "usage", "x.cle", "version", ""}, {"Economie", "economie", "x.cle", "precision_source", ""}, {"Contrat", "contrat", "x.cle", "hors_taxes", "WHERE x.visibilite = 'PUBLIC'"},
	{"RetourExperience", "retour_experience", "x.cle", "titre", ""}, {"Developpement", "developpement", "x.cle", "titre", ""}, {"RessourceSupport", "ressource_support", "x.cle", "nom", ""},
	{"ParticipationDeveloppement", "participation_developpement", "x.cle", "jours", ""},
	{"Proposition", "proposition", "x.cle", "message", ""}, {"Territoire", "territoire", "x.cle", "nom", ""}, {"Categorie", "categorie", "x.code", "nom", ""},
	{"Reseau", "reseau", "x.cle", "site", ""}, {"SerieRencontres", "serie_rencontres", "x.cle", "site", ""}, {"Rencontre", "rencontre", "x.cle", "site", ""},
	{"Intervention", "intervention", "x.cle", "site", ""},
	{"Prestation", "prestation", "x.cle", "description", ""}, {"ReferencePrestation", "reference_prestation", "x.cle", "description", "WHERE x.etat = 'CONFIRMEE'"},
	{"Besoin", "besoin", "x.cle", "description", ""}, {"ReponseBesoin", "reponse_besoin", "x.cle", "message", ""},
	{"EvaluationCommunaute", "evaluation_communaute", "x.cle", "source_id", ""},
	{"EditionLabel", "label_edition", "x.cle", "lieu_remise", ""}, {"Candidature", "candidature", "x.cle", "elu_nom", ""},
}

// rewrite corrects one thing of each type 45 times, signed.
func rewrite(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `WITH p AS (INSERT INTO publication (operation, sujet) VALUES ('essai', 'commande:essai') RETURNING id)
			SELECT set_config('mutualibre.publication', id::text, true) FROM p`); err != nil {
			return err
		}
		for _, m := range written {
			var id int64
			if err := tx.QueryRow(t.Context(), fmt.Sprintf(`SELECT x.id FROM %s x %s ORDER BY x.id LIMIT 1`, m.table, m.of)).Scan(&id); err != nil {
				return fmt.Errorf("%s: %w", m.typ, err)
			}
			for range 45 {
				if _, err := tx.Exec(t.Context(), fmt.Sprintf(`UPDATE %s SET %s = %s WHERE id = $1`, m.table, m.column, m.column), id); err != nil {
					return fmt.Errorf("%s: %w", m.typ, err)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// share tells experiences, declares work done once for all, and says where help is found: of LibreOffice, by the SITPI,
// Échirolles and the ADULLACT.
func share(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	for _, sql := range []string{
		`INSERT INTO retour_experience (cle, organisation_id, titre, resume, themes, date, source_id)
			SELECT gen_random_uuid(), o.id, 'Essai ' || i, 'Un essai parmi d''autres.', CASE WHEN i % 2 = 0 THEN '{SUPPORT_PAYANT}' ELSE '{CHOIX_OUTIL,DEPLOIEMENT}' END::text[], DATE '2020-01-01' + i % 40, o.source_id
			FROM organisation o, generate_series(1, 65) i WHERE o.cle IN ('253800700', '213801517')`,
		`INSERT INTO retour_lien (retour_id, logiciel_id) SELECT r.id, l.id FROM retour_experience r, logiciel l WHERE r.titre LIKE 'Essai %' AND l.slug = 'libreoffice'`,
		`INSERT INTO retour_lien (retour_id, organisation_id) SELECT r.id, o.id FROM retour_experience r, organisation o WHERE r.titre LIKE 'Essai %' AND o.cle = '213801517' AND r.organisation_id <> o.id AND r.id % 3 = 0`,
		`INSERT INTO chiffre_retour (retour_id, nom, valeur, unite, date, source_id) SELECT id, 'postes', '12', 'postes', '2020', source_id FROM retour_experience WHERE titre LIKE 'Essai %'`,
		`INSERT INTO developpement (cle, logiciel_id, organisation_id, titre, nature, debut, cout_centimes, statut_cout, versement, source_id)
			SELECT gen_random_uuid(), l.id, o.id, 'Essai ' || i, CASE WHEN i % 2 = 0 THEN 'CORRECTION' ELSE 'EVOLUTION' END, CASE WHEN i % 5 > 0 THEN DATE '2020-01-01' + i % 40 END, i * 10000, 'PAYE', 'INTEGRE', l.source_id
			FROM logiciel l, organisation o, generate_series(1, 65) i WHERE l.slug = 'libreoffice' AND o.cle = '253800700'`,
		`INSERT INTO participation_developpement (cle, developpement_id, visibilite, organisation_id, role, source_id)
			SELECT gen_random_uuid(), d.id, d.visibilite, o.id, CASE o.genre WHEN 'PRESTATAIRE' THEN 'REALISATEUR' ELSE 'FINANCEUR' END, d.source_id
			FROM developpement d, organisation o WHERE d.titre LIKE 'Essai %' AND o.cle IN ('253800700', '213801517', 'org-adullact')`,
		`INSERT INTO participation_developpement (cle, developpement_id, visibilite, organisation_id, role, source_id) SELECT gen_random_uuid(), d.id, d.visibilite, o.id, 'TESTEUR', d.source_id
			FROM (SELECT * FROM developpement ORDER BY coalesce(debut, '0001-01-01') DESC, id DESC LIMIT 1) d, (SELECT id FROM organisation WHERE nature = 'COMMUNE' ORDER BY id LIMIT 65) o`,
		`INSERT INTO ressource_support (cle, logiciel_id, genre, nom, url, payante, source_id) SELECT gen_random_uuid(), l.id, 'FORUM', 'Essai ' || i, 'https://exemple.fr/' || i, i % 2 = 0, l.source_id
			FROM logiciel l, generate_series(1, 65) i WHERE l.slug = 'libreoffice'`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

// page is one page as the client sees it.
type onePage struct {
	cursors, ids         []string
	next, previous       bool
	total                int
	startCursor, endText any
}

// Elements are told apart by their id, or by their cursor for what cannot be read again.
const pageFields = `edges { cursor node { __typename ... on Node { id } } } nodes { __typename } totalCount
	pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`

func (l list) read(t *testing.T, a *api, args string) onePage {
	t.Helper()
	fields := pageFields
	if _, name, _ := strings.Cut(l.field, "."); slices.Contains([]string{"adhesions", "referencesPrix", "jetons", "habilitations", "webhooks", "livraisons", "historique", "modifications", "aConfirmer",
		"semblables", "suggestions", "totauxEconomies",
		"groupementsPossibles", "echeances", "logicielsSansSyndicat", "territoiresSansPrestataire", "participants", "prestatairesProches", "prestatairesPossibles", "syndicatsQuiLeProposent", "disponibilites", "mesDisponibilites", "messagesRecus", "communautes", "reponses", "laureats"}, name) {
		fields = strings.Replace(fields, "... on Node { id }", "", 1)
	}
	query := strings.Replace(l.query, "PAGE", fields, 1)
	c := at(t, a.must(t, fmt.Sprintf(query, args), nil).Data, l.path...)
	var p onePage
	for _, e := range at(t, c, "edges").([]any) {
		cursor := at(t, e, "cursor").(string)
		p.cursors = append(p.cursors, cursor)
		if id, ok := at(t, e, "node", "id").(string); ok {
			p.ids = append(p.ids, id)
		} else {
			p.ids = append(p.ids, cursor)
		}
	}
	if n := len(at(t, c, "nodes").([]any)); n != len(p.ids) {
		t.Errorf("%d nodes, %d edges", n, len(p.ids))
	}
	p.total = int(at(t, c, "totalCount").(float64))
	p.next = at(t, c, "pageInfo", "hasNextPage").(bool)
	p.previous = at(t, c, "pageInfo", "hasPreviousPage").(bool)
	p.startCursor, p.endText = at(t, c, "pageInfo", "startCursor"), at(t, c, "pageInfo", "endCursor")
	if len(p.cursors) > 0 && (p.startCursor != p.cursors[0] || p.endText != p.cursors[len(p.cursors)-1]) {
		t.Errorf("startCursor and endCursor are not those of the first and last edges")
	}
	return p
}

func TestPagesCoverEachListOnceInBothDirectionsAtScale(t *testing.T) {
	t.Parallel()
	a := sampled(t)
	publish(t, a.pool)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	moderator := a.as(t, droit.Moderateur, "")
	notOpen := []string{"Query.jetons", "Query.habilitations", "Query.webhooks", "Webhook.livraisons", "Query.propositions", "Query.aConfirmer", "Contrat.historique"}
	for _, sql := range []string{
		`INSERT INTO jeton (cle, empreinte, nom, role, organisation_id, expire_le) SELECT i, sha256('x'), 'jeton', 'LECTEUR', o.id, now() FROM organisation o, generate_series(1, 130) i WHERE o.cle IN ('253800700', '254003304')`,
		`INSERT INTO webhook (cle, organisation_id, url, secret, evenements, portee, depuis) SELECT gen_random_uuid(), o.id, 'https://exemple.fr', repeat('x', 32), '{USAGE}', 'TOUT', i FROM organisation o, generate_series(1, 130) i WHERE o.cle IN ('253800700', '254003304')`,
		`INSERT INTO livraison (webhook_id, numero) SELECT w.id, i FROM webhook w, generate_series(1, 130) i`,
		`INSERT INTO habilitation (emetteur, sujet, nom, role, organisation_id) SELECT 'https://sso.fr', i, 'agent', 'LECTEUR', o.id FROM organisation o, generate_series(1, 130) i WHERE o.cle IN ('253800700', '254003304')`,
		`INSERT INTO proposition (cle, prestataire_id, utilisateur_id, logiciel_id, statut) SELECT gen_random_uuid(), p.id, o.id, l.id, 'PRODUCTION'
			FROM (SELECT id FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id LIMIT 1) p, organisation o, (SELECT id FROM logiciel ORDER BY id LIMIT 130) l WHERE o.cle = '213801517'`,
		`INSERT INTO instantane (cle, titre, le, sujet, requete, variables, version_schema, sources, document, empreinte) SELECT gen_random_uuid(), 'essai', now(), 'essai', '', '{}', '', '[{"nom": "essai"}]',
			'', 'sha256:' || encode(sha256(''), 'hex') FROM generate_series(1, 130) i`,
		`INSERT INTO evaluation_communaute (cle, logiciel_id, le, empreinte, bareme, entrees, composantes, etat, raison_etat, sante, raison_sans_sante, couverture, facteur_absence_24, source_id)
			SELECT gen_random_uuid(), x.logiciel_id, x.le, encode(sha256('x'), 'hex'), 'v1', '[]', '[]', (ARRAY['ACTIF', 'DORMANT', NULL])[1 + x.n % 3], 'essai', CASE WHEN x.n % 4 > 0 THEN x.n % 101 END,
				CASE WHEN x.n % 4 = 0 THEN 'essai' END, 0.5, 1, (SELECT min(id) FROM source) FROM (SELECT id AS logiciel_id, DATE '2020-01-01' AS le, id AS n FROM logiciel ORDER BY id LIMIT 130) x`,
		`INSERT INTO evaluation_communaute (cle, logiciel_id, le, empreinte, bareme, entrees, composantes, raison_etat, raison_sans_sante, couverture, source_id)
			SELECT gen_random_uuid(), l.id, DATE '2000-01-01' + i, encode(sha256('x'), 'hex'), 'v1', '[]', '[]', 'essai', 'essai', 0, l.source_id FROM logiciel l, generate_series(1, 130) i WHERE l.slug = 'libreoffice'`,
		`INSERT INTO reponse_evaluation (cle, evaluation_id, texte, le, source_id) SELECT gen_random_uuid(), e.id, 'essai', now(), e.source_id FROM evaluation_communaute e JOIN communaute c ON c.evaluation_id = e.id, generate_series(1, 130) i`,
		`INSERT INTO contrat (cle, organisation_id, logiciel_id, fin, visibilite, source_id) SELECT gen_random_uuid(), u.utilisateur_id, u.logiciel_id, current_date + 10 + (u.id % 300)::integer, 'PUBLIC', u.source_id
			FROM usage u WHERE u.id % 12 = 0`,
	} {
		if _, err := a.pool.Exec(t.Context(), strings.Replace(sql, "SELECT i,", "SELECT o.cle || i,", 1)); err != nil {
			t.Fatal(err)
		}
	}
	share(t, a.pool)
	a.exec(t, `INSERT INTO candidature (cle, edition_id, organisation_id, statut) SELECT gen_random_uuid(), e.id, o.id, 'RETIREE' FROM label_edition e, organisation o, generate_series(1, 25) i
			WHERE o.cle IN ('`+echirolles+`', '`+sitpi+`');
INSERT INTO label_edition (label, annee, source_id) SELECT 'essai', 2100 + i, s.id FROM (SELECT min(id) AS id FROM source) s, generate_series(1, 130) i;
INSERT INTO label_obtenu (edition_id, organisation_id, source_id) SELECT e.id, o.id, e.source_id FROM label_edition e, (SELECT id FROM organisation WHERE nature = 'COMMUNE' ORDER BY id LIMIT 130) o WHERE e.annee = 2021 ON CONFLICT DO NOTHING`)
	moderator.must(t, operation("proposerDisponibilite", "disponibilite { id }"), map[string]any{"i": saisie{"nom": "Ada", "statut": "INDEPENDANT", "consentementVersion": "2026-11"}})
	a.exec(t, `INSERT INTO prestation (prestataire_id, logiciel_id, types, territoires, source_id) SELECT o.id, l.id, '{SUPPORT,HEBERGEMENT}', '{DEPARTEMENT-38}', l.source_id
			FROM organisation o, (SELECT id, source_id, slug, row_number() OVER (ORDER BY id) AS n FROM logiciel) l WHERE o.genre = 'PRESTATAIRE' AND (l.slug = 'libreoffice' OR o.cle = 'org-adullact' AND l.n <= 130) ON CONFLICT DO NOTHING;
INSERT INTO reference_prestation (cle, prestataire_id, beneficiaire_id, logiciel_id, etat, attestation, traitee_le, source_id) SELECT gen_random_uuid(), p.id, o.id, l.id, 'CONFIRMEE', 'DOCUMENT', now(), l.source_id
			FROM organisation p, (SELECT id FROM organisation WHERE nature = 'COMMUNE' ORDER BY id LIMIT 130) o, logiciel l WHERE p.cle = 'org-adullact' AND l.slug = 'libreoffice';
INSERT INTO catalogue (cle, nom, syndicat_id, source_id) SELECT 'c-relais', 'Relais', id, source_id FROM organisation WHERE cle = '`+sitpi+`';
INSERT INTO entree_catalogue (cle, catalogue_id, logiciel_id, statut, source_id) SELECT gen_random_uuid(), k.id, l.id, 'PROPOSEE', l.source_id FROM catalogue k, logiciel l WHERE k.cle = 'c-relais' AND l.slug = 'libreoffice';
INSERT INTO besoin (cle, organisation_id, titre, logiciel_id, source_id) SELECT gen_random_uuid(), o.id, 'essai', l.id, o.source_id FROM organisation o, logiciel l, generate_series(1, 130) i WHERE o.cle = '`+echirolles+`' AND l.slug = 'libreoffice';
INSERT INTO reponse_besoin (cle, besoin_id, repondant_id, message) SELECT gen_random_uuid(), b.id, p.id, 'essai' FROM (SELECT min(id) AS id FROM besoin) b, organisation p WHERE p.genre = 'PRESTATAIRE';
INSERT INTO disponibilite (cle, sujet, nom, statut, consentement_version, expire_le) SELECT gen_random_uuid(), sujet, nom, statut, consentement_version, expire_le FROM disponibilite, generate_series(1, 130);
INSERT INTO message_developpeur (cle, disponibilite_id, organisation_id, message) SELECT gen_random_uuid(), d.id, o.id, 'essai' FROM disponibilite d, organisation o WHERE o.cle = '`+arles+`'`)
	rewrite(t, a.pool)
	freeze(t, agent, saisie{"titre": "Arles", "requete": aFiger})
	random := rand.New(rand.NewPCG(1, 2))
	covered := map[string]bool{}
	for i, l := range lists(t, a) {
		covered[l.field] = true
		t.Run(fmt.Sprintf("%s %d", l.field, i), func(t *testing.T) {
			a := a
			if slices.Contains(notOpen, l.field) {
				a = agent
			} else if slices.Contains([]string{"Proposition.historique", "ReponseBesoin.historique", "Besoin.reponses", "Query.reponsesBesoins", "Query.disponibilites", "Query.mesDisponibilites", "Query.messagesRecus",
				"Collectivite.candidatures", "SyndicatMixte.candidatures", "Candidature.historique"}, l.field) {
				a = moderator
			}
			var whole onePage
			for after := ""; ; {
				p := l.read(t, a, fmt.Sprintf("first: 100 %s", after))
				whole.ids, whole.cursors, whole.total = append(whole.ids, p.ids...), append(whole.cursors, p.cursors...), p.total
				if !p.next {
					break
				}
				after = fmt.Sprintf("after: %q", p.cursors[len(p.cursors)-1])
			}
			if len(whole.ids) != whole.total {
				t.Fatalf("totalCount says %d, pages hold %d", whole.total, len(whole.ids))
			}
			if len(whole.ids) == 0 {
				t.Fatal("an empty list proves nothing: choose another")
			}
			seen := map[string]bool{}
			for _, id := range whole.ids {
				if seen[id] {
					t.Fatalf("%s comes twice", id)
				}
				seen[id] = true
			}
			backward := l.field != "Query.recherche"
			for range 6 {
				size, from := random.IntN(30), random.IntN(len(whole.ids))
				p := l.read(t, a, fmt.Sprintf("first: %d after: %q", size, whole.cursors[from]))
				check(t, whole, p, from+1, min(from+1+size, len(whole.ids)))
				if !backward {
					continue
				}
				p = l.read(t, a, fmt.Sprintf("last: %d before: %q", size, whole.cursors[from]))
				check(t, whole, p, max(from-size, 0), from)
				if from == len(whole.ids)-1 {
					continue
				}
				end := from + 1 + random.IntN(len(whole.ids)-from-1)
				p = l.read(t, a, fmt.Sprintf("first: 100 after: %q before: %q", whole.cursors[from], whole.cursors[end]))
				check(t, whole, p, from+1, min(from+101, end))
			}
			p := l.read(t, a, "first: 0")
			check(t, whole, p, 0, 0)
			if backward {
				p = l.read(t, a, "last: 7")
				check(t, whole, p, max(len(whole.ids)-7, 0), len(whole.ids))
			}
		})
	}
	for _, typ := range graph.Schema(nil).Schema().Types {
		if typ.Kind == ast.Interface { // its lists are those of its types
			continue
		}
		for _, f := range typ.Fields {
			if strings.HasSuffix(f.Type.Name(), "Connection") && !covered[typ.Name+"."+f.Name] {
				t.Errorf("%s.%s n'est pas éprouvé ici", typ.Name, f.Name)
			}
		}
	}
}

// check compares a page with the slice of the whole list that it must be, bounds included in what it says of its
// neighbours.
func check(t *testing.T, whole, p onePage, from, to int) {
	t.Helper()
	if !slices.Equal(p.ids, whole.ids[from:to]) {
		t.Errorf("the page is not [%d, %d[ of the list of %d: %d elements", from, to, len(whole.ids), len(p.ids))
		return
	}
	if want := to < len(whole.ids); p.next != want {
		t.Errorf("hasNextPage is %v for [%d, %d[ of %d", p.next, from, to, len(whole.ids))
	}
	if want := from > 0; p.previous != want {
		t.Errorf("hasPreviousPage is %v for [%d, %d[ of %d", p.previous, from, to, len(whole.ids))
	}
	if p.total != whole.total {
		t.Errorf("totalCount is %d, not %d", p.total, whole.total)
	}
}
