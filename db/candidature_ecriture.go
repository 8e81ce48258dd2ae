package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/domain/label"
)

// CandidaturePayload is an application as it stands after a mutation, or what keeps it from being done.
type CandidaturePayload struct {
	Candidature *Candidature
	Erreurs     []*Erreur
}

// candidaturePayload reads an application again, once the mutation is over.
func (s *Store) candidaturePayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*CandidaturePayload, error) {
	c, err := written[*Candidature](ctx, s, "Candidature", cle, err, sel)
	return &CandidaturePayload{Candidature: c, Erreurs: fautes}, err
}

// PersonneCandidatureInput designates someone.
type PersonneCandidatureInput struct {
	Nom      string
	Fonction string
}

// PreparerCandidatureInput says who applies, to which edition, carried by whom.
type PreparerCandidatureInput struct {
	CleIdempotence *string
	Organisation   string
	Edition        int
	Elu            *PersonneCandidatureInput
	Referent       *PersonneCandidatureInput
}

// PreparerCandidature opens an application, or fills a draft again: what its organisation has not made its own is answered
// from the graph, with the rows that it comes from.
func (s *Store) PreparerCandidature(ctx context.Context, in PreparerCandidatureInput, sel Selection) (*CandidaturePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"preparerCandidature", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		f, err := e.organisation(ctx, "organisation", in.Organisation, "Collectivite", "SyndicatMixte")
		if err != nil {
			return "", err
		}
		edition, err := e.EditionLabel(ctx, &in.Edition)
		if err != nil {
			return "", err
		}
		e.verify(edition != nil, Introuvable, "edition", "aucune édition du label n'est connue pour %d", in.Edition)
		if err := e.ready(); err != nil {
			return "", err
		}
		if err := e.authorise(ctx, "organisation", f.Rowid); err != nil {
			return "", err
		}
		c := new(Candidature)
		known, err := one(ctx, selectRows(e.Store, c, columnsCandidature).Where("ca.edition_id = ? AND ca.organisation_id = ?", edition.Rowid, f.Rowid).
			Where("ca.statut <> 'RETIREE'").For("UPDATE"), c)
		if err != nil {
			return "", err
		}
		if !known {
			c = &Candidature{Cle: uuid.NewString(), EditionID: edition.Rowid, OrganisationID: f.Rowid, Statut: "BROUILLON"}
		}
		if c.Statut != "BROUILLON" {
			return c.Cle, faute(Conflit, "edition", "une candidature à cette édition est déjà déposée : retirez-la pour en préparer une autre")
		}
		e.personne("elu", in.Elu, &c.EluNom, &c.EluFonction)
		e.personne("referent", in.Referent, &c.ReferentNom, &c.ReferentFonction)
		if err := e.ready(); err != nil {
			return c.Cle, err
		}
		if known {
			_, err = e.tx.NewUpdate().Model(c).Column("elu_nom", "elu_fonction", "referent_nom", "referent_fonction").WherePK().Exec(ctx)
		} else {
			_, err = e.tx.NewInsert().Model(c).ExcludeColumn("id", "revision").Returning("id").Exec(ctx)
		}
		if err != nil {
			return c.Cle, err
		}
		return c.Cle, e.preremplir(ctx, c, edition)
	})
	return s.candidaturePayload(ctx, cle, fautes, err, sel)
}

// personne gives an application someone; absent, who was there stays.
func (e *saisie) personne(champ string, in *PersonneCandidatureInput, nom, fonction *string) {
	if in == nil {
		return
	}
	*nom, *fonction = e.texteRequis(champ+".nom", in.Nom, 200), e.texteRequis(champ+".fonction", in.Fonction, 200)
}

