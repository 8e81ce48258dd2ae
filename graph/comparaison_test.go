package graph_test

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// Three catalogues. A is nearly all free, as ALPI's is; B nearly all proprietary, as SICTIAM's is; C is small.
//
//	software    free  users  in             A                        B                        C
//	Actes       yes   3      métier/actes   2015-                    2019-06-01-              ?-
//	Bureau      yes   2      poste          2018-  + in preparation                           2021-03-01-
//	Courrier    yes   2      métier         2012-2015, then 2018-                             withdrawn, nobody knows when
//	Délib       yes   0      métier         2020-                    2011-2019-06-01
//	État civil  no    1      métier/actes                            2010-                    2017-2024
//	Finances    no    0      métier                                  2010-
//	GED         yes   1      poste          2016-                    2014-2020
//	Horaires    no    0      poste          2010-                    2022-
//	Intranet    yes   5      poste          in preparation                                    2016-
//
// Users are those whose usage is public and in progress: Délib has one in private, GED one who stopped.
//
// Subscribers (communes 1 to 4): of A, 1 to Actes and Bureau, 2 to GED and, until 2015, to the first Courrier, 3 to Actes
// from 2090 on; of B, 3 to Finances, 2 and 3 to GED until 2020, 4 to GED until 2019 and to Délib as long as it was offered.
const troisCatalogues = `
INSERT INTO categorie (code, nom, parent_id) VALUES ('essai-metier', 'Métier', NULL), ('essai-poste', 'Poste', NULL);
INSERT INTO categorie (code, nom, parent_id) SELECT 'essai-actes', 'Actes', id FROM categorie WHERE code = 'essai-metier';
INSERT INTO logiciel (slug, nom, nom_tri, libre, ajoute_le, source_id) SELECT 'essai-' || slug, nom, nom_tri, libre, '2020-01-01', (SELECT min(id) FROM source)
	FROM (VALUES ('actes', 'Actes', 'actes', true), ('bureau', 'Bureau', 'bureau', true), ('courrier', 'Courrier', 'courrier', true),
		('delib', 'Délib', 'delib', true), ('etat-civil', 'État civil', 'etat civil', false), ('finances', 'Finances', 'finances', false),
		('ged', 'GED', 'ged', true), ('horaires', 'Horaires', 'horaires', false), ('intranet', 'Intranet', 'intranet', true)) v (slug, nom, nom_tri, libre);
INSERT INTO logiciel_categorie (logiciel_id, categorie_id) SELECT l.id, c.id FROM logiciel l JOIN categorie c ON c.code = CASE
	WHEN l.slug IN ('essai-actes', 'essai-etat-civil') THEN 'essai-actes' WHEN l.slug IN ('essai-courrier', 'essai-delib', 'essai-finances') THEN 'essai-metier'
	ELSE 'essai-poste' END WHERE l.slug LIKE 'essai-%';
CREATE VIEW communes AS SELECT id, departement, row_number() OVER (ORDER BY id) AS n FROM organisation WHERE nature = 'COMMUNE';
INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, source_id, constate_le, fin, visibilite)
	SELECT gen_random_uuid(), c.id, c.departement, l.id, l.libre, 'PRODUCTION', 'DIRECT', l.source_id, '2024-01-01', v.fin::date, v.visibilite
	FROM (VALUES ('actes', 1, 3, NULL, 'PUBLIC'), ('bureau', 1, 2, NULL, 'PUBLIC'), ('courrier', 3, 4, NULL, 'PUBLIC'), ('delib', 1, 1, NULL, 'PRIVE'),
		('etat-civil', 1, 1, NULL, 'PUBLIC'), ('ged', 1, 1, NULL, 'PUBLIC'), ('ged', 2, 2, '2025-01-01', 'PUBLIC'), ('intranet', 1, 5, NULL, 'PUBLIC')) v (slug, de, a, fin, visibilite)
	JOIN logiciel l ON l.slug = 'essai-' || v.slug JOIN communes c ON c.n BETWEEN v.de AND v.a;
INSERT INTO source (cle, nom, importe_le) VALUES ('essai-a', 'Délibération de A', now()), ('essai-b', 'Site de B', now()), ('essai-c', 'Rapport de C', now());
INSERT INTO catalogue (cle, nom, syndicat_id, source_id) SELECT s.cle, upper(right(s.cle, 1)), o.id, s.id
	FROM source s JOIN organisation o ON o.cle = '254003304' WHERE s.cle LIKE 'essai-_';
INSERT INTO entree_catalogue (cle, catalogue_id, logiciel_id, statut, services, depuis, jusqua, source_id)
	SELECT gen_random_uuid(), k.id, l.id, v.statut, v.services::text[], v.depuis::date, v.jusqua::date, k.source_id
	FROM (VALUES
		('a', 'actes', 'PROPOSEE', '{HEBERGEMENT,SUPPORT}', '2015-01-01', NULL), ('a', 'bureau', 'PROPOSEE', '{HEBERGEMENT}', '2018-01-01', NULL),
		('a', 'bureau', 'EN_PREPARATION', '{HEBERGEMENT}', NULL, NULL), ('a', 'courrier', 'RETIREE', '{CONSEIL}', '2012-01-01', '2015-01-01'),
		('a', 'courrier', 'PROPOSEE', '{FORMATION}', '2018-01-01', NULL), ('a', 'delib', 'PROPOSEE', '{}', '2020-01-01', NULL),
		('a', 'ged', 'PROPOSEE', '{SUPPORT}', '2016-01-01', NULL), ('a', 'horaires', 'PROPOSEE', '{MAINTENANCE}', '2010-01-01', NULL),
		('a', 'intranet', 'EN_PREPARATION', '{}', '2091-01-01', NULL),
		('b', 'actes', 'PROPOSEE', '{SUPPORT}', '2019-06-01', NULL), ('b', 'delib', 'RETIREE', '{SUPPORT}', '2011-01-01', '2019-06-01'),
		('b', 'etat-civil', 'PROPOSEE', '{SUPPORT}', '2010-01-01', NULL), ('b', 'finances', 'PROPOSEE', '{SUPPORT}', '2010-01-01', NULL),
		('b', 'ged', 'RETIREE', '{REPRISE_DONNEES}', '2014-01-01', '2020-01-01'), ('b', 'horaires', 'PROPOSEE', '{}', '2022-01-01', NULL),
		('c', 'actes', 'PROPOSEE', '{}', NULL, NULL), ('c', 'bureau', 'PROPOSEE', '{}', '2021-03-01', NULL), ('c', 'courrier', 'RETIREE', '{}', '2011-01-01', NULL),
		('c', 'etat-civil', 'RETIREE', '{}', '2017-01-01', '2024-01-01'), ('c', 'intranet', 'PROPOSEE', '{}', '2016-01-01', NULL)
	) v (catalogue, slug, statut, services, depuis, jusqua) JOIN catalogue k ON k.cle = 'essai-' || v.catalogue JOIN logiciel l ON l.slug = 'essai-' || v.slug;
INSERT INTO abonnement (entree_id, collectivite_id, debut, fin, source_id) SELECT e.id, c.id, v.debut::date, v.fin::date, e.source_id
	FROM (VALUES ('a', 'actes', 'PROPOSEE', 1, '2015-01-01', NULL), ('a', 'bureau', 'PROPOSEE', 1, '2019-01-01', NULL), ('a', 'ged', 'PROPOSEE', 2, NULL, NULL),
		('a', 'actes', 'PROPOSEE', 3, '2090-01-01', NULL), ('a', 'courrier', 'RETIREE', 2, '2012-01-01', '2015-01-01'), ('b', 'finances', 'PROPOSEE', 3, '2016-01-01', NULL),
		('b', 'ged', 'RETIREE', 3, '2014-01-01', '2020-01-01'), ('b', 'ged', 'RETIREE', 2, '2015-01-01', '2020-01-01'), ('b', 'ged', 'RETIREE', 4, '2014-01-01', '2019-06-01'),
		('b', 'delib', 'RETIREE', 4, '2011-01-01', '2019-06-01')) v (catalogue, slug, statut, n, debut, fin)
	JOIN catalogue k ON k.cle = 'essai-' || v.catalogue JOIN logiciel l ON l.slug = 'essai-' || v.slug JOIN communes c ON c.n = v.n
	JOIN entree_catalogue e ON e.catalogue_id = k.id AND e.logiciel_id = l.id AND e.statut = v.statut`

