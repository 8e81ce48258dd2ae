package db

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// DisponibilitePayload is what a person says of itself as it stands after a mutation, or what keeps it from being done.
type DisponibilitePayload struct {
	Disponibilite *Disponibilite
	Erreurs       []*Erreur
}

// disponibilitePayload reads again what the person wrote: its own, whatever its role.
func (s *Store) disponibilitePayload(ctx context.Context, cle string, fautes Fautes, err error) (*DisponibilitePayload, error) {
	p := &DisponibilitePayload{Erreurs: fautes}
	if err != nil || cle == "" {
		return p, err
	}
	d := new(Disponibilite)
	found, err := one(ctx, selectRows(s.sansVoile(), d, columnsDisponibilite).Where("di.cle = ?", cle).Where("di.sujet = ?", IdentiteDe(ctx).Sujet), d)
	if found {
		gather([]*Disponibilite{d})
		p.Disponibilite = d
	}
	return p, err
}

// ContenuDisponibilite is what a person says of itself, at first and later.
type ContenuDisponibilite struct {
	Nom          *string
	Statut       *StatutDeveloppeur
	Organisation *string
	Competences  []string
	Metiers      []string
	Logiciels    []string
	Territoires  []string
	ADistance    *bool
	Debut        *Date
	Fin          *Date
	Jours        *int
	Presentation *string
	ExpireLe     *Date
}

// ProposerDisponibiliteInput is a person who agrees to be found.
type ProposerDisponibiliteInput struct {
	CleIdempotence      *string
	ConsentementVersion string
	ContenuDisponibilite
}

// CorrigerDisponibiliteInput corrects it from the revision that was read.
type CorrigerDisponibiliteInput struct {
	CleIdempotence *string
	ID             string
	Revision       int
	ContenuDisponibilite
}

// RetirerDisponibiliteInput withdraws the consent.
type RetirerDisponibiliteInput struct {
	CleIdempotence *string
	ID             string
}

// ContacterDeveloppeurInput is what an organisation writes to a person.
type ContacterDeveloppeurInput struct {
	CleIdempotence *string
	Disponibilite  string
	Organisation   string
	Message        string
}

const (
	// dureeDisponibilite is how long a person is shown by default, dureeMax at most, in days.
	dureeDisponibilite    = 183
	dureeDisponibiliteMax = 366
	// maxDisponibilites bounds those of one person.
	maxDisponibilites = 5
	// maxContacts bounds how many messages an organisation sends in 24 hours.
	maxContacts = 10
	// consentement is the version of the text to which people agree: that of the description of proposerDisponibilite.
	consentement = "2026-11"
)

// ProposerDisponibilite puts a person in the bank. What has expired leaves it for good.
func (s *Store) ProposerDisponibilite(ctx context.Context, in ProposerDisponibiliteInput, given Champs) (*DisponibilitePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"proposerDisponibilite", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		if err := e.authorise(ctx, "", 0); err != nil {
			return "", err
		}
		if err := erase(ctx, e.tx, expirees); err != nil {
			return "", err
		}
		// Two proposals at once are counted one after the other.
		if _, err := e.tx.NewRaw(`SELECT pg_advisory_xact_lock(hashtextextended('mutualibre.disponibilite ' || ?, 0))`, e.qui.Sujet).Exec(ctx); err != nil {
			return "", err
		}
		n, err := e.tx.NewSelect().TableExpr("disponibilite AS di").Where("di.sujet = ?", e.qui.Sujet).Count(ctx)
		if err != nil {
			return "", err
		}
		e.verify(n < maxDisponibilites, Invalide, "", "vous avez déjà %d disponibilités : retirez-en une", maxDisponibilites)
		e.verify(in.ConsentementVersion == consentement, Invalide, "consentementVersion", "le texte auquel vous consentez est celui de la version « %s » : lisez-le, puis donnez-la", consentement)
		d := &Disponibilite{Cle: uuid.NewString(), Sujet: e.qui.Sujet, ConsentementVersion: consentement,
			ExpireLe: Date(e.maintenant.UTC().AddDate(0, 0, dureeDisponibilite).Format(time.DateOnly))}
		logiciels, err := e.fillDisponibilite(ctx, d, in.ContenuDisponibilite, given)
		if err != nil {
			return "", err
		}
		if _, err := e.tx.NewInsert().Model(d).ExcludeColumn("id", "revision", "consentement_le").Returning("id").Exec(ctx); err != nil {
			return "", err
		}
		return d.Cle, e.knows(ctx, d, logiciels)
	})
	return s.disponibilitePayload(ctx, cle, fautes, err)
}

