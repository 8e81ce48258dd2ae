package erreur

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// gabarits holds every message that gqlparser and gqlgen write about a
// request, and the sentence that says the same in French. The first that
// matches wins. What stands between braces is a hole of [trous]; the sentence
// receives the holes translated, in their order.
var gabarits = compiler([][2]string{
	// The lexer.
	{`Cannot contain the invalid character "\u{hexa}"`, `syntaxe : un document ne peut contenir le caractère U+%s`},
	{`Unexpected single quote character ('), did you mean to use a double quote (")?`, `syntaxe : un texte s'écrit entre guillemets doubles ("), pas entre apostrophes (')`},
	{`Cannot parse the unexpected character "{caractere}".`, `syntaxe : on n'attend pas ici %s`},
	{`Invalid number, unexpected digit after 0: "{caractere}".`, `syntaxe : un nombre ne commence pas par 0 suivi d'un chiffre, ici %s`},
	{`Invalid number, expected digit but got: <EOF>.`, `syntaxe : on attend un chiffre, on trouve la fin du document`},
	{`Invalid number, expected digit but got: "{caractere}".`, `syntaxe : on attend un chiffre, on trouve %s`},
	{`Invalid character within String: "\u{hexa}".`, `syntaxe : un texte ne peut contenir le caractère U+%s tel quel`},
	{`Invalid character escape sequence.`, `syntaxe : une barre oblique inverse (\) n'est suivie de rien`},
	{`Invalid character escape sequence: {valeur}.`, `syntaxe : « %s » n'est pas un échappement connu`},
	{`Unterminated string.`, `syntaxe : un texte n'est pas fermé par un guillemet`},

	// The parser.
	{`exceeded maximum nesting depth of {valeur}`, `requête trop profonde : plus de %s niveaux imbriqués`},
	{`exceeded token limit of {valeur}`, `requête trop complexe : plus de %s éléments de syntaxe`},
	{`expected at least one definition, found {element}`, `syntaxe : il faut au moins un élément avant %s`},
	// The parser forgets what the lexer had to say.
	{`Expected {element}, found <Invalid>`, `syntaxe : on attend %s, on trouve un caractère refusé, un nombre mal écrit ou un texte mal fermé`},
	{`Unexpected <Invalid>`, `syntaxe : un caractère est refusé, un nombre est mal écrit ou un texte n'est pas fermé`},
	{`Expected {element}, found {element}`, `syntaxe : on attend %s, on trouve %s`},
	{`Unexpected {element}`, `syntaxe : on n'attend pas ici %s`},

	// The choice of the operation.
	{`no operation provided`, `le document ne contient aucune opération`},
	{`operation  not found`, `le document contient plusieurs opérations : dites laquelle exécuter, par « operationName »`},
	{`operation {valeur} not found`, `aucune opération du document ne s'appelle « %s »`},
	{`Schema does not support operation type "{nom}"`, `cette API n'a pas d'opération « %s »`},
	{`This anonymous operation must be the only defined operation.`, `une opération sans nom doit être la seule du document`},
	{`There can be only one operation named "".`, `plusieurs opérations n'ont pas de nom`},
	{`There can be only one operation named "{nom}".`, `plusieurs opérations s'appellent « %s »`},
	{`Anonymous Subscription must select only one top level field.`, `un abonnement ne choisit qu'un champ à la racine`},
	{`Subscription "{nom}" must select only one top level field.`, `l'abonnement « %s » ne doit choisir qu'un champ à la racine`},
	{`Anonymous Subscription must not select an introspection top level field.`, `un abonnement ne choisit pas de champ d'introspection à la racine`},
	{`Subscription "{nom}" must not select an introspection top level field.`, `l'abonnement « %s » ne doit pas choisir de champ d'introspection à la racine`},

	// Fields.
	{`Cannot query field "{nom}" on type "{nom}".`, `le type « %[2]s » n'a pas de champ « %[1]s »`},
	{`Field "{nom}" must not have a selection since type "{nom}" has no subfields.`, `le champ « %s » ne prend pas de sélection : le type « %s » n'a pas de sous-champs`},
	{`Field "{nom}" of type "{type}" must have a selection of subfields.`, `le champ « %s », de type « %s », demande une sélection de sous-champs`},
	{`Fields "{nom}" conflict because {raison}. Use different aliases on the fields to fetch both if this was intentional.`, `les champs « %s » se contredisent parce que %s : pour lire les deux, donnez-leur des alias différents`},
	{`Maximum introspection depth exceeded`, `l'introspection demande trop de listes imbriquées`},

	// Arguments and directives.
	{`Unknown argument "{nom}" on field "{champ}".`, `le champ « %[2]s » n'a pas d'argument « %[1]s »`},
	{`Unknown argument "{nom}" on directive "@{nom}".`, `la directive « @%[2]s » n'a pas d'argument « %[1]s »`},
	{`Field "{nom}" argument "{nom}" of type "{type}" is required, but it was not provided.`, `le champ « %s » exige l'argument « %s », de type « %s »`},
	{`Directive "@{nom}" argument "{nom}" of type "{type}" is required, but it was not provided.`, `la directive « @%s » exige l'argument « %s », de type « %s »`},
	{`There can be only one argument named "{nom}".`, `l'argument « %s » est donné plusieurs fois`},
	{`Unknown directive "@{nom}".`, `la directive « @%s » n'existe pas`},
	{`Directive "@{nom}" may not be used on {lieu}.`, `la directive « @%s » ne se place pas sur %s`},
	{`The directive "@{nom}" can only be used once at this location.`, `la directive « @%s » ne se place qu'une fois au même endroit`},

	// Fragments and types.
	{`Unknown type "{nom}".`, `le type « %s » n'existe pas`},
	{`Unknown fragment "{nom}".`, `le fragment « %s » n'est pas défini`},
	{`Fragment "{nom}" is never used.`, `le fragment « %s » ne sert jamais`},
	{`There can be only one fragment named "{nom}".`, `plusieurs fragments s'appellent « %s »`},
	{`Cannot spread fragment "{nom}" within itself.`, `le fragment « %s » s'inclut lui-même`},
	{`Cannot spread fragment "{nom}" within itself via {etapes}.`, `le fragment « %s » s'inclut lui-même en passant par %s`},
	{`Fragment cannot condition on non composite type "{nom}".`, `un fragment ne peut porter sur le type « %s », qui n'a pas de champs`},
	{`Fragment "{nom}" cannot condition on non composite type "{nom}".`, `le fragment « %s » ne peut porter sur le type « %s », qui n'a pas de champs`},
	{`Fragment cannot be spread here as objects of type "{nom}" can never be of type "{nom}".`, `ce fragment ne s'applique jamais ici : un objet de type « %s » n'est jamais de type « %s »`},
	{`Fragment "{nom}" cannot be spread here as objects of type "{nom}" can never be of type "{nom}".`, `le fragment « %s » ne s'applique jamais ici : un objet de type « %s » n'est jamais de type « %s »`},

	// Values written in the document.
	{`Expected value of type "{type}", found {valeur}.`, `on attend une valeur de type « %s », pas « %s »`},
	{`Int cannot represent non 32-bit signed integer value: {valeur}`, `le nombre entier « %s » ne tient pas sur 32 bits`},
	{`Int cannot represent non-integer value: {valeur}`, `on attend un nombre entier, pas « %s »`},
	{`Float cannot represent non numeric value: {valeur}`, `on attend un nombre, pas « %s »`},
	{`String cannot represent a non string value: {valeur}`, `on attend un texte entre guillemets, pas « %s »`},
	{`Boolean cannot represent a non boolean value: {valeur}`, `on attend true ou false, pas « %s »`},
	{`ID cannot represent a non-string and non-integer value: {valeur}`, `on attend un identifiant, texte ou nombre entier, pas « %s »`},
	{`Enum "{type}" cannot represent non-enum value: {texte}.`, `« %[2]s » est un texte : une valeur de type « %[1]s » s'écrit sans guillemets`},
	{`Enum "{type}" cannot represent non-enum value: {valeur}.`, `« %[2]s » n'est pas une valeur de type « %[1]s »`},
	{`Value "{nom}" does not exist in "{type}" enum.`, `« %s » n'est pas une valeur de type « %s »`},
	{`Field "{nom}" is not defined by type "{nom}".`, `le type « %[2]s » n'a pas de champ « %[1]s »`},
	{`Field "{champ}" of required type "{type}" was not provided.`, `le champ « %s », de type « %s », est obligatoire`},
	{`Field "{champ}" must be non-null.`, `le champ « %s » ne peut être nul`},
	{`OneOf Input Object "{nom}" must specify exactly one key.`, `donnez un champ et un seul à l'objet « %s »`},
	{`There can be only one input field named "{nom}".`, `le champ « %s » est donné plusieurs fois dans le même objet`},

	// Variables, in the document.
	{`Variable "{variable}" is not defined.`, `la variable « %s » n'est pas déclarée`},
	{`Variable "{variable}" is not defined by operation "{nom}".`, `la variable « %s » n'est pas déclarée par l'opération « %s »`},
	{`Variable "{variable}" is never used.`, `la variable « %s » ne sert jamais`},
	{`Variable "{variable}" is never used in operation "{nom}".`, `la variable « %s » ne sert jamais dans l'opération « %s »`},
	{`There can be only one variable named "{variable}".`, `la variable « %s » est déclarée plusieurs fois`},
	{`Variable "{variable}" cannot be non-input type "{type}".`, `la variable « %s » ne peut être de type « %s », qui ne sert qu'aux réponses`},
	{`Variable "{variable}" of type "{type}" used in position expecting type "{type}".`, `la variable « %s », de type « %s », est donnée là où l'on attend « %s »`},
	{`Variable "{variable}" is of type "{type}" but must be non-nullable to be used for OneOf Input Object "{nom}".`, `la variable « %s », de type « %s », doit être déclarée non nulle pour entrer dans un objet « %s »`},

	// Variables, received beside it. "must an input type" is left out: the
	// validator refuses such a variable first.
	{`must be defined`, `une valeur est obligatoire`},
	{`cannot be null`, `la valeur ne peut être nulle`},
	{`unknown field`, `ce champ n'existe pas`},
	// What the library calls a string may have been a number.
	{`must be a {nom}, not a string`, `on attend un objet « %s »`},
	{`must be a {nom}, not a {genre}`, `on attend un objet « %s », pas %s`},
	{`cannot use string as {genre}`, `on attend %s`},
	{`cannot use {genre} as {genre}`, `on attend %[2]s, pas %[1]s`},
	{`enums must be ints or strings`, `une valeur d'énumération se donne comme un texte`},
	// The library does not quote the number that it received.
	{`cannot use value {nombre} as Int`, `on attend un nombre entier, qui tienne sur 32 bits`},
	{`cannot use value {nombre} as Float`, `ce nombre est hors bornes`},
	{`cannot use {nombre} as ID: integers beyond 2^53-1 may have been rounded; decode variables with json.Decoder.UseNumber`, `ce nombre a perdu des chiffres : donnez l'identifiant comme un texte`},
	{`strconv.ParseInt: parsing "{valeur}": value out of range`, `le nombre entier « %s » est hors bornes`},
	{`strconv.ParseFloat: parsing "{valeur}": value out of range`, `le nombre « %s » est hors bornes`},
	{`{valeur} is not a valid {nom}`, `« %s » n'est pas une valeur de type « %s »`},

	// The decoding of arguments.
	{`{genre} is not a {genre}`, `on attend %[2]s, pas %[1]s`},
	{`{genre} is not an {genre}`, `on attend %[2]s, pas %[1]s`},
	{`{nombre} overflows signed {nombre}-bit integer`, `le nombre entier « %s » ne tient pas sur %s bits`},
})