// compared holds an answer as text, to be read beside what was worked out by hand.
type compared struct {
	logiciels  string // how many in all, then how many in common
	lignes     string // of each catalogue: software, free ones (share), alone, missing, subscribers; its services
	communs    string
	propres    string
	similarite string
	manques    string // how many, then each: catalogue, software, offered by, users
}

const comparison = `query ($ids: [ID!]!, $filtre: FiltreEntrees, $date: Date, $n: Int) { comparerCatalogues(catalogues: $ids, filtre: $filtre, date: $date) {
	date nombreLogiciels nombreCommuns nombreManques similarite
	catalogues { nom }
	lignes { catalogue { nom } logiciels libres partLibre propres manques abonnes services { type entrees } source { nom } }
	communs(first: $n) { nom }
	propres { catalogue { nom } nombre logiciels(first: $n) { nom } }
	manques(first: $n) { catalogue { nom } logiciel { nom } offertPar utilisateurs }
} }`

func trois(order string) []string {
	var ids []string
	for _, k := range strings.Split(order, "") {
		ids = append(ids, identifiant.Global("Catalogue", "essai-"+strings.ToLower(k)))
	}
	return ids
}

// compares asks for the comparison of the catalogues named by one letter each, in this order.
func (a *api) compares(t testing.TB, order string, filtre, date any) compared {
	t.Helper()
	c := at(t, a.must(t, comparison, map[string]any{"ids": trois(order), "filtre": filtre, "date": date}).Data, "comparerCatalogues")
	names := func(list any) string {
		var names []string
		for _, l := range list.([]any) {
			names = append(names, at(t, l, "nom").(string))
		}
		return strings.Join(names, ", ")
	}
	decimal := func(v any) string {
		if v == nil {
			return "?"
		}
		return strconv.FormatFloat(v.(float64), 'f', 4, 64)
	}
	each := func(list any, line func(any) string) string {
		var lines []string
		for _, l := range list.([]any) {
			lines = append(lines, line(l))
		}
		return strings.Join(lines, " | ")
	}
	if strings.ReplaceAll(names(at(t, c, "catalogues")), ", ", "") != order {
		t.Errorf("%s is answered in another order: %v", order, at(t, c, "catalogues"))
	}
	if date != nil && at(t, c, "date") != date || date == nil && at(t, c, "date") != day0(0) {
		t.Errorf("of %v, on %v", date, at(t, c, "date"))
	}
	return compared{
		logiciels: fmt.Sprint(at(t, c, "nombreLogiciels"), " ", at(t, c, "nombreCommuns")),
		lignes: each(at(t, c, "lignes"), func(l any) string {
			services := ""
			for _, s := range at(t, l, "services").([]any) {
				if n := at(t, s, "entrees"); n != 0.0 {
					services += fmt.Sprintf(" %v %v", at(t, s, "type"), n)
				}
			}
			return fmt.Sprint(at(t, l, "catalogue", "nom"), " ", at(t, l, "logiciels"), " ", at(t, l, "libres"), " (", decimal(at(t, l, "partLibre")), ") ",
				at(t, l, "propres"), " ", at(t, l, "manques"), " ", at(t, l, "abonnes"), services)
		}),
		communs: names(at(t, c, "communs")),
		propres: each(at(t, c, "propres"), func(p any) string {
			return fmt.Sprint(at(t, p, "catalogue", "nom"), " ", at(t, p, "nombre"), ": ", names(at(t, p, "logiciels")))
		}),
		similarite: each(at(t, c, "similarite"), func(row any) string {
			var cells []string
			for _, v := range row.([]any) {
				cells = append(cells, decimal(v))
			}
			return strings.Join(cells, " ")
		}),
		manques: fmt.Sprint(at(t, c, "nombreManques"), ": ", each(at(t, c, "manques"), func(m any) string {
			return fmt.Sprint(at(t, m, "catalogue", "nom"), " ", at(t, m, "logiciel", "nom"), " ", at(t, m, "offertPar"), " ", at(t, m, "utilisateurs"))
		})),
	}
}

