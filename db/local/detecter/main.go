// Command detecter says whether the PostgreSQL that Mutualibre would run is on this
// machine: its folder on standard output, or on standard error what to install and
// exit code 1. The Makefile asks it, so that there is one search and not two.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/mutualibre/mutualibre/db/local"
)

func main() {
	b, err := local.FindBinaries(context.Background(), 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("PostgreSQL %s, dans %s\n", b.Version, b.Dir)
}
