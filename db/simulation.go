package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mutualibre/mutualibre/domain/economie"
)

// What a simulation reads at most.
const (
	membresSimules = 1000
	referencesLues = 100
	casLus         = 200
	casMontres     = 20
	poidsMaximal   = Decimal(100_000_000) // a million, in hundredths
)

// CleRepartition is what a mutualised cost is shared in proportion to.
type CleRepartition = economie.CleRepartition

// UniteHypothese is the unit of what a simulation supposes, OrigineHypothese where it comes from, Comparabilite how close
// the cases observed are.
type (
	UniteHypothese   string
	OrigineHypothese string
	Comparabilite    string
)

// SimulerEconomiesInput describes a change of software to simulate. Nil: not known, or left to the references.
type SimulerEconomiesInput struct {
	Collectivite      string
	Postes            int
	De                *string
	Vers              string
	HorizonAnnees     *int
	TauxActualisation *Decimal
	PrixUnitaire      *Euros
	ModePrix          *economie.ModePrix
	Remise            *Decimal
	MaintenanceEvitee *Euros
	Hebergement       *Euros
	ContratSupport    *Euros
	Etp               *Decimal
	CoutEtp           *Euros
	Migration         *Euros
	Formation         *Euros
	Integration       *Euros
	RepriseDonnees    *Euros
	Statuts           []StatutEconomie
	Syndicat          *string
	Repartition       *RepartitionInput
}

// RepartitionInput says how a cost is shared among members.
type RepartitionInput struct {
	Cle     *CleRepartition
	Membres []*MembreRepartitionInput
}

// MembreRepartitionInput is one who shares a cost. Nil: not known.
type MembreRepartitionInput struct {
	Collectivite string
	Postes       *int
	Poids        *Decimal
	CoutSeul     *Euros
}

// SimulationEconomiesPayload is a simulation, or what keeps it from being done.
type SimulationEconomiesPayload struct {
	Simulation *SimulationEconomies
	Erreurs    []*Erreur
}

// SimulationEconomies is the estimate of what a change of software would save. It is never stored.
type SimulationEconomies struct {
	Statut             StatutEconomie
	Organisation       Organisation
	De, Vers           *Logiciel
	Hypotheses         []*HypotheseSimulee
	Bas, Central, Haut *ScenarioSimule
	CasObserves        *CasObserves
	Mutualisation      *MutualisationSimulee
	Lacunes            []*LacuneSimulee
	Remarques          []string
}

// HypotheseSimulee is one thing that a simulation supposes, and where it comes from.
type HypotheseSimulee struct {
	Nom         string
	Valeur      Decimal
	Unite       UniteHypothese
	Origine     OrigineHypothese
	Source      *Source
	Reference   *ReferencePrix
	Economie    *Economie
	Explication string
}

// LacuneSimulee is what is not known, and the amounts that stay nil for it.
type LacuneSimulee struct {
	Champs       []string
	MontantsNuls []string
	Explication  string
}

// ScenarioSimule is one outcome, in cents over the horizon; nil: something it is made of is not known.
type ScenarioSimule struct {
	Brut, CoutsRecurrents, CoutsPonctuels, CoutTotal, Net, NetAuPlus *Euros
	RetourMois, RetourAnnees                                         *int
	ParAn                                                            []*AnneeCalcul
	Hypotheses                                                       []*HypotheseSimulee

	parPoste bool // all its costs are costs of a seat
}

// CasObserves are the savings that sources attribute to the same software.
type CasObserves struct {
	Comparabilite *Comparabilite
	Nombre        int
	Ecartes       int
	ParStatut     []*ReperesParStatut
	Cas           []*CasObserve
}

// ReperesParStatut is the spread of savings of one worth, by seat and by year.
type ReperesParStatut struct {
	Statut    StatutEconomie
	Brut, Net *RepereSimule
}

// RepereSimule is the spread of several amounts, in cents.
type RepereSimule struct {
	Nombre                    int
	Minimum, Mediane, Maximum Euros
}

// CasObserve is a saving brought to one seat and one year, in cents.
type CasObserve struct {
	Economie            *Economie
	Postes              int
	HorizonAnnees       int
	BrutParPosteEtParAn *Euros
	NetParPosteEtParAn  *Euros
	Explication         string
}

