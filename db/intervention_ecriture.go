package db

import (
	"context"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/mutualibre/mutualibre/domain/texte"
)

// InterventionPayload is a session as it stands after a mutation, or what keeps it from being done.
type InterventionPayload struct {
	Intervention *Intervention
	Erreurs      []*Erreur
}

func (s *Store) interventionPayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*InterventionPayload, error) {
	i, err := written[*Intervention](ctx, s, "Intervention", cle, err, sel)
	return &InterventionPayload{Intervention: i, Erreurs: fautes}, err
}

// IntervenantInput is a speaker as announced.
type IntervenantInput struct {
	Nom     string
	Qualite *string
}

// ContenuIntervention is what a declaration and a correction of a session both say.
type ContenuIntervention struct {
	Jour          *Date
	Debut         *string
	Fin           *string
	Rang          *int
	Resume        *string
	Salle         *string
	Intervenants  []*IntervenantInput
	Organisations []string
	Logiciels     []string
	Themes        []string
	Site          *string
	Supports      []string
	Source        *SourceInput
}

// DeclarerInterventionInput describes a session to add to a programme.
type DeclarerInterventionInput struct {
	CleIdempotence *string
	Rencontre      string
	Declarant      *string
	Titre          string
	Genre          GenreIntervention
	ContenuIntervention
}

// CorrigerInterventionInput corrects a session from the revision that was read.
type CorrigerInterventionInput struct {
	CleIdempotence *string
	ID             string
	Revision       int
	Titre          *string
	Genre          *GenreIntervention
	ContenuIntervention
}

// RetirerInterventionInput takes a session back.
type RetirerInterventionInput struct {
	CleIdempotence *string
	ID             string
	Revision       *int
	Motif          *string
}

// DeclarerIntervention adds a session to the programme of an event, whoever announced it.
func (s *Store) DeclarerIntervention(ctx context.Context, in DeclarerInterventionInput, given Champs, sel Selection) (*InterventionPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"declarerIntervention", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		r, err := e.rencontre(ctx, "rencontre", in.Rencontre)
		if err != nil {
			return "", err
		}
		if err := e.ready(); err != nil {
			return "", err
		}
		i := &Intervention{Cle: uuid.NewString(), RencontreID: r.Rowid}
		if i.DeclarantID, err = e.annonceur(ctx, in.Declarant); err != nil {
			return "", err
		}
		l, err := e.fillIntervention(ctx, i, r, &in.Titre, &in.Genre, in.ContenuIntervention, given)
		if err != nil {
			return "", err
		}
		if i.SourceID, err = e.source(ctx, in.Source); err != nil {
			return "", err
		}
		if _, err := e.tx.NewInsert().Model(i).ExcludeColumn("id", "revision").Returning("id").Exec(ctx); err != nil {
			return "", err
		}
		return i.Cle, e.tieIntervention(ctx, i, l)
	})
	return s.interventionPayload(ctx, cle, fautes, err, sel)
}

// CorrigerIntervention corrects the fields given.
func (s *Store) CorrigerIntervention(ctx context.Context, in CorrigerInterventionInput, given Champs, sel Selection) (*InterventionPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"corrigerIntervention", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		i, r, err := e.lockIntervention(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(i.Revision, in.Revision); err != nil {
			return i.Cle, err
		}
		l, err := e.fillIntervention(ctx, i, r, in.Titre, in.Genre, in.ContenuIntervention, given)
		if err != nil {
			return i.Cle, err
		}
		if in.Source != nil {
			if i.SourceID, err = e.source(ctx, in.Source); err != nil {
				return i.Cle, err
			}
		}
		if _, err := e.tx.NewUpdate().Model(i).ExcludeColumn("id", "cle", "rencontre_id", "declarant_id", "revision").WherePK().Exec(ctx); err != nil {
			return i.Cle, err
		}
		return i.Cle, e.tieIntervention(ctx, i, l)
	})
	return s.interventionPayload(ctx, cle, fautes, err, sel)
}

// RetirerIntervention takes a session back; the history keeps it.
func (s *Store) RetirerIntervention(ctx context.Context, in RetirerInterventionInput, sel Selection) (*InterventionPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"retirerIntervention", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		i, _, err := e.lockIntervention(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(i.Revision, *or(in.Revision, i.Revision)); err != nil {
			return i.Cle, err
		}
		if err := e.motive(ctx, in.Motif); err != nil {
			return i.Cle, err
		}
		_, err = e.tx.NewDelete().Model(i).WherePK().Exec(ctx)
		return i.Cle, err
	})
	return s.interventionPayload(ctx, cle, fautes, err, sel)
}

// lockIntervention reads a session that the action may touch, for this transaction alone, and its event: it is open to who
// declared it, and to who announced the event.
func (e *ecriture) lockIntervention(ctx context.Context, id string) (*Intervention, *Rencontre, error) {
	i, err := lockNamed[Intervention](ctx, e, "id", id, columnsIntervention, "i.cle", faute(Introuvable, "id", "cette intervention n'existe pas, ou plus"))
	if err != nil {
		return nil, nil, err
	}
	rencontres, err := e.rencontresByID(ctx, []int64{i.RencontreID})
	if err != nil {
		return nil, nil, err
	}
	r := rencontres[i.RencontreID]
	return i, r, e.authoriseEither(ctx, "id", deref(i.DeclarantID), deref(r.DeclarantID))
}

