package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// What the observatory counts is kept by cell of place, nature and size (see the migration "adoption"): a question of any
// day reads the cells at the nearer new year, and the few events between that and the day. All of it is public.

// AxeAdoption is what adoption is broken down by.
type AxeAdoption string

// The axes. Those of place and size are sums of cells; those of the usage itself are read from the usages.
const (
	AxeDepartement AxeAdoption = "DEPARTEMENT"
	AxeRegion      AxeAdoption = "REGION"
	AxeNature      AxeAdoption = "NATURE"
	AxeStrate      AxeAdoption = "STRATE"
	AxeModalite    AxeAdoption = "MODALITE"
	AxeSupport     AxeAdoption = "SUPPORT"
	AxeSyndicat    AxeAdoption = "SYNDICAT"
	AxeLogiciel    AxeAdoption = "LOGICIEL"
)

// QuestionAdoption is who uses what, on which day.
type QuestionAdoption struct {
	Logiciel, Categorie *string
	Libre               *bool
	Par                 AxeAdoption
	Date                *Date
	Filtre              *FiltreCollectivites
	Limite              *int

	lesquels []int64 // software by row id, in place of Logiciel and Categorie
	supports bool    // it is asked by « supports »
}

// LigneAdoption is how many use it, under one key of an axis.
type LigneAdoption struct {
	membre[*LigneAdoption]

	Cle           string
	Libelle       string
	Collectivites int
	Population    int
	Usages        int
	Effectif      int
	Taux          *float64

	rang   int64 // in the answer, from 1: lines are read together
	cleSQL string
	q      *lecture
}

// sujet is what adoption is counted of, as presence and adoption name it.
type sujet int64

const (
	toutSujet  sujet = 0
	libreSujet sujet = -1
)

func (s sujet) logiciel() bool { return s > 0 }

// sujetDe finds what a question is about: a software, a category, anything free, or anything.
func (s *Store) sujetDe(ctx context.Context, logiciel, categorie *string, libre *bool) (sujet, error) {
	switch {
	case logiciel != nil && categorie != nil:
		return 0, Invalid("", "donnez « logiciel » ou « categorie », pas les deux")
	case libre != nil && (!*libre || logiciel != nil || categorie != nil):
		return 0, Invalid("libre", "« libre » ne prend que la valeur true, sans logiciel ni catégorie : l'usage d'un logiciel libre, quel qu'il soit")
	case libre != nil:
		return libreSujet, nil
	case logiciel != nil:
		id, err := s.logicielNomme(ctx, "logiciel", *logiciel)
		return sujet(id), err
	case categorie != nil:
		id, err := s.categorieNommee(ctx, *categorie)
		return sujet(-1 - id), err
	}
	return toutSujet, nil
}

// logicielNomme finds the row id of a software that the client names.
func (s *Store) logicielNomme(ctx context.Context, argument, id string) (int64, error) {
	slugs, err := keys(argument, []string{id}, "Logiciel")
	if err != nil {
		return 0, err
	}
	l := new(Logiciel)
	found, err := one(ctx, nommes(selectRows(s, l, []string{"l.id"}), logicielsNommes, slugs[0]), l)
	if err == nil && !found {
		err = Invalid(argument, "« %s » : aucun logiciel ne porte cet identifiant", argument)
	}
	return l.Rowid, err
}

// categorieNommee finds the row id of a category that the client names by its code.
func (s *Store) categorieNommee(ctx context.Context, code string) (int64, error) {
	var id int64
	found, err := one(ctx, s.bun.NewSelect().TableExpr("categorie AS c").ColumnExpr("c.id").Where("c.code = ?", code), &id)
	if err == nil && !found {
		err = Invalid("categorie", "« categorie » : aucune catégorie ne porte le code « %.80s »", code)
	}
	return id, err
}

// logiciels is the condition that holds for the software that the subject counts, in SQL.
func (s sujet) logiciels() string {
	return fmt.Sprintf("= ANY (ARRAY(SELECT ls.logiciel_id FROM logiciel_sujet ls WHERE ls.sujet = %d))", s)
}

// usages binds a usage u to a subject.
func (s sujet) usages(q *bun.SelectQuery) *bun.SelectQuery {
	switch {
	case s.logiciel():
		return q.Where("u.logiciel_id = ?", int64(s))
	case s == libreSujet:
		return q.Where("u.libre")
	case s == toutSujet:
		return q
	}
	return q.Where("u.logiciel_id " + s.logiciels())
}

