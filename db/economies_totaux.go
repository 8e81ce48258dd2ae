package db

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/economie"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// AxeEconomies is what tells apart the lines of a total of savings.
type AxeEconomies string

// The axes.
const (
	TotauxParTerritoire AxeEconomies = "TERRITOIRE"
	TotauxParRegion     AxeEconomies = "REGION"
	TotauxParLogiciel   AxeEconomies = "LOGICIEL"
	TotauxParNature     AxeEconomies = "NATURE"
	TotauxParAnnee      AxeEconomies = "ANNEE"
	TotauxParStatut     AxeEconomies = "STATUT"
)

// MontantParStatut adds up savings of one statut, in cents: see [economie.Totaux] for what counts. An amount is nil when
// none states it. SansDate counts the savings of which nobody knows when they began: counted in Nombre when no day was
// asked, apart otherwise.
type MontantParStatut struct {
	Statut              StatutEconomie `bun:"statut"`
	Nombre              int            `bun:"nombre"`
	Brut                *Euros         `bun:"brut"`
	Net                 *Euros         `bun:"net"`
	SansBrut            int            `bun:"sans_brut"`
	SansNet             int            `bun:"sans_net"`
	SansDate            int            `bun:"sans_date"`
	LicencesEconomisees *int           `bun:"licences"`
}

// FiltreTotauxEconomies narrows what is added up. A nil criterion was not asked; an empty list matches nothing.
type FiltreTotauxEconomies struct {
	Statuts      []StatutEconomie
	Natures      []NatureEconomie
	Departements []string
	Regions      []string
	Logiciels    []string
	Annees       []int
}

// LigneTotauxEconomies is one line of a total, and the totals of each statut.
type LigneTotauxEconomies struct {
	bun.BaseModel                 `bun:"table:economie_compte,alias:li"`
	membre[*LigneTotauxEconomies] `bun:"-"`

	Valeur       string  `bun:"valeur"` // what the counts call the line
	Cle          string  `bun:"cle"`
	Libelle      string  `bun:"libelle"`
	Nombre       int     `bun:"nombre"`
	TerritoireID *int64  `bun:"territoire_id"`
	LogicielID   *int64  `bun:"logiciel_id"`
	Population   *int    `bun:"population"`
	rang         int64   // its place in the page, from 1
	question     *totaux // what it answers

	Totaux []*TotalEconomies `bun:"-"`
}

// TotalEconomies is the total of a statut on a line.
type TotalEconomies struct {
	bun.BaseModel           `bun:"table:economie_compte,alias:f"`
	membre[*TotalEconomies] `bun:"-"`

	Valeur string `bun:"ligne"`
	MontantParStatut
	BrutParHabitant *Euros `bun:"-"`
	NetParHabitant  *Euros `bun:"-"`
	rang            int64
	question        *totaux
}

// SourceTotal is a source, and how many savings of a total it vouches for.
type SourceTotal struct {
	bun.BaseModel        `bun:"table:economie_compte,alias:x"`
	membre[*SourceTotal] `bun:"-"`

	Valeur   string         `bun:"ligne"`
	Statut   StatutEconomie `bun:"statut"`
	SourceID int64          `bun:"source_id"`
	Nombre   int            `bun:"nombre"`
	total    int64          // the rang of its total
}

func (t *SourceTotal) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, t.lot, func(t *SourceTotal) int64 { return t.SourceID }, t)
}

// LigneTotauxEconomiesConnection and LigneTotauxEconomiesEdge page the lines of a total.
type (
	LigneTotauxEconomiesConnection = page.Connection[*LigneTotauxEconomies]
	LigneTotauxEconomiesEdge       = page.Edge[*LigneTotauxEconomies]
)

// totaux is a question put to the counts of savings (see the migration economie_compte): in the places of one level,
// what begun by a day, line by line. A nil list was not asked.
type totaux struct {
	niveau    TypeTerritoire
	axe       AxeEconomies // what a line is; a place for TotauxParTerritoire and TotauxParRegion
	codes     []string
	statuts   []StatutEconomie
	natures   []NatureEconomie
	logiciels []int64 // 0: none in particular
	annees    []int
	date      *Date
}

// Years as economie_annee tells them: of what has no date, and of what never happens.
const (
	anneeInconnue = 9999
	jamais        = 10000
)

// economiesLues is the most savings that one question reads, when no count answers it.
const economiesLues = 100_000

