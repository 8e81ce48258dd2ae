package db

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// EtatReference is what became of a reference.
type EtatReference string

// Attestation is who vouches for a reference.
type Attestation string

// ReferencePrestation is work done around a software, by whom and for whom. Until it is confirmed, only those two read it.
type ReferencePrestation struct {
	bun.BaseModel                `bun:"table:reference_prestation,alias:rp"`
	membre[*ReferencePrestation] `bun:"-"`

	Rowid               int64            `bun:"id,pk"`
	Cle                 string           `bun:"cle"`
	PrestataireID       int64            `bun:"prestataire_id"`
	BeneficiaireID      *int64           `bun:"beneficiaire_id"`
	NombreBeneficiaires *int             `bun:"nombre"`
	LogicielID          int64            `bun:"logiciel_id"`
	Types               []TypePrestation `bun:"types,array"`
	Debut               *Date            `bun:"debut"`
	PrecisionDebut      *PrecisionDate   `bun:"precision_debut"`
	Fin                 *Date            `bun:"fin"`
	Description         *string          `bun:"description"`
	Etat                EtatReference    `bun:"etat"`
	Attestation         *Attestation     `bun:"attestation"`
	Motif               *string          `bun:"motif"`
	TraiteeLe           *Instant         `bun:"traitee_le"`
	SourceID            int64            `bun:"source_id"`
	Revision            int              `bun:"revision"`

	ParentID int64 `bun:"parent_id,scanonly"`
}

// ReferencePrestationConnection and ReferencePrestationEdge page lists of references.
type (
	ReferencePrestationConnection = page.Connection[*ReferencePrestation]
	ReferencePrestationEdge       = page.Edge[*ReferencePrestation]
)

// ID returns the public id.
func (r *ReferencePrestation) ID() string {
	return identifiant.Global("ReferencePrestation", r.Cle)
}

// IsNode marks what can be read again by its id.
func (r *ReferencePrestation) IsNode() {}

var columnsReferencePrestation = []string{"rp.id", "rp.cle", "rp.prestataire_id", "rp.beneficiaire_id", "rp.nombre", "rp.logiciel_id", "rp.types", "rp.debut",
	"CASE WHEN rp.debut IS NOT NULL THEN rp.precision_debut END AS precision_debut", "rp.fin", "rp.description", "rp.etat", "rp.attestation", "rp.motif",
	"rp.traitee_le", "rp.source_id", "rp.revision"}

func referenceID(r *ReferencePrestation) int64 { return r.Rowid }

func (r *ReferencePrestation) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, r.lot, "ReferencePrestation", "", referenceID, r, a, sel)
}

func (r *ReferencePrestation) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, r.lot, func(r *ReferencePrestation) int64 { return r.SourceID }, r)
}

// FiltreReferences narrows a list of references. A nil criterion was not asked; an empty list matches nothing.
type FiltreReferences struct {
	Prestataires  []string
	Beneficiaires []string
	Logiciels     []string
	Types         []TypePrestation
	Etats         []EtatReference
	Attestations  []Attestation
}

func listeReferences(filter criteria, ties ...string) liste[*ReferencePrestation, *ReferencePrestation] {
	return liste[*ReferencePrestation, *ReferencePrestation]{
		columns: columnsReferencePrestation,
		order: page.Order[*ReferencePrestation]{Name: "reference", Keys: []page.Key{{Expr: "rp.id", Kind: page.Int}},
			Values: func(r *ReferencePrestation) []any { return []any{r.Rowid} }},
		filter: filter, ties: ties,
		parent: func(r *ReferencePrestation) int64 { return r.ParentID },
		node:   func(r *ReferencePrestation) *ReferencePrestation { return r },
	}
}

