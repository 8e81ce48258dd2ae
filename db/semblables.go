package db

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/semblance"
)

// Which software an organisation has is read from parc, which holds what is public and nothing else: everyone gets the
// same answer. Usages are asked for their visibility beside, whoever reads.

// TermeSemblance and TermeSuggestion name the terms of both scores, RaisonSemblance and RaisonSuggestion what each is worth.
type (
	TermeSemblance   = semblance.Terme
	TermeSuggestion  = semblance.TermeSuggestion
	RaisonSemblance  = semblance.Raison[semblance.Terme]
	RaisonSuggestion = semblance.Raison[semblance.TermeSuggestion]
)

const (
	// maxSemblables bounds the list of those alike, and maxSuggestions that of suggestions.
	maxSemblables, maxSuggestions = 100, 100
	// maxRegardees bounds how many of those alike have their software looked at for suggestions.
	maxRegardees = 50
	// maxCommuns, maxChez, maxVoies and maxRemplaces bound the short lists of both.
	maxCommuns, maxChez, maxVoies, maxRemplaces = 20, 10, 10, 10
)

// voisinages are where the candidates are looked for, and how many on each side of the population: those nearest, and those
// nearest of whom a usage is known, since the others have nothing to teach.
var voisinages = []struct {
	tie string
	n   int
}{
	{"o.departement = $4 AND $4 <> ''", 40},
	{"true", 20},
	{"o.nb_usages > 0 AND o.region = $5 AND $5 <> ''", 30},
	{"o.nb_usages > 0", 30},
}

// sqlCandidats reads a collectivité ($1) and its candidates, of its nature ($2), by population ($3, as
// organisation_semblable_idx has it), département ($4) and région ($5). Its text is constant: its plan is kept, since making
// it takes as long as reading.
var sqlCandidats = func() string {
	var b strings.Builder
	b.WriteString("WITH c AS (SELECT $1::bigint AS id")
	for _, v := range voisinages {
		for _, side := range []struct{ op, order string }{{">", "coalesce(o.population, -1), o.id"}, {"<", "coalesce(o.population, -1) DESC, o.id DESC"}} {
			fmt.Fprintf(&b, ` UNION SELECT x.id FROM (SELECT o.id FROM organisation o WHERE o.genre = 'COLLECTIVITE' AND o.actif AND o.nature = $2::text AND %s
				AND (coalesce(o.population, -1), o.id) %s ($3::integer, $1) ORDER BY %s LIMIT %d) x`, v.tie, side.op, side.order, v.n)
		}
	}
	b.WriteString(`)
		SELECT o.id, o.nom_tri, coalesce(o.strate, ''), o.departement, o.region, o.population, coalesce(p.logiciels, '{}')
		FROM c JOIN organisation o ON o.id = c.id
		LEFT JOIN parc p ON p.organisation_id = c.id AND p.debut <= current_date AND (p.fin IS NULL OR p.fin > current_date)`)
	return b.String()
}()

// Semblable is a collectivité compared with another.
type Semblable struct {
	membre[*Semblable]

	CollectiviteID  int64
	Raisons         []*RaisonSemblance
	LogicielsReunis int

	score     semblance.Centiemes
	nomTri    string
	logiciels []int64 // those it has in force, ascending
	communs   []int64 // those that the other has too
}

// LogicielsEnCommun is how many software both have in force.
func (x *Semblable) LogicielsEnCommun() int { return len(x.communs) }

// Score returns the sum of the points of the reasons, 0 to 100.
func (x *Semblable) Score() float64 { return x.score.Float64() }

// Similarite returns the Jaccard index of the software of both, 0 to 1; nil when none is known.
func (x *Semblable) Similarite() *float64 {
	if x.LogicielsReunis == 0 {
		return nil
	}
	j := float64(len(x.communs)) / float64(x.LogicielsReunis)
	return &j
}

// SemblableConnection is a page of those alike, with what they were compared to.
type SemblableConnection struct {
	*page.Connection[*Semblable]
	LogicielsConnus int
	Comparees       int
	Remarque        *string
}

// SemblableEdge and SuggestionEdge are elements of their lists.
type (
	SemblableEdge  = page.Edge[*Semblable]
	SuggestionEdge = page.Edge[*Suggestion]
)

// A score descends and a name ascends: the score is ordered by its opposite.
var parSemblance = page.Order[*Semblable]{Name: "semblance",
	Keys:   []page.Key{{Kind: page.Int}, {Kind: page.Text}, {Kind: page.Int}},
	Values: func(x *Semblable) []any { return []any{-int64(x.score), x.nomTri, x.CollectiviteID} }}

