package db

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/domain/economie"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// referenceLue is a published price, with the years it covers when a saving of the same source says them.
type referenceLue struct {
	ReferencePrix `bun:",extend"`

	Annees      *int `bun:"annees,scanonly"`
	Synthetique bool `bun:"synthetique,scanonly"`
}

// references reads the published prices that can serve: of the software left, of migrations to the one adopted, and the
// tariffs of the syndicat. Those of a test set serve only where there are no others.
func (m *simulation) references(ctx context.Context) ([]*referenceLue, error) {
	de, syndicat := int64(0), int64(0)
	if m.sim.De != nil {
		de = m.sim.De.Rowid
	}
	if m.syndicat != nil {
		syndicat = m.syndicat.Rowid
	}
	var rows []*referenceLue
	q := selectRows(m.Store, (*referenceLue)(nil), columnsReference).ColumnExpr("so.synthetique").
		ColumnExpr(`(SELECT min(s.horizon_annees) FROM economie s WHERE s.beneficiaire_id = r.organisation_id AND s.source_id = r.source_id
			AND s.brut_centimes = r.premiere_annee_centimes AND s.visibilite = 'PUBLIC' HAVING count(DISTINCT s.horizon_annees) = 1) AS annees`).
		Join("JOIN source so ON so.id = r.source_id").
		Where(`(r.logiciel_id = ? AND r.genre IN ('PRIX_UNITAIRE', 'COUT_ANNUEL', 'COUT_REMPLACE')
			OR r.logiciel_id = ? AND r.genre = 'COUT_MIGRATION' OR r.organisation_id = ? AND r.genre = 'TARIF')`, de, m.sim.Vers.Rowid, syndicat).
		OrderExpr("so.synthetique, r.id").Limit(referencesLues)
	if err := many(ctx, q, &rows); err != nil {
		return nil, err
	}
	var lot []*ReferencePrix
	for _, r := range rows {
		lot = append(lot, &r.ReferencePrix)
	}
	gather(lot)
	return rows, nil
}

// casLu is a saving of the same software, with what tells its number of seats.
type casLu struct {
	Economie `bun:",extend"`

	Nom             string  `bun:"nom,scanonly"`
	Niveau          int     `bun:"niveau,scanonly"`
	Synthetique     bool    `bun:"synthetique,scanonly"`
	PostesUsage     *int    `bun:"postes_usage,scanonly"`
	SourceUsage     *string `bun:"source_usage,scanonly"`
	PostesReference *int    `bun:"postes_reference,scanonly"`
	PostesEmploi    *int    `bun:"postes_emploi,scanonly"`
	SourceEmploi    *string `bun:"source_emploi,scanonly"`

	postes int
	montre *CasObserve
}

// niveauDeCas is how far a case is: 0 for the same nature and strate, 1 for the same nature, 2 for all.
const niveauDeCas = `CASE WHEN o.nature = ?0 AND o.strate = ?1 THEN 0 WHEN o.nature = ?0 THEN 1 ELSE 2 END`

var niveaux = []Comparabilite{"MEME_NATURE_ET_STRATE", "MEME_NATURE", "TOUTES"}