// MutualisationSimulee is how a cost is shared.
type MutualisationSimulee struct {
	Syndicat      Organisation
	Cle           CleRepartition
	NombreMembres int
	Membres       []*MembreSimule
}

// MembreSimule is what one member pays, in cents over the horizon.
type MembreSimule struct {
	Organisation       Organisation
	Postes             *int
	Cle                Decimal
	Tarif              *Euros
	Bas, Central, Haut *PartSimulee
}

// PartSimulee is the share of one member in one scenario, in cents; nil: not known.
type PartSimulee struct{ Part, Brut, Net, CoutSeul, Gain *Euros }

// SimulerEconomies estimates what a change of software would save. It writes nothing, and reads what is public alone, in
// at most six statements.
func (s *Store) SimulerEconomies(ctx context.Context, in SimulerEconomiesInput) (*SimulationEconomiesPayload, error) {
	m := &simulation{Store: s, in: in, horizon: *or(in.HorizonAnnees, economie.HorizonParDefaut)}
	m.sim.Statut = "ESTIMEE"
	err := m.run(ctx)
	var fautes Fautes
	if errors.As(err, &fautes) {
		return &SimulationEconomiesPayload{Erreurs: fautes}, nil
	}
	if err != nil {
		return nil, err
	}
	return &SimulationEconomiesPayload{Simulation: &m.sim, Erreurs: []*Erreur{}}, nil
}

// simulation is one being done.
type simulation struct {
	*Store
	saisie
	in      SimulerEconomiesInput
	horizon int
	projet  economie.Projet

	porteur  *Fiche
	syndicat *Fiche
	membres  []*participant

	// One hypothesis for each candidate of the project, in its order.
	prix, migrations, recurrents []*HypotheseSimulee
	sim                          SimulationEconomies
}

// participant is a member who shares the cost.
type participant struct {
	MembreRepartitionInput
	fiche *Fiche
	cle   int64
	tarif *Euros
}

func (m *simulation) run(ctx context.Context) error {
	m.check()
	if err := m.name(ctx); err != nil {
		return err
	}
	if err := m.ready(); err != nil {
		return err
	}
	m.sim.Organisation = m.porteur.organisation()
	if m.syndicat != nil {
		if err := m.gatherMembers(ctx); err != nil {
			return err
		}
	}
	references, err := m.references(ctx)
	if err != nil {
		return err
	}
	cas, err := m.observe(ctx)
	if err != nil {
		return err
	}
	m.suppose()
	m.supposePrix(references, cas)
	m.supposeMigration(references, cas)
	m.supposeRecurrents(references, cas)
	if err := m.compute(); err != nil {
		return err
	}
	if err := m.share(); err != nil {
		return err
	}
	m.remark()
	return m.cite(ctx)
}

// check notes the faults that can be told without reading anything.
func (m *simulation) check() {
	in := &m.in
	c := economie.Calcul{Postes: in.Postes, HorizonAnnees: m.horizon, TauxActualisation: int(*or(in.TauxActualisation, 0)), Remise: int(*or(in.Remise, 0)),
		MaintenanceEvitee: int64(*or(in.MaintenanceEvitee, 0)), Hebergement: int64(*or(in.Hebergement, 0)), ContratSupport: int64(*or(in.ContratSupport, 0)),
		ETP: int64(*or(in.Etp, 0)), CoutETP: int64(*or(in.CoutEtp, 0)), Migration: int64(*or(in.Migration, 0)), Formation: int64(*or(in.Formation, 0)),
		Integration: int64(*or(in.Integration, 0)), RepriseDonnees: int64(*or(in.RepriseDonnees, 0))}
	// What the domain would report in other words is put right before it looks.
	if !m.verify(in.Postes >= 1 && in.Postes <= economie.PostesMaximum, Invalide, "postes", "« postes » va de 1 à cent millions") {
		c.Postes = 1
	}
	if !m.verify(m.horizon >= 1 && m.horizon <= economie.HorizonMaximal, Invalide, "horizonAnnees", "« horizonAnnees » va de 1 à %d", economie.HorizonMaximal) {
		c.HorizonAnnees = 0
	}
	m.projet = economie.Projet{Commun: c, PonctuelsConnus: in.Migration != nil, RecurrentsConnus: in.Hebergement != nil && in.ContratSupport != nil}
	if in.PrixUnitaire != nil && m.verify(*in.PrixUnitaire != 0 || *or(in.MaintenanceEvitee, 0) != 0, Invalide, "prixUnitaire", "un prix de zéro n'évite aucune dépense : ne donnez rien pour s'en remettre aux prix publiés") {
		p := economie.PrixParAn(int64(*in.PrixUnitaire))
		p.Mode = *or(in.ModePrix, "")
		m.projet.Prix = []economie.Prix{p}
	}
	m.report(m.projet.Check())
	for i, s := range in.Statuts {
		m.verify(s != "ESTIMEE", Invalide, "statuts."+strconv.Itoa(i), "une estimation n'en confirme pas une autre : retirez « ESTIMEE »")
	}
	m.checkRepartition()
}

