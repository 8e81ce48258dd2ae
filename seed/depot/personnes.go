package depot

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/mutualibre/mutualibre/domain/communaute"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// mailmap says under which name and address those who signed with others are known: see gitmailmap(5). Names and addresses
// are compared without their case.
type mailmap map[string]signature

type signature struct{ nom, courriel string }

// The bounds of a .mailmap.
const (
	maxMailmap = 4 << 20
	maxLigne   = 2000
)

func cleMailmap(nom, courriel string) string {
	return strings.ToLower(nom) + "\x00" + strings.ToLower(courriel)
}

// readMailmap reads the four forms of a line:
//
//	Proper Name <commit@email>
//	<proper@email> <commit@email>
//	Proper Name <proper@email> <commit@email>
//	Proper Name <proper@email> Commit Name <commit@email>
//
// Any other line is skipped, as git does.
func readMailmap(contenu string) mailmap {
	m := mailmap{}
	for ligne := range strings.Lines(contenu) {
		ligne, _, _ = strings.Cut(ligne, "#")
		if len(ligne) > maxLigne {
			continue
		}
		nom1, courriel1, reste, ok := uneSignature(ligne)
		if !ok {
			continue
		}
		nom2, courriel2, _, deux := uneSignature(reste)
		if !deux {
			nom2, courriel2, courriel1 = "", courriel1, ""
		}
		if cle := cleMailmap(nom2, courriel2); nom2 == "" {
			m[cle] = m[cle].completee(nom1, courriel1)
		} else {
			m[cle] = signature{nom1, courriel1}
		}
	}
	return m
}

// completee is what two lines about one address say together: the later one, where it says something.
func (s signature) completee(nom, courriel string) signature {
	if nom != "" {
		s.nom = nom
	}
	if courriel != "" {
		s.courriel = courriel
	}
	return s
}

// uneSignature cuts "Name <email> rest".
func uneSignature(s string) (nom, courriel, reste string, ok bool) {
	avant, apres, ok := strings.Cut(s, "<")
	if !ok {
		return "", "", "", false
	}
	courriel, reste, ok = strings.Cut(apres, ">")
	return strings.TrimSpace(avant), strings.TrimSpace(courriel), reste, ok
}

// canonique is who signed, as the project knows them: the line that names both wins over the one that gives the address.
func (m mailmap) canonique(s signature) signature {
	x, ok := m[cleMailmap(s.nom, s.courriel)]
	if !ok {
		x, ok = m[cleMailmap("", s.courriel)]
	}
	if !ok {
		return s
	}
	return s.completee(x.nom, x.courriel)
}

// robot tells the signatures of programs: what forges mark « [bot] », what ends in « -bot », and the services that sign
// without either. Weblate and its like carry the work of translators, which is not counted: they cannot be told apart.
var robot = regexp.MustCompile(`(?i)\[bot\]|[-_.]bot$|^bot$|^(dependabot|renovate|greenkeeper|snyk|weblate|hosted weblate|github[- ]actions?|` +
	`gitlab[- ]?ci|pre-commit[- ]ci|allcontributors|semantic-release|transifex|crowdin|pyup|mergify|travis[- ]ci|jenkins[- ]ci|buildbot|` +
	`translatewiki\.net|web-flow|l10n daemon script)$`)

func (s signature) robot() bool {
	local, domaine, _ := strings.Cut(s.courriel, "@")
	return robot.MatchString(strings.TrimSpace(s.nom)) || robot.MatchString(local) && local != "" || strings.EqualFold(domaine, "weblate.org") && strings.EqualFold(local, "hosted")
}

// personnes tells people apart. Two signatures are one person's when they share an address, or a name of two words or more:
// many people sign from two addresses, and to count them twice would make a project look safer than it is.
type personnes struct {
	parCourriel, parNom map[string]int
	pere                []int // union-find
}

func nouvellesPersonnes() *personnes {
	return &personnes{parCourriel: map[string]int{}, parNom: map[string]int{}}
}

func (p *personnes) racine(i int) int {
	for p.pere[i] != i {
		p.pere[i] = p.pere[p.pere[i]]
		i = p.pere[i]
	}
	return i
}

// de gives a number to who signed; two numbers may be found later to be one person's: see racine.
func (p *personnes) de(s signature) int {
	courriel, nom := strings.ToLower(s.courriel), texte.Normalize(s.nom)
	if !strings.Contains(courriel, "@") {
		courriel = ""
	}
	if !strings.Contains(nom, " ") && courriel != "" {
		nom = ""
	}
	i, parCourriel := p.parCourriel[courriel]
	j, parNom := p.parNom[nom]
	parCourriel, parNom = parCourriel && courriel != "", parNom && nom != ""
	switch {
	case parCourriel && parNom:
		p.pere[p.racine(j)] = p.racine(i)
	case parNom:
		i = j
	case !parCourriel:
		i = len(p.pere)
		p.pere = append(p.pere, i)
	}
	if courriel != "" {
		p.parCourriel[courriel] = i
	}
	if nom != "" {
		p.parNom[nom] = i
	}
	return i
}

