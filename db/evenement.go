package db

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// PartieCatalogue is the part of a catalogue that a change touches.
type PartieCatalogue string

// EvenementCatalogue is a change in a catalogue, told to who follows it.
type EvenementCatalogue struct {
	ID           string
	Genre        GenreModification
	Partie       PartieCatalogue
	Modification *Modification

	catalogueID, entreeID int64
}

// EvenementUsage is a change of a usage, told to who follows it. Its Modification is nil when the reader may no longer
// see the usage.
type EvenementUsage struct {
	ID           string
	Genre        GenreModification
	UsageID      string
	Modification *Modification

	usageID int64
}

// evenement is a row of the journal as a reader sees it.
type evenement struct {
	Modification `bun:",extend"`

	Cle         string `bun:"cle,scanonly"` // of the thing
	CatalogueID int64  `bun:"catalogue_id,scanonly"`
}

func (e *evenement) position() position { return position{e.Numero, e.Rowid} }

func (e *evenement) id() string { return e.position().id() }

// id is the public id of the event of which p is the place.
func (p position) id() string {
	return identifiant.Global("Evenement", fmt.Sprintf("%d.%d", p.numero, p.journal))
}

// modification is the row of the journal, alone in its lot: what is asked of it is read when it is delivered.
func (e *evenement) modification() *Modification {
	m := e.Modification
	gather([]*Modification{&m})
	return &m
}

const (
	// pageEvenements is how many events are read at once.
	pageEvenements = 100
	// fenetreEvenements is how many publications one statement goes through, whatever it finds there.
	fenetreEvenements = 200
)

// evenementsApres reads, as the identity of ctx, the events after a place, up to a publication: some of them, and the
// place from which to go on.
func (s *Store) evenementsApres(ctx context.Context, filtre criteria, p position, jusque int64) ([]*evenement, position, error) {
	base := func(rows *[]*evenement) *bun.SelectQuery {
		return filtre(s.bun.NewSelect().Model(rows).ColumnExpr(strings.Join(columnsModification, ", ")).
			ColumnExpr(`coalesce(jo.apres ->> 'cle', jo.avant ->> 'cle',
				(SELECT coalesce(y.apres, y.avant) ->> 'cle' FROM public.journal y WHERE y.id = jo.id), '') AS cle`). // the key of what is hidden is no content
			ColumnExpr(`CASE jo.objet_type WHEN 'Catalogue' THEN jo.objet_id WHEN 'EntreeCatalogue' THEN
				coalesce((SELECT e.catalogue_id FROM entree_catalogue e WHERE e.id = jo.objet_id), (coalesce(jo.apres, jo.avant) ->> 'catalogue_id')::bigint, 0)
				ELSE 0 END AS catalogue_id`).
			Join("JOIN publication pu ON pu.id = jo.publication_id"))
	}
	var rows []*evenement
	if p.journal < math.MaxInt64 { // the rest of a publication, found along its rows: it may be a whole import
		q := base(&rows).Where("jo.publication_id = (SELECT y.id FROM publication y WHERE y.numero = ?)", p.numero).
			Where("jo.id > ?", p.journal).OrderExpr("jo.id").Limit(pageEvenements)
		if err := many(ctx, q, &rows); err != nil {
			return nil, p, err
		}
		if len(rows) == pageEvenements {
			return rows, rows[len(rows)-1].position(), nil
		}
	}
	fin := apres(max(p.numero, min(jusque, p.numero+fenetreEvenements)))
	if fin.numero > p.numero {
		var more []*evenement
		q := base(&more).Where("pu.numero > ? AND pu.numero <= ?", p.numero, fin.numero).OrderExpr("pu.numero, jo.id").Limit(pageEvenements)
		if err := many(ctx, q, &more); err != nil {
			return nil, p, err
		}
		rows = append(rows, more...)
		if len(more) == pageEvenements {
			fin = more[len(more)-1].position()
		}
	}
	return rows, fin, nil
}

