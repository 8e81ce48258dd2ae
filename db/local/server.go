//go:build unix

package local

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is a running private PostgreSQL. It is safe for concurrent use.
type Server struct {
	cfg      Config
	log      *slog.Logger
	binaries Binaries
	who      account
	cluster  string // folder of PostgreSQL's own files
	socket   string // folder of the unix socket
	held     *os.File

	stop     chan struct{} // closed to ask for the end
	stopOnce sync.Once
	done     chan struct{} // closed when PostgreSQL is gone for good
	err      error         // why, readable once done is closed
}

// Start finds PostgreSQL or downloads it, makes the cluster if needed, starts PostgreSQL and returns once it
// accepts connections. If PostgreSQL ends on its own it is started again.
// ctx bounds the start only; [Server.Stop] must be called.
//
// Errors are [Error] values in French: [ErrInUse], [ErrNoBinaries], [ErrVersion],
// [ErrFolder], [ErrStart].
func Start(ctx context.Context, cfg Config) (*Server, error) {
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, failure(CodeFolder, err, "le dossier de données %q est illisible", cfg.Dir)
	}
	held, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	// PostgreSQL's processes are recognised by their working folder, which the
	// system gives with its links followed.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		release(held)
		return nil, failure(CodeFolder, err, "le dossier de données %q est illisible", cfg.Dir)
	}
	cfg.Dir = dir
	s := &Server{
		cfg: cfg, log: log, held: held,
		cluster: filepath.Join(dir, "postgres"),
		stop:    make(chan struct{}), done: make(chan struct{}),
	}
	if err := s.start(ctx); err != nil {
		if s.socket != "" {
			os.RemoveAll(s.socket)
		}
		release(held)
		return nil, err
	}
	return s, nil
}

// URL is the address of the program's database, for pgx.
func (s *Server) URL() string { return s.url(role, database) }

// Binaries tells which PostgreSQL runs.
func (s *Server) Binaries() Binaries { return s.binaries }

// Done is closed once PostgreSQL is gone for good: after [Server.Stop], or when
// it ended on its own too often to be started again; [Server.Err] tells.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err is nil until Done is closed, and after a stop without incident.
func (s *Server) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// Stop ends PostgreSQL gracefully (open transactions are rolled back, data are
// written) and releases the folder. Calling it again waits for the same end.
func (s *Server) Stop() error {
	s.stopOnce.Do(func() { close(s.stop) })
	<-s.done
	return s.err
}

func (s *Server) url(user, db string) string {
	// Everything that PG* variables could change is written out.
	query := url.Values{"host": {s.socket}, "port": {"5432"}, "sslmode": {"disable"}}
	return (&url.URL{Scheme: "postgres", User: url.User(user), Path: "/" + db, RawQuery: query.Encode()}).String()
}

