package seed

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// statutEconomie is what the kind of an amount says of a saving; "" for what is a cost or a price.
func statutEconomie(nature string) string {
	switch nature {
	case "economie_potentielle":
		return "POTENTIELLE"
	case "economie_prevue":
		return "PREVUE"
	case "economie_constatee":
		return "CONSTATEE"
	case "economie_annoncee", "economie_rapportee_par_tiers":
		return "ANNONCEE"
	}
	return ""
}

// genrePrix is the genre of reference_prix of a cost or a price, and the column that names the software it is about.
func genrePrix(nature string) (genre, colonne string) {
	switch nature {
	case "cout_remplace":
		return "COUT_REMPLACE", "logiciel_remplace"
	case "cout_evite":
		return "COUT_EVITE", "logiciel_remplace"
	case "cout_proprietaire":
		return "COUT_ANNUEL", "logiciel_remplace"
	case "prix_unitaire":
		return "PRIX_UNITAIRE", "logiciel_remplace"
	case "cout_migration":
		return "COUT_MIGRATION", "logiciel_libre"
	case "cout_developpement":
		return "COUT_DEVELOPPEMENT", "logiciel_libre"
	case "cout_investissement":
		return "INVESTISSEMENT", "logiciel_libre"
	}
	return "", ""
}

var (
	enAnnees    = regexp.MustCompile(`^([0-9]{1,2}) ans?$`)
	entreAnnees = regexp.MustCompile(`^((?:19|20)[0-9]{2})-((?:19|20)[0-9]{2})$`)
)

// periode reads "5 ans", "par an" and "2006-2008" (from the start of the first year to the end of the last). Anything else
// says neither a beginning nor a length.
func periode(s string) (debut, annees any) {
	if s == "par an" {
		return nil, int32(1)
	}
	if m := enAnnees.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1])
		if n >= 1 && n <= 50 {
			return nil, int32(n)
		}
	}
	if m := entreAnnees.FindStringSubmatch(s); m != nil {
		a, _ := strconv.Atoi(m[1])
		b, _ := strconv.Atoi(m[2])
		if b >= a && b-a < 50 {
			return time.Date(a, 1, 1, 0, 0, 0, 0, time.UTC), int32(b - a + 1)
		}
	}
	return nil, nil
}

// precisionPeriode is that of the beginning of a period: sources give years.
func precisionPeriode(debut any) string {
	if debut == nil {
		return "JOUR"
	}
	return "ANNEE"
}

var montant = regexp.MustCompile(`^([0-9]{1,13})(?:\.([0-9]{1,2}))?$`)

// centimes reads an amount in euros ("574.88", "4829.0") exactly.
func centimes(s string) (int64, bool) {
	m := montant.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(m[1]+(m[2] + "00")[:2], 10, 64)
	return n, err == nil
}

// montantLu is a row of the file whose amount and organisation are known.
type montantLu struct {
	ligneCSV
	organisation organisationConnue
	source       sourceCitee
	centimes     int64
}

func (m montantLu) nature() string { return m.val("nature") }

// dossier is what ties the amounts of one story together: the same organisation in the same source.
func (m montantLu) dossier() string { return m.organisation.cle + " " + m.source.cle }

