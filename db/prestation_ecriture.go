package db

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// PrestationPayload is an offer as it stands after a mutation, or what keeps it from being done.
type PrestationPayload struct {
	Prestation *Prestation
	Erreurs    []*Erreur
}

func (s *Store) prestationPayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*PrestationPayload, error) {
	p, err := written[*Prestation](ctx, s, "Prestation", cle, err, sel)
	return &PrestationPayload{Prestation: p, Erreurs: fautes}, err
}

// ContenuPrestation is what a declaration and a correction of an offer both say.
type ContenuPrestation struct {
	Types       []TypePrestation
	Territoires []string
	Competences []string
	Description *string
	Conditions  *string
	Site        *string
	Source      *SourceInput
}

// DeclarerPrestationInput describes an offer to declare.
type DeclarerPrestationInput struct {
	CleIdempotence *string
	Prestataire    string
	Logiciel       string
	ContenuPrestation
}

// CorrigerPrestationInput corrects an offer from the revision that was read.
type CorrigerPrestationInput struct {
	CleIdempotence *string
	ID             string
	Revision       int
	ContenuPrestation
}

// RetirerPrestationInput takes an offer back.
type RetirerPrestationInput struct {
	CleIdempotence *string
	ID             string
	Revision       *int
	Motif          *string
}

// DeclarerPrestation declares an offer. One organisation has one around each software.
func (s *Store) DeclarerPrestation(ctx context.Context, in DeclarerPrestationInput, given Champs, sel Selection) (*PrestationPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"declarerPrestation", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		qui, err := e.organisation(ctx, "prestataire", in.Prestataire, "Prestataire")
		if err != nil {
			return "", err
		}
		l, err := e.logiciel(ctx, "logiciel", in.Logiciel)
		if err != nil {
			return "", err
		}
		if err := e.ready(); err != nil {
			return "", err
		}
		if err := e.authorise(ctx, "prestataire", qui.Rowid); err != nil {
			return "", err
		}
		var known string
		q := e.tx.NewSelect().TableExpr("prestation AS pr").ColumnExpr("pr.cle").Where("(pr.prestataire_id, pr.logiciel_id) = (?, ?)", qui.Rowid, l.Rowid)
		if found, err := one(ctx, q, &known); err != nil {
			return "", err
		} else if found {
			return known, faute(Duplique, "logiciel", "cette offre existe déjà : corrigez-la")
		}
		p := &Prestation{Cle: uuid.NewString(), PrestataireID: qui.Rowid, LogicielID: l.Rowid}
		if err := e.fillPrestation(ctx, p, in.ContenuPrestation, given); err != nil {
			return "", err
		}
		if p.SourceID, err = e.source(ctx, in.Source); err != nil {
			return "", err
		}
		_, err = e.tx.NewInsert().Model(p).ExcludeColumn("id", "revision").Exec(ctx)
		return p.Cle, err
	})
	return s.prestationPayload(ctx, cle, fautes, err, sel)
}

// CorrigerPrestation corrects the fields given. What a prestataire says of its own offer rests on its word from then on,
// unless it names another source.
func (s *Store) CorrigerPrestation(ctx context.Context, in CorrigerPrestationInput, given Champs, sel Selection) (*PrestationPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"corrigerPrestation", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		p, err := e.lockPrestation(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(p.Revision, in.Revision); err != nil {
			return p.Cle, err
		}
		if err := e.fillPrestation(ctx, p, in.ContenuPrestation, given); err != nil {
			return p.Cle, err
		}
		if in.Source != nil || e.droit.OrganisationID != 0 {
			if p.SourceID, err = e.source(ctx, in.Source); err != nil {
				return p.Cle, err
			}
		}
		_, err = e.tx.NewUpdate().Model(p).ExcludeColumn("id", "cle", "prestataire_id", "logiciel_id", "revision").WherePK().Exec(ctx)
		return p.Cle, err
	})
	return s.prestationPayload(ctx, cle, fautes, err, sel)
}

