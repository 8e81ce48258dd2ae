package db

import (
	"context"

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

// RepondreEvaluation writes an answer beside an evaluation, whose figures stay as they are.
func (s *Store) RepondreEvaluation(ctx context.Context, in RepondreEvaluationInput, sel Selection) (*EvaluationPayload, error) {
	cle, fautes, err := s.write(ctx, demande{"repondreEvaluation", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		if err := e.authorise(ctx, "", 0); err != nil {
			return "", err
		}
		ev, err := lockNamed[EvaluationCommunaute](ctx, e, "evaluation", in.Evaluation, []string{"ev.id", "ev.cle"}, "ev.cle",
			faute(Introuvable, "evaluation", "cette évaluation n'existe pas"))
		if err != nil {
			return "", err
		}
		r := &ReponseEvaluation{Cle: uuid.NewString(), EvaluationID: ev.Rowid, Texte: e.texteRequis("texte", in.Texte, maxTexte), Le: Instant(e.maintenant)}
		if r.SourceID, err = e.source(ctx, in.Source); err != nil {
			return ev.Cle, err
		}
		_, err = e.tx.NewInsert().Model(r).ExcludeColumn("id").Exec(ctx)
		return ev.Cle, err
	})
	ev, err := written[*EvaluationCommunaute](ctx, s, "EvaluationCommunaute", cle, err, sel)
	return &EvaluationPayload{Evaluation: ev, Erreurs: fautes}, err
}
