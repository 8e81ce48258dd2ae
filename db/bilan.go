package db

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/domain/statistique"
)

// Bilan is what is known of a collectivité, a syndicat or a territory on a day: of what is public, for every reader.
type Bilan struct {
	membre[*Bilan]

	Date                       Date
	Territoire                 *Territoire
	Collectivite               *Collectivite
	Syndicat                   *SyndicatMixte
	Collectivites              int
	Population                 int
	CollectivitesUtilisatrices int
	CollectivitesAvecLibre     int
	Usages                     int
	UsagesLibres               int
	Logiciels                  int
	LogicielsLibres            int

	Economies []MontantParStatut

	instant   instant
	demandee  *Date // the day, when it was asked
	citations *citations
}

// LicencesEconomisees counts the licences not bought that were observed: by the beneficiary, or verified by a third party.
// What is only foreseen, announced or estimated is in Economies.
func (b *Bilan) LicencesEconomisees() int {
	n := 0
	for _, m := range b.Economies {
		if m.Statut == "CONSTATEE" || m.Statut == "VERIFIEE" {
			n += *or(m.LicencesEconomisees, 0)
		}
	}
	return n
}

// Fraicheur is the share of the usages seen or confirmed within 24 months; nil when there is none.
func (b *Bilan) Fraicheur() *float64 { return b.citations.fraicheur() }

// Sources are those that most usages rest on, the most cited first.
func (b *Bilan) Sources() []*SourceComptee { return b.citations.citees() }

// PartLibre is the share of free software among the distinct ones in use; nil when there is none.
func (b *Bilan) PartLibre() *float64 { return part(b.LogicielsLibres, b.Logiciels) }

func part(n, total int) *float64 {
	if total == 0 {
		return nil
	}
	return new(float64(n) / float64(total))
}

// demandeBilan is what is wanted of the bilans of one lot.
type demandeBilan struct {
	instant instant
	date    *Date // as asked: nil when it was not
	sel     Selection
}

func (d demandeBilan) asksEconomies() bool {
	return d.sel.asks("economies") || d.sel.asks("licencesEconomisees") || d.sel.asks("indicateurs")
}

func (s *Store) demandeBilan(ctx context.Context, date *Date, sel Selection) (demandeBilan, error) {
	if err := presentSeulement(ctx, "bilan"); err != nil {
		return demandeBilan{}, err
	}
	i, err := s.instant(ctx, date)
	return demandeBilan{i, date, sel}, err
}

// BilanDuTerritoire sums up a territory: the collectivités seated there, or an intercommunalité and its communes.
func (s *Store) BilanDuTerritoire(ctx context.Context, t *Territoire, date *Date, sel Selection) (*Bilan, error) {
	d, err := s.demandeBilan(ctx, date, sel)
	if err != nil {
		return nil, err
	}
	bilans, err := perLot(ctx, t.lot, sel.Cle, func(ctx context.Context, members []*Territoire) (map[int64]*Bilan, error) {
		return s.bilansDeTerritoires(ctx, members, d)
	})
	return bilans[t.Rowid], err
}

// BilanDeLaCollectivite sums up one collectivité: its own services, not those of its members.
func (s *Store) BilanDeLaCollectivite(ctx context.Context, c *Collectivite, date *Date, sel Selection) (*Bilan, error) {
	d, err := s.demandeBilan(ctx, date, sel)
	if err != nil {
		return nil, err
	}
	bilans, err := perLot(ctx, c.lot, sel.Cle, func(ctx context.Context, members []*Fiche) (map[int64]*Bilan, error) {
		return s.bilansDeFiches(ctx, members, d, `SELECT o.id AS groupe, o.id AS organisation_id FROM organisation o WHERE o.id IN (?0)`)
	})
	return bilans[c.Rowid], err
}

// BilanDuSyndicat sums up the members that a syndicat has on the day.
func (s *Store) BilanDuSyndicat(ctx context.Context, sm *SyndicatMixte, date *Date, sel Selection) (*Bilan, error) {
	d, err := s.demandeBilan(ctx, date, sel)
	if err != nil {
		return nil, err
	}
	bilans, err := perLot(ctx, sm.lot, sel.Cle, func(ctx context.Context, members []*Fiche) (map[int64]*Bilan, error) {
		return s.bilansDeFiches(ctx, members, d, `SELECT DISTINCT a.groupement_id AS groupe, a.membre_id AS organisation_id FROM adhesion a
			JOIN organisation o ON o.id = a.membre_id AND o.genre = 'COLLECTIVITE' AND o.actif
			WHERE a.groupement_id IN (?0) AND a.confirmee AND a.periode @> ?1::date`)
	})
	return bilans[sm.Rowid], err
}