// observe reads the savings that sources attribute to the software adopted, and keeps those of the closest level.
func (m *simulation) observe(ctx context.Context) ([]*casLu, error) {
	statuts := m.in.Statuts
	if statuts == nil {
		statuts = []StatutEconomie{"CONSTATEE", "VERIFIEE"}
	}
	var rows []*casLu
	q := selectRows(m.Store, (*casLu)(nil), columnsEconomie).
		ColumnExpr("o.nom, so.synthetique, uu.postes AS postes_usage, su.nom AS source_usage, rr.postes AS postes_reference, ue.postes AS postes_emploi, ue.nom AS source_emploi").
		ColumnExpr(niveauDeCas+" AS niveau", m.porteur.Nature, m.porteur.Strate).
		Join("JOIN organisation o ON o.id = s.beneficiaire_id").Join("JOIN source so ON so.id = s.source_id").
		Join(`LEFT JOIN usage uu ON uu.id = s.usage_id AND uu.visibilite = 'PUBLIC'`).Join("LEFT JOIN source su ON su.id = uu.source_id").
		Join(`LEFT JOIN LATERAL (SELECT min(r.postes) AS postes FROM reference_prix r WHERE r.organisation_id = s.beneficiaire_id
			AND r.source_id = s.source_id AND r.genre IN ('COUT_ANNUEL', 'COUT_REMPLACE', 'COUT_MIGRATION') HAVING count(DISTINCT r.postes) = 1) rr ON true`).
		Join(`LEFT JOIN LATERAL (SELECT min(u.postes) AS postes, min(su.nom) AS nom FROM usage u JOIN source su ON su.id = u.source_id WHERE u.utilisateur_id = s.beneficiaire_id AND u.logiciel_id = s.logiciel_id
			AND u.statut = 'PRODUCTION' AND u.visibilite = 'PUBLIC' AND coalesce(s.licences_economisees, uu.postes, rr.postes) IS NULL
			HAVING count(DISTINCT u.postes) = 1) ue ON true`).
		Where(`s.id = ANY (ARRAY(SELECT s.id FROM economie s JOIN organisation o ON o.id = s.beneficiaire_id JOIN source so ON so.id = s.source_id
			WHERE s.logiciel_id = ?2 AND s.nature = 'LICENCES' AND s.statut IN (?3) AND s.visibilite = 'PUBLIC' AND s.part_de_id IS NULL
			ORDER BY so.synthetique, `+niveauDeCas+`, s.id LIMIT ?4))`, m.porteur.Nature, m.porteur.Strate, m.sim.Vers.Rowid, bun.List(statuts), casLus).
		OrderExpr("s.id")
	if err := many(ctx, q, &rows); err != nil {
		return nil, err
	}
	lot := []*Economie{}
	for _, c := range rows {
		lot = append(lot, &c.Economie)
	}
	gather(lot)
	kept := m.keepCas(rows)
	m.showCas(kept)
	return kept, nil
}

// keepCas keeps the cases brought to one seat and one year: real ones if there are any, of the closest level.
func (m *simulation) keepCas(rows []*casLu) []*casLu {
	o := &CasObserves{ParStatut: []*ReperesParStatut{}, Cas: []*CasObserve{}}
	m.sim.CasObserves = o
	var found []*casLu
	for _, c := range rows {
		if c.bring() {
			found = append(found, c)
		} else {
			o.Ecartes++
		}
	}
	if len(found) == 0 {
		return nil
	}
	rang := func(c *casLu) int {
		if c.Synthetique {
			return len(niveaux) + c.Niveau
		}
		return c.Niveau
	}
	closest := rang(slices.MinFunc(found, func(a, b *casLu) int { return rang(a) - rang(b) }))
	found = slices.DeleteFunc(found, func(c *casLu) bool { return rang(c) != closest })
	o.Comparabilite = &niveaux[closest%len(niveaux)]
	o.Nombre = len(found)
	if closest >= len(niveaux) {
		m.sim.Remarques = append(m.sim.Remarques, "Aucun cas réel n'est connu : les cas observés viennent d'un jeu d'essai et n'affirment rien du monde réel.")
	}
	return found
}

