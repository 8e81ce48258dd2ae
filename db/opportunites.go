package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// Proximite is what brings together the members of a possible groupement.
type Proximite string

// parSyndicat brings together the members of one syndicat; any other proximity is the département.
const parSyndicat Proximite = "SYNDICAT"

// CritereGroupements says which possible groupements are asked for. What is nil was not asked.
type CritereGroupements struct {
	De, A        *Date
	Categorie    *string
	Logiciel     *string
	Proximite    *Proximite
	Departements []string
}

// GroupementPossible is organisations near each other whose contracts or usages end in one window, for one need.
type GroupementPossible struct {
	bun.BaseModel               `bun:"table:groupement_possible,alias:g"`
	membre[*GroupementPossible] `bun:"-"`

	Cle                 int64   `bun:"cle"` // need << 32 + place
	NombreOrganisations int     `bun:"nb"`
	PremiereEcheance    Date    `bun:"premiere"`
	DerniereEcheance    Date    `bun:"derniere"`
	Jour                int64   `bun:"jour"`
	Numeros             []int64 `bun:"numeros,array"`

	demande *groupements
}

// EcheanceProche is a contract that ends, or a usage that does.
type EcheanceProche struct {
	bun.BaseModel           `bun:"table:echeance_proche,alias:e"`
	membre[*EcheanceProche] `bun:"-"`

	Numero         int64  `bun:"numero"`
	OrganisationID int64  `bun:"organisation_id"`
	LogicielID     int64  `bun:"logiciel_id"`
	ContratID      *int64 `bun:"contrat_id"`
	UsageID        *int64 `bun:"usage_id"`
	Fin            Date   `bun:"fin"`
	Jour           int64  `bun:"jour"`
	Postes         *int   `bun:"postes"`

	ParentID int64 `bun:"parent_id,scanonly"`
}

// LogicielEnPlace is a software that ends in a groupement, with how many organisations.
type LogicielEnPlace struct {
	membre[*LogicielEnPlace] `bun:"-"`

	ParentID            int64
	LogicielID          int64
	NombreOrganisations int
}

// SyndicatCommun is a syndicat of several organisations of a groupement, with how many.
type SyndicatCommun struct {
	membre[*SyndicatCommun] `bun:"-"`

	ParentID            int64
	SyndicatID          int64
	NombreOrganisations int
}

// LibreAutour is a free software that comparable collectivités use today, with how many.
type LibreAutour struct {
	membre[*LibreAutour] `bun:"-"`

	ParentID           int64
	LogicielID         int64
	NombreUtilisateurs int
}

// The connections and edges of these lists.
type (
	GroupementPossibleConnection        = page.Connection[*GroupementPossible]
	GroupementPossibleEdge              = page.Edge[*GroupementPossible]
	EcheanceProcheConnection            = page.Connection[*EcheanceProche]
	EcheanceProcheEdge                  = page.Edge[*EcheanceProche]
	LogicielSansSyndicatConnection      = page.Connection[*LogicielSansSyndicat]
	LogicielSansSyndicatEdge            = page.Edge[*LogicielSansSyndicat]
	TerritoireSansPrestataireConnection = page.Connection[*TerritoireSansPrestataire]
	TerritoireSansPrestataireEdge       = page.Edge[*TerritoireSansPrestataire]
)

const (
	fenetreMois        = 18 // the default window
	fenetreAnneesMax   = 10
	maxLogicielsBesoin = 2000
	maxCourte          = 10
	maxLibresAutour    = 5
)

func groupementCle(g *GroupementPossible) int64 { return g.Cle }

// besoinID and lieuID take the key of a groupement apart.
func (g *GroupementPossible) besoinID() int64 { return g.Cle >> 32 }
func (g *GroupementPossible) lieuID() int64   { return g.Cle & (1<<32 - 1) }

// besoins gives the needs of each software: the narrowest categories that hold it; for one that has none, those of the
// software that links tie it to.
const besoins = `WITH ranges AS (
		SELECT lc.logiciel_id, lc.categorie_id FROM logiciel_categorie lc
		WHERE NOT EXISTS (SELECT FROM logiciel_categorie y JOIN categorie c ON c.id = y.categorie_id
			WHERE y.logiciel_id = lc.logiciel_id AND c.parent_id = lc.categorie_id)
	) SELECT r.logiciel_id, r.categorie_id AS besoin_id FROM ranges r
	UNION SELECT x.logiciel_id, r.categorie_id FROM (` + sansCategorie + `) x JOIN ranges r ON r.logiciel_id = x.autre_id`

// sansCategorie gives what links tie to each software that has no category.
const sansCategorie = `SELECT z.logiciel_id, z.autre_id
	FROM (SELECT de_id AS logiciel_id, vers_id AS autre_id FROM logiciel_lien UNION ALL SELECT vers_id, de_id FROM logiciel_lien) z
	WHERE NOT EXISTS (SELECT FROM logiciel_categorie y WHERE y.logiciel_id = z.logiciel_id)`

// propose tells the catalogue entries that are offered today.
const propose = `e.statut = 'PROPOSEE' AND coalesce(e.depuis, (SELECT aujourdhui())) <= (SELECT aujourdhui()) AND coalesce(e.jusqua, 'infinity') > (SELECT aujourdhui())`

