// Package label holds the self-assessment that prepares an application to the label Territoire Numérique Libre: what is looked
// at, what each thing is worth, what would raise the whole. It is never the label: the weights of its jury are not published,
// and a jury decides. It knows neither SQL, GraphQL nor the clock.
//
// The five themes are the label's own (https://territoire-numerique-libre.org/criteres). The criteria are those that its pages
// name: eligibility (a free software in the services or the schools, open data, open formats, local initiatives), the share of
// free software that is mutualised, the examples given to candidates (https://territoire-numerique-libre.org/exemples/). What
// each is worth is ours, and documented here: within a theme, every criterion weighs the same.
package label

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Version names the grid of criteria, to be shown with each estimate.
const Version = "autodiagnostic-2"

// Theme is one of the five of the label; the values are the API's.
type Theme string

// The themes, in the label's order.
const (
	Strategie  Theme = "STRATEGIE"
	Pratiques  Theme = "PRATIQUES"
	Logiciels  Theme = "LOGICIELS"
	Ecosysteme Theme = "ECOSYSTEME"
	Donnees    Theme = "DONNEES"
)

// Themes lists them in order.
func Themes() []Theme { return []Theme{Strategie, Pratiques, Logiciels, Ecosysteme, Donnees} }

// Critere is one thing looked at; the values are the API's.
type Critere string

// The criteria, by theme.
const (
	Deliberation      Critere = "DELIBERATION"
	PartMutualisee    Critere = "PART_MUTUALISEE"
	MoyensMutualises  Critere = "MOYENS_MUTUALISES"
	BilanPublie       Critere = "BILAN_PUBLIE"
	FormatsOuverts    Critere = "FORMATS_OUVERTS"
	Accessibilite     Critere = "ACCESSIBILITE"
	Sobriete          Critere = "SOBRIETE"
	LibrePoste        Critere = "LIBRE_POSTE"
	LibreServeur      Critere = "LIBRE_SERVEUR"
	LibreMetier       Critere = "LIBRE_METIER"
	LibreEcoles       Critere = "LIBRE_ECOLES"
	Contributions     Critere = "CONTRIBUTIONS"
	Rencontres        Critere = "RENCONTRES"
	RetoursExperience Critere = "RETOURS_EXPERIENCE"
	Sensibilisation   Critere = "SENSIBILISATION"
	DonneesOuvertes   Critere = "DONNEES_OUVERTES"
	PolitiqueDonnees  Critere = "POLITIQUE_DONNEES"
)

// Definition says what a criterion is, for people: its name, and what earns the whole of it.
type Definition struct {
	Critere Critere
	Theme   Theme
	Nom     string
	Attendu string
}

// ConnusPourConclure is how many software must be known for a share of them to count in full.
const ConnusPourConclure = 5

// MetiersPourTout is how many free métier software earn the whole criterion, whatever the share.
const MetiersPourTout = 10

// peu is said of each share.
const peu = " Sur moins de cinq connus, elle compte pour moitié, et rien ne se conclut de l’absence."

