package db

import (
	"context"
	"slices"
	"time"
)

// PasEvolution is the distance between two points of a curve.
type PasEvolution string

// PointEvolution is how many use it at the end of a month or of a year.
type PointEvolution struct {
	membre[*PointEvolution]

	Date          Date
	Usages        int
	Collectivites int
	Population    int

	q *lecture // of the last day of the curve
}

// QuestionEvolution is a curve: of a software, a category, anything free or anything, over a period.
type QuestionEvolution struct {
	Logiciel, Categorie *string
	Libre               *bool
	Depuis, Jusqua      *Date
	Pas                 PasEvolution
}

// pointsMax is the most points of a curve: fifty years by month.
const pointsMax = 600

// mouvement is what one month changed, in one nature.
type mouvement struct {
	Nature        string
	Mois          Date
	Collectivites int
	Population    int
	Usages        int
}

// Evolution tells how use spread in the whole country: the state on the last day of each month or year of the period, and
// on its last day. Errors: CodeArgumentInvalide.
func (s *Store) Evolution(ctx context.Context, q QuestionEvolution) ([]*PointEvolution, error) {
	if err := presentSeulement(ctx, "evolution"); err != nil {
		return nil, err
	}
	of, err := s.sujetDe(ctx, q.Logiciel, q.Categorie, q.Libre)
	if err != nil {
		return nil, err
	}
	fin, err := s.instant(ctx, q.Jusqua)
	if err != nil {
		return nil, err
	}
	var moves []mouvement
	if err := many(ctx, s.bun.NewSelect().TableExpr("adoption_mois AS m").ColumnExpr("m.nature, m.mois, m.collectivites, m.population, m.usages").
		Where("m.sujet = ?", int64(of)).Where("m.mois <= ?", fin.date).OrderExpr("m.mois, m.nature"), &moves); err != nil {
		return nil, err
	}
	if q.Depuis == nil {
		if len(moves) == 0 {
			return []*PointEvolution{}, nil
		}
		q.Depuis = &moves[0].Mois
	}
	dates, err := fins(*q.Depuis, fin.date, q.Pas)
	if err != nil {
		return nil, err
	}
	points := courbe(moves, dates)
	// What is kept is kept by month: a last day within one is read as any day is.
	l := &lecture{sujet: of, instant: fin}
	if last := points[len(points)-1]; last.dansUnMois() {
		rows, err := s.compter(ctx, l)
		if err != nil {
			return nil, err
		}
		*last = PointEvolution{Date: last.Date}
		for _, line := range lignes(rows) {
			last.Collectivites, last.Population, last.Usages = line.Collectivites, line.Population, line.Usages
		}
	}
	for _, p := range points {
		p.q = l
	}
	gather(points)
	return points, nil
}

// dansUnMois reports whether the day of a point is not the last of its month.
func (p *PointEvolution) dansUnMois() bool { return p.Date != finDe(p.Date, "MOIS") }

// citationsDuPoint reads what the usages of the points rest on: from the months for all, as the counts are, but the last
// one if it falls within a month.
func (s *Store) citationsDuPoint(ctx context.Context, p *PointEvolution) (*citations, error) {
	found, err := perLot(ctx, p.lot, "citations", func(ctx context.Context, points []*PointEvolution) (map[string]*citations, error) {
		var moves []mouvementCite
		if err := many(ctx, s.bun.NewSelect().TableExpr("citation_mois AS x").Join("JOIN cellule AS k ON k.id = x.cellule_id").
			ColumnExpr("x.mois, x.source_id, sum(x.usages)::integer AS usages, sum(x.recents - x.perimes)::integer AS recents").
			Where("x.sujet = ?", int64(p.q.sujet)).Where("k.niveau = 'FRANCE'").Where("x.mois <= ?", p.q.instant.date).
			GroupExpr("1, 2").OrderExpr("1"), &moves); err != nil {
			return nil, err
		}
		last := points[len(points)-1]
		if !last.dansUnMois() {
			return reunirCitees(courbeCitee(moves, points)), nil
		}
		var own []citee
		if err := many(ctx, s.tenues(last.q, nil), &own); err != nil {
			return nil, err
		}
		for i := range own {
			own[i].Cle = string(last.Date)
		}
		return reunirCitees(append(own, courbeCitee(moves, points[:len(points)-1])...)), nil
	})
	return found[string(p.Date)], err
}

