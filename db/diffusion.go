package db

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/domain/droit"
)

// Following up publications: whoever may be told of one gets a delivery, and each delivery a job, in the transaction
// that moves the cursor. What was rolled back was never published; what was published is followed up once.

// AEnvoyer is a delivery for which a job is to be made. A job of a former series has nothing to do any more.
type AEnvoyer struct {
	Livraison int64
	Serie     int
}

// lotDiffusion bounds how many publications, and how many deliveries, one transaction takes.
const lotDiffusion = 500

// Diffuser follows up the publications not yet followed up, as far as one transaction goes, and has enfiler make the jobs
// in that transaction. One program at a time does it: to the others there is nothing to do. more tells that there may be
// more.
func (s *Store) Diffuser(ctx context.Context, enfiler func(context.Context, pgx.Tx, []AEnvoyer) error) (more bool, err error) {
	var pending bool
	err = s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM public.publication WHERE numero > (SELECT numero FROM public.diffusion WHERE nom = 'webhook'))
		OR EXISTS (SELECT FROM public.livraison WHERE a_enfiler)`).Scan(&pending)
	if err != nil || !pending {
		return false, Translate(err)
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var from, to int64
		var n int
		err := tx.QueryRow(ctx, `SELECT numero FROM public.diffusion WHERE nom = 'webhook' FOR UPDATE SKIP LOCKED`).Scan(&from)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `SELECT coalesce(max(numero), $1), count(*) FROM
			(SELECT numero FROM public.publication WHERE numero > $1 ORDER BY numero LIMIT $2) p`, from, lotDiffusion).Scan(&to, &n)
		if err != nil {
			return err
		}
		if n > 0 {
			if err := s.livrer(ctx, tx, from, to); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `UPDATE public.diffusion SET numero = $1 WHERE nom = 'webhook'`, to); err != nil {
				return err
			}
		}
		rows, err := tx.Query(ctx, `UPDATE public.livraison l SET a_enfiler = false
			WHERE l.id IN (SELECT id FROM public.livraison WHERE a_enfiler ORDER BY id LIMIT $1 FOR UPDATE) RETURNING l.id, l.serie`, lotDiffusion)
		if err != nil {
			return err
		}
		jobs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[AEnvoyer])
		if err != nil {
			return err
		}
		more = n == lotDiffusion || len(jobs) == lotDiffusion
		if len(jobs) == 0 {
			return nil
		}
		return enfiler(ctx, tx, jobs)
	})
	return more, Translate(err)
}

// ecoute is what a webhook asks, and on whose behalf.
type ecoute struct {
	WebhookID, OrganisationID int64
	Genre                     string
	Types                     []string
	Tout                      bool
	Depuis                    int64
}

const ecouteSQL = `SELECT w.id, w.organisation_id, o.genre,
	ARRAY(SELECT CASE e WHEN 'USAGE' THEN 'Usage' WHEN 'ENTREE' THEN 'EntreeCatalogue' WHEN 'CATALOGUE' THEN 'Catalogue'
		WHEN 'ADHESION' THEN 'Adhesion' WHEN 'ECONOMIE' THEN 'Economie' WHEN 'CONTRAT' THEN 'Contrat'
		WHEN 'PROPOSITION' THEN 'Proposition' WHEN 'LOGICIEL' THEN 'Logiciel' WHEN 'ORGANISATION' THEN 'Organisation' END
		FROM unnest(w.evenements) e), w.portee = 'TOUT', w.depuis
	FROM public.webhook w JOIN public.organisation o ON o.id = w.organisation_id`

// evenementDe is the event of a change, by the type of its object.
func evenementDe(typ string) EvenementWebhook {
	return map[string]EvenementWebhook{"Usage": "USAGE", "EntreeCatalogue": "ENTREE", "Catalogue": "CATALOGUE", "Adhesion": "ADHESION",
		"Economie": "ECONOMIE", "Contrat": "CONTRAT", "Proposition": "PROPOSITION", "Logiciel": evenementLogiciel, "Organisation": "ORGANISATION"}[typ]
}

// au is the context under which what a webhook is told is read: that of a reader of its organisation, so that it is told
// what this one could read itself, by the same views.
func (e ecoute) au(ctx context.Context) context.Context {
	return WithIdentite(ctx, &Identite{Sujet: "webhook", Droits: []Droit{{Role: e.role(), OrganisationID: e.OrganisationID, Genre: e.Genre}}})
}

func (e ecoute) role() droit.Role {
	if e.Genre == "PRESTATAIRE" {
		return droit.Fournisseur
	}
	return droit.Lecteur
}

// entendu narrows a query of the journal jo to what a webhook listens to: its types and, unless it listens to everything,
// what touches its organisation and, for a syndicat, the usages of its members.
func (e ecoute) entendu(q *bun.SelectQuery) *bun.SelectQuery {
	q = q.Where("jo.objet_type IN (?)", bun.List(e.Types))
	if e.Tout {
		return q
	}
	return q.Where(`(jo.organisations && ARRAY[?0::bigint] OR (jo.objet_type = 'Usage' AND jo.organisations && ARRAY(
		SELECT a.membre_id FROM adhesion a JOIN organisation o ON o.id = a.groupement_id
		WHERE a.groupement_id = ?0 AND o.genre = 'SYNDICAT' AND a.via_id IS NULL AND a.confirmee AND a.periode @> current_date)))`, e.OrganisationID)
}

// livrer makes the deliveries of the publications after from, up to to.
func (s *Store) livrer(ctx context.Context, tx pgx.Tx, from, to int64) error {
	rows, err := tx.Query(ctx, ecouteSQL+` WHERE w.actif AND w.depuis < $1 ORDER BY w.id`, to)
	if err != nil {
		return err
	}
	ecoutes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ecoute])
	if err != nil {
		return err
	}
	for _, e := range ecoutes {
		numeros := []int64{}
		q := e.entendu(s.bun.NewSelect().TableExpr("publication AS pu").Join("JOIN journal AS jo ON jo.publication_id = pu.id")).
			Where("pu.numero > ? AND pu.numero <= ?", max(from, e.Depuis), to)
		if err := many(e.au(ctx), q.ColumnExpr("DISTINCT pu.numero").OrderExpr("pu.numero"), &numeros); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO public.livraison (webhook_id, numero) SELECT $1, unnest($2::bigint[])`, e.WebhookID, numeros); err != nil {
			return err
		}
	}
	return nil
}

