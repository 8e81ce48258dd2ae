package db

import (
	"context"

	"github.com/google/uuid"
)

// BesoinPayload is a need as it stands after a mutation, or what keeps it from being done.
type BesoinPayload struct {
	Besoin  *Besoin
	Erreurs []*Erreur
}

func (s *Store) besoinPayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*BesoinPayload, error) {
	b, err := written[*Besoin](ctx, s, "Besoin", cle, err, sel)
	return &BesoinPayload{Besoin: b, Erreurs: fautes}, err
}

// ContenuBesoin is what a need and its correction both say.
type ContenuBesoin struct {
	Titre            *string
	Description      *string
	Logiciel         *string
	Categorie        *string
	Types            []TypePrestation
	BudgetMin        *Euros
	BudgetMax        *Euros
	VisibiliteBudget *Visibilite
	Echeance         *Date
	Ouvert           *bool
	Visibilite       *Visibilite
	Source           *SourceInput
}

// ExprimerBesoinInput describes a need.
type ExprimerBesoinInput struct {
	CleIdempotence *string
	Organisation   string
	ContenuBesoin
}

// CorrigerBesoinInput corrects a need from the revision that was read.
type CorrigerBesoinInput struct {
	CleIdempotence *string
	ID             string
	Revision       int
	ContenuBesoin
}

// ExprimerBesoin says what an organisation needs.
func (s *Store) ExprimerBesoin(ctx context.Context, in ExprimerBesoinInput, given Champs, sel Selection) (*BesoinPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"exprimerBesoin", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		qui, err := e.organisation(ctx, "organisation", in.Organisation, "Collectivite", "SyndicatMixte")
		if err != nil {
			return "", err
		}
		if err := e.ready(); err != nil {
			return "", err
		}
		if err := e.authorise(ctx, "organisation", qui.Rowid); err != nil {
			return "", err
		}
		b := &Besoin{Cle: uuid.NewString(), OrganisationID: qui.Rowid, Visibilite: Public, VisibiliteBudget: OrganismesPublics}
		if err := e.fillBesoin(ctx, b, in.ContenuBesoin, given); err != nil {
			return "", err
		}
		if b.SourceID, err = e.source(ctx, in.Source); err != nil {
			return "", err
		}
		if _, err := e.tx.NewInsert().Model(b).ExcludeColumn("id", "revision", "cree_le", "clos_le").Returning("id").Exec(ctx); err != nil {
			return "", err
		}
		return b.Cle, e.budget(ctx, b)
	})
	return s.besoinPayload(ctx, cle, fautes, err, sel)
}

// CorrigerBesoin corrects the fields given, of a need that is not closed.
func (s *Store) CorrigerBesoin(ctx context.Context, in CorrigerBesoinInput, given Champs, sel Selection) (*BesoinPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"corrigerBesoin", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		b, err := e.ownBesoin(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(b.Revision, in.Revision); err != nil {
			return b.Cle, err
		}
		if err := e.fillBesoin(ctx, b, in.ContenuBesoin, given); err != nil {
			return b.Cle, err
		}
		if in.Source != nil {
			if b.SourceID, err = e.source(ctx, in.Source); err != nil {
				return b.Cle, err
			}
		}
		if _, err = e.tx.NewUpdate().Model(b).ExcludeColumn("id", "cle", "organisation_id", "revision", "cree_le", "clos_le").WherePK().Exec(ctx); err != nil {
			return b.Cle, err
		}
		return b.Cle, e.budget(ctx, b)
	})
	return s.besoinPayload(ctx, cle, fautes, err, sel)
}

// budget writes the budget of a need beside it.
func (e *ecriture) budget(ctx context.Context, b *Besoin) error {
	_, err := e.tx.NewRaw(`INSERT INTO besoin_budget (besoin_id, minimum_centimes, maximum_centimes) VALUES (?, ?, ?)
		ON CONFLICT (besoin_id) DO UPDATE SET minimum_centimes = excluded.minimum_centimes, maximum_centimes = excluded.maximum_centimes`, b.Rowid, b.BudgetMin, b.BudgetMax).Exec(ctx)
	return err
}

