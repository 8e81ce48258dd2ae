package db

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// CollectiviteConnection and CollectiviteEdge page lists of collectivités.
type (
	CollectiviteConnection = page.Connection[*Collectivite]
	CollectiviteEdge       = page.Edge[*Collectivite]
)

// PageInfo is the position of a page, as the API shows it.
type PageInfo = page.PageInfo

// Sens is the direction of an order.
type Sens string

// Decroissant is the contract's word for the descending direction.
const Decroissant Sens = "DECROISSANT"

// TriCollectivites is an order of collectivités.
type TriCollectivites string

// FiltreCollectivites narrows a list of collectivités. A nil criterion was not asked; an empty list matches nothing.
type FiltreCollectivites struct {
	Texte        *string
	Natures      []NatureCollectivite
	Strates      []Strate
	Departements []string
	Regions      []string
	Utilise      []string
	AdherentDe   []string
}

// orderCollectivites resolves an order from the closed list of the contract: name ascending by default, the measures
// descending.
func orderCollectivites(tri *TriCollectivites, sens *Sens) page.Order[*Fiche] {
	order, desc := parNom, false
	if tri != nil {
		switch *tri {
		case "POPULATION":
			order, desc = parPopulation, true
		case "USAGES":
			order, desc = parUsages, true
		}
	}
	if sens != nil {
		desc = *sens == Decroissant
	}
	order.Desc = desc
	return order
}

// inList adds column IN (list) when the list was asked.
func inList[T any](q *bun.SelectQuery, column string, list []T) *bun.SelectQuery {
	if list == nil {
		return q
	}
	return q.Where(column+" IN (?)", bun.List(list))
}

// filterCollectivites compiles the filter once its ids are checked.
func filterCollectivites(f *FiltreCollectivites) (criteria, error) {
	base := func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("o.genre = 'COLLECTIVITE'").Where("o.actif")
	}
	if f == nil {
		return base, nil
	}
	logiciels, err := keys("utilise", f.Utilise, "Logiciel")
	if err != nil {
		return nil, err
	}
	groupements, err := keys("adherentDe", f.AdherentDe, "SyndicatMixte", "Collectivite")
	if err != nil {
		return nil, err
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
		q = base(q)
		q = inList(q, "o.nature", f.Natures)
		q = inList(q, "o.strate", f.Strates)
		q = inList(q, "o.departement", departements)
		q = inList(q, "o.region", regions)
		if logiciels != nil {
			q = q.Where(`o.id IN (SELECT lu.organisation_id FROM logiciel_utilisateur lu WHERE lu.nb > 0
				AND lu.logiciel_id IN (SELECT k.id FROM (`+logicielsNommes+`) k))`, bun.List(logiciels))
		}
		if groupements != nil {
			q = q.Where(`o.id IN (SELECT a.membre_id FROM adhesion a WHERE a.confirmee AND a.periode @> aujourdhui()
				AND a.groupement_id IN (SELECT k.id FROM (`+organisationsNommees+`) k))`, bun.List(groupements))
		}
		return named(q, "o.id", "organisation_id", f.Texte)
	}, nil
}

// codes checks INSEE codes, whatever their case: one badly written would silently match nothing. A nil list stays nil.
func codes(argument string, list []string, validate func(string) error) ([]string, error) {
	if list == nil {
		return nil, nil
	}
	checked := make([]string, len(list))
	for i, c := range list {
		checked[i] = strings.ToUpper(c)
		if validate(checked[i]) != nil {
			return nil, Invalid(argument, "« %s » : %s", argument, validate(c)) // as the client wrote it
		}
	}
	return checked, nil
}

// sirenKey checks a SIREN, spaces aside: documents write 211 300 041.
func sirenKey(siren string) (string, error) {
	siren = strings.Join(strings.Fields(siren), "")
	if err := identifiant.CheckSIREN(siren); err != nil {
		return "", Invalid("siren", "« siren » : %s", err)
	}
	return siren, nil
}

// named keeps the rows one of whose names contains the text, spaces and hyphens aside; an empty text keeps them all, as
// a search box does before anything is typed.
func named(q *bun.SelectQuery, id, reference string, text *string) *bun.SelectQuery {
	if blank(text) {
		return q
	}
	compact := strings.ReplaceAll(texte.Normalize(*text), " ", "")
	if compact == "" {
		return q.Where("false")
	}
	return q.Where("? IN (SELECT r.? FROM recherche r WHERE r.compact LIKE ?)",
		bun.Safe(id), bun.Safe(reference), "%"+compact+"%")
}

func blank(text *string) bool { return text == nil || strings.TrimSpace(*text) == "" }