// compte says which count answers: the one by software, by nature or by source; "" when only the savings can.
func (t *totaux) compte(parSource bool) string {
	var comptes []string
	if t.axe == TotauxParLogiciel || t.logiciels != nil {
		comptes = append(comptes, "LOGICIEL")
	}
	if t.axe == TotauxParNature || t.natures != nil {
		comptes = append(comptes, "NATURE")
	}
	if parSource {
		comptes = append(comptes, "SOURCE")
	}
	switch len(comptes) {
	case 0:
		return "TOUT"
	case 1:
		return comptes[0]
	}
	return ""
}

// comptees narrows economie_comptee, as k, to what the question counts; the undated aside when a day is asked.
func (t *totaux) comptees(q *bun.SelectQuery) *bun.SelectQuery {
	q = t.lieux(q.Where("k.niveau = ?", t.niveau), "k")
	q = inList(inList(q, "k.logiciel_id", t.logiciels), "k.nature", t.natures)
	if t.date == nil {
		return q.Where("k.retrait = ?", jamais)
	}
	return q.Where("k.depuis <= ?0 AND (k.jusqua IS NULL OR k.jusqua > ?0)", *t.date)
}

// lieux narrows by what both tables call by the same name.
func (t *totaux) lieux(q *bun.SelectQuery, alias string) *bun.SelectQuery {
	return inList(inList(inList(q, alias+".code", t.codes), alias+".statut", t.statuts), alias+".annee", t.annees)
}

// lues selects the savings that count as facts: see faits.
func (t *totaux) lues(s *Store) *bun.SelectQuery {
	ligne := map[AxeEconomies]string{TotauxParTerritoire: "k.code", TotauxParRegion: "k.code", TotauxParLogiciel: "k.logiciel_id::text",
		TotauxParNature: "k.nature", TotauxParAnnee: "k.annee::text", TotauxParStatut: "k.statut"}[t.axe]
	return s.bun.NewSelect().TableExpr("public.economie_comptee AS k").ColumnExpr(ligne + ` AS ligne, k.statut, k.annee, k.source_id::text AS source, 1 AS nombre,
		coalesce(k.brut, 0) AS brut, (k.brut IS NOT NULL)::integer AS brut_dits, coalesce(k.net, 0) AS net, (k.net IS NOT NULL)::integer AS net_dits,
		coalesce(k.licences, 0)::bigint AS licences, (k.licences IS NOT NULL)::integer AS licences_dits`)
}

// sansDate narrows a question to the undated savings.
func (t *totaux) sansDate() *totaux {
	u := *t
	u.date = nil
	if t.annees == nil || slices.Contains(t.annees, anneeInconnue) {
		u.annees = []int{anneeInconnue}
	} else {
		u.annees = []int{}
	}
	return &u
}

// faits selects what is to be added up, with its line: kept sums where a whole year counts, savings elsewhere, and the
// undated ones too (see montants).
func (t *totaux) faits(s *Store, parSource bool) *bun.SelectQuery {
	compte := t.compte(parSource)
	if compte == "" {
		q := t.comptees(t.lues(s))
		if t.date != nil {
			u := t.sansDate()
			q = q.UnionAll(u.comptees(u.lues(s)))
		}
		return q
	}
	ligne := map[AxeEconomies]string{TotauxParTerritoire: "c.code", TotauxParRegion: "c.code", TotauxParLogiciel: "c.cle", TotauxParNature: "c.cle",
		TotauxParAnnee: "c.annee::text", TotauxParStatut: "c.statut"}[t.axe]
	q := s.bun.NewSelect().TableExpr("public.economie_compte AS c").
		ColumnExpr(ligne+` AS ligne, c.statut, c.annee, c.cle AS source, c.nombre, c.brut, c.brut_dits, c.net, c.net_dits, c.licences, c.licences_dits`).
		Where("c.axe = ?", compte).Where("c.niveau = ?", t.niveau).Where("c.nombre <> 0")
	q = inList(t.lieux(q, "c"), "c.cle", t.natures)
	if t.logiciels != nil {
		q = q.Where("c.cle = ANY (?::bigint[]::text[])", pgdialect.Array(t.logiciels))
	}
	if t.date == nil {
		return q.Where("c.retrait = ?", jamais)
	}
	jour, _ := time.Parse(time.DateOnly, string(*t.date)) // a Date is one
	entiere := jour.Year()
	if jour.Month() != time.December || jour.Day() != 31 {
		entiere--
	}
	q = q.Where("c.annee = ? OR c.annee <= ? AND c.retrait > ?", anneeInconnue, entiere, jour.Year())
	if entiere < jour.Year() {
		q = q.UnionAll(t.comptees(t.lues(s)).Where("k.annee = ?0 OR k.retrait = ?0", jour.Year()))
	}
	return q
}