// syndicatsPresents gives the départements where each syndicat that has a catalogue has its seat or a member today.
const syndicatsPresents = `SELECT g.id AS syndicat_id, g.departement FROM organisation g
	WHERE g.id IN (SELECT k.syndicat_id FROM catalogue k) AND g.actif AND g.departement <> ''
	UNION SELECT a.groupement_id, m.departement FROM adhesion a JOIN organisation m ON m.id = a.membre_id JOIN organisation g ON g.id = a.groupement_id
	WHERE a.groupement_id IN (SELECT k.syndicat_id FROM catalogue k) AND a.confirmee AND a.periode @> (SELECT aujourdhui()) AND g.actif AND m.departement <> ''`

// aVenir gives what adoption counts for the end of this year and has not happened yet, by software and cell: the kept
// count of adoption_rang((SELECT aujourdhui())) less this is today's.
const aVenir = `SELECT x.sujet, k.cellule_id, sum(x.c) AS n FROM (
		SELECT organisation_id, sujet, 1 AS c FROM presence WHERE sujet > 0 AND debut > (SELECT aujourdhui()) AND debut < ` + compteJusqua + `
		UNION ALL SELECT organisation_id, sujet, -1 FROM presence WHERE sujet > 0 AND fin > (SELECT aujourdhui()) AND fin < ` + compteJusqua + `
	) x JOIN collectivite_cellule k ON k.organisation_id = x.organisation_id GROUP BY 1, 2`

// compteJusqua is the day from which adoption_rang((SELECT aujourdhui())) counts nothing; its last element counts all.
const compteJusqua = `CASE WHEN adoption_rang((SELECT aujourdhui())) < 32 THEN make_date(date_part('year', (SELECT aujourdhui()))::integer + 1, 1, 1) ELSE 'infinity' END`

// groupements is a checked question: the parts of its SQL.
type groupements struct {
	de, a        Date
	besoins      *bun.RawQuery // logiciel_id, besoin_id
	logicielID   int64         // the software whose need is asked for
	syndicat     bool
	departements []string
}

// question checks what is asked. Errors: CodeArgumentInvalide.
func (s *Store) question(ctx context.Context, c CritereGroupements) (*groupements, error) {
	today := time.Now().UTC()
	d := &groupements{de: Date(today.Format(time.DateOnly)), syndicat: c.Proximite != nil && *c.Proximite == parSyndicat}
	if c.De != nil && *c.De > d.de {
		d.de = *c.De
		today, _ = time.Parse(time.DateOnly, string(d.de)) // checked when it came in
	}
	d.a = Date(today.AddDate(0, fenetreMois, 0).Format(time.DateOnly))
	if c.A != nil {
		d.a = *c.A
	}
	switch {
	case d.a < d.de:
		return nil, Invalid("a", "« a » précède le début de la fenêtre, qui est au plus tôt aujourd'hui : une échéance passée ne se groupe plus")
	case d.a > Date(today.AddDate(fenetreAnneesMax, 0, 0).Format(time.DateOnly)):
		return nil, Invalid("a", "« a » est trop loin : la fenêtre compte %d ans au plus", fenetreAnneesMax)
	case c.Categorie != nil && c.Logiciel != nil:
		return nil, Invalid("logiciel", "« categorie » et « logiciel » ne vont pas ensemble : donnez l'un ou l'autre")
	}
	var err error
	if d.departements, err = codes("departements", c.Departements, identifiant.CheckDepartement); err != nil {
		return nil, err
	}
	switch {
	case c.Categorie != nil:
		id, err := s.categorieNommee(ctx, *c.Categorie)
		if err != nil {
			return nil, err
		}
		d.besoins = s.bun.NewRaw(`SELECT s.logiciel_id, ?0::bigint AS besoin_id FROM logiciel_sujet s WHERE s.sujet = -1 - ?0
			UNION SELECT x.logiciel_id, ?0 FROM (`+sansCategorie+`) x JOIN logiciel_sujet s ON s.logiciel_id = x.autre_id AND s.sujet = -1 - ?0`, id)
	case c.Logiciel != nil:
		if d.logicielID, err = s.logicielNomme(ctx, "logiciel", *c.Logiciel); err != nil {
			return nil, err
		}
		var ids []int64
		q := s.bun.NewSelect().ColumnExpr("x.id").TableExpr(`(SELECT ?1::bigint AS id
			UNION SELECT z.id FROM (`+alternatives+`) z
			UNION SELECT x.vers_id FROM logiciel_lien x WHERE x.genre = 'REMPLACE' AND x.de_id IN (?0)
			UNION SELECT y.logiciel_id FROM (`+besoins+`) b JOIN (`+besoins+`) y ON y.besoin_id = b.besoin_id WHERE b.logiciel_id = ?1) AS x`,
			bun.List([]int64{d.logicielID}), d.logicielID).OrderExpr("x.id").Limit(maxLogicielsBesoin)
		if err := many(ctx, q, &ids); err != nil {
			return nil, err
		}
		d.besoins = s.bun.NewRaw(`SELECT x.id AS logiciel_id, 0::bigint AS besoin_id FROM unnest(?::bigint[]) AS x (id)`, pgdialect.Array(ids))
	default:
		d.besoins = s.bun.NewRaw(besoins)
	}
	return d, nil
}