// suggestions may end the messages above.
var suggestions = compiler([][2]string{
	{` Did you mean to use an inline fragment on {types}?`, ` ; vouliez-vous écrire %s ?`},
	{` Did you mean the enum value {choix}?`, ` ; vouliez-vous dire %s ?`},
	{` Did you mean "{nom} { ... }"?`, ` ; vouliez-vous dire « %s { ... } » ?`},
	{` Did you mean {choix}?`, ` ; vouliez-vous dire %s ?`},
})

// trou is what a hole accepts and how it reads in French.
type trou struct {
	motif     string
	translate func(string) string
}

var trous = map[string]trou{
	"nom":       {`[_0-9A-Za-z]+`, telQuel},
	"champ":     {`[_0-9A-Za-z]+\.[_0-9A-Za-z]+`, telQuel},
	"variable":  {`\$[_0-9A-Za-z]+`, telQuel},
	"type":      {`[][!_0-9A-Za-z]+`, telQuel},
	"nombre":    {`[-+.0-9A-Za-z]+`, telQuel},
	"hexa":      {`[0-9a-f]{4}`, strings.ToUpper},
	"texte":     {`".*"`, telQuel},
	"valeur":    {`.*`, telQuel},
	"caractere": {`.+`, caractere},
	"element":   {`"[a-z]+"|<[A-Za-z]+>|[^ <"0-9A-Za-z]{1,3}|[A-Z][A-Za-z]+(?: ".*")?`, element},
	"lieu":      {`[A-Z_]+`, lieu},
	"genre":     {`[A-Z]?[a-z0-9]+|ID|map\[string\]interface \{\}|\[\]interface \{\}`, genre},
	"raison":    {`[^.]+`, raison},
	"choix":     {`".+"`, func(s string) string { return enumerer(s, "", " ou ") }},
	"types":     {`".+"`, func(s string) string { return enumerer(s, "... on ", " ou ") }},
	"etapes":    {`".+"`, func(s string) string { return enumerer(s, "", " puis ") }},
}

