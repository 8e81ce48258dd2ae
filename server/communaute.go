package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"github.com/mutualibre/mutualibre/domain/adresse"
	"github.com/mutualibre/mutualibre/domain/communaute"
	"github.com/mutualibre/mutualibre/seed"
	"github.com/mutualibre/mutualibre/seed/depot"
	"github.com/mutualibre/mutualibre/server/reseau"
)

// delaiDepot bounds the reading of a repository, the network included.
const delaiDepot = 15 * time.Minute

func (app *application) commandeCommunaute() *cobra.Command {
	groupe := &cobra.Command{
		Use:     "communaute",
		Short:   "évalue la communauté d'un logiciel, d'après son dépôt et sa forge",
		Long:    `Évalue la communauté d'un logiciel, d'après son dépôt git et les exports de sa forge.`,
		Example: `  go run ./server communaute evaluer opencimetiere --depot https://gitlab.com/openmairie/opencimetiere.git`,
	}
	groupe.RunE = app.action(nil, func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return inconnue(cmd, args)
		}
		return fmt.Errorf("« %s » attend evaluer", cmd.CommandPath())
	}, nil)
	groupe.AddCommand(app.commandeCommunauteEvaluer())
	return groupe
}

// demandeCommunaute is the evaluation that the user asks for.
type demandeCommunaute struct {
	logiciel         string
	depot, scorecard string
	forge            []string
	au               time.Time
	essai, locales   bool
}

func (app *application) commandeCommunauteEvaluer() *cobra.Command {
	reglages := reglagesBase()
	cmd := &cobra.Command{
		Use:   "evaluer LOGICIEL",
		Short: "lit un dépôt et les exports d'une forge, et enregistre ce que les règles en disent",
		Long: `Lit le dépôt git d'un logiciel (un dossier, nu ou non, ou une adresse https), les
exports JSON de sa forge et un rapport d'OpenSSF Scorecard, puis enregistre
l'évaluation : un état, une santé et ses composantes, chacune avec ce dont elle est
calculée. Ce qui n'est pas lu n'est pas connu, et n'est pas compté. La même
évaluation, refaite, ne change rien.

LOGICIEL est le nom court du logiciel dans l'API (« slug »). Rien de ce que
contient le dépôt n'est exécuté. Un clone d'un gros projet se fait plus vite ainsi :
  git clone --bare --filter=blob:none ADRESSE
Les exports sont les tableaux de l'API de GitHub ou de GitLab :
  gh api --paginate 'repos/OWNER/REPO/issues?state=all' > tickets.json`,
		Example: `  go run ./server communaute evaluer libreoffice --depot ~/core.git --au 2026-06-30
  go run ./server communaute evaluer s2low --depot https://gitlab.adullact.net/Libriciel/s2low.git --forge tickets.json --essai`,
	}
	declare(cmd.Flags(), reglages)
	var d demandeCommunaute
	cmd.Flags().StringVar(&d.depot, "depot", "", "dépôt git : un `CHEMIN`, ou une adresse https")
	cmd.Flags().StringArrayVar(&d.forge, "forge", nil, "export JSON des tickets ou des demandes : un `FICHIER` ; peut être répété")
	cmd.Flags().StringVar(&d.scorecard, "scorecard", "", "rapport d'OpenSSF Scorecard : un `FICHIER` JSON")
	au := cmd.Flags().String("au", "", "jour de l'évaluation : une `DATE`, aujourd'hui par défaut")
	cmd.Flags().BoolVar(&d.essai, "essai", false, "dit ce que l'évaluation donnerait, sans rien enregistrer")
	cmd.Flags().BoolVar(&d.locales, "locales", false, "admet les adresses http, locales et privées : pour des essais")
	cmd.RunE = app.action(reglages, func(_ *cobra.Command, args []string) error { return d.check(args, *au, time.Now()) },
		func(cmd *cobra.Command, c config, _ []string) error {
			return app.load(cmd.Context(), c, false, func(pool *pgxpool.Pool, o seed.Options) (func() error, error) {
				return app.evaluer(cmd.Context(), pool, d, o)
			})
		})
	return cmd
}

