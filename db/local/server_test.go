//go:build unix

package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestMain lets the test binary stand for a Mutualibre that gets killed: with the
// variable set, it starts a server on that folder, says so and waits.
func TestMain(m *testing.M) {
	dir := os.Getenv("MUTUALIBRE_TEST_DOSSIER")
	if dir == "" {
		code := m.Run()
		os.RemoveAll(model) // "": nothing
		os.Exit(code)
	}
	s, err := Start(context.Background(), Config{Dir: dir})
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	fmt.Println("ready:", s.URL())
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	<-stop
	if err := s.Stop(); err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
}

// reachable makes a folder that the account of PostgreSQL can enter; t.TempDir is closed to it.
func reachable() (string, error) {
	dir, err := os.MkdirTemp(InMemory(), "local-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

// folder is a fresh data folder.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := reachable()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// created is a data folder, under those names of a fresh one, whose cluster exists already, as a first start left it. It
// is a copy of one made once, since initdb is most of what a first start costs. What tests creation takes a fresh folder.
func created(t *testing.T, under ...string) string {
	t.Helper()
	if err := firstStart(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(append([]string{folder(t)}, under...)...)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	// With its owner and its modes, which PostgreSQL looks at.
	if out, err := exec.Command("cp", "-a", filepath.Join(model, "postgres"), dir).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v: %s", err, out)
	}
	return dir
}

// model is the folder that created copies, once firstStart has made it; TestMain removes it.
var model string

var firstStart = sync.OnceValue(func() (err error) {
	if model, err = reachable(); err != nil {
		return err
	}
	s, err := Start(context.Background(), Config{Dir: model})
	if err != nil {
		return err
	}
	return s.Stop()
})

func start(t *testing.T, dir string) *Server {
	t.Helper()
	began := time.Now()
	s, err := Start(t.Context(), Config{Dir: dir, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started in %v", time.Since(began).Round(time.Millisecond))
	t.Cleanup(func() { s.Stop() })
	return s
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func query[T any](t *testing.T, url, sql string) (v T) {
	t.Helper()
	conn := connect(t, url)
	defer conn.Close(context.Background())
	if err := conn.QueryRow(context.Background(), sql).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func exec1(t *testing.T, url, sql string) {
	t.Helper()
	conn := connect(t, url)
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), sql); err != nil {
		t.Fatal(err)
	}
}

// program starts a Mutualibre of its own on the folder and returns once it is ready.
func program(t *testing.T, dir string) (cmd *exec.Cmd, url string) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "MUTUALIBRE_TEST_DOSSIER="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "ready: ")
	if !ok {
		t.Fatalf("the program said %q, %v", line, err)
	}
	return cmd, url
}

func TestASecondStartFindsTheDataAgain(t *testing.T) {
	t.Parallel()
	dir := created(t)
	first := start(t, dir)
	exec1(t, first.URL(), `CREATE TABLE commune AS SELECT 'Arles' AS nom`)
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(); err != nil {
		t.Fatalf("a second Stop = %v, want the same end", err)
	}
	if got := query[string](t, start(t, dir).URL(), `SELECT nom FROM commune`); got != "Arles" {
		t.Fatalf("nom = %q", got)
	}
}

func TestNothingListensOnTheNetworkAndOthersCannotEnter(t *testing.T) {
	t.Parallel()
	s := start(t, created(t))
	if got := query[string](t, s.URL(), `SHOW listen_addresses`); got != "" {
		t.Errorf("listen_addresses = %q", got)
	}
	info, err := os.Stat(s.socket)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the socket's folder is %v, want 0700", info.Mode())
	}
	if query[bool](t, s.URL(), `SELECT rolsuper FROM pg_roles WHERE rolname = current_user`) {
		t.Error("the program's role is a superuser")
	}
}

func TestTextsAreUTF8SortedByCodePointWithAccentsLowered(t *testing.T) {
	t.Parallel()
	url := start(t, created(t)).URL()
	if got := query[string](t, url, `SHOW server_encoding`); got != "UTF8" {
		t.Errorf("server_encoding = %s", got)
	}
	if got := query[string](t, url, `SELECT lower('ÉTAT CIVIL À ŒUVRER')`); got != "état civil à œuvrer" {
		t.Errorf("lower = %q", got)
	}
	if got := query[string](t, url, `SELECT string_agg(x, '' ORDER BY x) FROM unnest('{é,a,Z,B}'::text[]) x`); got != "BZaé" {
		t.Errorf("order = %q", got)
	}
}

func TestTheExtensionsCanBeCreatedByTheProgramsRole(t *testing.T) {
	t.Parallel()
	url := start(t, created(t)).URL()
	for _, name := range Extensions() {
		exec1(t, url, `CREATE EXTENSION `+name)
	}
}

func TestTwoStartsOnOneFolderTheSecondSaysSo(t *testing.T) {
	t.Parallel()
	dir := created(t)
	start(t, dir)
	_, err := Start(t.Context(), Config{Dir: dir})
	if !errors.Is(err, ErrInUse) {
		t.Fatalf("err = %v, want ErrInUse", err)
	}
	for _, want := range []string{"déjà utilisé", dir, strconv.Itoa(os.Getpid()), "DATA_DIR"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

func TestACommandFindsTheServerThatRuns(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"short": "d", "long": strings.Repeat("long/", 30)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := created(t, dir)
			s := start(t, dir)
			url, ok := Attach(t.Context(), dir)
			if !ok || url != s.URL() {
				t.Fatalf("Attach = %q, %v; want %q", url, ok, s.URL())
			}
			if err := s.Stop(); err != nil {
				t.Fatal(err)
			}
			soon, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			if url, ok := Attach(soon, dir); ok {
				t.Errorf("after the stop: %s", url)
			}
		})
	}
}

