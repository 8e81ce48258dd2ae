package erreur_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"

	"github.com/mutualibre/mutualibre/graph"
	"github.com/mutualibre/mutualibre/graph/erreur"
)

// later is what the schema does not have yet, and whose errors are
// translated all the same.
const later = `
	input Borne { min: Int! max: [Int!] }
	input Cle @oneOf { siren: ID code: String }
	directive @note(texte: String!, niveau: Int) on FIELD
	extend type Query { essai(borne: Borne, cle: Cle, taux: Float, jour: Date): ID }
	extend type Subscription { nouveau: ID ancien: ID }
`

// extended is the real API under a schema that holds a little more.
type extended struct {
	graphql.ExecutableSchema
	schema *ast.Schema
}

func (e extended) Schema() *ast.Schema { return e.schema }

// apis are the real API, without a database, and the extended one.
func apis(t testing.TB) (real, more graphql.ExecutableSchema) {
	t.Helper()
	files, err := filepath.Glob("../../schema/*.graphqls")
	if err != nil || len(files) == 0 {
		t.Fatal("no schema", err)
	}
	sources := []*ast.Source{{Name: "later", Input: later}}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: name, Input: string(text)})
	}
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	real = graph.Schema(nil)
	return real, extended{real, schema}
}

// requete is a request that is refused.
type requete struct {
	query     string
	variables map[string]any
	operation string
}

// refuse runs a request through gqlgen and our presenter, without the limits
// that would speak first; an accepted request is executed only if run is set.
// It returns what the client reads and what the libraries said.
func refuse(es graphql.ExecutableSchema, r requete, run bool) (read, said []string) {
	present := erreur.Presenter(slog.New(slog.DiscardHandler))
	exec := executor.New(es)
	exec.SetParserTokenLimit(5000)
	exec.SetErrorPresenter(func(ctx context.Context, err error) *gqlerror.Error {
		original := graphql.DefaultErrorPresenter(ctx, err)
		text := original.Message
		if original.Err != nil {
			text = original.Err.Error()
		}
		said = append(said, text)
		return present(ctx, err)
	})
	ctx := graphql.StartOperationTrace(context.Background())
	op, errs := exec.CreateOperationContext(ctx, &graphql.RawParams{Query: r.query, Variables: r.variables, OperationName: r.operation})
	ctx = graphql.WithOperationContext(ctx, op)
	var resp *graphql.Response
	switch {
	case len(errs) > 0:
		resp = exec.DispatchError(ctx, errs)
	case run:
		next, ctx := exec.DispatchOperation(ctx, op)
		resp = next(ctx)
	default:
		return nil, nil
	}
	for _, err := range resp.Errors {
		read = append(read, err.Message)
	}
	return read, said
}

type m = map[string]any

