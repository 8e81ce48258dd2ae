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
	db.CodeNonAuthentifie: http.StatusUnauthorized, db.CodeInterdit: http.StatusForbidden,
	db.CodeIndisponible: http.StatusServiceUnavailable, db.CodeDelaiDepasse: http.StatusServiceUnavailable,
}

// refuse answers an error. Only known ones speak; the others go to the log.
func refuse(ctx context.Context, w http.ResponseWriter, log *slog.Logger, titre string, err error) {
	p := probleme{Title: titre, Detail: "erreur interne", Status: http.StatusInternalServerError, Code: db.CodeInterne}
	var connue *db.Error
	if errors.As(err, &connue) && statuts[connue.Code] != 0 {
		p.Detail, p.Status, p.Code = connue.Message, statuts[connue.Code], connue.Code
	} else {
		log.ErrorContext(ctx, "sortie en échec", "err", err)
	}
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "10")
	}
	writeProbleme(w, p)
}

func writeProbleme(w http.ResponseWriter, p probleme) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(p.Status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(p) // a client that left has nobody to tell
}