// checkRepartition notes the faults of how the cost is shared.
func (m *simulation) checkRepartition() {
	r := m.in.Repartition
	if r == nil {
		return
	}
	m.verify(m.in.Syndicat != nil, Requis, "syndicat", "« repartition » partage le coût entre les membres d'un syndicat : dites lequel")
	m.verify(len(r.Membres) <= membresSimules, Invalide, "repartition.membres", "« membres » en compte %d : %d au plus", len(r.Membres), membresSimules)
	m.verify(r.Membres == nil || len(r.Membres) > 0, Invalide, "repartition.membres", "« membres » est vide : ne le donnez pas pour prendre les adhérents connus")
	cle := m.cle()
	m.verify(r.Membres != nil || cle != economie.ParPostes && cle != economie.ParPoids, Requis, "repartition.membres",
		"la clé %s demande les membres, et pour chacun ce qu'il compte : donnez « membres »", cle)
	if len(r.Membres) > membresSimules {
		return
	}
	for i, p := range r.Membres {
		champ := "repartition.membres." + strconv.Itoa(i)
		m.verify(p.Postes == nil || *p.Postes >= 0 && *p.Postes <= economie.PostesMaximum, Invalide, champ+".postes", "un nombre de postes va de 0 à cent millions")
		m.verify(p.Poids == nil || *p.Poids >= 0 && *p.Poids <= poidsMaximal, Invalide, champ+".poids", "un poids va de 0 à un million")
		m.verify(p.CoutSeul == nil || *p.CoutSeul >= 0 && *p.CoutSeul <= Euros(economie.MontantMaximal), Invalide, champ+".coutSeul", "un coût n'est ni négatif, ni supérieur à mille milliards d'euros")
		m.verify(cle != economie.ParPostes || p.Postes != nil, Requis, champ+".postes", "la clé POSTES demande les postes de chaque membre")
		m.verify(cle != economie.ParPoids || p.Poids != nil, Requis, champ+".poids", "la clé PONDEREE demande le poids de chaque membre")
	}
}

// cle is the key of the sharing.
func (m *simulation) cle() CleRepartition {
	if m.in.Repartition == nil {
		return economie.ParPopulation
	}
	return *or(m.in.Repartition.Cle, economie.ParPopulation)
}

// report notes what the domain refuses.
func (m *simulation) report(err error) {
	var fautes economie.Fautes
	if errors.As(err, &fautes) {
		for _, f := range fautes {
			m.fautes = append(m.fautes, &Erreur{Code: Invalide, Champ: f.Champ, Message: f.Message})
		}
	}
}

