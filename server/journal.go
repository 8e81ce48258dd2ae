package main

import (
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"
)

// journal builds the log that the configuration asks for.
func (app *application) journal(c config) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "text" || c.LogFormat == "" && terminal(app.stderr) {
		return slog.New(slog.NewTextHandler(app.stderr, options))
	}
	return slog.New(slog.NewJSONHandler(app.stderr, options))
}

// terminal tells whether a person is looking at w.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
