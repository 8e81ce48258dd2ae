package db

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/communaute"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// EtatCommunaute, CritereCommunaute, NomEntree and UniteEntree are the values of the rules.
type (
	EtatCommunaute    = communaute.Etat
	CritereCommunaute = communaute.Critere
	NomEntree         = communaute.Nom
	UniteEntree       = communaute.Unite
)

// EvaluationCommunaute is what the rules said of a software on a day. It is never corrected.
type EvaluationCommunaute struct {
	bun.BaseModel                 `bun:"table:evaluation_communaute,alias:ev"`
	membre[*EvaluationCommunaute] `bun:"-"`

	Rowid            int64           `bun:"id,pk"`
	Cle              string          `bun:"cle"`
	LogicielID       int64           `bun:"logiciel_id"`
	Le               Date            `bun:"le"`
	Bareme           string          `bun:"bareme"`
	Empreinte        string          `bun:"empreinte"`
	Etat             *EtatCommunaute `bun:"etat"`
	RaisonEtat       string          `bun:"raison_etat"`
	Sante            *int            `bun:"sante"`
	RaisonSansSante  *string         `bun:"raison_sans_sante"`
	Couverture       float64         `bun:"couverture"`
	FacteurAbsence12 *int            `bun:"facteur_absence_12"`
	FacteurAbsence24 *int            `bun:"facteur_absence_24"`
	SourceID         int64           `bun:"source_id"`
	Revision         int             `bun:"revision"`
	EntreesJSON      json.RawMessage `bun:"entrees"`
	ComposantesJSON  json.RawMessage `bun:"composantes"`

	LeJour   int64 `bun:"le_jour,scanonly"`
	AgeJours int   `bun:"age_jours,scanonly"`
	ParentID int64 `bun:"parent_id,scanonly"`
}

// EvaluationCommunauteConnection and EvaluationCommunauteEdge page evaluations; CommunauteConnection and CommunauteEdge,
// communities; ReponseEvaluationConnection and ReponseEvaluationEdge, answers.
type (
	EvaluationCommunauteConnection = page.Connection[*EvaluationCommunaute]
	EvaluationCommunauteEdge       = page.Edge[*EvaluationCommunaute]
	CommunauteConnection           = page.Connection[*Communaute]
	CommunauteEdge                 = page.Edge[*Communaute]
	ReponseEvaluationConnection    = page.Connection[*ReponseEvaluation]
	ReponseEvaluationEdge          = page.Edge[*ReponseEvaluation]
)

// ID returns the public id.
func (e *EvaluationCommunaute) ID() string { return identifiant.Global("EvaluationCommunaute", e.Cle) }

// IsNode marks what can be read again by its id.
func (e *EvaluationCommunaute) IsNode() {}

func evaluationID(e *EvaluationCommunaute) int64 { return e.Rowid }

const leJour = "(ev.le - DATE '1970-01-01')"

var (
	columnsEvaluation = []string{"ev.id", "ev.cle", "ev.logiciel_id", "ev.le", leJour + " AS le_jour", "ev.bareme", "ev.empreinte", "ev.etat", "ev.raison_etat",
		"ev.sante", "ev.raison_sans_sante", "ev.couverture", "ev.facteur_absence_12", "ev.facteur_absence_24", "ev.source_id", "ev.revision"}
	longColumnsEvaluation = map[string]string{"entrees": "ev.entrees", "composantes": "ev.composantes"}
)

func listeEvaluations(sel Selection, ties ...string) liste[*EvaluationCommunaute, *EvaluationCommunaute] {
	return liste[*EvaluationCommunaute, *EvaluationCommunaute]{
		columns: sel.columns(columnsEvaluation, longColumnsEvaluation),
		order: page.Order[*EvaluationCommunaute]{Name: "le", Keys: []page.Key{{Expr: leJour, Kind: page.Int}, {Expr: "ev.id", Kind: page.Int}}, Desc: true,
			Values: func(e *EvaluationCommunaute) []any { return []any{e.LeJour, e.Rowid} }},
		filter: everything, ties: ties,
		parent: func(e *EvaluationCommunaute) int64 { return e.ParentID },
		node:   func(e *EvaluationCommunaute) *EvaluationCommunaute { return e },
	}
}