// echeances selects what ends in the window, as the reader may see it, for each need and each place that it belongs to.
// numero tells a contract, even, from a usage, odd.
func (d *groupements) echeances(s *Store) *bun.SelectQuery {
	q := s.bun.NewSelect().
		TableExpr(`(
			SELECT 2 * c.id AS numero, c.organisation_id, c.logiciel_id, c.fin FROM contrat c
			WHERE `+echeanceJour+` BETWEEN ?0 AND ?1 AND c.fin IS NOT NULL
			AND NOT EXISTS (SELECT FROM contrat n WHERE n.organisation_id = c.organisation_id AND n.logiciel_id = c.logiciel_id AND n.debut >= c.fin)
			UNION ALL
			SELECT 2 * u.id + 1, u.utilisateur_id, u.logiciel_id, u.fin FROM usage u
			WHERE u.fin BETWEEN ?2 AND ?3 AND u.visibilite = 'PUBLIC' AND u.statut <> 'PREVU' AND u.depuis <= (SELECT aujourdhui()) AND u.fin > (SELECT aujourdhui())
			AND NOT EXISTS (SELECT FROM contrat c WHERE c.usage_id = u.id AND `+echeanceJour+` BETWEEN ?0 AND ?1)
		) AS x`, d.de.days(), d.a.days(), d.de, d.a).
		Join("JOIN (?) AS b ON b.logiciel_id = x.logiciel_id", d.besoins).
		Join("JOIN organisation o ON o.id = x.organisation_id AND o.actif")
	q = inList(q, "o.departement", d.departements)
	if d.syndicat {
		q = q.Join(`JOIN (SELECT DISTINCT a.membre_id, a.groupement_id AS id FROM adhesion a JOIN organisation g ON g.id = a.groupement_id
			WHERE g.genre = 'SYNDICAT' AND g.actif AND a.confirmee AND a.periode @> (SELECT aujourdhui())) AS lieu ON lieu.membre_id = o.id`)
	} else {
		q = q.Join("JOIN territoire lieu ON lieu.type = 'DEPARTEMENT' AND lieu.code = o.departement")
	}
	return q.ColumnExpr("b.besoin_id, lieu.id AS lieu_id, x.numero, x.organisation_id, x.fin, (x.fin - DATE '1970-01-01') AS jour")
}

// echeancesLues selects what ends in each groupement of a lot, found again by number, as the reader may see it: the page
// that named them read the whole window, which once is enough.
func (s *Store) echeancesLues(lot []*GroupementPossible) *bun.SelectQuery {
	var groupes, numeros []int64
	for _, g := range lot {
		for _, n := range g.Numeros {
			groupes, numeros = append(groupes, g.Cle), append(numeros, n)
		}
	}
	return s.bun.NewSelect().ColumnExpr("p.groupe, p.groupe >> 32 AS besoin_id, x.*").
		TableExpr("unnest(?::bigint[], ?::bigint[]) AS p (groupe, numero)", pgdialect.Array(groupes), pgdialect.Array(numeros)).
		Join(`CROSS JOIN LATERAL (
			SELECT p.numero, c.organisation_id, c.logiciel_id, c.fin, c.id AS contrat_id, c.usage_id FROM contrat c WHERE c.id = p.numero / 2 AND p.numero % 2 = 0
			UNION ALL
			SELECT p.numero, u.utilisateur_id, u.logiciel_id, u.fin, NULL, u.id FROM usage u WHERE u.id = p.numero / 2 AND p.numero % 2 = 1
		) AS x`)
}

// membres selects distinct columns of what ends in each groupement of a lot, x, and its parent_id.
func (s *Store) membres(lot []*GroupementPossible, columns string) *bun.SelectQuery {
	return s.bun.NewSelect().Distinct().ColumnExpr("x.groupe AS parent_id, "+columns).TableExpr("(?) AS x", s.echeancesLues(lot))
}

// Groupements lists who could buy together: most organisations first, then soonest end. Errors: CodeArgumentInvalide.
func (s *Store) Groupements(ctx context.Context, c CritereGroupements, a page.Args) (*GroupementPossibleConnection, error) {
	d, err := s.question(ctx, c)
	if err != nil {
		return nil, err
	}
	groupes := s.bun.NewSelect().TableExpr("(?) AS e", d.echeances(s)).
		ColumnExpr("(e.besoin_id << 32) + e.lieu_id AS cle, count(DISTINCT e.organisation_id) AS nb").
		ColumnExpr("min(e.fin) AS premiere, max(e.fin) AS derniere, min(e.jour) AS jour, array_agg(e.numero) AS numeros").
		GroupExpr("e.besoin_id, e.lieu_id").Having("count(DISTINCT e.organisation_id) >= 2")
	return readPage(ctx, s, liste[*GroupementPossible, *GroupementPossible]{
		columns: []string{"g.cle", "g.nb", "g.premiere", "g.derniere", "g.jour", "g.numeros"},
		order: page.Order[*GroupementPossible]{Name: "groupement",
			Keys: []page.Key{{Expr: "-g.nb", Kind: page.Int}, {Expr: "g.jour", Kind: page.Int}, {Expr: "g.cle", Kind: page.Int}},
			Values: func(g *GroupementPossible) []any {
				return []any{-int64(g.NombreOrganisations), g.Jour, g.Cle}
			}},
		filter: func(q *bun.SelectQuery) *bun.SelectQuery { return q.ModelTableExpr("(?) AS g", groupes) },
		fill: func(_ context.Context, rows []*GroupementPossible) error {
			for _, g := range rows {
				g.demande = d
			}
			return nil
		},
		node: func(g *GroupementPossible) *GroupementPossible { return g },
	}, a)
}

