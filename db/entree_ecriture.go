package db

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
)

// The states of an entry.
const (
	EnPreparation StatutEntree = "EN_PREPARATION"
	Proposee      StatutEntree = "PROPOSEE"
	Retiree       StatutEntree = "RETIREE"
)

// EntreePayload is an entry as it stands after a mutation, or what keeps it from being done.
type EntreePayload struct {
	Entree  *EntreeCatalogue
	Erreurs []*Erreur
}

// entreePayload reads an entry again, once the mutation is over.
func (s *Store) entreePayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*EntreePayload, error) {
	x, err := written[*EntreeCatalogue](ctx, s, "EntreeCatalogue", cle, err, sel)
	return &EntreePayload{Entree: x, Erreurs: fautes}, err
}

// CreerEntreeInput describes an entry to create.
type CreerEntreeInput struct {
	CleIdempotence *string
	Catalogue      string
	Logiciel       string
	Statut         *StatutEntree
	Services       []TypePrestation
	Depuis         *Date
	Jusqua         *Date
	Source         *SourceInput
}

// CreerEntree adds a software to a catalogue. Any state but EN_PREPARATION takes the right to publish.
func (s *Store) CreerEntree(ctx context.Context, in CreerEntreeInput, sel Selection) (*EntreePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"creerEntree", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		l, err := e.logiciel(ctx, "logiciel", in.Logiciel)
		if err != nil {
			return "", err
		}
		x := &EntreeCatalogue{Cle: uuid.NewString(), Statut: *or(in.Statut, EnPreparation), Services: services(in.Services), Depuis: in.Depuis, Jusqua: in.Jusqua}
		e.checkEntree(x)
		c, err := e.lockCatalogue(ctx, "catalogue", in.Catalogue)
		if err != nil {
			return "", err
		}
		if err := e.authorise(ctx, "catalogue", c.SyndicatID); err != nil {
			return "", err
		}
		if err := e.authorisePublished(x, "statut", c); err != nil {
			return "", err
		}
		x.CatalogueID, x.LogicielID = c.Rowid, l.Rowid
		if same, err := e.doublon(ctx, x); err != nil {
			return same, err
		}
		if x.SourceID, err = e.source(ctx, in.Source); err != nil {
			return "", err
		}
		_, err = e.tx.NewInsert().Model(x).ExcludeColumn("id", "revision").Exec(ctx)
		return x.Cle, err
	})
	return s.entreePayload(ctx, cle, fautes, err, sel)
}

// services gives each service once, and never null.
func services(in []TypePrestation) []TypePrestation {
	return distinct(in, func(t TypePrestation) TypePrestation { return t })
}

// checkEntree notes what contradicts itself in an entry.
func (e *ecriture) checkEntree(x *EntreeCatalogue) {
	today := *e.today()
	e.verify(x.Jusqua == nil || x.Depuis == nil || *x.Jusqua >= *x.Depuis, Invalide, "jusqua", "« jusqua » précède « depuis »")
	if x.Statut == Retiree {
		e.verify(x.Jusqua != nil, Requis, "jusqua", "une entrée retirée l'est à une date : donnez « jusqua »")
		e.verify(x.Jusqua == nil || *x.Jusqua <= today, Invalide, "jusqua", "« jusqua » est la date d'un retrait : elle ne peut pas être à venir")
		return
	}
	e.verify(x.Jusqua == nil || *x.Jusqua > today, Invalide, "jusqua", "« jusqua » est passée : l'entrée est à retirer")
}

// authorisePublished refuses to touch what members are shown to who may only prepare it.
func (e *ecriture) authorisePublished(x *EntreeCatalogue, champ string, c *Catalogue) error {
	if x.Statut == EnPreparation {
		return nil
	}
	if _, ok := e.qui.may("publierEntree", c.SyndicatID, 0); !ok {
		return faute(Interdit, champ, "votre rôle permet de préparer une entrée, pas de toucher à ce qui est publié")
	}
	return nil
}