// EntreeCommunaute is one thing known, with its source.
type EntreeCommunaute struct {
	communaute.Entree
	de *EvaluationCommunaute
}

// Unite tells what the value is.
func (e *EntreeCommunaute) Unite() UniteEntree { return e.Nom.Unite() }

// Le is when, as precisely as the source says; nil: it does not.
func (e *EntreeCommunaute) Le() *string { return nonEmpty(e.Entree.Le) }

// Note says what the value alone would not.
func (e *EntreeCommunaute) Note() *string { return nonEmpty(e.Entree.Note) }

// ComposanteCommunaute is one component of the health.
type ComposanteCommunaute struct {
	Nom     CritereCommunaute
	Poids   float64
	Score   *float64
	Calcul  *string
	Raison  *string
	Entrees []*EntreeCommunaute
}

func (e *EvaluationCommunaute) show(entrees []communaute.Entree) []*EntreeCommunaute {
	out := make([]*EntreeCommunaute, len(entrees))
	for i, x := range entrees {
		out[i] = &EntreeCommunaute{x, e}
	}
	return out
}

// Entrees lists all that was known.
func (e *EvaluationCommunaute) Entrees() ([]*EntreeCommunaute, error) {
	var lues []communaute.Entree
	if err := json.Unmarshal(e.EntreesJSON, &lues); err != nil {
		return nil, fmt.Errorf("inputs of evaluation %s: %w", e.Cle, err)
	}
	return e.show(lues), nil
}

// Composantes lists the components, each with what it was computed from.
func (e *EvaluationCommunaute) Composantes() ([]*ComposanteCommunaute, error) {
	var lues []communaute.Composante
	if err := json.Unmarshal(e.ComposantesJSON, &lues); err != nil {
		return nil, fmt.Errorf("components of evaluation %s: %w", e.Cle, err)
	}
	out := make([]*ComposanteCommunaute, len(lues))
	for i, x := range lues {
		out[i] = &ComposanteCommunaute{Nom: x.Critere, Poids: x.Poids, Score: x.Score, Entrees: e.show(x.Entrees)}
		if x.Score == nil {
			out[i].Raison = nonEmpty(x.Motif)
		} else {
			out[i].Calcul = nonEmpty(x.Motif)
		}
	}
	return out, nil
}

// FacteurAbsence is how many people make half of the contributions, over two periods.
type FacteurAbsence struct {
	DouzeMois       *int
	VingtQuatreMois *int
}

// FacteurAbsence returns both contributor absence factors.
func (e *EvaluationCommunaute) FacteurAbsence() *FacteurAbsence {
	return &FacteurAbsence{e.FacteurAbsence12, e.FacteurAbsence24}
}

func (e *EvaluationCommunaute) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, e.lot, func(e *EvaluationCommunaute) int64 { return e.SourceID }, e)
}

func (e *EvaluationCommunaute) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, e.lot, "EvaluationCommunaute", "", evaluationID, e, a, sel)
}

// LogicielDeLEvaluation returns the software of an evaluation.
func (s *Store) LogicielDeLEvaluation(ctx context.Context, e *EvaluationCommunaute, sel Selection) (*Logiciel, error) {
	return follow(ctx, e.lot, sel.Cle, func(e *EvaluationCommunaute) int64 { return e.LogicielID }, s.logicielsByID(sel), e)
}

