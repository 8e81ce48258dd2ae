package db

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// CodeErreur tells a program what the caller of a mutation can mend; the values are the contract's.
type CodeErreur string

// The codes of the contract.
const (
	Invalide    CodeErreur = "INVALIDE"
	Requis      CodeErreur = "REQUIS"
	Duplique    CodeErreur = "DUPLIQUE"
	Introuvable CodeErreur = "INTROUVABLE"
	Conflit     CodeErreur = "CONFLIT"
	Interdit    CodeErreur = "INTERDIT"
)

// Erreur is one thing that the caller of a mutation can mend. Champ is the path of the field in the input.
type Erreur struct {
	Code    CodeErreur
	Champ   []string
	Message string
}

// Error returns the sentence meant for the client.
func (e *Erreur) Error() string { return e.Message }

// Fautes are all that keeps a mutation from being done: nothing of it was.
type Fautes []*Erreur

// Error joins the sentences.
func (f Fautes) Error() string {
	var all []string
	for _, e := range f {
		all = append(all, e.Message)
	}
	return strings.Join(all, " ; ")
}

// faute is one fault of one field; champ "" is none in particular.
func faute(code CodeErreur, champ, format string, args ...any) Fautes {
	e := &Erreur{Code: code, Message: fmt.Sprintf(format, args...)}
	if champ != "" {
		e.Champ = strings.Split(champ, ".")
	}
	return Fautes{e}
}

// ecriture is one action being done, in one transaction: who does it, and the store that reads and writes inside it.
type ecriture struct {
	*Store
	tx     bun.Tx
	qui    *Identite
	action droit.Action
	saisie
	autorisee  bool
	droit      Droit     // the one under which it acts, once authorised
	maintenant time.Time // the transaction's
}

// demande is what a mutation asks: its action, its input and the key that makes it done once.
type demande struct {
	action         droit.Action
	input          any
	cleIdempotence *string
}

// essaisEcriture bounds how often a transaction that PostgreSQL gave up for another one is tried again.
const essaisEcriture = 5

// write does one action for the identity of ctx, in one transaction with its line of the journal. do authorises, writes,
// and returns the key of what it wrote; the caller reads it again once it is committed. Fautes say what the client can
// mend; with a Conflit the key names what stands now. Any other error is not the input's.
func (s *Store) write(ctx context.Context, d demande, do func(ctx context.Context, e *ecriture) (string, error)) (string, Fautes, error) {
	qui := IdentiteDe(ctx)
	if qui == nil {
		return "", nil, nonAuthentifie("cette opération demande un jeton : en-tête « Authorization: Bearer … »")
	}
	for essai := 1; ; essai++ {
		cle, err := s.transaction(ctx, qui, d, do)
		var fautes Fautes
		if errors.As(err, &fautes) {
			return cle, fautes, nil
		}
		if essai < essaisEcriture && givenUp(err) && ctx.Err() == nil {
			time.Sleep(rand.N(time.Duration(essai) * 20 * time.Millisecond)) // those that met would meet again
			continue
		}
		err = translateWrite(err)
		var overtaken *Error
		if errors.As(err, &overtaken) && overtaken.Code == CodeConflit {
			return "", faute(Conflit, "", "%s", overtaken.Message), nil
		}
		return cle, nil, err
	}
}

// written reads again, once a mutation is over, what it wrote or found in its way: none for the key "", nor when the
// mutation failed, whose error it returns.
func written[N Node](ctx context.Context, s *Store, typ, cle string, err error, sel Selection) (none N, _ error) {
	if err != nil || cle == "" {
		return none, err
	}
	n, err := s.Noeud(ctx, identifiant.Global(typ, cle), sel)
	found, _ := n.(N)
	return found, err
}

// givenUp tells the transactions that PostgreSQL stopped so that another could go on, and those that a merger overtook:
// what they read a moment ago is another row now.
func givenUp(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01") || violatesForeignKey(err)
}

