package db

import (
	"context"
	"strings"

	"github.com/google/uuid"
)

// Visibilite is who may read something.
type Visibilite string

// The visibilities of the contract.
const (
	Public            Visibilite = "PUBLIC"
	OrganismesPublics Visibilite = "ORGANISMES_PUBLICS"
	Prive             Visibilite = "PRIVE"
)

// Champs names the fields that a correction gives: the others stay as they are, and null erases.
type Champs map[string]bool

// correct gives a field its new value when the correction names it.
func correct[T any](given Champs, champ string, field **T, value *T) {
	if given[champ] {
		*field = value
	}
}

// UsagePayload is a usage as it stands after a mutation, or what keeps it from being done.
type UsagePayload struct {
	Usage   *Usage
	Erreurs []*Erreur
}

// usagePayload reads a usage again, once the mutation is over.
func (s *Store) usagePayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*UsagePayload, error) {
	u, err := written[*Usage](ctx, s, "Usage", cle, err, sel)
	return &UsagePayload{Usage: u, Erreurs: fautes}, err
}

// ContenuUsage is what a declaration and a correction of a usage both say.
type ContenuUsage struct {
	Syndicat       *string
	Support        *ModeSupport
	Postes         *int
	Version        *string
	Debut          *Date
	PrecisionDebut *PrecisionDate
	Fin            *Date
	Remplace       *string
	Visibilite     *Visibilite
	ConstateLe     *Date
	Source         *SourceInput
}

// DeclarerUsageInput describes a usage to declare.
type DeclarerUsageInput struct {
	CleIdempotence *string
	Utilisateur    string
	Logiciel       string
	Statut         StatutUsage
	ContenuUsage
}

// DeclarerUsage declares that an organisation uses a software.
func (s *Store) DeclarerUsage(ctx context.Context, in DeclarerUsageInput, sel Selection) (*UsagePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"declarerUsage", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		utilisateur, err := e.organisation(ctx, "utilisateur", in.Utilisateur, "Collectivite", "SyndicatMixte")
		if err != nil {
			return "", err
		}
		l, err := e.logiciel(ctx, "logiciel", in.Logiciel)
		if err != nil {
			return "", err
		}
		u := &Usage{
			Cle: uuid.NewString(), Statut: in.Statut, Modalite: "DIRECT", Support: in.Support, Postes: in.Postes, Version: in.Version,
			Debut: in.Debut, PrecisionDebut: or(in.PrecisionDebut, "JOUR"), Fin: in.Fin,
			Visibilite: *or(in.Visibilite, Public), ConstateLe: *or(in.ConstateLe, *e.today()),
		}
		if err := e.relations(ctx, u, in.Syndicat, in.Remplace); err != nil {
			return "", err
		}
		if utilisateur != nil && l != nil {
			u.UtilisateurID, u.LogicielID = utilisateur.Rowid, l.Rowid
		}
		e.checkUsage(u)
		if err := e.ready(); err != nil {
			return "", err
		}
		if err := e.authoriseThrough(ctx, "utilisateur", u.UtilisateurID, deref(u.SyndicatID)); err != nil {
			return "", err
		}
		if u.SourceID, err = e.source(ctx, in.Source); err != nil {
			return "", err
		}
		_, err = e.tx.NewInsert().Model(u).ExcludeColumn("id", "confirme_le", "revision").
			Value("departement", "?", utilisateur.CodeDepartement).Value("libre", "?", l.Libre).Exec(ctx)
		return u.Cle, err
	})
	return s.usagePayload(ctx, cle, fautes, err, sel)
}

// relations reads the syndicat and the replaced software that an input names.
func (e *ecriture) relations(ctx context.Context, u *Usage, syndicat, remplace *string) error {
	if syndicat != nil {
		f, err := e.organisation(ctx, "syndicat", *syndicat, "SyndicatMixte")
		if err != nil {
			return err
		}
		if f != nil {
			u.Modalite, u.SyndicatID = "VIA_SYNDICAT", &f.Rowid
		}
	}
	if remplace != nil {
		l, err := e.logiciel(ctx, "remplace", *remplace)
		if err != nil {
			return err
		}
		if l != nil {
			u.RemplaceID = &l.Rowid
		}
	}
	return nil
}

// checkUsage notes what contradicts itself in a usage.
func (e *ecriture) checkUsage(u *Usage) {
	today := *e.today()
	e.verify(u.Postes == nil || *u.Postes > 0, Invalide, "postes", "« postes » doit être au moins 1 ; laissez-le vide s'il n'est pas connu")
	e.verify(u.Fin == nil || u.Debut == nil || *u.Fin > *u.Debut, Invalide, "fin", "« fin » doit suivre « debut »")
	e.verify(u.Fin == nil || *u.Fin <= today, Invalide, "fin", "« fin » est une fin constatée : elle ne peut pas être à venir")
	e.verify(u.ConstateLe <= today, Invalide, "constateLe", "« constateLe » ne peut pas être à venir")
	e.verify(u.Statut == "PREVU" || u.Debut == nil || *u.Debut <= today, Invalide, "debut", "« debut » est à venir : le statut est alors PREVU")
	e.verify(u.SyndicatID == nil || *u.SyndicatID != u.UtilisateurID, Invalide, "syndicat", "un syndicat n'utilise pas un logiciel au travers de lui-même")
	if u.Version != nil {
		v := strings.TrimSpace(*u.Version)
		e.verify(v != "" && len(v) <= 50, Invalide, "version", "« version » compte de 1 à 50 caractères")
		u.Version = &v
	}
}

