package seed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/communaute"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// maxEntrees bounds what an evaluation knows.
const maxEntrees = 200

// releveCommunaute is what is known of the community of a software on a day.
type releveCommunaute struct {
	logiciel logicielConnu
	le       time.Time
	entrees  []communaute.Entree
	source   int64
}

// readCommunautes reads facts found in public pages, one a line: what (the names of domain/communaute.Nom), its value, when
// (le), a note, and where it was read. Those of one software and one day make one evaluation, whose day is the one on
// which what was read could be seen.
func readCommunautes(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "logiciel", "evaluee_le", "nom", "valeur", "le", "note", "source"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	propre, err := c.source(ctx, r.sources.de("communautes-relevees").origine)
	if err != nil {
		return err
	}
	type cle struct {
		logiciel string // as the file calls it: two that were merged since stay apart
		le       time.Time
	}
	rang := map[cle]int{}
	var releves []*releveCommunaute
	par := map[*releveCommunaute][]ligneCSV{}
	for _, l := range toutes {
		le, ok := c.jour(l, "evaluee_le").(time.Time)
		if !ok || le.After(c.maintenant) {
			c.refuse(l.refus("evaluee_le", "le jour de l'évaluation manque, ou est à venir"))
			continue
		}
		x, ok := r.slug(l, "logiciel", l.val("logiciel"))
		if !ok {
			continue
		}
		source, err := r.source(ctx, l, "source")
		if err != nil {
			return err
		}
		i, deja := rang[cle{x.slug, le}]
		if !deja {
			i = len(releves)
			rang[cle{x.slug, le}] = i
			releves = append(releves, &releveCommunaute{logiciel: x, le: le, source: propre})
		}
		e := communaute.Entree{Nom: communaute.Nom(l.val("nom")), Valeur: l.val("valeur"), Le: l.val("le"), Note: l.val("note"), Source: source.cle}
		releves[i].entrees, par[releves[i]] = append(releves[i].entrees, e), append(par[releves[i]], l)
	}
	for _, v := range releves {
		communaute.VerifierToutes(v.le, v.entrees, func(i int, err error) { c.refuse(par[v][i].refus("valeur", err.Error())) })
		if len(v.entrees) > maxEntrees {
			c.refuse(par[v][maxEntrees].refus("logiciel", fmt.Sprintf("une évaluation compte %d entrées au plus", maxEntrees)))
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	_, err = c.evaluate(ctx, releves)
	return err
}

// evaluate adds what the graph knows itself, applies the rules and writes what comes out: again, nothing changes.
func (c *chargement) evaluate(ctx context.Context, releves []*releveCommunaute) ([]communaute.Evaluation, error) {
	var evaluations []communaute.Evaluation
	var rangs [][]any
	vues := map[string]bool{}
	for _, v := range releves {
		lues, err := json.Marshal(v.entrees)
		if err != nil {
			return nil, err
		}
		if v.logiciel.fondu { // what the graph says of its successor would make another evaluation of the same reading
			var faite bool
			if err := c.tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM evaluation_communaute WHERE logiciel_id = $1 AND le = $2 AND entrees @> $3::jsonb)`,
				v.logiciel.id, v.le, string(lues)).Scan(&faite); err != nil {
				return nil, err
			}
			if faite {
				c.rapport.Inchanges++
				continue
			}
		}
		if err := c.complete(ctx, v); err != nil {
			return nil, err
		}
		e := communaute.Evaluer(v.le, v.entrees)
		evaluations = append(evaluations, e)
		entrees, err := json.Marshal(v.entrees)
		if err != nil {
			return nil, err
		}
		composantes, err := json.Marshal(e.Composantes)
		if err != nil {
			return nil, err
		}
		somme := sha256.Sum256(append([]byte(e.Bareme+"\n"), entrees...))
		empreinte, le := hex.EncodeToString(somme[:]), v.le.Format(time.DateOnly)
		cle := identifiant.UUID("communaute", v.logiciel.slug, le, empreinte)
		if vues[cle] {
			continue
		}
		vues[cle] = true
		rangs = append(rangs, []any{cle, v.logiciel.id, v.le, empreinte, e.Bareme, string(entrees), string(composantes), nul(string(e.Etat)), e.Motif,
			e.Sante, nul(e.MotifSante), e.Couverture, e.Absence12, e.Absence24, v.source})
	}
	colonnes := []string{"cle", "logiciel_id", "le", "empreinte", "bareme", "entrees", "composantes", "etat", "raison_etat",
		"sante", "raison_sans_sante", "couverture", "facteur_absence_12", "facteur_absence_24", "source_id"}
	return evaluations, c.merge(ctx, fusion{
		table: "evaluation_communaute", colonnes: colonnes, cle: []string{"logiciel_id", "le", "empreinte"}, fige: colonnes,
	}, slices.Values(rangs))
}

// complete adds to what was read what the graph says of the software: that it has a site, its licence, and a public
// maintenance contract that is in progress. Entries are then in an order of their own: that of the reading changes nothing.
func (c *chargement) complete(ctx context.Context, v *releveCommunaute) error {
	var site, licence *string
	var source string
	if err := c.tx.QueryRow(ctx, `SELECT l.site, coalesce(l.licence, l.licence_origine), so.cle FROM logiciel l JOIN source so ON so.id = l.source_id WHERE l.id = $1`, v.logiciel.id).
		Scan(&site, &licence, &source); err != nil {
		return err
	}
	ajoute := func(n communaute.Nom, valeur, note, source string) {
		e := communaute.Entree{Nom: n, Valeur: valeur, Note: note, Source: source}
		if !slices.ContainsFunc(v.entrees, func(x communaute.Entree) bool { return x.Nom == n && n != communaute.FinContrat }) && e.Verifier(v.le) == nil {
			v.entrees = append(v.entrees, e)
		}
	}
	if site != nil && *site != "" {
		ajoute(communaute.PageWeb, communaute.Oui, "", source)
	}
	if licence != nil {
		ajoute(communaute.Licence, *licence, "", source)
	}
	fin, de, err := db.ContratMaintenance(ctx, c.tx, v.logiciel.id, v.le.Format(time.DateOnly))
	if err != nil {
		return err
	}
	if fin != "" {
		ajoute(communaute.FinContrat, fin, "contrat public du graphe", de)
	}
	slices.SortFunc(v.entrees, communaute.Ordre)
	return nil
}

// LectureCommunaute is what was read of a software: its repository, the exports of its forge, the tools that look at it.
type LectureCommunaute struct {
	Logiciel string // its slug
	Le       time.Time
	Sources  []SourceLue // the first is that of the evaluation
}

// SourceLue is one thing that was read, as one cites it, and what it says: entries without their source, which it is.
type SourceLue struct {
	Nom, URL string
	Entrees  []communaute.Entree
}

// ErrLogicielInconnu is the answer for a software that the graph does not know.
var ErrLogicielInconnu = errors.New("ce logiciel n'est pas connu")

// Evaluer writes the evaluation that a reading gives, in one signed transaction: done again, it changes nothing. Errors:
// ErrLogicielInconnu; what [communaute.VerifierToutes] refuses.
func Evaluer(ctx context.Context, pool *pgxpool.Pool, l LectureCommunaute, o Options) (communaute.Evaluation, Rapport, error) {
	var e communaute.Evaluation
	contenu, err := json.Marshal(l)
	if err != nil {
		return e, Rapport{}, err
	}
	if o.Sign == nil {
		o.Sign = signCommunaute
	}
	format := Format{Nom: "communaute", read: func(ctx context.Context, c *chargement, _ fichier) error {
		tous, err := c.logiciels(ctx)
		if err != nil {
			return err
		}
		x, ok := tous.parSlug[l.Logiciel]
		if !ok {
			return fmt.Errorf("« %s » : %w", l.Logiciel, ErrLogicielInconnu)
		}
		v := &releveCommunaute{logiciel: x, le: l.Le}
		for i, lue := range l.Sources {
			id, err := c.source(ctx, origine{cle: "communaute-" + lue.Nom, nom: lue.Nom, url: lue.URL})
			if err != nil {
				return err
			}
			if i == 0 {
				v.source = id
			}
			for _, e := range lue.Entrees {
				e.Source = "communaute-" + lue.Nom
				v.entrees = append(v.entrees, e)
			}
		}
		var fautes []error
		communaute.VerifierToutes(v.le, v.entrees, func(i int, err error) { fautes = append(fautes, fmt.Errorf("%s : %w", v.entrees[i].Nom, err)) })
		if len(v.entrees) > maxEntrees {
			fautes = append(fautes, fmt.Errorf("une évaluation compte %d entrées au plus", maxEntrees))
		}
		if len(fautes) > 0 {
			return errors.Join(fautes...)
		}
		e = communaute.Evaluer(v.le, v.entrees) // of a software merged since, and evaluated before, nothing more is written
		faites, err := c.evaluate(ctx, []*releveCommunaute{v})
		if len(faites) > 0 {
			e = faites[0]
		}
		return err
	}}
	rapports, err := executer(ctx, pool, []travail{{format, fichierTexte(l.Logiciel+" "+l.Le.Format(time.DateOnly), string(contenu))}}, o)
	if err != nil {
		return e, Rapport{}, err
	}
	return e, rapports[0], nil
}

func signCommunaute(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `WITH p AS (INSERT INTO publication (operation, sujet) VALUES ('communaute evaluer', 'commande:communaute') RETURNING id)
		SELECT set_config('mutualibre.publication', id::text, true) FROM p`)
	return err
}
