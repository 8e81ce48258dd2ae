package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/domain/economie"
)

// EconomiePayload is a saving as it stands after a mutation, or what keeps it from being done.
type EconomiePayload struct {
	Economie *Economie
	Erreurs  []*Erreur
}

// economiePayload reads a saving again, once the mutation is over.
func (s *Store) economiePayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*EconomiePayload, error) {
	e, err := written[*Economie](ctx, s, "Economie", cle, err, sel)
	return &EconomiePayload{Economie: e, Erreurs: fautes}, err
}

// ContenuEconomie is what a declaration and a correction of a saving both say. The amounts come from the source, or
// from Calcul.
type ContenuEconomie struct {
	Logiciel            *string
	Usage               *string
	LicencesEconomisees *int
	Brut                *Euros
	CoutsRecurrents     *Euros
	CoutsPonctuels      *Euros
	Net                 *Euros
	Calcul              *CalculEconomieInput
	Debut               *Date
	PrecisionDebut      *PrecisionDate
	HorizonAnnees       *int
	AnneePrix           *int
	Precision           *string
	Visibilite          *Visibilite
	PartDe              *string
	Source              *SourceInput
}

// DeclarerEconomieInput describes a saving to declare.
type DeclarerEconomieInput struct {
	CleIdempotence *string
	Beneficiaire   string
	Nature         NatureEconomie
	Statut         StatutEconomie
	ContenuEconomie
}

// CorrigerEconomieInput corrects a saving from the revision that was read.
type CorrigerEconomieInput struct {
	CleIdempotence *string
	ID             string
	Revision       int
	Nature         *NatureEconomie
	Statut         *StatutEconomie
	ContenuEconomie
}

// DeclarerEconomie declares a saving.
func (s *Store) DeclarerEconomie(ctx context.Context, in DeclarerEconomieInput, given Champs, sel Selection) (*EconomiePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"declarerEconomie", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		beneficiaire, err := e.organisation(ctx, "beneficiaire", in.Beneficiaire, "Collectivite", "SyndicatMixte")
		if err != nil {
			return "", err
		}
		if err := e.ready(); err != nil {
			return "", err
		}
		eco := &Economie{Cle: uuid.NewString(), BeneficiaireID: beneficiaire.Rowid, Nature: in.Nature, Statut: in.Statut,
			PrecisionDebut: or(in.PrecisionDebut, "JOUR"), Visibilite: *or(in.Visibilite, Public)}
		if err := e.authorise(ctx, "beneficiaire", eco.BeneficiaireID); err != nil {
			return "", err
		}
		e.verify(in.Statut != "VERIFIEE", Invalide, "statut", "une économie ne se déclare pas vérifiée : un tiers la vérifie ensuite, avec « verifierEconomie »")
		if err := e.fillEconomie(ctx, eco, in.ContenuEconomie, given); err != nil {
			return "", err
		}
		if eco.SourceID, err = e.source(ctx, in.Source); err != nil {
			return "", err
		}
		_, err = e.tx.NewInsert().Model(eco).ExcludeColumn("id", "revision").Exec(ctx)
		return eco.Cle, err
	})
	return s.economiePayload(ctx, cle, fautes, err, sel)
}

