package db

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// CataloguePayload is a catalogue as it stands after a mutation, or what keeps it from being done.
type CataloguePayload struct {
	Catalogue *Catalogue
	Erreurs   []*Erreur
}

// cataloguePayload reads a catalogue again, once the mutation is over.
func (s *Store) cataloguePayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*CataloguePayload, error) {
	c, err := written[*Catalogue](ctx, s, "Catalogue", cle, err, sel)
	return &CataloguePayload{Catalogue: c, Erreurs: fautes}, err
}

// CreerCatalogueInput describes a catalogue to create.
type CreerCatalogueInput struct {
	CleIdempotence *string
	Syndicat       string
	Nom            string
	Source         *SourceInput
}

// CreerCatalogue creates a catalogue of a syndicat.
func (s *Store) CreerCatalogue(ctx context.Context, in CreerCatalogueInput, sel Selection) (*CataloguePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"creerCatalogue", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		f, err := e.organisation(ctx, "syndicat", in.Syndicat, "SyndicatMixte")
		if err != nil {
			return "", err
		}
		c := &Catalogue{Cle: "catalogue-" + uuid.NewString(), Nom: e.nomCatalogue(in.Nom)}
		if err := e.ready(); err != nil {
			return "", err
		}
		c.SyndicatID = f.Rowid
		if err := e.authorise(ctx, "syndicat", c.SyndicatID); err != nil {
			return "", err
		}
		if same, err := e.homonyme(ctx, c); err != nil {
			return same, err
		}
		if c.SourceID, err = e.source(ctx, in.Source); err != nil {
			return "", err
		}
		_, err = e.tx.NewInsert().Model(c).ExcludeColumn("id", "revision").Exec(ctx)
		return c.Cle, err
	})
	return s.cataloguePayload(ctx, cle, fautes, err, sel)
}

// CorrigerCatalogueInput corrects a catalogue from the revision that was read.
type CorrigerCatalogueInput struct {
	CleIdempotence *string
	ID             string
	Revision       int
	Nom            string
}

// CorrigerCatalogue gives a catalogue another name.
func (s *Store) CorrigerCatalogue(ctx context.Context, in CorrigerCatalogueInput, sel Selection) (*CataloguePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"corrigerCatalogue", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		c, err := e.lockCatalogue(ctx, "id", in.ID)
		if err != nil {
			return "", err
		}
		if err := e.authorise(ctx, "id", c.SyndicatID); err != nil {
			return "", err
		}
		if err := current(c.Revision, in.Revision); err != nil {
			return c.Cle, err
		}
		c.Nom = e.nomCatalogue(in.Nom)
		if err := e.ready(); err != nil {
			return c.Cle, err
		}
		if same, err := e.homonyme(ctx, c); err != nil {
			return same, err
		}
		_, err = e.tx.NewUpdate().Model(c).Column("nom").WherePK().Exec(ctx)
		return c.Cle, err
	})
	return s.cataloguePayload(ctx, cle, fautes, err, sel)
}

// nomCatalogue reads the name of a catalogue; a fault is noted.
func (e *ecriture) nomCatalogue(nom string) string {
	nom = strings.TrimSpace(nom)
	e.verify(nom != "" && utf8.RuneCountInString(nom) <= 200, Invalide, "nom", "« nom » compte de 1 à 200 caractères")
	return nom
}

// homonyme gives, with the fault, the key of another catalogue of the syndicat that has the name of c.
func (e *ecriture) homonyme(ctx context.Context, c *Catalogue) (string, error) {
	other := new(Catalogue)
	found, err := one(ctx, selectRows(e.Store, other, columnsCatalogue).Where("k.syndicat_id = ?", c.SyndicatID).
		Where("k.nom = ?", c.Nom).Where("k.cle <> ?", c.Cle).Limit(1), other)
	if !found {
		return "", err
	}
	return other.Cle, faute(Duplique, "nom", "ce syndicat a déjà un catalogue de ce nom")
}

// lockCatalogue reads a catalogue, for this transaction alone: two entries added at once to it see each other. Who locks
// an entry and its catalogue takes the entry first.
func (e *ecriture) lockCatalogue(ctx context.Context, champ, id string) (*Catalogue, error) {
	cle := e.cleDe(champ, id, "Catalogue")
	if err := e.ready(); err != nil {
		return nil, err
	}
	c := new(Catalogue)
	found, err := lock(ctx, e, c, columnsCatalogue, "k.cle", cle)
	if err == nil && !found {
		err = faute(Introuvable, champ, "« %s » : ce catalogue n'existe pas", champ)
	}
	return c, err
}
