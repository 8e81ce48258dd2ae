package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/adresse"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// EvenementWebhook is a kind of change that a webhook may be told of.
type EvenementWebhook string

// PorteeWebhook is how far a webhook listens.
type PorteeWebhook string

// The reaches: what touches its own organisation, or all that this one may read.
const (
	Siennes PorteeWebhook = "SIENNES"
	Tout    PorteeWebhook = "TOUT"
)

// EtatLivraison is where a delivery stands.
type EtatLivraison string

// evenementLogiciel is the change that touches no organisation.
const evenementLogiciel EvenementWebhook = "LOGICIEL"

// Webhook is an address told of what is published, on behalf of an organisation. Its secret is not read with it.
type Webhook struct {
	bun.BaseModel    `bun:"table:webhook,alias:wh"`
	membre[*Webhook] `bun:"-"`

	Rowid          int64              `bun:"id,pk"`
	Cle            string             `bun:"cle"`
	OrganisationID int64              `bun:"organisation_id"`
	URL            string             `bun:"url"`
	Evenements     []EvenementWebhook `bun:"evenements,array"`
	Portee         PorteeWebhook      `bun:"portee"`
	Actif          bool               `bun:"actif"`
	MotifArret     *string            `bun:"motif_arret"`
	CreeLe         Instant            `bun:"cree_le"`
	EnEchecDepuis  *Instant           `bun:"en_echec_depuis"`
	Revision       int                `bun:"revision"`
}

// ID returns the public id.
func (w *Webhook) ID() string { return identifiant.Global("Webhook", w.Cle) }

var columnsWebhook = []string{"wh.id", "wh.cle", "wh.organisation_id", "wh.url", "wh.evenements", "wh.portee", "wh.actif",
	"wh.motif_arret", "wh.cree_le", "wh.en_echec_depuis", "wh.revision"}

// Livraison is one publication told to one webhook, in as many attempts as it takes.
type Livraison struct {
	bun.BaseModel      `bun:"table:livraison,alias:lv"`
	membre[*Livraison] `bun:"-"`

	Rowid      int64         `bun:"id,pk"`
	Cle        string        `bun:"cle"`
	WebhookID  int64         `bun:"webhook_id"`
	Numero     int64         `bun:"numero"`
	Etat       EtatLivraison `bun:"etat"`
	Motif      *string       `bun:"motif"`
	CreeLe     Instant       `bun:"cree_le"`
	TermineeLe *Instant      `bun:"terminee_le"`

	ParentID int64 `bun:"parent_id,scanonly"`
}

// ID returns the public id, the one that the receiver is given.
func (l *Livraison) ID() string { return identifiant.Global("Livraison", l.Cle) }

var columnsLivraison = []string{"lv.id", "lv.cle", "lv.webhook_id", "lv.numero", "lv.etat", "lv.motif", "lv.cree_le", "lv.terminee_le"}

// TentativeLivraison is one request sent, and what came back.
type TentativeLivraison struct {
	bun.BaseModel `bun:"table:tentative,alias:te"`

	LivraisonID int64   `bun:"livraison_id"`
	Le          Instant `bun:"le"`
	StatutHTTP  *int    `bun:"statut_http"`
	Erreur      *string `bun:"erreur"`
	DureeMs     int     `bun:"duree_ms"`
	Extrait     string  `bun:"extrait"`
}

// The pages of the two lists.
type (
	WebhookConnection   = page.Connection[*Webhook]
	WebhookEdge         = page.Edge[*Webhook]
	LivraisonConnection = page.Connection[*Livraison]
	LivraisonEdge       = page.Edge[*Livraison]
)

// Webhooks lists those of an organisation, latest first. Errors: CodeNonAuthentifie, CodeInterdit, CodeIntrouvable.
func (s *Store) Webhooks(ctx context.Context, organisation string, a page.Args) (*WebhookConnection, error) {
	filter, err := s.ofTitulaire(ctx, "lireWebhooks", &organisation)
	if err != nil {
		return nil, err
	}
	return readPage(ctx, s, liste[*Webhook, *Webhook]{
		columns: columnsWebhook,
		order: page.Order[*Webhook]{Name: "webhook", Keys: []page.Key{{Expr: "wh.id", Kind: page.Int}}, Desc: true,
			Values: func(w *Webhook) []any { return []any{w.Rowid} }},
		filter: filter,
		node:   func(w *Webhook) *Webhook { return w },
	}, a)
}

