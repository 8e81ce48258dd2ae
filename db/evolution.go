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
	Date          Date
	Usages        int
	Collectivites int
	Population    int
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
	if last := points[len(points)-1]; last.Date != finDe(last.Date, "MOIS") {
		rows, err := s.compter(ctx, &lecture{sujet: of, instant: fin})
		if err != nil {
			return nil, err
		}
		*last = PointEvolution{Date: last.Date}
		for _, line := range lignes(rows) {
			last.Collectivites, last.Population, last.Usages = line.Collectivites, line.Population, line.Usages
		}
	}
	return points, nil
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