// CategorieDuGroupement returns the need, when it is a category.
func (s *Store) CategorieDuGroupement(ctx context.Context, g *GroupementPossible) (*Categorie, error) {
	return follow(ctx, g.lot, "categorie", (*GroupementPossible).besoinID, s.categoriesByID, g)
}

func (s *Store) categoriesByID(ctx context.Context, ids []int64) (map[int64]*Categorie, error) {
	return byID(ctx, s, ids, columnsCategorie, categorieID)
}

// LogicielDuGroupement returns the software whose need was asked for; nil when none was.
func (s *Store) LogicielDuGroupement(ctx context.Context, g *GroupementPossible, sel Selection) (*Logiciel, error) {
	return follow(ctx, g.lot, sel.Cle, func(g *GroupementPossible) int64 { return g.demande.logicielID }, s.logicielsByID(sel), g)
}

// DepartementDuGroupement returns where the members are; nil when a syndicat brings them together.
func (s *Store) DepartementDuGroupement(ctx context.Context, g *GroupementPossible) (*Territoire, error) {
	if g.demande.syndicat {
		return nil, nil
	}
	return follow(ctx, g.lot, "departement", (*GroupementPossible).lieuID, s.territoiresByID, g)
}

// SyndicatDuGroupement returns the syndicat of the members; nil when a département brings them together.
func (s *Store) SyndicatDuGroupement(ctx context.Context, g *GroupementPossible) (*SyndicatMixte, error) {
	if !g.demande.syndicat {
		return nil, nil
	}
	return syndicat(follow(ctx, g.lot, "syndicat", (*GroupementPossible).lieuID, s.fichesByID, g))
}

// PostesDuGroupement adds up the seats known, each usage once; nil when none is.
func (s *Store) PostesDuGroupement(ctx context.Context, g *GroupementPossible) (*int, error) {
	sums, err := perLot(ctx, g.lot, "postes", func(ctx context.Context, lot []*GroupementPossible) (map[int64]*int, error) {
		var rows []struct {
			ParentID int64
			N        int
		}
		q := s.bun.NewSelect().TableExpr("(?) AS m", s.membres(lot, "x.usage_id")).Join("JOIN usage u ON u.id = m.usage_id").
			ColumnExpr("m.parent_id, sum(u.postes) AS n").Where("u.postes IS NOT NULL").GroupExpr("m.parent_id")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		sums := make(map[int64]*int, len(rows))
		for i := range rows {
			sums[rows[i].ParentID] = &rows[i].N
		}
		return sums, nil
	})
	return sums[g.Cle], err
}

// EcheancesDe lists what ends in a groupement, soonest first.
func (s *Store) EcheancesDe(ctx context.Context, g *GroupementPossible, a page.Args, sel Selection) (*EcheanceProcheConnection, error) {
	return childrenOf(ctx, s, g.lot, groupementCle, g, liste[*EcheanceProche, *EcheanceProche]{
		columns: []string{"e.numero", "e.organisation_id", "e.logiciel_id", "e.fin", "(e.fin - DATE '1970-01-01') AS jour", "e.contrat_id", "u.id AS usage_id", "u.postes"},
		order: page.Order[*EcheanceProche]{Name: "echeance",
			Keys:   []page.Key{{Expr: "(e.fin - DATE '1970-01-01')", Kind: page.Int}, {Expr: "e.numero", Kind: page.Int}},
			Values: func(e *EcheanceProche) []any { return []any{e.Jour, e.Numero} }},
		filter: func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.ModelTableExpr("(?) AS e", s.echeancesLues(g.lot.members)).Join("LEFT JOIN usage u ON u.id = e.usage_id")
		},
		ties:   []string{"e.groupe = p.id"},
		parent: func(e *EcheanceProche) int64 { return e.ParentID },
		node:   func(e *EcheanceProche) *EcheanceProche { return e },
	}, a, sel)
}

// OrganisationDeLEcheance returns whose contract or usage ends.
func (s *Store) OrganisationDeLEcheance(ctx context.Context, e *EcheanceProche) (Organisation, error) {
	return organisation(follow(ctx, e.lot, "organisation", func(e *EcheanceProche) int64 { return e.OrganisationID }, s.fichesByID, e))
}

// LogicielDeLEcheance returns the software in place.
func (s *Store) LogicielDeLEcheance(ctx context.Context, e *EcheanceProche, sel Selection) (*Logiciel, error) {
	return follow(ctx, e.lot, sel.Cle, func(e *EcheanceProche) int64 { return e.LogicielID }, s.logicielsByID(sel), e)
}

// ContratDeLEcheance returns the contract that ends; nil when it is a usage.
func (s *Store) ContratDeLEcheance(ctx context.Context, e *EcheanceProche) (*Contrat, error) {
	return follow(ctx, e.lot, "contrat", func(e *EcheanceProche) int64 { return deref(e.ContratID) },
		func(ctx context.Context, ids []int64) (map[int64]*Contrat, error) {
			return byID(ctx, s, ids, columnsContrat, contratID)
		}, e)
}