// bring gives a case its amounts by seat and by year; false when one of the things to divide by is not known.
func (c *casLu) bring() bool {
	for _, p := range []struct {
		postes *int
		dit    string
	}{
		{c.LicencesEconomisees, "autant de licences que l'économie en dit non achetées"},
		{c.PostesUsage, "ceux de l'usage dont elle découle, d'après « " + *or(c.SourceUsage, "") + " »"},
		{c.PostesReference, "que la même source donne avec un coût payé par " + c.Nom},
		{c.PostesEmploi, "ceux où " + c.Nom + " emploie ce logiciel, d'après « " + *or(c.SourceEmploi, "") + " »"},
	} {
		if p.postes == nil {
			continue
		}
		c.postes = *p.postes
		c.montre = &CasObserve{Economie: &c.Economie, Postes: c.postes, HorizonAnnees: *or(c.HorizonAnnees, 0),
			BrutParPosteEtParAn: c.parPosteEtParAn(c.Brut), NetParPosteEtParAn: c.parPosteEtParAn(c.Net),
			Explication: fmt.Sprintf("%s, %s.", accord(c.postes, "poste"), p.dit)}
		return c.montre.BrutParPosteEtParAn != nil || c.montre.NetParPosteEtParAn != nil
	}
	return false
}

func (c *casLu) parPosteEtParAn(montant *Euros) *Euros {
	if montant == nil || c.HorizonAnnees == nil {
		return nil
	}
	return quotient(int64(*montant), c.postes, *c.HorizonAnnees)
}

func quotient(montant int64, postes, annees int) *Euros {
	if q, ok := economie.ParPosteEtParAn(montant, postes, annees); ok {
		return new(Euros(q))
	}
	return nil
}

// showCas shows the cases kept, and their spread worth by worth.
func (m *simulation) showCas(cas []*casLu) {
	o := m.sim.CasObserves
	for _, statut := range []StatutEconomie{"VERIFIEE", "CONSTATEE", "ANNONCEE", "PREVUE", "POTENTIELLE"} {
		var bruts, nets []int64
		for _, c := range cas {
			if c.Statut == statut {
				bruts, nets = appendKnown(bruts, c.montre.BrutParPosteEtParAn), appendKnown(nets, c.montre.NetParPosteEtParAn)
			}
		}
		if len(bruts)+len(nets) > 0 {
			o.ParStatut = append(o.ParStatut, &ReperesParStatut{Statut: statut, Brut: repere(bruts), Net: repere(nets)})
		}
	}
	for _, c := range cas[:min(len(cas), casMontres)] {
		o.Cas = append(o.Cas, c.montre)
	}
}

func appendKnown(list []int64, v *Euros) []int64 {
	if v == nil {
		return list
	}
	return append(list, int64(*v))
}

func repere(montants []int64) *RepereSimule {
	r := economie.Reperes(montants)
	if r == nil {
		return nil
	}
	return &RepereSimule{Nombre: r.Nombre, Minimum: Euros(r.Minimum), Mediane: Euros(r.Mediane), Maximum: Euros(r.Maximum)}
}

// surest keeps the cases of the surest worth that give an amount: claims of different worth are never mixed.
func surest(cas []*casLu, of func(*casLu) *Euros) []*casLu {
	for _, statut := range []StatutEconomie{"VERIFIEE", "CONSTATEE"} {
		var kept []*casLu
		for _, c := range cas {
			if v := of(c); c.Statut == statut && v != nil && *v > 0 {
				kept = append(kept, c)
			}
		}
		if kept != nil {
			return kept
		}
	}
	return nil
}