// montants are the columns that add up facts f. What has no date is counted apart when a day is asked.
func (t *totaux) montants() string {
	dans := "true"
	if t.date != nil {
		dans = "f.annee <> " + strconv.Itoa(anneeInconnue)
	}
	return strings.NewReplacer("DANS", "FILTER (WHERE "+dans+")", "SANS", "FILTER (WHERE f.annee = "+strconv.Itoa(anneeInconnue)+")").Replace(`
		coalesce(sum(f.nombre) DANS, 0)::integer AS nombre,
		CASE WHEN sum(f.brut_dits) DANS > 0 THEN (sum(f.brut) DANS)::bigint END AS brut,
		CASE WHEN sum(f.net_dits) DANS > 0 THEN (sum(f.net) DANS)::bigint END AS net,
		coalesce(sum(f.nombre - f.brut_dits) DANS, 0)::integer AS sans_brut,
		coalesce(sum(f.nombre - f.net_dits) DANS, 0)::integer AS sans_net,
		coalesce(sum(f.nombre) SANS, 0)::integer AS sans_date,
		CASE WHEN sum(f.licences_dits) DANS > 0 THEN (sum(f.licences) DANS)::bigint END AS licences`)
}

// mesurer refuses a question that no count answers and that would read too many savings.
func (t *totaux) mesurer(ctx context.Context, s *Store, parSource bool, champ string) error {
	if t.compte(parSource) != "" {
		return nil
	}
	var n int
	lues := t.comptees(s.bun.NewSelect().TableExpr("public.economie_comptee AS k").ColumnExpr("1")).Limit(economiesLues + 1)
	if err := s.bun.NewSelect().TableExpr("(?) AS x", lues).ColumnExpr("count(*)").Scan(ctx, &n); err != nil {
		return Translate(err)
	}
	if n > economiesLues {
		return Invalid(champ, "cette question demande de lire plus de %d économies une à une : restreignez-la à un lieu, à un logiciel ou à une année", economiesLues)
	}
	return nil
}

// totalise reads the totals of lines, by line then statut.
func (t *totaux) totalise(ctx context.Context, s *Store) ([]*TotalEconomies, error) {
	var rows []*TotalEconomies
	q := s.bun.NewSelect().Model((*TotalEconomies)(nil)).ModelTableExpr("(?) AS f", t.faits(s, false)).
		ColumnExpr("f.ligne, f.statut, " + t.montants()).GroupExpr("f.ligne, f.statut").OrderExpr("f.ligne, f.statut")
	err := many(ctx, q, &rows)
	return rows, err
}

// pour narrows a question to the lines of a page.
func (t *totaux) pour(lignes []*LigneTotauxEconomies) *totaux {
	u := *t
	var nombres []int64
	var textes []string
	for _, l := range lignes {
		n, _ := strconv.ParseInt(l.Valeur, 10, 64) // read where the axis numbers its lines
		nombres, textes = append(nombres, n), append(textes, l.Valeur)
	}
	switch t.axe {
	case TotauxParTerritoire, TotauxParRegion:
		u.codes = textes
	case TotauxParLogiciel:
		u.logiciels = nombres
	case TotauxParNature:
		u.natures = castAll[NatureEconomie](textes)
	case TotauxParStatut:
		u.statuts = castAll[StatutEconomie](textes)
	case TotauxParAnnee:
		u.annees = make([]int, len(nombres))
		for i, n := range nombres {
			u.annees[i] = int(n)
		}
	}
	return &u
}

func castAll[T ~string](texts []string) []T {
	all := make([]T, len(texts))
	for i, t := range texts {
		all[i] = T(t)
	}
	return all
}