// SourceDeLEntree returns who says an entry; nil for what follows from others. Those of all the evaluations read together
// are read at once.
func (s *Store) SourceDeLEntree(ctx context.Context, e *EntreeCommunaute) (*Source, error) {
	if e.Source == "" {
		return nil, nil
	}
	parCle, err := perLot(ctx, e.de.lot, "sources des entrées", func(ctx context.Context, members []*EvaluationCommunaute) (map[string]*Source, error) {
		vues := map[string]bool{}
		for _, m := range members {
			for _, brut := range []json.RawMessage{m.EntreesJSON, m.ComposantesJSON} {
				collectSources(brut, vues)
			}
		}
		cles := make([]string, 0, len(vues))
		for c := range vues {
			cles = append(cles, c)
		}
		var rows []*Source
		q := selectRows(s, (*Source)(nil), []string{"so.id", "so.nom", "so.url", "so.licence", "so.synthetique", "so.importe_le"}).
			ColumnExpr("so.cle AS cle").Where("so.cle = ANY (?)", pgdialect.Array(cles))
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		found := make(map[string]*Source, len(rows))
		for _, r := range rows {
			found[r.Cle] = r
		}
		return found, nil
	})
	return parCle[e.Source], err
}

// collectSources notes the sources of entries, or of those of components.
func collectSources(brut json.RawMessage, vues map[string]bool) {
	var lues []struct {
		Source  string              `json:"source"`
		Entrees []communaute.Entree `json:"entrees"`
	}
	if json.Unmarshal(brut, &lues) != nil {
		return // said where they are shown
	}
	for _, l := range lues {
		if l.Source != "" {
			vues[l.Source] = true
		}
		for _, e := range l.Entrees {
			if e.Source != "" {
				vues[e.Source] = true
			}
		}
	}
}

// ReponseEvaluation is what somebody answers to an evaluation.
type ReponseEvaluation struct {
	bun.BaseModel              `bun:"table:reponse_evaluation,alias:re"`
	membre[*ReponseEvaluation] `bun:"-"`

	Rowid        int64   `bun:"id,pk"`
	Cle          string  `bun:"cle"`
	EvaluationID int64   `bun:"evaluation_id"`
	Texte        string  `bun:"texte"`
	Le           Instant `bun:"le"`
	SourceID     int64   `bun:"source_id"`

	ParentID int64 `bun:"parent_id,scanonly"`
}

func (r *ReponseEvaluation) source(ctx context.Context, s *Store) (*Source, error) {
	return source(ctx, s, r.lot, func(r *ReponseEvaluation) int64 { return r.SourceID }, r)
}

// EvaluationDeLaReponse returns what was answered to.
func (s *Store) EvaluationDeLaReponse(ctx context.Context, r *ReponseEvaluation, sel Selection) (*EvaluationCommunaute, error) {
	return follow(ctx, r.lot, sel.Cle, func(r *ReponseEvaluation) int64 { return r.EvaluationID }, s.evaluationsByID(sel), r)
}

// evaluationsByID returns the reader of evaluations by row id that the selection asks for.
func (s *Store) evaluationsByID(sel Selection) func(context.Context, []int64) (map[int64]*EvaluationCommunaute, error) {
	return func(ctx context.Context, ids []int64) (map[int64]*EvaluationCommunaute, error) {
		return byID(ctx, s, ids, sel.columns(columnsEvaluation, longColumnsEvaluation), evaluationID)
	}
}

// ReponsesEvaluation lists what was answered to an evaluation, first answer first.
func (s *Store) ReponsesEvaluation(ctx context.Context, e *EvaluationCommunaute, a page.Args, sel Selection) (*ReponseEvaluationConnection, error) {
	l := liste[*ReponseEvaluation, *ReponseEvaluation]{
		columns: []string{"re.id", "re.cle", "re.evaluation_id", "re.texte", "re.le", "re.source_id"},
		order: page.Order[*ReponseEvaluation]{Name: "reponse", Keys: []page.Key{{Expr: "re.id", Kind: page.Int}},
			Values: func(r *ReponseEvaluation) []any { return []any{r.Rowid} }},
		filter: everything, ties: []string{"re.evaluation_id = p.id"},
		parent: func(r *ReponseEvaluation) int64 { return r.ParentID },
		node:   func(r *ReponseEvaluation) *ReponseEvaluation { return r },
	}
	return childrenOf(ctx, s, e.lot, evaluationID, e, l, a, sel)
}

