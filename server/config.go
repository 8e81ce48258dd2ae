package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/pflag"

	"github.com/mutualibre/mutualibre/db/local"
	fournisseur "github.com/mutualibre/mutualibre/server/oidc"
)

// config is what a command was told, by its options first, then by the environment.
type config struct {
	DatabaseURL         string // empty: the private PostgreSQL of DataDir
	DataDir             string
	Connexions          int32         // most connections to PostgreSQL
	Abonnements         int           // most subscriptions open at once for one identity
	AbonnementsAnonymes int           // the same for all who have none
	Delai               time.Duration // most time for one request, and for one statement
	Addr                string
	Origines            []string               // allowed by CORS; "*" for all, empty for none
	Emetteurs           []fournisseur.Emetteur // identity providers that are trusted
	Webhooks            bool                   // this server sends them
	WebhooksLocaux      bool                   // they may lead to this machine and to private networks
	LogLevel            slog.Level
	LogFormat           string // "text", "json", or "" to choose
}

// reglage is one setting: an option, the variable that stands for it if there is one, and how its text is read.
type reglage struct {
	drapeau, variable string
	forme, aide       string // the kind of value, and what it is for
	defaut            func(*config, func(string) (string, bool)) error
	read              func(*config, string) error
	videVaut          bool // an empty text is a value, not an absence
	bascule           bool // yes or no: the option alone means yes
}

func reglagesBase() []reglage {
	return []reglage{
		{
			drapeau: "database-url", variable: "DATABASE_URL",
			forme: "ADRESSE", aide: "adresse de la base PostgreSQL à utiliser\n(par défaut, une base privée, lancée au besoin dans DATA_DIR)",
			read: func(c *config, v string) error {
				// The parser's own message may repeat the password.
				if _, err := pgxpool.ParseConfig(v); err != nil {
					return errors.New("cette adresse n'est pas lisible ; forme attendue : postgres://compte:motdepasse@serveur:5432/base")
				}
				c.DatabaseURL = v
				return nil
			},
		},
		{
			drapeau: "data-dir", variable: "DATA_DIR",
			forme: "DOSSIER", aide: "dossier de la base privée\n(par défaut, « mutualibre » dans le dossier de données du compte)",
			defaut: func(c *config, env func(string) (string, bool)) (err error) {
				if c.DatabaseURL != "" { // some systems have no private PostgreSQL, and some accounts no folder
					return nil
				}
				c.DataDir, err = local.DefaultDir(func(nom string) string { v, _ := env(nom); return v })
				return err
			},
			read: func(c *config, v string) (err error) {
				c.DataDir, err = local.DefaultDir(func(string) string { return v })
				return err
			},
		},
		{
			drapeau: "log-level", variable: "LOG_LEVEL",
			forme: "NIVEAU", aide: "niveau du journal : debug, info, warn ou error (par défaut, info)",
			read: func(c *config, v string) error {
				niveaux := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
				niveau, ok := niveaux[strings.ToLower(v)]
				if !ok {
					return fmt.Errorf("le niveau « %s » n'existe pas (debug, info, warn ou error)", v)
				}
				c.LogLevel = niveau
				return nil
			},
		},
		{
			drapeau: "log-format", variable: "LOG_FORMAT",
			forme: "FORME", aide: "forme du journal : text ou json (par défaut, text dans un terminal, sinon json)",
			read: func(c *config, v string) error {
				if v != "text" && v != "json" {
					return fmt.Errorf("la forme « %s » n'existe pas (text ou json)", v)
				}
				c.LogFormat = v
				return nil
			},
		},
	}
}

