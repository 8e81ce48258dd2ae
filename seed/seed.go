// Package seed reads files into the graph: what the project ships (Load) and what a user brings (Import). One
// reader per format. An import is one transaction, all or nothing; reading a file twice changes nothing.
package seed

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/db"
)

//go:embed donnees
var donnees embed.FS

// Options of an import. The zero value is fine.
type Options struct {
	// Progres, when set, is called as the work goes on: the step in French, what is done and the whole. It must be quick.
	Progres func(etape string, fait, total int)
	// Maintenant, when set, replaces the clock.
	Maintenant func() time.Time
	// SansFaits leaves the sourced facts out of Load: who and what exist, but no usage, saving, price nor label. It is
	// what an invented sample stands on.
	SansFaits bool
	// Essai does everything, reports it, and forgets it.
	Essai bool
	// Sign, when set, says in the journal who writes, or refuses.
	Sign func(context.Context, pgx.Tx) error
}

// Format is a kind of file that Import reads.
type Format struct {
	Nom         string // as given on the command line
	Description string // in French: what the file holds, where it comes from
	read        func(context.Context, *chargement, fichier) error
}

// Formats lists what Import reads, in the order in which files should be given.
func Formats() []Format {
	var all []Format
	all = append(all, formatsAdministratifs()...)
	all = append(all, formatsLogiciels()...)
	return append(all, formatsFaits()...)
}

// etape is one embedded file that Load reads with a format.
type etape struct{ format, chemin string }

// etapes is everything that the project ships, in the order of its references: who, then what, then facts.
func etapes(sansFaits bool) []etape {
	var all []etape
	all = append(all, etapesAdministratives()...)
	all = append(all, etapesLogiciels()...)
	if sansFaits {
		return all
	}
	return append(all, etapesFaits()...)
}

// Load loads all that the project ships, in one transaction. A bad line is an *Erreurs and leaves the database as it was.
func Load(ctx context.Context, pool *pgxpool.Pool, o Options) (*Bilan, error) {
	debut := o.horloge()
	var travaux []travail
	for _, e := range etapes(o.SansFaits) {
		f, err := findFormat(e.format)
		if err != nil {
			return nil, err
		}
		travaux = append(travaux, travail{f, fichierEmbarque(e.chemin)})
	}
	rapports, err := executer(ctx, pool, travaux, o)
	if err != nil {
		return nil, err
	}
	return &Bilan{Rapports: rapports, Duree: o.horloge().Sub(debut)}, nil
}

// Import reads the user's files, all of one format, in one transaction. Errors: ErrFormat; *Erreurs with every bad
// line of every file; anything else is a file that cannot be read or a database that fails.
func Import(ctx context.Context, pool *pgxpool.Pool, format string, fichiers []string, o Options) ([]Rapport, error) {
	f, err := findFormat(format)
	if err != nil {
		return nil, err
	}
	var travaux []travail
	for _, chemin := range fichiers {
		travaux = append(travaux, travail{f, fichierDisque(chemin)})
	}
	return executer(ctx, pool, travaux, o)
}

func findFormat(nom string) (Format, error) {
	var noms []string
	for _, f := range Formats() {
		if f.Nom == nom {
			return f, nil
		}
		noms = append(noms, f.Nom)
	}
	return Format{}, fmt.Errorf("%w : « %s » (formats lus : %s)", ErrFormat, nom, strings.Join(noms, ", "))
}

func fichierEmbarque(chemin string) fichier {
	return fichier{nom: strings.TrimSuffix(chemin, ".gz"), open: func() (io.ReadCloser, error) {
		f, err := donnees.Open("donnees/" + chemin)
		if err != nil {
			return nil, err
		}
		return decompresse(chemin, f)
	}}
}

func (o Options) horloge() time.Time {
	if o.Maintenant != nil {
		return o.Maintenant()
	}
	return time.Now()
}

type travail struct {
	format  Format
	fichier fichier
}

// errEssai makes the transaction of a dry run be forgotten.
var errEssai = errors.New("dry run")