// francais says in French a message of gqlparser or gqlgen about what the
// client sent. A message that is in no template stays as it is: one that a
// new version words otherwise is still read, in English.
func francais(message string) string {
	if base, suite, ok := couper(message); ok {
		base, known := translate(gabarits, base)
		suite, ok := translate(suggestions, suite)
		if known && ok {
			return base + suite
		}
	}
	phrase, _ := translate(gabarits, message)
	return phrase
}

// couper separates a message from the suggestion that ends it.
func couper(message string) (base, suite string, ok bool) {
	at := strings.LastIndex(message, " Did you mean ")
	if at < 0 {
		return message, "", false
	}
	return message[:at], message[at:], true
}

// refus is francais for a request that gqlgen refuses: a variable is named,
// because the message of the library does not.
func refus(message string, path ast.Path) string {
	phrase := francais(message)
	if len(path) > 1 && path[0] == ast.PathName("variable") {
		return "« " + path[1:].String() + " » : " + phrase
	}
	return phrase
}

// gabarit is a compiled template.
type gabarit struct {
	debut  string // the text before the first hole
	motif  *regexp.Regexp
	trous  []func(string) string
	phrase string
}

var accolades = regexp.MustCompile(`\{[a-z]+\}`)

func compiler(table [][2]string) []gabarit {
	out := make([]gabarit, 0, len(table))
	for _, ligne := range table {
		g := gabarit{phrase: ligne[1]}
		motif, rest := `(?s)\A`, ligne[0]
		for at := accolades.FindStringIndex(rest); at != nil; at = accolades.FindStringIndex(rest) {
			t, ok := trous[rest[at[0]+1:at[1]-1]]
			if !ok {
				panic("erreur: unknown hole in " + ligne[0])
			}
			if len(g.trous) == 0 {
				g.debut = rest[:at[0]]
			}
			g.trous = append(g.trous, t.translate)
			motif += regexp.QuoteMeta(rest[:at[0]]) + "(" + t.motif + ")"
			rest = rest[at[1]:]
		}
		if len(g.trous) == 0 {
			g.debut = rest
		}
		g.motif = regexp.MustCompile(motif + regexp.QuoteMeta(rest) + `\z`)
		out = append(out, g)
	}
	return out
}

