package db

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// AdhesionPayload is a membership as it stands after a mutation, or what keeps it from being done.
type AdhesionPayload struct {
	Adhesion *Adhesion
	Erreurs  []*Erreur
}

// adhesionPayload reads a membership again, once the mutation is over.
func (s *Store) adhesionPayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*AdhesionPayload, error) {
	a, err := written[*Adhesion](ctx, s, "Adhesion", cle, err, sel)
	return &AdhesionPayload{Adhesion: a, Erreurs: fautes}, err
}

// DeclarerAdhesionInput describes a membership to declare.
type DeclarerAdhesionInput struct {
	CleIdempotence *string
	Groupement     string
	Membre         string
	Services       []string
	Debut          *Date
	Source         *SourceInput
}

// DeclarerAdhesion declares a direct member of a groupement. It is confirmed at once only when a moderator says it.
func (s *Store) DeclarerAdhesion(ctx context.Context, in DeclarerAdhesionInput, sel Selection) (*AdhesionPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"declarerAdhesion", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		groupement, err := e.organisation(ctx, "groupement", in.Groupement, "Collectivite", "SyndicatMixte")
		if err != nil {
			return "", err
		}
		membre, err := e.organisation(ctx, "membre", in.Membre, "Collectivite", "SyndicatMixte")
		if err != nil {
			return "", err
		}
		a := &Adhesion{Cle: uuid.NewString(), Services: e.servicesPris(in.Services), Debut: in.Debut}
		if groupement != nil && membre != nil {
			a.GroupementID, a.MembreID = groupement.Rowid, membre.Rowid
			e.verify(groupement.Genre == "SYNDICAT" || *groupement.Nature == "EPCI" || *groupement.Nature == "EPT", Invalide, "groupement",
				"« groupement » n'est ni une intercommunalité ni un syndicat : on n'y adhère pas")
			e.verify(a.GroupementID != a.MembreID, Invalide, "membre", "un groupement n'est pas membre de lui-même")
		}
		if err := e.ready(); err != nil {
			return "", err
		}
		if err := e.authorise(ctx, "groupement", a.GroupementID); err != nil {
			return "", err
		}
		a.Confirmee = e.droit.Role.Global()
		if same, err := e.autreAdhesion(ctx, a); err != nil {
			return same, err
		}
		if a.SourceID, err = e.source(ctx, in.Source); err != nil {
			return "", err
		}
		_, err = e.tx.NewInsert().Model(a).ExcludeColumn("id", "revision").Exec(ctx)
		return a.Cle, err
	})
	return s.adhesionPayload(ctx, cle, fautes, err, sel)
}

// servicesPris reads the services that a member takes; a fault is noted.
func (e *ecriture) servicesPris(in []string) []string {
	in = distinct(in, strings.TrimSpace)
	e.verify(len(in) <= 50, Invalide, "services", "« services » en compte 50 au plus")
	for _, s := range in {
		e.verify(utf8.RuneCountInString(s) <= 100, Invalide, "services", "« services » : « %.40s… » dépasse 100 caractères", s)
	}
	return in
}

// autreAdhesion gives, with the fault, the key of another direct membership of the same member in the same groupement,
// over a period that overlaps that of a. The database would refuse it too.
func (e *ecriture) autreAdhesion(ctx context.Context, a *Adhesion) (string, error) {
	other := new(Adhesion)
	found, err := one(ctx, selectRows(e.Store, other, columnsAdhesion).
		Where("ad.groupement_id = ?", a.GroupementID).Where("ad.membre_id = ?", a.MembreID).Where("ad.via_id IS NOT DISTINCT FROM ?", a.ViaID).
		Where("ad.cle <> ?", a.Cle).Where("ad.periode && daterange(?::date, ?::date)", a.Debut, a.Fin).OrderExpr("ad.id").Limit(1), other)
	if !found {
		return "", err
	}
	return other.Cle, faute(Duplique, "debut", "une adhésion de ce membre couvre déjà tout ou partie de cette période : corrigez-la, ou donnez d'autres dates")
}

// lockAdhesion reads a membership for this transaction alone.
func (e *ecriture) lockAdhesion(ctx context.Context, id string) (*Adhesion, error) {
	return lockNamed[Adhesion](ctx, e, "id", id, columnsAdhesion, "ad.cle", faute(Introuvable, "id", "cette adhésion n'existe pas"))
}

// CorrigerAdhesionInput corrects a membership from the revision that was read.
type CorrigerAdhesionInput struct {
	CleIdempotence *string
	ID             string
	Revision       int
	Services       []string
	Debut          *Date
	Fin            *Date
}

