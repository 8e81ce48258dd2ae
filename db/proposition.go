package db

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// EtatProposition is what became of a proposal.
type EtatProposition string

// Proposition is a usage that a prestataire says a customer has: nothing of the graph until the customer accepts it.
type Proposition struct {
	bun.BaseModel        `bun:"table:proposition,alias:po"`
	membre[*Proposition] `bun:"-"`

	Rowid          int64           `bun:"id,pk"`
	Cle            string          `bun:"cle"`
	PrestataireID  int64           `bun:"prestataire_id"`
	UtilisateurID  int64           `bun:"utilisateur_id"`
	LogicielID     int64           `bun:"logiciel_id"`
	Statut         StatutUsage     `bun:"statut"`
	Support        *ModeSupport    `bun:"support"`
	Postes         *int            `bun:"postes"`
	Version        *string         `bun:"version"`
	Debut          *Date           `bun:"debut"`
	PrecisionDebut *PrecisionDate  `bun:"precision_debut"`
	Message        *string         `bun:"message"`
	Etat           EtatProposition `bun:"etat"`
	Motif          *string         `bun:"motif"`
	UsageID        *int64          `bun:"usage_id"`
	CreeLe         Instant         `bun:"cree_le"`
	TraiteeLe      *Instant        `bun:"traitee_le"`
}

// PropositionConnection and PropositionEdge page lists of proposals.
type (
	PropositionConnection = page.Connection[*Proposition]
	PropositionEdge       = page.Edge[*Proposition]
)

// ID returns the public id.
func (p *Proposition) ID() string { return identifiant.Global("Proposition", p.Cle) }

// IsNode marks what can be read again by its id.
func (p *Proposition) IsNode() {}

var columnsProposition = []string{"po.id", "po.cle", "po.prestataire_id", "po.utilisateur_id", "po.logiciel_id", "po.statut", "po.support",
	"po.postes", "po.version", "po.debut", "CASE WHEN po.debut IS NOT NULL THEN po.precision_debut END AS precision_debut", "po.message",
	"po.etat", "po.motif", "po.usage_id", "po.cree_le", "po.traitee_le"}

func propositionID(p *Proposition) int64 { return p.Rowid }

func (p *Proposition) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, p.lot, "Proposition", "", propositionID, p, a, sel)
}

// FiltrePropositions narrows a list of proposals. A nil criterion was not asked; an empty list matches nothing.
type FiltrePropositions struct {
	Etats       []EtatProposition
	Utilisateur *string
	Prestataire *string
}

// Propositions lists the proposals that the reader made or received, latest first: nobody else sees them.
func (s *Store) Propositions(ctx context.Context, f *FiltrePropositions, a page.Args) (*PropositionConnection, error) {
	if f == nil {
		f = &FiltrePropositions{}
	}
	partie := map[string][]string{}
	for column, given := range map[string]*string{"utilisateur": f.Utilisateur, "prestataire": f.Prestataire} {
		if given == nil {
			continue
		}
		cles, err := keys(column, []string{*given}, "Collectivite", "SyndicatMixte", "Prestataire")
		if err != nil {
			return nil, err
		}
		partie["po."+column+"_id"] = cles
	}
	return readPage(ctx, s, liste[*Proposition, *Proposition]{
		columns: columnsProposition,
		order: page.Order[*Proposition]{Name: "proposition", Keys: []page.Key{{Expr: "po.id", Kind: page.Int}}, Desc: true,
			Values: func(p *Proposition) []any { return []any{p.Rowid} }},
		filter: func(q *bun.SelectQuery) *bun.SelectQuery {
			q = inList(q, "po.etat", f.Etats)
			for column, cles := range partie {
				q = q.Where(column+" = ANY (ARRAY(SELECT k.id FROM ("+organisationsNommees+") k))", bun.List(cles))
			}
			return q
		},
		node: func(p *Proposition) *Proposition { return p },
	}, a)
}