// CorrigerEconomie corrects the fields given. A saving that was verified no longer is, but for its visibility.
func (s *Store) CorrigerEconomie(ctx context.Context, in CorrigerEconomieInput, given Champs, sel Selection) (*EconomiePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"corrigerEconomie", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		eco, err := e.lockEconomie(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(eco.Revision, in.Revision); err != nil {
			return eco.Cle, err
		}
		e.verify(in.Statut == nil || *in.Statut != "VERIFIEE", Invalide, "statut", "une économie ne se déclare pas vérifiée : un tiers la vérifie, avec « verifierEconomie »")
		verified := eco.Statut == "VERIFIEE"
		if verified && touches(given) {
			e.verify(in.Statut != nil, Requis, "statut", "un tiers a vérifié cette économie : la corriger lui retire cette qualité, dites son nouveau « statut »")
			eco.VerifieeParID = nil
		}
		eco.Nature, eco.Statut = *or(in.Nature, eco.Nature), *or(in.Statut, eco.Statut)
		eco.Visibilite = *or(in.Visibilite, eco.Visibilite)
		eco.PrecisionDebut = or(in.PrecisionDebut, *or(eco.PrecisionDebut, "JOUR"))
		if err := e.fillEconomie(ctx, eco, in.ContenuEconomie, given); err != nil {
			return eco.Cle, err
		}
		if in.Source != nil || verified && eco.Statut != "VERIFIEE" { // the third party's word was about something else
			if eco.SourceID, err = e.source(ctx, in.Source); err != nil {
				return eco.Cle, err
			}
		}
		_, err = e.tx.NewUpdate().Model(eco).ExcludeColumn("id", "cle", "beneficiaire_id", "revision").WherePK().Exec(ctx)
		return eco.Cle, err
	})
	return s.economiePayload(ctx, cle, fautes, err, sel)
}

// touches tells whether a correction changes what a third party can have verified.
func touches(given Champs) bool {
	for champ := range given {
		switch champ {
		case "id", "revision", "cleIdempotence", "visibilite":
		default:
			return true
		}
	}
	return false
}

// lockEconomie reads a saving that the action may touch, for this transaction alone. One that the identity could not
// even read does not exist for it.
func (e *ecriture) lockEconomie(ctx context.Context, id string) (*Economie, error) {
	absent := faute(Introuvable, "id", "cette économie n'existe pas, ou plus")
	eco, err := lockNamed[Economie](ctx, e, "id", id, columnsEconomie, "s.cle", absent)
	if err != nil {
		return nil, err
	}
	if err = e.authorise(ctx, "id", eco.BeneficiaireID); err != nil && !e.qui.reads(eco.Visibilite, eco.BeneficiaireID, 0) {
		return nil, absent
	}
	return eco, err
}

// fillEconomie gives a saving what the input says, checks it, and computes what is to be.
func (e *ecriture) fillEconomie(ctx context.Context, eco *Economie, in ContenuEconomie, given Champs) error {
	if given["usage"] || given["logiciel"] {
		if err := e.subject(ctx, eco, in, given); err != nil {
			return err
		}
	}
	correct(given, "debut", &eco.Debut, in.Debut)
	correct(given, "horizonAnnees", &eco.HorizonAnnees, in.HorizonAnnees)
	correct(given, "anneePrix", &eco.AnneePrix, in.AnneePrix)
	correct(given, "precision", &eco.Precision, in.Precision)
	if given["calcul"] {
		eco.Calcul = nil
		if in.Calcul != nil {
			eco.Calcul = &CalculEconomie{CalculEconomieInput: *in.Calcul}
		}
	}
	for champ, published := range map[string]bool{"brut": in.Brut != nil, "coutsRecurrents": in.CoutsRecurrents != nil,
		"coutsPonctuels": in.CoutsPonctuels != nil, "net": in.Net != nil, "licencesEconomisees": in.LicencesEconomisees != nil} {
		e.verify(eco.Calcul == nil || !published, Invalide, champ, "« %s » se déduit de « calcul » : donnez l'un ou l'autre", champ)
	}
	correct(given, "licencesEconomisees", &eco.LicencesEconomisees, in.LicencesEconomisees)
	correct(given, "brut", &eco.Brut, in.Brut)
	correct(given, "coutsRecurrents", &eco.CoutsRecurrents, in.CoutsRecurrents)
	correct(given, "coutsPonctuels", &eco.CoutsPonctuels, in.CoutsPonctuels)
	correct(given, "net", &eco.Net, in.Net)
	e.checkEconomie(eco)
	if err := e.ready(); err != nil {
		return err
	}
	if eco.Calcul != nil {
		if err := eco.compute(); err != nil {
			return err
		}
	}
	if given["partDe"] {
		if err := e.share(ctx, eco, in.PartDe); err != nil {
			return err
		}
	}
	if err := e.checkShare(ctx, eco); err != nil {
		return err
	}
	return e.checkShares(ctx, eco)
}