// name reads what the ids name: the organisations, then the software.
func (m *simulation) name(ctx context.Context) error {
	in := &m.in
	cles := map[string]string{} // by field
	note := func(champ, id string, types ...string) {
		if cle := m.cleDe(champ, id, types...); cle != "" {
			cles[champ] = cle
		}
	}
	note("collectivite", in.Collectivite, "Collectivite", "SyndicatMixte")
	if in.Syndicat != nil {
		note("syndicat", *in.Syndicat, "SyndicatMixte", "Collectivite")
	}
	var donnes []*MembreRepartitionInput
	if r := in.Repartition; r != nil && len(r.Membres) <= membresSimules {
		donnes = r.Membres
	}
	champDe := func(i int) string { return "repartition.membres." + strconv.Itoa(i) + ".collectivite" }
	for i, p := range donnes {
		note(champDe(i), p.Collectivite, "Collectivite", "SyndicatMixte")
	}
	fiches, err := m.fichesNommees(ctx, cles)
	if err != nil {
		return err
	}
	trouve := func(champ string) *Fiche {
		f := fiches[cles[champ]]
		if cles[champ] != "" && m.verify(f != nil, Introuvable, champ, "cette organisation n'existe pas") {
			m.verify(f.Genre != "PRESTATAIRE", Invalide, champ, "un prestataire ne change pas de logiciel ici : désignez une collectivité ou un syndicat")
		}
		return f
	}
	m.porteur = trouve("collectivite")
	if in.Syndicat != nil {
		m.syndicat = trouve("syndicat")
	}
	rangs := map[int64]int{}
	for i, p := range donnes {
		f := trouve(champDe(i))
		if f == nil {
			continue
		}
		premier, vu := rangs[f.Rowid]
		m.verify(!vu, Duplique, champDe(i), "%s figure déjà au rang %d", f.Nom, premier)
		rangs[f.Rowid] = i
		m.membres = append(m.membres, &participant{MembreRepartitionInput: *p, fiche: f})
	}
	return m.nameLogiciels(ctx)
}

// fichesNommees reads organisations by the keys given, as one lot.
func (m *simulation) fichesNommees(ctx context.Context, cles map[string]string) (map[string]*Fiche, error) {
	found := make(map[string]*Fiche, len(cles))
	if len(cles) == 0 {
		return found, nil
	}
	var asked []string
	for _, cle := range cles {
		asked = append(asked, cle)
	}
	_, err := byKeyNow(ctx, m.Store, columnsFiche, organisationsNommees, asked, func(f *Fiche) Node {
		found[f.CleDemandee] = f
		return f.organisation()
	})
	return found, err
}

// nameLogiciels reads the software left and the software adopted.
func (m *simulation) nameLogiciels(ctx context.Context) error {
	de, vers := "", m.cleDe("vers", m.in.Vers, "Logiciel")
	if m.in.De != nil {
		de = m.cleDe("de", *m.in.De, "Logiciel")
	}
	var slugs []string
	for _, slug := range []string{de, vers} {
		if slug != "" {
			slugs = append(slugs, slug)
		}
	}
	if len(slugs) == 0 {
		return nil
	}
	found := map[string]*Logiciel{}
	_, err := byKeyNow(ctx, m.Store, Selection{}.columns(columnsLogiciel, longColumnsLogiciel), logicielsNommes, slugs, func(l *Logiciel) Node {
		found[l.CleDemandee] = l
		return l
	})
	if err != nil {
		return err
	}
	if l := found[de]; de != "" && m.verify(l != nil, Introuvable, "de", "« de » : ce logiciel n'existe pas") &&
		m.verify(!l.Libre, Invalide, "de", "%s est un logiciel libre : « de » attend un logiciel propriétaire", l.Nom) {
		m.sim.De = l
	}
	if l := found[vers]; vers != "" && m.verify(l != nil, Introuvable, "vers", "« vers » : ce logiciel n'existe pas") &&
		m.verify(l.Libre, Invalide, "vers", "%s n'est pas un logiciel libre", l.Nom) {
		m.sim.Vers = l
	}
	return nil
}

