package depot

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/domain/communaute"
)

// Ticket is an issue, or a request to change the code, as a forge exports it.
type Ticket struct {
	cle            string // what tells it from the others of the forge
	ouvert, ferme  time.Time
	auteur         signature
	premiere       time.Time // the first answer of somebody else; zero: none
	reponsesLisent bool      // the export says whether there was one
}

// The bounds of an export.
const (
	maxExport  = 512 << 20
	maxTickets = 2_000_000
)

// ErrExport is a file that is no array of issues or requests.
var ErrExport = errors.New("ce n'est pas un export lisible : un tableau JSON de tickets ou de demandes (API de GitHub ou de GitLab, « gh … --json ») est attendu")

// champ reads a field under one of its names.
func champ[T any](m map[string]json.RawMessage, noms ...string) (v T, ok bool) {
	for _, n := range noms {
		if brut, la := m[n]; la && string(brut) != "null" && json.Unmarshal(brut, &v) == nil {
			return v, true
		}
	}
	var zero T
	return zero, false
}

func instant(m map[string]json.RawMessage, noms ...string) time.Time {
	s, _ := champ[string](m, noms...)
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// auteurDe reads who wrote, as GitHub (user, login), gh (author, is_bot) and GitLab (author, username) say it.
func auteurDe(m map[string]json.RawMessage) signature {
	a, _ := champ[map[string]json.RawMessage](m, "author", "user")
	nom, _ := champ[string](a, "login", "username", "name")
	genre, _ := champ[string](a, "type")
	if auto, _ := champ[bool](a, "is_bot", "bot"); auto || genre == "Bot" {
		nom += "[bot]"
	}
	return signature{nom: nom}
}

// LireExport reads an array of issues or requests in a stream, and adds them to those already read: the same one, found in
// two files (GitHub lists requests among issues), is one. Fields are those of the REST interfaces of GitHub and GitLab, and
// of gh: created_at, closed_at, merged_at, user or author; first_response_at, or comments when it holds them, say when it was
// answered. Errors: ErrExport.
func LireExport(r io.Reader, tickets map[string]Ticket) error {
	d := json.NewDecoder(io.LimitReader(r, maxExport))
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return ErrExport
	}
	for n := 1; d.More(); n++ {
		var m map[string]json.RawMessage
		if err := d.Decode(&m); err != nil {
			return fmt.Errorf("élément %d : %w", n, ErrExport)
		}
		t, ok := ticket(m)
		if !ok {
			return fmt.Errorf("élément %d, sans numéro ou sans date de création : %w", n, ErrExport)
		}
		if len(tickets) >= maxTickets {
			return fmt.Errorf("plus de %d éléments : %w", maxTickets, ErrExport)
		}
		if deja, vu := tickets[t.cle]; vu {
			t = deja.avec(t)
		}
		tickets[t.cle] = t
	}
	if t, err := d.Token(); err != nil || t != json.Delim(']') {
		return ErrExport
	}
	return nil
}

func ticket(m map[string]json.RawMessage) (t Ticket, ok bool) {
	numero, ok := champ[json.Number](m, "number", "iid")
	t.ouvert = instant(m, "created_at", "createdAt")
	if !ok || t.ouvert.IsZero() {
		return t, false
	}
	// GitHub numbers issues and requests together; GitLab apart, and its requests have branches.
	t.cle = numero.String()
	if _, demande := m["source_branch"]; demande {
		t.cle = "!" + t.cle
	}
	if projet, ok := champ[json.Number](m, "project_id"); ok {
		t.cle = projet.String() + "/" + t.cle
	} else if adresse, ok := champ[string](m, "repository_url"); ok {
		t.cle = strings.ToLower(adresse) + "/" + t.cle
	}
	if t.ferme = instant(m, "closed_at", "closedAt"); t.ferme.IsZero() {
		t.ferme = instant(m, "merged_at", "mergedAt")
	}
	t.auteur = auteurDe(m)
	if _, dit := m["first_response_at"]; dit {
		t.premiere, t.reponsesLisent = instant(m, "first_response_at"), true
		return t, true
	}
	if commentaires, ok := champ[[]map[string]json.RawMessage](m, "comments", "notes"); ok {
		t.reponsesLisent = true
		for _, c := range commentaires {
			le, de := instant(c, "created_at", "createdAt"), auteurDe(c)
			if !le.IsZero() && de.nom != t.auteur.nom && !de.robot() && (t.premiere.IsZero() || le.Before(t.premiere)) {
				t.premiere = le
			}
		}
		return t, true
	}
	if nombre, ok := champ[int](m, "comments", "user_notes_count"); ok && nombre == 0 {
		t.reponsesLisent = true
	}
	return t, true
}