// check reads what the user asks, and says all that is wrong with it.
func (d *demandeCommunaute) check(args []string, au string, maintenant time.Time) error {
	var fautes []error
	faute := func(format string, args ...any) { fautes = append(fautes, fmt.Errorf(format, args...)) }
	if len(args) != 1 {
		faute("il faut un logiciel, et un seul")
	} else {
		d.logiciel = args[0]
	}
	if d.depot == "" && len(d.forge) == 0 && d.scorecard == "" {
		faute("il faut quelque chose à lire : --depot, --forge ou --scorecard")
	}
	if distant(d.depot) {
		if err := adresse.Verifier(d.depot, d.locales); err != nil {
			faute("--depot : « %s » %w", d.depot, err)
		}
	} else if d.depot != "" {
		if _, err := os.Stat(d.depot); err != nil {
			faute("--depot : « %s » n'existe pas, et n'est pas une adresse https", d.depot)
		}
	}
	fichier := func(option, f string) {
		if info, err := os.Stat(f); f != "" && (err != nil || info.IsDir()) {
			faute("--%s : « %s » n'est pas un fichier", option, f)
		}
	}
	for _, f := range d.forge {
		fichier("forge", f)
	}
	fichier("scorecard", d.scorecard)
	aujourdhui := maintenant.UTC().Truncate(24 * time.Hour)
	d.au = aujourdhui
	if au != "" {
		jour, err := time.Parse(time.DateOnly, au)
		if err != nil || jour.Year() < 1990 || jour.After(aujourdhui) {
			faute("--au : « %s » n'est pas un jour passé (AAAA-MM-JJ)", au)
		}
		d.au = jour
	}
	return errors.Join(fautes...)
}

