package db

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/mutualibre/mutualibre/domain/economie"
	"github.com/mutualibre/mutualibre/domain/rencontre"
)

// DeveloppementPayload is a development as it stands after a mutation, or what keeps it from being done.
type DeveloppementPayload struct {
	Developpement *Developpement
	Erreurs       []*Erreur
}

// ParticipationDeveloppementPayload is the same of a part in one.
type ParticipationDeveloppementPayload struct {
	Participation *ParticipationDeveloppement
	Erreurs       []*Erreur
}

// developpementPayload reads a development again, once the mutation is over.
func (s *Store) developpementPayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*DeveloppementPayload, error) {
	d, err := written[*Developpement](ctx, s, "Developpement", cle, err, sel)
	return &DeveloppementPayload{Developpement: d, Erreurs: fautes}, err
}

// participationPayload reads a part again, once the mutation is over.
func (s *Store) participationPayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*ParticipationDeveloppementPayload, error) {
	p, err := written[*ParticipationDeveloppement](ctx, s, "ParticipationDeveloppement", cle, err, sel)
	return &ParticipationDeveloppementPayload{Participation: p, Erreurs: fautes}, err
}

// ContenuDeveloppement is what a declaration and a correction of a development both say.
type ContenuDeveloppement struct {
	Titre          *string
	Description    *string
	Nature         *NatureDeveloppement
	Debut          *Date
	PrecisionDebut *PrecisionDate
	Fin            *Date
	PrecisionFin   *PrecisionDate
	Cout           *Euros
	StatutCout     *StatutCout
	Jours          *Decimal
	Versement      *Versement
	URLVersement   *string
	Visibilite     *Visibilite
	Source         *SourceInput
}

// DeclarerDeveloppementInput describes a development. Without an organisation, it is read in a source.
type DeclarerDeveloppementInput struct {
	CleIdempotence *string
	Organisation   *string
	Logiciel       string
	ContenuDeveloppement
}

// CorrigerDeveloppementInput corrects a development from the revision that was read.
type CorrigerDeveloppementInput struct {
	CleIdempotence *string
	ID             string
	Revision       int
	ContenuDeveloppement
}

// RetirerDeveloppementInput takes a development back.
type RetirerDeveloppementInput struct {
	CleIdempotence *string
	ID             string
	Revision       *int
	Motif          *string
}

// DeclarerDeveloppement declares work done on a software.
func (s *Store) DeclarerDeveloppement(ctx context.Context, in DeclarerDeveloppementInput, given Champs, sel Selection) (*DeveloppementPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"declarerDeveloppement", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		d := &Developpement{Cle: uuid.NewString(), Versement: "INCONNU", Visibilite: Public, PrecisionDebut: new(PrecisionDate("JOUR")), PrecisionFin: new(PrecisionDate("JOUR"))}
		if in.Organisation != nil {
			o, err := e.organisation(ctx, "organisation", *in.Organisation, "Collectivite", "SyndicatMixte", "Prestataire")
			if err != nil {
				return "", err
			}
			if o != nil {
				d.OrganisationID = &o.Rowid
			}
		}
		l, err := e.logiciel(ctx, "logiciel", in.Logiciel)
		if err != nil {
			return "", err
		}
		if err := e.ready(); err != nil {
			return "", err
		}
		d.LogicielID = l.Rowid
		if err := e.authorise(ctx, "organisation", deref(d.OrganisationID)); err != nil {
			return "", err
		}
		if err := e.fillDeveloppement(d, in.ContenuDeveloppement, given); err != nil {
			return "", err
		}
		if d.SourceID, err = e.source(ctx, in.Source); err != nil {
			return "", err
		}
		_, err = e.tx.NewInsert().Model(d).ExcludeColumn("id", "revision").Exec(ctx)
		return d.Cle, err
	})
	return s.developpementPayload(ctx, cle, fautes, err, sel)
}

// CorrigerDeveloppement corrects the fields given.
func (s *Store) CorrigerDeveloppement(ctx context.Context, in CorrigerDeveloppementInput, given Champs, sel Selection) (*DeveloppementPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"corrigerDeveloppement", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		d, err := e.lockDeveloppement(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(d.Revision, in.Revision); err != nil {
			return d.Cle, err
		}
		if err := e.fillDeveloppement(d, in.ContenuDeveloppement, given); err != nil {
			return d.Cle, err
		}
		if err := e.checkParts(ctx, d, "cout", "jours"); err != nil {
			return d.Cle, err
		}
		if in.Source != nil {
			if d.SourceID, err = e.source(ctx, in.Source); err != nil {
				return d.Cle, err
			}
		}
		_, err = e.tx.NewUpdate().Model(d).ExcludeColumn("id", "cle", "organisation_id", "logiciel_id", "revision").WherePK().Exec(ctx)
		return d.Cle, err
	})
	return s.developpementPayload(ctx, cle, fautes, err, sel)
}