func (s *Store) bilansDeFiches(ctx context.Context, members []*Fiche, d demandeBilan, groupes string) (map[int64]*Bilan, error) {
	bilans := make(map[int64]*Bilan, len(members))
	for _, f := range members {
		b := &Bilan{Date: d.instant.date, instant: d.instant, demandee: d.date, Economies: []MontantParStatut{}}
		switch o := f.organisation().(type) {
		case *Collectivite:
			b.Collectivite = o
		case *SyndicatMixte:
			b.Syndicat = o
		}
		bilans[f.Rowid] = b
	}
	if err := s.groupes(ctx, bilans, d, groupes, distinct(members, ficheID)); err != nil {
		return nil, err
	}
	return reunis(members, ficheID, bilans), nil
}

// reunis makes the bilans of one lot a lot.
func reunis[P any](members []P, id func(P) int64, bilans map[int64]*Bilan) map[int64]*Bilan {
	all := make([]*Bilan, 0, len(bilans))
	for _, k := range distinct(members, id) {
		all = append(all, bilans[k])
	}
	gather(all)
	return bilans
}

func (s *Store) bilansDeTerritoires(ctx context.Context, members []*Territoire, d demandeBilan) (map[int64]*Bilan, error) {
	bilans := make(map[int64]*Bilan, len(members))
	zones := map[AxeAdoption]map[string]*Bilan{} // by level, then by code
	var petits []int64
	for _, t := range members {
		b := &Bilan{Date: d.instant.date, Territoire: t, instant: d.instant, demandee: d.date, Economies: []MontantParStatut{}}
		bilans[t.Rowid] = b
		var axe AxeAdoption
		code := t.Code
		switch t.Type {
		case "DEPARTEMENT", "REGION":
			axe = AxeAdoption(t.Type)
		case "FRANCE":
			code = ""
		default:
			petits = append(petits, t.Rowid)
			continue
		}
		if zones[axe] == nil {
			zones[axe] = map[string]*Bilan{}
		}
		zones[axe][code] = b
	}
	for axe, byCode := range zones {
		if err := s.zones(ctx, axe, byCode, d); err != nil {
			return nil, err
		}
	}
	if err := s.groupes(ctx, bilans, d, `SELECT m.groupe, m.organisation_id FROM (
			SELECT t.id AS groupe, t.organisation_id FROM territoire t WHERE t.id IN (?0)
			UNION SELECT t.id, a.membre_id FROM territoire t JOIN adhesion a ON a.groupement_id = t.organisation_id AND a.confirmee AND a.periode @> ?1::date
			WHERE t.id IN (?0) AND t.type = 'EPCI') m
		JOIN organisation o ON o.id = m.organisation_id AND o.genre = 'COLLECTIVITE' AND o.actif`, petits); err != nil {
		return nil, err
	}
	for _, t := range members {
		if t.Population != nil {
			bilans[t.Rowid].Population = *t.Population
		}
	}
	return reunis(members, territoireID, bilans), nil
}