// subject reads the software and the usage that a saving comes from. A usage is the beneficiary's, or passes through it.
func (e *ecriture) subject(ctx context.Context, eco *Economie, in ContenuEconomie, given Champs) error {
	if given["logiciel"] {
		eco.LogicielID = nil
	}
	if in.Logiciel != nil {
		l, err := e.logiciel(ctx, "logiciel", *in.Logiciel)
		if err != nil {
			return err
		}
		if l != nil {
			eco.LogicielID = &l.Rowid
		}
	}
	if given["usage"] {
		eco.UsageID = nil
	}
	if in.Usage != nil {
		u, err := e.usage(ctx, "usage", *in.Usage)
		if err != nil || u == nil {
			return err
		}
		e.verify(u.UtilisateurID == eco.BeneficiaireID || deref(u.SyndicatID) == eco.BeneficiaireID, Invalide, "usage",
			"cet usage n'est ni celui du bénéficiaire, ni un usage qui passe par lui")
		if !given["logiciel"] {
			eco.LogicielID = &u.LogicielID
		}
		e.verify(deref(eco.LogicielID) == u.LogicielID, Invalide, "logiciel", "cet usage est celui d'un autre logiciel")
		eco.UsageID = &u.Rowid
	}
	return nil
}

// usage reads a usage that an id names and that the identity may read; a fault, noted, gives nil.
func (e *ecriture) usage(ctx context.Context, champ, id string) (*Usage, error) {
	cle := e.cleDe(champ, id, "Usage")
	if cle == "" {
		return nil, nil
	}
	u := new(Usage)
	found, err := one(ctx, selectRows(e.Store, u, Selection{}.columns(keyColumnsUsage, columnsUsage)).Where("u.cle IN (?)", bun.List(uuids([]string{cle}))), u)
	if err != nil || !e.verify(found && e.qui.reads(u.Visibilite, u.UtilisateurID, deref(u.SyndicatID)), Introuvable, champ, "« %s » : cet usage n'existe pas", champ) {
		return nil, err
	}
	return u, nil
}

// checkEconomie notes what contradicts itself in a saving.
func (e *ecriture) checkEconomie(eco *Economie) {
	const most = Euros(economie.MontantMaximal)
	for champ, v := range map[string]*Euros{"brut": eco.Brut, "coutsRecurrents": eco.CoutsRecurrents, "coutsPonctuels": eco.CoutsPonctuels} {
		e.verify(v == nil || *v >= 0, Invalide, champ, "« %s » ne peut pas être négatif", champ)
		e.verify(v == nil || *v <= most, Invalide, champ, "« %s » dépasse mille milliards d'euros", champ)
	}
	e.verify(eco.Net == nil || *eco.Net >= -most && *eco.Net <= most, Invalide, "net", "« net » dépasse mille milliards d'euros")
	e.verify(eco.LicencesEconomisees == nil || *eco.LicencesEconomisees >= 0, Invalide, "licencesEconomisees", "« licencesEconomisees » ne peut pas être négatif")
	if eco.Calcul == nil {
		e.verify(eco.Net == nil || eco.Brut == nil || *eco.Net <= *eco.Brut, Invalide, "net", "le net ne peut pas dépasser le brut")
		e.verify(eco.Brut != nil || eco.Net != nil || eco.LicencesEconomisees != nil, Requis, "brut", "dites au moins le brut, le net ou le nombre de licences, ou de quoi les calculer")
		e.verify(eco.Statut != "ESTIMEE", Requis, "calcul", "une économie estimée se calcule : donnez « calcul », ou un autre statut")
	}
	e.verify(eco.HorizonAnnees == nil || *eco.HorizonAnnees >= 1 && *eco.HorizonAnnees <= economie.HorizonMaximal, Invalide, "horizonAnnees", "« horizonAnnees » va de 1 à %d", economie.HorizonMaximal)
	e.verify(eco.AnneePrix == nil || *eco.AnneePrix >= economie.AnneePrixMinimale && *eco.AnneePrix <= economie.AnneePrixMaximale, Invalide, "anneePrix",
		"« anneePrix » va de %d à %d", economie.AnneePrixMinimale, economie.AnneePrixMaximale)
	e.verify(eco.Debut == nil || *eco.Debut <= *e.today() || eco.Statut != "CONSTATEE" && eco.Statut != "VERIFIEE", Invalide, "debut", "« debut » est à venir : cette économie n'a pas pu être constatée")
	if eco.Precision != nil {
		p := strings.TrimSpace(*eco.Precision)
		e.verify(p != "", Invalide, "precision", "« precision » est vide : donnez null pour ne rien dire")
		eco.Precision = &p
	}
}

