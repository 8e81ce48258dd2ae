package db

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// GenreRessource is what a support resource is; its values are the contract's.
type GenreRessource string

// RessourceSupport is where help with a software is found. It belongs to nobody.
type RessourceSupport struct {
	bun.BaseModel             `bun:"table:ressource_support,alias:rs"`
	membre[*RessourceSupport] `bun:"-"`

	Rowid          int64          `bun:"id,pk"`
	Cle            string         `bun:"cle"`
	LogicielID     int64          `bun:"logiciel_id"`
	Genre          GenreRessource `bun:"genre"`
	Nom            string         `bun:"nom"`
	URL            string         `bun:"url"`
	Langue         *string        `bun:"langue"`
	Payante        bool           `bun:"payante"`
	OrganisationID *int64         `bun:"organisation_id"`
	SourceID       int64          `bun:"source_id"`
	Revision       int            `bun:"revision"`

	LienMort *bool `bun:"lien_mort,scanonly"`
	ParentID int64 `bun:"parent_id,scanonly"`
}

// RessourceSupportConnection and RessourceSupportEdge page lists of support resources.
type (
	RessourceSupportConnection = page.Connection[*RessourceSupport]
	RessourceSupportEdge       = page.Edge[*RessourceSupport]
)

// ID returns the public id.
func (r *RessourceSupport) ID() string { return identifiant.Global("RessourceSupport", r.Cle) }

// IsNode marks what can be read again by its id.
func (r *RessourceSupport) IsNode() {}

func (r *RessourceSupport) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, r.lot, func(r *RessourceSupport) int64 { return r.SourceID }, r)
}

func (r *RessourceSupport) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, r.lot, "RessourceSupport", "", ressourceID, r, a, sel)
}

// FiltreRessources narrows a list of support resources. A nil criterion was not asked; an empty list matches nothing.
type FiltreRessources struct {
	Genres  []GenreRessource
	Langues []string
	Payante *bool
}

var columnsRessource = []string{"rs.id", "rs.cle", "rs.logiciel_id", "rs.genre", "rs.nom", "rs.url", "rs.langue", "rs.payante", "rs.organisation_id", "rs.source_id", "rs.revision",
	"(SELECT v.mort FROM public.lien_verifie v WHERE v.url = rs.url) AS lien_mort"}

func ressourceID(r *RessourceSupport) int64 { return r.Rowid }

// RessourcesDe lists where help with a software is found, in the order in which it was told.
func (s *Store) RessourcesDe(ctx context.Context, l *Logiciel, f *FiltreRessources, a page.Args, sel Selection) (*RessourceSupportConnection, error) {
	return childrenOfLogiciel(ctx, s, l, liste[*RessourceSupport, *RessourceSupport]{
		columns: columnsRessource,
		order: page.Order[*RessourceSupport]{Name: "ressource", Keys: []page.Key{{Expr: "rs.id", Kind: page.Int}},
			Values: func(r *RessourceSupport) []any { return []any{r.Rowid} }},
		filter: func(q *bun.SelectQuery) *bun.SelectQuery {
			if f == nil {
				return q
			}
			if f.Payante != nil {
				q = q.Where("rs.payante = ?", *f.Payante)
			}
			return inList(inList(q, "rs.genre", f.Genres), "rs.langue", f.Langues)
		},
		ties:   []string{"rs.logiciel_id = p.id"},
		parent: func(r *RessourceSupport) int64 { return r.ParentID },
		node:   func(r *RessourceSupport) *RessourceSupport { return r },
	}, a, sel)
}

// LogicielDeLaRessource returns the software of a support resource.
func (s *Store) LogicielDeLaRessource(ctx context.Context, r *RessourceSupport, sel Selection) (*Logiciel, error) {
	return follow(ctx, r.lot, sel.Cle, func(r *RessourceSupport) int64 { return r.LogicielID }, s.logicielsByID(sel), r)
}

