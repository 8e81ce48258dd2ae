// Command partager runs the command it is given, whose test binaries share one private
// PostgreSQL, and ends as it ends:
//
//	go run ./db/dbtest/partager go test ./...
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/mutualibre/mutualibre/db/dbtest"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "partager: a command is missing")
		os.Exit(2)
	}
	err := dbtest.Partager(os.Args[1:])
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		os.Exit(ended.ExitCode())
	case err != nil:
		fmt.Fprintln(os.Stderr, "partager:", err)
		os.Exit(1)
	}
}
