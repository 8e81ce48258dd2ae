package db

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// EvaluationPayload is an evaluation as it stands after a mutation, or what keeps it from being done.
type EvaluationPayload struct {
	Evaluation *EvaluationCommunaute
	Erreurs    []*Erreur
}

// RepondreEvaluationInput answers to an evaluation.
type RepondreEvaluationInput struct {
	CleIdempotence *string
	Evaluation     string
	Texte          string
	Source         *SourceInput
}

// maxReponse bounds an answer, in characters.
const maxReponse = 2000

// RepondreEvaluation writes an answer beside an evaluation, whose figures stay as they are.
func (s *Store) RepondreEvaluation(ctx context.Context, in RepondreEvaluationInput, sel Selection) (*EvaluationPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"repondreEvaluation", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		if err := e.authorise(ctx, "", 0); err != nil {
			return "", err
		}
		cle := e.cleDe("evaluation", in.Evaluation, "EvaluationCommunaute")
		if err := e.ready(); err != nil {
			return "", err
		}
		ev := new(EvaluationCommunaute)
		found, err := lockUUID(ctx, e, ev, []string{"ev.id", "ev.cle"}, "ev.cle", cle)
		if err != nil {
			return "", err
		}
		if !e.verify(found, Introuvable, "evaluation", "cette évaluation n'existe pas") {
			return "", nil
		}
		r := &ReponseEvaluation{Cle: uuid.NewString(), EvaluationID: ev.Rowid, Texte: strings.TrimSpace(in.Texte), Le: Instant(e.maintenant)}
		e.verify(r.Texte != "", Requis, "texte", "« texte » est vide")
		e.verify(utf8.RuneCountInString(r.Texte) <= maxReponse, Invalide, "texte", "« texte » compte %d caractères au plus", maxReponse)
		if r.SourceID, err = e.source(ctx, in.Source); err != nil {
			return ev.Cle, err
		}
		_, err = e.tx.NewInsert().Model(r).ExcludeColumn("id").Exec(ctx)
		return ev.Cle, err
	})
	ev, err := written[*EvaluationCommunaute](ctx, s, "EvaluationCommunaute", cle, err, sel)
	return &EvaluationPayload{Evaluation: ev, Erreurs: fautes}, err
}
