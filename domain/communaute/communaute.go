// Package communaute measures the community behind a free software: a lifecycle state, decided by rules, and a health from 0
// to 100, the weighted mean of five components that are each shown with what they were computed from. There is never one
// number alone, and what is not known is never 0: a component without inputs is left out, and with less than half of the
// weights there is no health at all, but the reason why.
//
// The measures are those of public frameworks, put together by this project and versioned by [Bareme]:
//
//   - CHAOSS (https://chaoss.community): Contributor Absence Factor, Elephant Factor, Change Request Closure Ratio, Time to
//     First Response; its advice not to count robots.
//   - the guide of code.gouv.fr (https://guides.code.gouv.fr): the ten optional criteria of openness.
//   - OpenSSF Scorecard (https://github.com/ossf/scorecard): an aggregate from 0 to 10, taken as it is.
//   - publiccode.yml (https://yml.publiccode.tools): what the authors say of the maintenance.
//
// It knows neither git nor forges, nor SQL, nor the time: the day of the evaluation is given.
package communaute

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/domain/texte"
)

// Bareme is the version of the rules and of the formulas below. Change one, and it changes: evaluations keep the one they
// were made with.
//
// v2: an archived project is not maintained any more, and no project sleeps of which another source shows later work.
const Bareme = "v2"

// Etat is where a project is in its life; the values are the API's. "" is a state that the rules cannot tell.
type Etat string

// The states, in the order of the rules: the first that holds decides.
const (
	// Archive: the forge, or the authors, say that it is over.
	Archive Etat = "ARCHIVE"
	// Dormant: no commit nor any other trace of work for twelve months, and no release for twenty-four.
	Dormant Etat = "DORMANT"
	// Ralenti: no commit nor any other trace of work for six months.
	Ralenti Etat = "RALENTI"
	// Nouveau: the first commit is less than ninety days old.
	Nouveau Etat = "NOUVEAU"
	// Actif: somebody worked on it in the last six months.
	Actif Etat = "ACTIF"
)

// Critere names a component; the values are the API's.
type Critere string

// The components.
const (
	Maintenance Critere = "MAINTENANCE"
	Resilience  Critere = "RESILIENCE"
	Reactivite  Critere = "REACTIVITE"
	Ouverture   Critere = "OUVERTURE"
	Securite    Critere = "SECURITE"
)

// Criteres lists the components with their weights, which add up to 1.
func Criteres() []Poids {
	return []Poids{{Maintenance, .35}, {Resilience, .25}, {Reactivite, .15}, {Ouverture, .10}, {Securite, .15}}
}

// nomme names a component in a sentence.
func (c Critere) nomme() string {
	return map[Critere]string{Maintenance: "la maintenance", Resilience: "la résilience", Reactivite: "la réactivité", Ouverture: "l'ouverture", Securite: "la sécurité"}[c]
}

// Poids is the weight of a component.
type Poids struct {
	Critere Critere
	Poids   float64
}

// CouvertureMin is the least part of the weights without which there is no health.
const CouvertureMin = .5

// PlancherContrat is the least maintenance of a software under contract: a service that is paid for is maintenance, even
// with few commits.
const PlancherContrat = .6

// Composante is one component. Score goes from 0 to 1; nil: nothing known allows to compute it, and Motif says what lacks.
// Of a score, Motif says how it was made.
type Composante struct {
	Critere Critere  `json:"critere"`
	Poids   float64  `json:"poids"`
	Score   *float64 `json:"score"`
	Motif   string   `json:"motif"`
	Entrees []Entree `json:"entrees"`
}

// Evaluation is what the rules say of a software on a day.
type Evaluation struct {
	Bareme string
	// Etat is "" when no rule decides; Motif says which did, or what lacks.
	Etat  Etat
	Motif string
	// Sante goes from 0 to 100; nil: less than CouvertureMin is known, as MotifSante says.
	Sante       *int
	MotifSante  string
	Couverture  float64 // the part of the weights that could be computed, from 0 to 1
	Composantes []Composante
	// Absence12 and Absence24 are the contributor absence factors over twelve and twenty-four months; nil: not known.
	Absence12, Absence24 *int
}