// gatherMembers reads the known members when none are given, and says what each counts for.
func (m *simulation) gatherMembers(ctx context.Context) error {
	if m.membres == nil {
		var rows []*Fiche
		q := selectRows(m.Store, (*Fiche)(nil), columnsFiche).Where("o.genre = 'COLLECTIVITE' AND o.actif").
			Where(`o.id IN (SELECT a.membre_id FROM adhesion a WHERE a.groupement_id = ? AND a.via_id IS NULL AND a.confirmee AND a.periode @> aujourdhui())`, m.syndicat.Rowid).
			OrderExpr("o.nom_tri, o.id").Limit(membresSimules + 1)
		if err := many(ctx, q, &rows); err != nil {
			return err
		}
		gather(rows)
		m.verify(len(rows) > 0, Requis, "repartition.membres", "on ne connaît aucun adhérent direct de %s : donnez « membres »", m.syndicat.Nom)
		m.verify(len(rows) <= membresSimules, Invalide, "syndicat", "%s compte plus de %d adhérents : donnez dans « membres » ceux qui participent", m.syndicat.Nom, membresSimules)
		for _, f := range rows {
			m.membres = append(m.membres, &participant{fiche: f})
		}
		if err := m.ready(); err != nil {
			return err
		}
	}
	m.verify(m.porteur.Rowid == m.syndicat.Rowid || slices.ContainsFunc(m.membres, func(p *participant) bool { return p.fiche.Rowid == m.porteur.Rowid }),
		Invalide, "collectivite", "%s n'est ni le syndicat, ni l'un des membres qui participent", m.porteur.Nom)
	var inconnus []string
	var somme int64
	for _, p := range m.membres {
		cle, ok := p.payeur().Cle(m.cle())
		if !ok {
			inconnus = append(inconnus, p.fiche.Nom)
		}
		p.cle, somme = cle, somme+cle
	}
	if n := len(inconnus); n > 0 {
		m.verify(false, Invalide, "repartition.cle", "on ne connaît pas la population de %s%s : prenez une autre clé, ou d'autres membres",
			strings.Join(inconnus[:min(n, 3)], ", "), map[bool]string{true: fmt.Sprintf(" (%d en tout)", n)}[n > 3])
	} else {
		m.verify(somme > 0, Invalide, "repartition.cle", "avec cette clé, aucun membre ne paie : il en faut un qui compte pour plus que zéro")
	}
	postes, tous := m.postesDesMembres()
	m.verify(!tous || postes == m.in.Postes, Invalide, "postes", "les postes des membres font %s, et non %s", enNombre(postes), enNombre(m.in.Postes))
	m.verify(tous || postes <= m.in.Postes, Invalide, "postes", "les postes donnés pour une partie des membres (%s) dépassent déjà ceux du projet", enNombre(postes))
	return m.ready()
}

func (p *participant) payeur() economie.Payeur {
	payeur := economie.Payeur{Population: p.fiche.Population, Postes: p.Postes}
	if p.Poids != nil {
		payeur.Poids = new(int64(*p.Poids))
	}
	return payeur
}

// postesDesMembres adds up the seats given, and tells whether those of every member are.
func (m *simulation) postesDesMembres() (postes int, tous bool) {
	tous = true
	for _, p := range m.membres {
		postes += *or(p.Postes, 0)
		tous = tous && p.Postes != nil
	}
	return postes, tous
}

// compute fills the three scenarios.
func (m *simulation) compute() error {
	bas, central, haut, err := m.projet.Scenarios()
	m.report(err)
	if err := cmp.Or(m.ready(), err); err != nil {
		return err
	}
	m.sim.Bas, m.sim.Central, m.sim.Haut = m.scenario(bas), m.scenario(central), m.scenario(haut)
	return nil
}

func (m *simulation) scenario(s economie.Scenario) *ScenarioSimule {
	x := &ScenarioSimule{Brut: (*Euros)(s.Brut), CoutsRecurrents: (*Euros)(s.CoutsRecurrents), CoutsPonctuels: (*Euros)(s.CoutsPonctuels),
		Net: (*Euros)(s.Net), NetAuPlus: (*Euros)(s.NetAuPlus), RetourMois: s.RetourMois, RetourAnnees: s.RetourAnnees, Hypotheses: []*HypotheseSimulee{}}
	if s.CoutsRecurrents != nil && s.CoutsPonctuels != nil {
		x.CoutTotal = new(*x.CoutsRecurrents + *x.CoutsPonctuels)
	}
	for _, a := range s.ParAn {
		x.ParAn = append(x.ParAn, &AnneeCalcul{Annee: a.Annee, Brut: Euros(a.Brut), Recurrents: Euros(a.Recurrents), Actualise: Euros(a.Actualise)})
	}
	for _, c := range []struct {
		rang *int
		of   []*HypotheseSimulee
	}{{s.Prix, m.prix}, {s.Migration, m.migrations}, {s.Recurrents, m.recurrents}} {
		if c.rang != nil {
			x.Hypotheses = append(x.Hypotheses, c.of[*c.rang])
		}
	}
	c := m.projet.Commun
	x.parPoste = s.Migration != nil && s.Recurrents != nil && c.Formation == 0 && c.Integration == 0 && c.RepriseDonnees == 0 && c.ETP == 0
	return x
}

