package seed

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// annuaire finds organisations by what identifies them; never by a name.
type annuaire struct {
	parCle   map[string]organisationConnue
	parSIREN map[string]organisationConnue
	parCode  map[codeOfficiel]organisationConnue
}

type codeOfficiel struct{ nature, code string }

type organisationConnue struct {
	id          int64
	cle         string
	genre       string
	nature      string // "" for what is no collectivité
	siren       string
	departement string
}

// cle returns the key under which an organisation is written: that of the organisation that has this SIREN, else the SIREN.
// It fails when the SIREN is already that of an organisation of another kind: a list cannot turn one into the other.
func (a *annuaire) cle(siren, genre, nature string) (string, error) {
	o, ok := a.parSIREN[siren]
	if !ok {
		o, ok = a.parCle[siren]
	}
	switch {
	case !ok:
		return siren, nil
	case o.genre != genre || o.nature != nature:
		return "", errors.New("ce SIREN est déjà celui d'une organisation d'un autre genre")
	}
	return o.cle, nil
}

// annuaire reads the organisations back, once per import and again after they changed.
func (c *chargement) annuaire(ctx context.Context) (*annuaire, error) {
	if c.cache.organisations != nil {
		return c.cache.organisations, nil
	}
	a := &annuaire{map[string]organisationConnue{}, map[string]organisationConnue{}, map[codeOfficiel]organisationConnue{}}
	parID := map[int64]organisationConnue{}
	rows, err := c.tx.Query(ctx, `SELECT id, cle, genre, coalesce(nature, ''), departement, coalesce(siren, '') FROM organisation`)
	if err != nil {
		return nil, fmt.Errorf("lecture des organisations : %w", err)
	}
	var o organisationConnue
	if _, err := pgx.ForEachRow(rows, []any{&o.id, &o.cle, &o.genre, &o.nature, &o.departement, &o.siren}, func() error {
		a.parCle[o.cle], parID[o.id] = o, o
		if o.siren != "" {
			a.parSIREN[o.siren] = o
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("lecture des organisations : %w", err)
	}
	rows, err = c.tx.Query(ctx, `SELECT nature, code, organisation_id FROM code_insee`)
	if err != nil {
		return nil, fmt.Errorf("lecture des codes officiels : %w", err)
	}
	var code codeOfficiel
	var id int64
	if _, err := pgx.ForEachRow(rows, []any{&code.nature, &code.code, &id}, func() error {
		a.parCode[code] = parID[id]
		return nil
	}); err != nil {
		return nil, fmt.Errorf("lecture des codes officiels : %w", err)
	}
	c.cache.organisations = a
	return a, nil
}

// ludotheque finds logiciels by what identifies them; never by a name.
type ludotheque struct {
	parSlug        map[string]logicielConnu
	parIdentifiant map[identifiantLogiciel]logicielConnu
}

// identifiantLogiciel is a row of the table identifiant: source (SILL, COMPTOIR, WIKIDATA…) and value.
type identifiantLogiciel struct{ source, valeur string }

type logicielConnu struct {
	id    int64
	slug  string
	libre bool
}

// logiciels reads the logiciels back, once per import and again after they changed.
func (c *chargement) logiciels(ctx context.Context) (*ludotheque, error) {
	if c.cache.logiciels != nil {
		return c.cache.logiciels, nil
	}
	l := &ludotheque{map[string]logicielConnu{}, map[identifiantLogiciel]logicielConnu{}}
	parID := map[int64]logicielConnu{}
	rows, err := c.tx.Query(ctx, `SELECT id, slug, libre FROM logiciel`)
	if err != nil {
		return nil, fmt.Errorf("lecture des logiciels : %w", err)
	}
	var x logicielConnu
	if _, err := pgx.ForEachRow(rows, []any{&x.id, &x.slug, &x.libre}, func() error {
		l.parSlug[x.slug], parID[x.id] = x, x
		return nil
	}); err != nil {
		return nil, fmt.Errorf("lecture des logiciels : %w", err)
	}
	rows, err = c.tx.Query(ctx, `SELECT source, valeur, logiciel_id FROM identifiant`)
	if err != nil {
		return nil, fmt.Errorf("lecture des identifiants : %w", err)
	}
	var i identifiantLogiciel
	var id int64
	if _, err := pgx.ForEachRow(rows, []any{&i.source, &i.valeur, &id}, func() error {
		l.parIdentifiant[i] = parID[id]
		return nil
	}); err != nil {
		return nil, fmt.Errorf("lecture des identifiants : %w", err)
	}
	c.cache.logiciels = l
	return l, nil
}
