package seed

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// annuaire finds organisations by what identifies them; never by a name. What identified one that was merged leads to the
// one that took it over.
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
	usuel       string // its acronym, else its name
	fondue      bool   // merged: the id is that of who took it over, what names it is still its own
}

// cle returns the key under which an organisation is written: that of the organisation that has this SIREN, else the SIREN.
// It fails when the SIREN is already that of an organisation of another kind: a list cannot turn one into the other.
func (a *annuaire) cle(siren, genre, nature string) (string, error) {
	o, ok := a.designee(siren)
	switch {
	case !ok:
		return siren, nil
	case o.genre != genre || o.nature != nature:
		return "", errors.New("ce SIREN est déjà celui d'une organisation d'un autre genre")
	}
	return o.cle, nil
}

// designee finds the organisation that has this SIREN, else this key.
func (a *annuaire) designee(nom string) (organisationConnue, bool) {
	o, ok := a.parSIREN[nom]
	if !ok {
		o, ok = a.parCle[nom]
	}
	return o, ok
}

// annuaire reads the organisations back, once per import and again after they changed.
func (c *chargement) annuaire(ctx context.Context) (*annuaire, error) {
	if c.cache.organisations != nil {
		return c.cache.organisations, nil
	}
	a := &annuaire{map[string]organisationConnue{}, map[string]organisationConnue{}, map[codeOfficiel]organisationConnue{}}
	parID := map[int64]organisationConnue{}
	rows, err := c.tx.Query(ctx, `
		SELECT id, cle, genre, coalesce(nature, ''), departement, coalesce(siren, ''), coalesce(sigle, nom), false FROM organisation
		UNION ALL (SELECT DISTINCT ON (p.id) o.id, p.cle, p.genre, coalesce(p.nature, ''), o.departement, coalesce(p.siren, ''), coalesce(p.sigle, p.nom), true
			FROM organisation_fusionnee f JOIN organisation_passe p ON p.id = f.ancien_id JOIN organisation o ON o.id = f.organisation_id
			ORDER BY p.id, p.remplace_le DESC)`)
	if err != nil {
		return nil, fmt.Errorf("lecture des organisations : %w", err)
	}
	var o organisationConnue
	if _, err := pgx.ForEachRow(rows, []any{&o.id, &o.cle, &o.genre, &o.nature, &o.departement, &o.siren, &o.usuel, &o.fondue}, func() error {
		if autre, ok := a.parCle[o.cle]; !ok || autre.fondue {
			a.parCle[o.cle] = o
		}
		if autre, ok := a.parSIREN[o.siren]; o.siren != "" && (!ok || autre.fondue) {
			a.parSIREN[o.siren] = o
		}
		if !o.fondue {
			parID[o.id] = o
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

// ludotheque finds logiciels by what identifies them; never by a name. What identified one that was merged leads to the
// one that took it over.
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
	fondu bool // merged: the id is that of the one that took it over, the slug is still its own
}

// logiciels reads the logiciels back, once per import and again after they changed.
func (c *chargement) logiciels(ctx context.Context) (*ludotheque, error) {
	if c.cache.logiciels != nil {
		return c.cache.logiciels, nil
	}
	l := &ludotheque{map[string]logicielConnu{}, map[identifiantLogiciel]logicielConnu{}}
	parID := map[int64]logicielConnu{}
	rows, err := c.tx.Query(ctx, `
		SELECT id, id, slug, libre, false FROM logiciel
		UNION ALL SELECT f.ancien_id, l.id, f.slug, l.libre, true FROM logiciel_fusionne f JOIN logiciel l ON l.id = f.logiciel_id`)
	if err != nil {
		return nil, fmt.Errorf("lecture des logiciels : %w", err)
	}
	var x logicielConnu
	var ligne int64
	if _, err := pgx.ForEachRow(rows, []any{&ligne, &x.id, &x.slug, &x.libre, &x.fondu}, func() error {
		l.parSlug[x.slug], parID[ligne] = x, x
		return nil
	}); err != nil {
		return nil, fmt.Errorf("lecture des logiciels : %w", err)
	}
	rows, err = c.tx.Query(ctx, identifiantsConnus)
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

// identifiantsConnus reads the identifiers, each with the software that it was first given to: what a merger moved still
// belongs, for a file, to the one that the file knows.
const identifiantsConnus = `
	SELECT i.source, i.valeur, coalesce(premier.id, i.logiciel_id) FROM identifiant i
	LEFT JOIN (SELECT DISTINCT ON (1, 2) j.avant ->> 'source' AS source, j.avant ->> 'valeur' AS valeur, f.ancien_id AS id, f.logiciel_id
		FROM journal j JOIN logiciel_fusionne f ON f.ancien_id = (j.avant ->> 'logiciel_id')::bigint
		WHERE j.nom_table = 'identifiant' AND j.genre = 'CORRECTION' AND j.objet_type = 'Logiciel'
			AND j.objet_id IN (SELECT logiciel_id FROM logiciel_fusionne UNION SELECT ancien_id FROM logiciel_fusionne)
		ORDER BY 1, 2, j.id) premier
	ON premier.source = i.source AND premier.valeur = i.valeur AND premier.logiciel_id = i.logiciel_id`
