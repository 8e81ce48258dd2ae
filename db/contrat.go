package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// Contrat is what an organisation buys around a software, from whom and until when. A reader that may read the contract
// and not its price reads no amount.
type Contrat struct {
	bun.BaseModel    `bun:"table:contrat,alias:c"`
	membre[*Contrat] `bun:"-"`

	Rowid          int64            `bun:"id,pk"`
	Cle            string           `bun:"cle"`
	OrganisationID int64            `bun:"organisation_id"`
	LogicielID     int64            `bun:"logiciel_id"`
	UsageID        *int64           `bun:"usage_id"`
	PrestataireID  *int64           `bun:"prestataire_id"`
	Prestations    []TypePrestation `bun:"prestations,array"`
	Debut          *Date            `bun:"debut"`
	Fin            *Date            `bun:"fin"`
	Reconductible  *bool            `bun:"reconductible"`
	MontantAnnuel  *Euros           `bun:"montant_annuel_centimes"`
	HorsTaxes      bool             `bun:"hors_taxes"`
	Visibilite     Visibilite       `bun:"visibilite"`
	VisibilitePrix Visibilite       `bun:"visibilite_prix"`
	SourceID       int64            `bun:"source_id"`
	Revision       int              `bun:"revision"`

	EcheanceJour int64 `bun:"echeance_jour,scanonly"`
	ParentID     int64 `bun:"parent_id,scanonly"`
}

// ContratConnection and ContratEdge page lists of contracts.
type (
	ContratConnection = page.Connection[*Contrat]
	ContratEdge       = page.Edge[*Contrat]
)

// ID returns the public id.
func (c *Contrat) ID() string { return identifiant.Global("Contrat", c.Cle) }

// IsNode marks what can be read again by its id.
func (c *Contrat) IsNode() {}

// PrixVisible tells whether the reader may read the price, known or not.
func (c *Contrat) PrixVisible(ctx context.Context) bool {
	return IdentiteDe(ctx).reads(c.VisibilitePrix, c.OrganisationID, c.OrganisationID)
}

// FiltreContrats narrows a list of contracts. A nil criterion was not asked; an empty list matches nothing.
type FiltreContrats struct {
	Logiciels     []string
	Departements  []string
	EcheanceAvant *Date
	EcheanceApres *Date
}

// echeanceJour is the term as a number of days, for cursors; those not known come last. Indexes hold it as it is written.
const echeanceJour = "(coalesce(c.fin, DATE '9999-12-31') - DATE '1970-01-01')"

var columnsContrat = []string{"c.id", "c.cle", "c.organisation_id", "c.logiciel_id", "c.usage_id", "c.prestataire_id", "c.prestations",
	"c.debut", "c.fin", "c.reconductible", "c.montant_annuel_centimes", "c.hors_taxes", "c.visibilite", "c.visibilite_prix", "c.source_id",
	"c.revision", echeanceJour + " AS echeance_jour"}

func contratID(c *Contrat) int64 { return c.Rowid }

// filterContrats compiles the filter once its ids and codes are checked.
func filterContrats(f *FiltreContrats) (criteria, error) {
	if f == nil {
		return everything, nil
	}
	slugs, err := keys("logiciels", f.Logiciels, "Logiciel")
	if err != nil {
		return nil, err
	}
	departements, err := codes("departements", f.Departements, identifiant.CheckDepartement)
	if err != nil {
		return nil, err
	}
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		if slugs != nil {
			q = q.Where("c.logiciel_id = ANY (ARRAY(SELECT k.id FROM ("+logicielsNommes+") k))", bun.List(slugs))
		}
		if departements != nil {
			q = q.Where("c.organisation_id IN (SELECT o.id FROM organisation o WHERE o.departement IN (?))", bun.List(departements))
		}
		if f.EcheanceAvant != nil {
			q = q.Where("c.fin IS NOT NULL").Where(echeanceJour+" <= ?", f.EcheanceAvant.days())
		}
		if f.EcheanceApres != nil {
			q = q.Where("c.fin IS NOT NULL").Where(echeanceJour+" >= ?", f.EcheanceApres.days())
		}
		return q
	}, nil
}

// days is the number of days since 1970.
func (d Date) days() int64 {
	t, _ := time.Parse(time.DateOnly, string(d)) // checked when it came in
	return t.Unix() / 86400
}

func listeContrats(filter criteria, ties ...string) liste[*Contrat, *Contrat] {
	return liste[*Contrat, *Contrat]{
		columns: columnsContrat,
		order: page.Order[*Contrat]{Name: "echeance", Keys: []page.Key{{Expr: echeanceJour, Kind: page.Int}, {Expr: "c.id", Kind: page.Int}},
			Values: func(c *Contrat) []any { return []any{c.EcheanceJour, c.Rowid} }},
		filter: filter, ties: ties,
		parent: func(c *Contrat) int64 { return c.ParentID },
		node:   func(c *Contrat) *Contrat { return c },
	}
}

// Contrats lists the contracts that the reader may see, first term first.
func (s *Store) Contrats(ctx context.Context, f *FiltreContrats, a page.Args) (*ContratConnection, error) {
	filter, err := filterContrats(f)
	if err != nil {
		return nil, err
	}
	return readPage(ctx, s, listeContrats(filter), a)
}

// ContratsDe lists what an organisation buys.
func (s *Store) ContratsDe(ctx context.Context, acheteur *Fiche, f *FiltreContrats, a page.Args, sel Selection) (*ContratConnection, error) {
	filter, err := filterContrats(f)
	if err != nil {
		return nil, err
	}
	return children(ctx, s, acheteur, listeContrats(filter, "c.organisation_id = p.id"), a, sel)
}

// ContratsDuLogiciel lists what is bought around a software.
func (s *Store) ContratsDuLogiciel(ctx context.Context, l *Logiciel, f *FiltreContrats, a page.Args, sel Selection) (*ContratConnection, error) {
	filter, err := filterContrats(f)
	if err != nil {
		return nil, err
	}
	return childrenOfLogiciel(ctx, s, l, listeContrats(filter, "c.logiciel_id = p.id"), a, sel)
}

// AcheteurDe returns who buys.
func (s *Store) AcheteurDe(ctx context.Context, c *Contrat) (Organisation, error) {
	return organisation(follow(ctx, c.lot, "organisation", func(c *Contrat) int64 { return c.OrganisationID }, s.fichesByID, c))
}

// PrestataireDuContrat returns from whom, when it is known.
func (s *Store) PrestataireDuContrat(ctx context.Context, c *Contrat) (Organisation, error) {
	return organisation(follow(ctx, c.lot, "prestataire", func(c *Contrat) int64 { return deref(c.PrestataireID) }, s.fichesByID, c))
}

// LogicielDuContrat returns the software of a contract.
func (s *Store) LogicielDuContrat(ctx context.Context, c *Contrat, sel Selection) (*Logiciel, error) {
	return follow(ctx, c.lot, sel.Cle, func(c *Contrat) int64 { return c.LogicielID }, s.logicielsByID(sel), c)
}

// UsageDuContrat returns the usage that a contract covers, when it is known.
func (s *Store) UsageDuContrat(ctx context.Context, c *Contrat, sel Selection) (*Usage, error) {
	return follow(ctx, c.lot, sel.Cle, func(c *Contrat) int64 { return deref(c.UsageID) }, s.usagesByID(sel), c)
}