// readEconomies reads amounts found in sources: savings, and the costs and prices that explain them. What a source does not
// say stays null; two sources that disagree stay two rows.
func readEconomies(ctx context.Context, c *chargement, f fichier) error {
	toutes, err := lignes(c, readCSV(f, ',', "organisme", "siren", "logiciel_libre", "logiciel_remplace", "montant_eur", "nature", "periode", "annee_source", "postes", "source"))
	if err != nil {
		return err
	}
	r, err := c.references(ctx)
	if err != nil {
		return err
	}
	var montants []montantLu
	for _, l := range toutes {
		m := montantLu{ligneCSV: l}
		var ok bool
		if m.centimes, ok = centimes(l.val("montant_eur")); !ok {
			c.refuse(l.refus("montant_eur", "un montant en euros était attendu, comme 780000 ou 48907.20"))
			continue
		}
		if genre, _ := genrePrix(m.nature()); genre == "" && statutEconomie(m.nature()) == "" {
			c.refuse(l.refus("nature", "cette nature de montant n'est pas connue"))
			continue
		}
		if m.source, err = r.source(ctx, l, "source"); err != nil {
			return err
		}
		if m.organisation, ok = r.organisation(l, "siren", "organisme"); ok {
			montants = append(montants, m)
		}
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	remplace, migration := map[string]int64{}, map[string]int64{}
	for _, m := range montants {
		switch m.nature() {
		case "cout_remplace":
			remplace[m.dossier()] += m.centimes
		case "cout_migration":
			migration[m.dossier()] += m.centimes
		}
	}
	var economies, prix [][]any
	vus := map[string]bool{}
	for _, m := range montants {
		cle := identifiant.UUID("montant", m.source.cle, m.organisation.cle, m.nature(), m.val("montant_eur"), m.val("periode"), m.val("logiciel_libre"), m.val("logiciel_remplace"))
		if vus[cle] {
			c.refuse(m.refus("montant_eur", "ce montant figure deux fois"))
			continue
		}
		vus[cle] = true
		if genre, colonne := genrePrix(m.nature()); genre != "" {
			prix = append(prix, []any{cle, m.organisation.id, r.logicielCite(m.ligneCSV, colonne), genre, libellePrix(m), m.centimes, suivantes(m),
				dateEffetPrix(m), c.nombre(m.ligneCSV, "postes"), m.source.id})
			continue
		}
		debut, annees := periode(m.val("periode"))
		var brut, couts, net any = m.centimes, nil, nil
		if m.centimes == remplace[m.dossier()]-migration[m.dossier()] && migration[m.dossier()] > 0 {
			// The source gives what was replaced, what the change cost and their difference: the saving is that net.
			brut, couts, net = remplace[m.dossier()], migration[m.dossier()], m.centimes
		}
		economies = append(economies, []any{cle, m.organisation.id, r.logicielCite(m.ligneCSV, "logiciel_libre"), "LICENCES", statutEconomie(m.nature()),
			brut, couts, net, debut, precisionPeriode(debut), annees, precision(m), m.source.id})
	}
	if err := c.bilanErreurs(); err != nil {
		return err
	}
	if err := c.merge(ctx, fusion{
		table: "economie",
		colonnes: []string{"cle", "beneficiaire_id", "logiciel_id", "nature", "statut", "brut_centimes", "couts_ponctuels_centimes", "net_centimes",
			"debut", "precision_debut", "horizon_annees", "precision_source", "source_id"},
		cle: []string{"cle"},
	}, slices.Values(economies)); err != nil {
		return err
	}
	return c.merge(ctx, fusion{
		table: "reference_prix",
		colonnes: []string{"cle", "organisation_id", "logiciel_id", "genre", "libelle", "premiere_annee_centimes", "suivantes_centimes", "date_effet",
			"postes", "source_id"},
		cle: []string{"cle"},
	}, slices.Values(prix))
}

// precision says what is counted, in the source's terms.
func precision(m montantLu) string {
	parts := []string{m.val("organisme")}
	if v := m.val("logiciel_libre"); v != "" {
		parts = append(parts, v)
	}
	if v := m.val("logiciel_remplace"); v != "" {
		parts = append(parts, "au lieu de "+v)
	}
	for _, colonne := range []string{"periode", "postes"} {
		if v := m.val(colonne); v != "" && colonne == "postes" {
			parts = append(parts, v+" postes")
		} else if v != "" {
			parts = append(parts, v)
		}
	}
	if m.nature() == "economie_rapportee_par_tiers" {
		parts = append(parts, "rapporté par un tiers")
	}
	return strings.Join(parts, " ; ")
}

func libellePrix(m montantLu) string {
	parts := []string{m.val("organisme")}
	for _, colonne := range []string{"logiciel_libre", "logiciel_remplace", "periode"} {
		if v := m.val(colonne); v != "" {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, " ; ")
}

// suivantes is the amount of the following years: known for a yearly cost alone.
func suivantes(m montantLu) any {
	if m.nature() == "cout_proprietaire" && strings.Contains(m.val("periode"), "par an") {
		return m.centimes
	}
	return nil
}

// dateEffetPrix is the year the source gives, else the period as published.
func dateEffetPrix(m montantLu) any {
	if v := m.val("annee_source"); v != "" {
		return v
	}
	return nul(m.val("periode"))
}