// share shares the cost of each scenario among the members.
func (m *simulation) share() error {
	if m.syndicat == nil {
		return nil
	}
	mu := &MutualisationSimulee{Syndicat: m.syndicat.organisation(), Cle: m.cle(), NombreMembres: len(m.membres)}
	m.sim.Mutualisation = mu
	for _, p := range m.membres {
		x := &MembreSimule{Organisation: p.fiche.organisation(), Postes: p.Postes, Cle: Decimal(p.cle * 100), Tarif: p.tarif}
		if mu.Cle == economie.ParPoids {
			x.Cle = Decimal(p.cle)
		}
		mu.Membres = append(mu.Membres, x)
	}
	for i, s := range []*ScenarioSimule{m.sim.Bas, m.sim.Central, m.sim.Haut} {
		parts, err := m.parts(s)
		if err != nil {
			return err
		}
		for j, x := range mu.Membres {
			*[]**PartSimulee{&x.Bas, &x.Central, &x.Haut}[i] = parts[j]
		}
	}
	return nil
}

// parts shares one scenario: its cost by the key, its gross by the seats.
func (m *simulation) parts(s *ScenarioSimule) ([]*PartSimulee, error) {
	n := len(m.membres)
	parts, cles, postes, seuls := make([]*PartSimulee, n), make([]int64, n), make([]int64, n), make([]*Euros, n)
	for i, p := range m.membres {
		parts[i], cles[i], postes[i], seuls[i] = &PartSimulee{}, p.cle, int64(*or(p.Postes, 0)), p.CoutSeul
	}
	_, tous := m.postesDesMembres()
	if tous && s.Brut != nil {
		bruts, err := economie.Parts(int64(*s.Brut), postes)
		if err != nil {
			return nil, err
		}
		for i := range parts {
			parts[i].Brut = new(Euros(bruts[i]))
		}
	}
	if s.CoutTotal == nil {
		for i := range parts {
			parts[i].CoutSeul = seuls[i]
		}
		return parts, nil
	}
	if tous && s.parPoste {
		parPostes, err := economie.Parts(int64(*s.CoutTotal), postes)
		if err != nil {
			return nil, err
		}
		for i := range seuls {
			seuls[i] = or(seuls[i], Euros(parPostes[i]))
		}
	}
	couts := make([]int64, n)
	for i, seul := range seuls {
		couts[i] = int64(*or(seul, 0))
	}
	gains, err := economie.GainsDeMutualisation(couts, int64(*s.CoutTotal), cles)
	if err != nil {
		return nil, err
	}
	for i, x := range parts {
		x.Part, x.CoutSeul = new(Euros(couts[i]-gains[i])), seuls[i]
		if seuls[i] != nil {
			x.Gain = new(Euros(gains[i]))
		}
		if x.Brut != nil {
			x.Net = new(*x.Brut - *x.Part)
		}
	}
	return parts, nil
}