// fillBesoin gives a need what the input says, and checks it.
func (e *ecriture) fillBesoin(ctx context.Context, b *Besoin, in ContenuBesoin, given Champs) error {
	if given["titre"] || b.Titre == "" {
		b.Titre = e.texteRequis("titre", *or(in.Titre, ""), 200)
	}
	correct(given, "description", &b.Description, e.texteLibre("description", in.Description, maxTexte))
	if given["logiciel"] {
		b.LogicielID = nil
	}
	if in.Logiciel != nil {
		l, err := e.logiciel(ctx, "logiciel", *in.Logiciel)
		if err != nil {
			return err
		}
		if l != nil {
			b.LogicielID = &l.Rowid
		}
	}
	if given["categorie"] {
		b.CategorieID = nil
	}
	if in.Categorie != nil {
		var id int64
		found, err := one(ctx, e.tx.NewSelect().TableExpr("categorie AS c").ColumnExpr("c.id").Where("c.code = ?", *in.Categorie), &id)
		if err != nil {
			return err
		}
		if e.verify(found, Introuvable, "categorie", "« categorie » : aucune catégorie ne porte le code « %.80s »", *in.Categorie) {
			b.CategorieID = &id
		}
	}
	if err := e.ready(); err != nil {
		return err
	}
	e.verify(b.LogicielID != nil || b.CategorieID != nil, Requis, "logiciel", "dites autour de quel logiciel, ou dans quelle catégorie")
	if given["types"] || b.Types == nil {
		b.Types = typesTries(in.Types)
	}
	correct(given, "budgetMin", &b.BudgetMin, in.BudgetMin)
	correct(given, "budgetMax", &b.BudgetMax, in.BudgetMax)
	e.fourchette("budgetMin", b.BudgetMin, "budgetMax", b.BudgetMax)
	correct(given, "echeance", &b.Echeance, in.Echeance)
	e.verify(!given["echeance"] || b.Echeance == nil || *b.Echeance >= *e.today(), Invalide, "echeance", "« echeance » est passée")
	b.Ouvert = *or(in.Ouvert, b.Ouvert)
	b.Visibilite, b.VisibiliteBudget = *or(in.Visibilite, b.Visibilite), *or(in.VisibiliteBudget, b.VisibiliteBudget)
	return e.ready()
}

// fourchette checks a range of amounts.
func (e *saisie) fourchette(champMin string, bas *Euros, champMax string, haut *Euros) {
	e.checkMontant(champMin, bas)
	e.checkMontant(champMax, haut)
	e.verify(bas == nil || haut == nil || *haut >= *bas, Invalide, champMax, "« %s » est inférieur à « %s »", champMax, champMin)
}

// lockBesoin reads a need, for this transaction alone. One that the identity could not even read does not exist for it.
func (e *ecriture) lockBesoin(ctx context.Context, champ, id string) (*Besoin, error) {
	b, readable, err := e.lockAnyBesoin(ctx, champ, id)
	if err == nil && !readable {
		err = besoinAbsent(champ)
	}
	return b, err
}

// lockAnyBesoin is lockBesoin, and tells whether the identity could read the need.
func (e *ecriture) lockAnyBesoin(ctx context.Context, champ, id string) (*Besoin, bool, error) {
	b, err := lockNamed[Besoin](ctx, e, champ, id, columnsBesoin, "b.cle", besoinAbsent(champ))
	return b, err == nil && e.qui.reads(b.Visibilite, b.OrganisationID, 0), err
}

func besoinAbsent(champ string) Fautes { return faute(Introuvable, champ, "ce besoin n'existe pas") }

// ownBesoin is lockBesoin for who asked, while the need is not closed.
func (e *ecriture) ownBesoin(ctx context.Context, id string) (*Besoin, error) {
	b, err := e.lockBesoin(ctx, "id", id)
	if err != nil {
		return nil, err
	}
	if err := e.authorise(ctx, "id", b.OrganisationID); err != nil {
		return nil, err
	}
	if b.ClosLe != nil {
		return nil, faute(Conflit, "id", "ce besoin est clos")
	}
	return b, nil
}

// RejoindreBesoinInput says that an organisation has a need of another too.
type RejoindreBesoinInput struct {
	CleIdempotence *string
	Besoin         string
	Organisation   string
}

// QuitterBesoinInput says that it has it no more.
type QuitterBesoinInput struct {
	CleIdempotence *string
	Besoin         string
	Organisation   string
}

// participant reads who joins or leaves a need, and authorises the action for it.
func (e *ecriture) participant(ctx context.Context, organisation string) (*Fiche, error) {
	qui, err := e.organisation(ctx, "organisation", organisation, "Collectivite", "SyndicatMixte")
	if err != nil {
		return nil, err
	}
	if err := e.ready(); err != nil {
		return nil, err
	}
	return qui, e.authorise(ctx, "organisation", qui.Rowid)
}