// compute gives a saving the amounts that its inputs lead to. Its faults are those of the inputs.
func (e *Economie) compute() error {
	e.HorizonAnnees = or(e.HorizonAnnees, economie.HorizonParDefaut)
	r, err := e.Calcul.inputs(*e.HorizonAnnees, *or(e.AnneePrix, 0)).Compute()
	var fautes economie.Fautes
	if errors.As(err, &fautes) {
		var all Fautes
		for _, f := range fautes {
			all = append(all, &Erreur{Code: Invalide, Champ: append([]string{"calcul"}, f.Champ...), Message: f.Message})
		}
		return all
	}
	if err != nil {
		return err
	}
	cents := func(n int64) *Euros { return new(Euros(n)) }
	e.Brut, e.CoutsRecurrents, e.CoutsPonctuels, e.Net = cents(r.Brut), cents(r.CoutsRecurrents), cents(r.CoutsPonctuels), cents(r.NetActualise)
	e.LicencesEconomisees = r.LicencesEconomisees
	c := e.Calcul
	c.RetourMois, c.RetourAnnees, c.ParAn = r.RetourMois, r.RetourAnnees, nil
	if r.En != "" {
		c.ResultatEn = &r.En
	}
	for _, a := range r.ParAn {
		c.ParAn = append(c.ParAn, &AnneeCalcul{Annee: a.Annee, Brut: Euros(a.Brut), Recurrents: Euros(a.Recurrents), Actualise: Euros(a.Actualise)})
	}
	return nil
}

// inputs gives what a computation starts from to the domain, where nothing said is zero.
func (c *CalculEconomieInput) inputs(horizon, anneePrix int) economie.Calcul {
	euros := func(v *Euros) int64 { return int64(*or(v, 0)) }
	decimal := func(v *Decimal) int64 { return int64(*or(v, 0)) }
	in := economie.Calcul{
		Postes: *or(c.Postes, 0), PostesParAn: c.PostesParAn, PrixUnitaire: euros(c.PrixUnitaire), ModePrix: *or(c.ModePrix, ""),
		Remise: int(decimal(c.Remise)), MaintenanceEvitee: euros(c.MaintenanceEvitee), MaterielParAn: euros(c.MaterielParAn),
		MaterielUnique: euros(c.MaterielUnique), ETPEvites: decimal(c.EtpEvites), Hebergement: euros(c.Hebergement),
		ContratSupport: euros(c.ContratSupport), ETP: decimal(c.Etp), CoutETP: euros(c.CoutEtp), Migration: euros(c.Migration),
		Formation: euros(c.Formation), Integration: euros(c.Integration), RepriseDonnees: euros(c.RepriseDonnees),
		Subventions: euros(c.Subventions), TauxActualisation: int(decimal(c.TauxActualisation)),
		MontantsEn: *or(c.MontantsEn, ""), ResultatEn: *or(c.ResultatEn, ""), HorizonAnnees: horizon, AnneePrix: anneePrix,
	}
	for _, p := range c.PrixUnitaireParAn {
		in.PrixUnitaireParAn = append(in.PrixUnitaireParAn, int64(p))
	}
	if c.TauxTva != nil {
		in.TauxTVA = new(int(*c.TauxTva))
	}
	return in
}

