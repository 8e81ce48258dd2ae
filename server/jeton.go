package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

func (app *application) commandeJeton() *cobra.Command {
	groupe := &cobra.Command{
		Use:   "jeton",
		Short: "crée, liste ou révoque les jetons qui donnent accès à l'API",
		Long: `Crée, liste ou révoque les jetons qui donnent accès à l'API, même pendant que le
serveur tourne. Qui lance cette commande sur la machine peut tout.`,
		Example: `  go run ./server jeton creer --organisation 253800700 --role GESTIONNAIRE --nom "Catalogue du SITPI"
  go run ./server jeton lister`,
	}
	groupe.RunE = app.action(nil, func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return inconnue(cmd, args)
		}
		return fmt.Errorf("« %s » attend creer, lister ou revoquer", cmd.CommandPath())
	}, nil)
	groupe.AddCommand(app.commandeJetonCreer(), app.commandeJetonLister(), app.commandeJetonRevoquer())
	return groupe
}

func (app *application) commandeJetonCreer() *cobra.Command {
	reglages := reglagesBase()
	cmd := &cobra.Command{
		Use:   "creer",
		Short: "crée un jeton et l'affiche, cette seule fois",
		Long: `Crée un jeton et l'écrit seul sur la sortie standard : il n'est conservé nulle
part et ne pourra pas être affiché de nouveau.

Rôles, pour une organisation (--organisation) :
  LECTEUR       lit ce que l'organisation garde pour elle
  CONTRIBUTEUR  saisit et corrige pour elle
  GESTIONNAIRE  la gère, et, pour un syndicat, les usages de ses membres
  PRESTATAIRE   propose des usages à ses clients, qui décident
Rôles pour toutes les organisations :
  MODERATEUR    vérifie, corrige et fusionne
  ADMIN         peut tout`,
		Example: `  go run ./server jeton creer --organisation 253800700 --role GESTIONNAIRE --nom "Catalogue du SITPI" --expire 2027-01-01
  go run ./server jeton creer --role ADMIN --nom "Exploitation"`,
	}
	declare(cmd.Flags(), reglages)
	option(cmd.Flags(), "organisation", "SIREN", "organisation pour laquelle il agira : son SIREN, ou sa clé dans la base")
	option(cmd.Flags(), "role", "RÔLE", "son rôle : "+roles())
	option(cmd.Flags(), "nom", "TEXTE", "à quoi il servira")
	option(cmd.Flags(), "expire", "DATE", "jour à partir duquel il ne sera plus accepté, à 0 h en temps universel : 2027-01-01 (par défaut, dans un an ; dans trois au plus)")
	var d jetonDemande
	cmd.RunE = app.action(reglages, func(cmd *cobra.Command, args []string) error {
		var err error
		d, err = readJeton(cmd)
		return errors.Join(sansArgument(cmd, args), err)
	}, func(cmd *cobra.Command, c config, _ []string) error {
		return app.surJetons(cmd, c, func(ctx context.Context, store *db.Store) error { return app.creerJeton(ctx, store, d) })
	})
	return cmd
}

// jetonDemande is the token that the user asks for.
type jetonDemande struct {
	organisation string
	input        db.CreerJetonInput
}

func readJeton(cmd *cobra.Command) (d jetonDemande, err error) {
	texte := func(nom string) string { return strings.TrimSpace(cmd.Flags().Lookup(nom).Value.String()) }
	var fautes []error
	d.organisation, d.input.Nom = texte("organisation"), texte("nom")
	d.input.Role = droit.Role(strings.ToUpper(texte("role")))
	connu := strings.Contains(", "+roles()+",", ", "+string(d.input.Role)+",")
	switch {
	case d.input.Role == "":
		fautes = append(fautes, errors.New("--role manque : "+roles()))
	case !connu:
		fautes = append(fautes, fmt.Errorf("--role : « %s » n'est pas un rôle (%s)", texte("role"), roles()))
	case d.input.Role.Global() && d.organisation != "":
		fautes = append(fautes, fmt.Errorf("--organisation ne va pas avec le rôle %s, qui vaut pour toutes", d.input.Role))
	case !d.input.Role.Global() && d.organisation == "":
		fautes = append(fautes, fmt.Errorf("--organisation manque : le rôle %s s'exerce pour une organisation", d.input.Role))
	}
	if d.input.Nom == "" {
		fautes = append(fautes, errors.New("--nom manque : dites à quoi servira ce jeton"))
	}
	if jour := texte("expire"); jour != "" {
		t, err := time.Parse(time.DateOnly, jour)
		if err != nil {
			fautes = append(fautes, fmt.Errorf("--expire : « %s » n'est pas une date (exemple : 2027-01-01)", jour))
		}
		instant := db.Instant(t)
		d.input.ExpireLe = &instant
	}
	return d, errors.Join(fautes...)
}

// roles lists the roles for a message.
func roles() string {
	var noms []string
	for _, r := range droit.Roles() {
		noms = append(noms, string(r))
	}
	return strings.Join(noms, ", ")
}