// CorrigerDisponibilite corrects the fields given, of one's own.
func (s *Store) CorrigerDisponibilite(ctx context.Context, in CorrigerDisponibiliteInput, given Champs) (*DisponibilitePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"corrigerDisponibilite", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		d, err := e.lockDisponibilite(ctx, in.ID, false)
		if err != nil {
			return "", err
		}
		if err := current(d.Revision, in.Revision); err != nil {
			return d.Cle, err
		}
		logiciels, err := e.fillDisponibilite(ctx, d, in.ContenuDisponibilite, given)
		if err != nil {
			return d.Cle, err
		}
		if _, err := e.tx.NewUpdate().Model(d).ExcludeColumn("id", "cle", "sujet", "revision", "consentement_le", "consentement_version").WherePK().Exec(ctx); err != nil {
			return d.Cle, err
		}
		if !given["logiciels"] {
			return d.Cle, nil
		}
		return d.Cle, e.knows(ctx, d, logiciels)
	})
	return s.disponibilitePayload(ctx, cle, fautes, err)
}

// RetirerDisponibilite erases a person from the bank, with what was written to it and the trace of who it was: its key of
// idempotency is not even kept, for it would be one. Moderators withdraw those of others too: who proposed one with a token
// that is lost could not.
func (s *Store) RetirerDisponibilite(ctx context.Context, in RetirerDisponibiliteInput) (*DisponibilitePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"retirerDisponibilite", in, nil}, func(ctx context.Context, e *ecriture) (string, error) {
		d, err := e.lockDisponibilite(ctx, in.ID, e.qui.moderates())
		if err != nil {
			return "", err
		}
		return d.Cle, erase(ctx, e.tx, "di.id = ?", d.Rowid)
	})
	return s.disponibilitePayload(ctx, cle, fautes, err)
}

// expirees are the rows of the bank whose term has passed.
const expirees = "di.expire_le < current_date"

// PurgerDisponibilites erases the people whose term has passed, in the program's own name.
func (s *Store) PurgerDisponibilites(ctx context.Context) error {
	return Translate(s.base.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if some, err := tx.NewSelect().TableExpr("disponibilite AS di").Where(expirees).Exists(ctx); err != nil || !some {
			return err
		}
		if err := openPublication(ctx, tx, "purgerDisponibilites", &Identite{Sujet: "commande:disponibilites"}, Droit{}); err != nil {
			return err
		}
		return erase(ctx, tx, expirees)
	}))
}

// erase removes rows of the bank, and the keys of idempotency under which they were written, which name their person. The
// journal holds nothing of them but that they were, and never knew whose: see anonymes.
func erase(ctx context.Context, tx bun.IDB, where string, args ...any) error {
	var gone []string
	if err := tx.NewRaw(`DELETE FROM disponibilite AS di WHERE `+where+` RETURNING di.cle::text`, args...).Scan(ctx, &gone); err != nil || len(gone) == 0 {
		return err
	}
	_, err := tx.NewRaw(`DELETE FROM idempotence WHERE resultat = ANY (?)`, pgdialect.Array(gone)).Exec(ctx)
	return err
}

// lockDisponibilite reads one of one's own, or any, for this transaction alone: any other does not exist.
func (e *ecriture) lockDisponibilite(ctx context.Context, id string, anyone bool) (*Disponibilite, error) {
	if err := e.authorise(ctx, "", 0); err != nil {
		return nil, err
	}
	absent := faute(Introuvable, "id", "cette disponibilité n'existe pas, ou n'est pas la vôtre")
	d, err := lockNamed[Disponibilite](ctx, e, "id", id, append([]string{"di.sujet"}, columnsDisponibilite...), "di.cle", absent)
	if err == nil && !anyone && d.Sujet != e.qui.Sujet {
		err = absent
	}
	return d, err
}