// Communaute is what is known of the community of a software on a day: its latest evaluation then, and beside it who
// supports it here and whom it serves. It exists for any software: without an evaluation, it says so.
type Communaute struct {
	membre[*Communaute]

	LogicielID int64
	Jour       *Date // the day asked; nil: today
	Evaluation *EvaluationCommunaute
	age        int           // of the evaluation, in days
	impact     *ImpactPublic // kept, for a list
	liste      bool
}

const jamaisEvaluee = "cette communauté n'a pas encore été évaluée, ou pas à cette date"

// Etat is the lifecycle state; nil: it cannot be told.
func (c *Communaute) Etat() *EtatCommunaute {
	return of(c, func(e *EvaluationCommunaute) *EtatCommunaute { return e.Etat })
}

// RaisonEtat says which rule decided, or why none did.
func (c *Communaute) RaisonEtat() string {
	if c.Evaluation == nil {
		return jamaisEvaluee
	}
	return c.Evaluation.RaisonEtat
}

// Sante is the health, from 0 to 100; nil: it cannot be told.
func (c *Communaute) Sante() *int {
	return of(c, func(e *EvaluationCommunaute) *int { return e.Sante })
}

// RaisonSansSante says why there is no health.
func (c *Communaute) RaisonSansSante() *string {
	if c.Evaluation == nil {
		return nonEmpty(jamaisEvaluee)
	}
	return c.Evaluation.RaisonSansSante
}

// Couverture is the part of the weights that could be computed.
func (c *Communaute) Couverture() float64 {
	if c.Evaluation == nil {
		return 0
	}
	return c.Evaluation.Couverture
}

// Bareme is the version of the rules.
func (c *Communaute) Bareme() *string {
	return of(c, func(e *EvaluationCommunaute) *string { return &e.Bareme })
}

// EvalueeLe is the day of the evaluation.
func (c *Communaute) EvalueeLe() *Date {
	return of(c, func(e *EvaluationCommunaute) *Date { return &e.Le })
}

// AgeMois is how many whole months ago the evaluation was made, on the day asked.
func (c *Communaute) AgeMois() *int {
	return of(c, func(*EvaluationCommunaute) *int {
		mois := int(float64(c.age) / (365.25 / 12))
		return &mois
	})
}

// AReevaluer tells whether the evaluation is too old to tell of the present, on the day asked; nil without one.
func (c *Communaute) AReevaluer() *bool {
	mois := c.AgeMois()
	if mois == nil {
		return nil
	}
	vieille := *mois >= communaute.MoisReevaluation
	return &vieille
}

// FacteurAbsence is that of the evaluation; both unknown without one.
func (c *Communaute) FacteurAbsence() *FacteurAbsence {
	if c.Evaluation == nil {
		return &FacteurAbsence{}
	}
	return c.Evaluation.FacteurAbsence()
}

// Composantes are those of the evaluation; none without one.
func (c *Communaute) Composantes() ([]*ComposanteCommunaute, error) {
	if c.Evaluation == nil {
		return []*ComposanteCommunaute{}, nil
	}
	return c.Evaluation.Composantes()
}

// Entrees are those of the evaluation; none without one.
func (c *Communaute) Entrees() ([]*EntreeCommunaute, error) {
	if c.Evaluation == nil {
		return []*EntreeCommunaute{}, nil
	}
	return c.Evaluation.Entrees()
}

func (c *Communaute) source(ctx context.Context, s *Store) (*Source, error) {
	if c.Evaluation == nil {
		return nil, nil
	}
	return c.Evaluation.source(ctx, s)
}

// of reads a field of the evaluation; nil without one.
func of[T any](c *Communaute, read func(*EvaluationCommunaute) *T) *T {
	if c.Evaluation == nil {
		return nil
	}
	return read(c.Evaluation)
}

func communauteID(c *Communaute) int64 { return c.LogicielID }