// CorrigerAdhesion corrects the fields given. What the member confirmed is confirmed no more when the groupement adds
// days to come to it: it could otherwise bring back who has left.
func (s *Store) CorrigerAdhesion(ctx context.Context, in CorrigerAdhesionInput, given Champs, sel Selection) (*AdhesionPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"corrigerAdhesion", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		a, err := e.lockAdhesion(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := e.authorise(ctx, "id", a.GroupementID); err != nil {
			return "", err
		}
		if err := current(a.Revision, in.Revision); err != nil {
			return a.Cle, err
		}
		before := *a
		if given["services"] {
			a.Services = e.servicesPris(in.Services)
		}
		correct(given, "debut", &a.Debut, in.Debut)
		correct(given, "fin", &a.Fin, in.Fin)
		e.verify(a.Fin == nil || a.Debut == nil || *a.Fin >= *a.Debut, Invalide, "fin", "« fin » précède « debut »")
		if err := e.ready(); err != nil {
			return a.Cle, err
		}
		if same, err := e.autreAdhesion(ctx, a); err != nil {
			return same, err
		}
		if !e.droit.Role.Global() && adds(&before, a, *e.today()) {
			a.Confirmee = false
		}
		if _, err := e.tx.NewUpdate().Model(a).Column("services", "debut", "fin", "confirmee").WherePK().Exec(ctx); err != nil {
			return a.Cle, err
		}
		return a.Cle, e.endSubscriptionsOf(ctx, a)
	})
	return s.adhesionPayload(ctx, cle, fautes, err, sel)
}

// adds tells whether a membership covers, from a day on, days that it did not before.
func adds(before, after *Adhesion, from Date) bool {
	const never = Date("9999-12-32") // after every day
	period := func(a *Adhesion) (Date, Date) { return max(from, *or(a.Debut, "")), *or(a.Fin, never) }
	d0, f0 := period(before)
	d1, f1 := period(after)
	return d1 < f1 && (d1 < d0 || f1 > f0)
}

// ConfirmerAdhesionInput names a membership to confirm.
type ConfirmerAdhesionInput struct {
	CleIdempotence *string
	ID             string
	Revision       *int
}

// ConfirmerAdhesion is the member's word: the groupement may act for it from now on.
func (s *Store) ConfirmerAdhesion(ctx context.Context, in ConfirmerAdhesionInput, sel Selection) (*AdhesionPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"confirmerAdhesion", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		a, err := e.lockAdhesion(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := e.authorise(ctx, "id", a.MembreID); err != nil {
			return "", err
		}
		if err := current(a.Revision, *or(in.Revision, a.Revision)); err != nil {
			return a.Cle, err
		}
		if a.Confirmee {
			return a.Cle, faute(Invalide, "id", "cette adhésion est déjà confirmée")
		}
		_, err = e.tx.NewUpdate().Model(a).Set("confirmee = true").WherePK().Exec(ctx)
		return a.Cle, err
	})
	return s.adhesionPayload(ctx, cle, fautes, err, sel)
}

// QuitterGroupementInput ends a membership.
type QuitterGroupementInput struct {
	CleIdempotence *string
	ID             string
	Revision       *int
	Fin            *Date
}

// QuitterGroupement ends a membership, by the word of the groupement or of the member: today, unless the input says
// when. It never prolongs one.
func (s *Store) QuitterGroupement(ctx context.Context, in QuitterGroupementInput, sel Selection) (*AdhesionPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"quitterGroupement", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		a, err := e.lockAdhesion(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := e.authoriseEither(ctx, "id", a.GroupementID, a.MembreID); err != nil {
			return "", err
		}
		if err := current(a.Revision, *or(in.Revision, a.Revision)); err != nil {
			return a.Cle, err
		}
		fin := *or(in.Fin, max(*e.today(), *or(a.Debut, "")))
		e.verify(a.Debut == nil || fin >= *a.Debut, Invalide, "fin", "« fin » précède le début de l'adhésion, le %s", *or(a.Debut, ""))
		e.verify(a.Fin == nil || fin <= *a.Fin, Invalide, "fin", "cette adhésion prend déjà fin le %s", *or(a.Fin, ""))
		if err := e.ready(); err != nil {
			return a.Cle, err
		}
		a.Fin = &fin
		if _, err := e.tx.NewUpdate().Model(a).Column("fin").WherePK().Exec(ctx); err != nil {
			return a.Cle, err
		}
		return a.Cle, e.endSubscriptionsOf(ctx, a)
	})
	return s.adhesionPayload(ctx, cle, fautes, err, sel)
}

// endSubscriptionsOf ends, with a membership that ends, the member's subscriptions to what the groupement offers: unless
// another membership, direct or not, holds then or later.
func (e *ecriture) endSubscriptionsOf(ctx context.Context, a *Adhesion) error {
	if a.Fin == nil {
		return nil
	}
	return e.endSubscriptions(ctx, *a.Fin, `ab.collectivite_id = ?0
		AND ab.entree_id IN (SELECT x.id FROM entree_catalogue x JOIN catalogue k ON k.id = x.catalogue_id WHERE k.syndicat_id = ?1)
		AND NOT EXISTS (SELECT FROM adhesion ad WHERE ad.groupement_id = ?1 AND ad.membre_id = ?0 AND ad.confirmee AND ad.periode && daterange(?2::date, NULL))`,
		a.MembreID, a.GroupementID, *a.Fin)
}