// Envoi is one attempt to make: where, signed with what, and the words.
type Envoi struct {
	ID         string // of the delivery, the same at each attempt
	URL        string
	Secret     string
	Evenements []EvenementWebhook
	Message    *Message
	// Attendre is how long to leave the receiver in peace first, when it keeps failing; the rest is then empty.
	Attendre time.Duration
}

// Envoi reads what a delivery sends, as its organisation may read it now; nil when there is nothing to send any more:
// already received, given up, or hidden since.
func (s *Store) Envoi(ctx context.Context, a AEnvoyer) (*Envoi, error) {
	var (
		e                 Envoi
		ec                ecoute
		cle               string
		actif, attente    bool
		numero, echecs    int64
		serie             int
		repos, maintenant *time.Time
	)
	err := s.pool.QueryRow(ctx, `SELECT e.*, l.cle::text, l.etat = 'EN_ATTENTE', l.serie, l.numero, w.url, w.secret, w.actif, w.echecs, w.repos_jusqua, now()
		FROM public.livraison l JOIN public.webhook w ON w.id = l.webhook_id JOIN (`+ecouteSQL+`) e ON e.id = w.id WHERE l.id = $1`, a.Livraison).
		Scan(&ec.WebhookID, &ec.OrganisationID, &ec.Genre, &ec.Types, &ec.Tout, &ec.Depuis, &cle, &attente, &serie, &numero, &e.URL, &e.Secret, &actif, &echecs, &repos, &maintenant)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, Translate(err)
	case !attente || serie != a.Serie:
		return nil, nil
	case !actif:
		return nil, s.finish(ctx, a.Livraison, "le webhook est arrêté")
	case repos != nil && repos.After(*maintenant) && serie == 1:
		return &Envoi{Attendre: repos.Sub(*maintenant)}, nil
	}
	e.ID = (&Livraison{Cle: cle}).ID()
	e.Message, err = s.message(ec.au(ctx), ec, numero)
	if err != nil {
		return nil, err
	}
	if e.Message == nil {
		return nil, s.finish(ctx, a.Livraison, "il n'y a plus rien que cette organisation puisse lire")
	}
	e.Message.ID, e.Evenements = e.ID, e.Message.evenements()
	return &e, nil
}

// finish gives a delivery up.
func (s *Store) finish(ctx context.Context, livraison int64, motif string) error {
	_, err := s.pool.Exec(ctx, `UPDATE public.livraison SET etat = 'ECHOUEE', motif = $2, terminee_le = now() WHERE id = $1 AND etat = 'EN_ATTENTE'`, livraison, motif)
	return Translate(err)
}

