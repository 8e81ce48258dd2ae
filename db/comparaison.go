package db

import (
	"context"
	"slices"
	"sync"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/domain/comparaison"
)

const (
	minComparees, maxComparees = 2, 20
	// maxEntreesComparees bounds the entries read to compare: 500 for each of 20 catalogues.
	maxEntreesComparees = 10_000
	// maxComparaison bounds each list of a comparison.
	maxComparaison = 100
)

// ComparaisonCatalogues compares what catalogues offer one day. Its lists are cut out of what was read at once.
type ComparaisonCatalogues struct {
	Date       Date
	Catalogues []*Catalogue
	Lignes     []*LigneCatalogue
	Propres    []*LogicielsPropres

	resultat  comparaison.Resultat
	logiciels map[int64]*Logiciel
	abonnes   func(context.Context) (map[int64]int, error)

	mu      sync.Mutex
	propres map[int]map[int64]*Logiciel // what LogicielsPropres.Logiciels showed, by its first
}

// LigneCatalogue counts what one of the catalogues compared offers.
type LigneCatalogue struct {
	Catalogue *Catalogue
	Logiciels int
	Libres    int
	PartLibre *float64
	Propres   int
	Manques   int
	Services  []*ServiceOffert

	comparaison *ComparaisonCatalogues
}

// ServiceOffert counts the entries that offer a service.
type ServiceOffert struct {
	Type    TypePrestation
	Entrees int
}

// LogicielsPropres are what one of the catalogues compared is alone to offer.
type LogicielsPropres struct {
	Catalogue *Catalogue
	Nombre    int

	rang        int
	comparaison *ComparaisonCatalogues
}

// Manque is a free software that one of the catalogues compared does not offer and that others do.
type Manque struct {
	Catalogue    *Catalogue
	Logiciel     *Logiciel
	OffertPar    int
	Utilisateurs int
}

// ComparerCatalogues compares what catalogues offer on a day, today when nil, in the order of their public ids. sel names
// the fields asked of the software, wherever they come. Errors: fewer than two catalogues or more than 20, one that is
// repeated or does not exist, more than maxEntreesComparees entries. Three statements, and one more for the subscribers.
func (s *Store) ComparerCatalogues(ctx context.Context, ids []string, f *FiltreEntrees, date *Date, sel Selection) (*ComparaisonCatalogues, error) {
	c := &ComparaisonCatalogues{propres: map[int]map[int64]*Logiciel{}}
	if err := s.cataloguesCompares(ctx, c, ids, date); err != nil {
		return nil, err
	}
	considerees := entreesConsiderees(f, distinct(c.Catalogues, catalogueID), c.Date)

	var rows []*EntreeCatalogue
	q := s.rows((*EntreeCatalogue)(nil), considerees, "").ColumnExpr("e.catalogue_id, e.logiciel_id, e.services").Limit(maxEntreesComparees + 1)
	if err := many(ctx, q, &rows); err != nil {
		return nil, err
	}
	if len(rows) > maxEntreesComparees {
		return nil, Invalid("catalogues", "ces catalogues comptent plus de %d entrées en tout : comparez-en moins, ou restreignez-les par « filtre »", maxEntreesComparees)
	}
	var err error
	if c.logiciels, err = s.logicielsByID(sel)(ctx, distinct(rows, func(e *EntreeCatalogue) int64 { return e.LogicielID })); err != nil {
		return nil, err
	}
	c.comparer(rows)

	c.abonnes = askedOnce(func(ctx context.Context) (map[int64]int, error) {
		var rows []struct {
			CatalogueID int64
			N           int
		}
		q := s.rows((*EntreeCatalogue)(nil), considerees, "").Join("JOIN abonnement ab ON ab.entree_id = e.id").
			Where("coalesce(ab.debut, '-infinity') <= ?0 AND coalesce(ab.fin, 'infinity') > ?0", c.Date).
			Where("ab.debut IS NULL OR ab.fin IS NULL OR ab.fin > ab.debut"). // the same said again, as the index by entry says it
			ColumnExpr("e.catalogue_id, count(DISTINCT ab.collectivite_id) AS n").GroupExpr("e.catalogue_id")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		counts := make(map[int64]int, len(rows))
		for _, r := range rows {
			counts[r.CatalogueID] = r.N
		}
		return counts, nil
	})
	return c, nil
}