// avec is the ticket with what another reading of it says.
func (t Ticket) avec(u Ticket) Ticket {
	if t.ferme.IsZero() {
		t.ferme = u.ferme
	}
	if t.auteur.nom == "" {
		t.auteur = u.auteur
	}
	if !u.premiere.IsZero() && (t.premiere.IsZero() || u.premiere.Before(t.premiere)) {
		t.premiere = u.premiere
	}
	t.reponsesLisent = t.reponsesLisent || u.reponsesLisent
	return t
}

// fenetreForge is the number of days before the evaluation over which issues and requests are counted.
const fenetreForge = 90

// Reactivite counts what was opened and closed in the ninety days that end with the day given. What robots opened is left
// out, and counted. The median time to a first answer is told only when the export says, of each one opened, whether it was
// answered: those still waiting count for the time they have waited.
func Reactivite(tickets map[string]Ticket, au time.Time) Lecture {
	var l Lecture
	fin := au.AddDate(0, 0, 1)
	debut := fin.AddDate(0, 0, -fenetreForge)
	dans := func(t time.Time) bool { return !t.Before(debut) && t.Before(fin) }
	ouverts, fermes, robots, muets := 0, 0, 0, 0
	var delais []float64
	for _, t := range tickets {
		if t.auteur.robot() {
			if dans(t.ouvert) {
				robots++
			}
			continue
		}
		if dans(t.ferme) {
			fermes++
		}
		if !dans(t.ouvert) {
			continue
		}
		ouverts++
		switch {
		case !t.premiere.IsZero() && t.premiere.Before(fin):
			delais = append(delais, max(0, t.premiere.Sub(t.ouvert).Hours()/24))
		case t.reponsesLisent:
			attente := fin
			if !t.ferme.IsZero() && t.ferme.Before(fin) {
				attente = t.ferme // closed without a word: that was the answer
			}
			delais = append(delais, max(0, attente.Sub(t.ouvert).Hours()/24))
		default:
			muets++
		}
	}
	l.compte(communaute.Ouverts90, ouverts, "")
	l.compte(communaute.Fermes90, fermes, "")
	l.compte(communaute.RobotsForge, robots, "")
	switch {
	case muets > 0:
		l.avertit("délai de première réponse : l'export ne dit pas s'il a été répondu à %d des %d tickets et demandes", muets, ouverts)
	case len(delais) > 0:
		l.ajoute(communaute.PremiereReponse, strconv.FormatFloat(communaute.Mediane(delais), 'f', 1, 64), "", "médiane ; les tickets sans réponse comptent pour leur attente")
	}
	return l
}

// LireScorecard reads the report of OpenSSF Scorecard in JSON: its aggregate and its date. Error: ErrScorecard.
func LireScorecard(r io.Reader) (communaute.Entree, error) {
	var rapport struct {
		Date  string   `json:"date"`
		Score *float64 `json:"score"`
		Repo  struct {
			Name string `json:"name"`
		} `json:"repo"`
	}
	if err := json.NewDecoder(io.LimitReader(r, 16<<20)).Decode(&rapport); err != nil || rapport.Score == nil {
		return communaute.Entree{}, ErrScorecard
	}
	e := communaute.Entree{Nom: communaute.Scorecard, Valeur: strconv.FormatFloat(*rapport.Score, 'f', 1, 64), Note: coupe(rapport.Repo.Name)}
	if len(rapport.Date) >= len(time.DateOnly) {
		e.Le = rapport.Date[:len(time.DateOnly)]
	}
	if e.Verifier(jourLointain) != nil {
		return communaute.Entree{}, ErrScorecard // an aggregate of -1: no check could be run
	}
	return e, nil
}

// ErrScorecard is a file that is no report, or that holds no score.
var ErrScorecard = errors.New("ce n'est pas un rapport d'OpenSSF Scorecard au format JSON, ou il ne contient pas de note")