// instant is how the kept counts tell of a day: the element of the arrays at a new year, then the events of the days after
// de up to a, added (signe 1) or taken away (-1).
type instant struct {
	date  Date
	rang  int
	signe int
	de, a Date
}

// The new years that the arrays know: the first element is the start of 2005, the 31st that of 2035, the 32nd the end of
// time.
const (
	premiereAnnee = 2005
	derniereAnnee = 2035
	rangFinal     = 32
)

func nouvelAn(annee int) time.Time { return time.Date(annee, time.January, 1, 0, 0, 0, 0, time.UTC) }

func jour(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// instantDe chooses the nearer new year; in the current year and later ones the next, since little is known of what is to
// come: today, hardly anything is left to read.
func instantDe(d Date, aujourdhui time.Time) (instant, error) {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return instant{}, err
	}
	annee := t.Year()
	switch {
	case annee >= derniereAnnee:
		return instant{d, rangFinal, -1, d, "infinity"}, nil
	case annee < premiereAnnee:
		return instant{d, 1, -1, d, jour(nouvelAn(premiereAnnee).AddDate(0, 0, -1))}, nil
	}
	avant, apres := nouvelAn(annee), nouvelAn(annee+1)
	if annee < aujourdhui.Year() && t.Sub(avant) < apres.Sub(t) {
		return instant{d, annee - premiereAnnee + 1, 1, jour(avant.AddDate(0, 0, -1)), d}, nil
	}
	return instant{d, annee - premiereAnnee + 2, -1, d, jour(apres.AddDate(0, 0, -1))}, nil
}

// moisAutour are the months between the new year of an instant and its day: what they changed from de, before a, is added, or
// taken away, as signe says; then the days of reste, on the side of the nearer end of the month of the day. What happens on
// the first day of months only is told by those from premiersDe, before premiersA, and by nothing of reste.
type moisAutour struct {
	de, a                 Date
	premiersDe, premiersA Date
	reste                 instant
}

// parMois is the instant told from months too.
func (i instant) parMois() moisAutour {
	t, _ := time.Parse(time.DateOnly, string(i.date)) // instantDe has read it
	mois := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	suivant := mois.AddDate(0, 1, 0)
	proche, reste := mois, instant{i.date, i.rang, 1, jour(mois.AddDate(0, 0, -1)), i.date}
	if t.Day() > 15 {
		proche, reste = suivant, instant{i.date, i.rang, -1, i.date, jour(suivant.AddDate(0, 0, -1))}
	}
	if i.signe > 0 {
		an := jour(nouvelAn(t.Year()))
		return moisAutour{an, jour(proche), an, jour(suivant), reste}
	}
	a := i.a
	if t, err := time.Parse(time.DateOnly, string(a)); err == nil { // else it is infinity
		a = jour(t.AddDate(0, 0, 1))
	}
	return moisAutour{jour(proche), a, jour(suivant), a, reste}
}

// exact reports whether the new year is the day itself: there is no event to read.
func (i instant) exact() bool { return i.de == i.a }

// lecture is a question that has been checked.
type lecture struct {
	sujet
	par       AxeAdoption
	dans      AxeAdoption // with LOGICIEL, counts each software in each place; "" in all of them together
	instant   instant
	filtre    *FiltreCollectivites
	collectes criteria // the collectivités kept, when the cells cannot tell them
	lesquels  []int64  // the software counted, one by one; nil: those of the subject
	supports  bool     // « supports » asks
	qui       []int64  // and which they are, when all software is counted among them
	nbUsages  int      // how many usages are counted, under all keys
}

// cellules narrows cells k, or collectivités of the same columns, to what the filter keeps of places, natures and sizes.
func cellules(q *bun.SelectQuery, alias string, f *FiltreCollectivites) *bun.SelectQuery {
	if f == nil {
		return q
	}
	q = inList(q, alias+".nature", f.Natures)
	q = inList(q, alias+".strate", f.Strates)
	q = inList(q, alias+".departement", f.Departements)
	return inList(q, alias+".region", f.Regions)
}

// filtreMax is the most collectivités among which all software may be counted one by one.
const filtreMax = 1000

