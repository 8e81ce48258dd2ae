package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/rencontre"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// The values of these enumerations are the contract's.
type (
	StatutRencontre      = rencontre.Statut
	RoleOrganisateur     string
	QualiteParticipation string
)

// SerieRencontres is a series of events: one a year, or one a town.
type SerieRencontres struct {
	bun.BaseModel            `bun:"table:serie_rencontres,alias:sr"`
	membre[*SerieRencontres] `bun:"-"`

	Rowid       int64   `bun:"id,pk"`
	Slug        string  `bun:"cle"`
	Nom         string  `bun:"nom"`
	NomTri      string  `bun:"nom_tri"`
	Sigle       *string `bun:"sigle"`
	Description *string `bun:"description"`
	PublicVise  *string `bun:"public"`
	Site        *string `bun:"site"`
	SourceID    int64   `bun:"source_id"`
}

// Rencontre is an event where free software and the public sector meet. Its declarer owns it; without one, it is shared.
type Rencontre struct {
	bun.BaseModel      `bun:"table:rencontre,alias:r"`
	membre[*Rencontre] `bun:"-"`

	Rowid                 int64         `bun:"id,pk"`
	Cle                   string        `bun:"cle"`
	DeclarantID           *int64        `bun:"declarant_id"`
	SerieID               *int64        `bun:"serie_id"`
	CadreID               *int64        `bun:"cadre_id"`
	Nom                   string        `bun:"nom"`
	Description           *string       `bun:"description"`
	PublicVise            *string       `bun:"public"`
	Lieu                  *string       `bun:"lieu"`
	CommuneID             *int64        `bun:"commune_id"`
	Debut                 Date          `bun:"debut"`
	PrecisionDebut        PrecisionDate `bun:"precision_debut"`
	Fin                   *Date         `bun:"fin"`
	Annulee               bool          `bun:"annulee"`
	Site                  *string       `bun:"site"`
	NombreVenus           *int          `bun:"frequentation"`
	CompteVenus           *string       `bun:"frequentation_compte"`
	FrequentationSourceID *int64        `bun:"frequentation_source_id"`
	Themes                []string      `bun:"themes,array"`
	SourceID              int64         `bun:"source_id"`
	Revision              int           `bun:"revision"`

	Aujourdhui Date  `bun:"aujourdhui,scanonly"`
	ParentID   int64 `bun:"parent_id,scanonly"`
}

// The connections and edges of the lists of series and events.
type (
	SerieRencontresConnection = page.Connection[*SerieRencontres]
	SerieRencontresEdge       = page.Edge[*SerieRencontres]
	RencontreConnection       = page.Connection[*Rencontre]
	RencontreEdge             = page.Edge[*Rencontre]
	ParticipationConnection   = page.Connection[*Participation]
	ParticipationEdge         = page.Edge[*Participation]
)

// ID returns the public id.
func (s *SerieRencontres) ID() string { return identifiant.Global("SerieRencontres", s.Slug) }

// IsNode marks what can be read again by its id.
func (s *SerieRencontres) IsNode() {}

// ID returns the public id.
func (r *Rencontre) ID() string { return identifiant.Global("Rencontre", r.Cle) }

// IsNode marks what can be read again by its id.
func (r *Rencontre) IsNode() {}

// Statut tells where the event stands on the day at which the graph is read.
func (r *Rencontre) Statut() StatutRencontre {
	return rencontre.StatutLe(r.Aujourdhui.time(), r.Debut.time(), rencontre.Precision(r.PrecisionDebut), r.finConnue(), r.Annulee)
}

// finConnue is the last day, the zero time when it is not known.
func (r *Rencontre) finConnue() time.Time { return or(r.Fin, "").time() }

// Calendrier is the path of the event's calendar; nil when its day is not known: a calendar has no way to say so.
func (r *Rencontre) Calendrier() *string {
	if r.PrecisionDebut != PrecisionDate(rencontre.Jour) {
		return nil
	}
	path := "/rencontres/" + r.ID() + ".ics"
	return &path
}

// time is the day at midnight, the zero time for none.
func (d Date) time() time.Time {
	t, _ := time.Parse(time.DateOnly, string(d)) // checked when it came in
	return t
}