// preremplir answers from the graph every question that its organisation has not answered.
func (e *ecriture) preremplir(ctx context.Context, c *Candidature, edition *EditionLabel) error {
	releves, err := e.releves(ctx, []int64{c.OrganisationID})
	if err != nil {
		return err
	}
	r := releves[c.OrganisationID]
	lignes := map[label.Critere]label.Ligne{}
	for _, l := range r.lignes {
		lignes[l.Critere] = l
	}
	var questions []*QuestionLabel
	if err := many(ctx, selectRows(e.Store, (*QuestionLabel)(nil), columnsQuestion).Where("lq.referentiel_id = ?", deref(edition.ReferentielID)).OrderExpr("lq.rang"), &questions); err != nil {
		return err
	}
	if len(questions) == 0 {
		return faute(Invalide, "edition", "les questions de cette édition ne sont pas connues : on ne peut pas y préparer de candidature")
	}
	var all []*PreuveLabel
	for _, preuves := range r.preuves {
		all = append(all, preuves...)
	}
	gather(all)
	for _, q := range questions {
		row := &ReponseCandidature{CandidatureID: c.Rowid, QuestionID: q.Rowid, DuGraphe: true, PreuvesJSON: json.RawMessage("[]")}
		if q.Critere != nil {
			l := lignes[*q.Critere]
			row.Reponse, row.Texte = &l.Etat, l.Valeur
			joined, err := e.joindre(ctx, r.preuves[*q.Critere])
			if err != nil {
				return err
			}
			row.PreuvesJSON = joined
		}
		if _, err := e.tx.NewInsert().Model(row).ExcludeColumn("id").
			On("CONFLICT (candidature_id, question_id) DO UPDATE").Set("reponse = excluded.reponse, texte = excluded.texte, preuves = excluded.preuves").
			Where("cr.du_graphe AND (cr.reponse, cr.texte, cr.preuves) IS DISTINCT FROM (excluded.reponse, excluded.texte, excluded.preuves)").Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// joindre writes down the rows that a criterion rests on, by their public ids.
func (e *ecriture) joindre(ctx context.Context, preuves []*PreuveLabel) (json.RawMessage, error) {
	joined := make([]*PreuveCandidature, 0, len(preuves))
	for _, p := range preuves {
		n, err := e.ObjetDeLaPreuve(ctx, p, Selection{Cle: "preremplir"})
		if err != nil {
			return nil, err
		}
		j := &PreuveCandidature{Texte: p.Texte}
		if n != nil {
			j.ObjetID = n.ID()
		}
		joined = append(joined, j)
	}
	return json.Marshal(joined)
}

// PreuveCandidatureInput supports an answer.
type PreuveCandidatureInput struct {
	Texte string
	URL   *string
}

// RepondreCandidatureInput answers a question.
type RepondreCandidatureInput struct {
	CleIdempotence *string
	Candidature    string
	Revision       *int
	Question       string
	Reponse        *EtatCritere
	Texte          *string
	Preuves        []*PreuveCandidatureInput
}

// RepondreCandidature answers a question of a draft in the name of its organisation: what is not given stays.
func (s *Store) RepondreCandidature(ctx context.Context, in RepondreCandidatureInput, given Champs, sel Selection) (*CandidaturePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"repondreCandidature", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		c, err := e.lockBrouillon(ctx, "candidature", in.Candidature)
		if err != nil {
			return cleDeCandidature(c), err
		}
		if err := current(c.Revision, *or(in.Revision, c.Revision)); err != nil {
			return c.Cle, err
		}
		row := new(ReponseCandidature)
		var critere *label.Critere
		err = e.tx.NewSelect().Model(row).ColumnExpr("cr.id, cr.reponse, cr.texte, cr.preuves, lq.critere").Join("JOIN label_question lq ON lq.id = cr.question_id").
			Where("cr.candidature_id = ? AND lq.cle = ?", c.Rowid, in.Question).Scan(ctx, &row.Rowid, &row.Reponse, &row.Texte, &row.PreuvesJSON, &critere)
		if errors.Is(err, sql.ErrNoRows) {
			return c.Cle, faute(Introuvable, "question", "cette candidature n'a pas de question « %s »", in.Question)
		}
		if err != nil {
			return c.Cle, err
		}
		e.verify(critere != nil || in.Reponse == nil, Invalide, "reponse", "à cette question, on répond par des mots")
		correct(given, "reponse", &row.Reponse, in.Reponse)
		correct(given, "texte", &row.Texte, e.texteLibre("texte", in.Texte, maxDescription))
		e.verify((given["reponse"] || given["texte"] || given["preuves"]) && (row.Reponse != nil || row.Texte != nil), Requis, "reponse", "donnez une réponse, ou un texte")
		if given["preuves"] {
			if row.PreuvesJSON, err = json.Marshal(e.readPreuves(in.Preuves)); err != nil {
				return c.Cle, err
			}
		}
		if err := e.ready(); err != nil {
			return c.Cle, err
		}
		if _, err := e.tx.NewRaw(`UPDATE candidature_reponse SET reponse = ?, texte = ?, preuves = ?, du_graphe = false WHERE id = ?`,
			row.Reponse, row.Texte, string(row.PreuvesJSON), row.Rowid).Exec(ctx); err != nil {
			return c.Cle, err
		}
		return c.Cle, e.touch(ctx, c)
	})
	return s.candidaturePayload(ctx, cle, fautes, err, sel)
}