// zones sums up territories of one level from the kept counts.
func (s *Store) zones(ctx context.Context, axe AxeAdoption, byCode map[string]*Bilan, d demandeBilan) error {
	var filtre *FiltreCollectivites
	codes := slices.Collect(maps.Keys(byCode))
	switch axe {
	case AxeDepartement:
		filtre = &FiltreCollectivites{Departements: codes}
	case AxeRegion:
		filtre = &FiltreCollectivites{Regions: codes}
	}
	if d.sel.asks("collectivites") {
		n, err := s.effectifs(ctx, &lecture{par: axe, filtre: filtre})
		if err != nil {
			return err
		}
		for code, b := range byCode {
			b.Collectivites = n[code]
		}
	}
	count := func(of sujet, set func(*Bilan, *LigneAdoption)) error {
		rows, err := s.compter(ctx, &lecture{sujet: of, par: axe, instant: d.instant, filtre: filtre})
		if err != nil {
			return err
		}
		for code, line := range lignes(rows) {
			if b := byCode[code]; b != nil {
				set(b, line)
			}
		}
		return nil
	}
	if d.sel.asks("usages") || d.sel.asks("collectivitesUtilisatrices") || d.sel.asks("indicateurs") {
		if err := count(toutSujet, func(b *Bilan, line *LigneAdoption) {
			b.Usages, b.CollectivitesUtilisatrices = line.Usages, line.Collectivites
		}); err != nil {
			return err
		}
	}
	if d.sel.asks("usagesLibres") || d.sel.asks("collectivitesAvecLibre") || d.sel.asks("indicateurs") {
		if err := count(libreSujet, func(b *Bilan, line *LigneAdoption) {
			b.UsagesLibres, b.CollectivitesAvecLibre = line.Usages, line.Collectivites
		}); err != nil {
			return err
		}
	}
	if d.sel.asks("fraicheur") || d.sel.asks("sources") {
		found, err := citer(ctx, s.tenues(&lecture{par: axe, sujet: toutSujet, instant: d.instant, filtre: filtre}, nil))
		if err != nil {
			return err
		}
		for code, b := range byCode {
			b.citations = found[code]
		}
	}
	if d.asksEconomies() {
		if err := s.economiesDesZones(ctx, axe, byCode, d); err != nil {
			return err
		}
	}
	if !d.asksLogiciels() {
		return nil
	}
	rows, err := s.compter(ctx, &lecture{par: AxeLogiciel, dans: axe, instant: d.instant, filtre: filtre})
	if err != nil {
		return err
	}
	free, err := s.libres(ctx)
	if err != nil {
		return err
	}
	for key, line := range lignes(rows) {
		var id int64
		var code string
		if _, err := fmt.Sscanf(key, "%d %s", &id, &code); err != nil && axe != "" {
			continue // the région councils, which sit in no département
		}
		if b := byCode[code]; b != nil && line.Collectivites > 0 {
			b.Logiciels++
			if free[id] {
				b.LogicielsLibres++
			}
		}
	}
	return nil
}

func (s *Store) economiesDesZones(ctx context.Context, axe AxeAdoption, byCode map[string]*Bilan, d demandeBilan) error {
	places := make(map[zone]*Bilan, len(byCode))
	for code, b := range byCode {
		if axe == "" {
			places[zone{"FRANCE", "FR"}] = b
		} else {
			places[zone{TypeTerritoire(axe), code}] = b
		}
	}
	found, err := s.totauxDeZones(ctx, slices.Collect(maps.Keys(places)), d.date)
	for z, amounts := range found {
		places[z].Economies = amounts
	}
	return err
}

func (d demandeBilan) asksLogiciels() bool {
	return d.sel.asks("logiciels") || d.sel.asks("logicielsLibres") || d.sel.asks("partLibre") || d.sel.asks("indicateurs")
}

// libres are the ids of the free software.
func (s *Store) libres(ctx context.Context) (map[int64]bool, error) {
	var ids []int64
	if err := many(ctx, s.bun.NewSelect().TableExpr("logiciel AS l").ColumnExpr("l.id").Where("l.libre"), &ids); err != nil {
		return nil, err
	}
	free := make(map[int64]bool, len(ids))
	for _, id := range ids {
		free[id] = true
	}
	return free, nil
}

