package communaute

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Nom names a kind of input; the values are the API's. The list is closed: an input that no rule knows would be shown, and
// decide nothing, without anybody noticing; [Fait] is for those.
type Nom string

// The inputs. Each says what its value is; « dernier » means the last seen on the day of the evaluation, by someone who
// looked at all of them.
const (
	// What the forge and the authors say.
	ForgeArchive        Nom = "FORGE_ARCHIVE"        // OUI, NON
	StatutDeveloppement Nom = "STATUT_DEVELOPPEMENT" // developmentStatus of publiccode.yml
	TypeMaintenance     Nom = "TYPE_MAINTENANCE"     // maintenance.type of publiccode.yml
	FinContrat          Nom = "FIN_CONTRAT"          // the last day of a maintenance contract
	// Dates. Version and Activite say that something was done that day, and nothing of what followed.
	PremierCommit   Nom = "PREMIER_COMMIT"
	DernierCommit   Nom = "DERNIER_COMMIT"
	DerniereVersion Nom = "DERNIERE_VERSION" // its name; le: its day
	Version         Nom = "VERSION"
	Activite        Nom = "ACTIVITE" // what was done; le: when
	// People.
	FacteurAbsence12       Nom = "FACTEUR_ABSENCE_12_MOIS"
	FacteurAbsence24       Nom = "FACTEUR_ABSENCE_24_MOIS"
	FacteurOrganisations12 Nom = "FACTEUR_ORGANISATIONS_12_MOIS"
	FacteurOrganisations24 Nom = "FACTEUR_ORGANISATIONS_24_MOIS"
	Auteurs12              Nom = "AUTEURS_12_MOIS"
	Auteurs24              Nom = "AUTEURS_24_MOIS"
	Commits12              Nom = "COMMITS_12_MOIS"
	Commits24              Nom = "COMMITS_24_MOIS"
	Attribues12            Nom = "CONTRIBUTIONS_ATTRIBUEES_12_MOIS" // the percentage whose e-mail domain names an organisation
	Robots12               Nom = "COMMITS_DE_ROBOTS_12_MOIS"        // left out of the rest
	// Issues and requests.
	Ouverts90       Nom = "OUVERTS_90_JOURS"
	Fermes90        Nom = "FERMES_90_JOURS"
	PremiereReponse Nom = "PREMIERE_REPONSE_JOURS" // the median, in days
	RobotsForge     Nom = "OUVERTS_PAR_ROBOTS_90_JOURS"
	// Openness: OUI, NON; without an entry, it is not known.
	PageWeb        Nom = "PAGE_WEB"
	Logo           Nom = "LOGO"
	FeuilleRoute   Nom = "ROADMAP"
	FichierAuteurs Nom = "AUTHORS"
	Contribuer     Nom = "CONTRIBUTING"
	Changements    Nom = "CHANGELOG"
	Conduite       Nom = "CODE_OF_CONDUCT"
	Gouvernance    Nom = "GOVERNANCE"
	// The other two of the ten follow from the dates: they are never given.
	VersionRecente Nom = "VERSION_DE_MOINS_DE_SIX_MOIS"
	CommitRecent   Nom = "COMMIT_DE_MOINS_DE_SIX_MOIS"
	// Shown beside openness and security.
	Licence           Nom = "LICENCE"
	FichierPubliccode Nom = "PUBLICCODE"
	PolitiqueSecurite Nom = "SECURITY"
	EtiquettesSignees Nom = "ETIQUETTES_SIGNEES" // how many of the releases of twenty-four months
	Scorecard         Nom = "SCORECARD"          // from 0 to 10
	// What was read, and what no rule counts.
	Depot Nom = "DEPOT"
	Fait  Nom = "FAIT"
)

// noms is the order in which inputs are shown.
var noms = []Nom{ForgeArchive, StatutDeveloppement, TypeMaintenance, FinContrat, PremierCommit, DernierCommit, DerniereVersion, Version, Activite,
	FacteurAbsence12, FacteurAbsence24, FacteurOrganisations12, FacteurOrganisations24, Auteurs12, Auteurs24, Commits12, Commits24, Attribues12, Robots12,
	Ouverts90, Fermes90, PremiereReponse, RobotsForge, PageWeb, Logo, FeuilleRoute, FichierAuteurs, Contribuer, Changements, Conduite, Gouvernance,
	Licence, FichierPubliccode, PolitiqueSecurite, EtiquettesSignees, Scorecard, Depot, Fait}

