package db

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/partage"
)

// NatureDeveloppement is what was done, StatutCout what its cost is worth, Versement where the work stands upstream, and
// RoleParticipation what an organisation did in it; their values are the contract's.
type (
	NatureDeveloppement string
	StatutCout          string
	Versement           string
	RoleParticipation   string
)

// Developpement is work done on a software, once for all. Its cost is in cents; nil: not known.
type Developpement struct {
	bun.BaseModel          `bun:"table:developpement,alias:dv"`
	membre[*Developpement] `bun:"-"`

	Rowid          int64               `bun:"id,pk"`
	Cle            string              `bun:"cle"`
	LogicielID     int64               `bun:"logiciel_id"`
	OrganisationID *int64              `bun:"organisation_id"`
	Titre          string              `bun:"titre"`
	Description    *string             `bun:"description"`
	Nature         NatureDeveloppement `bun:"nature"`
	Debut          *Date               `bun:"debut"`
	PrecisionDebut *PrecisionDate      `bun:"precision_debut"`
	Fin            *Date               `bun:"fin"`
	PrecisionFin   *PrecisionDate      `bun:"precision_fin"`
	Cout           *Euros              `bun:"cout_centimes"`
	StatutCout     *StatutCout         `bun:"statut_cout"`
	Jours          *Decimal            `bun:"jours"`
	Versement      Versement           `bun:"versement"`
	URLVersement   *string             `bun:"url_versement"`
	Visibilite     Visibilite          `bun:"visibilite"`
	SourceID       int64               `bun:"source_id"`
	Revision       int                 `bun:"revision"`

	DebutJour int64 `bun:"debut_jour,scanonly"`
	ParentID  int64 `bun:"parent_id,scanonly"`
}

// ParticipationDeveloppement is the part that an organisation took in a development. Amounts are in cents; nil: not known.
type ParticipationDeveloppement struct {
	bun.BaseModel                       `bun:"table:participation_developpement,alias:pd"`
	membre[*ParticipationDeveloppement] `bun:"-"`

	Rowid           int64             `bun:"id,pk"`
	Cle             string            `bun:"cle"`
	DeveloppementID int64             `bun:"developpement_id"`
	Visibilite      Visibilite        `bun:"visibilite"`
	OrganisationID  int64             `bun:"organisation_id"`
	Role            RoleParticipation `bun:"role"`
	Montant         *Euros            `bun:"montant_centimes"`
	Jours           *Decimal          `bun:"jours"`
	Confirmee       bool              `bun:"confirmee"`
	SourceID        int64             `bun:"source_id"`
	Revision        int               `bun:"revision"`

	ParentID int64 `bun:"parent_id,scanonly"`
}

// Connections and edges page lists of developments and of who took part in them.
type (
	DeveloppementConnection              = page.Connection[*Developpement]
	DeveloppementEdge                    = page.Edge[*Developpement]
	ParticipationDeveloppementConnection = page.Connection[*ParticipationDeveloppement]
	ParticipationDeveloppementEdge       = page.Edge[*ParticipationDeveloppement]
)

// ID returns the public id.
func (d *Developpement) ID() string { return identifiant.Global("Developpement", d.Cle) }

// IsNode marks what can be read again by its id.
func (d *Developpement) IsNode() {}

// ID returns the public id.
func (p *ParticipationDeveloppement) ID() string {
	return identifiant.Global("ParticipationDeveloppement", p.Cle)
}

// IsNode marks what can be read again by its id.
func (p *ParticipationDeveloppement) IsNode() {}

func (d *Developpement) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, d.lot, func(d *Developpement) int64 { return d.SourceID }, d)
}

func (p *ParticipationDeveloppement) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, p.lot, func(p *ParticipationDeveloppement) int64 { return p.SourceID }, p)
}

func (d *Developpement) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, d.lot, "Developpement", "", developpementID, d, a, sel)
}

func (p *ParticipationDeveloppement) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, p.lot, "ParticipationDeveloppement", "", participationID, p, a, sel)
}

// FiltreDeveloppements narrows a list of developments. A nil criterion was not asked; an empty list matches nothing.
type FiltreDeveloppements struct {
	Logiciels     []string
	Organisations []string
	Natures       []NatureDeveloppement
	Versements    []Versement
}

// developpementJour is the start as a number of days, for cursors; those not known come last. Indexes hold it as it is written.
const developpementJour = "(coalesce(dv.debut, DATE '0001-01-01') - DATE '1970-01-01')"