// doublon gives, with the fault, the key of another entry that stands for the same software in the same catalogue, over
// a period that overlaps that of x. What is in preparation is taken to begin today at the latest. The catalogue is locked.
func (e *ecriture) doublon(ctx context.Context, x *EntreeCatalogue) (string, error) {
	depuis := x.Depuis
	if x.Statut == EnPreparation {
		depuis = or(depuis, *e.today())
	}
	other := new(EntreeCatalogue)
	q := selectRows(e.Store, other, columnsEntree).
		Where("e.catalogue_id = ?", x.CatalogueID).Where("e.logiciel_id = ?", x.LogicielID).Where("e.cle <> ?", x.Cle).
		Where("e.statut <> 'RETIREE' OR e.jusqua IS NOT NULL").
		Where(`(e.statut = 'EN_PREPARATION' AND ?0 = 'EN_PREPARATION') OR daterange(?1::date, ?2::date) && daterange(
			coalesce(e.depuis, CASE WHEN e.statut = 'EN_PREPARATION' THEN least(current_date, e.jusqua) END), e.jusqua)`,
			string(x.Statut), depuis, x.Jusqua).
		OrderExpr("e.id").Limit(1)
	found, err := one(ctx, q, other)
	if !found {
		return "", err
	}
	return other.Cle, faute(Duplique, "logiciel", "ce logiciel figure déjà dans ce catalogue, sur tout ou partie de cette période : corrigez l'autre entrée, ou donnez d'autres dates")
}

// lockEntree reads an entry and its catalogue, for this transaction alone, once it may touch them.
func (e *ecriture) lockEntree(ctx context.Context, champ, id string) (*EntreeCatalogue, *Catalogue, error) {
	x, err := lockNamed[EntreeCatalogue](ctx, e, champ, id, columnsEntree, "e.cle", faute(Introuvable, champ, "« %s » : cette entrée n'existe pas", champ))
	if err != nil {
		return nil, nil, err
	}
	c := new(Catalogue)
	if _, err := lock(ctx, e, c, columnsCatalogue, "k.id", x.CatalogueID); err != nil {
		return nil, nil, err
	}
	return x, c, e.authorise(ctx, champ, c.SyndicatID)
}

// CorrigerEntreeInput corrects an entry from the revision that was read.
type CorrigerEntreeInput struct {
	CleIdempotence *string
	ID             string
	Revision       int
	Services       []TypePrestation
	Depuis         *Date
	Jusqua         *Date
}

// CorrigerEntree corrects the fields given.
func (s *Store) CorrigerEntree(ctx context.Context, in CorrigerEntreeInput, given Champs, sel Selection) (*EntreePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"corrigerEntree", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		x, c, err := e.lockEntree(ctx, "id", in.ID)
		if err != nil {
			return "", err
		}
		if err := current(x.Revision, in.Revision); err != nil {
			return x.Cle, err
		}
		if given["services"] {
			x.Services = services(in.Services)
		}
		if given["depuis"] || given["jusqua"] {
			correct(given, "depuis", &x.Depuis, in.Depuis)
			correct(given, "jusqua", &x.Jusqua, in.Jusqua)
			if err := e.authorisePublished(x, "id", c); err != nil {
				return x.Cle, err
			}
			if same, err := e.placer(ctx, x); err != nil {
				return same, err
			}
		}
		_, err = e.tx.NewUpdate().Model(x).Column("services", "depuis", "jusqua").WherePK().Exec(ctx)
		return x.Cle, err
	})
	return s.entreePayload(ctx, cle, fautes, err, sel)
}

// placer checks the period of an entry that exists: in itself, then among the others. With the fault, it gives the key of
// what stands in the way.
func (e *ecriture) placer(ctx context.Context, x *EntreeCatalogue) (string, error) {
	e.checkEntree(x)
	if err := e.ready(); err != nil {
		return x.Cle, err
	}
	return e.doublon(ctx, x)
}

// PublierEntreeInput names an entry to offer.
type PublierEntreeInput struct {
	CleIdempotence *string
	ID             string
	Revision       *int
	Depuis         *Date
}