var (
	columnsSerie     = []string{"sr.id", "sr.cle", "sr.nom", "sr.nom_tri", "sr.sigle", "sr.description", "sr.public", "sr.site", "sr.source_id"}
	columnsRencontre = []string{"r.id", "r.cle", "r.declarant_id", "r.serie_id", "r.cadre_id", "r.nom", "r.description", "r.public", "r.lieu", "r.commune_id",
		"r.debut", "r.precision_debut", "r.fin", "r.annulee", "r.site", "r.frequentation", "r.frequentation_compte", "r.frequentation_source_id", "r.themes",
		"r.source_id", "r.revision", "aujourdhui() AS aujourdhui"}
)

func serieID(s *SerieRencontres) int64 { return s.Rowid }
func rencontreID(r *Rencontre) int64   { return r.Rowid }

func (s *SerieRencontres) source(ctx context.Context, st *Store) (*Source, error) {
	return source(ctx, st, s.lot, func(s *SerieRencontres) int64 { return s.SourceID }, s)
}

func (r *Rencontre) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, r.lot, func(r *Rencontre) int64 { return r.SourceID }, r)
}

func (s *SerieRencontres) historique(ctx context.Context, st *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, st, s.lot, "SerieRencontres", "", serieID, s, a, sel)
}

func (r *Rencontre) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, r.lot, "Rencontre", "", rencontreID, r, a, sel)
}

// FiltreRencontres narrows a list of events. A nil criterion was not asked; an empty list matches nothing.
type FiltreRencontres struct {
	Depuis        *Date
	Jusqua        *Date
	Departements  []string
	Regions       []string
	Series        []string
	Logiciels     []string
	Organisations []string
	Reseaux       []string
	Annulees      *bool
	Texte         *string
}

// debutJour is the first day as a number of days, for cursors. Indexes hold it as it is written.
const debutJour = "(r.debut - DATE '1970-01-01')"

// rencontresDe selects the events that organisations announce, organise, take part in or speak at: those of which a column,
// that of their row id, meets the condition.
func rencontresDe(condition func(column string) string) string {
	return `SELECT d.id FROM rencontre d WHERE ` + condition("d.declarant_id") + `
		UNION SELECT ro.rencontre_id FROM rencontre_organisateur ro WHERE ` + condition("ro.organisation_id") + `
		UNION SELECT pa.rencontre_id FROM participation pa WHERE ` + condition("pa.organisation_id") + `
		UNION SELECT i.rencontre_id FROM intervention_organisation io JOIN intervention i ON i.id = io.intervention_id WHERE ` + condition("io.organisation_id")
}

// filterRencontres compiles the filter once its ids and codes are checked.
func filterRencontres(f *FiltreRencontres) (criteria, error) {
	if f == nil {
		return everything, nil
	}
	var named []criteria
	for _, c := range []struct {
		argument string
		ids      []string
		types    []string
		where    string
	}{
		{"series", f.Series, []string{"SerieRencontres"}, "r.serie_id = ANY (ARRAY(SELECT sr.id FROM serie_rencontres sr WHERE sr.cle IN (?0)))"},
		{"logiciels", f.Logiciels, []string{"Logiciel"}, `r.id IN (SELECT i.rencontre_id FROM intervention_logiciel il JOIN intervention i ON i.id = il.intervention_id
			WHERE il.logiciel_id = ANY (ARRAY(SELECT k.id FROM (` + logicielsNommes + `) k)))`},
		{"organisations", f.Organisations, []string{"Collectivite", "SyndicatMixte", "Prestataire"}, "r.id IN (" + rencontresDe(func(column string) string {
			return column + " = ANY (ARRAY(SELECT k.id FROM (" + organisationsNommees + ") k))"
		}) + ")"},
		{"reseaux", f.Reseaux, []string{"Reseau"}, `r.id IN (SELECT ro.rencontre_id FROM rencontre_organisateur ro
			WHERE ro.reseau_id = ANY (ARRAY(SELECT re.id FROM reseau re WHERE re.cle IN (?0))))`},
	} {
		cles, err := keys(c.argument, c.ids, c.types...)
		if err != nil {
			return nil, err
		}
		if cles != nil {
			named = append(named, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where(c.where, bun.List(cles)) })
		}
	}
	departements, err := codes("departements", f.Departements, identifiant.CheckDepartement)
	if err != nil {
		return nil, err
	}
	regions, err := codes("regions", f.Regions, identifiant.CheckRegion)
	if err != nil {
		return nil, err
	}
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		for _, narrow := range named {
			q = narrow(q)
		}
		if departements != nil {
			q = q.Where("r.commune_id IN (SELECT o.id FROM organisation o WHERE o.departement IN (?))", bun.List(departements))
		}
		if regions != nil {
			q = q.Where("r.commune_id IN (SELECT o.id FROM organisation o WHERE o.region IN (?))", bun.List(regions))
		}
		if f.Depuis != nil {
			q = q.Where("r.dernier_jour >= ?", *f.Depuis)
		}
		if f.Jusqua != nil {
			q = q.Where(debutJour+" <= ?", f.Jusqua.days())
		}
		if f.Annulees != nil {
			q = q.Where("r.annulee = ?", *f.Annulees)
		}
		if blank(f.Texte) {
			return q
		}
		words := texte.Normalize(*f.Texte)
		return q.Where(`r.id IN (SELECT d.id FROM rencontre d WHERE d.recherche @@ plainto_tsquery('francais', ?0)
			UNION SELECT i.rencontre_id FROM intervention i WHERE i.recherche @@ plainto_tsquery('francais', ?0))`, words)
	}, nil
}