// today is the day of the transaction.
func (e *ecriture) today() *Date {
	d := Date(e.maintenant.UTC().Format("2006-01-02"))
	return &d
}

// or gives v or, when it was not asked, a default.
func or[T any](v *T, defaut T) *T {
	if v != nil {
		return v
	}
	return &defaut
}

// lockUsage reads a usage that the action may touch, for this transaction alone. One that the identity could not even
// read does not exist for it.
func (e *ecriture) lockUsage(ctx context.Context, id string) (*Usage, error) {
	absent := faute(Introuvable, "id", "cet usage n'existe pas, ou plus")
	u, err := lockNamed[Usage](ctx, e, "id", id, Selection{}.columns(keyColumnsUsage, columnsUsage), "u.cle", absent)
	if err != nil {
		return nil, err
	}
	err = e.authoriseThrough(ctx, "id", u.UtilisateurID, deref(u.SyndicatID))
	if err != nil && !e.qui.reads(u.Visibilite, u.UtilisateurID, deref(u.SyndicatID)) {
		return nil, absent
	}
	return u, err
}

// ConfirmerUsageInput names a usage that is still true.
type ConfirmerUsageInput struct {
	CleIdempotence *string
	ID             string
}

// ConfirmerUsage says that a usage is still true today.
func (s *Store) ConfirmerUsage(ctx context.Context, in ConfirmerUsageInput, sel Selection) (*UsagePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"confirmerUsage", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		u, err := e.lockUsage(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if u.Fin != nil || u.Statut == "ABANDONNE" {
			return u.Cle, faute(Invalide, "id", "cet usage est clos : corrigez-le s'il a repris")
		}
		_, err = e.tx.NewUpdate().Model(u).Set("confirme_le = now()").WherePK().Exec(ctx)
		return u.Cle, err
	})
	return s.usagePayload(ctx, cle, fautes, err, sel)
}

// CorrigerUsageInput corrects a usage from the revision that was read.
type CorrigerUsageInput struct {
	CleIdempotence *string
	ID             string
	Revision       int
	Statut         *StatutUsage
	ContenuUsage
}

// CorrigerUsage corrects the fields given.
func (s *Store) CorrigerUsage(ctx context.Context, in CorrigerUsageInput, given Champs, sel Selection) (*UsagePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"corrigerUsage", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		u, err := e.lockUsage(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(u.Revision, in.Revision); err != nil {
			return u.Cle, err
		}
		before := u.SyndicatID
		u.PrecisionDebut = or(u.PrecisionDebut, "JOUR")
		correct(given, "support", &u.Support, in.Support)
		correct(given, "postes", &u.Postes, in.Postes)
		correct(given, "version", &u.Version, in.Version)
		correct(given, "debut", &u.Debut, in.Debut)
		correct(given, "fin", &u.Fin, in.Fin)
		u.Statut = *or(in.Statut, u.Statut)
		u.PrecisionDebut = or(in.PrecisionDebut, *u.PrecisionDebut)
		u.Visibilite = *or(in.Visibilite, u.Visibilite)
		u.ConstateLe = *or(in.ConstateLe, u.ConstateLe)
		if given["syndicat"] {
			u.Modalite, u.SyndicatID = "DIRECT", nil
		}
		if given["remplace"] {
			u.RemplaceID = nil
		}
		if err := e.relations(ctx, u, in.Syndicat, in.Remplace); err != nil {
			return "", err
		}
		e.checkUsage(u)
		if err := e.ready(); err != nil {
			return u.Cle, err
		}
		if deref(before) != deref(u.SyndicatID) {
			if err := e.authoriseThrough(ctx, "syndicat", u.UtilisateurID, deref(u.SyndicatID)); err != nil {
				return u.Cle, err
			}
		}
		if in.Source != nil {
			if u.SourceID, err = e.source(ctx, in.Source); err != nil {
				return u.Cle, err
			}
		}
		_, err = e.tx.NewUpdate().Model(u).Column("statut", "modalite", "syndicat_id", "support", "postes", "version", "debut",
			"precision_debut", "fin", "remplace_id", "visibilite", "constate_le", "source_id").WherePK().Exec(ctx)
		return u.Cle, err
	})
	return s.usagePayload(ctx, cle, fautes, err, sel)
}

// CloreUsageInput ends a usage.
type CloreUsageInput struct {
	CleIdempotence *string
	ID             string
	Revision       *int
	Fin            *Date
}

// CloreUsage says that a usage has ended: today, unless the input says when.
func (s *Store) CloreUsage(ctx context.Context, in CloreUsageInput, sel Selection) (*UsagePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"cloreUsage", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		u, err := e.lockUsage(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(u.Revision, *or(in.Revision, u.Revision)); err != nil {
			return u.Cle, err
		}
		e.verify(u.Fin == nil, Invalide, "id", "cet usage est déjà clos")
		u.Statut, u.Fin = "ABANDONNE", or(in.Fin, *e.today())
		e.checkUsage(u)
		if err := e.ready(); err != nil {
			return u.Cle, err
		}
		_, err = e.tx.NewUpdate().Model(u).Column("statut", "fin").WherePK().Exec(ctx)
		return u.Cle, err
	})
	return s.usagePayload(ctx, cle, fautes, err, sel)
}
