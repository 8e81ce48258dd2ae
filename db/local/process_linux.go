package local

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// dieWithParent makes the system send SIGINT (for PostgreSQL: fast shutdown) when the
// thread that started it ends, kill -9 included.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }

// worksIn reports whether a live process of PostgreSQL has the cluster as its
// working folder, which all of PostgreSQL's processes do. A dead process that
// nobody has waited for has none.
func worksIn(pid int, cluster string) bool {
	proc := "/proc/" + strconv.Itoa(pid)
	dir, err := os.Readlink(proc + "/cwd")
	if err != nil || dir != cluster {
		return false
	}
	exe, err := os.Readlink(proc + "/exe")
	// " (deleted)": the package was upgraded under a running server.
	return err == nil && (filepath.Base(exe) == "postgres" || filepath.Base(exe) == "postgres (deleted)")
}

// workersIn lists the live PostgreSQL processes of the cluster.
func workersIn(cluster string) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && worksIn(pid, cluster) {
			pids = append(pids, pid)
		}
	}
	return pids
}