func listeRencontres(filter criteria, desc bool, ties ...string) liste[*Rencontre, *Rencontre] {
	return liste[*Rencontre, *Rencontre]{
		columns: columnsRencontre,
		order: page.Order[*Rencontre]{Name: "date", Keys: []page.Key{{Expr: debutJour, Kind: page.Int}, {Expr: "r.id", Kind: page.Int}}, Desc: desc,
			Values: func(r *Rencontre) []any { return []any{r.Debut.days(), r.Rowid} }},
		filter: filter, ties: ties,
		parent: func(r *Rencontre) int64 { return r.ParentID },
		node:   func(r *Rencontre) *Rencontre { return r },
	}
}

// SerieRencontres finds one series by its public id or its slug, exactly one; nil when there is none.
func (s *Store) SerieRencontres(ctx context.Context, id, slug *string) (*SerieRencontres, error) {
	return bySlug[SerieRencontres](ctx, s, "SerieRencontres", columnsSerie, "sr.cle", id, slug)
}

// SeriesRencontres lists the series known, by name.
func (s *Store) SeriesRencontres(ctx context.Context, a page.Args) (*SerieRencontresConnection, error) {
	return readPage(ctx, s, liste[*SerieRencontres, *SerieRencontres]{
		columns: columnsSerie,
		order: page.Order[*SerieRencontres]{Name: "nom", Keys: []page.Key{{Expr: "sr.nom_tri", Kind: page.Text}, {Expr: "sr.id", Kind: page.Int}},
			Values: func(s *SerieRencontres) []any { return []any{s.NomTri, s.Rowid} }},
		filter: everything,
		node:   func(s *SerieRencontres) *SerieRencontres { return s },
	}, a)
}

// Rencontre finds one event by its public id; nil when there is none.
func (s *Store) Rencontre(ctx context.Context, id string, sel Selection) (*Rencontre, error) {
	if _, err := keys("id", []string{id}, "Rencontre"); err != nil {
		return nil, err
	}
	n, err := s.Noeud(ctx, id, sel)
	r, _ := n.(*Rencontre)
	return r, err
}

// Rencontres lists the events by date, the latest first unless sens says otherwise.
func (s *Store) Rencontres(ctx context.Context, f *FiltreRencontres, sens *Sens, a page.Args) (*RencontreConnection, error) {
	filter, err := filterRencontres(f)
	if err != nil {
		return nil, err
	}
	return readPage(ctx, s, listeRencontres(filter, sens == nil || *sens == "DECROISSANT"), a)
}