// RejoindreBesoin joins an open need of another organisation.
func (s *Store) RejoindreBesoin(ctx context.Context, in RejoindreBesoinInput, sel Selection) (*BesoinPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"rejoindreBesoin", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		qui, err := e.participant(ctx, in.Organisation)
		if err != nil {
			return "", err
		}
		b, err := e.lockBesoin(ctx, "besoin", in.Besoin)
		if err != nil {
			return "", err
		}
		e.verify(b.Statut == "OUVERT", Conflit, "besoin", "ce besoin n'est plus ouvert")
		e.verify(b.Ouvert, Invalide, "besoin", "ce besoin n'est pas ouvert à d'autres")
		e.verify(b.OrganisationID != qui.Rowid, Invalide, "organisation", "ce besoin est déjà le sien")
		if err := e.ready(); err != nil {
			return b.Cle, err
		}
		added, err := e.tx.NewRaw(`INSERT INTO besoin_participant (besoin_id, organisation_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, b.Rowid, qui.Rowid).Exec(ctx)
		if err != nil {
			return "", err
		}
		if n, _ := added.RowsAffected(); n == 0 {
			return b.Cle, faute(Duplique, "organisation", "cette organisation l'a déjà rejoint")
		}
		return b.Cle, nil
	})
	return s.besoinPayload(ctx, cle, fautes, err, sel)
}

// QuitterBesoin leaves a need that was joined, even one that has been hidden since.
func (s *Store) QuitterBesoin(ctx context.Context, in QuitterBesoinInput, sel Selection) (*BesoinPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"quitterBesoin", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		qui, err := e.participant(ctx, in.Organisation)
		if err != nil {
			return "", err
		}
		b, readable, err := e.lockAnyBesoin(ctx, "besoin", in.Besoin)
		if err != nil {
			return "", err
		}
		gone, err := e.tx.NewRaw(`DELETE FROM besoin_participant WHERE besoin_id = ? AND organisation_id = ?`, b.Rowid, qui.Rowid).Exec(ctx)
		if err != nil {
			return "", err
		}
		n, _ := gone.RowsAffected()
		switch {
		case n == 0 && !readable:
			return "", besoinAbsent("besoin")
		case n == 0:
			return b.Cle, faute(Introuvable, "organisation", "cette organisation ne l'a pas rejoint")
		case !readable: // it may be left, and still not be read
			return "", nil
		}
		return b.Cle, nil
	})
	return s.besoinPayload(ctx, cle, fautes, err, sel)
}

// ClotureBesoin is how a need is closed.
type ClotureBesoin string

// CloreBesoinInput closes a need.
type CloreBesoinInput struct {
	CleIdempotence *string
	ID             string
	Statut         ClotureBesoin
	Motif          *string
}

// CloreBesoin closes a need: met, or given up. The answers that wait are set aside.
func (s *Store) CloreBesoin(ctx context.Context, in CloreBesoinInput, sel Selection) (*BesoinPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"cloreBesoin", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		b, err := e.ownBesoin(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := e.motive(ctx, in.Motif); err != nil {
			return b.Cle, err
		}
		return b.Cle, e.close(ctx, b, string(in.Statut))
	})
	return s.besoinPayload(ctx, cle, fautes, err, sel)
}

func (e *ecriture) close(ctx context.Context, b *Besoin, etat string) error {
	if _, err := e.tx.NewRaw(`UPDATE reponse_besoin SET etat = 'ECARTEE', traitee_le = now() WHERE besoin_id = ? AND etat = 'EN_ATTENTE'`, b.Rowid).Exec(ctx); err != nil {
		return err
	}
	_, err := e.tx.NewRaw(`UPDATE besoin SET etat = ?, clos_le = now() WHERE id = ?`, etat, b.Rowid).Exec(ctx)
	return err
}

// ReponseBesoinPayload is an answer as it stands after a mutation, or what keeps it from being done.
type ReponseBesoinPayload struct {
	Reponse *ReponseBesoin
	Erreurs []*Erreur
}

func (s *Store) reponsePayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*ReponseBesoinPayload, error) {
	r, err := written[*ReponseBesoin](ctx, s, "ReponseBesoin", cle, err, sel)
	return &ReponseBesoinPayload{Reponse: r, Erreurs: fautes}, err
}

// RepondreBesoinInput answers a need.
type RepondreBesoinInput struct {
	CleIdempotence *string
	Besoin         string
	Repondant      string
	Message        string
	MontantMin     *Euros
	MontantMax     *Euros
	DelaiJours     *int
}

// RepondreBesoin answers a need that is open, once.
func (s *Store) RepondreBesoin(ctx context.Context, in RepondreBesoinInput, sel Selection) (*ReponseBesoinPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"repondreBesoin", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		qui, err := e.organisation(ctx, "repondant", in.Repondant, "Prestataire", "SyndicatMixte")
		if err != nil {
			return "", err
		}
		if err := e.ready(); err != nil {
			return "", err
		}
		if err := e.authorise(ctx, "repondant", qui.Rowid); err != nil {
			return "", err
		}
		b, err := e.lockBesoin(ctx, "besoin", in.Besoin)
		if err != nil {
			return "", err
		}
		message := e.texteRequis("message", in.Message, maxTexte)
		e.verify(b.Statut == "OUVERT", Conflit, "besoin", "ce besoin n'est plus ouvert")
		e.verify(b.OrganisationID != qui.Rowid, Invalide, "repondant", "on ne répond pas à son propre besoin")
		e.fourchette("montantMin", in.MontantMin, "montantMax", in.MontantMax)
		e.verify(in.DelaiJours == nil || *in.DelaiJours > 0 && *in.DelaiJours <= 3650, Invalide, "delaiJours", "« delaiJours » va de 1 à 3650")
		if err := e.ready(); err != nil {
			return "", err
		}
		var given string
		if found, err := one(ctx, e.tx.NewSelect().TableExpr("reponse_besoin AS re").ColumnExpr("re.cle").
			Where("(re.besoin_id, re.repondant_id) = (?, ?)", b.Rowid, qui.Rowid), &given); err != nil {
			return "", err
		} else if found {
			return given, faute(Duplique, "besoin", "vous avez déjà répondu à ce besoin")
		}
		r := &ReponseBesoin{Cle: uuid.NewString(), BesoinID: b.Rowid, RepondantID: qui.Rowid, Message: message, MontantMin: in.MontantMin, MontantMax: in.MontantMax, DelaiJours: in.DelaiJours}
		_, err = e.tx.NewInsert().Model(r).Column("cle", "besoin_id", "repondant_id", "message", "minimum_centimes", "maximum_centimes", "delai_jours").Exec(ctx)
		return r.Cle, err
	})
	return s.reponsePayload(ctx, cle, fautes, err, sel)
}

// ChoisirReponseInput chooses an answer.
type ChoisirReponseInput struct {
	CleIdempotence *string
	ID             string
	Logiciel       *string
}

// ChoisirReponse chooses an answer: the need is met, the other answers are set aside, and a reference waits, that of the same
// work when there is one already, that who asked confirms once the work is done.
func (s *Store) ChoisirReponse(ctx context.Context, in ChoisirReponseInput, sel Selection) (*ReponseBesoinPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"choisirReponse", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		r, b, err := e.lockReponse(ctx, in.ID)
		if err != nil {
			return "", err
		}
		logiciel := b.LogicielID
		if in.Logiciel != nil {
			l, err := e.logiciel(ctx, "logiciel", *in.Logiciel)
			if err != nil {
				return "", err
			}
			if l != nil {
				e.verify(logiciel == nil || *logiciel == l.Rowid, Invalide, "logiciel", "le besoin porte sur un autre logiciel")
				logiciel = &l.Rowid
			}
		}
		e.verify(logiciel != nil || in.Logiciel != nil, Requis, "logiciel", "le besoin ne dit pas autour de quel logiciel : dites-le")
		if err := e.ready(); err != nil {
			return r.Cle, err
		}
		reference := &ReferencePrestation{PrestataireID: r.RepondantID, BeneficiaireID: &b.OrganisationID, LogicielID: *logiciel, Types: b.Types,
			Debut: e.today(), PrecisionDebut: or[PrecisionDate](nil, "JOUR"), SourceID: b.SourceID}
		if b.Visibilite == Public { // everyone reads a reference, once it is confirmed
			reference.Description = &b.Titre
		}
		cle, err := e.enAttente(ctx, reference)
		if err == nil && cle == "" {
			cle, err = e.declare(ctx, reference)
		}
		if err != nil {
			return r.Cle, err
		}
		if _, err := e.tx.NewRaw(`UPDATE reponse_besoin SET etat = 'CHOISIE', traitee_le = now(), reference_id = (SELECT id FROM reference_prestation WHERE cle = ?) WHERE id = ?`,
			cle, r.Rowid).Exec(ctx); err != nil {
			return "", err
		}
		return r.Cle, e.close(ctx, b, "POURVU")
	})
	return s.reponsePayload(ctx, cle, fautes, err, sel)
}

// lockReponse reads an answer that waits and its need, for this transaction alone, and authorises who asked.
func (e *ecriture) lockReponse(ctx context.Context, id string) (*ReponseBesoin, *Besoin, error) {
	absent := faute(Introuvable, "id", "cette réponse n'existe pas")
	r, err := lockNamed[ReponseBesoin](ctx, e, "id", id, columnsReponse, "re.cle", absent)
	if err != nil {
		return nil, nil, err
	}
	b := new(Besoin)
	if _, err := lock(ctx, e, b, columnsBesoin, "b.id", r.BesoinID); err != nil {
		return nil, nil, err
	}
	if err := e.authorise(ctx, "id", b.OrganisationID); err != nil {
		if e.qui.reads(Prive, b.OrganisationID, r.RepondantID) {
			return nil, nil, err
		}
		return nil, nil, absent
	}
	if b.ClosLe != nil || r.Etat != "EN_ATTENTE" {
		return nil, nil, faute(Conflit, "id", "ce besoin est clos")
	}
	return r, b, nil
}