// PublierEntree offers to the members an entry in preparation: from today, unless the input says when.
func (s *Store) PublierEntree(ctx context.Context, in PublierEntreeInput, sel Selection) (*EntreePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"publierEntree", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		x, _, err := e.lockEntree(ctx, "id", in.ID)
		if err != nil {
			return "", err
		}
		if err := current(x.Revision, *or(in.Revision, x.Revision)); err != nil {
			return x.Cle, err
		}
		switch x.Statut {
		case Proposee:
			return x.Cle, faute(Invalide, "id", "cette entrée est déjà proposée")
		case Retiree:
			return x.Cle, faute(Invalide, "id", "cette entrée a été retirée : créez-en une nouvelle pour proposer de nouveau ce logiciel")
		}
		x.Statut, x.Depuis = Proposee, or(in.Depuis, *e.today())
		if same, err := e.placer(ctx, x); err != nil {
			return same, err
		}
		_, err = e.tx.NewUpdate().Model(x).Column("statut", "depuis").WherePK().Exec(ctx)
		return x.Cle, err
	})
	return s.entreePayload(ctx, cle, fautes, err, sel)
}

// RetirerEntreeInput names an entry to withdraw.
type RetirerEntreeInput struct {
	CleIdempotence *string
	ID             string
	Revision       *int
	Jusqua         *Date
}

// RetirerEntree withdraws an entry, today unless the input says when; what had not begun never was offered. Its
// subscriptions end with it.
func (s *Store) RetirerEntree(ctx context.Context, in RetirerEntreeInput, sel Selection) (*EntreePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"retirerEntree", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		x, _, err := e.lockEntree(ctx, "id", in.ID)
		if err != nil {
			return "", err
		}
		if err := current(x.Revision, *or(in.Revision, x.Revision)); err != nil {
			return x.Cle, err
		}
		if x.Statut == Retiree {
			return x.Cle, faute(Invalide, "id", "cette entrée est déjà retirée")
		}
		today := *e.today()
		if x.Statut == EnPreparation || (x.Depuis != nil && *x.Depuis > today) {
			x.Depuis = or(in.Jusqua, today)
		}
		x.Statut, x.Jusqua = Retiree, or(in.Jusqua, today)
		if same, err := e.placer(ctx, x); err != nil {
			return same, err
		}
		if _, err := e.tx.NewUpdate().Model(x).Column("statut", "depuis", "jusqua").WherePK().Exec(ctx); err != nil {
			return x.Cle, err
		}
		return x.Cle, e.endSubscriptions(ctx, *x.Jusqua, "ab.entree_id = ?", x.Rowid)
	})
	return s.entreePayload(ctx, cle, fautes, err, sel)
}

// endSubscriptions ends those that would outlast a day; one that begins later never was.
func (e *ecriture) endSubscriptions(ctx context.Context, fin Date, which string, args ...any) error {
	_, err := e.tx.NewUpdate().TableExpr("abonnement AS ab").Set("fin = greatest(?::date, ab.debut)", fin).
		Where("coalesce(ab.fin, 'infinity') > ?::date", fin).Where("(ab.fin = ab.debut) IS NOT TRUE").Where(which, args...).Exec(ctx)
	return err
}

// AbonnerMembreInput names a member who subscribes to an entry.
type AbonnerMembreInput struct {
	CleIdempotence *string
	Entree         string
	Collectivite   string
	Debut          *Date
	Source         *SourceInput
}