// groupes sums up small sets of collectivités from what each of them uses. sql gives the members (groupe, organisation_id)
// of the groups ?0 on the day ?1.
func (s *Store) groupes(ctx context.Context, bilans map[int64]*Bilan, d demandeBilan, sql string, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	day := d.instant.date
	read := func(q *bun.SelectQuery, set func(b *Bilan, a, c int)) error {
		var rows []struct {
			Groupe int64
			A, C   int
		}
		if err := many(ctx, q.With("membres", s.bun.NewSelect().TableExpr("("+sql+") AS m", bun.List(ids), day).ColumnExpr("m.*")).
			ColumnExpr("m.groupe").GroupExpr("m.groupe"), &rows); err != nil {
			return err
		}
		for _, r := range rows {
			set(bilans[r.Groupe], r.A, r.C)
		}
		return nil
	}
	if d.sel.asks("collectivites") || d.sel.asks("population") || d.sel.asks("indicateurs") {
		byNature := s.bun.NewSelect().TableExpr("membres AS m").Join("JOIN organisation AS o ON o.id = m.organisation_id").
			ColumnExpr("m.groupe, o.nature, count(*) AS n, coalesce(sum(o.population), 0) AS population").GroupExpr("1, 2")
		if err := read(s.bun.NewSelect().TableExpr("(?) AS m", byNature).ColumnExpr("sum(m.n)::integer AS a, max(m.population)::integer AS c"),
			func(b *Bilan, a, c int) { b.Collectivites, b.Population = a, c }); err != nil {
			return err
		}
	}
	if d.sel.asks("usages") || d.sel.asks("usagesLibres") || d.sel.asks("indicateurs") {
		if err := read(s.bun.NewSelect().TableExpr("membres AS m").Join("JOIN usage AS u ON u.utilisateur_id = m.organisation_id").
			Where(comptee).Where("u.depuis <= ?0 AND (u.fin IS NULL OR u.fin > ?0)", day).
			ColumnExpr("count(*) AS a, count(*) FILTER (WHERE u.libre) AS c"),
			func(b *Bilan, a, c int) { b.Usages, b.UsagesLibres = a, c }); err != nil {
			return err
		}
	}
	if d.sel.asks("fraicheur") || d.sel.asks("sources") {
		found, err := citer(ctx, s.bun.NewSelect().With("membres", s.bun.NewSelect().TableExpr("("+sql+") AS m", bun.List(ids), day).ColumnExpr("m.*")).
			TableExpr("membres AS m").Join("JOIN usage AS u ON u.utilisateur_id = m.organisation_id").
			Where(comptee).Where("u.depuis <= ?0 AND (u.fin IS NULL OR u.fin > ?0)", day).
			ColumnExpr("m.groupe::text AS cle, u.source_id, count(*) AS n").ColumnExpr("count(*) FILTER (WHERE "+recent+") AS recents", day).GroupExpr("1, 2"))
		if err != nil {
			return err
		}
		for id, b := range bilans {
			if c := found[fmt.Sprint(id)]; c != nil {
				b.citations = c
			}
		}
	}
	if d.asksEconomies() {
		if err := s.economiesDesGroupes(ctx, bilans, d, sql, ids); err != nil {
			return err
		}
	}
	inForce := func() *bun.SelectQuery {
		return s.bun.NewSelect().TableExpr("membres AS m").Join("JOIN presence AS p ON p.organisation_id = m.organisation_id").
			Where("p.debut <= ?0 AND (p.fin IS NULL OR p.fin > ?0)", day)
	}
	if d.sel.asks("collectivitesUtilisatrices") || d.sel.asks("collectivitesAvecLibre") || d.sel.asks("indicateurs") {
		if err := read(inForce().Where("p.sujet IN (?)", bun.List([]int64{int64(toutSujet), int64(libreSujet)})).
			ColumnExpr("count(*) FILTER (WHERE p.sujet = ?) AS a, count(*) FILTER (WHERE p.sujet = ?) AS c", int64(toutSujet), int64(libreSujet)),
			func(b *Bilan, a, c int) { b.CollectivitesUtilisatrices, b.CollectivitesAvecLibre = a, c }); err != nil {
			return err
		}
	}
	if !d.asksLogiciels() {
		return nil
	}
	return read(inForce().Join("JOIN logiciel AS l ON l.id = p.sujet").Where("p.sujet > 0").
		ColumnExpr("count(DISTINCT p.sujet) AS a, count(DISTINCT p.sujet) FILTER (WHERE l.libre) AS c"),
		func(b *Bilan, a, c int) { b.Logiciels, b.LogicielsLibres = a, c })
}

func (s *Store) economiesDesGroupes(ctx context.Context, bilans map[int64]*Bilan, d demandeBilan, sql string, ids []int64) error {
	var rows []struct{ Groupe, OrganisationID int64 }
	if err := many(ctx, s.bun.NewSelect().TableExpr("("+sql+") AS m", bun.List(ids), d.instant.date).ColumnExpr("m.groupe, m.organisation_id"), &rows); err != nil {
		return err
	}
	members := make(map[int64][]int64, len(ids))
	for _, id := range ids {
		if sm := bilans[id].Syndicat; sm != nil { // its own savings, of which those of its members may be shares
			members[id] = []int64{sm.Rowid}
		}
	}
	for _, r := range rows {
		members[r.Groupe] = append(members[r.Groupe], r.OrganisationID)
	}
	groups := make([][]int64, len(ids))
	for i, id := range ids {
		groups[i] = members[id]
	}
	amounts, err := s.totauxDeBeneficiaires(ctx, groups, d.date)
	for i, found := range amounts {
		if found != nil {
			bilans[ids[i]].Economies = found
		}
	}
	return err
}