func TestManyStartsAtOnceExactlyOneWins(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	type result struct {
		s   *Server
		err error
	}
	results := make(chan result)
	for range 4 {
		go func() {
			s, err := Start(t.Context(), Config{Dir: dir})
			results <- result{s, err}
		}()
	}
	var won int
	for range 4 {
		r := <-results
		switch {
		case r.err == nil:
			won++
			t.Cleanup(func() { r.s.Stop() })
		case !errors.Is(r.err, ErrInUse):
			t.Errorf("err = %v, want ErrInUse", r.err)
		}
	}
	if won != 1 {
		t.Fatalf("%d starts succeeded, want 1", won)
	}
}

func TestKillingTheProgramLosesNothingAndLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := created(t)
	p, url := program(t, dir)
	exec1(t, url, `CREATE TABLE usage AS SELECT generate_series(1, 1000) n`)
	if _, err := Start(t.Context(), Config{Dir: dir}); !errors.Is(err, ErrInUse) {
		t.Fatalf("err = %v, want ErrInUse while the other program runs", err)
	}
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.Wait()
	s := start(t, dir)
	if got := query[int](t, s.URL(), `SELECT count(*) FROM usage`); got != 1000 {
		t.Fatalf("count = %d", got)
	}
}

// On systems that cannot tie PostgreSQL to its parent, it outlives it.
func TestAPostgreSQLLeftAloneIsStoppedFirst(t *testing.T) {
	t.Parallel()
	dir := created(t)
	s := start(t, dir)
	exec1(t, s.URL(), `CREATE TABLE usage AS SELECT generate_series(1, 1000) n`)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	socket, err := socketDir(dir, s.who)
	if err != nil {
		t.Fatal(err)
	}
	orphan := exec.Command(s.binaries.path("postgres"), append([]string{"-D", s.cluster}, settings(socket, false, nil)...)...)
	orphan.Dir = "/"
	s.who.apply(orphan)
	if err := orphan.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- orphan.Wait() }()
	if !eventually(10*time.Second, func() bool {
		conn, err := pgx.Connect(t.Context(), s.url(role, database))
		if err != nil {
			return false
		}
		conn.Close(t.Context())
		return true
	}) {
		t.Fatal("the orphan did not start")
	}

	again := start(t, dir)
	if err := <-ended; err != nil {
		t.Errorf("the orphan ended with %v, want a clean shutdown", err)
	}
	if got := query[int](t, again.URL(), `SELECT count(*) FROM usage`); got != 1000 {
		t.Fatalf("count = %d", got)
	}
}