// RetirerDeveloppement takes a development back, with the parts that were taken in it; the history keeps them.
func (s *Store) RetirerDeveloppement(ctx context.Context, in RetirerDeveloppementInput, sel Selection) (*DeveloppementPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"retirerDeveloppement", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		d, err := e.lockDeveloppement(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(d.Revision, *or(in.Revision, d.Revision)); err != nil {
			return d.Cle, err
		}
		var others bool
		if err := e.tx.NewRaw(`SELECT EXISTS (SELECT FROM participation_developpement x WHERE x.developpement_id = ? AND x.confirmee AND x.organisation_id <> ?)`,
			d.Rowid, deref(d.OrganisationID)).Scan(ctx, &others); err != nil {
			return d.Cle, err
		}
		e.verify(!others || e.droit.Role.Global(), Conflit, "id", "d'autres organisations y ont confirmé leur part : elles la retirent d'abord, ou un modérateur le fait")
		if err := e.motive(ctx, in.Motif); err != nil {
			return d.Cle, err
		}
		if err := e.ready(); err != nil {
			return d.Cle, err
		}
		_, err = e.tx.NewDelete().Model(d).WherePK().Exec(ctx)
		return d.Cle, err
	})
	return s.developpementPayload(ctx, cle, fautes, err, sel)
}

// lockDeveloppement reads a development that the action may touch, for this transaction alone.
func (e *ecriture) lockDeveloppement(ctx context.Context, id string) (*Developpement, error) {
	d, err := e.developpement(ctx, "id", id)
	if err != nil {
		return nil, err
	}
	return d, e.authorise(ctx, "id", deref(d.OrganisationID))
}

// developpement locks the development that an id names. One that the identity could not even read does not exist for it.
func (e *ecriture) developpement(ctx context.Context, champ, id string) (*Developpement, error) {
	absent := faute(Introuvable, champ, "ce développement n'existe pas, ou plus")
	d, err := lockNamed[Developpement](ctx, e, champ, id, columnsDeveloppement, "dv.cle", absent)
	switch {
	case err != nil:
		return nil, err
	case !e.qui.reads(d.Visibilite, deref(d.OrganisationID), 0):
		return nil, absent
	}
	d.PrecisionDebut, d.PrecisionFin = or(d.PrecisionDebut, "JOUR"), or(d.PrecisionFin, "JOUR")
	return d, nil
}

// fillDeveloppement gives a development what the input says, and checks it.
func (e *ecriture) fillDeveloppement(d *Developpement, in ContenuDeveloppement, given Champs) error {
	if in.Titre != nil {
		d.Titre = e.texteRequis("titre", *in.Titre, 200)
	}
	correct(given, "description", &d.Description, e.texteLibre("description", in.Description, maxDescription))
	d.Nature = *or(in.Nature, d.Nature)
	correct(given, "debut", &d.Debut, in.Debut)
	correct(given, "fin", &d.Fin, in.Fin)
	d.PrecisionDebut, d.PrecisionFin = or(in.PrecisionDebut, *d.PrecisionDebut), or(in.PrecisionFin, *d.PrecisionFin)
	correct(given, "cout", &d.Cout, in.Cout)
	correct(given, "statutCout", &d.StatutCout, in.StatutCout)
	correct(given, "jours", &d.Jours, in.Jours)
	d.Versement, d.Visibilite = *or(in.Versement, d.Versement), *or(in.Visibilite, d.Visibilite)
	correct(given, "urlVersement", &d.URLVersement, in.URLVersement)

	e.verify(d.Fin == nil || d.Debut == nil || !rencontre.DernierJour(d.Fin.time(), rencontre.Precision(*d.PrecisionFin), time.Time{}).Before(d.Debut.time()),
		Invalide, "fin", "« fin » précède « debut »")
	e.checkMontant("cout", d.Cout)
	if d.Cout == nil && !given["statutCout"] {
		d.StatutCout = nil // of nothing
	}
	e.verify(d.Cout == nil || d.StatutCout != nil, Requis, "statutCout", "dites si « cout » est un budget ou ce qui a été payé")
	e.verify(d.StatutCout == nil || d.Cout != nil, Invalide, "statutCout", "« statutCout » ne se donne qu'avec « cout »")
	e.checkJours("jours", d.Jours)
	e.checkURL("urlVersement", d.URLVersement)
	return e.ready()
}