// UsageDeLEcheance returns the usage that ends, or that the contract covers, when the reader may see it.
func (s *Store) UsageDeLEcheance(ctx context.Context, e *EcheanceProche, sel Selection) (*Usage, error) {
	return follow(ctx, e.lot, sel.Cle, func(e *EcheanceProche) int64 { return deref(e.UsageID) }, s.usagesByID(sel), e)
}

// premiers keeps the first n rows of each parent that compte counts, most first: as parent_id, id and nb.
func (s *Store) premiers(compte *bun.SelectQuery, n int) *bun.SelectQuery {
	rangs := s.bun.NewSelect().ColumnExpr("c.*, row_number() OVER (PARTITION BY c.parent_id ORDER BY c.nb DESC, c.id) AS rang").TableExpr("(?) AS c", compte)
	return s.bun.NewSelect().TableExpr("(?) AS y", rangs).Where("y.rang <= ?", n).OrderExpr("y.parent_id, y.rang")
}

// LogicielsEnPlaceDe lists the software that end in a groupement, most organisations first.
func (s *Store) LogicielsEnPlaceDe(ctx context.Context, g *GroupementPossible) ([]*LogicielEnPlace, error) {
	return shortLists(ctx, g.lot, "logicielsEnPlace", g.Cle, func(ctx context.Context, lot []*GroupementPossible) ([]*LogicielEnPlace, error) {
		var rows []*LogicielEnPlace
		compte := s.bun.NewSelect().TableExpr("(?) AS m", s.membres(lot, "x.logiciel_id, x.organisation_id")).
			ColumnExpr("m.parent_id, m.logiciel_id AS id, count(*) AS nb").GroupExpr("m.parent_id, m.logiciel_id")
		if err := many(ctx, s.premiers(compte, maxCourte).ColumnExpr("y.parent_id, y.id AS logiciel_id, y.nb AS nombre_organisations"), &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, func(r *LogicielEnPlace) int64 { return r.ParentID })
}

// LogicielDeLEnPlace returns the software counted.
func (s *Store) LogicielDeLEnPlace(ctx context.Context, r *LogicielEnPlace, sel Selection) (*Logiciel, error) {
	return follow(ctx, r.lot, sel.Cle, func(r *LogicielEnPlace) int64 { return r.LogicielID }, s.logicielsByID(sel), r)
}

// SyndicatsCommunsDe lists the syndicats of two organisations of a groupement at least, most shared first.
func (s *Store) SyndicatsCommunsDe(ctx context.Context, g *GroupementPossible) ([]*SyndicatCommun, error) {
	return shortLists(ctx, g.lot, "syndicatsCommuns", g.Cle, func(ctx context.Context, lot []*GroupementPossible) ([]*SyndicatCommun, error) {
		var rows []*SyndicatCommun
		compte := s.bun.NewSelect().TableExpr("(?) AS m", s.membres(lot, "x.organisation_id")).
			Join("JOIN adhesion a ON a.membre_id = m.organisation_id AND a.confirmee AND a.periode @> (SELECT aujourdhui())").
			Join("JOIN organisation g ON g.id = a.groupement_id AND g.genre = 'SYNDICAT' AND g.actif").
			ColumnExpr("m.parent_id, g.id, count(DISTINCT m.organisation_id) AS nb").GroupExpr("m.parent_id, g.id").
			Having("count(DISTINCT m.organisation_id) >= 2")
		if err := many(ctx, s.premiers(compte, maxCourte).ColumnExpr("y.parent_id, y.id AS syndicat_id, y.nb AS nombre_organisations"), &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, func(r *SyndicatCommun) int64 { return r.ParentID })
}

// SyndicatPartage returns the syndicat that organisations share.
func (s *Store) SyndicatPartage(ctx context.Context, r *SyndicatCommun) (*SyndicatMixte, error) {
	return syndicat(follow(ctx, r.lot, "syndicat", func(r *SyndicatCommun) int64 { return r.SyndicatID }, s.fichesByID, r))
}

// OffresPour lists what the syndicats present around a groupement offer today for its need.
func (s *Store) OffresPour(ctx context.Context, g *GroupementPossible) ([]*EntreeCatalogue, error) {
	return shortLists(ctx, g.lot, "offres", g.Cle, func(ctx context.Context, lot []*GroupementPossible) ([]*EntreeCatalogue, error) {
		var rows []*EntreeCatalogue
		lieux := s.membres(lot, "x.besoin_id, o.departement").Join("JOIN organisation o ON o.id = x.organisation_id AND o.departement <> ''")
		offres := s.bun.NewSelect().Distinct().ColumnExpr("d.parent_id, e.id, l.libre, o.nom_tri").TableExpr("(?) AS d", lieux).
			Join("JOIN ("+syndicatsPresents+") AS sp ON sp.departement = d.departement").
			Join("JOIN catalogue k ON k.syndicat_id = sp.syndicat_id").
			Join("JOIN entree_catalogue e ON e.catalogue_id = k.id AND "+propose).
			Join("JOIN (?) AS b ON b.besoin_id = d.besoin_id AND b.logiciel_id = e.logiciel_id", g.demande.besoins).
			Join("JOIN logiciel l ON l.id = e.logiciel_id").Join("JOIN organisation o ON o.id = k.syndicat_id")
		rangs := s.bun.NewSelect().TableExpr("(?) AS x", offres).
			ColumnExpr("x.parent_id, x.id, row_number() OVER (PARTITION BY x.parent_id ORDER BY x.libre DESC, x.nom_tri, x.id) AS rang")
		q := selectRows(s, (*EntreeCatalogue)(nil), columnsEntree).ColumnExpr("y.parent_id").
			Join("JOIN (?) AS y ON y.id = e.id", rangs).Where("y.rang <= ?", maxCourte).OrderExpr("y.parent_id, y.rang")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, func(e *EntreeCatalogue) int64 { return e.ParentID })
}

// LibresAutourDe lists the free software that serve the need of a groupement in collectivités like its own, most used
// first.
func (s *Store) LibresAutourDe(ctx context.Context, g *GroupementPossible) ([]*LibreAutour, error) {
	return shortLists(ctx, g.lot, "libresAutour", g.Cle, func(ctx context.Context, lot []*GroupementPossible) ([]*LibreAutour, error) {
		var rows []*LibreAutour
		cellules := s.bun.NewSelect().Distinct().ColumnExpr("m.parent_id, m.besoin_id, k.cellule_id").
			TableExpr("(?) AS m", s.membres(lot, "x.besoin_id, x.organisation_id")).
			Join("JOIN collectivite_cellule k ON k.organisation_id = m.organisation_id")
		// Today's users of each software in each of these cells.
		comptes := s.bun.NewSelect().TableExpr("adoption AS a").ColumnExpr("a.sujet, a.cellule_id, a.collectivites[(SELECT adoption_rang((SELECT aujourdhui())))] AS n").
			Where("a.cellule_id IN (SELECT c.cellule_id FROM cellules c)").Where("a.sujet > 0").
			UnionAll(s.bun.NewSelect().TableExpr("(" + aVenir + ") AS v").ColumnExpr("v.sujet, v.cellule_id, -v.n"))
		sommes := s.bun.NewSelect().TableExpr("(?) AS y", comptes).ColumnExpr("y.sujet, y.cellule_id, sum(y.n) AS n").GroupExpr("y.sujet, y.cellule_id")
		compte := s.bun.NewSelect().With("cellules", cellules).
			ColumnExpr("c.parent_id, l.id, sum(t.n)::integer AS nb").TableExpr("cellules AS c").
			Join("JOIN (?) AS t ON t.cellule_id = c.cellule_id", sommes).Join("JOIN logiciel l ON l.id = t.sujet AND l.libre").
			Join("JOIN (?) AS b ON b.besoin_id = c.besoin_id AND b.logiciel_id = l.id", g.demande.besoins).
			GroupExpr("c.parent_id, l.id").Having("sum(t.n) > 0")
		if err := many(ctx, s.premiers(compte, maxLibresAutour).ColumnExpr("y.parent_id, y.id AS logiciel_id, y.nb AS nombre_utilisateurs"), &rows); err != nil {
			return nil, err
		}
		gather(rows)
		return rows, nil
	}, func(r *LibreAutour) int64 { return r.ParentID })
}

// LogicielAutour returns the software counted.
func (s *Store) LogicielAutour(ctx context.Context, r *LibreAutour, sel Selection) (*Logiciel, error) {
	return follow(ctx, r.lot, sel.Cle, func(r *LibreAutour) int64 { return r.LogicielID }, s.logicielsByID(sel), r)
}

// LogicielSansSyndicat is a free software that a département uses and that no syndicat present there offers.
type LogicielSansSyndicat struct {
	bun.BaseModel                 `bun:"table:logiciel_sans_syndicat,alias:x"`
	membre[*LogicielSansSyndicat] `bun:"-"`
	implantation
}

// AbsencePrestataire is what is known of the absence of a prestataire.
type AbsencePrestataire string

// TerritoireSansPrestataire is a département that uses a free software for which no prestataire is known there.
type TerritoireSansPrestataire struct {
	bun.BaseModel                      `bun:"table:territoire_sans_prestataire,alias:x"`
	membre[*TerritoireSansPrestataire] `bun:"-"`
	implantation

	NombrePrestataires      int                `bun:"prestataires"`
	PrestatairesSansAdresse int                `bun:"sans_adresse"`
	Absence                 AbsencePrestataire `bun:"absence"`
}

// implantation is how many collectivités of a département use a software today.
type implantation struct {
	LogicielID         int64  `bun:"logiciel_id"`
	Departement        string `bun:"departement"`
	NombreUtilisateurs int    `bun:"nb"`
}

// CritereImplantations says which software are counted, and where. What is nil was not asked.
type CritereImplantations struct {
	Logiciel     *string
	Categorie    *string
	Departements []string
	Minimum      *int
}

var columnsImplantation = []string{"x.logiciel_id", "x.departement", "x.nb"}

// parUtilisateurs orders implantations, most users first.
func parUtilisateurs[R any](name string, of func(R) *implantation) page.Order[R] {
	return page.Order[R]{Name: name,
		Keys: []page.Key{{Expr: "-x.nb", Kind: page.Int}, {Expr: "x.logiciel_id", Kind: page.Int}, {Expr: "x.departement", Kind: page.Text}},
		Values: func(r R) []any {
			i := of(r)
			return []any{-int64(i.NombreUtilisateurs), i.LogicielID, i.Departement}
		}}
}

// implantations reads how many collectivités of each département use each free software today, from minimum up, as
// logiciel_id, departement and nb. The day is told to the planner, which reads in order only what it knows to be many.
// Errors: CodeArgumentInvalide.
func (s *Store) implantations(ctx context.Context, c CritereImplantations, minimum int) (*bun.SelectQuery, error) {
	if c.Minimum != nil {
		minimum = *c.Minimum
	}
	if minimum < 1 || minimum > 1000 {
		return nil, Invalid("minimum", "« minimum » vaut %d : il va de 1 à 1000", minimum)
	}
	departements, err := codes("departements", c.Departements, identifiant.CheckDepartement)
	if err != nil {
		return nil, err
	}
	logiciels := s.bun.NewSelect().Model((*Logiciel)(nil)).ColumnExpr("l.id").Where("l.libre")
	if c.Logiciel != nil {
		id, err := s.logicielNomme(ctx, "logiciel", *c.Logiciel)
		if err != nil {
			return nil, err
		}
		logiciels = logiciels.Where("l.id = ?", id)
	}
	if c.Categorie != nil {
		id, err := s.categorieNommee(ctx, *c.Categorie)
		if err != nil {
			return nil, err
		}
		logiciels = logiciels.Where("l.id IN (SELECT s.logiciel_id FROM logiciel_sujet s WHERE s.sujet = ?)", -1-id)
	}
	return inList(s.bun.NewSelect().TableExpr("implantation AS i").ColumnExpr("i.logiciel_id, i.departement, i.nb").
		Where("i.nb >= ?", minimum).Where("i.debut <= aujourdhui()").Where("(i.fin IS NULL OR i.fin > aujourdhui())").
		Where("i.departement = ANY (ARRAY(SELECT t.code FROM territoire t WHERE t.type = 'DEPARTEMENT'))").
		Where("i.logiciel_id IN (?)", logiciels), "i.departement", departements), nil
}

// LogicielsSansSyndicat lists the free software that a département uses and no syndicat present there offers, most users
// first. Errors: CodeArgumentInvalide.
func (s *Store) LogicielsSansSyndicat(ctx context.Context, c CritereImplantations, a page.Args) (*LogicielSansSyndicatConnection, error) {
	q, err := s.implantations(ctx, c, 5)
	if err != nil {
		return nil, err
	}
	offerts := `SELECT e.logiciel_id, sp.departement FROM entree_catalogue e JOIN catalogue k ON k.id = e.catalogue_id
		JOIN (` + syndicatsPresents + `) sp ON sp.syndicat_id = k.syndicat_id WHERE ` + propose
	return readPage(ctx, s, liste[*LogicielSansSyndicat, *LogicielSansSyndicat]{
		columns: columnsImplantation,
		order:   parUtilisateurs("sansSyndicat", func(r *LogicielSansSyndicat) *implantation { return &r.implantation }),
		filter: func(l *bun.SelectQuery) *bun.SelectQuery {
			return l.ModelTableExpr("(?) AS x", q).
				Where("(x.logiciel_id, x.departement) NOT IN (" + offerts + ")") // rows stay in order; no anti-join leaves them so
		},
		node: func(r *LogicielSansSyndicat) *LogicielSansSyndicat { return r },
	}, a)
}

// LogicielSans returns the software that no syndicat offers.
func (s *Store) LogicielSans(ctx context.Context, r *LogicielSansSyndicat, sel Selection) (*Logiciel, error) {
	return follow(ctx, r.lot, sel.Cle, func(r *LogicielSansSyndicat) int64 { return r.LogicielID }, s.logicielsByID(sel), r)
}

// DepartementSans returns where no syndicat offers it.
func (s *Store) DepartementSans(ctx context.Context, r *LogicielSansSyndicat) (*Territoire, error) {
	return territoireParCode(ctx, s, r.lot, "DEPARTEMENT", func(r *LogicielSansSyndicat) string { return r.Departement }, r)
}

// TerritoiresSansPrestataire lists the départements that use a free software and that no prestataire is known to serve for it,
// most users first; typ narrows the prestataires to those known for a service. Errors: CodeArgumentInvalide.
func (s *Store) TerritoiresSansPrestataire(ctx context.Context, c CritereImplantations, typ *TypePrestation, absences []AbsencePrestataire, a page.Args) (*TerritoireSansPrestataireConnection, error) {
	q, err := s.implantations(ctx, c, 1)
	if err != nil {
		return nil, err
	}
	connus := s.bun.NewSelect().TableExpr("(?) AS x", s.offres(typ)).
		ColumnExpr("x.logiciel_id, count(DISTINCT x.prestataire_id) AS nb, count(*) FILTER (WHERE x.departement = '') AS sans_adresse, array_agg(x.departement) AS departements").
		GroupExpr("x.logiciel_id")
	q = q.Join("LEFT JOIN (?) AS k ON k.logiciel_id = i.logiciel_id", connus).
		Where("i.departement <> ALL (coalesce(k.departements, '{}'))").
		ColumnExpr("coalesce(k.nb, 0) AS prestataires, coalesce(k.sans_adresse, 0) AS sans_adresse").
		ColumnExpr("CASE WHEN k.nb IS NULL THEN 'AUCUN_CONNU' WHEN k.sans_adresse > 0 THEN 'ADRESSE_INCONNUE' ELSE 'AILLEURS' END AS absence")
	return readPage(ctx, s, liste[*TerritoireSansPrestataire, *TerritoireSansPrestataire]{
		columns: append([]string{"x.prestataires", "x.sans_adresse", "x.absence"}, columnsImplantation...),
		order:   parUtilisateurs("sansPrestataire", func(r *TerritoireSansPrestataire) *implantation { return &r.implantation }),
		filter: func(l *bun.SelectQuery) *bun.SelectQuery {
			return inList(l.ModelTableExpr("(?) AS x", q), "x.absence", absences)
		},
		node: func(r *TerritoireSansPrestataire) *TerritoireSansPrestataire { return r },
	}, a)
}

// offres gives, for each offer and each département that it covers, logiciel_id, prestataire_id and departement: those that
// its prestataire says that it serves or, when it says none, that of its seat; ” when neither is known.
func (s *Store) offres(typ *TypePrestation) *bun.SelectQuery {
	q := s.bun.NewSelect().TableExpr("prestation AS pr").Join("JOIN organisation o ON o.id = pr.prestataire_id AND o.actif").
		Join(`LEFT JOIN LATERAL (SELECT t.code FROM territoire t LEFT JOIN territoire g ON g.id = t.parent_id
			WHERE t.type = 'DEPARTEMENT' AND pr.territoires && ARRAY[t.cle, g.cle, 'FRANCE-FR']) AS d ON pr.territoires IS NOT NULL`).
		ColumnExpr("pr.logiciel_id, pr.prestataire_id, CASE WHEN pr.territoires IS NULL THEN o.departement ELSE coalesce(d.code, '') END AS departement")
	if typ != nil {
		q = q.Where("pr.types @> ARRAY[?]", string(*typ))
	}
	return q
}

// CouvertureDepartement is who is known to serve a software in a département.
type CouvertureDepartement struct {
	membre[*CouvertureDepartement] `bun:"-"`

	Code                    string
	NombreUtilisateurs      int
	NombrePrestataires      int
	NombreSyndicats         int
	PrestatairesConnus      int
	PrestatairesSansAdresse int
}

// Absence tells what is known of the absence of a prestataire; nil when there is one.
func (c *CouvertureDepartement) Absence() *AbsencePrestataire {
	absence := AbsencePrestataire("AILLEURS")
	switch {
	case c.NombrePrestataires > 0:
		return nil
	case c.PrestatairesConnus == 0:
		absence = "AUCUN_CONNU"
	case c.PrestatairesSansAdresse > 0:
		absence = "ADRESSE_INCONNUE"
	}
	return &absence
}

// CouverturePrestataires tells, for each département by code, how many use a software and who is known to serve it there; typ
// narrows the prestataires to those known for a service. Errors: CodeArgumentInvalide.
func (s *Store) CouverturePrestataires(ctx context.Context, logiciel string, typ *TypePrestation) ([]*CouvertureDepartement, error) {
	l, err := s.logicielNomme(ctx, "logiciel", logiciel)
	if err != nil {
		return nil, err
	}
	var rows []*CouvertureDepartement
	q := s.bun.NewSelect().With("x", s.offres(typ).Where("pr.logiciel_id = ?", l)).TableExpr("territoire AS t").Where("t.type = 'DEPARTEMENT'").OrderExpr("t.code").
		Join("LEFT JOIN implantation i ON i.logiciel_id = ? AND i.departement = t.code AND i.debut <= aujourdhui() AND (i.fin IS NULL OR i.fin > aujourdhui())", l).
		ColumnExpr("t.code, coalesce(i.nb, 0) AS nombre_utilisateurs").
		ColumnExpr("(SELECT count(DISTINCT x.prestataire_id) FROM x WHERE x.departement = t.code) AS nombre_prestataires").
		ColumnExpr("(SELECT count(DISTINCT x.prestataire_id) FROM x) AS prestataires_connus").
		ColumnExpr("(SELECT count(*) FROM x WHERE x.departement = '') AS prestataires_sans_adresse").
		ColumnExpr(`(SELECT count(DISTINCT k.syndicat_id) FROM entree_catalogue e JOIN catalogue k ON k.id = e.catalogue_id
			JOIN (`+syndicatsPresents+`) sp ON sp.syndicat_id = k.syndicat_id AND sp.departement = t.code WHERE e.logiciel_id = ? AND `+propose+`) AS nombre_syndicats`, l)
	if err := many(ctx, q, &rows); err != nil {
		return nil, err
	}
	gather(rows)
	return rows, nil
}

// DepartementCouvert returns the département.
func (s *Store) DepartementCouvert(ctx context.Context, c *CouvertureDepartement) (*Territoire, error) {
	return territoireParCode(ctx, s, c.lot, "DEPARTEMENT", func(c *CouvertureDepartement) string { return c.Code }, c)
}

// LogicielSansPrestataire returns the software that nobody is known to serve there.
func (s *Store) LogicielSansPrestataire(ctx context.Context, r *TerritoireSansPrestataire, sel Selection) (*Logiciel, error) {
	return follow(ctx, r.lot, sel.Cle, func(r *TerritoireSansPrestataire) int64 { return r.LogicielID }, s.logicielsByID(sel), r)
}

// DepartementSansPrestataire returns where nobody is known to serve it.
func (s *Store) DepartementSansPrestataire(ctx context.Context, r *TerritoireSansPrestataire) (*Territoire, error) {
	return territoireParCode(ctx, s, r.lot, "DEPARTEMENT", func(r *TerritoireSansPrestataire) string { return r.Departement }, r)
}