// Evaluer applies the rules on a day to what is known then. Entries are those that [Entree.Verifier] admits on that day;
// what is not in them is not known.
func Evaluer(le time.Time, entrees []Entree) Evaluation {
	r := releve{le: le, entrees: slices.Clone(entrees)}
	slices.SortFunc(r.entrees, Ordre)
	e := Evaluation{Bareme: Bareme, Absence12: r.entier(FacteurAbsence12), Absence24: r.entier(FacteurAbsence24)}
	e.Etat, e.Motif = r.etat()
	e.Motif = "au " + texte.Jour(le) + ", " + e.Motif
	somme := 0.
	var manquent []string
	for _, p := range Criteres() {
		c := r.composante(p.Critere)
		c.Critere, c.Poids = p.Critere, p.Poids
		if c.Entrees == nil {
			c.Entrees = []Entree{}
		}
		if c.Score == nil {
			manquent = append(manquent, c.Critere.nomme())
		} else {
			s := arrondi(*c.Score, 1000)
			c.Score = &s
			e.Couverture += p.Poids
			somme += p.Poids * s
		}
		e.Composantes = append(e.Composantes, c)
	}
	e.Couverture = arrondi(e.Couverture, 1000)
	if e.Couverture < CouvertureMin {
		e.MotifSante = fmt.Sprintf("on ne connaît que %d %% du poids de la note, il en faut %d : rien sur %s",
			int(math.Round(e.Couverture*100)), int(CouvertureMin*100), strings.Join(manquent, ", "))
		return e
	}
	sante := int(math.Round(100 * somme / e.Couverture))
	e.Sante = &sante
	return e
}

// archive tells who says that the project is over; "" when nobody does.
func (r releve) archive() string {
	if e := r.un(ForgeArchive); e != nil && e.Valeur == Oui {
		return "la forge dit le dépôt archivé" + citee(e)
	}
	if e := r.un(StatutDeveloppement); e != nil && e.Valeur == "obsolete" {
		return "ses auteurs le disent obsolète (publiccode.yml)" + citee(e)
	}
	if e := r.un(TypeMaintenance); e != nil && e.Valeur == "none" {
		return "ses auteurs disent ne plus le maintenir (publiccode.yml)" + citee(e)
	}
	return ""
}

// etat applies the rules in order. Dates that are only partly known are taken on the side that decides nothing hastily: a
// project is said to sleep from the latest day that they may mean, to be active from the earliest.
func (r releve) etat() (Etat, string) {
	if dit := r.archive(); dit != "" {
		return Archive, dit
	}
	commit, version := r.un(DernierCommit), r.un(DerniereVersion)
	if commit != nil {
		dit := "dernier commit le " + commit.Valeur
		switch {
		case r.silence(12) && version != nil && !version.fin().After(Recule(r.le, 24)):
			return Dormant, fmt.Sprintf("%s, il y a douze mois ou plus, et dernière version le %s, il y a vingt-quatre mois ou plus", dit, version.Le)
		case r.silence(24) && version == nil:
			return Dormant, dit + ", il y a vingt-quatre mois ou plus : aucune version n'a pu suivre"
		case r.silence(6):
			return Ralenti, dit + ", il y a six mois ou plus"
		}
		if premier := r.un(PremierCommit); premier != nil && r.le.Sub(premier.debut()) < 90*24*time.Hour {
			return Nouveau, "premier commit le " + premier.Valeur + ", il y a moins de quatre-vingt-dix jours"
		}
		if commit.debut().After(Recule(r.le, 6)) {
			return Actif, dit + ", il y a moins de six mois"
		}
	}
	trace := r.derniereTrace()
	switch {
	case trace == nil:
		return "", "aucune date d'activité n'est connue"
	case trace.debut().After(Recule(r.le, 6)):
		return Actif, "dernière trace connue il y a moins de six mois : " + trace.raconte()
	case commit != nil:
		return "", "dernière trace connue : " + trace.raconte() + " ; les dates connues ne sont pas assez précises pour dire ce qui a suivi"
	}
	return "", "dernière trace connue : " + trace.raconte() + " ; rien ne dit ce qui a suivi, et les derniers commits n'ont pas été lus"
}

// traces are the dated signs of work.
func (r releve) traces() (out []Entree) {
	for _, n := range []Nom{DernierCommit, DerniereVersion, Version, Activite} {
		out = append(out, r.tous(n)...)
	}
	return out
}