// readPreuves checks what supports an answer.
func (e *saisie) readPreuves(list []*PreuveCandidatureInput) []*PreuveCandidature {
	e.verify(len(list) <= maxPreuves, Invalide, "preuves", "« preuves » en compte %d : %d au plus", len(list), maxPreuves)
	preuves := []*PreuveCandidature{}
	for _, in := range list {
		p := &PreuveCandidature{Texte: strings.TrimSpace(in.Texte), URL: in.URL}
		e.verify(p.Texte != "" && utf8.RuneCountInString(p.Texte) <= 500, Invalide, "preuves.texte", "« preuves.texte » compte de 1 à 500 caractères")
		e.checkURL("preuves.url", p.URL)
		preuves = append(preuves, p)
	}
	return preuves
}

// touch makes a new revision of an application whose answers changed.
func (e *ecriture) touch(ctx context.Context, c *Candidature) error {
	_, err := e.tx.NewUpdate().Model(c).Column("statut").WherePK().Exec(ctx)
	return err
}

// CandidatureInput names an application to hand in or to take back.
type CandidatureInput struct {
	CleIdempotence *string
	ID             string
	Revision       *int
}

// DeposerCandidature hands a draft in: it must lack nothing, and its edition be open. It does not change any more.
func (s *Store) DeposerCandidature(ctx context.Context, in CandidatureInput, sel Selection) (*CandidaturePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"deposerCandidature", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		c, err := e.lockBrouillon(ctx, "id", in.ID)
		if err != nil {
			return cleDeCandidature(c), err
		}
		if err := current(c.Revision, *or(in.Revision, c.Revision)); err != nil {
			return c.Cle, err
		}
		gather([]*Candidature{c})
		lacking, err := e.Manques(ctx, c)
		if err != nil {
			return c.Cle, err
		}
		for _, m := range lacking {
			e.verify(false, Invalide, "id", "%s", m)
		}
		if err := e.ready(); err != nil {
			return c.Cle, err
		}
		_, err = e.tx.NewRaw(`UPDATE candidature SET statut = 'DEPOSEE', deposee_le = now() WHERE id = ?`, c.Rowid).Exec(ctx)
		return c.Cle, err
	})
	return s.candidaturePayload(ctx, cle, fautes, err, sel)
}

