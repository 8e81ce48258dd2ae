package sortie

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/seed/tableau"
)

// instantane answers with a snapshot: its document, or the table of its answer. Neither ever changes, nor depends on who
// reads.
func (s *serveur) instantane(w http.ResponseWriter, r *http.Request) {
	const titre = "Instantané introuvable"
	id, suffixe, _ := strings.Cut(r.PathValue("fichier"), ".")
	excel, err := readExcelSeul(r)
	if err != nil {
		s.refuse(r.Context(), w, "Instantané illisible", err)
		return
	}
	h := w.Header()
	csv := suffixe == "csv"
	if suffixe == "" {
		h.Add("Vary", "Accept")
		csv = prefersCSV(r.Header.Values("Accept"))
	}
	var (
		i        *db.Instantane
		document string
		known    *db.Error
	)
	if suffixe == "" || suffixe == "csv" || suffixe == "json" {
		i, err = s.Store.Instantane(r.Context(), id, db.Selection{})
	}
	if errors.As(err, &known) && known.Code == db.CodeArgumentInvalide || err == nil && i == nil {
		err = &db.Error{Code: db.CodeIntrouvable, Message: "il n'y a pas d'instantané à cette adresse : /instantane/{id}, ou /instantane/{id}.csv"}
	}
	if err == nil {
		document, err = s.Store.DocumentDe(r.Context(), i)
	}
	if err != nil {
		s.refuse(r.Context(), w, titre, err)
		return
	}
	corps, etag := []byte(document), i.Empreinte
	h.Set("Content-Type", "application/json; charset=utf-8")
	if csv {
		var b bytes.Buffer
		if err := ecrireInstantane(&b, i, document, excel); err != nil {
			s.refuse(r.Context(), w, titre, err)
			return
		}
		corps, etag = b.Bytes(), fmt.Sprintf("%s.csv.%t", etag, excel.Excel)
		h.Set("Content-Type", typesMIME["csv"])
		nom := fmt.Sprintf("mutualibre-instantane-%s-%.8s.csv", time.Time(i.Le).UTC().Format(time.DateOnly), strings.TrimPrefix(i.Empreinte, "sha256:"))
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": nom}))
	}
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", `"`+etag+`"`)
	h.Set("Link", "<"+i.Adresse()+`>; rel="cite-as"`) // RFC 8574: what to cite, whatever the form that was read
	h.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time(i.Le), bytes.NewReader(corps)) // HEAD, If-None-Match, ranges
}

// readExcelSeul reads « excel », the one parameter of a snapshot.
func readExcelSeul(r *http.Request) (tableau.OptionsEcriture, error) {
	var d Demande
	for nom, valeurs := range r.URL.Query() {
		if nom != "excel" {
			return d.Ecriture, db.Invalid(nom, "le paramètre « %.40s » n'existe pas pour un instantané ; paramètre admis : excel", nom)
		}
		if err := d.readExcel(valeurs); err != nil {
			return d.Ecriture, err
		}
	}
	return d.Ecriture, nil
}

// prefersCSV tells whether Accept wants a table: text/csv weighs there more than JSON, named or by a wildcard.
func prefersCSV(entetes []string) bool {
	poids := map[string]float64{}
	for _, e := range entetes {
		for offre := range strings.SplitSeq(e, ",") {
			media, parametres, err := mime.ParseMediaType(offre)
			if err != nil {
				continue
			}
			q := 1.0
			if v, err := strconv.ParseFloat(parametres["q"], 64); err == nil {
				q = v
			}
			poids[media] = max(poids[media], q)
		}
	}
	return poids["text/csv"] > max(poids["application/json"], poids["application/*"], poids["*/*"])
}