// keys decodes public ids of the given types into natural keys. A malformed id, or one of another type, is the
// client's error; a nil list stays nil.
func keys(argument string, ids []string, types ...string) ([]string, error) {
	if ids == nil {
		return nil, nil
	}
	found := make([]string, 0, len(ids))
	for _, id := range ids {
		typ, cle, err := identifiant.ParseGlobal(id)
		if err != nil {
			return nil, Invalid(argument, "« %s » : %s", argument, err)
		}
		ok := false
		for _, t := range types {
			ok = ok || t == typ
		}
		if !ok {
			return nil, Invalid(argument, "« %s » attend l'identifiant d'un objet %s, pas %s", argument, strings.Join(types, " ou "), typ)
		}
		found = append(found, cle)
	}
	return found, nil
}

// Collectivites lists the collectivités in activity.
func (s *Store) Collectivites(ctx context.Context, f *FiltreCollectivites, tri *TriCollectivites, sens *Sens, a page.Args) (*CollectiviteConnection, error) {
	filter, err := filterCollectivites(f)
	if err != nil {
		return nil, err
	}
	return readPage(ctx, s, listeFiches(asCollectivite, orderCollectivites(tri, sens), filter), a)
}

// CleCollectivite is how a client names one collectivité: exactly one of ID, Siren and CodeInsee.
type CleCollectivite struct {
	ID, Siren, CodeInsee *string
	Nature               *NatureCollectivite
}

// Collectivite finds one collectivité; nil when there is none. Errors: not exactly one key, a malformed key, a code
// that several natures share and no nature to choose.
func (s *Store) Collectivite(ctx context.Context, k CleCollectivite) (*Collectivite, error) {
	if err := exactlyOne(map[string]*string{"id": k.ID, "siren": k.Siren, "codeInsee": k.CodeInsee}); err != nil {
		return nil, err
	}
	if k.Nature != nil && k.CodeInsee == nil {
		return nil, Invalid("nature", "« nature » ne s'emploie qu'avec « codeInsee »")
	}
	q := selectRows(s, (*Fiche)(nil), columnsFiche).Where("o.genre = 'COLLECTIVITE'")
	switch {
	case k.ID != nil:
		cles, err := keys("id", []string{*k.ID}, "Collectivite")
		if err != nil {
			return nil, err
		}
		q = nommes(q, organisationsNommees, cles[0])
	case k.Siren != nil:
		siren, err := sirenKey(*k.Siren)
		if err != nil {
			return nil, err
		}
		q = nommes(q, organisationsDeSiren, siren)
	default:
		return s.byCodeInsee(ctx, *k.CodeInsee, k.Nature)
	}
	return s.oneCollectivite(ctx, q)
}

func (s *Store) oneCollectivite(ctx context.Context, q *bun.SelectQuery) (*Collectivite, error) {
	f := new(Fiche)
	if found, err := one(ctx, q, f); !found {
		return nil, err
	}
	gather([]*Fiche{f})
	return &Collectivite{f}, nil
}

// byCodeInsee follows today's codes and the former ones. Départements and régions share two-digit codes: without a
// nature, a shared code is refused rather than guessed.
func (s *Store) byCodeInsee(ctx context.Context, code string, nature *NatureCollectivite) (*Collectivite, error) {
	var rows []struct {
		Nature         NatureCollectivite
		Nom            string
		OrganisationID int64
	}
	q := s.bun.NewSelect().TableExpr("code_insee c").Join("JOIN organisation o ON o.id = c.organisation_id").
		ColumnExpr("c.nature, o.nom, c.organisation_id").Where("c.code = ?", strings.ToUpper(code)).OrderExpr("c.nature")
	if nature != nil {
		q = q.Where("c.nature = ?", *nature)
	}
	if err := many(ctx, q, &rows); err != nil || len(rows) == 0 {
		return nil, err
	}
	for _, r := range rows[1:] {
		if r.OrganisationID != rows[0].OrganisationID {
			return nil, Invalid("codeInsee", "le code « %s » est celui de plusieurs collectivités : précisez « nature: %s » (%s) ou « nature: %s » (%s)",
				code, rows[0].Nature, rows[0].Nom, r.Nature, r.Nom)
		}
	}
	found, err := s.fichesByID(ctx, []int64{rows[0].OrganisationID})
	if err != nil || found[rows[0].OrganisationID] == nil {
		return nil, err
	}
	return &Collectivite{found[rows[0].OrganisationID]}, nil
}

// exactlyOne checks that one key is given, and only one.
func exactlyOne(given map[string]*string) error {
	n := 0
	for _, v := range given {
		if v != nil {
			n++
		}
	}
	if n == 1 {
		return nil
	}
	names := make([]string, 0, len(given))
	for name := range given {
		names = append(names, "« "+name+" »")
	}
	slices.Sort(names)
	return Invalid("", "donnez une clé et une seule parmi %s : il y en a %d", strings.Join(names, ", "), n)
}

