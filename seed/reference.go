package seed

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// references resolves what sourced facts name: organisations by SIREN or through organismes-cites.csv, logiciels by
// identifier or through logiciels-textes.csv, sources through sources.csv. A name that no table explains resolves to
// nothing: it is reported, never guessed.
type references struct {
	c          *chargement
	annuaire   *annuaire
	logiciels  *ludotheque
	organismes map[string]string // text of a source → SIREN or key
	textes     map[string]string // text of a source → slug, "" when it names no single logiciel
	sources    sourcesConnues
}

type sourceConnue struct {
	origine
	date string
}

// sourcesConnues are the sources of sources.csv, by the text that other files call them by.
type sourcesConnues map[string]sourceConnue

func readSources() (sourcesConnues, error) {
	s := sourcesConnues{}
	for l, err := range readCSV(fichierEmbarque("sources.csv"), ',', "texte", "cle", "nom", "url", "licence", "date") {
		if err != nil {
			return nil, err
		}
		s[l.val("texte")] = sourceConnue{origine{l.val("cle"), l.val("nom"), l.val("url"), l.val("licence")}, l.val("date")}
	}
	return s, nil
}

// de gives what the text names: a known source, else the page at that address, else the text itself.
func (s sourcesConnues) de(texte string) sourceConnue {
	c, connue := s[texte]
	if !connue {
		c.origine = origine{cle: texte, nom: texte}
		if u, ok := adresseWeb(texte); ok {
			c.nom, c.url = strings.TrimPrefix(u.Host, "www."), texte
		}
	}
	return c
}