// silence tells that no trace may be of the last months, whatever its source.
func (r releve) silence(mois int) bool {
	return !slices.ContainsFunc(r.traces(), func(e Entree) bool { return e.fin().After(Recule(r.le, mois)) })
}

// derniereTrace is the latest dated sign of work; nil when there is none.
func (r releve) derniereTrace() (trace *Entree) {
	for _, e := range r.traces() {
		if trace == nil || e.debut().After(trace.debut()) {
			trace = &e
		}
	}
	return trace
}

func (r releve) composante(c Critere) Composante {
	switch c {
	case Maintenance:
		return r.maintenance()
	case Resilience:
		return r.resilience()
	case Reactivite:
		return r.reactivite()
	case Ouverture:
		return r.ouverture()
	}
	return r.securite()
}

// maintenance: half for the age of the last commit, down to 0 at twelve months, half for that of the last release, down to
// 0 at twenty-four; the half that is known alone when the other is not. It is 0 of what is archived, whatever its age. A
// contract in progress gives it a floor.
func (r releve) maintenance() Composante {
	var c Composante
	var parts []float64
	var dits []string
	if e := r.un(DernierCommit); e != nil {
		c.Entrees = append(c.Entrees, *e)
		parts = append(parts, max(0, 1-mois(e.debut(), r.le)/12))
		dits = append(dits, "commit : "+dixieme(mois(e.debut(), r.le))+" mois")
	}
	if e := r.un(DerniereVersion); e != nil {
		c.Entrees = append(c.Entrees, *e)
		parts = append(parts, max(0, 1-mois(e.debut(), r.le)/24))
		dits = append(dits, "version : "+dixieme(mois(e.debut(), r.le))+" mois")
	}
	for _, n := range []Nom{ForgeArchive, StatutDeveloppement, TypeMaintenance} {
		c.Entrees = append(c.Entrees, r.tous(n)...)
	}
	if dit := r.archive(); dit != "" {
		parts, dits = []float64{0}, []string{dit + " : 0"}
	}
	contrat := false
	for _, e := range r.tous(FinContrat) {
		c.Entrees = append(c.Entrees, e)
		contrat = contrat || !e.debut().Before(r.le)
	}
	if len(parts) > 0 {
		c.Score = moyenne(parts)
	}
	switch {
	case contrat && (c.Score == nil || *c.Score < PlancherContrat):
		plancher := PlancherContrat
		c.Score = &plancher
		dits = append(dits, "un contrat de maintenance court encore : 0,6 au moins")
	case c.Score == nil:
		dits = []string{"ni le dernier commit ni la dernière version ne sont connus"}
	}
	c.Motif = strings.Join(dits, " ; ")
	return c
}

// resilience: half for the contributor absence factor, log2(1+f)/log2(11), full at ten people, half for the elephant
// factor, log2(1+f)/log2(9), full at eight organisations; over twelve months.
func (r releve) resilience() Composante {
	var c Composante
	var parts []float64
	var dits []string
	for _, x := range []struct {
		nom  Nom
		fois float64
		dit  string
	}{{FacteurAbsence12, 11, "personnes, %d"}, {FacteurOrganisations12, 9, "organisations, %d"}} {
		if n := r.entier(x.nom); n != nil {
			parts = append(parts, min(1, math.Log2(1+float64(*n))/math.Log2(x.fois)))
			dits = append(dits, fmt.Sprintf(x.dit, *n))
		}
	}
	for _, n := range []Nom{FacteurAbsence12, FacteurAbsence24, FacteurOrganisations12, FacteurOrganisations24, Auteurs12, Auteurs24, Commits12, Commits24, Attribues12, Robots12} {
		c.Entrees = append(c.Entrees, r.tous(n)...)
	}
	if len(parts) == 0 {
		c.Motif = "on ne sait pas combien de personnes ni d'organisations font la moitié des contributions"
		return c
	}
	c.Score, c.Motif = moyenne(parts), "qui fait la moitié des contributions de douze mois : "+strings.Join(dits, " ; ")
	return c
}

