//go:build unix

package local

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	superuser = "postgres"   // owns the cluster; the program never serves requests as it
	role      = "mutualibre" // owns the database; not a superuser
	database  = "mutualibre"
)

// clusterMajor reads which major version wrote the cluster; 0 when there is none.
func clusterMajor(cluster string) (int, error) {
	text, err := os.ReadFile(filepath.Join(cluster, "PG_VERSION"))
	if os.IsNotExist(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// partialPrefix names the folders where initdb works.
const partialPrefix = "postgres.partiel-"

// createCluster runs initdb beside the final place and renames the result, so that
// a cluster is whole or absent, wherever the work is interrupted.
func createCluster(ctx context.Context, b Binaries, who account, cluster string, disposable bool) error {
	dir := filepath.Dir(cluster)
	old, err := filepath.Glob(filepath.Join(dir, partialPrefix+"*"))
	if err != nil {
		return err
	}
	for _, path := range old {
		// An initdb whose parent was killed may still be cleaning up there.
		var err error
		if !eventually(5*time.Second, func() bool { err = os.RemoveAll(path); return err == nil }) {
			return failure(CodeFolder, err, "un reste de création interrompue ne peut pas être supprimé")
		}
	}
	// A name of its own: an initdb that outlived its parent cannot write in it.
	work, err := os.MkdirTemp(dir, partialPrefix)
	if err != nil {
		return failure(CodeFolder, err, "le dossier %s ne peut pas être écrit", dir)
	}
	defer os.RemoveAll(work)
	var last error
	for _, locale := range locales(b.Major) {
		if err := who.privateDir(work); err != nil {
			return failure(CodeFolder, err, "le dossier %s ne peut pas être écrit", dir)
		}
		out, err := initdb(ctx, b, who, work, disposable, locale)
		if err == nil {
			if err := os.Rename(work, cluster); err != nil {
				return failure(CodeFolder, err, "le dossier %s ne peut pas être écrit", dir)
			}
			return nil
		}
		last = fmt.Errorf("%w\n%s", err, strings.TrimSpace(out))
		if ctx.Err() != nil || !strings.Contains(out, "locale") {
			break
		}
	}
	return failure(CodeStart, last, "la base n'a pas pu être créée dans %s (initdb a échoué)", cluster)
}

func initdb(ctx context.Context, b Binaries, who account, work string, disposable bool, locale []string) (output string, err error) {
	args := append([]string{"-D", work, "-U", superuser, "--encoding=UTF8",
		"--auth-local=trust", "--auth-host=reject"}, locale...)
	if disposable {
		args = append(args, "--no-sync")
	} else {
		args = append(args, "--data-checksums")
	}
	// The death signal is tied to the thread that starts the program.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, b.path("initdb"), args...)
	cmd.Dir, cmd.Env = work, cleanEnv(b)
	who.apply(cmd)
	dieWithParent(cmd.SysProcAttr)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// locales lists initdb's options, best first. Texts sort by code point (the same
// on every machine, so cursors keep their meaning) while upper and lower case
// work beyond ASCII; the last one gives up the latter.
func locales(major int) [][]string {
	all := [][]string{
		{"--locale=C.UTF-8"},
		{"--lc-collate=C", "--lc-ctype=en_US.UTF-8", "--lc-messages=C", "--lc-monetary=C", "--lc-numeric=C", "--lc-time=C"},
		{"--locale=C"},
	}
	if major >= 17 {
		all = append([][]string{{"--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"}}, all...)
	}
	return all
}

// hba lets in whoever can enter the socket's folder, that is the account that
// PostgreSQL runs as and root; there is no other way in.
const hba = "# Écrit par Mutualibre à chaque démarrage.\nlocal all all trust\n"

// settings are PostgreSQL's parameters, as arguments of its command line. They are
// given at each start, so a later version of the program can change them.
func settings(socket string, disposable bool, overrides map[string]string) []string {
	values := map[string]string{
		// Reached through the socket alone: nothing listens on the network.
		"listen_addresses":        "",
		"unix_socket_directories": socket,
		"unix_socket_permissions": "0700",
		"port":                    "5432",

		// The whole graph fits in a small cache; the program shares the machine.
		"shared_buffers":       "256MB",
		"work_mem":             "16MB",
		"maintenance_work_mem": "256MB",
		// A bulk load writes much at once: fewer forced checkpoints.
		"max_wal_size":    "4GB",
		"wal_compression": "on",
		// No replica hangs on a private cluster.
		"wal_level":       "minimal",
		"max_wal_senders": "0",
		// Data sit on an SSD or in memory: an index costs little more than a scan.
		"random_page_cost": "1.1",
		// Requests take milliseconds: compiling their plan costs more than it gives.
		"jit": "off",

		// The same answers whatever the machine's own settings.
		"timezone":     "UTC",
		"log_timezone": "UTC",
		"lc_messages":  "C",
		"datestyle":    "ISO, DMY",
		// Everything goes to the file we hand over as standard error.
		"logging_collector": "off",
		"log_destination":   "stderr",
	}
	if disposable {
		// The data die with the tests: nothing needs to reach the disk.
		values["fsync"] = "off"
		values["synchronous_commit"] = "off"
		values["full_page_writes"] = "off"
		// Many tests in parallel, each with its pools.
		values["max_connections"] = "500"
		// They share one server: more of their databases fit, and nothing is gained by a smaller journal.
		values["shared_buffers"] = "1GB"
		values["wal_compression"] = "off"
	}
	for name, value := range overrides {
		values[name] = value
	}
	args := make([]string, 0, 2*len(values))
	for name, value := range values {
		args = append(args, "-c", name+"="+value)
	}
	return args
}

// prepareDatabase makes the program's role and database if they are not there yet.
func prepareDatabase(ctx context.Context, conn *pgx.Conn, disposable bool) error {
	var hasRole, hasDatabase bool
	err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1), EXISTS (SELECT FROM pg_database WHERE datname = $2)`, role, database).Scan(&hasRole, &hasDatabase)
	if err != nil {
		return err
	}
	if !hasRole {
		if _, err := conn.Exec(ctx, `CREATE ROLE `+role+` LOGIN`); err != nil {
			return err
		}
	}
	if !hasDatabase {
		if _, err := conn.Exec(ctx, `CREATE DATABASE `+database+` OWNER `+role); err != nil {
			return err
		}
	}
	if disposable {
		_, err = conn.Exec(ctx, `ALTER ROLE `+role+` CREATEDB`)
	}
	return err
}
