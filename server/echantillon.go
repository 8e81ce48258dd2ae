package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/local"
	"github.com/mutualibre/mutualibre/seed"
	"github.com/mutualibre/mutualibre/seed/echantillon"
)

// baseEchantillon is the database, beside the real one in the private PostgreSQL, that holds the sample.
const baseEchantillon = "mutualibre_echantillon"

// demande is what the user asks of the sample.
type demande struct {
	usages           int
	graine           uint64
	remove, melanger bool
}

func (app *application) commandeEchantillon() *cobra.Command {
	reglages := reglagesBase()
	cmd := &cobra.Command{
		Use:   "echantillon",
		Short: "invente des usages sur toute la France, pour mesurer et montrer",
		Long: `Remplit une base de données inventées, mais vraisemblables : usages, catalogues,
adhésions, économies, posés sur les vraies collectivités et les vrais logiciels.
Une même graine donne toujours les mêmes données. Chacune cite la source
« échantillon synthétique ».

L'échantillon ne se mêle pas aux données réelles :
  - sans DATABASE_URL, il a sa propre base, à côté de la base réelle ;
    « serve --echantillon » la sert ;
  - avec DATABASE_URL, il s'installe dans cette base si elle ne contient aucun
    usage réel.
Avec --melanger, il s'ajoute aux données réelles.`,
		Example: `  go run ./server echantillon --usages 1500000 --graine 1
  go run ./server serve --echantillon
  go run ./server echantillon --retirer`,
	}
	declare(cmd.Flags(), reglages)
	var d demande
	option(cmd.Flags(), "usages", "NOMBRE", "nombre d'usages à inventer (par défaut, 100000)")
	option(cmd.Flags(), "graine", "NOMBRE", "graine du hasard, entier positif ou nul (par défaut, 1)")
	cmd.Flags().BoolVar(&d.melanger, "melanger", false, "ajoute l'échantillon à la base des données réelles")
	cmd.Flags().BoolVar(&d.remove, "retirer", false, "retire l'échantillon, tout entier (avec --melanger, de la base réelle)")
	cmd.RunE = app.action(reglages, func(cmd *cobra.Command, args []string) error {
		var err error
		d.usages, d.graine, err = readTirage(cmd, d.remove)
		return errors.Join(sansArgument(cmd, args), err)
	}, func(cmd *cobra.Command, c config, _ []string) error {
		return app.echantillonner(cmd.Context(), c, d)
	})
	return cmd
}

// readTirage reads how many usages are asked, and from which seed.
func readTirage(cmd *cobra.Command, remove bool) (usages int, graine uint64, err error) {
	usages, graine = 100_000, 1
	var fautes []error
	if f := cmd.Flags().Lookup("usages"); f.Changed {
		n, err := strconv.ParseInt(f.Value.String(), 10, 32)
		if err != nil || n < 1 {
			fautes = append(fautes, fmt.Errorf("--usages : « %s » n'est pas un nombre d'usages (exemple : 1500000)", f.Value))
		}
		usages = int(n)
	}
	if f := cmd.Flags().Lookup("graine"); f.Changed {
		if graine, err = strconv.ParseUint(f.Value.String(), 10, 64); err != nil {
			fautes = append(fautes, fmt.Errorf("--graine : « %s » n'est pas un entier positif ou nul", f.Value))
		}
	}
	if remove && (cmd.Flags().Changed("usages") || cmd.Flags().Changed("graine")) {
		fautes = append(fautes, errors.New("--retirer ne va ni avec --usages ni avec --graine : l'échantillon part tout entier"))
	}
	return usages, graine, errors.Join(fautes...)
}

func (app *application) echantillonner(ctx context.Context, c config, d demande) (err error) {
	b, err := openBase(ctx, c, app.journal(c), true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.shut()) }()
	apart := c.DatabaseURL == "" && !d.melanger
	switch {
	case d.remove && apart:
		retire, err := local.DropBeside(ctx, b.url, baseEchantillon)
		return app.sayRetrait(retire, err)
	case d.remove:
		return surBase(ctx, b.url, func(pool *pgxpool.Pool) error {
			if current, err := db.MigrationsCurrent(ctx, pool); err != nil || !current {
				return app.sayRetrait(false, err) // a base without our tables holds no sample
			}
			retire, err := echantillon.Remove(ctx, pool)
			return app.sayRetrait(retire, err)
		})
	}
	url := b.url
	if apart {
		if url, err = local.CreateBeside(ctx, b.url, baseEchantillon); err != nil {
			return err
		}
	}
	return surBase(ctx, url, func(pool *pgxpool.Pool) error { return app.generate(ctx, pool, d, apart) })
}

func (app *application) sayRetrait(retire bool, err error) error {
	switch {
	case err != nil:
		return err
	case retire:
		fmt.Fprintln(app.stdout, "L'échantillon est retiré.")
	default:
		fmt.Fprintln(app.stdout, "Il n'y avait pas d'échantillon.")
	}
	return nil
}

// generate loads what the sample stands on if the database is empty, then the sample.
func (app *application) generate(ctx context.Context, pool *pgxpool.Pool, d demande, apart bool) error {
	if _, err := db.MigrateUp(ctx, pool); err != nil {
		return err
	}
	contenu, err := db.ReadContenu(ctx, pool)
	if err != nil {
		return err
	}
	p := app.progression(app.ligne)
	defer p.fin()
	if contenu.Vide {
		if _, err := seed.Load(ctx, pool, seed.Options{Progres: p.etape, SansFaits: !d.melanger}); err != nil {
			return err
		}
	}
	bilan, err := echantillon.Generate(ctx, pool, echantillon.Options{Usages: d.usages, Graine: d.graine, Melanger: d.melanger, Progres: p.etape})
	p.fin()
	switch {
	case errors.Is(err, echantillon.ErrAutreEchantillon):
		return fmt.Errorf("%w (commande : echantillon --retirer)", err)
	case errors.Is(err, echantillon.ErrDonneesReelles):
		return fmt.Errorf("%w (option --melanger)", err)
	case err != nil:
		return err
	}
	if bilan.DejaLa {
		fmt.Fprintln(app.stdout, "Ce même échantillon était déjà là : rien n'a changé.")
	} else {
		fmt.Fprintf(app.stdout, "Échantillon inventé : %d usages, %d économies, %d logiciels, %d catalogues, %d entrées, %d adhésions, %d abonnements.\n",
			bilan.Usages, bilan.Economies, bilan.Logiciels, bilan.Catalogues, bilan.Entrees, bilan.Adhesions, bilan.Abonnements)
	}
	if apart {
		fmt.Fprintln(app.stdout, "Pour le servir : go run ./server serve --echantillon")
	}
	return nil
}

// errSansEchantillon answers a request to serve what does not exist.
var errSansEchantillon = errors.New("il n'y a pas d'échantillon à servir : inventez-en un d'abord (commande : echantillon)")

// refuseMix protects a base that holds a sample from real data, unless it is asked for.
func refuseMix(ctx context.Context, pool *pgxpool.Pool, melanger bool) error {
	if melanger {
		return nil
	}
	contenu, err := db.ReadContenu(ctx, pool)
	if err == nil && contenu.Synthetique {
		return errors.New("cette base contient un échantillon inventé : retirez-le (commande : echantillon --retirer), ou demandez le mélange (option --melanger)")
	}
	return err
}