// lectureDe checks a question. Errors: CodeArgumentInvalide.
func (s *Store) lectureDe(ctx context.Context, q QuestionAdoption) (*lecture, error) {
	champ := "adoption"
	if q.supports {
		champ = "supports"
	}
	if err := presentSeulement(ctx, champ); err != nil {
		return nil, err
	}
	l := &lecture{par: q.Par, lesquels: q.lesquels, supports: q.supports}
	var err error
	if l.sujet, err = s.sujetDe(ctx, q.Logiciel, q.Categorie, q.Libre); err != nil {
		return nil, err
	}
	if l.par == AxeLogiciel && l.logiciel() {
		return nil, Invalid("par", "« par: LOGICIEL » compare des logiciels : donnez une catégorie, ou rien, plutôt qu'un logiciel")
	}
	if l.par == AxeLogiciel && l.sujet == libreSujet {
		return nil, Invalid("libre", "« par: LOGICIEL » ne se combine pas avec « libre » : chaque ligne mène à un logiciel, qui dit s'il l'est")
	}
	if l.instant, err = s.instant(ctx, q.Date); err != nil {
		return nil, err
	}
	keep, err := filterCollectivites(q.Filtre) // checks its ids and codes
	if err != nil {
		return nil, err
	}
	if f := q.Filtre; f != nil {
		l.filtre = new(FiltreCollectivites)
		*l.filtre = *f
		for _, codes := range []*[]string{&l.filtre.Departements, &l.filtre.Regions} {
			if *codes != nil {
				*codes = slices.Clone(*codes)
				for i := range *codes {
					(*codes)[i] = strings.ToUpper((*codes)[i])
				}
			}
		}
		if !blank(f.Texte) || f.Utilise != nil || f.AdherentDe != nil {
			l.collectes = keep
		}
	}
	if l.unParUn() && !l.logiciel() && l.lesquels == nil {
		l.qui, err = s.bounded(ctx, l)
	}
	return l, err
}

// bounded reads which collectivités the question keeps, and refuses to count all software, one usage after the other, of
// more than filtreMax.
func (s *Store) bounded(ctx context.Context, l *lecture) ([]int64, error) {
	ids := []int64{}
	if err := many(ctx, l.garder(s.bun.NewSelect().TableExpr("organisation AS o").ColumnExpr("o.id")).Limit(filtreMax+1), &ids); err != nil || len(ids) <= filtreMax {
		return ids, err
	}
	if l.supports {
		return nil, Invalid("filtre", "« supports » demande « logiciel », ou un filtre qui garde %d collectivités au plus", filtreMax)
	}
	if l.par != AxeLogiciel {
		return nil, Invalid("filtre", "« par: %s », ou un filtre par texte, « utilise » ou « adherentDe », demande « logiciel », ou un filtre qui garde %d collectivités au plus", l.par, filtreMax)
	}
	return nil, Invalid("filtre", "avec « par: LOGICIEL », un filtre par texte, « utilise » ou « adherentDe » doit garder %d collectivités au plus", filtreMax)
}

// logiciels is the condition that holds for the software counted, in SQL.
func (l *lecture) logiciels() string {
	if l.lesquels != nil {
		return "= ANY ('" + tableau(l.lesquels) + "'::bigint[])"
	}
	return l.sujet.logiciels()
}

// usages binds a usage u to the software counted.
func (l *lecture) usages(q *bun.SelectQuery) *bun.SelectQuery {
	if l.lesquels != nil {
		return q.Where("u.logiciel_id " + l.logiciels())
	}
	return l.sujet.usages(q)
}

// parmi keeps, of a column, the collectivités that are known to be few.
func (l *lecture) parmi(q *bun.SelectQuery, column string) *bun.SelectQuery {
	if l.qui == nil {
		return q
	}
	return q.Where(column+" = ANY (?)", pgdialect.Array(l.qui))
}

// instant is the day asked, today by default.
func (s *Store) instant(ctx context.Context, d *Date) (instant, error) {
	aujourdhui := time.Now().UTC()
	if d == nil {
		d = new(jour(aujourdhui))
	}
	return instantDe(*d, aujourdhui)
}

// comptee tells the public usages u that are or were in force, whatever the day.
const comptee = `public.adoption_comptee(u.visibilite, u.statut, u.depuis, u.fin)`