// Tentative is what came of an attempt. Erreur "" is a success.
type Tentative struct {
	StatutHTTP int // 0: no answer
	Erreur     string
	Duree      time.Duration
	Extrait    string
	Derniere   bool // none will follow
	Parti      bool // the receiver wants no more of anything
}

// A webhook that fails for patienceWebhook is stopped. After echecsRepos failures in a row it is left in peace for reposMin,
// then twice as long each time, up to reposMax: its backlog must not hold the workers that others need.
const (
	patienceWebhook = 3 * 24 * time.Hour
	echecsRepos     = 3
	reposMin        = 10 * time.Second
	reposMax        = 10 * time.Minute
)

// NoterTentative writes an attempt to the log, and draws the consequences for the delivery and for its webhook.
func (s *Store) NoterTentative(ctx context.Context, a AEnvoyer, t Tentative) error {
	return Translate(pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var webhook int64
		var actif bool
		var depuis *time.Time
		err := tx.QueryRow(ctx, `SELECT w.id, w.actif, w.en_echec_depuis FROM public.webhook w JOIN public.livraison l ON l.webhook_id = w.id
			WHERE l.id = $1 FOR UPDATE OF w`, a.Livraison).Scan(&webhook, &actif, &depuis)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // removed meanwhile
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO public.tentative (livraison_id, statut_http, erreur, duree_ms, extrait)
			VALUES ($1, nullif($2::int, 0), nullif($3, ''), $4, $5)`, a.Livraison, t.StatutHTTP, t.Erreur, t.Duree.Milliseconds(), t.Extrait)
		if err != nil {
			return err
		}
		if t.Erreur == "" {
			if _, err := tx.Exec(ctx, `UPDATE public.livraison SET etat = 'REUSSIE', motif = NULL, terminee_le = now() WHERE id = $1`, a.Livraison); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `UPDATE public.webhook SET echecs = 0, en_echec_depuis = NULL, repos_jusqua = NULL WHERE id = $1 AND echecs > 0`, webhook)
			return err
		}
		if t.Derniere || t.Parti {
			_, err := tx.Exec(ctx, `UPDATE public.livraison SET etat = 'ECHOUEE', motif = $2, terminee_le = now() WHERE id = $1 AND serie = $3`, a.Livraison, t.Erreur, a.Serie)
			if err != nil {
				return err
			}
		}
		var trop bool
		err = tx.QueryRow(ctx, `UPDATE public.webhook SET echecs = echecs + 1, en_echec_depuis = coalesce(en_echec_depuis, now()),
			repos_jusqua = CASE WHEN echecs + 1 >= $2 THEN now() + least($3::interval * 2 ^ least(echecs + 1 - $2, 20), $4::interval) END
			WHERE id = $1 RETURNING en_echec_depuis < now() - $5::interval`, webhook, echecsRepos, reposMin, reposMax, patienceWebhook).Scan(&trop)
		if err != nil || !actif {
			return err
		}
		switch {
		case t.Parti:
			return stopWebhook(ctx, tx, webhook, "le destinataire a répondu qu'il n'est plus là (410)")
		case trop:
			return stopWebhook(ctx, tx, webhook, "aucune livraison n'a réussi depuis trois jours : "+t.Erreur)
		}
		return nil
	}))
}

// stopWebhook stops a webhook in the program's own name; the journal keeps it.
func stopWebhook(ctx context.Context, tx pgx.Tx, webhook int64, motif string) error {
	_, err := tx.Exec(ctx, `WITH p AS (INSERT INTO public.publication (operation, sujet, nom) VALUES ('arreterWebhook', 'commande:webhooks', '') RETURNING id)
		SELECT set_config('mutualibre.publication', id::text, true), set_config('mutualibre.tenu', 'oui', true) FROM p`)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE public.webhook SET actif = false, motif_arret = $2 WHERE id = $1`, webhook, motif)
	return err
}

// The log of deliveries is kept for dureeLivraisons; longer, up to dureeAttente, for those that wait.
const (
	dureeLivraisons = 30 * 24 * time.Hour
	dureeAttente    = 90 * 24 * time.Hour
)

// PurgerLivraisons forgets the deliveries that are too old.
func (s *Store) PurgerLivraisons(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM public.livraison WHERE cree_le < now() - $1::interval
		AND (terminee_le < now() - $1::interval OR cree_le < now() - $2::interval)`, dureeLivraisons, dureeAttente)
	return Translate(err)
}