// Grille lists the criteria, by theme then as they are read.
func Grille() []Definition {
	return []Definition{
		{Deliberation, Strategie, "Stratégie délibérée", "Une délibération, une stratégie ou un plan d’action en faveur du libre, que l’on peut citer."},
		{PartMutualisee, Strategie, "Logiciels libres mutualisés", "La moitié au moins des logiciels libres en service le sont par un syndicat ; en dessous, à proportion." + peu},
		{MoyensMutualises, Strategie, "Moyens mutualisés", "Être membre d’un syndicat qui publie un catalogue ou exerce la compétence numérique."},
		{BilanPublie, Strategie, "Bilan publié", "Une économie constatée ou vérifiée, ou un retour d’expérience ; une économie prévue ou annoncée vaut la moitié."},
		{FormatsOuverts, Pratiques, "Formats ouverts", "Produire et échanger dans des formats ouverts du Référentiel général d’interopérabilité."},
		{Accessibilite, Pratiques, "Accessibilité", "Des services en ligne conformes au Référentiel général d’amélioration de l’accessibilité."},
		{Sobriete, Pratiques, "Sobriété numérique", "Prolonger la vie des équipements : une démarche suivie, ou la mention du label."},
		{LibrePoste, Logiciels, "Libre sur les postes", "Part des logiciels libres parmi ceux connus en service : bureautique, poste de travail et collaboration." + peu + " La part des postes équipés, si un document la donne, en tient lieu."},
		{LibreServeur, Logiciels, "Libre sur les serveurs", "Part des logiciels libres parmi ceux connus en service : infrastructure, sites et services en ligne." + peu + " La part des serveurs, si un document la donne, en tient lieu ; s’il dit seulement que la plupart le sont, c’est la moitié au moins."},
		{LibreMetier, Logiciels, "Libre dans les métiers", fmt.Sprintf("Part des logiciels libres parmi les applications métier connues en service, ou %d applications libres.", MetiersPourTout) + peu},
		{LibreEcoles, Logiciels, "Libre dans les écoles", "Part des logiciels libres parmi ceux connus en service pour les écoles et l’éducation." + peu},
		{Contributions, Ecosysteme, "Contributions", "Avoir développé, financé, traduit ou documenté un logiciel libre que d’autres utilisent ; ni ce qui n’est que prévu, ni ce que l’on a gardé pour soi."},
		{Rencontres, Ecosysteme, "Rencontres", "Avoir organisé une rencontre consacrée au libre, ou y être intervenu."},
		{RetoursExperience, Ecosysteme, "Retours d’expérience", "Un retour d’expérience publié."},
		{Sensibilisation, Ecosysteme, "Sensibilisation et formation", "Sensibiliser ou former au libre les élus, les agents ou les habitants, soutenir ceux qui le font."},
		{DonneesOuvertes, Donnees, "Données ouvertes", "Des données publiques ouvertes ; un projet, ou l’usage d’un logiciel fait pour cela, vaut la moitié."},
		{PolitiqueDonnees, Donnees, "Politique de la donnée", "Une stratégie d’ouverture et de gestion des données."},
	}
}

// Etat is how far a criterion is met; the values are the API's.
type Etat string

// The states. What nothing tells is INCONNU, never NON_SATISFAIT: to be absent from the graph is not to be absent.
const (
	Satisfait    Etat = "SATISFAIT"
	Partiel      Etat = "PARTIEL"
	NonSatisfait Etat = "NON_SATISFAIT"
	Inconnu      Etat = "INCONNU"
)

// Couche counts the software known in use in one layer, and the free ones among them.
type Couche struct{ Libres, Connus int }

// Mesures is what is known of one organisation.
type Mesures struct {
	Deliberations      int // documents that tell of one
	Libres, Mutualises int // free software in use, and those that come through a syndicat
	Groupements        int // syndicats of which it is a member, see MoyensMutualises
	BilansConstates    int // savings observed or verified
	BilansAnnonces     int // savings told otherwise
	Poste, Serveur     Couche
	Metier, Ecoles     Couche
	PartPostes         *float64 // share of its workstations under free office software, 0 to 1, as a document tells it
	PartServeurs       *float64 // share of its servers under a free system, 0 to 1, as a document tells it
	// ServeursSurtoutLibres tells that a document says, without a number, that most of its servers are free.
	ServeursSurtoutLibres bool
	MetiersLibres         int // number of its free métier software, as a document tells it
	Contributions         int
	Rencontres            int
	Retours               int
	OutilsDonnees         int // software in use whose job is to publish data
	Ouvertures            int // documents that tell of its open data
	ProjetsDonnees        int // documents that tell of open data being prepared
	Sensibilisations      int // documents that tell of what it does for the free software around it
	MentionSobriete       bool
	MentionPromotion      bool
	// Reponses are the organisation's own: its word prevails over what the graph tells.
	Reponses map[Critere]Etat
}

// Ligne is what a criterion is worth for an organisation. Score goes from 0 to 1; nil: nothing tells. Valeur says, for people,
// what it was read from.
type Ligne struct {
	Definition
	Etat   Etat
	Score  *float64
	Valeur *string
	// Declare tells that the organisation's own answer decided.
	Declare bool
	// Provisoire tells that too few are known to conclude: the score is a floor, and more knowledge may raise it to the whole.
	Provisoire bool
}