// AbonnerMembre notes that a confirmed member of the syndicat subscribes to what it offers: from today, unless the input
// says when.
func (s *Store) AbonnerMembre(ctx context.Context, in AbonnerMembreInput, sel Selection) (*EntreePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"abonnerMembre", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		x, c, f, err := e.abonnement(ctx, in.Entree, in.Collectivite)
		if err != nil {
			return "", err
		}
		debut := *or(in.Debut, *e.today())
		if e.verify(x.Statut == Proposee, Invalide, "entree", "cette entrée n'est pas proposée aux membres") {
			e.verify((x.Depuis == nil || debut >= *x.Depuis) && (x.Jusqua == nil || debut < *x.Jusqua), Invalide, "debut", "cette entrée n'est pas proposée le %s", debut)
		}
		var membre []int64
		if err := e.tx.NewRaw(`SELECT id FROM adhesion WHERE groupement_id = ? AND membre_id = ? AND confirmee AND periode @> current_date FOR SHARE`,
			c.SyndicatID, f.Rowid).Scan(ctx, &membre); err != nil {
			return "", err
		}
		e.verify(len(membre) > 0, Invalide, "collectivite", "cette organisation n'est pas, aujourd'hui, un membre confirmé du syndicat")
		if err := e.ready(); err != nil {
			return x.Cle, err
		}
		n, err := e.tx.NewSelect().TableExpr("abonnement").Where("entree_id = ?", x.Rowid).Where("collectivite_id = ?", f.Rowid).
			Where("daterange(debut, fin) && daterange(?::date, NULL)", debut).Count(ctx)
		if err != nil {
			return "", err
		}
		if n > 0 {
			return x.Cle, faute(Duplique, "collectivite", "ce membre est déjà abonné à cette entrée, ou le sera")
		}
		source, err := e.source(ctx, in.Source)
		if err != nil {
			return "", err
		}
		_, err = e.tx.NewRaw(`INSERT INTO abonnement (entree_id, collectivite_id, debut, source_id) VALUES (?, ?, ?, ?)`, x.Rowid, f.Rowid, debut, source).Exec(ctx)
		return x.Cle, err
	})
	return s.entreePayload(ctx, cle, fautes, err, sel)
}

// abonnement reads what the input of a subscription names, once it may touch it.
func (e *ecriture) abonnement(ctx context.Context, entree, collectivite string) (*EntreeCatalogue, *Catalogue, *Fiche, error) {
	f, err := e.organisation(ctx, "collectivite", collectivite, "Collectivite")
	if err != nil {
		return nil, nil, nil, err
	}
	x, c, err := e.lockEntree(ctx, "entree", entree)
	return x, c, f, err
}

// DesabonnerMembreInput names a member whose subscription to an entry ends.
type DesabonnerMembreInput struct {
	CleIdempotence *string
	Entree         string
	Collectivite   string
	Fin            *Date
}

// DesabonnerMembre ends the subscription in force, or to come, of a member: today, unless the input says when.
func (s *Store) DesabonnerMembre(ctx context.Context, in DesabonnerMembreInput, sel Selection) (*EntreePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"desabonnerMembre", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		x, _, f, err := e.abonnement(ctx, in.Entree, in.Collectivite)
		if err != nil {
			return "", err
		}
		var (
			id    int64
			debut *Date
			today = *e.today()
		)
		err = e.tx.NewRaw(`SELECT id, debut FROM abonnement WHERE entree_id = ? AND collectivite_id = ? AND daterange(debut, fin) && daterange(?::date, NULL)
			ORDER BY debut NULLS FIRST LIMIT 1 FOR UPDATE`, x.Rowid, f.Rowid, today).Scan(ctx, &id, &debut)
		if errors.Is(err, sql.ErrNoRows) {
			return x.Cle, faute(Introuvable, "collectivite", "ce membre n'est pas abonné à cette entrée")
		}
		if err != nil {
			return "", err
		}
		fin := in.Fin
		if fin == nil {
			fin = &today
			if debut != nil && *debut > today {
				fin = debut
			}
		}
		if debut != nil && *fin < *debut {
			return x.Cle, faute(Invalide, "fin", "« fin » précède le début de l'abonnement, le %s", *debut)
		}
		_, err = e.tx.NewRaw(`UPDATE abonnement SET fin = ? WHERE id = ?`, fin, id).Exec(ctx)
		return x.Cle, err
	})
	return s.entreePayload(ctx, cle, fautes, err, sel)
}
