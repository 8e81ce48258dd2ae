package seed

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"
)

// objetJSON is an object of a file, its fields with the line of each.
type objetJSON struct {
	fichier string
	ligne   int
	champs  map[string]champJSON
}

type champJSON struct {
	brut  json.RawMessage
	ligne int
}

// objetsJSON streams the objects of an array, the root of the file or the field of its root named cle (see readJSON).
func objetsJSON(f fichier, cle string) iter.Seq2[objetJSON, error] {
	return func(yield func(objetJSON, error) bool) {
		for e, err := range readJSON[json.RawMessage](f, cle) {
			var o objetJSON
			if err == nil {
				o, err = readObjet(f.nom, e.no, e.val)
			}
			if !yield(o, err) {
				return
			}
		}
	}
}

// champRacine returns a text of the object at the root of the file; "" when it is not there or is no text.
func champRacine(f fichier, cle string) (string, error) {
	source, err := f.open()
	if err != nil {
		return "", err
	}
	defer source.Close()
	dec := json.NewDecoder(source)
	var v any
	if allerA(dec, cle) != nil || dec.Decode(&v) != nil {
		return "", nil
	}
	texte, _ := v.(string)
	return strings.TrimSpace(texte), nil
}

// readObjet takes an object apart, keeping the line of each field. The last one of two fields of one name counts.
func readObjet(nom string, ligne int, brut json.RawMessage) (objetJSON, error) {
	o := objetJSON{fichier: nom, ligne: ligne, champs: map[string]champJSON{}}
	d := json.NewDecoder(bytes.NewReader(brut))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return o, nouvelleAnomalie(nom, ligne, "", string(brut), "un objet est attendu ici")
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return o, nouvelleAnomalie(nom, ligne, "", "", "objet mal formé")
		}
		cle, _ := t.(string)
		n := ligne + bytes.Count(brut[:d.InputOffset()], []byte("\n"))
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return o, nouvelleAnomalie(nom, n, cle, "", "valeur mal formée")
		}
		o.champs[cle] = champJSON{v, n}
	}
	return o, nil
}

// champ returns the first of the named fields that says something: null, "" and [] (how PHP writes an absent object) do not.
func (o objetJSON) champ(noms ...string) (string, champJSON, bool) {
	for _, nom := range noms {
		c, ok := o.champs[nom]
		if ok && len(c.brut) > 0 && !bytes.Equal(c.brut, []byte("null")) && !bytes.Equal(c.brut, []byte(`""`)) && !videJSON(c.brut) {
			return nom, c, true
		}
	}
	return "", champJSON{}, false
}

func videJSON(brut json.RawMessage) bool {
	return brut[0] == '[' && len(bytes.TrimSpace(brut[1:len(brut)-1])) == 0
}

func (o objetJSON) refus(nom string, c champJSON, motif string) *Anomalie {
	return nouvelleAnomalie(o.fichier, c.ligne, nom, strings.Trim(string(c.brut), `"`), motif)
}

// texte returns the first of the named fields that says something, as text; numbers are text too. Text by language
// ({"fr": …, "en": …}) gives the French one, else the English one.
func (o objetJSON) texte(noms ...string) (string, error) {
	nom, c, ok := o.champ(noms...)
	if !ok {
		return "", nil
	}
	switch b := c.brut[0]; {
	case b == '"':
		var s string
		if err := json.Unmarshal(c.brut, &s); err != nil || !utf8.ValidString(s) {
			return "", o.refus(nom, c, "texte mal formé")
		}
		if strings.ContainsRune(s, 0) {
			return "", o.refus(nom, c, "ce texte contient un caractère nul")
		}
		return strings.TrimSpace(s), nil
	case b == '-' || b >= '0' && b <= '9':
		return string(c.brut), nil
	case b == '{':
		langues, err := readObjet(o.fichier, c.ligne, c.brut)
		if err != nil {
			return "", err
		}
		return langues.texte("fr", "en")
	}
	return "", o.refus(nom, c, "un texte est attendu")
}

// entier is texte for a whole number, as a number or as text; "" when absent.
func (o objetJSON) entier(noms ...string) (string, error) {
	s, err := o.texte(noms...)
	if err != nil || s == "" {
		return "", err
	}
	if n, err := strconv.ParseInt(s, 10, 64); err != nil || n < 0 {
		nom, c, _ := o.champ(noms...)
		return "", o.refus(nom, c, "un nombre entier est attendu")
	}
	return s, nil
}

// objet returns a field that is an object; ok is false when it is absent.
func (o objetJSON) objet(noms ...string) (objetJSON, bool, error) {
	nom, c, ok := o.champ(noms...)
	if !ok {
		return objetJSON{}, false, nil
	}
	if c.brut[0] != '{' {
		return objetJSON{}, false, o.refus(nom, c, "un objet est attendu")
	}
	sous, err := readObjet(o.fichier, c.ligne, c.brut)
	return sous, err == nil, err
}

// objets returns a field that is an array of objects.
func (o objetJSON) objets(noms ...string) ([]objetJSON, error) {
	elements, err := o.elements(noms...)
	if err != nil {
		return nil, err
	}
	var out []objetJSON
	for _, e := range elements {
		sous, err := readObjet(o.fichier, e.ligne, e.brut)
		if err != nil {
			return nil, err
		}
		out = append(out, sous)
	}
	return out, nil
}

// textes returns a field that is an array of texts.
func (o objetJSON) textes(noms ...string) ([]string, error) {
	elements, err := o.elements(noms...)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range elements {
		s, err := (objetJSON{o.fichier, e.ligne, map[string]champJSON{noms[0]: e}}).texte(noms[0])
		if err != nil {
			return nil, err
		}
		if s != "" {
			out = append(out, s)
		}
	}
	return out, nil
}

func (o objetJSON) elements(noms ...string) ([]champJSON, error) {
	nom, c, ok := o.champ(noms...)
	if !ok {
		return nil, nil
	}
	if c.brut[0] != '[' {
		return nil, o.refus(nom, c, "un tableau est attendu")
	}
	d := json.NewDecoder(bytes.NewReader(c.brut))
	_, _ = d.Token()
	var out []champJSON
	for d.More() {
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return nil, o.refus(nom, c, "tableau mal formé")
		}
		fin := int(d.InputOffset())
		out = append(out, champJSON{v, c.ligne + bytes.Count(c.brut[:max(0, fin-len(v))], []byte("\n"))})
	}
	return out, nil
}
