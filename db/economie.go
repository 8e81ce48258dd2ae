package db

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/economie"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// NatureEconomie is what a saving is about, StatutEconomie what the claim is worth.
type (
	NatureEconomie string
	StatutEconomie string
)

// Economie is a saving that a source claims. Amounts are in cents over the whole horizon; nil: not known.
type Economie struct {
	bun.BaseModel     `bun:"table:economie,alias:s"`
	membre[*Economie] `bun:"-"`

	Rowid               int64           `bun:"id,pk"`
	Cle                 string          `bun:"cle"`
	BeneficiaireID      int64           `bun:"beneficiaire_id"`
	LogicielID          *int64          `bun:"logiciel_id"`
	UsageID             *int64          `bun:"usage_id"`
	Nature              NatureEconomie  `bun:"nature"`
	Statut              StatutEconomie  `bun:"statut"`
	LicencesEconomisees *int            `bun:"licences_economisees"`
	Brut                *Euros          `bun:"brut_centimes"`
	CoutsRecurrents     *Euros          `bun:"couts_recurrents_centimes"`
	CoutsPonctuels      *Euros          `bun:"couts_ponctuels_centimes"`
	Net                 *Euros          `bun:"net_centimes"`
	Debut               *Date           `bun:"debut"`
	PrecisionDebut      *PrecisionDate  `bun:"precision_debut"`
	HorizonAnnees       *int            `bun:"horizon_annees"`
	AnneePrix           *int            `bun:"annee_prix"`
	Precision           *string         `bun:"precision_source"`
	Calcul              *CalculEconomie `bun:"calcul,type:jsonb"`
	PartDeID            *int64          `bun:"part_de_id"`
	VerifieeParID       *int64          `bun:"verifiee_par_id"`
	SourceID            int64           `bun:"source_id"`
	Visibilite          Visibilite      `bun:"visibilite"`
	Revision            int             `bun:"revision"`

	ParentID int64 `bun:"parent_id,scanonly"`
}

// CalculEconomieInput holds what a saving is computed from, but for its horizon and its year of prices, which are the
// saving's own. Rates are in hundredths of a per cent, agents' time in hundredths of a full-time agent.
type CalculEconomieInput struct {
	Postes            *int               `json:"postes,omitempty"`
	PostesParAn       []int              `json:"postesParAn,omitempty"`
	PrixUnitaire      *Euros             `json:"prixUnitaire,omitempty"`
	PrixUnitaireParAn []Euros            `json:"prixUnitaireParAn,omitempty"`
	ModePrix          *economie.ModePrix `json:"modePrix,omitempty"`
	Remise            *Decimal           `json:"remise,omitempty"`
	MaintenanceEvitee *Euros             `json:"maintenanceEvitee,omitempty"`
	MaterielParAn     *Euros             `json:"materielParAn,omitempty"`
	MaterielUnique    *Euros             `json:"materielUnique,omitempty"`
	EtpEvites         *Decimal           `json:"etpEvites,omitempty"`
	Hebergement       *Euros             `json:"hebergement,omitempty"`
	ContratSupport    *Euros             `json:"contratSupport,omitempty"`
	Etp               *Decimal           `json:"etp,omitempty"`
	CoutEtp           *Euros             `json:"coutEtp,omitempty"`
	Migration         *Euros             `json:"migration,omitempty"`
	Formation         *Euros             `json:"formation,omitempty"`
	Integration       *Euros             `json:"integration,omitempty"`
	RepriseDonnees    *Euros             `json:"repriseDonnees,omitempty"`
	Subventions       *Euros             `json:"subventions,omitempty"`
	TauxActualisation *Decimal           `json:"tauxActualisation,omitempty"`
	MontantsEn        *economie.Taxe     `json:"montantsEn,omitempty"`
	ResultatEn        *economie.Taxe     `json:"resultatEn,omitempty"`
	TauxTva           *Decimal           `json:"tauxTva,omitempty"`
}

// CalculEconomie is a computation as it was done when the saving was written: what it started from, and its result but
// for the totals, which are the saving's. All are stored by one statement: none can say other than the others.
type CalculEconomie struct {
	CalculEconomieInput
	RetourMois   *int           `json:"retourMois"`
	RetourAnnees *int           `json:"retourAnnees"`
	ParAn        []*AnneeCalcul `json:"parAn"`
}