// translateWrite is Translate, for what the database refuses to write: a rule that no check in Go said first.
func translateWrite(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "23505", "23P01": // unique_violation, exclusion_violation
			return &Error{Code: CodeConflit, Message: "une autre écriture vient d'enregistrer la même chose : relisez, puis réessayez", cause: err}
		case "23503", "23514", "23502", "22003", "22001": // foreign key, check, not null, out of range, too long
			return &Error{Code: CodeArgumentInvalide, Message: "la base refuse ces valeurs : elles se contredisent, ou sortent des bornes", cause: err}
		}
	}
	return Translate(err)
}

// transaction is one try of write.
func (s *Store) transaction(ctx context.Context, qui *Identite, d demande, do func(ctx context.Context, e *ecriture) (string, error)) (cle string, err error) {
	tx, err := s.base.BeginTx(ctx, nil)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback()
		}
	}()
	e := &ecriture{Store: &Store{pool: s.pool, base: s.base, bun: tx, lecture: s.lecture, sql: s.sql}, tx: tx, qui: qui, action: d.action}
	if err := tx.NewSelect().ColumnExpr("now()").Scan(ctx, &e.maintenant); err != nil {
		return "", err
	}
	done, err := e.seenBefore(ctx, d, &cle)
	if done || err != nil {
		if err == nil {
			err = tx.Rollback()
		}
		return cle, err
	}
	if cle, err = do(ctx, e); err != nil {
		return cle, err
	}
	if len(e.fautes) > 0 {
		return cle, e.fautes
	}
	if !e.autorisee {
		return "", fmt.Errorf("%s wrote without asking whether it may", d.action)
	}
	if d.cleIdempotence != nil {
		if _, err := tx.NewRaw(`UPDATE idempotence SET resultat = ? WHERE sujet = ? AND cle = ?`, cle, qui.Sujet, *d.cleIdempotence).Exec(ctx); err != nil {
			return "", err
		}
	}
	return cle, tx.Commit()
}

// dureeIdempotence is how long a key of idempotency is remembered.
const dureeIdempotence = "7 days"

