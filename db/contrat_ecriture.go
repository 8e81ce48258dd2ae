package db

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/mutualibre/mutualibre/domain/economie"
)

// ContratPayload is a contract as it stands after a mutation, or what keeps it from being done.
type ContratPayload struct {
	Contrat *Contrat
	Erreurs []*Erreur
}

// contratPayload reads a contract again, once the mutation is over.
func (s *Store) contratPayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*ContratPayload, error) {
	c, err := written[*Contrat](ctx, s, "Contrat", cle, err, sel)
	return &ContratPayload{Contrat: c, Erreurs: fautes}, err
}

// ContenuContrat is what a declaration and a correction of a contract both say.
type ContenuContrat struct {
	Usage          *string
	Prestataire    *string
	Prestations    []TypePrestation
	Debut          *Date
	Fin            *Date
	Reconductible  *bool
	MontantAnnuel  *Euros
	HorsTaxes      *bool
	Visibilite     *Visibilite
	VisibilitePrix *Visibilite
	Source         *SourceInput
}

// DeclarerContratInput describes a contract to declare.
type DeclarerContratInput struct {
	CleIdempotence *string
	Organisation   string
	Logiciel       string
	ContenuContrat
}

// CorrigerContratInput corrects a contract from the revision that was read.
type CorrigerContratInput struct {
	CleIdempotence *string
	ID             string
	Revision       int
	ContenuContrat
}

// RetirerContratInput takes a contract back.
type RetirerContratInput struct {
	CleIdempotence *string
	ID             string
	Revision       *int
	Motif          *string
}

// DeclarerContrat declares a contract.
func (s *Store) DeclarerContrat(ctx context.Context, in DeclarerContratInput, given Champs, sel Selection) (*ContratPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"declarerContrat", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		acheteur, err := e.organisation(ctx, "organisation", in.Organisation, "Collectivite", "SyndicatMixte")
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
		c := &Contrat{Cle: uuid.NewString(), OrganisationID: acheteur.Rowid, LogicielID: l.Rowid, HorsTaxes: true,
			Visibilite: OrganismesPublics, VisibilitePrix: OrganismesPublics}
		if err := e.authorise(ctx, "organisation", c.OrganisationID); err != nil {
			return "", err
		}
		if err := e.fillContrat(ctx, c, in.ContenuContrat, given); err != nil {
			return "", err
		}
		if c.SourceID, err = e.source(ctx, in.Source); err != nil {
			return "", err
		}
		_, err = e.tx.NewInsert().Model(c).ExcludeColumn("id", "revision").Exec(ctx)
		return c.Cle, err
	})
	return s.contratPayload(ctx, cle, fautes, err, sel)
}

// CorrigerContrat corrects the fields given.
func (s *Store) CorrigerContrat(ctx context.Context, in CorrigerContratInput, given Champs, sel Selection) (*ContratPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"corrigerContrat", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		c, err := e.lockContrat(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(c.Revision, in.Revision); err != nil {
			return c.Cle, err
		}
		if err := e.fillContrat(ctx, c, in.ContenuContrat, given); err != nil {
			return c.Cle, err
		}
		if in.Source != nil {
			if c.SourceID, err = e.source(ctx, in.Source); err != nil {
				return c.Cle, err
			}
		}
		_, err = e.tx.NewUpdate().Model(c).ExcludeColumn("id", "cle", "organisation_id", "logiciel_id", "revision").WherePK().Exec(ctx)
		return c.Cle, err
	})
	return s.contratPayload(ctx, cle, fautes, err, sel)
}

// RetirerContrat takes a contract back; the history keeps it.
func (s *Store) RetirerContrat(ctx context.Context, in RetirerContratInput, sel Selection) (*ContratPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"retirerContrat", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		c, err := e.lockContrat(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(c.Revision, *or(in.Revision, c.Revision)); err != nil {
			return c.Cle, err
		}
		if err := e.motive(ctx, in.Motif); err != nil {
			return c.Cle, err
		}
		_, err = e.tx.NewDelete().Model(c).WherePK().Exec(ctx)
		return c.Cle, err
	})
	return s.contratPayload(ctx, cle, fautes, err, sel)
}

// lockContrat reads a contract that the action may touch, for this transaction alone. One that the identity could not
// even read does not exist for it: a contract is its buyer's alone, whatever syndicat it is a member of.
func (e *ecriture) lockContrat(ctx context.Context, id string) (*Contrat, error) {
	absent := faute(Introuvable, "id", "ce contrat n'existe pas, ou plus")
	c, err := lockNamed[Contrat](ctx, e, "id", id, columnsContrat, "c.cle", absent)
	if err != nil {
		return nil, err
	}
	if err = e.authorise(ctx, "id", c.OrganisationID); err != nil && !e.qui.reads(c.Visibilite, c.OrganisationID, c.OrganisationID) {
		return nil, absent
	}
	return c, err
}

// fillContrat gives a contract what the input says, and checks it.
func (e *ecriture) fillContrat(ctx context.Context, c *Contrat, in ContenuContrat, given Champs) error {
	if given["usage"] {
		c.UsageID = nil
	}
	if in.Usage != nil {
		u, err := e.usage(ctx, "usage", *in.Usage)
		if err != nil {
			return err
		}
		if u != nil {
			e.verify(u.UtilisateurID == c.OrganisationID || deref(u.SyndicatID) == c.OrganisationID, Invalide, "usage", "cet usage n'est ni celui de l'acheteur, ni un usage qui passe par lui")
			e.verify(u.LogicielID == c.LogicielID, Invalide, "usage", "cet usage est celui d'un autre logiciel")
			c.UsageID = &u.Rowid
		}
	}
	if given["prestataire"] {
		c.PrestataireID = nil
	}
	if in.Prestataire != nil {
		f, err := e.organisation(ctx, "prestataire", *in.Prestataire, "Prestataire", "SyndicatMixte", "Collectivite")
		if err != nil {
			return err
		}
		if f != nil {
			e.verify(f.Rowid != c.OrganisationID, Invalide, "prestataire", "une organisation ne passe pas de contrat avec elle-même")
			c.PrestataireID = &f.Rowid
		}
	}
	if given["prestations"] {
		c.Prestations = slices.Compact(slices.Sorted(slices.Values(in.Prestations)))
	}
	if c.Prestations == nil {
		c.Prestations = []TypePrestation{}
	}
	correct(given, "debut", &c.Debut, in.Debut)
	correct(given, "fin", &c.Fin, in.Fin)
	correct(given, "reconductible", &c.Reconductible, in.Reconductible)
	correct(given, "montantAnnuel", &c.MontantAnnuel, in.MontantAnnuel)
	c.HorsTaxes = *or(in.HorsTaxes, c.HorsTaxes)
	c.Visibilite, c.VisibilitePrix = *or(in.Visibilite, c.Visibilite), *or(in.VisibilitePrix, c.VisibilitePrix)

	e.verify(c.Fin == nil || c.Debut == nil || *c.Fin > *c.Debut, Invalide, "fin", "« fin » doit suivre « debut »")
	e.verify(c.MontantAnnuel == nil || *c.MontantAnnuel >= 0, Invalide, "montantAnnuel", "« montantAnnuel » ne peut pas être négatif")
	e.verify(c.MontantAnnuel == nil || *c.MontantAnnuel <= Euros(economie.MontantMaximal), Invalide, "montantAnnuel", "« montantAnnuel » dépasse mille milliards d'euros")
	return e.ready()
}