// suppose lists what the caller gives, and the defaults.
func (m *simulation) suppose() {
	in := &m.in
	add := func(nom string, valeur Decimal, unite UniteHypothese, donnee bool, explication string) {
		h := &HypotheseSimulee{Nom: nom, Valeur: valeur, Unite: unite, Origine: "PAR_DEFAUT", Explication: explication}
		if donnee {
			h.Origine, h.Explication = "DONNEE", "Donné dans la demande."
		}
		m.sim.Hypotheses = append(m.sim.Hypotheses, h)
	}
	add("postes", Decimal(in.Postes)*100, "POSTES", true, "")
	add("horizonAnnees", Decimal(m.horizon)*100, "ANNEES", in.HorizonAnnees != nil, "Cinq ans, faute d'indication.")
	add("tauxActualisation", *or(in.TauxActualisation, 0), "POUR_CENT", in.TauxActualisation != nil, "Pas d'actualisation, faute d'indication.")
	for _, d := range []struct {
		nom    string
		valeur *Euros
		unite  UniteHypothese
	}{
		{"maintenanceEvitee", in.MaintenanceEvitee, "EUROS_PAR_AN"}, {"hebergement", in.Hebergement, "EUROS_PAR_AN"},
		{"contratSupport", in.ContratSupport, "EUROS_PAR_AN"}, {"coutEtp", in.CoutEtp, "EUROS_PAR_AN"}, {"migration", in.Migration, "EUROS"},
		{"formation", in.Formation, "EUROS"}, {"integration", in.Integration, "EUROS"}, {"repriseDonnees", in.RepriseDonnees, "EUROS"},
	} {
		if d.valeur != nil {
			add(d.nom, Decimal(*d.valeur), d.unite, true, "")
		}
	}
	if in.Etp != nil {
		add("etp", *in.Etp, "EQUIVALENTS_TEMPS_PLEIN", true, "")
	}
	if in.Remise != nil {
		add("remise", *in.Remise, "POUR_CENT", true, "")
	}
}

func (m *simulation) lack(explication string, montants []string, champs ...string) {
	m.sim.Lacunes = append(m.sim.Lacunes, &LacuneSimulee{Champs: champs, MontantsNuls: montants, Explication: explication})
}

// supposePrix finds the prices of a seat of the software left.
func (m *simulation) supposePrix(references []*referenceLue, cas []*casLu) {
	if m.in.PrixUnitaire != nil {
		m.prix = []*HypotheseSimulee{{Nom: "prixUnitaire", Valeur: Decimal(*m.in.PrixUnitaire), Unite: unitePrix(m.projet.Prix[0]), Origine: "DONNEE", Explication: "Donné dans la demande."}}
		return
	}
	retenu := func(p economie.Prix) bool { return m.in.ModePrix == nil || *m.in.ModePrix == p.Mode }
	synthetique := false
	for _, r := range references {
		if r.Synthetique && len(m.prix) > 0 && !synthetique {
			break // real ones come first
		}
		if !slices.Contains([]GenreReferencePrix{"PRIX_UNITAIRE", "COUT_ANNUEL", "COUT_REMPLACE"}, r.Genre) {
			continue
		}
		p, explication := r.prix()
		switch {
		case p == nil:
			m.sim.Remarques = append(m.sim.Remarques, fmt.Sprintf("Prix écarté : « %s ». %s", r.Libelle, explication))
		case retenu(*p):
			synthetique = r.Synthetique
			m.projet.Prix = append(m.projet.Prix, *p)
			m.prix = append(m.prix, &HypotheseSimulee{Nom: "prixUnitaire", Valeur: Decimal(p.Premiere), Unite: unitePrix(*p), Origine: "REFERENCE",
				Reference: &r.ReferencePrix, Explication: explication})
		}
	}
	if m.prix != nil || !retenu(economie.PrixParAn(0)) {
		m.lackPrix()
		return
	}
	brut := func(c *casLu) *Euros { return c.montre.BrutParPosteEtParAn }
	for _, c := range surest(cas, brut) {
		p := economie.PrixParAn(int64(*brut(c)))
		m.projet.Prix = append(m.projet.Prix, p)
		m.prix = append(m.prix, c.hypothese("prixUnitaire", *brut(c), unitePrix(p),
			fmt.Sprintf("Dépense évitée par %s : %s ÷ %s postes ÷ %s, quel que soit le logiciel quitté.", c.Nom, enEuros(*c.Brut), enNombre(c.postes), enAnnees(*c.HorizonAnnees))))
	}
	m.lackPrix()
}

