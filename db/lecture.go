package db

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mutualibre/mutualibre/domain/droit"
)

// Who reads, and the instant at which the graph is read, are settled on the connection: its search_path puts before the
// tables the views that hold what this reader may see, then (see the schemas lecture_publique, lecture and lecture_au).
// The SQL of the package is the same for everyone and cannot forget a condition.

type auKey struct{}

// At returns a context under which the graph is read as it stood at an instant.
func At(ctx context.Context, t time.Time) context.Context { return context.WithValue(ctx, auKey{}, t) }

// presentSeulement refuses to read in the past what rests on kept counts, which tell of the graph as it is now: of any day,
// but as it is known today. champ is the field asked. Errors: CodeArgumentInvalide.
func presentSeulement(ctx context.Context, champ string) error {
	if _, past := ctx.Value(auKey{}).(time.Time); past {
		return Invalid("auDate", "« %s » ne se lit pas avec « auDate » : ses chiffres disent ce que l'on sait aujourd'hui ; donnez-lui une « date », ou figez la réponse dans un instantané", champ)
	}
	return nil
}

// reglages are the settings of the connection that reads for ctx; "" for anyone, now.
func reglages(ctx context.Context) string {
	i := IdentiteDe(ctx)
	au, past := ctx.Value(auKey{}).(time.Time)
	if i == nil && !past {
		return ""
	}
	var (
		organisme, tout  = "non", "non"
		siennes, membres []int64
		schema           = "lecture"
		instant          string
	)
	if past {
		schema, instant = "lecture_au", au.UTC().Format(time.RFC3339Nano)
	}
	if i != nil {
		for _, d := range i.Droits {
			switch {
			case d.Role.Global():
				tout = "oui"
			case d.Role == droit.Fournisseur:
				siennes = append(siennes, d.OrganisationID)
			default:
				organisme = "oui"
				siennes = append(siennes, d.OrganisationID)
				membres = append(membres, d.Membres...)
			}
		}
	}
	return fmt.Sprintf(`SET search_path = %s, public; SET mutualibre.organisme = '%s'; SET mutualibre.tout = '%s';
		SET mutualibre.siennes = '%s'; SET mutualibre.membres = '%s'; SET mutualibre.au = '%s'`,
		schema, organisme, tout, tableau(siennes), tableau(membres), instant)
}

// tableau writes numbers as PostgreSQL writes an array.
func tableau(ids []int64) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(id, 10))
	}
	b.WriteByte('}')
	return b.String()
}

const (
	lecturePublique = "lecture_publique, public"
	cleReglages     = "mutualibre.reglages"
)

// newLecture opens the pool that reads, beside the one that writes: its connections start as anyone's, and are settled
// when they are taken for someone else.
func newLecture(ecriture *pgxpool.Pool) *pgxpool.Pool {
	config := ecriture.Config()
	config.ConnConfig.RuntimeParams["search_path"] = lecturePublique
	config.PrepareConn = func(ctx context.Context, conn *pgx.Conn) (bool, error) {
		want := reglages(ctx)
		state := conn.PgConn().CustomData()
		if had, _ := state[cleReglages].(string); had == want {
			return true, nil
		}
		sql := want
		if sql == "" {
			sql = `SET search_path = ` + lecturePublique + `; SET mutualibre.au = ''`
		}
		delete(state, cleReglages)
		if _, err := conn.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
			return false, err // the connection is in an unknown state: it is closed
		}
		state[cleReglages] = want
		return true, nil
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		panic(err) // only for a configuration that pgxpool did not make
	}
	return pool
}
