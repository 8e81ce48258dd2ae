package db

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// RetourExperiencePayload is an experience as it stands after a mutation, or what keeps it from being done.
type RetourExperiencePayload struct {
	Retour  *RetourExperience
	Erreurs []*Erreur
}

// retourPayload reads an experience again, once the mutation is over.
func (s *Store) retourPayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*RetourExperiencePayload, error) {
	r, err := written[*RetourExperience](ctx, s, "RetourExperience", cle, err, sel)
	return &RetourExperiencePayload{Retour: r, Erreurs: fautes}, err
}

// ChiffreRetourInput is a figure that an experience gives.
type ChiffreRetourInput struct {
	Nom    string
	Valeur string
	Unite  *string
	Date   string
	Source *SourceInput
}

// ContenuRetour is what a publication and a correction of an experience both say.
type ContenuRetour struct {
	Titre               *string
	Resume              *string
	Themes              []ThemeRetour
	Date                *Date
	Precision           *PrecisionDate
	AutresOrganisations []string
	Logiciels           []string
	Usages              []string
	Economies           []string
	Chiffres            []*ChiffreRetourInput
	Source              *SourceInput
}

// PublierRetourInput describes an experience to tell.
type PublierRetourInput struct {
	CleIdempotence *string
	Organisation   string
	ContenuRetour
}

// CorrigerRetourInput corrects an experience from the revision that was read.
type CorrigerRetourInput struct {
	CleIdempotence *string
	ID             string
	Revision       int
	ContenuRetour
}

// RetirerRetourInput takes an experience back.
type RetirerRetourInput struct {
	CleIdempotence *string
	ID             string
	Revision       *int
	Motif          *string
}

// maxLiens bounds what one experience is about, of each kind, and its own figures.
const maxLiens = 50

// PublierRetour tells an experience of an organisation, to everyone.
func (s *Store) PublierRetour(ctx context.Context, in PublierRetourInput, given Champs, sel Selection) (*RetourExperiencePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"publierRetour", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		o, err := e.organisation(ctx, "organisation", in.Organisation, "Collectivite", "SyndicatMixte")
		if err != nil {
			return "", err
		}
		if err := e.ready(); err != nil {
			return "", err
		}
		r := &RetourExperience{Cle: uuid.NewString(), OrganisationID: o.Rowid, Date: *e.today(), Precision: "JOUR"}
		if err := e.authorise(ctx, "organisation", r.OrganisationID); err != nil {
			return "", err
		}
		if err := e.fillRetour(r, in.ContenuRetour); err != nil {
			return "", err
		}
		if r.SourceID, err = e.source(ctx, in.Source); err != nil {
			return "", err
		}
		if _, err := e.tx.NewInsert().Model(r).ExcludeColumn("id", "revision").Returning("id").Exec(ctx); err != nil {
			return "", err
		}
		return r.Cle, e.linkRetour(ctx, r, in.ContenuRetour, given)
	})
	return s.retourPayload(ctx, cle, fautes, err, sel)
}

// CorrigerRetour corrects the fields given; a list given replaces the former one.
func (s *Store) CorrigerRetour(ctx context.Context, in CorrigerRetourInput, given Champs, sel Selection) (*RetourExperiencePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"corrigerRetour", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		r, err := e.lockRetour(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(r.Revision, in.Revision); err != nil {
			return r.Cle, err
		}
		if err := e.fillRetour(r, in.ContenuRetour); err != nil {
			return r.Cle, err
		}
		if in.Source != nil {
			if r.SourceID, err = e.source(ctx, in.Source); err != nil {
				return r.Cle, err
			}
		}
		if _, err := e.tx.NewUpdate().Model(r).ExcludeColumn("id", "cle", "organisation_id", "revision").WherePK().Exec(ctx); err != nil {
			return r.Cle, err
		}
		return r.Cle, e.linkRetour(ctx, r, in.ContenuRetour, given)
	})
	return s.retourPayload(ctx, cle, fautes, err, sel)
}

// RetirerRetour takes an experience back; the history keeps it.
func (s *Store) RetirerRetour(ctx context.Context, in RetirerRetourInput, sel Selection) (*RetourExperiencePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"retirerRetour", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		r, err := e.lockRetour(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(r.Revision, *or(in.Revision, r.Revision)); err != nil {
			return r.Cle, err
		}
		if err := e.motive(ctx, in.Motif); err != nil {
			return r.Cle, err
		}
		_, err = e.tx.NewDelete().Model(r).WherePK().Exec(ctx)
		return r.Cle, err
	})
	return s.retourPayload(ctx, cle, fautes, err, sel)
}

// lockRetour reads an experience that the action may touch, for this transaction alone.
func (e *ecriture) lockRetour(ctx context.Context, id string) (*RetourExperience, error) {
	r, err := lockNamed[RetourExperience](ctx, e, "id", id, columnsRetour, "re.cle", faute(Introuvable, "id", "ce retour d'expérience n'existe pas, ou plus"))
	if err != nil {
		return nil, err
	}
	return r, e.authorise(ctx, "id", r.OrganisationID)
}

// fillRetour gives an experience what the input says of itself, and checks it.
func (e *ecriture) fillRetour(r *RetourExperience, in ContenuRetour) error {
	if in.Titre != nil {
		r.Titre = e.texteRequis("titre", *in.Titre, 200)
	}
	if in.Resume != nil {
		r.Resume = e.texteRequis("resume", *in.Resume, maxDescription)
	}
	if in.Themes != nil {
		r.Themes = slices.Compact(slices.Sorted(slices.Values(in.Themes)))
		e.verify(len(r.Themes) > 0, Requis, "themes", "« themes » est vide : classez le retour sous un thème au moins")
	}
	r.Date, r.Precision = *or(in.Date, r.Date), *or(in.Precision, r.Precision)
	e.verify(r.Date <= *e.today(), Invalide, "date", "« date » ne peut pas être à venir")
	e.verify(r.Date >= "1980-01-01", Invalide, "date", "« date » est antérieure à 1980")
	return e.ready()
}