// UtilisateurPropose returns the customer of a proposal.
func (s *Store) UtilisateurPropose(ctx context.Context, p *Proposition) (Organisation, error) {
	return organisation(follow(ctx, p.lot, "utilisateur", func(p *Proposition) int64 { return p.UtilisateurID }, s.fichesByID, p))
}

// PrestataireQuiPropose returns who made a proposal.
func (s *Store) PrestataireQuiPropose(ctx context.Context, p *Proposition) (*Prestataire, error) {
	f, err := follow(ctx, p.lot, "prestataire", func(p *Proposition) int64 { return p.PrestataireID }, s.fichesByID, p)
	if f == nil {
		return nil, err
	}
	return &Prestataire{f}, nil
}

// LogicielPropose returns the software of a proposal.
func (s *Store) LogicielPropose(ctx context.Context, p *Proposition, sel Selection) (*Logiciel, error) {
	return follow(ctx, p.lot, sel.Cle, func(p *Proposition) int64 { return p.LogicielID }, s.logicielsByID(sel), p)
}

// UsageAccepte returns the usage that a proposal became; nil until then.
func (s *Store) UsageAccepte(ctx context.Context, p *Proposition, sel Selection) (*Usage, error) {
	return follow(ctx, p.lot, sel.Cle, func(p *Proposition) int64 { return deref(p.UsageID) }, s.usagesByID(sel), p)
}

// PropositionPayload is a proposal as it stands after a mutation, or what keeps it from being done.
type PropositionPayload struct {
	Proposition *Proposition
	Erreurs     []*Erreur
}

func (s *Store) propositionPayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*PropositionPayload, error) {
	p, err := written[*Proposition](ctx, s, "Proposition", cle, err, sel)
	return &PropositionPayload{Proposition: p, Erreurs: fautes}, err
}

// ProposerUsageInput describes a usage that a customer has.
type ProposerUsageInput struct {
	CleIdempotence *string
	Prestataire    string
	Utilisateur    string
	Logiciel       string
	Statut         StatutUsage
	Support        *ModeSupport
	Postes         *int
	Version        *string
	Debut          *Date
	PrecisionDebut *PrecisionDate
	Message        *string
}

// ProposerUsage proposes a usage to the customer who has it. One proposal waits at a time for a customer and a software.
func (s *Store) ProposerUsage(ctx context.Context, in ProposerUsageInput, sel Selection) (*PropositionPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"proposerUsage", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		prestataire, err := e.organisation(ctx, "prestataire", in.Prestataire, "Prestataire")
		if err != nil {
			return "", err
		}
		utilisateur, err := e.organisation(ctx, "utilisateur", in.Utilisateur, "Collectivite", "SyndicatMixte")
		if err != nil {
			return "", err
		}
		l, err := e.logiciel(ctx, "logiciel", in.Logiciel)
		if err != nil {
			return "", err
		}
		u := &Usage{Statut: in.Statut, Postes: in.Postes, Version: in.Version, Debut: in.Debut, ConstateLe: *e.today()}
		e.checkUsage(u)
		if err := e.ready(); err != nil {
			return "", err
		}
		if err := e.authorise(ctx, "prestataire", prestataire.Rowid); err != nil {
			return "", err
		}
		var waiting string
		q := e.tx.NewSelect().TableExpr("proposition AS po").ColumnExpr("po.cle").Where("po.etat = 'EN_ATTENTE'").
			Where("(po.prestataire_id, po.utilisateur_id, po.logiciel_id) = (?, ?, ?)", prestataire.Rowid, utilisateur.Rowid, l.Rowid)
		if found, err := one(ctx, q, &waiting); err != nil {
			return "", err
		} else if found {
			return waiting, faute(Duplique, "logiciel", "vous avez déjà proposé ce logiciel à cette organisation : elle n'a pas encore répondu")
		}
		p := &Proposition{
			Cle: uuid.NewString(), PrestataireID: prestataire.Rowid, UtilisateurID: utilisateur.Rowid, LogicielID: l.Rowid, Statut: u.Statut,
			Support: in.Support, Postes: u.Postes, Version: u.Version, Debut: u.Debut, PrecisionDebut: or(in.PrecisionDebut, "JOUR"), Message: in.Message,
		}
		_, err = e.tx.NewInsert().Model(p).Column("cle", "prestataire_id", "utilisateur_id", "logiciel_id", "statut", "support", "postes", "version",
			"debut", "precision_debut", "message").Exec(ctx)
		return p.Cle, err
	})
	return s.propositionPayload(ctx, cle, fautes, err, sel)
}

