// Package limites keeps one request from costing more than its share. Every
// figure is in [Limites]; each refusal carries a code of the contract and
// happens before the work it avoids: before parsing what only needs counting,
// before validation what only needs the shape of the document, before
// execution what needs the schema and the variables.
package limites

import (
	"context"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/graph/erreur"
)

// CorpsMax is the largest request body accepted by default, in bytes.
const CorpsMax = 256 << 10

// Limites holds the most that one request may ask. Lengths of texts are in
// characters.
type Limites struct {
	// Before parsing.
	Jetons      int // tokens of the document, comments included
	Imbrication int // brackets open at once: selections, lists, objects
	Nom         int // length of a name; names are quoted in error messages
	TexteLong   int // length of any text, variable or literal

	// Before validation, whose rules are quadratic in some of these.
	Operations  int // operations in one document
	Fragments   int // fragments in one document
	Repetitions int // occurrences of one field name in the document
	Champs      int // fields of an operation once its fragments are expanded
	Noeuds      int // the same, counting fragments as well as fields
	Profondeur  int // nested fields of an operation
	Alias       int // aliases in the document
	Racines     int // root fields of an operation
	Directives  int // directives in the document

	// Before execution.
	Texte       int            // length of a String argument, cursors excepted (TexteLong)
	TextesLongs map[string]int // the same for the fields of inputs named "TypeInput.champ"; TexteLong at most
	Valeurs     int            // values in the variables, all levels together
	Complexite  int            // see [Extension.MutateOperationContext]

	// What complexity assumes.
	Page    int            // length of a page when neither first nor last is given
	PageMax int            // the longest page that the API serves
	Liste   int            // length of a list that has no pages
	Listes  map[string]int // the same for the fields named "Type.champ"; when first may cut one, its length when it asks for PageMax

	// In the answer.
	Erreurs int // errors reported at once
	Message int // length of an error message
}

// ParDefaut returns the limits of the public service. They leave room for the
// introspection query of the usual tools and for a page of 100 with its
// details; raising one deserves a measurement of the worst request it lets in.
func ParDefaut() Limites {
	return Limites{
		Jetons:      5000,
		Imbrication: 100,
		Nom:         128,
		TexteLong:   4096,

		Operations:  20,
		Fragments:   100,
		Repetitions: 250,
		Champs:      500,
		Noeuds:      1000,
		Profondeur:  15,
		Alias:       30,
		Racines:     20,
		Directives:  50,

		Texte: 200,
		TextesLongs: map[string]int{
			"RepondreCandidatureInput.texte": 4000, "PreuveCandidatureInput.texte": 500, "InscrireLaureatInput.remarque": 500,
			"SourceInput.url":       500,
			"CreerWebhookInput.url": 500, "CorrigerWebhookInput.url": 500,
			"CreerLogicielInput.description": 4000, "CreerLogicielInput.licence": 500, "CreerLogicielInput.site": 500, "CreerLogicielInput.depot": 500,
			"RepondreEvaluationInput.texte":     2000,
			"CorrigerLogicielInput.description": 4000, "CorrigerLogicielInput.licence": 500, "CorrigerLogicielInput.site": 500, "CorrigerLogicielInput.depot": 500,
			"PublierRetourInput.resume": 4000, "CorrigerRetourInput.resume": 4000,
			"DeclarerDeveloppementInput.description": 4000, "DeclarerDeveloppementInput.urlVersement": 500,
			"CorrigerDeveloppementInput.description": 4000, "CorrigerDeveloppementInput.urlVersement": 500,
			"ProposerRessourceInput.url": 500, "CorrigerRessourceInput.url": 500,
			"DeclarerPrestationInput.description": 2000, "DeclarerPrestationInput.conditions": 2000, "DeclarerPrestationInput.site": 500,
			"CorrigerPrestationInput.description": 2000, "CorrigerPrestationInput.conditions": 2000, "CorrigerPrestationInput.site": 500,
			"DeclarerReferenceInput.description": 2000, "ExprimerBesoinInput.description": 2000, "CorrigerBesoinInput.description": 2000,
			"RepondreBesoinInput.message": 2000, "ContacterDeveloppeurInput.message": 2000,
			"ProposerDisponibiliteInput.presentation": 2000, "CorrigerDisponibiliteInput.presentation": 2000,
			"DeclarerRencontreInput.description": 4000, "DeclarerRencontreInput.publicVise": 500, "DeclarerRencontreInput.site": 500,
			"CorrigerRencontreInput.description": 4000, "CorrigerRencontreInput.publicVise": 500, "CorrigerRencontreInput.site": 500,
			"DeclarerInterventionInput.titre": 300, "DeclarerInterventionInput.resume": 4000, "DeclarerInterventionInput.site": 500, "DeclarerInterventionInput.supports": 500,
			"CorrigerInterventionInput.titre": 300, "CorrigerInterventionInput.resume": 4000, "CorrigerInterventionInput.site": 500, "CorrigerInterventionInput.supports": 500,
			"FusionnerOrganisationsInput.motif": 1000,
			"FigerInstantaneInput.requete":      4096, "FigerInstantaneInput.variables": 4096,
		},
		Valeurs:    5000,
		Complexite: 100_000,

		Page:    20,
		PageMax: 100,
		Liste:   10,
		Listes: map[string]int{
			"ReferentielLabel.questions": 25, "Candidature.reponses": 25, "Autodiagnostic.themes": 5, "EstimationTheme.criteres": 4, "Autodiagnostic.pistes": 5,
			"PisteLabel.exemples": 5, "ComparableLabel.themes": 5, "EditionLabel.jury": 12, "ReferentielLabel.niveaux": 5, "ReferentielLabel.themes": 5,
			"ReferentielLabel.mentions": 5, "Candidature.manques": 5, "ReponseCandidature.preuves": 20, "LigneCritere.preuves": 20,
			"ComparaisonCatalogues.catalogues": 20, "ComparaisonCatalogues.lignes": 20, "ComparaisonCatalogues.propres": 20,
			"ComparaisonCatalogues.communs": 100, "LogicielsPropres.logiciels": 100,
			"ComparaisonCatalogues.manques": 2000, // those of 20 catalogues
			"MutualisationSimulee.membres":  1000,
			"Query.adoption":                200, "Query.evolution": 600,
			"RetourExperience.chiffres": 50, "RetourExperience.autresOrganisations": 50, "RetourExperience.logiciels": 50, "RetourExperience.usages": 50, "RetourExperience.economies": 50,
			"Developpement.repartition": 100,
			"Besoin.participants":       100, "Prestation.territoires": 130, "Prestation.competences": 130,
			"Disponibilite.logiciels": 30, "Disponibilite.metiers": 130, "Disponibilite.territoires": 130,
			"Rencontre.organisateurs": 30, "Rencontre.besoins": 20,
			"Intervention.organisations": 20, "Intervention.logiciels": 20, "Intervention.intervenants": 20,
			"Communaute.entrees": 40, "EvaluationCommunaute.entrees": 40, "ComposanteCommunaute.entrees": 15,
		},

		Erreurs: 20,
		Message: 500,
	}
}