// TotauxEconomies adds up public savings, a line for each value of an axis; see the SDL for what counts. Errors:
// CodeArgumentInvalide.
func (s *Store) TotauxEconomies(ctx context.Context, par AxeEconomies, f *FiltreTotauxEconomies, date *Date, a page.Args) (*LigneTotauxEconomiesConnection, error) {
	if err := presentSeulement(ctx, "totauxEconomies"); err != nil {
		return nil, err
	}
	t, err := s.questionTotaux(ctx, par, f, date)
	if err != nil {
		return nil, err
	}
	if err := t.mesurer(ctx, s, false, "filtre"); err != nil {
		return nil, err
	}
	return readPage(ctx, s, s.listeTotaux(t), a)
}

// questionTotaux checks what is asked.
func (s *Store) questionTotaux(ctx context.Context, par AxeEconomies, f *FiltreTotauxEconomies, date *Date) (*totaux, error) {
	t := &totaux{niveau: "FRANCE", axe: par, date: date}
	if f == nil {
		f = &FiltreTotauxEconomies{}
	}
	departements, err := codes("departements", f.Departements, identifiant.CheckDepartement)
	if err != nil {
		return nil, err
	}
	regions, err := codes("regions", f.Regions, identifiant.CheckRegion)
	if err != nil {
		return nil, err
	}
	t.statuts, t.natures, t.annees = f.Statuts, f.Natures, f.Annees
	switch {
	case par == TotauxParTerritoire:
		t.niveau, t.codes = "DEPARTEMENT", departements
		if regions != nil {
			var dedans []string
			q := s.bun.NewSelect().TableExpr("territoire AS t").Join("JOIN territoire AS r ON r.id = t.parent_id").ColumnExpr("t.code").
				Where("t.type = 'DEPARTEMENT'").Where("r.type = 'REGION'").Where("r.code IN (?)", bun.List(regions))
			if err := many(ctx, q, &dedans); err != nil {
				return nil, err
			}
			if departements != nil {
				dedans = slices.DeleteFunc(dedans, func(c string) bool { return !slices.Contains(departements, c) })
			}
			t.codes = append([]string{}, dedans...)
		}
	case par == TotauxParRegion:
		if departements != nil {
			return nil, Invalid("departements", "« departements » ne va pas avec l'axe REGION : demandez l'axe TERRITOIRE")
		}
		t.niveau, t.codes = "REGION", regions
	case departements != nil && regions != nil:
		return nil, Invalid("regions", "« departements » et « regions » ne vont ensemble que selon l'axe TERRITOIRE : selon les autres, le total est celui d'un seul lieu")
	case len(departements) > 1 || len(regions) > 1:
		return nil, Invalid("filtre", "selon cet axe, le total est celui d'un seul lieu : une part et l'économie entière pourraient s'y compter deux fois. Demandez un département ou une région à la fois, ou l'axe TERRITOIRE ou REGION pour les comparer")
	case departements != nil:
		t.niveau, t.codes = "DEPARTEMENT", departements
	case regions != nil:
		t.niveau, t.codes = "REGION", regions
	default:
		t.codes = []string{"FR"}
	}
	slugs, err := keys("logiciels", f.Logiciels, "Logiciel")
	if err != nil || slugs == nil {
		return t, err
	}
	t.logiciels = []int64{}
	if len(slugs) > 0 {
		var ids []int64
		if err := many(ctx, s.bun.NewSelect().TableExpr("("+logicielsNommes+") AS k", bun.List(slugs)).ColumnExpr("DISTINCT k.id"), &ids); err != nil {
			return nil, err
		}
		t.logiciels = append(t.logiciels, ids...)
	}
	return t, nil
}

var libellesNature = map[NatureEconomie]string{"LICENCES": "Licences non achetées", "MAINTENANCE": "Maintenance et assistance évitées",
	"MATERIEL": "Matériel évité ou gardé plus longtemps", "MUTUALISATION": "Coûts partagés entre plusieurs", "TEMPS_AGENT": "Temps des agents"}

var libellesStatut = map[StatutEconomie]string{"POTENTIELLE": "Potentielle", "PREVUE": "Prévue", "ANNONCEE": "Annoncée",
	"CONSTATEE": "Constatée", "VERIFIEE": "Vérifiée", "ESTIMEE": "Estimée"}