// OrganisationDuWebhook returns on whose behalf it reads.
func (s *Store) OrganisationDuWebhook(ctx context.Context, w *Webhook) (Organisation, error) {
	return organisation(follow(ctx, w.lot, "organisation", func(w *Webhook) int64 { return w.OrganisationID }, s.fichesByID, w))
}

// LivraisonsDe lists the deliveries of a webhook, latest first. Whoever holds the webhook may read them.
func (s *Store) LivraisonsDe(ctx context.Context, w *Webhook, a page.Args, sel Selection) (*LivraisonConnection, error) {
	return childrenOf(ctx, s, w.lot, func(w *Webhook) int64 { return w.Rowid }, w, liste[*Livraison, *Livraison]{
		columns: columnsLivraison,
		order: page.Order[*Livraison]{Name: "livraison", Keys: []page.Key{{Expr: "lv.id", Kind: page.Int}}, Desc: true,
			Values: func(l *Livraison) []any { return []any{l.Rowid} }},
		filter: everything, ties: []string{"lv.webhook_id = p.id"},
		parent: func(l *Livraison) int64 { return l.ParentID },
		node:   func(l *Livraison) *Livraison { return l },
	}, a, sel)
}

// TentativesDe lists the attempts of a delivery, first one first.
func (s *Store) TentativesDe(ctx context.Context, l *Livraison) ([]*TentativeLivraison, error) {
	return shortLists(ctx, l.lot, "tentatives", l.Rowid, func(ctx context.Context, members []*Livraison) ([]*TentativeLivraison, error) {
		var rows []*TentativeLivraison
		q := s.bun.NewSelect().Model(&rows).
			Where("te.livraison_id IN (?)", bun.List(distinct(members, func(l *Livraison) int64 { return l.Rowid }))).OrderExpr("te.id")
		return rows, many(ctx, q, &rows)
	}, func(t *TentativeLivraison) int64 { return t.LivraisonID })
}

// WebhookPayload is a webhook as it stands after a mutation, or what keeps it from being done. Secret is shown this once.
type WebhookPayload struct {
	Webhook *Webhook
	Secret  *string
	Erreurs []*Erreur
}

// webhookPayload reads a webhook again, once the mutation that had the right to it is over.
func (s *Store) webhookPayload(ctx context.Context, cle string, secret *string, fautes Fautes, err error) (*WebhookPayload, error) {
	if err != nil {
		return nil, err
	}
	if len(fautes) > 0 {
		secret = nil
	}
	w, err := s.webhook(ctx, s.bun.NewSelect(), cle)
	return &WebhookPayload{Webhook: w, Secret: secret, Erreurs: fautes}, err
}

// webhook reads one by its key; nil when there is none.
func (s *Store) webhook(ctx context.Context, q *bun.SelectQuery, cle string) (*Webhook, error) {
	if len(uuids([]string{cle})) == 0 {
		return nil, nil
	}
	w := new(Webhook)
	for _, c := range columnsWebhook {
		q = q.ColumnExpr(c)
	}
	if found, err := one(ctx, q.Model(w).Where("wh.cle = ?", cle), w); !found {
		return nil, err
	}
	gather([]*Webhook{w})
	return w, nil
}

// maxWebhooks bounds how many an organisation has: each costs a reading of every publication.
const maxWebhooks = 50

// CreerWebhookInput describes a webhook to make.
type CreerWebhookInput struct {
	CleIdempotence *string
	Organisation   string
	URL            string
	Evenements     []EvenementWebhook
	Portee         *PorteeWebhook
}

