package tableau

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// lecteurNDJSON reads one object a line. Its header is made of the keys of the first object and of the columns that this
// one lacks, so that rows have one width.
type lecteurNDJSON struct {
	lignes   lignesTexte
	entetes  *entetes
	colonnes []Colonne
	attente  *objetNDJSON // the first object, read for its keys
	cles     []string     // the header; nil until it was given
	rang     map[string]int
	vues     map[string]bool // unknown keys already told
	lues     map[string]int  // the canonical keys of the last line
}

// objetNDJSON is a line, or why it is none.
type objetNDJSON struct {
	no      int
	cles    []string // as written
	valeurs []string
	faute   *Faute
}

func (n *lecteurNDJSON) Close() error { return nil }

func (n *lecteurNDJSON) next() (no int, champs []string, faute *Faute, err error) {
	o := n.attente
	if n.attente = nil; o == nil {
		if o, err = n.object(); err != nil {
			return 0, nil, nil, err
		}
	}
	if n.cles == nil {
		n.attente = o
		n.makeEntete(o)
		return 0, n.cles, nil, nil
	}
	champs = make([]string, len(n.cles))
	presentes := make(map[string]int, len(o.cles))
	n.lues = presentes
	faute = o.faute
	for i, cle := range o.cles {
		nom, connue := n.entetes.canonique(cle)
		if _, double := presentes[nom]; double && faute == nil {
			faute = nouvelleFaute(o.no, cle, o.valeurs[i], "cette clé figure deux fois sur la ligne")
		}
		presentes[nom] = i
		if j, ok := n.rang[nom]; ok {
			champs[j] = o.valeurs[i]
		} else if !connue && !ignoree(nom) && !n.vues[nom] && len(n.vues) < maxColonnes {
			n.vues[nom] = true
			n.entetes.inconnues = append(n.entetes.inconnues, propre(cle))
		}
	}
	if manquantes := n.entetes.manquantes(presentes); manquantes != "" && faute == nil {
		faute = nouvelleFaute(o.no, manquantes, "", "cette ligne n'a pas cette clé")
	}
	return o.no, champs, faute, nil
}

func (n *lecteurNDJSON) makeEntete(o *objetNDJSON) {
	n.rang, n.vues, n.cles = map[string]int{}, map[string]bool{}, []string{}
	add := func(cle string) {
		nom, _ := n.entetes.canonique(cle)
		if _, deja := n.rang[nom]; !deja && nom != "" && !ignoree(nom) {
			n.rang[nom] = len(n.cles)
			n.cles = append(n.cles, cle)
		}
	}
	if o.faute == nil {
		for _, cle := range o.cles {
			add(cle)
		}
	}
	for _, c := range n.colonnes {
		add(c.Nom)
	}
}

// object reads the next line that is not empty.
func (n *lecteurNDJSON) object() (*objetNDJSON, error) {
	for {
		no, ligne, tropLongue, err := n.lignes.line()
		if err != nil {
			return nil, err
		}
		o := &objetNDJSON{no: no}
		if tropLongue {
			o.faute = nouvelleFaute(no, "", string(ligne), "cette ligne est trop longue")
			return o, nil
		}
		if len(bytes.TrimSpace(ligne)) == 0 {
			continue
		}
		if motif := o.parse(ligne); motif != "" {
			o.faute = nouvelleFaute(no, "", string(ligne), motif)
		}
		return o, nil
	}
}

// parse returns why the line is not an object of plain values, or "".
func (o *objetNDJSON) parse(ligne []byte) string {
	const malForme = "cette ligne n'est pas un objet JSON bien formé"
	if !utf8.Valid(ligne) {
		return motifIllisible
	}
	d := json.NewDecoder(bytes.NewReader(ligne))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return malForme
	}
	for d.More() {
		t, err := d.Token()
		cle, ok := t.(string)
		if err != nil || !ok {
			return malForme
		}
		valeur, err := readValeurJSON(d)
		if errors.Is(err, errValeurJSON) {
			return "« " + propre(cle) + " » : " + err.Error()
		}
		if err != nil {
			return malForme
		}
		o.cles, o.valeurs = append(o.cles, cle), append(o.valeurs, valeur)
	}
	if _, err := d.Token(); err != nil {
		return malForme
	}
	if _, err := d.Token(); err != io.EOF {
		return "cette ligne contient autre chose après son objet JSON"
	}
	if len(o.cles) > maxColonnes {
		return "cette ligne a trop de clés"
	}
	return ""
}

var errValeurJSON = errors.New("un texte, un nombre, un booléen ou un tableau de textes est attendu")

// readValeurJSON reads one value as the text that a CSV would have.
func readValeurJSON(d *json.Decoder) (string, error) {
	t, err := d.Token()
	if err != nil || t != json.Delim('[') {
		if err == nil && t == json.Delim('{') {
			err = errValeurJSON
		}
		return texteJSON(t), err
	}
	var items []string
	for d.More() {
		t, err := d.Token()
		if _, imbrique := t.(json.Delim); imbrique {
			return "", errValeurJSON
		}
		if err != nil {
			return "", err
		}
		items = append(items, texteJSON(t))
	}
	_, err = d.Token()
	return joinListe(items), err
}

func texteJSON(t json.Token) string {
	switch t := t.(type) {
	case string:
		return t
	case json.Number:
		return t.String()
	case bool:
		if t {
			return "true"
		}
		return "false"
	}
	return ""
}