var criteresOuverture = []Nom{PageWeb, Logo, FeuilleRoute, FichierAuteurs, Contribuer, Changements, Conduite, Gouvernance}

// Noms lists every input that may be given.
func Noms() []Nom { return slices.Clone(noms) }

// The values of a yes-or-no input; Inconnu is never given.
const (
	Oui     = "OUI"
	Non     = "NON"
	Inconnu = "INCONNU"
)

// Unite is what the value of an input is; the values are the API's.
type Unite string

// The units.
const (
	UniteDate        Unite = "DATE"
	UniteNombre      Unite = "NOMBRE"
	UniteJours       Unite = "JOURS"
	UnitePourcentage Unite = "POURCENTAGE"
	UniteSurDix      Unite = "SUR_DIX"
	UniteOuiNon      Unite = "OUI_NON"
	UniteTexte       Unite = "TEXTE"
)

// Unite tells what the values of the input are.
func (n Nom) Unite() Unite {
	switch n {
	case PremierCommit, DernierCommit, FinContrat:
		return UniteDate
	case PremiereReponse:
		return UniteJours
	case Attribues12:
		return UnitePourcentage
	case Scorecard:
		return UniteSurDix
	case FacteurAbsence12, FacteurAbsence24, FacteurOrganisations12, FacteurOrganisations24, Auteurs12, Auteurs24, Commits12, Commits24,
		Robots12, Ouverts90, Fermes90, RobotsForge, EtiquettesSignees:
		return UniteNombre
	case ForgeArchive, VersionRecente, CommitRecent, PageWeb, Logo, FeuilleRoute, FichierAuteurs, Contribuer, Changements, Conduite, Gouvernance,
		FichierPubliccode, PolitiqueSecurite:
		return UniteOuiNon
	}
	return UniteTexte
}

// plusieurs tells the inputs of which an evaluation may have several.
func (n Nom) plusieurs() bool {
	return n == Version || n == Activite || n == FinContrat || n == Fait || n == Depot
}

// Entree is one thing known, and on whose word. Le is when, as precisely as the source says: "2025", "2025-11" or
// "2025-11-13"; Source is the key of the source; Note says what the value alone would not.
type Entree struct {
	Nom    Nom    `json:"nom"`
	Valeur string `json:"valeur"`
	Le     string `json:"le,omitempty"`
	Source string `json:"source,omitempty"`
	Note   string `json:"note,omitempty"`
}

// Ordre is the order in which inputs are shown: that of the rules, then of time.
func Ordre(a, b Entree) int {
	return cmp.Or(cmp.Compare(slices.Index(noms, a.Nom), slices.Index(noms, b.Nom)), cmp.Compare(a.jour(), b.jour()), cmp.Compare(a.Valeur, b.Valeur), cmp.Compare(a.Source, b.Source))
}

// maxTexte bounds a value and a note, in characters.
const maxTexte = 500

// Verifier says, in French, why an entry cannot be one of an evaluation made on that day; nil when it can.
func (e Entree) Verifier(le time.Time) error {
	switch {
	case !slices.Contains(noms, e.Nom):
		return fmt.Errorf("« %s » n'est pas une entrée connue", e.Nom)
	case e.Valeur == "":
		return errors.New("la valeur manque")
	case utf8.RuneCountInString(e.Valeur) > maxTexte || utf8.RuneCountInString(e.Note) > maxTexte:
		return fmt.Errorf("la valeur et la note comptent %d caractères au plus", maxTexte)
	}
	jour := e.Le
	switch e.Nom.Unite() {
	case UniteDate:
		jour = e.Valeur
	case UniteNombre:
		if n, err := strconv.Atoi(e.Valeur); err != nil || n < 0 || n > 1_000_000_000 || strconv.Itoa(n) != e.Valeur {
			return fmt.Errorf("« %s » n'est pas un nombre entier", e.Valeur)
		}
	case UniteJours, UnitePourcentage, UniteSurDix:
		maximum := map[Unite]float64{UniteJours: 10_000, UnitePourcentage: 100, UniteSurDix: 10}[e.Nom.Unite()]
		if v, err := strconv.ParseFloat(e.Valeur, 64); err != nil || !(v >= 0 && v <= maximum) {
			return fmt.Errorf("« %s » n'est pas un nombre de 0 à %g", e.Valeur, maximum)
		}
	case UniteOuiNon:
		if e.Valeur != Oui && e.Valeur != Non {
			return errors.New("la valeur est OUI ou NON")
		}
	}
	switch e.Nom {
	case DerniereVersion, Version, Activite:
		if e.Le == "" {
			return errors.New("la date manque")
		}
	case StatutDeveloppement:
		if !slices.Contains([]string{"concept", "development", "beta", "stable", "obsolete"}, e.Valeur) {
			return fmt.Errorf("« %s » n'est pas un statut de publiccode.yml", e.Valeur)
		}
	case TypeMaintenance:
		if !slices.Contains([]string{"internal", "contract", "community", "none"}, e.Valeur) {
			return fmt.Errorf("« %s » n'est pas un type de maintenance de publiccode.yml", e.Valeur)
		}
	}
	if jour == "" {
		return nil
	}
	debut, _, ok := periode(jour)
	if !ok {
		return fmt.Errorf("« %s » n'est pas une date (AAAA, AAAA-MM ou AAAA-MM-JJ)", jour)
	}
	if e.Nom != FinContrat && debut.After(le) {
		return fmt.Errorf("le %s suit le jour de l'évaluation", jour)
	}
	return nil
}