// cataloguesCompares reads the catalogues asked for, in their order, and the day.
func (s *Store) cataloguesCompares(ctx context.Context, c *ComparaisonCatalogues, ids []string, date *Date) error {
	const argument = "catalogues"
	if n := len(ids); n < minComparees || n > maxComparees {
		return Invalid(argument, "« %s » en nomme %d : il en faut de %d à %d", argument, n, minComparees, maxComparees)
	}
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			return Invalid(argument, "« %s » nomme deux fois %s : chaque catalogue n'y vient qu'une fois", argument, id)
		}
	}
	cles, err := keys(argument, ids, "Catalogue")
	if err != nil {
		return err
	}
	var rows []struct {
		Catalogue `bun:",extend"`
		Jour      Date `bun:"jour,scanonly"`
	}
	q := selectRows(s, (*Catalogue)(nil), columnsCatalogue).ColumnExpr("coalesce(?, aujourdhui()) AS jour", date).Where("k.cle IN (?)", bun.List(cles))
	if err := many(ctx, q, &rows); err != nil {
		return err
	}
	found := make(map[string]*Catalogue, len(rows))
	for i := range rows {
		found[rows[i].Cle], c.Date = &rows[i].Catalogue, rows[i].Jour
	}
	for i, cle := range cles {
		if found[cle] == nil {
			return Invalid(argument, "« %s » : aucun catalogue n'a l'identifiant %s", argument, ids[i])
		}
		c.Catalogues = append(c.Catalogues, found[cle])
	}
	gather(c.Catalogues)
	return nil
}

// offerte tells the catalogue entries that were offered on a day, by what is known today: one that was withdrawn nobody knows
// when tells nothing.
const offerte = `(e.statut = 'PROPOSEE' OR (e.statut = 'RETIREE' AND e.jusqua IS NOT NULL))
	AND coalesce(e.depuis, '-infinity') <= ?0 AND coalesce(e.jusqua, 'infinity') > ?0`

// entreesConsiderees keeps the entries of catalogues that count on a day: those offered that day, by what is known
// today; and, when asked for, those in preparation, which no day bounds.
func entreesConsiderees(f *FiltreEntrees, catalogues []int64, jour Date) criteria {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("e.catalogue_id IN (?)", bun.List(catalogues)).
			Where(`e.statut = 'EN_PREPARATION' OR (`+offerte+`)`, jour)
		if f == nil || f.Statuts == nil {
			q = q.Where("e.statut <> 'EN_PREPARATION'")
		}
		return listeEntrees(f, "").filter(q)
	}
}

// comparer counts and ranks what the entries offer.
func (c *ComparaisonCatalogues) comparer(rows []*EntreeCatalogue) {
	rang := make(map[int64]int, len(c.Catalogues))
	for i, k := range c.Catalogues {
		rang[k.Rowid] = i
	}
	entrees := make([]comparaison.Entree, len(rows))
	for i, e := range rows {
		entrees[i] = comparaison.Entree{Catalogue: rang[e.CatalogueID], Logiciel: e.LogicielID}
		for _, service := range e.Services {
			entrees[i].Services = append(entrees[i].Services, string(service))
		}
	}
	logiciels := make([]comparaison.Logiciel, 0, len(c.logiciels))
	for _, l := range c.logiciels {
		logiciels = append(logiciels, comparaison.Logiciel{ID: l.Rowid, Libre: l.Libre, Utilisateurs: l.NombreUtilisateurs, Nom: l.NomTri})
	}
	c.resultat = comparaison.Comparer(len(c.Catalogues), entrees, logiciels)
	for i, l := range c.resultat.Lignes {
		k := c.Catalogues[i]
		ligne := &LigneCatalogue{Catalogue: k, Logiciels: l.Logiciels, Libres: l.Libres, Propres: len(l.Propres), Manques: l.Manques, comparaison: c}
		if l.Logiciels > 0 {
			ligne.PartLibre = new(float64(l.Libres) / float64(l.Logiciels))
		}
		for _, p := range prestations() {
			ligne.Services = append(ligne.Services, &ServiceOffert{Type: TypePrestation(p), Entrees: l.Services[p]})
		}
		c.Lignes = append(c.Lignes, ligne)
		c.Propres = append(c.Propres, &LogicielsPropres{Catalogue: k, Nombre: len(l.Propres), rang: i, comparaison: c})
	}
}