// Evaluer gives what each criterion of the grid is worth.
func Evaluer(m Mesures) []Ligne {
	grille := Grille()
	lignes := make([]Ligne, len(grille))
	for i, d := range grille {
		x := m.mesure(d.Critere)
		l := Ligne{Definition: d, Score: x.score, Etat: etat(x.score), Provisoire: x.provisoire}
		if x.valeur != "" {
			l.Valeur = &x.valeur
		}
		if own, ok := m.Reponses[d.Critere]; ok && own != Inconnu {
			l.Etat, l.Score, l.Declare, l.Provisoire = own, valeurDe(own), true, false
		}
		lignes[i] = l
	}
	return lignes
}

// etat names a score.
func etat(score *float64) Etat {
	switch {
	case score == nil:
		return Inconnu
	case *score >= 1:
		return Satisfait
	case *score > 0:
		return Partiel
	}
	return NonSatisfait
}

// valeurDe is what an answer is worth.
func valeurDe(e Etat) *float64 {
	v := map[Etat]float64{Satisfait: 1, Partiel: 0.5, NonSatisfait: 0}
	if n, ok := v[e]; ok {
		return &n
	}
	return nil
}

// lecture is what one criterion is worth, and what it was read from; see Ligne.
type lecture struct {
	score      *float64
	valeur     string
	provisoire bool
}

// mesure reads one criterion.
func (m Mesures) mesure(c Critere) lecture {
	switch c {
	case Deliberation:
		return vu(m.Deliberations, "document", "documents")
	case PartMutualisee:
		return part(m.Mutualises, m.Libres, 2, fmt.Sprintf("%d par un syndicat, sur %s", m.Mutualises, compte(m.Libres, "logiciel libre", "logiciels libres")))
	case MoyensMutualises:
		return vu(m.Groupements, "syndicat", "syndicats")
	case BilanPublie:
		if n := m.BilansConstates + m.Retours; n > 0 {
			return lu(1, fmt.Sprintf("%s, %s", compte(m.BilansConstates, "économie constatée", "économies constatées"), compte(m.Retours, "retour d’expérience", "retours d’expérience")))
		}
		if m.BilansAnnonces > 0 {
			return lu(0.5, compte(m.BilansAnnonces, "économie annoncée", "économies annoncées"))
		}
	case Sobriete:
		if m.MentionSobriete {
			return lu(1, "mention du label")
		}
	case LibrePoste:
		if m.PartPostes != nil {
			return dite(*m.PartPostes, "postes")
		}
		return m.Poste.part()
	case LibreServeur:
		return m.serveurs()
	case LibreMetier:
		return m.metiers()
	case LibreEcoles:
		return m.Ecoles.part()
	case Contributions:
		return vu(m.Contributions, "contribution", "contributions")
	case Rencontres:
		return vu(m.Rencontres, "rencontre", "rencontres")
	case RetoursExperience:
		return vu(m.Retours, "retour d’expérience", "retours d’expérience")
	case Sensibilisation:
		if m.MentionPromotion {
			return lu(1, "mention du label")
		}
		return vu(m.Sensibilisations, "document", "documents")
	case DonneesOuvertes:
		if m.Ouvertures > 0 {
			return lu(1, compte(m.Ouvertures, "document", "documents"))
		}
		if m.ProjetsDonnees > 0 {
			return lu(0.5, "un projet, d’après un document")
		}
		if m.OutilsDonnees > 0 {
			return lu(0.5, compte(m.OutilsDonnees, "logiciel en service", "logiciels en service"))
		}
	}
	return lecture{}
}

// serveurs is the share that a document tells; else the better of the share known and of the half that one tells in words.
func (m Mesures) serveurs() lecture {
	if m.PartServeurs != nil {
		return dite(*m.PartServeurs, "serveurs")
	}
	connue := m.Serveur.part()
	if m.ServeursSurtoutLibres && (connue.score == nil || *connue.score <= 0.5) {
		l := lu(0.5, "plus de la moitié, d’après un document qui ne donne pas de chiffre")
		l.provisoire = true
		return l
	}
	return connue
}

