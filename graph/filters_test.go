package graph_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// hard completes the sample with what lists get wrong first: names that hold the wildcards of LIKE, ligatures and
// apostrophes; equal names and populations; unknown populations; memberships ended or to come; dates not known; a
// catalogue whose entries have every state.
const hard = `
INSERT INTO organisation (cle, genre, nom, nom_tri, nature, population, departement, region, source_id)
	SELECT 'dur-'||i, 'COLLECTIVITE', v.nom, v.tri, v.nature, v.population, v.departement, v.region, (SELECT min(id) FROM source)
	FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n (nom, tri, i)
	CROSS JOIN LATERAL (SELECT n.nom, n.tri, (ARRAY['COMMUNE', 'AUTRE', 'ETABLISSEMENT_PUBLIC'])[i % 3 + 1] AS nature,
		(ARRAY[NULL, 0, 499, 500, 500, 99999, 100000])[i % 7 + 1] AS population, (ARRAY['2A', '48', ''])[i % 3 + 1] AS departement,
		(ARRAY['94', '76', '93'])[i % 3 + 1] AS region) v`

const harder = `
INSERT INTO adhesion (groupement_id, membre_id, debut, fin, source_id)
	SELECT g.id, m.id, p.debut, p.fin, g.source_id
	FROM (SELECT id, source_id FROM organisation WHERE genre = 'SYNDICAT' ORDER BY id LIMIT 3) g
	CROSS JOIN (SELECT id, row_number() OVER (ORDER BY id) AS i FROM organisation WHERE cle LIKE 'dur-%') m
	JOIN (VALUES (0, NULL::date, current_date), (1, current_date, NULL), (2, current_date + 1, NULL), (3, NULL, current_date + 1),
		(4, NULL, NULL), (5, current_date - 9, current_date - 1)) p (i, debut, fin) ON p.i = m.i % 6;
UPDATE usage SET debut = NULL WHERE id % 5 = 0;
UPDATE usage SET fin = NULL WHERE id % 7 = 0;
UPDATE usage SET statut = 'PREVU', fin = NULL WHERE id % 31 = 0;
UPDATE usage SET statut = 'ABANDONNE', fin = CASE WHEN id % 2 = 0 THEN fin END WHERE id % 37 = 0;
UPDATE entree_catalogue SET statut = 'RETIREE' WHERE id % 4 = 0;
UPDATE entree_catalogue SET statut = 'EN_PREPARATION' WHERE id % 4 = 1;
UPDATE logiciel SET ajoute_le = '2020-02-29' WHERE id % 3 = 0`

var hardNames = []string{
	"100 % Libre_Ville", `Barre\Oblique`, "Œuf-sur-Cœur", "L’Haÿ-les-Essais", "L'Hay les Essais", "Même-Nom", "même nom", "MÊME  NOM",
	"Saint-Étienne-d’Essai", "Æsop & Fils", "Strasse", "Straße", "S²LOW-les-Bains", "Ville 100", "Ville_100",
}