// messageries are the providers whose addresses name nobody's employer.
var messageries = regexp.MustCompile(`^(gmail|googlemail|hotmail|outlook|live|msn|yahoo|ymail|free|aliceadsl|orange|wanadoo|laposte|sfr|neuf|bbox|numericable|gmx|web|` +
	`t-online|protonmail|proton|pm|icloud|me|mac|aol|mailo|zaclys|riseup|posteo|tutanota|tutamail|tuta|disroot|fastmail|mailbox|zoho|qq|163|126|yandex|mail|` +
	`no-log|autistici|ouvaton|noreply|example|localhost)\.`)

// organisation is the domain that stands for an organisation in an address; "" when it names none: a public provider, an
// address hidden by the forge, a machine. It is a poor witness: an employee may sign from home, a domain be one's own.
func organisation(courriel string) string {
	_, domaine, ok := strings.Cut(strings.ToLower(courriel), "@")
	if !ok || strings.Contains(domaine, "noreply") || strings.HasSuffix(domaine, "weblate.org") {
		return ""
	}
	d, err := publicsuffix.EffectiveTLDPlusOne(strings.Trim(domaine, ". "))
	if err != nil || messageries.MatchString(d) {
		return ""
	}
	if _, icann := publicsuffix.PublicSuffix(d); !icann {
		return "" // github.io, or a name of the local network
	}
	return d
}

// fenetre counts the contributions of a period.
type fenetre struct {
	commits       int
	robots        int
	parPersonne   map[int]int
	parDomaine    map[string]int
	contributions int
	parRobot      map[string]int
}

func nouvelleFenetre() *fenetre {
	return &fenetre{parPersonne: map[int]int{}, parDomaine: map[string]int{}, parRobot: map[string]int{}}
}

// maxRobots bounds how many robots are told apart.
const maxRobots = 200

// ajoute counts one commit for each of those who signed it. One that only robots signed is theirs.
func (f *fenetre) ajoute(p *personnes, signes []signature) {
	numeros := map[int]string{}
	for _, s := range signes {
		if !s.robot() {
			numeros[p.de(s)] = organisation(s.courriel)
		}
	}
	humains := map[int]string{} // told apart once all have signed: a number may be found to be another's
	for _, i := range slices.Sorted(maps.Keys(numeros)) {
		if r := p.racine(i); humains[r] == "" {
			humains[r] = numeros[i]
		}
	}
	if len(humains) == 0 {
		f.robots++
		if nom := signes[0].nom; f.parRobot[nom] > 0 || len(f.parRobot) < maxRobots {
			f.parRobot[nom]++
		}
		return
	}
	f.commits++
	for i, domaine := range humains {
		f.parPersonne[i]++
		f.contributions++
		if domaine != "" {
			f.parDomaine[domaine]++
		}
	}
}

// facteurs are the contributor absence factor, the number of people, the elephant factor by domain, and the part of the
// contributions, from 0 to 1, whose domain names an organisation.
func (f *fenetre) facteurs(p *personnes) (absence, auteurs, organisations int, attribues float64) {
	parRacine := map[int]int{}
	for i, n := range f.parPersonne {
		parRacine[p.racine(i)] += n
	}
	nommees := 0
	for _, n := range f.parDomaine {
		nommees += n
	}
	if f.contributions > 0 {
		attribues = float64(nommees) / float64(f.contributions)
	}
	return communaute.Facteur(valeurs(parRacine)), len(parRacine), communaute.Facteur(valeurs(f.parDomaine)), attribues
}

func valeurs[K comparable](m map[K]int) []int {
	out := make([]int, 0, len(m))
	for _, n := range m {
		out = append(out, n)
	}
	return out
}

// coauteurs reads the « Co-authored-by » trailers of a message: the last paragraph alone holds trailers.
func coauteurs(message string) (out []signature) {
	message = strings.TrimRight(message, " \t\r\n")
	if i := strings.LastIndex(message, "\n\n"); i >= 0 {
		message = message[i:]
	} else {
		return nil // a subject alone
	}
	for ligne := range strings.Lines(message) {
		cle, valeur, ok := strings.Cut(ligne, ":")
		if !ok || !strings.EqualFold(strings.TrimSpace(cle), "co-authored-by") || len(ligne) > maxLigne || len(out) >= maxCoauteurs {
			continue
		}
		if nom, courriel, _, ok := uneSignature(valeur); ok && (nom != "" || courriel != "") {
			out = append(out, signature{nom, courriel})
		}
	}
	return out
}

// maxCoauteurs bounds who shares a commit.
const maxCoauteurs = 50
