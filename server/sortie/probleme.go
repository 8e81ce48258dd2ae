package sortie

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/mutualibre/mutualibre/db"
)

// probleme is an error as RFC 9457 writes it, with the code of GraphQL's errors.
type probleme struct {
	Title  string  `json:"title"`
	Detail string  `json:"detail"`
	Status int     `json:"status"`
	Code   db.Code `json:"code,omitempty"`
}

// statuts are the HTTP statuses of the errors that a client may see.
var statuts = map[db.Code]int{
	db.CodeArgumentInvalide: http.StatusBadRequest, db.CodeIntrouvable: http.StatusNotFound,
	db.CodeNonAuthentifie: http.StatusUnauthorized, db.CodeInterdit: http.StatusForbidden, db.CodeConflit: http.StatusConflict,
	db.CodeIndisponible: http.StatusServiceUnavailable, db.CodeDelaiDepasse: http.StatusServiceUnavailable,
}

// probleme describes an error. Only known ones speak; the others go to the log.
func (s *serveur) probleme(ctx context.Context, titre string, err error) probleme {
	var connue *db.Error
	if errors.As(err, &connue) && statuts[connue.Code] != 0 {
		return probleme{Title: titre, Detail: connue.Message, Status: statuts[connue.Code], Code: connue.Code}
	}
	s.Log.ErrorContext(ctx, "sortie en échec", "err", err)
	return probleme{Title: titre, Detail: "erreur interne", Status: http.StatusInternalServerError, Code: db.CodeInterne}
}

// Refuse answers an error at other addresses as at these.
func Refuse(ctx context.Context, w http.ResponseWriter, log *slog.Logger, titre string, err error) {
	(&serveur{Config: Config{Log: log}}).refuse(ctx, w, titre, err)
}

// WriteProbleme answers what is wrong in the request itself.
func WriteProbleme(w http.ResponseWriter, statut int, titre, detail string) {
	writeProbleme(w, probleme{Title: titre, Detail: detail, Status: statut})
}

func (s *serveur) refuse(ctx context.Context, w http.ResponseWriter, titre string, err error) {
	writeProbleme(w, s.probleme(ctx, titre, err))
}

func writeProbleme(w http.ResponseWriter, p probleme) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	if p.Status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "10")
	}
	w.WriteHeader(p.Status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(p) // a client that left has nobody to tell
}