// compareMax is the most things compared at once.
const compareMax = 20

// ComparerTerritoires sums up territories, in the order asked. Errors: CodeArgumentInvalide.
func (s *Store) ComparerTerritoires(ctx context.Context, ids []string, date *Date, sel Selection) ([]*Bilan, error) {
	keys, err := aComparer("territoires", ids, "Territoire")
	if err != nil {
		return nil, err
	}
	d, err := s.demandeBilan(ctx, date, sel)
	if err != nil {
		return nil, err
	}
	var rows []*Territoire
	if err := many(ctx, selectRows(s, (*Territoire)(nil), columnsTerritoire).Where("t.cle IN (?)", bun.List(keys)), &rows); err != nil {
		return nil, err
	}
	gather(rows)
	byKey := make(map[string]int64, len(rows))
	for _, t := range rows {
		byKey[t.Cle] = t.Rowid
	}
	bilans, err := s.bilansDeTerritoires(ctx, rows, d)
	if err != nil {
		return nil, err
	}
	return dansLOrdre("territoires", keys, byKey, bilans)
}

// ComparerCollectivites sums up collectivités, in the order asked. Errors: CodeArgumentInvalide.
func (s *Store) ComparerCollectivites(ctx context.Context, ids []string, date *Date, sel Selection) ([]*Bilan, error) {
	keys, err := aComparer("collectivites", ids, "Collectivite")
	if err != nil {
		return nil, err
	}
	d, err := s.demandeBilan(ctx, date, sel)
	if err != nil {
		return nil, err
	}
	var rows []*Fiche
	if err := many(ctx, selectRows(s, (*Fiche)(nil), columnsFiche).ColumnExpr("n.cle AS cle_demandee").
		Join("JOIN ("+organisationsNommees+") AS n ON n.id = o.id", bun.List(keys)), &rows); err != nil {
		return nil, err
	}
	byKey := make(map[string]int64, len(rows))
	for _, f := range rows {
		byKey[f.CleDemandee] = f.Rowid
	}
	rows = slicesUnique(rows)
	gather(rows)
	bilans, err := s.bilansDeFiches(ctx, rows, d, `SELECT o.id AS groupe, o.id AS organisation_id FROM organisation o WHERE o.id IN (?0)`)
	if err != nil {
		return nil, err
	}
	return dansLOrdre("collectivites", keys, byKey, bilans)
}

// slicesUnique keeps the first row of each organisation: two keys may lead to one.
func slicesUnique(rows []*Fiche) []*Fiche {
	seen := map[int64]bool{}
	kept := rows[:0]
	for _, f := range rows {
		if !seen[f.Rowid] {
			seen[f.Rowid] = true
			kept = append(kept, f)
		}
	}
	return kept
}

func aComparer(argument string, ids []string, typ string) ([]string, error) {
	if len(ids) == 0 || len(ids) > compareMax {
		return nil, Invalid(argument, "« %s » : donnez-en de 1 à %d, pas %d", argument, compareMax, len(ids))
	}
	return keys(argument, ids, typ)
}

func dansLOrdre(argument string, keys []string, byKey map[string]int64, bilans map[int64]*Bilan) ([]*Bilan, error) {
	all := make([]*Bilan, len(keys))
	for i, k := range keys {
		if all[i] = bilans[byKey[k]]; all[i] == nil {
			return nil, Invalid(argument, "« %s » : rien ne porte l'identifiant donné en position %d", argument, i+1)
		}
	}
	return all, nil
}

// CodeIndicateur names an indicator of a bilan.
type CodeIndicateur string

// Indicateur places one figure of a bilan among those of its comparables.
type Indicateur struct {
	Code              CodeIndicateur
	Valeur            *float64
	PourMille         *float64
	Rang              *int
	Effectif          int
	PremierQuartile   *float64
	Mediane           *float64
	TroisiemeQuartile *float64
}