// cleLecture names a reading that several subscriptions do: the same wish, under the same rights, of the same range.
type cleLecture struct {
	droits, interet string
	depuis, jusque  int64
}

// lectureCommune is such a reading, once faite is closed.
type lectureCommune struct {
	faite  chan struct{}
	events []*evenement
	fin    position
	err    error
}

// read is evenementsApres for a subscription. What others want as well is read once.
func (n *nouvelles) read(ctx context.Context, e *suiveur, jusque int64) ([]*evenement, position, error) {
	alone := func() ([]*evenement, position, error) {
		select {
		case n.places <- struct{}{}:
			defer func() { <-n.places }()
		case <-ctx.Done():
			return nil, e.lue, ctx.Err()
		}
		return n.store.evenementsApres(ctx, e.interet.filtre, e.lue, jusque)
	}
	if e.lue.journal < math.MaxInt64 {
		return alone()
	}
	cle := cleLecture{reglages(ctx), e.interet.cle, e.lue.numero, jusque}
	n.mu.Lock()
	c := n.communes[cle]
	if c == nil {
		c = &lectureCommune{faite: make(chan struct{})}
		n.communes[cle] = c
		n.mu.Unlock()
		c.events, c.fin, c.err = alone()
		close(c.faite)
		return c.events, c.fin, c.err
	}
	n.mu.Unlock()
	select {
	case <-c.faite:
	case <-ctx.Done():
		return nil, e.lue, ctx.Err()
	}
	if c.err != nil { // perhaps because the other left
		return alone()
	}
	return c.events, c.fin, nil
}

// run delivers the events of a subscription, in order, until ctx ends or deliver returns false. What cannot be
// read is tried again: nothing is skipped.
func (n *nouvelles) run(ctx context.Context, e *suiveur, deliver func(*evenement) bool) {
	var attente attente
	for {
		jusque, ok := n.wait(ctx, e)
		if !ok {
			return
		}
		for {
			err := n.renew(ctx, e)
			var events []*evenement
			suite := e.lue
			if err == nil {
				events, suite, err = n.read(ctx, e, jusque)
			}
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				n.log.Warn("news: a subscription cannot be read", "err", err)
				attente.wait(ctx)
				continue
			}
			attente.reset()
			for _, event := range events {
				if !deliver(event) {
					return
				}
			}
			e.lue = suite
			if !e.lue.before(apres(jusque)) {
				break
			}
		}
	}
}

type envoiKey struct{}

// AvantEnvoi returns a context whose subscriptions call f with the id of each event, in order, before they hand it over.
func AvantEnvoi(ctx context.Context, f func(id string)) context.Context {
	return context.WithValue(ctx, envoiKey{}, f)
}

// subscribe follows what is written, after the event depuis or from now on, until ctx or the store ends. Errors: an event
// that does not exist, CodeLimiteDebit.
func subscribe[E any](ctx context.Context, s *Store, i interet, depuis *string, show func(*evenement) *E) (<-chan *E, error) {
	p, err := s.positionDe(ctx, depuis)
	if err != nil {
		return nil, err
	}
	e, err := s.nouvelles.open(ctx, i, p)
	if err != nil {
		return nil, err
	}
	noter, _ := ctx.Value(envoiKey{}).(func(string))
	events := make(chan *E)
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.nouvelles.ctx, cancel)
	go func() {
		defer s.nouvelles.forget(e)
		defer close(events)
		defer cancel()
		defer stop()
		s.nouvelles.run(ctx, e, func(event *evenement) bool {
			if noter != nil {
				noter(event.id())
			}
			select {
			case events <- show(event):
				return true
			case <-ctx.Done():
				return false
			}
		})
	}()
	return events, nil
}

