package db

import (
	"context"
	"regexp"

	"github.com/google/uuid"
)

// RessourceSupportPayload is a support resource as it stands after a mutation, or what keeps it from being done.
type RessourceSupportPayload struct {
	Ressource *RessourceSupport
	Erreurs   []*Erreur
}

// ressourcePayload reads a resource again, once the mutation is over.
func (s *Store) ressourcePayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*RessourceSupportPayload, error) {
	r, err := written[*RessourceSupport](ctx, s, "RessourceSupport", cle, err, sel)
	return &RessourceSupportPayload{Ressource: r, Erreurs: fautes}, err
}

// ContenuRessource is what a proposal and a correction of a resource both say.
type ContenuRessource struct {
	Genre        *GenreRessource
	Nom          *string
	URL          *string
	Langue       *string
	Payante      *bool
	Organisation *string
	Source       *SourceInput
}

// ProposerRessourceInput describes where help with a software is found.
type ProposerRessourceInput struct {
	CleIdempotence *string
	Logiciel       string
	ContenuRessource
}

// CorrigerRessourceInput corrects a resource from the revision that was read.
type CorrigerRessourceInput struct {
	CleIdempotence *string
	ID             string
	Revision       int
	ContenuRessource
}

// RetirerRessourceInput takes a resource away.
type RetirerRessourceInput struct {
	CleIdempotence *string
	ID             string
	Revision       *int
	Motif          *string
}

// ProposerRessource adds a resource to a software.
func (s *Store) ProposerRessource(ctx context.Context, in ProposerRessourceInput, given Champs, sel Selection) (*RessourceSupportPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"proposerRessource", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		if err := e.authorise(ctx, "", 0); err != nil {
			return "", err
		}
		l, err := e.logiciel(ctx, "logiciel", in.Logiciel)
		if err != nil {
			return "", err
		}
		if err := e.ready(); err != nil {
			return "", err
		}
		r := &RessourceSupport{Cle: uuid.NewString(), LogicielID: l.Rowid}
		if err := e.fillRessource(ctx, r, in.ContenuRessource, given); err != nil {
			return "", err
		}
		if same, err := e.autreRessource(ctx, r); err != nil {
			return same, err
		}
		if r.SourceID, err = e.source(ctx, in.Source); err != nil {
			return "", err
		}
		_, err = e.tx.NewInsert().Model(r).ExcludeColumn("id", "revision").Exec(ctx)
		return r.Cle, err
	})
	return s.ressourcePayload(ctx, cle, fautes, err, sel)
}

// CorrigerRessource corrects the fields given.
func (s *Store) CorrigerRessource(ctx context.Context, in CorrigerRessourceInput, given Champs, sel Selection) (*RessourceSupportPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"corrigerRessource", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		r, err := e.lockRessource(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(r.Revision, in.Revision); err != nil {
			return r.Cle, err
		}
		if err := e.fillRessource(ctx, r, in.ContenuRessource, given); err != nil {
			return r.Cle, err
		}
		if same, err := e.autreRessource(ctx, r); err != nil {
			return same, err
		}
		if in.Source != nil {
			if r.SourceID, err = e.source(ctx, in.Source); err != nil {
				return r.Cle, err
			}
		}
		_, err = e.tx.NewUpdate().Model(r).ExcludeColumn("id", "cle", "logiciel_id", "revision").WherePK().Exec(ctx)
		return r.Cle, err
	})
	return s.ressourcePayload(ctx, cle, fautes, err, sel)
}

// RetirerRessource takes a resource away; the history keeps it.
func (s *Store) RetirerRessource(ctx context.Context, in RetirerRessourceInput, sel Selection) (*RessourceSupportPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"retirerRessource", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		r, err := e.lockRessource(ctx, in.ID)
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
	return s.ressourcePayload(ctx, cle, fautes, err, sel)
}

// lockRessource reads a resource for this transaction alone.
func (e *ecriture) lockRessource(ctx context.Context, id string) (*RessourceSupport, error) {
	if err := e.authorise(ctx, "", 0); err != nil {
		return nil, err
	}
	return lockNamed[RessourceSupport](ctx, e, "id", id, columnsRessource, "rs.cle", faute(Introuvable, "id", "cette ressource n'existe pas, ou plus"))
}

// autreRessource is a fault, with the key of the other, when the software has another resource at this address.
func (e *ecriture) autreRessource(ctx context.Context, r *RessourceSupport) (string, error) {
	var same string
	found, err := one(ctx, e.tx.NewSelect().TableExpr("ressource_support AS x").ColumnExpr("x.cle").
		Where("x.logiciel_id = ?", r.LogicielID).Where("x.url = ?", r.URL).Where("x.id <> ?", r.Rowid), &same)
	if err == nil && found {
		err = faute(Duplique, "url", "ce logiciel a déjà une ressource à cette adresse")
	}
	return same, err
}

var langue = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z]{2})?$`)

// fillRessource gives a resource what the input says, and checks it. It comes after authorise.
func (e *ecriture) fillRessource(ctx context.Context, r *RessourceSupport, in ContenuRessource, given Champs) error {
	r.Genre, r.Payante = *or(in.Genre, r.Genre), *or(in.Payante, r.Payante)
	if in.Nom != nil {
		r.Nom = e.texteRequis("nom", *in.Nom, 200)
	}
	if in.URL != nil {
		r.URL = *in.URL
		e.checkURL("url", &r.URL)
	}
	correct(given, "langue", &r.Langue, in.Langue)
	e.verify(r.Langue == nil || langue.MatchString(*r.Langue), Invalide, "langue", "« langue » s'écrit fr, en ou pt-BR")
	if given["organisation"] {
		r.OrganisationID = nil
	}
	if in.Organisation != nil {
		o, err := e.organisation(ctx, "organisation", *in.Organisation, "Collectivite", "SyndicatMixte", "Prestataire")
		if err != nil {
			return err
		}
		if o != nil && e.autrui("organisation", o.Rowid) {
			r.OrganisationID = &o.Rowid
		}
	}
	return e.ready()
}