func (s *Server) start(ctx context.Context) error {
	began := time.Now()
	var err error
	if s.who, err = unprivileged(s.cluster); err != nil {
		return err
	}
	if s.who.other && !s.who.reaches(s.cfg.Dir) {
		return failure(CodeFolder, nil, "le compte « %s », sous lequel PostgreSQL tourne quand root le lance, ne peut pas entrer dans %s : choisissez avec DATA_DIR un dossier ouvert à ce compte, par exemple /var/lib/mutualibre", s.who.name, s.cfg.Dir)
	}
	major, err := clusterMajor(s.cluster)
	if err != nil {
		return failure(CodeFolder, err, "le dossier %s ne contient pas une base PostgreSQL lisible", s.cluster)
	}
	downloads := s.cfg.Downloads
	if downloads == "" {
		downloads = filepath.Join(s.cfg.Dir, "binaires")
	}
	if s.binaries, err = obtain(ctx, usualFolders(os.Getenv("PATH")), major, downloads, repository, s.log); err != nil {
		return err
	}
	if major == 0 {
		if err := s.refuseForeignFiles(); err != nil {
			return err
		}
		s.log.Info("création de la base", "dossier", s.cluster, "postgresql", s.binaries.Version)
		if err := createCluster(ctx, s.binaries, s.who, s.cluster, s.cfg.Disposable); err != nil {
			return err
		}
	} else {
		if err := clearLeftovers(s.cluster, s.log); err != nil {
			return err
		}
		if err := s.who.give(s.cluster); err != nil {
			return failure(CodeFolder, err, "les fichiers de %s ne peuvent pas être confiés au compte « %s »", s.cluster, s.who.name)
		}
	}
	if s.socket, err = socketDir(s.cfg.Dir, s.who); err != nil {
		return err
	}
	rules := filepath.Join(s.cluster, "pg_hba.conf")
	if err := errors.Join(os.WriteFile(rules, []byte(hba), 0o600), s.who.give(rules)); err != nil {
		return failure(CodeFolder, err, "le dossier %s ne peut pas être écrit", s.cluster)
	}
	p, err := s.launch(ctx)
	if err != nil {
		return err
	}
	s.log.Info("PostgreSQL est prêt", "version", s.binaries.Version, "dossier", s.cfg.Dir, "duree", time.Since(began).Round(time.Millisecond).String())
	go s.watch(p)
	return nil
}

// refuseForeignFiles protects a folder that is not empty and not a cluster.
func (s *Server) refuseForeignFiles() error {
	entries, err := os.ReadDir(s.cluster)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return failure(CodeFolder, err, "le dossier %s est illisible", s.cluster)
	}
	if len(entries) > 0 {
		return failure(CodeFolder, nil, "le dossier %s contient des fichiers qui ne sont pas une base PostgreSQL : videz-le, ou choisissez un autre dossier avec DATA_DIR", s.cluster)
	}
	return os.Remove(s.cluster)
}

// process is a PostgreSQL that was started and that a goroutine waits for.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // readable once done is closed
}

// launch starts PostgreSQL and waits until it accepts connections.
func (s *Server) launch(ctx context.Context) (*process, error) {
	logPath := filepath.Join(s.cfg.Dir, "postgres.log")
	if info, err := os.Stat(logPath); err == nil && info.Size() > 10<<20 {
		os.Rename(logPath, logPath+".1")
	}
	out, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, failure(CodeFolder, err, "le fichier %s ne peut pas être écrit", logPath)
	}
	defer out.Close()
	from, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, failure(CodeFolder, err, "le fichier %s ne peut pas être lu", logPath)
	}
	cmd := exec.Command(s.binaries.path("postgres"), append([]string{"-D", s.cluster}, settings(s.socket, s.cfg.Disposable, s.cfg.Settings)...)...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = s.cluster, cleanEnv(s.binaries), out, out
	s.who.apply(cmd)
	// A group of its own: Ctrl-C in the terminal is for the program, which stops
	// PostgreSQL last.
	cmd.SysProcAttr.Setpgid = true
	dieWithParent(cmd.SysProcAttr)

	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The death signal is tied to this thread: it must last as long as PostgreSQL.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, failure(CodeStart, err, "PostgreSQL ne peut pas être lancé (%s)", cmd.Path)
	}
	if err := s.ready(ctx, p); err != nil {
		p.end(syscall.SIGQUIT)
		return nil, failure(CodeStart, err, "PostgreSQL n'a pas démarré ; ses derniers messages, dans %s :\n%s\n", logPath, tail(logPath, from))
	}
	return p, nil
}

