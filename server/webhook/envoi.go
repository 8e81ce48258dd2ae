package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/server/reseau"
)

// The bounds of one request: delai for all of it, from the name to the last byte read; reponseMax of the answer are read,
// extraitMax characters of them kept.
const (
	delai      = 10 * time.Second
	reponseMax = 64 << 10
	extraitMax = 500
)

// Signer returns the header Mutualibre-Signature of a body sent at an instant.
func Signer(secret string, corps []byte, t time.Time) string {
	unix := strconv.FormatInt(t.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(unix + "."))
	mac.Write(corps)
	return "t=" + unix + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// envoyer makes one attempt. It never fails: what went wrong is in what it returns.
func envoyer(ctx context.Context, client *http.Client, e *db.Envoi, now func() time.Time) db.Tentative {
	debut := now()
	t := db.Tentative{}
	r, err := request(ctx, e, debut)
	if err == nil {
		var answer *http.Response
		if answer, err = client.Do(r); err == nil {
			t = read(answer)
		}
	}
	if err != nil {
		t.Erreur = reason(err)
	}
	t.Duree = now().Sub(debut)
	return t
}

func request(ctx context.Context, e *db.Envoi, t time.Time) (*http.Request, error) {
	corps, err := json.Marshal(e.Message)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(corps))
	if err != nil {
		return nil, err
	}
	evenements := make([]string, len(e.Evenements))
	for i, v := range e.Evenements {
		evenements[i] = string(v)
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "Mutualibre-Webhook/1")
	r.Header.Set("Mutualibre-Livraison", e.ID)
	r.Header.Set("Mutualibre-Evenement", strings.Join(evenements, ","))
	r.Header.Set("Mutualibre-Signature", Signer(e.Secret, corps, t))
	return r, nil
}

// read judges an answer by its status; the body, whatever it is or lacks, only tells people more.
func read(r *http.Response) db.Tentative {
	defer r.Body.Close()
	corps, _ := io.ReadAll(io.LimitReader(r.Body, reponseMax))
	t := db.Tentative{StatutHTTP: r.StatusCode, Extrait: extrait(corps)}
	switch {
	case r.StatusCode >= 200 && r.StatusCode < 300:
	case r.StatusCode == http.StatusGone:
		t.Parti, t.Erreur = true, "statut 410 : plus rien à cette adresse"
	case r.StatusCode >= 300 && r.StatusCode < 400:
		t.Erreur = fmt.Sprintf("statut %d : les redirections ne sont pas suivies", r.StatusCode)
	default:
		t.Erreur = fmt.Sprintf("statut %d", r.StatusCode)
	}
	return t
}

// extrait keeps the beginning of an answer as text that the database takes and that a terminal may show.
func extrait(corps []byte) string {
	texte := strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(corps), "\uFFFD"))
	runes := []rune(texte)
	return string(runes[:min(len(runes), extraitMax)])
}

// reason says in French why no answer came. The address, which may hold a secret, is not repeated.
func reason(err error) string {
	var (
		name    *net.DNSError
		timeout net.Error
		outer   *url.Error
	)
	switch {
	case errors.Is(err, reseau.ErrAdresse):
		return reseau.ErrAdresse.Error()
	case errors.As(err, &timeout) && timeout.Timeout():
		return "pas de réponse dans le délai"
	case errors.As(err, &name):
		return "nom de machine introuvable"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connexion refusée"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "connexion fermée avant la réponse"
	case errors.As(err, &outer):
		err = outer.Err
	}
	return extrait([]byte("échec de l'envoi : " + err.Error()))
}