// fillDisponibilite gives it what the input says, checks it, and returns the software that it names.
func (e *ecriture) fillDisponibilite(ctx context.Context, d *Disponibilite, in ContenuDisponibilite, given Champs) ([]int64, error) {
	var err error
	if given["nom"] || d.Nom == "" {
		d.Nom = e.texteRequis("nom", *or(in.Nom, ""), 80)
		e.verify(!strings.Contains(d.Nom, "@"), Invalide, "nom", "« nom » n'est pas une adresse : on vous écrit par la plateforme")
	}
	d.Statut = *or(in.Statut, d.Statut)
	e.verify(d.Statut != "", Requis, "statut", "« statut » manque")
	if given["organisation"] {
		d.OrganisationID = nil
	}
	if in.Organisation != nil {
		f, err := e.organisation(ctx, "organisation", *in.Organisation, "Prestataire", "Collectivite", "SyndicatMixte")
		if err != nil {
			return nil, err
		}
		if f != nil {
			d.OrganisationID = &f.Rowid
		}
	}
	if given["competences"] || d.Competences == nil {
		d.Competences = normalisees(in.Competences)
		e.verify(len(d.Competences) <= 30, Invalide, "competences", "« competences » en compte 30 au plus")
	}
	if given["metiers"] || d.Metiers == nil {
		if d.Metiers, err = e.metiers(ctx, "metiers", in.Metiers); err != nil {
			return nil, err
		}
	}
	if given["territoires"] {
		if d.Territoires, err = e.territoires(ctx, "territoires", in.Territoires); err != nil {
			return nil, err
		}
	}
	var logiciels []int64
	e.verify(len(in.Logiciels) <= 30, Invalide, "logiciels", "« logiciels » en compte 30 au plus")
	if err := e.ready(); err != nil {
		return nil, err
	}
	for _, id := range in.Logiciels {
		l, err := e.logiciel(ctx, "logiciels", id)
		if err != nil {
			return nil, err
		}
		if l != nil {
			logiciels = append(logiciels, l.Rowid)
		}
	}
	correct(given, "aDistance", &d.ADistance, in.ADistance)
	correct(given, "debut", &d.Debut, in.Debut)
	correct(given, "fin", &d.Fin, in.Fin)
	correct(given, "jours", &d.Jours, in.Jours)
	correct(given, "presentation", &d.Presentation, e.texteLibre("presentation", in.Presentation, maxTexte))
	d.ExpireLe = *or(in.ExpireLe, d.ExpireLe)
	e.verify(d.Fin == nil || d.Debut == nil || *d.Fin >= *d.Debut, Invalide, "fin", "« fin » précède « debut »")
	e.verify(d.Jours == nil || *d.Jours > 0 && *d.Jours <= 366, Invalide, "jours", "« jours » va de 1 à 366")
	limite := Date(e.maintenant.UTC().AddDate(0, 0, dureeDisponibiliteMax).Format(time.DateOnly))
	e.verify(d.ExpireLe >= *e.today() && d.ExpireLe <= limite, Invalide, "expireLe", "« expireLe » va d'aujourd'hui à un an")
	return logiciels, e.ready()
}

// knows writes the software that a person knows.
func (e *ecriture) knows(ctx context.Context, d *Disponibilite, logiciels []int64) error {
	if _, err := e.tx.NewRaw(`DELETE FROM disponibilite_logiciel WHERE disponibilite_id = ?`, d.Rowid).Exec(ctx); err != nil {
		return err
	}
	_, err := e.tx.NewRaw(`INSERT INTO disponibilite_logiciel (disponibilite_id, logiciel_id) SELECT DISTINCT ?::bigint, x FROM unnest(?::bigint[]) x`, d.Rowid, pgdialect.Array(logiciels)).Exec(ctx)
	return err
}

// ContactPayload says whether a message was left, or what keeps it from being.
type ContactPayload struct {
	Envoye  bool
	Erreurs []*Erreur
}

// ContacterDeveloppeur leaves a message to a person of the bank; an organisation leaves maxContacts in 24 hours at most.
func (s *Store) ContacterDeveloppeur(ctx context.Context, in ContacterDeveloppeurInput) (*ContactPayload, error) {
	_, fautes, err := s.write(ctx, demande{"contacterDeveloppeur", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		qui, err := e.organisation(ctx, "organisation", in.Organisation, "Collectivite", "SyndicatMixte", "Prestataire")
		if err != nil {
			return "", err
		}
		cle := e.cleDe("disponibilite", in.Disponibilite, "Disponibilite")
		message := e.texteRequis("message", in.Message, maxTexte)
		if err := e.ready(); err != nil {
			return "", err
		}
		if err := e.authorise(ctx, "organisation", qui.Rowid); err != nil {
			return "", err
		}
		// Two messages at once are counted one after the other.
		if _, err := e.tx.NewRaw(`SELECT pg_advisory_xact_lock(hashtextextended('mutualibre.contact', ?))`, qui.Rowid).Exec(ctx); err != nil {
			return "", err
		}
		n, err := e.tx.NewSelect().TableExpr("message_developpeur AS me").Where("me.organisation_id = ?", qui.Rowid).Where("me.cree_le > now() - interval '24 hours'").Count(ctx)
		if err != nil {
			return "", err
		}
		if n >= maxContacts {
			return "", faute(Interdit, "organisation", "cette organisation a déjà écrit %d messages en vingt-quatre heures : attendez demain", maxContacts)
		}
		var id int64
		found := false
		if len(uuids([]string{cle})) > 0 {
			q := e.tx.NewSelect().TableExpr("disponibilite AS di").ColumnExpr("di.id").Where("di.cle = ?", cle).Where("di.expire_le >= current_date").For("KEY SHARE")
			if found, err = one(ctx, q, &id); err != nil {
				return "", err
			}
		}
		if !found {
			return "", faute(Introuvable, "disponibilite", "cette disponibilité n'existe pas, ou plus")
		}
		m := &MessageDeveloppeur{Cle: uuid.NewString(), DisponibiliteID: id, OrganisationID: qui.Rowid, Message: message}
		_, err = e.tx.NewInsert().Model(m).Column("cle", "disponibilite_id", "organisation_id", "message").Exec(ctx)
		return "", err
	})
	return &ContactPayload{Envoye: err == nil && len(fautes) == 0, Erreurs: fautes}, err
}
