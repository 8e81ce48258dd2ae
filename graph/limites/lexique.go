package limites

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
)

// lexique reads the tokens of a document one by one, without recursion: what
// it lets through can be parsed and validated without exhausting the stack.
// It stops at the first error of the lexer, which the parser will report.
func (l Limites) lexique(query string) *gqlerror.Error {
	lex := lexer.New(&ast.Source{Input: query})
	for count, open := 1, 0; ; count++ {
		tok, err := lex.ReadToken()
		if err != nil || tok.Kind == lexer.EOF {
			return nil
		}
		if count > l.Jetons {
			return tropComplexe("plus de %d éléments de syntaxe", l.Jetons)
		}
		switch tok.Kind {
		case lexer.BraceL, lexer.BracketL, lexer.ParenL:
			if open++; open > l.Imbrication {
				return at(tok, tropProfond("plus de %d accolades, crochets ou parenthèses imbriqués", l.Imbrication))
			}
		case lexer.BraceR, lexer.BracketR, lexer.ParenR:
			open--
		case lexer.Name:
			if len(tok.Value) > l.Nom {
				return at(tok, invalid("un nom dépasse %d caractères", l.Nom))
			}
		case lexer.Int:
			if _, err := strconv.ParseInt(tok.Value, 10, 64); err != nil {
				return at(tok, invalid("un nombre entier est hors bornes"))
			}
		case lexer.Float:
			if f, err := strconv.ParseFloat(tok.Value, 64); err != nil || math.IsInf(f, 0) {
				return at(tok, invalid("un nombre décimal est hors bornes"))
			}
		case lexer.String, lexer.BlockString:
			if err := l.texte("un texte", tok.Value); err != nil {
				return at(tok, err)
			}
		}
	}
}

// texte refuses what no text of ours contains. U+FFFD is what a lone
// surrogate ("\ud800") or damaged bytes become once decoded: a text that
// holds one has lost something on its way.
func (l Limites) texte(quoi, s string) *gqlerror.Error {
	switch {
	case utf8.RuneCountInString(s) > l.TexteLong:
		return invalid("%s dépasse %d caractères", quoi, l.TexteLong)
	case strings.IndexByte(s, 0) >= 0:
		return invalid("%s contient un caractère nul (U+0000)", quoi)
	case strings.ContainsRune(s, utf8.RuneError):
		return invalid("%s contient un caractère illisible (demi-codet isolé ou U+FFFD)", quoi)
	}
	return nil
}

// at gives an error the place of a token.
func at(tok lexer.Token, err *gqlerror.Error) *gqlerror.Error {
	err.Locations = []gqlerror.Location{{Line: tok.Pos.Line, Column: tok.Pos.Column}}
	return err
}