// inOrder sorts rows and keeps the first ones.
func inOrder[R any](rows []R, o page.Order[R], most int) []R {
	slices.SortFunc(rows, func(a, b R) int { return page.Compare(o, o.Values(a), o.Values(b)) })
	return rows[:min(len(rows), most)]
}

// paged cuts a page out of a whole short list, already in order.
func paged[R any](all []R, o page.Order[R], w page.Window) *page.Connection[R] {
	from, to := 0, len(all)
	if w.After != nil {
		from, _ = slices.BinarySearchFunc(all, w.After, func(r R, cursor []any) int {
			return cmp.Or(page.Compare(o, o.Values(r), cursor), -1) // past the row of the cursor itself
		})
	}
	if w.Before != nil {
		to, _ = slices.BinarySearchFunc(all, w.Before, func(r R, cursor []any) int { return page.Compare(o, o.Values(r), cursor) })
	}
	from = min(from, to)
	rows := all[from:to]
	if extra := len(rows) - (w.N + 1); extra > 0 && w.Backward {
		rows = rows[extra:]
	} else if extra > 0 {
		rows = rows[:w.N+1]
	}
	answer := func(yes bool) func(context.Context) (bool, error) {
		return func(context.Context) (bool, error) { return yes, nil }
	}
	return page.New(w, o, rows, func(r R) R { return r }, page.Outside{
		Total:   func(context.Context) (int, error) { return len(all), nil },
		Precede: answer(from > 0), Follow: answer(to < len(all)),
	})
}

// examen is one collectivité, the software known of it, and those it was compared with, the most alike first.
type examen struct {
	moi        *Fiche
	mes        []int64 // software it has in force, ascending
	semblables []*Semblable
}

// comparer compares a collectivité with its candidates. Errors: a malformed id, or one that names none.
func (s *Store) comparer(ctx context.Context, id string) (*examen, error) {
	cles, err := keys("collectivite", []string{id}, "Collectivite")
	if err != nil {
		return nil, err
	}
	moi, err := s.oneCollectivite(ctx, nommes(selectRows(s, (*Fiche)(nil), columnsFiche).Where("o.genre = 'COLLECTIVITE'"), organisationsNommees, cles[0]))
	if err != nil {
		return nil, err
	}
	if moi == nil {
		return nil, Invalid("collectivite", "« collectivite » : aucune collectivité n'a cet identifiant")
	}
	c := &examen{moi: moi.Fiche, mes: []int64{}}
	return c, s.candidats(ctx, c)
}

// candidats reads and scores those that a collectivité is compared with, by a row for each and one for itself.
func (s *Store) candidats(ctx context.Context, c *examen) error {
	moi, nature := c.moi, string(*c.moi.Nature)
	rows, err := kept[struct {
		ID                          int64
		NomTri                      string
		Strate, Departement, Region string
		Population                  *int
		Logiciels                   []int64
	}](ctx, s, sqlCandidats, moi.Rowid, nature, *or(moi.Population, -1), moi.CodeDepartement, moi.CodeRegion)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.ID == moi.Rowid {
			c.mes = append(c.mes, r.Logiciels...)
		}
	}
	ici := semblance.Profil{Nature: nature, Departement: moi.CodeDepartement, Region: moi.CodeRegion, Population: moi.Population, Logiciels: len(c.mes)}
	if moi.Strate != nil {
		ici.Strate = string(*moi.Strate)
	}
	for _, r := range rows {
		if r.ID == moi.Rowid {
			continue
		}
		communs := enCommun(c.mes, r.Logiciels)
		la := semblance.Profil{Nature: nature, Strate: r.Strate, Departement: r.Departement, Region: r.Region, Population: r.Population, Logiciels: len(r.Logiciels)}
		raisons := semblance.Comparer(ici, la, len(communs))
		c.semblables = append(c.semblables, &Semblable{CollectiviteID: r.ID, Raisons: raisons, LogicielsReunis: semblance.Reunis(ici, la, len(communs)),
			score: semblance.Score(raisons), nomTri: r.NomTri, logiciels: r.Logiciels, communs: communs})
	}
	c.semblables = inOrder(c.semblables, parSemblance, len(c.semblables))
	return nil
}

// enCommun lists what two ascending lists share.
func enCommun(a, b []int64) []int64 {
	var both []int64
	for len(a) > 0 && len(b) > 0 {
		switch cmp.Compare(a[0], b[0]) {
		case -1:
			a = a[1:]
		case 1:
			b = b[1:]
		default:
			both, a, b = append(both, a[0]), a[1:], b[1:]
		}
	}
	return both
}