// CommunauteDe returns what is known of the community of a software: by its latest evaluation on a day or before.
func (s *Store) CommunauteDe(ctx context.Context, l *Logiciel, jour *Date, sel Selection) (*Communaute, error) {
	toutes, err := perLot(ctx, l.lot, sel.Cle, func(ctx context.Context, members []*Logiciel) (map[int64]*Communaute, error) {
		derniere := s.bun.NewSelect().Model((*EvaluationCommunaute)(nil)).Where("ev.logiciel_id = p.id").Where("ev.le <= coalesce(?::date, aujourdhui())", jour).
			ColumnExpr("coalesce(?::date, aujourdhui()) - ev.le AS age_jours", jour).OrderExpr("ev.le DESC, ev.id DESC").Limit(1)
		for _, c := range sel.columns(columnsEvaluation, longColumnsEvaluation) {
			derniere = derniere.ColumnExpr(c)
		}
		ids := distinct(members, logicielID)
		var rows []*EvaluationCommunaute
		q := s.bun.NewSelect().TableExpr("unnest(?::bigint[]) AS p (id)", pgdialect.Array(ids)).Join("CROSS JOIN LATERAL (?) AS x", derniere).ColumnExpr("x.*")
		if err := many(ctx, q, &rows); err != nil {
			return nil, err
		}
		gather(rows)
		parLogiciel := make(map[int64]*Communaute, len(ids))
		communautes := make([]*Communaute, len(ids))
		for i, id := range ids {
			communautes[i] = &Communaute{LogicielID: id, Jour: jour}
			parLogiciel[id] = communautes[i]
		}
		for _, r := range rows {
			parLogiciel[r.LogicielID].Evaluation, parLogiciel[r.LogicielID].age = r, r.AgeJours
		}
		gather(communautes)
		return parLogiciel, nil
	})
	return toutes[l.Rowid], err
}

// LogicielDeLaCommunaute returns the software.
func (s *Store) LogicielDeLaCommunaute(ctx context.Context, c *Communaute, sel Selection) (*Logiciel, error) {
	return follow(ctx, c.lot, sel.Cle, communauteID, s.logicielsByID(sel), c)
}

// EvaluationsDe lists every evaluation of the software, latest first.
func (s *Store) EvaluationsDe(ctx context.Context, c *Communaute, a page.Args, sel Selection) (*EvaluationCommunauteConnection, error) {
	return childrenOf(ctx, s, c.lot, communauteID, c, listeEvaluations(sel, "ev.logiciel_id = p.id"), a, sel)
}

// SoutienLocal is who helps the collectivités with a software.
type SoutienLocal struct {
	Logiciel             int64
	Prestataires         int
	PrestatairesAttestes int
	Contrats             int
	Syndicats            int
	UsagesConfirmes      int
}

// The ways of supporting the software l.id on the day j.le, by organisations that have not ceased since.
var (
	// contratsEnCours are those in progress: one whose term is not known may be. What has ceased neither buys nor serves.
	contratsEnCours = `co.logiciel_id = l.id AND coalesce(co.debut, j.le) <= j.le AND coalesce(co.fin, j.le) >= j.le
		AND NOT EXISTS (SELECT FROM organisation o WHERE o.id IN (co.organisation_id, co.prestataire_id) AND NOT o.actif)`
	nombreContrats = `(SELECT count(*) FROM contrat co WHERE ` + contratsEnCours + `)`
	// referencesAttestees are those of work begun by then; when that is not known, known by then.
	referencesAttestees = `rp.logiciel_id = l.id AND rp.etat = 'CONFIRMEE' AND ` + desAlors("rp.debut", "reference_prestation", "rp")
	// Those who work on it for others: by what they offer, by the contracts that the reader may see, by the references that
	// are attested. An offer bears no date: it counts from the day on which it was known here.
	prestatairesConnus = `(SELECT count(DISTINCT x.prestataire_id) FROM (
		SELECT pr.prestataire_id FROM prestation pr WHERE pr.logiciel_id = l.id AND ` + desAlors("NULL", "prestation", "pr") + `
		UNION ALL SELECT co.prestataire_id FROM contrat co WHERE ` + contratsEnCours + `
		UNION ALL SELECT rp.prestataire_id FROM reference_prestation rp WHERE ` + referencesAttestees + `) x JOIN organisation o ON o.id = x.prestataire_id AND o.actif)`
	prestatairesAttestes = `(SELECT count(DISTINCT rp.prestataire_id) FROM reference_prestation rp JOIN organisation o ON o.id = rp.prestataire_id AND o.actif
		WHERE ` + referencesAttestees + `)`
	syndicatsOffrants = `(SELECT count(DISTINCT k.syndicat_id) FROM entree_catalogue e JOIN catalogue k ON k.id = e.catalogue_id JOIN organisation o ON o.id = k.syndicat_id AND o.actif
		WHERE e.logiciel_id = l.id AND ` + auJour(offerte, "j.le") + `)`
	usagesEnCours = `u.logiciel_id = l.id AND u.visibilite = 'PUBLIC' AND ` + auJour(enVigueur, "j.le")
)

