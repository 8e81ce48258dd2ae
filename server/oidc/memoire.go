package fournisseur

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

const (
	intervalle  = 10 * time.Second // least time between two readings of a document
	attenteMax  = time.Minute      // most time before a document that failed is asked again
	delaiLire   = 10 * time.Second // most time for one reading
	documentMax = 256 << 10        // bytes
	// secours is how long a document still serves when the issuer no longer answers: a night's outage must not lock
	// everybody out; a key withdrawn during it stays accepted that long.
	secours = 24 * time.Hour
)

// memoire stands between the OpenID Connect library, which reads an issuer's documents whenever a token makes it doubt
// (an unknown key, a false signature), and the issuer, which strangers must not be able to harass or to wait for
// through us: a document is read by one request for all, at most once in ten seconds, less and less often when it fails.
// In between, its last text answers.
type memoire struct {
	ctx      context.Context // ends the readings under way
	now      func() time.Time
	patience time.Duration
	log      *slog.Logger

	mu        sync.Mutex
	documents map[string]*document // by address
}

type document struct {
	texte    []byte
	lu       time.Time       // when texte was read; zero: never
	err      error           // of the last reading
	echecs   int             // since the last success
	prochain time.Time       // no reading before
	attente  context.Context // of the reading under way: done when it ends or when patience does; nil: no reading
}

// RoundTrip answers with the text of a document, always as a success.
func (m *memoire) RoundTrip(r *http.Request) (*http.Response, error) {
	if !sure(r.URL) {
		return nil, fmt.Errorf("adresse sans https : %s", r.URL.Redacted())
	}
	texte, err := m.get(r.Context(), r.URL.String())
	if err != nil {
		return nil, err
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(bytes.NewReader(texte)),
		ContentLength: int64(len(texte)),
		Request:       r,
	}, nil
}

func (m *memoire) get(ctx context.Context, adresse string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.documents[adresse]
	if d == nil {
		d = &document{}
		m.documents[adresse] = d
	}
	if d.attente == nil && !m.now().Before(d.prochain) {
		attente, fin := context.WithTimeout(m.ctx, m.patience)
		d.attente = attente
		go func() {
			defer fin()
			m.read(adresse, d)
		}()
	}
	if d.attente != nil {
		attente := d.attente
		m.mu.Unlock()
		select {
		case <-attente.Done():
		case <-ctx.Done():
		}
		m.mu.Lock()
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case !d.lu.IsZero() && m.now().Before(d.lu.Add(secours)):
		return d.texte, nil
	case d.err != nil:
		return nil, d.err
	}
	return nil, fmt.Errorf("%s : pas encore de réponse", adresse)
}

// read asks the issuer, and notes what came of it.
func (m *memoire) read(adresse string, d *document) {
	texte, err := ask(m.ctx, adresse)
	m.mu.Lock()
	defer m.mu.Unlock()
	d.attente, d.err = nil, err
	if err != nil {
		attente := min(time.Second<<min(d.echecs, 10), attenteMax)
		d.echecs++
		d.prochain = m.now().Add(attente)
		m.log.Warn("un fournisseur d'identité ne répond pas", "adresse", adresse, "err", err, "echecs", d.echecs, "prochain_essai", attente.String())
		return
	}
	if d.echecs > 0 {
		m.log.Info("un fournisseur d'identité répond à nouveau", "adresse", adresse)
	}
	d.texte, d.lu, d.echecs = texte, m.now(), 0
	d.prochain = d.lu.Add(intervalle)
}

// ask reads a JSON document. A redirection is a failure: the documents of an issuer are where it says.
func ask(ctx context.Context, adresse string) ([]byte, error) {
	ctx, fin := context.WithTimeout(ctx, delaiLire)
	defer fin()
	demande, err := http.NewRequestWithContext(ctx, http.MethodGet, adresse, nil)
	if err != nil {
		return nil, err
	}
	demande.Header.Set("Accept", "application/json")
	reponse, err := http.DefaultTransport.RoundTrip(demande)
	if err != nil {
		return nil, err
	}
	defer reponse.Body.Close()
	if reponse.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s : réponse %s", adresse, reponse.Status)
	}
	texte, err := io.ReadAll(io.LimitReader(reponse.Body, documentMax+1))
	switch {
	case err != nil:
		return nil, err
	case len(texte) > documentMax:
		return nil, fmt.Errorf("%s : plus de %d octets", adresse, documentMax)
	case !json.Valid(texte):
		return nil, errors.New(adresse + " : ce n'est pas du JSON")
	}
	return texte, nil
}