// RetirerPrestation takes an offer back; the history keeps it.
func (s *Store) RetirerPrestation(ctx context.Context, in RetirerPrestationInput, sel Selection) (*PrestationPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"retirerPrestation", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		p, err := e.lockPrestation(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(p.Revision, *or(in.Revision, p.Revision)); err != nil {
			return p.Cle, err
		}
		if err := e.motive(ctx, in.Motif); err != nil {
			return p.Cle, err
		}
		_, err = e.tx.NewDelete().Model(p).WherePK().Exec(ctx)
		return p.Cle, err
	})
	return s.prestationPayload(ctx, cle, fautes, err, sel)
}

// lockPrestation reads an offer that the action may touch, for this transaction alone.
func (e *ecriture) lockPrestation(ctx context.Context, id string) (*Prestation, error) {
	p, err := lockNamed[Prestation](ctx, e, "id", id, columnsPrestation, "pr.cle", faute(Introuvable, "id", "cette offre n'existe pas, ou plus"))
	if err != nil {
		return nil, err
	}
	return p, e.authorise(ctx, "id", p.PrestataireID)
}

// fillPrestation gives an offer what the input says, and checks it.
func (e *ecriture) fillPrestation(ctx context.Context, p *Prestation, in ContenuPrestation, given Champs) error {
	var err error
	if given["types"] || p.Types == nil {
		p.Types = typesTries(in.Types)
	}
	if given["territoires"] {
		if p.Territoires, err = e.territoires(ctx, "territoires", in.Territoires); err != nil {
			return err
		}
	}
	if given["competences"] || p.Competences == nil {
		if p.Competences, err = e.metiers(ctx, "competences", in.Competences); err != nil {
			return err
		}
	}
	correct(given, "description", &p.Description, e.texteLibre("description", in.Description, maxTexte))
	correct(given, "conditions", &p.Conditions, e.texteLibre("conditions", in.Conditions, maxTexte))
	correct(given, "site", &p.Site, in.Site)
	e.checkURL("site", p.Site)
	return e.ready()
}

// maxTexte bounds a free text, in characters.
const maxTexte = 2000

// typesTries are the services asked, each once, in order; never nil.
func typesTries(in []TypePrestation) []TypePrestation {
	if t := slices.Compact(slices.Sorted(slices.Values(in))); t != nil {
		return t
	}
	return []TypePrestation{}
}

// maxListe bounds the territories, the categories and the software that an input lists.
const maxListe = 130

// territoires reads the keys of the départements, the régions or the country that ids name; nil for none: not known.
func (e *ecriture) territoires(ctx context.Context, champ string, ids []string) ([]string, error) {
	var cles []string
	if !e.verify(len(ids) <= maxListe, Invalide, champ, "« %s » en compte %d au plus", champ, maxListe) {
		return nil, nil
	}
	for _, id := range ids {
		cle := e.cleDe(champ, id, "Territoire")
		if cle == "" {
			continue
		}
		niveau, _, _ := strings.Cut(cle, "-")
		if e.verify(niveau == "DEPARTEMENT" || niveau == "REGION" || niveau == "FRANCE", Invalide, champ, "« %s » attend des départements, des régions, ou la France", champ) {
			cles = append(cles, cle)
		}
	}
	cles = slices.Compact(slices.Sorted(slices.Values(cles)))
	return cles, e.connus(ctx, champ, "territoire", "cle", cles)
}

// metiers reads the codes of categories, each once; never nil.
func (e *ecriture) metiers(ctx context.Context, champ string, codes []string) ([]string, error) {
	if !e.verify(len(codes) <= maxListe, Invalide, champ, "« %s » en compte %d au plus", champ, maxListe) {
		return []string{}, nil
	}
	found := append([]string{}, slices.Compact(slices.Sorted(slices.Values(codes)))...)
	return found, e.connus(ctx, champ, "categorie", "code", found)
}

// connus notes the keys that name no row of a table of reference.
func (e *ecriture) connus(ctx context.Context, champ, table, column string, cles []string) error {
	if len(cles) == 0 {
		return nil
	}
	var known []string
	q := e.tx.NewSelect().TableExpr("? AS x", bun.Ident(table)).ColumnExpr("x.?", bun.Ident(column)).Where("x.? IN (?)", bun.Ident(column), bun.List(cles))
	if err := many(ctx, q, &known); err != nil {
		return err
	}
	for _, c := range cles {
		e.verify(slices.Contains(known, c), Introuvable, champ, "« %s » : « %.80s » n'existe pas", champ, c)
	}
	return nil
}