// reactivite: half for the issues and requests closed over those opened in ninety days, 1 at most; half for the median time
// to a first response, 1/(1+days/14).
func (r releve) reactivite() Composante {
	var c Composante
	var parts []float64
	var dits []string
	ouverts, fermes := r.entier(Ouverts90), r.entier(Fermes90)
	for _, n := range []Nom{Ouverts90, Fermes90, PremiereReponse, RobotsForge} {
		c.Entrees = append(c.Entrees, r.tous(n)...)
	}
	switch {
	case ouverts != nil && fermes != nil && *ouverts > 0:
		parts = append(parts, min(1, float64(*fermes)/float64(*ouverts)))
		dits = append(dits, fmt.Sprintf("tickets et demandes fermés, %d ; ouverts, %d", *fermes, *ouverts))
	case ouverts != nil && *ouverts == 0:
		dits = append(dits, "rien n'a été ouvert en quatre-vingt-dix jours : le rapport n'a pas de sens")
	}
	if e := r.un(PremiereReponse); e != nil {
		jours, _ := strconv.ParseFloat(e.Valeur, 64)
		parts = append(parts, 1/(1+jours/14))
		dits = append(dits, "première réponse : "+dixieme(jours)+" jours (médiane)")
	}
	if len(parts) > 0 {
		c.Score = moyenne(parts)
	} else if len(dits) == 0 {
		dits = []string{"les tickets et les demandes n'ont pas été lus"}
	}
	c.Motif = strings.Join(dits, " ; ")
	return c
}

// ouvertureMin is how many of the ten criteria must be known for openness to be told.
const ouvertureMin = 5

// ouverture: the part of the ten criteria that hold, among those known. Licence and publiccode.yml are shown, not counted:
// the guide makes them prerequisites.
func (r releve) ouverture() Composante {
	var c Composante
	connus, oui := 0, 0
	ajoute := func(n Nom, valeur string, de *Entree) {
		e := Entree{Nom: n, Valeur: valeur}
		if de != nil {
			e.Source, e.Le = de.Source, de.Le
		}
		c.Entrees = append(c.Entrees, e)
		if valeur != Inconnu {
			connus++
		}
		if valeur == Oui {
			oui++
		}
	}
	version, dit := r.recent(DerniereVersion, Version)
	ajoute(VersionRecente, version, dit)
	commit, dit := r.recent(DernierCommit)
	ajoute(CommitRecent, commit, dit)
	for _, n := range criteresOuverture {
		if e := r.un(n); e != nil {
			ajoute(n, e.Valeur, e)
		} else {
			ajoute(n, Inconnu, nil)
		}
	}
	c.Entrees = append(c.Entrees, r.tous(Licence)...)
	c.Entrees = append(c.Entrees, r.tous(FichierPubliccode)...)
	c.Motif = fmt.Sprintf("critères remplis : %d sur %d connus", oui, connus)
	if connus < ouvertureMin {
		c.Motif = fmt.Sprintf("critères connus : %d sur dix, il en faut %d", connus, ouvertureMin)
		return c
	}
	s := float64(oui) / float64(connus)
	c.Score = &s
	return c
}

// recent tells whether what the first name dates is less than six months old; the others only say that it is.
func (r releve) recent(dernier Nom, autres ...Nom) (string, *Entree) {
	seuil := Recule(r.le, 6)
	for _, n := range append([]Nom{dernier}, autres...) {
		for _, e := range r.tous(n) {
			if e.debut().After(seuil) {
				return Oui, &e
			}
		}
	}
	if e := r.un(dernier); e != nil && !e.fin().After(seuil) {
		return Non, e
	}
	return Inconnu, nil
}

// securite: the Scorecard aggregate over 10. A security policy and signed tags are shown, not counted.
func (r releve) securite() Composante {
	var c Composante
	for _, n := range []Nom{Scorecard, PolitiqueSecurite, EtiquettesSignees} {
		c.Entrees = append(c.Entrees, r.tous(n)...)
	}
	e := r.un(Scorecard)
	if e == nil {
		c.Motif = "aucun relevé OpenSSF Scorecard"
		return c
	}
	v, _ := strconv.ParseFloat(e.Valeur, 64)
	v /= 10
	c.Score, c.Motif = &v, "OpenSSF Scorecard : "+strings.ReplaceAll(e.Valeur, ".", ",")+" sur 10"
	return c
}