// seenBefore tells whether this very demand was done already, and what it wrote. A key used for another demand is a
// fault. Two at once: the second waits for the first.
func (e *ecriture) seenBefore(ctx context.Context, d demande, cle *string) (bool, error) {
	if d.cleIdempotence == nil {
		return false, nil
	}
	const champ = "cleIdempotence"
	if n := len(*d.cleIdempotence); n == 0 || n > 200 {
		return false, faute(Invalide, champ, "« cleIdempotence » compte de 1 à 200 caractères")
	}
	asked, err := json.Marshal(d.input)
	if err != nil {
		return false, err
	}
	empreinte := sha256.Sum256(asked)
	if _, err := e.tx.NewRaw(`DELETE FROM idempotence WHERE le < now() - ?::interval`, dureeIdempotence).Exec(ctx); err != nil {
		return false, err
	}
	added, err := e.tx.NewRaw(`INSERT INTO idempotence (sujet, cle, operation, empreinte) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		e.qui.Sujet, *d.cleIdempotence, string(d.action), empreinte[:]).Exec(ctx)
	if err != nil {
		return false, err
	}
	if n, _ := added.RowsAffected(); n == 1 {
		return false, nil
	}
	var (
		operation string
		former    []byte
	)
	err = e.tx.NewRaw(`SELECT operation, empreinte, resultat FROM idempotence WHERE sujet = ? AND cle = ?`, e.qui.Sujet, *d.cleIdempotence).
		Scan(ctx, &operation, &former, cle)
	if err != nil {
		return false, err
	}
	if operation != string(d.action) || !bytes.Equal(former, empreinte[:]) {
		*cle = ""
		return false, faute(Duplique, champ, "cette clé d'idempotence a déjà servi à une autre demande")
	}
	return true, nil
}

// authorise decides whether the action may touch an organisation: the only place that does. champ is the field of the
// input that leads to it. The first success opens the publication under which the journal writes.
func (e *ecriture) authorise(ctx context.Context, champ string, organisation int64) error {
	return e.authoriseThrough(ctx, champ, organisation, 0)
}

// authoriseThrough is authorise for what passes through a third party: the syndicat of a usage.
func (e *ecriture) authoriseThrough(ctx context.Context, champ string, organisation, tiers int64) error {
	d, ok := e.qui.may(e.action, organisation, tiers)
	if !ok {
		if organisation == 0 {
			return faute(Interdit, champ, "votre rôle ne permet pas cette opération")
		}
		return faute(Interdit, champ, "vous n'avez pas le droit de faire cette opération pour cette organisation")
	}
	if e.autorisee {
		return nil
	}
	e.autorisee, e.droit = true, d
	if anonymes[e.action] {
		return openPublication(ctx, e.tx, string(e.action), &Identite{Sujet: "retire"}, Droit{Role: d.Role})
	}
	return openPublication(ctx, e.tx, string(e.action), e.qui, d)
}

// anonymes are the actions that the journal never says who did: who is in the bank of developers may leave it without a trace.
var anonymes = map[droit.Action]bool{"proposerDisponibilite": true, "corrigerDisponibilite": true, "retirerDisponibilite": true}

// authoriseEither is authorise for what two organisations may each do: the first that allows it is the one acted for.
func (e *ecriture) authoriseEither(ctx context.Context, champ string, one, other int64) error {
	err := e.authorise(ctx, champ, one)
	var refused Fautes
	if errors.As(err, &refused) {
		return e.authorise(ctx, champ, other)
	}
	return err
}

const openPublicationSQL = `WITH p AS (INSERT INTO publication (operation, sujet, nom, role, organisation_id)
		VALUES (?, ?, ?, nullif(?, ''), nullif(?, 0)) RETURNING id)
	SELECT set_config('mutualibre.publication', id::text, true), set_config('mutualibre.tenu', 'oui', true) FROM p`

// openPublication signs what the transaction is about to write.
func openPublication(ctx context.Context, tx bun.IDB, operation string, qui *Identite, d Droit) error {
	_, err := tx.NewRaw(openPublicationSQL, operation, qui.Sujet, qui.Nom, string(d.Role), d.OrganisationID).Exec(ctx)
	return err
}

// saisie is an input being read: it keeps the faults found on the way.
type saisie struct{ fautes Fautes }

// verify notes a fault of the input and goes on, so that the client gets them all at once.
func (e *saisie) verify(ok bool, code CodeErreur, champ, format string, args ...any) bool {
	if !ok {
		e.fautes = append(e.fautes, faute(code, champ, format, args...)...)
	}
	return ok
}

// ready returns the faults found so far, as an error.
func (e *saisie) ready() error {
	if len(e.fautes) > 0 {
		return e.fautes
	}
	return nil
}

// texteRequis reads a text without the spaces around it; an empty one is a fault.
func (e *saisie) texteRequis(champ, text string, max int) string {
	clean := e.texteLibre(champ, &text, max)
	e.verify(clean != nil, Requis, champ, "« %s » est vide", champ)
	return *or(clean, "")
}

// texteLibre reads an optional text without the spaces around it; nil when nothing is left of it.
func (e *saisie) texteLibre(champ string, text *string, max int) *string {
	if text == nil {
		return nil
	}
	clean := strings.TrimSpace(*text)
	e.verify(utf8.RuneCountInString(clean) <= max, Invalide, champ, "« %s » compte %d caractères au plus", champ, max)
	return nonEmpty(clean)
}

// uneLigne is texteLibre on one line, its spaces tidied.
func (e *saisie) uneLigne(champ string, text *string, max int) *string {
	clean := e.texteLibre(champ, text, max)
	if clean == nil {
		return nil
	}
	return nonEmpty(texte.SansEspacesSuperflus(strings.ToValidUTF8(*clean, "")))
}

// nonEmpty is nil for "".
func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// cleDe decodes a public id of one of these types; a fault, noted, gives "".
func (e *saisie) cleDe(champ, id string, types ...string) string {
	typ, cle, err := identifiant.ParseGlobal(id)
	if !e.verify(err == nil, Invalide, champ, "« %s » : %v", champ, err) ||
		!e.verify(slices.Contains(types, typ), Invalide, champ, "« %s » attend l'identifiant d'un objet %s, pas %s", champ, strings.Join(types, " ou "), typ) {
		return ""
	}
	return cle
}

// readMany reads what each of a list of ids names, each once; never nil. More than max are a fault, noted.
func (e *saisie) readMany(champ string, ids []string, max int, read func(champ, id string) (int64, error)) ([]int64, error) {
	found := []int64{}
	if !e.verify(len(ids) <= max, Invalide, champ, "« %s » en compte %d : %d au plus", champ, len(ids), max) {
		return found, nil
	}
	for i, id := range ids {
		n, err := read(champ+"."+strconv.Itoa(i), id)
		if err != nil {
			return nil, err
		}
		if n != 0 && !slices.Contains(found, n) {
			found = append(found, n)
		}
	}
	return found, nil
}

// rowidLogiciel reads, for readMany, the software that an id names.
func (e *ecriture) rowidLogiciel(ctx context.Context) func(champ, id string) (int64, error) {
	return func(champ, id string) (int64, error) {
		l, err := e.logiciel(ctx, champ, id)
		if l == nil {
			return 0, err
		}
		return l.Rowid, err
	}
}

// categories reads the categories that codes name, each once; never nil. More than max are a fault, noted.
func (e *ecriture) categories(ctx context.Context, champ string, codes []string, max int) ([]int64, error) {
	connues, err := e.Categories(ctx)
	if err != nil {
		return nil, err
	}
	return e.readMany(champ, codes, max, func(champ, code string) (int64, error) {
		i := slices.IndexFunc(connues, func(c *Categorie) bool { return c.Code == code })
		if !e.verify(i >= 0, Introuvable, champ, "la catégorie « %.40s » n'existe pas", code) {
			return 0, nil
		}
		return connues[i].Rowid, nil
	})
}

// organisation reads the organisation that an id names; a fault, noted, gives nil.
func (e *ecriture) organisation(ctx context.Context, champ, id string, types ...string) (*Fiche, error) {
	cle := e.cleDe(champ, id, types...)
	if cle == "" {
		return nil, nil
	}
	f, err := e.ficheDe(ctx, cle)
	if err == nil {
		e.verify(f != nil, Introuvable, champ, "« %s » : cette organisation n'existe pas", champ)
	}
	return f, err
}

// ficheDe reads the organisation of a key, or the one into which it was merged; nil when there is none.
func (s *Store) ficheDe(ctx context.Context, cle string) (*Fiche, error) {
	f := new(Fiche)
	found, err := one(ctx, nommes(selectRows(s, f, columnsFiche), organisationsNommees, cle), f)
	if !found {
		return nil, err
	}
	return f, nil
}

// logiciel reads the software that an id names; a fault, noted, gives nil.
func (e *ecriture) logiciel(ctx context.Context, champ, id string) (*Logiciel, error) {
	slug := e.cleDe(champ, id, "Logiciel")
	if slug == "" {
		return nil, nil
	}
	l := new(Logiciel)
	found, err := one(ctx, nommes(selectRows(e.Store, l, columnsLogiciel), logicielsNommes, slug), l)
	if err != nil || !e.verify(found, Introuvable, champ, "« %s » : ce logiciel n'existe pas", champ) {
		return nil, err
	}
	return l, nil
}

// SourceInput is what a declaration rests on.
type SourceInput struct {
	Nom string
	URL *string
}

// cle is the key of the source: its name and its address, apart from the keys of the sources that the project reads itself.
// A declaration never takes the name, nor the licence, of a source that it only cites, and gives it none.
func (in *SourceInput) cle() string {
	return fmt.Sprintf("declaree-%q %s", strings.TrimSpace(in.Nom), *or(in.URL, ""))
}

// cleDeclaration is the key of the source that the word of an organisation is.
func cleDeclaration(organisation string) string { return "declaration-" + organisation }

// source returns the row id of what a declaration rests on: what the input names or, by default, the word of the
// organisation that acts. It comes after authorise.
func (e *ecriture) source(ctx context.Context, in *SourceInput) (int64, error) {
	cle, nom, adresse := "", "", (*string)(nil)
	switch {
	case in != nil:
		nom, adresse = strings.TrimSpace(in.Nom), in.URL
		e.verify(nom != "", Requis, "source.nom", "« source.nom » est vide : nommez la source comme on la citerait")
		e.verify(utf8.RuneCountInString(nom) <= 200, Invalide, "source.nom", "« source.nom » compte 200 caractères au plus")
		e.checkURL("source.url", adresse)
		cle = in.cle()
	case e.droit.OrganisationID == 0:
		e.verify(false, Requis, "source", "nommez la source : vous n'agissez pour aucune organisation dont ce serait la parole")
	default:
		fiches, err := e.fichesByID(ctx, []int64{e.droit.OrganisationID})
		if err != nil {
			return 0, err
		}
		f := fiches[e.droit.OrganisationID]
		cle, nom, adresse = cleDeclaration(f.Cle), "Déclaration : "+f.Nom, f.Site
	}
	if err := e.ready(); err != nil {
		return 0, err
	}
	var id int64
	err := e.tx.NewRaw(`INSERT INTO source AS s (cle, nom, url, importe_le) VALUES (?, ?, ?, now())
		ON CONFLICT (cle) DO UPDATE SET cle = s.cle RETURNING s.id`, cle, nom, adresse).Scan(ctx, &id)
	return id, err
}

// webURL tells the addresses that a browser can follow.
func webURL(adresse string) bool {
	u, err := url.Parse(adresse)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && len(adresse) <= 500
}

// checkURL notes an address that a browser could not follow; none is no fault.
func (e *saisie) checkURL(champ string, adresse *string) {
	e.verify(adresse == nil || webURL(*adresse), Invalide, champ, "« %s » n'est pas une adresse http ou https", champ)
}

// lock reads one row by its key, for this transaction alone until it ends; false when there is none.
func lock[R any](ctx context.Context, e *ecriture, dest *R, columns []string, key string, cle any) (bool, error) {
	q := selectRows(e.Store, dest, columns).Where("? = ?", bun.Safe(key), cle).For("UPDATE OF ?TableAlias")
	err := q.Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// lockNamed reads the row that an id of the input names, whose key is a UUID, for this transaction alone; absent, a fault, when
// there is none. The type that the id tells is R.
func lockNamed[R any](ctx context.Context, e *ecriture, champ, id string, columns []string, key string, absent error) (*R, error) {
	cle := e.cleDe(champ, id, reflect.TypeFor[R]().Name())
	if err := e.ready(); err != nil {
		return nil, err
	}
	if len(uuids([]string{cle})) == 0 {
		return nil, absent
	}
	r := new(R)
	found, err := lock(ctx, e, r, columns, key, cle)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, absent
	}
	return r, nil
}

// current checks that a correction was made from what stands now.
func current(revision, read int) error {
	if revision != read {
		return faute(Conflit, "revision", "cela a changé depuis votre lecture (révision %d, vous aviez lu la %d) : reprenez depuis l'état actuel", revision, read)
	}
	return nil
}