// share makes a saving the share of another one, or of none: that of a groupement of which the beneficiary is or was a
// member. There are two levels and no more: a total that holds a syndicat's saving leaves out its shares, and would not
// know those of a share.
func (e *ecriture) share(ctx context.Context, eco *Economie, id *string) error {
	eco.PartDeID = nil
	if id == nil {
		return nil
	}
	const champ = "partDe"
	absent := faute(Introuvable, champ, "« partDe » : cette économie n'existe pas")
	whole, err := lockNamed[Economie](ctx, e, champ, *id, columnsEconomie, "s.cle", absent)
	switch {
	case err != nil:
		return err
	case !e.qui.reads(whole.Visibilite, whole.BeneficiaireID, 0):
		return absent
	}
	var member, divided bool
	err = e.tx.NewRaw(`SELECT EXISTS (SELECT FROM adhesion WHERE groupement_id = ? AND membre_id = ? AND confirmee AND (debut IS NULL OR debut <= current_date)),
		EXISTS (SELECT FROM economie WHERE part_de_id = ?)`, whole.BeneficiaireID, eco.BeneficiaireID, eco.Rowid).Scan(ctx, &member, &divided)
	if err != nil {
		return err
	}
	e.verify(whole.PartDeID == nil && whole.Rowid != eco.Rowid, Invalide, champ, "cette économie est elle-même une part : désignez l'économie entière")
	e.verify(!divided, Invalide, champ, "cette économie a elle-même des parts : elle ne peut pas être celle d'une autre")
	e.verify(member, Invalide, champ, "cette économie n'est pas celle d'un groupement dont le bénéficiaire est ou a été membre")
	eco.PartDeID = &whole.Rowid
	return e.ready()
}

// checkShare refuses a share that, with the others, would exceed the saving that they share. The row of that saving is
// locked: two shares written at once are added up.
func (e *ecriture) checkShare(ctx context.Context, eco *Economie) error {
	if eco.PartDeID == nil {
		return nil
	}
	whole := new(Economie)
	if err := selectRows(e.Store, whole, columnsEconomie).Where("s.id = ?", *eco.PartDeID).For("UPDATE").Scan(ctx); err != nil {
		return err
	}
	return e.compareShares(ctx, whole, eco)
}

// checkShares refuses to bring a saving below the sum of its shares.
func (e *ecriture) checkShares(ctx context.Context, eco *Economie) error {
	if eco.Rowid == 0 {
		return nil
	}
	return e.compareShares(ctx, eco, nil)
}

// compareShares compares what a saving says with the sum of its shares, one of which may be being written: only amounts
// that are said. The sum is told only to who may read every share.
func (e *ecriture) compareShares(ctx context.Context, whole, written *Economie) error {
	shares := []*Economie{}
	if err := selectRows(e.Store, &shares, columnsEconomie).Where("s.part_de_id = ?", whole.Rowid).Scan(ctx); err != nil {
		return err
	}
	if written != nil {
		shares = slices.DeleteFunc(shares, func(s *Economie) bool { return s.Rowid == written.Rowid })
		shares = append(shares, written)
	}
	for _, m := range []struct {
		champ string
		of    func(*Economie) *Euros
	}{{"brut", func(s *Economie) *Euros { return s.Brut }}, {"net", func(s *Economie) *Euros { return s.Net }}} {
		sum, known, said := Euros(0), true, false
		for _, s := range shares {
			if v := m.of(s); v != nil {
				sum, said = sum+*v, true
				known = known && (s == written || e.qui.reads(s.Visibilite, s.BeneficiaireID, 0))
			}
		}
		all := m.of(whole)
		if !said || all == nil || sum <= *all {
			continue
		}
		feraient := "dépasseraient"
		if known {
			feraient = fmt.Sprintf("feraient %s €, plus que", sum)
		}
		e.verify(false, Invalide, m.champ, "%s : les parts des membres %s les %s € de l'économie entière, qui ne compte pas deux fois", m.champ, feraient, *all)
	}
	return e.ready()
}