var (
	columnsDeveloppement = []string{"dv.id", "dv.cle", "dv.logiciel_id", "dv.organisation_id", "dv.titre", "dv.description", "dv.nature", "dv.debut",
		"CASE WHEN dv.debut IS NOT NULL THEN dv.precision_debut END AS precision_debut", "dv.fin", "CASE WHEN dv.fin IS NOT NULL THEN dv.precision_fin END AS precision_fin",
		"dv.cout_centimes", "dv.statut_cout", "dv.jours", "dv.versement", "dv.url_versement", "dv.visibilite", "dv.source_id", "dv.revision", developpementJour + " AS debut_jour"}
	columnsParticipation = []string{"pd.id", "pd.cle", "pd.developpement_id", "pd.visibilite", "pd.organisation_id", "pd.role", "pd.montant_centimes", "pd.jours",
		"pd.confirmee", "pd.source_id", "pd.revision"}
)

func developpementID(d *Developpement) int64              { return d.Rowid }
func participationID(p *ParticipationDeveloppement) int64 { return p.Rowid }

// filterDeveloppements compiles the filter once its ids are checked.
func filterDeveloppements(f *FiltreDeveloppements) (criteria, error) {
	if f == nil {
		return everything, nil
	}
	slugs, err := keys("logiciels", f.Logiciels, "Logiciel")
	if err != nil {
		return nil, err
	}
	organisations, err := keys("organisations", f.Organisations, "Collectivite", "SyndicatMixte", "Prestataire")
	if err != nil {
		return nil, err
	}
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		if slugs != nil {
			q = q.Where("dv.logiciel_id = ANY (ARRAY(SELECT k.id FROM ("+logicielsNommes+") k))", bun.List(slugs))
		}
		if organisations != nil {
			q = q.Where("dv.id IN (SELECT x.developpement_id FROM participation_developpement x WHERE x.organisation_id = ANY (ARRAY(SELECT k.id FROM ("+organisationsNommees+") k)))", bun.List(organisations))
		}
		return inList(inList(q, "dv.nature", f.Natures), "dv.versement", f.Versements)
	}, nil
}

func listeDeveloppements(filter criteria, ties ...string) liste[*Developpement, *Developpement] {
	return liste[*Developpement, *Developpement]{
		columns: columnsDeveloppement,
		order: page.Order[*Developpement]{Name: "developpement", Keys: []page.Key{{Expr: developpementJour, Kind: page.Int}, {Expr: "dv.id", Kind: page.Int}}, Desc: true,
			Values: func(d *Developpement) []any { return []any{d.DebutJour, d.Rowid} }},
		filter: filter, ties: ties,
		parent: func(d *Developpement) int64 { return d.ParentID },
		node:   func(d *Developpement) *Developpement { return d },
	}
}

// Developpements lists the developments that the reader may see, last begun first.
func (s *Store) Developpements(ctx context.Context, f *FiltreDeveloppements, a page.Args) (*DeveloppementConnection, error) {
	filter, err := filterDeveloppements(f)
	if err != nil {
		return nil, err
	}
	return readPage(ctx, s, listeDeveloppements(filter), a)
}

// DeveloppementsDe lists the developments that an organisation took part in.
func (s *Store) DeveloppementsDe(ctx context.Context, o *Fiche, f *FiltreDeveloppements, a page.Args, sel Selection) (*DeveloppementConnection, error) {
	filter, err := filterDeveloppements(f)
	if err != nil {
		return nil, err
	}
	return children(ctx, s, o, listeDeveloppements(filter, "dv.id IN (SELECT x.developpement_id FROM participation_developpement x WHERE x.organisation_id = p.id)"), a, sel)
}

// DeveloppementsDuLogiciel lists the work done on a software.
func (s *Store) DeveloppementsDuLogiciel(ctx context.Context, l *Logiciel, f *FiltreDeveloppements, a page.Args, sel Selection) (*DeveloppementConnection, error) {
	filter, err := filterDeveloppements(f)
	if err != nil {
		return nil, err
	}
	return childrenOfLogiciel(ctx, s, l, listeDeveloppements(filter, "dv.logiciel_id = p.id"), a, sel)
}

// LogicielDuDeveloppement returns the software that was worked on.
func (s *Store) LogicielDuDeveloppement(ctx context.Context, d *Developpement, sel Selection) (*Logiciel, error) {
	return follow(ctx, d.lot, sel.Cle, func(d *Developpement) int64 { return d.LogicielID }, s.logicielsByID(sel), d)
}

// DeclarantDuDeveloppement returns who declared a development; nil when it was read in a source.
func (s *Store) DeclarantDuDeveloppement(ctx context.Context, d *Developpement) (Organisation, error) {
	return organisation(follow(ctx, d.lot, "organisation", func(d *Developpement) int64 { return deref(d.OrganisationID) }, s.fichesByID, d))
}

// ParticipationsDe lists who took part in a development, in the order in which it was told.
func (s *Store) ParticipationsDe(ctx context.Context, d *Developpement, a page.Args, sel Selection) (*ParticipationDeveloppementConnection, error) {
	return childrenOf(ctx, s, d.lot, developpementID, d, liste[*ParticipationDeveloppement, *ParticipationDeveloppement]{
		columns: columnsParticipation,
		order: page.Order[*ParticipationDeveloppement]{Name: "participation", Keys: []page.Key{{Expr: "pd.id", Kind: page.Int}},
			Values: func(p *ParticipationDeveloppement) []any { return []any{p.Rowid} }},
		filter: everything, ties: []string{"pd.developpement_id = p.id"},
		parent: func(p *ParticipationDeveloppement) int64 { return p.ParentID },
		node:   func(p *ParticipationDeveloppement) *ParticipationDeveloppement { return p },
	}, a, sel)
}