// checkMontant notes an amount that is out of bounds.
func (e *saisie) checkMontant(champ string, m *Euros) {
	e.verify(m == nil || *m >= 0, Invalide, champ, "« %s » ne peut pas être négatif", champ)
	e.verify(m == nil || *m <= Euros(economie.MontantMaximal), Invalide, champ, "« %s » dépasse mille milliards d'euros", champ)
}

// joursMax is a thousand people for a century, in hundredths of a day: beyond, it is a mistake.
const joursMax = 1000 * 100 * 250 * 100

func (e *saisie) checkJours(champ string, j *Decimal) {
	e.verify(j == nil || *j >= 0 && *j <= joursMax, Invalide, champ, "« %s » va de 0 à %d", champ, joursMax/100)
}

// checkParts notes, on one of these fields, parts that add up to more than the whole: in euros, and in days.
func (e *ecriture) checkParts(ctx context.Context, d *Developpement, montant, jours string) error {
	var sommes struct {
		Montant Euros
		Jours   Decimal
	}
	if err := e.tx.NewRaw(`SELECT coalesce(sum(x.montant_centimes), 0)::bigint AS montant, coalesce(sum(x.jours), 0)::bigint AS jours FROM participation_developpement x WHERE x.developpement_id = ?`, d.Rowid).
		Scan(ctx, &sommes.Montant, &sommes.Jours); err != nil {
		return err
	}
	e.verify(d.Cout == nil || sommes.Montant <= *d.Cout, Invalide, montant, "les parts déclarées, %s € en tout, dépassent le coût du développement", sommes.Montant)
	e.verify(d.Jours == nil || sommes.Jours <= *d.Jours, Invalide, jours, "les jours déclarés, %s en tout, dépassent ceux du développement", hundredths(int64(sommes.Jours)))
	return e.ready()
}

// ContenuParticipation is what a declaration and a correction of a part both say.
type ContenuParticipation struct {
	Montant *Euros
	Jours   *Decimal
	Source  *SourceInput
}

// DeclarerParticipationDeveloppementInput joins an organisation to a development.
type DeclarerParticipationDeveloppementInput struct {
	CleIdempotence *string
	Developpement  string
	Organisation   string
	Role           RoleParticipation
	ContenuParticipation
}

// CorrigerParticipationDeveloppementInput corrects a part from the revision that was read.
type CorrigerParticipationDeveloppementInput struct {
	CleIdempotence *string
	ID             string
	Revision       int
	ContenuParticipation
}

// ConfirmerParticipationDeveloppementInput confirms a part that a source tells of.
type ConfirmerParticipationDeveloppementInput struct {
	CleIdempotence *string
	ID             string
	Revision       *int
}

// RetirerParticipationDeveloppementInput takes a part back.
type RetirerParticipationDeveloppementInput struct {
	CleIdempotence *string
	ID             string
	Revision       *int
	Motif          *string
}

// DeclarerParticipationDeveloppement says that an organisation took part in a development. Its own word is confirmed at once; that of a
// moderator is not.
func (s *Store) DeclarerParticipationDeveloppement(ctx context.Context, in DeclarerParticipationDeveloppementInput, given Champs, sel Selection) (*ParticipationDeveloppementPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"declarerParticipationDeveloppement", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		o, err := e.organisation(ctx, "organisation", in.Organisation, "Collectivite", "SyndicatMixte", "Prestataire")
		if err != nil {
			return "", err
		}
		d, err := e.developpement(ctx, "developpement", in.Developpement)
		if err != nil {
			return "", err
		}
		p := &ParticipationDeveloppement{Cle: uuid.NewString(), DeveloppementID: d.Rowid, Visibilite: d.Visibilite, OrganisationID: o.Rowid, Role: in.Role}
		if err := e.authorise(ctx, "organisation", p.OrganisationID); err != nil {
			return "", err
		}
		p.Confirmee = e.droit.OrganisationID == p.OrganisationID
		var same string
		found, err := one(ctx, e.tx.NewSelect().TableExpr("participation_developpement AS x").ColumnExpr("x.cle").
			Where("x.developpement_id = ?", p.DeveloppementID).Where("x.organisation_id = ?", p.OrganisationID).Where("x.role = ?", p.Role), &same)
		if err != nil {
			return "", err
		}
		if found {
			return same, faute(Duplique, "role", "cette organisation a déjà ce rôle dans ce développement : corrigez sa part, ou confirmez-la")
		}
		return p.Cle, e.writeParticipation(ctx, d, p, in.ContenuParticipation, given, func() error {
			_, err := e.tx.NewInsert().Model(p).ExcludeColumn("id", "revision").Exec(ctx)
			return err
		})
	})
	return s.participationPayload(ctx, cle, fautes, err, sel)
}