// cle is the key of an axis, of cells k or of collectivités.
func (l *lecture) cle(alias string) string {
	switch l.par {
	case AxeDepartement:
		return alias + ".departement"
	case AxeRegion:
		return alias + ".region"
	case AxeNature:
		return alias + ".nature"
	case AxeStrate:
		return "coalesce(" + alias + ".strate, '')"
	}
	return "''" // one line for all
}

// parLieu reports whether the keys are those of cells.
func (l *lecture) parLieu() bool {
	return l.par == AxeDepartement || l.par == AxeRegion || l.par == AxeNature || l.par == AxeStrate || l.par == ""
}

// comptes are what is read under one key and one nature.
type comptes struct {
	Cle, Nature   string
	Collectivites int
	Population    int64
	Usages        int
}

// niveau is the widest level of cells that the axis and the filter can be told of.
func (l *lecture) niveau() string {
	f := l.filtre
	if f == nil {
		f = &FiltreCollectivites{}
	}
	by := func(axe AxeAdoption) bool { return l.par == axe || l.dans == axe }
	switch {
	case by(AxeStrate) || f.Strates != nil:
		return "CELLULE"
	case by(AxeDepartement) || f.Departements != nil:
		return "DEPARTEMENT"
	case by(AxeRegion) || f.Regions != nil:
		return "REGION"
	}
	return "FRANCE"
}

// garder narrows organisations o to the collectivités that the question keeps.
func (l *lecture) garder(q *bun.SelectQuery) *bun.SelectQuery {
	if l.collectes != nil {
		return l.collectes(q)
	}
	return cellules(q.Where("o.genre = 'COLLECTIVITE'").Where("o.actif"), "o", l.filtre)
}

// unParUn reports whether the answer is read from presence and usage: the cells cannot tell it.
func (l *lecture) unParUn() bool {
	return l.collectes != nil || l.par == AxeModalite || l.par == AxeSupport || l.par == AxeSyndicat
}

// mois selects what changes each month, x, when kept counts tell it: of any subject in the whole country, of a category by
// département, of anything and anything free by cell; nil otherwise.
func (s *Store) mois(l *lecture) *bun.SelectQuery {
	var q *bun.SelectQuery
	switch niveau := l.niveau(); {
	case niveau == "FRANCE":
		cle, sujets := l.cle("x"), "= "+strconv.FormatInt(int64(l.sujet), 10)
		if l.par == AxeLogiciel {
			cle, sujets = "x.sujet::text", l.logiciels()
		}
		q = cellules(s.bun.NewSelect().TableExpr("adoption_mois AS x").ColumnExpr(cle+" AS cle, x.nature").Where("x.sujet "+sujets), "x", l.filtre)
	case l.par != AxeLogiciel && (l.sujet == toutSujet || l.sujet == libreSujet || l.sujet < 0 && niveau != "CELLULE"):
		if niveau == "REGION" {
			niveau = "DEPARTEMENT"
		}
		q = cellules(s.bun.NewSelect().TableExpr("adoption_mois_lieu AS x").Join("JOIN cellule AS k ON k.id = x.cellule_id").
			ColumnExpr(l.cle("k")+" AS cle, k.nature").Where("x.sujet = ?", int64(l.sujet)).Where("k.niveau = ?", niveau), "k", l.filtre)
	default:
		return nil
	}
	return q.ColumnExpr("?0 * sum(x.collectivites), ?0 * sum(x.population), ?0 * sum(x.usages)", l.instant.signe).GroupExpr("1, 2")
}