// References lists the references that the reader may see.
func (s *Store) References(ctx context.Context, f *FiltreReferences, a page.Args) (*ReferencePrestationConnection, error) {
	if f == nil {
		f = &FiltreReferences{}
	}
	slugs, err := keys("logiciels", f.Logiciels, "Logiciel")
	if err != nil {
		return nil, err
	}
	par, err := keys("prestataires", f.Prestataires, "Prestataire", "SyndicatMixte", "Collectivite")
	if err != nil {
		return nil, err
	}
	pour, err := keys("beneficiaires", f.Beneficiaires, "Collectivite", "SyndicatMixte", "Prestataire")
	if err != nil {
		return nil, err
	}
	return readPage(ctx, s, listeReferences(func(q *bun.SelectQuery) *bun.SelectQuery {
		if slugs != nil {
			q = q.Where("rp.logiciel_id = ANY (ARRAY(SELECT k.id FROM ("+logicielsNommes+") k))", bun.List(slugs))
		}
		if par != nil {
			q = q.Where("rp.prestataire_id = ANY (ARRAY(SELECT k.id FROM ("+organisationsNommees+") k))", bun.List(par))
		}
		if pour != nil {
			q = q.Where("rp.beneficiaire_id = ANY (ARRAY(SELECT k.id FROM ("+organisationsNommees+") k))", bun.List(pour))
		}
		if f.Types != nil {
			q = q.Where("rp.types && ?::text[]", pgdialect.Array(f.Types))
		}
		return inList(inList(q, "rp.etat", f.Etats), "rp.attestation", f.Attestations)
	}), a)
}

// paire is an organisation and a software in one number, for lists that depend on both.
func paire(organisation, logiciel int64) int64 { return organisation<<32 | logiciel }

// attestees binds the references that are confirmed to a pair p.id.
const attestees = "rp.prestataire_id = p.id >> 32 AND rp.logiciel_id = p.id & 4294967295 AND rp.etat = 'CONFIRMEE'"

// ReferencesDeLaPrestation lists for whom who offers did it already, around the same software: what is confirmed.
func (s *Store) ReferencesDeLaPrestation(ctx context.Context, p *Prestation, a page.Args, sel Selection) (*ReferencePrestationConnection, error) {
	of := func(p *Prestation) int64 { return paire(p.PrestataireID, p.LogicielID) }
	return childrenOf(ctx, s, p.lot, of, p, listeReferences(everything, attestees), a, sel)
}

// PrestataireDeLaReference returns who did it.
func (s *Store) PrestataireDeLaReference(ctx context.Context, r *ReferencePrestation) (Organisation, error) {
	return organisation(follow(ctx, r.lot, "prestataire", func(r *ReferencePrestation) int64 { return r.PrestataireID }, s.fichesByID, r))
}

// BeneficiaireDeLaReference returns for whom; nil when the source only says how many.
func (s *Store) BeneficiaireDeLaReference(ctx context.Context, r *ReferencePrestation) (Organisation, error) {
	return organisation(follow(ctx, r.lot, "beneficiaire", func(r *ReferencePrestation) int64 { return deref(r.BeneficiaireID) }, s.fichesByID, r))
}

// LogicielDeLaReference returns the software.
func (s *Store) LogicielDeLaReference(ctx context.Context, r *ReferencePrestation, sel Selection) (*Logiciel, error) {
	return follow(ctx, r.lot, sel.Cle, func(r *ReferencePrestation) int64 { return r.LogicielID }, s.logicielsByID(sel), r)
}

// ReferencePayload is a reference as it stands after a mutation, or what keeps it from being done.
type ReferencePayload struct {
	Reference *ReferencePrestation
	Erreurs   []*Erreur
}

func (s *Store) referencePayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*ReferencePayload, error) {
	r, err := written[*ReferencePrestation](ctx, s, "ReferencePrestation", cle, err, sel)
	return &ReferencePayload{Reference: r, Erreurs: fautes}, err
}

// DeclarerReferenceInput describes work done for someone.
type DeclarerReferenceInput struct {
	CleIdempotence *string
	Prestataire    string
	Beneficiaire   string
	Logiciel       string
	Types          []TypePrestation
	Debut          *Date
	PrecisionDebut *PrecisionDate
	Fin            *Date
	Description    *string
	Source         *SourceInput
}