// CorrigerParticipationDeveloppement corrects the fields given. What the organisation says of itself is confirmed; what anyone else
// says of it is not any more.
func (s *Store) CorrigerParticipationDeveloppement(ctx context.Context, in CorrigerParticipationDeveloppementInput, given Champs, sel Selection) (*ParticipationDeveloppementPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"corrigerParticipationDeveloppement", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		d, p, err := e.lockParticipation(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(p.Revision, in.Revision); err != nil {
			return p.Cle, err
		}
		p.Confirmee = e.droit.OrganisationID == p.OrganisationID
		return p.Cle, e.writeParticipation(ctx, d, p, in.ContenuParticipation, given, func() error {
			_, err := e.tx.NewUpdate().Model(p).Column("montant_centimes", "jours", "confirmee", "source_id").WherePK().Exec(ctx)
			return err
		})
	})
	return s.participationPayload(ctx, cle, fautes, err, sel)
}

// ConfirmerParticipationDeveloppement confirms a part: only who took it can.
func (s *Store) ConfirmerParticipationDeveloppement(ctx context.Context, in ConfirmerParticipationDeveloppementInput, sel Selection) (*ParticipationDeveloppementPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"confirmerParticipationDeveloppement", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		_, p, err := e.lockParticipation(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(p.Revision, *or(in.Revision, p.Revision)); err != nil {
			return p.Cle, err
		}
		if p.Confirmee {
			return p.Cle, faute(Invalide, "id", "cette participation est déjà confirmée")
		}
		_, err = e.tx.NewUpdate().Model(p).Set("confirmee = true").WherePK().Exec(ctx)
		return p.Cle, err
	})
	return s.participationPayload(ctx, cle, fautes, err, sel)
}

// RetirerParticipationDeveloppement takes a part back; the history keeps it.
func (s *Store) RetirerParticipationDeveloppement(ctx context.Context, in RetirerParticipationDeveloppementInput, sel Selection) (*ParticipationDeveloppementPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"retirerParticipationDeveloppement", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		_, p, err := e.lockParticipation(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(p.Revision, *or(in.Revision, p.Revision)); err != nil {
			return p.Cle, err
		}
		if err := e.motive(ctx, in.Motif); err != nil {
			return p.Cle, err
		}
		_, err = e.tx.NewDelete().Model(p).WherePK().Exec(ctx)
		return p.Cle, err
	})
	return s.participationPayload(ctx, cle, fautes, err, sel)
}

// lockParticipation reads a part that the action may touch, and its development, for this transaction alone: the
// development first, as whoever checks what parts add up to.
func (e *ecriture) lockParticipation(ctx context.Context, id string) (*Developpement, *ParticipationDeveloppement, error) {
	cle := e.cleDe("id", id, "ParticipationDeveloppement")
	if err := e.ready(); err != nil {
		return nil, nil, err
	}
	absent := faute(Introuvable, "id", "cette participation n'existe pas, ou plus")
	if len(uuids([]string{cle})) == 0 {
		return nil, nil, absent
	}
	d, p := new(Developpement), new(ParticipationDeveloppement)
	if _, err := one(ctx, selectRows(e.Store, d, columnsDeveloppement).For("UPDATE OF ?TableAlias").
		Where("dv.id = (SELECT x.developpement_id FROM participation_developpement x WHERE x.cle = ?)", cle), d); err != nil {
		return nil, nil, err
	}
	found, err := lock(ctx, e, p, columnsParticipation, "pd.cle", cle)
	if err != nil {
		return nil, nil, err
	}
	if !found || !e.qui.reads(p.Visibilite, p.OrganisationID, 0) {
		return nil, nil, absent
	}
	return d, p, e.authorise(ctx, "id", p.OrganisationID)
}

// writeParticipation gives a part what the input says, checks it and what parts add up to with it, and does write.
func (e *ecriture) writeParticipation(ctx context.Context, d *Developpement, p *ParticipationDeveloppement, in ContenuParticipation, given Champs, write func() error) error {
	correct(given, "montant", &p.Montant, in.Montant)
	correct(given, "jours", &p.Jours, in.Jours)
	e.checkMontant("montant", p.Montant)
	e.verify(p.Montant == nil || p.Role == "FINANCEUR", Invalide, "montant", "« montant » est ce que paie un financeur : les autres rôles donnent des jours")
	e.checkJours("jours", p.Jours)
	if err := e.ready(); err != nil {
		return err
	}
	if in.Source != nil || p.SourceID == 0 {
		var err error
		if p.SourceID, err = e.source(ctx, in.Source); err != nil {
			return err
		}
	}
	if err := write(); err != nil {
		return err
	}
	return e.checkParts(ctx, d, "montant", "jours")
}
