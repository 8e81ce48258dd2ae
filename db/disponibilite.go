package db

import (
	"context"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// StatutDeveloppeur is under which status a person works.
type StatutDeveloppeur string

// Disponibilite is a person who agreed to be found for a short job. Who it is nobody reads: only the name that it chose.
type Disponibilite struct {
	bun.BaseModel          `bun:"table:disponibilite,alias:di"`
	membre[*Disponibilite] `bun:"-"`

	Rowid               int64             `bun:"id,pk"`
	Cle                 string            `bun:"cle"`
	Sujet               string            `bun:"sujet"`
	Nom                 string            `bun:"nom"`
	Statut              StatutDeveloppeur `bun:"statut"`
	OrganisationID      *int64            `bun:"organisation_id"`
	Competences         []string          `bun:"competences,array"`
	Metiers             []string          `bun:"metiers,array"`     // codes of categorie
	Territoires         []string          `bun:"territoires,array"` // keys of territoire; nil: not said
	ADistance           *bool             `bun:"a_distance"`
	Debut               *Date             `bun:"debut"`
	Fin                 *Date             `bun:"fin"`
	Jours               *int              `bun:"jours"`
	Presentation        *string           `bun:"presentation"`
	ConsentementLe      Instant           `bun:"consentement_le"`
	ConsentementVersion string            `bun:"consentement_version"`
	ExpireLe            Date              `bun:"expire_le"`
	Revision            int               `bun:"revision"`
}

// DisponibiliteConnection, DisponibiliteEdge, MessageDeveloppeurConnection and MessageDeveloppeurEdge page lists of the bank.
type (
	DisponibiliteConnection      = page.Connection[*Disponibilite]
	DisponibiliteEdge            = page.Edge[*Disponibilite]
	MessageDeveloppeurConnection = page.Connection[*MessageDeveloppeur]
	MessageDeveloppeurEdge       = page.Edge[*MessageDeveloppeur]
)

// ID returns the public id.
func (d *Disponibilite) ID() string { return identifiant.Global("Disponibilite", d.Cle) }

// columnsDisponibilite leave out the subject: the reader has no use for it.
var columnsDisponibilite = []string{"di.id", "di.cle", "di.nom", "di.statut", "di.organisation_id", "di.competences", "di.metiers", "di.territoires", "di.a_distance",
	"di.debut", "di.fin", "di.jours", "di.presentation", "di.consentement_le", "di.consentement_version", "di.expire_le", "di.revision"}

func disponibiliteID(d *Disponibilite) int64 { return d.Rowid }

// FiltreDisponibilites narrows the bank. A nil criterion was not asked; an empty list matches nothing.
type FiltreDisponibilites struct {
	Competences  []string
	Metiers      []string
	Logiciels    []string
	Departements []string
	ADistance    *bool
	Statuts      []StatutDeveloppeur
	Le           *Date
}

func listeDisponibilites(filter criteria) liste[*Disponibilite, *Disponibilite] {
	return liste[*Disponibilite, *Disponibilite]{
		columns: columnsDisponibilite,
		order: page.Order[*Disponibilite]{Name: "disponibilite", Keys: []page.Key{{Expr: "di.id", Kind: page.Int}}, Desc: true,
			Values: func(d *Disponibilite) []any { return []any{d.Rowid} }},
		filter: filter,
		node:   func(d *Disponibilite) *Disponibilite { return d },
	}
}

// Disponibilites lists who is available, latest first: for public bodies alone. Errors: CodeNonAuthentifie, CodeInterdit.
func (s *Store) Disponibilites(ctx context.Context, f *FiltreDisponibilites, a page.Args) (*DisponibiliteConnection, error) {
	if err := s.mayRead(ctx, "lireDisponibilites", 0); err != nil {
		return nil, err
	}
	if f == nil {
		f = &FiltreDisponibilites{}
	}
	slugs, err := keys("logiciels", f.Logiciels, "Logiciel")
	if err != nil {
		return nil, err
	}
	departements, err := codes("departements", f.Departements, identifiant.CheckDepartement)
	if err != nil {
		return nil, err
	}
	return readPage(ctx, s, listeDisponibilites(func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.Competences != nil {
			q = q.Where("di.competences && ?::text[]", pgdialect.Array(normalisees(f.Competences)))
		}
		if f.Metiers != nil {
			q = q.Where("di.metiers && ?::text[]", pgdialect.Array(f.Metiers))
		}
		if slugs != nil {
			q = q.Where("di.id IN (SELECT x.disponibilite_id FROM disponibilite_logiciel x JOIN ("+logicielsNommes+") k ON k.id = x.logiciel_id)", bun.List(slugs))
		}
		if departements != nil {
			q = q.Where("(di.a_distance OR di.territoires && ARRAY("+couvrent+"))", bun.List(departements)).Where("?", len(departements) > 0)
		}
		if f.ADistance != nil {
			q = q.Where("di.a_distance = ?", *f.ADistance)
		}
		if f.Le != nil {
			q = q.Where("coalesce(di.debut, ?0) <= ?0 AND coalesce(di.fin, ?0) >= ?0", *f.Le)
		}
		return inList(q, "di.statut", f.Statuts).Where("di.expire_le >= current_date")
	}), a)
}

// normalisees are free tags as the bank keeps them: without accents nor capitals, each once.
func normalisees(tags []string) []string {
	found := []string{}
	for _, t := range distinct(tags, texte.Normalize) {
		if t != "" {
			found = append(found, t)
		}
	}
	return found
}