// remarque joins what limits an answer; nil: nothing does.
func remarque(limits ...string) *string {
	limits = slices.DeleteFunc(limits, func(s string) bool { return s == "" })
	if len(limits) == 0 {
		return nil
	}
	text := strings.Join(limits, " ; ")
	return &text
}

// said is a sentence when it applies.
func said(applies bool, sentence string) string {
	if !applies {
		return ""
	}
	return sentence
}

const cesse = "cette collectivité a cessé d'exister"

// Semblables lists the collectivités most like one, maxSemblables at most. Errors: a malformed id, or one that names none.
func (s *Store) Semblables(ctx context.Context, collectivite string, a page.Args) (*SemblableConnection, error) {
	w, err := resolve(a, parSemblance)
	if err != nil {
		return nil, err
	}
	c, err := s.comparer(ctx, collectivite)
	if err != nil {
		return nil, err
	}
	connection := paged(c.semblables[:min(len(c.semblables), maxSemblables)], parSemblance, w)
	gather(connection.Nodes)
	return &SemblableConnection{Connection: connection, LogicielsConnus: len(c.mes), Comparees: len(c.semblables), Remarque: remarque(
		said(!c.moi.Active, cesse),
		said(len(c.mes) == 0, "aucun logiciel en vigueur n'est connu de cette collectivité : elle n'est comparée que par la nature, la taille et le lieu"),
		said(len(c.semblables) == 0, "aucune autre collectivité en activité n'est de cette nature"),
	)}, nil
}

// CollectiviteSemblable returns the collectivité that was compared.
func (s *Store) CollectiviteSemblable(ctx context.Context, x *Semblable) (*Collectivite, error) {
	f, err := follow(ctx, x.lot, "collectivite", func(x *Semblable) int64 { return x.CollectiviteID }, s.fichesByID, x)
	if f == nil {
		return nil, err
	}
	return &Collectivite{f}, nil
}

// LogicielsCommuns lists the software that both have in force, free ones first, then by name, maxCommuns at most.
func (s *Store) LogicielsCommuns(ctx context.Context, x *Semblable, sel Selection) ([]*Logiciel, error) {
	all, err := perLot(ctx, x.lot, sel.Cle, func(ctx context.Context, members []*Semblable) ([]*Logiciel, error) {
		var ids []int64
		for _, m := range members {
			ids = append(ids, m.communs...)
		}
		slices.Sort(ids)
		var rows []*Logiciel
		err := many(ctx, selectRows(s, (*Logiciel)(nil), sel.columns(columnsLogiciel, longColumnsLogiciel)).
			Where("l.id = ANY (?::bigint[])", pgdialect.Array(slices.Compact(ids))).OrderExpr("l.libre DESC, l.nom_tri, l.id"), &rows)
		gather(rows)
		return rows, err
	})
	rows := make([]*Logiciel, 0, min(len(x.communs), maxCommuns))
	for _, l := range all {
		if _, both := slices.BinarySearch(x.communs, l.Rowid); both && len(rows) < maxCommuns {
			rows = append(rows, l)
		}
	}
	return rows, err
}

// Suggestion is a free software that those alike have and that a collectivité has not.
type Suggestion struct {
	membre[*Suggestion]

	LogicielID               int64
	Raisons                  []*RaisonSuggestion
	Utilisateurs, Semblables int
	Chez                     []*Semblable
	Syndicats                []*VoieSyndicat

	score    semblance.Centiemes
	nomTri   string
	remplace []int64
}

// Score returns the sum of the points of the reasons, 0 to 100.
func (x *Suggestion) Score() float64 { return x.score.Float64() }

// VoieSyndicat is a syndicat through which a software can come to a collectivité.
type VoieSyndicat struct {
	membre[*VoieSyndicat]

	SyndicatID, EntreeID int64
	// Membre tells whether the collectivité is a member of the syndicat.
	Membre bool
}

// SuggestionConnection is a page of suggestions, with what they rest on.
type SuggestionConnection struct {
	*page.Connection[*Suggestion]
	Semblables      int
	LogicielsConnus int
	Remarque        *string
}

var parSuggestion = page.Order[*Suggestion]{Name: "suggestion",
	Keys:   []page.Key{{Kind: page.Int}, {Kind: page.Text}, {Kind: page.Int}},
	Values: func(x *Suggestion) []any { return []any{-int64(x.score), x.nomTri, x.LogicielID} }}