// executer reads the files one after the other in one transaction. When a file has bad lines, the following ones are
// still read if they are of the same format, so that the user gets every bad line at once.
func executer(ctx context.Context, pool *pgxpool.Pool, travaux []travail, o Options) ([]Rapport, error) {
	var rapports []Rapport
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, db.VerrouImport); err != nil {
			return fmt.Errorf("verrou d'import : %w", err)
		}
		if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = 0`); err != nil {
			return err
		}
		signer := sign
		if o.Sign != nil {
			signer = o.Sign
		}
		if err := signer(ctx, tx); err != nil {
			return err
		}
		erreurs, touchees, cache := &Erreurs{}, map[string]struct{}{}, &caches{}
		for i, t := range travaux {
			if o.Progres != nil {
				o.Progres(t.fichier.nom, i, len(travaux))
			}
			if i > 0 && len(erreurs.Anomalies) > 0 && travaux[i-1].format.Nom != t.format.Nom {
				break
			}
			rapport, err := unFichier(ctx, tx, t, o, erreurs, touchees, cache)
			var lignes *Erreurs
			if err != nil && !errors.As(err, &lignes) {
				var a *Anomalie
				if !errors.As(err, &a) {
					return fmt.Errorf("%s : %w", t.fichier.nom, err)
				}
				erreurs.Anomalies = append(erreurs.Anomalies, a)
			}
			rapports = append(rapports, rapport)
		}
		if len(erreurs.Anomalies) > 0 {
			return erreurs
		}
		if err := analyze(ctx, tx, touchees); err != nil {
			return err
		}
		if o.Progres != nil {
			o.Progres("terminé", len(travaux), len(travaux))
		}
		if o.Essai {
			return errEssai
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEssai) {
		return nil, err
	}
	return rapports, nil
}

// sign says in the journal who writes. The first loading stays out of it: its sources and its files answer for it.
func sign(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `WITH p AS (INSERT INTO publication (operation, sujet)
			SELECT 'import', 'commande:import' WHERE EXISTS (SELECT FROM importation) RETURNING id)
		SELECT set_config('mutualibre.publication', coalesce((SELECT id::text FROM p), ''), true),
			set_config('mutualibre.journal', CASE WHEN EXISTS (SELECT FROM p) THEN 'oui' ELSE 'non' END, true)`)
	return err
}

// unFichier reads one file and leaves its row in importation, unless this very file was read before and changes nothing.
func unFichier(ctx context.Context, tx pgx.Tx, t travail, o Options, erreurs *Erreurs, touchees map[string]struct{}, cache *caches) (Rapport, error) {
	debut := o.horloge()
	rapport := Rapport{Format: t.format.Nom, Fichier: t.fichier.nom}
	empreinte, err := t.fichier.empreinte()
	if err != nil {
		return rapport, err
	}
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM importation WHERE format = $1 AND empreinte = $2)`,
		t.format.Nom, empreinte).Scan(&rapport.DejaLu); err != nil {
		return rapport, err
	}
	c := &chargement{
		tx: tx, maintenant: debut, rapport: &rapport, erreurs: erreurs, touchees: touchees, sources: map[string]int64{}, cache: cache,
		fichier: t.fichier, progres: func(string, int, int) {},
	}
	if o.Progres != nil {
		c.progres = o.Progres
	}
	if err := t.format.read(ctx, c, t.fichier); err != nil {
		return rapport, err
	}
	if rapport.DejaLu && rapport.Ajouts == 0 && rapport.Corrections == 0 {
		return rapport, nil
	}
	return rapport, noter(ctx, c, empreinte, debut, o.horloge())
}

// noter writes the import down: its counts, its warnings, and the day on its sources.
func noter(ctx context.Context, c *chargement, empreinte string, debut, fin time.Time) error {
	var id int64
	r := c.rapport
	if err := c.tx.QueryRow(ctx, `INSERT INTO importation (format, fichier, empreinte, ajouts, corrections, inchanges, debut, fin)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
		r.Format, r.Fichier, empreinte, r.Ajouts, r.Corrections, r.Inchanges, debut, fin).Scan(&id); err != nil {
		return fmt.Errorf("trace de l'import : %w", err)
	}
	ids := make([]int64, 0, len(c.sources))
	for _, s := range c.sources {
		ids = append(ids, s)
	}
	if _, err := c.tx.Exec(ctx, `UPDATE source SET importe_le = $1 WHERE id = ANY($2) AND importe_le <> $1`, debut, ids); err != nil {
		return fmt.Errorf("date des sources : %w", err)
	}
	_, err := c.tx.CopyFrom(ctx, pgx.Identifier{"anomalie"}, []string{"importation_id", "fichier", "ligne", "colonne", "valeur", "motif"},
		pgx.CopyFromSlice(len(r.Anomalies), func(i int) ([]any, error) {
			a := r.Anomalies[i]
			return []any{id, a.Fichier, a.Ligne, a.Colonne, a.Valeur, a.Motif}, nil
		}))
	if err != nil {
		return fmt.Errorf("trace des anomalies : %w", err)
	}
	return nil
}