func TestPostgreSQLKilledIsStartedAgainEvenWithABusyWorker(t *testing.T) {
	t.Parallel()
	dir := created(t)
	s := start(t, dir)
	exec1(t, s.URL(), `CREATE TABLE usage AS SELECT generate_series(1, 1000) n`)
	// A worker that computes does not notice that its parent is gone.
	busy := connect(t, s.URL())
	go busy.Exec(context.Background(), `SELECT count(*) FROM generate_series(1, 1e10::bigint)`)
	eventually(10*time.Second, func() bool {
		return query[int](t, s.URL(), `SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%1e10%' AND pid <> pg_backend_pid()`) == 1
	})
	before := firstNumber(filepath.Join(s.cluster, "postmaster.pid"))
	if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	// The same address works again.
	var count int
	if !eventually(30*time.Second, func() bool {
		conn, err := pgx.Connect(t.Context(), s.URL())
		if err != nil {
			return false
		}
		defer conn.Close(t.Context())
		return conn.QueryRow(t.Context(), `SELECT count(*) FROM usage`).Scan(&count) == nil
	}) {
		t.Fatal("PostgreSQL did not come back")
	}
	if count != 1000 {
		t.Errorf("count = %d", count)
	}
	if after := firstNumber(filepath.Join(s.cluster, "postmaster.pid")); after == before {
		t.Errorf("still process %d", after)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

func TestKillingBothTheProgramAndPostgreSQLLosesNothing(t *testing.T) {
	t.Parallel()
	dir := created(t)
	p, url := program(t, dir)
	exec1(t, url, `CREATE TABLE usage AS SELECT generate_series(1, 1000) n`)
	pid := firstNumber(filepath.Join(dir, "postgres", "postmaster.pid"))
	p.Process.Kill()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Fatal(err)
	}
	p.Wait()
	if got := query[int](t, start(t, dir).URL(), `SELECT count(*) FROM usage`); got != 1000 {
		t.Fatalf("count = %d", got)
	}
}

// After a restart of the machine the number in postmaster.pid may be anybody's.
func TestAPidFileThatNamesSomebodyElseIsIgnored(t *testing.T) {
	t.Parallel()
	dir := created(t)
	s := start(t, dir)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	stranger := exec.Command("sleep", "600")
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stranger.Process.Kill(); stranger.Wait() })
	text := fmt.Sprintf("%d\n%s\n1700000000\n5432\n%s\n\n0 0\nready\n", stranger.Process.Pid, s.cluster, s.socket)
	pidFile := filepath.Join(s.cluster, "postmaster.pid")
	if err := os.WriteFile(pidFile, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.who.give(pidFile); err != nil {
		t.Fatal(err)
	}
	start(t, dir)
	if err := syscall.Kill(stranger.Process.Pid, 0); err != nil {
		t.Errorf("the stranger was killed: %v", err)
	}
}