// metiers is the better of the share known and of the number told.
func (m Mesures) metiers() lecture {
	connue := m.Metier.part()
	told := max(m.MetiersLibres, m.Metier.Libres)
	if told == 0 {
		return connue
	}
	nombre := math.Min(1, float64(told)/MetiersPourTout)
	if connue.score != nil && *connue.score >= nombre {
		return connue
	}
	return lu(nombre, compte(told, "application libre", "applications libres"))
}

// part is the share of free software.
func (c Couche) part() lecture {
	return part(c.Libres, c.Connus, 1, fmt.Sprintf("%s sur %s", compte(c.Libres, "libre", "libres"), compte(c.Connus, "connu", "connus")))
}

// part is the share n of those known, fois times; not known when none is. What the graph knows is first of all what is free:
// a share of a handful says little, and counts for half; that there is none in a handful says nothing.
func part(n, connus int, fois float64, valeur string) lecture {
	if connus == 0 {
		return lecture{}
	}
	l := lu(fois*float64(n)/float64(connus), valeur)
	if connus >= ConnusPourConclure {
		return l
	}
	l.valeur += " : trop peu pour conclure"
	if n == 0 {
		l.score = nil
		return l
	}
	*l.score /= 2
	l.provisoire = true
	return l
}

// dite is a share that a document tells.
func dite(part float64, quoi string) lecture {
	return lu(part, fmt.Sprintf("%.0f %% des %s, d’après un document", 100*part, quoi))
}

// vu earns the whole as soon as one is seen.
func vu(n int, un, plusieurs string) lecture {
	if n == 0 {
		return lecture{}
	}
	return lu(1, compte(n, un, plusieurs))
}

// lu bounds a score.
func lu(score float64, valeur string) lecture {
	score = math.Max(0, math.Min(1, score))
	return lecture{score: &score, valeur: valeur}
}

func compte(n int, un, plusieurs string) string {
	if n < 2 {
		return fmt.Sprintf("%d %s", n, un)
	}
	return fmt.Sprintf("%d %s", n, plusieurs)
}

// Estimation bounds what a theme is worth, out of 100: Plancher takes what is not known for nothing, Plafond takes that
// for the whole, and what is provisional too.
// Between them stands what is still to be told; Couverture is the share of the criteria that are known, 0 to 1.
type Estimation struct {
	Theme      Theme
	Plancher   float64
	Plafond    float64
	Couverture float64
}

// Marge is what is left to gain, in points of the theme.
func (e Estimation) Marge() float64 { return arrondi(100 - e.Plancher) }

// Estimer bounds each theme, in the label's order.
func Estimer(lignes []Ligne) []Estimation {
	var all []Estimation
	for _, t := range Themes() {
		e := Estimation{Theme: t}
		var n, connus, somme, manque float64
		for _, l := range lignes {
			if l.Theme != t {
				continue
			}
			n++
			if l.Score != nil {
				connus++
				somme += *l.Score
				if !l.Provisoire {
					manque += 1 - *l.Score
				}
			}
		}
		e.Plancher, e.Plafond, e.Couverture = arrondi(100*somme/n), arrondi(100*(n-manque)/n), connus/n
		all = append(all, e)
	}
	return all
}

// Piste is a criterion that is not wholly met, and what meeting it would add to its theme, in points out of 100.
type Piste struct {
	Ligne
	Gain float64
}

// Pistes lists what would raise the estimate, the greatest gain first; at equal gain what is known to lack comes before what
// is not known, then the order of the grid.
func Pistes(lignes []Ligne) []Piste {
	parTheme := map[Theme]float64{}
	for _, l := range lignes {
		parTheme[l.Theme]++
	}
	var all []Piste
	for _, l := range lignes {
		manque := 1.0
		if l.Score != nil {
			manque = 1 - *l.Score
		}
		if gain := arrondi(100 * manque / parTheme[l.Theme]); gain > 0 {
			all = append(all, Piste{l, gain})
		}
	}
	slices.SortStableFunc(all, func(a, b Piste) int {
		return cmp.Or(cmp.Compare(b.Gain, a.Gain), cmp.Compare(ignore(a.Etat), ignore(b.Etat)))
	})
	return all
}

func ignore(e Etat) int {
	if e == Inconnu {
		return 1
	}
	return 0
}

// arrondi keeps one decimal: more would claim a precision that the grid has not.
func arrondi(v float64) float64 { return math.Round(10*v) / 10 }