// CreerWebhook makes a webhook for an organisation: it is told of what is published from now on.
func (s *Store) CreerWebhook(ctx context.Context, in CreerWebhookInput) (*WebhookPayload, error) {
	var secret *string
	cle, fautes, err := s.write(ctx, demande{"creerWebhook", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		f, err := e.organisation(ctx, "organisation", in.Organisation, "Collectivite", "SyndicatMixte", "Prestataire")
		if err != nil {
			return "", err
		}
		w := &Webhook{Cle: uuid.NewString(), URL: in.URL, Evenements: in.Evenements, Portee: *or(in.Portee, Siennes)}
		e.checkWebhook(w, s.locales)
		if err := e.ready(); err != nil {
			return "", err
		}
		if err := e.authorise(ctx, "organisation", f.Rowid); err != nil {
			return "", err
		}
		n, err := e.tx.NewSelect().TableExpr("webhook").Where("organisation_id = ?", f.Rowid).Count(ctx)
		if err != nil {
			return "", err
		}
		if !e.verify(n < maxWebhooks, Invalide, "organisation", "cette organisation a déjà %d webhooks : supprimez-en un", n) {
			return "", e.ready()
		}
		secret = newSecret()
		_, err = e.tx.NewRaw(`INSERT INTO webhook (cle, organisation_id, url, secret, evenements, portee, depuis)
			VALUES (?, ?, ?, ?, ?, ?, (SELECT coalesce(max(numero), 0) FROM publication))`,
			w.Cle, f.Rowid, w.URL, *secret, pgdialect.Array(w.Evenements), string(w.Portee)).Exec(ctx)
		return w.Cle, err
	})
	return s.webhookPayload(ctx, cle, secret, fautes, err) // done before with the same key: the secret is not shown again
}

// newSecret makes what signs the deliveries of a webhook: 32 random bytes.
func newSecret() *string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	secret := "mls_" + base32Jeton.EncodeToString(b)
	return &secret
}

// checkWebhook notes what is wrong in a webhook.
func (e *ecriture) checkWebhook(w *Webhook, locales bool) {
	if err := adresse.Verifier(w.URL, locales); err != nil {
		e.verify(false, Invalide, "url", "« url » %v", err)
	}
	slices.Sort(w.Evenements)
	w.Evenements = slices.Compact(w.Evenements)
	e.verify(len(w.Evenements) > 0, Requis, "evenements", "« evenements » est vide : dites de quoi prévenir")
	e.verify(w.Portee == Tout || !slices.Contains(w.Evenements, evenementLogiciel), Invalide, "evenements",
		"un logiciel n'appartient à aucune organisation : LOGICIEL demande la portée TOUT")
}

// lockWebhook reads a webhook that the action may touch, for this transaction alone.
func (e *ecriture) lockWebhook(ctx context.Context, champ, cle string) (*Webhook, error) {
	if err := e.ready(); err != nil {
		return nil, err
	}
	w, err := e.webhook(ctx, e.tx.NewSelect().For("UPDATE"), cle)
	if err != nil {
		return nil, err
	}
	if w == nil {
		return nil, faute(Introuvable, champ, "ce webhook n'existe pas, ou plus")
	}
	return w, e.authorise(ctx, champ, w.OrganisationID)
}

// CorrigerWebhookInput corrects a webhook from the revision that was read.
type CorrigerWebhookInput struct {
	CleIdempotence   *string
	ID               string
	Revision         int
	URL              *string
	Evenements       []EvenementWebhook
	Portee           *PorteeWebhook
	Actif            *bool
	RenouvelerSecret *bool
}