func TestAnInterruptedCreationIsDoneAgain(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "MUTUALIBRE_TEST_DOSSIER="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	begun := eventually(20*time.Second, func() bool {
		found, _ := filepath.Glob(filepath.Join(dir, partialPrefix+"*", "base", "1"))
		return len(found) > 0
	})
	cmd.Process.Kill()
	cmd.Wait()
	if !begun {
		t.Fatal("the creation was not caught half-way")
	}
	if _, err := os.Stat(filepath.Join(dir, "postgres")); err == nil {
		t.Fatal("the cluster was whole before the kill: nothing is tested")
	}
	s := start(t, dir)
	query[int](t, s.URL(), `SELECT 1`)
	if left, _ := filepath.Glob(filepath.Join(dir, partialPrefix+"*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Killed between initdb and the creation of the role and the database.
func TestAClusterWithoutItsDatabaseIsCompleted(t *testing.T) {
	t.Parallel()
	dir := created(t)
	s := start(t, dir)
	exec1(t, s.url(superuser, "postgres"), `DROP DATABASE `+database)
	exec1(t, s.url(superuser, "postgres"), `DROP ROLE `+role)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	query[int](t, start(t, dir).URL(), `SELECT 1`)
}

func TestALongFolderGetsAShortSocketThatIsRemoved(t *testing.T) {
	t.Parallel()
	dir := created(t, strings.Repeat("long/", 30)+"été & co")
	p, _ := program(t, dir)
	record, err := os.ReadFile(filepath.Join(dir, socketRecord))
	if err != nil {
		t.Fatal(err)
	}
	old := string(record)
	if len(old) > socketLimit {
		t.Errorf("socket in %s: %d bytes", old, len(old))
	}
	p.Process.Kill()
	p.Wait()
	s := start(t, dir)
	query[int](t, s.URL(), `SELECT 1`)
	if _, err := os.Stat(old); err == nil {
		t.Errorf("%s, of the killed program, is still there", old)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.socket); err == nil {
		t.Errorf("%s is still there after the stop", s.socket)
	}
}

func TestDataOfAnotherVersionAreRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	file := filepath.Join(dir, "postgres", "PG_VERSION")
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("14\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Config{Dir: dir})
	if !errors.Is(err, ErrVersion) || !strings.Contains(err.Error(), "ces données demandent PostgreSQL 14") {
		t.Fatalf("err = %v, want ErrVersion", err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "14\n" {
		t.Errorf("PG_VERSION = %q, %v", text, err)
	}
}

func TestAFolderWithOtherFilesIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	file := filepath.Join(dir, "postgres", "notes.txt")
	if err := os.Mkdir(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), Config{Dir: dir}); !errors.Is(err, ErrFolder) {
		t.Fatalf("err = %v, want ErrFolder", err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

func TestAFailedStartShowsWhatPostgreSQLSaidAndReleasesTheFolder(t *testing.T) {
	t.Parallel()
	dir := created(t)
	_, err := Start(t.Context(), Config{Dir: dir, Settings: map[string]string{"shared_buffers": "beaucoup"}})
	if !errors.Is(err, ErrStart) || !strings.Contains(err.Error(), "shared_buffers") {
		t.Fatalf("err = %v, want ErrStart with PostgreSQL's message", err)
	}
	start(t, dir)
}

func TestACancelledStartReleasesTheFolder(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		eventually(10*time.Second, func() bool {
			found, _ := filepath.Glob(filepath.Join(dir, partialPrefix+"*", "*"))
			return len(found) > 0
		})
		cancel()
	}()
	if s, err := Start(ctx, Config{Dir: dir}); err == nil {
		s.Stop()
		t.Fatal("the start succeeded")
	}
	start(t, dir)
}

func TestRemoveDeletesAFolderThatIsNotInUse(t *testing.T) {
	t.Parallel()
	dir := created(t, "donnees")
	s := start(t, dir)
	if err := Remove(dir); !errors.Is(err, ErrInUse) {
		t.Fatalf("err = %v, want ErrInUse", err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := Remove(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("err = %v, want the folder gone", err)
	}
}

func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root lends another account to PostgreSQL")
	}
}

func TestRootRunsPostgreSQLUnderAnotherAccount(t *testing.T) {
	asRoot(t)
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	pid := firstNumber(filepath.Join(s.cluster, "postmaster.pid"))
	if uid := ownerOf(t, "/proc/"+strconv.Itoa(pid)); uid == 0 || uid != s.who.uid {
		t.Errorf("PostgreSQL runs as %d, want %d", uid, s.who.uid)
	}
	if uid := ownerOf(t, s.cluster); uid != s.who.uid {
		t.Errorf("the data belong to %d, want %d", uid, s.who.uid)
	}
}

// « sudo make run » after « make run ».
func TestRootKeepsTheOwnerOfExistingData(t *testing.T) {
	asRoot(t)
	t.Parallel()
	dir := created(t)
	s := start(t, dir)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	other := account{uid: 12345, gid: 12345, other: true}
	if err := other.give(s.cluster); err != nil {
		t.Fatal(err)
	}
	s = start(t, dir)
	if pid := firstNumber(filepath.Join(s.cluster, "postmaster.pid")); ownerOf(t, "/proc/"+strconv.Itoa(pid)) != 12345 {
		t.Error("PostgreSQL does not run as the owner of the data")
	}
}

// Data restored as root by a copy.
func TestRootHandsOverDataThatBelongToRoot(t *testing.T) {
	asRoot(t)
	t.Parallel()
	dir := created(t)
	s := start(t, dir)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := (account{other: true}).give(s.cluster); err != nil {
		t.Fatal(err)
	}
	query[int](t, start(t, dir).URL(), `SELECT 1`)
}

func TestRootIsToldOfAFolderClosedToPostgreSQL(t *testing.T) {
	asRoot(t)
	t.Parallel()
	closed := filepath.Join(folder(t), "root")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, "mutualibre")
	_, err := Start(t.Context(), Config{Dir: dir})
	if !errors.Is(err, ErrFolder) {
		t.Fatalf("err = %v, want ErrFolder", err)
	}
	for _, want := range []string{dir, "DATA_DIR", "/var/lib/mutualibre"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

// The whole of it without root: as most people run it.
func TestAnOrdinaryUserRunsItAsThemselves(t *testing.T) {
	asRoot(t) // alone, since it writes a program: see installation
	dir := folder(t)
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.Atoi(nobody.Uid)
	if err != nil {
		t.Fatal(err)
	}
	who := account{uid: uid, gid: uid, other: true}
	if err := who.give(dir); err != nil {
		t.Fatal(err)
	}
	// The test binary's own folder may be closed to that account.
	copied := filepath.Join(dir, "mutualibre")
	text, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, text, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(copied)
	cmd.Env = append(os.Environ(), "MUTUALIBRE_TEST_DOSSIER="+filepath.Join(dir, "donnees"))
	cmd.Dir = "/"
	who.apply(cmd)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "ready: ")
	if !ok {
		cmd.Process.Kill()
		cmd.Wait()
		t.Fatalf("the program said %q", line)
	}
	query[int](t, url, `SELECT 1`)
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Errorf("the program ended with %v, want a graceful stop", err)
	}
}

func ownerOf(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Sys().(*syscall.Stat_t).Uid)
}