// listeTotaux lists the lines of a question.
func (s *Store) listeTotaux(t *totaux) liste[*LigneTotauxEconomies, *LigneTotauxEconomies] {
	dans := "true"
	if t.date != nil {
		dans = "f.annee <> " + strconv.Itoa(anneeInconnue)
	}
	lignes := s.bun.NewSelect().TableExpr("(?) AS f", t.faits(s, false)).GroupExpr("f.ligne").
		ColumnExpr("f.ligne AS valeur, coalesce(sum(f.nombre) FILTER (WHERE " + dans + "), 0)::integer AS nombre")
	if t.axe == TotauxParLogiciel {
		lignes = lignes.ColumnExpr("f.ligne::bigint AS logiciel_id")
	} else {
		lignes = lignes.ColumnExpr("NULL::bigint AS logiciel_id")
	}
	order := page.Order[*LigneTotauxEconomies]{Name: "totaux-" + string(t.axe), Keys: []page.Key{{Expr: `li.valeur COLLATE "C"`, Kind: page.Text}},
		Values: func(l *LigneTotauxEconomies) []any { return []any{l.Valeur} }}
	if t.axe == TotauxParLogiciel {
		order.Desc, order.Keys = true, []page.Key{{Expr: "li.nombre", Kind: page.Int}, {Expr: "li.logiciel_id", Kind: page.Int}}
		order.Values = func(l *LigneTotauxEconomies) []any { return []any{int64(l.Nombre), deref(l.LogicielID)} }
	}
	return liste[*LigneTotauxEconomies, *LigneTotauxEconomies]{
		columns: []string{"li.valeur", "li.nombre", "li.logiciel_id", "t.id AS territoire_id", "t.population",
			"coalesce(l.slug, '') AS cle", "coalesce(l.nom, t.nom, '') AS libelle"},
		order: order,
		filter: func(q *bun.SelectQuery) *bun.SelectQuery {
			q = q.ModelTableExpr("(?) AS li", lignes).Join("LEFT JOIN logiciel AS l ON l.id = li.logiciel_id")
			if t.axe == TotauxParTerritoire || t.axe == TotauxParRegion {
				return q.Join("LEFT JOIN territoire AS t ON t.type = ? AND t.code = li.valeur", t.niveau)
			}
			return q.Join("LEFT JOIN territoire AS t ON t.type = ? AND t.code IN (?)", t.niveau, bun.List(t.codes))
		},
		fill: func(ctx context.Context, rows []*LigneTotauxEconomies) error { return s.remplirTotaux(ctx, t, rows) },
		node: func(l *LigneTotauxEconomies) *LigneTotauxEconomies { return l },
	}
}

// remplirTotaux names the lines of a page and gives them their totals.
func (s *Store) remplirTotaux(ctx context.Context, t *totaux, lignes []*LigneTotauxEconomies) error {
	u := t.pour(lignes)
	totals, err := u.totalise(ctx, s)
	if err != nil {
		return err
	}
	gather(totals)
	parValeur := make(map[string]*LigneTotauxEconomies, len(lignes))
	for i, l := range lignes {
		l.rang, l.question, parValeur[l.Valeur], l.Totaux = int64(i+1), u, l, []*TotalEconomies{}
		switch t.axe {
		case TotauxParLogiciel:
			if l.Cle == "" {
				l.Libelle = "Sans logiciel désigné"
			}
		case TotauxParNature:
			l.Cle, l.Libelle = l.Valeur, libellesNature[NatureEconomie(l.Valeur)]
		case TotauxParStatut:
			l.Cle, l.Libelle = l.Valeur, libellesStatut[StatutEconomie(l.Valeur)]
		case TotauxParAnnee:
			l.Cle, l.Libelle = l.Valeur, l.Valeur
			if l.Valeur == strconv.Itoa(anneeInconnue) {
				l.Cle, l.Libelle = "", "Sans date"
			}
		default:
			l.Cle = l.Valeur
			if l.Libelle == "" {
				l.Libelle = l.Valeur
			}
		}
	}
	for i, total := range totals {
		l := parValeur[total.Valeur]
		total.rang, total.question = int64(i+1), u
		total.BrutParHabitant, total.NetParHabitant = parHabitant(total.Brut, l.Population), parHabitant(total.Net, l.Population)
		l.Totaux = append(l.Totaux, total)
	}
	return nil
}

// parHabitant divides an amount by a population, to the nearest cent, half a cent away from zero; nil when either is not
// known, or when nobody lives there.
func parHabitant(montant *Euros, population *int) *Euros {
	if montant == nil || population == nil || *population <= 0 {
		return nil
	}
	n, p := int64(*montant), int64(*population)
	q, r := n/p, n%p
	switch {
	case 2*r >= p:
		q++
	case 2*r <= -p:
		q--
	}
	return new(Euros(q))
}