// remark says what it takes to read the figures.
func (m *simulation) remark() {
	say := func(format string, args ...any) {
		m.sim.Remarques = append(m.sim.Remarques, fmt.Sprintf(format, args...))
	}
	modes, dates := map[economie.ModePrix]bool{}, []string{}
	for _, p := range m.projet.Prix {
		modes[p.Mode] = true
	}
	for _, h := range m.hypotheses() {
		if h.Reference != nil && h.Reference.DateEffet != nil && !slices.Contains(dates, *h.Reference.DateEffet) {
			dates = append(dates, *h.Reference.DateEffet)
		}
	}
	switch n := len(m.prix); {
	case n == 1 && m.prix[0].Origine != "DONNEE":
		say("Un seul prix est connu : les trois scénarios reposent sur lui.")
	case n == 2:
		say("Deux prix sont connus : le scénario central repose, comme le bas, sur le plus faible.")
	}
	if len(modes) > 1 {
		say("Un prix d'achat ne compte qu'une fois, un prix annuel chaque année : l'écart entre les scénarios vient d'abord de là, et un achat évité rembourse plus tôt. « modePrix » ne retient que l'un des deux.")
	}
	if len(dates) > 0 {
		slices.Sort(dates)
		say("Les prix et coûts publiés sont en euros de leur date (%s), sans correction de l'inflation ; leurs sources ne disent pas toutes s'ils sont hors taxes.", strings.Join(dates, ", "))
	}
	if m.migrations != nil && (m.in.Formation != nil || m.in.Integration != nil || m.in.RepriseDonnees != nil) {
		say("Le coût de migration publié peut déjà comprendre la formation, l'intégration ou la reprise des données que vous donnez : si c'est le cas, donnez aussi « migration ».")
	}
	if len(m.migrations) == 1 {
		say("Un seul coût de migration est connu : les trois scénarios reposent sur lui.")
	}
	if m.syndicat == nil {
		return
	}
	if m.in.Repartition == nil || m.in.Repartition.Cle == nil {
		say("Le coût est partagé selon la population, faute d'indication.")
	}
	if m.sim.Central.parPoste {
		say("Les coûts connus sont des coûts par poste, les mêmes seul ou à plusieurs : aucune référence ne dit de combien ce syndicat les abaisse. Un gain n'apparaît que si vous donnez les coûts du projet mutualisé, ou ce que chacun paierait seul.")
	}
	if _, tous := m.postesDesMembres(); !tous {
		m.lack("Les postes de chaque membre ne sont pas donnés : on ne sait pas ce que chacun éviterait.",
			[]string{"mutualisation.membres.brut", "mutualisation.membres.net"}, "repartition.membres.postes")
	}
	if slices.ContainsFunc(m.sim.Mutualisation.Membres, func(x *MembreSimule) bool { return x.Central.CoutSeul == nil }) {
		m.lack("On ne sait pas ce que chaque membre paierait seul : les coûts donnés sont ceux du projet entier. Donnez « coutSeul » pour connaître son gain.",
			[]string{"mutualisation.membres.coutSeul", "mutualisation.membres.gain"}, "repartition.membres.coutSeul")
	}
}

// hypotheses lists all that the three scenarios may rest on.
func (m *simulation) hypotheses() []*HypotheseSimulee {
	return slices.Concat(m.sim.Hypotheses, m.prix, m.migrations, m.recurrents)
}

// cite reads the sources of the hypotheses, in one statement.
func (m *simulation) cite(ctx context.Context) error {
	sourceDe := func(h *HypotheseSimulee) int64 {
		switch {
		case h.Reference != nil:
			return h.Reference.SourceID
		case h.Economie != nil:
			return h.Economie.SourceID
		}
		return 0
	}
	all := m.hypotheses()
	sources, err := m.sourcesByID(ctx, distinct(all, sourceDe))
	if err != nil {
		return err
	}
	essai, communes := false, []string{}
	for _, h := range all {
		h.Source = sources[sourceDe(h)]
		essai = essai || h.Source != nil && h.Source.Synthetique
		if h.Source != nil && !slices.Contains(communes, h.Source.Nom) &&
			slices.ContainsFunc(m.sim.CasObserves.Cas, func(c *CasObserve) bool { return c.Economie.SourceID == h.Source.Rowid }) {
			communes = append(communes, h.Source.Nom)
		}
	}
	if len(communes) > 0 {
		m.sim.Remarques = append(m.sim.Remarques, fmt.Sprintf("Des cas observés et des hypothèses ont la même source (%s) : les uns ne confirment pas les autres.", strings.Join(communes, " ; ")))
	}
	if essai {
		m.sim.Remarques = append(m.sim.Remarques, "Des hypothèses viennent d'un jeu d'essai, faute de données réelles : elles n'affirment rien du monde réel.")
	}
	return nil
}
