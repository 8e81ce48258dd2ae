package graph

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// Critere is one field of a filter of the schema, read as text: addresses and commands narrow a list with the words of
// GraphQL, and refuse what it refuses.
type Critere struct {
	Nom     string
	Liste   bool
	Valeurs []string // those of an enumeration; nil when the value is free

	of string // the type of its values in the schema
}

// Criteres lists the fields of a filter, given as a pointer to its Go type: a *db.FiltreUsages. The order is that of the
// schema. A type that the schema does not have gives its own fields, which are texts.
func Criteres(filtre any) []Critere {
	goType := reflect.TypeOf(filtre).Elem()
	schema := Schema(nil).Schema()
	definition := schema.Types[goType.Name()]
	var criteres []Critere
	if definition == nil {
		for i := range goType.NumField() {
			nom := goType.Field(i).Name
			criteres = append(criteres, Critere{Nom: strings.ToLower(nom[:1]) + nom[1:], of: "String"})
		}
		return criteres
	}
	for _, f := range definition.Fields {
		c := Critere{Nom: f.Name, Liste: f.Type.Elem != nil, of: f.Type.Name()}
		if values := schema.Types[c.of]; values.Kind == ast.Enum {
			for _, v := range values.EnumValues {
				c.Valeurs = append(c.Valeurs, v.Name)
			}
		} else if c.of == "Boolean" {
			c.Valeurs = []string{"true", "false"}
		}
		criteres = append(criteres, c)
	}
	return criteres
}

// parCle are the criteria by public id for which the key will do as well, with a type it may have: nobody types ids.
var parCle = map[string]string{"logiciels": "Logiciel", "utilise": "Logiciel", "adherentDe": "SyndicatMixte", "series": "SerieRencontres",
	"reseaux": "Reseau", "organisations": "Collectivite"}

// Set gives the field of a filter its value. A list is made of all the values, each of which may hold several, separated
// by commas; anything else takes one. Errors: CodeArgumentInvalide.
func (c Critere) Set(filtre any, valeurs []string) error {
	if c.Liste {
		valeurs = strings.Split(strings.Join(valeurs, ","), ",")
	} else if len(valeurs) != 1 {
		return db.Invalid(c.Nom, "« %s » est donné %d fois : une seule valeur est attendue", c.Nom, len(valeurs))
	} else {
		valeurs = slices.Clone(valeurs)
	}
	for i, v := range valeurs {
		if v = strings.TrimSpace(v); v == "" && (c.Liste || c.of != "String") {
			return db.Invalid(c.Nom, "« %s » a une valeur vide : donnez-la, ou retirez le critère", c.Nom)
		}
		if c.Valeurs != nil {
			if c.of != "Boolean" {
				v = strings.ToUpper(v)
			}
			if !slices.Contains(c.Valeurs, v) {
				return db.Invalid(c.Nom, "« %s » n'admet pas « %.40s » ; valeurs admises : %s", c.Nom, valeurs[i], strings.Join(c.Valeurs, ", "))
			}
		}
		if typ := parCle[c.Nom]; typ != "" {
			if _, _, err := identifiant.ParseGlobal(v); err != nil {
				v = identifiant.Global(typ, v)
			}
		}
		valeurs[i] = v
	}
	field := reflect.ValueOf(filtre).Elem().FieldByNameFunc(func(nom string) bool { return strings.EqualFold(nom, c.Nom) })
	if c.Liste {
		list := reflect.MakeSlice(field.Type(), len(valeurs), len(valeurs))
		for i, v := range valeurs {
			list.Index(i).SetString(v)
		}
		field.Set(list)
		return nil
	}
	value := reflect.New(field.Type().Elem())
	if scalar, ok := value.Interface().(graphql.Unmarshaler); ok {
		if err := scalar.UnmarshalGQL(valeurs[0]); err != nil {
			return db.Invalid(c.Nom, "« %s » : %s", c.Nom, err)
		}
	} else if value.Elem().Kind() == reflect.Bool {
		value.Elem().SetBool(valeurs[0] == "true")
	} else if value.Elem().Kind() == reflect.String {
		value.Elem().SetString(valeurs[0])
	} else {
		return fmt.Errorf("critère %s : le type %s ne se lit pas encore comme un texte", c.Nom, value.Elem().Type())
	}
	field.Set(value)
	return nil
}