// lackPrix says that no price is known, when none is.
func (m *simulation) lackPrix() {
	if m.prix != nil {
		return
	}
	pourquoi := "Le logiciel quitté n'est pas dit"
	if m.sim.De != nil {
		pourquoi = "Aucun prix publié de " + m.sim.De.Nom + " ne se rapporte à un poste"
	}
	if m.in.ModePrix != nil {
		pourquoi += " (« modePrix » ne retient que " + string(*m.in.ModePrix) + ")"
	}
	m.lack(pourquoi+", et aucun cas observé ne dit ce qu'un poste coûtait : donnez « prixUnitaire » et « modePrix ».",
		[]string{"brut", "net", "netAuPlus", "retourMois", "retourAnnees", "parAn"}, "prixUnitaire", "modePrix")
}

func unitePrix(p economie.Prix) UniteHypothese {
	if p.Mode == economie.Achat {
		return "EUROS_PAR_POSTE"
	}
	return "EUROS_PAR_POSTE_ET_PAR_AN"
}

// prix derives the price of a seat from what is published, and says how; nil and why when it cannot be.
func (r *referenceLue) prix() (*economie.Prix, string) {
	if r.PremiereAnnee == nil || *r.PremiereAnnee == 0 {
		return nil, "La source ne donne pas de montant."
	}
	montant, postes := *r.PremiereAnnee, *or(r.Postes, 0)
	date := ""
	if r.DateEffet != nil {
		date = " (" + *r.DateEffet + ")"
	}
	if r.Genre == "PRIX_UNITAIRE" {
		var suivantes *int64
		if r.AnneesSuivantes != nil {
			suivantes = new(int64(*r.AnneesSuivantes))
		}
		p := economie.PrixDePoste(new(int64(montant)), suivantes)
		if p.Mode == economie.Achat {
			return p, fmt.Sprintf("Prix publié%s : %s par poste, payé une fois ; il compte la première année.", date, enEuros(montant))
		}
		if p.Suivantes != p.Premiere {
			return p, fmt.Sprintf("Prix publié%s : %s par poste la première année, %s ensuite.", date, enEuros(montant), enEuros(*r.AnneesSuivantes))
		}
		return p, fmt.Sprintf("Prix publié%s : %s par poste et par an.", date, enEuros(montant))
	}
	if postes == 0 {
		return nil, "La source ne dit pas pour combien de postes."
	}
	annees, dit := 1, fmt.Sprintf("Dépense d'une année%s : %s ÷ %s postes.", date, enEuros(montant), enNombre(postes))
	if r.Genre == "COUT_REMPLACE" {
		if r.Annees == nil {
			return nil, "La source ne dit pas pour combien d'années."
		}
		annees = *r.Annees
		dit = fmt.Sprintf("Coût de ce qui a été remplacé%s : %s ÷ %s postes ÷ %s.", date, enEuros(montant), enNombre(postes), enAnnees(annees))
	}
	q := quotient(int64(montant), postes, annees)
	if q == nil || *q == 0 {
		return nil, "Le montant rapporté au poste est nul."
	}
	return new(economie.PrixParAn(int64(*q))), dit
}

func (c *casLu) hypothese(nom string, valeur Euros, unite UniteHypothese, explication string) *HypotheseSimulee {
	return &HypotheseSimulee{Nom: nom, Valeur: Decimal(valeur), Unite: unite, Origine: "CAS_OBSERVE", Economie: &c.Economie, Explication: explication}
}