// desAlors tells what had begun by the day j.le; what bears no date, what was known here by then.
func desAlors(debut, table, alias string) string {
	return "(j.le >= aujourdhui() OR coalesce(" + debut + ", (" + creeSQL(table, alias) + ")::date) <= j.le)"
}

const (
	// surJour gives the software of the parameter as l, and the day as j.
	surJour = `unnest(?::bigint[]) AS l (id) CROSS JOIN (SELECT coalesce(?::date, aujourdhui()) AS le) j`
)

// SoutienDe returns who supports the software on the day asked.
func (s *Store) SoutienDe(ctx context.Context, c *Communaute) (*SoutienLocal, error) {
	tous, err := perLot(ctx, c.lot, "soutien", func(ctx context.Context, members []*Communaute) (map[int64]*SoutienLocal, error) {
		var rows []*SoutienLocal
		err := many(ctx, s.bun.NewSelect().TableExpr(surJour, pgdialect.Array(distinct(members, communauteID)), members[0].Jour).
			ColumnExpr("l.id AS logiciel").ColumnExpr(prestatairesConnus+" AS prestataires").ColumnExpr(prestatairesAttestes+" AS prestataires_attestes").ColumnExpr(nombreContrats+" AS contrats").
			ColumnExpr(syndicatsOffrants+" AS syndicats").
			ColumnExpr(`(SELECT count(*) FROM usage u WHERE `+usagesEnCours+`
				AND greatest(u.constate_le, u.confirme_le::date) > j.le - interval '24 months') AS usages_confirmes`), &rows)
		found := make(map[int64]*SoutienLocal, len(rows))
		for _, r := range rows {
			found[r.Logiciel] = r
		}
		return found, err
	})
	return tous[c.LogicielID], err
}

// ImpactPublic is whom a software serves: the collectivités that use it, by public usages, and their population.
type ImpactPublic struct {
	Logiciel      int64
	Collectivites int
	Population    int
}

// Indice is the impact from 0 to 100, on a logarithmic scale.
func (i *ImpactPublic) Indice() float64 { return communaute.Impact(int64(i.Population)) }

// ImpactDe returns whom the software serves on the day asked; nil when no public usage is known then. Populations of places
// that hold one another are added as they are.
func (s *Store) ImpactDe(ctx context.Context, c *Communaute) (*ImpactPublic, error) {
	if c.liste {
		return c.impact, nil
	}
	tous, err := perLot(ctx, c.lot, "impact", func(ctx context.Context, members []*Communaute) (map[int64]*ImpactPublic, error) {
		qui := `SELECT u.organisation_id AS id FROM logiciel_utilisateur u WHERE u.logiciel_id = l.id AND u.nb > 0`
		if members[0].Jour != nil {
			qui = `SELECT DISTINCT u.utilisateur_id AS id FROM usage u WHERE ` + usagesEnCours
		}
		var rows []*ImpactPublic
		err := many(ctx, s.bun.NewSelect().TableExpr(surJour, pgdialect.Array(distinct(members, communauteID)), members[0].Jour).
			Join("CROSS JOIN LATERAL (SELECT count(*) AS collectivites, coalesce(sum(o.population), 0) AS population FROM organisation o WHERE o.genre = 'COLLECTIVITE' AND o.id IN ("+qui+")) x").
			ColumnExpr("l.id AS logiciel, x.collectivites, x.population").Where("x.collectivites > 0"), &rows)
		found := make(map[int64]*ImpactPublic, len(rows))
		for _, r := range rows {
			found[r.Logiciel] = r
		}
		return found, err
	})
	return tous[c.LogicielID], err
}