// liensIntervention are what an input ties to a session; nil: not given.
type liensIntervention struct{ organisations, logiciels []int64 }

func (e *ecriture) tieIntervention(ctx context.Context, i *Intervention, l liensIntervention) error {
	if l.organisations != nil {
		if err := e.setLinks(ctx, "intervention_organisation", "intervention_id", i.Rowid, "organisation_id", l.organisations); err != nil {
			return err
		}
	}
	if l.logiciels != nil {
		return e.setLinks(ctx, "intervention_logiciel", "intervention_id", i.Rowid, "logiciel_id", l.logiciels)
	}
	return nil
}

var heure = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

// fillIntervention gives a session what the input says, and checks it. It comes after authorise.
func (e *ecriture) fillIntervention(ctx context.Context, i *Intervention, r *Rencontre, titre *string, genre *GenreIntervention, in ContenuIntervention, given Champs) (l liensIntervention, err error) {
	if titre != nil {
		i.Titre = texte.SansEspacesSuperflus(*titre)
	}
	e.verify(utf8.RuneCountInString(i.Titre) <= maxTitre && texte.Normalize(i.Titre) != "", Invalide, "titre", "« titre » compte de 1 à %d caractères, dont une lettre ou un chiffre", maxTitre)
	i.Genre = *or(genre, i.Genre)
	correct(given, "jour", &i.Jour, in.Jour)
	correct(given, "debut", &i.Debut, in.Debut)
	correct(given, "fin", &i.Fin, in.Fin)
	correct(given, "rang", &i.Rang, in.Rang)
	correct(given, "resume", &i.Resume, e.texteLibre("resume", in.Resume, maxDescription))
	correct(given, "salle", &i.Salle, e.uneLigne("salle", in.Salle, 100))
	correct(given, "site", &i.Site, e.texteLibre("site", in.Site, maxAdresse))
	premier, dernier := r.jours()
	e.verify(!given["jour"] || i.Jour == nil || *i.Jour >= premier && *i.Jour <= dernier, Invalide, "jour", "« jour » n'est pas de ceux de la rencontre : du %s au %s", premier, dernier)
	e.verify(i.Debut == nil || heure.MatchString(*i.Debut), Invalide, "debut", "« debut » s'écrit ainsi : 14:30")
	e.verify(i.Fin == nil || heure.MatchString(*i.Fin), Invalide, "fin", "« fin » s'écrit ainsi : 15:00")
	e.verify(i.Fin == nil || i.Debut != nil && *i.Fin > *i.Debut, Invalide, "fin", "« fin » doit suivre « debut »")
	e.verify(i.Rang == nil || *i.Rang >= 1 && *i.Rang <= 10_000, Invalide, "rang", "« rang » va de 1 à 10 000")
	e.checkURL("site", i.Site)
	if given["themes"] || i.Themes == nil {
		i.Themes = e.readThemes(in.Themes)
	}
	if given["supports"] || i.Supports == nil {
		i.Supports = append([]string{}, in.Supports...)
		e.verify(len(i.Supports) <= maxSupports, Invalide, "supports", "« supports » en compte %d : %d au plus", len(i.Supports), maxSupports)
		e.verify(!slices.ContainsFunc(i.Supports, func(s string) bool { return !webURL(s) }), Invalide, "supports", "« supports » : chacun est une adresse http ou https")
	}
	if given["intervenants"] || i.Parlent == nil {
		i.Parlent = e.readIntervenants(in.Intervenants)
	}
	if given["organisations"] {
		if l.organisations, err = e.readMany("organisations", in.Organisations, maxListeRencontre, func(champ, id string) (int64, error) {
			f, err := e.organisation(ctx, champ, id, "Collectivite", "SyndicatMixte", "Prestataire")
			if f == nil || !e.autrui(champ, f.Rowid) {
				return 0, err
			}
			return f.Rowid, err
		}); err != nil {
			return l, err
		}
	}
	if given["logiciels"] {
		if l.logiciels, err = e.readMany("logiciels", in.Logiciels, maxListeRencontre, e.rowidLogiciel(ctx)); err != nil {
			return l, err
		}
	}
	return l, e.ready()
}

// readIntervenants cleans the names of speakers.
func (e *ecriture) readIntervenants(given []*IntervenantInput) []Intervenant {
	const champ = "intervenants"
	all := []Intervenant{}
	if !e.verify(len(given) <= maxListeRencontre, Invalide, champ, "« intervenants » en compte %d : %d au plus", len(given), maxListeRencontre) {
		return all
	}
	for _, in := range given {
		nom := e.uneLigne(champ, &in.Nom, 100)
		if e.verify(nom != nil, Requis, champ, "« intervenants » : l'un d'eux n'a pas de nom") {
			all = append(all, Intervenant{*nom, e.uneLigne(champ, in.Qualite, 200)})
		}
	}
	return all
}
