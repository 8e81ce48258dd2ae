package db

import (
	"context"
	"strconv"

	"github.com/uptrace/bun"
)

// « L'argent public ne paie qu'une fois » : what was paid for a software beside how many it serves. Only what is public
// counts, for every reader, and what is not known is counted apart, never as 0.

// CoutParStatut is what is known of the cost of developments, under one statut: statuts are never added up.
type CoutParStatut struct {
	Statut         StatutCout
	Developpements int
	Montant        Euros
}

// ArgentPublic is what was paid for a software, by how many, and how many it serves today.
type ArgentPublic struct {
	Developpements int
	Couts          []*CoutParStatut
	SansCout       int
	Jours          *Decimal
	SansJours      int
	Payeurs        int
	AutresPayeurs  int
	SansPayeur     int
	Utilisateurs   int
	Population     int
}

// ArgentPublicOrganisation is what an organisation paid for, and what it benefits from that others paid for. The two are
// never netted: one is money, the other what money of others made.
type ArgentPublicOrganisation struct {
	Paye      *ArgentPaye
	Budgets   *ArgentPaye
	Beneficie *ArgentBeneficie
}

// ArgentPaye is the part that an organisation took in developments, as one that pays: those paid for, or those only planned.
type ArgentPaye struct {
	Developpements int
	Montant        *Euros
	SansMontant    int
	Jours          *Decimal
}

// ArgentBeneficie are the developments of the software that an organisation uses today, for which it did not pay: not those
// that are only planned, nor those that stayed with who made them.
type ArgentBeneficie struct {
	Logiciels      int
	Developpements int
	Couts          []*CoutParStatut
	SansCout       int
}

// paie tells, of participations x of organisations o, those that cost public money or stand for it: who finances; and a
// public organisation that has the work done, or whose agents do it, whatever the work.
const paie = `(x.role = 'FINANCEUR' OR x.role IN ('MAITRE_OUVRAGE', 'REALISATEUR', 'TRADUCTEUR', 'DOCUMENTALISTE', 'TESTEUR') AND o.genre <> 'PRESTATAIRE')`

// enBudget tells, of developments dv, those of which only what is planned is known: it is never added to what was paid.
const enBudget = `dv.statut_cout IS NOT DISTINCT FROM 'BUDGET'`

// coutsPublics counts developments dv, and what is known of their cost.
const coutsPublics = `count(DISTINCT dv.id)::integer AS developpements,
	count(*) FILTER (WHERE dv.statut_cout = 'BUDGET')::integer AS budgets, sum(dv.cout_centimes) FILTER (WHERE dv.statut_cout = 'BUDGET')::bigint AS budget,
	count(*) FILTER (WHERE dv.statut_cout = 'PAYE')::integer AS payes, sum(dv.cout_centimes) FILTER (WHERE dv.statut_cout = 'PAYE')::bigint AS paye,
	count(*) FILTER (WHERE dv.cout_centimes IS NULL)::integer AS sans_cout`

// profite tells, of developments dv, those that serve others than who made them: done, and not kept nor refused.
const profite = `NOT ` + enBudget + ` AND dv.versement NOT IN ('REFUSE', 'NON_PROPOSE')`

// couts is what coutsPublics gives.
type couts struct {
	Developpements, Budgets, Payes, SansCout int
	Budget, Paye                             int64
}

func (c couts) parStatut() []*CoutParStatut {
	all := []*CoutParStatut{}
	if c.Budgets > 0 {
		all = append(all, &CoutParStatut{"BUDGET", c.Budgets, Euros(c.Budget)})
	}
	if c.Payes > 0 {
		all = append(all, &CoutParStatut{"PAYE", c.Payes, Euros(c.Paye)})
	}
	return all
}

// ArgentPublicDuLogiciel tells what was paid for a software, and how many it serves. Its cost is that of the developments of
// the software asked, and of a few kept counts. Errors: CodeArgumentInvalide in the past.
func (s *Store) ArgentPublicDuLogiciel(ctx context.Context, l *Logiciel) (*ArgentPublic, error) {
	if err := presentSeulement(ctx, "argentPublic"); err != nil {
		return nil, err
	}
	found, err := perLot(ctx, l.lot, "argentPublic", func(ctx context.Context, members []*Logiciel) (map[int64]*ArgentPublic, error) {
		ids := distinct(members, logicielID)
		var rows []struct {
			LogicielID int64
			couts
			Jours                                         *Decimal
			SansJours, Payeurs, AutresPayeurs, SansPayeur int
		}
		err := many(ctx, s.bun.NewSelect().TableExpr("unnest(ARRAY[?]::bigint[]) AS p (id)", bun.List(ids)).
			Join(`CROSS JOIN LATERAL (SELECT `+coutsPublics+`, sum(dv.jours)::bigint AS jours, count(*) FILTER (WHERE dv.jours IS NULL)::integer AS sans_jours,
				count(*) FILTER (WHERE NOT EXISTS (SELECT FROM participation_developpement x JOIN organisation o ON o.id = x.organisation_id WHERE x.developpement_id = dv.id AND `+paie+`))::integer AS sans_payeur
				FROM developpement dv WHERE dv.logiciel_id = p.id AND dv.visibilite = 'PUBLIC') c`).
			Join(`CROSS JOIN LATERAL (SELECT count(DISTINCT o.id) FILTER (WHERE o.genre <> 'PRESTATAIRE')::integer AS payeurs, count(DISTINCT o.id) FILTER (WHERE o.genre = 'PRESTATAIRE')::integer AS autres_payeurs
				FROM developpement dv JOIN participation_developpement x ON x.developpement_id = dv.id JOIN organisation o ON o.id = x.organisation_id
				WHERE dv.logiciel_id = p.id AND dv.visibilite = 'PUBLIC' AND `+paie+`) q`).
			ColumnExpr("p.id AS logiciel_id, c.*, q.*"), &rows)
		if err != nil {
			return nil, err
		}
		population, err := s.habitants(ctx, ids)
		if err != nil {
			return nil, err
		}
		byLogiciel := make(map[int64]*ArgentPublic, len(rows))
		for _, r := range rows {
			byLogiciel[r.LogicielID] = &ArgentPublic{r.Developpements, r.parStatut(), r.SansCout, r.Jours, r.SansJours, r.Payeurs, r.AutresPayeurs, r.SansPayeur, 0, population[r.LogicielID]}
		}
		for _, m := range members {
			byLogiciel[m.Rowid].Utilisateurs = m.NombreUtilisateurs
		}
		return byLogiciel, nil
	})
	return found[l.Rowid], err
}