var refused = []struct {
	requete
	more bool // needs the extended schema
	want string
}{
	// The parser.
	{requete{query: `{ collectivite( }`}, false, `syntaxe : on attend un nom, on trouve « } »`},
	{requete{query: `{ collectivite`}, false, `syntaxe : on attend un nom, on trouve la fin du document`},
	{requete{query: `{ collectivité { nom } }`}, false, `syntaxe : on attend un nom, on trouve un caractère refusé, un nombre mal écrit ou un texte mal fermé`},
	{requete{query: `{ recherche(texte: 'arles') { totalCount } }`}, false, `syntaxe : un caractère est refusé, un nombre est mal écrit ou un texte n'est pas fermé`},
	{requete{query: `{ recherche(texte: "arles) { totalCount } }`}, false, `syntaxe : un caractère est refusé, un nombre est mal écrit ou un texte n'est pas fermé`},
	{requete{query: `query Q { collectivites(first 10) { totalCount } }`}, false, `syntaxe : on attend « : », on trouve un nombre entier`},
	{requete{query: `query Q { collectivites(first "10") { totalCount } }`}, false, `syntaxe : on attend « : », on trouve un texte`},
	{requete{query: `query Q { collectivites(first 1.5) { totalCount } }`}, false, `syntaxe : on attend « : », on trouve un nombre décimal`},
	{requete{query: `query Q { collectivites(first """10""") { totalCount } }`}, false, `syntaxe : on attend « : », on trouve un texte`},
	{requete{query: `fragment F of Collectivite { nom }`}, false, `syntaxe : on attend « on », on trouve le nom « of »`},
	{requete{query: `fragment F { nom }`}, false, `syntaxe : on attend « on », on trouve « { »`},
	{requete{query: `{ nodes(ids: [1) { id } }`}, false, `syntaxe : on n'attend pas ici « ) »`},
	{requete{query: `collectivite { nom }`}, false, `syntaxe : on n'attend pas ici le nom « collectivite »`},
	{requete{query: `"Une \"description\"." { __typename }`}, false, `syntaxe : on n'attend pas ici le texte « Une \"description\". »`},
	{requete{query: `{ __typename } 12`}, false, `syntaxe : on n'attend pas ici le nombre « 12 »`},
	{requete{query: `{ __typename } ...`}, false, `syntaxe : on n'attend pas ici « ... »`},
	{requete{query: `{ nodes(ids: [`}, false, `syntaxe : on n'attend pas ici la fin du document`},
	{requete{query: `query($n: Int = $m) { __typename }`}, false, `syntaxe : on n'attend pas ici « $ »`},
	{requete{query: `{}`}, false, `syntaxe : il faut au moins un élément avant « } »`},
	{requete{query: `{ collectivite() { nom } }`}, false, `syntaxe : il faut au moins un élément avant « ) »`},
	{requete{query: `{ nodes(ids: ` + strings.Repeat("[", 1001)}, false, `requête trop profonde : plus de 1000 niveaux imbriqués`},
	{requete{query: "{" + strings.Repeat(" id", 5001) + "}"}, false, `requête trop complexe : plus de 5000 éléments de syntaxe`},

	// The choice of the operation.
	{requete{query: `# rien`}, false, `le document ne contient aucune opération`},
	{requete{query: `fragment F on Collectivite { nom }`}, false, `le document ne contient aucune opération`},
	{requete{query: `query A { __typename } query B { __typename }`}, false, `le document contient plusieurs opérations : dites laquelle exécuter, par « operationName »`},
	{requete{query: `query A { __typename }`, operation: "Été"}, false, `aucune opération du document ne s'appelle « Été »`},
	{requete{query: `mutation { creer }`}, false, `le type « Mutation » n'a pas de champ « creer »`},
	{requete{query: `{ __typename } query B { __typename }`}, false, `une opération sans nom doit être la seule du document`},
	{requete{query: `{ __typename } { __typename }`}, false, `une opération sans nom doit être la seule du document | une opération sans nom doit être la seule du document | plusieurs opérations n'ont pas de nom`},
	{requete{query: `query A { __typename } query A { __typename }`}, false, `plusieurs opérations s'appellent « A »`},
	{requete{query: `subscription { nouveau ancien }`}, true, `un abonnement ne choisit qu'un champ à la racine`},
	{requete{query: `subscription Suivi { nouveau ancien }`}, true, `l'abonnement « Suivi » ne doit choisir qu'un champ à la racine`},
	{requete{query: `subscription { __typename }`}, true, `un abonnement ne choisit pas de champ d'introspection à la racine`},
	{requete{query: `subscription Suivi { __typename }`}, true, `l'abonnement « Suivi » ne doit pas choisir de champ d'introspection à la racine`},

	// Fields.
	{requete{query: `{ collectivite { nomm } }`}, false, `le type « Collectivite » n'a pas de champ « nomm » ; vouliez-vous dire « nom » ?`},
	{requete{query: `{ collectivite { zzzzzzzz } }`}, false, `le type « Collectivite » n'a pas de champ « zzzzzzzz »`},
	{requete{query: `{ collectivite { siteNom } }`}, false, `le type « Collectivite » n'a pas de champ « siteNom » ; vouliez-vous dire « siren » ou « site » ?`},
	{requete{query: `{ logiciel(slug: "a") { usages { nodes { utilisateur { codeInsee } } } } }`}, false, `le type « Organisation » n'a pas de champ « codeInsee » ; vouliez-vous écrire « ... on Collectivite » ?`},
	{requete{query: `{ node(id: 1) { slug } }`}, false, `le type « Node » n'a pas de champ « slug » ; vouliez-vous écrire « ... on Logiciel », « ... on Reseau » ou « ... on SerieRencontres » ?`},
	{requete{query: `{ node(id: 1) { site } }`}, false, `le type « Node » n'a pas de champ « site » ; vouliez-vous écrire « ... on Organisation », « ... on Collectivite », « ... on Intervention » ou « ... on Logiciel » ?`},
	{requete{query: `{ recherche(texte: "a") { nodes { codeInsee } } }`}, false, `le type « ResultatRecherche » n'a pas de champ « codeInsee » ; vouliez-vous écrire « ... on Collectivite » ?`},
	{requete{query: `{ collectivite { nom { id } } }`}, false, `le type « String » n'a pas de champ « id » | le champ « nom » ne prend pas de sélection : le type « String » n'a pas de sous-champs`},
	{requete{query: `{ collectivite }`}, false, `le champ « collectivite », de type « Collectivite », demande une sélection de sous-champs ; vouliez-vous dire « collectivite { ... } » ?`},
	{requete{query: `{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }`}, false, `l'introspection demande trop de listes imbriquées`},
	{requete{query: `{ collectivite { nom nom: siren } }`}, false, `les champs « nom » se contredisent parce que « nom » et « siren » sont deux champs différents : pour lire les deux, donnez-leur des alias différents`},
	{requete{query: `{ collectivites(first: 1) { totalCount } collectivites(first: 2) { totalCount } }`}, false, `les champs « collectivites » se contredisent parce que leurs arguments diffèrent : pour lire les deux, donnez-leur des alias différents`},
	{requete{query: `{ node(id: 1) { ... on Collectivite { a: id } ... on Logiciel { a: libre } } }`}, false, `les champs « a » se contredisent parce que leurs types diffèrent, « ID! » et « Boolean! » : pour lire les deux, donnez-leur des alias différents`},
	{requete{query: `{ a: collectivite { b: nom } a: collectivite { b: siren } }`}, false, `les champs « a » se contredisent parce que leurs sous-champs « b » se contredisent parce que « nom » et « siren » sont deux champs différents : pour lire les deux, donnez-leur des alias différents`},
	{requete{query: `{ a: collectivite { b: departement { c: nom d: code } e: site } a: collectivite { b: departement { c: code d: nom } e: siren } }`}, false, `les champs « a » se contredisent parce que leurs sous-champs « b » se contredisent parce que leurs sous-champs « c » se contredisent parce que « nom » et « code » sont deux champs différents et que leurs sous-champs « d » se contredisent parce que « code » et « nom » sont deux champs différents et que leurs sous-champs « e » se contredisent parce que « site » et « siren » sont deux champs différents : pour lire les deux, donnez-leur des alias différents`},
	{requete{query: `{ a: node(id: 1) { ... on Collectivite { b: population } } a: node(id: 1) { ... on Logiciel { b: libre } } }`}, false, `les champs « a » se contredisent parce que leurs sous-champs « b » se contredisent parce que leurs types diffèrent, « Int » et « Boolean! » : pour lire les deux, donnez-leur des alias différents`},

	// Arguments and directives.
	{requete{query: `{ collectivites(premier: 1) { totalCount } }`}, false, `le champ « Query.collectivites » n'a pas d'argument « premier »`},
	{requete{query: `{ collectivites(firt: 1) { totalCount } }`}, false, `le champ « Query.collectivites » n'a pas d'argument « firt » ; vouliez-vous dire « first » ?`},
	{requete{query: `{ territoire(code: "13") { nom } }`}, false, `le champ « territoire » exige l'argument « type », de type « TypeTerritoire! »`},
	{requete{query: `{ collectivites(first: 1, first: 2) { totalCount } }`}, false, `l'argument « first » est donné plusieurs fois`},
	{requete{query: `{ __typename @inclure(si: true) }`}, false, `la directive « @inclure » n'existe pas`},
	{requete{query: `{ __typename @include(if: true, unles: false) }`}, false, `la directive « @include » n'a pas d'argument « unles »`},
	{requete{query: `{ __typename @note(texte: "a", nivau: 1) }`}, true, `la directive « @note » n'a pas d'argument « nivau » ; vouliez-vous dire « niveau » ?`},
	{requete{query: `{ __typename @include }`}, false, `la directive « @include » exige l'argument « if », de type « Boolean! »`},
	{requete{query: `{ __typename @skip(if: true) @skip(if: true) }`}, false, `la directive « @skip » ne se place qu'une fois au même endroit`},
	{requete{query: `query @skip(if: true) { __typename }`}, false, `la directive « @skip » ne se place pas sur une requête`},
	{requete{query: `mutation @skip(if: true) { __typename }`}, false, `la directive « @skip » ne se place pas sur une mutation`},
	{requete{query: `subscription @skip(if: true) { nouveau }`}, true, `la directive « @skip » ne se place pas sur un abonnement`},
	{requete{query: `query($n: Int @skip(if: true)) { collectivites(first: $n) { totalCount } }`}, false, `la directive « @skip » ne se place pas sur la déclaration d'une variable`},
	{requete{query: `{ __typename @deprecated(reason: "a") }`}, false, `la directive « @deprecated » ne se place pas sur un champ`},
	{requete{query: `{ ... @deprecated { __typename } }`}, false, `la directive « @deprecated » ne se place pas sur un fragment en ligne`},
	{requete{query: `{ ...F @deprecated } fragment F on Query @skip(if: true) { __typename }`}, false, `la directive « @deprecated » ne se place pas sur l'emploi d'un fragment | la directive « @skip » ne se place pas sur la définition d'un fragment`},

	// Fragments and types.
	{requete{query: `{ ... on Ville { nom } }`}, false, `le type « Ville » n'existe pas`},
	{requete{query: `query($n: Entier) { collectivites(first: $n) { totalCount } }`}, false, `le type « Entier » n'existe pas | la variable « $n », de type « Entier », est donnée là où l'on attend « Int »`},
	{requete{query: `{ collectivite { faits { ...F } } } fragment F on Fai { sujet }`}, false, `le type « Fai » n'existe pas ; vouliez-vous dire « Fait » ou « Moi » ?`},
	{requete{query: `{ collectivite { ...F } }`}, false, `le fragment « F » n'est pas défini`},
	{requete{query: `{ __typename } fragment F on Collectivite { nom }`}, false, `le fragment « F » ne sert jamais`},
	{requete{query: `{ collectivite { ...F } } fragment F on Collectivite { nom } fragment F on Collectivite { id }`}, false, `plusieurs fragments s'appellent « F »`},
	{requete{query: `{ collectivite { ...F } } fragment F on Collectivite { nom ...F }`}, false, `le fragment « F » s'inclut lui-même`},
	{requete{query: `{ collectivite { ...F } } fragment F on Collectivite { ...G } fragment G on Collectivite { ...F }`}, false, `le fragment « F » s'inclut lui-même en passant par « G »`},
	{requete{query: `{ collectivite { ...F } } fragment F on Collectivite { ...G } fragment G on Collectivite { ...H } fragment H on Collectivite { ...F }`}, false, `le fragment « F » s'inclut lui-même en passant par « G » puis « H »`},
	{requete{query: `{ collectivite { ... on Int { nom } } }`}, false, `le type « Int » n'a pas de champ « nom » | un fragment ne peut porter sur le type « Int », qui n'a pas de champs`},
	{requete{query: `{ collectivite { ...F } } fragment F on Strate { nom }`}, false, `le type « Strate » n'a pas de champ « nom » | le type « Strate » n'a pas de champ « nom » | le fragment « F » ne peut porter sur le type « Strate », qui n'a pas de champs`},
	{requete{query: `{ collectivite { ... on Logiciel { nom } } }`}, false, `ce fragment ne s'applique jamais ici : un objet de type « Collectivite » n'est jamais de type « Logiciel »`},
	{requete{query: `{ collectivite { ...F } } fragment F on Logiciel { nom }`}, false, `le fragment « F » ne s'applique jamais ici : un objet de type « Collectivite » n'est jamais de type « Logiciel »`},

	// Values written in the document.
	{requete{query: `{ territoire(type: null, code: "13") { nom } }`}, false, `on attend une valeur de type « TypeTerritoire! », pas « null »`},
	{requete{query: `{ collectivites(filtre: "a") { totalCount } }`}, false, `on attend une valeur de type « FiltreCollectivites », pas « "a" »`},
	{requete{query: `{ collectivites(first: 99999999999999999999) { totalCount } }`}, false, `le nombre entier « 99999999999999999999 » ne tient pas sur 32 bits`},
	{requete{query: `{ collectivites(first: "5") { totalCount } }`}, false, `on attend un nombre entier, pas « "5" »`},
	{requete{query: `{ essai(taux: "5") }`}, true, `on attend un nombre, pas « "5" »`},
	{requete{query: `{ recherche(texte: 13004) { totalCount } }`}, false, `on attend un texte entre guillemets, pas « 13004 »`},
	{requete{query: `{ recherche(texte: [arles, "a"]) { totalCount } }`}, false, `on attend un texte entre guillemets, pas « [arles,"a"] »`},
	{requete{query: `{ collectivite @include(if: oui) { nom } }`}, false, `on attend true ou false, pas « oui »`},
	{requete{query: `{ node(id: 1.5) { id } }`}, false, `on attend un identifiant, texte ou nombre entier, pas « 1.5 »`},
	{requete{query: `{ logiciels(tri: "nom") { totalCount } }`}, false, `« "nom" » est un texte : une valeur de type « TriLogiciels » s'écrit sans guillemets ; vouliez-vous dire « NOM » ?`},
	{requete{query: `{ logiciels(tri: "Did you mean \"quoi\"?") { totalCount } }`}, false, `« "Did you mean \"quoi\"?" » est un texte : une valeur de type « TriLogiciels » s'écrit sans guillemets`},
	{requete{query: `{ logiciels(tri: 3) { totalCount } }`}, false, `« 3 » n'est pas une valeur de type « TriLogiciels »`},
	{requete{query: `{ logiciels(tri: POPULARITY) { totalCount } }`}, false, `« POPULARITY » n'est pas une valeur de type « TriLogiciels » ; vouliez-vous dire « POPULARITE » ?`},
	{requete{query: `{ collectivites(filtre: {natures: [VILLE]}) { totalCount } }`}, false, `« VILLE » n'est pas une valeur de type « NatureCollectivite! »`},
	{requete{query: `{ collectivites(filtre: {text: "a"}) { totalCount } }`}, false, `le type « FiltreCollectivites » n'a pas de champ « text » ; vouliez-vous dire « texte » ?`},
	{requete{query: `{ collectivites(filtre: {texte: "a", texte: "b"}) { totalCount } }`}, false, `le champ « texte » est donné plusieurs fois dans le même objet`},
	{requete{query: `{ essai(borne: {max: 1}) }`}, true, `le champ « Borne.min », de type « Int! », est obligatoire`},
	{requete{query: `{ essai(cle: {siren: 1, code: "a"}) }`}, true, `donnez un champ et un seul à l'objet « Cle »`},
	{requete{query: `{ essai(cle: {siren: null}) }`}, true, `le champ « Cle.siren » ne peut être nul`},

	// Variables, in the document.
	{requete{query: `{ collectivites(first: $n) { totalCount } }`}, false, `la variable « $n » n'est pas déclarée`},
	{requete{query: `query Q { collectivites(first: $n) { totalCount } }`}, false, `la variable « $n » n'est pas déclarée par l'opération « Q »`},
	{requete{query: `query($n: Int) { __typename }`}, false, `la variable « $n » ne sert jamais`},
	{requete{query: `query Q($n: Int) { __typename }`}, false, `la variable « $n » ne sert jamais dans l'opération « Q »`},
	{requete{query: `query($n: Int, $n: Int) { collectivites(first: $n) { totalCount } }`}, false, `la variable « $n » ne sert jamais | la variable « $n » est déclarée plusieurs fois`},
	{requete{query: `query($c: Collectivite) { collectivites(filtre: $c) { totalCount } }`}, false, `la variable « $c », de type « Collectivite », est donnée là où l'on attend « FiltreCollectivites » | la variable « $c » ne peut être de type « Collectivite », qui ne sert qu'aux réponses`},
	{requete{query: `query($n: String) { collectivites(first: $n) { totalCount } }`}, false, `la variable « $n », de type « String », est donnée là où l'on attend « Int »`},
	{requete{query: `query($c: ID) { essai(cle: {siren: $c}) }`}, true, `la variable « $c », de type « ID », doit être déclarée non nulle pour entrer dans un objet « Cle »`},

	// Variables, received beside it.
	{requete{query: `query($t: String!) { recherche(texte: $t) { totalCount } }`}, false, `« t » : une valeur est obligatoire`},
	{requete{query: `query($t: String!) { recherche(texte: $t) { totalCount } }`, variables: m{"t": nil}}, false, `« t » : la valeur ne peut être nulle`},
	{requete{query: `query($t: String!) { recherche(texte: $t) { totalCount } }`, variables: m{"t": m{}}}, false, `« t » : on attend un texte, pas un objet`},
	{requete{query: `query($n: Int) { collectivites(first: $n) { totalCount } }`, variables: m{"n": "cinq"}}, false, `« n » : on attend un nombre entier`},
	{requete{query: `query($n: Int) { collectivites(first: $n) { totalCount } }`, variables: m{"n": json.Number("1.5")}}, false, `« n » : on attend un nombre entier, qui tienne sur 32 bits`},
	{requete{query: `query($n: Int) { collectivites(first: $n) { totalCount } }`, variables: m{"n": true}}, false, `« n » : on attend un nombre entier, pas un booléen`},
	{requete{query: `query($n: Int) { collectivites(first: $n) { totalCount } }`, variables: m{"n": []any{1}}}, false, `« n » : on attend un nombre entier, pas une liste`},
	{requete{query: `query($x: Float) { essai(taux: $x) }`, variables: m{"x": json.Number("1e999")}}, true, `« x » : ce nombre est hors bornes`},
	{requete{query: `query($x: Float) { essai(taux: $x) }`, variables: m{"x": []any{}}}, true, `« x » : on attend un nombre, pas une liste`},
	{requete{query: `query($b: Boolean!) { __typename @skip(if: $b) }`, variables: m{"b": json.Number("1")}}, false, `« b » : on attend true ou false`},
	{requete{query: `query($b: Boolean!) { __typename @skip(if: $b) }`, variables: m{"b": m{}}}, false, `« b » : on attend true ou false, pas un objet`},
	{requete{query: `query($i: ID!) { node(id: $i) { id } }`, variables: m{"i": 1.5}}, false, `« i » : on attend un identifiant, pas un nombre décimal`},
	{requete{query: `query($i: ID!) { node(id: $i) { id } }`, variables: m{"i": 1e17}}, false, `« i » : ce nombre a perdu des chiffres : donnez l'identifiant comme un texte`},
	{requete{query: `query($i: [ID!]!) { nodes(ids: $i) { id } }`, variables: m{"i": []any{"a", nil}}}, false, `« i[1] » : la valeur ne peut être nulle`},
	{requete{query: `query($f: FiltreCollectivites) { collectivites(filtre: $f) { totalCount } }`, variables: m{"f": "a"}}, false, `« f » : on attend un objet « FiltreCollectivites »`},
	{requete{query: `query($f: FiltreCollectivites) { collectivites(filtre: $f) { totalCount } }`, variables: m{"f": true}}, false, `« f » : on attend un objet « FiltreCollectivites », pas un booléen`},
	{requete{query: `query($f: FiltreCollectivites) { collectivites(filtre: $f) { totalCount } }`, variables: m{"f": m{"text": "a"}}}, false, `« f.text » : ce champ n'existe pas`},
	{requete{query: `query($f: FiltreCollectivites) { collectivites(filtre: $f) { totalCount } }`, variables: m{"f": m{"strates": []any{"PLUS_100000", "VILLE"}}}}, false, `« f.strates[1] » : « VILLE » n'est pas une valeur de type « Strate »`},
	{requete{query: `query($b: Borne) { essai(borne: $b) }`, variables: m{"b": m{}}}, true, `« b.min » : une valeur est obligatoire`},
	{requete{query: `query($t: TriLogiciels) { logiciels(tri: $t) { totalCount } }`, variables: m{"t": true}}, false, `« t » : une valeur d'énumération se donne comme un texte`},
	{requete{query: `query($d: Date = 99999999999999999999) { essai(jour: $d) }`}, true, `« d » : le nombre entier « 99999999999999999999 » est hors bornes`},
	{requete{query: `query($d: Date = 1e999) { essai(jour: $d) }`}, true, `« d » : le nombre « 1e999 » est hors bornes`},

	// The decoding of arguments: the validator lets an empty object through.
	{requete{query: `{ recherche(texte: {}) { totalCount } }`}, false, `argument refusé : on attend un texte, pas un objet`},
	{requete{query: `{ collectivites(first: {}) { totalCount } }`}, false, `argument refusé : on attend un nombre entier, pas un objet`},
}