// VerifierEconomieInput says that a third party verified a saving.
type VerifierEconomieInput struct {
	CleIdempotence *string
	ID             string
	Revision       *int
	VerifieePar    *string
	Source         SourceInput
}

// VerifierEconomie says that a third party verified a saving, on the word of that party.
func (s *Store) VerifierEconomie(ctx context.Context, in VerifierEconomieInput, sel Selection) (*EconomiePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"verifierEconomie", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		eco, err := e.lockEconomie(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(eco.Revision, *or(in.Revision, eco.Revision)); err != nil {
			return eco.Cle, err
		}
		e.verify(eco.Statut != "VERIFIEE", Invalide, "id", "cette économie est déjà vérifiée")
		if e.droit.OrganisationID != 0 {
			eco.VerifieeParID = &e.droit.OrganisationID
		}
		if in.VerifieePar != nil {
			f, err := e.organisation(ctx, "verifieePar", *in.VerifieePar, "Collectivite", "SyndicatMixte", "Prestataire")
			if err != nil {
				return "", err
			}
			if f != nil {
				eco.VerifieeParID = &f.Rowid
			}
		}
		e.verify(deref(eco.VerifieeParID) != eco.BeneficiaireID, Invalide, "verifieePar", "c'est un tiers qui vérifie : le bénéficiaire ne vérifie pas sa propre économie")
		if err := e.ready(); err != nil {
			return eco.Cle, err
		}
		eco.Statut = "VERIFIEE"
		if eco.SourceID, err = e.source(ctx, &in.Source); err != nil {
			return eco.Cle, err
		}
		_, err = e.tx.NewUpdate().Model(eco).Column("statut", "verifiee_par_id", "source_id").WherePK().Exec(ctx)
		return eco.Cle, err
	})
	return s.economiePayload(ctx, cle, fautes, err, sel)
}

// RetirerEconomieInput takes a saving back.
type RetirerEconomieInput struct {
	CleIdempotence *string
	ID             string
	Revision       *int
	Motif          *string
}

// RetirerEconomie takes a saving back; the history keeps it.
func (s *Store) RetirerEconomie(ctx context.Context, in RetirerEconomieInput, sel Selection) (*EconomiePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"retirerEconomie", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		eco, err := e.lockEconomie(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(eco.Revision, *or(in.Revision, eco.Revision)); err != nil {
			return eco.Cle, err
		}
		shares, err := e.tx.NewSelect().TableExpr("economie").Where("part_de_id = ?", eco.Rowid).Count(ctx)
		if err != nil {
			return "", err
		}
		e.verify(shares == 0, Invalide, "id", "des membres déclarent une part de cette économie (%d) : retirez d'abord ces parts, ou détachez-les", shares)
		if err := e.ready(); err != nil {
			return eco.Cle, err
		}
		if err := e.motive(ctx, in.Motif); err != nil {
			return eco.Cle, err
		}
		_, err = e.tx.NewDelete().Model(eco).WherePK().Exec(ctx)
		return eco.Cle, err
	})
	return s.economiePayload(ctx, cle, fautes, err, sel)
}

// motive keeps, with the publication, why something is withdrawn.
func (e *ecriture) motive(ctx context.Context, motif *string) error {
	if motif == nil {
		return nil
	}
	m := strings.TrimSpace(*motif)
	if !e.verify(m != "", Invalide, "motif", "« motif » est vide : ne le donnez pas s'il n'y en a pas") {
		return e.ready()
	}
	_, err := e.tx.NewRaw(`UPDATE publication SET motif = ? WHERE id = current_setting('mutualibre.publication')::bigint`, m).Exec(ctx)
	return err
}