// supposeMigration finds what changing one seat costs.
func (m *simulation) supposeMigration(references []*referenceLue, cas []*casLu) {
	var autres []string
	for _, d := range []struct {
		nom   string
		donne bool
	}{{"formation", m.in.Formation != nil}, {"integration", m.in.Integration != nil}, {"repriseDonnees", m.in.RepriseDonnees != nil}} {
		if !d.donne {
			autres = append(autres, d.nom)
		}
	}
	if autres != nil {
		m.lack("Aucune référence ne chiffre à part ces coûts ponctuels : rien n'est compté au-delà du coût de migration, qui peut les comprendre.", []string{}, autres...)
	}
	if m.in.Migration != nil {
		return
	}
	for _, r := range references {
		if r.Genre != "COUT_MIGRATION" || r.PremiereAnnee == nil || r.Synthetique && len(m.migrations) > 0 {
			continue
		}
		q := quotient(int64(*r.PremiereAnnee), *or(r.Postes, 0), 1)
		if q == nil {
			m.sim.Remarques = append(m.sim.Remarques, fmt.Sprintf("Coût de migration écarté : « %s ». La source ne dit pas pour combien de postes.", r.Libelle))
			continue
		}
		m.migrations = append(m.migrations, &HypotheseSimulee{Nom: "migration", Valeur: Decimal(*q), Unite: "EUROS_PAR_POSTE", Origine: "REFERENCE", Reference: &r.ReferencePrix,
			Explication: fmt.Sprintf("Migration : %s ÷ %s postes.", enEuros(*r.PremiereAnnee), enNombre(*r.Postes))})
	}
	// What a case cost once holds training and the rest: beside those the caller gives, it would count them twice.
	if m.migrations == nil && len(autres) == 3 {
		ponctuels := func(c *casLu) *Euros {
			if c.CoutsPonctuels == nil {
				return nil
			}
			return quotient(int64(*c.CoutsPonctuels), c.postes, 1)
		}
		for _, c := range surest(cas, ponctuels) {
			m.migrations = append(m.migrations, c.hypothese("migration", *ponctuels(c), "EUROS_PAR_POSTE",
				fmt.Sprintf("Coûts ponctuels de %s : %s ÷ %s postes.", c.Nom, enEuros(*c.CoutsPonctuels), enNombre(c.postes))))
		}
	}
	for _, h := range m.migrations {
		m.projet.MigrationParPoste = append(m.projet.MigrationParPoste, int64(h.Valeur))
	}
	if m.migrations == nil {
		m.lack("Aucune référence ne dit ce que coûte la migration vers "+m.sim.Vers.Nom+" : donnez « migration », « 0 » si elle ne coûte rien.",
			[]string{"coutsPonctuels", "coutTotal", "net", "retourMois", "retourAnnees"}, "migration")
	}
}

// supposeRecurrents finds what running costs.
func (m *simulation) supposeRecurrents(references []*referenceLue, cas []*casLu) {
	tarife := m.tariff(references)
	if m.projet.RecurrentsConnus {
		return
	}
	if m.in.Hebergement == nil && m.in.ContratSupport == nil {
		if tarife {
			m.projet.RecurrentsConnus = true
			return
		}
		recurrents := func(c *casLu) *Euros { return c.parPosteEtParAn(c.CoutsRecurrents) }
		if m.in.Etp != nil {
			cas = nil // agents' time is part of what running cost there: it would count twice
		}
		for _, c := range surest(cas, recurrents) {
			m.projet.RecurrentsParPoste = append(m.projet.RecurrentsParPoste, int64(*recurrents(c)))
			m.recurrents = append(m.recurrents, c.hypothese("coutsRecurrents", *recurrents(c), "EUROS_PAR_POSTE_ET_PAR_AN",
				fmt.Sprintf("Coûts récurrents de %s : %s ÷ %s postes ÷ %s.", c.Nom, enEuros(*c.CoutsRecurrents), enNombre(c.postes), enAnnees(*c.HorizonAnnees))))
		}
		if m.recurrents != nil {
			return
		}
	}
	var champs []string
	if m.in.Hebergement == nil {
		champs = append(champs, "hebergement")
	}
	if m.in.ContratSupport == nil {
		champs = append(champs, "contratSupport")
	}
	m.lack("Aucune référence ne dit ce que "+m.sim.Vers.Nom+" coûte chaque année : donnez « "+strings.Join(champs, " » et « ")+" », « 0 » s'il n'y a rien à payer. En attendant, « netAuPlus » dit ce que le net ne peut pas dépasser.",
		[]string{"coutsRecurrents", "coutTotal", "net", "retourMois", "retourAnnees", "parAn"}, champs...)
}