// rencontresSous lists the events of each row of a lot, the latest first.
func rencontresSous[P any](ctx context.Context, s *Store, l *lot[P], id func(P) int64, from P, f *FiltreRencontres, a page.Args, sel Selection, ties ...string) (*RencontreConnection, error) {
	filter, err := filterRencontres(f)
	if err != nil {
		return nil, err
	}
	return childrenOf(ctx, s, l, id, from, listeRencontres(filter, true, ties...), a, sel)
}

// EtapesDe lists the events of a series.
func (s *Store) EtapesDe(ctx context.Context, of *SerieRencontres, f *FiltreRencontres, a page.Args, sel Selection) (*RencontreConnection, error) {
	return rencontresSous(ctx, s, of.lot, serieID, of, f, a, sel, "r.serie_id = p.id")
}

// RencontresDans lists the events that take place within a larger one.
func (s *Store) RencontresDans(ctx context.Context, cadre *Rencontre, f *FiltreRencontres, a page.Args, sel Selection) (*RencontreConnection, error) {
	return rencontresSous(ctx, s, cadre.lot, rencontreID, cadre, f, a, sel, "r.cadre_id = p.id")
}

// RencontresDe lists the events that an organisation announces, organises, takes part in or speaks at.
func (s *Store) RencontresDe(ctx context.Context, of *Fiche, f *FiltreRencontres, a page.Args, sel Selection) (*RencontreConnection, error) {
	return rencontresSous(ctx, s, of.lot, ficheID, of, f, a, sel, "r.id IN ("+rencontresDe(func(column string) string { return column + " = p.id" })+")")
}

// RencontresDuReseau lists the events that a network organises or supports.
func (s *Store) RencontresDuReseau(ctx context.Context, of *Reseau, a page.Args, sel Selection) (*RencontreConnection, error) {
	return rencontresSous(ctx, s, of.lot, reseauID, of, nil, a, sel, "r.id IN (SELECT ro.rencontre_id FROM rencontre_organisateur ro WHERE ro.reseau_id = p.id)")
}

// RencontresDuTerritoire lists the events that take place in a territory.
func (s *Store) RencontresDuTerritoire(ctx context.Context, t *Territoire, f *FiltreRencontres, a page.Args, sel Selection) (*RencontreConnection, error) {
	ties := make([]string, len(dansTerritoire))
	for i, seated := range dansTerritoire {
		ties[i] = "r.commune_id IN (SELECT o.id FROM organisation o WHERE " + seated + ")"
	}
	return rencontresSous(ctx, s, t.lot, territoireID, t, f, a, sel, ties...)
}

// SerieDe returns the series of an event, when it is one of a series.
func (s *Store) SerieDe(ctx context.Context, r *Rencontre) (*SerieRencontres, error) {
	return follow(ctx, r.lot, "serie", func(r *Rencontre) int64 { return deref(r.SerieID) }, reader(s, columnsSerie, serieID), r)
}

// CadreDe returns the larger event in which one takes place, when there is one.
func (s *Store) CadreDe(ctx context.Context, r *Rencontre) (*Rencontre, error) {
	return follow(ctx, r.lot, "cadre", func(r *Rencontre) int64 { return deref(r.CadreID) }, s.rencontresByID, r)
}

func (s *Store) rencontresByID(ctx context.Context, ids []int64) (map[int64]*Rencontre, error) {
	return byID(ctx, s, ids, columnsRencontre, rencontreID)
}

// CommuneDe returns where an event takes place, when it is known.
func (s *Store) CommuneDe(ctx context.Context, r *Rencontre) (*Collectivite, error) {
	f, err := follow(ctx, r.lot, "commune", func(r *Rencontre) int64 { return deref(r.CommuneID) }, s.fichesByID, r)
	if f == nil {
		return nil, err
	}
	return asCollectivite(f), nil
}

// DeclarantDe returns who announced an event; nil when it is shared.
func (s *Store) DeclarantDe(ctx context.Context, r *Rencontre) (Organisation, error) {
	return organisation(follow(ctx, r.lot, "declarant", func(r *Rencontre) int64 { return deref(r.DeclarantID) }, s.fichesByID, r))
}

// Frequentation is how many people came, according to whom.
type Frequentation struct {
	Nombre int
	Compte string
	of     *Rencontre
}