// DeclarerReference declares work done for someone, who will say whether it was.
func (s *Store) DeclarerReference(ctx context.Context, in DeclarerReferenceInput, given Champs, sel Selection) (*ReferencePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"declarerReference", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		qui, err := e.organisation(ctx, "prestataire", in.Prestataire, "Prestataire", "SyndicatMixte", "Collectivite")
		if err != nil {
			return "", err
		}
		pour, err := e.organisation(ctx, "beneficiaire", in.Beneficiaire, "Collectivite", "SyndicatMixte")
		if err != nil {
			return "", err
		}
		l, err := e.logiciel(ctx, "logiciel", in.Logiciel)
		if err != nil {
			return "", err
		}
		if err := e.ready(); err != nil {
			return "", err
		}
		if err := e.authorise(ctx, "prestataire", qui.Rowid); err != nil {
			return "", err
		}
		r := &ReferencePrestation{PrestataireID: qui.Rowid, BeneficiaireID: &pour.Rowid, LogicielID: l.Rowid, Types: typesTries(in.Types),
			Debut: in.Debut, PrecisionDebut: or(in.PrecisionDebut, "JOUR"), Fin: in.Fin}
		correct(given, "description", &r.Description, e.texteLibre("description", in.Description, maxTexte))
		e.verify(pour.Rowid != qui.Rowid, Invalide, "beneficiaire", "une organisation n'est pas sa propre référence")
		e.verify(in.Fin == nil || in.Debut == nil || *in.Fin >= *in.Debut, Invalide, "fin", "« fin » précède « debut »")
		e.verify(in.Debut == nil || *in.Debut <= *e.today(), Invalide, "debut", "« debut » est à venir : une référence dit ce qui a été fait")
		if err := e.ready(); err != nil {
			return "", err
		}
		waiting, err := e.enAttente(ctx, r)
		if err != nil {
			return "", err
		}
		if waiting != "" {
			return waiting, faute(Duplique, "beneficiaire", "une référence pour ce logiciel attend déjà la réponse de cette organisation")
		}
		if r.SourceID, err = e.source(ctx, in.Source); err != nil {
			return "", err
		}
		return e.declare(ctx, r)
	})
	return s.referencePayload(ctx, cle, fautes, err, sel)
}

// enAttente is the key of the reference of the same work that waits for its answer already; "" when there is none.
func (e *ecriture) enAttente(ctx context.Context, r *ReferencePrestation) (waiting string, err error) {
	q := e.tx.NewSelect().TableExpr("reference_prestation AS rp").ColumnExpr("rp.cle").Where("rp.etat = 'DECLAREE'").
		Where("(rp.prestataire_id, rp.beneficiaire_id, rp.logiciel_id) = (?, ?, ?)", r.PrestataireID, *r.BeneficiaireID, r.LogicielID)
	_, err = one(ctx, q, &waiting)
	return waiting, err
}

// declare writes a reference that waits for its answer.
func (e *ecriture) declare(ctx context.Context, r *ReferencePrestation) (string, error) {
	r.Cle = uuid.NewString()
	_, err := e.tx.NewInsert().Model(r).Column("cle", "prestataire_id", "beneficiaire_id", "logiciel_id", "types", "debut", "precision_debut", "fin",
		"description", "source_id").Exec(ctx)
	return r.Cle, err
}

// lockReference reads a reference, for this transaction alone, and authorises the side of it that of gives. One that the
// identity could not even read does not exist for it.
func (e *ecriture) lockReference(ctx context.Context, id string, of func(*ReferencePrestation) int64) (*ReferencePrestation, error) {
	absent := faute(Introuvable, "id", "cette référence n'existe pas, ou plus")
	r, err := lockNamed[ReferencePrestation](ctx, e, "id", id, columnsReferencePrestation, "rp.cle", absent)
	if err != nil {
		return nil, err
	}
	if err := e.authorise(ctx, "id", of(r)); err != nil {
		if r.Etat == "CONFIRMEE" || e.qui.reads(Prive, r.PrestataireID, *or(r.BeneficiaireID, r.PrestataireID)) {
			return nil, err
		}
		return nil, absent
	}
	return r, nil
}