// compter reads the kept counts on the day: the cells at the new year, and the events since, or until then.
func (s *Store) compter(ctx context.Context, l *lecture) ([]comptes, error) {
	if l.unParUn() {
		return s.compterUnParUn(ctx, l)
	}
	cle, cleO, ofSujet := l.cle("k"), l.cle("o"), "= "+strconv.FormatInt(int64(l.sujet), 10)
	if l.par == AxeLogiciel {
		cle, cleO = "x.sujet::text", "x.sujet::text"
		if l.dans != "" {
			place := lecture{par: l.dans}
			cle, cleO = "x.sujet || ' ' || "+place.cle("k"), "x.sujet || ' ' || "+place.cle("o")
		}
		ofSujet = "> 0"
		if l.sujet != toutSujet || l.lesquels != nil {
			ofSujet = l.logiciels()
		}
	}
	all := cellules(s.bun.NewSelect().TableExpr("adoption AS x").Join("JOIN cellule AS k ON k.id = x.cellule_id").
		ColumnExpr(cle+" AS cle, k.nature").
		ColumnExpr("sum(x.collectivites[?0]) AS collectivites, sum(x.population[?0]) AS population, sum(x.usages[?0]) AS usages", l.instant.rang).
		Where("x.sujet "+ofSujet).Where("k.niveau = ?", l.niveau()), "k", l.filtre).GroupExpr("1, 2")
	i := l.instant
	if !i.exact() {
		if months := s.mois(l); months != nil {
			m := i.parMois()
			all = all.UnionAll(months.Where("x.mois >= ?", m.de).Where("x.mois < ?", m.a))
			i = m.reste
		}
	}
	if !i.exact() {
		events := func(rows string, args ...any) *bun.SelectQuery {
			q := s.bun.NewSelect().TableExpr("("+rows+") AS x", args...).
				Join("JOIN organisation AS o ON o.id = x.organisation_id AND o.genre = 'COLLECTIVITE' AND o.actif").
				ColumnExpr(cleO + " AS cle, o.nature")
			return cellules(q, "o", l.filtre).GroupExpr("1, 2")
		}
		all = all.UnionAll(events(`SELECT p.organisation_id, p.sujet, ?2 AS n FROM presence p WHERE p.sujet `+ofSujet+` AND p.debut > ?0 AND p.debut <= ?1
				UNION ALL SELECT p.organisation_id, p.sujet, -?2 FROM presence p WHERE p.sujet `+ofSujet+` AND p.fin > ?0 AND p.fin <= ?1`, i.de, i.a, i.signe).
			ColumnExpr("sum(x.n), sum(x.n * coalesce(o.population, 0)), 0")).
			UnionAll(events(`(?) UNION ALL (?)`, s.bornes(l, i, "depuis", i.signe), s.bornes(l, i, "fin", -i.signe)).ColumnExpr("0, 0, sum(x.n)"))
	}
	var rows []comptes
	err := many(ctx, s.bun.NewSelect().TableExpr("(?) AS y", all).ColumnExpr("cle, nature").
		ColumnExpr("sum(collectivites)::integer AS collectivites, sum(population)::bigint AS population, sum(usages)::integer AS usages").
		GroupExpr("1, 2").Having("sum(collectivites) <> 0 OR sum(usages) <> 0"), &rows)
	return rows, err
}

// bornes selects the usages of the subject that begin, or end, within the window of an instant. Those of a few départements
// are found by them in a window of months; in one of days, all are fewer.
func (s *Store) bornes(l *lecture, i instant, borne string, n int) *bun.SelectQuery {
	q := s.bun.NewSelect().TableExpr("usage AS u").ColumnExpr("u.utilisateur_id AS organisation_id, u.logiciel_id AS sujet, ? AS n", n).
		Where(comptee).Where("u.? > ?", bun.Ident(borne), i.de).Where("u.? <= ?", bun.Ident(borne), i.a)
	if f := l.filtre; f != nil && i == l.instant {
		q = inList(q, "u.departement", f.Departements)
	}
	return l.usages(q)
}

