//go:build unix

package local

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// clearLeftovers makes the cluster ready for a start after whatever end the last
// one had: it stops a PostgreSQL whose owner was killed, its left-over workers
// when PostgreSQL itself was killed, and removes a pid file that a restarted
// machine may have made point to somebody else's process.
//
// The caller holds the folder's lock, so nobody else starts a server here.
func clearLeftovers(cluster string, log *slog.Logger) error {
	pidFile := filepath.Join(cluster, "postmaster.pid")
	if pid := firstNumber(pidFile); pid > 0 && worksIn(pid, cluster) {
		log.Warn("un PostgreSQL resté seul utilise encore ces données : il est arrêté", "processus", pid)
		// Fast shutdown, then immediate, then none.
		for _, step := range []struct {
			signal syscall.Signal
			wait   time.Duration
		}{{syscall.SIGINT, 20 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}, {syscall.SIGKILL, 5 * time.Second}} {
			if err := syscall.Kill(pid, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
				return failure(CodeStart, err, "le PostgreSQL resté seul (processus %d) ne peut pas être arrêté", pid)
			}
			if eventually(step.wait, func() bool { return !worksIn(pid, cluster) }) {
				break
			}
		}
		if worksIn(pid, cluster) {
			return failure(CodeStart, nil, "le PostgreSQL resté seul (processus %d) ne s'arrête pas", pid)
		}
	}
	// Workers notice the death of their parent only when they next wait.
	gone := eventually(time.Second, func() bool { return len(workersIn(cluster)) == 0 })
	if !gone {
		for _, pid := range workersIn(cluster) {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				return failure(CodeStart, err, "un reste de PostgreSQL (processus %d) ne peut pas être arrêté", pid)
			}
		}
		eventually(5*time.Second, func() bool { return len(workersIn(cluster)) == 0 })
	}
	if err := os.Remove(pidFile); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

// firstNumber reads the number on the first line of a file; 0 when there is none.
func firstNumber(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(text), "\n")
	n, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		return 0
	}
	return n
}

func eventually(limit time.Duration, done func() bool) bool {
	for end := time.Now().Add(limit); ; time.Sleep(10 * time.Millisecond) {
		if done() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}