func TestCataloguesAreComparedByWhatTheyOfferThatDay(t *testing.T) {
	t.Parallel()
	a := real(t)
	a.exec(t, troisCatalogues)
	for _, c := range []struct {
		name         string
		filtre, date any
		want         compared
	}{
		// A = Actes Bureau Courrier Délib GED Horaires: 5 free of 6
		// B = Actes État-civil Finances Horaires:       1 of 4
		// C = Actes Bureau Intranet:                    3 of 3             union: all nine
		// A∩B = Actes Horaires, 2/(6+4-2) = 2/8    A∩C = Actes Bureau, 2/(6+3-2) = 2/7    B∩C = Actes, 1/(4+3-1) = 1/6
		// A lacks Intranet (C). B lacks Bureau (A and C), Courrier, Délib, GED (A), Intranet (C). C lacks Courrier, Délib, GED (A).
		// Bureau is offered by 2; the others by 1, and used by 5 (Intranet), 2 (Courrier), 1 (GED), 0 (Délib).
		// Subscribed: 1 (twice) and 2 to A, 3 to B. Services of A: the old Courrier's CONSEIL and what is in preparation do not count.
		{"today", nil, nil, compared{
			logiciels: "9 1",
			lignes: "A 6 5 (0.8333) 3 1 2 HEBERGEMENT 2 MAINTENANCE 1 SUPPORT 2 FORMATION 1" +
				" | B 4 1 (0.2500) 2 5 1 SUPPORT 3 | C 3 3 (1.0000) 1 3 0",
			communs:    "Actes",
			propres:    "A 3: Courrier, Délib, GED | B 2: État civil, Finances | C 1: Intranet",
			similarite: "1.0000 0.2500 0.2857 | 0.2500 1.0000 0.1667 | 0.2857 0.1667 1.0000",
			manques: "9: B Bureau 2 2 | A Intranet 1 5 | B Intranet 1 5 | B Courrier 1 2 | C Courrier 1 2" +
				" | B GED 1 1 | C GED 1 1 | B Délib 1 0 | C Délib 1 0",
		}},
		// A = Actes Bureau Courrier GED Horaires: 4 of 5 (Délib is to come)
		// B = Actes (its first day) État-civil Finances GED: 2 of 4 (Délib ended that day, Horaires is to come)
		// C = Actes État-civil Intranet: 2 of 3 (Bureau is to come)          union: all but Délib, 8
		// A∩B = Actes GED, 2/(5+4-2) = 2/7    A∩C = Actes, 1/(5+3-1) = 1/7    B∩C = Actes État-civil, 2/(4+3-2) = 2/5
		// A lacks Intranet. B lacks Bureau, Courrier (A), Intranet (C). C lacks Bureau, Courrier (A), GED (A and B).
		// Bureau and Courrier have as many users: by name.
		// Subscribed: 1 (twice) and 2 to A; 2 and 3 to B, but no longer 4.
		{"a past day", nil, "2019-06-01", compared{
			logiciels: "8 1",
			lignes: "A 5 4 (0.8000) 3 1 2 HEBERGEMENT 2 MAINTENANCE 1 SUPPORT 2 FORMATION 1" +
				" | B 4 2 (0.5000) 1 3 2 SUPPORT 3 REPRISE_DONNEES 1 | C 3 2 (0.6667) 1 3 0",
			communs:    "Actes",
			propres:    "A 3: Bureau, Courrier, Horaires | B 1: Finances | C 1: Intranet",
			similarite: "1.0000 0.2857 0.1429 | 0.2857 1.0000 0.4000 | 0.1429 0.4000 1.0000",
			manques: "7: C GED 2 1 | A Intranet 1 5 | B Intranet 1 5 | B Bureau 1 2 | C Bureau 1 2" +
				" | B Courrier 1 2 | C Courrier 1 2",
		}},
		// Today without Horaires, État-civil, Finances: B = Actes.
		// A∩B 1/5, A∩C 2/(5+3-2) = 2/6, B∩C 1/3. What is missing is the same. 3's subscription was to Finances.
		{"free ones", map[string]any{"libre": true}, nil, compared{
			logiciels:  "6 1",
			lignes:     "A 5 5 (1.0000) 3 1 2 HEBERGEMENT 2 SUPPORT 2 FORMATION 1 | B 1 1 (1.0000) 0 5 0 SUPPORT 1 | C 3 3 (1.0000) 1 3 0",
			communs:    "Actes",
			propres:    "A 3: Courrier, Délib, GED | B 0:  | C 1: Intranet",
			similarite: "1.0000 0.2000 0.3333 | 0.2000 1.0000 0.3333 | 0.3333 0.3333 1.0000",
			manques: "9: B Bureau 2 2 | A Intranet 1 5 | B Intranet 1 5 | B Courrier 1 2 | C Courrier 1 2" +
				" | B GED 1 1 | C GED 1 1 | B Délib 1 0 | C Délib 1 0",
		}},
		// The others: A = Horaires, B = État-civil Finances Horaires, C nothing. A∩B 1/3. No free software, none missing.
		{"proprietary ones", map[string]any{"libre": false}, nil, compared{
			logiciels:  "3 0",
			lignes:     "A 1 0 (0.0000) 0 0 0 MAINTENANCE 1 | B 3 0 (0.0000) 2 0 1 SUPPORT 2 | C 0 0 (?) 0 0 0",
			propres:    "A 0:  | B 2: État civil, Finances | C 0: ",
			similarite: "1.0000 0.3333 0.0000 | 0.3333 1.0000 0.0000 | 0.0000 0.0000 1.0000",
			manques:    "0: ",
		}},
		// métier holds actes: A = Actes Courrier Délib, B = Actes État-civil Finances, C = Actes.
		// A∩B 1/(3+3-1) = 1/5, A∩C 1/3, B∩C 1/3. Subscribed: 1 to A, 3 to B.
		{"a category and those within", map[string]any{"categories": []string{"essai-metier"}}, nil, compared{
			logiciels:  "5 1",
			lignes:     "A 3 3 (1.0000) 2 0 1 HEBERGEMENT 1 SUPPORT 1 FORMATION 1 | B 3 1 (0.3333) 2 2 1 SUPPORT 3 | C 1 1 (1.0000) 0 2 0",
			communs:    "Actes",
			propres:    "A 2: Courrier, Délib | B 2: État civil, Finances | C 0: ",
			similarite: "1.0000 0.2000 0.3333 | 0.2000 1.0000 0.3333 | 0.3333 0.3333 1.0000",
			manques:    "4: B Courrier 1 2 | C Courrier 1 2 | B Délib 1 0 | C Délib 1 0",
		}},
		// A prepares Bureau and Intranet; B and C nothing, so they are alike.
		{"in preparation", map[string]any{"statuts": []string{"EN_PREPARATION"}}, nil, compared{
			logiciels:  "2 0",
			lignes:     "A 2 2 (1.0000) 2 0 0 HEBERGEMENT 1 | B 0 0 (?) 0 2 0 | C 0 0 (?) 0 2 0",
			propres:    "A 2: Bureau, Intranet | B 0:  | C 0: ",
			similarite: "1.0000 0.0000 0.0000 | 0.0000 1.0000 1.0000 | 0.0000 1.0000 1.0000",
			manques:    "4: B Intranet 1 5 | C Intranet 1 5 | B Bureau 1 2 | C Bureau 1 2",
		}},
		// A = the six of today and Intranet; Bureau, twice there, counts once, and its hosting twice.
		// A∩B = Actes Horaires, 2/(7+4-2) = 2/9    A∩C = Actes Bureau Intranet, 3/(7+3-3) = 3/7    B∩C 1/6
		{"offered or in preparation", map[string]any{"statuts": []string{"PROPOSEE", "EN_PREPARATION"}}, nil, compared{
			logiciels: "9 1",
			lignes: "A 7 6 (0.8571) 3 0 2 HEBERGEMENT 3 MAINTENANCE 1 SUPPORT 2 FORMATION 1" +
				" | B 4 1 (0.2500) 2 5 1 SUPPORT 3 | C 3 3 (1.0000) 0 3 0",
			communs:    "Actes",
			propres:    "A 3: Courrier, Délib, GED | B 2: État civil, Finances | C 0: ",
			similarite: "1.0000 0.2222 0.4286 | 0.2222 1.0000 0.1667 | 0.4286 0.1667 1.0000",
			manques: "8: B Intranet 2 5 | B Bureau 2 2 | B Courrier 1 2 | C Courrier 1 2" +
				" | B GED 1 1 | C GED 1 1 | B Délib 1 0 | C Délib 1 0",
		}},
		// What was offered that day and is not any more: B = GED, C = État-civil.
		{"withdrawn since", map[string]any{"statuts": []string{"RETIREE"}}, "2019-06-01", compared{
			logiciels:  "2 0",
			lignes:     "A 0 0 (?) 0 1 0 | B 1 1 (1.0000) 1 0 2 REPRISE_DONNEES 1 | C 1 0 (0.0000) 1 1 0",
			propres:    "A 0:  | B 1: GED | C 1: État civil",
			similarite: "1.0000 0.0000 0.0000 | 0.0000 1.0000 0.0000 | 0.0000 0.0000 1.0000",
			manques:    "2: A GED 1 1 | C GED 1 1",
		}},
		{"no state at all", map[string]any{"statuts": []string{}}, nil, compared{
			logiciels:  "0 0",
			lignes:     "A 0 0 (?) 0 0 0 | B 0 0 (?) 0 0 0 | C 0 0 (?) 0 0 0",
			propres:    "A 0:  | B 0:  | C 0: ",
			similarite: "1.0000 1.0000 1.0000 | 1.0000 1.0000 1.0000 | 1.0000 1.0000 1.0000",
			manques:    "0: ",
		}},
	} {
		if got := a.compares(t, "ABC", c.filtre, c.date); got != c.want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", c.name, got, c.want)
		}
	}
	// A and C alone, the other way round: Actes and Bureau in common, C is alone with Intranet.
	want := compared{
		logiciels: "7 2", communs: "Actes, Bureau",
		lignes:     "C 3 3 (1.0000) 1 3 0 | A 6 5 (0.8333) 4 1 2 HEBERGEMENT 2 MAINTENANCE 1 SUPPORT 2 FORMATION 1",
		propres:    "C 1: Intranet | A 4: Courrier, Délib, GED, Horaires",
		similarite: "1.0000 0.2857 | 0.2857 1.0000",
		manques:    "4: A Intranet 1 5 | C Courrier 1 2 | C GED 1 1 | C Délib 1 0",
	}
	if got := a.compares(t, "CA", nil, nil); got != want {
		t.Errorf("C and A:\ngot  %+v\nwant %+v", got, want)
	}

	// The share of free software is that of the catalogue, whoever reads; what is private counts for nobody.
	share := at(t, a.must(t, `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Catalogue { partLibre } } }`, map[string]any{"ids": trois("ABC")}).Data, "nodes")
	lines := at(t, a.must(t, `query ($ids: [ID!]!) { comparerCatalogues(catalogues: $ids) { lignes { partLibre } } }`, map[string]any{"ids": trois("ABC")}).Data, "comparerCatalogues", "lignes")
	if !reflect.DeepEqual(share, lines) {
		t.Errorf("of the catalogues %v, of their lines %v", share, lines)
	}
	if got, want := a.as(t, droit.Admin, "").compares(t, "ABC", nil, nil), a.compares(t, "ABC", nil, nil); got != want {
		t.Errorf("an administrator reads\n%+v\nanyone\n%+v", got, want)
	}
	// Beside a past reading of the graph, the comparison is today's.
	both := a.must(t, `query ($ids: [ID!]!, $id: ID!) { catalogue(id: $id, auDate: "2001-01-01T00:00:00Z") { nom } comparerCatalogues(catalogues: $ids) { nombreLogiciels } }`,
		map[string]any{"ids": trois("ABC"), "id": trois("A")[0]})
	if at(t, both.Data, "catalogue") != nil || at(t, both.Data, "comparerCatalogues", "nombreLogiciels") != 9.0 {
		t.Error(both.Data)
	}
}