// RisqueDe returns what a failing community would cost: impact × (1 − health/100); nil when either is not known.
func (s *Store) RisqueDe(ctx context.Context, c *Communaute) (*float64, error) {
	i, err := s.ImpactDe(ctx, c)
	if i == nil || err != nil {
		return nil, err
	}
	indice := i.Indice()
	return communaute.Risque(&indice, c.Sante()), nil
}

// Deconseil tells whether a software is to be advised against, and why, or why not.
type Deconseil struct {
	Deconseille bool
	Raisons     []string
}

// DeconseilDe applies the rule to what is known on the day asked.
func (s *Store) DeconseilDe(ctx context.Context, c *Communaute) (*Deconseil, error) {
	soutien, err := s.SoutienDe(ctx, c)
	if err != nil {
		return nil, err
	}
	d := &Deconseil{}
	d.Deconseille, d.Raisons = communaute.Deconseiller(*or(c.Etat(), ""), or(c.EvalueeLe(), "").time(), of(c, func(e *EvaluationCommunaute) *int { return e.FacteurAbsence24 }),
		communaute.Soutien{Prestataires: soutien.Prestataires, Contrats: soutien.Contrats, Syndicats: soutien.Syndicats})
	return d, nil
}

// TriCommunautes is an order of communities.
type TriCommunautes string

// FiltreCommunautes narrows a list of communities. A nil criterion was not asked; an empty list matches nothing.
type FiltreCommunautes struct {
	Etats       []EtatCommunaute
	SanteMin    *int
	Deconseille *bool
	Categories  []string
}

// rangCommunaute is a row of the table kept for lists.
type rangCommunaute struct {
	bun.BaseModel           `bun:"table:communaute,alias:cm"`
	membre[*rangCommunaute] `bun:"-"`

	LogicielID    int64  `bun:"logiciel_id,pk"`
	EvaluationID  int64  `bun:"evaluation_id"`
	Collectivites int    `bun:"collectivites"`
	Population    int    `bun:"population"`
	Risque        int64  `bun:"risque"`
	SanteRang     int64  `bun:"sante_rang"`
	NomTri        string `bun:"nom_tri,scanonly"`
	AgeJours      int    `bun:"age_jours,scanonly"`

	communaute *Communaute
}

// orderCommunautes resolves an order from the closed list of the contract.
func orderCommunautes(tri *TriCommunautes, sens *Sens) page.Order[*rangCommunaute] {
	order := page.Order[*rangCommunaute]{Name: "risque", Desc: true, Keys: []page.Key{{Expr: "cm.risque", Kind: page.Int}, {Expr: "cm.logiciel_id", Kind: page.Int}},
		Values: func(r *rangCommunaute) []any { return []any{r.Risque, r.LogicielID} }}
	if tri != nil {
		switch *tri {
		case "SANTE":
			order = page.Order[*rangCommunaute]{Name: "sante", Desc: true, Keys: []page.Key{{Expr: "cm.sante_rang", Kind: page.Int}, {Expr: "cm.logiciel_id", Kind: page.Int}},
				Values: func(r *rangCommunaute) []any { return []any{r.SanteRang, r.LogicielID} }}
		case "NOM":
			order = page.Order[*rangCommunaute]{Name: "nom", Keys: []page.Key{{Expr: "l.nom_tri", Kind: page.Text}, {Expr: "l.id", Kind: page.Int}},
				Values: func(r *rangCommunaute) []any { return []any{r.NomTri, r.LogicielID} }}
		}
	}
	if sens != nil {
		order.Desc = *sens == Decroissant
	}
	return order
}