// MesDisponibilites lists those of the reader, whatever its role. Errors: CodeNonAuthentifie.
func (s *Store) MesDisponibilites(ctx context.Context, a page.Args) (*DisponibiliteConnection, error) {
	if err := s.mayRead(ctx, "lireMessages", 0); err != nil {
		return nil, err
	}
	sujet := IdentiteDe(ctx).Sujet
	return readPage(ctx, s.sansVoile(), listeDisponibilites(func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("di.sujet = ?", sujet) }), a)
}

// sansVoile is the store that reads the tables themselves, for what a person reads of its own: the views know roles, not people.
func (s *Store) sansVoile() *Store {
	return &Store{pool: s.pool, base: s.base, bun: s.base, lecture: s.lecture, sql: s.sql}
}

// EmployeurDe returns the organisation for which the person works, when it says so.
func (s *Store) EmployeurDe(ctx context.Context, d *Disponibilite) (Organisation, error) {
	return organisation(follow(ctx, d.lot, "organisation", func(d *Disponibilite) int64 { return deref(d.OrganisationID) }, s.fichesByID, d))
}

// MetiersDe returns the trades that the person knows.
func (s *Store) MetiersDe(ctx context.Context, d *Disponibilite) ([]*Categorie, error) {
	return parCles(ctx, d.lot, "metiers", func(d *Disponibilite) []string { return d.Metiers }, s.categoriesParCode, d)
}

// TerritoiresDeDisponibilite returns where the person goes; nil when it does not say.
func (s *Store) TerritoiresDeDisponibilite(ctx context.Context, d *Disponibilite) ([]*Territoire, error) {
	if d.Territoires == nil {
		return nil, nil
	}
	return parCles(ctx, d.lot, "territoires", func(d *Disponibilite) []string { return d.Territoires }, s.territoiresParCle, d)
}

// LogicielsConnus returns the software that the person knows, by name.
func (s *Store) LogicielsConnus(ctx context.Context, d *Disponibilite, sel Selection) ([]*Logiciel, error) {
	type connu struct {
		*Logiciel
		de int64
	}
	pairs, err := shortLists(ctx, d.lot, sel.Cle, d.Rowid, func(ctx context.Context, lot []*Disponibilite) ([]connu, error) {
		var rows []struct{ DisponibiliteID, LogicielID int64 }
		q := s.sansVoile().bun.NewSelect().TableExpr("disponibilite_logiciel AS x").Join("JOIN logiciel l ON l.id = x.logiciel_id").
			ColumnExpr("x.disponibilite_id, x.logiciel_id").Where("x.disponibilite_id IN (?)", bun.List(distinct(lot, disponibiliteID))).OrderExpr("l.nom_tri, l.id")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		ids := make([]int64, len(rows))
		for i, r := range rows {
			ids[i] = r.LogicielID
		}
		logiciels, err := s.logicielsByID(sel)(ctx, ids)
		if err != nil {
			return nil, err
		}
		var found []connu
		for _, r := range rows {
			if l := logiciels[r.LogicielID]; l != nil {
				found = append(found, connu{l, r.DisponibiliteID})
			}
		}
		return found, nil
	}, func(c connu) int64 { return c.de })
	all := make([]*Logiciel, len(pairs))
	for i, p := range pairs {
		all[i] = p.Logiciel
	}
	return all, err
}

// MessageDeveloppeur is what an organisation wrote to a person of the bank.
type MessageDeveloppeur struct {
	bun.BaseModel               `bun:"table:message_developpeur,alias:me"`
	membre[*MessageDeveloppeur] `bun:"-"`

	Rowid           int64   `bun:"id,pk"`
	Cle             string  `bun:"cle"`
	DisponibiliteID int64   `bun:"disponibilite_id"`
	OrganisationID  int64   `bun:"organisation_id"`
	Message         string  `bun:"message"`
	CreeLe          Instant `bun:"cree_le"`
}

// ID returns the public id.
func (m *MessageDeveloppeur) ID() string { return identifiant.Global("MessageDeveloppeur", m.Cle) }

var columnsMessage = []string{"me.id", "me.cle", "me.disponibilite_id", "me.organisation_id", "me.message", "me.cree_le"}

// MessagesRecus lists what was written to the reader, latest first. Errors: CodeNonAuthentifie.
func (s *Store) MessagesRecus(ctx context.Context, a page.Args) (*MessageDeveloppeurConnection, error) {
	if err := s.mayRead(ctx, "lireMessages", 0); err != nil {
		return nil, err
	}
	sujet := IdentiteDe(ctx).Sujet
	return readPage(ctx, s.sansVoile(), liste[*MessageDeveloppeur, *MessageDeveloppeur]{
		columns: columnsMessage,
		order: page.Order[*MessageDeveloppeur]{Name: "message", Keys: []page.Key{{Expr: "me.id", Kind: page.Int}}, Desc: true,
			Values: func(m *MessageDeveloppeur) []any { return []any{m.Rowid} }},
		filter: func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("me.disponibilite_id IN (SELECT di.id FROM disponibilite di WHERE di.sujet = ?)", sujet)
		},
		node: func(m *MessageDeveloppeur) *MessageDeveloppeur { return m },
	}, a)
}

// ExpediteurDe returns who wrote.
func (s *Store) ExpediteurDe(ctx context.Context, m *MessageDeveloppeur) (Organisation, error) {
	return organisation(follow(ctx, m.lot, "organisation", func(m *MessageDeveloppeur) int64 { return m.OrganisationID }, s.fichesByID, m))
}