// lexemes are refused by the lexer, whose words the parser of this version
// replaces with its own: see "<Invalid>".
var lexemes = []struct{ query, want string }{
	{"\x01", `syntaxe : un document ne peut contenir le caractère U+0001`},
	{"'arles'", `syntaxe : un texte s'écrit entre guillemets doubles ("), pas entre apostrophes (')`},
	{"?", `syntaxe : on n'attend pas ici le caractère « ? »`},
	{"\"", `syntaxe : un texte n'est pas fermé par un guillemet`},
	{"é", `syntaxe : on n'attend pas ici un caractère accentué ou spécial, réservé aux textes entre guillemets`},
	{"\x7f", `syntaxe : on n'attend pas ici le caractère U+007F`},
	{"013", `syntaxe : un nombre ne commence pas par 0 suivi d'un chiffre, ici le caractère « 1 »`},
	{"-", `syntaxe : on attend un chiffre, on trouve la fin du document`},
	{"1.\n", `syntaxe : on attend un chiffre, on trouve le caractère U+000A`},
	{"1e\"", `syntaxe : on attend un chiffre, on trouve le caractère « " »`},
	{"\"\x00\"", `syntaxe : un texte ne peut contenir le caractère U+0000 tel quel`},
	{`"\`, `syntaxe : une barre oblique inverse (\) n'est suivie de rien`},
	{`"\q"`, `syntaxe : « \q » n'est pas un échappement connu`},
	{`"\u12"`, `syntaxe : « \u12" » n'est pas un échappement connu`},
	{`"""arles`, `syntaxe : un texte n'est pas fermé par un guillemet`},
}

func TestEveryRefusalIsInFrench(t *testing.T) {
	real, more := apis(t)
	unreached := map[string]bool{}
	for _, template := range erreur.Gabarits() {
		unreached[template] = true
	}
	reached := func(said string) {
		for _, template := range erreur.Reconnus(said) {
			delete(unreached, template)
		}
	}
	for _, c := range refused {
		es := real
		if c.more {
			es = more
		}
		read, said := refuse(es, c.requete, true)
		if got := strings.Join(read, " | "); got != c.want {
			t.Errorf("%.200s\n got %s\nwant %s", c.query, got, c.want)
		}
		for _, text := range said {
			reached(text)
		}
	}
	// An API without subscriptions says so.
	mute := *more.Schema()
	mute.Subscription = nil
	read, said := refuse(extended{real, &mute}, requete{query: `subscription { nouveau }`}, true)
	if got := strings.Join(read, " | "); got != `cette API n'a pas d'opération « subscription »` {
		t.Error(got)
	}
	for _, text := range said {
		reached(text)
	}
	present := erreur.Presenter(slog.New(slog.DiscardHandler))
	for _, c := range lexemes {
		lex := lexer.New(&ast.Source{Input: c.query})
		_, err := lex.ReadToken()
		if err == nil {
			t.Errorf("%q is accepted", c.query)
			continue
		}
		errcode.Set(err, errcode.ParseFailed)
		var said *gqlerror.Error
		if !errors.As(err, &said) {
			t.Fatal(err)
		}
		if got := present(t.Context(), err); got.Message != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.query, got.Message, c.want)
		}
		reached(said.Message)
	}
	// No argument of the API is decoded into 32 bits for now.
	_, err := graphql.UnmarshalInt32(int64(3_000_000_000))
	const want = "argument refusé : le nombre entier « 3000000000 » ne tient pas sur 32 bits"
	if got := present(t.Context(), err); got.Message != want {
		t.Errorf("got %s\nwant %s", got.Message, want)
	}
	reached(err.Error())
	for template := range unreached {
		t.Errorf("no request reaches %s", template)
	}
}

