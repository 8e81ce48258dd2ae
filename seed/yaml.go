package seed

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxYAML is the largest file read as YAML: a publiccode.yml is a few kilobytes.
const maxYAML = 1 << 20

// noeudYAML is a value of a YAML file with its place; the zero value is what is absent.
type noeudYAML struct {
	fichier string
	nom     string // the path of keys that leads here
	n       ast.Node
}

// readYAML parses the first document of a file. Aliases are not followed: a value written as one is as if absent, which
// makes every "billion laughs" a plain text. What is no YAML is an *Anomalie with its line.
func readYAML(nom string, contenu []byte) (racine noeudYAML, err error) {
	defer func() {
		if r := recover(); r != nil { // the parser indexes past the end of some truncated texts
			racine, err = noeudYAML{}, nouvelleAnomalie(nom, 0, "", "", "ce fichier YAML est mal formé")
		}
	}()
	switch {
	case len(contenu) > maxYAML:
		return noeudYAML{}, nouvelleAnomalie(nom, 0, "", "", "fichier trop gros : un mégaoctet au plus")
	case !utf8.Valid(contenu):
		return noeudYAML{}, nouvelleAnomalie(nom, 0, "", "", "ce texte n'est pas en UTF-8")
	case strings.ContainsRune(string(contenu), 0):
		return noeudYAML{}, nouvelleAnomalie(nom, 0, "", "", "ce texte contient un caractère nul")
	}
	texte := strings.TrimPrefix(strings.ReplaceAll(string(contenu), "\r\n", "\n"), "\ufeff")
	f, err := parser.ParseBytes([]byte(texte), 0)
	if err != nil {
		var syntaxe yaml.Error
		ligne := 0
		motif := "ce fichier YAML est mal formé"
		if errors.As(err, &syntaxe) {
			if t := syntaxe.GetToken(); t != nil && t.Position != nil {
				ligne = t.Position.Line
			}
			motif += " : " + syntaxe.GetMessage()
		}
		return noeudYAML{}, nouvelleAnomalie(nom, ligne, "", "", motif)
	}
	for _, d := range f.Docs {
		if d.Body != nil {
			racine = noeudYAML{fichier: nom, n: d.Body}
			break
		}
	}
	if racine.n == nil {
		return noeudYAML{}, nouvelleAnomalie(nom, 0, "", "", "le fichier est vide")
	}
	if racine.paires() == nil {
		return noeudYAML{}, nouvelleAnomalie(nom, racine.ligne(), "", "", "des champs « nom: valeur » sont attendus")
	}
	return racine, nil
}

// nu removes what only decorates a value: an anchor, a tag.
func (y noeudYAML) nu() ast.Node {
	n := y.n
	for {
		switch v := n.(type) {
		case *ast.AnchorNode:
			n = v.Value
		case *ast.TagNode:
			n = v.Value
		default:
			return n
		}
	}
}

func (y noeudYAML) ligne() int {
	if y.n != nil {
		if t := y.n.GetToken(); t != nil && t.Position != nil {
			return t.Position.Line
		}
	}
	return 0
}

// paires returns the key-value pairs of a mapping, nil when it is none.
func (y noeudYAML) paires() []*ast.MappingValueNode {
	switch v := y.nu().(type) {
	case *ast.MappingNode:
		return v.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{v}
	}
	return nil
}

func (y noeudYAML) sous(nom string, n ast.Node) noeudYAML {
	if y.nom != "" {
		nom = y.nom + "." + nom
	}
	return noeudYAML{y.fichier, nom, n}
}

// champ follows a path of keys; the zero value when it leads nowhere. The last of two equal keys counts.
func (y noeudYAML) champ(chemin ...string) noeudYAML {
	for _, cle := range chemin {
		suivant := noeudYAML{}
		for _, p := range y.paires() {
			if nomCle(p) == cle {
				suivant = y.sous(cle, p.Value)
			}
		}
		y = suivant
	}
	return y
}

func nomCle(p *ast.MappingValueNode) string {
	if t := p.Key.GetToken(); t != nil {
		return t.Value
	}
	return ""
}

// cles lists the keys of a mapping.
func (y noeudYAML) cles() []string {
	var out []string
	for _, p := range y.paires() {
		out = append(out, nomCle(p))
	}
	return out
}

// elements returns the items of a list; a lone value counts for a list of one.
func (y noeudYAML) elements() []noeudYAML {
	switch v := y.nu().(type) {
	case *ast.SequenceNode:
		var out []noeudYAML
		for _, e := range v.Values {
			out = append(out, noeudYAML{y.fichier, y.nom, e})
		}
		return out
	case nil, *ast.NullNode:
		return nil
	}
	return []noeudYAML{y}
}

// texte returns a scalar as written (a version 0.2 or a date needs no quotes), trimmed; ok is false when it is no scalar.
func (y noeudYAML) texte() (string, bool) {
	switch v := y.nu().(type) {
	case nil, *ast.NullNode, *ast.AliasNode:
		return "", true
	case *ast.StringNode:
		return strings.TrimSpace(v.Value), true
	case *ast.LiteralNode:
		return strings.TrimSpace(v.Value.Value), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return strings.TrimSpace(v.GetToken().Value), true
	}
	return "", false
}

func (y noeudYAML) refus(motif string) *Anomalie {
	valeur := ""
	if y.n != nil {
		valeur = fmt.Sprint(y.n)
		if s, ok := y.texte(); ok {
			valeur = s
		}
	}
	return nouvelleAnomalie(y.fichier, y.ligne(), y.nom, valeur, motif)
}