// compterUnParUn counts from presence and usage, for what the cells cannot tell: a filter by name, by software or by
// groupement, an axis of the usage itself. Its cost is that of the users of one software, or of filtreMax collectivités.
func (s *Store) compterUnParUn(ctx context.Context, l *lecture) ([]comptes, error) {
	day := l.instant.date
	var users, uses *bun.SelectQuery // (organisation_id, cle), and the same with usages
	uses = l.parmi(l.usages(s.bun.NewSelect().TableExpr("usage AS u").Where(comptee)), "u.utilisateur_id").Where("u.depuis <= ?0 AND (u.fin IS NULL OR u.fin > ?0)", day).
		ColumnExpr("u.utilisateur_id AS organisation_id").GroupExpr("1, 2").ColumnExpr("? AS cle", bun.Safe(l.cleDe("u"))).ColumnExpr("0 AS users, count(*) AS usages")
	present := func() *bun.SelectQuery {
		return l.parmi(s.bun.NewSelect().TableExpr("presence AS p"), "p.organisation_id").Where("p.debut <= ?0 AND (p.fin IS NULL OR p.fin > ?0)", day).ColumnExpr("p.organisation_id")
	}
	switch {
	case l.par == AxeLogiciel && l.sujet == toutSujet:
		users = present().Where("p.sujet > 0").ColumnExpr("p.sujet::text AS cle, 1 AS users, 0 AS usages")
	case l.par == AxeLogiciel:
		users = present().Where("p.sujet " + l.logiciels()).
			ColumnExpr("p.sujet::text AS cle, 1 AS users, 0 AS usages")
	case l.parLieu():
		users = present().Where("p.sujet = ?", int64(l.sujet)).ColumnExpr("'' AS cle, 1 AS users, 0 AS usages")
	case l.par != AxeSupport: // a subscription says by which syndicat, not who helps
		users = s.abonnes(l)
	}
	all := uses
	if users != nil {
		all = uses.UnionAll(users)
	}
	if !l.parLieu() && l.par != AxeLogiciel {
		// A usage makes a user under its own key, which presence does not know.
		all = s.bun.NewSelect().TableExpr("(?) AS z", all).ColumnExpr("organisation_id, cle, 1 AS users, sum(usages) AS usages").GroupExpr("1, 2")
	}
	cle := "y.cle"
	if l.parLieu() {
		cle = l.cle("o")
	}
	var rows []comptes
	err := many(ctx, l.garder(s.bun.NewSelect().TableExpr("(?) AS y", all).Join("JOIN organisation AS o ON o.id = y.organisation_id")).
		ColumnExpr(cle+" AS cle, o.nature, sum(y.users)::integer AS collectivites, coalesce(sum(y.users * o.population), 0)::bigint AS population, sum(y.usages)::integer AS usages").
		GroupExpr("1, 2"), &rows)
	return rows, err
}

// cleDe is the key of an axis of the usage itself, of usages u; ” for the others.
func (l *lecture) cleDe(alias string) string {
	switch l.par {
	case AxeModalite:
		return alias + ".modalite"
	case AxeSupport:
		return "coalesce(" + alias + ".support, '')"
	case AxeSyndicat:
		return "coalesce(" + alias + ".syndicat_id::text, '')"
	case AxeLogiciel:
		return alias + ".logiciel_id::text"
	}
	return "''"
}

// abonnes selects who is subscribed to the subject on the day, by way or by syndicat.
func (s *Store) abonnes(l *lecture) *bun.SelectQuery {
	cle := "'VIA_SYNDICAT'"
	if l.par == AxeSyndicat {
		cle = "c.syndicat_id::text"
	}
	return l.parmi(s.bun.NewSelect().TableExpr("abonnement AS a"), "a.collectivite_id").
		Join("JOIN entree_catalogue AS e ON e.id = a.entree_id").Join("JOIN catalogue AS c ON c.id = e.catalogue_id").
		Join("JOIN logiciel_sujet AS ls ON ls.logiciel_id = e.logiciel_id AND ls.sujet = ?", int64(l.sujet)).
		Join("JOIN logiciel AS l ON l.id = e.logiciel_id AND (l.libre OR NOT ls.libre)").
		ColumnExpr("a.collectivite_id, ? AS cle, 1, 0", bun.Safe(cle)).
		Where("e.statut = 'PROPOSEE' OR (e.statut = 'RETIREE' AND e.jusqua IS NOT NULL)").
		Where("greatest(a.debut, e.depuis) <= ?0 AND coalesce(least(a.fin, e.jusqua), 'infinity') > ?0", l.instant.date)
}

// effectifs counts the collectivités that the filter keeps, under each key of a place or a size; else all under "".
func (s *Store) effectifs(ctx context.Context, l *lecture) (map[string]int, error) {
	var q *bun.SelectQuery
	if l.collectes != nil {
		q = l.garder(s.bun.NewSelect().TableExpr("organisation AS o").ColumnExpr(l.cle("o") + " AS cle, count(*)::integer AS n"))
	} else {
		q = cellules(s.bun.NewSelect().TableExpr("cellule AS k").ColumnExpr(l.cle("k")+" AS cle, sum(k.nb)::integer AS n").
			Where("k.niveau = ?", l.niveau()), "k", l.filtre).Having("sum(k.nb) > 0")
	}
	var rows []struct {
		Cle string
		N   int
	}
	if err := many(ctx, q.GroupExpr("1"), &rows); err != nil {
		return nil, err
	}
	n := make(map[string]int, len(rows))
	for _, r := range rows {
		n[r.Cle] = r.N
	}
	return n, nil
}