// From a figure to the entries it counts, and to who says so; in as many statements for two catalogues as for three.
func TestAComparisonLeadsToItsSourcesInABoundedNumberOfStatements(t *testing.T) {
	t.Parallel()
	a := real(t)
	a.exec(t, troisCatalogues)
	const whole = `query ($ids: [ID!]!) { comparerCatalogues(catalogues: $ids) {
		lignes { abonnes source { nom } catalogue { syndicat { nom } } } similarite
		communs { nom description } propres { logiciels(first: 2) { nom entrees { nodes { depuis catalogue { nom } source { nom } } } } }
		manques(first: 1) { catalogue { nom } logiciel { nom entrees { nodes { depuis catalogue { nom } source { nom } } } } } } }`
	two := a.must(t, whole, map[string]any{"ids": trois("CA")})
	three := a.must(t, whole, map[string]any{"ids": trois("ABC")})
	// 4 for the comparison, 2 for what the catalogues lead to, 3 each for what propres and manques lead to.
	if two.statements != 12 || three.statements != 12 {
		t.Errorf("%d statements for two catalogues, %d for three: want 12", two.statements, three.statements)
	}
	missing := at(t, three.Data, "comparerCatalogues", "manques").([]any)
	if len(missing) != 3 {
		t.Fatalf("the first of each catalogue: %v", missing)
	}
	// Bureau is missing in B: A offers it since 2018 and prepares it, C offers it since 2021.
	want := []any{
		map[string]any{"depuis": "2018-01-01", "catalogue": map[string]any{"nom": "A"}, "source": map[string]any{"nom": "Délibération de A"}},
		map[string]any{"depuis": nil, "catalogue": map[string]any{"nom": "A"}, "source": map[string]any{"nom": "Délibération de A"}},
		map[string]any{"depuis": "2021-03-01", "catalogue": map[string]any{"nom": "C"}, "source": map[string]any{"nom": "Rapport de C"}},
	}
	if got := at(t, missing[0], "logiciel", "entrees", "nodes"); at(t, missing[0], "logiciel", "nom") != "Bureau" || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", missing[0], want)
	}
	if got := at(t, three.Data, "comparerCatalogues", "lignes", 1, "source", "nom"); got != "Site de B" {
		t.Error(got)
	}
	if got := at(t, three.Data, "comparerCatalogues", "propres", 0, "logiciels").([]any); len(got) != 2 || at(t, got[1], "nom") != "Délib" {
		t.Errorf("the first two of A alone: %v", got)
	}
	// Two places with other lengths do not mix.
	got := a.must(t, `query ($ids: [ID!]!) { comparerCatalogues(catalogues: $ids) { nombreManques
		propres { un: logiciels(first: 1) { nom } aucun: logiciels(first: 0) { nom } tous: logiciels { nom } } manques(first: 0) { offertPar } communs(first: 0) { nom } } }`,
		map[string]any{"ids": trois("ABC")})
	c := at(t, got.Data, "comparerCatalogues")
	if at(t, c, "nombreManques") != 9.0 || len(at(t, c, "manques").([]any)) != 0 || len(at(t, c, "communs").([]any)) != 0 {
		t.Errorf("none of 9 asked: %v", c)
	}
	for i, n := range []int{3, 2, 1} {
		p := at(t, c, "propres", i)
		if len(at(t, p, "un").([]any)) != 1 || len(at(t, p, "aucun").([]any)) != 0 || len(at(t, p, "tous").([]any)) != n {
			t.Errorf("alone: %v, want 1, none and %d", p, n)
		}
	}
}