// Suggestions lists the free software that those most like a collectivité have and that it has not, maxSuggestions at
// most. Errors: a malformed id, or one that names none.
func (s *Store) Suggestions(ctx context.Context, collectivite string, a page.Args) (*SuggestionConnection, error) {
	w, err := resolve(a, parSuggestion)
	if err != nil {
		return nil, err
	}
	c, err := s.comparer(ctx, collectivite)
	if err != nil {
		return nil, err
	}
	c.semblables = slices.DeleteFunc(c.semblables, func(x *Semblable) bool { return len(x.logiciels) == 0 })
	c.semblables = c.semblables[:min(len(c.semblables), maxRegardees)]
	all, err := s.suggerer(ctx, c)
	if err != nil {
		return nil, err
	}
	connection := paged(inOrder(all, parSuggestion, maxSuggestions), parSuggestion, w)
	gather(connection.Nodes)
	gather(c.semblables)
	var voies []*VoieSyndicat
	for _, x := range connection.Nodes {
		voies = append(voies, x.Syndicats...)
	}
	gather(voies)
	return &SuggestionConnection{Connection: connection, Semblables: len(c.semblables), LogicielsConnus: len(c.mes), Remarque: remarque(
		said(!c.moi.Active, cesse),
		said(len(c.mes) == 0, "aucun logiciel en vigueur n'est connu de cette collectivité : ses semblables le sont par la nature, la taille et le lieu, et elle a peut-être déjà ce qui est suggéré"),
		said(len(c.semblables) == 0, "on ne connaît les logiciels d'aucune collectivité semblable : rien à suggérer"),
	)}, nil
}

// suggerer ranks every free software that those alike have in force and that the collectivité never had.
func (s *Store) suggerer(ctx context.Context, c *examen) ([]*Suggestion, error) {
	if len(c.semblables) == 0 {
		return nil, nil
	}
	chez := map[int64][]*Semblable{} // in order, of each software
	for _, x := range c.semblables {
		for _, l := range x.logiciels {
			chez[l] = append(chez[l], x)
		}
	}
	trouves, err := kept[struct {
		ID     int64
		NomTri string
	}](ctx, s, `SELECT l.id, l.nom_tri FROM logiciel l WHERE l.libre AND l.id = ANY ($1::bigint[]) AND l.id NOT IN (
		SELECT q.sujet FROM presence q WHERE q.organisation_id = $2 AND q.sujet > 0
		UNION ALL SELECT u.logiciel_id FROM public.usage u WHERE u.utilisateur_id = $2 AND u.visibilite = 'PUBLIC'
		UNION ALL SELECT e.logiciel_id FROM abonnement ab JOIN entree_catalogue e ON e.id = ab.entree_id WHERE ab.collectivite_id = $2)`,
		slices.Collect(maps.Keys(chez)), c.moi.Rowid)
	if err != nil || len(trouves) == 0 {
		return nil, err
	}
	logiciels := make([]int64, len(trouves))
	for i, t := range trouves {
		logiciels[i] = t.ID
	}
	ids := distinct(c.semblables, func(x *Semblable) int64 { return x.CollectiviteID })
	remplace, err := s.remplacements(ctx, ids, logiciels, c.mes)
	if err != nil {
		return nil, err
	}
	voies, err := s.voies(ctx, c.moi)
	if err != nil {
		return nil, err
	}
	all := make([]*Suggestion, len(trouves))
	for i, t := range trouves {
		apport := semblance.Apport{Utilisateurs: len(chez[t.ID]), Semblables: len(ids), Remplaces: len(remplace[t.ID])}
		for _, v := range voies[t.ID] {
			if v.Membre {
				apport.Membre++
			} else {
				apport.Voisins++
			}
		}
		raisons := semblance.Suggerer(apport)
		x := &Suggestion{LogicielID: t.ID, Raisons: raisons, Utilisateurs: apport.Utilisateurs, Semblables: apport.Semblables,
			score: semblance.Score(raisons), nomTri: t.NomTri, remplace: remplace[t.ID], Syndicats: voies[t.ID],
			Chez: chez[t.ID][:min(len(chez[t.ID]), maxChez)]}
		x.Syndicats = x.Syndicats[:min(len(x.Syndicats), maxVoies)]
		x.remplace = x.remplace[:min(len(x.remplace), maxRemplaces)]
		all[i] = x
	}
	return all, nil
}