// Soutien is who helps the collectivités with a software, in France and now.
type Soutien struct {
	Prestataires int // who offer services on it
	Contrats     int // in progress
	Syndicats    int // that offer it to their members
}

// Aucun tells that nobody does.
func (s Soutien) Aucun() bool { return s.Prestataires == 0 && s.Contrats == 0 && s.Syndicats == 0 }

// Deconseiller tells whether a software is to be advised against, as collectivités asked, and why, or why not. It needs all
// three at once, each known: nobody works on it any more (Dormant, or Archive), one person at most made half of what was
// done in twenty-four months, and nobody here supports it. The absence factor of twelve months would be 0 of any project
// that sleeps. The state is that of a day, which may be long ago; the zero time: it was never evaluated.
func Deconseiller(etat Etat, evaluee time.Time, absence24 *int, s Soutien) (bool, []string) {
	var oui, non []string
	au := ""
	if !evaluee.IsZero() {
		au = " au " + texte.Jour(evaluee)
	}
	switch etat {
	case Dormant:
		oui = append(oui, "le projet était dormant"+au)
	case Archive:
		oui = append(oui, "le projet était archivé"+au)
	case "":
		non = append(non, "on ne sait pas si le projet est dormant")
	default:
		non = append(non, "le projet n'était pas dormant"+au)
	}
	switch {
	case absence24 == nil:
		non = append(non, "on ne sait pas combien de personnes y contribuent")
	case *absence24 > 1:
		non = append(non, fmt.Sprintf("la moitié des contributions de vingt-quatre mois vient d'au moins %d personnes", *absence24))
	case *absence24 == 1:
		oui = append(oui, "une seule personne fait la moitié des contributions de vingt-quatre mois, ou plus")
	default:
		oui = append(oui, "personne n'y a contribué en vingt-quatre mois")
	}
	if s.Aucun() {
		oui = append(oui, "ni prestataire, ni contrat, ni syndicat ne le soutient à notre connaissance")
	} else {
		non = append(non, fmt.Sprintf("il est soutenu : prestataires %d, contrats %d, syndicats %d", s.Prestataires, s.Contrats, s.Syndicats))
	}
	if len(non) > 0 {
		return false, non
	}
	return true, oui
}

// PopulationPleine is the population from which the impact is 100: about that of France (INSEE).
const PopulationPleine = 68_000_000

// MoisReevaluation is the age, in whole months, from which an evaluation is to be made again: the states tell of six months.
const MoisReevaluation = 6

// Impact is the public impact of a software, from 0 to 100, on a logarithmic scale: 100·ln(1+min(p,P))/ln(1+P), p being
// the population served and P PopulationPleine. The shape is that of OpenSSF's Criticality Score. A service to a village
// counts, and a country does not drown everything else.
func Impact(population int64) float64 {
	p := float64(min(max(population, 0), PopulationPleine))
	return arrondi(100*math.Log1p(p)/math.Log1p(PopulationPleine), 10)
}

// Risque is what a failing community would cost the public: impact × (1 − health/100), from 0 to 100; nil when either is
// not known.
func Risque(impact *float64, sante *int) *float64 {
	if impact == nil || sante == nil {
		return nil
	}
	v := arrondi(*impact*(1-float64(*sante)/100), 10)
	return &v
}

func arrondi(v, par float64) float64 { return math.Round(v*par) / par }

func moyenne(parts []float64) *float64 {
	somme := 0.
	for _, p := range parts {
		somme += p
	}
	somme /= float64(len(parts))
	return &somme
}

// mois counts the months between two days, as days of a mean month.
func mois(de, a time.Time) float64 { return max(0, a.Sub(de).Hours()/24/(365.25/12)) }

// dixieme writes a number as French does, to a tenth.
func dixieme(v float64) string {
	return strings.ReplaceAll(strconv.FormatFloat(v, 'f', 1, 64), ".", ",")
}

// Recule is the same day some months before: the last of the month when that month has no such day.
func Recule(le time.Time, mois int) time.Time {
	a, m, j := le.Date()
	dernier := time.Date(a, m-time.Month(mois)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return time.Date(a, m-time.Month(mois), min(j, dernier), 0, 0, 0, 0, time.UTC)
}