// whole uses what a document can hold.
const whole = `query Tout($n: Int = 5, $t: String!, $f: FiltreCollectivites = {natures: [COMMUNE, EPCI], texte: "é"}, $tri: TriLogiciels) @note {
	__typename
	a: collectivites(first: $n, filtre: $f, sens: DECROISSANT) { totalCount nodes { ...C usages { nodes { statut } } } }
	recherche(texte: $t, after: """b""") { nodes { ... on Logiciel @include(if: true) { slug } ... on Organisation { nom } } }
	logiciels(tri: $tri, filtre: {libre: true, licences: ["MIT"]}) { totalCount }
	nodes(ids: [1, "2"]) { id }
	usages(filtre: {date: "2017-11-15"}) { totalCount }
}
fragment C on Collectivite { nom departement { nom } }`

// quoted is what a message repeats of the request.
var quoted = regexp.MustCompile(`(?s)«.*?»`)

var english = regexp.MustCompile(`(?i)\b(cannot|can|expected|unexpected|unknown|must|field|fields|the|is|not|of|or|and|with|value|found|used|invalid|string|variable "|string|provided|conflict|because|did you|only|one|depth|exceeded|parsing|interface)\b`)

func TestNothingOfADamagedRequestIsAnsweredInEnglish(t *testing.T) {
	real, _ := apis(t)
	seen := map[string]bool{}
	check := func(r requete) {
		read, said := refuse(real, r, false)
		for i, text := range read {
			if english.MatchString(quoted.ReplaceAllString(text, "")) {
				t.Errorf("%q: %s", r.query, text)
			}
			seen[said[i]] = true
		}
	}
	for i := range whole {
		check(requete{query: whole[:i]})
		check(requete{query: whole[i:]})
		check(requete{query: whole[:i] + whole[i+1:]})
		for _, c := range "{}()[]:$@!=\"'\\.-0aé\x01" {
			check(requete{query: whole[:i] + string(c) + whole[i+1:]})
		}
	}
	values := []any{nil, true, "a", json.Number("1"), json.Number("1.5"), 1.5, 1e30, 7, []any{nil}, []any{"a", []any{}}, m{}, m{"texte": 1}, m{"natures": "x"}, m{"x": 1}, m{"utilise": []any{true}}}
	for _, v := range values {
		for _, name := range []string{"n", "t", "f", "tri"} {
			check(requete{query: strings.Replace(whole, "@note", "", 1), variables: m{"t": "a", name: v}})
		}
	}
	if len(seen) < 200 {
		t.Errorf("only %d different messages: this test no longer tests much", len(seen))
	}
}

// Every message about a document, whatever it holds, is in a template.
func FuzzEveryMessageIsKnown(f *testing.F) {
	for _, c := range refused {
		f.Add(c.query)
	}
	f.Add(whole)
	real, more := apis(f)
	f.Fuzz(func(t *testing.T, query string) {
		for _, es := range []graphql.ExecutableSchema{real, more} {
			_, said := refuse(es, requete{query: query}, false)
			for _, text := range said {
				if len(erreur.Reconnus(text)) == 0 {
					t.Errorf("%q: %s", query, text)
				}
			}
		}
	})
}