// OrganisationDeLaRessource returns who runs a support resource; nil for a community, or when it is not known.
func (s *Store) OrganisationDeLaRessource(ctx context.Context, r *RessourceSupport) (Organisation, error) {
	return organisation(follow(ctx, r.lot, "organisation", func(r *RessourceSupport) int64 { return deref(r.OrganisationID) }, s.fichesByID, r))
}

// Supports is how the usages of a software, or of what a filter keeps, are supported on a day: public ones, in force that
// day, of collectivités, as adoption counts them.
type Supports struct {
	Usages        int
	Collectivites int
	Disent        int
	PartQuiDit    *float64
	Modes         []*LigneSupport
	Strates       []*SupportsStrate
}

// LigneSupport is one way of being supported; a nil Mode is what sources do not tell.
type LigneSupport struct {
	Mode          *ModeSupport
	Libelle       string
	Usages        int
	Collectivites int
	Part          *float64

	sources []*SourceComptee
}

// Sources are those on which most usages of the line rest, the most cited first.
func (l *LigneSupport) Sources() []*SourceComptee { return l.sources }

// SupportsStrate is the same for one band of population; a nil Strate is of a population that is not known.
type SupportsStrate struct {
	Strate        *Strate
	Libelle       string
	Usages        int
	Collectivites int
	Disent        int
	Modes         []*LigneSupport
}

// Supports tells how usages are supported. Its cost is that of the usages of one software, or of filtreMax collectivités.
// Errors: CodeArgumentInvalide.
func (s *Store) Supports(ctx context.Context, logiciel, categorie *string, date *Date, f *FiltreCollectivites) (*Supports, error) {
	l, err := s.lectureDe(ctx, QuestionAdoption{Logiciel: logiciel, Categorie: categorie, Par: AxeSupport, Date: date, Filtre: f, supports: true})
	if err != nil {
		return nil, err
	}
	found, err := s.compterSupports(ctx, l, "0")
	if found[0] == nil {
		return newSupports(), err
	}
	return found[0], err
}

// SupportsDuLogiciel is Supports for a software: those of a page are read together, as long as they have citesUnParUn users
// in all. Errors: CodeArgumentInvalide.
func (s *Store) SupportsDuLogiciel(ctx context.Context, l *Logiciel, date *Date, f *FiltreCollectivites, sel Selection) (*Supports, error) {
	found, err := perLot(ctx, l.lot, sel.Cle, func(ctx context.Context, members []*Logiciel) (map[int64]*Supports, error) {
		users, ids := 0, distinct(members, logicielID)
		for _, m := range members {
			users += m.NombreUtilisateurs
		}
		if len(ids) > 1 && users > citesUnParUn {
			return nil, Invalid("", "« supports » lit les usages un à un, et ces logiciels ont %d utilisateurs : demandez-le pour moins de logiciels à la fois", users)
		}
		q, err := s.lectureDe(ctx, QuestionAdoption{Par: AxeSupport, Date: date, Filtre: f, lesquels: ids, supports: true})
		if err != nil {
			return nil, err
		}
		return s.compterSupports(ctx, q, "u.logiciel_id")
	})
	if found[l.Rowid] == nil {
		return newSupports(), err
	}
	return found[l.Rowid], err
}

// newSupports are those of no usage.
func newSupports() *Supports {
	x := &Supports{Strates: []*SupportsStrate{}}
	for mode := range libelles[AxeSupport] {
		x.Modes = append(x.Modes, ligneSupport(mode))
	}
	x.sort()
	return x
}

func ligneSupport(mode string) *LigneSupport {
	return &LigneSupport{Mode: (*ModeSupport)(nonEmpty(mode)), Libelle: libelles[AxeSupport][mode].nom, sources: []*SourceComptee{}}
}