// lienRetour is a column of retour_lien, and what the input says goes there; nil leaves it as it is.
type lienRetour struct {
	colonne string
	ids     []int64
}

// linkRetour replaces what an experience is about, for each list given.
func (e *ecriture) linkRetour(ctx context.Context, r *RetourExperience, in ContenuRetour, given Champs) error {
	var liens []lienRetour
	link := func(champ, colonne string, ids []string, find func(champ, id string) (int64, error)) error {
		if !given[champ] {
			return nil
		}
		found, err := e.readMany(champ, ids, maxLiens, find)
		liens = append(liens, lienRetour{colonne, found})
		return err
	}
	if err := link("autresOrganisations", "organisation_id", in.AutresOrganisations, func(champ, id string) (int64, error) {
		f, err := e.organisation(ctx, champ, id, "Collectivite", "SyndicatMixte", "Prestataire")
		if f == nil {
			return 0, err
		}
		e.verify(f.Rowid != r.OrganisationID, Invalide, champ, "« %s » est déjà celle dont c'est l'expérience", f.Nom)
		return f.Rowid, err
	}); err != nil {
		return err
	}
	if err := link("logiciels", "logiciel_id", in.Logiciels, e.rowidLogiciel(ctx)); err != nil {
		return err
	}
	if err := link("usages", "usage_id", in.Usages, func(champ, id string) (int64, error) {
		u, err := e.usage(ctx, champ, id)
		if u == nil {
			return 0, err
		}
		e.verify(u.UtilisateurID == r.OrganisationID || deref(u.SyndicatID) == r.OrganisationID, Invalide, champ, "cet usage n'est ni celui de cette organisation, ni un usage qui passe par elle")
		return u.Rowid, err
	}); err != nil {
		return err
	}
	if err := link("economies", "economie_id", in.Economies, func(champ, id string) (int64, error) {
		cle := e.cleDe(champ, id, "Economie")
		if cle == "" {
			return 0, nil
		}
		eco := new(Economie)
		found, err := one(ctx, selectRows(e.Store, eco, columnsEconomie).Where("s.cle IN (?)", bun.List(uuids([]string{cle}))), eco)
		if err != nil || !e.verify(found && e.qui.reads(eco.Visibilite, eco.BeneficiaireID, 0), Introuvable, champ, "« %s » : cette économie n'existe pas", champ) {
			return 0, err
		}
		e.verify(eco.BeneficiaireID == r.OrganisationID, Invalide, champ, "cette économie est celle d'une autre organisation")
		return eco.Rowid, nil
	}); err != nil {
		return err
	}
	if err := e.ready(); err != nil {
		return err
	}
	for _, l := range liens {
		if _, err := e.tx.NewRaw(`DELETE FROM retour_lien WHERE retour_id = ?0 AND ?1 IS NOT NULL AND ?1 <> ALL (?2::bigint[])`, r.Rowid, bun.Ident(l.colonne), tableau(l.ids)).Exec(ctx); err != nil {
			return err
		}
		if _, err := e.tx.NewRaw(`INSERT INTO retour_lien (retour_id, ?1) SELECT ?0, x.id FROM unnest(?2::bigint[]) WITH ORDINALITY x (id, rang)
			WHERE NOT EXISTS (SELECT FROM retour_lien y WHERE y.retour_id = ?0 AND y.?1 = x.id) ORDER BY x.rang`, r.Rowid, bun.Ident(l.colonne), tableau(l.ids)).Exec(ctx); err != nil {
			return err
		}
	}
	if !given["chiffres"] {
		return nil
	}
	return e.giveChiffres(ctx, r, in.Chiffres)
}

var dateDite = regexp.MustCompile(`^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$`)

// giveChiffres replaces the figures of an experience. One without a source rests on that of the experience.
func (e *ecriture) giveChiffres(ctx context.Context, r *RetourExperience, chiffres []*ChiffreRetourInput) error {
	e.verify(len(chiffres) <= maxLiens, Invalide, "chiffres", "« chiffres » en compte %d au plus", maxLiens)
	for i, c := range chiffres {
		champ := "chiffres." + strconv.Itoa(i) + "."
		c.Nom, c.Valeur = e.texteRequis(champ+"nom", c.Nom, 200), e.texteRequis(champ+"valeur", c.Valeur, 200)
		c.Unite = e.texteLibre(champ+"unite", c.Unite, 100)
		e.verify(dateDite.MatchString(c.Date), Invalide, champ+"date", "« date » s'écrit 2016, 2016-02 ou 2016-02-26")
	}
	if err := e.ready(); err != nil {
		return err
	}
	if _, err := e.tx.NewRaw(`DELETE FROM chiffre_retour WHERE retour_id = ?`, r.Rowid).Exec(ctx); err != nil {
		return err
	}
	for _, c := range chiffres {
		sourceID := r.SourceID
		if c.Source != nil {
			var err error
			if sourceID, err = e.source(ctx, c.Source); err != nil {
				return err
			}
		}
		if _, err := e.tx.NewRaw(`INSERT INTO chiffre_retour (retour_id, nom, valeur, unite, date, source_id) VALUES (?, ?, ?, ?, ?, ?)`,
			r.Rowid, c.Nom, c.Valeur, strings.TrimSpace(*or(c.Unite, "")), c.Date, sourceID).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