// ConfirmerReferenceInput says that the work was done.
type ConfirmerReferenceInput struct {
	CleIdempotence *string
	ID             string
	Types          []TypePrestation
	Fin            *Date
}

// RefuserReferenceInput says that it was not.
type RefuserReferenceInput struct {
	CleIdempotence *string
	ID             string
	Motif          *string
}

// ConfirmerReference confirms that the work was done: everyone may read it from then on. Whom it was done for may say
// better which services they were, and when they ended.
func (s *Store) ConfirmerReference(ctx context.Context, in ConfirmerReferenceInput, given Champs, sel Selection) (*ReferencePayload, error) {
	return s.repondreReference(ctx, demande{"confirmerReference", in, in.CleIdempotence}, in.ID, sel, func(e *ecriture, r *ReferencePrestation, q *bun.UpdateQuery) *bun.UpdateQuery {
		if given["types"] {
			q = q.Set("types = ?", pgdialect.Array(typesTries(in.Types)))
		}
		if given["fin"] {
			e.verify(in.Fin == nil || r.Debut == nil || *in.Fin >= *r.Debut, Invalide, "fin", "« fin » précède « debut »")
			q = q.Set("fin = ?", in.Fin)
		}
		return q.Set("etat = 'CONFIRMEE'").Set("attestation = 'COLLECTIVITE'").Set("motif = NULL")
	})
}

// RefuserReference says that it was not, or not so.
func (s *Store) RefuserReference(ctx context.Context, in RefuserReferenceInput, given Champs, sel Selection) (*ReferencePayload, error) {
	return s.repondreReference(ctx, demande{"refuserReference", in, in.CleIdempotence}, in.ID, sel, func(e *ecriture, r *ReferencePrestation, q *bun.UpdateQuery) *bun.UpdateQuery {
		var motif *string
		correct(given, "motif", &motif, e.texteLibre("motif", in.Motif, 200))
		return q.Set("etat = 'REFUSEE'").Set("motif = ?", motif)
	})
}

func (s *Store) repondreReference(ctx context.Context, d demande, id string, sel Selection, answer func(*ecriture, *ReferencePrestation, *bun.UpdateQuery) *bun.UpdateQuery) (*ReferencePayload, error) {
	cle, fautes, err := s.write(ctx, d, func(ctx context.Context, e *ecriture) (string, error) {
		r, err := e.lockReference(ctx, id, func(r *ReferencePrestation) int64 { return deref(r.BeneficiaireID) })
		if err != nil {
			return "", err
		}
		if r.Etat != "DECLAREE" {
			return r.Cle, faute(Conflit, "id", "cette référence a déjà reçu sa réponse")
		}
		q := answer(e, r, e.tx.NewUpdate().Model(r).Set("traitee_le = now()").WherePK())
		if err := e.ready(); err != nil {
			return r.Cle, err
		}
		_, err = q.Exec(ctx)
		return r.Cle, err
	})
	return s.referencePayload(ctx, cle, fautes, err, sel)
}

// RetirerReferenceInput takes a reference back.
type RetirerReferenceInput struct {
	CleIdempotence *string
	ID             string
	Motif          *string
}

// RetirerReference takes a reference back, confirmed or not; the history keeps it.
func (s *Store) RetirerReference(ctx context.Context, in RetirerReferenceInput, sel Selection) (*ReferencePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"retirerReference", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		r, err := e.lockReference(ctx, in.ID, func(r *ReferencePrestation) int64 { return r.PrestataireID })
		if err != nil {
			return "", err
		}
		if err := e.motive(ctx, in.Motif); err != nil {
			return r.Cle, err
		}
		_, err = e.tx.NewDelete().Model(r).WherePK().Exec(ctx)
		return r.Cle, err
	})
	return s.referencePayload(ctx, cle, fautes, err, sel)
}