// A list costs what it may hold: 100 software for each of 20 catalogues, unless first says fewer.
func TestAComparisonCostsWhatItsListsMayHold(t *testing.T) {
	t.Parallel()
	a := real(t)
	a.exec(t, troisCatalogues)
	for manques, code := range map[string]any{"manques": "TROP_COMPLEXE", "manques(first: 2)": nil} {
		got := a.ask(t, `query ($ids: [ID!]!) { comparerCatalogues(catalogues: $ids) { `+manques+` { logiciel { usages(first: 100) { nodes { id } } } } } }`, map[string]any{"ids": trois("ABC")})
		if len(got.Errors) > 0 && got.Errors[0].Extensions["code"] != code || len(got.Errors) == 0 && code != nil {
			t.Errorf("%s: %v, want %v", manques, got.Errors, code)
		}
	}
}

// Twenty catalogues of 501 entries, in preparation so that no list shows them unasked, are too many. Nineteen are not: of what they share, the first hundred are shown.
func TestTooManyEntriesAreNotCompared(t *testing.T) {
	t.Parallel()
	a := real(t)
	a.exec(t, `INSERT INTO logiciel (slug, nom, nom_tri, libre, ajoute_le, source_id) SELECT 'essai-' || i, 'Essai ' || i, 'essai ' || i, true, '2020-01-01', (SELECT min(id) FROM source) FROM generate_series(1, 501) i;
INSERT INTO catalogue (cle, nom, syndicat_id, source_id) SELECT 'essai-' || k, 'Essai ' || k, o.id, o.source_id FROM organisation o, unnest(string_to_array('a b c d e f g h i j k l m n o p q r s t', ' ')) k WHERE o.cle = '254003304';
INSERT INTO entree_catalogue (cle, catalogue_id, logiciel_id, statut, source_id) SELECT gen_random_uuid(), k.id, l.id, 'EN_PREPARATION', k.source_id
	FROM catalogue k, logiciel l WHERE k.cle LIKE 'essai-_' AND l.slug LIKE 'essai-%'`)
	got := a.ask(t, comparison, map[string]any{"ids": trois("ABCDEFGHIJKLMNOPQRST"), "filtre": map[string]any{"statuts": []string{"EN_PREPARATION"}}})
	if len(got.Errors) != 1 || got.Errors[0].Extensions["code"] != "ARGUMENT_INVALIDE" || !strings.Contains(got.Errors[0].Message, "10000") {
		t.Errorf("10020 entries: %v", got.Errors)
	}
	c := at(t, a.must(t, comparison, map[string]any{"ids": trois("ABCDEFGHIJKLMNOPQRS"), "filtre": map[string]any{"statuts": []string{"EN_PREPARATION"}}}).Data, "comparerCatalogues")
	if at(t, c, "nombreCommuns") != 501.0 || len(at(t, c, "communs").([]any)) != 100 {
		t.Errorf("%v in common, %d shown: want 501, 100", at(t, c, "nombreCommuns"), len(at(t, c, "communs").([]any)))
	}
}