// DeveloppementDeLaParticipation returns the development that an organisation took part in.
func (s *Store) DeveloppementDeLaParticipation(ctx context.Context, p *ParticipationDeveloppement) (*Developpement, error) {
	return follow(ctx, p.lot, "developpement", func(p *ParticipationDeveloppement) int64 { return p.DeveloppementID }, reader(s, columnsDeveloppement, developpementID), p)
}

// OrganisationDeLaParticipation returns who took part.
func (s *Store) OrganisationDeLaParticipation(ctx context.Context, p *ParticipationDeveloppement) (Organisation, error) {
	return organisation(follow(ctx, p.lot, "organisation", func(p *ParticipationDeveloppement) int64 { return p.OrganisationID }, s.fichesByID, p))
}

// PartCout is what one payer would bear of a cost by a key, in cents; nil when it cannot be told.
type PartCout struct {
	membre[*PartCout]

	organisationID int64
	Base           *Decimal
	Montant        *Euros
}

// payeursMax bounds the payers among whom a cost is shared.
const payeursMax = 100

// RepartitionDe shares the cost of a development among who pays for it, see partage.Repartir: in the order in which they
// are known. Nobody when none is. Errors: CodeArgumentInvalide beyond payeursMax.
func (s *Store) RepartitionDe(ctx context.Context, d *Developpement, cle partage.Cle, sel Selection) ([]*PartCout, error) {
	type payeur struct {
		DeveloppementID, OrganisationID int64
		partage.Payeur
	}
	byDeveloppement, err := perLot(ctx, d.lot, sel.Cle, func(ctx context.Context, members []*Developpement) (map[int64][]*PartCout, error) {
		var rows []payeur
		err := many(ctx, s.bun.NewSelect().TableExpr("unnest(ARRAY[?]::bigint[]) AS v (id)", bun.List(distinct(members, developpementID))).
			Join("JOIN developpement AS dv ON dv.id = v.id").
			Join("CROSS JOIN LATERAL (SELECT x.id, x.organisation_id, x.montant_centimes FROM participation_developpement x WHERE x.developpement_id = v.id AND x.role = 'FINANCEUR' ORDER BY x.id LIMIT ?) AS x", payeursMax+1).
			Join("JOIN organisation AS o ON o.id = x.organisation_id").
			ColumnExpr("dv.id AS developpement_id, x.organisation_id, o.population, x.montant_centimes AS montant").
			ColumnExpr("(SELECT CASE WHEN bool_and(u.postes IS NOT NULL) THEN sum(u.postes) END FROM usage u WHERE u.utilisateur_id = x.organisation_id AND u.logiciel_id = dv.logiciel_id AND "+usageCompte+") AS postes").
			OrderExpr("dv.id, x.id"), &rows)
		if err != nil {
			return nil, err
		}
		totals, payeurs, who := map[int64]*int64{}, map[int64][]partage.Payeur{}, map[int64][]int64{}
		for _, m := range members {
			totals[m.Rowid] = (*int64)(m.Cout)
		}
		for _, r := range rows {
			payeurs[r.DeveloppementID] = append(payeurs[r.DeveloppementID], r.Payeur)
			who[r.DeveloppementID] = append(who[r.DeveloppementID], r.OrganisationID)
		}
		shared, all := map[int64][]*PartCout{}, []*PartCout{}
		for id, p := range payeurs {
			if len(p) > payeursMax {
				return nil, Invalid("", "« repartition » partage un coût entre %d financeurs au plus", payeursMax)
			}
			for i, part := range partage.Repartir(totals[id], cle, p) {
				c := &PartCout{organisationID: who[id][i], Montant: (*Euros)(part.Montant)}
				if part.Base != nil {
					c.Base = (*Decimal)(part.Base) // cents are hundredths of a euro
					if cle != partage.Montants {
						c.Base = new(Decimal(*part.Base * 100))
					}
				}
				shared[id], all = append(shared[id], c), append(all, c)
			}
		}
		gather(all)
		return shared, nil
	})
	if byDeveloppement[d.Rowid] == nil {
		return []*PartCout{}, err
	}
	return byDeveloppement[d.Rowid], err
}

// OrganisationDeLaPart returns who would bear a share.
func (s *Store) OrganisationDeLaPart(ctx context.Context, c *PartCout) (Organisation, error) {
	return organisation(follow(ctx, c.lot, "organisation", func(c *PartCout) int64 { return c.organisationID }, s.fichesByID, c))
}