// compterSupports reads how the usages of a question are supported, by key: one statement.
func (s *Store) compterSupports(ctx context.Context, l *lecture, cle string) (map[int64]*Supports, error) {
	usages := l.comptes(l.parmi(s.bun.NewSelect().TableExpr("usage AS u"), "u.utilisateur_id")).
		ColumnExpr("?::bigint AS cle, coalesce(u.support, '') AS mode, coalesce(o.strate, '') AS strate, u.source_id, u.utilisateur_id", bun.Safe(cle))
	var rows []struct {
		Cle                   int64
		Mode, Strate          *string
		SourceID              *int64
		Usages, Collectivites int
	}
	err := many(ctx, s.bun.NewSelect().TableExpr("(?) AS y", usages).
		ColumnExpr("cle, mode, strate, source_id, count(*)::integer AS usages, count(DISTINCT utilisateur_id)::integer AS collectivites").
		GroupExpr("cle, GROUPING SETS ((), (mode), (strate), (mode, strate), (mode, source_id))"), &rows)
	if err != nil {
		return nil, err
	}
	found := map[int64]*Supports{}
	cites := map[*LigneSupport][]*SourceComptee{}
	var sources []*SourceComptee
	for _, r := range rows {
		x := found[r.Cle]
		if x == nil {
			x = newSupports()
			found[r.Cle] = x
		}
		if r.SourceID != nil {
			line, sc := x.mode(*r.Mode), &SourceComptee{sourceID: *r.SourceID, Usages: r.Usages}
			cites[line], sources = append(cites[line], sc), append(sources, sc)
			continue
		}
		line := &LigneSupport{}
		switch {
		case r.Mode == nil && r.Strate == nil:
			x.Usages, x.Collectivites = r.Usages, r.Collectivites
			continue
		case r.Mode == nil:
			x.strate(*r.Strate).Usages, x.strate(*r.Strate).Collectivites = r.Usages, r.Collectivites
			continue
		case r.Strate == nil:
			line = x.mode(*r.Mode)
			if *r.Mode != "" {
				x.Disent += r.Usages
			}
		default:
			st := x.strate(*r.Strate)
			line = ligneSupport(*r.Mode)
			st.Modes = append(st.Modes, line)
			if *r.Mode != "" {
				st.Disent += r.Usages
			}
		}
		line.Usages, line.Collectivites = r.Usages, r.Collectivites
	}
	gather(sources)
	for line, cited := range cites {
		slices.SortFunc(cited, func(a, b *SourceComptee) int {
			if a.Usages != b.Usages {
				return b.Usages - a.Usages
			}
			return int(a.sourceID - b.sourceID)
		})
		line.sources = cited[:min(len(cited), citeesMax)]
	}
	for _, x := range found {
		x.sort()
	}
	return found, nil
}

func (x *Supports) mode(mode string) *LigneSupport {
	i := slices.IndexFunc(x.Modes, func(l *LigneSupport) bool { return string(*or(l.Mode, "")) == mode })
	return x.Modes[i]
}

func (x *Supports) strate(strate string) *SupportsStrate {
	i := slices.IndexFunc(x.Strates, func(st *SupportsStrate) bool { return string(*or(st.Strate, "")) == strate })
	if i < 0 {
		i = len(x.Strates)
		x.Strates = append(x.Strates, &SupportsStrate{Strate: (*Strate)(nonEmpty(strate)), Libelle: libelles[AxeStrate][strate].nom, Modes: []*LigneSupport{}})
	}
	return x.Strates[i]
}

// sort puts lines in the order of the schema, and gives each its part of the usages that tell.
func (x *Supports) sort() {
	rang := func(axe AxeAdoption, cle string) int { return libelles[axe][cle].rang }
	order := func(lines []*LigneSupport, disent int) {
		slices.SortFunc(lines, func(a, b *LigneSupport) int {
			return rang(AxeSupport, string(*or(a.Mode, ""))) - rang(AxeSupport, string(*or(b.Mode, "")))
		})
		for _, l := range lines {
			if l.Mode != nil {
				l.Part = part(l.Usages, disent)
			}
		}
	}
	x.PartQuiDit = part(x.Disent, x.Usages)
	order(x.Modes, x.Disent)
	slices.SortFunc(x.Strates, func(a, b *SupportsStrate) int {
		return rang(AxeStrate, string(*or(a.Strate, ""))) - rang(AxeStrate, string(*or(b.Strate, "")))
	})
	for _, st := range x.Strates {
		order(st.Modes, st.Disent)
	}
}