// Frequentation tells how many people came; nil when it is not known.
func (r *Rencontre) Frequentation() *Frequentation {
	if r.NombreVenus == nil || r.CompteVenus == nil {
		return nil
	}
	return &Frequentation{*r.NombreVenus, *r.CompteVenus, r}
}

func (f *Frequentation) source(ctx context.Context, s *Store) (*Source, error) {
	return follow(ctx, f.of.lot, "source de la fréquentation", func(r *Rencontre) int64 { return deref(r.FrequentationSourceID) }, s.sourcesByID, f.of)
}

// Organisateur is who organises or supports an event.
type Organisateur struct {
	bun.BaseModel         `bun:"table:rencontre_organisateur,alias:ro"`
	membre[*Organisateur] `bun:"-"`

	Owner          int64            `bun:"owner_id,scanonly"`
	Nom            string           `bun:"nom,scanonly"`
	Role           RoleOrganisateur `bun:"role"`
	OrganisationID *int64           `bun:"organisation_id"`
	ReseauID       *int64           `bun:"reseau_id"`
	SourceID       int64            `bun:"source_id"`
}

func (o *Organisateur) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, o.lot, func(o *Organisateur) int64 { return o.SourceID }, o)
}

// organisateurs lists, for each owner of a lot, who organises first, by name. narrow gives the owners: column owner_id.
func organisateurs[P any](ctx context.Context, s *Store, l *lot[P], id func(P) int64, from P, narrow func(q *bun.SelectQuery, ids []int64) *bun.SelectQuery) ([]*Organisateur, error) {
	return shortLists(ctx, l, "organisateurs", id(from), func(ctx context.Context, members []P) ([]*Organisateur, error) {
		var rows []*Organisateur
		q := s.bun.NewSelect().Model(&rows).Join("LEFT JOIN organisation o ON o.id = ro.organisation_id").Join("LEFT JOIN reseau re ON re.id = ro.reseau_id").
			ColumnExpr("coalesce(re.sigle, re.nom, o.sigle, o.nom) AS nom, ro.role, ro.organisation_id, ro.reseau_id, ro.source_id").
			OrderExpr("array_position('{ORGANISATEUR,PARTENAIRE,SOUTIEN}'::text[], ro.role), coalesce(re.nom_tri, o.nom_tri), ro.id")
		if err := many(ctx, narrow(q, distinct(members, id)), &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, func(o *Organisateur) int64 { return o.Owner })
}

// OrganisateursDe lists who organises an event, or supports it.
func (s *Store) OrganisateursDe(ctx context.Context, r *Rencontre) ([]*Organisateur, error) {
	return organisateurs(ctx, s, r.lot, rencontreID, r, func(q *bun.SelectQuery, ids []int64) *bun.SelectQuery {
		return q.ColumnExpr("ro.rencontre_id AS owner_id").Where("ro.rencontre_id IN (?)", bun.List(ids))
	})
}

// OrganisateursDeLaSerie lists who organises or supports one of the events of a series, each once, in its largest part.
func (s *Store) OrganisateursDeLaSerie(ctx context.Context, of *SerieRencontres) ([]*Organisateur, error) {
	return organisateurs(ctx, s, of.lot, serieID, of, func(q *bun.SelectQuery, ids []int64) *bun.SelectQuery {
		return q.ColumnExpr("x.serie_id AS owner_id").Join(`JOIN (SELECT DISTINCT ON (r.serie_id, y.organisation_id, y.reseau_id) r.serie_id, y.id
			FROM rencontre_organisateur y JOIN rencontre r ON r.id = y.rencontre_id WHERE r.serie_id IN (?)
			ORDER BY r.serie_id, y.organisation_id, y.reseau_id, array_position('{ORGANISATEUR,PARTENAIRE,SOUTIEN}'::text[], y.role), r.debut, y.id) x ON x.id = ro.id`, bun.List(ids))
	})
}

// OrganisationQuiOrganise returns the organisation; nil when it is a network.
func (s *Store) OrganisationQuiOrganise(ctx context.Context, o *Organisateur) (Organisation, error) {
	return organisation(follow(ctx, o.lot, "organisation", func(o *Organisateur) int64 { return deref(o.OrganisationID) }, s.fichesByID, o))
}

// ReseauQuiOrganise returns the network; nil when it is an organisation.
func (s *Store) ReseauQuiOrganise(ctx context.Context, o *Organisateur) (*Reseau, error) {
	return follow(ctx, o.lot, "reseau", func(o *Organisateur) int64 { return deref(o.ReseauID) }, reader(s, columnsReseau, reseauID), o)
}

// categoriesPar lists categories by code for each owner of a lot. sql selects (owner_id, categorie_id) for the owners given.
func categoriesPar[P any](ctx context.Context, s *Store, l *lot[P], id func(P) int64, from P, sql string) ([]*Categorie, error) {
	return shortLists(ctx, l, "besoins", id(from), func(ctx context.Context, members []P) ([]*Categorie, error) {
		var rows []*Categorie
		q := selectRows(s, (*Categorie)(nil), columnsCategorie).ColumnExpr("x.owner_id").
			Join("JOIN ("+sql+") x ON x.categorie_id = c.id", bun.List(distinct(members, id))).OrderExpr("c.code")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, func(c *Categorie) int64 { return c.Owner })
}

// BesoinsDe lists the needs to which an event brings answers.
func (s *Store) BesoinsDe(ctx context.Context, r *Rencontre) ([]*Categorie, error) {
	return categoriesPar(ctx, s, r.lot, rencontreID, r, "SELECT rb.rencontre_id AS owner_id, rb.categorie_id FROM rencontre_besoin rb WHERE rb.rencontre_id IN (?)")
}

// BesoinsDeLaSerie lists the needs to which the events of a series bring answers.
func (s *Store) BesoinsDeLaSerie(ctx context.Context, of *SerieRencontres) ([]*Categorie, error) {
	return categoriesPar(ctx, s, of.lot, serieID, of, `SELECT DISTINCT r.serie_id AS owner_id, rb.categorie_id FROM rencontre_besoin rb
		JOIN rencontre r ON r.id = rb.rencontre_id WHERE r.serie_id IN (?)`)
}

// FaitsDeLaRencontre lists the facts that documents give about an event.
func (s *Store) FaitsDeLaRencontre(ctx context.Context, r *Rencontre) ([]*Fait, error) {
	return faits(ctx, s, r.lot, r.Rowid, "rencontre_id", rencontreID)
}

// Participation is an organisation that says it takes part in an event.
type Participation struct {
	bun.BaseModel          `bun:"table:participation,alias:pa"`
	membre[*Participation] `bun:"-"`

	Rowid          int64                `bun:"id,pk"`
	RencontreID    int64                `bun:"rencontre_id"`
	OrganisationID int64                `bun:"organisation_id"`
	Qualite        QualiteParticipation `bun:"qualite"`
	SourceID       int64                `bun:"source_id"`

	ParentID int64 `bun:"parent_id,scanonly"`
}

func (p *Participation) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, p.lot, func(p *Participation) int64 { return p.SourceID }, p)
}

// ParticipantsRencontre lists the organisations that say they take part, in the order in which they said so.
func (s *Store) ParticipantsRencontre(ctx context.Context, r *Rencontre, a page.Args, sel Selection) (*ParticipationConnection, error) {
	l := liste[*Participation, *Participation]{
		columns: []string{"pa.id", "pa.rencontre_id", "pa.organisation_id", "pa.qualite", "pa.source_id"},
		order: page.Order[*Participation]{Name: "participation", Keys: []page.Key{{Expr: "pa.id", Kind: page.Int}},
			Values: func(p *Participation) []any { return []any{p.Rowid} }},
		filter: everything, ties: []string{"pa.rencontre_id = p.id"},
		parent: func(p *Participation) int64 { return p.ParentID },
		node:   func(p *Participation) *Participation { return p },
	}
	return childrenOf(ctx, s, r.lot, rencontreID, r, l, a, sel)
}

// OrganisationQuiParticipe returns who takes part.
func (s *Store) OrganisationQuiParticipe(ctx context.Context, p *Participation) (Organisation, error) {
	return organisation(follow(ctx, p.lot, "organisation", func(p *Participation) int64 { return p.OrganisationID }, s.fichesByID, p))
}