// VerifierToutes is Verifier for all the entries of an evaluation: of most there is only one. faute is called for each fault
// with the rank of the entry.
func VerifierToutes(le time.Time, entrees []Entree, faute func(i int, err error)) {
	vues := map[Nom]bool{}
	for i, e := range entrees {
		if err := e.Verifier(le); err != nil {
			faute(i, err)
		} else if vues[e.Nom] && !e.Nom.plusieurs() {
			faute(i, fmt.Errorf("« %s » est donné deux fois", e.Nom))
		}
		vues[e.Nom] = true
	}
}

// periode is the first and the last day that a date as precise as its source may mean.
func periode(s string) (debut, fin time.Time, ok bool) {
	for i, forme := range []string{"2006", "2006-01", time.DateOnly} {
		d, err := time.Parse(forme, s)
		if err != nil || d.Year() < 1950 || d.Year() > 2200 {
			continue
		}
		return d, [3]time.Time{d.AddDate(1, 0, -1), d.AddDate(0, 1, -1), d}[i], true
	}
	return debut, fin, false
}

// jour is the date that the entry bears.
func (e Entree) jour() string {
	if e.Nom.Unite() == UniteDate {
		return e.Valeur
	}
	return e.Le
}

func (e Entree) debut() time.Time { d, _, _ := periode(e.jour()); return d }
func (e Entree) fin() time.Time   { _, f, _ := periode(e.jour()); return f }

// raconte says the entry in a sentence.
func (e Entree) raconte() string {
	switch e.Nom {
	case DernierCommit:
		return "dernier commit le " + e.Valeur
	case DerniereVersion, Version:
		return "version " + e.Valeur + " (" + e.Le + ")"
	}
	return strings.TrimSuffix(e.Valeur, ".") + " (" + e.Le + ")"
}

func citee(e *Entree) string {
	if e.Le == "" {
		return ""
	}
	return ", le " + e.Le
}

// releve is what is known on a day.
type releve struct {
	le      time.Time
	entrees []Entree
}

func (r releve) tous(n Nom) (out []Entree) {
	for _, e := range r.entrees {
		if e.Nom == n {
			out = append(out, e)
		}
	}
	return out
}

func (r releve) un(n Nom) *Entree {
	if i := slices.IndexFunc(r.entrees, func(e Entree) bool { return e.Nom == n }); i >= 0 {
		return &r.entrees[i]
	}
	return nil
}

func (r releve) entier(n Nom) *int {
	e := r.un(n)
	if e == nil {
		return nil
	}
	v, err := strconv.Atoi(e.Valeur)
	if err != nil {
		return nil
	}
	return &v
}

// Facteur is the least number of contributors that make half of the contributions: CHAOSS's Contributor Absence Factor of
// people, its Elephant Factor of organisations. parts counts the contributions of each; 0 when there are none.
func Facteur(parts []int) int {
	total := 0
	for _, n := range parts {
		total += n
	}
	tri := slices.Sorted(slices.Values(parts))
	faits, n := 0, 0
	for i := len(tri) - 1; i >= 0 && 2*faits < total; i-- {
		faits += tri[i]
		n++
	}
	return n
}

// Mediane is the middle value, the mean of the two in the middle when there are as many on each side; NaN of none.
func Mediane(v []float64) float64 {
	tri := slices.Sorted(slices.Values(v))
	n := len(tri)
	switch {
	case n == 0:
		return math.NaN()
	case n%2 == 1:
		return tri[n/2]
	}
	return (tri[n/2-1] + tri[n/2]) / 2
}