// NombreLogiciels counts the software that one catalogue at least offers.
func (c *ComparaisonCatalogues) NombreLogiciels() int { return c.resultat.Logiciels }

// NombreCommuns counts the software that every catalogue offers.
func (c *ComparaisonCatalogues) NombreCommuns() int { return len(c.resultat.Communs) }

// NombreManques counts what is missing, for all catalogues together.
func (c *ComparaisonCatalogues) NombreManques() int { return len(c.resultat.Manques) }

// Similarite gives Jaccard's index of each pair, in the order of the catalogues.
func (c *ComparaisonCatalogues) Similarite() [][]float64 { return c.resultat.Similarite }

// Communs lists the software that every catalogue offers, by name: the first, maxComparaison at most.
func (c *ComparaisonCatalogues) Communs(first *int) ([]*Logiciel, error) {
	n, err := premiers(first)
	if err != nil {
		return nil, err
	}
	shown := c.resultat.Communs[:min(n, len(c.resultat.Communs))]
	return picked(shown, c.lot(shown)), nil
}

// Manques lists the free software that a catalogue does not offer and that others do, as domain/comparaison ranks it: the
// first of each catalogue, maxComparaison at most.
func (c *ComparaisonCatalogues) Manques(first *int) ([]*Manque, error) {
	n, err := premiers(first)
	if err != nil {
		return nil, err
	}
	shown := c.resultat.PremiersManques(n)
	logiciels := c.lot(distinct(shown, func(m comparaison.Manque) int64 { return m.Logiciel }))
	manques := make([]*Manque, len(shown))
	for i, m := range shown {
		l := logiciels[m.Logiciel]
		manques[i] = &Manque{Catalogue: c.Catalogues[m.Catalogue], Logiciel: l, OffertPar: m.OffertPar, Utilisateurs: l.NombreUtilisateurs}
	}
	return manques, nil
}

// Logiciels lists the software that the catalogue is alone to offer, by name: the first, maxComparaison at most.
func (p *LogicielsPropres) Logiciels(first *int) ([]*Logiciel, error) {
	n, err := premiers(first)
	if err != nil {
		return nil, err
	}
	c := p.comparaison
	shown := func(rang int) []int64 {
		all := c.resultat.Lignes[rang].Propres
		return all[:min(n, len(all))]
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.propres[n] == nil { // one lot for all the catalogues
		var ids []int64
		for rang := range c.Catalogues {
			ids = append(ids, shown(rang)...)
		}
		c.propres[n] = c.lot(ids)
	}
	return picked(shown(p.rang), c.propres[n]), nil
}

// lot shows software as a lot of its own: what is asked of one list is not read for the others.
func (c *ComparaisonCatalogues) lot(ids []int64) map[int64]*Logiciel {
	rows := make([]*Logiciel, len(ids))
	byID := make(map[int64]*Logiciel, len(ids))
	for i, id := range ids {
		l := *c.logiciels[id]
		rows[i], byID[id] = &l, &l
	}
	gather(rows)
	return byID
}

func picked(ids []int64, from map[int64]*Logiciel) []*Logiciel {
	rows := make([]*Logiciel, len(ids))
	for i, id := range ids {
		rows[i] = from[id]
	}
	return rows
}

// premiers checks how many elements of a list of a comparison are wanted.
func premiers(first *int) (int, error) {
	n := *or(first, maxComparaison)
	if n < 0 || n > maxComparaison {
		return 0, Invalid("first", "« first » vaut %d : cette liste compte de 0 à %d éléments", n, maxComparaison)
	}
	return n, nil
}

// AbonnesCompares counts the collectivités subscribed that day to one at least of the entries compared of a catalogue.
func (s *Store) AbonnesCompares(ctx context.Context, l *LigneCatalogue) (int, error) {
	counts, err := l.comparaison.abonnes(ctx)
	return counts[l.Catalogue.Rowid], err
}