// tariff applies the published tariff of the syndicat that names the software, and tells whether it holds for every
// member; if so, and if nothing is given in its place, it is what running costs.
func (m *simulation) tariff(references []*referenceLue) bool {
	var rows []*referenceLue
	var tranches []economie.Tranche
	for _, r := range references {
		if r.Genre != "TARIF" || r.Critere == nil || !r.names(m.sim.Vers) ||
			len(rows) > 0 && (r.SourceID != rows[0].SourceID || *r.Critere != *rows[0].Critere) {
			continue
		}
		t := economie.Tranche{Minimum: r.Minimum, Maximum: r.Maximum}
		if r.PremiereAnnee != nil && r.AnneesSuivantes != nil {
			t.Premiere, t.Suivantes = new(int64(*r.PremiereAnnee)), new(int64(*r.AnneesSuivantes))
		}
		rows, tranches = append(rows, r), append(tranches, t)
	}
	if rows == nil {
		return false
	}
	membres := make([]int, len(rows))
	var parAn, supplement int64
	for _, p := range m.membres {
		valeur := p.fiche.Population
		if *rows[0].Critere == "postes" {
			valeur = p.Postes
		} else if *rows[0].Critere != "population" {
			valeur = nil
		}
		if valeur == nil {
			continue
		}
		i := economie.TrancheDe(tranches, *valeur)
		if i < 0 {
			continue
		}
		if an, plus, ok := tranches[i].Cout(); ok && an <= economie.MontantMaximal/economie.HorizonMaximal && plus <= economie.MontantMaximal/economie.HorizonMaximal {
			p.tarif = new(Euros(an*int64(m.horizon) + plus))
			parAn, supplement, membres[i] = parAn+an, supplement+plus, membres[i]+1
		}
	}
	if slices.ContainsFunc(m.membres, func(p *participant) bool { return p.tarif == nil }) ||
		m.in.Hebergement != nil || m.in.ContratSupport != nil {
		return false
	}
	m.projet.Commun.ContratSupport += parAn
	m.projet.Commun.Integration += supplement
	for i, n := range membres {
		if n == 0 {
			continue
		}
		r := rows[i]
		m.sim.Hypotheses = append(m.sim.Hypotheses, &HypotheseSimulee{Nom: "tarif", Valeur: Decimal(*r.AnneesSuivantes), Unite: "EUROS_PAR_AN", Origine: "REFERENCE",
			Reference: &r.ReferencePrix, Explication: fmt.Sprintf("Tarif publié pour cette tranche : %s la première année, %s ensuite ; il vaut pour %s. Ce que la première année coûte de plus compte parmi les coûts ponctuels.",
				enEuros(*r.PremiereAnnee), enEuros(*r.AnneesSuivantes), accord(n, "membre"))})
	}
	return true
}

// names tells whether a tariff is that of a software: by the graph, or among the services that it lists.
func (r *referenceLue) names(l *Logiciel) bool {
	if r.LogicielID != nil {
		return *r.LogicielID == l.Rowid
	}
	services, _, _ := strings.Cut(r.Libelle, " ; ")
	for service := range strings.SplitSeq(services, ",") {
		if texte.Normalize(service) == l.NomTri {
			return true
		}
	}
	return false
}

// enEuros writes an amount as French does: 48 907,20 €.
func enEuros(e Euros) string {
	entier, cents, _ := strings.Cut(e.String(), ".")
	s := groupes(entier)
	if cents != "00" {
		s += "," + cents
	}
	return s + "\u00a0€"
}

// enNombre writes a whole number as French does: 10 000.
func enNombre(n int) string { return groupes(strconv.Itoa(n)) }

// groupes sets digits by threes, with no-break spaces.
func groupes(digits string) string {
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "\u00a0" + digits[i:]
	}
	return digits
}

func enAnnees(n int) string { return accord(n, "an") }

// accord writes a number with its noun, in the plural from two on.
func accord(n int, nom string) string {
	if n >= 2 {
		nom += "s"
	}
	return enNombre(n) + " " + nom
}