// translate returns the sentence of the first template that matches, or the
// message itself and false.
func translate(table []gabarit, message string) (string, bool) {
	for i := range table {
		g := &table[i]
		if !strings.HasPrefix(message, g.debut) {
			continue
		}
		found := g.motif.FindStringSubmatch(message)
		if found == nil {
			continue
		}
		if !strings.Contains(g.phrase, "%") {
			return g.phrase, true
		}
		args := make([]any, len(g.trous))
		for i, translate := range g.trous {
			args[i] = translate(found[i+1])
		}
		return fmt.Sprintf(g.phrase, args...), true
	}
	return message, false
}

func telQuel(s string) string { return s }

// caractere names a character that the lexer quotes byte by byte: beyond
// ASCII, what it quotes is not what was written.
func caractere(s string) string {
	switch r := []rune(s); {
	case len(r) != 1:
		return "le caractère « " + s + " »"
	case r[0] < ' ' || r[0] == 0x7f:
		return fmt.Sprintf("le caractère U+%04X", r[0])
	case r[0] > 0x7f:
		return "un caractère accentué ou spécial, réservé aux textes entre guillemets"
	}
	return "le caractère « " + s + " »"
}

// elements are the kinds of tokens that have no value to quote.
var elements = map[string]string{
	"<EOF>":       "la fin du document",
	"Name":        "un nom",
	"Int":         "un nombre entier",
	"Float":       "un nombre décimal",
	"String":      "un texte",
	"BlockString": "un texte",
}