// RetirerCandidature takes an application back, handed in or not.
func (s *Store) RetirerCandidature(ctx context.Context, in CandidatureInput, sel Selection) (*CandidaturePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"retirerCandidature", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		c, err := e.lockCandidature(ctx, "id", in.ID)
		if err != nil {
			return cleDeCandidature(c), err
		}
		if err := current(c.Revision, *or(in.Revision, c.Revision)); err != nil {
			return c.Cle, err
		}
		if c.Statut == "RETIREE" {
			return c.Cle, faute(Conflit, "id", "cette candidature est déjà retirée")
		}
		_, err = e.tx.NewRaw(`UPDATE candidature SET statut = 'RETIREE' WHERE id = ?`, c.Rowid).Exec(ctx)
		return c.Cle, err
	})
	return s.candidaturePayload(ctx, cle, fautes, err, sel)
}

func cleDeCandidature(c *Candidature) string {
	if c == nil {
		return ""
	}
	return c.Cle
}

// lockCandidature reads an application that the action may touch, for this transaction alone. One that the identity could
// not read does not exist for it.
func (e *ecriture) lockCandidature(ctx context.Context, champ, id string) (*Candidature, error) {
	absent := faute(Introuvable, champ, "cette candidature n'existe pas")
	c, err := lockNamed[Candidature](ctx, e, champ, id, columnsCandidature, "ca.cle", absent)
	if err != nil {
		return nil, err
	}
	if err = e.authorise(ctx, champ, c.OrganisationID); err != nil {
		if !e.qui.reads("PRIVE", c.OrganisationID, c.OrganisationID) {
			return nil, absent
		}
		return nil, err
	}
	return c, nil
}

// lockBrouillon is lockCandidature, of a draft.
func (e *ecriture) lockBrouillon(ctx context.Context, champ, id string) (*Candidature, error) {
	c, err := e.lockCandidature(ctx, champ, id)
	if err == nil && c.Statut != "BROUILLON" {
		return c, faute(Conflit, champ, "cette candidature est déposée ou retirée : elle ne change plus")
	}
	return c, err
}

// EditionLabelPayload is an edition as it stands after a mutation, or what keeps it from being done.
type EditionLabelPayload struct {
	Edition *EditionLabel
	Erreurs []*Erreur
}

func (s *Store) editionPayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*EditionLabelPayload, error) {
	ed, err := written[*EditionLabel](ctx, s, "EditionLabel", cle, err, sel)
	return &EditionLabelPayload{Edition: ed, Erreurs: fautes}, err
}

// ContenuEdition is what a declaration and a correction of an edition both say: its dates, and what was published of it.
type ContenuEdition struct {
	Echelle          *string
	LaureatsAnnonces *string
	Ouverture        *Date
	Cloture          *Date
	RemiseLe         *Date
	LieuRemise       *string
}

// DeclarerEditionLabelInput describes an edition.
type DeclarerEditionLabelInput struct {
	CleIdempotence *string
	Annee          int
	Referentiel    string
	ContenuEdition
	Source SourceInput
}

// nomLabel is the one label that the graph knows.
const nomLabel = "Territoire Numérique Libre"

// DeclarerEditionLabel adds an edition.
func (s *Store) DeclarerEditionLabel(ctx context.Context, in DeclarerEditionLabelInput, given Champs, sel Selection) (*EditionLabelPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"declarerEditionLabel", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		if err := e.authorise(ctx, "", 0); err != nil {
			return "", err
		}
		e.verify(in.Annee >= 2016 && in.Annee <= 2100, Invalide, "annee", "« annee » va de 2016, la première édition, à 2100")
		known, err := e.EditionLabel(ctx, &in.Annee)
		if err != nil {
			return "", err
		}
		if known != nil {
			return known.Cle, faute(Duplique, "annee", "l'édition %d est déjà connue : corrigez-la", in.Annee)
		}
		r := new(ReferentielLabel)
		found, err := one(ctx, selectRows(e.Store, r, []string{"lr.id"}).Where("lr.cle = ?", in.Referentiel), r)
		if err != nil {
			return "", err
		}
		e.verify(found, Introuvable, "referentiel", "aucun référentiel n'a le code « %s »", in.Referentiel)
		ed := &EditionLabel{Label: nomLabel, Annee: in.Annee, ReferentielID: &r.Rowid}
		e.fillEdition(ed, in.ContenuEdition, given)
		if ed.SourceID, err = e.source(ctx, &in.Source); err != nil {
			return "", err
		}
		_, err = e.tx.NewInsert().Model(ed).ExcludeColumn("id", "revision").Returning("cle").Exec(ctx)
		return ed.Cle, err
	})
	return s.editionPayload(ctx, cle, fautes, err, sel)
}