// adresseWeb reads an address that a browser can follow.
func adresseWeb(texte string) (*url.URL, bool) {
	u, err := url.Parse(texte)
	return u, err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// ficheDe is de for the page that a catalogue gives to one software: its name says which.
func (s sourcesConnues) ficheDe(texte, logiciel string) origine {
	if _, connue := s[texte]; !connue {
		for _, c := range []origine{catalogueComptoir.origine, catalogueSILL.origine} {
			if strings.HasPrefix(texte, c.url) && len(texte) > len(c.url) {
				return origine{texte, c.nom + " : " + logiciel, texte, c.licence}
			}
		}
	}
	return s.de(texte).origine
}

const (
	maxSource       = 1000
	motifSansSource = "la source manque ou dépasse 1 000 caractères : un fait sans source n'est pas repris"
)

func (c *chargement) references(ctx context.Context) (*references, error) {
	r := &references{c: c, organismes: map[string]string{}, textes: map[string]string{}}
	var err error
	if r.annuaire, err = c.annuaire(ctx); err != nil {
		return nil, err
	}
	if r.logiciels, err = c.logiciels(ctx); err != nil {
		return nil, err
	}
	for l, err := range readCSV(fichierEmbarque("organismes-cites.csv"), ',', "texte", "organisation") {
		if err != nil {
			return nil, err
		}
		r.organismes[l.val("texte")] = l.val("organisation")
	}
	for l, err := range readCSV(fichierEmbarque("logiciels-textes.csv"), ',', "texte", "logiciel") {
		if err != nil {
			return nil, err
		}
		r.textes[l.val("texte")] = l.val("logiciel")
	}
	r.sources, err = readSources()
	return r, err
}

// organisation finds who the row names: by the SIREN (or key) in one column, else by the text of the other through the
// table of known texts. When nobody answers, it is reported and ok is false.
func (r *references) organisation(l ligneCSV, colonneSIREN, colonneNom string) (o organisationConnue, ok bool) {
	cle := l.val(colonneSIREN)
	if cle == "" {
		cle = r.organismes[l.val(colonneNom)]
		if cle == "" {
			r.c.report(l.no, colonneNom, l.val(colonneNom), "organisme sans SIREN et inconnu de la table des organismes cités : ligne non reprise")
			return o, false
		}
	} else if !strings.HasPrefix(cle, "org-") {
		if err := identifiant.CheckSIREN(cle); err != nil {
			r.c.refuse(l.refus(colonneSIREN, err.Error()))
			return o, false
		}
	}
	return r.cle(l, colonneSIREN, cle)
}

// mergedLast puts last the lines that name something merged into another: what the file says of the others comes first.
// organisations are pairs of columns, as for organisation.
func (r *references) mergedLast(toutes []ligneCSV, organisations ...[2]string) []ligneCSV {
	fondue := func(l ligneCSV) bool {
		for _, o := range organisations {
			cle := cmp.Or(l.val(o[0]), r.organismes[l.val(o[1])])
			if r.annuaire.parSIREN[cle].fondue || r.annuaire.parCle[cle].fondue {
				return true
			}
		}
		for _, k := range numerosLogiciel(l) {
			if x, ok := r.logiciels.parIdentifiant[k]; ok {
				return x.fondu
			}
		}
		return false
	}
	return append(slices.DeleteFunc(slices.Clone(toutes), fondue), slices.DeleteFunc(slices.Clone(toutes), func(l ligneCSV) bool { return !fondue(l) })...)
}

// numerosLogiciel are the numbers that a line gives to a software, the most trusted first.
func numerosLogiciel(l ligneCSV) []identifiantLogiciel {
	return slices.DeleteFunc([]identifiantLogiciel{{"COMPTOIR", l.val("comptoir_id")}, {"SILL", l.val("sill_id")}},
		func(k identifiantLogiciel) bool { return k.valeur == "" })
}

// logiciel finds the software by its Comptoir du Libre number, then by its SILL number; never by name.
func (r *references) logiciel(l ligneCSV) (x logicielConnu, ok bool) {
	for _, k := range numerosLogiciel(l) {
		if x, ok = r.logiciels.parIdentifiant[k]; ok {
			return x, true
		}
	}
	r.c.report(l.no, "comptoir_id", l.val("logiciel"), "ce logiciel n'est pas connu sous ces numéros du Comptoir du Libre et du SILL : ligne non reprise")
	return x, false
}

// logicielCite finds the software that a free text names, nil when it names none, several, or one that is not known.
func (r *references) logicielCite(l ligneCSV, colonne string) any {
	texte := l.val(colonne)
	if texte == "" {
		return nil
	}
	slug, connu := r.textes[texte]
	if !connu {
		r.c.report(l.no, colonne, texte, "texte absent de la table des logiciels cités : le fait est repris sans logiciel")
		return nil
	}
	if slug == "" {
		return nil
	}
	x, ok := r.logiciels.parSlug[slug]
	if !ok {
		r.c.report(l.no, colonne, texte, "le logiciel « "+slug+" » n'est pas connu : le fait est repris sans logiciel")
		return nil
	}
	return x.id
}

// source returns the row of what the text names, see sourcesConnues.de.
func (r *references) source(ctx context.Context, l ligneCSV, colonne string) (sourceCitee, error) {
	texte := l.val(colonne)
	if texte == "" || len(texte) > maxSource {
		r.c.refuse(l.refus(colonne, motifSansSource))
		return sourceCitee{}, nil
	}
	s := r.sources.de(texte)
	id, err := r.c.source(ctx, s.origine)
	if err != nil {
		return sourceCitee{}, fmt.Errorf("ligne %d : %w", l.no, err)
	}
	return sourceCitee{id, s.cle, s.date}, nil
}

type sourceCitee struct {
	id   int64
	cle  string
	date string // of the whole source, when it has one
}

// jour reads a date (AAAA-MM-JJ), nil when the field is empty; a bad one is refused.
func (c *chargement) jour(l ligneCSV, colonne string) any {
	v := l.val(colonne)
	if v == "" {
		return nil
	}
	d, err := time.Parse(time.DateOnly, v)
	if err != nil || d.Year() < 1900 || d.Year() > 2100 {
		c.refuse(l.refus(colonne, "une date était attendue (AAAA-MM-JJ)"))
		return nil
	}
	return d
}

// jourPartiel reads a date as precise as its source: "2015", "2015-03" or "2015-03-17". It gives the first day of what is
// known, and its precision.
func (c *chargement) jourPartiel(l ligneCSV, colonne string) (debut any, precision string) {
	v := l.val(colonne)
	for precision, forme := range map[string]string{"ANNEE": "2006", "MOIS": "2006-01"} {
		if d, err := time.Parse(forme, v); err == nil && d.Year() >= 1900 && d.Year() <= 2100 {
			return d, precision
		}
	}
	return c.jour(l, colonne), "JOUR"
}

// nombre reads a positive number, nil when the field is empty; a bad one is refused.
func (c *chargement) nombre(l ligneCSV, colonne string) any {
	n, ok := l.entier(colonne)
	if !ok {
		c.refuse(l.refus(colonne, motifEntier))
	}
	return n
}
