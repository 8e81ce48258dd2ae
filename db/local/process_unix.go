//go:build unix && !linux

package local

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// dieWithParent does nothing: only Linux can tie a process to its parent. The
// next start finds and stops a PostgreSQL that outlived its owner.
func dieWithParent(*syscall.SysProcAttr) {}

// worksIn reports whether the process is the PostgreSQL that we started on the
// cluster: its command line names it.
func worksIn(pid int, cluster string) bool {
	out, err := exec.Command("ps", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(out), "postgres -D "+cluster)
}

// workersIn cannot tell workers apart here: PostgreSQL's own check of its shared
// memory guards the data.
func workersIn(string) []int { return nil }