// CorrigerEditionLabelInput corrects an edition.
type CorrigerEditionLabelInput struct {
	CleIdempotence *string
	ID             string
	Revision       int
	ContenuEdition
	Source *SourceInput
}

// CorrigerEditionLabel corrects the fields given.
func (s *Store) CorrigerEditionLabel(ctx context.Context, in CorrigerEditionLabelInput, given Champs, sel Selection) (*EditionLabelPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"corrigerEditionLabel", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		if err := e.authorise(ctx, "", 0); err != nil {
			return "", err
		}
		ed, err := e.lockEdition(ctx, "id", in.ID)
		if err != nil {
			return "", err
		}
		if err := current(ed.Revision, in.Revision); err != nil {
			return ed.Cle, err
		}
		e.fillEdition(ed, in.ContenuEdition, given)
		if in.Source != nil {
			if ed.SourceID, err = e.source(ctx, in.Source); err != nil {
				return ed.Cle, err
			}
		}
		if err := e.ready(); err != nil {
			return ed.Cle, err
		}
		_, err = e.tx.NewUpdate().Model(ed).Column("echelle", "laureats", "ouverture", "cloture", "remise_le", "lieu_remise", "source_id").WherePK().Exec(ctx)
		return ed.Cle, err
	})
	return s.editionPayload(ctx, cle, fautes, err, sel)
}

// fillEdition gives an edition what the input says, and checks it.
func (e *saisie) fillEdition(ed *EditionLabel, in ContenuEdition, given Champs) {
	correct(given, "echelle", &ed.Echelle, e.uneLigne("echelle", in.Echelle, 200))
	correct(given, "laureatsAnnonces", &ed.LaureatsAnnonces, e.uneLigne("laureatsAnnonces", in.LaureatsAnnonces, 200))
	correct(given, "ouverture", &ed.Ouverture, in.Ouverture)
	correct(given, "cloture", &ed.Cloture, in.Cloture)
	correct(given, "remiseLe", &ed.RemiseLe, in.RemiseLe)
	correct(given, "lieuRemise", &ed.LieuRemise, e.texteLibre("lieuRemise", in.LieuRemise, 200))
	if ed.Ouverture != nil {
		e.verify(ed.Cloture == nil || *ed.Cloture >= *ed.Ouverture, Invalide, "cloture", "« cloture » ne peut pas précéder « ouverture »")
		e.verify(ed.RemiseLe == nil || *ed.RemiseLe >= *ed.Ouverture, Invalide, "remiseLe", "« remiseLe » ne peut pas précéder « ouverture »")
	}
}

// lockEdition reads an edition for this transaction alone.
func (e *ecriture) lockEdition(ctx context.Context, champ, id string) (*EditionLabel, error) {
	cle := e.cleDe(champ, id, "EditionLabel")
	if err := e.ready(); err != nil {
		return nil, err
	}
	ed := new(EditionLabel)
	found, err := lock(ctx, e, ed, columnsEdition, "ed.cle", cle)
	if err == nil && !found {
		err = faute(Introuvable, champ, "cette édition n'existe pas")
	}
	return ed, err
}