// remplacements reads, for each free software, the proprietary ones among mes that it stands in for, by name: it is said so
// of it, or one of those alike publicly said that it replaced them.
func (s *Store) remplacements(ctx context.Context, semblables, logiciels, mes []int64) (map[int64][]int64, error) {
	found := map[int64][]int64{}
	if len(mes) == 0 {
		return found, nil
	}
	rows, err := kept[struct{ DeID, VersID int64 }](ctx, s, `SELECT x.de_id, x.vers_id FROM (
			SELECT x.de_id, x.vers_id FROM logiciel_lien x WHERE x.genre = 'REMPLACE' AND x.de_id = ANY ($1::bigint[]) AND x.vers_id = ANY ($2::bigint[])
			UNION SELECT u.logiciel_id, u.remplace_id FROM public.usage u
			WHERE u.utilisateur_id = ANY ($3::bigint[]) AND u.remplace_id = ANY ($2) AND u.logiciel_id = ANY ($1) AND u.visibilite = 'PUBLIC'
				AND `+auJour(enVigueur, "current_date")+`) x
		JOIN logiciel l ON l.id = x.vers_id AND NOT l.libre ORDER BY l.nom_tri, l.id`, logiciels, mes, semblables)
	for _, r := range rows {
		found[r.DeID] = append(found[r.DeID], r.VersID)
	}
	return found, err
}

// voies reads, for each software, the syndicats near a collectivité that offer it today: those it is a member of first.
func (s *Store) voies(ctx context.Context, moi *Fiche) (map[int64][]*VoieSyndicat, error) {
	rows, err := kept[struct {
		LogicielID, SyndicatID, EntreeID int64
		Membre                           bool
	}](ctx, s, `WITH siens AS MATERIALIZED (
			SELECT a.groupement_id FROM adhesion a WHERE a.membre_id = $1 AND a.confirmee
				AND coalesce(a.debut, current_date) <= current_date AND coalesce(a.fin, 'infinity') > current_date
		), proches AS MATERIALIZED (
			SELECT k.id AS catalogue_id, o.id, o.nom_tri, o.id IN (SELECT groupement_id FROM siens) AS membre FROM catalogue k JOIN organisation o ON o.id = k.syndicat_id
			WHERE o.genre = 'SYNDICAT' AND o.actif AND (o.id IN (SELECT groupement_id FROM siens) OR (o.departement = $2 AND $2 <> ''))
		)
		SELECT e.logiciel_id, o.id, min(e.id), o.membre FROM proches o JOIN entree_catalogue e ON e.catalogue_id = o.catalogue_id
		WHERE `+propose+`
		GROUP BY e.logiciel_id, o.id, o.nom_tri, o.membre ORDER BY o.membre DESC, o.nom_tri, o.id`, moi.Rowid, moi.CodeDepartement)
	found := map[int64][]*VoieSyndicat{}
	for _, r := range rows {
		found[r.LogicielID] = append(found[r.LogicielID], &VoieSyndicat{SyndicatID: r.SyndicatID, EntreeID: r.EntreeID, Membre: r.Membre})
	}
	return found, err
}

// LogicielSuggere returns the software of a suggestion.
func (s *Store) LogicielSuggere(ctx context.Context, x *Suggestion, sel Selection) (*Logiciel, error) {
	return follow(ctx, x.lot, sel.Cle, func(x *Suggestion) int64 { return x.LogicielID }, s.logicielsByID(sel), x)
}

// LogicielsRemplaces lists the proprietary software of the collectivité that a suggestion stands in for, by name.
func (s *Store) LogicielsRemplaces(ctx context.Context, x *Suggestion, sel Selection) ([]*Logiciel, error) {
	found, err := perLot(ctx, x.lot, sel.Cle, func(ctx context.Context, members []*Suggestion) (map[int64]*Logiciel, error) {
		var ids []int64
		for _, m := range members {
			ids = append(ids, m.remplace...)
		}
		slices.Sort(ids)
		return s.logicielsByID(sel)(ctx, slices.Compact(ids))
	})
	if err != nil {
		return nil, err
	}
	rows := make([]*Logiciel, 0, len(x.remplace))
	for _, id := range x.remplace {
		rows = append(rows, found[id])
	}
	return rows, nil
}

// SyndicatDeLaVoie returns the syndicat through which a software can come.
func (s *Store) SyndicatDeLaVoie(ctx context.Context, v *VoieSyndicat) (*SyndicatMixte, error) {
	return syndicat(follow(ctx, v.lot, "syndicat", func(v *VoieSyndicat) int64 { return v.SyndicatID }, s.fichesByID, v))
}

// EntreeDeLaVoie returns the catalogue entry through which a software can come.
func (s *Store) EntreeDeLaVoie(ctx context.Context, v *VoieSyndicat) (*EntreeCatalogue, error) {
	return follow(ctx, v.lot, "entree", func(v *VoieSyndicat) int64 { return v.EntreeID }, func(ctx context.Context, ids []int64) (map[int64]*EntreeCatalogue, error) {
		return byID(ctx, s, ids, columnsEntree, entreeID)
	}, v)
}
