package transport_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/internal/essai"
	"github.com/mutualibre/mutualibre/graph/limites"
	"github.com/mutualibre/mutualibre/graph/transport"
)

// patience is how long a test waits for what must come: it bounds a failure,
// and measures nothing.
const patience = 20 * time.Second

// readTimeout is that of the server: streams outlive it.
const readTimeout = 250 * time.Millisecond

// flux is a real server of subscriptions. Its times are long enough never to
// matter, unless a test says otherwise.
type flux struct {
	*essai.Flux
	url  string
	log  *journal
	stop chan struct{}
}

// configure changes the transports of a flux before it starts.
type configure func(*transport.Websocket, *transport.SSE)

// identityKey holds who makes a request: what its Authorization says.
type identityKey struct{}

func newFlux(t *testing.T, changes ...configure) *flux {
	t.Helper()
	log := &journal{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	f := &flux{Flux: essai.NewFlux(logger), log: log, stop: make(chan struct{})}
	figures := limites.ParDefaut()
	limits := limites.New(figures)
	f.Use(limits)
	f.SetQueryCache(limits.Cache())

	plain := transport.HTTP{BodyMax: bodyMax, ErrorsMax: figures.Erreurs, Timeout: time.Hour, Log: logger}
	ws := transport.Websocket{
		MessageMax: bodyMax, ErrorsMax: figures.Erreurs, Timeout: time.Hour, Log: logger,
		Stop: f.stop, InitWait: time.Hour, Ping: time.Hour, WriteWait: time.Hour,
	}
	sse := &transport.SSE{HTTP: plain, EventID: essai.EventID, Stop: f.stop,
		KeepAlive: time.Hour, WriteWait: time.Hour, ReservationWait: time.Hour,
		Identite: func(ctx context.Context) string { who, _ := ctx.Value(identityKey{}).(string); return who },
	}
	for _, change := range changes {
		change(&ws, sse)
	}
	f.AddTransport(ws)
	f.AddTransport(sse)
	f.AddTransport(sse.HTTP)

	before := runtime.NumGoroutine()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), identityKey{}, r.Header.Get("Authorization"))))
	}))
	srv.Config.ReadTimeout = readTimeout
	srv.Config.ErrorLog = slog.NewLogLogger(logger.Handler(), slog.LevelError)
	srv.Start()
	f.url = srv.URL
	// Whatever the test did, nothing must be left of it.
	t.Cleanup(func() {
		close(f.stop)
		srv.Close()
		http.DefaultClient.CloseIdleConnections()
		eventually(t, "the goroutines end", func() bool { return runtime.NumGoroutine() <= before })
		if n := f.Open.Load(); n != 0 {
			t.Errorf("%d subscriptions are left", n)
		}
		if t.Failed() {
			t.Logf("log:\n%s", log)
			buf := make([]byte, 1<<20)
			t.Logf("%s", buf[:runtime.Stack(buf, true)])
		}
	})
	return f
}

// journal is a log that tests read while the server writes it.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("never: %s", what)
			return
		}
	}
}

// authenticate is an Init: a token ends with its time to live, "refuse" is
// refused, "fault" is a fault of ours.
func authenticate(ctx context.Context, payload map[string]any) (context.Context, error) {
	token, _ := payload["Authorization"].(string)
	switch token = strings.TrimPrefix(token, "Bearer "); token {
	case "refuse":
		return nil, &db.Error{Code: db.CodeNonAuthentifie, Message: "ce jeton a été révoqué"}
	case "fault":
		return nil, errors.New("secret interne")
	case "panic":
		panic("secret interne")
	}
	if life, err := time.ParseDuration(token); err == nil {
		ctx, cancel := context.WithTimeout(ctx, life)
		context.AfterFunc(ctx, cancel)
		return ctx, nil
	}
	return ctx, nil
}