// deconseilles is the rule of communaute.Deconseiller, over what is kept.
func deconseilles() string {
	return `coalesce(cm.etat IN ('DORMANT', 'ARCHIVE') AND cm.absence_24 <= 1, false)
		AND NOT EXISTS (SELECT FROM (SELECT aujourdhui() AS le) j WHERE ` + prestatairesConnus + ` > 0 OR ` + nombreContrats + ` > 0 OR ` + syndicatsOffrants + ` > 0)`
}

// Communautes lists the communities that were evaluated, by their latest evaluation: the greatest risk first.
func (s *Store) Communautes(ctx context.Context, f *FiltreCommunautes, tri *TriCommunautes, sens *Sens, a page.Args, sel Selection) (*CommunauteConnection, error) {
	if err := presentSeulement(ctx, "communautes"); err != nil {
		return nil, err
	}
	if f == nil {
		f = &FiltreCommunautes{}
	}
	if f.SanteMin != nil && (*f.SanteMin < 0 || *f.SanteMin > 100) {
		return nil, Invalid("santeMin", "« santeMin » va de 0 à 100")
	}
	return readPage(ctx, s, liste[*rangCommunaute, *Communaute]{
		columns: []string{"cm.logiciel_id", "cm.evaluation_id", "cm.collectivites", "cm.population", "cm.risque", "cm.sante_rang", "l.nom_tri", "aujourdhui() - ev.le AS age_jours"},
		order:   orderCommunautes(tri, sens),
		filter: func(q *bun.SelectQuery) *bun.SelectQuery {
			q = inList(q.Join("JOIN logiciel l ON l.id = cm.logiciel_id").Join("JOIN evaluation_communaute ev ON ev.id = cm.evaluation_id"), "cm.etat", f.Etats)
			if f.SanteMin != nil {
				q = q.Where("cm.sante_rang >= ?", *f.SanteMin)
			}
			if f.Deconseille != nil {
				q = q.Where("("+deconseilles()+") = ?", *f.Deconseille)
			}
			if f.Categories != nil {
				q = q.Where(inCategories, bun.Safe("l.id"), bun.List(f.Categories))
			}
			return q
		},
		fill: func(ctx context.Context, rows []*rangCommunaute) error {
			evaluations, err := s.evaluationsByID(sel)(ctx, distinct(rows, func(r *rangCommunaute) int64 { return r.EvaluationID }))
			if err != nil {
				return err
			}
			communautes := make([]*Communaute, len(rows))
			for i, r := range rows {
				communautes[i] = &Communaute{LogicielID: r.LogicielID, Evaluation: evaluations[r.EvaluationID], age: r.AgeJours, liste: true}
				if r.Collectivites > 0 {
					communautes[i].impact = &ImpactPublic{r.LogicielID, r.Collectivites, r.Population}
				}
				r.communaute = communautes[i]
			}
			gather(communautes)
			return nil
		},
		node: func(r *rangCommunaute) *Communaute { return r.communaute },
	}, a)
}

// ContratMaintenance returns the last day of the longest public maintenance contract that is in progress on a day, and the
// key of its source; "" when none is known. What is not public is in no evaluation, since everyone reads those.
func ContratMaintenance(ctx context.Context, tx pgx.Tx, logiciel int64, le string) (fin, source string, err error) {
	err = tx.QueryRow(ctx, `SELECT co.fin::text, so.cle FROM contrat co JOIN source so ON so.id = co.source_id
		WHERE co.logiciel_id = $1 AND co.visibilite = 'PUBLIC' AND co.prestations && '{MAINTENANCE,DEVELOPPEMENT}' AND co.fin >= $2::date AND coalesce(co.debut, $2::date) <= $2::date
		ORDER BY co.fin DESC, co.id LIMIT 1`, logiciel, le).Scan(&fin, &source)
	if err == pgx.ErrNoRows {
		return "", "", nil
	}
	return fin, source, err
}