// IntercommunaliteDe returns the EPCI that a commune belongs to today.
func (s *Store) IntercommunaliteDe(ctx context.Context, c *Collectivite) (*Collectivite, error) {
	found, err := perLot(ctx, c.lot, "intercommunalite", func(ctx context.Context, members []*Fiche) (map[int64]*Fiche, error) {
		var rows []*Fiche
		q := selectRows(s, (*Fiche)(nil), columnsFiche).ColumnExpr("a.membre_id AS parent_id").
			Join("JOIN adhesion a ON a.groupement_id = o.id").
			Where("a.membre_id IN (?)", bun.List(distinct(members, ficheID))).
			Where("a.confirmee AND a.periode @> aujourdhui()").Where("o.nature = 'EPCI'")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return indexBy(rows, ficheParent), nil
	})
	if found[c.Rowid] == nil {
		return nil, err
	}
	return &Collectivite{found[c.Rowid]}, nil
}

func indexBy[R any](rows []R, key func(R) int64) map[int64]R {
	m := make(map[int64]R, len(rows))
	for _, r := range rows {
		m[key(r)] = r
	}
	return m
}

// A member today of a groupement, and a groupement of a member today, directly or not: nobody is one by the word of the
// groupement alone.
const (
	membreDe     = "o.id IN (SELECT a.membre_id FROM adhesion a WHERE a.groupement_id = p.id AND a.confirmee AND a.periode @> aujourdhui())"
	groupementDe = "o.id IN (SELECT a.groupement_id FROM adhesion a WHERE a.membre_id = p.id AND a.confirmee AND a.periode @> aujourdhui())"
)

// MembresDe lists the members of any groupement, by name.
func (s *Store) MembresDe(ctx context.Context, groupement *Fiche, f *FiltreCollectivites, a page.Args, sel Selection) (*CollectiviteConnection, error) {
	filter, err := filterCollectivites(f)
	if err != nil {
		return nil, err
	}
	return children(ctx, s, groupement, listeFiches(asCollectivite, parNom, filter, membreDe), a, sel)
}

// children reads a page of children for every organisation of the lot.
func children[R, N any, P row[R]](ctx context.Context, s *Store, from *Fiche, l liste[*R, N], a page.Args, sel Selection) (*page.Connection[N], error) {
	return childrenOf[*Fiche, R, N, P](ctx, s, from.lot, ficheID, from, l, a, sel)
}

// SyndicatsDe lists the syndicats that a collectivité is a member of today, by name.
func (s *Store) SyndicatsDe(ctx context.Context, c *Collectivite, a page.Args, sel Selection) (*SyndicatMixteConnection, error) {
	return children(ctx, s, c.Fiche, listeFiches(asSyndicat, parNom, onlySyndicats, groupementDe), a, sel)
}

// CodeInsee is an official code that leads to a collectivité without being its own today.
type CodeInsee struct {
	bun.BaseModel `bun:"table:code_insee,alias:c"`

	OrganisationID int64              `bun:"organisation_id"`
	Nature         NatureCollectivite `bun:"nature"`
	Code           string             `bun:"code"`
	Nom            *string            `bun:"nom"`
	Depuis         *Date              `bun:"depuis"`
}

// AnciensCodesDe lists the codes that lead to a collectivité without being its own, by code.
func (s *Store) AnciensCodesDe(ctx context.Context, c *Collectivite) ([]*CodeInsee, error) {
	return shortLists(ctx, c.lot, "anciensCodes", c.Rowid, func(ctx context.Context, members []*Fiche) ([]*CodeInsee, error) {
		var rows []*CodeInsee
		return rows, many(ctx, s.bun.NewSelect().Model(&rows).Where("NOT c.actuel").
			Where("c.organisation_id IN (?)", bun.List(distinct(members, ficheID))).OrderExpr("c.code, c.nature"), &rows)
	}, func(c *CodeInsee) int64 { return c.OrganisationID })
}

// shortLists reads the short list that every row of a lot has, in one statement, and returns that of one row.
func shortLists[P, R any](ctx context.Context, l *lot[P], key string, id int64, read func(context.Context, []P) ([]R, error), owner func(R) int64) ([]R, error) {
	groups, err := perLot(ctx, l, key, func(ctx context.Context, members []P) (map[int64][]R, error) {
		rows, err := read(ctx, members)
		if err != nil {
			return nil, err
		}
		groups := make(map[int64][]R, len(members))
		for _, r := range rows {
			groups[owner(r)] = append(groups[owner(r)], r)
		}
		return groups, nil
	})
	return groups[id], err
}