// mesure is one figure of a bilan, as its comparables are compared by it: a count for a thousand inhabitants, or a share.
type mesure struct {
	code   CodeIndicateur
	valeur func(*Bilan) *float64
	part   bool // a share: compared as it is
	tenu   bool // known of each collectivité, which are compared by it
}

func compte(of func(*Bilan) int) func(*Bilan) *float64 {
	return func(b *Bilan) *float64 { return new(float64(of(b))) }
}

var mesures = []mesure{
	{code: "USAGES", valeur: compte(func(b *Bilan) int { return b.Usages }), tenu: true},
	{code: "USAGES_LIBRES", valeur: compte(func(b *Bilan) int { return b.UsagesLibres }), tenu: true},
	{code: "LICENCES_ECONOMISEES", valeur: compte((*Bilan).LicencesEconomisees), tenu: true},
	{code: "PART_LIBRE_DES_USAGES", valeur: func(b *Bilan) *float64 { return part(b.UsagesLibres, b.Usages) }, part: true, tenu: true},
	{code: "PART_UTILISATRICES", valeur: func(b *Bilan) *float64 { return part(b.CollectivitesUtilisatrices, b.Collectivites) }, part: true},
	{code: "PART_AVEC_LIBRE", valeur: func(b *Bilan) *float64 { return part(b.CollectivitesAvecLibre, b.Collectivites) }, part: true},
}

// comparable is what a bilan is compared by: its own value for a share, for a thousand inhabitants otherwise.
func (m mesure) comparable(b *Bilan) *float64 {
	v := m.valeur(b)
	if m.part || v == nil {
		return v
	}
	if b.Population == 0 {
		return nil
	}
	return new(*v * 1000 / float64(b.Population))
}

// comparables are the figures of a group: of all by indicator, and what is kept of the collectivités asked about.
type comparables struct {
	valeurs map[CodeIndicateur][]float64
	tenus   map[int64]*Bilan
}

func (c *comparables) add(m mesure, b *Bilan) {
	if x := m.comparable(b); x != nil {
		c.valeurs[m.code] = append(c.valeurs[m.code], *x)
	}
}

// IndicateursDe places the figures of a bilan among those of its comparables: the other territories of the level; for a
// collectivité, today, those of the same nature and stratum, by their usages in progress and the licences they avoided.
func (s *Store) IndicateursDe(ctx context.Context, b *Bilan) ([]*Indicateur, error) {
	groups, err := perLot(ctx, b.lot, "indicateurs", func(ctx context.Context, members []*Bilan) (map[string]*comparables, error) {
		groups := map[string]*comparables{}
		var fiches []*Fiche
		for _, m := range members {
			key := m.pairs()
			if key == "" {
				continue
			}
			first := groups[key] == nil
			if first {
				groups[key] = &comparables{map[CodeIndicateur][]float64{}, map[int64]*Bilan{}}
			}
			if m.Collectivite != nil {
				fiches = append(fiches, m.Collectivite.Fiche)
			} else if first {
				if err := s.comparerZones(ctx, m, groups[key]); err != nil {
					return nil, err
				}
			}
		}
		return groups, s.comparerFiches(ctx, fiches, groups)
	})
	if err != nil {
		return nil, err
	}
	peers := groups[b.pairs()]
	if peers == nil {
		peers = &comparables{}
	}
	indicators := make([]*Indicateur, 0, len(mesures))
	for _, m := range mesures {
		i := &Indicateur{Code: m.code, Valeur: m.valeur(b)}
		x := m.comparable(b)
		if !m.part {
			i.PourMille = x
		}
		others := peers.valeurs[m.code]
		i.Effectif = len(others)
		if q, ok := statistique.QuartilesDe(others); ok {
			i.PremierQuartile, i.Mediane, i.TroisiemeQuartile = &q.Premier, &q.Mediane, &q.Troisieme
			if b.Collectivite != nil { // by what is kept of each, itself too
				x = nil
				if kept := peers.tenus[b.Collectivite.Rowid]; kept != nil {
					x = m.comparable(kept)
				}
			}
			if x != nil {
				i.Rang = new(statistique.Rang(*x, others))
			}
		}
		indicators = append(indicators, i)
	}
	return indicators, nil
}