var oddTexts = []string{"%", "_", `\`, "100 %", "100%", "libre_ville", `barre\oblique`, "œuf", "oeuf", "cœur", "l'hay", "L’HAŸ", "même-nom", "meme nom", "aesop", "strasse", "straße", "s2low", "S²", "' OR true --", `"`, "-ville", "gestion or libre", "-gestion", "zzzz", "d'"}

// asked is one list that the API gives, narrowed, and the naive SQL of what its descriptions promise.
type asked struct {
	field     string         // as the schema names it: Query.collectivites
	of        string         // its elements' type
	arguments map[string]any // filtre, texte, tri, sens
	sql       string         // selects "Type:key" in order; $1 is the parent's "Type:key"
	args      []any          // from $2 on
}

// TestListsHoldWhatTheirFiltersSayAtScale draws criteria for every list that takes some and compares the answer, order and
// total included, with plain SQL written from the descriptions of the schema alone: no kept count, no kept name, no
// index in mind. Children are asked for several parents at once.
func TestListsHoldWhatTheirFiltersSayAtScale(t *testing.T) {
	t.Parallel()
	url := sample(t)
	pool, err := db.Connect(t.Context(), url, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	sorted := make([]string, len(hardNames))
	for i, n := range hardNames {
		sorted[i] = texte.Normalize(n)
	}
	if _, err := pool.Exec(t.Context(), hard, hardNames, sorted); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), harder, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	publish(t, pool)
	a := open(t, url)
	w := &world{t: t, pool: pool, known: map[string][]string{}}
	full := map[string]int{}
	for field, draw := range map[string]func() asked{
		"Query.collectivites":      func() asked { return w.collectivites("Query.collectivites", "true") },
		"Query.logiciels":          w.logiciels,
		"Query.syndicats":          w.syndicats,
		"Query.usages":             func() asked { return w.usages("Query.usages", "true") },
		"Query.economies":          func() asked { return w.economies("Query.economies", "true") },
		"SyndicatMixte.adherents":  func() asked { return w.collectivites("SyndicatMixte.adherents", memberOf("$1")) },
		"Territoire.collectivites": func() asked { return w.collectivites("Territoire.collectivites", seatedIn) },
		"Collectivite.usages":      func() asked { return w.usages("Collectivite.usages", "'Collectivite:'||o.cle = $1") },
		"SyndicatMixte.usages": func() asked {
			return w.usages("SyndicatMixte.usages", "$1 IN ('SyndicatMixte:'||o.cle, (SELECT 'SyndicatMixte:'||s.cle FROM organisation s WHERE s.id = u.syndicat_id))")
		},
		"Logiciel.usages":         func() asked { return w.usages("Logiciel.usages", "'Logiciel:'||l.slug = $1") },
		"Collectivite.economies":  func() asked { return w.economies("Collectivite.economies", "'Collectivite:'||b.cle = $1") },
		"Logiciel.economies":      func() asked { return w.economies("Logiciel.economies", "'Logiciel:'||l.slug = $1") },
		"Catalogue.entrees":       w.entrees,
		"SyndicatMixte.economies": func() asked { return w.economies("SyndicatMixte.economies", "'SyndicatMixte:'||b.cle = $1") },
		"Query.contrats":          func() asked { return w.contrats("Query.contrats", "true") },
		"Collectivite.contrats":   func() asked { return w.contrats("Collectivite.contrats", "'Collectivite:'||b.cle = $1") },
		"SyndicatMixte.contrats":  func() asked { return w.contrats("SyndicatMixte.contrats", "'SyndicatMixte:'||b.cle = $1") },
		"Logiciel.contrats":       func() asked { return w.contrats("Logiciel.contrats", "'Logiciel:'||l.slug = $1") },
		"Query.rencontres":        func() asked { return w.rencontres("Query.rencontres", "true") },
		"SerieRencontres.etapes":  func() asked { return w.rencontres("SerieRencontres.etapes", "'SerieRencontres:'||s.cle = $1") },
	} {
		// Each field draws from its own source, so that what one draws depends on no other.
		w.random = rand.New(rand.NewPCG(uint64(len(field)), uint64(field[0])))
		draws := 50
		if field == "Territoire.collectivites" || field == "SyndicatMixte.adherents" || field == "Query.syndicats" {
			draws = 10 // spelling every name anew takes time
		} else if strings.HasSuffix(field, ".contrats") || field == "Query.rencontres" || field == "SerieRencontres.etapes" {
			draws = 20
		}
		for range draws {
			full[field] += w.compare(a, draw())
		}
		w.bare = true
		if field == "Query.collectivites" || field == "Query.logiciels" {
			for _, w.order = range []string{"NOM", "POPULATION", "USAGES", "POPULARITE", "RECENT"} {
				if _, known := orders[field][w.order]; known {
					for _, w.sens = range []string{"", "CROISSANT", "DECROISSANT"} {
						w.compare(a, draw())
					}
				}
			}
			w.order, w.sens = "", ""
			for _, w.said = range oddTexts {
				w.compare(a, draw())
			}
		}
		w.bare, w.said = false, ""
		if full[field] == 0 {
			t.Errorf("%s : every list drawn is empty", field)
		}
	}
}

// memberOf says that o is a member today of the groupement whose public id $n holds.
func memberOf(groupement string) string {
	return `EXISTS (SELECT FROM adhesion a JOIN organisation g ON g.id = a.groupement_id WHERE a.membre_id = o.id
		AND CASE g.genre WHEN 'SYNDICAT' THEN 'SyndicatMixte:' ELSE 'Collectivite:' END||g.cle = ` + groupement + `
		AND (a.debut IS NULL OR a.debut <= current_date) AND (a.fin IS NULL OR a.fin > current_date))`
}

const (
	// seatedIn says that o has its seat in the territory whose public id is $1.
	seatedIn = `EXISTS (SELECT FROM territoire t WHERE 'Territoire:'||t.cle = $1 AND CASE t.type
		WHEN 'FRANCE' THEN true WHEN 'REGION' THEN o.region = t.code WHEN 'DEPARTEMENT' THEN o.departement = t.code
		WHEN 'COMMUNE' THEN o.nature = 'COMMUNE' AND o.code_insee = t.code
		ELSE o.siren = t.code OR EXISTS (SELECT FROM adhesion a JOIN organisation g ON g.id = a.groupement_id WHERE a.membre_id = o.id
			AND g.siren = t.code AND (a.debut IS NULL OR a.debut <= current_date) AND (a.fin IS NULL OR a.fin > current_date)) END)`
	inProgress = "u.statut IN ('PRODUCTION', 'EXPERIMENTATION') AND u.fin IS NULL"
)

// folded is a name without accents, case, hyphens nor spaces; spelled keeps one space between words, for sorting.
func folded(column string) string {
	return "regexp_replace(lower(unaccent(replace(" + column + ", '²', '2'))), '[^a-z0-9]', '', 'g')"
}

func spelled(column string) string {
	return "trim(regexp_replace(lower(unaccent(replace(" + column + ", '²', '2'))), '[^a-z0-9]+', ' ', 'g')) COLLATE \"C\""
}

// orders says what each order of the contract compares. Ties follow the order of recording.
var orders = map[string]map[string]string{
	"Query.collectivites": {"NOM": spelled("o.nom"), "POPULATION": "coalesce(o.population, -1)",
		"USAGES": "(SELECT count(*) FROM usage u WHERE u.utilisateur_id = o.id AND " + inProgress + ")"},
	"Query.logiciels": {"NOM": spelled("l.nom"), "RECENT": "l.ajoute_le",
		"POPULARITE": "(SELECT count(DISTINCT u.utilisateur_id) FROM usage u WHERE u.logiciel_id = l.id AND " + inProgress + ")"},
}

// world draws values out of the database.
type world struct {
	t      testing.TB
	pool   *pgxpool.Pool
	random *rand.Rand
	known  map[string][]string // what queries without arguments gave

	// bare draws no criterion but the text said, if any, in the order said.
	bare              bool
	said, order, sens string
}

// all returns what a query without arguments selects.
func (w *world) all(sql string) []string {
	if w.known[sql] == nil {
		w.known[sql] = w.column("SELECT * FROM (" + sql + ") x ORDER BY 1")
	}
	return w.known[sql]
}

// some returns values that a query selects, at random.
func (w *world) some(sql string) []string {
	all := w.all(sql)
	kept := make([]string, 0, 4)
	for range w.random.IntN(4) {
		kept = append(kept, all[w.random.IntN(len(all))])
	}
	return kept
}

func (w *world) column(sql string, args ...any) []string {
	w.t.Helper()
	rows, err := w.pool.Query(context.Background(), sql, args...)
	if err != nil {
		w.t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return all
}

// chance is true once in n.
func (w *world) chance(n int) bool { return w.random.IntN(n) == 0 }

// types is true when the user types a text, once in n.
func (w *world) types(n int) bool { return w.said != "" || !w.bare && w.chance(n) }

// narrowing builds a filter and the SQL that means the same.
type narrowing struct {
	filtre map[string]any
	where  []string
	args   []any
}

// add keeps a criterion given as value; condition holds ? where the value goes.
func (n *narrowing) add(name string, value any, condition string, bound any) {
	n.filtre[name] = value
	n.args = append(n.args, bound)
	n.where = append(n.where, strings.ReplaceAll(condition, "?", fmt.Sprintf("$%d", len(n.args)+1)))
}

// list draws the criterion of a list of values, one time in rarity: absent or null otherwise.
func (w *world) list(n *narrowing, rarity int, name, values, condition string) {
	if w.bare {
		return
	}
	if !w.chance(rarity) {
		if w.chance(4) {
			n.filtre[name] = nil
		}
		return
	}
	v := w.some(values)
	bound := v
	if slices.Contains([]string{"utilise", "adherentDe", "logiciels", "series", "reseaux", "organisations"}, name) {
		v = slices.Clone(v)
		for i := range v {
			v[i] = base64.RawURLEncoding.EncodeToString([]byte(v[i]))
		}
	}
	n.add(name, v, condition, bound)
}

// text draws what a user may type of a name: a part of one, spelled otherwise.
func (w *world) text(names string) string {
	if w.said != "" {
		return w.said
	}
	if w.chance(3) {
		return oddTexts[w.random.IntN(len(oddTexts))]
	}
	all := w.all(names)
	runes := []rune(all[w.random.IntN(len(all))])
	from := w.random.IntN(len(runes))
	part := string(runes[from:min(len(runes), from+2+w.random.IntN(12))])
	switch w.random.IntN(4) {
	case 0:
		part = strings.ToUpper(part)
	case 1:
		part = strings.ReplaceAll(part, " ", "-")
	case 2:
		part = texte.Normalize(part)
	}
	return part
}

// named adds the criterion of a text that one of the names holds; an empty one narrows nothing, one without letter
// nor digit is in none.
func (n *narrowing) named(text, names string) {
	n.add("texte", text, "(btrim(?::text) = '' OR "+folded("?::text")+" <> '' AND EXISTS (SELECT FROM ("+names+") n (nom) WHERE strpos("+folded("n.nom")+", "+folded("?::text")+") > 0))", text)
}

const strates = `CASE ? WHEN 'MOINS_500' THEN o.population < 500 WHEN 'DE_500_A_2000' THEN o.population BETWEEN 500 AND 1999
	WHEN 'DE_2000_A_10000' THEN o.population BETWEEN 2000 AND 9999 WHEN 'DE_10000_A_50000' THEN o.population BETWEEN 10000 AND 49999
	WHEN 'DE_50000_A_100000' THEN o.population BETWEEN 50000 AND 99999 ELSE o.population >= 100000 END`

func (w *world) collectivites(field, parent string) asked {
	n := &narrowing{filtre: map[string]any{}}
	w.list(n, 4, "natures", "SELECT DISTINCT nature FROM organisation WHERE nature IS NOT NULL", "o.nature = ANY (?)")
	w.list(n, 4, "strates", "SELECT DISTINCT strate FROM organisation WHERE strate IS NOT NULL", "EXISTS (SELECT FROM unnest(?::text[]) s WHERE "+strings.Replace(strates, "?", "s", 1)+")")
	w.list(n, 4, "departements", "SELECT code FROM territoire WHERE type = 'DEPARTEMENT' OR code IN ('2A', '48') UNION ALL VALUES ('989')", "o.departement = ANY (?)")
	w.list(n, 5, "regions", "SELECT code FROM territoire WHERE type = 'REGION'", "o.region = ANY (?)")
	w.list(n, 4, "utilise", "SELECT 'Logiciel:'||slug FROM logiciel UNION ALL VALUES ('Logiciel:aucun')",
		"EXISTS (SELECT FROM usage u JOIN logiciel l ON l.id = u.logiciel_id WHERE u.utilisateur_id = o.id AND "+inProgress+" AND 'Logiciel:'||l.slug = ANY (?))")
	w.list(n, 4, "adherentDe", `SELECT * FROM (SELECT 'SyndicatMixte:'||cle FROM organisation WHERE genre = 'SYNDICAT' ORDER BY id LIMIT 5) s
		UNION ALL SELECT CASE g.genre WHEN 'SYNDICAT' THEN 'SyndicatMixte:' ELSE 'Collectivite:' END||g.cle
		FROM organisation g WHERE id IN (SELECT groupement_id FROM adhesion)`, memberOf("ANY (?)"))
	if w.types(3) {
		n.named(w.text("SELECT nom FROM organisation WHERE genre = 'COLLECTIVITE' UNION ALL SELECT nom FROM nom_alternatif"),
			"SELECT o.nom UNION ALL SELECT a.nom FROM nom_alternatif a WHERE a.organisation_id = o.id")
	}
	order := spelled("o.nom") + ", o.id"
	arguments := w.filtre(n)
	if field == "Query.collectivites" {
		order = w.sort(arguments, orders[field], "o.id")
	}
	return asked{field, "Collectivite", arguments, `SELECT 'Collectivite:'||o.cle FROM organisation o
		WHERE o.genre = 'COLLECTIVITE' AND o.actif AND ` + strings.Join(append(n.where, parent), " AND ") + " ORDER BY " + order, n.args}
}

func (w *world) syndicats() asked {
	n := &narrowing{filtre: map[string]any{}}
	if w.types(2) {
		n.named(w.text("SELECT nom FROM organisation WHERE genre = 'SYNDICAT' UNION ALL SELECT sigle FROM organisation WHERE sigle IS NOT NULL"),
			"SELECT o.nom UNION ALL SELECT o.sigle UNION ALL SELECT a.nom FROM nom_alternatif a WHERE a.organisation_id = o.id")
	}
	return asked{"Query.syndicats", "SyndicatMixte", n.filtre, `SELECT 'SyndicatMixte:'||o.cle FROM organisation o
		WHERE ` + strings.Join(append(n.where, "o.genre = 'SYNDICAT' AND o.actif"), " AND ") + " ORDER BY " + spelled("o.nom") + ", o.id", n.args}
}

// within says that the software l belongs to one of the categories, or to one that they contain.
const within = `EXISTS (WITH RECURSIVE up AS (SELECT c.* FROM categorie c JOIN logiciel_categorie lc ON lc.categorie_id = c.id WHERE lc.logiciel_id = l.id
	UNION ALL SELECT c.* FROM categorie c JOIN up ON up.parent_id = c.id) SELECT FROM up WHERE up.code = ANY (?))`

func (w *world) logiciels() asked {
	n := &narrowing{filtre: map[string]any{}}
	w.libre(n)
	w.list(n, 4, "licences", "SELECT DISTINCT licence FROM logiciel WHERE licence IS NOT NULL", "l.licence = ANY (?)")
	w.list(n, 4, "categories", "SELECT code FROM categorie UNION ALL VALUES ('aucune')", within)
	w.list(n, 4, "utiliseDans", "SELECT DISTINCT departement FROM usage WHERE departement <> ''", `EXISTS (SELECT FROM usage u JOIN organisation o ON o.id = u.utilisateur_id
		WHERE u.logiciel_id = l.id AND o.departement = ANY (?) AND `+inProgress+")")
	if w.types(2) {
		text := w.text("SELECT nom FROM logiciel UNION ALL SELECT word FROM logiciel, regexp_split_to_table(description, '\\s+') word WHERE length(word) > 4")
		n.add("texte", text, "(btrim(?::text) = '' OR "+folded("?::text")+" <> '' AND (EXISTS (SELECT FROM (SELECT l.nom UNION ALL SELECT a.nom FROM nom_alternatif a WHERE a.logiciel_id = l.id) n (nom) WHERE strpos("+
			folded("n.nom")+", "+folded("?::text")+") > 0) OR to_tsvector('francais', l.nom_tri||' '||coalesce(l.description, '')) @@ plainto_tsquery('francais', "+spelled("?::text")+")))", text)
	}
	arguments := w.filtre(n)
	order := w.sort(arguments, orders["Query.logiciels"], "l.id")
	return asked{"Query.logiciels", "Logiciel", arguments, "SELECT 'Logiciel:'||l.slug FROM logiciel l WHERE " +
		strings.Join(append(n.where, "true"), " AND ") + " ORDER BY " + order, n.args}
}

func (w *world) libre(n *narrowing) {
	if !w.bare && w.chance(3) {
		libre := w.chance(2)
		n.add("libre", libre, "l.libre = ?", libre)
	}
}

func (w *world) usages(field, parent string) asked {
	n := &narrowing{filtre: map[string]any{}}
	w.list(n, 4, "statuts", "SELECT DISTINCT statut FROM usage", "u.statut = ANY (?)")
	w.list(n, 4, "modalites", "SELECT DISTINCT modalite FROM usage", "u.modalite = ANY (?)")
	w.list(n, 4, "logiciels", "SELECT 'Logiciel:'||slug FROM logiciel", "'Logiciel:'||l.slug = ANY (?)")
	w.list(n, 4, "departements", "SELECT DISTINCT departement FROM usage WHERE departement <> ''", "o.departement = ANY (?)")
	w.libre(n)
	if !w.bare && w.chance(2) {
		kinds := []string{"debut", "fin", "constate_le", "least('9999-12-31', constate_le + 9999999)"}
		days := w.all("SELECT DISTINCT coalesce(" + kinds[w.random.IntN(len(kinds))] + ", '0001-01-01')::text FROM usage")
		day := days[w.random.IntN(len(days))]
		n.add("date", day, "CASE WHEN u.debut IS NULL THEN u.constate_le ELSE u.debut END <= ?::text::date AND (u.fin IS NULL OR u.fin > ?::text::date)"+
			" AND CASE u.statut WHEN 'PREVU' THEN false WHEN 'ABANDONNE' THEN u.fin IS NOT NULL ELSE true END", day)
	}
	return asked{field, "Usage", w.filtre(n), `SELECT 'Usage:'||u.cle FROM usage u JOIN organisation o ON o.id = u.utilisateur_id
		JOIN logiciel l ON l.id = u.logiciel_id WHERE ` + strings.Join(append(n.where, parent), " AND ") + " ORDER BY u.id DESC", n.args}
}

func (w *world) economies(field, parent string) asked {
	n := &narrowing{filtre: map[string]any{}}
	w.list(n, 3, "statuts", "SELECT DISTINCT statut FROM economie", "e.statut = ANY (?)")
	w.list(n, 3, "natures", "SELECT DISTINCT nature FROM economie", "e.nature = ANY (?)")
	return asked{field, "Economie", w.filtre(n), `SELECT 'Economie:'||e.cle FROM economie e JOIN organisation b ON b.id = e.beneficiaire_id
		LEFT JOIN logiciel l ON l.id = e.logiciel_id WHERE ` + strings.Join(append(n.where, parent), " AND ") + " ORDER BY e.id", n.args}
}

// contrats are those that anyone may read: the least term first, the unknown ones last.
func (w *world) contrats(field, parent string) asked {
	n := &narrowing{filtre: map[string]any{}}
	w.list(n, 3, "logiciels", "SELECT 'Logiciel:'||l.slug FROM logiciel l JOIN contrat c ON c.logiciel_id = l.id", "'Logiciel:'||l.slug = ANY (?)")
	w.list(n, 3, "departements", "SELECT DISTINCT departement FROM usage WHERE departement <> ''", "b.departement = ANY (?)")
	for _, bound := range []struct{ name, where string }{{"echeanceAvant", "c.fin <= ?::text::date"}, {"echeanceApres", "c.fin >= ?::text::date"}} {
		if !w.bare && w.chance(3) {
			days := w.all("SELECT fin::text FROM contrat WHERE fin IS NOT NULL UNION SELECT '0001-01-01' UNION SELECT '9999-12-31'")
			day := days[w.random.IntN(len(days))]
			n.add(bound.name, day, bound.where, day)
		}
	}
	return asked{field, "Contrat", w.filtre(n), `SELECT 'Contrat:'||c.cle FROM contrat c JOIN organisation b ON b.id = c.organisation_id
		JOIN logiciel l ON l.id = c.logiciel_id WHERE ` + strings.Join(append(n.where, "c.visibilite = 'PUBLIC'", parent), " AND ") + " ORDER BY coalesce(c.fin, 'infinity'), c.id", n.args}
}

// concerned says that an organisation x announces, organises, takes part in or speaks at the event r.
const concerned = `EXISTS (SELECT FROM organisation x WHERE %s AND (x.id = r.declarant_id OR x.id IN (SELECT organisation_id FROM rencontre_organisateur WHERE rencontre_id = r.id)
	OR x.id IN (SELECT organisation_id FROM participation WHERE rencontre_id = r.id)
	OR x.id IN (SELECT io.organisation_id FROM intervention_organisation io JOIN intervention i ON i.id = io.intervention_id WHERE i.rencontre_id = r.id)))`

// rencontres are events, the latest first.
func (w *world) rencontres(field, parent string) asked {
	n := &narrowing{filtre: map[string]any{}}
	w.list(n, 4, "departements", "SELECT DISTINCT departement FROM organisation WHERE id IN (SELECT commune_id FROM rencontre)", "o.departement = ANY (?)")
	w.list(n, 4, "regions", "SELECT DISTINCT region FROM organisation WHERE id IN (SELECT commune_id FROM rencontre)", "o.region = ANY (?)")
	w.list(n, 4, "series", "SELECT 'SerieRencontres:'||cle FROM serie_rencontres WHERE id IN (SELECT serie_id FROM rencontre)", "'SerieRencontres:'||s.cle = ANY (?)")
	w.list(n, 4, "reseaux", "SELECT 'Reseau:'||cle FROM reseau WHERE id IN (SELECT reseau_id FROM rencontre_organisateur)",
		"EXISTS (SELECT FROM rencontre_organisateur ro JOIN reseau n ON n.id = ro.reseau_id WHERE ro.rencontre_id = r.id AND 'Reseau:'||n.cle = ANY (?))")
	w.list(n, 4, "organisations", "SELECT 'Collectivite:'||o.cle FROM organisation o WHERE o.genre = 'COLLECTIVITE' AND o.id IN (SELECT organisation_id FROM rencontre_organisateur UNION SELECT organisation_id FROM participation)",
		fmt.Sprintf(concerned, "'Collectivite:'||x.cle = ANY (?)"))
	for _, bound := range []struct{ name, where string }{{"jusqua", "r.debut <= ?::text::date"}, {"depuis", `CASE WHEN r.fin IS NOT NULL THEN r.fin WHEN r.precision_debut = 'JOUR' THEN r.debut
		WHEN r.precision_debut = 'MOIS' THEN (r.debut + interval '1 month - 1 day')::date ELSE (r.debut + interval '1 year - 1 day')::date END >= ?::text::date`}} {
		if !w.bare && w.chance(3) {
			days := w.all("SELECT debut::text FROM rencontre UNION SELECT (debut + 20)::text FROM rencontre UNION SELECT '0001-01-01' UNION SELECT '9999-12-31'")
			day := days[w.random.IntN(len(days))]
			n.add(bound.name, day, bound.where, day)
		}
	}
	return asked{field, "Rencontre", w.filtre(n), `SELECT 'Rencontre:'||r.cle FROM rencontre r LEFT JOIN organisation o ON o.id = r.commune_id LEFT JOIN serie_rencontres s ON s.id = r.serie_id
		WHERE ` + strings.Join(append(n.where, parent), " AND ") + " ORDER BY r.debut DESC, r.id DESC", n.args}
}

func (w *world) entrees() asked {
	n := &narrowing{filtre: map[string]any{}}
	w.list(n, 3, "statuts", "SELECT DISTINCT statut FROM entree_catalogue", "e.statut = ANY (?)")
	w.list(n, 3, "categories", "SELECT code FROM categorie", within)
	w.libre(n)
	return asked{"Catalogue.entrees", "EntreeCatalogue", w.filtre(n), `SELECT 'EntreeCatalogue:'||e.cle FROM entree_catalogue e
		JOIN catalogue k ON k.id = e.catalogue_id JOIN logiciel l ON l.id = e.logiciel_id
		WHERE ` + strings.Join(append(n.where, "'Catalogue:'||k.cle = $1"), " AND ") + " ORDER BY e.id", n.args}
}

// filtre gives the arguments of a list: no filter at all when none was drawn, one time in two.
func (w *world) filtre(n *narrowing) map[string]any {
	if len(n.filtre) == 0 && w.chance(2) {
		return map[string]any{}
	}
	return map[string]any{"filtre": n.filtre}
}

// sort draws an order and its direction, and returns what they mean: by name upwards, by a measure downwards, unless
// said otherwise.
func (w *world) sort(arguments map[string]any, orders map[string]string, id string) string {
	names := []string{"NOM"}
	for name := range orders {
		if name != "NOM" {
			names = append(names, name)
		}
	}
	slices.Sort(names[1:])
	name, sens := w.order, w.sens
	if !w.bare {
		name = append(names, "")[w.random.IntN(len(names)+1)]
		sens = []string{"", "CROISSANT", "DECROISSANT"}[w.random.IntN(3)]
	}
	direction := "DESC"
	if name == "" || name == "NOM" {
		name, direction = "NOM", "ASC"
	}
	if name != "NOM" || w.bare || w.chance(2) {
		arguments["tri"] = name
	}
	if sens != "" {
		arguments["sens"] = sens
		direction = map[string]string{"CROISSANT": "ASC", "DECROISSANT": "DESC"}[sens]
	}
	return orders[name] + " " + direction + ", " + id + " " + direction
}

// parents are objects whose lists are not empty, then any.
var parents = map[string]string{
	"SyndicatMixte": `SELECT 'SyndicatMixte:'||cle FROM organisation g WHERE genre = 'SYNDICAT' AND (id IN (SELECT syndicat_id FROM usage) OR id IN (SELECT organisation_id FROM contrat) OR id IN (SELECT groupement_id FROM adhesion) OR id % 97 = 0)`,
	"Territoire":    `SELECT 'Territoire:'||cle FROM territoire WHERE type <> 'COMMUNE' AND id % 3 = 0 OR id % 97 = 0 OR code IN ('2A', '93', 'FR')`,
	"Collectivite":  `SELECT 'Collectivite:'||cle FROM organisation WHERE genre = 'COLLECTIVITE' AND (nb_usages > 1 OR id % 97 = 0 OR id IN (SELECT beneficiaire_id FROM economie UNION SELECT organisation_id FROM contrat))`,
	"Logiciel":      `SELECT 'Logiciel:'||slug FROM logiciel`,
	"Catalogue":     `SELECT 'Catalogue:'||cle FROM catalogue`,

	"SerieRencontres": `SELECT 'SerieRencontres:'||cle FROM serie_rencontres WHERE id IN (SELECT serie_id FROM rencontre)`,
}

// compare asks for both ends of a list and its total, and returns how many elements it holds.
func (w *world) compare(a *api, q asked) int {
	types := map[string]string{"tri": "Tri" + strings.ToUpper(q.field[6:7]) + q.field[7:], "sens": "Sens", "texte": "String",
		"filtre": map[string]string{"Collectivite": "FiltreCollectivites", "Logiciel": "FiltreLogiciels", "Usage": "FiltreUsages", "Economie": "FiltreEconomies", "Contrat": "FiltreContrats", "EntreeCatalogue": "FiltreEntrees",
			"Rencontre": "FiltreRencontres"}[q.of]}
	size := 1 + w.random.IntN(100)
	declared, given := "$n: Int", ""
	variables := map[string]any{"n": size}
	for name, value := range q.arguments {
		declared += fmt.Sprintf(", $%s: %s", name, types[name])
		given += fmt.Sprintf(", %s: $%s", name, name)
		variables[name] = value
	}
	parent, name, _ := strings.Cut(q.field, ".")
	both := fmt.Sprintf(`debut: %[1]s(first: $n%[2]s) { totalCount nodes { id } } fin: %[1]s(last: $n%[2]s) { nodes { id } }`, name, given)
	ids := []string{""}
	var answers []any
	if parent == "Query" {
		answers = []any{a.must(w.t, "query("+declared+") {"+both+"}", variables).Data}
	} else {
		all := w.all(parents[parent])
		ids = nil
		for range 4 {
			ids = append(ids, all[w.random.IntN(len(all))])
		}
		opaque := make([]string, len(ids))
		for i, id := range ids {
			opaque[i] = base64.RawURLEncoding.EncodeToString([]byte(id))
		}
		variables["ids"] = opaque
		answers = at(w.t, a.must(w.t, "query($ids: [ID!]!, "+declared+") { nodes(ids: $ids) { ... on "+parent+" {"+both+"} } }", variables).Data, "nodes").([]any)
	}
	found := 0
	for i, id := range ids {
		want := w.column("SELECT * FROM ("+q.sql+") x WHERE $1::text IS NOT NULL", append([]any{id}, q.args...)...)
		begin, end := decoded(w.t, at(w.t, answers[i], "debut", "nodes")), decoded(w.t, at(w.t, answers[i], "fin", "nodes"))
		total := int(at(w.t, answers[i], "debut", "totalCount").(float64))
		cut := min(size, len(want))
		if total != len(want) || !slices.Equal(begin, want[:cut]) || !slices.Equal(end, want[len(want)-cut:]) {
			asked, _ := json.Marshal(q.arguments)
			w.t.Errorf("%s %s %s, pages of %d\nanswers %d: %.200q… %.200q\nnot %d: %.200q… %.200q", q.field, id, asked, size,
				total, begin, end, len(want), want[:cut], want[len(want)-cut:])
		}
		found += len(want)
	}
	return found
}

// decoded reads the keys behind the public ids of a list.
func decoded(t testing.TB, nodes any) []string {
	keys := []string{}
	for _, n := range nodes.([]any) {
		key, err := base64.RawURLEncoding.DecodeString(at(t, n, "id").(string))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, string(key))
	}
	return keys
}