// TerritoireDesTotaux returns where a line counts.
func (s *Store) TerritoireDesTotaux(ctx context.Context, l *LigneTotauxEconomies) (*Territoire, error) {
	return follow(ctx, l.lot, "territoire", func(l *LigneTotauxEconomies) int64 { return deref(l.TerritoireID) }, s.territoiresByID, l)
}

// LogicielDesTotaux returns the software of a line, by TotauxParLogiciel.
func (s *Store) LogicielDesTotaux(ctx context.Context, l *LigneTotauxEconomies, sel Selection) (*Logiciel, error) {
	return follow(ctx, l.lot, sel.Cle, func(l *LigneTotauxEconomies) int64 { return deref(l.LogicielID) }, s.logicielsByID(sel), l)
}

// EconomiesDesTotaux lists the savings that the totals of a line count.
func (s *Store) EconomiesDesTotaux(ctx context.Context, l *LigneTotauxEconomies, a page.Args, sel Selection) (*EconomieConnection, error) {
	pages, err := perLot(ctx, l.lot, sel.Cle, func(ctx context.Context, lignes []*LigneTotauxEconomies) (map[int64]*EconomieConnection, error) {
		valeurs := make([]string, len(lignes))
		rangs := make([]int64, len(lignes))
		for _, l := range lignes {
			valeurs[l.rang-1], rangs[l.rang-1] = l.Valeur, l.rang
		}
		// Each parent p is a rank among the lines.
		tie := map[AxeEconomies]string{TotauxParTerritoire: "k.code = (?)[p.id]", TotauxParRegion: "k.code = (?)[p.id]", TotauxParLogiciel: "k.logiciel_id = (?)[p.id]::bigint",
			TotauxParNature: "k.nature = (?)[p.id]", TotauxParAnnee: "k.annee = (?)[p.id]::integer", TotauxParStatut: "k.statut = (?)[p.id]"}[l.question.axe]
		le := listeEconomies(nil, "true")
		le.order.Name, le.order.Keys = "economie-totaux", []page.Key{{Expr: "k.economie_id", Kind: page.Int}}
		le.filter = func(q *bun.SelectQuery) *bun.SelectQuery {
			q = q.Join("JOIN public.economie_comptee AS k ON k.economie_id = s.id")
			return l.question.comptees(q).Where(strings.Replace(tie, "?", "?::text[]", 1), pgdialect.Array(valeurs))
		}
		return readPages(ctx, s, le, rangs, a)
	})
	return pages[l.rang], err
}

// sourcesParTotal is how many sources are told for each total.
const sourcesParTotal = 5

// SourcesDuTotal lists the sources that vouch for the most savings of a total, first ones first.
func (s *Store) SourcesDuTotal(ctx context.Context, t *TotalEconomies) ([]*SourceTotal, error) {
	return shortLists(ctx, t.lot, "sources", t.rang, func(ctx context.Context, members []*TotalEconomies) ([]*SourceTotal, error) {
		question := t.question
		if err := question.mesurer(ctx, s, true, "sources"); err != nil {
			return nil, err
		}
		rangs := map[[2]string]int64{}
		for _, m := range members {
			rangs[[2]string{m.Valeur, string(m.Statut)}] = m.rang
		}
		par := s.bun.NewSelect().TableExpr("(?) AS f", question.faits(s, true)).GroupExpr("f.ligne, f.statut, f.source").
			ColumnExpr(`f.ligne, f.statut, f.source::bigint AS source_id, sum(f.nombre)::integer AS nombre,
				row_number() OVER (PARTITION BY f.ligne, f.statut ORDER BY sum(f.nombre) DESC, f.source::bigint) AS rang`)
		if question.date != nil {
			par = par.Where("f.annee <> ?", anneeInconnue)
		}
		var rows []*SourceTotal
		q := s.bun.NewSelect().Model((*SourceTotal)(nil)).ModelTableExpr("(?) AS x", par).ColumnExpr("x.ligne, x.statut, x.source_id, x.nombre").
			Where("x.rang <= ?", sourcesParTotal).OrderExpr("x.ligne, x.statut, x.rang")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		for _, r := range rows {
			r.total = rangs[[2]string{r.Valeur, string(r.Statut)}]
		}
		return rows, nil
	}, func(x *SourceTotal) int64 { return x.total })
}