// pairs names the group of comparables of a bilan; "" when it has none.
func (b *Bilan) pairs() string {
	switch {
	case b.Territoire != nil && (b.Territoire.Type == "DEPARTEMENT" || b.Territoire.Type == "REGION"):
		return string(b.Territoire.Type)
	case b.Collectivite != nil && b.Collectivite.Active && b.Collectivite.Strate != nil && b.Date == jour(time.Now().UTC()):
		return pairsDe(*b.Collectivite.Nature, *b.Collectivite.Strate)
	}
	return ""
}

func pairsDe(n NatureCollectivite, st Strate) string { return string(n) + " " + string(st) }

// comparerZones sums up all the territories of the level of one.
func (s *Store) comparerZones(ctx context.Context, b *Bilan, c *comparables) error {
	d := demandeBilan{b.instant, b.demandee, Selection{Champs: map[string]bool{"collectivites": true, "usages": true, "usagesLibres": true, "licencesEconomisees": true}}}
	var rows []*Territoire
	if err := many(ctx, selectRows(s, (*Territoire)(nil), columnsTerritoire).Where("t.type = ?", b.Territoire.Type), &rows); err != nil {
		return err
	}
	byCode := make(map[string]*Bilan, len(rows))
	for _, t := range rows {
		byCode[t.Code] = &Bilan{Population: *or(t.Population, 0)}
	}
	if err := s.zones(ctx, AxeAdoption(b.Territoire.Type), byCode, d); err != nil {
		return err
	}
	for _, p := range byCode {
		for _, m := range mesures {
			c.add(m, p)
		}
	}
	return nil
}

// comparerFiches reads the usages in progress, as kept, and the licences of the collectivités of the same natures and strata.
func (s *Store) comparerFiches(ctx context.Context, of []*Fiche, groups map[string]*comparables) error {
	if len(of) == 0 {
		return nil
	}
	asked := make(map[int64]bool, len(of))
	for _, f := range of {
		asked[f.Rowid] = true
	}
	var rows []struct {
		ID             int64
		Nature         NatureCollectivite
		Strate         Strate
		NbUsages       int
		NbUsagesLibres int
		Population     int
	}
	q := s.bun.NewSelect().TableExpr("organisation AS o").
		ColumnExpr("o.id, o.nature, o.strate, o.nb_usages, o.nb_usages_libres, o.population").
		Where("o.genre = 'COLLECTIVITE' AND o.actif").Where("o.population > 0").WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		seen := map[string]bool{}
		for _, f := range of {
			if key := pairsDe(*f.Nature, *f.Strate); !seen[key] {
				seen[key] = true
				q = q.WhereOr("(o.nature = ? AND o.strate = ?)", *f.Nature, *f.Strate)
			}
		}
		return q
	})
	if err := many(ctx, q, &rows); err != nil {
		return err
	}
	known := make(map[int64]bool, len(rows))
	for _, r := range rows {
		known[r.ID] = true
	}
	licences, err := s.licencesDe(ctx, known)
	if err != nil {
		return err
	}
	for _, r := range rows {
		group := groups[pairsDe(r.Nature, r.Strate)]
		kept := &Bilan{Population: r.Population, Usages: r.NbUsages, UsagesLibres: r.NbUsagesLibres, Economies: licences[r.ID]}
		for _, m := range mesures {
			if m.tenu {
				group.add(m, kept)
			}
		}
		if asked[r.ID] {
			group.tenus[r.ID] = kept
		}
	}
	return nil
}

// licencesDe reads the savings of those of these organisations that avoided licences, in fact: few have.
func (s *Store) licencesDe(ctx context.Context, of map[int64]bool) (map[int64][]MontantParStatut, error) {
	var ids []int64
	if err := many(ctx, s.bun.NewSelect().TableExpr("public.economie AS e").DistinctOn("e.beneficiaire_id").ColumnExpr("e.beneficiaire_id").
		Where("e.licences_economisees > 0 AND e.visibilite = 'PUBLIC' AND e.statut IN ('CONSTATEE', 'VERIFIEE')"), &ids); err != nil {
		return nil, err
	}
	var groupes [][]int64
	for _, id := range ids {
		if of[id] {
			groupes = append(groupes, []int64{id})
		}
	}
	amounts, err := s.totauxDeBeneficiaires(ctx, groupes, nil)
	found := make(map[int64][]MontantParStatut, len(groupes))
	for i, a := range amounts {
		found[groupes[i][0]] = a
	}
	return found, err
}