// habitants are those of the collectivités that use software today, each counted once: see LigneAdoption.
func (s *Store) habitants(ctx context.Context, logiciels []int64) (map[int64]int, error) {
	instant, err := s.instant(ctx, nil)
	if err != nil {
		return nil, err
	}
	rows, err := s.compter(ctx, &lecture{par: AxeLogiciel, instant: instant, lesquels: logiciels})
	if err != nil {
		return nil, err
	}
	population := make(map[int64]int, len(logiciels))
	for cle, line := range lignes(rows) {
		if id, err := strconv.ParseInt(cle, 10, 64); err == nil {
			population[id] = line.Population
		}
	}
	return population, nil
}

// partsPayees sums up the part that the organisation p.id took, as one that pays, in the developments dv that a condition
// keeps.
func partsPayees(prefixe, dont string) string {
	return `SELECT count(DISTINCT x.developpement_id)::integer AS ` + prefixe + `developpements, sum(x.montant_centimes)::bigint AS ` + prefixe + `montant,
		(count(DISTINCT x.developpement_id) - count(DISTINCT x.developpement_id) FILTER (WHERE x.montant_centimes IS NOT NULL))::integer AS ` + prefixe + `sans_montant,
		sum(x.jours)::bigint AS ` + prefixe + `jours
		FROM participation_developpement x JOIN organisation o ON o.id = x.organisation_id JOIN developpement dv ON dv.id = x.developpement_id
		WHERE x.organisation_id = p.id AND x.visibilite = 'PUBLIC' AND ` + paie + ` AND ` + dont
}

// ArgentPublicDe tells what an organisation paid for, and what it benefits from. Its cost is that of the software that the
// organisations asked use, and of their developments. Errors: CodeArgumentInvalide in the past.
func (s *Store) ArgentPublicDe(ctx context.Context, f *Fiche) (*ArgentPublicOrganisation, error) {
	if err := presentSeulement(ctx, "argentPublic"); err != nil {
		return nil, err
	}
	found, err := perLot(ctx, f.lot, "argentPublic", func(ctx context.Context, members []*Fiche) (map[int64]*ArgentPublicOrganisation, error) {
		var rows []struct {
			OrganisationID int64
			Payes          ArgentPaye `bun:"embed:payes_"`
			Prevus         ArgentPaye `bun:"embed:prevus_"`
			Logiciels      int
			couts
		}
		err := many(ctx, s.bun.NewSelect().TableExpr("unnest(ARRAY[?]::bigint[]) AS p (id)", bun.List(distinct(members, ficheID))).
			Join("CROSS JOIN LATERAL ("+partsPayees("payes_", "NOT "+enBudget)+") a").Join("CROSS JOIN LATERAL ("+partsPayees("prevus_", enBudget)+") g").
			Join(`CROSS JOIN LATERAL (SELECT count(DISTINCT dv.logiciel_id)::integer AS logiciels, `+coutsPublics+`
				FROM logiciel_utilisateur u JOIN developpement dv ON dv.logiciel_id = u.logiciel_id AND dv.visibilite = 'PUBLIC' AND `+profite+`
				WHERE u.organisation_id = p.id AND u.nb > 0 AND NOT EXISTS (SELECT FROM participation_developpement x JOIN organisation o ON o.id = x.organisation_id
					WHERE x.developpement_id = dv.id AND x.organisation_id = p.id AND `+paie+`)) b`).
			ColumnExpr("p.id AS organisation_id, a.*, g.*, b.*"), &rows)
		byOrganisation := make(map[int64]*ArgentPublicOrganisation, len(rows))
		for _, r := range rows {
			byOrganisation[r.OrganisationID] = &ArgentPublicOrganisation{&r.Payes, &r.Prevus, &ArgentBeneficie{r.Logiciels, r.Developpements, r.parStatut(), r.SansCout}}
		}
		return byOrganisation, err
	})
	return found[f.Rowid], err
}
