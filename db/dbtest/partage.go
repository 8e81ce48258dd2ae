package dbtest

import (
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
)

// partage is set for test binaries that share one private cluster: to what tells their
// run from any other.
const partage = "DBTEST_PARTAGE"

// Partager runs a command whose test binaries use one private cluster, then stops and
// removes it: what a database is filled with is then prepared once, not by each binary.
// With TEST_DATABASE_URL set it just runs the command. One that fails gives an
// *exec.ExitError.
func Partager(command []string) (err error) {
	run := exec.Command(command[0], command[1:]...)
	run.Stdin, run.Stdout, run.Stderr = os.Stdin, os.Stdout, os.Stderr
	if os.Getenv("TEST_DATABASE_URL") == "" {
		c, err := startCluster()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, c.close()) }()
		run.Env = append(os.Environ(), partage+"="+rand.Text(), "TEST_DATABASE_URL="+c.server.URL())
	}
	return run.Run()
}