// laureat reads an edition, for this transaction alone, and an organisation, once the action is authorised; a fault, noted, gives
// no organisation.
func (e *ecriture) laureat(ctx context.Context, edition, organisation string) (*EditionLabel, *Fiche, error) {
	if err := e.authorise(ctx, "", 0); err != nil {
		return nil, nil, err
	}
	ed, err := e.lockEdition(ctx, "edition", edition)
	if err != nil {
		return nil, nil, err
	}
	f, err := e.organisation(ctx, "organisation", organisation, "Collectivite", "SyndicatMixte")
	return ed, f, err
}

// InscrireLaureatInput describes a laureate.
type InscrireLaureatInput struct {
	CleIdempotence *string
	Edition        string
	Organisation   string
	Niveau         *string
	Mentions       []string
	Remarque       *string
	Source         SourceInput
}

// InscrireLaureat writes down whom a jury chose. What one source says twice of one laureate is corrected.
func (s *Store) InscrireLaureat(ctx context.Context, in InscrireLaureatInput, sel Selection) (*EditionLabelPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"inscrireLaureat", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		ed, f, err := e.laureat(ctx, in.Edition, in.Organisation)
		if err != nil {
			return "", err
		}
		codes, err := e.niveaux(ctx, []int64{deref(ed.ReferentielID)})
		if err != nil {
			return "", err
		}
		known := map[string]bool{}
		for _, n := range codes {
			known[n.Genre+n.Code] = true
		}
		e.verify(in.Niveau == nil || known["NIVEAU"+*in.Niveau], Invalide, "niveau", "l'échelle de cette édition n'a pas ce niveau")
		if in.Mentions == nil {
			in.Mentions = []string{}
		}
		for _, m := range in.Mentions {
			e.verify(known["MENTION"+m], Invalide, "mentions", "le jury de cette édition n'a pas de mention « %s »", m)
		}
		remarque := e.texteLibre("remarque", in.Remarque, 500)
		source, err := e.source(ctx, &in.Source)
		if err != nil {
			return ed.Cle, err
		}
		_, err = e.tx.NewRaw(`INSERT INTO label_obtenu (edition_id, organisation_id, niveau, mentions, remarque, source_id) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (edition_id, organisation_id, source_id) DO UPDATE SET niveau = excluded.niveau, mentions = excluded.mentions, remarque = excluded.remarque`,
			ed.Rowid, f.Rowid, in.Niveau, pgdialect.Array(in.Mentions), remarque, source).Exec(ctx)
		return ed.Cle, err
	})
	return s.editionPayload(ctx, cle, fautes, err, sel)
}

// RetirerLaureatInput names a laureate to take out of an edition: as one source says it, or all of them.
type RetirerLaureatInput struct {
	CleIdempotence *string
	Edition        string
	Organisation   string
	Source         *string
	Motif          *string
}

// RetirerLaureat takes out of an edition a laureate that was written down by mistake; the history keeps it.
func (s *Store) RetirerLaureat(ctx context.Context, in RetirerLaureatInput, sel Selection) (*EditionLabelPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"retirerLaureat", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		ed, f, err := e.laureat(ctx, in.Edition, in.Organisation)
		if err != nil {
			return "", err
		}
		if err := e.motive(ctx, in.Motif); err != nil {
			return ed.Cle, err
		}
		if err := e.ready(); err != nil {
			return ed.Cle, err
		}
		gone, err := e.tx.NewRaw(`DELETE FROM label_obtenu lo WHERE lo.edition_id = ?0 AND lo.organisation_id = ?1
			AND (?2::text IS NULL OR EXISTS (SELECT FROM source so WHERE so.id = lo.source_id AND ?2 IN (so.nom, so.url)))`, ed.Rowid, f.Rowid, in.Source).Exec(ctx)
		if err != nil {
			return ed.Cle, err
		}
		n, err := gone.RowsAffected()
		if err == nil && n == 0 {
			err = faute(Introuvable, "organisation", "« %s » n'est pas lauréate de cette édition, ou pas d'après cette source", f.Nom)
		}
		return ed.Cle, err
	})
	return s.editionPayload(ctx, cle, fautes, err, sel)
}