// AnneeCalcul is one year of a computation, in cents.
type AnneeCalcul struct {
	Annee      int   `json:"annee"`
	Brut       Euros `json:"brut"`
	Recurrents Euros `json:"recurrents"`
	Actualise  Euros `json:"actualise"`
}

// EconomieConnection and EconomieEdge page lists of savings.
type (
	EconomieConnection = page.Connection[*Economie]
	EconomieEdge       = page.Edge[*Economie]
)

// ID returns the public id.
func (e *Economie) ID() string { return identifiant.Global("Economie", e.Cle) }

// IsNode marks what can be read again by its id.
func (e *Economie) IsNode() {}

// FiltreEconomies narrows a list of savings. A nil criterion was not asked; an empty list matches nothing.
type FiltreEconomies struct {
	Statuts []StatutEconomie
	Natures []NatureEconomie
}

var columnsEconomie = []string{"s.id", "s.cle", "s.beneficiaire_id", "s.logiciel_id", "s.usage_id", "s.nature", "s.statut",
	"s.licences_economisees", "s.brut_centimes", "s.couts_recurrents_centimes", "s.couts_ponctuels_centimes",
	"s.net_centimes", "s.debut", "CASE WHEN s.debut IS NOT NULL THEN s.precision_debut END AS precision_debut", "s.horizon_annees", "s.annee_prix", "s.precision_source", "s.source_id",
	"s.calcul", "s.part_de_id", "s.verifiee_par_id", "s.visibilite", "s.revision"}

func economieID(e *Economie) int64 { return e.Rowid }

func listeEconomies(f *FiltreEconomies, ties ...string) liste[*Economie, *Economie] {
	return liste[*Economie, *Economie]{
		columns: columnsEconomie,
		order: page.Order[*Economie]{Name: "economie", Keys: []page.Key{{Expr: "s.id", Kind: page.Int}},
			Values: func(e *Economie) []any { return []any{e.Rowid} }},
		filter: func(q *bun.SelectQuery) *bun.SelectQuery {
			if f == nil {
				return q
			}
			return inList(inList(q, "s.statut", f.Statuts), "s.nature", f.Natures)
		},
		ties: ties, parent: func(e *Economie) int64 { return e.ParentID },
		node: func(e *Economie) *Economie { return e },
	}
}

// Economies lists every saving known.
func (s *Store) Economies(ctx context.Context, f *FiltreEconomies, a page.Args) (*EconomieConnection, error) {
	return readPage(ctx, s, listeEconomies(f), a)
}

// EconomiesDe lists the savings of an organisation.
func (s *Store) EconomiesDe(ctx context.Context, beneficiaire *Fiche, f *FiltreEconomies, a page.Args, sel Selection) (*EconomieConnection, error) {
	return children(ctx, s, beneficiaire, listeEconomies(f, "s.beneficiaire_id = p.id"), a, sel)
}

// EconomiesDuLogiciel lists the savings attributed to a software.
func (s *Store) EconomiesDuLogiciel(ctx context.Context, l *Logiciel, f *FiltreEconomies, a page.Args, sel Selection) (*EconomieConnection, error) {
	return childrenOfLogiciel(ctx, s, l, listeEconomies(f, "s.logiciel_id = p.id"), a, sel)
}

// BeneficiaireDe returns who benefits from a saving.
func (s *Store) BeneficiaireDe(ctx context.Context, e *Economie) (Organisation, error) {
	return organisation(follow(ctx, e.lot, "beneficiaire", func(e *Economie) int64 { return e.BeneficiaireID }, s.fichesByID, e))
}

// LogicielDeLEconomie returns the software of a saving, when there is one.
func (s *Store) LogicielDeLEconomie(ctx context.Context, e *Economie, sel Selection) (*Logiciel, error) {
	return follow(ctx, e.lot, sel.Cle, func(e *Economie) int64 { return deref(e.LogicielID) }, s.logicielsByID(sel), e)
}