// distant tells the addresses from the paths: what names a protocol, or a machine as scp does, before any folder.
func distant(depot string) bool {
	if strings.Contains(depot, "://") {
		return true
	}
	machine, _, ok := strings.Cut(depot, ":")
	return ok && !strings.ContainsAny(machine, `/\`) && (strings.Contains(machine, "@") || len(machine) > 1 && !strings.Contains(machine, "."))
}

// evaluer reads all that is asked, evaluates, and returns what shows it.
func (app *application) evaluer(ctx context.Context, pool *pgxpool.Pool, d demandeCommunaute, o seed.Options) (func() error, error) {
	l := seed.LectureCommunaute{Logiciel: d.logiciel, Le: d.au}
	var avertissements []string
	if d.depot != "" {
		lue, avertis, err := readDepot(ctx, d)
		if err != nil {
			return nil, err
		}
		l.Sources, avertissements = append(l.Sources, lue), append(avertissements, avertis...)
	}
	if len(d.forge) > 0 {
		lue, avertis, err := readForge(d)
		if err != nil {
			return nil, err
		}
		l.Sources, avertissements = append(l.Sources, lue), append(avertissements, avertis...)
	}
	if d.scorecard != "" {
		f, err := os.Open(d.scorecard)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		e, err := depot.LireScorecard(f)
		if err != nil {
			return nil, fmt.Errorf("« %s » : %w", filepath.Base(d.scorecard), err)
		}
		l.Sources = append(l.Sources, seed.SourceLue{Nom: "Rapport OpenSSF Scorecard de " + d.logiciel, Entrees: []communaute.Entree{e}})
	}
	o.Essai = d.essai
	e, rapport, err := seed.Evaluer(ctx, pool, l, o)
	return func() error {
		writeEvaluation(app.stdout, d, e, avertissements)
		if d.essai {
			fmt.Fprintln(app.stdout, "Essai : rien n'est enregistré.")
			return nil
		}
		fmt.Fprintln(app.stdout, rapport)
		return nil
	}, err
}

// maxAnnonce bounds what announces the references of a repository, in bytes: go-git reads it whole.
const maxAnnonce = 16 << 20

// transportGit speaks to remote repositories through a client. An announcement fails with [depot.ErrTropGros] past its bound.
func transportGit(c *http.Client) transport.Transport {
	borne := *c
	borne.Transport = annonces{c.Transport}
	return githttp.NewClient(&borne)
}

// annonces bounds announcements; what follows is bounded where it is received.
type annonces struct{ http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (a annonces) RoundTrip(q *http.Request) (*http.Response, error) {
	r, err := a.RoundTripper.RoundTrip(q)
	if err == nil && q.Method == http.MethodGet {
		r.Body = annonce{http.MaxBytesReader(nil, r.Body, maxAnnonce)}
	}
	return r, err
}

type annonce struct{ io.ReadCloser }

// Read implements [io.Reader].
func (a annonce) Read(p []byte) (int, error) {
	n, err := a.ReadCloser.Read(p)
	if trop := new(http.MaxBytesError); errors.As(err, &trop) {
		err = depot.ErrTropGros
	}
	return n, err
}

// readDepot reads the repository, brought into a temporary folder first when it is remote.
func readDepot(ctx context.Context, d demandeCommunaute) (lue seed.SourceLue, avertissements []string, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, delaiDepot, errors.New("le dépôt n'a pas pu être lu en un quart d'heure"))
	defer cancel()
	defer func() {
		if cause := context.Cause(ctx); err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = cause
		}
	}()
	var r *depot.Depot
	if distant(d.depot) {
		lue = seed.SourceLue{Nom: "Dépôt git de " + d.logiciel + " : " + d.depot, URL: d.depot}
		dossier, err := os.MkdirTemp("", "mutualibre-depot-")
		if err != nil {
			return lue, nil, err
		}
		defer os.RemoveAll(dossier)
		if r, err = depot.Recevoir(ctx, transportGit(reseau.NewClient(delaiDepot, d.locales)), d.depot, dossier, depot.MaxRecu); err != nil {
			return lue, nil, fmt.Errorf("« %s » : %w", d.depot, err)
		}
	} else {
		if r, err = depot.Ouvrir(d.depot); err != nil {
			return lue, nil, err
		}
		lue = seed.SourceLue{Nom: "Dépôt git de " + d.logiciel, URL: r.Origine()}
	}
	l, err := r.Lire(ctx, d.au)
	lue.Entrees = l.Entrees
	return lue, l.Avertissements, err
}

func readForge(d demandeCommunaute) (seed.SourceLue, []string, error) {
	tickets := map[string]depot.Ticket{}
	for _, nom := range d.forge {
		f, err := os.Open(nom)
		if err != nil {
			return seed.SourceLue{}, nil, err
		}
		err = depot.LireExport(f, tickets)
		f.Close()
		if err != nil {
			return seed.SourceLue{}, nil, fmt.Errorf("« %s » : %w", filepath.Base(nom), err)
		}
	}
	l := depot.Reactivite(tickets, d.au)
	return seed.SourceLue{Nom: "Export de la forge de " + d.logiciel, Entrees: l.Entrees}, l.Avertissements, nil
}

func writeEvaluation(w io.Writer, d demandeCommunaute, e communaute.Evaluation, avertissements []string) {
	etat := string(e.Etat)
	if etat == "" {
		etat = "état inconnu"
	}
	fmt.Fprintf(w, "%s, le %s (barème %s) : %s — %s\n", d.logiciel, d.au.Format(time.DateOnly), e.Bareme, etat, e.Motif)
	if e.Sante != nil {
		fmt.Fprintf(w, "Santé : %d sur 100, sur %.0f %% du poids de la note\n", *e.Sante, 100*e.Couverture)
	} else {
		fmt.Fprintln(w, "Santé : "+e.MotifSante)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range e.Composantes {
		note := "—"
		if c.Score != nil {
			note = fmt.Sprintf("%.2f", *c.Score)
		}
		fmt.Fprintf(t, "  %s\t%.2f\t%s\t%s\n", c.Critere, c.Poids, note, c.Motif)
	}
	t.Flush()
	for _, a := range avertissements {
		fmt.Fprintln(w, "À savoir : "+a)
	}
}
