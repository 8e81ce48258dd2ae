package webhook

import (
	"context"
	"log/slog"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// avertissements passes what the queue warns of, and leaves out what it tells every few seconds.
type avertissements struct{ slog.Handler }

// Enabled implements slog.Handler.
func (a avertissements) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && a.Handler.Enabled(ctx, l)
}

// WithAttrs implements slog.Handler.
func (a avertissements) WithAttrs(attrs []slog.Attr) slog.Handler {
	return avertissements{a.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (a avertissements) WithGroup(name string) slog.Handler {
	return avertissements{a.Handler.WithGroup(name)}
}

// pannes logs the faults of ours; those of receivers are in the log of deliveries.
type pannes struct{ log *slog.Logger }

// HandleError implements river.ErrorHandler.
func (pannes) HandleError(context.Context, *rivertype.JobRow, error) *river.ErrorHandlerResult {
	return nil
}

// HandlePanic implements river.ErrorHandler.
func (p pannes) HandlePanic(ctx context.Context, job *rivertype.JobRow, valeur any, pile string) *river.ErrorHandlerResult {
	p.log.ErrorContext(ctx, "panique dans l'envoi d'un webhook", "tache", job.ID, "panique", valeur, "pile", pile)
	return nil
}