// lignes adds up what was read into one line a key. The population of a line is that of the nature that has the most:
// nobody is counted twice, and it is exact as soon as one nature is asked.
func lignes(rows []comptes) map[string]*LigneAdoption {
	byKey := map[string]*LigneAdoption{}
	for _, r := range rows {
		line := byKey[r.Cle]
		if line == nil {
			line = &LigneAdoption{Cle: r.Cle, cleSQL: r.Cle}
			byKey[r.Cle] = line
		}
		line.Collectivites += r.Collectivites
		line.Usages += r.Usages
		line.Population = max(line.Population, int(r.Population))
	}
	return byKey
}

// LimiteMax is the most lines that can be asked.
const LimiteMax = 1000

// limiteParDefaut is how many lines come when nothing is asked.
const limiteParDefaut = 200

// Adoption tells who uses a software, a category, anything free or anything, by key of an axis. Errors:
// CodeArgumentInvalide.
func (s *Store) Adoption(ctx context.Context, q QuestionAdoption) ([]*LigneAdoption, error) {
	limite := limiteParDefaut
	if q.Limite != nil {
		if limite = *q.Limite; limite < 0 || limite > LimiteMax {
			return nil, Invalid("limite", "« limite » : de 0 à %d lignes, pas %d", LimiteMax, limite)
		}
	}
	l, err := s.lectureDe(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := s.compter(ctx, l)
	if err != nil {
		return nil, err
	}
	effectifs, err := s.effectifs(ctx, l)
	if err != nil {
		return nil, err
	}
	byKey := lignes(rows)
	if l.parLieu() { // a key without any user says so
		for cle := range effectifs {
			if byKey[cle] == nil {
				byKey[cle] = &LigneAdoption{Cle: cle, cleSQL: cle}
			}
		}
	}
	all := make([]*LigneAdoption, 0, len(byKey))
	for _, line := range byKey {
		if line.Effectif = effectifs[line.Cle]; !l.parLieu() {
			line.Effectif = effectifs[""]
		}
		if line.Effectif > 0 {
			line.Taux = new(float64(line.Collectivites) / float64(line.Effectif))
		}
		l.nbUsages += line.Usages
		line.q = l
		all = append(all, line)
	}
	if err := s.nommerLignes(ctx, l, all); err != nil {
		return nil, err
	}
	slices.SortFunc(all, l.ordre())
	all = all[:min(len(all), limite)]
	for i, line := range all {
		line.rang = int64(i + 1)
	}
	gather(all)
	return all, nil
}

func plusUtilises(a, b *LigneAdoption) int {
	return cmp.Or(b.Collectivites-a.Collectivites, b.Usages-a.Usages, strings.Compare(a.Libelle, b.Libelle), strings.Compare(a.Cle, b.Cle))
}

// ordre sorts the lines: places by code, enumerations as the schema lists them, the rest by users.
func (l *lecture) ordre() func(a, b *LigneAdoption) int {
	if ranks := libelles[l.par]; ranks != nil {
		return func(a, b *LigneAdoption) int { return ranks[a.Cle].rang - ranks[b.Cle].rang }
	}
	if l.parLieu() {
		return func(a, b *LigneAdoption) int { return strings.Compare(a.Cle, b.Cle) }
	}
	return plusUtilises
}

// libelle is how an enumerated key is shown, and where it stands in its enumeration.
type libelle struct {
	nom  string
	rang int
}

func enumeration(clesEtNoms ...string) map[string]libelle {
	m := map[string]libelle{}
	for i := 0; i < len(clesEtNoms); i += 2 {
		m[clesEtNoms[i]] = libelle{clesEtNoms[i+1], i / 2}
	}
	return m
}

// libelles are the keys of the axes that are enumerations; "" is what is not known.
var libelles = map[AxeAdoption]map[string]libelle{
	AxeNature: enumeration("COMMUNE", "Communes", "EPCI", "Intercommunalités à fiscalité propre", "EPT", "Établissements publics territoriaux",
		"DEPARTEMENT", "Départements", "REGION", "Régions", "ETABLISSEMENT_PUBLIC", "Autres établissements publics", "AUTRE", "Autres organismes"),
	AxeStrate: enumeration("MOINS_500", "Moins de 500 habitants", "DE_500_A_2000", "De 500 à 1 999 habitants", "DE_2000_A_10000", "De 2 000 à 9 999 habitants",
		"DE_10000_A_50000", "De 10 000 à 49 999 habitants", "DE_50000_A_100000", "De 50 000 à 99 999 habitants", "PLUS_100000", "100 000 habitants et plus", "", "Population inconnue"),
	AxeModalite: enumeration("DIRECT", "Par la collectivité elle-même", "VIA_SYNDICAT", "Au travers d’un syndicat"),
	AxeSupport: enumeration("INTERNE", "Ses propres services", "COMMUNAUTAIRE", "La communauté", "PRESTATAIRE", "Un prestataire", "SYNDICAT", "Un syndicat",
		"PLACE_DE_MARCHE", "Une place de marché", "AUCUN", "Personne", "", "Non précisé"),
}

// nommerLignes gives the lines their names, and keys that a client can use.
func (s *Store) nommerLignes(ctx context.Context, l *lecture, lines []*LigneAdoption) error {
	if names := libelles[l.par]; names != nil {
		for _, line := range lines {
			line.Libelle = names[line.Cle].nom
		}
		return nil
	}
	keys := distinct(lines, func(line *LigneAdoption) string { return line.cleSQL })
	if len(keys) == 0 {
		return nil
	}
	var rows []struct{ Cle, Visible, Nom string }
	var q *bun.SelectQuery
	switch l.par {
	case AxeDepartement, AxeRegion:
		q = s.bun.NewSelect().TableExpr("territoire AS t").ColumnExpr("t.code AS cle, t.code AS visible, t.nom").Where("t.type = ?", l.par).Where("t.code IN (?)", bun.List(keys))
	case AxeLogiciel:
		q = s.bun.NewSelect().TableExpr("logiciel AS l").ColumnExpr("l.id::text AS cle, l.slug AS visible, l.nom").Where("l.id IN (?)", bun.List(numbers(keys)))
	case AxeSyndicat:
		q = s.bun.NewSelect().TableExpr("organisation AS o").ColumnExpr("o.id::text AS cle, o.cle AS visible, o.nom").Where("o.id IN (?)", bun.List(numbers(keys)))
	}
	if err := many(ctx, q, &rows); err != nil {
		return err
	}
	found := map[string]int{}
	for i, r := range rows {
		found[r.Cle] = i
	}
	for _, line := range lines {
		i, ok := found[line.cleSQL]
		switch {
		case ok:
			line.Cle, line.Libelle = rows[i].Visible, rows[i].Nom
		case line.cleSQL == "" && l.par == AxeSyndicat:
			line.Libelle = "Sans syndicat"
		case line.cleSQL == "":
			line.Libelle = map[AxeAdoption]string{AxeDepartement: "Hors de tout département (régions)", AxeRegion: "Hors de toute région"}[l.par]
		default:
			line.Libelle = line.cleSQL
		}
	}
	return nil
}

// numbers reads row ids out of keys, leaving out what is none.
func numbers(keys []string) []int64 {
	ids := make([]int64, 0, len(keys))
	for _, k := range keys {
		if id, err := strconv.ParseInt(k, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// LogicielDeLaLigne returns the software that a line counts, when the axis is that.
func (s *Store) LogicielDeLaLigne(ctx context.Context, line *LigneAdoption, sel Selection) (*Logiciel, error) {
	if line.q.par != AxeLogiciel {
		return nil, nil
	}
	return follow(ctx, line.lot, sel.Cle, (*LigneAdoption).id, s.logicielsByID(sel), line)
}

// SyndicatDeLaLigne returns the syndicat that a line counts, when the axis is that.
func (s *Store) SyndicatDeLaLigne(ctx context.Context, line *LigneAdoption) (*SyndicatMixte, error) {
	if line.q.par != AxeSyndicat {
		return nil, nil
	}
	return syndicat(follow(ctx, line.lot, "syndicat", (*LigneAdoption).id, s.fichesByID, line))
}

func (line *LigneAdoption) id() int64 {
	id, _ := strconv.ParseInt(line.cleSQL, 10, 64)
	return id
}

// TerritoireDeLaLigne returns the territory that a line counts, when the axis is one of place.
func (s *Store) TerritoireDeLaLigne(ctx context.Context, line *LigneAdoption) (*Territoire, error) {
	if line.q.par != AxeDepartement && line.q.par != AxeRegion {
		return nil, nil
	}
	return territoireParCode(ctx, s, line.lot, TypeTerritoire(line.q.par), func(m *LigneAdoption) string { return m.cleSQL }, line)
}