func reglagesServe() []reglage {
	connexions := int32(min(max(8, 4*runtime.NumCPU()), 64)) // PostgreSQL accepts a hundred by default
	return append([]reglage{
		{
			drapeau: "addr", variable: "ADDR",
			forme: "ADRESSE", aide: "adresse où écouter ; le port 0 en prend un libre (par défaut, :8080)",
			defaut: func(c *config, _ func(string) (string, bool)) error { c.Addr = ":8080"; return nil },
			read: func(c *config, v string) error {
				_, port, err := net.SplitHostPort(v)
				if err != nil {
					return fmt.Errorf("« %s » n'est pas une adresse ; forme attendue : hôte:port, ou :port pour toutes les interfaces", v)
				}
				if _, err := strconv.ParseUint(port, 10, 16); err != nil {
					return fmt.Errorf("« %s » n'est pas un numéro de port (de 0 à 65535)", port)
				}
				c.Addr = v
				return nil
			},
		},
		{
			drapeau: "cors-origins", variable: "CORS_ORIGINS", videVaut: true,
			forme: "ORIGINES", aide: "origines des pages web autorisées à interroger l'API, séparées par des virgules ;\nvide, aucune autre que la nôtre (par défaut, * : toutes, sans cookies)",
			defaut: func(c *config, _ func(string) (string, bool)) error { c.Origines = []string{"*"}; return nil },
			read:   func(c *config, v string) (err error) { c.Origines, err = readOrigines(v); return err },
		},
		{
			drapeau: "oidc-emetteurs", variable: "OIDC_EMETTEURS",
			forme: "ÉMETTEURS", aide: "fournisseurs d'identité OpenID Connect dont les jetons sont admis, séparés par des virgules,\nchacun avec l'identifiant de client visé : https://emetteur.exemple=identifiant (par défaut, aucun)",
			read: func(c *config, v string) (err error) { c.Emetteurs, err = fournisseur.ReadEmetteurs(v); return err },
		},
		{
			drapeau: "webhooks", variable: "WEBHOOKS", bascule: true,
			forme: "OUI", aide: "ce serveur envoie les webhooks : true ou false (par défaut, true)",
			defaut: func(c *config, _ func(string) (string, bool)) error { c.Webhooks = true; return nil },
			read:   func(c *config, v string) (err error) { c.Webhooks, err = readOui(v); return err },
		},
		{
			drapeau: "webhooks-locaux", variable: "WEBHOOKS_LOCAUX", bascule: true,
			forme: "OUI", aide: "admet les webhooks en http, vers cette machine et les réseaux privés ;\nà réserver aux essais (par défaut, false)",
			read: func(c *config, v string) (err error) { c.WebhooksLocaux, err = readOui(v); return err },
		},
		reglageAbonnements("abonnements", "ouverts à la fois par une même identité", 100, func(c *config) *int { return &c.Abonnements }),
		reglageAbonnements("abonnements-anonymes", "ouverts à la fois par tous ceux qui n'ont pas de jeton", 1000, func(c *config) *int { return &c.AbonnementsAnonymes }),
		{
			drapeau: "delai",
			forme:   "DURÉE", aide: "durée accordée à une requête, puis à une instruction SQL (par défaut, 10s)",
			defaut: func(c *config, _ func(string) (string, bool)) error { c.Delai = 10 * time.Second; return nil },
			read: func(c *config, v string) error {
				d, err := time.ParseDuration(v)
				if err != nil || d < time.Millisecond || d > time.Hour {
					return fmt.Errorf("« %s » n'est pas une durée entre 1ms et 1h (exemples : 500ms, 10s, 2m)", v)
				}
				c.Delai = d
				return nil
			},
		},
		{
			drapeau: "connexions",
			forme:   "NOMBRE", aide: fmt.Sprintf("nombre maximal de connexions à PostgreSQL (par défaut, %d sur cette machine)", connexions),
			defaut: func(c *config, _ func(string) (string, bool)) error { c.Connexions = connexions; return nil },
			read: func(c *config, v string) error {
				n, err := strconv.ParseInt(v, 10, 32)
				if err != nil || n < 2 || n > 10_000 {
					return fmt.Errorf("« %s » n'est pas un nombre de connexions entre 2 et 10000", v)
				}
				c.Connexions = int32(n)
				return nil
			},
		},
	}, reglagesBase()...)
}