// zone is a place that has kept counts: a DEPARTEMENT, a REGION, or FRANCE of code FR.
type zone struct {
	Niveau TypeTerritoire
	Code   string
}

// totauxDeZones adds up the public savings of places begun by a day, all when nil: by place, in order of statut. A place
// without any has none. It costs one statement a level.
func (s *Store) totauxDeZones(ctx context.Context, zones []zone, date *Date) (map[zone][]MontantParStatut, error) {
	parNiveau := map[TypeTerritoire][]string{}
	for _, z := range zones {
		parNiveau[z.Niveau] = append(parNiveau[z.Niveau], z.Code)
	}
	found := make(map[zone][]MontantParStatut, len(zones))
	for niveau, codes := range parNiveau {
		rows, err := (&totaux{niveau: niveau, axe: TotauxParTerritoire, codes: codes, date: date}).totalise(ctx, s)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			z := zone{niveau, r.Valeur}
			found[z] = append(found[z], r.MontantParStatut)
		}
	}
	return found, nil
}

// totauxDeBeneficiaires adds up the public savings of small groups of organisations, by row id, begun by a day, all when
// nil: for each group, in order of statut. It reads every saving of theirs, in one statement.
func (s *Store) totauxDeBeneficiaires(ctx context.Context, groupes [][]int64, date *Date) ([][]MontantParStatut, error) {
	var rows []struct {
		ID                  int64
		BeneficiaireID      int64
		LogicielID          *int64
		PartDeID            *int64
		Statut, Nature      string
		Brut, Net, Licences *int64
		Depuis              *Date
	}
	q := s.bun.NewSelect().TableExpr("public.economie AS s").ColumnExpr(`s.id, s.beneficiaire_id, s.logiciel_id, s.part_de_id, s.statut, s.nature, s.brut_centimes AS brut,
		s.net_centimes AS net, s.licences_economisees AS licences, coalesce(s.debut, make_date(s.annee_prix, 1, 1)) AS depuis`).
		Where("s.visibilite = 'PUBLIC'").Where("s.beneficiaire_id = ANY (?)", pgdialect.Array(slices.Concat(groupes...))).OrderExpr("depuis NULLS LAST, s.id")
	if err := many(ctx, q, &rows); err != nil {
		return nil, err
	}
	type affirmations = []economie.Affirmation
	dites := map[int64]affirmations{}
	depuis := map[int64]*Date{}
	for _, r := range rows {
		dites[r.BeneficiaireID] = append(dites[r.BeneficiaireID], economie.Affirmation{ID: r.ID, ParentID: r.PartDeID, Statut: r.Statut, Brut: r.Brut, Net: r.Net, Licences: r.Licences,
			Beneficiaire: r.BeneficiaireID, Nature: r.Nature, Logiciel: r.LogicielID})
		depuis[r.ID] = r.Depuis
	}
	found := make([][]MontantParStatut, len(groupes))
	for i, groupe := range groupes {
		var toutes, commencees affirmations
		for _, id := range groupe {
			toutes = append(toutes, dites[id]...)
		}
		for _, a := range toutes {
			if date == nil || depuis[a.ID] != nil && *depuis[a.ID] <= *date {
				commencees = append(commencees, a)
			}
		}
		comptees, err := economie.Comptees(toutes)
		if err != nil {
			return nil, err
		}
		totals, err := economie.Totaux(commencees)
		if err != nil {
			return nil, err
		}
		sansDate := map[string]int{}
		for _, a := range comptees {
			if depuis[a.ID] == nil {
				sansDate[a.Statut]++
			}
		}
		for _, t := range totals {
			m := MontantParStatut{Statut: StatutEconomie(t.Statut), Nombre: t.Nombre, Brut: (*Euros)(t.Brut), Net: (*Euros)(t.Net),
				SansBrut: t.SansBrut, SansNet: t.SansNet, SansDate: sansDate[t.Statut]}
			if t.Licences != nil {
				m.LicencesEconomisees = new(int(*t.Licences))
			}
			found[i] = append(found[i], m)
			delete(sansDate, t.Statut)
		}
		for statut, n := range sansDate {
			found[i] = append(found[i], MontantParStatut{Statut: StatutEconomie(statut), SansDate: n})
		}
		slices.SortFunc(found[i], func(a, b MontantParStatut) int { return strings.Compare(string(a.Statut), string(b.Statut)) })
	}
	return found, nil
}
