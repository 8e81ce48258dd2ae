package fournisseur

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	recentsMax = 4096        // tokens
	croyance   = time.Minute // how long a verified token is believed
)

// recents remembers the tokens verified lately: a dashboard presents the same one with each of its requests. Only good
// tokens enter. The zero value is ready.
type recents struct {
	mu     sync.Mutex
	jetons map[[sha256.Size]byte]recent
}

type recent struct {
	personne Personne
	jusque   time.Time
}

func (r *recents) get(empreinte [sha256.Size]byte, now time.Time) (Personne, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.jetons[empreinte]
	return v.personne, ok && now.Before(v.jusque)
}

// put forgets everything when there is no room left: verifying again costs little.
func (r *recents) put(empreinte [sha256.Size]byte, p Personne, now time.Time) {
	jusque := now.Add(croyance)
	if p.Expire.Before(jusque) {
		jusque = p.Expire
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.jetons == nil || len(r.jetons) >= recentsMax {
		r.jetons = map[[sha256.Size]byte]recent{}
	}
	r.jetons[empreinte] = recent{p, jusque}
}