// CorrigerWebhook corrects what is given. Started again, a webhook is not told of what it missed.
func (s *Store) CorrigerWebhook(ctx context.Context, in CorrigerWebhookInput) (*WebhookPayload, error) {
	var secret *string
	cle, fautes, err := s.write(ctx, demande{"corrigerWebhook", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		w, err := e.lockWebhook(ctx, "id", e.cleDe("id", in.ID, "Webhook"))
		if err != nil {
			return "", err
		}
		if err := current(w.Revision, in.Revision); err != nil {
			return w.Cle, err
		}
		w.URL, w.Portee = *or(in.URL, w.URL), *or(in.Portee, w.Portee)
		if in.Evenements != nil {
			w.Evenements = in.Evenements
		}
		e.checkWebhook(w, s.locales)
		if err := e.ready(); err != nil {
			return w.Cle, err
		}
		q := e.tx.NewUpdate().Model(w).Column("url", "evenements", "portee").WherePK()
		if in.Actif != nil && *in.Actif != w.Actif {
			q = q.Set("actif = ?", *in.Actif).Set("motif_arret = NULL").Set("echecs = 0").Set("en_echec_depuis = NULL").
				Set("repos_jusqua = NULL").Set("depuis = (SELECT coalesce(max(numero), 0) FROM publication)")
		}
		if *or(in.RenouvelerSecret, false) {
			secret = newSecret()
			q = q.Set("secret = ?", *secret)
		}
		_, err = q.Exec(ctx)
		return w.Cle, err
	})
	return s.webhookPayload(ctx, cle, secret, fautes, err)
}

// SupprimerWebhookInput names a webhook to remove.
type SupprimerWebhookInput struct {
	CleIdempotence *string
	ID             string
}

// SupprimerWebhook removes a webhook with its log; the payload shows it as it was.
func (s *Store) SupprimerWebhook(ctx context.Context, in SupprimerWebhookInput) (*WebhookPayload, error) {
	var w *Webhook
	_, fautes, err := s.write(ctx, demande{"supprimerWebhook", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (_ string, err error) {
		if w, err = e.lockWebhook(ctx, "id", e.cleDe("id", in.ID, "Webhook")); err != nil {
			w = nil
			return "", err
		}
		_, err = e.tx.NewDelete().Model(w).WherePK().Exec(ctx)
		return w.Cle, err
	})
	if err != nil {
		return nil, err
	}
	return &WebhookPayload{Webhook: w, Erreurs: fautes}, nil
}

// LivraisonPayload is a delivery as it stands after a mutation, or what keeps it from being done.
type LivraisonPayload struct {
	Livraison *Livraison
	Erreurs   []*Erreur
}

// RenvoyerLivraisonInput names a delivery to send again.
type RenvoyerLivraisonInput struct {
	CleIdempotence *string
	ID             string
}

// RenvoyerLivraison has a delivery sent again, whatever became of it, under the same id.
func (s *Store) RenvoyerLivraison(ctx context.Context, in RenvoyerLivraisonInput) (*LivraisonPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"renvoyerLivraison", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		cle := e.cleDe("id", in.ID, "Livraison")
		if err := e.ready(); err != nil {
			return "", err
		}
		var webhook string
		err := e.tx.NewRaw(`SELECT w.cle FROM livraison l JOIN webhook w ON w.id = l.webhook_id WHERE l.cle::text = ?`, cle).Scan(ctx, &webhook)
		if errors.Is(err, sql.ErrNoRows) {
			return "", faute(Introuvable, "id", "cette livraison n'existe pas, ou plus")
		}
		if err != nil {
			return "", err
		}
		w, err := e.lockWebhook(ctx, "id", webhook)
		if err != nil {
			return "", err
		}
		if !e.verify(w.Actif, Invalide, "id", "ce webhook est arrêté : remettez-le en marche d'abord") {
			return cle, e.ready()
		}
		_, err = e.tx.NewRaw(`UPDATE livraison SET etat = 'EN_ATTENTE', motif = NULL, terminee_le = NULL, serie = serie + 1, a_enfiler = true WHERE cle::text = ?`, cle).Exec(ctx)
		return cle, err
	})
	if err != nil || cle == "" {
		return &LivraisonPayload{Erreurs: fautes}, err
	}
	l := new(Livraison)
	found, err := one(ctx, selectRows(s, l, columnsLivraison).Where("lv.cle = ?", cle), l)
	if !found {
		return nil, err
	}
	gather([]*Livraison{l})
	return &LivraisonPayload{Livraison: l, Erreurs: fautes}, nil
}
