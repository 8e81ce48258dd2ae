package sortie

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/icalendrier"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

const titreCalendrier = "Calendrier impossible"

// calendrier answers with the events of which the day is known, narrowed as the list of GraphQL is: nothing in a calendar
// says « in December ». An event once cancelled stays, as such, for who had it.
func (s *serveur) calendrier(w http.ResponseWriter, r *http.Request) {
	parametres := r.URL.Query()
	parametres.Del("excel") // of tables alone: it means nothing here
	d, err := ReadDemande("rencontres", parametres, s.Maintenant())
	if err != nil {
		s.refuse(r.Context(), w, titreCalendrier, err)
		return
	}
	ctx, e, ferme := s.ouvre(w, r, titreCalendrier, d)
	if e == nil {
		return
	}
	defer ferme()
	enteteCalendrier(w)
	if r.Method == http.MethodHead {
		return
	}
	if err := s.writeCalendrier(ctx, w, e); err != nil {
		s.Log.WarnContext(ctx, "calendrier coupé", "err", err)
		panic(http.ErrAbortHandler)
	}
}

// calendrierDUne answers with one event, by its public id.
func (s *serveur) calendrierDUne(w http.ResponseWriter, r *http.Request) {
	id, ok := strings.CutSuffix(r.PathValue("fichier"), ".ics")
	typ, _, err := identifiant.ParseGlobal(id)
	d := Demande{DemandeExport: db.DemandeExport{Table: "rencontres", Parents: map[string][]string{"rencontre": {id}}}}
	if !ok || err != nil || typ != "Rencontre" {
		s.refuse(r.Context(), w, titreCalendrier, &db.Error{Code: db.CodeIntrouvable, Message: "adresse attendue : /rencontres/{identifiant}.ics"})
		return
	}
	ctx, e, ferme := s.ouvre(w, r, titreCalendrier, d)
	if e == nil {
		return
	}
	defer ferme()
	for ligne, err := range e.Lignes(ctx) {
		if err != nil {
			s.refuse(ctx, w, titreCalendrier, err)
			return
		}
		evenement, connu := evenement(e.Colonnes, ligne)
		if !connu {
			s.refuse(ctx, w, titreCalendrier, &db.Error{Code: db.CodeIntrouvable, Message: "le jour de cette rencontre n'est pas connu : elle n'a pas de calendrier"})
			return
		}
		enteteCalendrier(w)
		if r.Method != http.MethodHead {
			c := commence(w)
			_ = c.Add(evenement)
			_ = c.Close() // a client that left has nobody to tell
		}
		return
	}
	s.refuse(ctx, w, titreCalendrier, &db.Error{Code: db.CodeIntrouvable, Message: "cette rencontre n'existe pas"})
}

func enteteCalendrier(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	if h.Get("Cache-Control") == "" { // who identified the reader may have said more
		h.Set("Cache-Control", "no-cache")
	}
}

func commence(w interface{ Write([]byte) (int, error) }) *icalendrier.Calendrier {
	return icalendrier.Commence(w, "-//Mutualibre//Rencontres//FR", "Rencontres du logiciel libre et du secteur public")
}

func (s *serveur) writeCalendrier(ctx context.Context, w http.ResponseWriter, e *db.Export) error {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{})    // see write
	defer control.SetWriteDeadline(time.Time{}) //nolint:errcheck // the same
	sortie := bufio.NewWriterSize(patient{w, control}, 64<<10)
	c := commence(sortie)
	for ligne, err := range e.Lignes(ctx) {
		if err != nil {
			return err
		}
		if evenement, connu := evenement(e.Colonnes, ligne); connu {
			if err := c.Add(evenement); err != nil {
				return err
			}
		}
	}
	if err := c.Close(); err != nil {
		return err
	}
	return sortie.Flush()
}

// evenement reads an event from its row; false when its day is not known.
func evenement(colonnes []db.ColonneExport, ligne [][]byte) (icalendrier.Evenement, bool) {
	v := make(map[string]string, len(colonnes))
	for i, c := range colonnes {
		v[c.Nom] = string(ligne[i])
	}
	debut, err := time.Parse(time.DateOnly, v["debut"])
	if err != nil {
		return icalendrier.Evenement{}, false
	}
	fin, err := time.Parse(time.DateOnly, v["fin"])
	if err != nil {
		fin = debut
	}
	ecrit, _ := time.Parse(time.RFC3339, v["ecrit_le"])
	revision, _ := strconv.Atoi(v["revision"])
	e := icalendrier.Evenement{
		UID: v["id"], Modifie: ecrit, Sequence: revision, Debut: debut, Fin: fin, Annule: v["annulee"] == "t",
		Titre: v["nom"], Lieu: v["lieu"], URL: v["site"],
	}
	if commune := v["nom_commune"]; !strings.Contains(e.Lieu, commune) {
		e.Lieu = strings.TrimPrefix(e.Lieu+", "+commune, ", ")
	}
	if serie := v["nom_serie"]; serie != "" {
		e.Categories = []string{serie}
	}
	var organisateurs []string
	_ = json.Unmarshal([]byte(v["organisateurs"]), &organisateurs) // the database's own
	for _, l := range []struct{ avant, dit string }{{"", v["description"]}, {"Organisation : ", strings.Join(organisateurs, ", ")},
		{"Source : ", strings.TrimSpace(v["source"] + " " + v["source_url"])}} {
		if l.dit != "" {
			e.Description = strings.TrimPrefix(e.Description+"\n"+l.avant+l.dit, "\n")
		}
	}
	return e, true
}