// element names a token: «Name», «}», «Name "collectivite"», «"on"».
func element(s string) string {
	if mot, ok := elements[s]; ok {
		return mot
	}
	if nature, valeur, ok := strings.Cut(s, " "); ok {
		switch valeur = valeur[1 : len(valeur)-1]; nature {
		case "Name":
			return "le nom « " + valeur + " »"
		case "Int", "Float":
			return "le nombre « " + valeur + " »"
		}
		return "le texte « " + valeur + " »"
	}
	return "« " + strings.Trim(s, `"`) + " »"
}

var lieux = map[string]string{
	"QUERY":               "une requête",
	"MUTATION":            "une mutation",
	"SUBSCRIPTION":        "un abonnement",
	"FIELD":               "un champ",
	"FRAGMENT_DEFINITION": "la définition d'un fragment",
	"FRAGMENT_SPREAD":     "l'emploi d'un fragment",
	"INLINE_FRAGMENT":     "un fragment en ligne",
	"VARIABLE_DEFINITION": "la déclaration d'une variable",
}

func lieu(s string) string {
	if mot, ok := lieux[s]; ok {
		return mot
	}
	return s
}

// genres are the scalars of GraphQL and the types of Go that stand for them.
var genres = map[string]string{
	"Int": "un nombre entier", "int": "un nombre entier", "int32": "un nombre entier", "int64": "un nombre entier",
	"Float": "un nombre", "float": "un nombre", "float32": "un nombre décimal", "float64": "un nombre décimal",
	"String": "un texte", "string": "un texte",
	"Boolean": "true ou false", "bool": "un booléen",
	"ID":  "un identifiant",
	"map": "un objet", "map[string]interface {}": "un objet",
	"slice": "une liste", "[]interface {}": "une liste",
}

func genre(s string) string {
	if mot, ok := genres[s]; ok {
		return mot
	}
	return "« " + s + " »"
}

// conflits rewrites why fields conflict, subfields within subfields. Names
// and types hold no space, so none can pass for these words.
var conflits = strings.NewReplacer(
	`" conflict because "`, ` » se contredisent parce que « `,
	`" conflict because `, ` » se contredisent parce que `,
	` and subfields "`, ` et que leurs sous-champs « `,
	`subfields "`, `leurs sous-champs « `,
	`they have differing arguments`, `leurs arguments diffèrent`,
	`they return conflicting types "`, `leurs types diffèrent, « `,
	`" and "`, ` » et « `,
	`" are different fields`, ` » sont deux champs différents`,
	`"`, ` »`,
)

func raison(s string) string {
	if rest, ok := strings.CutPrefix(s, `"`); ok {
		return "« " + conflits.Replace(rest)
	}
	return conflits.Replace(s)
}

// enumerer rewrites a list of quoted names: «"a", "b", or "c"», «"a" or "b"»,
// «"a", "b"». gqlparser may repeat a name in it.
func enumerer(s, devant, dernier string) string {
	var noms []string
	for i, part := range strings.Split(s, `"`) {
		// One part in two is what joins the names.
		if nom := "« " + devant + part + " »"; i%2 == 1 && !slices.Contains(noms, nom) {
			noms = append(noms, nom)
		}
	}
	last := len(noms) - 1
	if last < 1 {
		return strings.Join(noms, "")
	}
	return strings.Join(noms[:last], ", ") + dernier + noms[last]
}