// mouvementCite is what one month changed, of one source.
type mouvementCite struct {
	Mois            Date
	SourceID        int64
	Usages, Recents int
}

// courbeCitee adds up the movements until each point, by source. moves and points are in order.
func courbeCitee(moves []mouvementCite, points []*PointEvolution) []citee {
	var rows []citee
	bySource := map[int64]*citee{}
	next := 0
	for _, p := range points {
		for ; next < len(moves) && moves[next].Mois <= p.Date; next++ {
			m := moves[next]
			sum := bySource[m.SourceID]
			if sum == nil {
				sum = &citee{SourceID: m.SourceID}
				bySource[m.SourceID] = sum
			}
			sum.N += m.Usages
			sum.Recents += m.Recents
		}
		for _, c := range bySource {
			if c.N > 0 {
				rows = append(rows, citee{string(p.Date), c.SourceID, c.N, c.Recents})
			}
		}
	}
	return rows
}

// FraicheurDuPoint is the share of the usages of a point seen or confirmed within the 24 months before it; nil when there is
// none.
func (s *Store) FraicheurDuPoint(ctx context.Context, p *PointEvolution) (*float64, error) {
	c, err := s.citationsDuPoint(ctx, p)
	return c.fraicheur(), err
}

// SourcesDuPoint lists the sources that most usages of a point rest on, the most cited first.
func (s *Store) SourcesDuPoint(ctx context.Context, p *PointEvolution) ([]*SourceComptee, error) {
	c, err := s.citationsDuPoint(ctx, p)
	return c.citees(), err
}

// finDe is the last day of the month or the year of a day.
func finDe(d Date, pas PasEvolution) Date {
	t, _ := time.Parse(time.DateOnly, string(d))
	if pas == "ANNEE" {
		return jour(nouvelAn(t.Year()+1).AddDate(0, 0, -1))
	}
	return jour(time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC))
}

// fins lists the last days of the months, or years, from one day to another, which is the last of them.
func fins(depuis, jusqua Date, pas PasEvolution) ([]Date, error) {
	if depuis > jusqua {
		return nil, Invalid("depuis", "« depuis » (%s) est après « jusqua » (%s)", depuis, jusqua)
	}
	var dates []Date
	for d := finDe(depuis, pas); ; {
		if len(dates) == pointsMax {
			return nil, Invalid("pas", "cette période a plus de %d points : raccourcissez-la, ou demandez un point par an", pointsMax)
		}
		if d >= jusqua {
			return append(dates, jusqua), nil
		}
		dates = append(dates, d)
		t, _ := time.Parse(time.DateOnly, string(d))
		d = finDe(jour(t.AddDate(0, 0, 1)), pas)
	}
}

// courbe adds up the movements until each date. moves and dates are in order.
func courbe(moves []mouvement, dates []Date) []*PointEvolution {
	points := make([]*PointEvolution, 0, len(dates))
	byNature := map[string]*mouvement{}
	next := 0
	for _, d := range dates {
		for ; next < len(moves) && moves[next].Mois <= d; next++ {
			m := moves[next]
			sum := byNature[m.Nature]
			if sum == nil {
				sum = &mouvement{}
				byNature[m.Nature] = sum
			}
			sum.Collectivites += m.Collectivites
			sum.Population += m.Population
			sum.Usages += m.Usages
		}
		p := &PointEvolution{Date: d}
		for _, sum := range byNature {
			p.Collectivites += sum.Collectivites
			p.Usages += sum.Usages
			p.Population = max(p.Population, sum.Population)
		}
		points = append(points, p)
	}
	return slices.Clip(points)
}