// ready waits for the first connection. Replaying the journal after a brutal end
// may take long, so only ctx and the end of the process bound it.
func (s *Server) ready(ctx context.Context, p *process) error {
	patience := time.NewTicker(10 * time.Second)
	defer patience.Stop()
	for {
		conn, err := pgx.Connect(ctx, s.url(superuser, "postgres"))
		if err == nil {
			err = prepareDatabase(ctx, conn, s.cfg.Disposable)
			conn.Close(context.WithoutCancel(ctx))
			return err
		}
		select {
		case <-p.done:
			if p.err == nil {
				return errors.New("il s'est arrêté aussitôt")
			}
			return p.err
		case <-ctx.Done():
			return ctx.Err()
		case <-patience.C:
			s.log.Info("PostgreSQL démarre encore (il relit son journal après un arrêt brutal)")
		case <-time.After(15 * time.Millisecond):
		}
	}
}

// end asks the process to end and insists until it does.
func (p *process) end(first syscall.Signal) {
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{first, 30 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}, {syscall.SIGKILL, time.Minute}} {
		p.cmd.Process.Signal(step.signal)
		select {
		case <-p.done:
			return
		case <-time.After(step.wait):
		}
	}
}

// restarts bounds how often PostgreSQL is started again within a minute.
const restarts = 5

// watch stops PostgreSQL when asked, and starts it again when it ends unasked.
func (s *Server) watch(p *process) {
	defer func() {
		os.RemoveAll(s.socket)
		os.Remove(filepath.Join(s.cfg.Dir, socketRecord))
		release(s.held)
		close(s.done)
	}()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-s.stop
		cancel()
	}()
	var falls []time.Time
	for {
		select {
		case <-s.stop:
			if s.cfg.Disposable {
				p.end(syscall.SIGQUIT)
				return
			}
			p.end(syscall.SIGINT)
			if p.err != nil {
				s.err = failure(CodeStart, p.err, "PostgreSQL s'est mal arrêté ; ses messages sont dans %s", filepath.Join(s.cfg.Dir, "postgres.log"))
			}
			return
		case <-p.done:
		}
		s.log.Error("PostgreSQL s'est arrêté sans qu'on le lui demande : il est relancé", "cause", p.err)
		now := time.Now()
		falls = append(falls, now)
		for len(falls) > 0 && now.Sub(falls[0]) > time.Minute {
			falls = falls[1:]
		}
		if len(falls) > restarts {
			s.err = failure(CodeStart, p.err, "PostgreSQL s'arrête sans cesse ; ses messages sont dans %s", filepath.Join(s.cfg.Dir, "postgres.log"))
			s.log.Error(s.err.Error())
			return
		}
		again, err := s.relaunch(ctx)
		if err != nil {
			if ctx.Err() == nil {
				s.err = err
				s.log.Error(err.Error())
			}
			return
		}
		p = again
	}
}

func (s *Server) relaunch(ctx context.Context) (*process, error) {
	if err := clearLeftovers(s.cluster, s.log); err != nil {
		return nil, err
	}
	// The same path, since clients know it: only the stale socket and its lock go.
	if err := s.who.privateDir(s.socket); err != nil {
		return nil, failure(CodeFolder, err, "le dossier %s ne peut pas être refait", s.socket)
	}
	return s.launch(ctx)
}

// tail returns what a log gained since an offset, its last 20 lines at most.
func tail(path string, from int64) string {
	text, err := os.ReadFile(path)
	if err != nil || from > int64(len(text)) {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(text[from:])), "\n")
	if len(lines) > 20 {
		lines = lines[len(lines)-20:]
	}
	return strings.Join(lines, "\n")
}

// Remove deletes a data folder that no program uses, after stopping the PostgreSQL
// that a killed program may have left there. A folder in use: [ErrInUse].
func Remove(dir string) error {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	held, err := openFolder(dir)
	if err != nil {
		return err
	}
	defer release(held)
	log := slog.New(slog.DiscardHandler)
	if err := clearLeftovers(filepath.Join(dir, "postgres"), log); err != nil {
		return err
	}
	if old, err := os.ReadFile(filepath.Join(dir, socketRecord)); err == nil && strings.HasPrefix(filepath.Base(string(old)), socketPrefix) {
		os.RemoveAll(string(old))
	}
	return os.RemoveAll(dir)
}