// lockProposition reads a proposal that waits, for this transaction alone, and authorises its customer's side.
func (e *ecriture) lockProposition(ctx context.Context, id string) (*Proposition, error) {
	absent := faute(Introuvable, "id", "cette proposition n'existe pas")
	p, err := lockNamed[Proposition](ctx, e, "id", id, columnsProposition, "po.cle", absent)
	if err != nil {
		return nil, err
	}
	if err := e.authorise(ctx, "id", p.UtilisateurID); err != nil {
		if e.qui.reads(Prive, p.UtilisateurID, p.PrestataireID) {
			return nil, err
		}
		return nil, absent
	}
	if p.Etat != "EN_ATTENTE" {
		return p, faute(Conflit, "id", "cette proposition a déjà reçu sa réponse")
	}
	return p, nil
}

// AccepterPropositionInput accepts a proposal.
type AccepterPropositionInput struct {
	CleIdempotence *string
	ID             string
	Visibilite     *Visibilite
	Source         *SourceInput
}

// AccepterProposition makes a proposal a usage, confirmed by who accepts.
func (s *Store) AccepterProposition(ctx context.Context, in AccepterPropositionInput, sel Selection) (*PropositionPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"accepterProposition", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		p, err := e.lockProposition(ctx, in.ID)
		if err != nil {
			return propositionCle(p), err
		}
		source, err := e.source(ctx, in.Source)
		if err != nil {
			return "", err
		}
		var usage int64
		err = e.tx.NewRaw(`INSERT INTO usage (cle, utilisateur_id, departement, logiciel_id, libre, statut, modalite, support, postes, version, debut,
				precision_debut, visibilite, source_id, constate_le, confirme_le)
			SELECT ?, o.id, o.departement, l.id, l.libre, po.statut, 'DIRECT', po.support, po.postes, po.version, po.debut, po.precision_debut, ?, ?, ?, now()
			FROM proposition po JOIN organisation o ON o.id = po.utilisateur_id JOIN logiciel l ON l.id = po.logiciel_id WHERE po.id = ? RETURNING id`,
			uuid.NewString(), *or(in.Visibilite, Public), source, *e.today(), p.Rowid).Scan(ctx, &usage)
		if err != nil {
			return "", err
		}
		_, err = e.tx.NewUpdate().Model(p).Set("etat = 'ACCEPTEE'").Set("usage_id = ?", usage).Set("traitee_le = now()").WherePK().Exec(ctx)
		return p.Cle, err
	})
	return s.propositionPayload(ctx, cle, fautes, err, sel)
}

// RefuserPropositionInput refuses a proposal.
type RefuserPropositionInput struct {
	CleIdempotence *string
	ID             string
	Motif          *string
}

// RefuserProposition refuses a proposal; the graph does not change.
func (s *Store) RefuserProposition(ctx context.Context, in RefuserPropositionInput, sel Selection) (*PropositionPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"refuserProposition", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		p, err := e.lockProposition(ctx, in.ID)
		if err != nil {
			return propositionCle(p), err
		}
		if in.Motif != nil {
			*in.Motif = strings.TrimSpace(*in.Motif)
		}
		_, err = e.tx.NewUpdate().Model(p).Set("etat = 'REFUSEE'").Set("motif = ?", in.Motif).Set("traitee_le = now()").WherePK().Exec(ctx)
		return p.Cle, err
	})
	return s.propositionPayload(ctx, cle, fautes, err, sel)
}

// propositionCle is the key of a proposal that a mutation found, "" for none.
func propositionCle(p *Proposition) string {
	if p == nil {
		return ""
	}
	return p.Cle
}