// UsageDeLEconomie returns the usage that a saving comes from, when it is known.
func (s *Store) UsageDeLEconomie(ctx context.Context, e *Economie, sel Selection) (*Usage, error) {
	return follow(ctx, e.lot, sel.Cle, func(e *Economie) int64 { return deref(e.UsageID) }, s.usagesByID(sel), e)
}

// EconomieEntiere returns the saving of which this one is a share, when there is one that the reader may see.
func (s *Store) EconomieEntiere(ctx context.Context, e *Economie, sel Selection) (*Economie, error) {
	return follow(ctx, e.lot, sel.Cle, func(e *Economie) int64 { return deref(e.PartDeID) },
		reader(s, columnsEconomie, economieID), e)
}

// PartsDe lists the shares of a saving.
func (s *Store) PartsDe(ctx context.Context, e *Economie, a page.Args, sel Selection) (*EconomieConnection, error) {
	return childrenOf(ctx, s, e.lot, economieID, e, listeEconomies(nil, "s.part_de_id = p.id"), a, sel)
}

// VerificateurDe returns who verified a saving, when it is known.
func (s *Store) VerificateurDe(ctx context.Context, e *Economie) (Organisation, error) {
	return organisation(follow(ctx, e.lot, "verifieePar", func(e *Economie) int64 { return deref(e.VerifieeParID) }, s.fichesByID, e))
}

// GenreReferencePrix is what a published price measures.
type GenreReferencePrix string

// ReferencePrix is a price or a cost as published, in cents; it is never recomputed.
type ReferencePrix struct {
	bun.BaseModel          `bun:"table:reference_prix,alias:r"`
	membre[*ReferencePrix] `bun:"-"`

	Rowid           int64              `bun:"id,pk"`
	OrganisationID  *int64             `bun:"organisation_id"`
	LogicielID      *int64             `bun:"logiciel_id"`
	Genre           GenreReferencePrix `bun:"genre"`
	Libelle         string             `bun:"libelle"`
	Critere         *string            `bun:"critere"`
	Minimum         *int               `bun:"minimum"`
	Maximum         *int               `bun:"maximum"`
	PremiereAnnee   *Euros             `bun:"premiere_annee_centimes"`
	AnneesSuivantes *Euros             `bun:"suivantes_centimes"`
	DateEffet       *string            `bun:"date_effet"`
	Postes          *int               `bun:"postes"`
	SourceID        int64              `bun:"source_id"`
}

// ReferencePrixConnection and ReferencePrixEdge page lists of prices.
type (
	ReferencePrixConnection = page.Connection[*ReferencePrix]
	ReferencePrixEdge       = page.Edge[*ReferencePrix]
)

var columnsReference = []string{"r.id", "r.organisation_id", "r.logiciel_id", "r.genre", "r.libelle", "r.critere", "r.minimum",
	"r.maximum", "r.premiere_annee_centimes", "r.suivantes_centimes", "r.date_effet", "r.postes", "r.source_id"}

// ReferencesPrix lists the published prices.
func (s *Store) ReferencesPrix(ctx context.Context, a page.Args) (*ReferencePrixConnection, error) {
	return readPage(ctx, s, liste[*ReferencePrix, *ReferencePrix]{
		columns: columnsReference,
		order: page.Order[*ReferencePrix]{Name: "prix", Keys: []page.Key{{Expr: "r.id", Kind: page.Int}},
			Values: func(r *ReferencePrix) []any { return []any{r.Rowid} }},
		filter: everything,
		node:   func(r *ReferencePrix) *ReferencePrix { return r },
	}, a)
}

// OrganisationDuPrix returns who publishes a price or paid a cost.
func (s *Store) OrganisationDuPrix(ctx context.Context, r *ReferencePrix) (Organisation, error) {
	return organisation(follow(ctx, r.lot, "organisation", func(r *ReferencePrix) int64 { return deref(r.OrganisationID) }, s.fichesByID, r))
}

// LogicielDuPrix returns the software of a price, when there is one.
func (s *Store) LogicielDuPrix(ctx context.Context, r *ReferencePrix, sel Selection) (*Logiciel, error) {
	return follow(ctx, r.lot, sel.Cle, func(r *ReferencePrix) int64 { return deref(r.LogicielID) }, s.logicielsByID(sel), r)
}