// ecrireInstantane writes, as a table, the first list of objects of an answer, in the order of the document; without one,
// the whole answer as a row. Objects inside are spread in columns « a.b », lists of objects stay in JSON. As every table
// ends with its sources, this one ends with the address and the hash of the snapshot, which has them.
func ecrireInstantane(b *bytes.Buffer, i *db.Instantane, document string, o tableau.OptionsEcriture) error {
	var d struct{ Reponse json.RawMessage }
	if err := json.Unmarshal([]byte(document), &d); err != nil {
		return err
	}
	elements := premiereListe(d.Reponse)
	if elements == nil {
		elements = []json.RawMessage{d.Reponse}
	}
	var racine colonne
	for _, e := range elements {
		racine.add(e)
	}
	chemins := racine.chemins("", nil)
	table, err := tableau.NewWriter(b, "csv", append(slices.Clone(chemins), "instantane", "empreinte"), o)
	if err != nil {
		return err
	}
	for _, e := range elements {
		valeurs := map[string]json.RawMessage{}
		etale(valeurs, "", e)
		ligne := make([]tableau.Valeur, 0, len(chemins)+2)
		for _, c := range chemins {
			ligne = append(ligne, cellule(valeurs[c]))
		}
		if err := table.Write(append(ligne, tableau.Texte(i.Adresse()), tableau.Texte(i.Empreinte))); err != nil {
			return err
		}
	}
	return table.Close()
}

// entree is a member of a JSON object.
type entree struct {
	nom    string
	valeur json.RawMessage
}

// entrees reads a JSON object in its order; nil for anything else. The document was written by the server: it is JSON.
func entrees(raw json.RawMessage) (all []entree) {
	if !estObjet(raw) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	_, _ = d.Token()
	for d.More() {
		nom, _ := d.Token()
		e := entree{nom: nom.(string)}
		if d.Decode(&e.valeur) != nil {
			return all
		}
		all = append(all, e)
	}
	return all
}

// elements reads a JSON list; nil for anything else.
func elements(raw json.RawMessage) (all []json.RawMessage) {
	if len(raw) > 0 && raw[0] == '[' {
		_ = json.Unmarshal(raw, &all)
	}
	return all
}

func estObjet(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '{' }

// premiereListe finds the first list that holds objects; nil when there is none.
func premiereListe(raw json.RawMessage) []json.RawMessage {
	if all := elements(raw); slices.ContainsFunc(all, estObjet) {
		return all
	}
	for _, e := range entrees(raw) {
		if all := premiereListe(e.valeur); all != nil {
			return all
		}
	}
	return nil
}

// colonne is a column, or what several of them begin with. They come in the order in which the rows first name them.
type colonne struct {
	nom     string
	enfants []*colonne
	feuille bool // some row has a value there
}

func (c *colonne) add(raw json.RawMessage) {
	if !estObjet(raw) {
		c.feuille = c.feuille || string(raw) != "null"
		return
	}
	for _, e := range entrees(raw) {
		i := slices.IndexFunc(c.enfants, func(o *colonne) bool { return o.nom == e.nom })
		if i < 0 {
			i = len(c.enfants)
			c.enfants = append(c.enfants, &colonne{nom: e.nom})
		}
		c.enfants[i].add(e.valeur)
	}
}

// chemins lists the columns. What is null in some rows and an object in others is none by itself.
func (c *colonne) chemins(debut string, all []string) []string {
	if debut != "" && (c.feuille || len(c.enfants) == 0) {
		all = append(all, debut)
	}
	for _, e := range c.enfants {
		all = e.chemins(joint(debut, e.nom), all)
	}
	return all
}

func joint(debut, nom string) string {
	if debut == "" {
		return nom
	}
	return debut + "." + nom
}

// etale gives its value to each column of a row.
func etale(valeurs map[string]json.RawMessage, debut string, raw json.RawMessage) {
	if !estObjet(raw) {
		valeurs[debut] = raw
		return
	}
	for _, e := range entrees(raw) {
		etale(valeurs, joint(debut, e.nom), e.valeur)
	}
}

// cellule writes a JSON value as the exports write theirs.
func cellule(raw json.RawMessage) tableau.Valeur {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return tableau.Valeur{}
	}
	switch v := v.(type) {
	case string:
		return tableau.Texte(v)
	case bool:
		return tableau.Booleen(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return tableau.Entier(n)
		}
		return tableau.Texte(v.String())
	case []any:
		var items []string
		for _, e := range elements(raw) {
			var texte string
			switch {
			case estObjet(e), len(e) > 0 && e[0] == '[':
				return tableau.Texte(string(raw))
			case json.Unmarshal(e, &texte) != nil:
				texte = string(e) // a number, a boolean
			}
			items = append(items, texte)
		}
		return tableau.Liste(items)
	}
	return tableau.Valeur{}
}
