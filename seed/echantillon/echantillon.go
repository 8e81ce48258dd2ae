// Package echantillon fills a database with a synthetic but realistic France: on top of the real organisations and the
// real software, invented software, catalogues of the digital syndicats, memberships, subscriptions, usages and savings.
// It is for measuring, demonstrating and developing. Nothing in it is a fact: every row points to the source
// [CleSource], marked as synthetic, and [Remove] takes all of it away.
//
// The same seed over the same organisations, software and categories gives the same rows. Every collectivité is drawn from a generator of its
// own, seeded by the seed and its rank, so that its subscriptions, usages and savings can be drawn again, one table after
// the other, instead of keeping more than a million rows in memory. Weights are integers: floating point may differ from
// one processor to the next.
package echantillon

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// CleSource is the natural key of the one source of every row of the sample.
	CleSource = "echantillon"
	// NomSource is the name of that source, as readers see it.
	NomSource = "échantillon synthétique"
	// version changes whenever the same seed gives other rows.
	version = "1"
)

// DateFixe is the day on which the sample is told: nothing in it is later, whatever the day it is generated.
func DateFixe() time.Time { return time.Date(2026, time.June, 30, 0, 0, 0, 0, time.UTC) }

// The refusals of [Generate] and [Remove].
var (
	// ErrDonneesReelles: the database holds real usages and Options.Melanger was not asked.
	ErrDonneesReelles = errors.New("la base contient des usages réels : un échantillon les fausserait. " +
		"Utilisez une autre base, ou demandez explicitement le mélange")
	// ErrAutreEchantillon: another sample is there.
	ErrAutreEchantillon = errors.New("un échantillon d'une autre graine ou d'une autre taille est déjà dans la base : retirez-le d'abord")
	// ErrBaseVide: there is no collectivité to give usages to.
	ErrBaseVide = errors.New("la base ne contient aucune collectivité : chargez d'abord les données de référence")
	// ErrTropDUsages: more usages asked than the collectivités can plausibly run.
	ErrTropDUsages = errors.New("trop d'usages demandés pour les collectivités et les logiciels de la base")
	// ErrCite: rows that are not of the sample refer to it, so it cannot be removed.
	ErrCite = errors.New("des données qui ne sont pas de l'échantillon s'y rattachent : retirez-les d'abord")
)

// Options of [Generate].
type Options struct {
	Usages   int    // how many usages, exactly; 0 or less is refused
	Graine   uint64 // the seed: another seed, another France
	Melanger bool   // accept a database that holds real usages

	// Progres, if set, is told now and then how many rows of a table have been sent. total is 0 when it is not known.
	Progres func(table string, faites, total int)
}

// Bilan says what a run wrote, by table.
type Bilan struct {
	DejaLa      bool // the same sample was already there: nothing was written, the counts are 0
	Logiciels   int  // invented software
	Catalogues  int
	Entrees     int
	Adhesions   int
	Abonnements int
	Usages      int
	Economies   int
}

// Generate writes a sample in one transaction: all of it or none of it. While it works, readers and writers of usages
// wait. A second call with the same options does nothing and says so (Bilan.DejaLa). Errors: [ErrDonneesReelles],
// [ErrAutreEchantillon], [ErrBaseVide], [ErrTropDUsages], or what PostgreSQL said.
func Generate(ctx context.Context, pool *pgxpool.Pool, options Options) (*Bilan, error) {
	if options.Usages <= 0 {
		return nil, fmt.Errorf("nombre d'usages : %d n'est pas un nombre positif", options.Usages)
	}
	if options.Progres == nil {
		options.Progres = func(string, int, int) {}
	}
	var bilan *Bilan
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		var err error
		bilan, err = generate(ctx, tx, options)
		return err
	})
	if err != nil {
		// An interrupted copy only says that its connection closed.
		return nil, fmt.Errorf("échantillon : %w", cmp.Or(ctx.Err(), err))
	}
	if bilan.DejaLa {
		return bilan, nil
	}
	return bilan, analyze(ctx, pool)
}

// empreinte names a sample: two samples of one print over one base hold the same rows.
func (o Options) empreinte() string {
	somme := sha256.Sum256(fmt.Appendf(nil, "%s graine=%d usages=%d", version, o.Graine, o.Usages))
	return hex.EncodeToString(somme[:])
}

func generate(ctx context.Context, tx pgx.Tx, options Options) (*Bilan, error) {
	// Held to the end: identifiers follow the highest one, so nobody else may take them meanwhile.
	_, err := tx.Exec(ctx, `SET LOCAL statement_timeout = 0; SET LOCAL mutualibre.adoption = 'non'; -- counted at the end, from the usages
		LOCK TABLE source, importation, logiciel, adhesion, catalogue, entree_catalogue, abonnement, economie IN SHARE ROW EXCLUSIVE MODE;
		LOCK TABLE usage IN ACCESS EXCLUSIVE MODE`)
	if err != nil {
		return nil, err
	}
	var present, meme, reels bool
	err = tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM source WHERE cle = $1),
		       EXISTS (SELECT FROM importation WHERE format = $1 AND empreinte = $2),
		       EXISTS (SELECT FROM usage WHERE source_id IN (SELECT id FROM source WHERE NOT synthetique))`,
		CleSource, options.empreinte()).Scan(&present, &meme, &reels)
	switch {
	case err != nil:
		return nil, err
	case meme:
		return &Bilan{DejaLa: true}, nil
	case present:
		return nil, ErrAutreEchantillon
	case reels && !options.Melanger:
		return nil, ErrDonneesReelles
	}
	b, err := readBase(ctx, tx)
	if err != nil {
		return nil, err
	}
	p, err := planifier(b, options)
	if err != nil {
		return nil, err
	}
	return write(ctx, tx, p, options)
}

// Remove removes the sample, all of it, in one transaction, and leaves every other row as it was. It returns false when
// there was none. Errors: [ErrCite] when rows of another source refer to it, or what PostgreSQL said.
func Remove(ctx context.Context, pool *pgxpool.Pool) (bool, error) {
	present := false
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		var err error
		present, err = remove(ctx, tx)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("retirer l'échantillon : %w", cmp.Or(ctx.Err(), err))
	}
	if !present {
		return false, nil
	}
	return true, analyze(ctx, pool)
}

// analyze lets the planner know, and gives back the room of what was removed.
func analyze(ctx context.Context, pool *pgxpool.Pool) error {
	_, err := pool.Exec(ctx, `VACUUM (ANALYZE) organisation, logiciel, logiciel_lien, adhesion, catalogue, entree_catalogue,
		abonnement, usage, usage_compte, logiciel_utilisateur, economie, recherche,
		logiciel_sujet, cellule, presence, implantation, adoption, adoption_mois, adoption_mois_lieu, citation, citation_mois, economie_comptee, economie_compte`)
	return err
}
