package db

import (
	"context"
	"fmt"
	"reflect"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// importEconomies reads savings. A line without an id stands for the saving of the same beneficiary, software and nature,
// with the same beginning and the same words, that the same source says: two sources that disagree stay two savings.
func importEconomies() *TableImport {
	open := func(ctx context.Context, i *Importation) (func(context.Context, []*LigneImport) error, error) {
		g := &genreEconomies{i, map[int64]bool{}}
		verse, err := verseurDe(ctx, i, genreImport[Economie](g))
		return func(ctx context.Context, lines []*LigneImport) error {
			if err := g.resolveObjects(ctx, lines); err != nil {
				return err
			}
			return verse(ctx, lines)
		}, err
	}
	return newTableImport("economies", "beneficiaire", open, communs(map[string]ColonneImport{
		"beneficiaire":         refOrganisation(true, genresCollectivite, "bénéficiaire", "siren", "siren bénéficiaire", "collectivité", "organisation"),
		"logiciel":             refLogiciel(false, "nom du logiciel", "slug"),
		"usage":                {Synonymes: []string{"identifiant de l'usage"}},
		"nature":               {Valeurs: []string{"LICENCES", "MAINTENANCE", "MATERIEL", "MUTUALISATION", "TEMPS_AGENT"}, Synonymes: []string{"nature de l'économie"}},
		"statut":               {Valeurs: []string{"POTENTIELLE", "PREVUE", "ANNONCEE", "CONSTATEE", "VERIFIEE", "ESTIMEE"}, Synonymes: []string{"état"}},
		"licences_economisees": {Synonymes: []string{"licences économisées", "nombre de licences", "nb licences"}},
		"brut":                 {Synonymes: []string{"montant", "montant brut", "économie", "économie brute", "brut (€)", "montant (€)"}},
		"couts_recurrents":     {Synonymes: []string{"coûts récurrents", "coûts récurrents (€)"}},
		"couts_ponctuels":      {Synonymes: []string{"coûts ponctuels", "coûts ponctuels (€)", "coût de migration"}},
		"net":                  {Synonymes: []string{"montant net", "économie nette", "net (€)"}},
		"debut":                {Synonymes: []string{"début", "date de début", "depuis"}},
		"precision_debut":      precisions(),
		"horizon_annees":       {Synonymes: []string{"horizon", "horizon (années)", "durée", "nombre d'années"}},
		"annee_prix":           {Synonymes: []string{"année des prix"}},
		"precision":            {Synonymes: []string{"précision", "remarque", "ce qui est compté"}},
		"part_de":              {Synonymes: []string{"part de"}},
		"verifiee_par":         refOrganisation(false, []string{"COLLECTIVITE", "SYNDICAT", "PRESTATAIRE"}, "vérifiée par"),
		"visibilite":           visibilites(),
	}))
}

type genreEconomies struct {
	*Importation
	divided map[int64]bool // savings that have shares
}

// resolveObjects replaces the ids of usages and savings that lines name by what they lead to. What the identity may not
// read does not exist for it.
func (g *genreEconomies) resolveObjects(ctx context.Context, lines []*LigneImport) error {
	usages, err := namedBy[Usage](ctx, g.e, "usage", "Usage", lines, Selection{}.columns(keyColumnsUsage, columnsUsage), "u.cle", func(u *Usage) string { return u.Cle })
	if err != nil {
		return err
	}
	parts, err := namedBy[Economie](ctx, g.e, "part_de", "Economie", lines, columnsEconomie, "s.cle", func(s *Economie) string { return s.Cle })
	if err != nil {
		return err
	}
	for _, l := range lines {
		if id := lu[string](l, "usage"); id != nil {
			if u := usages[*id]; u != nil && g.e.qui.reads(u.Visibilite, u.UtilisateurID, deref(u.SyndicatID)) {
				l.Valeurs[g.Table.rang["usage"]] = u
			} else {
				l.refuse(Introuvable, "usage", "aucun usage ne porte cet identifiant")
			}
		}
		if id := lu[string](l, "part_de"); id != nil {
			if s := parts[*id]; s != nil && g.e.qui.reads(s.Visibilite, s.BeneficiaireID, 0) {
				l.Valeurs[g.Table.rang["part_de"]] = s
			} else {
				l.refuse(Introuvable, "part_de", "aucune économie ne porte cet identifiant")
			}
		}
	}
	return nil
}

// namedBy reads the rows whose public ids stand in a column, by these ids.
func namedBy[M any](ctx context.Context, e *ecriture, colonne, typ string, lines []*LigneImport, columns []string, key string, cleOf func(*M) string) (map[string]*M, error) {
	ids, cles := map[string]string{}, []string(nil)
	for _, l := range lines {
		if id := lu[string](l, colonne); id != nil {
			if t, cle, err := identifiant.ParseGlobal(*id); err == nil && t == typ {
				ids[*id], cles = cle, append(cles, cle)
			}
		}
	}
	if cles = uuids(cles); len(cles) == 0 {
		return nil, nil
	}
	var rows []*M
	if err := selectRows(e.Store, &rows, columns).Where("? IN (?)", bun.Safe(key), bun.List(cles)).Scan(ctx); err != nil {
		return nil, err
	}
	byCle, found := map[string]*M{}, map[string]*M{}
	for _, m := range rows {
		byCle[cleOf(m)] = m
	}
	for id, cle := range ids {
		found[id] = byCle[cle]
	}
	return found, nil
}

func (g *genreEconomies) origine() ([]string, string) { return columnsEconomie, "s.cle" }

func (g *genreEconomies) actions() (droit.Action, droit.Action) {
	return "declarerEconomie", "corrigerEconomie"
}

func (g *genreEconomies) identite(s *Economie) (int64, string, int) {
	return s.Rowid, s.Cle, s.Revision
}

func (g *genreEconomies) touche(s *Economie) (int64, int64, Visibilite) {
	return s.BeneficiaireID, 0, s.Visibilite
}

func (g *genreEconomies) source(s *Economie) *int64 { return &s.SourceID }

func (g *genreEconomies) nouvelle(l *LigneImport) *Economie {
	s := &Economie{Cle: uuid.NewString(), BeneficiaireID: *l.reference("beneficiaire"), LogicielID: l.reference("logiciel"), Visibilite: Public}
	for colonne, field := range map[string]*string{"nature": (*string)(&s.Nature), "statut": (*string)(&s.Statut)} {
		if v := lu[string](l, colonne); v != nil {
			*field = *v
		} else if colonne == "nature" {
			l.refuse(Requis, colonne, "cette valeur est obligatoire")
		}
	}
	if u, _ := l.valeur("usage").(*Usage); u != nil && s.LogicielID == nil {
		s.LogicielID = &u.LogicielID
	}
	return s
}

func (g *genreEconomies) famille(s *Economie) string {
	return fmt.Sprint(s.BeneficiaireID, " ", deref(s.LogicielID), " ", s.Nature)
}

func (g *genreEconomies) freres(ctx context.Context, rows []*Economie) (found []*Economie, err error) {
	beneficiaires, logiciels := make([]int64, len(rows)), make([]int64, len(rows))
	for n, s := range rows {
		beneficiaires[n], logiciels[n] = s.BeneficiaireID, deref(s.LogicielID)
	}
	err = selectRows(g.e.Store, &found, columnsEconomie).
		Where(parents("economie", "beneficiaire_id", "logiciel_id", "s"), pgdialect.Array(beneficiaires), pgdialect.Array(logiciels)).
		OrderExpr("s.tenu DESC, s.id").Scan(ctx)
	if err != nil || len(found) == 0 {
		return found, err
	}
	var divided []int64
	err = g.e.tx.NewRaw(`SELECT DISTINCT part_de_id FROM economie WHERE part_de_id IN (?)`, bun.List(distinct(found, economieID))).Scan(ctx, &divided)
	for _, id := range divided {
		g.divided[id] = true
	}
	return found, err
}

func (g *genreEconomies) meme(l *LigneImport, _ *Economie, freres []*Economie) *Economie {
	source := g.sources.byCle[g.cleSource(l, g.sourceSaid(l, 0))]
	for _, s := range freres {
		if s.SourceID == source && equalDates(s.Debut, l.jour("debut")) && *or(s.Precision, "") == *or(lu[string](l, "precision"), "") {
			return s
		}
	}
	return nil
}

func (g *genreEconomies) remplit(l *LigneImport, s *Economie) {
	l.fixe("beneficiaire", &s.BeneficiaireID, "déclarez l'économie de l'autre organisation par une ligne sans « id »")
	setRequired(l, "nature", &s.Nature, luComme[NatureEconomie](l, "nature"), true)
	setRequired(l, "statut", &s.Statut, luComme[StatutEconomie](l, "statut"), true)
	setRequired(l, "visibilite", &s.Visibilite, luComme[Visibilite](l, "visibilite"), false)
	set(l, "logiciel", &s.LogicielID, l.reference("logiciel"))
	if u, _ := l.valeur("usage").(*Usage); u != nil {
		s.UsageID = &u.Rowid
	} else if l.donne("usage") {
		s.UsageID = nil
	}
	if w, _ := l.valeur("part_de").(*Economie); w != nil {
		s.PartDeID = &w.Rowid
	} else if l.donne("part_de") {
		s.PartDeID = nil
	}
	set(l, "licences_economisees", &s.LicencesEconomisees, l.entier("licences_economisees"))
	for colonne, field := range map[string]**Euros{"brut": &s.Brut, "couts_recurrents": &s.CoutsRecurrents, "couts_ponctuels": &s.CoutsPonctuels, "net": &s.Net} {
		set(l, colonne, field, (*Euros)(lu[int64](l, colonne)))
	}
	l.setDebut(&s.Debut, &s.PrecisionDebut)
	set(l, "horizon_annees", &s.HorizonAnnees, l.entier("horizon_annees"))
	set(l, "annee_prix", &s.AnneePrix, l.entier("annee_prix"))
	set(l, "precision", &s.Precision, lu[string](l, "precision"))
	set(l, "verifiee_par", &s.VerifieeParID, l.reference("verifiee_par"))
}

// verifie asks of a line what the mutations that would lead to the same row ask: declarerEconomie, corrigerEconomie and
// verifierEconomie.
func (g *genreEconomies) verifie(ctx context.Context, l *LigneImport, before, after *Economie, _ []*Economie) error {
	e := g.e
	if after.Statut == "" {
		l.refuse(Requis, "statut", "cette valeur est obligatoire")
	}
	former := before
	if former == nil {
		former = &Economie{}
	}
	g.verified(l, former, after)
	amounts := func(s *Economie) []any {
		return []any{s.LicencesEconomisees, s.Brut, s.CoutsRecurrents, s.CoutsPonctuels, s.Net, s.HorizonAnnees, s.AnneePrix}
	}
	e.verify(former.Calcul == nil || reflect.DeepEqual(amounts(former), amounts(after)), Invalide, "brut",
		"les montants, l'horizon et l'année des prix de cette économie se déduisent de son calcul : corrigez-les par « corrigerEconomie »")
	if u, _ := l.valeur("usage").(*Usage); u != nil && (deref(former.UsageID) != u.Rowid || deref(former.LogicielID) != deref(after.LogicielID)) {
		e.verify(u.UtilisateurID == after.BeneficiaireID || deref(u.SyndicatID) == after.BeneficiaireID, Invalide, "usage",
			"cet usage n'est ni celui du bénéficiaire, ni un usage qui passe par lui")
		e.verify(deref(after.LogicielID) == u.LogicielID, Invalide, "logiciel", "cet usage est celui d'un autre logiciel")
	}
	e.checkEconomie(after)
	if len(e.fautes) > 0 || len(l.Fautes) > 0 {
		return nil
	}
	return g.shares(ctx, l, former, after)
}

// verified refuses what only a third party may say, and takes that word back from what is no longer what it verified.
func (g *genreEconomies) verified(l *LigneImport, before, after *Economie) {
	e := g.e
	_, third := g.may("verifierEconomie", after.BeneficiaireID, 0)
	switch {
	case before.Statut != "VERIFIEE" && after.Statut == "VERIFIEE":
		e.verify(third, Interdit, "statut", "une économie ne se déclare pas vérifiée : un tiers la vérifie, avec « verifierEconomie »")
		e.verify(l.donne("source"), Requis, "source.nom", "dites sur quoi repose cette vérification")
		e.verify(deref(after.VerifieeParID) != after.BeneficiaireID, Invalide, "verifieePar", "c'est un tiers qui vérifie : le bénéficiaire ne vérifie pas sa propre économie")
	case before.Statut == "VERIFIEE" && after.Statut != "VERIFIEE":
		after.VerifieeParID = nil
		if after.SourceID == before.SourceID { // it was about something else
			l.sourceNouvelle, l.sourceDite = true, nil
		}
	case before.Statut == "VERIFIEE" && !third:
		same := *after
		same.Visibilite = before.Visibilite
		a, _ := g.ecrit(before)
		b, _ := g.ecrit(&same)
		e.verify(reflect.DeepEqual(a, b) && !l.sourceNouvelle, Requis, "statut",
			"un tiers a vérifié cette économie : la corriger lui retire cette qualité, dites son nouveau « statut »")
	case deref(before.VerifieeParID) != deref(after.VerifieeParID):
		e.verify(third && after.Statut == "VERIFIEE", Interdit, "verifieePar", "« verifieePar » se dit d'une économie vérifiée, par qui peut la vérifier")
	}
}

// shares checks a share, or a saving that has some, against what stands once the lines before are written.
func (g *genreEconomies) shares(ctx context.Context, l *LigneImport, before, after *Economie) error {
	moved := deref(before.PartDeID) != deref(after.PartDeID)
	if !moved && reflect.DeepEqual(before.Brut, after.Brut) && reflect.DeepEqual(before.Net, after.Net) ||
		after.PartDeID == nil && !g.divided[after.Rowid] {
		return nil
	}
	if err := g.flush(ctx); err != nil {
		return err
	}
	if moved && after.PartDeID != nil {
		whole := l.valeur("part_de").(*Economie)
		id := identifiant.Global("Economie", whole.Cle)
		g.divided[whole.Rowid] = true
		if err := g.e.share(ctx, after, &id); err != nil {
			return err
		}
	}
	if err := g.e.checkShare(ctx, after); err != nil {
		return err
	}
	return g.e.checkShares(ctx, after)
}

func (g *genreEconomies) table() (string, []string, []string) {
	return "economie", []string{"logiciel_id", "usage_id", "nature", "statut", "licences_economisees", "brut_centimes", "couts_recurrents_centimes",
		"couts_ponctuels_centimes", "net_centimes", "debut", "precision_debut", "horizon_annees", "annee_prix", "precision_source", "part_de_id",
		"verifiee_par_id", "visibilite", "source_id"}, []string{"cle", "beneficiaire_id"}
}

func (g *genreEconomies) ecrit(s *Economie) ([]any, []any) {
	cents := func(e *Euros) any { return nulle((*int64)(e)) }
	return []any{nulle(s.LogicielID), nulle(s.UsageID), string(s.Nature), string(s.Statut), nulle(s.LicencesEconomisees), cents(s.Brut),
		cents(s.CoutsRecurrents), cents(s.CoutsPonctuels), cents(s.Net), jourNul(s.Debut), string(*or(s.PrecisionDebut, "JOUR")),
		nulle(s.HorizonAnnees), nulle(s.AnneePrix), nulle(s.Precision), nulle(s.PartDeID), nulle(s.VerifieeParID), string(s.Visibilite), s.SourceID}, []any{s.Cle, s.BeneficiaireID}
}

func (g *genreEconomies) suite(context.Context, *Economie, *Economie) error { return nil }
