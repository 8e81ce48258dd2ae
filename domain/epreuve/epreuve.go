// Package epreuve holds what the tests of several packages share and that needs no database.
package epreuve

import (
	"bytes"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// WatchHeap samples the live heap until the function returned is called, which gives its highest size above that at the
// start, in mebibytes. It watches the whole process: tests that run beside count.
func WatchHeap(t testing.TB) func() uint64 {
	t.Helper()
	live := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	start, stop, highest := live(), make(chan struct{}), make(chan uint64)
	go func() {
		high := start
		for {
			select {
			case <-stop:
				highest <- (high - start) >> 20
				return
			case <-time.After(50 * time.Millisecond):
				high = max(high, live())
			}
		}
	}()
	return func() uint64 { close(stop); return <-highest }
}

// Tampon is a buffer that is read while it is written: the log of a server, say. Its zero value is ready.
type Tampon struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write adds p.
func (t *Tampon) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.Write(p)
}

// String gives all that was written so far.
func (t *Tampon) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}

// Shows waits for a text, five seconds at most: what is logged may come a moment after what is seen.
func (t *Tampon) Shows(text string) bool {
	for range 500 {
		if strings.Contains(t.String(), text) {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}