func reglageAbonnements(drapeau, lesquels string, defaut int, champ func(*config) *int) reglage {
	return reglage{
		drapeau: drapeau,
		forme:   "NOMBRE", aide: fmt.Sprintf("nombre maximal d'abonnements %s (par défaut, %d)", lesquels, defaut),
		defaut: func(c *config, _ func(string) (string, bool)) error { *champ(c) = defaut; return nil },
		read: func(c *config, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil || n < 0 || n > 100_000 {
				return fmt.Errorf("« %s » n'est pas un nombre d'abonnements entre 0 et 100000", v)
			}
			*champ(c) = n
			return nil
		},
	}
}

// readOrigines reads a comma-separated list of origins, as a browser writes them: scheme://host[:port].
func readOrigines(v string) ([]string, error) {
	var origines []string
	var fautes []error
	for o := range strings.SplitSeq(v, ",") {
		if o = strings.ToLower(strings.TrimSpace(o)); o == "" {
			continue
		}
		u, err := url.Parse(o)
		if o != "*" && (err != nil || u.Scheme == "" || u.Host == "" || o != u.Scheme+"://"+u.Host || strings.Contains(o, "*")) {
			fautes = append(fautes, fmt.Errorf("« %s » n'est pas une origine ; forme attendue : https://exemple.fr", o))
			continue
		}
		origines = append(origines, o)
	}
	return origines, errors.Join(fautes...)
}

// readOui reads a yes or a no.
func readOui(v string) (bool, error) {
	switch strings.ToLower(v) {
	case "true", "oui", "1":
		return true, nil
	case "false", "non", "0":
		return false, nil
	}
	return false, fmt.Errorf("« %s » n'est ni true ni false", v)
}

// declare gives a command the options of its settings.
func declare(flags *pflag.FlagSet, reglages []reglage) {
	for _, r := range reglages {
		aide := r.aide
		if r.variable != "" {
			aide += " [" + r.variable + "]"
		}
		option(flags, r.drapeau, r.forme, aide)
		if r.bascule {
			flags.Lookup(r.drapeau).NoOptDefVal = "true"
		}
	}
}

// option declares an option whose text is read later, with all the others.
func option(flags *pflag.FlagSet, nom, forme, aide string) {
	flags.String(nom, "", aide)
	flags.Lookup(nom).Annotations = map[string][]string{annotationForme: {forme}}
}

// annotationForme tells the help what kind of value an option takes.
const annotationForme = "forme"

// readConfig reads the settings and reports all that is wrong in them at once.
func readConfig(flags *pflag.FlagSet, reglages []reglage, env func(string) (string, bool)) (config, error) {
	var c config
	var fautes []error
	for _, r := range reglages {
		nom, texte, present := r.variable, "", false
		if r.variable != "" {
			texte, present = env(r.variable)
		}
		if f := flags.Lookup(r.drapeau); f.Changed {
			nom, texte, present = "--"+r.drapeau, f.Value.String(), true
		}
		var err error
		switch {
		case present && (texte != "" || r.videVaut):
			err = r.read(&c, texte)
		case r.defaut != nil:
			err = r.defaut(&c, env)
		}
		for _, e := range separer(err) {
			fautes = append(fautes, fmt.Errorf("%s : %w", nom, e))
		}
	}
	return c, errors.Join(fautes...)
}

// lieu names the database for the log: no password, no other secret.
func (c *config) lieu() string {
	if c.DatabaseURL == "" {
		return "privée, dans " + c.DataDir
	}
	return lieu(c.DatabaseURL)
}

func lieu(adresse string) string {
	p, err := pgconn.ParseConfig(adresse)
	if err != nil {
		return "(adresse illisible)"
	}
	return fmt.Sprintf("%s sur %s, compte %s", p.Database, net.JoinHostPort(p.Host, strconv.Itoa(int(p.Port))), p.User)
}

// adressesEmetteurs names the identity providers that are trusted, for the log.
func (c *config) adressesEmetteurs() []string {
	adresses := make([]string, len(c.Emetteurs))
	for i, e := range c.Emetteurs {
		adresses[i] = e.URL
	}
	return adresses
}