// Extension applies the limits to every operation, whatever its transport.
// Build it with [New], then:
//
//	ext := limites.New(limites.ParDefaut())
//	srv.Use(ext)                    // after persisted queries, before the rest
//	srv.SetQueryCache(ext.Cache())  // required: see Cache
type Extension struct {
	limites Limites
	cache   *Cache
	schema  *ast.Schema
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
	graphql.OperationContextMutator
	graphql.ResponseInterceptor
} = (*Extension)(nil)

// New returns the extension for these limits.
func New(l Limites) *Extension {
	return &Extension{limites: l, cache: newCache(cacheTextes)}
}

// Cache returns the cache of parsed documents that the server must use. A
// document found there has already passed the limits and the validation, so
// it is parsed once; the limits would be right, but slower, with another one.
func (e *Extension) Cache() graphql.Cache[*ast.QueryDocument] { return e.cache }

// ExtensionName implements [graphql.HandlerExtension].
func (*Extension) ExtensionName() string { return "Limites" }

// Validate implements [graphql.HandlerExtension]; it keeps the schema.
func (e *Extension) Validate(es graphql.ExecutableSchema) error {
	e.schema = es.Schema()
	return nil
}

// MutateOperationParameters refuses a document or variables whose mere shape
// is too much. gqlgen calls it before it parses.
func (e *Extension) MutateOperationParameters(ctx context.Context, p *graphql.RawParams) *gqlerror.Error {
	if p.Query == "" {
		return erreur.New(db.CodeArgumentInvalide, "le paramètre query est absent ou vide")
	}
	if err := e.limites.variables(p.Variables); err != nil {
		return err
	}
	if _, ok := e.cache.Get(ctx, p.Query); ok {
		return nil
	}
	return e.limites.document(p.Query)
}

// MutateOperationContext refuses arguments that no resolver should see and
// operations whose answer would be too large. The complexity of a field is 1;
// that of an object adds its fields; that of a list multiplies them by its
// length, known from first, last or the list of ids asked for, assumed
// otherwise. gqlgen calls it after validation and before execution.
func (e *Extension) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	return e.limites.operation(e.schema, op.Operation, op.Variables)
}

// InterceptResponse shortens the list of errors and each message, which quote
// the request.
func (e *Extension) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	resp := next(ctx)
	if resp == nil {
		return nil
	}
	if len(resp.Errors) > e.limites.Erreurs {
		resp.Errors = resp.Errors[:e.limites.Erreurs]
	}
	for _, err := range resp.Errors {
		err.Message = couper(err.Message, e.limites.Message)
	}
	return resp
}

// couper keeps the first n characters of s.
func couper(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n--; n < 0 {
			return s[:i] + "…"
		}
	}
	return s
}

func tropComplexe(format string, args ...any) *gqlerror.Error {
	return erreur.New(db.CodeTropComplexe, "requête trop complexe : "+fmt.Sprintf(format, args...))
}

func tropProfond(format string, args ...any) *gqlerror.Error {
	return erreur.New(db.CodeTropProfond, "requête trop profonde : "+fmt.Sprintf(format, args...))
}

func invalid(format string, args ...any) *gqlerror.Error {
	return erreur.New(db.CodeArgumentInvalide, fmt.Sprintf(format, args...))
}