// positionDe is the place after an event; nil for none.
func (s *Store) positionDe(ctx context.Context, id *string) (*position, error) {
	if id == nil {
		return nil, nil
	}
	const inconnu = "« depuis » ne désigne aucun événement : rendez l'identifiant du dernier événement reçu, tel quel"
	p, ok := parsePosition(*id)
	if !ok {
		return nil, Invalid("depuis", inconnu)
	}
	var exists bool
	err := s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM public.journal jo JOIN public.publication pu ON pu.id = jo.publication_id
		WHERE jo.id = $1 AND pu.numero = $2)`, p.journal, p.numero).Scan(&exists)
	switch {
	case err != nil:
		return nil, Translate(err)
	case !exists:
		return nil, Invalid("depuis", inconnu)
	}
	return &p, nil
}

// parsePosition is the inverse of position.id; false for any other text.
func parsePosition(id string) (p position, ok bool) {
	_, cle, _ := identifiant.ParseGlobal(id)
	numero, journal, _ := strings.Cut(cle, ".")
	p.numero, _ = strconv.ParseInt(numero, 10, 64)
	p.journal, _ = strconv.ParseInt(journal, 10, 64)
	return p, p.id() == id
}

// UsagesModifies tells the changes of the usages that a filter keeps, before or after the change.
func (s *Store) UsagesModifies(ctx context.Context, f *FiltreUsages, depuis *string) (<-chan *EvenementUsage, error) {
	if f == nil {
		f = &FiltreUsages{}
	}
	if f.Date != nil {
		return nil, &Error{Code: CodeArgumentInvalide, Champ: []string{"filtre", "date"}, Message: "« filtre.date » n'a pas de sens ici : un abonnement dit ce qui change à partir de maintenant"}
	}
	i, err := s.interetUsages(ctx, f)
	if err != nil {
		return nil, err
	}
	return subscribe(ctx, s, i, depuis, func(e *evenement) *EvenementUsage {
		shown := &EvenementUsage{ID: e.id(), Genre: e.vu(), UsageID: identifiant.Global("Usage", e.Cle), usageID: e.ObjetID}
		if !e.cache() {
			shown.Modification = e.modification()
		}
		return shown
	})
}

// interetUsages is in the rows of usages whose version before or after is kept by the filter of the lists of usages.
func (s *Store) interetUsages(ctx context.Context, f *FiltreUsages) (interet, error) {
	f, slugs, err := f.checked()
	if err != nil {
		return interet{}, err
	}
	var logiciels []int64 // nil: all
	if slugs != nil {
		if logiciels, err = s.depuisToujours(ctx, logicielsNommes, "logiciel_fusionne", "logiciel_id", slugs); err != nil {
			return interet{}, err
		}
	}
	cle, err := json.Marshal([]any{f, logiciels})
	if err != nil {
		return interet{}, err
	}
	version := func(column string) *bun.SelectQuery {
		q := s.bun.NewSelect().TableExpr("jsonb_populate_record(NULL::usage, jo." + column + ") AS u").ColumnExpr("1")
		q = inList(q, "u.logiciel_id", logiciels)
		if f.Libre != nil {
			q = q.Where(ofUsage.libre, *f.Libre)
		}
		return filterCounted(f)(q)
	}
	return interet{
		cle: "usages" + string(cle),
		concernee: func(a *apercu) bool {
			return a.visibilites || slices.ContainsFunc(a.usages, func(u facettes) bool {
				return among(logiciels, u.LogicielID) && among(f.Statuts, u.Statut) && among(f.Modalites, u.Modalite) &&
					among(f.Departements, u.Departement) && (f.Libre == nil || *f.Libre == u.Libre)
			})
		},
		filtre: func(q *bun.SelectQuery) *bun.SelectQuery {
			// What is hidden now is told to all filters alike: which of them kept it would say what it was.
			return q.Where("jo.objet_type = 'Usage'").
				Where("(jo.avant IS NULL AND jo.apres IS NULL) OR EXISTS (?) OR EXISTS (?)", version("avant"), version("apres"))
		},
		refaire: func(ctx context.Context) (interet, error) { return s.interetUsages(ctx, f) },
	}, nil
}

// among tells whether a criterion keeps a value; nil keeps all.
func among[T comparable](kept []T, v T) bool { return kept == nil || slices.Contains(kept, v) }

// depuisToujours returns the row ids of what keys name, and of all that was merged into it: the journal has both.
func (s *Store) depuisToujours(ctx context.Context, nomment, fusions, column string, cles []string) ([]int64, error) {
	ids := []int64{}
	err := s.bun.NewRaw(`WITH n AS (SELECT k.id FROM (`+nomment+`) k)
		SELECT n.id FROM n UNION SELECT f.ancien_id FROM `+fusions+` f JOIN n ON n.id = f.`+column+` ORDER BY 1`, bun.List(cles)).Scan(ctx, &ids)
	return ids, Translate(err)
}

// UsageTouche returns the usage of an event as it stands; nil when it is no more, or not for this reader.
func (s *Store) UsageTouche(ctx context.Context, e *EvenementUsage, sel Selection) (*Usage, error) {
	found, err := s.usagesByID(sel)(ctx, []int64{e.usageID})
	return found[e.usageID], err
}

// CatalogueModifie tells the changes of the catalogues of a syndicat: what they are, their entries, and the members who
// subscribe to them. Errors: CodeIntrouvable.
func (s *Store) CatalogueModifie(ctx context.Context, syndicat string, depuis *string) (<-chan *EvenementCatalogue, error) {
	cles, err := keys("syndicat", []string{syndicat}, "SyndicatMixte")
	if err != nil {
		return nil, err
	}
	i, err := s.interetCatalogue(ctx, cles)
	if err != nil {
		return nil, err
	}
	return subscribe(ctx, s, i, depuis, func(e *evenement) *EvenementCatalogue {
		shown := &EvenementCatalogue{ID: e.id(), Genre: e.vu(), Modification: e.modification(), catalogueID: e.CatalogueID}
		switch e.Table {
		case "catalogue":
			shown.Partie = "CATALOGUE"
		case "abonnement":
			shown.Partie, shown.entreeID = "ABONNEMENT", e.ObjetID
		default:
			shown.Partie, shown.entreeID = "ENTREE", e.ObjetID
		}
		return shown
	})
}

func (s *Store) interetCatalogue(ctx context.Context, cles []string) (interet, error) {
	syndicats, err := s.depuisToujours(ctx, organisationsNommees, "organisation_fusionnee", "organisation_id", cles)
	switch {
	case err != nil:
		return interet{}, err
	case len(syndicats) == 0:
		return interet{}, &Error{Code: CodeIntrouvable, Champ: []string{"syndicat"}, Message: "ce syndicat n'existe pas"}
	}
	return interet{
		cle: "catalogue" + tableau(syndicats),
		concernee: func(a *apercu) bool {
			return slices.ContainsFunc(syndicats, func(id int64) bool { return a.syndicats[id] })
		},
		filtre: func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("jo.objet_type IN ('Catalogue', 'EntreeCatalogue')").
				Where("jo.organisations[CASE WHEN jo.nom_table = 'abonnement' THEN ?0 ELSE ?1 END] IN (?2)",
					syndicatDuJournal("abonnement")+1, syndicatDuJournal("")+1, bun.List(syndicats))
		},
		refaire: func(ctx context.Context) (interet, error) { return s.interetCatalogue(ctx, cles) },
	}, nil
}

// CatalogueTouche returns the catalogue of an event as it stands; nil when it is no more.
func (s *Store) CatalogueTouche(ctx context.Context, e *EvenementCatalogue) (*Catalogue, error) {
	found, err := byID(ctx, s, []int64{e.catalogueID}, columnsCatalogue, catalogueID)
	return found[e.catalogueID], err
}

// EntreeTouchee returns the entry of an event as it stands; nil when there is none, or no more.
func (s *Store) EntreeTouchee(ctx context.Context, e *EvenementCatalogue) (*EntreeCatalogue, error) {
	found, err := byID(ctx, s, []int64{e.entreeID}, columnsEntree, entreeID)
	return found[e.entreeID], err
}