func (app *application) creerJeton(ctx context.Context, store *db.Store, d jetonDemande) error {
	if d.organisation != "" {
		id, err := organisationDe(ctx, store, d.organisation)
		if err != nil {
			return err
		}
		d.input.Organisation = &id
	}
	fait, err := store.CreerJeton(ctx, d.input)
	if err != nil {
		return err
	}
	if len(fait.Erreurs) > 0 {
		return db.Fautes(fait.Erreurs)
	}
	fmt.Fprintf(app.stderr, "Jeton %s créé (%s, jusqu'au %s). Conservez-le en lieu sûr : il n'est affiché que cette fois.\n",
		fait.Jeton.Cle, fait.Jeton.Role, jour(&fait.Jeton.ExpireLe))
	fmt.Fprintln(app.stdout, *fait.Secret)
	return nil
}

// organisationDe gives the public id of the organisation that the user names.
func organisationDe(ctx context.Context, store *db.Store, nom string) (string, error) {
	o, err := store.OrganisationDe(ctx, nom)
	if err != nil {
		return "", err
	}
	if o == nil {
		return "", fmt.Errorf("aucune organisation n'a pour SIREN ou pour clé « %s » dans cette base", nom)
	}
	return o.ID(), nil
}

func (app *application) commandeJetonLister() *cobra.Command {
	reglages := reglagesBase()
	cmd := &cobra.Command{
		Use:   "lister",
		Short: "liste les jetons, derniers créés d'abord, sans leurs secrets",
		Example: `  go run ./server jeton lister
  go run ./server jeton lister --organisation 253800700`,
	}
	declare(cmd.Flags(), reglages)
	option(cmd.Flags(), "organisation", "SIREN", "seulement ceux de cette organisation : son SIREN, ou sa clé dans la base")
	cmd.RunE = app.action(reglages, nil, func(cmd *cobra.Command, c config, _ []string) error {
		return app.surJetons(cmd, c, func(ctx context.Context, store *db.Store) error {
			lire := store.TousLesJetons
			if nom := cmd.Flags().Lookup("organisation").Value.String(); nom != "" {
				id, err := organisationDe(ctx, store, nom)
				if err != nil {
					return err
				}
				lire = func(ctx context.Context, a page.Args) (*db.JetonConnection, error) { return store.Jetons(ctx, &id, a) }
			}
			return app.listerJetons(ctx, store, lire)
		})
	})
	return cmd
}

func (app *application) listerJetons(ctx context.Context, store *db.Store, lire func(context.Context, page.Args) (*db.JetonConnection, error)) error {
	t := tabwriter.NewWriter(app.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "IDENTIFIANT\tRÔLE\tORGANISATION\tNOM\tCRÉÉ LE\tEXPIRE LE\tDERNIER USAGE\tRÉVOQUÉ LE")
	nombre := page.Max
	for a := (page.Args{First: &nombre}); ; {
		p, err := lire(ctx, a)
		if err != nil {
			return err
		}
		for _, j := range p.Nodes {
			o, err := store.TitulaireDuJeton(ctx, j, db.Selection{})
			if err != nil {
				return err
			}
			organisation := "toutes"
			if o != nil {
				_, organisation, _ = identifiant.ParseGlobal(o.ID())
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", j.Cle, j.Role, organisation, j.Nom, jour(&j.CreeLe), jour(&j.ExpireLe), jour(j.DernierUsageLe), jour(j.RevoqueLe))
		}
		suite, err := p.PageInfo().HasNextPage(ctx)
		if err != nil {
			return err
		}
		if !suite {
			return t.Flush()
		}
		a.After = p.PageInfo().EndCursor
	}
}

// jour writes a day as people do.
func jour(i *db.Instant) string {
	if i == nil {
		return "—"
	}
	return time.Time(*i).UTC().Format("02/01/2006")
}

func (app *application) commandeJetonRevoquer() *cobra.Command {
	reglages := reglagesBase()
	cmd := &cobra.Command{
		Use:   "revoquer IDENTIFIANT",
		Short: "révoque un jeton : il n'est plus accepté",
		Long: `Révoque un jeton, désigné par l'identifiant que donne « jeton lister ». Il n'est
plus accepté ; les connexions qu'il a ouvertes se ferment en une minute au plus.`,
		Example: `  go run ./server jeton revoquer 7g2kqv3d5hx4wz6a`,
	}
	declare(cmd.Flags(), reglages)
	cmd.RunE = app.action(reglages, func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("« %s » attend l'identifiant d'un jeton : « jeton lister » les donne", cmd.CommandPath())
		}
		return nil
	}, func(cmd *cobra.Command, c config, args []string) error {
		return app.surJetons(cmd, c, func(ctx context.Context, store *db.Store) error {
			fait, err := store.RevoquerJeton(ctx, db.RevoquerJetonInput{ID: identifiant.Global("Jeton", args[0])})
			if err != nil {
				return err
			}
			if len(fait.Erreurs) > 0 {
				return db.Fautes(fait.Erreurs)
			}
			fmt.Fprintf(app.stdout, "Jeton %s (« %s ») révoqué.\n", fait.Jeton.Cle, fait.Jeton.Nom)
			return nil
		})
	})
	return cmd
}

// surJetons runs work on the database, brought up to date, as the person who runs the command.
func (app *application) surJetons(cmd *cobra.Command, c config, work func(context.Context, *db.Store) error) error {
	ctx := db.WithIdentite(cmd.Context(), db.Commande(compte()))
	return avecBase(ctx, c, app.journal(c), func(pool *pgxpool.Pool) error {
		if _, err := db.MigrateUp(ctx, pool); err != nil {
			return err
		}
		store := db.NewStore(pool)
		defer store.Close()
		return work(ctx, store)
	})
}

// compte is the name of the account that runs the command, for the journal.
func compte() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "inconnu"
}
