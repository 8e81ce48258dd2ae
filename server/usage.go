package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// erreurUsage is every fault found in one call of the program; it ends with status 2.
type erreurUsage struct{ fautes []error }

func (e *erreurUsage) Error() string {
	if len(e.fautes) == 1 {
		return e.fautes[0].Error()
	}
	lignes := make([]string, len(e.fautes))
	for i, f := range e.fautes {
		lignes[i] = "  - " + f.Error()
	}
	return fmt.Sprintf("%d erreurs :\n%s", len(e.fautes), strings.Join(lignes, "\n"))
}

func (e *erreurUsage) Unwrap() []error { return e.fautes }

// usage makes an *erreurUsage of what is at fault; nil when nothing is. Joined errors count one by one.
func usage(errs ...error) error {
	fautes := separer(errs...)
	if fautes == nil {
		return nil
	}
	return &erreurUsage{fautes}
}

// separer undoes errors.Join, at any depth.
func separer(errs ...error) (fautes []error) {
	for _, err := range errs {
		if joint, ok := err.(interface{ Unwrap() []error }); ok {
			fautes = append(fautes, separer(joint.Unwrap()...)...)
		} else if err != nil {
			fautes = append(fautes, err)
		}
	}
	return fautes
}

// optionsInconnues reports every option that the command does not have: the parser would stop at the first.
func optionsInconnues(cmd *cobra.Command, args []string) error {
	var fautes []error
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			break
		}
		if len(arg) < 2 || arg[0] != '-' {
			continue
		}
		nom, _, avecValeur := strings.Cut(arg, "=")
		drapeau := cmd.Flags().Lookup(strings.TrimPrefix(nom, "--"))
		if !strings.HasPrefix(nom, "--") {
			drapeau = cmd.Flags().ShorthandLookup(nom[1:2])
		}
		switch {
		case drapeau == nil:
			fautes = append(fautes, fmt.Errorf("l'option « %s » n'existe pas pour « %s »", nom, cmd.CommandPath()))
		case !avecValeur && drapeau.NoOptDefVal == "":
			i++ // the next argument is its value, whatever it looks like
		}
	}
	return errors.Join(fautes...)
}

// erreurDrapeau puts the parser's errors in French.
func erreurDrapeau(_ *cobra.Command, err error) error {
	var absente *pflag.ValueRequiredError
	var mauvaise *pflag.InvalidValueError
	var forme *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &absente):
		return usage(fmt.Errorf("l'option « --%s » attend une valeur", absente.GetFlag().Name))
	case errors.As(err, &mauvaise):
		return usage(fmt.Errorf("l'option « --%s » n'accepte pas la valeur « %s »", mauvaise.GetFlag().Name, mauvaise.GetValue()))
	case errors.As(err, &forme):
		return usage(fmt.Errorf("l'option « %s » est mal écrite", forme.GetSpecifiedFlag()))
	case errors.Is(err, pflag.ErrHelp):
		return err
	}
	return usage(fmt.Errorf("une option est mal écrite"))
}

// action makes what cobra runs of a command: every fault of its options, arguments and configuration is reported
// together before work starts. check, which may be nil, looks at the arguments.
func (app *application) action(reglages []reglage, check func(*cobra.Command, []string) error,
	work func(*cobra.Command, config, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		c, err := readConfig(cmd.Flags(), reglages, app.env)
		if check == nil {
			check = sansArgument
		}
		if err := usage(optionsInconnues(cmd, app.args), check(cmd, args), err); err != nil {
			return err
		}
		return work(cmd, c, args)
	}
}

// sansArgument refuses any argument; at the root, the word was meant as a command.
func sansArgument(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasSubCommands():
		return inconnue(cmd, args)
	}
	return fmt.Errorf("« %s » n'attend pas d'argument, « %s » est de trop", cmd.CommandPath(), strings.Join(args, " "))
}
